"""What the AWS CLI prints: cli.answer("ec2", "describe-vpcs", [...]) is its output as text, or None if it fails."""

import contextlib
import io
import json
import os

import awscli.clidriver

_drivers = {}


def answer(service, command, arguments, endpoint, region, credentials=("hub", "hub", None)):
    """Runs `aws SERVICE COMMAND` in this process. Dates are printed as version 2 of the CLI does by default."""
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    for name, value in zip(names, credentials):
        os.environ.pop(name, None)
        if value:
            os.environ[name] = value
    os.environ["AWS_CONFIG_FILE"] = os.path.join(os.path.dirname(__file__), "like-aws-cli.config")
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    driver = _drivers.get(credentials) or _drivers.setdefault(credentials, awscli.clidriver.create_clidriver())
    printed, complained = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complained):
        status = driver.main([service, command, *arguments, "--endpoint-url", endpoint, "--region", region,
                               "--output", "json"])
    if status:
        return None, complained.getvalue().strip()
    return printed.getvalue(), None


def with_subject(text, subject):
    """The answer with the parameters that it is about in front, as the AWS CLI would write JSON."""
    return dump({**subject, **json.loads(text)})


def dump(value):
    return json.dumps(value, indent=4, ensure_ascii=False) + "\n"
