//! Sets of field values as people and AWS write them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use headerspace::{Block, Field, Ranges};
use ipnet::IpNet;

/// The fewest address blocks that make up a set of addresses, sorted as strings, hosts with their prefix length.
///
/// SOURCE: VPC guide and Network Access Analyzer guide, example findings: minimal blocks in the order of their text.
pub fn cidr_texts(block: &Block, field: Field) -> Vec<String> {
    let mut texts: Vec<String> = cidrs(block, field).into_iter().map(|net| net.to_string()).collect();
    texts.sort();
    texts
}

/// The fewest address blocks that make up a set of addresses, in order of address.
pub(crate) fn cidrs(block: &Block, field: Field) -> Vec<IpNet> {
    cover_all(block.get(field), block.get(Field::Family).contains(0))
}

/// The fewest address blocks that make up `addresses`, of IPv4 or else of IPv6, in order of address.
pub(crate) fn cover_all(addresses: &Ranges, v4: bool) -> Vec<IpNet> {
    let mut nets = Vec::new();
    for range in addresses.iter() {
        cover(*range.start(), *range.end(), v4, &mut nets);
    }
    nets
}

fn cover(mut first: u128, last: u128, v4: bool, nets: &mut Vec<IpNet>) {
    let width = if v4 { 32 } else { 128 };
    loop {
        // The largest aligned block that begins at `first` and does not go past `last`.
        let aligned = if first == 0 { width } else { first.trailing_zeros().min(width) };
        let left = last - first;
        let fits = if left == u128::MAX { 128 } else { (left + 1).ilog2() };
        let bits = aligned.min(fits);
        nets.extend(net(first, width - bits, v4));
        let size_less_one = if bits == 128 { u128::MAX } else { (1u128 << bits) - 1 };
        let Some(next) = first.checked_add(size_less_one).and_then(|end| end.checked_add(1)) else { return };
        if next > last {
            return;
        }
        first = next;
    }
}

fn net(first: u128, length: u32, v4: bool) -> Option<IpNet> {
    let address = if v4 {
        IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(first).ok()?))
    } else {
        IpAddr::V6(Ipv6Addr::from_bits(first))
    };
    IpNet::new(address, u8::try_from(length).ok()?).ok()
}

/// Ports as inclusive ranges, in order.
pub fn port_ranges(values: &Ranges) -> Vec<(u16, u16)> {
    let port = |value: u128| u16::try_from(value).unwrap_or(u16::MAX);
    values.iter().map(|range| (port(*range.start()), port(*range.end()))).collect()
}

#[cfg(test)]
mod tests {
    use headerspace::{HeaderSpace, Match};

    use super::*;
    use scope::selection::public;

    #[test]
    fn the_public_internet_is_the_cover_that_aws_prints() {
        let mut space = HeaderSpace::new();
        let set =
            Match::all_of([public(Field::SrcIp), Match::protocol(6), Match::family(headerspace::Family::V4)]);
        let set = space.compile(&set);
        let world = space.well_formed();
        let set = space.and(set, world);
        let blocks = space.blocks(set);
        let texts = cidr_texts(&blocks[0], Field::SrcIp);
        // 38 blocks, as computed from AWS's own shortened example (reference, section 2.5).
        assert_eq!(texts.len(), 38);
        assert_eq!(texts.first().map(String::as_str), Some("0.0.0.0/5"));
        assert!(texts.contains(&"100.0.0.0/10".to_owned()) && texts.contains(&"96.0.0.0/6".to_owned()));
    }

    #[test]
    fn whole_families_are_one_block() {
        let mut nets = Vec::new();
        cover(0, u128::from(u32::MAX), true, &mut nets);
        cover(0, u128::MAX, false, &mut nets);
        cover(1, 6, true, &mut nets);
        let texts: Vec<String> = nets.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["0.0.0.0/0", "::/0", "0.0.0.1/32", "0.0.0.2/31", "0.0.0.4/31", "0.0.0.6/32"]);
    }
}
