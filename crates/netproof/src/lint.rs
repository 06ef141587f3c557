//! Rules that do nothing: no packet gets to them, or the others do the same without them.
//!
//! Each list is looked at by itself. Any of the rules that are found can be taken out, and all of them together. Of those
//! that stay, none could be found as well: where two rules cover each other, one is found, the narrower or the later; and
//! what only keeps packets from an idle rule is found once that is gone. A rule that may match less than its header says
//! is never a reason to take out another, but may be taken out itself.

use std::sync::Arc;

use aws::rules::{Author, Effect, ListedRule, Order, RuleList, Sureness};
use graph::{Cause, ResourceKey};
use headerspace::{HeaderSpace, Match, PacketSet};

use crate::{
    Analysis,
    proof::{Certificate, Checker, Refutation, first_match},
};

/// What was found in a snapshot.
#[derive(Debug)]
pub struct Lint {
    /// Rules that do nothing, by list.
    pub idle: Vec<IdleRule>,
    /// How many lists were looked at.
    pub lists: usize,
    /// How many rules they have.
    pub rules: usize,
    /// Whether a solver confirms it.
    pub certificate: Certificate,
}

/// A rule that does nothing.
#[derive(Debug, Clone)]
pub struct IdleRule {
    /// What its list belongs to.
    pub owner: ResourceKey,
    /// Which list: `ingress`, `egress`, `addresses`, `stateless`, `stateful`.
    pub part: &'static str,
    /// Its place in the list, from 0.
    pub index: usize,
    /// The rule.
    pub cause: Arc<Cause>,
    /// Why it does nothing.
    pub why: Idle,
    /// Rules that together make it idle; without any one of them they would not.
    pub covered_by: Vec<Arc<Cause>>,
    /// What is worth knowing before it is taken out.
    pub note: Option<String>,
}

/// Why a rule does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idle {
    /// It is about no packet that can exist, such as those of a group without members.
    Empty,
    /// Others decide about all its packets first.
    Shadowed,
    /// Others do the same to all its packets.
    Redundant,
}

impl Idle {
    /// Its name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Shadowed => "shadowed",
            Self::Redundant => "redundant",
        }
    }
}

impl Analysis {
    /// Looks for rules that do nothing. Cost: for each list, its length times what it takes to compare a rule with the
    /// whole list; for each finding, the length of the list once more, and one question to the solver.
    pub fn lint(&self) -> Result<Lint, Refutation> {
        let lists = self.inventory().rule_lists();
        let mut checker = Checker::new();
        let mut idle = Vec::new();
        for list in &lists {
            idle.extend(of_list(list, &mut checker)?);
        }
        let rules = lists.iter().map(|list| list.rules.len()).sum();
        Ok(Lint { idle, lists: lists.len(), rules, certificate: checker.certificate() })
    }
}

/// The idle rules of a list, in its order.
fn of_list(list: &RuleList, checker: &mut Checker) -> Result<Vec<IdleRule>, Refutation> {
    let mut space = HeaderSpace::new();
    let world = space.well_formed();
    let rules: Vec<Ruled<'_>> = list
        .rules
        .iter()
        .enumerate()
        .map(|(index, rule)| {
            let set = space.compile(&rule.guard);
            Ruled { index, rule, set: space.and(set, world) }
        })
        .collect();
    let mut found = match list.order {
        Order::Any => any(&rules, &mut space, checker)?,
        Order::FirstMatch => ordered(&rules, list.otherwise, &mut space, checker)?,
    };
    found.sort_by_key(|found| found.index);
    let idle = |found: Found| {
        let cause = |index: usize| list.rules.get(index).map(|rule| rule.cause.clone());
        Some(IdleRule {
            owner: list.owner.clone(),
            part: list.part,
            index: found.index,
            cause: cause(found.index)?,
            why: found.why,
            covered_by: found.covered_by.into_iter().filter_map(cause).collect(),
            note: list.note.clone(),
        })
    };
    Ok(found.into_iter().filter_map(idle).collect())
}

