//! Network Access Scopes: access questions in, findings and explanations out.
//!
//! [`document::read_scopes`] reads a scope file; [`ask`] turns a scope into path queries and their answers into
//! [`Finding`]s, each an offending path with a stable id, and [`Unknown`]s, what the snapshot does not tell.
//!
//! Not for you if you only want the question "can A reach B": see `search`, or the front crate `netproof`.
//!
//! | Type | Is |
//! |---|---|
//! | [`document::ScopeDocument`] | a scope as its file states it |
//! | [`Context`] | what scopes may name or ask for beside resources: prefix lists, resource groups, zones, web ACLs; and options |
//! | [`AddressSets`] | named blocks of addresses, which a scope may use |
//! | [`ScopeResult`], [`Finding`], [`Unknown`] | what came out |
//! | [`selection`] | which ends of the graph a statement selects |
//!
//! Invariants: exclusion subtracts packets, never more; the same packet on the same path is found once, however many
//! match paths it meets; ids of findings depend on what was found, not on order.

mod ask;
pub mod document;
mod finding;
mod narrow;
mod pieces;
pub mod selection;

pub use document::AddressSets;

pub use ask::{Context, OwnTags, ScopeResult, Unknown, ask, perhaps};
pub use finding::{Finding, finding_id};
