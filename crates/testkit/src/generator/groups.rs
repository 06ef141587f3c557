//! Security groups and their rules.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::addresses::{Block, Block6, partner_range, public_range};
use super::plan::{FIRST_HOST, Place, Plan, Vpc};
use super::record::{Record, Table};
use crate::draws::Draws;

/// Rules per group and direction that AWS lets in; a prefix list counts with its maximum of entries.
/// SOURCE: Amazon VPC quotas, Security groups, checked 2026-11-23.
const QUOTA: usize = 60;

/// What most groups of a kind are for; the kinds take turns.
const WORDS: [&str; 4] = ["web", "app", "db", "ops"];

/// The name of the group with this number in a VPC; 0 is the default group.
pub(super) fn group_name(group: u32) -> String {
    if group == 0 {
        return "default".to_owned();
    }
    format!("{}-{group:03}", word(group))
}

fn word(group: u32) -> &'static str {
    WORDS.get(group as usize % WORDS.len()).copied().unwrap_or("app")
}

/// The `IpProtocol`, `FromPort` and `ToPort` of a permission; all protocols have no ports.
type Traffic = (&'static str, i32, i32);

const ALL: Traffic = ("-1", 0, 0);

/// Who is on the other end of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Peer {
    Group(u32),
    V4(Block),
    V6(Block6),
    PrefixList(u32),
}

/// The rules of one direction: as AWS prints them, one permission per traffic with all its peers.
type Rules = BTreeMap<Traffic, BTreeSet<Peer>>;

pub(super) fn security_groups<W: Write>(
    plan: &Plan,
    place: Place,
    table: &mut Table<'_, W>,
) -> io::Result<()> {
    for vpc in plan.vpcs(place) {
        for group in 0..=plan.parameters.groups_per_vpc {
            let [inbound, outbound] = rules(vpc, group);
            table.record(|r| {
                r.text("GroupId", vpc.id_of("sg", group));
                r.list("IpPermissionsEgress", |list| permissions(list, vpc, &outbound));
                r.list("Tags", |_| {});
                r.text("VpcId", vpc.id());
                r.text("OwnerId", place.account());
                r.text("GroupName", group_name(group));
                r.text("Description", if group == 0 { "default VPC security group" } else { word(group) });
                r.list("IpPermissions", |list| permissions(list, vpc, &inbound));
            })?;
        }
    }
    Ok(())
}

fn permissions(list: &mut Record, vpc: Vpc<'_>, rules: &Rules) {
    for (&(protocol, from, to), peers) in rules {
        list.item(|r| {
            r.text("IpProtocol", protocol);
            if protocol != ALL.0 {
                r.plain("FromPort", from);
                r.plain("ToPort", to);
            }
            r.list("UserIdGroupPairs", |list| {
                for peer in peers {
                    if let Peer::Group(group) = *peer {
                        list.item(|r| {
                            r.text("UserId", vpc.place.account());
                            r.text("GroupId", vpc.id_of("sg", group));
                        });
                    }
                }
            });
            r.list("IpRanges", |list| {
                for peer in peers {
                    if let Peer::V4(block) = *peer {
                        list.item(|r| r.text("CidrIp", block));
                    }
                }
            });
            r.list("Ipv6Ranges", |list| {
                for peer in peers {
                    if let Peer::V6(block) = *peer {
                        list.item(|r| r.text("CidrIpv6", block));
                    }
                }
            });
            r.list("PrefixListIds", |list| {
                for peer in peers {
                    if let Peer::PrefixList(number) = *peer {
                        let prefix_list = vpc.plan.prefix_list(vpc.place, number);
                        list.item(|r| r.text("PrefixListId", prefix_list.id()));
                    }
                }
            });
        });
    }
}

/// Inbound and outbound rules of a group.
fn rules(vpc: Vpc<'_>, group: u32) -> [Rules; 2] {
    let mut everywhere = BTreeSet::from([Peer::V4(Block::ANYWHERE)]);
    everywhere.extend(vpc.block6().map(|_| Peer::V6(Block6::ANYWHERE)));
    if group == 0 {
        let itself = BTreeMap::from([(ALL, BTreeSet::from([Peer::Group(0)]))]);
        return [itself, BTreeMap::from([(ALL, everywhere)])];
    }
    let count = vpc.plan.parameters.rules_per_group as usize;
    let outbound = count.div_ceil(4).max(count.saturating_sub(QUOTA));
    let inward = drawn(vpc, group, false, count - outbound, Rules::new());
    // AWS gives every new group a rule that lets everything out; six of ten owners leave it.
    let kept = vpc.draws("open egress", [group, 0]).chance(60) && everywhere.len() <= outbound;
    let start = if kept { BTreeMap::from([(ALL, everywhere)]) } else { Rules::new() };
    [inward, drawn(vpc, group, true, outbound, start)]
}

