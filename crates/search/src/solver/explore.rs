//! Following packets with the solver at hand: every way that some packet can go, and the ways of replies.

mod replies;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    rc::Rc,
    sync::Arc,
};

use graph::{Cause, Disposition, EdgeId, Flow, ForwardingGraph, LONGEST_WAY, NodeId, ResourceId, World};
use headerspace::{Field, Match};
use rustc_hash::FxHashMap;

use super::{
    formula::{Choices, Example, Formula, Header, Value},
    steps::{Apart, Step, Steps, Wanted},
    terms::{Conditions, Judged},
    witness,
};
use crate::{Direction, Doubt, Exception, FoundPath, PathQuery, Why};

/// A step of a packet on its way.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub(super) from: NodeId,
    pub(super) edges: Vec<EdgeId>,
    pub(super) before: Header,
    pub(super) after: Header,
}

/// A packet that gets through, and its reply if it has one.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) source: NodeId,
    pub(super) destination: NodeId,
    pub(super) opening: Vec<Taken>,
    /// The way of the reply, and where it starts.
    pub(super) back: Option<(NodeId, Vec<Taken>)>,
    pub(super) example: Rc<Example>,
    /// Which packets take the same way, and the same way back.
    pub(super) conditions: Vec<Formula>,
}

/// What came of a search.
pub(super) struct Outcome {
    pub(super) found: Option<Found>,
    /// A packet that arrives and whose reply does not get back.
    pub(super) one_way: Option<Found>,
    pub(super) doubts: BTreeSet<Why>,
    /// Whether the solver, or the search, has given up somewhere.
    pub(super) gave_up: bool,
    /// What translators may choose.
    pub(super) values: Choices,
    pub(super) every: Option<Every>,
}

/// What replies can restore: hops that left nodes to which some edge of replies refers.
type Trail = Vec<(NodeId, Header, Header)>;

/// A place that has been explored: node, header, and what else the future depends on.
type Visited = (NodeId, Header, u32, u32);

/// The search for one question.
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a search that is under way")]
pub(super) struct Search<'a> {
    graph: &'a ForwardingGraph,
    query: &'a PathQuery,
    conditions: &'a mut Conditions,
    steps: Steps<'a>,
    back: Steps<'a>,
    /// Nodes from which edges lead to a destination or to where information is missing.
    useful: Vec<bool>,
    /// The same for replies to the present source.
    homeward: Vec<bool>,
    home: BTreeSet<NodeId>,
    source: Option<NodeId>,
    /// Nodes whose translations replies undo.
    restored: BTreeSet<NodeId>,
    /// What translators may choose: for edge, field and how often the way has been there.
    choices: FxHashMap<(EdgeId, Field, usize), u32>,
    values: Choices,
    /// Conditions under which a place has been explored.
    seen: FxHashMap<Visited, Vec<Formula>>,
    trails: FxHashMap<Trail, u32>,
    /// Places on the present way, and which packets were there.
    visits: Vec<(NodeId, Header, Formula)>,
    /// Whether replies are followed.
    replies: bool,
    /// Whether any packet arrives.
    arrived: bool,
    way: Vec<Taken>,
    /// The first uncertain step of the present way.
    doubt: Option<Vec<EdgeId>>,
    /// Where the way goes on behind that step; 0 if there is none.
    doubtful_from: usize,
    /// Packets whose replies have got back, for the present way.
    returned: Vec<Found>,
    found: Option<Found>,
    one_way: Option<Found>,
    doubts: BTreeSet<Why>,
    gave_up: bool,
    /// How often the solver may be asked, and how many conditions it may be given.
    checks: u64,
    pushes: u64,
    /// The only way that is followed, if there is one.
    along: Option<&'a [EdgeId]>,
    /// Whether ends of the same resource count.
    to_itself: bool,
    /// If every path is asked for: what was found so far.
    every: Option<Every>,
}

/// Every path of a question, one rule per filter, and everything that is doubtful.
#[derive(Debug, Default)]
pub(super) struct Every {
    pub(super) found: Vec<FoundPath>,
    pub(super) doubts: BTreeMap<Arc<Cause>, (BTreeSet<NodeId>, Doubt)>,
    most: usize,
}

