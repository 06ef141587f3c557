//! What would have to be otherwise at a load balancer: listeners, targets and zones that it does not have.
//!
//! No records of its own. A listener that there is not would hand packets to the targets that other listeners of the
//! balancer have; so would one that has none. Of a Gateway Load Balancer, it is the packet that would have to be wrapped.
//!
//! SOURCE: Reachability Analyzer guide, `ELB_LISTENERS_MISMATCH`, `ELBV2_LISTENERS_MISMATCH`, `ELBV2_LISTENER_HAS_NO_TG`,
//! `ELBV2_LISTENER_REQUIRES_TG_ACCEPT`, `ELB_INSTALLED_AZ_RESTRICTION`, `ELB_NOT_CROSSZONE`,
//! `GWLB_DESTINATION_PORT_RESTRICTION` and `GWLB_PROTOCOL_RESTRICTION` (checked 2026-11-27).
//! GAP: targets that no listener of the balancer has are not offered.
use std::sync::Arc;

use graph::{Cause, Choice, Control, Disposition, Flow, GraphBuilder, Obstacle, Port, Transfer};
use headerspace::{Field, Match, Ranges, Rewrite};

use super::{
    balancing::{Balancer, GENEVE, Listening, Node, Outlet},
    target::Target,
};
use crate::Inventory;

impl Balancer<'_> {
    /// The ports for what a node sends to the targets of each outlet.
    fn outlets(&self, node: &Node<'_>, linked: bool) -> impl Iterator<Item = Port> {
        self.outlets.iter().map(move |(owner, name)| node.outlet(owner, name, linked))
    }

    /// Offers everything of `guard` that nodes would take to the targets that there are.
    fn offer_to_all(
        &self,
        guard: &Match,
        control: &Control,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        for node in &self.nodes {
            for (entry, linked) in self.entries(node, inventory) {
                let own = (!linked).then(|| Match::src_any_of(node.interface.value.addresses()));
                let guard = [node.addressed(), guard.clone()].into_iter().chain(own.map(Match::not));
                let transfer = Transfer::only(Match::all_of(guard)).for_flow(Flow::Opening);
                for port in self.outlets(node, linked) {
                    graph.offer(&entry, &port, transfer.clone(), control.clone());
                }
            }
        }
    }

    /// Offers a listener for what none takes; `taken` is what those take that there are.
    pub(super) fn offer_listener(&self, taken: Vec<Match>, inventory: &Inventory, graph: &mut GraphBuilder) {
        if !graph.is_openable() {
            return;
        }
        let either = Match::any_of([Match::protocol(6), Match::protocol(17)]);
        let guard = Match::all_of([either, Match::not(Match::any_of(taken))]);
        let text = "has no listener that takes it";
        let control = Control::obstacle(self.key, Obstacle::Listener, text, self.origin.clone());
        self.offer_to_all(&guard, &control, inventory, graph);
    }

    /// Offers targets to a listener that answers itself.
    pub(super) fn offer_targets(
        &self,
        listening: &Listening,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        if !graph.is_openable() {
            return;
        }
        let text = "hands what its listener takes to no target";
        let control = Control::obstacle(self.key, Obstacle::Targets, text, listening.origin.clone());
        self.offer_to_all(&listening.guard, &control, inventory, graph);
    }

    /// Offers the targets of other outlets to one that has none.
    pub(super) fn offer_others(&self, node: &Node<'_>, port: &Port, linked: bool, graph: &mut GraphBuilder) {
        if !graph.is_openable() {
            return;
        }
        let control =
            Control::obstacle(port.owner(), Obstacle::Targets, "holds no targets", self.origin.clone());
        for other in self.outlets(node, linked).filter(|other| other != port) {
            graph.offer(port, &other, Transfer::all().for_flow(Flow::Opening), control.clone());
        }
    }

    /// Offers a target that a node does not use: in a zone for which the balancer is not enabled, or in another than
    /// its own, or both.
    #[expect(clippy::too_many_arguments, reason = "who sends, what, whither and through what")]
    pub(super) fn offer_zones(
        &self,
        node: &Node<'_>,
        outlet: &Outlet<'_, '_>,
        target: &Target<'_>,
        (port, linked): (&Port, bool),
        [disabled, apart]: [bool; 2],
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        if !graph.is_openable() {
            return;
        }
        let mut controls = Vec::new();
        if disabled {
            let text = format!("is not enabled in the zone of target `{}`", target.address);
            let origin = target.origin.clone().or(self.origin.clone());
            controls.push(("disabled", Control::obstacle(self.key, Obstacle::Zone, text, origin)));
        }
        if apart {
            let text = format!("uses no targets in other zones at {}", node.id());
            let control = Control::obstacle(self.key, Obstacle::CrossZone, text, self.origin.clone());
            controls.push(("other", control));
        }
        let mut at = port.clone();
        for (name, control) in &controls {
            let next = Port::new(port.owner(), format!("{}, in {name} zones", at.name()));
            graph.offered(control, |graph| {
                graph.declare(next.clone(), outlet.owner, Choice::Any, Disposition::NoRoute);
            });
            graph.offer(&at, &next, Transfer::all().for_flow(Flow::Opening), control.clone());
            at = next;
        }
        let Some((_, last)) = controls.last() else { return };
        graph.offered(last, |graph| {
            let note = (target.doubt.clone(), false);
            self.deliver(node, outlet, target, (&at, linked), note, inventory, graph);
            self.connect_back(node, outlet, (&at, linked), graph);
        });
    }

    /// Offers to wrap what a Gateway Load Balancer would hand to its appliances: it sends them nothing but GENEVE.
    pub(super) fn offer_unwrapped(&self, inventory: &Inventory, graph: &mut GraphBuilder) {
        if !graph.is_openable() {
            return;
        }
        let obstacle = |kind, text: &str| Control::obstacle(self.key, kind, text, self.origin.clone());
        let protocol = obstacle(Obstacle::Protocol, "sends UDP only to its targets");
        let port = obstacle(Obstacle::Port, "sends to port 6081 of its targets only");
        let becomes = |field, value: u128| Rewrite::identity().assign(field, Ranges::single(value));
        let (udp, geneve) = (Match::protocol(17), Match::ports(Field::DstPort, GENEVE..=GENEVE));
        let only = |guard: Match| Transfer::only(guard).for_flow(Flow::Opening);
        for node in &self.nodes {
            for (entry, linked) in self.entries(node, inventory) {
                let wrapped = Port::new(self.key, format!("{}, as UDP", entry.name()));
                let addressed = node.addressed();
                let others = only(Match::all_of([addressed.clone(), Match::not(udp.clone())]));
                let others = others.rewriting(becomes(Field::Protocol, 17));
                graph.offered(&protocol, |graph| {
                    graph.declare(wrapped.clone(), self.key, Choice::Any, Disposition::NoRoute);
                    let cause = Arc::new(Cause::structure(self.key));
                    for outlet in self.outlets(node, linked) {
                        graph.connect(&wrapped, &outlet, only(geneve.clone()), &cause);
                    }
                });
                graph.offer(&entry, &wrapped, others, protocol.clone());
                let elsewhere = |guard: Match| {
                    only(Match::all_of([guard, Match::not(geneve.clone())]))
                        .rewriting(becomes(Field::DstPort, GENEVE.into()))
                };
                for outlet in self.outlets(node, linked) {
                    let direct = Match::all_of([addressed.clone(), udp.clone()]);
                    graph.offer(&entry, &outlet, elsewhere(direct), port.clone());
                    graph.offer(&wrapped, &outlet, elsewhere(Match::All), port.clone());
                }
            }
        }
    }
}
