//! Transit gateway: a router between the VPCs, sites and gateways attached to it.
//!
//! `routed@vpc@zone` takes what route tables of an attached VPC send here from each zone. Packets go on by the
//! attachment's subnet in the sender's zone, and past that subnet's filter; where the attachment has none, they are
//! lost. The rest is the business of the attachments and of their route tables.
//!
//! SOURCE: transit gateway guide, "Amazon VPC attachments" (resources in a zone without an attachment subnet cannot
//! reach the transit gateway; Local Zones use the parent zone) and "Network ACLs for transit gateways" (inbound rules of
//! the attachment's subnet apply to what instances send to the transit gateway, be they in the same subnet; none apply
//! to what it sends to its own subnet); Reachability Analyzer guide, `TGW_ROUTE_AZ_RESTRICTION` (checked 2026-11-26).
//! GAP: multicast domains are not modelled.
use std::{collections::BTreeSet, sync::Arc};

use graph::{Cause, Choice, Disposition, GraphBuilder, Rule, Transfer};
use serde::Deserialize;

use super::{
    Resource, Tags, describe, optional, region_of_zone, routed_in_zone, structure,
    subnet::Subnet,
    transit_gateway_attachment::{Condition, TransitGatewayAttachment},
    transit_gateway_vpc_attachment::TransitGatewayVpcAttachment,
    vpc::Vpc,
};
use crate::{
    Entry, Id, Inventory,
    inventory::{Reading, Records},
};

/// A transit gateway, as `describe-transit-gateways` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TransitGateway {
    transit_gateway_id: Id<TransitGateway>,
    #[serde(default, deserialize_with = "optional")]
    transit_gateway_arn: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
    options: Option<Options>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Options {
    #[serde(default, deserialize_with = "optional")]
    security_group_referencing_support: Option<String>,
}

impl TransitGateway {
    /// Whether security groups may refer to groups of other attached VPCs. Off unless told.
    ///
    /// SOURCE: transit gateway guide, "Security group referencing": off by default for a transit gateway, on for an
    /// attachment (checked 2026-11-26).
    pub(super) fn group_references(&self) -> bool {
        let options = self.options.as_ref();
        options.and_then(|options| options.security_group_referencing_support.as_deref()) == Some("enable")
    }

    /// Its attachments to a VPC, without those that are gone.
    fn of_vpc<'i>(
        here: &Entry<Self>,
        vpc: &Id<Vpc>,
        inventory: &'i Inventory,
    ) -> impl Iterator<Item = &'i Entry<TransitGatewayAttachment>> {
        let name = format!("{}@{vpc}", here.value.transit_gateway_id);
        let named = inventory.table::<TransitGatewayAttachment>().associated(&name, &here.place);
        let mine = here.key.clone();
        named.filter(move |it| {
            !matches!(it.value.condition(), Condition::Gone(_))
                && it.value.gateway(&it.place, inventory) == mine
        })
    }

    /// Whether an attachment to `vpc` that is not here does not exist: its owner, or the owner of the transit gateway,
    /// exported all.
    fn is_told(here: &Entry<Self>, vpc: Option<&Entry<Vpc>>, inventory: &Inventory) -> bool {
        let all = inventory.table::<TransitGatewayAttachment>();
        let of_vpcs = inventory.table::<TransitGatewayVpcAttachment>();
        let mut places = std::iter::once(&here.place).chain(vpc.map(|vpc| &vpc.place));
        places.any(|place| all.complete(place) || of_vpcs.complete(place))
    }

    /// VPCs that may be attached, with the zones of their subnets and the empty one.
    fn doors<'i>(here: &Entry<Self>, inventory: &'i Inventory) -> Vec<(&'i Entry<Vpc>, BTreeSet<&'i str>)> {
        let vpcs = inventory.table::<Vpc>().iter().filter(|vpc| vpc.place.same_region(&here.place));
        let served = vpcs.filter(|vpc| {
            Self::of_vpc(here, vpc.value.id(), inventory).next().is_some()
                || !Self::is_told(here, Some(vpc), inventory)
        });
        served
            .map(|vpc| {
                let subnets = inventory.naming::<Subnet, Vpc>("vpc", vpc);
                (vpc, subnets.map(|subnet| subnet.value.zone()).chain([""]).collect())
            })
            .collect()
    }
}

