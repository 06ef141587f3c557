//! What AWS does not take, and what we say then.
use super::{refused, refused_header, refused_path, refused_source, refused_through};
use insta::assert_snapshot;

#[test]
fn every_problem_is_reported_in_the_order_of_lines() {
    let text = r#"{
  "MatchPaths": [
    {"Source": {"ResourceStatement": {"ResourceTypes": ["AWS::EC2::NatGateway"]}},
     "Destination": {"PacketHeaderStatement": {"DestinationPorts": ["70000"], "Protocols": ["icmp"]}}}
  ],
  "ExcludePath": [],
  "ExcludePaths": [
    {}
  ]
}"#;
    assert_snapshot!(refused(text), @r"
    s.json#/MatchPaths/0/Source/ResourceStatement/ResourceTypes/0 (line 3): `AWS::EC2::NatGateway` cannot stand in `Source`
      help: `AWS::EC2::NatGateway` may stand in `ThroughResources`
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/0 (line 4): `70000` is given, but ports end at 65535
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/Protocols/0 (line 4): `icmp` is not a protocol of a scope; expected `tcp` or `udp`
      help: AWS's Network Access Analyzer follows TCP and UDP only; ask `netproof path` about others
    s.json#/ExcludePath (line 6): `ExcludePath` is not a member of a Network Access Scope
      help: did you mean `ExcludePaths`?
    s.json#/ExcludePaths/0 (line 8): an exclude path needs a `Source`, a `Destination` or `ThroughResources`
    ");
}

#[test]
fn not_json() {
    assert_snapshot!(refused("{\"MatchPaths\": [\n  {\"Source\": },\n]}"), @"s.json# (line 2): not JSON: found `}` where a value is expected (column 14)");
}

