//! What netproof's own members of a scope ask of the resources that AWS's members select.
//!
//! AWS takes no scope that has one of them; each use is noted in [`ScopeDocument::extensions`].
//!
//! [`ScopeDocument::extensions`]: super::ScopeDocument::extensions
use super::reader::{At, Members, Reader};
use super::remark::quoted;
use super::resource::ResourceCondition;
use super::vocabulary;

/// One entry of `TagFilters`: the resource carries the tag, with one of the values.
///
/// The shape is that of the query of a tag-based resource group.
/// SOURCE: Resource Groups API reference, `ResourceQuery`: `TagFilters` with `Key` and `Values`; values of one filter are
/// alternatives, filters must all hold, a filter without values asks for the key alone (checked 2026-11-27).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagFilter {
    /// The tag's key; letter case counts.
    pub key: String,
    /// Any of these; empty means any value.
    pub values: Vec<String>,
}

/// `WebAcls`: whether a web ACL protects a load balancer that can have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WebAcls {
    /// It has none.
    Absent,
    /// It has one.
    Present,
}

/// One entry of `Differ`: what both ends of a path have, and not in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Differing {
    /// The accounts that own them.
    Account,
    /// Their Availability Zones.
    AvailabilityZone,
    /// The values of this tag.
    Tag(String),
}

impl WebAcls {
    /// As it is written in a scope.
    pub fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Present => "present",
        }
    }
}

impl Differing {
    /// As it is written in a scope.
    pub fn written(&self) -> String {
        match self {
            Self::Account => "Account".to_owned(),
            Self::AvailabilityZone => "AvailabilityZone".to_owned(),
            Self::Tag(key) => format!("tag:{key}"),
        }
    }
}

impl TagFilter {
    /// The filter in words, as in `tagged Role=decoy`.
    pub fn phrase(&self) -> String {
        match self.values.as_slice() {
            [] => format!("tagged {}", self.key),
            values => format!("tagged {}={}", self.key, values.join("|")),
        }
    }
}

impl ResourceCondition {
    /// Whether netproof's own members narrow it.
    pub fn is_narrowed(&self) -> bool {
        !self.tags.is_empty() || self.web_acls.is_some()
    }
}

impl Reader {
    /// Notes the use of something that AWS does not know.
    pub(super) fn extension(&mut self, at: &At<'_>, message: String) {
        self.extensions.push(super::ScopeRemark {
            pointer: at.pointer.clone(),
            line: at.node.line,
            message,
            help: None,
        });
    }

    /// Reads `TagFilters` of a resource statement.
    pub(super) fn tag_filters(&mut self, statement: &Members<'_>) -> Vec<TagFilter> {
        let Some(list) = statement.get("TagFilters") else { return Vec::new() };
        self.extension(&list, "`TagFilters` selects by tags".to_owned());
        let entries = self.filled_list(&list, "a list of tag filters").unwrap_or_default();
        entries.iter().filter_map(|entry| self.tag_filter(entry)).collect()
    }

    fn tag_filter(&mut self, at: &At<'_>) -> Option<TagFilter> {
        let filter = self.object(at, "a tag filter", vocabulary::TAG_FILTER)?;
        let Some(key) = filter.get("Key") else {
            self.problem(at, "the tag filter has no `Key`".to_owned(), None);
            return None;
        };
        let key = self.text(&key, "a tag key")?.to_owned();
        let mut values = Vec::new();
        if let Some(list) = filter.get("Values") {
            for entry in self.list(&list, "a list of tag values")? {
                values.push(self.text(&entry, "a tag value")?.to_owned());
            }
        }
        Some(TagFilter { key, values })
    }

    /// Reads `WebAcls` of a resource statement.
    pub(super) fn web_acls(&mut self, statement: &Members<'_>) -> Option<WebAcls> {
        let at = statement.get("WebAcls")?;
        self.extension(&at, "`WebAcls` selects load balancers by their web ACL".to_owned());
        let text = self.text(&at, "`absent` or `present`")?;
        let found = [WebAcls::Absent, WebAcls::Present].into_iter().find(|known| known.name() == text);
        if found.is_none() {
            let message = format!("expected `absent` or `present`, found {}", quoted(text));
            self.problem(&at, message, None);
        }
        found
    }

    /// Reads `Differ` of a path.
    pub(super) fn differ(&mut self, path: &Members<'_>) -> Vec<Differing> {
        let Some(list) = path.get("Differ") else { return Vec::new() };
        self.extension(&list, "`Differ` compares both ends of a path".to_owned());
        let entries = self.filled_list(&list, "a list of what differs").unwrap_or_default();
        entries.iter().filter_map(|entry| self.differing(entry)).collect()
    }

