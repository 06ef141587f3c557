//! One random document with all tables.

mod attachments;
mod balancers;
mod endpoints;
mod filters;
mod firewall_rules;
mod firewalls;
mod interfaces;
mod public_access;
mod routes;
mod sites;
mod targets;
mod transit;
mod transit_routes;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::random::RandomOptions;
use crate::random::dice::Dice;
use crate::random::pools::{LISTED_BLOCKS, PEERS, PEERS6, SERVICE_BLOCKS, VPC_BLOCKS};

const ACCOUNT: &str = "111122223333";
/// AWS's own prefix list, and the customer's.
const SERVICE_LIST: &str = "pl-1";
const OWN_LIST: &str = "pl-2";

/// A VPC drawn so far, and what its parts need to know of it.
struct Vpc {
    id: String,
    block: String,
    block6: Option<String>,
    subnets: Vec<Subnet>,
    groups: Vec<String>,
    internet_gateway: Option<String>,
    egress_only: Option<String>,
    nat_gateways: Vec<String>,
    endpoint: Option<String>,
    peerings: Vec<Peering>,
    /// Interfaces that a route may lead to.
    appliances: Vec<String>,
    /// Instances with the addresses of their interfaces.
    hosts: Vec<Host>,
    /// The subnet that is there for endpoints which routes lead to, by its place among the subnets.
    inspection: Option<usize>,
    /// Endpoints that routes lead to.
    inspectors: Vec<String>,
    /// Places of the subnets in which NAT gateways and such endpoints stand.
    translating: Vec<usize>,
    inspecting: Vec<usize>,
    /// Transit gateways that it is attached to.
    transit_gateways: Vec<String>,
    vpn_gateway: Option<sites::VpnGateway>,
}

/// An instance and where it is reached.
struct Host {
    instance: String,
    address: String,
}

/// A peering connection as one of its sides sees it.
struct Peering {
    id: String,
    active: bool,
    /// The VPC on the other side, by its place among the VPCs.
    other: usize,
}

struct Subnet {
    id: String,
    /// The first three octets of the addresses.
    prefix: String,
    /// The last octet of the first address.
    first: usize,
    block: String,
    block6: Option<String>,
    zone: &'static str,
    /// Addresses given out; the next one follows.
    used: usize,
}

/// Rows by table, in the order they were made.
#[derive(Default)]
struct Tables {
    rows: BTreeMap<&'static str, Vec<Value>>,
    /// Answers that name their one subject, a document each.
    answers: Vec<Value>,
}

impl Tables {
    fn add(&mut self, table: &'static str, row: Value) {
        self.rows.entry(table).or_default().push(row);
    }

    fn answer(&mut self, document: Value) {
        self.answers.push(document);
    }

