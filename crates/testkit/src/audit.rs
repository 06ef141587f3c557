//! What every export that this crate makes must satisfy, as a list of faults.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde_json::Value;

/// The tables with the member that holds a record's id.
const TABLES: [(&str, &str); 20] = [
    ("Vpcs", "VpcId"),
    ("Subnets", "SubnetId"),
    ("NetworkInterfaces", "NetworkInterfaceId"),
    ("SecurityGroups", "GroupId"),
    ("NetworkAcls", "NetworkAclId"),
    ("RouteTables", "RouteTableId"),
    ("InternetGateways", "InternetGatewayId"),
    ("EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId"),
    ("NatGateways", "NatGatewayId"),
    ("VpcPeeringConnections", "VpcPeeringConnectionId"),
    ("VpcEndpoints", "VpcEndpointId"),
    ("PrefixLists", "PrefixListId"),
    ("TransitGateways", "TransitGatewayId"),
    ("TransitGatewayAttachments", "TransitGatewayAttachmentId"),
    ("TransitGatewayRouteTables", "TransitGatewayRouteTableId"),
    ("VpnGateways", "VpnGatewayId"),
    ("VpnConnections", "VpnConnectionId"),
    ("CustomerGateways", "CustomerGatewayId"),
    ("ServiceConfigurations", "ServiceId"),
    ("virtualInterfaces", "virtualInterfaceId"),
];

/// Prefixes of ids that must lead to a record.
const LISTED: [&str; 20] = [
    "vpc",
    "subnet",
    "eni",
    "sg",
    "acl",
    "rtb",
    "igw",
    "eigw",
    "nat",
    "pcx",
    "vpce",
    "pl",
    "i",
    "tgw-attach",
    "tgw-rtb",
    "vgw",
    "vpn",
    "cgw",
    "vpce-svc",
    "dxvif",
];

/// The documents of an export.
pub(crate) struct Export(Vec<Value>);

