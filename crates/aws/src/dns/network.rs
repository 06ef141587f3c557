//! What is in force for the queries of a VPC.

use std::net::IpAddr;

use dns::{Association, Stack};
use graph::ResourceKey;

use super::{DnsNetwork, Filtered, groups::Builder, vpcs};
use crate::{
    Entry, Id, Inventory, Place,
    resource::{
        DhcpOptions, DnsRuleGroupAssociation, ProfileAssociation, ProfileResourceAssociation, Resource as _,
        Vpc,
        dhcp_options::{is_amazon, resolver},
    },
};

/// The groups that are associated with the VPC itself.
const OWN: u32 = 0;

/// Groups that the snapshot does not tell of.
const MISSING: u32 = u32::MAX;

/// The VPCs, sorted by key.
pub(super) fn all(builder: &mut Builder<'_>) -> Vec<DnsNetwork> {
    vpcs(builder.inventory).into_iter().map(|(vpc, place)| network(builder, vpc, place)).collect()
}

fn network(builder: &mut Builder<'_>, vpc: ResourceKey, place: Place) -> DnsNetwork {
    let inventory = builder.inventory;
    let entry = inventory.get(&Id::<Vpc>::new(vpc.id()), &place);
    let mut groups = own(builder, &vpc, &place);
    let profiles = profiles(inventory, &vpc);
    groups.extend(of_profiles(builder, &profiles));
    let table = inventory.table::<ProfileAssociation>();
    if table.covers(&place) && !table.complete(&place) {
        let why = format!("the Profile associations of {} were not all exported", vpc.id());
        let group = builder.anything(&format!("(Profiles of {})", vpc.id()), &why);
        groups.push(Association { track: MISSING - 1, priority: 0, group, doubts: Vec::new() });
    }
    let mut notes = Vec::new();
    let answers = &inventory.dns;
    if answers.fails_open(vpc.id(), &place) {
        notes.push("it is fail-open: while DNS Firewall does not answer, queries pass".to_owned());
    }
    for profile in &profiles {
        let id = profile.value.profile();
        if answers.fails_open(id, &profile.place) {
            notes.push(format!(
                "its Profile {id} is fail-open: while DNS Firewall does not answer, queries pass"
            ));
        }
    }
    let filtered = filtered(inventory, (&vpc, &place), entry, groups.is_empty());
    let blocks = entry.map(|entry| entry.value.cidrs()).unwrap_or_default();
    let resolver = resolver(entry.and_then(|entry| entry.value.base()));
    DnsNetwork { vpc, place, stack: Stack { groups }, filtered, blocks, resolver, notes }
}

/// Whether queries get to DNS Firewall.
fn filtered(
    inventory: &Inventory,
    (vpc, place): (&ResourceKey, &Place),
    entry: Option<&Entry<Vpc>>,
    no_groups: bool,
) -> Filtered {
    let id = vpc.id();
    if no_groups {
        return Filtered::No(format!("no rule group is associated with {id}"));
    }
    if inventory.dns.has_no_resolver(id, place) {
        return Filtered::No(format!(
            "EnableDnsSupport of {id} is off: its instances have no Amazon resolver to ask"
        ));
    }
    let Some(options) = entry.and_then(|entry| entry.value.dhcp_options()) else {
        return Filtered::Perhaps(format!(
            "the DHCP options of {id} are not in the snapshot, so that its instances may ask other servers"
        ));
    };
    if options.as_str() == "default" {
        return Filtered::Perhaps(format!(
            "{id} has no DHCP options: whom its instances ask is not documented"
        ));
    }
    let Some(record) = inventory.get::<DhcpOptions>(options, place) else {
        return Filtered::Perhaps(format!(
            "DHCP options {options} of {id} were not exported, so that its instances may ask other servers"
        ));
    };
    let base: Option<IpAddr> = entry.and_then(|entry| entry.value.base());
    let servers: Vec<&str> = record.value.servers().collect();
    let others: Vec<&str> = servers.iter().copied().filter(|server| !is_amazon(server, base)).collect();
    if servers.is_empty() {
        Filtered::Perhaps(format!(
            "DHCP options {options} of {id} name no servers: whom its instances ask is not documented"
        ))
    } else if others.is_empty() {
        Filtered::Yes
    } else if others.len() == servers.len() {
        Filtered::No(format!(
            "DHCP options {options} send the queries of {id} to {}, not to the Amazon resolver",
            others.join(", ")
        ))
    } else {
        Filtered::Perhaps(format!(
            "DHCP options {options} name the Amazon resolver and {}: instances of {id} may ask either",
            others.join(", ")
        ))
    }
}

