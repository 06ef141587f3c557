//! What AWS documents about DNS Firewall, and what it leaves open, one statement a test.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test: failing loudly is its job")]

use std::{fmt::Write as _, sync::Arc};

use dns::*;

/// A firewall in short: a line for each rule, `group/rule: what it takes [type]: action [trust] [uncertain]`.
///
/// What it takes is `managed:name`, `detector:name` or entries between commas; `?` among them means that not all
/// are known. Rules stand in the order of the lines; a group whose name starts with `other` is in another track.
struct Sketch {
    lists: DomainLists,
    stack: Stack,
}

fn sketch(text: &str) -> Sketch {
    let mut lists = DomainLists::builder();
    let mut groups: Vec<(String, Vec<Rule>)> = Vec::new();
    for (priority, line) in (1..).zip(text.lines().map(str::trim).filter(|line| !line.is_empty())) {
        let [place, takes, action] = line.splitn(3, ": ").collect::<Vec<_>>().try_into().unwrap();
        let (group, name) = place.split_once('/').unwrap();
        let (takes, query_type) = takes.split_once(' ').map_or((takes, None), |(a, b)| (a, Some(b)));
        let names = if let Some(name) = takes.strip_prefix("managed:") {
            Names::Managed(name.to_owned())
        } else if let Some(name) = takes.strip_prefix("detector:") {
            Names::Detector(name.to_owned())
        } else {
            let partial = takes.contains('?');
            let coverage = if partial { Coverage::Partial } else { Coverage::Complete };
            Names::List(lists.list(name, coverage, takes.split(',').filter(|entry| *entry != "?")).0)
        };
        let mut words = action.split(' ');
        let action = match words.next().unwrap() {
            "allow" => Action::Allow,
            "alert" => Action::Alert,
            "nodata" => Action::Block(Response::NoData),
            _ => Action::Block(Response::NxDomain),
        };
        let words: Vec<&str> = words.collect();
        let rule = Rule {
            name: name.to_owned(),
            priority,
            names,
            query_type: query_type.map(|text| text.parse().unwrap()),
            action,
            redirection: if words.contains(&"trust") { Redirection::Trust } else { Redirection::Inspect },
            state: if words.contains(&"uncertain") { State::Uncertain } else { State::InForce },
        };
        match groups.iter_mut().find(|(id, _)| id == group) {
            Some((_, rules)) => rules.push(rule),
            None => groups.push((group.to_owned(), vec![rule])),
        }
    }
    let groups = (1..).zip(groups).map(|(priority, (id, rules))| Association {
        track: u32::from(id.starts_with("other")),
        priority,
        group: Arc::new(RuleGroup { id, rules }),
        doubts: Vec::new(),
    });
    Sketch { lists: lists.build(), stack: Stack { groups: groups.collect() } }
}

fn show(firewall: &Firewall<'_>, id: RuleId) -> String {
    format!("{}/{}", firewall.group(id).unwrap().id, firewall.rule(id).unwrap().name)
}

/// The decision on a name and type, and on names it is redirected to, in short.
fn decided(text: &str, query: &str) -> String {
    let Sketch { lists, stack } = sketch(text);
    let firewall = Firewall::new(&lists, stack);
    let mut words = query.split(' ');
    let name = words.next().unwrap().parse().unwrap();
    let query_type = words.next().unwrap().parse().unwrap();
    let chain: Vec<DomainName> = words.map(|name| name.parse().unwrap()).collect();
    let decision = firewall.decide(&Query { name, query_type }, &chain);
    let mut out = decision.verdict.to_string();
    if decision.verdict == Verdict::Depends {
        let all: Vec<String> = decision.possible.iter().map(|verdict| verdict.to_string()).collect();
        write!(out, " ({})", all.join(", ")).unwrap();
    }
    for taker in &decision.names[0].takers {
        write!(out, "; {}", show(&firewall, taker.rule)).unwrap();
        if let Some(entry) = taker.entry {
            write!(out, " by {}", lists.text(entry).unwrap()).unwrap();
        }
        for doubt in &taker.doubts {
            let doubt = format!("{doubt:?}");
            write!(out, " {}?", doubt.split('(').next().unwrap().to_lowercase()).unwrap();
        }
    }
    for passed in &decision.names[0].passed {
        write!(out, "; {} {:?}", show(&firewall, passed.rule), passed.why).unwrap();
    }
    if decision.proviso == Proviso::ChainPasses {
        out.push_str("; if its redirections pass");
    }
    out
}

