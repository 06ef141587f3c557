//! The files in `scopes/`.
use std::fmt::Write;
use std::path::Path;

use crate::document::{describe, read_scopes};

#[test]
fn every_ready_made_scope_is_usable_without_remarks() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scopes");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut said = String::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let text = std::fs::read_to_string(file).unwrap();
        let scopes = read_scopes(&file.to_string_lossy(), &text).unwrap_or_else(|error| panic!("{error}"));
        for scope in &scopes {
            assert_eq!(scope.warnings, [], "{}", scope.name);
            assert!(scope.title.is_some() && scope.description.is_some(), "{}", scope.name);
            let severity = scope.tags.get("Severity").expect("a severity");
            writeln!(said, "{} ({severity}): {}", scope.name, describe(scope)).unwrap();
        }
    }
    insta::assert_snapshot!(said, @r"
    all-igw-ingress (MEDIUM): paths from any internet gateway to any network interface
    aws-igw-egress (LOW): paths from any network interface to any internet gateway
    aws-vpc-egress (LOW): paths from any network interface to any internet gateway, VPC peering connection, VPC endpoint, virtual private gateway or transit gateway attachment
    aws-vpc-ingress (MEDIUM): paths from any internet gateway, VPC peering connection, VPC endpoint service, virtual private gateway or transit gateway attachment to any network interface
    cross-environment (HIGH): paths from any network interface to any network interface between different values of tag Environment
    decoy-isolation (HIGH): paths to anything tagged Role=decoy; or from anything tagged Role=decoy
    detect-public-databases (CRITICAL): paths from any internet gateway to any network interface on tcp 1433, 1521, 3306, 5432, 5439, 6379, 11211 or 27017
    detect-public-elastic (CRITICAL): paths from any internet gateway to any network interface on tcp 5601, 9200 or 9300
    detect-public-emr (CRITICAL): paths from any internet gateway to any network interface on tcp 8042, 8080, 8088, 8888, 8890, 8998, 9443 or 9 others
    detect-public-remotedesktop (CRITICAL): paths from any internet gateway to any network interface on tcp 3389, 5900 or 5901; or from any internet gateway to any network interface on udp 3389
    detect-public-webserver-noloadbalancer (HIGH): paths from any internet gateway to any network interface on tcp 80 or 443, except those through any Classic Load Balancer or Application, Network or Gateway Load Balancer
    directory-ports (HIGH): paths to any network interface tagged Role=directory|certificate-authority on tcp or udp 53, 88, 135, 389, 445, 464, 636 or 4 others, except those from anything tagged Role=directory|certificate-authority|directory-client
    dns-bypass-dns (MEDIUM): paths from any network interface to any internet gateway, VPC peering connection, virtual private gateway or transit gateway attachment on tcp or udp 53, except those arriving with destination address 169.254.0.0/16; or to any internet gateway with destination address 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10
    dns-bypass-doh (MEDIUM): paths from any network interface to any internet gateway, VPC peering connection, virtual private gateway or transit gateway attachment on tcp or udp 443 with destination address 8.8.8.8, 8.8.4.4, 1.1.1.1, 1.0.0.1, 1.1.1.2, 1.0.0.2, 1.1.1.3 or 47 others
    dns-bypass-dot (MEDIUM): paths from any network interface to any internet gateway, VPC peering connection, virtual private gateway or transit gateway attachment on tcp or udp 853, except those arriving with destination address 169.254.0.0/16; or to any internet gateway with destination address 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10
    egress-skips-firewall (MEDIUM): paths from any network interface to any internet gateway, except those through any network firewall
    egress-skips-nat (LOW): paths from any network interface to any internet gateway, except those through any NAT gateway
    jenkins-ports (HIGH): paths to any network interface tagged Role=jenkins-controller on tcp 8080 or 50000; or to any network interface tagged Role=jenkins-storage on tcp 2049, except those to anything tagged Role=jenkins-controller on tcp 8080 through any Classic Load Balancer or Application, Network or Gateway Load Balancer; or from anything tagged Role=jenkins-agent to anything tagged Role=jenkins-controller on tcp 50000; or from anything tagged Role=jenkins-controller to anything tagged Role=jenkins-storage on tcp 2049
    kafka-cross-zone (INFORMATIONAL): paths from any network interface to any network interface tagged Role=kafka-broker on tcp 9092, 9094, 9096 or 9098 between Availability Zones, except those from anything tagged Role=kafka-broker
    log-egress (MEDIUM): paths from any network interface tagged Role=log-shipper to any internet gateway, VPC peering connection, virtual private gateway, transit gateway attachment or VPC endpoint; or from any network interface tagged Role=log-shipper to any network interface, except those to anything tagged Role=log-collector
    private-builds (HIGH): paths from any network interface tagged Role=build to any internet gateway, VPC peering connection, virtual private gateway or transit gateway attachment
    redshift-other-accounts (HIGH): paths from any network interface to any network interface tagged Role=redshift between accounts; or from any internet gateway, VPC peering connection, virtual private gateway, transit gateway attachment or VPC endpoint service to any network interface tagged Role=redshift, except those arriving on tcp 5439 through any VPC peering connection, VPC endpoint service or VPC endpoint
    remote-administration (CRITICAL): paths from any internet gateway to any network interface on tcp 22, 23, 3389, 5985 or 5986
    transit-between-peers (MEDIUM): paths from any VPC peering connection, transit gateway attachment or virtual private gateway to any VPC peering connection, transit gateway attachment or virtual private gateway, except those through any network firewall
    web-acl-missing (HIGH): paths from any internet gateway to any network interface of a load balancer without web ACL on tcp
    ");
}
