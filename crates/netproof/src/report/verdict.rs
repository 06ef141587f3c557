//! What came out of scopes, in one word and in numbers.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::AskedScope;

/// What came out of a scope, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeVerdict {
    /// There is no such path.
    Clean,
    /// No such path was found, but the snapshot does not tell everything that it depends on.
    Unknown,
    /// There are such paths.
    Findings,
}

impl ScopeVerdict {
    /// The word used in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Unknown => "unknown",
            Self::Findings => "findings",
        }
    }
}

impl fmt::Display for ScopeVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl AskedScope {
    /// What came out, in one word. A list that was cut off is never clean.
    pub fn verdict(&self) -> ScopeVerdict {
        if !self.result.findings.is_empty() {
            ScopeVerdict::Findings
        } else if !self.result.unknowns.is_empty() || self.result.truncated {
            ScopeVerdict::Unknown
        } else {
            ScopeVerdict::Clean
        }
    }
}

/// Numbers over all scopes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Totals {
    /// How many scopes were asked.
    pub scopes: usize,
    /// Findings of all scopes.
    pub findings: usize,
    /// Scopes with the verdict `findings`.
    pub with_findings: usize,
    /// Scopes with the verdict `clean`.
    pub clean: usize,
    /// Scopes with the verdict `unknown`.
    pub unknown: usize,
    /// Scopes that have more findings than are listed.
    pub truncated: usize,
}

impl Totals {
    /// The numbers over these scopes.
    pub fn of(asked: &[AskedScope]) -> Self {
        let with = |verdict| asked.iter().filter(|asked| asked.verdict() == verdict).count();
        Self {
            scopes: asked.len(),
            findings: asked.iter().map(|asked| asked.result.findings.len()).sum(),
            with_findings: with(ScopeVerdict::Findings),
            clean: with(ScopeVerdict::Clean),
            unknown: with(ScopeVerdict::Unknown),
            truncated: asked.iter().filter(|asked| asked.result.truncated).count(),
        }
    }

    /// The verdict over all scopes: findings if any has some, else unknown if any is unknown.
    pub fn verdict(&self) -> ScopeVerdict {
        if self.with_findings > 0 {
            ScopeVerdict::Findings
        } else if self.unknown > 0 {
            ScopeVerdict::Unknown
        } else {
            ScopeVerdict::Clean
        }
    }
}

#[cfg(test)]
mod tests {
    use scope::ScopeResult;

    use super::*;
    use crate::read_scopes;

    fn asked(result: ScopeResult) -> AskedScope {
        let text = r#"{"MatchPaths": [{"Source": {"ResourceStatement": {"Resources": ["eni-1"]}}}]}"#;
        let scope = read_scopes("scope.json", text).unwrap().remove(0);
        AskedScope { scope, result, closed: None, distances: None }
    }

    #[test]
    fn nothing_found_is_clean_only_if_all_was_looked_at() {
        let unknown = scope::Unknown { what: "something".to_owned(), cause: None, doubt: None };
        let results = [
            ScopeResult::default(),
            ScopeResult { unknowns: vec![unknown], ..ScopeResult::default() },
            ScopeResult { truncated: true, ..ScopeResult::default() },
        ];
        let asked: Vec<AskedScope> = results.into_iter().map(asked).collect();
        let verdicts: Vec<&str> = asked.iter().map(|asked| asked.verdict().name()).collect();
        assert_eq!(verdicts, ["clean", "unknown", "unknown"]);
        assert_eq!(Totals::of(&asked).verdict(), ScopeVerdict::Unknown);
        assert_eq!(Totals::of(&asked[..1]).verdict(), ScopeVerdict::Clean);
    }
}
