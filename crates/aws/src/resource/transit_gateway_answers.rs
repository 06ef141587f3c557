//! What answers about transit gateway route tables and policy tables tell: routes, propagations, associations, entries.
//!
//! Routes come from `search-transit-gateway-routes`, from files that `export-transit-gateway-routes` writes, or from
//! Batfish's `TransitGatewayStaticRoutes`, which holds the static ones of every table. Associations and propagations
//! come from `get-transit-gateway-…`. Which table an answer is about stands in an extra member or in the file's name.
//!
//! SOURCE: EC2 API reference, `SearchTransitGatewayRoutes`, `GetTransitGatewayRouteTableAssociations`,
//! `GetTransitGatewayRouteTablePropagations`, `GetTransitGatewayPrefixListReferences`,
//! `GetTransitGatewayPolicyTableEntries`; transit gateway guide, "Export route tables to Amazon S3" (the members begin
//! with small letters there) (checked 2026-11-26).
//! GAP: that a search was filtered by state or type does not show in its answer: it counts as all routes, except that
//! the blocks of VPCs that are known to propagate are added: for sure if it lists no propagated route, else in doubt.
use std::collections::{BTreeMap, BTreeSet};

use graph::{Origin, ResourceKey};
use ipnet::IpNet;
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    nullable, optional, transit_gateway_attachment::TransitGatewayAttachment,
    transit_gateway_route_table::TransitGatewayRouteTable,
};
use crate::{
    Diagnostic, Entry, Id, Inventory, Place,
    inventory::{Answer, Reading},
};

const TABLE: &str = "TransitGatewayRouteTableId";
const POLICY: &str = "TransitGatewayPolicyTableId";

/// A route, as a search or an exported file holds it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Route {
    #[serde(default, deserialize_with = "optional", alias = "destinationCidrBlock")]
    pub(super) destination_cidr_block: Option<IpNet>,
    #[serde(default, deserialize_with = "optional", alias = "prefixListId")]
    pub(super) prefix_list_id: Option<String>,
    #[serde(default, deserialize_with = "nullable", alias = "transitGatewayAttachments")]
    pub(super) transit_gateway_attachments: Vec<Attached>,
    #[serde(default, deserialize_with = "optional", alias = "type", rename = "Type")]
    pub(super) kind: Option<String>,
    #[serde(default, deserialize_with = "optional", alias = "state")]
    pub(super) state: Option<String>,
}

/// An attachment as routes, propagations and associations name it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attached {
    #[serde(default, deserialize_with = "optional", alias = "transitGatewayAttachmentId")]
    pub(super) transit_gateway_attachment_id: Option<Id<TransitGatewayAttachment>>,
    #[serde(default, deserialize_with = "optional", alias = "resourceId")]
    pub(super) resource_id: Option<String>,
    #[serde(default, deserialize_with = "optional", alias = "resourceType")]
    pub(super) resource_type: Option<String>,
    #[serde(default, deserialize_with = "optional", alias = "state")]
    pub(super) state: Option<String>,
}

/// A reference of a route table to a prefix list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Reference {
    transit_gateway_route_table_id: Id<TransitGatewayRouteTable>,
    pub(super) prefix_list_id: String,
    #[serde(default, deserialize_with = "optional")]
    pub(super) state: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) blackhole: bool,
    pub(super) transit_gateway_attachment: Option<Attached>,
}

/// An entry of a policy table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyEntry {
    pub(super) policy_rule_number: String,
    pub(super) policy_rule: Option<PolicyMatch>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) target_route_table_id: Option<Id<TransitGatewayRouteTable>>,
}

/// What an entry of a policy table matches.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyMatch {
    #[serde(default, deserialize_with = "optional")]
    pub(super) source_cidr_block: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) source_port_range: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) destination_cidr_block: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) destination_port_range: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) protocol: Option<String>,
    pub(super) meta_data: Option<MetaData>,
}

/// What a neighbour network tells of a packet beside its header.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetaData {
    #[serde(default, deserialize_with = "optional")]
    pub(super) meta_data_key: Option<String>,
}

/// What one answer tells of its subject.
#[derive(Debug)]
struct Told<T> {
    place: Place,
    whole: bool,
    records: Vec<(T, Origin)>,
}

