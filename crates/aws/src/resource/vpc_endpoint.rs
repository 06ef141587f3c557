//! VPC endpoint. A gateway endpoint is a border: route tables lead its service's prefixes to it.
//!
//! `routed@vpc` takes what route tables send here, `service` is where the conversation reaches the service, and
//! `answering` where the service's replies enter the VPC. Interface endpoints have no ports here: packets reach their
//! network interfaces, which are resources of their own.
//!
//! SOURCE: PrivateLink guide, "Gateway endpoints"; Reachability Analyzer guide, `VPCE_GATEWAY_PROTOCOL_RESTRICTION`
//! (TCP or ICMP echo in, TCP or echo reply out) (checked 2026-11-23).
//! GAP: endpoint policies decide about requests, not packets, and are not considered.
//! GAP: Gateway Load Balancer endpoints and other kinds are not modelled yet: paths through them are unknown.
use std::sync::Arc;

use graph::{Cause, Choice, Disposition, End, Flow, GraphBuilder, Port, Rule, Transfer, World};
use headerspace::{Family, Field, Match, Ranges};
use serde::Deserialize;

use super::{LOCAL, Resource, Tags, describe, network_firewall, nullable, optional, routed, vpc::Vpc};
use crate::{
    Entry, Id, Inventory,
    inventory::{Reading, Records},
};

const SERVICE: &str = "service";
const ANSWERING: &str = "answering";

/// An endpoint, as `describe-vpc-endpoints` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcEndpoint {
    vpc_endpoint_id: Id<VpcEndpoint>,
    #[serde(default, deserialize_with = "optional")]
    vpc_endpoint_type: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    vpc_id: Option<Id<Vpc>>,
    #[serde(default, deserialize_with = "optional")]
    owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    service_name: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    network_interface_ids: Vec<String>,
    #[serde(default)]
    tags: Tags,
}

impl VpcEndpoint {
    /// SOURCE: EC2 API reference, `VpcEndpoint.VpcEndpointType`: Gateway unless stated.
    fn is_gateway(&self) -> bool {
        self.vpc_endpoint_type.as_deref().is_none_or(|kind| kind.eq_ignore_ascii_case("gateway"))
    }

    /// SOURCE: EC2 API reference, `VpcEndpoint.State`; one that is being deleted may still carry packets (checked
    /// 2026-11-23).
    fn idle(&self) -> Option<Disposition> {
        match self.state.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("available") => None,
            Some("deleting" | "partial") => Some(Disposition::InsufficientInfo),
            Some(_) => Some(Disposition::Blackhole),
        }
    }
}

fn tcp_or_icmp(kind: u128) -> Match {
    let echo =
        [Match::family(Family::V4), Match::protocol(1), Match::In(Field::IcmpType, Ranges::single(kind))];
    Match::any_of([Match::protocol(6), Match::all_of(echo)])
}

