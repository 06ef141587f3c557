"""A proxy before moto, on loopback: knows each call, fails on request, keeps a log, and answers what moto lacks.

    with Proxy("http://127.0.0.1:5000") as proxy:
        proxy.plan = Plan(seed=1, share=0.3)      # a third of all calls fail once or twice, then work
        ...                                       # use proxy.url
        proxy.log                                 # [Entry(call="ec2.DescribeVpcs", region=…, fault="throttle", …), …]

What happens to a call depends on the seed, the call (with its parameters, Region and account) and how often it was
made, and not on the order in which calls come.
"""

import dataclasses
import hashlib
import http.client
import http.server
import json
import random
import re
import socket
import struct
import threading
import time
import urllib.parse

import botocore.session

HUB = "123456789012"  # the account of an access key that no role gave

SERVICES = [
    "directconnect", "ec2", "ecs", "efs", "eks", "elb", "elbv2", "emr", "kafka", "lambda", "network-firewall",
    "networkmanager", "opensearch", "organizations", "rds", "redshift", "resource-groups",
    "resourcegroupstaggingapi", "route53profiles", "route53resolver", "sts", "vpc-lattice", "wafv2",
]

# What moto 5.2.1 does not know. The proxy says that there is none of it.
LACKS = {
    "directconnect": "*",
    "ec2": """
        DescribeClientVpnEndpoints DescribeInstanceConnectEndpoints DescribeLocalGatewayRouteTables DescribeLocalGateways
        DescribeRouteServers DescribeSecurityGroupVpcAssociations DescribeTransitGatewayConnectPeers
        DescribeTransitGatewayConnects DescribeTransitGatewayMulticastDomains DescribeTransitGatewayPolicyTables
        DescribeVerifiedAccessEndpoints DescribeVpcBlockPublicAccessExclusions DescribeVpcBlockPublicAccessOptions
        DescribeVpcEndpointConnections GetTransitGatewayPrefixListReferences""".split(),
    "network-firewall": "ListFirewallPolicies ListRuleGroups ListVpcEndpointAssociations".split(),
    # It knows it, and fails at some of the network's resources.
    "resourcegroupstaggingapi": ["GetResources"],
    "route53profiles": "*",
    "route53resolver": """
        ListFirewallConfigs ListFirewallDomainLists ListFirewallRuleGroupAssociations ListFirewallRuleGroups
        ListResolverConfigs""".split(),
}
# Answers that are not lists.
SINGLE = {
    "ec2.DescribeVpcBlockPublicAccessOptions":
        "<vpcBlockPublicAccessOptions><awsAccountId>{account}</awsAccountId><awsRegion>{region}</awsRegion>"
        "<state>default-state</state><internetGatewayBlockMode>off</internetGatewayBlockMode>"
        "</vpcBlockPublicAccessOptions>",
}

TRANSIENT = ["throttle", "unavailable", "gateway", "cut", "cut-body", "short", "delay"]
"""Faults that go away when the call is made again.

throttle: the service's own words for "too many requests"; unavailable: its own words for an internal error; gateway: a
page of HTML from something in between; cut: the connection ends without an answer; cut-body: it ends within the body;
short: half of the body, with a length that says that this is all; delay: a late answer.
"""


@dataclasses.dataclass
class Plan:
    """Which calls fail, and how. `denied` calls always fail for want of permission; `broken` ones always by themselves."""

    seed: int = 0
    share: float = 0.0
    faults: list = dataclasses.field(default_factory=lambda: list(TRANSIENT))
    in_a_row: int = 2
    denied: tuple = ()  # "ec2.DescribeVpcs", or "ec2.DescribeVpcs@eu-west-1"
    broken: tuple = ()
    hold_after: int | None = None  # so many calls are answered; of later ones the first half, until the proxy is released

    def fault(self, call, key, attempt):
        """The fault for the `attempt`th time (from 0) that this call is made."""
        if call.named(self.denied):
            return "denied"
        if call.named(self.broken):
            return "unavailable"
        digest = hashlib.sha256(f"{self.seed} {key}".encode()).digest()
        dice = random.Random(digest)
        if dice.random() >= self.share:
            return None
        row = [dice.choice(self.faults) for _ in range(dice.randint(1, self.in_a_row))]
        return row[attempt] if attempt < len(row) else None


@dataclasses.dataclass
class Call:
    """A request, as far as AWS would know it."""

    service: str
    operation: str
    protocol: str
    region: str
    account: str

    @property
    def name(self):
        return f"{self.service}.{self.operation}"

    def named(self, names):
        return self.name in names or f"{self.name}@{self.region}" in names


@dataclasses.dataclass
class Entry:
    call: str
    region: str
    account: str
    attempt: int
    fault: str | None
    status: int | None
    at_once: int  # calls in progress, this one included


