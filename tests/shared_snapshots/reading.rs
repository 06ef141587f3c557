//! Every snapshot there is reads without a panic, what is damaged in it is named, and so are the tables it lacks.

use std::{fmt::Write as _, fs, path::PathBuf};

use netproof::{Analysis, Severity};

use crate::{folder, open};

/// Which records could not be used, and which tables are missing.
fn remarks(analysis: &Analysis) -> String {
    let mut parts: Vec<String> = Vec::new();
    for remark in analysis.diagnostics() {
        if remark.severity == Severity::Error {
            parts.push(format!("{}: {}", remark.code, remark.message));
        }
        let missing = (remark.code == "missing-table").then(|| remark.message.split('`').nth(1));
        parts.extend(missing.flatten().map(|table| format!("no {table}")));
    }
    if parts.is_empty() { "nothing".to_owned() } else { parts.join("; ") }
}

#[test]
fn damage_and_missing_tables_are_named() {
    let Some(root) = folder("") else { return };
    let mut snapshots: Vec<(String, PathBuf)> = Vec::new();
    for (group, inner) in [("batfish", "aws_configs"), ("cloud-custodian-recorded", "")] {
        for entry in fs::read_dir(root.join(group)).unwrap().map(Result::unwrap) {
            let inside =
                if entry.path().join(inner).is_dir() { entry.path().join(inner) } else { entry.path() };
            snapshots.push((format!("{group}/{}", entry.file_name().to_str().unwrap()), inside));
        }
    }
    snapshots.retain(|(_, path)| path.is_dir());
    for name in ["cloudmapper-demo", "np-guard-aws", "aws-cloudformation-templates", "terraform-plan"] {
        snapshots.push((name.to_owned(), root.join(name)));
    }
    snapshots.sort();
    let mut text = String::new();
    for (name, path) in snapshots {
        writeln!(text, "{name}: {}", remarks(&open(&path))).unwrap();
    }
    insta::assert_snapshot!(text, @r"
    aws-cloudformation-templates: nothing
    batfish/direct-connect-private-vif: nothing
    batfish/hybrid-cloud-aws: nothing
    batfish/nat-gateway: nothing
    batfish/public-subnet: nothing
    batfish/rds-elasticsearch: no InternetGateways; no RouteTables
    batfish/subnet: no InternetGateways
    batfish/transit-gateway: nothing
    batfish/transit-gateway-multi-account: no InternetGateways; no NetworkAcls
    batfish/unit-fixtures: bad-record: found port -1, but ports are from 0 to 65535; bad-record: found ports 30 to -1, but the first must not be above the last; bad-record: found code 9 of all ICMP types, but all types have all codes
    batfish/vpc-endpoint-gateway: nothing
    batfish/vpc-peering: no InternetGateways
    batfish/vpn-gateway: nothing
    cloud-custodian-recorded/sg_used_cross_ref: nothing
    cloud-custodian-recorded/test_appelb_target_group_filter: nothing
    cloud-custodian-recorded/test_cross_az_nat_gateway_route_filter: no InternetGateways; no NetworkAcls; no NetworkInterfaces; no SecurityGroups; no Vpcs
    cloud-custodian-recorded/test_eni_public_subnet: no InternetGateways; no NetworkAcls; no SecurityGroups; no Vpcs
    cloud-custodian-recorded/test_network_acl_s3_missing: nothing
    cloud-custodian-recorded/test_network_firewall: nothing
    cloud-custodian-recorded/test_peer_miss_route_filter: nothing
    cloud-custodian-recorded/test_prefix_list_entry: nothing
    cloud-custodian-recorded/test_transit_gateway_attachment_query: nothing
    cloudmapper-demo: no InternetGateways; no NetworkAcls; no RouteTables
    np-guard-aws: no NetworkInterfaces; no RouteTables
    terraform-plan: nothing
    ");
}
