//! Comparisons of two filters, as text without the certificate.

use crate::{Analysis, Relation, report::comparison_text};

fn compared(export: &str, a: &str, b: &str, relation: Relation) -> String {
    let analysis = Analysis::of_documents([("export.json".to_owned(), export.into())]);
    match analysis.compare(a, None, b, relation) {
        Ok(compared) => {
            let text = comparison_text(&analysis, &analysis, &compared, crate::report::Style::Plain);
            let lines = text.lines().filter(|line| !line.is_empty() && !line.contains("certified"));
            lines.collect::<Vec<_>>().join("\n")
        }
        Err(error) => error.to_string(),
    }
}

/// Two groups of these permissions.
fn groups(a: &str, b: &str, more: &str) -> String {
    let group = |id: &str, permissions: &str| {
        format!(
            r#"{{"GroupId":"{id}","VpcId":"vpc-1","IpPermissions":[{permissions}],"IpPermissionsEgress":[]}}"#
        )
    };
    let export = format!(r#"{{"SecurityGroups":[{},{}]{more}}}"#, group("sg-1", a), group("sg-2", b));
    compared(&export, "sg-1", "sg-2", Relation::Equal)
}

#[test]
fn one_range_is_two_halves() {
    let whole = r#"{"IpProtocol":"tcp","FromPort":1,"ToPort":9,"IpRanges":[{"CidrIp":"10.0.0.0/8"}]}"#;
    let halves = r#"{"IpProtocol":"tcp","FromPort":1,"ToPort":4,"IpRanges":[{"CidrIp":"10.0.0.0/8"}]},{"IpProtocol":"tcp","FromPort":5,"ToPort":9,"IpRanges":[{"CidrIp":"10.0.0.0/9"},{"CidrIp":"10.128.0.0/9"}]}"#;
    insta::assert_snapshot!(groups(whole, halves, ""), @"
    equal: security groups sg-1 and sg-2 are the same filter
    ingress: the same
    egress: the same
    ");
}

#[test]
fn each_version_falls_out_by_itself() {
    let both =
        r#"{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}],"Ipv6Ranges":[{"CidrIpv6":"::/0"}]}"#;
    let ping = r#"{"IpProtocol":"icmp","FromPort":8,"ToPort":-1,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]},{"IpProtocol":"-1","Ipv6Ranges":[{"CidrIpv6":"::/0"}]}"#;
    insta::assert_snapshot!(groups(both, ping, ""), @"
    differ: security groups sg-1 and sg-2 are not the same filter
    ingress
      only sg-1 lets through
        all other protocols from any address to any address on all ports
        icmp type 0-7, 9-255 from any address to any address
        for example tcp 0.0.0.0:49152 -> 0.0.0.0:1
          sg-1: allow ingress all from 0.0.0.0/0  export.json:1
          sg-2: no rule is about it
    egress: the same
    ");
}

#[test]
fn a_reference_is_its_members_as_long_as_they_are_known_by_address() {
    let named = r#"{"IpProtocol":"tcp","FromPort":80,"ToPort":80,"UserIdGroupPairs":[{"GroupId":"sg-2"}]}"#;
    let address = r#"{"IpProtocol":"tcp","FromPort":80,"ToPort":80,"IpRanges":[{"CidrIp":"10.0.0.5/32"}]}"#;
    let member = r#","NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","VpcId":"vpc-1","SubnetId":"subnet-1","PrivateIpAddress":"10.0.0.5","Groups":[{"GroupId":"sg-2"}]}]"#;
    insta::assert_snapshot!(groups(named, address, member), @"
    differ: security groups sg-1 and sg-2 are not the same filter
    ingress
      only sg-2 lets through
        tcp from 10.0.0.5 to any address on port 80, sender forgotten on the way or carried by a load balancer
        for example tcp 10.0.0.5:49152 -> 0.0.0.0:80 (identity 1)
          sg-1: no rule is about it
          sg-2: allow ingress tcp 80 from 10.0.0.5/32  export.json:1
    egress: the same
    ");
}

#[test]
fn the_same_prefix_list_that_is_not_known_is_unknown() {
    let list = r#"{"IpProtocol":"tcp","FromPort":80,"ToPort":80,"PrefixListIds":[{"PrefixListId":"pl-1"}]}"#;
    insta::assert_snapshot!(groups(list, "", ""), @"
    unknown: whether security groups sg-1 and sg-2 are the same filter
    ingress
      perhaps only sg-1 lets through
        tcp from any address to any address on port 80
        tcp from any address (IPv6) to any address (IPv6) on port 80
        for example tcp 0.0.0.0:49152 -> 0.0.0.0:80
          sg-1: allow ingress tcp 80 from pl-1  export.json:1
          sg-2: no rule is about it
        it is not known
          - the entries of prefix list `pl-1` are not in the snapshot
            export.json:1
    egress: the same
    ");
}

#[test]
fn lists_are_sets_and_may_be_contained() {
    let export = r#"{"PrefixLists":[{"PrefixListId":"pl-1","Cidrs":["10.0.0.0/8","2001:db8::/32"]},{"PrefixListId":"pl-2","Cidrs":["2001:db8::/33"]}]}"#;
    insta::assert_snapshot!(compared(export, "pl-2", "pl-1", Relation::Contained), @"
    contained: pl-1 lets through everything that pl-2 does
    addresses: contained
    ");
    insta::assert_snapshot!(compared(export, "pl-1", "pl-2", Relation::Contained), @"
    not contained: pl-2 does not let through everything that pl-1 does
    addresses
      only pl-1 holds
        10.0.0.0/8
        2001:db8:8000::/33
        for example 10.0.0.0
          pl-1: entry 10.0.0.0/8  export.json:1
          pl-2: no rule is about it
    ");
}

#[test]
fn names_that_will_not_do() {
    let export = r#"{"PrefixLists":[{"PrefixListId":"pl-1","Cidrs":[]}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[],"IpPermissionsEgress":[]}]}"#;
    insta::assert_snapshot!(compared(export, "pl-1", "sg-1", Relation::Equal), @"`pl-1` is a prefix list and `sg-1` a security group; only two of a kind can be compared");
    insta::assert_snapshot!(compared(export, "pl-1", "vpc-1", Relation::Equal), @"`vpc-1` is no security group, network ACL, prefix list or firewall policy of the snapshot, or its record is damaged");
}
