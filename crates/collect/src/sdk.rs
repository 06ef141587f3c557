//! The AWS SDK: credentials, signatures, retries, throttling. What AWS answers is taken from the wire.
//!
//! The SDK's types cannot be turned into the AWS CLI's JSON: they do not know the names of their members, and a member that is
//! absent may look like one that is `false`. So an interceptor keeps the body of the answer.

use std::{
    fmt,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_config::{
    AppName, BehaviorVersion, Region, SdkConfig, retry::RetryConfig,
    stalled_stream_protection::StalledStreamProtectionConfig, sts::AssumeRoleProvider,
    timeout::TimeoutConfig,
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::AfterDeserializationInterceptorContextRef},
        orchestrator::HttpResponse,
        result::SdkError,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{config_bag::ConfigBag, error::metadata::ProvideErrorMetadata};

use crate::manifest::Why;

/// What is asked for: a page of an answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) subjects: Vec<String>,
    pub(crate) attribute: Option<&'static str>,
    pub(crate) within: Option<String>,
    pub(crate) token: Option<String>,
}

impl Asked {
    fn subject(&self) -> Option<String> {
        self.subjects.first().cloned()
    }

    fn attribute(&self) -> Option<aws_sdk_ec2::types::VpcAttributeName> {
        self.attribute.map(Into::into)
    }

    fn within(&self) -> Option<String> {
        self.within.clone()
    }

    fn token(&self) -> Option<String> {
        self.token.clone()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) kind: Kind,
    pub(crate) code: Option<String>,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn failed(message: String) -> Self {
        Self { kind: Kind::Missing(Why::Failed), code: None, message }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{} ({code})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Which refusals are treated alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The subject is gone.
    Gone,
    /// Anything else.
    Missing(Why),
}

/// Where and as whom AWS is asked.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    config: SdkConfig,
}

/// How AWS is reached.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) profile: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) attempts: u32,
}

