//! Plans that put names of findings on domain lists: cases written from the documentation by someone who had not seen
//! the code.
//!
//! Every run of every case is also held against what has to be true of any plan: see [`checks`]. A naive matcher of
//! its own says what becomes of names: see [`naive`].
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may stop")]

#[path = "dns_plans/checks.rs"]
mod checks;
#[path = "dns_plans/naive.rs"]
mod naive;
#[path = "dns_plans/reading.rs"]
mod reading;

use std::{collections::BTreeMap, fs, path::Path};

use naive::{Documents, bare};
use netproof::{
    Filtered, Holds,
    dns_plan::{
        BATCH, DnsFinding, DnsFindings, DnsPlan, DnsPlanRequest, DnsPlanState, LeftWhy, PlanClaim, PlanList,
        PlanProof, PlanStep, QUOTA,
    },
};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Corpus {
    /// The documentation that they are from.
    #[serde(rename = "source")]
    _source: String,
    #[serde(default)]
    documents: Vec<Document>,
    #[serde(default)]
    cases: Vec<Case>,
    #[serde(default)]
    files: Vec<reading::FindingsFile>,
    #[serde(default)]
    states: Vec<reading::StateFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Instead of those of the file with the same name, or more.
    #[serde(default)]
    documents: Vec<Document>,
    /// Those of the file that are not there.
    #[serde(default)]
    without: Vec<String>,
    runs: Vec<Run>,
    /// What the documentation leaves open.
    #[serde(rename = "gap")]
    _gap: Option<String>,
}

/// One plan; its state goes to the next run of the case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Run {
    /// Documents that changed since the run before.
    documents: Vec<Document>,
    /// What people made of lists since the run before.
    entries: BTreeMap<String, Vec<String>>,
    /// The text of a file of findings each.
    findings: Vec<String>,
    /// Findings of GuardDuty, in short.
    seen: Vec<Seen>,
    many: Option<Many>,
    deny: Vec<String>,
    alert: Vec<String>,
    never: Vec<String>,
    vpcs: Vec<String>,
    now: String,
    alert_days: u32,
    deny_days: Option<u32>,
    quota: usize,
    compact: bool,
    /// Whether the requests are sent before the next run.
    apply: bool,

    /// What the plan is refused with.
    error: Option<String>,
    verdict: String,
    /// `STEP LIST ENTRY…`, in order; the entries of each in any order.
    requests: Vec<String>,
    /// `STEP LIST NUMBER` instead, where there are many.
    sizes: Option<Vec<String>>,
    /// `ROLE NAME`, and `*` if names below it go with it.
    names: Option<Vec<String>>,
    /// `ROLE NAME WHY`.
    left: Vec<String>,
    /// `ROLE NAME`.
    expired: Vec<String>,
    /// `USED NEEDED SPARE`, and `enough` if that is.
    over_quota: Vec<String>,
    /// `VPC CLAIM`: all others hold.
    fails: Vec<String>,
    unknown: Vec<String>,
    /// `VPC GROUP/PRIORITY`.
    shadowed: Vec<String>,
    /// VPCs whose queries are not seen.
    unfiltered: Vec<String>,
    /// Each is said in some note, or in what some proof takes for granted.
    says: Vec<String>,
    /// More is open here than the naive matcher knows of.
    open: bool,
    /// What the documentation leaves open.
    #[serde(rename = "gap")]
    _gap: Option<String>,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            documents: Vec::new(),
            entries: BTreeMap::new(),
            findings: Vec::new(),
            seen: Vec::new(),
            many: None,
            deny: Vec::new(),
            alert: Vec::new(),
            never: Vec::new(),
            vpcs: Vec::new(),
            now: "2026-11-27T00:00:00Z".to_owned(),
            alert_days: 30,
            deny_days: None,
            quota: QUOTA,
            compact: false,
            apply: true,
            error: None,
            verdict: "holds".to_owned(),
            requests: Vec::new(),
            sizes: None,
            names: None,
            left: Vec::new(),
            expired: Vec::new(),
            over_quota: Vec::new(),
            fails: Vec::new(),
            unknown: Vec::new(),
            shadowed: Vec::new(),
            unfiltered: Vec::new(),
            says: Vec::new(),
            open: false,
            _gap: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    name: String,
    #[serde(default = "high")]
    severity: f64,
    #[serde(rename = "type", default = "command_and_control")]
    kind: String,
    /// The registrable domain, as GuardDuty sees it.
    suffix: Option<String>,
    first: Option<String>,
    #[serde(default = "yesterday")]
    at: String,
    id: Option<String>,
}

