//! Which findings count: how grave they are, whether they are known, whether somebody took responsibility for them, and
//! until when they have to be gone.
//!
//! Nothing is taken out of an [`Audit`]: every finding gets a [`Standing`], and reports say what it is. No clock is read;
//! the day comes with the [`Policy`].

mod baseline;
mod exclusions;
mod suppression;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan, civil::Date};

pub use baseline::{Baseline, BaselineDocument, BaselineError, Known};
pub use exclusions::{ExclusionsError, read_exclusions};
pub use suppression::{Suppression, Suppressions, SuppressionsDocument, SuppressionsError};

use crate::audit::{Audit, AuditFinding, AuditUnknown, SeverityLabel};

/// What is decided about findings beforehand.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// The day it is.
    pub today: Date,
    /// The least severity that counts; `None` for any.
    pub fail_on: Option<SeverityLabel>,
    /// Findings that are known.
    pub baseline: Option<Baseline>,
    /// Findings that somebody took responsibility for.
    pub suppressions: Suppressions,
    /// The severity of checks by their id, in place of their own.
    pub severities: BTreeMap<String, SeverityLabel>,
    /// What makes findings graver.
    pub raises: Vec<Raise>,
    /// Days from when a finding was first seen until it is overdue, by severity.
    pub days: BTreeMap<SeverityLabel, u32>,
    /// Whether overdue findings count though they are known.
    pub fail_overdue: bool,
}

/// A tag that makes findings graver: of the destination, of what it is in, or of the managed service it belongs to.
///
/// Where the snapshot does not tell the tags of that service, and a finding would count with the tag and does not without,
/// its check gets an unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raise {
    /// The tag's key.
    pub key: String,
    /// Its value; `None` for any. `*` stands for any text.
    pub value: Option<String>,
    /// The severity findings have at least.
    pub to: SeverityLabel,
}

/// What triage made of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// How grave it is.
    pub severity: SeverityLabel,
    /// The tag that made it graver: `data-classification=restricted of eni-1`.
    pub raised_by: Option<String>,
    /// Whether the baseline has it; `None` without a baseline.
    pub known: Option<bool>,
    /// The day it was first seen: the baseline's, or today.
    pub first_seen: Option<Date>,
    /// The last day on which it is not overdue.
    pub due: Option<Date>,
    /// Whether that day has passed.
    pub overdue: bool,
    /// Who took responsibility, and why.
    pub suppressed: Option<Suppressed>,
    /// Whether it counts.
    fails: bool,
}

/// Who took responsibility for a finding, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// Why it may be there.
    pub reason: String,
    /// Who says so.
    pub owner: String,
    /// The last day on which it may.
    pub until: Option<Date>,
    /// Where that is written.
    pub written: String,
}

impl Standing {
    /// New, and as grave as its check says.
    pub fn new(severity: SeverityLabel) -> Self {
        Self {
            severity,
            raised_by: None,
            known: None,
            first_seen: None,
            due: None,
            overdue: false,
            suppressed: None,
            fails: true,
        }
    }

    /// Whether it counts: nobody took responsibility for it, it is grave enough, and it is new, or overdue where that
    /// counts.
    pub fn fails(&self) -> bool {
        self.fails
    }

    /// `suppressed`, `known`, `new`, or without a baseline `open`.
    pub fn word(&self) -> &'static str {
        match (&self.suppressed, self.known) {
            (Some(_), _) => "suppressed",
            (None, Some(true)) => "known",
            (None, Some(false)) => "new",
            (None, None) => "open",
        }
    }
}

/// What triage noticed beside the findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Triage {
    /// Whether anything was decided beforehand, so that there is something to say.
    pub in_force: bool,
    /// Known findings that are gone, of the checks that were asked and whose list is complete.
    pub gone: Vec<Known>,
    /// Suppressions that have run out and still match findings, with how many.
    pub expired: Vec<(Suppression, usize)>,
    /// Suppressions that match nothing, though a check that they are about was asked.
    pub unmatched: Vec<Suppression>,
    /// How many findings there are.
    pub findings: usize,
    /// How many of them count.
    pub failing: usize,
    /// How many the baseline has and nobody took responsibility for.
    pub known: usize,
    /// How many somebody took responsibility for.
    pub suppressed: usize,
    /// How many are less grave than what counts.
    pub below: usize,
    /// How many are overdue and nobody took responsibility for.
    pub overdue: usize,
}

