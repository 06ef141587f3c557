//! An index of the names in domain lists.

use super::{Entry, NONE};
use crate::{hash::Hash, pattern::Kind};

/// Names of entries, or the texts after their star, each once.
///
/// PERF: a hash leads to a bucket, which says where its names begin in the text of all entries, bucket by bucket; before
/// each name stands there what is said of it. So a name is found with two looks at memory, one after the other, and
/// nearly always with one if it is not there (`benches/dns`).
pub(super) struct Index {
    /// As many as there are entries.
    buckets: Vec<Bucket>,
}

/// Where the names of a bucket begin in the lower half; in the upper a bit for each, by its hash.
#[derive(Clone, Copy, Default)]
struct Bucket(u64);

/// What is said of a name.
#[derive(Clone, Copy)]
pub(super) struct Listed {
    // INVARIANT: the others follow by `Entry::next`, in ascending order.
    pub(super) first: u32,
    /// The list of the first, or `NONE` if there are others.
    pub(super) only: u32,
    /// How long the name is.
    pub(super) length: u8,
    /// Which kinds of entries have the name.
    kinds: Kinds,
}

/// A set of kinds, a bit each.
#[derive(Clone, Copy)]
struct Kinds(u8);

impl Kinds {
    fn of(kind: Kind) -> Kinds {
        Kinds(1 << kind as u8)
    }

    fn union(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    fn contains(self, kind: Kind) -> bool {
        self.0 & Kinds::of(kind).0 != 0
    }
}

impl Listed {
    /// Whether an entry of a kind has the name.
    pub(super) fn has(&self, kind: Kind) -> bool {
        self.kinds.contains(kind)
    }
}

/// Which numbers of labels names have, by kind: a bit each, the last for all greater ones.
#[derive(Default)]
pub(super) struct Labels {
    exact: u64,
    below: u64,
}

impl Labels {
    pub(super) fn insert(&mut self, kind: Kind, name: &[u8]) {
        let labels = name.split(|byte| *byte == b'.').filter(|label| !label.is_empty()).count();
        let labels = u32::try_from(labels).unwrap_or(u32::MAX);
        match kind {
            Kind::Exact => self.exact |= bit(labels),
            Kind::Below => self.below |= bit(labels),
            Kind::Tail | Kind::Nothing => {}
        }
    }

    /// Whether a name of a kind can have so many labels.
    pub(super) fn contains(&self, kind: Kind, labels: u32) -> bool {
        let all = if kind == Kind::Exact { self.exact } else { self.below };
        all & bit(labels) != 0
    }

    /// No name has more labels.
    pub(super) fn most(&self) -> u32 {
        match 63_u32.saturating_sub((self.exact | self.below).leading_zeros()) {
            63 => u32::MAX,
            most => most,
        }
    }
}

fn bit(labels: u32) -> u64 {
    1 << labels.min(63)
}

impl Bucket {
    /// The bit of a hash.
    fn bit(hash: Hash) -> u64 {
        1 << (32 + (hash.bits() & 31))
    }

    /// Where its names begin, if one of them can have this hash.
    fn start(self, hash: Hash) -> Option<usize> {
        let offset = usize::try_from(self.0 & u64::from(u32::MAX)).unwrap_or(usize::MAX);
        (self.0 & Bucket::bit(hash) != 0).then_some(offset)
    }
}

/// Bytes of what is said of a name, before the text of its first entry.
pub(super) const HEAD: usize = 11;
/// How many bytes stand before the name.
const STARS: u8 = 0x03;
/// A dot stands behind it.
const DOT: u8 = 0x40;
/// Another name of the bucket follows.
const MORE: u8 = 0x80;

/// A name while its bucket is written.
struct Name {
    hash: Hash,
    first: u32,
    last: u32,
    kinds: Kinds,
}

impl Index {
    /// Indexes the names of the entries of these kinds; appends the texts of these entries to `out` and has the entries
    /// say where.
    pub(super) fn build(kinds: &[Kind], text: &[u8], entries: &mut [Entry], out: &mut Vec<u8>) -> Index {
        let ours = |entry: &Entry| kinds.contains(&entry.kind);
        let hashes = entries.iter().filter(|entry| ours(entry)).map(|entry| Hash::of(entry.name(text)));
        let hashes: Vec<Hash> = hashes.collect();
        let mut index = Index { buckets: vec![Bucket::default(); hashes.len()] };
        // Where the entries of each bucket begin, then where they end.
        let mut ends = vec![0_u32; hashes.len()];
        for hash in &hashes {
            ends.get_mut(index.home(*hash)).into_iter().for_each(|count| *count += 1);
        }
        let mut all = 0;
        for end in &mut ends {
            (all, *end) = (all + *end, all);
        }
        let mut sorted = vec![(Hash::ROOT, 0_u32); hashes.len()];
        let numbers =
            (0_u32..).zip(entries.iter()).filter(|(_, entry)| ours(entry)).map(|(number, _)| number);
        for (number, hash) in numbers.zip(hashes) {
            let Some(end) = ends.get_mut(index.home(hash)) else { continue };
            sorted.get_mut(*end as usize).into_iter().for_each(|place| *place = (hash, number));
            *end += 1;
        }
        let (mut names, mut start) = (Vec::new(), 0);
        for (bucket, end) in index.buckets.iter_mut().zip(ends) {
            let numbers = sorted.get(start..end as usize).unwrap_or_default();
            start = end as usize;
            if !numbers.is_empty() {
                *bucket = write(numbers, text, entries, &mut names, out);
            }
        }
        index
    }