/// So many findings, of the names that `%` is replaced in by 0, 1, ….
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Many {
    count: usize,
    name: String,
    #[serde(default = "high")]
    severity: f64,
}

fn high() -> f64 {
    8.0
}

fn command_and_control() -> String {
    "Backdoor:EC2/C&CActivity.B!DNS".to_owned()
}

fn yesterday() -> String {
    "2026-11-26T00:00:00Z".to_owned()
}

impl Seen {
    fn text(&self) -> String {
        let id = self.id.clone().unwrap_or_else(|| format!("{} {}", self.name, self.at));
        let mut action = json!({"domain": self.name, "protocol": "UDP", "blocked": false});
        if let Some(suffix) = &self.suffix {
            action.as_object_mut().unwrap().insert("domainWithSuffix".to_owned(), json!(suffix));
        }
        let service = json!({
            "action": {"actionType": "DNS_REQUEST", "dnsRequestAction": action},
            "eventFirstSeen": self.first.as_ref().unwrap_or(&self.at), "eventLastSeen": self.at,
            "archived": false, "count": 1
        });
        let finding = json!({
            "schemaVersion": "2.0", "accountId": "123456789012", "region": "us-east-1", "id": id,
            "arn": format!("arn:aws:guardduty:us-east-1:123456789012:detector/12ab/finding/{id}"),
            "type": self.kind, "resource": {"resourceType": "Instance"}, "service": service,
            "severity": self.severity, "createdAt": self.at, "updatedAt": self.at
        });
        finding.to_string()
    }
}

impl Run {
    fn request(&self) -> DnsPlanRequest {
        let mut findings: Vec<DnsFinding> = Vec::new();
        let many = self.many.iter().flat_map(|many| {
            (0..many.count).map(|number| Seen {
                name: many.name.replace('%', &number.to_string()),
                severity: many.severity,
                kind: command_and_control(),
                suffix: None,
                first: None,
                at: yesterday(),
                id: None,
            })
        });
        let texts = self.findings.iter().cloned();
        let texts = texts.chain(self.seen.iter().map(Seen::text)).chain(many.map(|it| it.text()));
        for text in texts {
            findings.extend(DnsFindings::read("finding.json", &text).unwrap().findings);
        }
        DnsPlanRequest {
            findings,
            deny: self.deny.clone(),
            alert: self.alert.clone(),
            never: self.never.iter().map(|it| it.parse().unwrap()).collect(),
            vpcs: self.vpcs.clone(),
            now: self.now.parse().unwrap(),
            alert_days: self.alert_days,
            deny_days: self.deny_days,
            quota: self.quota,
            compact: self.compact,
        }
    }
}

#[test]
fn documented_cases() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (file, cases) in files() {
        for case in &cases.cases {
            count += 1;
            let name = format!("{file}: {}", case.name);
            wrong.extend(played(&cases.documents, case).into_iter().map(|it| format!("{name}: {it}")));
        }
    }
    assert!(wrong.is_empty(), "{} differences in {count} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 90, "{count} cases");
}

#[test]
fn files_of_findings_and_states() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (file, cases) in files() {
        for (name, found) in reading::played(&cases.files, &cases.states) {
            count += 1;
            wrong.extend(found.into_iter().map(|it| format!("{file}: {name}: {it}")));
        }
    }
    assert!(wrong.is_empty(), "{} differences in {count} files:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 80, "{count} files");
}

#[test]
fn states_are_equal_to_what_is_read_of_them() {
    let (state, text) = reading::remembered("bad.example", "bad.example");
    assert_eq!(DnsPlanState::read("state.json", &text).ok(), Some(state));
}

