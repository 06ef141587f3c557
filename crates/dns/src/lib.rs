//! Domain names, sets of them, and what an ordered DNS firewall does to a query.
//!
//! This crate says which rule of AWS's DNS Firewall takes a query, for one name or for all names at once: is
//! everything outside a walled garden blocked, which rules never decide, where do two firewalls differ. It knows no
//! export format and no network; lists and rules are handed over as plain data.
//!
//! Where the data or AWS's documentation does not tell, nothing is guessed: a verdict is certain only if every possible
//! truth leads to it, otherwise it *depends*, with the verdicts that are possible and what they depend on.
//! It is not a resolver, and does not look at answers: redirections count as far as they are given.
//!
//! ```
//! use std::sync::Arc;
//! use dns::*;
//!
//! let mut lists = DomainLists::builder();
//! let (ours, _) = lists.list("ours", Coverage::Complete, ["example.com.", "*.example.com."]);
//! let (all, _) = lists.list("all", Coverage::Complete, ["*."]);
//! let lists = lists.build();
//!
//! let rule = |priority, list, action| Rule {
//!     name: format!("rule {priority}"),
//!     priority,
//!     names: Names::List(list),
//!     query_type: None,
//!     action,
//!     redirection: Redirection::Inspect,
//!     state: State::InForce,
//! };
//! let rules = vec![rule(1, ours, Action::Allow), rule(2, all, Action::Block(Response::NoData))];
//! let group = Arc::new(RuleGroup { id: "garden".to_owned(), rules });
//! let firewall = Firewall::new(&lists, Stack::ordered([group]));
//!
//! let query = Query { name: "example.org".parse()?, query_type: "aaaa".parse()? };
//! let decision = firewall.decide(&query, &[]);
//! assert_eq!(decision.verdict, Verdict::Block);
//! assert_eq!(decision.names[0].deciding().and_then(|taker| lists.text(taker.entry?)), Some("*."));
//!
//! let garden = NameSet::within(&"example.com".parse()?);
//! assert_eq!(firewall.is_walled_garden(&garden), Proof::Holds);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | Type | What it is |
//! |---|---|
//! | [`DomainName`], [`QueryType`], [`Query`] | a name in lower case; a type; what a client asks |
//! | [`NameSet`] | a set of names, with its algebra |
//! | [`Pattern`] | an entry of a domain list; [`Pattern::matches`] is its meaning |
//! | [`DomainLists`] | all lists, with one index |
//! | [`Rule`], [`RuleGroup`], [`Stack`] | what is in force, as plain data |
//! | [`Firewall`] | a stack made ready: [`Firewall::verdict`], [`Firewall::decide`] for one query |
//! | [`Verdict`], [`Decision`], [`Doubt`] | what becomes of a query; why; what it depends on |
//! | [`Proof`], [`RuleUse`], [`Comparison`] | answers about all names: [`Firewall::is_walled_garden`], [`Firewall::blocks_all`], [`Firewall::rule_uses`], [`Firewall::compare`], [`Firewall::contradictions`] |
//! | [`RedundantEntry`], [`HalfEntry`] | entries that do nothing, or half: [`DomainLists::redundant_entries`], [`DomainLists::half_entries`] |
//!
//! # Invariants
//!
//! * Answers about all names are exact, by finitely many classes of names that no rule can tell apart.
//! * An example of such an answer is a valid name, and what is certain has been confirmed by looking up that name.
//! * Sets of names are canonical: equal sets compare equal.
//! * Results depend on the data alone; nothing is in the order of a hash table.
//! * No operation panics, whatever the input.

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
    Blocking, Comparison, Contradiction, Difference, Example, HalfEntry, Missing, Proof, Redundancy,
    RedundantEntry, RuleUse, Types, Wins,
};
pub use query::{Query, QueryType, QueryTypeError};
pub use rule::{
    Action, Association, Names, Redirection, Response, Rule, RuleGroup, Stack, State, Verdict, Verdicts,
};
