use std::fmt::Write;

use super::*;
use crate::{
    Certification,
    report::{Style, fix_commands, fix_text},
};

/// Two subnets of a VPC with an internet gateway, a peering connection to another VPC, and a transit gateway.
const NETWORK: &str = r#"{
"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.1.0.0/16"}, {"VpcId": "vpc-2", "CidrBlock": "10.2.0.0/16"}],
"Subnets": [
  {"SubnetId": "subnet-web", "VpcId": "vpc-1", "CidrBlock": "10.1.0.0/24", "AvailabilityZone": "us-east-1a"},
  {"SubnetId": "subnet-db", "VpcId": "vpc-1", "CidrBlock": "10.1.1.0/24", "AvailabilityZone": "us-east-1a"},
  {"SubnetId": "subnet-far", "VpcId": "vpc-2", "CidrBlock": "10.2.0.0/24", "AvailabilityZone": "us-east-1a"}],
"InternetGateways": [{"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1", "State": "available"}]}],
"VpcPeeringConnections": [{"VpcPeeringConnectionId": "pcx-1", "Status": {"Code": "active"},
  "RequesterVpcInfo": {"VpcId": "vpc-1", "CidrBlock": "10.1.0.0/16"}, "AccepterVpcInfo": {"VpcId": "vpc-2", "CidrBlock": "10.2.0.0/16"}}],
"RouteTables": [
  {"RouteTableId": "rtb-web", "VpcId": "vpc-1", "Associations": [{"SubnetId": "subnet-web"}], "Routes": [
    {"DestinationCidrBlock": "10.1.0.0/16", "GatewayId": "local", "State": "active"},
    {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}]},
  {"RouteTableId": "rtb-db", "VpcId": "vpc-1", "Associations": [{"SubnetId": "subnet-db"}], "Routes": [
    {"DestinationCidrBlock": "10.1.0.0/16", "GatewayId": "local", "State": "active"}]},
  {"RouteTableId": "rtb-far", "VpcId": "vpc-2", "Associations": [{"SubnetId": "subnet-far"}], "Routes": [
    {"DestinationCidrBlock": "10.2.0.0/16", "GatewayId": "local", "State": "active"}]}],
