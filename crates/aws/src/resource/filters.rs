//! Filters by themselves, handed out as lists: see `crate::rules`.
//!
//! No ports and no records of its own: each list is made by the function with which its resource type is lowered.
//!
//! SOURCE: as of `security_group`, `network_acl`, `prefix_list` and `network_firewall`.
use graph::{Direction, ResourceKey};

use super::{
    network_acl::{self, NetworkAcl},
    network_firewall::policy,
    prefix_list::{self, PrefixList},
    route_table::RouteTable,
    rule_group::name_of,
    security_group::{self, SecurityGroup},
};
use crate::{
    Entry, Inventory, Place,
    rules::{Effect, ListedRule, Order, RuleList, Stages},
};

const PARTS: [(Direction, &str); 2] = [(Direction::Ingress, "ingress"), (Direction::Egress, "egress")];

/// Both lists of a group.
pub(crate) fn group(here: &Entry<SecurityGroup>, inventory: &Inventory) -> Vec<RuleList> {
    let all = security_group::rules(here, inventory);
    let part = |(direction, part)| RuleList {
        owner: here.key.clone(),
        part,
        order: Order::Any,
        rules: all.iter().filter(|(of, _)| *of == direction).map(|(_, rule)| rule.clone()).collect(),
        otherwise: Some(Effect::Drop),
        note: None,
    };
    PARTS.map(part).into()
}

/// Both lists of an ACL.
pub(crate) fn acl(here: &Entry<NetworkAcl>) -> Vec<RuleList> {
    let part = |(direction, part)| {
        let mut rules: Vec<ListedRule> = network_acl::rules(here, direction).collect();
        // Of two entries with one number, as no export has them, either may be the first: so `graph::walk` takes it.
        rules.sort_by_key(|rule| (rule.rank, rule.effect != Effect::Pass));
        let otherwise = Some(Effect::Drop);
        RuleList { owner: here.key.clone(), part, order: Order::FirstMatch, rules, otherwise, note: None }
    };
    PARTS.map(part).into()
}

/// Where the entries of a prefix list are told.
pub(crate) fn places_of_list(id: &str, inventory: &Inventory) -> Vec<Place> {
    let mut places: Vec<Place> = prefix_list::places(inventory, id).cloned().collect();
    places.sort();
    places.dedup();
    places
}

/// The entries of a prefix list as who is at `place` knows it.
pub(crate) fn list(id: &str, place: &Place, inventory: &Inventory) -> Option<RuleList> {
    let entries = prefix_list::entries_of(inventory, id, place)?;
    let owner = place.key(id);
    let rules = entries.iter().zip(0..);
    let rules =
        rules.map(|((net, origin), rank)| ListedRule::entry(&owner, *net, Some(origin.clone()), rank));
    let rules = rules.collect();
    let mut tables = inventory.table::<RouteTable>().iter();
    let routed = tables.any(|table| table.value.names_list(id) && table.place.same_region(place));
    let note = routed.then(|| "route tables use this list, and a route's length decides there".to_owned());
    Some(RuleList { owner, part: "addresses", order: Order::Any, rules, otherwise: Some(Effect::Drop), note })
}

/// The entries of every prefix list.
pub(crate) fn prefix_lists(inventory: &Inventory) -> Vec<RuleList> {
    let described = inventory.table::<PrefixList>().iter();
    let mut all: Vec<(String, Place)> =
        described.map(|list| (super::Resource::id(&list.value).to_string(), list.place.clone())).collect();
    for id in prefix_list::all(inventory).into_keys() {
        if !all.iter().any(|(known, _)| *known == id) {
            all.extend(places_of_list(&id, inventory).into_iter().map(|place| (id.clone(), place)));
        }
    }
    all.iter().filter_map(|(id, place)| list(id, place, inventory)).collect()
}

/// ARNs of all policies.
pub(crate) fn policies(inventory: &Inventory) -> impl Iterator<Item = &str> {
    policy::arns(inventory)
}

/// The key of a policy.
pub(crate) fn policy_key(arn: &str) -> ResourceKey {
    super::network_firewall::answer::place(arn).key(name_of(arn))
}

/// What a policy does, or why that is not known.
pub(crate) fn stages(arn: &str, inventory: &Inventory) -> Result<Stages, String> {
    policy::stages(arn, inventory)
}

