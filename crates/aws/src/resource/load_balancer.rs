//! Load balancers: application, network and gateway. What they forward is in `balancing`.
//!
//! Which balancer an interface belongs to is written in the interface's description (`ELB app/NAME/ID`). Scopes name
//! balancers by ARN, and a path that ends at a balancer's interface counts as going through the balancer.
//!
//! SOURCE: Elastic Load Balancing guides, "Network interfaces of your load balancer" (the description), "Cross-zone
//! load balancing" (always on for Application Load Balancers, off for the others unless switched on), and "Load
//! balancer state"; ELB API reference, `LoadBalancer`; Service Authorization Reference for the form of ARNs (checked
//! 2026-11-26).
use std::sync::Arc;

use graph::{
    Cause, Control, Disposition, GraphBuilder, ListenerRule as ListenerText, Obstacle, ResourceKey,
    ResourceRef, Rule,
};
use headerspace::{Field, Match, Ranges};
use serde::Deserialize;

use super::{
    Resource,
    balancing::{Balancer, Kind, Listening, Node, Outlet, protocols},
    balancing_nodes::{lose_to, without_node},
    classic_load_balancer::ClassicLoadBalancer,
    listener::{Forwarding, Listener},
    listener_rule::ListenerRule,
    network_interface::NetworkInterface,
    not_modelled::lose_behind,
    nullable, optional, partition,
    security_group::SecurityGroup,
    subnet::Subnet,
    target::{Targets, Zone},
    target_group::TargetGroup,
    vpc::Vpc,
    vpc_endpoint_service::VpcEndpointService,
};
use crate::{Entry, Id, Inventory, Place};

/// An application, network or gateway load balancer, as `elbv2 describe-load-balancers` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoadBalancer {
    load_balancer_arn: Id<LoadBalancer>,
    #[serde(default, deserialize_with = "optional")]
    load_balancer_name: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    r#type: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    scheme: Option<String>,
    state: Option<State>,
    #[serde(default, deserialize_with = "optional")]
    vpc_id: Option<Id<Vpc>>,
    #[serde(default, deserialize_with = "nullable")]
    availability_zones: Vec<EnabledZone>,
    #[serde(default, deserialize_with = "nullable")]
    security_groups: Vec<String>,
    #[serde(default, deserialize_with = "optional")]
    enforce_security_group_inbound_rules_on_private_link_traffic: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    #[serde(default, deserialize_with = "optional")]
    code: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EnabledZone {
    #[serde(default, deserialize_with = "optional")]
    zone_name: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    subnet_id: Option<Id<Subnet>>,
}

/// The account in an ARN.
pub(super) fn account_in(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

/// The Region in an ARN.
pub(super) fn region_in(arn: &str) -> Option<String> {
    arn.split(':').nth(3).filter(|region| !region.is_empty()).map(str::to_owned)
}

/// The name of the balancer in the description of one of its interfaces: `app/NAME/ID`, or `NAME` for classic ones.
pub(super) fn name_in(description: &str) -> Option<&str> {
    let name = description.strip_prefix("ELB ")?.trim();
    match name.split('/').collect::<Vec<_>>().as_slice() {
        ["app" | "net" | "gwy", _, _] | [_] => Some(name).filter(|name| !name.is_empty()),
        _ => None,
    }
}

fn is_of_account(this: &Place, other: &Place) -> bool {
    this.account == other.account || this.account.is_empty() || other.account.is_empty()
}

/// The interfaces of the balancer of this name.
pub(super) fn interfaces_named<'i>(
    name: &str,
    place: &'i Place,
    inventory: &'i Inventory,
) -> impl Iterator<Item = &'i Entry<NetworkInterface>> + use<'i> {
    let named = inventory.table::<NetworkInterface>().associated(&format!("balancer:{name}"), place);
    named.filter(|interface| is_of_account(&interface.place, place) && interface.value.is_attached())
}

/// The interfaces of a balancer, one for each zone where it has a node.
pub(super) fn interfaces<'i>(
    balancer: &'i Entry<LoadBalancer>,
    inventory: &'i Inventory,
) -> impl Iterator<Item = &'i Entry<NetworkInterface>> + use<'i> {
    interfaces_named(balancer.value.name(), &balancer.place, inventory)
}

