//! The fewest changes that open a wanted flow, or close an unwanted one.
//!
//! Changes are made to a copy of the export, from which everything is worked out anew: that the flow is open or the
//! finding gone, that what is to be kept still holds, and what else gets through that did not, or no longer does.
//!
//! Opening: of the sets of controls that open the question, the cheapest ([`search::cheapest_opening()`]) whose controls
//! can be turned into changes, no wider than the question, that do it and keep what is to be kept. Closing: on every way
//! that is open, one thing has to give; of the sets of changes that do that, the cheapest that keeps what is to be kept.
//!
//! GAP: not proposed: changes of firewall policies, load balancers and their targets, peering connections and
//! attachments, of IPv6 addresses, and of groups that are exported rule by rule only; joining networks anew.
//! GAP: a flow is open if one packet of it gets through; a change is as wide as the question says, and where it says
//! nothing, as wide as that packet and its like.
//! GAP: of the ways that a set of controls opens, one is tried. If changes do not open it, because one route table would
//! have to send packets for an address two ways, other controls are looked for that do not include all of these.
//! GAP: a control counts as one change, though a list that packets and their replies pass may need an entry for each.
//! GAP: route tables are not taken from subnets, nor are addresses or groups taken from interfaces.

mod certified;
mod closing;
mod opening;
mod repair;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use graph::ControlId;
use search::{Closed, Through, Witness};

use opening::{Routes, Unchangeable};
pub use repair::{Change, PLACEHOLDER, Repair, Traffic};

use crate::{
    Analysis, Answered, FlowResult, Flows, Question, Reason, Verdict,
    diff::{Compared, MOST_PATHS, diff},
    report::ScopeVerdict,
};

/// What is wanted.
#[derive(Debug, Clone)]
pub enum Goal {
    /// The question is to be answered with "reachable".
    Open(Question),
    /// The question is to be answered with "unreachable".
    Close(Question),
    /// The scope is to be clean, or not to have findings between the ends of this one, by its id.
    Clean(Box<scope::document::ScopeDocument>, Option<String>),
}

/// What came of a wish.
#[derive(Debug)]
pub enum Fixed {
    /// It is so already.
    Already,
    /// These changes do it.
    Proposed(Box<Proposal>),
    /// No changes are known that do it, for these reasons.
    NotKnown(Vec<Reason>),
}

/// Changes that were made to a copy and proved.
#[derive(Debug)]
pub struct Proposal {
    /// The changes, in the order of the resources.
    pub changes: Vec<Change>,
    /// The controls that they open; none if something is closed.
    pub opened: Vec<ControlId>,
    /// The snapshot after them.
    pub after: Analysis,
    /// For a question: its answer after them.
    pub answered: Option<Answered>,
    /// What is to be kept, and is.
    pub kept: Vec<FlowResult>,
    /// Everything that gets through and did not, and that no longer does.
    pub difference: Compared,
}

/// After so many ways that were still open, or proposals that broke something, looking for changes is given up.
const MOST_ROUNDS: usize = 64;

impl Analysis {
    /// The cheapest changes that bring about `goal` and keep the answers of those flows of `keep` that hold now.
    ///
    /// Cost: opening takes what [`why_closed`](Self::why_closed) does; closing, reading the snapshot anew for every
    /// change that is thought of; and both the difference of the two snapshots.
    pub fn fix(&self, goal: &Goal, keep: &Flows) -> Fixed {
        let keep = Flows { flows: keep.flows.clone() };
        let holding: Vec<_> =
            self.verify(keep).into_iter().filter(FlowResult::pass).map(|it| it.flow).collect();
        let keep = Flows { flows: holding };
        match goal {
            Goal::Open(question) => self.opening(question, &keep),
            Goal::Close(_) | Goal::Clean(..) => self.closing(goal, &keep),
        }
    }

    /// The snapshot with these changes.
    pub fn changed(&self, changes: &[Change]) -> Option<Analysis> {
        let record = |document, offset| serde_json::from_str(self.snapshot().record(document, offset)?).ok();
        let records = repair::edited(changes, record)?;
        let snapshot = self.snapshot().edited(&records);
        let diagnostics = self.diagnostics().to_vec();
        Some(Self::of_snapshot_assuming(snapshot, diagnostics, self.inventory().assumed()))
    }

