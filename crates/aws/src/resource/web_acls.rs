//! Which Application Load Balancers have a web ACL of AWS WAF, as far as answers tell.
//!
//! Two ways of telling: what is asked of the balancer (`get-web-acl-for-resource`), whose empty answer says that it has
//! none; and what is asked of web ACLs (`list-resources-for-web-acl`), which says so only if all web ACLs of the account
//! and Region are known (`list-web-acls`) and each was asked.
//!
//! SOURCE: AWS WAFV2 API reference, `GetWebACLForResource` (no `WebACL` if the resource has none),
//! `ListResourcesForWebACL` (Application Load Balancers unless another type is asked for), `ListWebACLs` (the scope, which
//! only the request says, and `WebACLSummary.ARN`); AWS WAF developer guide, "Associating web ACL with a resource": a
//! resource has at most one web ACL, and of load balancers only Application Load Balancers have one; a web ACL protects
//! resources of its Region (checked 2026-11-27).
//! GAP: an empty list of a web ACL's resources that was asked for with another `--resource-type` cannot be told from one of
//! balancers, unless the document says `ResourceType`.
//! GAP: web ACLs of AWS WAF Classic, which AWS has ended, are not read. What a web ACL lets through is not looked at.
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::optional;
use crate::{
    Inventory, Place,
    inventory::Reading,
    snapshot::{Document, Table},
};

/// What answers about web ACLs tell.
#[derive(Debug, Default)]
pub(crate) struct WebAcls {
    /// What was asked of balancers, by ARN: whether there is one.
    asked: BTreeMap<String, BTreeSet<bool>>,
    /// Resources of web ACLs, by ARN of the web ACL, with whether all of them are told.
    resources: BTreeMap<String, (BTreeSet<String>, bool)>,
    /// The web ACLs of a Region, with whether all of them are told.
    listed: BTreeMap<Place, (BTreeSet<String>, bool)>,
}

#[derive(Deserialize)]
struct Summary {
    #[serde(rename = "ARN", default, deserialize_with = "optional")]
    arn: Option<String>,
}

impl WebAcls {
    /// Whether the balancer of this ARN has a web ACL; `None` if that is not told, or told in two ways.
    fn of(&self, arn: &str, place: &Place) -> Option<bool> {
        let named = self.resources.values().any(|(resources, _)| resources.contains(arn));
        let asked = self.asked.get(arn);
        match asked.map(|told| told.iter().copied().collect::<Vec<_>>()).as_deref() {
            Some([true]) => Some(true),
            // Two answers that contradict each other tell nothing.
            Some([false]) => (!named).then_some(false),
            Some(_) => None,
            None if named => Some(true),
            None => self.all_are_known(place).then_some(false),
        }
    }

    /// Whether all web ACLs there are known with all of their balancers.
    fn all_are_known(&self, place: &Place) -> bool {
        let Some((listed, whole)) = self.listed.get(place) else { return false };
        *whole && listed.iter().all(|arn| self.resources.get(arn).is_some_and(|(_, whole)| *whole))
    }
}

impl Inventory {
    /// Whether the load balancer of this ARN, which belongs to `place`, has a web ACL; `None` if that is not told.
    pub fn has_web_acl(&self, arn: &str, place: &Place) -> Option<bool> {
        self.web_acls.of(arn, place)
    }
}

/// What the list of a web ACL's resources is called; the second spelling is that of hand-made answers.
const LISTS: [&str; 2] = ["ResourceArns", "ResourceARNs"];

/// Collects what answers tell.
pub(super) fn read(reading: &mut Reading<'_>, inventory: &mut Inventory) {
    let mut told = WebAcls::default();
    for (index, document) in reading.documents() {
        // Other services call a list so, too; theirs is not of a web ACL.
        let Some(web_acl) = document.subject("WebACLArn", &["regional/webacl/"]) else { continue };
        for table in document.tables.iter().filter(|table| LISTS.contains(&table.key.as_str())) {
            let mut whole = !document.incomplete;
            if is_of_others(document.members.get("ResourceType"), document, table) {
                continue;
            }
            let (resources, all) =
                told.resources.entry(web_acl.clone()).or_insert_with(|| (BTreeSet::new(), true));
            for element in &table.elements {
                match reading.parse::<String>(index, document, element) {
                    Some((arn, _)) => _ = resources.insert(arn),
                    None => whole = false,
                }
            }
            *all &= whole;
        }
    }
    for (_, document) in reading.documents() {
        let table = |key: &str| document.tables.iter().find(|table| table.key == key);
        if let Some(balancer) = document.members.get("ResourceArn").filter(|arn| is_balancer(arn)) {
            // The answer of a balancer without web ACL is empty.
            let present = table("WebACL")
                .is_some_and(|table| table.elements.iter().any(|it| document.raw(it).trim() != "{}"));
            if document.tables.is_empty() || table("WebACL").is_some() {
                told.asked.entry(balancer.clone()).or_default().insert(present);
            }
        }
    }
    for (_, document) in reading.documents() {
        for table in document.tables.iter().filter(|table| table.key == "WebACLs") {
            let arns: Option<BTreeSet<String>> = table
                .elements
                .iter()
                .map(|element| serde_json::from_str::<Summary>(document.raw(element)).ok()?.arn)
                .collect();
            let scope = document.members.get("Scope").map(String::as_str);
            let regional = match (scope, &arns) {
                (Some(scope), _) => scope == "REGIONAL",
                // Web ACLs of CloudFront are `global/webacl/…`; an empty list does not tell whose it is.
                (None, Some(arns)) => arns.first().is_some_and(|arn| arn.contains(":regional/")),
                (None, None) => false,
            };
            if !regional {
                continue;
            }
            let whole = !document.incomplete && arns.is_some();
            let known =
                told.listed.entry(reading.place_of(document)).or_insert_with(|| (BTreeSet::new(), true));
            known.0.extend(arns.unwrap_or_default());
            known.1 &= whole;
        }
    }
    inventory.web_acls = told;
}

