//! On a random network, what the walk claims can be replayed, and every engine agrees with it.
#![no_main]

use arbitrary::Unstructured;
use aws::snapshot::Snapshot;
use aws::{Inventory, lower};
use graph::{Disposition, Session, replay, walk};
use headerspace::Packet;
use libfuzzer_sys::fuzz_target;
use testkit::random::{RandomOptions, random_network_from};

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Unstructured::new(bytes);
    let network = random_network_from(&mut bytes, &RandomOptions::default());
    let (snapshot, _) = Snapshot::parse("network.json", &network.json);
    let (inventory, _) = Inventory::read(&snapshot);
    let (graph, _) = lower(&inventory, &snapshot);
    let starts: Vec<_> = graph.ends().iter().filter_map(|end| end.departs).collect();
    for _ in 0..16 {
        let Ok(packet) = packet(&mut bytes, &network) else { return };
        let Ok(start) = bytes.choose(&starts) else { return };
        for trace in walk(&graph, *start, packet, Session::Opening) {
            if matches!(trace.disposition, Disposition::Delivered | Disposition::ExitsNetwork) {
                let again = replay(&graph, *start, packet, &trace.hops, Session::Opening);
                assert_eq!(again.as_ref(), Ok(&trace), "{packet}\n{}", network.json);
            }
        }
    }
});

/// A packet of values that something in the network tells apart.
fn packet(
    bytes: &mut Unstructured<'_>,
    network: &testkit::random::RandomNetwork,
) -> arbitrary::Result<Packet> {
    let source = *bytes.choose(&network.interesting)?;
    let same_family: Vec<_> =
        network.interesting.iter().filter(|to| to.is_ipv4() == source.is_ipv4()).collect();
    let destination = **bytes.choose(&same_family)?;
    Ok(match *bytes.choose(&network.protocols)? {
        6 => Packet::tcp(source, destination, *bytes.choose(&network.ports)?, *bytes.choose(&network.ports)?),
        17 => {
            Packet::udp(source, destination, *bytes.choose(&network.ports)?, *bytes.choose(&network.ports)?)
        }
        1 | 58 => Packet::icmp(source, destination, *bytes.choose(&[0, 3, 8, 128])?, *bytes.choose(&[0, 4])?),
        protocol => Packet::other(source, destination, protocol),
    })
}
