//! Interfaces that AWS makes for what it runs in a VPC, and the subnets it does so in.

use serde_json::{Value, json};

use super::attachments::associate;
use super::{ACCOUNT, Tables, Vpc, set};
use crate::random::dice::Dice;

/// The zones of all subnets.
const ZONES: [&str; 2] = ["us-east-1a", "us-east-1b"];

/// An interface to be made.
pub(super) struct Managed<'t> {
    pub(super) id: String,
    /// Its `InterfaceType`.
    pub(super) kind: &'t str,
    pub(super) description: String,
    /// Ids of its security groups.
    pub(super) groups: &'t [String],
    /// What the instance behind it is said to be owned by.
    pub(super) owner: &'t str,
    pub(super) public: Option<String>,
}

impl Vpc {
    /// One subnet in each of the zones, now and then without one of them.
    pub(super) fn zonal(&self, dice: &mut Dice<'_, '_>) -> Vec<usize> {
        let mut chosen = Vec::new();
        for zone in ZONES {
            let here = self.subnets.iter().enumerate().filter(|(_, subnet)| subnet.zone == zone);
            let here: Vec<usize> = here.map(|(at, _)| at).collect();
            chosen.extend(dice.pick(&here).copied());
        }
        if chosen.len() > 1 && dice.once_in(4) {
            chosen.remove(dice.between(0, 1));
        }
        chosen
    }

    /// One or two of its security groups.
    pub(super) fn some_groups(&self, dice: &mut Dice<'_, '_>) -> Vec<String> {
        let mut groups: Vec<String> =
            (0..dice.between(1, 2)).filter_map(|_| dice.pick(&self.groups)).cloned().collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// Makes an interface in the subnet at a place; nothing if that is full.
    pub(super) fn add_interface(&mut self, at: usize, managed: &Managed<'_>, tables: &mut Tables) -> bool {
        let Some(subnet) = self.subnets.get_mut(at).filter(|subnet| subnet.has_room()) else { return false };
        let private = subnet.next_address();
        let groups: Vec<Value> =
            managed.groups.iter().map(|group| json!({"GroupId": group, "GroupName": group})).collect();
        let mut row = json!({
            "NetworkInterfaceId": managed.id,
            "InterfaceType": managed.kind,
            "Description": managed.description,
            "RequesterManaged": true,
            "SourceDestCheck": matches!(managed.kind, "interface" | "vpc_endpoint"),
            "Status": "in-use",
            "Attachment": {"DeviceIndex": 1, "InstanceOwnerId": managed.owner, "Status": "attached"},
            "AvailabilityZone": subnet.zone,
            "Groups": groups,
            "Ipv6Addresses": [],
            "PrivateIpAddress": private,
            "PrivateIpAddresses": [{"Primary": true, "PrivateIpAddress": private}],
            "SubnetId": subnet.id,
            "VpcId": self.id,
            "OwnerId": ACCOUNT,
        });
        if let Some(block) = &subnet.block6 {
            let address = block.replace("::/64", &format!("::{:x}", 0x100 + subnet.used));
            if managed.kind == "gateway_load_balancer_endpoint" {
                set(&mut row, "Ipv6Addresses", json!([{"Ipv6Address": address}]));
            }
        }
        if let Some(public) = &managed.public {
            associate(&mut row, public);
        }
        tables.add("NetworkInterfaces", row);
        true
    }

    /// Where an endpoint goes that routes lead to: as a rule to the subnet that is there for it.
    pub(super) fn inspection_subnet(&self, dice: &mut Dice<'_, '_>) -> usize {
        let any = dice.between(0, self.subnets.len().saturating_sub(1));
        self.inspection.filter(|_| !dice.once_in(4)).unwrap_or(any)
    }
}
