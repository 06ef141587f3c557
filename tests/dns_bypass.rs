//! What gets by DNS Firewall: small networks with the answers that AWS's documentation gives, for every way; and that the
//! ready-made scopes `dns-bypass-*` find the same at internet gateways, also in random networks.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test: failing loudly is its job")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use headerspace::{Family, Field, HeaderSpace, Match};
use netproof::{
    Analysis, DnsBypass, DnsTransport, EngineChoice, Filtered, Holds, Judge, Verdict, read_scopes,
};
use search::Replies;
use serde::Deserialize;
use serde_json::Value;
use testkit::random::{RandomOptions, random_network_from_seed};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Where the expectations come from.
    source: String,
    /// Members that stand for those of the same name in `network.json`.
    #[serde(default)]
    replace: Option<String>,
    /// Members of it that are left out.
    #[serde(default)]
    without: Vec<String>,
    /// More documents.
    #[serde(default)]
    more: Vec<String>,
    vpc: Vec<Expected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    id: String,
    verdict: String,
    filtered: String,
    reachable: Vec<String>,
    unknown: Vec<String>,
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

impl Case {
    fn analysis(&self) -> Analysis {
        let text = fs::read_to_string(root("tests/dns/bypass/network.json")).unwrap();
        let mut network: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
        if let Some(replace) = &self.replace {
            let members: BTreeMap<String, Value> =
                serde_json::from_str(replace).unwrap_or_else(|error| panic!("{}: {error}", self.name));
            for (member, value) in members {
                assert!(network.insert(member.clone(), value).is_some(), "{}: `{member}`", self.name);
            }
        }
        for member in &self.without {
            assert!(network.remove(member).is_some(), "{}: `{member}`", self.name);
        }
        let documents = [("network.json".to_owned(), serde_json::to_vec(&network).unwrap())];
        let more = self.more.iter().zip(1..);
        let more = more.map(|(text, number)| (format!("more-{number}.json"), text.clone().into_bytes()));
        Analysis::of_documents(documents.into_iter().chain(more))
    }
}

/// Every way with what is said of it, a line each, sorted.
fn said(analysis: &Analysis, found: &DnsBypass) -> BTreeSet<String> {
    let graph = analysis.graph();
    let line = |way: &netproof::DnsWay| {
        let (family, name) = (family_word(way.family), way.transport.name());
        match way.answered.verdict {
            Verdict::Unreachable => {
                assert!(!way.answered.reasons.is_empty() && way.interfaces == 0, "{name}");
                None
            }
            Verdict::Unknown => {
                assert!(!way.answered.reasons.is_empty() && way.interfaces == 0, "{name}");
                Some(format!("{family} {name}: unknown"))
            }
            Verdict::Reachable => {
                let witness = way.answered.witness.as_deref().unwrap();
                let end = graph.node(witness.forward.end).resource.unwrap();
                let end = &graph.resource(end).id;
                Some(format!("{family} {name}: by {end} from {}", way.interfaces))
            }
        }
    };
    found.ways.iter().filter_map(line).collect()
}

fn family_word(family: Family) -> &'static str {
    match family {
        Family::V4 => "ipv4",
        Family::V6 => "ipv6",
    }
}

/// The same, as a case states it: `ipv4 igw-1 2: dns-udp dns-tcp`.
fn expected(expected: &Expected) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for (texts, unknown) in [(&expected.reachable, false), (&expected.unknown, true)] {
        for text in texts {
            let (head, transports) = text.split_once(": ").unwrap();
            let transports: Vec<&str> = match transports {
                "all" => DnsTransport::ALL.into_iter().map(DnsTransport::name).collect(),
                named => named.split(' ').collect(),
            };
            for transport in transports {
                lines.insert(if unknown {
                    format!("{head} {transport}: unknown")
                } else {
                    let mut words = head.split(' ');
                    let mut word = || words.next().unwrap();
                    let (family, by, from) = (word(), word(), word());
                    format!("{family} {transport}: by {by} from {from}")
                });
            }
        }
    }
    lines
}

