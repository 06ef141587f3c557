//! Keeps the repository's documents and habits true.
//!
//! MODEL.md and scopes/README.md are generated: `UPDATE_DOCS=1 cargo test --test tidy`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test: failing loudly is its job")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use aws::{
    By, MODELLED, Modelled,
    resource::{MODULES, SUPPORTED, recognised},
};
use toml::{Table, Value};

/// Files may not be longer; from `MANY_LINES` on they are named in the test's output.
const MOST_LINES: usize = 1_000;
const MANY_LINES: usize = 800;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn entries(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let folder = root().join(folder);
    let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// All files ending so below a folder, but not what was built.
fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        if path.is_dir() {
            if !["target", "corpus", "artifacts"].contains(&name(&path)) {
                files(&path, ending, found);
            }
        } else if name(&path).ends_with(ending) {
            found.push(path);
        }
    }
}

fn rust_files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["crates", "tests", "examples", "benches", "fuzz"] {
        files(&root().join(folder), ".rs", &mut found);
    }
    found
}

/// The manifests of the crates, by name of folder.
fn manifests() -> BTreeMap<String, Table> {
    let crates = entries("crates").into_iter().filter(|path| path.join("Cargo.toml").is_file());
    crates.map(|path| (name(&path).to_owned(), read(path.join("Cargo.toml")).parse().unwrap())).collect()
}

fn dependencies<'m>(manifest: &'m Table, kind: &str) -> impl Iterator<Item = (&'m String, &'m Value)> {
    manifest.get(kind).and_then(Value::as_table).into_iter().flatten()
}

/// The cells of the rows of the Markdown table below this heading, without its own heading.
fn table(document: &str, heading: &str) -> Vec<Vec<String>> {
    let after = document.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no `{heading}`")).1;
    let rows =
        after.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    rows.skip(2).map(cells).collect()
}

/// The words in backticks.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn crates_are_what_the_table_says() {
    let rows = table(&read("ARCHITECTURE.md"), "## Crates");
    let manifests = manifests();
    let layers: BTreeMap<String, Option<u32>> =
        rows.iter().map(|row| (quoted(&row[1]).pop_first().unwrap(), row[0].parse().ok())).collect();
    assert_eq!(
        layers.keys().collect::<Vec<_>>(),
        manifests.keys().collect::<Vec<_>>(),
        "crates in the table"
    );
    for row in &rows {
        let crate_name = quoted(&row[1]).pop_first().unwrap();
        let ours = dependencies(&manifests[&crate_name], "dependencies").map(|(name, _)| name.clone());
        let imports: BTreeSet<String> = ours.filter(|name| manifests.contains_key(name)).collect();
        assert_eq!(quoted(&row[3]), imports, "imports of `{crate_name}`");
        assert_eq!(imports.is_empty(), row[3] == "nothing", "imports of `{crate_name}`");
        if let Some(layer) = layers[&crate_name] {
            for import in &imports {
                let below = layers[import].unwrap_or_else(|| panic!("`{crate_name}` imports `{import}`"));
                assert!(below < layer, "`{crate_name}` imports `{import}`, which does not lie below it");
            }
        }
    }
}

#[test]
fn crates_inherit_from_the_workspace() {
    let workspace: Table = read("Cargo.toml").parse().unwrap();
    let shared = workspace["workspace"]["dependencies"].as_table().unwrap();
    let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let inherits = |value: &Value| value.get("workspace").and_then(Value::as_bool) == Some(true);
    for (crate_name, manifest) in manifests() {
        assert!(manifest.get("lints").is_some_and(inherits), "`{crate_name}` does not inherit the lints");
        for key in ["version", "edition", "rust-version", "license"] {
            let inherited = manifest["package"].get(key).is_some_and(inherits);
            assert!(inherited, "`{crate_name}` does not inherit `{key}`");
        }
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (dependency, value) in dependencies(&manifest, kind) {
                let inherited = inherits(value);
                let known = shared.contains_key(dependency);
                assert_eq!(inherited, known, "`{crate_name}` states its own version of `{dependency}`");
                users.entry(dependency.clone()).or_default().insert(crate_name.clone());
            }
        }
    }
    for (dependency, crates) in users {
        assert!(crates.len() < 2 || shared.contains_key(&dependency), "`{dependency}` is used by {crates:?}");
    }
}

