//! Answers.

use std::sync::Arc;

use graph::{Cause, Disposition, EdgeId, NodeId, Trace};
use headerspace::{Block, Match};

/// Whether some packet that fits the question gets through.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Yes, this one does.
    Reachable(Box<Witness>),
    /// No; this is where packets stop, most advanced first.
    Unreachable(Vec<Blocked>),
    /// The graph does not tell.
    Unknown(Vec<Why>),
}

/// A packet that gets through, replayed step by step, and all packets that can take the same path.
#[derive(Debug, Clone)]
pub struct Witness {
    /// The way there.
    pub forward: Trace,
    /// The way back, if it was asked for and the packet is of a kind that is answered.
    pub back: Option<Trace>,
    /// The path in full.
    pub path: FoundPath,
    /// All headers at the source that can take the same path (and back, if that was asked for); silent about the
    /// identity.
    pub headers: Match,
}

/// Where packets stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// The node.
    pub node: NodeId,
    /// What becomes of them there.
    pub disposition: Disposition,
    /// The rule that refuses them, if one does so explicitly.
    pub cause: Option<Arc<Cause>>,
    /// Steps from the source.
    pub hops: usize,
    /// Whether it is the reply that stops.
    pub reply: bool,
    /// One packet that stops here, as it is here.
    pub packet: headerspace::Packet,
    /// The edges taken so far.
    pub edges: Vec<EdgeId>,
}

/// Why an answer is unknown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Why {
    /// The missing or unmodelled thing.
    pub cause: Arc<Cause>,
    /// Whether it is the reply's way that is unknown.
    pub reply: bool,
}

/// Every path of a question.
#[derive(Debug, Clone, Default)]
pub struct Paths {
    /// Paths without uncertain steps, sorted by source, destination and edges.
    pub found: Vec<FoundPath>,
    /// What might add to them, sorted.
    pub doubts: Vec<Doubt>,
    /// Whether there are more paths than were asked for, or the limit of steps was reached: nothing follows from what is
    /// not among them.
    pub truncated: bool,
    /// What it took.
    pub work: Work,
}

/// A path with one rule per filter, and its packets.
#[derive(Debug, Clone)]
pub struct FoundPath {
    /// Where it starts.
    pub source: NodeId,
    /// Where it ends.
    pub destination: NodeId,
    /// Its steps.
    pub edges: Vec<EdgeId>,
    /// Its packets: products of field values, in a fixed order. Disjoint, but for translations with a choice, where
    /// tracks of the same packets may differ in what is chosen.
    pub tracks: Vec<Track>,
    /// Whether replies get back to the source.
    pub replies: Replies,
}

/// One product of field values and how it changes along a path.
#[derive(Debug, Clone)]
pub struct Track {
    /// The headers at the source.
    pub first: Block,
    /// The headers after each step that changes them or their identity, with the index of the step.
    pub changes: Vec<(usize, Block)>,
}

impl Track {
    /// The headers at the destination.
    pub fn last(&self) -> &Block {
        self.changes.last().map_or(&self.first, |(_, block)| block)
    }

    /// The steps that change the headers, with the headers before and after: without steps after which the network
    /// remembers something else of the same headers.
    pub fn header_changes(&self) -> impl Iterator<Item = (usize, &Block, &Block)> {
        let befores = std::iter::once(&self.first).chain(self.changes.iter().map(|(_, block)| block));
        let changes = self.changes.iter().zip(befores).map(|((step, after), before)| (*step, before, after));
        changes.filter(|(_, before, after)| !before.same_headers(after))
    }
}

/// Whether replies to a path's packets get back to the source.
///
/// Where a translator has a choice on the way, a packet counts if its reply gets back for some choice. Packets of a kind
/// that nothing answers count as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replies {
    /// To all of them.
    All,
    /// To these of them, as they are at the source; silent about the identity.
    Some(Match),
    /// To none.
    None,
    /// Whether to any is not known, for these reasons.
    Unknown(Vec<Arc<Cause>>),
    /// Not looked for.
    NotAsked,
}

/// Something that the graph does not tell and on which further paths may depend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// What is missing or not modelled.
    pub cause: Arc<Cause>,
    /// How many sources can get that far.
    pub sources: usize,
    /// One of them.
    pub source: NodeId,
    /// The edges from there to the missing thing.
    pub edges: Vec<EdgeId>,
    /// A packet that gets there, as it starts.
    pub packet: headerspace::Packet,
}

/// Exact counts of what was done: the same on every machine, whatever the number of threads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Edges compiled to packet sets.
    pub edges: u64,
    /// Nodes for which it was worked out what can still get through.
    pub nodes: u64,
    /// Steps tried while following paths, successful or not.
    pub steps: u64,
    /// Steps tried while following replies.
    pub reply_steps: u64,
    /// Paths found, one rule per filter.
    pub paths: u64,
}

impl std::ops::AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        self.edges += other.edges;
        self.nodes += other.nodes;
        self.steps += other.steps;
        self.reply_steps += other.reply_steps;
        self.paths += other.paths;
    }
}
