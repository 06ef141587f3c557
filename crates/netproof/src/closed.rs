//! Why a question or a scope is closed: the controls that keep it so, and those that would have to be opened.

use std::collections::{BTreeMap, BTreeSet};

use graph::{ControlId, ControlKind, EdgeId, Effort, ForwardingGraph, NodeId, Obstacle};
use headerspace::Match;
use search::{Answer, Closed, Engine, Outcome, PathQuery, Sets, Through, Witness};

use crate::{
    Analysis, Answered, AskedScope, Judge, Question, Reason, Verdict,
    report::{ScopeVerdict, short},
};

/// Puts questions to a graph in which some controls are open, for one who knows only the graph as it is.
struct Elsewhere<E> {
    engine: E,
    through: Vec<Through>,
    /// What nothing got through for.
    closed: Vec<PathQuery>,
}

impl<E> Elsewhere<E> {
    fn new(engine: E) -> Self {
        Self { engine, through: Vec::new(), closed: Vec::new() }
    }
}

/// Where much is open there are very many ways; what takes more steps than this is not known.
const MOST_STEPS: u64 = 1_000_000;

/// The packet-set engine, made anew for every query.
struct Anew<'g>(&'g ForwardingGraph);

impl Anew<'_> {
    fn engine(&self, query: &PathQuery) -> Sets<'_> {
        Sets::for_query(self.0, query).with_limit(MOST_STEPS)
    }
}

impl Engine for Anew<'_> {
    fn answer(&mut self, query: &PathQuery) -> Answer {
        self.engine(query).answer(query)
    }
}

/// Of the controls that are shut, those that it takes to keep these queries closed while others are open, as far as a
/// solver can tell.
#[cfg_attr(not(feature = "z3"), expect(unused_variables, reason = "there is no solver"))]
fn core(
    graph: &ForwardingGraph,
    queries: &[PathQuery],
    open: &BTreeSet<ControlId>,
    shut: &BTreeSet<ControlId>,
) -> BTreeSet<ControlId> {
    #[cfg(feature = "z3")]
    let core = queries.iter().flat_map(|query| search::unsat_core(graph, query, open, shut)).collect();
    #[cfg(not(feature = "z3"))]
    let core = shut.clone();
    core
}

impl<E: Engine> Engine for Elsewhere<E> {
    fn answer(&mut self, query: &PathQuery) -> Answer {
        let answer = self.engine.answer(query);
        match Outcome::from(answer.clone()) {
            Outcome::Through(through) => self.through.push(through),
            // Where packets stop has names in the other graph alone.
            Outcome::Nothing => {
                self.closed.push(query.clone());
                return Answer::Unreachable(Vec::new());
            }
            Outcome::Unknown => {}
        }
        answer
    }
}

/// A change counts so much, whatever it is; what is below makes one preferred to another.
const CHANGE: u64 = 10_000;

/// How dear it is to open a control: fewer changes before more, rules of groups before entries of lists, those before
/// rules of firewalls, those before routes, and these before what takes more than an edit; what few share before what many
/// do. One repair goes before two edits, unless it changes whose packet it is.
fn prices(graph: &ForwardingGraph) -> impl Fn(ControlId) -> u64 {
    let mut places = BTreeMap::<ControlId, u64>::new();
    for opening in graph.openings() {
        *places.entry(opening.control).or_default() += 1;
    }
    let kinds: Vec<u64> = graph
        .controls()
        .iter()
        .map(|control| {
            let of = graph.find(&control.resource).map_or("", |id| graph.resource(id).kind.as_str());
            match &control.kind {
                ControlKind::NoRule(_) if of == "AWS::EC2::SecurityGroup" => 0,
                ControlKind::NoRule(_) | ControlKind::Refusal(_) if of == "AWS::EC2::NetworkAcl" => 100,
                // A way through something else than a gateway is another way.
                ControlKind::NoRoute(target) if target.starts_with("eni-") || target.starts_with("i-") => 400,
                ControlKind::NoRoute(_) => 200,
                ControlKind::NoAssociation(_) => 300,
                ControlKind::NoPublicAddress => 500,
                ControlKind::Setting(_) => 600,
                // Rather than to lead packets past a firewall.
                ControlKind::NoRule(_) | ControlKind::Refusal(_) => 150,
                ControlKind::NoAttachment => 4_000,
                ControlKind::Obstacle(Obstacle::Address, _) if of == "AWS::EC2::NatGateway" => 4_000,
                ControlKind::Obstacle(obstacle, _) => match obstacle {
                    Obstacle::State
                    | Obstacle::Targets
                    | Obstacle::Listener
                    | Obstacle::Zone
                    | Obstacle::CrossZone
                    | Obstacle::Protocol
                    | Obstacle::Port => 4_000,
                    // What nobody asked for: that addresses were others than they are.
                    Obstacle::Check | Obstacle::Address | Obstacle::Impostor => 50_000,
                },
            }
        })
        .collect();
    move |id| {
        let shared = places.get(&id).copied().unwrap_or_default().min(99);
        CHANGE + kinds.get(id.index()).copied().unwrap_or_default() + shared
    }
}