/// Answers by subject.
#[derive(Debug)]
struct Answers<T>(BTreeMap<String, Vec<Told<T>>>);

/// What is known of a subject from all answers about it.
#[derive(Debug)]
pub(super) struct Known<'i, T> {
    pub(super) records: Vec<&'i (T, Origin)>,
    /// `false` if records are missing or damaged.
    pub(super) whole: bool,
}

impl<T> Default for Answers<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: PartialEq> Answers<T> {
    fn add(&mut self, subject: &str, told: Told<T>) {
        self.0.entry(subject.to_owned()).or_default().push(told);
    }

    /// What a record at `from` may take for known of `subject`: what its own account was told, else what others were.
    fn of(&self, subject: &str, from: &Place) -> Option<Known<'_, T>> {
        let here: Vec<&Told<T>> =
            self.0.get(subject)?.iter().filter(|told| told.place.same_region(from)).collect();
        let own: Vec<&Told<T>> =
            here.iter().filter(|told| told.place.account == from.account).copied().collect();
        let counting = if own.is_empty() { here } else { own };
        let mut records: Vec<&(T, Origin)> = Vec::new();
        for record in counting.iter().flat_map(|told| &told.records) {
            if !records.iter().any(|known| known.0 == record.0) {
                records.push(record);
            }
        }
        let whole = counting.iter().all(|told| told.whole);
        (!counting.is_empty()).then_some(Known { records, whole })
    }
}

/// What answers about transit gateways tell, and the zones in which each of them stands.
#[derive(Debug, Default)]
pub(crate) struct Transit {
    routes: Answers<Route>,
    static_routes: Answers<Route>,
    propagations: Answers<Attached>,
    references: Answers<Reference>,
    associations: Answers<Attached>,
    policies: Answers<PolicyEntry>,
    policy_associations: Answers<Attached>,
    /// Tables that an attachment is associated with, by the attachment's id: the table's id, and whether it is a policy
    /// table.
    associated: BTreeMap<String, BTreeSet<(bool, String)>>,
    zones: BTreeMap<ResourceKey, Zones>,
}

/// The zones in which the VPC attachments of a transit gateway stand.
#[derive(Debug, Default)]
pub(super) struct Zones {
    /// As [`Subnet::zone`](super::Subnet::zone) names them.
    pub(super) names: BTreeSet<String>,
    /// Accounts whose names for zones these are; none where they are ids.
    accounts: BTreeSet<String>,
    ids: bool,
}

impl Zones {
    /// Whether equal names mean the same zone, and different ones different zones.
    pub(super) fn comparable(&self) -> bool {
        self.accounts.is_empty() || (self.accounts.len() == 1 && !self.ids)
    }
}

impl Transit {
    /// All routes of a table.
    pub(super) fn routes(&self, table: &Entry<TransitGatewayRouteTable>) -> Option<Known<'_, Route>> {
        self.routes.of(super::Resource::id(&table.value).as_str(), &table.place)
    }

    /// The static routes of a table.
    pub(super) fn static_routes(&self, table: &Entry<TransitGatewayRouteTable>) -> Option<Known<'_, Route>> {
        self.static_routes.of(super::Resource::id(&table.value).as_str(), &table.place)
    }

    /// Attachments that propagate into a table.
    pub(super) fn propagations(
        &self,
        table: &Entry<TransitGatewayRouteTable>,
    ) -> Option<Known<'_, Attached>> {
        self.propagations.of(super::Resource::id(&table.value).as_str(), &table.place)
    }

    /// References of a table to prefix lists.
    pub(super) fn references(&self, table: &Entry<TransitGatewayRouteTable>) -> Option<Known<'_, Reference>> {
        self.references.of(super::Resource::id(&table.value).as_str(), &table.place)
    }

    /// Attachments associated with a table.
    pub(super) fn associations(
        &self,
        table: &Entry<TransitGatewayRouteTable>,
    ) -> Option<Known<'_, Attached>> {
        self.associations.of(super::Resource::id(&table.value).as_str(), &table.place)
    }

    /// The entries of a policy table.
    pub(super) fn policies(&self, id: &str, from: &Place) -> Option<Known<'_, PolicyEntry>> {
        self.policies.of(id, from)
    }

    /// Attachments associated with a policy table.
    pub(super) fn policy_associations(&self, id: &str, from: &Place) -> Option<Known<'_, Attached>> {
        self.policy_associations.of(id, from)
    }

    /// Ids of the tables that answers associate with an attachment; `true` for policy tables.
    pub(super) fn associated(&self, attachment: &str) -> impl Iterator<Item = (bool, &str)> {
        self.associated.get(attachment).into_iter().flatten().map(|(policy, table)| (*policy, table.as_str()))
    }

    /// The zones of a transit gateway.
    pub(super) fn zones(&self, gateway: &ResourceKey) -> Option<&Zones> {
        self.zones.get(gateway)
    }

    /// The zones from which packets reach a transit gateway, and the empty one for those of no zone.
    pub(super) fn origins(&self, gateway: &ResourceKey) -> impl Iterator<Item = &str> {
        let zones = self.zones.get(gateway).into_iter().flat_map(|zones| &zones.names);
        std::iter::once("").chain(zones.map(String::as_str))
    }
}

