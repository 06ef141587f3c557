//! The file system: a folder, a file or a stream to named bytes. Nothing else in this crate opens files.
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::archive::{self, Budget, Limits, NamedBytes, Promise, Trouble, has_ending};
use super::place::{is_account_id, is_region};
use crate::diagnostic::{Diagnostic, Location};

/// Why a snapshot cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such file or folder, or it may not be read.
    #[error("cannot read `{path}`")]
    Unreadable {
        /// What was to be read.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The archive is damaged, encrypted or packed by an unknown method.
    #[error("cannot unpack `{path}`")]
    Damaged {
        /// The archive.
        path: String,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The archive unpacks to more than a snapshot can reasonably hold.
    #[error("`{path}` unpacks to more than {all} bytes in all, or {one} bytes in one file")]
    TooLarge {
        /// The archive.
        path: String,
        /// Limit for all files together, in bytes.
        all: u64,
        /// Limit for each file, in bytes.
        one: u64,
    },
    /// There is nothing in it that could be an export.
    #[error("there is no JSON document in `{path}`")]
    NoDocuments {
        /// What was read.
        path: String,
    },
}

/// What was found: files to read as JSON, and remarks on those that could not be read.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Folder names above the snapshot that tell account or Region, outermost first.
    pub(super) above: Vec<String>,
    pub(super) files: Vec<NamedBytes>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Reads whatever is at `path`. The files are in no particular order.
pub(super) fn at(path: &Path, limits: Limits) -> Result<Found, ReadError> {
    let shown = path.display().to_string();
    let unreadable = |source| ReadError::Unreadable { path: shown.clone(), source };
    let metadata = fs::metadata(path).map_err(unreadable)?;
    let absolute = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if metadata.is_dir() {
        let Walk { files: paths, mut diagnostics, .. } = folder(path).map_err(unreadable)?;
        let budget = Budget::new(limits);
        let read: Vec<_> = paths.into_par_iter().map(|(name, path)| file(name, &path, &budget)).collect();
        let mut files = Vec::with_capacity(read.len());
        for result in read {
            match result {
                Ok(found) => files.extend(found),
                Err(remark) => diagnostics.push(*remark),
            }
        }
        if files.is_empty() && diagnostics.is_empty() {
            return Err(ReadError::NoDocuments { path: shown });
        }
        return Ok(Found { above: above(&absolute), files, diagnostics });
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(unreadable)?;
    let name = path.file_name().map_or_else(|| shown.clone(), |name| name.to_string_lossy().into_owned());
    let is_archive = archive::is_zip(&bytes) || archive::is_gzip(&bytes) || archive::is_tar(&bytes);
    let root = if is_archive { absolute.with_file_name(stem(&name)) } else { parent(&absolute) };
    Ok(Found { above: above(&root), ..unpacked(&shown, name, bytes, limits)? })
}

/// Reads a stream that holds what a single file would. `name` is what to call it.
pub(super) fn stream(name: &str, mut from: impl Read, limits: Limits) -> Result<Found, ReadError> {
    let mut bytes = Vec::new();
    let read = from.read_to_end(&mut bytes);
    read.map_err(|source| ReadError::Unreadable { path: name.to_owned(), source })?;
    unpacked(name, name.to_owned(), bytes, limits)
}

/// Returns the files in `bytes`, the content of a single file called `name`, whatever kind of file it is.
fn unpacked(shown: &str, name: String, bytes: Vec<u8>, limits: Limits) -> Result<Found, ReadError> {
    let told = |trouble| match trouble {
        Trouble::Damaged(source) => ReadError::Damaged { path: shown.to_owned(), source },
        Trouble::TooLarge => ReadError::TooLarge { path: shown.to_owned(), all: limits.all, one: limits.one },
    };
    let files = if archive::is_zip(&bytes) {
        archive::zip(&bytes, limits).map_err(told)?
    } else if archive::is_tar(&bytes) {
        archive::tar(bytes.as_slice(), limits).map_err(told)?
    } else if archive::is_gzip(&bytes) {
        let named_tar = has_ending(&name, ".tar.gz") || has_ending(&name, ".tgz");
        if named_tar || archive::is_tar(&archive::gzip_head(&bytes)) {
            archive::tar(flate2::read::MultiGzDecoder::new(bytes.as_slice()), limits).map_err(told)?
        } else {
            let budget = Budget::new(limits);
            let content = archive::content(bytes.as_slice(), Promise::Gzip, &budget).map_err(told)?;
            content.into_iter().map(|content| (name.clone(), content)).collect()
        }
    } else if has_ending(&name, ".json") || looks_like_document(&bytes) {
        vec![(name, bytes)]
    } else {
        Vec::new()
    };
    if files.is_empty() {
        return Err(ReadError::NoDocuments { path: shown.to_owned() });
    }
    Ok(Found { files, ..Found::default() })
}

/// JSON, or UTF-16 text, of which the user is told more than that it is no JSON.
fn looks_like_document(bytes: &[u8]) -> bool {
    archive::looks_like_json(bytes) || bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

/// Reads one file of a folder.
fn file(name: String, path: &Path, budget: &Budget) -> Result<Option<NamedBytes>, Box<Diagnostic>> {
    let Some(promise) = Promise::of(&name) else { return Ok(None) };
    let content =
        File::open(path).map_err(Trouble::Damaged).and_then(|file| archive::content(file, promise, budget));
    let message = match content {
        Ok(content) => return Ok(content.map(|content| (name, content))),
        Err(Trouble::Damaged(error)) => format!("cannot read this file: {error}"),
        Err(Trouble::TooLarge) => "this file unpacks to more than fits".to_owned(),
    };
    Err(Box::new(Diagnostic::error("unreadable-file", Some(Location::file(name)), message)))
}

/// Folders and files found on the way, each with its name inside the snapshot.
#[derive(Default)]
struct Walk {
    files: Vec<(String, PathBuf)>,
    folder_links: Vec<(String, PathBuf)>,
    file_links: Vec<(String, PathBuf)>,
    diagnostics: Vec<Diagnostic>,
    /// Canonical paths of the folders entered, and of the files that links led to.
    /// INVARIANT: everything is entered once; so links cannot lead in circles.
    entered: BTreeSet<PathBuf>,
}

/// Lists the files under `root` that may be JSON. Links are followed, but only to what is not met without
/// them, and not to folders that hold the snapshot themselves.
fn folder(root: &Path) -> io::Result<Walk> {
    fs::read_dir(root)?;
    let inner = fs::canonicalize(root)?;
    let mut walk = Walk::default();
    walk.enter(String::new(), root.to_owned());
    while !walk.folder_links.is_empty() {
        let mut links = std::mem::take(&mut walk.folder_links);
        links.sort();
        for (name, path) in links {
            if fs::canonicalize(&path).is_ok_and(|target| !inner.starts_with(target)) {
                walk.enter(name, path);
            }
        }
    }
    let mut links = std::mem::take(&mut walk.file_links);
    links.sort();
    for (name, path) in links {
        let Ok(target) = fs::canonicalize(&path) else { continue };
        if !walk.has_file(&target) && walk.entered.insert(target) {
            walk.files.push((name, path));
        }
    }
    Ok(walk)
}

impl Walk {
    /// Whether `target` is among the files of the folders entered.
    fn has_file(&self, target: &Path) -> bool {
        let visible =
            target.file_name().and_then(|name| name.to_str()).is_some_and(|name| Promise::of(name).is_some());
        visible && target.parent().is_some_and(|folder| self.entered.contains(folder))
    }

    fn enter(&mut self, name: String, path: PathBuf) {
        let mut folders = vec![(name, path)];
        while let Some((name, path)) = folders.pop() {
            let canonical = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            if !self.entered.insert(canonical) {
                continue;
            }
            match fs::read_dir(&path).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
                Ok(entries) => entries.iter().for_each(|entry| self.entry(&name, entry, &mut folders)),
                Err(error) => {
                    let message = format!("cannot read this folder: {error}");
                    self.diagnostics.push(Diagnostic::error(
                        "unreadable-file",
                        Some(Location::file(name)),
                        message,
                    ));
                }
            }
        }
    }

    fn entry(&mut self, above: &str, entry: &fs::DirEntry, folders: &mut Vec<(String, PathBuf)>) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            return;
        }
        let name = if above.is_empty() { name } else { format!("{above}/{name}") };
        let path = entry.path();
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        match (fs::metadata(&path), Promise::of(&name)) {
            (Ok(kind), _) if kind.is_dir() && is_link => self.folder_links.push((name, path)),
            (Ok(kind), _) if kind.is_dir() => folders.push((name, path)),
            (Ok(kind), Some(_)) if kind.is_file() && is_link => self.file_links.push((name, path)),
            (Ok(kind), Some(_)) if kind.is_file() => self.files.push((name, path)),
            // A link that leads nowhere: said when the file cannot be opened.
            (Err(_), Some(Promise::Json | Promise::Gzip)) => self.files.push((name, path)),
            _ => {}
        }
    }
}

/// Returns those names at the end of `root` that tell account or Region: `…/123456789012/us-east-1`.
fn above(root: &Path) -> Vec<String> {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let own = name(root).filter(|own| is_region(own) || is_account_id(own));
    let outer = own.as_deref().filter(|own| is_region(own)).and(root.parent());
    outer.and_then(name).filter(|outer| is_account_id(outer)).into_iter().chain(own).collect()
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

/// Returns the name of an archive without its endings.
fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}
