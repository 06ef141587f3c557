//! No step grows with the square of the interfaces: AWS's four scopes on 1,000 and on 10,000.
//!
//! The counters are exact, so that this is a statement about the algorithm, not about a machine. Twice: ten times as
//! many VPCs, and ten times as many subnets in one VPC, where everything can see everything.
#![expect(clippy::unwrap_used, reason = "a test: failing loudly is its job")]

use std::fmt::Write as _;

use netproof::{Analysis, read_scopes};
use search::Work;
use testkit::generator::{Parameters, generate};

const SCOPES: [(&str, &str); 4] = [
    ("all-igw-ingress", include_str!("../scopes/all-igw-ingress.json")),
    ("aws-igw-egress", include_str!("../scopes/aws-igw-egress.json")),
    ("aws-vpc-ingress", include_str!("../scopes/aws-vpc-ingress.json")),
    ("aws-vpc-egress", include_str!("../scopes/aws-vpc-egress.json")),
];

/// Few rules for each group, so that combinations of rules do not drown what is counted.
fn lean(parameters: &Parameters) -> Parameters {
    Parameters { rules_per_group: 4, groups_per_interface: 1, acl_entries: 6, ..parameters.clone() }
}

fn work(parameters: &Parameters) -> Vec<(&'static str, Work)> {
    let files = generate(parameters, 1).into_iter().map(|(name, json)| (name, json.into_bytes()));
    let analysis = Analysis::of_documents(files);
    let context = analysis.context();
    let scopes = SCOPES.iter().flat_map(|(name, text)| read_scopes(name, text).unwrap()).collect();
    let asked = analysis.ask(scopes, &context);
    SCOPES.iter().zip(asked).map(|((name, _), asked)| (*name, asked.result.work)).collect()
}

fn counters(work: &Work) -> [(&'static str, u64); 5] {
    let Work { edges, nodes, steps, reply_steps, paths } = *work;
    [("edges", edges), ("nodes", nodes), ("steps", steps), ("reply_steps", reply_steps), ("paths", paths)]
}

/// The counters of the small network; panics where the large one, ten times its size, takes more than a tenth above
/// ten times the work, or above the growth of what is found. Something quadratic would take a hundred times as much.
fn grown(small: &Parameters, large: &Parameters) -> String {
    let mut text = String::new();
    for ((name, small), (_, large)) in work(small).into_iter().zip(work(large)) {
        let growth = large.paths.div_ceil(small.paths.max(1)).max(10);
        assert!(growth < 20, "{name}: {} paths became {}", small.paths, large.paths);
        write!(text, "{name}:").unwrap();
        for ((counter, few), (_, many)) in counters(&small).into_iter().zip(counters(&large)) {
            assert!(many * 10 <= few.max(100) * growth * 11, "{name}: {few} {counter} became {many}");
            write!(text, " {few} {counter}").unwrap();
        }
        text.push('\n');
    }
    text
}

#[test]
fn ten_times_the_vpcs_are_ten_times_the_work() {
    let text = grown(&lean(&Parameters::interfaces(1_000)), &lean(&Parameters::interfaces(10_000)));
    insta::assert_snapshot!(text, @r"
    all-igw-ingress: 11332 edges 2316 nodes 10496 steps 3524 reply_steps 477 paths
    aws-igw-egress: 11332 edges 14370 nodes 5061 steps 18852 reply_steps 627 paths
    aws-vpc-ingress: 11332 edges 2332 nodes 16273 steps 6754 reply_steps 763 paths
    aws-vpc-egress: 11332 edges 14370 nodes 10168 steps 30435 reply_steps 2058 paths
    ");
}

#[test]
fn ten_times_the_subnets_of_one_vpc_are_ten_times_the_work() {
    let one = |subnets| {
        lean(&Parameters {
            vpcs: 1,
            subnets_per_vpc: subnets,
            interfaces_per_subnet: 100,
            groups_per_vpc: 20,
            ..Parameters::small()
        })
    };
    insta::assert_snapshot!(grown(&one(10), &one(100)), @r"
    all-igw-ingress: 6085 edges 1137 nodes 8418 steps 1304 reply_steps 185 paths
    aws-igw-egress: 6085 edges 7002 nodes 1927 steps 18457 reply_steps 572 paths
    aws-vpc-ingress: 6085 edges 1137 nodes 8418 steps 1304 reply_steps 185 paths
    aws-vpc-egress: 6085 edges 7002 nodes 1927 steps 18457 reply_steps 572 paths
    ");
}
