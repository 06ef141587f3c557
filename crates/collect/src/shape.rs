//! The tables of shapes: what the members of an answer are called on the wire and in print, and what they are.
//!
//! `shapes/generate` describes the format and writes them. They are parsed once, when the first answer is read.

use std::{collections::BTreeMap, sync::LazyLock};

use crate::error::AnswerError;

macro_rules! tables {
    ($($service:literal)+) => {
        [$(($service, include_str!(concat!("../shapes/", $service, ".txt")))),+]
    };
}

/// By service, as botocore calls it.
const TABLES: [(&str, &str); 23] = tables! {
    "directconnect" "ec2" "ecs" "efs" "eks" "elb" "elbv2" "emr" "kafka" "lambda" "network-firewall" "networkmanager"
    "opensearch" "organizations" "rds" "redshift" "resource-groups" "resourcegroupstaggingapi" "route53profiles" "route53resolver" "sts"
    "vpc-lattice" "wafv2"
};

static SERVICES: LazyLock<Result<BTreeMap<&'static str, Service>, String>> = LazyLock::new(|| {
    let parsed = TABLES.iter().map(|(name, table)| {
        let service = Service::parse(table).map_err(|error| format!("shapes/{name}.txt: {error}"))?;
        Ok((*name, service))
    });
    parsed.collect()
});

/// How a service writes its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// XML, the answer in the root element.
    Ec2,
    /// XML, the answer in an element below the root.
    Query,
    /// JSON.
    Json,
}

#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) protocol: Protocol,
    operations: BTreeMap<&'static str, Operation>,
    structures: Vec<Structure>,
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    command: &'static str,
    pub(crate) output: StructureId,
    /// The element below the root that has the answer.
    pub(crate) wrapper: Option<&'static str>,
    pub(crate) pages: Option<Pages>,
}

/// How the pages of an answer follow each other.
#[derive(Debug)]
pub(crate) struct Pages {
    /// The member with the token for the next page.
    pub(crate) token: &'static str,
    /// There is a next page only if this member is true.
    pub(crate) more: Option<&'static str>,
    /// The lists whose elements come page by page.
    pub(crate) results: Vec<&'static str>,
    pub(crate) printed: Printed,
}

/// What is printed of an answer with pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Printed {
    /// Only the results, because the AWS CLI joins the pages.
    Results,
    /// All but the token, because the AWS CLI asks for one page.
    Whole,
}

/// INVARIANT: a structure of the service whose table it is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StructureId(usize);

#[derive(Debug)]
pub(crate) struct Structure {
    pub(crate) name: &'static str,
    /// In the model's order, which is the AWS CLI's.
    pub(crate) members: Vec<Member>,
    by_wire: BTreeMap<&'static str, usize>,
}

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    /// `None` for what is left out because it can be a secret.
    pub(crate) shape: Option<Shape>,
}

#[derive(Debug)]
pub(crate) enum Shape {
    Scalar(Scalar),
    List(Box<Shape>),
    /// With strings as keys.
    Map(Box<Shape>),
    Structure(StructureId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    String,
    Boolean,
    Integer,
    Float,
    Timestamp,
    /// Stays in base64, as the AWS CLI prints it.
    Blob,
}

impl Structure {
    /// The member that is called so on the wire, and its place in the order.
    pub(crate) fn on_wire(&self, wire: &str) -> Option<(usize, &Member)> {
        let index = *self.by_wire.get(wire)?;
        Some((index, self.members.get(index)?))
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }
}

/// The table of a service and what it says of an operation.
pub(crate) fn find(
    service: &str,
    operation: &str,
) -> Result<(&'static Service, &'static Operation), AnswerError> {
    let services = SERVICES.as_ref().map_err(|error| AnswerError::Table(error.clone()))?;
    let found = services.get(service).and_then(|table| Some((table, table.operations.get(operation)?)));
    found.ok_or_else(|| AnswerError::NoSuchOperation {
        service: service.to_owned(),
        operation: operation.to_owned(),
    })
}

/// What the AWS CLI calls an operation: `describe-vpcs` for `DescribeVpcs` of `ec2`.
///
/// # Errors
///
/// [`AnswerError::NoSuchOperation`] for an operation that is not in `shapes/operations.txt`.
pub fn command(service: &str, operation: &str) -> Result<&'static str, AnswerError> {
    find(service, operation).map(|(_, operation)| operation.command)
}

