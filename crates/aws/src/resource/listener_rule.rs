//! Rule of a listener: which requests it takes, and what happens to them.
//!
//! No ports: its balancer forwards (see `balancing`). A path through a balancer exists if some request takes it: a
//! condition on the source address is decided exactly; of the others (host, path, headers, query, method) it is taken
//! that some request meets them and some does not, unless the pattern is one that every request meets.
//!
//! SOURCE: ELB API reference, `Rule` and `RuleCondition`; user guide for Application Load Balancers, "Listener rules"
//! (ascending priority, the default rule last) and "Condition types" (all conditions of a rule must be met; the source
//! is that of the packet, not of `X-Forwarded-For`) (checked 2026-11-26).
//! GAP: whether conditions of several rules contradict each other, or together take every request, is not examined.
use graph::GraphBuilder;
use headerspace::{Field, Match};
use ipnet::IpNet;
use serde::Deserialize;

use super::{
    Resource,
    address_set::address_in,
    listener::{Action, Listener},
    load_balancer::{account_in, region_in},
    nullable, optional,
};
use crate::{Entry, Id, Inventory};

/// A rule, as `elbv2 describe-rules` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListenerRule {
    rule_arn: Id<ListenerRule>,
    #[serde(default, deserialize_with = "optional")]
    priority: Option<String>,
    is_default: Option<bool>,
    #[serde(default, deserialize_with = "nullable")]
    conditions: Vec<Condition>,
    #[serde(default, deserialize_with = "nullable")]
    actions: Vec<Action>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Condition {
    #[serde(default, deserialize_with = "nullable")]
    field: String,
    #[serde(default, deserialize_with = "nullable")]
    values: Vec<String>,
    source_ip_config: Option<Values<IpNet>>,
    host_header_config: Option<Values<String>>,
    path_pattern_config: Option<Values<String>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Values<T> {
    #[serde(default = "Vec::new")]
    values: Vec<T>,
}

impl Condition {
    /// Whether it is about hosts or paths and met by all of them.
    fn is_met_by_all(&self) -> bool {
        let config = match self.field.as_str() {
            "host-header" => self.host_header_config.as_ref(),
            "path-pattern" => self.path_pattern_config.as_ref(),
            _ => return false,
        };
        let configured = config.into_iter().flat_map(|config| &config.values);
        self.values
            .iter()
            .chain(configured)
            .any(|value| value == "*" || (self.field == "path-pattern" && value == "/*"))
    }
}

impl ListenerRule {
    /// The ARN of its listener, which its own ARN holds.
    fn listener(&self) -> Option<String> {
        let (listener, _) = self.rule_arn.as_str().rsplit_once('/')?;
        Some(listener.replacen(":listener-rule/", ":listener/", 1))
    }

    /// Its place in the order; `None` for the default rule.
    pub(super) fn priority(&self) -> Option<u32> {
        if self.is_default == Some(true) {
            return None;
        }
        self.priority.as_deref()?.parse().ok()
    }

    /// What it does.
    pub(super) fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// Packets of which some request can meet its conditions.
    pub(super) fn sources(&self) -> Match {
        let about = self.conditions.iter().filter_map(|condition| condition.source_ip_config.as_ref());
        Match::all_of(about.map(|config| address_in(Field::SrcIp, config.values.iter().map(IpNet::trunc))))
    }

    /// Whether all requests in such packets meet its conditions, so that none is left for later rules.
    pub(super) fn takes_all(&self) -> bool {
        self.conditions.iter().all(|it| it.source_ip_config.is_some() || it.is_met_by_all())
    }
}

impl Resource for ListenerRule {
    const TYPE: &'static str = "AWS::ElasticLoadBalancingV2::ListenerRule";
    const LIST: &'static str = "Rules";

    /// EventBridge, S3 and others list `Rules` too.
    fn is_another(raw: &str) -> bool {
        !["RuleArn", "ruleArn", "rule_arn", "IsDefault", "Conditions"].iter().any(|ours| raw.contains(ours))
    }

    fn id(&self) -> &Id<Self> {
        &self.rule_arn
    }

    fn account(&self) -> Option<&str> {
        account_in(self.rule_arn.as_str())
    }

    fn region(&self) -> Option<String> {
        region_in(self.rule_arn.as_str())
    }

    fn associations(&self) -> Vec<String> {
        self.listener().into_iter().map(|arn| format!("listener:{arn}")).collect()
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}

impl Id<Listener> {
    /// Whether this is the ARN of a listener whose rules the snapshot can tell; others have default actions only.
    ///
    /// SOURCE: ELB guides: only listeners of Application Load Balancers have rules beside the default one (checked
    /// 2026-11-26).
    pub(super) fn may_have_rules(&self) -> bool {
        self.as_str().contains(":listener/app/")
    }
}
