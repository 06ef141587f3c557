//! What is modelled, beside what others model: `MODEL.md` is made from this.
//!
//! A row is a line here. Our own column is not written: a kind of component is modelled if one of its types is among
//! the [`SUPPORTED`](crate::resource::SUPPORTED), recognised if it is among the kinds that are named where packets could
//! pass through them, and else it is not.
//!
//! SOURCE: Network Access Analyzer guide and Reachability Analyzer guide, "How it works" and "Considerations"; the
//! explanation codes of Reachability Analyzer; Batfish's source and AWS notes (checked 2026-11-26).

use crate::resource::{SUPPORTED, recognised};

/// A row: a kind of component or of behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modelled {
    /// What it is about.
    pub component: &'static str,
    /// How we know whether we model it.
    pub by: By,
    /// What of it we model, or where it ends, in a few words.
    pub ours: &'static str,
    /// AWS Network Access Analyzer.
    pub access_analyzer: &'static str,
    /// AWS Reachability Analyzer.
    pub reachability_analyzer: &'static str,
    /// Batfish.
    pub batfish: &'static str,
}

/// What tells whether something is modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// CloudFormation's names of types: one of them is supported.
    Types(&'static [&'static str]),
    /// It is a behaviour of the graph, and modelled.
    Nature,
    /// It is not, and nothing in an export tells of it.
    Nothing,
}

impl Modelled {
    /// Our own column.
    pub fn ours(&self) -> String {
        let with = |word: &str| match self.ours {
            "" => word.to_owned(),
            ours => format!("{word}: {ours}"),
        };
        match self.by {
            By::Nature => with("yes"),
            By::Nothing => with("no"),
            By::Types(types) if SUPPORTED.iter().any(|(name, _)| types.contains(name)) => with("yes"),
            By::Types(types) if recognised().any(|name| types.contains(&name)) => {
                "recognised: unknown by name".to_owned()
            }
            By::Types(_) => "no: unknown by name".to_owned(),
        }
    }
}

const fn row(
    component: &'static str,
    by: By,
    [ours, access_analyzer, reachability_analyzer, batfish]: [&'static str; 4],
) -> Modelled {
    Modelled { component, by, ours, access_analyzer, reachability_analyzer, batfish }
}

const fn types(names: &'static [&'static str]) -> By {
    By::Types(names)
}

