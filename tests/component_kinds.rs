//! AWS's findings document for every kind of component that AWS's analyzers show.
//!
//! For each kind, the first finding of the scenarios that has such a component is a golden file, so that every key,
//! casing and type can be read; a kind that no scenario shows fails. `UPDATE_GOLDEN=1` rewrites the files.
//!
//! SOURCE: Network Access Analyzer guide, "Resources"; Reachability Analyzer guide, "Intermediate components"
//! (checked 2026-11-26).
#![expect(clippy::unwrap_used, reason = "a test: failing loudly is its job")]

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use netproof::{Analysis, read_scopes, report::aws_json};
use serde_json::{Value, json};

/// Kinds of component: the golden's name, and how the resource part of the ARN begins.
const KINDS: [(&str, &str); 20] = [
    ("application-load-balancer", "loadbalancer/app/"),
    ("classic-load-balancer", "loadbalancer/"),
    ("egress-only-internet-gateway", "egress-only-internet-gateway/"),
    ("gateway-load-balancer", "loadbalancer/gwy/"),
    ("instance", "instance/"),
    ("internet-gateway", "internet-gateway/"),
    ("nat-gateway", "natgateway/"),
    ("network-acl", "network-acl/"),
    ("network-firewall", "firewall/"),
    ("network-interface", "network-interface/"),
    ("network-load-balancer", "loadbalancer/net/"),
    ("route-table", "route-table/"),
    ("security-group", "security-group/"),
    ("target-group", "targetgroup/"),
    ("transit-gateway-attachment", "transit-gateway-attachment/"),
    ("transit-gateway-route-table", "transit-gateway-route-table/"),
    ("vpc-endpoint", "vpc-endpoint/"),
    ("vpc-endpoint-service", "vpc-endpoint-service/"),
    ("vpc-peering-connection", "vpc-peering-connection/"),
    ("vpn-gateway", "vpn-gateway/"),
];

/// Scopes that between them look at every pair of ends.
const SCOPES: [(&str, &str); 2] = [
    (
        "in",
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::InternetGateway","AWS::EC2::VPCPeeringConnection","AWS::EC2::VPCEndpointService","AWS::EC2::VPNGateway","AWS::EC2::TransitGatewayAttachment","AWS::EC2::NetworkInterface"]}},"Destination":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::NetworkInterface"]}}}]}"#,
    ),
    (
        "out",
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::NetworkInterface"]}}}]}"#,
    ),
];

/// Members of AWS's shapes, by the member that holds one, with the type of each: a text, a number, a switch, a shape or
/// a list of texts or shapes.
///
/// SOURCE: botocore 1.44.8, service model `ec2`, shapes `PathComponent` and those in it (checked 2026-11-26).
const SHAPES: [(&[&str], &str); 14] = [
    (
        &["FindingComponents"],
        "SequenceNumber:number AclRule:shape AttachedTo:shape Component:shape DestinationVpc:shape OutboundHeader:shape InboundHeader:shape RouteTableRoute:shape SecurityGroupRule:shape SourceVpc:shape Subnet:shape Vpc:shape AdditionalDetails:shapes TransitGateway:shape TransitGatewayRouteTableRoute:shape TransitGatewayPolicyTableEntry:shape Explanations:shapes ElasticLoadBalancerListener:shape FirewallStatelessRule:shape FirewallStatefulRule:shape ServiceName:text",
    ),
    (
        &[
            "AttachedTo",
            "Component",
            "DestinationVpc",
            "SourceVpc",
            "Subnet",
            "Vpc",
            "TransitGateway",
            "ElasticLoadBalancerListener",
            "VpcEndpointService",
            "LoadBalancers",
        ],
        "Id:text Arn:text Name:text",
    ),
    (&["AclRule"], "Cidr:text Egress:switch PortRange:shape Protocol:text RuleAction:text RuleNumber:number"),
    (
        &[
            "PortRange",
            "SourcePortRange",
            "DestinationPortRange",
            "SourcePortRanges",
            "DestinationPortRanges",
            "SourcePorts",
            "DestinationPorts",
        ],
        "From:number To:number",
    ),
    (
        &["OutboundHeader", "InboundHeader"],
        "DestinationAddresses:texts DestinationPortRanges:shapes Protocol:text SourceAddresses:texts SourcePortRanges:shapes",
    ),
    (
        &["RouteTableRoute"],
        "DestinationCidr:text DestinationPrefixListId:text EgressOnlyInternetGatewayId:text GatewayId:text InstanceId:text NatGatewayId:text NetworkInterfaceId:text Origin:text TransitGatewayId:text VpcPeeringConnectionId:text State:text CarrierGatewayId:text CoreNetworkArn:text LocalGatewayId:text",
    ),
    (
        &["SecurityGroupRule"],
        "Cidr:text Direction:text SecurityGroupId:text PortRange:shape PrefixListId:text Protocol:text",
    ),
    (
        &["AdditionalDetails"],
        "AdditionalDetailType:text Component:shape VpcEndpointService:shape RuleOptions:shapes RuleGroupTypePairs:shapes RuleGroupRuleOptionsPairs:shapes ServiceName:text LoadBalancers:shapes",
    ),
    (&["RuleOptions"], "Keyword:text Settings:texts"),
    (&["RuleGroupRuleOptionsPairs"], "RuleGroupArn:text RuleOptions:shapes"),
    (
        &["TransitGatewayRouteTableRoute"],
        "DestinationCidr:text State:text RouteOrigin:text PrefixListId:text AttachmentId:text ResourceId:text ResourceType:text",
    ),
    (
        &["TransitGatewayPolicyTableEntry"],
        "RuleNumber:number Protocol:text SourceCidr:text DestinationCidr:text SourcePortRange:shape DestinationPortRange:shape TargetRouteTableId:text",
    ),
    (
        &["FirewallStatelessRule"],
        "RuleGroupArn:text Sources:texts Destinations:texts SourcePorts:shapes DestinationPorts:shapes Protocols:numbers RuleAction:text Priority:number",
    ),
    (
        &["FirewallStatefulRule"],
        "RuleGroupArn:text Sources:texts Destinations:texts SourcePorts:shapes DestinationPorts:shapes Protocol:text RuleAction:text Direction:text",
    ),
];

