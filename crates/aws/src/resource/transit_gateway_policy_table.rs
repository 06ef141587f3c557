//! Policy table of a transit gateway: chooses the route table for packets of a peering attachment.
//!
//! `lookup@zone` is where packets meet it, as with a route table; the first entry that matches decides.
//!
//! SOURCE: transit gateway guide, "Transit gateway policy tables" (ascending numbers; what no rule matches is dropped); EC2 API reference, `TransitGatewayPolicyTableEntry`
//! and `TransitGatewayPolicyRule` (checked 2026-11-26).
//! GAP: entries that match on what a core network says of a packet (`MetaData`) may match or not.
use std::sync::Arc;

use graph::{Cause, Choice, Disposition, GraphBuilder, PolicyRule, ResourceKey, Rule, Transfer};
use headerspace::{Field, Match};
use ipnet::IpNet;
use serde::Deserialize;

use super::{
    Resource, Tags, describe, optional,
    transit_gateway::TransitGateway,
    transit_gateway_answers::{PolicyEntry, PolicyMatch},
    transit_gateway_route_table::lookup,
};
use crate::{Entry, Id, Inventory, Place};

/// A policy table, as `describe-transit-gateway-policy-tables` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TransitGatewayPolicyTable {
    transit_gateway_policy_table_id: Id<TransitGatewayPolicyTable>,
    transit_gateway_id: Id<TransitGateway>,
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
    #[serde(default)]
    tags: Tags,
}

impl TransitGatewayPolicyTable {
    /// The key of its transit gateway.
    pub(super) fn gateway(&self, from: &Place, inventory: &Inventory) -> ResourceKey {
        inventory.key_of(&self.transit_gateway_id, from)
    }
}

/// First and last port, if the text tells; `Err` if it is not understood.
fn ports(text: Option<&str>) -> Result<Option<(u16, u16)>, ()> {
    let Some(text) = text.filter(|text| !matches!(*text, "*" | "-1" | "" | "0-65535")) else {
        return Ok(None);
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(first), Ok(last)) if first <= last => Ok(Some((first, last))),
        _ => Err(()),
    }
}

/// The rule of an entry and the packets it is for; `Err` if it is not understood.
fn understood(number: u32, rule: &PolicyMatch, target: &str) -> Result<(PolicyRule, Match), ()> {
    let all = |text: &Option<String>| text.clone().unwrap_or_else(|| "0.0.0.0/0".to_owned());
    let net = |text: &Option<String>| match text.as_deref() {
        None | Some("*") => Ok(None),
        Some(text) => text.parse::<IpNet>().map(|net| Some(net.trunc())).map_err(|_| ()),
    };
    let protocol = match rule.protocol.as_deref() {
        None | Some("-1" | "*" | "all") => None,
        Some("tcp") => Some(6),
        Some("udp") => Some(17),
        Some("icmp") => Some(1),
        Some(text) => Some(text.parse::<u8>().map_err(|_| ())?),
    };
    let written = PolicyRule {
        number,
        protocol: protocol.map_or_else(|| "-1".to_owned(), |protocol| protocol.to_string()),
        source: all(&rule.source_cidr_block),
        destination: all(&rule.destination_cidr_block),
        source_ports: ports(rule.source_port_range.as_deref())?,
        destination_ports: ports(rule.destination_port_range.as_deref())?,
        target: target.to_owned(),
    };
    let with_ports = Match::any_of([Match::protocol(6), Match::protocol(17)]);
    let mut parts = Vec::new();
    parts.extend(net(&rule.source_cidr_block)?.map(Match::src_in));
    parts.extend(net(&rule.destination_cidr_block)?.map(Match::dst_in));
    parts.extend(protocol.map(Match::protocol));
    for (field, range) in
        [(Field::SrcPort, written.source_ports), (Field::DstPort, written.destination_ports)]
    {
        if let Some((first, last)) = range {
            parts.push(with_ports.clone());
            parts.push(Match::ports(field, first..=last));
        }
    }
    Ok((written, Match::all_of(parts)))
}

impl Resource for TransitGatewayPolicyTable {
    const TYPE: &'static str = "AWS::EC2::TransitGatewayPolicyTable";
    const LIST: &'static str = "TransitGatewayPolicyTables";

    fn id(&self) -> &Id<Self> {
        &self.transit_gateway_policy_table_id
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "transit-gateway-policy-table", &self.tags);
        let gateway = self.gateway(&here.place, inventory);
        resource.within = vec![gateway.clone()];
        let key = graph.resource(resource);
        for zone in inventory.transit.origins(&gateway) {
            graph.declare(lookup(&key, zone), &key, Choice::FirstMatch, Disposition::NoRoute);
        }
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let id = &self.transit_gateway_policy_table_id;
        let gateway = self.gateway(&here.place, inventory);
        let known = inventory.transit.policies(id.as_str(), &here.place);
        let whole = known.as_ref().is_some_and(|known| known.whole);
        let unknown = Cause::new(&here.key, Rule::Carries).at(here.at(""));
        let rest = Arc::new(if whole {
            unknown.noting(format!("no entry of `{id}` matches"))
        } else {
            unknown.noting(format!("the entries of `{id}` are not fully in the snapshot"))
        });
        let otherwise = if whole { Disposition::Denied } else { Disposition::InsufficientInfo };
        for zone in inventory.transit.origins(&gateway) {
            let from = lookup(&here.key, zone);
            if !whole {
                let doubt = Transfer::all().uncertain();
                graph.connect(&from, Disposition::InsufficientInfo, doubt, &rest);
            }
            graph.connect(&from, otherwise, Transfer::all().ranked(u32::MAX), &rest);
            for (entry, origin) in known.iter().flat_map(|known| &known.records) {
                connect_entry(here, zone, entry, origin, inventory, graph);
            }
        }
    }
}

