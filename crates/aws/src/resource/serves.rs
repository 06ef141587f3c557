//! What the network interfaces that AWS manages serve: a label in a reader's words, for reports only.
//!
//! AWS writes what an interface is for into its description; where the snapshot holds the service's own answer, the
//! resource is named if there is no doubt: its record names the interface, its address, or it is the only one of its
//! kind in the interface's subnet and with its groups. Beside the label, it decides whose tags an interface has (see
//! `service_tags`).
//!
//! SOURCE: EC2 user guide, "Requester-managed network interfaces", and what the services write into descriptions, as
//! their guides show: Lambda ("AWS Lambda VPC ENI-"), EKS ("Amazon EKS "), the VPC CNI plugin ("aws-K8S-"), ECS (ARN of the
//! attachment), EFS ("EFS mount target for "), RDS, Redshift, DMS ("…NetworkInterface"), OpenSearch ("ES "), ElastiCache
//! ("ElastiCache "); API references for the services' own records (checked 2026-11-26).
use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::{Tags, network_interface::NetworkInterface, nullable, optional, service_tags};
use crate::{Entry, Inventory, Place, inventory::Reading};

/// How a description begins, and what it then tells: the kind in words, and what the rest of it names.
///
/// The first that fits counts.
const PATTERNS: &[(&str, &str, Rest)] = &[
    ("AWS Lambda VPC ENI-", "Lambda function", Rest::NameThenUuid),
    ("AWS Lambda VPC ENI", "Lambda function", Rest::Nothing),
    ("Amazon EKS ", "EKS cluster", Rest::Name),
    ("aws-K8S-", "Kubernetes pods of", Rest::Name),
    ("arn:aws:ecs:", "ECS task", Rest::Nothing),
    ("EFS mount target for ", "EFS file system", Rest::FirstWord),
    ("RDSNetworkInterface", "RDS database", Rest::Nothing),
    ("Network interface for DBProxy", "RDS proxy", Rest::Nothing),
    ("RedshiftNetworkInterface", "Redshift cluster", Rest::Nothing),
    ("ES ", "OpenSearch domain", Rest::Name),
    ("ElastiCache ", "ElastiCache node", Rest::Name),
    ("ElastiCache+", "ElastiCache node", Rest::Name),
    ("DMSNetworkInterface", "DMS replication instance", Rest::Nothing),
    ("DAX ", "DAX cluster", Rest::Name),
    ("DO NOT DELETE - Amazon MSK network interface for cluster ", "MSK cluster", Rest::ClusterOfArn),
    ("EMR ", "EMR", Rest::Name),
    ("AWS created network interface for directory ", "directory", Rest::FirstWord),
    ("Created By Amazon Workspaces for AWS Account ID ", "WorkSpaces", Rest::Nothing),
    ("ClientVPN Endpoint resource", "Client VPN endpoint", Rest::Nothing),
    ("Network Interface for Transit Gateway Attachment ", "transit gateway attachment", Rest::FirstWord),
    ("Interface for NAT Gateway ", "NAT gateway", Rest::FirstWord),
    ("VPC Endpoint Interface ", "VPC endpoint", Rest::FirstWord),
];

/// What stands behind the beginning of a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    Nothing,
    Name,
    FirstWord,
    NameThenUuid,
    ClusterOfArn,
}

impl Rest {
    fn name(self, rest: &str) -> Option<&str> {
        let name = match self {
            Self::Nothing => None,
            Self::Name => Some(rest.trim()),
            Self::FirstWord => rest.split_whitespace().next(),
            // `NAME-8-4-4-4-12`; a name may have hyphens of its own.
            Self::NameThenUuid => rest.len().checked_sub(37).and_then(|at| rest.get(..at)),
            Self::ClusterOfArn => rest.split(":cluster/").nth(1).and_then(|rest| rest.split('/').next()),
        };
        name.filter(|name| !name.is_empty())
    }
}

