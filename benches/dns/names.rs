//! DNS names beside a walk through a plain hash set and beside Brave's `adblock`, in one run.
//!
//! `load`: a million entries, from text to an index. `verdict`: what becomes of a name, and by which rule and entry; the
//! peers only say whether it is listed. `shapes`: the same for other names and shares of hits. `proofs`: answers for all
//! names, at AWS's quota of 100,000 entries and at a tenth and ten times that.
//!
//! Answers are compared before anything is timed. `cargo bench --manifest-path benches/dns/Cargo.toml`, a short run with
//! `DNS_NAMES_QUICK=1`.

use std::{collections::BTreeSet, hint::black_box, time::Duration};

use adblock::{Engine, request::Request};
use criterion::{BenchmarkId, Criterion, Throughput};
use dns::{Action, Coverage, DomainLists, Firewall, NameSet, Query, Verdict};
use netproof_dns_bench::{Random, Shape, lists, names, queries, stack};
use rustc_hash::FxHashSet;

/// Queries of one measured pass.
const PASS: usize = 10_000;

fn walk(set: &FxHashSet<String>, name: &str) -> bool {
    let mut rest = Some(name);
    while let Some(name) = rest {
        if set.contains(name) {
            return true;
        }
        rest = name.split_once('.').map(|(_, rest)| rest);
    }
    false
}

fn engine(names: &[String]) -> Engine {
    let rules: Vec<String> = names.iter().map(|name| format!("||{name}^")).collect();
    Engine::new_with_list_text(rules.join("\n"))
}

fn request(query: &Query) -> Request {
    let name = query.name.as_str();
    Request::preparsed(&format!("https://{name}/"), name, "", "other", true, "get")
}

/// Times a question put to ever different names.
fn per_name(bench: &mut criterion::Bencher<'_>, queries: &[Query], ask: impl Fn(&Query) -> bool) {
    let mut passes = queries.chunks_exact(PASS).cycle();
    bench.iter(|| {
        let pass = passes.next().unwrap_or_default();
        pass.iter().filter(|query| ask(black_box(query))).count()
    });
}

fn load(criterion: &mut Criterion, count: usize) {
    let names = names(Shape::Mixed, count, &mut Random(1));
    let entries: Vec<String> = names.iter().map(|name| format!("*.{name}.")).collect();
    let text = entries.join("\n");
    let mut group = criterion.benchmark_group("load");
    group.bench_function(BenchmarkId::new("hash_set", count), |bench| {
        bench.iter(|| text.lines().map(str::to_owned).collect::<FxHashSet<String>>());
    });
    let read = || {
        let mut builder = DomainLists::builder();
        builder.list("list", Coverage::Complete, text.lines());
        builder.build()
    };
    println!(
        "{count} entries: {:.1} bytes an entry beyond the text",
        (read().bytes() as f64 - entries.iter().map(String::len).sum::<usize>() as f64) / count as f64
    );
    group.bench_function(BenchmarkId::new("ours", count), |bench| bench.iter(read));
    group.bench_function(BenchmarkId::new("adblock", count), |bench| bench.iter(|| engine(&names)));
}

fn verdicts(criterion: &mut Criterion, count: usize, all_rules: &[usize]) {
    let mut random = Random(2);
    let names = names(Shape::Mixed, count, &mut random);
    let queries = queries(&names, count.max(PASS), 50, &mut random);
    let set: FxHashSet<String> = names.iter().cloned().collect();
    let engine = engine(&names);
    let entries: Vec<String> = names.iter().map(|name| format!("*.{name}.")).collect();
    let pairs: Vec<String> =
        names.iter().take(count / 2).flat_map(|name| [format!("{name}."), format!("*.{name}.")]).collect();
    let mut group = criterion.benchmark_group(format!("verdict/{count}"));
    group.throughput(Throughput::Elements(PASS as u64));
    group.bench_function("hash_walk", |bench| {
        per_name(bench, &queries, |query| walk(&set, query.name.as_str()));
    });
    for &rules in all_rules {
        let (lists, ids, _) = lists(&entries, rules);
        let firewall = Firewall::new(&lists, stack(&ids, None));
        let mut hits = 0;
        for query in queries.iter().take(100_000) {
            let expected = walk(&set, query.name.as_str());
            let ours = firewall.verdict(query);
            assert_eq!(ours.rule.is_some(), expected, "{query}: {ours:?}");
            assert_eq!(ours.entry.is_some(), expected, "{query}: {ours:?}");
            assert_eq!(
                engine.check_network_request(&request(query)).filter.is_some(),
                expected,
                "{query}: adblock"
            );
            hits += usize::from(expected);
        }
        println!(
            "{count} entries, {rules} rules: all agree, {hits} of {} are listed",
            queries.len().min(100_000)
        );
        group.bench_function(format!("ours/{rules}"), |bench| {
            per_name(bench, &queries, |query| firewall.verdict(query).verdict == Verdict::Block);
        });
    }
    let (lists, ids, all) = lists(&pairs, 500);
    let firewall = Firewall::new(&lists, stack(&ids, Some(all)));
    group.bench_function("ours_pairs_and_rest/500", |bench| {
        per_name(bench, &queries, |query| firewall.verdict(query).verdict == Verdict::Block);
    });
    group.bench_function("adblock", |bench| {
        per_name(bench, &queries, |query| engine.check_network_request(&request(query)).filter.is_some());
    });
}

