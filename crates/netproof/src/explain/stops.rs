//! What stops packets where no change that is known would open the path.

use std::sync::Arc;

use graph::{Cause, Direction, Disposition, NodeId, ResourceId, Rule};
use search::Blocked;

use crate::{Analysis, Answered, Place, Question, Reason};

use super::{Code, Explanation, Member, Told, groups_of_port, member, private, protocol_text, routes};

/// Every place where packets stop, nearest the destination first.
pub(super) fn explanations(analysis: &Analysis, answered: &Answered) -> Vec<Explanation> {
    let mut all = Vec::new();
    // What arrives somewhere else on the way tells less than what stops.
    let arrives = |blocked: &&Blocked| blocked.disposition == Disposition::Delivered;
    let stopped = answered.blocked.iter().filter(|it| !arrives(it));
    for blocked in stopped.chain(answered.blocked.iter().filter(arrives)) {
        let explanation = Stop { analysis, blocked }.explanation().reason(analysis.blocked(blocked));
        super::add_all(&mut all, [explanation]);
    }
    all
}

/// Nothing stops packets, for none is on the way.
pub(super) fn nothing(analysis: &Analysis, question: &Question, answered: &Answered) -> Explanation {
    let graph = analysis.graph();
    let text = "nothing leads there from the source".to_owned();
    let reason = answered.reasons.first().cloned().unwrap_or(Reason { text, location: None });
    let source = match &question.source {
        Place::Resource(text) => scope::selection::by_text(graph, text).into_iter().next(),
        Place::Internet | Place::Address(_) => None,
    };
    let endpoint = source.filter(|id| graph.resource(*id).kind == "AWS::EC2::VPCEndpoint");
    if let Some(explanation) = for_another(analysis, question) {
        return explanation;
    }
    let explanation = match endpoint {
        Some(id) => Explanation::new(Code::VpceIntraVpcTraffic, "")
            .resource(Member::VpcEndpoint, Some(id))
            .resource(Member::Vpc, member(graph, id, "AWS::EC2::VPC")),
        None => Explanation::new(Code::NoPath, ""),
    };
    explanation.reason(reason)
}

/// The address that is asked for is that of another interface than the destination.
fn for_another(analysis: &Analysis, question: &Question) -> Option<Explanation> {
    let (Place::Resource(text), Some(net)) = (&question.destination, question.destination_ip) else {
        return None;
    };
    let here = scope::selection::by_text(analysis.graph(), text).into_iter().next()?;
    let addresses = analysis.inventory().addresses_of_interfaces();
    if !addresses.contains_key(analysis.graph().key(here)) {
        return None;
    }
    let (other, is_public) = addresses.iter().find_map(|(key, (own, public))| {
        let is_own = own.iter().any(|own| own.contains(&net));
        (is_own || public.iter().any(|public| *public == net.addr())).then_some((key, !is_own))
    })?;
    let other = analysis.graph().find(other).filter(|other| *other != here)?;
    let name = analysis.graph().resource(other).id.clone();
    let text = format!("the question asks for packets for {net}, which is an address of {name}");
    Some(if is_public {
        Explanation::new(Code::FilterAtSourceDestinationAddress, text)
            .text(Member::Address, net.addr().to_string())
    } else {
        Explanation::new(Code::EniSourceDestCheckRestriction, text)
            .with(Member::Addresses, Told::Texts(vec![net.addr().to_string()]))
            .direction(Direction::Ingress)
            .resource(Member::NetworkInterface, Some(here))
    })
}

struct Stop<'s> {
    analysis: &'s Analysis,
    blocked: &'s Blocked,
}

