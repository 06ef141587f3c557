//! Writes the HTML report of a snapshot and a folder of scopes.
//!
//! `cargo run --release --example report_html -- examples/public-exposure/before scopes report.html`

use std::{error::Error, fs::File, io::BufWriter, path::Path};

use netproof::{
    Analysis, Certification,
    audit::{Audit, Root, Site},
    read_scopes,
    report::{Exchange, Report},
    triage::{Policy, triage},
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |otherwise: &str| arguments.next().unwrap_or_else(|| otherwise.to_owned());
    let (snapshot, folder, out) = (argument("examples/public-exposure/before"), argument("scopes"), argument("report.html"));
    let analysis = Analysis::open(Path::new(&snapshot))?;
    let mut files: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::path);
    let mut scopes = Vec::new();
    for file in files.iter().map(std::fs::DirEntry::path).filter(|path| path.extension().is_some_and(|it| it == "json")) {
        scopes.extend(read_scopes(&file.to_string_lossy(), &std::fs::read_to_string(&file)?)?);
    }
    let asked = analysis.ask(scopes, &analysis.context());
    let site = Site { analysis: &analysis, root: Root::Folder(snapshot.clone()) };
    let mut audit = Audit::of_scopes(site, &asked, &Certification::NotAsked);
    let triage = triage(&mut audit, &Policy::default());
    let report = Report { audit: &audit, triage: &triage, when: "2026-11-27T12:00:00Z".parse()? };
    Exchange::Html.write(report, &mut BufWriter::new(File::create(out)?))?;
    Ok(())
}
