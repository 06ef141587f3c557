//! Which packets a filter rule is about, whoever sent them: protocol, ports, ICMP type and code.
//!
//! SOURCE: EC2 API reference, `IpPermission` (names and numbers of protocols; -1 is all; ports only for TCP and UDP,
//! which need them; type and code in the place of ports for ICMP, -1 is all) and `NetworkAclEntry` (numbers; -1 is
//! all; ICMP type or code -1 is all) (checked 2026-11-23).
use std::fmt;

use headerspace::{Family, Field, Match, Ranges};
use serde::{Deserialize, Deserializer, de::Error as _};

/// The protocol of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Protocol {
    All,
    Number(u8),
}

impl Protocol {
    const ICMP: u8 = 1;
    const TCP: u8 = 6;
    const UDP: u8 = 17;
    const ICMPV6: u8 = 58;

    fn has_ports(self) -> bool {
        matches!(self, Self::Number(Self::TCP | Self::UDP))
    }

    fn is_icmp(self) -> bool {
        matches!(self, Self::Number(Self::ICMP | Self::ICMPV6))
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::All => f.write_str("all"),
            Self::Number(Self::TCP) => f.write_str("tcp"),
            Self::Number(Self::UDP) => f.write_str("udp"),
            Self::Number(Self::ICMP) => f.write_str("icmp"),
            Self::Number(Self::ICMPV6) => f.write_str("icmpv6"),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

impl<'de> Deserialize<'de> for Protocol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "expected a protocol: -1, tcp, udp, icmp, icmpv6 or a number up to 255"
        )]
        enum Written {
            Text(String),
            Number(i64),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Text(text) => text.to_ascii_lowercase(),
            Written::Number(number) => number.to_string(),
        };
        Ok(match text.as_str() {
            "-1" | "all" => Self::All,
            "tcp" => Self::Number(Self::TCP),
            "udp" => Self::Number(Self::UDP),
            "icmp" => Self::Number(Self::ICMP),
            "icmpv6" | "icmp6" => Self::Number(Self::ICMPV6),
            other => Self::Number(other.parse().map_err(|_| {
                D::Error::custom(format!(
                    "protocol is `{other}`, but it must be -1, tcp, udp, icmp, icmpv6 or a number up to 255"
                ))
            })?),
        })
    }
}

/// Two numbers of a rule, as exported: first and last port, or ICMP type and code.
pub(super) type Pair = (Option<i64>, Option<i64>);

/// What a rule is about. Equal traffic is equal, however it is written.
///
/// INVARIANT: `ports` only with TCP and UDP, first <= last, and `None` instead of all ports; `icmp` only with ICMP.
/// Kept by `new`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Traffic {
    protocol: Protocol,
    ports: Option<(u16, u16)>,
    icmp: Option<(u8, Option<u8>)>,
}

impl Traffic {
    /// From the numbers of an export, which count only for protocols that have such; or what is wrong with them.
    pub(super) fn new(protocol: Protocol, ports: Pair, icmp: Pair) -> Result<Self, String> {
        let mut traffic = Self { protocol, ports: None, icmp: None };
        if protocol.has_ports() {
            let all = |range: &(u16, u16)| *range == (0, u16::MAX);
            traffic.ports = port_range(protocol, ports)?.filter(|range| !all(range));
        } else if protocol.is_icmp() {
            traffic.icmp = type_and_code(icmp)?;
        }
        Ok(traffic)
    }

    pub(super) fn protocol(self) -> Protocol {
        self.protocol
    }

    /// Destination ports; `None` is all.
    pub(super) fn ports(self) -> Option<(u16, u16)> {
        self.ports
    }

    /// ICMP type, and code; `None` is all.
    pub(super) fn icmp(self) -> Option<(u8, Option<u8>)> {
        self.icmp
    }

    /// The packets, from and to anybody.
    pub(super) fn matches(self) -> Match {
        let Protocol::Number(number) = self.protocol else { return Match::All };
        let mut parts = vec![Match::protocol(number)];
        parts.extend(self.ports.map(|(first, last)| Match::ports(Field::DstPort, first..=last)));
        if let Some((kind, code)) = self.icmp {
            let family = if number == Protocol::ICMP { Family::V4 } else { Family::V6 };
            parts.push(Match::family(family));
            parts.push(Match::In(Field::IcmpType, Ranges::single(u128::from(kind))));
            parts.extend(code.map(|code| Match::In(Field::IcmpCode, Ranges::single(u128::from(code)))));
        }
        Match::all_of(parts)
    }
}

