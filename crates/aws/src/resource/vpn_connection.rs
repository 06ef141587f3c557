//! VPN connection: tunnels between a customer gateway and a virtual private gateway or transit gateway.
//!
//! No ports: packets leave and enter at the gateway or attachment where it ends, which are within it for those who ask.
//! That all tunnels of a connection are down is remarked on and changes no answer: they may be up the next minute.
//!
//! SOURCE: Site-to-Site VPN user guide, "Site-to-Site VPN routing options" (static or BGP) and "IPv4 and IPv6 traffic"
//! (one of them inside the tunnels; IPv6 to transit gateways only); EC2 API reference, `VpnConnection` and
//! `VgwTelemetry` (checked 2026-11-26).
use graph::{GraphBuilder, ResourceKey};
use headerspace::{Family, Match};
use ipnet::IpNet;
use serde::Deserialize;

use super::{
    Resource, Tags, customer_gateway::CustomerGateway, describe, nullable, optional,
    transit_gateway::TransitGateway, vpn_gateway::VpnGateway,
};
use crate::{Diagnostic, Entry, Id, Inventory, inventory::Reading};

/// A connection, as `describe-vpn-connections` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpnConnection {
    vpn_connection_id: Id<VpnConnection>,
    #[serde(default, deserialize_with = "optional")]
    vpn_gateway_id: Option<Id<VpnGateway>>,
    #[serde(default, deserialize_with = "optional")]
    transit_gateway_id: Option<Id<TransitGateway>>,
    #[serde(default, deserialize_with = "optional")]
    customer_gateway_id: Option<Id<CustomerGateway>>,
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
    options: Option<Options>,
    #[serde(default)]
    routes: Option<Vec<StaticRoute>>,
    #[serde(default, deserialize_with = "nullable")]
    vgw_telemetry: Vec<Telemetry>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Options {
    static_routes_only: Option<bool>,
    #[serde(default, deserialize_with = "optional")]
    tunnel_inside_ip_version: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    outside_ip_address_type: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StaticRoute {
    #[serde(default, deserialize_with = "optional")]
    destination_cidr_block: Option<IpNet>,
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Telemetry {
    #[serde(default, deserialize_with = "optional")]
    status: Option<String>,
}

/// Tunnels go up and down; two descriptions that differ in that do not contradict each other.
impl PartialEq for Telemetry {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl VpnConnection {
    /// Whether it is more than a memory.
    pub(super) fn holds(&self) -> bool {
        self.state.as_deref() != Some("deleted")
    }

    /// Whether its site announces nothing, and only static routes lead there.
    pub(super) fn is_static(&self) -> bool {
        self.options.as_ref().and_then(|options| options.static_routes_only) == Some(true)
    }

    /// Whether its tunnels go through Direct Connect.
    pub(super) fn is_private(&self) -> bool {
        let options = self.options.as_ref();
        options.and_then(|options| options.outside_ip_address_type.as_deref()) == Some("PrivateIpv4")
    }

    /// Whether its static routes are told, and are all that leads there.
    pub(super) fn is_fixed(&self) -> bool {
        self.is_static() && self.routes.is_some()
    }

    /// The destinations of its static routes.
    pub(super) fn destinations(&self) -> impl Iterator<Item = IpNet> {
        let live = self.routes.iter().flatten().filter(|route| route.state.as_deref() != Some("deleted"));
        live.filter_map(|route| route.destination_cidr_block).map(|net| net.trunc())
    }

    /// What fits into its tunnels.
    pub(super) fn inside(&self) -> Match {
        let options = self.options.as_ref();
        match options.and_then(|options| options.tunnel_inside_ip_version.as_deref()) {
            Some("ipv4") => Match::family(Family::V4),
            Some("ipv6") => Match::family(Family::V6),
            _ => Match::All,
        }
    }

    /// The key of its customer gateway.
    pub(super) fn customer_gateway(&self, here: &Entry<Self>, inventory: &Inventory) -> Option<ResourceKey> {
        self.customer_gateway_id.as_ref().map(|id| inventory.key_of(id, &here.place))
    }
}

/// Says which connections have no tunnel that is up.
pub(crate) fn remark(reading: &mut Reading<'_>, inventory: &Inventory) {
    for connection in inventory.table::<VpnConnection>().iter().filter(|it| it.value.holds()) {
        let tunnels = &connection.value.vgw_telemetry;
        if tunnels.is_empty() || tunnels.iter().any(|tunnel| tunnel.status.as_deref() != Some("DOWN")) {
            continue;
        }
        let origin = &connection.origin;
        let location = reading.snapshot.locate(origin.document, origin.offset, "/VgwTelemetry");
        let message = format!("all tunnels of `{}` are down", connection.value.vpn_connection_id);
        let help = "answers are given as if they were up";
        reading
            .diagnostics
            .push(Diagnostic::warning("tunnels-down", Some(location), message).with_help(help));
    }
}

impl Resource for VpnConnection {
    const TYPE: &'static str = "AWS::EC2::VPNConnection";
    const LIST: &'static str = "VpnConnections";

    fn id(&self) -> &Id<Self> {
        &self.vpn_connection_id
    }

    fn associations(&self) -> Vec<String> {
        self.vpn_gateway_id.iter().map(|id| format!("gateway:{id}")).collect()
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "vpn-connection", &self.tags);
        let vgw = self.vpn_gateway_id.as_ref().map(|id| inventory.key_of(id, &here.place));
        let tgw = self.transit_gateway_id.as_ref().map(|id| inventory.key_of(id, &here.place));
        resource.within = vgw.into_iter().chain(tgw).chain(self.customer_gateway(here, inventory)).collect();
        graph.resource(resource);
    }

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}

#[cfg(test)]
mod tests {
    use crate::resource::lowered;

    #[test]
    fn tunnels_that_are_down_are_remarked_on() {
        let export = r#"{"VpnConnections":[{"VpnConnectionId":"vpn-1","State":"available","VgwTelemetry":[{"Status":"DOWN"},{"Status":"DOWN"}]},{"VpnConnectionId":"vpn-2","State":"available","VgwTelemetry":[{"Status":"UP"},{"Status":"DOWN"}]},{"VpnConnectionId":"vpn-3","State":"deleted","VgwTelemetry":[{"Status":"DOWN"}]}]}"#;
        insta::assert_snapshot!(lowered(export), @"! all tunnels of `vpn-1` are down");
    }
}
