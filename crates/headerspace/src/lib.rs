//! Packets, matches, rewrites and the algebra of packet sets.
//!
//! This crate answers set questions about packet headers: which packets does a filter let through,
//! do two filters mean the same, what can leave an address translator, which replies come back. It
//! knows header fields, two tags beside them ([`Field::Identity`], [`Field::Phase`]), and nothing else: no network, no
//! vendor, no file format.
//!
//! Use it to give filters an exact meaning. It is not a packet parser, does not look at payloads or
//! connection state, and a set handle is worthless outside the space that made it: programs that
//! store or exchange results speak [`Match`].
//!
//! ```
//! use headerspace::{Field, HeaderSpace, Match, Packet};
//!
//! let web = Match::all_of([Match::protocol(6), Match::ports(Field::DstPort, 80..=443)]);
//! let private = Match::src_in("10.0.0.0/8".parse()?);
//!
//! let mut space = HeaderSpace::new();
//! let (web, private) = (space.compile(&web), space.compile(&private));
//! let left = space.minus(web, private);
//! assert!(!space.overlaps(left, private));
//!
//! let packet = Packet::tcp("192.0.2.1".parse()?, "10.0.0.9".parse()?, 50_000, 443);
//! assert!(space.contains(left, &packet));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | Type | What it is |
//! |---|---|
//! | [`Field`], [`Family`] | a header field (or a tag) with a name and a width; IPv4 or IPv6 |
//! | [`Packet`] | one concrete header, every field set |
//! | [`Ranges`] | a canonical set of field values |
//! | [`Match`] | a term over fields; [`Match::accepts`] is its meaning |
//! | [`Rewrite`] | field assignments, the effect of address translation |
//! | [`HeaderSpace`] | the arena that owns packet sets and computes with them |
//! | [`PacketSet`] | a 4-byte handle of a set in one space |
//! | [`Rule`] | an entry of a first-match list |
//! | [`Block`] | a product of per-field values; every set is a disjoint union of blocks |
//! | [`Layout`] | field order and widths of a space; only tests and measurements need it |
//!
//! # Invariants
//!
//! * [`Match::accepts`] is the meaning of a match. Everything else here agrees with it.
//! * Sets are canonical: within one space two handles are equal iff the sets are equal.
//! * Handles stay valid as long as their space lives, and in every clone made after they were.
//! * Results depend on the sets alone, never on the order in which a space was filled.
//! * No operation fails or panics, whatever the input.

#![deny(missing_docs)]

mod field;
mod layout;
mod matches;
mod packet;
mod ranges;
mod rewrite;
mod space;

pub use field::{Family, Field};
pub use layout::Layout;
pub use matches::Match;
pub use packet::Packet;
pub use ranges::Ranges;
pub use rewrite::Rewrite;
pub use space::{Block, HeaderSpace, PacketSet, Rule};
