//! A second opinion on answers about all names: small firewalls are put to Z3, if it is built in.

#[cfg(feature = "z3")]
mod contradictions;

#[cfg(feature = "z3")]
use dns::{Firewall, Proof, Query, Wins};

use super::{DnsClaimResult, DnsComparison, DnsDomains, DnsIdle, DnsQuestionError};
use crate::{Analysis, Certification};
#[cfg(feature = "z3")]
use {
    super::{
        DnsClaim,
        encoding::{Encoding, is_blocked, is_same, is_taken},
    },
    crate::{Certified, Holds, Uncertified, solver},
    aws::Filtered,
    search::{Condition, FiniteSolver},
};

/// What was found about all names, to be confirmed.
#[derive(Debug, Clone, Copy, Default)]
pub struct DnsFound<'c> {
    /// Claims.
    pub claims: &'c [DnsClaimResult],
    /// Comparisons, the second side in the other snapshot if there is one.
    pub comparisons: &'c [DnsComparison],
    /// Whether rules never decide.
    pub idle: Option<&'c DnsIdle>,
    /// Contradictions with domain lists of Network Firewall.
    pub domains: Option<&'c DnsDomains>,
}

/// What the solver makes of a verdict.
#[cfg(feature = "z3")]
#[derive(Debug, Clone, PartialEq, Eq)]
enum Opinion {
    Confirmed,
    Open(&'static str),
    Refuted(String),
}

impl Analysis {
    /// Has what was found confirmed by a solver, as far as there is one: that claims hold or fail as their examples show,
    /// that compared sides do the same or differ as shown, that rules decide or never do, that there is no contradiction
    /// with domain lists of Network Firewall or that those shown are some.
    ///
    /// Only firewalls with few entries are put to it. An unknown answer is no verdict.
    #[cfg(feature = "z3")]
    pub fn certify_dns(
        &self,
        other: Option<&Analysis>,
        vpcs: &[String],
        found: DnsFound<'_>,
    ) -> Result<Certification, DnsQuestionError> {
        let mut opinions = self.opinions_on_claims(found.claims);
        for comparison in found.comparisons {
            self.opinions_on(other.unwrap_or(self), comparison, &mut opinions)?;
        }
        if found.idle.is_some() {
            self.opinions_on_rules(vpcs, &mut opinions)?;
        }
        if let Some(domains) = found.domains {
            self.opinions_on_domains(domains, &mut opinions);
        }
        let mut certified = Certified { solver: solver().unwrap_or_default(), ..Certified::default() };
        for (what, opinion) in opinions {
            certified.verdicts += 1;
            match opinion {
                Opinion::Confirmed => certified.certified += 1,
                Opinion::Open(why) => certified.open.push(Uncertified { what, why: why.to_owned() }),
                Opinion::Refuted(why) => certified.refuted.push(Uncertified { what, why }),
            }
        }
        Ok(Certification::Done(certified))
    }

    /// There is none.
    #[cfg(not(feature = "z3"))]
    pub fn certify_dns(
        &self,
        _: Option<&Analysis>,
        _: &[String],
        _: DnsFound<'_>,
    ) -> Result<Certification, DnsQuestionError> {
        Ok(Certification::NoSolver)
    }
}

/// A question that was put to the solver, and what it makes of it.
#[cfg(feature = "z3")]
type Known<'k> = (&'k dns::Stack, &'k DnsClaim, Proof, Opinion);

#[cfg(feature = "z3")]
impl Analysis {
    fn opinions_on_claims(&self, claims: &[DnsClaimResult]) -> Vec<(String, Opinion)> {
        let mut opinions = Vec::new();
        // Of VPCs with equal rule groups one is put to the solver.
        let mut known: Vec<Known<'_>> = Vec::new();
        for result in claims {
            let Some(network) = self.dns().network(&result.vpc) else { continue };
            if result.holds == Holds::Unknown || matches!(network.filtered, Filtered::No(_)) {
                continue;
            }
            let query = result.example.as_ref().map(|example| &example.question.query);
            let firewall = || Firewall::new(self.dns().lists(), network.stack.clone());
            let proof = match query {
                None => Proof::Holds,
                Some(query) => {
                    let decision = firewall().decide(query, &[]);
                    Proof::Fails(Box::new(dns::Example { query: query.clone(), decision }))
                }
            };
            let same = |(stack, claim, other, _): &&Known<'_>| {
                **stack == network.stack && **claim == result.claim && *other == proof
            };
            let opinion = known.iter().find(same).map(|(.., opinion)| opinion.clone());
            let opinion = opinion.unwrap_or_else(|| {
                let opinion = opinion_on_claim(&firewall(), &result.claim, &proof);
                known.push((&network.stack, &result.claim, proof, opinion.clone()));
                opinion
            });
            let (word, names) = match &result.claim {
                DnsClaim::OnlyAllow(names) => ("nothing outside", names),
                DnsClaim::Deny(names) => ("nothing within", names),
            };
            let names: Vec<String> = names.iter().take(3).map(ToString::to_string).collect();
            opinions.push((format!("{}: {word} {} resolves", result.vpc, names.join(", ")), opinion));
        }
        opinions
    }

