//! What the page's script draws: every text, place, step and resource once, and findings that name them by number.

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
    io,
    sync::Arc,
};

use graph::{ForwardingGraph, ResourceKey, ResourceRef};
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

use crate::{
    audit::{Audit, AuditFinding, Check, Placed, Step, Subject, Way},
    triage::Standing,
};

/// Stands for something that is not there.
const NONE: i64 = -1;
/// Where a finding begins or ends at the internet, added up.
const FROM_INTERNET: u8 = 1;
const TO_INTERNET: u8 = 2;

/// Numbers things in the order in which they first come.
#[derive(Debug)]
struct Numbered<T> {
    numbers: HashMap<T, i64>,
    things: Vec<T>,
}

impl<T: Clone + Eq + Hash> Numbered<T> {
    fn new() -> Self {
        Self { numbers: HashMap::new(), things: Vec::new() }
    }

    fn number(&mut self, thing: T) -> i64 {
        if let Some(&number) = self.numbers.get(&thing) {
            return number;
        }
        let number = i64::try_from(self.things.len()).unwrap_or(i64::MAX);
        self.things.push(thing.clone());
        self.numbers.insert(thing, number);
        number
    }
}

impl<T: Serialize> Serialize for Numbered<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.things.serialize(serializer)
    }
}

/// File, line (0: none), JSON pointer, and file and line inside an archive.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
struct PlaceRow(i64, u32, i64, i64);

/// Resource, role, text and place.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
struct StepRow(i64, i64, i64, i64);

/// What it is in, its kind, id, name and what it is in words.
#[derive(Debug, Serialize)]
struct NodeRow(i64, i64, i64, i64, i64);

/// Severity, state, first seen, due, overdue, whether it counts, the tag that raised it, and of a suppression the
/// reason, owner, last day and where it is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
struct StandingRow(u8, i64, i64, i64, u8, u8, i64, Option<(i64, i64, i64, i64)>);

/// Id, title, ends at the internet, source, destination, place, rule, standing, ways (title, then steps), packets,
/// remarks, and other places with what is there.
#[derive(Debug, Serialize)]
struct FindingRow(
    String,
    i64,
    u8,
    i64,
    i64,
    i64,
    i64,
    i64,
    Vec<Vec<i64>>,
    Vec<i64>,
    Vec<i64>,
    Vec<(i64, i64)>,
);

#[derive(Debug, Serialize)]
struct CheckRow<'a> {
    id: &'a str,
    title: &'a str,
    findings: Vec<FindingRow>,
}

/// Everything that is drawn.
#[derive(Debug, Serialize)]
pub(super) struct Data<'a> {
    strings: Numbered<Arc<str>>,
    places: Numbered<PlaceRow>,
    steps: Numbered<StepRow>,
    standings: Numbered<StandingRow>,
    nodes: Vec<NodeRow>,
    checks: Vec<CheckRow<'a>>,
    #[serde(skip)]
    graph: &'a ForwardingGraph,
    /// Number of each resource, account and Region, by key.
    #[serde(skip)]
    known: HashMap<String, i64>,
}

impl<'a> Data<'a> {
    /// Of an audit: all ends of the network, whatever is on ways, and what they are in.
    pub(super) fn of(audit: &'a Audit<'a>) -> Self {
        let graph = audit.site.analysis.graph();
        let mut data = Self {
            strings: Numbered::new(),
            places: Numbered::new(),
            steps: Numbered::new(),
            standings: Numbered::new(),
            nodes: Vec::new(),
            checks: Vec::new(),
            graph,
            known: HashMap::new(),
        };
        // Number 0 is the empty text.
        data.text("");
        let ends: BTreeSet<_> = graph.ends().iter().map(|end| end.resource).collect();
        for id in ends {
            let words = crate::report::what(graph, id);
            data.node(graph.resource(id), &words);
        }
        for check in &audit.checks {
            let row = data.check(check);
            data.checks.push(row);
        }
        data
    }