#[test]
fn dependencies_have_a_reason() {
    let document = read("ARCHITECTURE.md");
    let rows = table(&document, "### Dependencies");
    let explained: BTreeSet<String> = rows.iter().flat_map(|row| quoted(&row[0])).collect();
    let manifests = manifests();
    let all = manifests.values().flat_map(|manifest| dependencies(manifest, "dependencies"));
    let used: BTreeSet<String> =
        all.map(|(name, _)| name.clone()).filter(|name| !manifests.contains_key(name)).collect();
    assert_eq!(explained, used, "the table of dependencies in ARCHITECTURE.md");
}

#[test]
fn lower_crates_know_no_files_clocks_or_formats() {
    for crate_name in ["headerspace", "dns", "graph", "search"] {
        let manifest = &manifests()[crate_name];
        let serde = dependencies(manifest, "dependencies").find(|(name, _)| name.starts_with("serde"));
        assert_eq!(serde, None, "`{crate_name}`");
    }
    for path in rust_files() {
        let path = path.strip_prefix(root()).unwrap().to_str().unwrap();
        let parts: Vec<&str> = path.split('/').collect();
        let ["crates", crate_name, "src", rest @ ..] = parts.as_slice() else { continue };
        let in_tests = rest.iter().any(|part| part.starts_with("tests"));
        if in_tests || ["cli", "testkit"].contains(crate_name) {
            continue;
        }
        let text = read(path);
        let reads_files = *crate_name == "aws" && rest[0].starts_with("snapshot") || *crate_name == "collect";
        for word in ["std::fs", "fs::", "File::"].iter().filter(|_| !reads_files) {
            assert!(!text.contains(word), "{path} uses `{word}`");
        }
        for word in ["SystemTime", "Instant::", "std::net::Tcp", "std::env"] {
            assert!(!text.contains(word), "{path} uses `{word}`");
        }
    }
}

#[test]
fn files_are_short() {
    let mut too_long = Vec::new();
    for path in rust_files() {
        let lines = read(&path).lines().count();
        let path = path.strip_prefix(root()).unwrap().display().to_string();
        if lines > MANY_LINES {
            println!("{path} has {lines} lines");
        }
        if lines > MOST_LINES {
            too_long.push((path, lines));
        }
    }
    assert_eq!(too_long, Vec::new());
    assert!(read("ARCHITECTURE.md").lines().count() <= 300, "ARCHITECTURE.md is to stay a short page");
}

#[test]
fn no_test_is_switched_off_or_expects_a_panic() {
    let words =
        [concat!("#[", "ignore"), concat!("should_", "panic"), concat!("todo", "!("), concat!("// TO", "DO")];
    for path in rust_files() {
        let text = read(&path);
        for word in words {
            assert!(!text.contains(word), "{} contains `{word}`", path.display());
        }
    }
}

#[test]
fn resource_files_say_what_they_model_and_where_that_is_documented() {
    let mut resources = Vec::new();
    files(&root().join("crates/aws/src/resource"), ".rs", &mut resources);
    for path in resources {
        let text = read(&path);
        let page: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
        assert!(!page.is_empty(), "{} has no page comment", path.display());
        assert!(text.contains("SOURCE: "), "{} names no source", path.display());
    }
    let stems: BTreeSet<String> = entries("crates/aws/src/resource")
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert!(MODULES.is_sorted(), "the list of resources is alphabetical");
    for module in MODULES {
        assert!(stems.contains(*module), "there is no resource/{module}.rs");
    }
}

/// The texts behind `GAP:` in a file's comments, in order.
fn gaps(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let Some(comment) = line.trim_start().strip_prefix("//") else {
            open = false;
            continue;
        };
        let comment = comment.trim_start_matches(['!', '/']).trim();
        if let Some(gap) = comment.strip_prefix("GAP: ") {
            found.push(gap.to_owned());
            open = true;
        } else if comment.is_empty()
            || ["SOURCE: ", "INVARIANT: ", "PERF: "].iter().any(|tag| comment.starts_with(tag))
        {
            open = false;
        } else if let Some(last) = found.last_mut().filter(|_| open) {
            *last = format!("{last} {comment}");
        }
    }
    found
}