fn files() -> Vec<(String, Corpus)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dns/plans");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file: &Path| {
        let cases = toml::from_str(&fs::read_to_string(file).unwrap());
        let cases = cases.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        (file.file_stem().unwrap().display().to_string(), cases)
    };
    files.iter().map(|file| read(file)).collect()
}

fn played(common: &[Document], case: &Case) -> Vec<String> {
    let mut documents = Documents::default();
    for document in common.iter().filter(|it| !case.without.contains(&it.name)).chain(&case.documents) {
        documents.put(&document.name, &document.text);
    }
    let (mut state, mut ours) = (DnsPlanState::default(), naive::Entries::default());
    let mut wrong = Vec::new();
    for (number, run) in case.runs.iter().enumerate() {
        for document in &run.documents {
            documents.put(&document.name, &document.text);
        }
        for (list, entries) in &run.entries {
            documents.set_entries(list, entries);
        }
        let analysis = documents.analysis();
        let request = run.request();
        let planned = analysis.plan_dns(&request, &state);
        let mut found = Vec::new();
        match (&planned, &run.error) {
            (Err(error), Some(expected)) => {
                let said = error.to_string();
                if !said.contains(expected) {
                    found.push(format!("expected `{expected}`, is refused with `{said}`"));
                }
            }
            (Err(error), None) => found.push(format!("is refused: {error}")),
            (Ok(_), Some(expected)) => found.push(format!("is not refused with `{expected}`")),
            (Ok(plan), None) => found.extend(differences(run, plan)),
        }
        if let Ok(plan) = planned {
            let situation = checks::Situation {
                documents: &documents,
                request: &request,
                before: &state,
                open: run.open,
            };
            let (checked, after) = checks::of_any_plan(&situation, &plan, &mut ours, run.apply);
            found.extend(checked);
            if run.apply {
                documents = after;
            }
            state = plan.state;
        }
        wrong.extend(found.into_iter().map(|it| format!("run {}: {it}", number + 1)));
    }
    wrong
}

