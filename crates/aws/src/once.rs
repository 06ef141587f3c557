//! What many records ask of all others, found out once.
//!
//! Asked anew for every rule or VPC, such answers would cost the product of both.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use headerspace::{Family, Match, Ranges};

use crate::inventory::Place;

/// Answers, empty until somebody asks. INVARIANT: nobody asks before all tables are read; only lowering does.
#[derive(Debug, Default)]
pub(crate) struct Once {
    /// Addresses that somebody in a VPC may have.
    pub(crate) conceivable: OnceLock<BTreeMap<Family, Ranges>>,
    /// Packets to addresses that an interface might have of which the snapshot does not tell.
    pub(crate) destinations: OnceLock<Match>,
    /// Packets from such addresses.
    pub(crate) sources: OnceLock<Match>,
    /// Where there are interfaces of Network or Gateway Load Balancers.
    pub(crate) network_balancers: OnceLock<BTreeSet<Place>>,
    /// Packets to public IPv4 addresses of which the snapshot tells whose they are.
    pub(crate) public: OnceLock<Match>,
}
