//! Names, lists and firewalls for the bench.

use std::sync::Arc;

use dns::{
    Action, Coverage, DomainLists, ListId, Names, Query, QueryType, Redirection, Response, Rule, RuleGroup,
    Stack, State,
};

/// SplitMix64: the same names on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    fn word(&mut self, least: usize, most: usize) -> String {
        let letters = b"abeghilnorst";
        let length = least + self.below(most - least + 1);
        (0..length).map(|_| char::from(letters[self.below(letters.len())])).collect()
    }
}

/// What names look like.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Domains with one or two labels below ten suffixes.
    Mixed,
    /// Labels of 25 to 60 letters.
    Long,
    /// Eight labels.
    Deep,
    /// One label below one domain.
    OneSuffix,
}

pub fn names(shape: Shape, count: usize, random: &mut Random) -> Vec<String> {
    let tlds = ["com", "net", "org", "io", "co.uk", "de", "ru", "cn", "info", "com.br"];
    let mut name = |index: usize| match shape {
        Shape::Mixed => {
            let domain = format!("{}.{}", random.word(4, 12), tlds[random.below(tlds.len())]);
            if index % 2 == 0 { domain } else { format!("{}.{domain}", random.word(4, 12)) }
        }
        Shape::Long => format!("{}.{}.com", random.word(25, 60), random.word(25, 60)),
        Shape::Deep => {
            let labels: Vec<String> = (0..7).map(|_| random.word(3, 8)).collect();
            format!("{}.net", labels.join("."))
        }
        Shape::OneSuffix => format!("{}.blocked.example.com", random.word(8, 14)),
    };
    let mut names: Vec<String> = (0..count).map(&mut name).collect();
    names.sort_unstable();
    names.dedup();
    // In no order, as from a feed.
    for last in (1..names.len()).rev() {
        names.swap(last, random.below(last + 1));
    }
    names
}

/// `hits` of a hundred names asked for lie below a listed one.
pub fn queries(names: &[String], count: usize, hits: usize, random: &mut Random) -> Vec<Query> {
    let mut query = || {
        let name = &names[random.below(names.len())];
        let name = if random.below(100) < hits { format!("www.{name}") } else { format!("x{name}") };
        Query { name: name.parse().expect("a short name of letters"), query_type: QueryType::AAAA }
    };
    (0..count).map(|_| query()).collect()
}

/// As many lists as there are to be rules, over all entries.
pub fn lists(entries: &[String], rules: usize) -> (DomainLists, Vec<ListId>, ListId) {
    let mut builder = DomainLists::builder();
    let ids = entries
        .chunks(entries.len().div_ceil(rules))
        .map(|part| builder.list("list", Coverage::Complete, part.iter().map(String::as_str)).0)
        .collect();
    let (all, _) = builder.list("all", Coverage::Complete, ["*"]);
    (builder.build(), ids, all)
}

/// Groups of up to a hundred rules, one for each list; the last of all takes what is left, if there is a list for it.
pub fn stack(lists: &[ListId], rest: Option<ListId>) -> Stack {
    let actions = [Action::Allow, Action::Alert, Action::Block(Response::NxDomain)];
    let rule = |(index, list): (usize, &ListId)| Rule {
        name: format!("rule {index}"),
        priority: index as i64,
        names: Names::List(*list),
        query_type: None,
        action: actions[index % 3].clone(),
        redirection: Redirection::Inspect,
        state: State::InForce,
    };
    let mut rules: Vec<Rule> = lists.iter().enumerate().map(rule).collect();
    if let (Some(rest), Some(last)) = (rest, rules.last_mut()) {
        last.names = Names::List(rest);
        last.action = Action::Block(Response::NoData);
    }
    let groups = rules.chunks(100).enumerate();
    Stack::ordered(
        groups.map(|(group, rules)| {
            Arc::new(RuleGroup { id: format!("group {group}"), rules: rules.to_vec() })
        }),
    )
}
