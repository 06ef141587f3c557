//! Whether anything gets by DNS Firewall, for people.

use std::fmt::Write;

use graph::EdgeId;
use headerspace::Family;
use search::Witness;

use super::{
    certification::certification_text,
    dns_bypass::protocol_word,
    hops::{rows_text, short, trace_rows},
    style::{Style, counted, wrapped},
    verify::reasons_text,
};
use crate::{
    Analysis, Certification, DnsBypass, DnsTransport, DnsWay, Filtered, Holds, Reason, Verdict,
    dns::family_word,
};

/// So many reasons are printed for ways that are closed or unknown; `json` has all.
const MOST: usize = 3;

/// The VPCs in their order: whether DNS Firewall sees their queries, a table of transports, and for each way an example or
/// the reasons.
pub fn dns_bypass_text(
    analysis: &Analysis,
    found: &[DnsBypass],
    certification: &Certification,
    style: Style,
) -> String {
    let mut text = String::new();
    for vpc in found {
        text.push_str(&vpc_text(analysis, vpc, style));
        text.push('\n');
    }
    let mut parts = Vec::new();
    for (holds, said, paint) in [
        (Holds::No, "not guarded", Style::bad as fn(Style, &str) -> String),
        (Holds::Unknown, "unknown", Style::doubtful),
        (Holds::Yes, "guarded", Style::good),
    ] {
        let count = found.iter().filter(|it| it.holds() == holds).count();
        if count > 0 {
            parts.push(paint(style, &format!("{count} {said}")));
        }
    }
    let _ = writeln!(text, "{}: {}", counted(found.len(), "VPC"), parts.join(", "));
    text.push_str(&certification_text(certification, style));
    text
}

fn vpc_text(analysis: &Analysis, found: &DnsBypass, style: Style) -> String {
    let reaches = found.ways.iter().any(|way| way.answered.verdict == Verdict::Reachable);
    let said = match found.holds() {
        Holds::Yes => style.good("nothing gets by DNS Firewall"),
        Holds::No if reaches => style.bad("DNS Firewall can be bypassed"),
        Holds::No => style.bad("DNS Firewall does not see its queries"),
        Holds::Unknown => style.doubtful("whether DNS Firewall can be bypassed is unknown"),
    };
    let mut text = format!("{}: {said}\n", style.bold(&found.vpc));
    let seen = match &found.filtered {
        Filtered::Yes => "DNS Firewall sees what the VPC's resolver is asked.".to_owned(),
        Filtered::No(why) if reaches => format!("It does not see what the resolver is asked either: {why}."),
        Filtered::No(why) => format!("{why}."),
        Filtered::Perhaps(why) => format!("It may not see what the VPC's resolver is asked: {why}."),
    };
    text.push_str(&wrapped(&seen, 2, 2));
    text.push_str(&reasons_text(&found.notes, 2, style));
    text.push('\n');
    text.push_str(&table_text(found, style));
    let mut shown: Vec<(Vec<EdgeId>, &Witness, Vec<&DnsWay>)> = Vec::new();
    let mut said: Vec<(Verdict, &[Reason], Vec<&DnsWay>)> = Vec::new();
    for way in &found.ways {
        let answered = &way.answered;
        match answered.witness.as_deref() {
            Some(witness) if answered.verdict == Verdict::Reachable => {
                let edges: Vec<EdgeId> = witness.forward.hops.iter().map(|hop| hop.edge).collect();
                match shown.iter_mut().find(|(known, ..)| *known == edges) {
                    Some((.., ways)) => ways.push(way),
                    None => shown.push((edges, witness, vec![way])),
                }
            }
            _ => {
                let key = (answered.verdict, answered.reasons.as_slice());
                match said.iter_mut().find(|(verdict, reasons, _)| (*verdict, *reasons) == key) {
                    Some((.., ways)) => ways.push(way),
                    None => said.push((key.0, key.1, vec![way])),
                }
            }
        }
    }
    for (_, witness, ways) in &shown {
        text.push('\n');
        text.push_str(&example_text(analysis, witness, ways, style));
    }
    for verdict in [Verdict::Unknown, Verdict::Unreachable] {
        for (_, reasons, ways) in said.iter().filter(|(said, ..)| *said == verdict) {
            let lead = if verdict == Verdict::Unknown { "unknown" } else { "what keeps it back" };
            text.push('\n');
            text.push_str(&wrapped(&format!("{}: {lead}", names(ways)), 2, 4));
            text.push_str(&reasons_text(reasons.get(..MOST).unwrap_or(reasons), 4, style));
            if let Some(more) = reasons.len().checked_sub(MOST).filter(|more| *more > 0) {
                let _ = writeln!(text, "    and {more} more; `json` has all");
            }
        }
    }
    text
}

