//! Rule groups of Network Firewall: what `describe-rule-group` tells, with the rules in one form.
//!
//! No ports: the policies that refer to a group put its rules in order. A group is known by its ARN, which stands in
//! the other part of the answer (`RuleGroupResponse`).
//!
//! SOURCE: Network Firewall API reference, `RuleGroup`, `RulesSource`, `StatefulRule`, `Header`, `RulesSourceList`,
//! `MatchAttributes`, `TCPFlagField`, `ReferenceSets` (checked 2026-11-26).
//! GAP: groups of type FIREWALL and IPS, which belong to policies of the next generation, are not modelled: what passes
//! them is unknown. So are references to resource groups and context sets.
use std::{borrow::Cow, collections::BTreeMap, net::IpAddr};

use graph::Origin;
use ipnet::IpNet;
use serde::Deserialize;

use super::{
    network_firewall::answer,
    nullable, optional,
    suricata::{
        Action, Rule,
        address::Addresses,
        option::{Conditions, Narrowing},
        parse,
        ports::Ports,
    },
};
use crate::{Diagnostic, Place, inventory::Reading};

/// A group, as the firewall uses it.
#[derive(Debug)]
pub(super) struct RuleGroup {
    pub(super) arn: String,
    pub(super) place: Place,
    pub(super) origin: Origin,
    pub(super) rules: Rules,
    pub(super) addresses: BTreeMap<String, Vec<String>>,
    pub(super) ports: BTreeMap<String, Vec<String>>,
    /// ARNs by the names under which rules refer to them.
    pub(super) references: BTreeMap<String, String>,
}

/// The rules of a group.
#[derive(Debug)]
pub(super) enum Rules {
    Stateless(Vec<StatelessRule>),
    /// Each with its pointer in the group.
    Stateful(Vec<(Rule, String)>),
    Domains(DomainList),
    /// Why they are not known.
    Unknown(String),
}

/// A rule about single packets.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StatelessRule {
    pub(super) priority: i64,
    pub(super) rule_definition: RuleDefinition,
}

/// What a stateless rule matches, and what becomes of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RuleDefinition {
    pub(super) match_attributes: MatchAttributes,
    pub(super) actions: Vec<String>,
}

/// What a stateless rule matches; what is absent matches all.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MatchAttributes {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) sources: Vec<Address>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) destinations: Vec<Address>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) source_ports: Vec<PortRange>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) destination_ports: Vec<PortRange>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) protocols: Vec<u8>,
    #[serde(default, rename = "TCPFlags", deserialize_with = "nullable")]
    pub(super) flags: Vec<Flags>,
}

/// A block of addresses.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "WrittenAddress")]
pub(super) struct Address(pub(super) IpNet);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WrittenAddress {
    address_definition: String,
}

impl TryFrom<WrittenAddress> for Address {
    type Error = String;

    fn try_from(written: WrittenAddress) -> Result<Self, String> {
        let text = written.address_definition.trim();
        let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        net.map(|net| Self(net.trunc())).map_err(|_| format!("found `{text}`, expected an address block"))
    }
}

/// A range of ports.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PortRange {
    pub(super) from_port: u16,
    pub(super) to_port: u16,
}

/// Flags of TCP that a rule asks for.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Flags {
    pub(super) flags: Vec<String>,
    #[serde(default)]
    pub(super) masks: Option<Vec<String>>,
}

