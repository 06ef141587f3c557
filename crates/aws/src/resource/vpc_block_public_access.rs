//! VPC Block Public Access: the account's switch, by Region, for what crosses its internet gateways.
//!
//! No ports: whoever connects addresses with a gateway asks what is ruled for them ([`of_address`], [`by_area`]) and lets the ruling
//! connect the two sides ([`Ruling::connect`]). Blocked packets are refused at the gateway, and the refusal points to
//! the record of the options. The owner of a VPC decides for it, also for interfaces of participants in its subnets.
//!
//! `block-bidirectional` stops everything. `block-ingress` lets only NAT gateways and egress-only gateways through:
//! what hosts with public addresses send and get is stopped in both directions. An exclusion of a VPC or subnet that
//! allows both directions lifts either mode; one that allows egress lifts only `block-bidirectional`, and conversations
//! from outside stay blocked. The subnet that counts is that of the interface or NAT gateway that has the address.
//!
//! SOURCE: VPC user guide, "Block public access to VPCs and subnets" (modes and exclusions; NAT gateways and egress-only
//! gateways under ingress-only; egress-only exclusions count only in bidirectional mode; endpoints of firewalls and Gateway Load
//! Balancers do not lend their subnet's exclusion to others) and EC2 API reference, `VpcBlockPublicAccessOptions`,
//! `VpcBlockPublicAccessExclusion` (checked 2026-11-26).
//! GAP: options that were not exported are taken as off, which is AWS's default.
use std::{net::IpAddr, sync::Arc};

use graph::{
    Cause, Control, ControlKind, Disposition, Flow, GraphBuilder, Origin, Port, ResourceKey, Transfer,
};
use headerspace::{Field, Match, Rewrite};
use ipnet::IpNet;
use serde::Deserialize;

use super::{
    Resource, address_set::address_in, network_interface::NetworkInterface, optional, subnet::Subnet,
    vpc::Vpc, vpc_block_public_access_exclusion::VpcBlockPublicAccessExclusion,
};
use crate::{Entry, Id, Inventory, Place, inventory::Appliances};

/// The options of an account and Region, as `describe-vpc-block-public-access-options` prints them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Written")]
pub struct VpcBlockPublicAccess {
    id: Id<VpcBlockPublicAccess>,
    account: Option<String>,
    region: Option<String>,
    mode: Option<String>,
    state: Option<String>,
    exclusions_allowed: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    #[serde(default, deserialize_with = "optional")]
    aws_account_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    aws_region: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    internet_gateway_block_mode: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    exclusions_allowed: Option<String>,
}

impl From<Written> for VpcBlockPublicAccess {
    fn from(written: Written) -> Self {
        Self {
            // There is one in each account and Region, and it has no id.
            id: Id::new("vpc-block-public-access"),
            account: written.aws_account_id,
            region: written.aws_region,
            mode: written.internet_gateway_block_mode,
            state: written.state,
            exclusions_allowed: written.exclusions_allowed,
        }
    }
}

/// What has the address that stands behind a border.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Traveller {
    /// A host, load balancer or anything else with an interface.
    Host,
    /// A NAT gateway.
    NatGateway,
    /// Hosts whose way out is an egress-only gateway.
    EgressOnly,
}

/// What may cross.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Crossing {
    /// Everything.
    Open,
    /// Nothing.
    Closed,
    /// Conversations that are opened from within.
    Out,
    /// Nobody knows.
    Perhaps,
}

/// What Block Public Access says about some addresses at a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ruling {
    crossing: Crossing,
    origin: Option<Origin>,
    note: String,
}

/// Which way packets cross.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Out,
    In,
}

/// The options that hold at `place`.
fn options<'i>(inventory: &'i Inventory, place: &Place) -> Option<&'i Entry<VpcBlockPublicAccess>> {
    let table = inventory.table::<VpcBlockPublicAccess>();
    let here = |entry: &&Entry<VpcBlockPublicAccess>| entry.place.same_region(place);
    table.iter().filter(here).find(|entry| entry.place.account == place.account).or_else(|| {
        // Where the snapshot does not tell whose they are, they may be anybody's.
        let anonymous = |entry: &&Entry<VpcBlockPublicAccess>| {
            here(entry) && (entry.place.account.is_empty() || place.account.is_empty())
        };
        table.iter().find(anonymous)
    })
}

