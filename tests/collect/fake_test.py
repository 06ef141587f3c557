"""Whether the fake AWS is strict, pages, and fails as it is told. python fake_test.py"""

import json
import os
import tempfile
import unittest
import urllib.error
import urllib.request
from http.client import IncompleteRead
from pathlib import Path

import botocore.exceptions
import botocore.session
from botocore.config import Config

from fake import Fake, ScenarioError

SESSION = botocore.session.get_session()
VPCS = {"Vpcs": [{"VpcId": f"vpc-{number}"} for number in range(5)]}


def client(fake, service, region="eu-west-1", key="fake", retries=0):
    config = Config(retries={"total_max_attempts": retries + 1, "mode": "standard"})
    return SESSION.create_client(
        service, region, endpoint_url=fake.url, aws_access_key_id=key, aws_secret_access_key="fake", config=config)


class Strict(unittest.TestCase):
    def refused(self, document, why):
        with self.assertRaisesRegex(ScenarioError, why):
            Fake(document)

    def test_what_aws_could_not_answer_is_refused(self):
        self.refused({"ec2.DescribeCats": {}}, "not in operations.txt")
        self.refused({"ec2.DescribeVpcs": {"Vpcs": [{"Vpc": "vpc-1"}]}}, "Unknown parameter")
        self.refused({"ec2.DescribeVpcs": {"Vpcs": [{"VpcId": 1}]}}, "Invalid type")
        self.refused({"ec2.DescribeVpcs": {"Vpcs": [{"State": "fine"}]}}, "is none of")
        self.refused({"ec2.DescribeVpcs": {"Vpcs": [{}]}}, "cannot be written to the wire")
        self.refused({"ec2.DescribeNatGateways": {"NatGateways": [{"CreateTime": "2024-01-01T00:00:00.5Z"}]}},
                     "cannot be written to the wire")
        self.refused({"network-firewall.DescribeFirewall": {"Firewall": {"VpcId": "vpc-1"}}}, "Missing required")
        self.refused({"ec2.DescribeVpcs": [{"when": {"Vpc": "vpc-1"}, "answer": {}}]}, "has no Vpc")
        self.refused({"ec2.DescribeVpcs": [{"answers": {}}]}, "an entry has")


class Answers(unittest.TestCase):
    def test_without_a_scenario_everything_is_empty(self):
        with Fake({}) as fake:
            self.assertEqual(client(fake, "ec2").describe_vpcs()["Vpcs"], [])
            self.assertEqual(client(fake, "eks").list_clusters()["clusters"], [])

    def test_entries_are_chosen_by_parameters_account_and_region(self):
        tags = [{"when": {"ResourceArns": arn}, "answer": {"TagDescriptions": [{"ResourceArn": arn}]}} for arn in "ab"]
        cluster = [{"when": {"name": name}, "answer": {"cluster": {"name": name}}} for name in ("a", "b c/ü")]
        vpcs = [{"region": "eu-west-1", "account": "111122223333", "answer": VPCS},
                {"region": "eu-west-1", "error": {"Code": "Gone", "Status": 400}}, {"answer": {}}]
        with Fake({"elbv2.DescribeTags": tags, "eks.DescribeCluster": cluster, "ec2.DescribeVpcs": vpcs}) as fake:
            answer = client(fake, "elbv2").describe_tags(ResourceArns=["b", "a"])
            self.assertEqual([tag["ResourceArn"] for tag in answer["TagDescriptions"]], ["b", "a"])
            with self.assertRaisesRegex(botocore.exceptions.ClientError, "nothing about"):
                client(fake, "elbv2").describe_tags(ResourceArns=["b", "c"])
            self.assertEqual(client(fake, "eks").describe_cluster(name="b c/ü")["cluster"]["name"], "b c/ü")
            with self.assertRaisesRegex(botocore.exceptions.ClientError, "no entry fits"):
                client(fake, "eks").describe_cluster(name="c")

            with self.assertRaisesRegex(botocore.exceptions.ClientError, "Gone"):
                client(fake, "ec2").describe_vpcs()
            role = client(fake, "sts").assume_role(RoleArn="arn:aws:iam::111122223333:role/r", RoleSessionName="session")
            key = role["Credentials"]["AccessKeyId"]
            self.assertEqual(client(fake, "sts", key=key).get_caller_identity()["Account"], "111122223333")
            self.assertEqual(len(client(fake, "ec2", key=key).describe_vpcs()["Vpcs"]), 5)
            self.assertNotIn("Vpcs", client(fake, "ec2", "eu-west-2", key=key).describe_vpcs())

    def test_pages(self):
        with Fake({"ec2.DescribeVpcs": VPCS}, page_size=2, empty_pages=True) as fake:
            pages = list(client(fake, "ec2").get_paginator("describe_vpcs").paginate())
            self.assertEqual([len(page["Vpcs"]) for page in pages], [2, 0, 2, 0, 1])
            with self.assertRaisesRegex(botocore.exceptions.ClientError, "InvalidNextToken"):
                client(fake, "ec2").describe_vpcs(NextToken=pages[0]["NextToken"], VpcIds=["vpc-1"])
        with Fake({"eks.ListClusters": {"clusters": ["a", "b", "c"]}}, page_size=2) as fake:
            pages = client(fake, "eks").get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 1})
            self.assertEqual([page["clusters"] for page in pages], [["a"], ["b"], ["c"]])


