//! Which resources a scope can name, by id, by ARN and by type, and at which end of a path.
//!
//! SOURCE: Network Access Analyzer guide, how it works: resource table; types
//! `AWS::EC2::Instance` and `AWS::EC2::NetworkInterface` are missing there, but AWS CLI reference and
//! aws-samples use them; the firewall has one spelling in the table and another in the worked
//! example (checked 2026-11-23).
use super::advice::{help_for_name, help_for_type};
use super::nameable::{Arn, Nameable};
use super::narrowing::{TagFilter, WebAcls};
use super::reader::{At, Reader, listed};
use super::remark::quoted;
use super::vocabulary;

/// A part of a path that a condition can speak about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    Source,
    Destination,
    Through,
}

impl Position {
    pub(super) fn member(self) -> &'static str {
        match self {
            Position::Source => "Source",
            Position::Destination => "Destination",
            Position::Through => "ThroughResources",
        }
    }
}

/// Which resources one place of a path may be: those of one of AWS's two lists, narrowed by netproof's own members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceCondition {
    /// Exactly one of AWS's lists; neither only where the others narrow it.
    pub which: Which,
    /// Tags that all must be there. An extension of netproof.
    pub tags: Vec<TagFilter>,
    /// Only load balancers that can have a web ACL, and have one or not. An extension of netproof.
    pub web_acls: Option<WebAcls>,
}

/// AWS's way of selecting resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Any resource that can stand there.
    Any,
    /// Any of these, by id or ARN. A subnet, security group, VPC, instance or resource group stands for
    /// what is in it. Not empty.
    Resources(Vec<ResourceName>),
    /// Any resource of any of these types. Not empty.
    Types(Vec<ResourceType>),
}

impl ResourceCondition {
    pub(super) fn placeless(mut self) -> Self {
        if let Which::Resources(names) = &mut self.which {
            for name in names {
                name.pointer.clear();
            }
        }
        self
    }
}

/// One entry of `Resources`. Whether such a resource exists is not known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceName {
    /// The entry as written.
    pub text: String,
    pub kind: ResourceNameKind,
    /// JSON pointer to the entry, for remarks about resources that are not in the snapshot.
    pub pointer: String,
}

/// How a resource is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceNameKind {
    Id,
    Arn {
        partition: String,
        service: String,
        region: String,
        account: String,
        /// What follows the account, such as `vpc/vpc-1`.
        resource: String,
    },
    /// ARN of a resource group, which stands for its members.
    ResourceGroupArn {
        partition: String,
        region: String,
        account: String,
        /// The group's name, without `group/`.
        group: String,
    },
}

impl ResourceName {
    /// Returns the CloudFormation type of what the id or ARN names; `None` for a resource group.
    pub fn cloudformation_type(&self) -> Option<&'static str> {
        Nameable::of(&self.text).and_then(|nameable| nameable.cloudformation)
    }
}

/// One entry of `ResourceTypes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceType {
    Instance,
    InternetGateway,
    NatGateway,
    /// The network firewall, as AWS's worked example and CloudFormation spell it.
    Firewall,
    /// The network firewall, as AWS's table spells it.
    NetworkFirewall,
    NetworkInterface,
    TransitGatewayAttachment,
    VpnGateway,
    VpcEndpointService,
    VpcEndpoint,
    VpcPeeringConnection,
    ClassicLoadBalancer,
    /// Application, Network and Gateway Load Balancers.
    LoadBalancer,
}

impl ResourceType {
    /// Every type, in AWS's order where it has one.
    pub const ALL: [ResourceType; 13] = [
        ResourceType::Instance,
        ResourceType::InternetGateway,
        ResourceType::NatGateway,
        ResourceType::Firewall,
        ResourceType::NetworkFirewall,
        ResourceType::NetworkInterface,
        ResourceType::TransitGatewayAttachment,
        ResourceType::VpnGateway,
        ResourceType::VpcEndpointService,
        ResourceType::VpcEndpoint,
        ResourceType::VpcPeeringConnection,
        ResourceType::ClassicLoadBalancer,
        ResourceType::LoadBalancer,
    ];

