//! All names, in finitely many classes that no rule can tell apart.

mod endings;
mod label_tree;
mod signatures;

use rustc_hash::FxHashMap;

use crate::{
    DomainLists, DomainName, Firewall, ListId, NameSet, fresh,
    lists::{Hit, How},
    names,
    pattern::Kind,
};
use endings::Endings;
use label_tree::{LabelTree, NodeId};
use signatures::Signatures;

/// All names in classes, for some firewalls and a set of names.
///
/// An entry is about a name, or about all strictly below one. In the tree of labels of all entries, each node gives
/// two classes: the name itself, and the names below it that leave the tree there. Every list has all names
/// of a class or none. Entries with a star and no dot split the second by how the label ends that leaves the tree.
///
/// Classes without any valid name are left out. Linear in the number of entries.
pub(crate) struct Partition<'a> {
    tree: LabelTree<'a>,
    /// What the lists are whose numbers signatures hold.
    slots: Vec<Slot>,
    catalogues: Vec<&'a DomainLists>,
    endings: Endings<'a>,
    signatures: Signatures,
    classes: Vec<Class>,
}

/// A list, by the place of its lists among those of all firewalls.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Slot {
    catalogue: usize,
    list: ListId,
}

/// A class of names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Class {
    node: NodeId,
    part: Part,
    /// The number of its signature: equal for classes that the same lists have.
    pub(crate) signature: u32,
    /// Whether the set of names has it.
    pub(crate) member: bool,
}

/// Which names of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    /// The name itself.
    Here,
    /// Names below that leave the tree with a label which ends like no entry with a star and no dot.
    Rest,
    /// Those whose label ends so, by its number among the node's endings, and not like a longer one.
    Ending(u32),
}

/// Names that no rule tells apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Region {
    /// One name.
    Name(DomainName),
    /// All names below one, other than those within names that some list or set mentions, and those with an
    /// ending that some list mentions.
    Below(DomainName),
    /// Those of the names below one whose next label ends so and is longer, as some `*ending` mentions.
    Ending {
        /// How it ends.
        ending: String,
        /// The name.
        below: DomainName,
    },
}

/// What a list says about a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    node: NodeId,
    kind: MarkKind,
    slot: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum MarkKind {
    Exact,
    Below,
}

impl<'a> Partition<'a> {
    /// Divides all names by the lists these firewalls use, and by a set.
    pub(crate) fn new(firewalls: &[&Firewall<'a>], names: &'a NameSet) -> Partition<'a> {
        let mut catalogues: Vec<&DomainLists> = Vec::new();
        for firewall in firewalls {
            if !catalogues.iter().any(|lists| std::ptr::eq(*lists, firewall.lists())) {
                catalogues.push(firewall.lists());
            }
        }
        let mut slots = Vec::new();
        for (catalogue, lists) in catalogues.iter().enumerate() {
            let of_these = || firewalls.iter().filter(|firewall| std::ptr::eq(*lists, firewall.lists()));
            let used = lists.lists().filter(|list| of_these().any(|firewall| firewall.uses_list(*list)));
            slots.extend(used.map(|list| Slot { catalogue, list }));
        }
        let mut tree = LabelTree::default();
        let (mut marks, mut endings) = (Vec::new(), Endings::default());
        for (slot, Slot { catalogue, list }) in (0_u32..).zip(&slots) {
            let Some(lists) = catalogues.get(*catalogue) else { continue };
            for (kind, name) in lists.entries(*list).filter_map(|entry| lists.shape(entry)) {
                match kind {
                    Kind::Exact => marks.push(Mark { node: tree.insert(name), kind: MarkKind::Exact, slot }),
                    Kind::Below => marks.push(Mark { node: tree.insert(name), kind: MarkKind::Below, slot }),
                    Kind::Tail => {
                        // The name without anything before it is a class of its own.
                        tree.insert(name);
                        let (label, parent) = name.split_once('.').unwrap_or((name, ""));
                        endings.insert(tree.insert(parent), label, slot);
                    }
                    Kind::Nothing => {}
                }
            }
        }
        marks.sort_unstable();
        let mut members = FxHashMap::default();
        mention(names.root(), NodeId::ROOT, &mut tree, &mut members);
        let signatures = Signatures::default();
        let mut partition = Partition { tree, slots, catalogues, endings, signatures, classes: Vec::new() };
        partition.divide(&marks, &members);
        partition
    }

