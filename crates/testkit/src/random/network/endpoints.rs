//! Interface endpoints, Gateway Load Balancers with their endpoints, and endpoint services.

use serde_json::{Value, json};

use super::balancers::{arn, attributes};
use super::interfaces::Managed;
use super::targets::health;
use super::{ACCOUNT, Tables, Vpc, set};
use crate::random::dice::Dice;

/// An endpoint service and the balancer that carries it.
pub(super) fn service(id: &str, kind: &str, member: &str, balancer: &str, tables: &mut Tables) {
    let mut row = json!({
        "ServiceType": [{"ServiceType": kind}],
        "ServiceId": id,
        "ServiceName": format!("com.amazonaws.vpce.us-east-1.{id}"),
        "ServiceState": "Available",
        "AvailabilityZones": ["us-east-1a", "us-east-1b"],
        "AcceptanceRequired": true,
        "ManagesVpcEndpoints": false,
        "SupportedIpAddressTypes": ["ipv4"],
    });
    set(&mut row, member, json!([balancer]));
    tables.add("ServiceConfigurations", row);
}

/// Interface endpoints in some VPCs, to one of AWS's services or to one of `services`.
pub(super) fn interface_endpoints(
    dice: &mut Dice<'_, '_>,
    vpcs: &mut [Vpc],
    services: &[String],
    tables: &mut Tables,
) {
    tables.expect(&["ServiceConfigurations", "LoadBalancers", "Listeners", "TargetGroups"]);
    for (number, vpc) in (1..).zip(vpcs) {
        if dice.once_in(3) {
            continue;
        }
        let id = format!("vpce-9{number}");
        let own = dice.pick(services).filter(|_| !dice.once_in(4));
        let name = own.map_or_else(
            || "com.amazonaws.us-east-1.ssm".to_owned(),
            |service| format!("com.amazonaws.vpce.us-east-1.{service}"),
        );
        let (feet, groups) = (vpc.zonal(dice), vpc.some_groups(dice));
        let (mut interfaces, mut subnets) = (Vec::new(), Vec::new());
        for at in feet {
            let interface = format!("eni-e{number}{at}");
            let managed = Managed {
                id: interface.clone(),
                kind: "vpc_endpoint",
                description: format!("VPC Endpoint Interface {id}"),
                groups: &groups,
                owner: "amazon-aws",
                public: None,
            };
            if let (true, Some(subnet)) = (vpc.add_interface(at, &managed, tables), vpc.subnets.get(at)) {
                interfaces.push(interface);
                subnets.push(subnet.id.clone());
            }
        }
        let groups: Vec<Value> =
            groups.iter().map(|group| json!({"GroupId": group, "GroupName": group})).collect();
        let pending = own.is_some() && dice.once_in(8);
        tables.add(
            "VpcEndpoints",
            json!({
                "VpcEndpointId": id,
                "VpcEndpointType": "Interface",
                "ServiceName": name,
                "State": if pending { "pendingAcceptance" } else { "available" },
                "SubnetIds": subnets,
                "NetworkInterfaceIds": interfaces,
                "Groups": groups,
                "RouteTableIds": [],
                "IpAddressType": "ipv4",
                "OwnerId": ACCOUNT,
                "VpcId": vpc.id,
            }),
        );
    }
}