/// Whether the snapshot does not tell all nodes of a balancer.
pub(super) fn lacks_nodes(balancer: &Entry<LoadBalancer>, inventory: &Inventory) -> bool {
    interfaces(balancer, inventory).next().is_none()
        || !balancer.value.subnets_without_node(balancer, inventory).is_empty()
}

/// The record of the balancer of this name: its key, whichever kind it is.
fn record_of(name: &str, place: &Place, inventory: &Inventory) -> Option<ResourceKey> {
    let named = format!("name:{name}");
    let here = |other: &Place| is_of_account(other, place);
    let newer = inventory.table::<LoadBalancer>().associated(&named, place).find(|it| here(&it.place));
    let classic =
        inventory.table::<ClassicLoadBalancer>().associated(&named, place).find(|it| here(&it.place));
    newer.map(|it| it.key.clone()).or_else(|| classic.map(|it| it.key.clone()))
}

/// The balancer that an interface of this description serves; describes it if nobody has.
pub(super) fn of_interface(
    description: &str,
    here: &Entry<NetworkInterface>,
    inventory: &Inventory,
    graph: &mut GraphBuilder,
) -> Option<ResourceKey> {
    let name = name_in(description)?;
    let place = &here.place;
    if let Some(key) = record_of(name, place, inventory) {
        return Some(key);
    }
    let arn = arn_of(name, place);
    let newer = name.contains('/');
    let kind = if newer { LoadBalancer::TYPE } else { ClassicLoadBalancer::TYPE };
    let short = name.split('/').nth(1).unwrap_or(name);
    Some(graph.resource(ResourceRef {
        arn: Some(arn.clone()),
        account: place.account.clone(),
        region: place.region.clone(),
        label: Some(short.to_owned()),
        ..ResourceRef::new(kind, arn)
    }))
}

/// The ARN of the balancer of this name.
pub(super) fn arn_of(name: &str, place: &Place) -> String {
    let Place { account, region } = place;
    format!("arn:{}:elasticloadbalancing:{region}:{account}:loadbalancer/{name}", partition(region))
}

/// What lies behind an interface of a balancer of which there is no record is not known.
pub(super) fn connect_unrecorded(
    here: &Entry<NetworkInterface>,
    accepted: &graph::Port,
    inventory: &Inventory,
    graph: &mut GraphBuilder,
) {
    let name = name_in(here.value.description());
    let (key, note) = match name {
        Some(name) if record_of(name, &here.place, inventory).is_some() => return,
        Some(name) => {
            let key = of_interface(here.value.description(), here, inventory, graph);
            (key, format!("the load balancer `{name}` is not in the snapshot"))
        }
        None if here.value.is_of_unnamed_balancer() => {
            (None, format!("the load balancer of `{}` is not in the snapshot", here.key.id()))
        }
        None => return,
    };
    let cause = Arc::new(Cause::new(key.as_ref().unwrap_or(&here.key), Rule::Carries).noting(note));
    let guard = Match::all_of([
        Match::dst_any_of(here.value.addresses()),
        Match::any_of([Match::protocol(6), Match::protocol(17)]),
    ]);
    lose_behind(accepted, &guard, inventory, &cause, graph);
}

/// Whether what comes to an interface through an endpoint service passes its groups: it belongs to a balancer that
/// enforces them on such packets, and that a service names.
pub(super) fn filters_linked(here: &Entry<NetworkInterface>, inventory: &Inventory) -> bool {
    let Some(name) = name_in(here.value.description()) else { return false };
    let named = inventory.table::<LoadBalancer>().associated(&format!("name:{name}"), &here.place);
    named.filter(|it| is_of_account(&it.place, &here.place)).any(|balancer| {
        balancer.value.enforces_groups_on_links()
            && inventory.naming::<VpcEndpointService, LoadBalancer>("balancer", balancer).next().is_some()
    })
}

