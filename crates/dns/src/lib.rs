//! dns

#![deny(missing_docs)]

mod firewall;
mod fresh;
mod hash;
mod lists;
mod name;
mod names;
mod partition;
mod pattern;
mod proof;
mod query;
mod rule;

pub use firewall::{Deciding, Decision, Doubt, Firewall, NameDecision, Passed, Proviso, RuleId, Taker, Why};
pub use lists::{Coverage, DomainLists, DomainListsBuilder, EntryId, ListId, Unread};
pub use name::{DomainName, NameError};
pub use names::NameSet;
pub use partition::Region;
pub use pattern::{Matching, Pattern, PatternError};
pub use proof::{
    Comparison, Difference, Example, HalfEntry, Missing, Proof, Redundancy, RedundantEntry, RuleUse, Types,
    Wins,
};
pub use query::{Query, QueryType, QueryTypeError};
pub use rule::{
    Action, Association, Names, Redirection, Response, Rule, RuleGroup, Stack, State, Verdict, Verdicts,
};