class Calls:
    """Tells from a request which operation it asks for, by botocore's models."""

    def __init__(self):
        session = botocore.session.get_session()
        self.models = {service: session.get_service_model(service) for service in SERVICES}
        self.targets, self.paths, self.queries = {}, [], {}
        for service, model in self.models.items():
            protocol = model.metadata["protocol"]
            for operation in model.operation_names:
                http_trait = model.operation_model(operation).http
                if prefix := model.metadata.get("targetPrefix"):
                    self.targets[f"{prefix}.{operation}"] = self.targets[f"{prefix}/{operation}"] = (service, operation)
                elif protocol.startswith("rest"):
                    path = http_trait["requestUri"].partition("?")[0]
                    parts = re.split(r"(\{[^}]*\})", path)
                    pattern = "".join(".+" if part.endswith("+}") else "[^/]+" if part.startswith("{")
                                      else re.escape(part) for part in parts)
                    self.paths.append((path.count("{"), http_trait["method"], re.compile(pattern + "/?$"),
                                       model.signing_name, service, operation))
                else:
                    self.queries[model.api_version, model.signing_name, operation] = service
        self.paths.sort(key=lambda path: path[0])

    def read(self, method, target, headers, body, accounts):
        """The call, or None if it is none of the services' that are known; `accounts` are those of access keys."""
        scope = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", headers.get("Authorization", ""))
        if not scope:
            return None
        caller, region, signing = scope.groups()
        service = operation = protocol = None
        if header := headers.get("X-Amz-Target"):
            protocol = "json"
            service, operation = self.targets.get(header, (None, None))
        elif rpc := re.fullmatch(r"/service/(\w+)/operation/(\w+)", target):
            protocol = "cbor"
            service, operation = self.targets.get("/".join(rpc.groups()), (None, None))
        elif "x-www-form-urlencoded" in headers.get("Content-Type", ""):
            form = dict(urllib.parse.parse_qsl(body.decode()))
            operation = form.get("Action")
            service = self.queries.get((form.get("Version"), signing, operation))
        else:
            path = urllib.parse.urlsplit(target).path
            for _, its_method, pattern, its_signing, its_service, its_operation in self.paths:
                if its_method == method and its_signing == signing and pattern.match(path):
                    service, operation = its_service, its_operation
                    break
        if not service:
            return None
        return Call(service, operation, protocol or self.models[service].metadata["protocol"], region,
                    accounts.get(caller, HUB))

    def nothing(self, call):
        """An answer that says that there is none."""
        model = self.models[call.service].operation_model(call.operation)
        members = model.output_shape.members
        lists = [(name, shape) for name, shape in members.items() if shape.type_name == "list"]
        if call.protocol == "ec2":
            inner = "".join(f"<{shape.serialization.get('name', name)}/>" for name, shape in lists)
            inner = SINGLE.get(call.name, inner).format(account=call.account, region=call.region)
            space = f"http://ec2.amazonaws.com/doc/{self.models['ec2'].api_version}/"
            return ("text/xml;charset=UTF-8",
                    f'<{call.operation}Response xmlns="{space}"><requestId>none</requestId>{inner}'
                    f"</{call.operation}Response>".encode())
        return written(call, {shape.serialization.get("name", name): [] for name, shape in lists})


def written(call, value):
    """Content type and body of a value in the call's protocol, which is not of XML."""
    if call.protocol == "cbor":
        return "application/cbor", cbor(value)
    return ("application/x-amz-json-1.1" if call.protocol == "json" else "application/json"), json.dumps(value).encode()


def cbor(value):
    """CBOR of what is needed here: texts of at most 255 bytes, empty lists, small maps."""
    if isinstance(value, dict):
        return bytes([0xA0 + len(value)]) + b"".join(cbor(key) + cbor(it) for key, it in value.items())
    if isinstance(value, list):
        assert not value
        return b"\x80"
    text = value.encode()
    return b"\x78" + bytes([len(text)]) + text


def complaint(call, fault):
    """Status, headers and body of an error in the words of the service."""
    xml = {"Content-Type": "text/xml;charset=UTF-8"}
    if fault == "gateway":
        return 502, {"Content-Type": "text/html"}, b"<html><body><h1>502 Bad Gateway</h1></body></html>"
    text = {
        "throttle": "Rate exceeded",
        "unavailable": "An internal error has occurred",
        "denied": f"You are not authorized to perform: {call.service}:{call.operation}",
    }[fault]
    if call.protocol == "ec2":
        status, code = {"throttle": (503, "RequestLimitExceeded"), "unavailable": (500, "InternalError"),
                        "denied": (403, "UnauthorizedOperation")}[fault]
        return status, xml, (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>{code}</Code><Message>{text}'
            "</Message></Error></Errors><RequestID>f</RequestID></Response>").encode()
    if call.protocol == "query":
        status, code = {"throttle": (400, "Throttling"), "unavailable": (500, "InternalFailure"),
                        "denied": (403, "AccessDenied")}[fault]
        return status, xml, (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>"
            "<RequestId>f</RequestId></ErrorResponse>").encode()
    rest = call.protocol.startswith("rest")
    status, code = {"throttle": (429 if rest else 400, "ThrottlingException"), "unavailable": (500, "InternalFailure"),
                    "denied": (403 if rest else 400, "AccessDeniedException")}[fault]
    if call.service == "lambda" and fault == "throttle":
        code = "TooManyRequestsException"
    if rest:
        kind, body = written(call, {"message": text})
        return status, {"Content-Type": kind, "x-amzn-ErrorType": code}, body
    kind, body = written(call, {"__type": code, "message": text})
    return status, {"Content-Type": kind} | cbor_header(call), body


