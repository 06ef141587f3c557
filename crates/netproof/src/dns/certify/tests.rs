//! Small random firewalls: the solver agrees with the classes of names; and it does not agree with what is wrong.
#![expect(clippy::unwrap_used, reason = "tests may stop")]

use std::sync::Arc;

use dns::{
    Action, Association, Coverage, DomainLists, DomainName, Names, QueryType, Redirection, Response, Rule,
    RuleGroup, Stack, State,
};

use super::*;

/// Random numbers (SplitMix64).
pub(super) struct Draws(pub(super) u64);

impl Draws {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    pub(super) fn of<T: Clone>(&mut self, all: &[T]) -> T {
        let place = self.below(all.len() as u64);
        all.get(usize::try_from(place).unwrap()).cloned().unwrap()
    }
}

pub(super) fn lists(draws: &mut Draws) -> (DomainLists, Vec<dns::ListId>) {
    let mut builder = DomainLists::builder();
    let ids = (0..3).map(|number| {
        let entries: Vec<&str> = (0..draws.below(4))
            .map(|_| draws.of(&["a", "*.a", "b.a", "*.b.a", "c.b.a.", "B", "*.b", "*"]))
            .collect();
        let coverage = if draws.below(8) == 0 { Coverage::Partial } else { Coverage::Complete };
        builder.list(&number.to_string(), coverage, entries).0
    });
    let ids = ids.collect();
    (builder.build(), ids)
}

pub(super) fn stack(draws: &mut Draws, lists: &[dns::ListId]) -> Stack {
    let groups = (0..2).map(|group| {
        let rules = (0..=draws.below(2)).map(|rule| {
            let response = draws.of(&[Response::NoData, Response::NxDomain, Response::Unknown]);
            let managed = Names::Managed("m".to_owned());
            Rule {
                name: format!("r{rule}"),
                priority: i64::try_from(rule).unwrap(),
                names: if draws.below(8) == 0 { managed } else { Names::List(draws.of(lists)) },
                query_type: if draws.below(4) == 0 { Some(QueryType::A) } else { None },
                action: draws.of(&[
                    Action::Allow,
                    Action::Alert,
                    Action::Block(response.clone()),
                    Action::Block(response),
                ]),
                redirection: draws.of(&[
                    Redirection::Inspect,
                    Redirection::Inspect,
                    Redirection::Trust,
                    Redirection::Unknown,
                ]),
                state: if draws.below(8) == 0 { State::Uncertain } else { State::InForce },
            }
        });
        let group = Arc::new(RuleGroup { id: format!("g{group}"), rules: rules.collect() });
        let doubts = if draws.below(6) == 0 { vec!["going".to_owned()] } else { Vec::new() };
        Association { track: 0, priority: i64::from(group.id == "g1"), group, doubts }
    });
    Stack { groups: groups.collect() }
}

pub(super) fn name(text: &str) -> DomainName {
    text.parse().unwrap()
}

#[test]
fn the_solver_agrees_with_the_classes_of_names() {
    let mut count = [0_u32; 4];
    for seed in 0..60 {
        let mut draws = Draws(seed);
        let (lists, ids) = lists(&mut draws);
        let firewall = Firewall::new(&lists, stack(&mut draws, &ids));
        let other = Firewall::new(&lists, stack(&mut draws, &ids));
        let context = format!("seed {seed}");
        let names = vec![name(draws.of(&["a", "b.a", "c.b.a", "b", "d"]))];
        for (claim, proof) in [
            (DnsClaim::OnlyAllow(names.clone()), {
                let set = dns::NameSet::within(names.first().unwrap());
                firewall.is_walled_garden(&set)
            }),
            (
                DnsClaim::Deny(names.clone()),
                firewall.blocks_all(&dns::NameSet::within(names.first().unwrap())),
            ),
        ] {
            if !matches!(proof, Proof::Unknown(_)) {
                count[usize::from(proof == Proof::Holds)] += 1;
                assert_eq!(opinion_on_claim(&firewall, &claim, &proof), Opinion::Confirmed, "{context}");
            }
        }
        let compared = firewall.compare(&other, 5);
        if compared.is_equal() {
            assert_eq!(opinion_on_comparison(&firewall, &other, None), Opinion::Confirmed, "{context}");
        } else {
            let refuted = opinion_on_comparison(&firewall, &other, None);
            assert!(matches!(refuted, Opinion::Refuted(_)), "{context}: {refuted:?}");
        }
        for difference in &compared.differences {
            let opinion = opinion_on_comparison(&firewall, &other, Some(&difference.query));
            count[2] += u32::from(difference.is_certain);
            assert_eq!(opinion == Opinion::Confirmed, difference.is_certain, "{context}: {difference:?}");
        }
        for (rule, opinion) in opinions_on_uses(&firewall) {
            count[3] += 1;
            assert_eq!(opinion, Opinion::Confirmed, "{context}: {rule:?}");
        }
        // A rule that stands a second time behind itself is dead, so that nothing changes.
        let mut again = firewall.stack().clone();
        let group = Arc::make_mut(&mut again.groups.last_mut().unwrap().group);
        group.rules.push(Rule { priority: 9, ..group.rules.first().unwrap().clone() });
        let again = Firewall::new(&lists, again);
        assert!(firewall.compare(&again, 1).is_equal(), "{context}");
        assert_eq!(opinion_on_comparison(&firewall, &again, None), Opinion::Confirmed, "{context}");
    }
    assert!(count.iter().all(|count| *count > 3), "{count:?}");
}

