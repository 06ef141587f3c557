//! Match and exclude paths.
//!
//! SOURCE: Network Access Analyzer guide, how it works: a scope needs a match condition, a
//! condition a source or destination; `ThroughResources` is documented for exclude conditions and
//! with one entry; EC2 service model for the shape (checked 2026-11-23).
//! GAP: what several through entries mean is not documented; all of them must be passed here.
use super::reader::{At, Members, Reader};
use super::resource::{Position, ResourceCondition};
use super::{EndCondition, PathCondition, vocabulary};

/// Which of the two lists a path condition stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Match,
    Exclude,
}

impl Reader {
    /// Reads `MatchPaths`, which must have an entry, and `ExcludePaths` of the object.
    pub(super) fn paths(&mut self, scope: &Members<'_>) -> (Vec<PathCondition>, Vec<PathCondition>) {
        let what = "a list of path conditions";
        let no_match = |reader: &mut Reader, at: &At<'_>, found: &str| {
            reader.problem(
                at,
                format!("{found}, but a scope needs at least one match path"),
                Some("`\"MatchPaths\": [{\"Source\": …, \"Destination\": …}]`".to_owned()),
            );
        };
        let mut matches = Vec::new();
        match scope.get("MatchPaths") {
            None => no_match(self, &scope.at, "`MatchPaths` is missing"),
            Some(list) => {
                if let Some(entries) = self.list(&list, what) {
                    if entries.is_empty() {
                        no_match(self, &list, "`MatchPaths` is empty");
                    }
                    matches.extend(entries.iter().filter_map(|entry| self.path(entry, Role::Match)));
                }
            }
        }
        let mut excludes = Vec::new();
        if let Some(entries) = scope.get("ExcludePaths").and_then(|list| self.list(&list, what)) {
            excludes.extend(entries.iter().filter_map(|entry| self.path(entry, Role::Exclude)));
        }
        (matches, excludes)
    }

    fn path(&mut self, at: &At<'_>, role: Role) -> Option<PathCondition> {
        let problems = self.problems.len();
        let what = match role {
            Role::Match => "a match path",
            Role::Exclude => "an exclude path",
        };
        let path = self.object(at, what, vocabulary::PATH)?;
        let source = path.get("Source").and_then(|end| self.end(&end, Position::Source));
        let destination = path.get("Destination").and_then(|end| self.end(&end, Position::Destination));
        let through = match path.get("ThroughResources") {
            None => Vec::new(),
            Some(list) => self.through(&list, role),
        };
        let differ = self.differ(&path);
        if source.is_none() && destination.is_none() && through.is_empty() {
            if self.problems.len() == problems {
                let wanted = match role {
                    Role::Match => "a `Source` or a `Destination`",
                    Role::Exclude => "a `Source`, a `Destination` or `ThroughResources`",
                };
                self.problem(at, format!("{what} needs {wanted}"), None);
            }
            return None;
        }
        Some(PathCondition { source, destination, through, differ, pointer: at.pointer.clone() })
    }

    fn end(&mut self, at: &At<'_>, position: Position) -> Option<EndCondition> {
        let problems = self.problems.len();
        let what = match position {
            Position::Source => "a source",
            Position::Destination | Position::Through => "a destination",
        };
        let end = self.object(at, what, vocabulary::STATEMENT)?;
        let header = end.get("PacketHeaderStatement").and_then(|header| self.header_condition(&header));
        let resources =
            end.get("ResourceStatement").and_then(|statement| self.resource_condition(&statement, position));
        if header.is_none() && resources.is_none() {
            if self.problems.len() == problems {
                self.problem(
                    at,
                    format!("{what} needs a `ResourceStatement` or a `PacketHeaderStatement`"),
                    None,
                );
            }
            return None;
        }
        Some(EndCondition { header, resources, pointer: at.pointer.clone() })
    }

    fn through(&mut self, list: &At<'_>, role: Role) -> Vec<ResourceCondition> {
        let Some(entries) = self.filled_list(list, "a list of resource statements") else {
            return Vec::new();
        };
        if role == Role::Match {
            self.warn(
                list,
                "AWS documents `ThroughResources` for exclude paths only; read as: the path must pass \
                 through it"
                    .to_owned(),
                None,
            );
        }
        if entries.len() > 1 {
            self.warn(
                list,
                "AWS documents one entry in `ThroughResources`; read as: the path passes through one of \
                 each"
                    .to_owned(),
                Some("to mean any of them, write them into one entry's list".to_owned()),
            );
        }
        entries.iter().filter_map(|entry| self.through_entry(entry)).collect()
    }

    fn through_entry(&mut self, at: &At<'_>) -> Option<ResourceCondition> {
        let problems = self.problems.len();
        let entry = self.object(at, "a through entry", vocabulary::THROUGH)?;
        let Some(statement) = entry.get("ResourceStatement") else {
            if self.problems.len() == problems {
                self.problem(at, "a through entry needs a `ResourceStatement`".to_owned(), None);
            }
            return None;
        };
        self.resource_condition(&statement, Position::Through)
    }
}
