//! Who reaches whom with which packets, in one snapshot, as far as a difference needs it.

use std::collections::{BTreeMap, BTreeSet};

use graph::{FinishedEnd, ForwardingGraph, NodeId, ResourceKey, World};
use headerspace::{Field, HeaderSpace, Match, PacketSet, Ranges};
use scope::selection::public;
use search::{Changes, FoundPath, PathQuery, Replies, Sets};

use crate::Analysis;

/// Which packets of a conversation are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sent {
    /// All of them: nothing in either network tells them apart.
    Any,
    /// The first one, which opens the conversation.
    Opening,
    /// Those that carry data.
    Data,
}

impl Sent {
    /// What tells such packets from others.
    fn packets(self) -> Match {
        match self {
            Self::Any => Match::All,
            Self::Opening => Match::In(Field::Phase, Ranges::single(0)),
            Self::Data => Match::In(Field::Phase, Ranges::single(1)),
        }
    }

    /// What has to be asked apart.
    pub(super) fn all(graphs: [&ForwardingGraph; 2]) -> &'static [Self] {
        let told = |graph: &ForwardingGraph| graph.guards().iter().any(tells_phases_apart);
        if graphs.into_iter().any(told) { &[Self::Opening, Self::Data] } else { &[Self::Any] }
    }
}

fn tells_phases_apart(term: &Match) -> bool {
    match term {
        Match::All => false,
        Match::In(field, _) => *field == Field::Phase,
        Match::Not(inner) => tells_phases_apart(inner),
        Match::AllOf(parts) | Match::AnyOf(parts) => parts.iter().any(tells_phases_apart),
    }
}

/// Where packets start or arrive: the same one in both snapshots if it is the same port of the same resource.
pub(super) type Place = (ResourceKey, String);

/// Source and destination.
pub(super) type Pair = (Place, Place);

/// One of the two snapshots, ready to be asked.
#[derive(Debug)]
pub(super) struct Side<'a> {
    pub(super) analysis: &'a Analysis,
    pub(super) graph: &'a ForwardingGraph,
    engine: Sets<'a>,
    places: BTreeMap<Place, NodeId>,
}

impl<'a> Side<'a> {
    pub(super) fn new(analysis: &'a Analysis) -> Self {
        let graph = analysis.graph();
        let ends = graph.ends().iter().flat_map(|end| [end.departs, end.arrives]).flatten();
        let places = ends.filter_map(|node| Some((place(graph, node)?, node))).collect();
        Self { analysis, graph, engine: analysis.engine(), places }
    }

    /// The node of an end.
    pub(super) fn node(&self, place: &Place) -> Option<NodeId> {
        self.places.get(place).copied()
    }

    /// All paths past `changes`, at most `most` of them, and whether these are all.
    pub(super) fn past(&self, changes: &Changes, sent: Sent, most: usize) -> (Reach, bool) {
        let mut reach = Reach::default();
        let mut whole = true;
        for query in self.queries(sent, |_| true, |_| true) {
            let most = most.saturating_sub(reach.paths);
            let paths = self.engine.paths_past(&PathQuery { most, ..query }, changes);
            whole &= !paths.truncated;
            reach.add(self.graph, paths.found);
        }
        (reach, whole)
    }

    /// All paths between some pairs of ends.
    pub(super) fn between(&self, pairs: &BTreeSet<&Pair>, sent: Sent) -> Reach {
        let mut reach = Reach::default();
        for (sources, destinations) in products(pairs) {
            let is = |places: &BTreeSet<&Place>, node: Option<NodeId>| {
                node.and_then(|node| place(self.graph, node)).is_some_and(|place| places.contains(&place))
            };
            let from = |end: &FinishedEnd| is(&sources, end.departs);
            let to = |end: &FinishedEnd| is(&destinations, end.arrives);
            for query in self.queries(sent, from, to) {
                reach.add(self.graph, self.engine.paths_past(&query, &anything(&query)).found);
            }
        }
        reach
    }

    /// What in the snapshot keeps it from telling everything: with the number of sources that it matters to.
    pub(super) fn doubts(&self) -> Vec<search::Doubt> {
        let queries = self.queries(Sent::Any, |_| true, |_| true);
        queries.into_iter().flat_map(|query| self.engine.doubts(&query)).collect()
    }

