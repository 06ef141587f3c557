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
use z3::{SatResult, ast::Bool};

use super::{
    LIMIT, WORK_LIMIT,
    certify::Certificate,
    formula::{Formula, Header, Value},
    steps::{Apart, Step, Steps, Wanted},
    terms::{Conditions, Judged, limited},
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
    if shut.is_empty() {
        return BTreeSet::new();
    }
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
    let solver = limited(LIMIT);
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
            let within = self.within(source, &header);
            self.never(vec![header.accepted_by(&self.query.at_source), within])?;
        }
        Ok(())
    }

    /// The packet is within the bound of a node; where none is told, nothing is.
    fn within(&self, node: NodeId, header: &Header) -> Formula {
        self.there.get(&node).map_or(Formula::FALSE, |term| header.accepted_by(term))
    }

    /// What is wanted is within the bound, as far as its replies are within theirs, and so is what gets lost.
    fn wanted(&mut self) -> Result<(), &'static str> {
        let header = Header::unsent();
        let (graph, query) = (self.graph, self.query);
        let missing = |node: NodeId| graph.node(node).refuses == Some(Disposition::InsufficientInfo);
        for node in reached(graph, query.sources.iter().copied(), Flow::Opening) {
            if !missing(node) && !query.destinations.contains(&node) {
                continue;
            }
            let outside = self.within(node, &header).not();
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
                    let Some(back) = self.back.get(&start).copied() else { continue };
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
        let nodes = reached(self.graph, self.query.sources.iter().copied(), Flow::Opening);
        let done = self.steps(Flow::Opening, &bounds, nodes);
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
        let homes: BTreeSet<NodeId> = homes.chain(missing).collect();
        let arrivals = self.query.destinations.iter().flat_map(|&node| graph.arriving_at(node));
        let nodes = reached(graph, arrivals.filter_map(|end| end.answers), Flow::Reply);
        for node in nodes.intersection(&homes) {
            let within = self.back.get(node).map_or(Formula::FALSE, |term| header.accepted_by(term));
            self.never(vec![within.not()])?;
        }
        let bounds = std::mem::take(&mut self.back);
        let done = self.steps(Flow::Reply, &bounds, nodes);
        self.back = bounds;
        done
    }

    fn steps(
        &mut self,
        flow: Flow,
        bounds: &FxHashMap<NodeId, &Match>,
        nodes: BTreeSet<NodeId>,
    ) -> Result<(), &'static str> {
        let header = Header::unsent();
        let mut steps = Steps::new(self.graph);
        let nothing = Match::never();
        // Nothing is within the bound of other nodes.
        let leads = |node: NodeId| bounds.get(&node).is_some_and(|term| **term != nothing);
        for node in nodes {
            let outside = bounds.get(&node).map_or(Formula::TRUE, |term| header.accepted_by(term).not());
            let wanted = Wanted { flow, certainty: false, apart: Apart::Nothing };
            for step in steps.at(node, &header, wanted, leads).iter() {
                let Some(to) = bounds.get(&step.to).copied() else { continue };
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

/// Where edges for such packets lead from `starts`, whatever their guards.
fn reached(graph: &ForwardingGraph, starts: impl Iterator<Item = NodeId>, flow: Flow) -> BTreeSet<NodeId> {
    let mut reached = BTreeSet::new();
    let mut left: Vec<NodeId> = starts.collect();
    while let Some(node) = left.pop() {
        if reached.insert(node) {
            let edges = graph.outgoing(node).iter().map(|&id| graph.edge(id));
            left.extend(edges.filter(|edge| edge.flow == Flow::Any || edge.flow == flow).map(|edge| edge.to));
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use graph::{Cause, Choice, End, GraphBuilder, Port, ResourceRef, Transfer};
    use headerspace::Field;

    use super::*;

    /// From `a` through a filter that admits port 80 to `b`, and its replies straight back.
    fn network() -> (ForwardingGraph, PathQuery) {
        let mut builder = GraphBuilder::new();
        let [a, b, filter] =
            ["a", "b", "filter"].map(|name| builder.resource(ResourceRef::new("Host", name)));
        for host in [&a, &b] {
            let (send, receive) = (Port::new(host, "send"), Port::new(host, "receive"));
            builder.declare_end(End::host(host.clone(), send, receive));
        }
        let inside = Port::new(&filter, "inside");
        builder.declare(inside.clone(), &filter, Choice::Any, Disposition::Denied);
        let cause = Cause::structure(&filter);
        let web = Transfer::only(Match::ports(Field::DstPort, 80..=80));
        builder.connect(&Port::new(&a, "send"), &inside, Transfer::all(), &cause);
        builder.connect(&inside, &Port::new(&b, "receive"), web, &cause);
        builder.connect(&Port::new(&b, "send"), &Port::new(&a, "receive"), Transfer::all(), &cause);
        let (graph, _) = builder.finish();
        let query =
            PathQuery::between([graph.ends()[0].departs.unwrap()], [graph.ends()[1].arrives.unwrap()]);
        (graph, query)
    }

    fn certificate(query: &PathQuery, change: impl FnOnce(&mut Bounds)) -> Certificate {
        let (graph, _) = network();
        let mut bounds = Sets::for_query(&graph, query).bounds(query, Extent::Reached);
        change(&mut bounds);
        Induction::new(&graph, query, &bounds).certificate()
    }

    #[test]
    fn no_bound_proves_what_is_not_so() {
        let (_, query) = network();
        let tcp = PathQuery { at_source: Match::protocol(6), ..query };
        let open = Certificate::Open(NO_BOUND);
        for direction in [Direction::Forward, Direction::RoundTrip] {
            let web = tcp.clone().in_direction(direction);
            let port = Match::ports(Field::DstPort, 81..=90);
            let other = PathQuery { at_source: Match::all_of([tcp.at_source.clone(), port]), ..web.clone() };
            assert_eq!(certificate(&other, |_| ()), Certificate::Certified);
            assert_eq!(certificate(&web, |_| ()), open);
            assert_eq!(certificate(&web, |bounds| *bounds = Bounds::default()), open);
            for at in 0..3 {
                let never = |bounds: &mut Bounds| bounds.there[at].1 = Match::never();
                assert_eq!(certificate(&web, never), open, "{at}");
                assert_eq!(certificate(&web, |bounds| drop(bounds.there.remove(at))), open, "{at}");
            }
        }
        // Replies as well: what arrives may not be left out for want of a bound of its replies.
        let web = tcp.in_direction(Direction::RoundTrip);
        assert_eq!(certificate(&web, |bounds| bounds.back.clear()), open);
        let never = |bounds: &mut Bounds| bounds.back.iter_mut().for_each(|(_, term)| *term = Match::never());
        assert_eq!(certificate(&web, never), open);
    }
}