impl Stop<'_> {
    fn owner(&self) -> Option<ResourceId> {
        self.analysis.graph().node(self.blocked.node).resource
    }

    fn member(&self, kind: &str) -> Option<ResourceId> {
        self.owner().and_then(|id| member(self.analysis.graph(), id, kind))
    }

    fn note(&self) -> &str {
        self.cause().and_then(|cause| cause.note.as_deref()).unwrap_or_default()
    }

    /// What arrives at the interface of a load balancer, and no listener of it takes.
    fn at_balancer(&self) -> Option<Explanation> {
        let graph = self.analysis.graph();
        let here = self.owner()?;
        let arrives = self.blocked.disposition == Disposition::Delivered;
        if !arrives || graph.resource(here).kind != "AWS::EC2::NetworkInterface" {
            return None;
        }
        let kinds = [
            ("AWS::ElasticLoadBalancing::LoadBalancer", Code::ElbListenersMismatch),
            ("AWS::ElasticLoadBalancingV2::LoadBalancer", Code::Elbv2ListenersMismatch),
        ];
        let found = kinds.into_iter().find_map(|(kind, code)| Some((member(graph, here, kind)?, code)));
        let (balancer, code) = found?;
        let explanation = Explanation::new(code, "").resource(Member::Component, Some(balancer));
        Some(match graph.resource(balancer).arn.clone() {
            Some(arn) => explanation.text(Member::LoadBalancerArn, arn),
            None => explanation,
        })
    }

    fn cause(&self) -> Option<&Arc<Cause>> {
        self.blocked.cause.as_ref()
    }

    /// The resource that decides: that of the rule, else that of the place.
    fn decider(&self) -> Option<ResourceId> {
        let graph = self.analysis.graph();
        self.cause().and_then(|cause| graph.find(&cause.resource)).or_else(|| self.owner())
    }

    fn component(&self, code: Code) -> Explanation {
        Explanation::new(code, "").resource(Member::Component, self.decider())
    }

    fn explanation(&self) -> Explanation {
        let graph = self.analysis.graph();
        match self.cause().map(|cause| &cause.rule) {
            Some(Rule::Filter(rule)) => return self.filtered(rule.direction, self.cause()),
            Some(Rule::Route(_)) if self.note().contains("not attached") => {
                return self.component(Code::BadStateAttachment).text(Member::State, "detached");
            }
            Some(Rule::Route(_) | Rule::Transit(_)) => return self.route(self.cause()),
            Some(Rule::Inspection(rule)) => return self.firewall(rule.stateful, &rule.group),
            _ => {}
        }
        if let Some(explanation) = self.at_balancer() {
            return explanation;
        }
        let kind = self.decider().map_or("", |id| graph.resource(id).kind.as_str());
        let port = graph.node(self.blocked.node).port.as_str();
        match (kind, self.blocked.disposition) {
            _ if port.starts_with("groups[") => self.group(port),
            ("AWS::EC2::VPCBlockPublicAccessOptions" | "AWS::EC2::VPCBlockPublicAccessExclusion", _) => {
                self.public_access()
            }
            ("AWS::EC2::Subnet", Disposition::NoRoute) if port == "router" => self.route(None),
            ("AWS::EC2::Subnet" | "AWS::EC2::VPC", Disposition::NoRoute) => self.nobody(),
            ("AWS::EC2::Subnet", _) if port.starts_with("entering") || port.starts_with("leaving") => {
                let direction =
                    if port.starts_with("entering") { Direction::Ingress } else { Direction::Egress };
                self.filtered(direction, None)
            }
            ("AWS::EC2::NetworkInterface", _) => self.interface(port),
            ("AWS::EC2::InternetGateway" | "AWS::EC2::EgressOnlyInternetGateway", _) => self.gateway(port),
            ("AWS::EC2::VPNGateway", Disposition::Denied) => {
                self.private_gateway(Code::VgwPrivateIpAssociationForEgress)
            }
            ("AWS::EC2::VPNGateway", _) => self.private_gateway(Code::VgwPrivateIpAssociationForIngress),
            ("AWS::EC2::NatGateway", Disposition::Denied) => self.translator(),
            ("AWS::EC2::VPCPeeringConnection", Disposition::Denied | Disposition::NoRoute) => {
                let cidrs = vec![self.blocked.packet.dst().to_string()];
                Explanation::new(Code::PcxRequiresAddressInVpcCidr, "")
                    .resource(Member::VpcPeeringConnection, self.owner())
                    .with(Member::Cidrs, Told::Texts(cidrs))
            }
            ("AWS::EC2::TransitGatewayRouteTable", _) => self.route(None),
            ("AWS::EC2::TransitGatewayAttachment", disposition) => self.attachment(port, disposition),
            ("AWS::EC2::VPCEndpoint", Disposition::Denied) => {
                Explanation::new(Code::VpceGatewayProtocolRestriction, "")
                    .resource(Member::VpcEndpoint, self.owner())
                    .with(Member::Protocols, Told::Texts(vec![protocol_text(&self.blocked.packet)]))
            }
            ("AWS::EC2::VPCEndpoint", Disposition::NoRoute) if self.note().contains("zone") => {
                Explanation::new(Code::VpceServiceNotInstalledInAz, "")
                    .resource(Member::VpcEndpoint, self.owner())
            }
            ("AWS::EC2::VPCEndpoint", Disposition::NoRoute) => {
                Explanation::new(Code::VpceIntraVpcTraffic, "")
                    .resource(Member::VpcEndpoint, self.owner())
                    .resource(Member::Vpc, self.member("AWS::EC2::VPC"))
            }
            (
                "AWS::ElasticLoadBalancing::LoadBalancer" | "AWS::ElasticLoadBalancingV2::LoadBalancer",
                Disposition::Denied | Disposition::NoRoute,
            )
            | ("AWS::ElasticLoadBalancingV2::TargetGroup", _) => self.balancer(kind),
            ("AWS::NetworkFirewall::Firewall", Disposition::Denied | Disposition::NoRoute) => {
                self.firewall(false, "")
            }
            ("AWS::EC2::TransitGateway", Disposition::Blackhole) if self.note().contains("zone") => {
                Explanation::new(Code::TgwRouteAzRestriction, "")
                    .resource(Member::TransitGateway, self.owner())
            }
            (_, Disposition::Blackhole) => self.component(Code::BadState).text(Member::State, "failed"),
            (_, Disposition::InsufficientInfo) => self.component(Code::UnknownResource),
            _ => self.component(Code::NoPath),
        }
    }

    /// Nobody in a subnet has the address.
    fn nobody(&self) -> Explanation {
        let graph = self.analysis.graph();
        let first = self.blocked.edges.first().map(|&edge| graph.edge(edge).from);
        let source = first.and_then(|node| graph.node(node).resource);
        match source.map(|id| (id, graph.resource(id).kind.as_str())) {
            Some((id, "AWS::EC2::VPNGateway")) => self
                .addressed(Code::VgwPrivateIpAssociationForIngress)
                .resource(Member::VpnGateway, Some(id))
                .resource(Member::Vpc, self.member("AWS::EC2::VPC")),
            _ => self.addressed(Code::NoPossibleDestination).resource(Member::Component, self.owner()),
        }
    }

    fn addressed(&self, code: Code) -> Explanation {
        Explanation::new(code, "").text(Member::Address, self.blocked.packet.dst().to_string())
    }

    fn group(&self, port: &str) -> Explanation {
        let graph = self.analysis.graph();
        let leaves = port.ends_with("sending");
        let direction = if leaves { Direction::Egress } else { Direction::Ingress };
        let passed = self.blocked.edges.iter().rev().map(|&edge| graph.edge(edge).from);
        let interface = |id: &ResourceId| graph.resource(*id).kind == "AWS::EC2::NetworkInterface";
        let sender: Option<ResourceId> =
            passed.filter_map(|node: NodeId| graph.node(node).resource).find(interface);
        let groups = groups_of_port(graph, self.blocked.node);
        let has_rules = groups.iter().any(|&group| super::has_rules(graph, group));
        let explanation = match groups.as_slice() {
            [one] if !has_rules => {
                Explanation::new(Code::SgHasNoRules, "").with(Member::SecurityGroup, Told::Resource(*one))
            }
            _ => Explanation::new(Code::EniSgRulesMismatch, "")
                .with(Member::SecurityGroups, Told::Resources(groups.clone()))
                .resource(Member::Subnet, self.member("AWS::EC2::Subnet")),
        };
        explanation
            .direction(direction)
            .resource(Member::NetworkInterface, sender.filter(|_| leaves))
            .resource(Member::Vpc, self.member("AWS::EC2::VPC"))
    }

    fn filtered(&self, direction: Direction, rule: Option<&Arc<Cause>>) -> Explanation {
        let graph = self.analysis.graph();
        let acl = rule.and_then(|cause| graph.find(&cause.resource));
        let port = graph.node(self.blocked.node).port.as_str();
        let code = if port.starts_with("neighbours[") {
            Code::ElbAclRestriction
        } else {
            Code::SubnetAclRestriction
        };
        let explanation = Explanation::new(code, "")
            .direction(direction)
            .resource(Member::Acl, acl)
            .resource(Member::Subnet, self.member("AWS::EC2::Subnet"))
            .resource(Member::Vpc, self.member("AWS::EC2::VPC"));
        match rule {
            Some(cause) => explanation.with(Member::AclRule, Told::Rule(cause.clone())),
            None => explanation,
        }
    }

    fn route(&self, cause: Option<&Arc<Cause>>) -> Explanation {
        let graph = self.analysis.graph();
        // A table without routes for the packet is named by those that it has.
        let others = graph.outgoing(self.blocked.node).iter().map(|&edge| &graph.edge(edge).cause);
        let other = others.into_iter().find(|cause| matches!(cause.rule, Rule::Route(_) | Rule::Transit(_)));
        let table = cause.or(other).and_then(|cause| graph.find(&cause.resource));
        let table = table.or_else(|| self.member("AWS::EC2::TransitGatewayRouteTable"));
        routes::stopped(graph, table, cause, self.owner(), self.blocked.packet.dst())
    }

    fn firewall(&self, stateful: bool, group: &str) -> Explanation {
        let explanation = self.component(Code::FirewallRulesRestriction);
        match self.cause() {
            Some(cause) if !group.is_empty() => {
                let part =
                    if stateful { Member::FirewallStatefulRule } else { Member::FirewallStatelessRule };
                explanation.with(part, Told::Rule(cause.clone()))
            }
            _ => explanation,
        }
    }

    fn public_access(&self) -> Explanation {
        let graph = self.analysis.graph();
        let is_gateway = |id: &ResourceId| graph.resource(*id).kind == "AWS::EC2::InternetGateway";
        let port = graph.node(self.blocked.node).port.as_str();
        let direction = if port.starts_with("routed@") { Direction::Egress } else { Direction::Ingress };
        Explanation::new(Code::VpcBlockPublicAccessEnabled, "")
            .direction(direction)
            .resource(Member::InternetGateway, self.owner().filter(is_gateway))
            .resource(Member::Vpc, self.member("AWS::EC2::VPC"))
    }

    fn interface(&self, port: &str) -> Explanation {
        let packet = &self.blocked.packet;
        if self.note().contains("not attached") {
            return self.component(Code::BadStateAttachment).text(Member::State, "available");
        }
        let (direction, address) = match port {
            "send" => (Direction::Egress, packet.src()),
            _ => (Direction::Ingress, packet.dst()),
        };
        Explanation::new(Code::EniSourceDestCheckRestriction, "")
            .with(Member::Addresses, Told::Texts(vec![address.to_string()]))
            .direction(direction)
            .resource(Member::NetworkInterface, self.owner())
    }

    fn gateway(&self, port: &str) -> Explanation {
        let packet = &self.blocked.packet;
        if self.member("AWS::EC2::VPC").is_none() {
            return self.component(Code::BadStateAttachment).text(Member::State, "detached");
        }
        let leaves = port.starts_with("routed@");
        let (far, near) = if leaves { (packet.dst(), packet.src()) } else { (packet.src(), packet.dst()) };
        let (code, address) = match (leaves, private(far)) {
            (true, Some(true)) => (Code::IgwDestinationAddressNotInRfc1918Egress, far),
            (true, Some(false)) => (Code::IgwDestinationAddressNotInRfc6598Egress, far),
            (false, Some(true)) => (Code::IgwSourceAddressNotInRfc1918Ingress, far),
            (false, Some(false)) => (Code::IgwSourceAddressNotInRfc6598Ingress, far),
            (true, None) => (Code::IgwPublicIpAssociationForEgress, near),
            (false, None) => (Code::IgwPrivateIpAssociationForIngress, near),
        };
        Explanation::new(code, "")
            .text(Member::Address, address.to_string())
            .resource(Member::InternetGateway, self.owner())
            .resource(Member::Vpc, self.member("AWS::EC2::VPC"))
    }

    fn private_gateway(&self, code: Code) -> Explanation {
        let packet = &self.blocked.packet;
        let leaves = code == Code::VgwPrivateIpAssociationForEgress;
        let address = if leaves { packet.src() } else { packet.dst() };
        Explanation::new(code, "")
            .text(Member::Address, address.to_string())
            .resource(Member::Vpc, self.member("AWS::EC2::VPC"))
            .resource(Member::VpnGateway, self.owner())
    }

    /// A NAT gateway: it takes some protocols.
    fn translator(&self) -> Explanation {
        if ["tcp", "udp", "icmp"].contains(&protocol_text(&self.blocked.packet).as_str()) {
            // Nobody opens conversations with what is behind it.
            return self.component(Code::NoPath);
        }
        let protocols = ["tcp", "udp", "icmp"].map(str::to_owned).to_vec();
        self.component(Code::ProtocolRestriction).with(Member::Protocols, Told::Texts(protocols))
    }

    fn attachment(&self, port: &str, disposition: Disposition) -> Explanation {
        let gateway = self.member("AWS::EC2::TransitGateway");
        let note = self.note();
        let code = match disposition {
            Disposition::Blackhole => Code::BadStateAttachment,
            Disposition::NoRoute if port.starts_with("leaving") => Code::TgwRouteAzRestriction,
            _ if note.contains("associated") => Code::TgwAttachMissingTgwRtbAssociation,
            _ => Code::TgwRouteAzRestriction,
        };
        let explanation = Explanation::new(code, "").resource(Member::TransitGateway, gateway);
        match code {
            Code::BadStateAttachment => explanation
                .resource(Member::Component, gateway)
                .resource(Member::AttachedTo, self.decider())
                .text(Member::State, "failed"),
            _ => explanation.resource(Member::TransitGatewayAttachment, self.decider()),
        }
    }

    fn balancer(&self, kind: &str) -> Explanation {
        let graph = self.analysis.graph();
        let note = self.note();
        let classic = kind == "AWS::ElasticLoadBalancing::LoadBalancer";
        let port = graph.node(self.blocked.node).port.as_str();
        let is_outlet = port.starts_with("from[") || port.starts_with("linked[");
        let code = match note {
            _ if note.contains("not enabled") => Code::ElbInstalledAzRestriction,
            _ if note.contains("zone") => Code::ElbNotCrosszone,
            _ if is_outlet || kind == "AWS::ElasticLoadBalancingV2::TargetGroup" || !note.is_empty() => {
                Code::Elbv2ListenerHasNoTg
            }
            _ if classic => Code::ElbListenersMismatch,
            _ => Code::Elbv2ListenersMismatch,
        };
        let explanation = self.component(code);
        match self.decider().and_then(|id| graph.resource(id).arn.clone()) {
            Some(arn) if arn.contains(":loadbalancer/") => explanation.text(Member::LoadBalancerArn, arn),
            _ => explanation,
        }
    }
}
