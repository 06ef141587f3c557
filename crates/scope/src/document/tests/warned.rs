//! What is taken with a remark, or without one, and how it is read.
use super::{said, said_header, said_path, scope};
use crate::document::{ResourceCondition, ResourceNameKind, Which};
use insta::assert_snapshot;

#[test]
fn through_in_a_match_path() {
    assert_snapshot!(said_path(
        r#"{"Source":{"ResourceStatement":{"Resources":["vpc-1"]}},
            "ThroughResources":[{"ResourceStatement":{"ResourceTypes":["AWS::EC2::NatGateway"]}}]}"#
    ), @r"
    paths from vpc-1 through any NAT gateway
    s.json#/MatchPaths/0/ThroughResources (line 2): AWS documents `ThroughResources` for exclude paths only; read as: the path must pass through it
    ");
}

#[test]
fn several_through_entries() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"Resources":["vpc-1"]}}}],
            "ExcludePaths":[{"ThroughResources":[
                {"ResourceStatement":{"ResourceTypes":["AWS::EC2::NatGateway"]}},
                {"ResourceStatement":{"Resources":["arn:aws:network-firewall:eu-west-1:111122223333:firewall/edge"]}}]}]}"#
    ), @r"
    paths from vpc-1, except those through any NAT gateway and through firewall/edge
    s.json#/ExcludePaths/0/ThroughResources (line 2): AWS documents one entry in `ThroughResources`; read as: the path passes through one of each
      help: to mean any of them, write them into one entry's list
    ");
}

#[test]
fn empty_list() {
    assert_snapshot!(said_header(r#"{"DestinationPorts":[],"Protocols":["udp"]}"#), @r"
    paths arriving on udp
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts (line 1): the list is empty and is read as if it were not there
      help: leave the member out, or list at least one value
    ");
    assert_snapshot!(said_path(
        r#"{"Source":{"ResourceStatement":{"Resources":[],"ResourceTypes":["AWS::EC2::InternetGateway"]}}}"#
    ), @r"
    paths from any internet gateway
    s.json#/MatchPaths/0/Source/ResourceStatement/Resources (line 1): the list is empty and is read as if it were not there
      help: leave the member out, or list at least one value
    ");
}

#[test]
fn numbers_as_ports() {
    assert_snapshot!(said_header(r#"{"DestinationPorts":[22,"23"]}"#), @r#"
    paths arriving on port 22 or 23
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/0 (line 1): port 22 is a number, but AWS takes ports as texts
      help: write `"22"`
    "#);
}

#[test]
fn ipv6_and_host_bits() {
    assert_snapshot!(said_header(
        r#"{"SourceAddresses":["10.0.0.7/24","2001:db8::/32","192.0.2.1","192.0.2.0/24"]}"#
    ), @r"
    paths arriving with source address 10.0.0.0/24, 2001:db8::/32, 192.0.2.1 or 192.0.2.0/24
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourceAddresses/0 (line 1): `10.0.0.7/24` has bits set behind its prefix; read as `10.0.0.0/24`
      help: write `10.0.0.0/24`, or `10.0.0.7` for the one address
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourceAddresses/1 (line 1): `2001:db8::/32` is IPv6: netproof takes it, AWS's Network Access Analyzer takes IPv4 only
    ");
}

#[test]
fn tag_specification_without_resource_type() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"Resources":["vpc-1"]}}}],
            "TagSpecifications":[{"Tags":[{"Key":"Name","Value":"x"}]}]}"#
    ), @r#"
    paths from vpc-1
    s.json#/TagSpecifications/0 (line 2): the tag specification does not say its `ResourceType`; read as `network-insights-access-scope`
      help: add `"ResourceType": "network-insights-access-scope"`, or AWS may refuse it
    "#);
}

#[test]
fn template_parts_that_cloudformation_decides() {
    assert_snapshot!(said(
        r#"{"Type":"AWS::EC2::NetworkInsightsAccessScope","Condition":"IsProd","Properties":{
            "Tags":[{"Key":"Name","Value":{"Fn::Sub":"${Stage}-ingress"}}],
            "MatchPaths":[{"Source":{"ResourceStatement":{"Resources":["vpc-1"]}}}]}}"#
    ), @r"
    paths from vpc-1
    s.json#/Condition (line 1): whether this scope is created depends on a CloudFormation condition; read as created
    s.json#/Properties/Tags/0/Value (line 2): the value of tag `Name` is worked out by CloudFormation; the tag is left out
    ");
}

