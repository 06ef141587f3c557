//! Packets, terms, rewrites and ranges as people meet them.

#![allow(clippy::unwrap_used, reason = "the lint's exception for tests covers test functions only")]

use std::net::IpAddr;

use headerspace::{Family, Field, HeaderSpace, Match, Packet, Ranges, Rewrite};
use ipnet::IpNet;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn net(text: &str) -> IpNet {
    text.parse().unwrap()
}

#[test]
fn packets_read_like_a_flow_log() {
    let texts = [
        Packet::tcp(ip("1.2.3.4"), ip("5.6.7.8"), 80, 443),
        Packet::udp(ip("2001:db8::1"), ip("2001:db8::2"), 53, 50_000),
        Packet::icmp(ip("1.2.3.4"), ip("5.6.7.8"), 8, 0),
        Packet::icmp(ip("::1"), ip("::2"), 128, 0),
        Packet::other(ip("1.2.3.4"), ip("5.6.7.8"), 47),
        Packet::tcp(ip("1.2.3.4"), ip("2001:db8::2"), 1, 2),
    ]
    .map(|packet| packet.to_string());
    assert_eq!(
        texts,
        [
            "tcp 1.2.3.4:80 -> 5.6.7.8:443",
            "udp [2001:db8::1]:53 -> [2001:db8::2]:50000",
            "icmp 1.2.3.4 -> 5.6.7.8 type 8 code 0",
            "icmpv6 ::1 -> ::2 type 128 code 0",
            "protocol 47 1.2.3.4 -> 5.6.7.8",
            "tcp [::ffff:1.2.3.4]:1 -> [2001:db8::2]:2",
        ]
    );
}

#[test]
fn replies_swap_ends_and_answer_queries() {
    let reply = |packet: Packet| packet.reply().map(|reply| reply.to_string());
    let tcp = Packet::tcp(ip("1.2.3.4"), ip("5.6.7.8"), 1000, 443);
    assert_eq!(reply(tcp).as_deref(), Some("tcp 5.6.7.8:443 -> 1.2.3.4:1000"));
    assert_eq!(tcp.reply().and_then(|reply| reply.reply()), Some(tcp));
    let icmp = |icmp_type| Packet::icmp(ip("1.2.3.4"), ip("5.6.7.8"), icmp_type, 3);
    for (query, answer) in [(8, 0), (13, 14), (15, 16), (17, 18)] {
        let back = icmp(query).reply().unwrap();
        assert_eq!((back.get(Field::IcmpType), back.get(Field::IcmpCode)), (answer, 3));
    }
    assert_eq!(icmp(0).reply(), None);
    assert_eq!(icmp(3).reply(), None);
    let icmpv6 = |icmp_type| Packet::icmp(ip("::1"), ip("::2"), icmp_type, 0);
    assert_eq!(reply(icmpv6(128)).as_deref(), Some("icmpv6 ::2 -> ::1 type 129 code 0"));
    assert_eq!(icmpv6(8).reply(), None);
    let gre = Packet::other(ip("1.2.3.4"), ip("5.6.7.8"), 47);
    assert_eq!(reply(gre).as_deref(), Some("protocol 47 5.6.7.8 -> 1.2.3.4"));
}

