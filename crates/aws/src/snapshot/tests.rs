//! What documents hold, whatever their layout; and what is said about damage.
mod on_disk;

use std::fmt::Write as _;

use super::{Diagnostic, Document, Snapshot};

/// Reads documents that are in memory.
fn read(files: &[(&str, &str)]) -> String {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    shown(&Snapshot::from_documents(files))
}

/// Each document with place, members and records; then the remarks.
fn shown((snapshot, diagnostics): &(Snapshot, Vec<Diagnostic>)) -> String {
    let mut text = String::new();
    for document in snapshot.documents() {
        write!(text, "{}", document.file()).unwrap();
        for place in [&document.place.account, &document.place.region].into_iter().flatten() {
            write!(text, " {place}").unwrap();
        }
        text.push_str(if document.incomplete { " incomplete\n" } else { "\n" });
        for (key, value) in &document.members {
            writeln!(text, "  {key} = {value}").unwrap();
        }
        tables(document, &mut text);
    }
    for remark in diagnostics {
        writeln!(text, "{} {}: {remark}", remark.severity, remark.code).unwrap();
    }
    text
}

fn tables(document: &Document, text: &mut String) {
    for table in &document.tables {
        let object = if table.is_array { "" } else { " object" };
        writeln!(text, "  [{}] {}{object}", table.key, table.pointer).unwrap();
        for element in &table.elements {
            write!(text, "    {} {}", element.pointer, document.raw(element)).unwrap();
            match &element.owner {
                Some(owner) => writeln!(text, " of {owner}").unwrap(),
                None => text.push('\n'),
            }
        }
    }
}

