//! The document of `describe-network-insights-analyses`.

use graph::ResourceId;
use headerspace::Field;
use search::{Direction, Track, Witness};
use serde::Serialize;

use super::{
    component::{
        PathComponent, add_detail, add_end, analysis_component, id_of, path_components, return_components,
    },
    details::Steps,
    digest,
    explanation::ExplanationDocument,
};
use crate::{AllPaths, Analysis, Answered, Detail, Explained, Place, Question, Verdict};

/// The answer of `describe-network-insights-analyses`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Analyses {
    network_insights_analyses: Vec<NetworkInsightsAnalysis>,
}

/// One analysis of one path.
///
/// An answer that is not known is a failed analysis that says so: AWS's document has no third value.
/// GAP: `StartDate` is left out, for the same input gives the same bytes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the names are AWS's")]
struct NetworkInsightsAnalysis {
    network_insights_analysis_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    network_insights_analysis_arn: Option<String>,
    network_insights_path_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter_in_arns: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter_out_arns: Vec<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network_path_found: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    forward_path_components: Vec<PathComponent>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    return_path_components: Vec<PathComponent>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    explanations: Vec<ExplanationDocument>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alternate_path_hints: Vec<AlternatePathHint>,
    tags: [(); 0],
}

/// A component of another path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AlternatePathHint {
    component_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    component_arn: Option<String>,
}

/// The document for one question: the shortest path, hints at others, or the explanations why there is none. `paths` are
/// those that are known beside the one of the answer, none if they were not looked for.
pub fn analyses(
    analysis: &Analysis,
    question: &Question,
    answered: &Answered,
    explained: &Explained,
    paths: &AllPaths,
) -> Analyses {
    let mut document = Asked { analysis, question }.document(answered.verdict);
    match answered.verdict {
        Verdict::Reachable => {
            let witness = paths.witnesses.first().or(answered.witness.as_deref());
            // A way around is one path, and there is no shorter one.
            let around = answered.onward.as_deref();
            let shown = if around.is_some() { answered.witness.as_deref() } else { witness };
            Asked { analysis, question }.show(&mut document, shown, around);
            if around.is_none() {
                document.alternate_path_hints = hints(analysis, &document, &paths.witnesses);
            }
        }
        Verdict::Unreachable | Verdict::Unknown => {
            let explanations = explained.explanations.iter();
            document.explanations =
                explanations.map(|explanation| ExplanationDocument::new(analysis, explanation)).collect();
        }
    }
    if answered.verdict == Verdict::Unknown {
        let reasons: Vec<&str> = answered.reasons.iter().map(|reason| reason.text.as_str()).collect();
        document.status_message = Some(format!("not known: {}", reasons.join("; ")));
    }
    document.identify(analysis, question, 0);
    Analyses { network_insights_analyses: vec![document] }
}

/// The document for every path of a question that is answered with "reachable": one analysis each, the shortest first.
pub fn analyses_of_paths(analysis: &Analysis, question: &Question, paths: &AllPaths) -> Analyses {
    let all = paths.witnesses.iter().enumerate().map(|(index, witness)| {
        let mut document = Asked { analysis, question }.document(Verdict::Reachable);
        Asked { analysis, question }.show(&mut document, Some(witness), None);
        document.identify(analysis, question, index);
        document
    });
    Analyses { network_insights_analyses: all.collect() }
}

struct Asked<'a> {
    analysis: &'a Analysis,
    question: &'a Question,
}