fn port_range(protocol: Protocol, ports: Pair) -> Result<Option<(u16, u16)>, String> {
    let port = |number: i64| {
        u16::try_from(number).map_err(|_| format!("found port {number}, but ports are from 0 to 65535"))
    };
    match ports {
        (Some(-1), Some(-1)) => Ok(None),
        (Some(first), Some(last)) if first > last => {
            Err(format!("found ports {first} to {last}, but the first must not be above the last"))
        }
        (Some(first), Some(last)) => Ok(Some((port(first)?, port(last)?))),
        _ => Err(format!("found no range of ports, but a rule for {protocol} has one")),
    }
}

fn type_and_code((kind, code): Pair) -> Result<Option<(u8, Option<u8>)>, String> {
    let byte = |number: Option<i64>| match number {
        None | Some(-1) => Ok(None),
        Some(number) => u8::try_from(number).map(Some).map_err(|_| {
            format!("found {number}, but ICMP types and codes are from 0 to 255, or -1 for all")
        }),
    };
    match (byte(kind)?, byte(code)?) {
        (Some(kind), code) => Ok(Some((kind, code))),
        (None, None) => Ok(None),
        (None, Some(code)) => {
            Err(format!("found code {code} of all ICMP types, but all types have all codes"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(protocol: &str, first: i64, last: i64) -> String {
        let protocol: Protocol = serde_json::from_str(protocol).unwrap();
        let numbers = (Some(first), Some(last));
        match Traffic::new(protocol, numbers, numbers) {
            Ok(traffic) => traffic.matches().to_string(),
            Err(error) => error,
        }
    }

    #[test]
    fn numbers_count_where_the_protocol_has_such() {
        let cases = [
            (r#""-1""#, 22, 22),
            ("-1", 0, 0),
            (r#""tcp""#, 22, 22),
            (r#""6""#, 0, 65535),
            (r#""udp""#, 53, 60),
            (r#""tcp""#, -1, -1),
            (r#""50""#, 22, 22),
            (r#""icmp""#, 8, 0),
            (r#""icmp""#, 3, -1),
            (r#""1""#, -1, -1),
            (r#""icmpv6""#, 128, 0),
            ("58", -1, -1),
        ];
        let text: Vec<String> = cases
            .iter()
            .map(|(protocol, first, last)| {
                format!("{protocol} {first} {last}: {}", traffic(protocol, *first, *last))
            })
            .collect();
        insta::assert_snapshot!(text.join("\n"), @r#"
        "-1" 22 22: any packet
        -1 0 0: any packet
        "tcp" 22 22: tcp and dst_port 22
        "6" 0 65535: tcp
        "udp" 53 60: udp and dst_port 53-60
        "tcp" -1 -1: tcp
        "50" 22 22: protocol 50
        "icmp" 8 0: icmp and ipv4 and icmp_type 8 and icmp_code 0
        "icmp" 3 -1: icmp and ipv4 and icmp_type 3
        "1" -1 -1: icmp
        "icmpv6" 128 0: icmpv6 and ipv6 and icmp_type 128 and icmp_code 0
        58 -1 -1: icmpv6
        "#);
    }

    #[test]
    fn numbers_out_of_range_are_said() {
        let cases = [("tcp", 0, 70000), ("tcp", 90, 80), ("udp", -1, 80), ("icmp", 256, 0), ("icmp", -1, 3)];
        let text: Vec<String> = cases
            .iter()
            .map(|(protocol, first, last)| traffic(&format!("{protocol:?}"), *first, *last))
            .collect();
        insta::assert_snapshot!(text.join("\n"), @r"
        found port 70000, but ports are from 0 to 65535
        found ports 90 to 80, but the first must not be above the last
        found port -1, but ports are from 0 to 65535
        found 256, but ICMP types and codes are from 0 to 255, or -1 for all
        found code 3 of all ICMP types, but all types have all codes
        ");
        assert!(serde_json::from_str::<Protocol>("256").is_err());
        assert!(serde_json::from_str::<Protocol>("null").is_err());
    }
}
