//! Longer texts of `--help`. A paragraph is one line: clap breaks it where the terminal ends.

pub(crate) const MAIN: &str = "\
A snapshot is what the AWS CLI prints, saved to files: a folder of any depth, one .json, a .zip, a .tar.gz, or `-` \
for standard input. Files may have any name; what one holds is told by its top-level keys.

Verdicts are `reachable`, `unreachable` and `unknown`. `unknown` names what the snapshot does not hold or what is \
not modelled; it is never taken for either of the others.

Exit codes:
  0  nothing found, everything holds
  1  findings, or expectations that do not hold
  2  the input or the question is unusable
  3  nothing found, but something is unknown (`--allow-unknown` makes it 0)

First steps:
  netproof inspect SNAPSHOT
  netproof scopes list
  netproof analyze SNAPSHOT --scope detect-public-databases";

pub(crate) const ANALYZE: &str = "\
A scope is a file as `aws ec2 create-network-insights-access-scope --cli-input-json` takes it: paths to look for \
(MatchPaths) and paths to leave out (ExcludePaths). Without PacketHeaderStatement it is about TCP and UDP, as \
AWS's analyzer is; `--all-protocols` widens that. Where there is no such file, the name of a ready-made scope will \
do (`netproof scopes list`).

Findings are one-way, as AWS's are; text and json also say whether replies get back. Each scope is `findings`, \
`clean` (there is no such path) or `unknown` (none was found, but the snapshot does not tell everything).

Exit codes: 0 clean; 1 findings, even if something is unknown; 2 unusable input; 3 no finding, but something is \
unknown.

`--why` and `--distance` do not change verdicts or exit codes.

Examples:
  netproof analyze export/ --scope detect-public-databases
  netproof analyze export.zip --scopes my-scopes/ --format json
  netproof analyze export/ --scope mine.json --format text --format json=out.json
  cat export.json | netproof analyze - --scope mine.json --format aws-json";

pub(crate) const BASELINE: &str = "\
The file says of every finding which scope found it, its id, the day on which it was first seen, and what it is. With \
`analyze --baseline FILE` only findings that it does not have count. Recorded again, findings keep their day, and those \
that are gone leave the file; findings of other scopes stay in it.

`lint`, `verify`, `diff` and `dns check` record theirs with `--write-baseline FILE`; one file can have all.

Exit codes: 0 recorded; 2 unusable input.

Examples:
  netproof baseline export/ --scopes scopes/ --out netproof-baseline.json
  netproof analyze export/ --scopes scopes/ --baseline netproof-baseline.json";

pub(crate) const DNS_QUERY: &str = "\
The snapshot holds what `aws route53resolver list-firewall-rule-groups`, `list-firewall-rules` (for each group), \
`list-firewall-domain-lists`, `list-firewall-domains` (for each list), `list-firewall-rule-group-associations` and \
`list-firewall-configs` print, and `aws ec2 describe-vpcs` and `describe-dhcp-options`; where Profiles are in use, \
also `aws route53profiles list-profile-associations` and `list-profile-resource-associations`.

Rule groups are asked by priority, and rules in a group by priority, the lowest first; the first that takes name and \
type decides. `unmatched`: no rule takes it, or DNS Firewall does not see it; it is answered. `depends`: what decides is \
in no export, such as the names of a managed list, or not documented; then all verdicts that are possible are named.

Exit codes: 0 answered; 2 unusable input or question; 3 an answer depends on something unknown.

Examples:
  netproof dns query export/ --vpc vpc-0a1b --name www.example.com
  netproof dns query export/ --vpc vpc-0a1b --name www.example.com --type AAAA --chain edge.example.net
  netproof dns query export/ --vpc vpc-0a1b --names names.txt --format json";

pub(crate) const DNS_CHECK: &str = "\
The snapshot holds what `netproof dns query` needs. Answers are about all names and all types, and exact. Whatever does \
not hold comes with a query that shows it, the rule that takes it, and file and line.

