//! Addresses in a Suricata rule: blocks, ranges, variables, references, lists and their negations.
//!
//! SOURCE: Suricata 7 user guide, "Rules Format", "Source and destination" (lists hold what they hold minus what is
//! negated in them; a list of negations alone means everything else) (checked 2026-11-26); Network Firewall developer
//! guide, "Referencing Amazon VPC prefix lists" (`@NAME`) (checked 2026-11-26).
use std::{fmt, net::IpAddr};

use headerspace::{Family, Field, Match, Ranges};
use ipnet::IpNet;

use super::{DEEPEST_LIST, Shape, list_items, shape};
use crate::resource::address_set::address_in;

/// An expression that stands for a set of addresses.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::resource) enum Addresses {
    Any,
    Net(IpNet),
    Range(IpAddr, IpAddr),
    /// `$NAME`.
    Variable(String),
    /// `@NAME`.
    Reference(String),
    Not(Box<Addresses>),
    List(Vec<Addresses>),
}

/// What variables and references stand for.
pub(in crate::resource) trait Names {
    /// The addresses that `$name` stands for.
    fn variable(&self, name: &str) -> Option<Addresses>;
    /// The blocks that `@name` stands for.
    fn reference(&self, name: &str) -> Option<Vec<IpNet>>;
    /// What `work` finds out for a `name`, with its sign, and a field; it may be remembered.
    fn once(
        &self,
        _name: &str,
        _field: Field,
        work: &dyn Fn() -> Result<Match, String>,
    ) -> Result<Match, String> {
        work()
    }
}

impl Addresses {
    pub(in crate::resource) fn parse(text: &str) -> Result<Self, String> {
        Self::parse_at(text, 0)
    }

