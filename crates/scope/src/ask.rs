//! A scope asked of a graph.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use graph::{Cause, FinishedEnd, ForwardingGraph, NodeId, ResourceId, ResourceKey, World};
use headerspace::{Field, Match, Ranges};
use ipnet::IpNet;
use search::{Direction, Doubt, Exception, FoundPath, PathQuery, Paths, Work};

use crate::{
    Finding,
    document::{EndCondition, HeaderCondition, PathCondition, ResourceCondition, ScopeDocument, Which},
    finding::finding_id,
    narrow::{self, Purpose, Untold},
    pieces::{Ends, Piece, Resolved},
    selection::{self, Groups},
};

/// What scopes may name beside resources, and how to ask.
#[derive(Debug, Clone)]
pub struct Context {
    /// Entries of prefix lists by id; ARNs are looked up by the id at their end.
    pub prefix_lists: BTreeMap<String, Vec<IpNet>>,
    /// Members of resource groups.
    pub groups: Groups,
    /// Availability Zones of network interfaces, spelled the same for all accounts.
    pub zones: BTreeMap<ResourceKey, String>,
    /// Whether Application Load Balancers have a web ACL; `None` is not told.
    pub web_acls: BTreeMap<ResourceKey, Option<bool>>,
    /// Tags of the records of managed services, by the network interface that belongs to one, and of load balancers.
    pub records: BTreeMap<ResourceKey, OwnTags>,
    /// Types of end of which the snapshot speaks without holding them, with what there is: scopes that ask for them
    /// have no certain answer.
    pub unmodelled: BTreeMap<String, String>,
    /// Ends that were not exported at all, in words: no scope has a certain answer without them.
    pub unexported: Vec<String>,
    /// Look at all protocols where a scope names none. AWS looks at TCP and UDP only.
    pub all_protocols: bool,
    /// At most this many findings for a scope.
    pub most: usize,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            prefix_lists: BTreeMap::new(),
            groups: Groups::new(),
            zones: BTreeMap::new(),
            web_acls: BTreeMap::new(),
            records: BTreeMap::new(),
            unmodelled: BTreeMap::new(),
            unexported: Vec::new(),
            all_protocols: false,
            most: usize::MAX,
        }
    }
}

/// What the snapshot tells of the tags of a record that is no resource of the graph, or of a load balancer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnTags {
    /// What it is, in words: `RDS database orders`.
    pub what: String,
    /// Its values by key; several where an interface serves several.
    pub values: BTreeMap<String, BTreeSet<String>>,
    /// The keys of which it may have other values; `None` if it may have any.
    pub open: Option<BTreeSet<String>>,
    /// The command of the AWS CLI that would tell, without `aws`.
    pub command: String,
}

impl OwnTags {
    /// Whether it may have a value for this key that is not told.
    pub fn may_have(&self, key: &str) -> bool {
        self.open.as_ref().is_none_or(|open| open.contains(key))
    }
}

/// What came out of a scope.
#[derive(Debug, Clone, Default)]
pub struct ScopeResult {
    /// Offending paths, sorted by source, destination and path.
    pub findings: Vec<Finding>,
    /// What the snapshot does not tell and further findings may depend on, sorted.
    pub unknowns: Vec<Unknown>,
    /// Whether there are more findings than were asked for.
    pub truncated: bool,
    /// How many ends sources and destinations stood for.
    pub ends: (usize, usize),
    /// What it took.
    pub work: Work,
    /// What the graph was asked: one for each match path without extensions, more for one with.
    pub queries: Vec<PathQuery>,
}

/// Something that the snapshot does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// What is missing or not modelled.
    pub what: String,
    /// The rule that leads there, if one does.
    pub cause: Option<Arc<Cause>>,
    /// The doubt in full, if packets depend on it.
    pub doubt: Option<Doubt>,
}