impl Policy {
    /// Whether anything is decided.
    fn in_force(&self) -> bool {
        self.fail_on.is_some()
            || self.baseline.is_some()
            || !self.suppressions.entries.is_empty()
            || !self.days.is_empty()
            || !self.raises.is_empty()
            || !self.severities.is_empty()
    }

    /// Whether single findings have to be looked at, not only their ids.
    fn looks_at_findings(&self) -> bool {
        !self.raises.is_empty() || self.suppressions.entries.iter().any(|entry| !entry.is_by_id_only())
    }
}

/// Gives every finding its standing. Cost: the number of findings; where tags or suppressions may tell them apart, also
/// that of putting each into words, times the number of suppressions.
pub fn triage(audit: &mut Audit<'_>, policy: &Policy) -> Triage {
    let mut triage = Triage { in_force: policy.in_force(), ..Triage::default() };
    if !triage.in_force {
        // A standing for each of millions would only say that it is new.
        triage.findings = audit.count();
        triage.failing = triage.findings;
        return triage;
    }
    let mut matched = vec![0_usize; policy.suppressions.entries.len()];
    for check in &mut audit.checks {
        if let Some(severity) = policy.severities.get(&check.id) {
            check.severity = *severity;
        }
        let ids: Vec<String> = check.ids().into_iter().map(str::to_owned).collect();
        let mut standings = Vec::with_capacity(ids.len());
        let mut untold = BTreeMap::<(String, String), BTreeSet<String>>::new();
        for (index, id) in ids.iter().enumerate() {
            let finding = if policy.looks_at_findings() { check.finding(index) } else { None };
            let standing = standing(policy, &check.id, check.severity, id, finding.as_ref(), &mut matched);
            triage.count(&standing, policy);
            if let Some(finding) =
                finding.as_ref().filter(|_| !standing.fails() && standing.suppressed.is_none())
            {
                for (raise, [what, command]) in policy.perhaps_raised(&check.id, &standing, id, finding) {
                    untold.entry((raise, command)).or_default().insert(what);
                }
            }
            standings.push(standing);
        }
        check.standings = standings;
        check.unknowns.extend(untold.into_iter().map(|((tag, command), of)| unknown(&tag, &command, &of)));
        if let Some(baseline) = policy.baseline.as_ref().filter(|_| !check.truncated) {
            let there: BTreeSet<&String> = ids.iter().collect();
            let gone = baseline.of(&check.id).filter(|known| !there.contains(&known.id));
            triage.gone.extend(gone.cloned());
        }
    }
    for (entry, count) in policy.suppressions.entries.iter().zip(matched) {
        let runs_out = entry.has_expired(policy.today);
        if count > 0 && runs_out {
            triage.expired.push((entry.clone(), count));
        } else if count == 0 && audit.checks.iter().any(|check| entry.may_be_about(&check.id)) {
            triage.unmatched.push(entry.clone());
        }
    }
    triage
}

/// That findings may be graver than is known.
fn unknown(tag: &str, command: &str, of: &BTreeSet<String>) -> AuditUnknown {
    let first = of.first().map_or("", String::as_str);
    let more = if of.len() > 1 { format!(" and {} more", of.len() - 1) } else { String::new() };
    AuditUnknown {
        text: format!(
            "the tags of {first}{more} are not in the snapshot; findings that do not count would with the tag `{tag}`"
        ),
        place: None,
        help: Some(format!("export `aws {command}`")),
    }
}

impl Policy {
    /// The tags with which a finding that does not count would, and which the snapshot does not tell: each with what may
    /// have it and the command that would tell.
    fn perhaps_raised(
        &self,
        check: &str,
        now: &Standing,
        id: &str,
        finding: &AuditFinding,
    ) -> Vec<(String, [String; 2])> {
        let graver = self.raises.iter().filter(|raise| raise.to > now.severity);
        let would_count = graver.filter(|raise| {
            let mut scratch = vec![0; self.suppressions.entries.len()];
            standing(self, check, raise.to, id, Some(finding), &mut scratch).fails()
        });
        let of = |raise: &Raise| {
            let subject = finding.destination.as_ref()?;
            let record = subject.records.iter().find(|record| record.may_have(&raise.key))?;
            let what = if record.what.contains(&subject.id) {
                record.what.clone()
            } else {
                format!("{} (`{}`)", record.what, subject.id)
            };
            Some((raise.tag(), [what, record.command.clone()]))
        };
        would_count.filter_map(of).collect()
    }
}