/// Service and operation of everything that can be read, sorted.
pub fn operations() -> impl Iterator<Item = (&'static str, &'static str)> {
    let services = SERVICES.as_ref().into_iter().flatten();
    services.flat_map(|(service, table)| table.operations.keys().map(|operation| (*service, *operation)))
}

impl Service {
    pub(crate) fn structure(&self, id: StructureId) -> Result<&Structure, AnswerError> {
        self.structures.get(id.0).ok_or_else(|| AnswerError::Table(format!("no structure {}", id.0)))
    }

    fn parse(table: &'static str) -> Result<Self, String> {
        let lines = || table.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
        let mut ids = BTreeMap::new();
        for (_, line) in lines() {
            if let Some(name) = line.strip_prefix("structure ") {
                let id = StructureId(ids.len());
                if ids.insert(name, id).is_some() {
                    return Err(format!("`{name}` is there twice"));
                }
            }
        }
        let mut parser = Parser { ids, ..Parser::default() };
        for (number, line) in lines() {
            parser.line(line).map_err(|error| format!("line {}: {error}", number + 1))?;
        }
        let protocol = parser.protocol.ok_or("no protocol")?;
        let operations = parser.operations.into_iter().map(|operation| (operation.name, operation)).collect();
        Ok(Self { protocol, operations, structures: parser.structures })
    }
}

/// What was read so far.
#[derive(Default)]
struct Parser {
    ids: BTreeMap<&'static str, StructureId>,
    protocol: Option<Protocol>,
    operations: Vec<Operation>,
    structures: Vec<Structure>,
}

impl Parser {
    fn line(&mut self, line: &'static str) -> Result<(), String> {
        let words: Vec<&'static str> = line.split_whitespace().collect();
        let is_member = line.starts_with(' ');
        match *words.as_slice() {
            ["!", name, wire] if is_member => self.member(name, wire, None)?,
            [name, wire, shape] if is_member => {
                let shape = self.shape(shape)?;
                self.member(name, wire, Some(shape))?;
            }
            ["protocol", protocol] => self.protocol = Some(self::protocol(protocol)?),
            ["operation", name, command, output] => {
                let output = self.structure(output)?;
                self.operations.push(Operation { name, command, output, wrapper: None, pages: None });
            }
            ["wrapper", name] => self.operation()?.wrapper = Some(name),
            ["pages", _, token, ref results @ ..] => self.pages(token, results, Printed::Results)?,
            ["pages-ours", _, token, ref results @ ..] => self.pages(token, results, Printed::Whole)?,
            ["more", name] => {
                self.operation()?.pages.as_mut().ok_or("`more` without pages")?.more = Some(name);
            }
            ["structure", name] => {
                self.structures.push(Structure { name, members: Vec::new(), by_wire: BTreeMap::new() });
            }
            _ => return Err(format!("`{line}`")),
        }
        Ok(())
    }

    fn structure(&self, name: &str) -> Result<StructureId, String> {
        self.ids.get(name).copied().ok_or_else(|| format!("no structure `{name}`"))
    }

    fn operation(&mut self) -> Result<&mut Operation, String> {
        self.operations.last_mut().ok_or_else(|| "no operation before".to_owned())
    }