/// Whether a sender of this zone is in the zone of an attachment's subnet; `None` if the snapshot does not tell.
fn same_zone(zone: &str, senders: &[&Entry<Subnet>], foot: &Entry<Subnet>) -> Option<bool> {
    if zone.is_empty() || foot.value.zone().is_empty() {
        return None;
    }
    if foot.value.zone() == zone {
        return Some(true);
    }
    let sender = senders.iter().find(|sender| sender.value.zone() == zone)?;
    let names = sender.value.zone_name().zip(foot.value.zone_name());
    let own = sender.place.account == foot.place.account;
    match (sender.value.has_zone_id() && foot.value.has_zone_id(), names) {
        (true, _) => Some(false),
        (false, Some((one, other))) if own => Some(one == other),
        _ => None,
    }
}

/// Whether a zone is a Local Zone or the like, whose subnets use the attachment of another zone.
fn is_local_zone(sender: &Entry<Subnet>) -> bool {
    let Some(name) = sender.value.zone_name() else { return false };
    let region = region_of_zone(Some(name)).unwrap_or_default();
    name.strip_prefix(&region).is_some_and(|rest| rest.starts_with('-'))
}

impl Resource for TransitGateway {
    const TYPE: &'static str = "AWS::EC2::TransitGateway";
    const LIST: &'static str = "TransitGateways";
    const ROUTABLE: bool = true;
    const ZONAL: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.transit_gateway_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_id.as_deref()
    }

    fn region(&self) -> Option<String> {
        self.transit_gateway_arn.as_deref().and_then(|arn| arn.split(':').nth(3)).map(str::to_owned)
    }

    fn also(reading: &mut Reading<'_>, records: &mut Records<Self>) {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Attached {
            transit_gateway_id: Id<TransitGateway>,
            #[serde(default, deserialize_with = "optional")]
            transit_gateway_owner_id: Option<String>,
        }
        for list in [TransitGatewayAttachment::LIST, TransitGatewayVpcAttachment::LIST] {
            let known: BTreeSet<String> = records.ids().map(str::to_owned).collect();
            for attached in reading.glances::<Attached>(list) {
                let Attached { transit_gateway_id, transit_gateway_owner_id } = &attached.value;
                if known.contains(transit_gateway_id.as_str()) {
                    continue;
                }
                let gateway = Self {
                    transit_gateway_id: transit_gateway_id.clone(),
                    transit_gateway_arn: None,
                    owner_id: transit_gateway_owner_id.clone(),
                    state: None,
                    options: None,
                    tags: Tags::default(),
                };
                records.conclude(gateway, &attached, "", transit_gateway_owner_id.as_deref(), None);
            }
        }
    }

    fn elsewhere(&self, here: &Entry<Self>, vpc: &Id<Vpc>, inventory: &Inventory) -> Option<String> {
        let attached = Self::of_vpc(here, vpc, inventory).next().is_some();
        let known = inventory.get(vpc, &here.place);
        (!attached && Self::is_told(here, known, inventory))
            .then(|| format!("`{}` is not attached to `{vpc}`", self.transit_gateway_id))
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let key =
            graph.resource(describe(here, self.transit_gateway_arn.clone(), "transit-gateway", &self.tags));
        for (vpc, zones) in Self::doors(here, inventory) {
            for zone in zones {
                let port = routed_in_zone(&key, vpc.value.id().as_str(), zone);
                graph.declare(port, &key, Choice::Any, Disposition::Blackhole);
            }
        }
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let id = &self.transit_gateway_id;
        for (vpc, zones) in Self::doors(here, inventory) {
            let attachments: Vec<_> = Self::of_vpc(here, vpc.value.id(), inventory).collect();
            // Where every subnet's zone is known, nobody sends from an unknown one.
            let mut senders = inventory.naming::<Subnet, Vpc>("vpc", vpc);
            let unknown = senders.any(|sender| sender.value.zone().is_empty());
            for zone in zones.into_iter().filter(|zone| unknown || !zone.is_empty()) {
                let from = routed_in_zone(&here.key, vpc.value.id().as_str(), zone);
                if attachments.is_empty() {
                    let note = format!("the attachments of `{id}` are not fully in the snapshot");
                    let cause = Arc::new(Cause::new(&here.key, Rule::Carries).at(here.at("")).noting(note));
                    graph.connect(&from, Disposition::InsufficientInfo, Transfer::all(), &cause);
                }
                for attachment in &attachments {
                    self.connect_zone(here, (vpc, zone), attachment, inventory, graph);
                }
            }
        }
    }
}

