//! What is said of filters by themselves, against packets one by one: comparisons and idle rules of random networks.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::net::IpAddr;

use aws::rules::{Author, Content, Effect, Filter, ListedRule, Order, RuleList, Sureness};
use headerspace::{Field, HeaderSpace, Match, Packet, Rule};
use netproof::{Analysis, Excess, Holds, Idle, Relation};
use testkit::random::{RandomNetwork, RandomOptions, random_network_from_seed};

const SEEDS: u64 = 40;

fn network(seed: u64) -> (RandomNetwork, Analysis) {
    let network = random_network_from_seed(seed, &RandomOptions::default());
    let analysis = Analysis::of_documents([("network.json".to_owned(), network.json.clone().into())]);
    (network, analysis)
}

/// Packets between addresses that something tells apart, of every protocol that something tells apart.
fn packets(network: &RandomNetwork) -> Vec<Packet> {
    let addresses: Vec<IpAddr> = network.interesting.clone();
    let mut packets = Vec::new();
    for (at, far) in addresses.iter().enumerate() {
        // Rules speak of one side only.
        let (before, behind) = addresses.split_at(at);
        let mut others = behind.iter().skip(1).chain(before);
        let near = others.find(|near| near.is_ipv4() == far.is_ipv4()).unwrap();
        for [src, dst] in [[*far, *near], [*near, *far]] {
            for protocol in &network.protocols {
                match protocol {
                    6 | 17 => packets.extend(network.ports.iter().map(|port| {
                        Packet::tcp(src, dst, 50_000, *port).with(Field::Protocol, u128::from(*protocol))
                    })),
                    _ => packets.push(Packet::other(src, dst, *protocol)),
                }
            }
            packets.extend(
                [(0, 0), (3, 4), (8, 0), (128, 0)].map(|(kind, code)| Packet::icmp(src, dst, kind, code)),
            );
        }
    }
    packets
}

/// What a list does to a packet, rule by rule: whether it surely passes, and whether it may.
fn passes(list: &RuleList, packet: &Packet) -> [bool; 2] {
    let about: Vec<&ListedRule> = list.rules.iter().filter(|rule| rule.guard.accepts(packet)).collect();
    let sure = |rule: &&&ListedRule| rule.sureness == Sureness::Surely;
    match list.order {
        Order::Any => [about.iter().any(|rule| sure(&rule)), !about.is_empty()],
        Order::FirstMatch => {
            assert!(about.iter().all(|rule| sure(&rule)), "rules of network ACLs are known");
            [about.first().is_some_and(|rule| rule.effect == Effect::Pass); 2]
        }
    }
}

fn lists(filter: &Filter) -> &[RuleList] {
    match &filter.content {
        Content::Lists(lists) => lists,
        Content::Stages(_) | Content::Unknown(_) => &[],
    }
}

fn ids(network: &RandomNetwork, table: &str, member: &str) -> Vec<String> {
    let document: serde_json::Value = serde_json::from_str(&network.json).unwrap();
    let rows = document.get(table).and_then(|table| table.as_array()).into_iter().flatten();
    rows.map(|row| row[member].as_str().unwrap().to_owned()).collect()
}

fn holds(excess: &Excess, packet: &Packet) -> [bool; 2] {
    [&excess.surely, &excess.perhaps].map(|packets| {
        packets
            .as_ref()
            .is_some_and(|packets| packets.blocks.iter().any(|block| block.to_match().accepts(packet)))
    })
}

#[test]
fn comparisons_agree_with_packets() {
    let (mut equal, mut differ) = (0, 0);
    for seed in 0..SEEDS {
        let (network, analysis) = network(seed);
        let packets = packets(&network);
        for (table, member) in [("SecurityGroups", "GroupId"), ("NetworkAcls", "NetworkAclId")] {
            let ids = ids(&network, table, member);
            for (a, b) in ids.iter().zip(ids.iter().skip(1).chain(ids.first())) {
                let compared = analysis.compare(a, None, b, Relation::Equal).unwrap();
                let filters = [a, b].map(|id| analysis.inventory().filters(id).remove(0));
                for (at, part) in compared.parts.iter().enumerate() {
                    let [first, second] = filters.each_ref().map(|filter| &lists(filter)[at]);
                    for packet in &packets {
                        let (one, two) = (passes(first, packet), passes(second, packet));
                        let surely = |these: [bool; 2], those: [bool; 2]| these[0] && !those[1];
                        let perhaps = |these: [bool; 2], those: [bool; 2]| these[1] && !those[0];
                        for (excess, these, those) in
                            [(&part.only_first, one, two), (&part.only_second, two, one)]
                        {
                            let sure = surely(these, those);
                            let wanted = [sure, perhaps(these, those) && !sure];
                            assert_eq!(
                                holds(excess, packet),
                                wanted,
                                "{seed}: {a} {b} {}: {packet}",
                                part.name
                            );
                        }
                    }
                    for (excess, these, those) in
                        [(&part.only_first, first, second), (&part.only_second, second, first)]
                    {
                        if let Some(packets) = &excess.surely {
                            assert!(
                                passes(these, &packets.witness)[0] && !passes(those, &packets.witness)[1]
                            );
                        }
                    }
                }
                match compared.holds {
                    Holds::Yes => equal += 1,
                    Holds::No => differ += 1,
                    Holds::Unknown => {}
                }
            }
        }
    }
    assert!(equal > 5 && differ > 50, "{equal} equal, {differ} differ");
}