/// Numbers of choices from here on stand for places in a header.
const SLOTS: u32 = 1 << 31;
/// Conditions for each check, at most: many are known to hold without one.
const PUSHES: u64 = 16;
/// More doubts than this are not told.
const MOST_DOUBTS: usize = 50;
/// More ways of replies than this are not looked at.
const MOST_WAYS_BACK: usize = 16;

impl<'a> Search<'a> {
    pub(super) fn new(
        graph: &'a ForwardingGraph,
        query: &'a PathQuery,
        conditions: &'a mut Conditions,
        checks: u64,
    ) -> Self {
        conditions.begin();
        let pushes = conditions.pushes.saturating_add(checks.saturating_mul(PUSHES));
        let checks = conditions.checks.saturating_add(checks);
        let missing = graph.nodes().filter(|&node| is_missing(graph, node));
        let targets: Vec<NodeId> = query.destinations.iter().copied().chain(missing).collect();
        let restored = graph.edges().filter_map(|id| graph.edge(id).restores).collect();
        Self {
            graph,
            query,
            conditions,
            steps: Steps::new(graph),
            back: Steps::new(graph),
            useful: leading(graph, targets, Flow::Opening),
            homeward: Vec::new(),
            home: BTreeSet::new(),
            source: None,
            restored,
            choices: FxHashMap::default(),
            values: Choices::new(),
            seen: FxHashMap::default(),
            trails: FxHashMap::default(),
            visits: Vec::new(),
            replies: false,
            arrived: false,
            way: Vec::new(),
            doubt: None,
            doubtful_from: 0,
            returned: Vec::new(),
            found: None,
            one_way: None,
            doubts: BTreeSet::new(),
            gave_up: false,
            checks,
            pushes,
            along: None,
            to_itself: true,
            every: None,
        }
    }

    /// Follows this way alone, and all ways of replies to its packets.
    pub(super) fn along(mut self, edges: &'a [EdgeId]) -> Self {
        self.along = Some(edges);
        self
    }

    /// Looks for every path, and at most for this many.
    pub(super) fn every(mut self, most: usize) -> Self {
        self.every = Some(Every { most, ..Every::default() });
        self
    }

    /// Leaves out packets that a resource sends to itself.
    pub(super) fn for_others(mut self) -> Self {
        self.to_itself = false;
        self
    }

    /// Looks everywhere, until a packet is found.
    pub(super) fn run(&mut self) {
        let header = Header::sent();
        let start = Formula::all([
            header.accepted_by(&Match::well_formed()),
            header.accepted_by(&self.query.at_source),
        ]);
        let query = self.query;
        for &source in &query.sources {
            self.source = Some(source);
            self.seen.clear();
            self.arrived = false;
            // Without replies first: if nothing arrives, it does not matter what they could do.
            self.replies = false;
            if self.along.is_none() && self.every.is_none() {
                if self.given(&start, |search, _| search.follow(source, &header)).is_break() {
                    return;
                }
                if query.direction == Direction::Forward || !self.arrived {
                    continue;
                }
                self.seen.clear();
            }
            self.replies = query.direction == Direction::RoundTrip || self.every.is_some();
            if self.replies {
                let graph = self.graph;
                self.home = home(graph, source);
                let missing = graph.nodes().filter(|&node| is_missing(graph, node));
                self.homeward = leading(graph, self.home.iter().copied().chain(missing), Flow::Reply);
                self.back = Steps::new(graph);
            }
            if self.given(&start, |search, _| search.follow(source, &header)).is_break() {
                return;
            }
        }
    }

    /// What came of it.
    pub(super) fn outcome(self) -> Outcome {
        let Self { found, one_way, doubts, gave_up, values, every, .. } = self;
        Outcome { found, one_way, doubts, gave_up, values, every }
    }

    fn apart(&self) -> bool {
        asks_what_is_passed(self.query)
    }

