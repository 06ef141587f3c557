//! The packet-set engine: exhaustive, every path with its complete packet set.
//!
//! One question takes three passes. Backward from the destinations: what can still get through from each node
//! ([`live`]). Forward from the sources along what is live: every way, no dead ends ([`explore`]); sources that share
//! their first step are followed as one. Then each way is taken apart into one rule per filter and one source each,
//! exceptions are subtracted, and replies are followed back ([`expand`], [`replies`]). What the graph does not tell
//! is a fourth pass of its own ([`doubts`]).

mod blocked;
#[cfg(feature = "z3")]
mod bounds;
mod changes;
mod compiled;
mod doubts;
mod expand;
mod explore;
mod index;
mod live;
mod nearest;
mod past;
mod replies;
mod roots;
mod route;
mod space;
mod witness;

#[cfg(feature = "z3")]
pub(crate) use self::bounds::{Bounds, Extent};
pub use self::{
    changes::{Changes, changes},
    nearest::{Distances, Nearest, nearest},
    witness::answer_to,
};
use std::{collections::BTreeSet, sync::Mutex};

use graph::{Cause, FinishedEnd, Flow, ForwardingGraph, NodeId, World};
use headerspace::PacketSet;
use rayon::prelude::*;

use self::{
    compiled::Compiled,
    expand::{Asked, Expander},
    explore::{Explorer, Point, Way},
    live::{Certainty, Live, reached_from},
    past::Past,
    replies::{Homeward, is_missing, perhaps_answered},
    roots::Roots,
};
use crate::{Answer, Direction, Doubt, Engine, FoundPath, PathQuery, Paths, Replies, Why, Witness, Work};

/// The packet-set engine for one graph. Compiling the graph is done once, when the engine is made.
#[derive(Debug, Clone)]
pub struct Sets<'g> {
    graph: &'g ForwardingGraph,
    compiled: Compiled,
}

/// Ways of this many points are enough to give every worker its share.
const POINTS: usize = 256;

/// What is said where the limit of steps was reached.
const STEP_LIMIT: &str = "the limit of steps was reached";

impl<'g> Sets<'g> {
    /// An engine for `graph` and this question alone: what cannot lead to its destinations is not compiled. Where packets
    /// stop is not known to it.
    pub fn for_query(graph: &'g ForwardingGraph, query: &PathQuery) -> Self {
        let missing = || graph.nodes().filter(|&node| is_missing(graph, node));
        let sources: BTreeSet<NodeId> = query.sources.iter().copied().collect();
        let own = |end: &&FinishedEnd| end.departs.is_some_and(|node| sources.contains(&node));
        let worlds: BTreeSet<World> = graph.ends().iter().filter(own).map(|end| end.world).collect();
        let is_home =
            |end: &&FinishedEnd| own(end) || (end.world != World::Own && worlds.contains(&end.world));
        let homes = graph.ends().iter().filter(is_home).filter_map(|end| end.arrives);
        let there = leading(graph, query.destinations.iter().copied().chain(missing()), Flow::Opening);
        let back = leading(graph, homes.chain(missing()), Flow::Reply);
        let is_of_use = |flow: Flow, node: NodeId| {
            let of_use = if flow == Flow::Opening { &there } else { &back };
            of_use.get(node.index()).copied().unwrap_or_default()
        };
        Self { graph, compiled: Compiled::within(graph, is_of_use) }
    }

    /// The same for graphs in which very many ways are open: an [answer](Engine::answer) that takes more than this many
    /// steps of packets and replies is unknown, [paths](Self::paths) are truncated, and of the ways back of a path's replies one is enough, so that replies
    /// of more packets than are said may get back. Where packets stop is not said.
    #[must_use]
    pub fn with_limit(mut self, steps: u64) -> Self {
        self.compiled.limit = steps;
        self
    }

    /// An engine for `graph`. Cost: every edge is turned into a packet set.
    pub fn new(graph: &'g ForwardingGraph) -> Self {
        Self { graph, compiled: Compiled::new(graph) }
    }

