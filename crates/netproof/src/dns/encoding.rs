//! What a DNS firewall does to a query, as conditions for a solver: written anew from the texts of entries and the order
//! of rules, without the classes of names from which answers about all names are found.
//!
//! A name is a sequence of labels from the top down, each a value of a variable; 0 is that the name has ended. No entry
//! tells labels apart that none mentions, so one value stands for all of these. No entry has more labels than the
//! deepest, so that whatever is beyond one more label below that makes no difference. So conditions about names have
//! variables for few labels of few values each, and hold for some of these if and only if they hold for some sequence of
//! labels. What is left out of this is the limit on the length of names: firewalls for which it can matter are not
//! encoded, and neither are those whose order of rules is open, or with an entry that has a star and no dot.

mod domains;

use std::collections::BTreeMap;

use dns::{
    Action, Coverage, DomainName, Firewall, ListId, Names, Query, QueryType, Redirection, Response, Rule,
    RuleId, State,
};
use search::{Condition, FiniteSolver};

/// Entries that are put to the solver at most, of all lists of a question.
///
/// PERF: with so many, whether each of 48 rules decides takes Z3 0.9 s, of 20 rules 0.4 s, and a walled garden 0.04 s (release,
/// busy machine, 2026-11-27); conditions grow with the product of entries and rules. That 100 rules with an entry each and as many
/// domain lists do not contradict each other takes 0.02 s, 50 contradictions 0.8 to 1.5 s (unoptimised, busy machine, 2026-11-27).
pub(super) const MOST_ENTRIES: usize = 200;

/// Octets of a name at most, without a dot at its end. SOURCE: RFC 1035 §2.3.4.
const NAME_OCTETS: usize = 253;

/// What one question may cost, in Z3's units of work.
const LIMIT: u32 = 50_000_000;

const GLUED: &str = "an entry has a star without a dot, which is not put to the solver";

/// One or two firewalls, as conditions.
pub(super) struct Encoding {
    labels: BTreeMap<String, u32>,
    depth: usize,
    types: Vec<QueryType>,
    unknowns: BTreeMap<String, usize>,
    /// Conditions for lists, by side.
    lists: BTreeMap<(String, ListId), Condition>,
    sizes: Vec<u32>,
    /// Everything that a blocked query can be answered with, as a key.
    responses: Vec<String>,
}

/// A rule and the condition on which it takes a query, if no earlier one does.
pub(super) struct Row {
    pub(super) rule: RuleId,
    takes: Condition,
    effects: Vec<(Condition, String)>,
    blocks: bool,
}

/// What the conditions are about.
#[derive(Default)]
struct Mentioned {
    names: Vec<String>,
    types: Vec<QueryType>,
    entries: usize,
    responses: Vec<String>,
}

impl Encoding {
    /// Conditions for firewalls, about these names and queries as well; or why there are none.
    pub(super) fn new(
        firewalls: &[&Firewall<'_>],
        names: &[DomainName],
        queries: &[&Query],
    ) -> Result<Self, &'static str> {
        let mut mentioned = Mentioned::default();
        for firewall in firewalls {
            mentioned.add(firewall)?;
        }
        mentioned.names.extend(names.iter().map(text_of));
        Self::about(mentioned, queries)
    }

