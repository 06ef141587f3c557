//! Tags of the records of managed services: a database's own tags, not those of its network interface.
//!
//! Three sources: records that carry their tags (`describe-db-instances`, `describe-db-clusters`, Redshift's
//! `describe-clusters`, EFS's and FSx's `describe-file-systems`, MSK's `list-clusters`), `elbv2` and `elb`
//! `describe-tags`, and `resourcegroupstaggingapi get-resources`, which lists whatever has tags in an account and Region.
//! Where that list is whole, what it does not name has no tags, and a key that it nowhere holds is no record's.
//!
//! SOURCE: EC2 API reference, `NetworkInterface` (`RequesterManaged`, `InterfaceType`) and `NetworkInterfaceAttachment`
//! (`InstanceOwnerId`); EC2 user guide, "Requester-managed network interfaces"; API references of RDS (`TagList`), Redshift
//! (`Tags`), EFS (`FileSystemDescription.Tags`), FSx (`NetworkInterfaceIds`, `Tags`), MSK (`ClusterInfo.tags`), Elastic
//! Load Balancing (`DescribeTags`) and Resource Groups Tagging (`GetResources`: "all the tagged or previously tagged
//! resources"); Service Authorization Reference for the shapes of ARNs (checked 2026-11-27).
//! GAP: a list of `get-resources` that was asked for with filters cannot be told from a whole one.
//! GAP: a service whose tags `get-resources` does not list at all would seem to have none where the list is whole.
//! GAP: only interfaces of databases, Redshift clusters, functions, file systems, tasks, MSK clusters and OpenSearch domains
//! are matched with their records; for others the key decides, whichever record has it.
use std::collections::{BTreeMap, BTreeSet};

use graph::ResourceKey;
use serde::Deserialize;

use super::{
    Tags, load_balancer, network_interface::NetworkInterface, optional, partition, serves,
    vpc_endpoint::VpcEndpoint,
};
use crate::{Entry, Inventory, Place, inventory::Reading};

/// What the snapshot tells of the tags of a managed service's record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceTags {
    /// What it is, in words: `RDS database orders`.
    pub what: String,
    /// Values by key. Several where the interface serves several.
    pub tags: BTreeMap<String, BTreeSet<String>>,
    /// The keys of which it may have other values.
    pub open: OpenKeys,
    /// The command of the AWS CLI whose answer would tell, without `aws`.
    pub command: &'static str,
}

/// Keys of tags that are not told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum OpenKeys {
    /// Any key.
    #[default]
    All,
    /// These; no others.
    Only(BTreeSet<String>),
}

impl OpenKeys {
    /// Whether the value of this tag is not told.
    pub fn has(&self, key: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(keys) => keys.contains(key),
        }
    }
}

type ByKey = BTreeMap<String, String>;

/// Tags of records by ARN.
#[derive(Debug, Default)]
pub(crate) struct RecordTags {
    by_arn: BTreeMap<String, ByKey>,
    /// Where the list of what has tags is whole, with the keys that anything outside EC2 has there.
    listed: BTreeMap<Place, BTreeSet<String>>,
}

/// The command that tells the tags of everything.
const EVERYTHING: &str = "resourcegroupstaggingapi get-resources";

impl RecordTags {
    pub(super) fn add(&mut self, arn: String, tags: ByKey) {
        self.by_arn.entry(arn).or_default().extend(tags);
    }

    /// The tags of what has this ARN; `None` if they are not told.
    fn of(&self, arn: &str, place: &Place) -> Option<ByKey> {
        let told = self.by_arn.get(arn).cloned();
        told.or_else(|| self.listed.contains_key(place).then(ByKey::new))
    }

    /// The keys that a record there may have that nobody has told of.
    fn open(&self, place: &Place) -> OpenKeys {
        self.listed.get(place).map_or(OpenKeys::All, |keys| OpenKeys::Only(keys.clone()))
    }

