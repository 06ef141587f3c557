//! Proofs by induction: that nothing gets through, step by step and without following any way.
//!
//! The packet-set engine gives a bound: for each node, packets that may get through from there. Z3 checks that the bound
//! holds of what is wanted, that no step leads from outside the bound into it, and that nothing that is sent is
//! within. Then nothing gets through, however the bound was found. The number of checks grows with the steps of the
//! network, not with its ways; where very many ways are open this is the only proof there is.

use std::collections::{BTreeMap, BTreeSet};

use graph::{ControlId, Disposition, Flow, ForwardingGraph, NodeId};
use headerspace::Match;
use rustc_hash::FxHashMap;
use z3::{SatResult, Solver, ast::Bool};

use super::{
    LIMIT, WORK_LIMIT,
    certify::Certificate,
    formula::{Formula, Header, Value},
    steps::{Apart, Step, Steps, Wanted},
    terms::{Conditions, Judged},
};
use crate::{
    Direction, PathQuery, Sets,
    sets::{Bounds, Extent},
};

/// What is said where the bound does not do.
const NO_BOUND: &str = "there is no proof by induction";

/// Confirms that no packet of `query` gets through, certainly or perhaps, whatever it is to pass and to leave out.
///
/// Never refuted: where the bound is too wide, that is no proof of the opposite. Cost: a check for every step that differs
/// from all others by more than values that nothing tells apart.
pub fn certify_nothing(graph: &ForwardingGraph, query: &PathQuery) -> Certificate {
    let bounds = Sets::for_query(graph, query).bounds(query, Extent::Reached);
    Induction::new(graph, query, &bounds).certificate()
}

/// Of the controls in `shut`, which keep `query` closed while those in `open` are open, those that a proof by induction
/// takes: Z3's unsatisfiable core. All of them if there is no such proof. `graph` must have been made with its openings.
///
/// The query to Z3 is whether any opening of theirs leads into the bound from outside, if all are assumed to be shut.
pub fn unsat_core(
    graph: &ForwardingGraph,
    query: &PathQuery,
    open: &BTreeSet<ControlId>,
    shut: &BTreeSet<ControlId>,
) -> BTreeSet<ControlId> {
    let closed = graph.opened_but(|id| open.contains(&id), |id| shut.contains(&id));
    let opened = graph.opened(|id| open.contains(&id) || shut.contains(&id));
    // Everywhere: what is shut may lead to where nothing comes now.
    let bounds = Sets::for_query(&closed, query).bounds(query, Extent::Everywhere);
    let mut induction = Induction::new(&closed, query, &bounds);
    let (mut literals, mut leading, nothing) = (BTreeMap::new(), Vec::new(), Match::never());
    for id in opened.edges() {
        let Some(control) = opened.opened_by(id).filter(|control| shut.contains(control)) else { continue };
        let name = || Bool::new_const(format!("open.{}", control.index()));
        let literal = literals.entry(control).or_insert_with(name).clone();
        let edge = opened.edge(id);
        for flow in
            [Flow::Opening, Flow::Reply].into_iter().filter(|flow| [Flow::Any, *flow].contains(&edge.flow))
        {
            let bounds = if flow == Flow::Opening { &induction.there } else { &induction.back };
            let (Some(&from), Some(&to)) = (bounds.get(&edge.from), bounds.get(&edge.to)) else { continue };
            if *to == nothing {
                continue;
            }
            let header = Header::unsent();
            let step = Step {
                to: edge.to,
                edges: vec![id],
                certain: true,
                condition: header.accepted_by(opened.guard(edge.guard)),
            };
            let mut parts = induction.led_into(&opened, &step, &header, to);
            parts.extend([header.accepted_by(from).not(), header.accepted_by(&Match::well_formed())]);
            let term = induction.conditions.terms.term(&Formula::all(parts));
            leading.push(Bool::and(&[literal.clone(), term]));
        }
    }
    let solver = Solver::new();
    solver.assert(Bool::or(&leading));
    let assumed: Vec<(ControlId, Bool)> =
        literals.into_iter().map(|(id, literal)| (id, literal.not())).collect();
    let terms: Vec<Bool> = assumed.iter().map(|(_, term)| term.clone()).collect();
    if solver.check_assumptions(&terms) != SatResult::Unsat {
        return shut.clone();
    }
    let core = solver.get_unsat_core();
    assumed.into_iter().filter(|(_, term)| core.contains(term)).map(|(id, _)| id).collect()
}

struct Induction<'a> {
    graph: &'a ForwardingGraph,
    query: &'a PathQuery,
    there: FxHashMap<NodeId, &'a Match>,
    back: FxHashMap<NodeId, &'a Match>,
    conditions: Conditions,
}

impl<'a> Induction<'a> {
    fn new(graph: &'a ForwardingGraph, query: &'a PathQuery, bounds: &'a Bounds) -> Self {
        let by_node = |list: &'a [(NodeId, Match)]| list.iter().map(|(node, term)| (*node, term)).collect();
        let (there, back) = (by_node(&bounds.there), by_node(&bounds.back));
        Self { graph, query, there, back, conditions: Conditions::by_shape(LIMIT) }
    }

    fn certificate(mut self) -> Certificate {
        let checks = [Self::sent, Self::wanted, Self::steps_there, Self::steps_back];
        let open = checks.into_iter().find_map(|check| check(&mut self).err());
        open.map_or(Certificate::Certified, Certificate::Open)
    }