/// A resource of a service that has interfaces.
#[derive(Debug)]
pub(crate) struct Service {
    kind: &'static str,
    name: String,
    place: Place,
    interfaces: BTreeSet<String>,
    addresses: BTreeSet<String>,
    subnets: BTreeSet<String>,
    groups: BTreeSet<String>,
    /// The ARNs of its records; it has the tags of all.
    arns: Vec<String>,
}

impl Service {
    fn new(kind: &'static str, name: String, place: Place) -> Self {
        let (interfaces, addresses) = (BTreeSet::new(), BTreeSet::new());
        let (subnets, groups, arns) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        Self { kind, name, place, interfaces, addresses, subnets, groups, arns }
    }

    /// Whether the interface may be this one's, by its address, or by where it is and which groups it has.
    fn may_own(&self, here: &Entry<NetworkInterface>) -> bool {
        if !self.addresses.is_empty() {
            return here.value.addresses().any(|net| self.addresses.contains(&net.addr().to_string()));
        }
        let groups: BTreeSet<&str> = here.value.groups().map(|(id, _)| id.as_str()).collect();
        here.value.subnet_id().is_some_and(|subnet| self.subnets.contains(subnet))
            && !groups.is_empty()
            && groups.iter().copied().eq(self.groups.iter().map(String::as_str))
    }
}

/// The resources of services, by what tells whose an interface is.
#[derive(Debug, Default)]
pub(crate) struct Services {
    all: Vec<Service>,
    by_interface: FxHashMap<String, Vec<usize>>,
    by_address: FxHashMap<String, Vec<usize>>,
    by_subnet: FxHashMap<String, Vec<usize>>,
}

impl Services {
    fn add(&mut self, service: Service) {
        let at = self.all.len();
        let index = |by: &mut FxHashMap<String, Vec<usize>>, names: &BTreeSet<String>| {
            for name in names {
                by.entry(name.clone()).or_default().push(at);
            }
        };
        index(&mut self.by_interface, &service.interfaces);
        index(&mut self.by_address, &service.addresses);
        index(&mut self.by_subnet, &service.subnets);
        self.all.push(service);
    }

    /// The resource whose record names the interface.
    fn owner(&self, here: &Entry<NetworkInterface>) -> Option<&Service> {
        let named = self.by_interface.get(here.value.network_interface_id()).into_iter().flatten();
        let mut named = named.filter_map(|&at| self.all.get(at));
        named.find(|service| service.place.same_region(&here.place))
    }

    /// The resources of this kind whose the interface may be.
    fn candidates<'s>(&'s self, kind: &str, here: &Entry<NetworkInterface>) -> Vec<&'s Service> {
        let addresses = here.value.addresses().filter_map(|net| self.by_address.get(&net.addr().to_string()));
        let subnet = here.value.subnet_id().and_then(|subnet| self.by_subnet.get(subnet));
        let near: BTreeSet<usize> = addresses.chain(subnet).flatten().copied().collect();
        let fitting = near.into_iter().filter_map(|at| self.all.get(at)).filter(|service| {
            service.kind == kind && service.place.same_region(&here.place) && service.may_own(here)
        });
        fitting.collect()
    }

    /// The only resource of this kind whose the interface may be.
    fn only(&self, kind: &str, here: &Entry<NetworkInterface>) -> Option<&Service> {
        match self.candidates(kind, here).as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }
}

/// The kind that a description tells, in words, and the name in it.
fn described(description: &str) -> Option<(&'static str, Option<&str>)> {
    let found = |(start, kind, rest): &(&str, &'static str, Rest)| {
        Some((*kind, rest.name(description.strip_prefix(start)?)))
    };
    PATTERNS.iter().find_map(found)
}

