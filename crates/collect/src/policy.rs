//! The least IAM policy with which a snapshot can be taken.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::catalogue::CALLS;

/// The policy document that allows what [`crate::collect`] asks for, and nothing else; in an organization also what the
/// account needs in which it starts.
///
/// SOURCE: IAM user guide, "IAM JSON policy elements reference": the version (checked 2026-11-27). `GetCallerIdentity` needs no
/// permission: STS API reference (checked 2026-11-27).
pub fn policy() -> Value {
    let mut read: BTreeSet<String> = CALLS.iter().map(crate::Call::action).collect();
    read.insert("ec2:DescribeRegions".to_owned());
    json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Sid": "NetproofReadsTheNetwork", "Effect": "Allow", "Action": read, "Resource": "*" },
        ],
    })
}

/// The policy that the account needs besides in which `--organization` and `--role-arn` start.
pub fn organization_policy(role: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Sid": "NetproofListsAccounts", "Effect": "Allow", "Action": ["organizations:ListAccounts"], "Resource": "*" },
            { "Sid": "NetproofEntersAccounts", "Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": format!("arn:*:iam::*:role/{role}") },
        ],
    })
}