#[test]
fn the_page_of_what_is_modelled_is_current() {
    let mut page = "\
# What is modelled\n\n\
Made from the code by `UPDATE_DOCS=1 cargo test --test tidy`; do not edit. Rows stand in `crates/aws/src/modelled.rs`.\n\n\
| Component | netproof | AWS Network Access Analyzer | AWS Reachability Analyzer | Batfish |\n|---|---|---|---|---|\n"
        .to_owned();
    for row in MODELLED {
        let Modelled { component, access_analyzer, reachability_analyzer, batfish, .. } = row;
        let ours = row.ours();
        writeln!(page, "| {component} | {ours} | {access_analyzer} | {reachability_analyzer} | {batfish} |")
            .unwrap();
    }
    page.push_str(
        "\n# Types that are read\n\n| Type | Read from | File in `crates/aws/src/resource/` |\n|---|---|---|\n",
    );
    for ((kind, list), module) in SUPPORTED.iter().zip(MODULES) {
        writeln!(page, "| `{kind}` | `{list}` | `{module}.rs` |").unwrap();
    }
    page.push_str("\n# Known gaps\n\nBehaviour that is knowingly not modelled, by the file that says so.\n");
    for path in rust_files() {
        let file = path.strip_prefix(root()).unwrap().to_str().unwrap();
        let gaps = gaps(&read(&path));
        if gaps.is_empty() || !file.contains("/src/") {
            continue;
        }
        writeln!(page, "\n**`{file}`**\n").unwrap();
        for gap in gaps {
            writeln!(page, "- {gap}").unwrap();
        }
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join("MODEL.md"), page).unwrap();
    } else {
        assert_eq!(read("MODEL.md"), page, "run `UPDATE_DOCS=1 cargo test --test tidy`");
    }
}

#[test]
fn every_type_is_in_the_table_of_what_is_modelled() {
    let named: BTreeSet<&str> = MODELLED
        .iter()
        .flat_map(|row| match row.by {
            By::Types(types) => types,
            By::Nature | By::Nothing => &[],
        })
        .copied()
        .collect();
    for kind in SUPPORTED.iter().map(|(kind, _)| *kind).chain(recognised()) {
        assert!(named.contains(kind), "add a row for `{kind}` to crates/aws/src/modelled.rs");
    }
}

/// What the tests' own files say.
fn test_texts() -> String {
    let mut found = Vec::new();
    files(&root().join("tests"), ".rs", &mut found);
    for path in entries("crates") {
        if path.join("tests").is_dir() {
            files(&path.join("tests"), ".rs", &mut found);
        }
    }
    found.retain(|path| name(path) != "tidy.rs");
    found.iter().map(read).collect()
}

fn scope_files() -> impl Iterator<Item = PathBuf> {
    let is_scope = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    entries("scopes").into_iter().filter(is_scope)
}

/// Every ready-made scope, by the name of its file.
fn ready_made() -> BTreeMap<String, netproof::ScopeDocument> {
    let read = |path: PathBuf| {
        let scopes = netproof::read_scopes(name(&path), &read(&path));
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), scopes.unwrap().remove(0))
    };
    scope_files().map(read).collect()
}

