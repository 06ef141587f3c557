//! Certificates: what another engine says, confirmed by Z3 on its own account.

use std::sync::Mutex;

use graph::{Choice, EdgeId, Flow, ForwardingGraph, NodeId, Session, replay};
use headerspace::{Match, Packet};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    LIMIT, MOST_CHECKS, WORK_LIMIT,
    explore::{Found, Outcome, Search, Taken, asked, asks_what_is_passed, passed},
    formula::{Choices, Formula, Header, Value},
    shape::Shape,
    terms::{Conditions, Judged},
    witness,
};
use crate::{Answer, FoundPath, PathQuery, Witness};

/// Whether Z3 agrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificate {
    /// It does.
    Certified,
    /// It could not tell, for this reason.
    Open(&'static str),
    /// It does not: a defect of one of the engines.
    Refuted(String),
}

/// What came of certifying many paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificates {
    /// One for each path, in their order.
    pub each: Vec<Certificate>,
    /// How many of them differ by more than values that nothing tells apart.
    pub distinct: usize,
}

/// The first path of each shape.
type Shapes = FxHashMap<Box<[u32]>, usize>;

/// Certifies paths and answers of one graph, and remembers what it has proved of paths. Belongs to one thread.
#[derive(Debug)]
pub struct Certifier<'g> {
    graph: &'g ForwardingGraph,
    /// For answers.
    conditions: Conditions,
    /// Shapes of claims that were certified.
    proved: FxHashSet<Box<[u32]>>,
}

/// Paths looked at together: their number is the same whatever the number of threads.
const CHUNK: usize = 1_024;

impl<'g> Certifier<'g> {
    /// A certifier for paths of `graph` that has proved nothing yet.
    pub fn new(graph: &'g ForwardingGraph) -> Self {
        Self { graph, conditions: Conditions::new(LIMIT), proved: FxHashSet::default() }
    }

    /// Confirms that each path of `paths`, found for `query`, holds exactly the packets that can go that way: a witness
    /// is replayed, and Z3 proves that no packet is missing and none too many. Paths that only differ by values that
    /// nothing tells apart are certified once.
    ///
    /// Cost: one look at every rule beside each path, and two checks for each path unlike all before. Works on all of
    /// rayon's threads; the result does not depend on their number.
    pub fn paths(&mut self, query: &PathQuery, paths: &[&FoundPath]) -> Certificates {
        let (firsts, stands) = sorted(self.graph, query, paths);
        let mut proved: FxHashSet<usize> = FxHashSet::default();
        let mut shapes: FxHashMap<usize, Box<[u32]>> = FxHashMap::default();
        let mut firsts: Vec<(Box<[u32]>, usize)> = firsts.into_iter().collect();
        firsts.sort_unstable_by_key(|(_, index)| *index);
        for (shape, index) in firsts {
            if self.proved.contains(&shape) {
                proved.insert(index);
            } else {
                shapes.insert(index, shape);
            }
        }
        let mut distinct: Vec<usize> =
            stands.iter().copied().flatten().filter(|index| !proved.contains(index)).collect();
        distinct.sort_unstable();
        distinct.dedup();
        // Solvers belong to threads: each chunk has one.
        let graph = self.graph;
        let judged: Vec<Certificate> = distinct
            .par_chunks(64)
            .flat_map_iter(|chunk| {
                let (mut legs, mut conditions) = (Legs::new(graph), Conditions::new(LIMIT));
                let one = |&index: &usize| match paths.get(index) {
                    Some(path) => legs.certify(query, path, &mut conditions),
                    None => Certificate::Open("no such path"),
                };
                chunk.iter().map(one).collect::<Vec<_>>()
            })
            .collect();
        for (index, certificate) in distinct.iter().zip(&judged) {
            if *certificate == Certificate::Certified {
                self.proved.extend(shapes.remove(index));
            }
        }
        let judged: FxHashMap<usize, &Certificate> = distinct.iter().copied().zip(&judged).collect();
        let each = stands.iter().map(|first| match first {
            None => Certificate::Open("a translator's choice is compared with a field"),
            Some(first) => {
                judged.get(first).map_or(Certificate::Certified, |&certificate| certificate.clone())
            }
        });
        Certificates { each: each.collect(), distinct: distinct.len() }
    }

