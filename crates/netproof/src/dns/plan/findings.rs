//! Findings of GuardDuty about DNS names, in the forms in which people get them.
//!
//! | form | what |
//! |---|---|
//! | GuardDuty's own | one finding, as EventBridge carries it (`accountId`) or as the API's answers have it (`AccountId`) |
//! | an answer | `{"Findings": […]}` of `guardduty get-findings` or `securityhub get-findings` |
//! | an event | `detail` holds a GuardDuty finding, or `findings` of Security Hub |
//! | Security Hub's | one finding in the AWS Security Finding Format |
//!
//! A file holds one of these, a list of them, or several one after the other, as GuardDuty's exports to S3 do.
//!
//! SOURCE: GuardDuty API reference, `Finding`, `Service`, `DnsRequestAction`; GuardDuty user guide, "Sample findings",
//! "Processing GuardDuty findings with Amazon EventBridge", "Severity levels of GuardDuty findings"; Security Hub user
//! guide, "AWS Security Finding Format", "EventBridge event formats for Security Hub" (checked 2026-11-27).

use std::fmt;

use dns::DomainName;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Security Hub takes names up to this length; a name of this length may have been cut off.
///
/// SOURCE: Security Hub API reference, `DnsRequestAction`: `Domain` has at most 128 characters (checked 2026-11-23).
const HUB_CHARACTERS: usize = 128;

/// From here on a severity is high. SOURCE: GuardDuty user guide, "Severity levels of GuardDuty findings".
const HIGH: f64 = 7.0;

/// A finding about a name.
#[derive(Debug, Clone, PartialEq)]
pub struct DnsFinding {
    /// Its ARN, or else its id.
    pub id: String,
    /// Its type, such as `Backdoor:EC2/C&CActivity.B!DNS`.
    pub kind: String,
    /// Whether its severity is high or critical.
    pub is_high: bool,
    /// The name that was asked for.
    pub name: DomainName,
    /// The registrable domain of it, if the finding tells it.
    pub registrable: Option<DomainName>,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// Where it stands.
    pub place: FindingPlace,
}

/// A finding that asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedFinding {
    /// Its ARN or id; empty if it has none.
    pub id: String,
    /// Why it asks for nothing.
    pub why: String,
    /// Where it stands.
    pub place: FindingPlace,
}

/// File, line if the file holds several documents, and JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FindingPlace {
    /// The file.
    pub file: String,
    /// The line on which the document begins, from 1, if the file holds several.
    pub line: Option<usize>,
    /// JSON pointer within the document.
    pub pointer: String,
}

/// What a file of findings holds, in its order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DnsFindings {
    /// Findings about names.
    pub findings: Vec<DnsFinding>,
    /// Findings that ask for nothing.
    pub skipped: Vec<SkippedFinding>,
}

/// A file of findings that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct FindingError {
    /// Where the problem is.
    pub place: FindingPlace,
    /// What it is.
    pub what: String,
}

impl fmt::Display for FindingPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if self.pointer.is_empty() { Ok(()) } else { write!(f, "#{}", self.pointer) }
    }
}

impl FindingPlace {
    fn at(&self, step: &str) -> Self {
        Self { pointer: format!("{}/{}", self.pointer, escaped(step)), ..self.clone() }
    }

    fn error(&self, what: impl Into<String>) -> FindingError {
        FindingError { place: self.clone(), what: what.into() }
    }
}

impl DnsFindings {
    /// Reads the findings of a file. Whatever in it is no finding, or lacks what it has to tell, is an error: nothing is
    /// passed over in silence.
    pub fn read(file: &str, text: &str) -> Result<Self, FindingError> {
        let place =
            |line, pointer: &str| FindingPlace { file: file.to_owned(), line, pointer: pointer.to_owned() };
        let mut documents = Vec::new();
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        let (mut line, mut counted) = (1, 0);
        loop {
            let rest = text.get(values.byte_offset()..).unwrap_or_default();
            let start = text.len() - rest.trim_start().len();
            let Some(value) = values.next() else { break };
            let value = value.map_err(|error| {
                let what = crate::flows::plain(&error);
                place(Some(error.line()), "").error(what)
            })?;
            line += text.get(counted..start).unwrap_or_default().matches('\n').count();
            counted = start;
            documents.push((line, value));
        }
        if documents.is_empty() {
            return Err(place(None, "").error("there is no finding in it"));
        }
        let several = documents.len() > 1;
        let mut found = Self::default();
        for (line, value) in &documents {
            found.document(value, &place(several.then_some(*line), ""))?;
        }
        Ok(found)
    }

