//! How far each destination of a scope is from a finding, and which single changes make one.
//!
//! GAP: the solver does not confirm that fewer changes make no finding; the search for them is exhaustive.

use std::collections::{BTreeMap, BTreeSet};

use graph::{ControlId, Effort, ResourceId};
use search::{Nearest, PathQuery, nearest};

use crate::{Analysis, AskedScope};

/// How far the destinations of a scope are from a finding.
#[derive(Debug, Clone)]
pub struct Distances {
    /// Every destination, the nearest first, then in the order of resources.
    pub destinations: Vec<(ResourceId, Distance)>,
    /// Single points of failure: changes each of which alone makes a finding for these destinations, or may do so. Those
    /// of most destinations first.
    pub alone: Vec<(ControlId, BTreeSet<ResourceId>)>,
    /// With so many changes, packets get to where the snapshot does not tell how they go on: destinations that are
    /// further away may be nearer than is said.
    pub missing_from: Option<usize>,
}

/// How far a destination is from a finding.
#[derive(Debug, Clone)]
pub enum Distance {
    /// There is one.
    Exposed,
    /// It takes changes, one or more.
    Changes(Nearest),
    /// No change that is known of would make one.
    Apart,
    /// That is not known.
    Unknown,
}

/// After so many steps the search is given up.
const MOST_STEPS: u64 = 50_000_000;

impl Analysis {
    /// How far each destination of a scope is from a finding: how many changes it takes at least, and which. A change
    /// is a rule, a route, an association, an address or a setting; only where these do not help, what takes more than an
    /// edit is considered, and then networks are joined.
    ///
    /// Cost: that of the scope on a graph in which everything is open, as far as it takes to get to the destinations.
    pub fn distances(&self, asked: &AskedScope) -> Distances {
        let graph = self.openable();
        let effort = |id: ControlId| graph.control(id).kind.effort();
        let mut found = BTreeMap::<ResourceId, Nearest>::new();
        let (mut missing_from, mut truncated) = (None::<usize>, false);
        let every: BTreeSet<ResourceId> = asked
            .result
            .queries
            .iter()
            .flat_map(|query| &query.destinations)
            .filter_map(|node| graph.node(*node).resource)
            .collect();
        for most in Effort::ALL {
            if most > Effort::Edit && graph.control_ids().all(|id| effort(id) != most) {
                continue;
            }
            let open = graph.opened(|id| effort(id) <= most);
            let near: BTreeSet<ResourceId> = found.keys().copied().collect();
            for query in &asked.result.queries {
                let is_left = |id: ResourceId| !near.contains(&id);
                let destinations = query.destinations.iter().copied();
                let left = destinations.filter(|node| graph.node(*node).resource.is_some_and(is_left));
                let query = PathQuery { destinations: left.collect(), ..query.clone() };
                if query.destinations.is_empty() {
                    continue;
                }
                let distances = nearest(&open, &query, MOST_STEPS);
                truncated |= distances.truncated;
                missing_from = missing_from.into_iter().chain(distances.missing_from).min();
                for (id, nearest) in distances.nearest {
                    add(&mut found, id, nearest);
                }
            }
        }
        let uncertain = truncated || missing_from.is_some();
        let distance = |id: ResourceId| match found.get(&id) {
            None if uncertain => Distance::Unknown,
            None => Distance::Apart,
            Some(Nearest { changes: 0, ways }) if ways.values().any(Option::is_some) => Distance::Exposed,
            Some(Nearest { changes: 0, .. }) => Distance::Unknown,
            Some(nearest) => Distance::Changes(nearest.clone()),
        };
        let mut destinations: Vec<(ResourceId, Distance)> =
            every.into_iter().map(|id| (id, distance(id))).collect();
        destinations.sort_by_key(|(_, distance)| rank(distance));
        let alone = alone(&destinations);
        Distances { destinations, alone, missing_from }
    }
}

/// Adds what another match path found for a destination.
fn add(found: &mut BTreeMap<ResourceId, Nearest>, id: ResourceId, nearest: Nearest) {
    match found.get_mut(&id) {
        Some(known) if known.changes < nearest.changes => {}
        Some(known) if known.changes == nearest.changes => {
            for (controls, through) in nearest.ways {
                let known = known.ways.entry(controls).or_default();
                *known = known.take().or(through);
            }
        }
        _ => {
            found.insert(id, nearest);
        }
    }
}

/// The nearest first; what is not known before what nothing opens.
fn rank(distance: &Distance) -> usize {
    match distance {
        Distance::Exposed => 0,
        Distance::Changes(nearest) => nearest.changes,
        Distance::Unknown => usize::MAX - 1,
        Distance::Apart => usize::MAX,
    }
}

fn alone(destinations: &[(ResourceId, Distance)]) -> Vec<(ControlId, BTreeSet<ResourceId>)> {
    let mut by = BTreeMap::<ControlId, BTreeSet<ResourceId>>::new();
    for (resource, distance) in destinations {
        if let Distance::Changes(nearest) = distance
            && nearest.changes == 1
        {
            for control in nearest.ways.keys().flatten() {
                by.entry(*control).or_default().insert(*resource);
            }
        }
    }
    let mut alone: Vec<_> = by.into_iter().collect();
    alone.sort_by_key(|(control, of)| (std::cmp::Reverse(of.len()), *control));
    alone
}
