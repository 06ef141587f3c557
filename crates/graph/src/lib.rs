//! Vendor-neutral forwarding graph, and the concrete walk that defines what it means.
//!
//! A [`ForwardingGraph`] says where a packet can be ([nodes](Node)) and how it moves ([edges](Edge)): every edge has
//! a guard, a rewrite, and the [`Cause`] why it exists. Graphs are made by a [`GraphBuilder`], in which resources
//! declare ports and connect them by name, in any order. [`walk`] follows one packet; it *is* the meaning, and every
//! search engine must agree with it.
//!
//! Not for you if you want to read cloud exports (see the `aws` crate) or to search (see `search`).
//!
//! ```
//! use graph::{Cause, Choice, Disposition, End, GraphBuilder, Port, ResourceRef, Session, Transfer, walk};
//! use headerspace::{Match, Packet};
//!
//! let mut builder = GraphBuilder::new();
//! let host = builder.resource(ResourceRef::new("Host", "h1"));
//! let (send, receive) = (Port::new(&host, "send"), Port::new(&host, "receive"));
//! builder.declare(send.clone(), &host, Choice::Any, Disposition::NoRoute);
//! builder.declare_end(End::host(host.clone(), send.clone(), receive.clone()));
//! builder.connect(&send, &receive, Transfer::only(Match::protocol(6)), &Cause::structure(&host));
//! let (graph, remarks) = builder.finish();
//! assert!(remarks.is_empty());
//!
//! let start = graph.ends()[0].departs.unwrap();
//! let packet = Packet::tcp([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), 50_000, 80);
//! let traces = walk(&graph, start, packet, Session::Opening);
//! assert_eq!(traces[0].disposition, Disposition::Delivered);
//! ```
//!
//! | Type | Is |
//! |---|---|
//! | [`GraphBuilder`], [`Port`] | a graph being made: ports are names |
//! | [`ForwardingGraph`], [`NodeId`], [`EdgeId`] | the finished graph: dense typed indexes |
//! | [`ResourceRef`], [`End`] | what a node stands for; where packets start and stop |
//! | [`Transfer`], [`Flow`] | guard, rewrite, and which packets of a conversation an edge is for |
//! | [`Cause`], [`Rule`] | why an edge exists |
//! | [`Control`], [`Opening`] | what keeps packets back and could be changed |
//! | [`Disposition`] | what becomes of a packet |
//! | [`walk`](walk()), [`walk_to`], [`replay`], [`Trace`], [`Hop`] | the reference semantics |
//!
//! Invariants: building order does not matter (nodes and edges are sorted by name and content); edges hold syntax
//! ([`headerspace::Match`], [`headerspace::Rewrite`]), never an engine's handles; equal matches are stored once.

#![deny(missing_docs)]

mod builder;
mod cause;
mod control;
mod disposition;
mod forwarding;
mod resource;
mod transfer;
mod walk;

pub use builder::{GraphBuilder, Port, Remark, Target};
pub use cause::{
    Action, Cause, Direction, FilterRule, InspectionRule, ListenerRule, Origin, Peer, PolicyRule, RouteRule,
    RouteTo, Rule, TransitRule,
};
pub use control::{Control, ControlId, ControlKind, Effort, Obstacle, Opening};
pub use disposition::{Choice, Disposition};
pub use forwarding::{Edge, EdgeId, ForwardingGraph, MatchId, Node, NodeId, ResourceId};
pub use resource::{End, FinishedEnd, ResourceKey, ResourceRef, World};
pub use transfer::{Flow, Transfer};
pub use walk::{Hop, LONGEST_WAY, ReplayError, Session, Trace, applicable, replay, walk, walk_to};