/// The effect of an ordered list, or of a set of rules, as sets: handles are equal if and only if the sets are.
fn meaning(list: &RuleList, without: &[usize], space: &mut HeaderSpace) -> Vec<headerspace::PacketSet> {
    let kept: Vec<&ListedRule> =
        list.rules.iter().enumerate().filter(|(at, _)| !without.contains(at)).map(|(_, rule)| rule).collect();
    let world = Match::well_formed();
    let mut sets: Vec<(headerspace::PacketSet, &ListedRule)> = Vec::new();
    for rule in kept {
        sets.push((space.compile(&Match::all_of([rule.guard.clone(), world.clone()])), rule));
    }
    match list.order {
        Order::Any => [Sureness::Surely, Sureness::Perhaps]
            .map(|least| {
                let all: Vec<_> = sets
                    .iter()
                    .filter(|(_, rule)| least == Sureness::Perhaps || rule.sureness == least)
                    .map(|(set, _)| *set)
                    .collect();
                space.any_of(all)
            })
            .to_vec(),
        Order::FirstMatch => [Effect::Pass, Effect::Drop, Effect::Forward]
            .map(|effect| {
                let rules: Vec<Rule> = sets
                    .iter()
                    .map(
                        |(set, rule)| {
                            if rule.effect == effect { Rule::Permit(*set) } else { Rule::Deny(*set) }
                        },
                    )
                    .collect();
                let end = (list.otherwise == Some(effect)).then(|| Rule::Permit(space.everything()));
                space.first_match(rules.into_iter().chain(end))
            })
            .to_vec(),
    }
}

#[test]
fn idle_rules_change_nothing_and_others_do() {
    let (mut idle, mut working) = (0, 0);
    for seed in 0..SEEDS {
        let (network, analysis) = network(seed);
        let lint = analysis.lint().unwrap();
        let packets = packets(&network);
        for list in analysis.inventory().rule_lists() {
            let found: Vec<usize> = lint
                .idle
                .iter()
                .filter(|idle| idle.owner == list.owner && idle.part == list.part)
                .map(|idle| idle.index)
                .collect();
            idle += found.len();
            let mut rest = list.clone();
            let mut at = 0;
            rest.rules.retain(|_| {
                at += 1;
                !found.contains(&(at - 1))
            });
            let mut space = HeaderSpace::new();
            let whole = meaning(&list, &[], &mut space);
            // One by one, and all together.
            for without in found.iter().map(|at| vec![*at]).chain([found.clone()]) {
                let less = meaning(&list, &without, &mut space);
                assert_eq!(less, whole, "{seed}: {} {} without {without:?}", list.owner, list.part);
            }
            for packet in &packets {
                assert_eq!(passes(&list, packet), passes(&rest, packet), "{seed}: {} {packet}", list.owner);
            }
            for (at, rule) in list.rules.iter().enumerate() {
                if rule.author == Author::Default || found.contains(&at) {
                    continue;
                }
                // One of two that cover each other stays, and so does what keeps packets from an idle rule.
                let alone = meaning(&list, &[at], &mut space);
                let both: Vec<usize> = found.iter().copied().chain([at]).collect();
                let together = meaning(&list, &both, &mut space);
                assert!(
                    alone != whole || together != whole,
                    "{seed}: {} {}: {:?}",
                    list.owner,
                    list.part,
                    rule.cause.rule
                );
                working += 1;
            }
        }
        // What keeps packets from a shadowed rule may be superfluous itself.
        for found in lint.idle.iter().filter(|found| found.why != Idle::Shadowed) {
            let reported = |cause| lint.idle.iter().any(|other| std::sync::Arc::ptr_eq(&other.cause, cause));
            assert!(!found.covered_by.iter().any(reported), "what covers does something");
        }
    }
    assert!(idle > 20 && working > 100, "{idle} idle, {working} working");
}

