//! Where following packets starts: sources that share their first step are followed as one.

use graph::{EdgeId, ForwardingGraph, NodeId};
use headerspace::{Field, HeaderSpace, PacketSet};
use rustc_hash::FxHashMap;

use super::{compiled::Compiled, explore::Point, live::Live, route::Leg};

/// One source behind a root.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) source: NodeId,
    /// Its step to the root; `None` if it is the root.
    pub(super) leg: Option<Leg>,
    /// What it sends that may get through.
    pub(super) set: PacketSet,
}

/// A node from which ways are followed, for one source or for many.
#[derive(Debug, Clone)]
pub(super) struct Root {
    node: NodeId,
    /// What all members send together.
    pub(super) set: PacketSet,
    pub(super) members: Vec<Member>,
    /// Members by the addresses they send from: first, last, member; sorted. Members that send from anywhere are
    /// in `anywhere`.
    by_address: Vec<(u128, u128, usize)>,
    anywhere: Vec<usize>,
}

/// All roots of a question.
#[derive(Debug, Clone)]
pub(super) struct Roots {
    roots: Vec<Root>,
    by_node: FxHashMap<NodeId, usize>,
}

impl Roots {
    /// The roots of `sources`, from which packets in `at_source` get through as `live` says.
    pub(super) fn new(
        graph: &ForwardingGraph,
        sources: &[NodeId],
        at_source: PacketSet,
        compiled: &mut Compiled,
        live: &Live,
    ) -> Self {
        let bundles = compiled.opening.clone();
        let space = &mut compiled.space;
        let mut groups: Vec<(NodeId, Vec<Member>)> = Vec::new();
        let mut by_node = FxHashMap::default();
        let mut sources = sources.to_vec();
        sources.sort_unstable();
        sources.dedup();
        let departing: std::collections::BTreeSet<NodeId> = sources.iter().copied().collect();
        for source in sources {
            let shared = match live.steps(source) {
                &[(index, passing)] => bundles
                    .of(source)
                    .get(index as usize)
                    .filter(|bundle| bundle.arcs.len() == 1 && bundle.rewrite.is_none() && bundle.certain)
                    .filter(|bundle| bundle.control.is_none())
                    // Where the first step is the last, or packets can come back, there is nothing to share.
                    .filter(|bundle| !departing.contains(&bundle.to) && !live.steps(bundle.to).is_empty())
                    .filter(|_| graph.incoming(source).is_empty())
                    .and_then(|bundle| {
                        let leg = Leg {
                            from: source,
                            bundle: index,
                            edge: bundle.arcs.first()?.edge,
                            guard: bundle.set,
                            rewrite: None,
                        };
                        Some((bundle.to, leg, passing))
                    }),
                _ => None,
            };
            let (node, leg, passing) = shared.map_or_else(
                || (source, None, live.set(source).unwrap_or(space.empty())),
                |(to, leg, passing)| (to, Some(leg), passing),
            );
            let member = Member { source, leg, set: space.and(at_source, passing) };
            if space.is_empty(member.set) {
                continue;
            }
            let at = *by_node.entry(node).or_insert_with(|| {
                groups.push((node, Vec::new()));
                groups.len() - 1
            });
            if let Some((_, members)) = groups.get_mut(at) {
                members.push(member);
            }
        }
        let roots = groups.into_iter().map(|(node, members)| Root::new(node, members, space)).collect();
        Self { roots, by_node }
    }

    /// Where to start, in order.
    pub(super) fn points(&self) -> Vec<Point> {
        self.roots.iter().map(Root::point).collect()
    }

    pub(super) fn at(&self, node: NodeId) -> Option<&Root> {
        self.roots.get(*self.by_node.get(&node)?)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Point, &Root)> {
        self.roots.iter().map(|root| (root.point(), root))
    }
}

impl Root {
    /// Where following its members begins.
    fn point(&self) -> Point {
        let lead = self.members.iter().filter_map(|member| member.leg).take(1).count();
        Point::start(self.node, self.set, lead)
    }

    fn new(node: NodeId, members: Vec<Member>, space: &mut HeaderSpace) -> Self {
        let set = space.any_of(members.iter().map(|member| member.set).collect::<Vec<_>>());
        let (mut by_address, mut anywhere) = (Vec::new(), Vec::new());
        for (at, member) in members.iter().enumerate() {
            let values = space.project(member.set, Field::SrcIp);
            if values.len() > 256 || values.count() > u128::MAX / 4 {
                anywhere.push(at);
            } else {
                by_address.extend(values.iter().map(|range| (*range.start(), *range.end(), at)));
            }
        }
        by_address.sort_unstable();
        Self { node, set, members, by_address, anywhere }
    }

    /// The members that may send some of `set`, in order.
    pub(super) fn senders(&self, set: PacketSet, space: &HeaderSpace) -> Vec<&Member> {
        if let [only] = self.members.as_slice() {
            return vec![only];
        }
        let mut found = self.anywhere.clone();
        let longest = self.by_address.iter().map(|(first, last, _)| last - first).max().unwrap_or(0);
        for range in space.project(set, Field::SrcIp).iter() {
            // Spans are short, so those that reach into the range begin no earlier than this.
            let earliest = range.start().saturating_sub(longest);
            let begin = self.by_address.partition_point(|(first, ..)| *first < earliest);
            let spans = self.by_address.get(begin..).unwrap_or_default();
            let spans = spans.iter().take_while(|(first, ..)| first <= range.end());
            found.extend(spans.filter(|(_, last, _)| last >= range.start()).map(|&(.., at)| at));
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|at| self.members.get(at)).collect()
    }
}

impl Member {
    /// The member's own step, if it has one, then `legs`.
    pub(super) fn legs(&self, legs: &[Leg]) -> Vec<Leg> {
        self.leg.iter().chain(legs).copied().collect()
    }
}

/// The edges of legs.
pub(super) fn edges(legs: &[Leg]) -> Vec<EdgeId> {
    legs.iter().map(|leg| leg.edge).collect()
}