A name stands for itself and all below it. Of `--only-allow`, the root name is left out: whether `*` takes it is not \
documented. In files of names, empty lines and what follows `#` do not count.

`--idle` finds VPCs whose queries DNS Firewall does not see, so that their rules do nothing; rules that never decide, as \
others take all they would take; entries that do nothing, as others of their list have their names; and entries that do \
half: `example.com` without `*.example.com`, or the reverse. That lists and detectors of AWS take any name at all is \
taken for granted.

To be equal, both have to do the same to every query: the same action, the same response to what is blocked, the same \
attitude to redirections. Being allowed is not the same as being taken by no rule: what stands behind would take it.

What depends on the names of a managed list, on what was not exported or is not documented is `unknown`, with the reason.

Exit codes: 0 all hold, nothing found; 1 something fails, was found or differs; 2 unusable input or question; 3 nothing \
fails, but something is unknown.

Examples:
  netproof dns check export/
  netproof dns check export/ --only-allow example.com amazonaws.com
  netproof dns check export/ --vpc vpc-0a1b --deny-file malware.txt --format json
  netproof dns check export/ --equal vpc-0a1b vpc-2c3d
  netproof dns check before/ --equal-groups rslvr-frg-0a1b --with after/";

pub(crate) const DNS_BYPASS: &str = "\
The snapshot holds the network, as for `netproof path`, and what `netproof dns query` needs. DNS Firewall sees what the \
resolver of a VPC is asked (its first block plus two, 169.254.169.253 and fd00:ec2::253), and nothing else.

For every VPC: can any of its network interfaces send DNS to anywhere else: out to the internet, to what lies behind a \
VPN, Direct Connect or a transit gateway, or to an interface in another VPC? DNS is port 53 (UDP, TCP), port 853 (TLS over \
TCP, QUIC over UDP), and port 443 of known public resolvers (HTTPS over TCP, HTTP/3 over UDP). Each is `reachable`, with \
one packet and its way, `unreachable` or `unknown`, for IPv4 and IPv6. A query over UDP counts if it gets out, all others \
if replies get back.

Resolvers inside the VPC count as inside: what they ask in turn counts as theirs. So do interfaces of Route 53 Resolver \
endpoints, as what they forward has been seen. A VPC whose queries DNS Firewall does not see, because of its DHCP options or \
as no rule group is associated, counts as bypassed. HTTPS to resolvers that are not known, other ports, proxies and tunnels \
are not looked for.

Exit codes: 0 nothing gets by; 1 something does; 2 unusable input or question; 3 nothing is known to, but something is \
unknown.

The scopes `dns-bypass-dns`, `dns-bypass-dot` and `dns-bypass-doh` ask the same of gateways, in AWS's grammar and for all \
VPCs at once (`netproof scopes print`).

Examples:
  netproof dns bypass export/
  netproof dns bypass export/ --vpc vpc-0a1b --format json";

pub(crate) const DNS_PLAN: &str = "\
The snapshot holds what `netproof dns query` needs. A file of findings holds one finding of GuardDuty, as EventBridge or \
the API has it, an answer of `get-findings`, an event, a finding of Security Hub, a list of these, or several of them one \
after the other, perhaps packed with gzip. Findings that are not about a DNS query, are archived or samples ask for nothing.

Names of findings of high and critical severity are to be denied, others to be alerted on, with all below them. Findings \
of exfiltration and of generated names mean the registrable domain by the public suffix list. A name that is a public suffix \
itself is listed alone. Whatever would touch a name of `--never-block` is narrowed, or left out. A name to be alerted on that \
some VPC blocks today, or may block, is left out, as alerting would answer it.

Only what is missing is added; names that lists have already, by whatever entry, are not. Only what earlier plans added is \
ever removed. FILE of `--state` remembers both; it is replaced at once, and a damaged one is refused and left as it is. The \
same plan again, before or after its requests were sent, asks for nothing new.

