//! Rules in Suricata's language are read or refused, whatever they say; a rule that is read is lowered.
#![no_main]

use std::fmt::Write as _;

use aws::{Inventory, lower, snapshot::Snapshot};
use libfuzzer_sys::fuzz_target;

const ARN: &str = "arn:aws:network-firewall:eu-west-1:111122223333";

fuzz_target!(|rules: &str| {
    let mut text = String::new();
    for letter in rules.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            plain if !plain.is_control() => text.push(plain),
            control => write!(text, "\\u{:04x}", u32::from(control)).expect("writing to a string cannot fail"),
        }
    }
    let export = format!(
        r#"[{{"Vpcs":[{{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}}],"Subnets":[{{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.9.0/24"}}]}},
        {{"Firewall":{{"FirewallArn":"{ARN}:firewall/f","FirewallPolicyArn":"{ARN}:firewall-policy/p","VpcId":"vpc-1"}},"FirewallStatus":{{"SyncStates":{{"eu-west-1a":{{"Attachment":{{"SubnetId":"subnet-1","EndpointId":"vpce-1","Status":"READY"}}}}}}}}}},
        {{"FirewallPolicyResponse":{{"FirewallPolicyArn":"{ARN}:firewall-policy/p"}},"FirewallPolicy":{{"StatelessDefaultActions":["aws:forward_to_sfe"],"StatefulRuleGroupReferences":[{{"ResourceArn":"{ARN}:stateful-rulegroup/g","Priority":1}}],"StatefulEngineOptions":{{"RuleOrder":"STRICT_ORDER"}}}}}},
        {{"RuleGroupResponse":{{"RuleGroupArn":"{ARN}:stateful-rulegroup/g"}},"RuleGroup":{{"RulesSource":{{"RulesString":"{text}"}}}}}}]"#
    );
    let (snapshot, remarks) = Snapshot::parse("export.json", &export);
    assert!(remarks.is_empty(), "{remarks:?}");
    let (inventory, _) = Inventory::read(&snapshot);
    let (graph, _) = lower(&inventory, &snapshot);
    assert!(graph.to_string().contains("vpce-1/opening"));
});
