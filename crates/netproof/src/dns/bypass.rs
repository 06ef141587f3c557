//! Whether anything in a VPC can ask resolvers that DNS Firewall does not see.
//!
//! DNS Firewall sees what is asked of the resolver of its VPC. Whoever in the VPC can get DNS to any other resolver gets
//! by it: on the internet, behind a VPN or Direct Connect, or in another VPC.
//!
//! SOURCE: Route 53 developer guide, "How DNS Firewall works"; VPC user guide, "Amazon DNS server" (the resolver has the
//! base of the VPC's first block plus two, 169.254.169.253 and fd00:ec2::253; neither security groups nor network ACLs
//! nor Network Firewall see what is sent there); RFC 1035 4.2 (port 53 of UDP and TCP), RFC 7858 (853 of TCP), RFC 9250
//! (853 of UDP), RFC 8484 and RFC 9114 (443 of TCP and UDP) (checked 2026-11-27).
//! GAP: other resolvers in the same VPC count as inside: what they ask in turn is judged as what they send. What they
//! ask the resolver of the VPC, DNS Firewall sees.
//! GAP: resolvers in another VPC count as outside, even where that VPC has a DNS Firewall of its own.
//! GAP: what a service behind an interface endpoint is, if it is neither in the snapshot nor one of AWS's, is not known.
//! GAP: DNS over HTTPS is looked for at known addresses only; DNS at other ports, in tunnels and through proxies is not.
//! GAP: where Network Firewall would recognise DNS by what packets hold, the answer is unknown, as for any question.

use std::collections::BTreeSet;

use aws::{DnsNetwork, Filtered};
use graph::{FinishedEnd, ForwardingGraph, NodeId, ResourceId, World};
use headerspace::{Family, Field, Match};
use ipnet::{IpNet, Ipv6Net};
use scope::selection;
use search::{Answer, Blocked, Direction, Engine, Exception, PathQuery, Replies, Sets};

use super::resolvers::PublicResolver;
use crate::{
    Analysis, Answered, DnsQuestionError, Holds, Judge, Reason, Verdict,
    analysis::unknown,
    question::{arriving, departing, opening},
};

/// How DNS is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DnsTransport {
    /// UDP, port 53.
    Udp,
    /// TCP, port 53.
    Tcp,
    /// TLS over TCP, port 853.
    Tls,
    /// QUIC over UDP, port 853.
    Quic,
    /// HTTPS over TCP, port 443 of known resolvers.
    Https,
    /// HTTP/3 over UDP, port 443 of known resolvers.
    Http3,
}

/// How one kind of DNS fares that is sent by a VPC's interfaces to anywhere but the resolver of the VPC.
#[derive(Debug, Clone)]
pub struct DnsWay {
    /// How DNS is carried.
    pub transport: DnsTransport,
    /// IPv4 or IPv6.
    pub family: Family,
    /// Whether it gets out, with an example or the reasons.
    pub answered: Answered,
    /// How many network interfaces of the VPC have such packets that get out.
    pub interfaces: usize,
}

/// Whether anything in a VPC gets by DNS Firewall.
#[derive(Debug, Clone)]
pub struct DnsBypass {
    /// The VPC, as it was named.
    pub vpc: String,
    /// Whether DNS Firewall sees what is asked of the VPC's resolver.
    pub filtered: Filtered,
    /// Every transport, IPv4 before IPv6.
    pub ways: Vec<DnsWay>,
    /// What is to be said of all of them.
    pub notes: Vec<Reason>,
}