/// Packets that Network Load Balancers of this group carry under their own names.
///
/// SOURCE: guide for Network Load Balancers, "Update the security groups": targets' rules that name the balancer's group
/// admit what it forwards even where client addresses are preserved (checked 2026-11-26).
pub(super) fn carried_by(group: &Entry<SecurityGroup>, inventory: &Inventory) -> Option<Match> {
    let balancers = inventory.naming::<LoadBalancer, SecurityGroup>("group", group);
    let numbers = balancers.filter_map(|balancer| balancer.value.identity(balancer, inventory));
    let all = numbers.fold(Ranges::empty(), |all, number| all.union(&Ranges::single(number)));
    if all.is_empty() { None } else { Some(Match::In(Field::Identity, all)) }
}

impl LoadBalancer {
    /// The number under which its packets are known if it keeps its clients' addresses and has groups.
    fn identity(&self, here: &Entry<Self>, inventory: &Inventory) -> Option<u128> {
        if self.kind() != Kind::Network || self.security_groups.is_empty() {
            return None;
        }
        let place = inventory.table::<Self>().position(&here.key)?;
        // 0 and 1 are for packets known by their address, and for forgotten ones.
        u16::try_from(place + 2).ok().map(u128::from)
    }

    /// Its name as its interfaces and its ARN say it: `app/NAME/ID`.
    pub(super) fn name(&self) -> &str {
        let arn = self.load_balancer_arn.as_str();
        arn.split_once(":loadbalancer/").map_or(arn, |(_, name)| name)
    }

    fn kind(&self) -> Kind {
        match (self.r#type.as_deref(), self.name().split('/').next()) {
            (Some("network"), _) | (None, Some("net")) => Kind::Network,
            (Some("gateway"), _) | (None, Some("gwy")) => Kind::Gateway,
            _ => Kind::Application,
        }
    }

    /// The subnets in which it must have a node and the snapshot shows none.
    fn subnets_without_node<'i>(
        &self,
        here: &Entry<Self>,
        inventory: &'i Inventory,
    ) -> Vec<&'i Entry<Subnet>> {
        let nodes: Vec<_> = interfaces(here, inventory).collect();
        if self.availability_zones.is_empty() && nodes.is_empty() {
            // It is anywhere in its VPC.
            let vpc = self.vpc_id.as_ref().and_then(|id| inventory.get(id, &here.place));
            return vpc.into_iter().flat_map(|vpc| inventory.naming::<Subnet, Vpc>("vpc", vpc)).collect();
        }
        let enabled = self.availability_zones.iter().filter_map(|zone| zone.subnet_id.as_ref());
        without_node(enabled.filter_map(|id| inventory.get(id, &here.place)), &nodes)
    }

    /// SOURCE: ELB API reference, `LoadBalancer.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic`: on unless
    /// switched off (checked 2026-11-26).
    pub(super) fn enforces_groups_on_links(&self) -> bool {
        let told = self.enforce_security_group_inbound_rules_on_private_link_traffic.as_deref();
        self.kind() == Kind::Network && !self.security_groups.is_empty() && told != Some("off")
    }

    /// What becomes of packets in its present state, if it does not forward them for sure.
    fn idle(&self) -> Option<Disposition> {
        match self.state.as_ref().and_then(|state| state.code.as_deref()) {
            None | Some("active" | "active_impaired") => None,
            Some("failed") => Some(Disposition::Blackhole),
            Some(_) => Some(Disposition::InsufficientInfo),
        }
    }

    /// The target groups that its listeners and their rules name.
    fn outlets(here: &Entry<Self>, inventory: &Inventory) -> Vec<(ResourceKey, String)> {
        let mut groups = Vec::new();
        for listener in inventory.naming::<Listener, Self>("balancer", here) {
            groups.extend(Forwarding::of(listener.value.default_actions()).groups);
            for rule in inventory.naming::<ListenerRule, Listener>("listener", listener) {
                groups.extend(Forwarding::of(rule.value.actions()).groups);
            }
        }
        let known = groups.into_iter().filter_map(|id| TargetGroup::of(id, inventory));
        let mut keys: Vec<_> = known.map(|group| (group.key.clone(), String::new())).collect();
        keys.sort();
        keys.dedup();
        keys
    }

    /// The balancer with its nodes, as what forwards.
    fn forwarder<'i>(&'i self, here: &'i Entry<Self>, inventory: &'i Inventory) -> Balancer<'i> {
        let nodes: Vec<Node<'i>> = interfaces(here, inventory).map(|it| Node::new(it, inventory)).collect();
        let enabled = self.availability_zones.iter().map(|zone| {
            match zone.subnet_id.as_ref().and_then(|id| inventory.get(id, &here.place)) {
                Some(subnet) => Zone::of(Some(subnet)),
                None => zone.zone_name.as_deref().map_or_else(|| Zone::of(None), Zone::called),
            }
        });
        let kind = self.kind();
        let crosses = inventory.balancing.crosses_zones(self.load_balancer_arn.as_str());
        Balancer {
            key: &here.key,
            kind,
            zones: enabled.chain(nodes.iter().map(|node| node.zone.clone())).collect(),
            nodes,
            crosses_zones: match kind {
                Kind::Application => Some(true),
                _ => crosses,
            },
            is_linked: inventory.naming::<VpcEndpointService, Self>("balancer", here).next().is_some(),
            filters_linked: self.enforces_groups_on_links(),
            identity: self.identity(here, inventory),
            origin: here.at(""),
            outlets: Self::outlets(here, inventory),
        }
    }
}

