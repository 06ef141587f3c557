//! Inventory to forwarding graph.

use graph::{ForwardingGraph, GraphBuilder, Origin};

use crate::{Diagnostic, Inventory, Location, resource, snapshot::Snapshot};

/// The forwarding graph of an inventory, and what in the snapshot does not fit together, sorted.
///
/// What is missing leads to "insufficient information" in the graph, so that answers that depend on it are unknown.
/// `snapshot` must be the one that the inventory was read from; it gives the diagnostics their file and line.
pub fn lower(inventory: &Inventory, snapshot: &Snapshot) -> (ForwardingGraph, Vec<Diagnostic>) {
    let mut builder = GraphBuilder::new();
    resource::lower_all(inventory, &mut builder);
    let (graph, remarks) = builder.finish();
    let mut diagnostics: Vec<Diagnostic> = remarks
        .into_iter()
        .map(|remark| {
            let location = remark.cause.origin.as_ref().map(|origin| locate(snapshot, origin));
            Diagnostic::warning(
                "missing-resource",
                location,
                format!("`{}` points to `{}`, which is not there", remark.cause.resource, remark.missing),
            )
            .with_help("paths through it are reported as unknown; export the table that holds it")
        })
        .collect();
    diagnostics.sort();
    diagnostics.dedup();
    (graph, diagnostics)
}

/// File, line and JSON pointer of what an origin names.
pub fn locate(snapshot: &Snapshot, origin: &Origin) -> Location {
    snapshot.locate(origin.document, origin.offset, &origin.pointer)
}
