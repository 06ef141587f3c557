//! Every snapshot there is reads without a panic, and what is said about it makes sense.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use netproof::{Analysis, Severity};

use crate::{folder, open};

/// How many remarks of each kind there are, without those that only inform.
fn remarks(analysis: &Analysis) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for remark in analysis.diagnostics().iter().filter(|remark| remark.severity != Severity::Info) {
        *counts.entry(format!("{:?} {}", remark.severity, remark.code)).or_default() += 1;
    }
    counts.iter().map(|(kind, count)| format!("{kind} {count}")).collect::<Vec<_>>().join(", ")
}

#[test]
fn remarks_of_every_snapshot() {
    let Some(root) = folder("") else { return };
    let mut text = String::new();
    for group in ["batfish", "cloud-custodian-recorded"] {
        let mut names: Vec<_> = fs::read_dir(root.join(group)).unwrap().map(|entry| entry.unwrap()).collect();
        names.retain(|entry| entry.path().is_dir());
        names.sort_by_key(fs::DirEntry::file_name);
        for entry in names {
            let analysis = open(&entry.path());
            writeln!(text, "{group}/{}: {}", entry.file_name().to_str().unwrap(), remarks(&analysis)).unwrap();
        }
    }
    for name in ["cloudmapper-demo", "np-guard-aws", "aws-cloudformation-templates", "terraform-plan"] {
        writeln!(text, "{name}: {}", remarks(&open(&root.join(name)))).unwrap();
    }
    insta::assert_snapshot!(text, @"");
}
