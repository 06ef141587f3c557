//! Prefix lists: named sets of address blocks, AWS's own and customers'.
//!
//! No ports: rules and routes expand to the entries. Entries come with `describe-prefix-lists` (AWS's lists), or from
//! `get-managed-prefix-list-entries`, whose answer names its list by an extra member or by the file's name.
//!
//! SOURCE: EC2 API reference, `PrefixList` and `GetManagedPrefixListEntries` (checked 2026-11-23).
use std::collections::BTreeMap;

use graph::{GraphBuilder, Origin};
use ipnet::IpNet;
use serde::Deserialize;

use super::{Resource, Tags, describe, nullable};
use crate::{Diagnostic, Entry, Id, Inventory, Place, inventory::Reading};

/// Entries of every known list, by id: one version for each document that tells them.
pub(crate) type PrefixEntries = BTreeMap<String, Vec<Known>>;

/// The entries of a list as one document tells them.
#[derive(Debug)]
pub(crate) struct Known {
    region: Option<String>,
    entries: Vec<(IpNet, Origin)>,
}

/// A list, as `describe-prefix-lists` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrefixList {
    prefix_list_id: Id<PrefixList>,
    prefix_list_name: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    cidrs: Vec<IpNet>,
}

/// The entries of a list, or `None` if the snapshot does not hold them.
pub(super) fn entries_of<'i>(
    inventory: &'i Inventory,
    id: &str,
    from: &Place,
) -> Option<&'i [(IpNet, Origin)]> {
    let versions = inventory.prefixes.get(id)?;
    let here = versions
        .iter()
        .find(|v| v.region.as_deref().is_none_or(|r| r == from.region || from.region.is_empty()));
    here.map(|known| known.entries.as_slice())
}

/// The entries of all known lists, by id; of several versions the first.
pub(crate) fn all(inventory: &Inventory) -> BTreeMap<String, Vec<IpNet>> {
    let nets = |known: &Known| known.entries.iter().map(|(net, _)| *net).collect();
    inventory.prefixes.iter().filter_map(|(id, versions)| Some((id.clone(), nets(versions.first()?)))).collect()
}

/// Collects the entries of all lists.
pub(crate) fn entries(reading: &mut Reading<'_>, inventory: &mut Inventory) {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Listed {
        cidr: IpNet,
    }
    let mut found: PrefixEntries = BTreeMap::new();
    for list in inventory.table::<PrefixList>().iter() {
        let cidrs = list.value.cidrs.iter().enumerate();
        let entries =
            cidrs.filter_map(|(at, net)| Some((net.trunc(), list.at(format_args!("/Cidrs/{at}"))?)));
        let region = Some(list.place.region.clone()).filter(|region| !region.is_empty());
        let known = Known { region, entries: entries.collect() };
        found.entry(list.value.prefix_list_id.as_str().to_owned()).or_default().push(known);
    }
    let snapshot = reading.snapshot;
    for (index, document) in (0u32..).zip(snapshot.documents()) {
        for table in document.tables.iter().filter(|table| table.key == "Entries") {
            let Some(id) = document.subject("PrefixListId", &["pl-"]) else {
                let location = table.elements.first().map(|e| snapshot.locate(index, e.offset, ""));
                let message = "these `Entries` do not say which prefix list they belong to".to_owned();
                reading.diagnostics.push(Diagnostic::warning("no-subject", location, message).with_help(
                    "add a top-level member `PrefixListId`, or name the file after the list (`pl-….json`)",
                ));
                continue;
            };
            let parsed: Vec<Option<(Listed, Origin)>> =
                table.elements.iter().map(|element| reading.parse(index, document, element)).collect();
            if parsed.iter().any(Option::is_none) {
                continue; // a list with a damaged entry is not known
            }
            let entries = parsed.into_iter().flatten().map(|(listed, origin)| (listed.cidr.trunc(), origin));
            let known = Known { region: document.place.region.clone(), entries: entries.collect() };
            found.entry(id).or_default().insert(0, known);
        }
    }
    inventory.prefixes = found;
}

impl Resource for PrefixList {
    const TYPE: &'static str = "AWS::EC2::PrefixList";
    const LIST: &'static str = "PrefixLists";

    fn id(&self) -> &Id<Self> {
        &self.prefix_list_id
    }

    fn weight(&self) -> String {
        format!("{self:?}")
    }

    fn declare(&self, here: &Entry<Self>, _: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "prefix-list", &Tags::default());
        resource.label.clone_from(&self.prefix_list_name);
        graph.resource(resource);
    }

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
