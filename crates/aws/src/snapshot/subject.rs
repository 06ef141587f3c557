//! What an answer is about, when its records do not say so.
//!
//! The routes of a transit gateway route table, the entries of a prefix list, the domains of a list: such
//! answers hold no id of what was asked. Then an extra member tells it, or else the file's name.
//!
//! GAP: a name that was cut, or in which the letters of an ARN other than `/` and `:` were replaced, is not
//! recognised.
use super::Document;
use super::archive::has_ending;

impl Document {
    /// Returns the id or ARN of what this answer is about.
    ///
    /// `parameter` is the name of the request parameter that says it, such as `TransitGatewayRouteTableId`:
    /// a top-level member of that name comes first. Else an id that begins with one of `kinds` (such as
    /// `tgw-rtb-`) is looked for in the file's name, then in its folder's. A kind that ends in `/` is
    /// the resource part of an ARN (`targetgroup/`, `loadbalancer/net/`); `arn:` stands for any ARN.
    /// In ARNs `/` and `:` may be written as `_`, or percent-encoded; an ARN that cannot be
    /// restored beyond doubt is not returned.
    pub fn subject(&self, parameter: &str, kinds: &[&str]) -> Option<String> {
        self.subjects(parameter, kinds).into_iter().next()
    }

    /// Returns every reading of what this answer is about, the likeliest first.
    ///
    /// More than one only if nothing shows where an id in a name ends: `tgw-rtb-a-routes` may be about
    /// `tgw-rtb-a-routes` or about `tgw-rtb-a`, and the caller knows which of them there is.
    pub fn subjects(&self, parameter: &str, kinds: &[&str]) -> Vec<String> {
        let same = |written: &str| written == parameter || super::key::canonical(written) == parameter;
        if let Some((_, id)) = self.members.iter().find(|(written, id)| same(written) && !id.is_empty()) {
            return vec![id.clone()];
        }
        let path = without_endings(self.file());
        let decoded = percent_decoded(path);
        let mut parts = path.rsplit('/');
        for name in [parts.next(), parts.next()].into_iter().flatten() {
            let name = percent_decoded(name);
            let ids = kinds.iter().filter(|kind| !is_arn_kind(kind)).flat_map(|kind| ids(&name, kind));
            let ids: Vec<String> = ids.collect();
            if !ids.is_empty() {
                return ids;
            }
            if let Some(arn) = arn(&name).filter(|arn| is_wanted(arn, kinds)) {
                return vec![arn];
            }
        }
        // An ARN as it is has a `/` in it, which made folders of it.
        arn(&decoded).filter(|arn| is_wanted(arn, kinds)).into_iter().collect()
    }
}

fn is_arn_kind(kind: &str) -> bool {
    kind.ends_with('/') || kind.starts_with("arn:")
}

fn is_wanted(arn: &str, kinds: &[&str]) -> bool {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    kinds.iter().any(|kind| {
        (kind.starts_with("arn:") && arn.starts_with(kind))
            || (kind.ends_with('/') && resource.starts_with(kind))
    })
}

fn without_endings(path: &str) -> &str {
    let endings = [".json.gz", ".json"].into_iter();
    let ending = endings.filter(|ending| has_ending(path, ending)).map(str::len).next();
    path.get(..path.len() - ending.unwrap_or(0)).unwrap_or(path)
}

