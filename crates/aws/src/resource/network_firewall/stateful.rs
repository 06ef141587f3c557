//! The stateful engine: rules about conversations, which an endpoint decides for those that it has seen begin.
//!
//! A conversation is decided in two stages: its handshake, and the data behind it (`Field::Phase`: the first packet alone
//! is not asked about data). Packets that open one walk through `opening` and then `opening-data`, replies through `reply` and `reply-data`; each is a list of rules in the order that
//! decides (`list`). What lies between the ends of the lists and the way out remembers how the conversation got through:
//!
//! * `passed`: a rule has passed the whole conversation, so that neither its data nor its replies are looked at;
//! * `kept`: a rule has passed what opens it, but looks at packets. AWS writes that the rest of the conversation passes,
//!   Suricata's documentation that such a rule passes single packets: replies pass, unless a rule would drop them, and
//!   then it is unknown (`reply-kept`);
//! * `inspected`: no rule has decided, and no default action drops it: replies are decided by themselves.
//!
//! A reply of a TCP connection that the endpoint has not seen begin is dropped (or, if the policy says so, perhaps
//! inspected); a packet of another protocol may open a conversation of its own.
//!
//! SOURCE: Network Firewall developer guide, "Managing evaluation order for Suricata compatible rules" (action order: all
//! pass rules, then drop, reject, alert, and what no rule matches passes; strict order: groups by priority, rules as they
//! stand, then the default actions; if a packet matches a pass rule, the other packets of its flow are not scanned),
//! "Stream exception policy options", "Avoiding asymmetric routing" (checked 2026-11-26). Suricata 8 user guide, "Rule
//! Types and Categorization" (rules with a `flow` option are about packets; application protocols and payload are looked
//! at when there is something to look at) (checked 2026-11-26). AWS's template for centralized egress (aws-samples,
//! aws-networkfirewall-cfn-templates) passes handshakes by `flow:not_established` and decides about data further down.
//! GAP: API reference, `StatefulRule.Action`, says that every action ends inspection; Suricata's ALERT does not, and is
//! modelled as deciding nothing.
//! GAP: AWS does not document by which rule it makes `aws:drop_established*` work. For TCP they drop data (in the
//! `to_server` form, what the client sends); what they do to other protocols, and `app_layer` to replies, is unknown.
use std::sync::Arc;

use graph::{Cause, Choice, Disposition, Flow, GraphBuilder, Port, Transfer};
use headerspace::{Field, Match, Ranges};

use self::{
    decision::{Decision, Likely, Verdict, decisions},
    list::List,
};
use super::At;
use crate::resource::suricata::option::Toward;

pub(super) mod decision;
mod list;

const TCP: u8 = 6;

/// Which packets of a conversation are decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Handshake,
    Data,
}

/// Packets that stand for a conversation with its data, not for its first packet alone.
fn data() -> Match {
    Match::In(Field::Phase, Ranges::single(1))
}

