//! Folders, archives and streams.
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use super::super::archive::Limits;
use super::super::{ReadError, Snapshot, files};
use super::shown;

/// A folder that is gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str, files: &[(&str, &str)]) -> Folder {
        let root = std::env::temp_dir().join(format!("netproof-snapshot-{}-{test}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Folder(root)
    }

    fn open(&self, below: &str) -> String {
        opened(&self.0.join(below))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn opened(path: &Path) -> String {
    told(Snapshot::open(path), path)
}

fn told(result: Result<(Snapshot, Vec<super::Diagnostic>), ReadError>, path: &Path) -> String {
    match result {
        Ok(read) => shown(&read),
        Err(error) => error.to_string().replace(&path.display().to_string(), "…"),
    }
}

fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn tarred(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(u64::try_from(text.len()).unwrap());
        header.set_mode(0o644);
        // Set by hand, because the builder refuses the names that the test is about.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        archive.append(&header, text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut stream = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    stream.write_all(bytes).unwrap();
    stream.finish().unwrap()
}

const FILES: [(&str, &str); 7] = [
    ("123456789012/us-east-1/vpcs.json", r#"{"Vpcs": [1]}"#),
    ("123456789012/us-east-1/calls/pl-1", r#"{"Entries": [2]}"#),
    ("123456789012/us-east-1/calls/LICENSE", "not JSON"),
    ("README.md", "{}"),
    (".git/config.json", "{}"),
    ("bad.json", "{"),
    ("top.JSON", r#"{"Subnets": [3]}"#),
];

#[test]
fn folder_of_any_depth() {
    let folder = Folder::new("depth", &FILES);
    insta::assert_snapshot!(folder.open(""), @r"
    123456789012/us-east-1/calls/pl-1 123456789012 us-east-1
      [Entries] /Entries
        /Entries/0 2
    123456789012/us-east-1/vpcs.json 123456789012 us-east-1
      [Vpcs] /Vpcs
        /Vpcs/0 1
    top.JSON
      [Subnets] /Subnets
        /Subnets/0 3
    error invalid-json: bad.json:1: the text ends inside a JSON value, at column 1
      help: the file is cut off: export it again
    ");
}

#[test]
fn zip_and_tar_hold_what_the_folder_holds() {
    let folder = Folder::new("same", &FILES);
    let expected = folder.open("");
    for (name, bytes) in [
        ("any.zip", zipped(&FILES)),
        ("zip-without-ending", zipped(&FILES)),
        ("any.tar", tarred(&FILES)),
        ("any.tar.gz", gzipped(&tarred(&FILES))),
        ("any.tgz", gzipped(&tarred(&FILES))),
    ] {
        let path = folder.0.join(name);
        fs::write(&path, &bytes).unwrap();
        assert_eq!(opened(&path), expected, "{name}");
        assert_eq!(
            shown(&Snapshot::from_reader("stdin", bytes.as_slice()).unwrap()),
            expected,
            "{name} by stream"
        );
    }
}

#[test]
fn names_in_archives_are_names_only() {
    let files = [
        ("../../a.json", r#"{"Vpcs": []}"#),
        ("/b.json", r#"{"Vpcs": []}"#),
        ("./c.json", r#"{"Vpcs": []}"#),
    ];
    for bytes in [zipped(&files), gzipped(&tarred(&files))] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(shown(&Snapshot::from_reader("stdin", bytes.as_slice()).unwrap()), @r"
            ../../a.json
              [Vpcs] /Vpcs
            b.json
              [Vpcs] /Vpcs
            c.json
              [Vpcs] /Vpcs
            ");
        }
    }
}

#[test]
fn single_files() {
    let folder = Folder::new(
        "single",
        &[
            ("us-east-1/vpcs.json", r#"{"Vpcs": [1]}"#),
            ("us-east-1/answer", r#" {"Vpcs": [2]}"#),
            ("us-east-1/damaged.json", "{"),
            ("us-east-1/notes.txt", "hello"),
        ],
    );
    let packed = folder.0.join("vpcs.json.gz");
    fs::write(&packed, gzipped(br#"{"Vpcs": [3]}"#)).unwrap();
    let zip = folder.0.join("us-west-2.zip");
    fs::write(&zip, zipped(&[("vpcs.json", r#"{"Vpcs": [4]}"#)])).unwrap();
    let files = [
        "us-east-1/vpcs.json",
        "us-east-1/answer",
        "us-east-1/damaged.json",
        "us-east-1/notes.txt",
        "vpcs.json.gz",
        "us-west-2.zip",
    ];
    insta::assert_snapshot!(files.map(|file| folder.open(file)).join("\n"), @r"
    vpcs.json us-east-1
      [Vpcs] /Vpcs
        /Vpcs/0 1

    answer us-east-1
      [Vpcs] /Vpcs
        /Vpcs/0 2

    error invalid-json: damaged.json:1: the text ends inside a JSON value, at column 1
      help: the file is cut off: export it again

    there is no JSON document in `…`
    vpcs.json.gz
      [Vpcs] /Vpcs
        /Vpcs/0 3

    vpcs.json us-west-2
      [Vpcs] /Vpcs
        /Vpcs/0 4
    ");
}

#[test]
fn region_of_the_folder_itself() {
    let folder = Folder::new("region", &[("123456789012/us-east-1/vpcs.json", r#"{"Vpcs": []}"#)]);
    insta::assert_snapshot!(folder.open("123456789012/us-east-1"), @r"
    vpcs.json 123456789012 us-east-1
      [Vpcs] /Vpcs
    ");
    insta::assert_snapshot!(folder.open("123456789012"), @r"
    us-east-1/vpcs.json 123456789012 us-east-1
      [Vpcs] /Vpcs
    ");
}

#[test]
fn stream_that_holds_nothing() {
    let told = |bytes: &[u8]| told(Snapshot::from_reader("stdin", bytes), Path::new("stdin"));
    let told = [
        told(b""),
        told(b"hello"),
        told(&zipped(&[("a.txt", "")])),
        told(b"PK\x03\x04 cut off"),
        told(&[0x1f, 0x8b, 8]),
    ];
    insta::assert_snapshot!(told.join("\n"), @r"
    there is no JSON document in `…`
    there is no JSON document in `…`
    there is no JSON document in `…`
    cannot unpack `…`
    cannot unpack `…`
    ");
}

#[test]
fn nothing_to_read() {
    let folder = Folder::new("nothing", &[("README.md", "# nothing")]);
    insta::assert_snapshot!([folder.open(""), folder.open("missing")].join("\n"), @r"
    there is no JSON document in `…`
    cannot read `…`
    ");
}

#[test]
fn archive_cut_off_anywhere_is_said() {
    let zip = zipped(&[("vpcs.json", r#"{"Vpcs": [1]}"#), ("subnets.json", r#"{"Subnets": [2]}"#)]);
    let tar = gzipped(&tarred(&[("vpcs.json", r#"{"Vpcs": [1]}"#)]));
    for whole in [zip, tar] {
        for end in 0..whole.len() {
            assert!(
                Snapshot::from_reader("stdin", &whole[..end]).is_err(),
                "cut at {end} of {}",
                whole.len()
            );
        }
    }
}

#[test]
fn archive_that_unpacks_to_too_much_is_refused() {
    let long = format!("{{\"Vpcs\": [{}1]}}", "1,".repeat(5000));
    let limits = Limits { one: 20_000, all: 25_000 };
    let read = |files: &[(&str, &str)]| {
        let told = |bytes: Vec<u8>| match files::stream("x", bytes.as_slice(), limits) {
            Ok(found) => format!("{} files", found.files.len()),
            Err(error) => error.to_string(),
        };
        format!("{} / {}", told(zipped(files)), told(gzipped(&tarred(files))))
    };
    insta::assert_snapshot!(read(&[("a.json", &long), ("b.json", &long)]), @"2 files / 2 files");
    insta::assert_snapshot!(read(&[("a.json", &long), ("b.json", &long), ("c.json", &long)]), @"`x` unpacks to more than 25000 bytes in all, or 20000 bytes in one file / `x` unpacks to more than 25000 bytes in all, or 20000 bytes in one file");
    insta::assert_snapshot!(read(&[("a.json", &long.repeat(2))]), @"`x` unpacks to more than 25000 bytes in all, or 20000 bytes in one file / `x` unpacks to more than 25000 bytes in all, or 20000 bytes in one file");
}

#[cfg(unix)]
#[test]
fn links_lead_in_no_circles() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new(
        "links",
        &[
            ("snapshot/us-east-1/vpcs.json", r#"{"Vpcs": [1]}"#),
            ("snapshot/.kept/subnets.json", r#"{"Subnets": [2]}"#),
            ("elsewhere/x.json", r#"{"RouteTables": [3]}"#),
        ],
    );
    let snapshot = folder.0.join("snapshot");
    for (target, link) in [
        ("..", "us-east-1/circle"),
        ("../..", "outside"),
        ("/", "root"),
        (".kept", "current"),
        ("us-east-1", "again"),
        ("../elsewhere", "elsewhere"),
        ("nowhere", "lost.json"),
        ("nowhere", "lost"),
        ("us-east-1/vpcs.json", "same.json"),
        (".kept/subnets.json", "kept.json"),
    ] {
        symlink(target, snapshot.join(link)).unwrap();
    }
    insta::assert_snapshot!(folder.open("snapshot"), @r"
    current/subnets.json
      [Subnets] /Subnets
        /Subnets/0 2
    elsewhere/x.json
      [RouteTables] /RouteTables
        /RouteTables/0 3
    us-east-1/vpcs.json us-east-1
      [Vpcs] /Vpcs
        /Vpcs/0 1
    error unreadable-file: lost.json:1: cannot read this file: No such file or directory (os error 2)
    ");
}

#[test]
fn published_snapshots_are_read_whole() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/snapshots");
    if !root.is_dir() {
        println!("skipped: no {}", root.display());
        return;
    }
    let (snapshot, diagnostics) = Snapshot::open(&root).unwrap();
    assert!(!snapshot.documents().is_empty());
    for (index, document) in (0..).zip(snapshot.documents()) {
        let whole: serde_json::Value = serde_json::from_str(document.text()).unwrap();
        for element in document.tables.iter().flat_map(|table| &table.elements) {
            let value: serde_json::Value = serde_json::from_str(document.raw(element)).unwrap();
            assert_eq!(
                whole.pointer(&element.pointer),
                Some(&value),
                "{} {}",
                document.file(),
                element.pointer
            );
            assert_eq!(snapshot.locate(index, element.offset, "").pointer, element.pointer);
        }
    }
    println!("{} documents, {} remarks", snapshot.documents().len(), diagnostics.len());
}
