//! The file of exclusions of AWS's sample that runs Network Access Analyzer over several accounts.
//!
//! SOURCE: aws-samples/network-access-analyzer-multi-account-analysis, README, "Exclusions": a line
//! `resource_id,secgroup_id,sgrule_cidr,sgrule_portrange,sgrule_protocol`, such as
//! `eni-…,sg-…,0.0.0.0/0,80 to 80,tcp`; older files lack the protocol (read 2026-11-27).
//! GAP: how the sample writes a rule for all ports is not documented; `all`, `-1`, `0 to 65535` and nothing are taken so.

use super::suppression::{GroupRule, Suppression, Suppressions};

/// Why a file of exclusions cannot be used; a line for each problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", problems.join("\n"))]
pub struct ExclusionsError {
    problems: Vec<String>,
}

/// Reads such a file: each line becomes a suppression without an end.
pub fn read_exclusions(file: &str, text: &str) -> Result<Suppressions, ExclusionsError> {
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() || line.starts_with("resource_id,") {
            continue;
        }
        let place = format!("{file}:{}", index + 1);
        match entry(line, &place) {
            Ok(entry) => entries.push(entry),
            Err(problem) => problems.push(format!("{place}: {problem}")),
        }
    }
    if problems.is_empty() { Ok(Suppressions { entries }) } else { Err(ExclusionsError { problems }) }
}

fn entry(line: &str, place: &str) -> Result<Suppression, String> {
    let cells: Vec<&str> = line.split(',').map(|cell| cell.trim().trim_matches('"').trim()).collect();
    let (resource, group, cidr, ports, protocol) = match cells.as_slice() {
        [resource, group, cidr, ports] => (*resource, *group, *cidr, *ports, None),
        [resource, group, cidr, ports, protocol] => (*resource, *group, *cidr, *ports, Some(*protocol)),
        cells => {
            return Err(format!(
                "expected `resource_id,secgroup_id,sgrule_cidr,sgrule_portrange,sgrule_protocol`, found {} values",
                cells.len()
            ));
        }
    };
    for (name, value) in [("resource_id", resource), ("secgroup_id", group), ("sgrule_cidr", cidr)] {
        if value.is_empty() {
            return Err(format!("`{name}` is empty"));
        }
    }
    let protocol = protocol.map(|protocol| if protocol == "-1" { "all" } else { protocol });
    let rule = GroupRule {
        group: group.to_owned(),
        cidr: cidr.to_owned(),
        ports: port_range(ports)?,
        protocol: protocol.map(str::to_owned),
    };
    let reason = "listed in the exclusions of AWS's sample".to_owned();
    Ok(Suppression::of_group_rule(resource.to_owned(), rule, reason, place.to_owned(), place.to_owned()))
}

/// `80 to 80`, `80-81`, `80`; `None` for all.
fn port_range(text: &str) -> Result<Option<(u16, u16)>, String> {
    if matches!(text, "" | "all" | "-1" | "-1 to -1") {
        return Ok(None);
    }
    let (first, last) = text.split_once(" to ").or_else(|| text.split_once('-')).unwrap_or((text, text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(0), Ok(u16::MAX)) => Ok(None),
        (Ok(first), Ok(last)) if first <= last => Ok(Some((first, last))),
        _ => Err(format!("`{text}` is no range of ports such as `80 to 80`")),
    }
}