    fn pages(
        &mut self,
        token: &'static str,
        results: &[&'static str],
        printed: Printed,
    ) -> Result<(), String> {
        if results.is_empty() {
            return Err("pages of nothing".to_owned());
        }
        self.operation()?.pages = Some(Pages { token, more: None, results: results.to_vec(), printed });
        Ok(())
    }

    fn member(&mut self, name: &'static str, wire: &'static str, shape: Option<Shape>) -> Result<(), String> {
        let structure = self.structures.last_mut().ok_or("no structure before")?;
        let wire = if wire == "=" { name } else { wire };
        if structure.by_wire.insert(wire, structure.members.len()).is_some() {
            return Err(format!("`{wire}` is there twice"));
        }
        structure.members.push(Member { name, shape });
        Ok(())
    }

    fn shape(&self, text: &str) -> Result<Shape, String> {
        if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return Ok(Shape::List(Box::new(self.shape(inner)?)));
        }
        if let Some(inner) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            return Ok(Shape::Map(Box::new(self.shape(inner)?)));
        }
        Ok(Shape::Scalar(match text {
            "string" => Scalar::String,
            "boolean" => Scalar::Boolean,
            "integer" => Scalar::Integer,
            "float" => Scalar::Float,
            "timestamp" => Scalar::Timestamp,
            "blob" => Scalar::Blob,
            name => return self.structure(name).map(Shape::Structure),
        }))
    }
}

fn protocol(name: &str) -> Result<Protocol, String> {
    match name {
        "ec2" => Ok(Protocol::Ec2),
        "query" => Ok(Protocol::Query),
        "json" | "rest-json" => Ok(Protocol::Json),
        _ => Err(format!("unknown protocol `{name}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables parse, have every operation of `operations.txt` and no other, and hang together.
    #[test]
    fn tables_are_whole() {
        let listed = include_str!("../shapes/operations.txt").lines().filter(|line| !line.starts_with('#'));
        let mut listed: Vec<_> = listed.filter_map(|line| line.split_once(' ')).collect();
        listed.sort_unstable();
        assert_eq!(operations().collect::<Vec<_>>(), listed);
        for (service, operation) in operations() {
            let (table, operation) = find(service, operation).unwrap();
            assert_eq!(operation.wrapper.is_some(), table.protocol == Protocol::Query, "{operation:?}");
            let output = table.structure(operation.output).unwrap();
            let Some(pages) = &operation.pages else { continue };
            let strings = Some(&Some(Shape::Scalar(Scalar::String)));
            let shape = |name: &str| output.member(name).map(|member| &member.shape);
            assert!(matches!(shape(pages.token), token if same(token, strings)), "{operation:?}");
            for result in &pages.results {
                assert!(matches!(shape(result), Some(Some(Shape::List(_)))), "{operation:?}");
            }
            if let Some(more) = pages.more {
                let boolean = Some(&Some(Shape::Scalar(Scalar::Boolean)));
                assert!(same(shape(more), boolean), "{operation:?}");
            }
        }
    }

    fn same(one: Option<&Option<Shape>>, other: Option<&Option<Shape>>) -> bool {
        format!("{one:?}") == format!("{other:?}")
    }

    #[test]
    fn commands_are_called_as_in_the_cli() {
        assert_eq!(command("rds", "DescribeDBInstances").unwrap(), "describe-db-instances");
        assert_eq!(command("wafv2", "GetWebACLForResource").unwrap(), "get-web-acl-for-resource");
        assert!(matches!(command("ec2", "DescribeCats"), Err(AnswerError::NoSuchOperation { .. })));
    }

    #[test]
    fn broken_tables_are_refused() {
        for table in [
            "",
            "protocol cbor",
            "protocol json\noperation A a B",
            "protocol json\nstructure B\n  A = C",
            "protocol json\nstructure B\nstructure B",
            "protocol json\nstructure B\n  A = string\n  C A string",
            "protocol json\npages a b c",
            "protocol json\nstructure B\noperation A a B\npages a b",
            "protocol json\nwhat is this thing",
        ] {
            assert!(Service::parse(table).is_err(), "{table}");
        }
    }
}
