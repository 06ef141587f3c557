//! One file per resource type: what it reads, which ports it has, how it connects them.
//!
//! A resource declares its own ports and connects ports by name; it never edits another resource's node. Hence the
//! order of resources does not matter. The list at the bottom generates the inventory's tables, reading and lowering.
#![expect(clippy::struct_field_names, reason = "members are called as AWS calls them")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use graph::{Cause, GraphBuilder, Port, ResourceKey, ResourceRef};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, IntoDeserializer as _, value::StringDeserializer},
};

use crate::{
    Diagnostic, Entry, Id, Inventory, Place, Table,
    inventory::{Reading, Records},
    snapshot::Snapshot,
};

mod address_set;
mod balancing;
mod balancing_answers;
mod balancing_nodes;
mod balancing_openings;
mod classic_load_balancer;
mod customer_gateway;
pub(crate) mod dhcp_options;
mod direct_connect_gateway;
mod direct_connect_gateway_association;
mod direct_connect_gateway_attachment;
pub(crate) mod dns_answers;
mod dns_domain_list;
mod dns_rule_group;
mod dns_rule_group_association;
mod egress_only_internet_gateway;
pub(crate) mod filters;
mod firewall_policy;
mod group_reference;
mod instance;
mod internet_gateway;
mod listener;
mod listener_rule;
mod load_balancer;
mod nat_gateway;
mod network_acl;
pub(crate) mod network_firewall;
mod network_interface;
mod not_modelled;
mod obstacles;
mod openings;
mod prefix_list;
mod profile_association;
mod profile_resource_association;
mod public_address;
mod resource_group;
mod route_table;
mod rule_group;
mod security_group;
mod security_group_rule;
mod security_group_vpc_association;
mod serves;
mod service_tags;
mod subnet;
mod suricata;
mod target;
mod target_group;
mod traffic;
mod transit_gateway;
mod transit_gateway_answers;
mod transit_gateway_association;
mod transit_gateway_attachment;
mod transit_gateway_border;
mod transit_gateway_connect;
mod transit_gateway_foot;
mod transit_gateway_peering_attachment;
mod transit_gateway_policy_table;
mod transit_gateway_route_table;
mod transit_gateway_routes;
mod transit_gateway_vpc_attachment;
mod virtual_interface;
mod vpc;
mod vpc_block_public_access;
mod vpc_block_public_access_exclusion;
mod vpc_endpoint;
mod vpc_endpoint_service;
mod vpc_peering_connection;
mod vpn_connection;
mod vpn_gateway;
mod web_acls;

pub(crate) use address_set::{public, public_ipv4};
pub(crate) use balancing_answers::BalancingAnswers;
pub(crate) use dns_answers::DnsAnswers;
pub(crate) use network_firewall::Parts as FirewallParts;
pub(crate) use network_interface::subnet_of;
pub use not_modelled::recognised;
pub(crate) use not_modelled::{NotModelled, named as not_modelled_named};
pub(crate) use openings::offer_routes;
pub(crate) use prefix_list::{PrefixEntries, all as prefix_lists};
pub(crate) use serves::Services;
pub(crate) use service_tags::RecordTags;
pub use service_tags::{OpenKeys, ServiceTags};
pub(crate) use transit_gateway_answers::Transit;
pub(crate) use web_acls::WebAcls;

/// Where whatever a route table of a VPC sends to a resource arrives: `routed@vpc-1`.
pub(crate) fn routed(target: &ResourceKey, vpc: &str) -> Port {
    Port::new(target, format!("routed@{vpc}"))
}

/// The same for a resource that serves each zone by itself: `routed@vpc-1@use1-az1`. The zone is that of
/// [`Subnet::zone`]; it is empty for senders of which the snapshot does not tell.
pub(crate) fn routed_in_zone(target: &ResourceKey, vpc: &str, zone: &str) -> Port {
    Port::new(target, format!("routed@{vpc}@{zone}"))
}

