//! One question and its answer: the way there and back, or where packets stop.

use std::fmt::Write;

use graph::Disposition;
use schemars::JsonSchema;
use search::{Blocked, Direction};
use serde::Serialize;

use super::{
    certification::{CertificationDocument, certification_text},
    closed::{ClosedDocument, closed_text},
    component::trail,
    document::{
        ComponentDocument, PacketDocument, ReasonDocument, ResourceDocument, SCHEMA_VERSION, blocks,
        path_document,
    },
    hops::{rows_text, trace_rows},
    remark::{DiagnosticDocument, documents},
    style::{Style, wrapped},
    verify::{QuestionDocument, WitnessDocument, reasons_text},
    words::Words,
};
use crate::{Analysis, Answered, Certification, Question, Verdict};

/// What `netproof path --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "netproof path")]
pub struct AnswerDocument {
    /// Version of this form.
    schema_version: u32,
    question: QuestionDocument,
    /// `reachable`, `unreachable` or `unknown`.
    verdict: &'static str,
    /// For `reachable`: a packet that gets through.
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<WitnessDocument>,
    /// For `unreachable` and `unknown`: what stops packets, or what is missing; the most telling first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<ReasonDocument>,
    /// For `unreachable`: every place where packets stop, the one nearest the destination first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stops: Vec<StopEntry>,
    /// For `unreachable`: which controls keep it so.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<ClosedDocument>,
    /// Remarks about the snapshot, the gravest first.
    diagnostics: Vec<DiagnosticDocument>,
    /// Whether the answer is certified.
    certification: CertificationDocument,
}

/// A place where packets stop.
#[derive(Debug, Serialize, JsonSchema)]
struct StopEntry {
    /// `denied`, `no-route`, `blackhole`, `loop` or `insufficient-info`.
    disposition: &'static str,
    /// Whether it is the reply that stops.
    reply: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<ResourceDocument>,
    why: ReasonDocument,
    /// One packet that stops here, as it is here.
    packet: PacketDocument,
    /// The components that it has passed.
    path: Vec<ComponentDocument>,
}

impl AnswerDocument {
    /// The document for one question and its answer.
    pub fn new(
        analysis: &Analysis,
        question: &Question,
        answered: &Answered,
        certification: &Certification,
    ) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            question: QuestionDocument::from(question),
            verdict: answered.verdict.name(),
            witness: answered.witness.as_ref().map(|witness| WitnessDocument::new(analysis, witness)),
            why: answered.reasons.iter().map(ReasonDocument::from).collect(),
            stops: answered.blocked.iter().map(|blocked| StopEntry::new(analysis, blocked)).collect(),
            closed: answered.closed.as_ref().map(|closed| ClosedDocument::new(analysis, closed)),
            diagnostics: documents(analysis.diagnostics()),
            certification: CertificationDocument::from(certification),
        }
    }
}

impl StopEntry {
    fn new(analysis: &Analysis, blocked: &Blocked) -> Self {
        let graph = analysis.graph();
        let start = blocked.edges.first().map_or(blocked.node, |&edge| graph.edge(edge).from);
        let components = trail(graph, start, blocked.edges.iter().copied(), blocked.node);
        Self {
            disposition: Disposition::name(blocked.disposition),
            reply: blocked.reply,
            resource: graph.node(blocked.node).resource.map(|id| ResourceDocument::new(analysis, id)),
            why: ReasonDocument::from(&analysis.blocked(blocked)),
            packet: PacketDocument::from(&blocked.packet),
            path: path_document(analysis, &components, "stop"),
        }
    }
}

/// The answer for people: a packet with its way there and back, or every reason why there is none.
pub fn answer_text(
    analysis: &Analysis,
    question: &Question,
    answered: &Answered,
    certification: &Certification,
    style: Style,
) -> String {
    let verdict = answered.verdict.name();
    let verdict = match answered.verdict {
        Verdict::Reachable => style.good(verdict),
        Verdict::Unreachable => style.bad(verdict),
        Verdict::Unknown => style.doubtful(verdict),
    };
    let direction = match question.direction {
        Direction::RoundTrip => "there and back",
        Direction::Forward => "forward only",
    };
    let mut text = format!("{} to {}: {verdict} ({direction})\n", question.source, question.destination);
    if let Some(witness) = &answered.witness {
        let _ = writeln!(text, "\n  there: {}", witness.forward.packet);
        text.push_str(&rows_text(&trace_rows(analysis, &witness.forward), 4, style));
        if let Some(back) = &witness.back {
            let _ = writeln!(text, "\n  back: {}", back.packet);
            text.push_str(&rows_text(&trace_rows(analysis, back), 4, style));
        }
        let words = Words::new();
        text.push_str("\n  Every packet that can take this path:\n");
        for block in blocks(&witness.headers) {
            text.push_str(&wrapped(&words.packets(&block), 4, 6));
        }
    }
    if !answered.reasons.is_empty() {
        let lead = if answered.verdict == Verdict::Unknown {
            "What is missing:"
        } else {
            "What stops it, nearest the destination first:"
        };
        let _ = writeln!(text, "\n  {lead}");
        text.push_str(&reasons_text(&answered.reasons, 4, style));
    }
    if let Some(closed) = &answered.closed {
        text.push('\n');
        text.push_str(&closed_text(analysis, closed, 2, style));
    }
    if answered.verdict != Verdict::Unknown {
        text.push('\n');
        text.push_str(&certification_text(certification, style));
    }
    text
}
