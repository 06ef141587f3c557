"""Whether `netproof collect` takes a true snapshot, whatever happens. Run by `check`, which says how."""

import json
import os
import pathlib
import re
import shlex
import signal
import stat
import subprocess
import sys
import tempfile
import time

import botocore.session

import cli
import compare
import network
import proxy
import server

HERE = pathlib.Path(__file__).parent
REGIONS = [network.HOME, network.AWAY]
# More calls than this at once are not polite.
AT_ONCE = 64
# Exit code of an analysis, and of a collection, that misses something.
UNKNOWN = 3
# In no comparison: it tells of times.
MANIFEST = "manifest.json"


class Failed(Exception):
    pass


def require(true, why):
    if not true:
        raise Failed(why)


class Collector:
    """`netproof collect` into folders under `work`, from moto behind the proxy."""

    def __init__(self, netproof, before, made, work):
        self.netproof, self.proxy, self.network, self.work = netproof, before, made, work
        # How many calls an undisturbed run makes; which there have been in all runs.
        self.calls, self.seen = 0, set()
        self.command = shlex.split(os.environ.get("NETPROOF_COLLECT", "")) or [netproof, "collect"]
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
            "AWS_ACCESS_KEY_ID": "hub", "AWS_SECRET_ACCESS_KEY": "hub", "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true", "NO_COLOR": "1"}

    def start(self, folder, plan, more=("--organization",)):
        self.proxy.begin(plan)
        regions = [part for region in REGIONS for part in ("--region", region)]
        return subprocess.Popen(
            [*self.command, "--out", str(self.work / folder), "--endpoint-url", self.proxy.url, *regions, *more],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, umask=0)

    def run(self, folder, plan=None, more=("--organization",)):
        """Exit code and all that was printed."""
        process = self.start(folder, plan or proxy.Plan(), more)
        try:
            printed, _ = process.communicate(timeout=300)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Failed("it does not end") from None
        # Calls that the collector made, and not this test.
        self.seen |= {entry.call for entry in self.proxy.log}
        return process.returncode, printed

    def ask(self, *arguments):
        """Exit code and standard output of a netproof command, without a second opinion on each answer."""
        done = subprocess.run([self.netproof, *map(str, arguments), "--no-config", "--no-certify"], capture_output=True, text=True,
                              env=self.environment, check=False)
        require(done.returncode in (0, 1, 3), f"netproof {' '.join(map(str, arguments))}: {done.stderr}")
        return done.returncode, done.stdout