    /// Sees to it that tables are there even if nothing is in them.
    fn expect(&mut self, tables: &[&'static str]) {
        for table in tables {
            self.rows.entry(table).or_default();
        }
    }
}

/// Draws a document.
pub(super) fn document(dice: &mut Dice<'_, '_>, options: &RandomOptions) -> Value {
    let mut tables = Tables::default();
    tables.expect(&[
        "Vpcs",
        "Subnets",
        "NetworkInterfaces",
        "Reservations",
        "SecurityGroups",
        "NetworkAcls",
        "RouteTables",
        "InternetGateways",
        "EgressOnlyInternetGateways",
        "NatGateways",
        "VpcPeeringConnections",
        "VpcEndpoints",
    ]);
    let mut vpcs = Vec::new();
    // A VPC has room for some 60 interfaces in each of its subnets, but may have one subnet only.
    let fewest = options.interfaces.start().div_ceil(25).clamp(1, 3);
    for number in 1..=dice.between(fewest, 3) {
        vpcs.push(vpc(dice, options, number, &mut tables));
    }
    let mut addresses = 0;
    attachments::nat_gateways(dice, &mut vpcs, &mut tables, &mut addresses);
    let hosts = dice.between(*options.interfaces.start(), *options.interfaces.end()).min(90);
    for number in 1..=hosts {
        attachments::network_interface(dice, &mut vpcs, number, &mut tables, &mut addresses);
    }
    attachments::peerings(dice, &mut vpcs, &mut tables);
    middleboxes(dice, options, &mut vpcs, &mut tables, &mut addresses);
    for at in 0..vpcs.len() {
        filters::security_groups(dice, options, &vpcs, at, &mut tables);
        filters::network_acls(dice, options, &vpcs, at, &mut tables);
        routes::route_tables(dice, options, &vpcs, at, &mut tables);
    }
    prefix_lists(&mut tables);
    assembled(dice, options, tables)
}

/// What stands between hosts, as far as the options ask for it.
fn middleboxes(
    dice: &mut Dice<'_, '_>,
    options: &RandomOptions,
    vpcs: &mut [Vpc],
    tables: &mut Tables,
    addresses: &mut usize,
) {
    let mut services = Vec::new();
    if options.load_balancers {
        services = balancers::load_balancers(dice, vpcs, tables, addresses);
    }
    if options.inspection_endpoints {
        endpoints::inspection_endpoints(dice, vpcs, tables);
    }
    if options.interface_endpoints {
        endpoints::interface_endpoints(dice, vpcs, &services, tables);
    }
    if options.firewalls {
        firewalls::firewalls(dice, vpcs, tables);
    }
    if options.sites {
        sites::vpn_gateways(dice, vpcs, tables);
    }
    if options.transit_gateways {
        transit::transit_gateways(dice, options, vpcs, tables);
    }
    if options.public_access_blocks {
        public_access::block(dice, vpcs, tables);
    }
}

/// The document, with what the options leave out left out.
fn assembled(dice: &mut Dice<'_, '_>, options: &RandomOptions, tables: Tables) -> Value {
    let mut document = Map::new();
    let left_out = |dice: &mut Dice<'_, '_>| options.missing_tables && dice.once_in(8);
    for (table, mut rows) in tables.rows {
        if left_out(dice) {
            continue;
        }
        rows.retain(|_| !(options.missing_records && dice.once_in(10)));
        document.insert(table.to_owned(), rows.into());
    }
    if !left_out(dice) {
        document.insert("PrefixListId".to_owned(), OWN_LIST.into());
        let entries: Vec<Value> = LISTED_BLOCKS.iter().map(|block| json!({"Cidr": block})).collect();
        document.insert("Entries".to_owned(), entries.into());
    }
    let mut documents = vec![Value::from(document)];
    for answer in tables.answers {
        if left_out(dice) || (options.missing_records && dice.once_in(10)) {
            continue;
        }
        documents.push(answer);
    }
    match <[Value; 1]>::try_from(documents) {
        Ok([document]) => document,
        Err(documents) => documents.into(),
    }
}

fn vpc(dice: &mut Dice<'_, '_>, options: &RandomOptions, number: usize, tables: &mut Tables) -> Vpc {
    let block = if options.overlapping_vpcs {
        dice.word(&VPC_BLOCKS)
    } else {
        VPC_BLOCKS.get(number - 1).copied().unwrap_or_default()
    };
    let id = format!("vpc-{number}");
    let block6 = (options.ipv6 && dice.once_in(2)).then(|| format!("2600:1f18:0:{number}00::/56"));
    let mut vpc = Vpc {
        block: block.to_owned(),
        block6,
        subnets: Vec::new(),
        groups: (1..=dice.between(1, 3)).map(|group| format!("sg-{number}{group}")).collect(),
        internet_gateway: None,
        egress_only: None,
        nat_gateways: Vec::new(),
        endpoint: None,
        peerings: Vec::new(),
        appliances: Vec::new(),
        hosts: Vec::new(),
        inspection: None,
        inspectors: Vec::new(),
        translating: Vec::new(),
        inspecting: Vec::new(),
        transit_gateways: Vec::new(),
        vpn_gateway: None,
        id,
    };
    tables.add(
        "Vpcs",
        json!({
            "VpcId": vpc.id,
            "CidrBlock": vpc.block,
            "CidrBlockAssociationSet": [{"CidrBlock": vpc.block, "CidrBlockState": {"State": "associated"}}],
            "Ipv6CidrBlockAssociationSet": sets6(vpc.block6.as_ref()),
            "OwnerId": ACCOUNT,
            "State": "available",
        }),
    );
    // Subnets are quarters of a /24; a /23 has eight of them, of which the first and the last four may be used.
    let (prefix, _) = vpc.block.rsplit_once('.').unwrap_or_default();
    let prefix = if vpc.block.ends_with("/23") && dice.once_in(2) { "10.0.1" } else { prefix }.to_owned();
    for place in 0..dice.between(1, 3) {
        subnet(options, &mut vpc, number, &prefix, place, tables);
    }
    if (options.inspection_endpoints || options.firewalls) && !dice.once_in(3) {
        vpc.inspection = Some(vpc.subnets.len());
        subnet(options, &mut vpc, number, &prefix, 3, tables);
    }
    if !dice.once_in(4) {
        let id = format!("igw-{number}");
        tables.add(
            "InternetGateways",
            json!({
                "InternetGatewayId": id,
                "Attachments": [{"State": "available", "VpcId": vpc.id}],
                "OwnerId": ACCOUNT,
            }),
        );
        vpc.internet_gateway = Some(id);
    }
    if vpc.block6.is_some() && !dice.once_in(3) {
        let id = format!("eigw-{number}");
        tables.add(
            "EgressOnlyInternetGateways",
            json!({
                "EgressOnlyInternetGatewayId": id,
                "Attachments": [{"State": "attached", "VpcId": vpc.id}],
            }),
        );
        vpc.egress_only = Some(id);
    }
    if dice.once_in(2) {
        vpc.endpoint = Some(format!("vpce-{number}"));
    }
    vpc
}

fn sets6(block: Option<&String>) -> Vec<Value> {
    block
        .iter()
        .map(|block| json!({"Ipv6CidrBlock": block, "Ipv6CidrBlockState": {"State": "associated"}}))
        .collect()
}

/// Adds a subnet: the quarter of this `place`.
fn subnet(
    options: &RandomOptions,
    vpc: &mut Vpc,
    number: usize,
    prefix: &str,
    place: usize,
    tables: &mut Tables,
) {
    let first = place * 64;
    let subnet = Subnet {
        id: format!("subnet-{number}{}", place + 1),
        prefix: prefix.to_owned(),
        first,
        block: format!("{prefix}.{first}/26"),
        block6: vpc.block6.as_ref().map(|_| format!("2600:1f18:0:{number}0{place}::/64")),
        zone: if place == 1 { "us-east-1b" } else { "us-east-1a" },
        used: 4,
    };
    let mut row = json!({
        "SubnetId": subnet.id,
        "VpcId": vpc.id,
        "CidrBlock": subnet.block,
        "Ipv6CidrBlockAssociationSet": sets6(subnet.block6.as_ref()),
        "AvailabilityZone": subnet.zone,
        "OwnerId": ACCOUNT,
        "State": "available",
    });
    if options.has_middleboxes() {
        set(&mut row, "AvailabilityZoneId", if place == 1 { "use1-az2" } else { "use1-az1" }.into());
    }
    tables.add("Subnets", row);
    vpc.subnets.push(subnet);
}

impl Subnet {
    /// Whether there are addresses left: for an interface that takes two, and one more.
    fn has_room(&self) -> bool {
        self.used < 60
    }

