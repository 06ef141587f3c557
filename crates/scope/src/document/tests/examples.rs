//! The scopes that AWS's guides and samples show, and some from elsewhere, re-typed.
//!
//! SOURCE: Network Access Analyzer guide, examples; AWS CLI reference; VPC guide, chapter on Block Public
//! Access; aws-samples `network-access-analyzer-multi-account-analysis` and
//! `aws-vpc-network-access-analyzer-automation` (checked 2026-11-23).
use super::said;
use insta::assert_snapshot;

#[test]
fn two_subnets_that_must_not_talk() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[
            {"Source":{"ResourceStatement":{"Resources":["subnet-1-id"]}},"Destination":{"ResourceStatement":{"Resources":["subnet-2-id"]}}},
            {"Source":{"ResourceStatement":{"Resources":["subnet-2-id"]}},"Destination":{"ResourceStatement":{"Resources":["subnet-1-id"]}}}]}"#
    ), @"paths from subnet-1-id to subnet-2-id; or from subnet-2-id to subnet-1-id");
}

#[test]
fn bastions_on_anything_but_ssh() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Destination":{"ResourceStatement":{"Resources":["arn:aws:resource-groups:us-east-1:123456789012:group/bastions"]}}}],
            "ExcludePaths":[{"Destination":{"PacketHeaderStatement":{"DestinationPorts":["22"]}}}]}"#
    ), @"paths to resource group bastions, except those arriving on port 22");
}

#[test]
fn ingress_except_a_trusted_range() {
    for trusted in [r#""SourceAddresses":["55.3.0.0/16"]"#, r#""SourcePrefixLists":["pl-02cd2c6b"]"#] {
        let text = format!(
            r#"{{"MatchPaths":[{{"Source":{{"ResourceStatement":{{"ResourceTypes":["AWS::EC2::InternetGateway"]}}}}}}],
                "ExcludePaths":[{{"Source":{{"PacketHeaderStatement":{{{trusted}}}}}}}]}}"#
        );
        assert!(
            said(&text)
                .starts_with("paths from any internet gateway, except those sent with source address ")
        );
    }
}

#[test]
fn egress_except_a_trusted_range() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Destination":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::InternetGateway"]}}}],
            "ExcludePaths":[{"Destination":{"PacketHeaderStatement":{"DestinationAddresses":["55.3.0.0/16"]}}}]}"#
    ), @"paths to any internet gateway, except those arriving with destination address 55.3.0.0/16");
}

#[test]
fn ingress_that_bypasses_the_firewall() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::InternetGateway"]}},
                           "Destination":{"ResourceStatement":{"Resources":["subnet-814424dd"]}}}],
            "ExcludePaths":[{"ThroughResources":[{"ResourceStatement":{"ResourceTypes":["AWS::NetworkFirewall::Firewall"]}}]}]}"#
    ), @"paths from any internet gateway to subnet-814424dd, except those through any network firewall");
}

#[test]
fn interfaces_that_carry_a_security_group() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::InternetGateway"]}},
                           "Destination":{"ResourceStatement":{"Resources":["sg-f15d59b3"]}}}]}"#
    ), @"paths from any internet gateway to sg-f15d59b3");
}

#[test]
fn anything_that_leaves_a_vpc() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"Resources":["vpc-abcd12e3"]}}}],
            "ExcludePaths":[{"Source":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::InternetGateway"]}}}]}"#
    ), @"paths from vpc-abcd12e3, except those from any internet gateway");
}

#[test]
fn impact_of_blocking_public_access() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::InternetGateway"]}}},
                          {"Destination":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::InternetGateway"]}}}]}"#
    ), @"paths from any internet gateway; or to any internet gateway");
}

#[test]
fn sample_external_ingress() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::InternetGateway"]}},
                           "Destination":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::NetworkInterface"]}}}],
            "TagSpecifications":[{"ResourceType":"network-insights-access-scope","Tags":[{"Key":"Name","Value":"naa-external-ingress"}]}]}"#
    ), @"paths from any internet gateway to any network interface");
}

#[test]
fn sample_ingress_but_web_ports() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::InternetGateway"]}},
                           "Destination":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::Instance"]}}}],
            "ExcludePaths":[{"Destination":{"PacketHeaderStatement":{"DestinationPorts":["80","443"]}}}]}"#
    ), @"paths from any internet gateway to any instance, except those arriving on port 80 or 443");
}

#[test]
fn sample_egress_but_one_block() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::Instance"]}},
                           "Destination":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::InternetGateway"]}}}],
            "ExcludePaths":[{"Destination":{"PacketHeaderStatement":{"DestinationAddresses":["55.3.0.0/16"]}}}]}"#
    ), @"paths from any instance to any internet gateway, except those arriving with destination address 55.3.0.0/16");
}

#[test]
fn sample_between_vpcs_but_dns() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"Resources":["vpc-1"]}},"Destination":{"ResourceStatement":{"Resources":["vpc-2"]}}}],
            "ExcludePaths":[{"Destination":{"PacketHeaderStatement":{"DestinationPorts":["53"]}}}]}"#
    ), @"paths from vpc-1 to vpc-2, except those arriving on port 53");
}

#[test]
fn egress_that_skips_nat() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::NetworkInterface"]}},
                           "Destination":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::InternetGateway"]}}}],
            "ExcludePaths":[{"ThroughResources":[{"ResourceStatement":{"ResourceTypes":["AWS::EC2::NatGateway"]}}]}]}"#
    ), @"paths from any network interface to any internet gateway, except those through any NAT gateway");
}

#[test]
fn database_ports_of_one_vpc() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::InternetGateway"]}},
            "Destination":{"ResourceStatement":{"Resources":["vpc-1"]},
                           "PacketHeaderStatement":{"DestinationPorts":["3306","5432"],"Protocols":["tcp"]}}}]}"#
    ), @"paths from any internet gateway to vpc-1 on tcp 3306 or 5432");
}

#[test]
fn everything_under_source() {
    assert_snapshot!(said(
        r#"{"MatchPaths":[{"Source":{"PacketHeaderStatement":{"SourceAddresses":["10.1.0.0/16"],"DestinationAddresses":["10.2.0.0/16"],
            "SourcePorts":["1024-65535"],"DestinationPorts":["443"],"Protocols":["tcp","udp"]}}}]}"#
    ), @"paths sent on tcp or udp 443 with source address 10.1.0.0/16 and source port 1024-65535 and destination address 10.2.0.0/16");
}
