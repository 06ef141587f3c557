//! The same export in another order, or under other names.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::draws::Draws;

/// Returns the same document with every list in another order, and the members of every object too.
///
/// In a describe answer the order of a list carries no meaning: network ACL entries have their number, primary
/// addresses their flag, routes their prefix. Nothing is added, removed or changed. Text that is not JSON is
/// returned as it is; of a member given twice only the last stays.
pub fn shuffle(json: &str, seed: u64) -> String {
    let Ok(document) = serde_json::from_str::<Value>(json) else { return json.to_owned() };
    let mut text = String::new();
    write_shuffled(&document, &mut Draws::new(seed, "rearrange", &[]), &mut text);
    text
}

/// Not a `Value` again: its maps keep an order of their own.
fn write_shuffled(value: &Value, draws: &mut Draws, text: &mut String) {
    match value {
        Value::Array(items) => {
            let mut items: Vec<&Value> = items.iter().collect();
            draws.shuffle(&mut items);
            let mut before = '[';
            for item in items {
                text.push(before);
                write_shuffled(item, draws, text);
                before = ',';
            }
            text.push_str(if before == '[' { "[]" } else { "]" });
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            draws.shuffle(&mut members);
            let mut before = '{';
            for (name, member) in members {
                text.push(before);
                let _ = write!(text, "{}:", Value::from(name.as_str()));
                write_shuffled(member, draws, text);
                before = ',';
            }
            text.push_str(if before == '{' { "{}" } else { "}" });
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let _ = write!(text, "{value}");
        }
    }
}

/// Prefixes of the ids that [`rename`] changes.
const PREFIXES: [&str; 39] = [
    "acl",
    "aclassoc",
    "ami",
    "cagw",
    "cgw",
    "dopt",
    "eigw",
    "eipalloc",
    "eipassoc",
    "ela-attach",
    "eni",
    "eni-attach",
    "i",
    "igw",
    "igw-assoc",
    "lgw",
    "nat",
    "pcx",
    "pl",
    "r",
    "rslvr-fdl",
    "rslvr-frg",
    "rslvr-frgassoc",
    "rtb",
    "rtbassoc",
    "sg",
    "sgr",
    "subnet",
    "subnet-cidr-assoc",
    "tgw",
    "tgw-attach",
    "tgw-rtb",
    "vgw",
    "vol",
    "vpc",
    "vpc-cidr-assoc",
    "vpce",
    "vpce-svc",
    "vpn",
];

/// Returns the same document with `suffix` at the end of every resource id, wherever it is spoken of: as a
/// member's value, in an ARN, in a description. Names, addresses and accounts stay. `suffix` must be letters
/// and digits. Text that is not JSON is returned as it is.
pub fn rename(json: &str, suffix: &str) -> String {
    let Ok(mut document) = serde_json::from_str::<Value>(json) else { return json.to_owned() };
    let mut ids = BTreeSet::new();
    collect_ids("", &document, &mut ids);
    append(&mut document, &ids, suffix);
    format!("{document:#}")
}

/// Ids are what members called `…Id` or `…Ids` hold, if it has a known prefix.
fn collect_ids(name: &str, value: &Value, ids: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if name.ends_with("Id") || name.ends_with("Ids") => {
            let prefix = text.rsplit_once('-').map(|(prefix, _)| prefix);
            if prefix.is_some_and(|prefix| PREFIXES.contains(&prefix)) {
                ids.insert(text.clone());
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_ids(name, item, ids)),
        Value::Object(members) => members.iter().for_each(|(name, member)| collect_ids(name, member, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn append(value: &mut Value, ids: &BTreeSet<String>, suffix: &str) {
    match value {
        Value::String(text) => {
            let part_of_id = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
            let mut renamed = String::new();
            for piece in text.split_inclusive(|letter| !part_of_id(letter)) {
                let word = piece.trim_end_matches(|letter| !part_of_id(letter));
                renamed.push_str(word);
                if ids.contains(word) {
                    renamed.push_str(suffix);
                }
                renamed.push_str(piece.get(word.len()..).unwrap_or_default());
            }
            *text = renamed;
        }
        Value::Array(items) => items.iter_mut().for_each(|item| append(item, ids, suffix)),
        Value::Object(members) => members.values_mut().for_each(|member| append(member, ids, suffix)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{RandomOptions, random_network_from_seed};

    /// The document with every list sorted: equal for documents that differ in order only.
    fn sorted(json: &str) -> Value {
        fn sort(value: &mut Value) {
            match value {
                Value::Array(items) => {
                    items.iter_mut().for_each(sort);
                    items.sort_by_cached_key(Value::to_string);
                }
                Value::Object(members) => members.values_mut().for_each(sort),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
        let mut document = serde_json::from_str(json).unwrap();
        sort(&mut document);
        document
    }

    #[test]
    fn shuffling_keeps_every_record() {
        for seed in 0..200 {
            let json = random_network_from_seed(seed, &RandomOptions::default()).json;
            let shuffled = shuffle(&json, seed);
            assert_ne!(shuffled, json);
            assert_eq!(sorted(&shuffled), sorted(&json), "{seed}");
            assert_eq!(shuffle(&json, seed), shuffled);
        }
    }

    #[test]
    fn shuffling_changes_lists_and_members() {
        let json = r#"{"a": [1, 2, 3, 4, 5, 6], "b": {}, "c": [], "d\"": "x", "e": null}"#;
        assert_eq!(shuffle(json, 1), r#"{"c":[],"e":null,"b":{},"a":[6,3,2,1,5,4],"d\"":"x"}"#);
        assert_eq!(shuffle("not json", 1), "not json");
    }

    #[test]
    fn renaming_follows_every_mention() {
        let json = r#"{"SubnetId": "subnet-1", "SubnetArn": "arn:aws:ec2:us-east-1:1:subnet/subnet-1",
            "Description": "Interface for NAT Gateway nat-9 in subnet-1, not subnet-11", "NatGatewayId": "nat-9",
            "GatewayId": "local", "RequesterId": "amazon-elb", "GroupName": "sg-1", "AvailabilityZoneId": "use1-az1"}"#;
        let renamed: Value = serde_json::from_str(&rename(json, "x")).unwrap();
        assert_eq!(renamed["SubnetId"], "subnet-1x");
        assert_eq!(renamed["SubnetArn"], "arn:aws:ec2:us-east-1:1:subnet/subnet-1x");
        assert_eq!(renamed["Description"], "Interface for NAT Gateway nat-9x in subnet-1x, not subnet-11");
        assert_eq!(
            ["GatewayId", "RequesterId", "GroupName", "AvailabilityZoneId"].map(|member| &renamed[member]),
            ["local", "amazon-elb", "sg-1", "use1-az1"]
        );
    }

    #[test]
    fn renaming_back_gives_the_same_document() {
        for seed in 0..200 {
            let json = random_network_from_seed(seed, &RandomOptions::default()).json;
            let renamed = rename(&json, "zz9");
            assert!(renamed.contains("zz9\""));
            assert_eq!(sorted(&renamed.replace("zz9", "")), sorted(&json));
        }
    }
}
