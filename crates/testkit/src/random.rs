//! Small, odd networks for property tests and fuzzing.
//!
//! ```
//! use testkit::random::{RandomOptions, random_network_from_seed, shuffle};
//!
//! let network = random_network_from_seed(7, &RandomOptions::default());
//! assert!(network.json.contains("\"Vpcs\""));
//! let same_network = shuffle(&network.json, 1);
//! assert_ne!(same_network, network.json);
//! ```
//!
//! Rules, routes and packets draw from the same few addresses, ports and protocols, so that they meet often:
//! a deny before an allow, a route that shadows another, two VPCs with one address. What AWS would refuse
//! outright (two associations of one subnet, overlapping subnets) is not made.

mod dice;
mod network;
mod pools;
mod rearrange;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use arbitrary::Unstructured;
use serde_json::Value;

use crate::draws::Draws;
use dice::Dice;
pub use rearrange::{rename, shuffle};

/// What a random network may contain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, named at every use")]
pub struct RandomOptions {
    /// VPCs may have the same or overlapping addresses.
    pub overlapping_vpcs: bool,
    /// Some VPCs have IPv6 as well.
    pub ipv6: bool,
    /// Routes may lead to things that no table of ours lists, such as transit gateways.
    pub unknown_targets: bool,
    /// Routes may lead to a network interface.
    pub appliance_routes: bool,
    /// Now and then a whole table is left out, as in an incomplete export.
    pub missing_tables: bool,
    /// Now and then a record is left out, so that references lead nowhere.
    pub missing_records: bool,
    /// Transit gateways with attached VPCs, route tables and, now and then, a peering of two of them.
    pub transit_gateways: bool,
    /// Sites behind virtual private gateways and, if there are any, transit gateways: VPN and Direct Connect.
    pub sites: bool,
    /// Interface endpoints, to AWS's services and to those that load balancers of the network carry.
    pub interface_endpoints: bool,
    /// Gateway Load Balancers, their endpoint services, and endpoints that routes lead to.
    pub inspection_endpoints: bool,
    /// Network Firewalls with endpoints that routes lead to.
    pub firewalls: bool,
    /// Route tables of internet gateways and virtual private gateways.
    pub edge_tables: bool,
    /// Application and Network Load Balancers.
    pub load_balancers: bool,
    /// Now and then VPC Block Public Access is on.
    pub public_access_blocks: bool,
    /// How many interfaces of hosts there are; at most 90, and fewer if the subnets are full. Those that gateways,
    /// endpoints and balancers have come on top.
    pub interfaces: RangeInclusive<usize>,
}

impl Default for RandomOptions {
    /// Everything that a complete export may show; nothing missing, no routes to network interfaces.
    fn default() -> Self {
        Self {
            overlapping_vpcs: true,
            ipv6: true,
            unknown_targets: true,
            appliance_routes: false,
            missing_tables: false,
            missing_records: false,
            transit_gateways: false,
            sites: false,
            interface_endpoints: false,
            inspection_endpoints: false,
            firewalls: false,
            edge_tables: false,
            load_balancers: false,
            public_access_blocks: false,
            interfaces: 1..=6,
        }
    }
}

impl RandomOptions {
    /// Every kind of resource that is modelled, and nothing missing: the networks are as complete as an export can
    /// be, and what is still unknown about them no export tells.
    pub fn everything() -> Self {
        Self {
            unknown_targets: false,
            appliance_routes: true,
            transit_gateways: true,
            sites: true,
            interface_endpoints: true,
            inspection_endpoints: true,
            firewalls: true,
            edge_tables: true,
            load_balancers: true,
            public_access_blocks: true,
            ..Self::default()
        }
    }

    /// Whether packets may go through more than one subnet on their way, so that filters must be open more often.
    fn has_middleboxes(&self) -> bool {
        self.transit_gateways || self.inspection_endpoints || self.firewalls || self.load_balancers
    }
}

/// A random network, and what to ask about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RandomNetwork {
    /// One AWS CLI JSON document with all tables. The customer-managed prefix list's entries are its top-level
    /// `PrefixListId` and `Entries`; AWS's list has its ranges in `PrefixLists`. If there are answers about one subject,
    /// such as the targets of a group, a list of documents: that one, and one for each of these.
    pub json: String,
    /// Addresses that something in the network tells apart, ascending: every address and both ends of every
    /// range, their neighbours, and a few strangers.
    pub interesting: Vec<IpAddr>,
    /// Ports that something tells apart, ascending.
    pub ports: Vec<u16>,
    /// Protocol numbers that something tells apart, ascending.
    pub protocols: Vec<u8>,
}

