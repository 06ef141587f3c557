//! `netproof diff`.

use std::{io::Write, path::Path, process::ExitCode};

use netproof::{
    audit::Audit,
    diff::{Compared, MOST_PATHS, diff, diff_scopes},
    report::{DifferenceDocument, Report, difference_markdown, difference_text, triage_text, write_json},
};

use crate::{
    arguments::DiffArguments,
    failure::Failure,
    input,
    judged::{Judgement, Settings},
    output::{Format, Targets, Terminal},
    progress::Progress,
};

pub(crate) fn run(
    arguments: &DiffArguments,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let judgement = Judgement::new(&arguments.judged, settings, arguments.allow_unknown)?;
    let mut files = arguments.scope.clone();
    for folder in &arguments.scopes {
        files.extend(input::folder(folder)?);
    }
    let snapshots = [arguments.old.as_path(), arguments.new.as_path()];
    input::stdin_once(files.iter().map(AsRef::<Path>::as_ref).chain(snapshots))?;
    let scopes = input::scopes(&files, settings, terminal)?;
    let progress = Progress::new(terminal.progress);
    let old = input::snapshot(&arguments.old, &arguments.assumed, &progress)?;
    let new = input::snapshot(&arguments.new, &arguments.assumed, &progress)?;
    progress.say("comparing".to_owned());
    let compared = if scopes.is_empty() {
        Compared::Network(diff(&old, &new, MOST_PATHS))
    } else {
        let mut contexts = [old.context(), new.context()];
        for context in &mut contexts {
            context.all_protocols = arguments.all_protocols;
        }
        Compared::Scopes(diff_scopes(&old, &new, scopes, contexts.each_ref()))
    };
    drop(progress);
    terminal.diagnostics(&old, &targets);
    terminal.diagnostics(&new, &targets);
    let (old_site, new_site) = (input::site(&old, &arguments.old), input::site(&new, &arguments.new));
    let mut audit = Audit::of_difference(&old_site, new_site, &compared);
    let triage = judgement.triage(&mut audit)?;
    let report = Report { audit: &audit, triage: &triage, when: judgement.when };
    targets.write(terminal, |format, style, sink| match format {
        Format::Json => {
            write_json(&DifferenceDocument::new(&old, &new, &compared).triaged(&audit, &triage), sink)
        }
        Format::Exchange(exchange) => exchange.write(report, sink),
        Format::Markdown => sink.write_all(difference_markdown(&old, &new, &compared).as_bytes()),
        Format::Text | Format::AwsJson | Format::AwsCli => {
            sink.write_all(difference_text(&old, &new, &compared, style).as_bytes())?;
            sink.write_all(triage_text(&audit, &triage, style).as_bytes())
        }
    })?;
    Ok(judgement.exit(&audit))
}
