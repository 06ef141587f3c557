use std::collections::BTreeSet;

use super::*;
use crate::{
    Analysis, Certification,
    audit::Site,
    read_scopes,
    triage::{Policy, Suppressions, triage},
};

/// Ends a script, begins another, quotes, and breaks lines as only scripts do.
const HOSTILE: &str = "</script><script>alert(1)</script><!-- \\\" ' & \\u2028";
const SCOPE: &str = r#"{"MatchPaths": [{"Source": {"ResourceStatement": {"ResourceTypes": ["AWS::EC2::InternetGateway"]}}}]}"#;

/// A web server that the internet reaches, and a group whose source is not in the export.
fn network() -> Analysis {
    let export = r#"{
"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333", "Tags": [{"Key": "Name", "Value": "HOSTILE"}]}],
"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "eu-west-1a", "OwnerId": "111122223333"}],
"InternetGateways": [{"InternetGatewayId": "igw-1", "OwnerId": "111122223333", "Attachments": [{"State": "available", "VpcId": "vpc-1"}]}],
"RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "OwnerId": "111122223333",
  "Associations": [{"Main": true, "RouteTableId": "rtb-1", "AssociationState": {"State": "associated"}}],
  "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"},
             {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "Origin": "CreateRoute", "State": "active"}]}],
"NetworkAcls": [{"NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true, "OwnerId": "111122223333",
  "Associations": [{"NetworkAclAssociationId": "aclassoc-1", "NetworkAclId": "acl-1", "SubnetId": "subnet-1"}],
  "Entries": [{"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": true, "CidrBlock": "0.0.0.0/0"},
              {"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": false, "CidrBlock": "0.0.0.0/0"}]}],
"SecurityGroups": [{"GroupId": "sg-1", "GroupName": "web", "VpcId": "vpc-1", "OwnerId": "111122223333",
  "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
                    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": "pl-1"}]}],
  "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}],
"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "VpcId": "vpc-1", "OwnerId": "111122223333",
  "PrivateIpAddress": "10.0.1.10", "Status": "in-use", "InterfaceType": "interface", "SourceDestCheck": true,
  "Groups": [{"GroupId": "sg-1", "GroupName": "web"}], "TagSet": [{"Key": "Name", "Value": "HOSTILE"}],
  "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.10", "Primary": true, "Association": {"PublicIp": "203.0.113.10", "IpOwnerId": "amazon"}}]}]
}"#;
    let export = export.replace("HOSTILE", HOSTILE);
    Analysis::of_documents([("111122223333/eu-west-1/export.json".to_owned(), export.into_bytes())])
}

/// The page, and the ids of the findings on it.
fn page(analysis: &Analysis, policy: &Policy) -> (String, Vec<String>) {
    let scopes = read_scopes("web.json", SCOPE).unwrap();
    let asked = analysis.ask(scopes, &analysis.context());
    let site = Site { analysis, root: Root::Folder(format!("snapshots/{HOSTILE}")) };
    let mut audit = Audit::of_scopes(site, &asked, &Certification::NotAsked);
    let triage = triage(&mut audit, policy);
    let ids = audit.checks.iter().flat_map(Check::ids).map(str::to_owned).collect();
    let when = "2026-11-27T12:00:00Z".parse().unwrap();
    let mut bytes = Vec::new();
    write(Report { audit: &audit, triage: &triage, when }, &mut bytes).unwrap();
    (String::from_utf8(bytes).unwrap(), ids)
}

/// What stands between the first of these texts and the next of those.
fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    text.split_once(begin).unwrap().1.split_once(end).unwrap().0
}