    /// The bucket to which a hash leads.
    fn home(&self, hash: Hash) -> usize {
        let scaled = u128::from(hash.bits()) * (self.buckets.len() as u128);
        usize::try_from(scaled >> 64).unwrap_or(usize::MAX)
    }

    /// Finds a name, with its hash, in any letter case.
    pub(super) fn find(&self, text: &[u8], hash: Hash, name: &str) -> Option<Listed> {
        let mut rest = text.get(self.buckets.get(self.home(hash))?.start(hash)?..)?;
        loop {
            let (head, entry) = rest.split_first_chunk::<HEAD>()?;
            let &[f0, f1, f2, f3, o0, o1, o2, o3, kinds, flags, length] = head;
            let (own, behind) =
                entry.get(usize::from(flags & STARS)..)?.split_at_checked(usize::from(length))?;
            if own == name.as_bytes() || own.eq_ignore_ascii_case(name.as_bytes()) {
                return Some(Listed {
                    first: u32::from_le_bytes([f0, f1, f2, f3]),
                    only: u32::from_le_bytes([o0, o1, o2, o3]),
                    length,
                    kinds: Kinds(kinds),
                });
            }
            if flags & MORE == 0 {
                return None;
            }
            rest = behind.get(usize::from(flags & DOT != 0)..)?;
        }
    }

    /// Returns how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.buckets.capacity() * size_of::<Bucket>()
    }
}

/// Appends a bucket: its names, each with the text of its first entry, and then the texts of their other entries.
fn write(
    numbers: &[(Hash, u32)],
    text: &[u8],
    entries: &mut [Entry],
    names: &mut Vec<Name>,
    out: &mut Vec<u8>,
) -> Bucket {
    names.clear();
    let mut bucket = Bucket(u64::try_from(out.len()).unwrap_or(u64::MAX));
    for &(hash, number) in numbers {
        let Some(entry) = entries.get(number as usize) else { continue };
        let same = |known: &&mut Name| {
            let first = || entries.get(known.first as usize).map(|first| first.name(text));
            known.hash == hash && first().is_some_and(|name| name.eq_ignore_ascii_case(entry.name(text)))
        };
        let kinds = Kinds::of(entry.kind);
        if let Some(known) = names.iter_mut().find(same) {
            let last = std::mem::replace(&mut known.last, number);
            known.kinds = known.kinds.union(kinds);
            entries.get_mut(last as usize).into_iter().for_each(|last| last.next = number);
        } else {
            bucket.0 |= Bucket::bit(hash);
            names.push(Name { hash, first: number, last: number, kinds });
        }
    }
    for (left, name) in (0..names.len()).rev().zip(&*names) {
        let Some(entry) = entries.get_mut(name.first as usize) else { continue };
        let (whole, own) = (entry.text(text), entry.name(text));
        let stars = whole.iter().take_while(|byte| matches!(byte, b'*' | b'.')).count();
        let dot = if whole.ends_with(b".") && !own.is_empty() { DOT } else { 0 };
        let more = if left > 0 { MORE } else { 0 };
        let only = if name.first == name.last { entry.list } else { NONE };
        out.extend_from_slice(&name.first.to_le_bytes());
        out.extend_from_slice(&only.to_le_bytes());
        let length = |of: usize| u8::try_from(of).unwrap_or(u8::MAX);
        out.extend_from_slice(&[name.kinds.0, length(stars) | dot | more, length(own.len())]);
        entry.append(text, out);
    }
    for &(_, number) in numbers.iter().filter(|_| names.len() < numbers.len()) {
        if names.iter().all(|name| name.first != number) {
            entries.get_mut(number as usize).into_iter().for_each(|entry| entry.append(text, out));
        }
    }
    bucket
}
