//! Classic Load Balancer: listeners that lead to one port of the registered instances.
//!
//! It has neither ARN in its record nor target groups; what it forwards is in `balancing`. Its requests pass the network
//! ACL of its subnet even to instances in the same subnet.
//!
//! SOURCE: ELB API reference version 2012-06-01, `LoadBalancerDescription` and `Listener`; guide for Classic Load
//! Balancers, "Configure cross-zone load balancing" (off by default through the API); Reachability Analyzer guide,
//! `ELB_ACL_RESTRICTION` and `ELB_LISTENER_PORT_RESTRICTION` (checked 2026-11-26).
use std::sync::Arc;

use graph::{Cause, GraphBuilder, ListenerRule, ResourceRef, Rule};
use serde::Deserialize;

use super::{
    Resource,
    balancing::{Balancer, Kind, Listening, Node, Outlet, protocols},
    balancing_nodes::{lose_to, without_node},
    instance::Instance,
    load_balancer::{arn_of, interfaces_named},
    nullable, optional, region_of_zone,
    subnet::Subnet,
    target::{Targets, Zone},
};
use crate::{Entry, Id, Inventory};

/// A balancer, as `elb describe-load-balancers` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ClassicLoadBalancer {
    load_balancer_name: Id<ClassicLoadBalancer>,
    #[serde(default, deserialize_with = "nullable")]
    listener_descriptions: Vec<ListenerDescription>,
    #[serde(default, deserialize_with = "nullable")]
    instances: Vec<Registered>,
    #[serde(default, deserialize_with = "nullable")]
    availability_zones: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    subnets: Vec<Id<Subnet>>,
    #[serde(default, deserialize_with = "optional")]
    scheme: Option<String>,
    #[serde(default, deserialize_with = "optional", rename = "DNSName")]
    dns_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListenerDescription {
    listener: ClassicListener,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ClassicListener {
    protocol: String,
    load_balancer_port: u16,
    instance_port: u16,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Registered {
    instance_id: Id<Instance>,
}

impl ClassicLoadBalancer {
    fn forwarder<'i>(&'i self, here: &'i Entry<Self>, inventory: &'i Inventory) -> Balancer<'i> {
        let name = self.load_balancer_name.as_str();
        let nodes = interfaces_named(name, &here.place, inventory).map(|it| Node::new(it, inventory));
        let subnets = self.subnets.iter().filter_map(|id| inventory.get(id, &here.place));
        let zones = self.availability_zones.iter().map(|zone| Zone::called(zone));
        let arn = arn_of(name, &here.place);
        let crosses = inventory.balancing.crosses_zones(name);
        Balancer {
            key: &here.key,
            kind: Kind::Classic,
            zones: zones.chain(subnets.map(|subnet| Zone::of(Some(subnet)))).collect(),
            nodes: nodes.collect(),
            crosses_zones: crosses.or_else(|| inventory.balancing.crosses_zones(&arn)),
            is_linked: false,
            filters_linked: false,
            identity: None,
            origin: here.at(""),
            outlets: self
                .listener_descriptions
                .iter()
                .map(|it| (here.key.clone(), it.listener.instance_port.to_string()))
                .collect(),
        }
    }
}

impl Resource for ClassicLoadBalancer {
    const TYPE: &'static str = "AWS::ElasticLoadBalancing::LoadBalancer";
    const LIST: &'static str = "LoadBalancerDescriptions";
    const OWN: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.load_balancer_name
    }

    fn region(&self) -> Option<String> {
        region_of_zone(self.availability_zones.first().map(String::as_str))
    }

    fn associations(&self) -> Vec<String> {
        vec![format!("name:{}", self.load_balancer_name)]
    }

    fn declare(&self, here: &Entry<Self>, _: &Inventory, graph: &mut GraphBuilder) {
        graph.resource(ResourceRef {
            arn: Some(arn_of(self.load_balancer_name.as_str(), &here.place)),
            account: here.place.account.clone(),
            region: here.place.region.clone(),
            label: self.dns_name.clone(),
            ..ResourceRef::new(Self::TYPE, self.load_balancer_name.as_str())
        });
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let balancer = self.forwarder(here, inventory);
        balancer.declare(inventory, graph);
        let name = self.load_balancer_name.as_str();
        let nodes: Vec<_> = interfaces_named(name, &here.place, inventory).collect();
        let subnets = self.subnets.iter().filter_map(|id| inventory.get(id, &here.place));
        let note = format!("the network interfaces of `{name}` are not fully in the snapshot");
        let cause = Arc::new(Cause::new(&here.key, Rule::Carries).at(here.at("")).noting(note));
        let faces_internet = self.scheme.as_deref() != Some("internal");
        lose_to(&without_node(subnets, &nodes), faces_internet, &cause, inventory, graph);
        let mut taken = Vec::new();
        for (at, ListenerDescription { listener }) in self.listener_descriptions.iter().enumerate() {
            let mut targets = Targets::default();
            for registered in &self.instances {
                let id = &registered.instance_id;
                targets.add_instance(id, listener.instance_port, false, &here.place, inventory);
            }
            let outlet = Outlet {
                owner: &here.key,
                name: listener.instance_port.to_string(),
                preserves: false,
                sure: true,
                crosses_zones: balancer.crosses_zones,
                targets: &targets,
            };
            let rule = ListenerRule {
                listener: listener.load_balancer_port.to_string(),
                protocol: listener.protocol.clone(),
                port: listener.load_balancer_port,
                priority: None,
            };
            let origin = here.at(format_args!("/ListenerDescriptions/{at}"));
            let known = protocols(&listener.protocol);
            let listening = Listening::at(rule, known, origin);
            balancer.forward(&listening, &outlet, inventory, graph);
            taken.push(listening.guard);
        }
        balancer.offer_listener(taken, inventory, graph);
    }
}
