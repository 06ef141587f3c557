//! Are two filters the same? Exactly which packets does one let through and the other not?
//!
//! What is not fully known of a filter has two bounds, each exact: what it surely lets through, and what it may. Filters
//! are equal if all bounds are the same set; they differ where one surely lets through what the other surely does not;
//! and what lies between is unknown.

mod lists;
mod stages;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use aws::rules::{Content, Filter, FilterKind};
use graph::{Cause, ResourceKey};
use headerspace::{Block, Field, HeaderSpace, Match, Packet, PacketSet, Ranges};

use crate::{
    Analysis, Reason,
    proof::{Certificate, Checker, Refutation},
};

/// What is asked of two filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Whether both let through the same.
    Equal,
    /// Whether the second lets through everything that the first does.
    Contained,
}

/// Whether the relation holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// It does.
    Yes,
    /// It does not; there is a packet to show it.
    No,
    /// The snapshot does not tell.
    Unknown,
}

/// Two filters, compared.
#[derive(Debug)]
pub struct Comparison {
    /// What both are.
    pub kind: FilterKind,
    /// The first and the second.
    pub filters: [ResourceKey; 2],
    /// What was asked.
    pub relation: Relation,
    /// Whether it holds.
    pub holds: Holds,
    /// What was compared, in a fixed order.
    pub parts: Vec<Part>,
    /// Why something is unknown although there is nothing to compare.
    pub reasons: Vec<Reason>,
    /// Whether a solver confirms it.
    pub certificate: Certificate,
}

/// One thing that filters decide about.
#[derive(Debug)]
pub struct Part {
    /// Which: `ingress`, `egress`, `addresses`, `opening packets, handshake` …
    pub name: &'static str,
    /// What the first lets through and the second does not.
    pub only_first: Excess,
    /// What the second lets through and the first does not.
    pub only_second: Excess,
}

/// What one filter lets through and the other does not.
#[derive(Debug, Default)]
pub struct Excess {
    /// For certain.
    pub surely: Option<Packets>,
    /// What the snapshot does not rule out, beside that.
    pub perhaps: Option<Packets>,
}

/// Packets that two filters treat differently.
#[derive(Debug)]
pub struct Packets {
    /// All of them, as disjoint products.
    pub blocks: Vec<Block>,
    /// One of them.
    pub witness: Packet,
    /// The rules that decide about the witness, of the first filter and of the second; none if no rule speaks of it.
    pub deciding: [Vec<Arc<Cause>>; 2],
    /// What is not known, if anything is not.
    pub reasons: Vec<Reason>,
}

/// Why two filters cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// There is no such filter.
    #[error(
        "`{0}` is no security group, network ACL, prefix list or firewall policy of {1}, or its record is damaged"
    )]
    Missing(String, &'static str),
    /// Several are called so.
    #[error("`{0}` may be any of several; name it by its ARN")]
    Ambiguous(String),
    /// They are of two kinds.
    #[error("`{0}` is a {1} and `{2}` a {3}; only two of a kind can be compared")]
    Kinds(String, &'static str, String, &'static str),
    /// The engines disagree.
    #[error(transparent)]
    Refutation(#[from] Refutation),
}

/// Exact bounds of what a filter lets through: sets of one space, and the terms that say the same.
#[derive(Debug, Clone)]
struct Bounds {
    surely: PacketSet,
    perhaps: PacketSet,
    surely_term: Match,
    perhaps_term: Match,
}

/// A side of a part: its bounds, and how it decides about one packet.
struct Side<'f> {
    bounds: Bounds,
    deciding: Box<dyn Fn(&Packet) -> Verdict + 'f>,
}

/// How a filter decides about one packet.
#[derive(Debug, Default)]
struct Verdict {
    causes: Vec<Arc<Cause>>,
    /// Whether the rules by themselves, each asked about this packet, say that it surely or perhaps gets through.
    surely: bool,
    perhaps: bool,
    doubts: Vec<Arc<Cause>>,
}

