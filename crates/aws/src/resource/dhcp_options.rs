//! DHCP options: which DNS servers the instances of a VPC are told to ask.
//!
//! No ports. DNS Firewall sees the queries that go to the Amazon resolver, and no others.
//!
//! SOURCE: VPC user guide, "DHCP option sets" and "DNS attributes": `AmazonProvidedDNS` is the resolver at the base of the
//! VPC's first block plus two, at 169.254.169.253 and at fd00:ec2::253 (checked 2026-11-27).
use std::net::IpAddr;

use graph::GraphBuilder;
use serde::Deserialize;

use super::{Resource, Tags, nullable, optional};
use crate::{Entry, Id, Inventory};

/// A set of options, as `describe-dhcp-options` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DhcpOptions {
    dhcp_options_id: Id<DhcpOptions>,
    #[serde(default, deserialize_with = "optional")]
    owner_id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    dhcp_configurations: Vec<Configuration>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    key: String,
    #[serde(default, deserialize_with = "nullable")]
    values: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Value {
    value: String,
}

impl DhcpOptions {
    /// The DNS servers, in order; empty if it names none.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &str> {
        let servers = self.dhcp_configurations.iter().filter(|it| it.key == "domain-name-servers");
        servers.flat_map(|it| &it.values).map(|it| it.value.as_str())
    }
}

/// The addresses of the Amazon resolver of a VPC whose first block begins at `base`.
pub(crate) fn resolver(base: Option<IpAddr>) -> Vec<IpAddr> {
    let own = match base {
        Some(IpAddr::V4(base)) => u32::from(base).checked_add(2).map(|at| IpAddr::V4(at.into())),
        Some(IpAddr::V6(_)) | None => None,
    };
    let fixed = ["169.254.169.253", "fd00:ec2::253"].into_iter().filter_map(|text| text.parse().ok());
    own.into_iter().chain(fixed).collect()
}

/// Whether a server of DHCP options is the Amazon resolver of a VPC whose first block begins at `base`.
pub(crate) fn is_amazon(server: &str, base: Option<IpAddr>) -> bool {
    let address = server.trim().parse::<IpAddr>();
    server.trim().eq_ignore_ascii_case("AmazonProvidedDNS")
        || address.is_ok_and(|address| resolver(base).contains(&address))
}

impl Resource for DhcpOptions {
    const TYPE: &'static str = "AWS::EC2::DHCPOptions";
    const LIST: &'static str = "DhcpOptions";

    fn id(&self) -> &Id<Self> {
        &self.dhcp_options_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_id.as_deref()
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}

#[cfg(test)]
mod tests {
    use super::is_amazon;

    #[test]
    fn the_amazon_resolver_has_four_names() {
        let base = "10.0.0.0".parse().ok();
        for server in ["AmazonProvidedDNS", "10.0.0.2", "169.254.169.253", "fd00:ec2::253"] {
            assert!(is_amazon(server, base), "{server}");
        }
        for server in ["10.0.0.3", "10.1.0.2", "8.8.8.8", "", "dns.example.com"] {
            assert!(!is_amazon(server, base), "{server}");
        }
        assert!(!is_amazon("10.0.0.2", None));
    }
}
