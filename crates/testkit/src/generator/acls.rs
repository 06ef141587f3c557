//! Network ACLs: the default one and custom ones with denies in between.

use std::io::{self, Write};

use super::addresses::{Block, Block6, partner_range, public_range};
use super::plan::{Place, Plan, Vpc, spread};
use super::record::{Record, Table};

/// Subnets per custom network ACL.
const SHARING: u32 = 5;

/// A rule of a network ACL, without its direction and number.
#[derive(Clone, Copy, Debug)]
struct Entry {
    allow: bool,
    peer: Peer,
    traffic: Traffic,
}

#[derive(Clone, Copy, Debug)]
enum Peer {
    V4(Block),
    V6(Block6),
}

#[derive(Clone, Copy, Debug)]
enum Traffic {
    All,
    /// TCP (6) or UDP (17) and its destination ports.
    Ports(u8, u16, u16),
    /// Every ICMP type and code.
    Icmp,
}

pub(super) fn network_acls<W: Write>(plan: &Plan, place: Place, table: &mut Table<'_, W>) -> io::Result<()> {
    for vpc in plan.vpcs(place) {
        let custom = plan.parameters.subnets_per_vpc.div_ceil(SHARING);
        for acl in 0..=custom {
            table.record(|r| {
                r.list("Associations", |list| {
                    for subnet in vpc.subnets().filter(|subnet| subnet.number % (custom + 1) == acl) {
                        list.item(|r| {
                            r.text("NetworkAclAssociationId", vpc.id_of("aclassoc", subnet.number));
                            r.text("NetworkAclId", vpc.id_of("acl", acl));
                            r.text("SubnetId", subnet.id());
                        });
                    }
                });
                r.list("Entries", |list| {
                    for egress in [true, false] {
                        entries(list, vpc, acl, egress);
                    }
                });
                r.plain("IsDefault", acl == 0);
                r.text("NetworkAclId", vpc.id_of("acl", acl));
                r.tags("Tags", format_args!("acl-{acl}"));
                r.text("VpcId", vpc.id());
                r.text("OwnerId", place.account());
            })?;
        }
    }
    Ok(())
}

fn entries(list: &mut Record, vpc: Vpc<'_>, acl: u32, egress: bool) {
    let numbered = if acl == 0 { default_entries(vpc) } else { custom_entries(vpc, acl, egress) };
    let step = if acl == 0 { 1 } else { 10 };
    for (number, entry) in (100_u32..).step_by(step).zip(numbered) {
        list.item(|r| record(r, entry, egress, number));
    }
    let deny = |peer| Entry { allow: false, peer, traffic: Traffic::All };
    list.item(|r| record(r, deny(Peer::V4(Block::ANYWHERE)), egress, 32_767));
    if vpc.block6().is_some() {
        list.item(|r| record(r, deny(Peer::V6(Block6::ANYWHERE)), egress, 32_768));
    }
}

fn default_entries(vpc: Vpc<'_>) -> Vec<Entry> {
    let allow = |peer| Entry { allow: true, peer, traffic: Traffic::All };
    let mut entries = vec![allow(Peer::V4(Block::ANYWHERE))];
    entries.extend(vpc.block6().map(|_| allow(Peer::V6(Block6::ANYWHERE))));
    entries
}

/// The numbered entries of a custom network ACL, in order: denies spread among allows, and at the end of every
/// second ACL an allow for all that is left.
fn custom_entries(vpc: Vpc<'_>, acl: u32, egress: bool) -> Vec<Entry> {
    let parameters = &vpc.plan.parameters;
    let mut draws = vpc.draws("acl", [acl, u32::from(egress)]);
    let anywhere = Peer::V4(Block::ANYWHERE);
    let own = Peer::V4(vpc.block());
    // What a working subnet needs, most needed first. Replies go to ephemeral ports: an ACL keeps no state.
    let mut needed = vec![(own, Traffic::All), (anywhere, Traffic::Ports(6, 1024, 65535))];
    if vpc.block6().is_some() {
        needed.push((Peer::V6(Block6::ANYWHERE), Traffic::Ports(6, 1024, 65535)));
        needed.push((Peer::V6(Block6::ANYWHERE), Traffic::Ports(6, 443, 443)));
    }
    needed.push((anywhere, Traffic::Ports(6, 443, 443)));
    needed.push((anywhere, Traffic::Ports(17, 1024, 65535)));
    needed.push((anywhere, Traffic::Ports(6, 80, 80)));
    needed.push((anywhere, Traffic::Icmp));
    needed.extend(vpc.block6().map(|_| (Peer::V6(Block6::ANYWHERE), Traffic::Icmp)));
    let mut needed = needed.into_iter();
    (0..parameters.acl_entries)
        .map(|place| {
            // Counted from the end, so that the last entry is an allow.
            let deny = spread(parameters.acl_entries - 1 - place, parameters.acl_deny_percent);
            let last = place + 1 == parameters.acl_entries;
            let range = Peer::V4(if draws.chance(50) {
                partner_range(vpc.plan.seed, &mut draws)
            } else {
                public_range(&mut draws)
            });
            let port = draws.pick(&[22, 23, 25, 135, 445, 1433, 3306, 3389, 5432]).unwrap_or(23);
            let one_port = Traffic::Ports(6, port, port);
            let (peer, traffic) = match (deny, draws.below(3)) {
                (true, 0) => (anywhere, one_port),
                (true, 1) => (range, Traffic::All),
                (true, _) => (range, one_port),
                (false, 0) if last => (anywhere, Traffic::All),
                (false, 1) if last && vpc.block6().is_some() => (Peer::V6(Block6::ANYWHERE), Traffic::All),
                (false, _) => needed.next().unwrap_or((range, one_port)),
            };
            Entry { allow: !deny, peer, traffic }
        })
        .collect()
}

fn record(r: &mut Record, entry: Entry, egress: bool, number: u32) {
    let version6 = match entry.peer {
        Peer::V4(block) => {
            r.text("CidrBlock", block);
            false
        }
        Peer::V6(block) => {
            r.text("Ipv6CidrBlock", block);
            true
        }
    };
    r.plain("Egress", egress);
    let protocol = match entry.traffic {
        Traffic::All => "-1",
        Traffic::Ports(17, ..) => "17",
        Traffic::Ports(..) => "6",
        Traffic::Icmp if version6 => "58",
        Traffic::Icmp => "1",
    };
    match entry.traffic {
        Traffic::All => {}
        Traffic::Ports(_, first, last) => r.object("PortRange", |r| {
            r.plain("From", first);
            r.plain("To", last);
        }),
        Traffic::Icmp => r.object("IcmpTypeCode", |r| {
            r.plain("Code", -1);
            r.plain("Type", -1);
        }),
    }
    r.text("Protocol", protocol);
    r.text("RuleAction", if entry.allow { "allow" } else { "deny" });
    r.plain("RuleNumber", number);
}
