//! What packets can do at a node.

use std::rc::Rc;

use graph::{Cause, Choice, EdgeId, Flow, ForwardingGraph, MatchId, NodeId, ResourceKey};
use headerspace::Rewrite;
use rustc_hash::FxHashMap;

use super::formula::{Formula, Header};

/// A step that packets can take: edges that do the same to them.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) to: NodeId,
    /// The edges, in order; there is at least one.
    pub(super) edges: Vec<EdgeId>,
    /// Whether packets that fulfil the condition surely take it.
    pub(super) certain: bool,
    /// Which packets take it.
    pub(super) condition: Formula,
}

/// Which steps are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Wanted {
    /// Opening packets or replies.
    pub(super) flow: Flow,
    /// Whether certain steps are told from others.
    pub(super) certainty: bool,
    pub(super) apart: Apart,
}

/// What keeps edges that do the same from being one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Apart {
    /// Nothing.
    Nothing,
    /// That different resources decide.
    Resources,
    /// That they are different rules.
    Rules,
}

/// Everything that steps were asked for.
type Key = (NodeId, Header, Wanted);

/// Steps by node and header, made when they are asked for.
#[derive(Debug)]
pub(super) struct Steps<'g> {
    graph: &'g ForwardingGraph,
    guards: FxHashMap<(MatchId, Header), Formula>,
    known: FxHashMap<Key, Rc<[Step]>>,
}

impl<'g> Steps<'g> {
    pub(super) fn new(graph: &'g ForwardingGraph) -> Self {
        Self { graph, guards: FxHashMap::default(), known: FxHashMap::default() }
    }

    /// The steps from `node` to where `useful` says that going there is of use, in order of their first edges.
    pub(super) fn at(
        &mut self,
        node: NodeId,
        header: &Header,
        wanted: Wanted,
        useful: impl Fn(NodeId) -> bool,
    ) -> Rc<[Step]> {
        let key = (node, *header, wanted);
        if let Some(steps) = self.known.get(&key) {
            return steps.clone();
        }
        let steps: Rc<[Step]> = self.made(node, header, wanted, useful).into();
        self.known.insert(key, steps.clone());
        steps
    }

    fn guard(&mut self, edge: EdgeId, header: &Header) -> Formula {
        let id = self.graph.edge(edge).guard;
        let graph = self.graph;
        self.guards.entry((id, *header)).or_insert_with(|| header.accepted_by(graph.guard(id))).clone()
    }

    fn made(
        &mut self,
        node: NodeId,
        header: &Header,
        wanted: Wanted,
        useful: impl Fn(NodeId) -> bool,
    ) -> Vec<Step> {
        let graph = self.graph;
        let of_flow = |id: &EdgeId| {
            let flow = graph.edge(*id).flow;
            flow == Flow::Any || flow == wanted.flow
        };
        let edges: Vec<EdgeId> = graph.outgoing(node).iter().copied().filter(of_flow).collect();
        if !edges.iter().any(|&id| useful(graph.edge(id).to)) {
            return Vec::new();
        }
        let ordered = graph.node(node).choice == Choice::FirstMatch;
        let mut before = [true, false].map(|certain| {
            let ranked = edges.iter().filter(|&&id| ordered && graph.edge(id).certain == certain);
            Before::new(ranked.map(|&id| (graph.edge(id).rank, self.guard(id, header))).collect())
        });
        let mut found = Vec::<(Step, Vec<Formula>)>::new();
        let mut places = FxHashMap::<Effect<'_>, usize>::default();
        for &id in edges.iter().filter(|&&id| useful(graph.edge(id).to)) {
            let edge = graph.edge(id);
            let guard = self.guard(id, header);
            let [decided, doubted] = before.each_mut().map(|before| before.below(edge.rank));
            let open = Formula::all([guard, decided.not()]);
            let parts = if wanted.certainty && edge.certain {
                let sure = Formula::all([open.clone(), doubted.clone().not()]);
                vec![(true, sure), (false, Formula::all([open, doubted]))]
            } else {
                vec![(false, open)]
            };
            for (certain, condition) in parts.into_iter().filter(|(_, condition)| !condition.is_false()) {
                let (resource, rule) = match wanted.apart {
                    Apart::Nothing => (None, None),
                    Apart::Resources => (Some(&edge.cause.resource), None),
                    Apart::Rules => (None, Some(&*edge.cause)),
                };
                let effect = (edge.to, &edge.rewrite, edge.restores, certain, (resource, rule));
                let place = *places.entry(effect).or_insert(found.len());
                if place == found.len() {
                    let step = Step { to: edge.to, edges: Vec::new(), certain, condition: Formula::FALSE };
                    found.push((step, Vec::new()));
                }
                if let Some((step, conditions)) = found.get_mut(place) {
                    step.edges.push(id);
                    conditions.push(condition);
                }
            }
        }
        let steps = found.into_iter();
        let mut steps: Vec<Step> =
            steps.map(|(step, conditions)| Step { condition: Formula::any(conditions), ..step }).collect();
        if wanted.certainty {
            // Where a certain step leads the same way, an uncertain one adds nothing.
            let leads = |step: &Step| {
                let edge = step.edges.first().map(|&id| graph.edge(id));
                edge.map(|edge| (edge.to, &edge.rewrite, edge.restores))
            };
            let (sure, unsure): (Vec<Step>, Vec<Step>) = steps.iter().cloned().partition(|step| step.certain);
            for (step, unsure) in steps.iter_mut().filter(|step| !step.certain).zip(unsure) {
                let same = sure.iter().filter(|other| leads(other) == leads(&unsure));
                let surely = Formula::any(same.map(|other| other.condition.clone()).collect::<Vec<_>>());
                step.condition = Formula::all([unsure.condition, surely.not()]);
            }
        }
        steps
    }
}

/// What a step does to packets, whether it surely does, and which resource decides if that matters.
type Effect<'g> = (NodeId, &'g Rewrite, Option<NodeId>, bool, (Option<&'g ResourceKey>, Option<&'g Cause>));

/// What edges of lower ranks accept, as formulas that share their parts.
#[derive(Debug)]
struct Before {
    ranks: Vec<u32>,
    /// The guards in order of rank; then, level by level, each two joined.
    levels: Vec<Vec<Formula>>,
    /// The last answer, because edges come in order of rank.
    last: Option<(usize, Formula)>,
}

impl Before {
    /// `guards` come in order of rank.
    fn new(guards: Vec<(u32, Formula)>) -> Self {
        let (ranks, guards): (Vec<u32>, Vec<Formula>) = guards.into_iter().unzip();
        let mut levels = vec![guards];
        while let Some(level) = levels.last().filter(|level| level.len() > 1) {
            levels.push(level.chunks(2).map(|pair| Formula::any(pair.iter().cloned())).collect());
        }
        Self { ranks, levels, last: None }
    }

    /// What edges of ranks below `rank` accept.
    fn below(&mut self, rank: u32) -> Formula {
        let count = self.ranks.partition_point(|&other| other < rank);
        if let Some((_, formula)) = self.last.as_ref().filter(|(known, _)| *known == count) {
            return formula.clone();
        }
        let mut parts = Vec::new();
        let (mut left, mut from) = (count, 0);
        for (height, level) in self.levels.iter().enumerate().rev() {
            let size = 1_usize << height;
            if left >= size {
                parts.extend(level.get(from >> height).cloned());
                (left, from) = (left - size, from + size);
            }
        }
        let formula = Formula::any(parts);
        self.last = Some((count, formula.clone()));
        formula
    }
}
