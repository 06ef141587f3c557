//! Questions with the codes by which Reachability Analyzer would explain their answers: `codes` in `tests/scenarios`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test: failing loudly is its job"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::Path,
};

use netproof::{Analysis, Code, Detail, Flows, Judge, Verdict, When, report::aws_json};

/// The file, its network, its questions.
fn scenarios() -> Vec<(String, Analysis, Vec<toml::Table>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let root = std::env::var_os("NETPROOF_SCENARIOS").map_or(root, Into::into);
    let mut files: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut found = Vec::new();
    for file in files.into_iter().filter(|file| file.extension().is_some_and(|it| it == "toml")) {
        let text = std::fs::read_to_string(&file).unwrap();
        if !text.contains("\ncodes =") && !text.contains("\ndetails =") {
            continue;
        }
        let document: toml::Table =
            text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let json = document["network"]["json"].as_str().unwrap().to_owned();
        let analysis = Analysis::of_documents([("network.json".to_owned(), json.into_bytes())]);
        let questions = document["question"].as_array().unwrap();
        let questions = questions.iter().map(|question| question.as_table().unwrap().clone()).collect();
        found.push((file.file_name().unwrap().to_string_lossy().into_owned(), analysis, questions));
    }
    found
}

fn texts(question: &toml::Table, key: &str) -> Option<BTreeSet<String>> {
    let list = question.get(key)?.as_array().unwrap();
    Some(list.iter().map(|text| text.as_str().unwrap().to_owned()).collect())
}

/// The question of a table, without what is for this test only.
fn question(table: &toml::Table) -> (netproof::Question, Verdict) {
    let known = ["why", "kept-by", "opened-by", "codes", "details"];
    let kept = table.iter().filter(|(key, _)| !known.contains(&key.as_str()));
    let kept: toml::Table = kept.map(|(key, value)| (key.clone(), value.clone())).collect();
    let document = serde_json::json!({ "flows": [kept] });
    let flows = Flows::read("question.json", &document.to_string()).unwrap_or_else(|error| panic!("{error}"));
    let flow = flows.flows.into_iter().next().unwrap();
    (flow.question, flow.expect)
}

/// The details that stand in AWS's document.
fn details(document: &serde_json::Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut left = vec![document];
    while let Some(value) = left.pop() {
        match value {
            serde_json::Value::Object(members) => {
                let detail = members.get("AdditionalDetailType").and_then(|it| it.as_str());
                found.extend(detail.map(str::to_owned));
                left.extend(members.values());
            }
            serde_json::Value::Array(items) => left.extend(items),
            _ => {}
        }
    }
    found
}

/// A network for what files of flows cannot ask: filters, ends that are not there, what is missing.
const NETWORK: &str = r#"[{
"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.1.0.0/16"}, {"VpcId": "vpc-2", "CidrBlock": "10.2.0.0/16"}],
"Subnets": [
  {"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.1.0.0/24", "AvailabilityZone": "us-east-1a"},
  {"SubnetId": "subnet-2", "VpcId": "vpc-1", "CidrBlock": "10.1.1.0/24", "AvailabilityZone": "us-east-1a"},
  {"SubnetId": "subnet-3", "VpcId": "vpc-2", "CidrBlock": "10.2.0.0/24", "AvailabilityZone": "us-east-1a"}],
"InternetGateways": [{"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1", "State": "available"}]}],
"NatGateways": [{"NatGatewayId": "nat-1", "VpcId": "vpc-1", "SubnetId": "subnet-1", "State": "available",
  "NatGatewayAddresses": [{"PrivateIp": "10.1.0.99", "PublicIp": "3.0.0.99"}]}],
