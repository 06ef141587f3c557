//! Packet header statements: addresses, ports, prefix lists and protocols.
//!
//! SOURCE: Network Access Analyzer guide, page on packet headers; EC2 service model,
//! `PacketHeaderStatementRequest` and enum `Protocol` (checked 2026-11-23).
//! GAP: AWS shows no port range anywhere; `first-last` is how its other services write one.
use std::net::IpAddr;
use std::ops::RangeInclusive;

use ipnet::IpNet;

use super::json::Json;
use super::reader::{At, Members, Reader};
use super::remark::quoted;
use super::vocabulary;

/// What a packet's header must be: every member that is there must hold, by any of its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderCondition {
    /// Networks, host bits cleared. A single address has the full prefix length.
    pub source_addresses: Option<Vec<IpNet>>,
    pub destination_addresses: Option<Vec<IpNet>>,
    pub source_ports: Option<Vec<RangeInclusive<u16>>>,
    pub destination_ports: Option<Vec<RangeInclusive<u16>>>,
    /// Prefix list ids or ARNs. Never together with `source_addresses`.
    pub source_prefix_lists: Option<Vec<String>>,
    /// Prefix list ids or ARNs. Never together with `destination_addresses`.
    pub destination_prefix_lists: Option<Vec<String>>,
    /// Absent means TCP and UDP, never anything else.
    pub protocols: Option<Vec<Protocol>>,
}

/// A protocol that a scope can speak about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    Tcp,
    Udp,
}

impl Protocol {
    /// Returns the name as it is written in a scope.
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        }
    }

    /// Returns the IANA protocol number.
    pub fn number(self) -> u8 {
        match self {
            Protocol::Tcp => 6,
            Protocol::Udp => 17,
        }
    }
}

impl Reader {
    /// Reads a `PacketHeaderStatement`.
    pub(super) fn header_condition(&mut self, at: &At<'_>) -> Option<HeaderCondition> {
        let problems = self.problems.len();
        let statement = self.object(at, "a packet header statement", vocabulary::HEADER)?;
        let networks = "a list of addresses or CIDR blocks";
        let ports = "a list of ports or port ranges";
        let lists = "a list of prefix list ids or ARNs";
        let header = HeaderCondition {
            source_addresses: self.networks(&statement, "SourceAddresses", networks),
            destination_addresses: self.networks(&statement, "DestinationAddresses", networks),
            source_ports: self.values(&statement, "SourcePorts", ports, Reader::port_range),
            destination_ports: self.values(&statement, "DestinationPorts", ports, Reader::port_range),
            source_prefix_lists: self.values(&statement, "SourcePrefixLists", lists, Reader::prefix_list),
            destination_prefix_lists: self.values(
                &statement,
                "DestinationPrefixLists",
                lists,
                Reader::prefix_list,
            ),
            protocols: self.values(&statement, "Protocols", "a list of protocols", Reader::protocol),
        };
        for (addresses, lists, side) in [
            (header.source_addresses.is_some(), header.source_prefix_lists.is_some(), "Source"),
            (
                header.destination_addresses.is_some(),
                header.destination_prefix_lists.is_some(),
                "Destination",
            ),
        ] {
            if addresses && lists {
                self.problem(
                    at,
                    format!(
                        "`{side}Addresses` and `{side}PrefixLists` stand together, but AWS takes one of the two"
                    ),
                    Some("write two conditions, one with each".to_owned()),
                );
            }
        }
        if header == HeaderCondition::default() {
            if self.problems.len() == problems {
                self.problem(
                    at,
                    "a packet header statement needs at least one value".to_owned(),
                    Some("leave `PacketHeaderStatement` out to mean all of TCP and UDP".to_owned()),
                );
            }
            return None;
        }
        Some(header)
    }