#[test]
fn what_the_network_remembers_of_the_sender_is_no_part_of_the_header() {
    let packet = Packet::tcp(ip("1.2.3.4"), ip("5.6.7.8"), 1000, 443);
    let (ping, gre) =
        (Packet::icmp(ip("::1"), ip("::2"), 128, 0), Packet::other(ip("1.2.3.4"), ip("5.6.7.8"), 47));
    assert_eq!([packet, ping, gre].map(|packet| packet.get(Field::Identity)), [0; 3]);
    let texts = [packet, ping, gre].map(|packet| packet.with(Field::Identity, 1).to_string());
    assert_eq!(
        texts,
        [
            "tcp 1.2.3.4:1000 -> 5.6.7.8:443 (identity 1)",
            "icmpv6 ::1 -> ::2 type 128 code 0 (identity 1)",
            "protocol 47 1.2.3.4 -> 5.6.7.8 (identity 1)",
        ]
    );
    // A reply has a sender of its own.
    assert_eq!(packet.with(Field::Identity, 7).reply(), packet.reply());
    assert_eq!(packet.reply().map(|reply| reply.get(Field::Identity)), Some(0));
    assert!(packet.with(Field::Identity, 7).is_well_formed());
    // The whole width counts.
    assert_eq!(packet.with(Field::Identity, 0x1_ffff).get(Field::Identity), 0xffff);

    let forgotten = Match::In(Field::Identity, Ranges::single(1));
    let texts = [
        forgotten.clone(),
        Match::not(forgotten.clone()),
        Match::all_of([Match::protocol(6), Match::In(Field::Identity, Ranges::range(2..=5))]),
    ]
    .map(|term| term.to_string());
    assert_eq!(texts, ["identity 1", "not identity 1", "tcp and identity 2-5"]);
    let forgets = Rewrite::identity().assign(Field::Identity, Ranges::single(1));
    assert_eq!(forgets.to_string(), "identity := 1");

    let mut space = HeaderSpace::new();
    let set = space.compile(&Match::all_of([Match::protocol(6), forgotten]));
    let plain = space.exists(set, Field::Identity);
    let (block, same) = (&space.blocks(set)[0], &space.blocks(plain)[0]);
    assert_eq!(block.to_match().to_string(), "tcp and identity 1");
    assert_eq!(block.to_header_match().to_string(), "tcp");
    assert!(block.same_headers(same) && block != same);
}

#[test]
fn answered_packets_have_any_identity_and_replies_have_none() {
    let mut space = HeaderSpace::new();
    let replies = Match::all_of([Match::protocol(6), Match::ports(Field::SrcPort, 443..=443)]);
    let with = |values| Match::all_of([replies.clone(), Match::In(Field::Identity, values)]);
    let asking =
        Match::all_of([Match::protocol(6), Match::ports(Field::DstPort, 443..=443), Match::well_formed()]);
    let asking = space.compile(&asking);
    for values in [Ranges::single(0), Ranges::range(0..=9)] {
        let replies = space.compile(&with(values));
        assert_eq!(space.reverse_back(replies), asking);
    }
    let later = space.compile(&with(Ranges::range(1..=0xffff)));
    assert_eq!(space.reverse_back(later), space.empty());
    let answers = space.reverse(asking);
    assert_eq!(space.project(answers, Field::Identity), Ranges::single(0));
}

#[test]
fn values_beyond_a_field_lose_their_high_bits() {
    let packet = Packet::other(ip("0.0.0.0"), ip("0.0.0.0"), 0);
    assert_eq!(packet.with(Field::DstPort, 0x1_0050).get(Field::DstPort), 0x50);
    assert_eq!(packet.with(Field::Family, 3).family(), Family::V6);
    assert!(!packet.with(Field::SrcIp, 1 << 32).is_well_formed());
}

#[test]
fn terms_read_as_sentences() {
    let web = Match::all_of([
        Match::protocol(6),
        Match::ports(Field::DstPort, 80..=443),
        Match::src_in(net("10.0.0.0/8")),
    ]);
    let texts = [
        web.clone(),
        Match::any_of([web.clone(), Match::src_in(net("192.0.2.7/32"))]),
        Match::not(Match::any_of([Match::protocol(17), web.clone()])),
        Match::all_of([Match::any_of([Match::protocol(17), Match::family(Family::V6)]), Match::protocol(47)]),
        Match::dst_any_of([net("2001:db8::/32"), net("10.0.0.0/8"), net("10.1.0.0/16"), net("192.0.2.0/24")]),
        Match::any_of([Match::protocol(6), Match::protocol(17), Match::protocol(50), Match::protocol(51)]),
        Match::In(Field::SrcIp, Ranges::range(0x0a00_0001..=0x0a00_00fe)),
        Match::In(Field::SrcIp, Ranges::range(0x0a00_0100..=0x0a00_02ff)),
        Match::all_of([Match::family(Family::V6), Match::In(Field::SrcIp, Ranges::range(0..=15))]),
        Match::All,
        Match::never(),
    ]
    .map(|term| term.to_string());
    assert_eq!(
        texts,
        [
            "tcp and dst_port 80-443 and src_ip in 10.0.0.0/8",
            "tcp and dst_port 80-443 and src_ip in 10.0.0.0/8 or src_ip 192.0.2.7",
            "not (udp or tcp and dst_port 80-443 and src_ip in 10.0.0.0/8)",
            "(udp or ipv6) and protocol 47",
            "dst_ip in {10.0.0.0/8, 192.0.2.0/24} or dst_ip in 2001:db8::/32",
            "protocol in {tcp, udp, 50-51}",
            "src_ip 10.0.0.1-10.0.0.254",
            "src_ip in {10.0.1.0/24, 10.0.2.0/24}",
            "src_ip in ::/124",
            "any packet",
            "no packet",
        ]
    );
}

