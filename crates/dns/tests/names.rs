//! Sets of names: laws, and agreement with sets of the names of a small universe.
#![expect(clippy::unwrap_used, reason = "a test: failing loudly is its job")]

use dns::{DomainName, NameSet};
use testkit::dns_firewall::{Draws, LISTED, seeds, universe};

fn name(text: &str) -> DomainName {
    text.parse().unwrap()
}

/// A set, and what it should contain of the universe.
fn random(draws: &mut Draws, universe: &[DomainName]) -> (NameSet, Vec<bool>) {
    let (mut set, mut model) = (NameSet::empty(), vec![false; universe.len()]);
    for _ in 0..draws.below(6) {
        let mut base = DomainName::root();
        for _ in 0..draws.below(3) {
            base = base.child(draws.of(LISTED)).unwrap();
        }
        let part = draws.below(3);
        let (mut with_name, mut with_below) = (NameSet::exactly(&base), NameSet::below(&base));
        let (name_in, below_in) = (part != 1, part != 0);
        if !name_in {
            with_name = NameSet::empty();
        }
        if !below_in {
            with_below = NameSet::empty();
        }
        let in_part =
            |name: &DomainName| if *name == base { name_in } else { below_in && name.is_within(&base) };
        let operation = draws.below(4);
        let piece = with_name.union(&with_below);
        set = match operation {
            0 => set.minus(&piece),
            1 => set.complement().union(&piece),
            2 => {
                if name_in {
                    set.insert_name(&base);
                }
                if below_in {
                    set.insert_below(&base);
                }
                set
            }
            _ => set.union(&piece),
        };
        for (name, is_in) in universe.iter().zip(&mut model) {
            *is_in = match operation {
                0 => *is_in && !in_part(name),
                1 => !*is_in || in_part(name),
                _ => *is_in || in_part(name),
            };
        }
    }
    (set, model)
}

#[test]
fn sets_contain_what_they_should_and_equal_sets_are_equal() {
    let universe: Vec<DomainName> = universe().iter().map(|text| name(text)).collect();
    for seed in seeds(300) {
        let mut draws = Draws::new(seed ^ 0x5e7);
        let (a, in_a) = random(&mut draws, &universe);
        let (b, in_b) = random(&mut draws, &universe);
        let (c, _) = random(&mut draws, &universe);
        for (place, name) in universe.iter().enumerate() {
            let (in_a, in_b) = (in_a[place], in_b[place]);
            assert_eq!(a.contains(name), in_a, "{name} {a:?}");
            assert_eq!(a.union(&b).contains(name), in_a || in_b);
            assert_eq!(a.intersect(&b).contains(name), in_a && in_b);
            assert_eq!(a.minus(&b).contains(name), in_a && !in_b);
            assert_eq!(a.complement().contains(name), !in_a);
        }
        assert_eq!(a == b, in_a == in_b, "{a:?} {b:?}");
        assert_eq!(a.is_empty(), !in_a.contains(&true), "{a:?}");
        assert_eq!(a.witness().is_some(), !a.is_empty());
        assert!(a.witness().is_none_or(|witness| a.contains(&witness)), "{a:?}");
        // Laws.
        assert_eq!(a.union(&a), a);
        assert_eq!(a.union(&b), b.union(&a));
        assert_eq!(a.intersect(&b), b.intersect(&a));
        assert_eq!(a.union(&b).union(&c), a.union(&b.union(&c)));
        assert_eq!(a.intersect(&b.union(&c)), a.intersect(&b).union(&a.intersect(&c)));
        assert_eq!(a.union(&a.intersect(&b)), a);
        assert_eq!(a.complement().complement(), a);
        assert_eq!(a.union(&b).complement(), a.complement().intersect(&b.complement()));
        assert_eq!(a.minus(&b), a.intersect(&b.complement()));
        assert_eq!(a.union(&a.complement()), NameSet::all());
        assert!(a.intersect(&a.complement()).is_empty());
    }
}

#[test]
fn nothing_is_below_the_longest_names() {
    let label = "x".repeat(49);
    let base = [label.as_str(); 5].join(".");
    let longest = name(&format!("abc.{base}"));
    assert!(NameSet::below(&longest).is_empty());
    assert_eq!(NameSet::within(&longest), NameSet::exactly(&longest));
    let short = name(&format!("a.{base}"));
    let below = NameSet::below(&short);
    assert_eq!(below.witness().map(|witness| witness.as_str().len()), Some(253));
    assert!(below.contains(&below.witness().unwrap()));
    let hole = NameSet::all().minus(&NameSet::exactly(&longest));
    assert!(!hole.contains(&longest));
    assert_eq!(hole.union(&NameSet::exactly(&longest)), NameSet::all());
    let mut filled = hole;
    filled.insert_name(&longest);
    assert_eq!(filled, NameSet::all());
    let mut set = NameSet::exactly(&longest);
    set.insert_below(&name(&base));
    assert_eq!(set, NameSet::below(&name(&base)));
}
