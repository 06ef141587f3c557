//! Virtual private gateway: the border between a VPC and sites behind VPN connections or Direct Connect.
//!
//! `routed@vpc` takes what route tables send here, `outside` and `arriving` are the two directions of the border, and
//! `admitted` holds what was let in and meets the gateway's own route table, if it has one.
//!
//! SOURCE: Reachability Analyzer guide, `VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS`,
//! `VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS`, `GATEWAY_REJECTS_SPOOFED_TRAFFIC`; VPC user guide, "Gateway route tables"
//! (internet and virtual private gateways may have one); Site-to-Site VPN user guide, "Static and dynamic routing" and
//! "IPv4 and IPv6 traffic" (no IPv6 on a virtual private gateway); Direct Connect user guide, "Virtual interfaces" (IPv6
//! on private ones) (checked 2026-11-26).
//! GAP: traffic between sites behind one gateway (VPN CloudHub) touches no VPC and is not modelled.
//! GAP: prefixes that a site announces by BGP are not known: anything may be behind the gateway.
//! GAP: what a site sends back into AWS by another gateway than it came by is not followed.
use std::sync::Arc;

use graph::{
    Cause, Choice, Control, Disposition, End, GraphBuilder, Obstacle, Port, ResourceKey, Rule, Transfer,
    World,
};
use headerspace::{Family, Field, Match};
use ipnet::IpNet;
use serde::Deserialize;

use super::{
    ADMITTED, ARRIVING, LOCAL, OUTSIDE, Resource, Tags,
    address_set::address_in,
    describe, direct_connect_gateway,
    direct_connect_gateway_association::DirectConnectGatewayAssociation,
    internet_gateway::{Attachment, not_attached},
    nullable, obstacles, optional,
    route_table::RouteTable,
    routed, structure,
    virtual_interface::VirtualInterface,
    vpc::Vpc,
    vpn_connection::VpnConnection,
};
use crate::{Entry, Id, Inventory};

/// A virtual private gateway, as `describe-vpn-gateways` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpnGateway {
    vpn_gateway_id: Id<VpnGateway>,
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    vpc_attachments: Vec<Attachment>,
    #[serde(default)]
    tags: Tags,
}

/// What may be behind a gateway beside VPN connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DirectConnect {
    Yes,
    No,
    Unknown,
}

impl VpnGateway {
    /// VPCs to which it is attached: one at most, says AWS.
    fn vpcs(&self) -> impl Iterator<Item = &Id<Vpc>> {
        let live = !matches!(self.state.as_deref(), Some("deleted" | "deleting"));
        self.vpc_attachments.iter().filter(move |_| live).filter_map(Attachment::vpc)
    }

