//! Network Firewalls, their endpoints and policies.

use serde_json::{Map, Value, json};

use super::firewall_rules::{stateful_group, stateless_group};
use super::interfaces::Managed;
use super::{ACCOUNT, Tables, Vpc, set};
use crate::random::dice::Dice;

/// The ARN of something of Network Firewall's.
pub(super) fn arn(what: &str, name: &str) -> String {
    format!("arn:aws:network-firewall:us-east-1:{ACCOUNT}:{what}/{name}")
}

/// Draws a firewall for some VPCs, each with a policy of its own.
pub(super) fn firewalls(dice: &mut Dice<'_, '_>, vpcs: &mut [Vpc], tables: &mut Tables) {
    for at in 0..vpcs.len() {
        if dice.once_in(2) {
            continue;
        }
        let name = format!("fw-{}", at + 1);
        policy(dice, vpcs, at, &name, tables);
        let Some(vpc) = vpcs.get_mut(at) else { continue };
        let place = vpc.inspection_subnet(dice);
        firewall(dice, vpc, place, &name, tables);
    }
}

fn firewall(dice: &mut Dice<'_, '_>, vpc: &mut Vpc, at: usize, name: &str, tables: &mut Tables) {
    let number = name.trim_start_matches("fw-");
    let (endpoint, interface) = (format!("vpce-7{number}"), format!("eni-f{number}"));
    let managed = Managed {
        id: interface.clone(),
        kind: "gateway_load_balancer_endpoint",
        description: format!("VPC Endpoint Interface {endpoint}"),
        groups: &[],
        owner: "amazon-aws",
        public: None,
    };
    if !vpc.add_interface(at, &managed, tables) {
        return;
    }
    let Some(subnet) = vpc.subnets.get(at) else { return };
    let firewall = arn("firewall", name);
    tables.add(
        "VpcEndpoints",
        json!({
            "VpcEndpointId": endpoint,
            "VpcEndpointType": "GatewayLoadBalancer",
            "ServiceName": format!("com.amazonaws.vpce.us-east-1.vpce-svc-fw{number}"),
            "State": "available",
            "SubnetIds": [subnet.id],
            "NetworkInterfaceIds": [interface],
            "Groups": [],
            "RouteTableIds": [],
            "IpAddressType": "ipv4",
            "OwnerId": ACCOUNT,
            "RequesterManaged": true,
            "Tags": [
                {"Key": "AWSNetworkFirewallManaged", "Value": "true"},
                {"Key": "Firewall", "Value": firewall},
            ],
            "VpcId": vpc.id,
        }),
    );
    let status = if dice.once_in(12) { "CREATING" } else { "READY" };
    let attachment = json!({"SubnetId": subnet.id, "EndpointId": endpoint, "Status": status});
    let mut states = Map::new();
    states.insert(subnet.zone.to_owned(), json!({"Attachment": attachment}));
    tables.answer(json!({
        "UpdateToken": "00000000-0000-0000-0000-000000000001",
        "Firewall": {
            "FirewallName": name,
            "FirewallArn": firewall,
            "FirewallPolicyArn": arn("firewall-policy", name),
            "VpcId": vpc.id,
            "SubnetMappings": [{"SubnetId": subnet.id}],
            "DeleteProtection": false,
            "SubnetChangeProtection": false,
            "FirewallPolicyChangeProtection": false,
            "FirewallId": format!("00000000-0000-0000-0001-00000000000{number}"),
        },
        "FirewallStatus": {
            "Status": "READY",
            "ConfigurationSyncStateSummary": "IN_SYNC",
            "SyncStates": states,
        },
    }));
    vpc.inspectors.push(endpoint);
    vpc.inspecting.push(at);
}

fn policy(dice: &mut Dice<'_, '_>, vpcs: &[Vpc], at: usize, name: &str, tables: &mut Tables) {
    let Some(vpc) = vpcs.get(at) else { return };
    let strict = dice.once_in(2);
    let stateless: Vec<Value> = (1..=dice.between(0, 2))
        .map(|number| {
            let group = stateless_group(dice, vpcs, &format!("{name}-stateless-{number}"), tables);
            json!({"ResourceArn": group, "Priority": 10 * number})
        })
        .collect();
    let stateful: Vec<Value> = (1..=dice.between(0, 2))
        .map(|number| {
            let group = stateful_group(dice, vpcs, strict, &format!("{name}-stateful-{number}"), tables);
            let mut reference = json!({"ResourceArn": group});
            if strict {
                set(&mut reference, "Priority", (10 * number).into());
            }
            reference
        })
        .collect();
    let default = dice.word(&["aws:forward_to_sfe", "aws:forward_to_sfe", "aws:pass", "aws:drop"]);
    let fragments = if dice.once_in(4) { dice.word(&["aws:pass", "aws:drop"]) } else { default };
    let mut content = json!({
        "StatelessRuleGroupReferences": stateless,
        "StatelessDefaultActions": [default],
        "StatelessFragmentDefaultActions": [fragments],
        "StatefulRuleGroupReferences": stateful,
    });
    if strict {
        set(&mut content, "StatefulEngineOptions", json!({"RuleOrder": "STRICT_ORDER"}));
        match dice.word(&["", "", "aws:drop_established", "aws:alert_strict", "aws:drop_strict"]) {
            "" => {}
            action => set(&mut content, "StatefulDefaultActions", json!([action])),
        }
    }
    if dice.once_in(3) {
        let home = json!({"RuleVariables": {"HOME_NET": {"Definition": [vpc.block, "10.0.1.0/24"]}}});
        set(&mut content, "PolicyVariables", home);
    }
    tables.answer(json!({
        "UpdateToken": "00000000-0000-0000-0000-000000000002",
        "FirewallPolicyResponse": {
            "FirewallPolicyName": name,
            "FirewallPolicyArn": arn("firewall-policy", name),
            "FirewallPolicyId": format!("00000000-0000-0000-0002-00000000000{}", at + 1),
            "FirewallPolicyStatus": "ACTIVE",
        },
        "FirewallPolicy": content,
    }));
}