def files(folder):
    """All files of a collection by path, but not its manifest."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(pathlib.Path(folder).rglob("*"))
            if path.is_file() and path.name != MANIFEST}


def same(one, other, what):
    """Requires the same files with the same bytes."""
    one, other = files(one), files(other)
    missing, more = sorted(one.keys() - other.keys()), sorted(other.keys() - one.keys())
    changed = sorted(path for path in one.keys() & other.keys() if one[path] != other[path])
    require(not (missing or more or changed), f"{what}: missing {missing}, in excess {more}, different {changed}")


def manifest(folder):
    """The manifest as text, which must be JSON."""
    text = (pathlib.Path(folder) / MANIFEST).read_text()
    json.loads(text)
    return text


# The undisturbed collection, which all others are compared with.


def undisturbed(it):
    status, printed = it.run("undisturbed")
    require(status == 0, f"exit code {status}: {printed}")
    # What moto lacks but answers all the same, or is asked for in vain, is no fault of the collection.
    strange = sorted({entry.call for entry in it.proxy.log if entry.call.startswith("?")})
    require(not strange, f"calls that are no operation of AWS: {strange}")
    refused = sorted({entry.call for entry in it.proxy.log if entry.status != 200})
    require(not refused, f"calls that failed: {refused}")
    it.calls = len(it.proxy.log)
    at_once = max(entry.at_once for entry in it.proxy.log)
    require(at_once <= AT_ONCE, f"{at_once} calls at once")
    places = {tuple(path.split("/")[:2]) for path in files(it.work / "undisturbed")}
    wanted = {(account, region) for account in (it.network.hub, it.network.partner) for region in REGIONS}
    require(wanted <= places, f"nothing of {sorted(wanted - places)}")
    return f"{it.calls} calls, at most {at_once} at once, {len(files(it.work / 'undisturbed'))} files"


def again(it):
    status, printed = it.run("again")
    require(status == 0, f"exit code {status}: {printed}")
    same(it.work / "undisturbed", it.work / "again", "a second collection")


def owner_only(it):
    for path in [it.work / "undisturbed", *(it.work / "undisturbed").rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        require(mode == (0o700 if path.is_dir() else 0o600), f"{path} has mode {mode:o}")


def nothing_secret(it):
    for path in (it.work / "undisturbed").rglob("*"):
        text = path.read_text() if path.is_file() else ""
        for what, secret in network.SECRETS.items():
            require(secret not in text, f"{path} has the {what}")
    # That these are secrets of the network at all: moto does tell them.
    told = [cli.answer(service, command, list(more), it.proxy.url, network.HOME)[0] or "" for service, command, *more in [
        ("ec2", "describe-vpn-connections"), ("lambda", "list-functions"),
        ("ecs", "describe-tasks", "--cluster", "jobs", "--tasks", task_of(it))]]
    for what, text in zip(["VPN key", "variable of a function", "variable of a task"], told):
        require(network.SECRETS[what] in text, f"moto does not tell the {what}")


def task_of(it):
    return json.loads(cli.answer("ecs", "list-tasks", ["--cluster", "jobs"], it.proxy.url, network.HOME)[0])["taskArns"][0]


# Members that hold secrets; crates/collect/shapes/secrets.txt has the whole list.
SECRET_MEMBERS = {"CustomerGatewayConfiguration", "PreSharedKey", "Environment", "environment", "command"}
FILTERED = {"search-transit-gateway-routes": ["--filters", "Name=state,Values=active,blackhole"]}


def like_the_cli(it):
    """Every file is what the AWS CLI prints of the same call, but for secrets."""
    partner = network.Account(it.proxy.url).member(it.network.partner).credentials
    session = botocore.session.get_session()
    credentials = {it.network.hub: ("hub", "hub", None), it.network.partner: partner}
    different, count = [], 0
    for name, collected in files(it.work / "undisturbed").items():
        # Of services with one endpoint for all Regions the file is the account's.
        account, *region, call = name.split("/")[:3] if name.count("/") > 1 else name.split("/")
        region = region[0] if region else "us-west-2"
        call = call.removesuffix(".json")
        service = next(known for known in sorted(proxy.SERVICES, key=len, reverse=True) if call.startswith(known + "-"))
        command = call[len(service) + 1:]
        if account not in credentials or region not in [*REGIONS, "us-west-2"]:
            continue
        got = json.loads(collected)
        subject = subject_of(session, service, command, got)
        arguments = [part for name, value in subject.items() for part in (
            "--" + botocore.xform_name(name, "-"), *([value] if isinstance(value, str) else value))]
        text, complaint = cli.answer(service, command, arguments + FILTERED.get(command, []), it.proxy.url, region,
                                     credentials[account])
        require(text is not None, f"aws {service} {command} {arguments}: {complaint}")
        named = {} if (service, command) in BATCHES else subject
        named = {name: subject[name] for name in [*named, "cluster"] if name in subject}
        answer = json.loads(text or "{}")
        named = {name: value for name, value in named.items() if name in got and name not in answer}
        printed = cli.dump(named | without_secrets(answer))
        count += 1
        if printed.encode() != collected:
            different.append(name)
    require(not different, f"not what the AWS CLI prints: {different}")
    return f"{count} files"


# Calls about several resources at once: the parameter, and the list and member of the answer that name them.
BATCHES = {
    ("ecs", "describe-tasks"): ("tasks", "tasks", "taskArn"),
    ("elb", "describe-tags"): ("LoadBalancerNames", "TagDescriptions", "LoadBalancerName"),
    ("elbv2", "describe-tags"): ("ResourceArns", "TagDescriptions", "ResourceArn"),
    ("opensearch", "describe-domains"): ("DomainNames", "DomainStatusList", "DomainName"),
}


def subject_of(session, service, command, answer):
    """The members of a file that are parameters of its call: no part of its answer, or required."""
    if (service, command) in BATCHES:
        parameter, records, member = BATCHES[service, command]
        subject = {parameter: [record[member] for record in answer[records]]}
        return subject | {name: answer[name] for name in ["cluster"] if name in answer}
    model = session.get_service_model(service)
    operation = next(name for name in model.operation_names if botocore.xform_name(name, "-") == command)
    operation = model.operation_model(operation)
    outputs = operation.output_shape.members if operation.output_shape else {}
    inputs = operation.input_shape.members if operation.input_shape else {}
    required = operation.input_shape.required_members if operation.input_shape else []
    subject = {name: value for name, value in answer.items() if name in inputs and (name not in outputs or name in required)}
    if operation.name == "DescribeVpcAttribute" and "Attribute" not in subject:
        # The answer is called as the attribute.
        subject |= {"Attribute": name[0].lower() + name[1:] for name in answer if name not in subject}
    return subject


def without_secrets(value):
    if isinstance(value, dict):
        return {key: without_secrets(it) for key, it in value.items() if key not in SECRET_MEMBERS}
    if isinstance(value, list):
        return [without_secrets(it) for it in value]
    return value


# Analysis.

NO_MATTER = {"unread-table", "not-modelled"}
"""Codes of remarks on what one of two snapshots has, and no answer needs."""


def analysis(it, snapshot):
    """Verdicts and findings of all ready-made scopes, and the remarks, without places."""
    status, text = it.ask("analyze", snapshot, "--scopes", HERE / "../../scopes", "--format", "json")
    report = compare.without_places(json.loads(text))
    remarks = report.pop("diagnostics")
    remarks = sorted(json.dumps(remark, sort_keys=True) for remark in remarks if remark["code"] not in NO_MATTER)
    return status, report, sorted(set(remarks))


def like_by_hand(it, collected="undisturbed", by_hand=compare.HAND):
    renamed = it.work / f"{collected}-renamed"
    compare.rename(it.work / collected, renamed, it.network.partner)
    ours, theirs = analysis(it, renamed), analysis(it, by_hand)
    found = sum(len(scope["findings"]) for scope in ours[1]["scopes"])
    for name, one, other in zip(["exit code", "report", "remarks"], ours, theirs):
        require(one == other, f"{name} of the analysis: {first_difference(one, other)}")
    return f"{found} findings, {len(ours[2])} remarks"


def first_difference(one, other, at=""):
    """Where two documents differ, in a line."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return next((first_difference(one[key], other[key], f"{at}/{key}") for key in one if one[key] != other[key]), "")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return next((first_difference(a, b, f"{at}/{n}") for n, (a, b) in enumerate(zip(one, other)) if a != b), "")
    if isinstance(one, list) and isinstance(other, list):
        odd = [item for item in one if item not in other] + [item for item in other if item not in one]
        return f"{at}: {len(one)} and {len(other)}, among them {json.dumps(odd[:2])[:600]}"
    return f"{at}: collected {json.dumps(one)[:300]}, by hand {json.dumps(other)[:300]}"


