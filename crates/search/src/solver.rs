//! The Z3 engine: follows packets step by step and asks an SMT solver at each whether any packet is left.
//!
//! It reads the same terms as the packet-set engine and shares nothing else with it: no algebra, no order of nodes, no
//! preparation. A header on its way is described in terms of the packet as it was sent ([`formula`]); every edge adds a
//! condition to one long-lived solver, and going back takes it away again ([`terms`]). What packets can do at a node is
//! worked out for each header once ([`steps`]). A way that is found becomes a witness and is replayed ([`witness`]).

mod certify;
mod explore;
mod finite;
mod formula;
mod inductive;
mod shape;
mod steps;
mod terms;
mod witness;

use graph::{Cause, EdgeId, ForwardingGraph, NodeId, Session, Trace, walk};
use headerspace::{Match, Packet};

pub use self::{
    certify::{Certificate, Certificates, Certifier, certify_absence},
    finite::{Condition, FiniteSolver},
    inductive::{certify_nothing, unsat_core},
};
use self::{
    explore::{Found, Search},
    formula::Header,
};
use crate::{Answer, Blocked, Doubt, Engine, PathQuery, Paths, Why, Witness, Work};

/// The Z3 engine for one graph. Slower than [`Sets`](crate::Sets), and independent of it.
///
/// Witnesses are those of the way that is found first; `headers` holds the packets of that way, and only the packet
/// itself where values are compared with each other.
#[derive(Debug)]
pub struct Z3<'g> {
    graph: &'g ForwardingGraph,
    conditions: terms::Conditions,
    most_checks: u64,
}

/// What is said where a work limit was reached.
pub const WORK_LIMIT: &str = "the solver's work limit was reached";

/// What one check may cost, in Z3's units of work. Everyday ones take some thousands.
const LIMIT: u32 = 50_000_000;
/// How often the solver is asked for one question.
const MOST_CHECKS: u64 = 200_000;

impl<'g> Z3<'g> {
    /// An engine for `graph`, with limits that everyday questions do not reach.
    pub fn new(graph: &'g ForwardingGraph) -> Self {
        Self { graph, conditions: terms::Conditions::new(LIMIT), most_checks: MOST_CHECKS }
    }

    /// The same with other limits: `limit` units of Z3's work for one check, and `most_checks` checks for one question.
    /// Beyond them the answer is [`Answer::Unknown`] unless a packet was found before.
    #[must_use]
    pub fn with_limits(mut self, limit: u32, most_checks: u64) -> Self {
        (self.conditions, self.most_checks) = (terms::Conditions::new(limit), most_checks);
        self
    }

    /// How often the solver was asked so far.
    pub fn checks(&self) -> u64 {
        self.conditions.checks
    }

    /// The version of the solver that is linked, such as `4.8.12`.
    pub fn version() -> String {
        let text = z3::full_version().trim_start_matches("Z3 ");
        let numbers = text.split(|c: char| c.is_whitespace() || c == '.');
        numbers.take(3).collect::<Vec<_>>().join(".")
    }
}

/// Z3 asked about terms alone: is there a packet that a term accepts? Belongs to one thread.
///
/// ```
/// use headerspace::Match;
/// use search::{Proof, Prover};
///
/// let mut prover = Prover::new();
/// let both = Match::all_of([Match::protocol(6), Match::protocol(17)]);
/// assert_eq!(prover.some_packet(&both), Proof::None);
/// ```
#[derive(Debug)]
pub struct Prover {
    conditions: terms::Conditions,
}

/// What Z3 says of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// No well-formed packet is accepted.
    None,
    /// This one is.
    Packet(Packet),
    /// The work limit was reached.
    GaveUp,
}

impl Default for Prover {
    fn default() -> Self {
        Self::new()
    }
}

impl Prover {
    /// A prover with a limit that everyday terms do not reach.
    pub fn new() -> Self {
        Self { conditions: terms::Conditions::new(LIMIT) }
    }

    /// A well-formed packet that `term` accepts, if there is one. Cost: one check.
    pub fn some_packet(&mut self, term: &Match) -> Proof {
        let header = Header::unsent();
        let parts = [header.accepted_by(&Match::well_formed()), header.accepted_by(term)];
        let judged = self.conditions.push(&formula::Formula::all(parts));
        self.conditions.pop();
        match judged {
            terms::Judged::Holds(Some(example)) => Proof::Packet(example.at(&header)),
            terms::Judged::Never => Proof::None,
            terms::Judged::Holds(None) | terms::Judged::TooHard => Proof::GaveUp,
        }
    }

    /// A packet that `a` accepts and `b` does not, if there is one. Cost: one check.
    pub fn difference(&mut self, a: &Match, b: &Match) -> Proof {
        self.some_packet(&Match::all_of([a.clone(), Match::not(b.clone())]))
    }
}

impl Engine for Z3<'_> {
    fn answer(&mut self, query: &PathQuery) -> Answer {
        let mut search = Search::new(self.graph, query, &mut self.conditions, self.most_checks);
        search.run();
        let explore::Outcome { found, one_way, doubts: mut whys, gave_up, values, .. } = search.outcome();
        if let Some(found) = &found {
            if let Some(witness) = witness::witness(self.graph, found, &values, query.direction) {
                return Answer::Reachable(Box::new(self.with_all_headers(query, witness)));
            }
            // What no walk confirms is not said.
            whys.extend(
                self.note(found.source, "a way that the solver found is not confirmed by walking it"),
            );
        }
        if gave_up {
            let source = query.sources.first().copied();
            whys.extend(source.and_then(|source| self.note(source, WORK_LIMIT)));
        }
        if !whys.is_empty() {
            return Answer::Unknown(whys.into_iter().collect());
        }
        Answer::Unreachable(match &one_way {
            Some(found) => self.lost_replies(found),
            None => self.lost_packets(query),
        })
    }
}

