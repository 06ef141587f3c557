//! What would have to be otherwise on a way where no rule and no route is to blame.

use graph::{Control, Direction, Obstacle, ResourceId};
use search::Leg;

use super::{Code, Explanation, Member, Told, Way, member, private, protocol_text};

/// What step `at` needs to be otherwise, which opens `control`.
pub(super) fn explanation(way: &Way<'_>, at: usize, control: &Control, obstacle: Obstacle) -> Explanation {
    let graph = way.analysis.graph();
    let here = graph.find(&control.resource);
    let kind = here.map_or("", |id| graph.resource(id).kind.as_str());
    let step = Step { way, at, here, kind };
    match obstacle {
        Obstacle::State => step.state(),
        Obstacle::Listener if kind == CLASSIC => step.balancer(Code::ElbListenersMismatch),
        Obstacle::Listener => step.balancer(Code::Elbv2ListenersMismatch),
        Obstacle::Targets if step.leaves("from[") || step.leaves("linked[") => {
            step.balancer(Code::Elbv2ListenerHasNoTg)
        }
        Obstacle::Targets => step.balancer(Code::Elbv2ListenerRequiresTgAccept),
        Obstacle::Zone if kind == "AWS::EC2::VPCEndpoint" => {
            Explanation::new(Code::VpceServiceNotInstalledInAz, "").resource(Member::VpcEndpoint, here)
        }
        Obstacle::Zone => step.balancer(Code::ElbInstalledAzRestriction),
        Obstacle::CrossZone => step.balancer(Code::ElbNotCrosszone),
        Obstacle::Check => step.check(),
        Obstacle::Address => step.address(),
        Obstacle::Impostor => step
            .component(Code::GatewayRejectsSpoofedTraffic)
            .resource(Member::Vpc, here.and_then(|id| member(graph, id, "AWS::EC2::VPC"))),
        Obstacle::Protocol => step.protocol(),
        Obstacle::Port => {
            step.balancer(Code::GwlbDestinationPortRestriction).with(Member::Port, Told::Number(6081))
        }
    }
}

/// What an internet gateway says of an interface without public address covers that it is not attached.
///
/// SOURCE: Reachability Analyzer guide, `IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS` (the public address of an attached
/// interface), and published runs (checked 2026-11-27).
pub(super) fn merge(explanations: &mut Vec<Explanation>) {
    let codes = [Code::IgwPrivateIpAssociationForIngress, Code::IgwPublicIpAssociationForEgress];
    let at_gateway = explanations.iter().filter(|it| codes.contains(&it.code));
    let told: Vec<Told> =
        at_gateway.filter_map(|it| it.parts.get(&Member::NetworkInterface).cloned()).collect();
    explanations.retain(|it| {
        let of = it.parts.get(&Member::Component);
        it.code != Code::BadStateAttachment || !of.is_some_and(|of| told.contains(of))
    });
}

const CLASSIC: &str = "AWS::ElasticLoadBalancing::LoadBalancer";

/// A step that is open only if something is otherwise.
struct Step<'w> {
    way: &'w Way<'w>,
    at: usize,
    /// Whose it is.
    here: Option<ResourceId>,
    kind: &'w str,
}

