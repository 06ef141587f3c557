//! VPC Block Public Access.

use serde_json::json;

use super::{ACCOUNT, Tables, Vpc};
use crate::random::dice::Dice;

/// Switches it on now and then, with exclusions of VPCs and subnets.
pub(super) fn block(dice: &mut Dice<'_, '_>, vpcs: &[Vpc], tables: &mut Tables) {
    tables.expect(&["VpcBlockPublicAccessExclusions"]);
    let mode = match dice.between(0, 5) {
        0..=2 => "off",
        3 | 4 => "block-ingress",
        _ => "block-bidirectional",
    };
    tables.answer(json!({
        "VpcBlockPublicAccessOptions": {
            "AwsAccountId": ACCOUNT,
            "AwsRegion": "us-east-1",
            "State": "update-complete",
            "InternetGatewayBlockMode": mode,
            "LastUpdateTimestamp": "2026-10-01T09:00:00+00:00",
            "ManagedBy": "account",
            "ExclusionsAllowed": "allowed",
        },
    }));
    for (number, vpc) in (1..).zip(vpcs) {
        if !dice.once_in(3) {
            continue;
        }
        let subnet = dice.pick(&vpc.subnets).filter(|_| !dice.once_in(3));
        let resource =
            subnet.map_or_else(|| format!("vpc/{}", vpc.id), |subnet| format!("subnet/{}", subnet.id));
        let allowed = if dice.once_in(2) { "allow-egress" } else { "allow-bidirectional" };
        tables.add(
            "VpcBlockPublicAccessExclusions",
            json!({
                "ExclusionId": format!("vpcbpa-exclude-{number}"),
                "InternetGatewayExclusionMode": allowed,
                "ResourceArn": format!("arn:aws:ec2:us-east-1:{ACCOUNT}:{resource}"),
                "State": "create-complete",
                "CreationTimestamp": "2026-10-01T08:00:00+00:00",
            }),
        );
    }
}
