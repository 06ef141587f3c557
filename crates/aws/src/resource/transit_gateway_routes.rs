//! The routes of a transit gateway route table, in order: those that answers list, and those that follow from others.
//!
//! Static routes are listed or unknown; routes to VPCs that propagate are their address blocks, listed or not; what
//! sites announce is listed or unknown.
//!
//! SOURCE: transit gateway guide, "Route evaluation order" (longest prefix; for equal ones static routes, references to
//! prefix lists, propagated routes of VPCs, Direct Connect gateways, Connect, private VPN, VPN, peering), "Route
//! propagation", "Blackhole routes", "Amazon VPC attachments" (of VPCs with equal or overlapping blocks, one propagates;
//! IPv6 is an option) (checked 2026-11-26).
//! GAP: which of several attachments in one route a flow is hashed to: each of them is taken to be possible.
use std::sync::Arc;

use graph::{Cause, Disposition, Origin, ResourceKey, RouteTo, Rule, TransitRule};
use headerspace::Match;
use ipnet::IpNet;

use super::{
    Resource as _, prefix_list,
    transit_gateway_answers::{Attached, Known, Reference, Route},
    transit_gateway_attachment::{Condition, Kind, TransitGatewayAttachment},
    transit_gateway_route_table::TransitGatewayRouteTable,
    vpn_connection::VpnConnection,
};
use crate::{Entry, Id, Inventory};

/// A route, ready for the graph.
pub(super) struct Planned<'i> {
    pub(super) guard: Match,
    pub(super) rank: u32,
    pub(super) toward: Toward<'i>,
    pub(super) certain: bool,
    pub(super) cause: Arc<Cause>,
}

/// Where a route leads.
#[derive(Clone, Copy)]
pub(super) enum Toward<'i> {
    Attachment(&'i Entry<TransitGatewayAttachment>),
    Refusal(Disposition),
}

/// Order among routes with equal prefixes.
#[derive(Debug, Clone, Copy)]
enum Tie {
    Static,
    List,
    Vpc,
    DirectConnect,
    Connect,
    PrivateVpn,
    Vpn,
    Peering,
}

/// Longest prefix first, then by kind. Rank 0 is left for routes that may match anything.
fn rank(net: &IpNet, tie: Tie) -> u32 {
    1 + (u32::from(net.max_prefix_len()) - u32::from(net.prefix_len())) * 8 + tie as u32
}

/// The routes of a table of `gateway`.
pub(super) fn routes<'i>(
    table: &'i Entry<TransitGatewayRouteTable>,
    gateway: &ResourceKey,
    inventory: &'i Inventory,
) -> Vec<Planned<'i>> {
    let mut plan = Plan { table, gateway, inventory, routes: Vec::new(), blocks: Vec::new() };
    let transit = &inventory.transit;
    let (all, fixed) = (transit.routes(table), transit.static_routes(table));
    let propagations = transit.propagations(table);
    let listed: Vec<&(Route, Origin)> =
        [&all, &fixed].into_iter().flatten().flat_map(|known| known.records.iter().copied()).collect();
    for (route, origin) in &listed {
        plan.listed(route, origin);
    }
    if all.is_none() {
        for (reference, origin) in transit.references(table).into_iter().flat_map(|known| known.records) {
            let known = |(route, _): &&(Route, Origin)| {
                route.prefix_list_id.as_deref() == Some(reference.prefix_list_id.as_str())
            };
            if !listed.iter().any(known) {
                plan.reference(reference, origin);
            }
        }
    }
    plan.propagated(&listed, all.as_ref(), propagations.as_ref());
    let id = table.value.id();
    let partial = |known: &Option<Known<'_, Route>>| known.as_ref().is_some_and(|known| !known.whole);
    let half = all.is_none() && propagations.as_ref().is_some_and(|known| !known.whole);
    if partial(&all) || partial(&fixed) || half {
        // Nothing comes before a static route to a single address.
        let single = |net: &IpNet| net.prefix_len() == net.max_prefix_len();
        let fixed =
            listed.iter().filter(|(route, _)| !is_propagated(route) && route.prefix_list_id.is_none());
        let first = fixed.filter_map(|(route, _)| route.destination_cidr_block).filter(single);
        let others = Match::not(Match::dst_any_of(first));
        plan.doubt(others, format!("the routes of `{id}` are not fully in the snapshot"));
    }
    let missing = format!("the routes of `{id}` are not in the snapshot");
    match (&all, &fixed, &propagations) {
        (Some(_), ..) | (None, Some(_), Some(_)) => {}
        (None, Some(_), None) => {
            plan.doubt(Match::All, format!("the propagations of `{id}` are not in the snapshot"));
        }
        (None, None, Some(_)) => plan.last(missing),
        (None, None, None) => {
            if !plan.routes.is_empty() {
                plan.doubt(Match::All, missing.clone());
            }
            plan.last(missing);
        }
    }
    plan.routes
}

