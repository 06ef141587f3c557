//! Random pairs: the solver agrees with the search for contradictions; and it does not agree with what is wrong.

use std::sync::Arc;

use aws::DomainGroup;
use dns::{
    Action, Blocking, Coverage, DomainLists, Names, QueryType, Redirection, Response, Rule, RuleGroup, State,
};
use graph::{Origin, ResourceKey};

use super::*;
use crate::dns::{
    certify::tests::{Draws, garden, lists, name, stack},
    domains::as_rules,
    encoding::MOST_ENTRIES,
};

const TLS: &str = "TLS_SNI";

fn origin() -> Origin {
    Origin { document: 0, offset: 0, record: String::new(), pointer: String::new() }
}

fn group(action: DomainAction, targets: &[&str]) -> DomainGroup {
    DomainGroup {
        name: "list".to_owned(),
        action,
        protocols: vec![TLS.to_owned()],
        targets: targets.iter().map(|it| ((*it).to_owned(), origin())).collect(),
        origin: origin(),
    }
}

fn filter(is_strict: bool, groups: Vec<DomainGroup>, rest: DomainRest) -> DomainFilter {
    DomainFilter {
        vpc: ResourceKey::new("1", "r", "vpc"),
        firewall: String::new(),
        policy: String::new(),
        by: String::new(),
        is_strict,
        groups,
        rest,
        doubts: Vec::new(),
    }
}

fn drawn(draws: &mut Draws) -> DomainFilter {
    let all =
        ["a", ".a", "b.a", ".b.a", "C.b.a.", ".c.b.a", "B", ".b", "*.a", "*.b.a.", "*", ".*b", "a/b", "."];
    let mut groups = Vec::new();
    for _ in 0..=draws.below(2) {
        let targets: Vec<&str> = (0..draws.below(4)).map(|_| draws.of(&all)).collect();
        let actions = [DomainAction::Allow, DomainAction::Deny, DomainAction::Reject, DomainAction::Alert];
        let mut group = group(draws.of(&actions), &targets);
        if draws.below(8) == 0 {
            group.protocols = vec!["HTTP_HOST".to_owned()];
        }
        groups.push(group);
    }
    let drops = DomainRest::Drops { action: "aws:drop_established".to_owned(), origin: origin() };
    filter(draws.below(2) == 0, groups, draws.of(&[DomainRest::Passes, DomainRest::Passes, drops]))
}

fn opinion(firewall: &Firewall<'_>, filter: &DomainFilter, said: Said) -> Opinion {
    opinions_on_contradictions(firewall, (filter, TLS), &[said]).first().cloned().unwrap()
}

fn kind(blocking: Blocking) -> DnsContradictionKind {
    match blocking {
        Blocking::First => DnsContradictionKind::BlockedButPassed,
        Blocking::Second => DnsContradictionKind::ResolvedButDropped,
    }
}

