//! A scope in plain words.
use std::fmt::Write;

use ipnet::IpNet;

use super::print::port_text;
use super::{
    Differing, EndCondition, HeaderCondition, PathCondition, Protocol, ResourceCondition, ResourceName,
    ResourceNameKind, ResourceType, ScopeDocument, TagFilter, WebAcls, Which,
};

/// Longer lists of values are cut to this many and a count.
const MOST_VALUES: usize = 8;

/// Returns what the scope looks for, in a sentence without capital or final stop.
pub fn describe(scope: &ScopeDocument) -> String {
    let phrases = |paths: &[PathCondition]| paths.iter().map(path_phrase).collect::<Vec<_>>().join("; or ");
    let mut sentence = format!("paths {}", phrases(&scope.match_paths));
    if !scope.exclude_paths.is_empty() {
        sentence.push_str(", except those ");
        sentence.push_str(&phrases(&scope.exclude_paths));
    }
    sentence
}

fn path_phrase(path: &PathCondition) -> String {
    let mut words = Vec::new();
    if let Some(source) = &path.source {
        words.push(end_phrase("from", source, "sent"));
    }
    if let Some(destination) = &path.destination {
        words.push(end_phrase("to", destination, "arriving"));
    }
    let through: Vec<String> =
        path.through.iter().map(|entry| format!("through {}", resource_phrase(entry))).collect();
    if !through.is_empty() {
        words.push(through.join(" and "));
    }
    if !path.differ.is_empty() {
        words.push(differing_phrase(&path.differ));
    }
    words.join(" ")
}

fn end_phrase(preposition: &str, end: &EndCondition, verb: &str) -> String {
    match (&end.resources, &end.header) {
        (Some(resources), None) => format!("{preposition} {}", resource_phrase(resources)),
        (Some(resources), Some(header)) => {
            format!("{preposition} {} {}", resource_phrase(resources), header_phrase(header))
        }
        (None, Some(header)) => format!("{verb} {}", header_phrase(header)),
        (None, None) => format!("{preposition} anything"),
    }
}

fn resource_phrase(condition: &ResourceCondition) -> String {
    let mut phrase = match &condition.which {
        Which::Any => "anything".to_owned(),
        Which::Resources(names) => alternatives(names.iter().map(name_phrase)),
        Which::Types(types) => {
            format!("any {}", alternatives(types.iter().map(|kind| kind.plain_name().to_owned())))
        }
    };
    if !condition.tags.is_empty() {
        let tags: Vec<String> = condition.tags.iter().map(TagFilter::phrase).collect();
        let _ = write!(phrase, " {}", tags.join(" and "));
    }
    if let Some(web_acls) = condition.web_acls {
        let balancer = |kind: &ResourceType| *kind == ResourceType::LoadBalancer;
        let itself = matches!(&condition.which, Which::Types(types) if types.iter().all(balancer));
        phrase.push_str(if itself { "" } else { " of a load balancer" });
        phrase.push_str(match web_acls {
            WebAcls::Absent => " without web ACL",
            WebAcls::Present => " with web ACL",
        });
    }
    phrase
}

fn differing_phrase(differ: &[Differing]) -> String {
    let words: Vec<String> = differ
        .iter()
        .map(|what| match what {
            Differing::Account => "between accounts".to_owned(),
            Differing::AvailabilityZone => "between Availability Zones".to_owned(),
            Differing::Tag(key) => format!("between different values of tag {key}"),
        })
        .collect();
    words.join(" and ")
}

fn name_phrase(name: &ResourceName) -> String {
    match &name.kind {
        ResourceNameKind::Id => name.text.clone(),
        ResourceNameKind::Arn { resource, .. } => resource.clone(),
        ResourceNameKind::ResourceGroupArn { group, .. } => format!("resource group {group}"),
    }
}

fn header_phrase(header: &HeaderCondition) -> String {
    let mut words = Vec::new();
    let protocols = header
        .protocols
        .as_ref()
        .map(|list| alternatives(list.iter().map(|protocol: &Protocol| protocol.name().to_owned())));
    let ports = header.destination_ports.as_ref().map(|list| alternatives(list.iter().map(port_text)));
    match (protocols, ports) {
        (Some(protocols), Some(ports)) => words.push(format!("on {protocols} {ports}")),
        (Some(protocols), None) => words.push(format!("on {protocols}")),
        (None, Some(ports)) => words.push(format!("on port {ports}")),
        (None, None) => {}
    }
    let networks = |list: &Vec<IpNet>| alternatives(list.iter().map(network_text));
    let lists = |list: &Vec<String>| format!("prefix list {}", alternatives(list.iter().cloned()));
    let sides = [
        (header.source_addresses.as_ref().map(networks), "source address"),
        (header.source_prefix_lists.as_ref().map(lists), "source address in"),
        (header.source_ports.as_ref().map(|list| alternatives(list.iter().map(port_text))), "source port"),
        (header.destination_addresses.as_ref().map(networks), "destination address"),
        (header.destination_prefix_lists.as_ref().map(lists), "destination address in"),
    ];
    let sides: Vec<String> =
        sides.into_iter().filter_map(|(values, lead)| Some(format!("{lead} {}", values?))).collect();
    if !sides.is_empty() {
        words.push(format!("with {}", sides.join(" and ")));
    }
    words.join(" ")
}

fn network_text(network: &IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

fn alternatives(values: impl Iterator<Item = String>) -> String {
    let mut values: Vec<String> = values.collect();
    values.dedup();
    if values.len() > MOST_VALUES {
        let hidden = values.len() - (MOST_VALUES - 1);
        values.truncate(MOST_VALUES - 1);
        values.push(format!("{hidden} others"));
    }
    match values.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}
