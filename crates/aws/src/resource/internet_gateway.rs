//! Internet gateway: the border to the internet, translating public and private IPv4 addresses one to one.
//!
//! Ports: `routed@vpc` takes what route tables send here, `outside` and `arriving` are the two directions of the
//! border, `admitted` holds what was let in and meets the gateway's own route table, if it has one. The translations
//! are connected by the interfaces and NAT gateways that own the addresses.
//!
//! SOURCE: VPC user guide, "Enable internet access using internet gateways" (one-to-one NAT; IPv6 untranslated) and
//! "Gateway route tables"; Reachability Analyzer guide, codes `IGW_*` (RFC 1918 and RFC 6598 dropped both ways,
//! public address needed both ways) (checked 2026-11-23).
//! GAP: Block Public Access is not modelled yet.
use std::sync::Arc;

use graph::{Cause, Choice, Disposition, End, GraphBuilder, Port, ResourceKey, Rule, Transfer, World};
use headerspace::{Field, Match};
use ipnet::IpNet;
use serde::Deserialize;

use super::{
    ADMITTED, ARRIVING, LOCAL, OUTSIDE, Resource, Tags, describe, global_unicast, nullable,
    route_table::RouteTable, routed, structure, vpc::Vpc,
};
use crate::{Entry, Id, Inventory, Place};

/// An internet gateway, as `describe-internet-gateways` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InternetGateway {
    internet_gateway_id: Id<InternetGateway>,
    owner_id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    attachments: Vec<Attachment>,
    #[serde(default)]
    tags: Tags,
}

/// The VPC that a gateway belongs to.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attachment {
    vpc_id: Option<Id<Vpc>>,
    state: Option<String>,
}

impl Attachment {
    /// The VPC, unless it is no longer attached.
    pub(super) fn vpc(&self) -> Option<&Id<Vpc>> {
        let holds = self.state.as_deref().is_none_or(|state| matches!(state, "available" | "attached"));
        self.vpc_id.as_ref().filter(|_| holds)
    }
}

/// Where a VPC's public addresses are translated.
pub(super) struct Gateway {
    pub(super) key: ResourceKey,
    /// `None` for the stand-in of an unlisted gateway, which no route names.
    pub(super) routed: Option<Port>,
    pub(super) outside: Port,
    pub(super) arriving: Port,
    pub(super) admitted: Port,
}

/// The gateways of a VPC: the attached one, or the stand-in if the snapshot does not tell.
pub(super) fn gateways_of(inventory: &Inventory, vpc: &Entry<Vpc>) -> Vec<Gateway> {
    let of = |key: &ResourceKey, routed: Option<Port>| Gateway {
        key: key.clone(),
        routed,
        outside: Port::new(key, OUTSIDE),
        arriving: Port::new(key, ARRIVING),
        admitted: Port::new(key, ADMITTED),
    };
    if unlisted(inventory, vpc) {
        return vec![of(&vpc.key, None)];
    }
    let id = vpc.value.id().as_str();
    attached(inventory, vpc).map(|gateway| of(&gateway.key, Some(routed(&gateway.key, id)))).collect()
}

fn attached<'i>(
    inventory: &'i Inventory,
    vpc: &Entry<Vpc>,
) -> impl Iterator<Item = &'i Entry<InternetGateway>> + use<'i> {
    inventory.table::<InternetGateway>().associated(&format!("attached:{}", vpc.value.id()), &vpc.place)
}

/// Whether the VPC may have a gateway of which the snapshot tells nothing.
pub(super) fn unlisted(inventory: &Inventory, vpc: &Entry<Vpc>) -> bool {
    !inventory.table::<InternetGateway>().complete(&vpc.place) && attached(inventory, vpc).next().is_none()
}

/// Connects the IPv6 blocks of a VPC, which are not translated, at its gateway or the stand-in for it.
pub(super) fn connect_ipv6(
    vpc: &Entry<Vpc>,
    gateway: &ResourceKey,
    routed: Option<&Port>,
    graph: &mut GraphBuilder,
) {
    let blocks: Vec<IpNet> =
        vpc.value.cidrs().into_iter().filter(|net| matches!(net, IpNet::V6(_))).collect();
    if blocks.is_empty() {
        return;
    }
    let cause = Arc::new(Cause::new(gateway, Rule::Carries).at(vpc.at("")));
    let between = |ours: Match, side| Match::all_of([ours, global_unicast(side)]);
    let ours = |field| {
        Match::all_of([super::address_set::address_in(field, blocks.iter().copied()), global_unicast(field)])
    };
    if let Some(routed) = routed {
        let leaves = Transfer::only(between(ours(Field::SrcIp), Field::DstIp));
        graph.connect(routed, &Port::new(gateway, OUTSIDE), leaves, &cause);
    }
    let enters = Transfer::only(between(ours(Field::DstIp), Field::SrcIp));
    graph.connect(&Port::new(gateway, ARRIVING), &Port::new(gateway, ADMITTED), enters, &cause);
}

impl InternetGateway {
    fn vpcs<'i>(&self, place: &Place, inventory: &'i Inventory) -> impl Iterator<Item = &'i Entry<Vpc>> {
        let attachments = self.attachments.iter().filter_map(Attachment::vpc);
        attachments.filter_map(move |id| inventory.get(id, place)).collect::<Vec<_>>().into_iter()
    }
}

impl Resource for InternetGateway {
    const TYPE: &'static str = "AWS::EC2::InternetGateway";
    const LIST: &'static str = "InternetGateways";

    fn id(&self) -> &Id<Self> {
        &self.internet_gateway_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_id.as_deref()
    }

    fn weight(&self) -> String {
        format!("{self:?}")
    }

    fn associations(&self) -> Vec<String> {
        self.attachments.iter().filter_map(Attachment::vpc).map(|id| format!("attached:{id}")).collect()
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "internet-gateway", &self.tags);
        resource.within = self.vpcs(&here.place, inventory).map(|vpc| vpc.key.clone()).collect();
        let key = graph.resource(resource);
        for attachment in self.attachments.iter().filter_map(Attachment::vpc) {
            graph.declare(routed(&key, attachment.as_str()), &key, Choice::Any, Disposition::Denied);
        }
        let (outside, arriving) = (Port::new(&key, OUTSIDE), Port::new(&key, ARRIVING));
        graph.declare(arriving.clone(), &key, Choice::Any, Disposition::NoRoute);
        graph.declare(Port::new(&key, ADMITTED), &key, Choice::FirstMatch, Disposition::NoRoute);
        graph.declare_end(End {
            resource: key,
            departs: Some(arriving.clone()),
            arrives: Some(outside),
            answers: Some(arriving),
            border: true,
            world: World::Internet,
        });
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let tables = inventory.table::<RouteTable>();
        let own_table =
            tables.associated(&format!("gateway:{}", self.internet_gateway_id), &here.place).next();
        for vpc in self.vpcs(&here.place, inventory) {
            connect_ipv6(vpc, &here.key, Some(&routed(&here.key, vpc.value.id().as_str())), graph);
            if own_table.is_none() {
                let (admitted, local) = (Port::new(&here.key, ADMITTED), Port::new(&vpc.key, LOCAL));
                if tables.complete(&vpc.place) {
                    graph.connect(&admitted, &local, Transfer::all(), &structure(here));
                } else {
                    let note = format!(
                        "route tables are not fully in the snapshot; `{}` may have one",
                        self.internet_gateway_id
                    );
                    let cause = Arc::new(Cause::structure(&here.key).at(here.at("")).noting(note));
                    graph.connect(&admitted, &local, Transfer::all().uncertain(), &cause);
                }
            }
        }
    }
}