#[test]
fn groups_and_rules_are_looked_at_in_order() {
    let rules = "g1/one: a.com: alert\n g1/two: b.com: block\n g2/one: a.com: block";
    assert_eq!(decided(rules, "a.com A"), "alert; g1/one by a.com; if its redirections pass");
    assert_eq!(decided(rules, "b.com A"), "block; g1/two by b.com; g1/one NotListed");
}

#[test]
fn an_alert_ends_the_search_and_shadows_what_follows() {
    let rules = "g/broad: *: alert\n g/deny: bad.com: block";
    assert_eq!(decided(rules, "bad.com A"), "alert; g/broad by *; if its redirections pass");
    let Sketch { lists, stack } = sketch(rules);
    let uses = Firewall::new(&lists, stack).rule_uses();
    let broad = RuleId { group: 0, rule: 0 };
    assert_eq!(uses[1].wins, Wins::Never);
    assert_eq!(uses[1].taken_by, [broad]);
}

#[test]
fn what_no_rule_takes_is_answered() {
    assert_eq!(decided("g/r: a.com: block", "b.com A"), "no match; g/r NotListed; if its redirections pass");
    assert_eq!(decided("", "b.com A"), "no match");
}

#[test]
fn a_rule_with_a_type_takes_no_other() {
    let rules = "g/four: a.com TYPE28: block";
    assert_eq!(decided(rules, "a.com aaaa"), "block; g/four by a.com");
    assert_eq!(decided(rules, "a.com A"), "no match; g/four OtherType; if its redirections pass");
}

#[test]
fn the_most_specific_entry_is_named() {
    let rules = "g/r: *,*.com,*.a.com,b.a.com: block";
    assert_eq!(decided(rules, "b.a.com A"), "block; g/r by b.a.com");
    assert_eq!(decided(rules, "c.a.com A"), "block; g/r by *.a.com");
    assert_eq!(decided(rules, "a.com A"), "block; g/r by *.com");
    assert_eq!(decided(rules, "com A"), "block; g/r by *");
}

#[test]
fn whether_a_star_takes_the_root_is_open() {
    assert_eq!(
        decided("g/all: *: block", ". NS"),
        "depends (block, no match); g/all by * meaning?; if its redirections pass"
    );
}

#[test]
fn a_star_without_a_dot_is_open_unless_it_does_not_matter() {
    let rules = "g/odd: *bad.com: block";
    assert_eq!(decided(rules, "c.com A"), "no match; g/odd NotListed; if its redirections pass");
    assert_eq!(
        decided(rules, "xbad.com A"),
        "depends (block, no match); g/odd by *bad.com meaning?; if its redirections pass"
    );
    let rules = "g/odd: *bad.com: nodata\n g/all: *: block";
    assert_eq!(decided(rules, "xbad.com A"), "block; g/odd by *bad.com meaning?; g/all by *");
    // The reading is the same for all entries.
    let rules = "g/first: *bad.com: allow\n g/second: *bad.com: block\n g/third: *ad.com: block";
    assert_eq!(
        decided(rules, "bad.com A"),
        "depends (allow, no match); g/first by *bad.com meaning?; g/second Earlier; g/third Earlier; \
         if its redirections pass"
    );
}

