#!/usr/bin/env python3
"""A fake AWS: serves the operations of crates/collect/shapes/operations.txt on loopback, from a scenario.

    fake.py SCENARIO.json [--port N] [--page-size N] [--empty-pages] [--faults FILE] [--log FILE] [--account ID]

The first line of standard output is its URL. Answers are written to the wire by moto's serializers, from botocore's
models. moto's own services are not used: a fake says what the scenario says.

A scenario has answers as the AWS CLI prints them, by operation:

    {
      "ec2.DescribeVpcs": {"Vpcs": [{"VpcId": "vpc-1"}]},
      "ec2.GetManagedPrefixListEntries": [
        {"when": {"PrefixListId": "pl-1"}, "answer": {"Entries": [{"Cidr": "10.0.0.0/8"}]}},
        {"when": {"PrefixListId": "pl-2"}, "error": {"Code": "InvalidPrefixListID.NotFound", "Message": "gone", "Status": 400}}
      ],
      "elbv2.DescribeTags": [{"when": {"ResourceArns": "arn:1"}, "answer": {"TagDescriptions": []}}]
    }

- The first entry that fits answers. `when` has parameters of the request; `account` and `region`, beside it, fit too.
- Where the request's parameter is a list and that of `when` is not, the entry is about one element: the answers to all
  elements are joined.
- An operation that is not in the scenario has empty lists. One that is, but with no entry that fits, has an error.
- Answers are checked against the model when the scenario is read: unknown or missing members, types, enumerations; and
  botocore must read from the wire what was written to it.

The account of a request is that of its credentials: those that `sts.AssumeRole` gives for a role of an account, else
`--account`. `sts.GetCallerIdentity` tells it, unless the scenario does.

Faults are a list of rules in a JSON file, which is read anew whenever it changes:

    [{"operation": "ec2.DescribeVpcs", "fault": "throttle", "times": 2, "skip": 1}]

`operation` may be `*`; `account` and `region` may be given; `times` is without limit if not given; `skip` requests that
fit pass before. Faults: `throttle`, `denied`, `error` (500), `unavailable` (503), `cut` (no answer), `cut-body` (half the
body of the length that was announced), `truncate` (half the body, as if it were all), `html`, `empty`, `slow` (after a second).

The log has a line of JSON for each request: service, operation, account, region, parameters, and what became of it.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
import threading
import time
import warnings
from datetime import timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import botocore.parsers
import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.utils import parse_timestamp
from botocore.validate import ParamValidator
from moto.core.model import ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.serialize import SERIALIZERS
from werkzeug.wrappers import Request

OPERATIONS = Path(__file__).resolve().parents[2] / "crates/collect/shapes/operations.txt"
TOKENS = ("NextToken", "nextToken", "Marker", "NextMarker", "PaginationToken")
# moto does not know every error of every service.
warnings.filterwarnings("ignore", message="Exception.* does not match an error shape")


class ScenarioError(Exception):
    """The scenario is not what AWS could answer."""


class Refusal(Exception):
    """What AWS answers instead: an error."""

    def __init__(self, code, message, status=400):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


class Operation:
    """An operation, and how its answers are written, split into pages, and checked."""

    loader = botocore.session.get_session().get_component("data_loader")
    models = {}

    def __init__(self, service, name):
        if service not in self.models:
            try:
                paginators = self.loader.load_service_model(service, "paginators-1")["pagination"]
            except UnknownServiceError:
                paginators = {}
            self.models[service] = (ServiceModel(self.loader.load_service_model(service, "service-2"), service), paginators)
        self.service, self.name = service, name
        self.service_model, paginators = self.models[service]
        self.model = self.service_model.operation_model(name)
        self.protocol = self.service_model.metadata["protocol"]
        output = self.model.output_shape.members
        inputs = self.model.input_shape.members if self.model.input_shape else {}
        self.lists = [member for member, shape in output.items() if shape.type_name == "list"]
        told = paginators.get(name, {})
        self.more = told.get("more_results")
        tokens = [token for token in TOKENS if token in inputs and token in output]
        # The results, and the tokens in and out; None for an operation without pages.
        self.pages = None
        if told:
            results = told["result_key"] if isinstance(told["result_key"], list) else [told["result_key"]]
            self.pages = (results, told["input_token"], told["output_token"])
        elif tokens:
            self.pages = (self.lists, tokens[0], tokens[0])
        self.limit = told.get("limit_key")
        uri = re.split(r"\{(\w+)\}", self.model.http["requestUri"].split("?")[0])
        self.uri = re.compile("".join(re.escape(part) if i % 2 == 0 else f"(?P<{part}>[^/]+)" for i, part in enumerate(uri)))

    def __str__(self):
        return f"{self.service}.{self.name}"

    def check(self, answer, where):
        """The answer with times and bytes as Python has them; ScenarioError if it does not keep to the model."""
        report = ParamValidator().validate(answer, self.model.output_shape)
        if report.has_errors():
            raise ScenarioError(f"{where}: {report.generate_report()}")
        value = typed(answer, self.model.output_shape, where)
        response = self.write(value)
        response = {"body": response[1].encode(), "headers": {}, "status_code": 200}
        read = botocore.parsers.create_parser(self.protocol).parse(response, self.model.output_shape)
        read.pop("ResponseMetadata", None)
        if read != value:
            raise ScenarioError(f"{where}: cannot be written to the wire: {value} would be read as {read}")
        return value

    def write(self, result):
        """Status, body and type of an answer or of a Refusal."""
        response = SERIALIZERS[self.protocol](self.model).serialize(result)
        body = response["body"]
        if self.protocol in ("json", "rest-json"):
            # As AWS writes it: characters outside of ASCII as they are.
            body = json.dumps(json.loads(body), ensure_ascii=False)
        status = result.status if isinstance(result, Refusal) else response["status_code"]
        return status, body, response["headers"]

    def page(self, answer, parameters, size, empty_pages):
        """One page of the answer, as asked for."""
        if not self.pages or not size:
            return answer
        results, token_in, token_out = self.pages
        size = min(size, parameters.get(self.limit) or size)
        asked = {name: value for name, value in parameters.items() if name != token_in}
        digest = hashlib.sha256(f"{self} {json.dumps(asked, sort_keys=True, default=str)}".encode()).hexdigest()[:8]

        def token(start, is_empty):
            return f"{digest}/{start}+{int(is_empty)}&<=>"

        start, is_empty = 0, False
        if token_in in parameters:
            match = re.fullmatch(r"(\w+)/(\d+)\+([01])&<=>", parameters[token_in])
            if not match or match[1] != digest:
                raise Refusal("InvalidNextToken", f"this token is not of this request: {parameters[token_in]}")
            start, is_empty = int(match[2]), match[3] == "1"
        page = dict(answer)
        end = start if is_empty else start + size
        is_more = any(end < len(answer.get(result, [])) for result in results)
        for result in results:
            if result in page:
                page[result] = answer[result][start:end]
        if is_more:
            page[token_out] = token(end, empty_pages and not is_empty)
        if self.more:
            page[self.more] = is_more
        return page

    def parameters(self, request, url_params):
        form = {"method": request.method, "values": request.values, "headers": request.headers, "body": request.data}
        return PROTOCOL_PARSERS[self.protocol](self.model).parse({**form, "url_path": request.path, "url_params": url_params})


def typed(value, shape, where):
    if value is None:
        raise ScenarioError(f"{where}: null")
    if shape.type_name == "structure":
        return {name: typed(inner, shape.members[name], f"{where}.{name}") for name, inner in value.items()}
    if shape.type_name == "list":
        return [typed(inner, shape.member, f"{where}[{i}]") for i, inner in enumerate(value)]
    if shape.type_name == "map":
        return {name: typed(inner, shape.value, f"{where}.{name}") for name, inner in value.items()}
    if shape.type_name == "timestamp":
        return parse_timestamp(value).astimezone(timezone.utc)
    if shape.type_name == "blob":
        return base64.b64decode(value, validate=True)
    enum = shape.metadata.get("enum")
    if enum and value not in enum:
        raise ScenarioError(f"{where}: {value!r} is none of {enum}")
    return value


def operations():
    for line in OPERATIONS.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield Operation(*line.split())


class Scenario:
    def __init__(self, document, account):
        self.account = account
        self.operations = {str(operation): operation for operation in operations()}
        self.entries = {}
        for name, entries in document.items():
            if name not in self.operations:
                raise ScenarioError(f"{name} is not in operations.txt")
            operation = self.operations[name]
            entries = entries if isinstance(entries, list) else [{"answer": entries}]
            self.entries[name] = [self.entry(operation, entry, f"{name}[{i}]") for i, entry in enumerate(entries)]
        role = Operation("sts", "AssumeRole")
        self.operations[str(role)] = role

    @staticmethod
    def entry(operation, entry, where):
        if entry.keys() - {"when", "account", "region", "answer", "error"} or ("answer" in entry) == ("error" in entry):
            raise ScenarioError(f"{where}: an entry has `answer` or `error`, and may have `when`, `account` and `region`")
        parameters = operation.model.input_shape.members if operation.model.input_shape else {}
        for name in entry.get("when", {}).keys() - parameters.keys():
            raise ScenarioError(f"{where}: the request has no {name}")
        if "error" in entry:
            error = entry["error"]
            return {**entry, "error": (error["Code"], error.get("Message", ""), error.get("Status", 400))}
        return {**entry, "answer": operation.check(entry["answer"], where)}

    def answer(self, operation, parameters, account, region):
        name = str(operation)
        if name == "sts.AssumeRole":
            role = parameters["RoleArn"]
            whose = role.split(":")[4]
            return {
                "Credentials": {"AccessKeyId": f"ASIA{whose}FAKE", "SecretAccessKey": "fake", "SessionToken": f"fake-{whose}",
                                "Expiration": parse_timestamp("2099-01-01T00:00:00Z")},
                "AssumedRoleUser": {"AssumedRoleId": "AROAFAKE:session", "Arn": f"{role}/session"},
            }
        if name not in self.entries:
            if name == "sts.GetCallerIdentity":
                return {"UserId": "AIDAFAKE", "Account": account, "Arn": f"arn:aws:iam::{account}:user/fake"}
            return {member: [] for member in operation.lists}
        about, joined = {}, {}
        for entry in self.entries[name]:
            if entry.get("account", account) != account or entry.get("region", region) != region:
                continue
            of_list = None
            for parameter, wanted in entry.get("when", {}).items():
                asked = parameters.get(parameter)
                if isinstance(asked, list) and not isinstance(wanted, list) and wanted in asked:
                    of_list = parameter
                elif asked != wanted:
                    break
            else:
                if "error" in entry:
                    raise Refusal(*entry["error"])
                if not of_list:
                    return entry["answer"]
                about.setdefault(of_list, {}).setdefault(entry["when"][of_list], entry["answer"])
        for parameter, answers in about.items():
            missing = set(parameters[parameter]) - answers.keys()
            if missing:
                raise Refusal("NotInScenario", f"{name}: nothing about {sorted(missing)}")
            for element in parameters[parameter]:
                for member, value in answers[element].items():
                    joined[member] = joined[member] + value if isinstance(value, list) and member in joined else value
            return joined
        raise Refusal("NotInScenario", f"{name}: no entry fits {parameters} of {account} in {region}")

    def find(self, request, path):
        """The operation and what its URI, as it came, tells."""
        target = request.headers.get("X-Amz-Target")
        for operation in self.operations.values():
            metadata = operation.service_model.metadata
            if operation.protocol == "json":
                if target == f"{metadata['targetPrefix']}.{operation.name}":
                    return operation, {}
            elif operation.protocol in ("ec2", "query"):
                action = (request.values.get("Action"), request.values.get("Version"))
                if action == (operation.name, metadata["apiVersion"]):
                    return operation, {}
            elif request.method == operation.model.http["method"] and not target:
                match = operation.uri.fullmatch(path) or operation.uri.fullmatch(path.rstrip("/"))
                if match:
                    return operation, match.groupdict()
        return None, {}


class Fake:
    """The server. `with Fake(scenario) as fake: … fake.url`"""

    def __init__(self, document, port=0, page_size=0, empty_pages=False, faults=None, log=None, account="123456789012"):
        self.scenario = Scenario(document, account)
        self.page_size, self.empty_pages, self.faults = page_size, empty_pages, faults and Path(faults)
        self.requests, self.log = [], log and open(log, "w", encoding="utf-8")
        self.rules, self.rules_read, self.lock = [], None, threading.Lock()
        handler = type("Handler", (Handler,), {"fake": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def fault(self, operation, account, region):
        """The fault that befalls this request, if any."""
        with self.lock:
            if self.faults:
                state = self.faults.stat() if self.faults.exists() else None
                read = state and (state.st_mtime_ns, state.st_size)
                if read != self.rules_read:
                    self.rules, self.rules_read = json.loads(self.faults.read_text()) if read else [], read
            for rule in self.rules:
                fits = rule["operation"] in ("*", str(operation))
                fits = fits and rule.get("account", account) == account and rule.get("region", region) == region
                if not fits or rule.get("times", 1) == 0:
                    continue
                if rule.get("skip", 0) > 0:
                    rule["skip"] -= 1
                    continue
                if "times" in rule:
                    rule["times"] -= 1
                return rule["fault"]
        return None

    def note(self, **what):
        with self.lock:
            self.requests.append(what)
            if self.log:
                print(json.dumps(what, ensure_ascii=False, default=str), file=self.log, flush=True)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fake = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        request = Request.from_values(method=self.command, path=path, query_string=query, input_stream=None, data=body,
                                      headers=list(self.headers.items()))
        operation, url_params = self.fake.scenario.find(request, path)
        scope = re.search(r"Credential=(\w+)/\d+/([\w-]+)/([\w-]+)/aws4_request", self.headers.get("Authorization", ""))
        if not operation or not scope:
            self.fake.note(unknown=f"{self.command} {self.path}", target=self.headers.get("X-Amz-Target"), body=body.decode("latin-1"))
            return self.send(400, b'{"__type": "UnknownOperationException"}', {"Content-Type": "application/json"})
        key, region, signed_for = scope.groups()
        assumed = re.fullmatch(r"ASIA(\d{12})FAKE", key)
        account = assumed[1] if assumed else self.fake.scenario.account
        parameters = operation.parameters(request, url_params)
        if signed_for != operation.service_model.signing_name:
            parameters, fault = {}, "denied"
        else:
            fault = self.fake.fault(operation, account, region)
        status, body, headers, outcome = self.answer(operation, parameters, account, region, fault)
        self.fake.note(service=operation.service, operation=operation.name, account=account, region=region,
                       parameters=parameters, outcome=fault or outcome, status=status, body=body)
        self.give(fault, status, body.encode(), {name: value for name, value in headers.items() if name != "status"})

    do_POST = do_GET

    def answer(self, operation, parameters, account, region, fault):
        outcome = "answer"
        try:
            self.refuse(operation, fault)
            answer = self.fake.scenario.answer(operation, parameters, account, region)
            result = operation.page(answer, parameters, self.fake.page_size, self.fake.empty_pages)
        except Refusal as refusal:
            result, outcome = refusal, refusal.code
        return *operation.write(result), outcome

    @staticmethod
    def refuse(operation, fault):
        """The errors of faults, called as services with this protocol call them."""
        protocol = operation.protocol
        denied = {"ec2": "UnauthorizedOperation", "query": "AccessDenied"}.get(protocol, "AccessDeniedException")
        throttled = {"ec2": "RequestLimitExceeded", "query": "Throttling"}.get(protocol, "ThrottlingException")
        if fault == "denied":
            raise Refusal(denied, "You are not authorized to perform this operation.", 400 if protocol == "json" else 403)
        if fault == "throttle":
            raise Refusal(throttled, "Rate exceeded", {"ec2": 503, "rest-json": 429}.get(protocol, 400))
        if fault == "error":
            raise Refusal("InternalFailure", "An internal error has occurred", 500)
        if fault == "unavailable":
            raise Refusal("ServiceUnavailable", "The service is unavailable", 503)

    def give(self, fault, status, body, headers):
        if fault == "slow":
            time.sleep(1)
        if fault == "cut":
            self.close_connection = True
            return None
        if fault == "html":
            return self.send(200, b"<html><body>Welcome to the airport's network</body></html>", {"Content-Type": "text/html"})
        if fault == "empty":
            body = b""
        if fault == "truncate":
            body = body[: len(body) // 2]
        return self.send(status, body, headers, len(body) // 2 if fault == "cut-body" else None)

    def send(self, status, body, headers, only=None):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("x-amzn-RequestId", "fake")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:only])
        if only is not None:
            self.close_connection = True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--page-size", type=int, default=0)
    parser.add_argument("--empty-pages", action="store_true")
    parser.add_argument("--faults")
    parser.add_argument("--log")
    parser.add_argument("--account", default="123456789012")
    options = vars(parser.parse_args())
    try:
        fake = Fake(json.loads(options.pop("scenario").read_text(encoding="utf-8")), **options)
    except ScenarioError as error:
        sys.exit(str(error))
    print(fake.url, flush=True)
    try:
        fake.server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
