//! Toy spaces: every operation checked for every packet there is.

mod common;

use common::{every_packet, ranges, rewrite, term, toy, toys};
use headerspace::{Field, HeaderSpace, Layout, Match, Packet, PacketSet, Rewrite};
use proptest::prelude::*;

/// The packets of `layout` that `set` holds, as one flag per packet.
fn members(space: &HeaderSpace, set: PacketSet, packets: &[Packet]) -> Vec<bool> {
    packets.iter().map(|packet| space.contains(set, packet)).collect()
}

fn accepted(term: &Match, packets: &[Packet]) -> Vec<bool> {
    packets.iter().map(|packet| term.accepts(packet)).collect()
}

fn toy_layout() -> impl Strategy<Value = Layout> {
    prop::sample::select(toys())
}

fn one_toy<T: std::fmt::Debug>(
    strategies: impl Fn(&Layout) -> BoxedStrategy<T>,
) -> impl Strategy<Value = (Layout, T)> {
    toy_layout().prop_flat_map(move |layout| (Just(layout.clone()), strategies(&layout)))
}

/// A space with ICMP queries and replies, TCP and UDP, in both families, of senders known and forgotten.
fn talkative() -> Layout {
    use Field::{DstIp, DstPort, Family, IcmpCode, IcmpType, Identity, Protocol, SrcIp, SrcPort};
    toy(&[
        (Family, 1),
        (Protocol, 5),
        (DstIp, 2),
        (SrcIp, 1),
        (DstPort, 1),
        (SrcPort, 1),
        (IcmpType, 4),
        (IcmpCode, 0),
        (Identity, 1),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn operations_agree_with_sets_of_packets(
        (layout, (a, b)) in one_toy(|layout| (term(layout), term(layout)).boxed()),
    ) {
        let packets = every_packet(&layout);
        let mut s = HeaderSpace::with_layout(layout);
        let (set_a, set_b) = (s.compile(&a), s.compile(&b));
        let (in_a, in_b) = (accepted(&a, &packets), accepted(&b, &packets));
        prop_assert_eq!(&members(&s, set_a, &packets), &in_a);
        let pairs = || in_a.iter().zip(&in_b);
        let (and, or, minus, not) = (s.and(set_a, set_b), s.or(set_a, set_b), s.minus(set_a, set_b), s.not(set_a));
        prop_assert_eq!(members(&s, and, &packets), pairs().map(|(&a, &b)| a && b).collect::<Vec<_>>());
        prop_assert_eq!(members(&s, or, &packets), pairs().map(|(&a, &b)| a || b).collect::<Vec<_>>());
        prop_assert_eq!(members(&s, minus, &packets), pairs().map(|(&a, &b)| a && !b).collect::<Vec<_>>());
        prop_assert_eq!(members(&s, not, &packets), in_a.iter().map(|&a| !a).collect::<Vec<_>>());
        // Canonical: equal sets, equal handles.
        prop_assert_eq!(set_a == set_b, in_a == in_b);
        prop_assert_eq!(s.overlaps(set_a, set_b), pairs().any(|(&a, &b)| a && b));
        prop_assert_eq!(s.is_subset(set_a, set_b), pairs().all(|(&a, &b)| !a || b));
        let size = f64::from(u32::try_from(in_a.iter().filter(|&&a| a).count()).unwrap());
        prop_assert!((s.count(set_a) - size).abs() < 0.5);
        let chosen = s.sample(set_a);
        prop_assert_eq!(chosen.is_some(), in_a.contains(&true));
        prop_assert!(chosen.is_none_or(|packet| a.accepts(&packet)));
        for field in Field::ALL {
            let shown = packets.iter().zip(&in_a).filter(|(_, a)| **a).map(|(p, _)| p.get(field)..=p.get(field));
            prop_assert_eq!(s.project(set_a, field), shown.collect());
        }
        prop_assert_eq!(s.check_invariants(), Ok(()));
    }

    #[test]
    fn blocks_are_disjoint_and_cover((layout, a) in one_toy(term)) {
        let packets = every_packet(&layout);
        let mut s = HeaderSpace::with_layout(layout);
        let set = s.compile(&a);
        let blocks = s.blocks(set);
        for packet in &packets {
            let inside = |block: &&headerspace::Block| {
                Field::ALL.into_iter().all(|field| block.get(field).contains(packet.get(field)))
            };
            prop_assert_eq!(blocks.iter().filter(inside).count(), usize::from(a.accepts(packet)));
        }
        let parts: Vec<PacketSet> = blocks.iter().map(|block| s.from_block(block)).collect();
        prop_assert_eq!(s.any_of(parts), set);
        let back = s.to_match(set);
        prop_assert_eq!(s.compile(&back), set);
        prop_assert_eq!(s.check_invariants(), Ok(()));
    }

    #[test]
    fn image_and_preimage_are_exact(
        (layout, (before, after, rewrite)) in one_toy(|l| (term(l), term(l), rewrite(l)).boxed()),
    ) {
        let packets = every_packet(&layout);
        let mut s = HeaderSpace::with_layout(layout.clone());
        let (from, to) = (s.compile(&before), s.compile(&after));
        let (image, preimage) = (s.image(from, &rewrite), s.preimage(to, &rewrite));
        for packet in &packets {
            // Packets `allows` relates to this one differ in the assigned fields only.
            let kin = variants(&layout, packet, &rewrite);
            let comes = kin.iter().any(|other| before.accepts(other) && rewrite.allows(other, packet));
            prop_assert_eq!(s.contains(image, packet), comes, "image {} {}", rewrite, packet);
            let goes = kin.iter().any(|other| after.accepts(other) && rewrite.allows(packet, other));
            prop_assert_eq!(s.contains(preimage, packet), goes, "preimage {} {}", rewrite, packet);
            if rewrite.assignments().iter().all(|(_, values)| !values.is_empty()) {
                prop_assert!(rewrite.allows(packet, &rewrite.apply(packet)));
            }
        }
        // Adjoint: the image of one set meets the other iff the preimage of the other meets the one.
        prop_assert_eq!(s.overlaps(image, to), s.overlaps(from, preimage));
        prop_assert_eq!(s.check_invariants(), Ok(()));
    }

    #[test]
    fn exists_forgets_one_field(
        (layout, (a, field)) in one_toy(|l| (term(l), prop::sample::select(Field::ALL.to_vec())).boxed()),
    ) {
        let mut s = HeaderSpace::with_layout(layout.clone());
        let set = s.compile(&a);
        let freed = s.exists(set, field);
        for packet in every_packet(&layout) {
            let some = (0..=layout.max(field)).any(|value| a.accepts(&packet.with(field, value)));
            prop_assert_eq!(s.contains(freed, &packet), some);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn reverse_and_reverse_back_follow_reply(
        a in term(&talkative()),
        first in prop::sample::select(vec![Field::SrcIp, Field::Family, Field::Identity]),
    ) {
        let layout = talkative().with_width(Field::SrcIp, 2).with_order([first]);
        let packets = every_packet(&layout);
        let mut s = HeaderSpace::with_layout(layout.clone());
        let set = s.compile(&a);
        let (replies, senders, silent) = (s.reverse(set), s.reverse_back(set), s.without_reply());
        let fits = |packet: &Packet| Field::ALL.into_iter().all(|f| packet.get(f) <= layout.max(f));
        let mut expected = s.empty();
        let mut sent = Vec::new();
        for packet in &packets {
            let reply = packet.reply();
            let lands = packet.is_well_formed() && reply.is_some_and(|r| fits(&r) && a.accepts(&r));
            prop_assert_eq!(s.contains(senders, packet), lands, "{:?}", packet);
            prop_assert_eq!(s.contains(silent, packet), packet.is_well_formed() && reply.is_none());
            if let Some(reply) = reply.filter(|r| a.accepts(packet) && fits(r)) {
                prop_assert!(s.contains(replies, &reply), "{:?}", reply);
                sent.push(reply);
            }
        }
        sent.sort_unstable();
        sent.dedup();
        expected = s.or(expected, replies);
        #[expect(clippy::cast_precision_loss, reason = "few packets")]
        let count = sent.len() as f64;
        prop_assert!((s.count(expected) - count).abs() < 0.5);
        prop_assert_eq!(s.check_invariants(), Ok(()));
    }
}

/// All packets that differ from `packet` in the assigned fields only.
fn variants(layout: &Layout, packet: &Packet, rewrite: &Rewrite) -> Vec<Packet> {
    let mut found = vec![*packet];
    for (field, _) in rewrite.assignments() {
        found =
            found.iter().flat_map(|p| (0..=layout.max(*field)).map(|value| p.with(*field, value))).collect();
    }
    found
}

proptest! {
    #[test]
    fn ranges_agree_with_sets_of_values(a in small_ranges(), b in small_ranges(), max in 0_u128..40) {
        for v in 0..40 {
            let (in_a, in_b) = (a.contains(v), b.contains(v));
            prop_assert_eq!(in_a, a.iter().any(|i| i.contains(&v)));
            prop_assert_eq!(a.union(&b).contains(v), in_a || in_b);
            prop_assert_eq!(a.intersect(&b).contains(v), in_a && in_b);
            prop_assert_eq!(a.subtract(&b).contains(v), in_a && !in_b);
            prop_assert_eq!(a.complement(max).contains(v), !in_a && v <= max);
        }
        for set in [a.union(&b), a.intersect(&b), a.subtract(&b), a.complement(max)] {
            let ends: Vec<(u128, u128)> = set.iter().map(std::ops::RangeInclusive::into_inner).collect();
            prop_assert!(ends.iter().all(|(first, last)| first <= last));
            prop_assert!(ends.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0));
            prop_assert_eq!(set.count(), ends.iter().map(|(first, last)| last - first + 1).sum::<u128>());
            prop_assert_eq!(set.iter().collect::<headerspace::Ranges>(), set);
        }
    }
}

fn small_ranges() -> BoxedStrategy<headerspace::Ranges> {
    ranges(&toy(&[(Field::DstPort, 5)]), Field::DstPort)
}
