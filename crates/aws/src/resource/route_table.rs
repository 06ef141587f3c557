//! Route table: where packets that leave a subnet, or enter through a gateway, go next.
//!
//! No ports of its own: it connects the `router` port of its subnets, and the `admitted` port of its gateways, to
//! the `routed` ports of its targets, so that it need not know which kinds of target exist.
//!
//! SOURCE: VPC user guide, "Route priority" (longest prefix; among equal prefixes a static route before a prefix list
//! before a propagated route), "Local routes" (in every table), "Main route table", "Gateway route tables"
//! (checked 2026-11-23).
//! GAP: two prefix lists with the same entry and different targets: AWS picks one at random; both are taken to be
//! possible.
//! GAP: targets that are not modelled yet (transit gateways, VPN gateways, carrier and local gateways, core networks).
use std::sync::Arc;

use graph::{
    Cause, Disposition, GraphBuilder, Port, ResourceKey, RouteRule, RouteTo, Rule, Target, Transfer,
};
use headerspace::{Field, Match};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;

use super::{
    ADMITTED, LOCAL, ROUTER, Resource, Tags, describe,
    egress_only_internet_gateway::EgressOnlyInternetGateway, instance::Instance,
    internet_gateway::InternetGateway, nat_gateway::NatGateway, network_interface::NetworkInterface,
    nullable, prefix_list, public, routed, subnet::Subnet, vpc::Vpc, vpc_endpoint::VpcEndpoint,
    vpc_peering_connection::VpcPeeringConnection,
};
use crate::{Entry, Id, Inventory, Place};