/// Returns the network that `bytes` stand for. Any bytes will do; when they run out the first choice is taken
/// everywhere, so short inputs give plain networks.
pub fn random_network(bytes: &[u8], options: &RandomOptions) -> RandomNetwork {
    random_network_from(&mut Unstructured::new(bytes), options)
}

/// Returns the network that `seed` stands for.
pub fn random_network_from_seed(seed: u64, options: &RandomOptions) -> RandomNetwork {
    let mut draws = Draws::new(seed, "random network", &[]);
    let bytes: Vec<u8> = (0..4_096).flat_map(|_| draws.next().to_le_bytes()).collect();
    random_network(&bytes, options)
}

/// Returns a network from the front of `unstructured` and leaves the rest, for a fuzz target that draws its
/// questions from the same bytes.
pub fn random_network_from(unstructured: &mut Unstructured<'_>, options: &RandomOptions) -> RandomNetwork {
    let document = network::document(&mut Dice::new(unstructured), options);
    let mut ends = BTreeSet::from([
        IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)),
        IpAddr::V4(Ipv4Addr::new(198, 18, 0, 1)),
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 1)),
        IpAddr::V6(Ipv6Addr::new(0x2a00, 0x1450, 0, 0, 0, 0, 0, 1)),
    ]);
    collect_ends(&document, &mut ends);
    if options.firewalls {
        // Rules as text hold addresses too.
        for peer in pools::PEERS {
            collect_ends(&peer.into(), &mut ends);
        }
    }
    let near = |end: &IpAddr| match *end {
        IpAddr::V4(end) => {
            let end = u32::from(end);
            [end.saturating_sub(1), end, end.saturating_add(1)].map(|bits| IpAddr::V4(bits.into()))
        }
        IpAddr::V6(end) => {
            let end = u128::from(end);
            [end.saturating_sub(1), end, end.saturating_add(1)].map(|bits| IpAddr::V6(bits.into()))
        }
    };
    let interesting: BTreeSet<IpAddr> = ends.iter().flat_map(near).collect();
    RandomNetwork {
        json: format!("{document:#}"),
        interesting: interesting.into_iter().collect(),
        ports: pools::INTERESTING_PORTS.to_vec(),
        protocols: pools::INTERESTING_PROTOCOLS.to_vec(),
    }
}

