//! AWS Security Finding Format: one JSON array of findings, as `aws securityhub batch-import-findings --findings` takes it
//! when there are at most 100.
//!
//! Every finding is a record that failed; who took responsibility for it is a note on it, and it is suppressed. Every check
//! is a record too, under one id for ever: passed, failed, or with a warning where something is unknown, so that what was
//! good once does not look good for ever. The record of a check belongs to the first account and Region of the snapshot.
//!
//! A record needs an account and a Region. Those of a finding are its destination's, else its source's, else the only ones of
//! the snapshot. Records that have none are not written; then writing fails in the end and says how many.
//!
//! SOURCE: Security Hub user guide, AWS Security Finding Format and its required attributes; API reference,
//! `AwsSecurityFinding` with its lengths, and `BatchImportFindings`: 240 KB for a finding, 100 findings for a call, severity
//! and types in `FindingProviderFields` (checked 2026-11-27, botocore 1.44.8). Lengths are taken to be in bytes: AWS's
//! answer on re:Post about descriptions does.
//! GAP: `NetworkPath` names components without headers; AWS has no form for sets of packets.
//! GAP: findings that are gone are not archived; Security Hub deletes what was not updated for 90 days.
//! GAP: tags that are blank or AWS's own (`aws:`) are left out of resources: the API takes no blank texts, and reserves those.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Report,
    record::{
        Home, Homes, Outcome, check_sentences, check_severity, first_seen, identifier, partition, remedy,
        sentences, shortened, step_line, suppression, unknowns,
    },
};
use crate::{
    audit::{Audit, AuditFinding, Check, Step, Subject},
    report::short,
    triage::Standing,
};

/// The most bytes of a finding; AWS says 240 KB.
const SIZE: usize = 240_000;
/// The most resources of a finding.
const RESOURCES: usize = 32;
/// The most product fields of a finding.
const FIELDS: usize = 50;
/// The most tags of a resource that AWS allows.
const TAGS: usize = 50;
/// What kind of finding it is, in AWS's taxonomy.
///
/// SOURCE: Security Hub user guide, types taxonomy for ASFF (checked 2026-11-27).
const TYPE: &str = "Software and Configuration Checks/AWS Security Best Practices/Network Reachability";

pub(super) fn write(report: Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let audit = report.audit;
    let homes = Homes::of(audit);
    let mut list = List { out, homeless: Vec::new(), written: 0 };
    for check in &audit.checks {
        list.put(&homes.first(), &check.id, |home| check_record(audit, check, home, report.when))?;
        for (finding, standing) in check.findings() {
            let home = homes.of_finding(&finding);
            let id = format!("{}/{}", check.id, finding.id);
            list.put(&home, &id, |home| {
                finding_record(audit, check, &finding, &standing, home, report.when)
            })?;
        }
    }
    list.end()
}

/// The array.
struct List<W: Write> {
    out: W,
    written: usize,
    /// What has no account or Region.
    homeless: Vec<String>,
}

impl<W: Write> List<W> {
    fn put(&mut self, home: &Home, id: &str, record: impl FnOnce(&Home) -> Value) -> io::Result<()> {
        if !home.is_known() {
            self.homeless.push(id.to_owned());
            return Ok(());
        }
        self.out.write_all(if self.written == 0 { b"[\n" } else { b",\n" })?;
        self.written += 1;
        serde_json::to_writer(&mut self.out, &fitting(record(home)))?;
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        self.out.write_all(if self.written == 0 { b"[]\n" } else { b"\n]\n" })?;
        let Some(first) = self.homeless.first() else { return Ok(()) };
        Err(io::Error::other(format!(
            "{} of {} records are not in it: a record of Security Hub needs an account and a Region, and the snapshot does \
             not tell those of `{first}`; put its files in folders ACCOUNT/REGION",
            self.homeless.len(),
            self.homeless.len() + self.written
        )))
    }
}

