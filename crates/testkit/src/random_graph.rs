//! Tiny random graphs, odder than any network: everything a graph can express, on a header space small enough to
//! send every packet.
//!
//! ```
//! use testkit::random_graph::{random_graph, values};
//!
//! let graph = random_graph(3);
//! assert!(graph.ends().len() >= 2);
//! assert!(values().every_packet().count() < 300);
//! ```

use std::net::{IpAddr, Ipv4Addr};

use graph::{
    Cause, Choice, Disposition, End, Flow, ForwardingGraph, GraphBuilder, Port, ResourceKey, ResourceRef,
    Rule, Target, Transfer, World,
};
use headerspace::{Field, Match, Ranges, Rewrite};

use crate::{draws::Draws, oracle::Values};

const ADDRESSES: [u32; 3] = [1, 2, 3];
const PORTS: [u16; 4] = [0, 1, 2, 3];

/// Values that show every difference that edges of these graphs make.
pub fn values() -> Values {
    Values {
        addresses: ADDRESSES.map(|address| IpAddr::V4(Ipv4Addr::from_bits(address))).to_vec(),
        ports: PORTS.to_vec(),
        protocols: vec![1, 6, 47],
        icmp: vec![(0, 0), (3, 0), (8, 0), (8, 1)],
    }
}

/// The graph that `seed` stands for: 4 to 9 nodes, 2 to 4 ends, up to 24 edges of all kinds.
///
/// Edges that restore leave nodes of free choice only, as [`Transfer::restores`] wants it, and only opening packets
/// meet a translator with a choice. No edge looks at identities.
pub fn random_graph(seed: u64) -> ForwardingGraph {
    build(seed, None)
}

/// The same graph with edges that give opening packets another identity, and edges that look at it.
pub fn random_graph_with_identities(seed: u64) -> ForwardingGraph {
    // Draws of their own, so that the rest of the graph stays as it is.
    build(seed, Some(Draws::new(seed, "identities", &[])))
}

fn build(seed: u64, mut identities: Option<Draws>) -> ForwardingGraph {
    let mut draws = Draws::new(seed, "random graph", &[]);
    let draws = &mut draws;
    let mut builder = GraphBuilder::new();
    let resources: Vec<ResourceKey> =
        (0..5).map(|number| builder.resource(ResourceRef::new("Box", format!("box-{number}")))).collect();
    let Some(first) = resources.first() else { return builder.finish().0 };
    let owner = |draws: &mut Draws| {
        let at = draws.below(5) as usize;
        resources.get(at).unwrap_or(first).clone()
    };
    let mut ports = Vec::new();
    for number in 0..4 + draws.below(6) {
        let owner = owner(draws);
        let port = Port::new(&owner, format!("p{number}"));
        let choice = if draws.chance(50) { Choice::Any } else { Choice::FirstMatch };
        let refusals = [Disposition::Denied, Disposition::NoRoute, Disposition::Blackhole];
        let otherwise = draws.pick(&refusals).unwrap_or(Disposition::Denied);
        builder.declare(port.clone(), &owner, choice, otherwise);
        ports.push((port, choice));
    }
    let one_of = |draws: &mut Draws| {
        let at = draws.below(u32::try_from(ports.len()).unwrap_or(1)) as usize;
        ports.get(at).or_else(|| ports.first()).cloned()
    };
    for _ in 0..2 + draws.below(3) {
        let (Some((departs, _)), Some((arrives, _)), Some((answers, _))) =
            (one_of(draws), one_of(draws), one_of(draws))
        else {
            continue;
        };
        let answers = if draws.chance(70) { departs.clone() } else { answers };
        builder.declare_end(End {
            resource: owner(draws),
            departs: Some(departs),
            arrives: Some(arrives),
            answers: Some(answers).filter(|_| !draws.chance(10)),
            border: draws.chance(30),
            world: if draws.chance(40) { World::Internet } else { World::Own },
        });
    }
    for number in 0..6 + draws.below(19) {
        let (Some((from, choice)), Some((to, _))) = (one_of(draws), one_of(draws)) else { continue };
        let mut transfer = Transfer::only(guard(draws)).ranked(draws.below(3));
        let mut chooses = false;
        if draws.chance(25) {
            let rewrite = rewrite(draws);
            chooses = rewrite.values(Field::SrcPort).is_some();
            if chooses {
                // Packets without ports cannot get one.
                transfer.guard = Match::all_of([Match::protocol(6), transfer.guard]);
            }
            transfer = transfer.rewriting(rewrite);
        }
        match draws.below(10) {
            // A walk makes one choice; what another would do to a reply it cannot tell.
            _ if chooses => transfer = transfer.for_flow(Flow::Opening),
            0 => transfer = transfer.for_flow(Flow::Opening),
            1 => transfer = transfer.for_flow(Flow::Reply),
            2 | 3 if choice == Choice::Any => {
                if let Some((port, _)) = one_of(draws) {
                    transfer = transfer.restoring(port);
                }
            }
            _ => {}
        }
        transfer.certain = !draws.chance(12);
        if let Some(draws) = &mut identities {
            transfer = with_identity(draws, transfer);
        }
        let target = match draws.below(12) {
            0 => Target::Refusal(Disposition::Denied),
            1 => Target::Refusal(Disposition::InsufficientInfo),
            _ => Target::from(&to),
        };
        // Now and then two edges that differ in their cause alone.
        let cause = Cause::new(&owner(draws), Rule::Carries).noting(format!("edge {}", number % 12));
        builder.connect(&from, target, transfer, &cause);
    }
    builder.finish().0
}