impl Asked<'_> {
    fn document(&self, verdict: Verdict) -> NetworkInsightsAnalysis {
        let question = self.question;
        let arns = |texts: &[String]| texts.iter().map(|text| self.arn(text)).collect();
        let path = question.path_id.clone();
        NetworkInsightsAnalysis {
            network_insights_analysis_id: String::new(),
            network_insights_analysis_arn: None,
            network_insights_path_id: path
                .unwrap_or_else(|| format!("nip-{}", digest(&[&format!("{question:?}")]))),
            filter_in_arns: arns(&question.through),
            filter_out_arns: arns(&question.avoid),
            status: if verdict == Verdict::Unknown { "failed" } else { "succeeded" },
            status_message: None,
            network_path_found: match verdict {
                Verdict::Reachable => Some(true),
                Verdict::Unreachable => Some(false),
                Verdict::Unknown => None,
            },
            forward_path_components: Vec::new(),
            return_path_components: Vec::new(),
            explanations: Vec::new(),
            alternate_path_hints: Vec::new(),
            tags: [],
        }
    }

    fn arn(&self, text: &str) -> String {
        let graph = self.analysis.graph();
        let named = scope::selection::by_text(graph, text).into_iter().next();
        named.and_then(|id| graph.resource(id).arn.clone()).unwrap_or_else(|| text.to_owned())
    }

    /// The instance that an end of the question names.
    fn instance(&self, end: &Place) -> Option<ResourceId> {
        let Place::Resource(text) = end else { return None };
        let graph = self.analysis.graph();
        let mut named = scope::selection::by_text(graph, text).into_iter();
        named.find(|&id| graph.resource(id).kind == "AWS::EC2::Instance")
    }

    fn show(
        &self,
        document: &mut NetworkInsightsAnalysis,
        witness: Option<&Witness>,
        around: Option<&Witness>,
    ) {
        let Some(witness) = witness else { return };
        let protocol = u8::try_from(witness.forward.packet.get(Field::Protocol)).unwrap_or_default();
        let Some(track) = track_of(witness) else { return };
        let mut forward = path_components(self.analysis, &witness.path, track, protocol);
        if let Some((around, track)) = around.and_then(|around| Some((around, track_of(around)?))) {
            forward.extend(path_components(self.analysis, &around.path, track, protocol));
        }
        let mut back = match (&witness.back, around) {
            (Some(reply), None) => return_components(self.analysis, track, reply, protocol),
            _ => Vec::new(),
        };
        if let Some(first) = self.instance(&self.question.source) {
            add_end(self.analysis, &mut forward, first, true);
            if !back.is_empty() {
                add_end(self.analysis, &mut back, first, false);
            }
        }
        if let Some(last) = self.instance(&self.question.destination) {
            add_end(self.analysis, &mut forward, last, false);
            if !back.is_empty() {
                add_end(self.analysis, &mut back, last, true);
            }
        }
        for list in [&mut forward, &mut back] {
            number(list);
            self.zones(list);
        }
        for way in [Some(&witness.forward), around.map(|around| &around.forward)].into_iter().flatten() {
            Steps { analysis: self.analysis, trace: way }.tell(&mut forward);
        }
        if let Some(reply) = witness.back.as_ref().filter(|_| !back.is_empty()) {
            Steps { analysis: self.analysis, trace: reply }.tell(&mut back);
        }
        if self.question.direction == Direction::Forward {
            let last = forward.len().saturating_sub(1);
            add_detail(&mut forward, last, Detail::UnidirectionalPathAnalysisOnly, None);
        }
        document.forward_path_components = forward;
        document.return_path_components = back;
    }

    /// Says where a path comes to another zone.
    fn zones(&self, list: &mut [PathComponent]) {
        let graph = self.analysis.graph();
        let known = self.analysis.inventory().zones_of_interfaces();
        let zone = |shown: &PathComponent| {
            let named = scope::selection::by_text(graph, id_of(shown));
            named.into_iter().find_map(|id| Some((id, known.get(graph.key(id))?.clone())))
        };
        let zones: Vec<Option<(ResourceId, String)>> = list.iter().map(zone).collect();
        let mut last: Option<&str> = None;
        for (at, found) in zones.iter().enumerate() {
            let Some((id, zone)) = found else { continue };
            if last.is_some_and(|last| last != zone) {
                let component = Some(analysis_component(self.analysis, *id));
                add_detail(list, at, Detail::AvailabilityZoneCrossed, component);
            }
            last = Some(zone.as_str());
        }
    }
}

fn number(list: &mut [PathComponent]) {
    for (shown, number) in list.iter_mut().zip(1..) {
        shown.renumber(number);
    }
}

/// The packets among which the one is that was followed.
fn track_of(witness: &Witness) -> Option<&Track> {
    let packet = &witness.forward.packet;
    let holds = |track: &&Track| {
        Field::HEADER.iter().all(|&field| track.first.get(field).contains(packet.get(field)))
    };
    witness.path.tracks.iter().find(holds).or(witness.path.tracks.first())
}

/// Of every other path the first component that the shown one does not have.
fn hints(analysis: &Analysis, shown: &NetworkInsightsAnalysis, others: &[Witness]) -> Vec<AlternatePathHint> {
    let passed: Vec<&str> = shown.forward_path_components.iter().map(id_of).collect();
    let mut hints = Vec::new();
    for witness in others {
        let trail = super::super::component::way(analysis.graph(), &witness.forward);
        let resources = trail.iter().map(|component| analysis.graph().resource(component.resource));
        let Some(other) = resources.into_iter().find(|resource| !passed.contains(&resource.id.as_str()))
        else {
            continue;
        };
        hints.push(AlternatePathHint { component_id: other.id.clone(), component_arn: other.arn.clone() });
    }
    hints.sort();
    hints.dedup();
    hints
}

impl NetworkInsightsAnalysis {
    /// Gives it the id that its content has.
    fn identify(&mut self, analysis: &Analysis, question: &Question, index: usize) {
        let content = [&self.forward_path_components, &self.return_path_components]
            .map(|list| list.iter().map(id_of).collect::<Vec<_>>().join(" "));
        let [there, back] = &content;
        let told = format!("{} {:?} {index}", self.status, self.network_path_found);
        let id = digest(&[&self.network_insights_path_id, there, back, &told]);
        self.network_insights_analysis_id = format!("nia-{id}");
        // Whose analysis it would be, the source tells.
        let graph = analysis.graph();
        let Place::Resource(text) = &question.source else { return };
        let source = scope::selection::by_text(graph, text).into_iter().next().map(|id| graph.resource(id));
        if let Some(source) = source.filter(|it| !it.account.is_empty() && !it.region.is_empty()) {
            self.network_insights_analysis_arn = Some(format!(
                "arn:aws:ec2:{}:{}:network-insights-analysis/nia-{id}",
                source.region, source.account
            ));
        }
    }
}
