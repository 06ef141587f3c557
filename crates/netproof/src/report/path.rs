//! One question and its answer: the way there and back, or where packets stop.

use std::{collections::BTreeSet, fmt::Write};

use graph::Disposition;
use schemars::JsonSchema;
use search::{Blocked, Closed, Direction, Witness};
use serde::Serialize;

use super::{
    blocked::best_way_text,
    certification::{CertificationDocument, certification_text},
    closed::{ClosedDocument, closed_text, keeping_text},
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
use crate::{AllPaths, Analysis, Answered, Certification, Explained, Question, Verdict};

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
    /// For `unreachable` and `unknown`: the same in Reachability Analyzer's codes. For `unreachable`, what would have to
    /// change on the best blocked path, in the order in which a packet comes to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    explanations: Vec<ExplanationEntry>,
    /// For `unreachable`: in how many places packets stop that are not on that path.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_blocked_paths: Option<usize>,
    /// For `unreachable`: which controls keep it so.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<ClosedDocument>,
    /// With `--all`, for `reachable`: every path, the shortest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    paths: Option<Vec<WitnessDocument>>,
    /// With `--all`: what may hide more paths.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unsure: Vec<ReasonDocument>,
    /// Remarks about the snapshot, the gravest first.
    diagnostics: Vec<DiagnosticDocument>,
    /// Whether the answer is certified.
    certification: CertificationDocument,
}

/// A reason why a path is closed.
#[derive(Debug, Serialize, JsonSchema)]
struct ExplanationEntry {
    /// Reachability Analyzer's code.
    code: &'static str,
    #[serde(flatten)]
    why: ReasonDocument,
}

/// A place where packets stop.
#[derive(Debug, Serialize, JsonSchema)]
struct StopEntry {
    /// `denied`, `no-route`, `blackhole`, `loop` or `insufficient-info`; `delivered` if it arrives at a load balancer that
    /// hands it to nobody.
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
        explained: &Explained,
        all: Option<&AllPaths>,
        certification: &Certification,
    ) -> Self {
        let witness = |witness: &Witness| WitnessDocument::new(analysis, witness);
        let reachable = all.filter(|_| answered.verdict == Verdict::Reachable);
        Self {
            schema_version: SCHEMA_VERSION,
            question: QuestionDocument::from(question),
            verdict: answered.verdict.name(),
            witness: answered.witness.as_deref().map(witness),
            why: answered.reasons.iter().map(ReasonDocument::from).collect(),
            stops: answered.blocked.iter().map(|blocked| StopEntry::new(analysis, blocked)).collect(),
            explanations: explained
                .explanations
                .iter()
                .map(|it| ExplanationEntry { code: it.code.name(), why: ReasonDocument::from(&it.reason) })
                .collect(),
            other_blocked_paths: (answered.verdict == Verdict::Unreachable).then_some(explained.others),
            closed: answered.closed.as_ref().map(|closed| ClosedDocument::new(analysis, closed)),
            paths: reachable.map(|all| all.witnesses.iter().map(witness).collect()),
            unsure: reachable
                .map(|all| all.unsure.iter().map(ReasonDocument::from).collect())
                .unwrap_or_default(),
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

/// The answer for people: a packet with its way there and back; or how far packets get, what stops them and what would
/// have to be true for them to get through; or what is missing.
pub fn answer_text(
    analysis: &Analysis,
    question: &Question,
    answered: &Answered,
    explained: &Explained,
    all: Option<&AllPaths>,
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
    match all.filter(|all| !all.witnesses.is_empty() && answered.onward.is_none()) {
        Some(all) => text.push_str(&all_text(analysis, all, style)),
        None => {
            for witness in answered.witness.as_deref().into_iter().chain(answered.onward.as_deref()) {
                text.push_str(&witness_text(analysis, witness, style));
            }
        }
    }
    let best = match &answered.closed {
        Some(Closed::By(kept)) => best_way_text(analysis, kept, style),
        _ => String::new(),
    };
    if !best.is_empty() {
        text.push('\n');
        text.push_str(&best);
    }
    if !answered.reasons.is_empty() {
        let lead = match answered.verdict {
            Verdict::Unknown => "What is missing:",
            Verdict::Reachable => "How:",
            Verdict::Unreachable => "Where packets stop, nearest the destination first:",
        };
        let _ = writeln!(text, "\n  {lead}");
        text.push_str(&reasons_text(&answered.reasons, 4, style));
    }
    if let Some(closed) = &answered.closed {
        text.push('\n');
        // What would open it stands on the way already.
        let say = if best.is_empty() { closed_text } else { keeping_text };
        text.push_str(&say(analysis, closed, 2, style));
    }
    let codes: BTreeSet<&str> = explained.explanations.iter().map(|it| it.code.name()).collect();
    if !codes.is_empty() {
        let codes: Vec<&str> = codes.into_iter().collect();
        text.push('\n');
        text.push_str(&wrapped(&format!("In Reachability Analyzer's codes: {}.", codes.join(", ")), 2, 4));
    }
    if answered.verdict != Verdict::Unknown {
        text.push('\n');
        text.push_str(&certification_text(certification, style));
    }
    text
}

/// A packet that gets through, with its way there and back, and all packets that can take the same.
fn witness_text(analysis: &Analysis, witness: &Witness, style: Style) -> String {
    let mut text = format!("\n  there: {}\n", witness.forward.packet);
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
    text
}

/// Every path, numbered, and what may hide more.
fn all_text(analysis: &Analysis, all: &AllPaths, style: Style) -> String {
    let mut text = String::new();
    let count = all.witnesses.len();
    for (witness, number) in all.witnesses.iter().zip(1..) {
        let _ = writeln!(text, "\n  {}", style.bold(&format!("path {number} of {count}")));
        text.push_str(&witness_text(analysis, witness, style));
    }
    if !all.unsure.is_empty() {
        text.push_str("\n  There may be more:\n");
        text.push_str(&reasons_text(&all.unsure, 4, style));
    }
    text
}
