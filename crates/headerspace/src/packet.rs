//! Concrete packet headers.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::field::{Family, Field};

/// Protocol number of ICMP (for IPv4).
pub(crate) const ICMP: u8 = 1;
/// Protocol number of TCP.
pub(crate) const TCP: u8 = 6;
/// Protocol number of UDP.
pub(crate) const UDP: u8 = 17;
/// Protocol number of ICMPv6.
pub(crate) const ICMPV6: u8 = 58;

/// ICMP queries and the replies to them, as pairs of types.
// SOURCE: RFC 792 (echo, timestamp, information), RFC 950 (address mask), checked 2026-11-23.
pub(crate) const ICMP_REPLIES: [(u8, u8); 4] = [(8, 0), (13, 14), (15, 16), (17, 18)];
/// ICMPv6 queries and the replies to them, as pairs of types.
// SOURCE: RFC 4443 section 4 (echo), checked 2026-11-23.
// GAP: neighbour and router discovery (133 to 137) stays on one link and counts as unanswered.
pub(crate) const ICMPV6_REPLIES: [(u8, u8); 1] = [(128, 129)];

/// One concrete header: every [`Field`] has a value. New packets have [`Field::Identity`] 0 and [`Field::Phase`] 0.
///
/// Ordered field by field in the order of [`Field::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Packet {
    family: Family,
    protocol: u8,
    dst_ip: u128,
    dst_port: u16,
    src_ip: u128,
    src_port: u16,
    icmp_type: u8,
    icmp_code: u8,
    identity: u16,
    phase: u8,
}

impl Packet {
    /// Returns a TCP packet from port `sport` of `src` to port `dport` of `dst`.
    ///
    /// If just one of the addresses is IPv6, the packet is IPv6 and the other address is mapped
    /// (`::ffff:a.b.c.d`). The same holds for the other constructors.
    pub fn tcp(src: IpAddr, dst: IpAddr, sport: u16, dport: u16) -> Packet {
        Packet { src_port: sport, dst_port: dport, ..Packet::other(src, dst, TCP) }
    }

    /// Returns a UDP packet from port `sport` of `src` to port `dport` of `dst`.
    pub fn udp(src: IpAddr, dst: IpAddr, sport: u16, dport: u16) -> Packet {
        Packet { src_port: sport, dst_port: dport, ..Packet::other(src, dst, UDP) }
    }

    /// Returns an ICMP packet, or an ICMPv6 packet if the addresses are IPv6.
    pub fn icmp(src: IpAddr, dst: IpAddr, icmp_type: u8, icmp_code: u8) -> Packet {
        let bare = Packet::other(src, dst, ICMP);
        let protocol = match bare.family {
            Family::V4 => ICMP,
            Family::V6 => ICMPV6,
        };
        Packet { protocol, icmp_type, icmp_code, ..bare }
    }

    /// Returns a packet of any protocol with ports, ICMP type and ICMP code 0.
    pub fn other(src: IpAddr, dst: IpAddr, protocol: u8) -> Packet {
        let (family, src_ip, dst_ip) = match (src, dst) {
            (IpAddr::V4(src), IpAddr::V4(dst)) => {
                (Family::V4, u128::from(u32::from(src)), u128::from(u32::from(dst)))
            }
            (src, dst) => (Family::V6, wide(src), wide(dst)),
        };
        Packet {
            family,
            protocol,
            dst_ip,
            dst_port: 0,
            src_ip,
            src_port: 0,
            icmp_type: 0,
            icmp_code: 0,
            identity: 0,
            phase: 0,
        }
    }

    /// Returns the value of `field`.
    pub fn get(&self, field: Field) -> u128 {
        match field {
            Field::Family => self.family.value(),
            Field::Protocol => self.protocol.into(),
            Field::DstIp => self.dst_ip,
            Field::DstPort => self.dst_port.into(),
            Field::SrcIp => self.src_ip,
            Field::SrcPort => self.src_port.into(),
            Field::IcmpType => self.icmp_type.into(),
            Field::IcmpCode => self.icmp_code.into(),
            Field::Identity => self.identity.into(),
            Field::Phase => self.phase.into(),
        }
    }

    /// Returns this packet with `field` set to `value`; see [`Packet::set`].
    #[must_use]
    pub fn with(mut self, field: Field, value: u128) -> Packet {
        self.set(field, value);
        self
    }

    /// Sets `field` to `value`. Bits beyond the field's width are dropped.
    pub fn set(&mut self, field: Field, value: u128) {
        match field {
            Field::Family => self.family = if value & 1 == 0 { Family::V4 } else { Family::V6 },
            Field::Protocol => self.protocol = low_u8(value),
            Field::DstIp => self.dst_ip = value,
            Field::DstPort => self.dst_port = low_u16(value),
            Field::SrcIp => self.src_ip = value,
            Field::SrcPort => self.src_port = low_u16(value),
            Field::IcmpType => self.icmp_type = low_u8(value),
            Field::IcmpCode => self.icmp_code = low_u8(value),
            Field::Identity => self.identity = low_u16(value),
            Field::Phase => self.phase = low_u8(value) & 1,
        }
    }