    /// Confirms the answer to `query` by asking Z3 the same: that no packet gets through, or that the witness does and
    /// that its headers are exactly those that can go its way, and whose replies get back.
    ///
    /// An unknown answer claims nothing and needs no certificate: `None`.
    pub fn answer(&mut self, query: &PathQuery, answer: &Answer) -> Option<Certificate> {
        match answer {
            Answer::Unknown(_) => None,
            Answer::Unreachable(_) => {
                let mut search = Search::new(self.graph, query, &mut self.conditions, MOST_CHECKS);
                search.run();
                Some(absence(self.graph, search.outcome()))
            }
            Answer::Reachable(witness) => {
                Some(certify_witness(self.graph, query, witness, &mut self.conditions))
            }
        }
    }
}

/// The first path of each shape, and for each path the first of its shape; `None` if it has no claim.
fn sorted(graph: &ForwardingGraph, query: &PathQuery, paths: &[&FoundPath]) -> (Shapes, Vec<Option<usize>>) {
    let parts: Vec<(Shapes, Vec<Option<usize>>)> = paths
        .par_chunks(CHUNK)
        .enumerate()
        .map(|(chunk, paths)| {
            let mut legs = Legs::new(graph);
            let mut shape = Shape::default();
            let mut known = Shapes::default();
            let of = |(at, path): (usize, &&FoundPath)| {
                let index = chunk * CHUNK + at;
                let claim = legs.claim(query, path)?;
                if !shape.of([&claim.passing, &claim.printed].into_iter()) {
                    return Some(index);
                }
                if let Some(&same) = known.get(shape.tokens.as_slice()) {
                    return Some(same);
                }
                known.insert(shape.tokens.as_slice().into(), index);
                Some(index)
            };
            let each = paths.iter().enumerate().map(of).collect();
            (known, each)
        })
        .collect();
    let mut firsts = Shapes::default();
    let mut stands = Vec::with_capacity(paths.len());
    for (known, each) in parts {
        let mut moved = FxHashMap::<usize, usize>::default();
        let mut known: Vec<(Box<[u32]>, usize)> = known.into_iter().collect();
        known.sort_unstable_by_key(|(_, index)| *index);
        for (shape, index) in known {
            moved.insert(index, *firsts.entry(shape).or_insert(index));
        }
        stands.extend(each.into_iter().map(|one| one.map(|one| moved.get(&one).copied().unwrap_or(one))));
    }
    (firsts, stands)
}

/// Confirms that no packet of `query` gets through, certainly or perhaps, from one resource to another.
///
/// Every way that edges allow is followed as far as Z3 finds a packet for it; lists of conditions that only differ by
/// values that nothing tells apart are decided once. Works on all of rayon's threads.
pub fn certify_absence(graph: &ForwardingGraph, query: &PathQuery) -> Certificate {
    let first = Mutex::new(None::<(usize, Certificate)>);
    query.sources.par_chunks(64).enumerate().for_each(|(chunk, sources)| {
        let known = |first: &Option<(usize, Certificate)>| first.as_ref().is_some_and(|(at, _)| *at < chunk);
        if first.lock().is_ok_and(|first| known(&first)) {
            return;
        }
        let part = PathQuery { sources: sources.to_vec(), ..query.clone() };
        let certificate = deep(|| {
            let mut conditions = Conditions::by_shape(LIMIT);
            let mut search = Search::new(graph, &part, &mut conditions, MOST_CHECKS).for_others();
            search.run();
            absence(graph, search.outcome())
        });
        let certificate = certificate.unwrap_or(Certificate::Open("there is no memory for another thread"));
        if certificate != Certificate::Certified
            && let Ok(mut first) = first.lock()
            && first.as_ref().is_none_or(|(at, _)| chunk < *at)
        {
            *first = Some((chunk, certificate));
        }
    });
    first.into_inner().ok().flatten().map_or(Certificate::Certified, |(_, certificate)| certificate)
}

/// Does `work` on a thread that is deep enough for the longest way, which threads of a pool need not be.
fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        thread.ok()?.join().ok()
    })
}

/// Bytes of stack for a way of [`LONGEST_WAY`](graph::LONGEST_WAY) there and one back.
const STACK: usize = 64 << 20;

fn absence(graph: &ForwardingGraph, outcome: Outcome) -> Certificate {
    if let Some(Found { source, destination, example, .. }) = outcome.found {
        let packet = example.at(&Header::sent());
        let [source, destination] = [source, destination].map(|node| graph.describe(node));
        return Certificate::Refuted(format!("{packet} gets through from {source} to {destination}"));
    }
    if outcome.gave_up {
        return Certificate::Open(WORK_LIMIT);
    }
    match outcome.doubts.first() {
        Some(why) => Certificate::Refuted(format!("something may get through: {}", why.cause.doubt())),
        None => Certificate::Certified,
    }
}