/// Where a packet stands that any component has addressed to somebody in the VPC.
pub(crate) const LOCAL: &str = "local";
/// Where packets from within a subnet first stand, after the sender's own filters.
pub(crate) const OUT: &str = "out";
/// Where packets leaving a subnet meet its route table.
pub(crate) const ROUTER: &str = "router";
/// Where packets arrive in a subnet, before its filter.
pub(crate) const ENTERING: &str = "entering";
/// Where packets stand that may go to an interface in the subnet.
pub(crate) const INSIDE: &str = "inside";
/// Where packets that the internet gateway has let in stand.
pub(crate) const ADMITTED: &str = "admitted";
/// The outer side of a border.
pub(crate) const OUTSIDE: &str = "outside";
/// Where packets from beyond a border first stand.
pub(crate) const ARRIVING: &str = "arriving";

/// A resource type: what its records hold and what they mean for packets.
pub trait Resource: DeserializeOwned + PartialEq + fmt::Debug + Sized {
    /// CloudFormation's name of the type.
    const TYPE: &'static str;
    /// The member of the answer that lists them.
    const LIST: &'static str;
    /// Other members that list such records.
    const ALSO: &'static [&'static str] = &[];
    /// Whether records of other Regions may speak of it.
    const GLOBAL: bool = false;
    /// Whether an account's answer lists only what the account itself has, so that the owners of the records tell
    /// from which account they were exported.
    const OWN: bool = false;
    /// Whether route tables may lead to it: then it declares a port `routed@vpc` for every VPC that it serves.
    const ROUTABLE: bool = false;
    /// Whether it serves each zone by itself: then it declares `routed@vpc@zone` for every zone of those VPCs, and one
    /// for senders whose zone is not known, instead of `routed@vpc`.
    const ZONAL: bool = false;

    /// Whether an element of a list of that name, as it is written, is of another service which calls its list the same.
    fn is_another(_: &str) -> bool {
        false
    }

    /// Its id.
    fn id(&self) -> &Id<Self>;

    /// The account that owns it, if the record tells.
    fn account(&self) -> Option<&str> {
        None
    }

    /// Its Region, if the record tells.
    fn region(&self) -> Option<String> {
        None
    }

    /// A text that orders contradicting descriptions of the same resource, so that the choice does not depend on
    /// the order of the input.
    fn weight(&self) -> String {
        format!("{self:?}")
    }

    /// What tells records of one id apart of which all count: the side that each describes.
    fn part(&self) -> Option<&str> {
        None
    }

    /// Adds records that other tables tell of.
    #[doc(hidden)]
    fn also(_: &mut Reading<'_>, _: &mut Records<Self>) {}

    /// Names under which others find it without knowing its id: `subnet:subnet-1` for a table associated with it.
    fn associations(&self) -> Vec<String> {
        Vec::new()
    }

    /// Why routes of this VPC that name it lead nowhere, if that is certain: it serves another VPC, or none.
    fn elsewhere(&self, _: &Entry<Self>, _: &Id<Vpc>, _: &Inventory) -> Option<String> {
        None
    }

    /// Declares its resource and its ports.
    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder);

    /// Connects ports, its own and others', by name.
    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder);
}

/// What a route leads to.
#[derive(Debug)]
pub(crate) struct RouteTarget {
    pub(crate) key: ResourceKey,
    /// Why it leads nowhere, if that is certain.
    pub(crate) elsewhere: Option<String>,
    pub(crate) zonal: bool,
}

/// A resource type that has a table.
pub trait Listed: Resource {
    /// Its table.
    fn table(tables: &Tables) -> &Table<Self>;
}

/// `null` as the default value: exports print absent lists either way.
pub(crate) fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A member that is a string if it is there; `null` and the empty string mean that it is not.
pub(crate) fn optional<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let parsing: StringDeserializer<D::Error> = text.clone().into_deserializer();
    T::deserialize(parsing).map(Some).map_err(|error| D::Error::custom(format!("found `{text}`: {error}")))
}

/// Tags of a resource. Two descriptions that differ only in tags do not contradict each other: accounts that share
/// a resource tag it separately.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tags(pub(crate) BTreeMap<String, String>);

