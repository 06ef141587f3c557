//! What Reachability Analyzer says of a path beside its components, as far as steps tell it.
//!
//! SOURCE: Reachability Analyzer guide, "Additional detail codes" (checked 2026-11-27).

use std::collections::BTreeMap;

use graph::{Hop, NodeId, ResourceId, ResourceKey, Trace};

use super::component::{PathComponent, add_detail, analysis_component, id_of};
use crate::{Analysis, Detail};

/// A way, step by step.
pub(super) struct Steps<'a> {
    pub(super) analysis: &'a Analysis,
    pub(super) trace: &'a Trace,
}

impl Steps<'_> {
    /// Adds what the steps tell to the components of the way.
    pub(super) fn tell(&self, list: &mut [PathComponent]) {
        for hop in &self.trace.hops {
            self.appliances(hop, list);
            self.clients(hop, list);
        }
        self.other_zones(list);
        self.appliance_mode(list);
    }

    fn from(&self, hop: &Hop) -> NodeId {
        self.analysis.graph().edge(hop.edge).from
    }

    fn owner(&self, node: NodeId) -> Option<ResourceId> {
        self.analysis.graph().node(node).resource
    }

    fn kind(&self, id: ResourceId) -> &str {
        self.analysis.graph().resource(id).kind.as_str()
    }

    /// Says it once, of the component that is this resource, or else of the last.
    fn say(&self, list: &mut [PathComponent], detail: Detail, of: ResourceId) {
        let id = self.analysis.graph().resource(of).id.as_str();
        let at = list.iter().position(|shown| id_of(shown) == id).unwrap_or(list.len().saturating_sub(1));
        if list.get(at).is_some_and(|shown| !shown.has_detail(detail)) {
            add_detail(list, at, detail, Some(analysis_component(self.analysis, of)));
        }
    }

    /// What appliances behind a Gateway Load Balancer endpoint do is taken for granted.
    fn appliances(&self, hop: &Hop, list: &mut [PathComponent]) {
        let (graph, node) = (self.analysis.graph(), self.from(hop));
        let Some(here) = self.owner(node) else { return };
        let takes = graph.edge(hop.edge).cause.note.is_some() && graph.node(node).port == "inspecting";
        if takes && self.kind(here) == "AWS::EC2::VPCEndpoint" {
            self.say(list, Detail::PathThroughGwlbNotChecked, here);
        }
    }

    /// Whether a target group preserves its clients' addresses is taken for granted.
    fn clients(&self, hop: &Hop, list: &mut [PathComponent]) {
        let (graph, node) = (self.analysis.graph(), self.from(hop));
        let Some(here) = self.owner(node).filter(|id| self.kind(*id) == TARGET_GROUP) else { return };
        let open = graph.outgoing(node).iter().filter_map(|&edge| graph.edge(edge).cause.note.as_deref());
        if !open.into_iter().any(|note| note.contains("preserves client addresses")) {
            return;
        }
        let detail = if hop.before.src() == hop.after.src() {
            Detail::AssumptionPreserveClientIpIsEnabled
        } else {
            Detail::AssumptionPreserveClientIpIsDisabled
        };
        self.say(list, detail, here);
    }

    /// A balancer's node hands packets to a target in another zone.
    fn other_zones(&self, list: &mut [PathComponent]) {
        let graph = self.analysis.graph();
        let zones = self.analysis.inventory().zones_of_interfaces();
        let zone = |id: ResourceId| zones.get(graph.key(id));
        let mut from = None;
        for hop in &self.trace.hops {
            if let Some(node) = outlet(graph.node(self.from(hop)).port.as_str()) {
                from = scope::selection::by_text(graph, node).into_iter().next();
            }
            let to = self.owner(graph.edge(hop.edge).to);
            let to = to.filter(|id| self.kind(*id) == "AWS::EC2::NetworkInterface");
            let (Some(near), Some(far)) = (from, to) else { continue };
            if zone(near).is_some() && zone(far).is_some() && zone(near) != zone(far) {
                self.say(list, Detail::AvailabilityZoneCrossed, far);
            }
            from = None;
        }
    }

    /// A firewall inspects what an attachment without appliance mode brings to it.
    fn appliance_mode(&self, list: &mut [PathComponent]) {
        let graph = self.analysis.graph();
        let without: BTreeMap<ResourceKey, ResourceKey> = self.analysis.inventory().without_appliance_mode();
        let mut entered = None;
        for hop in &self.trace.hops {
            let Some(here) = self.owner(self.from(hop)) else { continue };
            if let Some(vpc) = without.get(graph.key(here)) {
                entered = Some((here, vpc));
            }
            let inspects = self.kind(here) == "AWS::NetworkFirewall::Firewall";
            if let Some((attachment, vpc)) = entered.filter(|_| inspects)
                && graph.resource(here).within.contains(vpc)
            {
                self.say(list, Detail::TransitGatewayApplianceModeRecommended, attachment);
            }
        }
    }
}

const TARGET_GROUP: &str = "AWS::ElasticLoadBalancingV2::TargetGroup";

/// The node of a balancer whose outlet this port is: `from[eni-1]`.
fn outlet(port: &str) -> Option<&str> {
    let rest = port.strip_prefix("from[").or_else(|| port.strip_prefix("linked["))?;
    rest.split(']').next()
}