impl Z3<'_> {
    /// Every path of a question, as [`Sets::paths`](crate::Sets::paths) gives them: one rule per filter, with complete
    /// packet sets, whether replies get back, and what is uncertain. Where a work limit is reached, that is a doubt.
    ///
    /// Cost: at least one check for every step beside every path. For small networks.
    pub fn paths(&mut self, query: &PathQuery) -> Paths {
        let mut search =
            Search::new(self.graph, query, &mut self.conditions, self.most_checks).every(query.most);
        search.run();
        let explore::Outcome { gave_up, every, .. } = search.outcome();
        let explore::Every { mut found, doubts, .. } = every.unwrap_or_default();
        found.sort_by(|a, b| (a.source, a.destination, &a.edges).cmp(&(b.source, b.destination, &b.edges)));
        let truncated = found.len() > query.most;
        found.truncate(query.most);
        let mut doubts: Vec<Doubt> = doubts.into_values().map(|(_, doubt)| doubt).collect();
        if gave_up && let Some(&source) = query.sources.first() {
            let nobody = std::net::Ipv4Addr::UNSPECIFIED.into();
            let why = self.note(source, WORK_LIMIT);
            let packet = Packet::other(nobody, nobody, 0);
            doubts.extend(why.map(|why| Doubt {
                cause: why.cause,
                sources: 1,
                source,
                edges: Vec::new(),
                packet,
            }));
        }
        let work = Work { paths: found.len() as u64, ..Work::default() };
        Paths { found, doubts, truncated, work }
    }

    /// The witness with the packets of its whole way, not only those that the search had not met before.
    fn with_all_headers(&mut self, query: &PathQuery, witness: Witness) -> Witness {
        let edges: Vec<EdgeId> = witness.forward.hops.iter().map(|hop| hop.edge).collect();
        let ends = (vec![witness.path.source], vec![witness.path.destination]);
        let query = PathQuery { sources: ends.0, destinations: ends.1, ..query.clone() };
        let mut search =
            Search::new(self.graph, &query, &mut self.conditions, self.most_checks).along(&edges);
        search.run();
        let explore::Outcome { found, gave_up, values, .. } = search.outcome();
        let whole = found.filter(|_| !gave_up);
        let whole = whole.and_then(|found| witness::witness(self.graph, &found, &values, query.direction));
        whole.unwrap_or(witness)
    }

    fn note(&self, node: NodeId, text: &str) -> Option<Why> {
        let resource = self.graph.node(node).resource?;
        let cause = Cause::structure(self.graph.key(resource)).noting(text);
        Some(Why { cause: cause.into(), reply: false })
    }

    /// Where one packet of the question stops, for each source that can send one.
    fn lost_packets(&mut self, query: &PathQuery) -> Vec<Blocked> {
        let header = Header::sent();
        let wanted = [
            header.accepted_by(&Match::well_formed()),
            header.accepted_by(&query.at_source),
            header.accepted_by(&query.perhaps),
        ];
        let judged = self.conditions.push(&formula::Formula::all(wanted));
        self.conditions.pop();
        let terms::Judged::Holds(Some(example)) = judged else { return Vec::new() };
        let packet = example.at(&header);
        let traces =
            query.sources.iter().flat_map(|&source| walk(self.graph, source, packet, Session::Opening));
        self.stops(traces.collect(), false)
    }

    /// Where the reply to a packet that arrives stops.
    fn lost_replies(&self, found: &Found) -> Vec<Blocked> {
        let packet = found.example.at(&Header::sent());
        let wanted = witness::edges(&found.opening);
        let traces = walk(self.graph, found.source, packet, Session::Opening);
        let Some(forward) =
            traces.into_iter().filter(|trace| trace.end == found.destination).max_by_key(|trace| {
                trace.hops.iter().zip(&wanted).filter(|(hop, edge)| hop.edge == **edge).count()
            })
        else {
            return Vec::new();
        };
        let Some(reply) = forward.arriving().reply() else { return Vec::new() };
        let starts = self.graph.arriving_at(forward.end).filter_map(|end| end.answers);
        let traces = starts.flat_map(|start| walk(self.graph, start, reply, Session::ReplyTo(&forward)));
        self.stops(traces.collect(), true)
    }

    fn stops(&self, traces: Vec<Trace>, reply: bool) -> Vec<Blocked> {
        let mut stops: Vec<Blocked> = traces
            .into_iter()
            .filter(|trace| !trace.disposition.is_success())
            .map(|trace| {
                // A common refusal says less than the place where it was decided.
                let refused = self.graph.node(trace.end).refuses.is_some();
                let last = trace.hops.last().filter(|_| refused);
                let node = last.map_or(trace.end, |hop| self.graph.edge(hop.edge).from);
                let cause = last.map(|hop| self.graph.edge(hop.edge).cause.clone());
                let hops = trace.hops.len() - usize::from(last.is_some());
                let edges = trace.hops.iter().take(hops).map(|hop| hop.edge).collect();
                let packet = last.map_or(trace.arriving(), |hop| hop.before);
                Blocked { node, disposition: trace.disposition, cause, hops, reply, packet, edges }
            })
            .collect();
        stops.sort_by(|a, b| (b.hops, a.node, &a.cause).cmp(&(a.hops, b.node, &b.cause)));
        stops.dedup_by(|a, b| (a.node, a.disposition, &a.cause) == (b.node, b.disposition, &b.cause));
        stops
    }
}