/// Whether anything is switched on for this VPC.
fn applies(inventory: &Inventory, vpc: &Entry<Vpc>) -> bool {
    options(inventory, &vpc.place).is_some_and(|options| options.value.mode.as_deref() != Some("off"))
}

/// The subnets of `vpc` for which something else may hold than for the VPC.
fn excluded_subnets<'i>(
    inventory: &'i Inventory,
    vpc: &'i Entry<Vpc>,
) -> impl Iterator<Item = &'i Entry<Subnet>> {
    let subnets = inventory.naming::<Subnet, Vpc>("vpc", vpc);
    subnets.filter(|subnet| {
        VpcBlockPublicAccessExclusion::of(inventory, subnet.value.id().as_str(), &subnet.place)
            .next()
            .is_some()
    })
}

/// Addresses of a VPC for which the same is ruled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Area {
    within: Option<Vec<IpNet>>,
    without: Vec<IpNet>,
}

impl Area {
    /// Packets whose `field`, an address, lies there.
    pub(super) fn matches(&self, field: Field) -> Match {
        let within = self.within.as_ref().map(|nets| address_in(field, nets.iter().copied()));
        let without = Some(self.without.clone()).filter(|nets| !nets.is_empty());
        let without = without.map(|nets| Match::not(address_in(field, nets)));
        Match::all_of(within.into_iter().chain(without))
    }
}

/// What is ruled for the addresses of `vpc`: for those of subnets that are excluded by themselves, and for all others.
pub(super) fn by_area(inventory: &Inventory, vpc: &Entry<Vpc>, traveller: Traveller) -> Vec<(Area, Ruling)> {
    let mut others = Area::default();
    let mut areas = Vec::new();
    if applies(inventory, vpc) {
        for subnet in excluded_subnets(inventory, vpc) {
            let nets: Vec<IpNet> = subnet.value.cidrs().collect();
            others.without.extend(&nets);
            let area = Area { within: Some(nets), without: Vec::new() };
            areas.push((area, ruling(inventory, vpc, Some(subnet), traveller)));
        }
    }
    areas.push((others, ruling(inventory, vpc, None, traveller)));
    areas
}

/// What is ruled for one address of `vpc`.
pub(super) fn of_address(
    inventory: &Inventory,
    vpc: &Entry<Vpc>,
    address: IpAddr,
    traveller: Traveller,
) -> Ruling {
    let subnet = if applies(inventory, vpc) { subnet_of(inventory, vpc, address) } else { None };
    ruling(inventory, vpc, subnet, traveller)
}

/// The subnet of `vpc` that holds `address`.
fn subnet_of<'i>(
    inventory: &'i Inventory,
    vpc: &'i Entry<Vpc>,
    address: IpAddr,
) -> Option<&'i Entry<Subnet>> {
    inventory
        .naming::<Subnet, Vpc>("vpc", vpc)
        .find(|subnet| subnet.value.cidrs().any(|net| net.contains(&address)))
}

