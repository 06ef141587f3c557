//! What would have to change on a way that some controls let through.

use std::sync::Arc;

use graph::{Control, ControlKind, Direction, Rule};
use search::Leg;

use super::{Code, Explanation, Member, Told, Way, groups_of_port, member, obstacles, routes};

/// What the control says that step `at` needs to be open; nothing for steps that are open anyway.
pub(super) fn explanation(way: &Way<'_>, at: usize) -> Option<Explanation> {
    let hop = way.hop(at)?;
    let id = way.graph.opened_by(hop.edge)?;
    let control = way.analysis.openable().control(id);
    let explanation = match &control.kind {
        ControlKind::NoRule(direction) => no_rule(way, at, control, *direction),
        ControlKind::Refusal(cause) => match &cause.rule {
            Rule::Inspection(_) => firewall(way, control, Some(cause)),
            _ => acl(way, at, control, None),
        },
        ControlKind::NoRoute(target) => routes::no_route(way, at, control, target),
        ControlKind::NoAssociation(_) => {
            let attachment = way.analysis.graph().find(&control.resource);
            let gateway =
                attachment.and_then(|id| member(way.analysis.graph(), id, "AWS::EC2::TransitGateway"));
            Explanation::new(Code::TgwAttachMissingTgwRtbAssociation, "")
                .resource(Member::TransitGateway, gateway)
                .resource(Member::TransitGatewayAttachment, attachment)
        }
        ControlKind::NoPublicAddress => no_public_address(way, at, control),
        ControlKind::Setting(_) => setting(way, at),
        ControlKind::NoAttachment => disconnected(way, at),
        ControlKind::Obstacle(obstacle, _) => obstacles::explanation(way, at, control, *obstacle),
    };
    Some(explanation.reason(way.analysis.control(id)))
}

fn no_rule(way: &Way<'_>, at: usize, control: &Control, direction: Direction) -> Explanation {
    let graph = way.analysis.graph();
    let kind = graph.find(&control.resource).map(|id| graph.resource(id).kind.as_str());
    match kind {
        Some("AWS::EC2::NetworkAcl") => acl(way, at, control, Some(direction)),
        Some("AWS::NetworkFirewall::Firewall") => firewall(way, control, None),
        _ => group(way, at, control, direction),
    }
}

/// No rule of the interface's security groups lets the packet pass.
fn group(way: &Way<'_>, at: usize, control: &Control, direction: Direction) -> Explanation {
    let graph = way.analysis.graph();
    let (before, behind) = way.around(at);
    let nodes = if direction == Direction::Egress { before } else { behind };
    let interface = way.nearest(&nodes, "AWS::EC2::NetworkInterface");
    let mut groups = way.from(at).map(|node| groups_of_port(way.graph, node)).unwrap_or_default();
    if groups.is_empty() {
        groups.extend(graph.find(&control.resource));
    }
    let has_rules = groups.iter().any(|&group| super::has_rules(graph, group));
    let of = |kind| interface.and_then(|id| member(graph, id, kind));
    if let ([one], false) = (groups.as_slice(), has_rules) {
        return Explanation::new(Code::SgHasNoRules, "")
            .direction(direction)
            .resource(Member::NetworkInterface, interface)
            .with(Member::SecurityGroup, Told::Resource(*one))
            .resource(Member::Vpc, of("AWS::EC2::VPC"));
    }
    Explanation::new(Code::EniSgRulesMismatch, "")
        .direction(direction)
        .resource(Member::NetworkInterface, interface)
        .with(Member::SecurityGroups, Told::Resources(groups))
        .resource(Member::Subnet, of("AWS::EC2::Subnet"))
        .resource(Member::Vpc, of("AWS::EC2::VPC"))
}

