"""Fills a moto server with a network of two accounts and two Regions: network.fill(endpoint) -> Network.

What is built here is described a second time, by hand, in `network/`. Names are the same on both sides; what moto makes
up (ids, public addresses) is renamed by `compare.py`.

Account `hub` (the management account of an organization), us-east-1:
    VPC shop   10.0.0.0/16   internet gateway, NAT gateway, egress-only gateway, balancers, endpoints, database, functions
    VPC office 10.2.0.0/16   behind the transit gateway and a VPN
Account `hub`, eu-west-1:
    VPC build  10.1.0.0/16   peered with shop
Account `partner`, us-east-1:
    VPC partner 10.3.0.0/16  peered with shop
"""

import boto3
import botocore.config
import requests

HUB = "123456789012"  # the account of a caller without a role, in moto
ROLE = "OrganizationAccountAccessRole"
HOME, AWAY = "us-east-1", "eu-west-1"

# Must be in no file that is collected. The key of the VPN is moto's own, the same for every connection.
SECRETS = {
    "VPN key": "Iw2IAN9XUsQeYUrkMGP3kP59ugFDkfHg",
    "VPN configuration": "<pre_shared_key>",
    "variable of a function": "secret-of-the-function",
    "variable of a task": "secret-of-the-task",
    "user data": "secret-of-the-instance",
    "user data, encoded": "c2VjcmV0LW9mLXRoZS1pbnN0YW5jZQ==",
    "password of a database": "secret-of-the-database",
}


class Network:
    """What fill() leaves behind: the accounts' ids."""

    def __init__(self, partner):
        self.hub, self.partner = HUB, partner


class Account:
    """Clients of one account at one endpoint."""

    def __init__(self, endpoint, credentials=("hub", "hub", None)):
        self.endpoint, self.credentials, self.made = endpoint, credentials, {}

    def client(self, service, region=HOME):
        if (service, region) not in self.made:
            key, secret, token = self.credentials
            self.made[service, region] = boto3.client(
                service, region_name=region, endpoint_url=self.endpoint, aws_access_key_id=key,
                aws_secret_access_key=secret, aws_session_token=token,
                config=botocore.config.Config(retries={"max_attempts": 0}, read_timeout=120))
        return self.made[service, region]

    def member(self, account):
        role = f"arn:aws:iam::{account}:role/{ROLE}"
        given = self.client("sts").assume_role(RoleArn=role, RoleSessionName="fill")["Credentials"]
        return Account(self.endpoint, (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]))


