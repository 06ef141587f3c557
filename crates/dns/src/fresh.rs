//! Labels that are not taken yet.

use crate::name::{LABEL_OCTETS, NAME_OCTETS, push_octet};

/// The octets a label can have below a name of so many octets; 0 if nothing can be below it.
pub(crate) fn room(octets: usize) -> usize {
    let dot = usize::from(octets > 0);
    NAME_OCTETS.saturating_sub(octets + dot).min(LABEL_OCTETS)
}

/// Finds a label of at most so many octets that `fits`, the readable ones first.
///
/// Tries all of up to three octets, which are twelve million, so `None` means that there is none, as long as
/// fewer than that do not fit. Costs as many tries as labels do not fit, and a few more.
pub(crate) fn label(room: usize, mut fits: impl FnMut(&str) -> bool) -> Option<String> {
    if room >= 3 && fits("any") {
        return Some("any".to_owned());
    }
    let readable = (b'a'..=b'z').chain(b'0'..=b'9');
    let odd = (0..=u8::MAX).filter(|octet| !octet.is_ascii_alphanumeric());
    let alphabet: Vec<u8> = readable.chain(odd).collect();
    let mut label = String::new();
    for length in 1..=room.min(3) {
        let base = alphabet.len();
        for mut number in 0..base.pow(u32::try_from(length).unwrap_or(0)) {
            label.clear();
            for _ in 0..length {
                push_octet(&mut label, alphabet.get(number % base).copied().unwrap_or(b'a'));
                number /= base;
            }
            if fits(&label) {
                return Some(label);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_found_as_long_as_there_are_any() {
        assert_eq!(label(63, |_| true).as_deref(), Some("any"));
        assert_eq!(label(2, |_| true).as_deref(), Some("a"));
        assert_eq!(label(3, |label| !["any", "a"].contains(&label)).as_deref(), Some("b"));
        assert_eq!(label(1, |label| label.starts_with('\\')).as_deref(), Some(r"\000"));
        assert_eq!(label(0, |_| true), None);
        let mut tried = 0;
        let found = label(1, |_| {
            tried += 1;
            false
        });
        assert_eq!((found, tried), (None, 230));
    }

    #[test]
    fn room_ends_at_the_longest_name() {
        assert_eq!([0, 10, 189, 190, 250, 251, 252, 253].map(room), [63, 63, 63, 62, 2, 1, 0, 0]);
    }
}
