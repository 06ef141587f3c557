//! `netproof dns plan`.

use std::{
    fs,
    io::{self, Read, Write},
    path::Path,
    process::ExitCode,
};

use netproof::{
    Holds,
    dns_plan::{DnsFindings, DnsPlanRequest, DnsPlanState},
    report::{DnsPlanDocument, dns_plan_commands, dns_plan_text, write_json},
};

use crate::{
    arguments::DnsPlanArguments,
    failure::Failure,
    input,
    output::{Format, Targets, Terminal},
    progress::Progress,
};

pub(crate) fn run(arguments: &DnsPlanArguments, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let files = arguments.finding.iter().chain(&arguments.never_block);
    input::stdin_once(files.map(AsRef::<Path>::as_ref).chain([arguments.snapshot.as_path()]))?;
    let mut found = DnsFindings::default();
    for file in &arguments.finding {
        let read = DnsFindings::read(&file.display().to_string(), &input::text_unpacked(file)?)?;
        found.findings.extend(read.findings);
        found.skipped.extend(read.skipped);
    }
    let remembered = StateFile::read(&arguments.state)?;
    let request = DnsPlanRequest {
        findings: found.findings,
        deny: arguments.deny_list.clone(),
        alert: arguments.alert_list.clone(),
        never: arguments.never_block.as_deref().map_or(Ok(Vec::new()), never)?,
        vpcs: arguments.vpc.clone(),
        now: arguments.now.unwrap_or_else(jiff::Timestamp::now),
        alert_days: arguments.expire_after,
        deny_days: arguments.expire_denied_after,
        quota: arguments.quota,
        compact: arguments.compact,
    };
    let progress = Progress::new(terminal.progress);
    let analysis = input::snapshot(&arguments.snapshot, &arguments.assumed, &progress)?;
    progress.say("planning".to_owned());
    let plan = analysis.plan_dns(&request, &remembered.state)?;
    drop(progress);
    terminal.remarks(&analysis.dns_diagnostics(), &targets);
    targets.write(terminal, |format, style, sink| match format {
        Format::Json => write_json(&DnsPlanDocument::new(&analysis, &plan, &found.skipped), sink),
        Format::AwsCli => sink.write_all(dns_plan_commands(&plan).as_bytes()),
        Format::Text | Format::AwsJson | Format::Markdown | Format::Exchange(_) => {
            sink.write_all(dns_plan_text(&plan, &found.skipped, style).as_bytes())
        }
    })?;
    if !arguments.dry_run && plan.over_quota.is_empty() {
        remembered.write(&arguments.state, &plan.state)?;
    }
    Ok(match plan.holds() {
        Holds::Yes => ExitCode::SUCCESS,
        Holds::No => ExitCode::from(1),
        Holds::Unknown if arguments.allow_unknown => ExitCode::SUCCESS,
        Holds::Unknown => ExitCode::from(3),
    })
}

/// The names of a file that are never to be listed, one a line.
fn never(file: &Path) -> Result<Vec<netproof::DomainName>, Failure> {
    let mut names = Vec::new();
    for (line, number) in input::text(file)?.lines().zip(1..) {
        let Some(name) = line.split('#').next().map(str::trim).filter(|name| !name.is_empty()) else {
            continue;
        };
        let place = format!("{}:{number}", file.display());
        if name.starts_with('*') {
            return Err(Failure(format!(
                "{place}: `{name}` is a wildcard; a name stands for itself and all below it"
            )));
        }
        let name = name.parse().map_err(|error| Failure(format!("{place}: `{name}`: {error}")))?;
        names.push(name);
    }
    Ok(names)
}

/// What a state file held when it was read.
struct StateFile {
    /// Its bytes; `None` if there was none.
    bytes: Option<Vec<u8>>,
    state: DnsPlanState,
}

impl StateFile {
    fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = bytes(path)?;
        let state = match &bytes {
            None => DnsPlanState::default(),
            Some(bytes) => {
                let text = std::str::from_utf8(bytes).map_err(|_| {
                    Failure(format!("`{}` is not text in UTF-8; it is left as it is", path.display()))
                })?;
                DnsPlanState::read(&path.display().to_string(), text)?
            }
        };
        Ok(Self { bytes, state })
    }

    /// Puts another state in its place, at once or not at all, unless that is what it holds, or somebody else has
    /// written it.
    fn write(&self, path: &Path, state: &DnsPlanState) -> Result<(), Failure> {
        let text = state.text()?;
        if bytes(path)? != self.bytes {
            return Err(Failure(format!(
                "`{}` was written by somebody else in the meantime; it is left as it is",
                path.display()
            )));
        }
        if self.bytes.as_deref() == Some(text.as_bytes()) {
            return Ok(());
        }
        replace(path, text.as_bytes())
            .map_err(|error| Failure(format!("cannot write `{}`: {error}", path.display())))
    }
}

fn bytes(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let mut bytes = Vec::new();
    match fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)) {
        Ok(_) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure(format!("cannot read `{}`: {error}", path.display()))),
    }
}

/// Writes a file beside another, and puts it in its place when it is on the disk.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What a link leads to is replaced, not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".netproof-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Ok(known) = fs::metadata(&path) {
        file.as_file().set_permissions(known.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    // So that the new name lasts, too; not every system lets one.
    let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}
