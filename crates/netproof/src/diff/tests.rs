//! Two small snapshots each, and the difference in words.

use super::{Compared, MOST_PATHS, diff};
use crate::{
    Analysis,
    report::{Style, difference_text},
};

/// Two subnets with a host each, whose groups let everything out and what is said in.
const NETWORK: &str = r#"{
"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}],
"Subnets": [{"SubnetId": "subnet-a", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24"},
  {"SubnetId": "subnet-b", "VpcId": "vpc-1", "CidrBlock": "10.0.2.0/24"}],
"InternetGateways": [{"InternetGatewayId": "igw-1", "Attachments": [{"State": "available", "VpcId": "vpc-1"}]}],
"RouteTables": [
  {"RouteTableId": "rtb-main", "VpcId": "vpc-1", "Associations": [{"Main": true}], "Routes": [
    {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}]},
  {"RouteTableId": "rtb-out", "VpcId": "vpc-1", "Associations": [], "Routes": [
    {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"},
    {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}]}],
"NetworkAcls": [{"NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true,
  "Associations": [{"SubnetId": "subnet-a"}, {"SubnetId": "subnet-b"}],
  "Entries": [
    {"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": true, "CidrBlock": "0.0.0.0/0"},
    {"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": false, "CidrBlock": "0.0.0.0/0"}]}],
"SecurityGroups": [
  {"GroupId": "sg-a", "VpcId": "vpc-1", "IpPermissions": [],
    "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]},
  {"GroupId": "sg-b", "VpcId": "vpc-1", "IpPermissions": [
      {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}],
    "IpPermissionsEgress": []}],
"VpcPeeringConnections": [], "NatGateways": [], "VpcEndpoints": [], "EgressOnlyInternetGateways": [],
"NetworkInterfaces": [
  {"NetworkInterfaceId": "eni-a", "SubnetId": "subnet-a", "VpcId": "vpc-1", "PrivateIpAddress": "10.0.1.10",
    "Groups": [{"GroupId": "sg-a"}]},
  {"NetworkInterfaceId": "eni-b", "SubnetId": "subnet-b", "VpcId": "vpc-1", "PrivateIpAddress": "10.0.2.10",
    "Groups": [{"GroupId": "sg-b"}]}]
}"#;

/// The network with parts of its text replaced.
fn with(replaced: &[(&str, &str)]) -> String {
    replaced.iter().fold(NETWORK.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

fn analysis(text: &str) -> Analysis {
    Analysis::of_documents([("all.json".to_owned(), text.as_bytes().to_vec())])
}

/// What is said of the change from one snapshot to the other.
fn said(old: &str, new: &str) -> String {
    let [old, new] = [old, new].map(analysis);
    let difference = Compared::Network(diff(&old, &new, MOST_PATHS));
    difference_text(&old, &new, &difference, Style::Plain)
}

/// The same for a change of the network.
fn changed(replaced: &[(&str, &str)]) -> String {
    said(NETWORK, &with(replaced))
}

const WEB: &str =
    r#"{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}"#;
const SSH: &str =
    r#"{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.1.10/32"}]}"#;
const ENTRY: &str = r#"{"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": false, "CidrBlock": "0.0.0.0/0"}"#;

#[test]
fn nothing_changes_between_a_snapshot_and_itself() {
    insta::assert_snapshot!(said(NETWORK, NETWORK), @"nothing changed: the same packets get through");
}

#[test]
fn a_rule_is_added_or_removed() {
    let more = with(&[(WEB, &format!("{WEB},\n{SSH}"))]);
    insta::assert_snapshot!(said(NETWORK, &more), @"
    something opened: 1 path with other packets

    rule added: sg-b: allow ingress tcp 22 from 10.0.1.10/32
      new all.json:22
      changed   eni-a to eni-b
        + tcp from 10.0.1.10 to 10.0.2.10:22
          for example tcp 10.0.1.10:49152 -> 10.0.2.10:22; replies get back
    ");
    insta::assert_snapshot!(said(&more, NETWORK), @"
    nothing opened: 1 path with other packets

    rule removed: sg-b: allow ingress tcp 22 from 10.0.1.10/32
      old all.json:22
      changed   eni-a to eni-b
        - tcp from 10.0.1.10 to 10.0.2.10:22
          for example tcp 10.0.1.10:49152 -> 10.0.2.10:22
    ");
}

#[test]
fn a_port_range_is_widened() {
    let more = changed(&[(r#""FromPort": 80, "ToPort": 80"#, r#""FromPort": 80, "ToPort": 90"#)]);
    insta::assert_snapshot!(more, @"
    something opened: 1 path with other packets

    rule changed: sg-b: allow ingress tcp 80-90 from 10.0.0.0/16
      before: allow ingress tcp 80 from 10.0.0.0/16
      new all.json:21
      old all.json:21
      changed   eni-a to eni-b
        + tcp from 10.0.1.10 to 10.0.2.10 on ports 81-90
          for example tcp 10.0.1.10:49152 -> 10.0.2.10:81; replies get back
    ");
}

#[test]
fn an_entry_of_an_acl_denies_or_not() {
    let entry = r#"{"RuleNumber": 90, "Protocol": "6", "RuleAction": "deny", "Egress": false, "CidrBlock": "10.0.1.0/24", "PortRange": {"From": 80, "To": 80}}"#;
    let denies = with(&[(ENTRY, &format!("{entry},\n{ENTRY}"))]);
    insta::assert_snapshot!(said(NETWORK, &denies), @"
    nothing opened: 1 path closed

    rule added: acl-1: rule 90: deny ingress tcp 80 from 10.0.1.0/24
      new all.json:16
      closed    eni-a to eni-b
        - tcp from 10.0.1.10 to 10.0.2.10:80
          for example tcp 10.0.1.10:49152 -> 10.0.2.10:80
    ");
    insta::assert_snapshot!(said(&denies, NETWORK), @"
    something opened: 1 path opened

    rule removed: acl-1: rule 90: deny ingress tcp 80 from 10.0.1.0/24
      old all.json:16
      opened    eni-a to eni-b
        + tcp from 10.0.1.10 to 10.0.2.10:80
          for example tcp 10.0.1.10:49152 -> 10.0.2.10:80; replies get back
    ");
}

#[test]
fn only_replies_are_stopped() {
    // Replies come from port 80; nobody sends packets from there.
    let entry = r#"{"RuleNumber": 90, "Protocol": "6", "RuleAction": "deny", "Egress": false, "CidrBlock": "10.0.2.0/24", "PortRange": {"From": 1024, "To": 65535}}"#;
    insta::assert_snapshot!(changed(&[(ENTRY, &format!("{entry},\n{ENTRY}"))]), @"
    nothing opened: 1 path with other replies

    rule added: acl-1: rule 90: deny ingress tcp 1024-65535 from 10.0.2.0/24
      new all.json:16
      answered  eni-a to eni-b
        - tcp from 10.0.1.10 on ports 1024-65535 to 10.0.2.10:80
          for example tcp 10.0.1.10:49152 -> 10.0.2.10:80; they still get through, only replies do not get back
            any more
    ");
}

#[test]
fn a_table_is_associated_or_gets_a_route() {
    let public = with(&[(
        r#""PrivateIpAddress": "10.0.1.10","#,
        r#""PrivateIpAddress": "10.0.1.10", "Association": {"PublicIp": "203.0.113.10"},"#,
    )]);
    let own = r#"{"RouteTableId": "rtb-out", "VpcId": "vpc-1", "Associations": ["#;
    let associated = public.replacen(own, &format!(r#"{own}{{"SubnetId": "subnet-a"}}"#), 1);
    insta::assert_snapshot!(said(&public, &associated), @"
    something opened: 1 path opened

    route added: rtb-out: route 0.0.0.0/0 to igw-1
      new all.json:11
      opened    eni-a to internet by igw-1
        + all other protocols from 10.0.1.10 to anywhere on the internet
        + icmp from 10.0.1.10 to anywhere on the internet
        + tcp and udp from 10.0.1.10 to anywhere on the internet on all ports
          for example tcp 10.0.1.10:49152 -> 0.0.0.0:1; replies get back
    ");
    let local = r#"{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}"#;
    let route = r#"{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}"#;
    let routed = public.replacen(local, &format!("{local},\n{route}"), 1);
    insta::assert_snapshot!(said(&public, &routed), @"
    something opened: 1 path opened

    route added: rtb-main: route 0.0.0.0/0 to igw-1
      new all.json:9
      opened    eni-a to internet by igw-1
        + all other protocols from 10.0.1.10 to anywhere on the internet
        + icmp from 10.0.1.10 to anywhere on the internet
        + tcp and udp from 10.0.1.10 to anywhere on the internet on all ports
          for example tcp 10.0.1.10:49152 -> 0.0.0.0:1; replies get back
    ");
    let blackhole = routed.replacen(
        r#""GatewayId": "igw-1", "State": "active""#,
        r#""GatewayId": "igw-1", "State": "blackhole""#,
        1,
    );
    insta::assert_snapshot!(said(&routed, &blackhole), @"
    nothing opened: 1 path closed

    route changed: rtb-main: route 0.0.0.0/0 to igw-1 (blackhole)
      before: route 0.0.0.0/0 to igw-1
      new all.json:9
      old all.json:9
      closed    eni-a to internet by igw-1
        - all other protocols from 10.0.1.10 to anywhere on the internet
        - icmp from 10.0.1.10 to anywhere on the internet
        - tcp and udp from 10.0.1.10 to anywhere on the internet on all ports
          for example tcp 10.0.1.10:49152 -> 0.0.0.0:1
    ");
}

#[test]
fn an_interface_is_added() {
    let interface = r#"{"NetworkInterfaceId": "eni-c", "SubnetId": "subnet-b", "VpcId": "vpc-1", "PrivateIpAddress": "10.0.2.11", "Groups": [{"GroupId": "sg-b"}]}"#;
    let more = changed(&[(r#""NetworkInterfaces": ["#, &format!(r#""NetworkInterfaces": [{interface},"#))]);
    insta::assert_snapshot!(more, @"
    something opened: 1 path opened

    resource added: eni-c, network interface
      new all.json:24
      opened    eni-a to eni-c
        + tcp from 10.0.1.10 to 10.0.2.11:80
          for example tcp 10.0.1.10:49152 -> 10.0.2.11:80; replies get back
    ");
}

#[test]
fn an_interface_gets_another_group() {
    let more = changed(&[(r#""Groups": [{"GroupId": "sg-b"}]"#, r#""Groups": [{"GroupId": "sg-a"}]"#)]);
    insta::assert_snapshot!(more, @"
    nothing opened: 1 path closed

    association changed: eni-b: now sg-a, before sg-b
      closed    eni-a to eni-b
        - tcp from 10.0.1.10 to 10.0.2.10:80
          for example tcp 10.0.1.10:49152 -> 10.0.2.10:80
    ");
    let rule =
        r#"{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "UserIdGroupPairs": [{"GroupId": "sg-a"}]}"#;
    let old = with(&[(WEB, rule)]);
    let without =
        old.replacen(r#""Groups": [{"GroupId": "sg-a"}]"#, r#""Groups": [{"GroupId": "sg-none"}]"#, 1);
    let without = without.replacen(r#"{"GroupId": "sg-a", "VpcId": "vpc-1""#, r#"{"GroupId": "sg-none", "VpcId": "vpc-1", "IpPermissions": [], "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}, {"GroupId": "sg-a", "VpcId": "vpc-1""#, 1);
    insta::assert_snapshot!(said(&without, &old), @"
    something opened: 1 path opened

    rule means other packets: sg-b: allow ingress tcp 22 from sg-a
      the members of sg-a have changed
      new all.json:21
      old all.json:21
    association changed: eni-a: now sg-a, before sg-none
      opened    eni-a to eni-b
        + tcp from 10.0.1.10 to 10.0.2.10:22
          for example tcp 10.0.1.10:49152 -> 10.0.2.10:22; replies get back
    ");
}

#[test]
fn two_vpcs_are_peered() {
    let other = |peering: &str, route: &str| {
        with(&[
            (r#""Vpcs": ["#, r#""Vpcs": [{"VpcId": "vpc-2", "CidrBlock": "10.9.0.0/16"},"#),
            (
                r#""Subnets": ["#,
                r#""Subnets": [{"SubnetId": "subnet-9", "VpcId": "vpc-2", "CidrBlock": "10.9.1.0/24"},"#,
            ),
            (r#""VpcPeeringConnections": []"#, &format!(r#""VpcPeeringConnections": [{peering}]"#)),
            (
                r#""Associations": [{"SubnetId": "subnet-a"}"#,
                r#""Associations": [{"SubnetId": "subnet-9"}, {"SubnetId": "subnet-a"}"#,
            ),
            (
                r#""RouteTables": ["#,
                &format!(
                    r#""RouteTables": [{{"RouteTableId": "rtb-9", "VpcId": "vpc-2", "Associations": [{{"Main": true}}], "Routes": [{{"DestinationCidrBlock": "10.9.0.0/16", "GatewayId": "local", "State": "active"}}{route}]}},"#
                ),
            ),
            (
                r#"{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}"#,
                &format!(
                    r#"{{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}}{}"#,
                    route.replace("10.0.0.0", "10.9.0.0")
                ),
            ),
            (r#""CidrIp": "10.0.0.0/16""#, r#""CidrIp": "10.0.0.0/8""#),
            (
                r#""NetworkInterfaces": ["#,
                r#""NetworkInterfaces": [{"NetworkInterfaceId": "eni-9", "SubnetId": "subnet-9", "VpcId": "vpc-2", "PrivateIpAddress": "10.9.1.10", "Groups": [{"GroupId": "sg-9"}]},"#,
            ),
            (
                r#""SecurityGroups": ["#,
                r#""SecurityGroups": [{"GroupId": "sg-9", "VpcId": "vpc-2", "IpPermissions": [], "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]},"#,
            ),
        ])
    };
    let peering = r#"{"VpcPeeringConnectionId": "pcx-1", "Status": {"Code": "active"}, "RequesterVpcInfo": {"VpcId": "vpc-1"}, "AccepterVpcInfo": {"VpcId": "vpc-2"}}"#;
    let route =
        r#", {"DestinationCidrBlock": "10.0.0.0/16", "VpcPeeringConnectionId": "pcx-1", "State": "active"}"#;
    insta::assert_snapshot!(said(&other("", ""), &other(peering, route)), @"
    something opened: 2 paths opened

    resource added: pcx-1, VPC peering connection
      new all.json:23
      opened    eni-9 to eni-b
        + tcp from 10.9.1.10 to 10.0.2.10:80
          for example tcp 10.9.1.10:49152 -> 10.0.2.10:80; replies get back
      opened    pcx-1 to eni-b
        + tcp from 10.9.0.0/16 to 10.0.2.10:80
          for example tcp 10.9.0.0:49152 -> 10.0.2.10:80; replies get back
    ");
}

#[test]
fn names_files_lines_and_order_make_no_difference() {
    let named = with(&[(
        r#"{"NetworkInterfaceId": "eni-a","#,
        r#"{"TagSet": [{"Key": "Name", "Value": "web"}], "NetworkInterfaceId": "eni-a","#,
    )]);
    insta::assert_snapshot!(said(NETWORK, &named), @"nothing changed: the same packets get through");
    let parsed: serde_json::Value = serde_json::from_str(NETWORK).unwrap();
    let tables = parsed.as_object().unwrap().iter();
    let documents = tables.map(|(name, rows)| {
        let mut rows = rows.as_array().unwrap().clone();
        rows.reverse();
        (format!("other/{name}-2.json"), serde_json::json!({ name.as_str(): rows }).to_string().into_bytes())
    });
    let other = Analysis::of_documents(documents.collect::<Vec<_>>());
    let difference = diff(&analysis(NETWORK), &other, MOST_PATHS);
    assert!(difference.pairs.is_empty() && difference.unknowns.is_empty(), "{difference:#?}");
}

#[test]
fn what_is_not_known_is_said_once_and_is_not_unchanged() {
    let lost = r#"{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}, {"DestinationCidrBlock": "172.16.0.0/12", "TransitGatewayId": "tgw-1", "State": "active"}"#;
    let local = r#"{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}"#;
    let unknown = with(&[(local, lost)]);
    insta::assert_snapshot!(said(&unknown, &unknown), @"nothing changed: the same packets get through");
    insta::assert_snapshot!(said(NETWORK, &unknown), @"
    unknown: nothing is known to have changed, but not all is known

    not known
      in the new snapshot: the snapshot does not hold `tgw-1`; there may be more ends of type
        AWS::EC2::TransitGatewayAttachment
    ");
    // What was not known and gets through now is gained.
    let acl = NETWORK.find("\"NetworkAcls\"").unwrap();
    let end = NETWORK.find("\"SecurityGroups\"").unwrap();
    let missing = format!("{}{}", NETWORK.get(..acl).unwrap(), NETWORK.get(end..).unwrap());
    insta::assert_snapshot!(said(&missing, NETWORK), @"
    something opened: 1 path opened

    resource added: acl-1, network ACL
      new all.json:12
      opened    eni-a to eni-b
        + tcp from 10.0.1.10 to 10.0.2.10:80
          for example tcp 10.0.1.10:49152 -> 10.0.2.10:80; replies get back; whether they got through before is
            not known

    not known
      in the old snapshot: the network ACL of `subnet-a` is not in the snapshot (1 source)
        old all.json:3
    ");
    insta::assert_snapshot!(said(NETWORK, &missing), @"
    unknown: nothing is known to have opened, but not all is known; 1 path closed

    resource removed: acl-1, network ACL
      old all.json:12
      closed    eni-a to eni-b
        - tcp from 10.0.1.10 to 10.0.2.10:80
          for example tcp 10.0.1.10:49152 -> 10.0.2.10:80; whether they still do is not known

    not known
      in the new snapshot: the network ACL of `subnet-a` is not in the snapshot (1 source)
        new all.json:3
    ");
}
