//! Route tables of transit gateways, and the answers about each.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::attachments::overlapping;
use super::transit::{Attachment, TransitGateway};
use super::{ACCOUNT, OWN_LIST, Tables, Vpc, peers, peers6, set};
use crate::random::dice::Dice;

/// Draws the tables of a gateway: who is associated with each, who propagates into it, and its routes.
pub(super) fn route_tables(
    dice: &mut Dice<'_, '_>,
    gateway: &TransitGateway,
    vpcs: &[Vpc],
    tables: &mut Tables,
) {
    let count = dice.between(1, 2);
    let ids: Vec<String> = (1..=count).map(|table| format!("tgw-rtb-{}{table}", gateway.number)).collect();
    let mut associated: Vec<Option<&String>> = Vec::new();
    for attachment in &gateway.attachments {
        let table = dice.pick(&ids).filter(|_| !dice.once_in(8));
        associated.push(table);
        let mut row = json!({
            "TransitGatewayAttachmentId": attachment.id,
            "TransitGatewayId": gateway.id,
            "TransitGatewayOwnerId": ACCOUNT,
            "ResourceOwnerId": ACCOUNT,
            "ResourceType": attachment.kind,
            "ResourceId": attachment.resource,
            "State": "available",
        });
        if let Some(table) = table {
            let association = json!({"TransitGatewayRouteTableId": table, "State": "associated"});
            set(&mut row, "Association", association);
        }
        tables.add("TransitGatewayAttachments", row);
    }
    for id in &ids {
        tables.add(
            "TransitGatewayRouteTables",
            json!({
                "TransitGatewayRouteTableId": id,
                "TransitGatewayId": gateway.id,
                "State": "available",
                "DefaultAssociationRouteTable": false,
                "DefaultPropagationRouteTable": false,
            }),
        );
        let mine = gateway.attachments.iter().zip(&associated);
        let mine: Vec<Value> = mine
            .filter(|(_, table)| **table == Some(id))
            .map(|(attachment, _)| described(attachment, "associated"))
            .collect();
        tables.answer(json!({"TransitGatewayRouteTableId": id, "Associations": mine}));
        let propagating = propagating(dice, gateway);
        let mut routes = propagated(&propagating);
        routes.extend(fixed(dice, gateway, vpcs));
        tables.answer(json!({
            "TransitGatewayRouteTableId": id,
            "Routes": routes,
            "AdditionalRoutesAvailable": false,
        }));
        let propagating: Vec<Value> =
            propagating.into_iter().map(|attachment| described(attachment, "enabled")).collect();
        tables.answer(json!({
            "TransitGatewayRouteTableId": id,
            "TransitGatewayRouteTablePropagations": propagating,
        }));
    }
}

fn described(attachment: &Attachment, state: &str) -> Value {
    json!({
        "TransitGatewayAttachmentId": attachment.id,
        "ResourceId": attachment.resource,
        "ResourceType": attachment.kind,
        "State": state,
    })
}

/// Attachments that propagate into a table; of VPCs whose addresses overlap, one.
fn propagating<'g>(dice: &mut Dice<'_, '_>, gateway: &'g TransitGateway) -> Vec<&'g Attachment> {
    let mut found: Vec<&Attachment> = Vec::new();
    for attachment in gateway.attachments.iter().filter(|attachment| attachment.propagates) {
        let clashes = |other: &&Attachment| {
            let pairs = other.blocks.iter().flat_map(|a| attachment.blocks.iter().map(move |b| (a, b)));
            other.kind == "vpc"
                && attachment.kind == "vpc"
                && pairs.into_iter().any(|(a, b)| overlapping(a, b))
        };
        if !dice.once_in(4) && !found.iter().any(clashes) {
            found.push(attachment);
        }
    }
    found
}

fn to(attachment: &Attachment) -> Value {
    json!([{
        "ResourceId": attachment.resource,
        "TransitGatewayAttachmentId": attachment.id,
        "ResourceType": attachment.kind,
    }])
}

fn propagated(propagating: &[&Attachment]) -> Vec<Value> {
    let mut taken = BTreeSet::new();
    let mut routes = Vec::new();
    for attachment in propagating {
        for block in &attachment.blocks {
            // Of equal routes the first, which is a VPC's, comes before all others.
            if taken.insert(block) {
                routes.push(json!({
                    "DestinationCidrBlock": block,
                    "TransitGatewayAttachments": to(attachment),
                    "Type": "propagated",
                    "State": "active",
                }));
            }
        }
    }
    routes
}

/// Static routes: to what cannot propagate, and some more.
fn fixed(dice: &mut Dice<'_, '_>, gateway: &TransitGateway, vpcs: &[Vpc]) -> Vec<Value> {
    let mut taken = BTreeSet::new();
    let mut routes = Vec::new();
    let mut add = |destination: (&str, &str), attachment: Option<&Attachment>| {
        let mut route = json!({"Type": "static", "State": "blackhole"});
        let (member, destination) = destination;
        set(&mut route, member, destination.into());
        if let Some(attachment) = attachment {
            set(&mut route, "TransitGatewayAttachments", to(attachment));
            set(&mut route, "State", "active".into());
        }
        if taken.insert(destination.to_owned()) {
            routes.push(route);
        }
    };
    for attachment in gateway.attachments.iter().filter(|attachment| !attachment.propagates) {
        for block in &attachment.blocks {
            if !dice.once_in(3) {
                add(("DestinationCidrBlock", block), Some(attachment));
            }
        }
    }
    for _ in 0..dice.between(0, 3) {
        let attachment = dice.pick(&gateway.attachments).filter(|_| !dice.once_in(4));
        let destination = match dice.between(0, 5) {
            0 => ("PrefixListId", OWN_LIST),
            1 => ("DestinationCidrBlock", dice.word(&peers6(vpcs))),
            _ => ("DestinationCidrBlock", dice.word(&peers(vpcs))),
        };
        add(destination, attachment);
    }
    routes
}
