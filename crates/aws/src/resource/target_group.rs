//! Target group: where a balancer's requests go.
//!
//! Its ports stand for what one node of a balancer sends to its targets; the balancer declares them (see `balancing`).
//!
//! SOURCE: ELB API reference, `TargetGroup`; guide for Network Load Balancers, "Client IP preservation" (on for
//! instances and load balancers, and for UDP and TCP_UDP; off for addresses with TCP or TLS), and "Cross-zone load
//! balancing for target groups" (the group's attribute comes before the balancer's) (checked 2026-11-26).
use graph::{GraphBuilder, ResourceRef};
use serde::Deserialize;

use super::{
    Resource,
    balancing_answers::CROSS_ZONE,
    load_balancer::{account_in, region_in},
    optional,
    vpc::Vpc,
};
use crate::{Entry, Id, Inventory, Place};

/// A target group, as `elbv2 describe-target-groups` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TargetGroup {
    target_group_arn: Id<TargetGroup>,
    #[serde(default, deserialize_with = "optional")]
    target_group_name: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    protocol: Option<String>,
    port: Option<u16>,
    #[serde(default, deserialize_with = "optional")]
    vpc_id: Option<Id<Vpc>>,
    #[serde(default, deserialize_with = "optional")]
    target_type: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    ip_address_type: Option<String>,
}

/// What a group's targets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetType {
    Instance,
    Address,
    LoadBalancer,
    Function,
}

impl TargetGroup {
    /// The group of this ARN, which tells its account and Region itself.
    pub(super) fn of<'i>(id: &Id<Self>, inventory: &'i Inventory) -> Option<&'i Entry<Self>> {
        let account = account_in(id.as_str()).unwrap_or_default().to_owned();
        inventory.get(id, &Place { account, region: region_in(id.as_str()).unwrap_or_default() })
    }

    /// Its ARN.
    pub(super) fn target_group_arn(&self) -> &str {
        self.target_group_arn.as_str()
    }

    /// What its targets are, or the word of which that is not known. Exports cut to some members do not say it; then the
    /// ids of targets do.
    pub(super) fn target_type(&self, inventory: &Inventory) -> Result<TargetType, &str> {
        let Some(told) = self.target_type.as_deref() else {
            let registered = inventory.balancing.targets(self.target_group_arn.as_str());
            let first = registered.and_then(|registered| registered.targets.first());
            return Ok(first.map_or(TargetType::Instance, |(described, _)| described.target.kind()));
        };
        match told {
            "instance" => Ok(TargetType::Instance),
            "ip" => Ok(TargetType::Address),
            "alb" => Ok(TargetType::LoadBalancer),
            "lambda" => Ok(TargetType::Function),
            other => Err(other),
        }
    }

    /// The port of targets that have none of their own.
    pub(super) fn port(&self) -> Option<u16> {
        self.port
    }

    /// The VPC of its targets.
    pub(super) fn vpc(&self) -> Option<&Id<Vpc>> {
        self.vpc_id.as_ref()
    }

    /// Whether its targets are reached by IPv6.
    pub(super) fn is_ipv6(&self) -> bool {
        self.ip_address_type.as_deref() == Some("ipv6")
    }

    /// Whether targets see the client's address when a Network Load Balancer forwards to them, and whether that is sure:
    /// told by the snapshot, or fixed. Otherwise it is what AWS does unless told.
    ///
    /// SOURCE: guide for Network Load Balancers, "Client IP preservation" (cannot be switched off for UDP, TCP_UDP and
    /// load balancers) (checked 2026-11-26).
    pub(super) fn preserves_clients(&self, inventory: &Inventory) -> (bool, bool) {
        let told =
            inventory.balancing.attribute(self.target_group_arn.as_str(), "preserve_client_ip.enabled");
        let streams = matches!(self.protocol.as_deref(), Some("TCP" | "TLS"));
        let fixed = (self.protocol.is_some() && !streams)
            || self.target_type(inventory) == Ok(TargetType::LoadBalancer);
        if let Some(told) = told {
            return (told == "true", true);
        }
        let sure = fixed || inventory.balancing.tells(self.target_group_arn.as_str());
        (self.target_type(inventory) != Ok(TargetType::Address) || !streams, sure)
    }

    /// Whether a balancer's nodes use its targets in other zones, if the group decides that.
    pub(super) fn crosses_zones(&self, inventory: &Inventory) -> Option<bool> {
        let told = inventory.balancing.attribute(self.target_group_arn.as_str(), CROSS_ZONE)?;
        told.parse().ok()
    }
}

impl Resource for TargetGroup {
    const TYPE: &'static str = "AWS::ElasticLoadBalancingV2::TargetGroup";
    const LIST: &'static str = "TargetGroups";
    const OWN: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.target_group_arn
    }

    fn account(&self) -> Option<&str> {
        account_in(self.target_group_arn.as_str())
    }

    fn region(&self) -> Option<String> {
        region_in(self.target_group_arn.as_str())
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let arn = self.target_group_arn.as_str();
        graph.resource(ResourceRef {
            arn: Some(arn.to_owned()),
            account: here.place.account.clone(),
            region: here.place.region.clone(),
            label: self.target_group_name.clone(),
            within: self.vpc_id.iter().map(|vpc| inventory.key_of(vpc, &here.place)).collect(),
            ..ResourceRef::new(Self::TYPE, arn)
        });
    }

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
