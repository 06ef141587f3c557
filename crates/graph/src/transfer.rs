//! What an edge does to packets.

use headerspace::{Match, Rewrite};

use crate::Port;

/// Which packets of a conversation may use an edge.
///
/// INVARIANT: edges that replies may use, those of [`Flow::Any`] and [`Flow::Reply`], do not assign
/// [`Field::Identity`](headerspace::Field::Identity). What the network remembers of a sender matters to the packet that
/// opens a conversation; a reply has identity 0, and one that got another would be no reply to anything and come home
/// to nobody. Kept by those who make edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flow {
    /// All packets.
    Any,
    /// Only packets that open a conversation.
    Opening,
    /// Only replies.
    Reply,
}

/// The transfer function of an edge: a guard, then a rewrite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Packets that may pass.
    pub guard: Match,
    /// What happens to those that do. It must leave well-formed packets well-formed: no ports for packets without. Only
    /// edges for opening packets may assign the identity (see [`Flow`]).
    pub rewrite: Rewrite,
    /// Which packets of a conversation it is for.
    pub flow: Flow,
    /// Replies only: the translation that the opening packet got on its way out of this port is undone. A reply to
    /// a packet that did not go that way is not accepted. Belongs at nodes of free choice: at a first-match node,
    /// engines cannot tell for which packets the edge hides later ones.
    pub restores: Option<Port>,
    /// Order among the edges of a [`FirstMatch`](crate::Choice::FirstMatch) node: lower goes first. Unused elsewhere.
    pub rank: u32,
    /// `false`: whether packets really pass is not known; whoever passes has an uncertain path.
    pub certain: bool,
}

impl Transfer {
    /// Lets everything pass unchanged.
    pub fn all() -> Self {
        Self::only(Match::All)
    }

    /// Lets `guard` pass unchanged.
    pub fn only(guard: Match) -> Self {
        Self { guard, rewrite: Rewrite::identity(), flow: Flow::Any, restores: None, rank: 0, certain: true }
    }

    /// The same, and rewrites.
    #[must_use]
    pub fn rewriting(mut self, rewrite: Rewrite) -> Self {
        self.rewrite = rewrite;
        self
    }

    /// The same, for these packets of a conversation only.
    #[must_use]
    pub fn for_flow(mut self, flow: Flow) -> Self {
        self.flow = flow;
        self
    }

    /// For replies only, undoing the translation that happened on leaving `port`.
    #[must_use]
    pub fn restoring(mut self, port: Port) -> Self {
        self.flow = Flow::Reply;
        self.restores = Some(port);
        self
    }

    /// The same at this place in the order.
    #[must_use]
    pub fn ranked(mut self, rank: u32) -> Self {
        self.rank = rank;
        self
    }

    /// The same, but nobody knows whether packets really pass.
    #[must_use]
    pub fn uncertain(mut self) -> Self {
        self.certain = false;
        self
    }
}