/// The same prices, but so that no edits are dearer than what is none.
fn edits_first(graph: &ForwardingGraph, price: impl Fn(ControlId) -> u64) -> impl Fn(ControlId) -> u64 {
    const DEARER: u64 = 1 << 32;
    move |id| {
        let dearer = graph.control(id).kind.effort() == Effort::Repair;
        price(id) + if dearer { DEARER } else { 0 }
    }
}

impl Analysis {
    /// Which controls keep a question closed to which the answer is "unreachable", and which would open it.
    ///
    /// Cost: the question, on a copy of the graph, for every control that is looked at.
    pub fn why_closed(&self, question: &Question) -> Closed {
        let graph = self.openable();
        search::closed(
            graph,
            prices(graph),
            |graph| self.outcome(graph, question),
            |open, shut| self.core(question, open, shut),
        )
    }

    /// The cheapest edits that open a question for certain and that `accept` does not object to.
    pub(crate) fn cheapest_opening<T>(
        &self,
        question: &Question,
        accept: impl FnMut(&[ControlId], &Through) -> Result<T, BTreeSet<ControlId>>,
    ) -> Option<T> {
        let graph = self.openable();
        search::cheapest_opening(
            graph,
            prices(graph),
            |graph| self.outcome(graph, question),
            |open, shut| self.core(question, open, shut),
            accept,
        )
    }

    /// Of the controls that are shut, those that it takes to keep a question closed.
    fn core(
        &self,
        question: &Question,
        open: &BTreeSet<ControlId>,
        shut: &BTreeSet<ControlId>,
    ) -> BTreeSet<ControlId> {
        let graph = self.openable();
        let closed = graph.opened(|id| open.contains(&id));
        let mut engine = Elsewhere::new(Anew(&closed));
        self.answer_with(&mut engine, question);
        core(graph, &engine.closed, open, shut)
    }

    /// What a question comes to on `graph`: the [openable](Self::openable) one with some controls open. Very long searches
    /// are given up as unknown.
    pub fn outcome(&self, graph: &ForwardingGraph, question: &Question) -> Outcome {
        let mut engine = Elsewhere::new(Anew(graph));
        let answered = self.answer_with(&mut engine, question);
        // Of what got through on the way to an answer, only that counts which is shown.
        let edges_of = |witness: &Witness| -> Vec<EdgeId> {
            let back = witness.back.iter().flat_map(|back| &back.hops);
            witness.forward.hops.iter().chain(back).map(|hop| hop.edge).collect()
        };
        let shown = answered.witness.iter().chain(&answered.onward);
        let shown: Vec<_> = shown.map(|witness| (witness.forward.packet, edges_of(witness))).collect();
        engine.through.retain(|through| {
            shown.iter().any(|(packet, edges)| *packet == through.packet && *edges == through.edges)
        });
        let edges = engine.through.iter().flat_map(|through| through.edges.clone()).collect();
        let ways = engine.through.iter().flat_map(|through| through.ways.clone()).collect();
        match (answered.verdict, answered.witness) {
            (Verdict::Reachable, Some(witness)) => Outcome::Through(Through {
                packet: witness.forward.packet,
                headers: witness.headers,
                // The way around through the internet consists of two.
                edges,
                ways,
            }),
            (Verdict::Unreachable, _) => Outcome::Nothing,
            (Verdict::Reachable | Verdict::Unknown, _) => Outcome::Unknown,
        }
    }

    /// A control in words, with its place.
    pub fn control(&self, id: ControlId) -> Reason {
        let (graph, control) = (self.graph(), self.openable().control(id));
        let name = graph.find(&control.resource).and_then(|id| graph.resource(id).name());
        let id = short(control.resource.id());
        let resource = name.map_or_else(|| id.to_owned(), |name| format!("{id} ({name})"));
        Reason { text: format!("{resource} {}", control.kind), location: self.locate_control(control) }
    }

