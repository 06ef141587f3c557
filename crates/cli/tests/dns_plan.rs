//! What `netproof dns plan` does to its state file, and that its script is one.
#![expect(clippy::unwrap_used, reason = "tests may stop")]
#![cfg(unix)]

use std::{
    fs,
    io::Write,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

const NOW: &str = "2026-11-27T00:00:00Z";
const EVENT: &str = "tests/cli/dns-findings/event.json";

/// A folder that is gone with the value.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Names of what is in it.
    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            names.map(|it| it.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

fn plan(state: &Path, more: &[&str]) -> Output {
    plan_in("tests/cli/dns-plan", EVENT, state, more)
}

fn plan_in(snapshot: &str, findings: &str, state: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_netproof"))
        .args(["dns", "plan", snapshot, "--finding", findings, "--now", NOW, "--quiet", "--state"])
        .arg(state)
        .args(more)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .unwrap()
}

fn is_done(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_state_is_made_and_a_second_plan_leaves_it_alone() {
    let folder = Folder::new();
    let state = folder.file("state.json");
    let first = plan(&state, &[]);
    is_done(&first);
    let (text, before) = (fs::read(&state).unwrap(), fs::metadata(&state).unwrap());
    let second = plan(&state, &[]);
    is_done(&second);
    let after = fs::metadata(&state).unwrap();
    assert_eq!(first.stdout, second.stdout);
    assert_eq!(fs::read(&state).unwrap(), text);
    assert_eq!((before.mtime_nsec(), before.mtime()), (after.mtime_nsec(), after.mtime()));
    assert_eq!(before.ino(), after.ino(), "nothing changed, so that nothing is written");
    assert_eq!(folder.names(), ["state.json"]);
}

#[test]
fn a_dry_run_makes_no_state_and_changes_none() {
    let folder = Folder::new();
    let state = folder.file("state.json");
    is_done(&plan(&state, &["--dry-run"]));
    assert!(folder.names().is_empty());
    is_done(&plan(&state, &[]));
    let text = fs::read(&state).unwrap();
    let findings = "tests/cli/dns-findings/answer.json";
    is_done(&plan_in("tests/cli/dns-plan", findings, &state, &["--dry-run"]));
    assert_eq!(fs::read(&state).unwrap(), text);
    is_done(&plan_in("tests/cli/dns-plan", findings, &state, &[]));
    assert_ne!(fs::read(&state).unwrap(), text, "without it, the state changes");
}

#[test]
fn a_damaged_state_is_refused_and_stays_as_it_is() {
    let folder = Folder::new();
    let state = folder.file("state.json");
    is_done(&plan(&state, &[]));
    let good = fs::read_to_string(&state).unwrap();
    let cut = good.get(..good.len() / 2).unwrap().to_owned();
    let damaged =
        [cut, String::new(), good.replace("c2.evil", "c3.evil"), "{}".to_owned(), format!("{good}x")];
    let mut bytes: Vec<Vec<u8>> = damaged.into_iter().map(String::into_bytes).collect();
    bytes.push(vec![0xff, 0xfe, 0]);
    for damaged in bytes {
        fs::write(&state, &damaged).unwrap();
        let before = fs::metadata(&state).unwrap();
        let output = plan(&state, &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(output.stdout.is_empty());
        assert!(said.contains("state.json"), "{said}");
        assert_eq!(fs::read(&state).unwrap(), damaged);
        assert_eq!(fs::metadata(&state).unwrap().ino(), before.ino());
    }
    assert_eq!(folder.names(), ["state.json"]);
}

#[test]
fn a_state_without_its_digest_is_taken_and_gets_one() {
    let folder = Folder::new();
    let state = folder.file("state.json");
    is_done(&plan(&state, &[]));
    let text = fs::read_to_string(&state).unwrap();
    let without: Vec<&str> = text.lines().filter(|it| !it.contains("\"digest\"")).collect();
    fs::write(&state, without.join("\n")).unwrap();
    is_done(&plan(&state, &[]));
    assert_eq!(fs::read_to_string(&state).unwrap(), text);
}

#[test]
fn a_symbolic_link_stays_one_and_the_mode_of_the_file_too() {
    let folder = Folder::new();
    let (link, target) = (folder.file("link.json"), folder.file("target.json"));
    is_done(&plan(&target, &[]));
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("target.json", &link).unwrap();
    let before = fs::read(&target).unwrap();
    is_done(&plan_in("tests/cli/dns-plan", "tests/cli/dns-findings/answer.json", &link, &[]));
    assert!(fs::symlink_metadata(&link).unwrap().file_type().is_symlink());
    assert_ne!(fs::read(&target).unwrap(), before);
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(folder.names(), ["link.json", "target.json"]);
}

#[test]
fn a_refused_plan_leaves_the_state_and_makes_none() {
    let folder = Folder::new();
    let state = folder.file("state.json");
    assert_eq!(plan(&state, &["--quota", "9"]).status.code(), Some(1));
    assert!(!state.exists(), "{:?}", folder.names());
    is_done(&plan_in("tests/cli/dns-plan", "tests/cli/dns-findings/answer.json", &state, &[]));
    let text = fs::read(&state).unwrap();
    assert_eq!(plan(&state, &["--quota", "9"]).status.code(), Some(1));
    assert_eq!(fs::read(&state).unwrap(), text);
}

#[test]
fn where_the_state_cannot_be_written_nothing_is_printed_as_if_it_were() {
    let folder = Folder::new();
    let output = plan(&folder.file("missing/state.json"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("state.json"));
    let output = plan(folder.0.path(), &[]);
    assert_eq!(output.status.code(), Some(2), "a folder is no state");
}

#[test]
fn findings_come_from_standard_input_and_packed_files() {
    let folder = Folder::new();
    let event =
        fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cli/dns-findings/event.json")).unwrap();
    let expected = plan(&folder.file("a.json"), &["--format", "aws-cli"]);
    let packed = folder.file("event.json.gz");
    let mut writer =
        flate2::write::GzEncoder::new(fs::File::create(&packed).unwrap(), flate2::Compression::fast());
    writer.write_all(&event).unwrap();
    writer.finish().unwrap();
    let of_packed = plan_in(
        "tests/cli/dns-plan",
        packed.to_str().unwrap(),
        &folder.file("b.json"),
        &["--format", "aws-cli"],
    );
    is_done(&of_packed);
    assert_eq!(of_packed.stdout, expected.stdout);
    let mut child = Command::new(env!("CARGO_BIN_EXE_netproof"))
        .args(["dns", "plan", "tests/cli/dns-plan", "--finding", "-", "--now", NOW, "--quiet"])
        .args(["--format", "aws-cli", "--state"])
        .arg(folder.file("c.json"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&event).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.stdout, expected.stdout);
}

#[test]
fn the_script_is_one_and_sends_what_was_planned() {
    let folder = Folder::new();
    // Names with what shells take for something else.
    let name = "$(id)`'\\\"; x";
    let snapshot = folder.file("snapshot");
    fs::create_dir(&snapshot).unwrap();
    let from = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cli/dns-plan");
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let text = fs::read_to_string(entry.path()).unwrap();
        let name = serde_json::to_string(name).unwrap();
        fs::write(
            snapshot.join(entry.file_name()),
            text.replace(r#""Name": "denied", "Status""#, &format!(r#""Name": {name}, "Status""#)),
        )
        .unwrap();
    }
    let state = folder.file("state.json");
    let output = plan_in(snapshot.to_str().unwrap(), EVENT, &state, &["--format", "aws-cli"]);
    is_done(&output);
    let script = folder.file("requests.sh");
    fs::write(&script, &output.stdout).unwrap();
    let checked = Command::new("sh").arg("-n").arg(&script).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    // A command of that name that writes down what it is given.
    let tools = folder.file("tools");
    fs::create_dir(&tools).unwrap();
    let log = folder.file("log");
    fs::write(
        tools.join("aws"),
        "#!/bin/sh\ncase \"$*\" in *get-firewall*) echo COMPLETE;; *) cat; echo;; esac >>\"$LOG.$2\"\ncase \"$*\" in *get-firewall*) echo COMPLETE;; esac\n",
    )
    .unwrap();
    fs::set_permissions(tools.join("aws"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let run = Command::new("sh").arg(&script).env("PATH", path).env("LOG", &log).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let sent = fs::read_to_string(folder.file("log.update-firewall-domains")).unwrap();
    let sent: serde_json::Value = serde_json::from_str(&sent).unwrap();
    let expected = serde_json::json!({
        "FirewallDomainListId": "rslvr-fdl-denied", "Operation": "ADD", "Domains": ["*.c2.evil.example"]
    });
    assert_eq!(sent, expected);
}
