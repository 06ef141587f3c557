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
    vpc_block_public_access::{Traveller, Way, by_area},
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
            let crossing = |packets| Transfer { certain: !vpc.is_concluded(), ..Transfer::only(packets) };
            let from = routed(&here.key, vpc.value.id().as_str());
            let (outside, arriving) = (Port::new(&here.key, OUTSIDE), Port::new(&here.key, ARRIVING));
            let local = Port::new(&vpc.key, LOCAL);
            for (area, ruling) in by_area(inventory, vpc, Traveller::EgressOnly) {
                let near = |field| Match::all_of([ours(field), area.matches(field)]);
                let leaves = crossing(Match::all_of([near(Field::SrcIp), global_unicast(Field::DstIp)]));
                ruling.connect([&from, &outside], Way::Out, leaves, &cause, graph);
                let enters = Match::all_of([near(Field::DstIp), global_unicast(Field::SrcIp)]);
                let replies = crossing(enters).for_flow(Flow::Reply);
                ruling.connect([&arriving, &local], Way::In, replies, &cause, graph);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    #[test]
    fn only_replies_come_in() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","Ipv6CidrBlockAssociationSet":[{"Ipv6CidrBlock":"2600:1f00::/56"}]}],"EgressOnlyInternetGateways":[{"EgressOnlyInternetGatewayId":"eigw-1","Attachments":[{"VpcId":"vpc-1","State":"attached"}]}]}"#;
        insta::assert_snapshot!(among(export, "eigw-1"), @r"
        eigw-1/arriving -> vpc-1/local: reply dst_ip in 2600:1f00::/56 and src_ip in 2000::/3
        eigw-1/routed@vpc-1 -> eigw-1/outside: src_ip in 2600:1f00::/56 and dst_ip in 2000::/3
        ");
    }

    #[test]
    fn missing_vpc_leaves_it_alone() {
        let export = r#"{"EgressOnlyInternetGateways":[{"EgressOnlyInternetGatewayId":"eigw-1","Attachments":[{"VpcId":"vpc-1","State":"attached"}]}]}"#;
        insta::assert_snapshot!(among(export, "eigw-1"), @"");
    }
}
