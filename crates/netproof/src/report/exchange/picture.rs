//! The paths of findings as a picture: what dot and mermaid draw.

use std::collections::{BTreeMap, BTreeSet};

use super::Report;
use crate::{
    audit::{AuditFinding, Role, Subject, Way},
    report::{kind_words, short},
};

/// How much stands for one box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// Every end for itself.
    Ends,
    /// Ends in one subnet together.
    Subnets,
    /// Ends in one VPC together.
    Vpcs,
}

/// A picture.
#[derive(Debug, Default)]
pub(super) struct Picture {
    /// By a name that tells them apart.
    pub(super) boxes: BTreeMap<String, Drawn>,
    /// By the boxes at both ends.
    pub(super) arrows: BTreeMap<(String, String), Arrow>,
    /// Findings that there is no room for.
    pub(super) left: usize,
}

/// A box.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    /// What is written in it, line by line.
    pub(super) lines: Vec<String>,
    /// What it is in, from the outside: account, Region, VPC, subnet.
    pub(super) within: Vec<String>,
    /// Whether packets start or end there, as opposed to passing.
    pub(super) is_end: bool,
}

/// What goes from one box to another.
#[derive(Debug, Clone, Default)]
pub(super) struct Arrow {
    /// What lets it pass there.
    pub(super) texts: BTreeSet<String>,
    /// Whether a finding that counts goes there.
    pub(super) fails: bool,
}

impl Picture {
    /// The most detailed picture with at most so many arrows.
    pub(super) fn new(report: Report<'_>, most: usize) -> Self {
        for detail in [Detail::Ends, Detail::Subnets, Detail::Vpcs] {
            let picture = Self::drawn(report, detail, usize::MAX);
            if picture.arrows.len() <= most {
                return picture;
            }
        }
        Self::drawn(report, Detail::Vpcs, most)
    }

    fn drawn(report: Report<'_>, detail: Detail, most: usize) -> Self {
        let mut picture = Self::default();
        let findings = report.audit.checks.iter().flat_map(crate::audit::Check::findings);
        for (finding, standing) in findings.filter(|(_, standing)| standing.suppressed.is_none()) {
            if picture.arrows.len() >= most {
                picture.left += 1;
                continue;
            }
            for way in &finding.ways {
                picture.add(&finding, way, detail, standing.fails());
            }
        }
        picture
    }

    fn add(&mut self, finding: &AuditFinding, way: &Way, detail: Detail, fails: bool) {
        let mut last: Option<String> = None;
        let mut texts = BTreeSet::new();
        for step in &way.steps {
            let name = match step.role {
                Role::Filter | Role::Route => {
                    texts.insert(format!("{}: {}", short(&step.id), step.text));
                    continue;
                }
                Role::Source | Role::Destination | Role::Carrier | Role::Rule => {
                    let ends = finding.source.iter().chain(&finding.destination);
                    let subject = ends.into_iter().find(|subject| subject.key == step.key);
                    match subject {
                        Some(subject) => self.end(subject, detail),
                        None if step.role == Role::Rule => {
                            let lines = vec![short(&step.id).to_owned(), step.text.clone()];
                            self.put(format!("{} {}", step.key, step.text), lines, Vec::new(), false)
                        }
                        None => {
                            let lines = vec![short(&step.id).to_owned(), kind_words(&step.kind)];
                            self.put(step.key.clone(), lines, Vec::new(), false)
                        }
                    }
                }
            };
            if let Some(from) = last.replace(name.clone()).filter(|from| *from != name) {
                let arrow = self.arrows.entry((from, name)).or_default();
                arrow.texts.append(&mut texts);
                arrow.fails |= fails;
            }
            texts.clear();
        }
    }

    fn put(&mut self, name: String, lines: Vec<String>, within: Vec<String>, is_end: bool) -> String {
        let drawn = self.boxes.entry(name.clone()).or_insert(Drawn { lines, within, is_end });
        drawn.is_end |= is_end;
        name
    }

    fn end(&mut self, subject: &Subject, detail: Detail) -> String {
        let container = |kind: &str| {
            let found = subject.within.iter().find(|within| within.kind == kind);
            found.map(|it| {
                it.name.as_ref().map_or_else(|| it.id.clone(), |name| format!("{name} ({})", it.id))
            })
        };
        let (vpc, subnet) = (container("AWS::EC2::VPC"), container("AWS::EC2::Subnet"));
        let outer = [&subject.account, &subject.region].into_iter().filter(|text| !text.is_empty()).cloned();
        let mut within: Vec<String> = outer.collect();
        let together = match detail {
            Detail::Ends => None,
            Detail::Subnets => subnet.clone(),
            Detail::Vpcs => vpc.clone(),
        };
        if let Some(together) = together {
            let name = format!("{}/{}/{together}", subject.account, subject.region);
            within.extend(vpc.filter(|_| detail == Detail::Subnets));
            let lines = vec![together, format!("{}s", kind_words(&subject.kind))];
            return self.put(name, lines, within, true);
        }
        within.extend(vpc);
        within.extend(subnet);
        let mut lines = vec![subject.label()];
        let what = kind_words(&subject.kind);
        lines.push(if subject.internet { format!("{what}, the internet") } else { what });
        self.put(subject.key.clone(), lines, within, true)
    }
}