def flows(it):
    status, text = it.ask("verify", it.work / "undisturbed-renamed", HERE / "flows.toml", "--format", "json")
    results = json.loads(text)["results"]
    wrong = [result["name"] for result in results if not result["pass"]]
    require(status == 0 and not wrong, f"exit code {status}; not as meant: {wrong}")
    return f"{len(results)} flows"


# Faults.


def transient(seed):
    def test(it):
        folder = f"transient-{seed}"
        status, printed = it.run(folder, proxy.Plan(seed=seed, share=0.3))
        suffered = {}
        for entry in it.proxy.log:
            if entry.fault:
                suffered[entry.fault] = suffered.get(entry.fault, 0) + 1
        require(set(suffered) == set(proxy.TRANSIENT), f"not every fault occurred: {suffered}")
        require(status == 0, f"exit code {status}: {printed[-2000:]}")
        same(it.work / "undisturbed", it.work / folder, "with faults that pass")
        return ", ".join(f"{count} {fault}" for fault, count in sorted(suffered.items()))

    return test


DENIED = ["ec2.DescribeNetworkAcls", "elbv2.DescribeTargetHealth", f"ec2.DescribeNatGateways@{network.AWAY}"]


def of_call(path, names):
    """Whether a file has the answer to one of these calls (`ec2.DescribeVpcs`, or with `@` and a Region)."""
    _, *region, call = path.split("/")[:3] if path.count("/") > 1 else path.split("/")
    region = region[0] if region else ""
    for name in names:
        name, _, only = name.partition("@")
        service, operation = name.split(".")
        if call.removesuffix(".json") == f"{service}-{botocore.xform_name(operation, '-')}" and only in ("", region):
            return True
    return False