impl DnsTransport {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Udp, Self::Tcp, Self::Tls, Self::Quic, Self::Https, Self::Http3];

    /// The word used in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "dns-udp",
            Self::Tcp => "dns-tcp",
            Self::Tls => "dns-tls",
            Self::Quic => "dns-quic",
            Self::Https => "dns-https",
            Self::Http3 => "dns-http3",
        }
    }

    /// The words used in text.
    pub fn words(self) -> &'static str {
        match self {
            Self::Udp => "DNS over UDP",
            Self::Tcp => "DNS over TCP",
            Self::Tls => "DNS over TLS",
            Self::Quic => "DNS over QUIC",
            Self::Https => "DNS over HTTPS",
            Self::Http3 => "DNS over HTTP/3",
        }
    }

    /// The port of the resolver.
    pub fn port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => 53,
            Self::Tls | Self::Quic => 853,
            Self::Https | Self::Http3 => 443,
        }
    }

    /// IANA number of the protocol that carries it.
    pub fn protocol(self) -> u8 {
        match self {
            Self::Tcp | Self::Tls | Self::Https => 6,
            Self::Udp | Self::Quic | Self::Http3 => 17,
        }
    }

    /// Whether it is looked for at known addresses only.
    pub fn needs_known_address(self) -> bool {
        matches!(self, Self::Https | Self::Http3)
    }

    /// What packets of it are like as they are sent.
    fn packets(self) -> Match {
        let mut parts =
            vec![Match::protocol(self.protocol()), Match::ports(Field::DstPort, self.port()..=self.port())];
        if self.needs_known_address() {
            let known = PublicResolver::ALL.iter().flat_map(PublicResolver::nets);
            parts.push(Match::dst_any_of(known.flat_map(|net| [Some(net), translated(net)]).flatten()));
        }
        Match::all_of(parts)
    }

    /// What has to get through. A query over UDP that gets out has told what it holds, answered or not; all others say
    /// nothing before a handshake, which takes replies.
    fn direction(self) -> Direction {
        if self == Self::Udp { Direction::Forward } else { Direction::RoundTrip }
    }
}

impl DnsBypass {
    /// Whether nothing gets by: [`Holds::No`] also where DNS Firewall does not see what the VPC's resolver is asked.
    pub fn holds(&self) -> Holds {
        let has = |verdict| self.ways.iter().any(|way| way.answered.verdict == verdict);
        match &self.filtered {
            Filtered::No(_) => Holds::No,
            _ if has(Verdict::Reachable) => Holds::No,
            Filtered::Perhaps(_) => Holds::Unknown,
            Filtered::Yes if has(Verdict::Unknown) => Holds::Unknown,
            Filtered::Yes => Holds::Yes,
        }
    }
}

