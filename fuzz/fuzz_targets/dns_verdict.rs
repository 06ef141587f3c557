//! Whatever the lists, rules and groups, a DNS firewall decides as rules read one by one do.
#![no_main]

use dns::{Firewall, Query};
use libfuzzer_sys::fuzz_target;
use testkit::dns_firewall::{Draws, Naive, Oddity, Sketch, TYPES, universe};

fuzz_target!(|bytes: &[u8]| {
    let mut draws = Draws::from_bytes(bytes);
    let oddity = draws.of(&[Oddity::None, Oddity::Names, Oddity::States, Oddity::Everything]);
    let sketch = Sketch::new(&mut draws, oddity);
    let lists = sketch.lists();
    let firewall = Firewall::new(&lists, sketch.stack.clone());
    let naive = Naive::new(&sketch);
    let universe = universe();
    for _ in 0..10 {
        let (name, query_type) = (draws.of(&universe), draws.of(TYPES));
        let query = Query { name: name.parse().expect("all names of the universe are names"), query_type };
        let wrong = naive.disagreement(&firewall, &query);
        assert_eq!(wrong, None, "{sketch:#?}");
    }
});
