//! What a change of configuration opens and closes: two snapshots, compared by what gets through in them.
//!
//! A packet can only fare differently if it comes to a place where the snapshots do different things with it. So these
//! places are found first, and only paths past them are looked at: the cost follows the change. Files, lines, the order
//! of records and names do not matter; resources are matched by account, Region and id.
//!
//! What gets through for certain in the newer snapshot and did not get through for certain in the older one counts as
//! gained; the reverse as lost. What neither tells is listed by itself.
//!
//! GAP: packets that leave for the internet and come back in are looked at as two paths, out and in.
//! GAP: where replies are uncertain, only those to packets that the change is about are looked at.

mod edits;
mod reach;
mod scopes;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use graph::{
    Cause, Disposition, Hop, NodeId, ResourceKey, Session, Trace, World, applicable, replay, walk_to,
};
use headerspace::{Block, Family, Field, HeaderSpace, Match, Packet, PacketSet, Ranges};
use search::{Changes, FoundPath, Replies, answer_to};

pub use self::{
    edits::Edit,
    reach::Sent,
    scopes::{ScopeDifference, diff_scopes},
};
use self::{
    edits::{Known, View},
    reach::{Pair, Place, Reach, Side, Through},
};
use crate::Analysis;

/// So many paths past the change are looked at in each snapshot, unless told otherwise.
pub const MOST_PATHS: usize = 1_000_000;

/// What gets through in one of two snapshots and not in the other.
#[derive(Debug, Clone, Default)]
pub struct Difference {
    /// Ends between which something has changed, sorted by source and destination.
    pub pairs: Vec<PairDifference>,
    /// Why: edits that act together, sorted. [`Portion::cause`] is an index.
    pub causes: Vec<Vec<Edit>>,
    /// What the snapshots do not tell, sorted.
    pub unknowns: Vec<DiffUnknown>,
    /// Whether there may be more than is listed.
    pub truncated: bool,
}

/// A source and a destination between which something has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairDifference {
    /// Where packets start.
    pub source: ResourceKey,
    /// Where they are to arrive.
    pub destination: ResourceKey,
    /// What it comes to.
    pub kind: Kind,
    /// Packets gained and lost, each with a cause; gained ones first.
    pub portions: Vec<Portion>,
}

/// What a difference between two ends comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing got through before.
    Opened,
    /// Nothing gets through any more.
    Closed,
    /// Other packets get through than before.
    Changed,
    /// The same packets get through, but others than before are answered.
    Answered,
}

/// Which snapshot something happens in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Only {
    /// Only in the newer one: it is gained.
    New,
    /// Only in the older one: it is lost.
    Old,
}

/// Packets that one change gains or loses between two ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    /// Whether they are gained or lost.
    pub only: Only,
    /// What is gained or lost.
    pub what: What,
    /// Which packets of a conversation they are.
    pub sent: Sent,
    /// All of them, as they start: disjoint products.
    pub blocks: Vec<Block>,
    /// One of them, replayed.
    pub witness: Packet,
    /// Whether the other snapshot does not tell what becomes of the witness.
    pub doubtful: bool,
    /// Index of the cause.
    pub cause: usize,
}

/// What is gained or lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The packets arrive.
    Arrival(Answers),
    /// They arrive in both snapshots; their replies get back in one.
    Replies,
}

/// Whether packets that arrive are answered, as far as replies get back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answers {
    /// All replies get back.
    All,
    /// Replies to some of them do.
    Some,
    /// None does.
    None,
}

/// Something that a snapshot does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffUnknown {
    /// What, in words.
    pub what: String,
    /// In the older snapshot, if it is unknown there.
    pub old: Option<Doubtful>,
    /// In the newer one.
    pub new: Option<Doubtful>,
}

/// Where something unknown comes from, and how far it reaches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Doubtful {
    /// The rule that leads there, if one does.
    pub cause: Option<Arc<Cause>>,
    /// How many sources it may matter to.
    pub sources: usize,
}

