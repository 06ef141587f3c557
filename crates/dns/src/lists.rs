//! Domain lists, all of a snapshot together, with one index over their entries.

mod index;

use std::fmt;

use crate::{
    DomainName, NameSet, PatternError,
    hash::{Hash, each_end},
    pattern::{self, Kind},
};
use index::{Index, Labels, Listed};

/// A domain list among its [`DomainLists`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ListId(pub(crate) u32);

/// An entry of some list among its [`DomainLists`]; entries of one list are numbered in the order of reading.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EntryId(pub(crate) u32);

/// Whether all entries of a list are known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Coverage {
    /// They are: what is not listed is not in the list.
    Complete,
    /// They are not, or some could not be read: what is not listed may be in the list.
    Partial,
}

/// An entry that could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unread {
    /// Which one, from 0.
    pub position: usize,
    /// Why.
    pub error: PatternError,
}

/// Collects lists. See [`DomainLists`].
#[derive(Default)]
pub struct DomainListsBuilder {
    text: String,
    entries: Vec<Entry>,
    lists: Vec<List>,
}

/// Domain lists and one index over all their entries, so that the lists that have a name are found at the cost of
/// its labels, however many lists and entries there are.
///
/// Firewalls borrow it: networks with the same lists share one. Takes 35 bytes an entry beyond the text.
///
/// ```
/// use dns::{Coverage, DomainLists};
///
/// let mut lists = DomainLists::builder();
/// let (list, unread) = lists.list("blocked", Coverage::Complete, ["example.com.", "*.example.com."]);
/// assert_eq!(unread, []);
/// let lists = lists.build();
/// let entries = lists.entries(list).filter_map(|entry| lists.text(entry));
/// assert_eq!(entries.collect::<Vec<_>>(), ["example.com.", "*.example.com."]);
/// ```
pub struct DomainLists {
    // INVARIANT: holds the text of every entry; and what the indexes say of names. Kept by `build`.
    text: Vec<u8>,
    entries: Vec<Entry>,
    lists: Vec<List>,
    // INVARIANT: a name of each entry, other than `Tail` and `Nothing`, once. Kept by `build`.
    names: Index,
    // INVARIANT: how many labels these names have. Kept by `build`.
    labels: Labels,
    // INVARIANT: the same for entries with a star and no dot, by the text after the star.
    tails: Index,
    /// The lengths of those texts, ascending.
    tail_lengths: Vec<usize>,
}

struct List {
    name: String,
    first: u32,
    end: u32,
    coverage: Coverage,
}

/// No further entry.
const NONE: u32 = u32::MAX;

struct Entry {
    /// The next entry with the same name.
    next: u32,
    list: u32,
    offset: u32,
    length: u16,
    kind: Kind,
}

impl Entry {
    fn text<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let start = self.offset as usize;
        text.get(start..start + usize::from(self.length)).unwrap_or_default()
    }

    /// The name, or what follows a star, in the letter case of the text; nothing for `*`.
    fn name<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let text = self.text(text);
        let text = text.strip_prefix(b"*").map_or(text, |rest| rest.strip_prefix(b".").unwrap_or(rest));
        text.strip_suffix(b".").unwrap_or(text)
    }

    /// Appends its text to another one, in which it is from now on.
    fn append(&mut self, text: &[u8], to: &mut Vec<u8>) {
        let offset = u32::try_from(to.len()).unwrap_or(NONE);
        to.extend_from_slice(self.text(text));
        self.offset = offset;
    }
}

/// The text of an entry, which was a `str`.
fn as_str(text: &[u8]) -> &str {
    std::str::from_utf8(text).unwrap_or_default()
}

/// In which sense a list has a name. Later ones are stronger.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum How {
    /// If `*ab` takes names whose text ends so.
    Suffix,
    /// If `*ab` takes names whose text ends so, or if it takes `ab` and all below.
    Within,
    /// If `*` takes the root name.
    Star,
    /// In any case.
    Certain,
}

/// A list that has a name, and the entry that says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Hit {
    pub(crate) list: u32,
    pub(crate) how: How,
    pub(crate) entry: u32,
}

