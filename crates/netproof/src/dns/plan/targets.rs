//! Which names a finding means: the name alone, with all below it, or the registrable domain.
//!
//! Names below a domain that one party holds are that party's: if the name was made up for one query, as for
//! exfiltration and generated domains, the registrable domain is what has to be listed. A name that is a public suffix is
//! everybody's: what is below it is left alone.
//!
//! SOURCE: GuardDuty user guide, "EC2 finding types" for `Trojan:EC2/DNSDataExfiltration` and
//! `Trojan:EC2/DGADomainRequest.B`; the public suffix list, by the crate `psl` (checked 2026-11-27).

use dns::{DomainName, NameSet};

/// Parts of types of findings whose names are made up for single queries.
const MADE_UP: [&str; 2] = ["DNSDataExfiltration", "DGADomainRequest"];

/// Names that go together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlanNames {
    /// The name.
    pub name: DomainName,
    /// Whether all names below it are meant, too.
    pub with_below: bool,
}

/// Whether findings of a type name something below the domain that they are about.
pub(super) fn means_whole_domain(kind: &str) -> bool {
    MADE_UP.iter().any(|part| kind.contains(part))
}

impl PlanNames {
    /// The names as a set.
    pub fn set(&self) -> NameSet {
        let mut names = NameSet::empty();
        self.add_to(&mut names);
        names
    }

    /// Adds the names to a set.
    pub(super) fn add_to(&self, names: &mut NameSet) {
        names.insert_name(&self.name);
        if self.with_below {
            names.insert_below(&self.name);
        }
    }

    /// The widest names that a finding means and that have nothing in common with names that are never to be listed;
    /// otherwise one of those that are in the way. A name that is never to be listed stands for itself and all below it.
    pub(super) fn meant(
        name: &DomainName,
        whole_domain: bool,
        told: Option<&DomainName>,
        never: &[DomainName],
    ) -> Result<Self, DomainName> {
        let registrable = registrable(name);
        let is_suffix = registrable.is_none() && is_public_suffix(name);
        let domain = registrable.filter(|_| whole_domain).map(|registrable| match told {
            // The narrower of two opinions.
            Some(told) if name.is_within(told) && told.is_within(&registrable) => told.clone(),
            _ => registrable,
        });
        let wide = domain.into_iter().chain((!is_suffix).then(|| name.clone()));
        let wide = wide.map(|name| Self { name, with_below: true });
        let mut candidates = wide.chain([Self { name: name.clone(), with_below: false }]);
        let mut in_the_way = None;
        let found = candidates.find(|candidate| {
            let touched = never.iter().find(|never| candidate.has_names_of(never));
            in_the_way = touched.cloned().or(in_the_way.take());
            touched.is_none()
        });
        found.ok_or_else(|| in_the_way.unwrap_or_else(|| name.clone()))
    }

    /// Whether any of these names is `other` or below it.
    fn has_names_of(&self, other: &DomainName) -> bool {
        self.name.is_within(other) || self.with_below && other.is_within(&self.name)
    }
}

/// The registrable domain: one label more than the public suffix. `None` for public suffixes, and below top-level domains
/// that the list does not have, such as internal ones.
fn registrable(name: &DomainName) -> Option<DomainName> {
    let text = name.as_str().as_bytes();
    psl::suffix(text).filter(psl::Suffix::is_known)?;
    let domain = psl::domain(text)?;
    std::str::from_utf8(domain.as_bytes()).ok()?.parse().ok()
}

fn is_public_suffix(name: &DomainName) -> bool {
    let text = name.as_str().as_bytes();
    name.is_root() || psl::suffix(text).is_some_and(|suffix| suffix.as_bytes() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(name: &str, whole_domain: bool, told: Option<&str>, never: &[&str]) -> Result<String, String> {
        let parse = |text: &str| text.parse::<DomainName>().unwrap();
        let told = told.map(parse);
        let never: Vec<_> = never.iter().map(|text| parse(text)).collect();
        let names = PlanNames::meant(&parse(name), whole_domain, told.as_ref(), &never);
        names
            .map(|names| format!("{}{}", names.name, if names.with_below { " and below" } else { "" }))
            .map_err(|never| never.to_string())
    }

    #[test]
    fn names_are_meant_with_what_is_below_them() {
        assert_eq!(
            meant("c2.evil.example.com", false, None, &[]),
            Ok("c2.evil.example.com and below".to_owned())
        );
        assert_eq!(
            meant("host.corp.internal", true, None, &[]),
            Ok("host.corp.internal and below".to_owned())
        );
    }

    #[test]
    fn made_up_names_mean_the_registrable_domain() {
        assert_eq!(meant("x7.a.evil.co.uk", true, None, &[]), Ok("evil.co.uk and below".to_owned()));
        assert_eq!(
            meant("x7.customer.github.io", true, None, &[]),
            Ok("customer.github.io and below".to_owned())
        );
        // What the finding tells counts where it is narrower, and is no public suffix.
        assert_eq!(
            meant("x.y.evil.com", true, Some("y.evil.com"), &[]),
            Ok("y.evil.com and below".to_owned())
        );
        assert_eq!(meant("x.y.evil.com", true, Some("com"), &[]), Ok("evil.com and below".to_owned()));
        assert_eq!(meant("x.y.evil.com", true, Some("other.com"), &[]), Ok("evil.com and below".to_owned()));
    }

    #[test]
    fn public_suffixes_are_everybodys() {
        for whole_domain in [false, true] {
            assert_eq!(meant("github.io", whole_domain, None, &[]), Ok("github.io".to_owned()));
            assert_eq!(meant("corp", whole_domain, None, &[]), Ok("corp".to_owned()));
            assert_eq!(meant("com", whole_domain, Some("com"), &[]), Ok("com".to_owned()));
        }
    }

    #[test]
    fn what_is_never_to_be_listed_narrows_names_or_rules_them_out() {
        assert_eq!(
            meant("x.shared.com", true, None, &["www.shared.com"]),
            Ok("x.shared.com and below".to_owned())
        );
        assert_eq!(meant("shared.com", false, None, &["www.shared.com"]), Ok("shared.com".to_owned()));
        assert_eq!(meant("x.shared.com", true, None, &["shared.com"]), Err("shared.com".to_owned()));
        assert_eq!(meant("x.shared.com", true, None, &["x.shared.com"]), Err("x.shared.com".to_owned()));
        assert_eq!(
            meant("notshared.com", true, None, &["shared.com"]),
            Ok("notshared.com and below".to_owned())
        );
    }
}
