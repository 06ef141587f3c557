//! Egress-only internet gateway: IPv6 conversations leave, and only their replies come back.
//!
//! SOURCE: VPC user guide, "Enable outbound IPv6 traffic using egress-only internet gateways" (checked 2026-11-23).
use std::sync::Arc;

use graph::{Cause, Choice, Disposition, End, Flow, GraphBuilder, Port, Rule, Transfer, World};
use headerspace::{Field, Match};
use ipnet::IpNet;
use serde::Deserialize;

use super::{
    ARRIVING, LOCAL, OUTSIDE, Resource, Tags,
    address_set::{address_in, global_unicast},
    describe,
    internet_gateway::{Attachment, not_attached},
    nullable, routed,
    vpc::Vpc,
};
use crate::{Entry, Id, Inventory};

/// An egress-only gateway, as `describe-egress-only-internet-gateways` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EgressOnlyInternetGateway {
    egress_only_internet_gateway_id: Id<EgressOnlyInternetGateway>,
    #[serde(default, deserialize_with = "nullable")]
    attachments: Vec<Attachment>,
    #[serde(default)]
    tags: Tags,
}

impl Resource for EgressOnlyInternetGateway {
    const TYPE: &'static str = "AWS::EC2::EgressOnlyInternetGateway";
    const LIST: &'static str = "EgressOnlyInternetGateways";
    const ROUTABLE: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.egress_only_internet_gateway_id
    }

    fn elsewhere(&self, _: &Entry<Self>, vpc: &Id<Vpc>, _: &Inventory) -> Option<String> {
        not_attached(&self.egress_only_internet_gateway_id, &self.attachments, vpc)
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "egress-only-internet-gateway", &self.tags);
        let vpcs = self.attachments.iter().filter_map(Attachment::vpc);
        resource.within =
            vpcs.filter_map(|id| inventory.get(id, &here.place)).map(|vpc| vpc.key.clone()).collect();
        let key = graph.resource(resource);
        for vpc in self.attachments.iter().filter_map(Attachment::vpc) {
            graph.declare(routed(&key, vpc.as_str()), &key, Choice::Any, Disposition::Denied);
        }
        graph.declare_end(End {
            resource: key.clone(),
            departs: None,
            arrives: Some(Port::new(&key, OUTSIDE)),
            answers: Some(Port::new(&key, ARRIVING)),
            border: true,
            world: World::Internet,
        });
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let cause = Arc::new(Cause::new(&here.key, Rule::Carries).at(here.at("")));
        for vpc in self.attachments.iter().filter_map(Attachment::vpc) {
            let Some(vpc) = inventory.get(vpc, &here.place) else { continue };
            let blocks: Vec<IpNet> =
                vpc.value.cidrs().into_iter().filter(|net| matches!(net, IpNet::V6(_))).collect();
            let ours = |field| {
                let known = !vpc.is_concluded();
                if known { address_in(field, blocks.iter().copied()) } else { global_unicast(field) }
            };
            let leaves = Match::all_of([ours(Field::SrcIp), global_unicast(Field::DstIp)]);
            let enters = Match::all_of([ours(Field::DstIp), global_unicast(Field::SrcIp)]);
            let crossing = |packets| Transfer { certain: !vpc.is_concluded(), ..Transfer::only(packets) };
            let from = routed(&here.key, vpc.value.id().as_str());
            graph.connect(&from, &Port::new(&here.key, OUTSIDE), crossing(leaves), &cause);
            let replies = crossing(enters).for_flow(Flow::Reply);
            graph.connect(&Port::new(&here.key, ARRIVING), &Port::new(&vpc.key, LOCAL), replies, &cause);
        }
    }
}
