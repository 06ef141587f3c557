//! Attachment of a transit gateway: where packets enter it, and where it hands them on.
//!
//! An attachment of a VPC stands with a foot in one subnet of each zone. `entering@subnet` holds what the VPC sends to
//! it, before the subnet's filter; `arrived@zone` what has come in from that zone and meets the associated route table;
//! `leaving@zone` what a route table has given it of packets that came from that zone, and `left@subnet` what goes on
//! from that foot as from any sender in the subnet. Packets keep to their zone where that is possible; in appliance
//! mode any zone may be theirs, and replies use that of their conversation. Other kinds are borders: `outside` and
//! `arriving` are their two directions; peering goes on at the other side's `arriving` if that is in the snapshot.
//!
//! SOURCE: transit gateway guide, "How transit gateways work" (route tables, association), "Availability Zones"
//! (same zone as the sender's, appliance mode), "Peering attachments", "Connect attachments"; EC2 API reference,
//! `TransitGatewayAttachment` and its states; Site-to-Site VPN user guide, "IPv4 and IPv6 traffic" (one of them in a
//! tunnel); Reachability Analyzer guide, `TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION`, `TGW_ATTACH_VPC_AZ_RESTRICTION`
//! (checked 2026-11-26).
//! GAP: what the appliance behind a Connect attachment does, and network functions, client VPNs and VPN concentrators,
//! are unknown.
//! GAP: which prefixes a site announces restricts nothing on the way in; replies that a site sends back by another
//! attachment than they came by are not followed.
use std::{collections::BTreeSet, sync::Arc};

use graph::{
    Cause, Choice, Direction, Disposition, End, Flow, GraphBuilder, Port, ResourceKey, Rule, Transfer, World,
};
use headerspace::{Family, Field, Match, Ranges, Rewrite};
use serde::Deserialize;

use super::{
    OUT, OUTSIDE, Resource, Tags, describe, direct_connect_gateway,
    direct_connect_gateway::DirectConnectGateway,
    network_acl,
    network_interface::NetworkInterface,
    optional, structure,
    subnet::Subnet,
    transit_gateway::TransitGateway,
    transit_gateway_connect::TransitGatewayConnect,
    transit_gateway_peering_attachment::TransitGatewayPeeringAttachment,
    transit_gateway_policy_table::TransitGatewayPolicyTable,
    transit_gateway_route_table::{TransitGatewayRouteTable, lookup},
    transit_gateway_vpc_attachment::TransitGatewayVpcAttachment,
    vpc::Vpc,
    vpn_connection::VpnConnection,
};
use crate::{
    Entry, Id, Inventory, Place,
    inventory::{Reading, Records},
};

const ARRIVING: &str = super::ARRIVING;

/// An attachment, as `describe-transit-gateway-attachments` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TransitGatewayAttachment {
    transit_gateway_attachment_id: Id<TransitGatewayAttachment>,
    transit_gateway_id: Id<TransitGateway>,
    #[serde(default, deserialize_with = "optional")]
    transit_gateway_owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    resource_owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    resource_type: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    resource_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
    association: Option<Association>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Association {
    #[serde(default, deserialize_with = "optional")]
    transit_gateway_route_table_id: Option<Id<TransitGatewayRouteTable>>,
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
}

/// What is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Vpc,
    Vpn,
    DirectConnect,
    Connect,
    Peering,
    Other,
}

impl Kind {
    /// The kind that a route or an attachment names.
    pub(super) fn named(name: Option<&str>) -> Self {
        match name {
            Some("vpc") => Self::Vpc,
            Some("vpn") => Self::Vpn,
            Some("direct-connect-gateway") => Self::DirectConnect,
            Some("connect") => Self::Connect,
            Some("peering" | "tgw-peering") => Self::Peering,
            _ => Self::Other,
        }
    }
}

/// Whether an attachment carries packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition<'a> {
    Carries,
    /// Not yet, or perhaps no longer.
    Idle(Disposition, &'a str),
    /// A memory.
    Gone(&'a str),
}

/// A subnet in which an attachment stands.
pub(super) struct Foot<'i> {
    pub(super) id: &'i Id<Subnet>,
    pub(super) subnet: Option<&'i Entry<Subnet>>,
    interface: Option<&'i Entry<NetworkInterface>>,
}

impl Foot<'_> {
    fn zone(&self) -> &str {
        self.subnet.map_or("", |subnet| subnet.value.zone())
    }
}

/// What routes the packets that come from an attachment.
enum Routing {
    RouteTable(ResourceKey),
    PolicyTable(ResourceKey),
    None(String),
    Unknown(String),
}

impl TransitGatewayAttachment {
    pub(super) fn kind(&self) -> Kind {
        Kind::named(self.resource_type.as_deref())
    }

