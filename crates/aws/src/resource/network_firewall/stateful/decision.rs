//! What a stateful rule decides: about which packets, at which stage of a conversation, and how surely.
//!
//! SOURCE: Suricata 7 user guide, "Rules Format", "Protocol" (`ip` is all, `icmp` is both versions; names of application
//! protocols stand for what was recognised, whatever the port) (checked 2026-11-26). Network Firewall API reference,
//! `StatefulRuleProtocol` (checked 2026-11-26).
use std::sync::Arc;

use graph::{Cause, InspectionRule, Rule};
use headerspace::{Family, Field, Match, Ranges};

use super::{Stage, TCP};
use crate::resource::{
    network_firewall::{At, names::GroupNames},
    rule_group::{Rules, name_of},
    suricata::{
        self, Action,
        option::{Conditions, Narrowing, Toward},
        ports::Ports,
    },
};
use crate::rules::{Author, Effect, ListedRule, Sureness};

const UDP: u8 = 17;

/// What a rule does to what it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Pass,
    Drop,
}

/// Whether a rule matches packets of its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likely {
    Never,
    Perhaps,
    Surely,
}

/// A rule that decides, or a default action, or what stands for a group that is not known.
pub(super) struct Decision {
    pub(super) verdict: Verdict,
    /// Packets of its header, either way they go.
    pub(super) guard: Match,
    /// Packets whose replies have its header.
    pub(super) mirrored: Match,
    pub(super) both_directions: bool,
    /// Whether it is about packets rather than about conversations.
    pub(super) by_packet: bool,
    pub(super) is_default: bool,
    speaks_of: Protocols,
    /// As a note names it.
    pub(super) name: String,
    pub(super) cause: Arc<Cause>,
    when: When,
}

/// What decides whether it matches.
enum When {
    Rule {
        conditions: Conditions,
        narrowing: Narrowing,
    },
    /// Nobody knows.
    Unknown,
    DropStrict,
    DropEstablished {
        app_layer: bool,
        to_server: bool,
    },
}

/// Which protocols a rule may speak of.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Protocols {
    tcp: bool,
    others: bool,
}

const ALL: Protocols = Protocols { tcp: true, others: true };

impl Decision {
    /// Whether it matches packets of its header that go this way at this stage, of TCP or of anything else.
    pub(super) fn likely(&self, toward: Toward, stage: Stage, tcp: bool) -> Likely {
        match &self.when {
            When::Unknown => Likely::Perhaps,
            When::DropStrict => Likely::Surely,
            When::DropEstablished { app_layer, to_server } => {
                let replies = toward == Toward::Client;
                match (tcp, stage) {
                    _ if *to_server && replies => Likely::Never,
                    (false, _) => Likely::Perhaps,
                    (true, Stage::Handshake) => Likely::Never,
                    (true, Stage::Data) if *app_layer && replies => Likely::Perhaps,
                    (true, Stage::Data) => Likely::Surely,
                }
            }
            When::Rule { conditions, narrowing } => {
                if !(if tcp { self.speaks_of.tcp } else { self.speaks_of.others }) {
                    return Likely::Never;
                }
                if conditions.toward.is_some_and(|only| only != toward) {
                    return Likely::Never;
                }
                let first = stage == Stage::Handshake && toward == Toward::Server;
                let set_up = match (conditions.established, tcp) {
                    (None, _) => Likely::Surely,
                    (Some(wanted), true) if wanted == (stage == Stage::Data) => Likely::Surely,
                    (Some(_), true) => Likely::Never,
                    // Other protocols have no handshake: what is certain is only that the first packet is the first.
                    (Some(wanted), false) if first => {
                        if wanted {
                            Likely::Never
                        } else {
                            Likely::Surely
                        }
                    }
                    (Some(_), false) => Likely::Perhaps,
                };
                let narrowed = match narrowing {
                    Narrowing::Not => Likely::Surely,
                    Narrowing::Payload if tcp && stage == Stage::Handshake => Likely::Never,
                    Narrowing::Somehow | Narrowing::Payload => Likely::Perhaps,
                };
                set_up.min(narrowed)
            }
        }
    }