    fn differing(&mut self, at: &At<'_>) -> Option<Differing> {
        let text = self.text(at, "`Account`, `AvailabilityZone` or `tag:KEY`")?;
        match (text, text.strip_prefix("tag:")) {
            ("Account", _) => Some(Differing::Account),
            ("AvailabilityZone", _) => Some(Differing::AvailabilityZone),
            (_, Some(key)) if !key.is_empty() => Some(Differing::Tag(key.to_owned())),
            _ => {
                let message =
                    format!("expected `Account`, `AvailabilityZone` or `tag:KEY`, found {}", quoted(text));
                self.problem(at, message, None);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::document::tests::{refused_path, refused_source, said_path, scope};
    use crate::document::{normalized_text, read_scopes};

    const ALL: &str = r#"{"MatchPaths":[{
      "Source":{"ResourceStatement":{"TagFilters":[{"Key":"Environment"},{"Key":"Role","Values":["web","app"]}]}},
      "Destination":{"ResourceStatement":{"ResourceTypes":["AWS::EC2::NetworkInterface"],"WebAcls":"absent"}},
      "Differ":["AvailabilityZone","Account","tag:Environment"]}],
     "ExcludePaths":[{"ThroughResources":[{"ResourceStatement":{
      "ResourceTypes":["AWS::ElasticLoadBalancingV2::LoadBalancer"],"WebAcls":"present"}}]}]}"#;

    #[test]
    fn each_is_read_said_and_noted() {
        let scope = scope(ALL);
        insta::assert_snapshot!(crate::document::describe(&scope), @"paths from anything tagged Environment and tagged Role=web|app to any network interface of a load balancer without web ACL between Availability Zones and between accounts and between different values of tag Environment, except those through any Application, Network or Gateway Load Balancer with web ACL");
        let noted: Vec<String> = scope.extensions.iter().map(|noted| noted.to_text("s.json")).collect();
        insta::assert_snapshot!(noted.join("\n"), @r"
        s.json#/MatchPaths/0/Source/ResourceStatement/TagFilters (line 2): `TagFilters` selects by tags
        s.json#/MatchPaths/0/Destination/ResourceStatement/WebAcls (line 3): `WebAcls` selects load balancers by their web ACL
        s.json#/MatchPaths/0/Differ (line 4): `Differ` compares both ends of a path
        s.json#/ExcludePaths/0/ThroughResources/0/ResourceStatement/WebAcls (line 6): `WebAcls` selects load balancers by their web ACL
        ");
        assert_eq!(scope.warnings, []);
    }

    #[test]
    fn what_is_printed_asks_the_same() {
        let scope = scope(ALL);
        let again = read_scopes("s.json", &normalized_text(&scope)).unwrap().remove(0);
        assert!(again.asks_the_same_as(&scope), "{}", normalized_text(&scope));
        assert_eq!(again.extensions.len(), scope.extensions.len());
    }

    #[test]
    fn a_plain_scope_uses_none() {
        let plain = r#"{"MatchPaths":[{"Source":{"ResourceStatement":{"Resources":["vpc-1"]}}}]}"#;
        assert_eq!(scope(plain).extensions, []);
    }

    #[test]
    fn wrong_values_are_refused() {
        insta::assert_snapshot!(refused_source(r#"{"WebAcls":"missing"}"#), @"s.json#/MatchPaths/0/Source/ResourceStatement/WebAcls (line 1): expected `absent` or `present`, found `missing`");
        insta::assert_snapshot!(refused_source(r#"{"TagFilters":[{"Values":["web"]}]}"#), @"s.json#/MatchPaths/0/Source/ResourceStatement/TagFilters/0 (line 1): the tag filter has no `Key`");
        insta::assert_snapshot!(refused_path(r#"{"Differ":["Vpc"],"Source":{"ResourceStatement":{"Resources":["vpc-1"]}}}"#), @"s.json#/MatchPaths/0/Differ/0 (line 1): expected `Account`, `AvailabilityZone` or `tag:KEY`, found `Vpc`");
    }

    #[test]
    fn a_comparison_needs_an_end_beside_it() {
        insta::assert_snapshot!(refused_path(r#"{"Differ":["Account"]}"#), @"s.json#/MatchPaths/0 (line 1): a match path needs a `Source` or a `Destination`");
        insta::assert_snapshot!(said_path(r#"{"Differ":[],"Source":{"ResourceStatement":{"Resources":["vpc-1"]}}}"#), @r"
        paths from vpc-1
        s.json#/MatchPaths/0/Differ (line 1): the list is empty and is read as if it were not there
          help: leave the member out, or list at least one value
        ");
    }
}
