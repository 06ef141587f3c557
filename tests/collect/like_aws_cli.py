"""Whether `netproof collect` writes what the AWS CLI prints: like_aws_cli.py READ_ANSWERS FOLDER

For every operation that is collected, `fake.py` serves answers that are made from botocore's model, the AWS CLI prints
them, and READ_ANSWERS (crates/collect/examples/read_answers.rs) reads the same bytes from the wire. Both must have written
the same bytes. The answers:

    full        every member, lists with several elements, characters that XML and JSON write in a special way; three pages,
                one of them empty, where there are pages
    empty       every list and map is empty
    absent      only what the model requires

Members that are left out on purpose (crates/collect/shapes/secrets.txt) are there too, taken out of what the AWS CLI printed,
and must not be in what READ_ANSWERS wrote.
"""

import base64
import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHAPES = HERE.parents[1] / "crates/collect/shapes"
# Before awscli and botocore look at them.
os.environ.update(AWS_ACCESS_KEY_ID="fake", AWS_SECRET_ACCESS_KEY="fake", AWS_CONFIG_FILE=str(HERE / "like-aws-cli.config"),
                  AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_EC2_METADATA_DISABLED="true", AWS_MAX_ATTEMPTS="1", TZ="UTC")
time.tzset()

import awscli.clidriver  # noqa: E402
from botocore import xform_name  # noqa: E402

import fake  # noqa: E402

SECRET = "hunter2"
SECRET_BYTES = base64.b64encode(SECRET.encode()).decode()
SPECIAL = " Zoë 日本 🦀 <b>&amp;'\"\\</b> ]]> \t a\nb \u2028 \x7f "
# More than a float can hold, negative, none.
INTEGERS = (9007199254740993, -7, 0, 65535)
FLOATS = (0.1, 50.0, -2.5, 1e-7, 123456789.125, 1e22, 31.245270191439438)