    /// SOURCE: EC2 API reference, `TransitGatewayAttachment.State`; one that is being deleted may still carry packets
    /// (checked 2026-11-26).
    pub(super) fn condition(&self) -> Condition<'_> {
        match self.state.as_deref() {
            None | Some("available" | "modifying") => Condition::Carries,
            Some(state @ ("deleted" | "failed" | "failing" | "rejected" | "rejecting")) => {
                Condition::Gone(state)
            }
            Some(state @ ("deleting" | "rollingBack")) => {
                Condition::Idle(Disposition::InsufficientInfo, state)
            }
            Some(state) => Condition::Idle(Disposition::Blackhole, state),
        }
    }

    /// What becomes of packets for it, and why, if it does not carry them for sure.
    pub(super) fn idle(&self) -> Option<(Disposition, String)> {
        let note = |state: &str| format!("`{}` is {state}", self.transit_gateway_attachment_id);
        match self.condition() {
            Condition::Carries => None,
            Condition::Idle(disposition, state) => Some((disposition, note(state))),
            Condition::Gone(state) => Some((Disposition::Blackhole, note(state))),
        }
    }

    /// Whether security groups of other VPCs know senders whose packets pass here; `None` if the snapshot does not
    /// tell.
    ///
    /// SOURCE: transit gateway guide, "Security group referencing": to be enabled for the transit gateway and for the
    /// attachments of both VPCs; not over peering (checked 2026-11-26).
    fn remembers(&self, here: &Entry<Self>, inventory: &Inventory) -> Option<bool> {
        let details = self.vpc_details(here, inventory);
        if self.kind() != Kind::Vpc || details.is_some_and(|it| !it.value.group_references()) {
            return Some(false);
        }
        let gateway = inventory.get(&self.transit_gateway_id, &here.place);
        gateway.filter(|gateway| !gateway.is_concluded()).map(|gateway| gateway.value.group_references())
    }

    /// What is attached, by id and by kind as exported.
    pub(super) fn attached(&self) -> (&str, &str) {
        (self.resource_id.as_deref().unwrap_or_default(), self.resource_type.as_deref().unwrap_or_default())
    }

    /// The key of its transit gateway.
    pub(super) fn gateway(&self, from: &Place, inventory: &Inventory) -> ResourceKey {
        inventory.key_of(&self.transit_gateway_id, from)
    }

    /// The id of its transit gateway.
    pub(super) fn gateway_id(&self) -> &Id<TransitGateway> {
        &self.transit_gateway_id
    }

    fn vpc_details<'i>(
        &self,
        here: &Entry<Self>,
        inventory: &'i Inventory,
    ) -> Option<&'i Entry<TransitGatewayVpcAttachment>> {
        inventory.get(&Id::new(self.transit_gateway_attachment_id.as_str()), &here.place)
    }

    fn vpc<'i>(&self, here: &Entry<Self>, inventory: &'i Inventory) -> Option<&'i Entry<Vpc>> {
        inventory.get(&Id::new(self.resource_id.as_deref()?), &here.place)
    }

    /// The VPC's address blocks, if the snapshot tells them.
    pub(super) fn vpc_blocks(&self, here: &Entry<Self>, inventory: &Inventory) -> Option<Vec<ipnet::IpNet>> {
        self.vpc(here, inventory).filter(|vpc| !vpc.is_concluded()).map(|vpc| vpc.value.cidrs())
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

    /// A port of this side of the attachment.
    fn port(&self, key: &ResourceKey, name: &str, of: &str) -> Port {
        let side = self.part();
        let at = |text: &str| if text.is_empty() { String::new() } else { format!("@{text}") };
        Port::new(key, format!("{name}{}{}", at(of), at(side)))
    }

    /// Where packets that the VPC sends stand before the filter of the attachment's subnet.
    pub(super) fn entering(&self, here: &Entry<Self>, subnet: &Id<Subnet>) -> Port {
        self.port(&here.key, "entering", subnet.as_str())
    }

    /// Where packets stand that came to the transit gateway from `zone` and go out here.
    pub(super) fn leaving(&self, key: &ResourceKey, zone: &str) -> Port {
        self.port(key, "leaving", zone)
    }

    /// The zones of its feet; the empty one stands for those that are not known.
    fn zones(feet: &[Foot<'_>]) -> BTreeSet<String> {
        feet.iter().map(|foot| foot.zone().to_owned()).collect()
    }

    /// Whether the networks beyond it are all in the snapshot: other attachments of the transit gateway, in case of a
    /// VPC.
    fn is_inner(&self, here: &Entry<Self>, inventory: &Inventory) -> bool {
        match self.kind() {
            Kind::Vpc => inventory.get(&self.transit_gateway_id, &here.place).is_some_and(|gateway| {
                inventory.table::<Self>().complete(&gateway.place) && !gateway.is_concluded()
            }),
            Kind::Peering => self.other_side(here, inventory).is_some(),
            Kind::Vpn | Kind::DirectConnect | Kind::Connect | Kind::Other => false,
        }
    }

    /// The other side of a peering attachment.
    fn other_side<'i>(&self, here: &Entry<Self>, inventory: &'i Inventory) -> Option<&'i Entry<Self>> {
        let (other, ..) = self.other_gateway(here, inventory);
        let sides = inventory.table::<Self>().everywhere(self.transit_gateway_attachment_id.as_str());
        let mut others = sides.filter(|side| {
            let same = side.key == here.key && side.value.part() == self.part();
            !same
                && side.value.kind() == Kind::Peering
                && side.value.idle().is_none()
                && other.as_ref().is_none_or(|other| *other == side.value.transit_gateway_id)
        });
        others.next().filter(|_| others.next().is_none())
    }

    /// The transit gateway on the other side of a peering attachment, with its account and Region where known.
    fn other_gateway(
        &self,
        here: &Entry<Self>,
        inventory: &Inventory,
    ) -> (Option<Id<TransitGateway>>, Option<String>, Option<String>) {
        let id = Id::<TransitGatewayPeeringAttachment>::new(self.transit_gateway_attachment_id.as_str());
        let details = inventory.get(&id, &here.place);
        let mut sides = details.into_iter().flat_map(|details| details.value.sides());
        let other = sides.find(|(own, _)| own.transit_gateway_id.as_ref() == Some(&self.transit_gateway_id));
        let other = other.map(|(_, other)| other);
        let named = self.resource_id.clone().map(Id::new);
        (
            other.and_then(|other| other.transit_gateway_id.clone()).or(named),
            other.and_then(|other| other.owner_id.clone()).or_else(|| self.resource_owner_id.clone()),
            other.and_then(|other| other.region.clone()),
        )
    }

    /// What it is in and belongs to.
    fn within(&self, here: &Entry<Self>, inventory: &Inventory) -> Vec<ResourceKey> {
        let mut within = Vec::new();
        if self.kind() == Kind::Vpc {
            within.extend(
                self.resource_id.clone().map(|id| inventory.key_of(&Id::<Vpc>::new(id), &here.place)),
            );
        }
        within.push(self.gateway(&here.place, inventory));
        match (self.kind(), &self.resource_id) {
            (Kind::Vpn, Some(id)) => {
                if let Some(connection) = inventory.get(&Id::<VpnConnection>::new(id.as_str()), &here.place) {
                    within.push(connection.key.clone());
                    within.extend(connection.value.customer_gateway(connection, inventory));
                }
            }
            (Kind::DirectConnect, Some(id)) => {
                let gateway = inventory.get(&Id::<DirectConnectGateway>::new(id.as_str()), &here.place);
                within.extend(
                    gateway.into_iter().flat_map(|it| direct_connect_gateway::with_interfaces(it, inventory)),
                );
            }
            _ => {}
        }
        within
    }

    /// What routes the packets that come from it, and where that is written.
    fn routing(&self, here: &Entry<Self>, inventory: &Inventory) -> Routing {
        let id = &self.transit_gateway_attachment_id;
        let gateway = self.gateway(&here.place, inventory);
        let own = self.association.as_ref().filter(|it| it.state.as_deref() != Some("disassociated"));
        if let Some(association) = own {
            let state = association.state.as_deref().unwrap_or("associated");
            if let Some(table) = &association.transit_gateway_route_table_id {
                if state == "associated" {
                    return Routing::RouteTable(inventory.key_of(table, &here.place));
                }
                return Routing::Unknown(format!("the association of `{id}` with `{table}` is {state}"));
            }
        }
        for (policy, table) in inventory.transit.associated(id.as_str()) {
            if policy {
                let table = Id::<TransitGatewayPolicyTable>::new(table);
                let known = inventory.get(&table, &here.place);
                if known.is_none_or(|it| it.value.gateway(&it.place, inventory) == gateway) {
                    return Routing::PolicyTable(inventory.key_of(&table, &here.place));
                }
            } else {
                let table = Id::<TransitGatewayRouteTable>::new(table);
                // A peering attachment has an association on each side.
                let known = inventory.get(&table, &here.place);
                if known.is_none_or(|it| it.value.gateway(&it.place, inventory).as_ref() == Some(&gateway)) {
                    return Routing::RouteTable(inventory.key_of(&table, &here.place));
                }
            }
        }
        if self.kind() == Kind::Peering && !policies_are_told(here, inventory) {
            return Routing::Unknown(format!(
                "whether a policy table routes for `{id}` is not in the snapshot"
            ));
        }
        // What the owner of the transit gateway was told of its attachments includes their associations.
        if (here.is_owners() && !here.is_concluded()) || associations_are_told(here, &gateway, inventory) {
            return Routing::None(format!("`{id}` is not associated with a route table"));
        }
        Routing::Unknown(format!("the route table association of `{id}` is not in the snapshot"))
    }
}

