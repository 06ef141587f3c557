//! Terms over header fields.

mod text;

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;

use ipnet::IpNet;

use crate::field::{Family, Field};
use crate::packet::{ICMP, ICMPV6, Packet, TCP, UDP};
use crate::ranges::Ranges;

pub(crate) use text::values_text;

/// A term over header fields: which packets a filter, route or guard is about.
///
/// [`Match::accepts`] is the meaning. Terms compare by form, not by meaning: two different terms
/// may accept the same packets ([`HeaderSpace`](crate::HeaderSpace) tells). Cloning is cheap.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Match {
    /// Every packet.
    All,
    /// Packets whose field has one of the values.
    In(Field, Ranges),
    /// Packets that the inner term rejects.
    Not(Arc<Match>),
    /// Packets that every part accepts; with no parts, every packet.
    AllOf(Arc<[Match]>),
    /// Packets that some part accepts; with no parts, none.
    AnyOf(Arc<[Match]>),
}

impl Match {
    /// Whether the term accepts `packet`.
    pub fn accepts(&self, packet: &Packet) -> bool {
        match self {
            Match::All => true,
            Match::In(field, values) => values.contains(packet.get(*field)),
            Match::Not(inner) => !inner.accepts(packet),
            Match::AllOf(parts) => parts.iter().all(|m| m.accepts(packet)),
            Match::AnyOf(parts) => parts.iter().any(|m| m.accepts(packet)),
        }
    }

    /// Returns the term that accepts nothing.
    pub fn never() -> Match {
        Match::AnyOf(Arc::new([]))
    }

    /// Returns the term that accepts what every part accepts.
    ///
    /// Parts that accept everything are dropped; a part that plainly accepts nothing decides.
    pub fn all_of(parts: impl IntoIterator<Item = Match>) -> Match {
        let mut kept = Vec::new();
        for part in parts {
            if part.is_plainly_never() {
                return Match::never();
            }
            if part != Match::All {
                kept.push(part);
            }
        }
        match kept.len() {
            0 => Match::All,
            1 => kept.swap_remove(0),
            _ => Match::AllOf(kept.into()),
        }
    }

    /// Returns the term that accepts what some part accepts.
    ///
    /// Parts that plainly accept nothing are dropped, a part that accepts everything decides, and
    /// value sets of the same field are joined at the place of the first.
    pub fn any_of(parts: impl IntoIterator<Item = Match>) -> Match {
        let mut kept: Vec<Match> = Vec::new();
        // Per field: where its joined term stands, and all the value sets to join there.
        let mut joined: Vec<(Field, usize, Vec<Ranges>)> = Vec::new();
        for part in parts {
            match part {
                Match::All => return Match::All,
                never if never.is_plainly_never() => {}
                Match::In(field, values) => {
                    if let Some((.., sets)) = joined.iter_mut().find(|(f, ..)| *f == field) {
                        sets.push(values);
                    } else {
                        joined.push((field, kept.len(), vec![values.clone()]));
                        kept.push(Match::In(field, values));
                    }
                }
                other => kept.push(other),
            }
        }
        for (field, at, sets) in joined.into_iter().filter(|(.., sets)| sets.len() > 1) {
            if let Some(slot) = kept.get_mut(at) {
                *slot = Match::In(field, sets.iter().flat_map(Ranges::iter).collect());
            }
        }
        match kept.len() {
            1 => kept.swap_remove(0),
            _ => Match::AnyOf(kept.into()),
        }
    }

    /// Returns the term that accepts what `inner` rejects.
    #[expect(clippy::should_implement_trait, reason = "an associated function like `all_of` and `any_of`")]
    pub fn not(inner: Match) -> Match {
        match inner {
            Match::All => Match::never(),
            Match::Not(doubly) => Arc::unwrap_or_clone(doubly),
            never if never.is_plainly_never() => Match::All,
            other => Match::Not(Arc::new(other)),
        }
    }

    /// Returns the term for packets of the IP protocol with number `protocol`.
    pub fn protocol(protocol: u8) -> Match {
        Match::In(Field::Protocol, Ranges::single(protocol.into()))
    }

    /// Returns the term for packets of `family`.
    pub fn family(family: Family) -> Match {
        Match::In(Field::Family, Ranges::single(family.value()))
    }

    /// Returns the term for packets whose source is in `net`; they have the family of `net`.
    pub fn src_in(net: IpNet) -> Match {
        address_in(Field::SrcIp, [net])
    }

    /// Returns the term for packets whose destination is in `net`; they have the family of `net`.
    pub fn dst_in(net: IpNet) -> Match {
        address_in(Field::DstIp, [net])
    }

    /// Returns the term for packets whose source is in one of `nets`; with no nets, nothing.
    pub fn src_any_of(nets: impl IntoIterator<Item = IpNet>) -> Match {
        address_in(Field::SrcIp, nets)
    }

    /// Returns the term for packets whose destination is in one of `nets`; with no nets, nothing.
    pub fn dst_any_of(nets: impl IntoIterator<Item = IpNet>) -> Match {
        address_in(Field::DstIp, nets)
    }

    /// Returns the term for packets whose `field`, one of the ports, is in `ports`. Says nothing about
    /// the protocol.
    pub fn ports(field: Field, ports: RangeInclusive<u16>) -> Match {
        Match::In(field, Ranges::range((*ports.start()).into()..=(*ports.end()).into()))
    }

    /// Returns the term for the packets that can exist; see [`Packet::is_well_formed`].
    pub fn well_formed() -> Match {
        let zero = |field| Match::In(field, Ranges::single(0));
        let narrow = |field| Match::In(field, Ranges::range(0..=u32::MAX.into()));
        let is_icmp = |family, protocol| Match::all_of([Match::family(family), Match::protocol(protocol)]);
        Match::all_of([
            Match::any_of([
                Match::family(Family::V6),
                Match::all_of([narrow(Field::DstIp), narrow(Field::SrcIp)]),
            ]),
            Match::any_of([
                Match::protocol(TCP),
                Match::protocol(UDP),
                Match::all_of([zero(Field::DstPort), zero(Field::SrcPort)]),
            ]),
            Match::any_of([
                is_icmp(Family::V4, ICMP),
                is_icmp(Family::V6, ICMPV6),
                Match::all_of([zero(Field::IcmpType), zero(Field::IcmpCode)]),
            ]),
        ])
    }

    /// Whether the term accepts nothing by its outermost form alone.
    fn is_plainly_never(&self) -> bool {
        match self {
            Match::In(_, values) => values.is_empty(),
            Match::AnyOf(parts) => parts.is_empty(),
            Match::All | Match::Not(_) | Match::AllOf(_) => false,
        }
    }
}

/// `field` is in one of `nets`: one term per family.
fn address_in(field: Field, nets: impl IntoIterator<Item = IpNet>) -> Match {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for net in nets {
        match net {
            IpNet::V4(_) => v4.push(interval(net)),
            IpNet::V6(_) => v6.push(interval(net)),
        }
    }
    Match::any_of([(Family::V4, v4), (Family::V6, v6)].into_iter().filter(|(_, nets)| !nets.is_empty()).map(
        |(family, nets)| Match::all_of([Match::family(family), Match::In(field, nets.into_iter().collect())]),
    ))
}

fn interval(net: IpNet) -> RangeInclusive<u128> {
    let number = |address| match address {
        IpAddr::V4(narrow) => u128::from(u32::from(narrow)),
        IpAddr::V6(wide) => u128::from(wide),
    };
    number(net.network())..=number(net.broadcast())
}
