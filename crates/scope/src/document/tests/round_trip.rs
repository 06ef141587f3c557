//! What is printed reads back as the same scope; no text makes the reader panic.
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Map, Value, json};

use crate::document::{describe, normalized_json, normalized_text, read_scopes};

/// Returns an object without the members that are `None`.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members: Map<String, Value> =
        members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    Value::Object(members)
}

fn network() -> impl Strategy<Value = String> {
    prop_oneof![
        (any::<[u8; 4]>(), 0..=32u8).prop_map(|([a, b, c, d], length)| format!("{a}.{b}.{c}.{d}/{length}")),
        any::<[u8; 4]>().prop_map(|[a, b, c, d]| format!("{a}.{b}.{c}.{d}")),
        (any::<u128>(), 0..=128u8)
            .prop_map(|(bits, length)| format!("{}/{length}", std::net::Ipv6Addr::from_bits(bits))),
    ]
}

fn ports() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<u16>().prop_map(Value::from),
        any::<u16>().prop_map(|port| port.to_string().into()),
        (any::<u16>(), any::<u16>()).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b)).into()),
    ]
}

/// Addresses, prefix lists or neither of one side.
fn side() -> impl Strategy<Value = (Option<Value>, Option<Value>)> {
    prop_oneof![
        Just((None, None)),
        vec(network(), 0..3).prop_map(|list| (Some(json!(list)), None)),
        vec("pl-[0-9a-f]{8}", 0..3).prop_map(|list| (None, Some(json!(list)))),
    ]
}

/// Returns whether the object has a member; one without is refused.
fn filled(object: &Value) -> bool {
    object.as_object().is_some_and(|members| !members.is_empty())
}

/// May hold empty lists only, and is refused then.
fn header() -> impl Strategy<Value = Value> {
    let protocols = vec(prop::sample::select(vec!["tcp", "udp", "TCP"]), 1..3);
    (side(), side(), option::of(vec(ports(), 1..4)), option::of(vec(ports(), 0..4)), option::of(protocols))
        .prop_map(
            |((source, source_lists), (destination, destination_lists), source_ports, ports, protocols)| {
                object([
                    ("SourceAddresses", source),
                    ("SourcePrefixLists", source_lists),
                    ("DestinationAddresses", destination),
                    ("DestinationPrefixLists", destination_lists),
                    ("SourcePorts", source_ports.map(Value::from)),
                    ("DestinationPorts", ports.map(Value::from)),
                    ("Protocols", protocols.map(Value::from)),
                ])
            },
        )
        .prop_filter("empty", filled)
}

fn statement(types: &'static [&'static str], names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let group = "arn:aws:resource-groups:us-east-1:123456789012:group/g";
    let names =
        (prop::sample::select(names), "[0-9a-f]{1,8}").prop_map(|(prefix, rest)| format!("{prefix}{rest}"));
    let which = prop_oneof![
        vec(prop::sample::select(types), 1..4).prop_map(|list| json!({ "ResourceTypes": list })),
        vec(prop_oneof![3 => names, 1 => Just(group.to_owned())], 1..4)
            .prop_map(|list| json!({ "Resources": list })),
        Just(json!({})),
    ];
    let filter = (any::<String>(), option::of(vec(any::<String>(), 0..3)))
        .prop_map(|(key, values)| object([("Key", Some(key.into())), ("Values", values.map(Value::from))]));
    let web_acls = prop::sample::select(vec!["absent", "present"]);
    (which, option::weighted(0.2, vec(filter, 1..3)), option::weighted(0.2, web_acls))
        .prop_map(|(mut which, tags, web_acls)| {
            if let Some(members) = which.as_object_mut() {
                members.extend(tags.map(|tags| ("TagFilters".to_owned(), Value::from(tags))));
                members.extend(web_acls.map(|acls| ("WebAcls".to_owned(), acls.into())));
            }
            which
        })
        .prop_filter("empty", filled)
}

fn ends() -> impl Strategy<Value = Value> {
    let types = &["AWS::EC2::InternetGateway", "AWS::EC2::NetworkInterface", "AWS::EC2::VPNGateway"];
    let names = &["vpc-", "subnet-", "vpce-svc-", "arn:aws:ec2:us-east-1:123456789012:instance/i-"];
    (option::of(header()), option::of(statement(types, names)))
        .prop_map(|(header, resources)| {
            object([("PacketHeaderStatement", header), ("ResourceStatement", resources)])
        })
        .prop_filter("empty", filled)
}

fn path() -> impl Strategy<Value = Value> {
    let types =
        &["AWS::NetworkFirewall::Firewall", "AWS::NetworkFirewall::NetworkFirewall", "AWS::EC2::NatGateway"];
    let through =
        vec(statement(types, &["nat-", "pcx-"]).prop_map(|one| json!({ "ResourceStatement": one })), 0..3);
    (option::of(ends()), option::of(ends()), option::of(through))
        .prop_map(|(source, destination, through)| {
            object([
                ("Source", source),
                ("Destination", destination),
                ("ThroughResources", through.map(Value::from)),
            ])
        })
        .prop_filter("empty", filled)
        .prop_flat_map(|path| {
            let differing = prop::sample::select(vec!["Account", "AvailabilityZone", "tag:Environment"]);
            (Just(path), option::weighted(0.2, vec(differing, 1..3)))
        })
        .prop_map(|(mut path, differ)| {
            if let Some((members, differ)) = path.as_object_mut().zip(differ) {
                members.insert("Differ".to_owned(), differ.into());
            }
            path
        })
}

fn request() -> impl Strategy<Value = Value> {
    let tags = prop::collection::btree_map("(Name|Description|[a-z]{1,4})", any::<String>(), 0..4);
    (vec(path(), 1..4), vec(path(), 0..3), tags).prop_map(|(matches, excludes, tags)| {
        let tags: Vec<Value> =
            tags.into_iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        json!({
            "MatchPaths": matches,
            "ExcludePaths": excludes,
            "TagSpecifications": [{ "ResourceType": "network-insights-access-scope", "Tags": tags }],
        })
    })
}

/// Returns whether the text was usable.
fn printed_reads_back(text: &str) -> Result<bool, TestCaseError> {
    let Ok(scopes) = read_scopes("s.json", text) else { return Ok(false) };
    for scope in &scopes {
        let printed = normalized_text(scope);
        let again = match read_scopes("s.json", &printed) {
            Ok(scopes) => scopes,
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        prop_assert_eq!(again.len(), 1);
        prop_assert!(scope.asks_the_same_as(&again[0]), "{}", printed);
        prop_assert_eq!(normalized_json(scope), normalized_json(&again[0]));
        prop_assert_eq!(describe(scope), describe(&again[0]));
    }
    Ok(true)
}

proptest! {
    #[test]
    fn what_is_printed_asks_the_same(request in request()) {
        printed_reads_back(&request.to_string())?;
    }

    #[test]
    fn broken_requests_never_panic(request in request(), at in any::<prop::sample::Index>(), noise in ".{0,3}") {
        let mut text: Vec<char> = request.to_string().chars().collect();
        let place = at.index(text.len());
        text.splice(place..(place + 2).min(text.len()), noise.chars());
        printed_reads_back(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = read_scopes("s.json", &text);
    }
}

#[test]
fn most_generated_requests_are_usable() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let usable = (0..200)
        .filter(|_| {
            let request = request().new_tree(&mut runner).unwrap().current();
            printed_reads_back(&request.to_string()).unwrap()
        })
        .count();
    assert!(usable > 100, "only {usable} of 200");
}
