//! Sets of packets in words.

use headerspace::{Block, Field, Ranges};

use super::{
    cidr::{cover_all, port_ranges},
    document::{Kinds, blocks, protocol_texts},
    style::listed,
};
use scope::selection::public;

/// Says sets of packets in words. Knows what "the internet" is.
#[derive(Debug)]
pub(crate) struct Words {
    public_v4: Ranges,
    public_v6: Ranges,
}

impl Words {
    pub(crate) fn new() -> Self {
        let of = |family: u128| {
            let all = blocks(&public(Field::SrcIp));
            let block = all.iter().find(|block| block.get(Field::Family).contains(family));
            block.map_or_else(Ranges::empty, |block| block.get(Field::SrcIp).clone())
        };
        Self { public_v4: of(0), public_v6: of(1) }
    }

    /// `tcp from anywhere on the internet to 10.0.0.91:3306`.
    pub(crate) fn packets(&self, block: &Block) -> String {
        let kinds = Kinds::of(block);
        let mut text = protocols(block);
        if kinds.icmp {
            text.push_str(&icmp(block));
        }
        let side = |address, port| self.side(block, address, port);
        format!(
            "{text} from {} to {}",
            side(Field::SrcIp, Field::SrcPort),
            side(Field::DstIp, Field::DstPort)
        )
    }

    /// Addresses and ports of one side, at most.
    fn side(&self, block: &Block, address: Field, port: Field) -> String {
        let v4 = block.get(Field::Family).contains(0);
        let addresses = self.addresses(block.get(address), v4);
        if !Kinds::of(block).ports {
            return addresses;
        }
        let ports = port_ranges(block.get(port));
        let one = block.get(address).single_value().is_some();
        match ports.as_slice() {
            [(0, u16::MAX)] if port == Field::SrcPort => addresses,
            [(0, u16::MAX)] => format!("{addresses} on all ports"),
            [(first, last)] if first == last && one && v4 => format!("{addresses}:{first}"),
            [(first, last)] if first == last && one => format!("[{addresses}]:{first}"),
            [(first, last)] if first == last => format!("{addresses} on port {first}"),
            ports => {
                let texts: Vec<String> = ports.iter().copied().map(span_text).collect();
                format!("{addresses} on ports {}", listed(&texts))
            }
        }
    }

    /// Addresses in words.
    pub(crate) fn addresses(&self, addresses: &Ranges, v4: bool) -> String {
        let (public, all) = if v4 {
            (&self.public_v4, Ranges::range(0..=u128::from(u32::MAX)))
        } else {
            (&self.public_v6, Ranges::range(0..=u128::MAX))
        };
        let nets = cover_all(addresses, v4);
        for (wide, name) in [(public, "anywhere on the internet"), (&all, "any address")] {
            if addresses.subtract(wide) != Ranges::empty() {
                continue;
            }
            let missing = cover_all(&wide.subtract(addresses), v4);
            if missing.is_empty() {
                return if v4 { name.to_owned() } else { format!("{name} (IPv6)") };
            }
            if missing.len() < nets.len() && nets.len() > 6 && missing.len() <= 6 {
                let texts: Vec<String> = missing.iter().map(net_text).collect();
                return format!("{name} except {}", listed(&texts));
            }
        }
        let texts: Vec<String> = nets.iter().map(net_text).collect();
        listed(&texts)
    }

    /// How `after` differs from `before`, in words.
    pub(crate) fn change(&self, before: &Block, after: &Block) -> Vec<String> {
        let v4 = |block: &Block| block.get(Field::Family).contains(0);
        let mut texts = Vec::new();
        for (field, name) in [(Field::SrcIp, "source"), (Field::DstIp, "destination")] {
            if before.get(field) != after.get(field) {
                let from = self.addresses(before.get(field), v4(before));
                let to = self.addresses(after.get(field), v4(after));
                texts.push(format!("{name} {from} becomes {to}"));
            }
        }
        for (field, name) in [(Field::SrcPort, "source ports"), (Field::DstPort, "destination ports")] {
            if before.get(field) != after.get(field) {
                let spans: Vec<String> =
                    port_ranges(after.get(field)).iter().copied().map(span_text).collect();
                texts.push(format!("{name} become {}", listed(&spans)));
            }
        }
        texts
    }
}

