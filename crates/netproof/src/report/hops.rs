//! Resources and lists of hops for people.

use std::fmt::Write;

use graph::{ForwardingGraph, ResourceId, ResourceRef, Trace};
use headerspace::Field;

use super::{
    component::{Component, way},
    document::own_text,
    json::changing,
    style::{Style, WIDTH, wrapped},
};
use crate::{Analysis, Location};

/// One line of a list of hops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// `1`, or `3a` where ways part.
    pub(crate) label: String,
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) location: Option<Location>,
}

/// Rows as text, in columns; file and line stand at the end, or below where there is no room.
pub(crate) fn rows_text(rows: &[Row], indent: usize, style: Style) -> String {
    let ids = rows.iter().map(|row| row.id.chars().count()).max().unwrap_or(0).min(28);
    let labels = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0) + 2;
    let column = indent + labels + ids + 2;
    let mut out = String::new();
    for row in rows {
        let label = format!("{:<labels$}", row.label);
        let gap = " ".repeat(2 + ids.saturating_sub(row.id.chars().count()));
        let location = row.location.as_ref().map(|location| format!("{}:{}", location.file, location.line));
        let width = column + row.text.chars().count();
        out.push_str(&" ".repeat(indent));
        out.push_str(&style.dim(&label));
        out.push_str(&row.id);
        match location {
            Some(location) if row.text.is_empty() => {
                let _ = writeln!(out, "{gap}{}", style.dim(&location));
            }
            Some(location) if width + 2 + location.chars().count() <= WIDTH => {
                let _ = writeln!(out, "{gap}{}  {}", row.text, style.dim(&location));
            }
            Some(location) => {
                out.push_str(&gap);
                out.push_str(wrapped(&row.text, column, column).trim_start());
                let _ = writeln!(out, "{}{}", " ".repeat(column), style.dim(&location));
            }
            None if row.text.is_empty() => out.push('\n'),
            None => {
                out.push_str(&gap);
                out.push_str(wrapped(&row.text, column, column).trim_start());
            }
        }
    }
    out
}

/// What a component is or does: its name and its rule, or for one without a rule what kind of thing it is.
pub(crate) fn component_text(analysis: &Analysis, component: &Component) -> String {
    let resource = analysis.graph().resource(component.resource);
    let rule = component.cause.as_ref().and_then(|cause| own_text(cause));
    let rule = rule.unwrap_or_else(|| kind_words(&resource.kind));
    resource.name().map_or_else(|| rule.clone(), |name| format!("({name}) {rule}"))
}

/// The rows of a way that one packet went.
pub(crate) fn trace_rows(analysis: &Analysis, trace: &Trace) -> Vec<Row> {
    let graph = analysis.graph();
    let components = way(graph, trace);
    let mut rows = component_rows(analysis, &components);
    for (step, hop) in trace.hops.iter().enumerate().filter(|(_, hop)| hop.before != hop.after) {
        let Some(row) = rows.get_mut(changing(&components, step)) else { continue };
        let sides = [
            ("source", Field::SrcIp, Field::SrcPort, hop.after.src()),
            ("destination", Field::DstIp, Field::DstPort, hop.after.dst()),
        ];
        for (name, address, port, after) in sides {
            if hop.before.get(address) != hop.after.get(address) {
                add(&mut row.text, &format!("{name} becomes {after}"));
            }
            if hop.before.get(port) != hop.after.get(port) {
                add(&mut row.text, &format!("{name} port becomes {}", hop.after.get(port)));
            }
        }
    }
    rows
}

/// The rows of components, numbered from 1.
pub(crate) fn component_rows(analysis: &Analysis, components: &[Component]) -> Vec<Row> {
    let row = |(index, component): (usize, &Component)| Row {
        label: (index + 1).to_string(),
        id: short(&analysis.graph().resource(component.resource).id).to_owned(),
        text: component_text(analysis, component),
        location: component.cause.as_ref().and_then(|cause| analysis.locate(cause)),
    };
    components.iter().enumerate().map(row).collect()
}

/// Adds a remark to the text of a row.
pub(crate) fn add(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push_str("; ");
    }
    text.push_str(more);
}