impl Analysis {
    /// Compares the filters called `a` here and `b` in `other` (or here, too): ids, ARNs, or names of policies.
    pub fn compare(
        &self,
        a: &str,
        other: Option<&Analysis>,
        b: &str,
        relation: Relation,
    ) -> Result<Comparison, CompareError> {
        let second = other.unwrap_or(self);
        let first_filter =
            named(self, a, if other.is_some() { "the first snapshot" } else { "the snapshot" })?;
        let second_filter =
            named(second, b, if other.is_some() { "the second snapshot" } else { "the snapshot" })?;
        let (kind, other_kind) = (first_filter.kind, second_filter.kind);
        if kind != other_kind {
            return Err(CompareError::Kinds(a.into(), kind.name(), b.into(), other_kind.name()));
        }
        let mut comparison = Comparison {
            kind,
            filters: [first_filter.key.clone(), second_filter.key.clone()],
            relation,
            holds: Holds::Yes,
            parts: Vec::new(),
            reasons: Vec::new(),
            certificate: Certificate::None("there was nothing to compare"),
        };
        let mut work = Work {
            analyses: [self, second],
            apart: other.is_some(),
            whole_addresses: kind == FilterKind::PrefixList,
            space: HeaderSpace::new(),
            checker: Checker::new(),
        };
        comparison.parts = match (&first_filter.content, &second_filter.content) {
            (Content::Lists(first), Content::Lists(second)) => {
                let mut parts = Vec::new();
                for (first, second) in first.iter().zip(second) {
                    let sides = [first, second].map(|list| lists::side(list, &mut work.space));
                    parts.push(work.part(first.part, &sides)?);
                }
                parts
            }
            (Content::Stages(first), Content::Stages(second)) => {
                let mut parts = Vec::new();
                for part in stages::PARTS {
                    let sides = [first, second].map(|stages| stages::side(stages, part, &mut work.space));
                    parts.push(work.part(part.name(), &sides)?);
                }
                parts
            }
            (first, second) => {
                let unknown = |content: &Content| match content {
                    Content::Unknown(why) => Some(Reason { text: why.clone(), location: None }),
                    Content::Lists(_) | Content::Stages(_) => None,
                };
                comparison.reasons = [first, second].into_iter().filter_map(unknown).collect();
                comparison.reasons.dedup();
                Vec::new()
            }
        };
        if !comparison.parts.is_empty() {
            comparison.certificate = work.checker.certificate();
        }
        comparison.holds = holds(&comparison);
        Ok(comparison)
    }
}

fn holds(comparison: &Comparison) -> Holds {
    let asked = |part: &'_ Part| -> [bool; 2] {
        let excess = match comparison.relation {
            Relation::Equal => [Some(&part.only_first), Some(&part.only_second)],
            Relation::Contained => [Some(&part.only_first), None],
        };
        let any = |of: fn(&Excess) -> bool| excess.iter().flatten().any(|excess| of(excess));
        [any(|excess| excess.surely.is_some()), any(|excess| excess.perhaps.is_some())]
    };
    let all: Vec<[bool; 2]> = comparison.parts.iter().map(asked).collect();
    if all.iter().any(|[surely, _]| *surely) {
        Holds::No
    } else if !comparison.reasons.is_empty() || all.iter().any(|[_, perhaps]| *perhaps) {
        Holds::Unknown
    } else {
        Holds::Yes
    }
}

fn named(analysis: &Analysis, name: &str, place: &'static str) -> Result<Filter, CompareError> {
    let mut found = analysis.inventory().filters(name);
    match found.len() {
        0 => Err(CompareError::Missing(name.into(), place)),
        1 => Ok(found.remove(0)),
        _ => Err(CompareError::Ambiguous(name.into())),
    }
}

/// What comparing needs.
struct Work<'a> {
    analyses: [&'a Analysis; 2],
    /// Whether the filters are of two snapshots.
    apart: bool,
    /// Whether packets stand for addresses alone.
    whole_addresses: bool,
    space: HeaderSpace,
    checker: Checker,
}

