//! Facts that questions need beside the graph: who has which address, what prefix lists hold.

use std::{collections::BTreeMap, net::IpAddr};

use graph::ResourceKey;
use ipnet::IpNet;

use crate::{
    Entry, Inventory,
    resource::{NatGateway, NetworkInterface, TransitGatewayAttachment},
};

impl Inventory {
    /// Single addresses of interfaces and NAT gateways with their public IPv4 addresses, if any, sorted by resource.
    pub fn addresses(&self) -> Vec<(ResourceKey, IpAddr, Option<IpAddr>)> {
        let mut all = Vec::new();
        for interface in self.table::<NetworkInterface>().iter() {
            let public = interface.value.public_addresses();
            let single = interface.value.addresses().filter(|net| net.prefix_len() == net.max_prefix_len());
            all.extend(single.map(|net| {
                let outer = match net.addr() {
                    IpAddr::V4(address) => public.get(&address).map(|(outer, _)| IpAddr::V4(*outer)),
                    IpAddr::V6(_) => None,
                };
                (interface.key.clone(), net.addr(), outer)
            }));
        }
        for gateway in self.table::<NatGateway>().iter() {
            let addresses = gateway.value.addresses();
            all.extend(
                addresses.map(|(inner, outer)| (gateway.key.clone(), inner.into(), outer.map(IpAddr::V4))),
            );
        }
        all
    }

    /// Zones of interfaces, by resource: the id, which means the same in all accounts, or else the name.
    pub fn zones_of_interfaces(&self) -> BTreeMap<ResourceKey, String> {
        let zone = |interface: &Entry<NetworkInterface>| {
            let subnet = crate::resource::subnet_of(interface, self)?;
            Some(subnet.value.zone().to_owned()).filter(|zone| !zone.is_empty())
        };
        let interfaces = self.table::<NetworkInterface>().iter();
        interfaces.filter_map(|interface| Some((interface.key.clone(), zone(interface)?))).collect()
    }

    /// Addresses of interfaces, by resource: their own, and the public ones behind which they appear.
    pub fn addresses_of_interfaces(&self) -> BTreeMap<ResourceKey, (Vec<IpNet>, Vec<IpAddr>)> {
        let addresses = |interface: &NetworkInterface| {
            let public = interface.public_addresses().into_values().map(|(public, _)| IpAddr::V4(public));
            (interface.addresses().collect(), public.collect())
        };
        let interfaces = self.table::<NetworkInterface>().iter();
        interfaces.map(|interface| (interface.key.clone(), addresses(&interface.value))).collect()
    }

    /// Attachments of VPCs to transit gateways of which the snapshot tells that appliance mode is off, with their VPCs.
    pub fn without_appliance_mode(&self) -> BTreeMap<ResourceKey, ResourceKey> {
        let told = self.table::<TransitGatewayAttachment>().iter().filter_map(|attachment| {
            let details = attachment.value.vpc_details(attachment, self)?;
            let vpc = details.value.vpc_id.as_ref()?;
            let off = details.value.is_without_appliance_mode();
            off.then(|| (attachment.key.clone(), self.key_of(vpc, &details.place)))
        });
        told.collect()
    }

    /// Prefixes delegated to interfaces, sorted by interface.
    pub fn prefixes_of_interfaces(&self) -> Vec<(ResourceKey, IpNet)> {
        let interfaces = self.table::<NetworkInterface>().iter();
        let delegated = interfaces.flat_map(|interface| {
            let nets = interface.value.addresses().filter(|net| net.prefix_len() < net.max_prefix_len());
            nets.map(|net| (interface.key.clone(), net)).collect::<Vec<_>>()
        });
        delegated.collect()
    }

    /// Entries of the prefix lists that are known, by id.
    pub fn prefix_lists(&self) -> BTreeMap<String, Vec<IpNet>> {
        crate::resource::prefix_lists(self)
    }
}