/// The same packets where a sender is remembered, or forgotten; both where that is not known.
fn remembering(packets: &Transfer, remembers: Option<bool>) -> Vec<Transfer> {
    let forgetting = Rewrite::identity().assign(Field::Identity, Ranges::single(1));
    let opening = packets.clone().for_flow(Flow::Opening);
    let forgotten = [opening.clone().rewriting(forgetting), packets.clone().for_flow(Flow::Reply)];
    match remembers {
        Some(true) => vec![packets.clone()],
        Some(false) => forgotten.into(),
        None => forgotten.into_iter().chain([opening.uncertain()]).collect(),
    }
}

/// Whether an association with a policy table that is not here does not exist.
fn policies_are_told(here: &Entry<TransitGatewayAttachment>, inventory: &Inventory) -> bool {
    let tables = inventory.table::<TransitGatewayPolicyTable>();
    let mut mine = tables.iter().filter(|it| it.place.same_region(&here.place));
    // Nobody has to export tables of a kind that hardly anybody has, if nothing speaks of any.
    tables.is_empty()
        || (tables.complete(&here.place)
            && mine.all(|it| {
                let id = it.value.id().as_str();
                inventory.transit.policy_associations(id, &it.place).is_some_and(|known| known.whole)
            }))
}

/// Whether an association with a route table that is not here does not exist.
fn associations_are_told(
    here: &Entry<TransitGatewayAttachment>,
    gateway: &ResourceKey,
    inventory: &Inventory,
) -> bool {
    let tables = inventory.table::<TransitGatewayRouteTable>();
    let place = inventory.get(here.value.gateway_id(), &here.place).map_or(&here.place, |it| &it.place);
    let mut mine =
        tables.iter().filter(|it| it.value.gateway(&it.place, inventory).as_ref() == Some(gateway));
    tables.complete(place)
        && mine.all(|it| inventory.transit.associations(it).is_some_and(|known| known.whole))
}