/// Collects what answers about transit gateways tell. To be called when the typed tables are filled.
pub(crate) fn read(reading: &mut Reading<'_>, inventory: &mut Inventory) {
    let mut transit = Transit::default();
    let kinds: [(&'static str, &[&str]); 3] = [
        (TABLE, &["tgw-rtb-"]),
        // The routes of a local gateway have the same shape, and are not these.
        ("LocalGatewayRouteTableId", &["lgw-rtb-"]),
        (POLICY, &["tgw-ptb-"]),
    ];
    for answer in reading.answers::<Route>("Routes", "transit gateway route table", &kinds) {
        let whole = answer.whole && is_unfiltered(reading, answer.document);
        let subject = answer.subject(|id| knows_table(inventory, id)).to_owned();
        if answer.parameter == TABLE {
            transit.routes.add(&subject, Told { whole, ..told(answer) });
        }
    }
    let list = "TransitGatewayRouteTablePropagations";
    for answer in reading.answers::<Attached>(list, "transit gateway route table", &kinds) {
        let subject = answer.subject(|id| knows_table(inventory, id)).to_owned();
        transit.propagations.add(&subject, told(answer));
    }
    for answer in reading.answers::<Attached>("Associations", "transit gateway route table", &kinds) {
        let subject = answer.subject(|id| knows_table(inventory, id)).to_owned();
        for (attached, _) in answer.records.iter().filter(|(attached, _)| holds(attached)) {
            let Some(id) = &attached.transit_gateway_attachment_id else { continue };
            let tables = transit.associated.entry(id.as_str().to_owned()).or_default();
            tables.insert((answer.parameter == POLICY, subject.clone()));
        }
        if answer.parameter == POLICY {
            transit.policy_associations.add(&subject, told(answer));
        } else {
            transit.associations.add(&subject, told(answer));
        }
    }
    let list = "TransitGatewayPolicyTableEntries";
    for answer in reading.answers::<PolicyEntry>(list, "transit gateway policy table", &kinds) {
        let subject = answer.subject(|_| false).to_owned();
        transit.policies.add(&subject, told(answer));
    }
    for (place, reference, origin) in records::<Reference>(reading, "TransitGatewayPrefixListReferences") {
        let subject = reference.transit_gateway_route_table_id.as_str().to_owned();
        transit.references.add(&subject, Told { place, whole: true, records: vec![(reference, origin)] });
    }
    wrapped(reading, &mut transit);
    transit.zones = zones(inventory);
    inventory.transit = transit;
    derived(reading, inventory);
}

fn told<T>(answer: Answer<T>) -> Told<T> {
    Told { place: answer.place, whole: answer.whole, records: answer.records }
}

fn knows_table(inventory: &Inventory, id: &str) -> bool {
    inventory.table::<TransitGatewayRouteTable>().everywhere(id).next().is_some()
}

fn holds(attached: &Attached) -> bool {
    attached.state.as_deref().is_none_or(|state| state == "associated")
}

/// The records of a list that name their subject themselves.
fn records<T: DeserializeOwned>(reading: &mut Reading<'_>, list: &str) -> Vec<(Place, T, Origin)> {
    let mut found = Vec::new();
    for (index, document) in reading.documents() {
        for element in
            document.tables.iter().filter(|table| table.key == list).flat_map(|table| &table.elements)
        {
            let Some((record, origin)) = reading.parse::<T>(index, document, element) else { continue };
            found.push((reading.place_of(document), record, origin));
        }
    }
    found
}

/// Batfish's documents: an element for each route table.
fn wrapped(reading: &mut Reading<'_>, transit: &mut Transit) {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Static {
        transit_gateway_route_table_id: String,
        #[serde(default, deserialize_with = "nullable")]
        routes: Vec<Route>,
        #[serde(default, deserialize_with = "nullable")]
        additional_routes_available: bool,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Propagating {
        transit_gateway_route_table_id: String,
        #[serde(default, deserialize_with = "nullable")]
        transit_gateway_route_table_propagations: Vec<Attached>,
    }
    fn within<T>(list: &str, records: Vec<T>, origin: &Origin) -> Vec<(T, Origin)> {
        let at = |index: usize| Origin { pointer: format!("/{list}/{index}"), ..origin.clone() };
        records.into_iter().enumerate().map(|(index, record)| (record, at(index))).collect()
    }
    for (place, wrapper, origin) in records::<Static>(reading, "TransitGatewayStaticRoutes") {
        let told = Told {
            place,
            whole: !wrapper.additional_routes_available,
            records: within("Routes", wrapper.routes, &origin),
        };
        transit.static_routes.add(&wrapper.transit_gateway_route_table_id, told);
    }
    for (place, wrapper, origin) in records::<Propagating>(reading, "TransitGatewayPropagations") {
        let list = "TransitGatewayRouteTablePropagations";
        let records = within(list, wrapper.transit_gateway_route_table_propagations, &origin);
        transit
            .propagations
            .add(&wrapper.transit_gateway_route_table_id, Told { place, whole: true, records });
    }
}

/// Whether an exported file of routes holds all of them, by the filter that it repeats.
fn is_unfiltered(reading: &mut Reading<'_>, document: u32) -> bool {
    #[derive(Deserialize)]
    struct Filter {
        #[serde(alias = "Name")]
        name: String,
        #[serde(default, alias = "Values")]
        values: Vec<String>,
    }
    let Some((index, found)) = reading.documents().find(|(index, _)| *index == document) else { return true };
    let elements: Vec<_> =
        found.tables.iter().filter(|table| table.key == "Filter").flat_map(|table| &table.elements).collect();
    let mut unfiltered = true;
    for element in elements {
        let all = reading.parse::<Filter>(index, found, element).is_some_and(|(filter, _)| {
            let has = |block: &str| filter.values.iter().any(|value| value == block);
            filter.name == "route-search.subnet-of-match" && has("0.0.0.0/0") && has("::/0")
        });
        if !all && unfiltered {
            let location = reading.snapshot.locate(index, element.offset, "");
            let message = "these routes were filtered, so there may be more of them";
            let help = "export them without a filter";
            reading
                .diagnostics
                .push(Diagnostic::warning("incomplete-export", Some(location), message).with_help(help));
        }
        unfiltered &= all;
    }
    unfiltered
}

fn zones(inventory: &Inventory) -> BTreeMap<ResourceKey, Zones> {
    let mut found = BTreeMap::<ResourceKey, Zones>::new();
    for attachment in inventory.table::<TransitGatewayAttachment>().iter() {
        let gateway = attachment.value.gateway(&attachment.place, inventory);
        for subnet in attachment.value.subnets(attachment, inventory) {
            let zone = subnet.value.zone();
            if zone.is_empty() {
                continue;
            }
            let zones = found.entry(gateway.clone()).or_default();
            zones.names.insert(zone.to_owned());
            if subnet.value.has_zone_id() {
                zones.ids = true;
            } else {
                zones.accounts.insert(subnet.place.account.clone());
            }
        }
    }
    found
}

/// Says which tables have routes that were concluded from propagations.
fn derived(reading: &mut Reading<'_>, inventory: &Inventory) {
    let transit = &inventory.transit;
    for table in inventory.table::<TransitGatewayRouteTable>().iter() {
        if transit.routes(table).is_some() || transit.static_routes(table).is_some() {
            continue;
        }
        let Some(known) = transit.propagations(table) else { continue };
        let id = super::Resource::id(&table.value);
        let origin = known.records.first().map_or(&table.origin, |(_, origin)| origin);
        let location = reading.snapshot.locate(origin.document, origin.offset, &origin.pointer);
        let message = format!(
            "the routes of `{id}` are not in the snapshot; those to its VPCs were derived from its propagations"
        );
        let help = "static and blackhole routes of it are not known: add the output of \
                    `aws ec2 search-transit-gateway-routes` or `export-transit-gateway-routes`";
        reading
            .diagnostics
            .push(Diagnostic::warning("derived-routes", Some(location), message).with_help(help));
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::{Inventory, snapshot::Snapshot};

    fn routes(documents: &[(&str, &str)]) -> String {
        let documents = documents.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
        let (snapshot, mut remarks) = Snapshot::from_documents(documents);
        let (inventory, more) = Inventory::read(&snapshot);
        remarks.extend(more);
        let transit = &inventory.transit;
        let mut text = String::new();
        for (id, told) in &transit.routes.0 {
            for told in told {
                let nets: Vec<String> = told
                    .records
                    .iter()
                    .filter_map(|(route, _)| Some(route.destination_cidr_block?.to_string()))
                    .collect();
                writeln!(text, "{id}: {} whole={}", nets.join(" "), told.whole).unwrap();
            }
        }
        let remarks = remarks.iter().filter(|remark| remark.severity < crate::Severity::Info);
        remarks.for_each(|remark| writeln!(text, "{remark}").unwrap());
        text
    }

    #[test]
    fn answers_name_their_table_by_member_or_file() {
        insta::assert_snapshot!(routes(&[
            ("a.json", r#"{"TransitGatewayRouteTableId":"tgw-rtb-1","Routes":[{"DestinationCidrBlock":"10.0.0.0/8","Type":"static"}],"AdditionalRoutesAvailable":false}"#),
            ("111122223333_us-east-1_tgw-rtb-2_1700000000.json", r#"{"filter":[{"name":"route-search.subnet-of-match","values":["0.0.0.0/0","::/0"]}],"routes":[{"destinationCidrBlock":"10.1.0.0/16","transitGatewayAttachments":[{"resourceId":"vpc-1","transitGatewayAttachmentId":"tgw-attach-1","resourceType":"vpc"}],"type":"propagated","state":"active"}]}"#),
            ("b.json", r#"{"LocalGatewayRouteTableId":"lgw-rtb-1","Routes":[{"DestinationCidrBlock":"10.0.0.0/8"}]}"#),
        ]), @r"
        tgw-rtb-1: 10.0.0.0/8 whole=true
        tgw-rtb-2: 10.1.0.0/16 whole=true
        ");
    }

    #[test]
    fn more_routes_and_filters_make_it_incomplete() {
        insta::assert_snapshot!(routes(&[
            ("tgw-rtb-1.json", r#"{"Routes":[{"DestinationCidrBlock":"10.0.0.0/8"}],"AdditionalRoutesAvailable":true}"#),
            ("tgw-rtb-2.json", r#"{"filter":[{"name":"type","values":["static"]}],"routes":[{"destinationCidrBlock":"10.1.0.0/16"}]}"#),
            ("c.json", r#"{"Routes":[{"DestinationCidrBlock":"10.0.0.0/8"}]}"#),
        ]), @r"
        tgw-rtb-1: 10.0.0.0/8 whole=false
        tgw-rtb-2: 10.1.0.0/16 whole=false
        tgw-rtb-1.json:1#/AdditionalRoutesAvailable: this export is incomplete: `AdditionalRoutesAvailable` is true, so there are more records of `Routes` than these
          help: export all routes with `aws ec2 export-transit-gateway-routes`
        c.json:1#/Routes/0: these `Routes` do not say which transit gateway route table they belong to
          help: add a top-level member `TransitGatewayRouteTableId` or `LocalGatewayRouteTableId` or `TransitGatewayPolicyTableId`, or name the file after the transit gateway route table
        tgw-rtb-2.json:1#/filter/0: these routes were filtered, so there may be more of them
          help: export them without a filter
        ");
    }
}