impl PartialEq for Tags {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Tag {
            key: String,
            #[serde(default)]
            value: Option<String>,
        }
        let tags = Option::<Vec<Tag>>::deserialize(deserializer)?.unwrap_or_default();
        Ok(Self(tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect()))
    }
}

/// The Region of an Availability Zone: `eu-west-1a`, and local zones such as `us-west-2-lax-1a`.
pub(crate) fn region_of_zone(zone: Option<&str>) -> Option<String> {
    let mut words = zone?.split('-');
    let mut region: Vec<&str> = Vec::new();
    for word in words.by_ref() {
        let digits = word.trim_end_matches(|c: char| c.is_ascii_lowercase());
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            region.push(digits);
            return (region.len() >= 3).then(|| region.join("-"));
        }
        region.push(word);
    }
    None
}

/// The Region of an ARN, if it names one.
pub(crate) fn region_of_arn(arn: Option<&str>) -> Option<String> {
    arn?.split(':').nth(3).filter(|region| !region.is_empty()).map(str::to_owned)
}

/// The partition of a Region, for ARNs.
fn partition(region: &str) -> &'static str {
    match region {
        r if r.starts_with("cn-") => "aws-cn",
        r if r.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// What is known of a resource; the ARN follows AWS's scheme `arn:PARTITION:SERVICE:REGION:ACCOUNT:KIND/ID`.
pub(crate) fn describe<R: Resource>(
    here: &Entry<R>,
    arn: Option<String>,
    path: &str,
    tags: &Tags,
) -> ResourceRef {
    let place = &here.place;
    let id = here.value.id().as_str();
    ResourceRef {
        arn: arn.or_else(|| Some(ec2_arn(place, path, id))),
        account: place.account.clone(),
        region: place.region.clone(),
        tags: tags.0.clone(),
        ..ResourceRef::new(R::TYPE, id)
    }
}

/// The ARN of an EC2 resource.
/// SOURCE: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2" (checked 2026-11-23).
pub(crate) fn ec2_arn(place: &Place, path: &str, id: &str) -> String {
    let Place { account, region } = place;
    format!("arn:{}:ec2:{region}:{account}:{path}/{id}", partition(region))
}

/// A cause that is structure, written where the record is.
pub(crate) fn structure<R: Resource>(here: &Entry<R>) -> Arc<Cause> {
    Arc::new(Cause::structure(&here.key).at(here.at("")))
}

macro_rules! resources {
    ($($module:ident::$type:ident,)*) => {
        /// The tables of all types.
        #[derive(Debug, Default)]
        pub struct Tables {
            $($module: Table<$module::$type>,)*
        }

        $(pub use $module::$type;)*

        $(impl Listed for $module::$type {
            fn table(tables: &Tables) -> &Table<Self> {
                &tables.$module
            }
        })*

        /// Types that are modelled: CloudFormation's name, and the answer's member that is read.
        pub const SUPPORTED: &[(&str, &str)] = &[
            $((<$module::$type as Resource>::TYPE, <$module::$type as Resource>::LIST),)*
        ];

        /// Names of the files of this folder that are resources, in order.
        pub const MODULES: &[&str] = &[$(stringify!($module),)*];

        pub(crate) fn read_all(reading: &mut Reading<'_>, inventory: &mut Inventory) {
            // All records first: where a record does not tell its account or Region, the others may.
            $(let $module = reading.records::<$module::$type>();)*
            reading.settle();
            $(reading.place(&mut inventory.tables.$module, $module, &mut inventory.places);)*
            balancing_answers::read(reading, inventory);
            dns_answers::read(reading, inventory);
            not_modelled::records(reading, inventory);
            prefix_list::entries(reading, inventory);
            resource_group::members(reading, inventory);
            network_firewall::parts(reading, inventory);
            serves::services(reading, inventory);
            service_tags::read(reading, inventory);
            transit_gateway_answers::read(reading, inventory);
            vpn_connection::remark(reading, inventory);
            web_acls::read(reading, inventory);
        }

        /// What a route of `vpc` at `from` that names `id` leads to.
        pub(crate) fn route_target(
            inventory: &Inventory,
            id: &str,
            vpc: &Id<Vpc>,
            from: &Place,
        ) -> Option<RouteTarget> {
            $(if <$module::$type as Resource>::ROUTABLE {
                if let Some(entry) = inventory.get(&Id::<$module::$type>::new(id), from) {
                    return Some(RouteTarget {
                        key: entry.key.clone(),
                        elsewhere: entry.value.elsewhere(entry, vpc, inventory),
                        zonal: <$module::$type as Resource>::ZONAL,
                    });
                }
            })*
            None
        }

        pub(crate) fn lower_all(inventory: &Inventory, graph: &mut GraphBuilder) {
            $(for entry in inventory.table::<$module::$type>().iter() {
                entry.value.declare(entry, inventory, graph);
            })*
            $(for entry in inventory.table::<$module::$type>().iter() {
                entry.value.connect(entry, inventory, graph);
            })*
            not_modelled::lower(inventory, graph);
        }

        /// How many records of each type were read, by CloudFormation's name.
        pub fn counts(inventory: &Inventory) -> BTreeMap<&'static str, usize> {
            BTreeMap::from([$((<$module::$type as Resource>::TYPE, inventory.table::<$module::$type>().len()),)*])
        }
    };
}

