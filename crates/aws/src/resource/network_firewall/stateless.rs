//! The stateless engine: rules that look at single packets, each direction by itself.
//!
//! Groups go by their priority in the policy, rules by theirs in the group; the first that matches decides, else the
//! default action. `stateless` passes packets by, drops them, or hands them to the stateful engine. If rules look at TCP
//! flags, the packets of a conversation are decided twice: those of the handshake, whose flags are known, and behind that
//! (`stateless-passed`, `stateless-forwarded`) those that carry data.
//!
//! SOURCE: Network Firewall developer guide, "Stateless and stateful rules engines" (order, first match, no memory) and
//! "Defining rule actions" (custom actions publish metrics); API reference, `MatchAttributes` (ports count for protocols
//! 6 and 17 only, flags for 6) and `TCPFlagField` (all flags are looked at if there is no mask) (checked 2026-11-26).
use std::sync::Arc;

use graph::{
    Cause, Choice, Control, Disposition, Flow, GraphBuilder, InspectionRule, Port, Rule, Target, Transfer,
};
use headerspace::{Field, Match, Ranges};
use ipnet::IpNet;

use super::At;
use crate::resource::rule_group::{Flags, MatchAttributes, PortRange, Rules, StatelessRule, name_of};
use crate::rules::{Author, Effect, ListedRule, Sureness};

const TCP: u8 = 6;
const UDP: u8 = 17;

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Pass,
    Drop,
    Forward,
    Unknown,
}

impl Outcome {
    /// Custom actions beside the standard one only count packets.
    fn of(actions: &[String]) -> Self {
        let known = actions.iter().find_map(|action| match action.as_str() {
            "aws:pass" => Some(Self::Pass),
            "aws:drop" => Some(Self::Drop),
            "aws:forward_to_sfe" => Some(Self::Forward),
            _ => None,
        });
        known.unwrap_or(Self::Unknown)
    }

    /// SOURCE: EC2 API reference, `FirewallStatelessRule.RuleAction`, which is spelt so (checked 2026-11-26).
    fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Drop => "drop",
            Self::Forward => "forward_to_site",
            Self::Unknown => "unknown",
        }
    }
}

/// Which packets of a TCP conversation are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Opening,
    Answer,
    Data,
}

/// Whether a rule matches packets of its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likely {
    Never,
    Perhaps,
    Surely,
}

/// A step of the list: a rule, a default action, or a group that is not known.
struct Step {
    outcome: Outcome,
    guard: Match,
    flags: Vec<Flags>,
    only_tcp: bool,
    /// Whether the packet is what the step is about cannot be told from its headers.
    doubtful: bool,
    /// Whether it is a rule of a group.
    listed: bool,
    cause: Arc<Cause>,
}

impl Step {
    fn transfer(&self, guard: Match) -> Transfer {
        let transfer = Transfer::only(guard);
        if self.doubtful { transfer.uncertain() } else { transfer }
    }
}

/// The steps with their ranks; one of doubt stands beside the step behind it.
fn ranked(steps: &[Step]) -> impl Iterator<Item = (u32, &Step)> {
    steps.iter().scan(1, |next, step| {
        let rank = *next;
        *next += u32::from(!step.doubtful);
        Some((rank, step))
    })
}

