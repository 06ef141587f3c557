//! Accounts, Regions and calls, many at once; files of answers, and the manifest.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use serde_json::Value;
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    About, Answer, CALLS, Call,
    change::difference,
    command, folder,
    manifest::{Changed, Collected, MANIFEST, Manifest, Missing, Place, Table, Unreachable, Why},
    read,
    sdk::{Access, Asked, Kind, Refusal, Settings},
    subjects::{self, Subjects},
};

/// What to take, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder that becomes the snapshot. What an earlier, interrupted run has written there is kept.
    pub out: PathBuf,
    /// The profile of the AWS configuration; otherwise what the environment says.
    pub profile: Option<String>,
    /// The Regions.
    pub regions: Regions,
    /// Roles to assume, one for each account; if there is none, the account of the caller is taken.
    pub roles: Vec<String>,
    /// A role's name: it is assumed in every active account of the organization but the caller's own, which is entered as
    /// the caller.
    pub organization: Option<String>,
    /// The external id that the roles ask for.
    pub external_id: Option<String>,
    /// Where all services are, instead of at AWS.
    pub endpoint_url: Option<String>,
    /// How many calls are under way at the same time, at least 1.
    pub concurrency: usize,
    /// How often a call is tried, at least once.
    pub attempts: u32,
    /// Whether the tables that one call gives are looked at again at the end.
    pub verify: bool,
    /// Who takes the snapshot: `netproof VERSION`.
    pub by: String,
    /// The clock.
    pub now: fn() -> Timestamp,
}

/// The Regions of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Regions {
    /// The one that the environment or the profile names.
    Configured,
    /// Those that are enabled, account by account.
    All,
    /// These.
    Named(Vec<String>),
}

/// Something to show to somebody who waits.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// An account in a Region is entered, or an account as a whole: how many kinds of calls there are for it.
    Entered {
        /// The account.
        account: String,
        /// The Region, if any.
        region: Option<String>,
        /// Kinds of calls.
        tables: usize,
    },
    /// A call of so many of this kind is done.
    Answered {
        /// The account.
        account: String,
        /// The Region, if any.
        region: Option<String>,
        /// What was asked: `ec2 describe-vpcs`.
        command: String,
        /// How many calls of the kind are still to be made.
        left: usize,
    },
    /// All calls of a kind are done.
    Finished {
        /// The account.
        account: String,
        /// The Region, if any.
        region: Option<String>,
        /// What was asked.
        command: String,
        /// Records in the answers.
        records: usize,
        /// Answers that are missing.
        missing: usize,
    },
}

/// Why no snapshot can be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollectError {
    /// A file or folder cannot be written or read.
    #[error("cannot write the snapshot to `{path}`")]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is a finished snapshot already.
    #[error("`{path}` already holds a finished snapshot; give another folder, or remove this one")]
    Finished {
        /// The folder.
        path: PathBuf,
    },
    /// There is something that this has not written.
    #[error("`{path}` is not empty, and holds no interrupted snapshot; give another folder")]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// The manifest of an interrupted run cannot be read.
    #[error("`{path}` is damaged: {message}; give another folder, or remove this one")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// Nobody says in which Region.
    #[error("no Region: name one, or all, or set one in the AWS configuration")]
    NoRegion,
    /// AWS cannot be asked at all.
    #[error("cannot ask AWS who we are: {0}")]
    NoAccess(String),
    /// The accounts of the organization cannot be listed.
    #[error("cannot list the accounts of the organization: {0}")]
    NoOrganization(String),
    /// The runtime does not start.
    #[error("cannot start: {0}")]
    Runtime(io::Error),
}

/// Takes a snapshot. Tells `seen` what happens, from any thread.
///
/// The folder is readable by its owner only. Each answer is a file of its own, which has its name only when it is whole; a
/// second run with the same folder asks only for what is not there. What cannot be read is left out and in the manifest.
///
/// # Errors
///
/// [`CollectError`] if there can be no snapshot at all; whatever is missing in one is no error.
pub fn collect(
    options: &Options,
    seen: impl Fn(Event) + Send + Sync + 'static,
) -> Result<Manifest, CollectError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(CollectError::Runtime)?;
    runtime.block_on(all(options, Arc::new(seen)))
}

