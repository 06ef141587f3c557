//! Prefix lists: named sets of address blocks, AWS's own and customers'.
//!
//! No ports: rules and routes expand to the entries. Entries come with `describe-prefix-lists` (AWS's lists), or from
//! `get-managed-prefix-list-entries`, whose answer names its list by an extra member or by the file's name. The answer
//! of `describe-managed-prefix-lists` has the same member `PrefixLists`, with names and owners but without entries.
//!
//! SOURCE: EC2 API reference, `PrefixList`, `ManagedPrefixList` and `GetManagedPrefixListEntries` (checked 2026-11-23).
use std::collections::BTreeMap;

use graph::{GraphBuilder, Origin};
use ipnet::IpNet;
use serde::Deserialize;

use super::{Resource, Tags, describe, optional};
use crate::{Entry, Id, Inventory, Place, inventory::Reading};

/// Entries of every known list, by id: one version for each document that tells them.
pub(crate) type PrefixEntries = BTreeMap<String, Vec<Known>>;

/// The entries of a list as one answer tells them.
#[derive(Debug)]
pub(crate) struct Known {
    place: Place,
    entries: Vec<(IpNet, Origin)>,
}

/// A list, as `describe-prefix-lists` or `describe-managed-prefix-lists` prints it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrefixList {
    prefix_list_id: Id<PrefixList>,
    #[serde(default, deserialize_with = "optional")]
    prefix_list_name: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    prefix_list_arn: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    owner_id: Option<String>,
    cidrs: Option<Vec<IpNet>>,
    #[serde(default)]
    tags: Tags,
}

/// The two answers tell different things about a list; only their blocks can contradict each other.
impl PartialEq for PrefixList {
    fn eq(&self, other: &Self) -> bool {
        match (&self.cidrs, &other.cidrs) {
            (Some(these), Some(those)) => {
                let sorted = |nets: &[IpNet]| {
                    let mut nets = nets.to_vec();
                    nets.sort();
                    nets
                };
                sorted(these) == sorted(those)
            }
            _ => true,
        }
    }
}

/// The entries of the list that a record at `from` means by `id`, or `None` if the snapshot does not hold them.
pub(super) fn entries_of<'i>(
    inventory: &'i Inventory,
    id: &str,
    from: &Place,
) -> Option<&'i [(IpNet, Origin)]> {
    let here: Vec<&Known> =
        inventory.prefixes.get(id)?.iter().filter(|known| known.place.same_region(from)).collect();
    // Lists are shared between accounts, so that another account's answer will do if there is no own one.
    let own = here.iter().find(|known| known.place.account == from.account);
    own.or(here.first()).map(|known| known.entries.as_slice())
}

/// From where the entries of a list are told.
pub(super) fn places<'i>(inventory: &'i Inventory, id: &str) -> impl Iterator<Item = &'i Place> {
    inventory.prefixes.get(id).into_iter().flatten().map(|known| &known.place)
}

/// The entries of every known list, by id.
pub(crate) fn all(inventory: &Inventory) -> BTreeMap<String, Vec<IpNet>> {
    let nets = |known: &Known| known.entries.iter().map(|(net, _)| *net).collect();
    inventory
        .prefixes
        .iter()
        .filter_map(|(id, versions)| Some((id.clone(), nets(versions.first()?))))
        .collect()
}

#[derive(PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    cidr: IpNet,
}

/// Collects the entries of all lists. Where both answers tell a list, that with the entries counts.
pub(crate) fn entries(reading: &mut Reading<'_>, inventory: &mut Inventory) {
    let mut found = answers(reading);
    for list in inventory.table::<PrefixList>().iter() {
        let Some(cidrs) = &list.value.cidrs else { continue };
        let entries = cidrs
            .iter()
            .enumerate()
            .filter_map(|(at, net)| Some((net.trunc(), list.at(format_args!("/Cidrs/{at}"))?)));
        let known = Known { place: list.place.clone(), entries: entries.collect() };
        found.entry(list.value.prefix_list_id.as_str().to_owned()).or_default().push(known);
    }
    inventory.prefixes = found;
}

