//! Nodes with many edges: galloping, copying runs of edges, sparse and crowded lists.

mod common;

use common::{every_packet, packets_near, term, toy};
use headerspace::{Field, HeaderSpace, Layout, Match, PacketSet, Ranges, Rule};
use proptest::collection::vec;
use proptest::prelude::*;

fn layout() -> Layout {
    toy(&[(Field::DstIp, 8), (Field::DstPort, 2), (Field::SrcIp, 2)])
}

/// A short interval of addresses with something to say about the fields below.
fn entry() -> impl Strategy<Value = Match> {
    (0_u128..256, 0_u128..6, 0_u128..4, 0_u128..4, 0_u8..4).prop_map(|(first, len, a, b, kind)| {
        let here = Match::In(Field::DstIp, Ranges::range(first..=(first + len).min(255)));
        let ports = Match::In(Field::DstPort, Ranges::range(a.min(b)..=a.max(b)));
        let sources = Match::In(Field::SrcIp, Ranges::single(b));
        match kind {
            0 => here,
            1 => Match::all_of([here, ports]),
            2 => Match::all_of([here, sources]),
            _ => Match::all_of([here, ports, sources]),
        }
    })
}

/// Up to `most` entries.
fn table(most: usize) -> impl Strategy<Value = Match> {
    vec(entry(), 0..most).prop_map(Match::any_of)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn small_against_large(large in table(80), small in table(3), flip: bool) {
        let (large, small) = if flip { (Match::not(large), small) } else { (large, small) };
        let packets = every_packet(&layout());
        let mut s = HeaderSpace::with_layout(layout());
        let (a, b) = (s.compile(&large), s.compile(&small));
        // Questions first: they must not need what the operations remember.
        let questions = [s.overlaps(a, b), s.overlaps(b, a), s.is_subset(a, b), s.is_subset(b, a)];
        let (or, and, less, rest) = (s.or(a, b), s.and(a, b), s.minus(a, b), s.minus(b, a));
        let none = s.empty();
        prop_assert_eq!(questions, [and != none, and != none, less == none, rest == none]);
        for p in &packets {
            let (in_a, in_b) = (large.accepts(p), small.accepts(p));
            prop_assert_eq!(s.contains(a, p), in_a);
            prop_assert_eq!(s.contains(or, p), in_a || in_b);
            prop_assert_eq!(s.contains(and, p), in_a && in_b);
            prop_assert_eq!(s.contains(less, p), in_a && !in_b);
            prop_assert_eq!(s.contains(rest, p), in_b && !in_a);
        }
        // Taking away or adding what makes no difference leaves the very node.
        prop_assert_eq!(s.or(or, b), or);
        prop_assert_eq!(s.or(b, or), or);
        prop_assert_eq!(s.minus(less, b), less);
        prop_assert_eq!(s.check_invariants(), Ok(()));
    }

    #[test]
    fn sparse_lists_are_swept(rules in vec((entry(), any::<bool>()), 32..90)) {
        let packets = every_packet(&layout());
        let mut s = HeaderSpace::with_layout(layout());
        let list: Vec<Rule> = rules
            .iter()
            .map(|(term, permit)| {
                let set = s.compile(term);
                if *permit { Rule::Permit(set) } else { Rule::Deny(set) }
            })
            .collect();
        let permitted = s.first_match(list);
        for p in &packets {
            let verdict = rules.iter().find(|(term, _)| term.accepts(p)).is_some_and(|(_, permit)| *permit);
            prop_assert_eq!(s.contains(permitted, p), verdict);
        }
        prop_assert_eq!(s.check_invariants(), Ok(()));
    }

    #[test]
    fn crowds_are_folded(
        rules in vec((0_u128..4096, 0_u128..4096, 0_u128..4, 0_u128..4, any::<bool>()), 250..400),
        all_permit: bool,
    ) {
        // So many pieces with so many rules alive that the sweep gives up.
        let mut s = HeaderSpace::with_layout(layout().with_width(Field::DstIp, 12));
        let rules: Vec<(Match, bool)> = rules
            .into_iter()
            .map(|(x, y, port, source, permit)| {
                let parts = [
                    Match::In(Field::DstIp, Ranges::range(x.min(y)..=x.max(y))),
                    Match::In(Field::DstPort, Ranges::single(port)),
                    Match::In(Field::SrcIp, Ranges::single(source)),
                ];
                (Match::all_of(parts), permit || all_permit)
            })
            .collect();
        let sets: Vec<PacketSet> = rules.iter().map(|(term, _)| s.compile(term)).collect();
        let list = sets.iter().zip(&rules).map(|(&set, (_, permit))| {
            if *permit { Rule::Permit(set) } else { Rule::Deny(set) }
        });
        let list: Vec<Rule> = list.collect();
        let permitted = s.first_match(list.iter().copied());
        let stepwise = list.iter().rev().fold(s.empty(), |set, rule| match *rule {
            Rule::Permit(rule) => s.or(set, rule),
            Rule::Deny(rule) => s.minus(set, rule),
        });
        prop_assert_eq!(permitted, stepwise);
        let union = sets.iter().fold(s.empty(), |set, &rule| s.or(set, rule));
        prop_assert_eq!(s.any_of(sets), union);
        prop_assert_eq!(s.check_invariants(), Ok(()));
    }

    #[test]
    fn replies_agree_at_full_width(a in term(&Layout::default()), seed: u64) {
        let mut s = HeaderSpace::new();
        let set = s.compile(&a);
        let (replies, senders, silent) = (s.reverse(set), s.reverse_back(set), s.without_reply());
        let pings = Match::all_of([Match::protocol(58), Match::In(Field::IcmpType, Ranges::range(128..=129))]);
        for packet in packets_near(&[&a, &pings], seed, 200) {
            let reply = packet.reply();
            if let Some(reply) = reply.filter(|_| a.accepts(&packet)) {
                prop_assert!(s.contains(replies, &reply), "{:?}", reply);
            }
            let lands = packet.is_well_formed() && reply.is_some_and(|reply| a.accepts(&reply));
            prop_assert_eq!(s.contains(senders, &packet), lands, "{:?}", packet);
            prop_assert_eq!(s.contains(silent, &packet), packet.is_well_formed() && reply.is_none());
        }
        // Whatever is a reply was asked for, and whoever gets one has asked.
        let asked = s.reverse_back(replies);
        let well_formed = s.well_formed();
        let asking = s.and(set, well_formed);
        let silent = s.without_reply();
        let asking = s.minus(asking, silent);
        prop_assert!(s.is_subset(asking, asked));
        let answered = s.reverse(senders);
        prop_assert!(s.is_subset(answered, set));
        prop_assert_eq!(s.check_invariants(), Ok(()));
    }
}
