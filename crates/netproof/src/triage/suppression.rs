//! Findings that somebody took responsibility for.

use ipnet::IpNet;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use graph::{Direction, Peer, Rule};

use super::{Suppressed, like};
use crate::audit::{AuditFinding, Subject};

/// Suppressions of a file, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suppressions {
    /// One by one.
    pub entries: Vec<Suppression>,
}

/// A file of suppressions that cannot be used; a line for each problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", problems.join("\n"))]
pub struct SuppressionsError {
    problems: Vec<String>,
}

/// Which findings, why, who says so, and how long. A finding is meant if everything that is stated holds of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    selector: Selector,
    /// Why they may be there.
    pub reason: String,
    /// Who says so.
    pub owner: String,
    /// The last day on which they may.
    pub until: Option<Date>,
    /// File and place.
    pub written: String,
}

/// What is stated about findings. Texts may have `*` for any text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Selector {
    /// The id of the finding.
    #[serde(default)]
    pub(super) finding: Option<String>,
    /// The name of the scope, flow or other check.
    #[serde(default)]
    pub(super) check: Option<String>,
    /// Id, ARN or name of where packets start, or of what that is in.
    #[serde(default)]
    pub(super) source: Option<String>,
    /// The same of where they arrive.
    #[serde(default)]
    pub(super) destination: Option<String>,
    /// Id, ARN or name of anything on the way.
    #[serde(default)]
    pub(super) resource: Option<String>,
    /// `KEY=VALUE` or `KEY`: a tag of the source or destination, or of what they are in.
    #[serde(default)]
    pub(super) tag: Option<String>,
    /// A rule of a security group that lets packets in to the destination.
    #[serde(skip)]
    pub(super) group_rule: Option<GroupRule>,
}

/// A rule of a security group as AWS's sample of an analysis over several accounts writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GroupRule {
    pub(super) group: String,
    pub(super) cidr: String,
    /// `None` for all ports.
    pub(super) ports: Option<(u16, u16)>,
    /// `None` where the file is of the older form, without it.
    pub(super) protocol: Option<String>,
}

/// What a suppression file holds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "netproof suppressions")]
#[expect(
    dead_code,
    reason = "describes the form; entries are read one by one, so that all problems are told"
)]
pub struct SuppressionsDocument {
    /// One by one.
    #[serde(default)]
    suppress: Vec<Written>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "describes the form")]
struct Written {
    /// Why the findings may be there.
    reason: String,
    /// Who says so.
    owner: String,
    /// The last day on which they may, as in `2027-01-31`; left out for no end.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    until: Option<toml::Value>,
    #[serde(flatten)]
    selector: Selector,
}

impl Suppressions {
    /// Reads a TOML file. All problems at once.
    pub fn read(file: &str, text: &str) -> Result<Self, SuppressionsError> {
        let fail = |problem: String| SuppressionsError { problems: vec![problem] };
        let document: toml::Table = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map_or(1, |span| 1 + text.get(..span.start).unwrap_or_default().matches('\n').count());
            fail(format!("{file}:{line}: {}", error.message()))
        })?;
        let mut problems = Vec::new();
        let mut entries = Vec::new();
        for (key, value) in document {
            if key != "suppress" {
                problems.push(format!("{file}#/{key}: there is no such member; expected `suppress`"));
                continue;
            }
            let toml::Value::Array(written) = value else {
                problems.push(format!("{file}#/suppress: expected `[[suppress]]`"));
                continue;
            };
            for (index, entry) in written.into_iter().enumerate() {
                let place = format!("{file}#/suppress/{index}");
                match read(entry, &place) {
                    Ok(entry) => entries.push(entry),
                    Err(problem) => problems.push(problem),
                }
            }
        }
        if problems.is_empty() { Ok(Self { entries }) } else { Err(SuppressionsError { problems }) }
    }
}

