//! The netproof command line: arguments, files, progress, exit codes. Everything that is printed is made by
//! `netproof::report`.

mod analyze;
mod arguments;
mod baseline;
mod collect;
mod diff;
mod dns;
mod dns_bypass;
mod dns_check;
mod dns_plan;
mod equivalent;
mod failure;
mod fix;
mod help;
mod input;
mod inspect;
mod judged;
mod lint;
mod output;
mod path;
mod progress;
mod question;
mod ready_made;
mod schema;
mod scopes;
mod second_opinion;
mod shell;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    arguments::{Arguments, Command},
    failure::Failure,
    judged::Settings,
    output::Terminal,
};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing can be done about a reader that has gone away.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let terminal = Terminal::new(&arguments.common);
    match run(&arguments, &terminal) {
        Ok(code) => code,
        Err(failure) => {
            terminal.error(&failure);
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments, terminal: &Terminal) -> Result<ExitCode, Failure> {
    if let Some(threads) = arguments.common.threads {
        // Fails only if the pool is there already, and nothing has used it yet.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
    }
    let settings = || Settings::find(&arguments.common);
    match &arguments.command {
        Command::Analyze(arguments) => analyze::run(arguments, &settings()?, terminal),
        Command::Baseline(arguments) => baseline::run(arguments, &settings()?, terminal),
        #[cfg(feature = "live")]
        Command::Collect(arguments) => collect::run(arguments, terminal),
        #[cfg(not(feature = "live"))]
        Command::Collect(arguments) => collect::run(arguments),
        Command::Verify(arguments) => verify::run(arguments, &settings()?, terminal),
        Command::Path(arguments) => path::run(arguments, terminal),
        Command::Equivalent(arguments) => equivalent::run(arguments, terminal),
        Command::Diff(arguments) => diff::run(arguments, &settings()?, terminal),
        Command::Dns(command) => dns::run(&command.command, &settings()?, terminal),
        Command::Fix(arguments) => fix::run(arguments, &settings()?, terminal),
        Command::Inspect(arguments) => inspect::run(arguments, terminal),
        Command::Lint(arguments) => lint::run(arguments, &settings()?, terminal),
        Command::Scopes(arguments) => scopes::run(arguments, &settings()?, terminal),
        Command::Schema(arguments) => schema::run(arguments),
        Command::Completions { shell } => shell::completions(*shell),
        Command::Man { out } => shell::man(out.as_deref()),
    }
}
