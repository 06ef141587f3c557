//! All names: what is said about them holds for every name of a small universe, and every example shows what it should.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test: failing loudly is its job")]

use std::collections::{BTreeMap, BTreeSet};

use dns::{
    Coverage, DomainLists, DomainName, Firewall, Missing, NameSet, Names, Proof, Query, QueryType,
    Redundancy, RuleId, Types, Verdict, Verdicts, Wins,
};
use testkit::dns_firewall::{
    Draws, Effect, Naive, Oddity, Reading, Sketch, TYPES, entry_takes, random_entry, random_stack, seeds,
    universe,
};

fn name(text: &str) -> DomainName {
    text.parse().unwrap()
}

fn queries() -> Vec<Query> {
    let names = universe();
    let queries =
        names.iter().flat_map(|text| TYPES.iter().map(|&query_type| Query { name: name(text), query_type }));
    queries.collect()
}

fn oddity(seed: u64) -> Oddity {
    [Oddity::None, Oddity::Names, Oddity::Everything][(seed % 3) as usize]
}

fn random_set(draws: &mut Draws) -> NameSet {
    let mut set = NameSet::empty();
    for _ in 0..draws.below(4) {
        let name = name(draws.of(&["a", "b", "a.a", "b.a", "ba.b", "zb.a"]));
        let part = match draws.below(4) {
            0 => NameSet::exactly(&name),
            1 => NameSet::below(&name),
            _ => NameSet::within(&name),
        };
        set = if draws.one_in(3) { set.minus(&part) } else { set.union(&part) };
    }
    if draws.one_in(3) { set.complement() } else { set }
}

#[test]
fn blocking_all_names_of_a_set_is_blocking_each() {
    let mut answers = [0; 3];
    for seed in seeds(100) {
        let mut draws = Draws::new(seed ^ 0xb10c);
        let sketch = Sketch::new(&mut draws, oddity(seed));
        let lists = sketch.lists();
        let firewall = Firewall::new(&lists, sketch.stack.clone());
        let set = random_set(&mut draws);
        // Mostly blocks alone, otherwise blocks and alerts.
        let wanted: Verdicts = if draws.one_in(3) {
            [Verdict::Block, Verdict::Alert].into_iter().collect()
        } else {
            [Verdict::Block].into_iter().collect()
        };
        let (mut certain, mut unknown) = (false, false);
        for query in queries().iter().filter(|query| set.contains(&query.name)) {
            let possible = firewall.decide(query, &[]).possible;
            certain |= !possible.iter().any(|verdict| wanted.contains(verdict));
            unknown |= !possible.iter().all(|verdict| wanted.contains(verdict));
        }
        let context = format!("seed {seed}: {wanted:?} {set:?} {sketch:#?}");
        match firewall.gives_only(wanted, &set) {
            Proof::Holds => {
                answers[0] += 1;
                assert!(!unknown, "{context}");
            }
            Proof::Fails(example) => {
                answers[1] += 1;
                assert!(certain, "{context}");
                assert!(set.contains(&example.query.name), "{context}");
                let possible = firewall.decide(&example.query, &[]).possible;
                assert!(!possible.iter().any(|verdict| wanted.contains(verdict)), "{context}");
            }
            Proof::Unknown(example) => {
                answers[2] += 1;
                assert!(unknown && !certain, "{context}");
                assert!(set.contains(&example.query.name), "{context}");
                assert_eq!(firewall.decide(&example.query, &[]).verdict, Verdict::Depends, "{context}");
            }
        }
    }
    assert!(answers.iter().all(|&count| count > 0), "{answers:?}");
}