    /// The tags of one of several candidates, each of which is all of its ARNs: certain where all have the same.
    fn of_any(
        &self,
        candidates: &[Vec<String>],
        place: &Place,
    ) -> (BTreeMap<String, BTreeSet<String>>, OpenKeys) {
        let told: Option<Vec<BTreeMap<String, BTreeSet<String>>>> =
            candidates.iter().map(|arns| self.of_all(arns, place)).collect();
        let Some((first, rest)) = told.as_deref().and_then(<[_]>::split_first) else {
            return (BTreeMap::new(), self.open(place));
        };
        let keys: BTreeSet<&String> = std::iter::once(first).chain(rest).flat_map(BTreeMap::keys).collect();
        let (mut same, mut open) = (BTreeMap::new(), BTreeSet::new());
        for key in keys {
            match first.get(key) {
                Some(values) if rest.iter().all(|other| other.get(key) == Some(values)) => {
                    same.insert(key.clone(), values.clone());
                }
                _ => _ = open.insert(key.clone()),
            }
        }
        (same, OpenKeys::Only(open))
    }

    /// The tags of all of these together.
    fn of_all(&self, arns: &[String], place: &Place) -> Option<BTreeMap<String, BTreeSet<String>>> {
        let mut all = BTreeMap::<String, BTreeSet<String>>::new();
        for arn in arns {
            for (key, value) in self.of(arn, place)? {
                all.entry(key).or_default().insert(value);
            }
        }
        Some(all)
    }
}

impl Inventory {
    /// Tags of the records of managed services, by network interface: only interfaces that such a service has.
    pub fn tags_of_services(&self) -> BTreeMap<ResourceKey, ServiceTags> {
        let interfaces = self.table::<NetworkInterface>().iter();
        interfaces.filter_map(|it| Some((it.key.clone(), of_interface(it, self)?))).collect()
    }

    /// Tags of the load balancer of this ARN or, for a Classic Load Balancer, of this name.
    pub fn tags_of_balancer(&self, id: &str, place: &Place) -> ServiceTags {
        let arn = if id.starts_with("arn:") { id.to_owned() } else { load_balancer::arn_of(id, place) };
        let (tags, open) = self.record_tags.of_any(&[vec![arn]], place);
        ServiceTags { what: format!("load balancer `{id}`"), tags, open, command: EVERYTHING }
    }
}

/// What is known of the tags of the service that an interface belongs to; `None` if it belongs to none, or to something
/// whose tags are read with its own record.
fn of_interface(here: &Entry<NetworkInterface>, inventory: &Inventory) -> Option<ServiceTags> {
    if here.value.is_of_endpoint() {
        let endpoint = inventory.naming::<VpcEndpoint, NetworkInterface>("interface", here).next();
        return endpoint.is_none().then(|| ServiceTags {
            what: "VPC endpoint".to_owned(),
            open: inventory.record_tags.open(&here.place),
            command: "ec2 describe-vpc-endpoints",
            ..ServiceTags::default()
        });
    }
    // Of a balancer that the description names, the graph knows.
    if load_balancer::name_in(here.value.description()).is_some() {
        return None;
    }
    let unnamed =
        || NetworkInterface::is_managed(here, inventory).then(|| ("managed service".to_owned(), Vec::new()));
    let (what, candidates) = serves::served(here, inventory).or_else(unnamed)?;
    let (tags, open) = inventory.record_tags.of_any(&candidates, &here.place);
    Some(ServiceTags { what, tags, open, command: EVERYTHING })
}

/// An ARN by AWS's scheme.
pub(super) fn arn(service: &str, place: &Place, rest: &str) -> String {
    let Place { account, region } = place;
    format!("arn:{}:{service}:{region}:{account}:{rest}", partition(region))
}

