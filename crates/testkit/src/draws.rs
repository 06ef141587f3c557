//! The seeded random numbers behind everything this crate makes.
//!
//! SplitMix64 (Steele, Lea, Flood 2014): small, fast, and the same on every machine. Not for secrets.

/// A stream of pseudo-random numbers. Two streams with the same seed, topic and indexes are equal, so a
/// record can be drawn again anywhere without remembering it.
#[derive(Clone, Debug)]
pub(crate) struct Draws {
    state: u64,
}

impl Draws {
    /// The stream for one subject: `topic` names what is drawn, `indexes` which one of them.
    pub(crate) fn new(seed: u64, topic: &str, indexes: &[u64]) -> Self {
        let named = topic.bytes().fold(mix(seed), |state, byte| mix(state ^ u64::from(byte)));
        Self { state: indexes.iter().fold(named, |state, index| mix(state.rotate_left(23) ^ index)) }
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// A number below `end`; 0 when `end` is 0.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        let scaled = u128::from(self.next()) * u128::from(end);
        u32::try_from(scaled >> 64).unwrap_or(0)
    }

    /// True in `percent` of 100 cases.
    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        let end = u32::try_from(choices.len()).unwrap_or(u32::MAX);
        choices.get(self.below(end) as usize).copied()
    }

    /// Puts `items` into a random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let end = u32::try_from(last + 1).unwrap_or(u32::MAX);
            items.swap(last, self.below(end) as usize);
        }
    }
}

/// Scatters 64 bits. INVARIANT: a bijection, so different numbers stay different; ids rely on it.
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_sequence_of_splitmix64() {
        let mut draws = Draws { state: 1_234_567 };
        let drawn: Vec<u64> = (0..3).map(|_| draws.next()).collect();
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn shares_come_out() {
        let mut draws = Draws::new(1, "shares", &[]);
        let hits = (0..10_000).filter(|_| draws.chance(30)).count();
        assert!((2_800..3_200).contains(&hits), "{hits}");
    }

    #[test]
    fn shuffling_keeps_every_item() {
        let mut items: Vec<u32> = (0..100).collect();
        Draws::new(1, "shuffle", &[]).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<u32>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<u32>>());
    }
}
