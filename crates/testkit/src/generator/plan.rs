//! Who is where: places, VPCs, subnets, interfaces, peers, and their ids and addresses.
//!
//! Everything here is computed from numbers; nothing is stored.

use crate::draws::{Draws, mix};
use crate::generator::Parameters;
use crate::generator::addresses::{Block, Block6};

const REGIONS: [&str; 8] = [
    "us-east-1",
    "eu-west-1",
    "us-west-2",
    "ap-southeast-2",
    "eu-central-1",
    "sa-east-1",
    "ca-central-1",
    "ap-northeast-1",
];

/// A network to be: parameters within their ranges, and the seed.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) parameters: Parameters,
    pub(super) seed: u64,
}

/// An account and one of its Regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    account: u32,
    region: u32,
    number: u32,
}

impl Place {
    /// The account's twelve digits.
    pub(super) fn account(self) -> String {
        format!("{:012}", 111_122_223_333 + u64::from(self.account) * 1_001_001_001)
    }

    pub(super) fn region(self) -> &'static str {
        REGIONS.get(self.region as usize).copied().unwrap_or("us-east-1")
    }
}

impl Plan {
    pub(super) fn new(parameters: &Parameters, seed: u64) -> Self {
        Self { parameters: parameters.within_quotas(), seed }
    }

    /// Every account and Region, even one that got no VPC.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        (0..self.parameters.accounts * self.parameters.regions).map(|number| self.place(number))
    }

    fn place(&self, number: u32) -> Place {
        Place { account: number / self.parameters.regions, region: number % self.parameters.regions, number }
    }

    /// The name of the file that holds a command's answer.
    pub(super) fn file(&self, place: Place, command: &str) -> String {
        if self.parameters.accounts * self.parameters.regions == 1 {
            return format!("{command}.json");
        }
        format!("{}/{}/ec2-{command}.json", place.account(), place.region())
    }

    /// The VPCs of a place.
    pub(super) fn vpcs(&self, place: Place) -> impl Iterator<Item = Vpc<'_>> {
        let places = self.parameters.accounts * self.parameters.regions;
        (place.number..self.parameters.vpcs).step_by(places as usize).map(|number| self.vpc(number))
    }

    fn vpc(&self, number: u32) -> Vpc<'_> {
        let place = self.place(number % (self.parameters.accounts * self.parameters.regions));
        Vpc { plan: self, place, number, pattern: number % self.parameters.vpc_patterns.unwrap_or(u32::MAX) }
    }

    /// The prefix lists of a place: AWS's own for S3 first, then the customer-managed ones.
    pub(super) fn prefix_lists(&self, place: Place) -> impl Iterator<Item = PrefixList<'_>> {
        (0..=self.parameters.prefix_lists).map(move |number| PrefixList { plan: self, place, number })
    }

    /// The prefix list with this number in a place; 0 is AWS's own.
    pub(super) fn prefix_list(&self, place: Place, number: u32) -> PrefixList<'_> {
        PrefixList { plan: self, place, number }
    }

    /// An id with the given prefix. Different numbers give different ids.
    pub(super) fn id(&self, prefix: &str, number: u64) -> String {
        format!("{prefix}-0{:016x}", self.scattered(prefix, number))
    }

    /// 64 bits for the thing with this number; different numbers give different bits.
    pub(super) fn scattered(&self, topic: &str, number: u64) -> u64 {
        mix(Draws::new(self.seed, topic, &[]).next() ^ number)
    }
}

/// True for `percent` of 100 numbers, evenly spread.
pub(super) fn spread(number: u32, percent: u32) -> bool {
    let upto = |count: u64| count * u64::from(percent) / 100;
    upto(u64::from(number) + 1) > upto(u64::from(number))
}

/// A VPC of the plan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vpc<'p> {
    pub(super) plan: &'p Plan,
    pub(super) place: Place,
    pub(super) number: u32,
    /// What the draws depend on; VPCs of equal pattern differ in ids and addresses only.
    pattern: u32,
}

impl<'p> Vpc<'p> {
    pub(super) fn id(self) -> String {
        self.plan.id("vpc", self.number.into())
    }

    /// The id of something of which a VPC has fewer than 2^20, such as a group or a route table.
    pub(super) fn id_of(self, prefix: &str, number: u32) -> String {
        self.plan.id(prefix, (u64::from(self.number) << 20) | u64::from(number))
    }

    /// Draws for a part of this VPC.
    pub(super) fn draws(self, topic: &str, indexes: [u32; 2]) -> Draws {
        let [first, second] = indexes;
        Draws::new(self.plan.seed, topic, &[self.pattern.into(), first.into(), second.into()])
    }

