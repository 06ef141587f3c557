//! The snapshot's folder: what the files of calls are called, and how they come to be there.
//!
//! A file has its name only when it is whole: it is written under another one, which readers of snapshots pass over, and then
//! renamed. Files and folders are the owner's alone.

use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::{Call, command};

/// The folder of an account in a Region, or of the account if `region` is `None`.
pub(crate) fn place(out: &Path, account: &str, region: Option<&str>) -> PathBuf {
    let account = out.join(account);
    region.map_or_else(|| account.clone(), |region| account.join(region))
}

/// The file of a call inside its place: `ec2-describe-vpcs.json`, or `elbv2-describe-rules/SUBJECT.json`.
pub(crate) fn file(call: &Call, subject: Option<&str>) -> PathBuf {
    let command = command(call.service, call.operation).unwrap_or(call.operation);
    let table = format!("{}-{command}", call.service);
    match subject {
        None => PathBuf::from(format!("{table}.json")),
        Some(subject) => Path::new(&table).join(format!("{}.json", name(subject))),
    }
}

/// The longest name, without its ending: file systems take 255 bytes.
const LONGEST: usize = 200;

/// An id or ARN as the name of a file, `_` for `/` and `:`. What else is not a plain letter, or is too long, is told apart by a
/// part of a hash.
fn name(subject: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.');
    let name: String =
        subject.chars().map(|letter| if plain(letter) { letter } else { '_' }).take(LONGEST).collect();
    let is_told = subject.chars().all(|letter| plain(letter) || matches!(letter, '/' | ':'));
    if is_told && subject.len() <= LONGEST && !subject.starts_with('.') && !subject.is_empty() {
        return name;
    }
    let hash = Sha256::digest(subject.as_bytes());
    let mut name = format!("{}-", name.trim_start_matches('.'));
    for byte in hash.iter().take(6) {
        let _ = write!(name, "{byte:02x}");
    }
    name
}

/// Writes a file that is there as a whole or not at all.
pub(crate) fn write(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> io::Result<()> {
    let parent = path.parent().unwrap_or(Path::new(""));
    create(parent)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let unfinished = parent.join(format!(".{name}.part"));
    let file = open(&unfinished)?;
    let mut writer = BufWriter::new(&file);
    content(&mut writer)?;
    writer.flush()?;
    drop(writer);
    file.sync_all()?;
    fs::rename(&unfinished, path)
}

/// Makes a folder and those above it, the owner's alone where they are new.
pub(crate) fn create(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn open(path: &Path) -> io::Result<File> {
    // What is left of a run that was killed may be anybody's to read, or a link.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) | Ok(()) => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Removes what a run that was killed has left unfinished below `folder`.
pub(crate) fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            sweep(&entry.path())?;
        } else if kind.is_file() && name.starts_with('.') && name.ends_with(".json.part") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_become_names_that_tell_them_apart() {
        let arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc/f2f7";
        assert_eq!(
            name(arn),
            "arn_aws_elasticloadbalancing_us-east-1_123456789012_listener_app_web_50dc_f2f7"
        );
        assert_eq!(name("tgw-rtb-1"), "tgw-rtb-1");
        assert_ne!(name("a_b"), name("a/b"));
        assert_ne!(name("é"), name("è"));
        assert!(!name("../../etc/passwd").contains('/') && !name(".hidden").starts_with('.'));
        assert!(name(&"x".repeat(2000)).len() < 240 && !name("").is_empty());
        assert_ne!(name(&"x".repeat(2000)), name(&"x".repeat(2001)));
    }

    #[test]
    fn a_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.json");
        let failed = write(&path, |out| {
            out.write_all(b"{\"Vpcs\": [")?;
            Err(io::Error::other("no more"))
        });
        assert!(failed.is_err() && !path.exists());
        sweep(folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path().join("a")).unwrap().count(), 0);
        write(&path, |out| out.write_all(b"{}")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        }
    }
}