/// Where names end, a class can be empty, or have names of one length only.
#[test]
fn blocking_all_names_is_exact_at_the_length_limit() {
    let mut answers = [0; 3];
    let label = "x".repeat(49);
    for seed in seeds(100) {
        let mut draws = Draws::new(seed ^ 0x11f7);
        let base = format!("{}{}", [label.as_str(); 5].join("."), draws.of(&["", "x", "xx", "xxx"]));
        let mut sketch = Sketch::new(&mut draws, oddity(seed));
        for entry in sketch.lists.iter_mut().flat_map(|(entries, _)| entries).filter(|entry| entry.len() > 2)
        {
            *entry = format!("{}.{base}", entry.trim_end_matches('.'));
        }
        for (entries, _) in &mut sketch.lists {
            entries.retain(|entry| entry.len() <= 255);
        }
        let lists = sketch.lists();
        let firewall = Firewall::new(&lists, sketch.stack.clone());
        let base = name(&base);
        let set = if draws.one_in(2) { NameSet::below(&base) } else { NameSet::within(&base) };
        let below = universe().into_iter().skip(1).filter_map(|text| format!("{text}.{base}").parse().ok());
        let names: Vec<DomainName> = below.chain([base.clone()]).filter(|name| set.contains(name)).collect();
        let verdicts = names.iter().flat_map(|name| {
            TYPES
                .iter()
                .map(|&query_type| firewall.verdict(&Query { name: name.clone(), query_type }).verdict)
        });
        let (mut certain, mut unknown) = (false, false);
        for verdict in verdicts {
            certain |= !matches!(verdict, Verdict::Block | Verdict::Depends);
            unknown |= verdict != Verdict::Block;
        }
        let proof = firewall.blocks_all(&set);
        let context = format!("seed {seed}: {proof:?} {sketch:#?}");
        match proof {
            Proof::Holds => {
                answers[0] += 1;
                assert!(!unknown, "{context}");
            }
            Proof::Fails(_) => {
                answers[1] += 1;
                assert!(unknown, "{context}");
            }
            Proof::Unknown(_) => {
                answers[2] += 1;
                assert!(unknown && !certain, "{context}");
            }
        }
    }
    assert!(answers.iter().all(|&count| count > 0), "{answers:?}");
}

#[test]
fn the_names_of_a_list_are_those_it_surely_has() {
    for seed in seeds(60) {
        let mut draws = Draws::new(seed ^ 0x115);
        let entries: Vec<String> =
            (0..draws.below(6)).map(|_| random_entry(&mut draws, Oddity::Names)).collect();
        let mut lists = DomainLists::builder();
        let (list, _) = lists.list("", Coverage::Complete, entries.iter().map(String::as_str));
        let names = lists.build().names(list);
        for text in universe() {
            let takes = |reading: &Reading| entries.iter().any(|entry| entry_takes(entry, &text, *reading));
            assert_eq!(names.contains(&name(&text)), Reading::all().iter().all(takes), "{text} {entries:?}");
        }
    }
}

#[test]
fn a_rule_is_dead_if_it_takes_no_name() {
    for seed in seeds(60) {
        let sketch = Sketch::new(&mut Draws::new(seed ^ 0xdead), oddity(seed));
        let lists = sketch.lists();
        let firewall = Firewall::new(&lists, sketch.stack.clone());
        let (mut surely, mut perhaps) = (BTreeSet::new(), BTreeSet::new());
        let mut near: BTreeMap<RuleId, BTreeSet<RuleId>> = BTreeMap::new();
        for query in queries() {
            let decision = firewall.decide(&query, &[]).names.remove(0);
            surely.extend(decision.deciding().map(|taker| taker.rule));
            let takers: BTreeSet<RuleId> = decision.takers.iter().map(|taker| taker.rule).collect();
            perhaps.extend(takers.iter().copied());
            for id in firewall.rules() {
                if may_take(&lists, firewall.rule(id).unwrap(), &query) {
                    near.entry(id).or_default().extend(takers.iter().copied());
                }
            }
        }
        let uses = firewall.rule_uses();
        assert_eq!(
            uses.iter().map(|rule| rule.rule).collect::<Vec<_>>(),
            firewall.rules().collect::<Vec<_>>()
        );
        for rule_use in uses {
            let rule = rule_use.rule;
            let context = format!("seed {seed}: {rule_use:?} {sketch:#?}");
            match &rule_use.wins {
                Wins::Surely(query) => {
                    assert!(surely.contains(&rule), "{context}");
                    let names = firewall.decide(query, &[]).names;
                    assert_eq!(names[0].deciding().map(|taker| taker.rule), Some(rule), "{context}");
                }
                Wins::Perhaps(query) => {
                    assert!(perhaps.contains(&rule) && !surely.contains(&rule), "{context}");
                    let names = firewall.decide(query, &[]).names;
                    assert!(names[0].takers.iter().any(|taker| taker.rule == rule), "{context}");
                }
                Wins::Never => {
                    assert!(!perhaps.contains(&rule), "{context}");
                    let near: Vec<RuleId> = near.remove(&rule).unwrap_or_default().into_iter().collect();
                    assert_eq!(rule_use.taken_by, near, "{context}");
                }
            }
        }
    }
}

