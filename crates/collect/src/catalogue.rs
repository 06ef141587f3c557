//! The calls that make a snapshot, and what each is about.

/// A call to AWS. Everything it returns goes into one file, or into one for each subject.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// As botocore calls the service: `elbv2`.
    pub service: &'static str,
    /// As AWS calls the operation: `DescribeRules`.
    pub operation: &'static str,
    /// What it is about.
    pub about: About,
}

/// What a call is about, and so how often it is made.
#[derive(Debug, Clone, Copy)]
pub enum About {
    /// An account: once. The service has one endpoint for all Regions.
    Account,
    /// A Region of an account: once.
    Region,
    /// A resource: once for each that the sources name.
    Each {
        /// The request parameter that says which.
        parameter: &'static str,
        /// Where resources are named.
        sources: &'static [Source],
    },
    /// An attribute of a resource: once for each of both.
    Attributes {
        /// The request parameter that says which resource.
        parameter: &'static str,
        /// The attributes.
        values: &'static [&'static str],
        /// Where resources are named.
        sources: &'static [Source],
    },
    /// Several resources that one source names in one answer.
    Batches {
        /// The request parameter that says which.
        parameter: &'static str,
        /// How many resources a request takes at most.
        size: usize,
        /// A member of the source's answer that a request needs, too.
        within: Option<&'static str>,
        /// Where resources are named.
        sources: &'static [Source],
    },
}

/// Where another call's answer names resources.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// The service of that call.
    pub service: &'static str,
    /// The operation of that call.
    pub operation: &'static str,
    /// Where, as in `LoadBalancers[].LoadBalancerArn`.
    pub path: &'static str,
    /// Which of them.
    pub only: Only,
}

/// Which of the resources that an answer names a call is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    /// All.
    All,
    /// Those with this in their ARN.
    With(&'static str),
    /// Those whose record does not have this member.
    Without(&'static str),
}

impl About {
    /// Where its subjects are named.
    pub fn sources(&self) -> &'static [Source] {
        match self {
            Self::Account | Self::Region => &[],
            Self::Each { sources, .. } | Self::Attributes { sources, .. } | Self::Batches { sources, .. } => {
                sources
            }
        }
    }
}

impl Call {
    /// The IAM action that allows it. SOURCE: Service Authorization Reference, "Actions, resources, and condition keys" of
    /// each service: the prefix; actions are called as the operations (checked 2026-11-27).
    pub fn action(&self) -> String {
        format!("{}:{}", prefix(self.service), self.operation)
    }
}

/// What IAM calls a service.
fn prefix(service: &str) -> &str {
    match service {
        "efs" => "elasticfilesystem",
        "elb" | "elbv2" => "elasticloadbalancing",
        "emr" => "elasticmapreduce",
        "opensearch" => "es",
        "resourcegroupstaggingapi" => "tag",
        other => other,
    }
}

const fn region(service: &'static str, operation: &'static str) -> Call {
    Call { service, operation, about: About::Region }
}

const fn each(
    service: &'static str,
    operation: &'static str,
    parameter: &'static str,
    sources: &'static [Source],
) -> Call {
    Call { service, operation, about: About::Each { parameter, sources } }
}

const fn from(service: &'static str, operation: &'static str, path: &'static str) -> Source {
    Source { service, operation, path, only: Only::All }
}

