//! What records of findings for other systems share: where they belong, how they are worded, how long they may be.

use std::collections::BTreeSet;

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    audit::{Audit, AuditFinding, Check, SeverityLabel, Step, Subject, digest},
    report::short,
    triage::Standing,
};

/// What became of a check, for systems in which one record stands for all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing was found that nobody took responsibility for, and nothing is unknown.
    Passed,
    /// Nothing was found, but the snapshot does not tell all.
    Unknown,
    /// Something was found that nobody took responsibility for. It may be known, or below the threshold: it is there.
    Failed,
}

impl Outcome {
    pub(super) fn of(check: &Check<'_>) -> Self {
        let open = |index| check.standing(index).suppressed.is_none();
        if (0..check.len()).any(open) {
            Self::Failed
        } else if check.truncated || !check.unknowns.is_empty() {
            Self::Unknown
        } else {
            Self::Passed
        }
    }
}

/// How grave the record of a check is: findings have records of their own, but what is unknown has no other.
pub(super) fn check_severity(check: &Check<'_>) -> SeverityLabel {
    match Outcome::of(check) {
        Outcome::Unknown => check.severity,
        Outcome::Passed | Outcome::Failed => SeverityLabel::Informational,
    }
}

/// An account and a Region; empty is what is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Home {
    pub(super) account: String,
    pub(super) region: String,
}

/// The accounts and Regions of a snapshot.
#[derive(Debug, Default)]
pub(super) struct Homes(BTreeSet<Home>);

impl Homes {
    pub(super) fn of(audit: &Audit<'_>) -> Self {
        let graph = audit.site.analysis.graph();
        let resources = graph.resource_ids().map(|id| graph.resource(id));
        let homes = resources.map(|it| Home { account: it.account.clone(), region: it.region.clone() });
        Self(homes.filter(Home::is_known).collect())
    }

    /// Where a finding belongs: where its destination is, else its source, else the only place that the snapshot knows.
    /// Nothing is guessed: with several, it stays unknown.
    pub(super) fn of_finding(&self, finding: &AuditFinding) -> Home {
        let subjects = [&finding.destination, &finding.source];
        let homes = subjects.into_iter().flatten().map(|it| Home::new(&it.account, &it.region));
        let known = homes.clone().find(Home::is_known).or_else(|| self.only().cloned());
        known.or_else(|| homes.clone().find(|home| !home.account.is_empty())).unwrap_or_default()
    }

    /// The only one there is.
    pub(super) fn only(&self) -> Option<&Home> {
        self.0.first().filter(|_| self.0.len() == 1)
    }

    /// The first in alphabetical order, for what is about all of them.
    pub(super) fn first(&self) -> Home {
        self.0.first().cloned().unwrap_or_default()
    }
}

impl Home {
    pub(super) fn new(account: &str, region: &str) -> Self {
        Self { account: account.to_owned(), region: region.to_owned() }
    }

    /// Whether it says both: an account is twelve digits.
    pub(super) fn is_known(&self) -> bool {
        let digits = self.account.len() == 12 && self.account.bytes().all(|byte| byte.is_ascii_digit());
        digits && !self.region.is_empty()
    }

    /// The partition of its Region, as ARNs name it.
    pub(super) fn partition(&self) -> &'static str {
        partition(&self.region)
    }
}

/// The partition of a Region, as ARNs name it.
///
/// SOURCE: AWS Fault Isolation Boundaries, "Partitions"; AWS General Reference, ARN format (checked 2026-11-27).
pub(super) fn partition(region: &str) -> &'static str {
    let partitions = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
    ];
    partitions.into_iter().find(|(begin, _)| region.starts_with(begin)).map_or("aws", |(_, name)| name)
}

/// When a finding was first seen; never after the report.
pub(super) fn first_seen(standing: &Standing, when: Timestamp) -> Option<Timestamp> {
    let midnight = standing.first_seen?.to_zoned(TimeZone::UTC).ok()?;
    Some(midnight.timestamp().min(when))
}

