//! Large, realistic networks with stated sizes, as the AWS CLI would print them.
//!
//! ```
//! use testkit::generator::{Parameters, generate};
//!
//! let files = generate(&Parameters::small(), 7);
//! let (name, text) = &files[0];
//! assert_eq!(name, "describe-vpcs.json");
//! assert!(text.starts_with("{\n    \"Vpcs\": ["));
//! ```
//!
//! Every record is drawn from the seed and its own index, so nothing is held in memory: the largest size is
//! written record by record. One line holds one record.
//!
//! Adding a resource type: a module under `generator/` with a function that fills a table, one line in
//! `documents`, and a member in [`Parameters`] for how many there are.

mod acls;
mod addresses;
mod groups;
mod interfaces;
mod networks;
mod parameters;
mod plan;
mod prefix_lists;
mod record;
mod routing;

use std::cell::RefCell;
use std::io::{self, BufWriter, Write};
use std::rc::Rc;

pub use parameters::Parameters;
use plan::{Place, Plan};
use record::Table;

/// One file: the AWS CLI command that would print it, the list it holds, and how the list is filled.
struct Document<W: Write> {
    command: &'static str,
    list: &'static str,
    fill: fn(&Plan, Place, &mut Table<'_, W>) -> io::Result<()>,
}

/// The files of one account and Region, in the order they are written.
fn documents<W: Write>() -> [Document<W>; 13] {
    let document = |command, list, fill| Document { command, list, fill };
    [
        document("describe-vpcs", "Vpcs", networks::vpcs),
        document("describe-subnets", "Subnets", networks::subnets),
        document("describe-network-interfaces", "NetworkInterfaces", interfaces::network_interfaces),
        document("describe-instances", "Reservations", interfaces::reservations),
        document("describe-security-groups", "SecurityGroups", groups::security_groups),
        document("describe-network-acls", "NetworkAcls", acls::network_acls),
        document("describe-route-tables", "RouteTables", routing::route_tables),
        document("describe-internet-gateways", "InternetGateways", routing::internet_gateways),
        document(
            "describe-egress-only-internet-gateways",
            "EgressOnlyInternetGateways",
            routing::egress_only_internet_gateways,
        ),
        document("describe-nat-gateways", "NatGateways", routing::nat_gateways),
        document("describe-vpc-peering-connections", "VpcPeeringConnections", routing::peering_connections),
        document("describe-vpc-endpoints", "VpcEndpoints", routing::gateway_endpoints),
        document("describe-managed-prefix-lists", "PrefixLists", prefix_lists::managed_prefix_lists),
    ]
}

/// Writes the network that `parameters` and `seed` stand for.
///
/// `open` is called once per file with its name relative to the snapshot's folder, and the file is complete
/// before the next one is opened. With one account and one Region names are flat (`describe-vpcs.json`), else
/// they are `<account>/<region>/ec2-describe-vpcs.json`. Same parameters and seed, same names and bytes.
/// Parameters outside their range are first brought into it ([`Parameters::within_quotas`]).
///
/// Fails when `open` or a write fails. Memory used does not depend on the size of the network.
pub fn generate_into<W: Write>(
    parameters: &Parameters,
    seed: u64,
    mut open: impl FnMut(&str) -> io::Result<W>,
) -> io::Result<()> {
    let plan = Plan::new(parameters, seed);
    for place in plan.places() {
        for document in documents() {
            let mut file = BufWriter::with_capacity(1 << 16, open(&plan.file(place, document.command))?);
            let mut table = Table::open(&mut file, document.list)?;
            (document.fill)(&plan, place, &mut table)?;
            table.close()?;
            file.flush()?;
        }
        for list in plan.prefix_lists(place) {
            let mut file = BufWriter::new(open(&plan.file(place, &list.file()))?);
            prefix_lists::entries(list, &mut file)?;
            file.flush()?;
        }
    }
    Ok(())
}

/// Returns the files of the network that `parameters` and `seed` stand for: names and text, in the order in
/// which [`generate_into`] writes them. For networks that fit in memory.
pub fn generate(parameters: &Parameters, seed: u64) -> Vec<(String, String)> {
    let files = Files::default();
    let written = generate_into(parameters, seed, |name| {
        files.0.borrow_mut().push((name.to_owned(), Vec::new()));
        Ok(files.clone())
    });
    debug_assert!(written.is_ok(), "memory does not refuse a write");
    files
        .0
        .take()
        .into_iter()
        .map(|(name, text)| (name, String::from_utf8_lossy(&text).into_owned()))
        .collect()
}

/// Files in memory; what is written goes to the last one.
#[derive(Clone, Default)]
struct Files(Rc<RefCell<Vec<InMemory>>>);

/// A file's name and bytes.
type InMemory = (String, Vec<u8>);

impl Write for Files {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some((_, text)) = self.0.borrow_mut().last_mut() {
            text.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::audit::{Export, items, text};
    use crate::draws::mix;

