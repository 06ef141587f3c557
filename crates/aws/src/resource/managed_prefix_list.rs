//! Managed prefix list: name and owner of a list; see `prefix_list` for its entries.
//!
//! SOURCE: EC2 API reference, `ManagedPrefixList` (checked 2026-11-23).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{Resource, Tags, describe, optional};
use crate::{Entry, Id, Inventory};

/// A list, as `describe-managed-prefix-lists` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ManagedPrefixList {
    prefix_list_id: Id<ManagedPrefixList>,
    #[serde(default, deserialize_with = "optional")]
    prefix_list_name: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    prefix_list_arn: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    owner_id: Option<String>,
    #[serde(default)]
    tags: Tags,
}

impl Resource for ManagedPrefixList {
    const TYPE: &'static str = "AWS::EC2::ManagedPrefixList";
    const LIST: &'static str = "ManagedPrefixLists";

    fn id(&self) -> &Id<Self> {
        &self.prefix_list_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_id.as_deref().filter(|owner| *owner != "AWS")
    }

    fn declare(&self, here: &Entry<Self>, _: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, self.prefix_list_arn.clone(), "prefix-list", &self.tags);
        resource.label.clone_from(&self.prefix_list_name);
        graph.resource(resource);
    }

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}

#[cfg(test)]
mod tests {
    use crate::{Inventory, lower, snapshot::Snapshot};

    #[test]
    fn names_a_list() {
        let export = r#"{"PrefixLists":[{"PrefixListId":"pl-1","PrefixListName":"s3","Cidrs":[]}],"ManagedPrefixLists":[
            {"PrefixListId":"pl-1","PrefixListName":"s3","OwnerId":"AWS"},
            {"PrefixListId":"pl-2","PrefixListName":"office","OwnerId":"111122223333","PrefixListArn":""}]}"#;
        let (snapshot, _) = Snapshot::parse("lists.json", export);
        let (inventory, _) = Inventory::read(&snapshot);
        let (graph, _) = lower(&inventory, &snapshot);
        let lists = graph.resources().iter().map(|list| format!("{} {:?}", list.id, list.label));
        insta::assert_snapshot!(lists.collect::<Vec<_>>().join("\n"), @r#"
        pl-1 Some("s3")
        pl-2 Some("office")
        "#);
    }
}
