//! Endpoint service: what consumers reach through endpoints of theirs, carried by balancers of the provider.
//!
//! `reached` is where a consumer's packets arrive at the service, `departing` where packets of any consumer start (in
//! AWS's analyses a service is a source, a destination, and something on the way). `arriving@zone` takes what comes
//! through endpoints in a zone, `arriving@` what may go to every zone; both give packets the address of a balancer's
//! node. Replies stand at `returning` until that is undone, and leave for the endpoint at `answering`.
//!
//! SOURCE: PrivateLink guide, "Create a service" (a service is carried by Network or Gateway Load Balancers; an endpoint
//! uses the nodes of its own zone; the source that targets see is the balancer's node), "Share your services", and
//! "Cross-Region"; Network Access Analyzer guide, "How Network Access Analyzer works" (a finding through a Gateway Load
//! Balancer starts at an endpoint service); Reachability Analyzer guide, `VPCE_SERVICE_NOT_INSTALLED_IN_AZ` (checked
//! 2026-11-26).
//! GAP: who may connect (allowed principals, acceptance) is seen in the state of endpoints only.
use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use graph::{Cause, Choice, Disposition, End, Flow, GraphBuilder, Port, ResourceKey, Rule, Transfer, World};
use headerspace::{Family, Field, Match, Ranges, Rewrite};
use serde::Deserialize;

use super::{
    Resource, Tags,
    balancing::Balancer,
    describe,
    load_balancer::{self, LoadBalancer, account_in, region_in},
    network_interface::{self, NetworkInterface},
    not_modelled::lose_behind,
    nullable, optional,
};
use crate::{Entry, Id, Inventory, Place};

const ANSWERING: &str = "answering";
const DEPARTING: &str = "departing";
const REACHED: &str = "reached";
const RETURNING: &str = "returning";

/// A service, as `describe-vpc-endpoint-service-configurations` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcEndpointService {
    service_id: Id<VpcEndpointService>,
    #[serde(default, deserialize_with = "optional")]
    service_name: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    service_state: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    network_load_balancer_arns: Vec<Id<LoadBalancer>>,
    #[serde(default, deserialize_with = "nullable")]
    gateway_load_balancer_arns: Vec<Id<LoadBalancer>>,
    #[serde(default)]
    tags: Tags,
}

/// Where a service takes what comes through endpoints in `zone`; empty for all of its zones.
pub(super) fn arriving(service: &ResourceKey, zone: &str) -> Port {
    Port::new(service, format!("arriving@{zone}"))
}

/// Where consumers' packets arrive at a service.
pub(super) fn reached(service: &ResourceKey) -> Port {
    Port::new(service, REACHED)
}

/// Where a service's replies leave for endpoints.
pub(super) fn answering(service: &ResourceKey) -> Port {
    Port::new(service, ANSWERING)
}

/// The id of the service that a name such as `com.amazonaws.vpce.eu-west-1.vpce-svc-1` means, if it is a customer's.
pub(super) fn id_in(name: &str) -> Option<Id<VpcEndpointService>> {
    let id = name.rsplit('.').next().filter(|id| id.starts_with("vpce-svc-"))?;
    Some(Id::new(id))
}

impl VpcEndpointService {
    /// The balancers that carry it.
    fn balancers(&self) -> impl Iterator<Item = &Id<LoadBalancer>> {
        self.network_load_balancer_arns.iter().chain(&self.gateway_load_balancer_arns)
    }

    /// The nodes of its balancers that the snapshot tells, each with its balancer.
    fn nodes<'i>(
        &self,
        inventory: &'i Inventory,
    ) -> Vec<(&'i Entry<LoadBalancer>, &'i Entry<NetworkInterface>)> {
        let balancers = self.balancers().filter_map(|id| balancer(id, inventory));
        balancers
            .flat_map(|entry| load_balancer::interfaces(entry, inventory).map(move |node| (entry, node)))
            .collect()
    }

    /// The zones in which it has nodes.
    pub(super) fn zones(&self, inventory: &Inventory) -> Vec<String> {
        let mut zones: Vec<String> =
            self.nodes(inventory).iter().map(|(_, it)| zone(it, inventory)).collect();
        zones.sort();
        zones.dedup();
        zones
    }

    /// Whether the snapshot does not tell all nodes of its balancers.
    pub(super) fn lacks_nodes(&self, inventory: &Inventory) -> bool {
        self.balancers().any(|id| {
            balancer(id, inventory).is_none_or(|entry| load_balancer::lacks_nodes(entry, inventory))
        })
    }

    /// Whether it carries nothing, or perhaps nothing, in its present state.
    ///
    /// SOURCE: EC2 API reference, `ServiceConfiguration.ServiceState` (checked 2026-11-26).
    fn idle(&self) -> Option<Disposition> {
        match self.service_state.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("available") => None,
            Some("deleting") => Some(Disposition::InsufficientInfo),
            Some(_) => Some(Disposition::Blackhole),
        }
    }
}

