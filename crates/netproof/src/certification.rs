//! A second opinion: which engine answers, and what the solver makes of the verdicts.

use scope::{Context, ScopeResult, document::ScopeDocument};
use search::{Answer, Engine, PathQuery, Sets};

use crate::{Analysis, Answered, AskedScope, FlowResult, Flows, Question};

/// Which engine answers questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EngineChoice {
    /// The packet-set engine.
    #[default]
    Sets,
    /// The Z3 engine.
    Z3,
    /// Both, and they must agree.
    Both,
}

/// What the solver makes of verdicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certification {
    /// It was not asked.
    NotAsked,
    /// There is none.
    NoSolver,
    /// It was asked for every verdict.
    Done(Certified),
}

impl Certification {
    /// What the solver made of these verdicts and of those of `other`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Done(mut these), Self::Done(those)) => {
                these.verdicts += those.verdicts;
                these.certified += those.certified;
                these.distinct += those.distinct;
                these.open.extend(those.open);
                these.refuted.extend(those.refuted);
                Self::Done(these)
            }
            (Self::Done(only), _) | (_, Self::Done(only)) => Self::Done(only),
            (neither, _) => neither,
        }
    }
}

/// Verdicts and whether the solver confirms them. An unknown answer is no verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certified {
    /// Version of Z3.
    pub solver: String,
    /// How many verdicts there are.
    pub verdicts: usize,
    /// How many of them are confirmed.
    pub certified: usize,
    /// How many paths of findings differ by more than values that nothing tells apart; the others were confirmed with
    /// one of these.
    pub distinct: usize,
    /// Those of which the solver could not tell, in order, and why.
    pub open: Vec<Uncertified>,
    /// Those that the solver contradicts, in order: a defect of this program.
    pub refuted: Vec<Uncertified>,
}

/// A verdict that is not confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncertified {
    /// Which one: a flow, a scope, or a finding of a scope.
    pub what: String,
    /// Why not.
    pub why: String,
}

/// Two engines that do not agree: a defect of this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// What was asked.
    pub what: String,
    /// What each engine says.
    pub answers: String,
    /// The part of the network that matters, an edge a line.
    pub graph: String,
}

/// The version of the solver that is built in; `None` without one.
pub fn solver() -> Option<String> {
    #[cfg(feature = "z3")]
    let version = Some(search::Z3::version());
    #[cfg(not(feature = "z3"))]
    let version = None;
    version
}

/// Answers questions by one engine or two, and has verdicts confirmed.
#[derive(Debug)]
pub struct Judge<'g> {
    analysis: &'g Analysis,
    sets: Option<Sets<'g>>,
    #[cfg(feature = "z3")]
    z3: Option<search::Z3<'g>>,
    certifies: bool,
    #[cfg(feature = "z3")]
    certifier: search::Certifier<'g>,
    /// Since the last question was settled: unconfirmed verdicts of its parts.
    #[cfg(feature = "z3")]
    pending: Vec<search::Certificate>,
    /// The part of the network in which the engines differ, and their answers.
    differ: Option<(String, String)>,
    certified: Certified,
    disagreements: Vec<Disagreement>,
}

impl<'g> Judge<'g> {
    /// A judge by this engine; `None` if it is not built in. `certify` asks for confirmation of every verdict, as far
    /// as there is a solver.
    pub fn new(analysis: &'g Analysis, choice: EngineChoice, certify: bool) -> Option<Self> {
        if choice != EngineChoice::Sets && solver().is_none() {
            return None;
        }
        let sets = (choice != EngineChoice::Z3).then(|| analysis.engine());
        Some(Self {
            analysis,
            sets,
            #[cfg(feature = "z3")]
            z3: (choice != EngineChoice::Sets).then(|| analysis.z3()),
            certifies: certify,
            #[cfg(feature = "z3")]
            certifier: search::Certifier::new(analysis.graph()),
            #[cfg(feature = "z3")]
            pending: Vec::new(),
            differ: None,
            certified: Certified { solver: solver().unwrap_or_default(), ..Certified::default() },
            disagreements: Vec::new(),
        })
    }

    /// Answers a question, called `name` in what is said of it.
    pub fn answer_to(&mut self, name: &str, question: &Question) -> Answered {
        let analysis = self.analysis;
        let answered = analysis.answer_with(self, question);
        self.settle(name, answered.verdict != crate::Verdict::Unknown);
        answered
    }

