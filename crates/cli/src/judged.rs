//! Which findings count: settings, baselines, suppressions.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};
use netproof::{
    CONFIG_FILE, Config,
    audit::Audit,
    report::ScopeVerdict,
    triage::{Baseline, Policy, Suppressions, Triage, read_exclusions, triage},
};

use crate::{
    arguments::{Common, Judged},
    failure::Failure,
    input,
};

/// What `netproof.toml` says, with paths from where one is.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub(crate) config: Config,
}

impl Settings {
    /// Those of the file that is named, else of the first one upwards from here that is still in the repository.
    pub(crate) fn find(common: &Common) -> Result<Self, Failure> {
        if common.no_config {
            return Ok(Self::default());
        }
        common
            .config
            .clone()
            .or_else(discovered)
            .map_or_else(|| Ok(Self::default()), |file| Self::read(&file))
    }

    fn read(file: &Path) -> Result<Self, Failure> {
        let mut config = Config::read(&file.display().to_string(), &input::text(file)?)?;
        let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
        let from_there = |path: &mut PathBuf| *path = folder.join(&*path);
        config
            .scopes
            .iter_mut()
            .chain(&mut config.suppressions)
            .chain(&mut config.baseline)
            .for_each(from_there);
        for scope in &mut config.scope {
            // A name without a file is that of a ready-made scope.
            let there = folder.join(&*scope);
            if there.exists() || scope.components().nth(1).is_some() {
                *scope = there;
            }
        }
        Ok(Self { config })
    }
}

/// The first file of the name, upwards from here to the root of the repository; without a repository only here.
fn discovered() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let mut upwards = PathBuf::new();
    for folder in here.ancestors() {
        if folder.join(CONFIG_FILE).is_file() {
            return Some(upwards.join(CONFIG_FILE));
        }
        if folder.join(".git").exists() || !here.ancestors().any(|above| above.join(".git").exists()) {
            return None;
        }
        upwards.push("..");
    }
    None
}

/// What is decided about findings, and the time.
#[derive(Debug)]
pub(crate) struct Judgement {
    policy: Policy,
    write: Option<PathBuf>,
    /// The time to be written where a format wants one.
    pub(crate) when: Timestamp,
    /// Whether what is unknown is no reason to fail.
    pub(crate) allow_unknown: bool,
}

impl Judgement {
    /// What options say, and the settings where they say nothing.
    pub(crate) fn new(judged: &Judged, settings: &Settings, allow_unknown: bool) -> Result<Self, Failure> {
        let config = &settings.config;
        let (today, when) = time(judged.today)?;
        let baseline = judged.baseline.as_ref().or(config.baseline.as_ref());
        // What is recorded may be recorded for the first time.
        let is_first = |file: &Path| judged.write_baseline.as_deref() == Some(file) && !file.exists();
        let baseline = match baseline.filter(|file| !is_first(file)) {
            Some(file) => Some(Baseline::read(&file.display().to_string(), &input::text(file)?)?),
            None => None,
        };
        let named = if judged.suppressions.is_empty() { &config.suppressions } else { &judged.suppressions };
        let mut suppressions = Suppressions::default();
        for file in named {
            let (name, text) = (file.display().to_string(), input::text(file)?);
            let is_csv = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
            let read =
                if is_csv { read_exclusions(&name, &text)? } else { Suppressions::read(&name, &text)? };
            suppressions.entries.extend(read.entries);
        }
        let policy = Policy {
            today,
            fail_on: judged.fail_on.or(config.fail_on),
            baseline,
            suppressions,
            severities: config.severities.clone(),
            raises: config.raises.clone(),
            days: config.days.clone(),
            fail_overdue: judged.fail_overdue || config.fail_overdue,
        };
        let allow_unknown = allow_unknown || config.allow_unknown;
        Ok(Self { policy, write: judged.write_baseline.clone(), when, allow_unknown })
    }

    /// The exit code: whether findings count, or something is unknown.
    pub(crate) fn exit(&self, audit: &Audit<'_>) -> ExitCode {
        match audit.verdict() {
            ScopeVerdict::Findings => ExitCode::from(1),
            ScopeVerdict::Unknown if !self.allow_unknown => ExitCode::from(3),
            ScopeVerdict::Unknown | ScopeVerdict::Clean => ExitCode::SUCCESS,
        }
    }

    /// Gives findings their standing, and records them if that is asked for.
    pub(crate) fn triage(&self, audit: &mut Audit<'_>) -> Result<Triage, Failure> {
        let found = triage(audit, &self.policy);
        if let Some(file) = &self.write {
            record(file, audit, self.policy.today)?;
        }
        Ok(found)
    }
}

/// The day, and the time to be written: its first moment if it is named, otherwise now.
pub(crate) fn time(named: Option<Date>) -> Result<(Date, Timestamp), Failure> {
    if let Some(day) = named {
        return Ok((day, day.to_zoned(TimeZone::UTC)?.timestamp()));
    }
    let now = Timestamp::now();
    Ok((Zoned::new(now, TimeZone::UTC).date(), now))
}

/// Records findings in a file, which is replaced at once; what it has already keeps its day. Returns how many it has.
pub(crate) fn record(file: &Path, audit: &Audit<'_>, today: Date) -> Result<usize, Failure> {
    let before = match fs::exists(file) {
        Ok(true) => Baseline::read(&file.display().to_string(), &input::text(file)?)?,
        _ => Baseline::default(),
    };
    let baseline = before.updated(audit, today);
    let cannot = |error: std::io::Error| Failure(format!("cannot write `{}`: {error}", file.display()));
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new().prefix(".netproof-").tempfile_in(folder).map_err(cannot)?;
    let mut out = BufWriter::new(new.as_file_mut());
    baseline.write(&mut out).and_then(|()| out.flush()).map_err(cannot)?;
    drop(out);
    readable(new.as_file()).map_err(cannot)?;
    new.persist(file).map_err(|error| cannot(error.error))?;
    Ok(baseline.len())
}

/// A baseline is committed: others read it.
fn readable(file: &File) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    file.sync_all()
}