    fn connections<'i>(
        here: &'i Entry<Self>,
        inventory: &'i Inventory,
    ) -> impl Iterator<Item = &'i Entry<VpnConnection>> {
        inventory.naming::<VpnConnection, Self>("gateway", here).filter(|it| it.value.holds())
    }

    /// Virtual interfaces and Direct Connect gateways behind it.
    fn direct_connect(here: &Entry<Self>, inventory: &Inventory) -> Vec<ResourceKey> {
        let interfaces =
            inventory.naming::<VirtualInterface, Self>("gateway", here).filter(|it| it.value.holds());
        let mut keys: Vec<ResourceKey> = interfaces.map(|it| it.key.clone()).collect();
        for association in inventory.naming::<DirectConnectGatewayAssociation, Self>("gateway", here) {
            let gateway = association.value.direct_connect(&association.place, inventory);
            keys.extend(
                gateway.into_iter().flat_map(|it| direct_connect_gateway::with_interfaces(it, inventory)),
            );
        }
        keys.sort();
        keys.dedup();
        keys
    }

    fn has_direct_connect(here: &Entry<Self>, inventory: &Inventory) -> DirectConnect {
        let associated = inventory.naming::<DirectConnectGatewayAssociation, Self>("gateway", here).next();
        if associated.is_some() || !Self::direct_connect(here, inventory).is_empty() {
            return DirectConnect::Yes;
        }
        let told = inventory.table::<VirtualInterface>().complete(&here.place)
            && inventory.table::<DirectConnectGatewayAssociation>().complete(&here.place);
        if told { DirectConnect::No } else { DirectConnect::Unknown }
    }

    /// Packets that fit through what is behind it, and those of which the snapshot does not tell.
    /// `ipv6` tells whether there is any such packet.
    fn carried(
        &self,
        here: &Entry<Self>,
        ipv6: bool,
        inventory: &Inventory,
    ) -> (Match, Option<(Match, String)>) {
        let id = &self.vpn_gateway_id;
        let (v4, v6) = (Match::family(Family::V4), Match::family(Family::V6));
        let unknown =
            |what: &str| format!("whether Direct Connect is behind `{id}`, {what}, is not in the snapshot");
        let direct = Self::has_direct_connect(here, inventory);
        if direct == DirectConnect::Yes {
            return (Match::All, None);
        }
        let connections: Vec<_> = Self::connections(here, inventory).collect();
        let told = inventory.table::<VpnConnection>().complete(&here.place);
        let fixed = told && !connections.is_empty() && connections.iter().all(|it| it.value.is_fixed());
        let mut certain = v4.clone();
        let mut rest = None;
        if fixed {
            let sites = Match::dst_any_of(connections.iter().flat_map(|it| it.value.destinations()));
            rest = Some(Match::all_of([v4, Match::not(sites.clone())]));
            certain = Match::all_of([certain, sites]);
        }
        match (direct, rest) {
            (DirectConnect::No, _) => (certain, None),
            (_, Some(rest)) => (
                certain,
                Some((
                    Match::any_of([rest, v6]),
                    unknown("which would carry more than the static routes do"),
                )),
            ),
            (_, None) if !ipv6 => (certain, None),
            (_, None) => (certain, Some((v6, unknown("which would carry IPv6")))),
        }
    }
}