#[test]
fn managed_lists_make_later_rules_possible_only() {
    let rules = "g/managed: managed:malware: alert\n g/deny: a.com: block";
    assert_eq!(
        decided(rules, "a.com A"),
        "depends (alert, block); g/managed managed?; g/deny by a.com; if its redirections pass"
    );
    let rules = "g/deny: a.com: block\n g/managed: managed:malware: alert";
    assert_eq!(decided(rules, "a.com A"), "block; g/deny by a.com");
    let rules = "g/managed: managed:malware: nodata\n g/detector: detector:dga: block\n g/deny: *.com: block";
    assert_eq!(decided(rules, "a.com A"), "block; g/managed managed?; g/detector detector?; g/deny by *.com");
    let rules = "g/one: managed:m A: allow\n g/two: managed:m: block";
    assert_eq!(
        decided(rules, "a.com A"),
        "depends (allow, no match); g/one managed?; g/two Earlier; if its redirections pass"
    );
}

#[test]
fn lists_that_are_known_in_part_have_what_is_known_of_them() {
    let rules = "g/part: a.com,?: block";
    assert_eq!(decided(rules, "a.com A"), "block; g/part by a.com");
    assert_eq!(
        decided(rules, "b.com A"),
        "depends (block, no match); g/part unlisted?; if its redirections pass"
    );
}

#[test]
fn rules_that_may_not_be_in_force_are_possible_only() {
    assert_eq!(
        decided("g/r: a.com: block uncertain", "a.com A"),
        "depends (block, no match); g/r by a.com state?; if its redirections pass"
    );
}

#[test]
fn groups_of_unknown_order_are_tried_in_each() {
    let rules = "vpc/r: a.com: allow\n other/r: a.com: block";
    assert_eq!(
        decided(rules, "a.com A"),
        "depends (allow, block); vpc/r by a.com order?; other/r by a.com order?; if its redirections pass"
    );
    let rules = "vpc/r: a.com: nodata\n other/r: a.com: block";
    assert_eq!(decided(rules, "a.com A"), "block; vpc/r by a.com order?; other/r by a.com order?");
}

#[test]
fn each_name_of_a_redirection_has_to_pass_unless_trusted() {
    let rules = "g/allow: a.com: allow\n g/all: *: block";
    assert!(decided(rules, "a.com A").starts_with("allow; g/allow by a.com; if"));
    assert_eq!(decided(rules, "a.com A a.com"), "allow; g/allow by a.com");
    assert_eq!(decided(rules, "a.com A cdn.net"), "block; g/allow by a.com");
    let rules = "g/allow: a.com: allow trust\n g/all: *: block";
    assert_eq!(decided(rules, "a.com A"), "allow; g/allow by a.com");
    assert_eq!(decided(rules, "a.com A cdn.net"), "allow; g/allow by a.com");
}

#[test]
fn whether_trust_holds_against_earlier_rules_is_open() {
    let rules = "g/deny: cdn.net: block\n g/allow: a.com: allow trust";
    assert_eq!(
        decided(rules, "a.com A"),
        "allow; g/allow by a.com; g/deny NotListed; if its redirections pass"
    );
    assert_eq!(
        decided(rules, "a.com A cdn.net"),
        "depends (allow, block); g/allow by a.com; g/deny NotListed"
    );
}

#[test]
fn with_which_type_redirections_are_looked_at_is_open() {
    let rules = "g/cname: cdn.net CNAME: block\n g/a: other.net A: block";
    assert!(decided(rules, "a.com A cdn.net").starts_with("depends (block, no match)"));
    assert!(decided(rules, "a.com A other.net").starts_with("depends (block, no match)"));
    assert!(decided(rules, "a.com CNAME other.net").starts_with("no match"));
}

#[test]
fn a_walled_garden_holds_or_an_example_shows_why_not() {
    let garden = |text: &str| {
        let Sketch { lists, stack } = sketch(text);
        let example: DomainName = "example.com".parse().unwrap();
        match Firewall::new(&lists, stack).is_walled_garden(&NameSet::within(&example)) {
            Proof::Holds => "holds".to_owned(),
            Proof::Fails(example) => format!("fails: {}", example.query),
            Proof::Unknown(example) => format!("unknown: {}", example.query),
        }
    };
    assert_eq!(garden("g/in: *.example.com,example.com: allow\n g/all: *: block"), "holds");
    assert_eq!(garden("g/in: *.com: allow\n g/all: *: block"), "fails: any.com A");
    assert_eq!(garden("g/in: example.com: allow\n g/all: *. A: block"), "fails: any AAAA");
    assert_eq!(garden("g/in: managed:m: allow\n g/all: *: block"), "unknown: any A");
    assert_eq!(garden("g/in: *xample.com: allow\n g/all: *: block"), "unknown: anyxample.com A");
    // An example for the names that surely are not blocked does not end in `y`.
    assert_eq!(garden("g/odd: *y: block"), "fails: a A");
}

