//! What holds for all resource types: order, damage, several accounts, several files.

use aws::{Diagnostic, Inventory, Severity, lower, snapshot::Snapshot};

/// A small network with something of everything.
const NETWORK: &str = r#"{
"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}, {"VpcId": "vpc-2", "CidrBlock": "10.1.0.0/16"}],
"Subnets": [
  {"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24"},
  {"SubnetId": "subnet-2", "VpcId": "vpc-1", "CidrBlock": "10.0.2.0/24"},
  {"SubnetId": "subnet-3", "VpcId": "vpc-2", "CidrBlock": "10.1.1.0/24"}],
"NetworkInterfaces": [
  {"NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "VpcId": "vpc-1", "PrivateIpAddress": "10.0.1.5",
   "Groups": [{"GroupId": "sg-2"}, {"GroupId": "sg-1"}], "Association": {"PublicIp": "3.0.0.5"}},
  {"NetworkInterfaceId": "eni-2", "SubnetId": "subnet-2", "VpcId": "vpc-1", "PrivateIpAddress": "10.0.2.5",
   "Groups": [{"GroupId": "sg-1"}]},
  {"NetworkInterfaceId": "eni-3", "SubnetId": "subnet-3", "VpcId": "vpc-2", "PrivateIpAddress": "10.1.1.5",
   "Groups": [{"GroupId": "sg-3"}], "SourceDestCheck": false}],
"SecurityGroups": [
  {"GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
   "IpRanges": [{"CidrIp": "10.1.0.0/16"}], "UserIdGroupPairs": [{"GroupId": "sg-2"}]}], "IpPermissionsEgress": []},
  {"GroupId": "sg-2", "VpcId": "vpc-1", "IpPermissions": [], "IpPermissionsEgress": [{"IpProtocol": "-1",
   "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "PrefixListIds": [{"PrefixListId": "pl-1"}]}]}],
"NetworkAcls": [{"NetworkAclId": "acl-1", "Associations": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}],
  "Entries": [
   {"RuleNumber": 200, "Egress": true, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"},
   {"RuleNumber": 100, "Egress": false, "Protocol": "6", "RuleAction": "deny", "CidrBlock": "10.0.0.0/8", "PortRange": {"From": 1, "To": 9}},
   {"RuleNumber": 300, "Egress": false, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"}]}],
"RouteTables": [
  {"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{"Main": true}], "Routes": [
   {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}, {"DestinationCidrBlock": "10.1.0.0/16", "VpcPeeringConnectionId": "pcx-1"}]},
  {"RouteTableId": "rtb-2", "VpcId": "vpc-1", "Associations": [{"SubnetId": "subnet-2"}], "Routes": [
   {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}, {"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1"}]},
  {"RouteTableId": "rtb-3", "VpcId": "vpc-2", "Associations": [{"Main": true}], "Routes": [
   {"DestinationCidrBlock": "10.0.0.0/16", "VpcPeeringConnectionId": "pcx-1"}]}],
"InternetGateways": [{"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1", "State": "available"}]}],
"NatGateways": [{"NatGatewayId": "nat-1", "VpcId": "vpc-1", "SubnetId": "subnet-1",
  "NatGatewayAddresses": [{"PrivateIp": "10.0.1.9", "PublicIp": "3.0.0.9"}]}],
"VpcPeeringConnections": [{"VpcPeeringConnectionId": "pcx-1", "Status": {"Code": "active"},
  "RequesterVpcInfo": {"VpcId": "vpc-1"}, "AccepterVpcInfo": {"VpcId": "vpc-2"}}],
"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcEndpointType": "Gateway", "VpcId": "vpc-1"}],
"PrefixLists": [{"PrefixListId": "pl-1", "Cidrs": ["52.0.0.0/16"]}]
}"#;

fn lowered(files: &[(&str, &str)]) -> (String, Vec<Diagnostic>) {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    let (snapshot, mut remarks) = Snapshot::from_documents(files);
    let (inventory, more) = Inventory::read(&snapshot);
    remarks.extend(more);
    let (graph, more) = lower(&inventory, &snapshot);
    remarks.extend(more);
    (sorted(&graph.to_string()), remarks)
}

/// The lines in order: edges that differ in nothing but what passes are in the order of their records.
fn sorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// The lines that hold `words`, then the remarks that matter.
fn among(files: &[(&str, &str)], words: &str) -> String {
    let (graph, remarks) = lowered(files);
    let lines = graph.lines().filter(|line| line.contains(words)).map(str::to_owned);
    let plain = |remark: &&Diagnostic| {
        remark.severity < Severity::Info && !matches!(remark.code, "unknown" | "missing-table")
    };
    let remarks = remarks.iter().filter(plain).map(|remark| format!("! {}", remark.message));
    lines.chain(remarks).collect::<Vec<_>>().join("\n")
}

