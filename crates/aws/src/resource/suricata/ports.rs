//! Ports in a Suricata rule: numbers, ranges, variables, lists and their negations.
//!
//! SOURCE: Suricata 7 user guide, "Rules Format", "Ports" (checked 2026-11-26).
use std::fmt;

use headerspace::Ranges;

use super::{DEEPEST_LIST, Shape, list_items, shape};

/// An expression that stands for a set of ports.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::resource) enum Ports {
    Any,
    Range(u16, u16),
    /// `$NAME`.
    Variable(String),
    Not(Box<Ports>),
    List(Vec<Ports>),
}

impl Ports {
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
        let port = |text: &str, default: u16| match text.trim() {
            "" => Some(default),
            text => text.parse().ok(),
        };
        let (first, last) = text.split_once(':').unwrap_or((text, text));
        match (port(first, 0), port(last, u16::MAX)) {
            (Some(first), Some(last)) if first <= last => Ok(Self::Range(first, last)),
            (Some(_), Some(_)) => Err(format!("found `{text}`, a range whose end is before its start")),
            _ => Err(format!("found `{text}`, expected a port up to 65535, a range, a variable or `any`")),
        }
    }

    /// The ports, or the name that is not known. `variable` tells what a name stands for.
    pub(in crate::resource) fn values(
        &self,
        variable: &dyn Fn(&str) -> Option<Ports>,
    ) -> Result<Ranges, String> {
        self.values_at(variable, 0)
    }

    fn values_at(&self, variable: &dyn Fn(&str) -> Option<Ports>, depth: usize) -> Result<Ranges, String> {
        let all = || Ranges::range(0..=u16::MAX.into());
        match self {
            Self::Any => Ok(all()),
            Self::Range(first, last) => Ok(Ranges::range(u128::from(*first)..=u128::from(*last))),
            Self::Variable(name) => {
                let meant = variable(name).filter(|_| depth <= DEEPEST_LIST);
                meant.ok_or_else(|| format!("${name}"))?.values_at(variable, depth + 1)
            }
            Self::Not(inner) => Ok(inner.values_at(variable, depth + 1)?.complement(u16::MAX.into())),
            Self::List(items) => {
                let (mut within, mut without) = (None, Ranges::empty());
                for item in items {
                    match item {
                        Self::Not(inner) => {
                            without = without.union(&inner.values_at(variable, depth + 1)?);
                        }
                        item => {
                            let more = item.values_at(variable, depth + 1)?;
                            within =
                                Some(within.map_or_else(|| more.clone(), |some: Ranges| some.union(&more)));
                        }
                    }
                }
                Ok(within.unwrap_or_else(all).subtract(&without))
            }
        }
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Range(first, last) if first == last => write!(f, "{first}"),
            Self::Range(first, u16::MAX) => write!(f, "{first}:"),
            Self::Range(first, last) => write!(f, "{first}:{last}"),
            Self::Variable(name) => write!(f, "${name}"),
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

    #[test]
    fn expressions_mean_sets_of_ports() {
        let web = |name: &str| (name == "WEB").then(|| Ports::parse("[80,443]").unwrap());
        for (written, expected) in [
            ("any", "{0..=65535}"),
            ("[80:90,!85]", "{80..=84, 86..=90}"),
            ("![1024:,$WEB]", "{0..=79, 81..=442, 444..=1023}"),
            (":1023", "{0..=1023}"),
            ("[!1:]", "{0..=0}"),
        ] {
            let values = Ports::parse(written).unwrap().values(&web).unwrap();
            assert_eq!(format!("{values:?}"), expected, "{written}");
        }
        assert_eq!(Ports::parse("[1,$OTHER]").unwrap().values(&web), Err("$OTHER".to_owned()));
    }
}