/// A rank with an entry: a smaller rank is better, then a longer name, then an earlier entry.
#[derive(Clone, Copy)]
pub(crate) struct Best(u128);

impl Best {
    /// No rank.
    pub(crate) const NONE: Best = Best((NONE as u128) << 64);

    pub(crate) fn new(rank: u32, length: u8, entry: u32) -> Best {
        Best(u128::from(rank) << 64 | u128::from(u8::MAX - length) << 32 | u128::from(entry))
    }

    /// The better one.
    pub(crate) fn or(self, other: Best) -> Best {
        Best(self.0.min(other.0))
    }

    /// The rank; `NONE` if there is none.
    pub(crate) fn rank(self) -> u32 {
        u32::try_from(self.0 >> 64).unwrap_or(NONE)
    }

    pub(crate) fn entry(self) -> EntryId {
        EntryId(u32::try_from(self.0 & u128::from(u32::MAX)).unwrap_or(NONE))
    }
}

impl DomainListsBuilder {
    /// Adds a list with these entries; returns what could not be read of them, in order.
    ///
    /// A list with unread entries is [`Coverage::Partial`], whatever was said.
    pub fn list<'t>(
        &mut self,
        name: &str,
        coverage: Coverage,
        texts: impl IntoIterator<Item = &'t str>,
    ) -> (ListId, Vec<Unread>) {
        let number = u32::try_from(self.lists.len()).unwrap_or(NONE);
        let first = self.next_entry();
        let mut unread = Vec::new();
        for (position, text) in texts.into_iter().enumerate() {
            if let Err(error) = self.entry(number, text) {
                unread.push(Unread { position, error });
            }
        }
        let coverage = if unread.is_empty() { coverage } else { Coverage::Partial };
        self.lists.push(List { name: name.to_owned(), first, end: self.next_entry(), coverage });
        (ListId(number), unread)
    }

    fn next_entry(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(NONE)
    }

    fn entry(&mut self, list: u32, text: &str) -> Result<(), PatternError> {
        let shape = pattern::shape(text)?;
        let offset = u32::try_from(self.text.len()).map_err(|_| PatternError::TooMany)?;
        // With what is said of names, all has to be numbered, too.
        let most = self.text.len() + text.len() + (self.entries.len() + 1) * index::HEAD;
        u32::try_from(most).map_err(|_| PatternError::TooMany)?;
        let length = u16::try_from(text.len()).map_err(|_| PatternError::TooMany)?;
        if list == NONE || self.next_entry() == NONE {
            return Err(PatternError::TooMany);
        }
        self.text.push_str(text);
        self.entries.push(Entry { next: NONE, list, offset, length, kind: shape.kind });
        Ok(())
    }

    /// Indexes what was collected. Linear in the number of entries, unless many names have the same hash.
    pub fn build(mut self) -> DomainLists {
        let text = self.text.as_bytes();
        let (mut tail_lengths, mut labels) = (Vec::new(), Labels::default());
        for entry in &self.entries {
            match entry.kind {
                Kind::Exact | Kind::Below => labels.insert(entry.kind, entry.name(text)),
                Kind::Tail => tail_lengths.push(entry.name(text).len()),
                Kind::Nothing => {}
            }
        }
        tail_lengths.sort_unstable();
        tail_lengths.dedup();
        let mut all = Vec::with_capacity(text.len() + self.entries.len() * index::HEAD);
        let names = Index::build(&[Kind::Exact, Kind::Below], text, &mut self.entries, &mut all);
        let tails = Index::build(&[Kind::Tail], text, &mut self.entries, &mut all);
        for entry in self.entries.iter_mut().filter(|entry| entry.kind == Kind::Nothing) {
            entry.append(text, &mut all);
        }
        all.shrink_to_fit();
        self.entries.shrink_to_fit();
        let DomainListsBuilder { entries, lists, .. } = self;
        DomainLists { text: all, entries, lists, names, labels, tails, tail_lengths }
    }
}

impl DomainLists {
    /// Starts collecting lists.
    pub fn builder() -> DomainListsBuilder {
        DomainListsBuilder::default()
    }

    /// Returns the lists in the order in which they were added.
    pub fn lists(&self) -> impl ExactSizeIterator<Item = ListId> + use<> {
        (0..u32::try_from(self.lists.len()).unwrap_or(NONE)).map(ListId)
    }