impl Resource for TransitGatewayAttachment {
    const TYPE: &'static str = "AWS::EC2::TransitGatewayAttachment";
    const LIST: &'static str = "TransitGatewayAttachments";

    fn id(&self) -> &Id<Self> {
        &self.transit_gateway_attachment_id
    }

    /// Both owners see it; it is one resource.
    fn account(&self) -> Option<&str> {
        self.transit_gateway_owner_id.as_deref()
    }

    /// A peering attachment has the same id on both sides, which may be in one account and Region.
    fn part(&self) -> &str {
        if self.kind() == Kind::Peering { self.transit_gateway_id.as_str() } else { "" }
    }

    fn also(reading: &mut Reading<'_>, records: &mut Records<Self>) {
        conclude(reading, records);
    }

    fn associations(&self) -> Vec<String> {
        let gateway = &self.transit_gateway_id;
        let vpc = self.resource_id.as_ref().filter(|_| self.kind() == Kind::Vpc);
        std::iter::once(format!("tgw:{gateway}")).chain(vpc.map(|vpc| format!("{gateway}@{vpc}"))).collect()
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "transit-gateway-attachment", &self.tags);
        resource.within = self.within(here, inventory);
        let key = graph.resource(resource);
        if matches!(self.condition(), Condition::Gone(_)) {
            return;
        }
        for zone in inventory.transit.origins(&self.gateway(&here.place, inventory)) {
            graph.declare(self.leaving(&key, zone), &key, Choice::Any, Disposition::NoRoute);
        }
        let carries = self.idle().is_none();
        let border = !self.is_inner(here, inventory);
        let end = |departs: Port, arrives: Port| End {
            resource: key.clone(),
            departs: Some(departs.clone()).filter(|_| carries),
            arrives: Some(arrives),
            answers: Some(departs),
            border,
            world: World::Own,
        };
        if self.kind() != Kind::Vpc {
            graph.declare_end(end(self.port(&key, ARRIVING, ""), self.port(&key, OUTSIDE, "")));
            return;
        }
        let feet = self.feet(here, inventory).unwrap_or_default();
        let zones = if feet.is_empty() { BTreeSet::from([String::new()]) } else { Self::zones(&feet) };
        for zone in zones {
            graph.declare_end(end(self.leaving(&key, ""), self.port(&key, "arrived", &zone)));
        }
        for foot in feet.iter().filter(|foot| foot.subnet.is_some()) {
            let owner = foot.interface.map_or(&key, |interface| &interface.key);
            graph.declare(self.entering(here, foot.id), &key, Choice::FirstMatch, Disposition::Denied);
            for name in ["entered", "left"] {
                let port = self.port(&key, name, foot.id.as_str());
                graph.declare(port, owner, Choice::Any, Disposition::NoRoute);
            }
        }
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        if matches!(self.condition(), Condition::Gone(_)) {
            return;
        }
        let gateway = self.gateway(&here.place, inventory);
        if let Some((disposition, note)) = self.idle() {
            let cause = Arc::new(Cause::new(&here.key, Rule::Carries).at(here.at("/State")).noting(note));
            for zone in inventory.transit.origins(&gateway) {
                graph.connect(&self.leaving(&here.key, zone), disposition, Transfer::all(), &cause);
            }
        } else if self.kind() == Kind::Vpc {
            self.connect_vpc(here, &gateway, inventory, graph);
        } else {
            self.connect_border(here, &gateway, inventory, graph);
        }
    }
}

