//! How fast it is, beside a plain walk through a hash set. Prints numbers, and only fails if they are absurd:
//! `NETPROOF_ENTRIES=1000000 cargo test --release -p netproof-dns --test speed -- --nocapture`.
#![expect(clippy::unwrap_used, reason = "a test: failing loudly is its job")]
#![expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "measurements are read by people")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use dns::{
    Action, Coverage, DomainLists, DomainName, Firewall, ListId, NameSet, Names, Proof, Query, QueryType,
    Redirection, Response, Rule, RuleGroup, Stack, State, Verdict,
};
use rustc_hash::FxHashSet;
use testkit::dns_firewall::Draws;

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

const ALPHABET: [char; 12] = ['a', 'b', 'e', 'g', 'h', 'i', 'l', 'n', 'o', 'r', 's', 't'];

fn domains(draws: &mut Draws, count: usize) -> Vec<String> {
    let tlds = ["com", "net", "org", "io", "co.uk", "de", "ru", "cn", "info", "com.br"];
    let word = |draws: &mut Draws| {
        let length = 4 + draws.below(9);
        (0..length).map(|_| draws.of(&ALPHABET)).collect::<String>()
    };
    (0..count)
        .map(|index| {
            let domain = format!("{}.{}", word(draws), draws.of(&tlds));
            if index % 2 == 0 { domain } else { format!("{}.{domain}", word(draws)) }
        })
        .collect()
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = work();
    let time = start.elapsed();
    println!("{what}: {:.3} s", time.as_secs_f64());
    (value, time)
}

/// Five groups of a hundred rules, one list each, and everything else blocked.
fn stack(lists: &[ListId], all: ListId) -> Stack {
    let rule = |priority: usize, names: ListId, action: Action| Rule {
        name: format!("rule {priority}"),
        priority: i64::try_from(priority).unwrap(),
        names: Names::List(names),
        query_type: if priority % 3 == 1 { Some(QueryType::A) } else { None },
        action,
        redirection: Redirection::Inspect,
        state: State::InForce,
    };
    let action = |number: usize| match number % 3 {
        0 => Action::Allow,
        1 => Action::Alert,
        _ => Action::Block(Response::NxDomain),
    };
    let groups = lists.chunks(100).enumerate().map(|(group, lists)| {
        let mut rules: Vec<Rule> =
            lists.iter().enumerate().map(|(index, list)| rule(index, *list, action(index))).collect();
        if group == 4 {
            rules.pop();
            rules.push(rule(1000 - 1, all, Action::Block(Response::NoData)));
        }
        Arc::new(RuleGroup { id: format!("group {group}"), rules })
    });
    Stack::ordered(groups)
}