    /// Every path of a question, one rule per filter, with complete packet sets, whether replies get back, and what
    /// is uncertain. Works on all of rayon's threads; the result does not depend on their number.
    ///
    /// Cost grows with the graph once and with the number of paths.
    pub fn paths(&self, query: &PathQuery) -> Paths {
        self.paths_where(query, None)
    }

    /// The same, but only paths that some packets take past one of `changes` or whose replies may pass one, and of them
    /// at least the packets that do. Nothing is said about what is uncertain.
    ///
    /// Cost grows with the graph once and with the number of such paths.
    pub fn paths_past(&self, query: &PathQuery, changes: &Changes) -> Paths {
        if changes.is_empty() {
            return Paths::default();
        }
        self.paths_where(query, Some(changes))
    }

    /// What might add to the paths of a question, sorted: see [`Paths::doubts`].
    pub fn doubts(&self, query: &PathQuery) -> Vec<Doubt> {
        let mut compiled = self.compiled.clone();
        let wanted = wanted(self.graph, query, &mut compiled);
        let asked = Asked::new(query, &mut compiled);
        doubts::doubts(self.graph, &mut compiled, query, &asked, &wanted, &mut Work::default())
    }

    fn paths_where(&self, query: &PathQuery, changes: Option<&Changes>) -> Paths {
        let mut compiled = self.compiled.clone();
        let mut work = Work { edges: compiled.edges, ..Work::default() };
        let wanted = wanted(self.graph, query, &mut compiled);
        let reached = reached_from(self.graph, &compiled.opening, &query.sources);
        let live = Live::new(self.graph, &mut compiled, &reached, &wanted, Certainty::Certain);
        work.nodes += live.nodes;
        let past = changes
            .map(|changes| Past::new(self.graph, &mut compiled, (query, &reached), &wanted, &live, changes));
        let asked = Asked::new(query, &mut compiled);
        let first = past.as_ref().map_or(&live, |past| &past.live);
        let roots = Roots::new(self.graph, &query.sources, asked.at_source, &mut compiled, first);
        let homeward = Homeward::new(self.graph, &compiled, &query.sources);

        let mut starts = roots.points();
        if let Some(past) = &past {
            past.start(&mut starts, &roots, &compiled.space);
        }
        let past = past.as_ref();
        let points = Self::spread(starts, &mut compiled, &live, (&wanted, past), &mut work);
        // Every point is followed by itself, so that the work does not depend on who does it. Spaces that are not in use
        // wait to be used again: there are never more of them than threads.
        compiled.space.memo_clear();
        let spaces = Mutex::new(Vec::<Compiled>::new());
        let parts: Vec<(Vec<FoundPath>, Work)> = points
            .into_par_iter()
            .with_max_len(1)
            .map(|point| {
                let idle = spaces.lock().ok().and_then(|mut spaces| spaces.pop());
                let mut own = idle.unwrap_or_else(|| compiled.clone());
                let mut work = Work::default();
                let mut found = Vec::new();
                let mut expander = Expander::new(self.graph, &asked, &roots, &wanted, &homeward);
                let mut see = |explorer: &mut Explorer<'_>, way: Way| {
                    expander.expand(explorer, &way, &mut |_, path| {
                        found.push(path);
                        found.len() <= query.most
                    })
                };
                let (compiled, work_here) = (&mut own, &mut work);
                let mut explorer = Explorer { compiled, live: &live, wanted: &wanted, past, work: work_here };
                match point {
                    Found::Point(point) => explorer.follow(point, &mut see),
                    Found::Way(way) => see(&mut explorer, way),
                };
                if let Ok(mut spaces) = spaces.lock() {
                    spaces.push(own);
                }
                (found, work)
            })
            .collect();
        let mut paths = Paths::default();
        for (found, part) in parts {
            work += part;
            paths.found.extend(found);
        }
        paths.truncated = paths.found.len() > query.most;
        paths.found.truncate(query.most);
        paths
            .found
            .sort_by(|a, b| (a.source, a.destination, &a.edges).cmp(&(b.source, b.destination, &b.edges)));
        work.paths = paths.found.len() as u64;
        if changes.is_none() {
            paths.doubts = doubts::doubts(self.graph, &mut compiled, query, &asked, &wanted, &mut work);
        }
        paths.truncated |= work.steps.saturating_add(work.reply_steps) > compiled.limit;
        paths.work = work;
        paths
    }

    /// For each of these paths of `query`, if it was found by [`paths`](Self::paths): a packet that takes it, and its reply
    /// if such replies get back, both replayed.
    pub fn witnesses(&self, query: &PathQuery, paths: &[FoundPath]) -> Vec<Option<Witness>> {
        let mut compiled = self.compiled.clone();
        let asked = Asked::new(query, &mut compiled);
        paths.iter().map(|path| witness::witness(self.graph, &mut compiled, path, &asked)).collect()
    }

    /// Follows `starts` a few steps, breadth first, until there are enough points to share out; keeps the order in
    /// which following each to the end would find ways.
    fn spread(
        starts: Vec<Point>,
        compiled: &mut Compiled,
        live: &Live,
        (wanted, past): (&[PacketSet], Option<&Past>),
        work: &mut Work,
    ) -> Vec<Found> {
        let mut found: Vec<Found> = starts.into_iter().map(Found::Point).collect();
        let mut explorer = Explorer { compiled, live, wanted, past, work };
        for _ in 0..8 {
            if found.len() >= POINTS {
                break;
            }
            found = found
                .into_iter()
                .flat_map(|one| match one {
                    Found::Way(way) => vec![Found::Way(way)],
                    Found::Point(point) => {
                        let way = explorer.arrival(&point).map(Found::Way);
                        let next = explorer.next(&point).into_iter().map(Found::Point);
                        way.into_iter().chain(next).collect()
                    }
                })
                .collect();
        }
        found
    }
}

