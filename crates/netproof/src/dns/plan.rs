//! From findings about names to changes of domain lists, with proofs of what they do.
//!
//! Names of grave findings go to a list that rules block, others to one that rules alert on. Changes are made to the
//! model, and what holds after them is worked out anew for every VPC.
//!
//! GAP: whether a query that is blocked renews its finding is not documented, so that a blocked name may seem to be gone:
//! denied names stay unless one says how long they are to stay.
//! GAP: an entry that planning wanted and somebody else added in the meantime counts as added by planning.
//! GAP: so does one that planning asked for and somebody took out by hand: whoever adds it again later may see it removed.
//! GAP: a name that leaves the list of what is denied and is to be alerted on from then on is left out of that plan, as the
//! alert would open it; the next plan has it.
//! GAP: a rule of which only names are left that earlier rules take counts as shadowed, even if it is so because names left.

mod choice;
mod entries;
mod findings;
mod proved;
mod quota;
mod state;
mod targets;

use std::collections::{BTreeMap, BTreeSet};

use aws::{DnsFirewalls, DnsNetwork, ExportedList, ListChange, Place};
use dns::{DomainName, NameSet, Pattern};
use jiff::{SignedDuration, Timestamp};

use super::{DnsAnswer, DnsQuestionError, DnsRule};
use crate::{Analysis, Holds, Reason};
use entries::ListPlan;
pub use findings::{DnsFinding, DnsFindings, FindingError, FindingPlace, SkippedFinding};
use proved::{Goal, Goals};
pub use quota::{OverQuota, Redundant};
pub use state::{DnsPlanState, DnsStateError, PlanList};
use state::{EntriesOf, Wish, WishKey};
pub use targets::PlanNames;

/// So many names one request can have. SOURCE: Route 53 Resolver API reference, `UpdateFirewallDomains`: at most 1,000
/// items (checked 2026-11-23).
pub const BATCH: usize = 1_000;

/// So many entries all domain lists of an account have in a Region, unless AWS raised it.
///
/// SOURCE: Route 53 developer guide, "Quotas on Route 53 VPC Resolver DNS Firewall" (copy of 2023).
pub const QUOTA: usize = 100_000;

/// What to plan.
#[derive(Debug, Clone)]
pub struct DnsPlanRequest {
    /// Findings about names.
    pub findings: Vec<DnsFinding>,
    /// Names, ids or ARNs of the lists that are blocked; the only one that rules block if there is none.
    pub deny: Vec<String>,
    /// Names, ids or ARNs of the lists that are answered with an alert; likewise.
    pub alert: Vec<String>,
    /// Names that are never to be listed, nor what is below them.
    pub never: Vec<DomainName>,
    /// Ids or ARNs of the VPCs that are to be protected; all if there is none.
    pub vpcs: Vec<String>,
    /// The time of planning.
    pub now: Timestamp,
    /// After how many days without being seen a name leaves the list of alerts.
    pub alert_days: u32,
    /// After how many days without being seen a name is no longer denied; never if `None`.
    pub deny_days: Option<u32>,
    /// How many entries all lists of an account can have in a Region.
    pub quota: usize,
    /// Whether entries that do nothing may be removed to make room.
    pub compact: bool,
}

/// Changes of domain lists and what they do.
#[derive(Debug)]
pub struct DnsPlan {
    /// The lists that names go to, those that are denied first.
    pub lists: Vec<PlannedList>,
    /// VPCs of which the same holds, as they were named.
    pub groups: Vec<PlanGroup>,
    /// Names that are to be listed, those to be denied first, sorted.
    pub names: Vec<PlannedName>,
    /// Names that are not listed though findings ask for it.
    pub left: Vec<LeftName>,
    /// Names that leave their lists, those that were denied first, sorted.
    pub expired: Vec<ExpiredName>,
    /// The requests, in the order in which to send them.
    pub requests: Vec<PlannedRequest>,
    /// Accounts and Regions that have no room for it; then there is no request.
    pub over_quota: Vec<OverQuota>,
    /// Whether it is not certain that there is room, as of some lists it is not known how many entries they have.
    pub room_unknown: bool,
    /// What was proved of the model after the changes.
    pub proofs: Vec<PlanProof>,
    /// What else there is to say.
    pub notes: Vec<Reason>,
    /// What to remember; what was remembered before if there is no room.
    pub state: DnsPlanState,
}