fn may_take(lists: &DomainLists, rule: &dns::Rule, query: &Query) -> bool {
    let listed = match rule.names {
        Names::Managed(_) | Names::Detector(_) => true,
        Names::List(list) => {
            let readings = Reading::all();
            let takes = |entry: &str| {
                readings.iter().any(|reading| entry_takes(entry, &query.name.to_string(), *reading))
            };
            lists.coverage(list) == Coverage::Partial
                || lists.entries(list).any(|entry| takes(lists.text(entry).unwrap()))
        }
    };
    listed && rule.query_type.is_none_or(|stated| stated == query.query_type)
}

/// Whether effects are the same in all truths, or different in all, or neither.
fn relation(one: &Naive<'_>, other: &Naive<'_>, text: &str, query_type: QueryType) -> Option<bool> {
    relation_by(one, other, text, query_type, |one, other| one == other)
}

/// Whether that holds of effects in all truths, or in none, or neither.
fn relation_by(
    one: &Naive<'_>,
    other: &Naive<'_>,
    text: &str,
    query_type: QueryType,
    holds: impl Fn(&Effect, &Effect) -> bool,
) -> Option<bool> {
    let mut same = BTreeSet::new();
    let unknowns: BTreeSet<&String> = one.unknowns.iter().chain(&other.unknowns).collect();
    let unknowns: Vec<&String> = unknowns.into_iter().collect();
    for truth in 0..1_u32 << unknowns.len() {
        let part = |naive: &Naive<'_>| {
            let bit = |name: &String| truth >> unknowns.iter().position(|other| *other == name).unwrap() & 1;
            naive.unknowns.iter().enumerate().fold(0, |part, (place, name)| part | bit(name) << place)
        };
        let (ours, theirs) = (part(one), part(other));
        for reading in Reading::all() {
            for our_order in &one.orders {
                for their_order in &other.orders {
                    let effect: Effect =
                        one.effect(one.first(our_order, text, query_type, reading, ours), ours);
                    let first = other.first(their_order, text, query_type, reading, theirs);
                    same.insert(holds(&effect, &other.effect(first, theirs)));
                }
            }
        }
    }
    if same.len() == 1 { same.pop_first() } else { None }
}

#[test]
fn firewalls_differ_where_a_query_shows_it() {
    let universe = universe();
    let mut with_states = 0;
    for seed in seeds(60) {
        let mut draws = Draws::new(seed ^ 0xd1ff);
        // One order and few unknowns: where the comparison is exact.
        let oddity = [Oddity::None, Oddity::Names, Oddity::States, Oddity::States][(seed % 4) as usize];
        let sketch = Sketch::new(&mut draws, oddity);
        let mut other = Sketch {
            lists: sketch.lists.clone(),
            stack: random_stack(&mut draws, oddity, sketch.lists.len()),
        };
        if draws.one_in(2) {
            // Nearly the same.
            other.stack = sketch.stack.clone();
            let group = std::sync::Arc::make_mut(&mut other.stack.groups[0].group);
            group.rules.push(group.rules[0].clone());
            group.rules[0].redirection = dns::Redirection::Trust;
            group.rules.last_mut().unwrap().priority = 9;
        }
        let lists = sketch.lists();
        let (ours, theirs) =
            (Firewall::new(&lists, sketch.stack.clone()), Firewall::new(&lists, other.stack.clone()));
        let comparison = ours.compare(&theirs, usize::MAX);
        let (one, two) = (Naive::new(&sketch), Naive::new(&other));
        if one.unknowns.iter().chain(&two.unknowns).collect::<BTreeSet<_>>().len() > 6 {
            continue;
        }
        with_states += u32::from(oddity == Oddity::States && !one.unknowns.is_empty());
        let context = format!("seed {seed}: {sketch:#?} {other:#?}");
        let mut found = [false, false];
        for text in &universe {
            for &query_type in TYPES {
                match relation(&one, &two, text, query_type) {
                    Some(true) => {}
                    Some(false) => found[0] = true,
                    None => found[1] = true,
                }
            }
        }
        assert_eq!(found, [comparison.certain > 0, comparison.uncertain > 0], "{context}\n{comparison:#?}");
        assert_eq!(comparison.is_equal(), found == [false, false]);
        assert_eq!(comparison.differences.len(), comparison.certain + comparison.uncertain, "{context}");
        for difference in &comparison.differences {
            let Query { name, query_type } = &difference.query;
            let relation = relation(&one, &two, &name.to_string(), *query_type);
            let expected = if difference.is_certain { Some(false) } else { None };
            assert_eq!(relation, expected, "{context}\n{difference:#?}");
            assert_eq!(difference.first, ours.decide(&difference.query, &[]));
            assert_eq!(difference.second, theirs.decide(&difference.query, &[]));
            if let Types::Only(only) = difference.types {
                assert_eq!(only, *query_type);
            }
        }
        assert_eq!(ours.compare(&theirs, 1).differences.len(), comparison.differences.len().min(1));
        assert!(ours.compare(&Firewall::new(&lists, sketch.stack.clone()), 9).is_equal(), "{context}");
    }
    assert!(with_states > 3, "{with_states}");
}