    /// Checks a list of flows, in order.
    pub fn verify(&mut self, flows: Flows) -> Vec<FlowResult> {
        let check = |flow: crate::Flow| {
            let answered = self.answer_to(&flow.name, &flow.question);
            FlowResult { flow, answered }
        };
        flows.flows.into_iter().map(check).collect()
    }

    /// Asks a scope. With both engines, they must find the same; what they find, [`Analysis::certify`] has confirmed.
    pub fn ask(&mut self, scope: ScopeDocument, context: &Context) -> AskedScope {
        #[cfg(feature = "z3")]
        if let Some(z3) = &mut self.z3 {
            let other = self.analysis.ask_z3(z3, scope.clone(), context);
            let Some(sets) = &self.sets else { return other };
            let asked = self.analysis.ask_with(sets, scope, context);
            self.compare(&asked, &other);
            return asked;
        }
        let Some(sets) = &self.sets else {
            // One of the two is always there.
            return AskedScope { scope, result: ScopeResult::default(), closed: None, distances: None };
        };
        self.analysis.ask_with(sets, scope, context)
    }

    /// Notes where two engines do not find the same. What the solver gave up on is no difference.
    #[cfg(feature = "z3")]
    fn compare(&mut self, sets: &AskedScope, z3: &AskedScope) {
        let ids = |asked: &AskedScope| -> std::collections::BTreeSet<String> {
            asked.result.findings.iter().map(|finding| finding.id.clone()).collect()
        };
        let (a, b) = (ids(sets), ids(z3));
        let known = |asked: &AskedScope| asked.result.unknowns.is_empty();
        if a == b && known(sets) == known(z3) {
            return;
        }
        let limit = |unknown: &scope::Unknown| unknown.what == search::WORK_LIMIT;
        if z3.result.unknowns.iter().any(limit) {
            return;
        }
        let only = |a: &std::collections::BTreeSet<String>, b| {
            a.difference(b).cloned().collect::<Vec<_>>().join(", ")
        };
        let unknowns = |asked: &AskedScope| {
            let texts = asked.result.unknowns.iter().map(|unknown| unknown.what.clone());
            texts.collect::<Vec<_>>().join(", ")
        };
        let answers = format!(
            "packet sets alone: {}; unknown: {}\nZ3 alone: {}; unknown: {}\n",
            only(&a, &b),
            unknowns(sets),
            only(&b, &a),
            unknowns(z3)
        );
        let graph = self.analysis.graph();
        let text = sets.result.queries.iter().map(|query| excerpt(graph, query)).collect();
        self.disagreements.push(Disagreement { what: sets.scope.name.clone(), answers, graph: text });
    }

    /// What the solver made of the verdicts so far.
    pub fn certification(&self) -> Certification {
        match (self.certifies, solver()) {
            (false, _) => Certification::NotAsked,
            (true, None) => Certification::NoSolver,
            (true, Some(_)) => Certification::Done(self.certified.clone()),
        }
    }

    /// The analysis whose questions are answered.
    pub fn analysis(&self) -> &'g Analysis {
        self.analysis
    }

    /// Whether verdicts are confirmed.
    #[cfg(feature = "z3")]
    pub(crate) fn certifies(&self) -> bool {
        self.certifies
    }

    /// Counts a verdict that rests on these certificates.
    #[cfg(feature = "z3")]
    pub(crate) fn confirmed(&mut self, what: &str, certificates: &[search::Certificate]) {
        self.certified.add(what, certificates.iter());
    }

    /// Where the engines did not agree so far, in order.
    pub fn disagreements(&self) -> &[Disagreement] {
        &self.disagreements
    }

    /// Counts what was answered since the last time as the verdict of this name.
    pub(crate) fn settle(&mut self, name: &str, is_verdict: bool) {
        if let Some((graph, answers)) = self.differ.take() {
            self.disagreements.push(Disagreement { what: name.to_owned(), answers, graph });
        }
        #[cfg(feature = "z3")]
        {
            let pending = std::mem::take(&mut self.pending);
            if is_verdict && self.certifies {
                self.certified.add(name, pending.iter());
            }
        }
        let _ = is_verdict;
    }
}

/// The answer in a word.
fn word(answer: &Answer) -> &'static str {
    match answer {
        Answer::Reachable(_) => "reachable",
        Answer::Unreachable(_) => "unreachable",
        Answer::Unknown(_) => "unknown",
    }
}

