//! Public resolvers: addresses at which the internet is known to serve DNS over HTTPS.
//!
//! Port 443 alone tells nothing, as the web is there too; so DNS over HTTPS is looked for at these addresses only. The
//! ready-made scope `scopes/dns-bypass-doh.json` has those of IPv4: AWS's analyzer takes no others.
//!
//! SOURCE: AdGuard's "Known DNS Providers" (adguard-dns.io/kb/general/dns-providers), which gives what providers publish;
//! the addresses it lacks (of DNS64, of browsers' own names, and of OpenDNS for families, Mullvad, NextDNS and DNSPod) are
//! those of dns.google, cloudflare-dns.com, doh.opendns.com, dns.mullvad.net, dns.nextdns.io and doh.pub, as they stand in
//! public configurations (checked 2026-11-27).
//! GAP: any host may serve DNS over HTTPS at any address. What is not in this list is not looked for.

use ipnet::IpNet;

/// Who runs public resolvers, and where.
#[derive(Debug, Clone, Copy)]
pub struct PublicResolver {
    /// Who runs them.
    pub provider: &'static str,
    /// Their addresses and blocks of addresses, as text.
    pub addresses: &'static [&'static str],
}

impl PublicResolver {
    /// All that are known.
    pub const ALL: &[Self] = &[
        Self {
            provider: "Google",
            addresses: &[
                "8.8.8.8",
                "8.8.4.4",
                "2001:4860:4860::8888",
                "2001:4860:4860::8844",
                "2001:4860:4860::64",
                "2001:4860:4860::6464",
            ],
        },
        // With the variants that leave out malware (2) and adult content as well (3), and the names that browsers ask.
        Self {
            provider: "Cloudflare",
            addresses: &[
                "1.1.1.1",
                "1.0.0.1",
                "1.1.1.2",
                "1.0.0.2",
                "1.1.1.3",
                "1.0.0.3",
                "104.16.248.249",
                "104.16.249.249",
                "162.159.61.3",
                "162.159.61.4",
                "172.64.41.3",
                "172.64.41.4",
                "2606:4700:4700::1111",
                "2606:4700:4700::1001",
                "2606:4700:4700::1112",
                "2606:4700:4700::1002",
                "2606:4700:4700::1113",
                "2606:4700:4700::1003",
                "2606:4700:4700::64",
                "2606:4700:4700::6400",
                "2606:4700::6810:f8f9",
                "2606:4700::6810:f9f9",
            ],
        },
        Self {
            provider: "Quad9",
            addresses: &[
                "9.9.9.9",
                "149.112.112.112",
                "9.9.9.10",
                "149.112.112.10",
                "9.9.9.11",
                "149.112.112.11",
                "2620:fe::fe",
                "2620:fe::9",
                "2620:fe::10",
                "2620:fe::fe:10",
                "2620:fe::11",
                "2620:fe::fe:11",
            ],
        },
        Self {
            provider: "OpenDNS",
            addresses: &[
                "208.67.222.222",
                "208.67.220.220",
                "208.67.222.220",
                "208.67.220.222",
                "208.67.222.123",
                "208.67.220.123",
                "208.67.222.2",
                "208.67.220.2",
                "146.112.41.2",
                "146.112.41.3",
                "2620:119:35::35",
                "2620:119:53::53",
                "2620:119:35::123",
                "2620:119:53::123",
                "2620:0:ccc::2",
                "2620:0:ccd::2",
                "2620:119:fc::2",
                "2620:119:fc::3",
            ],
        },
        Self {
            provider: "AdGuard",
            addresses: &[
                "94.140.14.14",
                "94.140.15.15",
                "94.140.14.15",
                "94.140.15.16",
                "94.140.14.140",
                "94.140.14.141",
                "2a10:50c0::ad1:ff",
                "2a10:50c0::ad2:ff",
                "2a10:50c0::bad1:ff",
                "2a10:50c0::bad2:ff",
                "2a10:50c0::1:ff",
                "2a10:50c0::2:ff",
            ],
        },
        Self {
            provider: "CleanBrowsing",
            addresses: &[
                "185.228.168.9",
                "185.228.169.9",
                "185.228.168.10",
                "185.228.169.11",
                "185.228.168.168",
                "185.228.169.168",
                "2a0d:2a00:1::",
                "2a0d:2a00:2::",
                "2a0d:2a00:1::1",
                "2a0d:2a00:2::1",
                "2a0d:2a00:1::2",
                "2a0d:2a00:2::2",
            ],
        },
        // An address for each choice of what is left out.
        Self {
            provider: "Control D",
            addresses: &["76.76.2.0/28", "76.76.10.0/28", "2606:1a40::/64", "2606:1a40:1::/64"],
        },
        Self { provider: "Mullvad", addresses: &["194.242.2.0/28", "2a07:e340::/124"] },
        // An address for each customer.
        Self {
            provider: "NextDNS",
            addresses: &["45.90.28.0/24", "45.90.30.0/24", "2a07:a8c0::/32", "2a07:a8c1::/32"],
        },
        Self { provider: "DNS.SB", addresses: &["185.222.222.222", "45.11.45.11", "2a09::", "2a11::"] },
        Self {
            provider: "Alibaba",
            addresses: &["223.5.5.5", "223.6.6.6", "2400:3200::1", "2400:3200:baba::1"],
        },
        Self {
            provider: "DNSPod",
            addresses: &["119.29.29.29", "1.12.12.12", "120.53.53.53", "2402:4e00::"],
        },
    ];

    /// Its addresses.
    pub fn nets(&self) -> impl Iterator<Item = IpNet> {
        let address = |text: &str| text.parse::<std::net::IpAddr>().ok().map(IpNet::from);
        self.addresses.iter().filter_map(move |text| address(text).or_else(|| text.parse().ok()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use scope::document::read_scopes;

    use super::*;

    #[test]
    fn every_address_is_one_and_stands_once() {
        let texts: Vec<&str> = PublicResolver::ALL.iter().flat_map(|it| it.addresses).copied().collect();
        let nets: BTreeSet<IpNet> = PublicResolver::ALL.iter().flat_map(PublicResolver::nets).collect();
        assert_eq!(nets.len(), texts.len());
        for net in &nets {
            assert_eq!(net.trunc(), *net, "{net} has bits behind its prefix");
        }
        for known in ["8.8.8.8", "1.1.1.3", "9.9.9.9", "208.67.222.222", "94.140.14.14", "2620:fe::fe"] {
            let known = IpNet::from(known.parse::<std::net::IpAddr>().unwrap());
            assert!(nets.iter().any(|net| net.contains(&known)), "{known}");
        }
    }

    #[test]
    fn the_ready_made_scope_has_those_of_ipv4() {
        let text = include_str!("../../../../scopes/dns-bypass-doh.json");
        let scopes = read_scopes("dns-bypass-doh.json", text).unwrap();
        let header = scopes[0].match_paths[0].destination.clone().unwrap().header.unwrap();
        let there: Vec<IpNet> = header.destination_addresses.unwrap();
        let known = PublicResolver::ALL.iter().flat_map(PublicResolver::nets);
        assert_eq!(there, known.filter(|net| matches!(net, IpNet::V4(_))).collect::<Vec<_>>());
    }
}