#[test]
fn speed() {
    let count = number("NETPROOF_ENTRIES", 10_000);
    let mut draws = Draws::new(1);
    let names = domains(&mut draws, count);
    let mut entries: Vec<String> = Vec::new();
    for (index, name) in names.iter().enumerate() {
        entries.push(if index % 3 == 0 { format!("*.{name}.") } else { format!("{name}.") });
    }
    let text = entries.join("\n");
    let plain = names.join("\n");

    let (set, baseline) =
        timed("hash set of names", || plain.lines().map(str::to_owned).collect::<FxHashSet<String>>());
    let per_list = count.div_ceil(500);
    let ((lists, ids, all), load) = timed("domain lists, indexed", || {
        let mut builder = DomainLists::builder();
        let mut lines = text.lines();
        let ids: Vec<ListId> = (0..500)
            .map(|list| builder.list(&list.to_string(), Coverage::Complete, lines.by_ref().take(per_list)).0)
            .collect();
        let (all, _) = builder.list("all", Coverage::Complete, ["*"]);
        (builder.build(), ids, all)
    });
    let beyond = lists.bytes() - text.len();
    println!(
        "load: {:.2} of the hash set; {:.1} bytes an entry beyond the text",
        load.as_secs_f64() / baseline.as_secs_f64(),
        beyond as f64 / count as f64
    );

    let queries: Vec<Query> = (0..count)
        .map(|index| {
            let name = draws.of(&names);
            let name = if index % 2 == 0 { format!("www.{name}") } else { format!("x{name}") };
            Query { name: name.parse::<DomainName>().unwrap(), query_type: QueryType::AAAA }
        })
        .collect();
    let firewall = Firewall::new(&lists, stack(&ids, all));
    for _ in 0..number("NETPROOF_ROUNDS", 1) {
        let (hits, walk) = timed("hash walk", || {
            let found = |name: &str| {
                let mut rest = Some(name);
                while let Some(name) = rest {
                    if set.contains(name) {
                        return true;
                    }
                    rest = name.split_once('.').map(|(_, rest)| rest);
                }
                false
            };
            queries.iter().filter(|query| found(query.name.as_str())).count()
        });
        let (blocked, verdicts) = timed("verdicts", || {
            queries.iter().filter(|query| firewall.verdict(query).verdict == Verdict::Block).count()
        });
        println!(
            "{hits} hits, {blocked} blocked; {:.0} ns against {:.0} ns a name: {:.2}",
            verdicts.as_nanos() as f64 / count as f64,
            walk.as_nanos() as f64 / count as f64,
            verdicts.as_secs_f64() / walk.as_secs_f64()
        );
    }

    let mut behind = firewall.stack().clone();
    let first = &mut Arc::make_mut(&mut behind.groups[0].group).rules[0];
    first.names = Names::Managed("malware".to_owned());
    first.query_type = None;
    let behind = Firewall::new(&lists, behind);
    let (depends, time) = timed("verdicts behind a managed list", || {
        queries.iter().filter(|query| behind.verdict(query).verdict == Verdict::Depends).count()
    });
    println!("{depends} depend; {:.0} ns a name", time.as_nanos() as f64 / count as f64);

    let (garden, _) = timed("walled garden", || firewall.is_walled_garden(&NameSet::empty()));
    assert!(matches!(garden, Proof::Fails(_)));
    let closed = NameSet::all().minus(&NameSet::exactly(&DomainName::root()));
    let only = RuleGroup {
        id: String::new(),
        rules: vec![Rule { names: Names::List(all), ..firewall.stack().groups[0].group.rules[2].clone() }],
    };
    let mut closing = firewall.stack().clone();
    closing
        .groups
        .insert(0, dns::Association { track: 0, priority: -1, group: Arc::new(only), doubts: Vec::new() });
    let closing = Firewall::new(&lists, closing);
    let (proof, _) = timed("deny list that holds", || closing.blocks_all(&closed));
    assert_eq!(proof, Proof::Holds);
    let (uses, _) = timed("rule uses", || firewall.rule_uses());
    assert_eq!(uses.len(), 500);
    let (uses, _) = timed("rule uses, nearly all dead", || closing.rule_uses());
    assert_eq!(uses.len(), 501);
    let mut other = firewall.stack().clone();
    Arc::make_mut(&mut other.groups[3].group).rules[6].action = Action::Alert;
    let other = Firewall::new(&lists, other);
    let (comparison, _) = timed("comparison", || firewall.compare(&other, 10));
    assert!(comparison.certain > 0 && comparison.uncertain == 0);
    let (redundant, _) = timed("redundant and half entries", || {
        let redundant = ids.iter().map(|list| lists.redundant_entries(*list).len()).sum::<usize>();
        redundant + ids.iter().map(|list| lists.half_entries(*list).len()).sum::<usize>()
    });
    println!("{redundant} remarks on entries");

    // Stars without dots, which have to be looked up octet by octet.
    let mut builder = DomainLists::builder();
    let stars: Vec<String> = names.iter().map(|name| format!("*{name}")).collect();
    let (list, _) = builder.list("", Coverage::Complete, stars.iter().map(String::as_str));
    let (all, _) = builder.list("", Coverage::Complete, ["*"]);
    let lists = builder.build();
    let odd = Firewall::new(&lists, stack(&[list, all], all));
    let (uses, _) = timed("rule uses, all entries stars without dots", || odd.rule_uses());
    assert_eq!(uses.len(), 2);
}
