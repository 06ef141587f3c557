//! EC2 instance: a name for its network interfaces.
//!
//! No ports: packets reach its interfaces. Interfaces that an instance lists and that were not exported themselves
//! are taken from the instance.
//!
//! SOURCE: EC2 API reference, `InstanceNetworkInterface` (checked 2026-11-23).
use std::collections::BTreeSet;

use graph::{GraphBuilder, Origin};
use serde::Deserialize;

use super::{Resource, Tags, describe, network_interface::NetworkInterface, nullable, region_of_zone};
use crate::{
    Entry, Id, Inventory,
    inventory::{Reading, Records},
};

/// An instance, as `describe-instances` prints it within its reservation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Instance {
    instance_id: Id<Instance>,
    vpc_id: Option<String>,
    subnet_id: Option<String>,
    placement: Option<Placement>,
    #[serde(default, deserialize_with = "nullable")]
    network_interfaces: Vec<NetworkInterface>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Placement {
    availability_zone: Option<String>,
}

/// Adds the interfaces that instances list to those that were exported, where they are not among them.
pub(crate) fn interfaces(reading: &mut Reading<'_>, exported: &mut Records<NetworkInterface>) {
    let known: BTreeSet<String> = exported.0.iter().map(|draft| draft.id().to_owned()).collect();
    let snapshot = reading.snapshot;
    let mut found: Vec<(u32, Instance, Origin, Option<String>)> = Vec::new();
    for (index, document) in (0u32..).zip(snapshot.documents()) {
        for table in document.tables.iter().filter(|table| table.key == Instance::LIST) {
            for element in &table.elements {
                // A bad record has been reported when the table of instances was read.
                let Ok(instance) = serde_json::from_str::<Instance>(document.raw(element)) else { continue };
                let origin = Origin {
                    document: index,
                    offset: element.offset,
                    record: element.pointer.clone(),
                    pointer: String::new(),
                };
                found.push((index, instance, origin, element.owner.clone()));
            }
        }
    }
    let covered = !found.is_empty();
    for (index, instance, origin, owner) in found {
        let Some(document) = snapshot.documents().get(index as usize) else { continue };
        let zone = instance.placement.as_ref().and_then(|placement| placement.availability_zone.clone());
        for (at, interface) in instance.network_interfaces.into_iter().enumerate() {
            if known.contains(interface.id().as_str()) {
                continue;
            }
            let pointer = format!("/NetworkInterfaces/{at}");
            let interface = interface.of_instance(instance.instance_id.as_str(), zone.as_deref());
            let origin = Origin { pointer, ..origin.clone() };
            reading.draft(interface, origin, owner.as_deref(), document, &mut exported.0);
        }
    }
    // Interfaces of instances alone are not all interfaces: only without that table are they what there is.
    if exported.1.is_empty() && covered {
        reading.diagnostics.push(
            crate::Diagnostic::warning(
                "missing-table",
                None,
                "the snapshot holds no `NetworkInterfaces`; the interfaces that instances list are used".to_owned(),
            )
            .with_help("export `aws ec2 describe-network-interfaces` to see load balancers, databases and functions too"),
        );
    }
}

impl Resource for Instance {
    const TYPE: &'static str = "AWS::EC2::Instance";
    const LIST: &'static str = "Instances";

    fn id(&self) -> &Id<Self> {
        &self.instance_id
    }

    fn region(&self) -> Option<String> {
        region_of_zone(self.placement.as_ref().and_then(|placement| placement.availability_zone.as_deref()))
    }

    fn weight(&self) -> String {
        format!("{self:?}")
    }

    fn declare(&self, here: &Entry<Self>, _: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "instance", &self.tags);
        resource.within = self.subnet_id.iter().chain(&self.vpc_id).map(|id| here.place.key(id)).collect();
        graph.resource(resource);
    }

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
