//! Flows with expected answers: which hold.

use std::fmt::Write;

use schemars::JsonSchema;
use search::{Direction, Witness};
use serde::Serialize;

use super::{
    certification::{CertificationDocument, certification_text},
    closed::{ClosedDocument, closed_text},
    component::trail,
    document::{
        ComponentDocument, PacketDocument, PacketsDocument, ReasonDocument, SCHEMA_VERSION, path_document,
    },
    hops::{rows_text, trace_rows},
    remark::{DiagnosticDocument, documents},
    style::{Style, counted, wrapped},
    triage::TriageDocument,
};
use crate::{Analysis, Certification, FlowResult, Question, Reason, Verdict, audit::Audit, triage::Triage};

/// What `netproof verify --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "netproof verify")]
pub struct FlowsDocument {
    /// Version of this form.
    schema_version: u32,
    /// The flows in the order of the file.
    results: Vec<FlowEntry>,
    /// Remarks about the snapshot, the gravest first.
    diagnostics: Vec<DiagnosticDocument>,
    totals: FlowTotals,
    /// Which answers are certified.
    certification: CertificationDocument,
    /// What was decided about findings by severity, baseline and suppressions; left out if nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    triage: Option<TriageDocument>,
}

/// A flow and what became of it.
#[derive(Debug, Serialize, JsonSchema)]
struct FlowEntry {
    name: String,
    /// `reachable`, `unreachable` or `unknown`.
    expect: &'static str,
    /// `reachable`, `unreachable` or `unknown`.
    actual: &'static str,
    /// Whether both are the same.
    pass: bool,
    /// For `unreachable` and `unknown`: what stops packets, or what is missing; the most telling first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<ReasonDocument>,
    /// For `unreachable`, with `--why`: which controls keep it so.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<ClosedDocument>,
    #[serde(flatten)]
    question: QuestionDocument,
    /// For `reachable`: a packet that gets through.
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<WitnessDocument>,
}

/// A question, as asked. What is left out was not stated.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct QuestionDocument {
    /// An id, an ARN, an address or `internet`.
    source: String,
    /// An id, an ARN, an address or `internet`.
    destination: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_port: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_port: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp_type: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp_code: Option<u8>,
    /// `round-trip` or `forward`.
    direction: &'static str,
}

impl From<&Question> for QuestionDocument {
    fn from(question: &Question) -> Self {
        let ports = |ports: &Option<std::ops::RangeInclusive<u16>>| {
            let ports = ports.as_ref()?;
            let (first, last) = (ports.start(), ports.end());
            Some(if first == last { first.to_string() } else { format!("{first}-{last}") })
        };
        Self {
            source: question.source.to_string(),
            destination: question.destination.to_string(),
            protocol: question.protocol.map(|protocol| {
                super::document::protocol_texts(&headerspace::Ranges::single(protocol.into())).concat()
            }),
            source_ip: question.source_ip.map(|net| net.to_string()),
            destination_ip: question.destination_ip.map(|net| net.to_string()),
            source_port: ports(&question.source_port),
            destination_port: ports(&question.destination_port),
            icmp_type: question.icmp_type,
            icmp_code: question.icmp_code,
            direction: match question.direction {
                Direction::RoundTrip => "round-trip",
                Direction::Forward => "forward",
            },
        }
    }
}

/// A packet that gets through, followed step by step.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct WitnessDocument {
    /// As it leaves the source.
    packet: PacketDocument,
    /// As it arrives at the destination.
    arriving: PacketDocument,
    /// The components on its way.
    path: Vec<ComponentDocument>,
    /// The components on its reply's way back, if that was asked for and such packets are answered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    return_path: Vec<ComponentDocument>,
    /// All packets that can take the same path (and back), as they leave the source.
    packets: Vec<PacketsDocument>,
}

impl WitnessDocument {
    pub(crate) fn new(analysis: &Analysis, witness: &Witness) -> Self {
        let path = |trace: &graph::Trace| {
            let edges = trace.hops.iter().map(|hop| hop.edge);
            path_document(analysis, &trail(analysis.graph(), trace.start, edges, trace.end), "destination")
        };
        Self {
            packet: PacketDocument::from(&witness.forward.packet),
            arriving: PacketDocument::from(&witness.forward.arriving()),
            path: path(&witness.forward),
            return_path: witness.back.as_ref().map(path).unwrap_or_default(),
            packets: PacketsDocument::of_match(&witness.headers),
        }
    }
}

