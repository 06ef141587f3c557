//! Generators shared by the tests: terms, packets near the borders of terms, toy spaces.
#![allow(dead_code, unreachable_pub, reason = "every test file uses its own part")]
#![allow(clippy::indexing_slicing, reason = "the lint's exception for tests covers test functions only")]

use std::sync::Arc;

use headerspace::{Field, Layout, Match, Packet, Ranges, Rewrite};
use proptest::collection::vec;
use proptest::prelude::*;

/// A space so small that every packet can be listed: some fields with few bits, the rest with none.
pub fn toy(widths: &[(Field, u8)]) -> Layout {
    let none = Field::ALL.into_iter().fold(Layout::default(), |layout, field| layout.with_width(field, 0));
    widths.iter().fold(none, |layout, &(field, bits)| layout.with_width(field, bits))
}

/// Four fields of three bits, in three orders, and once with the tags among them.
pub fn toys() -> Vec<Layout> {
    use Field::{DstIp, DstPort, Identity, Phase, Protocol, SrcIp};
    let plain = toy(&[(Protocol, 3), (DstIp, 3), (SrcIp, 3), (DstPort, 3)]);
    vec![
        plain.clone().with_order([SrcIp, DstIp, Protocol]),
        plain.clone().with_order([DstPort, SrcIp]),
        plain.clone().with_width(DstPort, 0).with_width(Identity, 2).with_width(Phase, 1),
        plain,
    ]
}

/// Every packet of `layout`.
pub fn every_packet(layout: &Layout) -> Vec<Packet> {
    let unspecified = std::net::Ipv4Addr::UNSPECIFIED.into();
    let mut packets = vec![Packet::other(unspecified, unspecified, 0)];
    for field in Field::ALL {
        packets = packets
            .iter()
            .flat_map(|packet| (0..=layout.max(field)).map(|value| packet.with(field, value)))
            .collect();
    }
    packets
}

/// A value of `field` in `layout`: often one where something changes, otherwise any.
pub fn value(layout: &Layout, field: Field) -> BoxedStrategy<u128> {
    let max = layout.max(field);
    if max <= 15 {
        return (0..=max).boxed();
    }
    let known: Vec<u128> = match field {
        Field::Protocol => vec![0, 1, 6, 17, 58],
        Field::DstIp | Field::SrcIp => vec![0, 0x0a00_0000, 0x0a00_00ff, 0xffff_ffff, 0x1_0000_0000, max],
        Field::DstPort | Field::SrcPort => vec![0, 22, 443, 1023, 1024, 49152, max],
        Field::IcmpType => vec![0, 8, 13, 14, 128, 129],
        Field::Family | Field::IcmpCode | Field::Identity | Field::Phase => vec![0, 1, max],
    };
    let known = known.into_iter().filter(|&value| value <= max).collect::<Vec<_>>();
    prop_oneof![3 => prop::sample::select(known), 1 => 0..=max].boxed()
}

pub fn ranges(layout: &Layout, field: Field) -> BoxedStrategy<Ranges> {
    let ends = (value(layout, field), value(layout, field));
    vec(ends, 0..4).prop_map(|pairs| pairs.into_iter().map(|(a, b)| a.min(b)..=a.max(b)).collect()).boxed()
}

/// The fields of `layout` that can vary.
pub fn fields(layout: &Layout) -> Vec<Field> {
    Field::ALL.into_iter().filter(|&field| layout.width(field) > 0).collect()
}

/// Any term, made with and without the simplifying constructors.
pub fn term(layout: &Layout) -> BoxedStrategy<Match> {
    let values = |field| ranges(layout, field).prop_map(move |values| Match::In(field, values)).boxed();
    let leaves: Vec<BoxedStrategy<Match>> = fields(layout).into_iter().map(values).collect();
    prop_oneof![1 => Just(Match::All), 1 => Just(Match::never()), 12 => prop::strategy::Union::new(leaves)]
        .prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                inner.clone().prop_map(Match::not),
                inner.clone().prop_map(|m| Match::Not(Arc::new(m))),
                vec(inner.clone(), 0..4).prop_map(Match::all_of),
                vec(inner.clone(), 0..4).prop_map(|parts| Match::AllOf(parts.into())),
                vec(inner.clone(), 0..4).prop_map(Match::any_of),
                vec(inner, 0..4).prop_map(|parts| Match::AnyOf(parts.into())),
            ]
        })
        .boxed()
}

pub fn rewrite(layout: &Layout) -> BoxedStrategy<Rewrite> {
    let layout = layout.clone();
    vec(prop::sample::select(fields(&layout)), 0..3)
        .prop_flat_map(move |chosen| {
            chosen.into_iter().map(|f| ranges(&layout, f).prop_map(move |r| (f, r))).collect::<Vec<_>>()
        })
        .prop_map(|assignments| {
            assignments
                .into_iter()
                .fold(Rewrite::identity(), |all, (field, values)| all.assign(field, values))
        })
        .boxed()
}

/// Packets whose fields sit on or just beside the borders that `terms` mention.
pub fn packets_near(terms: &[&Match], seed: u64, count: usize) -> Vec<Packet> {
    let mut borders: Vec<Vec<u128>> = vec![vec![0]; Field::COUNT];
    for term in terms {
        collect_borders(term, &mut borders);
    }
    collect_borders(&Match::well_formed(), &mut borders);
    let mut state = seed | 1;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let unspecified = std::net::Ipv4Addr::UNSPECIFIED.into();
    (0..count)
        .map(|_| {
            let mut packet = Packet::other(unspecified, unspecified, 0);
            for (field, values) in Field::ALL.into_iter().zip(&borders) {
                packet.set(field, values[next(values.len())]);
            }
            packet
        })
        .collect()
}

fn collect_borders(term: &Match, borders: &mut [Vec<u128>]) {
    match term {
        Match::All => {}
        Match::In(field, values) => {
            for interval in values.iter() {
                let (first, last) = interval.into_inner();
                let (before, after) = (first.saturating_sub(1), last.saturating_add(1).min((*field).max()));
                borders[*field as usize].extend([before, first, last, after]);
            }
        }
        Match::Not(inner) => collect_borders(inner, borders),
        Match::AllOf(parts) | Match::AnyOf(parts) => {
            for part in parts.iter() {
                collect_borders(part, borders);
            }
        }
    }
}
