//! Suricata rules: text to rules that can be asked which packets they are about.
//!
//! No ports, no resources: the stateful groups of a Network Firewall are written in this language, and what AWS lets
//! people write in other forms it translates into it. A rule is an action, a header (protocol, addresses, ports,
//! direction) and options; `address`, `ports` and `option` hold what the parts mean.
//!
//! SOURCE: Suricata 7 user guide, "Rules Format" (actions, lists, `!`, `->` and `<>`, ranges of ports, options end with
//! `;`, the characters `;`, `"` and `\` are escaped in values) and "Adding Your Own Rules" (comments, `\` at the end of
//! a line) (checked 2026-11-26).
use self::{address::Addresses, option::Conditions, ports::Ports};

pub(super) mod address;
pub(super) mod option;
pub(super) mod ports;

/// Lists within lists are read up to this depth.
const DEEPEST_LIST: usize = 16;

/// What a rule does with what it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    Pass,
    Drop,
    Reject,
    Alert,
}

impl Action {
    /// SOURCE: Suricata 7 user guide, "Rules Format", "Action"; Network Firewall developer guide, "Limitations and
    /// caveats for stateful rules" (pass, drop, reject and alert only) (checked 2026-11-26).
    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "pass" => Self::Pass,
            "drop" => Self::Drop,
            "reject" | "rejectsrc" | "rejectdst" | "rejectboth" => Self::Reject,
            "alert" => Self::Alert,
            _ => return None,
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Drop => "drop",
            Self::Reject => "reject",
            Self::Alert => "alert",
        }
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    pub(super) action: Action,
    /// In lower case.
    pub(super) protocol: String,
    pub(super) source: Addresses,
    pub(super) source_ports: Ports,
    /// Whether it is about packets either way.
    pub(super) both_directions: bool,
    pub(super) destination: Addresses,
    pub(super) destination_ports: Ports,
    pub(super) conditions: Conditions,
}

/// Something in a line: a rule, or what is wrong with it.
pub(super) type Line = (usize, Result<Rule, String>);

/// The rules of a text, each with the number of the line that it begins in.
pub(super) fn parse(text: &str) -> Vec<Line> {
    let mut found = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        if line.trim_start().starts_with('#') {
            continue;
        }
        let mut whole = line.trim_end().to_owned();
        while let Some(joined) = whole.strip_suffix('\\').map(str::to_owned) {
            whole = joined;
            let Some((next, _)) = lines.next() else { break };
            whole.push(' ');
            whole.push_str(next.trim());
        }
        if !whole.trim().is_empty() {
            found.push((number, rule(whole.trim())));
        }
    }
    found
}

fn rule(line: &str) -> Result<Rule, String> {
    let mut rest = line;
    let mut word = |what: &str| match header_word(rest) {
        Some((word, behind)) => {
            rest = behind;
            Ok(word)
        }
        None => {
            Err(format!("found no {what}, expected `ACTION PROTOCOL SOURCE PORT -> DESTINATION PORT (…)`"))
        }
    };
    let action = word("action")?;
    let action = Action::of(action).ok_or_else(|| format!("action is `{action}`"))?;
    let protocol = word("protocol")?.to_ascii_lowercase();
    let source = Addresses::parse(word("source")?)?;
    let source_ports = Ports::parse(word("source port")?)?;
    let both_directions = match word("direction")? {
        "->" => false,
        "<>" => true,
        other => return Err(format!("direction is `{other}`, expected `->` or `<>`")),
    };
    let destination = Addresses::parse(word("destination")?)?;
    let destination_ports = Ports::parse(word("destination port")?)?;
    let options = rest.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let options = options.ok_or("found no options in parentheses at the end of the rule")?;
    let conditions = Conditions::of(split_options(options)?);
    Ok(Rule {
        action,
        protocol,
        source,
        source_ports,
        both_directions,
        destination,
        destination_ports,
        conditions,
    })
}

/// The first word and what comes behind it. Spaces in a list do not end a word, a parenthesis does.
fn header_word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let mut depth = 0_usize;
    let ends = |letter: char| {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && (letter.is_whitespace() || letter == '(')
    };
    let end = text.find(ends).unwrap_or(text.len());
    let (word, behind) = text.split_at_checked(end)?;
    (!word.is_empty()).then_some((word, behind))
}

/// The items of a list, of which the outermost brackets were taken off.
fn list_items(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let parts = text.split(move |letter: char| {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && letter == ','
    });
    parts.map(str::trim)
}

/// A word that may be negated, and a list or not: how addresses and ports are written.
enum Shape<'t> {
    Not(&'t str),
    List(&'t str),
    Single(&'t str),
}

fn shape(text: &str) -> Result<Shape<'_>, String> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('!') {
        return Ok(Shape::Not(inner));
    }
    match text.strip_prefix('[') {
        Some(inner) => match inner.strip_suffix(']') {
            Some(inner) => Ok(Shape::List(inner)),
            None => Err(format!("found `{text}`, a list without end")),
        },
        None if text.is_empty() => Err("found an empty item in a list".to_owned()),
        None => Ok(Shape::Single(text)),
    }
}

