//! Longer texts of `--help`.

pub(crate) const MAIN: &str = "\
A snapshot is what the AWS CLI prints, saved to files: a folder of any depth, one .json, a .zip, a .tar.gz,
or `-` for standard input. Files may have any name; what one holds is told by its top-level keys.

Verdicts are `reachable`, `unreachable` and `unknown`. `unknown` names what the snapshot does not hold or what is not
modelled; it is never taken for either of the others.

Exit codes:
  0  nothing found, everything holds
  1  findings, or expectations that do not hold
  2  the input or the question is unusable
  3  nothing found, but something is unknown (`--allow-unknown` makes it 0)

First steps:
  netproof inspect SNAPSHOT                                  what does the export hold, what is missing
  netproof scopes list                                       questions that come with the program
  netproof analyze SNAPSHOT --scope detect-public-databases  ask one of them";

pub(crate) const ANALYZE: &str = "\
A scope is a file as `aws ec2 create-network-insights-access-scope --cli-input-json` takes it: paths to look for
(MatchPaths) and paths to leave out (ExcludePaths). Without PacketHeaderStatement it is about TCP and UDP, as AWS's
analyzer is; `--all-protocols` widens that. Findings are one-way, as AWS's are; text and json also say whether replies
get back.

Exit codes: 0 clean; 1 findings; 2 unusable input; 3 no finding, but something is unknown.

Examples:
  netproof analyze export/ --scope detect-public-databases
  netproof analyze export.zip --scopes my-scopes/ --format json
  netproof analyze export/ --scopes my-scopes/ --format text --format json=findings.json --format aws-json=aws.json
  aws ec2 describe-network-interfaces … | netproof analyze - --scope scope.json";

pub(crate) const VERIFY: &str = "\
FLOWS is JSON or TOML: a list `flows`, each with `source`, `destination` and `expect` (reachable or unreachable), and
where wanted `name`, `protocol` (tcp, udp, icmp, icmpv6, a number), `source-ip`, `destination-ip`, `source-port`,
`destination-port`, `icmp-type`, `icmp-code` and `direction`. What is left out means that some value works. Direction
is `round-trip` (replies must get back to the sender) unless it says `forward`.

An end is a resource id or ARN, an address, or `internet`. A subnet, VPC, security group or instance stands for its
network interfaces.

Exit codes: 0 all hold; 1 some do not; 2 unusable input; 3 all others hold, but some are unknown.

Example:
  [[flows]]
  name = \"office reaches the shop\"
  source = \"internet\"
  destination = \"eni-0123456789abcdef0\"
  protocol = \"tcp\"
  destination-port = 443
  expect = \"reachable\"";

pub(crate) const PATH: &str = "\
An end is a resource id or ARN, an address, or `internet`. A subnet, VPC, security group or instance stands for its
network interfaces. What is left out means that some value works. The answer is `reachable` with a packet and every
hop there and back, `unreachable` with every place where packets stop, or `unknown` with what is missing.

Exit codes: 0 reachable; 1 unreachable; 2 unusable input or question; 3 unknown.

Examples:
  netproof path export/ --source internet --destination i-0123456789abcdef0 --protocol tcp --port 22
  netproof path export/ --source 10.0.1.10 --destination 10.2.1.20 --protocol icmp --icmp-type 8 --icmp-code 0";

pub(crate) const INSPECT: &str = "\
Lists the accounts and Regions, how many resources of each type they hold, members of the export that are not read or
not modelled, and every remark with file, line and JSON pointer. Begin here if an answer is `unknown`.

Exit codes: 0 read; 2 unusable input.";

pub(crate) const SCOPES: &str = "\
Examples:
  netproof scopes list                                        the ready-made scopes
  netproof scopes print detect-public-databases > mine.json   begin with one of them
  netproof scopes check mine.json                             all problems of a scope file, with line and JSON pointer";