fn standing(
    policy: &Policy,
    check: &str,
    severity: SeverityLabel,
    id: &str,
    finding: Option<&AuditFinding>,
    matched: &mut [usize],
) -> Standing {
    let mut standing = Standing::new(severity);
    if let Some(finding) = finding {
        for raise in &policy.raises {
            if let Some(by) = raise.applies(finding).filter(|_| raise.to > standing.severity) {
                standing.severity = raise.to;
                standing.raised_by = Some(by);
            }
        }
    }
    for (entry, matched) in policy.suppressions.entries.iter().zip(matched) {
        if !entry.matches(check, id, finding) {
            continue;
        }
        *matched += 1;
        if !entry.has_expired(policy.today) && standing.suppressed.is_none() {
            standing.suppressed = Some(entry.to_suppressed());
        }
    }
    let known = policy.baseline.as_ref().map(|baseline| baseline.find(check, id));
    standing.known = known.map(|known| known.is_some());
    standing.first_seen = known.map(|known| known.map_or(policy.today, |known| known.first_seen));
    if let Some(days) = policy.days.get(&standing.severity) {
        let first = standing.first_seen.unwrap_or(policy.today);
        // A day after the end of the calendar never comes.
        standing.due = first.checked_add(i64::from(*days).days()).ok();
        standing.overdue = standing.due.is_some_and(|due| due < policy.today);
    }
    let grave = policy.fail_on.is_none_or(|least| standing.severity >= least);
    let is_new = standing.known != Some(true) || (policy.fail_overdue && standing.overdue);
    standing.fails = standing.suppressed.is_none() && grave && is_new;
    standing
}

impl Triage {
    fn count(&mut self, standing: &Standing, policy: &Policy) {
        self.findings += 1;
        self.failing += usize::from(standing.fails());
        if standing.suppressed.is_some() {
            self.suppressed += 1;
            return;
        }
        self.known += usize::from(standing.known == Some(true));
        self.below += usize::from(policy.fail_on.is_some_and(|least| standing.severity < least));
        self.overdue += usize::from(standing.overdue);
    }
}

impl Raise {
    /// The tag by which this makes a finding graver.
    fn applies(&self, finding: &AuditFinding) -> Option<String> {
        let subject = finding.destination.as_ref()?;
        let own = std::iter::once((&subject.id, &subject.tags));
        let mut tagged = own.chain(subject.within.iter().map(|within| (&within.id, &within.tags)));
        let matches = |value: &str| self.value.as_ref().is_none_or(|pattern| like(pattern, value));
        let seen = tagged.find_map(|(id, tags)| {
            let value = tags.get(&self.key).filter(|value| matches(value))?;
            Some(format!("{}={value} of {id}", self.key))
        });
        let of_record = || {
            subject.records.iter().find_map(|record| {
                let value = record.values.get(&self.key)?.iter().find(|value| matches(value))?;
                Some(format!("{}={value} of {}", self.key, record.what))
            })
        };
        seen.or_else(of_record)
    }

    /// As it is written: `KEY=VALUE` or `KEY`.
    fn tag(&self) -> String {
        self.value.as_ref().map_or_else(|| self.key.clone(), |value| format!("{}={value}", self.key))
    }
}

/// Whether a text is as a pattern says, in which `*` stands for any text.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    let mut rest = rest;
    for part in middle {
        // The first place is as good as any: what follows has the more to choose from.
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn stars_stand_for_any_text() {
        let yes = [
            ("*", ""),
            ("a*", "abc"),
            ("*c", "abc"),
            ("a*c", "abc"),
            ("a*b*c", "a-bb-c"),
            ("abc", "abc"),
            ("*b*", "abc"),
        ];
        let no = [("a", "ab"), ("", "a"), ("a*b", "ab-"), ("*b*b", "ab"), ("a*a", "a"), ("abc*", "ab")];
        assert_eq!(yes.into_iter().filter(|(pattern, text)| !like(pattern, text)).collect::<Vec<_>>(), []);
        assert_eq!(no.into_iter().filter(|(pattern, text)| like(pattern, text)).collect::<Vec<_>>(), []);
    }
}
