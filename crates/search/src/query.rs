//! Questions.

use std::collections::BTreeSet;

use graph::{NodeId, ResourceId};
use headerspace::Match;

use crate::Answer;

/// Which way packets must get through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Direction {
    /// The first packet arrives.
    Forward,
    /// The first packet arrives, and its reply gets back to the sender.
    #[default]
    RoundTrip,
}

/// One question about a graph: which packets get from some nodes to others.
///
/// Packets start with [`Field::Identity`](headerspace::Field::Identity) 0: at its source a packet is known by its source
/// address. What the network makes of that on the way, guards and `at_destination` see.
#[derive(Debug, Clone)]
pub struct PathQuery {
    /// Nodes where packets start; each is the `departs` node of an end.
    pub sources: Vec<NodeId>,
    /// Nodes where they are to arrive; each is the `arrives` node of an end.
    pub destinations: Vec<NodeId>,
    /// What the packet is like at its source, where its identity is 0.
    pub at_source: Match,
    /// What the packet is like at its destination, after all translation.
    pub at_destination: Match,
    /// Packets lost to missing information count as "perhaps arriving" if they are like this where they are lost.
    pub perhaps: Match,
    /// Resources that the path must pass: one of each set.
    pub through: Vec<BTreeSet<ResourceId>>,
    /// Packets that are left out.
    pub except: Vec<Exception>,
    /// Which way packets must get through. Only [`Engine::answer`] uses it.
    pub direction: Direction,
    /// At most this many paths are returned.
    pub most: usize,
}

/// Packets that a question leaves out: those of all paths that fit, at the headers given.
#[derive(Debug, Clone)]
pub struct Exception {
    /// Sources it is about; `None` is all.
    pub sources: Option<BTreeSet<NodeId>>,
    /// Destinations it is about; `None` is all.
    pub destinations: Option<BTreeSet<NodeId>>,
    /// Resources that the path must pass for it to apply: one of each set.
    pub through: Vec<BTreeSet<ResourceId>>,
    /// What the packet must be like at its source.
    pub at_source: Match,
    /// What it must be like at its destination.
    pub at_destination: Match,
}

impl Exception {
    /// All packets of paths that pass one of these resources.
    pub fn passing(resources: BTreeSet<ResourceId>) -> Self {
        Self {
            sources: None,
            destinations: None,
            through: vec![resources],
            at_source: Match::All,
            at_destination: Match::All,
        }
    }
}

impl PathQuery {
    /// All packets from any of `sources` to any of `destinations`, and back.
    pub fn between(
        sources: impl IntoIterator<Item = NodeId>,
        destinations: impl IntoIterator<Item = NodeId>,
    ) -> Self {
        Self {
            sources: sources.into_iter().collect(),
            destinations: destinations.into_iter().collect(),
            at_source: Match::All,
            at_destination: Match::All,
            perhaps: Match::All,
            through: Vec::new(),
            except: Vec::new(),
            direction: Direction::default(),
            most: usize::MAX,
        }
    }

    /// The same for this direction.
    #[must_use]
    pub fn in_direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }
}

/// One way of answering path queries about one graph, for which it was made.
pub trait Engine {
    /// Whether some packet that fits gets through. `Unknown` rather than a guess.
    fn answer(&mut self, query: &PathQuery) -> Answer;
}