/// Nodes from which edges for such packets lead to one of `targets`.
fn leading(graph: &ForwardingGraph, targets: impl Iterator<Item = NodeId>, flow: Flow) -> Vec<bool> {
    let mut leading = vec![false; graph.node_count()];
    let mut left: Vec<NodeId> = targets.collect();
    while let Some(node) = left.pop() {
        let Some(known) = leading.get_mut(node.index()) else { continue };
        if !std::mem::replace(known, true) {
            let edges = graph.incoming(node).iter().map(|&id| graph.edge(id));
            let edges = edges.filter(|edge| edge.flow == Flow::Any || edge.flow == flow);
            left.extend(edges.map(|edge| edge.from));
        }
    }
    leading
}

/// The packets wanted at each node.
fn wanted(graph: &ForwardingGraph, query: &PathQuery, compiled: &mut Compiled) -> Vec<PacketSet> {
    let set = compiled.space.compile(&query.at_destination);
    let world = compiled.space.well_formed();
    let set = compiled.space.and(set, world);
    let mut wanted = vec![compiled.space.empty(); graph.node_count()];
    for node in &query.destinations {
        if let Some(slot) = wanted.get_mut(node.index()) {
            *slot = set;
        }
    }
    wanted
}

/// So many ways whose replies do not get back are looked at before it is worked out whose may.
const WAYS: usize = 8;

/// What became of the packets of one question.
#[derive(Default)]
struct Looked {
    /// So many ways are looked at.
    most: usize,
    good: Option<Witness>,
    /// The first way whose replies do not get back.
    one_way: Option<FoundPath>,
    unsure: Vec<Why>,
}