/// What records of findings and of checks have in common.
struct Record<'a> {
    id: String,
    check: &'a Check<'a>,
    home: &'a Home,
    severity: &'static str,
    title: &'a str,
    description: String,
    created: Timestamp,
    when: Timestamp,
    status: &'static str,
    resources: Vec<Value>,
    fields: Vec<(String, String)>,
}

impl Record<'_> {
    fn to_members(&self) -> Map<String, Value> {
        let Home { account, region } = self.home;
        let partition = self.home.partition();
        let severity = json!({ "Label": self.severity, "Original": self.severity });
        let fields = self.fields.iter().take(FIELDS);
        let fields =
            fields.map(|(key, value)| (format!("netproof/{key}"), Value::from(shortened(value, 2048))));
        let members = json!({
            "SchemaVersion": "2018-10-08",
            "Id": identifier(&self.id, 512),
            "ProductArn": format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
            "GeneratorId": identifier(&format!("netproof/{}", self.check.id), 512),
            "AwsAccountId": account,
            "Types": [TYPE],
            "CreatedAt": self.created.to_string(),
            "UpdatedAt": self.when.to_string(),
            "LastObservedAt": self.when.to_string(),
            "Severity": severity,
            "FindingProviderFields": { "Severity": severity, "Types": [TYPE] },
            "Title": shortened(self.title, 256),
            "Description": shortened(&self.description, 1024),
            "ProductFields": fields.collect::<Map<String, Value>>(),
            "Resources": self.resources,
            "Compliance": { "Status": self.status },
            "RecordState": "ACTIVE",
        });
        match members {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }
}

fn finding_record(
    audit: &Audit<'_>,
    check: &Check<'_>,
    finding: &AuditFinding,
    standing: &Standing,
    home: &Home,
    when: Timestamp,
) -> Value {
    let first = first_seen(standing, when);
    let about = sentences(finding).join(" ");
    let record = Record {
        id: format!("netproof/{}/{}", identifier(&check.id, 400), finding.id),
        check,
        home,
        severity: standing.severity.name(),
        title: &finding.title,
        description: format!("{}: {}. {about}", check.title, finding.title),
        created: first.unwrap_or(when),
        when,
        status: "FAILED",
        resources: resources(finding, home),
        fields: finding_fields(audit, check, finding, standing),
    };
    let mut members = record.to_members();
    if let Some(first) = first {
        members.insert("FirstObservedAt".to_owned(), first.to_string().into());
    }
    if let Some(text) = remedy(finding) {
        let text = shortened(&text, 512);
        members.insert("Remediation".to_owned(), json!({ "Recommendation": { "Text": text } }));
    }
    let path: Vec<Value> =
        finding.ways.first().into_iter().flat_map(|way| &way.steps).map(component).collect();
    if !path.is_empty() {
        members.insert("NetworkPath".to_owned(), path.into());
    }
    let workflow = if standing.suppressed.is_some() { "SUPPRESSED" } else { "NEW" };
    members.insert("Workflow".to_owned(), json!({ "Status": workflow }));
    if let (Some(suppressed), Some(text)) = (&standing.suppressed, suppression(standing)) {
        let owner = shortened(&suppressed.owner, 512);
        let note =
            json!({ "Text": shortened(&text, 512), "UpdatedBy": owner, "UpdatedAt": when.to_string() });
        members.insert("Note".to_owned(), note);
    }
    Value::Object(members)
}

