//! Application and Network Load Balancers: their nodes, listeners and rules.

use serde_json::{Value, json};

use super::attachments::public_address;
use super::interfaces::Managed;
use super::targets::{Kind, TargetGroups, Way};
use super::{ACCOUNT, Tables, Vpc, peers, set};
use crate::random::dice::Dice;

/// A balancer drawn so far.
pub(super) struct Balancer {
    pub(super) arn: String,
    /// As its interfaces and ARNs say it: `app/NAME/ID`.
    pub(super) name: String,
    /// Ports of its listeners.
    pub(super) ports: Vec<u16>,
}

/// The part of every ARN before the name.
pub(super) fn arn(what: &str, name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:{what}/{name}")
}

/// The answer about the attributes of a balancer or target group.
pub(super) fn attributes(member: &str, arn: &str, pairs: &[(&str, &str)]) -> Value {
    let pairs: Vec<Value> = pairs.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    let mut document = json!({"Attributes": pairs});
    set(&mut document, member, arn.into());
    document
}

/// Draws balancers for some VPCs; returns the ids of endpoint services that Network Load Balancers carry.
pub(super) fn load_balancers(
    dice: &mut Dice<'_, '_>,
    vpcs: &mut [Vpc],
    tables: &mut Tables,
    addresses: &mut usize,
) -> Vec<String> {
    tables.expect(&["LoadBalancers", "Listeners", "Rules", "TargetGroups", "ServiceConfigurations"]);
    let mut services = Vec::new();
    for at in 0..vpcs.len() {
        let application = balancer(dice, vpcs, at, Kind::Application, tables, addresses);
        if let Some(balancer) = &application {
            listeners(dice, vpcs, at, balancer, None, tables);
        }
        let network = balancer(dice, vpcs, at, Kind::Network, tables, addresses);
        let Some(balancer) = network else { continue };
        listeners(dice, vpcs, at, &balancer, application.as_ref(), tables);
        if dice.once_in(2) {
            let id = format!("vpce-svc-{}", at + 1);
            super::endpoints::service(&id, "Interface", "NetworkLoadBalancerArns", &balancer.arn, tables);
            services.push(id);
        }
    }
    services
}

/// A balancer with a node in each of its zones.
fn balancer(
    dice: &mut Dice<'_, '_>,
    vpcs: &mut [Vpc],
    at: usize,
    kind: Kind,
    tables: &mut Tables,
    addresses: &mut usize,
) -> Option<Balancer> {
    let vpc = vpcs.get_mut(at)?;
    let feet = vpc.zonal(dice);
    // SOURCE: guide for Application Load Balancers, "Subnets for your load balancer": at least two zones (checked
    // 2026-11-26).
    if dice.once_in(3) || (kind == Kind::Application && feet.len() < 2) {
        return None;
    }
    let faces_internet = vpc.internet_gateway.is_some() && dice.once_in(2);
    let groups = if kind == Kind::Network && dice.once_in(2) { Vec::new() } else { vpc.some_groups(dice) };
    let id = format!("50dc6c495c0c91{:02}", at + 1);
    let (word, short) = match kind {
        Kind::Application => ("application", "app"),
        Kind::Network => ("network", "net"),
    };
    let name = format!("{short}/{short}-{}/{id}", at + 1);
    let mut zones = Vec::new();
    for place in feet {
        let public = faces_internet.then(|| public_address(addresses));
        let managed = Managed {
            id: format!("eni-{}{}{place}", &short.get(..1).unwrap_or_default(), at + 1),
            kind: if kind == Kind::Network { "network_load_balancer" } else { "interface" },
            description: format!("ELB {name}"),
            groups: &groups,
            owner: "amazon-elb",
            public,
        };
        if let (true, Some(subnet)) = (vpc.add_interface(place, &managed, tables), vpc.subnets.get(place)) {
            zones.push(json!({"ZoneName": subnet.zone, "SubnetId": subnet.id, "LoadBalancerAddresses": []}));
        }
    }
    let arn = arn("loadbalancer", &name);
    let mut row = json!({
        "LoadBalancerArn": arn,
        "LoadBalancerName": format!("{short}-{}", at + 1),
        "Scheme": if faces_internet { "internet-facing" } else { "internal" },
        "VpcId": vpc.id,
        "State": {"Code": "active"},
        "Type": word,
        "AvailabilityZones": zones,
        "IpAddressType": "ipv4",
    });
    if !groups.is_empty() {
        set(&mut row, "SecurityGroups", groups.into());
        if kind == Kind::Network {
            let enforced = if dice.once_in(2) { "off" } else { "on" };
            set(&mut row, "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", enforced.into());
        }
    }
    tables.add("LoadBalancers", row);
    if kind == Kind::Network {
        let crosses = if dice.once_in(2) { "true" } else { "false" };
        let pairs =
            [("deletion_protection.enabled", "false"), ("load_balancing.cross_zone.enabled", crosses)];
        tables.answer(attributes("LoadBalancerArn", &arn, &pairs));
    }
    let mut ports: Vec<u16> = match kind {
        Kind::Application => vec![80, 443],
        Kind::Network => vec![22, 53, 80, 443],
    };
    // One or two of them.
    while ports.len() > 1 && (ports.len() > 2 || dice.once_in(2)) {
        ports.remove(dice.between(0, ports.len() - 1));
    }
    Some(Balancer { arn, name, ports })
}