pub(super) fn connect(at: &At<'_>, [stateless, stateful, leaving]: [&Port; 3], graph: &mut GraphBuilder) {
    let steps = steps(at);
    graph.declare(stateless.clone(), &at.firewall.key, Choice::FirstMatch, Disposition::InsufficientInfo);
    let target = |outcome: Outcome, pass: Target, forward: Target| match outcome {
        Outcome::Pass => pass,
        Outcome::Forward => forward,
        Outcome::Drop => Disposition::Denied.into(),
        Outcome::Unknown => Disposition::InsufficientInfo.into(),
    };
    if steps.iter().all(|step| step.flags.is_empty()) {
        for (rank, step) in ranked(&steps) {
            let to = target(step.outcome, leaving.into(), stateful.into());
            if step.outcome == Outcome::Drop {
                let transfer = step.transfer(step.guard.clone()).ranked(rank);
                graph.offer_instead(stateless, leaving, transfer, Control::refusal(&step.cause));
            }
            graph.connect(stateless, to, step.transfer(step.guard.clone()).ranked(rank), &step.cause);
        }
        return;
    }
    let [passed, forwarded] = ["stateless-passed", "stateless-forwarded"].map(|name| at.port(name));
    list(&steps, stateless, &[Stage::Opening, Stage::Answer], graph, |outcome| {
        target(outcome, (&passed).into(), (&forwarded).into())
    });
    // Handshake and data that go different ways leave the stateful engine with half a conversation.
    let unknown = Target::from(Disposition::InsufficientInfo);
    let structure = at.structure();
    for (port, to) in [(&passed, leaving), (&forwarded, stateful)] {
        graph.declare(port.clone(), &at.firewall.key, Choice::FirstMatch, Disposition::InsufficientInfo);
        let first = Match::In(Field::Phase, Ranges::single(0));
        let others = Match::any_of([first, Match::not(Match::protocol(TCP))]);
        graph.connect(port, to, Transfer::only(others).ranked(0), &structure);
        list(&steps, port, &[Stage::Data], graph, |outcome| {
            let same = Target::from(to);
            if to == leaving {
                target(outcome, same, unknown.clone())
            } else {
                target(outcome, unknown.clone(), same)
            }
        });
    }
}

/// Edges from `port` by the steps, for the packets of these stages.
fn list(
    steps: &[Step],
    port: &Port,
    stages: &[Stage],
    graph: &mut GraphBuilder,
    target: impl Fn(Outcome) -> Target,
) {
    for (rank, step) in ranked(steps) {
        let to = target(step.outcome);
        let mut cause = step.cause.clone();
        if to == Target::from(Disposition::InsufficientInfo) && step.outcome != Outcome::Unknown {
            let note = "handshake and data of a TCP connection go different ways through the stateless rules";
            cause = Arc::new(Cause::clone(&cause).noting(note));
        }
        if step.flags.is_empty() {
            graph.connect(port, to, step.transfer(step.guard.clone()).ranked(rank), &cause);
            continue;
        }
        for stage in stages {
            let likely =
                step.flags.iter().map(|flags| likely(flags, *stage)).max_by_key(|likely| match likely {
                    Likely::Never => 0,
                    Likely::Perhaps => 1,
                    Likely::Surely => 2,
                });
            let flow = match stage {
                Stage::Opening => Flow::Opening,
                Stage::Answer => Flow::Reply,
                Stage::Data => Flow::Any,
            };
            let guard = if step.only_tcp {
                step.guard.clone()
            } else {
                Match::all_of([Match::protocol(TCP), step.guard.clone()])
            };
            let transfer = Transfer::only(guard).for_flow(flow).ranked(rank);
            match likely {
                Some(Likely::Surely) => graph.connect(port, to.clone(), transfer, &cause),
                Some(Likely::Perhaps) => {
                    let note = "a stateless rule depends on TCP flags that differ from packet to packet";
                    let cause = Arc::new(Cause::clone(&cause).noting(note));
                    graph.connect(port, Disposition::InsufficientInfo, transfer, &cause);
                }
                Some(Likely::Never) | None => {}
            }
        }
        // Flags count for TCP only: of other protocols the rule takes all.
        if stages.contains(&Stage::Opening) && !step.only_tcp {
            let guard = Match::all_of([Match::not(Match::protocol(TCP)), step.guard.clone()]);
            graph.connect(port, to, step.transfer(guard).ranked(rank), &cause);
        }
    }
}

/// SOURCE: RFC 9293 section 3.5: a connection opens with SYN, is answered by SYN and ACK, and everything behind that
/// carries ACK and no SYN.
fn likely(flags: &Flags, stage: Stage) -> Likely {
    let value = |name: &str| match (name, stage) {
        ("SYN", Stage::Opening | Stage::Answer) | ("ACK", Stage::Answer | Stage::Data) => Some(true),
        ("SYN", Stage::Data)
        | ("ACK", Stage::Opening)
        | ("FIN" | "RST" | "PSH" | "URG", Stage::Opening | Stage::Answer) => Some(false),
        _ => None,
    };
    let all = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"].map(str::to_owned);
    let looked_at = flags.masks.as_deref().filter(|masks| !masks.is_empty()).unwrap_or(&all);
    let mut likely = Likely::Surely;
    for flag in looked_at {
        match value(flag) {
            Some(set) if set == flags.flags.contains(flag) => {}
            Some(_) => return Likely::Never,
            None => likely = Likely::Perhaps,
        }
    }
    likely
}

