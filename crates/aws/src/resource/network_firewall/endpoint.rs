//! Endpoints of Network Firewall: where route tables send packets for inspection.
//!
//! Three answers tell of them: the status of a firewall (one endpoint for each of its zones), that of a VPC endpoint
//! association (in other VPCs), and the tags that Network Firewall gives to the endpoints it makes.
//!
//! SOURCE: Network Firewall API reference, `FirewallStatus`, `SyncState`, `Attachment` (`EndpointId` is what route tables
//! name), `VpcEndpointAssociationStatus` (checked 2026-11-26). Tags `AWSNetworkFirewallManaged` and `Firewall`: Network
//! Firewall developer guide, "Firewall endpoints" (checked 2026-11-26).
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Record, answer};
use crate::{
    Diagnostic, Place,
    inventory::{Glance, Reading},
    resource::{Tags, nullable, optional},
};

/// An endpoint.
#[derive(Debug, Clone)]
pub(in crate::resource) struct Endpoint {
    pub(in crate::resource) id: String,
    /// Its firewall, by ARN.
    pub(in crate::resource) firewall: String,
    pub(in crate::resource) vpc: Option<String>,
    pub(in crate::resource) subnet: Option<String>,
    pub(in crate::resource) place: Place,
    status: Option<String>,
}