    /// Returns the source address. Of an ill-formed IPv4 address the lower 32 bits count.
    pub fn src(&self) -> IpAddr {
        address(self.family, self.src_ip)
    }

    /// Returns the destination address. Of an ill-formed IPv4 address the lower 32 bits count.
    pub fn dst(&self) -> IpAddr {
        address(self.family, self.dst_ip)
    }

    /// Returns the address family.
    pub fn family(&self) -> Family {
        self.family
    }

    /// Whether the packet can exist: IPv4 addresses below 2^32; ports 0 unless the protocol is TCP
    /// or UDP; ICMP type and code 0 unless the protocol is ICMP in IPv4 or ICMPv6 in IPv6.
    ///
    /// [`Match::well_formed`](crate::Match::well_formed) says the same as a term.
    pub fn is_well_formed(&self) -> bool {
        let narrow = u128::from(u32::MAX);
        let addresses = self.family == Family::V6 || (self.src_ip <= narrow && self.dst_ip <= narrow);
        let ports = matches!(self.protocol, TCP | UDP) || (self.src_port == 0 && self.dst_port == 0);
        let icmp = self.icmp_replies().is_some() || (self.icmp_type == 0 && self.icmp_code == 0);
        addresses && ports && icmp
    }

    /// Returns the packet that a correct peer sends back, or `None` if nothing answers.
    ///
    /// Addresses and ports trade places. An ICMP or ICMPv6 query becomes its reply with the same
    /// code; other ICMP messages have no reply. The reply is a new packet of its own sender: its
    /// [`Field::Identity`] is 0.
    pub fn reply(&self) -> Option<Packet> {
        let icmp_type = match self.icmp_replies() {
            Some(pairs) => pairs.iter().find(|(query, _)| *query == self.icmp_type)?.1,
            None => self.icmp_type,
        };
        Some(Packet {
            src_ip: self.dst_ip,
            dst_ip: self.src_ip,
            src_port: self.dst_port,
            dst_port: self.src_port,
            icmp_type,
            identity: 0,
            ..*self
        })
    }

    /// Pairs of query and reply if the packet is ICMP or ICMPv6 in its own family.
    fn icmp_replies(&self) -> Option<&'static [(u8, u8)]> {
        match (self.family, self.protocol) {
            (Family::V4, ICMP) => Some(&ICMP_REPLIES),
            (Family::V6, ICMPV6) => Some(&ICMPV6_REPLIES),
            _ => None,
        }
    }
}

impl fmt::Display for Packet {
    /// Writes `tcp 1.2.3.4:80 -> 5.6.7.8:443`, `icmp 1.2.3.4 -> 5.6.7.8 type 8 code 0` or
    /// `protocol 47 1.2.3.4 -> 5.6.7.8`; with ` (identity 1)` behind it unless that is 0.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (src, dst) = (self.src(), self.dst());
        match protocol_name(self.protocol) {
            Some(name) => f.write_str(name)?,
            None => write!(f, "protocol {}", self.protocol)?,
        }
        if matches!(self.protocol, TCP | UDP) {
            let (src, dst) = (SocketAddr::new(src, self.src_port), SocketAddr::new(dst, self.dst_port));
            write!(f, " {src} -> {dst}")?;
        } else {
            write!(f, " {src} -> {dst}")?;
        }
        if self.icmp_replies().is_some() {
            write!(f, " type {} code {}", self.icmp_type, self.icmp_code)?;
        }
        if self.identity != 0 {
            write!(f, " (identity {})", self.identity)?;
        }
        Ok(())
    }
}

/// The usual name of a protocol, where texts use one.
pub(crate) fn protocol_name(protocol: u8) -> Option<&'static str> {
    match protocol {
        ICMP => Some("icmp"),
        TCP => Some("tcp"),
        UDP => Some("udp"),
        ICMPV6 => Some("icmpv6"),
        _ => None,
    }
}

/// The address that `value` stands for in `family`.
pub(crate) fn address(family: Family, value: u128) -> IpAddr {
    match family {
        Family::V4 => {
            IpAddr::V4(Ipv4Addr::from(u32::try_from(value & u128::from(u32::MAX)).unwrap_or(u32::MAX)))
        }
        Family::V6 => IpAddr::V6(Ipv6Addr::from(value)),
    }
}

fn wide(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(narrow) => narrow.to_ipv6_mapped().into(),
        IpAddr::V6(wide) => wide.into(),
    }
}

fn low_u8(value: u128) -> u8 {
    u8::try_from(value & 0xff).unwrap_or(u8::MAX)
}

fn low_u16(value: u128) -> u16 {
    u16::try_from(value & 0xffff).unwrap_or(u16::MAX)
}
