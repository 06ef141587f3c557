//! Security group: the stateful allow list of the interfaces that carry it.
//!
//! Interfaces with the same groups in the same subnet share two filters (see `network_interface`); a group adds one
//! edge per rule and range to each filter it takes part in. Replies of admitted conversations pass without a rule.
//! What a rule that names a group means stands in `group_reference`. If only the rules were exported, the groups stand
//! on them.
//!
//! SOURCE: VPC user guide, "Security group rules"; EC2 API reference, `IpPermission` and `UserIdGroupPair` (checked
//! 2026-11-23).
//! GAP: whether a conversation is tracked is not modelled; replies of untracked ones are allowed by rules anyway.
use std::{collections::BTreeSet, sync::Arc};

use graph::{
    Action, Cause, Control, ControlKind, Direction, FilterRule, Flow, GraphBuilder, Peer, Rule, Transfer,
};
use headerspace::{Field, Match};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;

use super::{
    Resource, Tags,
    address_set::address_in,
    describe, group_reference,
    network_interface::Filters,
    nullable, optional, prefix_list,
    security_group_rule::SecurityGroupRule,
    traffic::{Protocol, Traffic},
    vpc::Vpc,
};
use crate::{
    Entry, Id, Inventory,
    inventory::{Reading, Records},
    rules::{Author, Effect, ListedRule, Sureness},
};

/// A security group, as `describe-security-groups` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityGroup {
    group_id: Id<SecurityGroup>,
    #[serde(default, deserialize_with = "optional")]
    group_name: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    vpc_id: Option<Id<Vpc>>,
    #[serde(deserialize_with = "nullable")]
    ip_permissions: Vec<IpPermission>,
    #[serde(deserialize_with = "nullable")]
    ip_permissions_egress: Vec<IpPermission>,
    #[serde(default, deserialize_with = "optional")]
    security_group_arn: Option<String>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "WrittenPermission")]
struct IpPermission {
    traffic: Traffic,
    v4: Vec<IpRange>,
    v6: Vec<Ipv6Range>,
    lists: Vec<PrefixListId>,
    groups: Vec<GroupPair>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WrittenPermission {
    ip_protocol: Protocol,
    from_port: Option<i64>,
    to_port: Option<i64>,
    #[serde(default, deserialize_with = "nullable")]
    ip_ranges: Vec<IpRange>,
    #[serde(default, deserialize_with = "nullable")]
    ipv6_ranges: Vec<Ipv6Range>,
    #[serde(default, deserialize_with = "nullable")]
    prefix_list_ids: Vec<PrefixListId>,
    #[serde(default, deserialize_with = "nullable")]
    user_id_group_pairs: Vec<GroupPair>,
}

impl TryFrom<WrittenPermission> for IpPermission {
    type Error = String;

