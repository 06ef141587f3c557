//! Policies of Network Firewall: which groups are asked in which order, and what happens to what none decides.
//!
//! No ports: the firewalls that use a policy inspect by it. A policy is known by its ARN, which stands in the other part
//! of the answer (`FirewallPolicyResponse`).
//!
//! SOURCE: Network Firewall API reference, `FirewallPolicy`, `StatefulEngineOptions`, `PolicyVariables`,
//! `StatefulRuleGroupReference` (checked 2026-11-26).
//! GAP: policies of the next generation (`FirewallPolicyV2`) are recognised; what passes them is unknown.
//! GAP: TLS inspection, which may end connections of its own accord, is remarked on and not modelled. Neither is the
//! validation of addresses that the resolver gave out.
use std::collections::BTreeMap;

use graph::Origin;
use serde::Deserialize;

use super::{
    network_firewall::answer,
    nullable, optional,
    rule_group::{Definition, name_of},
};
use crate::{Diagnostic, inventory::Reading};

/// A policy, as firewalls use it.
#[derive(Debug)]
pub(super) struct FirewallPolicy {
    pub(super) origin: Origin,
    /// Or why it is not known.
    pub(super) content: Result<Content, String>,
}

/// What a policy says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Content {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) stateless_rule_group_references: Vec<GroupReference>,
    pub(super) stateless_default_actions: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) stateless_fragment_default_actions: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) stateful_rule_group_references: Vec<GroupReference>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) stateful_default_actions: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    stateful_engine_options: EngineOptions,
    #[serde(default, deserialize_with = "nullable")]
    policy_variables: PolicyVariables,
    #[serde(default, rename = "TLSInspectionConfigurationArn", deserialize_with = "optional")]
    tls_inspection_configuration_arn: Option<String>,
}

/// A group that a policy refers to.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GroupReference {
    pub(super) resource_arn: String,
    #[serde(default)]
    pub(super) priority: Option<i64>,
    #[serde(default)]
    r#override: Option<Override>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Override {
    #[serde(default, deserialize_with = "optional")]
    action: Option<String>,
}

impl GroupReference {
    /// Whether what the group would drop is only reported.
    ///
    /// SOURCE: Network Firewall API reference, `StatefulRuleGroupOverride` (checked 2026-11-26).
    pub(super) fn drops_nothing(&self) -> bool {
        let action = self.r#override.as_ref().and_then(|other| other.action.as_deref());
        action == Some("DROP_TO_ALERT")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EngineOptions {
    #[serde(default, deserialize_with = "optional")]
    rule_order: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    stream_exception_policy: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyVariables {
    #[serde(default, deserialize_with = "nullable")]
    rule_variables: BTreeMap<String, Definition>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Response {
    #[serde(default, alias = "FirewallPolicyV2Arn", deserialize_with = "optional")]
    firewall_policy_arn: Option<String>,
}

impl Content {
    /// Whether rules are tried as they stand, rather than by what they do.
    pub(super) fn is_strict(&self) -> bool {
        self.stateful_engine_options.rule_order.as_deref() == Some("STRICT_ORDER")
    }

    /// Whether packets of a TCP connection of which the beginning was not seen are inspected rather than dropped.
    ///
    /// SOURCE: Network Firewall developer guide, "Stream exception policy options in your firewall policy": DROP is the
    /// default, REJECT drops as well (checked 2026-11-26).
    pub(super) fn continues_midstream(&self) -> bool {
        self.stateful_engine_options.stream_exception_policy.as_deref() == Some("CONTINUE")
    }

    /// Whether it opens TLS connections.
    pub(super) fn tls_inspection(&self) -> bool {
        self.tls_inspection_configuration_arn.is_some()
    }

    /// What a variable of the policy stands for.
    pub(super) fn variable(&self, name: &str) -> Option<&[String]> {
        self.policy_variables.rule_variables.get(name).map(|set| set.definition.as_slice())
    }
}

/// Reads the policies, by ARN.
pub(super) fn policies(reading: &mut Reading<'_>) -> BTreeMap<String, FirewallPolicy> {
    let mut found = BTreeMap::<String, FirewallPolicy>::new();
    let old = answer::pairs::<Response, Content>(
        reading,
        ["FirewallPolicyResponse", "FirewallPolicy", "FirewallPolicies"],
        ("FirewallPolicyArn", &["firewall-policy/"]),
        |response| response.firewall_policy_arn.clone(),
    );
    let new = answer::pairs::<Response, serde_json::Value>(
        reading,
        ["FirewallPolicyV2Response", "FirewallPolicyV2", "FirewallPoliciesV2"],
        ("FirewallPolicyV2Arn", &["firewall-policy-v2/", "firewall-policy/"]),
        |response| response.firewall_policy_arn.clone(),
    );
    let new = new.into_iter().map(|answer| {
        let why =
            format!("policy `{}` is of the next generation, which is not modelled", name_of(&answer.arn));
        (answer.arn, answer.origin, Err(why))
    });
    for (arn, origin, content) in old.into_iter().map(|it| (it.arn, it.origin, it.value)).chain(new) {
        let with_tls =
            content.as_ref().is_ok_and(|content| content.tls_inspection_configuration_arn.is_some());
        if with_tls {
            let location = reading.snapshot.locate(origin.document, origin.offset, &origin.pointer);
            let message = format!("policy `{}` inspects TLS, which is not modelled", name_of(&arn));
            let remark = Diagnostic::warning("not-modelled", Some(location), message);
            reading
                .diagnostics
                .push(remark.with_help("its rules are applied as if connections were not opened"));
        }
        let policy = FirewallPolicy { origin, content };
        let known = found.get(&arn).map(|known| format!("{:?}", known.content));
        if known.is_none_or(|known| format!("{:?}", policy.content) < known) {
            found.insert(arn, policy);
        }
    }
    found
}
