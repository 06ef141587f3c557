//! One query: the engine agrees with a rule-by-rule evaluation of every possible truth.
#![expect(clippy::unwrap_used, reason = "a test: failing loudly is its job")]

use std::collections::BTreeSet;

use dns::{DomainName, Firewall, Matching, Pattern, Proviso, Query, Redirection, Verdict};
use testkit::dns_firewall::{
    Draws, Naive, Oddity, Reading, Sketch, TYPES, entry_takes, random_entry, seeds, universe,
};

fn name(text: &str) -> DomainName {
    text.parse().unwrap()
}

#[test]
fn the_rule_that_takes_a_name_is_the_first_in_every_possible_truth() {
    let universe = universe();
    let mut triples = 0_usize;
    for seed in seeds(200) {
        let mut draws = Draws::new(seed);
        let oddity = [Oddity::None, Oddity::Names, Oddity::Everything][(seed % 3) as usize];
        let sketch = Sketch::new(&mut draws, oddity);
        let lists = sketch.lists();
        let firewall = Firewall::new(&lists, sketch.stack.clone());
        let naive = Naive::new(&sketch);
        for _ in 0..30 {
            let (text, query_type) = (draws.of(&universe), draws.of(TYPES));
            let wrong = naive.disagreement(&firewall, &Query { name: name(&text), query_type });
            assert_eq!(wrong, None, "seed {seed}: {text} {query_type}\n{sketch:#?}");
            triples += 1;
        }
    }
    println!("{triples} triples of configuration, name and type agree");
}

#[test]
fn redirections_are_followed_in_every_reading() {
    let universe = universe();
    for seed in seeds(200) {
        let mut draws = Draws::new(seed ^ 0xc4a1);
        let oddity = [Oddity::None, Oddity::Names, Oddity::Everything][(seed % 3) as usize];
        let sketch = Sketch::new(&mut draws, oddity);
        let lists = sketch.lists();
        let firewall = Firewall::new(&lists, sketch.stack.clone());
        let naive = Naive::new(&sketch);
        let unknowns = naive.unknowns.len();
        if unknowns > 2 {
            continue;
        }
        let states_and_orders_known = naive.orders.len() == 1
            && naive.unknowns.iter().all(|unknown| {
                unknown.starts_with("managed")
                    || unknown.starts_with("detector")
                    || unknown.starts_with("unlisted")
            });
        for _ in 0..5 {
            let query_type = draws.of(TYPES);
            let texts: Vec<String> = (0..2 + draws.below(2)).map(|_| draws.of(&universe)).collect();
            if texts.iter().collect::<BTreeSet<_>>().len() < texts.len() {
                continue;
            }
            let names: Vec<&str> = texts.iter().map(String::as_str).collect();
            let mut verdicts: BTreeSet<Verdict> = BTreeSet::new();
            for reading in Reading::all() {
                for chain_type in [query_type, dns::QueryType::CNAME] {
                    for truths in 0..1_u32 << (unknowns * names.len()) {
                        let mask = (1_u32 << unknowns) - 1;
                        let truths: Vec<u32> =
                            (0..names.len()).map(|place| truths >> (place * unknowns) & mask).collect();
                        for order in &naive.orders {
                            for open in 0..8_u32 {
                                let open = (open & 1 > 0, open & 2 > 0, open & 4 > 0);
                                let types = (query_type, chain_type);
                                verdicts.insert(naive.follow(order, &names, types, reading, &truths, open));
                            }
                        }
                    }
                }
            }
            let chain: Vec<DomainName> = names[1..].iter().map(|text| name(text)).collect();
            let query = Query { name: name(names[0]), query_type };
            let decision = firewall.decide(&query, &chain);
            let found: BTreeSet<_> = decision.possible.iter().collect();
            let context = format!("seed {seed}: {query} then {chain:?}\n{sketch:#?}\n{decision:#?}");
            assert!(verdicts.is_subset(&found), "{verdicts:?} {context}");
            if states_and_orders_known {
                assert_eq!(found, verdicts, "{context}");
            }
            assert_eq!(decision.proviso, Proviso::Nothing, "{context}");
            // What holds without a proviso holds whatever follows.
            let alone = firewall.decide(&query, &[]);
            if alone.proviso == Proviso::Nothing {
                assert!(found.is_subset(&alone.possible.iter().collect()), "{context}\n{alone:#?}");
            }
        }
    }
}

#[test]
fn an_entry_means_what_all_its_readings_agree_on() {
    let universe = universe();
    for seed in seeds(200) {
        let mut draws = Draws::new(seed ^ 0xe17);
        let entry = random_entry(&mut draws, Oddity::Names);
        let pattern: Pattern = entry.parse().unwrap();
        assert_eq!(pattern.as_str(), entry);
        for text in &universe {
            let takes = |reading| entry_takes(&entry, text, reading);
            let takes: BTreeSet<bool> = Reading::all().into_iter().map(takes).collect();
            let expected = match (takes.contains(&true), takes.contains(&false)) {
                (true, false) => Matching::Yes,
                (true, true) => Matching::Perhaps,
                (false, _) => Matching::No,
            };
            assert_eq!(pattern.matches(&name(text)), expected, "{entry} {text}");
        }
    }
}

#[test]
fn some_provisos_are_needed_and_some_are_not() {
    let mut needed = [0, 0];
    for seed in seeds(300) {
        let sketch = Sketch::new(&mut Draws::new(seed), Oddity::None);
        let lists = sketch.lists();
        let firewall = Firewall::new(&lists, sketch.stack.clone());
        let query = Query { name: name("a.b"), query_type: dns::QueryType::A };
        let decision = firewall.decide(&query, &[]);
        let trusts = decision.names[0]
            .deciding()
            .and_then(|taker| firewall.rule(taker.rule))
            .is_some_and(|rule| rule.redirection == Redirection::Trust);
        if decision.verdict == Verdict::Block {
            assert_eq!(decision.proviso, Proviso::Nothing);
        } else if trusts {
            needed[usize::from(decision.proviso == Proviso::ChainPasses)] += 1;
        }
    }
    assert!(needed[0] > 0 && needed[1] > 0, "{needed:?}");
}