    /// What the solver makes of a comparison and of each difference that is shown and certain.
    fn opinions_on(
        &self,
        other: &Analysis,
        comparison: &DnsComparison,
        opinions: &mut Vec<(String, Opinion)>,
    ) -> Result<(), DnsQuestionError> {
        let (ours, theirs) = (self.dns_side(&comparison.first)?, other.dns_side(&comparison.second)?);
        let what = format!("{} and {}", comparison.first.name(), comparison.second.name());
        let certain = comparison.differences.iter().filter(|it| it.same == Holds::No);
        let queries: Vec<&Query> = certain.map(|it| &it.first.question.query).collect();
        if comparison.holds == Holds::Unknown {
            return Ok(());
        }
        for (stack, other_stack) in ours.pairs(&theirs) {
            let one = Firewall::new(self.dns().lists(), stack.clone());
            let two = Firewall::new(other.dns().lists(), other_stack.clone());
            if comparison.holds == Holds::Yes {
                opinions.push((format!("{what}: the same"), opinion_on_comparison(&one, &two, None)));
            }
            for query in &queries {
                let opinion = opinion_on_comparison(&one, &two, Some(query));
                opinions.push((format!("{what}: {query} differs"), opinion));
            }
        }
        Ok(())
    }

    /// What the solver makes of every rule that decides a query, or none.
    fn opinions_on_rules(
        &self,
        vpcs: &[String],
        opinions: &mut Vec<(String, Opinion)>,
    ) -> Result<(), DnsQuestionError> {
        let networks = self.dns_networks(vpcs)?;
        let mut seen: Vec<&dns::Stack> = Vec::new();
        for (vpc, network) in &networks {
            if matches!(network.filtered, Filtered::No(_)) || seen.contains(&&network.stack) {
                continue;
            }
            seen.push(&network.stack);
            let firewall = Firewall::new(self.dns().lists(), network.stack.clone());
            for (rule, opinion) in opinions_on_uses(&firewall) {
                let rule = self.dns_rule(self.dns(), &firewall, rule, None);
                opinions.push((format!("{vpc}: {}", rule.called(&rule.group)), opinion));
            }
        }
        Ok(())
    }
}

/// Whether a question and its answer agree with the solver, which says whether a condition can hold.
#[cfg(feature = "z3")]
fn judged(
    encoding: &Encoding,
    solver: &mut FiniteSolver,
    questions: &[(Condition, bool)],
    said: &str,
) -> Opinion {
    for (condition, expected) in questions {
        match solver.can_hold(&Condition::all([encoding.is_name(), condition.clone()])) {
            None => return Opinion::Open(search::WORK_LIMIT),
            Some(can) if can == *expected => {}
            Some(true) => {
                return Opinion::Refuted(format!("{said}, but Z3 finds a query that says otherwise"));
            }
            Some(false) => return Opinion::Refuted(format!("{said}, but Z3 says that its example is none")),
        }
    }
    Opinion::Confirmed
}

