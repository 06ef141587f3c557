//! Account and Region as the path of a file tells them.
//!
//! Batfish writes `accounts/<account>/<region>/…`, CloudMapper `<account>/<region>/…`, others `<region>/…`.

/// What the path of a file tells about where its records come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PathPlace {
    /// Account id (12 digits), or the name somebody gave the account's folder.
    pub account: Option<String>,
    /// Region name, such as `us-east-1`.
    pub region: Option<String>,
}

/// Folder names that stand above a Region without naming an account.
const NOT_ACCOUNTS: [&str; 20] = [
    "account-data",
    "aws",
    "aws_configs",
    "configs",
    "data",
    "directconnect",
    "ec2",
    "elb",
    "elbv2",
    "export",
    "exports",
    "lambda",
    "network-firewall",
    "rds",
    "region",
    "regions",
    "route53resolver",
    "snapshot",
    "snapshots",
    "wafv2",
];

impl PathPlace {
    /// Returns what `file` (a path inside the snapshot, its last part the file's own name) tells, given
    /// the names of the folders `above` the snapshot that may be looked at, outermost first.
    ///
    /// The outermost Region counts: CloudMapper repeats a Region further down to say where a *parameter*
    /// of a call lives.
    pub(super) fn of(above: &[String], file: &str) -> PathPlace {
        let inside = file.rsplit_once('/').map_or("", |(folders, _)| folders);
        let folders: Vec<&str> = above
            .iter()
            .map(String::as_str)
            .chain(inside.split('/').filter(|part| !part.is_empty()))
            .collect();
        let region = folders.iter().position(|folder| is_region(folder));
        let named = folders
            .iter()
            .zip(folders.iter().skip(1))
            .find_map(|(above, folder)| (*above == "accounts" && !is_region(folder)).then_some(*folder));
        let above_region = region.and_then(|at| folders.get(at.checked_sub(1)?)).copied();
        let numbered = || folders.iter().copied().find(|folder| is_account_id(folder));
        let account = above_region
            .filter(|folder| is_account_id(folder))
            .or(named)
            .or_else(numbered)
            .or_else(|| above_region.filter(|folder| *folder != "accounts" && !is_plain(folder)));
        PathPlace {
            account: account.map(str::to_owned),
            region: region.and_then(|at| folders.get(at)).map(|&folder| folder.to_owned()),
        }
    }
}

fn is_plain(folder: &str) -> bool {
    let folder = folder.to_ascii_lowercase();
    NOT_ACCOUNTS.contains(&folder.as_str()) || folder.starts_with('.')
}

/// Whether `name` is an account id. SOURCE: IAM user guide, "AWS account identifiers": twelve digits
/// (checked 2026-11-23).
pub(crate) fn is_account_id(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether `name` is built like the name of a Region: `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`.
///
/// Not a list of Regions, because AWS adds some every year; but the part before the number must be a point of the
/// compass, so that a folder `hub-and-spoke-1` is not taken for one. SOURCE: AWS Regions and
/// Availability Zones, "AWS Regions" (checked 2026-11-23).
pub(super) fn is_region(name: &str) -> bool {
    const COMPASS: [&str; 9] =
        ["central", "east", "north", "northeast", "northwest", "south", "southeast", "southwest", "west"];
    let parts: Vec<&str> = name.split('-').collect();
    let [area, between @ .., point, number] = parts.as_slice() else { return false };
    let word = |part: &str, longest: usize| {
        (2..=longest).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    word(area, 4)
        && between.len() <= 1
        && between.iter().all(|part| word(part, 4))
        && COMPASS.contains(point)
        && (1..=2).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(above: &[&str], file: &str) -> String {
        let above: Vec<String> = above.iter().map(|&name| name.to_owned()).collect();
        let PathPlace { account, region } = PathPlace::of(&above, file);
        format!("{} {}", account.as_deref().unwrap_or("-"), region.as_deref().unwrap_or("-"))
    }

    #[test]
    fn path_tells_account_and_region() {
        for (above, file, expected) in [
            (&[][..], "vpcs.json", "- -"),
            (&[], "us-east-1/vpcs.json", "- us-east-1"),
            (&[], "aws_configs/us-east-1/Vpcs.json", "- us-east-1"),
            (&[], "lab/aws_configs/accounts/prod/eu-west-3/Vpcs.json", "prod eu-west-3"),
            (&[], "accounts/123456789012/us-gov-west-1/Vpcs.json", "123456789012 us-gov-west-1"),
            (&[], "accounts/prod/iam.json", "prod -"),
            (&[], "demo/us-east-1/ec2-describe-vpcs.json", "demo us-east-1"),
            (&[], "demo/us-east-1/route53-list-hosted-zones-by-vpc/eu-west-1/vpc-1.json", "demo us-east-1"),
            (&[], "account-data/demo/us-east-1/ec2-describe-vpcs.json", "demo us-east-1"),
            (&[], "123456789012/snapshot/us-east-1/x.json", "123456789012 us-east-1"),
            (&[], "ec2/us-east-1/x.json", "- us-east-1"),
            (&[], "us-east-1/123456789012/x.json", "123456789012 us-east-1"),
            (&[], "2026/123456789012/x.json", "123456789012 -"),
            (&[], "us-east-1.json", "- -"),
            (&["us-east-1"], "vpcs.json", "- us-east-1"),
            (&["123456789012", "us-east-1"], "vpcs.json", "123456789012 us-east-1"),
            (&["123456789012"], "us-east-1/vpcs.json", "123456789012 us-east-1"),
            (&[], "accounts/us-east-1/x.json", "- us-east-1"),
        ] {
            assert_eq!(place(above, file), expected, "{above:?} {file}");
        }
    }

    #[test]
    fn regions_are_told_from_other_folders() {
        let regions = "us-east-1 ap-southeast-7 us-gov-west-1 us-isob-east-1 eu-isoe-west-1 eusc-de-east-1 mx-central-1";
        for region in regions.split(' ') {
            assert!(is_region(region), "{region}");
        }
        let others =
            "us-east-1a us-east hub-and-spoke-1 test-case-2 east-1 us-east-1-bos-1 US-EAST-1 us--east-1 prod";
        for other in others.split(' ') {
            assert!(!is_region(other), "{other}");
        }
    }
}
