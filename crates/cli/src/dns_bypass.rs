//! `netproof dns bypass`.

use std::{io::Write, process::ExitCode};

use netproof::{
    Holds,
    report::{DnsBypassDocument, dns_bypass_holds, dns_bypass_text, write_json},
};

use crate::{
    arguments::DnsBypassArguments,
    failure::Failure,
    input,
    output::{Format, Targets, Terminal},
    progress::Progress,
    second_opinion,
};

pub(crate) fn run(arguments: &DnsBypassArguments, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let progress = Progress::new(terminal.progress);
    let analysis = input::snapshot(&arguments.snapshot, &arguments.assumed, &progress)?;
    progress.say("looking for ways past DNS Firewall".to_owned());
    let mut judge = second_opinion::judge(&analysis, &arguments.trust)?;
    let found = judge.bypass_dns(&arguments.vpc).map_err(|error| Failure(error.to_string()))?;
    drop(progress);
    let certification = second_opinion::certification(&judge, &arguments.snapshot)?;
    terminal.remarks(&analysis.dns_bypass_diagnostics(), &targets);
    targets.write(terminal, |format, style, sink| match format {
        Format::Json => write_json(&DnsBypassDocument::new(&analysis, &found, &certification), sink),
        Format::Text | Format::AwsJson | Format::Markdown | Format::AwsCli | Format::Exchange(_) => {
            sink.write_all(dns_bypass_text(&analysis, &found, &certification, style).as_bytes())
        }
    })?;
    Ok(match dns_bypass_holds(&found) {
        Holds::Yes => ExitCode::SUCCESS,
        Holds::No => ExitCode::from(1),
        Holds::Unknown if arguments.allow_unknown => ExitCode::SUCCESS,
        Holds::Unknown => ExitCode::from(3),
    })
}
