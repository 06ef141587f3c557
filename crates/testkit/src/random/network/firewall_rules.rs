//! Rule groups of Network Firewall.

use serde_json::{Value, json};

use super::firewalls::arn;
use super::{Tables, Vpc, peers, set};
use crate::random::dice::Dice;
use crate::random::pools::PORTS;

fn group(what: &str, kind: &str, name: &str, content: &Value, tables: &mut Tables) -> String {
    let arn = arn(what, name);
    tables.answer(json!({
        "UpdateToken": "00000000-0000-0000-0000-000000000003",
        "RuleGroup": content,
        "RuleGroupResponse": {
            "RuleGroupArn": arn,
            "RuleGroupName": name,
            "RuleGroupId": format!("id-of-{name}"),
            "Type": kind,
            "Capacity": 100,
            "RuleGroupStatus": "ACTIVE",
        },
    }));
    arn
}

/// Draws a group of rules about single packets; returns its ARN.
pub(super) fn stateless_group(
    dice: &mut Dice<'_, '_>,
    vpcs: &[Vpc],
    name: &str,
    tables: &mut Tables,
) -> String {
    let rules: Vec<Value> =
        (1..=dice.between(1, 3)).map(|number| stateless_rule(dice, vpcs, 10 * number)).collect();
    let content = json!({"RulesSource": {"StatelessRulesAndCustomActions": {"StatelessRules": rules}}});
    group("stateless-rulegroup", "STATELESS", name, &content, tables)
}

fn stateless_rule(dice: &mut Dice<'_, '_>, vpcs: &[Vpc], priority: usize) -> Value {
    let peers = peers(vpcs);
    let mut attributes = json!({});
    for member in ["Sources", "Destinations"] {
        if dice.once_in(2) {
            set(&mut attributes, member, json!([{"AddressDefinition": dice.word(&peers)}]));
        }
    }
    let protocol = dice.pick(&[6, 6, 17, 1]).copied().filter(|_| !dice.once_in(4));
    if let Some(protocol) = protocol {
        set(&mut attributes, "Protocols", json!([protocol]));
    }
    if let Some(6 | 17) = protocol {
        for member in ["SourcePorts", "DestinationPorts"] {
            if let (true, Some((first, last))) = (dice.once_in(3), dice.pick(&PORTS)) {
                set(&mut attributes, member, json!([{"FromPort": first, "ToPort": last}]));
            }
        }
    }
    if protocol == Some(6) && dice.once_in(4) {
        let flags = match dice.between(0, 2) {
            0 => json!([{"Flags": ["SYN"], "Masks": ["SYN", "ACK"]}]),
            1 => json!([{"Flags": ["ACK"], "Masks": ["ACK"]}]),
            _ => json!([{"Flags": ["SYN"], "Masks": ["SYN"]}]),
        };
        set(&mut attributes, "TCPFlags", flags);
    }
    let action = dice.word(&["aws:forward_to_sfe", "aws:pass", "aws:pass", "aws:drop"]);
    json!({
        "RuleDefinition": {"MatchAttributes": attributes, "Actions": [action]},
        "Priority": priority,
    })
}

/// Draws a group of rules about conversations, in one of the ways in which they are written; returns its ARN.
pub(super) fn stateful_group(
    dice: &mut Dice<'_, '_>,
    vpcs: &[Vpc],
    strict: bool,
    name: &str,
    tables: &mut Tables,
) -> String {
    let source = match dice.between(0, 6) {
        0..=2 => {
            let rules: Vec<Value> =
                (1..=dice.between(1, 3)).map(|number| standard_rule(dice, vpcs, number)).collect();
            json!({"StatefulRules": rules})
        }
        3..=5 => {
            let rules: String =
                (1..=dice.between(1, 3)).map(|number| suricata_rule(dice, vpcs, number)).collect();
            json!({"RulesString": rules})
        }
        _ => json!({
            "RulesSourceList": {
                "Targets": [".example.com"],
                "TargetTypes": ["TLS_SNI", "HTTP_HOST"],
                "GeneratedRulesType": dice.word(&["ALLOWLIST", "DENYLIST"]),
            },
        }),
    };
    let mut content = json!({"RulesSource": source});
    if strict {
        set(&mut content, "StatefulRuleOptions", json!({"RuleOrder": "STRICT_ORDER"}));
    }
    group("stateful-rulegroup", "STATEFUL", name, &content, tables)
}

fn address(dice: &mut Dice<'_, '_>, vpcs: &[Vpc]) -> String {
    match dice.between(0, 3) {
        0 => "ANY".to_owned(),
        1 => "$HOME_NET".to_owned(),
        _ => dice.word(&peers(vpcs)).to_owned(),
    }
}

fn port(dice: &mut Dice<'_, '_>) -> String {
    match dice.pick(&PORTS) {
        Some((first, last)) if first == last => first.to_string(),
        Some((first, last)) if !dice.once_in(3) => format!("{first}:{last}"),
        _ => "ANY".to_owned(),
    }
}

fn standard_rule(dice: &mut Dice<'_, '_>, vpcs: &[Vpc], number: usize) -> Value {
    let protocol = dice.word(&["TCP", "TCP", "UDP", "IP", "ICMP", "TLS"]);
    let ported = matches!(protocol, "TCP" | "UDP" | "TLS");
    let mut options = vec![json!({"Keyword": "sid", "Settings": [number.to_string()]})];
    if dice.once_in(3) {
        options.push(
            json!({"Keyword": "flow", "Settings": [dice.word(&["to_server", "established, to_server"])]}),
        );
    }
    json!({
        "Action": dice.word(&["PASS", "PASS", "DROP", "REJECT", "ALERT"]),
        "Header": {
            "Protocol": protocol,
            "Source": address(dice, vpcs),
            "SourcePort": "ANY",
            "Direction": if dice.once_in(3) { "ANY" } else { "FORWARD" },
            "Destination": address(dice, vpcs),
            "DestinationPort": if ported { port(dice) } else { "ANY".to_owned() },
        },
        "RuleOptions": options,
    })
}

fn suricata_rule(dice: &mut Dice<'_, '_>, vpcs: &[Vpc], number: usize) -> String {
    let action = dice.word(&["pass", "pass", "drop", "reject", "alert"]);
    let protocol = dice.word(&["tcp", "tcp", "udp", "ip", "icmp", "tls"]);
    let word = |text: String| text.replace("ANY", "any");
    let (source, mut destination) = (word(address(dice, vpcs)), word(address(dice, vpcs)));
    if dice.once_in(6) {
        "[10.0.0.0/8,!10.0.0.4/32]".clone_into(&mut destination);
    }
    let port = if matches!(protocol, "tcp" | "udp" | "tls") { word(port(dice)) } else { "any".to_owned() };
    let arrow = if dice.once_in(4) { "<>" } else { "->" };
    let flow = dice.word(&["", "", "flow:to_server; ", "flow:established,to_server; "]);
    let content = if protocol == "tls" { "tls.sni; content:\"example.com\"; " } else { "" };
    format!("{action} {protocol} {source} any {arrow} {destination} {port} ({flow}{content}sid:{number};)\n")
}