/// The same for some names only, and for what the second does not block any longer.
#[test]
fn what_differs_and_what_is_opened_of_some_names() {
    let is_block = |effect: &Effect| matches!(effect, Some((dns::Action::Block(_), _)));
    let keeps = |one: &Effect, other: &Effect| !is_block(one) || is_block(other);
    let (mut opened_ones, mut kept) = (0, 0);
    for seed in seeds(120) {
        let mut draws = Draws::new(seed ^ 0x09e2);
        let oddity = [Oddity::None, Oddity::Names, Oddity::States][(seed % 3) as usize];
        let sketch = Sketch::new(&mut draws, oddity);
        let mut other = Sketch { lists: sketch.lists.clone(), stack: sketch.stack.clone() };
        let group = std::sync::Arc::make_mut(&mut other.stack.groups[0].group);
        let list = Names::List(sketch.lists().lists().next().unwrap());
        let rule = &mut group.rules[0];
        rule.names = list;
        rule.priority = i64::try_from(draws.below(9)).unwrap();
        let lists = sketch.lists();
        let (ours, theirs) =
            (Firewall::new(&lists, sketch.stack.clone()), Firewall::new(&lists, other.stack.clone()));
        let (one, two) = (Naive::new(&sketch), Naive::new(&other));
        let unknowns = one.unknowns.iter().chain(&two.unknowns).collect::<BTreeSet<_>>();
        if unknowns.len() > 6 || one.orders.len() > 1 || two.orders.len() > 1 {
            continue;
        }
        let set = random_set(&mut draws);
        let context = format!("seed {seed}: {set:?} {sketch:#?} {other:#?}");
        let mut found = [[false; 2]; 2];
        for text in universe() {
            for &query_type in TYPES.iter().filter(|_| set.contains(&name(&text))) {
                let relations = [
                    relation(&one, &two, &text, query_type),
                    relation_by(&one, &two, &text, query_type, keeps),
                ];
                for (found, relation) in found.iter_mut().zip(relations) {
                    found[0] |= relation == Some(false);
                    found[1] |= relation.is_none();
                }
            }
        }
        let compared =
            [ours.compare_within(&theirs, &set, usize::MAX), ours.opened(&theirs, &set, usize::MAX)];
        for (comparison, found) in compared.iter().zip(found) {
            assert_eq!(
                [comparison.certain > 0, comparison.uncertain > 0],
                found,
                "{context}\n{comparison:#?}"
            );
            assert!(comparison.differences.iter().all(|it| set.contains(&it.query.name)), "{context}");
        }
        opened_ones += u32::from(!compared[1].is_equal());
        kept += u32::from(compared[1].is_equal() && !compared[0].is_equal());
    }
    assert!(opened_ones > 5 && kept > 5, "{opened_ones} {kept}");
}

