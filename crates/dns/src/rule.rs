//! Rules, groups of them, and what is in force for a network.

use std::{fmt, sync::Arc};

use crate::{ListId, QueryType};

/// A rule of a group: which queries it takes, and what becomes of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// What people call it. AWS's rules have no id of their own.
    pub name: String,
    /// Its place in the group, lowest first. Rules of equal priority may be looked at in either order.
    pub priority: i64,
    /// The names it takes.
    pub names: Names,
    /// The one type it takes; `None` takes all.
    pub query_type: Option<QueryType>,
    /// What becomes of the queries it takes.
    pub action: Action,
    /// Whether later names of a redirection are looked at as well.
    pub redirection: Redirection,
    /// Whether it is known to be in force.
    pub state: State,
}

/// The names a rule takes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Names {
    /// Those of a domain list.
    List(ListId),
    /// Those of a list that AWS keeps and does not show, by its name. Lists of equal name hold equal names.
    Managed(String),
    /// Those that a detector of AWS takes for a threat, by its name. It is a set of names like a managed list.
    Detector(String),
}

/// What becomes of a query that a rule takes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Action {
    /// It is answered.
    Allow,
    /// It is answered and logged.
    Alert,
    /// It is answered so instead.
    Block(Response),
}

/// The answer to a blocked query.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Response {
    /// The name exists, but not with this type.
    NoData,
    /// The name does not exist.
    NxDomain,
    /// A redirection to another name.
    ///
    /// GAP: whether the name of an override is looked at in turn is not documented; it is not.
    Override {
        /// That name, as it was written.
        domain: String,
        /// How long clients may keep the answer, in seconds.
        ttl: u32,
    },
    /// One of these: the export does not tell which.
    Unknown,
}

/// What a rule says about names that the name it took is redirected to, by CNAME or DNAME.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Redirection {
    /// Each is looked at by the same rules.
    Inspect,
    /// They are trusted.
    Trust,
    /// One of these: the export does not tell which.
    Unknown,
}

/// Whether a rule is known to be in force.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum State {
    /// It is.
    InForce,
    /// It may be: the export does not tell, or AWS does not say what its status means.
    Uncertain,
}

/// Rules under one id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleGroup {
    /// The id. Groups of equal id are the same group, and their rules of equal name the same rule.
    pub id: String,
    /// Its rules, in any order.
    pub rules: Vec<Rule>,
}

/// A rule group that is in force, and where it stands among the others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Association {
    /// Groups of one track stand in order of priority; between groups of different tracks, nothing is known.
    ///
    /// GAP: how groups that come with a Profile stand among those of the VPC is not documented. Tracks leave
    /// it open; one track for all says that priorities are comparable.
    pub track: u32,
    /// Lowest first. Groups of equal priority in one track may stand in either order.
    pub priority: i64,
    /// The group.
    pub group: Arc<RuleGroup>,
    /// What has to be true for the group to be in force, all of it, and is not known; empty if it is in force. All
    /// rules of the group are in force together or none is. Over the same lists, the same text is about the same thing.
    pub doubts: Vec<String>,
}

/// All rule groups that are in force for one network, in any order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stack {
    /// The groups.
    pub groups: Vec<Association>,
}

impl Stack {
    /// Returns a stack with these groups in this order.
    pub fn ordered(groups: impl IntoIterator<Item = Arc<RuleGroup>>) -> Stack {
        let numbered = (0_i64..).zip(groups);
        let groups = numbered.map(|(priority, group)| {
            let doubts = Vec::new();
            Association { track: 0, priority, group, doubts }
        });
        Stack { groups: groups.collect() }
    }
}

/// What becomes of a query.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// A rule lets it be answered.
    Allow,
    /// A rule lets it be answered, and it is logged.
    Alert,
    /// A rule answers it otherwise.
    Block,
    /// No rule takes it: it is answered.
    Unmatched,
    /// It is one of several, see [`Verdicts`]: something the export or AWS's documentation does not tell decides.
    Depends,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Allow => "allow",
            Verdict::Alert => "alert",
            Verdict::Block => "block",
            Verdict::Unmatched => "no match",
            Verdict::Depends => "depends",
        })
    }
}

impl Action {
    /// Returns the verdict on queries that a rule with this action takes.
    pub fn verdict(&self) -> Verdict {
        match self {
            Action::Allow => Verdict::Allow,
            Action::Alert => Verdict::Alert,
            Action::Block(_) => Verdict::Block,
        }
    }
}

/// A set of verdicts, [`Verdict::Depends`] not among them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Verdicts {
    bits: u8,
}

impl Verdicts {
    const ALL: [Verdict; 4] = [Verdict::Allow, Verdict::Alert, Verdict::Block, Verdict::Unmatched];

    /// Adds a verdict; `Depends` adds nothing.
    pub(crate) fn insert(&mut self, verdict: Verdict) {
        self.bits |= match verdict {
            Verdict::Depends => 0,
            Verdict::Allow | Verdict::Alert | Verdict::Block | Verdict::Unmatched => 1 << verdict as u8,
        };
    }

    /// Adds all of these.
    pub(crate) fn extend(&mut self, other: Verdicts) {
        self.bits |= other.bits;
    }

    /// Whether this verdict is among them.
    pub fn contains(self, verdict: Verdict) -> bool {
        verdict != Verdict::Depends && self.bits & (1 << verdict as u8) != 0
    }

    /// Returns them in the order of [`Verdict`].
    pub fn iter(self) -> impl Iterator<Item = Verdict> {
        Self::ALL.into_iter().filter(move |&verdict| self.contains(verdict))
    }

    /// Returns the only one there is, otherwise `Depends`.
    pub fn verdict(self) -> Verdict {
        let mut all = self.iter();
        match (all.next(), all.next()) {
            (Some(only), None) => only,
            _ => Verdict::Depends,
        }
    }
}

impl FromIterator<Verdict> for Verdicts {
    fn from_iter<I: IntoIterator<Item = Verdict>>(verdicts: I) -> Verdicts {
        let mut set = Verdicts::default();
        verdicts.into_iter().for_each(|verdict| set.insert(verdict));
        set
    }
}

impl fmt::Debug for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_one_is_that_verdict() {
        for verdict in Verdicts::ALL {
            assert_eq!(Verdicts::from_iter([verdict, verdict]).verdict(), verdict);
        }
        assert_eq!(Verdicts::from_iter([Verdict::Allow, Verdict::Block]).verdict(), Verdict::Depends);
        assert_eq!(Verdicts::default().verdict(), Verdict::Depends);
    }
}
