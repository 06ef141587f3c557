//! What load balancers forward. A balancer has a node in each of its zones, which is one network interface.
//!
//! A packet that the groups of a node accept on a listener's port goes to a port of the target group that stands for
//! what this node sends to it (`from[eni-1]`), and from there, rewritten, out through the node's own filters. Where the
//! client's address is preserved only the destination changes; the packet passes `sent[eni-1]` first. Otherwise the node
//! is a proxy: source and source port become its own, and the family may change.
//!
//! Replies to a proxy are addressed to its node, which undoes the translation. Replies to a preserved client are
//! addressed to the client, but the network takes them back to the node, whatever the route table of the target's
//! subnet says; the network ACLs between target and node see the client's address (`back[eni-1]/…`).
//!
//! What comes through an endpoint service stands at `linked[eni-1]`; replies leave at `answering[eni-1]`.
//!
//! SOURCE: guide for Network Load Balancers, "Client IP preservation" (preserved if client and target are of the same
//! family, else the source is the node; not for PrivateLink; targets in the balancer's VPC or a peered one), "Update the
//! security groups" (none: everything passes; the source seen through PrivateLink is the client's private address) and
//! "Troubleshoot" (network ACLs of both subnets; zones that are not enabled); guides of all kinds, "Cross-zone load
//! balancing"; Reachability Analyzer guide, `REMAP_EPHEMERAL_PORT` (1024-65535), `ELB_ACL_RESTRICTION`,
//! `ELB_INSTALLED_AZ_RESTRICTION`, `GWLB_PROTOCOL_RESTRICTION` (UDP 6081) (checked 2026-11-26).
//! SOURCE: Network Access Analyzer guide, limits: loops such as a load balancer that targets itself are not followed
//! (checked 2026-11-26).
//! GAP: health of targets, stickiness, and limits such as connection counts are not considered.
//! GAP: whether a target's rule that names a group of the clients admits those whose address is preserved is not told by
//! the stored documents: where only such a rule admits them, the answer is unknown.
//! GAP: a client that reaches itself through a balancer that preserves its address, which fails, is not told apart.
use std::{net::IpAddr, sync::Arc};

use graph::{
    Cause, Choice, Direction, Disposition, Flow, GraphBuilder, ListenerRule as ListenerText, Origin, Port,
    ResourceKey, Rule, Transfer,
};
use headerspace::{Family, Field, Match, Ranges, Rewrite};
use ipnet::IpNet;

use super::{
    Resource as _, network_acl,
    network_interface::{self, Filters, NetworkInterface},
    not_modelled::{conceivable, lose, lose_behind},
    subnet::Subnet,
    target::{Target, Targets, Zone},
};
use crate::{Entry, Inventory};

/// The port of GENEVE, in which a Gateway Load Balancer wraps what it sends to appliances.
pub(super) const GENEVE: u16 = 6081;

/// What a balancer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Application,
    Classic,
    Gateway,
    Network,
}

/// A balancer as what forwards.
#[derive(Debug)]
pub(super) struct Balancer<'i> {
    pub(super) key: &'i ResourceKey,
    pub(super) kind: Kind,
    pub(super) nodes: Vec<Node<'i>>,
    /// The zones for which it is enabled.
    pub(super) zones: Vec<Zone>,
    /// Whether its nodes use targets in other zones, unless the target group says otherwise; `None` if the snapshot does
    /// not tell.
    pub(super) crosses_zones: Option<bool>,
    /// Whether an endpoint service names it.
    pub(super) is_linked: bool,
    /// Whether its groups filter what comes through services.
    pub(super) filters_linked: bool,
    /// The number under which what it forwards is known where clients' addresses are preserved.
    pub(super) identity: Option<u128>,
    /// Where it is written.
    pub(super) origin: Option<Origin>,
    /// What its listeners forward to: the owner and the name of each outlet.
    pub(super) outlets: Vec<(ResourceKey, String)>,
}

/// What a balancer is in one zone.
#[derive(Debug)]
pub(super) struct Node<'i> {
    pub(super) interface: &'i Entry<NetworkInterface>,
    pub(super) zone: Zone,
    subnet: Option<&'i Entry<Subnet>>,
    filters: Filters,
}

impl<'i> Node<'i> {
    /// The node that an interface is.
    pub(super) fn new(interface: &'i Entry<NetworkInterface>, inventory: &'i Inventory) -> Self {
        let subnet = network_interface::subnet_of(interface, inventory);
        Self { interface, zone: Zone::of(subnet), subnet, filters: Filters::of(interface, inventory) }
    }

    pub(super) fn id(&self) -> &str {
        self.interface.key.id()
    }

    pub(super) fn addressed(&self) -> Match {
        Match::dst_any_of(self.interface.value.addresses())
    }

    fn accepted(&self) -> &Port {
        let [_, accepted] = self.filters.ports(Direction::Ingress);
        accepted
    }

    fn sending(&self) -> &Port {
        let [sending, _] = self.filters.ports(Direction::Egress);
        sending
    }

    /// What stands for all that it sends to the targets of an outlet.
    pub(super) fn outlet(&self, owner: &ResourceKey, name: &str, linked: bool) -> Port {
        let through = if linked { "linked" } else { "from" };
        Port::new(owner, format!("{through}[{}]{name}", self.id()))
    }