fn refuted(opinion: Opinion) -> String {
    match opinion {
        Opinion::Refuted(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_solver_agrees_with_the_search() {
    let mut count = [0_u32; 4];
    for seed in 0..200 {
        let mut draws = Draws(seed ^ 0xd00d);
        let (lists, ids) = lists(&mut draws);
        let ours = Firewall::new(&lists, stack(&mut draws, &ids));
        let filter = drawn(&mut draws);
        let (domains, theirs) = as_rules(&filter, TLS);
        let found = ours.contradictions(&Firewall::new(&domains, theirs), &ADDRESSES, 1);
        let context = format!("seed {seed}: {:#?} {filter:#?} {found:#?}", ours.stack());
        // Where no rule is about one type only, what is unknown does not hang together over types.
        let is_exact = ours.rules().all(|id| ours.rule(id).unwrap().query_type.is_none());
        // The first is that there is none; what is certain is followed by its opposite.
        let mut said: Vec<Said> = vec![None];
        for it in &found {
            said.push(Some((it.query.clone(), kind(it.blocking))));
            let opposite =
                [Blocking::First, Blocking::Second].into_iter().find(|other| *other != it.blocking);
            said.extend(
                opposite.filter(|_| it.is_certain).map(|other| Some((it.query.clone(), kind(other)))),
            );
        }
        let mut opinions = opinions_on_contradictions(&ours, (&filter, TLS), &said).into_iter();
        let is_refuted = |opinion: &Opinion| matches!(opinion, Opinion::Refuted(_));
        let none = opinions.next().unwrap();
        if found.is_empty() {
            count[0] += 1;
            assert_eq!(none, Opinion::Confirmed, "{context}");
        } else if is_exact || found.iter().any(|it| it.is_certain) {
            assert!(is_refuted(&none), "{none:?} {context}");
        }
        for it in &found {
            let opinion = opinions.next().unwrap();
            if it.is_certain {
                count[1 + usize::from(it.blocking == Blocking::First)] += 1;
                assert_eq!(opinion, Opinion::Confirmed, "{context}");
                let opposite = opinions.next().unwrap();
                assert!(is_refuted(&opposite), "{opposite:?} {context}");
            } else if is_exact {
                count[3] += 1;
                assert!(is_refuted(&opinion), "{opinion:?} {context}");
            }
        }
    }
    assert!(count.iter().all(|count| *count > 20), "{count:?}");
}

#[test]
fn what_is_wrong_is_refuted() {
    let (lists, stack) = garden();
    let firewall = Firewall::new(&lists, stack);
    let allowing = |targets: &[&str]| {
        let groups = vec![group(DomainAction::Allow, targets)];
        filter(false, groups, DomainRest::Passes)
    };
    assert_eq!(opinion(&firewall, &allowing(&[".a"]), None), Opinion::Confirmed);
    let said = |text, kind| Some((Query { name: name(text), query_type: QueryType::A }, kind));
    let (resolved, blocked) =
        (DnsContradictionKind::ResolvedButDropped, DnsContradictionKind::BlockedButPassed);
    // The list has `a` only, so that `b.a` resolves and is dropped.
    let exact = allowing(&["a"]);
    assert_eq!(opinion(&firewall, &exact, said("b.a", resolved)), Opinion::Confirmed);
    assert_eq!(
        refuted(opinion(&firewall, &exact, None)),
        "no contradiction, but Z3 finds a query that says otherwise"
    );
    for (text, kind) in [("a", resolved), ("b", resolved), ("b.a", blocked)] {
        let why = refuted(opinion(&firewall, &exact, said(text, kind)));
        assert!(why.ends_with(", but Z3 finds a query that says otherwise"), "{why}");
    }
    let why = refuted(opinion(&firewall, &exact, said(".", resolved)));
    assert_eq!(why, ". A resolves and is dropped, but Z3 says that its example is none");
    // The list has `c` as well, which is blocked.
    let more = allowing(&[".a", "c"]);
    assert_eq!(opinion(&firewall, &more, said("c", blocked)), Opinion::Confirmed);
    let all =
        opinions_on_contradictions(&firewall, (&more, TLS), &[None, said("c", blocked), said("d", blocked)]);
    assert!(
        matches!(all.as_slice(), [Opinion::Refuted(_), Opinion::Confirmed, Opinion::Refuted(_)]),
        "{all:?}"
    );
}

fn rules(lists: DomainLists, rules: Vec<(Names, QueryType, Action)>) -> (DomainLists, Stack) {
    let rules = (0_i64..).zip(rules).map(|(priority, (names, query_type, action))| Rule {
        name: format!("r{priority}"),
        priority,
        names,
        query_type: Some(query_type),
        action,
        redirection: Redirection::Inspect,
        state: State::InForce,
    });
    let group = RuleGroup { id: "g".to_owned(), rules: rules.collect() };
    (lists, Stack::ordered([Arc::new(group)]))
}

fn block() -> Action {
    Action::Block(Response::NoData)
}

#[test]
fn a_name_of_which_one_type_resolves_is_not_blocked() {
    let mut builder = DomainLists::builder();
    let (all, _) = builder.list("all", Coverage::Complete, ["*"]);
    let (lists, stack) = rules(builder.build(), vec![(Names::List(all), QueryType::A, block())]);
    let firewall = Firewall::new(&lists, stack);
    let denying = filter(false, vec![group(DomainAction::Deny, &["a"])], DomainRest::Passes);
    let said =
        |query_type| Some((Query { name: name("a"), query_type }, DnsContradictionKind::ResolvedButDropped));
    assert_eq!(opinion(&firewall, &denying, said(QueryType::AAAA)), Opinion::Confirmed);
    refuted(opinion(&firewall, &denying, said(QueryType::A)));
    // No other type gives an address.
    refuted(opinion(&firewall, &denying, said(QueryType::TXT)));
}

/// The search looks at types one by one, so that it leaves this open; the solver does not.
#[test]
fn what_is_unknown_is_the_same_for_all_types() {
    let mut builder = DomainLists::builder();
    let (all, _) = builder.list("all", Coverage::Complete, ["*"]);
    let managed = || Names::Managed("m".to_owned());
    // A is blocked if the managed list has the name, AAAA if it has not.
    let all_rules = vec![
        (managed(), QueryType::AAAA, Action::Allow),
        (managed(), QueryType::A, block()),
        (Names::List(all), QueryType::AAAA, block()),
    ];
    let (lists, stack) = rules(builder.build(), all_rules);
    let firewall = Firewall::new(&lists, stack);
    let passing = filter(false, Vec::new(), DomainRest::Passes);
    assert_eq!(opinion(&firewall, &passing, None), Opinion::Confirmed);
    let (domains, theirs) = as_rules(&passing, TLS);
    let found = firewall.contradictions(&Firewall::new(&domains, theirs), &ADDRESSES, 1);
    assert!(!found.is_empty() && found.iter().all(|it| !it.is_certain), "{found:?}");
}

#[test]
fn what_is_not_put_to_the_solver_is_said() {
    let (lists, stack) = garden();
    let firewall = Firewall::new(&lists, stack);
    let open = |targets: &[&str]| {
        let denying = filter(false, vec![group(DomainAction::Deny, targets)], DomainRest::Passes);
        match opinion(&firewall, &denying, None) {
            Opinion::Open(why) => Some(why),
            Opinion::Confirmed | Opinion::Refuted(_) => None,
        }
    };
    assert!(open(&["*a"]).unwrap().contains("a star without a dot"));
    assert!(open(&[&"x.".repeat(120)]).unwrap().contains("limit on their length"));
    // The garden has three entries.
    let many: Vec<String> = (0..MOST_ENTRIES - 2).map(|it| format!("n{it}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(open(&many).unwrap().contains("more entries"));
    assert_eq!(open(many.get(1..).unwrap()), None);
}