impl Work<'_> {
    fn part(&mut self, name: &'static str, sides: &[Side<'_>; 2]) -> Result<Part, CompareError> {
        Ok(Part {
            name,
            only_first: self.excess(name, sides, [0, 1])?,
            only_second: self.excess(name, sides, [1, 0])?,
        })
    }

    /// What one of the sides lets through and the other does not.
    fn excess(
        &mut self,
        name: &str,
        sides: &[Side<'_>; 2],
        [these, not_those]: [usize; 2],
    ) -> Result<Excess, CompareError> {
        let [Some(this), Some(that)] = [sides.get(these), sides.get(not_those)] else {
            return Ok(Excess::default());
        };
        let (this, that) = (&this.bounds, &that.bounds);
        let mut surely = self.space.minus(this.surely, that.perhaps);
        let mut surely_term =
            Match::all_of([this.surely_term.clone(), Match::not(that.perhaps_term.clone())]);
        let possible = self.space.minus(this.perhaps, that.surely);
        let possible_term = Match::all_of([this.perhaps_term.clone(), Match::not(that.surely_term.clone())]);
        let mut carried = Vec::new();
        if self.apart
            && [&this.perhaps_term, &that.perhaps_term].iter().any(|term| tells_carriers_apart(term))
        {
            // Who carries a packet is a number that each snapshot gives out by itself.
            let comparable = Match::In(Field::Identity, Ranges::range(0..=1));
            let set = self.space.compile(&comparable);
            surely = self.space.and(surely, set);
            surely_term = Match::all_of([surely_term, comparable]);
            let text = "what load balancers carry cannot be compared between snapshots".to_owned();
            carried.push(Reason { text, location: None });
        }
        let perhaps = self.space.minus(possible, surely);
        let perhaps_term = Match::all_of([possible_term, Match::not(surely_term.clone())]);
        let ends = [these, not_those];
        Ok(Excess {
            surely: self.packets(name, sides, ends, (surely, &surely_term), true)?,
            perhaps: self.packets(name, sides, ends, (perhaps, &perhaps_term), false)?.map(|mut packets| {
                packets.reasons.extend(carried);
                packets
            }),
        })
    }

    /// The packets of a set, confirmed.
    fn packets(
        &mut self,
        name: &str,
        sides: &[Side<'_>; 2],
        [these, not_those]: [usize; 2],
        (set, term): (PacketSet, &Match),
        surely: bool,
    ) -> Result<Option<Packets>, CompareError> {
        let question = || format!("`{name}`");
        let world = self.space.well_formed();
        if !self.space.overlaps(set, world) {
            self.checker.nothing(question, [term.clone()])?;
            return Ok(None);
        }
        // Ill-formed packets need no blocks of their own: what is printed is about packets that exist.
        let narrow = self.space.compile(&narrow());
        let blocks =
            if self.whole_addresses { self.space.blocks(set) } else { self.blocks(set, narrow, world) };
        let Some(witness) = self.space.sample(set) else { return Ok(None) };
        let printed = Match::any_of(blocks.iter().map(Block::to_match));
        self.checker.nothing(question, [printed.clone(), Match::not(term.clone())])?;
        self.checker.nothing(question, [term.clone(), Match::not(printed)])?;
        self.checker.accepted(question, &witness, [term.clone()])?;
        let verdicts =
            [0, 1].map(|side| sides.get(side).map(|side| (side.deciding)(&witness)).unwrap_or_default());
        let [Some(this), Some(that)] = [verdicts.get(these), verdicts.get(not_those)] else {
            return Ok(None);
        };
        // Rule by rule, without sets or terms.
        let agrees = if surely { this.surely && !that.perhaps } else { this.perhaps && !that.surely };
        if !agrees || !term.accepts(&witness) {
            let theirs = format!("its rules one by one say {this:?} and {that:?}");
            return Err(Refutation { question: question(), ours: format!("{witness} is one"), theirs }.into());
        }
        let mut reasons = Vec::new();
        if !surely {
            for (verdict, analysis) in verdicts.iter().zip(self.analyses) {
                reasons.extend(
                    verdict
                        .doubts
                        .iter()
                        .map(|cause| Reason { text: cause.doubt(), location: analysis.locate(cause) }),
                );
            }
            reasons.dedup();
        }
        let deciding = verdicts.map(|verdict| verdict.causes);
        Ok(Some(Packets { blocks, witness, deciding, reasons }))
    }

    /// The products of a set that hold packets that exist.
    fn blocks(&mut self, set: PacketSet, narrow: PacketSet, world: PacketSet) -> Vec<Block> {
        let set = self.space.and(set, narrow);
        let all = self.space.blocks(set);
        let exists = |block: &Block| {
            let set = self.space.from_block(block);
            self.space.overlaps(set, world)
        };
        let mut exists = exists;
        all.into_iter().filter(|block| exists(block)).collect()
    }
}

/// IPv6, or IPv4 with addresses of its width.
fn narrow() -> Match {
    let narrow = |field| Match::In(field, Ranges::range(0..=u32::MAX.into()));
    Match::any_of([
        Match::family(headerspace::Family::V6),
        Match::all_of([Match::family(headerspace::Family::V4), narrow(Field::SrcIp), narrow(Field::DstIp)]),
    ])
}

/// Whether a term looks at the numbers under which balancers carry packets.
fn tells_carriers_apart(term: &Match) -> bool {
    match term {
        Match::All => false,
        Match::In(field, values) => *field == Field::Identity && values.max().is_some_and(|most| most > 1),
        Match::Not(inner) => tells_carriers_apart(inner),
        Match::AllOf(parts) | Match::AnyOf(parts) => parts.iter().any(tells_carriers_apart),
    }
}
