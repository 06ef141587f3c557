//! The few values that random rules, routes and packets share.

/// VPC ranges: equal, nested and apart. The first three are apart from one another.
pub(super) const VPC_BLOCKS: [&str; 6] =
    ["10.0.0.0/24", "10.0.1.0/24", "192.168.0.0/24", "10.0.0.0/23", "10.0.0.0/24", "100.64.0.0/24"];

/// Peers in rules besides the VPCs and their parts.
pub(super) const PEERS: [&str; 8] = [
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.0.0/25",
    "10.0.0.4/32",
    "198.51.100.0/24",
    "198.51.100.7/32",
    "8.8.8.8/32",
    "3.0.0.0/24",
];

/// IPv6 peers in rules besides the VPCs.
pub(super) const PEERS6: [&str; 4] =
    ["::/0", "2001:db8:ffff::/48", "2600:1f18:0:100::/56", "2600:1f18:0:100::4/128"];

/// Ranges of AWS's own prefix list.
pub(super) const SERVICE_BLOCKS: [&str; 2] = ["52.216.0.0/15", "54.231.0.0/16"];

/// Ranges of the customer's prefix list.
pub(super) const LISTED_BLOCKS: [&str; 4] =
    ["198.51.100.0/25", "8.8.8.8/32", "10.0.1.0/24", "192.168.0.0/16"];

/// Port ranges in rules.
pub(super) const PORTS: [(u16, u16); 7] =
    [(443, 443), (80, 443), (22, 22), (1024, 65535), (0, 65535), (53, 53), (80, 80)];

/// ICMP types and codes in rules; -1 means all.
pub(super) const ICMP: [(i32, i32); 5] = [(-1, -1), (8, -1), (8, 0), (0, -1), (3, 4)];

/// The borders of `PORTS`, ascending.
pub(super) const INTERESTING_PORTS: [u16; 18] =
    [0, 1, 21, 22, 23, 52, 53, 54, 79, 80, 81, 442, 443, 444, 1023, 1024, 49152, 65535];

/// The protocols in rules and one (GRE, 47) that none names, ascending.
pub(super) const INTERESTING_PROTOCOLS: [u8; 6] = [1, 6, 17, 47, 50, 58];

/// What lies behind VPN connections and Direct Connect.
pub(super) const SITE_BLOCKS: [&str; 4] =
    ["198.51.100.0/24", "198.51.100.7/32", "192.168.0.0/16", "10.0.0.0/8"];
