//! Every document that scopes come in.
use super::scope;
use crate::document::{describe, normalized_json, normalized_text, read_scopes};

const PATHS: &str =
    r#""MatchPaths":[{"Source":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::InternetGateway"]}}}]"#;

#[test]
fn all_forms_ask_the_same() {
    let tags = r#"[{"Key":"Name","Value":"Ingress"},{"Key":"Description","Value":"all of it"},{"Key":"team","Value":""}]"#;
    let request = scope(&format!(
        r#"{{{PATHS},"ClientToken":"t","DryRun":false,
            "TagSpecifications":[{{"ResourceType":"network-insights-access-scope","Tags":{tags}}}]}}"#
    ));
    let created = scope(&format!(
        r#"{{"NetworkInsightsAccessScope":{{"NetworkInsightsAccessScopeId":"nis-1","NetworkInsightsAccessScopeArn":"a","CreatedDate":"d","UpdatedDate":1.5,"Tags":{tags}}},
            "NetworkInsightsAccessScopeContent":{{"NetworkInsightsAccessScopeId":"nis-1",{PATHS}}}}}"#
    ));
    let resource = scope(&format!(
        r#"{{"Type":"AWS::EC2::NetworkInsightsAccessScope","DeletionPolicy":"Retain","Properties":{{{PATHS},"Tags":{tags}}}}}"#
    ));
    assert!(request.asks_the_same_as(&created) && request.asks_the_same_as(&resource));
    assert_eq!(created.scope_id.as_deref(), Some("nis-1"));
    assert_eq!(resource.match_paths[0].pointer, "/Properties/MatchPaths/0");
    assert_eq!(
        (request.title.as_deref(), request.description.as_deref()),
        (Some("Ingress"), Some("all of it"))
    );
    assert_eq!(request.tags.len(), 3);
}

#[test]
fn content_document_whole_and_bare() {
    let bare = scope(&format!(r#"{{"NetworkInsightsAccessScopeId":"nis-1",{PATHS},"ExcludePaths":[]}}"#));
    let whole = scope(&format!(
        r#"{{"NetworkInsightsAccessScopeContent":{{"NetworkInsightsAccessScopeId":"nis-1",{PATHS}}}}}"#
    ));
    assert!(bare.asks_the_same_as(&whole));
    assert_eq!((bare.scope_id.as_deref(), whole.scope_id.as_deref()), (Some("nis-1"), Some("nis-1")));
    assert_eq!(bare.warnings, []);
}

#[test]
fn template_with_several_scopes_and_other_resources() {
    let text = format!(
        r#"{{"AWSTemplateFormatVersion":"2010-09-09","Parameters":{{"Stage":{{"Type":"String"}}}},"Resources":{{
            "Vpc":{{"Type":"AWS::EC2::VPC","Properties":{{"CidrBlock":{{"Ref":"Cidr"}}}}}},
            "Second":{{"Type":"AWS::EC2::NetworkInsightsAccessScope","Properties":{{{PATHS}}}}},
            "First":{{"Type":"AWS::EC2::NetworkInsightsAccessScope","Properties":{{{PATHS}}}}}}}}}"#
    );
    let scopes = read_scopes("stack.json", &text).unwrap();
    assert_eq!(scopes.iter().map(|scope| scope.name.as_str()).collect::<Vec<_>>(), ["Second", "First"]);
    assert_eq!(scopes[1].match_paths[0].pointer, "/Resources/First/Properties/MatchPaths/0");
}

#[test]
fn the_file_gives_the_name_and_the_tag_the_title() {
    let tagged = format!(
        r#"{{{PATHS},"TagSpecifications":[{{"ResourceType":"network-insights-access-scope","Tags":[{{"Key":"Name","Value":"Ingress"}}]}}]}}"#
    );
    let untagged = format!("{{{PATHS}}}");
    let identified = format!(r#"{{"NetworkInsightsAccessScopeId":"nis-1",{PATHS}}}"#);
    for (file, text, name) in [
        ("scopes/all-ingress.json", &tagged, "all-ingress"),
        ("all.ingress.json", &untagged, "all.ingress"),
        ("-", &tagged, "Ingress"),
        ("-", &identified, "nis-1"),
        ("", &untagged, "scope"),
    ] {
        assert_eq!(read_scopes(file, text).unwrap()[0].name, name, "{file}");
    }
}

#[test]
fn normalized_text_has_the_order_of_the_model() {
    let scope = scope(
        r#"{"TagSpecifications":[{"Tags":[{"Value":"v","Key":"k"}],"ResourceType":"network-insights-access-scope"}],
            "ExcludePaths":[{"ThroughResources":[{"ResourceStatement":{"ResourceTypes":["AWS::NetworkFirewall::NetworkFirewall"]}}]}],
            "MatchPaths":[{"Destination":{"ResourceStatement":{"Resources":["vpc-1"]},
                "PacketHeaderStatement":{"Protocols":["TCP"],"DestinationPorts":[22],"SourceAddresses":["10.0.0.1"]}}}]}"#,
    );
    insta::assert_snapshot!(normalized_text(&scope), @r#"
    {
      "MatchPaths": [
        {
          "Destination": {
            "PacketHeaderStatement": {
              "SourceAddresses": [
                "10.0.0.1/32"
              ],
              "DestinationPorts": [
                "22"
              ],
              "Protocols": [
                "tcp"
              ]
            },
            "ResourceStatement": {
              "Resources": [
                "vpc-1"
              ]
            }
          }
        }
      ],
      "ExcludePaths": [
        {
          "ThroughResources": [
            {
              "ResourceStatement": {
                "ResourceTypes": [
                  "AWS::NetworkFirewall::NetworkFirewall"
                ]
              }
            }
          ]
        }
      ],
      "TagSpecifications": [
        {
          "ResourceType": "network-insights-access-scope",
          "Tags": [
            {
              "Key": "k",
              "Value": "v"
            }
          ]
        }
      ]
    }
    "#);
    assert_eq!(
        normalized_json(&scope),
        serde_json::from_str::<serde_json::Value>(&normalized_text(&scope)).unwrap()
    );
}

#[test]
fn long_lists_are_cut_in_descriptions() {
    let ports: Vec<String> = (1..=20).map(|port| format!("\"{port}\"")).collect();
    let text = format!(
        r#"{{"MatchPaths":[{{"Destination":{{"PacketHeaderStatement":{{"DestinationPorts":[{}]}}}}}}]}}"#,
        ports.join(",")
    );
    insta::assert_snapshot!(describe(&scope(&text)), @"paths arriving on port 1, 2, 3, 4, 5, 6, 7 or 13 others");
}
