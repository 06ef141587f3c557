//! What variables and references in the rules of a group stand for.
//!
//! SOURCE: Network Firewall developer guide, "Limitations and caveats for stateful rules" (`HOME_NET` is the block of the
//! firewall's VPC unless policy or group set it; a group's own `HOME_NET` does not change `EXTERNAL_NET`, which is the
//! negation of the policy's) and "Referencing Amazon VPC prefix lists" (checked 2026-11-26).
//! GAP: the IPv6 blocks of the VPC are taken to belong to the default `HOME_NET`, which is not documented.
use std::{cell::RefCell, collections::BTreeMap};

use headerspace::{Field, Match};
use ipnet::IpNet;

use super::At;
use crate::resource::{
    prefix_list,
    rule_group::{RuleGroup, name_of},
    suricata::{
        address::{Addresses, Names},
        ports::Ports,
    },
};

/// The names that a group's rules may use.
pub(super) struct GroupNames<'a> {
    pub(super) at: &'a At<'a>,
    pub(super) group: &'a RuleGroup,
    // PERF: thousands of rules use one name, which may stand for thousands of blocks.
    known: RefCell<BTreeMap<(String, Field), Result<Match, String>>>,
}

impl<'a> GroupNames<'a> {
    pub(super) fn new(at: &'a At<'a>, group: &'a RuleGroup) -> Self {
        Self { at, group, known: RefCell::default() }
    }

    /// What the policy or the firewall's VPC makes of a name.
    fn of_policy(&self, name: &str) -> Option<Addresses> {
        if let Some(definition) = self.at.content.variable(name) {
            return list(definition);
        }
        match name {
            "HOME_NET" => self.vpc(),
            // The policy's own, whatever the group says.
            "EXTERNAL_NET" => Some(Addresses::Not(Box::new(self.of_policy("HOME_NET")?))),
            _ => None,
        }
    }

    fn vpc(&self) -> Option<Addresses> {
        let At { firewall, inventory, .. } = self.at;
        let id = firewall.value.described.as_ref()?.vpc.as_ref()?;
        let vpc = inventory.get(id, &firewall.place).filter(|vpc| !vpc.is_concluded())?;
        Some(Addresses::List(vpc.value.cidrs().into_iter().map(Addresses::Net).collect()))
    }

    /// What a name for ports stands for.
    pub(super) fn ports(&self, name: &str) -> Option<Ports> {
        let definition = self.group.ports.get(name)?;
        Ports::parse(&format!("[{}]", definition.join(","))).ok()
    }
}

impl Names for GroupNames<'_> {
    fn variable(&self, name: &str) -> Option<Addresses> {
        match self.group.addresses.get(name) {
            Some(definition) => list(definition),
            None => self.of_policy(name),
        }
    }

    fn reference(&self, name: &str) -> Option<Vec<IpNet>> {
        let id = name_of(self.group.references.get(name)?);
        let entries = prefix_list::entries_of(self.at.inventory, id, &self.group.place)?;
        Some(entries.iter().map(|(net, _)| *net).collect())
    }

    fn once(
        &self,
        name: &str,
        field: Field,
        work: &dyn Fn() -> Result<Match, String>,
    ) -> Result<Match, String> {
        let key = (name.to_owned(), field);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let found = work();
        self.known.borrow_mut().insert(key, found.clone());
        found
    }
}

fn list(definition: &[String]) -> Option<Addresses> {
    Addresses::parse(&format!("[{}]", definition.join(","))).ok()
}
