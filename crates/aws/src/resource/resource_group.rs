//! Resource groups: members by id or ARN, for scopes that name a group.
//!
//! SOURCE: Resource Groups API reference, `ListGroupResources` (checked 2026-11-23). The answer does not name its
//! group: an extra member `Group` or `GroupName` does, else the file's name.
use serde::Deserialize;

use crate::{Inventory, inventory::Reading};

/// Collects the members of all groups whose answer names its group.
pub(crate) fn members(reading: &mut Reading<'_>, inventory: &mut Inventory) {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Member {
        identifier: Option<Identifier>,
        resource_arn: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Identifier {
        resource_arn: String,
    }
    for (index, document) in reading.documents() {
        let named = document.subject("Group", &[]).or_else(|| document.subject("GroupName", &[]));
        let Some(group) = named.or_else(|| document.subject("GroupArn", &["arn:"])) else { continue };
        for table in
            document.tables.iter().filter(|t| matches!(t.key.as_str(), "ResourceIdentifiers" | "Resources"))
        {
            for element in &table.elements {
                let Some((member, _)) = reading.parse::<Member>(index, document, element) else { continue };
                let arn = member.identifier.map(|identifier| identifier.resource_arn).or(member.resource_arn);
                let members = inventory.groups.entry(group.clone()).or_default();
                members.extend(arn.filter(|arn| !members.contains(arn)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Inventory, snapshot::Snapshot};

    #[test]
    fn members_are_found_by_the_name_of_the_group() {
        let export = r#"{"GroupName":"g","ResourceIdentifiers":[{"ResourceArn":"arn:1"},{"ResourceArn":"arn:1"},{"ResourceType":"x"}],
            "Resources":[{"Identifier":{"ResourceArn":"arn:2"}}]}"#;
        let (snapshot, _) = Snapshot::parse("group.json", export);
        let (inventory, _) = Inventory::read(&snapshot);
        insta::assert_snapshot!(format!("{:?}", inventory.resource_groups()), @r#"{"g": ["arn:1", "arn:2"]}"#);
    }
}
