//! Inventory to forwarding graph.

use std::collections::BTreeSet;

use graph::{Disposition, Edge, ForwardingGraph, GraphBuilder, Origin, Remark, ResourceKey, Rule};

use crate::{
    Diagnostic, Inventory, Location, Severity,
    resource::{self, NetworkInterface, SecurityGroup},
    snapshot::Snapshot,
};

/// The forwarding graph of an inventory, and what in the snapshot does not fit together, sorted.
///
/// What is missing leads to "insufficient information" in the graph, so that answers that depend on it are unknown;
/// each such place is remarked on. `snapshot` must be the one that the inventory was read from; it gives the
/// diagnostics their file and line.
pub fn lower(inventory: &Inventory, snapshot: &Snapshot) -> (ForwardingGraph, Vec<Diagnostic>) {
    let mut builder = GraphBuilder::new();
    resource::lower_all(inventory, &mut builder);
    let (graph, remarks) = builder.finish();
    let diagnostics = remarks_of(&graph, remarks, inventory, snapshot);
    (graph, diagnostics)
}

/// The same graph, and with it the controls that keep packets back and what opening them would mean. Nodes and edges
/// have the same ids as those of [`lower`].
pub fn lower_openable(inventory: &Inventory) -> ForwardingGraph {
    let mut builder = GraphBuilder::new().openable();
    resource::lower_all(inventory, &mut builder);
    resource::offer_routes(inventory, &mut builder);
    builder.finish().0
}

fn remarks_of(
    graph: &ForwardingGraph,
    remarks: Vec<Remark>,
    inventory: &Inventory,
    snapshot: &Snapshot,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut told = BTreeSet::new();
    for remark in remarks {
        told.insert((remark.cause.resource.clone(), remark.cause.origin.clone()));
        let message =
            format!("`{}` points to `{}`, which is not there", remark.cause.resource, remark.missing);
        let location = remark.cause.origin.as_ref().map(|origin| locate(snapshot, origin));
        diagnostics.push(
            Diagnostic::warning("missing-resource", location, message)
                .with_help("paths through it are reported as unknown; export the table that holds it"),
        );
    }
    for (is_named, resource, origin, note) in doubts(graph) {
        if told.contains(&(resource.clone(), origin.clone())) {
            continue;
        }
        // What a record names and is not there is worth a warning; what belongs to a resource and is not there is
        // mostly a table that is missing as a whole, of which there is one, and gaps of the model are known.
        let severity = if is_named { Severity::Warning } else { Severity::Info };
        let location = origin.as_ref().map(|origin| locate(snapshot, origin));
        diagnostics.push(
            Diagnostic::new(severity, "unknown", location, note)
                .with_help("paths that depend on it are reported as unknown"),
        );
    }
    diagnostics.extend(missing_groups(inventory, snapshot));
    diagnostics.sort();
    diagnostics.dedup();
    diagnostics
}

/// What the graph does not tell: whether a record names what is missing, who says so, where, and why.
fn doubts(graph: &ForwardingGraph) -> BTreeSet<(bool, ResourceKey, Option<Origin>, String)> {
    let edges = graph.edges().map(|id| graph.edge(id));
    let lost = |edge: &Edge| graph.node(edge.to).refuses == Some(Disposition::InsufficientInfo);
    let doubtful = edges.filter(|edge| !edge.certain || lost(edge)).map(|edge| &edge.cause);
    let noted = doubtful.filter_map(|cause| {
        let note = cause.note.as_deref()?;
        let is_named = match cause.rule {
            Rule::Route(_) | Rule::Filter(_) | Rule::Transit(_) | Rule::Policy(_) | Rule::Listener(_) => true,
            // Most rules of a firewall that depend on what packets carry are meant to.
            Rule::Inspection(_) => note.contains("not in the snapshot"),
            Rule::Carries => note.ends_with("in the snapshot"),
            Rule::Structure | Rule::Established => false,
        };
        Some((is_named, cause.resource.clone(), cause.origin.clone(), cause.doubt()))
    });
    noted.collect()
}

/// Security groups that interfaces carry and that are not in the snapshot although it holds a table of groups.
fn missing_groups(inventory: &Inventory, snapshot: &Snapshot) -> Vec<Diagnostic> {
    let groups = inventory.table::<SecurityGroup>();
    let interfaces = inventory.table::<NetworkInterface>().iter().filter(|it| groups.covers(&it.place));
    let carried = interfaces.flat_map(|it| it.value.groups().map(move |(id, pointer)| (it, id, pointer)));
    let missing = carried.filter(|(it, id, _)| inventory.get(*id, &it.place).is_none());
    missing
        .map(|(it, id, pointer)| {
            let location = it.at(pointer).map(|origin| locate(snapshot, &origin));
            Diagnostic::warning(
                "missing-resource",
                location,
                format!("security group `{id}` is not in the snapshot"),
            )
            .with_help("what it may admit is reported as unknown")
        })
        .collect()
}

/// File, line and JSON pointer of what an origin names.
pub fn locate(snapshot: &Snapshot, origin: &Origin) -> Location {
    snapshot.locate(origin.document, origin.offset, &origin.pointer)
}
