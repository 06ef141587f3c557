//! What keeps a question or a scope closed.

use graph::{ControlId, ControlKind, Direction, Effort, Obstacle};
use schemars::JsonSchema;
use search::{Closed, Kept, Through};
use serde::Serialize;

use super::{
    document::{PacketDocument, PacketsDocument, ReasonDocument, ResourceDocument, blocks},
    style::{Style, counted, wrapped},
    verify::reasons_text,
    words::Words,
};
use crate::{Analysis, Reason};

/// So many sorts of packets are printed before the rest is counted.
const SORTS: usize = 6;

/// Which controls keep a question closed or a scope clean.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ClosedDocument {
    /// `controls` if there are such controls; `no-ends` if there is nothing to start from or to arrive at; `apart` if nothing would get through were every control open that is
    /// known; `unknown` if that is not known.
    by: &'static str,
    /// A minimal set of controls that together keep it closed, whatever were done to all others.
    controls: Vec<ControlEntry>,
    /// Whether that holds even if networks were joined that are not.
    even_if_joined: bool,
    /// A smallest set of changes after which something gets through; left out if none was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    opened_by: Option<OpenedEntry>,
}

/// Something that keeps packets back and that its owner could change.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ControlEntry {
    /// `missing-rule`, `refusing-rule`, `missing-route`, `missing-association`, `missing-public-address`, `setting` or
    /// `missing-attachment`; and what no single edit changes: `state`, `missing-listener`, `missing-target`, `zone`,
    /// `cross-zone`, `address-check`, `address`, `impostor`, `protocol` or `port`.
    kind: &'static str,
    /// Whose it is.
    resource: ControlledDocument,
    /// For a rule: `ingress` or `egress`.
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'static str>,
    /// For a route or an association: the id of what it would lead to.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    #[serde(flatten)]
    why: ReasonDocument,
    /// A packet that would get through if this control were open, too, and all beyond this set; left out if that is
    /// not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    without: Option<PacketDocument>,
}

/// The resource of a control.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum ControlledDocument {
    Known(ResourceDocument),
    Other {
        /// Its id.
        id: String,
    },
}

/// Changes that let something through.
#[derive(Debug, Serialize, JsonSchema)]
struct OpenedEntry {
    /// The controls to open.
    controls: Vec<ControlEntry>,
    /// A packet that then gets through, as it leaves the source; left out if it is not known whether any does.
    #[serde(skip_serializing_if = "Option::is_none")]
    packet: Option<PacketDocument>,
    /// All packets that could then take the same path, as they leave the source.
    packets: Vec<PacketsDocument>,
}

impl ClosedDocument {
    pub(crate) fn new(analysis: &Analysis, closed: &Closed) -> Self {
        let none = |by| {
            let even_if_joined = by == "apart";
            Self { by, controls: Vec::new(), even_if_joined, opened_by: None }
        };
        match closed {
            Closed::Apart => none("apart"),
            Closed::NoEnds => none("no-ends"),
            Closed::Unknown => none("unknown"),
            Closed::By(kept) => {
                let pairs = kept.controls.iter().zip(&kept.without);
                Self {
                    by: "controls",
                    controls: pairs
                        .map(|(&id, without)| ControlEntry::new(analysis, id, without.as_ref()))
                        .collect(),
                    even_if_joined: kept.effort == Effort::Join,
                    opened_by: kept.opened_by.as_ref().map(|(controls, through)| OpenedEntry {
                        controls: controls.iter().map(|&id| ControlEntry::new(analysis, id, None)).collect(),
                        packet: through.as_ref().map(|through| PacketDocument::from(&through.packet)),
                        packets: through
                            .as_ref()
                            .map_or_else(Vec::new, |through| PacketsDocument::of_match(&through.headers)),
                    }),
                }
            }
        }
    }
}

impl ControlEntry {
    pub(crate) fn new(analysis: &Analysis, id: ControlId, without: Option<&Through>) -> Self {
        let control = analysis.openable().control(id);
        let known = analysis.graph().find(&control.resource);
        let way = |direction| match direction {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        };
        let (kind, direction, target) = match &control.kind {
            ControlKind::NoRule(direction) => ("missing-rule", Some(way(*direction)), None),
            ControlKind::Refusal(cause) => {
                let direction = match &cause.rule {
                    graph::Rule::Filter(rule) => Some(way(rule.direction)),
                    _ => None,
                };
                ("refusing-rule", direction, None)
            }
            ControlKind::NoRoute(target) => ("missing-route", None, Some(target.clone())),
            ControlKind::NoAssociation(target) => ("missing-association", None, Some(target.clone())),
            ControlKind::NoPublicAddress => ("missing-public-address", None, None),
            ControlKind::Setting(_) => ("setting", None, None),
            ControlKind::NoAttachment => ("missing-attachment", None, None),
            ControlKind::Obstacle(obstacle, _) => (obstacle_kind(*obstacle), None, None),
        };
        Self {
            kind,
            resource: match known {
                Some(id) => ControlledDocument::Known(ResourceDocument::new(analysis, id)),
                None => ControlledDocument::Other { id: control.resource.id().to_owned() },
            },
            direction,
            target,
            why: ReasonDocument::from(&analysis.control(id)),
            without: without.map(|through| PacketDocument::from(&through.packet)),
        }
    }
}

