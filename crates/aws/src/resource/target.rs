//! Targets of a balancer: the addresses and ports that it sends to, and the zones they are in.
//!
//! SOURCE: ELB guides, "Target type" (instances are reached at the primary private address of their primary network
//! interface; a target may have a port of its own) and "Register targets" (`all` for addresses outside the VPC)
//! (checked 2026-11-26).
//! GAP: health is not considered, as AWS's analyzers do not. A function has no address: requests to it leave the
//! network.
use std::net::IpAddr;

use graph::Origin;

use super::{
    balancing_answers::{TargetDescription, WrittenTarget},
    instance::Instance,
    load_balancer::{self, LoadBalancer},
    network_interface::{self, NetworkInterface},
    subnet::Subnet,
    target_group::{TargetGroup, TargetType},
};
use crate::{Entry, Id, Inventory, Place};

/// A zone, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Zone {
    /// All zones alike.
    All,
    /// This one, by id, name, or both.
    One { id: Option<String>, name: Option<String> },
}

impl Zone {
    /// The zone of a subnet.
    pub(super) fn of(subnet: Option<&Entry<Subnet>>) -> Self {
        let name = subnet.and_then(|subnet| subnet.value.zone_name()).map(str::to_owned);
        let either = subnet.map(|subnet| subnet.value.zone()).filter(|zone| !zone.is_empty());
        let id = either.filter(|zone| Some(*zone) != name.as_deref()).map(str::to_owned);
        Self::One { id, name }
    }

    /// The zone that a record calls so.
    pub(super) fn called(name: &str) -> Self {
        match name {
            "all" => Self::All,
            // Ids end in a number, names in a letter.
            id if id.ends_with(|c: char| c.is_ascii_digit()) => {
                Self::One { id: Some(id.to_owned()), name: None }
            }
            name => Self::One { id: None, name: Some(name.to_owned()) },
        }
    }

    /// Whether they are the same; `None` if that is not known.
    pub(super) fn is(&self, other: &Self) -> Option<bool> {
        let (Self::One { id, name }, Self::One { id: other_id, name: other_name }) = (self, other) else {
            return Some(true);
        };
        match ((id, other_id), (name, other_name)) {
            ((Some(this), Some(that)), _) | (_, (Some(this), Some(that))) => Some(this == that),
            _ => None,
        }
    }
}

/// An address that a balancer sends to.
#[derive(Debug)]
pub(super) struct Target<'i> {
    pub(super) address: IpAddr,
    pub(super) port: u16,
    pub(super) zone: Zone,
    /// The interface that has the address, if the snapshot tells.
    pub(super) interface: Option<&'i Entry<NetworkInterface>>,
    /// Why it is not sure that it is sent to.
    pub(super) doubt: Option<String>,
    pub(super) origin: Option<Origin>,
}

/// The targets of a group.
#[derive(Debug, Default)]
pub(super) struct Targets<'i> {
    pub(super) known: Vec<Target<'i>>,
    /// Why it is not known where else packets go.
    pub(super) missing: Vec<String>,
    /// Why packets go nowhere else.
    pub(super) nowhere: Vec<String>,
}

impl<'i> Targets<'i> {
    /// The targets of a group.
    pub(super) fn of(group: &'i Entry<TargetGroup>, inventory: &'i Inventory) -> Self {
        let mut found = Self::default();
        let arn = group.value.target_group_arn();
        let kind = match group.value.target_type(inventory) {
            Ok(kind) => kind,
            Err(other) => {
                found.missing.push(format!("targets of type `{other}` are not modelled"));
                return found;
            }
        };
        let Some(registered) = inventory.balancing.targets(arn) else {
            found.missing.push(format!("the targets of `{arn}` are not in the snapshot"));
            return found;
        };
        if !registered.whole {
            found.missing.push(format!("the targets of `{arn}` are not fully in the snapshot"));
        }
        for (described, origin) in &registered.targets {
            let first = found.known.len();
            found.add(kind, &described.target, group, inventory);
            for target in found.known.iter_mut().skip(first) {
                target.origin = Some(origin.clone());
                doubt(target, described);
            }
        }
        found
    }