    fn parse_at(text: &str, depth: usize) -> Result<Self, String> {
        if depth > DEEPEST_LIST {
            return Err(format!("found lists and negations nested more than {DEEPEST_LIST} deep"));
        }
        let text = match shape(text)? {
            Shape::Not(inner) => return Ok(Self::Not(Box::new(Self::parse_at(inner, depth + 1)?))),
            Shape::List(inner) => {
                let items: Result<Vec<Self>, String> =
                    list_items(inner).map(|item| Self::parse_at(item, depth + 1)).collect();
                return items.map(Self::List);
            }
            Shape::Single(text) => text,
        };
        if text.eq_ignore_ascii_case("any") {
            return Ok(Self::Any);
        }
        if let Some(name) = text.strip_prefix('$') {
            return Ok(Self::Variable(name.to_owned()));
        }
        if let Some(name) = text.strip_prefix('@') {
            return Ok(Self::Reference(name.to_owned()));
        }
        if let Ok(net) = text.parse::<IpNet>() {
            return Ok(Self::Net(net.trunc()));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Net(IpNet::from(address)));
        }
        let ends = text.split_once('-').map(|(first, last)| (first.trim().parse(), last.trim().parse()));
        match ends {
            Some((Ok(first), Ok(last))) => match (first, last) {
                (IpAddr::V4(a), IpAddr::V4(b)) if a <= b => Ok(Self::Range(first, last)),
                (IpAddr::V6(a), IpAddr::V6(b)) if a <= b => Ok(Self::Range(first, last)),
                _ => Err(format!("found `{text}`, a range whose end is before its start")),
            },
            _ => Err(format!("found `{text}`, expected an address, a block, a variable or `any`")),
        }
    }

    /// Packets whose `field` is one of them; or the name that is not known.
    pub(in crate::resource) fn matches(&self, field: Field, names: &dyn Names) -> Result<Match, String> {
        self.matches_at(field, names, 0)
    }

    fn matches_at(&self, field: Field, names: &dyn Names, depth: usize) -> Result<Match, String> {
        match self {
            Self::Any => Ok(Match::All),
            Self::Net(net) => Ok(address_in(field, [*net])),
            Self::Range(first, last) => {
                let (family, first, last) = match (first, last) {
                    (IpAddr::V4(first), IpAddr::V4(last)) => {
                        (Family::V4, u128::from(first.to_bits()), u128::from(last.to_bits()))
                    }
                    (first, last) => (Family::V6, number(*first), number(*last)),
                };
                let values = Match::In(field, Ranges::range(first..=last));
                Ok(Match::all_of([Match::family(family), values]))
            }
            Self::Variable(name) => {
                let shown = format!("${name}");
                // A variable may be defined by others, but not by itself.
                let find = || {
                    let meant = names.variable(name).filter(|_| depth <= DEEPEST_LIST);
                    meant.ok_or_else(|| shown.clone())?.matches_at(field, names, depth + 1)
                };
                // What is deep down may be given up, which is no answer for others.
                if depth == 0 { names.once(&shown, field, &find) } else { find() }
            }
            Self::Reference(name) => {
                let shown = format!("@{name}");
                names.once(&shown, field, &|| {
                    let nets = names.reference(name).ok_or_else(|| shown.clone())?;
                    Ok(address_in(field, nets))
                })
            }
            Self::Not(inner) => Ok(Match::not(inner.matches_at(field, names, depth + 1)?)),
            Self::List(items) => {
                let (mut within, mut without) = (Vec::new(), Vec::new());
                for item in items {
                    match item {
                        Self::Not(inner) => without.push(inner.matches_at(field, names, depth + 1)?),
                        item => within.push(item.matches_at(field, names, depth + 1)?),
                    }
                }
                let within = if within.is_empty() { Match::All } else { Match::any_of(within) };
                Ok(Match::all_of([within, Match::not(Match::any_of(without))]))
            }
        }
    }

    /// The parts as they are written; nothing for all addresses.
    pub(in crate::resource) fn shown(&self) -> Vec<String> {
        match self {
            Self::Any => Vec::new(),
            Self::List(items) if items.iter().all(|item| !matches!(item, Self::Not(_))) => {
                items.iter().map(ToString::to_string).collect()
            }
            other => vec![other.to_string()],
        }
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl fmt::Display for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Net(net) => net.fmt(f),
            Self::Range(first, last) => write!(f, "{first}-{last}"),
            Self::Variable(name) => write!(f, "${name}"),
            Self::Reference(name) => write!(f, "@{name}"),
            Self::Not(inner) => write!(f, "!{inner}"),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", items.join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headerspace::Packet;

    struct Home;

    impl Names for Home {
        fn variable(&self, name: &str) -> Option<Addresses> {
            match name {
                "HOME_NET" => Addresses::parse("[10.0.0.0/16,2001:db8::/32]").ok(),
                "EXTERNAL_NET" => Addresses::parse("!$HOME_NET").ok(),
                "ITSELF" => Addresses::parse("$ITSELF").ok(),
                _ => None,
            }
        }

        fn reference(&self, name: &str) -> Option<Vec<IpNet>> {
            (name == "LIST").then(|| vec!["192.0.2.0/24".parse().unwrap()])
        }
    }

    fn among(expression: &str) -> String {
        let expression = Addresses::parse(expression).unwrap();
        match expression.matches(Field::DstIp, &Home) {
            Err(name) => format!("{name}?"),
            Ok(packets) => {
                let probes = ["10.0.0.1", "10.1.0.1", "192.0.2.9", "8.8.8.8"];
                let inside = probes.into_iter().filter(|address| {
                    packets.accepts(&Packet::tcp([1, 1, 1, 1].into(), address.parse().unwrap(), 1, 1))
                });
                inside.collect::<Vec<_>>().join(" ")
            }
        }
    }

    #[test]
    fn expressions_mean_sets_of_addresses() {
        assert_eq!(among("any"), "10.0.0.1 10.1.0.1 192.0.2.9 8.8.8.8");
        assert_eq!(among("[10.0.0.0/8,!10.1.0.0/16]"), "10.0.0.1");
        assert_eq!(among("[!10.0.0.0/8,!8.8.8.8]"), "192.0.2.9");
        assert_eq!(among("![10.0.0.0/8,!10.1.0.0/16]"), "10.1.0.1 192.0.2.9 8.8.8.8");
        assert_eq!(among("$EXTERNAL_NET"), "10.1.0.1 192.0.2.9 8.8.8.8");
        assert_eq!(among("[!$HOME_NET,!@LIST]"), "10.1.0.1 8.8.8.8");
        assert_eq!(among("10.1.0.0-192.0.2.255"), "10.1.0.1 192.0.2.9");
        assert_eq!(among("!any"), "");
    }

    #[test]
    fn names_that_nobody_explains_are_said() {
        assert_eq!(among("[10.0.0.0/8,$OTHER]"), "$OTHER?");
        assert_eq!(among("!@OTHER"), "@OTHER?");
        assert_eq!(among("$ITSELF"), "$ITSELF?");
    }
}
