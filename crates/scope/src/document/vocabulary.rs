//! The member names of the scope grammar, and guesses at what a misspelt word was meant to be.
//!
//! SOURCE: EC2 API reference and service model (botocore 1.44.5), `CreateNetworkInsightsAccessScope` and
//! the shapes it uses; CloudFormation `AWS::EC2::NetworkInsightsAccessScope` (checked 2026-11-23).

/// What the tag `Severity` may say; AWS reads nothing into it.
pub(super) const SEVERITIES: &[&str] = &["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"];

pub(super) const PATH: &[&str] = &["Source", "Destination", "ThroughResources", "Differ"];
pub(super) const STATEMENT: &[&str] = &["PacketHeaderStatement", "ResourceStatement"];
pub(super) const THROUGH: &[&str] = &["ResourceStatement"];
pub(super) const RESOURCES: &[&str] = &["Resources", "ResourceTypes", "TagFilters", "WebAcls"];
pub(super) const HEADER: &[&str] = &[
    "SourceAddresses",
    "DestinationAddresses",
    "SourcePorts",
    "DestinationPorts",
    "SourcePrefixLists",
    "DestinationPrefixLists",
    "Protocols",
];
pub(super) const REQUEST: &[&str] = &[
    "MatchPaths",
    "ExcludePaths",
    "ClientToken",
    "TagSpecifications",
    "DryRun",
    "NetworkInsightsAccessScopeId",
];
pub(super) const CONTENT: &[&str] = &["NetworkInsightsAccessScopeId", "MatchPaths", "ExcludePaths"];
pub(super) const ANSWER: &[&str] =
    &["NetworkInsightsAccessScope", "NetworkInsightsAccessScopeContent", "ResponseMetadata"];
pub(super) const CREATED: &[&str] =
    &["NetworkInsightsAccessScopeId", "NetworkInsightsAccessScopeArn", "CreatedDate", "UpdatedDate", "Tags"];
pub(super) const PROPERTIES: &[&str] = &["MatchPaths", "ExcludePaths", "Tags"];
pub(super) const TAG_FILTER: &[&str] = &["Key", "Values"];
pub(super) const TAG: &[&str] = &["Key", "Value"];
pub(super) const TAG_SPECIFICATION: &[&str] = &["ResourceType", "Tags"];

/// Where each member is at home, for members that stand in the wrong object.
const HOMES: &[(&[&str], &str)] = &[
    (HEADER, "`PacketHeaderStatement`"),
    (RESOURCES, "`ResourceStatement`"),
    (STATEMENT, "`Source` or `Destination`"),
    (PATH, "an entry of `MatchPaths` or `ExcludePaths`"),
    (&["Tags"], "`TagSpecifications`"),
];

/// Words seen in write-ups that are too far from the right one to be found by spelling.
const ALIASES: &[(&str, &str)] = &[
    ("ResourceCondition", "ResourceStatement"),
    ("PacketHeader", "PacketHeaderStatement"),
    ("Header", "PacketHeaderStatement"),
    ("Through", "ThroughResources"),
    ("DestinationPortRanges", "DestinationPorts"),
    ("SourcePortRanges", "SourcePorts"),
    ("DestinationCidrs", "DestinationAddresses"),
    ("SourceCidrs", "SourceAddresses"),
];

/// Returns the candidate that the word was probably meant to be.
///
/// Spellings that differ in letter case, separators or number (`match_path`, and the `matchPathSet` of
/// the EC2 query protocol) always count; otherwise a few letters may differ.
pub(super) fn suggestion<'c>(word: &str, candidates: &[&'c str]) -> Option<&'c str> {
    let meant = ALIASES.iter().find(|(alias, _)| stem(alias) == stem(word)).map_or(word, |(_, name)| *name);
    candidates
        .iter()
        .map(|&candidate| (distance(&stem(meant), &stem(candidate)), candidate))
        .min_by_key(|&(distance, _)| distance)
        .filter(|&(distance, candidate)| distance == 0 || distance <= 2.min(candidate.len() / 3))
        .map(|(_, candidate)| candidate)
}

/// Returns the member that the word is or was meant to be, and the object it belongs into.
pub(super) fn whereabouts(word: &str) -> Option<(&'static str, &'static str)> {
    at_home(word)
        .or_else(|| HOMES.iter().find_map(|(members, home)| Some((suggestion(word, members)?, *home))))
}

/// Returns [`whereabouts`] if the word is spelt as it should be.
pub(super) fn at_home(word: &str) -> Option<(&'static str, &'static str)> {
    HOMES.iter().find_map(|(members, home)| {
        members.iter().find(|&&member| member == word).map(|&member| (member, *home))
    })
}

/// Returns what is left of a word without letter case, separators and plural or set endings.
fn stem(word: &str) -> String {
    let plain: String =
        word.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    let plain = plain.strip_suffix("set").unwrap_or(&plain);
    let plain = if plain.ends_with("sses") { plain.strip_suffix("es").unwrap_or(plain) } else { plain };
    plain.trim_end_matches('s').to_owned()
}

/// Returns how many letters must be added, removed or replaced to turn one word into the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (line, a) in one.chars().enumerate() {
        let mut left = line + 1;
        let mut next = vec![left];
        for (b, pair) in other.chars().zip(row.windows(2)) {
            let (diagonal, above) = match pair {
                [diagonal, above] => (*diagonal, *above),
                _ => continue,
            };
            left = (diagonal + usize::from(a != b)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_spellings_of_a_member_are_recognised() {
        for word in [
            "destinationPorts",
            "DestinationPort",
            "destination_ports",
            "destinationPortSet",
            "DestinatonPorts",
        ] {
            assert_eq!(suggestion(word, HEADER), Some("DestinationPorts"), "{word}");
        }
        for word in ["SourceAddress", "sourceAddressSet", "SourceCidrs"] {
            assert_eq!(suggestion(word, HEADER), Some("SourceAddresses"), "{word}");
        }
        assert_eq!(suggestion("ResourceCondition", STATEMENT), Some("ResourceStatement"));
        assert_eq!(suggestion("Colour", HEADER), None);
        assert_eq!(suggestion("", HEADER), None);
    }

    #[test]
    fn members_in_the_wrong_object_are_sent_home() {
        assert_eq!(whereabouts("DestinationPorts"), Some(("DestinationPorts", "`PacketHeaderStatement`")));
        assert_eq!(whereabouts("Source"), Some(("Source", "an entry of `MatchPaths` or `ExcludePaths`")));
        assert_eq!(whereabouts("Colour"), None);
    }
}
