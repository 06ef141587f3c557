//! Whether replies get back.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use graph::{Cause, Disposition, ForwardingGraph, LONGEST_WAY, NodeId};
use headerspace::{Field, Match, PacketSet, Rewrite};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    compiled::{Bundle, Bundles, Compiled},
    live::{reached_from, through},
    route::{Leg, Segments},
    space::{RewriteId, Space},
};
use crate::Work;

/// Replies to the packets of one way are followed for at most this many steps. Networks need some dozens; only graphs
/// in which replies are translated in circles need more, and there the answer is "unknown".
const MOST_STEPS: u32 = 20_000;

/// Nodes from which replies to some packet of the question can get back, or get lost, as far as edges lead.
#[derive(Debug, Clone)]
pub(super) struct Homeward(Vec<bool>);

impl Homeward {
    pub(super) fn new(graph: &ForwardingGraph, compiled: &Compiled, sources: &[NodeId]) -> Self {
        let mut before = vec![Vec::new(); graph.node_count()];
        for node in graph.nodes() {
            for bundle in compiled.reply.of(node) {
                if let Some(list) = before.get_mut(bundle.to.index()) {
                    list.push(node);
                }
            }
        }
        let missing = graph.nodes().filter(|&node| is_missing(graph, node));
        let homes = sources.iter().map(|&source| compiled.home(source)).collect::<BTreeSet<_>>();
        let mut left: Vec<NodeId> =
            homes.iter().flat_map(|home| home.iter().copied()).chain(missing).collect();
        let mut homeward = vec![false; graph.node_count()];
        while let Some(node) = left.pop() {
            let Some(known) = homeward.get_mut(node.index()) else { continue };
            if !std::mem::replace(known, true) {
                left.extend(before.get(node.index()).into_iter().flatten());
            }
        }
        Self(homeward)
    }

    fn leads(&self, node: NodeId) -> bool {
        self.0.get(node.index()).copied().unwrap_or_default()
    }
}

/// Packets whose replies may get back.
pub(super) struct PerhapsAnswered {
    /// Of what is wanted at each node.
    pub(super) wanted: Vec<PacketSet>,
    /// What may get back of the replies at each node to which replies may come, or at each node.
    pub(super) replies: Vec<(NodeId, PacketSet)>,
}

/// Of what is wanted at each node, the packets whose replies may get back to one of `sources`, or that nothing answers:
/// no fewer than do, because what a translation that is undone makes of a reply is left open.
///
/// Cost: a preimage and a union for every bundle that replies may come to, until nothing changes.
pub(super) fn perhaps_answered(
    graph: &ForwardingGraph,
    compiled: &mut Compiled,
    sources: &[NodeId],
    wanted: &[PacketSet],
    everywhere: bool,
) -> PerhapsAnswered {
    let bundles = compiled.reply.clone();
    let homes: BTreeSet<NodeId> =
        sources.iter().flat_map(|&source| (*compiled.home(source)).clone()).collect();
    let space = &mut compiled.space;
    let answers = |node: NodeId| graph.arriving_at(node).filter_map(|end| end.answers);
    let is_wanted = |node: &NodeId| wanted.get(node.index()).is_some_and(|&set| !space.is_empty(set));
    let targets: Vec<NodeId> = graph.nodes().filter(is_wanted).collect();
    let starts: Vec<NodeId> = targets.iter().flat_map(|&node| answers(node)).collect();
    let reached = reached_from(graph, &bundles, &starts);
    let world = space.well_formed();
    let live = |node: NodeId| homes.contains(&node) || is_missing(graph, node);
    let mut sets: Vec<PacketSet> =
        graph.nodes().map(|node| if live(node) { world } else { space.empty() }).collect();
    let mut before = vec![Vec::new(); graph.node_count()];
    let is_reached = |node: &NodeId| everywhere || reached.get(node.index()).copied().unwrap_or_default();
    for node in graph.nodes().filter(is_reached) {
        for bundle in bundles.of(node) {
            if let Some(list) = before.get_mut(bundle.to.index()) {
                list.push(node);
            }
        }
    }
    let mut left: VecDeque<NodeId> = graph.nodes().filter(|&node| live(node)).collect();
    while let Some(node) = left.pop_front() {
        for &from in before.get(node.index()).into_iter().flatten() {
            let mut parts = vec![sets.get(from.index()).copied().unwrap_or(world)];
            for bundle in bundles.of(from).iter().filter(|bundle| bundle.to == node) {
                let target = sets.get(node.index()).copied().unwrap_or(world);
                let passing = match bundle.restores {
                    Some(_) => bundle.set,
                    None => through(bundle, target, space),
                };
                parts.push(passing);
            }
            let all = space.any_of(parts);
            if let Some(known) = sets.get_mut(from.index()).filter(|known| **known != all) {
                *known = all;
                left.push_back(from);
            }
        }
    }
    let mut answered = wanted.to_vec();
    for node in targets {
        let parts = answers(node).filter_map(|start| sets.get(start.index()).copied()).collect::<Vec<_>>();
        let back = space.any_of(parts);
        let (back, silent) = (space.answered_by(back), space.silent());
        let both = space.or(back, silent);
        if let Some(slot) = answered.get_mut(node.index()) {
            *slot = space.and(*slot, both);
        }
    }
    let replies = graph.nodes().filter(is_reached);
    let replies = replies.filter_map(|node| Some((node, *sets.get(node.index())?))).collect();
    PerhapsAnswered { wanted: answered, replies }
}

