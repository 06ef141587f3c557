//! Answers path queries over a forwarding graph.
//!
//! A [`PathQuery`] asks which packets get from some nodes to others. The packet-set engine [`Sets`] answers it
//! exhaustively: every path with its complete packet set, and what keeps the answer from being certain. Witnesses are
//! replayed through [`graph::walk()`] before anyone sees them.
//!
//! Not for you if you have a snapshot and a scope file: see the crate `netproof`.
//!
//! ```
//! use graph::{Cause, Choice, Disposition, End, GraphBuilder, Port, ResourceRef, Transfer};
//! use headerspace::{Field, Match};
//! use search::{Answer, Direction, Engine, PathQuery, Sets};
//!
//! let mut builder = GraphBuilder::new();
//! let (a, b) = (builder.resource(ResourceRef::new("Host", "a")), builder.resource(ResourceRef::new("Host", "b")));
//! for host in [&a, &b] {
//!     builder.declare_end(End::host(host.clone(), Port::new(host, "send"), Port::new(host, "receive")));
//! }
//! let web = Transfer::only(Match::ports(Field::DstPort, 443..=443));
//! builder.connect(&Port::new(&a, "send"), &Port::new(&b, "receive"), web, &Cause::structure(&a));
//! let (graph, _) = builder.finish();
//!
//! let (from, to) = (graph.ends()[0].departs.unwrap(), graph.ends()[1].arrives.unwrap());
//! let query = PathQuery::between([from], [to]).in_direction(Direction::Forward);
//! let mut engine = Sets::new(&graph);
//! assert!(matches!(engine.answer(&query), Answer::Reachable(_)));
//! ```
//!
//! | Type | Is |
//! |---|---|
//! | [`PathQuery`], [`Exception`] | one question; what it leaves out |
//! | [`Engine`], [`Sets`] | one way of answering; the packet-set engine |
//! | [`Answer`], [`Witness`], [`Blocked`], [`Why`] | reachable, unreachable or unknown, each with its reason |
//! | [`Paths`], [`FoundPath`], [`Track`], [`Doubt`] | every path with its packets; what is uncertain |
//! | [`Closed`], [`Kept`], [`closed()`] | which controls keep a question closed, and which would open it |
//! | [`Distances`], [`Nearest`], [`nearest()`] | how many controls stand between destinations and something getting through |
//! | [`Changes`], [`changes()`] | where two graphs treat packets differently |
//! | [`Work`] | exact counts of what was done, for tests |
//!
//! Invariants: the output depends on graph and query alone, not on threads; packet-set handles never leave the engine.

#![deny(missing_docs)]

mod answer;
mod closed;
mod query;
mod sets;
#[cfg(feature = "z3")]
mod solver;

pub use answer::{Answer, Blocked, Doubt, FoundPath, Paths, Replies, Track, Why, Witness, Work};
pub use closed::{Closed, Kept, Leg, Outcome, Through, cheapest_hitting, cheapest_opening, closed};
pub use query::{Direction, Engine, Exception, PathQuery};
pub use sets::{Changes, Distances, Nearest, Sets, answer_to, changes, nearest};
#[cfg(feature = "z3")]
pub use solver::{
    Certificate, Certificates, Certifier, Condition, FiniteSolver, Proof, Prover, WORK_LIMIT, Z3,
    certify_absence, certify_nothing, unsat_core,
};