    /// Returns the type as it is written in a scope.
    pub fn written_name(self) -> &'static str {
        match self {
            ResourceType::NetworkFirewall => "AWS::NetworkFirewall::NetworkFirewall",
            other => other.cloudformation_name(),
        }
    }

    /// Returns the name of the resource type in CloudFormation, one for both spellings of the firewall.
    pub fn cloudformation_name(self) -> &'static str {
        match self {
            ResourceType::Instance => "AWS::EC2::Instance",
            ResourceType::InternetGateway => "AWS::EC2::InternetGateway",
            ResourceType::NatGateway => "AWS::EC2::NatGateway",
            ResourceType::Firewall | ResourceType::NetworkFirewall => "AWS::NetworkFirewall::Firewall",
            ResourceType::NetworkInterface => "AWS::EC2::NetworkInterface",
            ResourceType::TransitGatewayAttachment => "AWS::EC2::TransitGatewayAttachment",
            ResourceType::VpnGateway => "AWS::EC2::VPNGateway",
            ResourceType::VpcEndpointService => "AWS::EC2::VPCEndpointService",
            ResourceType::VpcEndpoint => "AWS::EC2::VPCEndpoint",
            ResourceType::VpcPeeringConnection => "AWS::EC2::VPCPeeringConnection",
            ResourceType::ClassicLoadBalancer => "AWS::ElasticLoadBalancing::LoadBalancer",
            ResourceType::LoadBalancer => "AWS::ElasticLoadBalancingV2::LoadBalancer",
        }
    }

    /// Returns the type in plain words.
    pub fn plain_name(self) -> &'static str {
        match self {
            ResourceType::Instance => "instance",
            ResourceType::InternetGateway => "internet gateway",
            ResourceType::NatGateway => "NAT gateway",
            ResourceType::Firewall | ResourceType::NetworkFirewall => "network firewall",
            ResourceType::NetworkInterface => "network interface",
            ResourceType::TransitGatewayAttachment => "transit gateway attachment",
            ResourceType::VpnGateway => "virtual private gateway",
            ResourceType::VpcEndpointService => "VPC endpoint service",
            ResourceType::VpcEndpoint => "VPC endpoint",
            ResourceType::VpcPeeringConnection => "VPC peering connection",
            ResourceType::ClassicLoadBalancer => "Classic Load Balancer",
            ResourceType::LoadBalancer => "Application, Network or Gateway Load Balancer",
        }
    }

    /// Returns whether AWS allows the type at that place of a path.
    pub fn allowed_in(self, position: Position) -> bool {
        match self {
            ResourceType::Instance
            | ResourceType::InternetGateway
            | ResourceType::NetworkInterface
            | ResourceType::VpnGateway => position != Position::Through,
            ResourceType::NatGateway
            | ResourceType::Firewall
            | ResourceType::NetworkFirewall
            | ResourceType::ClassicLoadBalancer
            | ResourceType::LoadBalancer => position == Position::Through,
            ResourceType::TransitGatewayAttachment
            | ResourceType::VpcEndpointService
            | ResourceType::VpcPeeringConnection => true,
            ResourceType::VpcEndpoint => position != Position::Source,
        }
    }

    fn parse(text: &str) -> Option<ResourceType> {
        ResourceType::ALL.into_iter().find(|candidate| candidate.written_name() == text)
    }
}

