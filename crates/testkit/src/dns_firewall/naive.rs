//! What a firewall does to a query in one possible truth, rule by rule.

use std::collections::BTreeSet;

use dns::{
    Action, Coverage, Firewall, Names, Query, QueryType, Redirection, Response, Rule, RuleId, State, Verdict,
};

use super::{Sketch, list_id};

/// What a query meets.
pub type Effect = Option<(Action, Option<Redirection>)>;

/// What the documentation leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// `*ab` takes: 0 nothing, 1 `ab` and below, 2 names whose text ends so.
    pub tail: u8,
    pub star_takes_root: bool,
}

impl Reading {
    pub fn all() -> Vec<Reading> {
        let tails = 0..3;
        tails
            .flat_map(|tail| [false, true].map(|star_takes_root| Reading { tail, star_takes_root }))
            .collect()
    }
}

/// A rule in its place: index of the group, index in the group, and the rule.
pub type At<'s> = (usize, usize, &'s Rule);

#[derive(Debug)]
pub struct Naive<'s> {
    sketch: &'s Sketch,
    /// Every order in which the rules can stand.
    pub orders: Vec<Vec<At<'s>>>,
    /// What is true or not, for a name.
    pub unknowns: Vec<String>,
    /// What is to be known of each rule, by group.
    facts: Vec<Vec<Facts<'s>>>,
}

/// A rule's list, and a bit for each unknown that matters to it.
#[derive(Clone, Copy, Debug)]
struct Facts<'s> {
    list: Option<&'s (Vec<String>, Coverage)>,
    /// Those by each of which it takes names that are not listed.
    unlisted: u32,
    /// Those without each of which it is not in force.
    needed: u32,
}

fn permutations<T: Clone>(all: &[T]) -> Vec<Vec<T>> {
    if all.is_empty() {
        return vec![Vec::new()];
    }
    let mut found = Vec::new();
    for first in 0..all.len() {
        let mut rest = all.to_vec();
        let first = rest.remove(first);
        for mut order in permutations(&rest) {
            order.insert(0, first.clone());
            found.push(order);
        }
    }
    found
}