    /// The question from and to all these ends, in parts: who is on the internet has public addresses.
    fn queries(
        &self,
        sent: Sent,
        from: impl Fn(&FinishedEnd) -> bool,
        to: impl Fn(&FinishedEnd) -> bool,
    ) -> Vec<PathQuery> {
        let mut queries = Vec::new();
        for source in [World::Own, World::Internet] {
            for destination in [World::Own, World::Internet] {
                let ends = |world, wanted: &dyn Fn(&FinishedEnd) -> bool| -> Vec<&FinishedEnd> {
                    let ends = self.graph.ends().iter();
                    ends.filter(|end| end.world == world && wanted(end)).collect()
                };
                let (sources, destinations) = (ends(source, &from), ends(destination, &to));
                let of = |world, field| if world == World::Internet { public(field) } else { Match::All };
                let query = PathQuery {
                    at_source: Match::all_of([sent.packets(), of(source, Field::SrcIp)]),
                    at_destination: of(destination, Field::DstIp),
                    perhaps: scope::perhaps(self.graph, &destinations),
                    ..PathQuery::between(
                        crate::question::departing(&sources),
                        crate::question::arriving(&destinations),
                    )
                };
                if !query.sources.is_empty() && !query.destinations.is_empty() {
                    queries.push(query);
                }
            }
        }
        queries
    }
}

/// Changes that every path of a question is past.
fn anything(query: &PathQuery) -> Changes {
    let opening = query.sources.iter().map(|&source| (source, Match::All)).collect();
    Changes { opening, reply: Vec::new() }
}

pub(super) fn place(graph: &ForwardingGraph, node: NodeId) -> Option<Place> {
    let node = graph.node(node);
    Some((graph.key(node.resource?).clone(), node.port.clone()))
}

/// Pairs as products of sources and destinations, few of them: sources with the same destinations go together. That
/// nobody is asked about reaching themselves keeps none apart.
fn products<'p>(pairs: &BTreeSet<&'p Pair>) -> Vec<(BTreeSet<&'p Place>, BTreeSet<&'p Place>)> {
    let mut by_source = BTreeMap::<&Place, BTreeSet<&Place>>::new();
    for (source, destination) in pairs {
        by_source.entry(source).or_default().insert(destination);
    }
    let all: BTreeSet<&Place> = by_source.values().flatten().copied().collect();
    let mut products = BTreeMap::<BTreeSet<&Place>, BTreeSet<&Place>>::new();
    for (source, mut destinations) in by_source {
        let own = all.range::<Place, _>((source.0.clone(), String::new())..);
        destinations.extend(own.copied().take_while(|place| place.0 == source.0));
        products.entry(destinations).or_default().insert(source);
    }
    products.into_iter().map(|(destinations, sources)| (sources, destinations)).collect()
}

/// Paths by their ends.
#[derive(Debug, Default)]
pub(super) struct Reach {
    pub(super) by_pair: BTreeMap<Pair, Vec<FoundPath>>,
    paths: usize,
}

impl Reach {
    fn add(&mut self, graph: &ForwardingGraph, found: Vec<FoundPath>) {
        for path in found {
            let ends = place(graph, path.source).zip(place(graph, path.destination));
            // Nobody needs the network to reach themselves.
            let Some(pair) = ends.filter(|(source, destination)| source.0 != destination.0) else { continue };
            self.paths += 1;
            self.by_pair.entry(pair).or_default().push(path);
        }
    }

    pub(super) fn of(&self, pair: &Pair) -> &[FoundPath] {
        self.by_pair.get(pair).map_or(&[], Vec::as_slice)
    }
}

/// What gets through on some paths, and of that what is answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Through {
    pub(super) forward: PacketSet,
    pub(super) answered: PacketSet,
}

impl Through {
    pub(super) fn of(paths: &[FoundPath], space: &mut HeaderSpace) -> Self {
        let (mut forward, mut answered) = (Vec::new(), Vec::new());
        for path in paths {
            let through = Self::by(path, space);
            forward.push(through.forward);
            answered.push(through.answered);
        }
        Self { forward: space.any_of(forward), answered: space.any_of(answered) }
    }

    /// By one path.
    pub(super) fn by(path: &FoundPath, space: &mut HeaderSpace) -> Self {
        let firsts: Vec<PacketSet> = path.tracks.iter().map(|track| space.from_block(&track.first)).collect();
        let forward = space.any_of(firsts);
        let answered = match &path.replies {
            Replies::All => forward,
            Replies::Some(headers) => {
                let headers = space.compile(headers);
                space.and(forward, headers)
            }
            Replies::None | Replies::Unknown(_) | Replies::NotAsked => space.empty(),
        };
        Self { forward, answered }
    }
}