class Region:
    """EC2 of one account and Region, with what was made by name."""

    def __init__(self, account, region):
        self.account, self.region, self.ec2 = account, region, account.client("ec2", region)
        self.ids = {}
        self.clear()

    def clear(self):
        """Removes the default VPC, which moto makes by itself."""
        for vpc in self.ec2.describe_vpcs()["Vpcs"]:
            mine = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
            for subnet in self.ec2.describe_subnets(Filters=mine)["Subnets"]:
                self.ec2.delete_subnet(SubnetId=subnet["SubnetId"])
            self.ec2.delete_vpc(VpcId=vpc["VpcId"])

    def tag(self, kind, name, id):
        """Remembers and names what was made."""
        self.ec2.create_tags(Resources=[id], Tags=[{"Key": "Name", "Value": name}])
        self.ids[kind, name] = id
        return id

    def __getitem__(self, key):
        return self.ids[key]

    def vpc(self, name, block, ipv6=False):
        vpc = self.ec2.create_vpc(CidrBlock=block, AmazonProvidedIpv6CidrBlock=ipv6)["Vpc"]["VpcId"]
        self.tag("vpc", name, vpc)
        mine = [{"Name": "vpc-id", "Values": [vpc]}]
        self.tag("acl", name, self.ec2.describe_network_acls(Filters=mine)["NetworkAcls"][0]["NetworkAclId"])
        self.tag("rtb", name, self.ec2.describe_route_tables(Filters=mine)["RouteTables"][0]["RouteTableId"])
        group = self.ec2.describe_security_groups(Filters=mine)["SecurityGroups"][0]["GroupId"]
        self.tag("sg", f"{name}-default", group)
        return vpc

    def subnet(self, vpc, name, block, zone, **more):
        made = self.ec2.create_subnet(VpcId=self["vpc", vpc], CidrBlock=block, AvailabilityZone=self.region + zone, **more)
        return self.tag("subnet", name, made["Subnet"]["SubnetId"])

    def table(self, vpc, name, subnets, routes=()):
        table = self.ec2.create_route_table(VpcId=self["vpc", vpc])["RouteTable"]["RouteTableId"]
        for subnet in subnets:
            self.ec2.associate_route_table(RouteTableId=table, SubnetId=self["subnet", subnet])
        self.tag("rtb", name, table)
        self.routes(name, routes)
        return table

    def routes(self, table, routes):
        for destination, target in routes:
            kind = "DestinationIpv6CidrBlock" if ":" in destination else "DestinationCidrBlock"
            kind = "DestinationPrefixListId" if destination.startswith("pl-") else kind
            self.ec2.create_route(RouteTableId=self["rtb", table], **{kind: destination}, **target)

    def group(self, vpc, name, ingress):
        """Ingress: (protocol, port, source), where a source is a block, `pl:NAME` or `sg:NAME`. Egress is open."""
        made = self.ec2.create_security_group(GroupName=name, Description=f"{name} of {vpc}", VpcId=self["vpc", vpc])
        self.tag("sg", name, made["GroupId"])
        for protocol, port, source in ingress:
            kind, _, of = source.partition(":")
            permission = {"IpProtocol": protocol, "FromPort": port, "ToPort": port}
            if kind == "pl":
                permission["PrefixListIds"] = [{"PrefixListId": self["pl", of]}]
            elif kind == "sg":
                permission["UserIdGroupPairs"] = [{"GroupId": self["sg", of]}]
            else:
                permission["IpRanges"] = [{"CidrIp": source}]
            self.ec2.authorize_security_group_ingress(GroupId=made["GroupId"], IpPermissions=[permission])
        return made["GroupId"]

    def interface(self, name, subnet, address, groups, description="", ipv6=None):
        more = {"Ipv6Addresses": [{"Ipv6Address": ipv6}]} if ipv6 else {}
        made = self.ec2.create_network_interface(
            SubnetId=self["subnet", subnet], PrivateIpAddress=address, Description=description,
            Groups=[self["sg", group] for group in groups], **more)
        return self.tag("eni", name, made["NetworkInterface"]["NetworkInterfaceId"])

    def address(self, name, interface=None):
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        self.tag("eip", name, address)
        if interface:
            self.ec2.associate_address(AllocationId=address, NetworkInterfaceId=self["eni", interface])
        return address

    def instance(self, name, image, subnet, address, groups, ipv6=None, user_data=""):
        eni = self.interface(name, subnet, address, groups, ipv6=ipv6)
        made = self.ec2.run_instances(
            ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro", UserData=user_data,
            NetworkInterfaces=[{"DeviceIndex": 0, "NetworkInterfaceId": eni}])
        return self.tag("i", name, made["Instances"][0]["InstanceId"])

    def image(self):
        return self.ec2.register_image(Name="base", RootDeviceName="/dev/xvda")["ImageId"]


def fill(endpoint):
    """Makes the network at `endpoint`, which must be a moto server in its first state."""
    requests.post(f"{endpoint}/moto-api/seed", params={"a": 8}, timeout=10).raise_for_status()
    hub = Account(endpoint)
    hub.client("organizations").create_organization(FeatureSet="ALL")
    made = hub.client("organizations").create_account(AccountName="partner", Email="partner@example.com", RoleName=ROLE)
    partner_id = made["CreateAccountStatus"]["AccountId"]
    partner = hub.member(partner_id)

    home, away, other, _ = Region(hub, HOME), Region(hub, AWAY), Region(partner, HOME), Region(partner, AWAY)
    shop(home)
    office(home)
    transit(home)
    build(away)
    partners(other)
    peerings(home, away, other)
    ends(home)
    balancers(home)
    services(home)
    return Network(partner_id)


