//! Address blocks, and the public addresses that generated rules speak of.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::draws::Draws;

/// An IPv4 prefix. INVARIANT: no bit is set after the first `length` ones; kept by [`Block::new`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Block {
    first: u32,
    length: u32,
}

impl Block {
    /// Every IPv4 address.
    pub(super) const ANYWHERE: Self = Self { first: 0, length: 0 };

    /// The prefix of `length` bits (0 to 32) that holds `address`.
    pub(super) fn new(address: u32, length: u32) -> Self {
        let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
        Self { first: address & mask, length }
    }

    /// The address `offset` after the first.
    pub(super) fn address(self, offset: u32) -> Ipv4Addr {
        Ipv4Addr::from(self.first.wrapping_add(offset))
    }

    /// The prefix of one address, `offset` after the first.
    pub(super) fn host(self, offset: u32) -> Self {
        Self::new(self.first.wrapping_add(offset), 32)
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address(0), self.length)
    }
}

/// An IPv6 prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Block6 {
    first: u128,
    length: u32,
}

impl Block6 {
    /// Every IPv6 address.
    pub(super) const ANYWHERE: Self = Self { first: 0, length: 0 };

    /// The /56 of the VPC with this number, below 2^16, out of 2600:1f10::/40.
    pub(super) fn of_vpc(vpc: u32) -> Self {
        Self { first: (0x2600_1f10 << 96) | (u128::from(vpc) << 72), length: 56 }
    }

    /// The /64 with this number, below 256, in a /56.
    pub(super) fn subnet(self, subnet: u32) -> Self {
        Self { first: self.first | (u128::from(subnet) << 64), length: 64 }
    }

    /// The address `offset` after the first.
    pub(super) fn address(self, offset: u32) -> Ipv6Addr {
        Ipv6Addr::from(self.first | u128::from(offset))
    }

    /// A partner's /48 out of the documentation prefix.
    pub(super) fn partner(number: u32) -> Self {
        Self { first: (0x2001_0db8 << 96) | (u128::from(number & 0xffff) << 80), length: 48 }
    }
}

impl fmt::Display for Block6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address(0), self.length)
    }
}

/// The public address of the interface with this number, below 2^24: out of 3.0.0.0/8, each once.
pub(super) fn public_address(interface: u32) -> Ipv4Addr {
    // Multiplying by an odd number permutes the numbers modulo a power of two.
    Ipv4Addr::from((3 << 24) | (interface.wrapping_mul(0x009e_3779).wrapping_add(0x0054_1a2b) & 0x00ff_ffff))
}

/// The public address of the NAT gateway with this number, below 2^23: out of 52.0.0.0/9, each once.
pub(super) fn nat_address(gateway: u32) -> Ipv4Addr {
    Ipv4Addr::from((52 << 24) | (gateway.wrapping_mul(0x0045_d9f3).wrapping_add(0x0011_0c87) & 0x007f_ffff))
}

/// First octets of the public ranges in rules: outside every reserved block and the addresses given out above.
const PUBLIC_OCTETS: [u32; 10] = [8, 12, 23, 34, 63, 81, 91, 104, 151, 185];

/// A public range of 2 to 65,536 addresses, or a single one.
pub(super) fn public_range(draws: &mut Draws) -> Block {
    let first = draws.pick(&PUBLIC_OCTETS).unwrap_or(8) << 24;
    let length = draws.pick(&[16, 18, 20, 22, 24, 24, 27, 28, 29, 32, 32, 32]).unwrap_or(32);
    Block::new(first | draws.below(1 << 24), length)
}

/// One of the 64 ranges of partners and offices that many rules of a network share.
pub(super) fn partner_range(seed: u64, draws: &mut Draws) -> Block {
    public_range(&mut Draws::new(seed, "partner", &[u64::from(draws.below(64))]))
}