    fn try_from(written: WrittenPermission) -> Result<Self, String> {
        let numbers = (written.from_port, written.to_port);
        Ok(Self {
            traffic: Traffic::new(written.ip_protocol, numbers, numbers)?,
            v4: written.ip_ranges,
            v6: written.ipv6_ranges,
            lists: written.prefix_list_ids,
            groups: written.user_id_group_pairs,
        })
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IpRange {
    cidr_ip: Ipv4Net,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ipv6Range {
    cidr_ipv6: Ipv6Net,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PrefixListId {
    prefix_list_id: Id<prefix_list::PrefixList>,
}

/// A reference to a group, perhaps of another account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GroupPair {
    #[serde(default, deserialize_with = "optional")]
    group_id: Option<Id<SecurityGroup>>,
    #[serde(default, deserialize_with = "optional")]
    group_name: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    user_id: Option<String>,
}

impl GroupPair {
    /// The group's id, if the rule has it.
    pub(super) fn id(&self) -> Option<&Id<SecurityGroup>> {
        self.group_id.as_ref()
    }

    /// The group's name, which old rules have instead.
    pub(super) fn group_name(&self) -> Option<&str> {
        self.group_name.as_deref()
    }

    /// The account that the group is said to belong to.
    pub(super) fn account(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// What the rule calls the group.
    pub(super) fn name(&self) -> &str {
        self.group_id.as_ref().map(Id::as_str).or(self.group_name.as_deref()).unwrap_or_default()
    }
}

/// Whom a rule speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whom {
    Cidr(IpNet),
    PrefixList(String),
    Group(GroupPair),
}

/// One rule of one group for one range, from either of the two answers that list rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GroupRule {
    pub(super) direction: Direction,
    pub(super) traffic: Traffic,
    pub(super) whom: Whom,
}

impl GroupRule {
    fn rule(&self) -> FilterRule {
        FilterRule {
            direction: self.direction,
            action: Action::Allow,
            number: None,
            protocol: self.traffic.protocol().to_string(),
            ports: self.traffic.ports(),
            icmp: self.traffic.icmp(),
            peer: match &self.whom {
                Whom::Cidr(net) => Peer::Cidr(net.to_string()),
                Whom::PrefixList(id) => Peer::PrefixList(id.clone()),
                Whom::Group(pair) => Peer::Group(pair.name().to_owned()),
            },
        }
    }

    /// What it allows, and a note if that is not fully known.
    fn transfer(&self, here: &Entry<SecurityGroup>, inventory: &Inventory) -> (Match, Option<String>) {
        let side = if self.direction == Direction::Egress { Field::DstIp } else { Field::SrcIp };
        let (far, note) = match &self.whom {
            Whom::Cidr(net) => (address_in(side, [*net]), None),
            Whom::PrefixList(id) => match prefix_list::entries_of(inventory, id, &here.place) {
                Some(entries) => (address_in(side, entries.iter().map(|(net, _)| *net)), None),
                None => {
                    (Match::All, Some(format!("the entries of prefix list `{id}` are not in the snapshot")))
                }
            },
            Whom::Group(pair) => group_reference::members(pair, side, here, inventory),
        };
        (Match::all_of([self.traffic.matches(), far]), note)
    }
}

impl SecurityGroup {
    /// The VPC it was made in.
    pub(super) fn vpc(&self) -> Option<&Id<Vpc>> {
        self.vpc_id.as_ref()
    }

    /// Whether this is its name.
    /// Rules of this record, each with its pointer.
    fn own_rules(&self) -> impl Iterator<Item = (GroupRule, String)> {
        let ingress =
            self.ip_permissions.iter().enumerate().map(|p| (Direction::Ingress, "IpPermissions", p));
        let egress = self
            .ip_permissions_egress
            .iter()
            .enumerate()
            .map(|p| (Direction::Egress, "IpPermissionsEgress", p));
        ingress.chain(egress).flat_map(|(direction, list, (index, permission))| {
            let v4 = permission.v4.iter().map(|range| Whom::Cidr(IpNet::V4(range.cidr_ip.trunc())));
            let v6 = permission.v6.iter().map(|range| Whom::Cidr(IpNet::V6(range.cidr_ipv6.trunc())));
            let lists = permission.lists.iter().map(|list| Whom::PrefixList(list.prefix_list_id.to_string()));
            let groups = permission.groups.iter().cloned().map(Whom::Group);
            let sources = [
                ("IpRanges", v4.collect::<Vec<_>>()),
                ("Ipv6Ranges", v6.collect()),
                ("PrefixListIds", lists.collect()),
                ("UserIdGroupPairs", groups.collect()),
            ];
            sources.into_iter().flat_map(move |(member, sources)| {
                sources.into_iter().enumerate().map(move |(at, whom)| {
                    let rule = GroupRule { direction, traffic: permission.traffic, whom };
                    (rule, format!("/{list}/{index}/{member}/{at}"))
                })
            })
        })
    }
}

/// A key under which a rule of both answers is the same rule.
fn same(rule: &GroupRule) -> GroupRule {
    let mut rule = rule.clone();
    if let Whom::Group(pair) = &mut rule.whom {
        pair.user_id = None;
        if pair.group_id.is_some() {
            pair.group_name = None;
        }
    }
    rule
}

impl Resource for SecurityGroup {
    const TYPE: &'static str = "AWS::EC2::SecurityGroup";
    const LIST: &'static str = "SecurityGroups";

    fn associations(&self) -> Vec<String> {
        self.group_name.iter().map(|name| format!("called:{name}")).collect()
    }

    fn id(&self) -> &Id<Self> {
        &self.group_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_id.as_deref()
    }

    fn also(reading: &mut Reading<'_>, records: &mut Records<Self>) {
        for listed in reading.glances::<SecurityGroupRule>(SecurityGroupRule::LIST) {
            let owner = listed.value.account().map(str::to_owned);
            let group = Self {
                group_id: listed.value.group().clone(),
                group_name: None,
                owner_id: owner.clone(),
                vpc_id: None,
                ip_permissions: Vec::new(),
                ip_permissions_egress: Vec::new(),
                security_group_arn: None,
                tags: Tags::default(),
            };
            records.conclude(group, &listed, "", owner.as_deref(), None);
        }
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let arn = self.security_group_arn.clone().filter(|arn| arn.starts_with("arn:"));
        let mut resource = describe(here, arn, "security-group", &self.tags);
        resource.within = self.vpc_id.iter().map(|vpc| inventory.key_of(vpc, &here.place)).collect();
        graph.resource(resource);
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let filters = Filters::with_group(inventory, here);
        if filters.is_empty() {
            return;
        }
        for (direction, list) in
            [(Direction::Ingress, "/IpPermissions"), (Direction::Egress, "/IpPermissionsEgress")]
        {
            let control = Control::new(&here.key, ControlKind::NoRule(direction), here.at(list));
            for [from, to] in filters.iter().map(|filter| filter.ports(direction)) {
                graph.offer(from, to, Transfer::all().for_flow(Flow::Opening), control.clone());
            }
        }
        for (direction, rule) in rules(here, inventory) {
            let transfer = Transfer::only(rule.guard).for_flow(Flow::Opening);
            let transfer = if rule.sureness == Sureness::Perhaps { transfer.uncertain() } else { transfer };
            for [from, to] in filters.iter().map(|filter| filter.ports(direction)) {
                graph.connect(from, to, transfer.clone(), &rule.cause);
            }
        }
    }
}

/// The rules of a group, from both answers, with the side that each is for.
pub(super) fn rules(here: &Entry<SecurityGroup>, inventory: &Inventory) -> Vec<(Direction, ListedRule)> {
    let mut known = BTreeSet::new();
    let mut rules = Vec::new();
    for (rule, pointer) in here.value.own_rules() {
        known.insert(same(&rule));
        let cause = Cause::new(&here.key, Rule::Filter(rule.rule())).at(here.at(pointer));
        rules.push((rule.direction, allow(&rule, cause, here, inventory)));
    }
    for entry in inventory.naming::<SecurityGroupRule, SecurityGroup>("rules-of", here) {
        let rule = entry.value.rule();
        if known.contains(&same(rule)) {
            continue;
        }
        let cause = Cause::new(&here.key, Rule::Filter(rule.rule())).at(entry.at(""));
        rules.push((rule.direction, allow(rule, cause, here, inventory)));
    }
    if here.is_concluded() && !inventory.table::<SecurityGroupRule>().complete(&here.place) {
        let note = format!("the rules of `{}` are not fully in the snapshot", here.value.group_id);
        let cause = Arc::new(Cause::structure(&here.key).noting(note));
        rules.extend([Direction::Ingress, Direction::Egress].map(|direction| {
            let rule = ListedRule {
                guard: Match::All,
                effect: Effect::Pass,
                sureness: Sureness::Perhaps,
                author: Author::Default,
                rank: 0,
                cause: cause.clone(),
            };
            (direction, rule)
        }));
    }
    rules
}

fn allow(rule: &GroupRule, cause: Cause, here: &Entry<SecurityGroup>, inventory: &Inventory) -> ListedRule {
    let (guard, note) = rule.transfer(here, inventory);
    let sureness = if note.is_some() { Sureness::Perhaps } else { Sureness::Surely };
    let cause = match note {
        Some(note) => cause.noting(note),
        None => cause,
    };
    let author = if is_default(rule, here) { Author::Default } else { Author::Owner };
    ListedRule { guard, effect: Effect::Pass, sureness, author, rank: 0, cause: Arc::new(cause) }
}

/// Whether AWS makes this rule with the group.
///
/// SOURCE: VPC user guide, "Default security groups for your VPCs" (all from the group itself, all to anywhere) and
/// "Security group basics" (a new group lets everything out) (checked 2026-11-26).
fn is_default(rule: &GroupRule, here: &Entry<SecurityGroup>) -> bool {
    let own = |pair: &GroupPair| pair.id() == Some(&here.value.group_id);
    rule.traffic.protocol() == Protocol::All
        && match (&rule.whom, rule.direction) {
            (Whom::Cidr(net), Direction::Egress) => net.prefix_len() == 0,
            (Whom::Group(pair), Direction::Ingress) => {
                own(pair) && here.value.group_name.as_deref() == Some("default")
            }
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    #[test]
    fn each_range_is_an_edge() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}]}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"10.0.0.0/8","Description":"x"},{"CidrIp":"192.168.0.0/16"}],"Ipv6Ranges":[{"CidrIpv6":"2001:db8::/32"}],"PrefixListIds":[{"PrefixListId":"pl-1"}]}],"IpPermissionsEgress":[{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]}],"PrefixLists":[{"PrefixListId":"pl-1","Cidrs":["52.0.0.0/24"]}]}"#;
        insta::assert_snapshot!(among(export, "groups[sg-1]"), @r"
        eni-1/send -> subnet-1/groups[sg-1]/sending: src_ip 10.0.1.5
        subnet-1/groups[sg-1]/accepted -> eni-1/receive: dst_ip 10.0.1.5
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening tcp and dst_port 22 and src_ip in 10.0.0.0/8
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening tcp and dst_port 22 and src_ip in 192.168.0.0/16
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening tcp and dst_port 22 and src_ip in 2001:db8::/32
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening tcp and dst_port 22 and src_ip in 52.0.0.0/24
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: reply any packet
        subnet-1/groups[sg-1]/sending -> subnet-1/groups[sg-1]/sent: opening dst_ip in 0.0.0.0/0
        subnet-1/groups[sg-1]/sending -> subnet-1/groups[sg-1]/sent: reply any packet
        subnet-1/groups[sg-1]/sent -> subnet-1/out: any packet
        subnet-1/inside -> subnet-1/groups[sg-1]/received: dst_ip 10.0.1.5
        ");
    }

    #[test]
    fn without_rules_only_replies_pass() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}]}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[],"IpPermissionsEgress":null}]}"#;
        insta::assert_snapshot!(among(export, "groups[sg-1]"), @r"
        eni-1/send -> subnet-1/groups[sg-1]/sending: src_ip 10.0.1.5
        subnet-1/groups[sg-1]/accepted -> eni-1/receive: dst_ip 10.0.1.5
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: reply any packet
        subnet-1/groups[sg-1]/sending -> subnet-1/groups[sg-1]/sent: reply any packet
        subnet-1/groups[sg-1]/sent -> subnet-1/out: any packet
        subnet-1/inside -> subnet-1/groups[sg-1]/received: dst_ip 10.0.1.5
        ");
    }

    #[test]
    fn a_group_means_the_addresses_of_its_members() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}]}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[{"IpProtocol":"-1","UserIdGroupPairs":[{"GroupId":"sg-1","UserId":""}]}],"IpPermissionsEgress":[]}]}"#;
        insta::assert_snapshot!(among(export, "opening"), @"subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening identity 0 and src_ip 10.0.1.5");
    }

    #[test]
    fn members_may_be_missing() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}]},{"NetworkInterfaceId":null}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[{"IpProtocol":"-1","UserIdGroupPairs":[{"GroupId":"sg-1"}]}],"IpPermissionsEgress":[]}]}"#;
        insta::assert_snapshot!(among(export, "opening"), @r"
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening identity 0 and src_ip 10.0.1.5 or not identity 1 and (src_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16} or src_ip in 10.0.0.0/16 or ipv6); uncertain (the members of group `sg-1` are not fully in the snapshot)
        subnet-1/inside -> insufficient-info: opening dst_ip in 10.0.1.0/24 and not (dst_ip 10.0.1.5) (the network interfaces in `subnet-1` are not fully in the snapshot)
        ");
    }

    #[test]
    fn a_group_of_another_account_has_unknown_members() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}],"OwnerId":"111122223333"}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[{"IpProtocol":"-1","UserIdGroupPairs":[{"GroupId":"sg-9","UserId":"444455556666"}]}],"IpPermissionsEgress":[],"OwnerId":"111122223333"}],"VpcPeeringConnections":[{"VpcPeeringConnectionId":"pcx-1","Status":{"Code":"active"},"RequesterVpcInfo":{"VpcId":"vpc-9","OwnerId":"444455556666","CidrBlock":"203.0.113.0/24"},"AccepterVpcInfo":{"VpcId":"vpc-1","OwnerId":"111122223333"}}]}"#;
        insta::assert_snapshot!(among(export, "opening"), @"subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening not identity 1 and (src_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16} or src_ip in {10.0.0.0/16, 203.0.113.0/24} or ipv6); uncertain (the members of group `sg-9` of account 444455556666 are not fully in the snapshot)");
    }

    #[test]
    fn a_group_may_be_named_by_its_name() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}]}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[{"IpProtocol":"tcp","FromPort":1,"ToPort":1,"UserIdGroupPairs":[{"GroupName":"web"}]},{"IpProtocol":"tcp","FromPort":2,"ToPort":2,"UserIdGroupPairs":[{"GroupName":"other"}]}],"IpPermissionsEgress":[],"GroupName":"web"}]}"#;
        insta::assert_snapshot!(among(export, "opening"), @r"
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening tcp and dst_port 2 and not identity 1 and (src_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16} or src_ip in 10.0.0.0/16 or ipv6); uncertain (the members of group `other` are not fully in the snapshot)
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening tcp and dst_port 1 and identity 0 and src_ip 10.0.1.5
        ");
    }

    #[test]
    fn entries_of_a_missing_prefix_list_are_unknown() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}]}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"PrefixListIds":[{"PrefixListId":"pl-1"}]}],"IpPermissionsEgress":[]}]}"#;
        insta::assert_snapshot!(among(export, "pl-1"), @"subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening tcp and dst_port 22; uncertain (the entries of prefix list `pl-1` are not in the snapshot)");
    }

    #[test]
    fn a_bad_rule_makes_the_group_unknown() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}]}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[{"IpProtocol":"tcp","FromPort":22,"ToPort":70000,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}],"IpPermissionsEgress":[]}]}"#;
        insta::assert_snapshot!(among(export, ""), @r"
        eni-1/routed@vpc-1 -> vpc-1/local: dst_ip 10.0.1.5
        eni-1/send -> subnet-1/groups[sg-1]/sending: src_ip 10.0.1.5
        subnet-1/entering -> subnet-1/inside: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/groups[sg-1]/accepted -> eni-1/receive: dst_ip 10.0.1.5
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening any packet; uncertain (security group `sg-1` is not in the snapshot)
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: reply any packet
        subnet-1/groups[sg-1]/sending -> subnet-1/groups[sg-1]/sent: opening any packet; uncertain (security group `sg-1` is not in the snapshot)
        subnet-1/groups[sg-1]/sending -> subnet-1/groups[sg-1]/sent: reply any packet
        subnet-1/groups[sg-1]/sent -> subnet-1/out: any packet
        subnet-1/inside -> subnet-1/groups[sg-1]/received: dst_ip 10.0.1.5
        subnet-1/leaving -> subnet-1/router: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/out -> subnet-1/inside: dst_ip in 10.0.1.0/24
        subnet-1/out -> subnet-1/leaving: [1] any packet
        subnet-1/router -> vpc-1/local: dst_ip in 10.0.0.0/16; uncertain (the route table of `subnet-1` is not in the snapshot)
        subnet-1/router -> insufficient-info: [1] any packet (the route table of `subnet-1` is not in the snapshot)
        vpc-1/local -> subnet-1/entering: dst_ip in 10.0.1.0/24
        ! found port 70000, but ports are from 0 to 65535
        ! security group `sg-1` is not in the snapshot
        ");
    }
}