    /// Its packets that go this way at this stage, in parts that are equally likely.
    pub(super) fn at(&self, toward: Toward, stage: Stage) -> Vec<(Match, Likely)> {
        let [tcp, others] = [true, false].map(|tcp| self.likely(toward, stage, tcp));
        self.split(tcp, others)
    }

    /// The same at any stage.
    pub(super) fn parts(&self, toward: Toward) -> Vec<(Match, Likely)> {
        let either = |tcp: bool| {
            let [first, second] =
                [Stage::Handshake, Stage::Data].map(|stage| self.likely(toward, stage, tcp));
            // A packet passes if it passes at both stages, and is dropped if it is dropped at one.
            match self.verdict {
                Verdict::Pass if first == second => first,
                Verdict::Pass => first.max(second).min(Likely::Perhaps),
                Verdict::Drop => first.max(second),
            }
        };
        self.split(either(true), either(false))
    }

    fn split(&self, tcp: Likely, others: Likely) -> Vec<(Match, Likely)> {
        match self.speaks_of {
            Protocols { others: false, .. } => return vec![(self.guard.clone(), tcp)],
            Protocols { tcp: false, .. } => return vec![(self.guard.clone(), others)],
            _ if tcp == others => return vec![(self.guard.clone(), tcp)],
            _ => {}
        }
        let only = |tcp: bool| if tcp { Match::protocol(TCP) } else { Match::not(Match::protocol(TCP)) };
        let parts = [(true, tcp), (false, others)].into_iter().filter(|(_, likely)| *likely != Likely::Never);
        parts.map(|(tcp, likely)| (Match::all_of([only(tcp), self.guard.clone()]), likely)).collect()
    }

    /// Whether it stands for rules that are not known.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self.when, When::Unknown)
    }

    /// Whether it speaks of handshakes alone.
    pub(super) fn handshake_only(&self) -> bool {
        matches!(&self.when, When::Rule { conditions, .. } if conditions.established == Some(false))
    }
}

/// Everything that decides, in order, each with whether headers alone say so at every stage and either way.
pub(in crate::resource::network_firewall) fn rules(at: &At<'_>) -> Vec<ListedRule> {
    let plain = |decision: &Decision| {
        let stages = [Stage::Handshake, Stage::Data];
        let ways = stages.into_iter().flat_map(|stage| [(Toward::Server, stage), (Toward::Client, stage)]);
        let surely = |(toward, stage)| {
            let mut kinds = [(decision.speaks_of.tcp, true), (decision.speaks_of.others, false)].into_iter();
            kinds.all(|(spoken, tcp)| !spoken || decision.likely(toward, stage, tcp) == Likely::Surely)
        };
        !decision.by_packet && ways.into_iter().all(surely)
    };
    let rule = |(rank, decision): (u32, Decision)| ListedRule {
        sureness: if plain(&decision) { Sureness::Surely } else { Sureness::Perhaps },
        author: if decision.is_default || decision.is_unknown() { Author::Default } else { Author::Owner },
        guard: decision.guard,
        effect: match decision.verdict {
            Verdict::Pass => Effect::Pass,
            Verdict::Drop => Effect::Drop,
        },
        rank,
        cause: decision.cause,
    };
    (0..).zip(decisions(at)).map(rule).collect()
}

