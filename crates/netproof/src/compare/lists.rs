//! Filters that are lists of rules.

use aws::rules::{Effect, ListedRule, Order, RuleList, Sureness};
use headerspace::{HeaderSpace, Match, Packet, PacketSet, Rule};

use super::{Bounds, Side, Verdict};
use crate::proof::first_match;

/// What a list lets through, and how it decides about one packet.
pub(super) fn side<'f>(list: &'f RuleList, space: &mut HeaderSpace) -> Side<'f> {
    let sets: Vec<PacketSet> = list.rules.iter().map(|rule| space.compile(&rule.guard)).collect();
    let surely = |rule: &ListedRule| rule.sureness == Sureness::Surely;
    let passes = |rule: &ListedRule| rule.effect == Effect::Pass;
    let rules = list.rules.iter().zip(&sets);
    // At least: of what may be stopped, nothing; at most: of what may get through, everything.
    let least = rules
        .clone()
        .map(|(rule, set)| if passes(rule) && surely(rule) { Rule::Permit(*set) } else { Rule::Deny(*set) });
    let most = rules
        .filter(|(rule, _)| passes(rule) || surely(rule))
        .map(|(rule, set)| if passes(rule) { Rule::Permit(*set) } else { Rule::Deny(*set) });
    let bounds = match list.order {
        Order::FirstMatch => {
            let term = |least: bool| {
                let counts = |rule: &&ListedRule| least || passes(rule) || surely(rule);
                let rules = list.rules.iter().filter(counts).map(|rule| {
                    let taken = passes(rule) && (surely(rule) || !least);
                    (if taken { rule.guard.clone() } else { Match::never() }, rule.guard.clone())
                });
                first_match(&rules.collect::<Vec<_>>()).0
            };
            let (least, most): (Vec<Rule>, Vec<Rule>) = (least.collect(), most.collect());
            Bounds {
                surely: space.first_match(least),
                perhaps: space.first_match(most),
                surely_term: term(true),
                perhaps_term: term(false),
            }
        }
        Order::Any => {
            let sure = list.rules.iter().filter(|rule| surely(rule));
            let surely_term = Match::any_of(sure.clone().map(|rule| rule.guard.clone()));
            let perhaps_term = Match::any_of(list.rules.iter().map(|rule| rule.guard.clone()));
            let sure_sets = list.rules.iter().zip(&sets).filter(|(rule, _)| surely(rule));
            let sure_sets: Vec<PacketSet> = sure_sets.map(|(_, set)| *set).collect();
            Bounds { surely: space.any_of(sure_sets), perhaps: space.any_of(sets), surely_term, perhaps_term }
        }
    };
    Side { bounds, deciding: Box::new(|packet| decide(list, packet)) }
}

/// Rule by rule.
fn decide(list: &RuleList, packet: &Packet) -> Verdict {
    let mut verdict = Verdict { surely: true, ..Verdict::default() };
    let mut decided = false;
    for rule in list.rules.iter().filter(|rule| rule.guard.accepts(packet)) {
        let (surely, passes) = (rule.sureness == Sureness::Surely, rule.effect == Effect::Pass);
        verdict.causes.push(rule.cause.clone());
        verdict.perhaps |= passes;
        if !surely {
            verdict.doubts.push(rule.cause.clone());
        }
        decided |= surely;
        if list.order == Order::FirstMatch {
            verdict.surely &= surely && passes;
            if surely {
                break;
            }
        }
    }
    verdict.surely &= decided;
    if verdict.surely {
        verdict.doubts.clear();
    }
    verdict
}