    fn opening(&self, question: &Question, keep: &Flows) -> Fixed {
        match self.answer(question).verdict {
            Verdict::Reachable => return Fixed::Already,
            Verdict::Unknown => {
                return not_known("whether it is open is not known: what is missing has to be exported");
            }
            Verdict::Unreachable => {}
        }
        // Of what does not do, the cheapest is told.
        let mut objections = None;
        let found = self.cheapest_opening(question, |controls, through| {
            self.opened_by(question, keep, controls, through).map_err(|(controls, reasons)| {
                objections.get_or_insert(reasons);
                controls
            })
        });
        if let Some(proposal) = found {
            return self.proposed(proposal);
        }
        if let Some(reasons) = objections {
            return Fixed::NotKnown(reasons);
        }
        match self.why_closed(question) {
            Closed::By(kept) => {
                if let Some((controls, Some(through))) = &kept.opened_by
                    && let Err((_, reasons)) =
                        opening::changes(self, question, controls, through, Routes::AsAsked)
                {
                    return Fixed::NotKnown(reasons);
                }
                not_known("what would open it for certain is not known")
            }
            Closed::Apart => not_known("nothing that netproof knows how to change would open it"),
            Closed::NoEnds => not_known("there is nothing to start from, or to arrive at"),
            Closed::Unknown => not_known("what keeps it closed cannot be told"),
        }
    }

    /// The changes that open these controls for what gets through. `Err` says why they do not do, and which of the controls
    /// are to blame.
    fn opened_by(
        &self,
        question: &Question,
        keep: &Flows,
        controls: &[ControlId],
        through: &Through,
    ) -> Result<Proved, Unchangeable> {
        let mut reasons = Vec::new();
        // Where a route that there is takes in less, one that takes in all that is asked about is of no use.
        for routes in [Routes::AsAsked, Routes::Single] {
            let changes = opening::changes(self, question, controls, through, routes)?;
            let Some(after) = self.changed(&changes) else {
                reasons.push(Reason { text: UNEXPECTED.to_owned(), location: None });
                continue;
            };
            let answered = after.answer(question);
            if answered.verdict != Verdict::Reachable {
                let text = "the changes that should open it do not; what then stops it:".to_owned();
                reasons.push(Reason { text, location: None });
                reasons.extend(answered.reasons);
                continue;
            }
            match kept_by(&after, keep) {
                Ok(kept) => {
                    let (opened, answered) = (controls.to_vec(), Some(answered));
                    return Ok(self.needed(
                        question,
                        keep,
                        Proved { changes, opened, after, answered, kept },
                    ));
                }
                Err(broken) => reasons.extend(broken),
            }
        }
        reasons.dedup();
        Err((controls.iter().copied().collect(), reasons))
    }

    /// The same without changes that others of the same resource make needless: an entry may let pass what another was
    /// to let pass.
    fn needed(&self, question: &Question, keep: &Flows, mut proved: Proved) -> Proved {
        let mut at = 0;
        while let Some(change) = proved.changes.get(at) {
            let alike = proved.changes.iter().filter(|other| other.resource == change.resource).count();
            let mut changes = proved.changes.clone();
            changes.remove(at);
            let after = Some(()).filter(|()| alike > 1).and_then(|()| self.changed(&changes));
            let fewer = after.and_then(|after| {
                let answered = after.answer(question);
                let kept = kept_by(&after, keep).ok()?;
                (answered.verdict == Verdict::Reachable).then_some((after, answered, kept))
            });
            match fewer {
                Some((after, answered, kept)) => {
                    let (opened, answered) = (proved.opened, Some(answered));
                    proved = Proved { changes, opened, after, answered, kept };
                }
                None => at += 1,
            }
        }
        proved
    }

    fn closing(&self, goal: &Goal, keep: &Flows) -> Fixed {
        let ends = match goal {
            Goal::Clean(scope, Some(id)) => match self.ends_of(scope, id) {
                Some(ends) => Some(ends),
                None => return not_known(&format!("the scope has no finding `{id}`")),
            },
            _ => None,
        };
        let mut clauses: Vec<BTreeSet<usize>> = Vec::new();
        // What closes everything and breaks something.
        let (mut objections, mut broken) = (Vec::<BTreeSet<usize>>::new(), None);
        let mut candidates = closing::Candidates::default();
        let mut harmless = BTreeMap::<usize, bool>::new();
        for round in 0..MOST_ROUNDS {
            let Some(chosen) = candidates.cheapest(&clauses, &objections) else {
                let many = || not_known("there are too many ways to close it to find the cheapest");
                return broken.map_or_else(many, Fixed::NotKnown);
            };
            let changes = candidates.changes(self, &chosen);
            let Some(after) = self.changed(&changes) else {
                return not_known(UNEXPECTED);
            };
            let (answered, open) = after.still_open(goal, ends.as_ref());
            let open = match open {
                Open::Nothing if round == 0 => return Fixed::Already,
                Open::Nothing => match kept_by(&after, keep) {
                    Ok(kept) => {
                        let opened = Vec::new();
                        return self.proposed(Proved { changes, opened, after, answered, kept });
                    }
                    Err(reasons) => {
                        broken.get_or_insert(reasons);
                        objections.push(chosen);
                        continue;
                    }
                },
                Open::Unknown(reasons) => return Fixed::NotKnown(reasons),
                Open::Ways(witnesses) => witnesses,
            };
            let (mut clause, grown) = candidates.of(self, &after, &open);
            if grown {
                harmless.clear();
                objections.clear();
            }
            clause.retain(|index| {
                *harmless.entry(*index).or_insert_with(|| {
                    let alone = self.changed(&candidates.changes(self, &BTreeSet::from([*index])));
                    alone.is_some_and(|alone| kept_by(&alone, keep).is_ok())
                })
            });
            // What was done already and did not help is no more than it was.
            if clause.is_empty() || (!grown && clause.iter().any(|index| chosen.contains(index))) {
                return not_known(
                    "a way is left that no change closes which netproof knows of and which keeps what is to be kept",
                );
            }
            clauses.push(clause);
        }
        not_known("there are too many ways to close")
    }

