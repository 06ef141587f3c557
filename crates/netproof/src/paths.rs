//! Every path of a question.

use search::{Direction, FoundPath, PathQuery, Replies, Sets, Witness};

use crate::{Analysis, Question, Reason};

/// Every path of a question, one rule per filter.
#[derive(Debug, Clone, Default)]
pub struct AllPaths {
    /// One packet for each, replayed; the shortest first, paths of the same length in a fixed order.
    pub witnesses: Vec<Witness>,
    /// What may hide more of them, or was not looked at.
    pub unsure: Vec<Reason>,
}

impl Analysis {
    /// The paths of a question, at most `most` of them; of a round trip, those whose replies get back.
    ///
    /// Ways around through the internet are not among them, nor what lies beyond a border. Cost: that of the question,
    /// and of every path.
    pub fn paths(&self, engine: &Sets<'_>, question: &Question, most: usize) -> AllPaths {
        let Ok(prepared) = self.prepare(question) else { return AllPaths::default() };
        let query = PathQuery { most, ..prepared.query };
        let paths = engine.paths(&query);
        let mut unsure: Vec<Reason> = paths
            .doubts
            .iter()
            .map(|doubt| Reason { text: self.unknown(&doubt.cause), location: self.locate(&doubt.cause) })
            .collect();
        if paths.truncated {
            unsure.push(Reason { text: format!("there are more than {most} paths"), location: None });
        }
        let mut found = paths.found;
        if question.direction == Direction::RoundTrip {
            for path in &found {
                let Replies::Unknown(causes) = &path.replies else { continue };
                unsure.extend(causes.iter().map(|cause| {
                    let text = format!("on the way back: {}", self.unknown(cause));
                    Reason { text, location: self.locate(cause) }
                }));
            }
            let returns = |path: &FoundPath| matches!(path.replies, Replies::All | Replies::Some(_));
            found.retain(returns);
        } else {
            for path in &mut found {
                path.replies = Replies::NotAsked;
            }
        }
        found.sort_by_key(|path| path.edges.len());
        let count = found.len();
        let witnesses: Vec<Witness> = engine.witnesses(&query, &found).into_iter().flatten().collect();
        if witnesses.len() < count {
            let text = "paths that no packet could be shown for are left out".to_owned();
            unsure.push(Reason { text, location: None });
        }
        unsure.dedup();
        AllPaths { witnesses, unsure }
    }
}
