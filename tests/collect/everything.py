"""Whether `netproof collect` makes every call, page by page, and writes of each what the AWS CLI prints: everything.py NETPROOF

The server is fake.py, which has an answer with every member for every operation.
"""

import difflib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import awscli.clidriver
from botocore import xform_name

import fake
from like_aws_cli import SECRET, Maker, dump, generate, printed_and_pages, without_secrets

# Asked to find out where we are, and who.
NO_FILES = {"ec2.DescribeRegions", "organizations.ListAccounts", "sts.GetCallerIdentity", "sts.AssumeRole"}
GONE = "ec2.GetManagedPrefixListEntries"


class Named(Maker):
    """No string is empty: what may be an id is one."""

    def value(self, shape, name, depth):
        made = super().value(shape, name, depth)
        if shape.type_name != "string" or shape.enum or made:
            return made
        return f"{name} {self.next()}"


def answers(server):
    """What the AWS CLI prints of every operation, secrets left out; the server has these answers from now on."""
    driver = awscli.clidriver.create_clidriver()
    listed, tables, printed = generate.secrets(), {}, {}
    for operation in list(server.scenario.operations.values()):
        if str(operation) in NO_FILES:
            continue
        table = tables.setdefault(operation.service, generate.Table(operation.service, fake.Operation.loader, listed))
        answer = Named(operation, "full", table).answer()
        if str(operation) == "elbv2.DescribeLoadBalancers":
            # Only application balancers are asked for web ACLs.
            for number, balancer in enumerate(answer["LoadBalancers"]):
                balancer["LoadBalancerArn"] = f"arn:aws:elasticloadbalancing:x:1:loadbalancer/app/{number}"
        if str(operation) == "route53resolver.ListFirewallDomainLists":
            # AWS does not show the domains of its own lists.
            for domains in answer["FirewallDomainLists"][1:]:
                del domains["ManagedOwnerName"]
        operation.check(answer, str(operation))
        server.scenario.entries[str(operation)] = [{"answer": answer}]
        printed[str(operation)], _ = printed_and_pages(driver, operation, server)
        printed[str(operation)], _ = without_secrets(printed[str(operation)], operation.model.output_shape, table)
    return printed


def main():
    netproof, wrong = sys.argv[1], []
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true"}
    # As version 2 of the AWS CLI prints times.
    config = str(Path(__file__).with_name("like-aws-cli.config"))
    os.environ |= {name: environment[name] for name in environment if name.startswith("AWS_")}
    os.environ |= {"AWS_CONFIG_FILE": config, "TZ": "UTC"}
    with fake.Fake({}) as server, tempfile.TemporaryDirectory() as work:
        printed = answers(server)
        gone = json.loads(json.dumps(printed["ec2.DescribeManagedPrefixLists"]))["PrefixLists"][0]["PrefixListId"]
        server.scenario.entries[GONE].insert(0, {"when": {"PrefixListId": gone}, "error": ("InvalidPrefixListID.NotFound", "gone", 400)})
        server.page_size, server.empty_pages = 3, True
        server.requests.clear()
        done = subprocess.run(
            [netproof, "collect", "--out", f"{work}/out", "--endpoint-url", server.url, "--region", "eu-west-1"],
            env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            wrong.append(f"exit code {done.returncode}: {done.stdout}{done.stderr}")
        asked = {f"{request['service']}.{request['operation']}" for request in server.requests}
        if printed.keys() - asked:
            wrong.append(f"never asked: {sorted(printed.keys() - asked)}")
        files = 0
        for call, expected in printed.items():
            service, operation = call.split(".")
            table = f"{service}-{xform_name(operation, '-')}"
            found = [*Path(work, "out").rglob(f"{table}.json"), *Path(work, "out").rglob(f"{table}/*.json")]
            files += len(found)
            if not found:
                wrong.append(f"{call}: no file")
            for file in found:
                text = file.read_text(encoding="utf-8")
                written = json.loads(text)
                subject = {name: value for name, value in written.items() if name not in expected}
                if text != dump(subject | expected):
                    lines = difflib.unified_diff(dump(subject | expected).splitlines(), text.splitlines(), n=1, lineterm="")
                    first = "\n    ".join(list(lines)[2:12])
                    wrong.append(f"{call}: {file.name} is not what the AWS CLI prints:\n    {first}")
                if SECRET in text:
                    wrong.append(f"{call}: {file.name} has a secret")
                if call == GONE and written.get("PrefixListId") == gone:
                    wrong.append(f"{call}: there is a file about what is gone")
        tables = [table for place in json.loads(Path(work, "out/manifest.json").read_text())["places"]
                  for table in place["tables"]]
        vanished = {name for table in tables for name in table.get("vanished", [])}
        if vanished != {gone}:
            wrong.append(f"vanished: {vanished}")
        paged = [table for table in tables if table["pages"] > table["answers"]]
        if len(paged) < 60:
            wrong.append(f"only {len(paged)} tables had pages")
    for line in wrong:
        print(line)
    print(f"{len(printed)} operations, {files} files, {len(paged)} of the tables by pages: {len(wrong)} faults")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