/// Asks `scope` of the graph that `find` finds paths in. Cost: a query for each match path.
pub fn ask(
    mut find: impl FnMut(&PathQuery) -> Paths,
    graph: &ForwardingGraph,
    scope: &ScopeDocument,
    context: &Context,
) -> ScopeResult {
    let mut result = ScopeResult::default();
    let mut missing = context.unexported.clone();
    let matches: Vec<Resolved<'_>> =
        scope.match_paths.iter().map(|path| resolve(graph, path, context, true, &mut missing)).collect();
    // A name in an exclusion that stands for nothing excludes nothing; that can only add findings.
    let excludes: Vec<Resolved<'_>> =
        scope.exclude_paths.iter().map(|path| resolve(graph, path, context, false, &mut missing)).collect();
    missing.sort();
    missing.dedup();
    result.unknowns.extend(missing.into_iter().map(|what| Unknown { what, cause: None, doubt: None }));

    let mut left_out = LeftOut::default();
    for (excluded, path) in excludes.iter().zip(&scope.exclude_paths) {
        // Both ends of a comparison count, whichever is named.
        let counts = |end: Option<&EndCondition>| {
            !path.differ.is_empty() || end.is_some_and(|end| end.resources.is_some())
        };
        let ends =
            Ends { sources: counts(path.source.as_ref()), destinations: counts(path.destination.as_ref()) };
        for piece in excluded.pieces(graph, context) {
            left_out.add(piece.exception(excluded, ends), &piece);
        }
    }
    let (mut sources, mut destinations) = (BTreeSet::new(), BTreeSet::new());
    let mut untold = BTreeSet::new();
    for (index, asked) in matches.iter().enumerate() {
        for piece in asked.pieces(graph, context) {
            sources.extend(piece.sources.iter().map(|end| end.resource));
            destinations.extend(piece.destinations.iter().map(|end| end.resource));
            let query = PathQuery {
                sources: selection::departing(&piece.sources).into_iter().collect(),
                destinations: selection::arriving(&piece.destinations).into_iter().collect(),
                at_source: asked.at_source.clone(),
                at_destination: asked.at_destination.clone(),
                perhaps: perhaps(graph, &piece.destinations),
                through: piece.through.clone(),
                except: left_out.at_most.clone(),
                direction: Direction::Forward,
                most: context.most.saturating_sub(result.findings.len()),
            };
            if !piece.is_certain() {
                // What is left out only perhaps may be a finding all the same.
                let query = PathQuery { except: left_out.at_least.clone(), most: MOST_PERHAPS, ..query };
                let more = result.would_find(&mut find, graph, query, |ends| piece.untold_of(ends));
                if !more.is_empty() {
                    untold.extend(left_out.untold.iter().cloned());
                }
                untold.extend(more.into_iter().flatten());
                continue;
            }
            result.look(&mut find, graph, &scope.name, (index, &query));
            if !left_out.untold.is_empty() {
                let query = PathQuery { except: left_out.at_least.clone(), most: MOST_PERHAPS, ..query };
                if !result.would_find(&mut find, graph, query, |_| ()).is_empty() {
                    untold.extend(left_out.untold.iter().cloned());
                }
            }
            // What this match path has found, the later ones leave out.
            left_out.add_found(piece.exception(asked, Ends::BOTH));
        }
    }
    let untold = narrow::phrases(&untold).into_iter();
    result.unknowns.extend(untold.map(|what| Unknown { what, cause: None, doubt: None }));
    result.ends = (sources.len(), destinations.len());
    result.findings.sort_by(|a, b| {
        let key = |finding: &Finding| {
            (finding.path.source, finding.path.destination, finding.path.edges.clone(), finding.query)
        };
        key(a).cmp(&key(b))
    });
    result.unknowns.sort_by(|a, b| (&a.what, &a.cause).cmp(&(&b.what, &b.cause)));
    result.unknowns.dedup_by(|a, b| (&a.what, &a.cause) == (&b.what, &b.cause));
    result
}

/// Paths looked at, at most, to see what depends on something that the snapshot does not tell.
const MOST_PERHAPS: usize = 1_000;

/// Packets that are left out.
#[derive(Default)]
struct LeftOut {
    /// If every exclusion that perhaps applies does.
    at_most: Vec<Exception>,
    /// If none of those does.
    at_least: Vec<Exception>,
    /// What that depends on.
    untold: BTreeSet<Untold>,
}