/// The verdict over a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Packets get through, or are answered, that were not before.
    Opened,
    /// None do, as far as the snapshots tell, which is not everything.
    Unknown,
    /// None do.
    NothingOpened,
}

impl Change {
    /// The word used in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Unknown => "unknown",
            Self::NothingOpened => "nothing-opened",
        }
    }
}

impl Kind {
    /// The word used in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Changed => "changed",
            Self::Answered => "answered",
        }
    }
}

impl Difference {
    /// In a word.
    pub fn verdict(&self) -> Change {
        if self.portions().any(|portion| portion.only == Only::New) {
            Change::Opened
        } else if self.truncated || !self.unknowns.is_empty() || self.portions().any(|it| it.doubtful) {
            Change::Unknown
        } else {
            Change::NothingOpened
        }
    }

    /// All packets gained and lost.
    pub fn portions(&self) -> impl Iterator<Item = &Portion> {
        self.pairs.iter().flat_map(|pair| &pair.portions)
    }
}

/// What was compared, and what came out.
#[derive(Debug)]
pub enum Compared {
    /// Everything that gets through.
    Network(Difference),
    /// The findings of scopes, in order.
    Scopes(Vec<ScopeDifference>),
}

impl Compared {
    /// All differences.
    pub fn differences(&self) -> Vec<&Difference> {
        match self {
            Self::Network(difference) => vec![difference],
            Self::Scopes(scopes) => scopes.iter().map(|scope| &scope.difference).collect(),
        }
    }

    /// In a word, over all.
    pub fn verdict(&self) -> Change {
        let verdicts = self.differences().into_iter().map(Difference::verdict);
        verdicts.min().unwrap_or(Change::NothingOpened)
    }
}

/// Compares what gets through in two snapshots, looking at `most` paths past the change at most.
///
/// Cost: making both graphs ready, and then as much as the paths that the change is about.
pub fn diff(old: &Analysis, new: &Analysis, most: usize) -> Difference {
    let changes = search::changes(old.graph(), new.graph());
    if changes.iter().all(Changes::is_empty) && new.snapshot().has_records_of(old.snapshot()) {
        // The same records mean the same, also where it is not known what.
        return Difference::default();
    }
    let mut work = Work::new([old, new]);
    if changes.iter().any(|changes| !changes.is_empty()) {
        for &sent in Sent::all([old.graph(), new.graph()]) {
            work.compare(&changes, sent, most);
        }
    }
    work.doubts();
    work.finish()
}

/// Names one snapshot: the older or the newer.
const OLD: usize = 0;
const NEW: usize = 1;

