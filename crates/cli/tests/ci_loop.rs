//! The loop that `examples/ci` is there for: baseline, change, failure, suppression, its last day, remedy; and that its pipelines run.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may stop")]
#![cfg(unix)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn example() -> PathBuf {
    root().join("examples/ci")
}

/// A copy of the repository, which is one: settings are looked for up to its root.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join(".git")).unwrap();
    fs::create_dir_all(folder.path().join("snapshot")).unwrap();
    for file in ["examples/ci/netproof.toml", "examples/ci/netproof-suppressions.toml"] {
        let file = root().join(file);
        fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    export(folder.path(), "snapshot");
    folder
}

/// Puts the files of a folder of the example into the snapshot.
fn export(repository: &Path, from: &str) {
    for entry in fs::read_dir(example().join(from)).unwrap() {
        let file = entry.unwrap().path();
        fs::copy(&file, repository.join("snapshot").join(file.file_name().unwrap())).unwrap();
    }
}

fn run(repository: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_netproof")).current_dir(repository).args(arguments).output().unwrap()
}

/// Exit code, text, and SARIF of an analysis on a day.
fn analyze(repository: &Path, day: &str) -> (i32, String, Value) {
    let output = run(
        repository,
        &["analyze", "snapshot", "--today", day, "--format", "text", "--format", "sarif=out.sarif"],
    );
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let sarif = fs::read_to_string(repository.join("out.sarif")).unwrap_or_else(|_| panic!("{text}"));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (output.status.code().unwrap(), text, serde_json::from_str(&sarif).unwrap())
}

fn results<'s>(sarif: &'s Value, rule: &str) -> Vec<&'s Value> {
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    results.iter().filter(|result| result["ruleId"] == rule).collect()
}

#[test]
fn the_whole_loop() {
    let repository = repository();
    let here = repository.path();

    // The first run makes a baseline; what it has does not count.
    let recorded = run(here, &["baseline", "snapshot", "--today", "2026-11-01"]);
    assert!(recorded.status.success(), "{recorded:?}");
    let baseline: Value =
        serde_json::from_str(&fs::read_to_string(here.join("netproof-baseline.json")).unwrap()).unwrap();
    assert_eq!(baseline["findings"][0]["check"], "all-igw-ingress");
    assert_eq!(baseline["findings"][0]["first_seen"], "2026-11-01");
    let (code, text, sarif) = analyze(here, "2026-11-27");
    assert_eq!(code, 0, "{text}");
    assert_eq!(results(&sarif, "all-igw-ingress")[0]["baselineState"], "unchanged");

    // A change opens a path: a new result at the line that opens it, raised by the tag of the destination.
    export(here, "change");
    let (code, text, sarif) = analyze(here, "2026-11-27");
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("CRITICAL new"), "{text}");
    let [found] = results(&sarif, "detect-public-databases")[..] else { panic!("{sarif}") };
    assert_eq!(found["baselineState"], "new");
    assert_eq!(found["properties"]["severity"], "CRITICAL");
    let place = &found["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "snapshot/describe-security-groups.json");
    let line = usize::try_from(place["region"]["startLine"].as_u64().unwrap()).unwrap();
    let groups = fs::read_to_string(here.join("snapshot/describe-security-groups.json")).unwrap();
    assert!(groups.lines().nth(line - 1).unwrap().contains("migration"), "line {line}");
    assert!(found["suppressions"].as_array().is_none_or(Vec::is_empty));

    // Somebody takes responsibility, as the comment in the file shows.
    let suppressions = here.join("netproof-suppressions.toml");
    let text = fs::read_to_string(&suppressions).unwrap();
    let entry: String = text
        .lines()
        .skip_while(|line| !line.contains("[[suppress]]"))
        .flat_map(|line| [line.trim_start_matches("# "), "\n"])
        .collect();
    // The wide scope finds the path as well.
    let wide = entry.replace("detect-public-databases", "all-igw-ingress");
    fs::write(&suppressions, entry + &wide).unwrap();
    let (code, text, sarif) = analyze(here, "2026-12-31");
    assert_eq!(code, 0, "{text}");
    let found = results(&sarif, "detect-public-databases")[0];
    assert_eq!(found["suppressions"][0]["properties"]["owner"], "dba@example.com");
    assert!(text.contains("2 suppressed"), "{text}");

    // Until its last day is over.
    let (code, text, sarif) = analyze(here, "2027-01-01");
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("ran out after 2026-12-31"), "{text}");
    assert!(
        results(&sarif, "detect-public-databases")[0]["suppressions"].as_array().is_none_or(Vec::is_empty)
    );

    // The remedy clears it, and the suppressions are said to match nothing.
    export(here, "snapshot");
    let (code, text, _) = analyze(here, "2027-01-01");
    assert_eq!(code, 0, "{text}");
    assert_eq!(text.matches("matches nothing").count(), 2, "{text}");
}

