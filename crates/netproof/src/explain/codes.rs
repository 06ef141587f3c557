//! The codes of Reachability Analyzer, each with the situation that yields it here, or why none does.
//!
//! SOURCE: Reachability Analyzer guide, "Explanation codes" and "Additional detail codes" (revision of 2026, checked
//! 2026-11-26).

use std::fmt;

/// When a code is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// In this situation.
    If(&'static str),
    /// Never, for this reason.
    Never(&'static str),
}

macro_rules! codes {
    ($(#[$about:meta])* $name:ident: $($variant:ident $code:ident $when:ident $text:literal;)*) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "`when` and AWS's guide say what they mean")]
        pub enum $name { $($variant),* }

        impl $name {
            /// All of them, in the order of the guide.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// As AWS writes it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($code)),* }
            }

            /// When it is given.
            pub fn when(self) -> When {
                match self { $(Self::$variant => When::$when($text)),* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

codes! {
    /// Why a path is closed, as Reachability Analyzer says it.
    Code:
    // Path not reachable.
    BadState BAD_STATE If "a resource on the way is in a state in which it passes nothing";
    BadStateAttachment BAD_STATE_ATTACHMENT If "an attachment is in a state in which it passes nothing, or there is none";
    BadStateRoute BAD_STATE_ROUTE If "the route for the packet is a blackhole";
    BadStateVpn BAD_STATE_VPN If "a VPN connection that is gone would carry the packet by a static route of its";
    CannotRoute CANNOT_ROUTE If "the table has a route to the target, but none that covers the packet";
    ElbAclRestriction ELB_ACL_RESTRICTION If "a network ACL refuses what a Classic Load Balancer sends within its own subnet";
    ElbInstalledAzRestriction ELB_INSTALLED_AZ_RESTRICTION If "a target is in a zone that is not enabled for its load balancer";
    ElbListenerPortRestriction ELB_LISTENER_PORT_RESTRICTION Never "a port without listener is ELB_LISTENERS_MISMATCH, and listeners always send to their instance port";
    ElbListenersMismatch ELB_LISTENERS_MISMATCH If "a Classic Load Balancer has no listener for the packet";
    ElbNotCrosszone ELB_NOT_CROSSZONE If "the target is in another zone than the load balancer's node, and nodes do not use other zones";
    Elbv2ListenerHasNoTg ELBV2_LISTENER_HAS_NO_TG If "the target groups of the listener hold no targets";
    Elbv2ListenerPortRestriction ELBV2_LISTENER_PORT_RESTRICTION Never "a port without listener is ELBV2_LISTENERS_MISMATCH";
    Elbv2ListenerRequiresTgAccept ELBV2_LISTENER_REQUIRES_TG_ACCEPT If "the listener answers itself and hands the packet to no target group";
    Elbv2ListenersMismatch ELBV2_LISTENERS_MISMATCH If "a load balancer has no listener for the packet";
    Elbv2NoTargetsInAz ELBV2_NO_TARGETS_IN_AZ Never "nodes without targets in their own zone are told by ELB_NOT_CROSSZONE and ELB_INSTALLED_AZ_RESTRICTION";
    Elbv2SourceAddressPreservation ELBV2_SOURCE_ADDRESS_PRESERVATION Never "what a preserved source comes to is told by what then stops the packet";
    EniAddressRestriction ENI_ADDRESS_RESTRICTION Never "foreign senders are told by ENI_SOURCE_DEST_CHECK_RESTRICTION, as in published runs, and foreign destinations by NO_POSSIBLE_DESTINATION";
    EniSgRulesMismatch ENI_SG_RULES_MISMATCH If "the interface's security groups have no rule for the packet";
    EniSourceDestCheckRestriction ENI_SOURCE_DEST_CHECK_RESTRICTION If "an interface that checks that packets are its own is to send or take one that is not";
    FirewallRulesRestriction FIREWALL_RULES_RESTRICTION If "a firewall's policy drops the packet";
    GatewayRejectsSpoofedTraffic GATEWAY_REJECTS_SPOOFED_TRAFFIC If "what comes in by a gateway has a source within the gateway's own VPC";
    GwlbDestinationPortRestriction GWLB_DESTINATION_PORT_RESTRICTION If "what a Gateway Load Balancer is to send to an appliance is for another port than 6081";
    GwlbProtocolRestriction GWLB_PROTOCOL_RESTRICTION If "what a Gateway Load Balancer is to send to an appliance is not UDP";
    HigherPriorityRoute HIGHER_PRIORITY_ROUTE If "another route with the same destination goes first";
    IgwDestinationAddressInVpcCidrs IGW_DESTINATION_ADDRESS_IN_VPC_CIDRS Never "what comes in for other addresses is told by IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS";
    IgwDestinationAddressNotInRfc1918Egress IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS If "a packet that is to leave by an internet gateway is for a private address";
    IgwDestinationAddressNotInRfc6598Egress IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS If "a packet that is to leave by an internet gateway is for a shared address";
    IgwNatReflection IGW_NAT_REFLECTION Never "ways out to the internet and back in are followed";
    IgwPrivateIpAssociationForIngress IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS If "no interface of the VPC has the public address that the packet would need";
    IgwPublicIpAssociationForEgress IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS If "the packet's source has no public address";
    IgwSourceAddressNotInRfc1918Ingress IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS If "a packet that comes in by an internet gateway has a private source";
    IgwSourceAddressNotInRfc6598Ingress IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS If "a packet that comes in by an internet gateway has a shared source";
    IngressRtbNoPublicIp INGRESS_RTB_NO_PUBLIC_IP Never "appliances behind a gateway's own table get packets of others, for which they need no public address";
    IngressRtbTrafficRedirection INGRESS_RTB_TRAFFIC_REDIRECTION If "replies to what left past an appliance come in through it, and it takes only what is its own";
    MoreSpecificRoute MORE_SPECIFIC_ROUTE If "a more specific route leads elsewhere";
    NgwDestAddressPreservation NGW_DEST_ADDRESS_PRESERVATION Never "what keeps the address is followed, and what then stops the packet is told";
    NgwRequiresSourceInVpc NGW_REQUIRES_SOURCE_IN_VPC Never "routes of other VPCs cannot name a NAT gateway, and what comes through a transit gateway is translated";
    NgwSourceAddressReassign NGW_SOURCE_ADDRESS_REASSIGN Never "what gets another address is followed, and what then stops the packet is told";
    NoPossibleDestination NO_POSSIBLE_DESTINATION If "nobody there has the address, or what would hand the packet on is not in the snapshot";
    NoRouteToDestination NO_ROUTE_TO_DESTINATION If "the route table has no route to where the way would go on";
    PcxRequiresAddressInVpcCidr PCX_REQUIRES_ADDRESS_IN_VPC_CIDR If "a peering connection gets a packet that is not for the other VPC";
    ProtocolRestriction PROTOCOL_RESTRICTION If "a NAT gateway gets a packet that is not TCP, UDP or ICMP";
    RegionalNgwRouteAzRestriction REGIONAL_NGW_ROUTE_AZ_RESTRICTION Never "a regional NAT gateway serves all zones of its VPC here";
    RemapEphemeralPort REMAP_EPHEMERAL_PORT Never "ports that a translator chooses are followed, and what then stops the packet is told";
    SgHasNoRules SG_HAS_NO_RULES If "the interface's security groups have no rules in the direction";
    SgReferencesNotPreserved SG_REFERENCES_NOT_PRESERVED Never "rules that name a group are no rules for packets whose sender is not known any more: ENI_SG_RULES_MISMATCH";
    SgReferencingSupport SG_REFERENCING_SUPPORT Never "rules that name a group are no rules for packets whose sender is not known any more: ENI_SG_RULES_MISMATCH";
    SubnetAclRestriction SUBNET_ACL_RESTRICTION If "the subnet's network ACL refuses the packet";
    TargetAddressRestriction TARGET_ADDRESS_RESTRICTION Never "balancers send to their targets only, and paths to others are not begun";
    TargetPortRestriction TARGET_PORT_RESTRICTION Never "balancers send to the ports of their targets only, and other paths are not begun";
    TgwAttachMissingTgwRtbAssociation TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION If "the attachment by which the packet enters is associated with no route table";
    TgwAttachVpcAzRestriction TGW_ATTACH_VPC_AZ_RESTRICTION Never "an attachment enters by the subnet of the zone, or the packet is told to be without route in it";
    TgwBadStateVpn TGW_BAD_STATE_VPN Never "whether tunnels of a VPN connection are up is not considered";
    TgwRouteAzRestriction TGW_ROUTE_AZ_RESTRICTION If "the attachment has no subnet in the zone from which the packet comes";
    TgwRtbBadStateRoute TGW_RTB_BAD_STATE_ROUTE If "the transit gateway's route for the packet is a blackhole";
    TgwRtbCannotRoute TGW_RTB_CANNOT_ROUTE If "the table has a route to the attachment, but none that covers the packet";
    TgwRtbHigherPriorityRoute TGW_RTB_HIGHER_PRIORITY_ROUTE If "another route of the transit gateway with the same destination goes first";
    TgwRtbMoreSpecificRoute TGW_RTB_MORE_SPECIFIC_ROUTE If "a more specific route of the transit gateway leads elsewhere";
    TgwRtbNoRouteToTgwAttachment TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT If "the transit gateway's table has no route to the attachment";
    TgwRtbRoutesAreUnknown TGW_RTB_ROUTES_ARE_UNKNOWN If "the snapshot does not hold the routes of a transit gateway's table";
    UnknownDestination UNKNOWN_DESTINATION If "where a route leads is not in the snapshot";
    UnknownPeeredSgs UNKNOWN_PEERED_SGS Never "rules that name groups of which the snapshot knows no member admit nobody that could be asked for";
    UnknownResource UNKNOWN_RESOURCE If "something on the way is not in the snapshot, or not modelled";
    VgwPrivateIpAssociationForEgress VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS If "a virtual private gateway gets a packet from elsewhere than its VPC";
    VgwPrivateIpAssociationForIngress VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS If "what comes in by a virtual private gateway is for nobody in its VPC";
    VpcBlockPublicAccessEnabled VPC_BLOCK_PUBLIC_ACCESS_ENABLED If "VPC Block Public Access stops the packet";
    VpcLocalRouteCidrRestriction VPC_LOCAL_ROUTE_CIDR_RESTRICTION Never "the route that an address outside the VPC would take is told to be missing";
    VpceGatewayEgressSourceAddressRestriction VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION Never "a gateway endpoint opens no conversations";
    VpceGatewayProtocolRestriction VPCE_GATEWAY_PROTOCOL_RESTRICTION If "a gateway endpoint gets a packet of another protocol than it takes";
    VpceIntraVpcTraffic VPCE_INTRA_VPC_TRAFFIC If "an endpoint is asked to open a conversation";
    VpceServiceNotInstalledInAz VPCE_SERVICE_NOT_INSTALLED_IN_AZ If "an endpoint's service has no load balancer in the zone";
    // Configuration: no path possible.
    DisconnectedVpcs DISCONNECTED_VPCS If "nothing joins the two networks";
    NoPath NO_PATH If "nothing leads there, and no rule or route is to blame";
    NoSourceOrDestination NO_SOURCE_OR_DESTINATION If "an end is not in the snapshot";
    UnassociatedComponent UNASSOCIATED_COMPONENT If "an end stands for network interfaces, and has none";
    UnsupportedComponent UNSUPPORTED_COMPONENT If "an end is of a kind that is not modelled, or that sends and receives nothing";
    // Search filters unmet.
    ComponentFilterRestriction COMPONENT_FILTER_RESTRICTION If "packets get there, but by no way that passes what is asked for";
    ComponentFilterRestrictionRemovedComponent COMPONENT_FILTER_RESTRICTION_REMOVED_COMPONENT If "packets get there, but only by what is to be avoided";
    FilterAtSourceDestinationAddress FILTER_AT_SOURCE_DESTINATION_ADDRESS If "the public address asked for is that of another interface than the destination";
    FilterAtSourceDestinationPortRange FILTER_AT_SOURCE_DESTINATION_PORT_RANGE Never "what packets are asked for is the question: what stops these very packets is told";
    FilterAtSourceProtocol FILTER_AT_SOURCE_PROTOCOL Never "what packets are asked for is the question: what stops these very packets is told";
    FilterAtSourceSourceAddress FILTER_AT_SOURCE_SOURCE_ADDRESS Never "what packets are asked for is the question: what stops these very packets is told";
    FilterAtSourceSourcePortRange FILTER_AT_SOURCE_SOURCE_PORT_RANGE Never "what packets are asked for is the question: what stops these very packets is told";
    FilterAtDestinationDestinationAddress FILTER_AT_DESTINATION_DESTINATION_ADDRESS If "packets get there, but none that arrives for this address";
    FilterAtDestinationDestinationPortRange FILTER_AT_DESTINATION_DESTINATION_PORT_RANGE If "packets get there, but none that arrives for these ports";
    FilterAtDestinationProtocol FILTER_AT_DESTINATION_PROTOCOL Never "nothing changes the protocol on the way, so it is always a filter at the source";
    FilterAtDestinationSourceAddress FILTER_AT_DESTINATION_SOURCE_ADDRESS If "packets get there, but none that arrives from this address";
    FilterAtDestinationSourcePortRange FILTER_AT_DESTINATION_SOURCE_PORT_RANGE If "packets get there, but none that arrives from these ports";
    IgwExpectsPublicAddress IGW_EXPECTS_PUBLIC_ADDRESS If "the address asked for at an internet gateway is not public";
}

codes! {
    /// What Reachability Analyzer says of a path beside its components.
    Detail:
    AssumptionPreserveClientIpIsDisabled ASSUMPTION_PRESERVE_CLIENT_IP_IS_DISABLED If "whether a target group preserves its clients' addresses is not told, and its default is that it does not";
    AssumptionPreserveClientIpIsEnabled ASSUMPTION_PRESERVE_CLIENT_IP_IS_ENABLED If "whether a target group preserves its clients' addresses is not told, and its default is that it does";
    AvailabilityZoneCrossed AVAILABILITY_ZONE_CROSSED If "an interface on the path is in another zone than the one before it";
    FirewallUnsupportedHigherPriorityRuleGroupType FIREWALL_UNSUPPORTED_HIGHER_PRIORITY_RULE_GROUP_TYPE Never "rules that cannot be read make the answer unknown if it depends on them; none is ignored";
    FirewallUnsupportedHigherPriorityRules FIREWALL_UNSUPPORTED_HIGHER_PRIORITY_RULES Never "rules that cannot be read make the answer unknown if it depends on them; none is ignored";
    FirewallUnsupportedRuleOptions FIREWALL_UNSUPPORTED_RULE_OPTIONS Never "rules that cannot be read make the answer unknown if it depends on them; none is ignored";
    MissingTargetGroupAttributes MISSING_TARGET_GROUP_ATTRIBUTES Never "without the attributes of a target group, the answer is unknown if it depends on them";
    PathThroughGwlbNotChecked PATH_THROUGH_GWLB_NOT_CHECKED If "the path leads through a Gateway Load Balancer endpoint, whose appliances are taken to return every packet";
    ResponseRtbHasNoRouteToTransitGateway RESPONSE_RTB_HAS_NO_ROUTE_TO_TRANSIT_GATEWAY Never "replies are followed through transit gateways, so that the verdict says whether they get back";
    TransitGatewayApplianceModeRecommended TRANSIT_GATEWAY_APPLIANCE_MODE_RECOMMENDED If "a firewall inspects what a transit gateway's attachment without appliance mode brings into its VPC";
    UnidirectionalPathAnalysisOnly UNIDIRECTIONAL_PATH_ANALYSIS_ONLY If "only the first packet was asked for";
}

impl Code {
    /// Whether it says why something that joins networks does not pass a packet on.
    pub(super) fn is_of_a_joint(self) -> bool {
        matches!(
            self,
            Self::BadState
                | Self::BadStateAttachment
                | Self::PcxRequiresAddressInVpcCidr
                | Self::TgwRouteAzRestriction
                | Self::TgwRtbBadStateRoute
                | Self::TgwAttachMissingTgwRtbAssociation
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_codes_of_the_guide_are_listed_once() {
        assert_eq!((Code::ALL.len(), Detail::ALL.len()), (89, 11));
        let names: std::collections::BTreeSet<&str> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), 89);
    }
}