/// What is ruled for addresses in `subnet` of `vpc`, or for those of `vpc` in no subnet that is known.
fn ruling(
    inventory: &Inventory,
    vpc: &Entry<Vpc>,
    subnet: Option<&Entry<Subnet>>,
    traveller: Traveller,
) -> Ruling {
    let open = Ruling { crossing: Crossing::Open, origin: None, note: String::new() };
    let Some(entry) = options(inventory, &vpc.place) else { return open };
    let mode = entry.value.mode.as_deref().unwrap_or_default();
    let rule = |crossing, pointer: &str, note: String| Ruling { crossing, origin: entry.at(pointer), note };
    let doubt = |note: String| rule(Crossing::Perhaps, "/State", note);
    // SOURCE: EC2 API reference, `VpcBlockPublicAccessOptions.State` (checked 2026-11-26).
    match (mode, entry.value.state.as_deref()) {
        (_, Some("update-in-progress")) => {
            return doubt("VPC Block Public Access is being changed".to_owned());
        }
        ("off", _) => return open,
        ("block-bidirectional" | "block-ingress", _) => {}
        (other, _) => return doubt(format!("VPC Block Public Access is `{other}`, which is not known here")),
    }
    let bidirectional = mode == "block-bidirectional";
    if !bidirectional && matches!(traveller, Traveller::NatGateway | Traveller::EgressOnly) {
        return open;
    }
    let closed = format!("VPC Block Public Access is {mode} and does not exclude `{}`", vpc.value.id());
    let closed = rule(Crossing::Closed, "/InternetGatewayBlockMode", closed);
    let forbidden = entry.value.exclusions_allowed.as_deref() == Some("not-allowed");
    let named = subnet.map(|subnet| (subnet.value.id().as_str(), &subnet.place));
    let named = named.into_iter().chain([(vpc.value.id().as_str(), &vpc.place)]);
    let mut found = Vec::new();
    for exclusion in named.flat_map(|(id, place)| VpcBlockPublicAccessExclusion::of(inventory, id, place)) {
        let id = exclusion.value.id();
        found.push(if forbidden || !exclusion.value.is_settled() {
            let note = format!("whether VPC Block Public Access exclusion `{id}` holds is not known");
            Ruling { crossing: Crossing::Perhaps, origin: exclusion.at("/State"), note }
        } else if exclusion.value.is_bidirectional() {
            open.clone()
        } else if !bidirectional {
            closed.clone() // an exclusion for egress lifts only the other mode
        } else if traveller == Traveller::Host {
            let note =
                "VPC Block Public Access excludes only conversations that are opened from within".to_owned();
            let origin = exclusion.at("/InternetGatewayExclusionMode");
            Ruling { crossing: Crossing::Out, origin, note }
        } else {
            open.clone()
        });
    }
    found.dedup_by_key(|ruling| ruling.crossing);
    if found.len() > 1 {
        let id = vpc.value.id();
        return doubt(format!("which VPC Block Public Access exclusion counts in `{id}` is not known"));
    }
    let best = found.pop().unwrap_or(closed);
    if best.crossing == Crossing::Closed && traveller == Traveller::Host && detour(inventory, vpc) {
        let note =
            "VPC Block Public Access excludes the subnet of an appliance, through which packets may leave";
        return doubt(note.to_owned());
    }
    if best.crossing == Crossing::Closed
        && !inventory.table::<VpcBlockPublicAccessExclusion>().complete(&vpc.place)
    {
        return doubt("the exclusions of VPC Block Public Access are not fully in the snapshot".to_owned());
    }
    best
}

/// Whether packets may reach the gateway from the subnet of an appliance instead of their sender's.
///
/// SOURCE: VPC user guide, "VPC BPA basics": subnets that send through an appliance in an excluded subnet need no
/// exclusion of their own (checked 2026-11-26).
fn detour(inventory: &Inventory, vpc: &Entry<Vpc>) -> bool {
    let forwards = |subnet: &Entry<Subnet>| {
        inventory.naming::<NetworkInterface, Subnet>("subnet", subnet).any(|it| it.value.forwards())
    };
    inventory.assumptions.appliances == Appliances::Trusted && excluded_subnets(inventory, vpc).any(forwards)
}

impl Ruling {
    /// Whether packets cross both ways.
    pub(super) fn is_open(&self) -> bool {
        self.crossing == Crossing::Open
    }

    /// The setting at `gateway` that would have to be otherwise, if nothing crosses.
    pub(super) fn closed_at(&self, gateway: &ResourceKey) -> Option<Control> {
        (self.crossing == Crossing::Closed).then(|| self.control(gateway))
    }

    fn control(&self, gateway: &ResourceKey) -> Control {
        let setting = "has VPC Block Public Access, which refuses it".to_owned();
        Control::new(gateway, ControlKind::Setting(setting), self.origin.clone())
    }