impl Step<'_> {
    fn component(&self, code: Code) -> Explanation {
        Explanation::new(code, "").resource(Member::Component, self.here)
    }

    fn balancer(&self, code: Code) -> Explanation {
        let arn = self.here.and_then(|id| self.way.analysis.graph().resource(id).arn.clone());
        match arn {
            Some(arn) if arn.contains(":loadbalancer/") => {
                self.component(code).text(Member::LoadBalancerArn, arn)
            }
            _ => self.component(code),
        }
    }

    /// Whether it leaves a port of this name.
    fn leaves(&self, name: &str) -> bool {
        self.way.from(self.at).is_some_and(|node| self.way.graph.node(node).port.starts_with(name))
    }

    /// The internet gateway whose port it leaves.
    fn gateway(&self) -> Option<ResourceId> {
        let owner = self.way.from(self.at).and_then(|node| self.way.graph.node(node).resource)?;
        (self.way.analysis.graph().resource(owner).kind == "AWS::EC2::InternetGateway").then_some(owner)
    }

    fn state(&self) -> Explanation {
        let graph = self.way.analysis.graph();
        match (self.kind, self.gateway()) {
            // SOURCE: published runs (a tutorial's log): an interface that is not attached (checked 2026-11-27).
            ("AWS::EC2::NetworkInterface", Some(gateway)) => {
                Explanation::new(Code::IgwPrivateIpAssociationForIngress, "")
                    .resource(Member::InternetGateway, Some(gateway))
                    .resource(Member::NetworkInterface, self.here)
                    .resource(Member::Vpc, self.here.and_then(|id| member(graph, id, "AWS::EC2::VPC")))
            }
            ("AWS::EC2::NetworkInterface", None) => {
                self.component(Code::BadStateAttachment).text(Member::State, "available")
            }
            ("AWS::EC2::VPNConnection", _) => {
                let gateway = self.here.and_then(|id| member(graph, id, "AWS::EC2::VPNGateway"));
                self.component(Code::BadStateVpn)
                    .resource(Member::VpnGateway, gateway)
                    .text(Member::State, "failed")
            }
            _ => self.component(Code::BadState).text(Member::State, "failed"),
        }
    }

    /// An interface that takes and sends only what is its own.
    fn check(&self) -> Explanation {
        let (before, _) = self.way.around(self.at);
        let redirected = self.leaves("routed@")
            && self.way.leg == Leg::Back
            && self.way.nearest(&before, "AWS::EC2::InternetGateway").is_some();
        let packet = self.way.hop(self.at).map(|hop| hop.before);
        let (direction, address) = if self.leaves("send") {
            (Direction::Egress, packet.map(|packet| packet.src()))
        } else {
            (Direction::Ingress, packet.map(|packet| packet.dst()))
        };
        if redirected {
            // What left past the appliance is answered through it.
            let gateway = self.way.nearest(&before, "AWS::EC2::InternetGateway");
            return Explanation::new(Code::IngressRtbTrafficRedirection, "")
                .resource(Member::InternetGateway, gateway)
                .resource(Member::NetworkInterface, self.here);
        }
        let addresses = address.into_iter().map(|address| address.to_string()).collect();
        Explanation::new(Code::EniSourceDestCheckRestriction, "")
            .with(Member::Addresses, Told::Texts(addresses))
            .direction(direction)
            .resource(Member::NetworkInterface, self.here)
    }

    /// An internet gateway that knows no address for the packet, or drops it for its own.
    fn address(&self) -> Explanation {
        let graph = self.way.analysis.graph();
        let gateway = self.gateway().or(self.here);
        let source = self.way.hop(self.at).map(|hop| hop.before.src());
        let code = match (self.leaves("routed@"), source.and_then(private)) {
            (true, _) => Code::IgwPublicIpAssociationForEgress,
            (false, Some(true)) => Code::IgwSourceAddressNotInRfc1918Ingress,
            (false, Some(false)) => Code::IgwSourceAddressNotInRfc6598Ingress,
            (false, None) => Code::IgwPrivateIpAssociationForIngress,
        };
        let explanation = Explanation::new(code, "")
            .resource(Member::InternetGateway, gateway)
            .resource(Member::Vpc, gateway.and_then(|id| member(graph, id, "AWS::EC2::VPC")));
        match source {
            Some(source) => explanation.text(Member::Address, source.to_string()),
            None => explanation,
        }
    }

    fn protocol(&self) -> Explanation {
        let protocol = self.way.hop(self.at).map(|hop| protocol_text(&hop.before)).unwrap_or_default();
        let explanation = match self.kind {
            "AWS::EC2::VPCEndpoint" => Explanation::new(Code::VpceGatewayProtocolRestriction, "")
                .resource(Member::VpcEndpoint, self.here),
            "AWS::EC2::NatGateway" => self.component(Code::ProtocolRestriction),
            _ => self.balancer(Code::GwlbProtocolRestriction),
        };
        explanation.with(Member::Protocols, Told::Texts(vec![protocol]))
    }
}