    /// Its own addresses of one family.
    fn sources(&self, family: Family) -> Ranges {
        let own = self.interface.value.addresses().filter(|net| family_of(net.addr()) == family);
        own.fold(Ranges::empty(), |all, net| all.union(&numbers(net)))
    }
}

fn family_of(address: IpAddr) -> Family {
    if address.is_ipv6() { Family::V6 } else { Family::V4 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn numbers(net: IpNet) -> Ranges {
    Ranges::range(number(net.network())..=number(net.broadcast()))
}

/// Protocols of packets for a listener of this protocol; `None` if that is not known.
pub(super) fn protocols(name: &str) -> Option<Match> {
    let both = || Match::any_of([Match::protocol(6), Match::protocol(17)]);
    match name.to_ascii_uppercase().as_str() {
        "HTTP" | "HTTPS" | "SSL" | "TCP" | "TLS" => Some(Match::protocol(6)),
        "GENEVE" | "QUIC" | "UDP" => Some(Match::protocol(17)),
        "TCP_QUIC" | "TCP_UDP" => Some(both()),
        _ => None,
    }
}

/// What a listener, or a rule of it, takes.
#[derive(Debug, Clone)]
pub(super) struct Listening {
    rule: Rule,
    pub(super) guard: Match,
    pub(super) origin: Option<Origin>,
    /// Why it is not sure that it takes these packets.
    pub(super) doubt: Option<String>,
}

impl Listening {
    /// A listener of these protocols.
    pub(super) fn at(rule: ListenerText, protocols: Option<Match>, origin: Option<Origin>) -> Self {
        let doubt = protocols
            .is_none()
            .then(|| format!("listeners of protocol `{}` are not modelled", rule.protocol));
        let port = Match::ports(Field::DstPort, rule.port..=rule.port);
        let either = || Match::any_of([Match::protocol(6), Match::protocol(17)]);
        let guard = Match::all_of([protocols.unwrap_or_else(either), port]);
        Self { rule: Rule::Listener(rule), guard, origin, doubt }
    }

    /// A listener of a Gateway Load Balancer.
    pub(super) fn geneve(listener: String, origin: Option<Origin>) -> Self {
        let rule = ListenerText { listener, protocol: "GENEVE".to_owned(), port: GENEVE, priority: None };
        Self::at(rule, protocols("GENEVE"), origin)
    }

    /// The same for these packets only.
    pub(super) fn only(mut self, packets: Match) -> Self {
        self.guard = Match::all_of([self.guard, packets]);
        self
    }

    /// The same for a rule of this priority, written elsewhere.
    pub(super) fn by(mut self, text: String, written: Option<Origin>) -> Self {
        if let Rule::Listener(rule) = &mut self.rule {
            rule.priority = Some(text);
        }
        self.origin = written.or(self.origin);
        self
    }

    fn cause(&self, balancer: &Balancer<'_>) -> Cause {
        Cause::new(balancer.key, self.rule.clone()).at(self.origin.clone())
    }
}

/// Where the packets of a listener go.
#[derive(Debug)]
pub(super) struct Outlet<'t, 'i> {
    /// The target group; for classic balancers the balancer.
    pub(super) owner: &'t ResourceKey,
    /// What tells it apart from other outlets of the same owner.
    pub(super) name: String,
    /// Whether the client's address is preserved.
    pub(super) preserves: bool,
    /// Whether the snapshot tells that, or nobody can change it.
    pub(super) sure: bool,
    /// Whether nodes use targets in other zones, if the snapshot tells.
    pub(super) crosses_zones: Option<bool>,
    pub(super) targets: &'t Targets<'i>,
}

impl Balancer<'_> {
    fn port(&self, name: &str, node: &Node<'_>) -> Port {
        Port::new(self.key, format!("{name}[{}]", node.id()))
    }

    /// Where packets that come through a service stand at a node.
    pub(super) fn linked(key: &ResourceKey, node: &Entry<NetworkInterface>) -> Port {
        Port::new(key, format!("linked[{}]", node.key.id()))
    }

    /// Where replies to such packets leave.
    pub(super) fn answering(key: &ResourceKey, node: &Entry<NetworkInterface>) -> Port {
        Port::new(key, format!("answering[{}]", node.key.id()))
    }

    /// Declares the ports that services connect to, and the filters between them and the listeners.
    pub(super) fn declare(&self, inventory: &Inventory, graph: &mut GraphBuilder) {
        if !self.is_linked {
            return;
        }
        for node in &self.nodes {
            let linked = Self::linked(self.key, node.interface);
            graph.declare(linked.clone(), self.key, Choice::Any, Disposition::Denied);
            let answering = Self::answering(self.key, node.interface);
            graph.declare(answering, self.key, Choice::Any, Disposition::Denied);
            if self.filters_linked {
                let filters = Filters::linked(node.interface, inventory);
                let ports @ [received, accepted] = filters.ports(Direction::Ingress);
                let owner = network_interface::subnet_key(node.interface, inventory);
                graph.declare(received.clone(), &owner, Choice::Any, Disposition::Denied);
                graph.declare(accepted.clone(), &owner, Choice::Any, Disposition::Denied);
                network_interface::connect_filters(node.interface, &[ports], inventory, graph);
                let cause = Arc::new(Cause::structure(self.key));
                let own = Transfer::only(node.addressed()).for_flow(Flow::Opening);
                graph.connect(&linked, received, own, &cause);
            }
        }
    }

    /// Where packets stand that a node may take: those that came directly, and those through a service.
    pub(super) fn entries(&self, node: &Node<'_>, inventory: &Inventory) -> Vec<(Port, bool)> {
        let mut entries = Vec::new();
        // What appliances get comes through services only.
        if self.kind != Kind::Gateway {
            entries.push((node.accepted().clone(), false));
        }
        if self.is_linked {
            let filters = Filters::linked(node.interface, inventory);
            let [_, accepted] = filters.ports(Direction::Ingress);
            let linked = Self::linked(self.key, node.interface);
            entries.push((if self.filters_linked { accepted.clone() } else { linked }, true));
        }
        entries
    }

    /// Ends opening packets of `guard` that the nodes would take, with this reason.
    pub(super) fn refuse(
        &self,
        disposition: Disposition,
        guard: &Match,
        cause: &Arc<Cause>,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        for node in &self.nodes {
            let either = Match::any_of([Match::protocol(6), Match::protocol(17)]);
            let guard = Match::all_of([node.addressed(), either, guard.clone()]);
            for (entry, _) in self.entries(node, inventory) {
                if disposition == Disposition::InsufficientInfo {
                    lose_behind(&entry, &guard, inventory, cause, graph);
                    continue;
                }
                let transfer = Transfer::only(guard.clone()).for_flow(Flow::Opening);
                graph.connect(&entry, disposition, transfer, cause);
            }
        }
    }

    /// Says that it is not known what becomes of packets that a listener takes.
    pub(super) fn unknown(
        &self,
        listening: &Listening,
        note: &str,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let cause = Arc::new(listening.cause(self).noting(note));
        self.refuse(Disposition::InsufficientInfo, &listening.guard, &cause, inventory, graph);
    }

    /// Forwards what a listener takes to the targets of an outlet, at every node.
    pub(super) fn forward(
        &self,
        listening: &Listening,
        outlet: &Outlet<'_, '_>,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let cause = listening.cause(self);
        let cause = Arc::new(match &listening.doubt {
            Some(note) => cause.noting(note.clone()),
            None => cause,
        });
        for node in &self.nodes {
            for (entry, linked) in self.entries(node, inventory) {
                let port = self.outlet(node, outlet, linked, inventory, graph);
                // A node that forwards to itself goes round in circles, and AWS does not follow it either.
                let own = (!linked).then(|| Match::src_any_of(node.interface.value.addresses()));
                let guard =
                    [node.addressed(), listening.guard.clone()].into_iter().chain(own.map(Match::not));
                let guard = Match::all_of(guard);
                let transfer = Transfer::only(guard).for_flow(Flow::Opening);
                let certain = listening.doubt.is_none();
                graph.connect(&entry, &port, Transfer { certain, ..transfer }, &cause);
            }
        }
    }

    /// The port that stands for what a node sends to the targets of an outlet, connected once however many rules lead
    /// there.
    fn outlet(
        &self,
        node: &Node<'_>,
        outlet: &Outlet<'_, '_>,
        linked: bool,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) -> Port {
        let port = node.outlet(outlet.owner, &outlet.name, linked);
        if graph.is_declared(&port) {
            return port;
        }
        graph.declare(port.clone(), outlet.owner, Choice::Any, Disposition::NoRoute);
        let note = |note: &String| Arc::new(Cause::new(outlet.owner, Rule::Carries).noting(note.clone()));
        for missing in &outlet.targets.missing {
            self.send_anywhere(node, outlet, (&port, linked), &note(missing), inventory, graph);
        }
        for reason in &outlet.targets.nowhere {
            graph.connect(&port, Disposition::NoRoute, Transfer::all(), &note(reason));
        }
        for target in &outlet.targets.known {
            self.send(node, outlet, target, (&port, linked), inventory, graph);
        }
        if outlet.targets.known.is_empty() && outlet.targets.missing.is_empty() {
            self.offer_others(node, &port, linked, graph);
        }
        self.connect_back(node, outlet, (&port, linked), graph);
        port
    }

    /// Takes replies to what a node sent in its own name back to it.
    pub(super) fn connect_back(
        &self,
        node: &Node<'_>,
        outlet: &Outlet<'_, '_>,
        (port, linked): (&Port, bool),
        graph: &mut GraphBuilder,
    ) {
        let dual = [Family::V4, Family::V6].iter().all(|family| !node.sources(*family).is_empty());
        if outlet.preserves && outlet.sure && !linked && !dual {
            return;
        }
        // A proxy's replies come to its own address.
        let cause = Arc::new(Cause::structure(self.key));
        let back = Transfer::only(node.addressed()).restoring(port.clone());
        if linked {
            let answering = Self::answering(self.key, node.interface);
            graph.connect(node.accepted(), &answering, back, &cause);
        } else {
            graph.connect(node.accepted(), node.sending(), back, &cause);
        }
    }

    /// Connects targets of which the snapshot does not tell: they may be anybody in the VPC of the node or elsewhere.
    fn send_anywhere(
        &self,
        node: &Node<'_>,
        outlet: &Outlet<'_, '_>,
        (port, linked): (&Port, bool),
        cause: &Arc<Cause>,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        if (outlet.preserves || !outlet.sure) && !linked {
            let sent = self.sent(node, graph);
            for (family, targets) in conceivable(inventory) {
                let rewrite = Rewrite::identity()
                    .assign(Field::DstIp, targets)
                    .assign(Field::DstPort, Ranges::range(1..=65535));
                let transfer = Transfer::only(Match::family(family)).rewriting(rewrite);
                graph.connect(port, &sent, transfer.for_flow(Flow::Opening).uncertain(), cause);
            }
            if outlet.sure {
                return;
            }
        }
        for (family, targets) in conceivable(inventory) {
            let sources = node.sources(family);
            if sources.is_empty() {
                continue;
            }
            let rewrite = Rewrite::identity()
                .assign(Field::Family, Ranges::single(family.value()))
                .assign(Field::DstIp, targets)
                .assign(Field::DstPort, Ranges::range(1..=65535))
                .assign(Field::SrcIp, sources)
                .assign(Field::SrcPort, Ranges::range(1024..=65535))
                .assign(Field::Identity, Ranges::single(0));
            let transfer = Transfer::all().rewriting(rewrite).for_flow(Flow::Opening).uncertain();
            graph.connect(port, node.sending(), transfer, cause);
        }
    }

    /// Connects one target.
    fn send(
        &self,
        node: &Node<'_>,
        outlet: &Outlet<'_, '_>,
        target: &Target<'_>,
        (port, linked): (&Port, bool),
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let enabled: Vec<Option<bool>> = self.zones.iter().map(|zone| zone.is(&target.zone)).collect();
        let enabled = [Some(true), None].into_iter().find(|it| enabled.contains(it)).unwrap_or(Some(false));
        let used = match (outlet.crosses_zones, node.zone.is(&target.zone)) {
            (Some(true), _) => Some(true),
            // What other zones get then is in doubt; its own zone gets packets in any case.
            (None, Some(false)) => None,
            (_, near) => near,
        };
        if enabled == Some(false) || used == Some(false) {
            let why = if enabled == Some(false) {
                format!("the zone of target `{}` is not enabled", target.address)
            } else {
                format!("`{}` uses no targets in other zones", node.id())
            };
            let cause = Cause::new(outlet.owner, Rule::Carries).at(target.origin.clone()).noting(why);
            let unused = Transfer::all().for_flow(Flow::Opening);
            graph.connect(port, Disposition::NoRoute, unused, &Arc::new(cause));
            let zones = [enabled == Some(false), used == Some(false)];
            self.offer_zones(node, outlet, target, (port, linked), zones, inventory, graph);
            return;
        }
        let apart = node.zone.is(&target.zone) == Some(false);
        let zone = match (enabled, used) {
            (Some(true), Some(true)) => None,
            (Some(true), None) if apart => Some(format!(
                "whether `{}` uses targets in other zones is not in the snapshot",
                self.key.id()
            )),
            _ => Some(format!("the zone of target `{}` is not in the snapshot", target.address)),
        };
        let note = target.doubt.clone().or(zone);
        // What the attributes would tell is one gap, however many targets there are.
        let of_all = target.doubt.is_none() && apart;
        self.deliver(node, outlet, target, (port, linked), (note, of_all), inventory, graph);
    }

    /// Connects one target that a node uses; `note` says why that is not sure, and whether for all targets alike.
    #[expect(
        clippy::too_many_arguments,
        reason = "who sends, what, whither and through what, and how sure that is"
    )]
    pub(super) fn deliver(
        &self,
        node: &Node<'_>,
        outlet: &Outlet<'_, '_>,
        target: &Target<'_>,
        (port, linked): (&Port, bool),
        (note, of_all): (Option<String>, bool),
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let certain = note.is_none();
        let mut cause = if outlet.owner == self.key {
            Cause::structure(self.key)
        } else {
            Cause::new(outlet.owner, Rule::Carries).at(target.origin.clone().filter(|_| !of_all))
        };
        cause.note = note;
        // AWS's default is taken for granted, and the other way is in doubt.
        let unsure = !outlet.sure && !linked;
        let doubt =
            || format!("whether `{}` preserves client addresses is not in the snapshot", outlet.owner.id());
        let doubt = cause.note.clone().unwrap_or_else(doubt);
        let otherwise = Arc::new(Cause::new(outlet.owner, Rule::Carries).noting(doubt));
        let cause = Arc::new(cause);
        let family = family_of(target.address);
        let preserves = outlet.preserves && !linked;
        let to = Rewrite::identity()
            .assign(Field::DstIp, Ranges::single(number(target.address)))
            .assign(Field::DstPort, Ranges::single(target.port.into()));
        if preserves || unsure {
            let transfer = Transfer::only(Match::family(family)).rewriting(to.clone());
            let sent = self.sent(node, graph);
            let (certain, cause) = if preserves { (certain, &cause) } else { (false, &otherwise) };
            graph.connect(port, &sent, Transfer { certain, ..transfer.for_flow(Flow::Opening) }, cause);
            self.take_back(node, target, port, inventory, graph);
            self.beyond(node, target, port, inventory, graph);
        }
        let other = if family == Family::V4 { Family::V6 } else { Family::V4 };
        let dual = !node.sources(other).is_empty();
        if preserves && !dual && !unsure {
            return;
        }
        let sources = node.sources(family);
        if sources.is_empty() {
            let note = format!("`{}` has no address of the family of `{}`", node.id(), target.address);
            let cause = Arc::new(Cause::clone(&cause).noting(note));
            graph.connect(port, Disposition::NoRoute, Transfer::all().for_flow(Flow::Opening), &cause);
            return;
        }
        // Whatever it was before, it is the node's packet now.
        let mut rewrite = to
            .assign(Field::SrcIp, sources)
            .assign(Field::SrcPort, Ranges::range(1024..=65535))
            .assign(Field::Identity, Ranges::single(0));
        if dual {
            rewrite = rewrite.assign(Field::Family, Ranges::single(family.value()));
        }
        let to = self.way_out(node, target, inventory, graph);
        let mut connect = |guard, certain, cause| {
            let transfer = Transfer::only(guard).rewriting(rewrite.clone()).for_flow(Flow::Opening);
            graph.connect(port, &to, Transfer { certain, ..transfer }, cause);
        };
        if !preserves {
            connect(Match::All, certain, &cause);
            return;
        }
        if dual {
            connect(Match::family(other), certain, &cause);
        }
        if unsure {
            connect(Match::family(family), false, &otherwise);
        }
    }

    /// Where a node's packets for a target leave. A classic balancer's pass its subnet's filter even to a neighbour.
    fn way_out(
        &self,
        node: &Node<'_>,
        target: &Target<'_>,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) -> Port {
        let Some(subnet) = node.subnet else { return node.sending().clone() };
        let neighbour = subnet.value.cidrs().any(|net| net.contains(&target.address));
        if self.kind != Kind::Classic || !neighbour {
            return node.sending().clone();
        }
        let port = self.port("neighbours", node);
        graph.declare(port.clone(), self.key, Choice::FirstMatch, Disposition::Denied);
        network_acl::filter(inventory, subnet, Direction::Egress, [&port, node.sending()], graph);
        port
    }

    /// Where what keeps its client's address stands before the node's filters.
    fn sent(&self, node: &Node<'_>, graph: &mut GraphBuilder) -> Port {
        let sent = self.port("sent", node);
        graph.declare(sent.clone(), self.key, Choice::Any, Disposition::NoRoute);
        let cause = Cause::structure(self.key);
        let transfer = Transfer::all().for_flow(Flow::Opening);
        let known = Rewrite::identity().assign(Field::Identity, Ranges::single(self.identity.unwrap_or(1)));
        let plain = Arc::new(cause.clone());
        graph.connect(&sent, node.sending(), transfer.clone().rewriting(known), &plain);
        let note =
            "whether targets' rules that name a group of the clients count behind a Network Load Balancer";
        let doubt = Arc::new(cause.noting(note));
        graph.connect(&sent, node.sending(), transfer.uncertain(), &doubt);
        sent
    }

    /// Takes replies to preserved clients from the target's interface back to the node.
    fn take_back(
        &self,
        node: &Node<'_>,
        target: &Target<'_>,
        outlet: &Port,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let Some(interface) = target.interface else { return };
        let cause = Arc::new(Cause::structure(self.key));
        let back = self.port("back", node);
        graph.declare(back.clone(), self.key, Choice::Any, Disposition::Denied);
        graph.connect(&back, node.sending(), Transfer::all().restoring(outlet.clone()), &cause);
        let filters = Filters::of(interface, inventory);
        let [_, answered] = filters.ports(Direction::Egress);
        let known = Transfer::all().restoring(self.port("sent", node));
        let (near, far) = (network_interface::subnet_of(interface, inventory), node.subnet);
        let (Some(near), Some(far)) = (near, far) else {
            let note = format!("the subnets between `{}` and its target are not in the snapshot", node.id());
            let cause = Arc::new(Cause::clone(&cause).noting(note));
            graph.connect(answered, Disposition::InsufficientInfo, known, &cause);
            return;
        };
        if near.key == far.key {
            graph.connect(answered, &back, known, &cause);
            return;
        }
        let leaving = Port::new(self.key, format!("back[{}]/{}", node.id(), near.key.id()));
        let entering = Port::new(self.key, format!("back[{}]/entering", node.id()));
        for port in [&leaving, &entering] {
            graph.declare(port.clone(), self.key, Choice::FirstMatch, Disposition::Denied);
        }
        graph.connect(answered, &leaving, known, &cause);
        network_acl::filter(inventory, near, Direction::Egress, [&leaving, &entering], graph);
        network_acl::filter(inventory, far, Direction::Ingress, [&entering, &back], graph);
    }

    /// How packets with a client's address get to a target in another VPC is not modelled: a peering connection
    /// carries such packets though their source lies in neither VPC.
    fn beyond(
        &self,
        node: &Node<'_>,
        target: &Target<'_>,
        outlet: &Port,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let Some(vpc) = network_interface::vpc_of(node.interface, inventory) else { return };
        if vpc.value.cidrs().iter().any(|net| net.contains(&target.address)) {
            return;
        }
        let note = format!(
            "how packets with their clients' addresses get to `{}`, outside `{}`, is not modelled",
            target.address,
            vpc.value.id()
        );
        let cause = Arc::new(Cause::new(self.key, Rule::Carries).noting(note));
        let guard = Match::family(family_of(target.address));
        lose(outlet, &guard, Some(&[IpNet::from(target.address)]), 0, inventory, &cause, graph);
    }
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    /// A balancer of `kind` in subnet-1 with a listener on port 80, and a target in subnet-2.
    fn balanced(kind: &str, group: &str, target: &str, more: &str) -> String {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333";
        format!(
            r#"{{{more}"Vpcs":[{{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16","OwnerId":"111122223333"}}],
            "Subnets":[{{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24","AvailabilityZone":"eu-west-1a","OwnerId":"111122223333"}},{{"SubnetId":"subnet-2","VpcId":"vpc-1","CidrBlock":"10.0.2.0/24","AvailabilityZone":"eu-west-1a","OwnerId":"111122223333"}}],
            "NetworkAcls":[{{"NetworkAclId":"acl-1","OwnerId":"111122223333","Associations":[{{"SubnetId":"subnet-1"}},{{"SubnetId":"subnet-2"}}],"Entries":[{{"RuleNumber":1,"Egress":true,"Protocol":"-1","RuleAction":"allow","CidrBlock":"0.0.0.0/0"}},{{"RuleNumber":2,"Egress":false,"Protocol":"-1","RuleAction":"allow","CidrBlock":"0.0.0.0/0"}}]}}],
            "NetworkInterfaces":[{{"NetworkInterfaceId":"eni-lb","OwnerId":"111122223333","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","AvailabilityZone":"eu-west-1a","Status":"in-use","Groups":[{{"GroupId":"sg-1"}}],"Description":"ELB {kind}/web/1"}},{{"NetworkInterfaceId":"eni-2","OwnerId":"111122223333","SubnetId":"subnet-2","VpcId":"vpc-1","PrivateIpAddress":"10.0.2.5","AvailabilityZone":"eu-west-1a","Status":"in-use","Attachment":{{"InstanceId":"i-2","DeviceIndex":0}},"Groups":[{{"GroupId":"sg-2"}}]}}],
            "LoadBalancers":[{{"LoadBalancerArn":"{arn}:loadbalancer/{kind}/web/1","SecurityGroups":["sg-1"],"AvailabilityZones":[{{"ZoneName":"eu-west-1a","SubnetId":"subnet-1"}}]}}],
            "Listeners":[{{"ListenerArn":"{arn}:listener/{kind}/web/1/2","LoadBalancerArn":"{arn}:loadbalancer/{kind}/web/1","Port":80,"Protocol":"TCP","DefaultActions":[{{"Type":"forward","TargetGroupArn":"{arn}:targetgroup/web/3"}}]}}],
            "TargetGroups":[{{"TargetGroupArn":"{arn}:targetgroup/web/3","Protocol":"TCP","Port":8080,"VpcId":"vpc-1"{group}}}],
            "TargetGroupArn":"{arn}:targetgroup/web/3","TargetHealthDescriptions":[{{"Target":{target}}}]}}"#
        )
    }

    /// The lines about the balancer, without the beginnings of ARNs.
    fn shown(export: &str, words: &[&str]) -> String {
        let text = among(export, "").replace("arn:aws:elasticloadbalancing:eu-west-1:111122223333:", "");
        let lines = text.lines().filter(|line| words.iter().any(|word| line.contains(word)));
        lines.collect::<Vec<_>>().join("\n")
    }

    const WORDS: [&str; 2] = ["targetgroup/", "loadbalancer/"];

    #[test]
    fn a_proxy_sends_from_its_own_address() {
        let export = balanced("net", r#","TargetType":"ip""#, r#"{"Id":"10.0.2.5","Port":8080}"#, "");
        insta::assert_snapshot!(shown(&export, &WORDS), @"
        loadbalancer/net/web/1/back[eni-lb] -> subnet-1/groups[sg-1]/sending: reply any packet; as before targetgroup/web/3/from[eni-lb]
        loadbalancer/net/web/1/back[eni-lb]/entering -> loadbalancer/net/web/1/back[eni-lb]: [2] src_ip in 0.0.0.0/0
        loadbalancer/net/web/1/back[eni-lb]/subnet-2 -> loadbalancer/net/web/1/back[eni-lb]/entering: [1] dst_ip in 0.0.0.0/0
        loadbalancer/net/web/1/sent[eni-lb] -> subnet-1/groups[sg-1]/sending: opening any packet; uncertain (whether targets' rules that name a group of the clients count behind a Network Load Balancer)
        loadbalancer/net/web/1/sent[eni-lb] -> subnet-1/groups[sg-1]/sending: opening any packet; identity := 2
        targetgroup/web/3/from[eni-lb] -> loadbalancer/net/web/1/sent[eni-lb]: opening ipv4; dst_ip := 10.0.2.5, dst_port := 8080; uncertain (whether `targetgroup/web/3` preserves client addresses is not in the snapshot)
        targetgroup/web/3/from[eni-lb] -> subnet-1/groups[sg-1]/sending: opening any packet; dst_ip := 10.0.2.5, dst_port := 8080, src_ip := 10.0.1.5, src_port := 1024-65535, identity := 0
        subnet-1/groups[sg-1]/accepted -> targetgroup/web/3/from[eni-lb]: opening dst_ip 10.0.1.5 and tcp and dst_port 80 and not (src_ip 10.0.1.5)
        subnet-1/groups[sg-1]/accepted -> subnet-1/groups[sg-1]/sending: reply dst_ip 10.0.1.5; as before targetgroup/web/3/from[eni-lb]
        subnet-2/groups[sg-2]/sent -> loadbalancer/net/web/1/back[eni-lb]/subnet-2: reply any packet; as before loadbalancer/net/web/1/sent[eni-lb]
        ");
    }

    #[test]
    fn a_preserved_client_gets_replies_through_the_balancer() {
        let export = balanced("net", "", r#"{"Id":"i-2","Port":8080}"#, "");
        insta::assert_snapshot!(shown(&export, &WORDS), @"
        loadbalancer/net/web/1/back[eni-lb] -> subnet-1/groups[sg-1]/sending: reply any packet; as before targetgroup/web/3/from[eni-lb]
        loadbalancer/net/web/1/back[eni-lb]/entering -> loadbalancer/net/web/1/back[eni-lb]: [2] src_ip in 0.0.0.0/0
        loadbalancer/net/web/1/back[eni-lb]/subnet-2 -> loadbalancer/net/web/1/back[eni-lb]/entering: [1] dst_ip in 0.0.0.0/0
        loadbalancer/net/web/1/sent[eni-lb] -> subnet-1/groups[sg-1]/sending: opening any packet; uncertain (whether targets' rules that name a group of the clients count behind a Network Load Balancer)
        loadbalancer/net/web/1/sent[eni-lb] -> subnet-1/groups[sg-1]/sending: opening any packet; identity := 2
        targetgroup/web/3/from[eni-lb] -> loadbalancer/net/web/1/sent[eni-lb]: opening ipv4; dst_ip := 10.0.2.5, dst_port := 8080
        targetgroup/web/3/from[eni-lb] -> subnet-1/groups[sg-1]/sending: opening ipv4; dst_ip := 10.0.2.5, dst_port := 8080, src_ip := 10.0.1.5, src_port := 1024-65535, identity := 0; uncertain (whether `targetgroup/web/3` preserves client addresses is not in the snapshot)
        subnet-1/groups[sg-1]/accepted -> targetgroup/web/3/from[eni-lb]: opening dst_ip 10.0.1.5 and tcp and dst_port 80 and not (src_ip 10.0.1.5)
        subnet-1/groups[sg-1]/accepted -> subnet-1/groups[sg-1]/sending: reply dst_ip 10.0.1.5; as before targetgroup/web/3/from[eni-lb]
        subnet-2/groups[sg-2]/sent -> loadbalancer/net/web/1/back[eni-lb]/subnet-2: reply any packet; as before loadbalancer/net/web/1/sent[eni-lb]
        ");
    }

    #[test]
    fn rules_that_are_not_exported_make_what_is_behind_unknown() {
        let export = balanced("app", "", r#"{"Id":"i-2","Port":8080}"#, "");
        insta::assert_snapshot!(shown(&export, &["insufficient-info", "uncertain"]), @"
        subnet-1/groups[sg-1]/accepted -> insufficient-info: opening ipv4 and dst_ip 10.0.1.5 and protocol in {tcp, udp} and tcp and dst_port 80; dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, dst_port := 1-65535 (the rules of `listener/app/web/1/2` are not fully in the snapshot)
        subnet-1/groups[sg-1]/accepted -> insufficient-info: opening ipv6 and dst_ip 10.0.1.5 and protocol in {tcp, udp} and tcp and dst_port 80; dst_ip := fc00::/7, dst_port := 1-65535 (the rules of `listener/app/web/1/2` are not fully in the snapshot)
        subnet-1/groups[sg-1]/accepted -> insufficient-info: opening dst_ip 10.0.1.5 and protocol in {tcp, udp} and tcp and dst_port 80 (the rules of `listener/app/web/1/2` are not fully in the snapshot)
        subnet-1/groups[sg-1]/accepted -> insufficient-info: opening dst_ip 10.0.1.5 and protocol in {tcp, udp} and tcp and dst_port 80; family := ipv4, dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, dst_port := 1-65535, src_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, src_port := 1024-65535 (the rules of `listener/app/web/1/2` are not fully in the snapshot)
        subnet-1/groups[sg-1]/accepted -> insufficient-info: opening dst_ip 10.0.1.5 and protocol in {tcp, udp} and tcp and dst_port 80; family := ipv6, dst_ip := fc00::/7, dst_port := 1-65535, src_ip := fc00::/7, src_port := 1024-65535 (the rules of `listener/app/web/1/2` are not fully in the snapshot)
        subnet-1/groups[sg-1]/accepted -> targetgroup/web/3/from[eni-lb]: opening dst_ip 10.0.1.5 and tcp and dst_port 80 and not (src_ip 10.0.1.5); uncertain (the rules of `listener/app/web/1/2` are not fully in the snapshot)
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening any packet; uncertain (security group `sg-1` is not in the snapshot)
        subnet-1/groups[sg-1]/sending -> subnet-1/groups[sg-1]/sent: opening any packet; uncertain (security group `sg-1` is not in the snapshot)
        subnet-1/router -> vpc-1/local: dst_ip in 10.0.0.0/16; uncertain (the route table of `subnet-1` is not in the snapshot)
        subnet-1/router -> insufficient-info: [1] any packet (the route table of `subnet-1` is not in the snapshot)
        subnet-2/groups[sg-2]/received -> subnet-2/groups[sg-2]/accepted: opening any packet; uncertain (security group `sg-2` is not in the snapshot)
        subnet-2/groups[sg-2]/sending -> subnet-2/groups[sg-2]/sent: opening any packet; uncertain (security group `sg-2` is not in the snapshot)
        subnet-2/router -> vpc-1/local: dst_ip in 10.0.0.0/16; uncertain (the route table of `subnet-2` is not in the snapshot)
        subnet-2/router -> insufficient-info: [1] any packet (the route table of `subnet-2` is not in the snapshot)
        ");
    }

    #[test]
    fn other_zones_are_kept_apart_unless_told() {
        let target = r#"{"Id":"10.9.2.5","Port":8080,"AvailabilityZone":"eu-west-1b"}"#;
        let export = balanced("net", r#","TargetType":"ip""#, target, "");
        insta::assert_snapshot!(shown(&export, &["10.9.2.5"]), @"targetgroup/web/3/from[eni-lb] -> no-route: opening any packet (the zone of target `10.9.2.5` is not enabled)");
    }

    #[test]
    fn missing_targets_are_said() {
        let export = balanced("net", "", r#"{"Id":"i-9","Port":8080}"#, "")
            .replace("/web/3\",\"TargetHealth", "/web/4\",\"TargetHealth");
        insta::assert_snapshot!(shown(&export, &["the targets of"]), @"
        targetgroup/web/3/from[eni-lb] -> loadbalancer/net/web/1/sent[eni-lb]: opening ipv4; dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, dst_port := 1-65535; uncertain (the targets of `targetgroup/web/3` are not in the snapshot)
        targetgroup/web/3/from[eni-lb] -> loadbalancer/net/web/1/sent[eni-lb]: opening ipv6; dst_ip := fc00::/7, dst_port := 1-65535; uncertain (the targets of `targetgroup/web/3` are not in the snapshot)
        targetgroup/web/3/from[eni-lb] -> subnet-1/groups[sg-1]/sending: opening any packet; family := ipv4, dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, dst_port := 1-65535, src_ip := 10.0.1.5, src_port := 1024-65535, identity := 0; uncertain (the targets of `targetgroup/web/3` are not in the snapshot)
        ");
        let export = balanced("net", "", r#"{"Id":"i-9","Port":8080}"#, "");
        insta::assert_snapshot!(shown(&export, &["i-9"]), @"targetgroup/web/3/from[eni-lb] -> no-route: any packet (`i-9` has no network interface)");
    }

    #[test]
    fn an_interface_without_a_record_of_its_balancer_leads_on_to_the_unknown() {
        let export = balanced("net", "", r#"{"Id":"i-2","Port":8080}"#, "")
            .replace("loadbalancer/net/web/1\",\"Sec", "loadbalancer/net/other/1\",\"Sec");
        insta::assert_snapshot!(shown(&export, &["insufficient-info"]), @"
        subnet-1/groups[sg-1]/accepted -> insufficient-info: opening ipv4 and dst_ip 10.0.1.5 and protocol in {tcp, udp}; dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, dst_port := 1-65535 (the load balancer `net/web/1` is not in the snapshot)
        subnet-1/groups[sg-1]/accepted -> insufficient-info: opening ipv6 and dst_ip 10.0.1.5 and protocol in {tcp, udp}; dst_ip := fc00::/7, dst_port := 1-65535 (the load balancer `net/web/1` is not in the snapshot)
        subnet-1/groups[sg-1]/accepted -> insufficient-info: opening dst_ip 10.0.1.5 and protocol in {tcp, udp} (the load balancer `net/web/1` is not in the snapshot)
        subnet-1/groups[sg-1]/accepted -> insufficient-info: opening dst_ip 10.0.1.5 and protocol in {tcp, udp}; family := ipv4, dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, dst_port := 1-65535, src_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, src_port := 1024-65535 (the load balancer `net/web/1` is not in the snapshot)
        subnet-1/groups[sg-1]/accepted -> insufficient-info: opening dst_ip 10.0.1.5 and protocol in {tcp, udp}; family := ipv6, dst_ip := fc00::/7, dst_port := 1-65535, src_ip := fc00::/7, src_port := 1024-65535 (the load balancer `net/web/1` is not in the snapshot)
        subnet-1/inside -> insufficient-info: opening ipv4 and dst_ip in 10.0.1.0/24 and not (dst_ip 10.0.1.5) and protocol in {tcp, udp}; dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, dst_port := 1-65535 (the network interfaces of `net/other/1` are not fully in the snapshot)
        subnet-1/inside -> insufficient-info: opening ipv6 and dst_ip in 10.0.1.0/24 and not (dst_ip 10.0.1.5) and protocol in {tcp, udp}; dst_ip := fc00::/7, dst_port := 1-65535 (the network interfaces of `net/other/1` are not fully in the snapshot)
        subnet-1/inside -> insufficient-info: opening dst_ip in 10.0.1.0/24 and not (dst_ip 10.0.1.5) and protocol in {tcp, udp} (the network interfaces of `net/other/1` are not fully in the snapshot)
        subnet-1/inside -> insufficient-info: opening dst_ip in 10.0.1.0/24 and not (dst_ip 10.0.1.5) and protocol in {tcp, udp}; family := ipv4, dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, dst_port := 1-65535, src_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, src_port := 1024-65535 (the network interfaces of `net/other/1` are not fully in the snapshot)
        subnet-1/inside -> insufficient-info: opening dst_ip in 10.0.1.0/24 and not (dst_ip 10.0.1.5) and protocol in {tcp, udp}; family := ipv6, dst_ip := fc00::/7, dst_port := 1-65535, src_ip := fc00::/7, src_port := 1024-65535 (the network interfaces of `net/other/1` are not fully in the snapshot)
        subnet-1/router -> insufficient-info: [1] any packet (the route table of `subnet-1` is not in the snapshot)
        subnet-2/router -> insufficient-info: [1] any packet (the route table of `subnet-2` is not in the snapshot)
        ");
    }
}
