"""Small reports for `check --self-test`: of each format a good one, and broken ones with a part of what is to be said."""

import copy
import json


def changed(document, *changes):
    """The document as JSON, with members at paths set; `None` takes them out."""
    document = copy.deepcopy(document)
    for path, value in changes:
        *way, last = path
        inner = document
        for step in way:
            inner = inner[step]
        if value is None:
            del inner[last]
        else:
            inner[last] = value
    return json.dumps(document)


CSV = "check,id\r\na,\"b \"\"c\"\", d\"\r\n"

DOT = 'digraph g {\n  a [label="eni-1\\n10.0.0.1"];\n  a -> b [label="tcp 443"];\n}\n'

MERMAID = 'flowchart LR\n  a["eni-1 #quot;web#quot;"] -->|"tcp 443"| b\n'

JUNIT = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="netproof analyze" tests="2" failures="1" errors="0">
  <testsuite name="check" tests="2" failures="1" errors="0" skipped="1">
    <testcase classname="check" name="one"><failure message="m" type="HIGH">text</failure></testcase>
    <testcase classname="check" name="two"><skipped message="reason"/></testcase>
  </testsuite>
</testsuites>
"""

MARKDOWN = """## netproof analyze

🔴 **1 finding**

| | Check | Count |
|---|---|--:|
| 🔴 | a\\|b | 1 |

### a

- **HIGH** `tcp | <b>`<br>\\@\u2060us \\#\u20601 https:\u2060//a \\<i\\>
  <details><summary>way</summary>

  1. `eni-1` \\`x\\`

  </details>
  <sub>id</sub>
