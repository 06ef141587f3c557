//! What was checked of DNS firewalls.

use super::{
    Audit, AuditFinding, AuditUnknown, Check, Role, SeverityLabel, Site, Step, Subject, Way, certified,
    unknowns,
};
use crate::{
    Certification, DnsAnswer, DnsClaim, DnsClaimResult, DnsComparison, DnsContradiction, DnsDomains,
    DnsEntryFault, DnsIdle, DnsIdleRule, DnsRule, DnsSide, DomainName, Holds,
    report::{DnsChecked, Style, dns_answered, dns_contradiction, dns_fault, dns_list, dns_region, dns_rule},
};

impl<'a> Audit<'a> {
    /// Of DNS firewalls: each claim, comparison and kind of idle rule or entry is a check.
    pub fn of_dns_checks(site: Site<'a>, checked: &DnsChecked) -> Self {
        let mut names = super::Names::default();
        let mut checks = Vec::new();
        for result in &checked.claims {
            checks.push(claim(&site, &mut names, result));
        }
        for comparison in &checked.comparisons {
            checks.push(compared(&site, &mut names, comparison));
        }
        if let Some(idle) = &checked.idle {
            checks.extend(idle_checks(&site, idle));
        }
        if let Some(domains) = &checked.domains {
            checks.push(contradictions(&site, domains));
        }
        let certification = checked.certification.as_ref().unwrap_or(&Certification::NotAsked);
        Self { command: "dns check", site, checks, certified: certified(certification) }
    }
}

const VPC: &str = "AWS::EC2::VPC";

fn subject(site: &Site<'_>, kind: &str, id: &str) -> Subject {
    super::steps::find(site, id).unwrap_or_else(|| Subject::named(kind, id))
}

fn joined(names: &[DomainName]) -> String {
    names.iter().map(DomainName::to_string).collect::<Vec<_>>().join(", ")
}

fn claim<'a>(site: &Site<'a>, names: &mut super::Names, result: &DnsClaimResult) -> Check<'a> {
    let (word, said) = match &result.claim {
        DnsClaim::OnlyAllow(listed) => ("only-allow", format!("Nothing outside {} resolves", joined(listed))),
        DnsClaim::Deny(listed) => ("deny", format!("Everything at and below {} is blocked", joined(listed))),
    };
    let id = names.unique(&format!("dns-{word}-{}", result.vpc));
    let check = Check::new(id, format!("{said} in {}", result.vpc), format!("{said}, whatever the type."));
    match (result.holds, &result.example) {
        (Holds::Yes, _) => check,
        (Holds::No, Some(example)) => {
            let mut finding = of_answer(site, example, [word, &result.vpc, &said]);
            finding.destination = Some(subject(site, VPC, &result.vpc));
            check.with(vec![finding])
        }
        (Holds::No, None) => {
            check.with(vec![AuditFinding::new([word, &result.vpc, &said], format!("not so: {said}"))])
        }
        (Holds::Unknown, example) => doubtful(site, check, example.as_ref()),
    }
}

/// A check of which an example says why it is unknown.
fn doubtful<'a>(site: &Site<'a>, mut check: Check<'a>, example: Option<&DnsAnswer>) -> Check<'a> {
    check.unknowns = example.map(|example| unknowns(site, &example.why)).unwrap_or_default();
    if check.unknowns.is_empty() {
        let text = example.map_or_else(|| "not all is known".to_owned(), answered);
        check.unknowns.push(AuditUnknown { text, place: None, help: None });
    }
    check
}

/// `WWW.evil.example A from vpc-1: blocked …`
fn answered(answer: &DnsAnswer) -> String {
    let query = &answer.question.query;
    let said = dns_answered(answer, Style::Plain);
    format!("{} {} from {}: {said}", query.name, query.query_type, answer.question.vpc)
}

/// A query that should not be answered as it is, with the rule that decides and those asked before.
fn of_answer<'t>(
    site: &Site<'_>,
    answer: &DnsAnswer,
    identity: impl IntoIterator<Item = &'t str>,
) -> AuditFinding {
    let mut finding = AuditFinding::new(identity, answered(answer));
    finding.remarks = answer.why.iter().map(|why| format!("{}.", why.text)).collect();
    finding.packets = vec![format!("{} {}", answer.question.query.name, answer.question.query.query_type)];
    for name in &answer.names {
        let passed = name.passed.iter().map(|(rule, _)| rule);
        let steps = passed.chain(&name.takers).map(|rule| rule_step(site, rule)).collect::<Vec<_>>();
        if !steps.is_empty() {
            finding.ways.push(Way { title: format!("rules asked about {}", name.name), steps });
        }
    }
    if let Some(rule) = &answer.rule {
        let place = rule.entry_location.as_ref().or(rule.location.as_ref());
        finding.place = place.map(|location| site.place(location));
        finding.rule = Some(dns_rule(rule));
    } else {
        finding.place = finding.ways.iter().flat_map(|way| &way.steps).find_map(|step| step.place.clone());
    }
    finding
}