/// How an account was entered: with its id, and as whom.
type Entered = Result<(Access, String, String), Refusal>;

type Seen = Arc<dyn Fn(Event) + Send + Sync>;

/// Somewhere to ask: an account in a Region, or the account as a whole.
#[derive(Clone)]
struct Site {
    access: Access,
    account: String,
    region: Option<String>,
    caller: String,
}

/// What all calls share.
struct Shared {
    out: PathBuf,
    permits: Semaphore,
    attempts: u32,
    verify: bool,
    now: fn() -> Timestamp,
    seen: Seen,
}

async fn all(options: &Options, seen: Seen) -> Result<Manifest, CollectError> {
    let started = (options.now)();
    let since = prepare(&options.out)?.unwrap_or(started);
    let settings = Settings {
        profile: options.profile.clone(),
        endpoint_url: options.endpoint_url.clone(),
        attempts: options.attempts.max(1),
    };
    let mut manifest = Manifest {
        schema_version: 1,
        collected: Collected { by: options.by.clone(), started, finished: None, since },
        places: Vec::new(),
        unreachable: Vec::new(),
    };
    save(&options.out, &manifest)?;
    let (sites, unreachable) = sites(options, &Access::new(&settings).await).await?;
    manifest.unreachable = unreachable;
    let shared = Arc::new(Shared {
        out: options.out.clone(),
        permits: Semaphore::new(options.concurrency.max(1)),
        attempts: options.attempts.max(1),
        verify: options.verify,
        now: options.now,
        seen,
    });
    let mut running = JoinSet::new();
    for (index, site) in sites.into_iter().enumerate() {
        let shared = Arc::clone(&shared);
        running.spawn(async move { (index, place(&shared, site).await) });
    }
    let mut places = BTreeMap::new();
    while let Some(done) = running.join_next().await {
        let (index, place) = done.map_err(|error| CollectError::Runtime(io::Error::other(error)))?;
        places.insert(index, place?);
    }
    manifest.places = places.into_values().collect();
    manifest.collected.finished = Some((options.now)());
    save(&options.out, &manifest)?;
    Ok(manifest)
}

/// Looks at the folder; returns since when there are answers in it, if there are any.
fn prepare(out: &Path) -> Result<Option<Timestamp>, CollectError> {
    let failed = |source| CollectError::Folder { path: out.to_owned(), source };
    folder::create(out).map_err(failed)?;
    let path = out.join(MANIFEST);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            folder::sweep(out).map_err(failed)?;
            let is_empty = fs::read_dir(out).map_err(failed)?.next().is_none();
            return if is_empty { Ok(None) } else { Err(CollectError::Foreign { path: out.to_owned() }) };
        }
        Err(source) => return Err(CollectError::Folder { path, source }),
    };
    let manifest: Manifest = serde_json::from_str(&text)
        .map_err(|error| CollectError::Manifest { path, message: error.to_string() })?;
    if manifest.is_complete() {
        return Err(CollectError::Finished { path: out.to_owned() });
    }
    folder::sweep(out).map_err(failed)?;
    Ok(Some(manifest.collected.since))
}

fn save(out: &Path, manifest: &Manifest) -> Result<(), CollectError> {
    let path = out.join(MANIFEST);
    let written = folder::write(&path, |out| {
        serde_json::to_writer_pretty(&mut *out, manifest).map_err(io::Error::other)?;
        io::Write::write_all(out, b"\n")
    });
    written.map_err(|source| CollectError::Folder { path, source })
}

