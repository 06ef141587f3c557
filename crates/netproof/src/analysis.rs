//! A snapshot that was read, ready for questions.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    path::Path,
    sync::{Arc, OnceLock},
};

use aws::{
    Assumptions, Diagnostic, DnsFirewalls, Inventory, Location, locate, lower, lower_openable,
    resource::{OpenKeys, ServiceTags},
    snapshot::{Document, ReadError, Snapshot},
};
use graph::{
    Cause, Control, Disposition, FinishedEnd, ForwardingGraph, ResourceId, ResourceKey, Rule, World,
};
use headerspace::{Field, Match, Packet, Ranges};
use ipnet::IpNet;
use scope::{Context, OwnTags, ScopeResult, document::ScopeDocument};
use search::{Answer, Blocked, Closed, Direction, Engine, Exception, PathQuery, Sets, Witness};

use crate::{
    Answered, Distances, Place, Question, Reason, Verdict,
    question::{self, Side},
};

/// A snapshot that was read, ready for questions.
#[derive(Debug)]
pub struct Analysis {
    snapshot: Snapshot,
    inventory: Inventory,
    graph: ForwardingGraph,
    diagnostics: Vec<Diagnostic>,
    owners: Owners,
    /// The graph with its controls, made when it is asked for.
    openable: OnceLock<ForwardingGraph>,
    /// The DNS firewalls, made when they are asked for.
    dns: OnceLock<DnsFirewalls>,
    /// Tags of the records of managed services, found when they are asked for.
    records: OnceLock<BTreeMap<ResourceKey, OwnTags>>,
}

/// Who has which address.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    pub(crate) private: BTreeMap<IpAddr, BTreeSet<ResourceId>>,
    /// Public IPv4 addresses, with the private one behind each.
    pub(crate) public: BTreeMap<IpAddr, Vec<(ResourceId, IpAddr)>>,
    /// Delegated prefixes.
    pub(crate) prefixes: Vec<(IpNet, ResourceId)>,
    /// Addresses by which the internet may know a resource: public IPv4, and IPv6.
    outside: BTreeMap<ResourceId, BTreeSet<IpAddr>>,
}

/// A scope and what came out of it.
#[derive(Debug)]
pub struct AskedScope {
    /// The scope.
    pub scope: ScopeDocument,
    /// What came out of it.
    pub result: ScopeResult,
    /// For a clean scope, if that was asked for: which controls keep it so.
    pub closed: Option<Closed>,
    /// If that was asked for: how far its destinations are from a finding.
    pub distances: Option<Distances>,
}

