//! Questions in the words of Reachability Analyzer's own requests.

use std::ops::RangeInclusive;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    FlowError, Header, Question,
    flows::{parse_net, plain, protocol},
};

/// What `create-network-insights-path` and `start-network-insights-analysis` take, read from their JSON documents: of
/// both in one, or one after the other.
///
/// What describes an answer, and not the question, is passed over: dates, tags, tokens, accounts.
///
/// SOURCE: EC2 API reference, `CreateNetworkInsightsPath`, `StartNetworkInsightsAnalysis`, `PathRequestFilter`; Reachability
/// Analyzer guide, "Path filters" (`FilterAtSource` goes with neither `SourceIp` nor `DestinationPort`,
/// `FilterAtDestination` not with `DestinationIp`; without `Destination` there must be
/// `FilterAtSource.DestinationAddress`) (checked 2026-11-26).
#[derive(Debug, Clone, Default)]
pub struct InsightsRequest {
    written: Written,
    /// The file that was read last, for messages.
    file: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Written {
    source: Option<String>,
    destination: Option<String>,
    source_ip: Option<String>,
    destination_ip: Option<String>,
    protocol: Option<String>,
    destination_port: Option<u16>,
    filter_at_source: Option<Filter>,
    filter_at_destination: Option<Filter>,
    filter_in_arns: Option<Vec<String>>,
    filter_out_arns: Option<Vec<String>>,
    network_insights_path_id: Option<String>,
    source_arn: Option<String>,
    destination_arn: Option<String>,
    #[serde(rename = "NetworkInsightsPathArn")]
    _arn: Option<Value>,
    #[serde(rename = "CreatedDate")]
    _created: Option<Value>,
    #[serde(rename = "Tags")]
    _tags: Option<Value>,
    #[serde(rename = "TagSpecifications")]
    _tag_specifications: Option<Value>,
    #[serde(rename = "ClientToken")]
    _client_token: Option<Value>,
    #[serde(rename = "DryRun")]
    _dry_run: Option<Value>,
    #[serde(rename = "AdditionalAccounts")]
    _additional_accounts: Option<Value>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Filter {
    source_address: Option<String>,
    source_port_range: Option<PortRange>,
    destination_address: Option<String>,
    destination_port_range: Option<PortRange>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PortRange {
    from_port: u16,
    to_port: u16,
}

impl PortRange {
    fn range(self) -> Result<RangeInclusive<u16>, String> {
        if self.from_port > self.to_port {
            return Err(format!("`FromPort` is {}, but `ToPort` is {}", self.from_port, self.to_port));
        }
        Ok(self.from_port..=self.to_port)
    }
}

impl InsightsRequest {
    /// Adds what a document says: a request, or an answer that wraps one as `NetworkInsightsPath` or as the only one of
    /// `NetworkInsightsPaths`. `file` is its name in messages.
    pub fn read(&mut self, file: &str, text: &str) -> Result<(), FlowError> {
        let fail = |problem: String| FlowError { file: file.to_owned(), problems: vec![problem] };
        let mut document: Value = serde_json::from_str(text)
            .map_err(|error| fail(format!(":{}: {}", error.line(), plain(&error))))?;
        let mut pointer = String::from("#");
        for (member, index) in [("NetworkInsightsPath", None), ("NetworkInsightsPaths", Some(0))] {
            let Some(inner) = document.get_mut(member).map(Value::take) else { continue };
            pointer = format!("#/{member}");
            document = inner;
            if index.is_some() {
                let all = document.as_array_mut().map(std::mem::take).unwrap_or_default();
                let count = all.len();
                let mut all = all.into_iter();
                let (Some(only), None) = (all.next(), all.next()) else {
                    return Err(fail(format!("{pointer}: holds {count} paths, expected one")));
                };
                document = only;
                pointer.push_str("/0");
            }
        }
        let written: Written = serde_path_to_error::deserialize(document).map_err(|error| {
            let path = error.path().to_string();
            let member = if path == "." { String::new() } else { format!("/{}", path.replace('.', "/")) };
            fail(format!("{pointer}{member}: {}", plain(error.inner())))
        })?;
        self.written.add(written);
        file.clone_into(&mut self.file);
        Ok(())
    }

    /// The same with these ends instead, where they are given.
    #[must_use]
    pub fn between(mut self, source: Option<&str>, destination: Option<&str>) -> Self {
        if let Some(source) = source {
            (self.written.source, self.written.source_arn) = (Some(source.to_owned()), None);
        }
        if let Some(destination) = destination {
            (self.written.destination, self.written.destination_arn) = (Some(destination.to_owned()), None);
        }
        self
    }

    /// The question that the documents ask.
    pub fn question(&self) -> Result<Question, FlowError> {
        self.written
            .question()
            .map_err(|problem| FlowError { file: self.file.clone(), problems: vec![format!("#{problem}")] })
    }
}

impl Written {
    /// Adds what the other says.
    fn add(&mut self, other: Self) {
        fn or<T>(mine: &mut Option<T>, other: Option<T>) {
            if other.is_some() {
                *mine = other;
            }
        }
        or(&mut self.source, other.source);
        or(&mut self.destination, other.destination);
        or(&mut self.source_ip, other.source_ip);
        or(&mut self.destination_ip, other.destination_ip);
        or(&mut self.protocol, other.protocol);
        or(&mut self.destination_port, other.destination_port);
        or(&mut self.filter_at_source, other.filter_at_source);
        or(&mut self.filter_at_destination, other.filter_at_destination);
        or(&mut self.filter_in_arns, other.filter_in_arns);
        or(&mut self.filter_out_arns, other.filter_out_arns);
        or(&mut self.network_insights_path_id, other.network_insights_path_id);
        or(&mut self.source_arn, other.source_arn);
        or(&mut self.destination_arn, other.destination_arn);
    }

    fn question(&self) -> Result<Question, String> {
        let (at_source, at_destination) = (
            self.filter_at_source.clone().unwrap_or_default(),
            self.filter_at_destination.clone().unwrap_or_default(),
        );
        let clash = |filter: &str, member: &str| Err(format!("/{filter}: goes not with `{member}`"));
        if self.filter_at_source.is_some() && self.source_ip.is_some() {
            return clash("FilterAtSource", "SourceIp");
        }
        if self.filter_at_source.is_some() && self.destination_port.is_some() {
            return clash("FilterAtSource", "DestinationPort");
        }
        if self.filter_at_destination.is_some() && self.destination_ip.is_some() {
            return clash("FilterAtDestination", "DestinationIp");
        }
        let Some(source) = self.source_arn.as_ref().or(self.source.as_ref()) else {
            return Err(": has no `Source`".to_owned());
        };
        let destination = self.destination_arn.as_ref().or(self.destination.as_ref());
        let Some(destination) = destination.or(at_source.destination_address.as_ref()) else {
            return Err(": has neither `Destination` nor `FilterAtSource.DestinationAddress`".to_owned());
        };
        let destination = destination.strip_suffix("/32").unwrap_or(destination);
        let mut question = Question::parse(source, destination).map_err(|error| format!(": {error}"))?;
        if let Some(text) = &self.protocol {
            question.protocol = protocol(text).map_err(|what| format!("/Protocol: {what}"))?;
        }
        let (starting, arriving) =
            (at_source.header("FilterAtSource")?, at_destination.header("FilterAtDestination")?);
        let net = |text: &Option<String>, member: &str| match text {
            Some(text) => parse_net(text).map(Some).map_err(|what| format!("/{member}: {what}")),
            None => Ok(None),
        };
        question.source_ip = net(&self.source_ip, "SourceIp")?.or(starting.source_ip);
        question.destination_ip = starting.destination_ip;
        question.source_port = starting.source_port;
        question.destination_port =
            self.destination_port.map(|port| port..=port).or(starting.destination_port);
        // What packets are for when they arrive: the address of the destination itself.
        let destination_ip = net(&self.destination_ip, "DestinationIp")?.or(arriving.destination_ip);
        question.arriving = Header { destination_ip, ..arriving };
        question.through = self.filter_in_arns.clone().unwrap_or_default();
        question.avoid = self.filter_out_arns.clone().unwrap_or_default();
        question.path_id.clone_from(&self.network_insights_path_id);
        question.check().map_err(|error| format!(": {error}"))?;
        Ok(question)
    }
}

impl Filter {
    fn header(&self, name: &str) -> Result<Header, String> {
        let net = |text: &Option<String>, member: &str| match text {
            Some(text) => parse_net(text).map(Some).map_err(|what| format!("/{name}/{member}: {what}")),
            None => Ok(None),
        };
        let ports = |ports: Option<PortRange>, member: &str| match ports {
            Some(ports) => ports.range().map(Some).map_err(|what| format!("/{name}/{member}: {what}")),
            None => Ok(None),
        };
        Ok(Header {
            source_ip: net(&self.source_address, "SourceAddress")?,
            destination_ip: net(&self.destination_address, "DestinationAddress")?,
            source_port: ports(self.source_port_range, "SourcePortRange")?,
            destination_port: ports(self.destination_port_range, "DestinationPortRange")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(documents: &[&str]) -> String {
        let mut request = InsightsRequest::default();
        let read = documents.iter().try_for_each(|text| request.read("path.json", text));
        match read.and_then(|()| request.question()) {
            Ok(question) => format!(
                "{} to {} {:?} {:?} {:?} {:?}",
                question.source,
                question.destination,
                question.protocol,
                question.destination_port,
                question.arriving,
                question.through
            ),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn requests_are_read_in_one_or_in_two() {
        let path = r#"{"Source":"i-1","Destination":"igw-1","Protocol":"TCP","DestinationPort":443,"DestinationIp":"3.0.0.1"}"#;
        let start =
            r#"{"NetworkInsightsPathId":"nip-1","FilterInArns":["arn:aws:ec2:r:1:natgateway/nat-1"]}"#;
        insta::assert_snapshot!(asked(&[path, start]), @r#"i-1 to igw-1 Some(6) Some(443..=443) Header { source_ip: None, destination_ip: Some(3.0.0.1/32), source_port: None, destination_port: None } ["arn:aws:ec2:r:1:natgateway/nat-1"]"#);
        let wrapped = r#"{"NetworkInsightsPaths":[{"NetworkInsightsPathId":"nip-1","Source":"i-1","FilterAtSource":{"DestinationAddress":"10.0.0.9/32","DestinationPortRange":{"FromPort":80,"ToPort":81}},"CreatedDate":"2024-01-01","Tags":[]}]}"#;
        insta::assert_snapshot!(asked(&[wrapped]), @"i-1 to 10.0.0.9 None Some(80..=81) Header { source_ip: None, destination_ip: None, source_port: None, destination_port: None } []");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let texts = [
            r#"{"Source":"i-1"}"#,
            r#"{"Source":"i-1","Destination":"i-2","SourceIp":"10.0.0.1","FilterAtSource":{}}"#,
            r#"{"Source":"i-1","Destination":"i-2","DestinationPort":70000}"#,
            r#"{"Source":"i-1","Destination":"i-2","Filter":{}}"#,
            r#"{"Source":"i-1","Destination":"i-2","FilterAtDestination":{"SourcePortRange":{"FromPort":9,"ToPort":1}}}"#,
            r#"{"NetworkInsightsPaths":[]}"#,
        ];
        let said: Vec<String> = texts.iter().map(|text| asked(&[text])).collect();
        insta::assert_snapshot!(said.join("\n"), @"
        path.json#: has neither `Destination` nor `FilterAtSource.DestinationAddress`
        path.json#/FilterAtSource: goes not with `SourceIp`
        path.json#/DestinationPort: invalid value: integer `70000`, expected u16
        path.json#/Filter: unknown field `Filter`, expected one of `Source`, `Destination`, `SourceIp`, `DestinationIp`, `Protocol`, `DestinationPort`, `FilterAtSource`, `FilterAtDestination`, `FilterInArns`, `FilterOutArns`, `NetworkInsightsPathId`, `SourceArn`, `DestinationArn`, `NetworkInsightsPathArn`, `CreatedDate`, `Tags`, `TagSpecifications`, `ClientToken`, `DryRun`, `AdditionalAccounts`
        path.json#/FilterAtDestination/SourcePortRange: `FromPort` is 9, but `ToPort` is 1
        path.json#/NetworkInsightsPaths: holds 0 paths, expected one
        ");
    }
}