impl Access {
    /// The credentials and the Region that environment, profile, SSO or instance give.
    pub(crate) async fn new(settings: &Settings) -> Self {
        let retries = RetryConfig::adaptive()
            .with_max_attempts(settings.attempts)
            .with_max_backoff(Duration::from_secs(20));
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(120))
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .retry_config(retries)
            .timeout_config(timeouts)
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Ok(name) = AppName::new("netproof") {
            loader = loader.app_name(name);
        }
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &settings.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        Self { config: loader.load().await }
    }

    /// The Region it asks in, if one is known.
    pub(crate) fn region(&self) -> Option<String> {
        self.config.region().map(ToString::to_string)
    }

    /// The same in another Region.
    pub(crate) fn within(&self, region: &str) -> Self {
        let region = Region::new(region.to_owned());
        Self { config: self.config.to_builder().region(region).build() }
    }

    /// The same as a role.
    pub(crate) async fn assuming(&self, role: &str, external_id: Option<&str>) -> Self {
        let mut builder =
            AssumeRoleProvider::builder(role).configure(&self.config).session_name("netproof-collect");
        if let Some(id) = external_id {
            builder = builder.external_id(id);
        }
        let provider = builder.build().await;
        let provider = aws_credential_types::provider::SharedCredentialsProvider::new(provider);
        let config = self.config.to_builder().credentials_provider(provider);
        // The credentials of one identity must not be taken for those of another.
        let cache = aws_config::identity::IdentityCache::lazy().build();
        Self { config: config.identity_cache(cache).build() }
    }

    /// Asks for a page; returns the body of the answer.
    pub(crate) async fn ask(
        &self,
        service: &str,
        operation: &str,
        asked: &Asked,
    ) -> Result<Vec<u8>, Refusal> {
        macro_rules! ask {
            ($krate:ident.$method:ident() $(.$set:ident($($value:tt)*))*) => {{
                let kept = Kept::default();
                let request = $krate::Client::new(&self.config).$method()$(.$set($($value)*))*;
                let sent = request.customize().interceptor(kept.clone()).send();
                Box::pin(finish(sent, kept)).await
            }};
        }
        match (service, operation) {
            ("directconnect", "DescribeDirectConnectGatewayAssociations") => ask!(
                aws_sdk_directconnect
                    .describe_direct_connect_gateway_associations()
                    .set_direct_connect_gateway_id(asked.subject())
                    .set_next_token(asked.token())
            ),
            ("directconnect", "DescribeDirectConnectGatewayAttachments") => ask!(
                aws_sdk_directconnect
                    .describe_direct_connect_gateway_attachments()
                    .set_direct_connect_gateway_id(asked.subject())
                    .set_next_token(asked.token())
            ),
            ("directconnect", "DescribeDirectConnectGateways") => {
                ask!(aws_sdk_directconnect.describe_direct_connect_gateways().set_next_token(asked.token()))
            }
            ("directconnect", "DescribeVirtualInterfaces") => {
                ask!(aws_sdk_directconnect.describe_virtual_interfaces().set_next_token(asked.token()))
            }
            ("ec2", "DescribeAddresses") => ask!(aws_sdk_ec2.describe_addresses()),
            ("ec2", "DescribeAvailabilityZones") => ask!(aws_sdk_ec2.describe_availability_zones()),
            ("ec2", "DescribeCarrierGateways") => {
                ask!(aws_sdk_ec2.describe_carrier_gateways().set_next_token(asked.token()))
            }
            ("ec2", "DescribeClientVpnEndpoints") => {
                ask!(aws_sdk_ec2.describe_client_vpn_endpoints().set_next_token(asked.token()))
            }
            ("ec2", "DescribeClientVpnTargetNetworks") => ask!(
                aws_sdk_ec2
                    .describe_client_vpn_target_networks()
                    .set_client_vpn_endpoint_id(asked.subject())
                    .set_next_token(asked.token())
            ),
            ("ec2", "DescribeCustomerGateways") => ask!(aws_sdk_ec2.describe_customer_gateways()),
            ("ec2", "DescribeDhcpOptions") => {
                ask!(aws_sdk_ec2.describe_dhcp_options().set_next_token(asked.token()))
            }
            ("ec2", "DescribeEgressOnlyInternetGateways") => {
                ask!(aws_sdk_ec2.describe_egress_only_internet_gateways().set_next_token(asked.token()))
            }
            ("ec2", "DescribeInstanceConnectEndpoints") => {
                ask!(aws_sdk_ec2.describe_instance_connect_endpoints().set_next_token(asked.token()))
            }
            ("ec2", "DescribeInstances") => {
                ask!(aws_sdk_ec2.describe_instances().set_next_token(asked.token()))
            }
            ("ec2", "DescribeInternetGateways") => {
                ask!(aws_sdk_ec2.describe_internet_gateways().set_next_token(asked.token()))
            }
            ("ec2", "DescribeLocalGatewayRouteTables") => {
                ask!(aws_sdk_ec2.describe_local_gateway_route_tables().set_next_token(asked.token()))
            }
            ("ec2", "DescribeLocalGateways") => {
                ask!(aws_sdk_ec2.describe_local_gateways().set_next_token(asked.token()))
            }
            ("ec2", "DescribeManagedPrefixLists") => {
                ask!(aws_sdk_ec2.describe_managed_prefix_lists().set_next_token(asked.token()))
            }
            ("ec2", "DescribeNatGateways") => {
                ask!(aws_sdk_ec2.describe_nat_gateways().set_next_token(asked.token()))
            }
            ("ec2", "DescribeNetworkAcls") => {
                ask!(aws_sdk_ec2.describe_network_acls().set_next_token(asked.token()))
            }
            ("ec2", "DescribeNetworkInterfaces") => {
                ask!(aws_sdk_ec2.describe_network_interfaces().set_next_token(asked.token()))
            }
            ("ec2", "DescribePrefixLists") => {
                ask!(aws_sdk_ec2.describe_prefix_lists().set_next_token(asked.token()))
            }
            ("ec2", "DescribeRegions") => ask!(aws_sdk_ec2.describe_regions()),
            ("ec2", "DescribeRouteServers") => {
                ask!(aws_sdk_ec2.describe_route_servers().set_next_token(asked.token()))
            }
            ("ec2", "DescribeRouteTables") => {
                ask!(aws_sdk_ec2.describe_route_tables().set_next_token(asked.token()))
            }
            ("ec2", "DescribeSecurityGroupRules") => {
                ask!(aws_sdk_ec2.describe_security_group_rules().set_next_token(asked.token()))
            }
            ("ec2", "DescribeSecurityGroupVpcAssociations") => {
                ask!(aws_sdk_ec2.describe_security_group_vpc_associations().set_next_token(asked.token()))
            }
            ("ec2", "DescribeSecurityGroups") => {
                ask!(aws_sdk_ec2.describe_security_groups().set_next_token(asked.token()))
            }
            ("ec2", "DescribeSubnets") => ask!(aws_sdk_ec2.describe_subnets().set_next_token(asked.token())),
            ("ec2", "DescribeTransitGatewayAttachments") => {
                ask!(aws_sdk_ec2.describe_transit_gateway_attachments().set_next_token(asked.token()))
            }
            ("ec2", "DescribeTransitGatewayConnectPeers") => {
                ask!(aws_sdk_ec2.describe_transit_gateway_connect_peers().set_next_token(asked.token()))
            }
            ("ec2", "DescribeTransitGatewayConnects") => {
                ask!(aws_sdk_ec2.describe_transit_gateway_connects().set_next_token(asked.token()))
            }
            ("ec2", "DescribeTransitGatewayMulticastDomains") => {
                ask!(aws_sdk_ec2.describe_transit_gateway_multicast_domains().set_next_token(asked.token()))
            }
            ("ec2", "DescribeTransitGatewayPeeringAttachments") => {
                ask!(aws_sdk_ec2.describe_transit_gateway_peering_attachments().set_next_token(asked.token()))
            }
            ("ec2", "DescribeTransitGatewayPolicyTables") => {
                ask!(aws_sdk_ec2.describe_transit_gateway_policy_tables().set_next_token(asked.token()))
            }
            ("ec2", "DescribeTransitGatewayRouteTables") => {
                ask!(aws_sdk_ec2.describe_transit_gateway_route_tables().set_next_token(asked.token()))
            }
            ("ec2", "DescribeTransitGatewayVpcAttachments") => {
                ask!(aws_sdk_ec2.describe_transit_gateway_vpc_attachments().set_next_token(asked.token()))
            }
            ("ec2", "DescribeTransitGateways") => {
                ask!(aws_sdk_ec2.describe_transit_gateways().set_next_token(asked.token()))
            }
            ("ec2", "DescribeVerifiedAccessEndpoints") => {
                ask!(aws_sdk_ec2.describe_verified_access_endpoints().set_next_token(asked.token()))
            }
            ("ec2", "DescribeVpcAttribute") => ask!(
                aws_sdk_ec2
                    .describe_vpc_attribute()
                    .set_vpc_id(asked.subject())
                    .set_attribute(asked.attribute())
            ),
            ("ec2", "DescribeVpcBlockPublicAccessExclusions") => {
                ask!(aws_sdk_ec2.describe_vpc_block_public_access_exclusions().set_next_token(asked.token()))
            }
            ("ec2", "DescribeVpcBlockPublicAccessOptions") => {
                ask!(aws_sdk_ec2.describe_vpc_block_public_access_options())
            }
            ("ec2", "DescribeVpcEndpointConnections") => {
                ask!(aws_sdk_ec2.describe_vpc_endpoint_connections().set_next_token(asked.token()))
            }
            ("ec2", "DescribeVpcEndpointServiceConfigurations") => {
                ask!(aws_sdk_ec2.describe_vpc_endpoint_service_configurations().set_next_token(asked.token()))
            }
            ("ec2", "DescribeVpcEndpoints") => {
                ask!(aws_sdk_ec2.describe_vpc_endpoints().set_next_token(asked.token()))
            }
            ("ec2", "DescribeVpcPeeringConnections") => {
                ask!(aws_sdk_ec2.describe_vpc_peering_connections().set_next_token(asked.token()))
            }
            ("ec2", "DescribeVpcs") => ask!(aws_sdk_ec2.describe_vpcs().set_next_token(asked.token())),
            ("ec2", "DescribeVpnConnections") => ask!(aws_sdk_ec2.describe_vpn_connections()),
            ("ec2", "DescribeVpnGateways") => ask!(aws_sdk_ec2.describe_vpn_gateways()),
            ("ec2", "GetManagedPrefixListEntries") => ask!(
                aws_sdk_ec2
                    .get_managed_prefix_list_entries()
                    .set_prefix_list_id(asked.subject())
                    .set_next_token(asked.token())
            ),
            ("ec2", "GetTransitGatewayMulticastDomainAssociations") => ask!(
                aws_sdk_ec2
                    .get_transit_gateway_multicast_domain_associations()
                    .set_transit_gateway_multicast_domain_id(asked.subject())
                    .set_next_token(asked.token())
            ),
            ("ec2", "GetTransitGatewayPolicyTableAssociations") => ask!(
                aws_sdk_ec2
                    .get_transit_gateway_policy_table_associations()
                    .set_transit_gateway_policy_table_id(asked.subject())
                    .set_next_token(asked.token())
            ),
            ("ec2", "GetTransitGatewayPolicyTableEntries") => ask!(
                aws_sdk_ec2
                    .get_transit_gateway_policy_table_entries()
                    .set_transit_gateway_policy_table_id(asked.subject())
                    .set_next_token(asked.token())
            ),
            ("ec2", "GetTransitGatewayPrefixListReferences") => ask!(
                aws_sdk_ec2
                    .get_transit_gateway_prefix_list_references()
                    .set_transit_gateway_route_table_id(asked.subject())
                    .set_next_token(asked.token())
            ),
            ("ec2", "GetTransitGatewayRouteTableAssociations") => ask!(
                aws_sdk_ec2
                    .get_transit_gateway_route_table_associations()
                    .set_transit_gateway_route_table_id(asked.subject())
                    .set_next_token(asked.token())
            ),
            ("ec2", "GetTransitGatewayRouteTablePropagations") => ask!(
                aws_sdk_ec2
                    .get_transit_gateway_route_table_propagations()
                    .set_transit_gateway_route_table_id(asked.subject())
                    .set_next_token(asked.token())
            ),
            ("ec2", "SearchTransitGatewayRoutes") => ask!(
                aws_sdk_ec2
                    .search_transit_gateway_routes()
                    .set_transit_gateway_route_table_id(asked.subject())
                    .filters(states())
                    .set_next_token(asked.token())
            ),
            ("ecs", "DescribeTasks") => {
                ask!(
                    aws_sdk_ecs
                        .describe_tasks()
                        .set_tasks(Some(asked.subjects.clone()))
                        .set_cluster(asked.within())
                )
            }
            ("ecs", "ListClusters") => ask!(aws_sdk_ecs.list_clusters().set_next_token(asked.token())),
            ("ecs", "ListTasks") => {
                ask!(aws_sdk_ecs.list_tasks().set_cluster(asked.subject()).set_next_token(asked.token()))
            }
            ("efs", "DescribeFileSystems") => {
                ask!(aws_sdk_efs.describe_file_systems().set_marker(asked.token()))
            }
            ("efs", "DescribeMountTargets") => ask!(
                aws_sdk_efs
                    .describe_mount_targets()
                    .set_file_system_id(asked.subject())
                    .set_marker(asked.token())
            ),
            ("eks", "DescribeCluster") => ask!(aws_sdk_eks.describe_cluster().set_name(asked.subject())),
            ("eks", "ListClusters") => ask!(aws_sdk_eks.list_clusters().set_next_token(asked.token())),
            ("elb", "DescribeLoadBalancerAttributes") => ask!(
                aws_sdk_elasticloadbalancing
                    .describe_load_balancer_attributes()
                    .set_load_balancer_name(asked.subject())
            ),
            ("elb", "DescribeLoadBalancers") => {
                ask!(aws_sdk_elasticloadbalancing.describe_load_balancers().set_marker(asked.token()))
            }
            ("elb", "DescribeTags") => {
                ask!(
                    aws_sdk_elasticloadbalancing
                        .describe_tags()
                        .set_load_balancer_names(Some(asked.subjects.clone()))
                )
            }
            ("elbv2", "DescribeListeners") => ask!(
                aws_sdk_elasticloadbalancingv2
                    .describe_listeners()
                    .set_load_balancer_arn(asked.subject())
                    .set_marker(asked.token())
            ),
            ("elbv2", "DescribeLoadBalancerAttributes") => ask!(
                aws_sdk_elasticloadbalancingv2
                    .describe_load_balancer_attributes()
                    .set_load_balancer_arn(asked.subject())
            ),
            ("elbv2", "DescribeLoadBalancers") => {
                ask!(aws_sdk_elasticloadbalancingv2.describe_load_balancers().set_marker(asked.token()))
            }
            ("elbv2", "DescribeRules") => ask!(
                aws_sdk_elasticloadbalancingv2
                    .describe_rules()
                    .set_listener_arn(asked.subject())
                    .set_marker(asked.token())
            ),
            ("elbv2", "DescribeTags") => {
                ask!(
                    aws_sdk_elasticloadbalancingv2
                        .describe_tags()
                        .set_resource_arns(Some(asked.subjects.clone()))
                )
            }
            ("elbv2", "DescribeTargetGroupAttributes") => ask!(
                aws_sdk_elasticloadbalancingv2
                    .describe_target_group_attributes()
                    .set_target_group_arn(asked.subject())
            ),
            ("elbv2", "DescribeTargetGroups") => {
                ask!(aws_sdk_elasticloadbalancingv2.describe_target_groups().set_marker(asked.token()))
            }
            ("elbv2", "DescribeTargetHealth") => ask!(
                aws_sdk_elasticloadbalancingv2.describe_target_health().set_target_group_arn(asked.subject())
            ),
            ("emr", "ListClusters") => ask!(aws_sdk_emr.list_clusters().set_marker(asked.token())),
            ("kafka", "ListClustersV2") => {
                ask!(aws_sdk_kafka.list_clusters_v2().set_next_token(asked.token()))
            }
            ("lambda", "ListFunctions") => ask!(aws_sdk_lambda.list_functions().set_marker(asked.token())),
            ("network-firewall", "DescribeFirewall") => {
                ask!(aws_sdk_networkfirewall.describe_firewall().set_firewall_arn(asked.subject()))
            }
            ("network-firewall", "DescribeFirewallPolicy") => ask!(
                aws_sdk_networkfirewall.describe_firewall_policy().set_firewall_policy_arn(asked.subject())
            ),
            ("network-firewall", "DescribeRuleGroup") => {
                ask!(aws_sdk_networkfirewall.describe_rule_group().set_rule_group_arn(asked.subject()))
            }
            ("network-firewall", "DescribeVpcEndpointAssociation") => ask!(
                aws_sdk_networkfirewall
                    .describe_vpc_endpoint_association()
                    .set_vpc_endpoint_association_arn(asked.subject())
            ),
            ("network-firewall", "ListFirewallPolicies") => {
                ask!(aws_sdk_networkfirewall.list_firewall_policies().set_next_token(asked.token()))
            }
            ("network-firewall", "ListFirewalls") => {
                ask!(aws_sdk_networkfirewall.list_firewalls().set_next_token(asked.token()))
            }
            ("network-firewall", "ListRuleGroups") => {
                ask!(aws_sdk_networkfirewall.list_rule_groups().set_next_token(asked.token()))
            }
            ("network-firewall", "ListVpcEndpointAssociations") => {
                ask!(aws_sdk_networkfirewall.list_vpc_endpoint_associations().set_next_token(asked.token()))
            }
            ("networkmanager", "ListCoreNetworks") => {
                ask!(aws_sdk_networkmanager.list_core_networks().set_next_token(asked.token()))
            }
            ("opensearch", "DescribeDomains") => {
                ask!(aws_sdk_opensearch.describe_domains().set_domain_names(Some(asked.subjects.clone())))
            }
            ("opensearch", "ListDomainNames") => ask!(aws_sdk_opensearch.list_domain_names()),
            ("organizations", "ListAccounts") => {
                ask!(aws_sdk_organizations.list_accounts().set_next_token(asked.token()))
            }
            ("rds", "DescribeDBClusters") => {
                ask!(aws_sdk_rds.describe_db_clusters().set_marker(asked.token()))
            }
            ("rds", "DescribeDBInstances") => {
                ask!(aws_sdk_rds.describe_db_instances().set_marker(asked.token()))
            }
            ("rds", "DescribeDBProxies") => ask!(aws_sdk_rds.describe_db_proxies().set_marker(asked.token())),
            ("redshift", "DescribeClusters") => {
                ask!(aws_sdk_redshift.describe_clusters().set_marker(asked.token()))
            }
            ("resource-groups", "ListGroupResources") => ask!(
                aws_sdk_resourcegroups
                    .list_group_resources()
                    .set_group(asked.subject())
                    .set_next_token(asked.token())
            ),
            ("resource-groups", "ListGroups") => {
                ask!(aws_sdk_resourcegroups.list_groups().set_next_token(asked.token()))
            }
            ("resourcegroupstaggingapi", "GetResources") => {
                ask!(aws_sdk_resourcegroupstagging.get_resources().set_pagination_token(asked.token()))
            }
            ("route53profiles", "ListProfileAssociations") => {
                ask!(aws_sdk_route53profiles.list_profile_associations().set_next_token(asked.token()))
            }
            ("route53profiles", "ListProfileResourceAssociations") => ask!(
                aws_sdk_route53profiles
                    .list_profile_resource_associations()
                    .set_profile_id(asked.subject())
                    .set_next_token(asked.token())
            ),
            ("route53profiles", "ListProfiles") => {
                ask!(aws_sdk_route53profiles.list_profiles().set_next_token(asked.token()))
            }
            ("route53resolver", "ListFirewallConfigs") => {
                ask!(aws_sdk_route53resolver.list_firewall_configs().set_next_token(asked.token()))
            }
            ("route53resolver", "ListFirewallDomainLists") => {
                ask!(aws_sdk_route53resolver.list_firewall_domain_lists().set_next_token(asked.token()))
            }
            ("route53resolver", "ListFirewallDomains") => ask!(
                aws_sdk_route53resolver
                    .list_firewall_domains()
                    .set_firewall_domain_list_id(asked.subject())
                    .set_next_token(asked.token())
            ),
            ("route53resolver", "ListFirewallRuleGroupAssociations") => ask!(
                aws_sdk_route53resolver.list_firewall_rule_group_associations().set_next_token(asked.token())
            ),
            ("route53resolver", "ListFirewallRuleGroups") => {
                ask!(aws_sdk_route53resolver.list_firewall_rule_groups().set_next_token(asked.token()))
            }
            ("route53resolver", "ListFirewallRules") => ask!(
                aws_sdk_route53resolver
                    .list_firewall_rules()
                    .set_firewall_rule_group_id(asked.subject())
                    .set_next_token(asked.token())
            ),
            ("route53resolver", "ListResolverConfigs") => {
                ask!(aws_sdk_route53resolver.list_resolver_configs().set_next_token(asked.token()))
            }
            ("sts", "GetCallerIdentity") => ask!(aws_sdk_sts.get_caller_identity()),
            ("vpc-lattice", "ListServiceNetworkVpcAssociations") => {
                ask!(aws_sdk_vpclattice.list_service_network_vpc_associations().set_next_token(asked.token()))
            }
            ("wafv2", "GetWebACLForResource") => {
                ask!(aws_sdk_wafv2.get_web_acl_for_resource().set_resource_arn(asked.subject()))
            }
            _ => Err(Refusal::failed(format!("`{service}` `{operation}` is none of the calls"))),
        }
    }
}