#[test]
fn examples_end_where_names_end() {
    let label = "x".repeat(49);
    let base = [label.as_str(); 5].join(".");
    // The name of 251 characters has only names with one more octet below it.
    let rules = format!("g/r: *.a.{base}: block");
    let Sketch { lists, stack } = sketch(&rules);
    let firewall = Firewall::new(&lists, stack);
    let parent: DomainName = base.parse().unwrap();
    let Proof::Fails(example) = firewall.blocks_all(&NameSet::below(&parent)) else {
        unreachable!("most names below are not listed")
    };
    assert_eq!(example.query.name.labels().count(), 6);
    let below: DomainName = format!("a.{base}").parse().unwrap();
    assert_eq!(firewall.blocks_all(&NameSet::below(&below)), Proof::Holds);
    let longest = below.child("b").unwrap();
    assert_eq!(longest.as_str().len(), 253);
    assert_eq!(firewall.blocks_all(&NameSet::below(&longest)), Proof::Holds);
}

/// Contradictions about queries for addresses: who blocks, whether that is certain, and the query.
fn contradictions(first: &str, second: &str) -> Vec<String> {
    let (first, second) = (sketch(first), sketch(second));
    let ours = Firewall::new(&first.lists, first.stack);
    let theirs = Firewall::new(&second.lists, second.stack);
    let types = [QueryType::A, QueryType::AAAA];
    let found = ours.contradictions(&theirs, &types, 1).into_iter();
    let shown = found.map(|it| {
        let (certain, decided) = (if it.is_certain { "" } else { "perhaps " }, (&it.first, &it.second));
        let passes = if it.blocking == Blocking::First { decided.1 } else { decided.0 };
        format!("{certain}{:?}: {}, {}", it.blocking, it.query, passes.verdict)
    });
    shown.collect()
}

#[test]
fn a_contradiction_is_certain_if_one_query_shows_it() {
    assert_eq!(contradictions("g/a: a.com A: block", "g/all: *: block"), ["Second: any A, no match"]);
    assert_eq!(contradictions("g/a: *: block", "g/a: *. A: block"), ["First: any AAAA, no match"]);
    assert_eq!(
        contradictions("g/a: managed:m: block", "g/all: *: block"),
        ["perhaps Second: any A, depends"]
    );
}

/// Seed 1895 of `contradictions_are_where_one_blocks_and_the_other_does_not`: either group may be the first, and each
/// lets another of the two types through, so that something always passes, but no query always does.
#[test]
fn a_contradiction_that_each_order_shows_by_another_type_is_uncertain() {
    let either = "g/a: * A: allow\n g/rest: *: block\n other/aaaa: * AAAA: allow\n other/rest: *: block";
    assert_eq!(contradictions(either, "g/all: *: block"), ["perhaps Second: any A, depends"]);
    let list = "g/a: managed:m A: block\n g/aaaa: managed:m AAAA: allow\n g/rest: * AAAA: block";
    assert_eq!(contradictions(list, "g/all: *: block"), ["perhaps Second: any A, depends"]);
}

/// The same if it is what an entry means that lets one type through or the other: once said to be certain, with a
/// query that depends.
#[test]
fn a_contradiction_that_each_meaning_of_an_entry_shows_by_another_type_is_uncertain() {
    let odd = "g/a: *foo A: block\n g/aaaa: *foo AAAA: allow\n g/rest: * AAAA: block";
    let found = contradictions(odd, "g/foo: *.foo: block");
    assert_eq!(found, ["perhaps Second: any.foo A, depends"]);
}
