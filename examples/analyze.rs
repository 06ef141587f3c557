//! Asks a folder of scopes of a snapshot and prints what was found, as a library user would.
//!
//! `cargo run --release --example analyze -- examples/public-exposure/before scopes`

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::{error::Error, path::Path};

use netproof::{Analysis, read_scopes};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let snapshot = arguments.next().unwrap_or_else(|| "examples/public-exposure/before".to_owned());
    let folder = arguments.next().unwrap_or_else(|| "scopes".to_owned());

    let analysis = Analysis::open(Path::new(&snapshot))?;
    let entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    let mut files: Vec<_> = entries.iter().map(std::fs::DirEntry::path).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut scopes = Vec::new();
    for path in files {
        scopes.extend(read_scopes(&path.to_string_lossy(), &std::fs::read_to_string(&path)?)?);
    }
    for asked in analysis.ask(scopes, &analysis.context()) {
        println!(
            "{}: {} findings, {} unknown",
            asked.scope.name,
            asked.result.findings.len(),
            asked.result.unknowns.len()
        );
        for finding in &asked.result.findings {
            let name = |id| &analysis.graph().resource(id).id;
            println!("  {} -> {}  ({})", name(finding.source), name(finding.destination), finding.id);
        }
    }
    Ok(())
}