#[test]
fn flat_folder() {
    insta::assert_snapshot!(read(&[
        ("whatever.json", r#"{"SecurityGroups": [{"GroupId": "sg-1"}, {"GroupId": "sg-2"}]}"#),
        ("a.json", "\u{feff}{ \"Vpcs\" : [ ] , \"Subnets\" :[null,1,\"x\"] }\n"),
    ]), @r#"
    a.json
      [Vpcs] /Vpcs
      [Subnets] /Subnets
        /Subnets/0 null
        /Subnets/1 1
        /Subnets/2 "x"
    whatever.json
      [SecurityGroups] /SecurityGroups
        /SecurityGroups/0 {"GroupId": "sg-1"}
        /SecurityGroups/1 {"GroupId": "sg-2"}
    "#);
}

#[test]
fn regions_and_accounts_of_batfish_and_cloudmapper() {
    insta::assert_snapshot!(read(&[
        ("aws_configs/us-east-1/Vpcs.json", r#"{"Vpcs": []}"#),
        ("aws_configs/accounts/123456789012/us-west-2/Vpcs.json", r#"{"Vpcs": []}"#),
        ("demo/us-east-1/ec2-describe-vpcs.json", r#"{"Vpcs": []}"#),
        ("demo/us-east-1/elbv2-describe-target-health/arn%3Aaws", r#"{"TargetHealthDescriptions": []}"#),
    ]), @r"
    aws_configs/accounts/123456789012/us-west-2/Vpcs.json 123456789012 us-west-2
      [Vpcs] /Vpcs
    aws_configs/us-east-1/Vpcs.json us-east-1
      [Vpcs] /Vpcs
    demo/us-east-1/ec2-describe-vpcs.json demo us-east-1
      [Vpcs] /Vpcs
    demo/us-east-1/elbv2-describe-target-health/arn%3Aaws demo us-east-1
      [TargetHealthDescriptions] /TargetHealthDescriptions
    ");
}

#[test]
fn one_document_with_every_list_as_np_guard_writes_it() {
    insta::assert_snapshot!(read(&[(
        "config.json",
        r#"{"collector_version": "0.13.0", "provider": "aws", "vpcs": [{"VpcId": "VpcId:1"}],
            "network_acls": [], "internet_gateways": null, "config-file-git-sha1": ""}"#,
    )]), @r#"
    config.json
      collector_version = 0.13.0
      config-file-git-sha1 = 
      provider = aws
      [Vpcs] /vpcs
        /vpcs/0 {"VpcId": "VpcId:1"}
      [NetworkAcls] /network_acls
      [InternetGateways] /internet_gateways
    "#);
}

#[test]
fn recorded_answers_of_cloud_custodian() {
    insta::assert_snapshot!(read(&[
        ("a.json", r#"{"status_code": 200, "data": {"Vpcs": [{"VpcId": "vpc-1"}], "ResponseMetadata": {"RetryAttempts": 0}}}"#),
        ("b.json", r#"{"status_code": 403, "data": {"Error": {"Code": "UnauthorizedOperation", "Message": "not you"}}}"#),
        ("c.json", "{\"status_code\": 200,\n \"data\": {\"Error\": {\"Code\": \"Throttling\"}, \"Vpcs\": []}}"),
        ("d.json", r#"{"status_code": 500, "data": {"Vpcs": []}}"#),
        ("e.json", r#"{"data": "nothing", "status_code": 200}"#),
        ("f.json", "{\"status_code\": 200, \"data\": {\"Vpcs\": [],\n\"NextToken\": \"abc\"}}"),
        ("g.json", r#"{"Error": {"Code": "ExpiredToken"}}"#),
    ]), @r#"
    a.json
      [Vpcs] /data/Vpcs
        /data/Vpcs/0 {"VpcId": "vpc-1"}
    f.json incomplete
      [Vpcs] /data/Vpcs
    error failed-call: b.json:1#/data/Error: this holds no records: the recorded call failed with status 403: `UnauthorizedOperation`, `not you`
    error failed-call: c.json:2#/data/Error: this holds no records: the recorded call failed: `Throttling`
    error failed-call: d.json:1#/data: this holds no records: the recorded call failed with status 500
    error failed-call: e.json:1#/data: this holds no records: found a string, expected the answer, an object
    error failed-call: g.json:1#/Error: this holds no records: the recorded call failed: `ExpiredToken`
    warning incomplete-export: f.json:2#/data/NextToken: this export is incomplete: `NextToken` is left over, so there are more records of `Vpcs` than these
      help: export all pages: leave out `--max-items`, `--no-paginate` and `--starting-token`
    "#);
}

#[test]
fn objects_and_facts_beside_lists() {
    insta::assert_snapshot!(read(&[(
        "firewall.json",
        r#"{"UpdateToken": "1d", "Firewall": {"FirewallName": "f"}, "FirewallStatus": {"Status": "READY"},
            "Count": 3, "Ready": true, "Nothing": null, "$schema": "x", "MaxResults": 5}"#,
    )]), @r#"
    firewall.json
      Count = 3
      Ready = true
      UpdateToken = 1d
      [Firewall] /Firewall object
        /Firewall {"FirewallName": "f"}
      [FirewallStatus] /FirewallStatus object
        /FirewallStatus {"Status": "READY"}
      [Nothing] /Nothing
    "#);
}

#[test]
fn key_with_escapes_and_pointer_with_escapes() {
    insta::assert_snapshot!(read(&[("a.json", r#"{"V\u0070cs": [{"VpcId": "vpc-1"}], "A/b~c": {"x": 1}}"#)]), @r#"
    a.json
      [Vpcs] /Vpcs
        /Vpcs/0 {"VpcId": "vpc-1"}
      [A/b~c] /A~1b~0c object
        /A~1b~0c {"x": 1}
    "#);
}

#[test]
fn key_that_occurs_twice_is_read_twice() {
    insta::assert_snapshot!(read(&[("a.json", r#"{"Vpcs": [1], "Subnets": [2], "Vpcs": [3]}"#)]), @r"
    a.json
      [Vpcs] /Vpcs
        /Vpcs/0 1
      [Subnets] /Subnets
        /Subnets/0 2
      [Vpcs] /Vpcs
        /Vpcs/0 3
    ");
}

#[test]
fn reservations_become_instances() {
    insta::assert_snapshot!(read(&[
        ("a.json", r#"{"Reservations": [{"OwnerId": "123456789012", "Instances": [{"InstanceId": "i-1"}, {"InstanceId": "i-2"}]},
            {"Groups": [], "Instances": [{"InstanceId": "i-3"}]}, {"Instances": null}]}"#),
        ("b.json", "{\"Reservations\": [[{\"Instances\": [[{\"InstanceId\": \"i-4\"}]]}],\n {\"InstanceId\": \"i-5\"}, 7]}"),
        ("c.json", r#"{"Reservations": {"Instances": [{"InstanceId": "i-6"}]}}"#),
        ("d.json", r#"{"Reservations": []}"#),
    ]), @r#"
    a.json
      [Instances] /Reservations
        /Reservations/0/Instances/0 {"InstanceId": "i-1"} of 123456789012
        /Reservations/0/Instances/1 {"InstanceId": "i-2"} of 123456789012
        /Reservations/1/Instances/0 {"InstanceId": "i-3"}
    b.json incomplete
      [Instances] /Reservations
        /Reservations/0/0/Instances/0/0 {"InstanceId": "i-4"}
    c.json
      [Instances] /Reservations
        /Reservations/Instances/0 {"InstanceId": "i-6"}
    d.json
      [Instances] /Reservations
    error bad-record: b.json:2#/Reservations/1: found no `Instances` here, expected a reservation with a list of them
    error bad-record: b.json:2#/Reservations/2: found no `Instances` here, expected a reservation with a list of them
    "#);
}

#[test]
fn arrays_of_arrays_are_flattened() {
    insta::assert_snapshot!(read(&[("a.json", r#"{"Instances": [[{"a": 1}, {"a": 2}], [], [[{"a": 3}]], {"a": 4}]}"#)]), @r#"
    a.json
      [Instances] /Instances
        /Instances/0/0 {"a": 1}
        /Instances/0/1 {"a": 2}
        /Instances/2/0/0 {"a": 3}
        /Instances/3 {"a": 4}
    "#);
}

#[test]
fn very_deep_arrays_are_skipped() {
    let deep = format!("{{\"Vpcs\": [{}{}, 1]}}", "[".repeat(100_000), "]".repeat(100_000));
    insta::assert_snapshot!(read(&[("a.json", &deep)]), @r"
    a.json incomplete
      [Vpcs] /Vpcs
        /Vpcs/1 1
    error bad-record: a.json:1#/Vpcs/0/0/0/0/0/0/0/0: found arrays nested 8 deep, expected records
    ");
}

#[test]
fn array_of_documents() {
    insta::assert_snapshot!(read(&[(
        "all.json",
        r#"[{"Vpcs": [{"VpcId": "vpc-1"}]}, {"PrefixListId": "pl-1", "Entries": [{"Cidr": "10.0.0.0/8"}]},
            {"status_code": 200, "data": {"Subnets": [{"SubnetId": "subnet-1"}], "NextToken": "x"}}]"#,
    )]), @r#"
    all.json
      [Vpcs] /0/Vpcs
        /0/Vpcs/0 {"VpcId": "vpc-1"}
    all.json
      PrefixListId = pl-1
      [Entries] /1/Entries
        /1/Entries/0 {"Cidr": "10.0.0.0/8"}
    all.json incomplete
      [Subnets] /2/data/Subnets
        /2/data/Subnets/0 {"SubnetId": "subnet-1"}
    warning incomplete-export: all.json:2#/2/data/NextToken: this export is incomplete: `NextToken` is left over, so there are more records of `Subnets` than these
      help: export all pages: leave out `--max-items`, `--no-paginate` and `--starting-token`
    "#);
}

#[test]
fn array_of_records_has_no_name() {
    insta::assert_snapshot!(read(&[
        ("a.json", r#"[{"VpcId": "vpc-1", "Tags": []}, {"VpcId": "vpc-2"}]"#),
        ("b.json", r#"[[{"InstanceId": "i-1", "SecurityGroups": [], "VpcId": "vpc-1"}]]"#),
        ("c.json", "[]"),
        ("d.json", "\"vpcs\""),
        ("e.json", r#"[{"InternetGatewayId": "igw-1", "Attachments": [], "Tags": []}]"#),
    ]), @r#"
    a.json incomplete
      [] 
        /0 {"VpcId": "vpc-1", "Tags": []}
        /1 {"VpcId": "vpc-2"}
    b.json incomplete
      [] 
        /0/0 {"InstanceId": "i-1", "SecurityGroups": [], "VpcId": "vpc-1"}
    c.json incomplete
      [] 
    e.json incomplete
      [] 
        /0 {"InternetGatewayId": "igw-1", "Attachments": [], "Tags": []}
    warning unrecognised-document: a.json:1: unrecognised document: found an array of records, expected an object that names them, such as `{"Vpcs": […]}`
      help: export the whole answer, without `--query`
    warning unrecognised-document: b.json:1: unrecognised document: found an array of records, expected an object that names them, such as `{"Vpcs": […]}`
      help: export the whole answer, without `--query`
    warning unrecognised-document: c.json:1: unrecognised document: found an array of records, expected an object that names them, such as `{"Vpcs": […]}`
      help: export the whole answer, without `--query`
    warning unrecognised-document: d.json:1: unrecognised document: found a string, expected an object
    warning unrecognised-document: e.json:1: unrecognised document: found an array of records, expected an object that names them, such as `{"Vpcs": […]}`
      help: export the whole answer, without `--query`
    "#);
}

#[test]
fn left_over_page_says_that_the_export_is_incomplete() {
    insta::assert_snapshot!(read(&[
        ("a.json", "{\n  \"SecurityGroups\": [],\n  \"NextToken\": \"eyJ\"\n}"),
        ("b.json", r#"{"SecurityGroups": [], "NextToken": ""}"#),
        ("c.json", r#"{"SecurityGroups": [], "NextToken": null}"#),
        ("d.json", r#"{"LoadBalancers": [], "NextMarker": "x"}"#),
        ("e.json", r#"{"HostedZones": [], "Marker": "x", "IsTruncated": false, "MaxItems": "100"}"#),
        ("f.json", r#"{"HostedZones": [], "IsTruncated": true}"#),
        ("g.json", r#"{"virtualInterfaces": [], "connections": [], "nextToken": "x"}"#),
    ]), @r"
    a.json incomplete
      [SecurityGroups] /SecurityGroups
    b.json
      [SecurityGroups] /SecurityGroups
    c.json
      [SecurityGroups] /SecurityGroups
    d.json incomplete
      [LoadBalancers] /LoadBalancers
    e.json
      [HostedZones] /HostedZones
    f.json incomplete
      [HostedZones] /HostedZones
    g.json incomplete
      [VirtualInterfaces] /virtualInterfaces
      [Connections] /connections
    warning incomplete-export: a.json:3#/NextToken: this export is incomplete: `NextToken` is left over, so there are more records of `SecurityGroups` than these
      help: export all pages: leave out `--max-items`, `--no-paginate` and `--starting-token`
    warning incomplete-export: d.json:1#/NextMarker: this export is incomplete: `NextMarker` is left over, so there are more records of `LoadBalancers` than these
      help: export all pages: leave out `--max-items`, `--no-paginate` and `--starting-token`
    warning incomplete-export: f.json:1#/IsTruncated: this export is incomplete: `IsTruncated` is true, so there are more records of `HostedZones` than these
      help: export all pages: leave out `--max-items`, `--no-paginate` and `--starting-token`
    warning incomplete-export: g.json:1#/nextToken: this export is incomplete: `nextToken` is left over, so there are more records of `virtualInterfaces`, `connections` than these
      help: export all pages: leave out `--max-items`, `--no-paginate` and `--starting-token`
    ");
}

#[test]
fn damage_is_said_with_line_and_column() {
    insta::assert_snapshot!(read(&[
        ("a.json", "{\"Vpcs\": [\n  {\"VpcId\": \"vpc-1\"},\n  {\"VpcId\" \"vpc-2\"}\n]}"),
        ("b.json", "{\"Vpcs\": [\n  {\"VpcId\": "),
        ("c.json", ""),
        ("d.json", "{\"Vpcs\": []}\n{\"Subnets\": []}"),
        ("e.json", "An error occurred (UnauthorizedOperation)"),
    ]), @r"
    error invalid-json: a.json:3: not JSON: expected `:`, at column 12
    error invalid-json: b.json:2: the text ends inside a JSON value, at column 12
      help: the file is cut off: export it again
    error invalid-json: c.json:1: this file is empty, expected a JSON object
      help: the command that wrote it probably failed: run it again
    error invalid-json: d.json:2: not JSON: trailing characters, at column 1
    error invalid-json: e.json:1: not JSON: expected value, at column 1
    ");
}

#[test]
fn text_that_is_not_utf8_is_said() {
    let utf16: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bare: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let latin1 = b"{\"Vpcs\":\n [\"caf\xe9\"]}".to_vec();
    let files = [("a.json", utf16), ("b.json", bare), ("c.json", latin1)];
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes));
    insta::assert_snapshot!(shown(&Snapshot::from_documents(files)), @r"
    error not-utf8: a.json:1: this file is UTF-16 text or binary, expected UTF-8
      help: PowerShell's `>` writes UTF-16: use `| Out-File -Encoding utf8` instead
    error not-utf8: b.json:1: this file is UTF-16 text or binary, expected UTF-8
      help: PowerShell's `>` writes UTF-16: use `| Out-File -Encoding utf8` instead
    error not-utf8: c.json:2: byte 15 is not UTF-8, as JSON has to be
    ");
}

#[test]
fn document_cut_off_anywhere_is_said() {
    let whole = r#"{"status_code": 200, "data": {"Reservations": [{"OwnerId": "1", "Instances": [{"é": [1.5, true]}]}], "NextToken": "a\n"}}"#;
    for end in 0..whole.len() {
        let cut = whole.as_bytes()[..end].to_vec();
        let (snapshot, diagnostics) = Snapshot::from_documents([("a.json".to_owned(), cut)]);
        assert!(snapshot.documents().is_empty(), "cut at {end}");
        assert_eq!(diagnostics.len(), 1, "cut at {end}");
    }
}

#[test]
fn byte_replaced_anywhere_does_not_panic() {
    let whole = r#"[{"Vpcs": [[{"V\u0041": 1}], {}], "NextToken": null, "Error": {}}, {"status_code": 404, "data": {"Error": {"Code": 1}}}]"#;
    for at in 0..whole.len() {
        for byte in *b"\"\\[]{},:0\n\xff\0" {
            let mut bytes = whole.as_bytes().to_vec();
            bytes[at] = byte;
            let (snapshot, _) = Snapshot::from_documents([("a.json".to_owned(), bytes)]);
            for document in snapshot.documents() {
                for element in document.tables.iter().flat_map(|table| &table.elements) {
                    assert!(!document.raw(element).is_empty());
                    let _ = snapshot.locate(0, element.offset, "/VA/0");
                }
            }
        }
    }
}

#[test]
fn place_of_a_value_has_its_own_line() {
    let text = "{\n \"SecurityGroups\": [\n  {\"GroupId\": \"sg-1\"},\n  {\n   \"GroupId\": \"sg-2\",\n   \"IpPermissions\": [\n    {\"FromPort\": 22},\n    {\"FromPort\": 80,\n     \"ToPort\": 70000}\n   ]\n  }\n ]\n}\n";
    let (snapshot, _) = Snapshot::parse("sg.json", text);
    let group = &snapshot.documents()[0].tables[0].elements[1];
    let at = |pointer| snapshot.locate(0, group.offset, pointer).to_string();
    let places =
        ["", "/IpPermissions/1", "/IpPermissions/1/ToPort", "/IpPermissions/1/Other", "/Nothing/0"].map(at);
    insta::assert_snapshot!(places.join("\n"), @r"
    sg.json:4#/SecurityGroups/1
    sg.json:8#/SecurityGroups/1/IpPermissions/1
    sg.json:9#/SecurityGroups/1/IpPermissions/1/ToPort
    sg.json:8#/SecurityGroups/1/IpPermissions/1/Other
    sg.json:4#/SecurityGroups/1/Nothing/0
    ");
    assert_eq!(
        snapshot.locate(0, 0, "/SecurityGroups/1/GroupId").to_string(),
        "sg.json:5#/SecurityGroups/1/GroupId"
    );
    assert_eq!(snapshot.locate(0, usize::MAX, "/x").line, 14);
    assert_eq!(snapshot.locate(7, 0, "").to_string(), ":1");
}

#[test]
fn every_record_is_located_where_its_pointer_leads() {
    let text = r#"{"status_code": 200, "data": {"Reservations": [{"Instances": [{"a": 1}, {"a": 2}]}], "Vpcs": [[3], 4]}}"#;
    let (snapshot, _) = Snapshot::parse("a.json", text);
    let whole: serde_json::Value = serde_json::from_str(text).unwrap();
    let document = &snapshot.documents()[0];
    for element in document.tables.iter().flat_map(|table| &table.elements) {
        let value: serde_json::Value = serde_json::from_str(document.raw(element)).unwrap();
        assert_eq!(whole.pointer(&element.pointer), Some(&value));
        assert_eq!(snapshot.locate(0, element.offset, "").pointer, element.pointer);
    }
}

#[test]
fn order_of_files_and_number_of_threads_do_not_matter() {
    let files: Vec<(String, Vec<u8>)> = (0..200)
        .map(|n| {
            (format!("{}/{n}.json", n % 7), format!("{{\"Vpcs\": [{n}], \"NextToken\": {n}}}").into_bytes())
        })
        .collect();
    let with = |threads, files: Vec<(String, Vec<u8>)>| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| shown(&Snapshot::from_documents(files)))
    };
    let reversed = files.iter().rev().cloned().collect();
    assert_eq!(with(1, files.clone()), with(4, reversed));
}