    /// Finds the classes: parents stand before children in the tree, so each knows what it inherits.
    fn divide(&mut self, marks: &[Mark], members: &FxHashMap<NodeId, (bool, bool)>) {
        // What all names below a node have, and whether those that the set does not mention are in it.
        let mut below: Vec<(u32, bool)> = Vec::with_capacity(self.tree.len());
        let mut own: Vec<(u32, How)> = Vec::new();
        let mut marks = marks;
        for node in self.tree.nodes() {
            let parent = self.tree.parent(node);
            let inherited = parent.and_then(|parent| below.get(parent.index()).copied());
            let (mut signature, unmentioned) = inherited.unwrap_or_default();
            if let Some(endings) = parent.and_then(|parent| self.endings.at(parent)) {
                own.clear();
                endings.collect(self.tree.label(node), &mut own);
                signature = self.signatures.with(signature, &mut own);
            }
            let count = marks.iter().take_while(|mark| mark.node == node).count();
            let (ours, others) = marks.split_at_checked(count).unwrap_or_default();
            marks = others;
            let mut with = |signature: u32, kind: MarkKind, how: How| {
                own.clear();
                own.extend(ours.iter().filter(|mark| mark.kind == kind).map(|mark| (mark.slot, how)));
                self.signatures.with(signature, &mut own)
            };
            let here = match parent {
                Some(_) => with(signature, MarkKind::Exact, How::Certain),
                None => with(signature, MarkKind::Below, How::Star),
            };
            let rest = with(signature, MarkKind::Below, How::Certain);
            let (member, unmentioned) = members.get(&node).copied().unwrap_or((unmentioned, unmentioned));
            below.push((rest, unmentioned));
            self.classes.push(Class { node, part: Part::Here, signature: here, member });
            self.add_below(Class { node, part: Part::Rest, signature: rest, member: unmentioned });
        }
    }

    /// Adds the classes of names that leave the tree below a node, unless no name is so short.
    fn add_below(&mut self, rest: Class) {
        let Some(endings) = self.endings.at(rest.node) else {
            if fresh::room(self.tree.octets(rest.node)) > 3 || self.fresh_label(&rest).is_some() {
                self.classes.push(rest);
            }
            return;
        };
        let parts = (0_u32..).take(endings.len()).map(Part::Ending);
        let mut own = Vec::new();
        for part in std::iter::once(Part::Rest).chain(parts) {
            let class = Class { part, ..rest };
            if let Some(label) = self.fresh_label(&class) {
                own.clear();
                endings.collect(&label, &mut own);
                let signature = self.signatures.with(rest.signature, &mut own);
                self.classes.push(Class { signature, ..class });
            }
        }
    }

    /// A label with which names of the class leave the tree.
    fn fresh_label(&self, class: &Class) -> Option<String> {
        let room = fresh::room(self.tree.octets(class.node));
        let endings = self.endings.at(class.node);
        let fits = |label: &str, number: Option<u32>| {
            self.tree.child(class.node, label).is_none()
                && endings.and_then(|endings| endings.longest(label)) == number
        };
        match class.part {
            Part::Here => None,
            Part::Rest => fresh::label(room, |label| fits(label, None)),
            Part::Ending(number) => {
                let ending = endings?.text(number)?;
                let room = room.checked_sub(ending.len())?;
                let prefix = fresh::label(room, |prefix| fits(&format!("{prefix}{ending}"), Some(number)))?;
                Some(format!("{prefix}{ending}"))
            }
        }
    }

    /// Returns all classes.
    pub(crate) fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// Returns one class of every signature, and of members and others, in order.
    pub(crate) fn representatives(&self) -> Vec<Class> {
        let mut seen = vec![[false; 2]; self.signatures.len()];
        let is_new = |class: &&Class| {
            let seen = seen.get_mut(class.signature as usize);
            let seen = seen.and_then(|seen| seen.get_mut(usize::from(class.member)));
            seen.is_some_and(|seen| !std::mem::replace(seen, true))
        };
        self.classes.iter().filter(is_new).copied().collect()
    }

    /// Returns the number of signatures; they are numbered from 0.
    pub(crate) fn signature_count(&self) -> usize {
        self.signatures.len()
    }

    /// Returns the lists of a firewall that have the names of a class.
    pub(crate) fn hits(&self, firewall: &Firewall<'_>, signature: u32) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (slot, how) in self.signatures.lists(signature) {
            let Some(Slot { catalogue, list }) = self.slots.get(*slot as usize) else { continue };
            if self.catalogues.get(*catalogue).is_some_and(|lists| std::ptr::eq(*lists, firewall.lists())) {
                hits.push(Hit { list: list.0, how: *how, entry: u32::MAX });
            }
        }
        hits
    }

    /// Returns a name of a class.
    pub(crate) fn witness(&self, class: &Class) -> Option<DomainName> {
        let name = self.tree.name(class.node)?;
        match class.part {
            Part::Here => Some(name),
            Part::Rest | Part::Ending(_) => name.child(&self.fresh_label(class)?),
        }
    }

    /// Returns which names a class has.
    pub(crate) fn region(&self, class: &Class) -> Option<Region> {
        let name = self.tree.name(class.node)?;
        Some(match class.part {
            Part::Here => Region::Name(name),
            Part::Rest => Region::Below(name),
            Part::Ending(number) => {
                let ending = self.endings.at(class.node)?.text(number)?.to_ascii_lowercase();
                Region::Ending { ending, below: name }
            }
        })
    }
}

/// Enters the names that a set mentions into the tree.
fn mention<'a>(
    set: &'a names::Node,
    node: NodeId,
    tree: &mut LabelTree<'a>,
    members: &mut FxHashMap<NodeId, (bool, bool)>,
) {
    members.insert(node, (set.here, set.rest));
    for (label, child) in &set.children {
        let below = tree.insert_below(node, label);
        mention(child, below, tree, members);
    }
}