    pub(super) fn block(self) -> Block {
        let bits = self.plan.parameters.vpc_bits();
        Block::new((10 << 24) | (self.number << bits), 32 - bits)
    }

    /// The IPv6 block, if the VPC has one.
    pub(super) fn block6(self) -> Option<Block6> {
        spread(self.pattern, self.plan.parameters.ipv6_percent).then(|| Block6::of_vpc(self.number))
    }

    pub(super) fn has_endpoint(self) -> bool {
        spread(self.pattern, self.plan.parameters.endpoint_percent)
    }

    pub(super) fn subnets(self) -> impl Iterator<Item = Subnet<'p>> {
        (0..self.plan.parameters.subnets_per_vpc).map(move |number| self.subnet(number))
    }

    pub(super) fn subnet(self, number: u32) -> Subnet<'p> {
        Subnet { vpc: self, number }
    }

    /// How many of the subnets are public; they come first.
    pub(super) fn public_subnets(self) -> u32 {
        let Parameters { subnets_per_vpc, public_percent, .. } = self.plan.parameters;
        (subnets_per_vpc * public_percent).div_ceil(100)
    }

    /// How many of the subnets are isolated; they come last.
    pub(super) fn isolated_subnets(self) -> u32 {
        let Parameters { subnets_per_vpc, isolated_percent, .. } = self.plan.parameters;
        (subnets_per_vpc * isolated_percent).div_ceil(100).min(subnets_per_vpc - self.public_subnets())
    }

    pub(super) fn nat_gateways(self) -> u32 {
        if self.public_subnets() == 0 { 0 } else { self.plan.parameters.nat_gateways_per_vpc }
    }

    /// The NAT gateway with this number: the public subnet it stands in and its place among the addresses.
    pub(super) fn nat_gateway(self, number: u32) -> (Subnet<'p>, u32) {
        let public = self.public_subnets().max(1);
        let offset = FIRST_HOST + self.plan.parameters.interfaces_per_subnet + number / public;
        (self.subnet(number % public), offset)
    }

    /// The peering connections this VPC takes part in, in a fixed order.
    ///
    /// VPCs stand in a circle and each asks the next, the next but one and so on; an odd number of connections
    /// is made even by pairs.
    pub(super) fn peerings(self) -> Vec<Peering<'p>> {
        let vpcs = self.plan.parameters.vpcs;
        let rings = self.plan.parameters.peerings_per_vpc / 2;
        let mut found = Vec::new();
        for step in (1..=rings).filter(|step| 2 * step < vpcs) {
            found.push(self.asking(step));
            found.push(self.plan.vpc((self.number + vpcs - step) % vpcs).asking(step));
        }
        let step = rings + 1;
        if self.plan.parameters.peerings_per_vpc % 2 == 1 && 2 * step <= vpcs {
            let asks = (self.number / step).is_multiple_of(2);
            if asks && self.number + step < vpcs {
                found.push(self.asking(step));
            } else if !asks {
                found.push(self.plan.vpc(self.number - step).asking(step));
            }
        }
        found
    }

    fn asking(self, step: u32) -> Peering<'p> {
        let accepter = self.plan.vpc((self.number + step) % self.plan.parameters.vpcs);
        let state = match self.draws("peering", [step, 0]).below(10) {
            0 => PeeringState::Pending,
            1 => PeeringState::OneWayRoutes,
            _ => PeeringState::Routed,
        };
        Peering { requester: self, accepter, step, state }
    }
}

/// The offset of the first address that an interface may have.
/// SOURCE: VPC user guide, Subnet CIDR blocks, checked 2026-11-23: AWS keeps the first four addresses and the last.
pub(super) const FIRST_HOST: u32 = 4;

/// A subnet of the plan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subnet<'p> {
    pub(super) vpc: Vpc<'p>,
    pub(super) number: u32,
}

/// Where a subnet's default route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Public,
    Private,
    Isolated,
}

impl Kind {
    /// A word for names.
    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Public => "public",
            Kind::Private => "private",
            Kind::Isolated => "isolated",
        }
    }
}

impl<'p> Subnet<'p> {
    pub(super) fn id(self) -> String {
        self.vpc.id_of("subnet", self.number)
    }

    pub(super) fn kind(self) -> Kind {
        if self.number < self.vpc.public_subnets() {
            Kind::Public
        } else if self.number >= self.vpc.plan.parameters.subnets_per_vpc - self.vpc.isolated_subnets() {
            Kind::Isolated
        } else {
            Kind::Private
        }
    }