    fn document(&mut self, value: &Value, place: &FindingPlace) -> Result<(), FindingError> {
        let record = match value {
            Value::Array(values) => return self.list(values, place),
            Value::Object(record) => record,
            _ => return Err(place.error("expected a finding, a list of findings or an event")),
        };
        if let Some(kind) = record.get("detail-type") {
            return self.event(kind.as_str().unwrap_or_default(), record.get("detail"), place);
        }
        for list in ["Findings", "findings"] {
            if let Some(Value::Array(values)) = record.get(list) {
                return self.list(values, &place.at(list));
            }
        }
        if record.contains_key("ProductArn") || record.contains_key("ProductFields") {
            return self.hub(record, place);
        }
        if member(record, "service").is_some() || member(record, "severity").is_some() {
            return self.guard_duty(record, place);
        }
        Err(place
            .error("this is no finding of GuardDuty or Security Hub, no answer with findings and no event"))
    }

    fn list(&mut self, values: &[Value], place: &FindingPlace) -> Result<(), FindingError> {
        let mut each = values.iter().enumerate();
        each.try_for_each(|(index, value)| self.document(value, &place.at(&index.to_string())))
    }

    fn event(
        &mut self,
        kind: &str,
        detail: Option<&Value>,
        place: &FindingPlace,
    ) -> Result<(), FindingError> {
        let place = place.at("detail");
        let Some(Value::Object(detail)) = detail else {
            return Err(place.error("expected what the event is about"));
        };
        if kind == "GuardDuty Finding" {
            return self.guard_duty(detail, &place);
        }
        if let Some(Value::Array(findings)) =
            detail.get("findings").filter(|_| kind.starts_with("Security Hub"))
        {
            return self.list(findings, &place.at("findings"));
        }
        self.skip("", format!("an event of another kind: `{kind}`"), &place);
        Ok(())
    }

    fn skip(&mut self, id: &str, why: impl Into<String>, place: &FindingPlace) {
        self.skipped.push(SkippedFinding { id: id.to_owned(), why: why.into(), place: place.clone() });
    }

    /// A finding of GuardDuty, its members in either spelling.
    fn guard_duty(&mut self, record: &Map<String, Value>, place: &FindingPlace) -> Result<(), FindingError> {
        let id = text(record, "arn").or_else(|| text(record, "id"));
        let id = id.ok_or_else(|| place.error("this finding has neither `arn` nor `id`"))?;
        let empty = Map::new();
        let (service_key, service) = object(record, "service").unwrap_or(("service", &empty));
        let (action_key, action) = object(service, "action").unwrap_or(("action", &empty));
        let kind = text(action, "actionType").unwrap_or_default();
        if kind != "DNS_REQUEST" {
            let kind = if kind.is_empty() { "no action" } else { kind };
            self.skip(id, format!("it is not about a DNS query ({kind})"), place);
            return Ok(());
        }
        if let Some((key, archived)) = member(service, "archived") {
            let at = place.at(service_key).at(key);
            let archived = truth(archived).ok_or_else(|| at.error("expected true or false"))?;
            if archived {
                self.skip(id, "it is archived", place);
                return Ok(());
            }
        }
        if object(service, "additionalInfo").is_some_and(|(_, info)| is_sample(info)) {
            self.skip(id, "it is a sample", place);
            return Ok(());
        }
        let at_action = place.at(service_key).at(action_key);
        let (request_key, request) = object(action, "dnsRequestAction")
            .ok_or_else(|| at_action.error("this finding lacks `dnsRequestAction`"))?;
        let at_request = at_action.at(request_key);
        let (domain_key, domain) =
            member(request, "domain").ok_or_else(|| at_request.error("this finding lacks `domain`"))?;
        let name = name(domain, &at_request.at(domain_key))?;
        let registrable = match member(request, "domainWithSuffix").filter(|(_, told)| *told != "") {
            Some((key, told)) => Some(self::name(told, &at_request.at(key))?),
            None => None,
        };
        let (severity_key, severity) =
            member(record, "severity").ok_or_else(|| place.error("this finding lacks `severity`"))?;
        let severity = severity.as_f64().or_else(|| severity.as_str()?.parse().ok());
        let severity = severity.filter(|it| (0.0..=10.0).contains(it));
        let is_high = severity
            .map(|severity| severity >= HIGH)
            .ok_or_else(|| place.at(severity_key).error("expected a severity from 0 to 10"))?;
        let times = Times {
            first: [
                time_of(service, "eventFirstSeen", &place.at(service_key)),
                time_of(record, "createdAt", place),
            ],
            last: [
                time_of(service, "eventLastSeen", &place.at(service_key)),
                time_of(record, "updatedAt", place),
            ],
        };
        let (first_seen, last_seen) = times.read(place)?;
        let (kind_key, kind) =
            member(record, "type").ok_or_else(|| place.at("type").error("this finding lacks `type`"))?;
        let kind =
            kind.as_str().ok_or_else(|| place.at(kind_key).error("expected a type of findings"))?.to_owned();
        let id = id.to_owned();
        self.findings.push(DnsFinding {
            id,
            kind,
            is_high,
            name,
            registrable,
            first_seen,
            last_seen,
            place: place.clone(),
        });
        Ok(())
    }

