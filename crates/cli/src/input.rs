//! Reading what the user names: snapshots, scopes, flows.

use std::{
    fs,
    io::Read,
    path::{Component, Path, PathBuf},
};

use netproof::{
    Analysis, ScopeDocument,
    audit::{Root, Site},
    read_scopes_with,
};

use crate::{
    arguments::Assumed, failure::Failure, judged::Settings, output::Terminal, progress::Progress, ready_made,
};

/// Whether a name means standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Refuses to read standard input for two purposes.
pub(crate) fn stdin_once<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Result<(), Failure> {
    if paths.into_iter().filter(|path| is_stdin(path)).count() > 1 {
        return Err(Failure::new("`-` is named more than once, but standard input can be read only once"));
    }
    Ok(())
}

pub(crate) fn snapshot(path: &Path, assumed: &Assumed, progress: &Progress) -> Result<Analysis, Failure> {
    progress.say(format!("reading {}", path.display()));
    Ok(Analysis::open_assuming(path, assumed.assumptions())?)
}

/// A snapshot and where its files are, as seen from here.
pub(crate) fn site<'a>(analysis: &'a Analysis, path: &Path) -> Site<'a> {
    Site { analysis, root: root(path) }
}

fn root(path: &Path) -> Root {
    if is_stdin(path) {
        return Root::Unknown;
    }
    let here = std::env::current_dir().unwrap_or_default();
    let near = path.strip_prefix(&here).unwrap_or(path);
    let mut parts: Vec<String> = Vec::new();
    for component in near.components() {
        match component {
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => parts.push(String::new()),
            Component::ParentDir => parts.push("..".to_owned()),
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
        }
    }
    if path.is_dir() {
        return Root::Folder(parts.join("/"));
    }
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        parts.pop();
        return Root::Folder(parts.join("/"));
    }
    Root::Packed(parts.join("/"))
}

/// The text of a file or of standard input.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    utf8(path, bytes(path)?)
}

/// The same, unpacked if it was packed with gzip.
pub(crate) fn text_unpacked(path: &Path) -> Result<String, Failure> {
    let packed = bytes(path)?;
    if !packed.starts_with(&[0x1f, 0x8b]) {
        return utf8(path, packed);
    }
    let mut bytes = Vec::new();
    let mut unpacking = flate2::read::MultiGzDecoder::new(packed.as_slice()).take(UNPACKED + 1);
    unpacking
        .read_to_end(&mut bytes)
        .map_err(|error| Failure(format!("cannot unpack `{}`: {error}", path.display())))?;
    if bytes.len() as u64 > UNPACKED {
        return Err(Failure(format!("`{}` unpacks to more than {UNPACKED} bytes", path.display())));
    }
    utf8(path, bytes)
}

/// The most that is unpacked, in bytes.
const UNPACKED: u64 = 1 << 30;

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = if is_stdin(path) {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    bytes.map_err(|error| Failure(format!("cannot read `{}`: {error}", path.display())))
}

fn utf8(path: &Path, bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|_| Failure(format!("`{}` is not text in UTF-8", path.display())))
}

/// The scopes of files, in order; a name without a file means a ready-made scope. All problems at once.
pub(crate) fn scopes(
    paths: &[PathBuf],
    settings: &Settings,
    terminal: &Terminal,
) -> Result<Vec<ScopeDocument>, Failure> {
    let mut scopes = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        match scope_text(path) {
            Ok((name, text)) => match read_scopes_with(&settings.config.address_sets, &name, &text) {
                Ok(read) => scopes.extend(read),
                Err(error) => problems.push(error.to_string()),
            },
            Err(failure) => problems.push(failure.to_string()),
        }
    }
    if !problems.is_empty() {
        return Err(Failure(problems.join("\n")));
    }
    for scope in &scopes {
        terminal.scope_warnings(scope);
    }
    Ok(scopes)
}

/// Name and text of a scope file.
pub(crate) fn scope_text(path: &Path) -> Result<(String, String), Failure> {
    let name = path.display().to_string();
    if !is_stdin(path) && !path.exists() {
        if let Some(ready) = ready_made::find(&name) {
            return Ok((format!("{}.json", ready.name), ready.text.to_owned()));
        }
        if !name.contains(['/', '\\', '.']) {
            let text = format!(
                "there is neither a file nor a ready-made scope `{name}`; see `netproof scopes list`"
            );
            return Err(Failure(text));
        }
    }
    if path.is_dir() {
        return Err(Failure(format!("`{name}` is a folder; scopes of a folder are named with `--scopes`")));
    }
    Ok((name, text(path)?))
}

/// The `.json` files of a folder, sorted by name.
pub(crate) fn folder(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let cannot = |error: std::io::Error| Failure(format!("cannot read folder `{}`: {error}", path.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(cannot)? {
        let file = entry.map_err(cannot)?.path();
        let json = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if json && file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Failure(format!("there is no `.json` file in `{}`", path.display())));
    }
    Ok(files)
}