const ROUTE_TABLES: &[Source] = &[from(
    "ec2",
    "DescribeTransitGatewayRouteTables",
    "TransitGatewayRouteTables[].TransitGatewayRouteTableId",
)];
const POLICY_TABLES: &[Source] = &[from(
    "ec2",
    "DescribeTransitGatewayPolicyTables",
    "TransitGatewayPolicyTables[].TransitGatewayPolicyTableId",
)];
const DIRECT_CONNECT: &[Source] = &[from(
    "directconnect",
    "DescribeDirectConnectGateways",
    "directConnectGateways[].directConnectGatewayId",
)];
const BALANCERS: &[Source] = &[from("elbv2", "DescribeLoadBalancers", "LoadBalancers[].LoadBalancerArn")];
/// SOURCE: WAF developer guide: of load balancers only application load balancers have web ACLs (checked 2026-11-27).
const APPLICATION_BALANCERS: &[Source] = &[Source {
    only: Only::With(":loadbalancer/app/"),
    ..from("elbv2", "DescribeLoadBalancers", "LoadBalancers[].LoadBalancerArn")
}];
const TARGET_GROUPS: &[Source] = &[from("elbv2", "DescribeTargetGroups", "TargetGroups[].TargetGroupArn")];
/// A shared policy is in no list of the account's own, but in the firewall.
const FIREWALL_POLICIES: &[Source] = &[
    from("network-firewall", "ListFirewallPolicies", "FirewallPolicies[].Arn"),
    from("network-firewall", "DescribeFirewall", "Firewall.FirewallPolicyArn"),
];
/// Groups of others, and those that AWS manages, are only in the policies.
const RULE_GROUPS: &[Source] = &[
    from("network-firewall", "ListRuleGroups", "RuleGroups[].Arn"),
    from(
        "network-firewall",
        "DescribeFirewallPolicy",
        "FirewallPolicy.StatelessRuleGroupReferences[].ResourceArn",
    ),
    from(
        "network-firewall",
        "DescribeFirewallPolicy",
        "FirewallPolicy.StatefulRuleGroupReferences[].ResourceArn",
    ),
];
const DNS_RULE_GROUPS: &[Source] = &[
    from("route53resolver", "ListFirewallRuleGroups", "FirewallRuleGroups[].Id"),
    from(
        "route53resolver",
        "ListFirewallRuleGroupAssociations",
        "FirewallRuleGroupAssociations[].FirewallRuleGroupId",
    ),
];
/// SOURCE: Route 53 Resolver API, `ListFirewallDomains`: not for lists that AWS manages (checked 2026-11-27).
const DOMAIN_LISTS: &[Source] = &[Source {
    only: Only::Without("ManagedOwnerName"),
    ..from("route53resolver", "ListFirewallDomainLists", "FirewallDomainLists[].Id")
}];

