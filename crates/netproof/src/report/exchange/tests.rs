//! What every format owes: all that counts is in it, nothing breaks out of it, and limits are kept.

use jiff::Timestamp;
use serde_json::Value;

use super::{Exchange, Report};
use crate::{
    audit::{
        Audit, Role, SeverityLabel,
        samples::{self, analysis, audit, check, finding, mixed, step, subject},
    },
    triage::{Policy, Triage, triage},
};

fn written(format: Exchange, audit: &Audit<'_>, triage: &Triage) -> String {
    let report = Report { audit, triage, when: Timestamp::UNIX_EPOCH };
    let mut out = Vec::new();
    format.write(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn plain(audit: &mut Audit<'_>) -> Triage {
    triage(audit, &Policy { today: "2026-11-27".parse().unwrap(), ..Policy::default() })
}

#[test]
fn the_same_bytes_every_time_and_unknown_in_each() {
    let analysis = analysis(&[("111122223333", "eu-west-1")]);
    for format in Exchange::ALL {
        let [first, second] = [(); 2].map(|()| {
            let (audit, triage) = mixed(&analysis);
            written(format, &audit, &triage)
        });
        assert_eq!(first, second, "{}", format.name());
        // Pictures show paths, and there is none of what is unknown.
        let is_picture = matches!(format, Exchange::Dot | Exchange::Mermaid);
        assert!(is_picture || first.contains("what gw-1 does"), "{}", format.name());
    }
}

#[test]
fn cells_are_no_formulas() {
    let analysis = analysis(&[("111122223333", "eu-west-1")]);
    let mut evil = finding("evil");
    evil.title = "=HYPERLINK(\"http://evil.example\"),\n1".to_owned();
    evil.rule = Some("@SUM(A1)".to_owned());
    let mut audit = audit(&analysis, vec![check("all", vec![evil])]);
    let triage = plain(&mut audit);
    let text = written(Exchange::Csv, &audit, &triage);
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let row = rows.records().next().unwrap().unwrap();
    assert_eq!(&row[5], "'=HYPERLINK(\"http://evil.example\"),\n1");
    assert_eq!(&row[14], "'@SUM(A1)");
    assert_eq!((&row[15], &row[16]), ("snapshot/groups.json", "7"));
}

#[test]
fn annotations_cannot_become_commands_and_are_at_most_ten() {
    let analysis = analysis(&[("111122223333", "eu-west-1")]);
    let evil = |index: u32| {
        let mut evil = finding(&format!("evil {index}"));
        evil.title = "a\n::set-output name=x::y%".to_owned();
        evil.place = Some(samples::place(index));
        evil
    };
    let mut audit = audit(&analysis, vec![check("all", (1..=12).map(evil).collect())]);
    let triage = plain(&mut audit);
    let text = written(Exchange::Github, &audit, &triage);
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("::error ")).collect();
    assert_eq!(errors.len(), 10);
    assert!(errors[0].contains("title=HIGH all::a%0A::set-output name=x::y%25%0A"), "{}", errors[0]);
    assert!(errors[9].ends_with("and 3 annotations more; other formats have all"), "{}", errors[9]);
    assert_eq!(text.lines().count(), 11);
}

#[test]
fn only_what_counts_is_annotated() {
    let analysis = analysis(&[("111122223333", "eu-west-1")]);
    let (audit, triage) = mixed(&analysis);
    let text = written(Exchange::Github, &audit, &triage);
    assert!(
        text.contains("found new") && !text.contains("found known") && !text.contains("found suppressed")
    );
    assert!(
        text.contains(
            "::warning file=snapshot/groups.json,line=9,title=unknown unknown-only::what gw-1 does"
        )
    );
}

#[test]
fn markdown_fits_a_comment_and_says_what_is_left_out() {
    let analysis = analysis(&[("111122223333", "eu-west-1")]);
    let many = (0..2_000).map(|index| finding(&format!("number {index}"))).collect();
    let mut audit = audit(&analysis, vec![check("all", many)]);
    let triage = plain(&mut audit);
    let text = written(Exchange::Markdown, &audit, &triage);
    assert!(text.len() < 65_536, "{}", text.len());
    let shown = text.matches("<details>").count();
    assert!(text.contains(&format!("… and {} findings more; other formats have all.", 2_000 - shown)));
}

#[test]
fn sarif_keeps_what_code_scanning_keeps_and_loses_nothing() {
    let analysis = analysis(&[("111122223333", "eu-west-1")]);
    let number = |index: usize| {
        let mut finding = finding(&format!("number {index}"));
        finding.source = Some(subject(&format!("eni-s{}", index % 40), "111122223333", "eu-west-1"));
        finding.destination = Some(subject(&format!("eni-d{}", index % 150), "111122223333", "eu-west-1"));
        finding
    };
    let mut audit = audit(&analysis, vec![check("all", (0..5_001).map(number).collect())]);
    let triage = plain(&mut audit);
    let sarif: Value = serde_json::from_str(&written(Exchange::Sarif, &audit, &triage)).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    // 40 sources and 150 destinations: the ends of 600 pairs.
    assert_eq!(results.len(), 600);
    let findings: u64 = results.iter().map(|it| it["properties"]["findings"].as_u64().unwrap()).sum();
    assert_eq!(findings, 5_001);
    let locations = results.iter().map(|it| {
        let flows = it["codeFlows"].as_array().unwrap();
        flows.iter().map(|flow| flow["threadFlows"][0]["locations"].as_array().unwrap().len()).sum::<usize>()
    });
    assert!(locations.max().unwrap() <= 1_000);
    let mut prints: Vec<&str> =
        results.iter().map(|it| it["partialFingerprints"]["netproofFinding/v1"].as_str().unwrap()).collect();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), 600, "each has a fingerprint of its own");
}

