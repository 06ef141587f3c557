//! What a change does to the findings of scopes.

use std::collections::{BTreeMap, BTreeSet};

use graph::{ForwardingGraph, NodeId};
use search::FoundPath;

use super::{
    Difference, NEW, OLD, Only, Wanted, Work,
    reach::{Pair, Sent, Through, place},
};
use crate::{Analysis, AskedScope, Context, ScopeDocument, report::ScopeVerdict};

/// A scope, asked of both snapshots.
#[derive(Debug)]
pub struct ScopeDifference {
    /// What the older snapshot says.
    pub old: AskedScope,
    /// What the newer one says.
    pub new: AskedScope,
    /// Findings gained and lost.
    pub difference: Difference,
}

impl ScopeDifference {
    /// What each snapshot says, in a word.
    pub fn verdicts(&self) -> [ScopeVerdict; 2] {
        [self.old.verdict(), self.new.verdict()]
    }
}

/// Asks scopes of both snapshots, in order, and compares what they find: packets between the same ends.
///
/// Cost: asking each scope twice, and as much again for the ends between which findings differ.
pub fn diff_scopes(
    old: &Analysis,
    new: &Analysis,
    scopes: Vec<ScopeDocument>,
    contexts: [&Context; 2],
) -> Vec<ScopeDifference> {
    let engines = [old.engine(), new.engine()];
    let [old_engine, new_engine] = &engines;
    let [old_context, new_context] = contexts;
    scopes
        .into_iter()
        .map(|scope| {
            let before = old.ask_with(old_engine, scope.clone(), old_context);
            let now = new.ask_with(new_engine, scope, new_context);
            let difference = compare([old, new], [&before, &now]);
            ScopeDifference { old: before, new: now, difference }
        })
        .collect()
}

fn compare(analyses: [&Analysis; 2], asked: [&AskedScope; 2]) -> Difference {
    let mut work = Work::new(analyses);
    let mut found = [BTreeMap::<Pair, Vec<FoundPath>>::new(), BTreeMap::new()];
    for (at, asked) in asked.iter().enumerate() {
        work.truncated |= asked.result.truncated;
        for unknown in &asked.result.unknowns {
            let sources = unknown.doubt.as_ref().map_or(0, |doubt| doubt.sources);
            work.note(at, unknown.what.clone(), unknown.cause.clone(), sources);
        }
        let (Some(by_pair), Some(analysis)) = (found.get_mut(at), analyses.get(at)) else { continue };
        for finding in &asked.result.findings {
            let ends = pair(analysis.graph(), finding.path.source, finding.path.destination);
            if let Some(ends) = ends {
                by_pair.entry(ends).or_default().push(finding.path.clone());
            }
        }
    }
    let [old, new] = &found;
    let pairs: BTreeSet<&Pair> = old.keys().chain(new.keys()).collect();
    for pair in pairs {
        let paths = [old, new].map(|found| found.get(pair).map_or(&[][..], Vec::as_slice));
        let key = (pair.0.0.clone(), pair.1.0.clone());
        let reached = work.reached.entry(key).or_default();
        for (reached, paths) in reached.iter_mut().zip(paths) {
            *reached |= !paths.is_empty();
        }
        let through = paths.map(|paths| Through::of(paths, &mut work.space));
        for (only, [here, there]) in [(Only::New, [NEW, OLD]), (Only::Old, [OLD, NEW])] {
            let (Some(here), Some(there)) = (through.get(here), through.get(there)) else { continue };
            let set = work.space.minus(here.forward, there.forward);
            // Findings are one-way, and about data.
            let (sent, answered) = (Sent::Any, here.answered);
            let wanted = Wanted { only, replies: false, sent, set, answered, asked_apart: true };
            work.explain(pair, paths, wanted);
        }
    }
    work.finish()
}

fn pair(graph: &ForwardingGraph, source: NodeId, destination: NodeId) -> Option<Pair> {
    Some((place(graph, source)?, place(graph, destination)?))
}