impl Export {
    pub(crate) fn read<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let read = |text| match serde_json::from_str(text).unwrap() {
            Value::Array(documents) => documents,
            document => vec![document],
        };
        Self(texts.into_iter().flat_map(read).collect())
    }

    /// The records of a table, from every document.
    pub(crate) fn rows<'e>(&'e self, table: &'e str) -> impl Iterator<Item = &'e Value> {
        self.0.iter().filter_map(move |document| document.get(table)).flat_map(items)
    }

    pub(crate) fn instances(&self) -> impl Iterator<Item = &Value> {
        self.rows("Reservations").flat_map(|reservation| items(&reservation["Instances"]))
    }

    /// Everything that is wrong with the export, in words.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        self.check_references(&mut faults);
        self.check_addresses(&mut faults);
        self.check_associations(&mut faults);
        self.check_rules(&mut faults);
        faults
    }

    fn ids(&self) -> Vec<&str> {
        let listed = TABLES.iter().flat_map(|(table, id)| self.rows(table).map(move |row| text(row, id)));
        listed.chain(self.instances().map(|row| text(row, "InstanceId"))).collect()
    }

    /// Ids that are spoken of but have no record.
    pub(crate) fn dangling(&self) -> BTreeSet<String> {
        let known: BTreeSet<&str> = self.ids().into_iter().collect();
        let mut spoken = BTreeSet::new();
        self.0.iter().for_each(|document| references("", document, &mut spoken));
        spoken.into_iter().filter(|id| !known.contains(id.as_str())).collect()
    }

    fn check_references(&self, faults: &mut Vec<String>) {
        // `nat-99` is the target of routes to something deleted.
        let dangling = self.dangling().into_iter().filter(|id| id != "nat-99");
        faults.extend(dangling.map(|id| format!("{id} has no record")));
        let mut seen = BTreeSet::new();
        // Both sides of a peering connection between accounts list it.
        let ids = self.ids().into_iter().filter(|id| !id.starts_with("pcx-") && !id.starts_with("pl-"));
        faults.extend(ids.filter(|id| !seen.insert(*id)).map(|id| format!("{id} has two records")));
    }

    fn check_addresses(&self, faults: &mut Vec<String>) {
        let mut vpcs = BTreeMap::new();
        for vpc in self.rows("Vpcs") {
            let mut blocks = vec![text(vpc, "CidrBlock")];
            blocks
                .extend(items(&vpc["Ipv6CidrBlockAssociationSet"]).map(|block| text(block, "Ipv6CidrBlock")));
            vpcs.insert(text(vpc, "VpcId"), blocks);
        }
        let mut subnets: BTreeMap<&str, (&str, Vec<&str>)> = BTreeMap::new();
        let mut ends = Vec::new();
        for subnet in self.rows("Subnets") {
            let (id, vpc) = (text(subnet, "SubnetId"), text(subnet, "VpcId"));
            let mut blocks = vec![text(subnet, "CidrBlock")];
            blocks.extend(
                items(&subnet["Ipv6CidrBlockAssociationSet"]).map(|block| text(block, "Ipv6CidrBlock")),
            );
            for block in &blocks {
                let (first, last) = range(block);
                let inside = vpcs[vpc].iter().any(|vpc| range(vpc).0 <= first && last <= range(vpc).1);
                if !inside {
                    faults.push(format!("{id} is not inside {vpc}"));
                }
                ends.push((vpc, first, last, id));
            }
            subnets.insert(id, (vpc, blocks));
        }
        ends.sort_unstable();
        for pair in ends.windows(2) {
            if pair[0].0 == pair[1].0 && pair[1].1 <= pair[0].2 {
                faults.push(format!("{} and {} overlap", pair[0].3, pair[1].3));
            }
        }
        let (mut private, mut public) = (BTreeSet::new(), BTreeSet::new());
        let open: BTreeSet<&str> = self
            .rows("InternetGateways")
            .flat_map(|gateway| items(&gateway["Attachments"]).map(|attachment| text(attachment, "VpcId")))
            .collect();
        for interface in self.rows("NetworkInterfaces") {
            let (id, subnet) = (text(interface, "NetworkInterfaceId"), text(interface, "SubnetId"));
            let (vpc, blocks) = &subnets[subnet];
            if text(interface, "VpcId") != *vpc {
                faults.push(format!("{id} is in another VPC than {subnet}"));
            }
            let addresses = items(&interface["PrivateIpAddresses"]);
            let own = addresses.clone().map(|address| text(address, "PrivateIpAddress"));
            let own6 = items(&interface["Ipv6Addresses"]).map(|address| text(address, "Ipv6Address"));
            for address in own.chain(own6) {
                let bits = bits(address.parse().unwrap());
                // AWS keeps the first four addresses and the last.
                let free = |block: &&str| range(block).0 + 4 <= bits && bits < range(block).1;
                if !blocks.iter().any(free) {
                    faults.push(format!("{id}: {address} is not for use in {subnet}"));
                }
                if !private.insert((*vpc, bits)) {
                    faults.push(format!("{id}: {address} is there twice"));
                }
            }
            if addresses.clone().filter(|address| address["Primary"] == true).count() != 1 {
                faults.push(format!("{id} has not one primary address"));
            }
            for address in addresses.filter_map(|address| address.pointer("/Association/PublicIp")) {
                if !public.insert(address.as_str().unwrap()) || !open.contains(vpc) {
                    faults.push(format!("{id}: {address} is there twice or has no internet gateway"));
                }
            }
        }
    }

    fn check_associations(&self, faults: &mut Vec<String>) {
        let subnets: Vec<&str> = self.rows("Subnets").map(|row| text(row, "SubnetId")).collect();
        let subnets_of = |table| -> Vec<&str> {
            self.rows(table)
                .flat_map(|row| items(&row["Associations"]))
                .filter_map(|row| row["SubnetId"].as_str())
                .collect()
        };
        let mut filtered = subnets_of("NetworkAcls");
        filtered.sort_unstable();
        let mut all = subnets.clone();
        all.sort_unstable();
        if filtered != all {
            faults.push("not every subnet has one network ACL".to_owned());
        }
        let mut routed = BTreeSet::new();
        let twice = subnets_of("RouteTables").into_iter().filter(|subnet| !routed.insert(*subnet));
        faults.extend(twice.map(|subnet| format!("{subnet} has two route tables")));
        for vpc in self.rows("Vpcs").map(|row| text(row, "VpcId")) {
            let own = self.rows("RouteTables").filter(|row| text(row, "VpcId") == vpc);
            let main = own.flat_map(|row| items(&row["Associations"])).filter(|row| row["Main"] == true);
            if main.count() != 1 {
                faults.push(format!("{vpc} has not one main route table"));
            }
        }
    }

    fn check_rules(&self, faults: &mut Vec<String>) {
        let entries: BTreeMap<&str, usize> = self
            .rows("PrefixLists")
            .map(|list| {
                (
                    text(list, "PrefixListId"),
                    usize::try_from(list["MaxEntries"].as_u64().unwrap_or(0)).unwrap(),
                )
            })
            .collect();
        let groups: BTreeMap<&str, &str> =
            self.rows("SecurityGroups").map(|group| (text(group, "GroupId"), text(group, "VpcId"))).collect();
        for interface in self.rows("NetworkInterfaces") {
            let id = text(interface, "NetworkInterfaceId");
            let own: Vec<&str> = items(&interface["Groups"]).map(|group| text(group, "GroupId")).collect();
            let (none, any) = match text(interface, "InterfaceType") {
                "nat_gateway"
                | "transit_gateway"
                | "gateway_load_balancer"
                | "gateway_load_balancer_endpoint" => (true, false),
                "network_load_balancer" => (true, true),
                _ => (false, true),
            };
            if own.len() > 5 || (own.is_empty() && !none) || (!own.is_empty() && !any) {
                faults.push(format!("{id} has {} security groups", own.len()));
            }
            if own.iter().any(|group| groups[group] != text(interface, "VpcId")) {
                faults.push(format!("{id} has a security group of another VPC"));
            }
        }
        for group in self.rows("SecurityGroups") {
            for direction in ["IpPermissions", "IpPermissionsEgress"] {
                let mut counts = [0, 0];
                for permission in items(&group[direction]) {
                    let lists = items(&permission["PrefixListIds"]);
                    let shared = items(&permission["UserIdGroupPairs"]).count()
                        + lists.map(|list| entries[text(list, "PrefixListId")]).sum::<usize>();
                    counts[0] += shared + items(&permission["IpRanges"]).count();
                    counts[1] += shared + items(&permission["Ipv6Ranges"]).count();
                }
                if counts.iter().any(|count| *count > 60) {
                    faults.push(format!("{} has {counts:?} rules in {direction}", text(group, "GroupId")));
                }
            }
        }
        for acl in self.rows("NetworkAcls") {
            let id = text(acl, "NetworkAclId");
            for egress in [true, false] {
                let own = items(&acl["Entries"]).filter(|entry| entry["Egress"] == egress);
                let numbers: Vec<u64> = own.map(|entry| entry["RuleNumber"].as_u64().unwrap()).collect();
                if numbers.len() > 40 || !numbers.is_sorted_by(|before, after| before < after) {
                    faults.push(format!("{id} has entries {numbers:?}"));
                }
            }
        }
        for table in self.rows("RouteTables") {
            let mut seen = BTreeSet::new();
            for route in items(&table["Routes"]) {
                let members = ["DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"];
                let destination = members.iter().find_map(|member| route[*member].as_str()).unwrap();
                if !seen.insert(destination) {
                    faults.push(format!("{} has {destination} twice", text(table, "RouteTableId")));
                }
            }
            if seen.len() > 50 {
                faults.push(format!("{} has {} routes", text(table, "RouteTableId"), seen.len()));
            }
        }
    }
}

