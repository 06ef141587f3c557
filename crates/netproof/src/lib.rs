//! Proves who can reach what in an AWS network, offline, from exported snapshots.
//!
//! [`Analysis`] reads a snapshot and answers three kinds of question: [Network Access Scopes](Analysis::ask),
//! [flows that should or should not hold](Analysis::verify), and [single questions](Analysis::answer). [`report`]
//! turns the answers into text, JSON, and AWS's own documents.
//!
//! Every answer is one of three: reachable, with a packet that was replayed step by step; unreachable, after every
//! path was looked at; or unknown, with what the snapshot does not tell. The crate does not touch the network.
//!
//! ```
//! use netproof::{Analysis, Question, Verdict};
//!
//! let export = r#"{
//!   "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}],
//!   "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24"}],
//!   "RouteTables": [], "NetworkAcls": [], "InternetGateways": [],
//!   "SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1",
//!     "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}],
//!     "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}],
//!   "NetworkInterfaces": [
//!     {"NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "VpcId": "vpc-1", "PrivateIpAddress": "10.0.1.10", "Groups": [{"GroupId": "sg-1"}]},
//!     {"NetworkInterfaceId": "eni-2", "SubnetId": "subnet-1", "VpcId": "vpc-1", "PrivateIpAddress": "10.0.1.20", "Groups": [{"GroupId": "sg-1"}]}]
//! }"#;
//! let analysis = Analysis::of_documents([("export.json".to_owned(), export.into())]);
//! let ssh = Question::parse("eni-1", "eni-2").unwrap().tcp(22);
//! assert_eq!(analysis.answer(&ssh).verdict, Verdict::Reachable);
//! let web = Question::parse("eni-1", "eni-2").unwrap().tcp(80);
//! assert_eq!(analysis.answer(&web).verdict, Verdict::Unreachable);
//! ```
//!
//! | Type | Is |
//! |---|---|
//! | [`Analysis`] | a snapshot that was read, ready for questions |
//! | [`Question`], [`Place`], [`Reply`](Answered) | can A reach B, and the answer |
//! | [`Flow`], [`Flows`], [`FlowResult`] | a list of questions with expected answers |
//! | [`AskedScope`] | a scope and what came out of it |
//! | [`Judge`], [`Certification`] | which engine answers; what the solver makes of the verdicts |
//! | [`Closed`], [`Kept`] | which controls keep a question closed or a scope clean, and which would open it |
//! | [`Comparison`], [`Lint`] | two filters, compared; rules that do nothing |
//! | [`diff`], [`Difference`](diff::Difference) | what a change of configuration opens and closes |
//! | [`DnsQuestion`], [`DnsAnswer`] | what DNS Firewall does to a query |
//! | [`DnsClaim`], [`DnsSide`], [`DnsIdle`] | what it does to all: walled gardens, deny lists, differences, what does nothing |
//! | [`DnsBypass`], [`DnsWay`] | whether anything gets by it |
//! | [`report`] | every output format |

#![deny(missing_docs)]

mod analysis;
pub mod audit;
mod certification;
mod closed;
mod compare;
mod config;
pub mod diff;
mod distance;
mod dns;
mod explain;
mod fix;
mod flows;
mod insights;
mod lint;
mod paths;
mod proof;
mod question;
pub mod report;
mod shell;
pub mod triage;

pub use self::dns::plan as dns_plan;
pub use self::dns::{
    DnsAnswer, DnsBypass, DnsClaim, DnsClaimResult, DnsComparison, DnsContradiction, DnsContradictionKind,
    DnsDifference, DnsDomainComparison, DnsDomainRule, DnsDomains, DnsDomainsLeftOut, DnsEntryFault,
    DnsFound, DnsIdle, DnsIdleEntry, DnsIdleRule, DnsMissing, DnsName, DnsOddTarget, DnsQuestion,
    DnsQuestionError, DnsRule, DnsSide, DnsTransport, DnsUnseen, DnsWay, PublicResolver,
};
pub use analysis::{Analysis, AskedScope};
pub use certification::{Certification, Certified, Disagreement, EngineChoice, Judge, Uncertified, solver};
pub use compare::{CompareError, Comparison, Excess, Holds, Packets, Part, Relation};
pub use config::{CONFIG_FILE, Config, ConfigDocument, ConfigError};
pub use distance::{Distance, Distances};
pub(crate) use explain::groups_of_port;
pub use explain::{Code, Detail, Explained, Explanation, Member, Told, When};
pub use fix::{Change, Fixed, Goal, PLACEHOLDER, Proposal, Repair, Traffic};
pub use flows::{Flow, FlowError, FlowResult, Flows};
pub use insights::InsightsRequest;
pub use lint::{Idle, IdleRule, Lint};
pub use paths::AllPaths;
pub use proof::{Certificate, Refutation};
pub use question::{Answered, Header, Place, Question, QuestionError, Reason, Verdict};

pub use ::dns::{DomainName, Verdict as DnsVerdict};
pub use aws::rules::FilterKind;
pub use aws::snapshot::ReadError;
pub use aws::{Appliances, Assumptions, Diagnostic, Filtered, Location, Severity};
pub use headerspace::Family;
pub use scope::{
    Context, OwnTags, ScopeResult,
    document::{AddressSets, ScopeDocument, ScopeError, describe, read_scopes, read_scopes_with},
};
pub use search::{Closed, Direction, Kept, Nearest, Outcome, Through};
