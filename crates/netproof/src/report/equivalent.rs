//! Two filters, compared.

use std::{fmt::Write, sync::Arc};

use aws::rules::FilterKind;
use graph::{Cause, ResourceKey};
use headerspace::{Block, Field};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    cidr::cover_all,
    document::{LocationDocument, PacketDocument, PacketsDocument, ReasonDocument, SCHEMA_VERSION},
    remark::{DiagnosticDocument, documents},
    rule_text,
    style::{Style, counted, wrapped},
    verify::reasons_text,
    words::Words,
};
use crate::{Analysis, Certificate, Comparison, Excess, Holds, Packets, Relation};

/// Sets of packets that are printed as text; `json` has all.
const MOST: usize = 8;

/// What `netproof equivalent --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "netproof equivalent")]
pub struct ComparisonDocument {
    /// Version of this form.
    schema_version: u32,
    /// `security group`, `network ACL`, `prefix list` or `firewall policy`.
    kind: &'static str,
    /// Id of the first filter, or name of the first policy.
    first: String,
    /// The same of the second.
    second: String,
    /// `equal`, or `contained`: whether the second lets through everything that the first does.
    asked: &'static str,
    /// `yes`, `no` or `unknown`.
    answer: &'static str,
    /// Why the answer is unknown, if nothing could be compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<ReasonDocument>,
    /// What was compared.
    parts: Vec<PartDocument>,
    #[serde(flatten)]
    certificate: CertificateDocument,
    /// Remarks about the snapshot, the gravest first.
    diagnostics: Vec<DiagnosticDocument>,
    /// Remarks about the other snapshot, if there is one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_diagnostics: Vec<DiagnosticDocument>,
}

/// Whether another engine confirms the answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CertificateDocument {
    certified: bool,
    /// By which solver, or why not.
    certificate: String,
}

impl From<&Certificate> for CertificateDocument {
    fn from(certificate: &Certificate) -> Self {
        Self { certified: matches!(certificate, Certificate::By(_)), certificate: certificate.to_string() }
    }
}

/// What filters decide about: one direction, the addresses of a list, a stage of conversations.
#[derive(Debug, Serialize, JsonSchema)]
struct PartDocument {
    name: &'static str,
    only_first: ExcessDocument,
    only_second: ExcessDocument,
}

/// What one filter lets through and the other does not.
#[derive(Debug, Serialize, JsonSchema)]
struct ExcessDocument {
    /// For certain; left out if nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    surely: Option<DifferenceDocument>,
    /// What the snapshot does not rule out, beside that; left out if it rules out everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    perhaps: Option<DifferenceDocument>,
}

/// Packets that the filters treat differently.
#[derive(Debug, Serialize, JsonSchema)]
struct DifferenceDocument {
    /// All of them, as disjoint sets; of prefix lists, see `addresses`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    packets: Vec<SendersDocument>,
    /// Fewest address blocks, in order; of prefix lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    addresses: Vec<String>,
    /// One of the packets.
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<PacketDocument>,
    /// One of the addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    witness_address: Option<String>,
    /// The rules of the first filter that decide about the witness; none if no rule speaks of it.
    first_decides_by: Vec<DecidingDocument>,
    /// Those of the second.
    second_decides_by: Vec<DecidingDocument>,
    /// What is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<ReasonDocument>,
}

/// A set of packets, and what the network knows of their senders.
#[derive(Debug, Serialize, JsonSchema)]
struct SendersDocument {
    #[serde(flatten)]
    packets: PacketsDocument,
    /// `known` by their addresses, `forgotten` on the way (behind a firewall or another middlebox), or `carried` by a load
    /// balancer; left out if that does not matter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    senders: Vec<&'static str>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct DecidingDocument {
    /// In words.
    rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationDocument>,
}

impl DecidingDocument {
    pub(crate) fn new(analysis: &Analysis, cause: &Arc<Cause>) -> Self {
        Self { rule: rule_text(cause), location: analysis.locate(cause).map(LocationDocument::from) }
    }
}

fn plural(kind: FilterKind) -> &'static str {
    match kind {
        FilterKind::SecurityGroup => "security groups",
        FilterKind::NetworkAcl => "network ACLs",
        FilterKind::PrefixList => "prefix lists",
        FilterKind::FirewallPolicy => "firewall policies",
    }
}

