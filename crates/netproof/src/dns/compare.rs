//! Where two VPCs or rule groups do not do the same to queries.

use aws::Filtered;
use dns::{Firewall, Region, Stack, Types};

use super::{DnsAnswer, DnsQuestion, DnsQuestionError, Seen};
use crate::{Analysis, Holds, Reason};

/// So many differences are shown.
const SHOWN: usize = 20;

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DnsSide {
    /// A VPC, by id or ARN.
    Vpc(String),
    /// A rule group, by id or ARN.
    Group(String),
}

/// Two VPCs or rule groups, compared for all names and types.
#[derive(Debug, Clone)]
pub struct DnsComparison {
    /// One side.
    pub first: DnsSide,
    /// The other.
    pub second: DnsSide,
    /// Whether both do the same to every query.
    pub holds: Holds,
    /// The first differences, those that are certain first.
    pub differences: Vec<DnsDifference>,
    /// How many there are that are certain.
    pub certain: usize,
    /// How many there are that depend on something unknown.
    pub uncertain: usize,
    /// What the answer depends on or takes for granted.
    pub why: Vec<Reason>,
}

/// Names and types to which two sides do not do the same.
#[derive(Debug, Clone)]
pub struct DnsDifference {
    /// The names.
    pub region: Region,
    /// The types.
    pub types: Types,
    /// [`Holds::No`] if they do not whatever is unknown, otherwise [`Holds::Unknown`].
    pub same: Holds,
    /// What one side does to a query of these.
    pub first: DnsAnswer,
    /// What the other does to it.
    pub second: DnsAnswer,
}

/// A side, made ready.
pub(super) struct Ready<'a> {
    analysis: &'a Analysis,
    name: &'a str,
    filtered: Filtered,
    notes: Vec<String>,
    /// What may be in force: where DNS Firewall sees nothing, no rule.
    stacks: Vec<Stack>,
}

impl DnsSide {
    /// Its id or ARN, as it was given.
    pub fn name(&self) -> &str {
        let (Self::Vpc(name) | Self::Group(name)) = self;
        name
    }
}

impl Analysis {
    /// Compares two VPCs or rule groups, the second in another snapshot or the same.
    ///
    /// Being allowed is not the same as being taken by no rule, and the response to what is blocked counts. Cost: linear
    /// in the names of the lists in use.
    pub fn compare_dns(
        &self,
        first: &DnsSide,
        other: &Analysis,
        second: &DnsSide,
    ) -> Result<DnsComparison, DnsQuestionError> {
        let (ours, theirs) = (self.dns_side(first)?, other.dns_side(second)?);
        let mut comparison = DnsComparison {
            first: first.clone(),
            second: second.clone(),
            holds: Holds::Yes,
            differences: Vec::new(),
            certain: 0,
            uncertain: 0,
            why: Vec::new(),
        };
        for side in [&ours, &theirs] {
            let filtered = Some(side.filtered.to_string()).filter(|_| side.filtered != Filtered::Yes);
            for text in filtered.into_iter().chain(side.notes.iter().cloned()) {
                if !comparison.why.iter().any(|known| known.text == text) {
                    comparison.why.push(Reason { text, location: None });
                }
            }
        }
        // Where it is not known whether queries are seen, every combination counts, and none shows for certain that both
        // differ. One VPC in two snapshots is seen in both or in neither.
        let pairs = ours.pairs(&theirs);
        let is_one = pairs.len() == 1;
        for (stack, other_stack) in pairs {
            let one = Firewall::new(self.dns().lists(), stack.clone());
            let two = Firewall::new(other.dns().lists(), other_stack.clone());
            let compared = one.compare(&two, SHOWN);
            if compared.is_equal() {
                continue;
            }
            if is_one {
                (comparison.certain, comparison.uncertain) = (compared.certain, compared.uncertain);
            } else {
                comparison.uncertain = compared.certain + compared.uncertain;
            }
            comparison.holds = if comparison.certain > 0 { Holds::No } else { Holds::Unknown };
            comparison.differences = compared
                .differences
                .iter()
                .map(|found| DnsDifference {
                    region: found.region.clone(),
                    types: found.types,
                    same: if found.is_certain && is_one { Holds::No } else { Holds::Unknown },
                    first: ours.answer(found, &one),
                    second: theirs.answer(found, &two),
                })
                .collect();
            break;
        }
        Ok(comparison)
    }

    pub(super) fn dns_side<'a>(&'a self, side: &'a DnsSide) -> Result<Ready<'a>, DnsQuestionError> {
        let all = self.dns();
        let (filtered, notes, stack) = match side {
            DnsSide::Vpc(vpc) => {
                let network = all.network(vpc).ok_or_else(|| DnsQuestionError::NoVpc(vpc.clone()))?;
                (network.filtered.clone(), network.notes.clone(), network.stack.clone())
            }
            DnsSide::Group(id) => {
                let group = all.rule_group(id).ok_or_else(|| DnsQuestionError::NoGroup(id.clone()))?;
                (Filtered::Yes, Vec::new(), Stack::ordered([group.clone()]))
            }
        };
        let stacks = match filtered {
            Filtered::Yes => vec![stack],
            Filtered::No(_) => vec![Stack::default()],
            Filtered::Perhaps(_) => vec![stack, Stack::default()],
        };
        Ok(Ready { analysis: self, name: side.name(), filtered, notes, stacks })
    }
}

impl Ready<'_> {
    /// What may be in force on this side and the other at once.
    pub(super) fn pairs<'r>(&'r self, other: &'r Ready<'_>) -> Vec<(&'r Stack, &'r Stack)> {
        let mut pairs = Vec::new();
        for (place, stack) in self.stacks.iter().enumerate() {
            let others = other.stacks.iter().enumerate();
            let others = others.filter(|(at, _)| self.filtered != other.filtered || place == *at);
            pairs.extend(others.map(|(_, other)| (stack, other)));
        }
        pairs
    }

    fn answer(&self, found: &dns::Difference, firewall: &Firewall<'_>) -> DnsAnswer {
        let question = DnsQuestion::of(self.name, found.query.clone());
        let seen = Seen { filtered: &self.filtered, notes: &self.notes };
        self.analysis.dns_answer(self.analysis.dns(), &question, seen, firewall)
    }
}
