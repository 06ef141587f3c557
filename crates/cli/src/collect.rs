//! `netproof collect`.

#[cfg(not(feature = "live"))]
use std::process::ExitCode;

#[cfg(not(feature = "live"))]
use crate::{arguments::CollectArguments, failure::Failure};

/// Without the AWS SDK nothing can be asked.
#[cfg(not(feature = "live"))]
pub(crate) fn run(_: &CollectArguments) -> Result<ExitCode, Failure> {
    Err(Failure::new(
        "this program was built without `collect`, because the AWS SDK takes long to build; \
         build it with `--features live`, or export with the AWS CLI as README.md shows",
    ))
}

#[cfg(feature = "live")]
pub(crate) use live::run;

#[cfg(feature = "live")]
mod live {
    use std::{
        collections::BTreeMap,
        io::Write,
        process::ExitCode,
        sync::{Mutex, PoisonError},
    };

    use collect::{Event, Options, Regions};
    use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

    use crate::{
        arguments::CollectArguments,
        failure::Failure,
        output::{Format, Targets, Terminal},
    };

    pub(crate) fn run(arguments: &CollectArguments, terminal: &Terminal) -> Result<ExitCode, Failure> {
        let targets = Targets::new(&arguments.format)?;
        if arguments.print_policy {
            let roles: Vec<String> =
                arguments.role_arn.iter().chain(&arguments.organization).cloned().collect();
            let policy = collect::policy(&roles, arguments.organization.is_some());
            targets.write(terminal, |_, _, sink| {
                serde_json::to_writer_pretty(&mut *sink, &policy)?;
                sink.write_all(b"\n")
            })?;
            return Ok(ExitCode::SUCCESS);
        }
        let Some(out) = arguments.out.clone() else {
            return Err(Failure::new("`--out`: expected the folder that becomes the snapshot"));
        };
        let regions = match arguments.region.as_slice() {
            [] => Regions::Configured,
            [all] if all == "all" => Regions::All,
            names if names.iter().any(|name| name == "all") => {
                return Err(Failure::new("`--region`: `all` goes with no other"));
            }
            names => Regions::Named(names.to_vec()),
        };
        let options = Options {
            out,
            profile: arguments.profile.clone(),
            regions,
            roles: arguments.role_arn.clone(),
            organization: arguments.organization.clone(),
            external_id: arguments.external_id.clone(),
            endpoint_url: arguments.endpoint_url.clone(),
            concurrency: arguments.jobs.get(),
            attempts: arguments.attempts.get(),
            verify: arguments.verify,
            by: concat!("netproof ", env!("CARGO_PKG_VERSION")).to_owned(),
            now: jiff::Timestamp::now,
        };
        let bars = Bars::new(terminal.progress);
        let manifest = collect::collect(&options, move |event| bars.show(&event))?;
        targets.write(terminal, |format, _, sink| match format {
            Format::Json => {
                serde_json::to_writer_pretty(&mut *sink, &manifest)?;
                sink.write_all(b"\n")
            }
            Format::Text | Format::AwsJson | Format::Markdown | Format::AwsCli | Format::Exchange(_) => {
                sink.write_all(manifest.text().as_bytes())
            }
        })?;
        Ok(if manifest.is_complete() { ExitCode::SUCCESS } else { ExitCode::from(3) })
    }

    /// A bar for each account and Region, with the table that is read.
    struct Bars {
        all: MultiProgress,
        bars: Mutex<BTreeMap<(String, Option<String>), ProgressBar>>,
    }

    impl Bars {
        fn new(wanted: bool) -> Self {
            let target = if wanted { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
            Self { all: MultiProgress::with_draw_target(target), bars: Mutex::new(BTreeMap::new()) }
        }

        fn show(&self, event: &Event) {
            let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
            match event {
                Event::Entered { account, region, tables } => {
                    let bar = self.all.add(ProgressBar::new(u64::try_from(*tables).unwrap_or(0)));
                    let style = ProgressStyle::with_template("{prefix} {bar:20} {pos}/{len} {msg}");
                    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                    bar.set_prefix(match region {
                        Some(region) => format!("{account} {region:<14}"),
                        None => format!("{account} {:<14}", "(all Regions)"),
                    });
                    bars.insert((account.clone(), region.clone()), bar);
                }
                Event::Answered { account, region, command, left } => {
                    if let Some(bar) = bars.get(&(account.clone(), region.clone())) {
                        bar.set_message(format!("{command}, {left} left"));
                    }
                }
                Event::Finished { account, region, .. } => {
                    if let Some(bar) = bars.get(&(account.clone(), region.clone())) {
                        bar.inc(1);
                        if Some(bar.position()) == bar.length() {
                            bar.finish_and_clear();
                        }
                    }
                }
                _ => {}
            }
        }
    }
}
