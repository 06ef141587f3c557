//! What is read from the wire, what is refused, and how pages follow each other.
//!
//! That it is printed as the AWS CLI prints it is tested against the AWS CLI, for every operation: `tests/collect/like-aws-cli`.
#![expect(clippy::unwrap_used, reason = "a test: failing loudly is its job")]

use collect::{Answer, AnswerError, read};

const VPCS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
    <requestId>fake</requestId>
    <!-- lists are called sets -->
    <vpcSet>
        <item>
            <vpcId>vpc-<![CDATA[1]]></vpcId>
            <isDefault>true</isDefault>
            <tagSet/>
            <novelty><color>red</color></novelty>
            <cidrBlock>10.0.0.0<!-- half -->/16</cidrBlock>
        </item>
        <item><novelty/><vpcId/></item>
    </vpcSet>
    <nextToken>a&amp;b</nextToken>
</DescribeVpcsResponse>
"#;

const LISTENERS: &str = r#"<DescribeListenersResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
  <DescribeListenersResult>
    <Listeners><member><Port>443</Port></member></Listeners>
  </DescribeListenersResult>
  <ResponseMetadata><RequestId>fake</RequestId></ResponseMetadata>
</DescribeListenersResponse>"#;

const CLUSTER: &str = r#"{"__type": "Answer", "cluster": {"novelty": [{}], "tags": {"b": "1", "a": "2"}, "arn": null,
    "name": "a", "createdAt": 1709251198.125, "clientRequestToken": null, "health": {"issues": []}}}"#;

fn written(answer: &Answer) -> String {
    let mut out = Vec::new();
    answer.write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn vpcs(ids: &[&str], token: &str) -> Answer {
    let ids: Vec<_> = ids.iter().map(|id| format!("<item><vpcId>{id}</vpcId></item>")).collect();
    let ids = ids.concat();
    let body = format!("<DescribeVpcsResponse><vpcSet>{ids}</vpcSet>{token}</DescribeVpcsResponse>");
    read("ec2", "DescribeVpcs", body.as_bytes()).unwrap()
}

fn error(service: &str, operation: &str, body: &str) -> String {
    read(service, operation, body.as_bytes()).unwrap_err().to_string()
}

#[test]
fn xml_is_read_in_the_models_order() {
    let answer = read("ec2", "DescribeVpcs", VPCS.as_bytes()).unwrap();
    let expected = r#"{
    "Vpcs": [
        {
            "IsDefault": true,
            "Tags": [],
            "VpcId": "vpc-1",
            "CidrBlock": "10.0.0.0/16"
        },
        {
            "VpcId": ""
        }
    ]
}
"#;
    assert_eq!(written(&answer), expected);
    assert_eq!(answer.next_token(), Some("a&b"));
    let unknown: Vec<_> = answer.left_out().unknown.iter().collect();
    assert_eq!(unknown, [(&("Vpc", "novelty".to_owned()), &2)]);
    assert_eq!(answer.records(), 2);
}

#[test]
fn json_is_read_in_the_models_order() {
    let answer = read("eks", "DescribeCluster", CLUSTER.as_bytes()).unwrap();
    let expected = r#"{
    "cluster": {
        "name": "a",
        "createdAt": "2024-02-29T23:59:58.125000+00:00",
        "tags": {
            "b": "1",
            "a": "2"
        },
        "health": {
            "issues": []
        }
    }
}
"#;
    assert_eq!(written(&answer), expected);
    let unknown: Vec<_> = answer.left_out().unknown.iter().collect();
    assert_eq!(unknown, [(&("Cluster", "novelty".to_owned()), &1)]);
    assert_eq!((answer.next_token(), answer.records()), (None, 1));
    assert_eq!(read("eks", "DescribeCluster", b"{}").unwrap().records(), 0);
}

/// Wherever an answer is cut, nothing of it is taken for an answer.
#[test]
fn no_part_of_an_answer_is_an_answer() {
    let bodies = [
        ("ec2", "DescribeVpcs", VPCS),
        ("elbv2", "DescribeListeners", LISTENERS),
        ("eks", "DescribeCluster", CLUSTER),
    ];
    for (service, operation, body) in bodies {
        let body = body.trim_end().as_bytes();
        assert!(read(service, operation, body).is_ok());
        for (end, _) in body.iter().enumerate() {
            let (part, _) = body.split_at(end);
            assert!(read(service, operation, part).is_err(), "{service}, {end} bytes");
        }
        let twice = [body, body].concat();
        assert!(read(service, operation, &twice).is_err(), "{service} twice");
    }
    assert!(matches!(read("ec2", "DescribeVpcs", b" \n"), Err(AnswerError::Empty)));
    assert!(matches!(read("ec2", "DescribeVpcs", b"<a>\xff</a>"), Err(AnswerError::Encoding(_))));
}