fn table_text(found: &DnsBypass, style: Style) -> String {
    const FIRST: usize = 28;
    const SECOND: usize = 29;
    let mut text = format!("  {:<FIRST$}{:<SECOND$}IPv6\n", "", "IPv4");
    for transport in DnsTransport::ALL {
        let kind = format!("{}, {} {}", transport.words(), protocol_word(transport), transport.port());
        let _ = write!(text, "  {kind:<FIRST$}");
        for family in [Family::V4, Family::V6] {
            let way = found.ways.iter().find(|way| way.transport == transport && way.family == family);
            let Some(way) = way else { continue };
            let (plain, painted) = cell(way, style);
            text.push_str(&painted);
            if family == Family::V4 {
                text.push_str(&" ".repeat(SECOND.saturating_sub(plain.len())));
            }
        }
        text.push('\n');
    }
    text
}

/// What is said of a way, without and with colour.
fn cell(way: &DnsWay, style: Style) -> (String, String) {
    let word = way.answered.verdict.name();
    match way.answered.verdict {
        Verdict::Reachable => {
            let plain = format!("{word}, {}", counted(way.interfaces, "interface"));
            let painted = style.bad(&plain);
            (plain, painted)
        }
        Verdict::Unreachable => (word.to_owned(), style.good(word)),
        Verdict::Unknown => (word.to_owned(), style.doubtful(word)),
    }
}

/// `DNS over UDP and TCP (IPv4), DNS over TLS (IPv4 and IPv6)`, as short as it can be said.
fn names(ways: &[&DnsWay]) -> String {
    let of = |family: Family| -> Vec<DnsTransport> {
        ways.iter().filter(|way| way.family == family).map(|way| way.transport).collect()
    };
    let (v4, v6) = (of(Family::V4), of(Family::V6));
    let parts: Vec<String> = if v4 == v6 {
        vec![format!("{}, IPv4 and IPv6", joined(&v4))]
    } else {
        let families = [(Family::V4, v4), (Family::V6, v6)];
        let there = families.iter().filter(|(_, transports)| !transports.is_empty());
        there.map(|(family, them)| format!("{}, {}", joined(them), family_word(*family))).collect()
    };
    parts.join("; ")
}

fn joined(transports: &[DnsTransport]) -> String {
    if transports.len() == DnsTransport::ALL.len() {
        return "All of them".to_owned();
    }
    let bare = |transport: &DnsTransport| transport.words().trim_start_matches("DNS over ").to_owned();
    let names: Vec<String> = transports.iter().map(bare).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!("DNS over {one}"),
        [most @ .., last] => format!("DNS over {} and {last}", most.join(", ")),
    }
}

fn example_text(analysis: &Analysis, witness: &Witness, ways: &[&DnsWay], style: Style) -> String {
    let graph = analysis.graph();
    let id = |node| graph.node(node).resource.map_or("", |id| short(&graph.resource(id).id));
    let (from, to) = (id(witness.forward.start), id(witness.forward.end));
    let lead = format!("{}: from {} to {}", names(ways), style.bold(from), style.bold(to));
    let mut text = wrapped(&lead, 2, 4);
    text.push_str(&wrapped(&witness.forward.packet.to_string(), 4, 6));
    text.push_str(&rows_text(&trace_rows(analysis, &witness.forward), 4, style));
    text
}