/// The items of a list; none of anything else.
pub(crate) fn items(list: &Value) -> std::slice::Iter<'_, Value> {
    list.as_array().map_or(&[][..], Vec::as_slice).iter()
}

/// A member that must be text.
pub(crate) fn text<'v>(row: &'v Value, member: &str) -> &'v str {
    row[member].as_str().unwrap_or_else(|| panic!("no `{member}` in {row}"))
}

/// The first and last address of a prefix, as numbers.
pub(crate) fn range(block: &str) -> (u128, u128) {
    let (first, length) = block.split_once('/').unwrap();
    let first: IpAddr = first.parse().unwrap();
    let width = if first.is_ipv4() { 32 } else { 128 };
    let host = width - length.parse::<u32>().unwrap();
    let first = bits(first);
    let size = 1_u128.checked_shl(host).unwrap_or(0).wrapping_sub(1);
    assert_eq!(first & size, 0, "{block} has host bits");
    (first, first | size)
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

fn references(name: &str, value: &Value, spoken: &mut BTreeSet<String>) {
    match value {
        Value::String(id) if name.ends_with("Id") || name.ends_with("Ids") => {
            if id.rsplit_once('-').is_some_and(|(prefix, _)| LISTED.contains(&prefix)) {
                spoken.insert(id.clone());
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(name, item, spoken)),
        Value::Object(members) => members.iter().for_each(|(name, member)| references(name, member, spoken)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{RandomOptions, random_network_from_seed};

    #[test]
    fn faults_are_found() {
        let json = random_network_from_seed(11, &RandomOptions::default()).json;
        for (from, to, fault) in [
            (
                "\"SubnetId\": \"subnet-11\",\n      \"VpcId\"",
                "\"SubnetId\": \"subnet-77\",\n      \"VpcId\"",
                "has no record",
            ),
            ("\"Main\": true", "\"Main\": false", "has not one main route table"),
            ("\"Primary\": true", "\"Primary\": false", "has not one primary address"),
            ("\"RuleNumber\": 32767", "\"RuleNumber\": 1", "has entries"),
            ("\"PrivateIpAddress\": \"10.0.", "\"PrivateIpAddress\": \"10.99.", "is not for use in"),
        ] {
            let broken = json.replace(from, to);
            assert_ne!(broken, json, "{from}\n{json}");
            let export = Export::read([broken.as_str()]);
            let found: Vec<String> = if fault == "has no record" {
                export.dangling().into_iter().map(|id| id + " has no record").collect()
            } else {
                export.faults()
            };
            assert!(found.iter().any(|found| found.contains(fault)), "{fault}: {found:?}");
        }
    }
}
