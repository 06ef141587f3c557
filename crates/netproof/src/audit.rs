//! What a command found, in the one form that all report formats for machines and reviewers are made from.
//!
//! An [`Audit`] has [`Check`]s: scopes, flows, kinds of idle rule, claims about DNS. A check has findings, and what the
//! snapshot does not tell. [`triage`](crate::triage) adds how grave each finding is and whether it is known already.
//!
//! Findings are made one by one as they are asked for: all at once would take many times the memory of what they are
//! made from.

mod difference;
mod dns;
mod flows;
mod place;
mod rules;
#[cfg(test)]
pub(crate) mod samples;
mod scopes;
mod steps;

use std::fmt::{self, Write};

use graph::Cause;
use sha2::{Digest, Sha256};

pub use place::{Placed, Root, Site};
pub use steps::{Container, Role, Step, Subject};

use crate::{Certification, Reason, report::ScopeVerdict, triage::Standing};

/// How grave a finding is, in the words of AWS Security Hub; the gravest is the greatest.
///
/// SOURCE: Security Hub user guide, AWS Security Finding Format, `Severity.Label` (checked 2026-11-27).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeverityLabel {
    /// Worth knowing.
    Informational,
    /// To be looked at.
    Low,
    /// To be dealt with.
    Medium,
    /// To be dealt with first.
    High,
    /// To be dealt with now.
    Critical,
}

impl SeverityLabel {
    /// All, the least grave first.
    pub const ALL: [Self; 5] = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word used in output: `HIGH`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Informational => "INFORMATIONAL",
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }

    /// Reads the word in any case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|label| label.name().eq_ignore_ascii_case(text))
    }
}

impl fmt::Display for SeverityLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a command found.
#[derive(Debug)]
pub struct Audit<'a> {
    /// The command: `analyze`, `diff`, `verify`, `lint` or `dns check`.
    pub command: &'static str,
    /// The snapshot it is about; of two, the newer one.
    pub site: Site<'a>,
    /// What was asked, in order.
    pub checks: Vec<Check<'a>>,
    /// What the solver made of the answers, in a line; empty where it has no say.
    pub certified: String,
}

/// One thing that was asked.
#[derive(Debug)]
pub struct Check<'a> {
    /// Its name, as in `detect-public-databases`; no two checks of an audit have the same.
    pub id: String,
    /// In a few words.
    pub title: String,
    /// Why it is asked, or what it looks for, in sentences.
    pub description: String,
    /// How grave what it finds is, unless a finding says otherwise.
    pub severity: SeverityLabel,
    /// What the snapshot does not tell and further findings may depend on.
    pub unknowns: Vec<AuditUnknown>,
    /// Whether there are more findings than are listed.
    pub truncated: bool,
    /// What triage made of each finding, in their order; empty before it.
    pub standings: Vec<Standing>,
    findings: Findings<'a>,
}

/// Something that the snapshot does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditUnknown {
    /// What, in words.
    pub text: String,
    /// Where the snapshot leads there.
    pub place: Option<Placed>,
    /// What can be done about it.
    pub help: Option<String>,
}

/// Something that should not be.
#[derive(Debug, Clone)]
pub struct AuditFinding {
    /// The same on every run and for every order of the input, as long as what is found is the same; 16 hexadecimal
    /// digits.
    pub id: String,
    /// In a line: `tcp from anywhere on the internet to 10.0.0.91:3306`.
    pub title: String,
    /// More about it: one sentence each, in the order in which they are to be read.
    pub remarks: Vec<String>,
    /// Where packets start, if it is about packets.
    pub source: Option<Subject>,
    /// Where they arrive, or what else it is about.
    pub destination: Option<Subject>,
    /// Where the rule is written that is to be changed first: of a path, the one closest to its destination that lets
    /// packets in.
    pub place: Option<Placed>,
    /// That rule in words, with what it belongs to.
    pub rule: Option<String>,
    /// Ways, each of which begins with its source.
    pub ways: Vec<Way>,
    /// All packets that it is about, in words, as they start.
    pub packets: Vec<String>,
    /// Other places worth looking at, with what is there.
    pub related: Vec<(String, Placed)>,
}

/// A way through the network, or rules in the order in which they are asked.
#[derive(Debug, Clone)]
pub struct Way {
    /// What it is a way of.
    pub title: String,
    /// Its steps in order.
    pub steps: Vec<Step>,
}

/// Findings, made or still to be made.
#[derive(Debug)]
enum Findings<'a> {
    Made(Vec<AuditFinding>),
    Paths(scopes::Paths<'a>),
}