/// Numbers over all flows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FlowTotals {
    /// How many flows were checked.
    pub flows: usize,
    /// Flows whose answer is the expected one.
    pub passed: usize,
    /// Flows with a certain answer that is not the expected one.
    pub failed: usize,
    /// Flows whose answer is unknown, which was not expected.
    pub unknown: usize,
}

impl FlowTotals {
    /// The numbers over these results.
    pub fn of(results: &[FlowResult]) -> Self {
        let mut totals = Self { flows: results.len(), ..Self::default() };
        for result in results {
            match (result.pass(), result.answered.verdict) {
                (true, _) => totals.passed += 1,
                (false, Verdict::Unknown) => totals.unknown += 1,
                (false, Verdict::Reachable | Verdict::Unreachable) => totals.failed += 1,
            }
        }
        totals
    }
}

impl FlowsDocument {
    /// The document for these results, in their order.
    pub fn new(analysis: &Analysis, results: &[FlowResult], certification: &Certification) -> Self {
        let entry = |result: &FlowResult| FlowEntry {
            name: result.flow.name.clone(),
            expect: result.flow.expect.name(),
            actual: result.answered.verdict.name(),
            pass: result.pass(),
            why: result.answered.reasons.iter().map(ReasonDocument::from).collect(),
            closed: result.answered.closed.as_ref().map(|closed| ClosedDocument::new(analysis, closed)),
            question: QuestionDocument::from(&result.flow.question),
            witness: result.answered.witness.as_ref().map(|witness| WitnessDocument::new(analysis, witness)),
        };
        Self {
            schema_version: SCHEMA_VERSION,
            results: results.iter().map(entry).collect(),
            diagnostics: documents(analysis.diagnostics()),
            totals: FlowTotals::of(results),
            certification: CertificationDocument::from(certification),
            triage: None,
        }
    }

    /// The same with what was decided about its findings.
    #[must_use]
    pub fn triaged(mut self, audit: &Audit<'_>, triage: &Triage) -> Self {
        self.triage = triage.in_force.then(|| TriageDocument::new(audit, triage));
        self
    }
}

/// Flows in their order, a line each; those that do not hold with the reason; a line over all at the end.
pub fn flows_text(
    analysis: &Analysis,
    results: &[FlowResult],
    certification: &Certification,
    style: Style,
) -> String {
    let mut text = String::new();
    for result in results {
        let (expect, actual) = (result.flow.expect, result.answered.verdict);
        let name = &result.flow.name;
        if result.pass() {
            let _ = writeln!(text, "{}  {name}: {actual}", style.good("pass   "));
            continue;
        }
        let mark = if actual == Verdict::Unknown { style.doubtful("unknown") } else { style.bad("FAIL   ") };
        let _ = writeln!(text, "{mark}  {name}: expected {expect}, found {actual}");
        if let Some(witness) = &result.answered.witness {
            let _ = writeln!(text, "         by {}", witness.forward.packet);
            text.push_str(&rows_text(&trace_rows(analysis, &witness.forward), 9, style));
        }
        text.push_str(&reasons_text(&result.answered.reasons, 9, style));
        if let Some(closed) = &result.answered.closed {
            text.push_str(&closed_text(analysis, closed, 9, style));
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let totals = FlowTotals::of(results);
    let mut parts = Vec::new();
    for (count, word, paint) in [
        (totals.failed, "failed", Style::bad as fn(Style, &str) -> String),
        (totals.unknown, "unknown", Style::doubtful),
        (totals.passed, "passed", Style::good),
    ] {
        if count > 0 {
            parts.push(paint(style, &format!("{count} {word}")));
        }
    }
    let _ = writeln!(text, "{}: {}", counted(totals.flows, "flow"), parts.join(", "));
    text.push_str(&certification_text(certification, style));
    text
}

/// Reasons, a line each, with file and line.
pub(crate) fn reasons_text(reasons: &[Reason], indent: usize, style: Style) -> String {
    let mut text = String::new();
    for reason in reasons {
        text.push_str(&wrapped(&format!("- {}", reason.text), indent, indent + 2));
        if let Some(location) = &reason.location {
            let _ = writeln!(
                text,
                "{}{}",
                " ".repeat(indent + 2),
                style.dim(&format!("{}:{}", location.file, location.line))
            );
        }
    }
    text
}
