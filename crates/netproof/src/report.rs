//! Every output format. Nothing here decides anything; it copies answers into documents.
//!
//! | Format | Of scopes | Of flows | Of a question | Of the snapshot |
//! |---|---|---|---|---|
//! | `text` | [`scopes_text`] | [`flows_text`] | [`answer_text`] | [`inspection_text`] |
//! | `json` | [`ScopesDocument`] | [`FlowsDocument`] | [`AnswerDocument`] | [`InspectionDocument`] |
//! | `aws-json` | [`aws_json::findings`] | | | |
//!
//! Comparisons of filters have [`comparison_text`] and [`ComparisonDocument`], idle rules [`lint_text`] and
//! [`LintDocument`]. Differences between snapshots have [`difference_text`], [`difference_markdown`] and
//! [`DifferenceDocument`]. Of DNS Firewall, single queries have [`dns_answers_text`] and [`DnsAnswersDocument`], answers
//! about all names [`dns_checks_text`] and [`DnsChecksDocument`], and what gets by it [`dns_bypass_text`] and
//! [`DnsBypassDocument`].
//!
//! The `json` documents carry [`SCHEMA_VERSION`]; [`schema`](schema::schema) describes them and [`write_json`] writes them.

pub mod aws_json;
mod blocked;
mod certification;
mod cidr;
mod closed;
mod component;
mod diff;
mod distance;
mod dns;
mod dns_bypass;
mod dns_bypass_text;
mod dns_check;
mod dns_check_text;
mod dns_domains;
mod dns_plan;
mod dns_plan_text;
mod document;
mod equivalent;
mod exchange;
mod fix;
mod hops;
mod inspect;
mod json;
mod layout;
mod lint;
mod listing;
mod path;
mod remark;
pub mod schema;
mod style;
mod text;
mod triage;
mod verdict;
mod verify;
mod words;

use graph::{Cause, RouteTo, Rule};

pub use cidr::{cidr_texts, port_ranges};
pub use diff::{DifferenceDocument, difference_markdown, difference_text};
pub use dns::{DnsAnswersDocument, DnsTotals, dns_answers_text};
pub use dns_bypass::{DnsBypassDocument, dns_bypass_holds};
pub use dns_bypass_text::dns_bypass_text;
pub use dns_check::{DnsChecked, DnsChecksDocument};
pub use dns_check_text::dns_checks_text;
pub use dns_plan::{DnsPlanDocument, dns_plan_commands};
pub use dns_plan_text::dns_plan_text;
pub use document::SCHEMA_VERSION;
pub use equivalent::{ComparisonDocument, comparison_text};
pub use exchange::{Exchange, Report};
pub use fix::{FixDocument, fix_commands, fix_text};
pub use inspect::{InspectionDocument, inspection_text};
pub use json::ScopesDocument;
pub use layout::{json_text, write_json};
pub use lint::{LintDocument, lint_text};
pub use listing::{ScopesCheckDocument, scope_check_text, scope_list_text};
pub use path::{AnswerDocument, answer_text};
pub use remark::{Length, diagnostics_text, scope_warnings_text};
pub use style::Style;
pub(crate) use style::{counted, listed};
pub use text::scopes_text;
pub use triage::triage_text;
pub use verdict::{ScopeVerdict, Totals};
pub use verify::{FlowTotals, FlowsDocument, flows_text};

pub(crate) use certification::certification_line;
pub(crate) use cidr::cidrs as nets;
pub(crate) use component::{Component, trail, way};
pub(crate) use diff::markdown::{code as markdown_code, plain as markdown_plain, prose as markdown_prose};
pub(crate) use diff::{Snapshots as DiffSnapshots, remarks as diff_remarks};
pub(crate) use dns::{answered_text as dns_answered, list_text as dns_list, rule_text as dns_rule};
pub(crate) use dns_check::region_text as dns_region;
pub(crate) use dns_check_text::fault_text as dns_fault;
pub(crate) use dns_domains::contradiction_words as dns_contradiction;
pub(crate) use document::{own_text, protocol_texts};
pub(crate) use hops::{component_text, kind_words, short, what};
pub(crate) use json::help;
pub(crate) use text::replies_text;
pub(crate) use words::Words;

/// A rule in one line, with the resource it belongs to: `sg-1: allow ingress tcp 22 from 0.0.0.0/0`.
pub fn rule_text(cause: &Cause) -> String {
    let resource = short(cause.resource.id());
    match &cause.rule {
        Rule::Filter(rule) => format!("{resource}: {rule}"),
        Rule::Route(rule) => format!("{resource}: route {rule}"),
        Rule::Transit(rule) => format!("{resource}: route {rule}"),
        Rule::Policy(rule) => format!("{resource}: {rule}"),
        Rule::Inspection(rule) => format!("{resource}: {rule}"),
        Rule::Listener(rule) => format!("{resource}: {rule}"),
        Rule::Established => format!("{resource}: reply to an admitted conversation"),
        Rule::Structure | Rule::Carries => {
            cause.note.clone().map_or_else(|| resource.to_owned(), |note| format!("{resource}: {note}"))
        }
    }
}

/// What a route leads to: the destination it names.
pub(crate) fn route_destination(to: &RouteTo) -> &str {
    match to {
        RouteTo::Cidr(text) | RouteTo::PrefixList(text) => text,
    }
}