fn check_record(audit: &Audit<'_>, check: &Check<'_>, home: &Home, when: Timestamp) -> Value {
    let status = match Outcome::of(check) {
        Outcome::Passed => "PASSED",
        Outcome::Unknown => "WARNING",
        Outcome::Failed => "FAILED",
    };
    let mut fields = vec![
        ("command".to_owned(), audit.command.to_owned()),
        ("check".to_owned(), check.id.clone()),
        ("version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("verdict".to_owned(), check.verdict().name().to_owned()),
        ("findings".to_owned(), check.len().to_string()),
        ("failing".to_owned(), check.failing().to_string()),
    ];
    if !audit.certified.is_empty() {
        fields.push(("certified".to_owned(), audit.certified.clone()));
    }
    numbered(&mut fields, "unknown", unknowns(check));
    let record = Record {
        id: format!("netproof/{}", check.id),
        check,
        home,
        severity: check_severity(check).name(),
        title: &format!("netproof {}: {}", audit.command, check.title),
        description: check_sentences(check).join(" "),
        created: when,
        when,
        status,
        resources: vec![account(home)],
        fields,
    };
    Value::Object(record.to_members())
}

/// What Security Hub has no place for.
fn finding_fields(
    audit: &Audit<'_>,
    check: &Check<'_>,
    finding: &AuditFinding,
    standing: &Standing,
) -> Vec<(String, String)> {
    let always = [
        ("command", audit.command.to_owned()),
        ("check", check.id.clone()),
        ("finding", finding.id.clone()),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("standing", standing.word().to_owned()),
        ("counts", standing.fails().to_string()),
    ];
    let maybe = [
        ("rule", finding.rule.clone()),
        ("place", finding.place.as_ref().map(ToString::to_string)),
        ("packets", Some(finding.packets.join("; ")).filter(|packets| !packets.is_empty())),
        ("raised-by", standing.raised_by.clone()),
        ("due", standing.due.map(|day| day.to_string())),
        ("overdue", standing.due.map(|_| standing.overdue.to_string())),
        ("suppressed", suppression(standing)),
    ];
    let maybe = maybe.into_iter().filter_map(|(key, value)| Some((key, value?)));
    let mut fields: Vec<_> =
        always.into_iter().chain(maybe).map(|(key, value)| (key.to_owned(), value)).collect();
    let steps = finding.ways.iter().flat_map(|way| &way.steps);
    numbered(&mut fields, "hop", steps.map(step_line).collect());
    fields
}

/// Adds texts under numbers as far as there is room, and says how many there was none for.
fn numbered(fields: &mut Vec<(String, String)>, key: &str, texts: Vec<String>) {
    let (room, all) = (FIELDS.saturating_sub(fields.len()), texts.len());
    let shown = if all <= room { all } else { room.saturating_sub(1) };
    let texts = texts.into_iter().take(shown).enumerate();
    fields.extend(texts.map(|(index, text)| (format!("{key}/{:02}", index + 1), text)));
    if shown < all {
        fields.push((format!("{key}/more"), format!("{} more", all - shown)));
    }
}

/// A component of the path. Both members are short texts, so ids in full are in the product fields.
fn component(step: &Step) -> Value {
    let kind = match step.kind.rsplit("::").next() {
        _ if step.kind.len() <= 32 => &step.kind,
        Some(last) => last,
        None => &step.kind,
    };
    let id = identifier(short(&step.id), 32);
    json!({ "ComponentId": shortened(&id, 32), "ComponentType": shortened(kind, 32) })
}

/// What a finding is about: its destination and source, then what those are in.
fn resources(finding: &AuditFinding, home: &Home) -> Vec<Value> {
    let ends = [(&finding.destination, "Target"), (&finding.source, "Actor")];
    let ends: Vec<(&Subject, &str)> =
        ends.into_iter().filter_map(|(subject, role)| Some((subject.as_ref()?, role))).collect();
    let mut seen = BTreeSet::new();
    let mut resources = Vec::new();
    for (it, role) in &ends {
        let resource = Described { kind: &it.kind, id: &it.id, arn: it.arn.as_deref(), tags: &it.tags };
        if seen.insert(resource.canonical()) {
            let mut value = resource.to_value(&it.region, Some(&it.what));
            if let Value::Object(members) = &mut value {
                members.insert("ResourceRole".to_owned(), (*role).into());
            }
            resources.push(value);
        }
    }
    for (end, within) in ends.iter().flat_map(|(end, _)| end.within.iter().map(move |within| (end, within))) {
        let resource =
            Described { kind: &within.kind, id: &within.id, arn: within.arn.as_deref(), tags: &within.tags };
        if seen.insert(resource.canonical()) {
            resources.push(resource.to_value(&end.region, None));
        }
    }
    if resources.is_empty() {
        resources.push(account(home));
    }
    resources.truncate(RESOURCES);
    resources
}

/// The account, where there is nothing closer.
fn account(home: &Home) -> Value {
    let mut resource = json!({
        "Type": "AwsAccount",
        "Id": format!("AWS::::Account:{}", home.account),
        "Region": home.region,
    });
    if let (Value::Object(members), Some(partition)) = (&mut resource, known_partition(&home.region)) {
        members.insert("Partition".to_owned(), partition.into());
    }
    resource
}

/// A resource that is described.
struct Described<'a> {
    kind: &'a str,
    id: &'a str,
    arn: Option<&'a str>,
    tags: &'a std::collections::BTreeMap<String, String>,
}