    fn add(
        &mut self,
        kind: TargetType,
        written: &WrittenTarget,
        group: &'i Entry<TargetGroup>,
        inventory: &'i Inventory,
    ) {
        let port = written.port.or_else(|| group.value.port());
        let zone = written.availability_zone.as_deref().map(Zone::called);
        let id = &written.id;
        match (kind, port) {
            (TargetType::Function, _) => {
                self.nowhere.push(format!("`{id}` has no address: requests to it leave the network"));
            }
            (_, None) => self.missing.push(format!("the port of target `{id}` is not in the snapshot")),
            (TargetType::Instance, Some(port)) => {
                self.add_instance(
                    &Id::new(id.as_str()),
                    port,
                    group.value.is_ipv6(),
                    &group.place,
                    inventory,
                );
            }
            (TargetType::LoadBalancer, Some(port)) => {
                let Some(balancer) = inventory.get(&Id::<LoadBalancer>::new(id.as_str()), &group.place)
                else {
                    self.missing.push(format!("`{id}` is not in the snapshot"));
                    return;
                };
                let interfaces: Vec<_> = load_balancer::interfaces(balancer, inventory).collect();
                if interfaces.is_empty() {
                    self.missing.push(format!("the network interfaces of `{id}` are not in the snapshot"));
                }
                for interface in interfaces {
                    self.add_interface(interface, port, group.value.is_ipv6(), inventory);
                }
            }
            (TargetType::Address, Some(port)) => match id.parse::<IpAddr>() {
                Ok(address) => self.add_address(address, port, zone, group, inventory),
                Err(_) => self.missing.push(format!("target `{id}` is not an address")),
            },
        }
    }

    /// The primary address of the primary interface of an instance.
    pub(super) fn add_instance(
        &mut self,
        id: &Id<Instance>,
        port: u16,
        ipv6: bool,
        place: &Place,
        inventory: &'i Inventory,
    ) {
        let table = inventory.table::<NetworkInterface>();
        let all: Vec<_> = table.associated(&format!("instance:{id}"), place).collect();
        let primary: Vec<_> = all.iter().filter(|it| it.value.device_index() == Some(0)).copied().collect();
        let sure = primary.len() == 1 || all.len() == 1;
        let first = self.known.len();
        for interface in if primary.is_empty() { all } else { primary } {
            self.add_interface(interface, port, ipv6, inventory);
        }
        for target in self.known.iter_mut().skip(first).filter(|_| !sure) {
            target.doubt =
                Some(format!("which interface of `{id}` is the primary one is not in the snapshot"));
        }
        if self.known.len() == first {
            let note = format!("the network interfaces of `{id}` are not in the snapshot");
            if table.complete(place) {
                self.nowhere.push(format!("`{id}` has no network interface"));
            } else {
                self.missing.push(note);
            }
        }
    }

    fn add_interface(
        &mut self,
        interface: &'i Entry<NetworkInterface>,
        port: u16,
        ipv6: bool,
        inventory: &'i Inventory,
    ) {
        let subnet = network_interface::subnet_of(interface, inventory);
        let Some(address) = interface.value.primary_address(ipv6) else { return };
        self.known.push(Target {
            address,
            port,
            zone: Zone::of(subnet),
            interface: Some(interface),
            doubt: None,
            origin: None,
        });
    }

    fn add_address(
        &mut self,
        address: IpAddr,
        port: u16,
        zone: Option<Zone>,
        group: &'i Entry<TargetGroup>,
        inventory: &'i Inventory,
    ) {
        let table = inventory.table::<NetworkInterface>();
        let having: Vec<_> = table.associated(&format!("address:{address}"), &group.place).collect();
        let vpc = group.value.vpc().map(|vpc| inventory.key_of(vpc, &group.place));
        let inside = |interface: &&Entry<NetworkInterface>| {
            let own = network_interface::vpc_of(interface, inventory).map(|vpc| &vpc.key);
            vpc.is_some() && own == vpc.as_ref()
        };
        let one = having.iter().copied().find(|it| inside(it));
        let interface = one.or_else(|| having.first().copied().filter(|_| having.len() == 1));
        let subnet = interface.and_then(|it| network_interface::subnet_of(it, inventory));
        self.known.push(Target {
            address,
            port,
            zone: zone.unwrap_or_else(|| Zone::of(subnet)),
            interface,
            doubt: None,
            origin: None,
        });
    }
}

fn doubt(target: &mut Target<'_>, described: &TargetDescription) {
    if described.is_draining() {
        target.doubt = Some(format!("target `{}` is being deregistered", described.target.id));
    }
}