#[test]
fn ports_and_ranges() {
    assert_snapshot!(said_header(r#"{"DestinationPorts":["0","22","1024-65535","80-80"]}"#), @"paths arriving on port 0, 22, 1024-65535 or 80");
}

#[test]
fn protocols_in_any_letter_case() {
    assert_snapshot!(said_header(r#"{"Protocols":["TCP","Udp"]}"#), @"paths arriving on tcp or udp");
}

#[test]
fn prefix_lists_by_id_and_arn() {
    assert_snapshot!(said_header(
        r#"{"SourcePrefixLists":["pl-1"],"DestinationPrefixLists":["arn:aws:ec2:eu-west-1:111122223333:prefix-list/pl-2"]}"#
    ), @"paths arriving with source address in prefix list pl-1 and destination address in prefix list arn:aws:ec2:eu-west-1:111122223333:prefix-list/pl-2");
}

#[test]
fn addresses_on_one_side_and_prefix_lists_on_the_other() {
    assert_snapshot!(said_header(r#"{"SourcePrefixLists":["pl-1"],"DestinationAddresses":["10.0.0.0/8"]}"#), @"paths arriving with source address in prefix list pl-1 and destination address 10.0.0.0/8");
}

#[test]
fn absent_members_written_as_null() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Source":{"PacketHeaderStatement":null,"ResourceStatement":{"Resources":["vpc-1"],"ResourceTypes":null}},"Destination":null,"ThroughResources":null}],
            "ExcludePaths":null,"TagSpecifications":null,"DryRun":null}"#
    ), @"paths from vpc-1");
}

#[test]
fn all_types_where_they_may_stand() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[
            {"Source":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::Instance","AWS::EC2::InternetGateway","AWS::EC2::NetworkInterface",
                "AWS::EC2::TransitGatewayAttachment","AWS::EC2::VPNGateway","AWS::EC2::VPCEndpointService","AWS::EC2::VPCPeeringConnection"]}},
             "Destination":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::VPCEndpoint"]}}}],
            "ExcludePaths":[{"ThroughResources":[{"ResourceStatement":{"ResourceTypes":["AWS::EC2::NatGateway","AWS::NetworkFirewall::Firewall",
                "AWS::NetworkFirewall::NetworkFirewall","AWS::ElasticLoadBalancing::LoadBalancer","AWS::ElasticLoadBalancingV2::LoadBalancer"]}}]}]}"#
    ), @"paths from any instance, internet gateway, network interface, transit gateway attachment, virtual private gateway, VPC endpoint service or VPC peering connection to any VPC endpoint, except those through any NAT gateway, network firewall, Classic Load Balancer or Application, Network or Gateway Load Balancer");
}

#[test]
fn all_names_where_they_may_stand() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"Resources":["i-1","igw-1","eni-1","sg-1","subnet-1","tgw-attach-1","vpc-1"]}},
             "Destination":{"ResourceStatement":{"Resources":["vgw-1","vpce-svc-1","vpce-1","pcx-1","arn:aws-cn:ec2:cn-north-1:111122223333:instance/i-2"]}}}],
            "ExcludePaths":[{"ThroughResources":[{"ResourceStatement":{"Resources":["nat-1","vpce-2","6ba7b810-9dad-11d1-80b4-00c04fd430c8",
                "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/old"]}}]}]}"#
    ), @"paths from i-1, igw-1, eni-1, sg-1, subnet-1, tgw-attach-1 or vpc-1 to vgw-1, vpce-svc-1, vpce-1, pcx-1 or instance/i-2, except those through nat-1, vpce-2, 6ba7b810-9dad-11d1-80b4-00c04fd430c8 or loadbalancer/old");
}

#[test]
fn names_are_taken_apart() {
    let scope = scope(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"Resources":["vpce-svc-1",
            "arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-1","arn:aws:resource-groups:eu-west-1:111122223333:group/web"]}}}]}"#,
    );
    let Some(ResourceCondition { which: Which::Resources(names), .. }) =
        scope.match_paths[0].source.as_ref().unwrap().resources.as_ref()
    else {
        panic!("names");
    };
    let types: Vec<_> = names.iter().map(crate::document::ResourceName::cloudformation_type).collect();
    assert_eq!(types, [Some("AWS::EC2::VPCEndpointService"), Some("AWS::EC2::Subnet"), None]);
    assert_eq!(names[0].kind, ResourceNameKind::Id);
    assert!(matches!(&names[1].kind, ResourceNameKind::Arn { service, account, resource, .. }
        if service == "ec2" && account == "111122223333" && resource == "subnet/subnet-1"));
    assert!(matches!(&names[2].kind, ResourceNameKind::ResourceGroupArn { region, group, .. }
        if region == "eu-west-1" && group == "web"));
    assert_eq!(names[2].pointer, "/MatchPaths/0/Source/ResourceStatement/Resources/2");
}

#[test]
fn a_severity_that_is_none() {
    let tagged = |severity: &str| {
        said(&format!(
            r#"{{"MatchPaths":[{{"Source":{{"ResourceStatement":{{"Resources":["vpc-1"]}}}}}}],
            "TagSpecifications":[{{"ResourceType":"network-insights-access-scope",
                "Tags":[{{"Key":"Severity","Value":"{severity}"}}]}}]}}"#
        ))
    };
    assert_snapshot!(tagged("SEVERE"), @"
    paths from vpc-1
    s.json#/TagSpecifications/0/Tags/0/Value (line 3): `SEVERE` is no severity: findings count as MEDIUM
      help: expected INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL
    ");
    assert_snapshot!(tagged("critical"), @"paths from vpc-1");
}