    fn about(mut mentioned: Mentioned, queries: &[&Query]) -> Result<Self, &'static str> {
        mentioned.names.extend(queries.iter().map(|query| text_of(&query.name)));
        mentioned.types.extend(queries.iter().map(|query| query.query_type));
        mentioned.types.sort_unstable();
        mentioned.types.dedup();
        mentioned.responses.sort();
        mentioned.responses.dedup();
        let split = |name: &'_ String| name.split('.').map(str::to_owned).collect::<Vec<_>>();
        let all = mentioned.names.iter().filter(|name| !name.is_empty()).map(split);
        let all: Vec<Vec<String>> = all.collect();
        let depth = all.iter().map(Vec::len).max().unwrap_or(0) + 1;
        let longest = all.iter().flatten().map(String::len).max().unwrap_or(0).max(3);
        if depth * (longest + 1) > NAME_OCTETS {
            return Err("names of its lists are so long that the limit on their length matters");
        }
        let mut labels: Vec<String> = all.into_iter().flatten().collect();
        labels.sort();
        labels.dedup();
        // The last value is any label that is not among these.
        let values = u32::try_from(labels.len() + 2).unwrap_or(u32::MAX);
        let mut sizes = vec![values; depth];
        sizes.push(u32::try_from(mentioned.types.len() + 1).unwrap_or(u32::MAX));
        Ok(Self {
            labels: labels.into_iter().zip(1..).collect(),
            depth,
            types: mentioned.types,
            unknowns: BTreeMap::new(),
            lists: BTreeMap::new(),
            sizes,
            responses: mentioned.responses,
        })
    }

    /// The solver for what has been encoded so far.
    pub(super) fn solver(&self) -> FiniteSolver {
        FiniteSolver::new(&self.sizes, LIMIT)
    }

    /// That the values are those of a name: nothing follows its end.
    pub(super) fn is_name(&self) -> Condition {
        let pairs = (0..self.depth).zip(1..self.depth);
        Condition::all(
            pairs.map(|(one, next)| {
                Condition::any([Condition::Is(one, 0).opposite(), Condition::Is(next, 0)])
            }),
        )
    }

    /// That the name is this one.
    pub(super) fn exactly(&self, name: &DomainName) -> Condition {
        self.is(&text_of(name))
    }

    /// That the name is this one or below it.
    pub(super) fn within(&self, name: &DomainName) -> Condition {
        let text = text_of(name);
        Condition::any([self.is(&text), self.below(&text)])
    }

    /// That the query is this one.
    pub(super) fn asked(&self, query: &Query) -> Condition {
        let place = self.types.iter().position(|query_type| *query_type == query.query_type);
        Condition::all([self.exactly(&query.name), self.has_type(place)])
    }

    fn has_type(&self, place: Option<usize>) -> Condition {
        let value = place.map_or(0, |place| place + 1);
        Condition::Is(self.depth, u32::try_from(value).unwrap_or(u32::MAX))
    }

    /// The labels of a name, from the top down.
    fn starts(&self, name: &str) -> Vec<Condition> {
        let labels = name.rsplit('.').filter(|label| !label.is_empty());
        let values = labels.map(|label| self.labels.get(label).copied());
        let values = values.enumerate();
        values
            .map(|(place, value)| {
                value.map_or(Condition::Constant(false), |value| Condition::Is(place, value))
            })
            .collect()
    }

    fn is(&self, name: &str) -> Condition {
        let mut parts = self.starts(name);
        parts.push(Condition::Is(parts.len(), 0));
        Condition::all(parts)
    }

    fn below(&self, name: &str) -> Condition {
        let mut parts = self.starts(name);
        parts.push(Condition::Is(parts.len(), 0).opposite());
        Condition::all(parts)
    }

    /// That something unknown has this of so many values; equal names are about the same.
    fn unknown(&mut self, name: String, size: usize, value: usize) -> Condition {
        let sizes = &mut self.sizes;
        let variable = *self.unknowns.entry(name).or_insert_with(|| {
            sizes.push(u32::try_from(size).unwrap_or(u32::MAX));
            sizes.len() - 1
        });
        Condition::Is(variable, u32::try_from(value).unwrap_or(u32::MAX))
    }

    fn assumed(&mut self, name: String) -> Condition {
        self.unknown(name, 2, 1)
    }

    /// The rules of a firewall in order. What only this firewall knows is told from others by `side`.
    pub(super) fn rows(&mut self, firewall: &Firewall<'_>, side: &str) -> Result<Vec<Row>, &'static str> {
        self.rows_for(firewall, side, None)
    }

    /// The same for queries of one type, whatever type is asked for, so that one name can be looked at with several.
    pub(super) fn rows_of_type(
        &mut self,
        firewall: &Firewall<'_>,
        side: &str,
        query_type: QueryType,
    ) -> Result<Vec<Row>, &'static str> {
        self.rows_for(firewall, side, Some(query_type))
    }

    fn rows_for(
        &mut self,
        firewall: &Firewall<'_>,
        side: &str,
        asked: Option<QueryType>,
    ) -> Result<Vec<Row>, &'static str> {
        let order = order(firewall)?;
        let mut rows = Vec::new();
        for id in order {
            let (Some(group), Some(rule)) = (firewall.group(id), firewall.rule(id)) else { continue };
            let Some(association) = firewall.stack().groups.get(id.group) else { continue };
            let mut parts = Vec::new();
            if let Some(query_type) = rule.query_type {
                let place = self.types.iter().position(|stated| *stated == query_type);
                let is_asked = |asked| Condition::Constant(asked == query_type);
                parts.push(asked.map_or_else(|| self.has_type(place), is_asked));
            }
            if rule.state == State::Uncertain {
                parts.push(self.assumed(format!("{side} in force {} {}", group.id, rule.name)));
            }
            for doubt in &association.doubts {
                parts.push(self.assumed(format!("{side} {doubt}")));
            }
            parts.push(match &rule.names {
                Names::Managed(name) => self.assumed(format!("managed {name}")),
                Names::Detector(name) => self.assumed(format!("detector {name}")),
                Names::List(list) => self.listed(firewall, *list, side),
            });
            let name = format!("{side} {} {}", group.id, rule.name);
            let effects = self.effects(rule, &name);
            let blocks = matches!(rule.action, Action::Block(_));
            rows.push(Row { rule: id, takes: Condition::all(parts), effects, blocks });
        }
        Ok(rows)
    }

    /// That a list has the name.
    fn listed(&mut self, firewall: &Firewall<'_>, list: ListId, side: &str) -> Condition {
        let key = (side.to_owned(), list);
        if let Some(known) = self.lists.get(&key) {
            return known.clone();
        }
        let lists = firewall.lists();
        let mut parts = Vec::new();
        for entry in lists.entries(list) {
            let text = normal(lists.text(entry).unwrap_or_default());
            parts.push(match text.as_str() {
                "*" => {
                    let root = self.assumed("a star takes the root name".to_owned());
                    Condition::any([self.below(""), root])
                }
                text => match text.strip_prefix("*.") {
                    _ if !can_be_asked(text) => Condition::Constant(false),
                    Some(domain) => self.below(domain),
                    None => self.is(text),
                },
            });
        }
        if lists.coverage(list) == Coverage::Partial {
            parts.push(self.assumed(format!("{side} unlisted {list:?}")));
        }
        let listed = Condition::any(parts);
        self.lists.insert(key, listed.clone());
        listed
    }

    /// What a rule may do, each with the condition on which it does.
    fn effects(&mut self, rule: &Rule, name: &str) -> Vec<(Condition, String)> {
        let word = match &rule.action {
            Action::Allow => "allow",
            Action::Alert => "alert",
            Action::Block(Response::Unknown) => {
                let responses = self.responses.clone();
                let size = responses.len();
                let all = responses.into_iter().enumerate();
                return all
                    .map(|(value, key)| (self.unknown(format!("response {name}"), size, value), key))
                    .collect();
            }
            Action::Block(response) => return vec![(Condition::Constant(true), key(response))],
        };
        match rule.redirection {
            Redirection::Inspect => vec![(Condition::Constant(true), format!("{word} inspect"))],
            Redirection::Trust => vec![(Condition::Constant(true), format!("{word} trust"))],
            Redirection::Unknown => {
                let trusts = self.assumed(format!("trusts {name}"));
                vec![
                    (trusts.clone(), format!("{word} trust")),
                    (trusts.opposite(), format!("{word} inspect")),
                ]
            }
        }
    }
}

