//! EC2 instance: a name for its network interfaces.
//!
//! No ports: packets reach its interfaces. Interfaces that an instance lists and that were not exported themselves
//! are taken from the instance.
//!
//! SOURCE: EC2 API reference, `InstanceNetworkInterface` (checked 2026-11-23).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{
    Resource, Tags, describe, network_interface::NetworkInterface, nullable, optional, region_of_zone,
    subnet::Subnet, vpc::Vpc,
};
use crate::{
    Diagnostic, Entry, Id, Inventory,
    inventory::{Reading, Records},
};

/// An instance, as `describe-instances` prints it within its reservation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Instance {
    instance_id: Id<Instance>,
    #[serde(default, deserialize_with = "optional")]
    vpc_id: Option<Id<Vpc>>,
    #[serde(default, deserialize_with = "optional")]
    subnet_id: Option<Id<Subnet>>,
    placement: Option<Placement>,
    #[serde(default, deserialize_with = "nullable")]
    network_interfaces: Vec<NetworkInterface>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Placement {
    #[serde(default, deserialize_with = "optional")]
    availability_zone: Option<String>,
}

/// Adds the interfaces that instances list. They count where they were not exported themselves.
pub(crate) fn interfaces(reading: &mut Reading<'_>, exported: &mut Records<NetworkInterface>) {
    // Interfaces of instances alone are not all interfaces, so they make no table of interfaces complete.
    let missing = exported.is_absent();
    let mut any = false;
    for mut instance in reading.glances::<Instance>(Instance::LIST) {
        let zone = instance.value.placement.take().and_then(|placement| placement.availability_zone);
        let id = instance.value.instance_id.clone();
        for (at, interface) in std::mem::take(&mut instance.value.network_interfaces).into_iter().enumerate()
        {
            let interface = interface.of_instance(&id, zone.as_deref());
            let account = interface.account().map(str::to_owned);
            let pointer = format!("/NetworkInterfaces/{at}");
            exported.conclude(
                interface,
                &instance,
                &pointer,
                account.as_deref(),
                region_of_zone(zone.as_deref()),
            );
            any = true;
        }
    }
    if missing && any {
        reading.diagnostics.push(
            Diagnostic::warning(
                "missing-table",
                None,
                "the snapshot holds no `NetworkInterfaces`; the interfaces that instances list are used",
            )
            .with_help("add the output of `aws ec2 describe-network-interfaces`: load balancers, databases and functions have interfaces too"),
        );
    }
}

impl Resource for Instance {
    const TYPE: &'static str = "AWS::EC2::Instance";
    const LIST: &'static str = "Instances";
    const OWN: bool = true;
    const ROUTABLE: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.instance_id
    }

    fn region(&self) -> Option<String> {
        region_of_zone(self.placement.as_ref().and_then(|placement| placement.availability_zone.as_deref()))
    }

    fn elsewhere(&self, here: &Entry<Self>, vpc: &Id<Vpc>, inventory: &Inventory) -> Option<String> {
        let mut interfaces = inventory.naming::<NetworkInterface, Self>("instance", here).peekable();
        if interfaces.peek().is_none() {
            let all = inventory.table::<NetworkInterface>().complete(&here.place);
            return all.then(|| format!("`{}` has no network interface", self.instance_id));
        }
        let reasons: Option<Vec<String>> =
            interfaces.map(|interface| interface.value.elsewhere(interface, vpc, inventory)).collect();
        reasons?.into_iter().next()
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "instance", &self.tags);
        let subnet = self.subnet_id.as_ref().map(|id| inventory.key_of(id, &here.place));
        let vpc = self.vpc_id.as_ref().map(|id| inventory.key_of(id, &here.place));
        resource.within = subnet.into_iter().chain(vpc).collect();
        graph.resource(resource);
    }

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}

#[cfg(test)]
mod tests {
    use crate::resource::{among, lowered};

    #[test]
    fn lists_interfaces_that_were_not_exported() {
        let export = r#"{"Reservations":[{"OwnerId":"111122223333","Instances":[{"InstanceId":"i-1","Placement":{"AvailabilityZone":"eu-west-1a"},"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}]}]}]}],"NetworkAcls":[],"RouteTables":[],"InternetGateways":[],"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[],"IpPermissionsEgress":[]}]}"#;
        insta::assert_snapshot!(lowered(export), @r"
        eni-1/routed@vpc-1 -> vpc-1/local: dst_ip 10.0.1.5
        eni-1/send -> subnet-1/groups[sg-1]/sending: src_ip 10.0.1.5
        eni-1/routed@vpc-1 -> vpc-1/local: dst_ip 10.0.1.5
        subnet-1/entering -> subnet-1/inside: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/groups[sg-1]/accepted -> eni-1/receive: dst_ip 10.0.1.5
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: reply any packet
        subnet-1/groups[sg-1]/sending -> subnet-1/groups[sg-1]/sent: reply any packet
        subnet-1/groups[sg-1]/sent -> subnet-1/out: any packet
        subnet-1/inside -> insufficient-info: opening dst_ip in 10.0.1.0/24 and not (dst_ip 10.0.1.5) (the network interfaces in `subnet-1` are not fully in the snapshot)
        subnet-1/inside -> subnet-1/groups[sg-1]/received: dst_ip 10.0.1.5
        subnet-1/leaving -> subnet-1/router: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/out -> subnet-1/inside: dst_ip in 10.0.1.0/24
        subnet-1/out -> subnet-1/leaving: [1] any packet
        subnet-1/router -> vpc-1/local: dst_ip in 10.0.0.0/16; uncertain (the route table of `subnet-1` is not in the snapshot)
        subnet-1/router -> insufficient-info: [1] any packet (the route table of `subnet-1` is not in the snapshot)
        vpc-1/local -> subnet-1/entering: dst_ip in 10.0.1.0/24
        ");
    }

    #[test]
    fn an_exported_interface_comes_first() {
        let export = r#"{"Reservations":[{"OwnerId":"111122223333","Instances":[{"InstanceId":"i-1","NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}]}]}]}],"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[],"IpPermissionsEgress":[]}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","OwnerId":"111122223333","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.6","Groups":[{"GroupId":"sg-1"}]}]}"#;
        insta::assert_snapshot!(among(export, "eni-1"), @r"
        eni-1/routed@vpc-1 -> vpc-1/local: dst_ip 10.0.1.6
        eni-1/send -> subnet-1/groups[sg-1]/sending: src_ip 10.0.1.6
        subnet-1/groups[sg-1]/accepted -> eni-1/receive: dst_ip 10.0.1.6
        ");
    }

    #[test]
    fn without_interface_a_route_leads_nowhere() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"Instances":[{"InstanceId":"i-1"}],"RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-1"}],"Routes":[{"DestinationCidrBlock":"0.0.0.0/0","InstanceId":"i-1"}]}]}"#;
        insta::assert_snapshot!(among(export, "i-1"), @"subnet-1/router -> blackhole: [129] dst_ip in 0.0.0.0/0 (`i-1` has no network interface)");
    }
}