#[test]
fn yaml() {
    assert_snapshot!(crate::document::read_scopes("s.yaml", "MatchPaths:\n  - Source:").unwrap_err(), @r"
    s.yaml# (line 1): not JSON: found `M` where a value is expected (column 1)
      help: YAML is not read; convert it to JSON first
    ");
}

#[test]
fn not_an_object() {
    assert_snapshot!(refused("[]"), @"s.json# (line 1): expected a Network Access Scope, which is a JSON object, found a list");
}

#[test]
fn no_match_paths() {
    assert_snapshot!(refused("{}"), @r#"
    s.json# (line 1): `MatchPaths` is missing, but a scope needs at least one match path
      help: `"MatchPaths": [{"Source": …, "Destination": …}]`
    "#);
    assert_snapshot!(refused(r#"{"MatchPaths":[]}"#), @r#"
    s.json#/MatchPaths (line 1): `MatchPaths` is empty, but a scope needs at least one match path
      help: `"MatchPaths": [{"Source": …, "Destination": …}]`
    "#);
    assert_snapshot!(refused(r#"{"MatchPaths":null,"ExcludePaths":[{"Source":{"ResourceStatement":{"Resources":["vpc-1"]}}}]}"#), @r#"
    s.json# (line 1): `MatchPaths` is missing, but a scope needs at least one match path
      help: `"MatchPaths": [{"Source": …, "Destination": …}]`
    "#);
}

#[test]
fn match_paths_that_are_not_a_list() {
    assert_snapshot!(refused(r#"{"MatchPaths":{"Source":{}}}"#), @r"
    s.json#/MatchPaths (line 1): expected a list of path conditions, found an object
      help: put `[` and `]` around the object
    ");
}

#[test]
fn empty_path() {
    assert_snapshot!(refused_path("{}"), @"s.json#/MatchPaths/0 (line 1): a match path needs a `Source` or a `Destination`");
}

#[test]
fn empty_exclude_path() {
    assert_snapshot!(refused(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"Resources":["vpc-1"]}}}],"ExcludePaths":[{"ThroughResources":[]}]}"#
    ), @"s.json#/ExcludePaths/0 (line 1): an exclude path needs a `Source`, a `Destination` or `ThroughResources`");
}

#[test]
fn empty_end() {
    assert_snapshot!(refused_path(r#"{"Source":{}}"#), @"s.json#/MatchPaths/0/Source (line 1): a source needs a `ResourceStatement` or a `PacketHeaderStatement`");
    assert_snapshot!(refused_path(r#"{"Destination":{"ResourceStatement":null}}"#), @"s.json#/MatchPaths/0/Destination (line 1): a destination needs a `ResourceStatement` or a `PacketHeaderStatement`");
}

#[test]
fn empty_header() {
    assert_snapshot!(refused_header("{}"), @r"
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement (line 1): a packet header statement needs at least one value
      help: leave `PacketHeaderStatement` out to mean all of TCP and UDP
    ");
    assert_snapshot!(refused_header(r#"{"DestinationPorts":[]}"#), @r"
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement (line 1): a packet header statement needs at least one value
      help: leave `PacketHeaderStatement` out to mean all of TCP and UDP
    ");
}

#[test]
fn empty_resource_statement() {
    assert_snapshot!(refused_source("{}"), @r"
    s.json#/MatchPaths/0/Source/ResourceStatement (line 1): expected `Resources` or `ResourceTypes` with at least one value, found neither
      help: leave `ResourceStatement` out to mean any resource
    ");
    assert_snapshot!(refused_source(r#"{"Resources":[]}"#), @r"
    s.json#/MatchPaths/0/Source/ResourceStatement (line 1): expected `Resources` or `ResourceTypes` with at least one value, found neither
      help: leave `ResourceStatement` out to mean any resource
    ");
}

#[test]
fn empty_through_entry() {
    assert_snapshot!(refused(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"Resources":["vpc-1"]}}}],"ExcludePaths":[{"ThroughResources":[{}]}]}"#
    ), @"s.json#/ExcludePaths/0/ThroughResources/0 (line 1): a through entry needs a `ResourceStatement`");
    assert_snapshot!(refused_through("{}"), @"s.json#/ExcludePaths/0/ThroughResources/0/ResourceStatement (line 2): expected `Resources` or `ResourceTypes` with at least one value, found neither");
}

#[test]
fn resources_and_types_together() {
    assert_snapshot!(refused_source(r#"{"Resources":["vpc-1"],"ResourceTypes":["AWS::EC2::InternetGateway"]}"#), @r"
    s.json#/MatchPaths/0/Source/ResourceStatement (line 1): `Resources` and `ResourceTypes` stand together, but a resource statement takes one of the two
      help: keep one; for both, write two conditions
    ");
}

#[test]
fn lower_camel_members() {
    assert_snapshot!(refused(
        r#"{"matchPaths":[{"source":{"resourceStatement":{"resourceTypes":["AWS::EC2::IGW"]}}}]}"#
    ), @r"
    s.json#/matchPaths (line 1): `matchPaths` is not a member of a Network Access Scope
      help: did you mean `MatchPaths`?
    s.json#/matchPaths/0/source (line 1): `source` is not a member of a match path
      help: did you mean `Source`?
    s.json#/matchPaths/0/source/resourceStatement (line 1): `resourceStatement` is not a member of a source
      help: did you mean `ResourceStatement`?
    s.json#/matchPaths/0/source/resourceStatement/resourceTypes (line 1): `resourceTypes` is not a member of a resource statement
      help: did you mean `ResourceTypes`?
    s.json#/matchPaths/0/source/resourceStatement/resourceTypes/0 (line 1): `AWS::EC2::IGW` is not a resource type that a scope can select by
      help: `Source` takes `AWS::EC2::Instance`, `AWS::EC2::InternetGateway`, `AWS::EC2::NetworkInterface`, `AWS::EC2::TransitGatewayAttachment`, `AWS::EC2::VPNGateway`, `AWS::EC2::VPCEndpointService` or `AWS::EC2::VPCPeeringConnection`
    ");
}

#[test]
fn misspelt_members() {
    assert_snapshot!(refused_path(r#"{"Source":{"ResourceCondition":{"Resources":["vpc-1"]}}}"#), @r"
    s.json#/MatchPaths/0/Source/ResourceCondition (line 1): `ResourceCondition` is not a member of a source
      help: did you mean `ResourceStatement`?
    ");
    assert_snapshot!(refused_header(r#"{"DestinationPort":["22"]}"#), @r"
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPort (line 1): `DestinationPort` is not a member of a packet header statement
      help: did you mean `DestinationPorts`?
    ");
    assert_snapshot!(refused_header(r#"{"SourceAddress":["10.0.0.0/8"],"DestinationAddress":["10.0.0.1"]}"#), @r"
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourceAddress (line 1): `SourceAddress` is not a member of a packet header statement
      help: did you mean `SourceAddresses`?
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationAddress (line 1): `DestinationAddress` is not a member of a packet header statement
      help: did you mean `DestinationAddresses`?
    ");
}

#[test]
fn members_in_the_wrong_object() {
    assert_snapshot!(refused_path(r#"{"Source":{"ResourceTypes":["AWS::EC2::InternetGateway"]}}"#), @r"
    s.json#/MatchPaths/0/Source/ResourceTypes (line 1): `ResourceTypes` is not a member of a source
      help: `ResourceTypes` belongs inside `ResourceStatement`
    ");
    assert_snapshot!(refused_path(r#"{"Destination":{"DestinationPorts":["22"]}}"#), @r"
    s.json#/MatchPaths/0/Destination/DestinationPorts (line 1): `DestinationPorts` is not a member of a destination
      help: `DestinationPorts` belongs inside `PacketHeaderStatement`
    ");
    assert_snapshot!(refused_through(r#"{"Colour":"red"}"#), @r"
    s.json#/ExcludePaths/0/ThroughResources/0/ResourceStatement/Colour (line 2): `Colour` is not a member of a resource statement
      help: it may hold `Resources`, `ResourceTypes`, `TagFilters` and `WebAcls`
    s.json#/ExcludePaths/0/ThroughResources/0/ResourceStatement (line 2): expected `Resources` or `ResourceTypes` with at least one value, found neither
    ");
}

#[test]
fn member_given_twice() {
    assert_snapshot!(refused_header("{\"DestinationPorts\":[\"22\"],\n\"DestinationPorts\":[\"23\"]}"), @r"
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts (line 2): `DestinationPorts` is given twice, first on line 1
      help: keep one of them; put several values into one list
    ");
}

#[test]
fn value_of_the_wrong_kind() {
    assert_snapshot!(refused_header(r#"{"DestinationPorts":"22","Protocols":true,"SourceAddresses":[null]}"#), @r#"
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourceAddresses/0 (line 1): expected an address or CIDR block such as `10.0.0.0/8`, found null
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts (line 1): expected a list of ports or port ranges, found a text
      help: write `["22"]`
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/Protocols (line 1): expected a list of protocols, found true or false
    "#);
    assert_snapshot!(refused_path(r#""vpc-1""#), @"s.json#/MatchPaths/0 (line 1): expected a match path, found a text");
}

#[test]
fn port_out_of_range() {
    assert_snapshot!(refused_header(r#"{"DestinationPorts":["65536","1-99999",70000]}"#), @r"
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/0 (line 1): `65536` is given, but ports end at 65535
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/1 (line 1): `99999` is given, but ports end at 65535
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/2 (line 1): `70000` is given, but ports end at 65535
    ");
}

#[test]
fn port_range_reversed() {
    assert_snapshot!(refused_header(r#"{"SourcePorts":["2000-1000"]}"#), @r"
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourcePorts/0 (line 1): the range `2000-1000` ends before it begins
      help: write `1000-2000`
    ");
}

#[test]
fn port_spelt_otherwise() {
    assert_snapshot!(refused_header(
        r#"{"DestinationPorts":["1024:65535","80,443","1024 - 65535"," 22","*","-1","1024-","ssh","",22.5,-1,"+22"]}"#
    ), @r"
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/0 (line 1): `1024:65535` is not a port or a port range
      help: write `1024-65535`
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/1 (line 1): `80,443` is not a port or a port range
      help: write each port as an entry of its own
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/2 (line 1): `1024 - 65535` is not a port or a port range
      help: write `1024-65535`
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/3 (line 1): ` 22` is not a port or a port range
      help: write `22`
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/4 (line 1): `*` is not a port or a port range
      help: leave the member out to mean all ports
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/5 (line 1): `-1` is not a port or a port range
      help: leave the member out to mean all ports
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/6 (line 1): `1024-` is not a port or a port range
      help: write one port such as `443`, or a range such as `1024-65535`
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/7 (line 1): `ssh` is not a port or a port range
      help: write one port such as `443`, or a range such as `1024-65535`
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/8 (line 1): `` is not a port or a port range
      help: write one port such as `443`, or a range such as `1024-65535`
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/9 (line 1): `22.5` is not a port or a port range
      help: write one port such as `443`, or a range such as `1024-65535`
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/10 (line 1): `-1` is not a port or a port range
      help: leave the member out to mean all ports
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts/11 (line 1): `+22` is not a port or a port range
      help: write one port such as `443`, or a range such as `1024-65535`
    ");
}

#[test]
fn protocol_that_scopes_do_not_know() {
    assert_snapshot!(refused_header(r#"{"Protocols":["icmp","6",17,"-1"]}"#), @r"
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/Protocols/0 (line 1): `icmp` is not a protocol of a scope; expected `tcp` or `udp`
      help: AWS's Network Access Analyzer follows TCP and UDP only; ask `netproof path` about others
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/Protocols/1 (line 1): `6` is not a protocol of a scope; expected `tcp` or `udp`
      help: write `tcp`
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/Protocols/2 (line 1): `17` is not a protocol of a scope; expected `tcp` or `udp`
      help: write `udp`
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/Protocols/3 (line 1): `-1` is not a protocol of a scope; expected `tcp` or `udp`
      help: leave `Protocols` out to mean TCP and UDP
    ");
}

#[test]
fn address_that_is_none() {
    assert_snapshot!(refused_header(
        r#"{"SourceAddresses":["10.0.0.0/33","300.1.1.1"," 10.0.0.0/8","10.0.0.1-10.0.0.9","10.0.0.0/8,11.0.0.0/8","pl-1","sg-1","2001:db8::/129",""]}"#
    ), @r"
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourceAddresses/0 (line 1): `10.0.0.0/33` is not an address or CIDR block
      help: IPv4 prefix lengths are 0 to 32
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourceAddresses/1 (line 1): `300.1.1.1` is not an address or CIDR block
      help: write an IPv4 address such as `192.0.2.1` or a CIDR block such as `10.0.0.0/8`; resources belong into `ResourceStatement`
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourceAddresses/2 (line 1): ` 10.0.0.0/8` is not an address or CIDR block
      help: remove the spaces around it
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourceAddresses/3 (line 1): `10.0.0.1-10.0.0.9` is not an address or CIDR block
      help: address ranges are written as CIDR blocks
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourceAddresses/4 (line 1): `10.0.0.0/8,11.0.0.0/8` is not an address or CIDR block
      help: write each block as an entry of its own
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourceAddresses/5 (line 1): `pl-1` is not an address or CIDR block
      help: prefix lists belong into `SourcePrefixLists` or `DestinationPrefixLists`
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourceAddresses/6 (line 1): `sg-1` is not an address or CIDR block
      help: write an IPv4 address such as `192.0.2.1` or a CIDR block such as `10.0.0.0/8`; resources belong into `ResourceStatement`
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourceAddresses/7 (line 1): `2001:db8::/129` is not an address or CIDR block
      help: IPv6 prefix lengths go up to 128
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourceAddresses/8 (line 1): `` is not an address or CIDR block
      help: write an IPv4 address such as `192.0.2.1` or a CIDR block such as `10.0.0.0/8`; resources belong into `ResourceStatement`
    ");
}

#[test]
fn addresses_with_prefix_lists() {
    assert_snapshot!(refused_header(
        r#"{"SourceAddresses":["10.0.0.0/8"],"SourcePrefixLists":["pl-1"],"DestinationAddresses":["10.0.0.0/8"],"DestinationPrefixLists":["pl-1"]}"#
    ), @r"
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement (line 1): `SourceAddresses` and `SourcePrefixLists` stand together, but AWS takes one of the two
      help: write two conditions, one with each
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement (line 1): `DestinationAddresses` and `DestinationPrefixLists` stand together, but AWS takes one of the two
      help: write two conditions, one with each
    ");
}

#[test]
fn prefix_list_that_is_none() {
    assert_snapshot!(refused_header(
        r#"{"SourcePrefixLists":["10.0.0.0/8","com.amazonaws.us-east-1.s3","pl-"]}"#
    ), @r"
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourcePrefixLists/0 (line 1): `10.0.0.0/8` is not a prefix list id or ARN
      help: addresses belong into `SourceAddresses` or `DestinationAddresses`
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourcePrefixLists/1 (line 1): `com.amazonaws.us-east-1.s3` is not a prefix list id or ARN
      help: prefix lists are named by id (`pl-…`) or ARN (`arn:aws:ec2:REGION:ACCOUNT:prefix-list/pl-…`), not by name
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/SourcePrefixLists/2 (line 1): `pl-` is not a prefix list id or ARN
      help: prefix lists are named by id (`pl-…`) or ARN (`arn:aws:ec2:REGION:ACCOUNT:prefix-list/pl-…`), not by name
    ");
}

#[test]
fn type_that_scopes_do_not_know() {
    assert_snapshot!(refused_source(
        r#"{"ResourceTypes":["AWS::EC2::SecurityGroup","AWS::RDS::DBInstance","AWS::EC2::VpnGateway","aws::ec2::internetgateway","InternetGateway","AWS::EC2::TransitGateway","AWS::EC2::RouteTable","LoadBalancer","igw-1"]}"#
    ), @r"
    s.json#/MatchPaths/0/Source/ResourceStatement/ResourceTypes/0 (line 1): `AWS::EC2::SecurityGroup` is not a resource type that a scope can select by
      help: name it by id in `Resources`; it stands for the network interfaces in it
    s.json#/MatchPaths/0/Source/ResourceStatement/ResourceTypes/1 (line 1): `AWS::RDS::DBInstance` is not a resource type that a scope can select by
      help: managed services appear as their network interfaces: use `AWS::EC2::NetworkInterface`, with `DestinationPorts` in the packet header statement, or name their subnets or security groups in `Resources`
    s.json#/MatchPaths/0/Source/ResourceStatement/ResourceTypes/2 (line 1): `AWS::EC2::VpnGateway` is not a resource type that a scope can select by
      help: did you mean `AWS::EC2::VPNGateway`?
    s.json#/MatchPaths/0/Source/ResourceStatement/ResourceTypes/3 (line 1): `aws::ec2::internetgateway` is not a resource type that a scope can select by
      help: did you mean `AWS::EC2::InternetGateway`?
    s.json#/MatchPaths/0/Source/ResourceStatement/ResourceTypes/4 (line 1): `InternetGateway` is not a resource type that a scope can select by
      help: did you mean `AWS::EC2::InternetGateway`?
    s.json#/MatchPaths/0/Source/ResourceStatement/ResourceTypes/5 (line 1): `AWS::EC2::TransitGateway` is not a resource type that a scope can select by
      help: use `AWS::EC2::TransitGatewayAttachment`
    s.json#/MatchPaths/0/Source/ResourceStatement/ResourceTypes/6 (line 1): `AWS::EC2::RouteTable` is not a resource type that a scope can select by
      help: rules and routes decide which paths exist and cannot be asked for; use a type of resource that paths begin at, end at or pass through
    s.json#/MatchPaths/0/Source/ResourceStatement/ResourceTypes/7 (line 1): `LoadBalancer` is not a resource type that a scope can select by
      help: did you mean `AWS::ElasticLoadBalancingV2::LoadBalancer`?
    s.json#/MatchPaths/0/Source/ResourceStatement/ResourceTypes/8 (line 1): `igw-1` is not a resource type that a scope can select by
      help: ids and ARNs belong into `Resources`
    ");
    assert_snapshot!(refused_through(r#"{"ResourceTypes":["AWS::EC2::SecurityGroup","AWS::WAFv2::WebACL"]}"#), @r"
    s.json#/ExcludePaths/0/ThroughResources/0/ResourceStatement/ResourceTypes/0 (line 2): `AWS::EC2::SecurityGroup` is not a resource type that a scope can select by
      help: this cannot be asked of the middle of a path; name it by id in `Resources` of `Source` or `Destination`
    s.json#/ExcludePaths/0/ThroughResources/0/ResourceStatement/ResourceTypes/1 (line 2): `AWS::WAFv2::WebACL` is not a resource type that a scope can select by
      help: `ThroughResources` takes `AWS::EC2::NatGateway`, `AWS::NetworkFirewall::Firewall`, `AWS::NetworkFirewall::NetworkFirewall`, `AWS::EC2::TransitGatewayAttachment`, `AWS::EC2::VPCEndpointService`, `AWS::EC2::VPCEndpoint`, `AWS::EC2::VPCPeeringConnection`, `AWS::ElasticLoadBalancing::LoadBalancer` or `AWS::ElasticLoadBalancingV2::LoadBalancer`
    ");
}

#[test]
fn type_in_the_wrong_place() {
    assert_snapshot!(refused_source(
        r#"{"ResourceTypes":["AWS::EC2::VPCEndpoint","AWS::EC2::NatGateway","AWS::ElasticLoadBalancingV2::LoadBalancer","AWS::ElasticLoadBalancing::LoadBalancer","AWS::NetworkFirewall::Firewall"]}"#
    ), @r"
    s.json#/MatchPaths/0/Source/ResourceStatement/ResourceTypes/0 (line 1): `AWS::EC2::VPCEndpoint` cannot stand in `Source`
      help: name the endpoint by id in `Resources`, or use type `AWS::EC2::VPCEndpointService`
    s.json#/MatchPaths/0/Source/ResourceStatement/ResourceTypes/1 (line 1): `AWS::EC2::NatGateway` cannot stand in `Source`
      help: `AWS::EC2::NatGateway` may stand in `ThroughResources`
    s.json#/MatchPaths/0/Source/ResourceStatement/ResourceTypes/2 (line 1): `AWS::ElasticLoadBalancingV2::LoadBalancer` cannot stand in `Source`
      help: `AWS::ElasticLoadBalancingV2::LoadBalancer` may stand in `ThroughResources`
    s.json#/MatchPaths/0/Source/ResourceStatement/ResourceTypes/3 (line 1): `AWS::ElasticLoadBalancing::LoadBalancer` cannot stand in `Source`
      help: `AWS::ElasticLoadBalancing::LoadBalancer` may stand in `ThroughResources`
    s.json#/MatchPaths/0/Source/ResourceStatement/ResourceTypes/4 (line 1): `AWS::NetworkFirewall::Firewall` cannot stand in `Source`
      help: `AWS::NetworkFirewall::Firewall` may stand in `ThroughResources`
    ");
    assert_snapshot!(refused_through(
        r#"{"ResourceTypes":["AWS::EC2::InternetGateway","AWS::EC2::NetworkInterface","AWS::EC2::Instance","AWS::EC2::VPNGateway"]}"#
    ), @r"
    s.json#/ExcludePaths/0/ThroughResources/0/ResourceStatement/ResourceTypes/0 (line 2): `AWS::EC2::InternetGateway` cannot stand in `ThroughResources`
      help: `AWS::EC2::InternetGateway` may stand in `Source` or `Destination`
    s.json#/ExcludePaths/0/ThroughResources/0/ResourceStatement/ResourceTypes/1 (line 2): `AWS::EC2::NetworkInterface` cannot stand in `ThroughResources`
      help: `AWS::EC2::NetworkInterface` may stand in `Source` or `Destination`
    s.json#/ExcludePaths/0/ThroughResources/0/ResourceStatement/ResourceTypes/2 (line 2): `AWS::EC2::Instance` cannot stand in `ThroughResources`
      help: `AWS::EC2::Instance` may stand in `Source` or `Destination`
    s.json#/ExcludePaths/0/ThroughResources/0/ResourceStatement/ResourceTypes/3 (line 2): `AWS::EC2::VPNGateway` cannot stand in `ThroughResources`
      help: `AWS::EC2::VPNGateway` may stand in `Source` or `Destination`
    ");
    assert_snapshot!(refused_path(
        r#"{"Destination":{"ResourceStatement":{"ResourceTypes":["AWS::ElasticLoadBalancingV2::LoadBalancer"]}}}"#
    ), @r"
    s.json#/MatchPaths/0/Destination/ResourceStatement/ResourceTypes/0 (line 1): `AWS::ElasticLoadBalancingV2::LoadBalancer` cannot stand in `Destination`
      help: `AWS::ElasticLoadBalancingV2::LoadBalancer` may stand in `ThroughResources`
    ");
}

#[test]
fn resource_in_the_wrong_place() {
    assert_snapshot!(refused_source(
        r#"{"Resources":["nat-1","arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1","arn:aws:network-firewall:eu-west-1:111122223333:firewall/edge"]}"#
    ), @r"
    s.json#/MatchPaths/0/Source/ResourceStatement/Resources/0 (line 1): `nat-1` is a NAT gateway, which cannot stand in `Source`
      help: a NAT gateway may stand in `ThroughResources`
    s.json#/MatchPaths/0/Source/ResourceStatement/Resources/1 (line 1): `arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1` is a load balancer, which cannot stand in `Source`
      help: a load balancer may stand in `ThroughResources`
    s.json#/MatchPaths/0/Source/ResourceStatement/Resources/2 (line 1): `arn:aws:network-firewall:eu-west-1:111122223333:firewall/edge` is a network firewall, which cannot stand in `Source`
      help: a network firewall may stand in `ThroughResources`
    ");
    assert_snapshot!(refused_through(r#"{"Resources":["subnet-1","arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"]}"#), @r"
    s.json#/ExcludePaths/0/ThroughResources/0/ResourceStatement/Resources/0 (line 2): `subnet-1` is a subnet, which cannot stand in `ThroughResources`
      help: a subnet may stand in `Source` or `Destination`
    s.json#/ExcludePaths/0/ThroughResources/0/ResourceStatement/Resources/1 (line 2): `arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1` is a VPC, which cannot stand in `ThroughResources`
      help: a VPC may stand in `Source` or `Destination`
    ");
}

#[test]
fn load_balancer_without_arn() {
    assert_snapshot!(refused_through(
        r#"{"Resources":["web","app/web/50dc6c495c0c9188","web-1.eu-west-1.elb.amazonaws.com"]}"#
    ), @r"
    s.json#/ExcludePaths/0/ThroughResources/0/ResourceStatement/Resources/0 (line 2): `web` is neither the id nor the ARN of something that a scope can name
      help: load balancers and network firewalls are named by their ARN, all else by id or ARN
    s.json#/ExcludePaths/0/ThroughResources/0/ResourceStatement/Resources/1 (line 2): `app/web/50dc6c495c0c9188` is neither the id nor the ARN of something that a scope can name
      help: load balancers are named by their ARN, `arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/…`, in `ThroughResources`
    s.json#/ExcludePaths/0/ThroughResources/0/ResourceStatement/Resources/2 (line 2): `web-1.eu-west-1.elb.amazonaws.com` is neither the id nor the ARN of something that a scope can name
      help: load balancers are named by their ARN, `arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/…`, in `ThroughResources`
    ");
}

#[test]
fn resource_that_scopes_cannot_name() {
    assert_snapshot!(refused_source(
        r#"{"Resources":["10.0.0.1","pl-1","rtb-1","tgw-1","eigw-1","internet","AWS::EC2::Instance","vpc-*","arn:aws:rds:eu-west-1:111122223333:db:shop","eni-",7]}"#
    ), @r#"
    s.json#/MatchPaths/0/Source/ResourceStatement/Resources/0 (line 1): `10.0.0.1` is neither the id nor the ARN of something that a scope can name
      help: addresses belong into `PacketHeaderStatement`
    s.json#/MatchPaths/0/Source/ResourceStatement/Resources/1 (line 1): `pl-1` is neither the id nor the ARN of something that a scope can name
      help: prefix lists belong into `SourcePrefixLists` or `DestinationPrefixLists` of `PacketHeaderStatement`
    s.json#/MatchPaths/0/Source/ResourceStatement/Resources/2 (line 1): `rtb-1` is neither the id nor the ARN of something that a scope can name
      help: rules and routes cannot be named; name the subnets or network interfaces they act on
    s.json#/MatchPaths/0/Source/ResourceStatement/Resources/3 (line 1): `tgw-1` is neither the id nor the ARN of something that a scope can name
      help: name the transit gateway's attachments (`tgw-attach-…`)
    s.json#/MatchPaths/0/Source/ResourceStatement/Resources/4 (line 1): `eigw-1` is neither the id nor the ARN of something that a scope can name
      help: AWS's analyzers know no egress-only gateways; ask `netproof path` with destination `internet`
    s.json#/MatchPaths/0/Source/ResourceStatement/Resources/5 (line 1): `internet` is neither the id nor the ARN of something that a scope can name
      help: use `"ResourceTypes": ["AWS::EC2::InternetGateway"]`
    s.json#/MatchPaths/0/Source/ResourceStatement/Resources/6 (line 1): `AWS::EC2::Instance` is neither the id nor the ARN of something that a scope can name
      help: types belong into `ResourceTypes`
    s.json#/MatchPaths/0/Source/ResourceStatement/Resources/7 (line 1): `vpc-*` is neither the id nor the ARN of something that a scope can name
      help: wildcards are not possible; use `ResourceTypes`, or a resource group by ARN
    s.json#/MatchPaths/0/Source/ResourceStatement/Resources/8 (line 1): `arn:aws:rds:eu-west-1:111122223333:db:shop` is neither the id nor the ARN of something that a scope can name
      help: managed services appear as their network interfaces: name those, or their subnets or security groups
    s.json#/MatchPaths/0/Source/ResourceStatement/Resources/9 (line 1): `eni-` is neither the id nor the ARN of something that a scope can name
      help: ids begin with `eni-`, `i-`, `sg-`, `subnet-`, `vpc-`, `igw-`, `vgw-`, `pcx-`, `vpce-`, `vpce-svc-` or `tgw-attach-`; resource groups are named by their ARN
    s.json#/MatchPaths/0/Source/ResourceStatement/Resources/10 (line 1): expected a resource id or ARN, found a number
    "#);
}

#[test]
fn tags_of_something_else() {
    assert_snapshot!(refused(
        r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"Resources":["vpc-1"]}}}],
            "TagSpecifications":[{"ResourceType":"vpc","Tags":[{"Key":"a","Value":"1"},{"Key":"a","Value":"2"},{"Value":"3"}]}]}"#
    ), @r"
    s.json#/TagSpecifications/0/ResourceType (line 2): these are tags of `vpc`, but the request creates a scope
      help: write `network-insights-access-scope`
    s.json#/TagSpecifications/0/Tags/1/Key (line 2): tag `a` is given twice
    s.json#/TagSpecifications/0/Tags/2 (line 2): the tag has no `Key`
    ");
}

#[test]
fn cloudformation_functions() {
    assert_snapshot!(refused(
        r#"{"Resources":{"Ingress":{"Type":"AWS::EC2::NetworkInsightsAccessScope","Properties":{"MatchPaths":[
            {"Source":{"ResourceStatement":{"Resources":[{"Ref":"Vpc"}]}},
             "Destination":{"PacketHeaderStatement":{"DestinationPorts":{"Fn::Split":[",","22,23"]}}}},
            {"Fn::If":["Wide",{},{"Ref":"AWS::NoValue"}]}]}}}}"#
    ), @r"
    s.json#/Resources/Ingress/Properties/MatchPaths/0/Source/ResourceStatement/Resources/0 (line 2): `Ref` is a function that only CloudFormation can work out
      help: write a resource id or ARN here, or read the deployed scope's content document instead
    s.json#/Resources/Ingress/Properties/MatchPaths/0/Destination/PacketHeaderStatement/DestinationPorts (line 3): `Fn::Split` is a function that only CloudFormation can work out
      help: write a list of ports or port ranges here, or read the deployed scope's content document instead
    s.json#/Resources/Ingress/Properties/MatchPaths/1 (line 4): `Fn::If` is a function that only CloudFormation can work out
      help: write a match path here, or read the deployed scope's content document instead
    ");
}

#[test]
fn template_without_scope() {
    assert_snapshot!(refused(r#"{"AWSTemplateFormatVersion":"2010-09-09","Resources":{"Vpc":{"Type":"AWS::EC2::VPC"}}}"#), @"s.json# (line 1): the template has no resource of type `AWS::EC2::NetworkInsightsAccessScope`");
}

#[test]
fn resource_of_another_type() {
    assert_snapshot!(refused(r#"{"Type":"AWS::EC2::NetworkInsightsPath","Properties":{}}"#), @"s.json#/Type (line 1): expected a resource of type `AWS::EC2::NetworkInsightsAccessScope`, found `AWS::EC2::NetworkInsightsPath`");
}

#[test]
fn properties_with_request_members() {
    assert_snapshot!(refused(
        r#"{"Type":"AWS::EC2::NetworkInsightsAccessScope","Properties":{"TagSpecifications":[],"MatchPaths":[{"Source":{"ResourceStatement":{"Resources":["vpc-1"]}}}]}}"#
    ), @r"
    s.json#/Properties/TagSpecifications (line 1): `TagSpecifications` is not a member of the scope's properties
      help: it may hold `MatchPaths`, `ExcludePaths` and `Tags`
    ");
}

#[test]
fn request_with_template_tags() {
    assert_snapshot!(refused(
        r#"{"Tags":[],"MatchPaths":[{"Source":{"ResourceStatement":{"Resources":["vpc-1"]}}}]}"#
    ), @r"
    s.json#/Tags (line 1): `Tags` is not a member of a Network Access Scope
      help: `Tags` belongs inside `TagSpecifications`
    ");
}

#[test]
fn list_of_scopes_without_content() {
    assert_snapshot!(refused(r#"{"NetworkInsightsAccessScopes":[{"NetworkInsightsAccessScopeId":"nis-1"}]}"#), @r"
    s.json# (line 1): this lists scopes by name but does not hold their conditions
      help: export each with `aws ec2 get-network-insights-access-scope-content`
    ");
}

#[test]
fn control_characters_do_not_reach_the_message() {
    assert_snapshot!(refused_header("{\"Protocols\":[\"\\u001b[31mred\\nline\"]}"), @r"
    s.json#/MatchPaths/0/Destination/PacketHeaderStatement/Protocols/0 (line 1): `\u{1b}[31mred\nline` is not a protocol of a scope; expected `tcp` or `udp`
      help: AWS's Network Access Analyzer follows TCP and UDP only; ask `netproof path` about others
    ");
}
