//! The kinds of resources that `Resources` can hold, and how their ids and ARNs look.
//!
//! SOURCE: Network Access Analyzer guide, how it works: resource table; Service Authorization Reference
//! for the ARN patterns, of which those of NAT gateways and endpoint services were read and the others
//! follow their resource's name (checked 2026-11-23).
//! GAP: how AWS spells a network firewall's id is not documented; the firewall's UUID is taken.
use super::resource::Position;

/// A kind of resource that `Resources` can hold.
pub(super) struct Nameable {
    /// With its article.
    pub(super) plain: &'static str,
    /// `None` for a resource group.
    pub(super) cloudformation: Option<&'static str>,
    /// Empty: ARN only.
    pub(super) id_prefix: &'static str,
    pub(super) service: &'static str,
    /// What the part of the ARN behind the account begins with.
    pub(super) resource_prefix: &'static str,
    pub(super) allowed: &'static [Position],
}

const ENDS: &[Position] = &[Position::Source, Position::Destination];
const MIDDLE: &[Position] = &[Position::Through];
const ANYWHERE: &[Position] = &[Position::Source, Position::Destination, Position::Through];

const fn nameable(
    plain: &'static str,
    cloudformation: &'static str,
    id_prefix: &'static str,
    (service, resource_prefix): (&'static str, &'static str),
    allowed: &'static [Position],
) -> Nameable {
    Nameable { plain, cloudformation: Some(cloudformation), id_prefix, service, resource_prefix, allowed }
}

/// INVARIANT: where one prefix begins with another, the longer one comes first (`vpce-svc-`, `vpce-`).
const NAMEABLE: &[Nameable] = &[
    nameable("an instance", "AWS::EC2::Instance", "i-", ("ec2", "instance/"), ENDS),
    nameable("an internet gateway", "AWS::EC2::InternetGateway", "igw-", ("ec2", "internet-gateway/"), ENDS),
    nameable("a NAT gateway", "AWS::EC2::NatGateway", "nat-", ("ec2", "natgateway/"), MIDDLE),
    nameable(
        "a network interface",
        "AWS::EC2::NetworkInterface",
        "eni-",
        ("ec2", "network-interface/"),
        ENDS,
    ),
    nameable("a security group", "AWS::EC2::SecurityGroup", "sg-", ("ec2", "security-group/"), ENDS),
    nameable("a subnet", "AWS::EC2::Subnet", "subnet-", ("ec2", "subnet/"), ENDS),
    nameable(
        "a transit gateway attachment",
        "AWS::EC2::TransitGatewayAttachment",
        "tgw-attach-",
        ("ec2", "transit-gateway-attachment/"),
        ANYWHERE,
    ),
    nameable("a VPC", "AWS::EC2::VPC", "vpc-", ("ec2", "vpc/"), ENDS),
    nameable("a virtual private gateway", "AWS::EC2::VPNGateway", "vgw-", ("ec2", "vpn-gateway/"), ENDS),
    nameable(
        "a VPC endpoint service",
        "AWS::EC2::VPCEndpointService",
        "vpce-svc-",
        ("ec2", "vpc-endpoint-service/"),
        ANYWHERE,
    ),
    nameable("a VPC endpoint", "AWS::EC2::VPCEndpoint", "vpce-", ("ec2", "vpc-endpoint/"), ANYWHERE),
    nameable(
        "a VPC peering connection",
        "AWS::EC2::VPCPeeringConnection",
        "pcx-",
        ("ec2", "vpc-peering-connection/"),
        ANYWHERE,
    ),
    nameable(
        "a network firewall",
        "AWS::NetworkFirewall::Firewall",
        "",
        ("network-firewall", "firewall/"),
        MIDDLE,
    ),
    nameable("a load balancer", LOAD_BALANCER, "", ("elasticloadbalancing", "loadbalancer/app/"), MIDDLE),
    nameable("a load balancer", LOAD_BALANCER, "", ("elasticloadbalancing", "loadbalancer/net/"), MIDDLE),
    nameable("a load balancer", LOAD_BALANCER, "", ("elasticloadbalancing", "loadbalancer/gwy/"), MIDDLE),
    nameable(
        "a Classic Load Balancer",
        "AWS::ElasticLoadBalancing::LoadBalancer",
        "",
        ("elasticloadbalancing", "loadbalancer/"),
        MIDDLE,
    ),
    Nameable {
        plain: "a resource group",
        cloudformation: None,
        id_prefix: "",
        service: "resource-groups",
        resource_prefix: "group/",
        allowed: ANYWHERE,
    },
];
const LOAD_BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";

impl Nameable {
    pub(super) fn of(text: &str) -> Option<&'static Nameable> {
        if text.starts_with("arn:") {
            let arn = Arn::parse(text)?;
            NAMEABLE.iter().find(|nameable| {
                arn.service == nameable.service
                    && arn
                        .resource
                        .strip_prefix(nameable.resource_prefix)
                        .is_some_and(|rest| !rest.is_empty())
            })
        } else if is_uuid(text) {
            // The only resource of the table whose id is a UUID.
            NAMEABLE.iter().find(|nameable| nameable.service == "network-firewall")
        } else {
            NAMEABLE.iter().find(|nameable| {
                !nameable.id_prefix.is_empty()
                    && text.strip_prefix(nameable.id_prefix).is_some_and(|rest| !rest.is_empty())
            })
        }
    }
}

pub(super) struct Arn<'t> {
    pub(super) partition: &'t str,
    pub(super) service: &'t str,
    pub(super) region: &'t str,
    pub(super) account: &'t str,
    pub(super) resource: &'t str,
}

impl<'t> Arn<'t> {
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let ("arn", partition, service) = (parts.next()?, parts.next()?, parts.next()?) else { return None };
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        (partition.starts_with("aws") && !service.is_empty() && !resource.is_empty()).then_some(Arn {
            partition,
            service,
            region,
            account,
            resource,
        })
    }
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}