/// Returns the readings of an id that begins with `kind` somewhere in `name`.
fn ids(name: &str, kind: &str) -> Vec<String> {
    let begins =
        |at: &usize| !name.get(..*at).unwrap_or_default().ends_with(|c: char| c.is_ascii_alphanumeric());
    let Some(start) = name.match_indices(kind).map(|(at, _)| at).find(begins) else { return Vec::new() };
    let tail = name.get(start + kind.len()..).unwrap_or_default();
    let end = tail.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(tail.len());
    let tail = tail.get(..end).unwrap_or_default().trim_end_matches('-');
    let words = tail.match_indices('-').map(|(at, _)| at).chain([tail.len()]);
    let readings = words.filter_map(|end| tail.get(..end)).filter(|reading| !reading.is_empty());
    let mut readings: Vec<String> = readings.map(|reading| format!("{kind}{reading}")).collect();
    // AWS's ids end with a hexadecimal number: behind the first word with a digit there is no more id.
    let digit = |reading: &String| {
        reading.get(kind.len()..).is_some_and(|id| id.contains(|c: char| c.is_ascii_digit()))
    };
    let likeliest = readings.iter().position(digit).unwrap_or(readings.len().saturating_sub(1));
    if likeliest < readings.len() {
        let likeliest = readings.remove(likeliest);
        readings.reverse();
        readings.insert(0, likeliest);
    }
    readings
}

/// Returns the ARN that `name` ends with, restored to its own spelling.
///
/// SOURCE: IAM user guide, "Amazon Resource Names": `arn:partition:service:region:account:resource`; the
/// service authorization reference for the form of each resource part (checked 2026-11-23).
fn arn(name: &str) -> Option<String> {
    let begins =
        |at: &usize| !name.get(..*at).unwrap_or_default().ends_with(|c: char| c.is_ascii_alphanumeric());
    let is_start =
        |at: &usize| begins(at) && name.get(at + 3..).is_some_and(|rest| rest.starts_with([':', '_']));
    let start = name.match_indices("arn").map(|(at, _)| at).find(is_start)?;
    let mut fields = name.get(start..)?.splitn(6, [':', '_']);
    let (arn, partition, service) = (fields.next()?, fields.next()?, fields.next()?);
    let (region, account, resource) = (fields.next()?, fields.next()?, fields.next()?);
    let account_is_right = account.is_empty() || super::place::is_account_id(account);
    if !partition.starts_with("aws") || !account_is_right || resource.is_empty() {
        return None;
    }
    let resource = restored(service, resource)?;
    Some(format!("{arn}:{partition}:{service}:{region}:{account}:{resource}"))
}

fn restored(service: &str, resource: &str) -> Option<String> {
    if resource.contains(['/', ':']) || !resource.contains('_') {
        return Some(resource.to_owned());
    }
    match service {
        // Names of these consist of letters, digits and hyphens, so that every `_` was a `/`.
        // SOURCE: ELB API, CreateTargetGroup and CreateLoadBalancer; Network Firewall API, CreateFirewall
        // and CreateRuleGroup; Route 53 Resolver and EC2 have ids there (checked 2026-11-23).
        "elasticloadbalancing" | "network-firewall" | "route53resolver" | "ec2" => {
            Some(resource.replace('_', "/"))
        }
        // `regional/webacl/NAME/ID`: the name may hold `_`, the parts around it do not.
        // SOURCE: WAFV2 API, WebACL: Name is `^[\w\-]+$` (checked 2026-11-23).
        "wafv2" => {
            let (scope, rest) = resource.split_once('_')?;
            let (kind, rest) = rest.split_once('_')?;
            let (name, id) = rest.rsplit_once('_')?;
            Some(format!("{scope}/{kind}/{name}/{id}"))
        }
        _ => None,
    }
}

