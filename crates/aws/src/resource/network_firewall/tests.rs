//! Firewalls from export to edges.
//!
//! SOURCE: as of the files under test.
use crate::{Inventory, lower, resource::among, snapshot::Snapshot};

mod bounds;

const ARN: &str = "arn:aws:network-firewall:eu-west-1:111122223333";

/// Documents of a VPC with one endpoint of a firewall, its policy and its groups.
fn documents(policy: &str, groups: &[(&str, &str)]) -> Vec<(String, String)> {
    let network = r#"{"Vpcs":[{"VpcId":"vpc-1","OwnerId":"111122223333","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-fw","VpcId":"vpc-1","OwnerId":"111122223333","AvailabilityZone":"eu-west-1a","CidrBlock":"10.0.9.0/24"}],"NetworkAcls":[{"NetworkAclId":"acl-1","OwnerId":"111122223333","VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-fw"}],"Entries":[{"RuleNumber":100,"Egress":false,"Protocol":"-1","RuleAction":"allow","CidrBlock":"0.0.0.0/0"}]}]}"#;
    let firewall = format!(
        r#"{{"Firewall":{{"FirewallName":"fw","FirewallArn":"{ARN}:firewall/fw","FirewallPolicyArn":"{ARN}:firewall-policy/p","VpcId":"vpc-1","SubnetMappings":[{{"SubnetId":"subnet-fw"}}],"FirewallId":"f-1"}},"FirewallStatus":{{"Status":"READY","ConfigurationSyncStateSummary":"IN_SYNC","SyncStates":{{"eu-west-1a":{{"Attachment":{{"SubnetId":"subnet-fw","EndpointId":"vpce-1","Status":"READY"}}}}}}}}}}"#
    );
    let policy = format!(
        r#"{{"FirewallPolicyResponse":{{"FirewallPolicyArn":"{ARN}:firewall-policy/p"}},"FirewallPolicy":{policy}}}"#
    );
    let mut all = vec![
        ("network.json".to_owned(), network.to_owned()),
        ("fw.json".to_owned(), firewall),
        ("p.json".to_owned(), policy),
    ];
    for (name, group) in groups {
        let kind = if group.contains("Stateless") { "stateless" } else { "stateful" };
        all.push((
            format!("{name}.json"),
            format!(
                r#"{{"RuleGroupResponse":{{"RuleGroupArn":"{ARN}:{kind}-rulegroup/{name}"}},"RuleGroup":{group}}}"#
            ),
        ));
    }
    all
}

/// The edges between ports of the firewall, and what is wrong.
fn inspected(documents: Vec<(String, String)>) -> String {
    let documents = documents.into_iter().map(|(name, text)| (name, text.into_bytes()));
    let (snapshot, mut remarks) = Snapshot::from_documents(documents);
    let (inventory, more) = Inventory::read(&snapshot);
    remarks.extend(more);
    let (graph, more) = lower(&inventory, &snapshot);
    remarks.extend(more);
    let text = graph.to_string();
    let edges =
        text.lines().filter(|line| line.contains("vpce-1")).map(|line| line.replace("fw/vpce-1/", "fw/"));
    let plain = |code| matches!(code, "unknown" | "missing-table");
    let remarks = remarks.iter().filter(|it| it.severity < crate::Severity::Info && !plain(it.code));
    edges.chain(remarks.map(|remark| format!("! {remark}"))).collect::<Vec<_>>().join("\n")
}

/// The same without what every firewall has.
fn decided(policy: &str, groups: &[(&str, &str)]) -> String {
    let text = inspected(documents(policy, groups));
    let plain = [
        "fw/arriving ->",
        "fw/leaving ->",
        "fw/passed ->",
        "fw/kept ->",
        "fw/inspected ->",
        "vpce-1/",
        "fw/stateful ->",
    ];
    let lines = text.lines().filter(|line| !plain.iter().any(|start| line.starts_with(start)));
    lines.collect::<Vec<_>>().join("\n")
}