/// A rule with the packets that can exist and that it is about.
#[derive(Debug, Clone, Copy)]
struct Ruled<'r> {
    index: usize,
    rule: &'r ListedRule,
    set: PacketSet,
}

impl Ruled<'_> {
    fn is_sure(&self) -> bool {
        self.rule.sureness == Sureness::Surely
    }

    /// Whether somebody wrote it who can take it out.
    fn is_owners(&self) -> bool {
        self.rule.author == Author::Owner
    }
}

struct Found {
    index: usize,
    why: Idle,
    covered_by: Vec<usize>,
}

fn question(rule: &Ruled<'_>) -> String {
    format!("`{}`", crate::report::rule_text(&rule.rule.cause))
}

/// Of rules that each let their packets through, those that others make superfluous.
fn any(
    rules: &[Ruled<'_>],
    space: &mut HeaderSpace,
    checker: &mut Checker,
) -> Result<Vec<Found>, Refutation> {
    // The widest first, so that a wide rule covers narrow ones rather than they it; what stands first, first.
    let mut order: Vec<(Author, f64, Ruled<'_>)> =
        rules.iter().map(|rule| (rule.rule.author, space.count(rule.set), *rule)).collect();
    order.sort_by(|(author, size, rule), (other_author, other_size, other)| {
        let owners = |author: &Author| *author == Author::Owner;
        owners(author)
            .cmp(&owners(other_author))
            .then(other_size.total_cmp(size))
            .then(rule.index.cmp(&other.index))
    });
    // What the rules in front of each let through.
    let mut wider = Vec::with_capacity(order.len());
    let mut all = space.empty();
    for (_, _, rule) in &order {
        wider.push(all);
        if rule.is_sure() {
            all = space.or(all, rule.set);
        }
    }
    let (mut kept, mut idle) = (Vec::new(), Vec::new());
    let mut narrower = space.empty();
    for ((_, _, rule), wider) in order.iter().zip(wider).rev() {
        let rest = space.minus(rule.set, narrower);
        if rule.is_owners() && space.is_subset(rest, wider) {
            idle.push(*rule);
            continue;
        }
        kept.push(*rule);
        if rule.is_sure() {
            narrower = space.or(narrower, rule.set);
        }
    }
    kept.retain(Ruled::is_sure);
    kept.reverse();
    let mut found = Vec::new();
    for rule in idle {
        let cover = cover(rule.set, &kept, space);
        let guards = Match::any_of(cover.iter().map(|cover| cover.rule.guard.clone()));
        checker.nothing(|| question(&rule), [rule.rule.guard.clone(), Match::not(guards)])?;
        let why = if space.is_empty(rule.set) { Idle::Empty } else { Idle::Redundant };
        found.push(Found {
            index: rule.index,
            why,
            covered_by: cover.iter().map(|cover| cover.index).collect(),
        });
    }
    Ok(found)
}

/// Of an ordered list, the rules to which no packet gets, and those behind which the same happens to their packets.
fn ordered(
    rules: &[Ruled<'_>],
    otherwise: Option<Effect>,
    space: &mut HeaderSpace,
    checker: &mut Checker,
) -> Result<Vec<Found>, Refutation> {
    let mut found = Vec::new();
    // The rules that packets get to, each with the packets that do.
    let mut reached: Vec<(Ruled<'_>, PacketSet)> = Vec::new();
    let mut decided = space.empty();
    for rule in rules {
        let left = space.minus(rule.set, decided);
        if !space.is_empty(left) || !rule.is_owners() {
            reached.push((*rule, left));
            if rule.is_sure() {
                decided = space.or(decided, rule.set);
            }
            continue;
        }
        let before: Vec<Ruled<'_>> = reached.iter().map(|(rule, _)| *rule).filter(Ruled::is_sure).collect();
        let cover = cover(rule.set, &before, space);
        let guards = Match::any_of(cover.iter().map(|cover| cover.rule.guard.clone()));
        checker.nothing(|| question(rule), [rule.rule.guard.clone(), Match::not(guards)])?;
        let why = if space.is_empty(rule.set) { Idle::Empty } else { Idle::Shadowed };
        found.push(Found {
            index: rule.index,
            why,
            covered_by: cover.iter().map(|cover| cover.index).collect(),
        });
    }
    let mut behind = Behind::new(otherwise, space);
    let mut behind_kept = behind;
    let mut kept: Vec<Ruled<'_>> = Vec::new();
    let mut redundant: Vec<(Ruled<'_>, PacketSet, Vec<Ruled<'_>>)> = Vec::new();
    for rule in rules.iter().rev() {
        let left = reached.iter().find(|(other, _)| other.index == rule.index).map(|(_, left)| *left);
        if let Some(left) = left {
            let effect = rule.rule.effect;
            // By itself, and after everything else that was found: what is idle behind it may count without it.
            let same = [behind.of(effect), behind_kept.of(effect)];
            let is_idle = rule.is_owners()
                && rule.is_sure()
                && same.into_iter().all(|same| space.is_subset(left, same));
            if is_idle {
                redundant.push((*rule, left, kept.iter().rev().copied().collect()));
            } else {
                behind_kept.put(rule, space);
                kept.push(*rule);
            }
        }
        behind.put(rule, space);
    }
    for (rule, left, behind) in redundant {
        let all: Vec<Ruled<'_>> = rules.iter().filter(|later| later.index > rule.index).copied().collect();
        let before = rules.iter().take_while(|before| before.index < rule.index);
        let before = before.filter(|before| before.is_sure()).map(|before| before.rule.guard.clone());
        let before = Match::not(Match::any_of(before));
        for later in [&behind, &all] {
            let different = different(&rule, later, otherwise);
            checker.nothing(|| question(&rule), [rule.rule.guard.clone(), before.clone(), different])?;
        }
        let same = behind.iter().filter(|later| later.is_sure() && later.rule.effect == rule.rule.effect);
        let same: Vec<Ruled<'_>> = same.copied().collect();
        let cover = cover(left, &same, space);
        found.push(Found {
            index: rule.index,
            why: Idle::Redundant,
            covered_by: cover.iter().map(|cover| cover.index).collect(),
        });
    }
    Ok(found)
}

/// What rules at the end of a list surely do, by effect.
#[derive(Debug, Clone, Copy)]
struct Behind([(Effect, PacketSet); 3]);

impl Behind {
    /// Behind the last rule.
    fn new(otherwise: Option<Effect>, space: &HeaderSpace) -> Self {
        let all = |effect| if otherwise == Some(effect) { space.everything() } else { space.empty() };
        Self([Effect::Pass, Effect::Drop, Effect::Forward].map(|effect| (effect, all(effect))))
    }

    /// The packets to which they do this.
    fn of(&self, effect: Effect) -> PacketSet {
        let [(_, pass), (_, drop), (_, forward)] = self.0;
        match effect {
            Effect::Pass => pass,
            Effect::Drop => drop,
            Effect::Forward => forward,
        }
    }

    /// With one more rule in front.
    fn put(&mut self, rule: &Ruled<'_>, space: &mut HeaderSpace) {
        for (effect, set) in &mut self.0 {
            *set = space.minus(*set, rule.set);
            if *effect == rule.rule.effect && rule.is_sure() {
                *set = space.or(*set, rule.set);
            }
        }
    }
}

/// Packets of a rule to which those behind it do something else, or perhaps something else.
fn different(rule: &Ruled<'_>, behind: &[Ruled<'_>], otherwise: Option<Effect>) -> Match {
    let others = behind.iter().map(|later| {
        let same = later.is_sure() && later.rule.effect == rule.rule.effect;
        (if same { Match::never() } else { later.rule.guard.clone() }, later.rule.guard.clone())
    });
    let (different, spoken) = first_match(&others.collect::<Vec<_>>());
    if otherwise == Some(rule.rule.effect) {
        different
    } else {
        Match::any_of([different, Match::not(spoken)])
    }
}

/// Rules that together cover `set` as far as all do: one if one will do, else so that none can be left out.
fn cover<'r>(set: PacketSet, rules: &[Ruled<'r>], space: &mut HeaderSpace) -> Vec<Ruled<'r>> {
    if space.is_empty(set) {
        return Vec::new();
    }
    if let Some(one) = rules.iter().find(|rule| space.is_subset(set, rule.set)) {
        return vec![*one];
    }
    let mut parts: Vec<(Ruled<'r>, PacketSet)> = Vec::new();
    for rule in rules.iter().filter(|rule| space.overlaps(set, rule.set)).copied().collect::<Vec<_>>() {
        parts.push((rule, space.and(set, rule.set)));
    }
    let mut in_front = Vec::with_capacity(parts.len());
    let mut all = space.empty();
    for (_, part) in &parts {
        in_front.push(all);
        all = space.or(all, *part);
    }
    let mut needed = Vec::new();
    let mut behind = space.empty();
    for ((rule, part), in_front) in parts.iter().zip(in_front).rev() {
        let rest = space.minus(*part, behind);
        if space.is_subset(rest, in_front) {
            continue;
        }
        behind = space.or(behind, *part);
        needed.push(*rule);
    }
    needed.reverse();
    needed
}

#[cfg(test)]
mod tests {
    use crate::{Analysis, report::lint_text};

    /// The findings in an ACL of `entries` (number, action, protocol, first port, last port, block), without the last lines.
    fn acl(entries: &[(u32, &str, &str, u16, u16, &str)]) -> String {
        let entries: Vec<String> = entries
            .iter()
            .map(|(number, action, protocol, first, last, block)| {
                format!(
                    r#"{{"RuleNumber":{number},"Egress":false,"Protocol":"{protocol}","RuleAction":"{action}","CidrBlock":"{block}","PortRange":{{"From":{first},"To":{last}}}}}"#
                )
            })
            .collect();
        of(&format!(
            r#"{{"NetworkAcls":[{{"NetworkAclId":"acl-1","VpcId":"vpc-1","Associations":[],"Entries":[{}]}}]}}"#,
            entries.join(",")
        ))
    }

    /// The findings among the rules of a group.
    fn group(permissions: &str, more: &str) -> String {
        of(&format!(
            r#"{{"SecurityGroups":[{{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[{permissions}],"IpPermissionsEgress":[]}}]{more}}}"#
        ))
    }

    fn of(export: &str) -> String {
        let analysis = Analysis::of_documents([("export.json".to_owned(), export.into())]);
        let lint = analysis.lint().unwrap();
        let text = lint_text(&analysis, &lint, crate::report::Style::Plain);
        text.lines()
            .filter(|line| line.starts_with(' '))
            .map(|line| line.trim_end().to_owned() + "\n")
            .collect()
    }

    #[test]
    fn of_two_equal_entries_the_later_is_idle() {
        let entries = [(100, "allow", "6", 80, 80, "10.0.0.0/8"), (110, "allow", "6", 80, 80, "10.0.0.0/8")];
        insta::assert_snapshot!(acl(&entries), @"
        shadowed   rule 110: allow ingress tcp 80 from 10.0.0.0/8  export.json:1
                   no packet gets to it, because of
                   - rule 100: allow ingress tcp 80 from 10.0.0.0/8  export.json:1
        ");
    }

    #[test]
    fn two_halves_shadow_a_whole() {
        let entries = [
            (100, "allow", "6", 80, 80, "10.0.0.0/9"),
            (110, "deny", "6", 80, 80, "10.128.0.0/9"),
            (115, "allow", "6", 22, 22, "10.0.0.0/8"),
            (120, "allow", "6", 80, 80, "10.0.0.0/8"),
        ];
        insta::assert_snapshot!(acl(&entries), @"
        shadowed   rule 120: allow ingress tcp 80 from 10.0.0.0/8  export.json:1
                   no packet gets to it, because of
                   - rule 100: allow ingress tcp 80 from 10.0.0.0/9  export.json:1
                   - rule 110: deny ingress tcp 80 from 10.128.0.0/9  export.json:1
        ");
    }

    #[test]
    fn a_denial_that_keeps_packets_from_an_idle_rule_stays() {
        let entries = [(100, "deny", "6", 22, 22, "10.0.0.0/8"), (110, "allow", "6", 22, 22, "10.1.0.0/16")];
        insta::assert_snapshot!(acl(&entries), @"
        shadowed   rule 110: allow ingress tcp 22 from 10.1.0.0/16  export.json:1
                   no packet gets to it, because of
                   - rule 100: deny ingress tcp 22 from 10.0.0.0/8  export.json:1
        ");
    }

    #[test]
    fn the_final_denial_is_no_finding() {
        let entries = [(100, "allow", "-1", 0, 0, "0.0.0.0/0"), (32_767, "deny", "-1", 0, 0, "0.0.0.0/0")];
        insta::assert_snapshot!(acl(&entries), @"");
    }

    #[test]
    fn what_is_not_known_covers_nothing_and_may_be_covered() {
        let permissions = r#"{"IpProtocol":"tcp","FromPort":80,"ToPort":80,"PrefixListIds":[{"PrefixListId":"pl-1"}]},{"IpProtocol":"tcp","FromPort":80,"ToPort":80,"IpRanges":[{"CidrIp":"10.0.0.0/8"}]}"#;
        insta::assert_snapshot!(group(permissions, ""), @"");
        let anyone = format!(
            r#"{permissions},{{"IpProtocol":"tcp","FromPort":0,"ToPort":99,"IpRanges":[{{"CidrIp":"0.0.0.0/0"}}],"Ipv6Ranges":[{{"CidrIpv6":"::/0"}}]}}"#
        );
        insta::assert_snapshot!(group(&anyone, ""), @"
        redundant  allow ingress tcp 80 from pl-1  export.json:1
                   without it the same happens, because of
                   - allow ingress tcp 0-99 from ::/0  export.json:1
                   - allow ingress tcp 0-99 from 0.0.0.0/0  export.json:1
        redundant  allow ingress tcp 80 from 10.0.0.0/8  export.json:1
                   without it the same happens, because of
                   - allow ingress tcp 0-99 from 0.0.0.0/0  export.json:1
        ");
    }

    #[test]
    fn a_group_without_members_admits_nobody() {
        let permissions =
            r#"{"IpProtocol":"tcp","FromPort":80,"ToPort":80,"UserIdGroupPairs":[{"GroupId":"sg-1"}]}"#;
        insta::assert_snapshot!(group(permissions, r#","NetworkInterfaces":[]"#), @"
        empty      allow ingress tcp 80 from sg-1  export.json:1
                   it is about no packet that can exist
        ");
        insta::assert_snapshot!(group(permissions, ""), @"");
    }

    #[test]
    fn routes_may_tell_entries_apart() {
        let export = r#"{"PrefixLists":[{"PrefixListId":"pl-1","Cidrs":["10.0.0.0/8","10.1.0.0/16"]}],"RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-1","Associations":[],"Routes":[{"DestinationPrefixListId":"pl-1","GatewayId":"igw-1"}]}]}"#;
        insta::assert_snapshot!(of(export), @"
        redundant  entry 10.1.0.0/16  export.json:1
                   without it the same happens, because of
                   - entry 10.0.0.0/8  export.json:1
        note: route tables use this list, and a route's length decides there
        ");
    }
}
