//! Questions about DNS Firewall: what becomes of a query from a VPC, and why.

mod bypass;
mod certify;
mod check;
mod compare;
mod domains;
#[cfg(feature = "z3")]
mod encoding;
mod idle;
pub mod plan;
mod resolvers;

use std::fmt;

use aws::{Diagnostic, DnsFirewalls, DnsNetwork, Filtered, Location};
use dns::{
    Decision, DomainName, Doubt, Firewall, NameDecision, Names, Proviso, Query, RuleId, Taker, Verdict,
    Verdicts, Why,
};

use crate::{Analysis, Reason};
pub(crate) use bypass::family_word;
pub use bypass::{DnsBypass, DnsTransport, DnsWay};
pub use certify::DnsFound;
pub use check::{DnsClaim, DnsClaimResult};
pub use compare::{DnsComparison, DnsDifference, DnsSide};
pub use domains::{
    DnsContradiction, DnsContradictionKind, DnsDomainComparison, DnsDomainRule, DnsDomains,
    DnsDomainsLeftOut, DnsOddTarget,
};
pub use idle::{DnsEntryFault, DnsIdle, DnsIdleEntry, DnsIdleRule, DnsMissing, DnsUnseen};
pub use resolvers::PublicResolver;

/// That a verdict holds as long as the names of redirections pass.
pub(crate) const CHAIN_PASSES: &str = "names of a redirection (CNAME) are looked at in turn: this holds as long as they pass; they can be given as a chain";

/// A query for a name, from a VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsQuestion {
    /// Id or ARN of the VPC.
    pub vpc: String,
    /// The name as it was written.
    pub written: String,
    /// Name and type.
    pub query: Query,
    /// The names that it is redirected to, in order, as far as they are known.
    pub chain: Vec<DomainName>,
}

/// What becomes of a query.
#[derive(Debug, Clone)]
pub struct DnsAnswer {
    /// The question.
    pub question: DnsQuestion,
    /// The verdict: [`Verdict::Unmatched`] also where DNS Firewall does not see the query.
    pub verdict: Verdict,
    /// All verdicts that are possible.
    pub possible: Verdicts,
    /// Whether DNS Firewall sees the query.
    pub filtered: Filtered,
    /// The rule that decides; `None` if none does, or if it is not certain which.
    pub rule: Option<DnsRule>,
    /// What becomes of its names one by one; empty where DNS Firewall does not see the query.
    pub names: Vec<DnsName>,
    /// What the answer depends on or takes for granted.
    pub why: Vec<Reason>,
}

/// What becomes of one name.
#[derive(Debug, Clone)]
pub struct DnsName {
    /// The name.
    pub name: DomainName,
    /// The verdict on it.
    pub verdict: Verdict,
    /// Rules that may take it, in order.
    pub takers: Vec<DnsRule>,
    /// Rules that were asked before and do not take it, in order, with the reason.
    pub passed: Vec<(DnsRule, Why)>,
}

/// A rule that takes a name, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRule {
    /// Id of its group.
    pub group: String,
    /// Name of its group.
    pub group_name: Option<String>,
    /// Its place in the group; `None` if it stands for rules that were not exported.
    pub priority: Option<i64>,
    /// Its name; of what stands for rules that were not exported, what is missing, in words.
    pub name: String,
    /// Id of its list or protection, if it has one.
    pub list: Option<String>,
    /// Name of its list, or what it detects.
    pub list_name: String,
    /// The entry by which its list has the name, as it is written.
    pub entry: Option<String>,
    /// What it does.
    pub action: dns::Action,
    /// Where it is written.
    pub location: Option<Location>,
    /// Where the entry is written.
    pub entry_location: Option<Location>,
}

impl DnsRule {
    /// What it is called, with this for its group.
    pub(crate) fn called(&self, group: &str) -> String {
        match self.priority {
            Some(priority) => format!("rule {priority} `{}` of {group}", self.name),
            None => "a rule that was not exported".to_owned(),
        }
    }
}

/// A question about DNS that cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DnsQuestionError {
    /// There is no such VPC.
    NoVpc(String),
    /// There is no VPC at all.
    NoVpcs,
    /// There is no such rule group.
    NoGroup(String),
    /// A wildcard, where a name stands for itself and all below it.
    Wildcard(String),
    /// The name is not one.
    Name(String, dns::NameError),
    /// The type is not one.
    Type(dns::QueryTypeError),
}