/// Everything that decides, in order.
pub(super) fn decisions(at: &At<'_>) -> Vec<Decision> {
    let mut found: Vec<(Option<u8>, Decision)> = Vec::new();
    let strict = at.content.is_strict();
    let mut references: Vec<_> = at.content.stateful_rule_group_references.iter().enumerate().collect();
    if strict {
        references.sort_by_key(|(index, reference)| (reference.priority, *index));
    }
    for (index, reference) in references {
        let arn = &reference.resource_arn;
        let mut of_group = |rule: &suricata::Rule, names: &GroupNames<'_>, pointer: &str, name: &str| {
            let verdict = match rule.action {
                Action::Pass => Verdict::Pass,
                Action::Drop | Action::Reject if reference.drops_nothing() => return,
                Action::Drop | Action::Reject => Verdict::Drop,
                Action::Alert => return,
            };
            found.push((rule.conditions.priority, of_rule(names, rule, verdict, pointer, name)));
        };
        let group = at.group(arn);
        let why = match group.map(|group| (group, &group.rules)) {
            Some((group, Rules::Stateful(rules))) => {
                let names = GroupNames::new(at, group);
                for (rule, pointer) in rules {
                    let sid = rule.conditions.sid.as_deref().unwrap_or("?");
                    of_group(rule, &names, pointer, &format!("sid {sid}"));
                }
                continue;
            }
            Some((group, Rules::Domains(list))) => {
                let names = GroupNames::new(at, group);
                for rule in list.rules() {
                    of_group(&rule, &names, "/RulesSource/RulesSourceList", "domain list");
                }
                continue;
            }
            Some((_, Rules::Unknown(why))) => why.clone(),
            Some((_, Rules::Stateless(_))) => format!("rule group `{}` is not stateful", name_of(arn)),
            None => format!("rule group `{arn}` is not in the snapshot"),
        };
        let drops = !reference.drops_nothing();
        let all = unknown(at, index, &why).filter(|it| drops || it.verdict == Verdict::Pass);
        found.extend(all.map(|it| (None, it)));
    }
    if !strict {
        // SOURCE: Network Firewall developer guide, "Managing evaluation order for Suricata compatible rules": by action,
        // then by priority, from 1 on (checked 2026-11-26). Among rules that do the same, the order decides nothing.
        found.sort_by_key(|(priority, decision)| {
            (decision.verdict == Verdict::Drop, priority.unwrap_or(u8::MAX))
        });
    }
    let mut all: Vec<Decision> = found.into_iter().map(|(_, decision)| decision).collect();
    if strict {
        all.extend(defaults(at));
    }
    all
}

/// A group that may do anything.
fn unknown(at: &At<'_>, index: usize, why: &str) -> impl Iterator<Item = Decision> {
    let pointer = format!("/StatefulRuleGroupReferences/{index}");
    let both = [(Verdict::Pass, "pass"), (Verdict::Drop, "drop")];
    both.map(|(verdict, action)| {
        let rule = Rule::Inspection(InspectionRule::about_any(true, action, "unknown"));
        Decision {
            verdict,
            guard: Match::All,
            mirrored: Match::All,
            both_directions: true,
            by_packet: false,
            is_default: false,
            speaks_of: ALL,
            name: format!("rules that are not known ({why})"),
            cause: Arc::new(at.by_policy(rule, &pointer).noting(why.to_owned())),
            when: When::Unknown,
        }
    })
    .into_iter()
}

fn defaults(at: &At<'_>) -> impl Iterator<Item = Decision> {
    let actions = at.content.stateful_default_actions.iter().enumerate();
    actions.filter_map(|(index, action)| {
        let when = match action.as_str() {
            "aws:drop_strict" => When::DropStrict,
            "aws:drop_established" => When::DropEstablished { app_layer: false, to_server: false },
            "aws:drop_established_app_layer" => When::DropEstablished { app_layer: true, to_server: false },
            "aws:drop_established_app_layer_to_server" => {
                When::DropEstablished { app_layer: true, to_server: true }
            }
            alert if alert.starts_with("aws:alert_") => return None,
            _ => When::Unknown,
        };
        let rule = Rule::Inspection(InspectionRule::about_any(true, "drop", action));
        Some(Decision {
            verdict: Verdict::Drop,
            guard: Match::All,
            mirrored: Match::All,
            both_directions: true,
            by_packet: false,
            is_default: true,
            speaks_of: ALL,
            name: format!("default action {action}"),
            cause: Arc::new(at.by_policy(rule, &format!("/StatefulDefaultActions/{index}"))),
            when,
        })
    })
}