def without_calls(it, folder, names):
    """Requires all files of the undisturbed run but those of some calls."""
    got, all_files = files(it.work / folder), files(it.work / "undisturbed")
    kept = {path: body for path, body in all_files.items() if not of_call(path, names)}
    require(len(kept) < len(all_files), f"{names} have no files anyway")
    lost = sorted(path for path, body in kept.items() if got.get(path) != body)
    more = sorted(got.keys() - kept.keys())
    require(not lost and not more, f"lost or changed {lost}, in excess {more}")


def reported(it, folder, printed, names, codes):
    """Requires that what was printed, and the manifest, name the calls that failed, and how."""
    for where, text in [("standard output and error", printed), ("the manifest", manifest(it.work / folder))]:
        for name in names:
            service, operation = name.partition("@")[0].split(".")
            words = [operation, botocore.xform_name(operation, "-")]
            require(any(word in text for word in words), f"{where} does not name {name}: {text[-1500:]}")
    require(any(code in manifest(it.work / folder) for code in codes), f"the manifest says nothing of {codes}")


def denied(it):
    status, printed = it.run("denied", proxy.Plan(denied=tuple(DENIED)))
    require(status == UNKNOWN, f"exit code {status}, not {UNKNOWN}: {printed[-2000:]}")
    without_calls(it, "denied", DENIED)
    reported(it, "denied", printed, DENIED, ["UnauthorizedOperation", "AccessDenied"])
    tries = max(entry.attempt for entry in it.proxy.log if entry.fault == "denied")
    require(tries == 0, f"what was denied was asked for {tries + 1} times")
    # What network ACLs do is unknown now. What does not reach them is as certain as it was.
    renamed = it.work / "denied-renamed"
    compare.rename(it.work / "denied", renamed, it.network.partner)
    _, text = it.ask("verify", renamed, HERE / "flows.toml", "--format", "json")
    verdicts = {result["name"]: result["actual"] for result in json.loads(text)["results"]}
    for name, verdict in [("orders are read in zone a", "unknown"), ("the network ACL denies zone b", "unknown"),
                          ("the bastion is open", "unknown"), ("but only for SSH", "unreachable"),
                          ("the black hole is in front of the shop", "unreachable")]:
        require(verdicts[name] == verdict, f"`{name}` is {verdicts[name]}, not {verdict}")
    return f"{sum(verdict == 'unknown' for verdict in verdicts.values())} of {len(verdicts)} flows are unknown"


BROKEN = ["ec2.DescribeRouteTables@" + network.HOME, "elbv2.DescribeListeners", "rds.DescribeDBInstances"]