    pub(super) fn block(self) -> Block {
        let bits = self.vpc.plan.parameters.subnet_bits();
        Block::new(u32::from(self.vpc.block().address(self.number << bits)), 32 - bits)
    }

    pub(super) fn block6(self) -> Option<Block6> {
        self.vpc.block6().map(|block| block.subnet(self.number))
    }

    /// The letter of the Availability Zone.
    pub(super) fn zone(self) -> char {
        ['a', 'b', 'c'].get(self.number as usize % 3).copied().unwrap_or('a')
    }

    pub(super) fn interfaces(self) -> impl Iterator<Item = Interface<'p>> {
        (0..self.vpc.plan.parameters.interfaces_per_subnet)
            .map(move |number| Interface { subnet: self, number })
    }
}

/// A network interface of the plan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interface<'p> {
    pub(super) subnet: Subnet<'p>,
    pub(super) number: u32,
}

/// What an interface hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Instance,
    Database,
    Nobody,
}

impl Interface<'_> {
    /// The number among all interfaces of the network.
    pub(super) fn serial(self) -> u32 {
        let Parameters { subnets_per_vpc, interfaces_per_subnet, .. } = self.subnet.vpc.plan.parameters;
        (self.subnet.vpc.number * subnets_per_vpc + self.subnet.number) * interfaces_per_subnet + self.number
    }

    /// An id of this interface or of something it alone has.
    pub(super) fn id(self, prefix: &str) -> String {
        self.subnet.vpc.plan.id(prefix, self.serial().into())
    }

    pub(super) fn draws(self, topic: &str) -> Draws {
        self.subnet.vpc.draws(topic, [self.subnet.number, self.number])
    }

    pub(super) fn holder(self) -> Holder {
        match self.draws("holder").below(20) {
            0 => Holder::Nobody,
            1 | 2 => Holder::Database,
            _ => Holder::Instance,
        }
    }

    pub(super) fn has_public_address(self) -> bool {
        self.subnet.kind() == Kind::Public
            && self.holder() != Holder::Nobody
            && self.draws("public").chance(self.subnet.vpc.plan.parameters.public_address_percent)
    }

    /// The numbers of the security groups, ascending.
    pub(super) fn groups(self) -> Vec<u32> {
        let Parameters { groups_per_vpc, groups_per_interface, group_sets_per_subnet, .. } =
            self.subnet.vpc.plan.parameters;
        let set = self.draws("role").below(group_sets_per_subnet);
        let mut draws = self.subnet.vpc.draws("group set", [self.subnet.number, set]);
        let mut groups: Vec<u32> = Vec::new();
        while groups.len() < groups_per_interface as usize {
            let group = 1 + draws.below(groups_per_vpc);
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        groups.sort_unstable();
        groups
    }
}

/// A peering connection of the plan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peering<'p> {
    pub(super) requester: Vpc<'p>,
    pub(super) accepter: Vpc<'p>,
    step: u32,
    pub(super) state: PeeringState,
}

/// How far a peering connection has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PeeringState {
    /// Nobody accepted it yet; no routes.
    Pending,
    /// Active; routes in the requester only.
    OneWayRoutes,
    /// Active; routes in both.
    Routed,
}

impl<'p> Peering<'p> {
    pub(super) fn id(self) -> String {
        self.requester.id_of("pcx", self.step)
    }

    /// The VPC that `here` has routes to over this connection, if it has any.
    pub(super) fn routed_from(self, here: Vpc<'p>) -> Option<Vpc<'p>> {
        let asks = self.requester.number == here.number;
        match self.state {
            PeeringState::Pending => None,
            PeeringState::OneWayRoutes if !asks => None,
            PeeringState::OneWayRoutes | PeeringState::Routed => {
                Some(if asks { self.accepter } else { self.requester })
            }
        }
    }
}

/// A managed prefix list of the plan.
#[derive(Clone, Copy, Debug)]
pub(super) struct PrefixList<'p> {
    pub(super) plan: &'p Plan,
    pub(super) place: Place,
    /// 0 is AWS's own list for S3.
    pub(super) number: u32,
}

impl PrefixList<'_> {
    pub(super) fn id(self) -> String {
        let number = (u64::from(self.place.number) << 20) | u64::from(self.number);
        if self.number == 0 {
            // AWS's own lists have the same id in every account of a Region, and a short one.
            return format!("pl-{:08x}", 0x63a5_400a_u32 ^ (self.place.region << 12));
        }
        self.plan.id("pl", number)
    }

    /// The command, with what tells one answer from another, that prints this list's entries.
    pub(super) fn file(self) -> String {
        format!("get-managed-prefix-list-entries/{}", self.id())
    }
}