/// A list of domains from which AWS makes rules.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DomainList {
    pub(super) target_types: Vec<String>,
    pub(super) generated_rules_type: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) targets: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Response {
    #[serde(default, deserialize_with = "optional")]
    rule_group_arn: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    r#type: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    #[serde(default, deserialize_with = "nullable")]
    rule_variables: Variables,
    #[serde(default, deserialize_with = "nullable")]
    reference_sets: References,
    rules_source: Source,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Variables {
    #[serde(default, rename = "IPSets", deserialize_with = "nullable")]
    ip_sets: BTreeMap<String, Definition>,
    #[serde(default, deserialize_with = "nullable")]
    port_sets: BTreeMap<String, Definition>,
}

/// What a variable stands for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Definition {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) definition: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct References {
    #[serde(default, rename = "IPSetReferences", deserialize_with = "nullable")]
    ip_set_references: BTreeMap<String, Reference>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reference {
    #[serde(default, deserialize_with = "optional")]
    reference_arn: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Source {
    #[serde(default, deserialize_with = "optional")]
    rules_string: Option<String>,
    rules_source_list: Option<DomainList>,
    #[serde(default)]
    stateful_rules: Option<Vec<StatefulRule>>,
    stateless_rules_and_custom_actions: Option<Stateless>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stateless {
    #[serde(default, deserialize_with = "nullable")]
    stateless_rules: Vec<StatelessRule>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StatefulRule {
    action: String,
    header: Header,
    #[serde(default, deserialize_with = "nullable")]
    rule_options: Vec<RuleOption>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Header {
    protocol: String,
    source: String,
    source_port: String,
    direction: String,
    destination: String,
    destination_port: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RuleOption {
    keyword: String,
    #[serde(default, deserialize_with = "nullable")]
    settings: Vec<String>,
}

impl StatefulRule {
    fn rule(&self) -> Result<Rule, String> {
        let header = &self.header;
        // The keyword may hold its own setting, as in `sid:1`.
        let option = |written: &RuleOption| match written.keyword.split_once(':') {
            Some((name, value)) => (name.trim().to_ascii_lowercase(), Some(value.trim().to_owned())),
            None => (written.keyword.trim().to_ascii_lowercase(), Some(written.settings.join(","))),
        };
        Ok(Rule {
            action: Action::of(&self.action).ok_or_else(|| format!("action is `{}`", self.action))?,
            protocol: header.protocol.to_ascii_lowercase(),
            source: Addresses::parse(&bracketed(&header.source))?,
            source_ports: Ports::parse(&bracketed(&header.source_port))?,
            both_directions: match header.direction.to_ascii_uppercase().as_str() {
                "FORWARD" => false,
                "ANY" => true,
                other => return Err(format!("direction is `{other}`, expected FORWARD or ANY")),
            },
            destination: Addresses::parse(&bracketed(&header.destination))?,
            destination_ports: Ports::parse(&bracketed(&header.destination_port))?,
            conditions: Conditions::of(self.rule_options.iter().map(option)),
        })
    }
}

/// A list in a header, which may stand without the brackets that Suricata wants.
fn bracketed(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.contains(',') && !text.starts_with(['[', '!']) { format!("[{text}]").into() } else { text.into() }
}

/// Reads the groups, by ARN.
pub(super) fn groups(reading: &mut Reading<'_>) -> BTreeMap<String, RuleGroup> {
    let mut found = BTreeMap::<String, RuleGroup>::new();
    let answers = answer::pairs::<Response, Written>(
        reading,
        ["RuleGroupResponse", "RuleGroup", "RuleGroups"],
        ("RuleGroupArn", &["stateful-rulegroup/", "stateless-rulegroup/"]),
        |response| response.rule_group_arn.clone(),
    );
    for answer in answers {
        let kind = answer.response.as_ref().and_then(|response| response.r#type.clone());
        let (mut addresses, mut ports, mut references) = Default::default();
        let rules = match answer.value {
            Err(why) => Rules::Unknown(next_generation(kind.as_deref(), name_of(&answer.arn)).unwrap_or(why)),
            Ok(written) => {
                let definitions = |sets: BTreeMap<String, Definition>| {
                    sets.into_iter().map(|(name, set)| (name, set.definition)).collect()
                };
                addresses = definitions(written.rule_variables.ip_sets);
                ports = definitions(written.rule_variables.port_sets);
                let named = written.reference_sets.ip_set_references.into_iter();
                references =
                    named.filter_map(|(name, reference)| Some((name, reference.reference_arn?))).collect();
                let name = name_of(&answer.arn).to_owned();
                rules(written.rules_source, kind.as_deref(), &name, &answer.origin, reading)
            }
        };
        let group = RuleGroup {
            arn: answer.arn.clone(),
            place: answer.place,
            origin: answer.origin,
            rules,
            addresses,
            ports,
            references,
        };
        // Twice the same group: whichever, but always the same.
        let known = found.get(&answer.arn).map(|known| format!("{:?}", known.rules));
        if known.is_none_or(|known| format!("{:?}", group.rules) < known) {
            found.insert(answer.arn, group);
        }
    }
    found
}

/// The name at the end of an ARN.
pub(super) fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn next_generation(kind: Option<&str>, name: &str) -> Option<String> {
    let kind = kind.filter(|kind| ["FIREWALL", "IPS"].contains(kind))?;
    Some(format!("rule group `{name}` is of type {kind}, which is not modelled"))
}

fn rules(source: Source, kind: Option<&str>, name: &str, at: &Origin, reading: &mut Reading<'_>) -> Rules {
    if let Some(why) = next_generation(kind, name) {
        return Rules::Unknown(why);
    }
    let is_stateful = kind == Some("STATEFUL");
    let stateless = source.stateless_rules_and_custom_actions;
    if let Some(stateless) = stateless.filter(|it| !is_stateful || !it.stateless_rules.is_empty()) {
        return Rules::Stateless(stateless.stateless_rules);
    }
    if let Some(list) = source.rules_source_list.filter(|list| !list.target_types.is_empty()) {
        return Rules::Domains(list);
    }
    let mut rules = Vec::new();
    let mut wrong = Vec::new();
    // Some collectors write every member, those that hold nothing as empty lists.
    let listed = source.stateful_rules.filter(|rules| !rules.is_empty() || source.rules_string.is_none());
    if let Some(written) = listed {
        for (index, rule) in written.iter().enumerate() {
            let pointer = format!("/RulesSource/StatefulRules/{index}");
            match rule.rule() {
                Ok(rule) => rules.push((rule, pointer)),
                Err(why) => wrong.push((pointer, why)),
            }
        }
    } else if let Some(text) = source.rules_string {
        let pointer = "/RulesSource/RulesString";
        for (line, rule) in parse(&text) {
            match rule {
                Ok(rule) => rules.push((rule, pointer.to_owned())),
                Err(why) => wrong.push((pointer.to_owned(), format!("line {line} of the rules: {why}"))),
            }
        }
    } else {
        return Rules::Unknown(format!("the rules of group `{name}` are not in the snapshot"));
    }
    let unreadable = !wrong.is_empty();
    for (pointer, why) in wrong {
        let location = reading.snapshot.locate(at.document, at.offset, &format!("{}{pointer}", at.pointer));
        reading.diagnostics.push(
            Diagnostic::error("bad-rule", Some(location), why)
                .with_help("what this rule group does is reported as unknown"),
        );
    }
    if unreadable {
        return Rules::Unknown(format!("a rule of group `{name}` cannot be read"));
    }
    Rules::Stateful(rules)
}

impl DomainList {
    /// What AWS makes of it, as far as it is known: rules that may match some of what the sender's side opens.
    ///
    /// SOURCE: Network Firewall developer guide, "Stateful domain list rule groups" (an allow list also denies what it
    /// does not name, of the protocols that it inspects; sources are `HOME_NET`); examples of the generated rules there
    /// have `flow:to_server, established` and look at the name in a TLS hello or the host of a request (checked
    /// 2026-11-26). What they have as destination is not documented: any is assumed, of which they may match some.
    pub(super) fn rules(&self) -> Vec<Rule> {
        let kinds: &[Action] = match self.generated_rules_type.as_str() {
            "DENYLIST" => &[Action::Drop],
            "REJECTLIST" => &[Action::Reject],
            "ALERTLIST" => &[],
            // An allow list, or something new.
            _ => &[Action::Pass, Action::Drop],
        };
        let mut rules = Vec::new();
        for target in &self.target_types {
            let (protocol, narrowing) = match target.as_str() {
                "TLS_SNI" => ("tls", Narrowing::Payload),
                "HTTP_HOST" => ("http", Narrowing::Payload),
                _ => ("ip", Narrowing::Somehow),
            };
            for action in kinds {
                let mut conditions = Conditions::of([("flow".to_owned(), Some("to_server".to_owned()))]);
                conditions.narrowing = narrowing;
                conditions.undecided.push("domain list".to_owned());
                rules.push(Rule {
                    action: *action,
                    protocol: protocol.to_owned(),
                    source: Addresses::Variable("HOME_NET".to_owned()),
                    source_ports: Ports::Any,
                    both_directions: false,
                    destination: Addresses::Any,
                    destination_ports: Ports::Any,
                    conditions,
                });
            }
        }
        rules
    }
}
