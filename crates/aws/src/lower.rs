//! Inventory to forwarding graph.

use std::collections::BTreeSet;

use graph::{Disposition, ForwardingGraph, GraphBuilder, Origin, ResourceKey};

use crate::{Diagnostic, Inventory, Location, resource, snapshot::Snapshot};

/// The forwarding graph of an inventory, and what in the snapshot does not fit together, sorted.
///
/// What is missing leads to "insufficient information" in the graph, so that answers that depend on it are unknown;
/// each such place is remarked on. `snapshot` must be the one that the inventory was read from; it gives the
/// diagnostics their file and line.
pub fn lower(inventory: &Inventory, snapshot: &Snapshot) -> (ForwardingGraph, Vec<Diagnostic>) {
    let mut builder = GraphBuilder::new();
    resource::lower_all(inventory, &mut builder);
    let (graph, remarks) = builder.finish();
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
    for (resource, origin, note) in doubts(&graph) {
        if told.contains(&(resource.clone(), origin.clone())) {
            continue;
        }
        let location = origin.as_ref().map(|origin| locate(snapshot, origin));
        diagnostics.push(
            Diagnostic::warning("unknown", location, format!("`{resource}`: {note}"))
                .with_help("paths that depend on it are reported as unknown"),
        );
    }
    diagnostics.sort();
    diagnostics.dedup();
    (graph, diagnostics)
}

/// What the graph does not tell: who says so, where that is written, and why.
fn doubts(graph: &ForwardingGraph) -> BTreeSet<(ResourceKey, Option<Origin>, String)> {
    let edges = graph.edges().map(|id| graph.edge(id));
    let lost = |edge: &graph::Edge| graph.node(edge.to).refuses == Some(Disposition::InsufficientInfo);
    let doubtful = edges.filter(|edge| !edge.certain || lost(edge)).map(|edge| &edge.cause);
    let noted = doubtful
        .filter_map(|cause| Some((cause.resource.clone(), cause.origin.clone(), cause.note.clone()?)));
    noted.collect()
}

/// File, line and JSON pointer of what an origin names.
pub fn locate(snapshot: &Snapshot, origin: &Origin) -> Location {
    snapshot.locate(origin.document, origin.offset, &origin.pointer)
}