impl Analysis {
    /// Reads a snapshot: a folder, a `.json`, a `.zip`, a `.tar.gz`, or `-` for standard input.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let (snapshot, diagnostics) = Snapshot::open(path)?;
        Ok(Self::of_snapshot(snapshot, diagnostics))
    }

    /// The same, with other things taken for granted where no export can tell.
    pub fn open_assuming(path: &Path, assumptions: Assumptions) -> Result<Self, ReadError> {
        let (snapshot, diagnostics) = Snapshot::open(path)?;
        Ok(Self::of_snapshot_assuming(snapshot, diagnostics, assumptions))
    }

    /// Reads documents that are already in memory: name and content of each.
    pub fn of_documents(documents: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let (snapshot, diagnostics) = Snapshot::from_documents(documents);
        Self::of_snapshot(snapshot, diagnostics)
    }

    /// Goes on from a snapshot and the diagnostics of reading it.
    pub fn of_snapshot(snapshot: Snapshot, diagnostics: Vec<Diagnostic>) -> Self {
        Self::of_snapshot_assuming(snapshot, diagnostics, Assumptions::default())
    }

    /// The same, with other things taken for granted where no export can tell.
    pub fn of_snapshot_assuming(
        snapshot: Snapshot,
        mut diagnostics: Vec<Diagnostic>,
        assumptions: Assumptions,
    ) -> Self {
        let (inventory, more) = Inventory::read(&snapshot);
        let inventory = inventory.assuming(assumptions);
        diagnostics.extend(more);
        let (graph, more) = lower(&inventory, &snapshot);
        diagnostics.extend(more);
        diagnostics.sort();
        diagnostics.dedup();
        let owners = Owners::of(&inventory, &graph);
        Self {
            snapshot,
            inventory,
            graph,
            diagnostics,
            owners,
            openable: OnceLock::new(),
            dns: OnceLock::new(),
            records: OnceLock::new(),
        }
    }

    /// What was read.
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// The documents it was read from.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// How packets move.
    pub fn graph(&self) -> &ForwardingGraph {
        &self.graph
    }

    /// The same, with the controls that keep packets back and what opening them would mean. Ids are the same. Cost: the
    /// first time, that of making the graph.
    pub fn openable(&self) -> &ForwardingGraph {
        self.openable.get_or_init(|| lower_openable(&self.inventory))
    }

    /// What DNS Firewall does to the queries of every VPC. Cost: the first time, that of reading all names.
    pub fn dns(&self) -> &DnsFirewalls {
        self.dns.get_or_init(|| DnsFirewalls::of(&self.inventory))
    }

    /// Remarks about the snapshot, sorted.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// File, line and JSON pointer of a rule.
    pub fn locate(&self, cause: &Cause) -> Option<Location> {
        cause.origin.as_ref().map(|origin| locate(&self.snapshot, origin))
    }

    /// File, line and JSON pointer of what is written in a record.
    pub(crate) fn locate_origin(&self, origin: &graph::Origin) -> Location {
        locate(&self.snapshot, origin)
    }

    /// File, line and JSON pointer of a control, or of where it would be.
    pub fn locate_control(&self, control: &Control) -> Option<Location> {
        control.origin.as_ref().map(|origin| locate(&self.snapshot, origin))
    }

    /// What scopes may name beside resources, as the snapshot tells.
    pub fn context(&self) -> Context {
        Context {
            prefix_lists: self.inventory.prefix_lists(),
            groups: self.inventory.resource_groups().clone(),
            unmodelled: self.unmodelled(),
            unexported: self.unexported(),
            zones: self.inventory.zones_of_interfaces(),
            web_acls: self.web_acls(),
            records: self.records().clone(),
            ..Context::default()
        }
    }

    /// Tags of the records of managed services, by the interface that belongs to one, and of load balancers.
    pub(crate) fn records(&self) -> &BTreeMap<ResourceKey, OwnTags> {
        let own = |tags: ServiceTags| OwnTags {
            what: tags.what,
            values: tags.tags,
            open: match tags.open {
                OpenKeys::All => None,
                OpenKeys::Only(keys) => Some(keys),
            },
            command: tags.command.to_owned(),
        };
        self.records.get_or_init(|| {
            let services = self.inventory.tags_of_services().into_iter().map(|(key, tags)| (key, own(tags)));
            let resources = self.graph.resource_ids().map(|id| (self.graph.key(id), self.graph.resource(id)));
            let balancers = resources.filter(|(_, it)| it.kind.starts_with("AWS::ElasticLoadBalancing"));
            let balancers = balancers.filter(|(_, it)| it.kind.ends_with("::LoadBalancer"));
            let told = balancers.map(|(key, balancer)| {
                let place = aws::Place { account: balancer.account.clone(), region: balancer.region.clone() };
                (key.clone(), own(self.inventory.tags_of_balancer(&balancer.id, &place)))
            });
            services.chain(told).collect()
        })
    }

    /// Whether each Application Load Balancer, recorded or known by its interfaces only, has a web ACL.
    fn web_acls(&self) -> BTreeMap<ResourceKey, Option<bool>> {
        let resources = self.graph.resource_ids().map(|id| (self.graph.key(id), self.graph.resource(id)));
        let balancers = resources.filter(|(_, it)| it.kind == "AWS::ElasticLoadBalancingV2::LoadBalancer");
        let told = balancers.map(|(key, balancer)| {
            let place = aws::Place { account: balancer.account.clone(), region: balancer.region.clone() };
            (key.clone(), self.inventory.has_web_acl(&balancer.id, &place))
        });
        told.collect()
    }

    /// Exports with subnets or VPCs but without all their network interfaces, in words.
    pub(crate) fn unexported(&self) -> Vec<String> {
        let has = |document: &&Document| {
            let networks = |key: &str| matches!(key, "Subnets" | "Vpcs");
            document.tables.iter().any(|table| networks(&table.key) && !table.elements.is_empty())
        };
        let places: BTreeSet<_> =
            self.snapshot.documents().iter().filter(has).map(|d| d.place.clone()).collect();
        let interfaces = self.inventory.table::<aws::resource::NetworkInterface>();
        let mut texts = Vec::new();
        for place in places {
            let (account, region) = (place.account.unwrap_or_default(), place.region.unwrap_or_default());
            let place = aws::Place { account, region };
            if !interfaces.complete(&place) {
                let of = [&place.account, &place.region].map(String::as_str).join(" ");
                let of = Some(of.trim())
                    .filter(|of| !of.is_empty())
                    .map_or(String::new(), |of| format!(" of {of}"));
                texts.push(format!("the network interfaces{of} are not fully in the snapshot"));
            }
        }
        texts
    }

    /// Types of end that the snapshot speaks of and does not hold, with the tables and routes that do.
    fn unmodelled(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::<&str, BTreeSet<String>>::new();
        let services = self.inventory.table::<aws::resource::VpcEndpointService>();
        if self.inventory.places().any(|place| services.covers(place) && !services.complete(place)) {
            let all = "all of `ServiceConfigurations`".to_owned();
            found.entry("AWS::EC2::VPCEndpointService").or_default().insert(all);
        }
        let lost =
            |edge| self.graph.node(self.graph.edge(edge).to).refuses == Some(Disposition::InsufficientInfo);
        for edge in self.graph.edges() {
            let Rule::Route(route) = &self.graph.edge(edge).cause.rule else { continue };
            if !lost(edge) {
                continue;
            }
            let kind = match route.target_kind.as_str() {
                "TransitGatewayId" => "AWS::EC2::TransitGatewayAttachment",
                "GatewayId" if route.target.starts_with("vgw-") => "AWS::EC2::VPNGateway",
                "VpcPeeringConnectionId" => "AWS::EC2::VPCPeeringConnection",
                _ => continue,
            };
            found.entry(kind).or_default().insert(format!("`{}`", route.target));
        }
        let text = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(", ");
        found.into_iter().map(|(kind, names)| (kind.to_owned(), text(names))).collect()
    }

    /// Asks scopes, each on its own, in order. Cost: compiling the graph once, then a few queries for each scope.
    pub fn ask(&self, scopes: Vec<ScopeDocument>, context: &Context) -> Vec<AskedScope> {
        let engine = self.engine();
        scopes.into_iter().map(|scope| self.ask_with(&engine, scope, context)).collect()
    }

    /// Asks one scope with an engine made before.
    pub fn ask_with(&self, engine: &Sets<'_>, scope: ScopeDocument, context: &Context) -> AskedScope {
        let result = scope::ask(|query| engine.paths(query), &self.graph, &scope, context);
        AskedScope { scope, result, closed: None, distances: None }
    }

    /// Asks one scope with the Z3 engine. For small networks.
    #[cfg(feature = "z3")]
    pub fn ask_z3(&self, engine: &mut search::Z3<'_>, scope: ScopeDocument, context: &Context) -> AskedScope {
        let result = scope::ask(|query| engine.paths(query), &self.graph, &scope, context);
        AskedScope { scope, result, closed: None, distances: None }
    }

    /// Answers one question. To answer many, make an [`engine`](Self::engine) once.
    pub fn answer(&self, question: &Question) -> Answered {
        self.answer_with(&mut self.engine(), question)
    }

    /// The packet-set engine for this snapshot.
    pub fn engine(&self) -> Sets<'_> {
        Sets::new(&self.graph)
    }

    /// The Z3 engine for this snapshot: slower, and independent of the other.
    #[cfg(feature = "z3")]
    pub fn z3(&self) -> search::Z3<'_> {
        search::Z3::new(&self.graph)
    }

    /// Answers one question with an engine made before.
    pub fn answer_with(&self, engine: &mut impl Engine, question: &Question) -> Answered {
        let Prepared { query, packets, ends, source } = match self.prepare(question) {
            Ok(prepared) => prepared,
            Err(text) => return unknown(text),
        };
        let mut direct = self.answered(engine.answer(&query));
        if direct.verdict == Verdict::Reachable {
            return direct;
        }
        if question.source == Place::Internet
            && direct.blocked.is_empty()
            && let [Reason { text, .. }] = direct.reasons.as_mut_slice()
            && text == NO_WAY
            && let Some(vpc) = self.without_gateway(&query.destinations)
        {
            *text = format!("{NO_WAY}: {vpc} has no internet gateway");
        }
        let around = match question.source {
            Place::Internet => None,
            Place::Address(_) | Place::Resource(_) => {
                let anyhow = PathQuery { through: Vec::new(), ..query.clone() };
                let around = self.around(engine, &anyhow, &question.phase(), &ends);
                around.map(|around| self.passes_around(around, &query.through))
            }
        };
        let mut direct = around.unwrap_or(direct);
        if direct.verdict != Verdict::Unreachable {
            return direct;
        }
        if question.direction == Direction::RoundTrip && self.has_firewalls() {
            let handshake = Match::all_of([question::opening(), packets]);
            if let Answer::Reachable(_) = engine.answer(&PathQuery { at_source: handshake, ..query.clone() })
            {
                let text = "a firewall lets the handshake through, but no data".to_owned();
                direct.reasons.insert(0, Reason { text, location: None });
            }
        }
        if source.unowned
            || [&question.source, &question.destination].into_iter().any(|end| self.gathers(end))
        {
            // Nobody who was exported will do; that says nothing about those who were not.
            if let Some(text) = self.unexported().into_iter().next() {
                return unknown(text);
            }
        }
        if source.beyond.is_empty() {
            return direct;
        }
        let beyond = PathQuery { sources: question::departing(&source.beyond), ..query };
        match engine.answer(&beyond) {
            Answer::Reachable(witness) => {
                let border = self.graph.node(witness.forward.start).resource;
                let border = border.map_or("", |id| self.graph.resource(id).id.as_str());
                unknown(format!(
                    "what lies beyond `{border}` is not in the snapshot; its packets would get through"
                ))
            }
            Answer::Unknown(whys) => self.answered(Answer::Unknown(whys)),
            Answer::Unreachable(_) => direct,
        }
    }

    /// A question as the search understands it. `Err` says why nothing in the snapshot is meant.
    pub(crate) fn prepare(&self, question: &Question) -> Result<Prepared<'_>, String> {
        let absent = |place: &Place, text: String| self.not_modelled(place).unwrap_or(text);
        let source = question::source(&self.graph, &question.source, &self.owners)
            .map_err(|text| absent(&question.source, text))?;
        let (destination, sent) = question::destination(&self.graph, &question.destination, &self.owners)
            .map_err(|text| absent(&question.destination, text))?;
        // Packets for an address may get there from wherever they are lost, as long as that is where they are going.
        let perhaps = match question.destination {
            Place::Address(_) => sent.clone(),
            Place::Internet | Place::Resource(_) => scope::perhaps(&self.graph, &destination.ends),
        };
        let through = question::passing(&self.graph, &question.through)?;
        let avoided = question::passing(&self.graph, &question.avoid)?;
        let packets = Match::all_of([question.packets(), source.packets.clone(), sent]);
        let query = PathQuery {
            at_source: Match::all_of([question.phase(), packets.clone()]),
            at_destination: Match::all_of([destination.packets, question.arriving_packets()]),
            perhaps,
            through,
            except: avoided.into_iter().map(Exception::passing).collect(),
            direction: question.direction,
            ..PathQuery::between(question::departing(&source.ends), question::arriving(&destination.ends))
        };
        Ok(Prepared { query, packets, ends: destination.ends, source })
    }

    /// Whether handshake and data of a conversation may fare differently.
    pub(crate) fn has_firewalls(&self) -> bool {
        !self.inventory.table::<aws::resource::NetworkFirewall>().is_empty()
    }

    /// What kind of thing an end is, if it is of one that is not modelled.
    fn not_modelled(&self, end: &Place) -> Option<String> {
        let Place::Resource(text) = end else { return None };
        self.inventory.not_modelled(text)
    }

    /// Whether an end stands for whatever interfaces there are in a VPC, a subnet or a group.
    fn gathers(&self, end: &Place) -> bool {
        let Place::Resource(text) = end else { return false };
        let named = scope::selection::by_text(&self.graph, text);
        named.into_iter().any(|id| scope::selection::is_container(&self.graph, id))
    }

    /// The way around: out to the internet and back in to a public address of the destination. `None` if there is
    /// none.
    ///
    /// SOURCE: VPC user guide, "Internet gateways": traffic to a public address leaves by the gateway and reaches
    /// whoever has the address, be it in the same Region. (AWS's analyzers do not follow it: Reachability Analyzer
    /// guide, `IGW_NAT_REFLECTION`.)
    fn around(
        &self,
        engine: &mut impl Engine,
        query: &PathQuery,
        phase: &Match,
        ends: &[&FinishedEnd],
    ) -> Option<Answered> {
        let resources: BTreeSet<ResourceId> = ends.iter().map(|end| end.resource).collect();
        let addresses = resources.iter().filter_map(|id| self.owners.outside.get(id)).flatten();
        let nets: Vec<IpNet> = addresses.map(|address| IpNet::from(*address)).collect();
        if nets.is_empty() {
            return None;
        }
        let borders: Vec<&FinishedEnd> =
            self.graph.ends().iter().filter(|end| end.world == World::Internet).collect();
        let to = Match::all_of([Match::dst_any_of(nets), scope::selection::public(Field::DstIp)]);
        // Another way out may give packets another source, which the destination may admit: ways are left out one by
        // one until there is none.
        let mut tried = Match::never();
        for _ in 0..MOST_WAYS_OUT {
            let out = PathQuery {
                at_source: Match::all_of([query.at_source.clone(), to.clone()]),
                at_destination: Match::all_of([to.clone(), Match::not(tried.clone())]),
                perhaps: to.clone(),
                destinations: question::arriving(&borders),
                ..query.clone()
            };
            let back = |crossing: Match| PathQuery {
                at_source: Match::all_of([crossing, phase.clone(), scope::selection::public(Field::SrcIp)]),
                sources: question::departing(&borders),
                ..query.clone()
            };
            let first = match engine.answer(&out) {
                Answer::Reachable(first) => first,
                Answer::Unreachable(_) => return None,
                Answer::Unknown(whys) => {
                    let lost = matches!(engine.answer(&back(to.clone())), Answer::Unreachable(_));
                    return (!lost).then(|| self.answered(Answer::Unknown(whys)));
                }
            };
            // Whoever comes in from the internet is known by the address that the packet has there.
            let tracks = first.path.tracks.iter().map(|track| track.last().to_header_match());
            let crossing = Match::any_of(tracks.collect::<Vec<_>>());
            let onward = match engine.answer(&back(crossing.clone())) {
                Answer::Reachable(onward) => onward,
                Answer::Unknown(whys) => return Some(self.answered(Answer::Unknown(whys))),
                Answer::Unreachable(_) => {
                    tried = Match::any_of([tried, crossing]);
                    continue;
                }
            };
            let text = "through the internet: to a public address of the destination".to_owned();
            let reachable = |first: &Witness, onward| Answered {
                verdict: Verdict::Reachable,
                witness: Some(Box::new(first.clone())),
                onward: Some(onward),
                blocked: Vec::new(),
                reasons: vec![Reason { text: text.clone(), location: None }],
                missing: Vec::new(),
                closed: None,
            };
            // What is shown is one packet all the way.
            if first.forward.arriving() == onward.forward.packet {
                return Some(reachable(&first, onward));
            }
            let at_destination = Match::all_of([out.at_destination.clone(), exactly(&onward.forward.packet)]);
            if let Answer::Reachable(first) = engine.answer(&PathQuery { at_destination, ..out }) {
                return Some(reachable(&first, onward));
            }
            // Only some packets get their replies on the way out; the one that was replayed does.
            return Some(match engine.answer(&back(exactly(&first.forward.arriving()))) {
                Answer::Reachable(onward) => reachable(&first, onward),
                Answer::Unreachable(_) | Answer::Unknown(_) => unknown(format!("{text}, perhaps")),
            });
        }
        Some(unknown("there are too many ways around through the internet to try them all".to_owned()))
    }

    /// What a way around through the internet says of a question that asks what the way passes: other ways around are
    /// not looked at.
    fn passes_around(&self, around: Answered, through: &[BTreeSet<ResourceId>]) -> Answered {
        if through.is_empty() || around.verdict != Verdict::Reachable {
            return around;
        }
        let mut passed = BTreeSet::new();
        for trace in around.witness.iter().chain(&around.onward).map(|witness| &witness.forward) {
            let edges = trace.hops.iter().map(|hop| self.graph.edge(hop.edge));
            passed.extend(edges.filter_map(|edge| self.graph.find(&edge.cause.resource)));
            let froms = trace.hops.iter().map(|hop| self.graph.edge(hop.edge).from);
            passed.extend(froms.chain([trace.end]).filter_map(|node| self.graph.node(node).resource));
            let ends = [trace.start, trace.end].into_iter().filter_map(|node| self.graph.node(node).resource);
            let within = ends.flat_map(|id| &self.graph.resource(id).within);
            passed.extend(within.filter_map(|key| self.graph.find(key)));
        }
        if through.iter().all(|one| !one.is_disjoint(&passed)) {
            return around;
        }
        unknown("ways around through the internet are not searched for what they pass".to_owned())
    }

    /// The VPC of these destinations, if it is one and no end of the internet is in it.
    fn without_gateway(&self, destinations: &[graph::NodeId]) -> Option<&str> {
        let is_vpc = |id: &ResourceId| self.graph.resource(*id).kind == "AWS::EC2::VPC";
        let vpcs = |resource: ResourceId| {
            let within = self.graph.resource(resource).within.iter().filter_map(|key| self.graph.find(key));
            within.filter(is_vpc).collect::<BTreeSet<_>>()
        };
        let of = destinations.iter().filter_map(|node| self.graph.node(*node).resource);
        let of: BTreeSet<ResourceId> = of.flat_map(vpcs).collect();
        let (1, Some(vpc)) = (of.len(), of.first()) else { return None };
        let mut gateways = self.graph.ends().iter().filter(|end| end.world == World::Internet);
        let has_none = gateways.all(|end| end.resource != *vpc && !vpcs(end.resource).contains(vpc));
        has_none.then(|| self.graph.resource(*vpc).id.as_str())
    }

    pub(crate) fn answered(&self, answer: Answer) -> Answered {
        match answer {
            Answer::Reachable(witness) => Answered {
                verdict: Verdict::Reachable,
                witness: Some(witness),
                onward: None,
                blocked: Vec::new(),
                reasons: Vec::new(),
                missing: Vec::new(),
                closed: None,
            },
            Answer::Unreachable(mut blocked) => {
                // That packets for others arrive there says nothing, unless they were to be handed on.
                blocked.retain(|it| it.disposition != Disposition::Delivered || self.is_of_balancer(it.node));
                let mut reasons: Vec<Reason> = Vec::new();
                for reason in blocked.iter().map(|blocked| self.blocked(blocked)) {
                    if !reasons.contains(&reason) {
                        reasons.push(reason);
                    }
                }
                if reasons.is_empty() {
                    reasons.push(Reason { text: NO_WAY.to_owned(), location: None });
                }
                Answered {
                    verdict: Verdict::Unreachable,
                    witness: None,
                    onward: None,
                    blocked,
                    reasons,
                    missing: Vec::new(),
                    closed: None,
                }
            }
            Answer::Unknown(whys) => {
                let mut reasons: Vec<Reason> = whys
                    .iter()
                    .map(|why| {
                        let text = self.unknown(&why.cause);
                        let text = if why.reply { format!("on the way back: {text}") } else { text };
                        Reason { text, location: self.locate(&why.cause) }
                    })
                    .collect();
                reasons.dedup();
                if reasons.is_empty() {
                    let text =
                        "the search and the walk disagree about a packet, which is a defect of netproof";
                    reasons.push(Reason { text: text.to_owned(), location: None });
                }
                Answered {
                    verdict: Verdict::Unknown,
                    witness: None,
                    onward: None,
                    blocked: Vec::new(),
                    reasons,
                    missing: whys,
                    closed: None,
                }
            }
        }
    }

    /// Whether a node belongs to an interface of a load balancer.
    pub(crate) fn is_of_balancer(&self, node: graph::NodeId) -> bool {
        let within = self.graph.node(node).resource.map(|id| self.graph.resource(id).within.as_slice());
        let owners = within.unwrap_or_default().iter().filter_map(|key| self.graph.find(key));
        owners.into_iter().any(|id| self.graph.resource(id).kind.ends_with("::LoadBalancer"))
    }

    /// What a doubtful cause says, in words.
    pub fn unknown(&self, cause: &Arc<Cause>) -> String {
        cause.doubt()
    }

    /// What stops packets, in words.
    pub(crate) fn blocked(&self, blocked: &Blocked) -> Reason {
        let node = self.graph.node(blocked.node);
        let id = node.resource.map_or(node.port.as_str(), |id| &self.graph.resource(id).id);
        let place = crate::report::short(id);
        let back = if blocked.reply { "on the way back: " } else { "" };
        if let Some(cause) = &blocked.cause {
            let rule = crate::report::rule_text(cause);
            // "denied at egress (egress: sid 5 …)" says it twice.
            let rule = rule.strip_prefix(place).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&rule);
            let text = format!("{back}{} at {place} ({rule})", disposition_text(blocked.disposition));
            return Reason { text, location: self.locate(cause) };
        }
        let text = match (blocked.disposition, node.port.as_str()) {
            (Disposition::Delivered, _) => format!("no listener of its load balancer takes it at {place}"),
            (Disposition::Denied, port) if port.starts_with("groups[") => {
                let groups = port.split(['[', ']']).nth(1).unwrap_or_default();
                let way = if port.ends_with("sending") { "lets it out" } else { "lets it in" };
                format!("no rule of {groups} {way}")
            }
            (Disposition::NoRoute, "router") => format!("the route table of {place} has no route"),
            (Disposition::NoRoute, port) if port == "lookup" || port.starts_with("lookup@") => {
                format!("the transit gateway route table {place} has no route")
            }
            (Disposition::Denied, port) if port.starts_with("entering@") => {
                let subnet = port.split('@').nth(1).unwrap_or_default();
                format!("the network ACL of {subnet} does not let it in to {place}")
            }
            (Disposition::NoRoute, "inside") => format!("no interface in {place} has the address"),
            (Disposition::NoRoute, "local") => format!("no subnet of {place} holds the address"),
            (Disposition::NoRoute, "arriving") => format!("nothing behind {place} has the address"),
            (Disposition::NoRoute, "send") => {
                format!("{place} is not attached, or does not send such packets")
            }
            (disposition, _) => format!("{} at {place}", disposition_text(disposition)),
        };
        Reason { text: format!("{back}{text}"), location: None }
    }
}