    /// Returns the name of a list, or `None` if it is not from here.
    pub fn name(&self, list: ListId) -> Option<&str> {
        self.list(list).map(|list| list.name.as_str())
    }

    /// Whether all entries of a list are known. A list that is not from here is [`Coverage::Partial`].
    pub fn coverage(&self, list: ListId) -> Coverage {
        self.list(list).map_or(Coverage::Partial, |list| list.coverage)
    }

    /// Returns the entries of a list in the order in which they were added.
    pub fn entries(&self, list: ListId) -> impl ExactSizeIterator<Item = EntryId> + use<> {
        self.list(list).map_or(0..0, |list| list.first..list.end).map(EntryId)
    }

    /// Returns an entry's text as it was read, or `None` if the entry is not from here.
    pub fn text(&self, entry: EntryId) -> Option<&str> {
        self.entry(entry.0).map(|entry| as_str(entry.text(&self.text)))
    }

    /// Returns the list an entry belongs to, or `None` if the entry is not from here.
    pub fn list_of(&self, entry: EntryId) -> Option<ListId> {
        self.entry(entry.0).map(|entry| ListId(entry.list))
    }

    /// Returns the names a list surely has: those of the entries that are known and whose meaning is.
    ///
    /// The root name is not among them. Linear in the number of entries.
    pub fn names(&self, list: ListId) -> NameSet {
        let mut names = NameSet::empty();
        for (kind, name) in self.entries(list).filter_map(|entry| self.shape(entry)) {
            let name = if name.is_empty() { Ok(DomainName::root()) } else { name.parse() };
            match (kind, name) {
                (Kind::Exact, Ok(name)) => names.insert_name(&name),
                (Kind::Below, Ok(name)) => names.insert_below(&name),
                (Kind::Exact | Kind::Below, Err(_)) | (Kind::Tail | Kind::Nothing, _) => {}
            }
        }
        names
    }

    /// Returns how many bytes all this takes.
    pub fn bytes(&self) -> usize {
        let names: usize = self.lists.iter().map(|list| list.name.capacity() + size_of::<List>()).sum();
        self.text.capacity()
            + self.entries.capacity() * size_of::<Entry>()
            + self.names.bytes()
            + self.tails.bytes()
            + names
    }

    fn list(&self, list: ListId) -> Option<&List> {
        self.lists.get(list.0 as usize)
    }

    fn entry(&self, number: u32) -> Option<&Entry> {
        self.entries.get(number as usize)
    }

    /// The kind of an entry and its name, or what follows a star, in any letter case.
    pub(crate) fn shape(&self, entry: EntryId) -> Option<(Kind, &str)> {
        self.entry(entry.0).map(|entry| (entry.kind, as_str(entry.name(&self.text))))
    }

    /// Calls `found` with the entries of a kind that have a name, ascending, and their lists.
    fn each_entry(&self, listed: Listed, kind: Kind, mut found: impl FnMut(u32, u32)) {
        if !listed.has(kind) {
            return;
        }
        if listed.only != NONE {
            return found(listed.first, listed.only);
        }
        let mut number = listed.first;
        while let Some(entry) = self.entry(number) {
            if entry.kind == kind {
                found(number, entry.list);
            }
            number = entry.next;
        }
    }

    /// Calls `found` with every list that has this name for certain, or by `*` for the root name: entries with a
    /// shorter name before those with a longer, the exact name last.
    pub(crate) fn each_hit(&self, name: &DomainName, mut found: impl FnMut(Hit)) {
        let how = if name.is_root() { How::Star } else { How::Certain };
        let mut all = |kind, listed: Listed| {
            self.each_entry(listed, kind, |entry, list| found(Hit { list, how, entry }));
        };
        if let Some(star) = self.names.find(&self.text, Hash::ROOT, "") {
            all(Kind::Below, star);
        }
        self.each_listed(name, all);
    }

    /// Calls `found` with the lists that have all names, ascending by entry.
    pub(crate) fn each_star(&self, mut found: impl FnMut(u32, u32)) {
        if let Some(star) = self.names.find(&self.text, Hash::ROOT, "") {
            self.each_entry(star, Kind::Below, |entry, list| found(list, entry));
        }
    }