    fn export(parameters: &Parameters, seed: u64) -> Export {
        let files = generate(parameters, seed);
        Export::read(files.iter().map(|(_, text)| text.as_str()))
    }

    /// A number that changes when any name or byte does.
    fn fingerprint(parameters: &Parameters, seed: u64) -> String {
        let files = generate(parameters, seed);
        let bytes = files.iter().flat_map(|(name, text)| name.bytes().chain(text.bytes()));
        format!("{:016x}", bytes.fold(0, |state, byte| mix(state ^ u64::from(byte))))
    }

    fn interfaces(export: &Export) -> usize {
        export.rows("NetworkInterfaces").filter(|row| row["InterfaceType"] == "interface").count()
    }

    /// Parameters that no size has: several places, everything at once.
    fn wide() -> Parameters {
        Parameters {
            accounts: 2,
            regions: 2,
            vpcs: 9,
            subnets_per_vpc: 7,
            peerings_per_vpc: 5,
            nat_gateways_per_vpc: 5,
            ipv6_percent: 100,
            endpoint_percent: 100,
            rules_per_group: 80,
            acl_entries: 38,
            groups_per_interface: 5,
            ..Parameters::small()
        }
    }

    #[test]
    fn same_seed_same_bytes_for_ever() {
        // Recorded timings and work counters belong to these bytes: a change here makes them void.
        let small = Parameters::small();
        assert_eq!(fingerprint(&small, 1), "a91485b72a92356f");
        assert_eq!(fingerprint(&wide(), 1), "67004221f36cd709");
        assert_ne!(fingerprint(&small, 1), fingerprint(&small, 2));
    }

    #[test]
    fn nothing_is_wrong_with_any_size() {
        let narrow = Parameters {
            vpcs: 2,
            subnets_per_vpc: 1,
            public_percent: 0,
            interfaces_per_subnet: 1,
            groups_per_vpc: 1,
            prefix_lists: 0,
            reference_percent: 100,
            ..Parameters::small()
        };
        for parameters in [Parameters::small(), Parameters::interfaces(1_000), wide(), narrow] {
            for seed in [1, 2] {
                let faults = export(&parameters, seed).faults();
                assert!(faults.is_empty(), "{parameters:?} {seed}: {faults:#?}");
            }
        }
    }

    #[test]
    fn counts_are_as_asked() {
        let small = export(&Parameters::small(), 3);
        let rows = |table| small.rows(table).count();
        assert_eq!(interfaces(&small), 500);
        assert_eq!((rows("Vpcs"), rows("Subnets"), rows("NatGateways")), (5, 50, 5));
        assert_eq!((rows("SecurityGroups"), rows("VpcPeeringConnections")), (5 * 21, 5));
        assert_eq!((rows("VpcEndpoints"), rows("EgressOnlyInternetGateways")), (3, 2));
        let denies = |acl: &serde_json::Value| {
            items(&acl["Entries"]).filter(|entry| entry["RuleAction"] == "deny").count()
        };
        let custom: Vec<_> = small.rows("NetworkAcls").filter(|acl| acl["IsDefault"] == false).collect();
        assert!(
            custom.iter().all(|acl| (8..=10).contains(&denies(acl))),
            "3 of 10 and the final ones, both ways"
        );
    }

    #[test]
    fn sizes_are_the_stated_ones() {
        for (parameters, count) in [
            (Parameters::small(), 500),
            (Parameters::medium(), 20_000),
            (Parameters::large(), 200_000),
            (Parameters::interfaces(1_000), 1_000),
            (Parameters::interfaces(10_000), 10_000),
        ] {
            assert_eq!(parameters.within_quotas(), parameters);
            assert_eq!(parameters.interface_count(), count);
            let expanded = count * parameters.groups_per_interface * parameters.rules_per_group;
            assert_eq!(expanded, count * 60, "0.03, 1.2 and 12 million");
        }
    }