def load(path):
    loader = importlib.machinery.SourceFileLoader("generate", str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("generate", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


generate = load(SHAPES / "generate")


def reaches(shape, name, seen=None):
    """Whether it is, or has somewhere in it, a structure of this name."""
    seen = set() if seen is None else seen
    if shape.name == name or shape.name in seen:
        return shape.name == name
    seen.add(shape.name)
    inner = {"structure": lambda: shape.members.values(), "list": lambda: [shape.member], "map": lambda: [shape.value]}
    return any(reaches(part, name, seen) for part in inner.get(shape.type_name, list)())


class Maker:
    """Makes an answer of a kind; the same on every run."""

    def __init__(self, operation, kind, table):
        self.operation, self.kind, self.table, self.count, self.inside = operation, kind, table, 0, []
        # How many members around are left out.
        self.secret = 0

    def next(self):
        self.count += 1
        return self.count

    def answer(self):
        answer = self.structure(self.operation.model.output_shape, 0)
        if self.operation.pages:
            _, _, token = self.operation.pages
            answer.pop(token, None)
            answer.pop(self.operation.more, None)
        return answer

    def structure(self, shape, depth):
        made = {}
        for name, member in shape.members.items():
            if self.kind == "absent" and name not in shape.required_members:
                continue
            # What contains itself does so once.
            if self.inside.count(shape.name) > 1 and reaches(member, shape.name):
                continue
            is_secret = self.table.is_secret(shape, name, member)
            self.secret += is_secret
            made[name] = self.value(member, name, depth + 1)
            self.secret -= is_secret
        return made

    def value(self, shape, name, depth):
        kind = shape.type_name
        if kind == "structure":
            self.inside.append(shape.name)
            made = self.structure(shape, depth)
            self.inside.pop()
            return made
        if kind == "list":
            size = 0 if self.kind in ("empty", "absent") else 5 if depth == 1 else 2 if depth < 5 else 1
            size = max(size, shape.metadata.get("min", 0))
            made = [self.value(shape.member, name, depth + 1) for _ in range(size)]
            # moto cannot write an empty structure in a list.
            return [element for element in made if element != {}]
        if kind == "map":
            if self.kind in ("empty", "absent"):
                return {}
            keys = ["zebra", "Ähre & <Halm>", "ant"]
            return {key: self.value(shape.value, name, depth + 1) for key in keys}
        number = self.next()
        if kind == "string":
            if shape.enum:
                return shape.enum[number % len(shape.enum)]
            if self.secret:
                return SECRET
            text = "" if number % 11 == 0 else f"{name} {number}{SPECIAL if number % 3 == 0 else ''}"
            return text.ljust(shape.metadata.get("min", 0), "x")
        if kind == "boolean":
            return number % 2 == 0
        if kind in ("integer", "long", "float", "double"):
            numbers = INTEGERS if kind in ("integer", "long") else FLOATS
            low, high = shape.metadata.get("min", -1e30), shape.metadata.get("max", 1e30)
            fitting = [candidate for candidate in numbers if low <= candidate <= high] or [int(low)]
            return fitting[number % len(fitting)]
        if kind == "timestamp":
            # EC2 has no fractions of seconds.
            fraction = "" if self.operation.protocol == "ec2" or number % 2 else ".025"
            return f"20{number % 40:02}-02-28T23:59:{number % 60:02}{fraction}Z"
        if kind == "blob":
            return SECRET_BYTES if self.secret else "AP8gw7w="
        raise AssertionError(kind)


def smallest(shape):
    """A value with what the model requires, for a request."""
    kind = shape.type_name
    if kind == "structure":
        return {name: smallest(shape.members[name]) for name in shape.required_members}
    if kind == "list":
        return [smallest(shape.member)] * max(1, shape.metadata.get("min", 0))
    if kind == "map":
        return {}
    if kind == "string":
        return shape.enum[0] if shape.enum else "arn:aws:x:y:1:z".ljust(shape.metadata.get("min", 0), "x")
    return {"boolean": True, "timestamp": "2024-01-01T00:00:00Z"}.get(kind, 1)


def dump(value):
    """As the AWS CLI prints it."""
    return json.dumps(value, indent=4, ensure_ascii=False) + "\n"


def cli(driver, operation, url, **parameters):
    """What the AWS CLI prints."""
    request = json.dumps({**(smallest(operation.model.input_shape) if operation.model.input_shape else {}), **parameters})
    printed, complained = io.StringIO(), io.StringIO()
    arguments = [operation.service, xform_name(operation.name, "-"), "--cli-input-json", request,
                 "--endpoint-url", url, "--region", "eu-west-1", "--output", "json"]
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complained):
        status = driver.main(arguments)
    if status:
        sys.exit(f"{operation}: the AWS CLI fails: {complained.getvalue()}")
    # It prints nothing for an answer without members.
    text = printed.getvalue() or "{}\n"
    if dump(json.loads(text)) != text:
        sys.exit(f"{operation}: the AWS CLI does not print as it used to: {text}")
    return json.loads(text)


def without_secrets(value, shape, table):
    """The value, and how many members were taken out of it."""
    if shape.type_name == "structure":
        kept, taken = {}, 0
        for name, inner in value.items():
            member = shape.members[name]
            if table.is_secret(shape, name, member):
                taken += 1
            else:
                kept[name], inside = without_secrets(inner, member, table)
                taken += inside
        return kept, taken
    if shape.type_name == "list":
        pairs = [without_secrets(inner, shape.member, table) for inner in value]
        return [kept for kept, _ in pairs], sum(taken for _, taken in pairs)
    if shape.type_name == "map":
        pairs = {name: without_secrets(inner, shape.value, table) for name, inner in value.items()}
        return {name: kept for name, (kept, _) in pairs.items()}, sum(taken for _, taken in pairs.values())
    return value, 0


def printed_and_pages(driver, operation, server):
    """What the AWS CLI prints of all pages, and their bodies."""
    by_cli = operation.name in operation.models[operation.service][1]
    server.page_size, server.empty_pages = (3, True) if by_cli else (0, False)
    server.requests.clear()
    printed = cli(driver, operation, server.url)
    if operation.pages and not by_cli:
        # It would print one page; so that was the whole answer, and now come its pages.
        _, token_in, token_out = operation.pages
        server.page_size, server.empty_pages = 3, True
        server.requests.clear()
        page = cli(driver, operation, server.url)
        while token_out in page:
            page = cli(driver, operation, server.url, **{token_in: page[token_out]})
    for request in server.requests:
        assert (request["service"], request["operation"]) == (operation.service, operation.name), request
    return printed, [request["body"] for request in server.requests]


def main():
    read_answers, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    listed = generate.secrets()
    loader = fake.Operation.loader
    tables, counts, secrets = {}, {}, 0
    driver = awscli.clidriver.create_clidriver()
    work, expected = [], {}
    with fake.Fake({}) as server:
        for operation in list(server.scenario.operations.values()):
            if str(operation) == "sts.AssumeRole":
                continue
            table = tables.setdefault(operation.service, generate.Table(operation.service, loader, listed))
            for kind in ("full", "empty", "absent"):
                where = f"{operation}-{kind}"
                answer = operation.check(Maker(operation, kind, table).answer(), where)
                server.scenario.entries[str(operation)] = [{"answer": answer}]
                printed, bodies = printed_and_pages(driver, operation, server)
                if operation.pages and kind == "full":
                    assert len(bodies) == 3, f"{where}: {len(bodies)} pages"
                files = [folder / f"{where}.{number}.body" for number in range(len(bodies))]
                for file, body in zip(files, bodies):
                    file.write_text(body, encoding="utf-8", newline="")
                kept, taken = without_secrets(printed, operation.model.output_shape, table)
                expected[where] = dump(kept)
                secrets += taken
                counts[kind] = counts.get(kind, 0) + 1
                work.append("\t".join(map(str, [folder / f"{where}.json", operation.service, operation.name, *files])))
    subprocess.run([read_answers], input="\n".join(work) + "\n", text=True, check=True)
    different = 0
    for where, printed in expected.items():
        ours = (folder / f"{where}.json").read_bytes()
        (folder / f"{where}.cli.json").write_text(printed, encoding="utf-8", newline="")
        if ours != printed.encode():
            different += 1
            print(f"{where}: differs from what the AWS CLI prints: {folder / where}.json, .cli.json")
        if SECRET.encode() in ours or SECRET_BYTES.encode() in ours:
            sys.exit(f"{where}: a secret was written")
    kinds = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    print(f"{len(expected)} answers ({kinds}), {sum(map(len, expected.values()))} bytes, "
          f"{secrets} members left out on purpose: {different} differ")
    sys.exit(different != 0)


if __name__ == "__main__":
    main()