    /// Does `work` under a condition, unless no packet fulfils it.
    fn given(
        &mut self,
        condition: &Formula,
        work: impl FnOnce(&mut Self, Option<Rc<Example>>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if condition.is_false() {
            return ControlFlow::Continue(());
        }
        if self.conditions.checks >= self.checks || self.conditions.pushes >= self.pushes {
            self.gave_up = true;
            return ControlFlow::Break(());
        }
        let flow = match self.conditions.push(condition) {
            Judged::Holds(example) => work(self, example),
            Judged::Never => ControlFlow::Continue(()),
            Judged::TooHard => {
                self.gave_up = true;
                ControlFlow::Continue(())
            }
        };
        self.conditions.pop();
        flow
    }

    /// A packet that fulfils all conditions, of which it is known that they can hold.
    fn example(&mut self, known: Option<Rc<Example>>) -> Option<Rc<Example>> {
        match known.map_or_else(|| self.conditions.example(), |example| Judged::Holds(Some(example))) {
            Judged::Holds(Some(example)) => Some(example),
            Judged::Holds(None) | Judged::Never | Judged::TooHard => {
                self.gave_up = true;
                None
            }
        }
    }

    /// Follows opening packets that are at `node`.
    fn follow(&mut self, node: NodeId, header: &Header) -> ControlFlow<()> {
        if self.is_noted() {
            return ControlFlow::Continue(());
        }
        if is_missing(self.graph, node) {
            let lost = header.accepted_by(&self.query.perhaps);
            return self.given(&lost, |search, _| {
                search.note_doubt(false);
                ControlFlow::Continue(())
            });
        }
        if self.graph.node(node).refuses.is_some() || self.way.len() >= LONGEST_WAY {
            return ControlFlow::Continue(());
        }
        let visits = self.visits.len();
        let fresh = self.fresh(node, header, 0, &BTreeSet::new());
        let flow = self.given(&fresh, |search, _| {
            let whole = search.along.is_none_or(|along| along.len() == search.way.len());
            if whole && search.arrives(node) {
                search.arrive(node, header)?;
            }
            let apart = match (search.every.is_some(), search.apart()) {
                (true, _) => Apart::Rules,
                // A way that is given is one of rules, if it matters what is passed.
                (false, true) if search.along.is_some() => Apart::Rules,
                (false, true) => Apart::Resources,
                (false, false) => Apart::Nothing,
            };
            let wanted = Wanted { flow: Flow::Opening, certainty: search.doubt.is_none(), apart };
            let useful = std::mem::take(&mut search.useful);
            let is_useful = |node: NodeId| useful.get(node.index()).copied().unwrap_or_default();
            let steps = search.steps.at(node, header, wanted, is_useful);
            search.useful = useful;
            let next = search.along.map(|along| along.get(search.way.len()));
            for step in steps.iter() {
                let is_next = |edge: Option<&EdgeId>| edge.is_some_and(|edge| step.edges.contains(edge));
                if next.is_none_or(|edge| step.certain && is_next(edge)) {
                    search.take(node, header, step)?;
                }
            }
            ControlFlow::Continue(())
        });
        self.visits.truncate(visits);
        flow
    }

    /// Whether packets that get to `node` have arrived.
    fn arrives(&self, node: NodeId) -> bool {
        let resource = |node: NodeId| self.graph.node(node).resource;
        let others = self.to_itself || self.source.is_some_and(|source| resource(source) != resource(node));
        others && !self.way.is_empty() && self.query.destinations.contains(&node)
    }

    /// The condition that this place has not been explored before with the same packets; `outer` are choices that
    /// were made before the conditions from `base` on.
    ///
    /// Loops are cut by it as well: whoever comes to a place again as the same packet was there before, and whoever
    /// comes as one that an earlier choice could have made it, too.
    fn fresh(&mut self, node: NodeId, header: &Header, base: usize, outer: &BTreeSet<u32>) -> Formula {
        if base == 0 && self.along.is_some() {
            // A way that is given is followed whether or not it goes in circles.
            return Formula::TRUE;
        }
        // A way with a doubt is judged from there on, whatever it has done before.
        let since = self.way.get(self.doubtful_from..).unwrap_or_default();
        let again = since.iter().filter(|taken| taken.from == node);
        let circles = Formula::any(again.map(|taken| taken.before.equals(header)).collect::<Vec<_>>()).not();
        // What has been seen cuts circles, too. Packets are told without comparing values, where they are told.
        let told = base > 0 || self.every.is_some();
        let circles = if told && circles.compares() { Formula::TRUE } else { circles };
        if circles.is_false() || (base == 0 && self.apart() && self.every.is_none()) {
            // If it matters what has been passed, only going in circles is of no use.
            return circles;
        }
        let doubt = self
            .doubt
            .as_ref()
            .and_then(|edges| edges.first())
            .map_or(0, |edge| u32::try_from(edge.index()).unwrap_or(u32::MAX).saturating_add(1));
        // Choices that the packet does not carry any more are forgotten, others are known by their place in it.
        let here = self.conditions.since(base);
        let mut gone = BTreeSet::new();
        here.choices(&mut gone);
        let mut slots = header.choices();
        slots.retain(|number| !outer.contains(number));
        gone.retain(|number| !outer.contains(number) && !slots.contains(number));
        let slot = |number: u32| {
            let place = slots.iter().position(|&other| other == number);
            place.map_or(number, |place| SLOTS + u32::try_from(place).unwrap_or_default())
        };
        let back = |number: u32| {
            let place = number.checked_sub(SLOTS).and_then(|place| slots.get(place as usize));
            place.copied().unwrap_or(number)
        };
        let shape = header.renumbered(slot);
        let general = here.without(&gone, &self.values).map(|formula| formula.renumbered(slot));
        if !(self.replies && base == 0 && self.doubt.is_none()) {
            let known = self.seen.entry((node, shape, doubt, 0)).or_default();
            let fresh = Formula::any(known.iter().map(|formula| formula.renumbered(back))).not();
            known.extend(general);
            return Formula::all([circles, fresh]);
        }
        // What replies can restore depends on the way: elsewhere than on this very way, only the same counts.
        let trail = self.trail(&self.way);
        let next = u32::try_from(self.trails.len()).unwrap_or(u32::MAX);
        let trail = *self.trails.entry(trail).or_insert(next);
        let visits = self.visits.iter().filter(|visit| (visit.0, visit.1) == (node, shape));
        let before = Formula::any(visits.map(|visit| visit.2.renumbered(back)).collect::<Vec<_>>()).not();
        self.visits.extend(general.map(|formula| (node, shape, formula)));
        if self.every.is_some() {
            // Other ways count as well, and packets are to be told without comparing values.
            return Formula::all([circles, before]);
        }
        let known = self.seen.entry((node, *header, doubt, trail)).or_default();
        let fresh = Formula::any(known.iter().cloned()).not();
        known.push(here);
        Formula::all([circles, before, fresh])
    }

    /// What replies to packets that went this way can restore, in order.
    fn trail(&self, way: &[Taken]) -> Trail {
        let hops = way.iter().filter(|taken| self.restored.contains(&taken.from));
        let mut trail = Trail::new();
        for hop in hops.map(|taken| (taken.from, taken.before, taken.after)) {
            if !trail.contains(&hop) {
                trail.push(hop);
            }
        }
        trail
    }

    fn take(&mut self, node: NodeId, header: &Header, step: &Step) -> ControlFlow<()> {
        let Some(&first) = step.edges.first() else { return ControlFlow::Continue(()) };
        let (after, choice) = self.rewritten(first, header);
        let condition = Formula::all([step.condition.clone(), choice]);
        self.given(&condition, |search, _| {
            let doubts = search.doubt.is_none() && !step.certain;
            // Doubts about the way there are noted before replies are followed.
            let noted = search.every.is_none() && (search.replies || search.doubts.len() >= MOST_DOUBTS);
            if doubts && noted {
                return ControlFlow::Continue(());
            }
            let (edges, to) = (step.edges.clone(), step.to);
            search.way.push(Taken { from: node, edges: edges.clone(), before: *header, after });
            if doubts {
                search.doubt = Some(edges);
                search.doubtful_from = search.way.len();
            }
            let left = if doubts || (search.doubt.is_none() && is_missing(search.graph, to)) {
                search.left()
            } else {
                Formula::TRUE
            };
            let flow = search.given(&left, |search, _| search.follow(to, &after));
            if doubts {
                search.doubt = None;
                search.doubtful_from = 0;
            }
            search.way.pop();
            flow
        })
    }

    /// The header after an edge, and the condition on what is chosen there.
    fn rewritten(&mut self, id: EdgeId, header: &Header) -> (Header, Formula) {
        let graph = self.graph;
        let rewrite = &graph.edge(id).rewrite;
        let before = self.way.iter().filter(|taken| taken.edges.first() == Some(&id)).count();
        let mut conditions = Vec::new();
        let (terms, known, all) = (&mut self.conditions.terms, &mut self.choices, &mut self.values);
        let after = header.rewritten(rewrite, |field, values| {
            let number = *known.entry((id, field, before)).or_insert_with(|| terms.choice(field));
            all.insert(number, values.clone());
            let chosen = Value::Chosen(number);
            conditions.push(if values.is_empty() {
                Formula::FALSE
            } else {
                Formula::In(chosen, values.clone())
            });
            chosen
        });
        (after, Formula::all(conditions))
    }

    /// Notes that packets are perhaps lost to missing information, or perhaps arrive.
    fn note_doubt(&mut self, reply: bool) {
        let edges = match (&self.doubt, self.way.last()) {
            (Some(edges), _) => edges.clone(),
            (None, Some(last)) => last.edges.clone(),
            (None, None) => return,
        };
        let causes = edges.iter().map(|&id| self.graph.edge(id).cause.clone());
        self.doubts.extend(causes.map(|cause| Why { cause, reply }));
        let Some(source) = self.source.filter(|_| !reply && self.every.is_some()) else { return };
        let Some(example) = self.example(None) else { return };
        let packet = example.at(&Header::sent());
        let mut way = witness::edges(&self.way);
        if let Some(at) = self.doubtful_from.checked_sub(1) {
            way.truncate(at);
        } else {
            way.pop();
        }
        let Some(every) = &mut self.every else { return };
        for &id in &edges {
            let cause = self.graph.edge(id).cause.clone();
            let edges: Vec<EdgeId> = way.iter().copied().chain([id]).collect();
            let new = || (BTreeSet::new(), Doubt { cause: cause.clone(), sources: 0, source, edges, packet });
            let (sources, doubt) = every.doubts.entry(cause.clone()).or_insert_with(new);
            sources.insert(source);
            doubt.sources = sources.len();
        }
    }

    /// Whether it is known already that packets may get through past the present doubt.
    fn is_noted(&self) -> bool {
        let first = self.doubt.as_ref().and_then(|edges| edges.first());
        let causes = first.map(|&id| &self.graph.edge(id).cause);
        if let (Some(every), Some(cause), Some(source)) = (&self.every, causes, self.source) {
            return every.doubts.get(cause).is_some_and(|(sources, _)| sources.contains(&source));
        }
        causes.is_some_and(|cause| self.doubts.iter().any(|why| !why.reply && why.cause == *cause))
    }

    /// The condition that no exception leaves the packets out, wherever they go on to.
    fn left(&self) -> Formula {
        let passed = if self.apart() { self.passed(None) } else { BTreeSet::new() };
        let parts = self.query.except.iter().filter(|except| {
            let anywhere = except.destinations.as_ref().is_none_or(|all| {
                self.query.destinations.iter().all(|destination| all.contains(destination))
            });
            anywhere
                && Header::unsent().accepted_by(&except.at_destination).is_true()
                && except
                    .sources
                    .as_ref()
                    .is_none_or(|sources| self.source.is_some_and(|source| sources.contains(&source)))
                && except.through.iter().all(|one| !one.is_disjoint(&passed))
        });
        Formula::all(
            parts.map(|except| Header::sent().accepted_by(&except.at_source).not()).collect::<Vec<_>>(),
        )
    }

    fn passed(&self, destination: Option<NodeId>) -> BTreeSet<ResourceId> {
        let edges = self.way.iter().filter_map(|taken| taken.edges.first().copied());
        passed(self.graph, edges, self.source.zip(destination))
    }

    /// Packets may arrive at `node`.
    fn arrive(&mut self, node: NodeId, header: &Header) -> ControlFlow<()> {
        let Some(source) = self.source else { return ControlFlow::Continue(()) };
        let condition = if self.doubt.is_some() {
            let wanted = [&self.query.at_destination, &Match::well_formed()];
            Some(Formula::all(wanted.map(|wanted| header.accepted_by(wanted))))
        } else {
            let passed = if self.apart() { self.passed(Some(node)) } else { BTreeSet::new() };
            asked(self.query, (source, node), &passed, header)
        };
        let Some(condition) = condition else { return ControlFlow::Continue(()) };
        self.given(&condition, |search, example| {
            if search.doubt.is_some() {
                search.note_doubt(false);
                return ControlFlow::Continue(());
            }
            let Some(example) = search.example(example) else { return ControlFlow::Continue(()) };
            let found = Found {
                source,
                destination: node,
                opening: search.way.clone(),
                back: None,
                example,
                conditions: Vec::new(),
            };
            if search.every.is_some() {
                return search.note_path(node, header, &found);
            }
            if search.query.direction == Direction::RoundTrip && !search.replies {
                search.arrived = true;
                return ControlFlow::Continue(());
            }
            if search.query.direction == Direction::Forward {
                let conditions = vec![search.conditions.since(0)];
                search.found = Some(Found { conditions, ..found });
                return ControlFlow::Break(());
            }
            search.answer(node, header, found)
        })
    }
}

/// Resources on a way, and, once it is whole, those that its two ends belong to.
pub(super) fn passed(
    graph: &ForwardingGraph,
    edges: impl Iterator<Item = EdgeId>,
    ends: Option<(NodeId, NodeId)>,
) -> BTreeSet<ResourceId> {
    let mut passed = BTreeSet::new();
    for edge in edges.map(|id| graph.edge(id)) {
        passed.extend(graph.node(edge.from).resource);
        passed.extend(graph.find(&edge.cause.resource));
    }
    if let Some((source, destination)) = ends {
        passed.extend(graph.node(destination).resource);
        for end in [source, destination] {
            let within = graph.node(end).resource.map(|id| graph.resource(id).within.as_slice());
            passed.extend(within.unwrap_or_default().iter().filter_map(|key| graph.find(key)));
        }
    }
    passed
}

/// The condition that the question is about packets that have arrived by a way; `None` if it never is.
pub(super) fn asked(
    query: &PathQuery,
    (source, destination): (NodeId, NodeId),
    passed: &BTreeSet<ResourceId>,
    header: &Header,
) -> Option<Formula> {
    if !query.through.iter().all(|one| !one.is_disjoint(passed)) {
        return None;
    }
    let applies = |except: &&Exception| {
        except.sources.as_ref().is_none_or(|sources| sources.contains(&source))
            && except.destinations.as_ref().is_none_or(|all| all.contains(&destination))
            && except.through.iter().all(|one| !one.is_disjoint(passed))
    };
    let left = query.except.iter().filter(applies).map(|except| {
        let first = Header::sent().accepted_by(&except.at_source);
        Formula::all([first, header.accepted_by(&except.at_destination)]).not()
    });
    let wanted = [header.accepted_by(&query.at_destination), header.accepted_by(&Match::well_formed())];
    Some(Formula::all(left.chain(wanted).collect::<Vec<_>>()))
}

/// Whether a question looks at what is passed.
pub(super) fn asks_what_is_passed(query: &PathQuery) -> bool {
    !query.through.is_empty() || query.except.iter().any(|except| !except.through.is_empty())
}

/// Information ends here.
fn is_missing(graph: &ForwardingGraph, node: NodeId) -> bool {
    graph.node(node).refuses == Some(Disposition::InsufficientInfo)
}

/// Nodes from which edges for such packets lead to one of `targets`.
fn leading(graph: &ForwardingGraph, targets: impl IntoIterator<Item = NodeId>, flow: Flow) -> Vec<bool> {
    let mut leading = vec![false; graph.node_count()];
    let mut left: Vec<NodeId> = targets.into_iter().collect();
    while let Some(node) = left.pop() {
        let Some(known) = leading.get_mut(node.index()) else { continue };
        if !std::mem::replace(known, true) {
            let edges = graph.incoming(node).iter().map(|&id| graph.edge(id));
            left.extend(
                edges.filter(|edge| edge.flow == Flow::Any || edge.flow == flow).map(|edge| edge.from),
            );
        }
    }
    leading
}

/// Where packets arrive that come back to whoever sends from `source`.
pub(super) fn home(graph: &ForwardingGraph, source: NodeId) -> BTreeSet<NodeId> {
    let own = graph.ends().iter().filter(|end| end.departs == Some(source));
    let arrivals = own.flat_map(|own| {
        let same = move |end: &&graph::FinishedEnd| own.world != World::Own && end.world == own.world;
        own.arrives.into_iter().chain(graph.ends().iter().filter(same).filter_map(|end| end.arrives))
    });
    arrivals.collect()
}