    #[test]
    fn rules_per_interface_are_as_asked() {
        let small = export(&Parameters::small(), 1);
        let mut rules = BTreeMap::new();
        for group in small.rows("SecurityGroups") {
            let permissions = items(&group["IpPermissions"]).chain(items(&group["IpPermissionsEgress"]));
            let peers = ["IpRanges", "Ipv6Ranges", "UserIdGroupPairs", "PrefixListIds"];
            let count: usize = permissions.flat_map(|p| peers.map(|peer| items(&p[peer]).count())).sum();
            rules.insert(text(group, "GroupId"), count);
        }
        for interface in small.rows("NetworkInterfaces").filter(|row| row["InterfaceType"] == "interface") {
            let count: usize = items(&interface["Groups"]).map(|group| rules[text(group, "GroupId")]).sum();
            assert_eq!(count, 60);
        }
    }

    #[test]
    fn much_is_unreachable_whatever_the_rules_say() {
        let small = export(&Parameters::small(), 1);
        let own: Vec<_> = small.rows("NetworkInterfaces").collect();
        let closed = own.iter().filter(|row| row.get("Association").is_none()).count();
        assert!(closed * 100 >= own.len() * 30, "{closed} of {} have no public address", own.len());
        let mut joined = BTreeSet::new();
        for row in small.rows("VpcPeeringConnections") {
            let side = |side: &str| text(&row[side], "VpcId");
            joined.insert((side("RequesterVpcInfo"), side("AccepterVpcInfo")));
            joined.insert((side("AccepterVpcInfo"), side("RequesterVpcInfo")));
        }
        let vpcs: Vec<&str> = small.rows("Vpcs").map(|row| text(row, "VpcId")).collect();
        let apart = |a: &str, b: &str| a != b && !joined.contains(&(a, b));
        let pairs = vpcs.iter().flat_map(|a| vpcs.iter().filter(|b| apart(a, b))).count();
        assert!(pairs * 100 >= vpcs.len() * vpcs.len() * 30, "{pairs} pairs of VPCs are not joined");
    }

    #[test]
    fn counts_grow_in_step_with_the_interfaces() {
        let counts = |interfaces: u32| {
            let export = export(&Parameters::interfaces(interfaces), 5);
            let public =
                export.rows("NetworkInterfaces").filter(|row| row.get("Association").is_some()).count();
            let routes: usize = export.rows("RouteTables").map(|row| items(&row["Routes"]).count()).sum();
            let permissions: usize =
                export.rows("SecurityGroups").map(|row| items(&row["IpPermissions"]).count()).sum();
            [export.instances().count(), public, routes, permissions]
        };
        assert_eq!(counts(3_000), counts(1_000).map(|count| 3 * count));
    }

    #[test]
    fn several_places_have_folders() {
        let names: Vec<String> = generate(&wide(), 1).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names[0], "111122223333/us-east-1/ec2-describe-vpcs.json");
        let folders: BTreeSet<&str> =
            names.iter().map(|name| &name[..name.rfind("/ec2-").unwrap()]).collect();
        assert_eq!(folders.len(), 4);
        assert!(names.iter().any(|name| name.contains("/ec2-get-managed-prefix-list-entries/pl-0")));
    }

    #[test]
    fn a_refused_file_is_an_error() {
        let refused = generate_into(&Parameters::small(), 1, |name| {
            if name == "describe-subnets.json" {
                return Err(io::Error::other("disk full"));
            }
            Ok(io::sink())
        });
        assert_eq!(refused.unwrap_err().to_string(), "disk full");
    }

    #[test]
    fn out_of_range_parameters_are_brought_into_range() {
        let odd = Parameters {
            vpcs: 0,
            subnets_per_vpc: 900,
            interfaces_per_subnet: 100_000,
            groups_per_interface: 9,
            groups_per_vpc: 2,
            public_percent: 300,
            ..Parameters::small()
        };
        let within = odd.within_quotas();
        assert_eq!((within.vpcs, within.subnets_per_vpc, within.interfaces_per_subnet), (1, 16, 4_000));
        assert_eq!((within.groups_per_interface, within.public_percent), (2, 100));
        assert_eq!(within.within_quotas(), within);
    }
}