fn data(page: &str) -> serde_json::Value {
    serde_json::from_str(between(page, r#"<script type="application/json" id="data">"#, "</script>")).unwrap()
}

#[test]
fn texts_of_the_snapshot_are_never_markup() {
    let (page, _) = page(&network(), &Policy::default());
    assert!(!page.contains("alert(1)</script>"));
    assert!(!page.contains("<script>alert"));
    assert_eq!(page.matches("<script").count(), 2, "the data and the script");
    assert_eq!(page.matches("</script").count(), 2);
    assert!(!page.contains("<!--") && !page.contains('\u{2028}'));
    // It is there all the same: the name as it was, and the folder, escaped.
    let name = serde_json::from_str::<String>(&format!("\"{HOSTILE}\"")).unwrap();
    let strings = data(&page)["strings"].as_array().unwrap().clone();
    assert!(strings.iter().any(|text| *text == name.as_str()), "{strings:?}");
    assert!(page.contains("snapshots/&#60;/script&#62;"));
}

#[test]
fn every_finding_is_on_the_page() {
    let (page, ids) = page(&network(), &Policy::default());
    let rows = data(&page)["checks"][0]["findings"].as_array().unwrap().clone();
    let written: Vec<&str> = rows.iter().map(|row| row[0].as_str().unwrap()).collect();
    assert_eq!(written, ids);
    assert!(!ids.is_empty());
}

#[test]
fn the_map_has_interfaces_in_subnets_in_vpcs_in_regions_in_accounts() {
    let (page, _) = page(&network(), &Policy::default());
    let data = data(&page);
    let nodes = data["nodes"].as_array().unwrap();
    let number = |value: &serde_json::Value| usize::try_from(value.as_i64().unwrap()).ok();
    let text = |value: &serde_json::Value| data["strings"][number(value).unwrap()].as_str().unwrap();
    let mut at = nodes.iter().position(|node| text(&node[2]) == "eni-1");
    let mut way = Vec::new();
    while let Some(node) = at {
        way.push(text(&nodes[node][2]));
        at = number(&nodes[node][0]);
    }
    assert_eq!(way, ["eni-1", "subnet-1", "vpc-1", "eu-west-1", "111122223333"]);
}

#[test]
fn same_input_same_bytes() {
    let first = page(&network(), &Policy::default());
    assert_eq!(first, page(&network(), &Policy::default()));
}

#[test]
fn nothing_is_fetched() {
    let (page, _) = page(&network(), &Policy::default());
    let policy = between(&page, r#"http-equiv="Content-Security-Policy" content=""#, "\"");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    // Addresses that mean something to a browser: the icon, which is empty, and places on the page.
    let mut addresses = BTreeSet::new();
    for attribute in ["href=\"", "src=\"", "action=\"", "srcset=\""] {
        addresses.extend(page.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap()));
    }
    assert_eq!(addresses, BTreeSet::from(["#findings", "data:,"]));
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    for word in ["fetch(", "XMLHttpRequest", "import(", "innerHTML", "insertAdjacentHTML", "eval(", "Date("] {
        assert!(!SCRIPT.contains(word), "{word}");
    }
    let addresses: Vec<&str> = SCRIPT.matches("://").collect();
    assert_eq!(addresses.len(), 1, "the name of SVG");
}

#[test]
fn digests_are_those_of_the_standard() {
    // The examples of the document that describes the policy, and of RFC 4648's padding, by `openssl dgst | base64`.
    assert_eq!(digest("alert('Hello, world.');"), "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
    assert_eq!(digest(""), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

#[test]
fn who_took_responsibility_is_on_the_page() {
    let text = "[[suppress]]\nreason = \"a <b>public</b> shop\"\nowner = \"web\"\ncheck = \"*\"\nuntil = 2027-01-01\n";
    let suppressions = Suppressions::read("accepted.toml", text).unwrap();
    let policy = Policy { suppressions, ..Policy::default() };
    let (page, _) = page(&network(), &policy);
    assert!(page.contains("No finding counts: 1 finding known, suppressed or below the threshold"));
    let data = data(&page);
    let by = &data["standings"][0][7];
    let strings = data["strings"].as_array().unwrap();
    let said = |at: usize| strings[usize::try_from(by[at].as_i64().unwrap()).unwrap()].as_str().unwrap();
    assert_eq!([said(0), said(1), said(2)], ["a <b>public</b> shop", "web", "2027-01-01"]);
}
#[test]
fn clean_is_said_only_where_nothing_was_found() {
    let words = Page::verdict_words;
    assert_eq!(words(ScopeVerdict::Clean, 0), "clean");
    assert_eq!(words(ScopeVerdict::Clean, 1), "none counts");
    assert_eq!(words(ScopeVerdict::Unknown, 1), "unknown");
    let (page, _) = page(&network(), &Policy::default());
    assert!(page.contains("1 finding, 1 unknown</h1>"));
    let about = between(&page, "The snapshot does not tell:", "</ul>");
    assert!(about.contains("pl-1") && about.contains("export.json:"), "{about}");
}