fn obstacle_kind(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::State => "state",
        Obstacle::Listener => "missing-listener",
        Obstacle::Targets => "missing-target",
        Obstacle::Zone => "zone",
        Obstacle::CrossZone => "cross-zone",
        Obstacle::Check => "address-check",
        Obstacle::Address => "address",
        Obstacle::Impostor => "impostor",
        Obstacle::Protocol => "protocol",
        Obstacle::Port => "port",
    }
}

/// What keeps it closed, and what would open it, for people.
pub(crate) fn closed_text(analysis: &Analysis, closed: &Closed, indent: usize, style: Style) -> String {
    let mut text = keeping_text(analysis, closed, indent, style);
    if let Closed::By(kept) = closed {
        text.push_str(&opening_text(analysis, kept, indent, style));
    }
    text
}

/// What keeps it closed, for people.
pub(crate) fn keeping_text(analysis: &Analysis, closed: &Closed, indent: usize, style: Style) -> String {
    match closed {
        Closed::By(kept) => kept_text(analysis, kept, indent, style),
        Closed::Apart => wrapped(
            "Nothing would get through even if every rule, route and attachment were there that netproof knows of.",
            indent,
            indent,
        ),
        Closed::NoEnds => {
            wrapped("The snapshot holds nothing to start from, or nothing to arrive at.", indent, indent)
        }
        Closed::Unknown => {
            wrapped("What keeps it closed cannot be told: not all of the way is known.", indent, indent)
        }
    }
}

fn reasons(analysis: &Analysis, controls: &[ControlId]) -> Vec<Reason> {
    controls.iter().map(|&id| analysis.control(id)).collect()
}

fn kept_text(analysis: &Analysis, kept: &Kept, indent: usize, style: Style) -> String {
    // Joining networks anew is another thing than editing what there is.
    let elsewhere = match kept.effort {
        Effort::Edit => "rules and routes were changed",
        Effort::Repair => "were changed",
        Effort::Join => "were done",
    };
    let lead = match kept.controls.as_slice() {
        [_] => format!("This alone keeps it closed, whatever {elsewhere} elsewhere:"),
        _ => format!("These together keep it closed, whatever {elsewhere} elsewhere; each is needed:"),
    };
    let mut text = wrapped(&lead, indent, indent);
    text.push_str(&reasons_text(&reasons(analysis, &kept.controls), indent + 2, style));
    text
}

/// What would open it, and for which packets.
fn opening_text(analysis: &Analysis, kept: &Kept, indent: usize, style: Style) -> String {
    let Some((controls, through)) = &kept.opened_by else { return String::new() };
    let lead = match controls.as_slice() {
        [_] => "Changing this would open it:".to_owned(),
        all => format!("It would take {} to open it:", counted(all.len(), "change")),
    };
    let mut text = wrapped(&lead, indent, indent);
    text.push_str(&reasons_text(&reasons(analysis, controls), indent + 2, style));
    if let Some(through) = through {
        text.push_str(&through_text(analysis, controls, through, indent));
    } else {
        let lead = "Whether anything would then get through is not known; with less, nothing does.";
        text.push_str(&wrapped(lead, indent, indent));
    }
    text
}

/// Which packets could get through if `controls` were open.
pub(crate) fn through_text(
    analysis: &Analysis,
    controls: &[ControlId],
    through: &Through,
    indent: usize,
) -> String {
    let is_address = |id: &ControlId| analysis.openable().control(*id).kind == ControlKind::NoPublicAddress;
    let lead = if controls.iter().any(is_address) {
        "Then these packets could get through (192.0.2.1 stands for the public address that there is not yet):"
    } else {
        "Then these packets could get through:"
    };
    let mut text = wrapped(lead, indent, indent);
    let (words, sorts) = (Words::new(), blocks(&through.headers));
    for block in sorts.iter().take(SORTS) {
        text.push_str(&wrapped(&words.packets(block), indent + 2, indent + 4));
    }
    if let Some(more) = sorts.len().checked_sub(SORTS).filter(|more| *more > 0) {
        text.push_str(&wrapped(&format!("and {more} more"), indent + 2, indent + 2));
    }
    text
}