fn guard(draws: &mut Draws) -> Match {
    let address = |field, draws: &mut Draws| {
        let first = u128::from(draws.pick(&ADDRESSES).unwrap_or(1));
        let last = first + u128::from(draws.below(2));
        Match::In(field, Ranges::range(first..=last))
    };
    let port = |field, draws: &mut Draws| {
        let first = draws.pick(&PORTS).unwrap_or(0);
        Match::ports(field, first..=first + u16::from(draws.chance(30)))
    };
    match draws.below(10) {
        0..=3 => Match::All,
        4 => Match::protocol(draws.pick(&[1, 6, 47]).unwrap_or(6)),
        5 => address(Field::SrcIp, draws),
        6 => address(Field::DstIp, draws),
        7 => port(Field::SrcPort, draws),
        8 => Match::all_of([Match::protocol(6), port(Field::DstPort, draws)]),
        _ => Match::not(address(Field::DstIp, draws)),
    }
}

/// `transfer`, perhaps for some identities only, and perhaps giving opening packets another.
fn with_identity(draws: &mut Draws, mut transfer: Transfer) -> Transfer {
    if draws.chance(30) {
        let of = [0..=0, 0..=0, 1..=1, 2..=2, 1..=2, 1..=u128::from(u16::MAX)];
        let at = draws.below(6) as usize;
        let values = of.get(at).cloned().map_or_else(Ranges::empty, Ranges::range);
        transfer.guard = Match::all_of([transfer.guard, Match::In(Field::Identity, values)]);
    }
    if transfer.flow != Flow::Reply && draws.chance(30) {
        let values = match draws.below(6) {
            0 => Ranges::single(0),
            1 | 2 => Ranges::single(2),
            3 => Ranges::range(1..=2),
            _ => Ranges::single(1),
        };
        let rewrite = transfer.rewrite.clone().assign(Field::Identity, values);
        transfer = transfer.rewriting(rewrite).for_flow(Flow::Opening);
    }
    transfer
}

fn rewrite(draws: &mut Draws) -> Rewrite {
    let address = Ranges::single(u128::from(draws.pick(&ADDRESSES).unwrap_or(1)));
    match draws.below(5) {
        0 | 1 => Rewrite::identity().assign(Field::SrcIp, address),
        2 | 3 => Rewrite::identity().assign(Field::DstIp, address),
        _ => Rewrite::identity().assign(Field::SrcIp, address).assign(Field::SrcPort, Ranges::range(1..=2)),
    }
}
