//! Following replies: whether they get back to whoever sent the packets that they answer.

use std::{collections::BTreeSet, ops::ControlFlow, sync::Arc};

use graph::{Cause, Flow, LONGEST_WAY, NodeId};

use super::{Apart, Found, MOST_DOUBTS, MOST_WAYS_BACK, Search, Taken, Trail, Wanted, is_missing};
use crate::{
    FoundPath, Replies,
    solver::{
        formula::{Formula, Header},
        steps::Step,
        terms::Judged,
        witness,
    },
};

impl Search<'_> {
    /// Whether replies to the packets of the present way get back.
    pub(super) fn answer(&mut self, node: NodeId, header: &Header, found: Found) -> ControlFlow<()> {
        let mut returned = self.returned(node, header, &found).into_iter();
        let Some(mut first) = returned.next() else {
            self.one_way.get_or_insert(found);
            return ControlFlow::Continue(());
        };
        first.conditions.extend(returned.flat_map(|other| other.conditions));
        self.found = Some(first);
        ControlFlow::Break(())
    }

    /// Packets of the present way whose replies get back, by the ways of these.
    fn returned(&mut self, node: NodeId, header: &Header, found: &Found) -> Vec<Found> {
        let starts: BTreeSet<NodeId> = self.graph.arriving_at(node).filter_map(|end| end.answers).collect();
        let way = std::mem::take(&mut self.way);
        let seen = std::mem::take(&mut self.seen);
        let trail = self.trail(&way);
        let outer = &way.iter().flat_map(|taken| taken.after.choices()).collect();
        for (condition, reply) in header.replies() {
            let _ = self.given(&condition, |search, _| {
                let base = search.conditions.depth();
                for &start in &starts {
                    search.seen.clear();
                    let opened = Opened { start, base, trail: &trail, outer, found };
                    search.come_back(start, &reply, &opened)?;
                }
                ControlFlow::Continue(())
            });
        }
        let _ = self.given(&header.is_silent(), |search, example| {
            let conditions = vec![search.conditions.since(0)];
            let Some(example) = search.example(example) else { return ControlFlow::Continue(()) };
            search.returned.push(Found { example, conditions, ..found.clone() });
            ControlFlow::Continue(())
        });
        self.seen = seen;
        self.way = way;
        std::mem::take(&mut self.returned)
    }

    /// Notes the present way as a path, with its packets and what becomes of their replies.
    pub(super) fn note_path(&mut self, node: NodeId, header: &Header, found: &Found) -> ControlFlow<()> {
        let doubts = std::mem::take(&mut self.doubts);
        let mut all = Vec::new();
        for back in self.returned(node, header, found) {
            all.extend(back.conditions);
        }
        let unsure: Vec<Arc<Cause>> =
            std::mem::replace(&mut self.doubts, doubts).into_iter().map(|why| why.cause).collect();
        let choices: BTreeSet<u32> = self.values.keys().copied().collect();
        let whole = self.conditions.since(0).without(&choices, &self.values);
        let all: Option<Vec<Formula>> =
            all.iter().map(|condition| condition.without(&choices, &self.values)).collect();
        let (Some(whole), Some(all)) = (whole, all) else {
            self.gave_up = true;
            return ControlFlow::Continue(());
        };
        let all = Formula::any(all);
        let replies = if all.is_false() {
            if unsure.is_empty() { Replies::None } else { Replies::Unknown(unsure) }
        } else {
            match self.conditions.judge(&Formula::all([whole.clone(), all.clone().not()])) {
                Judged::Never => Replies::All,
                Judged::Holds(_) | Judged::TooHard => {
                    let Some(term) = all.to_match() else {
                        self.gave_up = true;
                        return ControlFlow::Continue(());
                    };
                    witness::replies_of(&term)
                }
            }
        };
        let Some(headers) = whole.to_match() else {
            self.gave_up = true;
            return ControlFlow::Continue(());
        };
        let tracks = witness::tracks(&headers, &self.way, &self.values);
        let Some(every) = &mut self.every else { return ControlFlow::Continue(()) };
        every.found.push(FoundPath {
            source: found.source,
            destination: found.destination,
            edges: witness::edges(&self.way),
            tracks,
            replies,
        });
        if every.found.len() <= every.most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// Follows replies that are at `node`, everywhere.
    fn come_back(&mut self, node: NodeId, header: &Header, opened: &Opened<'_>) -> ControlFlow<()> {
        if is_missing(self.graph, node) {
            self.note_doubt(true);
            return ControlFlow::Continue(());
        }
        if self.graph.node(node).refuses.is_some() || self.way.len() >= LONGEST_WAY {
            return ControlFlow::Continue(());
        }
        let fresh = self.fresh(node, header, opened.base, opened.outer);
        self.given(&fresh, |search, _| {
            if search.home.contains(&node) {
                search.come_home(header, opened)?;
            }
            let wanted =
                Wanted { flow: Flow::Reply, certainty: search.doubt.is_none(), apart: Apart::Nothing };
            let homeward = std::mem::take(&mut search.homeward);
            let leads = |node: NodeId| homeward.get(node.index()).copied().unwrap_or_default();
            let steps = search.back.at(node, header, wanted, leads);
            search.homeward = homeward;
            for step in steps.iter() {
                for (condition, after) in search.replies_after(step, header, opened) {
                    search.take_back((node, header, &after), &condition, step, opened)?;
                }
            }
            ControlFlow::Continue(())
        })
    }

    /// What becomes of replies that take a step, each with the condition for it.
    fn replies_after(&mut self, step: &Step, header: &Header, opened: &Opened<'_>) -> Vec<(Formula, Header)> {
        let Some(&first) = step.edges.first() else { return Vec::new() };
        let Some(restores) = self.graph.edge(first).restores else {
            let (after, choice) = self.rewritten(first, header);
            return vec![(Formula::all([step.condition.clone(), choice]), after)];
        };
        let mut found = Vec::new();
        // The first hop whose packet is answered counts.
        let mut earlier = Vec::new();
        for (_, before, after) in opened.trail.iter().filter(|(node, ..)| *node == restores) {
            let answers = after.replies().into_iter();
            let answers = answers.map(|(condition, reply)| Formula::all([condition, reply.equals(header)]));
            let answers = Formula::any(answers.collect::<Vec<_>>());
            let first = Formula::any(earlier.iter().cloned()).not();
            for (condition, reply) in before.replies() {
                let parts = [step.condition.clone(), first.clone(), answers.clone(), condition];
                found.push((Formula::all(parts), reply));
            }
            earlier.push(answers);
        }
        found
    }

    fn take_back(
        &mut self,
        (node, before, after): (NodeId, &Header, &Header),
        condition: &Formula,
        step: &Step,
        opened: &Opened<'_>,
    ) -> ControlFlow<()> {
        self.given(condition, |search, _| {
            let doubts = search.doubt.is_none() && !step.certain;
            if doubts && search.doubts.len() >= MOST_DOUBTS {
                return ControlFlow::Continue(());
            }
            search.way.push(Taken { from: node, edges: step.edges.clone(), before: *before, after: *after });
            if doubts {
                search.doubt = Some(step.edges.clone());
                search.doubtful_from = search.way.len();
            }
            let flow = search.come_back(step.to, after, opened);
            if doubts {
                search.doubt = None;
                search.doubtful_from = 0;
            }
            search.way.pop();
            flow
        })
    }

    /// Replies may be at home: they are if they answer what was sent.
    fn come_home(&mut self, header: &Header, opened: &Opened<'_>) -> ControlFlow<()> {
        let replies = Header::sent().replies().into_iter();
        let parts = replies.map(|(condition, reply)| Formula::all([condition, reply.equals(header)]));
        self.given(&Formula::any(parts.collect::<Vec<_>>()), |search, example| {
            if search.doubt.is_some() {
                search.note_doubt(true);
                return ControlFlow::Continue(());
            }
            let Some(example) = search.example(example) else { return ControlFlow::Continue(()) };
            let back = Some((opened.start, search.way.clone()));
            let conditions = vec![search.conditions.since(0)];
            search.returned.push(Found { back, example, conditions, ..opened.found.clone() });
            if search.along.is_some() || search.returned.len() < MOST_WAYS_BACK {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })
    }
}

/// An opening packet that has arrived, seen by its replies.
struct Opened<'o> {
    /// Where replies start.
    start: NodeId,
    /// How many conditions are about the opening packet.
    base: usize,
    trail: &'o Trail,
    /// What translators have chosen on its way.
    outer: &'o BTreeSet<u32>,
    found: &'o Found,
}