/// What a managed service's interface serves, in words, and what it may be: one of these, each with the ARNs of its
/// records. `None` if its description says nothing of a managed service and no record names it.
pub(super) fn served(
    here: &Entry<NetworkInterface>,
    inventory: &Inventory,
) -> Option<(String, Vec<Vec<String>>)> {
    let arns = |services: &[&Service]| services.iter().map(|service| service.arns.clone()).collect();
    if let Some(owner) = inventory.services.owner(here) {
        return Some((format!("{} {}", owner.kind, owner.name), arns(&[owner])));
    }
    let description = here.value.description();
    // What people wrote about an interface of an instance says nothing.
    let (kind, name) =
        described(description).filter(|_| here.value.instance_key(here, inventory).is_none())?;
    let one = |service: &str, rest: String| vec![vec![service_tags::arn(service, &here.place, &rest)]];
    let candidates = match (kind, name) {
        // Those of instances and of what has a record of its own here.
        ("Kubernetes pods of" | "transit gateway attachment" | "NAT gateway" | "VPC endpoint", _) => {
            return None;
        }
        ("EFS file system", Some(id)) => one("elasticfilesystem", format!("file-system/{id}")),
        ("OpenSearch domain", Some(name)) => one("es", format!("domain/{name}")),
        ("MSK cluster", _) => {
            let arn = description.split_whitespace().find(|word| word.starts_with("arn:"));
            arn.map(|arn| vec![vec![arn.to_owned()]]).unwrap_or_default()
        }
        // Functions with the same subnets and groups share interfaces, whose description names one of them.
        ("Lambda function", Some(name)) => {
            let sharing = inventory.services.candidates(kind, here);
            let is_named = sharing.iter().any(|service| service.name == name);
            let all = sharing.iter().flat_map(|service| service.arns.clone()).collect();
            if is_named { vec![all] } else { Vec::new() }
        }
        _ => arns(&inventory.services.candidates(kind, here)),
    };
    let name = name.or_else(|| inventory.services.only(kind, here).map(|only| only.name.as_str()));
    let what = name.map_or_else(|| kind.to_owned(), |name| format!("{kind} {name}"));
    Some((what, candidates))
}

/// What the interface serves, in words; `None` if its description says nothing that is known here.
pub(super) fn label(here: &Entry<NetworkInterface>, inventory: &Inventory) -> Option<String> {
    let found = described(here.value.description());
    if let Some(owner) = inventory.services.owner(here) {
        return Some(format!("{} {}", owner.kind, owner.name));
    }
    let (kind, name) = found?;
    if let Some(name) = name {
        return Some(format!("{kind} {name}"));
    }
    let only = inventory.services.only(kind, here);
    Some(only.map_or_else(|| kind.to_owned(), |only| format!("{kind} {}", only.name)))
}