    /// A finding in the form of Security Hub.
    ///
    /// GuardDuty's own members are in `ProductFields`, under their paths.
    fn hub(&mut self, record: &Map<String, Value>, place: &FindingPlace) -> Result<(), FindingError> {
        let id =
            record.get("Id").and_then(Value::as_str).ok_or_else(|| place.error("this finding lacks `Id`"))?;
        let empty = Map::new();
        let of =
            |record: &'_ Map<String, Value>, key: &str| record.get(key).and_then(Value::as_object).cloned();
        let fields = record.get("ProductFields").and_then(Value::as_object).unwrap_or(&empty);
        let field = |path: &str| fields.get(&format!("aws/guardduty/service/{path}")).and_then(Value::as_str);
        let action = of(record, "Action").unwrap_or_default();
        let kind = action.get("ActionType").and_then(Value::as_str).or_else(|| field("action/actionType"));
        if kind != Some("DNS_REQUEST") {
            let kind = kind.unwrap_or("no action");
            self.skip(id, format!("it is not about a DNS query ({kind})"), place);
            return Ok(());
        }
        if record.get("RecordState").and_then(Value::as_str) == Some("ARCHIVED")
            || field("archived") == Some("true")
        {
            self.skip(id, "it is archived", place);
            return Ok(());
        }
        let workflow = record.get("Workflow").and_then(|it| it.get("Status")).and_then(Value::as_str);
        if let Some(done @ ("SUPPRESSED" | "RESOLVED")) = workflow {
            self.skip(id, format!("its workflow status is {done}"), place);
            return Ok(());
        }
        if record.get("Sample") == Some(&Value::Bool(true)) || field("additionalInfo/sample") == Some("true")
        {
            self.skip(id, "it is a sample", place);
            return Ok(());
        }
        let told = fields.get_key_value("aws/guardduty/service/action/dnsRequestAction/domain");
        let (domain, at) = if let Some((key, domain)) = told {
            (domain, place.at("ProductFields").at(key))
        } else {
            let at = place.at("Action").at("DnsRequestAction").at("Domain");
            let domain = record.get("Action").and_then(|it| it.get("DnsRequestAction"));
            let domain = domain
                .and_then(|it| it.get("Domain"))
                .ok_or_else(|| place.error("this finding lacks the name that was asked for"))?;
            if domain.as_str().is_some_and(|domain| domain.chars().count() >= HUB_CHARACTERS) {
                let what = "this name may have been cut off, as Security Hub takes 128 characters at most; give the \
                     finding as GuardDuty has it";
                return Err(at.error(what));
            }
            (domain, at)
        };
        let name = name(domain, &at)?;
        let told = fields.get_key_value("aws/guardduty/service/action/dnsRequestAction/domainWithSuffix");
        let registrable = match told.filter(|(_, told)| *told != "") {
            Some((key, told)) => Some(self::name(told, &place.at("ProductFields").at(key))?),
            None => None,
        };
        let is_high = hub_severity(record, place)?;
        let at_fields = place.at("ProductFields");
        let seen = |path: &str| {
            let (key, value) = fields.get_key_value(&format!("aws/guardduty/service/{path}"))?;
            Some((value.clone(), at_fields.at(key)))
        };
        let times = Times {
            first: [seen("eventFirstSeen"), own_time(record, &["FirstObservedAt", "CreatedAt"], place)],
            last: [seen("eventLastSeen"), own_time(record, &["LastObservedAt", "UpdatedAt"], place)],
        };
        let (first_seen, last_seen) = times.read(place)?;
        let provided = record.get("FindingProviderFields").and_then(|it| it.get("Types"));
        let kinds = record.get("Types").or(provided).and_then(Value::as_array);
        let kind =
            kinds.and_then(|kinds| kinds.first()).and_then(Value::as_str).unwrap_or_default().to_owned();
        let id = id.to_owned();
        self.findings.push(DnsFinding {
            id,
            kind,
            is_high,
            name,
            registrable,
            first_seen,
            last_seen,
            place: place.clone(),
        });
        Ok(())
    }
}

