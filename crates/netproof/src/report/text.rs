//! What scopes found, for people.

use std::{collections::BTreeMap, fmt::Write};

use graph::ResourceId;
use scope::{Finding, Unknown};
use search::Replies;

use super::{
    certification::certification_text,
    closed::closed_text,
    component::{Component, trail},
    distance::distances_text,
    document::blocks,
    hops::{Row, add, component_text, rows_text, short, what},
    json::{changing, help},
    style::{Style, counted, listed, wrapped},
    verdict::{ScopeVerdict, Totals},
    words::Words,
};
use crate::{Analysis, AskedScope, Certification, describe};

/// So many unknown things are printed for a scope before the rest is counted.
const UNKNOWNS: usize = 20;

/// What scopes found, in their order: findings grouped by source and destination, then what is unknown, and a line
/// over all at the end.
pub fn scopes_text(
    analysis: &Analysis,
    asked: &[AskedScope],
    certification: &Certification,
    style: Style,
) -> String {
    let words = Words::new();
    let mut text = String::new();
    for scope in asked {
        text.push_str(&scope_text(analysis, &words, scope, style));
        text.push('\n');
    }
    text.push_str(&summary(&Totals::of(asked), style));
    text.push_str(&certification_text(certification, style));
    text
}

fn scope_text(analysis: &Analysis, words: &Words, asked: &AskedScope, style: Style) -> String {
    let AskedScope { scope, result, .. } = asked;
    let count = counted(result.findings.len(), "finding");
    let result_line = match asked.verdict() {
        ScopeVerdict::Findings => style.bad(&count),
        ScopeVerdict::Clean => style.good("clean, there is no such path"),
        ScopeVerdict::Unknown => style.doubtful("unknown, nothing was found but not all is known"),
    };
    let mut text = format!("{}: {result_line}\n", style.bold(&scope.name));
    if let Some(title) = scope.title.as_ref().filter(|title| **title != scope.name) {
        text.push_str(&wrapped(title, 2, 2));
    }
    if let Some(description) = &scope.description {
        text.push_str(&wrapped(description, 2, 2));
    }
    text.push_str(&wrapped(&format!("Looks for {}.", describe(scope)), 2, 2));
    if result.truncated {
        let cut = format!("There are more findings than the {} listed here.", result.findings.len());
        text.push_str(&style.bad(wrapped(&cut, 2, 2).trim_end()));
        text.push('\n');
    }
    let mut pairs: BTreeMap<(ResourceId, ResourceId), Vec<&Finding>> = BTreeMap::new();
    for finding in &result.findings {
        pairs.entry((finding.source, finding.destination)).or_default().push(finding);
    }
    for ((source, destination), findings) in pairs {
        text.push('\n');
        text.push_str(&end_text(analysis, "from", source, style));
        text.push_str(&end_text(analysis, "to", destination, style));
        let mut shapes: Vec<(Vec<ResourceId>, Vec<Way<'_>>)> = Vec::new();
        for finding in findings {
            let way = Way::new(analysis, words, finding);
            let shape: Vec<ResourceId> = way.components.iter().map(|component| component.resource).collect();
            match shapes.iter_mut().find(|(known, _)| *known == shape) {
                Some((_, ways)) => ways.push(way),
                None => shapes.push((shape, vec![way])),
            }
        }
        for (_, ways) in shapes {
            text.push_str(&ways_text(analysis, words, &ways, style));
        }
    }
    if let Some(closed) = &asked.closed {
        text.push('\n');
        text.push_str(&closed_text(analysis, closed, 2, style));
    }
    if let Some(distances) = &asked.distances {
        text.push('\n');
        text.push_str(&distances_text(analysis, distances, style));
    }
    if !result.unknowns.is_empty() {
        text.push('\n');
        text.push_str(&unknowns_text(analysis, &result.unknowns, style));
    }
    text
}

/// Who sends or receives: id, what it is, and where.
fn end_text(analysis: &Analysis, preposition: &str, id: ResourceId, style: Style) -> String {
    let graph = analysis.graph();
    let resource = graph.resource(id);
    let mut text = what(graph, id);
    let within: Vec<_> = resource.within.iter().filter_map(|key| graph.find(key)).collect();
    let container = |kind: &str| within.iter().map(|&id| graph.resource(id)).find(|other| other.kind == kind);
    let place = container("AWS::EC2::Subnet").or_else(|| container("AWS::EC2::VPC"));
    if let Some(place) = place {
        let kind = if place.kind.ends_with("Subnet") { "subnet" } else { "VPC" };
        let _ = write!(text, ", in {kind} {}", place.name().unwrap_or(&place.id));
    }
    if analysis.inventory().places().nth(1).is_some() {
        let _ = write!(text, ", {} {}", resource.account, resource.region);
    }
    let column = 2 + 5 + resource.id.chars().count() + 2;
    let body = wrapped(&text, column, column);
    format!("  {preposition:<4} {}  {}", style.bold(&resource.id), body.trim_start())
}

/// A finding, ready to be printed beside others of the same components.
struct Way<'a> {
    finding: &'a Finding,
    components: Vec<Component>,
    packets: Vec<String>,
    /// Text of each component.
    texts: Vec<String>,
}