impl Described<'_> {
    /// What AWS calls the canonical identifier.
    fn canonical(&self) -> String {
        shortened(self.arn.unwrap_or(self.id), 2048)
    }

    fn to_value(&self, region: &str, what: Option<&str>) -> Value {
        let about = [("Type", Some(self.kind)), ("Id", Some(self.id)), ("What", what)];
        let about = about
            .into_iter()
            .filter_map(|(key, value)| Some((key, value.filter(|it| !it.trim().is_empty())?)));
        let other: Map<String, Value> =
            about.map(|(key, value)| (key.to_owned(), shortened(value, 1024).into())).collect();
        let mut members = Map::new();
        members.insert("Type".to_owned(), resource_type(self.kind).into());
        members.insert("Id".to_owned(), self.canonical().into());
        members.insert("Details".to_owned(), json!({ "Other": other }));
        if !region.is_empty() {
            members.insert("Region".to_owned(), shortened(region, 16).into());
            if let Some(partition) = known_partition(region) {
                members.insert("Partition".to_owned(), partition.into());
            }
        }
        let is_allowed = |(key, value): &(&String, &String)| {
            !key.starts_with("aws:") && !key.trim().is_empty() && !value.trim().is_empty()
        };
        let tags = self.tags.iter().filter(is_allowed).take(TAGS);
        let tags: Map<String, Value> =
            tags.map(|(key, value)| (identifier(key, 128), shortened(value, 256).into())).collect();
        if !tags.is_empty() {
            members.insert("Tags".to_owned(), tags.into());
        }
        Value::Object(members)
    }
}

/// The partition, if the format has a word for it.
fn known_partition(region: &str) -> Option<&'static str> {
    Some(partition(region)).filter(|name| ["aws", "aws-cn", "aws-us-gov"].contains(name))
}

/// What the format calls a type of resource.
///
/// SOURCE: API reference, `ResourceDetails` (checked 2026-11-27, botocore 1.44.8).
fn resource_type(kind: &str) -> &'static str {
    match kind {
        "AWS::EC2::ClientVpnEndpoint" => "AwsEc2ClientVpnEndpoint",
        "AWS::EC2::EIP" => "AwsEc2Eip",
        "AWS::EC2::Instance" => "AwsEc2Instance",
        "AWS::EC2::NetworkAcl" => "AwsEc2NetworkAcl",
        "AWS::EC2::NetworkInterface" => "AwsEc2NetworkInterface",
        "AWS::EC2::RouteTable" => "AwsEc2RouteTable",
        "AWS::EC2::SecurityGroup" => "AwsEc2SecurityGroup",
        "AWS::EC2::Subnet" => "AwsEc2Subnet",
        "AWS::EC2::TransitGateway" => "AwsEc2TransitGateway",
        "AWS::EC2::VPC" => "AwsEc2Vpc",
        "AWS::EC2::VPCEndpointService" => "AwsEc2VpcEndpointService",
        "AWS::EC2::VPCPeeringConnection" => "AwsEc2VpcPeeringConnection",
        "AWS::EC2::VPNConnection" => "AwsEc2VpnConnection",
        "AWS::ElasticLoadBalancing::LoadBalancer" => "AwsElbLoadBalancer",
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => "AwsElbv2LoadBalancer",
        "AWS::Lambda::Function" => "AwsLambdaFunction",
        "AWS::NetworkFirewall::Firewall" => "AwsNetworkFirewallFirewall",
        "AWS::NetworkFirewall::FirewallPolicy" => "AwsNetworkFirewallFirewallPolicy",
        "AWS::NetworkFirewall::RuleGroup" => "AwsNetworkFirewallRuleGroup",
        "AWS::RDS::DBInstance" => "AwsRdsDbInstance",
        _ => "Other",
    }
}