    /// Whether an address is one of its own.
    fn holds(&self, address: &str) -> bool {
        let last = address.strip_prefix(self.prefix.as_str()).and_then(|rest| rest.strip_prefix('.'));
        let last = last.and_then(|last| last.parse::<usize>().ok());
        last.is_some_and(|last| (self.first..self.first + 64).contains(&last))
    }

    /// The next free IPv4 address.
    fn next_address(&mut self) -> String {
        let address = format!("{}.{}", self.prefix, self.first + self.used);
        self.used += 1;
        address
    }
}

fn prefix_lists(tables: &mut Tables) {
    let row = |id: &str, name: &str, owner: &str| {
        json!({
            "PrefixListId": id,
            "PrefixListName": name,
            "AddressFamily": "IPv4",
            "MaxEntries": 10,
            "OwnerId": owner,
            "State": "create-complete",
            "Version": 1,
        })
    };
    let name = "com.amazonaws.us-east-1.s3";
    tables.add("PrefixLists", row(SERVICE_LIST, name, "AWS"));
    tables.add("PrefixLists", row(OWN_LIST, "partners", ACCOUNT));
    tables.add(
        "PrefixLists",
        json!({"PrefixListId": SERVICE_LIST, "PrefixListName": name, "Cidrs": SERVICE_BLOCKS}),
    );
}

fn set(row: &mut Value, member: &str, value: Value) {
    if let Some(members) = row.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
}

/// IPv4 peers: the pool, every VPC, every subnet.
fn peers(vpcs: &[Vpc]) -> Vec<&str> {
    let own = vpcs.iter().flat_map(|vpc| {
        std::iter::once(vpc.block.as_str()).chain(vpc.subnets.iter().map(|subnet| subnet.block.as_str()))
    });
    PEERS.into_iter().chain(own).collect()
}

fn peers6(vpcs: &[Vpc]) -> Vec<&str> {
    PEERS6.into_iter().chain(vpcs.iter().filter_map(|vpc| vpc.block6.as_deref())).collect()
}
