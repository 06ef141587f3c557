//! How far the destinations of a scope are from a finding.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use graph::{ControlId, ResourceId};
use schemars::JsonSchema;
use search::{Nearest, Through};
use serde::Serialize;

use super::{
    closed::ControlEntry,
    document::{PacketDocument, PacketsDocument, ResourceDocument},
    hops::{named, short},
    style::{Style, counted, wrapped},
    verify::reasons_text,
};
use crate::{Analysis, Distance, Distances, Reason};

/// So many destinations are named before the rest is counted.
const NAMES: usize = 12;

/// So many groups of destinations that are alike, or single points of failure, are printed before the rest is counted.
const GROUPS: usize = 40;

/// How far the destinations of a scope are from a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DistanceDocument {
    /// The least number of changes that exposes a destination that is not exposed; left out if nothing does that is
    /// known.
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<usize>,
    /// With so many changes, packets get to where the snapshot does not tell how they go on: destinations that are
    /// further away may be nearer than is said. Left out if they never do.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_from: Option<usize>,
    /// Every destination, the nearest first.
    destinations: Vec<DestinationEntry>,
    /// Changes each of which alone exposes destinations; those that expose most first.
    single_points_of_failure: Vec<SinglePointEntry>,
}

/// A destination and how far it is from a finding.
#[derive(Debug, Serialize, JsonSchema)]
struct DestinationEntry {
    destination: ResourceDocument,
    /// `exposed` if there is a finding; `changes` if changes would make one; `apart` if none would that is known;
    /// `unknown` if that cannot be told.
    by: &'static str,
    /// So many changes make a finding, and no fewer; 0 if there is one. Left out if that is not known, or none would.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<usize>,
    /// What makes one: where the distance is 1 all changes that alone are enough, else one set of so many.
    ways: Vec<WayEntry>,
}

/// Changes that together make a finding.
#[derive(Debug, Serialize, JsonSchema)]
struct WayEntry {
    changes: Vec<ControlEntry>,
    /// A packet that then gets through, as it leaves the source; left out if it is not known whether any does.
    #[serde(skip_serializing_if = "Option::is_none")]
    packet: Option<PacketDocument>,
    /// All packets that could then take the same path, as they leave the source.
    packets: Vec<PacketsDocument>,
}

/// A change that alone exposes destinations.
#[derive(Debug, Serialize, JsonSchema)]
struct SinglePointEntry {
    change: ControlEntry,
    /// Those destinations, in order.
    exposes: Vec<ResourceDocument>,
}

impl DistanceDocument {
    pub(crate) fn new(analysis: &Analysis, distances: &Distances) -> Self {
        let single = distances.alone.iter().map(|(control, exposes)| SinglePointEntry {
            change: ControlEntry::new(analysis, *control, None),
            exposes: exposes.iter().map(|&id| ResourceDocument::new(analysis, id)).collect(),
        });
        let all = &distances.destinations;
        Self {
            nearest: least(distances),
            missing_from: distances.missing_from,
            destinations: all
                .iter()
                .map(|(id, distance)| DestinationEntry::new(analysis, *id, distance))
                .collect(),
            single_points_of_failure: single.collect(),
        }
    }
}

impl DestinationEntry {
    fn new(analysis: &Analysis, id: ResourceId, distance: &Distance) -> Self {
        let way = |(controls, through): (&BTreeSet<ControlId>, Option<&Through>)| WayEntry {
            changes: controls.iter().map(|&id| ControlEntry::new(analysis, id, None)).collect(),
            packet: through.map(|through| PacketDocument::from(&through.packet)),
            packets: through.map_or_else(Vec::new, |through| PacketsDocument::of_match(&through.headers)),
        };
        let (by, changes, ways) = match distance {
            Distance::Exposed => ("exposed", Some(0), Vec::new()),
            Distance::Changes(nearest) => {
                ("changes", Some(nearest.changes), shown(nearest).into_iter().map(way).collect())
            }
            Distance::Apart => ("apart", None, Vec::new()),
            Distance::Unknown => ("unknown", None, Vec::new()),
        };
        Self { destination: ResourceDocument::new(analysis, id), by, distance: changes, ways }
    }
}

