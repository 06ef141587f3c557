//! What the solver makes of the verdicts that a proposal rests on.

use search::PathQuery;

use crate::{Analysis, Certification, EngineChoice, Judge, report::ScopeVerdict};

use super::{Ends, Fixed, Goal};

impl Analysis {
    /// Has confirmed what `fixed` says of `goal`: of a proposal, that the goal is reached in the snapshot after it and
    /// that what is to be kept still holds; of a goal that is reached already, that it is. That no changes are known is no
    /// verdict.
    pub fn certify_fix(&self, goal: &Goal, fixed: &Fixed) -> Certification {
        let (after, kept) = match fixed {
            Fixed::Proposed(proposal) => (&proposal.after, proposal.kept.as_slice()),
            Fixed::Already | Fixed::NotKnown(_) => (self, &[][..]),
        };
        let Some(mut judge) = Judge::new(after, EngineChoice::Sets, true) else {
            return Certification::NoSolver;
        };
        if let Fixed::NotKnown(_) = fixed {
            return judge.certification();
        }
        let reached = match goal {
            Goal::Open(question) | Goal::Close(question) => {
                let name = format!("{} to {}", question.source, question.destination);
                judge.answer_to(&name, question);
                None
            }
            Goal::Clean(scope, None) => {
                let asked = after.ask(vec![scope.as_ref().clone()], &after.context());
                let clean = asked.iter().all(|asked| asked.verdict() == ScopeVerdict::Clean);
                clean.then(|| after.certify(&asked))
            }
            Goal::Clean(scope, Some(id)) => {
                self.ends_of(scope, id).map(|ends| after.certify_gone(scope, id, &ends))
            }
        };
        for result in kept {
            judge.answer_to(&result.flow.name, &result.flow.question);
        }
        let kept = judge.certification();
        reached.map_or(kept.clone(), |reached| reached.and(kept))
    }

    /// Has confirmed that a scope has no finding between these ends.
    fn certify_gone(&self, scope: &scope::document::ScopeDocument, id: &str, ends: &Ends) -> Certification {
        let between = |query: PathQuery| {
            let (source, destination) = ends;
            let named = |nodes: Vec<graph::NodeId>, name: &str| -> Vec<graph::NodeId> {
                nodes.into_iter().filter(|&node| self.graph().describe(node) == *name).collect()
            };
            PathQuery {
                sources: named(query.sources, source),
                destinations: named(query.destinations, destination),
                ..query
            }
        };
        let mut asked = self.ask(vec![scope.clone()], &self.context());
        for asked in &mut asked {
            // Of what is left between other ends, nothing is said.
            asked.scope.name = format!("{}: finding {id}", asked.scope.name);
            asked.result.findings.clear();
            asked.result.unknowns.clear();
            asked.result.queries =
                std::mem::take(&mut asked.result.queries).into_iter().map(between).collect();
        }
        self.certify(&asked)
    }
}
