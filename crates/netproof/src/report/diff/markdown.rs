//! The difference for a comment on a change.

use std::fmt::Write;

use super::{
    Group, NO_CAUSE, NO_CAUSE_OF_SCOPE, Said, Snapshots, TRUNCATED, Written, groups, headline, packets,
    remarks, sign,
};
use crate::{
    Analysis,
    diff::{Change, Compared, Difference},
    report::{style::counted, verdict::ScopeVerdict, words::Words},
};

/// So many pairs of ends are listed for each cause; `json` has all.
const PAIRS: usize = 10;

/// So many sets of packets are listed for each pair.
const SETS: usize = 4;

/// The difference as Markdown, for a comment on a pull request.
pub fn difference_markdown(old: &Analysis, new: &Analysis, compared: &Compared) -> String {
    let snapshots = Snapshots { old, new };
    let words = Words::new();
    let mut text = String::from("## Reachability\n\n");
    match compared {
        Compared::Network(difference) => {
            let _ = writeln!(text, "{}", head(difference));
            text.push_str(&part(snapshots, &words, difference, NO_CAUSE));
        }
        Compared::Scopes(scopes) => {
            for (at, scope) in scopes.iter().enumerate() {
                if at > 0 {
                    text.push('\n');
                }
                let [before, now] = scope.verdicts().map(ScopeVerdict::name);
                let verdicts =
                    if before == now { format!("still {now}") } else { format!("was {before}, is {now}") };
                let name = plain(&scope.new.scope.name);
                let _ = writeln!(text, "**{name}** ({verdicts}): {}", head(&scope.difference));
                text.push_str(&part(snapshots, &words, &scope.difference, NO_CAUSE_OF_SCOPE));
            }
        }
    }
    cut(text)
}

/// The longest comment that GitHub takes has 65,536 characters; this many bytes leave room for what is put around it.
///
/// SOURCE: GitHub documentation, REST API, "body is too long (maximum is 65536 characters)" (checked 2026-11-27).
const ROOM: usize = 60_000;

/// The lines for which there is room. No line needs the next to be ended.
fn cut(text: String) -> String {
    let Some((at, _)) =
        text.char_indices().take_while(|(at, _)| *at <= ROOM).filter(|(_, it)| *it == '\n').last()
    else {
        return text;
    };
    match text.get(..=at) {
        Some(kept) if text.len() > ROOM => format!("{kept}\n… cut off; other formats have all.\n"),
        _ => text,
    }
}

fn head(difference: &Difference) -> String {
    let (verdict, counts) = headline(difference);
    let mark = match difference.verdict() {
        Change::Opened => "🔴",
        Change::Unknown => "🟡",
        Change::NothingOpened => "🟢",
    };
    format!("{mark} **{verdict}**: {counts}")
}

fn part(snapshots: Snapshots<'_>, words: &Words, difference: &Difference, uncaused: &str) -> String {
    let mut text = String::new();
    for group in groups(difference) {
        text.push('\n');
        text.push_str(&group_text(snapshots, words, &group, uncaused));
    }
    if difference.truncated {
        let _ = writeln!(text, "\n**{TRUNCATED}**");
    }
    if !difference.unknowns.is_empty() {
        text.push_str("\n**Not known**\n\n");
        for unknown in &difference.unknowns {
            let (what, written) = snapshots.unknown(unknown);
            let _ = writeln!(text, "- {}{}", prose(&what), places(&written));
        }
    }
    text
}

fn places(written: &[Written]) -> String {
    let place =
        |(side, place): &Written| format!("{side} {}", code(&format!("{}:{}", place.file, place.line)));
    let places: Vec<String> = written.iter().map(place).collect();
    if places.is_empty() { String::new() } else { format!(" — {}", places.join(", ")) }
}