/// The network ACL of a subnet refuses the packet: by an entry, or because it has none for it.
fn acl(way: &Way<'_>, at: usize, control: &Control, absent: Option<Direction>) -> Explanation {
    let graph = way.analysis.graph();
    let acl = graph.find(&control.resource);
    let rule = match &control.kind {
        ControlKind::Refusal(cause) => Some(cause),
        _ => None,
    };
    let direction = rule.and_then(|cause| match &cause.rule {
        Rule::Filter(rule) => Some(rule.direction),
        _ => None,
    });
    let direction = direction.or(absent).unwrap_or(Direction::Ingress);
    let (before, behind) = way.around(at);
    // What leaves a subnet was in it before; what enters is in it behind.
    let here: Vec<_> = way.from(at).into_iter().collect();
    let nodes = if direction == Direction::Egress { before } else { behind };
    let subnet = [here, nodes].iter().find_map(|nodes| way.nearest(nodes, "AWS::EC2::Subnet"));
    let neighbour = way.from(at).is_some_and(|node| way.graph.node(node).port.starts_with("neighbours["));
    let code = if neighbour { Code::ElbAclRestriction } else { Code::SubnetAclRestriction };
    let mut explanation = Explanation::new(code, "")
        .direction(direction)
        .resource(Member::Acl, acl)
        .resource(Member::Subnet, subnet)
        .resource(Member::Vpc, subnet.and_then(|id| member(graph, id, "AWS::EC2::VPC")));
    if let Some(cause) = rule {
        explanation = explanation.with(Member::AclRule, Told::Rule(cause.clone()));
    }
    if neighbour {
        let balancer = way.from(at).and_then(|node| way.graph.node(node).resource);
        explanation = explanation.resource(Member::Component, balancer);
    }
    explanation
}

/// A firewall drops the packet.
fn firewall(way: &Way<'_>, control: &Control, cause: Option<&Arc<graph::Cause>>) -> Explanation {
    let graph = way.analysis.graph();
    let explanation = Explanation::new(Code::FirewallRulesRestriction, "")
        .resource(Member::Component, graph.find(&control.resource));
    match cause.map(|cause| (cause, &cause.rule)) {
        // A default action is no rule that AWS could name.
        Some((cause, Rule::Inspection(rule))) if !rule.group.is_empty() => {
            let part =
                if rule.stateful { Member::FirewallStatefulRule } else { Member::FirewallStatelessRule };
            explanation.with(part, Told::Rule(cause.clone()))
        }
        _ => explanation,
    }
}

/// Neither end of the packet is a public address of the interface.
fn no_public_address(way: &Way<'_>, at: usize, control: &Control) -> Explanation {
    let graph = way.analysis.graph();
    let gateway = way.from(at).and_then(|node| way.graph.node(node).resource);
    let interface = graph.find(&control.resource);
    let leaves = way.from(at).is_some_and(|node| way.graph.node(node).port.starts_with("routed@"));
    let code =
        if leaves { Code::IgwPublicIpAssociationForEgress } else { Code::IgwPrivateIpAssociationForIngress };
    let address = way.hop(at).map(|hop| if leaves { hop.before.src() } else { hop.after.dst() });
    let explanation = Explanation::new(code, "")
        .resource(Member::InternetGateway, gateway)
        .resource(Member::NetworkInterface, interface)
        .resource(Member::Vpc, interface.and_then(|id| member(graph, id, "AWS::EC2::VPC")));
    match address {
        Some(address) => explanation.text(Member::Address, address.to_string()),
        None => explanation,
    }
}

/// VPC Block Public Access is the setting that stops packets.
fn setting(way: &Way<'_>, at: usize) -> Explanation {
    let graph = way.analysis.graph();
    let gateway = way.from(at).and_then(|node| way.graph.node(node).resource);
    let is_gateway = |id: &graph::ResourceId| graph.resource(*id).kind == "AWS::EC2::InternetGateway";
    let (before, behind) = way.around(at);
    let leaves = way.nearest(&before, "AWS::EC2::Subnet").is_some();
    let (nodes, direction) = if leaves { (before, Direction::Egress) } else { (behind, Direction::Ingress) };
    let subnet = way.nearest(&nodes, "AWS::EC2::Subnet");
    let vpc = subnet.or(gateway).and_then(|id| member(graph, id, "AWS::EC2::VPC"));
    Explanation::new(Code::VpcBlockPublicAccessEnabled, "")
        .direction(direction)
        .resource(Member::InternetGateway, gateway.filter(is_gateway))
        .resource(Member::Subnet, subnet)
        .resource(Member::Vpc, vpc)
}

/// Nothing joins the networks on both sides.
fn disconnected(way: &Way<'_>, at: usize) -> Explanation {
    let graph = way.analysis.graph();
    let (before, behind) = way.around(at);
    let vpc = |nodes: &[graph::NodeId]| {
        let owners = nodes.iter().filter_map(|&node| way.graph.node(node).resource);
        let known = owners.filter(|id| id.index() < graph.resources().len());
        known.into_iter().find_map(|id| member(graph, id, "AWS::EC2::VPC"))
    };
    let (near, far) = (vpc(&before), vpc(&behind));
    let (source, destination) = match way.leg {
        Leg::There => (near, far),
        Leg::Back => (far, near),
    };
    Explanation::new(Code::DisconnectedVpcs, "")
        .resource(Member::DestinationVpc, destination)
        .resource(Member::SourceVpc, source)
}