impl<'s> Naive<'s> {
    pub fn new(sketch: &'s Sketch) -> Naive<'s> {
        let groups: Vec<usize> = (0..sketch.stack.groups.len()).collect();
        let of = |group: usize| &sketch.stack.groups[group];
        let mut orders = Vec::new();
        for order in permutations(&groups) {
            let allowed = order.iter().enumerate().all(|(place, &earlier)| {
                order[place + 1..].iter().all(|&later| {
                    of(earlier).track != of(later).track || of(earlier).priority <= of(later).priority
                })
            });
            if !allowed {
                continue;
            }
            let mut sequences: Vec<Vec<At<'s>>> = vec![Vec::new()];
            for group in order {
                let rules: Vec<At<'s>> = of(group)
                    .group
                    .rules
                    .iter()
                    .enumerate()
                    .map(|(index, rule)| (group, index, rule))
                    .collect();
                let sorted = |order: &Vec<At<'_>>| order.is_sorted_by_key(|(.., rule)| rule.priority);
                let within: Vec<_> = permutations(&rules).into_iter().filter(sorted).collect();
                sequences = sequences
                    .iter()
                    .flat_map(|before| within.iter().map(|rules| [before.as_slice(), rules].concat()))
                    .collect();
            }
            orders.extend(sequences);
        }
        let mut unknowns = BTreeSet::new();
        for (group, _, rule) in &orders[0] {
            unknowns.extend(names_unknown(sketch, rule));
            unknowns.extend(state_unknown(sketch, *group, rule));
            unknowns.extend(association_unknowns(sketch, *group));
            unknowns.extend(effect_unknowns(sketch, *group, rule));
        }
        let unknowns: Vec<String> = unknowns.into_iter().collect();
        let bits = |names: Vec<String>| {
            let place = |name: &String| unknowns.iter().position(|other| other == name).unwrap();
            names.iter().fold(0, |bits, name| bits | 1 << place(name))
        };
        let facts = |group: usize, rule: &Rule| {
            let needed =
                state_unknown(sketch, group, rule).into_iter().chain(association_unknowns(sketch, group));
            Facts {
                list: list_of(sketch, rule),
                unlisted: bits(names_unknown(sketch, rule).into_iter().collect()),
                needed: bits(needed.collect()),
            }
        };
        let groups = sketch.stack.groups.iter().enumerate();
        let facts = groups
            .map(|(group, association)| {
                association.group.rules.iter().map(|rule| facts(group, rule)).collect()
            })
            .collect();
        Naive { sketch, orders, unknowns, facts }
    }

    /// All truths: a bit for each unknown.
    pub fn truths(&self) -> std::ops::Range<u32> {
        0..1 << self.unknowns.len()
    }

    fn is_true(&self, truth: u32, unknown: &str) -> bool {
        let place = self.unknowns.iter().position(|other| other == unknown).unwrap();
        truth & (1 << place) != 0
    }

    /// Whether a rule takes a name.
    pub fn takes(&self, at: At<'_>, name: &str, query_type: QueryType, reading: Reading, truth: u32) -> bool {
        self.takes_if(at, query_type, self.lists(at, name, reading), truth)
    }

    /// Whether the entries of a rule take a name.
    fn lists(&self, (group, index, _): At<'_>, name: &str, reading: Reading) -> bool {
        let list = self.facts[group][index].list;
        list.is_some_and(|(entries, _)| entries.iter().any(|entry| entry_takes(entry, name, reading)))
    }

    /// Whether a rule takes a name that its entries take, or do not.
    fn takes_if(
        &self,
        (group, index, rule): At<'_>,
        query_type: QueryType,
        listed: bool,
        truth: u32,
    ) -> bool {
        let Facts { unlisted, needed, .. } = self.facts[group][index];
        rule.query_type.is_none_or(|stated| stated == query_type)
            && truth & needed == needed
            && (listed || truth & unlisted != 0)
    }

    /// The first rule of an order that takes a name.
    pub fn first<'o>(
        &self,
        order: &'o [At<'s>],
        name: &str,
        query_type: QueryType,
        reading: Reading,
        truth: u32,
    ) -> Option<&'o At<'s>> {
        order.iter().find(|at| self.takes(**at, name, query_type, reading, truth))
    }

    pub fn effect(&self, at: Option<&At<'_>>, truth: u32) -> Effect {
        let (group, _, rule) = at?;
        let redirection =
            (!matches!(rule.action, Action::Block(_))).then_some(self.redirection(*group, rule, truth));
        let mut action = rule.action.clone();
        if action == Action::Block(Response::Unknown) {
            let id = &self.sketch.stack.groups[*group].group.id;
            let is = |word: &str| self.is_true(truth, &format!("{word} {id} {}", rule.name));
            let over = Response::Override { domain: "b.a".to_owned(), ttl: 5 };
            action = Action::Block(match (is("overrides"), is("denies")) {
                (true, _) => over,
                (false, true) => Response::NxDomain,
                (false, false) => Response::NoData,
            });
        }
        Some((action, redirection))
    }

    fn redirection(&self, group: usize, rule: &Rule, truth: u32) -> Redirection {
        if rule.redirection != Redirection::Unknown {
            return rule.redirection;
        }
        let id = &self.sketch.stack.groups[group].group.id;
        let trusts = self.is_true(truth, &format!("trusts {id} {}", rule.name));
        if trusts { Redirection::Trust } else { Redirection::Inspect }
    }

    /// The rules that can take a name, in some order, reading and truth; nothing if none may.
    pub fn takers(&self, name: &str, query_type: QueryType) -> BTreeSet<Option<RuleId>> {
        let mut takers = BTreeSet::new();
        let facts = || self.facts.iter().flatten();
        let matters = facts().fold(0, |bits, facts| bits | facts.unlisted | facts.needed);
        for reading in Reading::all() {
            for order in &self.orders {
                let listed: Vec<bool> = order.iter().map(|at| self.lists(*at, name, reading)).collect();
                for truth in self.truths().filter(|truth| truth & !matters == 0) {
                    let takes =
                        |(at, listed): &(&At<'_>, &bool)| self.takes_if(**at, query_type, **listed, truth);
                    let first = order.iter().zip(&listed).find(takes);
                    takers.insert(first.map(|((group, rule, _), _)| RuleId { group: *group, rule: *rule }));
                }
            }
        }
        takers
    }

    /// Looks a query up in the firewall of the same sketch, and says what it gets wrong.
    pub fn disagreement(&self, firewall: &Firewall<'_>, query: &Query) -> Option<String> {
        let takers = self.takers(&query.name.to_string(), query.query_type);
        let verdict = |rule: &Option<RuleId>| {
            rule.and_then(|rule| firewall.rule(rule)).map_or(Verdict::Unmatched, |rule| rule.action.verdict())
        };
        let verdicts: BTreeSet<Verdict> = takers.iter().map(verdict).collect();
        let certain = takers.first().copied().flatten().filter(|_| takers.len() == 1);
        let decision = firewall.decide(query, &[]);
        let quick = firewall.verdict(query);
        let first = &decision.names[0];
        let found = first.takers.iter().map(|taker| Some(taker.rule));
        let found: BTreeSet<_> = found.chain(first.unmatched.then_some(None)).collect();
        let deciding = first.deciding();
        // Every rule was passed, or takes the name, or stands behind one that does.
        let mentioned: BTreeSet<_> = first.takers.iter().map(|taker| taker.rule).collect();
        let passed: BTreeSet<_> = first.passed.iter().map(|passed| passed.rule).collect();
        let checks = [
            (found == takers, "the rules that may take it"),
            (decision.possible.iter().collect::<BTreeSet<_>>() == verdicts, "the verdicts that are possible"),
            ((decision.verdict == Verdict::Depends) == (verdicts.len() > 1), "whether it depends"),
            (deciding.map(|taker| taker.rule) == certain, "the rule that decides"),
            (deciding.is_none_or(|taker| taker.doubts.is_empty()), "a doubt about what is certain"),
            (quick.verdict == decision.verdict, "the quick verdict"),
            (quick.rule == certain, "the rule of the quick verdict"),
            (quick.entry == deciding.and_then(|taker| taker.entry), "the entry of the quick verdict"),
            (mentioned.is_disjoint(&passed), "a rule that takes it and is passed"),
            (
                !first.unmatched || mentioned.len() + passed.len() == firewall.rules().len(),
                "a rule that neither takes it nor is passed",
            ),
        ];
        let (_, wrong) = checks.iter().find(|(is_right, _)| !is_right)?;
        Some(format!("{query}: {wrong}: {takers:?}\n{decision:#?}\n{quick:#?}"))
    }

    /// The verdict on a query with its redirections. A truth for every name.
    pub fn follow(
        &self,
        order: &[At<'s>],
        names: &[&str],
        types: (QueryType, QueryType),
        reading: Reading,
        truths: &[u32],
        (trusts_all, trusting_pass, alerts_count): (bool, bool, bool),
    ) -> Verdict {
        let mut verdict = Verdict::Unmatched;
        let mut rules = order;
        for (place, name) in names.iter().enumerate() {
            let query_type = if place == 0 { types.0 } else { types.1 };
            let redirection = |at: &At<'s>| self.redirection(at.0, at.2, truths[place]);
            let passes = |at: &At<'s>| place > 0 && trusting_pass && redirection(at) == Redirection::Trust;
            let takes =
                |at: &At<'s>| !passes(at) && self.takes(*at, name, query_type, reading, truths[place]);
            let Some(at) = rules.iter().position(takes) else {
                continue;
            };
            let rule = rules[at].2;
            match rule.action {
                Action::Block(_) => return Verdict::Block,
                Action::Alert if verdict == Verdict::Allow && !alerts_count => {}
                Action::Alert => verdict = Verdict::Alert,
                Action::Allow if place == 0 => verdict = Verdict::Allow,
                Action::Allow => {}
            }
            if redirection(&rules[at]) == Redirection::Trust {
                if trusts_all {
                    return verdict;
                }
                rules = &rules[..at];
            }
        }
        verdict
    }
}

fn list_of<'s>(sketch: &'s Sketch, rule: &Rule) -> Option<&'s (Vec<String>, Coverage)> {
    let Names::List(list) = rule.names else { return None };
    sketch.lists.iter().enumerate().find(|(number, _)| list_id(*number) == list).map(|(_, list)| list)
}