    /// The ends of a finding.
    fn ends_of(&self, scope: &scope::document::ScopeDocument, id: &str) -> Option<Ends> {
        let asked = self.ask(vec![scope.clone()], &self.context()).into_iter().next()?;
        let finding = asked.result.findings.iter().find(|finding| finding.id == id)?;
        let name = |node| self.graph().describe(node);
        Some((name(finding.path.source), name(finding.path.destination)))
    }

    /// What is still open of what is to be closed.
    fn still_open(&self, goal: &Goal, ends: Option<&Ends>) -> (Option<Answered>, Open) {
        match goal {
            Goal::Open(question) | Goal::Close(question) => {
                let answered = self.answer(question);
                let ways = answered.witness.iter().chain(&answered.onward).map(|way| Witness::clone(way));
                let open = match answered.verdict {
                    Verdict::Reachable => Open::Ways(ways.collect()),
                    Verdict::Unreachable => Open::Nothing,
                    Verdict::Unknown => Open::Unknown(answered.reasons.clone()),
                };
                (Some(answered), open)
            }
            Goal::Clean(scope, _) => {
                let engine = self.engine();
                let asked = self.ask_with(&engine, scope.as_ref().clone(), &self.context());
                let name = |node| self.graph().describe(node);
                let wanted = |finding: &&scope::Finding| {
                    ends.is_none_or(|(source, destination)| {
                        name(finding.path.source) == *source && name(finding.path.destination) == *destination
                    })
                };
                let found = asked.result.findings.iter().find(wanted);
                let witness = found.and_then(|finding| {
                    let query = asked.result.queries.get(finding.query)?;
                    engine.witnesses(query, std::slice::from_ref(&finding.path)).into_iter().next()?
                });
                let open = match (found, witness) {
                    (_, Some(witness)) => Open::Ways(vec![witness]),
                    (Some(_), None) => Open::Unknown(Vec::new()),
                    (None, None) if ends.is_some() || asked.verdict() == ScopeVerdict::Clean => Open::Nothing,
                    (None, None) => Open::Unknown(
                        asked
                            .result
                            .unknowns
                            .iter()
                            .map(|unknown| Reason { text: unknown.what.clone(), location: None })
                            .collect(),
                    ),
                };
                (None, open)
            }
        }
    }

    fn proposed(&self, proved: Proved) -> Fixed {
        let Proved { changes, opened, after, answered, kept } = proved;
        let difference = Compared::Network(diff(self, &after, MOST_PATHS));
        Fixed::Proposed(Box::new(Proposal { changes, opened, after, answered, kept, difference }))
    }

    /// A change in words, with its resource and the place of the record.
    pub fn change(&self, change: &Change) -> Reason {
        let graph = self.graph();
        let name = graph.find(&change.resource).and_then(|id| graph.resource(id).name());
        let id = crate::report::short(change.resource.id());
        let resource = name.map_or_else(|| id.to_owned(), |name| format!("{id} ({name})"));
        let location = Some(aws::locate(self.snapshot(), &change.record));
        Reason { text: format!("{resource}: {}", change.repair), location }
    }
}

/// A proposal before its difference is worked out.
struct Proved {
    changes: Vec<Change>,
    opened: Vec<ControlId>,
    after: Analysis,
    answered: Option<Answered>,
    kept: Vec<FlowResult>,
}

const UNEXPECTED: &str = "the records that would have to change are not of the form that is expected";

/// Source and destination of a finding, as the graph names them.
type Ends = (String, String);

/// What is open.
enum Open {
    /// One way; that around through the internet consists of two.
    Ways(Vec<Witness>),
    Nothing,
    Unknown(Vec<Reason>),
}

fn not_known(text: &str) -> Fixed {
    Fixed::NotKnown(vec![Reason { text: text.to_owned(), location: None }])
}

/// The flows that are to be kept, if all of them still hold; else which do not.
fn kept_by(after: &Analysis, keep: &Flows) -> Result<Vec<FlowResult>, Vec<Reason>> {
    let results = after.verify(keep.clone());
    let broken: Vec<Reason> = results
        .iter()
        .filter(|result| !result.pass())
        .map(|result| {
            let text = format!("`{}` would be {}", result.flow.name, result.answered.verdict);
            Reason { text, location: None }
        })
        .collect();
    if broken.is_empty() { Ok(results) } else { Err(broken) }
}