fn read(entry: toml::Value, place: &str) -> Result<Suppression, String> {
    let toml::Value::Table(mut table) = entry else { return Err(format!("{place}: expected a table")) };
    let mut text = |name: &str| match table.remove(name) {
        Some(toml::Value::String(text)) if !text.trim().is_empty() => Ok(text),
        Some(_) => Err(format!("{place}/{name}: expected a text that is not empty")),
        None => Err(format!("{place}: `{name}` is missing")),
    };
    let (reason, owner) = (text("reason")?, text("owner")?);
    let until = match table.remove("until") {
        None => None,
        Some(value) => {
            let text = match &value {
                toml::Value::Datetime(date) => date.to_string(),
                toml::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let date = text.parse::<Date>();
            Some(date.map_err(|_| format!("{place}/until: `{text}` is no day such as 2027-01-31"))?)
        }
    };
    let selector: Selector =
        table.try_into().map_err(|error: toml::de::Error| format!("{place}: {}", error.message()))?;
    if selector == Selector::default() {
        return Err(format!(
            "{place}: it says of no finding that it is meant; expected `finding`, `check`, `source`, `destination`, `resource` or `tag`"
        ));
    }
    Ok(Suppression { selector, reason, owner, until, written: place.to_owned() })
}

impl Suppression {
    pub(super) fn of_group_rule(
        resource: String,
        rule: GroupRule,
        reason: String,
        owner: String,
        written: String,
    ) -> Self {
        let selector =
            Selector { destination: Some(resource), group_rule: Some(rule), ..Selector::default() };
        Self { selector, reason, owner, until: None, written }
    }

    /// Whether its last day has passed.
    pub fn has_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    /// Whether ids are enough to tell whether a finding is meant.
    pub(super) fn is_by_id_only(&self) -> bool {
        let Selector { finding: _, check: _, source, destination, resource, tag, group_rule } =
            &self.selector;
        source.is_none()
            && destination.is_none()
            && resource.is_none()
            && tag.is_none()
            && group_rule.is_none()
    }

    /// Whether findings of this check may be meant.
    pub(super) fn may_be_about(&self, check: &str) -> bool {
        self.selector.check.as_ref().is_none_or(|pattern| like(pattern, check))
    }

    /// Whether this finding is meant. `finding` may be left out if ids are enough.
    pub(super) fn matches(&self, check: &str, id: &str, finding: Option<&AuditFinding>) -> bool {
        let Selector { finding: of_id, check: _, source, destination, resource, tag, group_rule } =
            &self.selector;
        if !self.may_be_about(check) || of_id.as_ref().is_some_and(|pattern| !like(pattern, id)) {
            return false;
        }
        if self.is_by_id_only() {
            return true;
        }
        let Some(finding) = finding else { return false };
        let end = |pattern: &Option<String>, subject: &Option<Subject>| {
            let is_it = |pattern: &String| subject.as_ref().is_some_and(|subject| subject.is_like(pattern));
            pattern.as_ref().is_none_or(is_it)
        };
        let on_way = |pattern: &String| {
            let ends = finding.source.iter().chain(&finding.destination);
            let mut steps = finding.ways.iter().flat_map(|way| &way.steps);
            ends.into_iter().any(|subject| subject.is_like(pattern))
                || steps.any(|step| like(pattern, &step.id))
        };
        end(source, &finding.source)
            && end(destination, &finding.destination)
            && resource.as_ref().is_none_or(on_way)
            && tag.as_ref().is_none_or(|tag| {
                finding.source.iter().chain(&finding.destination).any(|subject| subject.has_tag_like(tag))
            })
            && group_rule.as_ref().is_none_or(|rule| finding.causes().any(|cause| rule.is(cause)))
    }

    pub(super) fn to_suppressed(&self) -> Suppressed {
        Suppressed {
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            until: self.until,
            written: self.written.clone(),
        }
    }
}

impl GroupRule {
    fn is(&self, cause: &graph::Cause) -> bool {
        let Rule::Filter(rule) = &cause.rule else { return false };
        let cidr = match &rule.peer {
            Peer::Cidr(cidr) => same_net(cidr, &self.cidr),
            Peer::Group(id) | Peer::PrefixList(id) => *id == self.cidr,
        };
        let protocol = self.protocol.as_ref().is_none_or(|protocol| *protocol == rule.protocol);
        cause.resource.id() == self.group
            && rule.direction == Direction::Ingress
            && cidr
            && protocol
            && self.ports == rule.ports
    }
}

fn same_net(one: &str, other: &str) -> bool {
    one == other
        || matches!((one.parse::<IpNet>(), other.parse::<IpNet>()), (Ok(one), Ok(other)) if one.trunc() == other.trunc())
}

impl Subject {
    /// Whether the id, ARN or name of this, or of what it is in, is as a pattern says.
    fn is_like(&self, pattern: &str) -> bool {
        let own = [Some(&self.id), self.arn.as_ref(), self.name.as_ref()];
        let within = self.within.iter().flat_map(|it| [Some(&it.id), it.arn.as_ref(), it.name.as_ref()]);
        own.into_iter().chain(within).flatten().any(|text| like(pattern, text))
    }

    /// Whether this, or what it is in, has a tag as `KEY=VALUE` or `KEY` says.
    fn has_tag_like(&self, pattern: &str) -> bool {
        let (key, value) = match pattern.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (pattern, None),
        };
        let mut all = std::iter::once(&self.tags).chain(self.within.iter().map(|it| &it.tags));
        all.any(|tags| tags.get(key).is_some_and(|found| value.is_none_or(|value| like(value, found))))
    }
}