impl TransitGateway {
    /// Connects what comes from one zone of a VPC with the VPC's attachment.
    fn connect_zone(
        &self,
        here: &Entry<Self>,
        (vpc, zone): (&Entry<Vpc>, &str),
        attachment: &Entry<TransitGatewayAttachment>,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let from = routed_in_zone(&here.key, vpc.value.id().as_str(), zone);
        let refusing = |note: String| {
            Arc::new(Cause::new(&attachment.key, Rule::Carries).at(attachment.at("")).noting(note))
        };
        if let Some((disposition, note)) = attachment.value.idle() {
            graph.connect(&from, disposition, Transfer::all(), &refusing(note));
            return;
        }
        let Some(feet) = attachment.value.feet(attachment, inventory) else {
            let note = format!("the subnets of `{}` are not in the snapshot", attachment.value.id());
            graph.connect(&from, Disposition::InsufficientInfo, Transfer::all(), &refusing(note));
            return;
        };
        let senders: Vec<&Entry<Subnet>> = inventory.naming::<Subnet, Vpc>("vpc", vpc).collect();
        let local = senders.iter().any(|sender| sender.value.zone() == zone && is_local_zone(sender));
        let mut open = false;
        for foot in &feet {
            let Some(subnet) = foot.subnet else {
                let note = format!("`{}` is not in the snapshot", foot.id);
                graph.connect(
                    &from,
                    Disposition::InsufficientInfo,
                    Transfer::all().uncertain(),
                    &refusing(note),
                );
                open = true;
                continue;
            };
            let same = same_zone(zone, &senders, subnet);
            let (transfer, cause) = match same {
                Some(true) => (Transfer::all(), structure(attachment)),
                Some(false) if !local => continue,
                _ => {
                    let note = if local {
                        format!("which zone the Local Zone {zone} belongs to is not modelled")
                    } else {
                        format!("the zones of the subnets of `{}` are not in the snapshot", vpc.value.id())
                    };
                    let cause = Cause::structure(&attachment.key).at(attachment.at("")).noting(note);
                    (Transfer::all().uncertain(), Arc::new(cause))
                }
            };
            open = true;
            let entering = attachment.value.entering(attachment, foot.id);
            graph.connect(&from, &entering, transfer, &cause);
        }
        if !open {
            let name = senders.iter().find(|sender| sender.value.zone() == zone);
            let name = name.and_then(|sender| sender.value.zone_name()).filter(|name| *name != zone);
            let name = name.map_or_else(|| zone.to_owned(), |name| format!("{name} ({zone})"));
            let (id, own) = (attachment.value.id(), &self.transit_gateway_id);
            let note = format!("`{id}` of `{own}` has no subnet in zone {name}");
            let cause = Cause::new(&here.key, Rule::Carries).at(attachment.at("")).noting(note);
            graph.connect(&from, Disposition::Blackhole, Transfer::all(), &Arc::new(cause));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    fn export(attachments: &str) -> String {
        r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.1.0.0/16"}],
        "Subnets":[{"SubnetId":"subnet-a","VpcId":"vpc-1","CidrBlock":"10.1.1.0/24","AvailabilityZone":"us-east-1a","AvailabilityZoneId":"use1-az1"},
            {"SubnetId":"subnet-b","VpcId":"vpc-1","CidrBlock":"10.1.2.0/24","AvailabilityZone":"us-east-1b","AvailabilityZoneId":"use1-az2"},
            {"SubnetId":"subnet-l","VpcId":"vpc-1","CidrBlock":"10.1.3.0/24","AvailabilityZone":"us-east-1-bos-1a","AvailabilityZoneId":"use1-bos1-az1"}],
        "TransitGateways":[{"TransitGatewayId":"tgw-1"}],"RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-1","Associations":[{"Main":true}],"Routes":[{"DestinationCidrBlock":"0.0.0.0/0","TransitGatewayId":"tgw-1"}]}],
        ATTACHMENTS}"#.replace("ATTACHMENTS", attachments)
    }

    #[test]
    fn a_zone_without_a_foot_leads_nowhere() {
        let attachments = r#""TransitGatewayVpcAttachments":[{"TransitGatewayAttachmentId":"tgw-attach-1","TransitGatewayId":"tgw-1","VpcId":"vpc-1","State":"available","SubnetIds":["subnet-a"]}]"#;
        insta::assert_snapshot!(among(&export(attachments), "tgw-1/"), @r"
        subnet-a/router -> tgw-1/routed@vpc-1@use1-az1: [129] dst_ip in 0.0.0.0/0
        subnet-b/router -> tgw-1/routed@vpc-1@use1-az2: [129] dst_ip in 0.0.0.0/0
        subnet-l/router -> tgw-1/routed@vpc-1@use1-bos1-az1: [129] dst_ip in 0.0.0.0/0
        tgw-1/routed@vpc-1@use1-az1 -> tgw-attach-1/entering@subnet-a: any packet
        tgw-1/routed@vpc-1@use1-az2 -> blackhole: any packet (`tgw-attach-1` of `tgw-1` has no subnet in zone us-east-1b (use1-az2))
        tgw-1/routed@vpc-1@use1-bos1-az1 -> tgw-attach-1/entering@subnet-a: any packet; uncertain (which zone the Local Zone use1-bos1-az1 belongs to is not modelled)
        ");
    }

    #[test]
    fn a_vpc_that_is_not_attached_leads_nowhere() {
        let attachments = r#""TransitGatewayVpcAttachments":[{"TransitGatewayAttachmentId":"tgw-attach-1","TransitGatewayId":"tgw-1","VpcId":"vpc-1","State":"deleted","SubnetIds":["subnet-a"]}]"#;
        insta::assert_snapshot!(among(&export(attachments), "tgw-1"), @r"
        subnet-a/router -> blackhole: [129] dst_ip in 0.0.0.0/0 (`tgw-1` is not attached to `vpc-1`)
        subnet-b/router -> blackhole: [129] dst_ip in 0.0.0.0/0 (`tgw-1` is not attached to `vpc-1`)
        subnet-l/router -> blackhole: [129] dst_ip in 0.0.0.0/0 (`tgw-1` is not attached to `vpc-1`)
        ");
    }

    #[test]
    fn without_all_attachments_it_may_be_attached() {
        let attachments = r#""TransitGatewayAttachments":[{}],"TransitGatewayVpcAttachments":[{}]"#;
        insta::assert_snapshot!(among(&export(attachments), "tgw-1/"), @r"
        subnet-a/router -> tgw-1/routed@vpc-1@use1-az1: [129] dst_ip in 0.0.0.0/0
        subnet-b/router -> tgw-1/routed@vpc-1@use1-az2: [129] dst_ip in 0.0.0.0/0
        subnet-l/router -> tgw-1/routed@vpc-1@use1-bos1-az1: [129] dst_ip in 0.0.0.0/0
        tgw-1/routed@vpc-1@use1-az1 -> insufficient-info: any packet (the attachments of `tgw-1` are not fully in the snapshot)
        tgw-1/routed@vpc-1@use1-az2 -> insufficient-info: any packet (the attachments of `tgw-1` are not fully in the snapshot)
        tgw-1/routed@vpc-1@use1-bos1-az1 -> insufficient-info: any packet (the attachments of `tgw-1` are not fully in the snapshot)
        ");
    }
}
