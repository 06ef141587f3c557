"""Judges reports by programs and schemas that are not ours. Called by `check`, which installs those."""

import collections
import csv
import gzip
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

TOOLS = pathlib.Path(sys.argv[1])
SHOWN = 5


class Bad(Exception):
    """A report that its judge does not accept."""


def expect(holds, what):
    if not holds:
        raise Bad(what)


def listed(errors):
    """Some of the errors, in lines."""
    errors = list(errors)
    if errors:
        more = [f"… and {len(errors) - SHOWN} more"] if len(errors) > SHOWN else []
        raise Bad("\n".join([str(error)[:2000] for error in errors[:SHOWN]] + more))


def schema_errors(validator, document):
    for error in validator.iter_errors(document):
        yield f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:500]}"


# --- SARIF ---------------------------------------------------------------------------------------------------------------


def sarif(path):
    import jsonschema

    schema = json.loads((TOOLS / "sarif" / "schema.json").read_text())
    expect("oasis-tcs" in schema["$id"], "this is not OASIS's schema")
    validator = jsonschema.validators.validator_for(schema)(schema)
    log = json.loads(path.read_text(encoding="utf-8"))
    listed(schema_errors(validator, log))
    results = sum(len(run.get("results", [])) for run in log["runs"])
    return f"{results} results in {len(log['runs'])} runs; OASIS's schema 2.1.0 (crate serde-sarif)"


# --- JUnit ---------------------------------------------------------------------------------------------------------------


def junit(path):
    import xmlschema

    schema = xmlschema.XMLSchema(str(TOOLS / "junit" / "junit-10.xsd"))
    listed(f"{error.path}: {error.reason}" for error in schema.iter_errors(str(path)))
    root = ElementTree.parse(path).getroot()
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}

    def counted(element, where):
        cases = list(element.iter("testcase"))
        count = {"tests": len(cases)} | {many: sum(case.find(one) is not None for case in cases) for many, one in kinds.items()}
        for name, number in count.items():
            said = element.get(name)
            expect(said is None or int(said) == number, f"{where}: says {said} {name}, has {number}")

    counted(root, "testsuites")
    names = collections.Counter()
    for suite in root.iter("testsuite"):
        counted(suite, suite.get("name"))
        names.update((case.get("classname"), case.get("name")) for case in suite.iter("testcase"))
    listed(f"two cases are named {name}" for name, times in names.items() if times > 1)
    return f"{names.total()} cases; Jenkins' junit-10.xsd (pytest's copy), counts"


# --- ASFF ----------------------------------------------------------------------------------------------------------------

SIZE = 240_000
BATCH = 100


class Model:
    """AWS's own model of Security Hub, as botocore carries it: shapes, and in the words of its documentation lengths."""

    def __init__(self):
        import botocore

        folder = pathlib.Path(botocore.__file__).parent / "data" / "securityhub"
        file = next(folder.glob("*/service-2.json*"))
        data = file.read_bytes()
        self.shapes = json.loads(gzip.decompress(data) if file.suffix == ".gz" else data)["shapes"]
        self.types = set(self.shapes["ResourceDetails"]["members"]) | {"AwsAccount"}

    def faults(self, name, value, where, said=""):
        shape = self.shapes[name]
        kind = shape["type"]
        length = re.search(r"Constraints: (?:Minimum.*?)?Maximum(?: length)? of (\d+)|Constraints: (\d+)\.", said)
        if kind == "string":
            if not isinstance(value, str):
                yield f"{where}: is no text"
                return
            if "enum" in shape and value not in shape["enum"]:
                yield f"{where}: `{value}` is none of {shape['enum']}"
            if "pattern" in shape and not re.fullmatch(shape["pattern"], value):
                yield f"{where}: `{value}` is not like {shape['pattern']}"
            if length and length[1] and len(value.encode()) > int(length[1]):
                yield f"{where}: {len(value.encode())} bytes, AWS takes {length[1]}"
            if length and length[2] and len(value) != int(length[2]):
                yield f"{where}: {len(value)} characters, AWS takes {length[2]}"
        elif kind == "structure":
            for member in shape.get("required", []):
                if member not in value:
                    yield f"{where}: no `{member}`"
            for member, part in value.items():
                if member not in shape["members"]:
                    yield f"{where}: no member is called `{member}`"
                    continue
                of = shape["members"][member]
                text = re.sub("<[^>]+>", "", of.get("documentation", ""))
                yield from self.faults(of["shape"], part, f"{where}/{member}", text)
        elif kind == "list":
            most = re.search(r"Maximum number of (\d+) items", said)
            if most and len(value) > int(most[1]):
                yield f"{where}: {len(value)} items, AWS takes {most[1]}"
            least = re.search(r"Minimum number of (\d+) item", said)
            if least and len(value) < int(least[1]):
                yield f"{where}: {len(value)} items, AWS wants {least[1]}"
            for index, item in enumerate(value):
                yield from self.faults(shape["member"]["shape"], item, f"{where}/{index}")
        elif kind == "map":
            pairs = re.search(r"up to (\d+) key-value pairs.*?key can contain up to (\d+).*?value can contain up to (\d+)", said)
            if pairs:
                most, key_length, value_length = map(int, pairs.groups())
                if len(value) > most:
                    yield f"{where}: {len(value)} pairs, AWS takes {most}"
                for key, text in value.items():
                    if len(key.encode()) > key_length or len(text.encode()) > value_length:
                        yield f"{where}/{key}: too long"
            for key, text in value.items():
                yield from self.faults(shape["key"]["shape"], key, f"{where}/{key}")
                yield from self.faults(shape["value"]["shape"], text, f"{where}/{key}")

    def finding_faults(self, finding):
        where = finding.get("Id", "?")
        yield from self.faults("AwsSecurityFinding", finding, where)
        if len(json.dumps(finding, ensure_ascii=False).encode()) > SIZE:
            yield f"{where}: more than {SIZE} bytes"
        for resource in finding.get("Resources", []):
            if resource.get("Type") not in self.types:
                yield f"{where}: no resource is of type `{resource.get('Type')}`"
            for key in resource.get("Tags", {}):
                if key.lower().startswith("aws:"):
                    yield f"{where}: the tag `{key}` is AWS's own"
        arn = finding.get("ProductArn", "").split(":")
        product = ["product/" + finding.get("AwsAccountId", "") + "/default"]
        if arn[:1] != ["arn"] or arn[2:3] != ["securityhub"] or arn[4:] != [finding.get("AwsAccountId"), *product]:
            yield f"{where}: `{finding.get('ProductArn')}` is not the account's own product"
        for name in ("CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt"):
            if name in finding and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", finding[name]):
                yield f"{where}: {name} `{finding[name]}` is no time"


