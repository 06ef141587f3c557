//! Names and what is below them, against the DNS server unbound: its zones are our pairs of entries, the longest first.
//!
//! Runs where `unbound` is installed; says so where it is not.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test: failing loudly is its job")]
#![allow(clippy::print_stdout, reason = "tests may tell")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    net::UdpSocket,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use dns::{
    Action, Coverage, DomainLists, Firewall, Names, Query, QueryType, Redirection, Response, Rule, RuleGroup,
    Stack, State, Verdict,
};
use testkit::dns_firewall::{Draws, LABELS, universe};

#[test]
fn unbound_blocks_the_same_names() {
    let Some(program) = installed() else {
        println!("skipped: there is no `unbound` (apt-get install unbound)");
        return;
    };
    let mut draws = Draws::new(20_261_127);
    let names: Vec<String> =
        universe().into_iter().filter(|name| !matches!(name.as_str(), "" | ".")).collect();
    let mut counts = [0; 3];
    for _ in 0..3 {
        // Some names are blocked with everything below, some are not although what they are in is.
        let mut zones = BTreeMap::<String, bool>::new();
        for _ in 0..40 {
            zones.insert(draws.of(&names), draws.one_in(2));
        }
        let exact: BTreeSet<String> =
            (0..20).map(|_| format!("{}.{}.exact", draws.of(LABELS), draws.of(LABELS))).collect();
        let server = Server::start(&program, &zones, &exact);
        let (lists, stack) = firewall(&zones, &exact);
        let firewall = Firewall::new(&lists, stack);
        for name in &names {
            for name in [format!("{name}."), format!("zz.{name}."), format!("{name}.exact.")] {
                let asked = if draws.one_in(2) { name.to_uppercase() } else { name.clone() };
                let query = Query { name: asked.parse().unwrap(), query_type: QueryType::A };
                let verdict = firewall.verdict(&query).verdict;
                let (refused, answered) = server.ask(&asked);
                assert_eq!(verdict == Verdict::Block, refused, "{name}: {verdict:?}");
                assert_eq!(verdict == Verdict::Alert, answered, "{name}: {verdict:?}");
                counts[if refused {
                    0
                } else if answered {
                    1
                } else {
                    2
                }] += 1;
            }
        }
    }
    println!("{counts:?} refused, answered, neither");
    assert!(counts.iter().all(|count| *count > 20), "{counts:?}");
}

/// A rule for each zone, the longest first; exact names raise an alert.
fn firewall(zones: &BTreeMap<String, bool>, exact: &BTreeSet<String>) -> (DomainLists, Stack) {
    let mut lists = DomainLists::builder();
    let rule = |priority: usize, list, action| Rule {
        name: format!("rule {priority}"),
        priority: i64::try_from(priority).unwrap(),
        names: Names::List(list),
        query_type: None,
        action,
        redirection: Redirection::Inspect,
        state: State::InForce,
    };
    let mut sorted: Vec<(&String, &bool)> = zones.iter().collect();
    sorted.sort_by_key(|(name, _)| std::cmp::Reverse(name.matches('.').count()));
    let mut rules = Vec::new();
    for (place, (name, blocks)) in sorted.into_iter().enumerate() {
        let entries = [format!("{name}."), format!("*.{name}.")];
        let (list, unread) = lists.list(name, Coverage::Complete, entries.iter().map(String::as_str));
        assert_eq!(unread, []);
        let action = if *blocks { Action::Block(Response::NxDomain) } else { Action::Allow };
        rules.push(rule(place, list, action));
    }
    let (list, _) = lists.list("exact", Coverage::Complete, exact.iter().map(String::as_str));
    rules.push(rule(rules.len(), list, Action::Alert));
    let group = Arc::new(RuleGroup { id: "group".to_owned(), rules });
    (lists.build(), Stack::ordered([group]))
}

fn installed() -> Option<String> {
    ["unbound", "/usr/sbin/unbound"].into_iter().map(str::to_owned).find(|program| {
        Command::new(program).arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    })
}

/// A running server; it is stopped when it goes away.
struct Server {
    child: Child,
    socket: UdpSocket,
    folder: std::path::PathBuf,
}

impl Server {
    fn start(program: &str, zones: &BTreeMap<String, bool>, exact: &BTreeSet<String>) -> Self {
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = std::env::temp_dir().join(format!("netproof-unbound-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut text = format!(
            "server:\n interface: 127.0.0.1\n port: {port}\n username: \"\"\n chroot: \"\"\n pidfile: \"\"\n \
             use-syslog: no\n do-daemonize: no\n module-config: \"iterator\"\n num-threads: 1\n \
             local-zone: \".\" always_nodata\n local-zone: \"exact.\" static\n"
        );
        for (name, blocks) in zones {
            let kind = if *blocks { "always_refuse" } else { "always_nodata" };
            writeln!(text, " local-zone: \"{name}.\" {kind}").unwrap();
        }
        for name in exact {
            writeln!(text, " local-data: \"{name}. A 192.0.2.1\"").unwrap();
        }
        text.push_str("remote-control:\n control-enable: no\n");
        let config = folder.join("unbound.conf");
        std::fs::write(&config, text).unwrap();
        let child = Command::new(program)
            .arg("-c")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(("127.0.0.1", port)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let server = Self { child, socket, folder };
        let start = Instant::now();
        while server.try_ask("a.").is_none() {
            assert!(start.elapsed() < Duration::from_secs(20), "unbound does not answer");
        }
        server
    }

    /// Whether a query for an address is refused, and whether it is answered with one.
    fn ask(&self, name: &str) -> (bool, bool) {
        (0..20).find_map(|_| self.try_ask(name)).unwrap()
    }

    fn try_ask(&self, name: &str) -> Option<(bool, bool)> {
        let mut packet = vec![0x4e, 0x50, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.trim_end_matches('.').split('.') {
            packet.push(u8::try_from(label.len()).unwrap());
            packet.extend(label.as_bytes());
        }
        packet.extend([0, 0, 1, 0, 1]);
        self.socket.send(&packet).ok()?;
        let mut answer = [0; 512];
        let length = self.socket.recv(&mut answer).ok()?;
        // An answer that was late is one to another name.
        let asked = packet.get(12..)?.to_ascii_lowercase();
        let said = answer.get(12..packet.len().min(length))?.to_ascii_lowercase();
        (said == asked).then(|| (answer[3] & 15 == 5, answer[7] > 0))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