/// The ways that are told: all where one change is enough, else the best.
fn shown(nearest: &Nearest) -> Vec<(&BTreeSet<ControlId>, Option<&Through>)> {
    if nearest.changes == 1 {
        nearest.ways.iter().map(|(controls, through)| (controls, through.as_ref())).collect()
    } else {
        nearest.best().into_iter().collect()
    }
}

/// The least number of changes that exposes a destination that is not exposed.
fn least(distances: &Distances) -> Option<usize> {
    distances.destinations.iter().find_map(|(_, distance)| match distance {
        Distance::Changes(nearest) => Some(nearest.changes),
        Distance::Exposed | Distance::Apart | Distance::Unknown => None,
    })
}

/// How far the destinations of a scope are from a finding, for people: those alike together.
pub(crate) fn distances_text(analysis: &Analysis, distances: &Distances, style: Style) -> String {
    let mut text = format!("  {}\n", style.bold("Distance"));
    text.push_str(&wrapped(&lead(distances), 4, 4));
    if let Some(from) = distances.missing_from {
        let far = format!(
            "With {}, packets get to where the snapshot does not tell how they go on: what is further away may be nearer.",
            counted(from, "change")
        );
        text.push_str(&wrapped(&far, 4, 4));
    }
    let groups = alike(analysis, distances);
    for (ids, distance) in groups.iter().take(GROUPS) {
        text.push('\n');
        text.push_str(&group_text(analysis, ids, distance, style));
    }
    if let Some(more) = groups.get(GROUPS..).filter(|more| !more.is_empty()) {
        let count: usize = more.iter().map(|(ids, _)| ids.len()).sum();
        let _ =
            writeln!(text, "\n    … and {} more; `--format json` lists all", counted(count, "destination"));
    }
    text.push_str(&alone_text(analysis, distances, style));
    text
}

fn lead(distances: &Distances) -> String {
    let all = &distances.destinations;
    let exposed = all.iter().filter(|(_, distance)| matches!(distance, Distance::Exposed)).count();
    let destinations = counted(all.len(), "destination");
    if exposed > 0 && exposed == all.len() {
        return format!("{destinations}, all with findings.");
    }
    match (exposed, least(distances)) {
        (0, Some(least)) if all.len() == 1 => {
            format!("The only destination is {} away from a finding.", counted(least, "change"))
        }
        (0, Some(least)) => {
            format!("{destinations}; the nearest is {} away from a finding.", counted(least, "change"))
        }
        (_, Some(least)) => format!(
            "{destinations}, {exposed} with findings; of the others the nearest is {} away from one.",
            counted(least, "change")
        ),
        (0, None) if all.iter().any(|(_, distance)| matches!(distance, Distance::Unknown)) => {
            format!("{destinations}; how far from a finding cannot be told of all.")
        }
        (0, None) => format!("{destinations}; no change is known that would make a finding."),
        (_, None) => format!(
            "{destinations}, {exposed} with findings; no change is known that would make one for the others."
        ),
    }
}

/// Destinations at the same distance by the same changes, but for those to themselves, in order.
fn alike<'d>(analysis: &Analysis, distances: &'d Distances) -> Vec<(Vec<ResourceId>, &'d Distance)> {
    let mut groups: Vec<(Vec<ResourceId>, &Distance)> = Vec::new();
    let mut known = BTreeMap::new();
    for (id, distance) in &distances.destinations {
        let (kind, told) = match distance {
            Distance::Exposed => (0, BTreeSet::new()),
            Distance::Changes(nearest) => {
                let told = controls(nearest);
                (
                    nearest.changes,
                    told.into_iter().map(|one| told_of(analysis, one, *id, true).text).collect(),
                )
            }
            Distance::Unknown => (usize::MAX - 1, BTreeSet::new()),
            Distance::Apart => (usize::MAX, BTreeSet::new()),
        };
        let at = *known.entry((kind, told)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((ids, _)) => ids.push(*id),
            None => groups.push((vec![*id], distance)),
        }
    }
    groups
}

