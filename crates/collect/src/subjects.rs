//! What an answer names that other calls are about.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalogue::{Only, Source};

/// Subjects, sorted, by what they are within: nothing, or a member of the answer that names them.
pub(crate) type Subjects = BTreeMap<Option<String>, Vec<String>>;

/// Returns the strings in `answer` that a source is about, in order.
pub(crate) fn named(answer: &Value, source: &Source) -> Vec<String> {
    let mut found = vec![(answer, None)];
    for step in source.path.split('.') {
        let (member, list) = step.strip_suffix("[]").map_or((step, false), |member| (member, true));
        let mut next = Vec::new();
        for (value, record) in found {
            let Some(value) = value.get(member) else { continue };
            match value.as_array() {
                Some(elements) if list => {
                    next.extend(elements.iter().map(|element| (element, Some(element))));
                }
                _ => next.push((value, record)),
            }
        }
        found = next;
    }
    let is_wanted = |text: &str, record: Option<&Value>| match source.only {
        Only::All => true,
        Only::With(part) => text.contains(part),
        Only::Without(member) => record.is_none_or(|record| record.get(member).is_none()),
    };
    let texts = found.into_iter().filter_map(|(value, record)| Some((value.as_str()?, record)));
    texts.filter(|(text, record)| is_wanted(text, *record)).map(|(text, _)| text.to_owned()).collect()
}

/// By which member records of a list are told apart: one that is called like an id, ARN or name, is in all of them and
/// differs, if possible as the list is called (`SubnetId` in `Subnets`).
pub(crate) fn key(list: &str, records: &[Value]) -> Option<String> {
    let names: BTreeSet<&String> =
        records.iter().filter_map(Value::as_object).flat_map(|it| it.keys()).collect();
    let stem = |name: &str| {
        let endings = ["Identifier", "Arn", "ARN", "Name", "Id"];
        endings.iter().find_map(|ending| name.strip_suffix(ending)).map(str::to_ascii_lowercase)
    };
    let list = list.to_ascii_lowercase();
    let fit = |name: &String| {
        stem(name).filter(|stem| list.contains(stem.as_str())).map_or(0, |stem| 1 + stem.len())
    };
    let differs = |name: &&&String| {
        let values: BTreeSet<&str> =
            records.iter().filter_map(|it| it.get(name.as_str())?.as_str()).collect();
        values.len() == records.len()
    };
    let keys = names.iter().filter(|name| stem(name).is_some()).filter(differs);
    keys.max_by_key(|name| (fit(name), std::cmp::Reverse(**name))).map(|name| (*name).clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn source(path: &'static str, only: Only) -> Source {
        Source { service: "s", operation: "O", path, only }
    }

    #[test]
    fn records_are_told_apart_by_their_own_id() {
        let subnets = [
            json!({"AvailabilityZoneId": "use1-az1", "SubnetId": "subnet-1", "VpcId": "vpc-1"}),
            json!({"AvailabilityZoneId": "use1-az2", "SubnetId": "subnet-2", "VpcId": "vpc-1"}),
        ];
        assert_eq!(key("Subnets", &subnets).as_deref(), Some("SubnetId"));
        let groups = [json!({"GroupId": "sg-1", "GroupName": "a", "OwnerId": "1"})];
        assert_eq!(key("SecurityGroups", &groups).as_deref(), Some("GroupId"));
        assert_eq!(key("Routes", &[json!({"State": "active"})]), None);
    }

    #[test]
    fn subjects_are_found_by_their_path() {
        let answer = json!({
            "Lists": [{"Id": "a", "Owner": "AWS"}, {"Id": "b"}, {"Other": 1}],
            "Names": ["x", "y"],
            "Firewall": {"Policy": "p", "Groups": [{"Arn": "g1"}, {"Arn": "g2"}]},
        });
        assert_eq!(named(&answer, &source("Lists[].Id", Only::All)), ["a", "b"]);
        assert_eq!(named(&answer, &source("Lists[].Id", Only::Without("Owner"))), ["b"]);
        assert_eq!(named(&answer, &source("Lists[].Id", Only::With("a"))), ["a"]);
        assert_eq!(named(&answer, &source("Names[]", Only::All)), ["x", "y"]);
        assert_eq!(named(&answer, &source("Firewall.Policy", Only::All)), ["p"]);
        assert_eq!(named(&answer, &source("Firewall.Groups[].Arn", Only::All)), ["g1", "g2"]);
        assert_eq!(named(&answer, &source("Nothing[].Arn", Only::All)), [""; 0]);
    }
}