/// `start` and as many drawn rules as make `count` together.
fn drawn(vpc: Vpc<'_>, group: u32, outbound: bool, count: usize, start: Rules) -> Rules {
    let entries = vpc.plan.parameters.prefix_list_entries as usize;
    let mut draws = vpc.draws("rules", [group, u32::from(outbound)]);
    let mut rules = start;
    let mut made = rules.values().map(BTreeSet::len).sum::<usize>();
    let mut room_for_list = vpc.plan.parameters.prefix_lists > 0 && count + entries <= QUOTA + 1;
    while made < count {
        let (traffic, peer) = rule(vpc, group, &mut draws, room_for_list);
        room_for_list &= !matches!(peer, Peer::PrefixList(_));
        // AWS refuses a rule that is there already; a fresh address makes it another one.
        let added = rules.entry(traffic).or_default();
        if added.insert(peer) || added.insert(Peer::V4(public_range(&mut draws))) {
            made += 1;
        }
    }
    rules
}

fn rule(vpc: Vpc<'_>, group: u32, draws: &mut Draws, list_allowed: bool) -> (Traffic, Peer) {
    let parameters = &vpc.plan.parameters;
    let traffic = traffic(group, draws);
    if draws.chance(parameters.reference_percent) {
        let peer = if list_allowed && draws.chance(25) {
            Peer::PrefixList(1 + draws.below(parameters.prefix_lists))
        } else {
            Peer::Group(1 + draws.below(parameters.groups_per_vpc))
        };
        return (traffic, peer);
    }
    let open = match word(group) {
        "web" => 20,
        "ops" => 6,
        _ => 2,
    };
    if draws.chance(open) {
        let peer = match vpc.block6() {
            Some(_) if draws.chance(40) => Peer::V6(Block6::ANYWHERE),
            _ => Peer::V4(Block::ANYWHERE),
        };
        return (traffic, peer);
    }
    let subnet = vpc.subnet(draws.below(parameters.subnets_per_vpc));
    let peer = match draws.below(20) {
        0..=1 => Peer::V4(vpc.block()),
        2..=6 => Peer::V4(subnet.block()),
        7..=9 => Peer::V4(subnet.block().host(FIRST_HOST + draws.below(parameters.interfaces_per_subnet))),
        10 => Peer::V4(Block::new(10 << 24, 8)),
        11..=14 => Peer::V4(partner_range(vpc.plan.seed, draws)),
        15 if vpc.block6().is_some() => Peer::V6(Block6::partner(draws.below(1 << 16))),
        15..=18 => Peer::V4(public_range(draws)),
        _ => match subnet.block6() {
            Some(block) => Peer::V6(block),
            None => Peer::V4(subnet.block()),
        },
    };
    (traffic, peer)
}

/// What a rule lets through: mostly what the kind of group is for.
fn traffic(group: u32, draws: &mut Draws) -> Traffic {
    const SHARED: [Traffic; 8] = [
        ("tcp", 22, 22),
        ("tcp", 443, 443),
        ("tcp", 1024, 65535),
        ("udp", 53, 53),
        ("udp", 1024, 65535),
        ("icmp", -1, -1),
        ("icmp", 8, -1),
        ALL,
    ];
    let own: [Traffic; 4] = match word(group) {
        "web" => [("tcp", 80, 80), ("tcp", 443, 443), ("tcp", 8443, 8443), ("udp", 443, 443)],
        "db" => [("tcp", 3306, 3306), ("tcp", 5432, 5432), ("tcp", 1433, 1433), ("tcp", 6379, 6380)],
        "ops" => [("tcp", 22, 22), ("tcp", 3389, 3389), ("tcp", 9100, 9200), ("udp", 161, 162)],
        _ => [("tcp", 8080, 8080), ("tcp", 8000, 8100), ("tcp", 9092, 9098), ("tcp", 2049, 2049)],
    };
    let drawn = if draws.chance(70) { draws.pick(&own) } else { draws.pick(&SHARED) };
    drawn.unwrap_or(ALL)
}