/// The record in as many bytes as AWS takes: without tags if need be, then with the first components of its path only.
fn fitting(mut record: Value) -> Value {
    let size = |record: &Value| serde_json::to_vec(record).map_or(0, |text| text.len());
    if size(&record) > SIZE {
        for resource in record.get_mut("Resources").and_then(Value::as_array_mut).into_iter().flatten() {
            resource.as_object_mut().map(|members| members.remove("Tags"));
        }
    }
    if size(&record) > SIZE
        && let Some(path) = record.get_mut("NetworkPath").and_then(Value::as_array_mut)
    {
        path.truncate(RESOURCES);
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Analysis,
        audit::{AuditUnknown, Container, Way, samples},
        triage::Triage,
    };

    fn written(audit: &Audit<'_>) -> (Vec<Value>, Option<String>) {
        let triage = Triage::default();
        let report = Report { audit, triage: &triage, when: "2026-11-27T11:30:00Z".parse().unwrap() };
        let mut out = Vec::new();
        let fault = write(report, &mut out).err().map(|error| error.to_string());
        (serde_json::from_slice(&out).unwrap(), fault)
    }

    fn home() -> Analysis {
        samples::analysis(&[("111122223333", "eu-west-1")])
    }

    fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
        value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    #[test]
    fn every_standing_has_a_form() {
        let analysis = home();
        let (audit, _) = samples::mixed(&analysis);
        let (records, fault) = written(&audit);
        assert_eq!(fault, None);
        let line = |record: &Value| {
            let members =
                ["/Title", "/Compliance/Status", "/Workflow/Status", "/Severity/Label", "/FirstObservedAt"];
            let note = text(record, "/Note/Text");
            members.map(|member| text(record, member)).join("|") + "|" + note
        };
        insta::assert_snapshot!(records.iter().map(line).collect::<Vec<_>>().join("\n"), @r#"
        netproof analyze: Title of all|FAILED||INFORMATIONAL||
        <a> & "b" 'c' ￾]]> é|FAILED|NEW|HIGH|2026-11-27T00:00:00Z|
        found new|FAILED|NEW|HIGH|2026-11-27T00:00:00Z|
        found known|FAILED|NEW|HIGH|2026-10-01T00:00:00Z|
        found suppressed|FAILED|SUPPRESSED|HIGH|2026-11-27T00:00:00Z|it is a decoy (blue team, until 2027-01-31; suppressions.toml#/suppress/0)
        netproof analyze: Title of low|FAILED||INFORMATIONAL||
        found low|FAILED|NEW|LOW|2026-11-27T00:00:00Z|
        netproof analyze: Title of only-suppressed|PASSED||INFORMATIONAL||
        found suppressed|FAILED|SUPPRESSED|HIGH|2026-11-27T00:00:00Z|it is a decoy (blue team, until 2027-01-31; suppressions.toml#/suppress/0)
        netproof analyze: Title of unknown-only|WARNING||HIGH||
        netproof analyze: Title of cut|WARNING||HIGH||
        netproof analyze: Title of clean|PASSED||INFORMATIONAL||
        "#);
    }

    #[test]
    fn a_record_says_where_what_and_why() {
        let analysis = home();
        let (audit, _) = samples::mixed(&analysis);
        let (records, _) = written(&audit);
        let known = records.iter().find(|record| text(record, "/Title") == "found known").unwrap();
        let text = serde_json::to_string_pretty(known).unwrap().replace(env!("CARGO_PKG_VERSION"), "VERSION");
        insta::assert_snapshot!(text, @r#"
        {
          "AwsAccountId": "111122223333",
          "Compliance": {
            "Status": "FAILED"
          },
          "CreatedAt": "2026-10-01T00:00:00Z",
          "Description": "Title of all: found known. Look first at sg-1: allow ingress tcp 80 (snapshot/groups.json:7).",
          "FindingProviderFields": {
            "Severity": {
              "Label": "HIGH",
              "Original": "HIGH"
            },
            "Types": [
              "Software and Configuration Checks/AWS Security Best Practices/Network Reachability"
            ]
          },
          "FirstObservedAt": "2026-10-01T00:00:00Z",
          "GeneratorId": "netproof/all",
          "Id": "netproof/all/faf39940025610bd",
          "LastObservedAt": "2026-11-27T11:30:00Z",
          "NetworkPath": [
            {
              "ComponentId": "sg-1",
              "ComponentType": "AWS::EC2::SecurityGroup"
            },
            {
              "ComponentId": "eni-1",
              "ComponentType": "AWS::EC2::SecurityGroup"
            }
          ],
          "ProductArn": "arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default",
          "ProductFields": {
            "netproof/check": "all",
            "netproof/command": "analyze",
            "netproof/counts": "false",
            "netproof/due": "2026-10-31",
            "netproof/finding": "faf39940025610bd",
            "netproof/hop/01": "sg-1 (web): allow ingress tcp 80 (snapshot/groups.json:7)",
            "netproof/hop/02": "eni-1: network interface (snapshot/groups.json:7)",
            "netproof/overdue": "true",
            "netproof/place": "snapshot/groups.json:7",
            "netproof/rule": "sg-1: allow ingress tcp 80",
            "netproof/standing": "known",
            "netproof/version": "VERSION"
          },
          "RecordState": "ACTIVE",
          "Remediation": {
            "Recommendation": {
              "Text": "Look first at sg-1: allow ingress tcp 80 (snapshot/groups.json:7)."
            }
          },
          "Resources": [
            {
              "Details": {
                "Other": {
                  "Id": "eni-1",
                  "Type": "AWS::EC2::NetworkInterface",
                  "What": "network interface eni-1"
                }
              },
              "Id": "arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-1",
              "Partition": "aws",
              "Region": "eu-west-1",
              "ResourceRole": "Target",
              "Tags": {
                "Name": "web"
              },
              "Type": "AwsEc2NetworkInterface"
            },
            {
              "Details": {
                "Other": {
                  "Id": "subnet-1",
                  "Type": "AWS::EC2::Subnet"
                }
              },
              "Id": "subnet-1",
              "Partition": "aws",
              "Region": "eu-west-1",
              "Type": "AwsEc2Subnet"
            }
          ],
          "SchemaVersion": "2018-10-08",
          "Severity": {
            "Label": "HIGH",
            "Original": "HIGH"
          },
          "Title": "found known",
          "Types": [
            "Software and Configuration Checks/AWS Security Best Practices/Network Reachability"
          ],
          "UpdatedAt": "2026-11-27T11:30:00Z",
          "Workflow": {
            "Status": "NEW"
          }
        }
        "#);
    }

    #[test]
    fn what_has_no_place_is_said_and_the_rest_is_written() {
        let analysis = samples::analysis(&[("111122223333", "eu-west-1"), ("222233334444", "eu-west-1")]);
        let mut nowhere = samples::finding("nowhere");
        nowhere.destination = None;
        let checks = vec![samples::check("check", vec![nowhere.clone(), samples::finding("there")])];
        let (records, fault) = written(&samples::audit(&analysis, checks));
        let titles: Vec<&str> = records.iter().map(|record| text(record, "/Title")).collect();
        assert_eq!(titles, ["netproof analyze: Title of check", "found there"]);
        let fault = fault.unwrap();
        assert!(fault.starts_with("1 of 3 records are not in it"), "{fault}");
        assert!(fault.contains(&format!("`check/{}`", nowhere.id)), "{fault}");
    }

    #[test]
    fn without_checks_there_is_an_empty_array() {
        let analysis = home();
        assert_eq!(written(&samples::audit(&analysis, Vec::new())), (Vec::new(), None));
    }

    #[test]
    fn other_partitions_have_other_products() {
        let analysis = samples::analysis(&[("111122223333", "cn-north-1")]);
        let (records, _) = written(&samples::audit(&analysis, vec![samples::check("check", Vec::new())]));
        let product = text(&records[0], "/ProductArn");
        assert_eq!(product, "arn:aws-cn:securityhub:cn-north-1:111122223333:product/111122223333/default");
        assert_eq!(text(&records[0], "/Resources/0/Partition"), "aws-cn");
    }

    /// Longest texts, of letters that take two bytes each.
    #[test]
    fn limits_hold() {
        let analysis = home();
        let long = "é".repeat(5000);
        let mut finding = samples::finding("x");
        finding.title = long.clone();
        finding.rule = Some(long.clone());
        finding.remarks = vec![long.clone()];
        finding.packets = vec![long.clone(); 3];
        let tags = (0..60).map(|number| (format!("{number}{long}"), long.clone())).collect();
        let container = |number: usize| Container {
            kind: "AWS::EC2::SecurityGroup".to_owned(),
            id: format!("sg-{number}"),
            arn: Some(format!("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-{number}")),
            name: Some(long.clone()),
            tags: std::collections::BTreeMap::clone(&tags),
        };
        let subject = finding.destination.as_mut().unwrap();
        subject.within = (0..100).map(container).collect();
        subject.what.clone_from(&long);
        let steps = (0..300).map(|number| samples::step(&format!("arn:aws:x:r:a:{number}/{long}"), &long));
        finding.ways = vec![Way { title: long.clone(), steps: steps.collect() }];
        let mut check = samples::check(&long, vec![finding]);
        check.title.clone_from(&long);
        check.description.clone_from(&long);
        check.unknowns = vec![AuditUnknown { text: long.clone(), place: None, help: None }; 99];
        let (records, fault) = written(&samples::audit(&analysis, vec![check]));
        assert_eq!((records.len(), fault), (2, None));
        for record in &records {
            assert!(serde_json::to_vec(record).unwrap().len() <= SIZE);
            for (member, most) in [("Id", 512), ("GeneratorId", 512), ("Title", 256), ("Description", 1024)] {
                assert!((1..=most).contains(&text(record, &format!("/{member}")).len()), "{member}");
            }
            let fields = record["ProductFields"].as_object().unwrap();
            assert!(fields.len() <= 50);
            assert!(
                fields.iter().all(|(key, value)| key.len() <= 128 && value.as_str().unwrap().len() <= 2048)
            );
            assert!(record["Resources"].as_array().unwrap().len() <= 32);
        }
        assert_eq!(records[1]["Resources"].as_array().unwrap().len(), 32);
        assert_eq!(text(&records[1], "/ProductFields/netproof~1hop~1more"), "260 more");
        assert!(text(&records[1], "/Remediation/Recommendation/Text").len() <= 512);
        for component in records[1]["NetworkPath"].as_array().unwrap() {
            assert!(
                text(component, "/ComponentId").len() <= 32 && text(component, "/ComponentType").len() <= 32
            );
        }
    }
}