/// ARNs of the policies that a document describes.
fn policies(value: &serde_json::Value, found: &mut Vec<String>) {
    if let Some(arn) = value.pointer("/FirewallPolicyResponse/FirewallPolicyArn").and_then(|arn| arn.as_str())
    {
        found.push(arn.to_owned());
    }
    match value {
        serde_json::Value::Array(items) => items.iter().for_each(|item| policies(item, found)),
        serde_json::Value::Object(members) => members.values().for_each(|member| policies(member, found)),
        _ => {}
    }
}

/// Packets between a few addresses, of a few kinds, of both phases.
fn conversations() -> Vec<Packet> {
    let v4 = ["10.0.1.5", "10.0.2.5", "10.1.0.5", "8.8.8.8", "198.51.100.7", "203.0.113.9"];
    let v6 = ["2600:1f18:1:102::5", "2001:4860:4860::8888"];
    let mut packets = Vec::new();
    for side in [&v4[..], &v6[..]] {
        for (src, dst) in
            side.iter().flat_map(|src| side.iter().map(move |dst| (src, dst))).filter(|(a, b)| a != b)
        {
            let (src, dst) = (src.parse().unwrap(), dst.parse().unwrap());
            for port in [22, 23, 53, 80, 443, 3389, 8443] {
                for (from, to) in [(50_000, port), (port, 50_000)] {
                    packets.extend([Packet::tcp(src, dst, from, to), Packet::udp(src, dst, from, to)]);
                }
            }
            packets.extend([
                Packet::icmp(src, dst, 8, 0),
                Packet::icmp(src, dst, 128, 0),
                Packet::other(src, dst, 47),
            ]);
        }
    }
    packets.into_iter().flat_map(|packet| [packet, packet.with(Field::Phase, 1)]).collect()
}

/// Whether a packet surely gets through, and whether its reply then does, by walking.
fn walked(stages: &aws::rules::Stages, packet: &Packet) -> [bool; 2] {
    let sure = |trace: &graph::Trace| trace.certain && trace.end == stages.leaving;
    let there = graph::walk(&stages.graph, stages.entering, *packet, graph::Session::Opening);
    let back = packet.reply().is_some_and(|reply| {
        there.iter().filter(|trace| sure(trace)).any(|trace| {
            let session = graph::Session::ReplyTo(trace);
            graph::walk(&stages.graph, stages.entering, reply, session).iter().any(sure)
        })
    });
    [there.iter().any(sure), back]
}

#[test]
fn what_policies_let_through_agrees_with_the_walk() {
    const DROP: &str = r#"{"FirewallPolicyResponse":{"FirewallPolicyArn":"arn:aws:network-firewall:us-east-1:111122223333:firewall-policy/drop"},"FirewallPolicy":{"StatelessDefaultActions":["aws:drop"],"StatelessFragmentDefaultActions":["aws:drop"]}}"#;
    let (mut seen, mut passed, mut answered) = (0, 0, 0);
    for name in ["stateful", "stateless", "suricata", "fragments", "east-west"] {
        let path = format!("{}/tests/scenarios/network-firewall-{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let scenario: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        let json = scenario["network"]["json"].as_str().unwrap();
        let mut arns = Vec::new();
        policies(&serde_json::from_str(json).unwrap(), &mut arns);
        let documents = [("network.json".to_owned(), json.into()), ("drop.json".to_owned(), DROP.into())];
        let analysis = Analysis::of_documents(documents);
        for (at, arn) in arns.iter().enumerate() {
            let compared = analysis.compare(arn, None, "drop", Relation::Equal).unwrap();
            let Content::Stages(stages) = analysis.inventory().filters(arn).remove(0).content else {
                continue;
            };
            seen += 1;
            for packet in conversations() {
                let phase = usize::from(packet.get(Field::Phase) == 1);
                let [there, back] = walked(&stages, &packet);
                let surely =
                    |part: usize, packet: &Packet| holds(&compared.parts[part].only_first, packet)[0];
                assert_eq!(surely(phase, &packet), there, "{arn}: {packet} phase {phase}");
                if let Some(reply) = packet.reply() {
                    assert_eq!(surely(2 + phase, &reply), back, "{arn}: reply {reply} phase {phase}");
                }
                (passed, answered) = (passed + usize::from(there), answered + usize::from(back));
            }
            // Witnesses and sets are confirmed while comparing.
            for other in &arns[..at] {
                analysis.compare(arn, None, other, Relation::Equal).unwrap();
            }
        }
    }
    assert!(
        seen > 5 && passed > 100 && answered > 100,
        "{seen} policies, {passed} packets, {answered} replies"
    );
}