/// A list that names go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedList {
    /// What becomes of its names.
    pub role: PlanList,
    /// Its id.
    pub id: String,
    /// Its name, or else its id.
    pub name: String,
    /// Its account and Region.
    pub place: Place,
    /// How many entries it has.
    pub before: usize,
    /// How many it has after the changes.
    pub after: usize,
}

/// VPCs of which the same holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanGroup {
    /// Their ids.
    pub vpcs: Vec<String>,
    /// Whether DNS Firewall sees their queries.
    pub filtered: aws::Filtered,
}

/// A name that is to be listed.
#[derive(Debug, Clone)]
pub struct PlannedName {
    /// The name, and whether what is below it goes with it.
    pub names: PlanNames,
    /// Which list it is to be in.
    pub role: PlanList,
    /// Ids of the findings that ask for it, sorted.
    pub findings: Vec<String>,
    /// When any of them was first seen.
    pub first_seen: Timestamp,
    /// When any of them was last seen.
    pub last_seen: Timestamp,
    /// When it leaves the list if it is not seen again.
    pub expires: Option<Timestamp>,
    /// Entries that have to be added for it, in any list.
    pub missing: Vec<String>,
    /// What becomes of a query for it today and after the changes, type A, group by group.
    pub answers: Vec<(DnsAnswer, DnsAnswer)>,
}

/// A name that findings ask for and that is not listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftName {
    /// The name.
    pub name: DomainName,
    /// Which list it would be in.
    pub role: PlanList,
    /// Ids of the findings, sorted.
    pub findings: Vec<String>,
    /// Why.
    pub why: LeftWhy,
}

/// Why a name is not listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeftWhy {
    /// This name and all below it are never to be listed.
    Never(DomainName),
    /// No entry of a list can be so.
    NoEntry,
    /// There is no list for it.
    NoList,
    /// It was last seen then, which is too long ago.
    Old(Timestamp),
    /// In this VPC it, or a name below it, is blocked today, and with an alert it would be answered.
    Opens(String),
    /// The same, but whether it is blocked today depends on something unknown.
    MayOpen(String),
}

/// A name that leaves its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiredName {
    /// The name.
    pub name: DomainName,
    /// Which list it was in.
    pub role: PlanList,
    /// When it was last seen, if that is why.
    pub last_seen: Option<Timestamp>,
}

/// Why entries are added or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlanStep {
    /// Nobody asks for them any longer.
    Expired,
    /// Others of their list have the same names: they make room.
    Redundant,
    /// They are missing.
    Missing,
    /// Others that were added have their names.
    Covered,
}

/// A request to change a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRequest {
    /// Id of the list.
    pub list: String,
    /// Its name, or else its id.
    pub list_name: String,
    /// Its account and Region.
    pub place: Place,
    /// Why; [`PlanStep::Missing`] adds, all others remove.
    pub step: PlanStep,
    /// The names, at most [`BATCH`].
    pub domains: Vec<String>,
}

/// What is to hold of the model after the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlanClaim {
    /// All names that are to be denied are blocked, whatever the type.
    Denied,
    /// All names that are to be alerted on are, or are blocked.
    Alerted,
    /// No name that is added to a list is blocked today and not after it.
    NothingOpened,
    /// What becomes of other names is what became of them before.
    NothingElse,
    /// No rule that decides today is left with nothing because others take it.
    NoRuleShadowed,
    /// Without entries that do nothing, the same becomes of all names.
    SameWithout,
}

/// Whether something holds for a group of VPCs.
#[derive(Debug, Clone)]
pub struct PlanProof {
    /// What.
    pub claim: PlanClaim,
    /// The group, by its place among [`DnsPlan::groups`].
    pub group: usize,
    /// Whether it holds.
    pub holds: Holds,
    /// A query that shows that it does not, or may not.
    pub example: Option<DnsAnswer>,
    /// Rules that nothing is left for.
    pub shadowed: Vec<DnsRule>,
    /// What it takes for granted.
    pub why: Vec<Reason>,
}

/// A plan that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnsPlanError {
    /// The question is wrong.
    #[error(transparent)]
    Question(#[from] DnsQuestionError),
    /// There is no such list.
    #[error("there is no domain list `{0}` in the snapshot")]
    NoList(String),
    /// AWS keeps this list.
    #[error("domain list `{0}` is kept by AWS: names cannot be added")]
    Managed(String),
    /// A list is to be denied and only alerted on.
    #[error("domain list `{0}` is named for both, names that are denied and names that are alerted on")]
    Both(String),
    /// It is not known what is in a list.
    #[error(
        "the names of domain list {0} were not exported, or not all of them: add the output of `aws route53resolver list-firewall-domains`"
    )]
    NotExported(String),
    /// There are several lists, or none.
    #[error("{0}")]
    NoChoice(String),
}