impl Judge<'_> {
    /// Whether anything in VPCs gets by DNS Firewall; in every VPC of the snapshot if none is named.
    ///
    /// Cost: a question for every VPC, transport and family; for those that are reachable also its paths.
    pub fn bypass_dns(&mut self, vpcs: &[String]) -> Result<Vec<DnsBypass>, DnsQuestionError> {
        let analysis = self.analysis();
        let networks = analysis.dns_networks(vpcs)?;
        let sets = analysis.engine();
        let mut found = Vec::new();
        for (vpc, network) in networks {
            let ends = Ends::of(analysis, network);
            let mut ways = Vec::new();
            for transport in DnsTransport::ALL {
                for family in [Family::V4, Family::V6] {
                    ways.push(self.dns_way(&sets, &vpc, &ends, (transport, family)));
                }
            }
            found.push(DnsBypass {
                vpc,
                filtered: network.filtered.clone(),
                ways,
                notes: ends.notes(analysis),
            });
        }
        Ok(found)
    }

    fn dns_way(
        &mut self,
        sets: &Sets<'_>,
        vpc: &str,
        ends: &Ends<'_>,
        (transport, family): (DnsTransport, Family),
    ) -> DnsWay {
        let analysis = self.analysis();
        let packets = Match::all_of([Match::family(family), transport.packets()]);
        let query = ends.query(&packets, transport.direction());
        let answer = ends.telling(self.answer(&query));
        let mut answered = analysis.answered(answer);
        let mut interfaces = 0;
        match answered.verdict {
            Verdict::Reachable => {
                interfaces = senders(analysis, sets, &query).max(1);
                answered = self.telling_example(ends, &packets, transport, family).unwrap_or(answered);
            }
            Verdict::Unreachable => match self.still_closed(ends, &packets, transport) {
                Some(text) => answered = unknown(text),
                None => answered.reasons = ends.without(analysis, family).unwrap_or(answered.reasons),
            },
            Verdict::Unknown => {}
        }
        let name = format!("{vpc}: {}, {}", transport.words(), family_word(family));
        self.settle(&name, answered.verdict != Verdict::Unknown);
        DnsWay { transport, family, answered, interfaces }
    }

    /// An example that asks a resolver that everybody knows, if one of them can be asked.
    fn telling_example(
        &mut self,
        ends: &Ends<'_>,
        packets: &Match,
        transport: DnsTransport,
        family: Family,
    ) -> Option<Answered> {
        let known = PublicResolver::ALL.first()?.nets();
        let of_family = |net: &IpNet| matches!(net, IpNet::V4(_)) == (family == Family::V4);
        let first = known.into_iter().find(of_family)?;
        let packets = Match::all_of([packets.clone(), Match::dst_in(first)]);
        let answer = self.answer(&ends.query(&packets, transport.direction()));
        let analysis = self.analysis();
        Some(analysis.answered(answer)).filter(|answered| answered.verdict == Verdict::Reachable)
    }

    /// Why it is not known that nothing gets out, though no packet that carries data does.
    fn still_closed(&mut self, ends: &Ends<'_>, packets: &Match, transport: DnsTransport) -> Option<String> {
        let analysis = self.analysis();
        let unexported = analysis.unexported().into_iter().next();
        if let Some(text) = ends.missing.clone().or(unexported) {
            return Some(text);
        }
        if !ends.untold.is_empty() {
            let untold: Vec<&FinishedEnd> = ends.untold.iter().map(|(end, _)| *end).collect();
            let query =
                PathQuery { destinations: arriving(&untold), ..ends.query(packets, transport.direction()) };
            let arrived = match self.answer(&query) {
                Answer::Unreachable(_) => None,
                Answer::Reachable(witness) => {
                    ends.untold.iter().find(|(end, _)| end.arrives == Some(witness.forward.end))
                }
                Answer::Unknown(_) => ends.untold.first(),
            };
            if let Some((_, text)) = arrived {
                return Some(text.clone());
            }
        }
        if transport.direction() == Direction::RoundTrip || !analysis.has_firewalls() {
            return None;
        }
        // The first datagram of a conversation is all that it takes.
        let query = PathQuery {
            at_source: Match::all_of([ends.sent(packets), opening()]),
            ..ends.query(packets, Direction::Forward)
        };
        let first = self.answer(&query);
        let text = "a firewall stops what follows the first packet; whether it stops the first, which may carry a query, is not known";
        (!matches!(first, Answer::Unreachable(_))).then(|| text.to_owned())
    }
}

/// The IPv6 addresses behind which a NAT gateway has these of IPv4.
///
/// SOURCE: VPC user guide, "DNS64 and NAT64": 64:ff9b::/96 (checked 2026-11-27).
fn translated(net: IpNet) -> Option<IpNet> {
    let IpNet::V4(net) = net else { return None };
    let address = (0x0064_ff9b_u128 << 96) | u128::from(u32::from(net.network()));
    Ipv6Net::new(address.into(), 96 + net.prefix_len()).ok().map(IpNet::V6)
}

/// How many network interfaces have packets that get through.
fn senders(analysis: &Analysis, sets: &Sets<'_>, query: &PathQuery) -> usize {
    let graph = analysis.graph();
    let paths = sets.paths(query).found;
    let counts = |replies: &Replies| match query.direction {
        Direction::Forward => true,
        Direction::RoundTrip => matches!(replies, Replies::All | Replies::Some(_)),
    };
    let sources = paths.iter().filter(|path| counts(&path.replies));
    sources.filter_map(|path| graph.node(path.source).resource).collect::<BTreeSet<ResourceId>>().len()
}

/// Of an interface of an interface endpoint, the endpoint; an empty name if that was not exported.
fn endpoint<'g>(graph: &'g ForwardingGraph, end: &FinishedEnd) -> Option<(&'g str, &'g str)> {
    let interface = graph.resource(end.resource);
    let within = interface.within.iter().filter_map(|key| graph.find(key)).map(|id| graph.resource(id));
    let known = within.into_iter().find(|other| other.kind == "AWS::EC2::VPCEndpoint");
    let described =
        interface.label.as_deref().is_some_and(|label| label.starts_with("VPC Endpoint Interface "));
    match known {
        Some(endpoint) => Some((&endpoint.id, endpoint.label.as_deref().unwrap_or_default())),
        None => described.then_some((interface.id.as_str(), "")),
    }
}

