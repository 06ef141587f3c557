//! The documents that scopes come in, and the tags they carry.
use std::collections::BTreeMap;
use std::path::Path;

use super::json::Json;
use super::reader::{At, Members, Reader};
use super::remark::quoted;
use super::{ScopeDocument, vocabulary};

const SCOPE_TYPE: &str = "AWS::EC2::NetworkInsightsAccessScope";
/// The tag specification's word for a scope.
pub(super) const TAGGED: &str = "network-insights-access-scope";

/// Returns what to do about a file that is not JSON at all.
pub(super) fn help_for_text(file: &str, text: &str) -> Option<String> {
    let extension = Path::new(file).extension().and_then(|extension| extension.to_str()).unwrap_or("");
    let is_yaml = ["yaml", "yml"].iter().any(|yaml| extension.eq_ignore_ascii_case(yaml));
    if is_yaml || text.lines().any(|line| line.starts_with("Resources:") || line.starts_with("MatchPaths:")) {
        return Some("YAML is not read; convert it to JSON first".to_owned());
    }
    None
}

impl Reader {
    /// Reads every scope of the document, whatever its form.
    pub(super) fn documents(&mut self, file: &str, root: &At<'_>) -> Vec<ScopeDocument> {
        let Json::Object(_) = &root.node.json else {
            self.problem(
                root,
                format!("expected a Network Access Scope, which is a JSON object, found {}", root.kind()),
                None,
            );
            return Vec::new();
        };
        if root.peek("Resources").is_some() || root.peek("AWSTemplateFormatVersion").is_some() {
            return self.template(root);
        }
        let document = if root.peek("Type").is_some() || root.peek("Properties").is_some() {
            self.resource(root)
        } else if root.peek("NetworkInsightsAccessScopeContent").is_some() {
            self.content(root)
        } else if root.peek("NetworkInsightsAccessScopes").is_some() {
            self.problem(
                root,
                "this lists scopes by name but does not hold their conditions".to_owned(),
                Some("export each with `aws ec2 get-network-insights-access-scope-content`".to_owned()),
            );
            None
        } else {
            self.request(root)
        };
        let document = document.map(|mut document| {
            document.name = name_for(file, &document);
            document
        });
        document.into_iter().collect()
    }

    fn template(&mut self, root: &At<'_>) -> Vec<ScopeDocument> {
        let mut documents = Vec::new();
        let mut found = false;
        if let Some(resources) = root.peek("Resources")
            && let Some(members) = self.any_object(&resources, "an object of resources")
        {
            for member in members {
                let resource = Reader::member(&resources, member);
                if resource.peek("Type").is_some_and(|kind| kind.as_text() == Some(SCOPE_TYPE)) {
                    found = true;
                    if let Some(mut document) = self.resource(&resource) {
                        document.name.clone_from(&member.name);
                        documents.push(document);
                    }
                }
            }
        }
        if !found && self.problems.is_empty() {
            self.problem(root, format!("the template has no resource of type `{SCOPE_TYPE}`"), None);
        }
        documents
    }

    fn resource(&mut self, at: &At<'_>) -> Option<ScopeDocument> {
        self.any_object(at, "a resource")?;
        let kind = at.peek("Type");
        if kind.as_ref().and_then(At::as_text) != Some(SCOPE_TYPE) {
            let found = kind.as_ref().and_then(At::as_text).map_or("no type".to_owned(), quoted);
            self.problem(
                kind.as_ref().unwrap_or(at),
                format!("expected a resource of type `{SCOPE_TYPE}`, found {found}"),
                None,
            );
            return None;
        }
        if let Some(condition) = at.peek("Condition") {
            self.warn(
                &condition,
                "whether this scope is created depends on a CloudFormation condition; read as created"
                    .to_owned(),
                None,
            );
        }
        let Some(properties) = at.peek("Properties") else {
            self.problem(at, "the resource has no `Properties`".to_owned(), None);
            return None;
        };
        let properties = self.object(&properties, "the scope's properties", vocabulary::PROPERTIES)?;
        let tags = properties.get("Tags").map(|tags| self.tags(&tags)).unwrap_or_default();
        Some(self.document(&properties, tags, None))
    }

    fn content(&mut self, root: &At<'_>) -> Option<ScopeDocument> {
        let root = self.object(root, "a scope content document", vocabulary::ANSWER)?;
        let mut tags = BTreeMap::new();
        if let Some(created) = root.get("NetworkInsightsAccessScope")
            && let Some(created) = self.object(&created, "a created scope", vocabulary::CREATED)
            && let Some(list) = created.get("Tags")
        {
            tags = self.tags(&list);
        }
        let content = root.get("NetworkInsightsAccessScopeContent")?;
        let content = self.object(&content, "a scope's content", vocabulary::CONTENT)?;
        let scope_id = self.scope_id(&content);
        Some(self.document(&content, tags, scope_id))
    }