#[test]
fn other_documents_are_refused() {
    let cases = [
        (
            "ec2",
            "DescribeSubnets",
            VPCS,
            "the answer is a `DescribeVpcsResponse` instead of a `DescribeSubnetsResponse`",
        ),
        (
            "ec2",
            "DescribeVpcs",
            "<html><body/></html>",
            "the answer is a `html` instead of a `DescribeVpcsResponse`",
        ),
        (
            "elbv2",
            "DescribeListeners",
            "<DescribeListenersResponse><Listeners/></DescribeListenersResponse>",
            "`DescribeListenersResponse` has no `DescribeListenersResult`",
        ),
        ("eks", "DescribeCluster", "null", "the answer is a `null` instead of a `DescribeClusterResponse`"),
        ("eks", "DescribeCats", "{}", "there is no table of shapes for `DescribeCats` of `eks`"),
        (
            "ec2",
            "DescribeVpcs",
            "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>",
            "AWS answered with an error: UnauthorizedOperation: no",
        ),
        (
            "rds",
            "DescribeDBInstances",
            "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code></Error></ErrorResponse>",
            "AWS answered with an error: Throttling: ",
        ),
        (
            "ecs",
            "ListClusters",
            r#"{"__type": "com.amazon#AccessDeniedException:http://a/", "message": "no"}"#,
            "AWS answered with an error: AccessDeniedException: no",
        ),
        ("lambda", "ListFunctions", r#"{"Message": "no"}"#, "AWS answered with an error: : no"),
    ];
    for (service, operation, body, expected) in cases {
        assert_eq!(error(service, operation, body), expected);
    }
    for body in ["<html></html>", "[]", "7", "\"a\""] {
        assert!(
            error("eks", "DescribeCluster", body).starts_with("the answer is not the JSON that it should be")
        );
    }
}

#[test]
fn values_of_another_kind_are_refused() {
    let vpc = |members: &str| {
        format!("<DescribeVpcsResponse><vpcSet><item>{members}</item></vpcSet></DescribeVpcsResponse>")
    };
    let cases = [
        ("<isDefault>yes</isDefault>", "`Vpc.IsDefault` is not `true` or `false`: `yes`"),
        ("<isDefault/>", "`Vpc.IsDefault` is not `true` or `false`: ``"),
        ("<vpcId>a</vpcId><vpcId>b</vpcId>", "`Vpc.vpcId` is there twice"),
        ("<vpcId><a/></vpcId>", "`Vpc.VpcId` has a `a` in it"),
    ];
    for (members, expected) in cases {
        assert_eq!(error("ec2", "DescribeVpcs", &vpc(members)), expected);
    }
    let listeners = LISTENERS.replace("443", "https");
    assert_eq!(
        error("elbv2", "DescribeListeners", &listeners),
        "`Listener.Port` is not a whole number: `https`"
    );
    let cases = [
        (r#"{"cluster": {"tags": "a"}}"#, "a text, number or boolean instead of a map"),
        (r#"{"cluster": {"health": {"issues": {}}}}"#, "an object instead of a list"),
        (r#"{"cluster": {"name": ["a"]}}"#, "a list instead of a text, number or boolean"),
        (r#"{"cluster": {"createdAt": "soon"}}"#, "a value is not a time: `soon`"),
    ];
    for (body, expected) in cases {
        let error = error("eks", "DescribeCluster", body);
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn secrets_are_never_read() {
    let vpn = "<DescribeVpnConnectionsResponse><vpnConnectionSet><item><vpnConnectionId>vpn-1</vpnConnectionId>\
               <customerGatewayConfiguration>hunter2</customerGatewayConfiguration><options><tunnelOptionSet><item>\
               <preSharedKey>hunter2</preSharedKey><outsideIpAddress>192.0.2.1</outsideIpAddress></item>\
               </tunnelOptionSet></options></item></vpnConnectionSet></DescribeVpnConnectionsResponse>";
    let function = r#"{"Functions": [{"FunctionName": "f", "Environment": {"Variables": {"PASSWORD": "hunter2"}}},
        {"FunctionName": "g", "Environment": null}]}"#;
    let task = r#"{"tasks": [{"overrides": {"containerOverrides": [{"name": "c", "command": ["hunter2"],
        "environment": [{"name": "a", "value": "hunter2"}]}]}}]}"#;
    let interface = r#"{"virtualInterfaces": [{"vlan": 7, "authKey": "hunter2", "customerRouterConfig": "hunter2",
        "bgpPeers": [{"asn": 7, "authKey": "hunter2"}]}]}"#;
    let cases = [
        ("ec2", "DescribeVpnConnections", vpn, 2),
        ("lambda", "ListFunctions", function, 1),
        ("ecs", "DescribeTasks", task, 2),
        ("directconnect", "DescribeVirtualInterfaces", interface, 3),
    ];
    for (service, operation, body, count) in cases {
        let answer = read(service, operation, body.as_bytes()).unwrap();
        assert!(!format!("{answer:?}").contains("hunter2"), "{answer:?}");
        assert!(written(&answer).len() > 20, "{answer:?}");
        assert_eq!(answer.left_out().secret.values().sum::<u64>(), count, "{:?}", answer.left_out());
        assert!(answer.left_out().unknown.is_empty(), "{:?}", answer.left_out());
    }
}

