//! dns

#![deny(missing_docs)]

mod firewall;
mod lists;
mod name;
mod pattern;
mod query;
mod rule;

pub use firewall::{Deciding, Decision, Doubt, Firewall, NameDecision, Passed, Proviso, RuleId, Taker, Why};
pub use lists::{Coverage, DomainLists, DomainListsBuilder, EntryId, ListId, Unread};
pub use name::{DomainName, NameError};
pub use pattern::{Matching, Pattern, PatternError};
pub use query::{Query, QueryType, QueryTypeError};
pub use rule::{
    Action, Association, Names, Redirection, Response, Rule, RuleGroup, Stack, State, Verdict, Verdicts,
};