fn names_unknown(sketch: &Sketch, rule: &Rule) -> Option<String> {
    match &rule.names {
        Names::Managed(name) => Some(format!("managed {name}")),
        Names::Detector(name) => Some(format!("detector {name}")),
        Names::List(list) => list_of(sketch, rule)
            .is_none_or(|(_, coverage)| *coverage == Coverage::Partial)
            .then(|| format!("unlisted {list:?}")),
    }
}

fn state_unknown(sketch: &Sketch, group: usize, rule: &Rule) -> Option<String> {
    let id = &sketch.stack.groups[group].group.id;
    (rule.state == State::Uncertain).then(|| format!("in force {id} {}", rule.name))
}

/// What is not known of what a rule does.
fn effect_unknowns(sketch: &Sketch, group: usize, rule: &Rule) -> Vec<String> {
    let id = &sketch.stack.groups[group].group.id;
    let words: &[&str] = match (&rule.action, rule.redirection) {
        (Action::Block(Response::Unknown), Redirection::Unknown) => &["overrides", "denies", "trusts"],
        (Action::Block(Response::Unknown), _) => &["overrides", "denies"],
        (_, Redirection::Unknown) => &["trusts"],
        _ => &[],
    };
    words.iter().map(|word| format!("{word} {id} {}", rule.name)).collect()
}

fn association_unknowns(sketch: &Sketch, group: usize) -> impl Iterator<Item = String> {
    sketch.stack.groups[group].doubts.iter().map(|doubt| format!("in force by {doubt}"))
}

/// An entry and a name in lower case, the root being `.`.
pub fn entry_takes(entry: &str, name: &str, reading: Reading) -> bool {
    let entry = entry.to_lowercase();
    let entry = entry.strip_suffix('.').unwrap_or(&entry);
    if entry == "*" {
        return name != "." || reading.star_takes_root;
    }
    if let Some(domain) = entry.strip_prefix("*.") {
        return name.ends_with(&format!(".{domain}"));
    }
    match entry.strip_prefix('*') {
        Some(_) if reading.tail == 0 => false,
        Some(tail) if reading.tail == 1 => name == tail || name.ends_with(&format!(".{tail}")),
        Some(tail) => name.ends_with(tail),
        None => name == entry,
    }
}