fn differences(run: &Run, plan: &DnsPlan) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, expected: &[String], actual: Vec<String>| {
        if *expected != *actual {
            found.push(format!("{what}: expected {expected:?}, is {actual:?}"));
        }
    };
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    compare("verdict", std::slice::from_ref(&run.verdict), vec![word(plan.holds()).to_owned()]);
    if let Some(sizes) = &run.sizes {
        let actual = plan.requests.iter();
        let actual = actual.map(|it| format!("{} {} {}", step(it.step), it.list, it.domains.len()));
        compare("sizes", sizes, actual.collect());
    } else {
        let line = |step: &str, list: &str, entries: Vec<String>| {
            let entries = sorted(entries.iter().map(|it| bare(it)).collect());
            format!("{step} {list} {}", entries.join(" "))
        };
        let expected = run.requests.iter().map(|it| {
            let mut words = it.split(' ');
            let (step, list) = (words.next().unwrap(), words.next().unwrap());
            line(step, list, words.map(str::to_owned).collect())
        });
        let actual = plan.requests.iter().map(|it| line(step(it.step), &it.list, it.domains.clone()));
        compare("requests", &expected.collect::<Vec<_>>(), actual.collect());
    }
    if let Some(names) = &run.names {
        let below = |with_below: bool| if with_below { " *" } else { "" };
        let actual = plan.names.iter();
        let actual =
            actual.map(|it| format!("{} {}{}", role(it.role), it.names.name, below(it.names.with_below)));
        compare("names", &sorted(names.clone()), sorted(actual.collect()));
    }
    let left = plan.left.iter().map(|it| format!("{} {} {}", role(it.role), it.name, why(&it.why)));
    compare("left", &sorted(run.left.clone()), sorted(left.collect()));
    let expired = plan.expired.iter().map(|it| format!("{} {}", role(it.role), it.name));
    if run.sizes.is_none() {
        compare("expired", &sorted(run.expired.clone()), sorted(expired.collect()));
    }
    let over = plan.over_quota.iter().map(|it| {
        let enough = if it.is_enough() { " enough" } else { "" };
        format!("{} {} {}{enough}", it.used, it.needed, it.spare())
    });
    compare("over quota", &run.over_quota, over.collect());
    let examples: Vec<String> = plan.proofs.iter().filter_map(described).collect();
    for (what, holds, expected) in
        [("fails", Holds::No, &run.fails), ("unknown", Holds::Unknown, &run.unknown)]
    {
        let proofs = plan.proofs.iter().filter(|it| it.holds == holds);
        let lines = proofs.flat_map(|proof| {
            let vpcs = plan.groups.get(proof.group).unwrap().vpcs.iter();
            vpcs.map(|vpc| format!("{vpc} {}", claim(proof.claim)))
        });
        compare(what, &sorted(expected.clone()), sorted(lines.collect()));
    }
    let shadowed = plan.proofs.iter().flat_map(|proof| {
        let vpcs = &plan.groups.get(proof.group).unwrap().vpcs;
        let lines = proof.shadowed.iter();
        lines.flat_map(move |rule| {
            vpcs.iter().map(move |vpc| format!("{vpc} {}/{}", rule.group, rule.priority.unwrap()))
        })
    });
    compare("shadowed", &sorted(run.shadowed.clone()), sorted(shadowed.collect()));
    let unseen = plan.groups.iter().filter(|it| matches!(it.filtered, Filtered::No(_)));
    compare(
        "unfiltered",
        &sorted(run.unfiltered.clone()),
        sorted(unseen.flat_map(|it| it.vpcs.clone()).collect()),
    );
    let said: Vec<String> = plan
        .notes
        .iter()
        .chain(plan.proofs.iter().flat_map(|it| &it.why))
        .map(|it| it.text.clone())
        .collect();
    for expected in run.says.iter().filter(|it| !said.iter().any(|said| said.contains(*it))) {
        found.push(format!("does not say `{expected}`, but {said:?}"));
    }
    if found.iter().any(|it| it.starts_with("fails") || it.starts_with("unknown")) {
        found.push(format!("examples: {examples:?}"));
    }
    if plan.requests.iter().any(|it| it.domains.is_empty() || it.domains.len() > BATCH) {
        found.push("a request is empty or too large".to_owned());
    }
    found
}

/// An example of what does not hold, or may not.
fn described(proof: &PlanProof) -> Option<String> {
    let (example, claim) = (proof.example.as_ref()?, claim(proof.claim));
    let why: Vec<&str> = proof.why.iter().chain(&example.why).map(|it| it.text.as_str()).collect();
    let (name, query_type) = (&example.question.written, example.question.query.query_type);
    Some(format!("{claim} {name} {query_type} {:?} {}", example.verdict, why.join("; ")))
}

fn word(holds: Holds) -> &'static str {
    match holds {
        Holds::Yes => "holds",
        Holds::No => "fails",
        Holds::Unknown => "unknown",
    }
}

fn step(step: PlanStep) -> &'static str {
    match step {
        PlanStep::Expired => "expired",
        PlanStep::Redundant => "redundant",
        PlanStep::Missing => "missing",
        PlanStep::Covered => "covered",
    }
}

fn role(role: PlanList) -> &'static str {
    match role {
        PlanList::Deny => "deny",
        PlanList::Alert => "alert",
    }
}

fn why(why: &LeftWhy) -> String {
    match why {
        LeftWhy::Never(name) => format!("never {name}"),
        LeftWhy::NoEntry => "no-entry".to_owned(),
        LeftWhy::NoList => "no-list".to_owned(),
        LeftWhy::Opens(vpc) => format!("opens {vpc}"),
        LeftWhy::MayOpen(vpc) => format!("may-open {vpc}"),
        LeftWhy::Old(_) => "old".to_owned(),
    }
}

fn claim(claim: PlanClaim) -> &'static str {
    match claim {
        PlanClaim::Denied => "denied",
        PlanClaim::Alerted => "alerted",
        PlanClaim::NothingOpened => "nothing-opened",
        PlanClaim::NothingElse => "nothing-else-changes",
        PlanClaim::NoRuleShadowed => "no-rule-shadowed",
        PlanClaim::SameWithout => "same-without",
    }
}