An entry of the list of alerts leaves it when it was not seen for 30 days. Whether a blocked query renews its finding is not \
documented, so that denied names stay, unless `--expire-denied-after` says otherwise.

Where lists would have more entries than the quota, the plan is refused, and entries that do nothing are shown; `--compact` \
removes them. After the requests, in every VPC: the names are blocked or alerted on, whatever the type; nothing changes \
for other names; no rule that decides today is shadowed by others.

Exit codes: 0 all of that holds; 1 some does not, or there is no room; 2 unusable input; 3 some is unknown.

Examples:
  netproof dns plan export/ --finding finding.json --state dns-plan.json
  netproof dns plan export/ --finding *.json --state dns-plan.json --deny-list blocked --alert-list watched \\
    --never-block ours.txt --format text --format aws-cli=requests.sh";

pub(crate) const VERIFY: &str = "\
FLOWS is JSON or TOML: a list `flows`, each with `source`, `destination` and `expect` (reachable or unreachable), \
and where wanted `name`, `protocol` (tcp, udp, icmp, icmpv6, a number), `source-ip`, `destination-ip`, \
`source-port`, `destination-port`, `icmp-type`, `icmp-code` and `direction`. What is left out means that some value \
works. Direction is `round-trip` (replies must get back to the sender) unless it says `forward`.

An end is a resource id or ARN, an address, or `internet`. A subnet, VPC, security group or instance stands for its \
network interfaces.

Exit codes: 0 all hold; 1 some do not; 2 unusable input; 3 none fails, but some are unknown.

Example:
  [[flows]]
  name = \"customers reach the shop\"
  source = \"internet\"
  destination = \"eni-0123456789abcdef0\"
  protocol = \"tcp\"
  destination-port = 443
  expect = \"reachable\"";

pub(crate) const PATH: &str = "\
An end is a resource id or ARN, an address, or `internet`. A subnet, VPC, security group or instance stands for its \
network interfaces. What is left out means that some value works. The answer is `reachable` with a packet and every \
hop there and back, `unreachable` with every place where packets stop, or `unknown` with what is missing.

Exit codes: 0 reachable; 1 unreachable; 2 unusable input or question; 3 unknown.

Examples:
  netproof path export/ --source internet --destination i-0123 --protocol tcp --port 22
  netproof path export/ --source 10.0.1.10 --destination 10.2.1.20 --protocol icmp";

pub(crate) const EQUIVALENT: &str = "\
A and B are two security groups, two network ACLs, two prefix lists or two firewall policies. For each direction (of \
policies: opening packets and replies, handshake and data) the answer names exactly the packets that only one of them \
lets through, one of them as an example, and the rules that decide about it. A reference to a group means the \
addresses of its members. What depends on something that the snapshot does not tell is `unknown`. A second engine, the \
solver Z3, confirms the answer where it is built in.

Exit codes: 0 equal (or contained); 1 not; 2 unusable input or question; 3 unknown.

Examples:
  netproof equivalent export/ sg-0123 sg-4567
  netproof equivalent before/ acl-0123 acl-0123 --other after/
  netproof equivalent export/ old-policy new-policy --contained --format json";

pub(crate) const DIFF: &str = "\
Compares who reaches whom with which packets, between all network interfaces, gateways and other ends. Names, files, \
lines and the order of records make no difference; resources are matched by account, Region and id. Each path is \
`opened` (nothing got through before), `closed` (nothing does any more), `changed` in its packets, or `answered` \
otherwise (only replies fare differently), with exactly the packets gained (+) and lost (-), one of them as an example, \
and the change of configuration that causes it. With scopes, their findings are compared instead.

What a snapshot does not tell is listed, and is no reason to call something unchanged.