impl Resource for VpcEndpoint {
    const TYPE: &'static str = "AWS::EC2::VPCEndpoint";
    const LIST: &'static str = "VpcEndpoints";
    const ROUTABLE: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.vpc_endpoint_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_id.as_deref()
    }

    fn associations(&self) -> Vec<String> {
        self.network_interface_ids.iter().map(|id| format!("interface:{id}")).collect()
    }

    fn also(reading: &mut Reading<'_>, records: &mut Records<Self>) {
        // Route tables lead to the endpoints of firewalls, whether or not endpoints were exported.
        for told in network_firewall::endpoint::all(reading) {
            let endpoint = &told.value;
            let value = Self {
                vpc_endpoint_id: Id::new(endpoint.id.as_str()),
                vpc_endpoint_type: Some("GatewayLoadBalancer".to_owned()),
                vpc_id: endpoint.vpc.as_deref().map(Id::new),
                owner_id: None,
                service_name: None,
                state: None,
                network_interface_ids: Vec::new(),
                tags: Tags::default(),
            };
            let region = Some(endpoint.place.region.clone()).filter(|region| !region.is_empty());
            let account = Some(endpoint.place.account.as_str()).filter(|account| !account.is_empty());
            records.conclude(value, &told, "", account, region);
        }
    }

    fn elsewhere(&self, _: &Entry<Self>, vpc: &Id<Vpc>, _: &Inventory) -> Option<String> {
        let own = self.vpc_id.as_ref()?;
        (own != vpc).then(|| format!("`{}` is not in `{vpc}`", self.vpc_endpoint_id))
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "vpc-endpoint", &self.tags);
        resource.label.clone_from(&self.service_name);
        let vpc = self.vpc_id.as_ref().and_then(|id| inventory.get(id, &here.place));
        resource.within = vpc.map(|vpc| vpc.key.clone()).into_iter().collect();
        let key = graph.resource(resource);
        let Some(vpc) = &self.vpc_id else { return };
        graph.declare(routed(&key, vpc.as_str()), &key, Choice::Any, Disposition::Denied);
        if self.is_gateway() {
            graph.declare_end(End {
                resource: key.clone(),
                departs: None,
                arrives: Some(Port::new(&key, SERVICE)),
                answers: Some(Port::new(&key, ANSWERING)),
                border: true,
                world: World::Own,
            });
        }
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let Some(vpc) = &self.vpc_id else { return };
        let entry = routed(&here.key, vpc.as_str());
        let cause = Cause::new(&here.key, Rule::Carries).at(here.at(""));
        if let Some(disposition) = self.idle() {
            let state = self.state.as_deref().unwrap_or_default();
            let cause = cause.noting(format!("`{}` is {state}", self.vpc_endpoint_id));
            graph.connect(&entry, disposition, Transfer::all(), &Arc::new(cause));
        } else if network_firewall::connect_endpoint(here, &entry, inventory, graph) {
            // The firewall behind it inspects.
        } else if self.is_gateway() {
            let cause = Arc::new(cause);
            graph.connect(&entry, &Port::new(&here.key, SERVICE), Transfer::only(tcp_or_icmp(8)), &cause);
            if let Some(vpc) = inventory.get(vpc, &here.place) {
                let replies = Transfer::only(tcp_or_icmp(0)).for_flow(Flow::Reply);
                graph.connect(&Port::new(&here.key, ANSWERING), &Port::new(&vpc.key, LOCAL), replies, &cause);
            }
        } else {
            let kind = self.vpc_endpoint_type.as_deref().unwrap_or_default();
            let cause = cause.noting(format!(
                "routes to `{}` (endpoint type {kind}) are not modelled",
                self.vpc_endpoint_id
            ));
            graph.connect(&entry, Disposition::InsufficientInfo, Transfer::all(), &Arc::new(cause));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    #[test]
    fn gateway_takes_tcp_and_echo_and_only_answers() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"VpcEndpoints":[{"VpcEndpointId":"vpce-1","VpcEndpointType":"Gateway","VpcId":"vpc-1","ServiceName":"s3","State":"available"}]}"#;
        insta::assert_snapshot!(among(export, "vpce-1"), @r"
        vpce-1/answering -> vpc-1/local: reply tcp or ipv4 and icmp and icmp_type 0
        vpce-1/routed@vpc-1 -> vpce-1/service: tcp or ipv4 and icmp and icmp_type 8
        ");
    }

    #[test]
    fn other_kinds_are_not_modelled_as_targets() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"VpcEndpoints":[{"VpcEndpointId":"vpce-1","VpcEndpointType":"GatewayLoadBalancer","VpcId":"vpc-1"},{"VpcEndpointId":"vpce-2","VpcId":"vpc-1","State":"pending"}]}"#;
        insta::assert_snapshot!(among(export, "vpce-"), @r"
        vpce-1/routed@vpc-1 -> insufficient-info: any packet (routes to `vpce-1` (endpoint type GatewayLoadBalancer) are not modelled)
        vpce-2/routed@vpc-1 -> blackhole: any packet (`vpce-2` is pending)
        ");
    }

    #[test]
    fn missing_vpc_gets_no_replies() {
        let export = r#"{"VpcEndpoints":[{"VpcEndpointId":"vpce-1","VpcId":"vpc-1"}]}"#;
        insta::assert_snapshot!(among(export, "vpce-1"), @"vpce-1/routed@vpc-1 -> vpce-1/service: tcp or ipv4 and icmp and icmp_type 8");
    }
}