impl DnsPlan {
    /// [`Holds::Yes`] if every name that findings ask for is taken care of in every VPC, and nothing else changes.
    pub fn holds(&self) -> Holds {
        let left = self.left.iter().any(|left| matches!(left.why, LeftWhy::NoEntry | LeftWhy::NoList));
        let claims = self.proofs.iter().map(|proof| proof.holds);
        let fails = (left || !self.over_quota.is_empty()).then_some(Holds::No);
        let all: Vec<Holds> =
            claims.chain(fails).chain(self.room_unknown.then_some(Holds::Unknown)).collect();
        [Holds::No, Holds::Unknown].into_iter().find(|it| all.contains(it)).unwrap_or(Holds::Yes)
    }
}

/// Names that are to be listed, with the wishes for them.
type Wanted<'s> = BTreeMap<PlanNames, Vec<&'s Wish>>;

impl Analysis {
    /// Plans what domain lists have to become so that the names of findings are denied or alerted on, given what was
    /// remembered from earlier plans.
    ///
    /// The same plan again, before or after its requests were sent, asks for nothing new. Cost: linear in the names of
    /// lists for every stack of rule groups, and for each name a look at the rules.
    pub fn plan_dns(
        &self,
        request: &DnsPlanRequest,
        remembered: &DnsPlanState,
    ) -> Result<DnsPlan, DnsPlanError> {
        let networks = self.dns_networks(&request.vpcs)?;
        let exported = DnsFirewalls::exported_lists(self.inventory());
        let mut notes = Vec::new();
        let chosen = choice::lists(self, request, &exported, &networks, &mut notes)?;
        let mut state = remembered.clone();
        for finding in &request.findings {
            if let Some(told) = finding.registrable.as_ref().filter(|told| !finding.name.is_within(told)) {
                let text = format!(
                    "{} tells that {} belongs to {told}, which it does not: that is left aside",
                    finding.id, finding.name
                );
                notes.push(Reason { text, location: None });
            }
            remember(&mut state, finding);
        }
        let old = expire(&mut state, request);
        let DnsPlanState { wishes, mut added, mut leaving } = state;
        let (mut wanted, mut left) = wanted(&wishes, request);
        let roles: BTreeSet<PlanList> = chosen.iter().map(|(role, _)| *role).collect();
        for (role, names) in &wanted {
            let without = names.iter().filter(|_| !roles.contains(role));
            left.extend(without.map(|(names, wishes)| LeftName {
                name: names.name.clone(),
                role: *role,
                findings: ids(wishes),
                why: LeftWhy::NoList,
            }));
        }
        for (_, list) in &chosen {
            if !list.is_whole || list.entries.is_none() {
                return Err(DnsPlanError::NotExported(list.id.clone()));
            }
            if let Some(status) = &list.unsettled {
                let text =
                    format!("the status of domain list {} is {status}: a request may be refused", list.id);
                notes.push(Reason { text, location: None });
            }
        }
        // They need no alert where they are blocked, and that is to be proved of all VPCs.
        let mut not_opened = Vec::new();
        let plans = loop {
            let plans = list_plans(&chosen, &wanted, (&added, &leaving));
            let opened = self.opened_by_alerts(&plans, &wanted, &networks);
            if opened.is_empty() {
                break plans;
            }
            for (names, why) in opened {
                let wishes = wanted.get_mut(&PlanList::Alert).and_then(|wanted| wanted.remove(&names));
                not_opened.push(names.clone());
                left.push(LeftName {
                    name: names.name,
                    role: PlanList::Alert,
                    findings: ids(&wishes.unwrap_or_default()),
                    why,
                });
            }
        };
        let is_chosen = |id: &String| chosen.iter().any(|(_, list)| list.id == *id);
        for (list, entries) in added.iter().filter(|(list, it)| !it.is_empty() && !is_chosen(list)) {
            let count = entries.len();
            let text = format!(
                "{count} entries that were planned for domain list {list} are left as they are: it is not among the lists now"
            );
            notes.push(Reason { text, location: None });
        }
        for (_, list, plan) in &plans {
            added.insert(list.id.clone(), plan.added.clone());
            leaving.insert(list.id.clone(), plan.leaving.clone());
        }
        for lists in [&mut added, &mut leaving] {
            lists.retain(|_, entries| !entries.is_empty());
        }
        // What was listed leaves its list; of what was not, it is to be said why it is not.
        left.extend(old.iter().filter(|(key, _)| !remembered.wishes.contains_key(key)).map(|(key, wish)| {
            LeftName {
                name: key.name.clone(),
                role: wish.list,
                findings: ids(&[wish]),
                why: LeftWhy::Old(wish.last_seen),
            }
        }));
        let expired = expired(&plans, &wanted, &old, request);
        let room = quota::look(request, &exported, &plans);
        notes.extend(room.notes.iter().map(|text| Reason { text: text.clone(), location: None }));
        let requests = requests(&plans, &room);
        let changes = changes(&requests);
        let after = DnsFirewalls::changed(self.inventory(), &changes);
        let proving = proved::Proving::new(self, &after, &networks);
        let mut plan = DnsPlan {
            lists: plans.iter().map(|(role, list, plan)| planned_list(*role, list, plan, &room)).collect(),
            groups: proving.groups(),
            names: Vec::new(),
            left,
            expired,
            requests,
            over_quota: room.over,
            room_unknown: room.is_unknown,
            proofs: Vec::new(),
            notes,
            state: remembered.clone(),
        };
        if !plan.over_quota.is_empty() {
            plan.requests = Vec::new();
            let without = quota::without(&plan.over_quota);
            let same = DnsFirewalls::changed(self.inventory(), &without);
            plan.proofs = proved::Proving::new(self, &same, &networks).same_without();
            return Ok(plan);
        }
        let mut goals = Goals {
            denied: Goal::new(PlanClaim::Denied),
            alerted: Goal::new(PlanClaim::Alerted),
            new: NameSet::empty(),
            touched: NameSet::empty(),
        };
        for (role, list, entries) in &plans {
            goals.new = goals.new.union(&entries.added_names());
            goals.touched = goals.touched.union(&entries.touched());
            let goal = if *role == PlanList::Deny { &mut goals.denied } else { &mut goals.alerted };
            goal.lists.push(list.id.clone());
            wanted
                .get(role)
                .into_iter()
                .flat_map(BTreeMap::keys)
                .for_each(|names| names.add_to(&mut goal.names));
        }
        for names in &not_opened {
            names.add_to(&mut goals.alerted.names);
        }
        goals.alerted.names = goals.alerted.names.minus(&goals.denied.names);
        plan.proofs = proving.prove(&goals);
        let missing: BTreeSet<&String> = plans.iter().flat_map(|(.., plan)| &plan.add).collect();
        for (role, names) in wanted.iter().rev().filter(|(role, _)| roles.contains(role)) {
            for (names, wishes) in names {
                let last_seen = wishes.iter().map(|wish| wish.last_seen).max().unwrap_or_default();
                let entries = entries::entries(names);
                plan.names.push(PlannedName {
                    names: names.clone(),
                    role: *role,
                    findings: ids(wishes),
                    first_seen: wishes.iter().map(|wish| wish.first_seen).min().unwrap_or_default(),
                    last_seen,
                    expires: expiry(*role, last_seen, request),
                    missing: entries.into_iter().filter(|entry| missing.contains(entry)).collect(),
                    answers: proving.answers(&names.name),
                });
            }
        }
        plan.state = DnsPlanState { wishes, added, leaving };
        Ok(plan)
    }
}