impl<'a> Way<'a> {
    fn new(analysis: &Analysis, words: &Words, finding: &'a Finding) -> Self {
        let path = &finding.path;
        let components = trail(analysis.graph(), path.source, path.edges.iter().copied(), path.destination);
        let mut texts: Vec<String> =
            components.iter().map(|component| component_text(analysis, component)).collect();
        let mut changes: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for track in &path.tracks {
            for (step, before, after) in track.header_changes() {
                let said = changes.entry(changing(&components, step)).or_default();
                for change in words.change(before, after) {
                    if !said.contains(&change) {
                        said.push(change);
                    }
                }
            }
        }
        for (at, said) in changes {
            if let Some(text) = texts.get_mut(at) {
                for change in &said {
                    add(text, change);
                }
            }
        }
        let packets = path.tracks.iter().map(|track| words.packets(&track.first)).collect();
        Self { finding, components, packets, texts }
    }
}

/// Ways through the same components: their packets, then the hops, apart where they differ.
fn ways_text(analysis: &Analysis, words: &Words, ways: &[Way<'_>], style: Style) -> String {
    let several = ways.len() > 1;
    let mut text = String::from("\n");
    for (index, way) in ways.iter().enumerate() {
        for (line, packets) in way.packets.iter().enumerate() {
            let lead = match (several, line) {
                (true, 0) => format!("{:<3}", format!("{})", letters(index))),
                (true, _) => "   ".to_owned(),
                (false, _) => String::new(),
            };
            text.push_str(&wrapped(&format!("{lead}{packets}"), 4, 4 + lead.len() + 2));
        }
    }
    text.push_str(&rows_text(&rows(analysis, ways), 4, style));
    let labelled = |says: &dyn Fn(&Way<'_>) -> String| -> Vec<(String, String)> {
        let mut said: Vec<(String, Vec<usize>)> = Vec::new();
        for (index, way) in ways.iter().enumerate() {
            let saying = says(way);
            match said.iter_mut().find(|(known, _)| *known == saying) {
                Some((_, who)) => who.push(index),
                None => said.push((saying, vec![index])),
            }
        }
        let all = said.len() == 1;
        let label = |who: Vec<usize>| if all { String::new() } else { format!("{}) ", joined_letters(&who)) };
        said.into_iter().map(|(saying, who)| (label(who), saying)).collect()
    };
    for (label, saying) in labelled(&|way| replies_text(analysis, words, &way.finding.path.replies)) {
        if !saying.is_empty() {
            text.push_str(&wrapped(&format!("{label}{saying}"), 4, 6));
        }
    }
    let ids: Vec<String> = labelled(&|way| way.finding.id.clone())
        .into_iter()
        .map(|(label, id)| format!("{label}{id}"))
        .collect();
    let noun = if several { "findings" } else { "finding" };
    for line in wrapped(&format!("{noun} {}", ids.join(", ")), 4, 6).lines() {
        text.push_str(&style.dim(line));
        text.push('\n');
    }
    text
}

fn rows(analysis: &Analysis, ways: &[Way<'_>]) -> Vec<Row> {
    let mut rows = Vec::new();
    let Some(first) = ways.first() else { return rows };
    for (at, component) in first.components.iter().enumerate() {
        let mut apart: Vec<(Row, Vec<usize>)> = Vec::new();
        for (index, way) in ways.iter().enumerate() {
            let cause = way.components.get(at).and_then(|component| component.cause.as_ref());
            let row = Row {
                label: (at + 1).to_string(),
                id: short(&analysis.graph().resource(component.resource).id).to_owned(),
                text: way.texts.get(at).cloned().unwrap_or_default(),
                location: cause.and_then(|cause| analysis.locate(cause)),
            };
            match apart.iter_mut().find(|(known, _)| *known == row) {
                Some((_, who)) => who.push(index),
                None => apart.push((row, vec![index])),
            }
        }
        let same = apart.len() == 1;
        for (mut row, who) in apart {
            if !same {
                let who = joined_letters(&who);
                if who.len() <= 4 {
                    row.label.push_str(&who);
                } else {
                    row.text = format!("{who}) {}", row.text);
                }
            }
            rows.push(row);
        }
    }
    rows
}

/// `a` to `z`, then `aa`.
fn letters(index: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(index % 26).unwrap_or(0));
    if index < 26 { letter.to_string() } else { format!("{}{letter}", letters(index / 26 - 1)) }
}

/// Letters of these indexes, which are in order: `a,c-f`.
fn joined_letters(indexes: &[usize]) -> String {
    let spans = indexes.chunk_by(|one, next| one + 1 == *next);
    let text = |span: &[usize]| match span {
        [] => String::new(),
        [one] => letters(*one),
        [one, next] => format!("{},{}", letters(*one), letters(*next)),
        [first, .., last] => format!("{}-{}", letters(*first), letters(*last)),
    };
    spans.map(text).collect::<Vec<_>>().join(",")
}

/// Whether replies get back; empty if that was not asked.
pub(crate) fn replies_text(analysis: &Analysis, words: &Words, replies: &Replies) -> String {
    match replies {
        Replies::All => "Replies get back.".to_owned(),
        Replies::Some(answered) => {
            let packets: Vec<String> = blocks(answered).iter().map(|block| words.packets(block)).collect();
            format!("Replies get back only for {}.", packets.join("; and for "))
        }
        Replies::None => "No reply gets back: what arrives is not answered.".to_owned(),
        Replies::Unknown(causes) => {
            let whys: Vec<String> = causes.iter().map(|cause| analysis.unknown(cause)).collect();
            format!("Whether replies get back is unknown: {}.", listed(&whys))
        }
        Replies::NotAsked => String::new(),
    }
}

fn unknowns_text(analysis: &Analysis, unknowns: &[Unknown], style: Style) -> String {
    let mut text = format!("  {}\n", style.doubtful("Unknown, because the snapshot does not tell:"));
    for unknown in unknowns.iter().take(UNKNOWNS) {
        text.push_str(&wrapped(&format!("? {}", unknown.what), 4, 6));
        let location = unknown.cause.as_ref().and_then(|cause| analysis.locate(cause));
        if let Some(location) = &location {
            let _ = writeln!(text, "      {}", style.dim(&location.to_string()));
        }
        if let Some(doubt) = &unknown.doubt {
            let graph = analysis.graph();
            let source = graph.node(doubt.source).resource;
            let source =
                source.map_or_else(|| graph.describe(doubt.source), |id| graph.resource(id).id.clone());
            let gets = if doubt.sources == 1 { "gets" } else { "get" };
            let far = format!(
                "{} {gets} that far, for example {source} with {}",
                counted(doubt.sources, "source"),
                doubt.packet
            );
            text.push_str(&wrapped(&far, 6, 8));
        }
        if let Some(help) = help(analysis, location.as_ref()) {
            text.push_str(&wrapped(&format!("help: {help}"), 6, 8));
        }
    }
    if unknowns.len() > UNKNOWNS {
        let _ = writeln!(text, "    … and {} more; `--format json` lists all", unknowns.len() - UNKNOWNS);
    }
    text
}

fn summary(totals: &Totals, style: Style) -> String {
    let mut parts = Vec::new();
    if totals.with_findings > 0 {
        let scopes = if totals.scopes == 1 {
            String::new()
        } else {
            format!(" in {}", counted(totals.with_findings, "scope"))
        };
        parts.push(style.bad(&format!("{}{scopes}", counted(totals.findings, "finding"))));
    }
    if totals.unknown > 0 {
        parts.push(style.doubtful(&format!("{} unknown", totals.unknown)));
    }
    if totals.clean > 0 {
        parts.push(style.good(&format!("{} clean", totals.clean)));
    }
    if totals.truncated > 0 {
        parts.push(style.bad(&format!("{} cut off, there are more findings", totals.truncated)));
    }
    format!("{}: {}\n", counted(totals.scopes, "scope"), parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_scopes;

    /// One subnet; `eni-2` takes HTTP and HTTPS from anywhere in the VPC but its ACL lets no reply out to `eni-1`.
    const EXPORT: &str = r#"{
        "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333"}],
        "Subnets": [
            {"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "eu-west-1a"},
            {"SubnetId": "subnet-2", "VpcId": "vpc-1", "CidrBlock": "10.0.2.0/24", "AvailabilityZone": "eu-west-1a"}],
        "InternetGateways": [],
        "RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{"Main": true}],
            "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"},
                       {"DestinationCidrBlock": "10.9.0.0/16", "TransitGatewayId": "tgw-1", "State": "active"}]}],
        "NetworkAcls": [{"NetworkAclId": "acl-1", "VpcId": "vpc-1",
            "Associations": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}],
            "Entries": [{"RuleNumber": 1, "Protocol": "-1", "RuleAction": "allow", "Egress": false, "CidrBlock": "0.0.0.0/0"},
                        {"RuleNumber": 1, "Protocol": "6", "RuleAction": "allow", "Egress": true, "CidrBlock": "0.0.0.0/0",
                         "PortRange": {"From": 0, "To": 1023}}]}],
        "SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1",
            "IpPermissions": [
                {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]},
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}],
            "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}],
        "NetworkInterfaces": [
            {"NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "VpcId": "vpc-1", "PrivateIpAddress": "10.0.1.10",
             "Groups": [{"GroupId": "sg-1"}], "Status": "in-use"},
            {"NetworkInterfaceId": "eni-2", "SubnetId": "subnet-2", "VpcId": "vpc-1", "PrivateIpAddress": "10.0.2.20",
             "Groups": [{"GroupId": "sg-1"}], "Status": "in-use", "TagSet": [{"Key": "Name", "Value": "shop"}]}]
    }"#;

    fn said(source: &str, destination: &str) -> String {
        let analysis = Analysis::of_documents([("export.json".to_owned(), EXPORT.into())]);
        let end = |id: &str| format!(r#"{{"ResourceStatement": {{"Resources": ["{id}"]}}}}"#);
        let scope = format!(
            r#"{{"MatchPaths": [{{"Source": {}, "Destination": {}}}]}}"#,
            end(source),
            end(destination)
        );
        let scopes = read_scopes("scope.json", &scope).unwrap();
        let asked = analysis.ask(scopes, &analysis.context());
        scopes_text(&analysis, &asked, &Certification::NotAsked, Style::Plain)
    }

    #[test]
    fn ways_of_one_pair_stand_together() {
        insta::assert_snapshot!(said("eni-1", "eni-2"), @"
        scope: 2 findings
          Looks for paths from eni-1 to eni-2.

          from eni-1  network interface, in subnet subnet-1
          to   eni-2  network interface shop, in subnet subnet-2

            a) tcp from 10.0.1.10 to 10.0.2.20:80
            b) tcp from 10.0.1.10 to 10.0.2.20:443
            1   eni-1  network interface
            2   sg-1   allow egress all to 0.0.0.0/0  export.json:19
            3   acl-1  rule 1: allow egress tcp 0-1023 to 0.0.0.0/0  export.json:13
            4   rtb-1  route 10.0.0.0/16 to local  export.json:8
            5   acl-1  rule 1: allow ingress all from 0.0.0.0/0  export.json:12
            6a  sg-1   allow ingress tcp 80 from 10.0.0.0/16  export.json:17
            6b  sg-1   allow ingress tcp 443 from 10.0.0.0/16  export.json:18
            7   eni-2  (shop) network interface
            a) Replies get back only for tcp from 10.0.1.10 on ports 0-1023 to 10.0.2.20:80.
            b) Replies get back only for tcp from 10.0.1.10 on ports 0-1023 to 10.0.2.20:443.
            findings a) fa10a06673af4303, b) 0a874dbb4cf0cfd1

        1 scope: 2 findings
        Not certified: not asked for.
        ");
    }

    #[test]
    fn names_that_are_not_there_are_unknown() {
        insta::assert_snapshot!(said("eni-1", "eni-9"), @"
        scope: unknown, nothing was found but not all is known
          Looks for paths from eni-1 to eni-9.

          Unknown, because the snapshot does not tell:
            ? `eni-9` is not in the snapshot

        1 scope: 1 unknown
        Not certified: not asked for.
        ");
    }

    #[test]
    fn letters_go_on_after_z_and_are_joined() {
        let shown: Vec<String> = [0, 25, 26, 27, 701, 702].into_iter().map(letters).collect();
        assert_eq!(shown, ["a", "z", "aa", "ab", "zz", "aaa"]);
        assert_eq!(joined_letters(&[0, 2, 3, 5, 6, 7]), "a,c,d,f-h");
    }
}