/// The steps as rules, each with whether headers alone decide.
pub(super) fn rules(at: &At<'_>) -> Vec<ListedRule> {
    let steps = steps(at);
    let rule = |(rank, step): (u32, &Step)| {
        let (effect, known) = match step.outcome {
            Outcome::Pass => (Effect::Pass, true),
            Outcome::Forward => (Effect::Forward, true),
            Outcome::Drop => (Effect::Drop, true),
            Outcome::Unknown => (Effect::Drop, false),
        };
        let plain = known && step.flags.is_empty() && !step.doubtful;
        ListedRule {
            guard: step.guard.clone(),
            effect,
            sureness: if plain { Sureness::Surely } else { Sureness::Perhaps },
            author: if step.listed { Author::Owner } else { Author::Default },
            rank,
            cause: step.cause.clone(),
        }
    };
    ranked(&steps).map(rule).collect()
}

fn steps(at: &At<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    let references = at.content.stateless_rule_group_references.iter().enumerate();
    let mut references: Vec<_> = references.collect();
    references.sort_by_key(|(index, reference)| (reference.priority, *index));
    for (index, reference) in references {
        let arn = &reference.resource_arn;
        let group = at.group(arn);
        match group.map(|group| (group, &group.rules)) {
            Some((group, Rules::Stateless(rules))) => {
                let mut ordered: Vec<(usize, &StatelessRule)> = rules.iter().enumerate().collect();
                ordered.sort_by_key(|(index, rule)| (rule.priority, *index));
                for (index, rule) in ordered {
                    let outcome = Outcome::of(&rule.rule_definition.actions);
                    let attributes = &rule.rule_definition.match_attributes;
                    let shown = Rule::Inspection(shown(rule, outcome, arn));
                    let pointer =
                        format!("/RulesSource/StatelessRulesAndCustomActions/StatelessRules/{index}");
                    let mut cause = at.by_group(shown, group, &pointer);
                    if outcome == Outcome::Unknown {
                        cause = cause.noting("a stateless rule has no action that is known here");
                    }
                    steps.push(Step {
                        outcome,
                        guard: guard(attributes),
                        flags: attributes.flags.clone(),
                        only_tcp: attributes.protocols == [TCP],
                        doubtful: false,
                        listed: true,
                        cause: Arc::new(cause),
                    });
                }
            }
            other => {
                let note = match other {
                    Some((_, Rules::Unknown(why))) => why.clone(),
                    Some(_) => format!("rule group `{}` is not stateless", name_of(arn)),
                    None => format!("rule group `{arn}` is not in the snapshot"),
                };
                let rule = Rule::Inspection(InspectionRule::about_any(false, "unknown", "unknown"));
                let cause =
                    at.by_policy(rule, &format!("/StatelessRuleGroupReferences/{index}")).noting(note);
                let cause = Arc::new(cause);
                steps.push(Step {
                    outcome: Outcome::Unknown,
                    guard: Match::All,
                    flags: Vec::new(),
                    only_tcp: false,
                    doubtful: false,
                    listed: false,
                    cause,
                });
                return steps;
            }
        }
    }
    let outcome = Outcome::of(&at.content.stateless_default_actions);
    steps.extend(fragments(at, outcome));
    let name = at.content.stateless_default_actions.first().map_or("none", String::as_str);
    let mut cause = at.by_policy(
        Rule::Inspection(InspectionRule::about_any(false, outcome.name(), name)),
        "/StatelessDefaultActions",
    );
    if outcome == Outcome::Unknown {
        cause = cause.noting("the stateless default action is not known here");
    }
    steps.push(Step {
        outcome,
        guard: Match::All,
        flags: Vec::new(),
        only_tcp: false,
        doubtful: false,
        listed: false,
        cause: Arc::new(cause),
    });
    steps
}