fn net_text(net: &ipnet::IpNet) -> String {
    if net.prefix_len() == net.max_prefix_len() { net.addr().to_string() } else { net.to_string() }
}

fn span_text((first, last): (u16, u16)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

fn protocols(block: &Block) -> String {
    let protocols = block.get(Field::Protocol);
    if protocols.count() >= 250 {
        // All but the few that have sets of their own, because they have ports or types.
        return if protocols.count() == 256 { "any protocol" } else { "all other protocols" }.to_owned();
    }
    let texts = protocol_texts(protocols);
    if texts.iter().all(|text| text.starts_with(|first: char| first.is_ascii_digit())) {
        let noun = if texts.len() == 1 && !texts.concat().contains('-') { "protocol" } else { "protocols" };
        return format!("{noun} {}", listed(&texts));
    }
    match texts.as_slice() {
        [one, other] => format!("{one} and {other}"),
        texts => listed(texts),
    }
}

/// ICMP types and codes, unless all are meant.
fn icmp(block: &Block) -> String {
    let (kinds, codes) = (port_ranges(block.get(Field::IcmpType)), port_ranges(block.get(Field::IcmpCode)));
    let listed_spans =
        |spans: &[(u16, u16)]| listed(&spans.iter().copied().map(span_text).collect::<Vec<_>>());
    let mut text = String::new();
    if kinds != [(0, 255)] {
        text.push_str(" type ");
        text.push_str(&listed_spans(&kinds));
    }
    if codes != [(0, 255)] {
        text.push_str(" code ");
        text.push_str(&listed_spans(&codes));
    }
    text
}

#[cfg(test)]
mod tests {
    use headerspace::Match;
    use ipnet::IpNet;

    use super::*;

    fn said(accepted: &Match) -> String {
        let words = Words::new();
        let texts: Vec<String> = blocks(accepted).iter().map(|block| words.packets(block)).collect();
        texts.join("\n")
    }

    fn net(text: &str) -> IpNet {
        text.parse().unwrap()
    }

    #[test]
    fn one_service_from_the_internet() {
        let parts = [
            public(Field::SrcIp),
            Match::protocol(6),
            Match::dst_in(net("10.0.0.91/32")),
            Match::ports(Field::DstPort, 3306..=3306),
        ];
        insta::assert_snapshot!(said(&Match::all_of(parts)), @"tcp from anywhere on the internet to 10.0.0.91:3306");
    }

    #[test]
    fn both_families_and_several_ports() {
        let parts = [
            Match::protocol(17),
            Match::any_of([
                Match::all_of([Match::src_in(net("2000::/3")), Match::dst_in(net("2001:db8::1/128"))]),
                Match::all_of([Match::src_in(net("0.0.0.0/0")), Match::dst_in(net("10.0.0.0/30"))]),
            ]),
            Match::any_of([Match::ports(Field::DstPort, 53..=53), Match::ports(Field::DstPort, 123..=130)]),
            Match::ports(Field::SrcPort, 1024..=65535),
        ];
        insta::assert_snapshot!(said(&Match::all_of(parts)), @r"
        udp from any address on ports 1024-65535 to 10.0.0.0/30 on ports 53, 123-130
        udp from anywhere on the internet (IPv6) on ports 1024-65535 to 2001:db8::1 on ports 53, 123-130
        ");
    }

    #[test]
    fn the_internet_but_for_trusted_networks() {
        let trusted = Match::src_any_of([net("55.3.0.0/16"), net("66.0.0.1/32")]);
        let parts = [
            public(Field::SrcIp),
            Match::not(trusted),
            Match::family(headerspace::Family::V4),
            Match::protocol(47),
        ];
        insta::assert_snapshot!(
            said(&Match::all_of(parts)),
            @"protocol 47 from anywhere on the internet except 55.3.0.0/16, 66.0.0.1 to any address"
        );
    }

    #[test]
    fn every_protocol() {
        let parts = [Match::src_in(net("10.0.0.1/32")), Match::dst_in(net("10.0.0.2/32"))];
        insta::assert_snapshot!(said(&Match::all_of(parts)), @r"
        all other protocols from 10.0.0.1 to 10.0.0.2
        icmp from 10.0.0.1 to 10.0.0.2
        tcp and udp from 10.0.0.1 to 10.0.0.2 on all ports
        ");
    }
}