Exit codes: 0 nothing opened; 1 something opened: packets get through, or are answered, that were not before; 2 unusable \
input; 3 nothing opened, but something is unknown.

Examples:
  netproof diff before/ after/
  netproof diff before.zip after.zip --format markdown=comment.md --format json=diff.json
  netproof diff before/ after/ --scope all-igw-ingress";

pub(crate) const FIX: &str = "\
Proposes changes: rules of security groups to add, narrow or remove, entries of network ACLs, routes, associations, public \
addresses. Fewer changes go before more, narrow ones before wide ones, groups before ACLs before routes, what few share \
before what many do; none is wider than the question. The changes are made to a copy, and everything is worked out anew: \
that the flow is open or the finding gone, that every flow of `--keep` still holds, and exactly which other packets get \
through that did not, or no longer do.

A change of one packet's way is enough to open a flow; state addresses and ports to have more than that opened.

Exit codes: 0 changes are proposed, or none is needed; 1 none is known that does it; 2 unusable input or question.

Examples:
  netproof fix export/ --source internet --destination i-0123 --protocol tcp --port 443
  netproof fix export/ --close --source internet --destination i-0123 --protocol tcp --port 22 --keep flows.toml
  netproof fix export/ --scope detect-public-databases --keep flows.toml --format aws-cli=fix.sh --format text";

pub(crate) const INSPECT: &str = "\
Lists the accounts and Regions, how many resources of each type they hold, members of the export that are not read \
or not modelled, and every remark with file, line and JSON pointer. Begin here if an answer is `unknown`.

Exit codes: 0 read; 2 unusable input.";

pub(crate) const COLLECT: &str = "\
Needs a build with `--features live`. Credentials are found as the AWS CLI finds them: environment, profile, SSO, instance \
role. Every answer is a file of its own, DIR/ACCOUNT/REGION/SERVICE-COMMAND.json or, about one resource, \
DIR/ACCOUNT/REGION/SERVICE-COMMAND/RESOURCE.json, exactly as the AWS CLI prints it, with the resource as a further member; \
files are readable by their owner only. What may hold secrets is left out: keys of VPN connections, variables of functions \
and the like. DIR/manifest.json tells times, calls, records, and what is missing and why; what is missing is `unknown` where \
it matters.

Exit codes: 0 everything was read; 2 nothing could be read; 3 something is missing.";

pub(crate) const LINT: &str = "\
Looks at each list by itself: both directions of every security group and network ACL, the entries of every prefix \
list, and of every firewall policy the stateless rules and, in strict order, the stateful ones. `shadowed`: rules \
before it decide about all its packets. `redundant`: without it the same happens to its packets. `empty`: it is about \
no packet that can exist, such as those of a group that has no members now. Each comes with the rules to blame, none \
of which could be left out. All findings can be taken out together. A second engine, the solver Z3, confirms each \
where it is built in.

Exit codes: 0 nothing found; 1 something found; 2 unusable input.";

pub(crate) const SCOPES: &str = "\
Examples:
  netproof scopes list
  netproof scopes print detect-public-databases > mine.json
  netproof scopes check mine.json

A scope is what `aws ec2 create-network-insights-access-scope` takes. netproof adds to its grammar what AWS cannot say. \
AWS does not accept a scope that uses an addition, and `scopes check` says so:
  @NAME in SourceAddresses and DestinationAddresses: the blocks of a named address set.
  TagFilters in a ResourceStatement, a list of {Key, Values}: only resources so tagged. A network interface also has the \
tags of its instance, endpoint, security groups, subnet and VPC; the nearest one that has the tag decides.
  WebAcls in a ResourceStatement, `absent` or `present`: only Application Load Balancers, and their interfaces, without \
or with a web ACL.
  Differ in a path, a list of AvailabilityZone, Account and tag:KEY: both ends have it, and differ in it.

Of every ready-made scope there is a page in the folder scopes/docs/ of the repository.";