impl TransitGatewayAttachment {
    /// Leads what arrives from `zone` to what routes it.
    fn connect_routing(
        &self,
        here: &Entry<Self>,
        from: &Port,
        zone: &str,
        packets: Match,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let cause = Cause::new(&here.key, Rule::Carries).at(here.at("/Association"));
        let transfer = Transfer::only(packets);
        match self.routing(here, inventory) {
            Routing::RouteTable(table) | Routing::PolicyTable(table) => {
                let cause = Arc::new(cause);
                for transfer in remembering(&transfer, self.remembers(here, inventory)) {
                    graph.connect(from, &lookup(&table, zone), transfer, &cause);
                }
            }
            Routing::None(note) => {
                graph.connect(from, Disposition::Denied, transfer, &Arc::new(cause.noting(note)));
            }
            Routing::Unknown(note) => {
                graph.connect(from, Disposition::InsufficientInfo, transfer, &Arc::new(cause.noting(note)));
            }
        }
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

    fn connect_vpc(
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
        let comparable = inventory.transit.zones(gateway).is_none_or(|zones| zones.comparable());
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

    /// Connects what is no VPC: a border, or the other side of a peering.
    fn connect_border(
        &self,
        here: &Entry<Self>,
        gateway: &ResourceKey,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let carries = Cause::new(&here.key, Rule::Carries).at(here.at(""));
        let (outside, arriving) = (self.port(&here.key, OUTSIDE, ""), self.port(&here.key, ARRIVING, ""));
        let packets = self.tunnel(here, inventory);
        for zone in inventory.transit.origins(gateway) {
            let from = self.leaving(&here.key, zone);
            graph.connect(&from, &outside, Transfer::only(packets.clone()), &Arc::new(carries.clone()));
        }
        self.connect_routing(here, &arriving, "", packets, inventory, graph);
        let id = &self.transit_gateway_attachment_id;
        let beyond = match self.kind() {
            Kind::Vpc | Kind::Vpn | Kind::DirectConnect => return,
            Kind::Connect => format!("what the appliance behind `{id}` does is not known"),
            Kind::Other => {
                let kind = self.resource_type.as_deref().unwrap_or("of unknown kind");
                format!("attachments such as `{id}` ({kind}) are not modelled")
            }
            Kind::Peering => match self.other_side(here, inventory) {
                Some(other) => {
                    let far = other.value.port(&other.key, ARRIVING, "");
                    graph.connect(&outside, &far, Transfer::all(), &structure(here));
                    return;
                }
                None => {
                    let (other, account, region) = self.other_gateway(here, inventory);
                    let other =
                        other.map_or_else(|| format!("the other side of `{id}`"), |id| format!("`{id}`"));
                    let account = account.map_or(String::new(), |account| format!(" of account {account}"));
                    let region = region.map_or(String::new(), |region| format!(" in {region}"));
                    format!("{other}{account}{region} is not in the snapshot")
                }
            },
        };
        let cause = Arc::new(carries.noting(beyond));
        graph.connect(&outside, Disposition::InsufficientInfo, Transfer::all(), &cause);
    }

    /// What fits into the tunnels of a VPN connection.
    fn tunnel(&self, here: &Entry<Self>, inventory: &Inventory) -> Match {
        let id = self.resource_id.as_deref().filter(|_| self.kind() == Kind::Vpn);
        let connection = id.and_then(|id| inventory.get(&Id::<VpnConnection>::new(id), &here.place));
        connection.map_or(Match::All, |connection| connection.value.inside())
    }
}

/// Adds attachments of which only the tables of single kinds tell.
fn conclude(reading: &mut Reading<'_>, records: &mut Records<TransitGatewayAttachment>) {
    let known: BTreeSet<String> = records.ids().map(str::to_owned).collect();
    let owners = owners(reading);
    let new = |id: &str, gateway: &Id<TransitGateway>, kind: &str, state: &Option<String>| {
        TransitGatewayAttachment {
            transit_gateway_attachment_id: Id::new(id),
            transit_gateway_id: gateway.clone(),
            transit_gateway_owner_id: owners.get(gateway.as_str()).cloned(),
            resource_owner_id: None,
            resource_type: Some(kind.to_owned()),
            resource_id: None,
            state: state.clone(),
            association: None,
            tags: Tags::default(),
        }
    };
    for glance in reading.glances::<TransitGatewayVpcAttachment>(TransitGatewayVpcAttachment::LIST) {
        let seen = &glance.value;
        let id = seen.id().as_str();
        let Some(gateway) = seen.transit_gateway_id.as_ref().filter(|_| !known.contains(id)) else {
            continue;
        };
        let mut attachment = new(id, gateway, "vpc", &seen.state);
        attachment.resource_id = seen.vpc_id.as_ref().map(|id| id.as_str().to_owned());
        attachment.resource_owner_id.clone_from(&seen.vpc_owner_id);
        let owner = attachment.transit_gateway_owner_id.clone();
        records.conclude(attachment, &glance, "", owner.as_deref(), None);
    }
    for glance in reading.glances::<TransitGatewayConnect>(TransitGatewayConnect::LIST) {
        let seen = &glance.value;
        let id = seen.id().as_str();
        let Some(gateway) = seen.transit_gateway_id.as_ref().filter(|_| !known.contains(id)) else {
            continue;
        };
        let attachment = new(id, gateway, "connect", &seen.state);
        let owner = attachment.transit_gateway_owner_id.clone();
        records.conclude(attachment, &glance, "", owner.as_deref(), None);
    }
    for glance in reading.glances::<TransitGatewayPeeringAttachment>(TransitGatewayPeeringAttachment::LIST) {
        let seen = &glance.value;
        let id = seen.id().as_str();
        for (own, other) in seen.sides().filter(|_| !known.contains(id)) {
            let elsewhere = glance.region().zip(own.region.as_deref()).is_some_and(|(here, own)| here != own);
            let Some(gateway) = own.transit_gateway_id.as_ref().filter(|_| !elsewhere) else { continue };
            let mut attachment = new(id, gateway, "peering", &seen.state);
            attachment.transit_gateway_owner_id.clone_from(&own.owner_id);
            attachment.resource_id = other.transit_gateway_id.as_ref().map(|id| id.as_str().to_owned());
            attachment.resource_owner_id.clone_from(&other.owner_id);
            records.conclude(attachment, &glance, "", own.owner_id.as_deref(), own.region.clone());
        }
    }
}

/// Owners of transit gateways, by id.
fn owners(reading: &Reading<'_>) -> std::collections::BTreeMap<String, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Owned {
        transit_gateway_id: String,
        owner_id: String,
    }
    let gateways = reading.glances::<Owned>(TransitGateway::LIST).into_iter();
    gateways.map(|glance| (glance.value.transit_gateway_id, glance.value.owner_id)).collect()
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    /// Two VPCs with a transit gateway between them; in the first, it stands in one of two zones.
    const TWO: &str = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.1.0.0/16"},{"VpcId":"vpc-2","CidrBlock":"10.2.0.0/16"}],
        "Subnets":[{"SubnetId":"subnet-1a","VpcId":"vpc-1","CidrBlock":"10.1.1.0/24","AvailabilityZoneId":"az1"},{"SubnetId":"subnet-1b","VpcId":"vpc-1","CidrBlock":"10.1.2.0/24","AvailabilityZoneId":"az2"},
            {"SubnetId":"subnet-2a","VpcId":"vpc-2","CidrBlock":"10.2.1.0/24","AvailabilityZoneId":"az1"},{"SubnetId":"subnet-2b","VpcId":"vpc-2","CidrBlock":"10.2.2.0/24","AvailabilityZoneId":"az2"}],
        "NetworkAcls":[{"NetworkAclId":"acl-1","Associations":[{"SubnetId":"subnet-1a"},{"SubnetId":"subnet-1b"},{"SubnetId":"subnet-2a"},{"SubnetId":"subnet-2b"}],
            "Entries":[{"RuleNumber":7,"Egress":false,"Protocol":"-1","RuleAction":"allow","CidrBlock":"0.0.0.0/0"}]}],
        "NetworkInterfaces":[{"NetworkInterfaceId":"eni-2a","SubnetId":"subnet-2a","VpcId":"vpc-2","InterfaceType":"transit_gateway","Description":"Network Interface for Transit Gateway Attachment tgw-attach-2","Status":"in-use","PrivateIpAddress":"10.2.1.9","Groups":[]}],
        "TransitGateways":[{"TransitGatewayId":"tgw-1","OwnerId":"111122223333","Options":{"SecurityGroupReferencingSupport":"enable"}}],
        "TransitGatewayAttachments":[
            {"TransitGatewayAttachmentId":"tgw-attach-1","TransitGatewayId":"tgw-1","ResourceType":"vpc","ResourceId":"vpc-1","State":"available","Association":{"TransitGatewayRouteTableId":"tgw-rtb-1","State":"associated"}},
            {"TransitGatewayAttachmentId":"tgw-attach-2","TransitGatewayId":"tgw-1","ResourceType":"vpc","ResourceId":"vpc-2","State":"available"}],
        "TransitGatewayVpcAttachments":[
            {"TransitGatewayAttachmentId":"tgw-attach-1","TransitGatewayId":"tgw-1","VpcId":"vpc-1","State":"available","SubnetIds":["subnet-1a"],"Options":{"Ipv6Support":"disable"}},
            {"TransitGatewayAttachmentId":"tgw-attach-2","TransitGatewayId":"tgw-1","VpcId":"vpc-2","State":"available","SubnetIds":["subnet-2a","subnet-2b"],"Options":{"Ipv6Support":"enable","ApplianceModeSupport":"disable","SecurityGroupReferencingSupport":"disable"}}]}"#;