"TransitGateways": [{"TransitGatewayId": "tgw-1", "State": "available"}],
"TransitGatewayAttachments": [
  {"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1", "ResourceType": "vpc", "ResourceId": "vpc-1", "State": "available",
   "Association": {"TransitGatewayRouteTableId": "tgw-rtb-1", "State": "associated"}},
  {"TransitGatewayAttachmentId": "tgw-attach-2", "TransitGatewayId": "tgw-1", "ResourceType": "vpc", "ResourceId": "vpc-2", "State": "available",
   "Association": {"TransitGatewayRouteTableId": "tgw-rtb-1", "State": "associated"}}],
"TransitGatewayVpcAttachments": [
  {"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1", "VpcId": "vpc-1", "SubnetIds": ["subnet-1"], "State": "available"},
  {"TransitGatewayAttachmentId": "tgw-attach-2", "TransitGatewayId": "tgw-1", "VpcId": "vpc-2", "SubnetIds": ["subnet-3"], "State": "available"}],
"TransitGatewayRouteTables": [{"TransitGatewayRouteTableId": "tgw-rtb-1", "TransitGatewayId": "tgw-1", "State": "available"}],
"TransitGatewayPeeringAttachments": [], "TransitGatewayConnects": [], "TransitGatewayPolicyTables": [],
"VpcPeeringConnections": [], "VpcEndpoints": [],
"RouteTables": [
  {"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{"SubnetId": "subnet-1"}], "Routes": [
    {"DestinationCidrBlock": "10.1.0.0/16", "GatewayId": "local", "State": "active"},
    {"DestinationCidrBlock": "10.2.0.0/16", "TransitGatewayId": "tgw-1", "State": "active"},
    {"DestinationCidrBlock": "10.9.0.0/16", "VpcPeeringConnectionId": "pcx-9", "State": "active"},
    {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}]},
  {"RouteTableId": "rtb-2", "VpcId": "vpc-1", "Associations": [{"SubnetId": "subnet-2"}], "Routes": [
    {"DestinationCidrBlock": "10.1.0.0/16", "GatewayId": "local", "State": "active"},
    {"DestinationCidrBlock": "10.8.0.0/16", "VpcPeeringConnectionId": "pcx-8", "State": "active"},
    {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}]},
  {"RouteTableId": "rtb-3", "VpcId": "vpc-2", "Associations": [{"SubnetId": "subnet-3"}], "Routes": [
    {"DestinationCidrBlock": "10.2.0.0/16", "GatewayId": "local", "State": "active"},
    {"DestinationCidrBlock": "10.1.0.0/16", "TransitGatewayId": "tgw-1", "State": "active"}]}],
"NetworkAcls": [{"NetworkAclId": "acl-1", "VpcId": "vpc-1", "Associations": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}, {"SubnetId": "subnet-3"}], "Entries": [
  {"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": false, "CidrBlock": "0.0.0.0/0"},
  {"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": true, "CidrBlock": "0.0.0.0/0"}]}],
"SecurityGroups": [
  {"GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
   "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]},
  {}],
"NetworkInterfaces": [
  {"NetworkInterfaceId": "eni-web", "SubnetId": "subnet-1", "VpcId": "vpc-1", "PrivateIpAddress": "10.1.0.10", "Status": "in-use", "Groups": [{"GroupId": "sg-1"}], "Association": {"PublicIp": "3.0.0.10"}},
  {"NetworkInterfaceId": "eni-app", "SubnetId": "subnet-2", "VpcId": "vpc-1", "PrivateIpAddress": "10.1.1.10", "Status": "in-use", "Groups": [{"GroupId": "sg-1"}]},
  {"NetworkInterfaceId": "eni-odd", "SubnetId": "subnet-2", "VpcId": "vpc-1", "PrivateIpAddress": "10.1.1.20", "Status": "in-use", "Groups": [{"GroupId": "sg-9"}]},
  {"NetworkInterfaceId": "eni-far", "SubnetId": "subnet-3", "VpcId": "vpc-2", "PrivateIpAddress": "10.2.0.10", "Status": "in-use", "Groups": [{"GroupId": "sg-1"}]}],
"Reservations": [{"Instances": [{"InstanceId": "i-gone", "VpcId": "vpc-1", "SubnetId": "subnet-1", "NetworkInterfaces": []}]}],
"PrefixLists": [{"PrefixListId": "pl-1", "PrefixListName": "mine", "Cidrs": ["10.77.0.0/16"]}],
"Services": [], "CoreNetworks": []
}]"#;