fn listeners(
    dice: &mut Dice<'_, '_>,
    vpcs: &[Vpc],
    at: usize,
    balancer: &Balancer,
    application: Option<&Balancer>,
    tables: &mut Tables,
) {
    let Some(vpc) = vpcs.get(at) else { return };
    let mut groups = TargetGroups::new(vpcs, vpc, balancer, application);
    for &port in &balancer.ports {
        let listener = arn("listener", &format!("{}/f2f7dc8efc52{port:04}", balancer.name));
        let is_network = balancer.name.starts_with("net/");
        let protocol = match (is_network, port) {
            (true, 53) => dice.word(&["UDP", "TCP_UDP"]),
            (true, _) => dice.word(&["TCP", "TLS", "TCP", "TCP_UDP"]),
            (false, 443) => "HTTPS",
            (false, _) => "HTTP",
        };
        let default = if is_network {
            json!([forward(&groups.draw(dice, Way { port, protocol }, tables))])
        } else {
            rules(dice, vpcs, (&listener, port, protocol), &mut groups, tables)
        };
        tables.add(
            "Listeners",
            json!({
                "ListenerArn": listener,
                "LoadBalancerArn": balancer.arn,
                "Port": port,
                "Protocol": protocol,
                "DefaultActions": default,
            }),
        );
    }
}

fn forward(group: &str) -> Value {
    json!({
        "Type": "forward",
        "TargetGroupArn": group,
        "ForwardConfig": {
            "TargetGroups": [{"TargetGroupArn": group, "Weight": 1}],
            "TargetGroupStickinessConfig": {"Enabled": false},
        },
    })
}

/// Draws the rules of a listener; returns its default actions.
fn rules(
    dice: &mut Dice<'_, '_>,
    vpcs: &[Vpc],
    (listener, port, protocol): (&str, u16, &str),
    groups: &mut TargetGroups<'_>,
    tables: &mut Tables,
) -> Value {
    let mut actions = |dice: &mut Dice<'_, '_>, tables: &mut Tables| match dice.between(0, 4) {
        0..=2 => json!([forward(&groups.draw(dice, Way { port, protocol }, tables))]),
        3 => json!([{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]),
        _ => {
            let elsewhere = json!({"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"});
            json!([{"Type": "redirect", "RedirectConfig": elsewhere}])
        }
    };
    let default = actions(dice, tables);
    let base = listener.replacen(":listener/", ":listener-rule/", 1);
    for number in 1..=dice.between(0, 2) {
        let condition = match dice.between(0, 3) {
            0 | 1 => json!({"Field": "source-ip", "SourceIpConfig": {"Values": [dice.word(&peers(vpcs))]}}),
            2 => {
                let paths = json!(["/api/*"]);
                json!({"Field": "path-pattern", "Values": paths, "PathPatternConfig": {"Values": paths}})
            }
            _ => json!({"Field": "host-header", "Values": ["*"], "HostHeaderConfig": {"Values": ["*"]}}),
        };
        let actions = actions(dice, tables);
        tables.add(
            "Rules",
            json!({
                "RuleArn": format!("{base}/9683b2d02a6c{number:04}"),
                "Priority": (10 * number).to_string(),
                "Conditions": [condition],
                "Actions": actions,
                "IsDefault": false,
            }),
        );
    }
    tables.add(
        "Rules",
        json!({
            "RuleArn": format!("{base}/9683b2d02a6c9999"),
            "Priority": "default",
            "Conditions": [],
            "Actions": default,
            "IsDefault": true,
        }),
    );
    default
}