/// A garden with `a` and what is below it.
pub(super) fn garden() -> (DomainLists, Stack) {
    let mut builder = DomainLists::builder();
    let (ours, _) = builder.list("ours", Coverage::Complete, ["a", "*.a"]);
    let (all, _) = builder.list("all", Coverage::Complete, ["*"]);
    let rule = |priority, list, action| Rule {
        name: format!("r{priority}"),
        priority,
        names: Names::List(list),
        query_type: None,
        action,
        redirection: Redirection::Inspect,
        state: State::InForce,
    };
    let rules = vec![
        rule(1, ours, Action::Allow),
        rule(2, all, Action::Block(Response::NoData)),
        rule(3, ours, Action::Alert),
    ];
    (builder.build(), Stack::ordered([Arc::new(RuleGroup { id: "g".to_owned(), rules })]))
}

#[test]
fn what_is_wrong_is_refuted() {
    let (lists, stack) = garden();
    let firewall = Firewall::new(&lists, stack);
    let claim = DnsClaim::OnlyAllow(vec![name("b.a")]);
    let refuted = |opinion: Opinion| match opinion {
        Opinion::Refuted(why) => why,
        other => panic!("{other:?}"),
    };
    // It does not hold, as `a` is allowed.
    let why = refuted(opinion_on_claim(&firewall, &claim, &Proof::Holds));
    assert_eq!(why, "all of these queries are blocked, but Z3 finds a query that says otherwise");
    // And `b` is no example of that, as it is blocked; nor is `b.a`, as it may be allowed.
    for (text, said) in
        [("b", "Z3 finds a query that says otherwise"), ("b.a", "Z3 says that its example is none")]
    {
        let query = Query { name: name(text), query_type: QueryType::A };
        let decision = firewall.decide(&query, &[]);
        let proof = Proof::Fails(Box::new(dns::Example { query, decision }));
        let why = refuted(opinion_on_claim(&firewall, &claim, &proof));
        assert!(why.ends_with(said), "{why}");
    }
    let query = Query { name: name("a"), query_type: QueryType::A };
    let why = refuted(opinion_on_comparison(&firewall, &firewall, Some(&query)));
    assert_eq!(why, "both do not do the same to a A, but Z3 finds a query that says otherwise");
}

#[test]
fn what_is_not_put_to_the_solver_is_said() {
    let open = |entries: &[&str]| {
        let mut builder = DomainLists::builder();
        let (list, _) = builder.list("list", Coverage::Complete, entries.iter().copied());
        let lists = builder.build();
        let rule = Rule {
            name: "r".to_owned(),
            priority: 1,
            names: Names::List(list),
            query_type: None,
            action: Action::Block(Response::NoData),
            redirection: Redirection::Inspect,
            state: State::InForce,
        };
        let group = Arc::new(RuleGroup { id: "g".to_owned(), rules: vec![rule] });
        let firewall = Firewall::new(&lists, Stack::ordered([group]));
        match opinion_on_claim(&firewall, &DnsClaim::Deny(vec![name("a")]), &Proof::Holds) {
            Opinion::Open(why) => why,
            other => panic!("{other:?}"),
        }
    };
    assert!(open(&["*a"]).contains("a star without a dot"));
    assert!(open(&[&"x.".repeat(120)]).contains("limit on their length"));
    let many: Vec<String> = (0..=super::super::encoding::MOST_ENTRIES).map(|it| format!("n{it}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(open(&many).contains("more entries"));
}

/// Labels end at 63 characters.
#[test]
fn an_entry_that_no_name_can_have_takes_nothing() {
    let long = format!("{}.a", "x".repeat(64));
    let mut builder = DomainLists::builder();
    let (list, _) = builder.list("list", Coverage::Complete, [long.as_str(), &format!("*.{long}")]);
    let lists = builder.build();
    let rule = Rule {
        name: "r".to_owned(),
        priority: 1,
        names: Names::List(list),
        query_type: None,
        action: Action::Allow,
        redirection: Redirection::Inspect,
        state: State::InForce,
    };
    let group = Arc::new(RuleGroup { id: "g".to_owned(), rules: vec![rule] });
    let uses = opinions_on_uses(&Firewall::new(&lists, Stack::ordered([group])));
    assert_eq!(uses.into_iter().map(|(_, opinion)| opinion).collect::<Vec<_>>(), [Opinion::Confirmed]);
}
