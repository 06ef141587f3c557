//! Sets of addresses that AWS treats specially.

use headerspace::{Family, Field, Match};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Private and shared blocks, which never cross an internet gateway.
///
/// SOURCE: Reachability Analyzer guide, explanation codes `IGW_*_RFC1918_*` and `IGW_*_RFC6598_*` (checked 2026-11-23).
const PRIVATE: [(Ipv4Addr, u8); 4] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
];

/// Private and shared blocks.
pub(crate) fn private_nets() -> impl Iterator<Item = IpNet> {
    PRIVATE.into_iter().filter_map(|(address, length)| Ipv4Net::new(address, length).ok()).map(IpNet::V4)
}

/// IPv4 packets whose `field` lies outside RFC 1918 and RFC 6598.
pub(crate) fn public_ipv4(field: Field) -> Match {
    Match::all_of([Match::family(Family::V4), Match::not(address_in(field, private_nets()))])
}

/// IPv6 packets whose `field` is global unicast, 2000::/3.
/// SOURCE: RFC 4291 section 2.4 and IANA's IPv6 address space registry.
pub(crate) fn global_unicast(field: Field) -> Match {
    let net = Ipv6Net::new(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
    address_in(field, net.into_iter().map(IpNet::V6))
}

/// Packets whose `field` is an address of the public internet, of either family.
pub(crate) fn public(field: Field) -> Match {
    Match::any_of([public_ipv4(field), global_unicast(field)])
}

/// IPv4 packets whose `field` lies in RFC 1918 or RFC 6598.
pub(crate) fn private_ipv4(field: Field) -> Match {
    address_in(field, private_nets())
}

/// Packets whose `field`, an address, lies in one of `nets`.
pub(crate) fn address_in(field: Field, nets: impl IntoIterator<Item = IpNet>) -> Match {
    if field == Field::SrcIp { Match::src_any_of(nets) } else { Match::dst_any_of(nets) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headerspace::Packet;

    #[test]
    fn private_shared_and_public_addresses() {
        let to = |address: &str| Packet::tcp([1, 1, 1, 1].into(), address.parse().unwrap(), 1, 1);
        for private in ["10.0.0.1", "172.31.0.1", "192.168.1.1", "100.64.0.1", "100.127.255.255"] {
            assert!(
                private_ipv4(Field::DstIp).accepts(&to(private))
                    && !public(Field::DstIp).accepts(&to(private))
            );
        }
        for public_one in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "169.254.1.1"] {
            assert!(
                !private_ipv4(Field::DstIp).accepts(&to(public_one))
                    && public(Field::DstIp).accepts(&to(public_one))
            );
        }
    }
}
