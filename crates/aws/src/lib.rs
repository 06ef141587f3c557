//! Exported AWS snapshot to inventory to forwarding graph.
//!
//! Three steps, each a function between immutable values: [`Snapshot::open`](snapshot::Snapshot::open) finds the
//! records in files, [`Inventory::read`] gives them types, and [`lower`] turns them into a
//! [`graph::ForwardingGraph`]. Each returns its value and [diagnostics](Diagnostic): bad input is reported and
//! skipped, never fatal, and what depends on something missing is "insufficient information" in the graph.
//!
//! Not for you if you want answers (see the crate `netproof`) or live collection (see `collect`).
//!
//! ```
//! use aws::{Inventory, lower, snapshot::Snapshot};
//!
//! let export = r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}]}"#;
//! let (snapshot, _) = Snapshot::parse("vpcs.json", export);
//! let (inventory, _) = Inventory::read(&snapshot);
//! let (graph, _) = lower(&inventory, &snapshot);
//! assert_eq!(graph.resources()[0].id, "vpc-1");
//! ```
//!
//! | Type | Is |
//! |---|---|
//! | [`Snapshot`](snapshot::Snapshot) | documents, tables and raw records, with file and line |
//! | [`Inventory`], [`Entry`], [`Place`] | typed tables; a record; its account and Region |
//! | [`Resource`](resource::Resource) | one resource type: a file of its own below `resource` |
//! | [`Filter`](rules::Filter), [`RuleList`](rules::RuleList) | a filter without a network around it: its rules as terms |
//! | [`Diagnostic`], [`Location`] | a remark about the input |
//!
//! Invariants: ids are opaque and never mix between Regions; the order of records does not matter; no input panics.

pub mod diagnostic;
mod dns;
mod domains;
mod facts;
mod inventory;
mod lower;
mod modelled;
mod once;
pub mod resource;
pub mod rules;
pub mod snapshot;

pub use self::dns::{
    DnsFirewalls, DnsNetwork, ExportedList, Filtered, KnownGroup, KnownList, KnownRule, ListChange,
};
pub use self::domains::{
    DomainAction, DomainCause, DomainFilter, DomainGroup, DomainRest, DomainUnknown, DomainVerdict,
};
pub use diagnostic::{Diagnostic, Location, Severity};
pub use inventory::{Appliances, Assumptions, Entry, Id, Inventory, Place, Table};
#[doc(hidden)]
pub use inventory::{Reading, Records};
pub use lower::{locate, lower, lower_openable};
pub use modelled::{By, MODELLED, Modelled};
