//! How many controls would have to be opened for something to get through, to each destination: following packets past
//! the openings of ever more controls.

use std::collections::{BTreeMap, BTreeSet};

use graph::{ControlId, Disposition, ForwardingGraph, NodeId, ResourceId};
use headerspace::{Match, PacketSet};
use rustc_hash::FxHashMap;

use super::{
    Sets,
    compiled::Compiled,
    expand::{Asked, Expander},
    explore::{Explorer, Point},
    live::{Certainty, Live, reached_from},
    replies::Homeward,
    roots::Roots,
    wanted,
};
use crate::{FoundPath, PathQuery, Through, Work};

/// How far destinations are from something getting through.
#[derive(Debug, Clone, Default)]
pub struct Distances {
    /// By destination, those to which something may get through once controls are opened.
    pub nearest: BTreeMap<ResourceId, Nearest>,
    /// With so many controls open, packets of the question get to where information is missing: beyond that, it may take
    /// fewer controls than is said, by ways that nobody knows.
    pub missing_from: Option<usize>,
    /// Whether the limit of steps was reached: then nothing is known of the destinations that are not in `nearest`.
    pub truncated: bool,
    /// What it took.
    pub work: Work,
}

/// The fewest controls to open for something to get through to a destination.
#[derive(Debug, Clone)]
pub struct Nearest {
    /// So many controls, and no fewer.
    pub changes: usize,
    /// Sets of so many controls, sorted, with what then gets through; `None` where that is only perhaps so. Where `changes`
    /// is 1 all of them, else one.
    pub ways: BTreeMap<BTreeSet<ControlId>, Option<Through>>,
}

impl Nearest {
    /// What it takes for something to get through for certain, or else perhaps.
    pub fn best(&self) -> Option<(&BTreeSet<ControlId>, Option<&Through>)> {
        let sure = self.ways.iter().find(|(_, through)| through.is_some());
        sure.or_else(|| self.ways.first_key_value()).map(|(controls, through)| (controls, through.as_ref()))
    }
}

/// More controls than this are not looked for.
const MOST_CHANGES: usize = 16;

/// For each destination of `query`, by its resource, the fewest of the controls open in `graph` that it takes; `graph` is
/// made by [`ForwardingGraph::opened`]. Ways from a resource to itself do not count. Replies are not looked at.
///
/// Cost: the graph once, and every way past the fewest openings; after `limit` steps the rest is not known.
pub fn nearest(graph: &ForwardingGraph, query: &PathQuery, limit: u64) -> Distances {
    let mut engine = Sets { graph, compiled: Compiled::by_control(graph) };
    engine.compiled.limit = limit;
    Search::new(&mut engine, query).run()
}

struct Search<'s, 'g> {
    graph: &'g ForwardingGraph,
    compiled: &'s mut Compiled,
    query: &'s PathQuery,
    asked: Asked<'s>,
    homeward: Homeward,
    reached: Vec<bool>,
    /// Where information is missing, and which packets count there.
    missing: Option<NodeId>,
    perhaps: PacketSet,
    distances: Distances,
}

/// Packets on a way, and what had to be opened for it.
struct Visit {
    point: Point,
    opened: BTreeSet<ControlId>,
    /// Whether it is certain that they get there.
    certain: bool,
}

/// What has been at a node: packets, by what was opened and whether that is certain.
type Seen = FxHashMap<(NodeId, NodeId), Vec<(BTreeSet<ControlId>, bool, PacketSet)>>;

impl<'s, 'g> Search<'s, 'g> {
    fn new(engine: &'s mut Sets<'g>, query: &'s PathQuery) -> Self {
        let (graph, compiled) = (engine.graph, &mut engine.compiled);
        let mut asked = Asked::new(query, compiled);
        (asked.rules_apart, asked.replies) = (false, false);
        let homeward = Homeward::new(graph, compiled, &query.sources);
        let reached = reached_from(graph, &compiled.opening, &query.sources);
        let is_missing = |node: &NodeId| graph.node(*node).refuses == Some(Disposition::InsufficientInfo);
        let missing = graph.nodes().find(is_missing);
        let perhaps = compiled.space.compile(&query.perhaps);
        let world = compiled.space.well_formed();
        let perhaps = compiled.space.and(perhaps, world);
        let distances = Distances::default();
        Self { graph, compiled, query, asked, homeward, reached, missing, perhaps, distances }
    }

    fn run(mut self) -> Distances {
        let mut left: BTreeSet<NodeId> = self.query.destinations.iter().copied().collect();
        let mut seen = Seen::default();
        let mut level: Option<(Roots, Vec<Visit>)> = None;
        for changes in 0..=MOST_CHANGES {
            let asked = PathQuery { destinations: left.iter().copied().collect(), ..self.query.clone() };
            let wanted = wanted(self.graph, &asked, self.compiled);
            let mut all = wanted.clone();
            if let Some(slot) = self.missing.and_then(|node| all.get_mut(node.index()))
                && self.distances.missing_from.is_none()
            {
                *slot = self.perhaps;
            }
            let live = Live::new(self.graph, self.compiled, &self.reached, &all, Certainty::Any);
            self.distances.work.nodes += live.nodes;
            let (roots, visits) = level.take().unwrap_or_else(|| {
                let roots =
                    Roots::new(self.graph, &self.query.sources, self.asked.at_source, self.compiled, &live);
                let start = |point| Visit { point, opened: BTreeSet::new(), certain: true };
                let visits = roots.points().into_iter().map(start).collect();
                (roots, visits)
            });
            let beyond = self.follow(visits, (&live, &wanted, &roots), changes, &mut seen);
            let resource = |node: &NodeId| self.graph.node(*node).resource;
            left.retain(|node| resource(node).is_none_or(|id| !self.distances.nearest.contains_key(&id)));
            if self.distances.truncated || left.is_empty() || beyond.is_empty() {
                return self.distances;
            }
            level = Some((roots, beyond));
        }
        self.distances.truncated = true;
        self.distances
    }