impl Analysis {
    /// Names to be alerted on that are blocked in some VPC today, and would not be with these changes.
    fn opened_by_alerts(
        &self,
        plans: &[(PlanList, &ExportedList, ListPlan)],
        wanted: &BTreeMap<PlanList, Wanted<'_>>,
        networks: &[(String, &DnsNetwork)],
    ) -> Vec<(PlanNames, LeftWhy)> {
        let Some(alerted) = wanted.get(&PlanList::Alert).filter(|names| !names.is_empty()) else {
            return Vec::new();
        };
        let changes = changes(&requests(plans, &quota::Room::default()));
        let after = DnsFirewalls::changed(self.inventory(), &changes);
        let mut names = NameSet::empty();
        for alerted in alerted.keys() {
            alerted.add_to(&mut names);
        }
        let mut opened = BTreeMap::new();
        for (name, why) in proved::Proving::new(self, &after, networks).opened(&names) {
            // The entries that have this name.
            let above = std::iter::successors(Some(name.clone()), DomainName::parent);
            let entries = above.map(|name| PlanNames { name, with_below: true });
            for names in entries.chain([PlanNames { name, with_below: false }]) {
                if alerted.contains_key(&names) {
                    let known = opened.entry(names).or_insert_with(|| why.clone());
                    if matches!(why, LeftWhy::Opens(_)) && matches!(known, LeftWhy::MayOpen(_)) {
                        known.clone_from(&why);
                    }
                }
            }
        }
        opened.into_iter().collect()
    }
}

