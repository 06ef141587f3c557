//! No step grows with the square of the interfaces: AWS's four scopes on 1,000 and on 10,000.
//!
//! The counters are exact, so that this is a statement about the algorithm, not about a machine. Twice: ten times as
//! many VPCs, and ten times as many subnets in one VPC, where everything can see everything. Then ten times as many VPCs
//! on a transit gateway, and ten times as many load balancers.
#![expect(clippy::unwrap_used, reason = "a test: failing loudly is its job")]

use std::fmt::Write as _;

use netproof::{Analysis, read_scopes};
use search::Work;
use serde_json::{Value, json};
use testkit::generator::{Parameters, generate};

const SCOPES: [(&str, &str); 4] = [
    ("all-igw-ingress", include_str!("../scopes/all-igw-ingress.json")),
    ("aws-igw-egress", include_str!("../scopes/aws-igw-egress.json")),
    ("aws-vpc-ingress", include_str!("../scopes/aws-vpc-ingress.json")),
    ("aws-vpc-egress", include_str!("../scopes/aws-vpc-egress.json")),
];

/// Few rules for each group, so that combinations of rules do not drown what is counted.
fn lean(parameters: &Parameters) -> Parameters {
    Parameters { rules_per_group: 4, groups_per_interface: 1, acl_entries: 6, ..parameters.clone() }
}

fn generated(parameters: &Parameters) -> Analysis {
    let files = generate(parameters, 1).into_iter().map(|(name, json)| (name, json.into_bytes()));
    Analysis::of_documents(files)
}

fn work(analysis: &Analysis) -> Vec<(&'static str, Work)> {
    let context = analysis.context();
    let scopes = SCOPES.iter().flat_map(|(name, text)| read_scopes(name, text).unwrap()).collect();
    let asked = analysis.ask(scopes, &context);
    SCOPES.iter().zip(asked).map(|((name, _), asked)| (*name, asked.result.work)).collect()
}