/// The rows in the order in which they are shown.
#[rustfmt::skip]
pub const MODELLED: &[Modelled] = &[
    row("VPC", types(&["AWS::EC2::VPC"]), ["all address blocks", "yes", "yes", "yes, IPv4"]),
    row("Subnet", types(&["AWS::EC2::Subnet"]), ["shared ones too", "not shared ones", "yes", "yes, IPv4"]),
    row("Network interface", types(&["AWS::EC2::NetworkInterface"]), ["of every service; delegated prefixes", "yes", "yes", "of instances, databases and search domains"]),
    row("Instance", types(&["AWS::EC2::Instance"]), ["through its interfaces", "through its interfaces", "yes", "yes"]),
    row("Security group", types(&["AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupRule"]), ["references across VPCs and accounts, prefix lists, replies", "yes", "yes", "yes; references in one account and Region"]),
    row("Security group of several VPCs", types(&["AWS::EC2::SecurityGroupVpcAssociation"]), ["", "not told", "not told", "no"]),
    row("Network ACL", types(&["AWS::EC2::NetworkAcl"]), ["both ways, by number", "one way", "both ways", "in document order"]),
    row("Route table", types(&["AWS::EC2::RouteTable"]), ["longest prefix, static before list before propagated", "yes", "yes", "yes; no interface targets"]),
    row("Gateway route table", types(&["AWS::EC2::RouteTable"]), ["of internet and VPN gateways", "no", "yes", "no"]),
    row("Prefix list", types(&["AWS::EC2::PrefixList"]), ["of AWS and of customers", "yes", "yes", "yes"]),
    row("Internet gateway", types(&["AWS::EC2::InternetGateway"]), ["also the way out and in again", "first or last only", "first or last only", "yes, IPv4"]),
    row("Egress-only internet gateway", types(&["AWS::EC2::EgressOnlyInternetGateway"]), ["", "no", "no", "no"]),
    row("VPC Block Public Access", types(&["AWS::EC2::VPCBlockPublicAccessOptions", "AWS::EC2::VPCBlockPublicAccessExclusion"]), ["both modes, exclusions", "not told", "yes", "no"]),
    row("NAT gateway", types(&["AWS::EC2::NatGateway"]), ["public and private; regional ones and NAT64 are unknown", "yes", "yes", "public, one address"]),
    row("VPC peering connection", types(&["AWS::EC2::VPCPeeringConnection"]), ["across accounts and Regions", "one account and Region", "across accounts", "yes"]),
    row("Transit gateway and attachments", types(&["AWS::EC2::TransitGateway", "AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGatewayVpcAttachment"]), ["across accounts, zones, appliance mode", "one account and Region", "yes; TCP forward only", "yes"]),
    row("Transit gateway route table", types(&["AWS::EC2::TransitGatewayRouteTable"]), ["", "yes", "yes", "yes"]),
    row("Transit gateway policy table", types(&["AWS::EC2::TransitGatewayPolicyTable"]), ["", "fields only", "fields only", "no"]),
    row("Transit gateway peering", types(&["AWS::EC2::TransitGatewayPeeringAttachment"]), ["across accounts and Regions", "as an end", "by stitching", "yes"]),
    row("Transit gateway Connect", types(&["AWS::EC2::TransitGatewayConnect"]), ["as an end", "as an end", "no", "no"]),
    row("Transit gateway multicast", types(&["AWS::EC2::TransitGatewayMulticastDomain"]), ["", "no", "no", "no"]),
    row("VPN gateway", types(&["AWS::EC2::VPNGateway"]), ["with its own route table", "first or last only", "first or last only", "yes"]),
    row("VPN connection, customer gateway", types(&["AWS::EC2::VPNConnection", "AWS::EC2::CustomerGateway"]), ["", "no", "as a part", "yes"]),
    row("Direct Connect", types(&["AWS::DirectConnect::DirectConnectGateway", "AWS::DirectConnect::DirectConnectGatewayAssociation", "AWS::DirectConnect::DirectConnectGatewayAttachment", "AWS::DirectConnect::VirtualInterface"]), ["as an end", "no", "no", "yes"]),
    row("Gateway endpoint", types(&["AWS::EC2::VPCEndpoint"]), ["no policies", "yes", "yes", "yes"]),
    row("Interface endpoint", types(&["AWS::EC2::VPCEndpoint"]), ["its interfaces, with their groups", "yes", "yes", "without groups"]),
    row("Endpoint service", types(&["AWS::EC2::VPCEndpointService"]), ["from endpoint to target, across accounts", "yes", "yes", "no"]),
    row("Load balancer as owner of interfaces", types(&["AWS::ElasticLoadBalancingV2::LoadBalancer"]), ["", "yes", "yes", "network balancers"]),
    row("Application Load Balancer", types(&["AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule"]), ["rules in order, source addresses exactly; some request takes a path", "no content rules", "as a part", "no"]),
    row("Network Load Balancer", types(&["AWS::ElasticLoadBalancingV2::Listener"]), ["clients' addresses preserved or not, with groups or none, zones", "not every target", "as a part", "yes, without groups"]),
    row("Gateway Load Balancer", types(&["AWS::ElasticLoadBalancingV2::Listener"]), ["from its service on; endpoints return packets as `--appliances` says", "from its service on", "from UDP 6081 on", "no"]),
    row("Classic Load Balancer", types(&["AWS::ElasticLoadBalancing::LoadBalancer"]), ["", "yes", "as a part", "no"]),
    row("Target group", types(&["AWS::ElasticLoadBalancingV2::TargetGroup"]), ["", "yes", "yes", "instance and address"]),
    row("Network Firewall", types(&["AWS::NetworkFirewall::Firewall"]), ["both engines; what payload decides is unknown by the rule's name", "rules not analysed", "5-tuple rules", "no"]),
    row("DNS Firewall", types(&["AWS::Route53Resolver::FirewallRuleGroup", "AWS::Route53Resolver::FirewallDomainList", "AWS::Route53Resolver::FirewallRuleGroupAssociation"]), ["`dns query`; managed lists and detectors are unknown by name", "no", "no", "no"]),
    row("Route 53 Profile", types(&["AWS::Route53Profiles::ProfileAssociation", "AWS::Route53Profiles::ProfileResourceAssociation"]), ["its rule groups of DNS Firewall", "no", "no", "no"]),
    row("DHCP options", types(&["AWS::EC2::DHCPOptions"]), ["which DNS servers are asked", "no", "no", "no"]),
    row("Appliance that forwards", By::Nature, ["as `--appliances` says", "no", "not its behaviour", "no"]),
    row("IPv6", By::Nature, ["", "no", "no", "no"]),
    row("Protocols", By::Nature, ["all, with ICMP type and code", "TCP and UDP", "TCP and UDP", "all"]),
    row("Replies", By::Nature, ["every question; scopes tell beside the finding", "no", "yes", "yes"]),
    row("Several accounts", By::Nature, ["", "no", "in an organization", "yes"]),
    row("Several Regions", By::Nature, ["", "no", "no", "yes"]),
    row("Shared subnets and VPCs", By::Nature, ["", "no", "for delegated administrators", "no"]),
    row("Services behind managed interfaces", By::Nature, ["named", "no", "no", "databases and search domains"]),
    row("VPC Lattice", types(&["AWS::VpcLattice::ServiceNetworkVpcAssociation"]), ["", "no", "no", "no"]),
    row("Cloud WAN", types(&["AWS::NetworkManager::CoreNetwork"]), ["", "no", "no", "no"]),
    row("Client VPN", types(&["AWS::EC2::ClientVpnEndpoint"]), ["", "no", "no", "no"]),
    row("Verified Access", types(&["AWS::EC2::VerifiedAccessEndpoint"]), ["", "no", "no", "no"]),
    row("Carrier gateway (Wavelength)", types(&["AWS::EC2::CarrierGateway"]), ["", "no", "no", "no"]),
    row("Local gateway (Outposts)", types(&["AWS::EC2::LocalGateway"]), ["", "no", "no", "no"]),
    row("Route server", types(&["AWS::EC2::RouteServer"]), ["", "no", "no", "no"]),
    row("Web ACL associations of load balancers", By::Nature, ["for scopes", "no", "no", "no"]),
    row("Health of targets, processes that listen, firewalls of hosts", By::Nothing, ["", "no", "no", "targets"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_column_follows_the_code() {
        let ours =
            |component: &str| MODELLED.iter().find(|row| row.component == component).map(Modelled::ours);
        assert_eq!(ours("VPC").as_deref(), Some("yes: all address blocks"));
        assert_eq!(ours("Client VPN").as_deref(), Some("recognised: unknown by name"));
    }
}