fn of_rule(
    names: &GroupNames<'_>,
    rule: &suricata::Rule,
    verdict: Verdict,
    pointer: &str,
    name: &str,
) -> Decision {
    let GroupNames { at, group, .. } = names;
    let header = Header::of(rule);
    let (guard, mirrored) = (header.matches(rule, names), header.mirrored(rule, names));
    let mut narrowing = rule.conditions.narrowing.max(header.narrowing);
    if !header.with_ports && [&rule.source_ports, &rule.destination_ports].iter().any(|it| **it != Ports::Any)
    {
        // Whether packets without ports match a negated port is not documented; those with ports do, but a rule is
        // decided as a whole.
        let zero = |ports: &Ports| {
            ports
                .values(&|name| names.ports(name))
                .is_ok_and(|values| *ports != Ports::Any && values.contains(0))
        };
        if zero(&rule.source_ports) || zero(&rule.destination_ports) {
            narrowing = narrowing.max(Narrowing::Somehow);
        }
    }
    // A name that nobody explains may stand for anything; the rest of the rule still says whom it is about.
    let ((guard, unexplained), (mirrored, _)) = (guard, mirrored);
    let note = unexplained.map(|unknown| {
        narrowing = narrowing.max(Narrowing::Somehow);
        format!("`{unknown}` in a rule is not in the snapshot")
    });
    let ranges = |ports: &Ports| -> Vec<(u16, u16)> {
        if *ports == Ports::Any {
            return Vec::new();
        }
        let values = ports.values(&|name| names.ports(name)).unwrap_or_else(|_| Ranges::empty());
        let end = |value: u128| u16::try_from(value).unwrap_or(u16::MAX);
        values.iter().map(|range| (end(*range.start()), end(*range.end()))).collect()
    };
    let shown = InspectionRule {
        group: group.arn.clone(),
        protocol: Some(rule.protocol.clone()),
        sources: rule.source.shown(),
        destinations: rule.destination.shown(),
        source_ports: ranges(&rule.source_ports),
        destination_ports: ranges(&rule.destination_ports),
        both_directions: rule.both_directions,
        ..InspectionRule::about_any(true, rule.action.name(), name)
    };
    let cause = at.by_group(Rule::Inspection(shown), group, pointer);
    let short = format!("{name} of `{}`", name_of(&group.arn));
    Decision {
        verdict,
        guard,
        mirrored,
        both_directions: rule.both_directions,
        by_packet: rule.conditions.by_packet,
        is_default: false,
        speaks_of: header.protocols,
        name: note.as_ref().map_or_else(|| short.clone(), |note| format!("{short} ({note})")),
        cause: Arc::new(cause),
        when: When::Rule { conditions: rule.conditions.clone(), narrowing },
    }
}

/// Whether a rule may decide about a connection of TCP.
pub(in crate::resource::network_firewall) fn may_decide_tcp(rule: &suricata::Rule) -> bool {
    rule.action != Action::Alert && Header::of(rule).protocols.tcp
}

/// What the protocol of a rule says.
struct Header {
    protocol: Match,
    protocols: Protocols,
    /// Whether all packets of the protocol have ports.
    with_ports: bool,
    narrowing: Narrowing,
}

impl Header {
    fn of(rule: &suricata::Rule) -> Self {
        let (named, narrowing) = numbers_of(&rule.protocol);
        let any_of = |numbers: &[u8]| Match::any_of(numbers.iter().map(|number| Match::protocol(*number)));
        let mut parts = vec![named.map_or(Match::All, any_of)];
        match rule.protocol.as_str() {
            "ipv4" | "ip4" => parts.push(Match::family(Family::V4)),
            "ipv6" | "ip6" => parts.push(Match::family(Family::V6)),
            _ => {}
        }
        for (number, negated) in &rule.conditions.protocols {
            let only = Match::protocol(*number);
            parts.push(if *negated { Match::not(only) } else { only });
        }
        if let Some(kind) = rule.conditions.icmp_type {
            let kinds = [(1, Family::V4), (58, Family::V6)];
            let icmp =
                kinds.map(|(number, family)| Match::all_of([Match::family(family), Match::protocol(number)]));
            parts.push(Match::any_of(icmp));
            parts.push(Match::In(Field::IcmpType, Ranges::single(u128::from(kind))));
        }
        let numbers = &rule.conditions.protocols;
        let may_be = |number: u8| {
            let named = named.is_none_or(|named| named.contains(&number));
            named && numbers.iter().all(|(only, negated)| (*only == number) != *negated)
        };
        let protocols = Protocols {
            tcp: may_be(TCP) && rule.conditions.icmp_type.is_none(),
            others: named != Some(&[TCP]) && !numbers.contains(&(TCP, false)),
        };
        let with_ports = named.is_some_and(|named| named.iter().all(|number| [TCP, UDP].contains(number)));
        Self { protocol: Match::all_of(parts), protocols, with_ports, narrowing }
    }