/// Name and value of each option. A `;` ends an option, unless it is escaped or stands in a quoted value.
fn split_options(text: &str) -> Result<Vec<(String, Option<String>)>, String> {
    let mut found = Vec::new();
    let mut current = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for letter in text.chars() {
        if letter == ';' && !quoted && !escaped {
            found.extend(name_and_value(&current));
            current.clear();
            continue;
        }
        if letter == '"' && !escaped {
            // Quotes count around a value only.
            let begins = current.trim_end().ends_with([':', '!']);
            quoted = !quoted && begins;
        }
        escaped = letter == '\\' && !escaped;
        current.push(letter);
    }
    if !current.trim().is_empty() {
        return Err(format!("found `{}`, an option without `;` behind it", current.trim()));
    }
    Ok(found)
}

fn name_and_value(text: &str) -> Option<(String, Option<String>)> {
    let (name, value) = match text.split_once(':') {
        Some((name, value)) => (name, Some(value.trim().to_owned())),
        None => (text, None),
    };
    let name = name.trim().to_ascii_lowercase();
    (!name.is_empty()).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let lines = parse(text).into_iter().map(|(number, rule)| match rule {
            Ok(rule) => {
                let arrow = if rule.both_directions { "<>" } else { "->" };
                format!(
                    "{number}: {} {} {} {} {arrow} {} {} {}",
                    rule.action.name(),
                    rule.protocol,
                    rule.source,
                    rule.source_ports,
                    rule.destination,
                    rule.destination_ports,
                    rule.conditions,
                )
            }
            Err(wrong) => format!("{number}: ! {wrong}"),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn rules_as_people_write_them() {
        let text = r#"
            # a comment; alert tcp any any -> any any (sid:1;)
            alert tcp $HOME_NET any -> $EXTERNAL_NET any (msg:"EX Bot says \"hi\"\; then leaves"; flow:established,to_server; content:"NICK "; pcre:"/^NICK .*;[0-9]{3,}/i"; reference:url,example.com/a; classtype:trojan-activity; sid:2000001; rev:3;)
            drop  tcp [10.0.0.0/8, !10.1.0.0/16] any -> ![192.168.0.0/16,$LOCAL] [80,8000:8080,!8001] (msg:"lists"; sid:2;)
            pass ip any any <> 2001:db8::/32 any(sid:3; priority:2;)
            reject tls $HOME_NET any -> any any \
                (msg:"continued"; \
                tls.sni; content:".ru"; nocase; endswith; flow:to_server; sid:4;)
            drop udp @BAD 1024: -> any !53 (sid:5;)"#;
        insta::assert_snapshot!(read(text), @r#"
        3: alert tcp $HOME_NET any -> $EXTERNAL_NET any sid 2000001, to server, established, payload (content, pcre)
        4: drop tcp [10.0.0.0/8,!10.1.0.0/16] any -> ![192.168.0.0/16,$LOCAL] [80,8000:8080,!8001] sid 2
        5: pass ip any any <> 2001:db8::/32 any sid 3, priority 2
        6: reject tls $HOME_NET any -> any any sid 4, to server, payload (tls.sni, content)
        9: drop udp @BAD 1024: -> any !53 sid 5
        "#);
    }

    #[test]
    fn lines_that_are_no_rules_are_said() {
        let text = "log tcp any any -> any any (sid:1;)\ndrop tcp any any\ndrop tcp any any => any any (sid:1;)\ndrop tcp any any -> any any\ndrop tcp [10.0.0.0/8 any -> any any (sid:1;)\ndrop tcp 10.0.0.0/33 any -> any 70000 (sid:1;)\ndrop tcp any any -> any 90:80 (sid:1;)\ndrop tcp any any -> any any (sid:1)\ndrop tcp any any -> [] any (sid:1;)";
        insta::assert_snapshot!(read(text), @r"
        1: ! action is `log`
        2: ! found no direction, expected `ACTION PROTOCOL SOURCE PORT -> DESTINATION PORT (…)`
        3: ! direction is `=>`, expected `->` or `<>`
        4: ! found no options in parentheses at the end of the rule
        5: ! found `[10.0.0.0/8 any -> any any (sid:1;)`, a list without end
        6: ! found `10.0.0.0/33`, expected an address, a block, a variable or `any`
        7: ! found `90:80`, a range whose end is before its start
        8: ! found `sid:1`, an option without `;` behind it
        9: ! found an empty item in a list
        ");
    }

    #[test]
    fn lists_end_somewhere() {
        let deep = "[".repeat(1_000) + &"]".repeat(1_000);
        let text = format!(
            "drop tcp {deep} any -> any any (sid:1;)\ndrop tcp {}any any -> any {deep} (sid:1;)",
            "!".repeat(1_000)
        );
        insta::assert_snapshot!(read(&text), @r"
        1: ! found lists and negations nested more than 16 deep
        2: ! found lists and negations nested more than 16 deep
        ");
    }
}