    /// No well-formed packet fulfils all of `parts`.
    fn never(&mut self, parts: Vec<Formula>) -> Result<(), &'static str> {
        let condition = Formula::all(parts);
        if condition.is_false() {
            return Ok(());
        }
        let formed = Header::unsent().accepted_by(&Match::well_formed());
        match self.conditions.judge(&Formula::all([formed, condition])) {
            Judged::Never => Ok(()),
            Judged::Holds(_) => Err(NO_BOUND),
            Judged::TooHard => Err(WORK_LIMIT),
        }
    }

    /// What is sent is not within the bound.
    fn sent(&mut self) -> Result<(), &'static str> {
        let header = Header::sent();
        for source in self.query.sources.clone() {
            let within = self.within(source, &header)?;
            self.never(vec![header.accepted_by(&self.query.at_source), within])?;
        }
        Ok(())
    }

    /// The packet is within the bound of a node; an error if it has none, although packets come there.
    fn within(&self, node: NodeId, header: &Header) -> Result<Formula, &'static str> {
        self.there.get(&node).map(|term| header.accepted_by(term)).ok_or(NO_BOUND)
    }

    /// What is wanted is within the bound, as far as its replies are within theirs, and so is what gets lost.
    fn wanted(&mut self) -> Result<(), &'static str> {
        let header = Header::unsent();
        let (graph, query) = (self.graph, self.query);
        let missing = |node: NodeId| graph.node(node).refuses == Some(Disposition::InsufficientInfo);
        let mut nodes: Vec<NodeId> = self.there.keys().copied().collect();
        nodes.sort_unstable();
        for node in nodes {
            let outside = self.within(node, &header)?.not();
            if missing(node) {
                self.never(vec![header.accepted_by(&query.perhaps), outside.clone()])?;
            }
            if !query.destinations.contains(&node) {
                continue;
            }
            let mut parts = vec![header.accepted_by(&query.at_destination), outside];
            if query.direction == Direction::RoundTrip {
                let starts = graph.arriving_at(node).filter_map(|end| end.answers);
                let mut ways = vec![header.is_silent()];
                for start in starts {
                    let back = *self.back.get(&start).ok_or(NO_BOUND)?;
                    let replies = header.replies().into_iter();
                    ways.extend(replies.map(|(is, reply)| Formula::all([is, reply.accepted_by(back)])));
                }
                parts.push(Formula::any(ways));
            }
            self.never(parts)?;
        }
        Ok(())
    }

    /// No step of an opening packet leads into the bound from outside.
    fn steps_there(&mut self) -> Result<(), &'static str> {
        let bounds = std::mem::take(&mut self.there);
        let done = self.steps(Flow::Opening, &bounds);
        self.there = bounds;
        done
    }

    /// No step of a reply does, and all that is at home is within.
    fn steps_back(&mut self) -> Result<(), &'static str> {
        if self.query.direction == Direction::Forward {
            return Ok(());
        }
        let header = Header::unsent();
        let graph = self.graph;
        let homes = self.query.sources.iter().flat_map(|&source| super::explore::home(graph, source));
        let missing =
            graph.nodes().filter(|&node| graph.node(node).refuses == Some(Disposition::InsufficientInfo));
        for node in homes.chain(missing).collect::<BTreeSet<_>>() {
            // Nodes without a bound are those that no reply comes to.
            if let Some(term) = self.back.get(&node).copied() {
                self.never(vec![header.accepted_by(term).not()])?;
            }
        }
        let bounds = std::mem::take(&mut self.back);
        let done = self.steps(Flow::Reply, &bounds);
        self.back = bounds;
        done
    }

    fn steps(&mut self, flow: Flow, bounds: &FxHashMap<NodeId, &Match>) -> Result<(), &'static str> {
        let header = Header::unsent();
        let mut steps = Steps::new(self.graph);
        let mut nodes: Vec<NodeId> = bounds.keys().copied().collect();
        nodes.sort_unstable();
        let nothing = Match::never();
        for node in nodes {
            let Some(term) = bounds.get(&node) else { continue };
            let outside = header.accepted_by(term).not();
            let wanted = Wanted { flow, certainty: false, apart: Apart::Nothing };
            for step in steps.at(node, &header, wanted, |_| true).iter() {
                let Some(to) = bounds.get(&step.to).copied() else {
                    // Where there is no bound, nothing comes.
                    self.never(vec![step.condition.clone()])?;
                    continue;
                };
                if *to == nothing {
                    continue;
                }
                let parts = self.led_into(self.graph, step, &header, to);
                self.never([vec![outside.clone()], parts].concat())?;
            }
        }
        Ok(())
    }

    /// The conditions under which `step` leads into the bound `to`.
    fn led_into(
        &mut self,
        graph: &ForwardingGraph,
        step: &Step,
        header: &Header,
        to: &Match,
    ) -> Vec<Formula> {
        let mut parts = vec![step.condition.clone()];
        let Some(edge) = step.edges.first().map(|&id| graph.edge(id)) else { return parts };
        if edge.restores.is_some() {
            // What a reply becomes is left open.
            return parts;
        }
        let mut chosen = Vec::new();
        let after = header.rewritten(&edge.rewrite, |_, values| {
            let value = Value::Chosen(u32::try_from(chosen.len()).unwrap_or(u32::MAX));
            chosen.push(Formula::In(value, values.clone()));
            value
        });
        self.conditions.terms.know(chosen.len());
        parts.extend(chosen);
        parts.push(after.accepted_by(to));
        parts
    }
}
