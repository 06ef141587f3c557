//! A firewall that drops what is established lets handshakes through: the answer says so.

use netproof::{Analysis, Direction, Question, Verdict};

const SCENARIO: &str = include_str!("scenarios/network-firewall-stateful.toml");

#[test]
fn a_handshake_without_data_is_said() {
    let text: toml::Table = SCENARIO.parse().unwrap();
    let network = text["network"]["json"].as_str().unwrap().as_bytes().to_vec();
    let analysis = Analysis::of_documents([("network.json".to_owned(), network)]);
    let ask = |port, direction| {
        let question = Question::parse("eni-c", "internet").unwrap().tcp(port).in_direction(direction);
        let answered = analysis.answer(&question);
        (answered.verdict, answered.reasons.first().map(|reason| reason.text.clone()))
    };
    assert_eq!(ask(80, Direction::Forward).0, Verdict::Reachable);
    let (verdict, reason) = ask(80, Direction::RoundTrip);
    assert_eq!(verdict, Verdict::Unreachable);
    assert_eq!(reason.as_deref(), Some("a firewall lets the handshake through, but no data"));
    // Where a rule drops the first packet, too, there is no handshake to speak of.
    let (verdict, reason) = ask(23, Direction::RoundTrip);
    assert_eq!(verdict, Verdict::Unreachable);
    assert_ne!(reason.as_deref(), Some("a firewall lets the handshake through, but no data"));
}