    /// The graph in which everything is open but what keeps a question closed.
    #[cfg(feature = "z3")]
    fn closed_by_these(&self, kept: &search::Kept) -> ForwardingGraph {
        let graph = self.openable();
        let fixed = |id| graph.control(id).kind.effort() > kept.effort;
        graph.opened(|id| !kept.controls.contains(&id) && !fixed(id))
    }

    /// Which controls keep a scope clean that has no findings and no unknowns, and which would give it one.
    ///
    /// Cost: the scope, on a copy of the graph, for every control that is looked at.
    pub fn why_clean(&self, asked: &AskedScope) -> Closed {
        let idle = |query: &PathQuery| query.sources.is_empty() || query.destinations.is_empty();
        if asked.result.queries.iter().all(idle) {
            return Closed::NoEnds;
        }
        let (graph, queries) = (self.openable(), &asked.result.queries);
        search::closed(
            graph,
            // Of many ends, one change is as good as another: to prefer some takes many more questions.
            edits_first(graph, |_| CHANGE),
            |graph| first_path(graph, queries),
            |open, shut| core(graph, queries, open, shut),
        )
    }

    /// What a scope that was asked comes to on `graph`: the [openable](Self::openable) one with some controls open.
    pub fn scope_outcome(&self, graph: &ForwardingGraph, asked: &AskedScope) -> Outcome {
        first_path(graph, &asked.result.queries)
    }
}

impl Judge<'_> {
    /// Adds to the answer "unreachable" what keeps it so; `name` is what the question is called. That this is enough to
    /// keep it so is a verdict of its own, which is confirmed like others.
    pub fn explain(&mut self, name: &str, question: &Question, answered: &mut Answered) {
        if answered.verdict != Verdict::Unreachable {
            return;
        }
        let analysis = self.analysis();
        let closed = analysis.why_closed(question);
        #[cfg(feature = "z3")]
        if let Closed::By(kept) = &closed
            && self.certifies()
        {
            let graph = analysis.closed_by_these(kept);
            let mut engine = Elsewhere::new(Anew(&graph));
            analysis.answer_with(&mut engine, question);
            let absent = engine.closed.iter().map(|query| nothing(&graph, query));
            self.confirmed(&format!("{name}: what keeps it closed"), &absent.collect::<Vec<_>>());
        }
        let _ = name;
        answered.closed = Some(closed);
    }

    /// The same for a scope that is clean.
    pub fn explain_clean(&mut self, asked: &mut AskedScope) {
        if asked.verdict() != ScopeVerdict::Clean {
            return;
        }
        let analysis = self.analysis();
        let closed = analysis.why_clean(asked);
        #[cfg(feature = "z3")]
        if let Closed::By(kept) = &closed
            && self.certifies()
        {
            let graph = analysis.closed_by_these(kept);
            let queries = asked.result.queries.iter();
            let absent: Vec<_> = queries.map(|query| nothing(&graph, query)).collect();
            self.confirmed(&format!("{}: what keeps it clean", asked.scope.name), &absent);
        }
        asked.closed = Some(closed);
    }
}

/// Proves by induction that nothing gets through, or else by following every way: not all that is left out can be told
/// from a bound.
#[cfg(feature = "z3")]
fn nothing(graph: &ForwardingGraph, query: &PathQuery) -> search::Certificate {
    match search::certify_nothing(graph, query) {
        search::Certificate::Open(_) => search::certify_absence(graph, query),
        other => other,
    }
}

/// So many paths from resources to themselves are passed over.
const MOST_PATHS: usize = 16;

/// The first path of any of the queries.
fn first_path(graph: &ForwardingGraph, queries: &[PathQuery]) -> Outcome {
    let engine = Anew(graph);
    let resource = |node: NodeId| graph.node(node).resource;
    let mut known = true;
    for query in queries {
        let paths = engine.engine(query).paths(&PathQuery { most: MOST_PATHS, ..query.clone() });
        known &= paths.doubts.is_empty() && !paths.truncated;
        // Nobody needs the network to reach themselves.
        let mut others =
            paths.found.iter().filter(|path| resource(path.source) != resource(path.destination));
        if let Some(path) = others.next() {
            let headers = Match::any_of(path.tracks.iter().map(|track| track.first.to_header_match()));
            let packet = path.tracks.first().and_then(|track| track.first.least());
            let Some(packet) = packet else { return Outcome::Unknown };
            return Outcome::Through(Through {
                packet,
                headers,
                edges: path.edges.clone(),
                ways: Vec::new(),
            });
        }
    }
    if known { Outcome::Nothing } else { Outcome::Unknown }
}