def broken(it):
    """Calls that fail for good are reported and lose nothing else; the next run has only them to do."""
    status, printed = it.run("broken", proxy.Plan(broken=tuple(BROKEN)))
    require(status == UNKNOWN, f"exit code {status}, not {UNKNOWN}: {printed[-2000:]}")
    # What asks about listeners, one by one, cannot be asked.
    without_calls(it, "broken", [*BROKEN, "elbv2.DescribeRules"])
    reported(it, "broken", printed, BROKEN, ["InternalError", "InternalFailure"])
    resumed(it, "broken", "after calls that failed")
    return f"{len(it.proxy.log)} calls to finish it"


def resumed(it, folder, what):
    """Runs once more, undisturbed: requires the undisturbed result, for fewer calls."""
    status, printed = it.run(folder)
    require(status == 0, f"exit code {status}: {printed[-2000:]}")
    same(it.work / "undisturbed", it.work / folder, what)
    calls = len(it.proxy.log)
    require(calls < it.calls, f"{calls} calls to finish it, as many as from the start")


def killed(share):
    """Killed by SIGKILL after a share of the calls."""

    def test(it):
        folder, after = f"killed-{share}", int(it.calls * share)
        process = it.start(folder, proxy.Plan(hold_after=after))
        try:
            require(it.proxy.held.wait(120), "the proxy waits in vain")
            # What has been answered may be written meanwhile.
            time.sleep(0.5)
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            it.proxy.release()
        finished = files(it.work / "undisturbed")
        got = {path: body for path, body in files(it.work / folder).items() if path.endswith(".json")}
        half = sorted(path for path, body in got.items() if finished.get(path) != body)
        require(not half, f"not finished, but under their final names: {half}")
        require(len(got) < len(finished), "it was killed too late")
        resumed(it, folder, "after it was killed")
        return f"{len(got)} of {len(finished)} files were there, {len(it.proxy.log)} of {it.calls} calls to finish it"

    return test


def one_role(it):
    """`--role-arn` for one account has the files of that account."""
    role = f"arn:aws:iam::{it.network.partner}:role/{network.ROLE}"
    status, printed = it.run("role", more=("--role-arn", role))
    require(status == 0, f"exit code {status}: {printed}")
    same(it.work / "undisturbed" / it.network.partner, it.work / "role" / it.network.partner, "by a role")


def changed_meanwhile(it):
    """`--verify` says what was changed after it was read, and only that."""
    ec2 = network.Account(it.proxy.behind.geturl()).client("ec2")
    process = it.start("changed", proxy.Plan(hold_after=int(it.calls * 0.9)), ("--organization", "--verify"))
    require(it.proxy.held.wait(120), "the proxy waits in vain")
    late = ec2.create_security_group(GroupName="late", Description="late")["GroupId"]
    try:
        it.proxy.plan.hold_after = None
        it.proxy.release()
        printed, _ = process.communicate(timeout=300)
    finally:
        process.kill()
        ec2.delete_security_group(GroupId=late)
    require(process.returncode in (0, UNKNOWN), f"exit code {process.returncode}: {printed}")
    found = {"security-groups": False, "subnets": False}
    for what in found:
        operation = "Describe" + what.title().replace("-", "")
        found[what] = f"describe-{what}" in printed or operation in printed
    read = f"{it.network.hub}/{network.HOME}/ec2-describe-security-groups.json"
    require("late" not in (it.work / "changed" / read).read_text(), "security groups were read too late for this test")
    require(found == {"security-groups": True, "subnets": False}, f"said to have changed: {found}: {printed[-2000:]}")


# The policy.

PREFIXES = {
    "elb": "elasticloadbalancing", "elbv2": "elasticloadbalancing", "efs": "elasticfilesystem", "emr": "elasticmapreduce",
    "opensearch": "es", "resourcegroupstaggingapi": "tag",
}
# SOURCE: WAFV2 API reference, `GetWebACLForResource`: it needs `GetWebACL`; WAF developer guide, "Permissions for
# GetWebACLForResource": and the balancer's own permission (checked 2026-11-27).
BESIDE = {"sts:AssumeRole", "elasticloadbalancing:GetLoadBalancerWebACL", "wafv2:GetWebACL"}


