//! What a generated network is like.

/// Counts and shares of a generated network. Shares are per cent, 0 to 100.
///
/// Every value has a range, given by an AWS quota or by the address space; what lies outside is brought to the
/// nearest end of the range before anything is generated ([`Parameters::within_quotas`]).
///
/// SOURCE: Amazon VPC quotas, checked 2026-11-23 (rules per security group and direction, security groups per
/// interface, rules per network ACL, subnets per VPC, peering connections per VPC).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parameters {
    /// AWS accounts, 1 to 100. VPCs are dealt out to accounts and Regions in turn.
    pub accounts: u32,
    /// Regions per account, 1 to 8.
    pub regions: u32,
    /// VPCs, 1 to as many as fit in 10.0.0.0/8 without overlap (256 or more).
    pub vpcs: u32,
    /// Subnets per VPC, 1 to 200; less when they would not fit in a /16.
    pub subnets_per_vpc: u32,
    /// Network interfaces per subnet, 1 to 4,000, besides those of NAT gateways.
    pub interfaces_per_subnet: u32,
    /// Security groups per VPC besides the default one, 1 to 2,000.
    pub groups_per_vpc: u32,
    /// Security groups per interface, 1 to 5, and no more than there are.
    pub groups_per_interface: u32,
    /// Different sets of security groups in one subnet, 1 or more: interfaces of one role share them.
    pub group_sets_per_subnet: u32,
    /// Rules per security group, 2 to 80; three quarters of them inbound.
    pub rules_per_group: u32,
    /// Share of the rules that name a security group or a prefix list instead of addresses.
    pub reference_percent: u32,
    /// Customer-managed prefix lists per account and Region, 0 to 100.
    pub prefix_lists: u32,
    /// Entries per customer-managed prefix list, 1 to 20.
    pub prefix_list_entries: u32,
    /// Numbered entries per direction of a custom network ACL, 4 to 38; the final denies come on top.
    pub acl_entries: u32,
    /// Share of the numbered network ACL entries that deny.
    pub acl_deny_percent: u32,
    /// Share of the subnets that are public: default routes to the internet gateway.
    pub public_percent: u32,
    /// Share of the subnets that are isolated: local routes only. The rest is private: default routes to a NAT
    /// gateway and, for IPv6, to an egress-only gateway.
    pub isolated_percent: u32,
    /// Share of the interfaces in public subnets that have a public IPv4 address.
    pub public_address_percent: u32,
    /// NAT gateways per VPC, 0 to 5; none when there is no public subnet.
    pub nat_gateways_per_vpc: u32,
    /// Share of the VPCs that have a gateway endpoint for S3.
    pub endpoint_percent: u32,
    /// Share of the VPCs that have IPv6 as well.
    pub ipv6_percent: u32,
    /// Peering connections per VPC, 0 to 40; less when there are too few VPCs.
    pub peerings_per_vpc: u32,
    /// After how many VPCs the pattern starts again. VPCs of equal pattern differ in ids and addresses only, so
    /// that every count grows in step with the VPCs. `None`: all VPCs differ.
    pub vpc_patterns: Option<u32>,
}

impl Default for Parameters {
    /// The small size.
    fn default() -> Self {
        Self::small()
    }
}

impl Parameters {
    /// 500 interfaces, about 1 MB.
    pub fn small() -> Self {
        Self {
            accounts: 1,
            regions: 1,
            vpcs: 5,
            subnets_per_vpc: 10,
            interfaces_per_subnet: 10,
            groups_per_vpc: 20,
            groups_per_interface: 3,
            group_sets_per_subnet: 10,
            rules_per_group: 20,
            reference_percent: 20,
            prefix_lists: 4,
            prefix_list_entries: 10,
            acl_entries: 10,
            acl_deny_percent: 30,
            public_percent: 40,
            isolated_percent: 30,
            public_address_percent: 80,
            nat_gateways_per_vpc: 1,
            endpoint_percent: 60,
            ipv6_percent: 40,
            peerings_per_vpc: 2,
            vpc_patterns: None,
        }
    }