/// What is known of the senders, if that matters.
fn senders(block: &Block) -> Vec<&'static str> {
    let values = block.get(Field::Identity);
    if values.count() > u128::from(u16::MAX) {
        return Vec::new();
    }
    let mut words = Vec::new();
    for (word, some) in [
        ("known", values.contains(0)),
        ("forgotten", values.contains(1)),
        ("carried", values.max().is_some_and(|most| most > 1)),
    ] {
        if some {
            words.push(word);
        }
    }
    words
}

fn addresses(packets: &Packets) -> Vec<String> {
    let nets = packets.blocks.iter().flat_map(|block| {
        let families = [(0, true), (1, false)].into_iter();
        families
            .filter(|(family, _)| block.get(Field::Family).contains(*family))
            .flat_map(|(_, v4)| cover_all(block.get(Field::DstIp), v4).into_iter().map(|net| net.to_string()))
    });
    nets.collect()
}

impl ComparisonDocument {
    /// The document; `second` is the snapshot of the second filter.
    pub fn new(first: &Analysis, second: &Analysis, comparison: &Comparison) -> Self {
        let lists = comparison.kind == FilterKind::PrefixList;
        let difference = |packets: &Packets| DifferenceDocument {
            packets: if lists {
                Vec::new()
            } else {
                let document =
                    |block| SendersDocument { packets: PacketsDocument::new(block), senders: senders(block) };
                packets.blocks.iter().map(document).collect()
            },
            addresses: if lists { addresses(packets) } else { Vec::new() },
            witness: (!lists).then(|| PacketDocument::from(&packets.witness)),
            witness_address: lists.then(|| packets.witness.dst().to_string()),
            first_decides_by: deciding(by_first(packets), first),
            second_decides_by: deciding(by_second(packets), second),
            why: packets.reasons.iter().map(ReasonDocument::from).collect(),
        };
        let excess = |excess: &Excess| ExcessDocument {
            surely: excess.surely.as_ref().map(difference),
            perhaps: excess.perhaps.as_ref().map(difference),
        };
        let [a, b] = &comparison.filters;
        Self {
            schema_version: SCHEMA_VERSION,
            kind: comparison.kind.name(),
            first: a.id().to_owned(),
            second: b.id().to_owned(),
            asked: match comparison.relation {
                Relation::Equal => "equal",
                Relation::Contained => "contained",
            },
            answer: match comparison.holds {
                Holds::Yes => "yes",
                Holds::No => "no",
                Holds::Unknown => "unknown",
            },
            why: comparison.reasons.iter().map(ReasonDocument::from).collect(),
            parts: comparison
                .parts
                .iter()
                .map(|part| PartDocument {
                    name: part.name,
                    only_first: excess(&part.only_first),
                    only_second: excess(&part.only_second),
                })
                .collect(),
            certificate: CertificateDocument::from(&comparison.certificate),
            diagnostics: documents(first.diagnostics()),
            other_diagnostics: if std::ptr::eq(first, second) {
                Vec::new()
            } else {
                documents(second.diagnostics())
            },
        }
    }
}

fn by_first(Packets { deciding: [causes, _], .. }: &Packets) -> &[Arc<Cause>] {
    causes
}

fn by_second(Packets { deciding: [_, causes], .. }: &Packets) -> &[Arc<Cause>] {
    causes
}

fn deciding(causes: &[Arc<Cause>], analysis: &Analysis) -> Vec<DecidingDocument> {
    causes.iter().map(|cause| DecidingDocument::new(analysis, cause)).collect()
}

