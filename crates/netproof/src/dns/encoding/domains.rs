//! What the domain lists of Network Firewall do to a name, as conditions: written anew from the texts of entries and the
//! order of lists, without the rules of DNS Firewall into which they are put for the search.

use aws::{DomainAction, DomainFilter, DomainGroup, DomainRest};
use dns::{DomainName, Firewall, Pattern, Query};
use search::Condition;

use super::{super::domains::looks_at, Encoding, GLUED, Mentioned, normal};

/// What an entry takes.
enum Target {
    /// The name.
    Name(String),
    /// The name and all below it.
    Within(String),
    /// Perhaps the name and all below it.
    PerhapsWithin(String),
    /// Perhaps all names.
    PerhapsAll,
    /// No name.
    Nothing,
}

impl Target {
    /// Reads an entry, unless a star in it may take a part of a label.
    fn read(text: &str) -> Result<Self, &'static str> {
        let text = normal(text);
        let is_name = |text: &str| text.parse::<Pattern>().is_ok() && text.parse::<DomainName>().is_ok();
        if let Some(rest) = text.strip_prefix('*') {
            return match rest.strip_prefix('.') {
                _ if rest.is_empty() => Ok(Self::PerhapsAll),
                Some(domain) if domain.starts_with('*') => Err(GLUED),
                Some(domain) if is_name(domain) => Ok(Self::PerhapsWithin(domain.to_owned())),
                Some(_) => Ok(Self::Nothing),
                None => Err(GLUED),
            };
        }
        Ok(match text.strip_prefix('.') {
            Some(domain) if !domain.starts_with('*') && is_name(domain) => Self::Within(domain.to_owned()),
            None if is_name(&text) => Self::Name(text),
            Some(_) | None => Self::Nothing,
        })
    }
}

impl Mentioned {
    fn add_domains(&mut self, filter: &DomainFilter, protocol: &str) -> Result<(), &'static str> {
        for (_, group) in deciding(filter, protocol) {
            for (text, _) in &group.targets {
                self.count()?;
                match Target::read(text)? {
                    Target::Name(name) | Target::Within(name) | Target::PerhapsWithin(name) => {
                        self.names.push(name);
                    }
                    Target::PerhapsAll | Target::Nothing => {}
                }
            }
        }
        Ok(())
    }
}

impl Encoding {
    /// Conditions for a DNS firewall and what domain lists do to connections of a protocol, about these queries as well; or
    /// why there are none.
    pub(in super::super) fn with_domains(
        firewall: &Firewall<'_>,
        (filter, protocol): (&DomainFilter, &str),
        queries: &[&Query],
    ) -> Result<Self, &'static str> {
        let mut mentioned = Mentioned::default();
        mentioned.add(firewall)?;
        mentioned.add_domains(filter, protocol)?;
        Self::about(mentioned, queries)
    }

    /// That connections of a protocol that ask for the name are dropped. Doubts about the firewall do not count.
    pub(in super::super) fn is_dropped(
        &mut self,
        filter: &DomainFilter,
        protocol: &str,
    ) -> Result<Condition, &'static str> {
        let mut groups = deciding(filter, protocol);
        if !filter.is_strict {
            // What allows comes first; the sort keeps the order otherwise.
            groups.sort_by_key(|(_, group)| !allows(group));
        }
        let last = groups.iter().rposition(|(_, group)| allows(group));
        let mut steps: Vec<(Condition, bool)> = Vec::new();
        for (index, (place, group)) in groups.iter().enumerate() {
            let taken = group.targets.iter().map(|(text, _)| self.target(*place, text));
            let taken: Vec<Condition> = taken.collect::<Result<_, _>>()?;
            steps.push((Condition::any(taken), !allows(group)));
            if filter.is_strict && allows(group) {
                // Whether a later list that allows still passes a name is not documented.
                let is_last = last == Some(index);
                let mut others = || self.assumed(format!("others of domain list {place}"));
                steps.push((if is_last { Condition::Constant(true) } else { others() }, true));
            }
        }
        if !filter.is_strict && last.is_some() {
            steps.push((Condition::Constant(true), true));
        }
        let rest = Condition::Constant(matches!(filter.rest, DomainRest::Drops { .. }));
        Ok(steps.into_iter().rev().fold(rest, |rest, (taken, drops)| {
            if drops { Condition::any([taken, rest]) } else { Condition::all([taken.opposite(), rest]) }
        }))
    }

    fn target(&mut self, place: usize, text: &str) -> Result<Condition, &'static str> {
        let mut perhaps = || self.assumed(format!("domain list {place} {text}"));
        Ok(match Target::read(text)? {
            Target::Name(name) => self.is(&name),
            Target::Within(name) => Condition::any([self.is(&name), self.below(&name)]),
            Target::PerhapsWithin(name) => {
                let perhaps = perhaps();
                Condition::all([perhaps, Condition::any([self.is(&name), self.below(&name)])])
            }
            Target::PerhapsAll => perhaps(),
            Target::Nothing => Condition::Constant(false),
        })
    }
}

/// The lists that decide about a protocol, each with its place among all.
fn deciding<'f>(filter: &'f DomainFilter, protocol: &str) -> Vec<(usize, &'f DomainGroup)> {
    let groups = filter.groups.iter().enumerate();
    groups.filter(|(_, it)| looks_at(it, protocol) && it.action != DomainAction::Alert).collect()
}

fn allows(group: &DomainGroup) -> bool {
    group.action == DomainAction::Allow
}
