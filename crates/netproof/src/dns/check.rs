//! What is to hold for all names: walled gardens and deny lists.

use aws::{DnsNetwork, Filtered};
use dns::{DomainName, Firewall, NameSet, Proof, Query, QueryType, Stack, Verdict};

use super::{DnsAnswer, DnsQuestion, DnsQuestionError, Seen};
use crate::{Analysis, Holds, Reason};

/// What is to hold for all names and types that are asked for from a VPC. A name stands for itself and all below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DnsClaim {
    /// Nothing outside these names is answered: a walled garden. The root name is left out, as whether `*` takes it is
    /// not documented.
    OnlyAllow(Vec<DomainName>),
    /// Everything within these names is blocked.
    Deny(Vec<DomainName>),
}

/// What a claim about queries does not say.
const OTHER_RESOLVERS: &str = "this is about what the VPC's resolver is asked; whether anything in the VPC can ask another, `netproof dns bypass` says";

/// Whether a claim holds for a VPC.
#[derive(Debug, Clone)]
pub struct DnsClaimResult {
    /// The claim.
    pub claim: DnsClaim,
    /// The VPC, as it was named.
    pub vpc: String,
    /// Whether it holds.
    pub holds: Holds,
    /// If it does not, a query that is not blocked; if that is unknown, a query that may not be.
    pub example: Option<DnsAnswer>,
    /// If it holds, what that takes for granted.
    pub why: Vec<Reason>,
}

impl DnsClaim {
    /// A walled garden, from words.
    pub fn only_allow(names: &[String]) -> Result<Self, DnsQuestionError> {
        parsed(names).map(Self::OnlyAllow)
    }

    /// A deny list, from words.
    pub fn deny(names: &[String]) -> Result<Self, DnsQuestionError> {
        parsed(names).map(Self::Deny)
    }

    /// The names that have to be blocked.
    fn names(&self) -> NameSet {
        let (Self::OnlyAllow(suffixes) | Self::Deny(suffixes)) = self;
        let mut names = NameSet::empty();
        for suffix in suffixes {
            names.insert_name(suffix);
            names.insert_below(suffix);
        }
        match self {
            Self::OnlyAllow(_) => names.union(&NameSet::exactly(&DomainName::root())).complement(),
            Self::Deny(_) => names,
        }
    }
}

impl Analysis {
    /// Whether claims hold for VPCs, claim by claim; for every VPC of the snapshot if none is named.
    ///
    /// Exact, for all names and types. Cost: linear in the names of lists, for every claim and every stack of rule
    /// groups, however many VPCs have it.
    pub fn check_dns(
        &self,
        vpcs: &[String],
        claims: &[DnsClaim],
    ) -> Result<Vec<DnsClaimResult>, DnsQuestionError> {
        let networks = self.dns_networks(vpcs)?;
        let mut results = Vec::new();
        for claim in claims {
            let names = claim.names();
            let mut proofs: Vec<(&Stack, Firewall<'_>, Proof)> = Vec::new();
            for (vpc, network) in &networks {
                let known = proofs.iter().position(|(stack, ..)| **stack == network.stack);
                let place = known.unwrap_or_else(|| {
                    let firewall = Firewall::new(self.dns().lists(), network.stack.clone());
                    let proof = firewall.blocks_all(&names);
                    proofs.push((&network.stack, firewall, proof));
                    proofs.len() - 1
                });
                let Some((_, firewall, proof)) = proofs.get(place) else { continue };
                results.push(self.claimed(claim, &names, vpc, network, firewall, proof));
            }
        }
        Ok(results)
    }

    /// The VPCs of these names, or all.
    pub(super) fn dns_networks(
        &self,
        vpcs: &[String],
    ) -> Result<Vec<(String, &DnsNetwork)>, DnsQuestionError> {
        let all = self.dns();
        if vpcs.is_empty() {
            let networks: Vec<_> =
                all.networks().iter().map(|network| (network.vpc.id().to_owned(), network)).collect();
            return if networks.is_empty() { Err(DnsQuestionError::NoVpcs) } else { Ok(networks) };
        }
        let named = vpcs.iter().map(|vpc| {
            let network = all.network(vpc).ok_or_else(|| DnsQuestionError::NoVpc(vpc.clone()))?;
            Ok((vpc.clone(), network))
        });
        named.collect()
    }

    fn claimed(
        &self,
        claim: &DnsClaim,
        names: &NameSet,
        vpc: &str,
        network: &DnsNetwork,
        firewall: &Firewall<'_>,
        proof: &Proof,
    ) -> DnsClaimResult {
        let query = shown(&network.filtered, proof, names);
        let example = query.map(|query| {
            self.dns_answer(self.dns(), &DnsQuestion::of(vpc, query), Seen::by(network), firewall)
        });
        // A claim fails only if the name by itself confirms it.
        let holds = match &example {
            None => Holds::Yes,
            Some(example) if example.possible.contains(Verdict::Block) => Holds::Unknown,
            Some(_) => Holds::No,
        };
        let notes = network.notes.iter().map(String::as_str).chain([OTHER_RESOLVERS]);
        let notes = notes.filter(|_| holds == Holds::Yes);
        let why = notes.map(|note| Reason { text: note.to_owned(), location: None }).collect();
        DnsClaimResult { claim: claim.clone(), vpc: vpc.to_owned(), holds, example, why }
    }
}

/// A query that shows that a proof about these names does not hold, or may not, given whether queries are seen at all.
pub(super) fn shown(filtered: &Filtered, proof: &Proof, names: &NameSet) -> Option<Query> {
    let any = || names.witness().map(|name| Query { name, query_type: QueryType::A });
    match (filtered, proof) {
        (Filtered::No(_), _) | (Filtered::Perhaps(_), Proof::Holds) => any(),
        (Filtered::Yes, Proof::Holds) => None,
        (_, Proof::Fails(example) | Proof::Unknown(example)) => Some(example.query.clone()),
    }
}

impl DnsQuestion {
    /// The question that a query is.
    pub(super) fn of(vpc: &str, query: Query) -> Self {
        Self { vpc: vpc.to_owned(), written: query.name.to_string(), query, chain: Vec::new() }
    }
}

fn parsed(names: &[String]) -> Result<Vec<DomainName>, DnsQuestionError> {
    let parsed = |name: &String| {
        if name.starts_with('*') {
            return Err(DnsQuestionError::Wildcard(name.clone()));
        }
        name.parse().map_err(|error| DnsQuestionError::Name(name.clone(), error))
    };
    names.iter().map(parsed).collect()
}