/// What a resource is: `network interface of instance web-a (i-1): primary interface`.
pub(crate) fn what(graph: &ForwardingGraph, id: ResourceId) -> String {
    let resource = graph.resource(id);
    let mut text = kind_words(&resource.kind);
    if let Some(name) = resource.name() {
        text.push(' ');
        text.push_str(name);
    }
    let mut within = resource.within.iter().filter_map(|key| graph.find(key)).map(|id| graph.resource(id));
    if let Some(instance) = within.find(|other| other.kind == "AWS::EC2::Instance") {
        text.push_str(" of instance ");
        text.push_str(&named(instance));
    }
    if let Some(label) = &resource.label {
        text.push_str(": ");
        text.push_str(label);
    }
    text
}

/// Id and name, if it has one.
pub(crate) fn named(resource: &ResourceRef) -> String {
    resource.name().map_or_else(|| resource.id.clone(), |name| format!("{name} ({})", resource.id))
}

/// An id for columns: of an ARN what tells it from others of its account, without the hash at its end
/// (`targetgroup/web`).
pub(crate) fn short(id: &str) -> &str {
    let Some(resource) = id.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4)) else {
        return id;
    };
    match resource.rsplit_once('/') {
        Some((name, hash)) if name.contains('/') && hash.len() == 16 => name,
        _ => resource,
    }
}

/// A type in words: `network interface` for `AWS::EC2::NetworkInterface`.
pub(crate) fn kind_words(kind: &str) -> String {
    let name = kind.rsplit("::").next().unwrap_or(kind);
    let mut words: Vec<String> = Vec::new();
    let letters: Vec<char> = name.chars().collect();
    for (index, &letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(index + 1);
        let begins = letter.is_uppercase()
            && (before.is_none_or(|before| before.is_lowercase())
                || after.is_some_and(|after| after.is_lowercase()));
        match words.last_mut() {
            Some(word) if !begins => word.push(letter),
            _ => words.push(letter.to_string()),
        }
    }
    let spelled = |word: &String| match word.as_str() {
        "Nat" | "Vpc" | "Acl" => word.to_uppercase(),
        word if word.len() > 1 && word.chars().all(char::is_uppercase) => word.to_owned(),
        word => word.to_lowercase(),
    };
    words.iter().map(spelled).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_read_as_words() {
        let kinds = [
            "NetworkInterface",
            "NatGateway",
            "VPCPeeringConnection",
            "NetworkAcl",
            "VPC",
            "EgressOnlyInternetGateway",
        ];
        let words: Vec<String> = kinds.iter().map(|kind| kind_words(&format!("AWS::EC2::{kind}"))).collect();
        assert_eq!(
            words.join(", "),
            "network interface, NAT gateway, VPC peering connection, network ACL, VPC, egress only internet gateway"
        );
    }

    #[test]
    fn arns_are_short_in_columns() {
        let of = |resource: &str| {
            short(&format!("arn:aws:elasticloadbalancing:us-east-1:111122223333:{resource}")).to_owned()
        };
        assert_eq!(of("loadbalancer/app/web/50dc6c495c0c9188"), "loadbalancer/app/web");
        assert_eq!(of("targetgroup/web/73e2d6bc24d8a067"), "targetgroup/web");
        assert_eq!(of("loadbalancer/classic"), "loadbalancer/classic");
        assert_eq!(short("eni-1"), "eni-1");
    }

    #[test]
    fn places_stand_at_the_end_or_below() {
        let row = |label: &str, text: &str| Row {
            label: label.to_owned(),
            id: "sg-1".to_owned(),
            text: text.to_owned(),
            location: Some(Location { line: 7, ..Location::file("groups.json") }),
        };
        let rows = [row("1", "allow"), row("2a", "long ".repeat(20).trim()), row("3", "")];
        insta::assert_snapshot!(rows_text(&rows, 2, Style::Plain), @r"
        1   sg-1  allow  groups.json:7
        2a  sg-1  long long long long long long long long long long long long long long long long long long long
                  long
                  groups.json:7
        3   sg-1  groups.json:7
        ");
    }
}