/// One Gateway Load Balancer, and endpoints of it in some VPCs.
pub(super) fn inspection_endpoints(dice: &mut Dice<'_, '_>, vpcs: &mut [Vpc], tables: &mut Tables) {
    tables.expect(&["LoadBalancers", "Listeners", "TargetGroups", "ServiceConfigurations"]);
    let last = vpcs.len().saturating_sub(1);
    let at = dice.between(0, last);
    if dice.once_in(4) {
        return;
    }
    let Some(provider) = vpcs.get_mut(at) else { return };
    gateway_load_balancer(dice, provider, tables);
    for (number, vpc) in (1..).zip(vpcs) {
        if dice.once_in(3) {
            continue;
        }
        let (id, at) = (format!("vpce-8{number}"), vpc.inspection_subnet(dice));
        let interface = format!("eni-g{number}");
        let managed = Managed {
            id: interface.clone(),
            kind: "gateway_load_balancer_endpoint",
            description: format!("VPC Endpoint Interface {id}"),
            groups: &[],
            owner: "amazon-aws",
            public: None,
        };
        if !vpc.add_interface(at, &managed, tables) {
            continue;
        }
        let rejected = dice.once_in(10);
        tables.add(
            "VpcEndpoints",
            json!({
                "VpcEndpointId": id,
                "VpcEndpointType": "GatewayLoadBalancer",
                "ServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-9",
                "State": if rejected { "rejected" } else { "available" },
                "SubnetIds": [vpc.subnets.get(at).map(|subnet| &subnet.id)],
                "NetworkInterfaceIds": [interface],
                "Groups": [],
                "RouteTableIds": [],
                "IpAddressType": "dualstack",
                "OwnerId": ACCOUNT,
                "VpcId": vpc.id,
            }),
        );
        vpc.inspectors.push(id);
        vpc.inspecting.push(at);
    }
}

fn gateway_load_balancer(dice: &mut Dice<'_, '_>, vpc: &mut Vpc, tables: &mut Tables) {
    let name = "gwy/inspect/77dc6c495c0c9188";
    let mut zones = Vec::new();
    for at in vpc.zonal(dice) {
        let managed = Managed {
            id: format!("eni-l{at}"),
            kind: "gateway_load_balancer",
            description: format!("ELB {name}"),
            groups: &[],
            owner: "amazon-elb",
            public: None,
        };
        if let (true, Some(subnet)) = (vpc.add_interface(at, &managed, tables), vpc.subnets.get(at)) {
            zones.push(json!({"ZoneName": subnet.zone, "SubnetId": subnet.id, "LoadBalancerAddresses": []}));
        }
    }
    let (balancer, group) = (arn("loadbalancer", name), arn("targetgroup", "inspect/73e2d6bc24d8a067"));
    tables.add(
        "LoadBalancers",
        json!({
            "LoadBalancerArn": balancer,
            "LoadBalancerName": "inspect",
            "VpcId": vpc.id,
            "State": {"Code": "active"},
            "Type": "gateway",
            "AvailabilityZones": zones,
            "IpAddressType": "dualstack",
        }),
    );
    tables.add(
        "Listeners",
        json!({
            "ListenerArn": arn("listener", &format!("{name}/f2f7dc8efc520000")),
            "LoadBalancerArn": balancer,
            "DefaultActions": [{
                "Type": "forward",
                "TargetGroupArn": group,
                "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": group}]},
            }],
        }),
    );
    tables.add(
        "TargetGroups",
        json!({
            "TargetGroupArn": group,
            "TargetGroupName": "inspect",
            "Protocol": "GENEVE",
            "Port": 6081,
            "VpcId": vpc.id,
            "LoadBalancerArns": [balancer],
            "TargetType": "instance",
            "IpAddressType": "ipv4",
        }),
    );
    let targets = dice.pick(&vpc.hosts).map(|host| json!({"Id": host.instance, "Port": 6081}));
    tables.answer(health(&group, 6081, targets.into_iter().collect()));
    let pairs = [("deregistration_delay.timeout_seconds", "300"), ("stickiness.enabled", "false")];
    tables.answer(attributes("TargetGroupArn", &group, &pairs));
    let crosses = if dice.once_in(2) { "true" } else { "false" };
    let pairs = [("deletion_protection.enabled", "false"), ("load_balancing.cross_zone.enabled", crosses)];
    tables.answer(attributes("LoadBalancerArn", &balancer, &pairs));
    service("vpce-svc-9", "GatewayLoadBalancer", "GatewayLoadBalancerArns", &balancer, tables);
}