fn counters(work: &Work) -> [(&'static str, u64); 5] {
    let Work { edges, nodes, steps, reply_steps, paths } = *work;
    [("edges", edges), ("nodes", nodes), ("steps", steps), ("reply_steps", reply_steps), ("paths", paths)]
}

/// The counters of the small network; panics where the large one, ten times its size, takes more than a tenth above
/// ten times the work, or above the growth of what is found. Something quadratic would take a hundred times as much.
fn grown(small: &Analysis, large: &Analysis) -> String {
    let mut text = String::new();
    for ((name, small), (_, large)) in work(small).into_iter().zip(work(large)) {
        let growth = large.paths.div_ceil(small.paths.max(1)).max(10);
        assert!(growth < 20, "{name}: {} paths became {}", small.paths, large.paths);
        write!(text, "{name}:").unwrap();
        for ((counter, few), (_, many)) in counters(&small).into_iter().zip(counters(&large)) {
            assert!(many * 10 <= few.max(100) * growth * 11, "{name}: {few} {counter} became {many}");
            write!(text, " {few} {counter}").unwrap();
        }
        text.push('\n');
    }
    text
}

#[test]
fn ten_times_the_vpcs_are_ten_times_the_work() {
    let of = |interfaces| generated(&lean(&Parameters::interfaces(interfaces)));
    let text = grown(&of(1_000), &of(10_000));
    insta::assert_snapshot!(text, @r"
    all-igw-ingress: 11332 edges 2316 nodes 10496 steps 3524 reply_steps 477 paths
    aws-igw-egress: 11332 edges 14370 nodes 5061 steps 18852 reply_steps 627 paths
    aws-vpc-ingress: 11332 edges 2332 nodes 16273 steps 6754 reply_steps 763 paths
    aws-vpc-egress: 11332 edges 14370 nodes 10168 steps 30435 reply_steps 2058 paths
    ");
}

#[test]
fn ten_times_the_subnets_of_one_vpc_are_ten_times_the_work() {
    let one = |subnets| {
        generated(&lean(&Parameters {
            vpcs: 1,
            subnets_per_vpc: subnets,
            interfaces_per_subnet: 100,
            groups_per_vpc: 20,
            ..Parameters::small()
        }))
    };
    insta::assert_snapshot!(grown(&one(10), &one(100)), @r"
    all-igw-ingress: 6085 edges 1137 nodes 8418 steps 1304 reply_steps 185 paths
    aws-igw-egress: 6085 edges 7002 nodes 1927 steps 18457 reply_steps 572 paths
    aws-vpc-ingress: 6085 edges 1137 nodes 8418 steps 1304 reply_steps 185 paths
    aws-vpc-egress: 6085 edges 7002 nodes 1927 steps 18457 reply_steps 572 paths
    ");
}

/// Adds the members of an object to another one.
fn extend(object: &mut Value, more: Value) {
    let (Value::Object(members), Value::Object(more)) = (object, more) else {
        unreachable!("both are objects")
    };
    members.extend(more);
}

/// An export in which every list that is not given is there and empty.
fn exported(lists: Value) -> Analysis {
    let mut all = json!({
        "InternetGateways": [], "NatGateways": [], "VpcPeeringConnections": [], "VpcEndpoints": [],
        "SecurityGroupVpcAssociations": [], "EgressOnlyInternetGateways": [], "VpcBlockPublicAccessExclusions": [],
    });
    extend(&mut all, lists);
    Analysis::of_documents([("111122223333/us-east-1/all.json".to_owned(), all.to_string().into_bytes())])
}

fn interface(id: &str, subnet: &str, address: &str, groups: &[&str], more: Value) -> Value {
    let groups: Vec<Value> = groups.iter().map(|id| json!({ "GroupId": id })).collect();
    let mut record = json!({
        "NetworkInterfaceId": id, "SubnetId": subnet, "PrivateIpAddress": address, "Groups": groups,
        "Status": "in-use", "Attachment": { "Status": "attached" },
    });
    extend(&mut record, more);
    record
}

fn open_acl(vpc: &str, subnets: &[String]) -> Value {
    let associations: Vec<Value> = subnets.iter().map(|id| json!({ "SubnetId": id })).collect();
    let entry = |egress| json!({ "RuleNumber": 100, "Egress": egress, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0" });
    json!({ "NetworkAclId": format!("acl-{vpc}"), "VpcId": vpc, "Associations": associations, "Entries": [entry(false), entry(true)] })
}

fn group(id: &str, vpc: &str, port: u16, from: Value) -> Value {
    let mut rule = json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": port });
    extend(&mut rule, from);
    let out = json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }]);
    json!({ "GroupId": id, "VpcId": vpc, "IpPermissions": [rule], "IpPermissionsEgress": out })
}

/// VPCs on one transit gateway with two route tables; each has a host and a foot in each of two zones, and lets in its
/// neighbour, by address and by group.
fn transit(vpcs: usize) -> Analysis {
    let lists = ["Vpcs", "Subnets", "NetworkInterfaces", "SecurityGroups", "NetworkAcls", "RouteTables"];
    let mut lists: std::collections::BTreeMap<&str, Vec<Value>> = lists.map(|list| (list, Vec::new())).into();
    let mut attachments = Vec::new();
    let mut of_vpcs = Vec::new();
    let mut routes = Vec::new();
    let net = |at: usize, third: usize, rest: &str| format!("10.{at}.{third}.{rest}");
    for at in 0..vpcs {
        let vpc = format!("vpc-{at}");
        let next = (at + 1) % vpcs;
        let mut subnets = Vec::new();
        let mut add = |list: &str, record| lists.get_mut(list).unwrap().push(record);
        add("Vpcs", json!({ "VpcId": vpc, "CidrBlock": net(at, 0, "0/16") }));
        for (zone, letter) in [(0, "a"), (1, "b")] {
            for (third, of) in [(zone, "hosts"), (zone + 2, "feet")] {
                let id = format!("subnet-{at}-{of}-{letter}");
                add(
                    "Subnets",
                    json!({ "SubnetId": id, "VpcId": vpc, "CidrBlock": net(at, third, "0/24"), "AvailabilityZone": format!("us-east-1{letter}"), "AvailabilityZoneId": format!("use1-az{zone}") }),
                );
                subnets.push(id);
            }
            let (hosts, feet) = (format!("subnet-{at}-hosts-{letter}"), format!("subnet-{at}-feet-{letter}"));
            add(
                "NetworkInterfaces",
                interface(
                    &format!("eni-{at}-{letter}"),
                    &hosts,
                    &net(at, zone, "10"),
                    &[&format!("sg-{at}")],
                    json!({}),
                ),
            );
            add(
                "NetworkInterfaces",
                interface(
                    &format!("eni-foot-{at}-{letter}"),
                    &feet,
                    &net(at, zone + 2, "10"),
                    &[],
                    json!({ "InterfaceType": "transit_gateway" }),
                ),
            );
        }
        let from = json!({ "IpRanges": [{ "CidrIp": net(next, 0, "0/16") }], "UserIdGroupPairs": [{ "GroupId": format!("sg-{next}") }] });
        add("SecurityGroups", group(&format!("sg-{at}"), &vpc, 443, from));
        add("NetworkAcls", open_acl(&vpc, &subnets));
        let local = json!({ "DestinationCidrBlock": net(at, 0, "0/16"), "GatewayId": "local" });
        let beyond = json!({ "DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": "tgw-1" });
        let of = |of: &str| -> Vec<Value> {
            subnets.iter().filter(|id| id.contains(of)).map(|id| json!({ "SubnetId": id })).collect()
        };
        add(
            "RouteTables",
            json!({ "RouteTableId": format!("rtb-hosts-{at}"), "VpcId": vpc, "Associations": of("hosts"), "Routes": [local, beyond] }),
        );
        add(
            "RouteTables",
            json!({ "RouteTableId": format!("rtb-feet-{at}"), "VpcId": vpc, "Associations": of("feet"), "Routes": [local] }),
        );
        let id = format!("tgw-attach-{at}");
        let feet: Vec<&String> = subnets.iter().filter(|id| id.contains("feet")).collect();
        let association =
            json!({ "TransitGatewayRouteTableId": format!("tgw-rtb-{}", at % 2), "State": "associated" });
        attachments.push(json!({ "TransitGatewayAttachmentId": id, "TransitGatewayId": "tgw-1", "ResourceType": "vpc", "ResourceId": vpc, "State": "available", "Association": association }));
        of_vpcs.push(json!({ "TransitGatewayAttachmentId": id, "TransitGatewayId": "tgw-1", "VpcId": vpc, "State": "available", "SubnetIds": feet, "Options": { "ApplianceModeSupport": "disable", "Ipv6Support": "disable" } }));
        routes.push(json!({ "DestinationCidrBlock": net(at, 0, "0/16"), "TransitGatewayAttachments": [{ "ResourceId": vpc, "TransitGatewayAttachmentId": id, "ResourceType": "vpc" }], "Type": "propagated", "State": "active" }));
    }
    let mut files: Vec<(String, Vec<u8>)> = (0..2)
        .map(|table| {
            let answer = json!({ "TransitGatewayRouteTableId": format!("tgw-rtb-{table}"), "Routes": routes, "AdditionalRoutesAvailable": false });
            (format!("111122223333/us-east-1/routes-{table}.json"), answer.to_string().into_bytes())
        })
        .collect();
    let mut all = json!(lists);
    let gateway = json!({ "TransitGatewayId": "tgw-1", "State": "available", "Options": { "SecurityGroupReferencingSupport": "enable" } });
    let tables: Vec<Value> = (0..2).map(|table| json!({ "TransitGatewayRouteTableId": format!("tgw-rtb-{table}"), "TransitGatewayId": "tgw-1", "State": "available" })).collect();
    let more = json!({ "TransitGateways": [gateway], "TransitGatewayRouteTables": tables, "TransitGatewayAttachments": attachments, "TransitGatewayVpcAttachments": of_vpcs, "InternetGateways": [], "VpcPeeringConnections": [] });
    extend(&mut all, more);
    files.push(("111122223333/us-east-1/all.json".to_owned(), all.to_string().into_bytes()));
    Analysis::of_documents(files)
}

/// Application and network balancers in turn, ten to a VPC, with two nodes and five targets each, whose group admits the
/// balancer's.
fn balanced(balancers: usize) -> Analysis {
    const ARN: &str = "arn:aws:elasticloadbalancing:us-east-1:111122223333";
    let lists = [
        "Vpcs",
        "Subnets",
        "NetworkInterfaces",
        "SecurityGroups",
        "NetworkAcls",
        "RouteTables",
        "InternetGateways",
        "LoadBalancers",
        "Listeners",
        "Rules",
        "TargetGroups",
        "LoadBalancerTargetHealth",
    ];
    let mut lists: std::collections::BTreeMap<&str, Vec<Value>> = lists.map(|list| (list, Vec::new())).into();
    let mut add = |list: &str, record| lists.get_mut(list).unwrap().push(record);
    for at in 0..balancers {
        let (vpc, number) = (format!("vpc-{}", at / 10), at % 10);
        let net = |third: usize, rest: &str| format!("10.{}.{third}.{rest}", at / 10);
        let subnets = ["a", "b"].map(|letter| format!("subnet-{}-{letter}", at / 10));
        if number == 0 {
            let gateway = format!("igw-{}", at / 10);
            add("Vpcs", json!({ "VpcId": vpc, "CidrBlock": net(0, "0/16") }));
            for (zone, (id, letter)) in subnets.iter().zip(["a", "b"]).enumerate() {
                add(
                    "Subnets",
                    json!({ "SubnetId": id, "VpcId": vpc, "CidrBlock": net(zone, "0/24"), "AvailabilityZone": format!("us-east-1{letter}") }),
                );
            }
            add("NetworkAcls", open_acl(&vpc, &subnets));
            add(
                "InternetGateways",
                json!({ "InternetGatewayId": gateway, "Attachments": [{ "VpcId": vpc, "State": "available" }] }),
            );
            add(
                "RouteTables",
                json!({ "RouteTableId": format!("rtb-{}", at / 10), "VpcId": vpc, "Associations": [{ "Main": true }], "Routes": [{ "DestinationCidrBlock": net(0, "0/16"), "GatewayId": "local" }, { "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway }] }),
            );
        }
        let (kind, of, protocol) =
            if at % 2 == 0 { ("application", "app", "HTTP") } else { ("network", "net", "TCP") };
        let name = format!("{of}/lb{at}/{at:016}");
        let (arn, target_group) =
            (format!("{ARN}:loadbalancer/{name}"), format!("{ARN}:targetgroup/tg{at}/{at:016}"));
        let listener = format!("{ARN}:listener/{name}/{at:016}");
        let forward = json!([{ "Type": "forward", "TargetGroupArn": target_group }]);
        let (front, back) = (format!("sg-front-{at}"), format!("sg-back-{at}"));
        let zones: Vec<Value> = subnets
            .iter()
            .zip(["a", "b"])
            .map(|(id, letter)| json!({ "ZoneName": format!("us-east-1{letter}"), "SubnetId": id }))
            .collect();
        add(
            "LoadBalancers",
            json!({ "LoadBalancerArn": arn, "Type": kind, "State": { "Code": "active" }, "VpcId": vpc, "AvailabilityZones": zones, "SecurityGroups": [front] }),
        );
        add(
            "Listeners",
            json!({ "ListenerArn": listener, "LoadBalancerArn": arn, "Port": 80, "Protocol": protocol, "DefaultActions": forward }),
        );
        if at % 2 == 0 {
            add(
                "Rules",
                json!({ "RuleArn": format!("{ARN}:listener-rule/{name}/{at:016}/1"), "Priority": "default", "IsDefault": true, "Conditions": [], "Actions": forward }),
            );
        }
        add(
            "TargetGroups",
            json!({ "TargetGroupArn": target_group, "Protocol": protocol, "Port": 8080, "VpcId": vpc, "TargetType": "instance", "LoadBalancerArns": [arn] }),
        );
        add("SecurityGroups", group(&front, &vpc, 80, json!({ "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] })));
        add(
            "SecurityGroups",
            group(&back, &vpc, 8080, json!({ "UserIdGroupPairs": [{ "GroupId": front }] })),
        );
        for (zone, id) in subnets.iter().enumerate() {
            let more = json!({ "Description": format!("ELB {name}"), "Association": { "PublicIp": format!("52.{}.{}.{}", at / 250, at % 250, zone + 1) } });
            add(
                "NetworkInterfaces",
                interface(
                    &format!("eni-lb-{at}-{zone}"),
                    id,
                    &net(zone, &(10 + number).to_string()),
                    &[&front],
                    more,
                ),
            );
        }
        let mut health = Vec::new();
        for target in 0..5 {
            let zone = target % 2;
            let (id, address) =
                (format!("i-{at}-{target}"), net(zone, &(50 + number * 5 + target).to_string()));
            let more = json!({ "Attachment": { "Status": "attached", "InstanceId": id, "DeviceIndex": 0 } });
            add(
                "NetworkInterfaces",
                interface(
                    &format!("eni-{at}-{target}"),
                    subnets.get(zone).unwrap(),
                    &address,
                    &[&back],
                    more,
                ),
            );
            health.push(
                json!({ "Target": { "Id": id, "Port": 8080 }, "TargetHealth": { "State": "healthy" } }),
            );
        }
        add(
            "LoadBalancerTargetHealth",
            json!({ "TargetGroupArn": target_group, "TargetHealthDescriptions": health }),
        );
    }
    exported(json!(lists))
}

#[test]
fn ten_times_the_vpcs_of_a_transit_gateway_are_ten_times_the_work() {
    insta::assert_snapshot!(grown(&transit(6), &transit(60)), @r"
    all-igw-ingress: 426 edges 0 nodes 0 steps 0 reply_steps 0 paths
    aws-igw-egress: 426 edges 275 nodes 0 steps 0 reply_steps 0 paths
    aws-vpc-ingress: 426 edges 145 nodes 468 steps 216 reply_steps 48 paths
    aws-vpc-egress: 426 edges 275 nodes 192 steps 192 reply_steps 12 paths
    ");
}

#[test]
fn ten_times_the_balancers_are_ten_times_the_work() {
    insta::assert_snapshot!(grown(&balanced(10), &balanced(100)), @"
    all-igw-ingress: 845 edges 1673 nodes 2625 steps 1515 reply_steps 85 paths
    aws-igw-egress: 845 edges 1604 nodes 120 steps 90 reply_steps 10 paths
    aws-vpc-ingress: 845 edges 1673 nodes 2625 steps 1515 reply_steps 85 paths
    aws-vpc-egress: 845 edges 1604 nodes 120 steps 90 reply_steps 10 paths
    ");
}
