//! Feet of a VPC attachment: the subnets in which it stands, one for each zone, and which of them packets use.
//!
//! `entering@subnet` holds what the VPC sends to the attachment, before the subnet's filter, `entered@subnet` what is past
//! it, `arrived@zone` what all feet in a zone have taken. `left@subnet` is what goes on into the VPC from a foot, as from
//! any sender in the subnet. The ports of a foot belong to its network interface, where the snapshot tells it.
//!
//! SOURCE: transit gateway guide, "Availability Zones" (traffic keeps to the zone it came from where that is possible;
//! in appliance mode one interface is chosen for the life of a flow) and "Network ACLs for transit gateways";
//! Reachability Analyzer guide, `TGW_ATTACH_VPC_AZ_RESTRICTION` (checked 2026-11-26).
//! GAP: which zone appliance mode chooses for a flow: each is taken to be possible. A reply to a packet that did not
//! cross the attachment may take any of them, or not.
use std::{collections::BTreeSet, sync::Arc};

use graph::{Cause, Direction, Disposition, Flow, GraphBuilder, Port, ResourceKey, Rule, Transfer};
use headerspace::{Family, Match};

use super::{
    OUT, network_acl,
    network_interface::NetworkInterface,
    structure,
    subnet::Subnet,
    transit_gateway_answers::Zones,
    transit_gateway_association::remembering,
    transit_gateway_attachment::{Kind, TransitGatewayAttachment},
    transit_gateway_vpc_attachment::TransitGatewayVpcAttachment,
};
use crate::{Entry, Id, Inventory};

/// A subnet in which an attachment stands.
pub(super) struct Foot<'i> {
    pub(super) id: &'i Id<Subnet>,
    pub(super) subnet: Option<&'i Entry<Subnet>>,
    pub(super) interface: Option<&'i Entry<NetworkInterface>>,
}

impl Foot<'_> {
    fn zone(&self) -> &str {
        self.subnet.map_or("", |subnet| subnet.value.zone())
    }
}