#[test]
fn nothing_is_said_for_certain_about_unknown_orders_that_is_not() {
    let universe = universe();
    for seed in seeds(30) {
        let mut draws = Draws::new(seed ^ 0x0dd);
        let sketch = Sketch::new(&mut draws, Oddity::Everything);
        let stack = random_stack(&mut draws, Oddity::Everything, sketch.lists.len());
        let other = Sketch { lists: sketch.lists.clone(), stack };
        let (lists, lists_again) = (sketch.lists(), other.lists());
        let ours = Firewall::new(&lists, sketch.stack.clone());
        let theirs = Firewall::new(&lists_again, other.stack.clone());
        let comparison = ours.compare(&theirs, usize::MAX);
        let (one, two) = (Naive::new(&sketch), Naive::new(&other));
        if one.orders.len() * two.orders.len() > 16 || one.unknowns.len() + two.unknowns.len() > 5 {
            continue;
        }
        for difference in comparison.differences.iter().filter(|difference| difference.is_certain) {
            let Query { name, query_type } = &difference.query;
            assert_eq!(relation(&one, &two, &name.to_string(), *query_type), Some(false), "seed {seed}");
        }
        if comparison.is_equal() {
            for text in &universe {
                let equal =
                    TYPES.iter().all(|&query_type| relation(&one, &two, text, query_type) == Some(true));
                assert!(equal, "seed {seed} {text}");
            }
        }
    }
}

#[test]
fn entries_that_are_redundant_can_all_be_left_out() {
    let readings = Reading::all();
    for seed in seeds(60) {
        let mut draws = Draws::new(seed ^ 0x4ed);
        let entries: Vec<String> =
            (0..draws.below(8)).map(|_| random_entry(&mut draws, Oddity::Names)).collect();
        let mut lists = DomainLists::builder();
        // Entries of other lists are in the way.
        lists.list("", Coverage::Complete, ["*", "*.a", "a", "b"]);
        let (list, _) = lists.list("", Coverage::Complete, entries.iter().map(String::as_str));
        let lists = lists.build();
        let redundant = lists.redundant_entries(list);
        let ids: Vec<_> = lists.entries(list).collect();
        let kept: Vec<&String> = ids
            .iter()
            .zip(&entries)
            .filter(|(id, _)| !redundant.iter().any(|redundant| redundant.entry == **id))
            .map(|(_, entry)| entry)
            .collect();
        let takes = |entries: &[&String], name: &str, reading: Reading| {
            entries.iter().any(|entry| entry_takes(entry, name, reading))
        };
        let all: Vec<&String> = entries.iter().collect();
        for name in universe() {
            for &reading in &readings {
                assert_eq!(takes(&all, &name, reading), takes(&kept, &name, reading), "{name} {entries:?}");
            }
        }
        // What is kept is needed, or of unknown meaning.
        for (place, entry) in kept.iter().enumerate() {
            let mut others = kept.clone();
            others.remove(place);
            let tail = |entry: &str| entry.len() > 1 && entry.starts_with('*') && !entry.starts_with("*.");
            others.retain(|entry| !tail(entry));
            let needed = universe()
                .iter()
                .any(|name| takes(&[entry], name, readings[0]) && !takes(&others, name, readings[0]));
            assert!(needed || tail(entry), "{entry} {entries:?}");
        }
        for RedundantExample { entry, by } in redundant.iter().filter_map(|redundant| {
            let by = match redundant.redundancy {
                Redundancy::Repeats(by) | Redundancy::Covered(by) => by,
                Redundancy::NoName => return None,
            };
            Some(RedundantExample { entry: lists.text(redundant.entry)?, by: lists.text(by)? })
        }) {
            for name in universe() {
                let takes = |entry| entry_takes(entry, &name, readings[0]);
                assert!(!takes(entry) || takes(by), "{entry} {by}");
            }
        }
    }
}

struct RedundantExample<'l> {
    entry: &'l str,
    by: &'l str,
}

#[test]
fn halves_of_domains_are_found() {
    let mut lists = DomainLists::builder();
    let entries = ["a.com", "*.a.com", "b.com", "B.com.", "*.c.com", "d.net", "*.net", "*", "e"];
    let (list, _) = lists.list("", Coverage::Complete, entries[..7].iter().copied());
    let (everything, _) = lists.list("", Coverage::Complete, entries[7..].iter().copied());
    let lists = lists.build();
    let halves: Vec<_> =
        lists.half_entries(list).iter().map(|half| (lists.text(half.entry).unwrap(), half.missing)).collect();
    assert_eq!(halves, [("b.com", Missing::Below), ("*.c.com", Missing::Itself), ("*.net", Missing::Itself)]);
    assert_eq!(lists.half_entries(everything), []);
}