/// Collects what the services' answers tell of their interfaces.
pub(crate) fn services(reading: &Reading<'_>, inventory: &mut Inventory) {
    let (found, tags) = (&mut inventory.services, &mut inventory.record_tags);
    for (cluster, place, _) in reading.peeks::<DatabaseCluster>("DBClusters") {
        if let Some(Tags(told)) = cluster.tag_list {
            let arn = format!("cluster:{}", cluster.db_cluster_identifier);
            tags.add(service_tags::arn("rds", &place, &arn), told);
        }
    }
    for (db, place, _) in reading.peeks::<Database>("DBInstances") {
        // An instance of a cluster is tagged by itself and with its cluster.
        let cluster = db.db_cluster_identifier.map(|cluster| format!("cluster:{cluster}"));
        let own = format!("db:{}", db.db_instance_identifier);
        let arns: Vec<String> =
            std::iter::once(own).chain(cluster).map(|rest| service_tags::arn("rds", &place, &rest)).collect();
        if let (Some(Tags(told)), Some(arn)) = (db.tag_list, arns.first()) {
            tags.add(arn.clone(), told);
        }
        let mut service = Service::new("RDS database", db.db_instance_identifier, place);
        service.groups =
            db.vpc_security_groups.into_iter().filter_map(|it| it.vpc_security_group_id).collect();
        let subnets = db.db_subnet_group.map(|group| group.subnets).unwrap_or_default();
        service.subnets = subnets.into_iter().filter_map(|it| it.subnet_identifier).collect();
        service.arns = arns;
        found.add(service);
    }
    for (function, place, _) in reading.peeks::<Function>("Functions") {
        let Some(vpc) = function.vpc_config else { continue };
        let arn = service_tags::arn("lambda", &place, &format!("function:{}", function.function_name));
        let mut service = Service::new("Lambda function", function.function_name, place);
        service.arns = vec![arn];
        service.subnets = vpc.subnet_ids.into_iter().collect();
        service.groups = vpc.security_group_ids.into_iter().collect();
        found.add(service);
    }
    for (target, place, _) in reading.peeks::<MountTarget>("MountTargets") {
        let arn =
            service_tags::arn("elasticfilesystem", &place, &format!("file-system/{}", target.file_system_id));
        let mut service = Service::new("EFS file system", target.file_system_id, place);
        service.arns = vec![arn];
        service.interfaces = target.network_interface_id.into_iter().collect();
        found.add(service);
    }
    for (cluster, place, _) in reading.peeks::<RedshiftCluster>("Clusters") {
        let arn = service_tags::arn("redshift", &place, &format!("cluster:{}", cluster.cluster_identifier));
        if let Some(Tags(told)) = cluster.tags {
            tags.add(arn.clone(), told);
        }
        let mut service = Service::new("Redshift cluster", cluster.cluster_identifier, place);
        service.arns = vec![arn];
        service.addresses =
            cluster.cluster_nodes.into_iter().filter_map(|node| node.private_ip_address).collect();
        found.add(service);
    }
    for (task, place, _) in reading.peeks::<Task>("Tasks") {
        let arn = task.task_arn;
        let name = task.group.unwrap_or_else(|| arn.rsplit('/').next().unwrap_or(&arn).to_owned());
        let mut service = Service::new("ECS task of", name, place);
        service.arns = vec![arn];
        let details = task.attachments.into_iter().flat_map(|attachment| attachment.details);
        service.interfaces = details
            .filter(|detail| detail.name.as_deref() == Some("networkInterfaceId"))
            .filter_map(|detail| detail.value)
            .collect();
        found.add(service);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Database {
    #[serde(rename = "DBInstanceIdentifier")]
    db_instance_identifier: String,
    #[serde(default, deserialize_with = "nullable")]
    vpc_security_groups: Vec<DatabaseGroup>,
    #[serde(rename = "DBSubnetGroup")]
    db_subnet_group: Option<DatabaseSubnets>,
    #[serde(default, rename = "DBClusterIdentifier", deserialize_with = "optional")]
    db_cluster_identifier: Option<String>,
    tag_list: Option<Tags>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DatabaseCluster {
    #[serde(rename = "DBClusterIdentifier")]
    db_cluster_identifier: String,
    tag_list: Option<Tags>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DatabaseGroup {
    #[serde(default, deserialize_with = "optional")]
    vpc_security_group_id: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct DatabaseSubnets {
    #[serde(default, deserialize_with = "nullable")]
    subnets: Vec<DatabaseSubnet>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DatabaseSubnet {
    #[serde(default, deserialize_with = "optional")]
    subnet_identifier: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Function {
    function_name: String,
    vpc_config: Option<FunctionNetwork>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionNetwork {
    #[serde(default, deserialize_with = "nullable")]
    subnet_ids: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    security_group_ids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MountTarget {
    file_system_id: String,
    #[serde(default, deserialize_with = "optional")]
    network_interface_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RedshiftCluster {
    cluster_identifier: String,
    #[serde(default, deserialize_with = "nullable")]
    cluster_nodes: Vec<RedshiftNode>,
    tags: Option<Tags>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RedshiftNode {
    #[serde(default, rename = "PrivateIPAddress", deserialize_with = "optional")]
    private_ip_address: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Task {
    task_arn: String,
    #[serde(default, deserialize_with = "optional")]
    group: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    attachments: Vec<TaskAttachment>,
}

#[derive(Deserialize)]
struct TaskAttachment {
    #[serde(default, deserialize_with = "nullable")]
    details: Vec<TaskDetail>,
}

#[derive(Deserialize)]
struct TaskDetail {
    name: Option<String>,
    value: Option<String>,
}

#[cfg(test)]
mod tests {
    use crate::{Inventory, lower, snapshot::Snapshot};

    /// The labels of the interfaces with these descriptions, all in one subnet and with one group; and more tables.
    fn labels(descriptions: &[&str], more: &str) -> String {
        let interfaces: Vec<String> = (1..)
            .zip(descriptions)
            .map(|(at, description)| {
                format!(
                    r#"{{"NetworkInterfaceId":"eni-{at}","SubnetId":"subnet-1","PrivateIpAddress":"10.0.0.{at}","Groups":[{{"GroupId":"sg-1"}}],"Description":"{description}"}}"#
                )
            })
            .collect();
        let export = format!(r#"{{"NetworkInterfaces":[{}]{more}}}"#, interfaces.join(","));
        let (snapshot, _) = Snapshot::parse("export.json", &export);
        let (inventory, _) = Inventory::read(&snapshot);
        let (graph, _) = lower(&inventory, &snapshot);
        let interfaces = graph.resources().iter().filter(|it| it.kind == "AWS::EC2::NetworkInterface");
        interfaces.map(|it| it.label.clone().unwrap_or_default()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn descriptions_tell_what_an_interface_serves() {
        let text = labels(
            &[
                "AWS Lambda VPC ENI-my-function-01234567-89ab-cdef-0123-456789abcdef",
                "Amazon EKS prod",
                "EFS mount target for fs-1 (fsmt-1)",
                "RDSNetworkInterface",
                "ES logs",
                "DO NOT DELETE - Amazon MSK network interface for cluster arn:aws:kafka:eu-west-1:111122223333:cluster/events/0123-4",
                "ours",
                "",
            ],
            "",
        );
        insta::assert_snapshot!(text, @r"
        Lambda function my-function
        EKS cluster prod
        EFS file system fs-1
        RDS database
        OpenSearch domain logs
        MSK cluster events
        ours
        ");
    }

    #[test]
    fn a_service_is_named_where_there_is_no_doubt() {
        let database = |name: &str| {
            format!(
                r#"{{"DBInstanceIdentifier":"{name}","VpcSecurityGroups":[{{"VpcSecurityGroupId":"sg-1"}}],"DBSubnetGroup":{{"Subnets":[{{"SubnetIdentifier":"subnet-1"}}]}}}}"#
            )
        };
        let descriptions = ["RDSNetworkInterface", "RedshiftNetworkInterface", "arn:aws:ecs:x:attachment/1"];
        let rest = r#","Clusters":[{"ClusterIdentifier":"dwh","ClusterNodes":[{"PrivateIPAddress":"10.0.0.2"}]}],"tasks":[{"taskArn":"arn:aws:ecs:eu-west-1:1:task/c/1","group":"service:shop","attachments":[{"type":"ElasticNetworkInterface","details":[{"name":"networkInterfaceId","value":"eni-3"}]}]}]"#;
        let one = labels(&descriptions, &format!(r#","DBInstances":[{}]{rest}"#, database("orders")));
        let two = labels(
            &descriptions,
            &format!(r#","DBInstances":[{},{}]"#, database("orders"), database("users")),
        );
        insta::assert_snapshot!(format!("{one}\n\n{two}"), @r"
        RDS database orders
        Redshift cluster dwh
        ECS task of service:shop

        RDS database
        Redshift cluster
        ECS task
        ");
    }
}
