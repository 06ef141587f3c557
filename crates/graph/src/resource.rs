//! What nodes stand for.

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{NodeId, Port, ResourceId};

/// Names one resource across accounts and Regions.
///
/// Two resources with the same id in different accounts or Regions have different keys.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceKey(Arc<str>);

impl ResourceKey {
    /// The key of a resource of this id in this account and Region (empty when unknown).
    pub fn new(account: &str, region: &str, id: &str) -> Self {
        Self(format!("{account}/{region}/{id}").into())
    }

    /// The key as text, `account/region/id`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id alone.
    pub fn id(&self) -> &str {
        self.0.splitn(3, '/').nth(2).unwrap_or(&self.0)
    }
}

impl fmt::Debug for ResourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ResourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// What a node stands for. Scopes select on nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceRef {
    /// Type, as in `AWS::EC2::NetworkInterface`.
    pub kind: String,
    /// Id, as the export gives it.
    pub id: String,
    /// ARN, if it is known or can be derived.
    pub arn: Option<String>,
    /// Account that owns it; empty when unknown.
    pub account: String,
    /// Region; empty when unknown.
    pub region: String,
    /// Tags by key.
    pub tags: BTreeMap<String, String>,
    /// What it is in or belongs to: subnet, VPC, instance, security groups, in that order where they apply.
    pub within: Vec<ResourceKey>,
    /// What it is for, in a few words, when the export tells.
    pub label: Option<String>,
}

impl ResourceRef {
    /// A resource of this type and id, of which nothing else is known.
    pub fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            id: id.into(),
            arn: None,
            account: String::new(),
            region: String::new(),
            tags: BTreeMap::new(),
            within: Vec::new(),
            label: None,
        }
    }

    /// Its key.
    pub fn key(&self) -> ResourceKey {
        ResourceKey::new(&self.account, &self.region, &self.id)
    }

    /// Its `Name` tag, unless that is absent or empty.
    pub fn name(&self) -> Option<&str> {
        self.tags.get("Name").map(String::as_str).filter(|name| !name.is_empty())
    }
}

/// The world on the far side of a border: replies may come back through any border of the same world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum World {
    /// This end only.
    Own,
    /// The public internet.
    Internet,
}

/// Where packets start and stop, while building: ports are names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The resource that sends and receives.
    pub resource: ResourceKey,
    /// Where packets that it sends first appear; `None` if it opens no conversations.
    pub departs: Option<Port>,
    /// Where packets for it arrive; `None` if nothing is delivered to it.
    pub arrives: Option<Port>,
    /// Where its replies first appear; usually the same as `departs`.
    pub answers: Option<Port>,
    /// Whether arrivals leave the network here.
    pub border: bool,
    /// The world behind it.
    pub world: World,
}

impl End {
    /// An end inside the network that sends, receives and answers.
    pub fn host(resource: ResourceKey, departs: Port, arrives: Port) -> Self {
        Self {
            resource,
            answers: Some(departs.clone()),
            departs: Some(departs),
            arrives: Some(arrives),
            border: false,
            world: World::Own,
        }
    }
}

/// Where packets start and stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedEnd {
    /// The resource that sends and receives.
    pub resource: ResourceId,
    /// Where packets that it sends first appear.
    pub departs: Option<NodeId>,
    /// Where packets for it arrive.
    pub arrives: Option<NodeId>,
    /// Where its replies first appear.
    pub answers: Option<NodeId>,
    /// Whether arrivals leave the network here.
    pub border: bool,
    /// The world behind it.
    pub world: World,
}