fn connect_entry(
    here: &Entry<TransitGatewayPolicyTable>,
    zone: &str,
    entry: &PolicyEntry,
    origin: &graph::Origin,
    inventory: &Inventory,
    graph: &mut GraphBuilder,
) {
    let from = lookup(&here.key, zone);
    let id = &here.value.transit_gateway_policy_table_id;
    let number = entry.policy_rule_number.trim().parse::<u32>();
    let rule = entry.policy_rule.clone().unwrap_or_default();
    let target = entry.target_route_table_id.as_ref();
    let read = number.map_err(|_| ()).and_then(|number| {
        let target = target.ok_or(())?;
        Ok((number, target, understood(number, &rule, target.as_str())?))
    });
    let Ok((number, target, (written, packets))) = read else {
        let note = format!("entry {} of `{id}` is not understood", entry.policy_rule_number);
        let cause = Cause::new(&here.key, Rule::Carries).at(Some(origin.clone())).noting(note);
        graph.connect(&from, Disposition::InsufficientInfo, Transfer::all().uncertain(), &Arc::new(cause));
        return;
    };
    let mut cause = Cause::new(&here.key, Rule::Policy(written)).at(Some(origin.clone()));
    // Number 0 is left for what may come before all entries.
    let mut transfer = Transfer::only(packets).ranked(number.saturating_add(1));
    if rule.meta_data.as_ref().is_some_and(|data| data.meta_data_key.is_some()) {
        transfer = transfer.uncertain();
        cause.note = Some(format!("entry {number} of `{id}` matches on what a core network says of packets"));
    }
    let to = lookup(&inventory.key_of(target, &here.place), zone);
    graph.connect(&from, &to, transfer, &Arc::new(cause));
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    #[test]
    fn the_first_entry_that_matches_chooses_the_table() {
        let export = r#"{"TransitGateways":[{"TransitGatewayId":"tgw-1"}],"TransitGatewayRouteTables":[{"TransitGatewayRouteTableId":"tgw-rtb-1","TransitGatewayId":"tgw-1"}],
            "TransitGatewayPolicyTables":[{"TransitGatewayPolicyTableId":"tgw-ptb-1","TransitGatewayId":"tgw-1"}],
            "TransitGatewayPolicyTableId":"tgw-ptb-1",
            "Associations":[{"TransitGatewayPolicyTableId":"tgw-ptb-1","TransitGatewayAttachmentId":"tgw-attach-1","State":"associated"}],
            "TransitGatewayPolicyTableEntries":[{"PolicyRuleNumber":"1","PolicyRule":{"SourceCidrBlock":"10.0.0.0/8","DestinationCidrBlock":"0.0.0.0/0","Protocol":"6","DestinationPortRange":"443"},"TargetRouteTableId":"tgw-rtb-1"},
                {"PolicyRuleNumber":"2","PolicyRule":{"Protocol":"*","MetaData":{"MetaDataKey":"segment","MetaDataValue":"a"}},"TargetRouteTableId":"tgw-rtb-1"},
                {"PolicyRuleNumber":"3","PolicyRule":{"Protocol":"carrier pigeon"},"TargetRouteTableId":"tgw-rtb-1"}],
            "TransitGatewayAttachments":[{"TransitGatewayAttachmentId":"tgw-attach-1","TransitGatewayId":"tgw-1","ResourceType":"peering","ResourceId":"tgw-2","State":"available"}]}"#;
        insta::assert_snapshot!(among(export, "tgw-ptb-1"), @"
        tgw-attach-1/arriving@tgw-1 -> tgw-ptb-1/lookup: opening any packet; identity := 1
        tgw-attach-1/arriving@tgw-1 -> tgw-ptb-1/lookup: reply any packet
        tgw-ptb-1/lookup -> insufficient-info: any packet; uncertain (entry 3 of `tgw-ptb-1` is not understood)
        tgw-ptb-1/lookup -> tgw-rtb-1/lookup: [2] src_ip in 10.0.0.0/8 and dst_ip in 0.0.0.0/0 and tcp and protocol in {tcp, udp} and dst_port 443
        tgw-ptb-1/lookup -> tgw-rtb-1/lookup: [3] any packet; uncertain (entry 2 of `tgw-ptb-1` matches on what a core network says of packets)
        tgw-ptb-1/lookup -> denied: [4294967295] any packet (no entry of `tgw-ptb-1` matches)
        ");
    }

    #[test]
    fn without_entries_nothing_is_known() {
        let export = r#"{"TransitGateways":[{"TransitGatewayId":"tgw-1"}],"TransitGatewayPolicyTables":[{"TransitGatewayPolicyTableId":"tgw-ptb-1","TransitGatewayId":"tgw-1"}]}"#;
        insta::assert_snapshot!(among(export, "tgw-ptb-1"), @r"
        tgw-ptb-1/lookup -> insufficient-info: any packet; uncertain (the entries of `tgw-ptb-1` are not fully in the snapshot)
        tgw-ptb-1/lookup -> insufficient-info: [4294967295] any packet (the entries of `tgw-ptb-1` are not fully in the snapshot)
        ");
    }
}