/// The lists of a policy in which headers decide.
pub(crate) fn policy_lists(arn: &str, inventory: &Inventory) -> Vec<RuleList> {
    policy::lists(arn, inventory)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::{
        Inventory,
        rules::{Author, Content, Sureness},
        snapshot::Snapshot,
    };

    fn inventory(documents: &[(&str, &str)]) -> Inventory {
        let documents = documents.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
        Inventory::read(&Snapshot::from_documents(documents).0).0
    }

    fn lists(export: &str) -> String {
        let inventory = inventory(&[("export.json", export)]);
        let mut text = String::new();
        for list in inventory.rule_lists() {
            let _ = writeln!(text, "{} {}", list.owner, list.part);
            for rule in list.rules {
                let doubt = if rule.sureness == Sureness::Perhaps { " perhaps" } else { "" };
                let author = if rule.author == Author::Default { " (default)" } else { "" };
                let _ = writeln!(text, "  [{}] {:?}{doubt} {}{author}", rule.rank, rule.effect, rule.guard);
            }
        }
        text
    }

    fn found(name: &str) -> String {
        let export = r#"{"SecurityGroups":[{"GroupId":"sg-1","OwnerId":"111122223333","IpPermissions":[],"IpPermissionsEgress":[]}],"PrefixLists":[{"PrefixListId":"pl-1","OwnerId":"AWS"}]}"#;
        let policy = r#"{"FirewallPolicyResponse":{"FirewallPolicyArn":"arn:aws:network-firewall:us-east-1:111122223333:firewall-policy/web"},"FirewallPolicy":{"StatelessDefaultActions":["aws:pass"],"StatelessFragmentDefaultActions":["aws:pass"]}}"#;
        let entries = r#"{"Entries":[{"Cidr":"10.0.0.0/8"}]}"#;
        let inventory = inventory(&[
            ("111122223333/us-east-1/export.json", export),
            ("111122223333/us-east-1/policy.json", policy),
            ("111122223333/us-east-1/pl-2.json", entries),
        ]);
        let describe = |filter: crate::rules::Filter| {
            let content = match filter.content {
                Content::Lists(lists) => format!("{} lists", lists.len()),
                Content::Stages(_) => "stages".to_owned(),
                Content::Unknown(why) => why,
            };
            format!("{} {}: {content}", filter.kind.name(), filter.key.as_str())
        };
        inventory.filters(name).into_iter().map(describe).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn rules_are_those_of_the_graph() {
        let export = r#"{"SecurityGroups":[{"GroupId":"sg-1","IpPermissions":[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"10.0.0.0/8"}],"PrefixListIds":[{"PrefixListId":"pl-9"}]}],"IpPermissionsEgress":[{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]}],"NetworkAcls":[{"NetworkAclId":"acl-1","Associations":[],"Entries":[{"RuleNumber":32767,"Egress":false,"Protocol":"-1","RuleAction":"deny","CidrBlock":"0.0.0.0/0"},{"RuleNumber":100,"Egress":false,"Protocol":"17","RuleAction":"allow","CidrBlock":"10.0.0.0/8","PortRange":{"From":53,"To":53}}]}],"PrefixLists":[{"PrefixListId":"pl-1","Cidrs":["52.0.0.0/24"]}]}"#;
        insta::assert_snapshot!(lists(export), @"
        acl-1 egress
        acl-1 ingress
          [100] Pass udp and dst_port 53 and src_ip in 10.0.0.0/8
          [32767] Drop src_ip in 0.0.0.0/0 (default)
        pl-1 addresses
          [0] Pass dst_ip in 52.0.0.0/24
        sg-1 egress
          [0] Pass dst_ip in 0.0.0.0/0 (default)
        sg-1 ingress
          [0] Pass tcp and dst_port 22 and src_ip in 10.0.0.0/8
          [0] Pass perhaps tcp and dst_port 22
        ");
    }

    #[test]
    fn filters_are_found_by_id_arn_and_name() {
        let names = [
            "sg-1",
            "arn:aws:ec2:us-east-1:111122223333:security-group/sg-1",
            "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1",
            "pl-1",
            "arn:aws:ec2:us-east-1:aws:prefix-list/pl-1",
            "pl-2",
            "web",
            "arn:aws:network-firewall:us-east-1:111122223333:firewall-policy/web",
            "vpc-1",
        ];
        let text: Vec<String> = names.iter().map(|name| format!("{name} -> {}", found(name))).collect();
        insta::assert_snapshot!(text.join("\n"), @"
        sg-1 -> security group 111122223333/us-east-1/sg-1: 2 lists
        arn:aws:ec2:us-east-1:111122223333:security-group/sg-1 -> security group 111122223333/us-east-1/sg-1: 2 lists
        arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1 -> 
        pl-1 -> prefix list 111122223333/us-east-1/pl-1: the entries of prefix list `pl-1` are not in the snapshot
        arn:aws:ec2:us-east-1:aws:prefix-list/pl-1 -> prefix list 111122223333/us-east-1/pl-1: the entries of prefix list `pl-1` are not in the snapshot
        pl-2 -> prefix list 111122223333/us-east-1/pl-2: 1 lists
        web -> firewall policy 111122223333/us-east-1/web: stages
        arn:aws:network-firewall:us-east-1:111122223333:firewall-policy/web -> firewall policy 111122223333/us-east-1/web: stages
        vpc-1 ->
        ");
    }
}
