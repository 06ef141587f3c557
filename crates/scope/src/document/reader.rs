//! Walking the JSON tree: typed access to members that collects every problem on the way.
//!
//! `null` counts as absent everywhere. An accessor that returns `None` has said why, unless the
//! value is absent.
use super::address_sets::AddressSets;
use super::json::{Json, Member, Node};
use super::remark::{ScopeRemark, quoted};
use super::vocabulary::{at_home, suggestion, whereabouts};

/// A value and the JSON pointer that leads to it.
#[derive(Debug, Clone)]
pub(super) struct At<'a> {
    pub(super) node: &'a Node,
    pub(super) pointer: String,
}

impl<'a> At<'a> {
    pub(super) fn root(node: &'a Node) -> Self {
        At { node, pointer: String::new() }
    }

    fn child(&self, step: &str, node: &'a Node) -> Self {
        let step = step.replace('~', "~0").replace('/', "~1");
        At { node, pointer: format!("{}/{step}", self.pointer) }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.node.json, Json::Null)
    }

    /// Returns the value's kind with its article, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self.node.json {
            Json::Null => "null",
            Json::Bool => "true or false",
            Json::Number(_) => "a number",
            Json::Text(_) => "a text",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }

    /// Returns the member of that name without any check; the first, if the name is repeated.
    pub(super) fn peek(&self, name: &str) -> Option<At<'a>> {
        let Json::Object(members) = &self.node.json else { return None };
        let member = members.iter().find(|member| member.name == name)?;
        Some(self.child(name, &member.value)).filter(|value| !value.is_null())
    }

    /// Returns the text, if the value is one.
    pub(super) fn as_text(&self) -> Option<&'a str> {
        match &self.node.json {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the name of the CloudFormation function that the value is a call of.
    ///
    /// SOURCE: CloudFormation template reference, "Intrinsic functions": `Ref`, `Condition` and
    /// `Fn::…` as the only member of an object (checked 2026-11-23).
    pub(super) fn intrinsic(&self) -> Option<&'a str> {
        let Json::Object(members) = &self.node.json else { return None };
        let [Member { name, .. }] = members.as_slice() else { return None };
        (name == "Ref" || name == "Condition" || name.starts_with("Fn::")).then_some(name.as_str())
    }
}

/// An object whose members have been checked.
#[derive(Debug)]
pub(super) struct Members<'a> {
    pub(super) at: At<'a>,
    known: &'static [&'static str],
}

impl<'a> Members<'a> {
    /// Returns the member of that name, or else the misspelt one that was meant.
    ///
    /// The misspelling has been reported; reading on finds the problems inside.
    pub(super) fn get(&self, name: &str) -> Option<At<'a>> {
        self.at.peek(name).or_else(|| {
            let Json::Object(members) = &self.at.node.json else { return None };
            let member = members.iter().find(|member| self.meant(&member.name) == Some(name))?;
            Some(self.at.child(&member.name, &member.value)).filter(|value| !value.is_null())
        })
    }

    fn meant(&self, name: &str) -> Option<&'static str> {
        if self.known.contains(&name) || at_home(name).is_some() {
            return None;
        }
        suggestion(name, self.known)
    }
}

/// Collects what there is to say while a file is read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) problems: Vec<ScopeRemark>,
    pub(super) warnings: Vec<ScopeRemark>,
    /// Uses of what AWS does not know.
    pub(super) extensions: Vec<ScopeRemark>,
    /// What `@name` may name.
    pub(super) sets: AddressSets,
}

impl Reader {
    pub(super) fn problem(&mut self, at: &At<'_>, message: String, help: Option<String>) {
        self.problems.push(ScopeRemark { pointer: at.pointer.clone(), line: at.node.line, message, help });
    }

    pub(super) fn warn(&mut self, at: &At<'_>, message: String, help: Option<String>) {
        self.warnings.push(ScopeRemark { pointer: at.pointer.clone(), line: at.node.line, message, help });
    }

    fn wrong_kind(&mut self, at: &At<'_>, wanted: &str, help: Option<String>) {
        if let Some(function) = at.intrinsic() {
            self.problem(
                at,
                format!("{} is a function that only CloudFormation can work out", quoted(function)),
                Some(format!("write {wanted} here, or read the deployed scope's content document instead")),
            );
        } else {
            self.problem(at, format!("expected {wanted}, found {}", at.kind()), help);
        }
    }