/// What has to become of each list.
fn list_plans<'e>(
    chosen: &[(PlanList, &'e ExportedList)],
    wanted: &BTreeMap<PlanList, Wanted<'_>>,
    (added, leaving): (&EntriesOf, &EntriesOf),
) -> Vec<(PlanList, &'e ExportedList, ListPlan)> {
    let of = |lists: &EntriesOf, list: &ExportedList| lists.get(&list.id).cloned().unwrap_or_default();
    let plan = |(role, list): &(PlanList, &'e ExportedList)| {
        let names: Vec<PlanNames> =
            wanted.get(role).into_iter().flat_map(|names| names.keys().cloned()).collect();
        let present = list.entries.as_deref().unwrap_or_default();
        (*role, *list, ListPlan::new(present, &of(added, list), &of(leaving, list), &names))
    };
    chosen.iter().map(plan).collect()
}

fn ids(wishes: &[&Wish]) -> Vec<String> {
    let ids: BTreeSet<&String> = wishes.iter().flat_map(|wish| &wish.findings).collect();
    ids.into_iter().cloned().collect()
}

fn remember(state: &mut DnsPlanState, finding: &DnsFinding) {
    let key =
        WishKey { name: finding.name.clone(), whole_domain: targets::means_whole_domain(&finding.kind) };
    let role = if finding.is_high { PlanList::Deny } else { PlanList::Alert };
    let wish = state.wishes.entry(key).or_insert_with(|| Wish {
        list: role,
        registrable: None,
        first_seen: finding.first_seen,
        last_seen: finding.last_seen,
        findings: BTreeSet::new(),
    });
    wish.list = wish.list.max(role);
    let told = finding.registrable.clone().filter(|told| finding.name.is_within(told));
    wish.registrable = told.max(wish.registrable.take());
    wish.first_seen = wish.first_seen.min(finding.first_seen);
    wish.last_seen = wish.last_seen.max(finding.last_seen);
    wish.findings.insert(finding.id.clone());
}

/// When a name leaves its list.
fn expiry(role: PlanList, last_seen: Timestamp, request: &DnsPlanRequest) -> Option<Timestamp> {
    let days = match role {
        PlanList::Alert => Some(request.alert_days),
        PlanList::Deny => request.deny_days,
    }?;
    Some(last_seen.checked_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MAX))
}

/// Forgets names that were not seen for long, and returns them.
fn expire(state: &mut DnsPlanState, request: &DnsPlanRequest) -> Vec<(WishKey, Wish)> {
    let is_over =
        |wish: &Wish| expiry(wish.list, wish.last_seen, request).is_some_and(|expiry| expiry <= request.now);
    let over = state.wishes.iter().filter(|(_, wish)| is_over(wish));
    let over: Vec<_> = over.map(|(key, wish)| (key.clone(), wish.clone())).collect();
    for (key, _) in &over {
        state.wishes.remove(key);
    }
    over
}

/// The names that leave lists: those of entries that nobody asks for in any list.
fn expired(
    plans: &[(PlanList, &ExportedList, ListPlan)],
    wanted: &BTreeMap<PlanList, Wanted<'_>>,
    old: &[(WishKey, Wish)],
    request: &DnsPlanRequest,
) -> Vec<ExpiredName> {
    let mut seen = BTreeMap::<DomainName, Timestamp>::new();
    for (key, wish) in old {
        let meant = PlanNames::meant(&key.name, key.whole_domain, wish.registrable.as_ref(), &request.never);
        let name = meant.map_or_else(|_| key.name.clone(), |names| names.name);
        let last_seen = seen.entry(name).or_insert(wish.last_seen);
        *last_seen = wish.last_seen.max(*last_seen);
    }
    let mut expired = BTreeSet::new();
    for (role, entry) in
        plans.iter().flat_map(|(role, _, plan)| plan.expired.iter().map(move |it| (*role, it)))
    {
        let entry = state::canonical(entry);
        let Ok(name) = entry.strip_prefix("*.").unwrap_or(&entry).parse::<DomainName>() else { continue };
        let both = [true, false].map(|with_below| PlanNames { name: name.clone(), with_below });
        if !wanted.values().any(|wanted| both.iter().any(|names| wanted.contains_key(names))) {
            expired.insert((std::cmp::Reverse(role), name));
        }
    }
    let name = |(std::cmp::Reverse(role), name): (_, DomainName)| {
        let last_seen = seen.get(&name).copied();
        ExpiredName { name, role, last_seen }
    };
    expired.into_iter().map(name).collect()
}