impl LeftOut {
    fn add(&mut self, exception: Exception, piece: &Piece<'_>) {
        if piece.is_certain() {
            self.at_least.push(exception.clone());
        }
        self.at_most.push(exception);
        self.untold.extend(piece.untold.values().flatten().cloned());
    }

    fn add_found(&mut self, exception: Exception) {
        self.at_least.push(exception.clone());
        self.at_most.push(exception);
    }
}

impl ScopeResult {
    /// Asks for paths between ends that fit for sure: findings.
    fn look(
        &mut self,
        find: &mut impl FnMut(&PathQuery) -> Paths,
        graph: &ForwardingGraph,
        scope: &str,
        (match_path, query): (usize, &PathQuery),
    ) {
        let paths = find(query);
        self.work += paths.work;
        self.truncated |= paths.truncated;
        for path in paths.found {
            let Some([source, destination]) = ends_of(graph, &path) else { continue };
            let id = finding_id(scope, graph, &path);
            let query = self.queries.len();
            self.findings.push(Finding { id, match_path, query, source, destination, path });
        }
        self.doubt(paths.doubts);
        self.queries.push(query.clone());
    }

    /// Asks for paths that are findings only if something is so that the snapshot does not tell; `of` says what of each.
    fn would_find<T>(
        &mut self,
        find: &mut impl FnMut(&PathQuery) -> Paths,
        graph: &ForwardingGraph,
        query: PathQuery,
        of: impl Fn([ResourceId; 2]) -> T,
    ) -> Vec<T> {
        let paths = find(&query);
        self.work += paths.work;
        let found = |path: &FoundPath| {
            self.findings.iter().any(|finding| {
                (finding.path.source, finding.path.destination) == (path.source, path.destination)
                    && finding.path.edges == path.edges
            })
        };
        let more = paths.found.iter().filter(|path| !found(path)).filter_map(|path| ends_of(graph, path));
        let more: Vec<T> = more.map(of).collect();
        self.truncated |= paths.truncated && more.is_empty();
        self.doubt(paths.doubts);
        self.queries.push(query);
        more
    }

    fn doubt(&mut self, doubts: Vec<Doubt>) {
        for doubt in doubts {
            let what = doubt.cause.doubt();
            self.unknowns.push(Unknown { what, cause: Some(doubt.cause.clone()), doubt: Some(doubt) });
        }
    }
}

/// The resources at the ends of a path; `None` if they are the same: nobody needs the network to reach themselves.
fn ends_of(graph: &ForwardingGraph, path: &FoundPath) -> Option<[ResourceId; 2]> {
    let resource = |node: NodeId| graph.node(node).resource;
    let ends = [resource(path.source)?, resource(path.destination)?];
    (ends[0] != ends[1]).then_some(ends)
}

fn resolve<'g>(
    graph: &'g ForwardingGraph,
    path: &PathCondition,
    context: &Context,
    looked_for: bool,
    missing: &mut Vec<String>,
) -> Resolved<'g> {
    let purpose = if looked_for { Purpose::Find } else { Purpose::LeaveOut };
    let mut end = |condition: Option<&EndCondition>| {
        if looked_for {
            missing.extend(unmodelled(condition.and_then(|end| end.resources.as_ref()), context));
        }
        let (ends, absent) =
            selection::ends(graph, context, condition.and_then(|end| end.resources.as_ref()), purpose);
        missing.extend(absent);
        let (header, absent) = header(condition.and_then(|end| end.header.as_ref()), context, looked_for);
        missing.extend(absent);
        (ends, header)
    };
    let (sources, mut at_source) = end(path.source.as_ref());
    if looked_for {
        // A path is of use if data gets through, not only what opens a conversation.
        at_source = Match::all_of([at_source, Match::In(Field::Phase, Ranges::single(1))]);
    }
    let (destinations, at_destination) = end(path.destination.as_ref());
    let mut through = Vec::new();
    for condition in &path.through {
        let (resources, absent) = selection::through(graph, context, condition, purpose);
        // AWS's own type selects nothing where there is none; only names can be missing.
        missing.extend(absent);
        through.push(resources);
    }
    let differ = path.differ.clone();
    Resolved { sources, destinations, through, differ, purpose, at_source, at_destination }
}

