//! A path condition, resolved: which ends it is about, and which of them only perhaps.

use std::collections::{BTreeMap, BTreeSet};

use graph::{FinishedEnd, ForwardingGraph, ResourceId};
use headerspace::Match;
use search::Exception;

use crate::{
    Context,
    document::Differing,
    narrow::{Purpose, Untold, compared},
    selection,
};

/// Ends that a condition selects.
#[derive(Debug, Clone, Default)]
pub(crate) struct Side<'g> {
    pub(crate) certain: Vec<&'g FinishedEnd>,
    /// Those that fit if something is so that the snapshot does not tell.
    pub(crate) perhaps: Vec<(&'g FinishedEnd, Untold)>,
}

/// Resources that a through entry selects.
#[derive(Debug, Clone, Default)]
pub(crate) struct Passed {
    pub(crate) certain: BTreeSet<ResourceId>,
    pub(crate) perhaps: BTreeMap<ResourceId, Untold>,
}

/// A path condition, resolved.
pub(crate) struct Resolved<'g> {
    pub(crate) sources: Side<'g>,
    pub(crate) destinations: Side<'g>,
    pub(crate) through: Vec<Passed>,
    pub(crate) differ: Vec<Differing>,
    pub(crate) purpose: Purpose,
    pub(crate) at_source: Match,
    pub(crate) at_destination: Match,
}

/// Sources and destinations of which each pair fits.
#[derive(Debug)]
pub(crate) struct Piece<'g> {
    pub(crate) sources: Vec<&'g FinishedEnd>,
    pub(crate) destinations: Vec<&'g FinishedEnd>,
    pub(crate) through: Vec<BTreeSet<ResourceId>>,
    /// What the fit depends on, by end; for what is passed, and for all of the piece, under `None`. Empty if the fit is
    /// certain.
    pub(crate) untold: BTreeMap<Option<ResourceId>, BTreeSet<Untold>>,
}

impl<'g> Resolved<'g> {
    /// The pairs of ends that fit, and then those that fit perhaps.
    pub(crate) fn pieces(&self, graph: &ForwardingGraph, context: &Context) -> Vec<Piece<'g>> {
        let through: Vec<_> = self.through.iter().map(|passed| passed.certain.clone()).collect();
        let (mut sources, mut destinations) = (self.sources.clone(), self.destinations.clone());
        let mut pieces = Vec::new();
        let piece = |sources: &[&'g FinishedEnd], destinations: &[&'g FinishedEnd]| Piece {
            sources: sources.to_vec(),
            destinations: destinations.to_vec(),
            through: through.clone(),
            untold: BTreeMap::new(),
        };
        if self.differ.is_empty() {
            pieces.push(piece(&sources.certain, &destinations.certain));
        } else {
            let by_source = self.divided(graph, context, &mut sources);
            for (there, destinations) in self.divided(graph, context, &mut destinations) {
                let differs = |here: &[BTreeSet<String>]| here.iter().zip(&there).all(|(a, b)| a != b);
                let others = by_source.iter().filter(|(here, _)| differs(here));
                let others: Vec<_> = others.flat_map(|(_, ends)| ends.iter().copied()).collect();
                if !others.is_empty() {
                    pieces.push(piece(&others, &destinations));
                }
            }
        }
        pieces.extend(self.perhaps(&pieces, &sources, &destinations));
        pieces
    }

    /// Ends by what they have of what is compared. Those of which that is not told become uncertain, those that may have
    /// something else both, those that have nothing of it are left out.
    fn divided(
        &self,
        graph: &ForwardingGraph,
        context: &Context,
        side: &mut Side<'g>,
    ) -> BTreeMap<Vec<BTreeSet<String>>, Vec<&'g FinishedEnd>> {
        let mut found = BTreeMap::<_, Vec<_>>::new();
        let mut perhaps = Vec::new();
        for end in std::mem::take(&mut side.certain) {
            let Some(compared) = compared(graph, context, end, &self.differ, self.purpose) else { continue };
            if let Some(values) = compared.values {
                side.certain.push(end);
                found.entry(values).or_default().push(end);
            }
            perhaps.extend(compared.untold.map(|untold| (end, untold)));
        }
        side.perhaps.retain(|(end, _)| compared(graph, context, end, &self.differ, self.purpose).is_some());
        side.perhaps.extend(perhaps);
        found
    }

    fn perhaps(&self, certain: &[Piece<'g>], sources: &Side<'g>, destinations: &Side<'g>) -> Vec<Piece<'g>> {
        let through: Vec<BTreeSet<ResourceId>> = self
            .through
            .iter()
            .map(|passed| passed.certain.iter().chain(passed.perhaps.keys()).copied().collect())
            .collect();
        let mut untold = BTreeMap::<Option<ResourceId>, BTreeSet<Untold>>::new();
        for (end, what) in sources.perhaps.iter().chain(&destinations.perhaps) {
            untold.entry(Some(end.resource)).or_default().insert(what.clone());
        }
        let passed = self.through.iter().flat_map(|passed| passed.perhaps.values().cloned());
        let passed: BTreeSet<Untold> = passed.collect();
        let maybe = |side: &Side<'g>| side.perhaps.iter().map(|(end, _)| *end).collect::<Vec<_>>();
        let (maybe_from, maybe_to) = (maybe(sources), maybe(destinations));
        let everyone_to = destinations.certain.iter().copied().chain(maybe_to.iter().copied()).collect();
        let mut pairs: Vec<(Vec<_>, Vec<_>)> = Vec::new();
        if !passed.is_empty() {
            pairs.extend(certain.iter().map(|piece| (piece.sources.clone(), piece.destinations.clone())));
            untold.insert(None, passed);
        }
        pairs.push((maybe_from, everyone_to));
        pairs.push((sources.certain.clone(), maybe_to));
        let pairs = pairs.into_iter().filter(|(from, to)| !from.is_empty() && !to.is_empty());
        let piece = |(sources, destinations)| Piece {
            sources,
            destinations,
            through: through.clone(),
            untold: untold.clone(),
        };
        pairs.map(piece).collect()
    }
}

impl Piece<'_> {
    /// Whether every pair fits for sure.
    pub(crate) fn is_certain(&self) -> bool {
        self.untold.is_empty()
    }

    /// What a path between these ends depends on.
    pub(crate) fn untold_of(&self, ends: [ResourceId; 2]) -> BTreeSet<Untold> {
        let keys = [None, Some(ends[0]), Some(ends[1])];
        keys.iter().filter_map(|key| self.untold.get(key)).flatten().cloned().collect()
    }

    /// Its packets as those to leave out; `ends` says which ends count, all others do not matter.
    pub(crate) fn exception(&self, of: &Resolved<'_>, ends: Ends) -> Exception {
        Exception {
            sources: ends.sources.then(|| selection::departing(&self.sources)),
            destinations: ends.destinations.then(|| selection::arriving(&self.destinations)),
            through: self.through.clone(),
            at_source: of.at_source.clone(),
            at_destination: of.at_destination.clone(),
        }
    }
}

/// Which ends of a path a condition is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) sources: bool,
    pub(crate) destinations: bool,
}

impl Ends {
    pub(crate) const BOTH: Self = Self { sources: true, destinations: true };
}
