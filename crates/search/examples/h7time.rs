use search::*; use std::time::Instant;
fn main() {
    let arg = |n| std::env::args().nth(n).unwrap().parse::<u64>().unwrap();
    for seed in arg(1)..arg(2) {
        let g = testkit::random_graph::random_graph(seed);
        let s: Vec<_> = g.ends().iter().filter_map(|e| e.departs).collect();
        let d: Vec<_> = g.ends().iter().filter_map(|e| e.arrives).collect();
        let t = Instant::now();
        let mut q = PathQuery::between(s, d);
        q.most = 20000;
        let p = Sets::new(&g).paths(&q);
        let e = t.elapsed();
        if e.as_millis() > 300 { println!("{seed} {e:?} {:?} {} longest {:?}", p.work, p.truncated, p.found.iter().map(|f| f.edges.len()).max()); }
    }
}
