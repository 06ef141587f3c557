//! Algebraic laws, as equal handles, and agreement with `Match::accepts` at full field widths.

mod common;

use common::{packets_near, term};
use headerspace::{Field, HeaderSpace, Layout, Match, PacketSet, Rule};
use proptest::prelude::*;

fn compiled(space: &mut HeaderSpace, terms: [&Match; 3]) -> [PacketSet; 3] {
    terms.map(|term| space.compile(term))
}

fn any_term() -> BoxedStrategy<Match> {
    term(&Layout::default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn laws_hold_as_equal_handles(a in any_term(), b in any_term(), c in any_term()) {
        let mut s = HeaderSpace::new();
        let [a, b, c] = compiled(&mut s, [&a, &b, &c]);
        let (all, none) = (s.everything(), s.empty());
        // idempotent, neutral, absorbing
        prop_assert_eq!(s.and(a, a), a);
        prop_assert_eq!(s.or(a, a), a);
        prop_assert_eq!(s.and(a, all), a);
        prop_assert_eq!(s.or(a, none), a);
        prop_assert_eq!(s.and(a, none), none);
        prop_assert_eq!(s.or(a, all), all);
        prop_assert_eq!(s.minus(a, none), a);
        prop_assert_eq!(s.minus(a, a), none);
        // commutative, associative
        let (ab, ba) = (s.and(a, b), s.and(b, a));
        prop_assert_eq!(ab, ba);
        let (aob, boa) = (s.or(a, b), s.or(b, a));
        prop_assert_eq!(aob, boa);
        let (bc, boc) = (s.and(b, c), s.or(b, c));
        prop_assert_eq!(s.and(ab, c), s.and(a, bc));
        prop_assert_eq!(s.or(aob, c), s.or(a, boc));
        // distributive, absorption
        let ac = s.and(a, c);
        prop_assert_eq!(s.and(a, boc), s.or(ab, ac));
        prop_assert_eq!(s.or(a, ab), a);
        prop_assert_eq!(s.and(a, aob), a);
        // complement
        let (not_a, not_b) = (s.not(a), s.not(b));
        prop_assert_eq!(s.not(not_a), a);
        prop_assert_eq!(s.and(a, not_a), none);
        prop_assert_eq!(s.or(a, not_a), all);
        let (not_ab, not_aob) = (s.not(ab), s.not(aob));
        prop_assert_eq!(not_ab, s.or(not_a, not_b));
        prop_assert_eq!(not_aob, s.and(not_a, not_b));
        prop_assert_eq!(s.minus(a, b), s.and(a, not_b));
        // many at once
        prop_assert_eq!(s.any_of([a, b, c]), s.or(aob, c));
        prop_assert_eq!(s.all_of([a, b, c]), s.and(ab, c));
        // questions
        prop_assert_eq!(s.overlaps(a, b), ab != none);
        prop_assert_eq!(s.is_subset(a, b), s.minus(a, b) == none);
        prop_assert!(s.is_subset(ab, a) && s.is_subset(a, aob));
        prop_assert_eq!(s.check_invariants(), Ok(()));
    }

    #[test]
    fn questions_need_no_memo(a in any_term(), b in any_term()) {
        let mut s = HeaderSpace::new();
        let (a, b) = (s.compile(&a), s.compile(&b));
        s.memo_clear();
        let nodes = s.node_count();
        let (overlaps, subset) = (s.overlaps(a, b), s.is_subset(a, b));
        prop_assert_eq!(s.node_count(), nodes);
        prop_assert_eq!(overlaps, s.and(a, b) != s.empty());
        prop_assert_eq!(subset, s.minus(a, b) == s.empty());
    }

    #[test]
    fn sets_mean_what_terms_accept(a in any_term(), b in any_term(), seed: u64) {
        let mut s = HeaderSpace::new();
        let (set_a, set_b) = (s.compile(&a), s.compile(&b));
        let (both, either, less) = (s.and(set_a, set_b), s.or(set_a, set_b), s.minus(set_a, set_b));
        let back = s.to_match(set_a);
        prop_assert_eq!(s.compile(&back), set_a);
        for p in packets_near(&[&a, &b], seed, 200) {
            let (in_a, in_b) = (a.accepts(&p), b.accepts(&p));
            prop_assert_eq!(s.contains(set_a, &p), in_a, "{}", p);
            prop_assert_eq!(s.contains(both, &p), in_a && in_b);
            prop_assert_eq!(s.contains(either, &p), in_a || in_b);
            prop_assert_eq!(s.contains(less, &p), in_a && !in_b);
            prop_assert_eq!(s.contains(s.well_formed(), &p), p.is_well_formed(), "{:?}", p);
            prop_assert_eq!(Match::well_formed().accepts(&p), p.is_well_formed());
            prop_assert_eq!(back.accepts(&p), in_a);
            for field in Field::ALL {
                prop_assert!(!in_a || s.project(set_a, field).contains(p.get(field)));
            }
        }
        let chosen = s.sample(set_a);
        prop_assert_eq!(chosen.is_none(), set_a == s.empty());
        if let Some(p) = chosen {
            prop_assert!(a.accepts(&p));
            prop_assert_eq!(p.is_well_formed(), s.overlaps(set_a, s.well_formed()));
        }
    }

    #[test]
    fn the_first_matching_rule_decides(
        rules in prop::collection::vec((any_term(), any::<bool>()), 0..12),
        seed: u64,
    ) {
        let mut s = HeaderSpace::new();
        let list: Vec<Rule> = rules
            .iter()
            .map(|(term, permit)| {
                let set = s.compile(term);
                if *permit { Rule::Permit(set) } else { Rule::Deny(set) }
            })
            .collect();
        let permitted = s.first_match(list.iter().copied());
        // The same list, last rule first.
        let stepwise = list.iter().rev().fold(s.empty(), |set, rule| match *rule {
            Rule::Permit(rule) => s.or(set, rule),
            Rule::Deny(rule) => s.minus(set, rule),
        });
        prop_assert_eq!(permitted, stepwise);
        let terms: Vec<&Match> = rules.iter().map(|(term, _)| term).collect();
        for p in packets_near(&terms, seed, 50) {
            let verdict = rules.iter().find(|(term, _)| term.accepts(&p)).is_some_and(|(_, permit)| *permit);
            prop_assert_eq!(s.contains(permitted, &p), verdict);
        }
        prop_assert_eq!(s.check_invariants(), Ok(()));
    }

    #[test]
    fn results_do_not_depend_on_what_the_space_made_before(a in any_term(), b in any_term()) {
        let (mut fresh, mut used) = (HeaderSpace::new(), HeaderSpace::new());
        used.compile(&b);
        let (in_fresh, in_used) = (fresh.compile(&a), used.compile(&a));
        prop_assert_eq!(fresh.sample(in_fresh), used.sample(in_used));
        prop_assert_eq!(fresh.blocks(in_fresh), used.blocks(in_used));
        // Exchanging sets between spaces loses nothing.
        let set = fresh.import(&used, in_used);
        prop_assert_eq!(set, in_fresh);
        let mut reordered = HeaderSpace::with_layout(Layout::default().with_order([Field::SrcPort, Field::SrcIp]));
        let there = reordered.import(&used, in_used);
        prop_assert_eq!(used.import(&reordered, there), in_used);
        // A clone keeps the handles and goes its own way.
        let mut clone = used.clone();
        let (left, right) = (clone.not(in_used), used.not(in_used));
        prop_assert_eq!(left, right);
        prop_assert_eq!(clone.check_invariants(), Ok(()));
        prop_assert_eq!(reordered.check_invariants(), Ok(()));
    }
}

#[test]
fn handles_of_another_space_do_no_harm() {
    let mut other = HeaderSpace::new();
    let sets: Vec<PacketSet> =
        (0..500_u16).map(|port| other.compile(&Match::ports(Field::DstPort, port..=port + 7))).collect();
    let mut s = HeaderSpace::new();
    for set in sets.iter().copied().rev() {
        let web = s.compile(&Match::protocol(6));
        let results = [s.and(set, web), s.or(set, web), s.minus(web, set), s.not(set), s.reverse(set)];
        s.any_of(results);
        s.exists(set, Field::DstPort);
        s.blocks(set);
        s.count(set);
        s.project(set, Field::SrcIp);
        s.sample(set);
        s.overlaps(set, web);
    }
    s.any_of(sets);
}