resources! {
    classic_load_balancer::ClassicLoadBalancer,
    customer_gateway::CustomerGateway,
    dhcp_options::DhcpOptions,
    direct_connect_gateway::DirectConnectGateway,
    direct_connect_gateway_association::DirectConnectGatewayAssociation,
    direct_connect_gateway_attachment::DirectConnectGatewayAttachment,
    dns_domain_list::DnsDomainList,
    dns_rule_group::DnsRuleGroup,
    dns_rule_group_association::DnsRuleGroupAssociation,
    egress_only_internet_gateway::EgressOnlyInternetGateway,
    instance::Instance,
    internet_gateway::InternetGateway,
    listener::Listener,
    listener_rule::ListenerRule,
    load_balancer::LoadBalancer,
    nat_gateway::NatGateway,
    network_acl::NetworkAcl,
    network_firewall::NetworkFirewall,
    network_interface::NetworkInterface,
    prefix_list::PrefixList,
    profile_association::ProfileAssociation,
    profile_resource_association::ProfileResourceAssociation,
    route_table::RouteTable,
    security_group::SecurityGroup,
    security_group_rule::SecurityGroupRule,
    security_group_vpc_association::SecurityGroupVpcAssociation,
    subnet::Subnet,
    target_group::TargetGroup,
    transit_gateway::TransitGateway,
    transit_gateway_attachment::TransitGatewayAttachment,
    transit_gateway_connect::TransitGatewayConnect,
    transit_gateway_peering_attachment::TransitGatewayPeeringAttachment,
    transit_gateway_policy_table::TransitGatewayPolicyTable,
    transit_gateway_route_table::TransitGatewayRouteTable,
    transit_gateway_vpc_attachment::TransitGatewayVpcAttachment,
    virtual_interface::VirtualInterface,
    vpc::Vpc,
    vpc_block_public_access::VpcBlockPublicAccess,
    vpc_block_public_access_exclusion::VpcBlockPublicAccessExclusion,
    vpc_endpoint::VpcEndpoint,
    vpc_endpoint_service::VpcEndpointService,
    vpc_peering_connection::VpcPeeringConnection,
    vpn_connection::VpnConnection,
    vpn_gateway::VpnGateway,
}

