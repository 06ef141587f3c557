//! Where the time goes: reads a snapshot, asks a folder of scopes, has every verdict certified, and prints the seconds
//! and counts of each step.
//!
//! `cargo run --release --example timings -- SNAPSHOT SCOPES`

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

use std::{path::PathBuf, process::ExitCode, time::Instant};

use netproof::{Analysis, Certification, Certified, read_scopes};

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [snapshot, folder] = arguments.as_slice() else {
        eprintln!("usage: timings SNAPSHOT SCOPES");
        return ExitCode::from(2);
    };
    match run(snapshot, folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(snapshot: &std::path::Path, folder: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut clock = Instant::now();
    let mut lap = |what: &str| {
        println!("{what:<60} {:8.2} s", clock.elapsed().as_secs_f64());
        clock = Instant::now();
    };
    let analysis = Analysis::open(snapshot)?;
    lap("reading");
    let engine = analysis.engine();
    lap("preparing");
    let mut asked = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let context = analysis.context();
        for scope in read_scopes(&name, &std::fs::read_to_string(&file)?)? {
            asked.push(analysis.ask_with(&engine, scope, &context));
        }
        lap(&name);
    }
    match analysis.certify(&asked) {
        Certification::Done(Certified { certified, verdicts, distinct, .. }) => {
            lap(&format!("certifying {certified} of {verdicts}, {distinct} unlike others"));
        }
        Certification::NoSolver | Certification::NotAsked => lap("not certified"),
    }
    Ok(())
}