/// What comparing needs, and what it has found.
struct Work<'a> {
    sides: [Side<'a>; 2],
    known: [Known<'a>; 2],
    space: HeaderSpace,
    pairs: BTreeMap<(ResourceKey, ResourceKey), Vec<Found>>,
    /// Whether anything gets through between the ends, in each snapshot.
    reached: BTreeMap<(ResourceKey, ResourceKey), [bool; 2]>,
    unknowns: BTreeMap<String, [Option<Doubtful>; 2]>,
    truncated: bool,
}

/// A portion, with its cause in full.
struct Found {
    portion: Portion,
    edits: BTreeSet<Edit>,
}

/// Packets whose cause is looked for: which snapshot they get through in, what is gained or lost, and all of them.
#[derive(Clone, Copy)]
struct Wanted {
    only: Only,
    replies: bool,
    sent: Sent,
    set: PacketSet,
    /// What is answered of it.
    answered: PacketSet,
    /// Whether what gets through in the other snapshot as well may count, because a question leaves it out there.
    asked_apart: bool,
}

impl<'a> Work<'a> {
    fn new(analyses: [&'a Analysis; 2]) -> Self {
        let sides = analyses.map(Side::new);
        let known = analyses.map(Known::new);
        Self {
            sides,
            known,
            space: HeaderSpace::new(),
            pairs: BTreeMap::new(),
            reached: BTreeMap::new(),
            unknowns: BTreeMap::new(),
            truncated: false,
        }
    }

    fn compare(&mut self, changes: &[Changes; 2], sent: Sent, most: usize) {
        let mut past = [Reach::default(), Reach::default()];
        for ((reach, side), changes) in past.iter_mut().zip(&self.sides).zip(changes) {
            let (found, whole) = side.past(changes, sent, most);
            *reach = found;
            self.truncated |= !whole;
        }
        let [old, new] = &past;
        let pairs: BTreeSet<&Pair> = old.by_pair.keys().chain(new.by_pair.keys()).collect();
        let pairs: BTreeSet<&Pair> = pairs.into_iter().filter(|pair| self.may_differ(&past, pair)).collect();
        for pair in &pairs {
            for (at, reach) in past.iter().enumerate() {
                self.doubtful_replies(at, reach.of(pair));
            }
        }
        let [old, new] = &self.sides;
        let full = [old.between(&pairs, sent), new.between(&pairs, sent)];
        for pair in pairs {
            self.pair(&full, pair, sent);
        }
    }

    /// Whether the paths past the change let different packets through.
    fn may_differ(&mut self, past: &[Reach; 2], pair: &Pair) -> bool {
        let [old, new] = past.each_ref().map(|reach| Through::of(reach.of(pair), &mut self.space));
        let unknown =
            |reach: &Reach| reach.of(pair).iter().any(|path| matches!(path.replies, Replies::Unknown(_)));
        (old.forward, old.answered) != (new.forward, new.answered) || past.iter().any(unknown)
    }

    /// Notes why it is not known whether replies get back.
    fn doubtful_replies(&mut self, at: usize, paths: &[FoundPath]) {
        let mut causes = BTreeSet::new();
        for path in paths {
            if let Replies::Unknown(whys) = &path.replies {
                causes.extend(whys.iter().cloned());
            }
        }
        for cause in causes {
            self.note(at, format!("on the way back: {}", cause.doubt()), Some(cause), 1);
        }
    }

    fn note(&mut self, at: usize, what: String, cause: Option<Arc<Cause>>, sources: usize) {
        let entry = self.unknowns.entry(what).or_default();
        if let Some(slot) = entry.get_mut(at) {
            let known = slot.get_or_insert_with(Doubtful::default);
            known.cause = known.cause.take().or(cause);
            known.sources += sources;
        }
    }

    /// Notes what the snapshots do not tell.
    fn doubts(&mut self) {
        for at in [OLD, NEW] {
            let Some(side) = self.sides.get(at) else { continue };
            let (doubts, context) = (side.doubts(), side.analysis.context());
            let unmodelled = context.unmodelled.into_iter().map(|(kind, what)| {
                format!("the snapshot does not hold {what}; there may be more ends of type {kind}")
            });
            let missing: Vec<String> = context.unexported.into_iter().chain(unmodelled).collect();
            for doubt in doubts {
                self.note(at, doubt.cause.doubt(), Some(doubt.cause.clone()), doubt.sources);
            }
            for what in missing {
                self.note(at, what, None, 0);
            }
        }
    }

    fn pair(&mut self, full: &[Reach; 2], pair: &Pair, sent: Sent) {
        let paths = full.each_ref().map(|reach| reach.of(pair));
        let key = (pair.0.0.clone(), pair.1.0.clone());
        let reached = self.reached.entry(key).or_default();
        for (reached, paths) in reached.iter_mut().zip(paths) {
            *reached |= !paths.is_empty();
        }
        let through = paths.map(|paths| Through::of(paths, &mut self.space));
        let [old, new] = through;
        let both = self.space.and(old.forward, new.forward);
        for (only, here, there) in [(Only::New, new, old), (Only::Old, old, new)] {
            if !self.stops_at(only, &pair.1) {
                continue; // packets only pass there
            }
            let arrived = self.space.minus(here.forward, there.forward);
            let answered = self.space.minus(here.answered, there.answered);
            let answered = self.space.and(answered, both);
            let of =
                |set, answered, replies| Wanted { only, replies, sent, set, answered, asked_apart: false };
            self.explain(pair, paths, of(arrived, here.answered, false));
            if sent != Sent::Opening {
                self.explain(pair, paths, of(answered, answered, true));
            }
        }
    }

    /// Whether an end is where packets stop: through a connection between two networks that are both known they go on.
    fn stops_at(&self, only: Only, destination: &Place) -> bool {
        let Some(side) = self.sides.get(side_of(only)) else { return true };
        let Some(node) = side.node(destination) else { return true };
        side.graph.outgoing(node).is_empty()
            || side.graph.arriving_at(node).any(|end| end.world != World::Own)
    }

    /// Divides packets by what causes the difference.
    fn explain(&mut self, pair: &Pair, paths: [&[FoundPath]; 2], wanted: Wanted) {
        let mut left = wanted.set;
        let own = paths.get(side_of(wanted.only)).copied().unwrap_or_default();
        for path in own {
            let through = Through::by(path, &mut self.space);
            let through = if wanted.replies { through.answered } else { through.forward };
            let mut here = self.space.and(left, through);
            left = self.space.minus(left, here);
            for round in 0..MOST_ROUNDS {
                let Some(witness) = self.everyday(here) else { break };
                let (edits, alike, doubtful) = self.cause(pair, path, &witness, wanted);
                let mut portion = here;
                if let Some(alike) = alike.filter(|_| round + 1 < MOST_ROUNDS) {
                    let alike = self.space.and(here, alike);
                    if self.space.contains(alike, &witness) {
                        portion = alike;
                    }
                }
                here = self.space.minus(here, portion);
                self.found(pair, portion, witness, edits, doubtful, wanted);
            }
        }
        if !self.space.is_empty(left) {
            // Every packet of the set is on some path; if not, better say too much than too little.
            if let Some(witness) = self.everyday(left) {
                self.found(pair, left, witness, BTreeSet::new(), false, wanted);
            }
        }
    }

    fn found(
        &mut self,
        pair: &Pair,
        set: PacketSet,
        witness: Packet,
        edits: BTreeSet<Edit>,
        doubtful: bool,
        wanted: Wanted,
    ) {
        let what = if wanted.replies {
            What::Replies
        } else {
            let answered = self.space.and(set, wanted.answered);
            What::Arrival(if answered == set {
                Answers::All
            } else if self.space.is_empty(answered) {
                Answers::None
            } else {
                Answers::Some
            })
        };
        let key = (pair.0.0.clone(), pair.1.0.clone());
        let Wanted { only, sent, .. } = wanted;
        let list = self.pairs.entry(key).or_default();
        let known = list.iter_mut().find(|found| {
            let portion = &found.portion;
            found.edits == edits
                && (portion.only, portion.what, portion.sent, portion.doubtful)
                    == (only, what, sent, doubtful)
        });
        // What several rules or ports let through for one reason is one set.
        let (set, known) = match known {
            Some(known) => {
                let before = known.portion.blocks.iter().map(|block| self.space.from_block(block));
                let before: Vec<PacketSet> = before.collect();
                (self.space.any_of(before.into_iter().chain([set])), Some(known))
            }
            None => (set, None),
        };
        let blocks = blocks(&mut self.space, set);
        if let Some(known) = known {
            known.portion.blocks = blocks;
            if rarity(&witness) < rarity(&known.portion.witness) {
                known.portion.witness = witness;
            }
        } else {
            let portion = Portion { only, what, sent, blocks, witness, doubtful, cause: 0 };
            list.push(Found { portion, edits });
        }
    }

    /// A packet of a set, best one that people know.
    fn everyday(&mut self, set: PacketSet) -> Option<Packet> {
        let world = self.space.well_formed();
        let set = self.space.and(set, world);
        for protocol in EVERYDAY {
            let some = self.space.compile(&Match::protocol(protocol));
            let some = self.space.and(set, some);
            if let Some(packet) = self.space.sample(some) {
                return Some(packet);
            }
        }
        self.space.sample(set)
    }

    /// What makes the difference for a packet that takes `path` in one snapshot: the edits, the packets for which it is the
    /// same, and whether the other snapshot does not tell what becomes of it.
    fn cause(
        &mut self,
        pair: &Pair,
        path: &FoundPath,
        packet: &Packet,
        wanted: Wanted,
    ) -> (BTreeSet<Edit>, Option<PacketSet>, bool) {
        let (here, there) = (side_of(wanted.only), 1 - side_of(wanted.only));
        let ([Some(side), Some(other)], [Some(known), Some(others)]) =
            ([here, there].map(|at| self.sides.get(at)), [here, there].map(|at| self.known.get(at)))
        else {
            return (BTreeSet::new(), None, false);
        };
        let ends = |side: &Side<'_>| Some((side.node(&pair.0)?, side.node(&pair.1)?));
        let arrives = |end: NodeId| {
            move |trace: &Trace| trace.end == end && trace.certain && trace.disposition.is_success()
        };
        let go = |side: &Side<'_>| {
            let (start, end) = ends(side)?;
            walk_to(side.graph, start, *packet, Session::Opening, arrives(end))
        };
        let trace = along(side.graph, path, *packet).or_else(|| go(side));
        let Some(trace) = trace else {
            let what = "the search and the walk disagree about a packet, which is a defect of netproof";
            self.note(here, what.to_owned(), None, 1);
            return (BTreeSet::new(), None, false);
        };
        let view = View { here: known, there: others, here_is_new: wanted.only == Only::New };
        if wanted.replies {
            let opening = go(other);
            let back = answer_to(side.graph, &trace);
            let refuted = opening.as_ref().is_some_and(|opening| answer_to(other.graph, opening).is_some());
            let (Some(back), false) = (back, refuted) else {
                // Where a translator has a choice, other choices than the walk's may count.
                return (BTreeSet::new(), None, false);
            };
            let found = view.along(&back, opening.as_ref());
            let mut edits = found.edits;
            if edits.is_empty() {
                edits = view.along(&trace, None).edits;
            }
            return (edits, None, false);
        }
        let lost = |start: NodeId, end: Option<NodeId>| {
            let unsure = |trace: &Trace| {
                trace.disposition == Disposition::InsufficientInfo
                    || (!trace.certain && Some(trace.end) == end && trace.disposition.is_success())
            };
            walk_to(other.graph, start, *packet, Session::Opening, unsure).is_some()
        };
        let doubtful = other.node(&pair.0).is_some_and(|start| lost(start, other.node(&pair.1)));
        let refuted = go(other).is_some();
        let graph = side.graph;
        let found = view.along(&trace, None);
        if refuted && !wanted.asked_apart && !path_has_choice(graph, &trace) {
            let what = "the search and the walk disagree about a packet, which is a defect of netproof";
            self.note(there, what.to_owned(), None, 1);
        }
        let alike = found.first.map(|(index, accepted)| {
            let mut set = self.space.compile(&accepted);
            for hop in trace.hops.iter().take(index).rev() {
                set = self.space.preimage(set, &graph.edge(hop.edge).rewrite);
            }
            set
        });
        (found.edits, alike, doubtful)
    }

    fn finish(self) -> Difference {
        let edits: BTreeSet<Vec<Edit>> =
            self.pairs.values().flatten().map(|found| found.edits.iter().cloned().collect()).collect();
        let causes: Vec<Vec<Edit>> = edits.into_iter().collect();
        let mut pairs = Vec::new();
        for ((source, destination), list) in self.pairs {
            let [before, now] =
                self.reached.get(&(source.clone(), destination.clone())).copied().unwrap_or([true; 2]);
            let arrivals = list.iter().any(|found| matches!(found.portion.what, What::Arrival(_)));
            let kind = match (before, now) {
                (false, true) => Kind::Opened,
                (true, false) => Kind::Closed,
                _ if arrivals => Kind::Changed,
                _ => Kind::Answered,
            };
            let portion = |found: Found| {
                let edits: Vec<Edit> = found.edits.into_iter().collect();
                Portion { cause: causes.binary_search(&edits).unwrap_or(0), ..found.portion }
            };
            let mut portions: Vec<Portion> = list.into_iter().map(portion).collect();
            portions.sort_by(|a, b| {
                let key = |it: &Portion| (it.only, it.what, it.sent, it.cause);
                key(a).cmp(&key(b)).then_with(|| a.blocks.cmp(&b.blocks))
            });
            pairs.push(PairDifference { source, destination, kind, portions });
        }
        let unknowns = self.unknowns.into_iter();
        let unknowns = unknowns.map(|(what, [old, new])| DiffUnknown { what, old, new }).collect();
        Difference { pairs, causes, unknowns, truncated: self.truncated }
    }
}

/// Protocols that people know, the best known first.
const EVERYDAY: [u8; 3] = [6, 17, 1];

/// How little a packet tells people.
fn rarity(packet: &Packet) -> usize {
    let protocol = packet.get(Field::Protocol);
    EVERYDAY.iter().position(|&known| u128::from(known) == protocol).unwrap_or(EVERYDAY.len())
}

/// Packets of one path are divided by cause at most so often.
const MOST_ROUNDS: usize = 64;

fn side_of(only: Only) -> usize {
    match only {
        Only::Old => OLD,
        Only::New => NEW,
    }
}

/// The way of a packet along a path, rule by rule, if the walk's choices lead along it.
fn along(graph: &graph::ForwardingGraph, path: &FoundPath, packet: Packet) -> Option<Trace> {
    let mut hops = Vec::new();
    let mut at = packet;
    for &id in &path.edges {
        let named = graph.edge(id);
        let alike = |id: graph::EdgeId| {
            let edge = graph.edge(id);
            (edge.to, &edge.rewrite, edge.restores) == (named.to, &named.rewrite, named.restores)
                && edge.cause == named.cause
        };
        let open = applicable(graph, named.from, &at, Session::Opening);
        let edge = open.into_iter().find(|&(id, certain)| certain && alike(id))?.0;
        let after = graph.edge(edge).rewrite.apply(&at);
        hops.push(Hop { edge, before: at, after });
        at = after;
    }
    let trace = replay(graph, path.source, packet, &hops, Session::Opening).ok()?;
    trace.certain.then_some(trace)
}

/// Whether a translator on the way has a choice, so that other packets than the walk's may arrive.
fn path_has_choice(graph: &graph::ForwardingGraph, trace: &Trace) -> bool {
    let assignments = trace.hops.iter().flat_map(|hop| graph.edge(hop.edge).rewrite.assignments());
    assignments.into_iter().any(|(_, values)| values.count() > 1)
}

/// A set as disjoint products of packets that exist, whatever the tags beside their headers.
fn blocks(space: &mut HeaderSpace, set: PacketSet) -> Vec<Block> {
    let set = space.exists(set, Field::Identity);
    let set = space.exists(set, Field::Phase);
    let narrow = |field| Match::In(field, Ranges::range(0..=u32::MAX.into()));
    let exists = Match::any_of([
        Match::family(Family::V6),
        Match::all_of([Match::family(Family::V4), narrow(Field::SrcIp), narrow(Field::DstIp)]),
    ]);
    let exists = space.compile(&exists);
    let set = space.and(set, exists);
    let world = space.well_formed();
    let all = space.blocks(set);
    let of = |block: &Block, space: &mut HeaderSpace| {
        let set = space.from_block(block);
        space.overlaps(set, world)
    };
    all.into_iter().filter(|block| of(block, space)).collect()
}
