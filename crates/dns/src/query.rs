//! What a client asks for: a name and a type.

use std::{fmt, str::FromStr};

use crate::DomainName;

/// The type of record a query asks for, by its number.
///
/// Types with a name are written by it, others as `TYPE` and the number: `TYPE28` and `aaaa` are both AAAA.
/// SOURCE: RFC 3597 §5; the names are those that DNS Firewall rules may state, and a few more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct QueryType(
    /// The number, as on the wire.
    pub u16,
);

/// Names and numbers, by number.
const NAMES: &[(&str, u16)] = &[
    ("A", 1),
    ("NS", 2),
    ("CNAME", 5),
    ("SOA", 6),
    ("NULL", 10),
    ("PTR", 12),
    ("MX", 15),
    ("TXT", 16),
    ("AAAA", 28),
    ("SRV", 33),
    ("NAPTR", 35),
    ("DNAME", 39),
    ("DS", 43),
    ("SSHFP", 44),
    ("RRSIG", 46),
    ("NSEC", 47),
    ("DNSKEY", 48),
    ("TLSA", 52),
    ("SVCB", 64),
    ("HTTPS", 65),
    ("SPF", 99),
    ("ANY", 255),
    ("CAA", 257),
];

impl QueryType {
    /// An IPv4 address.
    pub const A: QueryType = QueryType(1);
    /// An IPv6 address.
    pub const AAAA: QueryType = QueryType(28);
    /// A redirection to another name.
    pub const CNAME: QueryType = QueryType(5);
    /// Text.
    pub const TXT: QueryType = QueryType(16);
}

impl fmt::Display for QueryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(_, number)| *number == self.0) {
            Some((name, _)) => f.pad(name),
            None => f.pad(&format!("TYPE{}", self.0)),
        }
    }
}

/// A text that is no query type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryTypeError {
    text: String,
}

impl fmt::Display for QueryTypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no query type; write a name such as `AAAA`, or `TYPE28`", self.text)
    }
}

impl std::error::Error for QueryTypeError {}

impl FromStr for QueryType {
    type Err = QueryTypeError;

    /// Reads a name or `TYPE` with a number from 1 to 65535, in any letter case.
    ///
    /// GAP: AWS's model ends the numbers of rules at 65534, its guide at 65334; all that DNS has are accepted.
    fn from_str(text: &str) -> Result<QueryType, QueryTypeError> {
        let named = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        let numbered = || {
            let (word, digits) = text.split_at_checked(4)?;
            let digits = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
            digits.parse().ok().filter(|&number| number > 0 && word.eq_ignore_ascii_case("TYPE"))
        };
        let number = named.map(|(_, number)| *number).or_else(numbered);
        number.map(QueryType).ok_or_else(|| QueryTypeError { text: text.to_owned() })
    }
}

/// A query: a name, and the type of record asked for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Query {
    /// The name asked for.
    pub name: DomainName,
    /// The type asked for.
    pub query_type: QueryType,
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.query_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_by_name_and_number() {
        let read = |text: &str| text.parse::<QueryType>().ok();
        assert_eq!(read("aaaa"), Some(QueryType::AAAA));
        assert_eq!(read("type28"), Some(QueryType::AAAA));
        assert_eq!(read("TYPE65535"), Some(QueryType(65535)));
        for wrong in ["", "TYPE", "TYPE0", "TYPE65536", "TYPE+1", "28", "TYPE 1", "AAAAA"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_type_is_read_as_it_is_written() {
        for number in 1..=u16::MAX {
            assert_eq!(QueryType(number).to_string().parse(), Ok(QueryType(number)));
        }
        assert_eq!(QueryType(28).to_string(), "AAAA");
        assert_eq!(QueryType(1234).to_string(), "TYPE1234");
    }
}