/// Only routes that are or were in force; one of the filters has to be given.
fn states() -> aws_sdk_ec2::types::Filter {
    aws_sdk_ec2::types::Filter::builder().name("state").values("active").values("blackhole").build()
}

/// Keeps the body of the last answer.
#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Option<Vec<u8>>>>);

impl Intercept for Kept {
    fn name(&self) -> &'static str {
        "KeepBody"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let body = response.body().bytes().filter(|_| response.status().is_success()).map(<[u8]>::to_vec);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = body;
        Ok(())
    }
}

async fn finish<T, E>(
    sent: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    kept: Kept,
) -> Result<Vec<u8>, Refusal>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let result = sent.await;
    let body = kept.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (result, body) {
        // Whether a body that came with success is an answer is for `read` to say, not for the SDK: AWS may be newer than it.
        (Ok(_), Some(body)) => Ok(body),
        (Err(SdkError::ServiceError(error)), Some(body)) if error.raw().status().is_success() => Ok(body),
        (Err(SdkError::ResponseError(error)), Some(body)) if error.raw().status().is_success() => Ok(body),
        (Ok(_), None) => Err(Refusal::failed("there was no body in the answer".to_owned())),
        (Err(error), _) => Err(refusal(&error)),
    }
}

/// What an error means, by its code.
///
/// SOURCE: EC2 API, "Error codes for the Amazon EC2 API"; "Common errors" of the other services (checked 2026-11-27).
/// GAP: services do not agree on the code for a Region or an account in which they cannot be used; what is not named here is a
/// failure, which says more than needed, never less.
fn refusal<E>(error: &SdkError<E, HttpResponse>) -> Refusal
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let code = error.code().map(str::to_owned);
    let kind = match code.as_deref() {
        Some(
            "AccessDenied"
            | "AccessDeniedException"
            | "UnauthorizedOperation"
            | "UnauthorizedAccess"
            | "AuthFailure"
            | "NotAuthorized"
            | "NotAuthorizedException"
            | "AuthorizationError"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "SignatureDoesNotMatch"
            | "WAFAccessDeniedException",
        ) => Kind::Missing(Why::Denied),
        Some(
            "OptInRequired"
            | "SubscriptionRequiredException"
            | "UnsupportedOperation"
            | "UnknownOperationException"
            | "InvalidAction"
            | "NotSignedUp"
            | "Blocked"
            | "Unsupported",
        ) => Kind::Missing(Why::Unavailable),
        Some(code) if is_gone(code) => Kind::Gone,
        Some(_) | None => Kind::Missing(Why::Failed),
    };
    let message = match (error.message(), error) {
        (Some(message), _) => message.to_owned(),
        (None, SdkError::ServiceError(answer)) => {
            let status = answer.raw().status();
            format!("AWS answered with HTTP status {status} and no reason")
        }
        (None, _) => causes(error),
    };
    Refusal { kind, code, message }
}

fn is_gone(code: &str) -> bool {
    const ENDINGS: [&str; 5] =
        [".NotFound", "NotFound", "NotFoundException", "NotFoundFault", "WAFNonexistentItemException"];
    ENDINGS.iter().any(|ending| code.ends_with(ending))
}

/// An error and what led to it, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
