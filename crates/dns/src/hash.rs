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

    /// The hash of a name without trailing dot.
    pub(crate) fn of(name: &[u8]) -> Hash {
        ends(name).last().map_or(Hash::ROOT, |(_, hash)| hash)
    }

    /// The hash of the name with one more label in front.
    pub(crate) fn below(self, label: &[u8]) -> Hash {
        self.before(label, label.len()).1
    }

    /// Where the label starts that ends there, and the hash of the name with it in front.
    ///
    /// PERF: takes eight bytes at a time from the end, in which it finds the dot too (`benches/dns`).
    fn before(self, text: &[u8], end: usize) -> (usize, Hash) {
        let (mut start, mut state) = (end, self.0);
        loop {
            let word = word_before(text, start);
            let own = bytes_after_dot(word).min(start);
            if own < 8 {
                let word = u32::try_from(64 - 8 * own).ok().and_then(|other| word.checked_shr(other));
                return (start - own, Hash(mixed(state, word.unwrap_or(0))));
            }
            state = mixed(state, word);
            start -= 8;
        }
    }

    /// A part of it that hash tables hardly use.
    pub(crate) fn tag(self) -> u16 {
        let [.., a, b, _, _] = self.0.to_le_bytes();
        u16::from_le_bytes([a, b])
    }

    /// All bits, as hash tables want them.
    pub(crate) fn bits(self) -> u64 {
        self.0
    }
}

/// The ends of a name that start with a label, the shortest first: where they start, and their hashes.
pub(crate) fn ends(name: &[u8]) -> impl Iterator<Item = (usize, Hash)> {
    let (mut end, mut hash) = (name.len(), Hash::ROOT);
    std::iter::from_fn(move || {
        let start;
        (start, hash) = (end > 0).then(|| hash.before(name, end))?;
        end = start.saturating_sub(1);
        Some((start, hash))
    })
}

/// The eight bytes before `end`, the last in the highest place; zeros for those before the start.
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

/// How many bytes of a word stand behind its last dot; 8 if there is none.
fn bytes_after_dot(word: u64) -> usize {
    let other = word ^ DOTS;
    let dots = !((other & LOW).wrapping_add(LOW) | other | LOW);
    (dots.leading_zeros() / 8) as usize
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
    fn letter_case_does_not_matter_and_labels_add_up() {
        assert!(Hash::of(b"Mail.EXAMPLE-1.com") == Hash::of(b"mail.example-1.com"));
        assert!(Hash::of(b"a.b") == Hash::ROOT.below(b"b").below(b"a"));
        assert!(Hash::of(b"") == Hash::ROOT);
        assert!(Hash::of(b"a.b") != Hash::of(b"ab") && Hash::of(b"a.b") != Hash::of(b"b.a"));
    }

    /// All names of up to three labels of up to 20 bytes, and where their labels start.
    #[test]
    fn a_hash_depends_on_the_labels_alone_wherever_they_stand() {
        let label = |length: usize| "abcdefghijklmnopqrst".get(..length).unwrap();
        let mut seen = std::collections::BTreeMap::new();
        for lengths in (0..20 * 20 * 21).map(|n| [n % 20 + 1, n / 20 % 20 + 1, n / 400]) {
            let labels: Vec<&str> =
                lengths.iter().filter(|length| **length > 0).map(|length| label(*length)).collect();
            let name = labels.join(".");
            let (mut start, mut hash) = (name.len() + 1, Hash::ROOT);
            let expected: Vec<(usize, u64)> = labels
                .iter()
                .rev()
                .map(|label| {
                    start -= label.len() + 1;
                    hash = hash.below(label.as_bytes());
                    (start, hash.bits())
                })
                .collect();
            let found: Vec<_> = ends(name.as_bytes()).map(|(start, hash)| (start, hash.bits())).collect();
            assert_eq!(found, expected, "{name}");
            assert_eq!(seen.insert(hash.bits(), name.clone()), None, "{name}");
        }
    }

    #[test]
    fn a_hundred_thousand_names_do_not_collide() {
        let hash = |i: usize| Hash::of(format!("host{i}.example.com").as_bytes());
        let mut hashes: Vec<u64> = (0..100_000).map(|i| hash(i).bits()).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 100_000);
        let tags: std::collections::BTreeSet<u16> = (0..100_000).map(|i| hash(i).tag()).collect();
        assert!(tags.len() > 50_000, "{}", tags.len());
    }
}