    /// Of the lists that have this name for certain, otherwise than by `*`: the smallest rank, and the entry by which
    /// that list has it; `least` if no list has a smaller rank. A list without a rank has `NONE`.
    ///
    /// PERF: what the index says is rarely in a processor's cache. There is no branch on it but whether the name is
    /// there, so that nothing is guessed wrong and the next query can begin meanwhile (`benches/dns`).
    pub(crate) fn best(&self, name: &DomainName, least: Best, rank: impl Fn(u32) -> u32) -> Best {
        let mut best = least;
        self.each_listed(name, |kind, listed| {
            if listed.only == NONE {
                let mut own = Best::NONE;
                self.each_entry(listed, kind, |entry, list| {
                    own = own.or(Best::new(rank(list), listed.length, entry));
                });
                best = best.or(own);
                return;
            }
            let rank = rank(listed.only);
            let rank = if listed.has(kind) { rank } else { NONE };
            best = best.or(Best::new(rank, listed.length, listed.first));
        });
        best
    }

    /// Calls `found` with every end of this name that is listed, the root's excepted, and which kind of entries takes
    /// the name by it: the shortest first.
    #[inline]
    fn each_listed(&self, name: &DomainName, mut found: impl FnMut(Kind, Listed)) {
        let (text, most) = (name.as_str(), self.labels.most());
        each_end(text.as_bytes(), |labels, start, end| {
            let kind = if start == 0 { Kind::Exact } else { Kind::Below };
            if self.labels.contains(kind, labels) {
                let end_text = text.get(start..).unwrap_or_default();
                if let Some(listed) = self.names.find(&self.text, end.hash(), end_text) {
                    found(kind, listed);
                }
            }
            labels < most
        });
    }

    /// Calls `found` with every list that has this name in some reading of an entry with a star and no dot;
    /// longer texts later.
    pub(crate) fn each_tail(&self, name: &DomainName, mut found: impl FnMut(Hit)) {
        let text = name.as_str();
        for &length in &self.tail_lengths {
            let Some((head, tail)) =
                text.len().checked_sub(length).and_then(|start| text.split_at_checked(start))
            else {
                break;
            };
            if pattern::is_within_escape(head) {
                continue;
            }
            let whole = head.is_empty() || head.ends_with('.');
            let how = if whole { How::Within } else { How::Suffix };
            let hash = Hash::of(tail.as_bytes());
            if let Some(listed) = self.tails.find(&self.text, hash, tail) {
                self.each_entry(listed, Kind::Tail, |entry, list| found(Hit { list, how, entry }));
            }
        }
    }

    /// The lists that may have this name, ascending, each once with the strongest hit and of these the most
    /// specific entry: the exact name before wildcards, longer before shorter, then the one read first.
    pub(crate) fn hits(&self, name: &DomainName) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::new();
        let length = |hit: &Hit| self.entry(hit.entry).map_or(0, |entry| entry.name(&self.text).len());
        self.each_hit(name, |hit| hits.push(hit));
        self.each_tail(name, |hit| hits.push(hit));
        if hits.len() > 1 {
            hits.sort_by_key(|hit| (hit.list, std::cmp::Reverse((hit.how, length(hit))), hit.entry));
            hits.dedup_by_key(|hit| hit.list);
        }
        hits
    }

    /// The first entry of a list for all names strictly below this one.
    pub(crate) fn wildcard(&self, list: ListId, name: &DomainName) -> Option<EntryId> {
        let text = name.as_str();
        let listed = self.names.find(&self.text, Hash::of(text.as_bytes()), text)?;
        let mut first = None;
        self.each_entry(listed, Kind::Below, |entry, of| {
            first = first.or((of == list.0).then_some(EntryId(entry)));
        });
        first
    }
}

impl fmt::Debug for DomainLists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DomainLists({} lists, {} entries)", self.lists.len(), self.entries.len())
    }
}

impl fmt::Debug for DomainListsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DomainListsBuilder({} lists, {} entries)", self.lists.len(), self.entries.len())
    }
}