/// Information ends here.
pub(super) fn is_missing(graph: &ForwardingGraph, node: NodeId) -> bool {
    graph.node(node).refuses == Some(Disposition::InsufficientInfo)
}

/// What is known about the replies to the packets of a way.
#[derive(Debug, Clone)]
pub(super) struct Returned {
    /// Packets at the source whose replies get back, for some choice of the translators, or that get none.
    pub(super) certain: PacketSet,
    /// The stages of packets whose replies get back, once for each way of the replies.
    pub(super) answered: Vec<Vec<PacketSet>>,
    /// Packets at the source whose replies perhaps get back, and why that is uncertain.
    pub(super) perhaps: Vec<(PacketSet, BTreeSet<Arc<Cause>>)>,
}

impl Returned {
    pub(super) fn nothing(space: &Space) -> Self {
        Self { certain: space.empty(), answered: Vec::new(), perhaps: Vec::new() }
    }
}

/// The way of packets whose replies are looked at, with its stages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route<'r> {
    pub(super) source: NodeId,
    pub(super) destination: NodeId,
    pub(super) legs: &'r [Leg],
    pub(super) segments: &'r Segments,
    pub(super) sets: &'r [PacketSet],
}

impl Route<'_> {
    /// Follows the replies to the packets of this way.
    pub(super) fn replies(
        &self,
        graph: &ForwardingGraph,
        compiled: &mut Compiled,
        homeward: &Homeward,
        work: &mut Work,
    ) -> Returned {
        let home = compiled.home(self.source);
        let bundles = compiled.reply.clone();
        let first_only = compiled.limit < u64::MAX;
        let space = &mut compiled.space;
        let (Some(&first), Some(&last)) = (self.sets.first(), self.sets.last()) else {
            return Returned::nothing(space);
        };
        let silent = space.silent();
        let certain = space.and(first, silent);
        let replies = space.replies_to(last);
        let returned = Returned { certain, ..Returned::nothing(space) };
        let mut search = Search {
            graph,
            bundles: &bundles,
            homeward,
            space,
            route: *self,
            home: &home,
            work,
            left: MOST_STEPS,
            seen: FxHashMap::default(),
            first_only,
            changed: FxHashSet::default(),
            returned,
        };
        if !search.space.is_empty(replies) {
            let starts: BTreeSet<NodeId> =
                graph.arriving_at(self.destination).filter_map(|end| end.answers).collect();
            for start in starts {
                search.follow(&mut Vec::new(), start, replies, true);
            }
        }
        search.returned
    }

    /// The translations that the way makes on leaving `node`.
    fn made_at(&self, node: NodeId) -> Vec<Made> {
        let legs = self.legs.iter().enumerate().filter(|(_, leg)| leg.from == node);
        let made = legs.filter_map(|(at, leg)| {
            let segment = self.segments.before(at);
            let after = segment + usize::from(leg.rewrite.is_some());
            Some(Made { segment, before: *self.sets.get(segment)?, rewrite: leg.rewrite, after })
        });
        made.collect()
    }
}

/// A translation that opening packets got: the segment before it, what there was there, and the segment after it.
#[derive(Debug, Clone, Copy)]
struct Made {
    segment: usize,
    before: PacketSet,
    rewrite: Option<RewriteId>,
    after: usize,
}