impl Reader {
    /// Reads a `ResourceStatement` that stands at that place of a path.
    pub(super) fn resource_condition(
        &mut self,
        at: &At<'_>,
        position: Position,
    ) -> Option<ResourceCondition> {
        let statement = self.object(at, "a resource statement", vocabulary::RESOURCES)?;
        let problems = self.problems.len();
        let names = statement
            .get("Resources")
            .and_then(|list| self.filled_list(&list, "a list of resource ids or ARNs"));
        let types = statement
            .get("ResourceTypes")
            .and_then(|list| self.filled_list(&list, "a list of resource types"));
        let tags = self.tag_filters(&statement);
        let web_acls = self.web_acls(&statement);
        let narrowed = !tags.is_empty() || web_acls.is_some();
        let which = match (names, types) {
            (Some(names), None) => {
                Which::Resources(names.iter().filter_map(|name| self.resource_name(name, position)).collect())
            }
            (None, Some(types)) => {
                Which::Types(types.iter().filter_map(|entry| self.resource_type(entry, position)).collect())
            }
            (None, None) if narrowed => Which::Any,
            (Some(_), Some(_)) => {
                self.problem(
                    at,
                    "`Resources` and `ResourceTypes` stand together, but a resource statement takes one \
                     of the two"
                        .to_owned(),
                    Some("keep one; for both, write two conditions".to_owned()),
                );
                return None;
            }
            (None, None) => {
                if self.problems.len() == problems {
                    self.problem(
                        at,
                        "expected `Resources` or `ResourceTypes` with at least one value, found neither"
                            .to_owned(),
                        (position != Position::Through)
                            .then(|| "leave `ResourceStatement` out to mean any resource".to_owned()),
                    );
                }
                return None;
            }
        };
        Some(ResourceCondition { which, tags, web_acls })
    }

    fn resource_type(&mut self, at: &At<'_>, position: Position) -> Option<ResourceType> {
        let text = self.text(at, "a resource type such as `AWS::EC2::InternetGateway`")?;
        let Some(found) = ResourceType::parse(text) else {
            self.problem(
                at,
                format!("{} is not a resource type that a scope can select by", quoted(text)),
                Some(help_for_type(text, position)),
            );
            return None;
        };
        if !found.allowed_in(position) {
            let allowed: Vec<&str> = [Position::Source, Position::Destination, Position::Through]
                .into_iter()
                .filter(|&other| found.allowed_in(other))
                .map(Position::member)
                .collect();
            let help = if found == ResourceType::VpcEndpoint {
                "name the endpoint by id in `Resources`, or use type `AWS::EC2::VPCEndpointService`"
                    .to_owned()
            } else {
                format!("`{text}` may stand in {}", listed(&allowed, "or"))
            };
            self.problem(at, format!("`{text}` cannot stand in `{}`", position.member()), Some(help));
            return None;
        }
        Some(found)
    }

    fn resource_name(&mut self, at: &At<'_>, position: Position) -> Option<ResourceName> {
        let text = self.text(at, "a resource id or ARN")?;
        let known = if text.contains(['*', '?']) { None } else { Nameable::of(text) };
        let Some(known) = known else {
            self.problem(
                at,
                format!("{} is neither the id nor the ARN of something that a scope can name", quoted(text)),
                Some(help_for_name(text, position)),
            );
            return None;
        };
        if !known.allowed.contains(&position) {
            let allowed: Vec<&str> = known.allowed.iter().map(|other| other.member()).collect();
            self.problem(
                at,
                format!("{} is {}, which cannot stand in `{}`", quoted(text), known.plain, position.member()),
                Some(format!("{} may stand in {}", known.plain, listed(&allowed, "or"))),
            );
            return None;
        }
        let kind = match Arn::parse(text) {
            None => ResourceNameKind::Id,
            Some(arn) if known.cloudformation.is_none() => ResourceNameKind::ResourceGroupArn {
                partition: arn.partition.to_owned(),
                region: arn.region.to_owned(),
                account: arn.account.to_owned(),
                group: arn.resource.strip_prefix(known.resource_prefix).unwrap_or(arn.resource).to_owned(),
            },
            Some(arn) => ResourceNameKind::Arn {
                partition: arn.partition.to_owned(),
                service: arn.service.to_owned(),
                region: arn.region.to_owned(),
                account: arn.account.to_owned(),
                resource: arn.resource.to_owned(),
            },
        };
        Some(ResourceName { text: text.to_owned(), kind, pointer: at.pointer.clone() })
    }
}
