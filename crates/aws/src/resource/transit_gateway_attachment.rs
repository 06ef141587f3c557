//! Attachment of a transit gateway: where packets enter it, and where it hands them on.
//!
//! `arrived@zone` holds what has come in from a VPC and meets the associated table, `leaving@zone` what a table has given
//! the attachment of packets that came to the transit gateway from that zone. How a VPC attachment takes and delivers
//! packets is told in `transit_gateway_foot.rs`, what the other kinds do in `transit_gateway_border.rs`, and which table
//! is associated in `transit_gateway_association.rs`.
//!
//! SOURCE: transit gateway guide, "How transit gateways work"; EC2 API reference, `TransitGatewayAttachment` and its
//! states (checked 2026-11-26).
//! GAP: which prefixes a site announces restricts nothing on the way in; replies that a site sends back by another
//! attachment than they came by are not followed.
use std::{collections::BTreeSet, sync::Arc};

use graph::{
    Cause, Choice, Control, Disposition, End, GraphBuilder, Obstacle, Port, ResourceKey, Rule, Transfer,
    World,
};
use serde::Deserialize;

use super::{
    ARRIVING, OUTSIDE, Resource, Tags, describe, direct_connect_gateway,
    direct_connect_gateway::DirectConnectGateway, optional, transit_gateway::TransitGateway,
    transit_gateway_connect::TransitGatewayConnect,
    transit_gateway_peering_attachment::TransitGatewayPeeringAttachment,
    transit_gateway_route_table::TransitGatewayRouteTable,
    transit_gateway_vpc_attachment::TransitGatewayVpcAttachment, vpc::Vpc, vpn_connection::VpnConnection,
};
use crate::{
    Entry, Id, Inventory, Place,
    inventory::{Reading, Records},
};

/// An attachment, as `describe-transit-gateway-attachments` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TransitGatewayAttachment {
    pub(super) transit_gateway_attachment_id: Id<TransitGatewayAttachment>,
    pub(super) transit_gateway_id: Id<TransitGateway>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) transit_gateway_owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) resource_owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) resource_type: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) resource_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) state: Option<String>,
    pub(super) association: Option<Association>,
    #[serde(default)]
    pub(super) tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Association {
    #[serde(default, deserialize_with = "optional")]
    pub(super) transit_gateway_route_table_id: Option<Id<TransitGatewayRouteTable>>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) state: Option<String>,
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

    fn vpc<'i>(&self, here: &Entry<Self>, inventory: &'i Inventory) -> Option<&'i Entry<Vpc>> {
        inventory.get(&Id::new(self.resource_id.as_deref()?), &here.place)
    }

    /// The VPC's address blocks, if the snapshot tells them.
    pub(super) fn vpc_blocks(&self, here: &Entry<Self>, inventory: &Inventory) -> Option<Vec<ipnet::IpNet>> {
        self.vpc(here, inventory).filter(|vpc| !vpc.is_concluded()).map(|vpc| vpc.value.cidrs())
    }

    /// A port of this side of the attachment.
    pub(super) fn port(&self, key: &ResourceKey, name: &str, of: &str) -> Port {
        let side = self.part().unwrap_or_default();
        let at = |text: &str| if text.is_empty() { String::new() } else { format!("@{text}") };
        Port::new(key, format!("{name}{}{}", at(of), at(side)))
    }

    /// Where packets stand that came to the transit gateway from `zone` and go out here.
    pub(super) fn leaving(&self, key: &ResourceKey, zone: &str) -> Port {
        self.port(key, "leaving", zone)
    }

    /// Whether the networks beyond it are all in the snapshot: other attachments of the transit gateway, in case of a
    /// VPC.
    fn is_inner(&self, here: &Entry<Self>, inventory: &Inventory) -> bool {
        match self.kind() {
            Kind::Vpc => inventory.get(&self.transit_gateway_id, &here.place).is_some_and(|gateway| {
                inventory.table::<Self>().complete(&gateway.place) && !gateway.is_concluded()
            }),
            Kind::Peering => self.other_side(here, inventory).is_some(),
            // What a firewall passes comes back to the transit gateway.
            Kind::Other => self.firewall(here, inventory).is_some(),
            Kind::Vpn | Kind::DirectConnect | Kind::Connect => false,
        }
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
    fn part(&self) -> Option<&str> {
        (self.kind() == Kind::Peering).then(|| self.transit_gateway_id.as_str())
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
            if let Condition::Idle(Disposition::Blackhole, state) = self.condition() {
                let state = format!("is {state}");
                let control = Control::obstacle(&here.key, Obstacle::State, state, here.at("/State"));
                graph.offered(&control, |graph| self.connect_working(here, &gateway, inventory, graph));
            }
        } else {
            self.connect_working(here, &gateway, inventory, graph);
        }
    }
}

impl TransitGatewayAttachment {
    fn connect_working(
        &self,
        here: &Entry<Self>,
        gateway: &ResourceKey,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        if self.kind() == Kind::Vpc {
            self.connect_vpc(here, gateway, inventory, graph);
        } else {
            self.connect_border(here, gateway, inventory, graph);
        }
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
        tgw-1/routed@vpc-1@az2 -> blackhole: any packet (`tgw-attach-1` of `tgw-1` has no subnet in zone az2)
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
