//! Every output format. Nothing here decides anything; it copies answers into documents.

pub mod aws_json;
mod cidr;
mod component;

use graph::{Cause, RouteTo, Rule};

pub use cidr::{cidr_texts, port_ranges};

/// A rule in one line, with the resource it belongs to: `sg-1: allow ingress tcp 22 from 0.0.0.0/0`.
pub fn rule_text(cause: &Cause) -> String {
    let resource = cause.resource.id();
    match &cause.rule {
        Rule::Filter(rule) => format!("{resource}: {rule}"),
        Rule::Route(rule) => format!("{resource}: route {rule}"),
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