fn certify_witness(
    graph: &ForwardingGraph,
    query: &PathQuery,
    witness: &Witness,
    conditions: &mut Conditions,
) -> Certificate {
    let edges: Vec<EdgeId> = witness.forward.hops.iter().map(|hop| hop.edge).collect();
    let query = PathQuery {
        sources: vec![witness.path.source],
        destinations: vec![witness.path.destination],
        ..query.clone()
    };
    let mut search = Search::new(graph, &query, conditions, MOST_CHECKS).along(&edges);
    search.run();
    let Outcome { found, gave_up, values, .. } = search.outcome();
    if gave_up {
        return Certificate::Open(WORK_LIMIT);
    }
    let Some(found) = found else {
        return Certificate::Refuted(format!("nothing gets through the way of {}", witness.forward.packet));
    };
    let all = values.keys().copied().collect();
    let passing: Option<Vec<Formula>> =
        found.conditions.iter().map(|condition| condition.without(&all, &values)).collect();
    let Some(passing) = passing else {
        return Certificate::Open("a translator's choice is compared with a field");
    };
    if passing.iter().any(Formula::compares) {
        return Certificate::Open("fields are compared with each other");
    }
    let header = Header::sent();
    let printed =
        [&witness.headers, &query.at_source, &Match::well_formed()].map(|term| header.accepted_by(term));
    let claim = Claim {
        passing: Formula::any(passing),
        printed: Formula::all(printed),
        way: Vec::new(),
        choices: values,
    };
    let confirmed = witness::witness(graph, &found, &claim.choices, query.direction).is_some();
    match claim.compared(conditions) {
        Certificate::Certified if !confirmed => {
            Certificate::Refuted(format!("the walk does not confirm {}", found.example.at(&header)))
        }
        other => other,
    }
}

/// What is said of a path, and what is true of it.
struct Claim {
    /// Packets that can go that way.
    passing: Formula,
    /// Packets that are said to.
    printed: Formula,
    way: Vec<Taken>,
    choices: Choices,
}

impl Claim {
    /// Whether both are the same.
    fn compared(&self, conditions: &mut Conditions) -> Certificate {
        let differ = Formula::any([
            Formula::all([self.passing.clone(), self.printed.clone().not()]),
            Formula::all([self.printed.clone(), self.passing.clone().not()]),
        ]);
        match conditions.judge(&differ) {
            Judged::Never => Certificate::Certified,
            Judged::TooHard | Judged::Holds(None) => Certificate::Open(WORK_LIMIT),
            Judged::Holds(Some(example)) => {
                let packet = example.at(&Header::sent());
                let what = if self.passing.holds(&example) {
                    "can go this way, and is not among the packets of the path"
                } else {
                    "is among the packets of the path, and cannot go this way"
                };
                Certificate::Refuted(format!("{packet} {what}"))
            }
        }
    }
}

/// Rules beside a path: what each edge lets pass, by the rules before it.
struct Legs<'g> {
    graph: &'g ForwardingGraph,
    /// Edges of the same rule that do the same.
    alike: FxHashMap<EdgeId, Vec<EdgeId>>,
}

impl<'g> Legs<'g> {
    fn new(graph: &'g ForwardingGraph) -> Self {
        Self { graph, alike: FxHashMap::default() }
    }

    fn alike(&mut self, id: EdgeId) -> &[EdgeId] {
        let graph = self.graph;
        self.alike.entry(id).or_insert_with(|| {
            let edge = graph.edge(id);
            let same = |other: &EdgeId| {
                let other = graph.edge(*other);
                other.certain
                    && (other.flow == Flow::Any || other.flow == Flow::Opening)
                    && (other.to, &other.rewrite, other.restores, &other.cause)
                        == (edge.to, &edge.rewrite, edge.restores, &edge.cause)
            };
            graph.outgoing(edge.from).iter().copied().filter(same).collect()
        })
    }

    /// Packets that surely go by the rule of this edge.
    fn condition(&mut self, id: EdgeId, header: &Header) -> Formula {
        let graph = self.graph;
        let guard = |id: EdgeId| header.accepted_by(graph.guard(graph.edge(id).guard));
        let ordered = graph.node(graph.edge(id).from).choice == Choice::FirstMatch;
        let outgoing = graph.outgoing(graph.edge(id).from);
        let open = self.alike(id).iter().map(|&id| {
            let rank = graph.edge(id).rank;
            let before =
                outgoing.iter().copied().take_while(|&other| ordered && graph.edge(other).rank < rank);
            let before = before.filter(|&other| matches!(graph.edge(other).flow, Flow::Any | Flow::Opening));
            let taken = Formula::any(before.map(guard).collect::<Vec<_>>());
            Formula::all([guard(id), taken.not()])
        });
        Formula::any(open.collect::<Vec<_>>())
    }