fn controls(nearest: &Nearest) -> Vec<ControlId> {
    shown(nearest).into_iter().flat_map(|(controls, _)| controls).copied().collect()
}

/// A control in words; one of the destination itself without its name if there are others `alike`.
fn told_of(analysis: &Analysis, control: ControlId, destination: ResourceId, alike: bool) -> Reason {
    let of = analysis.openable().control(control);
    if alike && analysis.graph().find(&of.resource) == Some(destination) {
        Reason { text: format!("each of them {}", of.kind), location: None }
    } else {
        analysis.control(control)
    }
}

fn group_text(analysis: &Analysis, ids: &[ResourceId], distance: &Distance, style: Style) -> String {
    let names = names(analysis, ids);
    let lead = match distance {
        Distance::Exposed => style.bad("With findings"),
        Distance::Apart => style.good("No change that netproof knows of would make a finding"),
        Distance::Unknown => style.doubtful("How far it is cannot be told"),
        Distance::Changes(nearest) => match (nearest.changes, nearest.ways.len()) {
            (1, 1) => style.bold("1 change"),
            (1, any) => style.bold(&format!("1 change, any of these {any}")),
            (many, _) => style.bold(&format!("{many} changes")),
        },
    };
    let mut text = wrapped(&format!("{lead}: {names}"), 4, 6);
    if let (Distance::Changes(nearest), Some(&first)) = (distance, ids.first()) {
        let told = controls(nearest).into_iter();
        let reasons: Vec<Reason> =
            told.map(|control| told_of(analysis, control, first, ids.len() > 1)).collect();
        text.push_str(&reasons_text(&reasons, 6, style));
        if shown(nearest).iter().all(|(_, through)| through.is_none()) {
            let lead = "Whether anything then gets through is not known; with less, nothing does.";
            text.push_str(&wrapped(lead, 6, 6));
        }
    }
    text
}

/// The single points of failure of more than one destination; the others stand with their destination.
fn alone_text(analysis: &Analysis, distances: &Distances, style: Style) -> String {
    let several: Vec<_> = distances.alone.iter().filter(|(_, exposes)| exposes.len() > 1).collect();
    let single = distances.alone.len() - several.len();
    if distances.alone.is_empty() {
        return String::new();
    }
    let mut text = format!("\n  {}\n", style.bold("Single points of failure"));
    if !several.is_empty() {
        text.push_str(&wrapped("Each of these changes alone exposes several destinations:", 4, 4));
    }
    for (control, exposes) in several.iter().take(GROUPS) {
        text.push_str(&reasons_text(&[analysis.control(*control)], 6, style));
        let names = names(analysis, &exposes.iter().copied().collect::<Vec<_>>());
        text.push_str(&wrapped(&format!("exposes {}: {names}", exposes.len()), 8, 10));
    }
    if let Some(more) = several.len().checked_sub(GROUPS).filter(|more| *more > 0) {
        let _ = writeln!(text, "      … and {more} more; `--format json` lists all");
    }
    let lead = match (single, several.len()) {
        (0, _) => return text,
        (1, 0) => "1 change exposes one destination; it stands with it above.".to_owned(),
        (many, 0) => format!("{many} changes expose one destination each; they stand with it above."),
        (1, _) => "1 other change exposes one destination; it stands with it above.".to_owned(),
        (many, _) => format!("{many} other changes expose one destination each; they stand with it above."),
    };
    text.push_str(&wrapped(&lead, 4, 4));
    text
}

fn names(analysis: &Analysis, ids: &[ResourceId]) -> String {
    let name = |id: &ResourceId| {
        let resource = analysis.graph().resource(*id);
        if resource.id.starts_with("arn:") { short(&resource.id).to_owned() } else { named(resource) }
    };
    let shown: Vec<String> = ids.iter().take(NAMES).map(name).collect();
    match ids.len().checked_sub(NAMES).filter(|more| *more > 0) {
        Some(more) => format!("{} and {more} more", shown.join(", ")),
        None => shown.join(", "),
    }
}