impl Resource for VpnGateway {
    const TYPE: &'static str = "AWS::EC2::VPNGateway";
    const LIST: &'static str = "VpnGateways";
    const ROUTABLE: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.vpn_gateway_id
    }

    fn elsewhere(&self, _: &Entry<Self>, vpc: &Id<Vpc>, _: &Inventory) -> Option<String> {
        not_attached(&self.vpn_gateway_id, &self.vpc_attachments, vpc)
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "vpn-gateway", &self.tags);
        let vpcs = self.vpcs().map(|id| inventory.key_of(id, &here.place));
        let sites = Self::connections(here, inventory)
            .flat_map(|it| std::iter::once(it.key.clone()).chain(it.value.customer_gateway(it, inventory)));
        resource.within = vpcs.chain(sites).chain(Self::direct_connect(here, inventory)).collect();
        let key = graph.resource(resource);
        if self.vpcs().next().is_none() {
            return;
        }
        for vpc in self.vpcs() {
            graph.declare(routed(&key, vpc.as_str()), &key, Choice::Any, Disposition::Denied);
        }
        let (outside, arriving) = (Port::new(&key, OUTSIDE), Port::new(&key, ARRIVING));
        graph.declare(arriving.clone(), &key, Choice::Any, Disposition::NoRoute);
        graph.declare(Port::new(&key, ADMITTED), &key, Choice::FirstMatch, Disposition::NoRoute);
        graph.declare_end(End {
            resource: key,
            departs: Some(arriving.clone()),
            arrives: Some(outside),
            answers: Some(arriving),
            border: true,
            world: World::Own,
        });
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let port = |name: &str| Port::new(&here.key, name);
        let carries = Cause::new(&here.key, Rule::Carries).at(here.at(""));
        let own_table = inventory.naming::<RouteTable, Self>("gateway", here).next();
        for id in self.vpcs() {
            let entry = routed(&here.key, id.as_str());
            let Some(vpc) = inventory.get(id, &here.place) else {
                let note = format!("`{id}` is not in the snapshot");
                let cause = Arc::new(carries.clone().noting(note));
                graph.connect(&port(ARRIVING), Disposition::InsufficientInfo, Transfer::all(), &cause);
                continue;
            };
            let blocks: Vec<IpNet> = vpc.value.cidrs();
            let ipv6 = vpc.is_concluded() || blocks.iter().any(|net| matches!(net, IpNet::V6(_)));
            let (carried, unknown) = self.carried(here, ipv6, inventory);
            let ours = |field| {
                if vpc.is_concluded() { Match::All } else { address_in(field, blocks.iter().copied()) }
            };
            let theirs = if vpc.is_concluded() { Match::All } else { Match::not(ours(Field::SrcIp)) };
            let mut cause = carries.clone();
            if vpc.is_concluded() {
                cause.note = Some(format!("the address blocks of `{id}` are not in the snapshot"));
            }
            let cause = Arc::new(cause);
            let crossing = |packets| Transfer { certain: !vpc.is_concluded(), ..Transfer::only(packets) };
            let leaves = |packets: &Match| Match::all_of([ours(Field::SrcIp), packets.clone()]);
            graph.connect(&entry, &port(OUTSIDE), crossing(leaves(&carried)), &cause);
            if let Some((packets, note)) = &unknown {
                let cause = Arc::new(carries.clone().noting(note));
                graph.connect(&entry, &port(OUTSIDE), crossing(leaves(packets)).uncertain(), &cause);
            }
            obstacles::offer_connections(
                here,
                [&entry, &port(OUTSIDE)],
                &ours(Field::SrcIp),
                inventory,
                graph,
            );
            if !vpc.is_concluded() {
                let impostors = Match::all_of([ours(Field::DstIp), ours(Field::SrcIp)]);
                let text = "takes what comes in from addresses of its own VPC for forged";
                let control = Control::obstacle(&here.key, Obstacle::Impostor, text, here.at(""));
                graph.offer(&port(ARRIVING), &port(ADMITTED), Transfer::only(impostors), control);
            }
            let enters = Match::all_of([ours(Field::DstIp), theirs]);
            let of = |family| Match::all_of([enters.clone(), Match::family(family)]);
            graph.connect(&port(ARRIVING), &port(ADMITTED), crossing(of(Family::V4)), &cause);
            match Self::has_direct_connect(here, inventory) {
                DirectConnect::Yes => {
                    graph.connect(&port(ARRIVING), &port(ADMITTED), crossing(of(Family::V6)), &cause);
                }
                DirectConnect::Unknown if ipv6 => {
                    let note = format!(
                        "whether Direct Connect is behind `{}`, which would carry IPv6, is not in the snapshot",
                        self.vpn_gateway_id
                    );
                    let cause = Arc::new(carries.clone().noting(note));
                    let transfer = crossing(of(Family::V6)).uncertain();
                    graph.connect(&port(ARRIVING), &port(ADMITTED), transfer, &cause);
                }
                DirectConnect::Unknown | DirectConnect::No => {}
            }
            if own_table.is_none() {
                let local = Port::new(&vpc.key, LOCAL);
                if inventory.table::<RouteTable>().complete(&vpc.place) {
                    graph.connect(&port(ADMITTED), &local, Transfer::all(), &structure(here));
                } else {
                    let note = format!(
                        "route tables are not fully in the snapshot; `{}` may have one",
                        self.vpn_gateway_id
                    );
                    let cause = Arc::new(Cause::structure(&here.key).at(here.at("")).noting(note));
                    graph.connect(&port(ADMITTED), &local, Transfer::all().uncertain(), &cause);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::resource::{among, lowered};

    fn export(more: &str) -> String {
        r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.1.0.0/16"}],"VpnGateways":[{"VpnGatewayId":"vgw-1","State":"available","VpcAttachments":[{"VpcId":"vpc-1","State":"attached"}]}],MORE}"#
            .replace("MORE", more)
    }

    #[test]
    fn static_routes_are_all_that_is_behind_it() {
        let more = r#""VpnConnections":[{"VpnConnectionId":"vpn-1","VpnGatewayId":"vgw-1","State":"available","Options":{"StaticRoutesOnly":true},"Routes":[{"DestinationCidrBlock":"192.168.0.0/16","State":"available"},{"DestinationCidrBlock":"192.169.0.0/16","State":"deleted"}]},{"VpnConnectionId":"vpn-2","VpnGatewayId":"vgw-1","State":"deleted"}]"#;
        insta::assert_snapshot!(among(&export(more), "vgw-1/"), @"
        vgw-1/admitted -> vpc-1/local: any packet
        vgw-1/arriving -> vgw-1/admitted: dst_ip in 10.1.0.0/16 and not (src_ip in 10.1.0.0/16) and ipv4
        vgw-1/routed@vpc-1 -> vgw-1/outside: src_ip in 10.1.0.0/16 and ipv4 and dst_ip in 192.168.0.0/16
        ");
    }

    #[test]
    fn with_bgp_or_direct_connect_anything_may_be() {
        let more = r#""virtualInterfaces":[{"virtualInterfaceId":"dxvif-1","virtualGatewayId":"vgw-1","virtualInterfaceState":"available"}]"#;
        insta::assert_snapshot!(among(&export(more), "vgw-1/"), @"
        vgw-1/admitted -> vpc-1/local: any packet
        vgw-1/arriving -> vgw-1/admitted: dst_ip in 10.1.0.0/16 and not (src_ip in 10.1.0.0/16) and ipv4
        vgw-1/arriving -> vgw-1/admitted: dst_ip in 10.1.0.0/16 and not (src_ip in 10.1.0.0/16) and ipv6
        vgw-1/routed@vpc-1 -> vgw-1/outside: src_ip in 10.1.0.0/16
        ");
        let bgp =
            r#""VpnConnections":[{"VpnConnectionId":"vpn-1","VpnGatewayId":"vgw-1","State":"available"}]"#;
        let lines = lowered(&export(bgp).replace(
            r#""CidrBlock""#,
            r#""Ipv6CidrBlockAssociationSet":[{"Ipv6CidrBlock":"2600:1f00::/56"}],"CidrBlock""#,
        ));
        let lines: Vec<&str> = lines.lines().filter(|line| line.contains("vgw-1/routed")).collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        vgw-1/routed@vpc-1 -> vgw-1/outside: (src_ip in 10.1.0.0/16 or src_ip in 2600:1f00::/56) and ipv6; uncertain (whether Direct Connect is behind `vgw-1`, which would carry IPv6, is not in the snapshot)
        vgw-1/routed@vpc-1 -> vgw-1/outside: (src_ip in 10.1.0.0/16 or src_ip in 2600:1f00::/56) and ipv4
        ");
    }

    #[test]
    fn it_may_have_a_route_table() {
        let more = r#""RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-1","Associations":[{"GatewayId":"vgw-1"}],"Routes":[{"DestinationCidrBlock":"10.1.1.0/24","NetworkInterfaceId":"eni-1"}]}]"#;
        insta::assert_snapshot!(among(&export(more), "vgw-1/admitted"), @"
        vgw-1/admitted -> insufficient-info: [33] dst_ip in 10.1.1.0/24 (`eni-1` is not in the snapshot)
        vgw-1/admitted -> vpc-1/local: [67] dst_ip in 10.1.0.0/16
        vgw-1/arriving -> vgw-1/admitted: dst_ip in 10.1.0.0/16 and not (src_ip in 10.1.0.0/16) and ipv4
        ");
    }

    #[test]
    fn missing_vpc_and_detached_gateway() {
        let export = r#"{"VpnGateways":[{"VpnGatewayId":"vgw-1","VpcAttachments":[{"VpcId":"vpc-1","State":"attached"}]},{"VpnGatewayId":"vgw-2","VpcAttachments":[{"VpcId":"vpc-1","State":"detached"}]}]}"#;
        insta::assert_snapshot!(among(export, "vgw-"), @"vgw-1/arriving -> insufficient-info: any packet (`vpc-1` is not in the snapshot)");
    }
}