def asff(path):
    findings = json.loads(path.read_text(encoding="utf-8"))
    expect(isinstance(findings, list), "this is no array of findings")
    model = Model()
    listed(fault for finding in findings for fault in model.finding_faults(finding))
    placed = collections.defaultdict(list)
    for finding in findings:
        placed[(finding["AwsAccountId"], finding["ProductArn"].split(":")[3])].append(finding)
    for where, those in placed.items():
        ids = collections.Counter(finding["Id"] for finding in those)
        listed(f"{where}: two findings are named {name}" for name, times in ids.items() if times > 1)
    back = round_trip(placed)
    return f"{len(findings)} findings; botocore's model, {back} imported into moto and read back the same"


def round_trip(placed):
    """Imports everything into a Security Hub of our own on this machine, and reads it back."""
    import logging

    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        back = 0
        for (account, region), findings in sorted(placed.items()):
            hub = boto3.client(
                "securityhub",
                region_name=region,
                endpoint_url=f"http://127.0.0.1:{port}",
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
            # How moto is told which account calls.
            hub.meta.events.register(
                "before-sign", lambda request, account=account, **_: request.headers.add_header("x-moto-account-id", account)
            )
            before = {finding["Id"] for finding in pages(hub)}
            for first in range(0, len(findings), BATCH):
                answer = hub.batch_import_findings(Findings=findings[first : first + BATCH])
                expect(answer["FailedCount"] == 0, f"not imported: {answer['FailedFindings'][:SHOWN]}")
            read = {finding["Id"]: finding for finding in pages(hub)}
            for finding in findings:
                expect(finding["Id"] not in before, f"{account} {region}: {finding['Id']} was there before")
                got = read.get(finding["Id"])
                expect(got is not None, f"{finding['Id']} was imported but is not there")
                expect({name: got.get(name) for name in finding} == finding, f"{finding['Id']} came back otherwise")
                back += 1
        return back
    finally:
        server.stop()


def pages(hub):
    for page in hub.get_paginator("get_findings").paginate():
        yield from page["Findings"]


# --- OCSF ----------------------------------------------------------------------------------------------------------------


def ocsf(path):
    import jsonschema
    from ocsf.v1_6_0.events import ComplianceFinding
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

    source = get_ocsf_schema(version="1.6.0")
    schema = OcsfJsonSchemaEmbedded(source).get_class_schema("compliance_finding", ["cloud"])
    validator = jsonschema.Draft202012Validator(schema)
    events = json.loads(path.read_text(encoding="utf-8"))
    expect(isinstance(events, list), "this is no array of events")
    captions = {
        name: {int(number): word["caption"] for number, word in attribute["enum"].items()}
        for name, attribute in source["classes"]["compliance_finding"]["attributes"].items()
        if "enum" in attribute
    }
    uids = collections.Counter()
    for index, event in enumerate(events):
        listed(f"event {index}: {error}" for error in schema_errors(validator, event))
        try:
            ComplianceFinding.model_validate(event)
        except ValueError as error:
            raise Bad(f"event {index}: pydantic-ocsf: {error}") from error
        expect(event["metadata"]["version"] == "1.6.0", f"event {index} is of version {event['metadata']['version']}")
        expect(event["type_uid"] == event["class_uid"] * 100 + event["activity_id"], f"event {index}: type_uid")
        # The word beside a number is the schema's, unless the number says "Other".
        for number, word in (("severity_id", "severity"), ("status_id", "status"), ("activity_id", "activity_name")):
            if event.get(number) != 99:
                expect(captions[number][event[number]] == event[word], f"event {index}: {word} is `{event[word]}`")
        uids[event["finding_info"]["uid"]] += 1
    listed(f"two events are named {uid}" for uid, times in uids.items() if times > 1)
    return f"{len(events)} events; OCSF 1.6.0 (ocsf-json-schema), pydantic-ocsf"


# --- DOT, Mermaid, CSV ---------------------------------------------------------------------------------------------------


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    expect(done.returncode == 0, f"{command[0]} gave {done.returncode}: {done.stderr[:2000]}")
    return done


def dot(path):
    done = run(["dot", "-Tsvg", str(path)])
    expect(not done.stderr.strip(), f"dot warns: {done.stderr[:2000]}")
    svg = ElementTree.fromstring(done.stdout)
    groups = [group.get("class") for group in svg.iter("{http://www.w3.org/2000/svg}g")]
    return f"{groups.count('node')} nodes, {groups.count('edge')} edges; Graphviz"


def mermaid(path):
    done = run(["node", str(TOOLS / "node" / "mermaid.mjs"), str(path)])
    return f"{done.stdout.strip()}; Mermaid's parser"


def csv_table(path):
    text = path.read_bytes().decode("utf-8")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    expect(rows, "there is no header")
    header, body = rows[0], rows[1:]
    expect(all(name.strip() for name in header), f"a column has no name: {header}")
    expect(len(set(header)) == len(header), f"two columns have one name: {header}")
    listed(
        f"row {number} has {len(row)} of {len(header)} cells" for number, row in enumerate(body, 2) if len(row) != len(header)
    )
    return f"{len(body)} rows of {len(header)} cells; Python's csv"


# --- Markdown and annotations --------------------------------------------------------------------------------------------


def told_by_node(script, path):
    """What a script of ours that asks others prints."""
    done = run(["node", str(TOOLS / "node" / script), str(path), str(TOOLS / "node")])
    told = json.loads(done.stdout)
    listed(told["faults"])
    return told


def markdown(path):
    told = told_by_node("markdown.mjs", path)
    return f"{told['tables']} tables, {told['items']} items, {told['code']} codes, nothing else; remark with remark-gfm"


def github(path):
    told = told_by_node("annotations.mjs", path)
    for file, line in told["places"]:
        expect(os.path.isfile(file), f"annotates `{file}`, which is not there")
        lines = pathlib.Path(file).read_bytes().count(b"\n") + 1
        expect(line is None or 1 <= int(line) <= lines, f"annotates line {line} of `{file}`, which has {lines}")
    counts = ", ".join(f"{count} of kind {kind}" for kind, count in told["counts"].items())
    return f"{counts}; @actions/core writes the same"


FORMATS = {
    "asff": ("out.asff.json", asff),
    "csv": ("out.csv", csv_table),
    "dot": ("out.dot", dot),
    "github": ("out.github.txt", github),
    "junit": ("out.junit.xml", junit),
    "markdown": ("out.md", markdown),
    "mermaid": ("out.mmd", mermaid),
    "ocsf": ("out.ocsf.json", ocsf),
    "sarif": ("out.sarif", sarif),
}


def judge(name, folder):
    file, check = FORMATS[name]
    path = folder / file
    expect(path.is_file(), f"{path} is not there")
    try:
        return check(path)
    except Bad:
        raise
    except Exception as error:  # What cannot even be read is bad, whatever its judge throws.
        raise Bad(f"{type(error).__name__}: {error}") from error


def check_folder(folder, names):
    bad = 0
    for name in names:
        try:
            print(f"{name}: {judge(name, folder)}", flush=True)
        except Bad as error:
            bad += 1
            print(f"{name}: NOT VALID\n{error}", flush=True)
    return bad


def self_test():
    from samples import SAMPLES

    bad = 0
    for name, good, broken in SAMPLES:
        for text, fault in [(good, None), *broken]:
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / FORMATS[name][0]
                path.write_bytes(text.encode())
                try:
                    said, passed = judge(name, path.parent), True
                except Bad as error:
                    said, passed = str(error), False
            right = passed if fault is None else not passed and fault in said
            bad += not right
            told = said.splitlines()[0][:110]
            print(f"{name}: {'accepts' if passed else 'refuses'}{'' if right else ' WRONGLY'}: {told}", flush=True)
    return bad


def main():
    arguments = sys.argv[2:]
    if not arguments:
        print("usage: tests/formats/check FOLDER [FORMAT…] | --self-test", file=sys.stderr)
        return 2
    if arguments == ["--self-test"]:
        bad = self_test()
    else:
        names = arguments[1:] or list(FORMATS)
        unknown = [name for name in names if name not in FORMATS]
        if unknown:
            print(f"no format is called {', '.join(unknown)}; there are {', '.join(FORMATS)}", file=sys.stderr)
            return 2
        bad = check_folder(pathlib.Path(arguments[0]), names)
    if bad:
        print(f"{bad} not as they should be", file=sys.stderr)
    return 1 if bad else 0


os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
sys.exit(main())
