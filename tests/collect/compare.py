"""Makes a snapshot of the moto network comparable with the one written by hand.

    compare.rename(collected, into, partner)   # the same files, with the ids of `network/`

Ids become what the Name tags say: the subnet with the name `app-a` becomes `subnet-app-a`, wherever it is mentioned.
"""

import json
import pathlib
import re

HAND = pathlib.Path(__file__).parent / "network"
PARTNER = "222233334444"  # in `network/`; moto makes up its own
IPV6 = "2600:1f18:1234:56"


def rename(collected, into, partner):
    """Copies the snapshot, with every id renamed; other files than .json, and those at the top, are left out."""
    collected, into = pathlib.Path(collected), pathlib.Path(into)
    files = {path.relative_to(collected): path.read_text() for path in sorted(collected.glob("*/*/**/*.json"))}
    names = {partner: PARTNER}
    for path, text in files.items():
        names |= named(json.loads(text), path.parts[1])
    names |= balancers([json.loads(text) for text in files.values()])
    # Longer ones first, since one may contain another.
    pattern = re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)))

    def renamed(text):
        # Parts of ARNs may be ids of their own, such as an account.
        for _ in range(2):
            text = pattern.sub(lambda found: names[found.group()], text)
        return text

    flat = {old.replace("/", "_").replace(":", "_"): new.replace("/", "_").replace(":", "_")
            for old, new in names.items() if "/" in old}
    for path, text in files.items():
        name = str(path)
        for old in sorted(flat, key=len, reverse=True):
            name = name.replace(old, flat[old])
        target = into / renamed(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(renamed(text))


def public_addresses():
    """The addresses that `network/` gives to those that AWS hands out, by name."""
    told = json.loads((HAND / "123456789012/us-east-1/vpcs.json").read_text())["Addresses"]
    return {name_of(address): address["PublicIp"] for address in told}


def name_of(record):
    for tag in record.get("Tags") or record.get("TagSet") or []:
        if tag["Key"] == "Name":
            return tag["Value"]
    return None


IDS = {
    "Vpcs": "VpcId", "Subnets": "SubnetId", "RouteTables": "RouteTableId", "NetworkAcls": "NetworkAclId",
    "SecurityGroups": "GroupId", "NetworkInterfaces": "NetworkInterfaceId", "InternetGateways": "InternetGatewayId",
    "EgressOnlyInternetGateways": "EgressOnlyInternetGatewayId", "NatGateways": "NatGatewayId",
    "VpcPeeringConnections": "VpcPeeringConnectionId", "VpcEndpoints": "VpcEndpointId", "PrefixLists": "PrefixListId",
    "TransitGateways": "TransitGatewayId", "TransitGatewayAttachments": "TransitGatewayAttachmentId",
    "TransitGatewayRouteTables": "TransitGatewayRouteTableId", "VpnGateways": "VpnGatewayId",
    "VpnConnections": "VpnConnectionId", "CustomerGateways": "CustomerGatewayId", "Addresses": "AllocationId",
    "Instances": "InstanceId",
}


def named(answer, region):
    """Old ids and new ones of the records of one answer."""
    names = {}
    answer = answer | {"Instances": [it for kept in answer.get("Reservations", []) for it in kept["Instances"]]}
    for table, key in IDS.items():
        for record in answer.get(table, []):
            if key not in record:
                continue
            old, name = record[key], name_of(record)
            if table == "PrefixLists" and not name:
                name = f"{region}-{record['PrefixListName'].rpartition('.')[2]}"
            if not name:
                continue
            names[old] = f"{old.rpartition('-')[0]}-{name}"
            if table == "Addresses":
                names[record["PublicIp"]] = public_addresses()[name]
            for block in record.get("Ipv6CidrBlockAssociationSet", []) if table == "Vpcs" else []:
                names[block["Ipv6CidrBlock"].removesuffix("00::/56")] = IPV6
    return names


def balancers(answers):
    """Ends of ARNs: `loadbalancer/app/web/0f1e` becomes `loadbalancer/app/web/web`."""
    ends = {}

    def end(arn):
        return arn.split(":", 5)[5]

    for answer in answers:
        for it in answer.get("LoadBalancers", []):
            old, name = end(it["LoadBalancerArn"]).partition("/")[2], it["LoadBalancerName"]
            # moto calls all of them `app`.
            ends[old] = f"{ {'network': 'net', 'application': 'app'}[it['Type']]}/{name}/{name}"
        for it in answer.get("TargetGroups", []):
            name = it["TargetGroupName"]
            ends[end(it["TargetGroupArn"])] = f"targetgroup/{name}/{name}"
    for answer in answers:
        for it in answer.get("Listeners", []):
            old = end(it["ListenerArn"]).partition("/")[2]
            ends[old] = f"{ends[old.rpartition('/')[0]]}/{it['Port']}"
    for answer in answers:
        for it in answer.get("Rules", []):
            old = end(it["RuleArn"]).partition("/")[2]
            ends[old] = f"{ends[old.rpartition('/')[0]]}/{it['Priority']}"
    return ends


PLACES = {"file", "line", "pointer", "snapshot"}


def without_places(value):
    """A report in JSON without what depends on how a snapshot is split into files."""
    if isinstance(value, dict):
        return {key: without_places(it) for key, it in value.items() if key not in PLACES}
    if isinstance(value, list):
        return [without_places(it) for it in value]
    return value