/// The same document with every list turned round.
fn reversed(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Array(list) => list.iter().rev().map(reversed).collect(),
        serde_json::Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), reversed(value))).collect()
        }
        other => other.clone(),
    }
}

#[test]
fn order_of_records_does_not_matter() {
    let turned = reversed(&serde_json::from_str(NETWORK).unwrap()).to_string();
    let (graph, remarks) = lowered(&[("a.json", NETWORK)]);
    assert_eq!(graph, lowered(&[("a.json", &turned)]).0);
    assert!(graph.lines().count() > 60, "{graph}");
    let messages: Vec<String> =
        remarks.iter().filter(|it| it.severity < Severity::Info).map(ToString::to_string).collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
    a.json:13#/NetworkInterfaces/2/Groups/0/GroupId: security group `sg-3` is not in the snapshot
      help: what it may admit is reported as unknown
    ");
}

#[test]
fn tables_may_be_spread_over_files() {
    let tables: serde_json::Map<String, serde_json::Value> = serde_json::from_str(NETWORK).unwrap();
    let files: Vec<(String, String)> = tables
        .iter()
        .map(|(key, table)| (format!("x/{key}.json"), format!("{{\"{key}\":{table},\"New\":null}}")))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(lowered(&files).0, lowered(&[("a.json", NETWORK)]).0);
}

#[test]
fn unknown_fields_and_values_are_tolerated() {
    let newer = NETWORK.replace("\"VpcId\"", "\"NewField\": {\"a\": [1, null]}, \"VpcId\"");
    assert_eq!(lowered(&[("a.json", &newer)]).0, lowered(&[("a.json", NETWORK)]).0);
}

#[test]
fn input_cut_off_anywhere_does_not_panic() {
    for end in (0..NETWORK.len()).step_by(7) {
        lowered(&[("a.json", &NETWORK[..end])]);
    }
}

#[test]
fn input_with_a_damaged_member_anywhere_does_not_panic() {
    for damage in ["null", "\"\"", "-1", "{}", "[]", "[null]", "true", "\"10.0.0.0/40\""] {
        for (at, _) in NETWORK.match_indices(": ") {
            let rest = &NETWORK[at + 2..];
            let end =
                if rest.starts_with(['[', '{']) { continue } else { rest.find([',', '}', ']']).unwrap() };
            let (graph, remarks) =
                lowered(&[("a.json", &format!("{}: {damage}{}", &NETWORK[..at], &rest[end..]))]);
            assert!(!graph.is_empty() && remarks.iter().all(|remark| remark.code != "invalid-json"));
        }
    }
}