/// What there is to say about a finding beside its title: one sentence each.
pub(super) fn sentences(finding: &AuditFinding) -> Vec<String> {
    let mut sentences = finding.remarks.clone();
    if finding.packets.len() > 1 {
        sentences.push(format!("Packets: {}", finding.packets.join("; ")));
    }
    sentences.extend(remedy(finding));
    sentences.iter().map(|text| sentence(text)).collect()
}

/// Where to begin.
pub(super) fn remedy(finding: &AuditFinding) -> Option<String> {
    match (&finding.rule, &finding.place) {
        (Some(rule), Some(place)) => Some(format!("Look first at {rule} ({place}).")),
        (Some(rule), None) => Some(format!("Look first at {rule}.")),
        (None, Some(place)) => Some(format!("Look first at {place}.")),
        (None, None) => None,
    }
}

/// A step in a line: `sg-1 (web): allow ingress tcp 80 from 0.0.0.0/0 (security-groups.json:12)`.
pub(super) fn step_line(step: &Step) -> String {
    let place = step.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
    let id = short(&step.id);
    let text = &step.text;
    if text.contains(id) {
        return format!("{text}{place}");
    }
    // A name comes first in the text, in parentheses.
    match text.strip_prefix('(').and_then(|text| text.split_once(") ")) {
        Some((name, text)) => format!("{id} ({name}): {text}{place}"),
        None => format!("{id}: {text}{place}"),
    }
}

/// How a check went, in sentences.
pub(super) fn check_sentences(check: &Check<'_>) -> Vec<String> {
    let mut sentences = vec![sentence(&check.description)];
    let (found, counting) = (check.len(), check.failing());
    let suppressed = (0..found).filter(|&index| check.standing(index).suppressed.is_some()).count();
    sentences.push(match found {
        0 => "Nothing was found.".to_owned(),
        _ => format!("Found: {found}, of which {counting} count and {suppressed} are suppressed."),
    });
    sentences.extend(unknowns(check).iter().map(|text| sentence(&format!("Unknown: {text}"))));
    sentences
}

/// What the snapshot does not tell about a check, each in a line.
pub(super) fn unknowns(check: &Check<'_>) -> Vec<String> {
    let unknown = |unknown: &crate::audit::AuditUnknown| {
        let place = unknown.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        let help = unknown.help.as_ref().map(|help| format!(": {help}")).unwrap_or_default();
        format!("{}{place}{help}", unknown.text)
    };
    let mut texts: Vec<String> = check.unknowns.iter().map(unknown).collect();
    if check.truncated {
        texts.push("there are more findings than are listed".to_owned());
    }
    texts
}

/// Who took responsibility, and until when.
pub(super) fn suppression(standing: &Standing) -> Option<String> {
    let suppressed = standing.suppressed.as_ref()?;
    let until = suppressed.until.map(|until| format!(", until {until}")).unwrap_or_default();
    Some(format!("{} ({}{until}; {})", suppressed.reason, suppressed.owner, suppressed.written))
}

/// A name for the subject.
pub(super) fn subject_name(subject: &Subject) -> &str {
    subject.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| short(&subject.id))
}

/// One line of at most so many bytes, and never blank.
pub(super) fn shortened(text: &str, limit: usize) -> String {
    let words: Vec<&str> = text.split(|letter: char| letter.is_whitespace() || letter.is_control()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return "-".to_owned();
    }
    if line.len() <= limit {
        return line;
    }
    format!("{}…", begin(&line, limit.saturating_sub('…'.len_utf8())))
}

/// An id of at most so many bytes; different ids stay different.
pub(super) fn identifier(id: &str, limit: usize) -> String {
    if id.len() <= limit {
        return id.to_owned();
    }
    let digest = digest([id]);
    format!("{}-{digest}", begin(id, limit.saturating_sub(digest.len() + 1)))
}