impl Check<'_> {
    /// A check without findings.
    fn new(id: impl Into<String>, title: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            description: description.into(),
            severity: SeverityLabel::Medium,
            unknowns: Vec::new(),
            truncated: false,
            standings: Vec::new(),
            findings: Findings::Made(Vec::new()),
        }
    }

    fn graded(mut self, severity: SeverityLabel) -> Self {
        self.severity = severity;
        self
    }

    fn with(mut self, findings: Vec<AuditFinding>) -> Self {
        self.findings = Findings::Made(findings);
        self
    }

    /// How many findings there are.
    pub fn len(&self) -> usize {
        match &self.findings {
            Findings::Made(findings) => findings.len(),
            Findings::Paths(paths) => paths.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The ids of its findings, in order. Cheap.
    pub fn ids(&self) -> Vec<&str> {
        match &self.findings {
            Findings::Made(findings) => findings.iter().map(|finding| finding.id.as_str()).collect(),
            Findings::Paths(paths) => paths.ids().collect(),
        }
    }

    /// The finding at this place. Cost: that of putting a path into words.
    pub fn finding(&self, index: usize) -> Option<AuditFinding> {
        match &self.findings {
            Findings::Made(findings) => findings.get(index).cloned(),
            Findings::Paths(paths) => paths.get(index),
        }
    }

    /// Its findings with what triage made of them, in order; each is made when it is asked for.
    pub fn findings(&self) -> impl Iterator<Item = (AuditFinding, Standing)> {
        (0..self.len()).filter_map(|index| Some((self.finding(index)?, self.standing(index))))
    }

    /// What triage made of a finding; before triage, that it is new and as grave as the check says.
    pub fn standing(&self, index: usize) -> Standing {
        self.standings.get(index).cloned().unwrap_or_else(|| Standing::new(self.severity))
    }

    /// How many findings count: they are neither known, nor suppressed, nor below the threshold.
    pub fn failing(&self) -> usize {
        (0..self.len()).filter(|&index| self.fails(index)).count()
    }

    /// Whether a finding counts; before triage, all do.
    fn fails(&self, index: usize) -> bool {
        self.standings.get(index).is_none_or(Standing::fails)
    }

    /// In a word: findings if any counts, else whether anything is unknown.
    pub fn verdict(&self) -> ScopeVerdict {
        if (0..self.len()).any(|index| self.fails(index)) {
            ScopeVerdict::Findings
        } else if self.truncated || !self.unknowns.is_empty() {
            ScopeVerdict::Unknown
        } else {
            ScopeVerdict::Clean
        }
    }
}

impl Audit<'_> {
    /// Over all checks: findings if any has some that count, else unknown if any is unknown.
    pub fn verdict(&self) -> ScopeVerdict {
        let verdicts: Vec<ScopeVerdict> = self.checks.iter().map(Check::verdict).collect();
        let found = [ScopeVerdict::Findings, ScopeVerdict::Unknown].into_iter();
        found.into_iter().find(|verdict| verdicts.contains(verdict)).unwrap_or(ScopeVerdict::Clean)
    }

    /// How many findings there are, whether they count or not.
    pub fn count(&self) -> usize {
        self.checks.iter().map(Check::len).sum()
    }
}

impl AuditFinding {
    /// A finding that is told from others of its check by these texts.
    fn new<'t>(identity: impl IntoIterator<Item = &'t str>, title: impl Into<String>) -> Self {
        Self {
            id: digest(identity),
            title: title.into(),
            remarks: Vec::new(),
            source: None,
            destination: None,
            place: None,
            rule: None,
            ways: Vec::new(),
            packets: Vec::new(),
            related: Vec::new(),
        }
    }

    /// All rules on its ways.
    pub fn causes(&self) -> impl Iterator<Item = &Cause> {
        self.ways.iter().flat_map(|way| &way.steps).filter_map(|step| step.cause.as_deref())
    }

    /// What it is about: the destination, or else the source.
    pub fn subject(&self) -> Option<&Subject> {
        self.destination.as_ref().or(self.source.as_ref())
    }
}

/// 16 hexadecimal digits that tell these texts from others.
pub(crate) fn digest<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        // A length before each keeps `ab`, `c` from `a`, `bc`.
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text.as_bytes());
    }
    digest.finalize().iter().take(8).fold(String::new(), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}

/// Reasons, in places.
fn unknowns(site: &Site<'_>, reasons: &[Reason]) -> Vec<AuditUnknown> {
    let unknown = |reason: &Reason| AuditUnknown {
        text: reason.text.clone(),
        place: reason.location.as_ref().map(|location| site.place(location)),
        help: None,
    };
    reasons.iter().map(unknown).collect()
}

/// What the solver made of answers, in a line.
fn certified(certification: &Certification) -> String {
    crate::report::certification_line(certification)
}

/// Names, each given once.
#[derive(Debug, Default)]
struct Names(std::collections::BTreeSet<String>);

impl Names {
    /// The name, with a number if it was given before.
    fn unique(&mut self, name: &str) -> String {
        let mut unique = name.to_owned();
        let mut count = 1;
        while !self.0.insert(unique.clone()) {
            count += 1;
            unique = format!("{name}-{count}");
        }
        unique
    }
}