#[test]
fn a_damaged_file_may_have_held_anything() {
    let network = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"InternetGateways":[],"Subnets":[],"NetworkInterfaces":[]}"#;
    let files = [("us-east-1/a.json", network), ("us-east-1/b.json", "{\"Subn"), ("us-west-2/c.json", "")];
    insta::assert_snapshot!(among(&files, ""), @r"
    vpc-1/admitted -> vpc-1/local: any packet; uncertain (the internet gateways of `vpc-1` are not in the snapshot)
    vpc-1/arriving -> insufficient-info: opening ipv4 and not (src_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}) and ipv4 and not (dst_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}) (the network interfaces in `vpc-1` are not fully in the snapshot)
    vpc-1/local -> insufficient-info: dst_ip in 10.0.0.0/16 (the subnets of `vpc-1` are not fully in the snapshot)
    ! the text ends inside a JSON value, at column 6
    ! this file is empty, expected a JSON object
    ");
    let elsewhere =
        [("us-east-1/a.json", network), ("us-west-2/b.json", r#"{"Error":{"Code":"AccessDenied"}}"#)];
    insta::assert_snapshot!(among(&elsewhere, ""), @"! this holds no records: the recorded call failed: `AccessDenied`");
    let nameless =
        [("a.json", network), ("b.json", r#"[{"SubnetId":"subnet-1","VpcId":"vpc-1","Tags":[]}]"#)];
    insta::assert_snapshot!(among(&nameless, ""), @r#"
    vpc-1/admitted -> vpc-1/local: any packet; uncertain (the internet gateways of `vpc-1` are not in the snapshot)
    vpc-1/arriving -> insufficient-info: opening ipv4 and not (src_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}) and ipv4 and not (dst_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}) (the network interfaces in `vpc-1` are not fully in the snapshot)
    vpc-1/local -> insufficient-info: dst_ip in 10.0.0.0/16 (the subnets of `vpc-1` are not fully in the snapshot)
    ! unrecognised document: found an array of records, expected an object that names them, such as `{"Vpcs": […]}`
    "#);
}

const TWIN: &str = r#"{
"Vpcs":[{"VpcId":"vpc-1","OwnerId":"ACCOUNT","CidrBlock":"10.0.0.0/16"}],
"Subnets":[{"SubnetId":"subnet-1","OwnerId":"ACCOUNT","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],
"NetworkAcls":[],"InternetGateways":[{"InternetGatewayId":"igw-1","Attachments":[{"VpcId":"vpc-1","State":"available"}]}],
"RouteTables":[{"RouteTableId":"rtb-1","OwnerId":"ACCOUNT","VpcId":"vpc-1","Associations":[{"Main":true}],"Routes":[]}],
"SecurityGroups":[{"GroupId":"sg-1","OwnerId":"ACCOUNT","IpPermissions":[{"IpProtocol":"-1","UserIdGroupPairs":[{"GroupId":"sg-1","UserId":"ACCOUNT"}]}],"IpPermissionsEgress":[]}],
"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","OwnerId":"ACCOUNT","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.LAST","Groups":[{"GroupId":"sg-1"}]}]}"#;

#[test]
fn equal_ids_in_two_accounts_or_regions_do_not_mix() {
    let twin = |account: &str, last: &str| TWIN.replace("ACCOUNT", account).replace("LAST", last);
    let (one, other) = (twin("111122223333", "1"), twin("444455556666", "2"));
    let (alone, _) = lowered(&[("111122223333/us-east-1/a.json", &one)]);
    for second in ["444455556666/us-east-1/a.json", "444455556666/eu-west-1/a.json"] {
        let (both, remarks) = lowered(&[("111122223333/us-east-1/a.json", &one), (second, &other)]);
        assert!(remarks.iter().all(|remark| remark.code != "contradiction"));
        let mut expected: Vec<String> =
            alone.lines().flat_map(|line| [line.to_owned(), line.replace("10.0.1.1", "10.0.1.2")]).collect();
        let mut found: Vec<&str> = both.lines().collect();
        expected.sort();
        found.sort_unstable();
        assert_eq!(found, expected);
    }
    let again = twin("111122223333", "2");
    let (both, _) =
        lowered(&[("111122223333/us-east-1/a.json", &one), ("111122223333/eu-west-1/a.json", &again)]);
    assert_eq!(both.lines().count(), 2 * alone.lines().count());
}

#[test]
fn names_of_account_folders_are_the_accounts_in_them() {
    let twin = TWIN.replace("ACCOUNT", "111122223333").replace("LAST", "1");
    let by_id = lowered(&[("accounts/111122223333/us-east-1/a.json", &twin)]).0;
    assert_eq!(lowered(&[("accounts/prod/us-east-1/a.json", &twin)]).0, by_id);
    assert_eq!(lowered(&[("us-east-1/a.json", &twin)]).0, by_id);
}

#[test]
fn shared_subnet_works_for_its_guests() {
    let owner = r#"{"Vpcs":[{"VpcId":"vpc-1","OwnerId":"111122223333","CidrBlock":"10.0.0.0/16"}],
        "Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","OwnerId":"111122223333","CidrBlock":"10.0.1.0/24","Tags":[{"Key":"Name","Value":"owner"}]}],
        "InternetGateways":[],"NetworkAcls":[],"RouteTables":[],"SecurityGroups":[],
        "NetworkInterfaces":[]}"#;
    let guest = r#"{"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","OwnerId":"111122223333","CidrBlock":"10.0.1.0/24","AvailabilityZone":"us-east-1b","Tags":[]}],
        "SecurityGroups":[{"GroupId":"sg-1","OwnerId":"444455556666","IpPermissions":[],"IpPermissionsEgress":[]}],
        "NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","OwnerId":"444455556666","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Groups":[{"GroupId":"sg-1"}]}]}"#;
    let both = [("111122223333/us-east-1/a.json", owner), ("444455556666/us-east-1/a.json", guest)];
    insta::assert_snapshot!(among(&both, "subnet-1/inside ->"), @"subnet-1/inside -> subnet-1/groups[sg-1]/received: dst_ip 10.0.1.5");
    // Without the owner's export nobody knows who else is in the subnet.
    insta::assert_snapshot!(among(&both[1..], "subnet-1/inside ->"), @r"
    subnet-1/inside -> insufficient-info: opening dst_ip in 10.0.1.0/24 and not (dst_ip 10.0.1.5) (the network interfaces in `subnet-1` are not fully in the snapshot)
    subnet-1/inside -> subnet-1/groups[sg-1]/received: dst_ip 10.0.1.5
    ");
    insta::assert_snapshot!(among(&[("a.json", guest)], "subnet-1/inside ->"), @r"
    subnet-1/inside -> insufficient-info: opening dst_ip in 10.0.1.0/24 and not (dst_ip 10.0.1.5) (the network interfaces in `subnet-1` are not fully in the snapshot)
    subnet-1/inside -> subnet-1/groups[sg-1]/received: dst_ip 10.0.1.5
    ");
}

#[test]
fn a_foreign_account_is_not_known_because_somebody_speaks_of_it() {
    let export = r#"{"Vpcs":[{"VpcId":"vpc-1","OwnerId":"111122223333","CidrBlock":"10.0.0.0/16"}],
        "Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","OwnerId":"111122223333","CidrBlock":"10.0.1.0/24"}],
        "VpcPeeringConnections":[{"VpcPeeringConnectionId":"pcx-1","RequesterVpcInfo":{"VpcId":"vpc-9","OwnerId":"444455556666","CidrBlock":"10.9.0.0/16"},"AccepterVpcInfo":{"VpcId":"vpc-1","OwnerId":"111122223333","CidrBlock":"10.0.0.0/16"}}],
        "SecurityGroups":[{"GroupId":"sg-1","OwnerId":"111122223333","IpPermissions":[{"IpProtocol":"-1","UserIdGroupPairs":[{"GroupId":"sg-9","UserId":"444455556666"}]}],"IpPermissionsEgress":[]}],
        "NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","OwnerId":"111122223333","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Groups":[{"GroupId":"sg-1"}]}]}"#;
    insta::assert_snapshot!(among(&[("a.json", export)], "opening"), @"subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening not identity 1 and (src_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16} or src_ip in {10.0.0.0/16, 10.9.0.0/16} or ipv6); uncertain (the members of group `sg-9` of account 444455556666 are not fully in the snapshot)");
}

