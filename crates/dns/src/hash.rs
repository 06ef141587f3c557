//! Hashes of names, label by label from the top-level domain.
#![expect(clippy::cast_possible_truncation, reason = "a hash keeps a part of its bits")]

/// A hash of a name or the end of one, without regard to letter case.
///
/// Equal names have equal hashes; whoever finds an equal hash compares the names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hash(u32);

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
/// Sets the bit that tells lower from upper case, in every byte.
const FOLD: u64 = 0x2020_2020_2020_2020;

impl Hash {
    /// The hash of the root name.
    pub(crate) const ROOT: Hash = Hash(0x5be0_cd19);

    /// The hash of a name without trailing dot.
    pub(crate) fn of(name: &[u8]) -> Hash {
        if name.is_empty() {
            return Hash::ROOT;
        }
        name.rsplit(|&byte| byte == b'.').fold(Hash::ROOT, Hash::below)
    }

    /// The hash of the name with one more label in front.
    pub(crate) fn below(self, label: &[u8]) -> Hash {
        let mut state = u64::from(self.0) << 8 | label.len() as u64;
        let mut rest = label;
        while let Some((word, after)) = rest.split_first_chunk::<8>() {
            state = mixed(state, u64::from_le_bytes(*word));
            rest = after;
        }
        let word = match (rest.first_chunk::<4>(), rest.last_chunk::<4>(), rest) {
            (Some(low), Some(high), _) => {
                u64::from(u32::from_le_bytes(*low)) | u64::from(u32::from_le_bytes(*high)) << 32
            }
            (_, _, [a, b, c]) => u64::from(*a) | u64::from(*b) << 8 | u64::from(*c) << 16,
            (_, _, [a, b]) => u64::from(*a) | u64::from(*b) << 8,
            (_, _, [a]) => u64::from(*a),
            _ => 0,
        };
        let state = mixed(state, word);
        Hash((state >> 32) as u32 ^ state as u32)
    }

    /// A part of it that hash tables hardly use.
    pub(crate) fn tag(self) -> u16 {
        self.0 as u16
    }

    /// The same in 64 bits, as hash tables want them.
    pub(crate) fn spread(self) -> u64 {
        u64::from(self.0.rotate_left(16)).wrapping_mul(FACTOR)
    }
}

/// Stirs a word into the state.
fn mixed(state: u64, word: u64) -> u64 {
    let product = u128::from(state ^ (word | FOLD).wrapping_mul(FACTOR)) * u128::from(FACTOR);
    (product >> 64) as u64 ^ product as u64
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

    #[test]
    fn ten_thousand_names_hardly_collide() {
        let mut hashes: Vec<u64> =
            (0..10_000).map(|i| Hash::of(format!("host{i}.example.com").as_bytes()).spread()).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert!(hashes.len() > 9_990, "{}", hashes.len());
    }
}