"""

GITHUB = "::error file=Cargo.toml,line=1,title=HIGH a%3Ab%2C c::100%25%0Amore\n::notice title=netproof::1 finding\n"

SARIF = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "netproof", "rules": [{"id": "check"}]}},
            "results": [{"ruleId": "check", "level": "error", "message": {"text": "found"}}],
        }
    ],
}

ASFF = [
    {
        "SchemaVersion": "2018-10-08",
        "Id": f"netproof/check/{number}",
        "ProductArn": f"arn:{partition}:securityhub:{region}:{account}:product/{account}/default",
        "GeneratorId": "netproof/check",
        "AwsAccountId": account,
        "CreatedAt": "2026-11-27T00:00:00Z",
        "UpdatedAt": "2026-11-27T11:30:00.25Z",
        "Title": "t",
        "Description": "d",
        "Severity": {"Label": "HIGH"},
        "Compliance": {"Status": "FAILED"},
        "ProductFields": {"netproof/check": "check"},
        "Resources": [{"Type": "AwsEc2Instance", "Id": "i-1", "Tags": {"Name": "web"}}],
    }
    for number in (1, 2)
    for account, region, partition in (("111122223333", "eu-west-1", "aws"), ("222233334444", "cn-north-1", "aws-cn"))
]

OCSF = [
    {
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "class_uid": 2003,
        "type_uid": 200301,
        "time": 1795780800000,
        "severity_id": 4,
        "severity": "High",
        "status_id": 1,
        "status": "New",
        "metadata": {"version": "1.6.0", "profiles": ["cloud"], "product": {"name": "netproof"}},
        "finding_info": {"uid": "netproof/check/1", "title": "t"},
        "compliance": {"control": "check", "status_id": 3, "status": "Fail"},
        "cloud": {"provider": "AWS"},
        "resources": [{"uid": "i-1", "type": "AWS::EC2::Instance"}],
        "evidences": [{"name": "way", "data": {"hops": []}}],
    }
]

SAMPLES = [
    (
        "asff",
        json.dumps(ASFF),
        [
            ("{}", "no array"),
            ("[{", "JSONDecodeError"),
            (changed(ASFF, ((0, "Title"), None)), "no `Title`"),
            (changed(ASFF, ((0, "Title"), "t" * 257)), "257 bytes, AWS takes 256"),
            (changed(ASFF, ((0, "Description"), "é" * 513)), "1026 bytes, AWS takes 1024"),
            (changed(ASFF, ((0, "Description"), " ")), "is not like"),
            (changed(ASFF, ((0, "Id"), "i" * 513)), "513 bytes, AWS takes 512"),
            (changed(ASFF, ((0, "Colour"), "red")), "no member is called `Colour`"),
            (changed(ASFF, ((0, "Severity", "Label"), "SEVERE")), "`SEVERE` is none of"),
            (changed(ASFF, ((0, "Compliance", "Status"), "OPEN")), "`OPEN` is none of"),
            (changed(ASFF, ((0, "AwsAccountId"), "1234")), "4 characters, AWS takes 12"),
            (changed(ASFF, ((0, "AwsAccountId"), "222233334444")), "is not the account's own product"),
            (changed(ASFF, ((0, "Resources"), [])), "0 items, AWS wants 1"),
            (changed(ASFF, ((0, "Resources"), [{"Type": "Other", "Id": "i"}] * 33)), "33 items, AWS takes 32"),
            (changed(ASFF, ((0, "Resources", 0, "Type"), "AwsEc2Teapot")), "no resource is of type"),
            (changed(ASFF, ((0, "Resources", 0, "Tags", "aws:x"), "y")), "AWS's own"),
            (changed(ASFF, ((0, "ProductFields"), {str(n): "v" for n in range(51)})), "51 pairs, AWS takes 50"),
            (changed(ASFF, ((0, "ProductFields", "k"), "v" * 2049)), "too long"),
            (changed(ASFF, ((0, "Remediation"), {"Recommendation": {"Text": "t" * 513}})), "513 bytes, AWS takes 512"),
            (changed(ASFF, ((0, "NetworkPath"), [{"ComponentId": "c" * 33}])), "33 bytes, AWS takes 32"),
            (changed(ASFF, ((0, "CreatedAt"), "yesterday")), "is no time"),
            (changed(ASFF, ((2, "Id"), "netproof/check/1")), "two findings are named"),
            (changed(ASFF, ((0, "Resources", 0, "Details"), {"Other": {str(n): "v" * 1000 for n in range(250)}})), "240000 bytes"),
        ],
    ),
    (
        "csv",
        CSV,
        [("", "no header"), ("a,b\r\n1\r\n", "row 2 has 1 of 2"), ("a,a\r\n", "one name"), ('a,b\r\n"1"x,2\r\n', "expected after")],
    ),
    ("dot", DOT, [("digraph g { a -> ", "dot gave 1"), ('digraph g { a [label="x];\n }', "dot gave 1")]),
    (
        "github",
        GITHUB,
        [
            ("error\n", "no command"),
            (GITHUB.replace("::error", "::set-output"), "makes no annotation"),
            (GITHUB.replace("file=", "path="), "annotations have no `path`"),
            (GITHUB.replace("%25", "%"), "GitHub's library writes"),
            (GITHUB.replace("%0A", "\n"), "no command"),
            (GITHUB.replace("%3A", ":"), "GitHub's library writes"),
            (GITHUB.replace("%2C", ","), "annotations have no"),
            (GITHUB.replace("Cargo.toml", "Nowhere.toml"), "is not there"),
            (GITHUB.replace("line=1", "line=9999"), "annotates line 9999"),
            (GITHUB.replace("1 finding", ""), "says nothing"),
            (GITHUB * 11, "11 annotations of kind error"),
            (GITHUB.strip(), "does not end"),
        ],
    ),
    (
        "junit",
        JUNIT,
        [
            (JUNIT.replace(' errors="0">\n  <', ' errors="0" skipped="1">\n  <'), "skipped"),
            (JUNIT.replace('failures="1"', 'failures="0"'), "says 0 failures, has 1"),
            (JUNIT.replace('name="two"', 'name="one"'), "two cases are named"),
            (JUNIT.replace('name="two"', ""), "name"),
            (JUNIT.replace(">text<", ">a & b<"), "ParseError"),
            (JUNIT.replace(">text<", ">\u0001<"), "ParseError"),
            (JUNIT.replace("</testsuites>", ""), "ParseError"),
        ],
    ),
    (
        "markdown",
        MARKDOWN,
        [
            (MARKDOWN.replace("a\\|b", "a|b"), "4 cells of 3"),
            (MARKDOWN.replace("a\\|b | 1", "a"), "2 cells of 3"),
            (MARKDOWN.replace("\\<i\\>", "<i>"), "HTML that is not ours"),
            (MARKDOWN.replace("way", "<script>"), "HTML that is not ours"),
            (MARKDOWN.replace("way", "a\\*"), "HTML that is not ours"),
            (MARKDOWN.replace("<br>", "<br onclick=x>"), "HTML that is not ours"),
            (MARKDOWN.replace("`x", "# x\n\n# y\n\n"), "an odd heading"),
            (MARKDOWN.replace("## netproof", "## other"), "an odd heading"),
            (MARKDOWN.replace("\\@\u2060", "\\@"), "mentions somebody"),
            (MARKDOWN.replace("\\#\u2060", "\\#"), "names an issue"),
            (MARKDOWN.replace(":\u2060", ":"), "a link"),
            (MARKDOWN.replace("\\`x\\`", "![x](y)"), "a image"),
            (MARKDOWN.replace("\\`x\\`", "~~x~~"), "a delete"),
            (MARKDOWN.replace("\\`x\\`", "\n\n---\n"), "a thematicBreak"),
            (MARKDOWN.replace("  1. ", "  - [ ] "), "a box to tick"),
            (MARKDOWN.replace("  </details>\n", ""), "0 times </details>"),
            (MARKDOWN + "x" * 65536, "GitHub takes 65536"),
            ("## netproof analyze\n", "no table"),
        ],
    ),
    ("mermaid", MERMAID, [('flowchart LR\n  a["x] --> b(\n', "node gave 1"), ("nonsense", "node gave 1")]),
    (
        "ocsf",
        json.dumps(OCSF),
        [
            ("{}", "no array"),
            (changed(OCSF, ((0, "compliance"), None)), "'compliance' is a required property"),
            (changed(OCSF, ((0, "cloud"), None)), "'cloud' is a required property"),
            (changed(OCSF, ((0, "colour"), "red")), "'colour' was unexpected"),
            (changed(OCSF, ((0, "severity_id"), 42)), "42 is not one of"),
            (changed(OCSF, ((0, "status"), "Suppressed")), "pydantic-ocsf"),
            (changed(OCSF, ((0, "type_uid"), 200302)), "pydantic-ocsf"),
            (changed(OCSF, ((0, "time"), "now")), "'now' is not of type"),
            (changed(OCSF, ((0, "resources"), [{"type": "t"}])), "is not valid under any of the given schemas"),
            (json.dumps(OCSF * 2), "two events are named"),
        ],
    ),
    (
        "sarif",
        json.dumps(SARIF),
        [
            (changed(SARIF, (("version",), "2.0.0")), "'2.0.0' is not one of"),
            (changed(SARIF, (("runs", 0, "tool"), None)), "'tool' is a required property"),
            (changed(SARIF, (("runs", 0, "results", 0, "level"), "fatal")), "'fatal' is not one of"),
            (changed(SARIF, (("runs", 0, "results", 0, "colour"), "red")), "'colour' was unexpected"),
        ],
    ),
]