/// The groups that are associated with the VPC itself.
fn own(builder: &mut Builder<'_>, vpc: &ResourceKey, place: &Place) -> Vec<Association> {
    let inventory = builder.inventory;
    let table = inventory.table::<DnsRuleGroupAssociation>();
    let name = format!("vpc:{}", vpc.id());
    let here = table.associated_anywhere(&name);
    let here = here.filter(|entry| inventory.key_of(entry.value.vpc(), &entry.place) == *vpc);
    let here: Vec<_> = here.collect();
    let mut groups = Vec::new();
    for entry in here {
        let association = &entry.value;
        let group = builder.group(association.group().as_str(), &entry.place);
        let doubt = association.unsettled();
        let doubt = doubt.map(|it| format!("its association {} with {} is {it}", association.id(), vpc.id()));
        let doubts = doubt.into_iter().collect();
        groups.push(Association { track: OWN, priority: association.priority(), group, doubts });
    }
    if !table.complete(place) {
        let why = format!("the rule group associations of {} were not all exported", vpc.id());
        let group = builder.anything(&format!("(associations of {})", vpc.id()), &why);
        groups.push(Association { track: MISSING, priority: 0, group, doubts: Vec::new() });
    }
    groups
}

/// The Profiles of a VPC, by their priority.
fn profiles<'i>(inventory: &'i Inventory, vpc: &ResourceKey) -> Vec<&'i Entry<ProfileAssociation>> {
    let table = inventory.table::<ProfileAssociation>();
    let here = table.associated_anywhere(&format!("vpc:{}", vpc.id()));
    let mut here: Vec<_> =
        here.filter(|entry| inventory.key_of(entry.value.vpc(), &entry.place) == *vpc).collect();
    here.sort_by_key(|entry| entry.value.priority());
    here
}

/// The groups that Profiles bring.
fn of_profiles(builder: &mut Builder<'_>, profiles: &[&Entry<ProfileAssociation>]) -> Vec<Association> {
    let inventory = builder.inventory;
    let mut found: Vec<(i64, Association)> = Vec::new();
    for (profile, track) in profiles.iter().zip(1..) {
        let id = profile.value.profile();
        // All groups of the Profile are in force together, or none is.
        let doubt = profile.value.unsettled().map(|it| {
            format!(
                "the association {} of its Profile {id} with {} is {it}",
                profile.value.id(),
                profile.value.vpc()
            )
        });
        let table = inventory.table::<ProfileResourceAssociation>();
        let resources: Vec<_> = table.associated_anywhere(&format!("profile:{id}")).collect();
        for entry in resources {
            let Some(group) = entry.value.rule_group() else { continue };
            let group = builder.group(group, &entry.place);
            let doubts = [
                doubt.clone(),
                entry
                    .value
                    .unsettled()
                    .map(|it| format!("its association {} with Profile {id} is {it}", entry.value.id())),
            ];
            let doubts = doubts.into_iter().flatten().collect();
            let place = profile.value.priority();
            // Without a priority it may stand anywhere among the others.
            let (track, priority) = entry.value.priority().map_or((track + 1_000, 0), |it| (track, it));
            found.push((place, Association { track, priority, group, doubts }));
        }
        if !table.complete(&profile.place) || !inventory.dns.tells_of_profile(id) {
            let why = format!("what Profile {id} holds was not all exported");
            let group = builder.anything(&format!("({id})"), &why);
            let doubts = doubt.iter().cloned().collect();
            let association = Association { track: track + 2_000, priority: 0, group, doubts };
            found.push((profile.value.priority(), association));
        }
    }
    // Where the order of Profiles and that of their groups agree, there is one order.
    let known = found.iter().all(|(_, it)| it.track < 1_000);
    let agrees = found.iter().all(|(place, one)| {
        found.iter().all(|(other_place, other)| {
            one.track == other.track
                || (place != other_place && (place < other_place) == (one.priority < other.priority))
                    && one.priority != other.priority
        })
    });
    found
        .into_iter()
        .map(|(_, it)| if known && agrees { Association { track: 1, ..it } } else { it })
        .collect()
}
