//! Fixtures, generators and oracles for netproof's own tests.
//!
//! A development crate: nothing that is shipped depends on it. What it makes is input, AWS CLI JSON text, and
//! it makes the same bytes from the same seed on every machine; what it checks, it checks packet by packet.
//!
//! | module | what |
//! |---|---|
//! | [`generator`] | large, realistic networks with stated sizes, for timings and work counters |
//! | [`random`] | small, odd networks for property tests and fuzzing, and rearrangements of any export |
//! | [`random_graph`] | tiny graphs that have everything a graph can express |
//! | [`dns_firewall`] | small DNS firewalls, and what they do to a query by AWS's documentation |
//! | [`oracle`] | a naive second opinion on a search engine's answers |

pub mod dns_firewall;
mod draws;
pub mod generator;
pub mod oracle;
pub mod random;
pub mod random_graph;

#[cfg(test)]
mod audit;