/// The longest beginning of at most so many bytes.
fn begin(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    end.and_then(|end| text.get(..end)).unwrap_or_default()
}

/// With a full stop.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::samples;

    #[test]
    fn texts_are_cut_between_letters_and_never_blank() {
        assert_eq!(shortened("a\n b\t\u{0}c", 99), "a b c");
        assert_eq!(shortened(" \n", 9), "-");
        assert_eq!(shortened("ééééé", 8), "éé…");
        assert_eq!(shortened("abcdefgh", 8), "abcdefgh");
        assert_eq!(shortened("abcdefghi", 8), "abcde…");
    }

    #[test]
    fn cut_ids_differ() {
        let (one, other) = ("a".repeat(600) + "1", "a".repeat(600) + "2");
        assert_eq!(identifier(&one, 512).len(), 512);
        assert_ne!(identifier(&one, 512), identifier(&other, 512));
        assert_eq!(identifier("sg-1", 32), "sg-1");
    }

    #[test]
    fn regions_have_partitions() {
        let names = [
            "eu-central-1",
            "cn-north-1",
            "us-gov-west-1",
            "us-iso-east-1",
            "us-isob-east-1",
            "eusc-de-east-1",
        ];
        assert_eq!(names.map(partition), ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc"]);
    }

    #[test]
    fn names_come_after_ids() {
        let line = |text| step_line(&samples::step("sg-1", text));
        assert_eq!(line("(web) allow all"), "sg-1 (web): allow all (snapshot/groups.json:7)");
        assert_eq!(line("allow all"), "sg-1: allow all (snapshot/groups.json:7)");
        assert_eq!(line("rule of sg-1"), "rule of sg-1 (snapshot/groups.json:7)");
    }

    #[test]
    fn a_place_is_known_by_the_finding_or_where_there_is_only_one() {
        let (one, two) = (("111122223333", "eu-west-1"), ("222233334444", "eu-west-1"));
        let homes =
            |places: &[(&str, &str)]| Homes::of(&samples::audit(&samples::analysis(places), Vec::new()));
        let mut finding = samples::finding("x");
        finding.source = Some(samples::subject("eni-2", "333344445555", "us-east-1"));
        assert_eq!(homes(&[two]).of_finding(&finding), Home::new(one.0, one.1));
        finding.destination = None;
        assert_eq!(homes(&[two]).of_finding(&finding), Home::new("333344445555", "us-east-1"));
        finding.source = None;
        assert_eq!(homes(&[two]).of_finding(&finding), Home::new(two.0, two.1));
        assert_eq!(homes(&[one, two]).of_finding(&finding), Home::default());
        assert_eq!(homes(&[two, one]).first(), Home::new(one.0, one.1));
        // One account in two Regions are two places.
        assert_eq!(homes(&[one, (one.0, "us-east-1")]).only(), None);
    }

    #[test]
    fn a_check_has_passed_only_if_nothing_is_open_or_unknown() {
        let analysis = samples::analysis(&[]);
        let (audit, _) = samples::mixed(&analysis);
        let outcomes: Vec<(&str, Outcome)> =
            audit.checks.iter().map(|check| (check.id.as_str(), Outcome::of(check))).collect();
        let expected = [
            ("all", Outcome::Failed),
            ("low", Outcome::Failed),
            ("only-suppressed", Outcome::Passed),
            ("unknown-only", Outcome::Unknown),
            ("cut", Outcome::Unknown),
            ("clean", Outcome::Passed),
        ];
        assert_eq!(outcomes, expected);
    }

    #[test]
    fn homes_need_twelve_digits_and_a_region() {
        assert!(Home::new("111122223333", "eu-west-1").is_known());
        for (account, region) in
            [("", "eu-west-1"), ("111122223333", ""), ("amazon-aws-1", "eu-west-1"), ("1", "x")]
        {
            assert!(!Home::new(account, region).is_known(), "{account} {region}");
        }
    }
}