    /// Returns the members if `at` is an object; `what` names it with its article.
    ///
    /// Repeated members are problems, and so are members not listed in `known`.
    pub(super) fn object<'a>(
        &mut self,
        at: &At<'a>,
        what: &str,
        known: &'static [&'static str],
    ) -> Option<Members<'a>> {
        let members = self.any_object(at, what)?;
        for member in members {
            if !known.contains(&member.name.as_str()) {
                self.problems.push(ScopeRemark {
                    pointer: Reader::member(at, member).pointer,
                    line: member.line,
                    message: format!("{} is not a member of {what}", quoted(&member.name)),
                    help: Some(help_for_member(&member.name, known)),
                });
            }
        }
        Some(Members { at: at.clone(), known })
    }

    /// Returns the members if `at` is an object, whatever they are called; repeated ones are problems.
    pub(super) fn any_object<'a>(&mut self, at: &At<'a>, what: &str) -> Option<&'a [Member]> {
        let Json::Object(members) = &at.node.json else {
            self.wrong_kind(at, what, None);
            return None;
        };
        if at.intrinsic().is_some() {
            self.wrong_kind(at, what, None);
            return None;
        }
        let mut first_lines = std::collections::BTreeMap::new();
        for member in members {
            match first_lines.entry(member.name.as_str()) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(member.line);
                }
                std::collections::btree_map::Entry::Occupied(first) => {
                    self.problems.push(ScopeRemark {
                        pointer: at.child(&member.name, &member.value).pointer,
                        line: member.line,
                        message: format!(
                            "{} is given twice, first on line {}",
                            quoted(&member.name),
                            first.get()
                        ),
                        help: Some("keep one of them; put several values into one list".to_owned()),
                    });
                }
            }
        }
        Some(members)
    }

    /// Returns the child of an object that [`Reader::any_object`] returned.
    pub(super) fn member<'a>(at: &At<'a>, member: &'a Member) -> At<'a> {
        at.child(&member.name, &member.value)
    }

    /// Returns the entries of the list, which may be empty; `what` names it with its article.
    pub(super) fn list<'a>(&mut self, at: &At<'a>, what: &str) -> Option<Vec<At<'a>>> {
        let Json::List(entries) = &at.node.json else {
            let help = match &at.node.json {
                Json::Text(text) => Some(format!("write `[\"{}\"]`", quoted(text).trim_matches('`'))),
                Json::Number(digits) => Some(format!("write `[\"{}\"]`", quoted(digits).trim_matches('`'))),
                Json::Object(_) => Some("put `[` and `]` around the object".to_owned()),
                _ => None,
            };
            self.wrong_kind(at, what, help);
            return None;
        };
        Some(entries.iter().enumerate().map(|(index, entry)| at.child(&index.to_string(), entry)).collect())
    }

    /// Returns the entries of the list, or `None` with a warning if it is empty.
    ///
    /// GAP: whether AWS refuses an empty list or ignores it is not documented; it is read as absent.
    pub(super) fn filled_list<'a>(&mut self, at: &At<'a>, what: &str) -> Option<Vec<At<'a>>> {
        let entries = self.list(at, what)?;
        if entries.is_empty() {
            self.warn(
                at,
                "the list is empty and is read as if it were not there".to_owned(),
                Some("leave the member out, or list at least one value".to_owned()),
            );
            return None;
        }
        Some(entries)
    }

    /// Returns the text; `what` names it with its article.
    pub(super) fn text<'a>(&mut self, at: &At<'a>, what: &str) -> Option<&'a str> {
        let text = at.as_text();
        if text.is_none() {
            self.wrong_kind(at, what, None);
        }
        text
    }

    pub(super) fn boolean(&mut self, at: &At<'_>) {
        if !matches!(at.node.json, Json::Bool) {
            self.wrong_kind(at, "true or false", None);
        }
    }
}

fn help_for_member(name: &str, known: &[&str]) -> String {
    if let Some((_, home)) = at_home(name) {
        return format!("`{name}` belongs inside {home}");
    }
    if let Some(meant) = suggestion(name, known) {
        return format!("did you mean `{meant}`?");
    }
    match whereabouts(name) {
        Some((meant, home)) => format!("did you mean `{meant}`? it belongs inside {home}"),
        None => format!("it may hold {}", listed(known, "and")),
    }
}

/// Returns the words in backticks as an English list.
pub(super) fn listed(words: &[&str], conjunction: &str) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} {conjunction} {last}", rest.join(", ")),
    }
}
