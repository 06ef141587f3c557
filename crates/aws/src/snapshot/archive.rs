//! Zip, tar and gzip: archives and compressed files to named bytes.
use std::io::{self, Cursor, Read};
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;
use rayon::prelude::*;

/// Name and content of one file.
pub(super) type NamedBytes = (String, Vec<u8>);

/// How much an archive may unpack to. Generous: it stops archives made to fill the memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes of one file.
    pub(super) one: u64,
    /// Bytes of all files.
    pub(super) all: u64,
}

impl Limits {
    pub(super) const DEFAULT: Limits = Limits { one: 4 << 30, all: 8 << 30 };
}

/// Why unpacking ended early.
#[derive(Debug)]
pub(super) enum Trouble {
    Damaged(io::Error),
    TooLarge,
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Damaged(error)
    }
}

/// Bytes that may still be unpacked, counted by all threads together.
pub(super) struct Budget {
    limits: Limits,
    used: AtomicU64,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Budget {
        Budget { limits, used: AtomicU64::new(0) }
    }

    /// Reads to the end. Whether the limit for all files is passed does not depend on their order.
    fn read(&self, mut from: impl Read) -> Result<Vec<u8>, Trouble> {
        let left = self.limits.all.saturating_sub(self.used.load(Ordering::Relaxed));
        let most = self.limits.one.min(left);
        let mut bytes = Vec::new();
        let count = (&mut from).take(most.saturating_add(1)).read_to_end(&mut bytes)?;
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let before = self.used.fetch_add(count, Ordering::Relaxed);
        if count > most || before.saturating_add(count) > self.limits.all {
            return Err(Trouble::TooLarge);
        }
        Ok(bytes)
    }
}

/// Whether `name` ends so, in whatever case.
pub(super) fn has_ending(name: &str, ending: &str) -> bool {
    let start = name.len().checked_sub(ending.len());
    start.and_then(|start| name.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

/// What the name of a file in a snapshot promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Promise {
    Json,
    /// JSON, compressed.
    Gzip,
    /// No ending at all: CloudMapper names the answer to a call after the call's parameter alone.
    Perhaps,
}

impl Promise {
    /// Returns `None` for files that are none of our business: other endings, hidden files and folders.
    pub(super) fn of(file: &str) -> Option<Promise> {
        let hidden = |part: &str| part == "__MACOSX" || part.starts_with('.') && part != "." && part != "..";
        if file.split('/').any(hidden) {
            return None;
        }
        let name = file.rsplit('/').next().unwrap_or_default();
        if has_ending(name, ".json") {
            Some(Promise::Json)
        } else if has_ending(name, ".json.gz") {
            Some(Promise::Gzip)
        } else if !name.contains('.') && !name.is_empty() {
            Some(Promise::Perhaps)
        } else {
            None
        }
    }
}

/// Returns the content of a file, unpacked; `None` if it turns out not to be JSON.
pub(super) fn content(
    from: impl Read,
    promise: Promise,
    budget: &Budget,
) -> Result<Option<Vec<u8>>, Trouble> {
    match promise {
        Promise::Json => budget.read(from).map(Some),
        Promise::Gzip => budget.read(MultiGzDecoder::new(from)).map(Some),
        Promise::Perhaps => {
            let mut from = from;
            let mut head = Vec::new();
            (&mut from).take(64).read_to_end(&mut head)?;
            if looks_like_json(&head) {
                budget.read(Cursor::new(head).chain(from)).map(Some)
            } else {
                Ok(None)
            }
        }
    }
}

/// Whether text begins as a JSON object or array does.
pub(super) fn looks_like_json(head: &[u8]) -> bool {
    let head = head.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(head);
    matches!(head.trim_ascii_start().first(), Some(b'{' | b'['))
}

pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// SOURCE: POSIX.1-2017, pax, "ustar Interchange Format": `ustar` at byte 257 (checked 2026-11-23).
pub(super) fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

/// Unpacks the beginning of `bytes`, enough to tell what is in it.
pub(super) fn gzip_head(bytes: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    // Damage shows again, and is reported, when all of it is read.
    drop(MultiGzDecoder::new(bytes).take(512).read_to_end(&mut head));
    head
}

/// Unpacks the JSON files of a zip archive, in parallel. No order is promised.
pub(super) fn zip(bytes: &[u8], limits: Limits) -> Result<Vec<NamedBytes>, Trouble> {
    let damaged = |error: zip::result::ZipError| Trouble::Damaged(error.into());
    let archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let budget = Budget::new(limits);
    let unpack = |archive: &mut zip::ZipArchive<Cursor<&[u8]>>, index| {
        let entry = archive.by_index(index).map_err(damaged)?;
        let name = plain_name(entry.name());
        match Promise::of(&name) {
            Some(promise) if entry.is_file() => {
                Ok(content(entry, promise, &budget)?.map(|content| (name, content)))
            }
            _ => Ok(None),
        }
    };
    let files: Vec<Result<Option<NamedBytes>, Trouble>> =
        (0..archive.len()).into_par_iter().map_init(|| archive.clone(), unpack).collect();
    files.into_iter().filter_map(Result::transpose).collect()
}

/// Unpacks the JSON files of a tar archive, in its order.
pub(super) fn tar(mut from: impl Read, limits: Limits) -> Result<Vec<NamedBytes>, Trouble> {
    let budget = Budget::new(limits);
    let mut files = Vec::new();
    for entry in tar::Archive::new(&mut from).entries()? {
        let entry = entry?;
        let name = plain_name(&String::from_utf8_lossy(&entry.path_bytes()));
        let Some(promise) = Promise::of(&name).filter(|_| entry.header().entry_type().is_file()) else {
            continue;
        };
        if let Some(content) = content(entry, promise, &budget)? {
            files.push((name, content));
        }
    }
    // Behind the last entry stands the checksum of a compressed stream, which nobody has looked at yet.
    io::copy(&mut from.take(limits.one), &mut io::sink())?;
    Ok(files)
}

/// Returns the name of an archive's entry, parted by `/`. It is never used as a path of the file system.
fn plain_name(written: &str) -> String {
    let parts = written.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".");
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_promises_json_or_not() {
        for (file, promise) in [
            ("vpcs.json", Some(Promise::Json)),
            ("a/VPCS.JSON", Some(Promise::Json)),
            ("a/vpcs.json.gz", Some(Promise::Gzip)),
            ("a/arn%3Aaws", Some(Promise::Perhaps)),
            ("README.md", None),
            (".git/x.json", None),
            ("a/._vpcs.json", None),
            ("__MACOSX/vpcs.json", None),
            ("../vpcs.json", Some(Promise::Json)),
            ("", None),
        ] {
            assert_eq!(Promise::of(file), promise, "{file}");
        }
    }

    #[test]
    fn budget_stops_one_large_file_and_many_small_ones() {
        let limits = Limits { one: 10, all: 25 };
        let budget = Budget::new(limits);
        assert!(matches!(budget.read(&[0; 11][..]), Err(Trouble::TooLarge)));
        let budget = Budget::new(limits);
        assert!(budget.read(&[0; 10][..]).is_ok());
        assert!(budget.read(&[0; 10][..]).is_ok());
        assert!(matches!(budget.read(&[0; 6][..]), Err(Trouble::TooLarge)));
    }

    #[test]
    fn names_of_entries_are_names_only() {
        assert_eq!(plain_name("./a//b.json"), "a/b.json");
        assert_eq!(plain_name("..\\..\\etc\\b.json"), "../../etc/b.json");
        assert_eq!(plain_name("/a.json"), "a.json");
    }
}