/// Where to ask, in order, and which accounts cannot be entered.
async fn sites(options: &Options, base: &Access) -> Result<(Vec<Site>, Vec<Unreachable>), CollectError> {
    // Some Region is needed to ask who we are, and which Regions there are.
    let first = match &options.regions {
        Regions::Named(names) => names.first().cloned(),
        Regions::Configured | Regions::All => None,
    };
    let home = first.or_else(|| base.region());
    let home = match (home, &options.regions) {
        (Some(home), _) => home,
        (None, Regions::All) => "us-east-1".to_owned(),
        (None, Regions::Configured | Regions::Named(_)) => return Err(CollectError::NoRegion),
    };
    let base = base.within(&home);
    let no_access = |refusal: Refusal| CollectError::NoAccess(refusal.to_string());
    let (own, caller) = identity(&base).await.map_err(no_access)?;
    let mut accesses: Vec<(String, Entered)> = Vec::new();
    let mut roles: Vec<(String, String)> =
        options.roles.iter().map(|role| (role.clone(), role.clone())).collect();
    if let Some(role) = &options.organization {
        let partition = caller.split(':').nth(1).unwrap_or("aws").to_owned();
        let listed = pages(&base, "organizations", "ListAccounts", &Asked::default()).await;
        let listed = listed.map_err(|failure| CollectError::NoOrganization(failure.to_string()))?;
        let value = serde_json::to_value(&listed).unwrap_or_default();
        let accounts = value.get("Accounts").and_then(Value::as_array).into_iter().flatten();
        let text =
            |account: &Value, member: &str| account.get(member).and_then(Value::as_str).map(str::to_owned);
        for account in
            accounts.filter(|account| text(account, "Status").is_none_or(|status| status == "ACTIVE"))
        {
            let Some(id) = text(account, "Id").filter(|id| *id != own) else { continue };
            roles.push((id.clone(), format!("arn:{partition}:iam::{id}:role/{role}")));
        }
    }
    if options.roles.is_empty() {
        accesses.push((own.clone(), Ok((base.clone(), own, caller))));
    }
    for (name, role) in roles {
        let access = base.assuming(&role, options.external_id.as_deref()).await;
        let entered = identity(&access).await.map(|(account, caller)| (access, account, caller));
        accesses.push((name, entered));
    }
    let (mut sites, mut unreachable, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (name, entered) in accesses {
        let (access, account, caller) = match entered {
            Ok(entered) => entered,
            Err(refusal) => {
                unreachable.push(Unreachable { account: name, message: refusal.to_string() });
                continue;
            }
        };
        if !seen.insert(account.clone()) {
            continue;
        }
        let regions = match &options.regions {
            Regions::Configured => vec![home.clone()],
            Regions::Named(names) => names.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect(),
            Regions::All => match enabled(&access).await {
                Ok(regions) => regions,
                Err(failure) => {
                    let message = format!("cannot list its Regions: {failure}");
                    unreachable.push(Unreachable { account, message });
                    continue;
                }
            },
        };
        // SOURCE: AWS General Reference, "Network Manager endpoints": one for all Regions, in us-west-2 (checked 2026-11-27).
        let whole = Site {
            access: access.within("us-west-2"),
            account: account.clone(),
            region: None,
            caller: caller.clone(),
        };
        sites.push(whole);
        sites.extend(regions.into_iter().map(|region| Site {
            access: access.within(&region),
            account: account.clone(),
            region: Some(region),
            caller: caller.clone(),
        }));
    }
    Ok((sites, unreachable))
}

/// Account and ARN of whoever asks.
async fn identity(access: &Access) -> Result<(String, String), Refusal> {
    let answer = pages(access, "sts", "GetCallerIdentity", &Asked::default()).await?;
    let text = |member: &str| answer.get(member).and_then(crate::Value::as_str).map(str::to_owned);
    text("Account")
        .zip(text("Arn"))
        .ok_or_else(|| Refusal::failed("the answer does not say which account".to_owned()))
}

async fn enabled(access: &Access) -> Result<Vec<String>, Refusal> {
    let answer = pages(access, "ec2", "DescribeRegions", &Asked::default()).await?;
    let regions =
        answer.strings("Regions[].RegionName").map_err(|error| Refusal::failed(error.to_string()))?;
    let regions: BTreeSet<String> = regions.into_iter().map(str::to_owned).collect();
    Ok(regions.into_iter().collect())
}

/// A call to be made.
struct Request {
    call: Call,
    asked: Asked,
    /// What the manifest calls it.
    subject: Option<String>,
    /// Members that say what the answer is about.
    about: Vec<(&'static str, String)>,
    path: PathBuf,
}

/// What came of a request.
struct Outcome {
    result: Result<Found, Failure>,
    milliseconds: u64,
}

struct Found {
    answer: Value,
    records: usize,
    /// `None` if it was there.
    fresh: Option<Answer>,
    pages: usize,
}

enum Failure {
    Aws(Refusal),
    Disk(CollectError),
}

/// Makes all calls of a place, each as soon as what it is about is known.
async fn place(shared: &Arc<Shared>, site: Site) -> Result<Place, CollectError> {
    let is_here = |call: &&Call| matches!(call.about, About::Account) == site.region.is_none();
    let calls: Vec<Call> = CALLS.iter().filter(is_here).copied().collect();
    let entered =
        Event::Entered { account: site.account.clone(), region: site.region.clone(), tables: calls.len() };
    (shared.seen)(entered);
    let site = Arc::new(site);
    let mut tables: Vec<Option<Table>> = vec![None; calls.len()];
    // What calls that are done have named, by call; and the calls of which something is missing.
    let mut named: BTreeMap<(usize, usize), Subjects> = BTreeMap::new();
    let mut incomplete: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut done: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut started: BTreeSet<usize> = BTreeSet::new();
    let mut running: JoinSet<(usize, Option<String>, PathBuf, Outcome)> = JoinSet::new();
    let mut left: BTreeMap<usize, usize> = BTreeMap::new();
    loop {
        for (index, call) in calls.iter().enumerate() {
            let is_ready =
                call.about.sources().iter().all(|source| done.contains(&(source.service, source.operation)));
            if !is_ready || !started.insert(index) {
                continue;
            }
            let mut table = Table::new(line(call));
            let missing =
                call.about.sources().iter().filter(|it| incomplete.contains(&(it.service, it.operation)));
            let missing: BTreeSet<String> = missing.map(|it| line_of(it.service, it.operation)).collect();
            if !missing.is_empty() {
                let what: Vec<&str> = missing.iter().map(String::as_str).collect();
                let message = format!(
                    "not all of it can be asked for, because of what is missing of `{}`",
                    what.join("`, `")
                );
                table.missing.push(Missing { subject: None, why: Why::Dependent, code: None, message });
            }
            let requests = requests(&shared.out, &site, call, &subjects_of(call, index, &named));
            tables.get_mut(index).into_iter().for_each(|place| *place = Some(table.clone()));
            left.insert(index, requests.len());
            for request in requests {
                let (shared, site) = (Arc::clone(shared), Arc::clone(&site));
                running.spawn(async move {
                    let outcome = answered(&shared, &site, &request).await;
                    (index, request.subject, request.path, outcome)
                });
            }
        }
        // Calls without subjects are done at once.
        let idle: Vec<usize> = left.iter().filter(|(_, left)| **left == 0).map(|(index, _)| *index).collect();
        if !idle.is_empty() {
            for index in idle {
                left.remove(&index);
                let (Some(call), Some(Some(table))) = (calls.get(index), tables.get_mut(index)) else {
                    continue;
                };
                done.insert((call.service, call.operation));
                if !table.missing.is_empty() {
                    incomplete.insert((call.service, call.operation));
                }
                table.missing.sort_by(|one, other| one.subject.cmp(&other.subject));
                table.vanished.sort();
                table.cut.sort();
                (shared.seen)(Event::Finished {
                    account: site.account.clone(),
                    region: site.region.clone(),
                    command: table.command.clone(),
                    records: table.records,
                    missing: table.missing.len(),
                });
            }
            continue;
        }
        let Some(next) = running.join_next().await else { break };
        let (index, subject, path, outcome) =
            next.map_err(|error| CollectError::Runtime(io::Error::other(error)))?;
        let (Some(call), Some(Some(table))) = (calls.get(index), tables.get_mut(index)) else { continue };
        if let Some(left) = left.get_mut(&index) {
            *left -= 1;
            (shared.seen)(Event::Answered {
                account: site.account.clone(),
                region: site.region.clone(),
                command: table.command.clone(),
                left: *left,
            });
        }
        table.milliseconds += outcome.milliseconds;
        match outcome.result {
            Ok(found) => {
                for (user, other) in calls.iter().enumerate() {
                    for (at, source) in other.about.sources().iter().enumerate() {
                        if (source.service, source.operation) == (call.service, call.operation) {
                            let within = match other.about {
                                About::Batches { within: Some(member), .. } => {
                                    found.answer.get(member).and_then(Value::as_str).map(str::to_owned)
                                }
                                _ => None,
                            };
                            let into = named.entry((user, at)).or_default().entry(within).or_default();
                            into.extend(subjects::named(&found.answer, source));
                        }
                    }
                }
                table.answers += 1;
                table.records += found.records;
                table.pages += found.pages;
                match &found.fresh {
                    Some(answer) => {
                        table.left_out(answer.left_out());
                        if answer.is_cut() {
                            let place = folder::place(&shared.out, &site.account, site.region.as_deref());
                            let name = path.strip_prefix(&place).unwrap_or(&path);
                            table.cut.push(subject.unwrap_or_else(|| name.display().to_string()));
                        }
                    }
                    None => table.kept += 1,
                }
            }
            Err(Failure::Disk(error)) => return Err(error),
            Err(Failure::Aws(Refusal { kind: Kind::Gone, .. })) if subject.is_some() => {
                table.vanished.extend(subject);
            }
            Err(Failure::Aws(Refusal { kind, code, message })) => {
                let why = match kind {
                    Kind::Missing(why) => why,
                    Kind::Gone => Why::Failed,
                };
                table.missing.push(Missing { subject, why, code, message });
            }
        }
    }
    let mut tables: Vec<Table> = tables.into_iter().flatten().collect();
    if shared.verify {
        second_look(shared, &site, &calls, &mut tables).await;
    }
    Ok(Place {
        account: site.account.clone(),
        region: site.region.clone(),
        caller: site.caller.clone(),
        tables,
    })
}

fn line(call: &Call) -> String {
    line_of(call.service, call.operation)
}

fn line_of(service: &str, operation: &str) -> String {
    format!("{service} {}", command(service, operation).unwrap_or(operation))
}

/// What a call is about, as its sources have named it: each once, sorted.
fn subjects_of(call: &Call, index: usize, named: &BTreeMap<(usize, usize), Subjects>) -> Subjects {
    let mut all = Subjects::new();
    for at in 0..call.about.sources().len() {
        for (within, subjects) in named.get(&(index, at)).into_iter().flatten() {
            all.entry(within.clone()).or_default().extend(subjects.iter().cloned());
        }
    }
    for subjects in all.values_mut() {
        subjects.sort();
        subjects.dedup();
    }
    all
}

/// The requests that a call makes.
fn requests(out: &Path, site: &Site, call: &Call, subjects: &Subjects) -> Vec<Request> {
    let place = folder::place(out, &site.account, site.region.as_deref());
    let request = |asked: Asked, file: Option<&str>, subject: Option<String>, about| Request {
        call: *call,
        path: place.join(folder::file(call, file)),
        asked,
        subject,
        about,
    };
    let all = || subjects.values().flatten();
    let of = |subject: &String| Asked { subjects: vec![subject.clone()], ..Asked::default() };
    match call.about {
        About::Account | About::Region => vec![request(Asked::default(), None, None, Vec::new())],
        About::Each { parameter, .. } => all()
            .map(|it| request(of(it), Some(it), Some(it.clone()), vec![(parameter, it.clone())]))
            .collect(),
        About::Attributes { parameter, values, .. } => all()
            .flat_map(|it| {
                values.iter().map(move |value| {
                    let asked = Asked { attribute: Some(value), ..of(it) };
                    let name = format!("{it}-{value}");
                    request(asked, Some(&name), Some(name.clone()), vec![(parameter, it.clone())])
                })
            })
            .collect(),
        About::Batches { size, within: member, .. } => subjects
            .iter()
            .flat_map(|(within, subjects)| subjects.chunks(size.max(1)).map(move |chunk| (within, chunk)))
            .filter_map(|(within, chunk)| {
                let asked = Asked { subjects: chunk.to_vec(), within: within.clone(), ..Asked::default() };
                let first = chunk.first()?;
                let about = member.zip(within.clone()).into_iter().collect();
                let name =
                    within.as_ref().map_or_else(|| first.clone(), |within| format!("{within} {first}"));
                Some(request(asked, Some(&name), Some(first.clone()), about))
            })
            .collect(),
    }
}

/// The answer to a request: the one that is there, or AWS's, which is there from now on.
async fn answered(shared: &Shared, site: &Site, request: &Request) -> Outcome {
    let start = (shared.now)();
    let result = match kept(&request.path) {
        Some(found) => Ok(found),
        None => fetch(shared, site, request).await,
    };
    let taken = (shared.now)().as_millisecond().saturating_sub(start.as_millisecond());
    Outcome { result, milliseconds: u64::try_from(taken).unwrap_or(0) }
}

/// The answer that an earlier run has written. One that cannot be read is asked for again.
fn kept(path: &Path) -> Option<Found> {
    let answer: Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    let lists = answer.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_array());
    let mut lists = lists.peekable();
    let records = if lists.peek().is_some() { lists.map(Vec::len).sum() } else { 1 };
    Some(Found { answer, records, fresh: None, pages: 0 })
}

async fn fetch(shared: &Shared, site: &Site, request: &Request) -> Result<Found, Failure> {
    let Ok(permit) = shared.permits.acquire().await else {
        return Err(Failure::Aws(Refusal::failed("the run is over".to_owned())));
    };
    let (answer, pages) =
        paged(&site.access, request.call.service, request.call.operation, &request.asked, shared.attempts)
            .await
            .map_err(Failure::Aws)?;
    drop(permit);
    let mut answer = answer;
    for (name, value) in request.about.iter().rev() {
        answer.about(name, value.as_str());
    }
    let written = folder::write(&request.path, |out| answer.write(out));
    written.map_err(|source| Failure::Disk(CollectError::Folder { path: request.path.clone(), source }))?;
    let value = serde_json::to_value(&answer).unwrap_or_default();
    Ok(Found { answer: value, records: answer.records(), fresh: Some(answer), pages })
}

/// All pages of an answer.
async fn pages(access: &Access, service: &str, operation: &str, asked: &Asked) -> Result<Answer, Refusal> {
    paged(access, service, operation, asked, 5).await.map(|(answer, _)| answer)
}

/// All pages of an answer, and how many there were. A body that is no answer is asked for again, which the SDK cannot know of.
async fn paged(
    access: &Access,
    service: &str,
    operation: &str,
    asked: &Asked,
    attempts: u32,
) -> Result<(Answer, usize), Refusal> {
    let mut asked = asked.clone();
    let mut all: Option<Answer> = None;
    let mut count = 0;
    loop {
        let mut tried = 0;
        let page = loop {
            tried += 1;
            let body = access.ask(service, operation, &asked).await?;
            match read(service, operation, &body) {
                Ok(page) => break page,
                Err(error) if tried >= attempts => {
                    let message =
                        format!("AWS answered {tried} times with something that is no whole answer: {error}");
                    return Err(Refusal::failed(message));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(200 << tried.min(5))).await,
            }
        };
        count += 1;
        let answer = match all.take() {
            None => page,
            Some(mut answer) => {
                answer.append(page).map_err(|error| Refusal::failed(error.to_string()))?;
                answer
            }
        };
        asked.token = answer.next_token().map(str::to_owned);
        if asked.token.is_none() {
            return Ok((answer, count));
        }
        all = Some(answer);
    }
}

/// Asks again for the tables that one call gives, and says in them what changed since.
async fn second_look(shared: &Arc<Shared>, site: &Arc<Site>, calls: &[Call], tables: &mut [Table]) {
    let mut running = JoinSet::new();
    for (index, call) in calls.iter().enumerate() {
        let is_read = tables.get(index).is_some_and(|table| table.answers > 0);
        if is_read && matches!(call.about, About::Account | About::Region) {
            let (shared, site, call) = (Arc::clone(shared), Arc::clone(site), *call);
            running.spawn(async move {
                let _permit = shared.permits.acquire().await;
                let asked = Asked::default();
                let now = paged(&site.access, call.service, call.operation, &asked, shared.attempts).await;
                let place = folder::place(&shared.out, &site.account, site.region.as_deref());
                let before = kept(&place.join(folder::file(&call, None)));
                (index, before.map(|found| found.answer), now)
            });
        }
    }
    while let Some(Ok((index, before, now))) = running.join_next().await {
        let changed = match (before, now) {
            (Some(before), Ok((answer, _))) => {
                difference(&before, &serde_json::to_value(&answer).unwrap_or_default())
            }
            (None, _) => {
                Changed { failed: Some("what was written cannot be read".to_owned()), ..Changed::default() }
            }
            (_, Err(refusal)) => Changed { failed: Some(refusal.to_string()), ..Changed::default() },
        };
        tables.get_mut(index).into_iter().for_each(|table| table.changed = Some(changed.clone()));
    }
}
