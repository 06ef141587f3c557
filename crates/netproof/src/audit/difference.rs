//! What a change opens.

use std::collections::BTreeMap;

use graph::{ResourceKey, Session, walk_to};

use super::{
    Audit, AuditFinding, AuditUnknown, Check, Names, Placed, SeverityLabel, Site, Subject, Way,
    scopes::SEVERITY_TAG,
    steps::{deciding, find_key, steps},
};
use crate::{
    Location,
    diff::{Compared, Difference, Edit, Only, PairDifference, Portion, What},
    report::{DiffSnapshots, Words, diff_remarks, way},
};

/// So many sets of packets of a finding are put into words.
const SETS: usize = 20;

impl<'a> Audit<'a> {
    /// Of a change: what gets through, or is answered, that was not before; each pair of ends and cause is a finding.
    /// What is lost is none.
    pub fn of_difference(old: &Site<'a>, new: Site<'a>, compared: &Compared) -> Self {
        let sites = Sites { old, new: &new };
        let mut names = Names::default();
        let checks = match compared {
            Compared::Network(difference) => {
                let check = Check::new(
                    "diff-opened",
                    "Opened by the change",
                    "Packets that get through or are answered in the newer snapshot and were not before.",
                );
                vec![sites.fill(check, difference)]
            }
            Compared::Scopes(scopes) => scopes
                .iter()
                .map(|found| {
                    let scope = &found.new.scope;
                    let title = scope.title.clone().unwrap_or_else(|| scope.name.clone());
                    let [before, now] = found.verdicts();
                    let described = format!("New findings of {title}: it was {before}, and is {now}.");
                    let severity = scope.tags.get(SEVERITY_TAG).and_then(|text| SeverityLabel::parse(text));
                    let check = Check::new(names.unique(&scope.name), title, described)
                        .graded(severity.unwrap_or(SeverityLabel::Medium));
                    sites.fill(check, &found.difference)
                })
                .collect(),
        };
        Self { command: "diff", site: new, checks, certified: String::new() }
    }
}

#[derive(Debug, Clone, Copy)]
struct Sites<'s, 'a> {
    old: &'s Site<'a>,
    new: &'s Site<'a>,
}

impl<'a> Sites<'_, 'a> {
    fn fill(self, mut check: Check<'a>, difference: &Difference) -> Check<'a> {
        let snapshots = DiffSnapshots { old: self.old.analysis, new: self.new.analysis };
        let words = Words::new();
        for unknown in &difference.unknowns {
            let (text, written) = snapshots.unknown(unknown);
            let place = written.first().map(|written| self.place(written));
            check.unknowns.push(AuditUnknown { text, place, help: None });
        }
        for portion in difference.portions().filter(|it| it.doubtful && it.only == Only::Old) {
            let text = format!("whether {} still gets through", portion.witness);
            check.unknowns.push(AuditUnknown { text, place: None, help: None });
        }
        check.truncated = difference.truncated;
        let mut findings = Vec::new();
        for pair in &difference.pairs {
            let mut by_cause = BTreeMap::<usize, Vec<&Portion>>::new();
            for portion in pair.portions.iter().filter(|portion| portion.only == Only::New) {
                by_cause.entry(portion.cause).or_default().push(portion);
            }
            for (cause, portions) in by_cause {
                let edits = difference.causes.get(cause).map_or(&[][..], Vec::as_slice);
                findings.push(self.finding(snapshots, &words, &check.id, pair, &portions, edits));
            }
        }
        check.with(findings)
    }

    /// A place in one of the snapshots.
    fn place(self, (side, location): &(&str, Location)) -> Placed {
        if *side == "old" { self.old.place(location) } else { self.new.place(location) }
    }

    fn finding(
        self,
        snapshots: DiffSnapshots<'_>,
        words: &Words,
        check: &str,
        pair: &PairDifference,
        portions: &[&Portion],
        edits: &[Edit],
    ) -> AuditFinding {
        let blocks = portions.iter().flat_map(|portion| &portion.blocks);
        let said: Vec<_> = edits.iter().map(|edit| snapshots.edit(edit)).collect();
        let sets: Vec<String> = blocks.map(|block| words.packets(block)).collect();
        let first = sets.first().cloned().unwrap_or_default();
        let ends = format!("{} to {}", snapshots.end(&pair.source), snapshots.end(&pair.destination));
        let verb = if portions.iter().any(|it| matches!(it.what, What::Arrival(_))) {
            "now gets through"
        } else {
            "is answered now"
        };
        let more = if sets.len() > 1 { format!(", and {} more", sets.len() - 1) } else { String::new() };
        let title = format!("{first}{more} {verb}");
        let kinds: Vec<String> = said.iter().map(|said| format!("{} {}", said.kind, said.text)).collect();
        let mut identity = vec![check, pair.source.as_str(), pair.destination.as_str()];
        identity.extend(sets.iter().map(String::as_str));
        identity.extend(kinds.iter().map(String::as_str));
        let mut finding = AuditFinding::new(identity, title);
        finding.remarks.push(format!("From {ends}."));
        for edit in &said {
            let more = edit.more.as_ref().map_or_else(String::new, |more| format!("; {more}"));
            finding.remarks.push(format!("Cause: {}: {}{more}.", edit.kind, edit.text));
            for written in &edit.written {
                let which = if written.0 == "new" { "after the change" } else { "before the change" };
                let text = format!("{}: {}, {which}", edit.kind, edit.text);
                finding.related.push((text, self.place(written)));
            }
        }
        for portion in portions {
            let remarks = diff_remarks(portion);
            if !remarks.is_empty() {
                finding.remarks.push(format!("{}: {remarks}.", portion.witness));
            }
        }
        finding.rule = said.first().map(|edit| format!("{}: {}", edit.kind, edit.text));
        finding.place = said
            .iter()
            .flat_map(|edit| &edit.written)
            .find(|(side, _)| *side == "new")
            .map(|(_, location)| self.new.place(location));
        finding.packets = sets.into_iter().take(SETS).collect();
        finding.source = self.subject(&pair.source);
        finding.destination = self.subject(&pair.destination);
        if let Some(portion) = portions.iter().find(|it| matches!(it.what, What::Arrival(_)))
            && let Some(way) = self.way(pair, portion)
        {
            finding.place =
                finding.place.or_else(|| deciding(&way.steps).and_then(|step| step.place.clone()));
            finding.ways.push(way);
        }
        finding
    }

    fn subject(self, key: &ResourceKey) -> Option<Subject> {
        find_key(self.new, key).or_else(|| find_key(self.old, key))
    }

    /// The way that the example goes in the newer snapshot.
    fn way(self, pair: &PairDifference, portion: &Portion) -> Option<Way> {
        let graph = self.new.analysis.graph();
        let (source, destination) = (graph.find(&pair.source)?, graph.find(&pair.destination)?);
        let ends = graph.ends();
        let starts = ends.iter().filter(|end| end.resource == source).filter_map(|end| end.departs);
        let arrives: Vec<_> =
            ends.iter().filter(|end| end.resource == destination).filter_map(|end| end.arrives).collect();
        let mut traces = starts.filter_map(|start| {
            walk_to(graph, start, portion.witness, Session::Opening, |trace| {
                trace.disposition.is_success() && arrives.contains(&trace.end)
            })
        });
        let trace = traces.next()?;
        Some(Way { title: trace.packet.to_string(), steps: steps(self.new, &way(graph, &trace)) })
    }
}
