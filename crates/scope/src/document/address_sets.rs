//! Named address sets, which a scope may use where AWS takes addresses: `"SourceAddresses": ["@corporate"]`.
use std::collections::BTreeMap;

use ipnet::IpNet;

use super::reader::{At, Reader, listed};
use super::remark::quoted;
use super::vocabulary::suggestion;

/// Blocks of addresses by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressSets(BTreeMap<String, Vec<IpNet>>);

impl AddressSets {
    /// No sets at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a set, in place of the one of that name. `name` is without `@`; host bits of the blocks do not count.
    pub fn insert(&mut self, name: impl Into<String>, blocks: impl IntoIterator<Item = IpNet>) {
        self.0.insert(name.into(), blocks.into_iter().map(|block| block.trunc()).collect());
    }

    /// The blocks of a set, in the order given.
    pub fn get(&self, name: &str) -> Option<&[IpNet]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// The names of all sets, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl<N: Into<String>, B: IntoIterator<Item = IpNet>> FromIterator<(N, B)> for AddressSets {
    fn from_iter<T: IntoIterator<Item = (N, B)>>(sets: T) -> Self {
        let mut all = Self::new();
        for (name, blocks) in sets {
            all.insert(name, blocks);
        }
        all
    }
}

impl Reader {
    /// The blocks of the set of this name, which is without `@`.
    pub(super) fn address_set(&mut self, at: &At<'_>, name: &str) -> Option<Vec<IpNet>> {
        self.extension(at, format!("{} is a named address set", quoted(&format!("@{name}"))));
        let known: Vec<&str> = self.sets.names().collect();
        match self.sets.get(name) {
            Some([]) => {
                let message = format!("the address set {} is empty", quoted(name));
                self.problem(at, message, Some("give it an address, or leave the condition out".to_owned()));
                None
            }
            Some(blocks) => Some(blocks.to_vec()),
            None => {
                let help = match suggestion(name, &known) {
                    Some(meant) => format!("did you mean `@{meant}`?"),
                    None if known.is_empty() => "no address sets are given".to_owned(),
                    None => format!("the address sets are {}", listed(&known, "and")),
                };
                let message = format!("there is no address set {}", quoted(name));
                self.problem(at, message, Some(help));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AddressSets;
    use crate::document::{
        ScopeDocument, ScopeError, describe, normalized_text, read_scopes, read_scopes_with,
    };

    fn read(address: &str) -> Result<Vec<ScopeDocument>, ScopeError> {
        let sets: AddressSets = [
            ("corporate", vec!["192.0.2.7/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()]),
            ("cdn", vec!["198.51.100.0/24".parse().unwrap()]),
            ("nobody", vec![]),
        ]
        .into_iter()
        .collect();
        let scope = format!(
            r#"{{"MatchPaths":[{{"Source":{{"PacketHeaderStatement":{{"SourceAddresses":[{address}]}}}}}}]}}"#
        );
        read_scopes_with(&sets, "s.json", &scope)
    }

    fn refused(address: &str) -> String {
        read(address).unwrap_err().to_string()
    }

    #[test]
    fn a_set_stands_for_its_blocks_of_both_families() {
        let scope = read(r#""@corporate", "203.0.113.9""#).unwrap().remove(0);
        insta::assert_snapshot!(describe(&scope), @"paths sent with source address 192.0.2.0/24, 2001:db8::/32 or 203.0.113.9");
        assert_eq!(scope.warnings, []);
        insta::assert_snapshot!(scope.extensions[0].to_text("s.json"), @"s.json#/MatchPaths/0/Source/PacketHeaderStatement/SourceAddresses/0 (line 1): `@corporate` is a named address set");
        let again = read_scopes("s.json", &normalized_text(&scope)).unwrap().remove(0);
        assert!(again.asks_the_same_as(&scope), "what is printed holds the blocks");
        let left: Vec<&str> = again.extensions.iter().map(|noted| noted.message.as_str()).collect();
        assert_eq!(left, ["`2001:db8::/32` is IPv6"], "and no name of a set");
    }

    #[test]
    fn unknown_and_empty_sets_are_refused_where_they_stand() {
        insta::assert_snapshot!(refused(r#""10.0.0.0/8", "@corporat""#), @r"
        s.json#/MatchPaths/0/Source/PacketHeaderStatement/SourceAddresses/1 (line 1): there is no address set `corporat`
          help: did you mean `@corporate`?
        ");
        insta::assert_snapshot!(refused(r#""@office""#), @r"
        s.json#/MatchPaths/0/Source/PacketHeaderStatement/SourceAddresses/0 (line 1): there is no address set `office`
          help: the address sets are `cdn`, `corporate` and `nobody`
        ");
        insta::assert_snapshot!(refused(r#""@nobody""#), @r"
        s.json#/MatchPaths/0/Source/PacketHeaderStatement/SourceAddresses/0 (line 1): the address set `nobody` is empty
          help: give it an address, or leave the condition out
        ");
    }

    #[test]
    fn without_sets_every_name_is_refused() {
        let scope =
            r#"{"MatchPaths":[{"Destination":{"PacketHeaderStatement":{"DestinationAddresses":["@cdn"]}}}]}"#;
        insta::assert_snapshot!(read_scopes("s.json", scope).unwrap_err().to_string(), @r"
        s.json#/MatchPaths/0/Destination/PacketHeaderStatement/DestinationAddresses/0 (line 1): there is no address set `cdn`
          help: no address sets are given
        ");
    }
}
