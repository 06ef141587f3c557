//! Answers of Network Firewall in two parts: what a thing is called, and what it says.
//!
//! `describe-rule-group` and `describe-firewall-policy` tell the ARN in one member and the content in another, which
//! belong together because they stand in one document. Collectors also write lists of such answers.
//!
//! SOURCE: Network Firewall API reference, DescribeFirewallPolicy and DescribeRuleGroup (checked 2026-11-26).
use graph::Origin;
use serde::de::DeserializeOwned;

use crate::{
    Diagnostic, Place,
    inventory::Reading,
    snapshot::{Document, Element},
};

/// Both parts of an answer.
#[derive(Debug)]
pub(in crate::resource) struct Pair<R, T> {
    pub(in crate::resource) arn: String,
    pub(in crate::resource) place: Place,
    /// Where the content is written.
    pub(in crate::resource) origin: Origin,
    pub(in crate::resource) response: Option<R>,
    /// Or why it is not known.
    pub(in crate::resource) value: Result<T, String>,
}

/// Reads the answers whose parts are called `response` and `content`, alone or in lists called `list`. If there is no
/// response, a member `subject.0` or the file's name tells the ARN.
pub(in crate::resource) fn pairs<R: DeserializeOwned, T: DeserializeOwned>(
    reading: &mut Reading<'_>,
    [response, content, list]: [&str; 3],
    (parameter, kinds): (&str, &[&str]),
    arn_of: impl Fn(&R) -> Option<String>,
) -> Vec<Pair<R, T>> {
    let mut found = Vec::new();
    for (index, document) in reading.documents() {
        let only = |key: &str| {
            let table = document.tables.iter().find(|table| table.key == key);
            table.and_then(|table| table.elements.first())
        };
        let (first, second) = (only(response), only(content));
        if let Some(at) = second.or(first) {
            let named = first.and_then(|element| reading.parse::<R>(index, document, element));
            let named = named.map(|(named, _)| named);
            let arn = named.as_ref().and_then(&arn_of).or_else(|| document.subject(parameter, kinds));
            let read = second.map(|element| reading.parse::<T>(index, document, element));
            if let Some(arn) = arn {
                let value = match read {
                    Some(Some((value, _))) => Ok(value),
                    Some(None) => Err(format!("`{arn}` cannot be read")),
                    None => Err(format!("the content of `{arn}` is not in the snapshot")),
                };
                let place = place_of(&arn, reading, document);
                let origin = origin(index, at, "");
                found.push(Pair { arn, place, origin, response: named, value });
            } else {
                let location = reading.snapshot.locate(index, at.offset, "");
                let message = format!("this `{content}` does not say its ARN");
                let help = format!("export `{response}` too, or add a top-level member `{parameter}`");
                reading
                    .diagnostics
                    .push(Diagnostic::warning("no-subject", Some(location), message).with_help(help));
            }
        }
        let lists = document.tables.iter().filter(|table| table.key == list);
        for element in lists.flat_map(|table| &table.elements) {
            // A plain list names things and says nothing about them.
            let Ok(mut parts) =
                serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(document.raw(element))
            else {
                continue;
            };
            let (Some(named), Some(value)) = (parts.remove(response), parts.remove(content)) else {
                continue;
            };
            let Ok(named) = serde_json::from_value::<R>(named) else { continue };
            let Some(arn) = arn_of(&named) else { continue };
            let value = serde_json::from_value::<T>(value).map_err(|error| {
                let location = reading.snapshot.locate(index, element.offset, "");
                let remark = Diagnostic::error("bad-record", Some(location), error.to_string());
                reading.diagnostics.push(remark);
                format!("`{arn}` cannot be read")
            });
            let place = place_of(&arn, reading, document);
            let origin = origin(index, element, &format!("/{content}"));
            found.push(Pair { arn, place, origin, response: Some(named), value });
        }
    }
    found
}

fn origin(document: u32, element: &Element, pointer: &str) -> Origin {
    Origin { document, offset: element.offset, record: element.pointer.clone(), pointer: pointer.to_owned() }
}

/// Account and Region of an ARN, else of the document.
fn place_of(arn: &str, reading: &Reading<'_>, document: &Document) -> Place {
    let own = place(arn);
    if own.account.is_empty() || own.region.is_empty() { reading.place_of(document) } else { own }
}

/// Account and Region of an ARN; empty where it has none.
pub(in crate::resource) fn place(arn: &str) -> Place {
    let mut fields = arn.split(':').skip(3).map(str::to_owned);
    Place { region: fields.next().unwrap_or_default(), account: fields.next().unwrap_or_default() }
}