    fn request(&mut self, root: &At<'_>) -> Option<ScopeDocument> {
        let request = self.object(root, "a Network Access Scope", vocabulary::REQUEST)?;
        if let Some(token) = request.get("ClientToken") {
            self.text(&token, "a text");
        }
        if let Some(dry_run) = request.get("DryRun") {
            self.boolean(&dry_run);
        }
        let tags = request.get("TagSpecifications").map(|list| self.tag_specifications(&list));
        let scope_id = self.scope_id(&request);
        Some(self.document(&request, tags.unwrap_or_default(), scope_id))
    }

    fn scope_id(&mut self, members: &Members<'_>) -> Option<String> {
        let id = members.get("NetworkInsightsAccessScopeId")?;
        self.text(&id, "a scope id").map(str::to_owned)
    }

    fn document(
        &mut self,
        members: &Members<'_>,
        tags: BTreeMap<String, String>,
        scope_id: Option<String>,
    ) -> ScopeDocument {
        let (match_paths, exclude_paths) = self.paths(members);
        let mut warnings = std::mem::take(&mut self.warnings);
        warnings.sort_by_key(|warning| warning.line);
        let mut extensions = std::mem::take(&mut self.extensions);
        extensions.sort_by_key(|noted| noted.line);
        ScopeDocument {
            name: String::new(),
            title: tags.get("Name").cloned(),
            description: tags.get("Description").cloned(),
            scope_id,
            tags,
            match_paths,
            exclude_paths,
            warnings,
            extensions,
        }
    }

    fn tag_specifications(&mut self, at: &At<'_>) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for entry in self.list(at, "a list of tag specifications").unwrap_or_default() {
            let Some(entry) = self.object(&entry, "a tag specification", vocabulary::TAG_SPECIFICATION)
            else {
                continue;
            };
            match entry.get("ResourceType") {
                None => self.warn(
                    &entry.at,
                    format!("the tag specification does not say its `ResourceType`; read as `{TAGGED}`"),
                    Some(format!("add `\"ResourceType\": \"{TAGGED}\"`, or AWS may refuse it")),
                ),
                Some(kind) => {
                    if let Some(text) = self.text(&kind, "a resource type")
                        && text != TAGGED
                    {
                        self.problem(
                            &kind,
                            format!("these are tags of {}, but the request creates a scope", quoted(text)),
                            Some(format!("write `{TAGGED}`")),
                        );
                    }
                }
            }
            if let Some(list) = entry.get("Tags") {
                self.tags_into(&list, &mut all);
            }
        }
        all
    }

    fn tags(&mut self, at: &At<'_>) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        self.tags_into(at, &mut all);
        all
    }

    fn tags_into(&mut self, at: &At<'_>, all: &mut BTreeMap<String, String>) {
        for tag in self.list(at, "a list of tags").unwrap_or_default() {
            let Some(tag) = self.object(&tag, "a tag", vocabulary::TAG) else { continue };
            let Some(key) = tag.get("Key") else {
                self.problem(&tag.at, "the tag has no `Key`".to_owned(), None);
                continue;
            };
            let Some(key_text) = self.text(&key, "a tag key") else { continue };
            let value = match tag.get("Value") {
                None => "",
                Some(value) if value.intrinsic().is_some() => {
                    self.warn(
                        &value,
                        format!(
                            "the value of tag {} is worked out by CloudFormation; the tag is left out",
                            quoted(key_text)
                        ),
                        None,
                    );
                    continue;
                }
                Some(value) => match self.text(&value, "a tag value") {
                    Some(text) => text,
                    None => continue,
                },
            };
            let is_severity = vocabulary::SEVERITIES.iter().any(|known| known.eq_ignore_ascii_case(value));
            if key_text == "Severity" && !is_severity {
                let place = tag.get("Value").unwrap_or_else(|| key.clone());
                self.warn(
                    &place,
                    format!("{} is no severity: findings count as MEDIUM", quoted(value)),
                    Some(format!("expected {}", vocabulary::SEVERITIES.join(", "))),
                );
            }
            if all.insert(key_text.to_owned(), value.to_owned()).is_some() {
                self.problem(&key, format!("tag {} is given twice", quoted(key_text)), None);
            }
        }
    }
}

fn name_for(file: &str, document: &ScopeDocument) -> String {
    let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or("");
    if !stem.is_empty() && file != "-" {
        return stem.to_owned();
    }
    document.title.clone().or_else(|| document.scope_id.clone()).unwrap_or_else(|| "scope".to_owned())
}
