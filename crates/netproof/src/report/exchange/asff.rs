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
        Home, Homes, Outcome, check_sentences, first_seen, identifier, partition, remedy, sentences,
        shortened, step_line, suppression, unknowns,
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
        // Findings have records of their own.
        severity: "INFORMATIONAL",
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
