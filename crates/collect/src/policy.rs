//! The least IAM policy with which a snapshot can be taken.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::catalogue::CALLS;

/// The policy document that allows what the calls ask for, and nothing else. `roles` are names of roles or their ARNs, of other
/// accounts, which the caller is to enter; `organization`: whether it lists the accounts.
///
/// SOURCE: IAM user guide, "IAM JSON policy elements reference": the version. STS API reference: `GetCallerIdentity` needs no
/// permission. WAFV2 API reference, `GetWebACLForResource`: it needs `GetWebACL`, too, and a permission of the kind of resource,
/// for a balancer `GetLoadBalancerWebACL`: WAF developer guide, "Permissions for GetWebACLForResource" (checked 2026-11-27).
pub fn policy(roles: &[String], organization: bool) -> Value {
    let mut read: BTreeSet<String> = CALLS.iter().map(crate::Call::action).collect();
    read.insert("ec2:DescribeRegions".to_owned());
    read.extend(["elasticloadbalancing:GetLoadBalancerWebACL", "wafv2:GetWebACL"].map(str::to_owned));
    let mut statements = vec![json!({
        "Sid": "ReadTheNetwork", "Effect": "Allow", "Action": read, "Resource": "*",
    })];
    if organization {
        statements.push(json!({
            "Sid": "ListAccounts", "Effect": "Allow", "Action": ["organizations:ListAccounts"], "Resource": "*",
        }));
    }
    if !roles.is_empty() {
        let arn = |role: &String| {
            if role.starts_with("arn:") { role.clone() } else { format!("arn:*:iam::*:role/{role}") }
        };
        let arns: BTreeSet<String> = roles.iter().map(arn).collect();
        statements.push(json!({
            "Sid": "EnterAccounts", "Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": arns,
        }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}
