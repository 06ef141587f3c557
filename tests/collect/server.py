"""Starts moto on loopback, with repairs where moto answers what AWS never would, and prints its address.

    with server.started() as url: ...
"""

import contextlib
import ipaddress
import os
import subprocess
import sys
import threading


@contextlib.contextmanager
def started():
    """A moto server in a process of its own, in its first state."""
    process = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               env=os.environ | {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false", "PYTHONHASHSEED": "0"})
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def repair():
    """What moto 5.2.1 gets wrong and the analysis would notice."""
    from moto.ec2.models import (
        elastic_network_interfaces,
        nat_gateways,
        transit_gateway_attachments,
        transit_gateway_route_tables,
        vpcs,
    )
    from moto.rds import models as rds

    # Interfaces of services are "available", and get addresses outside of their subnets.
    interface = elastic_network_interfaces.NetworkInterface
    made = interface.__init__
    given = {}

    def make(self, backend, subnet, address, *more, **named):
        block = backend.get_subnet(subnet).cidr_block if isinstance(subnet, str) else subnet.cidr_block
        block = ipaddress.ip_network(block)
        if isinstance(address, str) and ipaddress.ip_address(address) not in block:
            given[block] = given.get(block, 200) + 1
            address = str(block[given[block]])
        made(self, backend, subnet, address, *more, **named)
        self.status = "in-use"

    interface.__init__ = make
    interface_of_nat = nat_gateways.NatGateway.__init__

    # That of a NAT gateway has no groups.
    def make_nat(self, *more, **named):
        interface_of_nat(self, *more, **named)
        self.private_ip = self._eni.private_ip_address
        self._eni._group_set = []

    nat_gateways.NatGateway.__init__ = make_nat

    # To this moment, at every call: then no two answers are the same.
    rds.DBInstance.latest_restorable_time = property(lambda instance: instance.instance_create_time)

    # A task goes on with every look at it: then, too, no two answers are the same.
    from moto.moto_api import state_manager
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 1_000_000})

    # A network ACL outlives its VPC.
    delete = vpcs.VPCBackend.delete_vpc

    def delete_vpc(self, vpc_id):
        for acl in [acl for acl in self.network_acls.values() if acl.vpc_id == vpc_id]:
            del self.network_acls[acl.id]
        return delete(self, vpc_id)

    vpcs.VPCBackend.delete_vpc = delete_vpc

    # An attachment names the default table, whatever it is associated with.
    def association(self):
        told = self._association_data
        return told and {"State": told["state"], "TransitGatewayRouteTableId": told["transitGatewayRouteTableId"]} or None

    transit_gateway_attachments.TransitGatewayAttachment.association = property(association)

    # The attachments of a route are a list.
    backend = transit_gateway_route_tables.TransitGatewayRouteTableBackend
    create = backend.create_transit_gateway_route

    def create_route(self, *more, **named):
        route = create(self, *more, **named)
        if isinstance(route.get("transitGatewayAttachments"), dict):
            route["transitGatewayAttachments"] = [route["transitGatewayAttachments"]]
        return route

    backend.create_transit_gateway_route = create_route

    # A search does not find what is propagated.
    search = backend.search_transit_gateway_routes

    def search_routes(self, transit_gateway_route_table_id, filters, max_results=None):
        table = transit_gateway_route_table_id
        routes = search(self, table, filters, max_results)
        for propagation in self.transit_gateways_route_tables[table].route_table_propagation:
            route = {
                "destinationCidrBlock": self.get_vpc(propagation.resourceId).cidr_block, "state": "active",
                "type": "propagated", "transitGatewayAttachments": [{
                    "resourceId": propagation.resourceId, "resourceType": propagation.resourceType,
                    "transitGatewayAttachmentId": propagation.transitGatewayAttachmentId}]}
            if all(route[name] in filters.get(name, [route[name]]) for name in ("state", "type")):
                routes.append(route)
        return routes

    backend.search_transit_gateway_routes = search_routes


def main():
    import moto.server

    repair()
    server = moto.server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