fn bypass(analysis: &Analysis, vpcs: &[String], choice: EngineChoice, certify: bool) -> Vec<DnsBypass> {
    let mut judge = Judge::new(analysis, choice, certify).unwrap();
    let found = judge.bypass_dns(vpcs).unwrap();
    assert_eq!(judge.disagreements(), [], "engines disagree");
    if let netproof::Certification::Done(done) = judge.certification() {
        assert_eq!(done.refuted, [], "Z3 contradicts a verdict");
    }
    found
}

/// The cases of every file in `tests/dns/bypass/`, in their order.
fn cases() -> Vec<Case> {
    let entries = fs::read_dir(root("tests/dns/bypass")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().unwrap() == "toml").collect();
    files.sort();
    let read = |file: &PathBuf| -> Cases {
        let text = fs::read_to_string(file).unwrap();
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    };
    files.iter().flat_map(|file| read(file).case).collect()
}

#[test]
fn documented_cases() {
    let cases = cases();
    let mut wrong = String::new();
    for case in &cases {
        assert!(!case.source.is_empty(), "{}", case.name);
        let analysis = case.analysis();
        for asked in &case.vpc {
            let found = bypass(&analysis, std::slice::from_ref(&asked.id), EngineChoice::Sets, true);
            let [found] = found.as_slice() else { panic!("{}: {} VPCs", case.name, found.len()) };
            let verdict = match found.holds() {
                Holds::Yes => "holds",
                Holds::No => "fails",
                Holds::Unknown => "unknown",
            };
            let filtered = match found.filtered {
                Filtered::Yes => "yes",
                Filtered::No(_) => "no",
                Filtered::Perhaps(_) => "perhaps",
            };
            let name = format!("{}, {}", case.name, asked.id);
            if (verdict, filtered) != (&asked.verdict, &asked.filtered) {
                writeln!(wrong, "{name}: {verdict}, filtered: {filtered}").unwrap();
            }
            let (said, wanted) = (said(&analysis, found), expected(asked));
            for line in said.difference(&wanted) {
                writeln!(wrong, "{name}: + {line}").unwrap();
            }
            for line in wanted.difference(&said) {
                writeln!(wrong, "{name}: - {line}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(cases.len() >= 32, "{} cases", cases.len());
}

/// What is asked of each ready-made scope: the transports that its ports and protocols are for.
const SCOPES: [(&str, [DnsTransport; 2]); 3] = [
    ("dns-bypass-dns", [DnsTransport::Udp, DnsTransport::Tcp]),
    ("dns-bypass-dot", [DnsTransport::Quic, DnsTransport::Tls]),
    ("dns-bypass-doh", [DnsTransport::Http3, DnsTransport::Https]),
];

/// Interfaces that a scope finds at internet gateways, for each transport and family that its findings have packets of.
/// Of TCP and QUIC only packets count whose replies get back; and addresses have to be public.
fn found_by_scopes(analysis: &Analysis) -> BTreeSet<(String, DnsTransport, Family)> {
    let graph = analysis.graph();
    let mut space = HeaderSpace::new();
    let mut found = BTreeSet::new();
    for (name, transports) in SCOPES {
        let text = fs::read_to_string(root("scopes").join(name).with_extension("json")).unwrap();
        let asked = analysis.ask(read_scopes(name, &text).unwrap(), &analysis.context());
        let [asked] = asked.as_slice() else { panic!("{name} is one scope") };
        for finding in &asked.result.findings {
            let destination = graph.resource(finding.destination);
            let public = scope::selection::public(Field::DstIp);
            if destination.kind != "AWS::EC2::InternetGateway" {
                continue;
            }
            for transport in transports {
                for family in [Family::V4, Family::V6] {
                    let replies = match (&finding.path.replies, transport) {
                        (_, DnsTransport::Udp) | (Replies::All, _) => Match::All,
                        (Replies::Some(answered), _) => answered.clone(),
                        _ => Match::never(),
                    };
                    let kind = [Match::protocol(transport.protocol()), Match::family(family), replies];
                    let kind = Match::all_of([Match::all_of(kind), public.clone()]);
                    let has = |track: &search::Track| {
                        let packets = Match::all_of([track.first.to_header_match(), kind.clone()]);
                        let set = space.compile(&packets);
                        !space.is_empty(set)
                    };
                    if finding.path.tracks.iter().any(has) {
                        found.insert((graph.resource(finding.source).id.clone(), transport, family));
                    }
                }
            }
        }
    }
    found
}

/// Compares scopes and command; returns how many ways both find open at internet gateways.
fn agrees(name: &str, analysis: &Analysis) -> usize {
    let graph = analysis.graph();
    let by_scopes = found_by_scopes(analysis);
    let vpcs = analysis.inventory().table::<aws::resource::Vpc>().iter();
    let vpcs: Vec<String> = vpcs.map(|vpc| vpc.key.id().to_owned()).collect();
    let mut both = 0;
    for found in bypass(analysis, &vpcs, EngineChoice::Sets, false) {
        let of_vpc = |interface: &str| {
            let id = graph.resource_ids().find(|id| graph.resource(*id).id == interface).unwrap();
            graph.resource(id).within.iter().any(|key| key.id() == found.vpc)
        };
        for way in &found.ways {
            let what = format!("{name}, {}: {} {}", found.vpc, way.transport.name(), family_word(way.family));
            let senders: Vec<&str> = by_scopes
                .iter()
                .filter(|(from, transport, family)| {
                    (*transport, *family) == (way.transport, way.family) && of_vpc(from)
                })
                .map(|(from, ..)| from.as_str())
                .collect();
            if !senders.is_empty() {
                assert_eq!(way.answered.verdict, Verdict::Reachable, "{what}: scopes find {senders:?}");
                assert!(way.interfaces >= senders.len(), "{what}: {} of {senders:?}", way.interfaces);
                both += 1;
            }
            let Some(witness) = way.answered.witness.as_deref() else { continue };
            let resource = |node| graph.resource(graph.node(node).resource.unwrap());
            let by_gateway = resource(witness.forward.end).kind == "AWS::EC2::InternetGateway";
            // Ready-made scopes name no addresses of IPv6: AWS's analyzer takes none.
            if by_gateway && (way.family == Family::V4 || !way.transport.needs_known_address()) {
                let from = resource(witness.forward.start).id.as_str();
                assert!(senders.contains(&from), "{what}: scopes do not find {from}, only {senders:?}");
            }
        }
    }
    both
}

#[test]
fn scopes_and_command_agree_about_the_examples() {
    let examples = ["examples/public-exposure/before", "examples/public-exposure/after", "examples/two-vpcs"];
    let counts = examples.map(|path| agrees(path, &Analysis::open(&root(path)).unwrap()));
    assert_eq!(counts, [6, 6, 0]);
}

#[test]
fn scopes_and_command_agree_about_random_networks() {
    let mut both = 0;
    for (options, seeds) in [(RandomOptions::default(), 0..150), (RandomOptions::everything(), 150..180)] {
        for seed in seeds {
            let network = random_network_from_seed(seed, &options);
            let documents = [("network.json".to_owned(), network.json.into_bytes())];
            both += agrees(&format!("seed {seed}"), &Analysis::of_documents(documents));
        }
    }
    assert!(both >= 50, "only {both} ways are open");
}

#[cfg(feature = "z3")]
#[test]
fn z3_finds_the_same_in_random_networks() {
    let mut open = 0;
    for seed in 8..16 {
        let network = random_network_from_seed(seed, &RandomOptions::default());
        let documents = [("network.json".to_owned(), network.json.into_bytes())];
        let analysis = Analysis::of_documents(documents);
        let vpcs = analysis.inventory().table::<aws::resource::Vpc>().iter();
        let vpcs: Vec<String> = vpcs.map(|vpc| vpc.key.id().to_owned()).collect();
        let found = bypass(&analysis, &vpcs, EngineChoice::Both, true);
        let ways = found.iter().flat_map(|it| &it.ways);
        open += ways.filter(|way| way.answered.verdict == Verdict::Reachable).count();
    }
    assert!(open > 0);
}
