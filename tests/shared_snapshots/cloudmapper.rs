//! CloudMapper's demo account: no route tables, no network ACLs, no internet gateways. What depends on them must be
//! unknown, not answered as if they had been seen.

use netproof::Verdict;
use serde_json::json;

use crate::{ask, folder, interfaces, open, subnet};

#[test]
fn what_needs_missing_tables_is_unknown() {
    let Some(root) = folder("cloudmapper-demo") else { return };
    let analysis = open(&root);
    let graph = analysis.graph();
    let interfaces = interfaces(graph);
    let (mut unknown, mut refused, mut within, mut wrong) = (0, 0, 0, String::new());
    let mut note = |text: String| {
        wrong.push_str(&text);
        wrong.push('\n');
    };
    for (from, from_end) in &interfaces {
        let mut questions =
            vec![(from.clone(), "internet".to_owned(), false), ("internet".to_owned(), from.clone(), false)];
        for (to, to_end) in interfaces.iter().filter(|(to, _)| to != from) {
            questions.push((from.clone(), to.clone(), subnet(graph, from_end) == subnet(graph, to_end)));
        }
        let ports = [22, 443, 8000];
        let questions = questions.into_iter().flat_map(|question| ports.map(|port| (question.clone(), port)));
        for ((source, destination, near), port) in questions {
            let flow = json!({ "source": source, "destination": destination, "protocol": "tcp", "destination-port": port });
            let (verdict, reasons) = ask(&analysis, flow, "round-trip");
            // Security groups are there: what no rule of theirs admits is refused, whatever the missing tables say.
            // But two internet-facing balancers have no interfaces in the export, so that they may lead anywhere.
            let on_grounds = reasons
                .iter()
                .all(|reason| reason.contains("no rule of") || reason.contains("has the address"));
            match verdict {
                Verdict::Unknown => unknown += 1,
                Verdict::Unreachable if on_grounds => refused += 1,
                _ if near => within += 1,
                _ => note(format!("{source} to {destination}: {verdict}, {reasons:?}")),
            }
        }
    }
    println!("cloudmapper: {unknown} unknown, {refused} refused, {within} within a subnet");
    assert!(wrong.is_empty(), "\n{wrong}");
    assert_eq!([unknown, refused, within], [18, 0, 0]);
}