impl Resource for LoadBalancer {
    const TYPE: &'static str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
    const LIST: &'static str = "LoadBalancers";
    const OWN: bool = true;

    /// Lightsail lists `loadBalancers` too.
    fn is_another(raw: &str) -> bool {
        raw.contains(":lightsail:") || raw.contains(":Lightsail:")
    }

    fn id(&self) -> &Id<Self> {
        &self.load_balancer_arn
    }

    fn account(&self) -> Option<&str> {
        account_in(self.load_balancer_arn.as_str())
    }

    fn region(&self) -> Option<String> {
        region_in(self.load_balancer_arn.as_str())
    }

    fn associations(&self) -> Vec<String> {
        let groups = self.security_groups.iter().map(|group| format!("group:{group}"));
        groups.chain([format!("name:{}", self.name())]).collect()
    }

    fn declare(&self, here: &Entry<Self>, _: &Inventory, graph: &mut GraphBuilder) {
        let arn = self.load_balancer_arn.as_str();
        graph.resource(ResourceRef {
            arn: Some(arn.to_owned()),
            account: here.place.account.clone(),
            region: here.place.region.clone(),
            label: self.load_balancer_name.clone(),
            ..ResourceRef::new(Self::TYPE, arn)
        });
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let balancer = self.forwarder(here, inventory);
        balancer.declare(inventory, graph);
        if let Some(disposition) = self.idle() {
            let state = self.state.as_ref().and_then(|state| state.code.as_deref()).unwrap_or_default();
            let note = format!("`{}` is {state}", self.name());
            let cause = Arc::new(Cause::new(&here.key, Rule::Carries).at(here.at("/State")).noting(note));
            balancer.refuse(disposition, &Match::All, &cause, inventory, graph);
            if disposition == Disposition::Blackhole {
                let text = format!("is {state}");
                let control = Control::obstacle(&here.key, Obstacle::State, text, here.at("/State"));
                graph.offered(&control, |graph| self.listen(here, &balancer, inventory, graph));
            }
            return;
        }
        if balancer.kind != Kind::Gateway {
            let note = format!("the network interfaces of `{}` are not fully in the snapshot", self.name());
            let cause = Arc::new(Cause::new(&here.key, Rule::Carries).at(here.at("")).noting(note));
            let faces_internet = self.scheme.as_deref() != Some("internal");
            let subnets = self.subnets_without_node(here, inventory);
            lose_to(&subnets, faces_internet, &cause, inventory, graph);
        }
        self.listen(here, &balancer, inventory, graph);
    }
}