def shop(home):
    ec2 = home.ec2
    vpc = home.vpc("shop", "10.0.0.0/16", ipv6=True)
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    ipv6 = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
    home.ids["ipv6"] = ipv6.removesuffix("00::/56")

    home.subnet("shop", "public-a", "10.0.0.0/24", "a")
    home.subnet("shop", "public-b", "10.0.1.0/24", "b")
    home.subnet("shop", "app-a", "10.0.10.0/24", "a", Ipv6CidrBlock=home.ids["ipv6"] + "0a::/64")
    home.subnet("shop", "app-b", "10.0.11.0/24", "b")
    home.subnet("shop", "data-a", "10.0.20.0/24", "a")

    gateway = home.tag("igw", "shop", ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"])
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    made = ec2.create_egress_only_internet_gateway(VpcId=vpc)["EgressOnlyInternetGateway"]
    outward = home.tag("eigw", "shop", made["EgressOnlyInternetGatewayId"])
    made = ec2.create_nat_gateway(SubnetId=home["subnet", "public-a"], AllocationId=home.address("nat"))
    nat = home.tag("nat", "shop", made["NatGateway"]["NatGatewayId"])
    its = ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["NatGatewayAddresses"][0]
    home.tag("eni", "nat", its["NetworkInterfaceId"])

    home.table("shop", "public", ["public-a", "public-b"], [("0.0.0.0/0", {"GatewayId": gateway})])
    home.table("shop", "app", ["app-a", "app-b"],
               [("0.0.0.0/0", {"NatGatewayId": nat}), ("::/0", {"EgressOnlyInternetGatewayId": outward})])
    home.table("shop", "data", ["data-a"])

    made = ec2.create_managed_prefix_list(
        PrefixListName="offices", AddressFamily="IPv4", MaxEntries=5,
        Entries=[{"Cidr": "192.0.2.0/24", "Description": "north"}, {"Cidr": "198.51.100.0/25", "Description": "süd"}])
    home.tag("pl", "offices", made["PrefixList"]["PrefixListId"])

    home.group("shop", "bastion", [("tcp", 22, "0.0.0.0/0")])
    home.group("shop", "web", [("tcp", 443, "0.0.0.0/0"), ("tcp", 80, "pl:offices")])
    home.group("shop", "mail", [("tcp", 25, "0.0.0.0/0")])
    home.group("shop", "app", [("tcp", 8080, "sg:web"), ("tcp", 22, "sg:bastion"), ("tcp", 25, "0.0.0.0/0")])
    home.group("shop", "data", [("tcp", 5432, "sg:app"), ("tcp", 5432, "10.1.0.0/16"), ("tcp", 5432, "10.2.0.0/16")])
    home.group("shop", "endpoint", [("tcp", 443, "10.0.0.0/16")])

    acl = home.tag("acl", "data", ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"])
    mine = [{"Name": "association.subnet-id", "Values": [home["subnet", "data-a"]]}]
    for found in ec2.describe_network_acls(Filters=mine)["NetworkAcls"]:
        for association in found["Associations"]:
            if association["SubnetId"] == home["subnet", "data-a"]:
                ec2.replace_network_acl_association(
                    AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl)

    def entry(number, egress, action, protocol, block, ports=None):
        more = {"PortRange": {"From": ports[0], "To": ports[1]}} if ports else {}
        ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=number, Egress=egress, RuleAction=action,
                                     Protocol=protocol, CidrBlock=block, **more)

    entry(90, False, "deny", "6", "10.0.11.0/24", (5432, 5432))
    entry(100, False, "allow", "6", "10.0.0.0/8", (5432, 5432))
    entry(100, True, "allow", "6", "10.0.0.0/8", (1024, 65535))


def office(home):
    ec2 = home.ec2
    vpc = home.vpc("office", "10.2.0.0/16")
    home.subnet("office", "desks", "10.2.0.0/24", "a")
    home.group("office", "desk", [("tcp", 22, "10.0.0.0/16"), ("tcp", 3389, "172.20.0.0/16")])
    made = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    gateway = home.tag("vgw", "office", made)
    ec2.attach_vpn_gateway(VpnGatewayId=gateway, VpcId=vpc)
    made = ec2.create_customer_gateway(Type="ipsec.1", PublicIp="203.0.113.77", BgpAsn=65010)
    customer = home.tag("cgw", "office", made["CustomerGateway"]["CustomerGatewayId"])
    made = ec2.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=customer, VpnGatewayId=gateway)
    home.tag("vpn", "office", made["VpnConnection"]["VpnConnectionId"])
    home.table("office", "desks", ["desks"], [("172.20.0.0/16", {"GatewayId": gateway})])


