//! What becomes of a packet, and how a node chooses among its edges.

use std::fmt;

/// What becomes of a packet in the end.
///
/// Three classes: success ([`Delivered`](Self::Delivered), [`ExitsNetwork`](Self::ExitsNetwork)), failure, and
/// [`InsufficientInfo`](Self::InsufficientInfo), which is neither: the snapshot does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// Arrived at an end inside the network.
    Delivered,
    /// Left the modelled network at one of its borders.
    ExitsNetwork,
    /// Refused by a filter or by a component that does not carry such packets.
    Denied,
    /// No route, or nobody has the destination address.
    NoRoute,
    /// Taken by a route that leads nowhere.
    Blackhole,
    /// Came back to where it had been with the same header.
    Loop,
    /// The snapshot does not say what happens.
    InsufficientInfo,
}

impl Disposition {
    /// The dispositions that a packet may be *sent to* by an edge, in their order.
    pub const REFUSALS: [Self; 4] = [Self::Denied, Self::NoRoute, Self::Blackhole, Self::InsufficientInfo];

    /// Whether the packet got somewhere.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Delivered | Self::ExitsNetwork)
    }

    /// The word used in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::ExitsNetwork => "exits-network",
            Self::Denied => "denied",
            Self::NoRoute => "no-route",
            Self::Blackhole => "blackhole",
            Self::Loop => "loop",
            Self::InsufficientInfo => "insufficient-info",
        }
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which of the edges that accept a packet a node uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Choice {
    /// Every accepting edge is a possible way: allow rules that are ORed, equal-cost ways.
    Any,
    /// Only the accepting edges of lowest rank: ordered rules, longest prefix first.
    FirstMatch,
}