#[test]
fn sarif_tells_standings_apart() {
    let analysis = analysis(&[("111122223333", "eu-west-1")]);
    let (audit, triage) = mixed(&analysis);
    let sarif: Value = serde_json::from_str(&written(Exchange::Sarif, &audit, &triage)).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let find = |title: &str| {
        let is_it = |it: &&Value| it["message"]["text"].as_str().unwrap().starts_with(title);
        results.iter().find(is_it).unwrap()
    };
    assert_eq!(find("found new")["baselineState"], "new");
    assert_eq!(find("found known")["baselineState"], "unchanged");
    let suppressed = &find("found suppressed")["suppressions"][0];
    assert_eq!(
        (&suppressed["status"], &suppressed["justification"]),
        (&Value::from("accepted"), &Value::from("it is a decoy"))
    );
    let unknown = find("Unknown: what gw-1 does");
    assert_eq!((&unknown["kind"], &unknown["level"]), (&Value::from("open"), &Value::from("none")));
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][0]["properties"]["security-severity"], "8.0");
}

#[test]
fn pictures_are_aggregated_and_names_do_not_break_out() {
    let analysis = analysis(&[("111122223333", "eu-west-1")]);
    let evil = |index: usize| {
        let mut finding = finding(&format!("number {index}"));
        let mut source = subject(&format!("eni-s{index}"), "111122223333", "eu-west-1");
        source.name = Some("\"];\nevil -> b; \\".to_owned());
        let destination = subject(&format!("eni-d{index}"), "111122223333", "eu-west-1");
        let mut ends = [step(&source.id, "from"), step(&destination.id, "to")];
        ends[0].role = Role::Source;
        ends[0].key.clone_from(&source.key);
        ends[1].role = Role::Destination;
        ends[1].key.clone_from(&destination.key);
        finding.ways[0].steps = ends.to_vec();
        (finding.source, finding.destination) = (Some(source), Some(destination));
        finding
    };
    // All ends are in one subnet: together they are one box, without an arrow to itself.
    for (count, arrows) in [(3, 3), (2_000, 0)] {
        for (format, arrow) in [(Exchange::Dot, "\" -> \"111122223333/"), (Exchange::Mermaid, "-->")] {
            let mut audit = audit(&analysis, vec![check("all", (0..count).map(evil).collect())]);
            let triage = plain(&mut audit);
            let text = written(format, &audit, &triage);
            assert_eq!(text.matches(arrow).count(), arrows, "{}", format.name());
            assert!(!text.lines().any(|line| line.trim_start().starts_with("evil")), "{}", format.name());
        }
    }
}

#[test]
fn severities_read_as_they_are_written() {
    for label in SeverityLabel::ALL {
        assert_eq!(SeverityLabel::parse(&label.name().to_lowercase()), Some(label));
    }
    assert_eq!(SeverityLabel::parse("grave"), None);
}