/// Where fragments of UDP are treated better by default than whole packets are, a datagram may pass in pieces.
///
/// Fragments are matched by the rules first. The first of a datagram carries its ports, so that what a rule drops does
/// not pass in pieces either: without its first fragment no datagram is put together again.
///
/// SOURCE: API reference, `FirewallPolicy.StatelessFragmentDefaultActions` (of UDP only, and only if no rule matches;
/// fragments of other protocols are dropped); developer guide, "Stateless rule groups" (a packet matches if it satisfies
/// all settings of the rule); RFC 768 and RFC 791 section 3.2 (the header of 8 octets is in the first fragment, whose
/// length is a multiple of 8 octets) (checked 2026-11-26).
fn fragments(at: &At<'_>, whole: Outcome) -> Option<Step> {
    let actions = &at.content.stateless_fragment_default_actions;
    let outcome = Outcome::of(actions);
    let differ = match whole {
        Outcome::Drop => outcome != Outcome::Drop,
        Outcome::Forward => matches!(outcome, Outcome::Pass | Outcome::Unknown),
        Outcome::Pass | Outcome::Unknown => false,
    };
    // The member is required: an export without it does not tell.
    let (name, note) = match actions.first() {
        Some(name) => {
            (name.as_str(), "only fragments of UDP packets pass here by default, whole packets do not")
        }
        None => ("none", "what becomes of fragments of UDP packets by default is not in the snapshot"),
    };
    let rule = Rule::Inspection(InspectionRule::about_any(false, outcome.name(), name));
    let cause = at.by_policy(rule, "/StatelessFragmentDefaultActions").noting(note);
    differ.then(|| Step {
        outcome,
        guard: Match::protocol(UDP),
        flags: Vec::new(),
        only_tcp: false,
        doubtful: true,
        listed: false,
        cause: Arc::new(cause),
    })
}

fn shown(rule: &StatelessRule, outcome: Outcome, group: &str) -> InspectionRule {
    let attributes = &rule.rule_definition.match_attributes;
    let nets = |list: &[crate::resource::rule_group::Address]| {
        list.iter().map(|address| address.0.to_string()).collect()
    };
    let ports = |list: &[PortRange]| list.iter().map(|range| (range.from_port, range.to_port)).collect();
    InspectionRule {
        group: group.to_owned(),
        priority: Some(rule.priority),
        protocols: attributes.protocols.clone(),
        sources: nets(&attributes.sources),
        destinations: nets(&attributes.destinations),
        source_ports: ports(&attributes.source_ports),
        destination_ports: ports(&attributes.destination_ports),
        ..InspectionRule::about_any(false, outcome.name(), &format!("rule {}", rule.priority))
    }
}

/// The packets that a rule is about, without flags.
fn guard(attributes: &MatchAttributes) -> Match {
    let nets = |list: &[crate::resource::rule_group::Address]| -> Vec<IpNet> {
        list.iter().map(|address| address.0).collect()
    };
    let mut parts = Vec::new();
    if !attributes.protocols.is_empty() {
        let protocols = attributes.protocols.iter().map(|number| u128::from(*number)..=u128::from(*number));
        parts.push(Match::In(Field::Protocol, protocols.collect()));
    }
    if !attributes.sources.is_empty() {
        parts.push(Match::src_any_of(nets(&attributes.sources)));
    }
    if !attributes.destinations.is_empty() {
        parts.push(Match::dst_any_of(nets(&attributes.destinations)));
    }
    // Of packets without ports, a rule with ports takes all that its protocols name.
    let only_with =
        !attributes.protocols.is_empty() && attributes.protocols.iter().all(|it| [TCP, UDP].contains(it));
    let without = if only_with {
        Match::never()
    } else {
        Match::not(Match::any_of([Match::protocol(TCP), Match::protocol(UDP)]))
    };
    for (field, ranges) in
        [(Field::SrcPort, &attributes.source_ports), (Field::DstPort, &attributes.destination_ports)]
    {
        if !ranges.is_empty() {
            let ranges: Ranges =
                ranges.iter().map(|range| u128::from(range.from_port)..=u128::from(range.to_port)).collect();
            parts.push(Match::any_of([Match::In(field, ranges), without.clone()]));
        }
    }
    Match::all_of(parts)
}