struct Plan<'t, 'i> {
    table: &'i Entry<TransitGatewayRouteTable>,
    gateway: &'t ResourceKey,
    inventory: &'i Inventory,
    routes: Vec<Planned<'i>>,
    /// Blocks of VPCs that propagate, with the attachment that does.
    blocks: Vec<(IpNet, &'i str)>,
}

fn is_propagated(route: &Route) -> bool {
    route.kind.as_deref() == Some("propagated")
}

impl<'i> Plan<'_, 'i> {
    /// The attachment of this table's transit gateway that an answer names.
    fn attachment(&self, named: &Attached) -> Option<&'i Entry<TransitGatewayAttachment>> {
        let id = named.transit_gateway_attachment_id.as_ref()?;
        let all = self.inventory.table::<TransitGatewayAttachment>().everywhere(id.as_str());
        let mut mine = all.filter(|it| it.value.gateway(&it.place, self.inventory) == *self.gateway);
        mine.next()
    }

    fn tie(&self, route: &Route) -> Tie {
        if !is_propagated(route) {
            return if route.prefix_list_id.is_some() { Tie::List } else { Tie::Static };
        }
        let first = route.transit_gateway_attachments.first();
        self.propagated_tie(first.map(|it| (it.resource_type.as_deref(), it.resource_id.as_deref())))
    }

    fn propagated_tie(&self, resource: Option<(Option<&str>, Option<&str>)>) -> Tie {
        let (kind, id) = resource.unwrap_or_default();
        match Kind::named(kind) {
            Kind::Vpc => Tie::Vpc,
            Kind::DirectConnect => Tie::DirectConnect,
            Kind::Connect => Tie::Connect,
            Kind::Vpn => {
                let id = Id::<VpnConnection>::new(id.unwrap_or_default());
                let connection = self.inventory.get(&id, &self.table.place);
                if connection.is_some_and(|it| it.value.is_private()) { Tie::PrivateVpn } else { Tie::Vpn }
            }
            Kind::Peering | Kind::Other => Tie::Peering,
        }
    }

    /// Adds a route to one destination, for every attachment it leads to.
    fn route(
        &mut self,
        nets: &[(IpNet, Tie)],
        rule: &TransitRule,
        to: &[Attached],
        certain: bool,
        origin: &Origin,
    ) {
        let cause =
            |rule: TransitRule| Cause::new(&self.table.key, Rule::Transit(rule)).at(Some(origin.clone()));
        let mut targets = Vec::new();
        if rule.state == "blackhole" {
            targets.push((Toward::Refusal(Disposition::Blackhole), cause(rule.clone())));
        }
        for attached in to.iter().filter(|_| rule.state != "blackhole") {
            let id = attached.transit_gateway_attachment_id.as_ref().map_or("", |id| id.as_str());
            let mut rule = rule.clone();
            id.clone_into(&mut rule.attachment);
            rule.resource = attached.resource_id.clone().unwrap_or_default();
            rule.resource_kind = attached.resource_type.clone().unwrap_or_default();
            let found = self.attachment(attached);
            if let Some(found) = found.filter(|_| rule.resource.is_empty() || rule.resource_kind.is_empty()) {
                let (resource, kind) = found.value.attached();
                (rule.resource, rule.resource_kind) = (resource.to_owned(), kind.to_owned());
            }
            targets.push(match found {
                Some(found) if matches!(found.value.condition(), Condition::Gone(_)) => {
                    let note = found.value.idle().map_or(String::new(), |(_, note)| note);
                    (Toward::Refusal(Disposition::Blackhole), cause(rule).noting(note))
                }
                Some(found) => (Toward::Attachment(found), cause(rule)),
                None => {
                    let note = format!("`{id}` is not in the snapshot");
                    (Toward::Refusal(Disposition::InsufficientInfo), cause(rule).noting(note))
                }
            });
        }
        if targets.is_empty() {
            let cause = cause(rule.clone()).noting("the route names no attachment");
            targets.push((Toward::Refusal(Disposition::InsufficientInfo), cause));
        }
        for (toward, cause) in targets {
            let cause = Arc::new(cause);
            for (net, tie) in nets {
                let (guard, rank) = (Match::dst_in(*net), rank(net, *tie));
                self.routes.push(Planned { guard, rank, toward, certain, cause: cause.clone() });
            }
        }
    }

    /// Adds a route that an answer lists.
    fn listed(&mut self, route: &Route, origin: &Origin) {
        let state = route.state.as_deref().unwrap_or("active");
        if state == "deleted" {
            return;
        }
        let tie = self.tie(route);
        let rule = TransitRule {
            destination: match (&route.prefix_list_id, &route.destination_cidr_block) {
                (Some(list), _) => RouteTo::PrefixList(list.clone()),
                (None, net) => RouteTo::Cidr(net.map_or(String::new(), |net| net.trunc().to_string())),
            },
            attachment: String::new(),
            resource: String::new(),
            resource_kind: String::new(),
            route_origin: route.kind.clone().unwrap_or_else(|| "static".to_owned()),
            state: if state == "blackhole" { "blackhole" } else { "active" }.to_owned(),
        };
        let certain = matches!(state, "active" | "blackhole");
        let nets = match (&route.destination_cidr_block, &route.prefix_list_id) {
            (Some(net), _) => Some(vec![(net.trunc(), tie)]),
            (None, Some(list)) => self.entries(list),
            (None, None) => None,
        };
        if let Some(nets) = nets {
            self.route(&nets, &rule, &route.transit_gateway_attachments, certain, origin);
            return;
        }
        let what = route.prefix_list_id.as_ref().map_or_else(
            || "a route names no destination".to_owned(),
            |list| format!("the entries of prefix list `{list}` are not in the snapshot"),
        );
        self.doubt(Match::All, what);
    }

    fn entries(&self, list: &str) -> Option<Vec<(IpNet, Tie)>> {
        let entries = prefix_list::entries_of(self.inventory, list, &self.table.place)?;
        Some(entries.iter().map(|(net, _)| (*net, Tie::List)).collect())
    }

    /// Adds the routes that a reference to a prefix list stands for.
    fn reference(&mut self, reference: &Reference, origin: &Origin) {
        let state = reference.state.as_deref().unwrap_or("available");
        let rule = TransitRule {
            destination: RouteTo::PrefixList(reference.prefix_list_id.clone()),
            attachment: String::new(),
            resource: String::new(),
            resource_kind: String::new(),
            route_origin: "static".to_owned(),
            state: if reference.blackhole { "blackhole" } else { "active" }.to_owned(),
        };
        let to: Vec<Attached> = reference.transit_gateway_attachment.iter().cloned().collect();
        if let Some(nets) = self.entries(&reference.prefix_list_id) {
            self.route(&nets, &rule, &to, matches!(state, "available" | "modifying"), origin);
            return;
        }
        let list = &reference.prefix_list_id;
        self.doubt(Match::All, format!("the entries of prefix list `{list}` are not in the snapshot"));
    }

    /// Adds what propagates into the table and is not listed.
    fn propagated(
        &mut self,
        listed: &[&'i (Route, Origin)],
        all: Option<&Known<'i, Route>>,
        propagations: Option<&Known<'i, Attached>>,
    ) {
        let announced: Vec<&Route> =
            listed.iter().map(|(route, _)| route).filter(|it| is_propagated(it)).collect();
        let mut unknown = Vec::new();
        let mut found: Vec<(IpNet, &Attached, &Origin)> = Vec::new();
        for (attached, origin) in propagations.into_iter().flat_map(|known| known.records.iter().copied()) {
            if attached.state.as_deref().is_some_and(|state| state != "enabled") {
                continue;
            }
            let id = attached.transit_gateway_attachment_id.as_ref().map_or("", |id| id.as_str());
            let attachment = self.attachment(attached);
            if attachment.is_some_and(|it| it.value.idle().is_some()) {
                continue;
            }
            let kind = attached.resource_type.as_deref();
            let kind = attachment.map_or_else(|| Kind::named(kind), |it| it.value.kind());
            if kind == Kind::Vpc {
                let blocks = attachment.and_then(|it| it.value.vpc_blocks(it, self.inventory));
                let carries = attachment.is_none_or(|it| it.value.may_carry_ipv6(it, self.inventory));
                match blocks {
                    Some(blocks) if !carries => {
                        let v4 = blocks.into_iter().filter(|net| matches!(net, IpNet::V4(_)));
                        for net in v4 {
                            self.blocks.push((net, id));
                            found.push((net, attached, origin));
                        }
                    }
                    Some(blocks) => {
                        self.blocks.extend(blocks.iter().map(|net| (*net, id)));
                        found.extend(blocks.into_iter().map(|net| (net, attached, origin)));
                    }
                    None if all.is_none() || announced.is_empty() => unknown.push(id),
                    None => {}
                }
                continue;
            }
            // A site with static routing announces nothing: its routes are static ones of the table.
            // SOURCE: Site-to-Site VPN user guide, "Static and dynamic routing" (checked 2026-11-26).
            let connection = attached.resource_id.as_deref().filter(|_| kind == Kind::Vpn);
            let connection = connection
                .and_then(|id| self.inventory.get(&Id::<VpnConnection>::new(id), &self.table.place));
            let announces = !connection.is_some_and(|it| it.value.is_static());
            if announces && (all.is_none() || announced.is_empty()) {
                unknown.push(id);
            }
        }
        for (net, attached, origin) in found {
            // Where any attachment is listed for the block, that is how the table decided.
            if announced.iter().any(|route| route.destination_cidr_block.is_some_and(|it| it.trunc() == net))
            {
                continue;
            }
            let overlap = |block: &IpNet| block.contains(&net) || net.contains(block);
            let single = self.blocks.iter().filter(|(block, _)| overlap(block)).count() == 1;
            // A list of propagated routes that lacks this one may have been filtered, or the block was refused.
            let certain = single && (all.is_none() || announced.is_empty());
            let rule = TransitRule {
                destination: RouteTo::Cidr(net.to_string()),
                attachment: String::new(),
                resource: String::new(),
                resource_kind: String::new(),
                route_origin: "propagated".to_owned(),
                state: "active".to_owned(),
            };
            self.route(&[(net, Tie::Vpc)], &rule, std::slice::from_ref(attached), certain, origin);
        }
        for id in unknown {
            let others = Match::not(Match::dst_any_of(self.blocks.iter().map(|(net, _)| *net)));
            self.doubt(
                others,
                format!("what `{id}` announces to `{}` is not in the snapshot", self.table.value.id()),
            );
        }
    }

    /// Adds the possibility of a route that is not known, before all others.
    fn doubt(&mut self, guard: Match, note: String) {
        let cause = Arc::new(Cause::new(&self.table.key, Rule::Carries).at(self.table.at("")).noting(note));
        let toward = Toward::Refusal(Disposition::InsufficientInfo);
        self.routes.push(Planned { guard, rank: 0, toward, certain: false, cause });
    }

    /// Adds that packets without a known route are of unknown fate.
    fn last(&mut self, note: String) {
        let cause = Arc::new(Cause::new(&self.table.key, Rule::Carries).at(self.table.at("")).noting(note));
        let toward = Toward::Refusal(Disposition::InsufficientInfo);
        self.routes.push(Planned { guard: Match::All, rank: u32::MAX, toward, certain: true, cause });
    }
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    fn export(more: &str) -> String {
        r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.1.0.0/16"},{"VpcId":"vpc-2","CidrBlock":"10.2.0.0/16"}],
        "TransitGateways":[{"TransitGatewayId":"tgw-1"}],"TransitGatewayRouteTables":[{"TransitGatewayRouteTableId":"tgw-rtb-1","TransitGatewayId":"tgw-1"}],
        "PrefixLists":[{"PrefixListId":"pl-1","Cidrs":["10.0.0.0/8"]}],
        "VpnConnections":[{"VpnConnectionId":"vpn-1","TransitGatewayId":"tgw-1","State":"available","Options":{"StaticRoutesOnly":false}}],
        "TransitGatewayAttachments":[{"TransitGatewayAttachmentId":"tgw-attach-1","TransitGatewayId":"tgw-1","ResourceType":"vpc","ResourceId":"vpc-1","State":"available"},
            {"TransitGatewayAttachmentId":"tgw-attach-2","TransitGatewayId":"tgw-1","ResourceType":"vpc","ResourceId":"vpc-2","State":"available"},
            {"TransitGatewayAttachmentId":"tgw-attach-3","TransitGatewayId":"tgw-1","ResourceType":"vpn","ResourceId":"vpn-1","State":"available"},
            {"TransitGatewayAttachmentId":"tgw-attach-4","TransitGatewayId":"tgw-1","ResourceType":"vpc","ResourceId":"vpc-4","State":"deleted"}],
        MORE}"#.replace("MORE", more)
    }

    #[test]
    fn longest_prefix_then_static_then_lists_then_propagated() {
        let more = r#""TransitGatewayRouteTableId":"tgw-rtb-1","Routes":[
            {"DestinationCidrBlock":"0.0.0.0/0","Type":"static","State":"active","TransitGatewayAttachments":[{"TransitGatewayAttachmentId":"tgw-attach-3","ResourceId":"vpn-1","ResourceType":"vpn"},{"TransitGatewayAttachmentId":"tgw-attach-9","ResourceType":"vpn"}]},
            {"DestinationCidrBlock":"10.0.0.0/8","PrefixListId":"pl-1","Type":"static","State":"active","TransitGatewayAttachments":[{"TransitGatewayAttachmentId":"tgw-attach-1","ResourceId":"vpc-1","ResourceType":"vpc"}]},
            {"DestinationCidrBlock":"10.2.0.0/16","Type":"propagated","State":"active","TransitGatewayAttachments":[{"TransitGatewayAttachmentId":"tgw-attach-2","ResourceId":"vpc-2","ResourceType":"vpc"}]},
            {"DestinationCidrBlock":"10.9.0.0/16","Type":"static","State":"blackhole"},
            {"DestinationCidrBlock":"10.4.0.0/16","Type":"static","State":"active","TransitGatewayAttachments":[{"TransitGatewayAttachmentId":"tgw-attach-4"}]}]"#;
        insta::assert_snapshot!(among(&export(more), "tgw-rtb-1/"), @r"
        tgw-rtb-1/lookup -> blackhole: [129] dst_ip in 10.4.0.0/16 (`tgw-attach-4` is deleted)
        tgw-rtb-1/lookup -> blackhole: [129] dst_ip in 10.9.0.0/16
        tgw-rtb-1/lookup -> tgw-attach-2/leaving: [131] dst_ip in 10.2.0.0/16
        tgw-rtb-1/lookup -> tgw-attach-1/leaving: [194] dst_ip in 10.0.0.0/8
        tgw-rtb-1/lookup -> insufficient-info: [257] dst_ip in 0.0.0.0/0 (`tgw-attach-9` is not in the snapshot)
        tgw-rtb-1/lookup -> tgw-attach-3/leaving: [257] dst_ip in 0.0.0.0/0
        ");
    }

    #[test]
    fn routes_to_vpcs_follow_from_propagations() {
        let more = r#""TransitGatewayRouteTableId":"tgw-rtb-1","TransitGatewayRouteTablePropagations":[{"TransitGatewayAttachmentId":"tgw-attach-1","ResourceId":"vpc-1","ResourceType":"vpc","State":"enabled"},{"TransitGatewayAttachmentId":"tgw-attach-2","ResourceId":"vpc-2","ResourceType":"vpc","State":"disabled"}],
            "TransitGatewayPrefixListReferences":[{"TransitGatewayRouteTableId":"tgw-rtb-1","PrefixListId":"pl-1","State":"available","Blackhole":true}]"#;
        insta::assert_snapshot!(among(&export(more), "tgw-rtb-1"), @r"
        tgw-rtb-1/lookup -> tgw-attach-1/leaving: [131] dst_ip in 10.1.0.0/16
        tgw-rtb-1/lookup -> blackhole: [194] dst_ip in 10.0.0.0/8
        tgw-rtb-1/lookup -> insufficient-info: [4294967295] any packet (the routes of `tgw-rtb-1` are not in the snapshot)
        ! the routes of `tgw-rtb-1` are not in the snapshot; those to its VPCs were derived from its propagations
        ");
    }

    #[test]
    fn what_sites_announce_does_not_follow_from_anything() {
        let more = r#""TransitGatewayStaticRoutes":[{"TransitGatewayRouteTableId":"tgw-rtb-1","Routes":[{"DestinationCidrBlock":"0.0.0.0/0","Type":"static","State":"active","TransitGatewayAttachments":[{"TransitGatewayAttachmentId":"tgw-attach-1"}]}]}],
            "TransitGatewayPropagations":[{"TransitGatewayRouteTableId":"tgw-rtb-1","TransitGatewayRouteTablePropagations":[{"TransitGatewayAttachmentId":"tgw-attach-3","ResourceId":"vpn-1","ResourceType":"vpn","State":"enabled"},{"TransitGatewayAttachmentId":"tgw-attach-2","ResourceId":"vpc-2","ResourceType":"vpc","State":"enabled"}]}]"#;
        insta::assert_snapshot!(among(&export(more), "tgw-rtb-1"), @r"
        tgw-rtb-1/lookup -> insufficient-info: not (dst_ip in 10.2.0.0/16); uncertain (what `tgw-attach-3` announces to `tgw-rtb-1` is not in the snapshot)
        tgw-rtb-1/lookup -> tgw-attach-2/leaving: [131] dst_ip in 10.2.0.0/16
        tgw-rtb-1/lookup -> tgw-attach-1/leaving: [257] dst_ip in 0.0.0.0/0
        ");
    }

    #[test]
    fn without_routes_and_propagations_nothing_is_known() {
        insta::assert_snapshot!(among(&export(r#""Subnets":[]"#), "tgw-rtb-1"), @"tgw-rtb-1/lookup -> insufficient-info: [4294967295] any packet (the routes of `tgw-rtb-1` are not in the snapshot)");
    }
}