/// Tables that do not bear on packets, or that only describe more closely what other tables hold.
const HARMLESS: &[&str] = &[
    "Accounts",
    "Addresses",
    "AvailabilityZones",
    "CacheClusters",
    "ClassicLinkInstances",
    "Cluster",
    "ClusterArns",
    "ClusterInfoList",
    "Clusters",
    "DBClusters",
    "DBInstances",
    "DBProxies",
    "DBSubnetGroups",
    "DomainNames",
    "DomainStatusList",
    "EnableDnsHostnames",
    "Failures",
    "FileSystems",
    "FlowLogs",
    "Functions",
    "GroupIdentifiers",
    "Groups",
    "Hosts",
    "Images",
    "InstanceStatuses",
    "InstanceTypes",
    "KeyPairs",
    "LaunchTemplates",
    "ListOfResources",
    "MountTargets",
    "MovingAddressStatuses",
    "PlacementGroups",
    "ProfileSummaries",
    "QueryErrors",
    "Regions",
    // Whether the resolver makes names for addresses: no rule of DNS Firewall turns on it.
    "ResolverConfigs",
    "SecurityGroupReferenceSet",
    "ServiceDetails",
    "ServiceNames",
    "Snapshots",
    "Tags",
    "TaskDefinitionArns",
    "TaskArns",
    "Tasks",
    "Volumes",
    // Which endpoints are connected, their own records tell.
    "VpcEndpointConnections",
    "VpcPeeringAuthorizations",
];

/// Tables that are read beside the typed ones.
const OTHERS: &[&str] = &[
    "Associations",
    "Attributes",
    "Domains",
    "EnableDnsSupport",
    "Entries",
    "Filter",
    "FirewallConfigs",
    "FirewallDomainList",
    "FirewallPolicies",
    "FirewallPoliciesV2",
    "FirewallPolicy",
    "FirewallPolicyResponse",
    "FirewallPolicyV2",
    "FirewallPolicyV2Response",
    "FirewallRuleGroup",
    "FirewallRules",
    "FirewallStatus",
    "Firewalls",
    "IpsRuleGroup",
    "LoadBalancerAttributes",
    "LoadBalancerListeners",
    "LoadBalancerTargetHealth",
    "MulticastDomainAssociations",
    "ProfileAssociation",
    "ResourceARNs",
    "ResourceArns",
    "ResourceIdentifiers",
    "ResourceTagMappingList",
    "Resources",
    "Routes",
    "RuleGroup",
    "RuleGroupResponse",
    "RuleGroups",
    "TagDescriptions",
    "TargetHealthDescriptions",
    "TransitGatewayPolicyTableEntries",
    "TransitGatewayPrefixListReferences",
    "TransitGatewayPropagations",
    "TransitGatewayRouteTablePropagations",
    "TransitGatewayStaticRoutes",
    "VpcEndpointAssociation",
    "VpcEndpointAssociationStatus",
    "VpcEndpointAssociations",
    "WebACL",
    "WebACLs",
];

/// Tables without which hardly any question has an answer, with the command that exports each.
const NEEDED: &[(&str, &str)] = &[
    ("InternetGateways", "aws ec2 describe-internet-gateways"),
    ("NetworkAcls", "aws ec2 describe-network-acls"),
    ("NetworkInterfaces", "aws ec2 describe-network-interfaces"),
    ("RouteTables", "aws ec2 describe-route-tables"),
    ("SecurityGroups", "aws ec2 describe-security-groups"),
    ("Subnets", "aws ec2 describe-subnets"),
    ("Vpcs", "aws ec2 describe-vpcs"),
];