/// Adds every address in `value`, and the first and last of every range.
fn collect_ends(value: &Value, ends: &mut BTreeSet<IpAddr>) {
    match value {
        Value::String(text) => match text.split_once('/') {
            None => ends.extend(text.parse::<IpAddr>()),
            Some((first, length)) => {
                if let (Ok(first), Ok(length)) = (first.parse::<IpAddr>(), length.parse::<u32>()) {
                    ends.extend([first, last_of(first, length)]);
                }
            }
        },
        Value::Array(items) => items.iter().for_each(|item| collect_ends(item, ends)),
        Value::Object(members) => members.values().for_each(|member| collect_ends(member, ends)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn last_of(first: IpAddr, length: u32) -> IpAddr {
    match first {
        IpAddr::V4(first) => {
            IpAddr::V4((u32::from(first) | u32::MAX.checked_shr(length).unwrap_or(0)).into())
        }
        IpAddr::V6(first) => {
            IpAddr::V6((u128::from(first) | u128::MAX.checked_shr(length).unwrap_or(0)).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Export;

    const SEEDS: u64 = 500;
    /// FNV-1a of the networks of the first seeds.
    const FINGERPRINT: u64 = 169_731_844_374_764_430;

    fn complete(seed: u64) -> RandomNetwork {
        random_network_from_seed(seed, &RandomOptions::default())
    }

    #[test]
    fn complete_networks_have_no_fault() {
        for seed in 0..SEEDS {
            let network = complete(seed);
            let faults = Export::read([network.json.as_str()]).faults();
            assert!(faults.is_empty(), "{seed}: {faults:#?}\n{}", network.json);
        }
    }

    #[test]
    fn networks_with_everything_have_no_fault() {
        let sizes = [1..=6, 20..=20, 60..=60];
        for (seed, interfaces) in (0..SEEDS).zip(sizes.into_iter().cycle()) {
            let options = RandomOptions { interfaces, ..RandomOptions::everything() };
            let network = random_network_from_seed(seed, &options);
            let faults = Export::read([network.json.as_str()]).faults();
            assert!(faults.is_empty(), "{seed}: {faults:#?}\n{}", network.json);
        }
    }

    #[test]
    fn sizes_are_the_stated_ones() {
        for seed in 0..50 {
            let options = RandomOptions { interfaces: 60..=60, ..RandomOptions::everything() };
            let export = Export::read([random_network_from_seed(seed, &options).json.as_str()]);
            let hosts = export.rows("NetworkInterfaces").filter(|row| row["RequesterManaged"] == false);
            assert_eq!(hosts.count(), 60, "{seed}");
        }
    }

    /// Seeds that are written down anywhere must go on meaning the same network.
    #[test]
    fn seeds_keep_their_networks() {
        let others: [fn(&mut RandomOptions); 3] = [
            |options| options.appliance_routes = true,
            |options| options.missing_tables = true,
            |options| options.missing_records = true,
        ];
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for seed in 0..50 {
            let mut add = |options: &RandomOptions| {
                for byte in random_network_from_seed(seed, options).json.bytes() {
                    hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
                }
            };
            add(&RandomOptions::default());
            for change in others {
                let mut options = RandomOptions::default();
                change(&mut options);
                add(&options);
            }
        }
        assert_eq!(hash, FINGERPRINT);
    }

    #[test]
    fn everything_turns_up() {
        let texts: Vec<String> = (0..200).map(|seed| complete(seed).json).collect();
        for wanted in [
            "\"ConnectivityType\": \"private\"",
            "\"ConnectivityType\": \"public\"",
            "\"EgressOnlyInternetGatewayId\"",
            "\"Code\": \"pending-acceptance\"",
            "\"State\": \"blackhole\"",
            "\"TransitGatewayId\"",
            "\"VpcEndpointId\"",
            "\"DestinationPrefixListId\": \"pl-1\"",
            "\"DestinationPrefixListId\": \"pl-2\"",
            "\"SourceDestCheck\": false",
            "\"Status\": \"available\"",
            "\"Primary\": false",
            "\"Ipv6Address\"",
            "\"PublicIp\"",
            "\"IcmpTypeCode\"",
            "\"PeeringStatus\"",
            "\"IpProtocol\": \"50\"",
        ] {
            let count = texts.iter().filter(|text| text.contains(wanted)).count();
            assert!(count >= 5, "{wanted} in {count} of 200 networks");
        }
    }

    #[test]
    fn options_decide_what_is_left_out() {
        let with = |change: fn(&mut RandomOptions)| -> Vec<Export> {
            let mut options = RandomOptions::default();
            change(&mut options);
            (0..200)
                .map(|seed| Export::read([random_network_from_seed(seed, &options).json.as_str()]))
                .collect()
        };
        let lacking = |exports: &[Export], table: &str| {
            exports.iter().filter(|export| export.rows(table).next().is_none()).count()
        };
        let loose = |exports: &[Export]| {
            let real = |export: &&Export| export.dangling().iter().any(|id| id != "nat-99");
            exports.iter().filter(real).count()
        };
        let complete = with(|_| {});
        assert_eq!((lacking(&complete, "Subnets"), loose(&complete)), (0, 0));
        let tables = with(|options| options.missing_tables = true);
        assert!(lacking(&tables, "Subnets") > 10);
        let records = with(|options| options.missing_records = true);
        assert!(loose(&records) > 10);
        let apart = with(|options| options.overlapping_vpcs = false);
        let mut peered = apart.iter().map(|export| export.rows("VpcPeeringConnections").count());
        assert!(peered.any(|count| count == 3));
    }

    #[test]
    fn any_bytes_make_a_network() {
        for bytes in [&[][..], &[0; 3], &[255; 9_000], b"rules, routes and packets"] {
            let network = random_network(bytes, &RandomOptions::default());
            assert_eq!(Export::read([network.json.as_str()]).faults(), Vec::<String>::new());
        }
    }

    #[test]
    fn same_seed_same_network() {
        assert_eq!(complete(4), complete(4));
        assert_ne!(complete(4).json, complete(5).json);
    }

    #[test]
    fn interesting_addresses_surround_every_border() {
        let network = complete(1);
        let near: Vec<String> = network.interesting.iter().map(ToString::to_string).collect();
        for wanted in
            ["8.8.8.8", "2001:db8:ffff::1", "198.51.100.0", "198.51.99.255", "52.217.255.255", "52.218.0.0"]
        {
            assert!(near.iter().any(|address| address == wanted), "{wanted} in {near:?}");
        }
        assert!(network.interesting.is_sorted());
        assert!(network.ports.is_sorted() && network.protocols.is_sorted());
    }
}