#[test]
fn pages_are_joined() {
    let mut answer = vpcs(&["vpc-1", "vpc-2"], "<nextToken>1</nextToken>");
    assert_eq!(answer.next_token(), Some("1"));
    answer.append(vpcs(&[], "<nextToken>2</nextToken>")).unwrap();
    answer.append(vpcs(&["vpc-3"], "<nextToken/>")).unwrap();
    assert_eq!(answer.next_token(), None);
    assert_eq!(answer.strings("Vpcs[].VpcId").unwrap(), ["vpc-1", "vpc-2", "vpc-3"]);
    assert_eq!(answer.records(), 3);

    let mut answer = vpcs(&["vpc-1"], "<nextToken>1</nextToken>");
    let same = answer.append(vpcs(&["vpc-2"], "<nextToken>1</nextToken>"));
    assert!(matches!(same, Err(AnswerError::SameToken)));
    let regions = read("ec2", "DescribeRegions", b"<DescribeRegionsResponse/>").unwrap();
    assert!(matches!(answer.append(regions), Err(AnswerError::OtherOperation { .. })));
    assert_eq!(answer.records(), 1);
}

/// The AWS CLI prints only the lists of these; what else a page tells is not printed.
#[test]
fn of_paged_answers_the_results_are_printed() {
    let body = r#"{"Resources": [{}], "ResourceIdentifiers": [{}], "QueryErrors": [{}], "NextToken": "1"}"#;
    let mut answer = read("resource-groups", "ListGroupResources", body.as_bytes()).unwrap();
    let compact = |answer: &Answer| serde_json::to_string(answer).unwrap();
    assert_eq!(compact(&answer), r#"{"ResourceIdentifiers":[{}],"Resources":[{}]}"#);
    let page = read("resource-groups", "ListGroupResources", br#"{"Resources": [{}]}"#).unwrap();
    answer.append(page).unwrap();
    assert_eq!(compact(&answer), r#"{"ResourceIdentifiers":[{}],"Resources":[{},{}]}"#);

    // One that the AWS CLI does not page.
    let page = |body: &str| read("directconnect", "DescribeVirtualInterfaces", body.as_bytes()).unwrap();
    let mut answer = page(r#"{"virtualInterfaces": [{"vlan": 1}], "nextToken": "1"}"#);
    assert_eq!(answer.next_token(), Some("1"));
    answer.append(page(r#"{"virtualInterfaces": [{"vlan": 2}]}"#)).unwrap();
    assert_eq!(compact(&answer), r#"{"virtualInterfaces":[{"vlan":1},{"vlan":2}]}"#);
}

#[test]
fn that_routes_are_missing_is_not_lost() {
    let routes = |more: &str| {
        let body = format!(
            "<SearchTransitGatewayRoutesResponse><routeSet/>{more}</SearchTransitGatewayRoutesResponse>"
        );
        let answer = read("ec2", "SearchTransitGatewayRoutes", body.as_bytes()).unwrap();
        (serde_json::to_string(&answer).unwrap(), answer.is_cut(), answer.next_token().is_some())
    };
    let yes = "<additionalRoutesAvailable>true</additionalRoutesAvailable>";
    let no = "<additionalRoutesAvailable>false</additionalRoutesAvailable>";
    let token = "<nextToken>1</nextToken>";
    let whole = r#"{"Routes":[]}"#.to_owned();
    assert_eq!(routes(no), (whole.clone(), false, false));
    assert_eq!(routes(""), (whole.clone(), false, false));
    assert_eq!(routes(&format!("{no}{token}")), (whole.clone(), false, false));
    assert_eq!(routes(&format!("{yes}{token}")), (whole, false, true));
    let cut = r#"{"Routes":[],"AdditionalRoutesAvailable":true}"#.to_owned();
    assert_eq!(routes(yes), (cut, true, false));
}

#[test]
fn an_answer_says_what_it_is_about() {
    let page = |body: &[u8]| read("route53resolver", "ListFirewallDomains", body).unwrap();
    let mut answer = page(br#"{"Domains": ["a."], "NextToken": "1"}"#);
    answer.about("FirewallDomainListId", "rslvr-fdl-1");
    answer.about("Second", "2".to_owned());
    answer.about("Domains", "another");
    answer.append(page(br#"{"Domains": ["b."]}"#)).unwrap();
    assert_eq!(
        serde_json::to_string(&answer).unwrap(),
        r#"{"FirewallDomainListId":"rslvr-fdl-1","Second":"2","Domains":["a.","b."]}"#
    );
    assert_eq!(answer.strings("Domains[]").unwrap(), ["a.", "b."]);
}

#[test]
fn paths_that_lead_nowhere_are_refused() {
    let answer = vpcs(&["vpc-1"], "");
    assert_eq!(answer.strings("Vpcs[].Tags[].Key").unwrap(), [""; 0]);
    for path in
        ["", "Vpcs", "Vpcs[]", "Vpcs.VpcId", "Vpcs[].vpcId", "Vpcs[].IsDefault", "[].VpcId", "Vpcs[].VpcId[]"]
    {
        assert!(matches!(answer.strings(path), Err(AnswerError::NoSuchPath { .. })), "{path}");
    }
    let vpn = read("ec2", "DescribeVpnConnections", b"<DescribeVpnConnectionsResponse/>").unwrap();
    assert!(vpn.strings("VpnConnections[].CustomerGatewayConfiguration").is_err());
}

/// Python's `json` reads and prints them so; a reader that is content with nearly the same number does not.
#[test]
fn numbers_stay_the_same() {
    for number in
        ["31.245270191439438", "9007199254740993.5", "1.0", "5", "-0.0", "1e-07", "123456789.12345679"]
    {
        let body = format!(r#"{{"FileSystems":[{{"ProvisionedThroughputInMibps":{number}}}]}}"#);
        let answer = read("efs", "DescribeFileSystems", body.as_bytes()).unwrap();
        let expected = number.replace("9007199254740993.5", "9007199254740994.0");
        assert!(written(&answer).contains(&format!(": {expected}\n")), "{number}: {}", written(&answer));
    }
}

#[test]
fn deep_documents_do_no_harm() {
    let depth = 100_000;
    let xml = format!(
        "<DescribeVpcsResponse>{}{}</DescribeVpcsResponse>",
        "<a>".repeat(depth),
        "</a>".repeat(depth)
    );
    let answer = read("ec2", "DescribeVpcs", xml.as_bytes());
    assert!(answer.is_ok_and(|answer| answer.records() == 0));
    let json = format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    assert!(read("eks", "DescribeCluster", json.as_bytes()).is_ok_and(|answer| answer.records() == 0));
    let (open, close) = (r#"{"NotStatement":{"Statement":"#, "}}");
    let statement = format!("{}{{}}{}", open.repeat(depth), close.repeat(depth));
    let json = format!(r#"{{"WebACL":{{"Rules":[{{"Statement":{statement}}}]}}}}"#);
    assert!(matches!(read("wafv2", "GetWebACLForResource", json.as_bytes()), Err(AnswerError::Json(_))));
    let bomb = "<!DOCTYPE a [<!ENTITY b 'c'>]><DescribeVpcsResponse>&b;</DescribeVpcsResponse>";
    assert!(matches!(read("ec2", "DescribeVpcs", bomb.as_bytes()), Err(AnswerError::Xml(_))));
}
