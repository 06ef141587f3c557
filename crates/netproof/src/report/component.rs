//! Hops of a path as the components that AWS shows.

use std::sync::Arc;

use graph::{Cause, EdgeId, ForwardingGraph, NodeId, ResourceId, Rule, Trace};
use headerspace::{Block, Field};
use search::{FoundPath, Track};

/// One component of a path: a resource, the rule of it that let the packet on, and how the header changed there.
#[derive(Debug, Clone)]
pub(crate) struct Component {
    pub(crate) resource: ResourceId,
    pub(crate) cause: Option<Arc<Cause>>,
    /// Index of the step in the path, if it is one.
    pub(crate) step: Option<usize>,
    /// Headers after this component, if it changed them, with the headers before.
    pub(crate) change: Option<(Block, Block)>,
}

/// The components of a path in order: its source, every filter, route and carrier, its destination.
pub(crate) fn components(graph: &ForwardingGraph, path: &FoundPath, track: &Track) -> Vec<Component> {
    assemble(graph, path.source, &path.edges, path.destination, &|_| false, |step| {
        let (_, before, after) = track.header_changes().find(|(at, ..)| *at == step)?;
        Some((before.clone(), after.clone()))
    })
}

/// The components of any sequence of steps from one node to another, without changes of the header.
pub(crate) fn trail(
    graph: &ForwardingGraph,
    source: NodeId,
    edges: impl IntoIterator<Item = EdgeId>,
    destination: NodeId,
) -> Vec<Component> {
    let edges: Vec<EdgeId> = edges.into_iter().collect();
    assemble(graph, source, &edges, destination, &|_| false, |_| None)
}

/// The components of the way that one packet went, among them whatever changes its header: of replies that come back
/// through a balancer, it is the balancer.
pub(crate) fn way(graph: &ForwardingGraph, trace: &Trace) -> Vec<Component> {
    let edges: Vec<EdgeId> = trace.hops.iter().map(|hop| hop.edge).collect();
    let changes = |step: usize| {
        let hop = trace.hops.get(step);
        hop.is_some_and(|hop| {
            Field::HEADER.iter().any(|&field| hop.before.get(field) != hop.after.get(field))
        })
    };
    assemble(graph, trace.start, &edges, trace.end, &changes, |_| None)
}

fn assemble(
    graph: &ForwardingGraph,
    source: NodeId,
    edges: &[EdgeId],
    destination: NodeId,
    changes: &dyn Fn(usize) -> bool,
    mut change: impl FnMut(usize) -> Option<(Block, Block)>,
) -> Vec<Component> {
    let mut found: Vec<Component> = Vec::new();
    let resource = |node: NodeId| graph.node(node).resource;
    if let Some(resource) = resource(source) {
        found.push(Component { resource, cause: None, step: None, change: None });
    }
    for (step, &edge) in edges.iter().enumerate() {
        if let Some(component) = component(graph, edge, step, changes(step), change(step)) {
            match found.last_mut() {
                // A gateway that is where the path starts, or that takes two steps, is one component.
                Some(last) if same(last, &component) => {
                    last.change = component.change.or(last.change.take());
                    last.cause = component.cause;
                    last.step = component.step;
                }
                _ => found.push(component),
            }
        }
    }
    if let Some(resource) = resource(destination)
        && found.last().is_none_or(|last| last.resource != resource)
    {
        found.push(Component { resource, cause: None, step: None, change: None });
    }
    found
}

fn same(last: &Component, next: &Component) -> bool {
    let carries = |component: &Component| {
        component.cause.as_ref().is_none_or(|cause| matches!(cause.rule, Rule::Carries))
    };
    last.resource == next.resource && carries(last) && carries(next)
}

fn component(
    graph: &ForwardingGraph,
    edge: EdgeId,
    step: usize,
    changes: bool,
    change: Option<(Block, Block)>,
) -> Option<Component> {
    let cause = graph.edge(edge).cause.clone();
    match cause.rule {
        Rule::Structure if !changes => None,
        // Replies only; a path that a scope finds has none.
        Rule::Structure
        | Rule::Established
        | Rule::Filter(_)
        | Rule::Route(_)
        | Rule::Transit(_)
        | Rule::Policy(_)
        | Rule::Inspection(_)
        | Rule::Listener(_)
        | Rule::Carries => {
            let resource = graph.find(&cause.resource)?;
            Some(Component { resource, cause: Some(cause), step: Some(step), change })
        }
    }
}