fn rule_step(site: &Site<'_>, rule: &DnsRule) -> Step {
    let entry = rule.entry.as_ref().map_or_else(String::new, |entry| format!(", entry {entry}"));
    Step {
        key: format!("//{}", rule.group),
        id: rule.group.clone(),
        kind: "AWS::Route53Resolver::FirewallRuleGroup".to_owned(),
        role: Role::Rule,
        text: format!("{}: {}{entry}", dns_rule(rule), dns_list(rule)),
        place: rule.location.as_ref().map(|location| site.place(location)),
        cause: None,
    }
}

fn compared<'a>(site: &Site<'a>, names: &mut super::Names, comparison: &DnsComparison) -> Check<'a> {
    let (kind, of) = match comparison.first {
        DnsSide::Vpc(_) => (VPC, "queries from"),
        DnsSide::Group(_) => ("AWS::Route53Resolver::FirewallRuleGroup", "rule groups"),
    };
    let (first, second) = (comparison.first.name(), comparison.second.name());
    let said = if first == second {
        format!("The same becomes of {of} {first} in both snapshots")
    } else {
        format!("The same becomes of {of} {first} and {second}")
    };
    let id = names.unique(&format!("dns-equal-{first}-{second}"));
    let mut check = Check::new(id, &said, format!("{said}, for every name and type."));
    if comparison.holds == Holds::Unknown {
        if let Some(difference) = comparison.differences.first() {
            return doubtful(site, check, Some(&difference.first));
        }
        check.unknowns = unknowns(site, &comparison.why);
        return doubtful_if_empty(check);
    }
    let found = comparison.differences.iter().filter(|difference| difference.same == Holds::No);
    let findings: Vec<AuditFinding> = found
        .map(|difference| {
            let region = dns_region(&difference.region);
            let mut finding = of_answer(site, &difference.first, ["equal", first, second, &region]);
            finding.title = format!("{}, but {}", finding.title, answered(&difference.second));
            finding.remarks.insert(0, format!("So it is of {region}."));
            finding.destination = Some(subject(site, kind, second));
            finding.source = Some(subject(site, kind, first)).filter(|_| first != second);
            finding
        })
        .collect();
    check.truncated = findings.len() < comparison.certain;
    check.with(findings)
}

fn doubtful_if_empty(mut check: Check<'_>) -> Check<'_> {
    if check.unknowns.is_empty() {
        check.unknowns.push(AuditUnknown { text: "not all is known".to_owned(), place: None, help: None });
    }
    check
}

fn idle_checks<'a>(site: &Site<'a>, idle: &DnsIdle) -> Vec<Check<'a>> {
    let mut rules = Check::new(
        "dns-dead-rules",
        "Rules of DNS Firewall that never decide",
        "Rules before it take every name that it would take, or its VPC's queries are not seen.",
    );
    let mut found: Vec<AuditFinding> = Vec::new();
    for unseen in &idle.unseen {
        let mut finding = AuditFinding::new(
            ["unseen", &unseen.vpc],
            format!("{}: its rules do nothing, DNS Firewall does not see its queries", unseen.vpc),
        );
        finding.remarks.push(format!("{}.", unseen.why));
        finding.destination = Some(subject(site, VPC, &unseen.vpc));
        found.push(finding);
    }
    found.extend(idle.dead.iter().map(|dead| dead_rule(site, dead)));
    for doubtful in &idle.doubtful {
        rules.unknowns.push(AuditUnknown {
            text: format!("whether {} ever decides in {}", dns_rule(&doubtful.rule), doubtful.vpc),
            place: doubtful.rule.location.as_ref().map(|location| site.place(location)),
            help: None,
        });
    }
    let entries = idle.entries.iter().map(|entry| {
        let word = match &entry.fault {
            DnsEntryFault::Repeats(..) => "repeats",
            DnsEntryFault::Covered(..) => "covered",
            DnsEntryFault::NoName => "no-name",
            DnsEntryFault::LacksBelow(_) => "lacks-below",
            DnsEntryFault::LacksItself(_) => "lacks-itself",
        };
        let said = dns_fault(&entry.fault, Style::Plain);
        let mut finding = AuditFinding::new(
            ["entry", &entry.list, &entry.entry, word],
            format!("entry {} of {} ({}): {said}", entry.entry, entry.list, entry.list_name),
        );
        finding.place = entry.location.as_ref().map(|location| site.place(location));
        finding.destination = Some(subject(site, "AWS::Route53Resolver::FirewallDomainList", &entry.list));
        if let DnsEntryFault::Repeats(by, Some(location)) | DnsEntryFault::Covered(by, Some(location)) =
            &entry.fault
        {
            finding.related.push((format!("because of {by}"), site.place(location)));
        }
        finding
    });
    let lists = Check::new(
        "dns-idle-entries",
        "Entries of domain lists that do nothing, or half",
        "Another entry does the same, no name is so long, or it leaves out what is usually meant with it.",
    )
    .graded(SeverityLabel::Low)
    .with(entries.collect());
    vec![rules.with(found), lists]
}

