//! VPC attachment of a transit gateway: in which subnets it stands, and with which options.
//!
//! No ports and no resource of its own: the attachment in the table of all attachments has them.
//!
//! SOURCE: EC2 API reference, `TransitGatewayVpcAttachment` and `TransitGatewayVpcAttachmentOptions`; transit gateway
//! guide, "Availability Zones" (one subnet for each zone; appliance mode) (checked 2026-11-26).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{Resource, nullable, optional, subnet::Subnet, transit_gateway::TransitGateway, vpc::Vpc};
use crate::{Entry, Id, Inventory};

/// A VPC attachment, as `describe-transit-gateway-vpc-attachments` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TransitGatewayVpcAttachment {
    transit_gateway_attachment_id: Id<TransitGatewayVpcAttachment>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) transit_gateway_id: Option<Id<TransitGateway>>,
    #[serde(default, deserialize_with = "optional")]
    pub(crate) vpc_id: Option<Id<Vpc>>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) vpc_owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) state: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) subnet_ids: Vec<Id<Subnet>>,
    options: Option<Options>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Options {
    #[serde(default, deserialize_with = "optional")]
    appliance_mode_support: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    ipv6_support: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    security_group_referencing_support: Option<String>,
}

impl TransitGatewayVpcAttachment {
    fn option(&self, option: impl Fn(&Options) -> &Option<String>) -> Option<bool> {
        let text = self.options.as_ref().and_then(|options| option(options).as_deref())?;
        Some(text == "enable")
    }

    /// Whether it is told that appliance mode is off.
    pub(crate) fn is_without_appliance_mode(&self) -> bool {
        self.option(|options| &options.appliance_mode_support) == Some(false)
    }

    /// Whether flows keep to the zone in which they began. Off unless told.
    pub(super) fn appliance_mode(&self) -> bool {
        self.option(|options| &options.appliance_mode_support) == Some(true)
    }

    /// Whether it carries IPv6, if the record tells.
    pub(super) fn ipv6(&self) -> Option<bool> {
        self.option(|options| &options.ipv6_support)
    }

    /// Whether groups of other VPCs may be referred to. On unless told.
    pub(super) fn group_references(&self) -> bool {
        self.option(|options| &options.security_group_referencing_support) != Some(false)
    }
}

impl Resource for TransitGatewayVpcAttachment {
    const TYPE: &'static str = "AWS::EC2::TransitGatewayVpcAttachment";
    const LIST: &'static str = "TransitGatewayVpcAttachments";

    fn id(&self) -> &Id<Self> {
        &self.transit_gateway_attachment_id
    }

    fn account(&self) -> Option<&str> {
        self.vpc_owner_id.as_deref()
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