/// One step of a reply: the bundle, what passes it, and the translation it undoes.
#[derive(Debug, Clone, Copy)]
struct Step<'b> {
    bundle: &'b Bundle,
    passing: PacketSet,
    undoes: Option<Made>,
}

struct Search<'a> {
    graph: &'a ForwardingGraph,
    bundles: &'a Bundles,
    homeward: &'a Homeward,
    space: &'a mut Space,
    route: Route<'a>,
    home: &'a BTreeSet<NodeId>,
    work: &'a mut Work,
    /// Steps that may still be tried.
    left: u32,
    /// What has been followed from each node, unchanged since it was sent and by certain steps.
    seen: FxHashMap<NodeId, PacketSet>,
    /// Whether one way back is enough.
    first_only: bool,
    /// What has been followed otherwise, with the packets that it answers, and whether all steps were certain.
    changed: FxHashSet<(NodeId, PacketSet, PacketSet, bool)>,
    returned: Returned,
}

impl<'a> Search<'a> {
    fn follow(&mut self, been: &mut Vec<Step<'a>>, node: NodeId, set: PacketSet, certain: bool) {
        if is_missing(self.graph, node) {
            self.note(been, set, None);
            return;
        }
        if been.len() >= LONGEST_WAY {
            return;
        }
        if self.left == 0 {
            // Rather unknown than wrong, and than for ever.
            self.note(been, set, None);
            return;
        }
        if self.first_only && !self.returned.answered.is_empty() {
            return;
        }
        let Some(set) = self.unseen(been, node, set, certain) else { return };
        if self.home.contains(&node) {
            self.note(been, set, Some(certain));
        }
        let list = self.bundles.of(node);
        let candidates = self.bundles.index(node).and_then(|index| index.candidates(self.space, set));
        let count = u32::try_from(list.len()).unwrap_or(u32::MAX);
        for index in candidates.unwrap_or_else(|| (0..count).collect()) {
            let Some(bundle) = list.get(index as usize).filter(|bundle| self.homeward.leads(bundle.to))
            else {
                continue;
            };
            self.work.reply_steps += 1;
            self.left = self.left.saturating_sub(1);
            let passing = self.space.and(set, bundle.set);
            if self.space.is_empty(passing) {
                continue;
            }
            let step = Step { bundle, passing, undoes: None };
            let steps = match bundle.restores {
                None => vec![(step, self.space.image_of(passing, bundle.rewrite))],
                Some(at) => {
                    let made = self.route.made_at(at).into_iter();
                    made.map(|made| (Step { undoes: Some(made), ..step }, self.undone(made, passing)))
                        .collect()
                }
            };
            for (step, next) in steps {
                if !self.space.is_empty(next) {
                    been.push(step);
                    self.follow(been, bundle.to, next, certain && bundle.certain);
                    been.pop();
                }
            }
        }
    }

