//! `netproof baseline`.

use std::process::ExitCode;

use netproof::{Certification, EngineChoice, Judge, audit::Audit};

use crate::{
    analyze, arguments::BaselineArguments, failure::Failure, input, judged, judged::Settings,
    output::Terminal, progress::Progress,
};

pub(crate) fn run(
    arguments: &BaselineArguments,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let Some(file) = arguments.out.as_ref().or(settings.config.baseline.as_ref()) else {
        return Err(Failure::new("expected `--out FILE`, or `baseline` in netproof.toml"));
    };
    let scopes =
        analyze::scopes(&arguments.snapshot, &arguments.scope, &arguments.scopes, settings, terminal)?;
    let progress = Progress::new(terminal.progress);
    let analysis = input::snapshot(&arguments.snapshot, &arguments.assumed, &progress)?;
    let mut context = analysis.context();
    context.all_protocols = arguments.all_protocols;
    let Some(mut judge) = Judge::new(&analysis, EngineChoice::Sets, false) else {
        return Err(Failure::new("there is no engine"));
    };
    let asked: Vec<_> = scopes.into_iter().map(|scope| judge.ask(scope, &context)).collect();
    drop(progress);
    let audit =
        Audit::of_scopes(input::site(&analysis, &arguments.snapshot), &asked, &Certification::NotAsked);
    let (today, _) = judged::time(arguments.today)?;
    let count = judged::record(file, &audit, today)?;
    for check in audit.checks.iter().filter(|check| !check.unknowns.is_empty() || check.truncated) {
        terminal
            .warning(format!("{}: not all is known; there may be findings that are not recorded", check.id));
    }
    crate::output::answer(&format!("{}: {count} known findings\n", file.display()))?;
    Ok(ExitCode::SUCCESS)
}