    /// What `path` says, and what is true; `None` if that takes comparing a choice with a field.
    fn claim(&mut self, query: &PathQuery, path: &FoundPath) -> Option<Claim> {
        let graph = self.graph;
        let first = Header::sent();
        let mut header = first;
        let mut parts = vec![first.accepted_by(&Match::well_formed()), first.accepted_by(&query.at_source)];
        let mut choices = Choices::new();
        let mut way = Vec::with_capacity(path.edges.len());
        for &id in &path.edges {
            let edge = graph.edge(id);
            parts.push(self.condition(id, &header));
            let after = header.rewritten(&edge.rewrite, |_, values| {
                let number = u32::try_from(choices.len()).unwrap_or(u32::MAX);
                choices.insert(number, values.clone());
                if !values.is_empty() {
                    parts.push(Formula::In(Value::Chosen(number), values.clone()));
                }
                Value::Chosen(number)
            });
            way.push(Taken { from: edge.from, edges: vec![id], before: header, after });
            header = after;
        }
        let ends: (NodeId, NodeId) = (path.source, path.destination);
        let passed = if asks_what_is_passed(query) {
            passed(graph, path.edges.iter().copied(), Some(ends))
        } else {
            std::collections::BTreeSet::new()
        };
        parts.push(asked(query, ends, &passed, &header).unwrap_or(Formula::FALSE));
        let mut passing = Formula::all(parts);
        if !choices.is_empty() {
            passing = passing.without(&choices.keys().copied().collect(), &choices)?;
        }
        let printed = path.tracks.iter().map(|track| first.accepted_by(&track.first.to_match()));
        Some(Claim { passing, printed: Formula::any(printed.collect::<Vec<_>>()), way, choices })
    }

    /// Compares the claim of a path with the truth, and replays a packet of it.
    fn certify(&mut self, query: &PathQuery, path: &FoundPath, conditions: &mut Conditions) -> Certificate {
        let Some(claim) = self.claim(query, path) else {
            return Certificate::Open("a translator's choice is compared with a field");
        };
        let judged = conditions.judge(&claim.printed);
        let Judged::Holds(Some(example)) = judged else {
            return match judged {
                Judged::Never => Certificate::Refuted("no packet is on this path".to_owned()),
                Judged::TooHard | Judged::Holds(_) => Certificate::Open(WORK_LIMIT),
            };
        };
        let compared = claim.compared(conditions);
        if compared != Certificate::Certified {
            return compared;
        }
        let packet = example.at(&Header::sent());
        if self.walks(path, &claim, packet, conditions) {
            Certificate::Certified
        } else {
            Certificate::Refuted(format!("{packet} does not go this way when it is walked"))
        }
    }

    /// Whether `packet` goes the way of the path for some choice of the translators.
    fn walks(
        &mut self,
        path: &FoundPath,
        claim: &Claim,
        packet: Packet,
        conditions: &mut Conditions,
    ) -> bool {
        let graph = self.graph;
        let example = if claim.choices.is_empty() {
            super::formula::Example { sent: packet, chosen: Vec::new() }
        } else {
            // What they choose, Z3 says as well.
            let parts =
                claim.way.iter().zip(&path.edges).map(|(taken, &id)| self.condition(id, &taken.before));
            let is = |field| Match::In(field, headerspace::Ranges::single(packet.get(field)));
            let exact = Header::sent().accepted_by(&Match::all_of(headerspace::Field::HEADER.map(is)));
            let chosen = claim.choices.iter();
            let chosen = chosen.map(|(&number, values)| Formula::In(Value::Chosen(number), values.clone()));
            let all: Vec<Formula> = parts.chain(chosen).chain([exact]).collect();
            conditions.terms.know(claim.choices.len());
            let judged = conditions.push(&Formula::all(all));
            conditions.pop();
            let Judged::Holds(Some(example)) = judged else { return false };
            super::formula::Example { sent: packet, chosen: example.chosen.clone() }
        };
        let hops = witness::hops(graph, &claim.way, &example, Session::Opening, |id| self.alike(id).to_vec());
        let replayed = hops.map(|hops| replay(graph, path.source, packet, &hops, Session::Opening));
        replayed.is_some_and(|trace| trace.is_ok_and(|trace| trace.certain && trace.end == path.destination))
    }
}