impl TransitGatewayAttachment {
    pub(crate) fn vpc_details<'i>(
        &self,
        here: &Entry<Self>,
        inventory: &'i Inventory,
    ) -> Option<&'i Entry<TransitGatewayVpcAttachment>> {
        inventory.get(&Id::new(self.transit_gateway_attachment_id.as_str()), &here.place)
    }

    /// Where a VPC attachment stands; `None` if the snapshot does not tell.
    pub(super) fn feet<'i>(&self, here: &Entry<Self>, inventory: &'i Inventory) -> Option<Vec<Foot<'i>>> {
        let details = self.vpc_details(here, inventory).filter(|it| !it.value.subnet_ids.is_empty())?;
        let mut ids: Vec<&Id<Subnet>> = details.value.subnet_ids.iter().collect();
        ids.sort();
        ids.dedup();
        let foot = |id| {
            let subnet: Option<&Entry<Subnet>> = inventory.get(id, &details.place);
            let mut inside = subnet
                .into_iter()
                .flat_map(|subnet| inventory.naming::<NetworkInterface, Subnet>("subnet", subnet));
            let mine = self.transit_gateway_attachment_id.as_str();
            Foot { id, subnet, interface: inside.find(|it| it.value.is_of_attachment(mine)) }
        };
        Some(ids.into_iter().map(foot).collect())
    }

    /// The known subnets in which a VPC attachment that may carry packets stands.
    pub(super) fn subnets<'i>(&self, here: &Entry<Self>, inventory: &'i Inventory) -> Vec<&'i Entry<Subnet>> {
        if self.kind() != Kind::Vpc || self.idle().is_some() {
            return Vec::new();
        }
        self.feet(here, inventory).into_iter().flatten().filter_map(|foot| foot.subnet).collect()
    }

    /// Where packets that the VPC sends stand before the filter of the attachment's subnet.
    pub(super) fn entering(&self, here: &Entry<Self>, subnet: &Id<Subnet>) -> Port {
        self.port(&here.key, "entering", subnet.as_str())
    }

    /// The zones of its feet; the empty one stands for those that are not known.
    pub(super) fn zones(feet: &[Foot<'_>]) -> BTreeSet<String> {
        feet.iter().map(|foot| foot.zone().to_owned()).collect()
    }

    /// Whether nothing tells that it does not carry IPv6.
    pub(super) fn may_carry_ipv6(&self, here: &Entry<Self>, inventory: &Inventory) -> bool {
        self.vpc_details(here, inventory).and_then(|details| details.value.ipv6()) != Some(false)
    }

    /// Packets that a VPC attachment carries for sure, refuses, and those of which the snapshot does not tell.
    fn families(&self, here: &Entry<Self>, inventory: &Inventory) -> (Match, Option<Match>, Option<Match>) {
        let (v4, v6) = (Match::family(Family::V4), Match::family(Family::V6));
        match self.vpc_details(here, inventory).and_then(|details| details.value.ipv6()) {
            Some(true) => (Match::All, None, None),
            Some(false) => (v4, Some(v6), None),
            None => (v4, None, Some(v6)),
        }
    }

    pub(super) fn connect_vpc(
        &self,
        here: &Entry<Self>,
        gateway: &ResourceKey,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let id = &self.transit_gateway_attachment_id;
        let carries = Cause::new(&here.key, Rule::Carries).at(here.at(""));
        let Some(feet) = self.feet(here, inventory) else {
            let cause = Arc::new(carries.noting(format!("the subnets of `{id}` are not in the snapshot")));
            for zone in inventory.transit.origins(gateway) {
                let from = self.leaving(&here.key, zone);
                graph.connect(&from, Disposition::InsufficientInfo, Transfer::all(), &cause);
            }
            return;
        };
        let (carried, refused, unknown) = self.families(here, inventory);
        for zone in Self::zones(&feet) {
            let arrived = self.port(&here.key, "arrived", &zone);
            self.connect_routing(here, &arrived, &zone, carried.clone(), inventory, graph);
            if let Some(packets) = &refused {
                let cause = Arc::new(carries.clone().noting(format!("`{id}` does not carry IPv6")));
                graph.connect(&arrived, Disposition::Denied, Transfer::only(packets.clone()), &cause);
            }
            if let Some(packets) = &unknown {
                let note = format!("whether `{id}` carries IPv6 is not in the snapshot");
                let cause = Arc::new(carries.clone().noting(note));
                graph.connect(
                    &arrived,
                    Disposition::InsufficientInfo,
                    Transfer::only(packets.clone()),
                    &cause,
                );
            }
        }
        for foot in &feet {
            let Some(subnet) = foot.subnet else { continue };
            let port = |name: &str| self.port(&here.key, name, foot.id.as_str());
            let (entered, left) = (port("entered"), port("left"));
            network_acl::filter(
                inventory,
                subnet,
                Direction::Ingress,
                [&self.entering(here, foot.id), &entered],
                graph,
            );
            let cause = foot.interface.map_or_else(
                || structure(here),
                |interface| Arc::new(Cause::new(&interface.key, Rule::Carries).at(interface.at(""))),
            );
            let arrived = self.port(&here.key, "arrived", foot.zone());
            graph.connect(&entered, &arrived, Transfer::all(), &cause);
            graph.connect(&left, &Port::new(&subnet.key, OUT), Transfer::all(), &cause);
        }
        for zone in inventory.transit.origins(gateway) {
            self.connect_feet(here, (gateway, zone), &feet, &carried, inventory, graph);
            let leaving = self.leaving(&here.key, zone);
            if let Some(packets) = &refused {
                let cause = Arc::new(carries.clone().noting(format!("`{id}` does not carry IPv6")));
                graph.connect(&leaving, Disposition::Denied, Transfer::only(packets.clone()), &cause);
            }
            if let Some(packets) = &unknown {
                let note = format!("whether `{id}` carries IPv6 is not in the snapshot");
                let cause = Arc::new(carries.clone().noting(note));
                graph.connect(
                    &leaving,
                    Disposition::InsufficientInfo,
                    Transfer::only(packets.clone()),
                    &cause,
                );
            }
        }
    }

    /// Hands what came from `zone` to one of the feet.
    fn connect_feet(
        &self,
        here: &Entry<Self>,
        (gateway, zone): (&ResourceKey, &str),
        feet: &[Foot<'_>],
        carried: &Match,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let id = &self.transit_gateway_attachment_id;
        let leaving = self.leaving(&here.key, zone);
        let carries = Cause::new(&here.key, Rule::Carries).at(here.at(""));
        let appliance =
            self.vpc_details(here, inventory).is_some_and(|details| details.value.appliance_mode());
        let comparable = inventory.transit.zones(gateway).is_none_or(Zones::comparable);
        let same: Vec<&Foot<'_>> =
            feet.iter().filter(|foot| !zone.is_empty() && comparable && foot.zone() == zone).collect();
        let told = zone.is_empty() || (comparable && feet.iter().all(|foot| !foot.zone().is_empty()));
        let (chosen, certain) = if appliance || same.is_empty() {
            (feet.iter().collect(), appliance || told || feet.len() == 1)
        } else {
            (same, true)
        };
        let mut cause = carries.clone();
        if !certain {
            cause.note = Some(format!("the zones of the subnets of `{id}` are not fully in the snapshot"));
        }
        let cause = Arc::new(cause);
        let single = chosen.len() == 1;
        for foot in chosen {
            let transfer = Transfer { certain, ..Transfer::only(carried.clone()) };
            if foot.subnet.is_none() {
                let cause = Arc::new(carries.clone().noting(format!("`{}` is not in the snapshot", foot.id)));
                graph.connect(&leaving, Disposition::InsufficientInfo, transfer, &cause);
                continue;
            }
            let port = |name: &str| self.port(&here.key, name, foot.id.as_str());
            let left = port("left");
            let keeps = appliance && !single;
            for mut transfer in remembering(&transfer, self.remembers(here, inventory)) {
                match transfer.flow {
                    Flow::Reply if keeps => continue,
                    Flow::Any if keeps => transfer.flow = Flow::Opening,
                    Flow::Any | Flow::Opening | Flow::Reply => {}
                }
                graph.connect(&leaving, &left, transfer, &cause);
            }
            if !keeps {
                continue;
            }
            // Replies take the foot that their conversation took, in either direction.
            for way in [left.clone(), port("entered")] {
                graph.connect(&leaving, &left, transfer.clone().restoring(way), &cause);
            }
            // Of a conversation that began on a way around this attachment, nobody knows.
            let note = format!(
                "the zone of `{id}` that replies take to a packet that came another way is not known"
            );
            let around = Arc::new(carries.clone().noting(note));
            graph.connect(&leaving, &left, transfer.for_flow(Flow::Reply).uncertain(), &around);
        }
    }
}
