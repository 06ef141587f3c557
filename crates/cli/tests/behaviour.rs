//! What command sessions cannot show: colours, files, pipes, threads.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    io::{Read, Write},
    process::{Command, Output, Stdio},
};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netproof"));
    command.args(arguments).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).env_remove("NO_COLOR");
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const WEB: [&str; 4] = ["analyze", "tests/cli/tiny", "--scope", "tests/cli/web.json"];

fn web(more: &[&str]) -> Output {
    run(&[&WEB, more].concat())
}

#[test]
fn colour_only_where_it_is_wanted() {
    assert!(!text(&web(&[]).stdout).contains('\u{1b}'), "standard output is not a terminal here");
    assert!(text(&web(&["--color", "always"]).stdout).contains('\u{1b}'));
    assert!(!text(&web(&["--color", "always", "--format", "json"]).stdout).contains('\u{1b}'));
    assert!(!text(&web(&["--color", "never"]).stdout).contains('\u{1b}'));
}

#[test]
fn several_formats_at_once_go_to_files() {
    let folder = std::env::temp_dir().join(format!("netproof-formats-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| folder.join(name).display().to_string();
    let (json, aws) = (format!("json={}", file("out.json")), format!("aws-json={}", file("aws.json")));
    let output = web(&["--format", &json, "--format", "text", "--format", &aws]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).starts_with("web: 2 findings"));
    for (format, name) in [("json", "out.json"), ("aws-json", "aws.json")] {
        let alone = web(&["--format", format]);
        assert_eq!(std::fs::read(file(name)).unwrap(), alone.stdout);
    }
    std::fs::remove_dir_all(&folder).unwrap();
    let output = web(&["--format", &json]);
    assert_eq!(output.status.code(), Some(2), "the folder is gone");
    assert!(text(&output.stderr).starts_with("error: cannot write `"));
}

#[test]
fn standard_input_is_a_snapshot() {
    let export =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cli/tiny/export.json")).unwrap();
    let mut child = command(&["analyze", "-", "--scope", "tests/cli/web.json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&export).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).starts_with("web: 2 findings"));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    // More than a pipe holds, so that the program is still writing.
    let arguments = ["analyze", "examples/public-exposure/before", "--scopes", "scopes", "--format", "json"];
    let mut child = command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(1), ""));
}

#[test]
fn answers_do_not_depend_on_threads() {
    let with = |threads: &str| {
        let arguments = [
            "analyze",
            "examples/public-exposure/before",
            "--scopes",
            "scopes",
            "--format",
            "json",
            "--threads",
            threads,
        ];
        run(&arguments).stdout
    };
    let one = with("1");
    assert!(!one.is_empty());
    assert!(one == with("2") && one == with("7"));
}

#[test]
fn quiet_leaves_out_remarks_but_not_that_a_list_was_cut() {
    let said = |snapshot: &str, more: &[&str]| {
        let asked = ["analyze", snapshot, "--scope", "all-igw-ingress"];
        text(&run(&[&asked, more].concat()).stderr)
    };
    assert!(said("tests/cli/holes", &[]).contains("warning: "));
    assert_eq!(said("tests/cli/holes", &["--quiet"]), "");
    let cut =
        said("examples/public-exposure/after", &["--quiet", "--max-findings", "2", "--format", "aws-json"]);
    assert_eq!(cut, "warning: all-igw-ingress: more findings than the 2 listed (`--max-findings`)\n");
}