impl Looked {
    /// Looks at ways until one is good; whether one was, or all of them were looked at.
    fn look(
        &mut self,
        graph: &ForwardingGraph,
        compiled: &mut Compiled,
        asked: &Asked<'_>,
        wanted: &[PacketSet],
        live: &Live,
        work: &mut Work,
    ) -> bool {
        let roots = Roots::new(graph, &asked.query.sources, asked.at_source, compiled, live);
        let homeward = Homeward::new(graph, compiled, &asked.query.sources);
        let mut expander = Expander::new(graph, asked, &roots, wanted, &homeward);
        let mut ways = 0;
        for point in roots.points() {
            let mut explorer = Explorer { compiled, live, wanted, past: None, work };
            let whole = explorer.follow(point, &mut |explorer, way| {
                ways += 1;
                ways <= self.most
                    && expander.expand(explorer, &way, &mut |explorer, path| {
                        match &path.replies {
                            Replies::All | Replies::Some(_) | Replies::NotAsked => {
                                self.good = witness::witness(graph, explorer.compiled, &path, asked);
                                if self.good.is_none() {
                                    // What no walk confirms is not said.
                                    let last = path.edges.last().map(|&edge| graph.edge(edge).cause.clone());
                                    self.unsure.extend(last.map(|cause| Why { cause, reply: false }));
                                }
                            }
                            Replies::Unknown(causes) => {
                                let whys =
                                    causes.iter().map(|cause| Why { cause: cause.clone(), reply: true });
                                self.unsure.extend(whys);
                                self.one_way.get_or_insert(path);
                            }
                            Replies::None => {
                                self.one_way.get_or_insert(path);
                            }
                        }
                        self.good.is_none()
                    })
            });
            if !whole {
                return self.good.is_some();
            }
        }
        true
    }
}

/// What spreading out found: a point to follow further, or a way that has arrived.
enum Found {
    Point(Point),
    Way(Way),
}

impl Engine for Sets<'_> {
    fn answer(&mut self, query: &PathQuery) -> Answer {
        let graph = self.graph;
        let compiled = &mut self.compiled;
        let wanted = wanted(graph, query, compiled);
        let mut work = Work::default();
        let reached = reached_from(graph, &compiled.opening, &query.sources);
        let live = Live::new(graph, compiled, &reached, &wanted, Certainty::Certain);
        let mut asked = Asked::new(query, compiled);
        asked.rules_apart = asked.asks_what_is_passed();
        asked.replies = query.direction == Direction::RoundTrip;
        let mut looked = Looked { most: WAYS, ..Looked::default() };
        let all = looked.look(graph, compiled, &asked, &wanted, &live, &mut work);
        if !all {
            // So many ways and no reply: from here on those alone whose replies may get back.
            let answered = perhaps_answered(graph, compiled, &query.sources, &wanted, false).wanted;
            let live = Live::new(graph, compiled, &reached, &answered, Certainty::Certain);
            looked.unsure.clear();
            looked.most = usize::MAX;
            looked.look(graph, compiled, &asked, &answered, &live, &mut work);
        }
        let Looked { good, one_way, mut unsure, .. } = looked;
        if let Some(witness) = good {
            return Answer::Reachable(Box::new(witness));
        }
        let doubts = doubts::doubts(graph, compiled, query, &asked, &wanted, &mut work);
        unsure.extend(doubts.into_iter().map(|doubt| Why { cause: doubt.cause, reply: false }));
        if work.steps.saturating_add(work.reply_steps) > compiled.limit {
            let source = query.sources.first().and_then(|&source| graph.node(source).resource);
            let cause = source.map(|id| Cause::structure(graph.key(id)).noting(STEP_LIMIT).into());
            unsure.extend(cause.map(|cause| Why { cause, reply: false }));
        }
        if !unsure.is_empty() {
            unsure.sort();
            unsure.dedup();
            return Answer::Unknown(unsure);
        }
        if compiled.limit < u64::MAX {
            return Answer::Unreachable(Vec::new());
        }
        Answer::Unreachable(match one_way {
            Some(path) => blocked::reply(graph, compiled, &path, &asked),
            None => blocked::forward(graph, compiled, query, &asked),
        })
    }
}