def transit(home):
    ec2 = home.ec2
    off = {"DefaultRouteTableAssociation": "disable", "DefaultRouteTablePropagation": "disable"}
    made = ec2.create_transit_gateway(Description="core", Options=off)["TransitGateway"]
    gateway = home.tag("tgw", "core", made["TransitGatewayId"])
    unused = ec2.describe_transit_gateway_route_tables()["TransitGatewayRouteTables"][0]["TransitGatewayRouteTableId"]
    home.tag("tgw-rtb", "unused", unused)
    for vpc, subnets in [("shop", ["app-a", "app-b"]), ("office", ["desks"])]:
        made = ec2.create_transit_gateway_vpc_attachment(
            TransitGatewayId=gateway, VpcId=home["vpc", vpc], SubnetIds=[home["subnet", it] for it in subnets])
        attachment = made["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
        home.tag("tgw-attach", vpc, attachment)
        made = ec2.create_transit_gateway_route_table(TransitGatewayId=gateway)["TransitGatewayRouteTable"]
        table = home.tag("tgw-rtb", vpc, made["TransitGatewayRouteTableId"])
        # moto associates with the default table even if it should not.
        both = {"TransitGatewayAttachmentId": attachment, "TransitGatewayRouteTableId": unused}
        ec2.associate_transit_gateway_route_table(**both)
        ec2.disassociate_transit_gateway_route_table(**both)
        ec2.associate_transit_gateway_route_table(TransitGatewayAttachmentId=attachment, TransitGatewayRouteTableId=table)
    # The shop learns of the office; the office has a static route to the data subnet alone, and a black hole.
    ec2.enable_transit_gateway_route_table_propagation(
        TransitGatewayAttachmentId=home["tgw-attach", "office"], TransitGatewayRouteTableId=home["tgw-rtb", "shop"])
    of_office = home["tgw-rtb", "office"]
    ec2.create_transit_gateway_route(
        DestinationCidrBlock="10.0.16.0/20", TransitGatewayRouteTableId=of_office,
        TransitGatewayAttachmentId=home["tgw-attach", "shop"])
    ec2.create_transit_gateway_route(
        DestinationCidrBlock="10.0.0.0/20", TransitGatewayRouteTableId=of_office, Blackhole=True)
    over = {"TransitGatewayId": gateway}
    home.routes("app", [("10.2.0.0/16", over)])
    home.routes("data", [("10.2.0.0/16", over)])
    home.routes("desks", [("10.0.0.0/16", over)])


def build(away):
    away.vpc("build", "10.1.0.0/16")
    away.subnet("build", "runners", "10.1.0.0/24", "b")
    away.group("build", "runner", [])
    away.table("build", "runners", ["runners"])
    away.instance("runner", away.image(), "runners", "10.1.0.10", ["runner"])


def partners(other):
    other.vpc("partner", "10.3.0.0/16")
    other.subnet("partner", "clients", "10.3.0.0/24", "a")
    other.group("partner", "client", [("-1", -1, "10.0.0.0/16")])
    other.table("partner", "clients", ["clients"])
    other.instance("client", other.image(), "clients", "10.3.0.10", ["client"])


def peerings(home, away, other):
    for peer, name, table in [(away, "build", "runners"), (other, "partner", "clients")]:
        theirs = peer.account.client("sts").get_caller_identity()["Account"]
        made = home.ec2.create_vpc_peering_connection(
            VpcId=home["vpc", "shop"], PeerVpcId=peer["vpc", name], PeerOwnerId=theirs, PeerRegion=peer.region)
        peering = made["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        home.tag("pcx", name, peering)
        peer.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
        over = {"VpcPeeringConnectionId": peering}
        peer.routes(table, [("10.0.0.0/16", over)])
        block = {"build": "10.1.0.0/16", "partner": "10.3.0.0/16"}[name]
        home.routes("app", [(block, over)])
        home.routes("data", [(block, over)])


def ends(home):
    image = home.image()
    home.instance("bastion", image, "public-a", "10.0.0.10", ["bastion"])
    home.address("bastion", "bastion")
    home.instance("app-a", image, "app-a", "10.0.10.10", ["app"], ipv6=home.ids["ipv6"] + "0a::10",
                  user_data="secret-of-the-instance")
    home.instance("app-b", image, "app-b", "10.0.11.10", ["app"])
    home.instance("desk", image, "desks", "10.2.0.10", ["desk"])
    home.interface("orders", "data-a", "10.0.20.10", ["data"], "RDSNetworkInterface")
    home.interface("resize", "app-b", "10.0.11.20", ["app"],
                   "AWS Lambda VPC ENI-resize-01234567-89ab-cdef-0123-456789abcdef")


def balancers(home):
    ec2, elbv2, elb = home.ec2, home.account.client("elbv2"), home.account.client("elb")
    vpc = home["vpc", "shop"]
    public = [home["subnet", "public-a"], home["subnet", "public-b"]]

    made = elbv2.create_load_balancer(
        Name="web", Type="application", Scheme="internet-facing", Subnets=public, SecurityGroups=[home["sg", "web"]],
        Tags=[{"Key": "Name", "Value": "web"}])["LoadBalancers"][0]
    web = made["LoadBalancerArn"]
    path = web.partition("loadbalancer/")[2]
    for zone, address in [("a", "10.0.0.20"), ("b", "10.0.1.20")]:
        home.interface(f"web-{zone}", f"public-{zone}", address, ["web"], f"ELB {path}")
        home.address(f"web-{zone}", f"web-{zone}")

    def targets(name, protocol, port, kind, members):
        made = elbv2.create_target_group(Name=name, Protocol=protocol, Port=port, VpcId=vpc, TargetType=kind)
        arn = made["TargetGroups"][0]["TargetGroupArn"]
        elbv2.register_targets(TargetGroupArn=arn, Targets=members)
        return arn

    app = targets("app", "HTTP", 8080, "instance", [{"Id": home["i", "app-a"]}, {"Id": home["i", "app-b"]}])
    old = targets("old", "HTTP", 8080, "ip", [{"Id": "10.0.11.10", "Port": 8080}])
    mail = targets("mail", "TCP", 25, "ip", [{"Id": "10.0.10.10", "Port": 25}])
    to = {"Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}",
          "StatusCode": "HTTP_301"}
    elbv2.create_listener(LoadBalancerArn=web, Protocol="HTTP", Port=80,
                          DefaultActions=[{"Type": "redirect", "RedirectConfig": to}])
    # moto checks that certificates exist.
    certificate = home.account.client("acm").request_certificate(DomainName="shop.example.com")["CertificateArn"]
    listener = elbv2.create_listener(
        LoadBalancerArn=web, Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": certificate}],
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": app}])["Listeners"][0]["ListenerArn"]
    elbv2.create_rule(
        ListenerArn=listener, Priority=10, Conditions=[{"Field": "path-pattern", "Values": ["/old/*"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": old}])
    elbv2.create_rule(
        ListenerArn=listener, Priority=20,
        Conditions=[{"Field": "source-ip", "SourceIpConfig": {"Values": ["198.51.100.0/24"]}}],
        Actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403", "ContentType": "text/plain"}}])

    made = elbv2.create_load_balancer(
        Name="mail", Type="network", Scheme="internet-facing", Subnets=public[:1], SecurityGroups=[home["sg", "mail"]],
        Tags=[{"Key": "Name", "Value": "mail"}])["LoadBalancers"][0]
    path = made["LoadBalancerArn"].partition("loadbalancer/")[2]
    home.interface("mail", "public-a", "10.0.0.30", ["mail"], f"ELB {path}")
    home.address("mail", "mail")
    elbv2.create_listener(LoadBalancerArn=made["LoadBalancerArn"], Protocol="TCP", Port=25,
                          DefaultActions=[{"Type": "forward", "TargetGroupArn": mail}])

    elb.create_load_balancer(
        LoadBalancerName="classic", Scheme="internal", Subnets=[home["subnet", "app-a"]],
        SecurityGroups=[home["sg", "web"]],
        Listeners=[{"Protocol": "TCP", "LoadBalancerPort": 443, "InstanceProtocol": "TCP", "InstancePort": 8080}])
    elb.register_instances_with_load_balancer(
        LoadBalancerName="classic", Instances=[{"InstanceId": home["i", "app-b"]}])
    home.interface("classic", "app-a", "10.0.10.40", ["web"], "ELB classic")

    ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=f"com.amazonaws.{HOME}.s3", VpcEndpointType="Gateway",
        RouteTableIds=[home["rtb", "app"]],
        TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "Name", "Value": "s3"}]}])
    made = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=f"com.amazonaws.{HOME}.secretsmanager", VpcEndpointType="Interface",
        SubnetIds=[home["subnet", "app-a"]], SecurityGroupIds=[home["sg", "endpoint"]], PrivateDnsEnabled=True,
        TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "Name", "Value": "secrets"}]}])
    interface = home.tag("eni", "secrets", made["VpcEndpoint"]["NetworkInterfaceIds"][0])
    ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=[home["sg", "endpoint"]])