/// A question as the search understands it.
pub(crate) struct Prepared<'g> {
    pub(crate) query: PathQuery,
    /// The packets it is about, as they start.
    packets: Match,
    /// Its destinations.
    ends: Vec<&'g FinishedEnd>,
    source: Side<'g>,
}

impl Prepared<'_> {
    /// The resources of its destinations.
    pub(crate) fn destinations(&self) -> BTreeSet<ResourceId> {
        self.ends.iter().map(|end| end.resource).collect()
    }
}

/// So many ways out to the internet are tried before the way around counts as unknown.
const MOST_WAYS_OUT: usize = 256;

/// What is said where no packet is on the way.
const NO_WAY: &str = "nothing leads there from the source";

/// "Unknown", for this reason.
pub(crate) fn unknown(text: String) -> Answered {
    Answered {
        verdict: Verdict::Unknown,
        witness: None,
        onward: None,
        blocked: Vec::new(),
        reasons: vec![Reason { text, location: None }],
        missing: Vec::new(),
        closed: None,
    }
}

/// Just this header.
fn exactly(packet: &Packet) -> Match {
    Match::all_of(Field::HEADER.map(|field| Match::In(field, Ranges::single(packet.get(field)))))
}

fn disposition_text(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Delivered => "delivered",
        Disposition::ExitsNetwork => "leaves the network",
        Disposition::Denied => "denied",
        Disposition::NoRoute => "no route",
        Disposition::Blackhole => "blackhole",
        Disposition::Loop => "goes round in circles",
        Disposition::InsufficientInfo => "lost to missing information",
    }
}

impl Owners {
    fn of(inventory: &Inventory, graph: &ForwardingGraph) -> Self {
        let mut owners = Self::default();
        let delegated = inventory.prefixes_of_interfaces();
        owners.prefixes =
            delegated.into_iter().filter_map(|(key, net)| Some((net, graph.find(&key)?))).collect();
        for (key, address, public) in inventory.addresses() {
            let Some(resource) = graph.find(&key) else { continue };
            owners.private.entry(address).or_default().insert(resource);
            owners
                .outside
                .entry(resource)
                .or_default()
                .extend(public.or(Some(address).filter(IpAddr::is_ipv6)));
            if let Some(public) = public {
                owners.public.entry(public).or_default().push((resource, address));
            }
        }
        owners
    }
}