impl Endpoint {
    /// Its state, if it may carry nothing in it.
    ///
    /// SOURCE: Network Firewall API reference, `Attachment.Status`: READY inspects, SCALING goes on inspecting (checked
    /// 2026-11-26).
    pub(in crate::resource) fn idle(&self) -> Option<&str> {
        self.status.as_deref().filter(|status| !matches!(*status, "READY" | "SCALING"))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Status {
    #[serde(deserialize_with = "nullable")]
    sync_states: BTreeMap<String, SyncState>,
    association_sync_state: Option<BTreeMap<String, SyncState>>,
    transit_gateway_attachment_sync_state: Option<TransitGatewaySyncState>,
    #[serde(deserialize_with = "optional")]
    configuration_sync_state_summary: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct TransitGatewaySyncState {
    #[serde(deserialize_with = "optional")]
    attachment_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SyncState {
    attachment: Option<Attachment>,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Attachment {
    #[serde(deserialize_with = "optional")]
    subnet_id: Option<String>,
    #[serde(deserialize_with = "optional")]
    endpoint_id: Option<String>,
    #[serde(deserialize_with = "optional")]
    status: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Association {
    #[serde(deserialize_with = "optional")]
    vpc_endpoint_association_arn: Option<String>,
    #[serde(deserialize_with = "optional")]
    firewall_arn: Option<String>,
    #[serde(deserialize_with = "optional")]
    vpc_id: Option<String>,
}

/// Both parts of an answer, as collectors list them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    firewall: Option<Record>,
    firewall_status: Option<Status>,
    vpc_endpoint_association: Option<Association>,
    vpc_endpoint_association_status: Option<Status>,
    #[serde(flatten)]
    record: Record,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tagged {
    vpc_endpoint_id: String,
    #[serde(default, deserialize_with = "optional")]
    vpc_id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    subnet_ids: Vec<String>,
    #[serde(default)]
    tags: Tags,
}

/// Every endpoint that the snapshot tells of, each once.
pub(in crate::resource) fn all(reading: &Reading<'_>) -> Vec<Glance<Endpoint>> {
    let mut found = Vec::new();
    for (record, status) in beside::<Record, Status>(reading, "Firewall", "FirewallStatus") {
        of_firewall(&record, &status.value, &status, &mut found);
    }
    for (association, status) in
        beside::<Association, Status>(reading, "VpcEndpointAssociation", "VpcEndpointAssociationStatus")
    {
        of_association(&association, &status.value, &status, &mut found);
    }
    for glance in reading.glances::<Listed>("Firewalls") {
        let record = glance.value.firewall.as_ref().unwrap_or(&glance.value.record);
        if let Some(status) = &glance.value.firewall_status {
            of_firewall(record, status, &glance, &mut found);
        }
    }
    for glance in reading.glances::<Listed>("VpcEndpointAssociations") {
        let Listed { vpc_endpoint_association, vpc_endpoint_association_status, .. } = &glance.value;
        if let (Some(association), Some(status)) = (vpc_endpoint_association, vpc_endpoint_association_status)
        {
            of_association(association, status, &glance, &mut found);
        }
    }
    for glance in reading.glances::<Tagged>("VpcEndpoints") {
        let Some(firewall) = glance.value.tags.0.get("Firewall") else { continue };
        if glance.value.tags.0.contains_key("AWSNetworkFirewallManaged") && firewall.starts_with("arn:") {
            let endpoint = Endpoint {
                id: glance.value.vpc_endpoint_id.clone(),
                firewall: firewall.clone(),
                vpc: glance.value.vpc_id.clone(),
                subnet: glance.value.subnet_ids.first().cloned(),
                place: answer::place(firewall),
                status: None,
            };
            found.push(told(endpoint, &glance));
        }
    }
    // The status says more than the tags.
    let mut seen = BTreeSet::new();
    found.retain(|told| seen.insert((told.value.id.clone(), told.value.place.region.clone())));
    found
}

/// Firewalls by the id of their own attachment to a transit gateway, by ARN.
///
/// SOURCE: Network Firewall API reference, `FirewallStatus.TransitGatewayAttachmentSyncState` (checked 2026-11-26).
pub(in crate::resource) fn attached(reading: &Reading<'_>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut add = |record: &Record, status: &Status| {
        let state = status.transit_gateway_attachment_sync_state.as_ref();
        let id = state.and_then(|state| state.attachment_id.clone());
        found.extend(id.zip(record.firewall_arn.clone()));
    };
    for (record, status) in beside::<Record, Status>(reading, "Firewall", "FirewallStatus") {
        add(&record, &status.value);
    }
    for glance in reading.glances::<Listed>("Firewalls") {
        let record = glance.value.firewall.as_ref().unwrap_or(&glance.value.record);
        if let Some(status) = &glance.value.firewall_status {
            add(record, status);
        }
    }
    found
}

/// Records of two members of one document.
fn beside<A: serde::de::DeserializeOwned, B: serde::de::DeserializeOwned>(
    reading: &Reading<'_>,
    first: &str,
    second: &str,
) -> Vec<(A, Glance<B>)> {
    let mut by_document: BTreeMap<u32, A> = BTreeMap::new();
    for glance in reading.glances::<A>(first) {
        by_document.insert(glance.origin.document, glance.value);
    }
    let second = reading.glances::<B>(second).into_iter();
    second.filter_map(|glance| Some((by_document.remove(&glance.origin.document)?, glance))).collect()
}

fn told<T>(value: Endpoint, from: &Glance<T>) -> Glance<Endpoint> {
    Glance { value, origin: from.origin.clone(), owner: from.owner.clone(), region: from.region.clone() }
}

fn of_firewall<T>(record: &Record, status: &Status, at: &Glance<T>, found: &mut Vec<Glance<Endpoint>>) {
    let Some(firewall) = &record.firewall_arn else { return };
    let vpc = record.vpc_id.as_ref().map(ToString::to_string);
    for attachment in status.sync_states.values().filter_map(|state| state.attachment.as_ref()) {
        found.extend(
            endpoint(attachment, firewall, vpc.clone(), answer::place(firewall)).map(|it| told(it, at)),
        );
    }
}

fn of_association<T>(
    association: &Association,
    status: &Status,
    at: &Glance<T>,
    found: &mut Vec<Glance<Endpoint>>,
) {
    let Some(firewall) = &association.firewall_arn else { return };
    // The association belongs to whoever owns the VPC.
    let place = answer::place(association.vpc_endpoint_association_arn.as_deref().unwrap_or(firewall));
    let states = status.association_sync_state.iter().flat_map(BTreeMap::values);
    for attachment in states.filter_map(|state| state.attachment.as_ref()) {
        let endpoint = endpoint(attachment, firewall, association.vpc_id.clone(), place.clone());
        found.extend(endpoint.map(|it| told(it, at)));
    }
}

fn endpoint(attachment: &Attachment, firewall: &str, vpc: Option<String>, place: Place) -> Option<Endpoint> {
    Some(Endpoint {
        id: attachment.endpoint_id.clone()?,
        firewall: firewall.to_owned(),
        vpc,
        subnet: attachment.subnet_id.clone(),
        place,
        status: attachment.status.clone(),
    })
}

/// Remarks on endpoints that do not work and on policies that have not arrived everywhere.
pub(in crate::resource) fn remarks(reading: &mut Reading<'_>) {
    let mut remarks = Vec::new();
    for told in all(reading) {
        let location = reading.snapshot.locate(told.origin.document, told.origin.offset, "");
        if let Some(status) = told.value.idle() {
            let message = format!("the firewall endpoint `{}` is {status}", told.value.id);
            remarks.push(
                Diagnostic::warning("not-ready", Some(location), message)
                    .with_help("paths through it are reported as unknown"),
            );
        }
    }
    for (record, status) in beside::<Record, Status>(reading, "Firewall", "FirewallStatus") {
        let Some(summary) = &status.value.configuration_sync_state_summary else { continue };
        if summary != "IN_SYNC" {
            let location = reading.snapshot.locate(status.origin.document, status.origin.offset, "");
            let name = record.firewall_arn.as_deref().unwrap_or("?");
            let message = format!("the configuration of firewall `{name}` is {summary}");
            remarks.push(
                Diagnostic::warning("not-in-sync", Some(location), message).with_help(
                    "its endpoints may still inspect by an older policy; the exported one is used",
                ),
            );
        }
    }
    reading.diagnostics.extend(remarks);
}