impl Mentioned {
    fn add(&mut self, firewall: &Firewall<'_>) -> Result<(), &'static str> {
        let lists = firewall.lists();
        let mut seen = std::collections::BTreeSet::new();
        let answers = [Response::NoData, Response::NxDomain];
        self.responses.extend(answers.iter().map(key));
        // One that no rule states.
        self.responses.push("another".to_owned());
        for id in firewall.rules() {
            let Some(rule) = firewall.rule(id) else { continue };
            self.types.extend(rule.query_type);
            if let Action::Block(response) = &rule.action
                && *response != Response::Unknown
            {
                self.responses.push(key(response));
            }
            let Names::List(list) = rule.names else { continue };
            if !seen.insert(list) {
                continue;
            }
            for entry in lists.entries(list) {
                self.count()?;
                let text = normal(lists.text(entry).unwrap_or_default());
                let domain = text.strip_prefix("*.").unwrap_or(&text);
                match domain {
                    "*" => {}
                    glued if glued.starts_with('*') => return Err(GLUED),
                    domain if can_be_asked(domain) => self.names.push(domain.to_owned()),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Counts an entry.
    fn count(&mut self) -> Result<(), &'static str> {
        self.entries += 1;
        if self.entries > MOST_ENTRIES {
            return Err("its lists have more entries than are put to the solver");
        }
        Ok(())
    }
}

/// The rules in the order in which they are looked at.
fn order(firewall: &Firewall<'_>) -> Result<Vec<RuleId>, &'static str> {
    const OPEN: &str = "the order of its rules is not known";
    let groups = &firewall.stack().groups;
    let mut order: Vec<(i64, i64, RuleId)> = Vec::new();
    for (group, association) in groups.iter().enumerate() {
        if groups.iter().any(|other| other.track != association.track) {
            return Err(OPEN);
        }
        for (rule, written) in association.group.rules.iter().enumerate() {
            order.push((association.priority, written.priority, RuleId { group, rule }));
        }
    }
    order.sort_unstable();
    let pairs = order.iter().zip(order.iter().skip(1));
    let is_open = |(one, next): (&(i64, i64, RuleId), &(i64, i64, RuleId))| {
        one.0 == next.0 && (one.1 == next.1 || one.2.group != next.2.group)
    };
    if pairs.into_iter().any(is_open) {
        return Err(OPEN);
    }
    Ok(order.into_iter().map(|(.., id)| id).collect())
}

/// That each rule is the one that takes the query, and that none does.
fn first_match(rows: &[Row]) -> (Vec<Condition>, Condition) {
    let mut none = Condition::Constant(true);
    let mut taken = Vec::new();
    for row in rows {
        taken.push(Condition::all([none.clone(), row.takes.clone()]));
        none = Condition::all([none, row.takes.clone().opposite()]);
    }
    (taken, none)
}

/// That the query is blocked.
pub(super) fn is_blocked(rows: &[Row]) -> Condition {
    let (taken, _) = first_match(rows);
    Condition::any(rows.iter().zip(taken).filter(|(row, _)| row.blocks).map(|(_, taken)| taken))
}

/// That a rule takes the query.
pub(super) fn is_taken(rows: &[Row], rule: RuleId) -> Condition {
    let (taken, _) = first_match(rows);
    Condition::any(rows.iter().zip(taken).filter(|(row, _)| row.rule == rule).map(|(_, taken)| taken))
}

/// That both do the same to the query.
pub(super) fn is_same(ours: &[Row], theirs: &[Row]) -> Condition {
    let by_effect = |rows: &[Row]| {
        let (taken, none) = first_match(rows);
        let mut found: BTreeMap<String, Vec<Condition>> = BTreeMap::new();
        found.insert("none".to_owned(), vec![none]);
        for (row, taken) in rows.iter().zip(taken) {
            for (condition, effect) in &row.effects {
                let both = Condition::all([taken.clone(), condition.clone()]);
                found.entry(effect.clone()).or_default().push(both);
            }
        }
        found
    };
    let (ours, mut theirs) = (by_effect(ours), by_effect(theirs));
    Condition::any(ours.into_iter().filter_map(|(effect, conditions)| {
        let others = theirs.remove(&effect)?;
        Some(Condition::all([Condition::any(conditions), Condition::any(others)]))
    }))
}

fn key(response: &Response) -> String {
    match response {
        Response::Override { domain, ttl } => format!("block override {ttl} {domain}"),
        Response::NoData => "block nodata".to_owned(),
        Response::NxDomain => "block nxdomain".to_owned(),
        Response::Unknown => "block".to_owned(),
    }
}

/// An entry in lower case, without a dot at its end.
fn normal(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    text.strip_suffix('.').unwrap_or(&text).to_owned()
}

/// Whether there is a name that an entry is about, as [`normal`] writes it: none has a label of more than 63 characters.
fn can_be_asked(entry: &str) -> bool {
    let domain = entry.strip_prefix("*.").unwrap_or(entry);
    domain.parse::<DomainName>().is_ok()
}

/// A name without a dot at its end; the root name is empty.
fn text_of(name: &DomainName) -> String {
    if name.is_root() { String::new() } else { name.as_str().to_owned() }
}