/// Returns `name` with `%3A` and the like replaced; what is no such code stays.
fn percent_decoded(name: &str) -> String {
    let mut decoded = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let code = tail.get(..2).filter(|_| byte == b'%').and_then(|code| std::str::from_utf8(code).ok());
        let code = code.filter(|code| code.bytes().all(|digit| digit.is_ascii_hexdigit()));
        if let Some(code) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            decoded.push(code);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            decoded.push(byte);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::Snapshot;

    fn subject(file: &str, text: &str, parameter: &str, kinds: &[&str]) -> String {
        let (snapshot, _) = Snapshot::parse(file, text);
        let subjects = snapshot.documents()[0].subjects(parameter, kinds);
        if subjects.is_empty() { "-".into() } else { subjects.join(" or ") }
    }

    #[test]
    fn member_comes_before_the_name_of_the_file() {
        let text = r#"{"PrefixListId": "pl-1", "Entries": []}"#;
        assert_eq!(subject("pl-2.json", text, "PrefixListId", &["pl-"]), "pl-1");
        let text = r#"{"prefix_list_id": "pl-1", "entries": []}"#;
        assert_eq!(subject("pl-2.json", text, "PrefixListId", &["pl-"]), "pl-1");
    }

    #[test]
    fn id_is_found_in_the_name_of_file_or_folder() {
        for (file, expected) in [
            ("tgw-rtb-0a1b2c3d4e5f60718.json", "tgw-rtb-0a1b2c3d4e5f60718"),
            ("us-east-1/ec2-search-transit-gateway-routes/tgw-rtb-1", "tgw-rtb-1"),
            ("routes_tgw-rtb-1_page.json", "tgw-rtb-1"),
            ("routes-of-tgw-rtb-1-in-use.json", "tgw-rtb-1 or tgw-rtb-1-in-use or tgw-rtb-1-in"),
            ("tgw-rtb-1/routes.json", "tgw-rtb-1"),
            ("tgw-rtb-hub-a.json", "tgw-rtb-hub-a or tgw-rtb-hub"),
            ("tgw-rtb-1/x/routes.json", "-"),
            ("mytgw-rtb-1.json", "-"),
            ("tgw-rtb-.json", "-"),
            ("routes.json", "-"),
        ] {
            assert_eq!(
                subject(file, r#"{"Routes": []}"#, "TransitGatewayRouteTableId", &["tgw-rtb-"]),
                expected,
                "{file}"
            );
        }
    }

    #[test]
    fn arn_in_a_name_is_restored() {
        let lb = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/demo/50dc";
        let tg = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web-1/73e2";
        let acl = "arn:aws-us-gov:wafv2:us-gov-west-1:123456789012:regional/webacl/my_acl/a-b";
        let any: &[&str] = &["arn:"];
        for (file, kinds, expected) in [
            ("arn_aws_elasticloadbalancing_us-east-1_123456789012_loadbalancer_app_demo_50dc.json", any, lb),
            (
                "arn%3Aaws%3Aelasticloadbalancing%3Aus-east-1%3A123456789012%3Aloadbalancer%2Fapp%2Fdemo%2F50dc",
                any,
                lb,
            ),
            (
                "us-east-1/arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/demo/50dc.json",
                any,
                lb,
            ),
            ("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer_app_demo_50dc.json", any, lb),
            (
                "x/elbv2-arn_aws_elasticloadbalancing_us-east-1_123456789012_targetgroup_web-1_73e2/health.json",
                any,
                tg,
            ),
            (
                "arn_aws_elasticloadbalancing_us-east-1_123456789012_targetgroup_web-1_73e2.json",
                &["targetgroup/"],
                tg,
            ),
            (
                "arn_aws_elasticloadbalancing_us-east-1_123456789012_targetgroup_web-1_73e2.json",
                &["loadbalancer/"],
                "-",
            ),
            ("arn_aws-us-gov_wafv2_us-gov-west-1_123456789012_regional_webacl_my_acl_a-b.json", any, acl),
            ("arn_aws_ecs_us-east-1_123456789012_task_my_cluster_1.json", any, "-"),
            ("arn_aws_ecs_us-east-1_1234_cluster.json", any, "-"),
            ("barn_aws_ec2_us-east-1_123456789012_vpc_vpc-1.json", any, "-"),
        ] {
            assert_eq!(subject(file, r#"{"Attributes": []}"#, "LoadBalancerArn", kinds), expected, "{file}");
        }
    }

    #[test]
    fn percent_codes_are_decoded_once() {
        for (name, expected) in
            [("a%3Ab%2fc", "a:b/c"), ("%253A", "%3A"), ("50%", "50%"), ("%zz%3", "%zz%3"), ("%+1", "%+1")]
        {
            assert_eq!(super::percent_decoded(name), expected);
        }
    }
}
