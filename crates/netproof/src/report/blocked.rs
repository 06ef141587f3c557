//! The best blocked path: a way that would be open but for a few controls, which it shows where they stand.

use std::collections::BTreeSet;

use graph::{ControlId, ForwardingGraph, Trace};
use search::{Kept, Leg};

use super::{
    closed::through_text,
    component::way,
    hops::{Row, component_rows, rows_text, short},
    style::{Style, counted, wrapped},
};
use crate::Analysis;

/// Marks what would have to change.
const CLOSED: &str = "✗";

/// The way that takes the fewest changes, step by step, for people; empty if none is known.
pub(super) fn best_way_text(analysis: &Analysis, kept: &Kept, style: Style) -> String {
    let Some((open, Some(through))) = &kept.opened_by else { return String::new() };
    if through.ways.is_empty() {
        return String::new();
    }
    let lead = match open.len() {
        1 => format!("The best way there, with the one thing on it that stops the packet ({CLOSED}):"),
        count => format!(
            "The best way there, with {} on it that would have to change ({CLOSED}):",
            counted(count, "thing")
        ),
    };
    let mut text = wrapped(&lead, 2, 2);
    let graph = analysis.openable().opened(|id| open.contains(&id));
    for (leg, trace) in &through.ways {
        let lead = match leg {
            Leg::There => "there",
            Leg::Back => "back",
        };
        let rows = rows(analysis, &graph, trace);
        // A way back on which everything is open needs no words.
        if *leg == Leg::Back && rows.iter().all(|row| row.label != CLOSED) {
            continue;
        }
        text.push_str(&wrapped(&format!("{lead}: {}", trace.packet), 4, 6));
        text.push_str(&rows_text(&rows, 6, style));
    }
    text.push_str(&through_text(analysis, open, through, 4));
    text
}

/// The controls that would be opened on a way, with the first steps at which they stand.
fn openings(graph: &ForwardingGraph, trace: &Trace) -> Vec<(usize, ControlId)> {
    let hops = trace.hops.iter().enumerate();
    let mut said = BTreeSet::new();
    let opened = hops.filter_map(|(step, hop)| Some((step, graph.opened_by(hop.edge)?)));
    opened.filter(|(_, control)| said.insert(*control)).collect()
}

fn rows(analysis: &Analysis, graph: &ForwardingGraph, trace: &Trace) -> Vec<Row> {
    let known = analysis.graph().resources().len();
    let mut components = way(graph, trace);
    let opened = |step: usize| trace.hops.get(step).is_some_and(|hop| graph.opened_by(hop.edge).is_some());
    components.retain(|it| it.resource.index() < known && !it.step.is_some_and(opened));
    let mut left = openings(graph, trace).into_iter().peekable();
    let mut rows = Vec::new();
    for (row, component) in component_rows(analysis, &components).into_iter().zip(&components) {
        // The first component has no step; the last, if it has none, comes behind everything.
        let step = component.step.unwrap_or(if rows.is_empty() { 0 } else { usize::MAX });
        while let Some((_, id)) = left.next_if(|(at, _)| *at < step) {
            rows.push(closed_row(analysis, id));
        }
        rows.push(row);
    }
    rows.extend(left.map(|(_, id)| closed_row(analysis, id)));
    let mut number = 0;
    for row in rows.iter_mut().filter(|row| row.label != CLOSED) {
        number += 1;
        row.label = number.to_string();
    }
    rows
}

fn closed_row(analysis: &Analysis, id: ControlId) -> Row {
    let control = analysis.openable().control(id);
    let reason = analysis.control(id);
    let name = short(control.resource.id()).to_owned();
    let text =
        reason.text.strip_prefix(&name).map_or(reason.text.clone(), |rest| rest.trim_start().to_owned());
    Row { label: CLOSED.to_owned(), id: name, text, location: reason.location }
}
