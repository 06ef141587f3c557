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
//! GAP: pools of public addresses that a gateway's table leads to an interface are unknown.
//! GAP: targets that are not modelled (carrier and local gateways, core networks, VPC Lattice).
use std::{collections::BTreeMap, sync::Arc};

use graph::{
    Cause, Disposition, Flow, GraphBuilder, Port, ResourceKey, RouteRule, RouteTo, Rule, Target, Transfer,
};
use headerspace::{Field, Match};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;

use super::{
    ADMITTED, ARRIVING, LOCAL, Listed, ROUTER, Resource, RouteTarget, Tags, describe,
    internet_gateway::InternetGateway, not_modelled, nullable, optional, prefix_list, public, route_target,
    routed, routed_in_zone, subnet::Subnet, vpc::Vpc, vpc_endpoint::VpcEndpoint, vpn_gateway::VpnGateway,
};
use crate::{Entry, Id, Inventory, Place};

/// A route table, as `describe-route-tables` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RouteTable {
    route_table_id: Id<RouteTable>,
    vpc_id: Id<Vpc>,
    #[serde(default, deserialize_with = "optional")]
    owner_id: Option<String>,
    #[serde(deserialize_with = "nullable")]
    associations: Vec<Association>,
    routes: Vec<Route>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Association {
    main: Option<bool>,
    #[serde(default, deserialize_with = "optional")]
    subnet_id: Option<Id<Subnet>>,
    #[serde(default, deserialize_with = "optional")]
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

/// A route: where packets with these destinations go.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "WrittenRoute")]
struct Route {
    destination: Destination,
    /// The member that names the target, and what it names.
    target: Option<(&'static str, String)>,
    origin: Option<String>,
    state: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Destination {
    Block(IpNet),
    List(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WrittenRoute {
    #[serde(default, deserialize_with = "optional")]
    destination_cidr_block: Option<Ipv4Net>,
    #[serde(default, deserialize_with = "optional")]
    destination_ipv6_cidr_block: Option<Ipv6Net>,
    #[serde(default, deserialize_with = "optional")]
    destination_prefix_list_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    gateway_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    nat_gateway_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    vpc_peering_connection_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    egress_only_internet_gateway_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    network_interface_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    instance_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    transit_gateway_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    local_gateway_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    carrier_gateway_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    core_network_arn: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    odb_network_arn: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    origin: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
}

impl TryFrom<WrittenRoute> for Route {
    type Error = &'static str;

    fn try_from(written: WrittenRoute) -> Result<Self, Self::Error> {
        let v4 = written.destination_cidr_block.map(|net| Destination::Block(IpNet::V4(net.trunc())));
        let v6 = written.destination_ipv6_cidr_block.map(|net| Destination::Block(IpNet::V6(net.trunc())));
        let list = written.destination_prefix_list_id.map(Destination::List);
        let mut destinations = [v4, v6, list].into_iter().flatten();
        let (Some(destination), None) = (destinations.next(), destinations.next()) else {
            return Err("expected one destination: an address block or a prefix list");
        };
        let members = [
            ("EgressOnlyInternetGatewayId", written.egress_only_internet_gateway_id),
            ("NatGatewayId", written.nat_gateway_id),
            ("VpcPeeringConnectionId", written.vpc_peering_connection_id),
            ("TransitGatewayId", written.transit_gateway_id),
            ("LocalGatewayId", written.local_gateway_id),
            ("CarrierGatewayId", written.carrier_gateway_id),
            ("CoreNetworkArn", written.core_network_arn),
            ("OdbNetworkArn", written.odb_network_arn),
            ("NetworkInterfaceId", written.network_interface_id),
            ("InstanceId", written.instance_id),
            ("GatewayId", written.gateway_id),
        ];
        let target = members.into_iter().find_map(|(member, id)| Some((member, id?)));
        Ok(Self { destination, target, origin: written.origin, state: written.state })
    }
}

impl Route {
    fn is_blackhole(&self) -> bool {
        self.state.as_deref() == Some("blackhole")
    }

    fn is_to_lattice(&self) -> bool {
        !self.is_blackhole() && self.target.as_ref().is_some_and(|(_, id)| id == not_modelled::LATTICE)
    }

    /// Whether a gateway has announced it, rather than a person made it.
    ///
    /// SOURCE: EC2 API reference, `Route.Origin`; `Advertisement` comes from a route server (checked 2026-11-23).
    fn is_propagated(&self) -> bool {
        matches!(self.origin.as_deref(), Some("EnableVgwRoutePropagation" | "Advertisement"))
    }

    fn rule(&self) -> RouteRule {
        let (target_kind, target) = self.target.as_ref().map_or(("GatewayId", ""), |(kind, id)| (kind, id));
        RouteRule {
            destination: match &self.destination {
                Destination::Block(net) => RouteTo::Cidr(net.to_string()),
                Destination::List(id) => RouteTo::PrefixList(id.clone()),
            },
            target_kind: target_kind.to_owned(),
            target: target.to_owned(),
            route_origin: self.origin.clone(),
            state: self.state.clone().unwrap_or_else(|| "active".to_owned()),
        }
    }

    /// Destinations by rank; `None` if the prefix list is not known.
    fn destinations(&self, place: &Place, inventory: &Inventory) -> Option<BTreeMap<u32, Vec<IpNet>>> {
        let mut by_rank = BTreeMap::<u32, Vec<IpNet>>::new();
        match &self.destination {
            Destination::Block(net) => {
                let tie = if self.is_propagated() { Tie::Propagated } else { Tie::Static };
                by_rank.insert(rank(net, tie), vec![*net]);
            }
            Destination::List(list) => {
                for (net, _) in prefix_list::entries_of(inventory, list, place)? {
                    by_rank.entry(rank(net, Tie::List)).or_default().push(*net);
                }
            }
        }
        Some(by_rank)
    }
}

impl RouteTable {
    /// Whether a route leads to this target.
    pub(super) fn leads_to(&self, id: &str) -> bool {
        let mut routes = self.routes.iter().filter(|route| !route.is_blackhole());
        routes.any(|route| route.target.as_ref().is_some_and(|(_, target)| target == id))
    }

    /// Whether a route's destination is this prefix list.
    pub(super) fn names_list(&self, id: &str) -> bool {
        self.routes.iter().any(|route| matches!(&route.destination, Destination::List(list) if list == id))
    }
}

/// Order among routes with equal prefixes.
#[derive(Debug, Clone, Copy)]
enum Tie {
    Static,
    List,
    Local,
    Propagated,
}

/// Longest prefix first, then by kind. Rank 0 is left for routes that may match anything.
fn rank(net: &IpNet, tie: Tie) -> u32 {
    1 + (u32::from(net.max_prefix_len()) - u32::from(net.prefix_len())) * 4 + tie as u32
}

/// The route table of a subnet: its own, else the VPC's main one; `None` if the snapshot does not tell.
pub(super) fn of_subnet<'i>(
    inventory: &'i Inventory,
    subnet: &'i Entry<Subnet>,
) -> Option<&'i Entry<RouteTable>> {
    if let Some(own) = inventory.naming::<RouteTable, Subnet>("subnet", subnet).next() {
        return Some(own);
    }
    // In an incomplete table, the subnet's own association may be among what is missing.
    inventory.get(subnet.value.vpc(), &subnet.place).and_then(|vpc| {
        let all = inventory.table::<RouteTable>().complete(&subnet.place);
        inventory.naming::<RouteTable, Vpc>("main", vpc).next().filter(|_| all)
    })
}

/// A port that a table routes for, and the zone of its senders, if that is one.
struct Router {
    port: Port,
    zone: String,
}

/// Where a route leads: the same for all, or for the senders of each zone by itself.
enum Toward {
    All(Target),
    Zone(ResourceKey),
}

impl Toward {
    fn from(&self, router: &Router, vpc: &Id<Vpc>) -> Target {
        match self {
            Self::All(target) => target.clone(),
            Self::Zone(key) => Target::Port(routed_in_zone(key, vpc.as_str(), &router.zone)),
        }
    }
}

impl RouteTable {
    /// Whether a route of it names a transit gateway.
    fn leads_to_transit_gateway(&self) -> bool {
        let targets = self.routes.iter().filter_map(|route| route.target.as_ref());
        targets.into_iter().any(|(member, _)| *member == "TransitGatewayId")
    }

    /// What it routes for.
    fn routers(&self, here: &Entry<Self>, inventory: &Inventory) -> Vec<Router> {
        let vpc = inventory.get(&self.vpc_id, &here.place);
        let in_vpc = vpc.into_iter().flat_map(|vpc| inventory.naming::<Subnet, Vpc>("vpc", vpc));
        let mine =
            in_vpc.filter(|subnet| of_subnet(inventory, subnet).is_some_and(|table| table.key == here.key));
        let subnets = mine.map(|subnet| Router {
            port: Port::new(&subnet.key, ROUTER),
            zone: subnet.value.zone().to_owned(),
        });
        let internet = self.gateways::<InternetGateway>(here, inventory).map(|gateway| &gateway.key);
        let private = self.gateways::<VpnGateway>(here, inventory).map(|gateway| &gateway.key);
        let gateways = internet
            .chain(private)
            .map(|gateway| Router { port: Port::new(gateway, ADMITTED), zone: String::new() });
        subnets.chain(gateways).collect()
    }

    /// Gateways of a type for which it routes.
    fn gateways<'i, G: Listed + 'i>(
        &self,
        here: &Entry<Self>,
        inventory: &'i Inventory,
    ) -> impl Iterator<Item = &'i Entry<G>> {
        let named = self.associations.iter().filter(|a| a.holds()).filter_map(|a| a.gateway_id.as_deref());
        named.filter_map(|id| inventory.get(&Id::<G>::new(id), &here.place))
    }

    fn target(&self, route: &Route, here: &Entry<Self>, inventory: &Inventory) -> (Toward, Option<String>) {
        let refused = |disposition, note| (Toward::All(Target::Refusal(disposition)), note);
        let to = |port| (Toward::All(Target::Port(port)), None);
        let unknown = |note| refused(Disposition::InsufficientInfo, Some(note));
        if route.is_blackhole() {
            return refused(Disposition::Blackhole, None);
        }
        let Some((member, id)) = &route.target else {
            return unknown("the route names no target that is known here".to_owned());
        };
        if id == "local" {
            return to(Port::new(&inventory.key_of(&self.vpc_id, &here.place), LOCAL));
        }
        match route_target(inventory, id, &self.vpc_id, &here.place) {
            Some(RouteTarget { elsewhere: Some(elsewhere), .. }) => {
                refused(Disposition::Blackhole, Some(elsewhere))
            }
            Some(RouteTarget { key, zonal: true, .. }) => (Toward::Zone(key), None),
            Some(RouteTarget { key, .. }) => to(routed(&key, self.vpc_id.as_str())),
            None => unknown(match *member {
                "LocalGatewayId" | "CarrierGatewayId" | "CoreNetworkArn" | "OdbNetworkArn" => {
                    format!("routes to `{id}` are not modelled")
                }
                _ => format!("`{id}` is not in the snapshot"),
            }),
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

    fn associations(&self) -> Vec<String> {
        let associations = self.associations.iter().filter(|association| association.holds());
        let transit = self.leads_to_transit_gateway().then(|| format!("transit:{}", self.vpc_id));
        associations
            .flat_map(|association| {
                let main = association.main == Some(true);
                let main = main.then(|| format!("main:{}", self.vpc_id));
                let subnet = association.subnet_id.as_ref().map(|id| format!("subnet:{id}"));
                let gateway = association.gateway_id.as_ref().map(|id| format!("gateway:{id}"));
                [main, subnet, gateway].into_iter().flatten()
            })
            .chain(transit)
            .collect()
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "route-table", &self.tags);
        resource.within = vec![inventory.key_of(&self.vpc_id, &here.place)];
        graph.resource(resource);
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let routers = self.routers(here, inventory);
        if routers.is_empty() {
            return;
        }
        self.connect_lattice(here, &routers, inventory, graph);
        let mut add = |guard: Match, rank: u32, target: &Toward, certain: bool, cause: &Arc<Cause>| {
            for router in &routers {
                let transfer = Transfer { certain, ..Transfer::only(guard.clone()).ranked(rank) };
                graph.connect(&router.port, target.from(router, &self.vpc_id), transfer, cause);
            }
        };
        let vpc = inventory.get(&self.vpc_id, &here.place);
        let own: Vec<IpNet> = vpc.map(|vpc| vpc.value.cidrs()).unwrap_or_default();
        let mut replaced: Vec<IpNet> = Vec::new();
        for (index, route) in self.routes.iter().enumerate() {
            let mut cause =
                Cause::new(&here.key, Rule::Route(route.rule())).at(here.at(format_args!("/Routes/{index}")));
            if route.is_to_lattice() {
                continue;
            }
            let (target, note) = self.target(route, here, inventory);
            cause.note = note;
            if let Some(destinations) = route.destinations(&here.place, inventory) {
                let cause = Arc::new(cause);
                for (rank, nets) in destinations {
                    let mut guard = Match::dst_any_of(nets.iter().copied());
                    if route.is_propagated() {
                        // SOURCE: VPC user guide, "Route priority": the local route comes before propagated routes,
                        // even if those are more specific (checked 2026-11-23).
                        guard = Match::all_of([guard, Match::not(Match::dst_any_of(own.iter().copied()))]);
                    } else {
                        replaced.extend(nets);
                    }
                    add(guard, rank, &target, true, &cause);
                }
            } else if let Destination::List(list) = &route.destination {
                let cause = Arc::new(
                    cause.noting(format!("the entries of prefix list `{list}` are not in the snapshot")),
                );
                let endpoint = route.target.as_ref().is_some_and(|(_, id)| {
                    inventory.get(&Id::<VpcEndpoint>::new(id.as_str()), &here.place).is_some()
                });
                // The lists of AWS's services, which gateway endpoints use, hold public addresses only.
                let guard = if endpoint { public(Field::DstIp) } else { Match::All };
                add(guard, 0, &target, false, &cause);
            }
        }
        // Every table has the local routes, listed or not, unless a route of just that block replaces one.
        let structure = Cause::structure(&here.key).at(here.at(""));
        let local = Toward::All(Target::Port(Port::new(&inventory.key_of(&self.vpc_id, &here.place), LOCAL)));
        let cause = Arc::new(structure.clone());
        for net in own.iter().filter(|net| !replaced.contains(net)) {
            add(Match::dst_in(*net), rank(net, Tie::Local), &local, true, &cause);
        }
        if vpc.is_none_or(Entry::is_concluded) {
            let note = format!("the address blocks of `{}` are not in the snapshot", self.vpc_id);
            let cause = Arc::new(structure.noting(note));
            add(Match::All, u32::MAX, &Toward::All(Disposition::InsufficientInfo.into()), true, &cause);
        }
        self.connect_pools(here, &own, inventory, graph);
    }
}

impl RouteTable {
    /// Routes to VPC Lattice, whose prefix list holds its link-local addresses.
    fn connect_lattice(
        &self,
        here: &Entry<Self>,
        routers: &[Router],
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        for (index, route) in self.routes.iter().enumerate().filter(|(_, route)| route.is_to_lattice()) {
            let cause = Cause::new(&here.key, Rule::Route(route.rule()))
                .at(here.at(format_args!("/Routes/{index}")))
                .noting("routes to VPC Lattice are not modelled");
            let cause = Arc::new(cause);
            for router in routers {
                not_modelled::lose_to_lattice(&router.port, 0, inventory, &cause, graph);
            }
        }
    }

    /// Routes of a gateway's table for other addresses than the VPC's: pools of public addresses, which arrive
    /// untranslated.
    ///
    /// SOURCE: VPC user guide, "Route internet traffic to a single network interface" (checked 2026-11-23).
    fn connect_pools(
        &self,
        here: &Entry<Self>,
        own: &[IpNet],
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        for gateway in self.gateways::<InternetGateway>(here, inventory) {
            for (index, route) in self.routes.iter().enumerate() {
                let Destination::Block(net) = &route.destination else { continue };
                if own.is_empty() || own.iter().any(|block| block.contains(net)) || route.is_blackhole() {
                    continue;
                }
                let cause = Cause::new(&here.key, Rule::Route(route.rule()))
                    .at(here.at(format_args!("/Routes/{index}")))
                    .noting("pools of public addresses that are routed into a VPC are not modelled");
                let pool = Match::all_of([Match::dst_in(*net), public(Field::DstIp), public(Field::SrcIp)]);
                let arriving = Port::new(&gateway.key, ARRIVING);
                let transfer = Transfer::only(pool).for_flow(Flow::Opening);
                graph.connect(&arriving, Disposition::InsufficientInfo, transfer, &Arc::new(cause));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    #[test]
    fn longest_prefix_goes_first_then_what_was_made_by_hand() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"InternetGateways":[{"InternetGatewayId":"igw-1","Attachments":[{"VpcId":"vpc-1","State":"available"}]}],"RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-1"}],"Routes":[{"DestinationCidrBlock":"10.0.0.0/16","GatewayId":"local","State":"active"},{"DestinationCidrBlock":"0.0.0.0/0","GatewayId":"igw-1","DestinationIpv6CidrBlock":"","NatGatewayId":null},{"DestinationCidrBlock":"192.168.0.0/16","GatewayId":"vgw-1","Origin":"EnableVgwRoutePropagation"},{"DestinationCidrBlock":"10.0.9.0/24","GatewayId":"vgw-1","Origin":"EnableVgwRoutePropagation"},{"DestinationPrefixListId":"pl-1","GatewayId":"igw-1"},{"DestinationCidrBlock":"172.16.0.0/12","State":"blackhole"}]}],"PrefixLists":[{"PrefixListId":"pl-1","Cidrs":["192.168.0.0/16"]}]}"#;
        insta::assert_snapshot!(among(export, "/router"), @r"
        subnet-1/leaving -> subnet-1/router: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/router -> insufficient-info: [36] dst_ip in 10.0.9.0/24 and not (dst_ip in 10.0.0.0/16) (`vgw-1` is not in the snapshot)
        subnet-1/router -> vpc-1/local: [65] dst_ip in 10.0.0.0/16
        subnet-1/router -> igw-1/routed@vpc-1: [66] dst_ip in 192.168.0.0/16
        subnet-1/router -> insufficient-info: [68] dst_ip in 192.168.0.0/16 and not (dst_ip in 10.0.0.0/16) (`vgw-1` is not in the snapshot)
        subnet-1/router -> blackhole: [81] dst_ip in 172.16.0.0/12
        subnet-1/router -> igw-1/routed@vpc-1: [129] dst_ip in 0.0.0.0/0
        ");
    }

    #[test]
    fn local_routes_need_not_be_listed() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-1"}],"Routes":[]}]}"#;
        insta::assert_snapshot!(among(export, "/router"), @r"
        subnet-1/leaving -> subnet-1/router: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/router -> vpc-1/local: [67] dst_ip in 10.0.0.0/16
        ");
    }

    #[test]
    fn a_route_of_just_the_block_replaces_the_local_one() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-1"}],"Routes":[{"DestinationCidrBlock":"10.0.0.0/16","NetworkInterfaceId":"eni-1"}]}]}"#;
        insta::assert_snapshot!(among(export, "/router"), @r"
        subnet-1/leaving -> subnet-1/router: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/router -> insufficient-info: [65] dst_ip in 10.0.0.0/16 (`eni-1` is not in the snapshot)
        ");
    }

    #[test]
    fn a_gateway_of_another_vpc_leads_nowhere() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"InternetGateways":[{"InternetGatewayId":"igw-1","Attachments":[{"VpcId":"vpc-2","State":"available"}]},{"InternetGatewayId":"igw-2","Attachments":[]}],"NatGateways":[{"NatGatewayId":"nat-1","VpcId":"vpc-2"}],"VpcEndpoints":[{"VpcEndpointId":"vpce-1","VpcId":"vpc-2"}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","VpcId":"vpc-1","Status":"available"}],"RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-1"}],"Routes":[{"DestinationCidrBlock":"1.0.0.0/8","GatewayId":"igw-1"},{"DestinationCidrBlock":"2.0.0.0/8","GatewayId":"igw-2"},{"DestinationCidrBlock":"3.0.0.0/8","NatGatewayId":"nat-1"},{"DestinationCidrBlock":"4.0.0.0/8","GatewayId":"vpce-1"},{"DestinationCidrBlock":"5.0.0.0/8","NetworkInterfaceId":"eni-1"}]}]}"#;
        insta::assert_snapshot!(among(export, "blackhole"), @r"
        subnet-1/router -> blackhole: [97] dst_ip in 1.0.0.0/8 (`igw-1` is not attached to `vpc-1`)
        subnet-1/router -> blackhole: [97] dst_ip in 2.0.0.0/8 (`igw-2` is not attached to `vpc-1`)
        subnet-1/router -> blackhole: [97] dst_ip in 3.0.0.0/8 (`nat-1` is not in `vpc-1`)
        subnet-1/router -> blackhole: [97] dst_ip in 4.0.0.0/8 (`vpce-1` is not in `vpc-1`)
        subnet-1/router -> blackhole: [97] dst_ip in 5.0.0.0/8 (`eni-1` is not attached to anything)
        ");
    }

    #[test]
    fn missing_and_unknown_targets_are_said() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-1"}],"Routes":[{"DestinationCidrBlock":"1.0.0.0/8","GatewayId":"igw-1"},{"DestinationCidrBlock":"2.0.0.0/8","TransitGatewayId":"tgw-1"},{"DestinationCidrBlock":"3.0.0.0/8","FutureGatewayId":"fgw-1"},{"DestinationPrefixListId":"pl-1","GatewayId":"igw-1"}]}]}"#;
        insta::assert_snapshot!(among(export, "insufficient-info"), @r"
        subnet-1/router -> insufficient-info: any packet; uncertain (the entries of prefix list `pl-1` are not in the snapshot)
        subnet-1/router -> insufficient-info: [97] dst_ip in 1.0.0.0/8 (`igw-1` is not in the snapshot)
        subnet-1/router -> insufficient-info: [97] dst_ip in 2.0.0.0/8 (`tgw-1` is not in the snapshot)
        subnet-1/router -> insufficient-info: [97] dst_ip in 3.0.0.0/8 (the route names no target that is known here)
        ");
    }

    #[test]
    fn a_route_without_destination_makes_the_table_unknown() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-1"}],"Routes":[{"DestinationCidrBlock":"","GatewayId":"local"}]}]}"#;
        insta::assert_snapshot!(among(export, "rout"), @r"
        subnet-1/leaving -> subnet-1/router: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/router -> vpc-1/local: dst_ip in 10.0.0.0/16; uncertain (the route table of `subnet-1` is not in the snapshot)
        subnet-1/router -> insufficient-info: [1] any packet (the route table of `subnet-1` is not in the snapshot)
        ");
    }

    #[test]
    fn without_all_tables_the_main_one_is_not_taken() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-1","Associations":[{"Main":true}],"Routes":[]}],"NextToken":"x"}"#;
        insta::assert_snapshot!(among(export, "/router"), @r"
        subnet-1/leaving -> subnet-1/router: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/router -> vpc-1/local: dst_ip in 10.0.0.0/16; uncertain (the route table of `subnet-1` is not in the snapshot)
        subnet-1/router -> insufficient-info: [1] any packet (the route table of `subnet-1` is not in the snapshot)
        ");
    }

    #[test]
    fn a_gateway_may_have_a_table() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"InternetGateways":[{"InternetGatewayId":"igw-1","Attachments":[{"VpcId":"vpc-1","State":"available"}]}],"RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-1","Associations":[{"GatewayId":"igw-1"}],"Routes":[{"DestinationCidrBlock":"10.0.1.0/24","NetworkInterfaceId":"eni-1"},{"DestinationCidrBlock":"198.51.100.0/24","NetworkInterfaceId":"eni-1"}]}]}"#;
        insta::assert_snapshot!(among(export, "igw-1/"), @r"
        igw-1/admitted -> insufficient-info: [33] dst_ip in 10.0.1.0/24 (`eni-1` is not in the snapshot)
        igw-1/admitted -> insufficient-info: [33] dst_ip in 198.51.100.0/24 (`eni-1` is not in the snapshot)
        igw-1/admitted -> vpc-1/local: [67] dst_ip in 10.0.0.0/16
        igw-1/arriving -> insufficient-info: opening dst_ip in 198.51.100.0/24 and (ipv4 and not (dst_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}) or dst_ip in 2000::/3) and (ipv4 and not (src_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}) or src_ip in 2000::/3) (pools of public addresses that are routed into a VPC are not modelled)
        ");
    }
}