/// Why what is behind an interface may answer DNS: it belongs to an endpoint of a service that is not in the snapshot.
///
/// SOURCE: PrivateLink guide, "AWS services that integrate with AWS PrivateLink": AWS's own services are called
/// `com.amazonaws.<region>.<service>`, `aws.api.…` or `api.aws.…`, and none of them is a resolver; API reference of
/// Firehose: services of others are called `com.amazonaws.vpce.<region>.vpce-svc-…` (checked 2026-11-27).
fn untold(graph: &ForwardingGraph, end: &FinishedEnd) -> Option<String> {
    let (id, service) = endpoint(graph, end)?;
    let leads = ["com.amazonaws.", "cn.com.amazonaws.", "aws.", "api.aws."];
    if leads.iter().any(|lead| service.starts_with(lead)) && !service.contains(".vpce-svc-") {
        return None;
    }
    let is_it = |id: ResourceId| {
        let resource = graph.resource(id);
        resource.kind == "AWS::EC2::VPCEndpointService" && resource.label.as_deref() == Some(service)
    };
    if graph.resource_ids().any(is_it) {
        return None;
    }
    let service = if service.is_empty() { String::new() } else { format!(" (`{service}`)") };
    Some(format!("the service behind endpoint `{id}`{service} is not in the snapshot; it may answer DNS"))
}

/// A family in a word.
pub(crate) fn family_word(family: Family) -> &'static str {
    match family {
        Family::V4 => "IPv4",
        Family::V6 => "IPv6",
    }
}

/// Who in a VPC asks, and what is outside.
struct Ends<'g> {
    inside: Vec<&'g FinishedEnd>,
    outside: Vec<&'g FinishedEnd>,
    /// Interfaces of endpoints behind which there may be resolvers, and what is to be said of each.
    untold: Vec<(&'g FinishedEnd, String)>,
    /// Interfaces of the VPC that send what DNS Firewall has seen.
    seen: Vec<ResourceId>,
    /// The addresses of the VPC.
    blocks: Vec<IpNet>,
    /// The addresses of the resolver of the VPC.
    resolver: Vec<IpNet>,
    /// That the VPC is not in the snapshot, in words.
    missing: Option<String>,
}

impl<'g> Ends<'g> {
    fn of(analysis: &'g Analysis, network: &DnsNetwork) -> Self {
        let graph = analysis.graph();
        let vpc: BTreeSet<ResourceId> = graph.find(&network.vpc).into_iter().collect();
        let is_interface =
            |end: &&FinishedEnd| graph.resource(end.resource).kind == "AWS::EC2::NetworkInterface";
        // SOURCE: Route 53 developer guide, "Forwarding outbound DNS queries to your network": outbound endpoints
        // forward what the resolver was asked, so after DNS Firewall. Their interfaces are described so.
        let of_resolver = |end: &&FinishedEnd| {
            let label = graph.resource(end.resource).label.as_deref();
            label.is_some_and(|label| label.starts_with("Route 53 Resolver: rslvr-"))
        };
        let in_vpc = graph.ends().iter().filter(is_interface);
        let in_vpc = in_vpc.filter(|end| selection::belongs(graph, end, &vpc));
        let (seen, inside): (Vec<&FinishedEnd>, Vec<&FinishedEnd>) = in_vpc.partition(of_resolver);
        let outside = |end: &&FinishedEnd| {
            let Some(node) = end.arrives else { return false };
            match graph.resource(end.resource).kind.as_str() {
                "AWS::EC2::NetworkInterface" => {
                    // Behind a load balancer's interface lie its targets, which are ends of their own; so for endpoints.
                    !analysis.is_of_balancer(node)
                        && endpoint(graph, end).is_none()
                        && !selection::belongs(graph, end, &vpc)
                }
                // Storage of AWS, which answers no DNS.
                "AWS::EC2::VPCEndpoint" => false,
                // What leads on to another VPC is no end: there are interfaces behind it, or it is not known.
                _ => end.world == World::Internet || graph.outgoing(node).is_empty(),
            }
        };
        Self {
            inside,
            outside: graph.ends().iter().filter(outside).collect(),
            untold: graph.ends().iter().filter_map(|end| Some((end, untold(graph, end)?))).collect(),
            seen: seen.into_iter().map(|end| end.resource).collect(),
            blocks: network.blocks.clone(),
            resolver: network.resolver.iter().copied().map(IpNet::from).collect(),
            missing: vpc.is_empty().then(|| format!("{} is not in the snapshot", network.vpc.id())),
        }
    }

