//! Target groups, their targets and their attributes.

use serde_json::{Value, json};

use super::balancers::{Balancer, arn, attributes};
use super::{Tables, Vpc};
use crate::random::dice::Dice;

/// What forwards to a target group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Application,
    Network,
}

/// The listener that forwards to a group.
#[derive(Clone, Copy)]
pub(super) struct Way<'w> {
    pub(super) port: u16,
    pub(super) protocol: &'w str,
}

/// The target groups of one balancer.
pub(super) struct TargetGroups<'v> {
    vpcs: &'v [Vpc],
    vpc: &'v Vpc,
    balancer: &'v Balancer,
    /// What a Network Load Balancer may forward to.
    application: Option<&'v Balancer>,
    drawn: usize,
}

/// Ports of targets.
const PORTS: [u16; 3] = [80, 443, 1024];

impl<'v> TargetGroups<'v> {
    pub(super) fn new(
        vpcs: &'v [Vpc],
        vpc: &'v Vpc,
        balancer: &'v Balancer,
        application: Option<&'v Balancer>,
    ) -> Self {
        Self { vpcs, vpc, balancer, application, drawn: 0 }
    }

    fn kind(&self) -> Kind {
        if self.balancer.name.starts_with("net/") { Kind::Network } else { Kind::Application }
    }

    /// Draws a group for a listener; returns its ARN.
    pub(super) fn draw(&mut self, dice: &mut Dice<'_, '_>, way: Way<'_>, tables: &mut Tables) -> String {
        self.drawn += 1;
        let (_, id) = self.balancer.name.rsplit_once('/').unwrap_or_default();
        let short = self.balancer.name.get(..3).unwrap_or_default();
        let name = format!("{short}-{}-{}", self.vpc.id.trim_start_matches("vpc-"), self.drawn);
        let arn = arn("targetgroup", &format!("{name}/{id}"));
        let to_balancer = self.application.filter(|_| way.protocol == "TCP" && dice.once_in(2));
        let mut port = dice.pick(&PORTS).copied().unwrap_or(way.port);
        let by_address = dice.once_in(2);
        let (kind, targets) = match to_balancer {
            Some(application) => {
                port = application.ports.first().copied().unwrap_or(port);
                ("alb", vec![json!({"Id": application.arn, "Port": port})])
            }
            None if by_address => ("ip", self.addresses(dice, port)),
            None => ("instance", self.instances(dice, port)),
        };
        let protocol = match (self.kind(), way.protocol) {
            (Kind::Application, _) => "HTTP",
            // TLS ends at the balancer.
            (Kind::Network, "TLS") => "TCP",
            (Kind::Network, protocol) => protocol,
        };
        tables.add(
            "TargetGroups",
            json!({
                "TargetGroupArn": arn,
                "TargetGroupName": name,
                "Protocol": protocol,
                "Port": port,
                "VpcId": self.vpc.id,
                "LoadBalancerArns": [self.balancer.arn],
                "TargetType": kind,
                "IpAddressType": "ipv4",
            }),
        );
        tables.answer(health(&arn, port, targets));
        let mut pairs =
            vec![("deregistration_delay.timeout_seconds", "300"), ("stickiness.enabled", "false")];
        let crosses = ["use_load_balancer_configuration", "true", "false"];
        pairs.push(("load_balancing.cross_zone.enabled", dice.word(&crosses)));
        // SOURCE: guide for Network Load Balancers, "Client IP preservation" (cannot be switched off for UDP, TCP_UDP
        // and load balancers) (checked 2026-11-26).
        if self.kind() == Kind::Network {
            let fixed = protocol != "TCP" || kind == "alb";
            let preserves = fixed || dice.once_in(2);
            pairs.push(("preserve_client_ip.enabled", if preserves { "true" } else { "false" }));
        }
        tables.answer(attributes("TargetGroupArn", &arn, &pairs));
        arn
    }

    fn instances(&self, dice: &mut Dice<'_, '_>, port: u16) -> Vec<Value> {
        let drawn = (0..dice.between(1, 2)).filter_map(|_| dice.pick(&self.vpc.hosts));
        let mut targets: Vec<Value> = drawn.map(|host| json!({"Id": host.instance, "Port": port})).collect();
        targets.dedup();
        targets
    }

    /// Addresses in the VPC and, as others, in a peered one.
    fn addresses(&self, dice: &mut Dice<'_, '_>, port: u16) -> Vec<Value> {
        let mut targets = Vec::new();
        for _ in 0..dice.between(1, 2) {
            let peering = dice.pick(&self.vpc.peerings).filter(|peering| peering.active && dice.once_in(2));
            let other = peering.and_then(|peering| self.vpcs.get(peering.other));
            let Some(host) = dice.pick(&other.unwrap_or(self.vpc).hosts) else { continue };
            let zone = |vpc: &Vpc| {
                let mut subnets = vpc.subnets.iter();
                let subnet = subnets.find(|subnet| subnet.holds(&host.address));
                subnet.map_or("all", |subnet| subnet.zone)
            };
            let zone = if other.is_some() { "all" } else { zone(self.vpc) };
            targets.push(json!({"Id": host.address, "Port": port, "AvailabilityZone": zone}));
        }
        targets.dedup();
        targets
    }
}

/// The answer about the targets of a group.
pub(super) fn health(arn: &str, port: u16, targets: Vec<Value>) -> Value {
    let described: Vec<Value> = targets
        .into_iter()
        .map(|target| {
            let state = json!({"State": "healthy"});
            json!({"Target": target, "HealthCheckPort": port.to_string(), "TargetHealth": state})
        })
        .collect();
    json!({"TargetGroupArn": arn, "TargetHealthDescriptions": described})
}