#[test]
fn every_scope_has_a_page_that_is_true() {
    let scopes = ready_made();
    let pages: BTreeSet<String> =
        entries("scopes/docs").iter().map(|path| name(path).trim_end_matches(".md").to_owned()).collect();
    assert_eq!(scopes.keys().cloned().collect::<BTreeSet<_>>(), pages, "pages in scopes/docs");
    // What the pages call as an example.
    let sets = [("log-collector", vec!["192.0.2.0/24".parse().unwrap()])].into_iter().collect();
    for (scope_name, scope) in scopes {
        let page = read(format!("scopes/docs/{scope_name}.md"));
        let headings: Vec<&str> = page.lines().filter(|line| line.starts_with('#')).collect();
        let title = format!("# {scope_name}");
        let wanted = [&title, "## Why", "## Bad topology", "## Good topology", "## Remedy", "## Grammar"];
        assert_eq!(headings, wanted, "{scope_name}");
        let accepted = page.contains("\nAWS accepts the file");
        let refused = page.contains("\nAWS does not accept the file");
        assert_eq!(
            (accepted, refused),
            (scope.extensions.is_empty(), !scope.extensions.is_empty()),
            "{scope_name}"
        );
        let used = ["TagFilters", "WebAcls", "Differ"];
        for member in used {
            let uses = scope.extensions.iter().any(|used| used.pointer.ends_with(&format!("/{member}")));
            let grammar = page.split_once("## Grammar").unwrap().1;
            let says = grammar.lines().find(|line| line.starts_with("AWS ")).unwrap().contains(member);
            assert_eq!(uses, says, "{scope_name}: `{member}`");
        }
        let conditions = scope.match_paths.iter().chain(&scope.exclude_paths);
        let ends = conditions.flat_map(|path| [&path.source, &path.destination]).flatten();
        let tags = ends.filter_map(|end| end.resources.as_ref()).flat_map(|resources| &resources.tags);
        for tag in tags {
            for value in &tag.values {
                let tag = format!("`{}={value}`", tag.key);
                assert!(page.contains(&tag), "{scope_name}: {tag}");
            }
        }
        for example in page.split("```json\n").skip(1) {
            let example = example.split("```").next().unwrap();
            netproof::read_scopes_with(&sets, "example.json", example).unwrap();
        }
    }
}

#[test]
fn the_index_of_scopes_is_current() {
    let mut page = "\
# Ready-made scopes\n\n\
Made by `UPDATE_DOCS=1 cargo test --test tidy`; do not edit. Each has a page: why, bad and good topology, remedy, and the tags it \
goes by.\n\n\
`netproof analyze SNAPSHOT --scopes scopes` asks all of them, `--scope NAME` one. AWS's Network Access Analyzer accepts those with a \
yes in the last column; the others use what netproof adds to AWS's grammar (`netproof scopes --help`).\n\n\
| Scope | Severity | Finds | AWS accepts it |\n|---|---|---|---|\n"
        .to_owned();
    for (scope_name, scope) in ready_made() {
        let accepted = if scope.extensions.is_empty() { "yes" } else { "no" };
        let (severity, finds) = (&scope.tags["Severity"], scope.description.as_deref().unwrap());
        writeln!(page, "| [{scope_name}](docs/{scope_name}.md) | {severity} | {finds} | {accepted} |")
            .unwrap();
        let severities = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"];
        assert!(severities.contains(&severity.as_str()), "{scope_name}: {severity}");
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join("scopes/README.md"), page).unwrap();
    } else {
        assert_eq!(read("scopes/README.md"), page, "run `UPDATE_DOCS=1 cargo test --test tidy`");
    }
}

#[test]
fn scopes_and_examples_are_exercised() {
    let tests = test_texts();
    for path in scope_files() {
        assert!(tests.contains(name(&path)), "no test names scopes/{}", name(&path));
    }
    for folder in entries("examples").into_iter().filter(|path| path.is_dir()) {
        let example = format!("examples/{}", name(&folder));
        for path in entries(&folder).into_iter().filter(|path| name(path) != "README.md") {
            let itself = format!("{example}/{}", name(&path));
            // The folders of a snapshot are read with it.
            let within = path.is_dir() && tests.contains(&format!("\"{example}\""));
            assert!(within || tests.contains(&itself), "no test names {itself}");
        }
    }
}

#[test]
fn scenarios_name_their_sources() {
    for path in entries("tests/scenarios") {
        let scenario: Table = read(&path).parse().unwrap();
        let source = scenario.get("source").and_then(Value::as_str).unwrap_or_default();
        assert!(!source.is_empty(), "{} names no source", path.display());
    }
}

#[test]
fn the_changelog_has_an_unreleased_section() {
    assert!(read("CHANGELOG.md").contains("\n## [Unreleased]\n"));
}
