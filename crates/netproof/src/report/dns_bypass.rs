//! Whether anything gets by DNS Firewall, as a document.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    certification::CertificationDocument,
    dns_check::word,
    document::{EndDocument, ReasonDocument, SCHEMA_VERSION},
    remark::{DiagnosticDocument, documents},
    verify::WitnessDocument,
};
use crate::{
    Analysis, Certification, DnsBypass, DnsTransport, DnsWay, Filtered, Holds, Verdict, dns::family_word,
};

/// What `netproof dns bypass --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "netproof dns bypass")]
pub struct DnsBypassDocument {
    /// Version of this form.
    schema_version: u32,
    /// Over all VPCs: `holds` (nothing gets by), `fails` (something does) or `unknown`.
    verdict: &'static str,
    /// The VPCs, in the order asked.
    vpcs: Vec<VpcEntry>,
    /// Remarks about the snapshot, the gravest first.
    diagnostics: Vec<DiagnosticDocument>,
    /// Which verdicts about ways are certified.
    certification: CertificationDocument,
}

/// Whether anything in a VPC gets by DNS Firewall.
#[derive(Debug, Serialize, JsonSchema)]
struct VpcEntry {
    vpc: String,
    /// `holds` (nothing gets by), `fails` or `unknown`.
    verdict: &'static str,
    /// Whether DNS Firewall sees what the resolver of the VPC is asked; also `true` where it only may: then `why` says so.
    filtered: bool,
    /// Why it does not, or perhaps not; what was left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<ReasonDocument>,
    /// Every transport, IPv4 before IPv6.
    ways: Vec<WayEntry>,
}

/// How one kind of DNS fares that is sent to anywhere but the resolver of the VPC.
#[derive(Debug, Serialize, JsonSchema)]
struct WayEntry {
    /// `dns-udp`, `dns-tcp`, `dns-tls`, `dns-quic`, `dns-https` or `dns-http3`.
    transport: &'static str,
    /// `ipv4` or `ipv6`.
    family: String,
    /// `udp` or `tcp`.
    protocol: &'static str,
    port: u16,
    /// `reachable` (a resolver elsewhere can be asked), `unreachable` or `unknown`.
    verdict: &'static str,
    /// How many network interfaces of the VPC reach one.
    interfaces: usize,
    /// For `reachable`: one of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<EndDocument>,
    /// For `reachable`: where its packet leaves the network, or arrives in another VPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<EndDocument>,
    /// For `reachable`: its packet.
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<WitnessDocument>,
    /// For `unreachable` and `unknown`: what stops packets, or what is missing; the most telling first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<ReasonDocument>,
}

impl DnsBypassDocument {
    /// The document for these VPCs, in their order.
    pub fn new(analysis: &Analysis, found: &[DnsBypass], certification: &Certification) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            verdict: word(dns_bypass_holds(found)),
            vpcs: found.iter().map(|it| VpcEntry::new(analysis, it)).collect(),
            diagnostics: documents(&analysis.dns_bypass_diagnostics()),
            certification: CertificationDocument::from(certification),
        }
    }
}

/// Over all VPCs: [`Holds::No`] if anything gets by in any.
pub fn dns_bypass_holds(found: &[DnsBypass]) -> Holds {
    let all: Vec<Holds> = found.iter().map(DnsBypass::holds).collect();
    [Holds::No, Holds::Unknown].into_iter().find(|it| all.contains(it)).unwrap_or(Holds::Yes)
}

impl VpcEntry {
    fn new(analysis: &Analysis, found: &DnsBypass) -> Self {
        let (filtered, why) = match &found.filtered {
            Filtered::Yes => (true, None),
            Filtered::Perhaps(why) => (true, Some(why)),
            Filtered::No(why) => (false, Some(why)),
        };
        let why = why.map(|text| crate::Reason { text: text.clone(), location: None });
        Self {
            vpc: found.vpc.clone(),
            verdict: word(found.holds()),
            filtered,
            why: why.iter().chain(&found.notes).map(ReasonDocument::from).collect(),
            ways: found.ways.iter().map(|way| WayEntry::new(analysis, way)).collect(),
        }
    }
}

/// The protocol in a word.
pub(super) fn protocol_word(transport: DnsTransport) -> &'static str {
    if transport.protocol() == 6 { "tcp" } else { "udp" }
}

impl WayEntry {
    fn new(analysis: &Analysis, way: &DnsWay) -> Self {
        let answered = &way.answered;
        let witness = answered.witness.as_deref().filter(|_| answered.verdict == Verdict::Reachable);
        let end = |node| analysis.graph().node(node).resource.map(|id| EndDocument::new(analysis, id));
        Self {
            transport: way.transport.name(),
            family: family_word(way.family).to_lowercase(),
            protocol: protocol_word(way.transport),
            port: way.transport.port(),
            verdict: answered.verdict.name(),
            interfaces: way.interfaces,
            source: witness.and_then(|witness| end(witness.forward.start)),
            destination: witness.and_then(|witness| end(witness.forward.end)),
            witness: witness.map(|witness| WitnessDocument::new(analysis, witness)),
            why: answered.reasons.iter().map(ReasonDocument::from).collect(),
        }
    }
}