/// Members of `value`, which is what the member `name` holds, that AWS's shape of it has not, or has of another type.
fn strangers(name: &str, value: &Value, found: &mut String) {
    let shape = SHAPES.iter().find(|(holders, _)| holders.contains(&name)).map_or("", |(_, members)| members);
    for (member, value) in value.as_object().into_iter().flatten() {
        let kind = shape.split(' ').find_map(|known| known.strip_prefix(member.as_str())?.strip_prefix(':'));
        let each: Vec<&Value> = value.as_array().map_or_else(|| vec![value], |list| list.iter().collect());
        let all = |is: fn(&Value) -> bool| each.iter().all(|one| is(one));
        let fits = kind.is_some_and(|kind| {
            let (kind, listed) = kind.strip_suffix('s').map_or((kind, false), |one| (one, true));
            listed == value.is_array()
                && match kind {
                    "text" => all(Value::is_string),
                    "number" => all(Value::is_i64),
                    "switch" => all(Value::is_boolean),
                    _ => all(Value::is_object),
                }
        });
        if !fits {
            writeln!(found, "`{member}` of `{name}` is not as AWS has it: {value}").unwrap();
        }
        each.into_iter().filter(|one| one.is_object()).for_each(|one| strangers(member, one, found));
    }
}

/// Which kind the ARN of a component is of: the one whose beginning is the longest.
fn kind(arn: &str) -> Option<&'static str> {
    let resource = arn.splitn(6, ':').nth(5)?;
    let fitting = KINDS.iter().filter(|(_, begins)| resource.starts_with(begins));
    fitting.max_by_key(|(_, begins)| begins.len()).map(|(name, _)| *name)
}

/// Kinds of all components of a finding.
fn kinds(finding: &Value) -> Vec<&'static str> {
    let components = finding["FindingComponents"].as_array().unwrap();
    let members = components.iter().flat_map(|component| [&component["Component"], &component["AttachedTo"]]);
    members.filter_map(|member| kind(member["Arn"].as_str()?)).collect()
}

fn golden(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/components/{name}.json"))
}

#[test]
fn every_kind_of_component_is_shown_as_aws_does() {
    let mut differences = String::new();
    let mut shown = BTreeMap::<&str, Value>::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files {
        let text: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
        let network = text["network"]["json"].as_str().unwrap().as_bytes().to_vec();
        let analysis = Analysis::of_documents([("network.json".to_owned(), network)]);
        for (name, scope) in SCOPES {
            let scopes = read_scopes(name, scope).unwrap();
            let mut context = analysis.context();
            context.most = 2_000;
            for asked in analysis.ask(scopes, &context) {
                let document = serde_json::to_value(aws_json::findings(&analysis, &asked)).unwrap();
                for finding in document["AnalysisFindings"].as_array().unwrap() {
                    for component in finding["FindingComponents"].as_array().unwrap() {
                        strangers("FindingComponents", component, &mut differences);
                    }
                    for kind in kinds(finding) {
                        shown.entry(kind).or_insert_with(|| {
                            let scenario = path.file_name().unwrap().to_str().unwrap();
                            json!({ "scenario": scenario, "FindingComponents": finding["FindingComponents"] })
                        });
                    }
                }
            }
        }
    }
    for (name, _) in KINDS {
        let Some(found) = shown.get(name) else {
            writeln!(differences, "no scenario has a finding through a {name}").unwrap();
            continue;
        };
        let text = format!("{}\n", serde_json::to_string_pretty(found).unwrap());
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(golden(name).parent().unwrap()).unwrap();
            fs::write(golden(name), text).unwrap();
        } else if fs::read_to_string(golden(name)).ok().as_deref() != Some(text.as_str()) {
            writeln!(differences, "tests/golden/components/{name}.json is not what is printed").unwrap();
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
}
