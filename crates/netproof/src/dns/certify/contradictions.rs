//! A second opinion on contradictions between DNS Firewall and domain lists of Network Firewall.

use aws::{DomainAction, DomainFilter, DomainRest};
use dns::{DomainName, Firewall, Query, Stack};
use search::Condition;

use super::{Opinion, judged};
use crate::{
    Analysis, DnsContradictionKind, DnsDomains, Holds,
    dns::{
        domains::{ADDRESSES, looks_at},
        encoding::{Encoding, is_blocked},
    },
};

/// What is said: `None` that there is no contradiction, otherwise that this query shows one of this kind.
type Said = Option<(Query, DnsContradictionKind)>;

/// What domain lists do: whether in strict order, whether the rest is dropped, and what each list does to what.
type Content<'f> = (bool, bool, Vec<(DomainAction, Vec<&'f str>)>);

/// What was put to the solver, and what it makes of that.
struct Known<'k> {
    stack: &'k Stack,
    lists: Content<'k>,
    said: Vec<Said>,
    opinions: Vec<Opinion>,
}

impl Analysis {
    /// What the solver makes of every VPC and firewall without a contradiction, and of every certain one that is shown.
    pub(super) fn opinions_on_domains(&self, domains: &DnsDomains, opinions: &mut Vec<(String, Opinion)>) {
        let (filters, _) = DomainFilter::all(self.inventory());
        // Of VPCs with equal rule groups and lists one is put to the solver.
        let mut known: Vec<Known<'_>> = Vec::new();
        for compared in &domains.compared {
            let (Some(network), Some(filter)) =
                (self.dns().network(&compared.vpc), filters.get(compared.filter))
            else {
                continue;
            };
            let said: Vec<Said> = match compared.holds {
                Holds::Unknown => continue,
                Holds::Yes => vec![None],
                Holds::No => {
                    let certain = compared.contradictions.iter().filter(|it| it.holds == Holds::No);
                    certain.map(|it| Some((it.answer.question.query.clone(), it.kind))).collect()
                }
            };
            let protocol = compared.protocols.first().map(String::as_str).unwrap_or_default();
            let lists = content(filter, protocol);
            let same = |it: &Known<'_>| *it.stack == network.stack && it.lists == lists && it.said == said;
            let place = known.iter().position(same).unwrap_or_else(|| {
                let firewall = Firewall::new(self.dns().lists(), network.stack.clone());
                let opinions = opinions_on_contradictions(&firewall, (filter, protocol), &said);
                known.push(Known { stack: &network.stack, lists, said: said.clone(), opinions });
                known.len() - 1
            });
            let Some(known) = known.get(place) else { continue };
            for (said, opinion) in said.iter().zip(&known.opinions) {
                let what = format!(
                    "{} and firewall {} ({}): {}",
                    compared.vpc,
                    compared.firewall,
                    compared.protocols.join(", "),
                    words(said.as_ref())
                );
                opinions.push((what, opinion.clone()));
            }
        }
    }
}

fn content<'f>(filter: &'f DomainFilter, protocol: &str) -> Content<'f> {
    let groups = filter.groups.iter().filter(|group| looks_at(group, protocol));
    let groups = groups.map(|it| (it.action, it.targets.iter().map(|(text, _)| text.as_str()).collect()));
    (filter.is_strict, matches!(filter.rest, DomainRest::Drops { .. }), groups.collect())
}

fn words(said: Option<&(Query, DnsContradictionKind)>) -> String {
    match said {
        None => "no contradiction".to_owned(),
        Some((query, DnsContradictionKind::ResolvedButDropped)) => format!("{query} resolves and is dropped"),
        Some((query, DnsContradictionKind::BlockedButPassed)) => format!("{query} is blocked and passes"),
    }
}

/// Whether these contradict each other for no name, or for those of these queries, each as its kind says, whatever is
/// unknown. A name is blocked if all queries for its addresses are. The root name is left out.
fn opinions_on_contradictions(
    firewall: &Firewall<'_>,
    (filter, protocol): (&DomainFilter, &str),
    said: &[Said],
) -> Vec<Opinion> {
    let queries: Vec<&Query> = said.iter().flatten().map(|(query, _)| query).collect();
    let encoded = Encoding::with_domains(firewall, (filter, protocol), &queries).and_then(|mut encoding| {
        let mut blocked = Vec::new();
        for query_type in ADDRESSES {
            let rows = encoding.rows_of_type(firewall, "", query_type)?;
            blocked.push((query_type, is_blocked(&rows)));
        }
        let dropped = encoding.is_dropped(filter, protocol)?;
        Ok((encoding, blocked, dropped))
    });
    let (encoding, blocked, dropped) = match encoded {
        Ok(encoded) => encoded,
        Err(why) => return said.iter().map(|_| Opinion::Open(why)).collect(),
    };
    let all_blocked = Condition::all(blocked.iter().map(|(_, blocked)| blocked.clone()));
    let named = encoding.exactly(&DomainName::root()).opposite();
    let mut solver = encoding.solver();
    let opinion = |said: &Said| {
        let claim = words(said.as_ref());
        let Some((query, kind)) = said else {
            let one_only = Condition::any([
                Condition::all([all_blocked.clone(), dropped.clone().opposite()]),
                Condition::all([all_blocked.clone().opposite(), dropped.clone()]),
            ]);
            let open = Condition::all([named.clone(), one_only]);
            return judged(&encoding, &mut solver, &[(open, false)], &claim);
        };
        let shown = match kind {
            DnsContradictionKind::BlockedButPassed => {
                Condition::all([all_blocked.clone(), dropped.clone().opposite()])
            }
            DnsContradictionKind::ResolvedButDropped => {
                let asked = blocked.iter().filter(|(query_type, _)| *query_type == query.query_type);
                let resolves = asked.map(|(_, blocked)| blocked.clone().opposite());
                Condition::all([Condition::any(resolves), dropped.clone()])
            }
        };
        let asked = Condition::all([encoding.exactly(&query.name), named.clone()]);
        let questions = [(asked.clone(), true), (Condition::all([asked, shown.opposite()]), false)];
        judged(&encoding, &mut solver, &questions, &claim)
    };
    said.iter().map(opinion).collect()
}

#[cfg(test)]
mod tests;