class Faults(unittest.TestCase):
    services = {"ec2": "describe_vpcs", "rds": "describe_db_instances", "ecs": "list_clusters", "eks": "list_clusters"}

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "faults.json"

    def rules(self, *rules):
        self.file.write_text(json.dumps(rules))
        # Two changes within the clock's precision must be seen too.
        os.utime(self.file, ns=(0, len(self.rules_written) + 1))
        self.rules_written.append(rules)

    rules_written = []

    def test_errors_are_what_clients_know(self):
        codes = {
            "throttle": {"RequestLimitExceeded", "Throttling", "ThrottlingException"},
            "denied": {"UnauthorizedOperation", "AccessDenied", "AccessDeniedException"},
            "error": {"InternalFailure"},
            "unavailable": {"ServiceUnavailable"},
        }
        with Fake({}, faults=self.file) as fake:
            for fault, known in codes.items():
                for service, call in self.services.items():
                    self.rules({"operation": "*", "fault": fault, "times": 1})
                    with self.assertRaises(botocore.exceptions.ClientError) as caught:
                        getattr(client(fake, service), call)()
                    self.assertIn(caught.exception.response["Error"]["Code"], known)
                    if fault != "denied":
                        self.rules({"operation": "*", "fault": fault, "times": 1})
                        getattr(client(fake, service, retries=1), call)()

    def test_rules(self):
        with Fake({}, faults=self.file) as fake:
            self.rules({"operation": "ec2.DescribeVpcs", "region": "eu-west-1", "fault": "denied", "skip": 1})
            ec2 = client(fake, "ec2")
            ec2.describe_vpcs()
            for _ in range(3):
                with self.assertRaises(botocore.exceptions.ClientError):
                    ec2.describe_vpcs()
            ec2.describe_subnets()
            client(fake, "ec2", "eu-west-2").describe_vpcs()
            self.file.unlink()
            ec2.describe_vpcs()
            outcomes = [request["outcome"] for request in fake.requests]
            self.assertEqual(outcomes, ["answer", "denied", "denied", "denied", "answer", "answer", "answer"])

    def body(self, fake):
        head = {"Authorization": "AWS4-HMAC-SHA256 Credential=fake/20240101/eu-west-1/eks/aws4_request, Signature=fake"}
        with urllib.request.urlopen(urllib.request.Request(f"{fake.url}/clusters", headers=head), timeout=10) as response:
            return response.read()

    def test_what_is_wrong_with_the_wire(self):
        with Fake({"eks.ListClusters": {"clusters": ["a", "b"]}}, faults=self.file) as fake:
            whole = self.body(fake)
            self.assertEqual(json.loads(whole), {"clusters": ["a", "b"]})

            def broken(fault):
                self.rules({"operation": "*", "fault": fault})
                return self.body(fake)

            with self.assertRaises(ConnectionError):
                broken("cut")
            with self.assertRaises(IncompleteRead):
                broken("cut-body")
            self.assertEqual(broken("truncate"), whole[: len(whole) // 2])
            self.assertEqual(broken("empty"), b"")
            self.assertIn(b"<html>", broken("html"))


if __name__ == "__main__":
    unittest.main(warnings="ignore")
