//! Hashes of names, label by label from the top-level domain.

/// A hash of a name or the end of one, without regard to letter case.
///
/// Equal names have equal hashes; whoever finds an equal hash compares the names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hash(u64);

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
/// Sets the bit that tells lower from upper case, in every byte.
const FOLD: u64 = 0x2020_2020_2020_2020;
const DOTS: u64 = 0x2e2e_2e2e_2e2e_2e2e;
const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;

impl Hash {
    /// The hash of the root name.
    pub(crate) const ROOT: Hash = Hash(0x5be0_cd19_137e_2179);

    /// The hash of a name without trailing dot; the one that [`each_end`] tells of it.
    pub(crate) fn of(name: &[u8]) -> Hash {
        let (mut state, mut end) = (Hash::ROOT.0, name.len());
        while end >= 8 {
            state = mixed(state, word_before(name, end));
            end -= 8;
        }
        if name.is_empty() { Hash::ROOT } else { Hash(mixed(state, word_before(name, end))) }
    }

    /// A hash of what has this hash with one more label. Another one than that of the text of both.
    pub(crate) fn below(self, label: &[u8]) -> Hash {
        Hash(mixed(self.0, Hash::of(label).0))
    }

    /// All bits, as hash tables want them.
    pub(crate) fn bits(self) -> u64 {
        self.0
    }
}

/// Calls `found` with the ends of a name that start with a label, the shortest first, until it says `false`: how many
/// labels they have, where they start, and what makes their hash.
///
/// PERF: eight bytes at a time from the end, each once, however many labels there are (`benches/dns`).
#[inline]
pub(crate) fn each_end(name: &[u8], mut found: impl FnMut(u32, usize, Unmixed) -> bool) {
    let (mut state, mut end, mut labels) = (Hash::ROOT.0, name.len(), 0);
    if name.is_empty() {
        return;
    }
    loop {
        let word = word_before(name, end);
        let mut dots = dots(word);
        while dots != 0 {
            let zeros = dots.leading_zeros();
            // The bytes behind the dot.
            let word = word & !(u64::MAX >> (zeros & !7));
            labels += 1;
            if !found(labels, end - (zeros / 8) as usize, Unmixed { state, word }) {
                return;
            }
            dots &= !(1 << (63 - zeros));
        }
        if end < 8 {
            found(labels + 1, 0, Unmixed { state, word });
            return;
        }
        state = mixed(state, word);
        end -= 8;
    }
}

/// The end of a name of which the hash is not made yet.
#[derive(Clone, Copy)]
pub(crate) struct Unmixed {
    state: u64,
    word: u64,
}

impl Unmixed {
    pub(crate) fn hash(self) -> Hash {
        Hash(mixed(self.state, self.word))
    }
}

/// A hash of a text that grows towards its start, without regard to letter case.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Rolling(u64);

impl Rolling {
    /// The hash of the text with one more byte in front.
    pub(crate) fn before(self, byte: u8) -> Rolling {
        Rolling((self.0.rotate_left(5) ^ u64::from(byte | 0x20)).wrapping_mul(FACTOR))
    }

    /// All bits, as hash tables want them.
    pub(crate) fn bits(self) -> u64 {
        self.0.rotate_left(26)
    }
}

/// The eight bytes before `end`, the last in the highest place; zeros for those before the start.
#[inline]
fn word_before(text: &[u8], end: usize) -> u64 {
    let head = text.get(..end).unwrap_or(text);
    if let Some(word) = head.last_chunk() {
        return u64::from_le_bytes(*word);
    }
    let before = 64 - 8 * u32::try_from(head.len()).unwrap_or(8);
    let word = match (text.first_chunk(), head.first_chunk(), head.last_chunk()) {
        (Some(word), ..) => u64::from_le_bytes(*word),
        (None, Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << (32 - before)
        }
        _ => head.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    word.checked_shl(before).unwrap_or(0)
}

/// The highest bit of each byte that is a dot.
fn dots(word: u64) -> u64 {
    let other = word ^ DOTS;
    !((other & LOW).wrapping_add(LOW) | other | LOW)
}

/// Stirs a word into the state.
fn mixed(state: u64, word: u64) -> u64 {
    let product = u128::from(state ^ (word | FOLD).wrapping_mul(FACTOR)) * u128::from(FACTOR);
    let [low, high] = [product, product >> 64].map(|half| half & u128::from(u64::MAX));
    u64::try_from(low ^ high).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_does_not_matter() {
        assert!(Hash::of(b"Mail.EXAMPLE-1.com") == Hash::of(b"mail.example-1.com"));
        assert!(Hash::of(b"") == Hash::ROOT);
        assert!(Hash::of(b"a.b") != Hash::of(b"ab") && Hash::of(b"a.b") != Hash::of(b"b.a"));
        let below = |labels: [&[u8]; 2]| labels.iter().fold(Hash::ROOT, |hash, label| hash.below(label));
        assert!(
            below([b"com", b"A"]) == below([b"com", b"a"]) && below([b"com", b"a"]) != below([b"a", b"com"])
        );
    }

    /// All names of up to three labels of up to 20 bytes, and where their labels start.
    #[test]
    fn ends_have_the_hashes_of_their_texts_wherever_they_stand() {
        let label = |length: usize| "abcdefghijklmnopqrst".get(..length).unwrap();
        let mut seen = std::collections::BTreeMap::new();
        for lengths in (0..20 * 20 * 21).map(|n| [n % 20 + 1, n / 20 % 20 + 1, n / 400]) {
            let labels: Vec<&str> =
                lengths.iter().filter(|length| **length > 0).map(|length| label(*length)).collect();
            let name = labels.join(".");
            let starts = name.match_indices('.').map(|(at, _)| at + 1).rev().chain([0]);
            let expected: Vec<(u32, usize, u64)> = (1..)
                .zip(starts)
                .map(|(labels, start)| {
                    (labels, start, Hash::of(name.get(start..).unwrap().as_bytes()).bits())
                })
                .collect();
            let mut found = Vec::new();
            each_end(name.as_bytes(), |labels, start, end| {
                found.push((labels, start, end.hash().bits()));
                true
            });
            assert_eq!(found, expected, "{name}");
            assert_eq!(seen.insert(Hash::of(name.as_bytes()).bits(), name.clone()), None, "{name}");
        }
    }

    #[test]
    fn a_hundred_thousand_names_do_not_collide() {
        let hash = |i: usize| Hash::of(format!("host{i}.example.com").as_bytes());
        let mut hashes: Vec<u64> = (0..100_000).map(|i| hash(i).bits()).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 100_000);
    }
}