    /// Connects the two sides of `gateway` for `transfer`, as far as that is ruled.
    pub(super) fn connect(
        &self,
        [from, to]: [&Port; 2],
        way: Way,
        transfer: Transfer,
        cause: &Arc<Cause>,
        graph: &mut GraphBuilder,
    ) {
        if self.crossing == Crossing::Open {
            graph.connect(from, to, transfer, cause);
            return;
        }
        let plain = cause;
        let cause = Arc::new(Cause { origin: self.origin.clone(), ..Cause::clone(cause).noting(&self.note) });
        let refused = Transfer { rewrite: Rewrite::identity(), ..transfer.clone() };
        if matches!((self.crossing, way), (Crossing::Closed, _) | (Crossing::Out, Way::In)) {
            graph.offer(from, to, transfer.clone(), self.control(&cause.resource));
        }
        match (self.crossing, way) {
            (Crossing::Closed, _) => graph.connect(from, Disposition::Denied, refused, &cause),
            (Crossing::Out, Way::In) => {
                if transfer.flow != Flow::Reply {
                    let refused = refused.for_flow(Flow::Opening);
                    graph.connect(from, Disposition::Denied, refused, &cause);
                }
                graph.connect(from, to, transfer.for_flow(Flow::Reply), plain);
            }
            (Crossing::Out, Way::Out) => graph.connect(from, to, transfer, plain),
            _ => graph.connect(from, to, transfer.uncertain(), &cause),
        }
    }
}