/// A route table, as `describe-route-tables` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RouteTable {
    route_table_id: Id<RouteTable>,
    vpc_id: Id<Vpc>,
    owner_id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    associations: Vec<Association>,
    #[serde(default, deserialize_with = "nullable")]
    routes: Vec<Route>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Association {
    main: Option<bool>,
    subnet_id: Option<Id<Subnet>>,
    gateway_id: Option<String>,
    association_state: Option<AssociationState>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssociationState {
    state: Option<String>,
}

impl Association {
    fn holds(&self) -> bool {
        let state = self.association_state.as_ref().and_then(|state| state.state.as_deref());
        state.is_none_or(|state| matches!(state, "associated" | "associating"))
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Route {
    destination_cidr_block: Option<Ipv4Net>,
    destination_ipv6_cidr_block: Option<Ipv6Net>,
    destination_prefix_list_id: Option<String>,
    gateway_id: Option<String>,
    nat_gateway_id: Option<String>,
    vpc_peering_connection_id: Option<String>,
    egress_only_internet_gateway_id: Option<String>,
    network_interface_id: Option<String>,
    instance_id: Option<String>,
    transit_gateway_id: Option<String>,
    local_gateway_id: Option<String>,
    carrier_gateway_id: Option<String>,
    core_network_arn: Option<String>,
    origin: Option<String>,
    state: Option<String>,
}

impl Route {
    /// The member that names the target, and what it names.
    fn target(&self) -> Option<(&'static str, &str)> {
        let members = [
            ("EgressOnlyInternetGatewayId", &self.egress_only_internet_gateway_id),
            ("NatGatewayId", &self.nat_gateway_id),
            ("VpcPeeringConnectionId", &self.vpc_peering_connection_id),
            ("TransitGatewayId", &self.transit_gateway_id),
            ("LocalGatewayId", &self.local_gateway_id),
            ("CarrierGatewayId", &self.carrier_gateway_id),
            ("CoreNetworkArn", &self.core_network_arn),
            ("NetworkInterfaceId", &self.network_interface_id),
            ("InstanceId", &self.instance_id),
            ("GatewayId", &self.gateway_id),
        ];
        members
            .into_iter()
            .find_map(|(member, id)| Some((member, id.as_deref().filter(|id| !id.is_empty())?)))
    }

    fn blackhole(&self) -> bool {
        self.state.as_deref() == Some("blackhole")
    }

    fn rule(&self) -> RouteRule {
        let v4 = self.destination_cidr_block.map(|net| net.to_string());
        let cidr = v4.or_else(|| self.destination_ipv6_cidr_block.map(|net| net.to_string()));
        let (target_kind, target) = self.target().unwrap_or(("GatewayId", ""));
        RouteRule {
            destination: match (cidr, &self.destination_prefix_list_id) {
                (Some(cidr), _) => RouteTo::Cidr(cidr),
                (None, list) => RouteTo::PrefixList(list.clone().unwrap_or_default()),
            },
            target_kind: target_kind.to_owned(),
            target: target.to_owned(),
            route_origin: self.origin.clone(),
            state: self.state.clone().unwrap_or_else(|| "active".to_owned()),
        }
    }

    /// Destinations by rank; `None` if the prefix list is not known.
    fn destinations(&self, place: &Place, inventory: &Inventory) -> Option<Vec<(u32, Vec<IpNet>)>> {
        let propagated = self.origin.as_deref() == Some("EnableVgwRoutePropagation");
        let v4 = self.destination_cidr_block.map(|net| IpNet::V4(net.trunc()));
        if let Some(net) = v4.or_else(|| self.destination_ipv6_cidr_block.map(|net| IpNet::V6(net.trunc()))) {
            return Some(vec![(rank(&net, if propagated { 2 } else { 0 }), vec![net])]);
        }
        let list = self.destination_prefix_list_id.as_deref()?;
        let mut by_rank = std::collections::BTreeMap::<u32, Vec<IpNet>>::new();
        for (net, _) in prefix_list::entries_of(inventory, list, place)? {
            by_rank.entry(rank(net, 1)).or_default().push(*net);
        }
        Some(by_rank.into_iter().collect())
    }
}

/// Longest prefix first; among equals the lower `tie` first. Rank 0 is left for routes that may match anything.
fn rank(net: &IpNet, tie: u32) -> u32 {
    1 + (u32::from(net.max_prefix_len()) - u32::from(net.prefix_len())) * 4 + tie
}

/// The route table of a subnet: its own, else the VPC's main one; `None` if the snapshot does not tell.
pub(super) fn of_subnet<'i>(
    inventory: &'i Inventory,
    subnet: &Entry<Subnet>,
) -> Option<&'i Entry<RouteTable>> {
    let tables = inventory.table::<RouteTable>();
    let own = tables.associated(&format!("subnet:{}", subnet.value.id()), &subnet.place).next();
    let main = || tables.associated(&format!("main:{}", subnet.value.vpc()), &subnet.place).next();
    // In an incomplete table, the subnet's own association may be among what is missing.
    own.or_else(|| main().filter(|_| tables.complete(&subnet.place)))
}

/// The key of a route's target, whatever its kind.
fn target_key(inventory: &Inventory, id: &str, place: &Place) -> Option<ResourceKey> {
    fn in_table<R: super::Listed>(inventory: &Inventory, id: &str, place: &Place) -> Option<ResourceKey> {
        inventory.get(&Id::<R>::new(id), place).map(|entry| entry.key.clone())
    }
    in_table::<InternetGateway>(inventory, id, place)
        .or_else(|| in_table::<NatGateway>(inventory, id, place))
        .or_else(|| in_table::<VpcPeeringConnection>(inventory, id, place))
        .or_else(|| in_table::<VpcEndpoint>(inventory, id, place))
        .or_else(|| in_table::<EgressOnlyInternetGateway>(inventory, id, place))
        .or_else(|| in_table::<NetworkInterface>(inventory, id, place))
        .or_else(|| in_table::<Instance>(inventory, id, place))
}

impl RouteTable {
    /// Ports that it routes for.
    fn routers(&self, here: &Entry<Self>, inventory: &Inventory) -> Vec<Port> {
        let subnets = inventory.table::<Subnet>();
        let in_vpc = subnets.associated(&format!("vpc:{}", self.vpc_id), &here.place);
        let mine =
            in_vpc.filter(|subnet| of_subnet(inventory, subnet).is_some_and(|table| table.key == here.key));
        let mut routers: Vec<Port> = mine.map(|subnet| Port::new(&subnet.key, ROUTER)).collect();
        let gateways = self.associations.iter().filter(|a| a.holds()).filter_map(|a| a.gateway_id.as_deref());
        let gateways = gateways.filter_map(|id| inventory.get(&Id::<InternetGateway>::new(id), &here.place));
        routers.extend(gateways.map(|gateway| Port::new(&gateway.key, ADMITTED)));
        routers
    }

    fn target(&self, route: &Route, here: &Entry<Self>, inventory: &Inventory) -> (Target, Option<String>) {
        let unknown = |note| (Target::Refusal(Disposition::InsufficientInfo), Some(note));
        let Some((member, id)) = route.target() else {
            return unknown("the route names no target that is known here".to_owned());
        };
        if id == "local" {
            let vpc = inventory.get(&self.vpc_id, &here.place);
            let key = vpc.map_or_else(|| here.place.key(self.vpc_id.as_str()), |vpc| vpc.key.clone());
            return (Target::Port(Port::new(&key, LOCAL)), None);
        }
        if route.blackhole() {
            return (Target::Refusal(Disposition::Blackhole), None);
        }
        match (target_key(inventory, id, &here.place), member) {
            (Some(key), _) => (Target::Port(routed(&key, self.vpc_id.as_str())), None),
            (None, "TransitGatewayId" | "LocalGatewayId" | "CarrierGatewayId" | "CoreNetworkArn") => {
                unknown(format!("routes to `{id}` are not modelled"))
            }
            (None, "GatewayId") if id.starts_with("vgw-") => {
                unknown(format!("routes to `{id}` are not modelled"))
            }
            (None, _) => unknown(format!("`{id}` is not in the snapshot")),
        }
    }
}

impl Resource for RouteTable {
    const TYPE: &'static str = "AWS::EC2::RouteTable";
    const LIST: &'static str = "RouteTables";

    fn id(&self) -> &Id<Self> {
        &self.route_table_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_id.as_deref()
    }

    fn weight(&self) -> String {
        format!("{self:?}")
    }

    fn associations(&self) -> Vec<String> {
        let associations = self.associations.iter().filter(|association| association.holds());
        associations
            .flat_map(|association| {
                let main = association.main == Some(true);
                let main = main.then(|| format!("main:{}", self.vpc_id));
                let subnet = association.subnet_id.as_ref().map(|id| format!("subnet:{id}"));
                let gateway = association.gateway_id.as_ref().map(|id| format!("gateway:{id}"));
                [main, subnet, gateway].into_iter().flatten()
            })
            .collect()
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "route-table", &self.tags);
        let vpc = inventory.get(&self.vpc_id, &here.place).map(|vpc| vpc.key.clone());
        resource.within = vec![vpc.unwrap_or_else(|| here.place.key(self.vpc_id.as_str()))];
        graph.resource(resource);
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let routers = self.routers(here, inventory);
        if routers.is_empty() {
            return;
        }
        let mut add = |guard: Match, rank: u32, target: &Target, certain: bool, cause: &Arc<Cause>| {
            for router in &routers {
                let mut transfer = Transfer::only(guard.clone()).ranked(rank);
                transfer.certain = certain;
                graph.connect(router, target.clone(), transfer, cause);
            }
        };
        let mut local: Vec<IpNet> = Vec::new();
        for (index, route) in self.routes.iter().enumerate() {
            let mut cause =
                Cause::new(&here.key, Rule::Route(route.rule())).at(here.at(format_args!("/Routes/{index}")));
            let (target, note) = self.target(route, here, inventory);
            cause.note = note;
            match route.destinations(&here.place, inventory) {
                Some(destinations) => {
                    let cause = Arc::new(cause);
                    for (rank, nets) in destinations {
                        local.extend(&nets);
                        add(Match::dst_any_of(nets), rank, &target, true, &cause);
                    }
                }
                None => {
                    let list = route.destination_prefix_list_id.as_deref().unwrap_or("(none)");
                    let cause = Arc::new(
                        cause.noting(format!("the entries of prefix list `{list}` are not in the snapshot")),
                    );
                    let service = route.target().is_some_and(|(_, id)| {
                        id.starts_with("vpce-")
                            || inventory.get(&Id::<VpcEndpoint>::new(id), &here.place).is_some()
                    });
                    // The lists of AWS's services, which gateway endpoints use, hold public addresses only.
                    let guard = if service { public(Field::DstIp) } else { Match::All };
                    add(guard, 0, &target, false, &cause);
                }
            }
        }
        // Every table has the local routes, listed or not, unless a route of just that block replaces one.
        let Some(vpc) = inventory.get(&self.vpc_id, &here.place) else { return };
        let cause = Arc::new(Cause::structure(&here.key).at(here.at("")));
        for net in vpc.value.cidrs().into_iter().filter(|net| !local.contains(net)) {
            add(Match::dst_in(net), rank(&net, 3), &Target::Port(Port::new(&vpc.key, LOCAL)), true, &cause);
        }
    }
}
