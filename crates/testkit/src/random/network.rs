//! One random document with all tables.

mod attachments;
mod filters;
mod routes;

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
    /// Addresses given out; the next one follows.
    used: usize,
}

/// Rows by table, in the order they were made.
#[derive(Default)]
struct Tables(BTreeMap<&'static str, Vec<Value>>);

impl Tables {
    fn add(&mut self, table: &'static str, row: Value) {
        self.0.entry(table).or_default().push(row);
    }
}

/// Draws a document.
pub(super) fn document(dice: &mut Dice<'_, '_>, options: &RandomOptions) -> Value {
    let mut tables = Tables::default();
    for table in [
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
    ] {
        tables.0.entry(table).or_default();
    }
    let mut vpcs = Vec::new();
    for number in 1..=dice.between(1, 3) {
        vpcs.push(vpc(dice, options, number, &mut tables));
    }
    let mut addresses = 0;
    attachments::nat_gateways(dice, &mut vpcs, &mut tables, &mut addresses);
    for number in 1..=dice.between(1, 6) {
        attachments::network_interface(dice, &mut vpcs, number, &mut tables, &mut addresses);
    }
    attachments::peerings(dice, &mut vpcs, &mut tables);
    for at in 0..vpcs.len() {
        filters::security_groups(dice, &vpcs, at, &mut tables);
        filters::network_acls(dice, &vpcs, at, &mut tables);
        routes::route_tables(dice, options, &vpcs, at, &mut tables);
    }
    prefix_lists(&mut tables);
    assembled(dice, options, tables)
}

/// The document, with what the options leave out left out.
fn assembled(dice: &mut Dice<'_, '_>, options: &RandomOptions, tables: Tables) -> Value {
    let mut document = Map::new();
    let left_out = |dice: &mut Dice<'_, '_>| options.missing_tables && dice.once_in(8);
    for (table, mut rows) in tables.0 {
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
    document.into()
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
        id,
    };
    let sets6 = |key: &str, state: &str, block: Option<&String>| -> Vec<Value> {
        block.iter().map(|block| json!({key: block, state: {"State": "associated"}})).collect()
    };
    tables.add(
        "Vpcs",
        json!({
            "VpcId": vpc.id,
            "CidrBlock": vpc.block,
            "CidrBlockAssociationSet": [{"CidrBlock": vpc.block, "CidrBlockState": {"State": "associated"}}],
            "Ipv6CidrBlockAssociationSet": sets6("Ipv6CidrBlock", "Ipv6CidrBlockState", vpc.block6.as_ref()),
            "OwnerId": ACCOUNT,
            "State": "available",
        }),
    );
    // Subnets are quarters of a /24; a /23 has eight of them, of which the first and the last four may be used.
    let (prefix, _) = vpc.block.rsplit_once('.').unwrap_or_default();
    let prefix = if vpc.block.ends_with("/23") && dice.once_in(2) { "10.0.1" } else { prefix };
    for place in 0..dice.between(1, 3) {
        let first = place * 64;
        let subnet = Subnet {
            id: format!("subnet-{number}{}", place + 1),
            prefix: prefix.to_owned(),
            first,
            block: format!("{prefix}.{first}/26"),
            block6: vpc.block6.as_ref().map(|_| format!("2600:1f18:0:{number}0{place}::/64")),
            used: 4,
        };
        tables.add(
            "Subnets",
            json!({
                "SubnetId": subnet.id,
                "VpcId": vpc.id,
                "CidrBlock": subnet.block,
                "Ipv6CidrBlockAssociationSet":
                    sets6("Ipv6CidrBlock", "Ipv6CidrBlockState", subnet.block6.as_ref()),
                "AvailabilityZone": if place == 1 { "us-east-1b" } else { "us-east-1a" },
                "OwnerId": ACCOUNT,
                "State": "available",
            }),
        );
        vpc.subnets.push(subnet);
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

impl Subnet {
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