fn strict(groups: &[&str], defaults: &str) -> String {
    let references: Vec<String> = (1..)
        .zip(groups)
        .map(|(at, name)| format!(r#"{{"ResourceArn":"{ARN}:stateful-rulegroup/{name}","Priority":{at}}}"#))
        .collect();
    format!(
        r#"{{"StatelessDefaultActions":["aws:forward_to_sfe"],"StatelessFragmentDefaultActions":["aws:forward_to_sfe"],"StatefulRuleGroupReferences":[{}],"StatefulDefaultActions":[{defaults}],"StatefulEngineOptions":{{"RuleOrder":"STRICT_ORDER"}}}}"#,
        references.join(",")
    )
}

fn by_action(groups: &[&str]) -> String {
    strict(groups, "").replace("STRICT_ORDER", "DEFAULT_ACTION_ORDER")
}

fn text(rules: &str) -> String {
    format!(r#"{{"RulesSource":{{"RulesString":"{}"}}}}"#, rules.replace('"', "\\\"").replace('\n', "\\n"))
}

#[test]
fn fragments_are_in_doubt_where_defaults_differ_or_are_not_told() {
    let said = |whole: &str, fragments: &str| {
        let policy = format!(r#"{{"StatelessDefaultActions":["aws:{whole}"]{fragments}}}"#);
        let text = inspected(documents(&policy, &[]));
        let lines = text.lines().filter(|line| line.contains("fw/stateless -> ") && line.contains("udp"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let with = |action: &str| format!(r#","StatelessFragmentDefaultActions":["aws:{action}"]"#);
    for (whole, fragments) in [
        ("pass", "drop"),
        ("pass", "forward_to_sfe"),
        ("drop", "drop"),
        ("forward_to_sfe", "drop"),
        ("forward_to_sfe", "forward_to_sfe"),
    ] {
        assert_eq!(said(whole, &with(fragments)), "", "{whole} {fragments}");
    }
    let only = "uncertain (only fragments of UDP packets pass here by default, whole packets do not)";
    for (whole, fragments, to) in [
        ("drop", "pass", "fw/leaving"),
        ("drop", "forward_to_sfe", "fw/stateful"),
        ("forward_to_sfe", "pass", "fw/leaving"),
    ] {
        let expected = format!("fw/stateless -> {to}: [1] udp; {only}");
        assert_eq!(said(whole, &with(fragments)), expected, "{whole} {fragments}");
    }
    let untold = "fw/stateless -> insufficient-info: [1] udp; uncertain (what becomes of fragments of UDP packets by default is not in the snapshot)";
    assert_eq!(
        (said("drop", "").as_str(), said("forward_to_sfe", "").as_str(), said("pass", "").as_str()),
        (untold, untold, "")
    );
}

#[test]
fn an_endpoint_leads_through_both_engines_into_its_subnet() {
    insta::assert_snapshot!(inspected(documents(r#"{"StatelessDefaultActions":["aws:forward_to_sfe"],"StatelessFragmentDefaultActions":["aws:forward_to_sfe"]}"#, &[])), @"
    fw/arriving -> fw/stateless: any packet
    fw/inspected -> fw/leaving: any packet
    fw/kept -> fw/leaving: any packet
    fw/leaving -> subnet-fw/out: opening any packet; identity := 1
    fw/leaving -> subnet-fw/out: reply any packet
    fw/opening -> fw/opening-0: any packet
    fw/opening-0 -> fw/opening-data: any packet
    fw/opening-data -> fw/inspected: not phase 1
    fw/opening-data -> fw/opening-data-0: phase 1
    fw/opening-data-0 -> fw/inspected: any packet
    fw/passed -> fw/leaving: any packet
    fw/reply -> fw/reply-0: any packet
    fw/reply-0 -> fw/reply-data: any packet
    fw/reply-data -> fw/leaving: not phase 1
    fw/reply-data -> fw/reply-data-0: phase 1
    fw/reply-data-0 -> fw/leaving: any packet
    fw/reply-kept -> fw/leaving: any packet
    fw/stateful -> fw/leaving: reply any packet; as before fw/passed
    fw/stateful -> fw/opening: opening any packet
    fw/stateful -> fw/opening: reply not tcp; uncertain (a reply may open a conversation of its own at `vpce-1`)
    fw/stateful -> fw/reply: reply any packet; as before fw/inspected
    fw/stateful -> fw/reply-kept: reply any packet; as before fw/kept
    fw/stateless -> fw/stateful: [1] any packet
    vpce-1/inspecting -> fw/arriving: [100] src_ip in 0.0.0.0/0
    vpce-1/routed@vpc-1 -> vpce-1/inspecting: any packet
    ");
}

#[test]
fn stateless_rules_go_by_priority() {
    let policy = format!(
        r#"{{"StatelessDefaultActions":["custom","aws:drop"],"StatelessFragmentDefaultActions":["custom","aws:drop"],"StatelessRuleGroupReferences":[{{"ResourceArn":"{ARN}:stateless-rulegroup/b","Priority":20}},{{"ResourceArn":"{ARN}:stateless-rulegroup/a","Priority":10}}]}}"#
    );
    let a = r#"{"RulesSource":{"StatelessRulesAndCustomActions":{"StatelessRules":[{"Priority":2,"RuleDefinition":{"MatchAttributes":{"Protocols":[1]},"Actions":["aws:pass"]}},{"Priority":1,"RuleDefinition":{"MatchAttributes":{"Sources":[{"AddressDefinition":"10.0.0.0/8"}],"Destinations":[{"AddressDefinition":"8.8.8.8"}],"DestinationPorts":[{"FromPort":53,"ToPort":53}],"Protocols":[17,6]},"Actions":["count","aws:forward_to_sfe"]}}]}}}"#;
    let b = r#"{"RulesSource":{"StatelessRulesAndCustomActions":{"StatelessRules":[{"Priority":1,"RuleDefinition":{"MatchAttributes":{},"Actions":["aws:drop"]}}]}}}"#;
    let text = decided(&policy, &[("a", a), ("b", b)]);
    let text: Vec<&str> = text.lines().filter(|line| line.starts_with("fw/stateless")).collect();
    insta::assert_snapshot!(text.join("\n"), @"
    fw/stateless -> fw/stateful: [1] protocol in {tcp, udp} and src_ip in 10.0.0.0/8 and dst_ip 8.8.8.8 and dst_port 53
    fw/stateless -> fw/leaving: [2] icmp
    fw/stateless -> denied: [3] any packet
    fw/stateless -> denied: [4] any packet
    ");
}

#[test]
fn tcp_flags_are_decided_for_handshake_and_data() {
    let policy = format!(
        r#"{{"StatelessDefaultActions":["aws:pass"],"StatelessFragmentDefaultActions":["aws:pass"],"StatelessRuleGroupReferences":[{{"ResourceArn":"{ARN}:stateless-rulegroup/a","Priority":10}}]}}"#
    );
    let rule = |priority: i32, flags: &str, action: &str| {
        format!(
            r#"{{"Priority":{priority},"RuleDefinition":{{"MatchAttributes":{{"Protocols":[6],"TCPFlags":[{flags}]}},"Actions":["aws:{action}"]}}}}"#
        )
    };
    let rules = [
        rule(1, r#"{"Flags":["SYN"],"Masks":["SYN","ACK"]}"#, "forward_to_sfe"),
        rule(2, r#"{"Flags":["PSH","ACK"],"Masks":["PSH","ACK"]}"#, "drop"),
    ];
    let a = format!(
        r#"{{"RulesSource":{{"StatelessRulesAndCustomActions":{{"StatelessRules":[{}]}}}}}}"#,
        rules.join(",")
    );
    let text = decided(&policy, &[("a", &a)]);
    let text: Vec<&str> = text.lines().filter(|line| line.starts_with("fw/stateless")).collect();
    insta::assert_snapshot!(text.join("\n"), @r"
    fw/stateless -> fw/stateless-forwarded: [1] opening tcp
    fw/stateless -> fw/stateless-passed: [3] any packet
    fw/stateless-forwarded -> fw/stateful: phase 0 or not tcp
    fw/stateless-forwarded -> insufficient-info: [2] tcp (a stateless rule depends on TCP flags that differ from packet to packet)
    fw/stateless-forwarded -> insufficient-info: [3] any packet (handshake and data of a TCP connection go different ways through the stateless rules)
    fw/stateless-passed -> fw/leaving: phase 0 or not tcp
    fw/stateless-passed -> insufficient-info: [2] tcp (a stateless rule depends on TCP flags that differ from packet to packet)
    fw/stateless-passed -> fw/leaving: [3] any packet
    ");
}

#[test]
fn strict_order_goes_by_priority_and_line_then_by_default() {
    let a = text("drop tcp 10.0.1.0/24 any -> any 443 (sid:1;)\npass tcp $HOME_NET any -> any 443 (sid:2;)");
    let policy = strict(&["a"], r#""aws:drop_established","aws:alert_established""#);
    insta::assert_snapshot!(decided(&policy, &[("a", &a)]), @"
    fw/opening -> fw/opening-0: any packet
    fw/opening-0 -> denied: tcp and src_ip in 10.0.1.0/24 and dst_port 443
    fw/opening-0 -> fw/passed: [1] tcp and src_ip in 10.0.0.0/16 and dst_port 443
    fw/opening-0 -> fw/opening-1: [2] not tcp; uncertain (depends on default action aws:drop_established)
    fw/opening-0 -> fw/opening-1: [2] tcp
    fw/opening-1 -> fw/opening-data: any packet
    fw/opening-data -> fw/inspected: not phase 1
    fw/opening-data -> fw/kept: phase 1 and tcp and tcp and dst_ip in 10.0.0.0/16 and src_port 443; uncertain (whether sid 2 of `a` passes the connection because of the answer)
    fw/opening-data -> fw/opening-data-0: phase 1
    fw/opening-data-0 -> denied: tcp and src_ip in 10.0.1.0/24 and dst_port 443
    fw/opening-data-0 -> fw/kept: [1] tcp and src_ip in 10.0.0.0/16 and dst_port 443
    fw/opening-data-0 -> denied: [2] tcp
    fw/opening-data-0 -> fw/opening-data-1: [3] not tcp; uncertain (depends on default action aws:drop_established)
    fw/opening-data-0 -> fw/opening-data-1: [3] tcp
    fw/opening-data-1 -> fw/inspected: any packet
    fw/reply -> fw/reply-0: any packet
    fw/reply-0 -> denied: tcp and src_ip in 10.0.1.0/24 and dst_port 443
    fw/reply-0 -> fw/leaving: [1] tcp and src_ip in 10.0.0.0/16 and dst_port 443
    fw/reply-0 -> fw/reply-1: [2] not tcp; uncertain (depends on default action aws:drop_established)
    fw/reply-0 -> fw/reply-1: [2] tcp
    fw/reply-1 -> fw/reply-data: any packet
    fw/reply-data -> fw/leaving: not phase 1
    fw/reply-data -> fw/reply-data-0: phase 1
    fw/reply-data-0 -> denied: tcp and src_ip in 10.0.1.0/24 and dst_port 443
    fw/reply-data-0 -> fw/leaving: [1] tcp and src_ip in 10.0.0.0/16 and dst_port 443
    fw/reply-data-0 -> denied: [2] tcp
    fw/reply-data-0 -> fw/reply-data-1: [3] not tcp; uncertain (depends on default action aws:drop_established)
    fw/reply-data-0 -> fw/reply-data-1: [3] tcp
    fw/reply-data-1 -> fw/leaving: any packet
    fw/reply-kept -> insufficient-info: tcp and src_ip in 10.0.1.0/24 and dst_port 443 (whether sid 1 of `a` drops replies of what a rule has passed)
    fw/reply-kept -> fw/leaving: [1] tcp and src_ip in 10.0.0.0/16 and dst_port 443
    fw/reply-kept -> fw/leaving: [4] any packet
    fw/stateless -> fw/stateful: [1] any packet
    ");
}

#[test]
fn action_order_passes_first_and_lets_the_rest_through() {
    let a = text(
        "drop tcp 10.0.1.0/24 any -> any 443 (sid:1;)\nalert ip any any -> any any (sid:3;)\npass tcp $HOME_NET any -> any 443 (sid:2;)",
    );
    insta::assert_snapshot!(decided(&by_action(&["a"]), &[("a", &a)]), @"
    fw/opening -> fw/opening-0: any packet
    fw/opening-0 -> fw/passed: tcp and src_ip in 10.0.0.0/16 and dst_port 443
    fw/opening-0 -> denied: [1] tcp and src_ip in 10.0.1.0/24 and dst_port 443
    fw/opening-0 -> fw/opening-data: [2] any packet
    fw/opening-data -> fw/inspected: not phase 1
    fw/opening-data -> fw/kept: phase 1 and tcp and tcp and dst_ip in 10.0.0.0/16 and src_port 443; uncertain (whether sid 2 of `a` passes the connection because of the answer)
    fw/opening-data -> fw/opening-data-0: phase 1
    fw/opening-data-0 -> fw/kept: tcp and src_ip in 10.0.0.0/16 and dst_port 443
    fw/opening-data-0 -> denied: [1] tcp and src_ip in 10.0.1.0/24 and dst_port 443
    fw/opening-data-0 -> fw/inspected: [2] any packet
    fw/reply -> fw/reply-0: any packet
    fw/reply-0 -> fw/leaving: tcp and src_ip in 10.0.0.0/16 and dst_port 443
    fw/reply-0 -> denied: [1] tcp and src_ip in 10.0.1.0/24 and dst_port 443
    fw/reply-0 -> fw/reply-data: [2] any packet
    fw/reply-data -> fw/leaving: not phase 1
    fw/reply-data -> fw/reply-data-0: phase 1
    fw/reply-data-0 -> fw/leaving: tcp and src_ip in 10.0.0.0/16 and dst_port 443
    fw/reply-data-0 -> denied: [1] tcp and src_ip in 10.0.1.0/24 and dst_port 443
    fw/reply-data-0 -> fw/leaving: [2] any packet
    fw/reply-kept -> fw/leaving: tcp and src_ip in 10.0.0.0/16 and dst_port 443
    fw/reply-kept -> insufficient-info: [1] tcp and src_ip in 10.0.1.0/24 and dst_port 443 (whether sid 1 of `a` drops replies of what a rule has passed)
    fw/reply-kept -> fw/leaving: [2] any packet
    fw/stateless -> fw/stateful: [1] any packet
    ");
}

#[test]
fn what_depends_on_payload_is_bounded_from_both_sides() {
    let a = text(
        "pass tls $HOME_NET any -> any 443 (tls.sni; content:\"example.com\"; sid:1;)\ndrop tcp any any -> any any (flow:established,to_server; content:\"x\"; sid:2;)\ndrop tcp any any -> any any (flow:established,to_server; pcre:\"/y/\"; sid:3;)\npass tcp any any -> any any (sid:4;)",
    );
    insta::assert_snapshot!(decided(&strict(&["a"], ""), &[("a", &a)]), @"
    fw/opening -> fw/opening-0: any packet
    fw/opening-0 -> fw/passed: tcp
    fw/opening-0 -> fw/opening-data: [1] any packet
    fw/opening-data -> fw/inspected: not phase 1
    fw/opening-data -> fw/opening-data-0: phase 1
    fw/opening-data -> fw/opening-data-perhaps: phase 1 and tcp and src_ip in 10.0.0.0/16 and dst_port 443
    fw/opening-data-0 -> fw/opening-data-1: tcp; uncertain (depends on sid 2 of `a`, sid 3 of `a`)
    fw/opening-data-0 -> fw/opening-data-1: not tcp
    fw/opening-data-1 -> fw/kept: tcp
    fw/opening-data-1 -> fw/inspected: [1] any packet
    fw/opening-data-perhaps -> fw/kept: tcp and src_ip in 10.0.0.0/16 and dst_port 443; uncertain (depends on sid 1 of `a`)
    fw/reply -> fw/reply-0: any packet
    fw/reply-0 -> fw/leaving: tcp
    fw/reply-0 -> fw/reply-data: [1] any packet
    fw/reply-data -> fw/leaving: not phase 1
    fw/reply-data -> fw/reply-data-0: phase 1
    fw/reply-data -> fw/reply-data-perhaps: phase 1 and tcp and src_ip in 10.0.0.0/16 and dst_port 443
    fw/reply-data-0 -> fw/leaving: tcp
    fw/reply-data-0 -> fw/leaving: [1] any packet
    fw/reply-data-perhaps -> fw/leaving: tcp and src_ip in 10.0.0.0/16 and dst_port 443; uncertain (depends on sid 1 of `a`)
    fw/reply-kept -> fw/leaving: [1] tcp
    fw/reply-kept -> fw/leaving: [2] any packet
    fw/stateless -> fw/stateful: [1] any packet
    ");
}

#[test]
fn rules_about_packets_pass_replies_unless_something_drops_them() {
    let a =
        text("drop tcp any 443 -> any any (sid:1;)\npass tcp any any -> any 443 (flow:to_server; sid:2;)");
    insta::assert_snapshot!(decided(&strict(&["a"], r#""aws:drop_strict""#), &[("a", &a)]), @"
    fw/opening -> fw/opening-0: any packet
    fw/opening -> fw/opening-perhaps: tcp and dst_port 443
    fw/opening-0 -> denied: tcp and src_port 443
    fw/opening-0 -> fw/opening-data: [1] tcp and dst_port 443
    fw/opening-0 -> denied: [2] any packet
    fw/opening-0 -> fw/opening-data: [3] any packet
    fw/opening-data -> fw/inspected: not phase 1
    fw/opening-data -> fw/opening-data-0: phase 1
    fw/opening-data-0 -> denied: tcp and src_port 443
    fw/opening-data-0 -> fw/kept: [1] tcp and dst_port 443
    fw/opening-data-0 -> denied: [2] any packet
    fw/opening-data-0 -> fw/inspected: [3] any packet
    fw/opening-perhaps -> denied: tcp and src_port 443
    fw/opening-perhaps -> fw/kept: [1] tcp and dst_port 443; uncertain (whether sid 2 of `a` passes the whole conversation)
    fw/opening-perhaps -> denied: [2] any packet
    fw/reply -> fw/reply-0: any packet
    fw/reply-0 -> denied: tcp and src_port 443
    fw/reply-0 -> denied: [1] any packet
    fw/reply-0 -> fw/reply-data: [2] any packet
    fw/reply-data -> fw/leaving: not phase 1
    fw/reply-data -> fw/reply-data-0: phase 1
    fw/reply-data-0 -> denied: tcp and src_port 443
    fw/reply-data-0 -> denied: [1] any packet
    fw/reply-data-0 -> fw/leaving: [2] any packet
    fw/reply-kept -> insufficient-info: tcp and src_port 443 (whether sid 1 of `a` drops replies of what a rule has passed)
    fw/reply-kept -> fw/leaving: [2] any packet
    fw/stateless -> fw/stateful: [1] any packet
    ");
}

#[test]
fn standard_rules_and_domain_lists_are_rules_too() {
    let a = r#"{"RulesSource":{"StatefulRules":[{"Action":"DROP","Header":{"Protocol":"UDP","Source":"ANY","SourcePort":"ANY","Direction":"ANY","Destination":"8.8.8.8/32","DestinationPort":"53"},"RuleOptions":[{"Keyword":"sid:1"}]}]}}"#;
    let b = r#"{"RulesSource":{"RulesSourceList":{"Targets":[".example.com"],"TargetTypes":["TLS_SNI"],"GeneratedRulesType":"ALLOWLIST"}}}"#;
    insta::assert_snapshot!(decided(&by_action(&["a", "b"]), &[("a", a), ("b", b)]), @"
    fw/opening -> fw/opening-0: any packet
    fw/opening-0 -> denied: udp and (dst_ip 8.8.8.8 and dst_port 53 or src_ip 8.8.8.8 and src_port 53)
    fw/opening-0 -> fw/opening-data: [1] any packet
    fw/opening-data -> fw/inspected: not phase 1
    fw/opening-data -> fw/opening-data-0: phase 1
    fw/opening-data -> fw/opening-data-perhaps: phase 1 and tcp and src_ip in 10.0.0.0/16
    fw/opening-data-0 -> denied: udp and (dst_ip 8.8.8.8 and dst_port 53 or src_ip 8.8.8.8 and src_port 53)
    fw/opening-data-0 -> fw/opening-data-1: [1] tcp and src_ip in 10.0.0.0/16; uncertain (depends on domain list of `b`)
    fw/opening-data-0 -> fw/opening-data-1: [1] not (tcp and src_ip in 10.0.0.0/16)
    fw/opening-data-1 -> fw/inspected: any packet
    fw/opening-data-perhaps -> fw/kept: tcp and src_ip in 10.0.0.0/16; uncertain (depends on domain list of `b`)
    fw/opening-data-perhaps -> denied: [1] udp and (dst_ip 8.8.8.8 and dst_port 53 or src_ip 8.8.8.8 and src_port 53)
    fw/reply -> fw/reply-0: any packet
    fw/reply-0 -> denied: udp and (dst_ip 8.8.8.8 and dst_port 53 or src_ip 8.8.8.8 and src_port 53)
    fw/reply-0 -> fw/reply-data: [1] any packet
    fw/reply-data -> fw/leaving: not phase 1
    fw/reply-data -> fw/reply-data-0: phase 1
    fw/reply-data-0 -> denied: udp and (dst_ip 8.8.8.8 and dst_port 53 or src_ip 8.8.8.8 and src_port 53)
    fw/reply-data-0 -> fw/leaving: [1] any packet
    fw/reply-kept -> insufficient-info: udp and (dst_ip 8.8.8.8 and dst_port 53 or src_ip 8.8.8.8 and src_port 53) (whether sid 1 of `a` drops replies of what a rule has passed)
    fw/reply-kept -> fw/leaving: [1] any packet
    fw/stateless -> fw/stateful: [1] any packet
    ");
}

#[test]
fn variables_come_from_group_policy_and_vpc() {
    let a = r#"{"RuleVariables":{"IPSets":{"HOME_NET":{"Definition":["172.16.0.0/12"]},"DNS":{"Definition":["8.8.8.8","8.8.4.4"]}},"PortSets":{"WEB":{"Definition":["80","443"]}}},"RulesSource":{"RulesString":"pass tcp $HOME_NET any -> $EXTERNAL_NET $WEB (sid:1;)\ndrop udp $OTHER any -> $DNS any (sid:2;)"}}"#;
    let text = decided(&strict(&["a"], ""), &[("a", a)]);
    let text: Vec<&str> = text.lines().filter(|line| line.starts_with("fw/opening-0")).collect();
    insta::assert_snapshot!(text.join("\n"), @"
    fw/opening-0 -> fw/passed: tcp and src_ip in 172.16.0.0/12 and not (dst_ip in 10.0.0.0/16) and dst_port in {80, 443}
    fw/opening-0 -> fw/opening-1: [1] udp and (dst_ip 8.8.8.8 or dst_ip 8.8.4.4); uncertain (depends on sid 2 of `a` (`$OTHER` in a rule is not in the snapshot))
    fw/opening-0 -> fw/opening-1: [1] not (udp and (dst_ip 8.8.8.8 or dst_ip 8.8.4.4))
    ");
}

#[test]
fn what_is_missing_or_unreadable_is_unknown_by_name() {
    let policy = strict(&["a", "gone"], "");
    let text = decided(&policy, &[("a", &text("pass tcp any any -> any any (sid:1;)\nnonsense"))]);
    let text: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("fw/opening") || line.starts_with('!') || line.starts_with(' '))
        .collect();
    insta::assert_snapshot!(text.join("\n"), @r"
    fw/opening -> fw/opening-0: any packet
    fw/opening -> fw/opening-perhaps: any packet
    fw/opening-0 -> fw/opening-1: any packet; uncertain (depends on rules that are not known (a rule of group `a` cannot be read), rules that are not known (rule group `arn:aws:network-firewall:eu-west-1:111122223333:stateful-rulegroup/gone` is not in the snapshot))
    fw/opening-1 -> fw/opening-data: any packet
    fw/opening-data -> fw/inspected: not phase 1
    fw/opening-data -> fw/opening-data-0: phase 1
    fw/opening-data -> fw/opening-data-perhaps: phase 1
    fw/opening-data-0 -> fw/opening-data-1: any packet; uncertain (depends on rules that are not known (a rule of group `a` cannot be read), rules that are not known (rule group `arn:aws:network-firewall:eu-west-1:111122223333:stateful-rulegroup/gone` is not in the snapshot))
    fw/opening-data-1 -> fw/inspected: any packet
    fw/opening-data-perhaps -> fw/kept: any packet; uncertain (depends on rules that are not known (a rule of group `a` cannot be read))
    fw/opening-data-perhaps -> fw/kept: [2] any packet; uncertain (depends on rules that are not known (rule group `arn:aws:network-firewall:eu-west-1:111122223333:stateful-rulegroup/gone` is not in the snapshot))
    fw/opening-perhaps -> fw/kept: any packet; uncertain (depends on rules that are not known (a rule of group `a` cannot be read))
    fw/opening-perhaps -> fw/kept: [2] any packet; uncertain (depends on rules that are not known (rule group `arn:aws:network-firewall:eu-west-1:111122223333:stateful-rulegroup/gone` is not in the snapshot))
    ! a.json:1#/RuleGroup/RulesSource/RulesString: line 2 of the rules: action is `nonsense`
      help: what this rule group does is reported as unknown
    ");
    let mut without = documents("{}", &[]);
    without.remove(2);
    let text = inspected(without);
    let text: Vec<&str> = text.lines().filter(|line| line.contains("uncertain")).collect();
    insta::assert_snapshot!(text.join("\n"), @"
    fw/arriving -> subnet-fw/out: opening any packet; identity := 1; uncertain (policy `arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/p` is not in the snapshot)
    fw/arriving -> subnet-fw/out: reply any packet; uncertain (policy `arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/p` is not in the snapshot)
    ");
}

#[test]
fn next_generation_and_other_modes_are_unknown_by_name() {
    let mut new = documents("{}", &[]);
    new[2].1 = format!(
        r#"{{"FirewallPolicyV2Response":{{"FirewallPolicyV2Arn":"{ARN}:firewall-policy/p"}},"FirewallPolicyV2":{{"FirewallDefaultAction":"DROP"}}}}"#
    );
    let mut proxy = documents(
        r#"{"StatelessDefaultActions":["aws:pass"],"StatelessFragmentDefaultActions":["aws:pass"]}"#,
        &[],
    );
    proxy[1].1 = proxy[1].1.replace(r#""FirewallId""#, r#""ProxySettings":{},"FirewallId""#);
    let mut failed = documents(
        r#"{"StatelessDefaultActions":["aws:pass"],"StatelessFragmentDefaultActions":["aws:pass"]}"#,
        &[],
    );
    failed[1].1 = failed[1].1.replace(r#""vpce-1","Status":"READY""#, r#""vpce-1","Status":"FAILED""#);
    failed[1].1 = failed[1].1.replace("IN_SYNC", "PENDING");
    for (documents, expected) in [(new, "next"), (proxy, "proxy"), (failed, "failed")] {
        let text = inspected(documents);
        let lines = text.lines().filter(|line| {
            line.contains("insufficient-info") || line.contains("uncertain") || line.starts_with('!')
        });
        let lines = lines.collect::<Vec<_>>().join("\n");
        insta::allow_duplicates! {
            match expected {
                "next" => insta::assert_snapshot!(lines, @"
                fw/arriving -> subnet-fw/out: opening any packet; identity := 1; uncertain (policy `p` is of the next generation, which is not modelled)
                fw/arriving -> subnet-fw/out: reply any packet; uncertain (policy `p` is of the next generation, which is not modelled)
                "),
                "proxy" => insta::assert_snapshot!(lines, @"fw/arriving -> insufficient-info: any packet (firewall `fw` is a proxy, which is not modelled)"),
                _ => insta::assert_snapshot!(lines, @"
                fw/arriving -> subnet-fw/out: opening any packet; identity := 1; uncertain (the firewall endpoint `vpce-1` is FAILED)
                fw/arriving -> subnet-fw/out: reply any packet; uncertain (the firewall endpoint `vpce-1` is FAILED)
                ! fw.json:1#/FirewallStatus: the configuration of firewall `arn:aws:network-firewall:eu-west-1:111122223333:firewall/fw` is PENDING
                ! fw.json:1#/FirewallStatus: the firewall endpoint `vpce-1` is FAILED
                "),
            }
        }
    }
}

#[test]
fn endpoints_are_known_by_association_list_or_tag() {
    let policy = format!(
        r#"{{"FirewallPolicyResponse":{{"FirewallPolicyArn":"{ARN}:firewall-policy/p"}},"FirewallPolicy":{{"StatelessDefaultActions":["aws:pass"],"StatelessFragmentDefaultActions":["aws:pass"]}}}}"#
    );
    let network = r#""Vpcs":[{"VpcId":"vpc-2","CidrBlock":"10.2.0.0/16"}],"Subnets":[{"SubnetId":"subnet-2","VpcId":"vpc-2","AvailabilityZone":"eu-west-1a","CidrBlock":"10.2.9.0/24"}]"#;
    let firewall = format!(
        r#"{{"FirewallName":"fw","FirewallArn":"{ARN}:firewall/fw","FirewallPolicyArn":"{ARN}:firewall-policy/p","VpcId":"vpc-1"}}"#
    );
    let state =
        r#"{"eu-west-1a":{"Attachment":{"SubnetId":"subnet-2","EndpointId":"vpce-1","Status":"READY"}}}"#;
    let association = format!(
        r#"{{{network},"Firewalls":[{{"Firewall":{firewall}}}],"VpcEndpointAssociation":{{"VpcEndpointAssociationArn":"{ARN}:vpc-endpoint-association/a","FirewallArn":"{ARN}:firewall/fw","VpcId":"vpc-2"}},"VpcEndpointAssociationStatus":{{"Status":"READY","AssociationSyncState":{state}}}}}"#
    );
    let tagged = format!(
        r#"{{{network},"Firewalls":[{firewall}],"VpcEndpoints":[{{"VpcEndpointId":"vpce-1","VpcEndpointType":"GatewayLoadBalancer","VpcId":"vpc-2","SubnetIds":["subnet-2"],"State":"available","Tags":[{{"Key":"AWSNetworkFirewallManaged","Value":"true"}},{{"Key":"Firewall","Value":"{ARN}:firewall/fw"}}]}}]}}"#
    );
    let all = [association, tagged]
        .map(|text| inspected(vec![("a.json".to_owned(), text), ("p.json".to_owned(), policy.clone())]));
    assert_eq!(all[0], all[1]);
    let text: Vec<&str> =
        all[0].lines().filter(|line| line.starts_with("vpce-1") || line.contains("stateless")).collect();
    insta::assert_snapshot!(text.join("\n"), @"
    fw/arriving -> fw/stateless: any packet
    fw/stateless -> fw/leaving: [1] any packet
    vpce-1/inspecting -> fw/arriving: any packet; uncertain (the network ACL of `subnet-2` is not in the snapshot)
    vpce-1/routed@vpc-2 -> vpce-1/inspecting: any packet
    ");
}

#[test]
fn an_endpoint_without_its_firewall_is_unknown() {
    let export = format!(
        r#"{{"VpcEndpointAssociation":{{"FirewallArn":"{ARN}:firewall/fw","VpcId":"vpc-2"}},"VpcEndpointAssociationStatus":{{"AssociationSyncState":{{"eu-west-1a":{{"Attachment":{{"SubnetId":"subnet-2","EndpointId":"vpce-1"}}}}}}}}}}"#
    );
    insta::assert_snapshot!(among(&export, "vpce-1"), @"vpce-1/routed@vpc-2 -> insufficient-info: any packet (subnet `subnet-2` of `vpce-1` is not in the snapshot)");
}