    fn values<T>(
        &mut self,
        statement: &Members<'_>,
        member: &str,
        what: &str,
        read: fn(&mut Reader, &At<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let list = statement.get(member)?;
        let entries = self.filled_list(&list, what)?;
        Some(entries.iter().filter_map(|entry| read(self, entry)).collect())
    }

    /// Addresses and blocks, and those of named sets.
    fn networks(&mut self, statement: &Members<'_>, member: &str, what: &str) -> Option<Vec<IpNet>> {
        let list = statement.get(member)?;
        let entries = self.filled_list(&list, what)?;
        let mut all = Vec::new();
        for entry in &entries {
            match entry.as_text().and_then(|text| text.strip_prefix('@')) {
                Some(name) => all.extend(self.address_set(entry, name).unwrap_or_default()),
                None => all.extend(self.network(entry)),
            }
        }
        Some(all)
    }

    fn network(&mut self, at: &At<'_>) -> Option<IpNet> {
        let text = self.text(at, "an address or CIDR block such as `10.0.0.0/8`")?;
        let parsed = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        let Some(written) = parsed else {
            self.problem(
                at,
                format!("{} is not an address or CIDR block", quoted(text)),
                Some(help_for_network(text)),
            );
            return None;
        };
        let network = written.trunc();
        if matches!(network, IpNet::V6(_)) {
            self.warn(
                at,
                format!("`{text}` is IPv6: netproof takes it, AWS's Network Access Analyzer takes IPv4 only"),
                None,
            );
            self.extension(at, format!("`{text}` is IPv6"));
        }
        if network != written {
            self.warn(
                at,
                format!("`{text}` has bits set behind its prefix; read as `{network}`"),
                Some(format!("write `{network}`, or `{}` for the one address", written.addr())),
            );
        }
        Some(network)
    }

    fn port_range(&mut self, at: &At<'_>) -> Option<RangeInclusive<u16>> {
        if let Json::Number(digits) = &at.node.json {
            let range = self.ports_from(at, digits)?;
            self.warn(
                at,
                format!("port {} is a number, but AWS takes ports as texts", range.start()),
                Some(format!("write `\"{}\"`", range.start())),
            );
            return Some(range);
        }
        let text = self.text(at, "a port or a range such as `\"1024-65535\"`")?;
        self.ports_from(at, text)
    }

    fn ports_from(&mut self, at: &At<'_>, text: &str) -> Option<RangeInclusive<u16>> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let is_number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
        if !is_number(first) || !is_number(last) {
            let message = format!("{} is not a port or a port range", quoted(text));
            self.problem(at, message, Some(help_for_ports(text)));
            return None;
        }
        let mut range = [0; 2];
        for (slot, part) in range.iter_mut().zip([first, last]) {
            let Ok(port) = part.parse::<u16>() else {
                self.problem(at, format!("{} is given, but ports end at 65535", quoted(part)), None);
                return None;
            };
            *slot = port;
        }
        let [first, last] = range;
        if first > last {
            self.problem(
                at,
                format!("the range `{text}` ends before it begins"),
                Some(format!("write `{last}-{first}`")),
            );
            return None;
        }
        Some(first..=last)
    }

    fn prefix_list(&mut self, at: &At<'_>) -> Option<String> {
        let text = self.text(at, "a prefix list id or ARN")?;
        let id = match text.strip_prefix("arn:") {
            Some(arn) => arn.rsplit_once(":prefix-list/").map_or("", |(_, id)| id),
            None => text,
        };
        if id.strip_prefix("pl-").is_some_and(|rest| !rest.is_empty()) {
            return Some(text.to_owned());
        }
        let help = if text.parse::<IpNet>().is_ok() || text.parse::<IpAddr>().is_ok() {
            "addresses belong into `SourceAddresses` or `DestinationAddresses`"
        } else {
            "prefix lists are named by id (`pl-…`) or ARN \
             (`arn:aws:ec2:REGION:ACCOUNT:prefix-list/pl-…`), not by name"
        };
        let message = format!("{} is not a prefix list id or ARN", quoted(text));
        self.problem(at, message, Some(help.to_owned()));
        None
    }

    fn protocol(&mut self, at: &At<'_>) -> Option<Protocol> {
        let wanted = "`tcp` or `udp`";
        let text = match &at.node.json {
            Json::Number(digits) => digits.as_str(),
            _ => self.text(at, wanted)?,
        };
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            if text.eq_ignore_ascii_case(protocol.name()) {
                return Some(protocol);
            }
        }
        let help = match text {
            "6" => "write `tcp`",
            "17" => "write `udp`",
            "-1" | "all" | "any" | "*" => "leave `Protocols` out to mean TCP and UDP",
            _ => "AWS's Network Access Analyzer follows TCP and UDP only; ask `netproof path` about others",
        };
        let message = format!("{} is not a protocol of a scope; expected {wanted}", quoted(text));
        self.problem(at, message, Some(help.to_owned()));
        None
    }
}

fn help_for_network(text: &str) -> String {
    let trimmed = text.trim();
    let help = if trimmed != text && !trimmed.is_empty() {
        "remove the spaces around it"
    } else if text.starts_with("pl-") || text.contains(":prefix-list/") {
        "prefix lists belong into `SourcePrefixLists` or `DestinationPrefixLists`"
    } else if text.contains(',') {
        "write each block as an entry of its own"
    } else if text.contains('-') && text.contains('.') {
        "address ranges are written as CIDR blocks"
    } else if text.contains(':') && text.contains("::") {
        "IPv6 prefix lengths go up to 128"
    } else if text.split('/').next().is_some_and(|address| address.parse::<IpAddr>().is_ok()) {
        "IPv4 prefix lengths are 0 to 32"
    } else {
        "write an IPv4 address such as `192.0.2.1` or a CIDR block such as `10.0.0.0/8`; resources belong \
         into `ResourceStatement`"
    };
    help.to_owned()
}

fn help_for_ports(text: &str) -> String {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let separated = compact.replace([':', '–', '—'], "-").replace("..=", "-").replace("..", "-");
    let is_range = |text: &str| {
        text.split_once('-').is_some_and(|(first, last)| {
            [first, last].iter().all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()))
        })
    };
    if text.contains(',') {
        "write each port as an entry of its own".to_owned()
    } else if is_range(&separated) || (compact != text && !compact.is_empty()) {
        format!("write {}", quoted(&separated))
    } else if matches!(text, "*" | "any" | "all" | "-1") {
        "leave the member out to mean all ports".to_owned()
    } else {
        "write one port such as `443`, or a range such as `1024-65535`".to_owned()
    }
}