/// All calls. A call stands behind those that its sources name.
///
/// SOURCE: `shared/reference/aws-analyzers.md`, appendix A (what AWS's own analyzers read), and what `aws` models beyond it.
#[rustfmt::skip]
pub const CALLS: &[Call] = &[
    region("ec2", "DescribeVpcs"),
    region("ec2", "DescribeSubnets"),
    region("ec2", "DescribeNetworkInterfaces"),
    region("ec2", "DescribeInstances"),
    region("ec2", "DescribeSecurityGroups"),
    region("ec2", "DescribeSecurityGroupRules"),
    region("ec2", "DescribeSecurityGroupVpcAssociations"),
    region("ec2", "DescribeNetworkAcls"),
    region("ec2", "DescribeRouteTables"),
    region("ec2", "DescribeInternetGateways"),
    region("ec2", "DescribeEgressOnlyInternetGateways"),
    region("ec2", "DescribeNatGateways"),
    region("ec2", "DescribeAddresses"),
    region("ec2", "DescribeAvailabilityZones"),
    region("ec2", "DescribeManagedPrefixLists"),
    region("ec2", "DescribePrefixLists"),
    region("ec2", "DescribeVpcPeeringConnections"),
    region("ec2", "DescribeVpcEndpoints"),
    region("ec2", "DescribeVpcEndpointConnections"),
    region("ec2", "DescribeVpcEndpointServiceConfigurations"),
    region("ec2", "DescribeVpcBlockPublicAccessOptions"),
    region("ec2", "DescribeVpcBlockPublicAccessExclusions"),
    region("ec2", "DescribeDhcpOptions"),
    region("ec2", "DescribeTransitGateways"),
    region("ec2", "DescribeTransitGatewayAttachments"),
    region("ec2", "DescribeTransitGatewayVpcAttachments"),
    region("ec2", "DescribeTransitGatewayPeeringAttachments"),
    region("ec2", "DescribeTransitGatewayConnects"),
    region("ec2", "DescribeTransitGatewayConnectPeers"),
    region("ec2", "DescribeTransitGatewayRouteTables"),
    region("ec2", "DescribeTransitGatewayPolicyTables"),
    region("ec2", "DescribeTransitGatewayMulticastDomains"),
    region("ec2", "DescribeVpnGateways"),
    region("ec2", "DescribeVpnConnections"),
    region("ec2", "DescribeCustomerGateways"),
    region("ec2", "DescribeCarrierGateways"),
    region("ec2", "DescribeLocalGateways"),
    region("ec2", "DescribeLocalGatewayRouteTables"),
    region("ec2", "DescribeClientVpnEndpoints"),
    region("ec2", "DescribeVerifiedAccessEndpoints"),
    region("ec2", "DescribeInstanceConnectEndpoints"),
    region("ec2", "DescribeRouteServers"),
    Call {
        service: "ec2",
        operation: "DescribeVpcAttribute",
        about: About::Attributes {
            parameter: "VpcId",
            values: &["enableDnsSupport", "enableDnsHostnames"],
            sources: &[from("ec2", "DescribeVpcs", "Vpcs[].VpcId")],
        },
    },
    each("ec2", "GetManagedPrefixListEntries", "PrefixListId", &[from("ec2", "DescribeManagedPrefixLists", "PrefixLists[].PrefixListId")]),
    each("ec2", "SearchTransitGatewayRoutes", "TransitGatewayRouteTableId", ROUTE_TABLES),
    each("ec2", "GetTransitGatewayRouteTableAssociations", "TransitGatewayRouteTableId", ROUTE_TABLES),
    each("ec2", "GetTransitGatewayRouteTablePropagations", "TransitGatewayRouteTableId", ROUTE_TABLES),
    each("ec2", "GetTransitGatewayPrefixListReferences", "TransitGatewayRouteTableId", ROUTE_TABLES),
    each("ec2", "GetTransitGatewayPolicyTableAssociations", "TransitGatewayPolicyTableId", POLICY_TABLES),
    each("ec2", "GetTransitGatewayPolicyTableEntries", "TransitGatewayPolicyTableId", POLICY_TABLES),
    each("ec2", "GetTransitGatewayMulticastDomainAssociations", "TransitGatewayMulticastDomainId", &[from("ec2", "DescribeTransitGatewayMulticastDomains", "TransitGatewayMulticastDomains[].TransitGatewayMulticastDomainId")]),
    each("ec2", "DescribeClientVpnTargetNetworks", "ClientVpnEndpointId", &[from("ec2", "DescribeClientVpnEndpoints", "ClientVpnEndpoints[].ClientVpnEndpointId")]),
    region("elbv2", "DescribeLoadBalancers"),
    region("elbv2", "DescribeTargetGroups"),
    each("elbv2", "DescribeListeners", "LoadBalancerArn", BALANCERS),
    each("elbv2", "DescribeLoadBalancerAttributes", "LoadBalancerArn", BALANCERS),
    each("elbv2", "DescribeRules", "ListenerArn", &[from("elbv2", "DescribeListeners", "Listeners[].ListenerArn")]),
    each("elbv2", "DescribeTargetGroupAttributes", "TargetGroupArn", TARGET_GROUPS),
    each("elbv2", "DescribeTargetHealth", "TargetGroupArn", TARGET_GROUPS),
    Call {
        service: "elbv2",
        operation: "DescribeTags",
        about: About::Batches { parameter: "ResourceArns", size: 20, within: None, sources: BALANCERS },
    },
    region("elb", "DescribeLoadBalancers"),
    each("elb", "DescribeLoadBalancerAttributes", "LoadBalancerName", &[from("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions[].LoadBalancerName")]),
    Call {
        service: "elb",
        operation: "DescribeTags",
        about: About::Batches { parameter: "LoadBalancerNames", size: 20, within: None, sources: &[from("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions[].LoadBalancerName")] },
    },
    each("wafv2", "GetWebACLForResource", "ResourceArn", APPLICATION_BALANCERS),
    region("network-firewall", "ListFirewalls"),
    region("network-firewall", "ListFirewallPolicies"),
    region("network-firewall", "ListRuleGroups"),
    region("network-firewall", "ListVpcEndpointAssociations"),
    each("network-firewall", "DescribeFirewall", "FirewallArn", &[from("network-firewall", "ListFirewalls", "Firewalls[].FirewallArn")]),
    each("network-firewall", "DescribeVpcEndpointAssociation", "VpcEndpointAssociationArn", &[from("network-firewall", "ListVpcEndpointAssociations", "VpcEndpointAssociations[].VpcEndpointAssociationArn")]),
    each("network-firewall", "DescribeFirewallPolicy", "FirewallPolicyArn", FIREWALL_POLICIES),
    each("network-firewall", "DescribeRuleGroup", "RuleGroupArn", RULE_GROUPS),
    region("route53resolver", "ListFirewallRuleGroups"),
    region("route53resolver", "ListFirewallRuleGroupAssociations"),
    region("route53resolver", "ListFirewallDomainLists"),
    region("route53resolver", "ListFirewallConfigs"),
    region("route53resolver", "ListResolverConfigs"),
    each("route53resolver", "ListFirewallRules", "FirewallRuleGroupId", DNS_RULE_GROUPS),
    each("route53resolver", "ListFirewallDomains", "FirewallDomainListId", DOMAIN_LISTS),
    region("route53profiles", "ListProfiles"),
    region("route53profiles", "ListProfileAssociations"),
    each("route53profiles", "ListProfileResourceAssociations", "ProfileId", &[from("route53profiles", "ListProfiles", "ProfileSummaries[].Id"), from("route53profiles", "ListProfileAssociations", "ProfileAssociations[].ProfileId")]),
    region("directconnect", "DescribeVirtualInterfaces"),
    region("directconnect", "DescribeDirectConnectGateways"),
    each("directconnect", "DescribeDirectConnectGatewayAssociations", "directConnectGatewayId", DIRECT_CONNECT),
    each("directconnect", "DescribeDirectConnectGatewayAttachments", "directConnectGatewayId", DIRECT_CONNECT),
    region("vpc-lattice", "ListServiceNetworkVpcAssociations"),
    Call { service: "networkmanager", operation: "ListCoreNetworks", about: About::Account },
    region("rds", "DescribeDBInstances"),
    region("rds", "DescribeDBClusters"),
    region("rds", "DescribeDBProxies"),
    region("redshift", "DescribeClusters"),
    region("lambda", "ListFunctions"),
    region("eks", "ListClusters"),
    each("eks", "DescribeCluster", "name", &[from("eks", "ListClusters", "clusters[]")]),
    region("ecs", "ListClusters"),
    each("ecs", "ListTasks", "cluster", &[from("ecs", "ListClusters", "clusterArns[]")]),
    Call {
        service: "ecs",
        operation: "DescribeTasks",
        about: About::Batches { parameter: "tasks", size: 100, within: Some("cluster"), sources: &[from("ecs", "ListTasks", "taskArns[]")] },
    },
    region("efs", "DescribeFileSystems"),
    each("efs", "DescribeMountTargets", "FileSystemId", &[from("efs", "DescribeFileSystems", "FileSystems[].FileSystemId")]),
    region("opensearch", "ListDomainNames"),
    Call {
        service: "opensearch",
        operation: "DescribeDomains",
        about: About::Batches { parameter: "DomainNames", size: 5, within: None, sources: &[from("opensearch", "ListDomainNames", "DomainNames[].DomainName")] },
    },
    region("kafka", "ListClustersV2"),
    region("emr", "ListClusters"),
    region("resourcegroupstaggingapi", "GetResources"),
    region("resource-groups", "ListGroups"),
    each("resource-groups", "ListGroupResources", "Group", &[from("resource-groups", "ListGroups", "GroupIdentifiers[].GroupArn")]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_call_can_be_read_and_is_made_once() {
        let known: BTreeSet<_> = crate::operations().collect();
        let mut seen = BTreeSet::new();
        for call in CALLS {
            assert!(known.contains(&(call.service, call.operation)), "{call:?}");
            for source in call.about.sources() {
                assert!(
                    seen.contains(&(source.service, source.operation)),
                    "{call:?} stands before {source:?}"
                );
            }
            assert!(seen.insert((call.service, call.operation)), "{call:?} is there twice");
        }
        // These are asked for other ends: which accounts and Regions there are.
        let others =
            [("ec2", "DescribeRegions"), ("organizations", "ListAccounts"), ("sts", "GetCallerIdentity")];
        let unused: Vec<_> = known.iter().filter(|it| !seen.contains(*it) && !others.contains(*it)).collect();
        assert!(unused.is_empty(), "{unused:?}");
    }
}