fn group_text(snapshots: Snapshots<'_>, words: &Words, group: &Group<'_>, uncaused: &str) -> String {
    let mut text = String::new();
    if group.edits.is_empty() {
        let _ = writeln!(text, "**{uncaused}**");
    }
    for (at, edit) in group.edits.iter().enumerate() {
        let Said { kind, text: what, more, written } = snapshots.edit(edit);
        let end = if at + 1 < group.edits.len() { "  " } else { "" };
        let more = more.map_or(String::new(), |more| format!(", {}", plain(&more)));
        let _ = writeln!(text, "**{kind}** {}{more}{}{end}", code(&what), places(&written));
    }
    text.push('\n');
    for (pair, portions) in group.pairs.iter().take(PAIRS) {
        let ends = [&pair.source, &pair.destination].map(|key| plain(&snapshots.end(key)));
        let _ = writeln!(text, "- **{}** {}", pair.kind.name(), ends.join(" → "));
        for portion in portions {
            let (sets, more) = packets(words, portion, SETS);
            let remarks = remarks(portion);
            let remarks = if remarks.is_empty() { remarks } else { format!(" ({remarks})") };
            for (at, set) in sets.iter().enumerate() {
                let remarks = if at + 1 == sets.len() { remarks.as_str() } else { "" };
                let _ = writeln!(text, "  - {}{remarks}", code(&format!("{} {set}", sign(portion))));
            }
            if more > 0 {
                let _ = writeln!(text, "  - … and {} more", counted(more, "set"));
            }
        }
    }
    if group.pairs.len() > PAIRS {
        let _ = writeln!(text, "- … and {} more", counted(group.pairs.len() - PAIRS, "path"));
    }
    text
}

/// Text in which nothing has a meaning to Markdown, nor to GitHub: no mention, no number of an issue, no link.
///
/// GitHub looks for mentions, issues and addresses in what has been rendered, where an escape is gone: a word joiner, which
/// nobody sees, keeps their parts apart.
///
/// SOURCE: GitHub Flavored Markdown, "Backslash escapes", "Autolinks (extension)"; GitHub documentation, "Autolinked
/// references and URLs", "Writing mathematical expressions" (checked 2026-11-27).
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).peekable();
    let mut number = true;
    while let Some(letter) = rest.next() {
        let special = matches!(
            letter,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '@' | '&' | '~' | '$'
        );
        // What would begin a list or underline a heading.
        let begins = out.is_empty() && matches!(letter, '-' | '+' | '=');
        let numbers = number && !out.is_empty() && matches!(letter, '.' | ')');
        number &= letter.is_ascii_digit();
        if special || begins || numbers {
            out.push('\\');
        }
        out.push(letter);
        let joined = match letter {
            '@' | '#' => rest.peek().is_some_and(|next| next.is_alphanumeric()),
            ':' => rest.peek() == Some(&'/'),
            'w' | 'W' => rest.peek() == Some(&'.'),
            _ => false,
        };
        if joined {
            out.push('\u{2060}');
        }
    }
    out
}

/// Our own words, in which names stand in backticks.
pub(crate) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(text);
    }
    let part = |(at, part): (usize, &&str)| if at.is_multiple_of(2) { plain(part) } else { code(part) };
    parts.iter().enumerate().map(part).collect()
}

/// Text as code, whatever is in it.
pub(crate) fn code(text: &str) -> String {
    let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let gap = if longest > 0 { " " } else { "" };
    format!("{fence}{gap}{text}{gap}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_github_does_not_take_is_cut_between_lines() {
        let line = format!("- {}\n", "é".repeat(1000));
        let short = line.repeat(20);
        assert_eq!(cut(short.clone()), short);
        let long = cut(line.repeat(40));
        assert_eq!(long, format!("{}\n… cut off; other formats have all.\n", line.repeat(29)));
    }

    #[test]
    fn names_cannot_break_out() {
        assert_eq!(plain("web*[x](y)\n# z"), r"web\*\[x\](y) \# z");
        assert_eq!(
            plain("@us #12 a@b.c www.a.b https://a"),
            "\\@\u{2060}us \\#\u{2060}12 a\\@\u{2060}b.c www\u{2060}.a.b https:\u{2060}//a"
        );
        assert_eq!(plain("&lt; ~~a~~ $x$ 10.0.0.1"), r"\&lt; \~\~a\~\~ \$x\$ 10.0.0.1");
        assert_eq!([plain("- a"), plain("1. a"), plain("=")], [r"\- a", r"1\. a", r"\="]);
        assert_eq!(code("a `b` c"), "`` a `b` c ``");
        assert_eq!(code("plain"), "`plain`");
        assert_eq!(prose("the table of `a_b` is_not"), r"the table of `a_b` is\_not");
        assert_eq!(prose("a ` b"), r"a \` b");
    }
}