/// Whether a list of a web ACL's resources was asked for with another type than that of balancers: it says so, or holds
/// something and no balancer.
fn is_of_others(asked: Option<&String>, document: &Document, table: &Table) -> bool {
    if let Some(asked) = asked {
        return asked != "APPLICATION_LOAD_BALANCER";
    }
    let arns = || table.elements.iter().map(|element| document.raw(element).trim());
    !table.elements.is_empty()
        && arns().all(|arn| arn.starts_with("\"arn:") && !arn.contains(":loadbalancer/app/"))
}

fn is_balancer(arn: &str) -> bool {
    arn.contains(":loadbalancer/app/")
}

#[cfg(test)]
mod tests {
    use crate::{Inventory, Place, snapshot::Snapshot};

    const ALB: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1";
    const ACL: &str = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/1";

    /// Whether the balancer has a web ACL by these answers, exported with a VPC that tells account and Region.
    fn told(answers: &[&str]) -> Option<bool> {
        let network = r#"{"Vpcs":[{"VpcId":"vpc-1","OwnerId":"111122223333"}],
            "Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","AvailabilityZone":"eu-west-1a"}]}"#;
        let texts = std::iter::once(network).chain(answers.iter().copied()).enumerate();
        let documents = texts.map(|(number, text)| {
            let text = text.replace("ALB", ALB).replace("ACL1", ACL);
            (format!("{number}.json"), text.into_bytes())
        });
        let (snapshot, _) = Snapshot::from_documents(documents);
        let (inventory, _) = Inventory::read(&snapshot);
        let place = Place { account: "111122223333".to_owned(), region: "eu-west-1".to_owned() };
        inventory.has_web_acl(ALB, &place)
    }

    #[test]
    fn the_balancer_is_asked() {
        assert_eq!(
            told(&[r#"{"ResourceArn":"ALB","WebACL":{"Name":"a","Id":"1","ARN":"ACL1"}}"#]),
            Some(true)
        );
        assert_eq!(told(&[r#"{"ResourceArn":"ALB"}"#]), Some(false));
        assert_eq!(told(&[r#"{"ResourceArn":"ALB","WebACL":null}"#]), Some(false));
        assert_eq!(told(&[r#"{"ResourceArn":"ALB2"}"#]), None, "another one");
        assert_eq!(told(&[]), None);
    }

    #[test]
    fn an_empty_answer_of_another_command_tells_nothing() {
        assert_eq!(told(&[r#"{"ResourceArn":"ALB","TagList":[]}"#]), None);
    }

    #[test]
    fn web_acls_are_asked() {
        let nothing = r#"{"WebACLArn":"ACL1","ResourceArns":[]}"#;
        assert_eq!(told(&[r#"{"WebACLArn":"ACL1","ResourceArns":["ALB"]}"#]), Some(true));
        assert_eq!(told(&[nothing]), None, "there may be other web ACLs");
        let all = r#"{"Scope":"REGIONAL","WebACLs":[{"Name":"a","Id":"1","ARN":"ACL1"}]}"#;
        assert_eq!(told(&[nothing, all]), Some(false));
        assert_eq!(told(&[all]), None, "its resources are not told");
        assert_eq!(told(&[r#"{"Scope":"REGIONAL","WebACLs":[]}"#]), Some(false), "there is none");
        assert_eq!(told(&[r#"{"WebACLs":[]}"#]), None, "may be CloudFront's");
        assert_eq!(told(&[r#"{"Scope":"CLOUDFRONT","WebACLs":[]}"#]), None);
        let page = r#"{"Scope":"REGIONAL","NextToken":"x","WebACLs":[]}"#;
        assert_eq!(told(&[page]), None, "there are more pages");
    }

    #[test]
    fn resources_of_other_types_say_nothing_of_balancers() {
        let all = r#"{"Scope":"REGIONAL","WebACLs":[{"Name":"a","Id":"1","ARN":"ACL1"}]}"#;
        let stage = r#""arn:aws:apigateway:eu-west-1::/restapis/a/stages/b""#;
        let of_stages = format!(r#"{{"WebACLArn":"ACL1","ResourceArns":[{stage}]}}"#);
        let empty = r#"{"WebACLArn":"ACL1","ResourceType":"API_GATEWAY","ResourceArns":[]}"#;
        let of_balancers =
            r#"{"WebACLArn":"ACL1","ResourceType":"APPLICATION_LOAD_BALANCER","ResourceArns":[]}"#;
        assert_eq!(told(&[&of_stages, all]), None, "nobody asked about balancers");
        assert_eq!(told(&[empty, all]), None);
        assert_eq!(told(&[of_balancers, all]), Some(false));
        assert_eq!(told(&[&of_stages, r#"{"WebACLArn":"ACL1","ResourceArns":["ALB2"]}"#, all]), Some(false));
        assert_eq!(told(&[&of_stages, r#"{"WebACLArn":"ACL1","ResourceArns":["ALB"]}"#, all]), Some(true));
    }

    #[test]
    fn contradictions_tell_nothing() {
        let both = [r#"{"ResourceArn":"ALB"}"#, r#"{"WebACLArn":"ACL1","ResourceArns":["ALB"]}"#];
        assert_eq!(told(&both), None);
    }
}