impl LoadBalancer {
    /// Forwards what its listeners take.
    fn listen(
        &self,
        here: &Entry<Self>,
        balancer: &Balancer<'_>,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let mut listeners = inventory.naming::<Listener, Self>("balancer", here).peekable();
        let missing = match listeners.peek() {
            None => !inventory.balancing.has_no_listeners(self.load_balancer_arn.as_str()),
            Some(_) => !inventory.table::<Listener>().complete(&here.place),
        };
        if missing {
            let note = format!("the listeners of `{}` are not fully in the snapshot", self.name());
            let cause = Arc::new(Cause::new(&here.key, Rule::Carries).at(here.at("")).noting(note));
            balancer.refuse(Disposition::InsufficientInfo, &Match::All, &cause, inventory, graph);
        }
        let mut taken = Vec::new();
        for listener in listeners {
            let arn = listener.value.id().to_string();
            let listening = match listener.value.port() {
                Some((port, protocol)) => {
                    let protocol = protocol.to_owned();
                    let known = protocols(&protocol);
                    let rule = ListenerText { listener: arn, protocol, port, priority: None };
                    Listening::at(rule, known, listener.at(""))
                }
                None if balancer.kind == Kind::Gateway => Listening::geneve(arn, listener.at("")),
                None => {
                    let note = format!("the port of `{arn}` is not in the snapshot");
                    let cause =
                        Arc::new(Cause::new(&here.key, Rule::Carries).at(listener.at("")).noting(note));
                    balancer.refuse(Disposition::InsufficientInfo, &Match::All, &cause, inventory, graph);
                    continue;
                }
            };
            taken.push(listening.guard.clone());
            match listening.doubt.clone() {
                Some(note) => balancer.unknown(&listening, &note, inventory, graph),
                None => Self::obey(listener, &listening, balancer, inventory, graph),
            }
        }
        if balancer.kind == Kind::Gateway {
            balancer.offer_unwrapped(inventory, graph);
        } else {
            balancer.offer_listener(taken, inventory, graph);
        }
    }

    /// Does what the rules of a listener say, in order, and at last what the listener does by default.
    fn obey(
        listener: &Entry<Listener>,
        listening: &Listening,
        balancer: &Balancer<'_>,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        if !listener.value.id().may_have_rules() {
            let actions = Forwarding::of(listener.value.default_actions());
            return balancer.act(listening.clone(), &actions, inventory, graph);
        }
        let mut listening = listening.clone();
        let mut rules: Vec<_> = inventory.naming::<ListenerRule, Listener>("listener", listener).collect();
        if rules.is_empty() || !inventory.table::<ListenerRule>().complete(&listener.place) {
            let note = format!("the rules of `{}` are not fully in the snapshot", listener.value.id());
            balancer.unknown(&listening, &note, inventory, graph);
            listening.doubt = Some(note);
        }
        rules.retain(|rule| rule.value.priority().is_some());
        rules.sort_by_key(|rule| rule.value.priority());
        let mut taken = Vec::new();
        for rule in rules {
            let left = Match::not(Match::any_of(taken.iter().cloned()));
            let sources = rule.value.sources();
            let priority = rule.value.priority().map(|priority| priority.to_string());
            let of_rule = listening
                .clone()
                .only(Match::all_of([sources.clone(), left]))
                .by(priority.unwrap_or_default(), rule.at(""));
            balancer.act(of_rule, &Forwarding::of(rule.value.actions()), inventory, graph);
            if rule.value.takes_all() {
                taken.push(sources);
            }
        }
        let left = Match::not(Match::any_of(taken));
        let by_default = listening.only(left).by("default".to_owned(), None);
        balancer.act(by_default, &Forwarding::of(listener.value.default_actions()), inventory, graph);
    }
}

impl Balancer<'_> {
    /// Forwards what a listener takes as actions say.
    fn act(
        &self,
        mut listening: Listening,
        actions: &Forwarding<'_>,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        if let Some(note) = &actions.doubt {
            self.unknown(&listening, note, inventory, graph);
            listening.doubt = Some(note.clone());
        }
        if actions.groups.is_empty() && listening.doubt.is_none() {
            self.offer_targets(&listening, inventory, graph);
        }
        for id in &actions.groups {
            let Some(group) = TargetGroup::of(id, inventory) else {
                self.unknown(&listening, &format!("`{id}` is not in the snapshot"), inventory, graph);
                continue;
            };
            let targets = Targets::of(group, inventory);
            let network = self.kind == Kind::Network;
            let own = group.value.crosses_zones(inventory);
            let (preserves, sure) = group.value.preserves_clients(inventory);
            let outlet = Outlet {
                owner: &group.key,
                name: String::new(),
                preserves: network && preserves,
                sure: sure || !network,
                crosses_zones: own.or(self.crosses_zones),
                targets: &targets,
            };
            self.forward(&listening, &outlet, inventory, graph);
        }
    }
}