def action(call):
    service, operation = call.split(".")
    return f"{PREFIXES.get(service, service)}:{operation}"


def policy(it):
    """The printed policy allows what was called, and nothing that is on no list of calls."""
    done = subprocess.run([*it.command, "--organization", "--print-policy"], capture_output=True, text=True, env=it.environment, check=False)
    require(done.returncode == 0, f"exit code {done.returncode}: {done.stderr}")
    allowed = set()
    for statement in json.loads(done.stdout)["Statement"]:
        require(statement["Effect"] == "Allow", f"it does more than allow: {statement}")
        actions = statement["Action"]
        allowed |= {actions} if isinstance(actions, str) else set(actions)
    # Nobody needs a permission to ask who they are.
    called = {action(call) for call in it.seen} - {"sts:GetCallerIdentity"}
    require(called <= allowed, f"called, but not allowed: {sorted(called - allowed)}")
    listed = (HERE / "../../crates/collect/shapes/operations.txt").read_text()
    listed = {action(".".join(line.split())) for line in listed.splitlines() if line and not line.startswith("#")}
    more = allowed - listed - BESIDE
    require(not more, f"allowed, but never called: {sorted(more)}")
    return f"{len(allowed)} actions, {len(called)} of them called here"


def self_test(it):
    """The proxy does what it says: the AWS CLI sees each fault. Otherwise tests with faults would show nothing."""
    seen = {}
    for fault in [*proxy.TRANSIENT, "denied"]:
        plan = proxy.Plan(share=1, faults=[fault], in_a_row=1) if fault != "denied" else proxy.Plan(denied=DENIED[:1])
        for service, command in [("ec2", "describe-network-acls"), ("elbv2", "describe-target-groups"),
                                 ("ecs", "list-clusters"), ("lambda", "list-functions")]:
            it.proxy.begin(plan)
            cli.answer(service, command, [], it.proxy.url, network.HOME)
            seen.setdefault(fault, []).append([entry.fault for entry in it.proxy.log])
    for fault, runs in seen.items():
        hit = [run for run in runs if run and run[0] == fault]
        require(len(hit) == (1 if fault == "denied" else 4), f"{fault}: {runs}")
        # `short` is an answer that cannot be read, `delay` none that needs another call; the CLI asks again after others.
        if fault in ("throttle", "unavailable", "gateway", "cut", "cut-body"):
            require(all(run == [fault, None] for run in hit), f"{fault}: the CLI did not ask again: {runs}")


TESTS = [
    ("the proxy's faults are seen by the AWS CLI", self_test),
    ("an undisturbed collection", undisturbed),
    ("the same again", again),
    ("readable by the owner only", owner_only),
    ("nothing secret", nothing_secret),
    ("what the AWS CLI prints", like_the_cli),
    ("the same findings as the network written by hand", like_by_hand),
    ("flows as they are meant", flows),
    ("faults that pass, 1", transient(1)),
    ("faults that pass, 2", transient(2)),
    ("calls that are denied", denied),
    ("calls that fail for good, and another run", broken),
    ("killed soon", killed(0.05)),
    ("killed in the middle", killed(0.5)),
    ("killed late", killed(0.9)),
    ("changed while it was read", changed_meanwhile),
    ("an account by its role", one_role),
    ("the policy", policy),
]


def main():
    netproof = sys.argv[1]
    only = sys.argv[2:]
    failed = 0
    with tempfile.TemporaryDirectory() as work, server.started() as url, proxy.Proxy(url) as before:
        made = network.fill(url)
        it = Collector(netproof, before, made, pathlib.Path(work))
        for name, test in TESTS:
            if only and test not in (undisturbed,) and not any(re.search(pattern, name) for pattern in only):
                continue
            began = time.monotonic()
            try:
                told, word = test(it), "ok"
            except Failed as why:
                told, word, failed = why, "FAILED", failed + 1
            print(f"{word:6}  {name} ({time.monotonic() - began:.1f}s)" + (f": {told}" if told else ""), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