    /// What of `set` has not been followed from `node` before.
    ///
    /// Replies that nothing has changed on their way do the same however they came. Changed ones do if they answer the
    /// same packets: a field of theirs has one value, to which it was set, or is as the packet has it.
    fn unseen(
        &mut self,
        been: &[Step<'a>],
        node: NodeId,
        set: PacketSet,
        certain: bool,
    ) -> Option<PacketSet> {
        let plain = been.iter().all(|step| step.undoes.is_none() && step.bundle.rewrite.is_none());
        if !plain || !certain {
            let sent = self.sent(been, set, None).first().copied()?;
            return self.changed.insert((node, set, sent, certain)).then_some(set);
        }
        let seen = self.seen.get(&node).copied().unwrap_or(self.space.empty());
        let new = self.space.minus(set, seen);
        let all = self.space.or(seen, new);
        self.seen.insert(node, all);
        (!self.space.is_empty(new)).then_some(new)
    }

    /// Replies after a translation of the packets that they answer is undone.
    fn undone(&mut self, made: Made, replies: PacketSet) -> PacketSet {
        let answered = self.space.answered_by(replies);
        let sent = self.space.preimage_of(answered, made.rewrite);
        let sent = self.space.and(sent, made.before);
        self.space.replies_to(sent)
    }

    /// The reverse: replies before that, which become `replies`.
    fn redone(&mut self, made: Made, replies: PacketSet) -> PacketSet {
        let answered = self.space.answered_by(replies);
        let sent = self.space.and(answered, made.before);
        let sent = self.space.image_of(sent, made.rewrite);
        self.space.replies_to(sent)
    }

    /// The stages of packets whose replies have come to be `set` by the way of `been`; if that is at home, where it
    /// must be the reply to what was sent, of those alone for which it is.
    fn sent(&mut self, been: &[Step<'a>], set: PacketSet, home: Option<bool>) -> Vec<PacketSet> {
        // Back along the way of the replies: which of them have come here, and what that asks of the packets that they
        // answer. Where a translation is undone, it must be that of the packet itself, not of one like it.
        let mut asked = Vec::new();
        let mut replies = set;
        for step in been.iter().rev() {
            let Some(made) = step.undoes else {
                let before = self.space.preimage_of(replies, step.bundle.rewrite);
                replies = self.space.and(before, step.passing);
                continue;
            };
            asked.push((made.segment, self.space.answered_by(replies)));
            let before = self.redone(made, replies);
            replies = self.space.and(before, step.passing);
            asked.push((made.after, self.space.answered_by(replies)));
        }
        let answered = self.space.answered_by(replies);
        asked.push((self.route.sets.len() - 1, answered));
        if home.is_none() {
            return self.route.segments.meeting(self.space, self.route.sets, &asked);
        }
        asked.push((0, self.space.answered_by(set)));
        let segments = self.keeping(been, &mut asked);
        let segments = segments.as_ref().unwrap_or(self.route.segments);
        segments.meeting(self.space, self.route.sets, &asked)
    }

    /// The segments of the way if a translator has chosen a value that nothing takes back: it must have chosen the one
    /// that was there, or the reply is not one to what was sent. `None` if there is no such choice.
    fn keeping(&mut self, been: &[Step<'a>], asked: &mut Vec<(usize, PacketSet)>) -> Option<Segments> {
        let undone = |at: usize| been.iter().any(|step| step.undoes.is_some_and(|made| made.after == at + 1));
        let mut changed = None::<Segments>;
        for (at, &(_, rewrite)) in self.route.segments.rewrites.iter().enumerate() {
            let Some(rewrite) = rewrite.filter(|&id| !undone(at) && self.space.has_choice(id)) else {
                continue;
            };
            let rewrite = self.space.rewrite(rewrite)?.clone();
            let assigns = |space: &Space, id: RewriteId, field| {
                space.rewrite(id).is_some_and(|rewrite| rewrite.values(field).is_some())
            };
            let mut kept = Rewrite::identity();
            for (field, values) in rewrite.assignments() {
                let later = self.route.segments.rewrites.iter().skip(at + 1);
                // Replies have no identity but their own, so nothing need take back which one a packet was given.
                let overwritten = *field == Field::Identity
                    || later.filter_map(|&(_, id)| id).any(|id| assigns(self.space, id, *field))
                    || been
                        .iter()
                        .filter_map(|step| step.bundle.rewrite)
                        .any(|id| assigns(self.space, id, field.mirror()));
                if values.count() > 1 && !overwritten {
                    let allowed = self.space.compile(&Match::In(*field, values.clone()));
                    asked.push((at, allowed));
                } else {
                    kept = kept.assign(*field, values.clone());
                }
            }
            let kept = self.space.rewrite_id(&kept);
            let segments = changed.get_or_insert_with(|| self.route.segments.clone());
            if let Some((_, rewrite)) = segments.rewrites.get_mut(at) {
                *rewrite = kept;
            }
        }
        changed
    }

    /// Notes that the replies in `set`, which went the way of `been`, are at home (certainly or perhaps) or lost.
    fn note(&mut self, been: &[Step<'a>], set: PacketSet, home: Option<bool>) {
        let sets = self.sent(been, set, home);
        let Some(sent) = sets.first().copied().filter(|&sent| !self.space.is_empty(sent)) else { return };
        if home == Some(true) {
            self.returned.certain = self.space.or(self.returned.certain, sent);
            self.returned.answered.push(sets);
        } else {
            let last = been.len();
            let unsure = been
                .iter()
                .zip(1..)
                .filter(|(step, at)| !step.bundle.certain || (home.is_none() && *at == last));
            let unsure = unsure.map(|(step, _)| step);
            let arcs = unsure.flat_map(|step| {
                step.bundle.arcs.iter().filter(|arc| self.space.overlaps(arc.set, step.passing))
            });
            let causes = arcs.map(|arc| self.graph.edge(arc.edge).cause.clone()).collect();
            self.returned.perhaps.push((sent, causes));
        }
    }
}