#[test]
fn the_same_record_twice_is_one_and_contradiction_is_said() {
    let one = r#"{"SecurityGroups":[{"GroupId":"sg-1","IpPermissions":[],"IpPermissionsEgress":[],"Tags":[{"Key":"a","Value":"b"}]}]}"#;
    let same = one.replace("\"b\"", "\"c\"");
    let other = one.replace("\"IpPermissions\":[]", "\"IpPermissions\":[{\"IpProtocol\":\"-1\"}]");
    insta::assert_snapshot!(among(&[("a.json", one), ("b.json", &same)], ""), @"");
    insta::assert_snapshot!(among(&[("a.json", one), ("b.json", &other)], ""), @"! `sg-1` is described a second time and differently; the other description is used");
    assert_eq!(
        lowered(&[("a.json", one), ("b.json", &other)]).0,
        lowered(&[("a.json", &other), ("b.json", one)]).0
    );
}

#[test]
fn a_file_of_one_region_does_not_speak_for_another() {
    let zoned = |subnet: &str, vpc: &str, zone: &str| {
        format!(
            r#"{{"Vpcs":[{{"VpcId":"{vpc}","CidrBlock":"10.0.0.0/16"}}],"Subnets":[{{"SubnetId":"{subnet}","VpcId":"{vpc}","CidrBlock":"10.0.1.0/24","AvailabilityZone":"{zone}"}}]}}"#
        )
    };
    let (one, other) = (zoned("subnet-1", "vpc-1", "us-east-1a"), zoned("subnet-2", "vpc-2", "eu-west-1a"));
    let gateways = r#"{"InternetGateways":[]}"#;
    let files = [("a.json", one.as_str()), ("b.json", other.as_str()), ("c.json", gateways)];
    insta::assert_snapshot!(among(&files, "admitted"), @r"
    vpc-1/admitted -> vpc-1/local: any packet; uncertain (the internet gateways of `vpc-1` are not in the snapshot)
    vpc-2/admitted -> vpc-2/local: any packet; uncertain (the internet gateways of `vpc-2` are not in the snapshot)
    ");
    insta::assert_snapshot!(among(&[files[0], files[2]], "admitted"), @"");
}
