use graph::*; use headerspace::*; use search::*;
fn main() {
    let seed: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let g = testkit::random_graph::random_graph(seed);
    for e in g.ends() { println!("end {:?} dep {:?} arr {:?} ans {:?} border {} {:?}", g.resource(e.resource).id, e.departs.map(|n| g.describe(n)), e.arrives.map(|n| g.describe(n)), e.answers.map(|n| g.describe(n)), e.border, e.world); }
    let a = |x: u8| std::net::IpAddr::from([0,0,0,x]);
    let p = Packet::tcp(a(2), a(2), 1, 2);
    for n in g.nodes() { println!("{} {:?}", g.describe(n), g.node(n).choice); }
    let s: Vec<_> = g.ends().iter().filter_map(|e| e.departs).collect();
    let d: Vec<_> = g.ends().iter().filter_map(|e| e.arrives).collect();
    let want = std::env::args().nth(2).unwrap();
    for start in s.iter().copied().filter(|n| g.describe(*n) == want) {
        for t in walk(&g, start, p, Session::Opening) {
            println!("-> {} {:?} {}", t.hops.iter().map(|h| format!("{}[{}]", g.describe(g.edge(h.edge).to), h.after)).collect::<Vec<_>>().join(" "), t.disposition, t.certain);
            if !t.disposition.is_success() {continue}
            for e in g.arriving_at(t.end) { if let Some(ans) = e.answers { for r in walk(&g, ans, t.arriving().reply().unwrap(), Session::ReplyTo(&t)) {
                println!("     <- {} {} {:?} {}", g.describe(ans), r.hops.iter().map(|h| format!("{}[{}]", g.describe(g.edge(h.edge).to), h.after)).collect::<Vec<_>>().join(" "), r.disposition, r.certain);
            }}}
        }
    }
    let q = PathQuery::between(s, d);
    for f in Sets::new(&g).paths(&q).found.iter().filter(|f| g.describe(f.source) == want) {
        println!("PATH {} : {}  {:?}", f.edges.iter().map(|e| g.describe(g.edge(*e).to)).collect::<Vec<_>>().join(" "), f.tracks.iter().map(|t| t.first.to_match().to_string()).collect::<Vec<_>>().join(" | "), match &f.replies { Replies::Some(m) => format!("some {m}"), o => format!("{o:?}") });
    }

    for (x, y) in g.ends().iter().flat_map(|a| g.ends().iter().map(move |b| (a.departs, b.arrives))) { let (Some(x), Some(y)) = (x, y) else { continue };
        let a = Sets::new(&g).answer(&PathQuery::between([x], [y]));
        println!("{} to {}: {}", g.describe(x), g.describe(y), match a { Answer::Reachable(w) => format!("{}", w.forward.packet), Answer::Unreachable(_) => "un".into(), Answer::Unknown(w) => format!("unknown {}", w.len()) });
    }
}