fn balancer<'i>(id: &Id<LoadBalancer>, inventory: &'i Inventory) -> Option<&'i Entry<LoadBalancer>> {
    let account = account_in(id.as_str()).unwrap_or_default().to_owned();
    inventory.get(id, &Place { account, region: region_in(id.as_str()).unwrap_or_default() })
}

/// The zone of an interface as its subnet tells it; empty if it does not.
pub(super) fn zone(interface: &Entry<NetworkInterface>, inventory: &Inventory) -> String {
    let subnet = network_interface::subnet_of(interface, inventory);
    subnet.map_or_else(String::new, |subnet| subnet.value.zone().to_owned())
}

impl Resource for VpcEndpointService {
    const TYPE: &'static str = "AWS::EC2::VPCEndpointService";
    const LIST: &'static str = "ServiceConfigurations";

    fn id(&self) -> &Id<Self> {
        &self.service_id
    }

    fn account(&self) -> Option<&str> {
        // The balancers are in the account of the service.
        self.balancers().next().and_then(|arn| account_in(arn.as_str()))
    }

    fn region(&self) -> Option<String> {
        self.balancers().next().and_then(|arn| region_in(arn.as_str()))
    }

    fn associations(&self) -> Vec<String> {
        self.balancers().map(|arn| format!("balancer:{arn}")).collect()
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "vpc-endpoint-service", &self.tags);
        resource.label.clone_from(&self.service_name);
        let key = graph.resource(resource);
        graph.declare_end(End {
            resource: key.clone(),
            departs: Some(Port::new(&key, DEPARTING)),
            arrives: Some(reached(&key)),
            answers: Some(answering(&key)),
            border: false,
            world: World::Own,
        });
        graph.declare(Port::new(&key, RETURNING), &key, Choice::Any, Disposition::Denied);
        for zone in self.zones(inventory).iter().map(String::as_str).chain([""]) {
            graph.declare(arriving(&key, zone), &key, Choice::Any, Disposition::Denied);
        }
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let returning = Port::new(&here.key, RETURNING);
        let departing = Port::new(&here.key, DEPARTING);
        let carries = Cause::new(&here.key, Rule::Carries).at(here.at(""));
        // Every entrance, with the zone that it leads to; none for all zones.
        let mut entrances = BTreeMap::from([(departing.clone(), None), (arriving(&here.key, ""), None)]);
        for zone in self.zones(inventory) {
            entrances.insert(arriving(&here.key, &zone), Some(zone));
        }
        if let Some(disposition) = self.idle() {
            let state = self.service_state.as_deref().unwrap_or_default();
            let cause = Arc::new(carries.noting(format!("`{}` is {state}", self.service_id)));
            for entrance in entrances.keys() {
                if disposition == Disposition::InsufficientInfo {
                    lose_behind(entrance, &Match::All, inventory, &cause, graph);
                }
                graph.connect(entrance, disposition, Transfer::all().for_flow(Flow::Opening), &cause);
            }
            return;
        }
        let missing = self.balancers().filter(|id| {
            let known = balancer(id, inventory);
            known.is_none_or(|entry| load_balancer::lacks_nodes(entry, inventory))
        });
        for id in missing {
            let note = format!("`{id}` or its network interfaces are not fully in the snapshot");
            let cause = Arc::new(carries.clone().noting(note));
            for entrance in entrances.keys() {
                lose_behind(entrance, &Match::All, inventory, &cause, graph);
            }
        }
        let (carries, structure) = (Arc::new(carries), Arc::new(Cause::structure(&here.key)));
        for (balancer, node) in self.nodes(inventory) {
            let own = zone(node, inventory);
            let linked = Balancer::linked(&balancer.key, node);
            for (entrance, only) in &entrances {
                if only.as_ref().is_some_and(|zone| *zone != own) {
                    continue;
                }
                for address in [false, true].into_iter().filter_map(|v6| node.value.primary_address(v6)) {
                    let (family, number) = match address {
                        IpAddr::V4(address) => (Family::V4, u128::from(address.to_bits())),
                        IpAddr::V6(address) => (Family::V6, address.to_bits()),
                    };
                    // The provider's network knows the consumer's members by no group.
                    let to = Rewrite::identity()
                        .assign(Field::DstIp, Ranges::single(number))
                        .assign(Field::Identity, Ranges::single(1));
                    let transfer = Transfer::only(Match::family(family)).rewriting(to);
                    graph.connect(entrance, &linked, transfer.for_flow(Flow::Opening), &carries);
                }
            }
            let answers = Balancer::answering(&balancer.key, node);
            graph.connect(&answers, &returning, Transfer::all().for_flow(Flow::Reply), &structure);
        }
        for entrance in entrances.into_keys() {
            let home = if entrance == departing { reached(&here.key) } else { answering(&here.key) };
            graph.connect(&returning, &home, Transfer::all().restoring(entrance), &structure);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    #[test]
    fn a_missing_balancer_is_said() {
        let export = r#"{"ServiceConfigurations":[{"ServiceId":"vpce-svc-1","ServiceState":"Available","NetworkLoadBalancerArns":["arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/x/1"]}]}"#;
        insta::assert_snapshot!(among(export, "vpce-svc-1"), @"
        vpce-svc-1/arriving@ -> insufficient-info: opening any packet (`arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/x/1` or its network interfaces are not fully in the snapshot)
        vpce-svc-1/arriving@ -> insufficient-info: opening any packet; family := ipv4, dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, dst_port := 1-65535, src_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, src_port := 1024-65535 (`arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/x/1` or its network interfaces are not fully in the snapshot)
        vpce-svc-1/arriving@ -> insufficient-info: opening any packet; family := ipv6, dst_ip := fc00::/7, dst_port := 1-65535, src_ip := fc00::/7, src_port := 1024-65535 (`arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/x/1` or its network interfaces are not fully in the snapshot)
        vpce-svc-1/arriving@ -> insufficient-info: opening ipv4; dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, dst_port := 1-65535 (`arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/x/1` or its network interfaces are not fully in the snapshot)
        vpce-svc-1/arriving@ -> insufficient-info: opening ipv6; dst_ip := fc00::/7, dst_port := 1-65535 (`arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/x/1` or its network interfaces are not fully in the snapshot)
        vpce-svc-1/departing -> insufficient-info: opening any packet (`arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/x/1` or its network interfaces are not fully in the snapshot)
        vpce-svc-1/departing -> insufficient-info: opening any packet; family := ipv4, dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, dst_port := 1-65535, src_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, src_port := 1024-65535 (`arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/x/1` or its network interfaces are not fully in the snapshot)
        vpce-svc-1/departing -> insufficient-info: opening any packet; family := ipv6, dst_ip := fc00::/7, dst_port := 1-65535, src_ip := fc00::/7, src_port := 1024-65535 (`arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/x/1` or its network interfaces are not fully in the snapshot)
        vpce-svc-1/departing -> insufficient-info: opening ipv4; dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, dst_port := 1-65535 (`arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/x/1` or its network interfaces are not fully in the snapshot)
        vpce-svc-1/departing -> insufficient-info: opening ipv6; dst_ip := fc00::/7, dst_port := 1-65535 (`arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/x/1` or its network interfaces are not fully in the snapshot)
        vpce-svc-1/returning -> vpce-svc-1/answering: reply any packet; as before vpce-svc-1/arriving@
        vpce-svc-1/returning -> vpce-svc-1/reached: reply any packet; as before vpce-svc-1/departing
        ");
    }

    #[test]
    fn a_failed_service_carries_nothing() {
        let export = r#"{"ServiceConfigurations":[{"ServiceId":"vpce-svc-1","ServiceState":"Failed","NetworkLoadBalancerArns":[]}]}"#;
        insta::assert_snapshot!(among(export, "blackhole"), @r"
        vpce-svc-1/arriving@ -> blackhole: opening any packet (`vpce-svc-1` is Failed)
        vpce-svc-1/departing -> blackhole: opening any packet (`vpce-svc-1` is Failed)
        ");
    }
}