/// Collects tags that answers tell by ARN.
pub(crate) fn read(reading: &mut Reading<'_>, inventory: &mut Inventory) {
    let mut found = std::mem::take(&mut inventory.record_tags);
    let mut partial = BTreeSet::new();
    for (described, place, _) in reading.peeks::<Described>("TagDescriptions") {
        let arn = described.resource_arn;
        let classic = described.load_balancer_name.map(|name| load_balancer::arn_of(&name, &place));
        if let Some(arn) = arn.or(classic) {
            found.add(arn, described.tags.0);
        }
    }
    for (file_system, place, _) in reading.peeks::<FileSystem>("FileSystems") {
        let own = arn("elasticfilesystem", &place, &format!("file-system/{}", file_system.file_system_id));
        if let Some(Tags(tags)) = file_system.tags {
            found.add(file_system.file_system_arn.or(file_system.resource_arn).unwrap_or(own), tags);
        }
    }
    for (cluster, _, _) in reading.peeks::<KafkaCluster>("ClusterInfoList") {
        if let Some(tags) = cluster.tags {
            found.add(cluster.cluster_arn, tags);
        }
    }
    for (_, document) in reading.documents() {
        for table in document.tables.iter().filter(|table| table.key == "ResourceTagMappingList") {
            let mappings: Vec<Option<Mapping>> =
                table.elements.iter().map(|it| serde_json::from_str(document.raw(it)).ok()).collect();
            let place = place_of(&reading.place_of(document), &mappings);
            let whole = !document.incomplete && mappings.iter().all(Option::is_some);
            if !whole || place.account.is_empty() || place.region.is_empty() {
                partial.insert(place.clone());
            }
            let keys = found.listed.entry(place).or_default();
            for mapping in mappings.iter().flatten().filter(|mapping| !mapping.resource_arn.contains(":ec2:"))
            {
                keys.extend(mapping.tags.0.keys().cloned());
            }
            for mapping in mappings.into_iter().flatten() {
                found.add(mapping.resource_arn, mapping.tags.0);
            }
        }
    }
    // Keys of pages that are missing are not known.
    found.listed.retain(|place, _| !partial.contains(place));
    inventory.record_tags = found;
}

