//! How terms read.
//!
//! `or` binds weakest, then `and`, then `not`. Names and address notation follow the family that a
//! sibling term states; without one, numbers below 2^32 read as IPv4.

use std::fmt;

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};

use super::Match;
use crate::field::{Family, Field};
use crate::packet::{address, protocol_name};
use crate::ranges::Ranges;

/// More blocks than this, and an interval of addresses is written `first-last`.
const MOST_BLOCKS: usize = 4;

impl fmt::Display for Match {
    /// Writes for example `tcp and dst_port 80-443 and src_ip in 10.0.0.0/8`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self, None, Binding::Or)
    }
}

/// The weakest operator that needs no parentheses where a term is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Or,
    And,
    Not,
}

fn write(f: &mut fmt::Formatter<'_>, term: &Match, family: Option<Family>, inside: Binding) -> fmt::Result {
    match term {
        Match::All => f.write_str("any packet"),
        Match::In(_, values) if values.is_empty() => f.write_str("no packet"),
        Match::In(Field::Protocol, values) if values.single_value().is_some_and(is_named) => {
            f.write_str(&values_text(Field::Protocol, values, family))
        }
        Match::In(Field::Family, values) if values.single_value().is_some() => {
            f.write_str(&values_text(Field::Family, values, family))
        }
        Match::In(field, values) => {
            let text = values_text(*field, values, family);
            let joint = if text.contains(['/', '{']) { " in" } else { "" };
            write!(f, "{field}{joint} {text}")
        }
        Match::Not(inner) => {
            f.write_str("not ")?;
            write(f, inner, family, Binding::Not)
        }
        Match::AllOf(parts) if parts.is_empty() => f.write_str("any packet"),
        Match::AnyOf(parts) if parts.is_empty() => f.write_str("no packet"),
        Match::AllOf(parts) => {
            let stated = parts.iter().find_map(stated_family);
            let spoken = stated.is_some() && parts.iter().any(is_address);
            let shown = parts.iter().filter(|part| !(spoken && stated_family(part).is_some()));
            join(f, shown, "and", stated.or(family), Binding::And, inside)
        }
        Match::AnyOf(parts) => join(f, parts.iter(), "or", family, Binding::Or, inside),
    }
}

fn join<'a>(
    f: &mut fmt::Formatter<'_>,
    parts: impl Iterator<Item = &'a Match>,
    word: &str,
    family: Option<Family>,
    own: Binding,
    inside: Binding,
) -> fmt::Result {
    let (open, close) = if own < inside { ("(", ")") } else { ("", "") };
    f.write_str(open)?;
    for (i, part) in parts.enumerate() {
        if i > 0 {
            write!(f, " {word} ")?;
        }
        write(f, part, family, own)?;
    }
    f.write_str(close)
}

fn stated_family(term: &Match) -> Option<Family> {
    match term {
        Match::In(Field::Family, values) => match values.single_value()? {
            0 => Some(Family::V4),
            1 => Some(Family::V6),
            _ => None,
        },
        _ => None,
    }
}

fn is_address(term: &Match) -> bool {
    matches!(term, Match::In(Field::SrcIp | Field::DstIp, values) if !values.is_empty())
}

fn is_named(protocol: u128) -> bool {
    u8::try_from(protocol).is_ok_and(|number| protocol_name(number).is_some())
}

/// Values of a field as a reader knows them: `80-443`, `10.0.0.0/8`, `tcp`; several in braces.
pub(crate) fn values_text(field: Field, values: &Ranges, family: Option<Family>) -> String {
    let mut items = Vec::new();
    for values in values.iter() {
        let (first, last) = values.into_inner();
        match field {
            Field::SrcIp | Field::DstIp => addresses_text(first, last, family, &mut items),
            _ if first == last => items.push(value_text(field, first)),
            _ => items.push(format!("{}-{}", value_text(field, first), value_text(field, last))),
        }
    }
    match items.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        several => format!("{{{}}}", several.join(", ")),
    }
}

fn value_text(field: Field, value: u128) -> String {
    let name = match field {
        Field::Family => match value {
            0 => Some("ipv4"),
            1 => Some("ipv6"),
            _ => None,
        },
        Field::Protocol => u8::try_from(value).ok().and_then(protocol_name),
        _ => None,
    };
    name.map_or_else(|| value.to_string(), str::to_owned)
}

fn addresses_text(first: u128, last: u128, family: Option<Family>, items: &mut Vec<String>) {
    let narrow = u128::from(u32::MAX);
    let family = match family {
        _ if last > narrow => Family::V6,
        Some(stated) => stated,
        None => Family::V4,
    };
    let blocks: Vec<IpNet> = match (address(family, first), address(family, last)) {
        (std::net::IpAddr::V4(a), std::net::IpAddr::V4(b)) => {
            Ipv4Subnets::new(a, b, 0).take(MOST_BLOCKS + 1).map(IpNet::V4).collect()
        }
        (std::net::IpAddr::V6(a), std::net::IpAddr::V6(b)) => {
            Ipv6Subnets::new(a, b, 0).take(MOST_BLOCKS + 1).map(IpNet::V6).collect()
        }
        _ => Vec::new(),
    };
    if first == last {
        items.push(address(family, first).to_string());
    } else if blocks.is_empty() || blocks.len() > MOST_BLOCKS {
        items.push(format!("{}-{}", address(family, first), address(family, last)));
    } else {
        items.extend(blocks.iter().map(|net| {
            if net.prefix_len() == net.max_prefix_len() { net.addr().to_string() } else { net.to_string() }
        }));
    }
}
