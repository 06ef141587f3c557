//! A scope as the request document that would create it.
use std::ops::RangeInclusive;

use ipnet::IpNet;
use serde::Serialize;

use super::envelope::TAGGED;
use super::{EndCondition, HeaderCondition, PathCondition, ResourceCondition, ScopeDocument, Which};

/// Returns the scope as the request of `create-network-insights-access-scope`.
///
/// Addresses are CIDR blocks, ports are texts, protocols are lower case and absent members are left
/// out. Reading it gives a scope that asks the same. Members are sorted by name, as
/// [`serde_json::Value`] keeps them; [`normalized_text`] keeps AWS's order.
pub fn normalized_json(scope: &ScopeDocument) -> serde_json::Value {
    // Cannot fail: every key is a text. An empty document would be refused by the reader.
    serde_json::to_value(Request::from(scope)).unwrap_or_default()
}

/// Returns [`normalized_json`] as indented text, members in the order of AWS's model.
pub fn normalized_text(scope: &ScopeDocument) -> String {
    serde_json::to_string_pretty(&Request::from(scope)).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Request<'s> {
    match_paths: Vec<Path<'s>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exclude_paths: Vec<Path<'s>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tag_specifications: Vec<TagSpecification<'s>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TagSpecification<'s> {
    resource_type: &'static str,
    tags: Vec<Tag<'s>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tag<'s> {
    key: &'s str,
    value: &'s str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Path<'s> {
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<End<'s>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<End<'s>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    through_resources: Vec<Through<'s>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differ: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Through<'s> {
    resource_statement: Resources<'s>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct End<'s> {
    #[serde(skip_serializing_if = "Option::is_none")]
    packet_header_statement: Option<Header<'s>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_statement: Option<Resources<'s>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Resources<'s> {
    #[serde(rename = "Resources", skip_serializing_if = "Option::is_none")]
    named: Option<Vec<&'s str>>,
    #[serde(rename = "ResourceTypes", skip_serializing_if = "Option::is_none")]
    of_types: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tag_filters: Vec<Filter<'s>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    web_acls: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Filter<'s> {
    key: &'s str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    values: &'s [String],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Header<'s> {
    #[serde(skip_serializing_if = "Option::is_none")]
    source_addresses: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_addresses: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ports: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_ports: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_prefix_lists: Option<&'s [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_prefix_lists: Option<&'s [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocols: Option<Vec<&'static str>>,
}

impl<'s> From<&'s ScopeDocument> for Request<'s> {
    fn from(scope: &'s ScopeDocument) -> Self {
        let tags: Vec<_> = scope.tags.iter().map(|(key, value)| Tag { key, value }).collect();
        let tag_specifications =
            if tags.is_empty() { vec![] } else { vec![TagSpecification { resource_type: TAGGED, tags }] };
        Request {
            match_paths: scope.match_paths.iter().map(Path::from).collect(),
            exclude_paths: scope.exclude_paths.iter().map(Path::from).collect(),
            tag_specifications,
        }
    }
}

impl<'s> From<&'s PathCondition> for Path<'s> {
    fn from(path: &'s PathCondition) -> Self {
        let through = path.through.iter().map(|entry| Through { resource_statement: entry.into() });
        Path {
            source: path.source.as_ref().map(End::from),
            destination: path.destination.as_ref().map(End::from),
            through_resources: through.collect(),
            differ: path.differ.iter().map(super::Differing::written).collect(),
        }
    }
}

impl<'s> From<&'s EndCondition> for End<'s> {
    fn from(end: &'s EndCondition) -> Self {
        End {
            packet_header_statement: end.header.as_ref().map(Header::from),
            resource_statement: end.resources.as_ref().map(Resources::from),
        }
    }
}

impl<'s> From<&'s ResourceCondition> for Resources<'s> {
    fn from(condition: &'s ResourceCondition) -> Self {
        let filter = |filter: &'s super::TagFilter| Filter { key: &filter.key, values: &filter.values };
        let (named, resource_types) = match &condition.which {
            Which::Any => (None, None),
            Which::Resources(names) => (Some(names.iter().map(|name| name.text.as_str()).collect()), None),
            Which::Types(types) => (None, Some(types.iter().map(|kind| kind.written_name()).collect())),
        };
        Resources {
            named,
            of_types: resource_types,
            tag_filters: condition.tags.iter().map(filter).collect(),
            web_acls: condition.web_acls.map(super::WebAcls::name),
        }
    }
}

impl<'s> From<&'s HeaderCondition> for Header<'s> {
    fn from(header: &'s HeaderCondition) -> Self {
        let networks = |list: &Vec<IpNet>| list.iter().map(IpNet::to_string).collect();
        let ports = |list: &Vec<RangeInclusive<u16>>| list.iter().map(port_text).collect();
        Header {
            source_addresses: header.source_addresses.as_ref().map(networks),
            destination_addresses: header.destination_addresses.as_ref().map(networks),
            source_ports: header.source_ports.as_ref().map(ports),
            destination_ports: header.destination_ports.as_ref().map(ports),
            source_prefix_lists: header.source_prefix_lists.as_deref(),
            destination_prefix_lists: header.destination_prefix_lists.as_deref(),
            protocols: header
                .protocols
                .as_ref()
                .map(|list| list.iter().map(|protocol| protocol.name()).collect()),
        }
    }
}

/// Returns the port, or the range as `first-last`.
pub(super) fn port_text(range: &RangeInclusive<u16>) -> String {
    if range.start() == range.end() {
        range.start().to_string()
    } else {
        format!("{}-{}", range.start(), range.end())
    }
}