#[test]
fn rewrites_read_as_assignments() {
    let nat = Rewrite::identity()
        .assign(Field::SrcPort, Ranges::range(1024..=65535))
        .assign(Field::SrcIp, Ranges::single(0x0a00_0009));
    assert_eq!(nat.to_string(), "src_ip := 10.0.0.9, src_port := 1024-65535");
    assert_eq!(Rewrite::identity().to_string(), "unchanged");
    let before = Packet::tcp(ip("192.0.2.1"), ip("192.0.2.2"), 80, 443);
    assert_eq!(nat.apply(&before).to_string(), "tcp 10.0.0.9:1024 -> 192.0.2.2:443");
    assert!(nat.allows(&before, &nat.apply(&before)));
    let kept = Packet::tcp(ip("192.0.2.1"), ip("192.0.2.2"), 4000, 443);
    assert_eq!(nat.apply(&kept).to_string(), "tcp 10.0.0.9:4000 -> 192.0.2.2:443");
}

#[test]
fn constructors_simplify_the_obvious() {
    let tcp = Match::protocol(6);
    assert_eq!(Match::all_of([Match::All, tcp.clone()]), tcp);
    assert_eq!(Match::all_of([Match::never(), tcp.clone()]), Match::never());
    assert_eq!(Match::all_of([]), Match::All);
    assert_eq!(Match::any_of([Match::never(), tcp.clone()]), tcp);
    assert_eq!(Match::any_of([tcp.clone(), Match::All]), Match::All);
    assert_eq!(Match::not(Match::not(tcp.clone())), tcp);
    assert_eq!(Match::not(Match::All), Match::never());
    let web = Match::any_of([Match::ports(Field::DstPort, 80..=80), Match::ports(Field::DstPort, 443..=443)]);
    assert_eq!(web.to_string(), "dst_port in {80, 443}");
    assert_eq!(Match::src_any_of([]), Match::never());
}

#[test]
fn samples_are_friendly() {
    let mut space = HeaderSpace::new();
    let web = space.compile(&Match::all_of([
        Match::src_in(net("192.0.2.0/24")),
        Match::dst_in(net("10.0.0.5/32")),
        Match::any_of([Match::ports(Field::DstPort, 443..=443), Match::protocol(1)]),
    ]));
    let sample = space.sample(web).map(|packet| packet.to_string());
    assert_eq!(sample.as_deref(), Some("tcp 192.0.2.0:49152 -> 10.0.0.5:443"));
    let ping = space.compile(&Match::all_of([Match::protocol(1), Match::family(Family::V4)]));
    let sample = space.sample(ping).map(|packet| packet.to_string());
    assert_eq!(sample.as_deref(), Some("icmp 0.0.0.0 -> 0.0.0.0 type 8 code 0"));
    assert_eq!(space.sample(space.empty()), None);
}

#[test]
fn ten_thousand_single_addresses_join_quickly() {
    let mut space = HeaderSpace::new();
    let singles: Vec<_> =
        (0..10_000_u128).map(|n| space.compile(&Match::In(Field::DstIp, Ranges::single(n * 7)))).collect();
    let before = space.node_count();
    let all = space.any_of(singles.iter().copied());
    assert_eq!(space.node_count() - before, 1);
    assert_eq!(space.project(all, Field::DstIp).len(), 10_000);
    assert!(space.overlaps(all, singles[5_000]));
    let one_less = space.minus(all, singles[5_000]);
    assert_eq!(space.or(one_less, singles[5_000]), all);
    assert_eq!(space.check_invariants(), Ok(()));
}

#[test]
fn spaces_travel_between_threads() {
    fn assert_travels<T: Send + Sync + Clone>() {}
    assert_travels::<HeaderSpace>();
    assert_travels::<Match>();
    assert_eq!(size_of::<headerspace::PacketSet>(), 4);
}