    /// The JSON text, which may stand in a page: none of its characters ends a script or begins a comment.
    pub(super) fn to_json(&self) -> io::Result<String> {
        let mut bytes = Vec::new();
        self.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, InPage))?;
        String::from_utf8(bytes).map_err(io::Error::other)
    }

    fn check(&mut self, check: &'a Check<'a>) -> CheckRow<'a> {
        let findings =
            check.findings().map(|(finding, standing)| self.finding(&finding, &standing)).collect();
        CheckRow { id: &check.id, title: &check.title, findings }
    }

    fn finding(&mut self, finding: &AuditFinding, standing: &Standing) -> FindingRow {
        let end = |subject: &Option<Subject>, flag| {
            let internet = subject.as_ref().is_some_and(|subject| subject.internet);
            if internet { flag } else { 0 }
        };
        FindingRow(
            finding.id.clone(),
            self.text(&finding.title),
            end(&finding.source, FROM_INTERNET) + end(&finding.destination, TO_INTERNET),
            self.subject(finding.source.as_ref()),
            self.subject(finding.destination.as_ref()),
            self.place(finding.place.as_ref()),
            self.optional(finding.rule.as_deref()),
            self.standing(standing),
            finding.ways.iter().map(|way| self.way(way)).collect(),
            finding.packets.iter().map(|text| self.text(text)).collect(),
            finding.remarks.iter().map(|text| self.text(text)).collect(),
            finding.related.iter().map(|(text, place)| (self.text(text), self.place(Some(place)))).collect(),
        )
    }

    fn way(&mut self, way: &Way) -> Vec<i64> {
        let mut row = vec![self.text(&way.title)];
        row.extend(way.steps.iter().map(|step| self.step(step)));
        row
    }

    fn step(&mut self, step: &Step) -> i64 {
        let node = self.by_key(&step.key, &step.kind, &step.id, "");
        let row = StepRow(
            node,
            self.text(step.role.name()),
            self.text(&step.text),
            self.place(step.place.as_ref()),
        );
        self.steps.number(row)
    }

    fn standing(&mut self, standing: &Standing) -> i64 {
        let day = |data: &mut Self, day: Option<jiff::civil::Date>| {
            day.map_or(NONE, |day| data.text(&day.to_string()))
        };
        let suppressed = standing.suppressed.as_ref().map(|by| {
            (self.text(&by.reason), self.text(&by.owner), day(self, by.until), self.text(&by.written))
        });
        let row = StandingRow(
            standing.severity as u8,
            self.text(standing.word()),
            day(self, standing.first_seen),
            day(self, standing.due),
            u8::from(standing.overdue),
            u8::from(standing.fails()),
            self.optional(standing.raised_by.as_deref()),
            suppressed,
        );
        self.standings.number(row)
    }

    fn subject(&mut self, subject: Option<&Subject>) -> i64 {
        subject.map_or(NONE, |subject| self.by_key(&subject.key, &subject.kind, &subject.id, &subject.what))
    }

    fn place(&mut self, place: Option<&Placed>) -> i64 {
        let Some(place) = place else { return NONE };
        let row = PlaceRow(
            self.text(&place.file),
            place.line.unwrap_or_default(),
            self.text(&place.pointer),
            self.optional(place.inside.as_deref()),
        );
        self.places.number(row)
    }

    fn text(&mut self, text: &str) -> i64 {
        self.strings.number(text.into())
    }

    fn optional(&mut self, text: Option<&str>) -> i64 {
        text.map_or(NONE, |text| self.text(text))
    }

    /// The number of a resource; one of which the graph knows nothing is in nothing.
    fn by_key(&mut self, key: &str, kind: &str, id: &str, what: &str) -> i64 {
        if let Some(&number) = self.known.get(key) {
            return number;
        }
        let mut parts = key.splitn(3, '/');
        let mut part = || parts.next().unwrap_or_default();
        let key_of = ResourceKey::new(part(), part(), part());
        let graph = self.graph;
        match graph.find(&key_of) {
            Some(found) => self.node(graph.resource(found), &crate::report::what(graph, found)),
            None => self.add(key.to_owned(), NONE, kind, id, "", what),
        }
    }

    fn node(&mut self, resource: &ResourceRef, what: &str) -> i64 {
        let key = resource.key().as_str().to_owned();
        if let Some(&number) = self.known.get(&key) {
            return number;
        }
        let parent = self.parent(resource);
        self.add(key, parent, &resource.kind, &resource.id, resource.name().unwrap_or_default(), what)
    }

    /// What a resource is drawn in: its subnet, else its VPC, else its Region, else its account. Of several, none.
    fn parent(&mut self, resource: &ResourceRef) -> i64 {
        let graph = self.graph;
        for kind in ["AWS::EC2::Subnet", "AWS::EC2::VPC"] {
            if resource.kind == kind {
                continue;
            }
            let within = resource.within.iter().filter_map(|key| graph.find(key));
            let containers: BTreeSet<_> = within.filter(|id| graph.resource(*id).kind == kind).collect();
            if let (1, Some(only)) = (containers.len(), containers.first()) {
                return self.node(graph.resource(*only), "");
            }
        }
        self.region(&resource.account, &resource.region)
    }

    fn region(&mut self, account: &str, region: &str) -> i64 {
        let key = format!("{account}/");
        let account_node = match self.known.get(&key) {
            Some(&number) => number,
            None => self.add(key, NONE, "account", account, "", ""),
        };
        if region.is_empty() {
            return account_node;
        }
        let key = format!("{account}/{region}/");
        match self.known.get(&key) {
            Some(&number) => number,
            None => self.add(key, account_node, "region", region, "", ""),
        }
    }

    fn add(&mut self, key: String, parent: i64, kind: &str, id: &str, name: &str, what: &str) -> i64 {
        let number = i64::try_from(self.nodes.len()).unwrap_or(i64::MAX);
        let row = NodeRow(parent, self.text(kind), self.text(id), self.text(name), self.text(what));
        self.nodes.push(row);
        self.known.insert(key, number);
        number
    }
}

/// JSON without the characters that HTML gives a meaning inside scripts, and that scripts take for line breaks.
struct InPage;

impl Formatter for InPage {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let special = |c: char| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
        let mut rest = fragment;
        while let Some(at) = rest.find(special) {
            let (before, after) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let mut characters = after.chars();
            if let Some(character) = characters.next() {
                write!(writer, "\\u{:04x}", u32::from(character))?;
            }
            rest = characters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}
