//! Header fields: names and widths.

use std::fmt;

/// The address family of a packet, the value of [`Field::Family`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4, field value 0.
    V4,
    /// IPv6, field value 1.
    V6,
}

impl Family {
    /// Returns the value of [`Field::Family`] that stands for this family.
    pub fn value(self) -> u128 {
        match self {
            Family::V4 => 0,
            Family::V6 => 1,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Family::V4 => "ipv4",
            Family::V6 => "ipv6",
        })
    }
}

/// A header field, or a tag that stands beside the header: what the network remembers of a packet, and what the packet
/// is to its conversation.
///
/// Addresses of both families share one 128-bit field; an IPv4 address is its plain 32-bit number
/// together with [`Family::V4`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Address family, 1 bit: 0 is IPv4, 1 is IPv6.
    Family,
    /// IP protocol number, 8 bits.
    Protocol,
    /// Destination address, 128 bits.
    DstIp,
    /// Destination port of TCP and UDP, 16 bits; 0 in well-formed packets of other protocols.
    DstPort,
    /// Source address, 128 bits.
    SrcIp,
    /// Source port of TCP and UDP, 16 bits; 0 in well-formed packets of other protocols.
    SrcPort,
    /// ICMP or ICMPv6 type, 8 bits; 0 in well-formed packets of other protocols.
    IcmpType,
    /// ICMP or ICMPv6 code, 8 bits; 0 in well-formed packets of other protocols.
    IcmpCode,
    /// What the network remembers of the sender beside the header, 16 bits: 0 if the source address is
    /// all there is to know, 1 if the sender is forgotten, 2 and more if the packet is carried under
    /// another's name. No part of the header on the wire: a reply has 0, whatever it replies to.
    Identity,
    /// Which packet of its conversation it is, 1 bit: 0 opens it or, as a reply, accepts it (for TCP the
    /// handshake, otherwise the first packet each way), 1 carries data once it is open. Not in the header of
    /// all protocols; the reply to a packet has the packet's own.
    Phase,
}

impl Field {
    /// The number of fields.
    pub const COUNT: usize = 10;

    /// Every field, in order of declaration.
    pub const ALL: [Field; Field::COUNT] = [
        Field::Family,
        Field::Protocol,
        Field::DstIp,
        Field::DstPort,
        Field::SrcIp,
        Field::SrcPort,
        Field::IcmpType,
        Field::IcmpCode,
        Field::Identity,
        Field::Phase,
    ];

    /// The fields of the header on the wire: all but [`Field::Identity`] and [`Field::Phase`].
    pub const HEADER: [Field; Field::COUNT - 2] = [
        Field::Family,
        Field::Protocol,
        Field::DstIp,
        Field::DstPort,
        Field::SrcIp,
        Field::SrcPort,
        Field::IcmpType,
        Field::IcmpCode,
    ];

    /// Returns the width in bits, 1 to 128.
    pub fn width(self) -> u8 {
        match self {
            Field::Family | Field::Phase => 1,
            Field::Protocol | Field::IcmpType | Field::IcmpCode => 8,
            Field::DstPort | Field::SrcPort | Field::Identity => 16,
            Field::DstIp | Field::SrcIp => 128,
        }
    }

    /// Returns the greatest value the field can hold.
    pub fn max(self) -> u128 {
        max_of_width(self.width())
    }

    /// Returns the name used in texts, such as `src_ip` or `dst_port`.
    pub fn name(self) -> &'static str {
        match self {
            Field::Family => "family",
            Field::Protocol => "protocol",
            Field::DstIp => "dst_ip",
            Field::DstPort => "dst_port",
            Field::SrcIp => "src_ip",
            Field::SrcPort => "src_port",
            Field::IcmpType => "icmp_type",
            Field::IcmpCode => "icmp_code",
            Field::Identity => "identity",
            Field::Phase => "phase",
        }
    }

    /// Returns the field that takes this one's value in a reply: source and destination trade
    /// places, every other field is its own mirror. ([`Field::Identity`] as well, although no reply
    /// takes its value.)
    #[must_use]
    pub fn mirror(self) -> Field {
        match self {
            Field::DstIp => Field::SrcIp,
            Field::SrcIp => Field::DstIp,
            Field::DstPort => Field::SrcPort,
            Field::SrcPort => Field::DstPort,
            Field::Family
            | Field::Protocol
            | Field::IcmpType
            | Field::IcmpCode
            | Field::Identity
            | Field::Phase => self,
        }
    }

    /// Position in [`Field::ALL`].
    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The greatest value of a field of `width` bits (0 to 128).
pub(crate) fn max_of_width(width: u8) -> u128 {
    if width == 0 { 0 } else { u128::MAX >> (128 - u32::from(width.min(128))) }
}
