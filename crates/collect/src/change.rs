//! What became of an answer between two looks at it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{manifest::Changed, subjects};

/// Members that say something else at every look, though nothing has changed.
///
/// SOURCE: RDS API reference, `DBInstance.LatestRestorableTime`, `DBCluster.LatestRestorableTime` (checked 2026-11-27).
const FLEETING: [&str; 1] = ["LatestRestorableTime"];

/// Takes out what says something else at every look.
fn steady(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            members.retain(|name, _| !FLEETING.contains(&name.as_str()));
            members.values_mut().for_each(|member| *member = steady(member.take()));
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| *element = steady(element.take())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    value
}

/// What became of the records of all lists.
pub(crate) fn difference(before: &Value, now: &Value) -> Changed {
    let (before, now) = (&steady(before.clone()), &steady(now.clone()));
    let mut changed = Changed::default();
    let members =
        |of: &Value| of.as_object().map(|it| it.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let names: BTreeSet<String> = members(before).into_iter().chain(members(now)).collect();
    for name in names {
        let list = |of: &Value| of.get(&name).and_then(Value::as_array).cloned();
        let (old, new) = match (list(before), list(now)) {
            (None, None) => {
                if before.get(&name) != now.get(&name) {
                    changed.altered.push(name);
                }
                continue;
            }
            (old, new) => (old.unwrap_or_default(), new.unwrap_or_default()),
        };
        let keys =
            subjects::key(&name, &old).filter(|key| subjects::key(&name, &new).is_none_or(|new| new == *key));
        let label = |record: &Value| {
            let own = keys.as_ref().and_then(|key| record.get(key)).and_then(Value::as_str);
            own.map_or_else(|| record.to_string(), str::to_owned)
        };
        let index = |records: &[Value]| -> BTreeMap<String, Value> {
            records.iter().map(|record| (label(record), record.clone())).collect()
        };
        let (old, new) = (index(&old), index(&new));
        changed.appeared.extend(new.keys().filter(|key| !old.contains_key(*key)).cloned());
        changed.vanished.extend(old.keys().filter(|key| !new.contains_key(*key)).cloned());
        let is_altered =
            |(key, value): &(&String, &Value)| new.get(*key).is_some_and(|other| other != *value);
        changed.altered.extend(old.iter().filter(is_altered).map(|(key, _)| key.clone()));
    }
    changed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_second_look_names_what_changed() {
        let before = json!({"Vpcs": [{"VpcId": "vpc-1", "State": "available"}, {"VpcId": "vpc-2"}]});
        let now = json!({"Vpcs": [{"VpcId": "vpc-3"}, {"VpcId": "vpc-1", "State": "pending"}]});
        let changed = difference(&before, &now);
        assert_eq!(
            (changed.appeared, changed.vanished, changed.altered),
            (vec!["vpc-3".to_owned()], vec!["vpc-2".to_owned()], vec!["vpc-1".to_owned()],)
        );
        assert_eq!(difference(&before, &before), Changed::default());
        let at = |time: &str| json!({"DBInstances": [{"DBInstanceIdentifier": "a", "LatestRestorableTime": time}]});
        assert_eq!(difference(&at("12:00"), &at("12:05")), Changed::default());
    }
}