/// The entries that answers of their own tell, page by page. A list of which an entry is damaged or missing is not
/// known.
fn answers(reading: &mut Reading<'_>) -> PrefixEntries {
    let mut pages = BTreeMap::<(String, Place), Option<Vec<(IpNet, Origin)>>>::new();
    for answer in reading.answers::<Listed>("Entries", "prefix list", &[("PrefixListId", &["pl-"])]) {
        let key = (answer.subject(|_| false).to_owned(), answer.place);
        let page = pages.entry(key).or_insert_with(|| Some(Vec::new()));
        match &mut *page {
            Some(entries) if answer.whole => entries
                .extend(answer.records.into_iter().map(|(listed, origin)| (listed.cidr.trunc(), origin))),
            _ => *page = None,
        }
    }
    let mut found = PrefixEntries::new();
    for ((id, place), entries) in pages {
        found.entry(id).or_default().extend(entries.map(|entries| Known { place, entries }));
    }
    found
}

impl Resource for PrefixList {
    const TYPE: &'static str = "AWS::EC2::PrefixList";
    const LIST: &'static str = "PrefixLists";

    fn id(&self) -> &Id<Self> {
        &self.prefix_list_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_id.as_deref().filter(|owner| *owner != "AWS")
    }

    /// The description with blocks comes first.
    fn weight(&self) -> String {
        format!("{} {self:?}", if self.cidrs.is_some() { "a" } else { "b" })
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
    fn entries(documents: &[(&str, &str)]) -> String {
        let documents = documents.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
        let (snapshot, _) = crate::snapshot::Snapshot::from_documents(documents);
        let (inventory, remarks) = crate::Inventory::read(&snapshot);
        let remarks = remarks.iter().filter(|remark| remark.severity < crate::Severity::Info);
        let remarks: Vec<String> = remarks.map(ToString::to_string).collect();
        format!("{:?}\n{}", inventory.prefix_lists(), remarks.join("\n"))
    }

    #[test]
    fn a_list_that_both_answers_describe_keeps_its_blocks() {
        let described =
            r#"{"PrefixLists":[{"PrefixListId":"pl-1","PrefixListName":"s3","Cidrs":["3.5.0.0/19"]}]}"#;
        let managed = r#"{"PrefixLists":[{"PrefixListId":"pl-1","PrefixListName":"s3","OwnerId":"AWS"},{"PrefixListId":"pl-2","OwnerId":"111122223333"}]}"#;
        insta::assert_snapshot!(entries(&[("a.json", managed), ("b.json", described)]), @r#"{"pl-1": [3.5.0.0/19]}"#);
        insta::assert_snapshot!(entries(&[("a.json", described), ("b.json", managed)]), @r#"{"pl-1": [3.5.0.0/19]}"#);
    }

    #[test]
    fn entries_name_their_list_by_member_or_file() {
        let text = entries(&[
            ("a.json", r#"{"PrefixListId":"pl-1","Entries":[{"Cidr":"10.0.0.1/8","Description":"x"}]}"#),
            ("pl-2.json", r#"{"Entries":[{"Cidr":"2001:db8::/32"}]}"#),
            ("b.json", r#"{"Entries":[{"Cidr":"10.0.0.0/8"}]}"#),
            (
                "c.json",
                r#"{"PrefixLists":[{"PrefixListId":"pl-3","Cidrs":["52.0.0.0/8"]},{"PrefixListId":"pl-4"}]}"#,
            ),
        ]);
        insta::assert_snapshot!(text, @r#"
        {"pl-1": [10.0.0.0/8], "pl-2": [2001:db8::/32], "pl-3": [52.0.0.0/8]}
        b.json:1#/Entries/0: these `Entries` do not say which prefix list they belong to
          help: add a top-level member `PrefixListId`, or name the file after the prefix list
        "#);
    }

    #[test]
    fn a_list_with_a_missing_or_bad_entry_is_not_known() {
        let text = entries(&[
            ("pl-1.json", r#"{"Entries":[{"Cidr":"10.0.0.0/8"},{"Cidr":"10"}]}"#),
            ("pl-2.json", r#"{"Entries":[{"Cidr":"10.0.0.0/8"}],"NextToken":"x"}"#),
            ("pl-3/1.json", r#"{"Entries":[{"Cidr":"10.0.0.0/8"}]}"#),
            ("pl-3/2.json", r#"{"Entries":[{"Cidr":"11.0.0.0/8"}]}"#),
        ]);
        insta::assert_snapshot!(text, @r#"
        {"pl-3": [10.0.0.0/8, 11.0.0.0/8]}
        pl-1.json:1#/Entries/1/Cidr: invalid IP address syntax
          help: this record is left out; what depends on it is reported as unknown
        "#);
    }
}