    #[test]
    fn packets_keep_to_their_zone_and_pass_the_filter_on_the_way_in_only() {
        insta::assert_snapshot!(among(TWO, "tgw-attach-"), @r"
        tgw-1/routed@vpc-1@az1 -> tgw-attach-1/entering@subnet-1a: any packet
        tgw-1/routed@vpc-2@az1 -> tgw-attach-2/entering@subnet-2a: any packet
        tgw-1/routed@vpc-2@az2 -> tgw-attach-2/entering@subnet-2b: any packet
        tgw-attach-1/arrived@az1 -> denied: ipv6 (`tgw-attach-1` does not carry IPv6)
        tgw-attach-1/arrived@az1 -> tgw-rtb-1/lookup@az1: ipv4
        tgw-attach-1/entered@subnet-1a -> tgw-attach-1/arrived@az1: any packet
        tgw-attach-1/entering@subnet-1a -> tgw-attach-1/entered@subnet-1a: [7] src_ip in 0.0.0.0/0
        tgw-attach-1/leaving -> denied: ipv6 (`tgw-attach-1` does not carry IPv6)
        tgw-attach-1/leaving -> tgw-attach-1/left@subnet-1a: ipv4
        tgw-attach-1/leaving@az1 -> denied: ipv6 (`tgw-attach-1` does not carry IPv6)
        tgw-attach-1/leaving@az1 -> tgw-attach-1/left@subnet-1a: ipv4
        tgw-attach-1/leaving@az2 -> denied: ipv6 (`tgw-attach-1` does not carry IPv6)
        tgw-attach-1/leaving@az2 -> tgw-attach-1/left@subnet-1a: ipv4
        tgw-attach-1/left@subnet-1a -> subnet-1a/out: any packet
        tgw-attach-2/arrived@az1 -> denied: any packet (`tgw-attach-2` is not associated with a route table)
        tgw-attach-2/arrived@az2 -> denied: any packet (`tgw-attach-2` is not associated with a route table)
        eni-2a/entered@subnet-2a -> tgw-attach-2/arrived@az1: any packet
        tgw-attach-2/entered@subnet-2b -> tgw-attach-2/arrived@az2: any packet
        tgw-attach-2/entering@subnet-2a -> eni-2a/entered@subnet-2a: [7] src_ip in 0.0.0.0/0
        tgw-attach-2/entering@subnet-2b -> tgw-attach-2/entered@subnet-2b: [7] src_ip in 0.0.0.0/0
        tgw-attach-2/leaving -> eni-2a/left@subnet-2a: opening any packet; identity := 1
        tgw-attach-2/leaving -> eni-2a/left@subnet-2a: reply any packet
        tgw-attach-2/leaving -> tgw-attach-2/left@subnet-2b: opening any packet; identity := 1
        tgw-attach-2/leaving -> tgw-attach-2/left@subnet-2b: reply any packet
        tgw-attach-2/leaving@az1 -> eni-2a/left@subnet-2a: opening any packet; identity := 1
        tgw-attach-2/leaving@az1 -> eni-2a/left@subnet-2a: reply any packet
        tgw-attach-2/leaving@az2 -> tgw-attach-2/left@subnet-2b: opening any packet; identity := 1
        tgw-attach-2/leaving@az2 -> tgw-attach-2/left@subnet-2b: reply any packet
        tgw-attach-2/left@subnet-2b -> subnet-2b/out: any packet
        ");
    }

    #[test]
    fn in_appliance_mode_replies_use_the_foot_of_their_conversation() {
        let export = TWO.replace(r#""ApplianceModeSupport":"disable""#, r#""ApplianceModeSupport":"enable""#);
        insta::assert_snapshot!(among(&export, "tgw-attach-2/leaving@az1"), @r"
        tgw-attach-2/leaving@az1 -> eni-2a/left@subnet-2a: opening any packet; identity := 1
        tgw-attach-2/leaving@az1 -> eni-2a/left@subnet-2a: reply any packet; uncertain (the zone of `tgw-attach-2` that replies take to a packet that came another way is not known)
        tgw-attach-2/leaving@az1 -> eni-2a/left@subnet-2a: reply any packet; as before eni-2a/entered@subnet-2a
        tgw-attach-2/leaving@az1 -> eni-2a/left@subnet-2a: reply any packet; as before eni-2a/left@subnet-2a
        tgw-attach-2/leaving@az1 -> tgw-attach-2/left@subnet-2b: opening any packet; identity := 1
        tgw-attach-2/leaving@az1 -> tgw-attach-2/left@subnet-2b: reply any packet; uncertain (the zone of `tgw-attach-2` that replies take to a packet that came another way is not known)
        tgw-attach-2/leaving@az1 -> tgw-attach-2/left@subnet-2b: reply any packet; as before tgw-attach-2/entered@subnet-2b
        tgw-attach-2/leaving@az1 -> tgw-attach-2/left@subnet-2b: reply any packet; as before tgw-attach-2/left@subnet-2b
        ");
    }

    #[test]
    fn what_only_one_table_tells() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.1.0.0/16"}],
            "Subnets":[{"SubnetId":"subnet-1a","VpcId":"vpc-1","CidrBlock":"10.1.1.0/24","AvailabilityZoneId":"az1"}],
            "TransitGatewayAttachments":[{"TransitGatewayAttachmentId":"tgw-attach-1","TransitGatewayId":"tgw-1","ResourceType":"vpc","ResourceId":"vpc-1","State":"available","Association":{"TransitGatewayRouteTableId":"tgw-rtb-1"}},
                {"TransitGatewayAttachmentId":"tgw-attach-3","TransitGatewayId":"tgw-1","ResourceType":"vpc","ResourceId":"vpc-3","State":"deleted"},
                {"TransitGatewayAttachmentId":"tgw-attach-4","TransitGatewayId":"tgw-1","ResourceType":"vpc","ResourceId":"vpc-4","State":"pending"},{"TransitGatewayAttachmentId":"tgw-attach-5","TransitGatewayId":"tgw-1","ResourceType":"vpc","ResourceId":"vpc-5","State":"deleting"}],
            "TransitGatewayVpcAttachments":[{"TransitGatewayAttachmentId":"tgw-attach-2","TransitGatewayId":"tgw-1","VpcId":"vpc-1","State":"available","SubnetIds":["subnet-1a","subnet-9"],"Options":{"Ipv6Support":"enable"}}]}"#;
        insta::assert_snapshot!(among(export, "tgw-attach-"), @r"
        tgw-1/routed@vpc-1@az1 -> insufficient-info: any packet (the subnets of `tgw-attach-1` are not in the snapshot)
        tgw-1/routed@vpc-1@az1 -> tgw-attach-2/entering@subnet-1a: any packet
        tgw-attach-1/leaving -> insufficient-info: any packet (the subnets of `tgw-attach-1` are not in the snapshot)
        tgw-attach-1/leaving@az1 -> insufficient-info: any packet (the subnets of `tgw-attach-1` are not in the snapshot)
        tgw-attach-2/arrived -> insufficient-info: any packet (the route table association of `tgw-attach-2` is not in the snapshot)
        tgw-attach-2/arrived@az1 -> insufficient-info: any packet (the route table association of `tgw-attach-2` is not in the snapshot)
        tgw-attach-2/entered@subnet-1a -> tgw-attach-2/arrived@az1: any packet
        tgw-attach-2/entering@subnet-1a -> tgw-attach-2/entered@subnet-1a: any packet; uncertain (the network ACL of `subnet-1a` is not in the snapshot)
        tgw-attach-2/leaving -> insufficient-info: any packet (`subnet-9` is not in the snapshot)
        tgw-attach-2/leaving -> tgw-attach-2/left@subnet-1a: opening any packet; uncertain
        tgw-attach-2/leaving -> tgw-attach-2/left@subnet-1a: opening any packet; identity := 1
        tgw-attach-2/leaving -> tgw-attach-2/left@subnet-1a: reply any packet
        tgw-attach-2/leaving@az1 -> tgw-attach-2/left@subnet-1a: opening any packet; uncertain
        tgw-attach-2/leaving@az1 -> tgw-attach-2/left@subnet-1a: opening any packet; identity := 1
        tgw-attach-2/leaving@az1 -> tgw-attach-2/left@subnet-1a: reply any packet
        tgw-attach-2/left@subnet-1a -> subnet-1a/out: any packet
        tgw-attach-4/leaving -> blackhole: any packet (`tgw-attach-4` is pending)
        tgw-attach-4/leaving@az1 -> blackhole: any packet (`tgw-attach-4` is pending)
        tgw-attach-5/leaving -> insufficient-info: any packet (`tgw-attach-5` is deleting)
        tgw-attach-5/leaving@az1 -> insufficient-info: any packet (`tgw-attach-5` is deleting)
        ");
    }

    #[test]
    fn borders_and_the_far_side_of_a_peering() {
        let export = r#"{"TransitGateways":[{"TransitGatewayId":"tgw-1"},{"TransitGatewayId":"tgw-2"}],
            "VpnConnections":[{"VpnConnectionId":"vpn-1","TransitGatewayId":"tgw-1","CustomerGatewayId":"cgw-1","State":"available","Options":{"TunnelInsideIpVersion":"ipv4"}}],
            "TransitGatewayAttachments":[{"TransitGatewayAttachmentId":"tgw-attach-1","TransitGatewayId":"tgw-1","ResourceType":"vpn","ResourceId":"vpn-1","State":"available","Association":{"TransitGatewayRouteTableId":"tgw-rtb-1"}},
                {"TransitGatewayAttachmentId":"tgw-attach-2","TransitGatewayId":"tgw-1","ResourceType":"peering","ResourceId":"tgw-2","State":"available"},
                {"TransitGatewayAttachmentId":"tgw-attach-2","TransitGatewayId":"tgw-2","ResourceType":"peering","ResourceId":"tgw-1","State":"available","Association":{"TransitGatewayRouteTableId":"tgw-rtb-2"}},
                {"TransitGatewayAttachmentId":"tgw-attach-3","TransitGatewayId":"tgw-1","ResourceType":"peering","ResourceId":"tgw-9","ResourceOwnerId":"444455556666","State":"available"},
                {"TransitGatewayAttachmentId":"tgw-attach-4","TransitGatewayId":"tgw-1","ResourceType":"connect","ResourceId":"tgw-attach-9","State":"available"},
                {"TransitGatewayAttachmentId":"tgw-attach-5","TransitGatewayId":"tgw-1","ResourceType":"network-function","State":"available"}],
            "TransitGatewayPeeringAttachments":[{"TransitGatewayAttachmentId":"tgw-attach-3","State":"available","RequesterTgwInfo":{"TransitGatewayId":"tgw-1"},"AccepterTgwInfo":{"TransitGatewayId":"tgw-9","OwnerId":"444455556666","Region":"eu-west-1"}}]}"#;
        insta::assert_snapshot!(among(export, "tgw-attach-"), @r"
        tgw-attach-1/arriving -> tgw-rtb-1/lookup: opening ipv4; identity := 1
        tgw-attach-1/arriving -> tgw-rtb-1/lookup: reply ipv4
        tgw-attach-1/leaving -> tgw-attach-1/outside: ipv4
        tgw-attach-2/arriving@tgw-1 -> denied: any packet (`tgw-attach-2` is not associated with a route table)
        tgw-attach-2/arriving@tgw-2 -> tgw-rtb-2/lookup: opening any packet; identity := 1
        tgw-attach-2/arriving@tgw-2 -> tgw-rtb-2/lookup: reply any packet
        tgw-attach-2/leaving@tgw-1 -> tgw-attach-2/outside@tgw-1: any packet
        tgw-attach-2/leaving@tgw-2 -> tgw-attach-2/outside@tgw-2: any packet
        tgw-attach-2/outside@tgw-1 -> tgw-attach-2/arriving@tgw-2: any packet
        tgw-attach-2/outside@tgw-2 -> tgw-attach-2/arriving@tgw-1: any packet
        tgw-attach-3/arriving@tgw-1 -> denied: any packet (`tgw-attach-3` is not associated with a route table)
        tgw-attach-3/leaving@tgw-1 -> tgw-attach-3/outside@tgw-1: any packet
        tgw-attach-3/outside@tgw-1 -> insufficient-info: any packet (`tgw-9` of account 444455556666 in eu-west-1 is not in the snapshot)
        tgw-attach-4/arriving -> denied: any packet (`tgw-attach-4` is not associated with a route table)
        tgw-attach-4/leaving -> tgw-attach-4/outside: any packet
        tgw-attach-4/outside -> insufficient-info: any packet (what the appliance behind `tgw-attach-4` does is not known)
        tgw-attach-5/arriving -> denied: any packet (`tgw-attach-5` is not associated with a route table)
        tgw-attach-5/leaving -> tgw-attach-5/outside: any packet
        tgw-attach-5/outside -> insufficient-info: any packet (attachments such as `tgw-attach-5` (network-function) are not modelled)
        ");
    }
}
