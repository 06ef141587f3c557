//! Random DNS firewalls over few labels, so that rules and lists often meet, and a second opinion on them: written from
//! AWS's documentation with texts and loops, without anything from `dns` but its types.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "for tests: failing loudly is its job"
)]

mod naive;

use std::{ops::Range, sync::Arc};

use dns::{
    Action, Association, Coverage, DomainLists, ListId, Names, QueryType, Redirection, Response, Rule,
    RuleGroup, Stack, State,
};
pub use naive::{At, Effect, Naive, Reading, entry_takes};

/// Seeds of a test, and of a longer run if the environment asks for one.
pub fn seeds(usual: u64) -> Range<u64> {
    let from = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let first = from("NETPROOF_FIRST_SEED").unwrap_or(0);
    first..first + from("NETPROOF_SEEDS").unwrap_or(usual)
}

/// Choices, by the bytes that are given as long as there are any, then by random numbers (SplitMix64).
#[derive(Debug)]
pub struct Draws {
    bytes: std::vec::IntoIter<u8>,
    state: u64,
}

impl Draws {
    /// Random choices, the same for the same seed.
    pub fn new(seed: u64) -> Draws {
        Draws { bytes: Vec::new().into_iter(), state: seed }
    }

    /// Choices from a fuzzer's bytes.
    pub fn from_bytes(bytes: &[u8]) -> Draws {
        Draws { bytes: Vec::from(bytes).into_iter(), state: 0 }
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        if let Some(byte) = self.bytes.next() {
            let high = if end > 256 { self.bytes.next().unwrap_or_default() } else { 0 };
            return usize::from(u16::from_le_bytes([byte, high])) % end;
        }
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end as u64).unwrap()
    }

    pub fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    pub fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// Labels that entries are made of, and those that names have besides: unmentioned ones, with every ending.
pub const LISTED: &[&str] = &["a", "b", "ba"];
pub const LABELS: &[&str] = &["a", "b", "ba", "z", "za", "zb", "zba"];
pub const TYPES: &[QueryType] = &[QueryType::A, QueryType::AAAA, QueryType::CNAME, QueryType(999)];

/// All names of up to three labels. Entries have at most two, so that every class has a name.
pub fn universe() -> Vec<String> {
    let mut names = vec![String::new()];
    let mut last = names.clone();
    for _ in 0..3 {
        let below = |name: &String| {
            let name = name.clone();
            LABELS.iter().map(
                move |label| if name.is_empty() { (*label).to_owned() } else { format!("{label}.{name}") },
            )
        };
        last = last.iter().flat_map(below).collect();
        names.extend(last.iter().cloned());
    }
    ".".clone_into(&mut names[0]);
    names
}

/// How odd random firewalls are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Oddity {
    /// Everything is known.
    None,
    /// Names can be unknown: managed and partly known lists, entries of unknown meaning.
    Names,
    /// States can be unknown, and what rules do exactly, but neither names nor orders.
    States,
    /// Names, states and orders can be unknown.
    Everything,
}

impl Oddity {
    fn has_names(self) -> bool {
        matches!(self, Oddity::Names | Oddity::Everything)
    }

    fn has_states(self) -> bool {
        matches!(self, Oddity::States | Oddity::Everything)
    }
}

/// Lists and stacks, as plain data.
#[derive(Debug)]
pub struct Sketch {
    pub lists: Vec<(Vec<String>, Coverage)>,
    pub stack: Stack,
}

impl Sketch {
    pub fn new(draws: &mut Draws, oddity: Oddity) -> Sketch {
        let lists: Vec<_> = (0..=draws.below(3)).map(|_| random_list(draws, oddity)).collect();
        let stack = random_stack(draws, oddity, lists.len());
        Sketch { lists, stack }
    }

    pub fn lists(&self) -> DomainLists {
        let mut builder = DomainLists::builder();
        for (number, (entries, coverage)) in self.lists.iter().enumerate() {
            let texts = entries.iter().map(String::as_str);
            let (_, unread) = builder.list(&number.to_string(), *coverage, texts);
            assert_eq!(unread, []);
        }
        builder.build()
    }
}

/// The id of the list with this number.
pub fn list_id(number: usize) -> ListId {
    let mut builder = DomainLists::builder();
    (0..=number).map(|_| builder.list("", Coverage::Complete, []).0).last().unwrap()
}

pub fn random_entry(draws: &mut Draws, oddity: Oddity) -> String {
    if draws.one_in(8) {
        return draws.of(&["*", "*."]).to_owned();
    }
    let mut entry = draws.of(LISTED).to_owned();
    if draws.one_in(2) {
        entry = format!("{entry}.{}", draws.of(LISTED));
    }
    match draws.below(if oddity.has_names() { 6 } else { 5 }) {
        0 | 1 => {}
        2..5 => entry.insert_str(0, "*."),
        _ => entry.insert(0, '*'),
    }
    if draws.one_in(4) {
        entry.push('.');
    }
    if draws.one_in(4) { entry.to_uppercase() } else { entry }
}

fn random_list(draws: &mut Draws, oddity: Oddity) -> (Vec<String>, Coverage) {
    let entries = (0..draws.below(4)).map(|_| random_entry(draws, oddity)).collect();
    let partial = oddity.has_names() && draws.one_in(6);
    (entries, if partial { Coverage::Partial } else { Coverage::Complete })
}

pub fn random_stack(draws: &mut Draws, oddity: Oddity, lists: usize) -> Stack {
    let odd = oddity == Oddity::Everything;
    let doubts: &[&[&str]] = &[&["l"], &["m"], &["l", "m"]];
    let groups = (0..=draws.below(3)).map(|group| {
        let rules = (0..=draws.below(3)).map(|rule| random_rule(draws, oddity, lists, rule)).collect();
        Association {
            track: u32::from(odd && draws.one_in(4)),
            priority: if odd { draws.of(&[1, 2, 3]) } else { [0, 2, 4, 1][group] },
            group: Arc::new(RuleGroup { id: format!("g{group}"), rules }),
            doubts: if oddity.has_states() && draws.one_in(4) {
                draws.of(doubts).iter().map(|doubt| (*doubt).to_owned()).collect()
            } else {
                Vec::new()
            },
        }
    });
    Stack { groups: groups.collect() }
}

fn random_rule(draws: &mut Draws, oddity: Oddity, lists: usize, rule: usize) -> Rule {
    let (odd, states) = (oddity == Oddity::Everything, oddity.has_states());
    let names = match draws.below(if oddity.has_names() { 8 } else { 6 }) {
        0..6 => Names::List(list_id(draws.below(lists))),
        6 => Names::Managed(draws.of(&["m", "n"]).to_owned()),
        _ => Names::Detector("m".to_owned()),
    };
    let over = Response::Override { domain: "b.a".to_owned(), ttl: 5 };
    let block = |response| Action::Block(response);
    Rule {
        name: format!("r{rule}"),
        priority: if odd { draws.of(&[1, 2, 3, 4]) } else { [0, 2, 4, 1][rule] },
        names,
        query_type: if draws.one_in(2) { None } else { Some(draws.of(&TYPES[..3])) },
        action: draws.of(&[
            Action::Allow,
            Action::Allow,
            Action::Alert,
            block(Response::NoData),
            block(Response::NxDomain),
            if states { block(Response::Unknown) } else { block(over.clone()) },
            block(over),
        ]),
        redirection: if states && draws.one_in(6) {
            Redirection::Unknown
        } else {
            draws.of(&[Redirection::Inspect, Redirection::Trust])
        },
        state: if states && draws.one_in(6) { State::Uncertain } else { State::InForce },
    }
}