/// The comparison for people; `second` is the snapshot of the second filter.
pub fn comparison_text(first: &Analysis, second: &Analysis, comparison: &Comparison, style: Style) -> String {
    let [a, b] = comparison.filters.each_ref().map(ResourceKey::id);
    let names =
        if a == b { [format!("{a} (first)"), format!("{b} (second)")] } else { [a, b].map(str::to_owned) };
    let [a, b] = &names;
    let kinds = plural(comparison.kind);
    let mut text = String::new();
    let (answer, relation) = match (comparison.relation, comparison.holds) {
        (Relation::Equal, Holds::Yes) => {
            (style.good("equal"), format!("{kinds} {a} and {b} are the same filter"))
        }
        (Relation::Equal, Holds::No) => {
            (style.bad("differ"), format!("{kinds} {a} and {b} are not the same filter"))
        }
        (Relation::Equal, Holds::Unknown) => {
            (style.doubtful("unknown"), format!("whether {kinds} {a} and {b} are the same filter"))
        }
        (Relation::Contained, Holds::Yes) => {
            (style.good("contained"), format!("{b} lets through everything that {a} does"))
        }
        (Relation::Contained, Holds::No) => {
            (style.bad("not contained"), format!("{b} does not let through everything that {a} does"))
        }
        (Relation::Contained, Holds::Unknown) => {
            (style.doubtful("unknown"), format!("whether {b} lets through everything that {a} does"))
        }
    };
    let _ = writeln!(text, "{answer}: {relation}");
    text.push_str(&reasons_text(&comparison.reasons, 2, style));
    let words = Words::new();
    for part in &comparison.parts {
        let mut found = String::new();
        for (name, excess, asked) in
            [(a, &part.only_first, true), (b, &part.only_second, comparison.relation == Relation::Equal)]
        {
            if !asked {
                continue;
            }
            for (lead, packets) in [("only", &excess.surely), ("perhaps only", &excess.perhaps)] {
                let Some(packets) = packets else { continue };
                let verb = if comparison.kind == FilterKind::PrefixList { "holds" } else { "lets through" };
                let _ = writeln!(found, "  {lead} {name} {verb}");
                found.push_str(&packets_text(comparison.kind, packets, &words));
                found.push_str(&decided_text([first, second], &names, packets, style));
                if !packets.reasons.is_empty() {
                    let _ = writeln!(found, "    it is not known");
                    found.push_str(&reasons_text(&packets.reasons, 6, style));
                }
            }
        }
        let state = match (found.is_empty(), comparison.relation) {
            (false, _) => String::new(),
            (true, Relation::Equal) => ": the same".to_owned(),
            (true, Relation::Contained) => ": contained".to_owned(),
        };
        let _ = writeln!(text, "\n{}{state}", style.bold(part.name));
        text.push_str(&found);
    }
    let _ = writeln!(text, "\n{}", comparison.certificate);
    text
}

fn packets_text(kind: FilterKind, packets: &Packets, words: &Words) -> String {
    let lines: Vec<String> = if kind == FilterKind::PrefixList {
        addresses(packets)
    } else {
        packets
            .blocks
            .iter()
            .map(|block| format!("{}{}", words.packets(block), senders_text(block)))
            .collect()
    };
    let mut text = String::new();
    for line in lines.iter().take(MOST) {
        text.push_str(&wrapped(line, 4, 6));
    }
    if lines.len() > MOST {
        let _ =
            writeln!(text, "    … and {} more; `--format json` has all", counted(lines.len() - MOST, "set"));
    }
    text
}

fn senders_text(block: &Block) -> String {
    let texts: Vec<&str> = senders(block)
        .into_iter()
        .map(|word| match word {
            "known" => "known by its address",
            "forgotten" => "forgotten on the way",
            _ => "carried by a load balancer",
        })
        .collect();
    if texts.is_empty() { String::new() } else { format!(", sender {}", texts.join(" or ")) }
}

fn decided_text(analyses: [&Analysis; 2], names: &[String; 2], packets: &Packets, style: Style) -> String {
    let mut text = String::new();
    let is_address = packets.blocks.iter().all(|block| block.get(Field::Protocol).count() == 256)
        && packets.deciding.iter().flatten().all(|cause| cause.rule == graph::Rule::Structure);
    let witness = if is_address { packets.witness.dst().to_string() } else { packets.witness.to_string() };
    let _ = writeln!(text, "    for example {witness}");
    for ((causes, analysis), name) in packets.deciding.iter().zip(analyses).zip(names) {
        if causes.is_empty() {
            let _ = writeln!(text, "      {name}: no rule is about it");
        }
        for cause in causes {
            let rule = rule_text(cause);
            let rule = rule.split_once(": ").map_or(rule.as_str(), |(_, rule)| rule);
            let place = analysis.locate(cause);
            let place = place.map(|place| style.dim(&format!("  {}:{}", place.file, place.line)));
            let _ = writeln!(text, "      {name}: {rule}{}", place.unwrap_or_default());
        }
    }
    text
}
