//! The command line's grammar.

use std::{
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use netproof::{Appliances, Assumptions, EngineChoice, audit::SeverityLabel};

use crate::{
    failure::Failure,
    help,
    output::{
        Target, audit_target, difference_target, own_target, question_target, runnable_target, scope_target,
    },
};

/// Proves who can reach what in an AWS network, offline, from exported snapshots.
#[derive(Debug, Parser)]
#[command(name = "netproof", version, after_help = help::MAIN, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten, next_help_heading = "Common options")]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Leave out remarks about the input and progress.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Also print remarks that change no answer.
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// Colour text; `auto` does so on a terminal unless NO_COLOR is set.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    pub(crate) color: Colour,
    /// Take settings from this file. [default: netproof.toml, looked for upwards to the root of the repository]
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,
    /// Take settings from no file.
    #[arg(long, global = true)]
    pub(crate) no_config: bool,
    /// Threads to work on; all processors if left out. Answers do not depend on it.
    #[arg(long, global = true, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    Auto,
    Always,
    Never,
}

/// What is taken for granted where no export can tell.
#[derive(Debug, Args)]
pub(crate) struct Assumed {
    /// What appliances do with packets routed through them: as-aws (those behind a Gateway Load Balancer return all of
    /// them, of others it is not known), trusted (all forward all of them unchanged) or unknown.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = AppliancesArgument::AsAws, hide_possible_values = true)]
    pub(crate) appliances: AppliancesArgument,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AppliancesArgument {
    AsAws,
    Trusted,
    Unknown,
}

impl Assumed {
    pub(crate) fn assumptions(&self) -> Assumptions {
        Assumptions {
            appliances: match self.appliances {
                AppliancesArgument::AsAws => Appliances::AsAws,
                AppliancesArgument::Trusted => Appliances::Trusted,
                AppliancesArgument::Unknown => Appliances::Unknown,
            },
        }
    }
}

/// What is decided about findings beforehand.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which findings count")]
pub(crate) struct Judged {
    /// Findings less grave than this do not count: informational, low, medium, high or critical.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub(crate) fail_on: Option<SeverityLabel>,
    /// Findings in this file are known and do not count.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Record what is found in this file; what it has already keeps the day on which it was first seen.
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Findings that somebody takes responsibility for: a .toml file, or a .csv of exclusions of AWS's sample. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) suppressions: Vec<PathBuf>,
    /// Findings that are overdue count, also if they are known.
    #[arg(long)]
    pub(crate) fail_overdue: bool,
    /// The day to judge by, such as 2026-11-27. [default: today]
    #[arg(long, value_name = "DAY")]
    pub(crate) today: Option<jiff::civil::Date>,
}

fn severity(text: &str) -> Result<SeverityLabel, String> {
    SeverityLabel::parse(text)
        .ok_or_else(|| "expected informational, low, medium, high or critical".to_owned())
}

/// Who answers, and who confirms it.
#[derive(Debug, Args)]
pub(crate) struct Trust {
    /// Who answers: sets (packet sets), z3 (the solver, step by step), or both, which must agree.
    #[arg(long, value_enum, value_name = "ENGINE", default_value_t = EngineArgument::Sets, hide_possible_values = true)]
    pub(crate) engine: EngineArgument,
    /// Do not have verdicts confirmed by the solver.
    #[arg(long)]
    pub(crate) no_certify: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineArgument {
    Sets,
    Z3,
    Both,
}

impl Trust {
    pub(crate) fn engine(&self) -> Result<EngineChoice, Failure> {
        let choice = match self.engine {
            EngineArgument::Sets => EngineChoice::Sets,
            EngineArgument::Z3 => EngineChoice::Z3,
            EngineArgument::Both => EngineChoice::Both,
        };
        if choice != EngineChoice::Sets && netproof::solver().is_none() {
            return Err(Failure::new(
                "`--engine`: this program was built without a solver; only `sets` is there",
            ));
        }
        Ok(choice)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask Network Access Scopes: which paths are there that should not be?
    #[command(after_help = help::ANALYZE)]
    Analyze(AnalyzeArguments),
    /// Check flows that should or should not be possible.
    #[command(after_help = help::VERIFY)]
    Verify(VerifyArguments),
    /// Ask one question: can A reach B, by which path, or what stops it?
    #[command(after_help = help::PATH)]
    Path(PathArguments),
    /// Are two filters the same, and if not, exactly which packets make the difference?
    #[command(after_help = help::EQUIVALENT)]
    Equivalent(EquivalentArguments),
    /// What does a change open and close? Compares two snapshots by what gets through in them.
    #[command(after_help = help::DIFF)]
    Diff(DiffArguments),
    /// Route 53 Resolver DNS Firewall: which rule takes a name, and what gets by it?
    Dns(DnsArguments),
    /// Take the snapshot: ask a live account, and write what the AWS CLI would print.
    #[command(after_help = help::COLLECT)]
    Collect(CollectArguments),
    /// Find the fewest changes that open a wanted flow, or close an unwanted one, and prove them.
    #[command(after_help = help::FIX)]
    Fix(FixArguments),
    /// Show what a snapshot holds, what was not read and what is not modelled.
    #[command(after_help = help::INSPECT)]
    Inspect(InspectArguments),
    /// Find rules that do nothing: no packet gets to them, or others do the same.
    #[command(after_help = help::LINT)]
    Lint(LintArguments),
    /// Record the findings of scopes as known, each with the day on which it was first seen.
    #[command(after_help = help::BASELINE)]
    Baseline(BaselineArguments),
    /// List, check and print scopes.
    #[command(after_help = help::SCOPES)]
    Scopes(ScopesArguments),
    /// Print the JSON Schema of a command's `json` output, or of a file that netproof reads.
    Schema(SchemaArguments),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the man page, or write one for each command.
    Man {
        /// Write the pages of all commands to this folder.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CollectArguments {
    /// The folder that becomes the snapshot. An interrupted run goes on where it stopped.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Regions, or `all` that are enabled. May be repeated. [default: that of the AWS configuration]
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub(crate) region: Vec<String>,
    /// The profile of the AWS configuration.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Roles to assume, one for each account. May be repeated. [default: the caller's own account]
    #[arg(long, value_name = "ARN")]
    pub(crate) role_arn: Vec<String>,
    /// Take all active accounts of the organization, in each of which there is this role.
    /// [default: OrganizationAccountAccessRole]
    #[arg(long, value_name = "ROLE", num_args = 0..=1, default_missing_value = "OrganizationAccountAccessRole")]
    pub(crate) organization: Option<String>,
    /// The external id that the roles ask for.
    #[arg(long, value_name = "ID")]
    pub(crate) external_id: Option<String>,
    /// Ask there instead of AWS, as for tests.
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Calls under way at the same time.
    #[arg(long, value_name = "N", default_value = "16")]
    pub(crate) jobs: NonZeroUsize,
    /// How often a call is tried that fails or is throttled.
    #[arg(long, value_name = "N", default_value = "8")]
    pub(crate) attempts: NonZeroU32,
    /// Look at the tables that one call gives again at the end, and say what changed meanwhile.
    #[arg(long)]
    pub(crate) verify: bool,
    /// Print the least IAM policy with which this works, other options considered, and do nothing else.
    #[arg(long)]
    pub(crate) print_policy: bool,
    /// text or json; FORMAT=FILE writes to a file. May be repeated. [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = own_target)]
    pub(crate) format: Vec<Target>,
}

#[derive(Debug, Args)]
pub(crate) struct AnalyzeArguments {
    /// A folder, .json, .zip or .tar.gz, or `-` for standard input.
    pub(crate) snapshot: PathBuf,
    /// Scope files, or names of ready-made scopes, in the order to ask them.
    #[arg(long, value_name = "FILE", num_args = 1.., group = "asked")]
    pub(crate) scope: Vec<PathBuf>,
    /// A folder whose .json files are the scopes, sorted by name.
    #[arg(long, value_name = "DIR", group = "asked")]
    pub(crate) scopes: Vec<PathBuf>,
    /// text, json, aws-json, asff, csv, dot, github, html, junit, markdown, mermaid, ocsf or sarif; FORMAT=FILE
    /// writes to a file. May be repeated. [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = scope_target)]
    pub(crate) format: Vec<Target>,
    #[command(flatten)]
    pub(crate) judged: Judged,
    #[command(flatten)]
    pub(crate) assumed: Assumed,
    #[command(flatten)]
    pub(crate) trust: Trust,
    #[command(flatten)]
    pub(crate) margin: Margin,
    /// List at most N findings for each scope, and say so if there are more.
    #[arg(long, value_name = "N")]
    pub(crate) max_findings: Option<NonZeroUsize>,
    /// Look at all protocols where a scope names none, not only at TCP and UDP.
    #[arg(long)]
    pub(crate) all_protocols: bool,
    /// Exit with 0 instead of 3 if nothing was found but something is unknown.
    #[arg(long)]
    pub(crate) allow_unknown: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BaselineArguments {
    /// A folder, .json, .zip or .tar.gz, or `-` for standard input.
    pub(crate) snapshot: PathBuf,
    /// Scope files, or names of ready-made scopes, in the order to ask them. [default: those of netproof.toml]
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) scope: Vec<PathBuf>,
    /// A folder whose .json files are the scopes, sorted by name.
    #[arg(long, value_name = "DIR")]
    pub(crate) scopes: Vec<PathBuf>,
    /// Where to record them. What the file has already keeps its day. [default: that of netproof.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The day to record, such as 2026-11-27. [default: today]
    #[arg(long, value_name = "DAY")]
    pub(crate) today: Option<jiff::civil::Date>,
    #[command(flatten)]
    pub(crate) assumed: Assumed,
    /// Look at all protocols where a scope names none, not only at TCP and UDP.
    #[arg(long)]
    pub(crate) all_protocols: bool,
}

/// What is said of scopes beside what they find.
#[derive(Debug, Args)]
pub(crate) struct Margin {
    /// Say of each clean scope what keeps it so: the fewest controls that are enough, and what would open it.
    #[arg(long)]
    pub(crate) why: bool,
    /// Say of each destination how many changes would make a finding and which, and of each change that alone is enough
    /// what it exposes.
    #[arg(long)]
    pub(crate) distance: bool,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// A folder, .json, .zip or .tar.gz, or `-` for standard input.
    pub(crate) snapshot: PathBuf,
    /// A .json or .toml file of flows with expected answers.
    pub(crate) flows: PathBuf,
    /// text, json, asff, csv, dot, github, html, junit, markdown, mermaid, ocsf or sarif; FORMAT=FILE
    /// writes to a file. May be repeated. [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = audit_target)]
    pub(crate) format: Vec<Target>,
    #[command(flatten)]
    pub(crate) judged: Judged,
    #[command(flatten)]
    pub(crate) assumed: Assumed,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// Say of each unreachable flow what keeps it closed: the fewest controls that are enough, and what would open it.
    #[arg(long)]
    pub(crate) why: bool,
    /// Exit with 0 instead of 3 if no flow fails but some are unknown.
    #[arg(long)]
    pub(crate) allow_unknown: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DnsArguments {
    #[command(subcommand)]
    pub(crate) command: DnsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DnsCommand {
    /// What becomes of a query for a name: which rule takes it, and which were asked before.
    #[command(after_help = help::DNS_QUERY)]
    Query(DnsQueryArguments),
    /// What holds for all names: walled gardens, deny lists, rules and entries that do nothing, differences.
    #[command(after_help = help::DNS_CHECK)]
    Check(DnsCheckArguments),
    /// Can anything get by DNS Firewall: DNS to other resolvers, over any transport?
    #[command(after_help = help::DNS_BYPASS)]
    Bypass(DnsBypassArguments),
    /// Put the names of GuardDuty findings on domain lists: the requests, and proof of what they do.
    #[command(after_help = help::DNS_PLAN)]
    Plan(DnsPlanArguments),
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("names_asked").required(true))]
pub(crate) struct DnsQueryArguments {
    /// A folder, .json, .zip or .tar.gz, or `-` for standard input.
    pub(crate) snapshot: PathBuf,
    /// The VPC that asks: an id or ARN. May be repeated.
    #[arg(long, value_name = "VPC", required = true)]
    pub(crate) vpc: Vec<String>,
    /// The name asked for.
    #[arg(long, value_name = "NAME", group = "names_asked")]
    pub(crate) name: Option<String>,
    /// A file of names, one a line, each with a type if wanted; `-` for standard input.
    #[arg(long, value_name = "FILE", group = "names_asked", conflicts_with = "chain")]
    pub(crate) names: Option<PathBuf>,
    /// The type asked for: A, AAAA, TXT, TYPE65 and so on. [default: A]
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) query_type: Option<String>,
    /// The names that it is redirected to by CNAME or DNAME, in order.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(crate) chain: Vec<String>,
    /// text or json; FORMAT=FILE writes to a file. May be repeated. [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = own_target)]
    pub(crate) format: Vec<Target>,
    #[command(flatten)]
    pub(crate) assumed: Assumed,
    /// Exit with 0 instead of 3 if an answer depends on something unknown.
    #[arg(long)]
    pub(crate) allow_unknown: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("compared"))]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct DnsCheckArguments {
    /// A folder, .json, .zip or .tar.gz, or `-` for standard input.
    pub(crate) snapshot: PathBuf,
    /// The VPCs that ask: ids or ARNs. [default: all]
    #[arg(long, value_name = "VPC", num_args = 1..)]
    pub(crate) vpc: Vec<String>,
    /// Nothing but these names, and what is below them, resolves.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(crate) only_allow: Vec<String>,
    /// More of them, one a line.
    #[arg(long, value_name = "FILE")]
    pub(crate) only_allow_file: Option<PathBuf>,
    /// These names, and what is below them, are blocked, whatever the type.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(crate) deny: Vec<String>,
    /// More of them, one a line.
    #[arg(long, value_name = "FILE")]
    pub(crate) deny_file: Option<PathBuf>,
    /// Find rules that never decide, and entries that do nothing or half. [default if nothing else is asked for]
    #[arg(long)]
    pub(crate) idle: bool,
    /// Find names that DNS Firewall and the domain lists of Network Firewall contradict each other about. [default if
    /// nothing else is asked for and a VPC has both]
    #[arg(long)]
    pub(crate) network_firewall: bool,
    /// Compare what becomes of the queries of two VPCs.
    #[arg(long, value_name = "VPC", num_args = 1..=2, group = "compared")]
    pub(crate) equal: Vec<String>,
    /// Compare two rule groups.
    #[arg(long, value_name = "GROUP", num_args = 1..=2, group = "compared")]
    pub(crate) equal_groups: Vec<String>,
    /// Look for the second VPC or group, or the same if one is named, in this snapshot.
    #[arg(long, value_name = "SNAPSHOT", requires = "compared")]
    pub(crate) with: Option<PathBuf>,
    /// text, json, asff, csv, dot, github, html, junit, markdown, mermaid, ocsf or sarif; FORMAT=FILE
    /// writes to a file. May be repeated. [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = audit_target)]
    pub(crate) format: Vec<Target>,
    #[command(flatten)]
    pub(crate) judged: Judged,
    #[command(flatten)]
    pub(crate) assumed: Assumed,
    /// Do not have answers about small firewalls confirmed by the solver.
    #[arg(long)]
    pub(crate) no_certify: bool,
    /// Exit with 0 instead of 3 if nothing fails but something is unknown.
    #[arg(long)]
    pub(crate) allow_unknown: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DnsBypassArguments {
    /// A folder, .json, .zip or .tar.gz, or `-` for standard input.
    pub(crate) snapshot: PathBuf,
    /// The VPCs to look at: ids or ARNs. [default: all]
    #[arg(long, value_name = "VPC", num_args = 1..)]
    pub(crate) vpc: Vec<String>,
    /// text or json; FORMAT=FILE writes to a file. May be repeated. [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = own_target)]
    pub(crate) format: Vec<Target>,
    #[command(flatten)]
    pub(crate) assumed: Assumed,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// Exit with 0 instead of 3 if nothing gets by but something is unknown.
    #[arg(long)]
    pub(crate) allow_unknown: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DnsPlanArguments {
    /// A folder, .json, .zip or .tar.gz, or `-` for standard input.
    pub(crate) snapshot: PathBuf,
    /// Findings of GuardDuty: its own, events of EventBridge, or Security Hub's; `-` for standard input.
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    pub(crate) finding: Vec<PathBuf>,
    /// What earlier plans wanted; made if it is not there.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: PathBuf,
    /// Domain lists for names to be denied: names, ids or ARNs. [default: the only one that rules block]
    #[arg(long, value_name = "LIST", num_args = 1..)]
    pub(crate) deny_list: Vec<String>,
    /// Domain lists for names to be alerted on. [default: the only one that rules alert on]
    #[arg(long, value_name = "LIST", num_args = 1..)]
    pub(crate) alert_list: Vec<String>,
    /// Names that are never to be listed, nor what is below them, one a line.
    #[arg(long, value_name = "FILE")]
    pub(crate) never_block: Option<PathBuf>,
    /// The VPCs to protect: ids or ARNs. [default: all]
    #[arg(long, value_name = "VPC", num_args = 1..)]
    pub(crate) vpc: Vec<String>,
    /// Take a name that was not seen for so many days off the list of alerts.
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) expire_after: u32,
    /// Take a name that was not seen for so many days off the list of what is denied. [default: never]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) expire_denied_after: Option<u32>,
    /// How many entries all domain lists of an account can have in a Region.
    #[arg(long, value_name = "N", default_value_t = netproof::dns_plan::QUOTA)]
    pub(crate) quota: usize,
    /// Where there is no room, remove entries without which lists have the same names.
    #[arg(long)]
    pub(crate) compact: bool,
    /// The time to plan for, such as 2026-11-27T08:00:00Z. [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<jiff::Timestamp>,
    /// Leave the state as it is.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// text, json or aws-cli; FORMAT=FILE writes to a file. May be repeated. [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = runnable_target)]
    pub(crate) format: Vec<Target>,
    #[command(flatten)]
    pub(crate) assumed: Assumed,
    /// Exit with 0 instead of 3 if nothing fails but something is unknown.
    #[arg(long)]
    pub(crate) allow_unknown: bool,
}

/// A question, in options.
#[derive(Debug, Args)]
pub(crate) struct QuestionArguments {
    /// Where packets start: an id, an ARN, an address or `internet`.
    #[arg(long, value_name = "END")]
    pub(crate) source: Option<String>,
    /// Where they are to arrive: an id, an ARN, an address or `internet`.
    #[arg(long, value_name = "END")]
    pub(crate) destination: Option<String>,
    /// A .json file with what create-network-insights-path or start-network-insights-analysis take. May be repeated; options add to it.
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Vec<PathBuf>,
    /// tcp, udp, icmp, icmpv6 or a protocol number.
    #[arg(long, value_name = "P")]
    pub(crate) protocol: Option<String>,
    /// Destination port or range of ports, as packets start.
    #[arg(long, visible_alias = "port", value_name = "PORT")]
    pub(crate) destination_port: Option<String>,
    /// Source port or range of ports, as packets start.
    #[arg(long, value_name = "PORT")]
    pub(crate) source_port: Option<String>,
    /// Source address or block, as packets start.
    #[arg(long, value_name = "CIDR")]
    pub(crate) source_ip: Option<String>,
    /// Destination address or block, as packets start.
    #[arg(long, value_name = "CIDR")]
    pub(crate) destination_ip: Option<String>,
    /// ICMP type.
    #[arg(long, value_name = "N")]
    pub(crate) icmp_type: Option<u8>,
    /// ICMP code.
    #[arg(long, value_name = "N")]
    pub(crate) icmp_code: Option<u8>,
    /// Source address or block, as packets arrive.
    #[arg(long, value_name = "CIDR")]
    pub(crate) arriving_source_ip: Option<String>,
    /// Destination address or block, as packets arrive.
    #[arg(long, value_name = "CIDR")]
    pub(crate) arriving_destination_ip: Option<String>,
    /// Source port or range of ports, as packets arrive.
    #[arg(long, value_name = "PORT")]
    pub(crate) arriving_source_port: Option<String>,
    /// Destination port or range of ports, as packets arrive.
    #[arg(long, value_name = "PORT")]
    pub(crate) arriving_destination_port: Option<String>,
    /// A resource that the way there must pass: an id or ARN. May be repeated.
    #[arg(long, visible_alias = "filter-in", value_name = "RESOURCE")]
    pub(crate) through: Vec<String>,
    /// A resource that the way there must not pass: an id or ARN. May be repeated.
    #[arg(long, visible_alias = "filter-out", value_name = "RESOURCE")]
    pub(crate) avoid: Vec<String>,
    /// Ask for the first packet only, not for replies.
    #[arg(long)]
    pub(crate) forward: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PathArguments {
    /// A folder, .json, .zip or .tar.gz, or `-` for standard input.
    pub(crate) snapshot: PathBuf,
    #[command(flatten)]
    pub(crate) question: QuestionArguments,
    /// Show every path, the shortest first, not only one.
    #[arg(long)]
    pub(crate) all: bool,
    /// text, json or aws-json; FORMAT=FILE writes to a file. May be repeated. [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = question_target)]
    pub(crate) format: Vec<Target>,
    #[command(flatten)]
    pub(crate) assumed: Assumed,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// Do not look for what keeps an unreachable destination closed, which may take as long as many questions.
    #[arg(long)]
    pub(crate) no_why: bool,
    /// Exit with 0 instead of 3 if the answer is unknown.
    #[arg(long)]
    pub(crate) allow_unknown: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EquivalentArguments {
    /// A folder, .json, .zip or .tar.gz, or `-` for standard input.
    pub(crate) snapshot: PathBuf,
    /// A security group, network ACL, prefix list or firewall policy: an id, an ARN or a policy's name.
    #[arg(value_name = "A")]
    pub(crate) first: String,
    /// Another of the same kind.
    #[arg(value_name = "B")]
    pub(crate) second: String,
    /// Look for B in this snapshot instead.
    #[arg(long, value_name = "SNAPSHOT2")]
    pub(crate) other: Option<PathBuf>,
    /// Ask whether B lets through everything that A does.
    #[arg(long)]
    pub(crate) contained: bool,
    /// text or json; FORMAT=FILE writes to a file. May be repeated. [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = own_target)]
    pub(crate) format: Vec<Target>,
    #[command(flatten)]
    pub(crate) assumed: Assumed,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// The snapshot before the change: a folder, .json, .zip or .tar.gz, or `-` for standard input.
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The snapshot after it.
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// Compare the findings of these scopes instead: files, or names of ready-made scopes.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) scope: Vec<PathBuf>,
    /// A folder whose .json files are the scopes, sorted by name.
    #[arg(long, value_name = "DIR")]
    pub(crate) scopes: Vec<PathBuf>,
    /// text, json, asff, csv, dot, github, html, junit, markdown, mermaid, ocsf or sarif; FORMAT=FILE
    /// writes to a file. May be repeated. [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = difference_target)]
    pub(crate) format: Vec<Target>,
    #[command(flatten)]
    pub(crate) judged: Judged,
    #[command(flatten)]
    pub(crate) assumed: Assumed,
    /// In scopes, look at all protocols where a scope names none, not only at TCP and UDP.
    #[arg(long)]
    pub(crate) all_protocols: bool,
    /// Exit with 0 instead of 3 if nothing opened but something is unknown.
    #[arg(long)]
    pub(crate) allow_unknown: bool,
}

#[derive(Debug, Args)]
pub(crate) struct FixArguments {
    /// A folder, .json, .zip or .tar.gz, or `-` for standard input.
    pub(crate) snapshot: PathBuf,
    /// Close what is asked for instead of opening it.
    #[arg(long)]
    pub(crate) close: bool,
    #[command(flatten)]
    pub(crate) question: QuestionArguments,
    /// Close the findings of this scope: a file, or the name of a ready-made scope.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["source", "destination", "input"])]
    pub(crate) scope: Option<PathBuf>,
    /// Of the scope, close only what is between the ends of this finding, by its id.
    #[arg(long, value_name = "ID", requires = "scope")]
    pub(crate) finding: Option<String>,
    /// Flows that must stay as they are: a .json or .toml file, as for `verify`. Those that do not hold now are left out.
    #[arg(long, value_name = "FLOWS")]
    pub(crate) keep: Option<PathBuf>,
    /// Do not have verdicts confirmed by the solver.
    #[arg(long)]
    pub(crate) no_certify: bool,
    /// text, json or aws-cli; FORMAT=FILE writes to a file. May be repeated. [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = runnable_target)]
    pub(crate) format: Vec<Target>,
    #[command(flatten)]
    pub(crate) assumed: Assumed,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// A folder, .json, .zip or .tar.gz, or `-` for standard input.
    pub(crate) snapshot: PathBuf,
    /// text or json; FORMAT=FILE writes to a file. May be repeated. [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = own_target)]
    pub(crate) format: Vec<Target>,
    #[command(flatten)]
    pub(crate) assumed: Assumed,
}

#[derive(Debug, Args)]
pub(crate) struct LintArguments {
    /// A folder, .json, .zip or .tar.gz, or `-` for standard input.
    pub(crate) snapshot: PathBuf,
    /// text, json, asff, csv, dot, github, html, junit, markdown, mermaid, ocsf or sarif; FORMAT=FILE
    /// writes to a file. May be repeated. [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = audit_target)]
    pub(crate) format: Vec<Target>,
    #[command(flatten)]
    pub(crate) judged: Judged,
    #[command(flatten)]
    pub(crate) assumed: Assumed,
}

#[derive(Debug, Args)]
pub(crate) struct ScopesArguments {
    #[command(subcommand)]
    pub(crate) command: ScopesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ScopesCommand {
    /// List the ready-made scopes, or those of folders.
    List {
        /// Folders of .json files; the ready-made scopes if left out.
        #[arg(value_name = "DIR")]
        folders: Vec<PathBuf>,
    },
    /// Check scope files, and say of each whether AWS accepts it, too. Exits with 2 if one is not valid.
    Check {
        /// Scope files.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// text or json; FORMAT=FILE writes to a file. May be repeated. [default: text]
        #[arg(long, value_name = "FORMAT", value_parser = own_target)]
        format: Vec<Target>,
    },
    /// Print a ready-made scope.
    Print {
        /// Its name, as `netproof scopes list` gives it.
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArguments {
    /// analyze, diff, dns-bypass, dns-check, dns-plan, dns-query, equivalent, fix, inspect, lint, path, scopes-check or
    /// verify; or a file that is read: baseline, config or suppressions.
    #[arg(value_name = "COMMAND")]
    pub(crate) command: String,
}