def services(home):
    """What is read for the names of things, and for what must not be written."""
    account = home.account
    iam = account.client("iam")
    trust = '{"Version": "2012-10-17", "Statement": []}'
    role = iam.create_role(RoleName="work", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    data, app = home["subnet", "data-a"], home["subnet", "app-b"]

    rds = account.client("rds")
    rds.create_db_subnet_group(DBSubnetGroupName="data", DBSubnetGroupDescription="data", SubnetIds=[data])
    rds.create_db_instance(
        DBInstanceIdentifier="orders", Engine="postgres", DBInstanceClass="db.t3.micro", AllocatedStorage=20,
        MasterUsername="root", MasterUserPassword="secret-of-the-database", DBSubnetGroupName="data",
        VpcSecurityGroupIds=[home["sg", "data"]], PubliclyAccessible=False)

    account.client("lambda").create_function(
        FunctionName="resize", Runtime="python3.12", Role=role, Handler="resize.run", Code={"ZipFile": b"none"},
        Environment={"Variables": {"TOKEN": "secret-of-the-function"}},
        VpcConfig={"SubnetIds": [app], "SecurityGroupIds": [home["sg", "app"]]})

    account.client("eks").create_cluster(
        name="kube", roleArn=role, resourcesVpcConfig={"subnetIds": [app], "securityGroupIds": [home["sg", "app"]]})

    ecs = account.client("ecs")
    ecs.create_cluster(clusterName="jobs")
    ecs.register_task_definition(
        family="job", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
        containerDefinitions=[{"name": "job", "image": "job", "memory": 128}])
    made = ecs.run_task(
        cluster="jobs", taskDefinition="job", launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": [app], "securityGroups": [home["sg", "app"]]}},
        overrides={"containerOverrides": [
            {"name": "job", "environment": [{"name": "TOKEN", "value": "secret-of-the-task"}]}]})
    details = {it["name"]: it["value"] for it in made["tasks"][0]["attachments"][0]["details"]}
    home.tag("eni", "job", details["networkInterfaceId"])
