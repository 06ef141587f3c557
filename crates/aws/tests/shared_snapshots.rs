//! Snapshots published by others, read in place where they are present: no panic, sensible remarks, the right counts.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test: failing loudly is its job")]

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use aws::{Diagnostic, Inventory, Severity, lower, resource, snapshot::Snapshot};
use graph::ForwardingGraph;

/// The folder that all builders of this project share.
const SHARED: &str = "/work/shared/snapshots";

struct Read {
    inventory: Inventory,
    graph: ForwardingGraph,
    remarks: Vec<Diagnostic>,
}

/// Reads what is at `path` in the shared folder; `None`, said once, if that is absent.
fn read(path: &str) -> Option<Read> {
    let path = Path::new(SHARED).join(path);
    if !path.exists() {
        println!("skipped: {} is absent", path.display());
        return None;
    }
    let (snapshot, mut remarks) = Snapshot::open(&path).unwrap();
    let (inventory, more) = Inventory::read(&snapshot);
    remarks.extend(more);
    let (graph, more) = lower(&inventory, &snapshot);
    remarks.extend(more);
    Some(Read { inventory, graph, remarks })
}

impl Read {
    fn count(&self, kind: &str) -> usize {
        resource::counts(&self.inventory).get(kind).copied().unwrap_or_default()
    }

    /// How many remarks there are of each code, errors and warnings only.
    fn codes(&self) -> String {
        let mut counts = BTreeMap::new();
        for remark in self.remarks.iter().filter(|remark| remark.severity < Severity::Info) {
            *counts.entry(remark.code).or_insert(0) += 1;
        }
        counts.iter().map(|(code, count)| format!("{code} {count}")).collect::<Vec<_>>().join(", ")
    }
}

/// VPCs, subnets, interfaces, groups and remarks.
fn summary(names: &[&str]) -> Option<String> {
    let mut text = String::new();
    for name in names {
        let read = read(name)?;
        let short = name.trim_end_matches("/aws_configs");
        write!(text, "{short}:").unwrap();
        for kind in ["VPC", "Subnet", "NetworkInterface", "SecurityGroup", "RouteTable", "NetworkAcl"] {
            write!(text, " {}", read.count(&format!("AWS::EC2::{kind}"))).unwrap();
        }
        writeln!(text, "; {}", read.codes()).unwrap();
        assert!(read.graph.node_count() >= 4);
    }
    Some(text)
}

#[test]
fn batfish() {
    let names = [
        "batfish/direct-connect-private-vif/aws_configs",
        "batfish/hybrid-cloud-aws/aws_configs",
        "batfish/nat-gateway/aws_configs",
        "batfish/public-subnet/aws_configs",
        "batfish/rds-elasticsearch/aws_configs",
        "batfish/subnet/aws_configs",
        "batfish/transit-gateway/aws_configs",
        "batfish/transit-gateway-multi-account/aws_configs",
        "batfish/vpc-endpoint-gateway/aws_configs",
        "batfish/vpc-peering/aws_configs",
        "batfish/vpn-gateway/aws_configs",
    ];
    if let Some(summary) = summary(&names) {
        insta::assert_snapshot!(summary, @r"
        batfish/direct-connect-private-vif: 1 1 1 1 1 1; 
        batfish/hybrid-cloud-aws: 4 10 9 11 5 4; unknown 4
        batfish/nat-gateway: 1 3 4 3 3 2; 
        batfish/public-subnet: 1 1 1 2 2 1; 
        batfish/rds-elasticsearch: 2 3 2 2 0 2; missing-resource 1, missing-table 2, unknown 2
        batfish/subnet: 1 1 2 3 1 1; missing-table 1
        batfish/transit-gateway: 2 3 5 5 2 2; 
        batfish/transit-gateway-multi-account: 2 4 4 4 4 0; missing-table 2, unknown 2
        batfish/vpc-endpoint-gateway: 1 2 2 2 3 2; 
        batfish/vpc-peering: 3 3 3 6 3 3; missing-table 1
        batfish/vpn-gateway: 1 1 1 3 1 1; tunnels-down 1
        ");
    }
}

#[test]
fn batfish_rules_that_no_account_can_have_are_refused() {
    let Some(read) = read("batfish/unit-fixtures") else { return };
    let bad = read.remarks.iter().filter(|remark| remark.code == "bad-record");
    let bad: Vec<&str> = bad.map(|remark| remark.message.as_str()).collect();
    insta::assert_snapshot!(bad.join("\n"), @r"
    found port -1, but ports are from 0 to 65535
    found ports 30 to -1, but the first must not be above the last
    found code 9 of all ICMP types, but all types have all codes
    ");
}

#[test]
fn np_guard_lists_interfaces_within_instances() {
    let names = ["np-guard-aws/input_aws_acl_1.json", "np-guard-aws/input_basic_config_with_sg.json"];
    if let Some(summary) = summary(&names) {
        insta::assert_snapshot!(summary, @r"
        np-guard-aws/input_aws_acl_1.json: 2 7 6 3 0 5; missing-table 2, unknown 2
        np-guard-aws/input_basic_config_with_sg.json: 2 5 2 3 0 2; missing-table 2, unknown 2
        ");
    }
}

#[test]
fn cloudmapper_lacks_the_tables_that_it_did_not_export() {
    let Some(read) = read("cloudmapper-demo") else { return };
    let missing = read.remarks.iter().filter(|remark| remark.code == "missing-table");
    let missing: Vec<String> = missing.map(ToString::to_string).collect();
    insta::assert_snapshot!(missing.join("\n"), @r"
    the snapshot holds no `InternetGateways`; what depends on them is reported as unknown
      help: add the output of `aws ec2 describe-internet-gateways`
    the snapshot holds no `NetworkAcls`; what depends on them is reported as unknown
      help: add the output of `aws ec2 describe-network-acls`
    the snapshot holds no `RouteTables`; what depends on them is reported as unknown
      help: add the output of `aws ec2 describe-route-tables`
    ");
    assert_eq!(read.count("AWS::EC2::Subnet"), 4);
}

#[test]
fn recorded_fragments_read_without_bad_records() {
    let folder = Path::new(SHARED).join("cloud-custodian-recorded");
    let Ok(cases) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is absent", folder.display());
        return;
    };
    let mut cases: Vec<PathBuf> =
        cases.filter_map(|case| Some(case.ok()?.path())).filter(|case| case.is_dir()).collect();
    cases.sort();
    for case in cases {
        let name = case.strip_prefix(SHARED).unwrap().to_str().unwrap();
        let read = read(name).unwrap();
        assert!(
            !read.remarks.iter().any(|remark| remark.severity == Severity::Error),
            "{name}: {:?}",
            read.remarks
        );
    }
}
