//! `netproof dns check`.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use netproof::{
    Analysis, Certification, DnsClaim, DnsFound, DnsQuestionError, DnsSide,
    audit::Audit,
    report::{DnsChecked, DnsChecksDocument, Report, dns_checks_text, triage_text, write_json},
};

use crate::{
    arguments::DnsCheckArguments,
    failure::Failure,
    input,
    judged::{Judgement, Settings},
    output::{Format, Targets, Terminal},
    progress::Progress,
    second_opinion,
};

pub(crate) fn run(
    arguments: &DnsCheckArguments,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let judgement = Judgement::new(&arguments.judged, settings, arguments.allow_unknown)?;
    let files = arguments.only_allow_file.iter().chain(&arguments.deny_file).chain(&arguments.with);
    input::stdin_once(files.map(AsRef::<Path>::as_ref).chain([arguments.snapshot.as_path()]))?;
    let claims = claims(arguments)?;
    let sides = sides(arguments)?;
    let progress = Progress::new(terminal.progress);
    let analysis = input::snapshot(&arguments.snapshot, &arguments.assumed, &progress)?;
    let other = match &arguments.with {
        Some(path) => Some(input::snapshot(path, &arguments.assumed, &progress)?),
        None => None,
    };
    progress.say("looking at all names".to_owned());
    let checked = checked(arguments, &analysis, other.as_ref(), &claims, sides.as_ref());
    let mut checked = checked.map_err(|error| Failure(error.to_string()))?;
    let certification = if arguments.no_certify {
        Certification::NotAsked
    } else {
        progress.say("having it confirmed".to_owned());
        let found = DnsFound {
            claims: &checked.claims,
            comparisons: &checked.comparisons,
            idle: checked.idle.as_ref(),
            domains: checked.domains.as_ref(),
        };
        let certification = analysis.certify_dns(other.as_ref(), &arguments.vpc, found);
        certification.map_err(|error| Failure(error.to_string()))?
    };
    second_opinion::check(&certification, &[], &arguments.snapshot)?;
    checked.certification = Some(certification);
    drop(progress);
    for analysis in [Some(&analysis), other.as_ref()].into_iter().flatten() {
        terminal.remarks(&analysis.dns_diagnostics(), &targets);
    }
    let mut audit = Audit::of_dns_checks(input::site(&analysis, &arguments.snapshot), &checked);
    let triage = judgement.triage(&mut audit)?;
    let report = Report { audit: &audit, triage: &triage, when: judgement.when };
    targets.write(terminal, |format, style, sink| match format {
        Format::Json => {
            let document = DnsChecksDocument::new(&analysis, other.as_ref(), &checked);
            write_json(&document.triaged(&audit, &triage), sink)
        }
        Format::Exchange(exchange) => exchange.write(report, sink),
        Format::Text | Format::AwsJson | Format::Markdown | Format::AwsCli => {
            sink.write_all(dns_checks_text(&checked, style).as_bytes())?;
            sink.write_all(triage_text(&audit, &triage, style).as_bytes())
        }
    })?;
    Ok(judgement.exit(&audit))
}

fn checked(
    arguments: &DnsCheckArguments,
    analysis: &Analysis,
    other: Option<&Analysis>,
    claims: &[DnsClaim],
    sides: Option<&(DnsSide, DnsSide)>,
) -> Result<DnsChecked, DnsQuestionError> {
    let mut checked = DnsChecked::default();
    if !claims.is_empty() {
        checked.claims = analysis.check_dns(&arguments.vpc, claims)?;
    }
    if let Some((first, second)) = sides {
        checked.comparisons.push(analysis.compare_dns(first, other.unwrap_or(analysis), second)?);
    }
    let nothing = !arguments.idle && !arguments.network_firewall && claims.is_empty() && sides.is_none();
    if arguments.idle || nothing {
        checked.idle = Some(analysis.idle_dns(&arguments.vpc)?);
    }
    if arguments.network_firewall || nothing {
        let found = analysis.dns_contradictions(&arguments.vpc)?;
        checked.domains = Some(found).filter(|it| arguments.network_firewall || !it.compared.is_empty());
    }
    Ok(checked)
}

/// What is to hold for all names.
fn claims(arguments: &DnsCheckArguments) -> Result<Vec<DnsClaim>, Failure> {
    type Claim = fn(&[String]) -> Result<DnsClaim, DnsQuestionError>;
    let asked: [(&[String], Option<&PathBuf>, Claim); 2] = [
        (&arguments.only_allow, arguments.only_allow_file.as_ref(), DnsClaim::only_allow),
        (&arguments.deny, arguments.deny_file.as_ref(), DnsClaim::deny),
    ];
    let mut claims = Vec::new();
    for (names, file, claim) in asked {
        let mut names = names.to_vec();
        if let Some(file) = file {
            for (line, number) in input::text(file)?.lines().zip(1..) {
                let Some(name) = line.split('#').next().map(str::trim).filter(|name| !name.is_empty()) else {
                    continue;
                };
                let name = name.to_owned();
                claim(std::slice::from_ref(&name))
                    .map_err(|error| Failure(format!("{}:{number}: {error}", file.display())))?;
                names.push(name);
            }
        } else if names.is_empty() {
            continue;
        }
        claims.push(claim(&names).map_err(|error| Failure(error.to_string()))?);
    }
    Ok(claims)
}

/// What is compared with what.
fn sides(arguments: &DnsCheckArguments) -> Result<Option<(DnsSide, DnsSide)>, Failure> {
    let (names, side): (&[String], fn(String) -> DnsSide) = if arguments.equal.is_empty() {
        (&arguments.equal_groups, DnsSide::Group)
    } else {
        (&arguments.equal, DnsSide::Vpc)
    };
    match names {
        [] => Ok(None),
        [one] if arguments.with.is_none() => Err(Failure(format!(
            "`{one}` is to be compared with what? Name a second, or another snapshot with `--with`"
        ))),
        [one] => Ok(Some((side(one.clone()), side(one.clone())))),
        [one, other, ..] => Ok(Some((side(one.clone()), side(other.clone())))),
    }
}