/// Whether DNS Firewall sees queries, and what is to be said of every answer.
#[derive(Debug, Clone, Copy)]
struct Seen<'n> {
    filtered: &'n Filtered,
    notes: &'n [String],
}

impl<'n> Seen<'n> {
    fn by(network: &'n DnsNetwork) -> Self {
        Self { filtered: &network.filtered, notes: &network.notes }
    }
}

impl fmt::Display for DnsQuestionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVpc(vpc) => write!(f, "there is no VPC `{vpc}` in the snapshot"),
            Self::NoVpcs => f.write_str("there is no VPC in the snapshot"),
            Self::NoGroup(group) => write!(f, "there is no rule group `{group}` in the snapshot"),
            Self::Wildcard(name) => {
                let suffix = name.trim_start_matches("*.");
                write!(f, "`{name}` is a wildcard; `{suffix}` stands for the name and all below it")
            }
            Self::Name(name, error) => write!(f, "`{name}` is not a domain name: {error}"),
            Self::Type(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DnsQuestionError {}

impl DnsQuestion {
    /// A question from its words.
    pub fn new(
        vpc: &str,
        name: &str,
        query_type: Option<&str>,
        chain: &[String],
    ) -> Result<Self, DnsQuestionError> {
        let parsed = |name: &str| {
            name.parse::<DomainName>().map_err(|error| DnsQuestionError::Name(name.to_owned(), error))
        };
        let query_type = query_type.unwrap_or("A").parse().map_err(DnsQuestionError::Type)?;
        Ok(Self {
            vpc: vpc.to_owned(),
            written: name.to_owned(),
            query: Query { name: parsed(name)?, query_type },
            chain: chain.iter().map(|name| parsed(name)).collect::<Result<_, _>>()?,
        })
    }
}

impl Analysis {
    /// Remarks about the snapshot that bear on DNS, sorted: without those about packets.
    pub fn dns_diagnostics(&self) -> Vec<Diagnostic> {
        let about_packets = |remark: &&Diagnostic| matches!(remark.code, "unknown" | "missing-table");
        let mut found: Vec<Diagnostic> =
            self.diagnostics().iter().filter(|remark| !about_packets(remark)).cloned().collect();
        found.extend(self.dns().diagnostics(self.snapshot()));
        found.sort();
        found.dedup();
        found
    }

    /// Remarks about the snapshot that bear on DNS or on packets, sorted.
    pub fn dns_bypass_diagnostics(&self) -> Vec<Diagnostic> {
        let mut found = self.diagnostics().to_vec();
        found.extend(self.dns().diagnostics(self.snapshot()));
        found.sort();
        found.dedup();
        found
    }

    /// What becomes of queries, in order. Cost: the firewalls of the VPCs in question once, and for each query a look at
    /// the labels of its names and at the rules.
    pub fn ask_dns(&self, questions: &[DnsQuestion]) -> Result<Vec<DnsAnswer>, DnsQuestionError> {
        let all = self.dns();
        let mut firewalls = std::collections::BTreeMap::<&str, (&DnsNetwork, Firewall<'_>)>::new();
        for question in questions {
            if !firewalls.contains_key(question.vpc.as_str()) {
                let network = all
                    .network(&question.vpc)
                    .ok_or_else(|| DnsQuestionError::NoVpc(question.vpc.clone()))?;
                let firewall = Firewall::new(all.lists(), network.stack.clone());
                firewalls.insert(&question.vpc, (network, firewall));
            }
        }
        let answers = questions.iter().filter_map(|question| {
            let (network, firewall) = firewalls.get(question.vpc.as_str())?;
            Some(self.dns_answer(all, question, Seen::by(network), firewall))
        });
        Ok(answers.collect())
    }

    fn dns_answer(
        &self,
        all: &DnsFirewalls,
        question: &DnsQuestion,
        seen: Seen<'_>,
        firewall: &Firewall<'_>,
    ) -> DnsAnswer {
        let (mut answer, names) = self.dns_brief(all, question, seen, firewall);
        answer.names = names.iter().map(|name| self.dns_name(all, firewall, name)).collect();
        answer
    }

    /// The answer without its names one by one, which come beside it.
    fn dns_brief(
        &self,
        all: &DnsFirewalls,
        question: &DnsQuestion,
        seen: Seen<'_>,
        firewall: &Firewall<'_>,
    ) -> (DnsAnswer, Vec<NameDecision>) {
        let mut answer = DnsAnswer {
            question: question.clone(),
            verdict: Verdict::Unmatched,
            possible: [Verdict::Unmatched].into_iter().collect(),
            filtered: seen.filtered.clone(),
            rule: None,
            names: Vec::new(),
            why: Vec::new(),
        };
        let reason = |text: &str| Reason { text: text.to_owned(), location: None };
        if let Filtered::No(why) = seen.filtered {
            answer.why.push(reason(why));
            return (answer, Vec::new());
        }
        let decision = firewall.decide(&question.query, &question.chain);
        answer.possible = decision.possible;
        if let Filtered::Perhaps(why) = seen.filtered {
            answer.possible = decision.possible.iter().chain([Verdict::Unmatched]).collect();
            answer.why.push(reason(why));
        }
        answer.verdict = answer.possible.verdict();
        if answer.verdict != Verdict::Depends {
            let rule = deciding(&decision).map(|taker| (taker.rule, taker.entry));
            let rule = rule.or_else(|| same_group(firewall, &decision));
            answer.rule = rule.map(|(rule, entry)| self.dns_rule(all, firewall, rule, entry));
        }
        if answer.rule.is_none() {
            answer.why.extend(self.dns_doubts(all, firewall, &decision, &question.chain));
        }
        if decision.proviso == Proviso::ChainPasses {
            answer.why.push(reason(CHAIN_PASSES));
        }
        answer.why.extend(seen.notes.iter().map(|note| reason(note)));
        (answer, decision.names)
    }

    fn dns_name(&self, all: &DnsFirewalls, firewall: &Firewall<'_>, name: &NameDecision) -> DnsName {
        let rule = |id, entry| self.dns_rule(all, firewall, id, entry);
        DnsName {
            name: name.name.clone(),
            verdict: name.verdict,
            takers: name.takers.iter().map(|taker| rule(taker.rule, taker.entry)).collect(),
            passed: name.passed.iter().map(|passed| (rule(passed.rule, None), passed.why)).collect(),
        }
    }

    pub(crate) fn dns_rule(
        &self,
        all: &DnsFirewalls,
        firewall: &Firewall<'_>,
        id: RuleId,
        entry: Option<dns::EntryId>,
    ) -> DnsRule {
        let (group, rule) = (firewall.group(id), firewall.rule(id));
        let known = group.and_then(|group| all.group(&group.id));
        let about = known.and_then(|known| known.rules.get(id.rule));
        let list_name = match rule.map(|rule| &rule.names) {
            Some(Names::List(list)) => all.list(*list).map(|list| list.name.clone()).unwrap_or_default(),
            Some(Names::Managed(name) | Names::Detector(name)) => name.clone(),
            None => String::new(),
        };
        let origin = about.and_then(|about| about.origin.as_ref());
        DnsRule {
            group: group.map(|group| group.id.clone()).unwrap_or_default(),
            group_name: known.and_then(|known| known.name.clone()),
            priority: rule.filter(|rule| !stands_for_others(all, rule)).map(|rule| rule.priority),
            name: rule.map(|rule| rule.name.clone()).unwrap_or_default(),
            list: about.and_then(|about| about.list.clone()),
            list_name,
            entry: entry.and_then(|entry| firewall.lists().text(entry)).map(str::to_owned),
            action: rule.map_or(dns::Action::Allow, |rule| rule.action.clone()),
            location: origin.map(|origin| self.locate_origin(origin)),
            entry_location: rule.zip(entry).and_then(|(rule, entry)| {
                let Names::List(list) = rule.names else { return None };
                let position = firewall.lists().entries(list).position(|other| other == entry)?;
                Some(self.locate_origin(all.list(list)?.origins.get(position)?))
            }),
        }
    }

    /// What the decision depends on, in words, each once.
    fn dns_doubts(
        &self,
        all: &DnsFirewalls,
        firewall: &Firewall<'_>,
        decision: &Decision,
        chain: &[DomainName],
    ) -> Vec<Reason> {
        let mut doubts: Vec<Reason> = Vec::new();
        for name in &decision.names {
            for taker in name
                .takers
                .iter()
                .filter(|_| name.deciding().is_none() || decision.verdict == Verdict::Depends)
            {
                for doubt in &taker.doubts {
                    for reason in self.dns_doubt(all, firewall, taker, *doubt) {
                        if !doubts.contains(&reason) {
                            doubts.push(reason);
                        }
                    }
                }
            }
        }
        if doubts.is_empty() && decision.verdict == Verdict::Depends && !chain.is_empty() {
            let text = "not documented of a chain: whether a rule that trusts redirections also keeps earlier rules from taking its names, and whether an alert on one of its names counts for a query that is allowed";
            doubts.push(Reason { text: text.to_owned(), location: None });
        }
        doubts
    }

    fn dns_doubt(
        &self,
        all: &DnsFirewalls,
        firewall: &Firewall<'_>,
        taker: &Taker,
        doubt: Doubt,
    ) -> Vec<Reason> {
        let rule = self.dns_rule(all, firewall, taker.rule, taker.entry);
        let said = |text: String| vec![Reason { text, location: rule.location.clone() }];
        let by = rule.called(&rule.group);
        match doubt {
            Doubt::Managed => said(format!(
                "{by} takes the names of managed list `{}`, which AWS does not show",
                rule.list_name
            )),
            Doubt::Detector => {
                said(format!("{by} takes what AWS's detector {} takes for a threat", rule.list_name))
            }
            Doubt::Unlisted(list) => match all.list(list) {
                Some(list) if list.stands_for_rules => {
                    vec![Reason { text: list.name.clone(), location: None }]
                }
                _ => {
                    let id = rule.list.as_deref().unwrap_or(&rule.list_name);
                    said(format!("{by} takes the names of {id}, which were not exported, or not all of them"))
                }
            },
            Doubt::Meaning(_) => {
                let entry = rule.entry.clone().unwrap_or_default();
                if entry.trim_end_matches('.') == "*" {
                    return said(format!(
                        "{by} has the entry `{entry}`: whether that takes the root name is not documented"
                    ));
                }
                said(format!("{by} has the entry `{entry}`: whether that takes this name is not documented"))
            }
            Doubt::State => {
                let known = firewall.group(taker.rule).and_then(|group| all.group(&group.id));
                let about = known.and_then(|known| known.rules.get(taker.rule.rule));
                let whys = about.map(|about| about.doubts.join(", and ")).unwrap_or_default();
                said(format!("{by} may not be in force: {whys}"))
            }
            Doubt::Association => {
                let association = firewall.stack().groups.get(taker.rule.group);
                let whys = association.map(|it| it.doubts.join(", and ")).unwrap_or_default();
                said(format!("{by} may not be in force: {whys}"))
            }
            // What stands for missing rules says so itself.
            Doubt::Redirection if rule.location.is_none() => Vec::new(),
            Doubt::Redirection => said(format!(
                "whether {by} has the names of a chain looked at is not known: its `FirewallDomainRedirectionAction` is not"
            )),
            Doubt::Order => said(format!(
                "how the rule groups of a Profile stand among others is not documented; {by} may stand before or after"
            )),
            Doubt::Trust => said(format!(
                "whether a rule that trusts redirections looks at the names of a chain is not documented; {by} trusts them"
            )),
            Doubt::Type => said(format!(
                "with which type the names of a redirection are looked at is not documented; {by} takes one type only"
            )),
        }
    }
}

/// Whether a rule stands for those that were not exported.
fn stands_for_others(all: &DnsFirewalls, rule: &dns::Rule) -> bool {
    let Names::List(list) = rule.names else { return false };
    all.list(list).is_some_and(|list| list.stands_for_rules)
}

/// The rule that decides, if it is certain: of the first name that is blocked, else of the first that alerts, else of the
/// query's own.
fn deciding(decision: &Decision) -> Option<&Taker> {
    let names = &decision.names;
    let named = names.iter().find(|name| name.verdict == decision.verdict).or(names.first())?;
    named.deciding()
}

/// The rule that decides by any of several associations of its group.
fn same_group(firewall: &Firewall<'_>, decision: &Decision) -> Option<(RuleId, Option<dns::EntryId>)> {
    let name =
        decision.names.iter().find(|name| name.verdict == decision.verdict).or(decision.names.first())?;
    let first = name.takers.first().filter(|_| !name.unmatched)?;
    let place = |taker: &Taker| Some((&firewall.group(taker.rule)?.id, taker.rule.rule));
    let same = name.takers.iter().all(|taker| place(taker) == place(first));
    same.then_some((first.rule, first.entry))
}