#[cfg(feature = "z3")]
fn opinion_on_claim(firewall: &Firewall<'_>, claim: &DnsClaim, proof: &Proof) -> Opinion {
    let (DnsClaim::OnlyAllow(names) | DnsClaim::Deny(names)) = claim;
    let query = match proof {
        Proof::Holds => None,
        Proof::Fails(example) => Some(&example.query),
        Proof::Unknown(_) => return Opinion::Open("it depends on what is not known"),
    };
    let queries: Vec<&Query> = query.into_iter().collect();
    let encoded = Encoding::new(&[firewall], names, &queries).and_then(|mut encoding| {
        let rows = encoding.rows(firewall, "")?;
        Ok((encoding, rows))
    });
    let (encoding, rows) = match encoded {
        Ok(encoded) => encoded,
        Err(why) => return Opinion::Open(why),
    };
    let within = Condition::any(names.iter().map(|name| encoding.within(name)));
    let members = match claim {
        DnsClaim::OnlyAllow(_) => {
            Condition::all([within.opposite(), encoding.exactly(&dns::DomainName::root()).opposite()])
        }
        DnsClaim::Deny(_) => within,
    };
    let blocked = is_blocked(&rows);
    match query {
        None => {
            let open = Condition::all([members, blocked.opposite()]);
            judged(&encoding, &mut encoding.solver(), &[(open, false)], "all of these queries are blocked")
        }
        Some(query) => {
            let asked = encoding.asked(query);
            let questions =
                [(Condition::all([asked.clone(), members]), true), (Condition::all([asked, blocked]), false)];
            judged(
                &encoding,
                &mut encoding.solver(),
                &questions,
                &format!("{query} is one of these and not blocked"),
            )
        }
    }
}

/// Whether two do the same to every query, or do not to this one.
#[cfg(feature = "z3")]
fn opinion_on_comparison(one: &Firewall<'_>, two: &Firewall<'_>, query: Option<&Query>) -> Opinion {
    let queries: Vec<&Query> = query.into_iter().collect();
    let sides = if std::ptr::eq(one.lists(), two.lists()) { ["", ""] } else { ["first", "second"] };
    let [first, second] = sides;
    let encoded = Encoding::new(&[one, two], &[], &queries).and_then(|mut encoding| {
        let rows = (encoding.rows(one, first)?, encoding.rows(two, second)?);
        Ok((encoding, rows))
    });
    let (encoding, (ours, theirs)) = match encoded {
        Ok(encoded) => encoded,
        Err(why) => return Opinion::Open(why),
    };
    let same = is_same(&ours, &theirs);
    match query {
        None => judged(
            &encoding,
            &mut encoding.solver(),
            &[(same.opposite(), false)],
            "both do the same to every query",
        ),
        Some(query) => {
            let asked = encoding.asked(query);
            let questions = [(asked.clone(), true), (Condition::all([asked, same]), false)];
            judged(
                &encoding,
                &mut encoding.solver(),
                &questions,
                &format!("both do not do the same to {query}"),
            )
        }
    }
}

/// For every rule that surely decides some query, or surely none, what the solver makes of that.
#[cfg(feature = "z3")]
fn opinions_on_uses(firewall: &Firewall<'_>) -> Vec<(dns::RuleId, Opinion)> {
    let uses = firewall.rule_uses();
    let queries = uses.iter().filter_map(|it| match &it.wins {
        Wins::Surely(query) => Some(query),
        Wins::Perhaps(_) | Wins::Never => None,
    });
    let queries: Vec<&Query> = queries.collect();
    let encoded = Encoding::new(&[firewall], &[], &queries).and_then(|mut encoding| {
        let rows = encoding.rows(firewall, "")?;
        Ok((encoding, rows))
    });
    let certain = uses.iter().filter(|it| !matches!(it.wins, Wins::Perhaps(_)));
    let opinion = |it: &dns::RuleUse| {
        let (encoding, rows) = match &encoded {
            Ok(encoded) => encoded,
            Err(why) => return Opinion::Open(why),
        };
        let taken = is_taken(rows, it.rule);
        match &it.wins {
            Wins::Surely(query) => {
                let other = Condition::all([encoding.asked(query), taken.opposite()]);
                let questions = [(encoding.asked(query), true), (other, false)];
                judged(encoding, &mut encoding.solver(), &questions, &format!("the rule decides {query}"))
            }
            Wins::Never | Wins::Perhaps(_) => {
                judged(encoding, &mut encoding.solver(), &[(taken, false)], "the rule decides no query")
            }
        }
    };
    certain.map(|it| (it.rule, opinion(it))).collect()
}

#[cfg(all(test, feature = "z3"))]
mod tests;