/// Names every table that was not read, and every needed one that is not there.
pub(crate) fn unread(snapshot: &Snapshot, inventory: &Inventory, diagnostics: &mut Vec<Diagnostic>) {
    let mut unread = BTreeMap::<(&str, Option<&str>), (usize, u32, usize)>::new();
    let mut present = BTreeSet::<&str>::new();
    for (index, document) in (0u32..).zip(snapshot.documents()) {
        for table in &document.tables {
            present.insert(&table.key);
            let known =
                SUPPORTED.iter().any(|(_, list)| *list == table.key) || OTHERS.contains(&table.key.as_str());
            if !known && !table.key.is_empty() {
                let first = table.elements.first().map_or(0, |element| element.offset);
                let raw = table.elements.first().map_or("", |element| document.raw(element));
                let words = not_modelled::words(&table.key, raw);
                unread.entry((&table.key, words)).or_insert((0, index, first)).0 += table.elements.len();
            }
        }
    }
    for ((key, words), (count, document, offset)) in unread {
        let location = Some(snapshot.locate(document, offset, ""));
        let diagnostic = if HARMLESS.contains(&key) || count == 0 {
            Diagnostic::info(
                "unread-table",
                location,
                format!("`{key}` ({count} records) is not needed and was not read"),
            )
        } else {
            Diagnostic::warning(
                "not-modelled",
                location,
                match words {
                    Some(words) => format!("`{key}` ({words}, {count} records) is not modelled"),
                    None => format!("`{key}` ({count} records) is not modelled"),
                },
            )
            .with_help("paths that lead there are reported as unknown")
        };
        diagnostics.push(diagnostic);
    }
    let any = inventory.table::<network_interface::NetworkInterface>().len()
        + inventory.table::<subnet::Subnet>().len();
    for (key, command) in NEEDED {
        let stand_in = match *key {
            "SecurityGroups" => present.contains("SecurityGroupRules"),
            // That interfaces are taken from instances is said where it is done.
            "NetworkInterfaces" => present.contains("Instances"),
            _ => false,
        };
        if any > 0 && !present.contains(key) && !stand_in {
            let message =
                format!("the snapshot holds no `{key}`; what depends on them is reported as unknown");
            diagnostics.push(
                Diagnostic::warning("missing-table", None, message)
                    .with_help(format!("add the output of `{command}`")),
            );
        }
    }
}

/// The graph of one document as text, an edge a line, then what is missing: for tests.
#[cfg(test)]
pub(crate) fn lowered(export: &str) -> String {
    let (snapshot, mut remarks) = Snapshot::parse("export.json", export);
    let (inventory, more) = Inventory::read(&snapshot);
    remarks.extend(more);
    let (graph, more) = crate::lower(&inventory, &snapshot);
    remarks.extend(more);
    // What is unknown stands at the edges already, and which tables are missing is plain.
    let plain = |code| matches!(code, "unknown" | "missing-table");
    let shown =
        remarks.iter().filter(|remark| remark.severity < crate::Severity::Info && !plain(remark.code));
    let mut text = graph.to_string();
    for remark in shown {
        text.push_str("! ");
        text.push_str(&remark.message);
        text.push('\n');
    }
    text
}

/// The lines of [`lowered`] that hold `words`, for an export in which every other table is present and empty.
#[cfg(test)]
pub(crate) fn among(export: &str, words: &str) -> String {
    let tables = SUPPORTED.iter().filter(|(_, list)| !export.contains(&format!("\"{list}\":")));
    // Where only one of two answers is given, the other is not: each stands for both.
    let groups = |list: &str| list.starts_with("SecurityGroup") && export.contains("\"SecurityGroup");
    let tables = tables.filter(|(_, list)| !groups(list) && *list != "Instances");
    let empty: Vec<String> = tables.map(|(_, list)| format!("\"{list}\":[],")).collect();
    let text = lowered(&export.replacen('{', &format!("{{{}", empty.concat()), 1));
    let lines = text.lines().filter(|line| line.contains(words));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers_of_services_that_are_no_way_for_packets_are_not_remarked_on() {
        let answers = r#"{"cluster":{"name":"jobs"},"DBProxies":[{"DBProxyName":"a"}],"MountTargets":[{"MountTargetId":"fsmt-1"}],"EnableDnsHostnames":{"Value":true},"VpcId":"vpc-1","failures":[{"arn":"a","reason":"MISSING"}],"GroupIdentifiers":[{"GroupName":"a"}],"ProfileSummaries":[{"Id":"rp-1"}],"ResolverConfigs":[{"Id":"rslvr-rc-1"}],"QueryErrors":[{"ErrorCode":"a"}]}"#;
        assert_eq!(super::lowered(answers).matches("not modelled").count(), 0);
        // That it would be seen.
        assert_eq!(super::lowered(r#"{"Surprises":[{}]}"#).matches("not modelled").count(), 1);
    }
}