impl Resource for VpcBlockPublicAccess {
    const TYPE: &'static str = "AWS::EC2::VPCBlockPublicAccessOptions";
    const LIST: &'static str = "VpcBlockPublicAccessOptions";
    const OWN: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.id
    }

    fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    fn region(&self) -> Option<String> {
        self.region.clone()
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    /// A VPC with a host in each of two subnets, a NAT gateway in the second, and both kinds of gateway.
    fn network(more: &str) -> String {
        let arn = "arn:aws:ec2:eu-west-1:111122223333";
        let more = more.replace("ARN", arn);
        format!(
            r#"{{"Vpcs":[{{"VpcId":"vpc-1","OwnerId":"111122223333","CidrBlock":"10.0.0.0/16","Ipv6CidrBlockAssociationSet":[{{"Ipv6CidrBlock":"2600:1f00::/56"}}]}}],"Subnets":[{{"SubnetId":"subnet-1","VpcId":"vpc-1","OwnerId":"111122223333","AvailabilityZone":"eu-west-1a","CidrBlock":"10.0.1.0/24","Ipv6CidrBlockAssociationSet":[{{"Ipv6CidrBlock":"2600:1f00:0:1::/64"}}]}},{{"SubnetId":"subnet-2","VpcId":"vpc-1","OwnerId":"111122223333","AvailabilityZone":"eu-west-1a","CidrBlock":"10.0.2.0/24"}}],"NetworkInterfaces":[{{"NetworkInterfaceId":"eni-1","OwnerId":"111122223333","AvailabilityZone":"eu-west-1a","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Association":{{"PublicIp":"3.0.0.1"}},"Groups":[]}}],"NatGateways":[{{"NatGatewayId":"nat-1","SubnetId":"subnet-2","VpcId":"vpc-1","NatGatewayAddresses":[{{"PrivateIp":"10.0.2.9","PublicIp":"3.0.0.9"}}]}}],"InternetGateways":[{{"InternetGatewayId":"igw-1","Attachments":[{{"VpcId":"vpc-1","State":"available"}}]}}],"EgressOnlyInternetGateways":[{{"EgressOnlyInternetGatewayId":"eigw-1","Attachments":[{{"VpcId":"vpc-1","State":"attached"}}]}}],{more}}}"#
        )
    }

    fn at_gateways(more: &str) -> String {
        let text = among(&network(more), "igw-1/");
        let private = "{10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}";
        let beyond = |side: &str| format!(" and ipv4 and not ({side} in {private})");
        text.replace(&beyond("src_ip"), "").replace(&beyond("dst_ip"), "")
    }

    #[test]
    fn both_ways_are_blocked() {
        insta::assert_snapshot!(at_gateways(r#""VpcBlockPublicAccessOptions":{"AwsAccountId":"111122223333","AwsRegion":"eu-west-1","State":"update-complete","InternetGatewayBlockMode":"block-bidirectional"},"VpcBlockPublicAccessExclusions":[]"#), @r"
        eigw-1/arriving -> denied: reply dst_ip in 2600:1f00::/56 and src_ip in 2000::/3 (VPC Block Public Access is block-bidirectional and does not exclude `vpc-1`)
        eigw-1/routed@vpc-1 -> denied: src_ip in 2600:1f00::/56 and dst_ip in 2000::/3 (VPC Block Public Access is block-bidirectional and does not exclude `vpc-1`)
        igw-1/admitted -> vpc-1/local: any packet
        igw-1/arriving -> denied: dst_ip 3.0.0.1 (VPC Block Public Access is block-bidirectional and does not exclude `vpc-1`)
        igw-1/arriving -> denied: dst_ip 3.0.0.9 (VPC Block Public Access is block-bidirectional and does not exclude `vpc-1`)
        igw-1/arriving -> denied: dst_ip in 2600:1f00::/56 and dst_ip in 2000::/3 and src_ip in 2000::/3 (VPC Block Public Access is block-bidirectional and does not exclude `vpc-1`)
        igw-1/routed@vpc-1 -> denied: src_ip 10.0.1.5 (VPC Block Public Access is block-bidirectional and does not exclude `vpc-1`)
        igw-1/routed@vpc-1 -> denied: src_ip 10.0.2.9 (VPC Block Public Access is block-bidirectional and does not exclude `vpc-1`)
        igw-1/routed@vpc-1 -> denied: src_ip in 2600:1f00::/56 and src_ip in 2000::/3 and dst_ip in 2000::/3 (VPC Block Public Access is block-bidirectional and does not exclude `vpc-1`)
        ");
    }

    #[test]
    fn ingress_only_lets_nat_gateways_and_egress_only_gateways_through() {
        insta::assert_snapshot!(at_gateways(r#""VpcBlockPublicAccessOptions":{"AwsAccountId":"111122223333","AwsRegion":"eu-west-1","State":"update-complete","InternetGatewayBlockMode":"block-ingress"},"VpcBlockPublicAccessExclusions":[]"#), @r"
        eigw-1/arriving -> vpc-1/local: reply dst_ip in 2600:1f00::/56 and src_ip in 2000::/3
        eigw-1/routed@vpc-1 -> eigw-1/outside: src_ip in 2600:1f00::/56 and dst_ip in 2000::/3
        igw-1/admitted -> vpc-1/local: any packet
        igw-1/arriving -> denied: dst_ip 3.0.0.1 (VPC Block Public Access is block-ingress and does not exclude `vpc-1`)
        igw-1/arriving -> denied: dst_ip in 2600:1f00::/56 and dst_ip in 2000::/3 and src_ip in 2000::/3 (VPC Block Public Access is block-ingress and does not exclude `vpc-1`)
        igw-1/arriving -> igw-1/admitted: dst_ip 3.0.0.9; dst_ip := 10.0.2.9
        igw-1/routed@vpc-1 -> denied: src_ip 10.0.1.5 (VPC Block Public Access is block-ingress and does not exclude `vpc-1`)
        igw-1/routed@vpc-1 -> denied: src_ip in 2600:1f00::/56 and src_ip in 2000::/3 and dst_ip in 2000::/3 (VPC Block Public Access is block-ingress and does not exclude `vpc-1`)
        igw-1/routed@vpc-1 -> igw-1/outside: src_ip 10.0.2.9; src_ip := 3.0.0.9
        ");
    }

    #[test]
    fn a_subnet_is_excluded_by_itself() {
        insta::assert_snapshot!(at_gateways(r#""VpcBlockPublicAccessOptions":{"AwsAccountId":"111122223333","AwsRegion":"eu-west-1","State":"update-complete","InternetGatewayBlockMode":"block-bidirectional"},"VpcBlockPublicAccessExclusions":[{"ExclusionId":"vpcbpa-exclude-1","ResourceArn":"ARN:subnet/subnet-1","InternetGatewayExclusionMode":"allow-bidirectional","State":"create-complete"},{"ExclusionId":"vpcbpa-exclude-2","ResourceArn":"ARN:subnet/subnet-2","InternetGatewayExclusionMode":"allow-bidirectional","State":"delete-complete"}]"#), @r"
        eigw-1/arriving -> denied: reply dst_ip in 2600:1f00::/56 and not (dst_ip in 10.0.1.0/24 or dst_ip in 2600:1f00:0:1::/64) and src_ip in 2000::/3 (VPC Block Public Access is block-bidirectional and does not exclude `vpc-1`)
        eigw-1/arriving -> vpc-1/local: reply dst_ip in 2600:1f00::/56 and (dst_ip in 10.0.1.0/24 or dst_ip in 2600:1f00:0:1::/64) and src_ip in 2000::/3
        eigw-1/routed@vpc-1 -> denied: src_ip in 2600:1f00::/56 and not (src_ip in 10.0.1.0/24 or src_ip in 2600:1f00:0:1::/64) and dst_ip in 2000::/3 (VPC Block Public Access is block-bidirectional and does not exclude `vpc-1`)
        eigw-1/routed@vpc-1 -> eigw-1/outside: src_ip in 2600:1f00::/56 and (src_ip in 10.0.1.0/24 or src_ip in 2600:1f00:0:1::/64) and dst_ip in 2000::/3
        igw-1/admitted -> vpc-1/local: any packet
        igw-1/arriving -> denied: dst_ip 3.0.0.9 (VPC Block Public Access is block-bidirectional and does not exclude `vpc-1`)
        igw-1/arriving -> denied: dst_ip in 2600:1f00::/56 and dst_ip in 2000::/3 and not (dst_ip in 10.0.1.0/24 or dst_ip in 2600:1f00:0:1::/64) and src_ip in 2000::/3 (VPC Block Public Access is block-bidirectional and does not exclude `vpc-1`)
        igw-1/arriving -> igw-1/admitted: dst_ip 3.0.0.1; dst_ip := 10.0.1.5
        igw-1/arriving -> igw-1/admitted: dst_ip in 2600:1f00::/56 and dst_ip in 2000::/3 and (dst_ip in 10.0.1.0/24 or dst_ip in 2600:1f00:0:1::/64) and src_ip in 2000::/3
        igw-1/routed@vpc-1 -> denied: src_ip 10.0.2.9 (VPC Block Public Access is block-bidirectional and does not exclude `vpc-1`)
        igw-1/routed@vpc-1 -> denied: src_ip in 2600:1f00::/56 and src_ip in 2000::/3 and not (src_ip in 10.0.1.0/24 or src_ip in 2600:1f00:0:1::/64) and dst_ip in 2000::/3 (VPC Block Public Access is block-bidirectional and does not exclude `vpc-1`)
        igw-1/routed@vpc-1 -> igw-1/outside: src_ip 10.0.1.5; src_ip := 3.0.0.1
        igw-1/routed@vpc-1 -> igw-1/outside: src_ip in 2600:1f00::/56 and src_ip in 2000::/3 and (src_ip in 10.0.1.0/24 or src_ip in 2600:1f00:0:1::/64) and dst_ip in 2000::/3
        ");
    }

    #[test]
    fn an_exclusion_for_egress_keeps_strangers_out() {
        insta::assert_snapshot!(at_gateways(r#""VpcBlockPublicAccessOptions":{"AwsAccountId":"111122223333","AwsRegion":"eu-west-1","State":"update-complete","InternetGatewayBlockMode":"block-bidirectional"},"VpcBlockPublicAccessExclusions":[{"ExclusionId":"vpcbpa-exclude-1","ResourceArn":"ARN:vpc/vpc-1","InternetGatewayExclusionMode":"allow-egress","State":"create-complete"}]"#), @"
        eigw-1/arriving -> vpc-1/local: reply dst_ip in 2600:1f00::/56 and src_ip in 2000::/3
        eigw-1/routed@vpc-1 -> eigw-1/outside: src_ip in 2600:1f00::/56 and dst_ip in 2000::/3
        igw-1/admitted -> vpc-1/local: any packet
        igw-1/arriving -> denied: opening dst_ip 3.0.0.1 (VPC Block Public Access excludes only conversations that are opened from within)
        igw-1/arriving -> denied: opening dst_ip in 2600:1f00::/56 and dst_ip in 2000::/3 and src_ip in 2000::/3 (VPC Block Public Access excludes only conversations that are opened from within)
        igw-1/arriving -> igw-1/admitted: dst_ip 3.0.0.9; dst_ip := 10.0.2.9
        igw-1/arriving -> igw-1/admitted: reply dst_ip 3.0.0.1; dst_ip := 10.0.1.5
        igw-1/arriving -> igw-1/admitted: reply dst_ip in 2600:1f00::/56 and dst_ip in 2000::/3 and src_ip in 2000::/3
        igw-1/routed@vpc-1 -> igw-1/outside: src_ip 10.0.1.5; src_ip := 3.0.0.1
        igw-1/routed@vpc-1 -> igw-1/outside: src_ip 10.0.2.9; src_ip := 3.0.0.9
        igw-1/routed@vpc-1 -> igw-1/outside: src_ip in 2600:1f00::/56 and src_ip in 2000::/3 and dst_ip in 2000::/3
        ");
    }

    #[test]
    fn options_of_other_accounts_and_off_change_nothing() {
        let plain = at_gateways(r#""VpcBlockPublicAccessExclusions":[]"#);
        let other = at_gateways(
            r#""VpcBlockPublicAccessOptions":{"AwsAccountId":"444455556666","AwsRegion":"eu-west-1","State":"update-complete","InternetGatewayBlockMode":"block-bidirectional"},"VpcBlockPublicAccessExclusions":[]"#,
        );
        let off = at_gateways(
            r#""VpcBlockPublicAccessOptions":{"AwsAccountId":"111122223333","AwsRegion":"eu-west-1","State":"default-state","InternetGatewayBlockMode":"off"},"VpcBlockPublicAccessExclusions":[]"#,
        );
        assert_eq!((&plain, &plain), (&other, &off));
        assert!(!plain.is_empty());
    }

    #[test]
    fn what_is_being_changed_is_unknown() {
        insta::assert_snapshot!(at_gateways(r#""VpcBlockPublicAccessOptions":{"AwsAccountId":"111122223333","AwsRegion":"eu-west-1","State":"update-in-progress","InternetGatewayBlockMode":"block-bidirectional"},"VpcBlockPublicAccessExclusions":[]"#), @r"
        eigw-1/arriving -> vpc-1/local: reply dst_ip in 2600:1f00::/56 and src_ip in 2000::/3; uncertain (VPC Block Public Access is being changed)
        eigw-1/routed@vpc-1 -> eigw-1/outside: src_ip in 2600:1f00::/56 and dst_ip in 2000::/3; uncertain (VPC Block Public Access is being changed)
        igw-1/admitted -> vpc-1/local: any packet
        igw-1/arriving -> igw-1/admitted: dst_ip 3.0.0.1; dst_ip := 10.0.1.5; uncertain (VPC Block Public Access is being changed)
        igw-1/arriving -> igw-1/admitted: dst_ip 3.0.0.9; dst_ip := 10.0.2.9; uncertain (VPC Block Public Access is being changed)
        igw-1/arriving -> igw-1/admitted: dst_ip in 2600:1f00::/56 and dst_ip in 2000::/3 and src_ip in 2000::/3; uncertain (VPC Block Public Access is being changed)
        igw-1/routed@vpc-1 -> igw-1/outside: src_ip 10.0.1.5; src_ip := 3.0.0.1; uncertain (VPC Block Public Access is being changed)
        igw-1/routed@vpc-1 -> igw-1/outside: src_ip 10.0.2.9; src_ip := 3.0.0.9; uncertain (VPC Block Public Access is being changed)
        igw-1/routed@vpc-1 -> igw-1/outside: src_ip in 2600:1f00::/56 and src_ip in 2000::/3 and dst_ip in 2000::/3; uncertain (VPC Block Public Access is being changed)
        ");
    }
}