#[test]
fn known_findings_become_overdue() {
    let repository = repository();
    let here = repository.path();
    assert!(run(here, &["baseline", "snapshot", "--today", "2026-11-01"]).status.success());
    // 90 days for what is medium.
    assert_eq!(analyze(here, "2027-01-30").0, 0);
    let (code, text, _) = analyze(here, "2027-01-31");
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("1 overdue"), "{text}");
    // Recorded again, it keeps its day.
    assert!(run(here, &["baseline", "snapshot", "--today", "2027-01-31"]).status.success());
    assert_eq!(analyze(here, "2027-01-31").0, 1);
}

#[test]
fn exclusions_of_the_sample_are_taken() {
    let repository = repository();
    let here = repository.path();
    export(here, "change");
    let csv = "resource_id,secgroup_id,sgrule_cidr,sgrule_portrange,sgrule_protocol\n\
               eni-0e02,sg-0db,0.0.0.0/0,5432 to 5432,tcp\n\
               eni-0e01,sg-0web,0.0.0.0/0,443 to 443,tcp\n";
    fs::write(here.join("naa-exclusions.csv"), csv).unwrap();
    let arguments = ["analyze", "snapshot", "--scope", "all-igw-ingress", "--no-config"];
    assert_eq!(run(here, &arguments).status.code(), Some(1));
    let with = [&arguments[..], &["--suppressions", "naa-exclusions.csv"]].concat();
    assert_eq!(run(here, &with).status.code(), Some(0));
    fs::write(here.join("naa-exclusions.csv"), csv.replace("443 to 443", "80 to 80")).unwrap();
    let output = run(here, &with);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("matches nothing"));
}

#[test]
fn a_damaged_baseline_is_left_as_it_is() {
    let repository = repository();
    let here = repository.path();
    fs::write(here.join("netproof-baseline.json"), "{\"schema_version\": 1, ").unwrap();
    for command in ["baseline", "analyze"] {
        let output = run(here, &[command, "snapshot"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("netproof-baseline.json:1"), "{output:?}");
    }
    assert_eq!(fs::read_to_string(here.join("netproof-baseline.json")).unwrap(), "{\"schema_version\": 1, ");
}

/// The lines of a block of YAML after a line that ends with `key`, without their indentation.
fn block(text: &str, key: &str) -> String {
    let mut lines = text.lines().skip_while(|line| !line.trim_end().ends_with(key)).skip(1).peekable();
    let indent = lines.peek().unwrap().len() - lines.peek().unwrap().trim_start().len();
    let inside = lines.take_while(|line| line.trim().is_empty() || line.starts_with(&" ".repeat(indent)));
    inside.flat_map(|line| [line.get(indent..).unwrap_or_default(), "\n"]).collect()
}

/// What a shell makes of a script where `netproof` is on the path.
fn shell(repository: &Path, script: &str, variables: &[(&str, &str)]) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_netproof"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.current_dir(repository).args(["-e", "-o", "pipefail", "-c", script]).env("PATH", path);
    command.envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn the_pipeline_of_gitlab_runs() {
    let pipeline = fs::read_to_string(root().join("examples/ci/.gitlab-ci.yml")).unwrap();
    let line = pipeline.lines().find_map(|line| line.trim().strip_prefix("- netproof ")).unwrap();
    let repository = repository();
    let here = repository.path();
    assert!(run(here, &["baseline", "snapshot"]).status.success());
    let output = shell(here, &format!("netproof {line}"), &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    for named in ["netproof.html", "netproof-junit.xml"] {
        assert!(pipeline.contains(&format!(": {named}")) || pipeline.contains(&format!("[{named}]")));
        assert!(fs::metadata(here.join(named)).unwrap().len() > 0);
    }
}

/// `examples/ci/.github` by the action of this repository.
#[test]
fn the_workflow_of_github_runs() {
    let workflow = fs::read_to_string(example().join(".github/workflows/netproof.yml")).unwrap();
    let action = fs::read_to_string(root().join("action.yml")).unwrap();
    let inputs = block(&action, "inputs:");
    let with = block(&workflow, "with:");
    let mut given = [("command", "analyze"), ("arguments", ""), ("formats", ""), ("snapshot", "")];
    for line in with.lines().take_while(|line| !line.starts_with("- ")) {
        let (name, value) = line.split_once(": ").unwrap();
        assert!(inputs.contains(&format!("{name}:\n")), "`{name}` is no input of the action");
        given.iter_mut().find(|(known, _)| *known == name).unwrap().1 = value;
    }
    let script = block(action.split("name: Run netproof").nth(1).unwrap(), "run: |");
    let value = |name: &str| given.iter().find(|(known, _)| *known == name).unwrap().1;
    let variables = [
        ("BINARY", "netproof"),
        ("COMMAND", value("command")),
        ("SNAPSHOT", value("snapshot")),
        ("FORMATS", value("formats")),
        ("ARGUMENTS", value("arguments")),
    ];
    let repository = repository();
    let here = repository.path();
    assert!(run(here, &["baseline", "snapshot"]).status.success());
    export(here, "change");
    let output = shell(here, &script, &variables);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("\n::error file=snapshot/describe-security-groups.json,line=20,"), "{text}");
    // What later steps take.
    for file in ["netproof.sarif", "netproof.md"] {
        assert!(workflow.matches(file).count() > 1 && here.join(file).exists(), "{file}");
    }
}