pub(super) fn connect(at: &At<'_>, [stateful, leaving]: [&Port; 2], graph: &mut GraphBuilder) {
    let decisions = decisions(at);
    let key = &at.firewall.key;
    let port = |name: &str| at.port(name);
    let structure = at.structure();
    graph.declare(stateful.clone(), key, Choice::Any, Disposition::Denied);
    let [passed, kept, inspected] = ["passed", "kept", "inspected"].map(port);
    for way in [&passed, &kept, &inspected] {
        graph.declare(way.clone(), key, Choice::Any, Disposition::NoRoute);
        graph.connect(way, leaving, Transfer::all(), &structure);
    }

    let list = |name, toward, stage| List { at, decisions: &decisions, name, toward, stage };
    let opening = list("opening", Toward::Server, Stage::Handshake);
    let opening_data = list("opening-data", Toward::Server, Stage::Data);
    let reply = list("reply", Toward::Client, Stage::Handshake);
    let reply_data = list("reply-data", Toward::Client, Stage::Data);
    opening.connect(
        &list::Ends {
            whole: &passed,
            packet: &opening_data.start(),
            perhaps: &kept,
            undecided: &opening_data.start(),
        },
        graph,
    );
    opening_data
        .connect(&list::Ends { whole: &kept, packet: &kept, perhaps: &kept, undecided: &inspected }, graph);
    reply.connect(
        &list::Ends {
            whole: leaving,
            packet: &reply_data.start(),
            perhaps: leaving,
            undecided: &reply_data.start(),
        },
        graph,
    );
    reply_data.connect(
        &list::Ends { whole: leaving, packet: leaving, perhaps: leaving, undecided: leaving },
        graph,
    );
    passed_by_the_answer(&decisions, [&opening_data.start(), &kept], graph);
    let reply_kept = port("reply-kept");
    keep(at, &decisions, [&reply_kept, leaving], graph);

    graph.connect(stateful, &opening.start(), Transfer::all().for_flow(Flow::Opening), &structure);
    graph.connect(stateful, leaving, Transfer::all().restoring(passed), &structure);
    graph.connect(stateful, &reply_kept, Transfer::all().restoring(kept), &structure);
    graph.connect(stateful, &reply.start(), Transfer::all().restoring(inspected), &structure);
    let unseen = |note: &str| Arc::new(Cause::clone(&structure).noting(format!("{note} at `{}`", at.place)));
    let others = Transfer::only(Match::not(Match::protocol(TCP))).for_flow(Flow::Reply).uncertain();
    let cause = unseen("a reply may open a conversation of its own");
    graph.connect(stateful, &opening.start(), others, &cause);
    if at.content.continues_midstream() {
        let midstream = Transfer::only(Match::protocol(TCP)).for_flow(Flow::Reply).uncertain();
        let cause = unseen("the beginning of the connection may not have been seen");
        graph.connect(stateful, leaving, midstream, &cause);
    }
}

/// A rule may pass the whole conversation because of the answer to its first packet, before there is any data.
fn passed_by_the_answer(decisions: &[Decision], [start, kept]: [&Port; 2], graph: &mut GraphBuilder) {
    for decision in decisions {
        let likely = decision.likely(Toward::Client, Stage::Handshake, true);
        let counts =
            decision.verdict == Verdict::Pass && !decision.handshake_only() && !decision.is_unknown();
        if !counts || likely == Likely::Never {
            continue;
        }
        // Where it passes the first packet, too, nothing gets here.
        let symmetric = decision.both_directions || decision.mirrored == decision.guard;
        if symmetric
            && !decision.by_packet
            && decision.likely(Toward::Server, Stage::Handshake, true) == Likely::Surely
        {
            continue;
        }
        let guard = Match::all_of([data(), Match::protocol(TCP), decision.mirrored.clone()]);
        let note = format!("whether {} passes the connection because of the answer", decision.name);
        let cause = Arc::new(Cause::clone(&decision.cause).noting(note));
        graph.connect(start, kept, Transfer::only(guard).uncertain(), &cause);
    }
}

/// Replies of conversations that a rule about packets has passed: they pass, but whether rules that would drop them
/// still count is unknown.
fn keep(at: &At<'_>, decisions: &[Decision], [start, leaving]: [&Port; 2], graph: &mut GraphBuilder) {
    graph.declare(start.clone(), &at.firewall.key, Choice::FirstMatch, Disposition::NoRoute);
    let mut rank = 0;
    // A rule that passes the handshake alone does not keep a default action from dropping the answer.
    let handshakes_only = decisions.iter().any(|it| it.verdict == Verdict::Pass && it.handshake_only());
    for decision in decisions {
        for (guard, likely) in decision.parts(Toward::Client) {
            if likely == Likely::Never {
                continue;
            }
            let mut transfer = Transfer::only(guard).ranked(rank);
            rank += 1;
            match decision.verdict {
                Verdict::Pass if likely == Likely::Surely => {
                    graph.connect(start, leaving, transfer, &decision.cause);
                }
                Verdict::Pass => {}
                Verdict::Drop if decision.is_default && !handshakes_only => {}
                Verdict::Drop => {
                    let note = format!("whether {} drops replies of what a rule has passed", decision.name);
                    transfer.certain = true;
                    let cause = Arc::new(Cause::clone(&decision.cause).noting(note));
                    graph.connect(start, Disposition::InsufficientInfo, transfer, &cause);
                }
            }
        }
    }
    graph.connect(start, leaving, Transfer::all().ranked(rank), &at.structure());
}