fn dead_rule(site: &Site<'_>, dead: &DnsIdleRule) -> AuditFinding {
    let rule = dns_rule(&dead.rule);
    let DnsRule { group, name, .. } = &dead.rule;
    let mut finding =
        AuditFinding::new(["dead", &dead.vpc, group, name], format!("{rule} never decides in {}", dead.vpc));
    if dead.taken_by.is_empty() {
        finding.remarks.push("No name and type is left for it.".to_owned());
    }
    if let Some(example) = &dead.example {
        finding.remarks.push(format!("For example {}.", answered(example)));
    }
    finding.place = dead.rule.location.as_ref().map(|location| site.place(location));
    finding.rule = Some(rule);
    finding.destination = Some(subject(site, VPC, &dead.vpc));
    let before = dead.taken_by.iter().chain([&dead.rule]);
    let steps = before.map(|rule| rule_step(site, rule)).collect();
    finding.ways.push(Way { title: "what takes its names, and the rule".to_owned(), steps });
    for taker in &dead.taken_by {
        if let Some(location) = &taker.location {
            finding.related.push((format!("taken by {}", dns_rule(taker)), site.place(location)));
        }
    }
    finding
}

fn contradictions<'a>(site: &Site<'a>, domains: &DnsDomains) -> Check<'a> {
    let mut check = Check::new(
        "dns-network-firewall",
        "DNS Firewall and the domain lists of Network Firewall say the same",
        "Names that one lets through and the other does not.",
    );
    let mut findings = Vec::new();
    for compared in &domains.compared {
        if compared.holds == Holds::Unknown {
            check.unknowns.extend(unknowns(site, &compared.why));
            check = doubtful_if_empty(check);
        }
        let certain: Vec<&DnsContradiction> =
            compared.contradictions.iter().filter(|it| it.holds == Holds::No).collect();
        let shown: usize = certain.iter().map(|it| it.regions).sum();
        check.truncated |= compared.holds == Holds::No && shown < compared.count;
        for found in certain {
            let region = dns_region(&found.region);
            let identity =
                ["contradiction", &compared.vpc, &compared.firewall, &region, dns_contradiction(found)];
            let mut finding = of_answer(site, &found.answer, identity);
            let query = &found.answer.question.query;
            finding.title = format!("{} {} {}", query.name, query.query_type, dns_contradiction(found));
            finding.remarks.insert(0, format!("So it is of {region}."));
            finding.remarks.push(format!("Network Firewall {}: {}.", compared.firewall, found.decided.text));
            finding.remarks.extend(found.reasons.iter().map(|reason| format!("{}.", reason.text)));
            if let Some(location) = &found.decided.location {
                finding.related.push((found.decided.text.clone(), site.place(location)));
            }
            finding.place = finding.place.or_else(|| finding.related.first().map(|(_, place)| place.clone()));
            finding.destination = Some(subject(site, VPC, &compared.vpc));
            findings.push(finding);
        }
    }
    for left_out in domains.left_out.iter().filter(|it| it.holds == Holds::Unknown) {
        let text = format!("firewall {}: {}", left_out.firewall, left_out.why);
        check.unknowns.push(AuditUnknown { text, place: None, help: None });
    }
    check.with(findings)
}