/// What a condition asks for of which the snapshot speaks and which it does not hold.
fn unmodelled(condition: Option<&ResourceCondition>, context: &Context) -> Vec<String> {
    let asked = |kind: &str| match condition.map(|condition| &condition.which) {
        None | Some(Which::Any) => true,
        Some(Which::Types(types)) => types.iter().any(|t| t.cloudformation_name() == kind),
        Some(Which::Resources(_)) => false, // a name that is not there is said by itself
    };
    // Nothing of these types has a web ACL.
    if condition.is_some_and(|condition| condition.web_acls.is_some()) {
        return Vec::new();
    }
    let there = context.unmodelled.iter().filter(|(kind, _)| asked(kind));
    there
        .map(|(kind, what)| {
            format!("the snapshot does not hold {what}; there may be more ends of type {kind}")
        })
        .collect()
}

/// Packets that a header condition accepts, and prefix lists that it names and nobody knows.
fn header(condition: Option<&HeaderCondition>, context: &Context, looked_for: bool) -> (Match, Vec<String>) {
    let mut missing = Vec::new();
    let mut parts = Vec::new();
    let protocols = condition.and_then(|header| header.protocols.as_ref());
    match protocols {
        Some(protocols) => {
            parts.push(Match::any_of(protocols.iter().map(|protocol| Match::protocol(protocol.number()))));
        }
        // SOURCE: Network Access Analyzer guide, "Packet header statement": without protocols, TCP and UDP.
        None if looked_for && !context.all_protocols => {
            parts.push(Match::any_of([Match::protocol(6), Match::protocol(17)]));
        }
        None => {}
    }
    let Some(condition) = condition else { return (Match::all_of(parts), missing) };
    let mut lists = |names: Option<&Vec<String>>| -> Option<Vec<IpNet>> {
        let names = names?;
        let mut nets = Vec::new();
        for name in names {
            let id = name.rsplit('/').next().unwrap_or(name);
            match context.prefix_lists.get(id) {
                Some(entries) => nets.extend(entries),
                None => missing.push(format!("the entries of prefix list `{name}` are not in the snapshot")),
            }
        }
        Some(nets)
    };
    let sources =
        condition.source_addresses.clone().or_else(|| lists(condition.source_prefix_lists.as_ref()));
    let destinations = condition
        .destination_addresses
        .clone()
        .or_else(|| lists(condition.destination_prefix_lists.as_ref()));
    parts.extend(sources.map(Match::src_any_of));
    parts.extend(destinations.map(Match::dst_any_of));
    for (field, ports) in
        [(Field::SrcPort, &condition.source_ports), (Field::DstPort, &condition.destination_ports)]
    {
        let Some(ports) = ports else { continue };
        // Ports are zero where a protocol has none; a condition on ports is about protocols that have them.
        parts.push(Match::any_of([Match::protocol(6), Match::protocol(17)]));
        parts.push(Match::any_of(ports.iter().map(|range| {
            let range = u128::from(*range.start())..=u128::from(*range.end());
            Match::In(field, Ranges::range(range))
        })));
    }
    (Match::all_of(parts), missing)
}

/// Which packets, lost to missing information, may still arrive at one of `destinations`: those addressed to it.
///
/// GAP: packets addressed to the public address of a destination that leave the network and come back are not
/// followed; AWS's analyzers do not follow them either.
pub fn perhaps(graph: &ForwardingGraph, destinations: &[&FinishedEnd]) -> Match {
    let mut parts = Vec::new();
    for end in destinations {
        if end.border && end.world == World::Internet {
            parts.push(selection::public(Field::DstIp));
        } else if end.border {
            return Match::All;
        } else {
            let Some(node) = end.arrives else { continue };
            let guards = graph.incoming(node).iter().map(|&edge| graph.guard(graph.edge(edge).guard).clone());
            parts.extend(guards);
        }
    }
    parts.sort();
    parts.dedup();
    Match::any_of(parts)
}