/// Requests as Reachability Analyzer takes them, each with the one code that explains the answer.
///
/// SOURCE: Reachability Analyzer guide, "Explanation codes" and "Path filters" (checked 2026-11-26).
const REQUESTS: &[(&str, &str)] = &[
    (r#"{"Source":"eni-9","Destination":"eni-web"}"#, "NO_SOURCE_OR_DESTINATION"),
    (r#"{"Source":"i-gone","Destination":"eni-web"}"#, "UNASSOCIATED_COMPONENT"),
    (r#"{"Source":"rtb-1","Destination":"eni-web"}"#, "UNSUPPORTED_COMPONENT"),
    (r#"{"Source":"eni-web","Destination":"eni-far"}"#, "TGW_RTB_ROUTES_ARE_UNKNOWN"),
    (r#"{"Source":"eni-web","FilterAtSource":{"DestinationAddress":"10.9.0.1"}}"#, "UNKNOWN_DESTINATION"),
    (r#"{"Source":"eni-app","Destination":"eni-odd"}"#, "UNKNOWN_RESOURCE"),
    (r#"{"Source":"igw-1","Destination":"igw-1"}"#, "NO_PATH"),
    (
        r#"{"Source":"eni-web","Destination":"igw-1","FilterInArns":["nat-1"]}"#,
        "COMPONENT_FILTER_RESTRICTION",
    ),
    (
        r#"{"Source":"eni-app","Destination":"igw-1","FilterOutArns":["nat-1"]}"#,
        "COMPONENT_FILTER_RESTRICTION_REMOVED_COMPONENT",
    ),
    (
        r#"{"Source":"eni-app","Destination":"igw-1","Protocol":"tcp","FilterAtDestination":{"SourceAddress":"10.1.1.10"}}"#,
        "FILTER_AT_DESTINATION_SOURCE_ADDRESS",
    ),
    (
        r#"{"Source":"igw-1","Destination":"eni-web","FilterAtDestination":{"DestinationAddress":"3.0.0.10"}}"#,
        "FILTER_AT_DESTINATION_DESTINATION_ADDRESS",
    ),
    (
        r#"{"Source":"eni-app","Destination":"igw-1","Protocol":"tcp","FilterAtDestination":{"SourcePortRange":{"FromPort":22,"ToPort":22}}}"#,
        "FILTER_AT_DESTINATION_SOURCE_PORT_RANGE",
    ),
    (
        r#"{"Source":"eni-app","Destination":"eni-web","Protocol":"tcp","DestinationPort":80,"FilterAtDestination":{"DestinationPortRange":{"FromPort":81,"ToPort":90}}}"#,
        "FILTER_AT_DESTINATION_DESTINATION_PORT_RANGE",
    ),
];

#[test]
fn requests_are_explained_by_one_code() {
    let documents = [("network.json".to_owned(), NETWORK.as_bytes().to_vec())];
    let analysis = Analysis::of_documents(documents);
    let mut wrong = String::new();
    for (text, code) in REQUESTS {
        let mut request = netproof::InsightsRequest::default();
        let question = request.read("request.json", text).and_then(|()| request.question()).unwrap();
        let engine = netproof::EngineChoice::Sets;
        let mut judge = Judge::new(&analysis, engine, false).unwrap();
        let mut answered = judge.answer_to(text, &question);
        judge.explain(text, &question, &mut answered);
        let explained = analysis.explain(&question, &answered);
        let found: Vec<&str> = explained.explanations.iter().map(|it| it.code.name()).collect();
        if found != [*code] {
            writeln!(wrong, "{text}\n  expected {code}, found {} {found:?}", answered.verdict).unwrap();
            for it in &explained.explanations {
                writeln!(wrong, "    {} {}", it.code, it.reason.text).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// What a way passes: gateways, tables, lists and groups by their rules, and whatever is in a VPC, a subnet or an instance.
#[test]
fn ways_pass_what_they_go_through() {
    let documents = [("network.json".to_owned(), NETWORK.as_bytes().to_vec())];
    let analysis = Analysis::of_documents(documents);
    let mut told = Vec::new();
    for resource in
        ["nat-1", "rtb-2", "rtb-1", "acl-1", "sg-1", "subnet-1", "subnet-2", "subnet-3", "vpc-1", "vpc-2"]
    {
        let mut question = netproof::Question::parse("eni-app", "igw-1").unwrap().tcp(443);
        question.through = vec![resource.to_owned()];
        let through = analysis.answer(&question).verdict;
        (question.through, question.avoid) = (Vec::new(), vec![resource.to_owned()]);
        let past = analysis.answer(&question).verdict;
        // There is one way.
        assert_ne!(through, past, "{resource}");
        if through == Verdict::Reachable {
            told.push(resource);
        }
    }
    // What ways are not known to pass makes the answer unknown.
    let mut question = netproof::Question::parse("eni-app", "igw-1").unwrap().tcp(443);
    question.through = vec!["pl-1".to_owned()];
    assert_eq!(analysis.answer(&question).verdict, Verdict::Unknown);
    assert_eq!(told, ["nat-1", "rtb-2", "rtb-1", "acl-1", "sg-1", "subnet-1", "subnet-2", "vpc-1"]);
}

#[test]
fn answers_are_explained_as_reachability_analyzer_would() {
    let (mut wrong, mut seen) = (String::new(), BTreeMap::<String, usize>::new());
    for (file, analysis, questions) in scenarios() {
        let engine = netproof::EngineChoice::Sets;
        let mut judge = Judge::new(&analysis, engine, false).unwrap();
        for table in &questions {
            let (codes, expected_details) = (texts(table, "codes"), texts(table, "details"));
            if codes.is_none() && expected_details.is_none() {
                continue;
            }
            let name = table["name"].as_str().unwrap();
            let (question, expect) = question(table);
            let mut answered = judge.answer_to(name, &question);
            judge.explain(name, &question, &mut answered);
            let explained = analysis.explain(&question, &answered);
            let found: BTreeSet<String> =
                explained.explanations.iter().map(|it| it.code.name().to_owned()).collect();
            for code in &found {
                *seen.entry(code.clone()).or_default() += 1;
            }
            if answered.verdict != expect {
                writeln!(wrong, "{file}: {name}: expected {expect}, found {}", answered.verdict).unwrap();
            }
            if let Some(codes) = codes
                && codes != found
            {
                writeln!(wrong, "{file}: {name}\n  expected {codes:?}\n  found    {found:?}").unwrap();
                for it in &explained.explanations {
                    writeln!(wrong, "    {} {}", it.code, it.reason.text).unwrap();
                }
            }
            if let Some(expected) = expected_details {
                let document = aws_json::analyses(
                    &analysis,
                    &question,
                    &answered,
                    &explained,
                    &netproof::AllPaths::default(),
                );
                let found = details(&serde_json::to_value(document).unwrap());
                for detail in &found {
                    *seen.entry(detail.clone()).or_default() += 1;
                }
                if found != expected {
                    writeln!(wrong, "{file}: {name}\n  expected {expected:?}\n  found    {found:?}").unwrap();
                }
            }
        }
    }
    let codes = Code::ALL.iter().map(|code| (code.name(), code.when()));
    for (name, when) in codes.chain(Detail::ALL.iter().map(|detail| (detail.name(), detail.when()))) {
        let is_seen = seen.contains_key(name) || REQUESTS.iter().any(|(_, code)| *code == name);
        if is_seen != matches!(when, When::If(_)) {
            writeln!(wrong, "{name}: seen: {is_seen}, but {when:?}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
