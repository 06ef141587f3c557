//! Security groups and network ACLs.

use serde_json::{Value, json};

use super::{ACCOUNT, OWN_LIST, SERVICE_LIST, Tables, Vpc, peers, peers6, set};
use crate::random::RandomOptions;
use crate::random::dice::Dice;
use crate::random::pools::{ICMP, PORTS};

pub(super) fn security_groups(
    dice: &mut Dice<'_, '_>,
    options: &RandomOptions,
    vpcs: &[Vpc],
    at: usize,
    tables: &mut Tables,
) {
    let Some(vpc) = vpcs.get(at) else { return };
    for group in &vpc.groups {
        let rules = |dice: &mut Dice<'_, '_>, most| -> Vec<Value> {
            (0..dice.between(0, most)).map(|_| permission(dice, vpcs, vpc)).collect()
        };
        let mut inbound = rules(dice, 3);
        if options.has_middleboxes() && dice.once_in(2) {
            inbound.push(anything());
        }
        let outbound = if dice.once_in(2) { rules(dice, 2) } else { vec![anything()] };
        tables.add(
            "SecurityGroups",
            json!({
                "GroupId": group,
                "GroupName": group,
                "Description": "",
                "IpPermissions": inbound,
                "IpPermissionsEgress": outbound,
                "OwnerId": ACCOUNT,
                "VpcId": vpc.id,
            }),
        );
    }
}

fn anything() -> Value {
    json!({
        "IpProtocol": "-1",
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
        "PrefixListIds": [],
        "UserIdGroupPairs": [],
    })
}

fn permission(dice: &mut Dice<'_, '_>, vpcs: &[Vpc], vpc: &Vpc) -> Value {
    let protocol = dice.word(&["tcp", "tcp", "-1", "udp", "icmp", "50", "icmpv6"]);
    let mut permission = json!({"IpProtocol": protocol, "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []});
    let ports = match protocol {
        "tcp" | "udp" => dice.pick(&PORTS).map(|&(first, last)| (i32::from(first), i32::from(last))),
        "icmp" => dice.pick(&ICMP).copied(),
        "icmpv6" => Some((-1, -1)),
        _ => None,
    };
    if let Some((first, last)) = ports {
        set(&mut permission, "FromPort", first.into());
        set(&mut permission, "ToPort", last.into());
    }
    match dice.between(0, 7) {
        0..=3 => {
            let ranges: Vec<Value> =
                (0..dice.between(1, 2)).map(|_| json!({"CidrIp": dice.word(&peers(vpcs))})).collect();
            set(&mut permission, "IpRanges", ranges.into());
        }
        4 => set(&mut permission, "Ipv6Ranges", json!([{"CidrIpv6": dice.word(&peers6(vpcs))}])),
        5 => {
            let list = dice.word(&[OWN_LIST, SERVICE_LIST]);
            set(&mut permission, "PrefixListIds", json!([{"PrefixListId": list}]));
        }
        _ => {
            let pair = match dice.pick(&vpc.peerings).filter(|peering| peering.active && dice.once_in(2)) {
                Some(peering) => {
                    let other = vpcs.get(peering.other);
                    json!({
                        "GroupId": other.and_then(|other| dice.pick(&other.groups)),
                        "UserId": ACCOUNT,
                        "VpcId": other.map(|other| &other.id),
                        "VpcPeeringConnectionId": peering.id,
                        "PeeringStatus": "active",
                    })
                }
                None => json!({"GroupId": dice.pick(&vpc.groups), "UserId": ACCOUNT}),
            };
            set(&mut permission, "UserIdGroupPairs", json!([pair]));
        }
    }
    permission
}

pub(super) fn network_acls(
    dice: &mut Dice<'_, '_>,
    options: &RandomOptions,
    vpcs: &[Vpc],
    at: usize,
    tables: &mut Tables,
) {
    let Some(vpc) = vpcs.get(at) else { return };
    let count = dice.between(1, 2);
    let mut associations = vec![Vec::new(); count];
    for (number, subnet) in (1..).zip(&vpc.subnets) {
        let acl = dice.between(0, count - 1);
        associations.get_mut(acl).into_iter().for_each(|list: &mut Vec<Value>| {
            list.push(json!({
                "NetworkAclAssociationId": format!("aclassoc-{}{number}", at + 1),
                "NetworkAclId": format!("acl-{}{}", at + 1, acl + 1),
                "SubnetId": subnet.id,
            }));
        });
    }
    for (acl, associations) in associations.into_iter().enumerate() {
        let mut entries = Vec::new();
        for egress in [true, false] {
            if (options.has_middleboxes() && !dice.once_in(3)) || dice.once_in(3) {
                entries.push(json!({"CidrBlock": "0.0.0.0/0", "Egress": egress, "Protocol": "-1", "RuleAction": "allow", "RuleNumber": 100}));
                if options.has_middleboxes() && vpc.block6.is_some() {
                    entries.push(json!({"Ipv6CidrBlock": "::/0", "Egress": egress, "Protocol": "-1", "RuleAction": "allow", "RuleNumber": 101}));
                }
            } else {
                for place in 0..dice.between(0, 5) {
                    entries.push(acl_entry(dice, vpcs, egress, 100 + 10 * place));
                }
            }
            entries.push(json!({"CidrBlock": "0.0.0.0/0", "Egress": egress, "Protocol": "-1", "RuleAction": "deny", "RuleNumber": 32767}));
            if vpc.block6.is_some() {
                entries.push(json!({"Ipv6CidrBlock": "::/0", "Egress": egress, "Protocol": "-1", "RuleAction": "deny", "RuleNumber": 32768}));
            }
        }
        tables.add(
            "NetworkAcls",
            json!({
                "NetworkAclId": format!("acl-{}{}", at + 1, acl + 1),
                "Associations": associations,
                "Entries": entries,
                "IsDefault": acl == 0,
                "OwnerId": ACCOUNT,
                "VpcId": vpc.id,
            }),
        );
    }
}

fn acl_entry(dice: &mut Dice<'_, '_>, vpcs: &[Vpc], egress: bool, number: usize) -> Value {
    let protocol = dice.word(&["-1", "6", "6", "17", "1", "50", "58"]);
    let mut entry = json!({
        "Egress": egress,
        "Protocol": protocol,
        "RuleAction": if dice.between(0, 4) < 3 { "allow" } else { "deny" },
        "RuleNumber": number,
    });
    if dice.once_in(4) {
        set(&mut entry, "Ipv6CidrBlock", dice.word(&peers6(vpcs)).into());
    } else {
        set(&mut entry, "CidrBlock", dice.word(&peers(vpcs)).into());
    }
    if let ("6" | "17", Some((first, last))) = (protocol, dice.pick(&PORTS)) {
        set(&mut entry, "PortRange", json!({"From": first, "To": last}));
    }
    if let ("1" | "58", Some((kind, code))) = (protocol, dice.pick(&ICMP)) {
        set(&mut entry, "IcmpTypeCode", json!({"Type": kind, "Code": code}));
    }
    entry
}