    /// 20,000 interfaces, 1.2 million rules counted once per interface they apply to.
    pub fn medium() -> Self {
        Self {
            vpcs: 20,
            subnets_per_vpc: 25,
            interfaces_per_subnet: 40,
            groups_per_vpc: 40,
            prefix_lists: 10,
            acl_entries: 14,
            nat_gateways_per_vpc: 2,
            peerings_per_vpc: 4,
            ..Self::small()
        }
    }

    /// 200,000 interfaces, 12 million rules counted once per interface they apply to.
    pub fn large() -> Self {
        Self {
            vpcs: 50,
            subnets_per_vpc: 50,
            interfaces_per_subnet: 80,
            groups_per_vpc: 60,
            prefix_lists: 20,
            acl_entries: 18,
            nat_gateways_per_vpc: 3,
            ..Self::medium()
        }
    }

    /// `interfaces` interfaces, rounded up to a multiple of 100: that many VPCs of 100 interfaces each, for
    /// tests of how work grows. The pattern starts again every ten VPCs, so a multiple of 1,000 has exactly
    /// proportional counts. At most 6.5 million.
    pub fn interfaces(interfaces: u32) -> Self {
        Self { vpcs: interfaces.div_ceil(100), vpc_patterns: Some(10), ..Self::small() }
    }

    /// The same parameters with every value brought into its range.
    #[must_use]
    pub fn within_quotas(&self) -> Self {
        let mut within = self.clone();
        let Self { reference_percent, acl_deny_percent, public_percent, isolated_percent, .. } = &mut within;
        for share in [reference_percent, acl_deny_percent, public_percent, isolated_percent] {
            *share = (*share).min(100);
        }
        let Self { public_address_percent, endpoint_percent, ipv6_percent, .. } = &mut within;
        for share in [public_address_percent, endpoint_percent, ipv6_percent] {
            *share = (*share).min(100);
        }
        within.accounts = self.accounts.clamp(1, 100);
        within.regions = self.regions.clamp(1, 8);
        within.interfaces_per_subnet = self.interfaces_per_subnet.clamp(1, 4_000);
        within.nat_gateways_per_vpc = self.nat_gateways_per_vpc.min(5);
        within.subnets_per_vpc = self.subnets_per_vpc.clamp(1, (1 << (16 - within.subnet_bits())).min(200));
        within.vpcs = self.vpcs.clamp(1, 1 << (24 - within.vpc_bits()));
        within.groups_per_vpc = self.groups_per_vpc.clamp(1, 2_000);
        within.groups_per_interface = self.groups_per_interface.clamp(1, within.groups_per_vpc.min(5));
        within.group_sets_per_subnet = self.group_sets_per_subnet.max(1);
        within.rules_per_group = self.rules_per_group.clamp(2, 80);
        within.prefix_lists = self.prefix_lists.min(100);
        within.prefix_list_entries = self.prefix_list_entries.clamp(1, 20);
        within.acl_entries = self.acl_entries.clamp(4, 38);
        within.peerings_per_vpc = self.peerings_per_vpc.min(40);
        within.vpc_patterns = self.vpc_patterns.map(|patterns| patterns.max(1));
        within
    }

    /// Network interfaces in the network, those of NAT gateways not counted.
    pub fn interface_count(&self) -> u32 {
        let within = self.within_quotas();
        within.vpcs * within.subnets_per_vpc * within.interfaces_per_subnet
    }

    /// Bits of an address inside a subnet: room for its interfaces, NAT gateways and AWS's five addresses.
    pub(super) fn subnet_bits(&self) -> u32 {
        bits_for(self.interfaces_per_subnet + self.nat_gateways_per_vpc.max(1) + 5).max(4)
    }

    /// Bits of an address inside a VPC.
    pub(super) fn vpc_bits(&self) -> u32 {
        self.subnet_bits() + bits_for(self.subnets_per_vpc)
    }
}

/// The fewest bits that can number `count` things.
fn bits_for(count: u32) -> u32 {
    count.next_power_of_two().trailing_zeros()
}