impl Engine for Judge<'_> {
    fn answer(&mut self, query: &PathQuery) -> Answer {
        let sets = self.sets.as_mut().map(|sets| sets.answer(query));
        #[cfg(feature = "z3")]
        let other = self.z3.as_mut().map(|z3| z3.answer(query));
        #[cfg(not(feature = "z3"))]
        let other = None::<Answer>;
        if let (Some(sets), Some(other)) = (&sets, &other)
            && word(sets) != word(other)
            && self.differ.is_none()
        {
            let answers = format!("packet sets: {}\nZ3: {}\n{query:?}\n", word(sets), word(other));
            self.differ = Some((excerpt(self.analysis.graph(), query), answers));
        }
        let Some(answer) = sets.or(other) else { return Answer::Unknown(Vec::new()) };
        #[cfg(feature = "z3")]
        if self.certifies {
            self.pending.extend(self.certifier.answer(query, &answer));
        }
        answer
    }
}

/// The edges that packets of a question may come to.
fn excerpt(graph: &graph::ForwardingGraph, query: &PathQuery) -> String {
    let mut reached = vec![false; graph.node_count()];
    let mut left = query.sources.clone();
    while let Some(node) = left.pop() {
        let Some(known) = reached.get_mut(node.index()) else { continue };
        if !std::mem::replace(known, true) {
            left.extend(graph.outgoing(node).iter().map(|&edge| graph.edge(edge).to));
        }
    }
    let names: std::collections::BTreeSet<String> = graph
        .nodes()
        .filter(|node| reached.get(node.index()).copied().unwrap_or_default())
        .map(|node| graph.describe(node))
        .collect();
    let lines = graph.to_string();
    let within = |line: &&str| line.split_once(" -> ").is_some_and(|(from, _)| names.contains(from));
    lines.lines().filter(within).flat_map(|line| [line, "\n"]).collect()
}

impl Certified {
    /// Counts a verdict that rests on these certificates.
    #[cfg(feature = "z3")]
    fn add<'c>(&mut self, what: &str, certificates: impl Iterator<Item = &'c search::Certificate>) {
        use search::Certificate;
        self.verdicts += 1;
        let (mut open, mut refuted) = (None, None);
        for certificate in certificates {
            match certificate {
                Certificate::Certified => {}
                Certificate::Open(why) => open = open.or(Some((*why).to_owned())),
                Certificate::Refuted(why) => refuted = refuted.or(Some(why.clone())),
            }
        }
        let what = || what.to_owned();
        match (refuted, open) {
            (Some(why), _) => self.refuted.push(Uncertified { what: what(), why }),
            (None, Some(why)) => self.open.push(Uncertified { what: what(), why }),
            (None, None) => self.certified += 1,
        }
    }
}

impl Analysis {
    /// Has what came out of scopes confirmed: of every finding that a packet takes the path, and that the packets of
    /// the path are exactly those that can; of every clean scope that no packet can.
    ///
    /// Cost: a look at every rule beside each path, and two checks of the solver for each path that differs from all
    /// others by more than values that nothing tells apart.
    pub fn certify(&self, asked: &[AskedScope]) -> Certification {
        #[cfg(not(feature = "z3"))]
        let certification = {
            let _ = asked;
            Certification::NoSolver
        };
        #[cfg(feature = "z3")]
        let certification = {
            let mut certified = Certified { solver: solver().unwrap_or_default(), ..Certified::default() };
            let mut certifier = search::Certifier::new(self.graph());
            for asked in asked {
                self.certify_scope(asked, &mut certifier, &mut certified);
            }
            Certification::Done(certified)
        };
        certification
    }

    #[cfg(feature = "z3")]
    fn certify_scope(
        &self,
        asked: &AskedScope,
        certifier: &mut search::Certifier<'_>,
        certified: &mut Certified,
    ) {
        let name = &asked.scope.name;
        let result = &asked.result;
        for (index, query) in result.queries.iter().enumerate() {
            let findings: Vec<&scope::Finding> =
                result.findings.iter().filter(|finding| finding.query == index).collect();
            let paths: Vec<&search::FoundPath> = findings.iter().map(|finding| &finding.path).collect();
            let certificates = certifier.paths(query, &paths);
            certified.distinct += certificates.distinct;
            for (finding, certificate) in findings.iter().zip(&certificates.each) {
                let what = format!("{name}: finding {}", finding.id);
                certified.add(&what, [certificate].into_iter());
            }
        }
        if result.findings.is_empty() && result.unknowns.is_empty() {
            let absent: Vec<_> =
                result.queries.iter().map(|query| search::certify_absence(self.graph(), query)).collect();
            certified.add(&format!("{name}: clean"), absent.iter());
        }
    }
}
