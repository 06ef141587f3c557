//! Listener of a load balancer: a port and a protocol, and what happens to requests that no rule takes.
//!
//! No ports: its balancer forwards (see `balancing`). Listeners of Gateway Load Balancers have neither protocol nor
//! port; they take what comes through endpoints.
//!
//! SOURCE: ELB API reference, `Listener`, `Action`, `ForwardActionConfig` and `TargetGroupTuple`; user guide for
//! Application Load Balancers, "Action types for listener rules" (the last action forwards, redirects or answers;
//! actions before it authenticate) (checked 2026-11-26).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{
    Resource,
    load_balancer::{LoadBalancer, account_in, region_in},
    nullable, optional,
    target_group::TargetGroup,
};
use crate::{
    Entry, Id, Inventory,
    inventory::{Reading, Records},
};

/// A listener, as `elbv2 describe-listeners` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Listener {
    listener_arn: Id<Listener>,
    load_balancer_arn: Id<LoadBalancer>,
    port: Option<u16>,
    #[serde(default, deserialize_with = "optional")]
    protocol: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    default_actions: Vec<Action>,
}

/// An action of a listener or of one of its rules.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Action {
    r#type: String,
    #[serde(default, deserialize_with = "optional")]
    target_group_arn: Option<Id<TargetGroup>>,
    forward_config: Option<ForwardConfig>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ForwardConfig {
    #[serde(default, deserialize_with = "nullable")]
    target_groups: Vec<Weighted>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Weighted {
    target_group_arn: Id<TargetGroup>,
    weight: Option<u32>,
}

/// What actions do to requests in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Forwarding<'a> {
    /// The groups that may get them.
    pub(super) groups: Vec<&'a Id<TargetGroup>>,
    /// Why it is not sure that the groups get any, or are all.
    pub(super) doubt: Option<String>,
}

impl Forwarding<'_> {
    /// What `actions` do. A group of weight 0 gets nothing; what happens if all have weight 0 is not documented.
    pub(super) fn of(actions: &[Action]) -> Forwarding<'_> {
        let mut all = Forwarding { groups: Vec::new(), doubt: None };
        // AWS requires one; an export that leaves them out does not tell.
        if actions.is_empty() {
            all.doubt = Some("what it does with requests is not in the snapshot".to_owned());
        }
        for action in actions {
            match action.r#type.as_str() {
                "forward" => {
                    let weighted = action.forward_config.as_ref().map_or([].as_slice(), |c| &c.target_groups);
                    let weightless = weighted.iter().all(|group| group.weight == Some(0));
                    if weightless && !weighted.is_empty() {
                        all.doubt = Some("all its target groups have weight 0".to_owned());
                    }
                    let used = weighted.iter().filter(|group| weightless || group.weight != Some(0));
                    all.groups.extend(used.map(|group| &group.target_group_arn));
                    if weighted.is_empty() {
                        all.groups.extend(&action.target_group_arn);
                        if action.target_group_arn.is_none() {
                            all.doubt = Some("where it forwards to is not in the snapshot".to_owned());
                        }
                    }
                }
                // They answer the client themselves, or let pass who may.
                "redirect"
                | "fixed-response"
                | "authenticate-oidc"
                | "authenticate-cognito"
                | "jwt-validation" => {}
                other => all.doubt = Some(format!("actions of type `{other}` are not modelled")),
            }
        }
        all
    }
}

impl Listener {
    /// Port and protocol, for listeners that have them.
    pub(super) fn port(&self) -> Option<(u16, &str)> {
        Some((self.port?, self.protocol.as_deref()?))
    }

    /// What happens to requests that no rule takes.
    pub(super) fn default_actions(&self) -> &[Action] {
        &self.default_actions
    }
}

impl Resource for Listener {
    const TYPE: &'static str = "AWS::ElasticLoadBalancingV2::Listener";
    const LIST: &'static str = "Listeners";
    const OWN: bool = true;

    /// Global Accelerator lists `Listeners` too.
    fn is_another(raw: &str) -> bool {
        raw.contains(":globalaccelerator:")
    }

    fn id(&self) -> &Id<Self> {
        &self.listener_arn
    }

    fn account(&self) -> Option<&str> {
        account_in(self.listener_arn.as_str())
    }

    fn region(&self) -> Option<String> {
        region_in(self.listener_arn.as_str())
    }

    fn also(reading: &mut Reading<'_>, records: &mut Records<Self>) {
        reading.nested("LoadBalancerListeners", records);
    }

    fn associations(&self) -> Vec<String> {
        vec![format!("balancer:{}", self.load_balancer_arn)]
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