/// What a firewall may do to a name in some truth, order and reading: block all of these types, or not.
fn ways(naive: &Naive<'_>, text: &str, types: &[QueryType], reading: Reading) -> BTreeSet<bool> {
    let blocks = |order: &Vec<_>, truth: u32| {
        types.iter().all(|&query_type| {
            let first = naive.first(order, text, query_type, reading, truth);
            first.is_some_and(|(.., rule)| matches!(rule.action, dns::Action::Block(_)))
        })
    };
    let truths = naive.truths();
    truths.flat_map(|truth| naive.orders.iter().map(move |order| blocks(order, truth))).collect()
}

#[test]
fn contradictions_are_where_one_blocks_and_the_other_does_not() {
    let (universe, types) = (universe(), [QueryType::A, QueryType::AAAA]);
    let mut count = [0; 3];
    for seed in seeds(60) {
        let mut draws = Draws::new(seed ^ 0xc0de);
        let (ours, theirs) = (Sketch::new(&mut draws, oddity(seed)), Sketch::new(&mut draws, oddity(seed)));
        let (lists, other_lists) = (ours.lists(), theirs.lists());
        let first = Firewall::new(&lists, ours.stack.clone());
        let second = Firewall::new(&other_lists, theirs.stack.clone());
        let found = first.contradictions(&second, &types, 2);
        let (one, two) = (Naive::new(&ours), Naive::new(&theirs));
        if one.unknowns.len() > 5 || two.unknowns.len() > 5 || one.orders.len() * two.orders.len() > 200 {
            continue;
        }
        let context = format!("seed {seed}: {ours:#?} {theirs:#?} {found:#?}");
        // For every name: whether there is a contradiction for certain, and whether there may be one.
        let relation = |text: &str| {
            let all = Reading::all()
                .into_iter()
                .map(|reading| (ways(&one, text, &types, reading), ways(&two, text, &types, reading)));
            let all: Vec<_> = all.collect();
            // One query has to show that some type passes, whatever is unknown.
            let passes = |naive: &Naive<'_>, query_type: QueryType| {
                let mut readings = Reading::all().into_iter();
                readings.all(|reading| ways(naive, text, &[query_type], reading) == [false].into())
            };
            let some_passes = |naive| types.iter().any(|&query_type| passes(naive, query_type));
            let first_blocks = all.iter().all(|(one, _)| *one == [true].into()) && some_passes(&two);
            let second_blocks = all.iter().all(|(_, two)| *two == [true].into()) && some_passes(&one);
            let perhaps = all.iter().any(|(one, two)| one.len() > 1 || two.len() > 1 || one != two);
            (first_blocks, second_blocks, perhaps)
        };
        let mut expected = [false; 3];
        for text in universe.iter().skip(1) {
            let (first_blocks, second_blocks, perhaps) = relation(text);
            expected[0] |= first_blocks;
            expected[1] |= second_blocks;
            expected[2] |= perhaps && !first_blocks && !second_blocks;
        }
        let is =
            |blocking, certain| found.iter().any(|it| it.blocking == blocking && it.is_certain == certain);
        assert_eq!(is(dns::Blocking::First, true), expected[0], "{context}");
        assert_eq!(is(dns::Blocking::Second, true), expected[1], "{context}");
        assert!(!expected[2] || found.iter().any(|it| !it.is_certain), "{context}");
        if found.is_empty() {
            count[2] += 1;
        }
        for it in &found {
            count[usize::from(it.is_certain)] += 1;
            let (first_blocks, second_blocks, _) = relation(&it.query.name.to_string());
            let blocks = if it.blocking == dns::Blocking::First { first_blocks } else { second_blocks };
            assert_eq!(blocks, it.is_certain, "{context}\n{it:#?}");
            assert!(types.contains(&it.query.query_type));
            assert_eq!(it.first, first.decide(&it.query, &[]));
            assert_eq!(it.second, second.decide(&it.query, &[]));
            let passing = if it.blocking == dns::Blocking::First { &it.second } else { &it.first };
            let shows = !passing.possible.contains(Verdict::Block);
            assert!(shows || !it.is_certain, "{context}\n{it:#?}");
            assert!(passing.verdict != Verdict::Block, "{context}\n{it:#?}");
        }
    }
    assert!(count[0] > 0 && count[1] > 0, "{count:?}");
}