fn shapes(criterion: &mut Criterion, count: usize) {
    for shape in [Shape::Mixed, Shape::Long, Shape::Deep, Shape::OneSuffix] {
        let mut random = Random(3);
        let names = names(shape, count, &mut random);
        let set: FxHashSet<String> = names.iter().cloned().collect();
        let entries: Vec<String> = names.iter().map(|name| format!("*.{name}.")).collect();
        let (lists, ids, _) = lists(&entries, 500);
        let firewall = Firewall::new(&lists, stack(&ids, None));
        for hits in [0, 50, 100] {
            let queries = queries(&names, count.max(PASS), hits, &mut random);
            for query in queries.iter().take(10_000) {
                assert_eq!(
                    firewall.verdict(query).rule.is_some(),
                    walk(&set, query.name.as_str()),
                    "{query}"
                );
            }
            let mut group = criterion.benchmark_group(format!("shapes/{count}/{shape:?}/{hits}%"));
            group.throughput(Throughput::Elements(PASS as u64));
            group.bench_function("hash_walk", |bench| {
                per_name(bench, &queries, |query| walk(&set, query.name.as_str()));
            });
            group.bench_function("ours", |bench| {
                per_name(bench, &queries, |query| firewall.verdict(query).verdict == Verdict::Block);
            });
        }
    }
}

fn proofs(criterion: &mut Criterion, count: usize) {
    let names = names(Shape::Mixed, count, &mut Random(4));
    let kinds = |(index, name): (usize, &String)| {
        if index % 3 == 0 { format!("*.{name}.") } else { format!("{name}.") }
    };
    let entries: Vec<String> = names.iter().enumerate().map(kinds).collect();
    let (lists, ids, all) = lists(&entries, 500);
    let firewall = Firewall::new(&lists, stack(&ids, Some(all)));
    let mut other = stack(&ids, Some(all));
    let group = std::sync::Arc::make_mut(&mut other.groups[3].group);
    group.rules[6].action = Action::Block(dns::Response::NoData);
    let other = Firewall::new(&lists, other);
    let denied = lists.names(ids[2]);
    // Stars without dots have to be looked up octet by octet.
    let stars: Vec<String> = names.iter().map(|name| format!("*{name}")).collect();
    let (star_lists, star_ids, star_all) = netproof_dns_bench::lists(&stars, 500);
    let odd = Firewall::new(&star_lists, stack(&star_ids, Some(star_all)));
    let mut group = criterion.benchmark_group(format!("proofs/{count}"));
    group
        .bench_function("walled_garden", |bench| bench.iter(|| firewall.is_walled_garden(&NameSet::empty())));
    group.bench_function("deny", |bench| bench.iter(|| firewall.blocks_all(&denied)));
    group.bench_function("rule_uses", |bench| bench.iter(|| firewall.rule_uses()));
    group.bench_function("compare", |bench| bench.iter(|| firewall.compare(&other, 10)));
    group.bench_function("rule_uses_of_stars", |bench| bench.iter(|| odd.rule_uses()));
}

fn main() {
    let quick = std::env::var_os("DNS_NAMES_QUICK").is_some();
    let mut criterion = Criterion::default().sample_size(10);
    if quick {
        let (warm_up, measure) = (Duration::from_millis(50), Duration::from_millis(100));
        criterion = criterion.warm_up_time(warm_up).measurement_time(measure);
    }
    let mut criterion = criterion.configure_from_args();
    let (most, sizes): (usize, BTreeSet<usize>) =
        if quick { (10_000, [10_000].into()) } else { (1_000_000, [10_000, 100_000, 1_000_000].into()) };
    load(&mut criterion, most);
    for &count in sizes.iter().filter(|count| quick || **count > 10_000) {
        verdicts(&mut criterion, count, &[1, 100, 500]);
    }
    shapes(&mut criterion, if quick { 10_000 } else { 100_000 });
    for &count in &sizes {
        proofs(&mut criterion, count);
    }
    criterion.final_summary();
}