/// The names that are to be in the lists of each role, and those that cannot be.
fn wanted<'s>(
    wishes: &'s BTreeMap<WishKey, Wish>,
    request: &DnsPlanRequest,
) -> (BTreeMap<PlanList, Wanted<'s>>, Vec<LeftName>) {
    let mut wanted = BTreeMap::<PlanList, Wanted<'_>>::new();
    let mut left = Vec::new();
    for (key, wish) in wishes {
        let meant = PlanNames::meant(&key.name, key.whole_domain, wish.registrable.as_ref(), &request.never);
        let meant = meant.map_err(LeftWhy::Never).and_then(|names| {
            let is_entry = entries::entries(&names).iter().all(|entry| entry.parse::<Pattern>().is_ok());
            if is_entry { Ok(names) } else { Err(LeftWhy::NoEntry) }
        });
        match meant {
            Ok(names) => wanted.entry(wish.list).or_default().entry(names).or_default().push(wish),
            Err(why) => {
                left.push(LeftName { name: key.name.clone(), role: wish.list, findings: ids(&[wish]), why });
            }
        }
    }
    // What is denied need not be alerted on.
    let denied = wanted.get(&PlanList::Deny).cloned().unwrap_or_default();
    if let Some(alerted) = wanted.get_mut(&PlanList::Alert) {
        alerted.retain(|names, _| !is_within_any(names, &denied));
    }
    (wanted, left)
}

/// Whether all these names are among others.
fn is_within_any(names: &PlanNames, others: &Wanted<'_>) -> bool {
    let has =
        |name: &DomainName, with_below| others.contains_key(&PlanNames { name: name.clone(), with_below });
    let mut above = std::iter::successors(Some(names.name.clone()), DomainName::parent);
    above.any(|name| has(&name, true)) || !names.with_below && has(&names.name, false)
}

fn planned_list(role: PlanList, list: &ExportedList, plan: &ListPlan, room: &quota::Room<'_>) -> PlannedList {
    let name = list.name.as_ref().unwrap_or(&list.id).clone();
    let (id, place) = (list.id.clone(), list.place.clone());
    let removed = room.removed.iter().filter(|(other, _)| std::ptr::eq(*other, list));
    let removed: usize = removed.map(|(_, entries)| entries.len()).sum();
    PlannedList { role, id, name, place, before: plan.before, after: plan.after().saturating_sub(removed) }
}

/// The requests in an order in which no name goes unprotected that is to be protected: what is missing is added before
/// what it replaces is removed, unless there is no room for both.
fn requests(plans: &[(PlanList, &ExportedList, ListPlan)], room: &quota::Room) -> Vec<PlannedRequest> {
    let mut requests = Vec::new();
    let mut send = |list: &ExportedList, step, domains: &[String]| {
        let batches = domains.chunks(BATCH).map(|domains| PlannedRequest {
            list: list.id.clone(),
            list_name: list.name.as_ref().unwrap_or(&list.id).clone(),
            place: list.place.clone(),
            step,
            domains: domains.to_vec(),
        });
        requests.extend(batches);
    };
    for (list, redundant) in &room.removed {
        send(list, PlanStep::Redundant, redundant);
    }
    let steps = if room.is_tight {
        [PlanStep::Expired, PlanStep::Covered, PlanStep::Missing]
    } else {
        [PlanStep::Missing, PlanStep::Expired, PlanStep::Covered]
    };
    for step in steps {
        for (_, list, plan) in plans {
            let domains = match step {
                PlanStep::Missing => &plan.add,
                PlanStep::Covered => &plan.covered,
                PlanStep::Expired | PlanStep::Redundant => &plan.expired,
            };
            send(list, step, domains);
        }
    }
    requests
}

/// What requests make of lists.
fn changes(requests: &[PlannedRequest]) -> BTreeMap<String, ListChange> {
    let mut changes = BTreeMap::<String, ListChange>::new();
    for request in requests {
        let change = changes.entry(request.list.clone()).or_default();
        let into = if request.step == PlanStep::Missing { &mut change.add } else { &mut change.remove };
        into.extend(request.domains.iter().cloned());
    }
    changes
}