    /// Follows packets as far as they get without opening more; returns those for which one more would be opened.
    fn follow(
        &mut self,
        visits: Vec<Visit>,
        (live, wanted, roots): (&Live, &[PacketSet], &Roots),
        changes: usize,
        seen: &mut Seen,
    ) -> Vec<Visit> {
        // Where packets have been by less, they need not be followed again; that only holds as long as it does not matter
        // what they were when they were sent, and what they have passed.
        let merges = self.query.except.is_empty() && !self.asked.asks_what_is_passed();
        let bundles = self.compiled.opening.clone();
        let (mut left, mut beyond) = (visits, Vec::new());
        left.reverse();
        while let Some(mut visit) = left.pop() {
            if merges && !self.is_new(&mut visit, seen) {
                continue;
            }
            self.arrive(&visit, (live, wanted, roots), changes);
            let work = &mut self.distances.work;
            let mut explorer = Explorer { compiled: self.compiled, live, wanted, past: None, work };
            if explorer.is_exhausted() {
                self.distances.truncated = true;
                return Vec::new();
            }
            let mut next = Vec::new();
            for point in explorer.next(&visit.point) {
                let leg = point.legs.last();
                let bundle = leg.and_then(|leg| bundles.of(leg.from).get(leg.bundle as usize));
                let Some(bundle) = bundle else { continue };
                let mut opened = visit.opened.clone();
                let more = bundle.control.is_some_and(|control| opened.insert(control));
                let visit = Visit { point, opened, certain: visit.certain && bundle.certain };
                if more { beyond.push(visit) } else { next.push(visit) }
            }
            left.extend(next.into_iter().rev());
        }
        beyond
    }

    /// Takes away what has been here by less, and remembers the rest; whether there is any.
    fn is_new(&mut self, visit: &mut Visit, seen: &mut Seen) -> bool {
        let space = &mut self.compiled.space;
        let known = seen.entry((visit.point.root, visit.point.node)).or_default();
        for (opened, certain, set) in known.iter() {
            if (*certain || !visit.certain) && opened.is_subset(&visit.opened) {
                visit.point.set = space.minus(visit.point.set, *set);
            }
        }
        if space.is_empty(visit.point.set) {
            return false;
        }
        let same = known
            .iter_mut()
            .find(|(opened, certain, _)| (opened, *certain) == (&visit.opened, visit.certain));
        match same {
            Some((.., set)) => *set = space.or(*set, visit.point.set),
            None => known.push((visit.opened.clone(), visit.certain, visit.point.set)),
        }
        true
    }

    /// Notes the destination, if packets have arrived there and none had by less.
    fn arrive(
        &mut self,
        visit: &Visit,
        (live, wanted, roots): (&Live, &[PacketSet], &Roots),
        changes: usize,
    ) {
        let node = visit.point.node;
        if Some(node) == self.missing && self.compiled.space.overlaps(visit.point.set, self.perhaps) {
            self.distances.missing_from.get_or_insert(changes);
        }
        let Some(destination) = self.graph.node(node).resource else { return };
        let known = self.distances.nearest.get(&destination);
        let is_known = known.is_some_and(|known| {
            let of_these = known.ways.get(&visit.opened);
            let enough = changes != 1 && known.ways.values().any(Option::is_some);
            known.changes < changes || enough || of_these.is_some_and(|way| way.is_some() || !visit.certain)
        });
        if is_known {
            return;
        }
        let work = &mut self.distances.work;
        let mut explorer = Explorer { compiled: self.compiled, live, wanted, past: None, work };
        let Some(way) = explorer.arrival(&visit.point) else { return };
        let mut expander = Expander::new(self.graph, &self.asked, roots, wanted, &self.homeward);
        let mut found: Option<FoundPath> = None;
        expander.expand(&mut explorer, &way, &mut |_, path| {
            if self.graph.node(path.source).resource != Some(destination) {
                found = Some(path);
            }
            found.is_none()
        });
        let Some(path) = found else { return };
        let through = visit.certain.then(|| through(&path)).flatten();
        let known = self.distances.nearest.entry(destination);
        let known = known.or_insert_with(|| Nearest { changes, ways: BTreeMap::new() });
        known.ways.insert(visit.opened.clone(), through);
    }
}

fn through(path: &FoundPath) -> Option<Through> {
    let packet = path.tracks.first()?.first.least()?;
    let headers = Match::any_of(path.tracks.iter().map(|track| track.first.to_header_match()));
    Some(Through { packet, headers, edges: path.edges.clone(), ways: Vec::new() })
}