/// What Security Hub says now, which people can change, and otherwise what GuardDuty said.
fn hub_severity(record: &Map<String, Value>, place: &FindingPlace) -> Result<bool, FindingError> {
    let at = place.at("Severity");
    let provided = record.get("FindingProviderFields").and_then(|it| it.get("Severity"));
    let severity = record.get("Severity").or(provided);
    let severity = severity.ok_or_else(|| place.error("this finding lacks `Severity`"))?;
    if let Some(label) = severity.get("Label") {
        return match label.as_str() {
            Some("HIGH" | "CRITICAL") => Ok(true),
            Some("INFORMATIONAL" | "LOW" | "MEDIUM") => Ok(false),
            _ => Err(at.at("Label").error("expected INFORMATIONAL, LOW, MEDIUM, HIGH or CRITICAL")),
        };
    }
    let number = |key: &str| severity.get(key).and_then(Value::as_f64);
    let product = number("Product").filter(|it| (0.0..=10.0).contains(it)).map(|it| it >= HIGH);
    let normalized = number("Normalized").filter(|it| (0.0..=100.0).contains(it)).map(|it| it >= 10.0 * HIGH);
    product.or(normalized).ok_or_else(|| at.error("expected a `Label`"))
}

/// A time as it is written, and where.
type Written = Option<(Value, FindingPlace)>;

/// When something was seen, the best source first.
struct Times {
    first: [Written; 2],
    last: [Written; 2],
}

impl Times {
    /// The first and the last time.
    fn read(self, place: &FindingPlace) -> Result<(Timestamp, Timestamp), FindingError> {
        let read = |written: [Written; 2]| -> Result<Option<Timestamp>, FindingError> {
            let Some((value, at)) = written.into_iter().flatten().next() else { return Ok(None) };
            let time = value.as_str().and_then(|text| text.parse().ok());
            time.map(Some).ok_or_else(|| at.error("expected a time, such as 2026-11-27T08:00:00Z"))
        };
        let last = read(self.last)?;
        let last = last.ok_or_else(|| place.error("this finding does not tell when it was last seen"))?;
        let first = read(self.first)?.unwrap_or(last);
        Ok((first.min(last), last))
    }
}

fn time_of(record: &Map<String, Value>, key: &str, place: &FindingPlace) -> Written {
    let (key, value) = member(record, key)?;
    Some((value.clone(), place.at(key)))
}

fn own_time(record: &Map<String, Value>, keys: &[&str], place: &FindingPlace) -> Written {
    let mut written = keys.iter().filter_map(|key| Some((record.get(*key)?.clone(), place.at(key))));
    written.next()
}

fn name(value: &Value, place: &FindingPlace) -> Result<DomainName, FindingError> {
    let text = value.as_str().ok_or_else(|| place.error("expected a domain name"))?;
    text.parse().map_err(|error| place.error(format!("`{text}` is not a domain name: {error}")))
}

/// A member by its name as events spell it, or as the API does, and how it is spelled here.
fn member<'r>(record: &'r Map<String, Value>, key: &str) -> Option<(&'r str, &'r Value)> {
    let mut pascal = key.to_owned();
    if let Some(first) = pascal.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let (key, value) = record.get_key_value(key).or_else(|| record.get_key_value(&pascal))?;
    (!value.is_null()).then_some((key.as_str(), value))
}

fn text<'r>(record: &'r Map<String, Value>, key: &str) -> Option<&'r str> {
    member(record, key)?.1.as_str()
}

fn object<'r>(record: &'r Map<String, Value>, key: &str) -> Option<(&'r str, &'r Map<String, Value>)> {
    let (key, value) = member(record, key)?;
    Some((key, value.as_object()?))
}

fn is_true(record: &Map<String, Value>, key: &str) -> bool {
    member(record, key).and_then(|(_, value)| truth(value)) == Some(true)
}

fn truth(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str()?.parse().ok())
}

/// Whether additional information says so, in a member or in the text of a JSON document.
fn is_sample(info: &Map<String, Value>) -> bool {
    let within = text(info, "value").and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok());
    is_true(info, "sample") || within.is_some_and(|within| is_true(&within, "sample"))
}

/// A step of a JSON pointer.
fn escaped(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}