"NetworkAcls": [
  {"NetworkAclId": "acl-1", "VpcId": "vpc-1", "Associations": [{"SubnetId": "subnet-web"}, {"SubnetId": "subnet-db"}], "Entries": [
    {"RuleNumber": 90, "Protocol": "6", "RuleAction": "deny", "Egress": false, "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 23, "To": 23}},
    {"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": false, "CidrBlock": "0.0.0.0/0"},
    {"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": true, "CidrBlock": "0.0.0.0/0"}]},
  {"NetworkAclId": "acl-2", "VpcId": "vpc-2", "Associations": [{"SubnetId": "subnet-far"}], "Entries": [
    {"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": false, "CidrBlock": "0.0.0.0/0"},
    {"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": true, "CidrBlock": "0.0.0.0/0"}]}],
"SecurityGroups": [
  {"GroupId": "sg-web", "VpcId": "vpc-1", "IpPermissions": [
    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
   "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]},
  {"GroupId": "sg-db", "VpcId": "vpc-1", "IpPermissions": [
    {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": "sg-web"}]}],
   "IpPermissionsEgress": []}],
"NetworkInterfaces": [
  {"NetworkInterfaceId": "eni-web", "SubnetId": "subnet-web", "VpcId": "vpc-1", "PrivateIpAddress": "10.1.0.10", "Status": "in-use", "Groups": [{"GroupId": "sg-web"}], "Association": {"PublicIp": "3.0.0.10"}},
  {"NetworkInterfaceId": "eni-db", "SubnetId": "subnet-db", "VpcId": "vpc-1", "PrivateIpAddress": "10.1.1.10", "Status": "in-use", "Groups": [{"GroupId": "sg-db"}]},
  {"NetworkInterfaceId": "eni-far", "SubnetId": "subnet-far", "VpcId": "vpc-2", "PrivateIpAddress": "10.2.0.10", "Status": "in-use", "Groups": [{"GroupId": "sg-web"}]}],
"TransitGateways": [], "TransitGatewayAttachments": [], "TransitGatewayVpcAttachments": [], "NatGateways": [],
"EgressOnlyInternetGateways": [], "VpcEndpoints": [], "VpnGateways": []
}"#;

fn analysis() -> Analysis {
    of(NETWORK)
}

fn of(network: &str) -> Analysis {
    Analysis::of_documents([("network.json".to_owned(), network.as_bytes().to_vec())])
}

fn question(source: &str, destination: &str, port: u16) -> Question {
    Question::parse(source, destination).unwrap().tcp(port)
}

fn flows(list: &[(&str, &str, u16, Verdict)]) -> Flows {
    let flow = |(source, destination, port, expect): &(&str, &str, u16, Verdict)| crate::Flow {
        name: format!("{source} to {destination} {port}"),
        question: question(source, destination, *port),
        expect: *expect,
    };
    Flows { flows: list.iter().map(flow).collect() }
}

/// The changes that are proposed, what is gained and lost, or why there are none.
fn fixed(goal: &Goal, keep: &[(&str, &str, u16, Verdict)]) -> String {
    fixed_in(&analysis(), goal, keep)
}

fn fixed_in(analysis: &Analysis, goal: &Goal, keep: &[(&str, &str, u16, Verdict)]) -> String {
    match analysis.fix(goal, &flows(keep)) {
        Fixed::Already => "already".to_owned(),
        Fixed::NotKnown(reasons) => reasons.iter().flat_map(|reason| ["! ", &reason.text, "\n"]).collect(),
        Fixed::Proposed(proposal) => {
            // What is said to be so is so: asked once more, by the other form of the question.
            match goal {
                Goal::Open(question) => {
                    assert_eq!(proposal.after.answer(question).verdict, Verdict::Reachable);
                }
                Goal::Close(question) => {
                    assert_eq!(proposal.after.answer(question).verdict, Verdict::Unreachable);
                }
                Goal::Clean(..) => {}
            }
            assert!(proposal.kept.iter().all(FlowResult::pass));
            // Each change is needed: without it, the wish is not fulfilled.
            for left_out in 0..proposal.changes.len() {
                let mut fewer = proposal.changes.clone();
                fewer.remove(left_out);
                let after = analysis.changed(&fewer).unwrap();
                match goal {
                    Goal::Open(question) => assert_ne!(after.answer(question).verdict, Verdict::Reachable),
                    Goal::Close(question) => assert_ne!(after.answer(question).verdict, Verdict::Unreachable),
                    Goal::Clean(..) => {}
                }
            }
            let changes = proposal.changes.iter().map(|change| analysis.change(change).text + "\n");
            let mut text: String = changes.collect();
            for difference in proposal.difference.differences() {
                for pair in &difference.pairs {
                    for portion in &pair.portions {
                        let (from, to) = (pair.source.id(), pair.destination.id());
                        writeln!(text, "  {:?} {from} to {to}, as {}", portion.only, portion.witness)
                            .unwrap();
                    }
                }
            }
            text
        }
    }
}

#[test]
fn a_group_gets_a_rule_no_wider_than_the_question() {
    insta::assert_snapshot!(fixed(&Goal::Open(question("internet", "eni-web", 8080)), &[]), @"
    sg-web: add rule: allow ingress tcp 8080 from 0.0.0.0/0
      New igw-1 to eni-web, as tcp 0.0.0.0:49152 -> 3.0.0.10:8080
      New pcx-1 to eni-far, as tcp 10.1.0.0:49152 -> 10.2.0.10:8080
      New pcx-1 to eni-web, as tcp 10.2.0.0:49152 -> 10.1.0.10:8080
    ");
    let mut narrow = question("internet", "eni-web", 8080);
    narrow.set_source_ip("198.51.100.0/24").unwrap();
    insta::assert_snapshot!(fixed(&Goal::Open(narrow), &[]), @"
    sg-web: add rule: allow ingress tcp 8080 from 198.51.100.0/24
      New igw-1 to eni-web, as tcp 198.51.100.0:49152 -> 3.0.0.10:8080
    ");
}

#[test]
fn an_entry_goes_before_the_one_that_refuses() {
    insta::assert_snapshot!(fixed(&Goal::Open(question("eni-far", "eni-web", 23)), &[]), @"
    acl-1: add rule 89: allow ingress tcp 23 from 10.2.0.10/32
    rtb-far: add route 10.1.0.10/32 to pcx-1
    rtb-web: add route 10.2.0.10/32 to pcx-1
      New eni-far to eni-web, as tcp 10.2.0.10:49152 -> 10.1.0.10:23
      New eni-far to eni-web, as tcp 10.2.0.10:49152 -> 10.1.0.10:22
      New eni-web to eni-far, as tcp 10.1.0.10:49152 -> 10.2.0.10:22
      New pcx-1 to eni-far, as tcp 10.1.0.10:49152 -> 10.2.0.10:22
      New pcx-1 to eni-web, as tcp 10.2.0.10:49152 -> 10.1.0.10:23
      New pcx-1 to eni-web, as tcp 10.2.0.10:49152 -> 10.1.0.10:22
    ");
}

#[test]
fn routes_are_added_on_both_sides() {
    insta::assert_snapshot!(fixed(&Goal::Open(question("eni-web", "eni-far", 443)), &[]), @"
    rtb-far: add route 10.1.0.10/32 to pcx-1
    rtb-web: add route 10.2.0.10/32 to pcx-1
      New eni-far to eni-web, as tcp 10.2.0.10:49152 -> 10.1.0.10:22
      New eni-web to eni-far, as tcp 10.1.0.10:49152 -> 10.2.0.10:22
      New pcx-1 to eni-far, as tcp 10.1.0.10:49152 -> 10.2.0.10:22
      New pcx-1 to eni-web, as tcp 10.2.0.10:49152 -> 10.1.0.10:22
    ");
}

#[test]
fn what_is_open_needs_no_change() {
    assert_eq!(fixed(&Goal::Open(question("internet", "eni-web", 443)), &[]), "already");
    assert_eq!(fixed(&Goal::Close(question("internet", "eni-web", 8080)), &[]), "already");
}

#[test]
fn a_rule_loses_what_is_unwanted_and_keeps_the_rest() {
    let close = || Goal::Close(question("internet", "eni-web", 22));
    insta::assert_snapshot!(fixed(&close(), &[]), @"
    sg-web: narrow rule: allow ingress tcp 22-443 from 0.0.0.0/0, to tcp 22 from 10.0.0.0/8; tcp 22 from 100.64.0.0/10; tcp 22 from 172.16.0.0/12; tcp 22 from 192.168.0.0/16; tcp 23-443 from 0.0.0.0/0
      Old igw-1 to eni-web, as tcp 0.0.0.0:49152 -> 3.0.0.10:22
    ");
    let keep =
        [("internet", "eni-web", 443, Verdict::Reachable), ("eni-web", "eni-db", 5432, Verdict::Reachable)];
    insta::assert_snapshot!(fixed(&close(), &keep), @"
    sg-web: narrow rule: allow ingress tcp 22-443 from 0.0.0.0/0, to tcp 22 from 10.0.0.0/8; tcp 22 from 100.64.0.0/10; tcp 22 from 172.16.0.0/12; tcp 22 from 192.168.0.0/16; tcp 23-443 from 0.0.0.0/0
      Old igw-1 to eni-web, as tcp 0.0.0.0:49152 -> 3.0.0.10:22
    ");
}

#[test]
fn a_rule_that_names_a_group_goes_as_a_whole() {
    insta::assert_snapshot!(fixed(&Goal::Close(question("eni-web", "eni-db", 5432)), &[]), @"
    sg-db: remove rule: allow ingress tcp 5432 from sg-web
      Old eni-web to eni-db, as tcp 10.1.0.10:49152 -> 10.1.1.10:5432
      Old pcx-1 to eni-db, as tcp 10.2.0.10:49152 -> 10.1.1.10:5432
    ");
}

#[test]
fn what_is_to_be_kept_may_leave_no_way() {
    let keep = [("internet", "eni-web", 22, Verdict::Reachable)];
    insta::assert_snapshot!(fixed(&Goal::Close(question("internet", "eni-web", 22)), &keep), @"! a way is left that no change closes which netproof knows of and which keeps what is to be kept");
}

/// An interface with two groups: either of them may get the rule.
#[test]
fn what_breaks_a_flow_gives_way_to_the_next_cheapest() {
    let more = r#""SecurityGroups": [{"GroupId": "sg-more", "VpcId": "vpc-1", "IpPermissions": [], "IpPermissionsEgress": []},"#;
    let network = NETWORK
        .replace(r#""SecurityGroups": ["#, more)
        .replace(
            r#""in-use", "Groups": [{"GroupId": "sg-web"}], "Association""#,
            r#""in-use", "Groups": [{"GroupId": "sg-web"}, {"GroupId": "sg-more"}], "Association""#,
        )
        .replace(r#"[{"GroupId": "sg-db"}]"#, r#"[{"GroupId": "sg-db"}, {"GroupId": "sg-more"}]"#);
    let goal = Goal::Open(question("internet", "eni-web", 8080));
    let first = |keep: &[_]| fixed_in(&of(&network), &goal, keep).lines().next().unwrap().to_owned();
    insta::assert_snapshot!(first(&[]), @"sg-more: add rule: allow ingress tcp 8080 from 0.0.0.0/0");
    let other = ("eni-web", "eni-db", 8080, Verdict::Unreachable);
    insta::assert_snapshot!(first(&[other]), @"sg-web: add rule: allow ingress tcp 8080 from 0.0.0.0/0");
    // If both break something, it is told of the first.
    let same = ("internet", "eni-web", 8080, Verdict::Unreachable);
    insta::assert_snapshot!(first(&[other, same]), @"! `eni-web to eni-db 8080` would be reachable");
}

#[test]
fn a_proposal_reads_well_and_runs() {
    let analysis = analysis();
    let goal = Goal::Close(question("internet", "eni-web", 22));
    let fixed = analysis.fix(&goal, &Flows { flows: Vec::new() });
    insta::assert_snapshot!(fix_text(&analysis, &goal, &fixed, &Certification::NotAsked, Style::Plain), @r#"
    close internet to eni-web: 1 change would do it

      - sg-web: narrow rule: allow ingress tcp 22-443 from 0.0.0.0/0, to tcp 22 from 10.0.0.0/8; tcp 22 from
        100.64.0.0/10; tcp 22 from 172.16.0.0/12; tcp 22 from 192.168.0.0/16; tcp 23-443 from 0.0.0.0/0
        network.json:27

      As commands:
        aws ec2 authorize-security-group-ingress --group-id sg-web --ip-permissions '[{"FromPort":22,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"10.0.0.0/8"}],"ToPort":22},{"FromPort":22,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"100.64.0.0/10"}],"ToPort":22},{"FromPort":22,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"172.16.0.0/12"}],"ToPort":22},{"FromPort":22,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"192.168.0.0/16"}],"ToPort":22},{"FromPort":23,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"0.0.0.0/0"}],"ToPort":443}]' --region us-east-1
        aws ec2 revoke-security-group-ingress --group-id sg-web --ip-permissions '[{"FromPort":22,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"0.0.0.0/0"}],"ToPort":443}]' --region us-east-1

      Proved on a copy with these changes:
        - the answer is unreachable

      Everything that gets through and did not, or no longer does:
        nothing opened: 1 path with other packets

        rule changed: sg-web: allow ingress tcp 23-443 from 0.0.0.0/0
          before: allow ingress tcp 22-443 from 0.0.0.0/0
          new network.json:27
          old network.json:28
          changed   internet by igw-1 to eni-web
            - tcp from anywhere on the internet to 3.0.0.10:22
              for example tcp 0.0.0.0:49152 -> 3.0.0.10:22

    Not certified: not asked for.
    "#);
    insta::assert_snapshot!(fix_commands(&analysis, &goal, &fixed), @r#"
    #!/bin/sh
    # netproof: close internet to eni-web
    set -e
    # sg-web: narrow rule: allow ingress tcp 22-443 from 0.0.0.0/0, to tcp 22 from 10.0.0.0/8; tcp 22 from 100.64.0.0/10; tcp 22 from 172.16.0.0/12; tcp 22 from 192.168.0.0/16; tcp 23-443 from 0.0.0.0/0
    aws ec2 authorize-security-group-ingress --group-id sg-web --ip-permissions '[{"FromPort":22,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"10.0.0.0/8"}],"ToPort":22},{"FromPort":22,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"100.64.0.0/10"}],"ToPort":22},{"FromPort":22,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"172.16.0.0/12"}],"ToPort":22},{"FromPort":22,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"192.168.0.0/16"}],"ToPort":22},{"FromPort":23,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"0.0.0.0/0"}],"ToPort":443}]' --region us-east-1
    aws ec2 revoke-security-group-ingress --group-id sg-web --ip-permissions '[{"FromPort":22,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"0.0.0.0/0"}],"ToPort":443}]' --region us-east-1
    "#);
}

/// Out to the internet and back in to a public address: two ways, and neither is a reply's.
#[test]
fn a_way_around_is_no_way_back() {
    let second = r#"{"InternetGatewayId": "igw-2", "Attachments": [{"VpcId": "vpc-2", "State": "available"}]}, {"InternetGatewayId": "igw-1""#;
    let default = r#"[{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-2", "State": "active"},
    {"DestinationCidrBlock": "10.2.0.0/16""#;
    let network = NETWORK
        .replace(r#"{"InternetGatewayId": "igw-1""#, second)
        .replace("[\n    {\"DestinationCidrBlock\": \"10.2.0.0/16\"", default)
        .replace(
            r#""10.2.0.10", "Status": "in-use","#,
            r#""10.2.0.10", "Status": "in-use", "Association": {"PublicIp": "3.0.0.20"},"#,
        );
    let mut question = question("eni-web", "eni-far", 8443);
    question.direction = crate::Direction::Forward;
    let analysis = of(&network);
    let Fixed::Proposed(proposal) = analysis.fix(&Goal::Open(question), &flows(&[])) else { panic!() };
    let changes: String = proposal.changes.iter().map(|change| analysis.change(change).text + "\n").collect();
    insta::assert_snapshot!(changes, @"sg-web: add rule: allow ingress tcp 8443 from 3.0.0.10/32");
}

/// What no edit of an export changes is said, and nothing is made up.
#[test]
fn what_is_out_of_order_is_not_repaired() {
    let network =
        NETWORK.replace(r#""Status": {"Code": "active"}"#, r#""Status": {"Code": "pending-acceptance"}"#);
    let goal = Goal::Open(question("eni-web", "eni-far", 443));
    let Fixed::NotKnown(reasons) = of(&network).fix(&goal, &flows(&[])) else { panic!() };
    let text: String = reasons.iter().flat_map(|reason| [&reason.text, "\n"]).collect();
    insta::assert_snapshot!(text, @"no change is known for this: pcx-1 is not active");
}