def cbor_header(call):
    return {"smithy-protocol": "rpc-v2-cbor"} if call.protocol == "cbor" else {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self):
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = proxy.calls.read(self.command, self.path, self.headers, body, proxy.accounts)
        with proxy.lock:
            proxy.busy += 1
            number = proxy.count
            proxy.count += 1
            # Sessions of roles have names that nobody gave.
            about = re.search(rb"RoleArn=[^&]*", body).group() if call and call.operation == "AssumeRole" else body
            key = hashlib.sha256(repr((call, self.path, about)).encode()).hexdigest()
            attempt = proxy.attempts.get(key, 0)
            proxy.attempts[key] = attempt + 1
            fault = proxy.plan.fault(call, key, attempt) if call else None
            entry = Entry(call.name if call else f"? {self.command} {self.path}", call.region if call else "",
                          call.account if call else "", attempt, fault, None, proxy.busy)
            proxy.log.append(entry)
        try:
            if proxy.plan.hold_after is not None and number >= proxy.plan.hold_after:
                self.answer(proxy, call, "cut-body", entry, body)
                proxy.held.set()
                proxy.released.wait(120)
                return
            self.answer(proxy, call, fault, entry, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            with proxy.lock:
                proxy.busy -= 1

    do_POST = do_PUT = do_DELETE = do_GET

    def answer(self, proxy, call, fault, entry, body):
        if fault == "cut":
            return self.cut()
        if fault in ("throttle", "unavailable", "gateway", "denied"):
            status, headers, text = complaint(call, fault)
            entry.status = status
            return self.send(status, headers, text)
        if fault == "delay":
            time.sleep(0.5)
        if call and proxy.fills and call.operation in proxy.lacks(call.service):
            kind, text = proxy.calls.nothing(call)
            status, headers, answer = 200, {"Content-Type": kind} | cbor_header(call), text
        else:
            status, headers, answer = self.forward(proxy, body)
            if call and call.operation == "AssumeRole":
                proxy.learn(answer)
        entry.status = status
        if fault == "short":
            answer = answer[:len(answer) // 2]
        self.send(status, headers, answer, cut=fault == "cut-body")

    def forward(self, proxy, body):
        connection = http.client.HTTPConnection(proxy.behind.hostname, proxy.behind.port, timeout=120)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "expect", "transfer-encoding"):
                connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        drop = ("connection", "transfer-encoding", "content-length", "date", "server")
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in drop}
        result = answer.status, headers, answer.read()
        connection.close()
        return result

    def send(self, status, headers, body, cut=False):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:len(body) // 2] if cut else body)
        self.wfile.flush()
        if cut:
            self.close_connection = True

    def cut(self):
        """Ends the connection by a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A peer that was cut off, or killed, is nothing to report."""


class Proxy:
    """The running proxy; `url` is where it listens, `log` what it saw since `begin`."""

    def __init__(self, behind, fills=True):
        self.behind = urllib.parse.urlsplit(behind)
        self.fills = fills
        self.calls = Calls()
        self.lock = threading.Lock()
        self.accounts = {}
        self.busy = 0
        self.released = threading.Event()
        self.held = threading.Event()
        self.begin(Plan())
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.proxy = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def begin(self, plan):
        """A new run: with this plan, an empty log, and calls counted anew."""
        self.release()
        with self.lock:
            self.plan, self.log, self.attempts, self.count = plan, [], {}, 0
            self.held.clear()
            self.released.clear()

    def release(self):
        self.released.set()

    def lacks(self, service):
        lacks = LACKS.get(service, ())
        return self.calls.models[service].operation_names if lacks == "*" else lacks

    def learn(self, answer):
        """Takes from an answer of AssumeRole whose access key it is."""
        key, account = (re.search(pattern, answer) for pattern in (
            rb"<AccessKeyId>(\w+)</AccessKeyId>", rb"<Arn>arn:aws:sts::(\d+):"))
        if key and account:
            self.accounts[key.group(1).decode()] = account.group(1).decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release()
        self.server.shutdown()
        self.server.server_close()