/// Whose list of tags it is; where the export does not say so, its ARNs may.
fn place_of(told: &Place, mappings: &[Option<Mapping>]) -> Place {
    let only = |told: &str, at: usize| {
        let named = mappings.iter().flatten().filter_map(|it| it.resource_arn.split(':').nth(at));
        let named: BTreeSet<&str> = named.filter(|part| !part.is_empty()).collect();
        let only = named.first().filter(|_| told.is_empty() && named.len() == 1);
        only.map_or_else(|| told.to_owned(), |only| (*only).to_owned())
    };
    Place { account: only(&told.account, 4), region: only(&told.region, 3) }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    #[serde(default, deserialize_with = "optional")]
    resource_arn: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    load_balancer_name: Option<String>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FileSystem {
    file_system_id: String,
    #[serde(default, deserialize_with = "optional")]
    file_system_arn: Option<String>,
    #[serde(default, rename = "ResourceARN", deserialize_with = "optional")]
    resource_arn: Option<String>,
    tags: Option<Tags>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KafkaCluster {
    cluster_arn: String,
    tags: Option<ByKey>,
}

#[derive(Deserialize)]
struct Mapping {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    #[serde(default, rename = "Tags")]
    tags: Tags,
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::OpenKeys;
    use crate::{Inventory, snapshot::Snapshot};

    /// What is told of the tags of the services of these interfaces, all in one subnet and with one group.
    fn told(interfaces: &[&str], answers: &[&str]) -> String {
        let interfaces: Vec<String> = (1..)
            .zip(interfaces)
            .map(|(at, rest)| {
                format!(
                    r#"{{"NetworkInterfaceId":"eni-{at}","OwnerId":"111122223333","AvailabilityZone":"eu-west-1a","SubnetId":"subnet-1","PrivateIpAddress":"10.0.0.{at}","Groups":[{{"GroupId":"sg-1"}}],{rest}}}"#
                )
            })
            .collect();
        let export = format!(r#"{{"NetworkInterfaces":[{}]}}"#, interfaces.join(","));
        let documents = std::iter::once(export.as_str()).chain(answers.iter().copied());
        let documents = documents.zip(1..).map(|(text, at)| (format!("{at}.json"), text.as_bytes().to_vec()));
        let (snapshot, _) = Snapshot::from_documents(documents);
        let (inventory, _) = Inventory::read(&snapshot);
        let mut text = String::new();
        for (key, tags) in inventory.tags_of_services() {
            let open = match tags.open {
                OpenKeys::All => "any".to_owned(),
                OpenKeys::Only(keys) => format!("{keys:?}"),
            };
            writeln!(text, "{}: {}: {:?}, open {open}", key.id(), tags.what, tags.tags).unwrap();
        }
        text
    }

    #[test]
    fn managed_interfaces_are_told_from_others() {
        let text = told(
            &[
                r#""Description":"ours","Attachment":{"InstanceId":"i-1","InstanceOwnerId":"111122223333"}"#,
                r#""Description":"","Attachment":{"InstanceOwnerId":"amazon-aws"}"#,
                r#""Description":"","RequesterManaged":true"#,
                r#""Description":"","InterfaceType":"quicksight""#,
                r#""Description":"Interface for NAT Gateway nat-1","Attachment":{"InstanceOwnerId":"amazon-aws"}"#,
                r#""Description":"","InterfaceType":"transit_gateway","RequesterManaged":true"#,
                r#""Description":"ELB app/web/1","Attachment":{"InstanceOwnerId":"amazon-elb"}"#,
                r#""Description":"VPC Endpoint Interface vpce-1","InterfaceType":"vpc_endpoint""#,
                r#""Description":"RDSNetworkInterface","Attachment":{"InstanceId":"i-1","InstanceOwnerId":"111122223333"}"#,
                r#""Description":"ours","InterfaceType":"interface""#,
            ],
            &[],
        );
        insta::assert_snapshot!(text, @r#"
        eni-2: managed service: {}, open any
        eni-3: managed service: {}, open any
        eni-4: managed service: {}, open any
        eni-8: VPC endpoint: {}, open any
        "#);
    }

    #[test]
    fn records_tell_their_tags() {
        let database = |name: &str, tags: &str| {
            format!(
                r#"{{"DBInstanceIdentifier":"{name}","VpcSecurityGroups":[{{"VpcSecurityGroupId":"sg-1"}}],"DBSubnetGroup":{{"Subnets":[{{"SubnetIdentifier":"subnet-1"}}]}}{tags}}}"#
            )
        };
        let one = r#","TagList":[{"Key":"Data","Value":"restricted"},{"Key":"Team","Value":"a"}]"#;
        let other = r#","TagList":[{"Key":"Data","Value":"restricted"},{"Key":"Team","Value":"b"}]"#;
        let rds = &[r#""Description":"RDSNetworkInterface""#][..];
        let list = |databases: &[String]| format!(r#"{{"DBInstances":[{}]}}"#, databases.join(","));
        let cluster = database("a", &format!(r#","DBClusterIdentifier":"c"{one}"#));
        let of_cluster =
            r#"{"DBClusters":[{"DBClusterIdentifier":"c","TagList":[{"Key":"Stage","Value":"test"}]}]}"#;
        let texts = [
            told(rds, &[&list(&[database("a", one)])]),
            told(rds, &[&list(&[database("a", one), database("b", other)])]),
            told(rds, &[&list(&[database("a", one), database("b", "")])]),
            told(rds, &[&list(std::slice::from_ref(&cluster))]),
            told(rds, &[&list(&[cluster]), of_cluster]),
        ];
        insta::assert_snapshot!(texts.concat(), @r#"
        eni-1: RDS database a: {"Data": {"restricted"}, "Team": {"a"}}, open {}
        eni-1: RDS database: {"Data": {"restricted"}}, open {"Team"}
        eni-1: RDS database: {}, open any
        eni-1: RDS database a: {}, open any
        eni-1: RDS database a: {"Data": {"restricted"}, "Stage": {"test"}, "Team": {"a"}}, open {}
        "#);
    }

    #[test]
    fn a_function_shares_its_interface_with_others() {
        let lambda = &[r#""Description":"AWS Lambda VPC ENI-f-01234567-89ab-cdef-0123-456789abcdef""#][..];
        let function = |name: &str| {
            format!(
                r#"{{"FunctionName":"{name}","VpcConfig":{{"SubnetIds":["subnet-1"],"SecurityGroupIds":["sg-1"]}}}}"#
            )
        };
        let functions = format!(r#"{{"Functions":[{},{}]}}"#, function("f"), function("g"));
        let arn = |name: &str| format!("arn:aws:lambda:eu-west-1:111122223333:function:{name}");
        let mapping = |name: &str| {
            format!(r#"{{"ResourceARN":"{}","Tags":[{{"Key":"Role","Value":"{name}"}}]}}"#, arn(name))
        };
        let both = format!(r#"{{"ResourceTagMappingList":[{},{}]}}"#, mapping("f"), mapping("g"));
        let page = both.replace("}]}]}", r#"}]}],"PaginationToken":"x"}"#);
        let one = format!(r#"{{"ResourceTagMappingList":[{}],"PaginationToken":""}}"#, mapping("f"));
        let texts = [
            told(lambda, &[&functions]),
            told(lambda, &[&functions, &both]),
            told(lambda, &[&functions, &one]),
            told(lambda, &[&both]),
            told(lambda, &[&page]),
        ];
        insta::assert_snapshot!(texts.concat(), @r#"
        eni-1: Lambda function f: {}, open any
        eni-1: Lambda function f: {"Role": {"f", "g"}}, open {}
        eni-1: Lambda function f: {"Role": {"f"}}, open {}
        eni-1: Lambda function f: {}, open {"Role"}
        eni-1: Lambda function f: {}, open any
        "#);
    }

    #[test]
    fn others_are_found_by_what_their_descriptions_name() {
        let interfaces = &[
            r#""Description":"EFS mount target for fs-1 (fsmt-1)""#,
            r#""Description":"ES logs""#,
            r#""Description":"DO NOT DELETE - Amazon MSK network interface for cluster arn:aws:kafka:eu-west-1:111122223333:cluster/events/0-4""#,
            r#""Description":"RedshiftNetworkInterface""#,
        ][..];
        let tags = |name: &str| format!(r#""Tags":[{{"Key":"Role","Value":"{name}"}}]"#);
        let answers = [
            format!(r#"{{"FileSystems":[{{"FileSystemId":"fs-1",{}}}]}}"#, tags("files")),
            format!(
                r#"{{"ResourceTagMappingList":[{{"ResourceARN":"arn:aws:es:eu-west-1:111122223333:domain/logs",{}}}],"PaginationToken":"more"}}"#,
                tags("logs")
            ),
            r#"{"ClusterInfoList":[{"ClusterArn":"arn:aws:kafka:eu-west-1:111122223333:cluster/events/0-4","Tags":{"Role":"kafka"}}]}"#.to_owned(),
            format!(
                r#"{{"Clusters":[{{"ClusterIdentifier":"dwh","ClusterNodes":[{{"PrivateIPAddress":"10.0.0.4"}}],{}}}]}}"#,
                tags("redshift")
            ),
        ];
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        insta::assert_snapshot!(told(interfaces, &answers), @r#"
        eni-1: EFS file system fs-1: {"Role": {"files"}}, open {}
        eni-2: OpenSearch domain logs: {"Role": {"logs"}}, open {}
        eni-3: MSK cluster events: {"Role": {"kafka"}}, open {}
        eni-4: Redshift cluster dwh: {"Role": {"redshift"}}, open {}
        "#);
    }
}