    /// Packets that match at most, and a name in the rule that nobody explains, if there is one.
    fn matches(&self, rule: &suricata::Rule, names: &GroupNames<'_>) -> (Match, Option<String>) {
        let (forward, unexplained) =
            self.ways(rule, names, [Field::SrcIp, Field::DstIp], [Field::SrcPort, Field::DstPort]);
        let either = if rule.both_directions {
            let (back, _) =
                self.ways(rule, names, [Field::DstIp, Field::SrcIp], [Field::DstPort, Field::SrcPort]);
            Match::any_of([forward, back])
        } else {
            forward
        };
        (Match::all_of([self.protocol.clone(), either]), unexplained)
    }

    /// Packets whose replies match at most, and a name that nobody explains.
    fn mirrored(&self, rule: &suricata::Rule, names: &GroupNames<'_>) -> (Match, Option<String>) {
        let (back, unexplained) =
            self.ways(rule, names, [Field::DstIp, Field::SrcIp], [Field::DstPort, Field::SrcPort]);
        let either = if rule.both_directions {
            let (forward, _) =
                self.ways(rule, names, [Field::SrcIp, Field::DstIp], [Field::SrcPort, Field::DstPort]);
            Match::any_of([forward, back])
        } else {
            back
        };
        (Match::all_of([self.protocol.clone(), either]), unexplained)
    }
}

/// The protocol numbers that the protocol of a rule stands for, if not all, and how far it narrows them.
fn numbers_of(protocol: &str) -> (Option<&'static [u8]>, Narrowing) {
    match protocol {
        "ip" | "any" | "all" | "ipv4" | "ip4" | "ipv6" | "ip6" => (None, Narrowing::Not),
        "tcp" => (Some(&[TCP]), Narrowing::Not),
        "tcp-pkt" => (Some(&[TCP]), Narrowing::Somehow),
        "udp" => (Some(&[UDP]), Narrowing::Not),
        "icmp" => (Some(&[1, 58]), Narrowing::Not),
        "icmpv4" => (Some(&[1]), Narrowing::Not),
        "icmpv6" => (Some(&[58]), Narrowing::Not),
        "sctp" => (Some(&[132]), Narrowing::Not),
        "tcp-stream" | "tls" | "ssl" | "http" | "http1" | "http2" | "ssh" | "smtp" | "imap" | "ftp"
        | "ftp-data" | "smb" | "rdp" | "rfb" | "msn" | "mqtt" => (Some(&[TCP]), Narrowing::Payload),
        "ntp" | "tftp" | "quic" | "dhcp" | "snmp" | "ike" | "ikev2" => (Some(&[UDP]), Narrowing::Payload),
        "dns" | "dcerpc" | "krb5" | "nfs" | "sip" => (Some(&[TCP, UDP]), Narrowing::Payload),
        _ => (None, Narrowing::Payload),
    }
}

impl Header {
    /// Packets with the addresses and ports of a rule at most, its source in the first of the fields, and a name in
    /// it that nobody explains.
    fn ways(
        &self,
        rule: &suricata::Rule,
        names: &GroupNames<'_>,
        [source, destination]: [Field; 2],
        [source_port, destination_port]: [Field; 2],
    ) -> (Match, Option<String>) {
        let (mut parts, mut unexplained) = (Vec::new(), None);
        for (whom, field) in [(&rule.source, source), (&rule.destination, destination)] {
            match whom.matches(field, names) {
                Ok(addresses) => parts.push(addresses),
                Err(name) => unexplained = unexplained.or(Some(name)),
            }
        }
        for (ports, field) in [(&rule.source_ports, source_port), (&rule.destination_ports, destination_port)]
        {
            if *ports == Ports::Any {
                continue;
            }
            if !self.with_ports {
                // Only these have ports.
                parts.push(Match::any_of([Match::protocol(TCP), Match::protocol(UDP)]));
            }
            match ports.values(&|name| names.ports(name)) {
                Ok(values) => parts.push(Match::In(field, values)),
                Err(name) => unexplained = unexplained.or(Some(name)),
            }
        }
        (Match::all_of(parts), unexplained)
    }
}