    /// `packets` as they are sent, without those for the resolver of the VPC.
    fn sent(&self, packets: &Match) -> Match {
        // Packets for link-local addresses stay on the link.
        let link = "169.254.0.0/16".parse::<IpNet>().ok();
        let inside = link.into_iter().chain(self.resolver.iter().copied());
        Match::all_of([packets.clone(), Match::not(Match::dst_any_of(inside))])
    }

    /// The question whether `packets` get from inside to outside.
    fn query(&self, packets: &Match, direction: Direction) -> PathQuery {
        let internet = self.outside.iter().copied().filter(|end| end.world == World::Internet);
        let internet: BTreeSet<NodeId> = arriving(&internet.collect::<Vec<_>>()).into_iter().collect();
        let nowhere = Exception {
            sources: None,
            destinations: Some(internet),
            through: Vec::new(),
            at_source: Match::All,
            at_destination: Match::not(selection::public(Field::DstIp)),
        };
        PathQuery {
            at_source: Match::all_of([self.sent(packets), Match::not(opening())]),
            // Wherever packets are lost, they may have been on their way out.
            perhaps: Match::All,
            except: vec![nowhere],
            direction,
            ..PathQuery::between(departing(&self.inside), arriving(&self.outside))
        }
    }

    /// The answer without the places where packets stop that are for addresses of the VPC, if there are others: they were
    /// not on their way out.
    fn telling(&self, answer: Answer) -> Answer {
        let Answer::Unreachable(blocked) = answer else { return answer };
        let stays = |it: &Blocked| self.blocks.iter().any(|block| block.contains(&it.packet.dst()));
        let (inside, out): (Vec<Blocked>, Vec<Blocked>) = blocked.into_iter().partition(stays);
        Answer::Unreachable(if out.is_empty() { inside } else { out })
    }

    /// That there is nobody who could send packets of this family.
    fn without(&self, analysis: &Analysis, family: Family) -> Option<Vec<Reason>> {
        let addresses = analysis.inventory().addresses_of_interfaces();
        let graph = analysis.graph();
        let keys = self.inside.iter().map(|end| graph.key(end.resource));
        let mut nets = keys.filter_map(|key| addresses.get(key)).flat_map(|(nets, _)| nets);
        if nets.any(|net| matches!(net, IpNet::V4(_)) == (family == Family::V4)) {
            return None;
        }
        let text = format!("no network interface that sends has an {} address", family_word(family));
        Some(vec![Reason { text, location: None }])
    }

    fn notes(&self, analysis: &Analysis) -> Vec<Reason> {
        let graph = analysis.graph();
        let text = |id: &ResourceId| {
            let id = &graph.resource(*id).id;
            format!(
                "{id} belongs to an endpoint of the resolver and is left out: what it forwards, DNS Firewall has seen"
            )
        };
        self.seen.iter().map(|id| Reason { text: text(id), location: None }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_ipv4_have_twins_of_ipv6() {
        let twin = |text: &str| translated(text.parse().unwrap()).map(|net| net.to_string());
        assert_eq!(twin("8.8.8.8/32").as_deref(), Some("64:ff9b::808:808/128"));
        assert_eq!(twin("45.90.28.0/24").as_deref(), Some("64:ff9b::2d5a:1c00/120"));
        assert_eq!(twin("2620:fe::fe/128"), None);
    }
}
