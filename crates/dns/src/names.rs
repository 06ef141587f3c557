//! Sets of names.

use std::{collections::BTreeMap, fmt};

use crate::{DomainName, fresh, name::octets};

/// A set of domain names, made of single names and of everything below a name.
///
/// Finite and exact: a tree of labels from the top-level domain, that says for each name it mentions whether it
/// is in, and whether names below it are that the tree does not mention.
///
/// Equal sets compare equal, because the form is canonical. (Sets that differ in nothing but how all names of the
/// greatest length below some name are listed, thousands of them, are not recognised as equal.)
///
/// ```
/// use dns::{DomainName, NameSet};
///
/// let example: DomainName = "example.com".parse()?;
/// let outside = NameSet::within(&example).complement();
/// assert!(outside.contains(&"example.org".parse()?));
/// assert!(!outside.contains(&"a.example.com".parse()?));
/// assert_eq!(outside.union(&NameSet::within(&example)), NameSet::all());
/// # Ok::<(), dns::NameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct NameSet {
    root: Node,
}

// INVARIANT: no child says what its parent's `rest` says already, and `rest` is false where names have no room
// for another label. Kept by `set` and `zip`, through `is_needless` and `fresh::room`.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Node {
    /// Whether the name itself is in.
    pub(crate) here: bool,
    /// Whether names below it are in that are in no child.
    pub(crate) rest: bool,
    pub(crate) children: BTreeMap<Box<str>, Node>,
}

/// Which names an insertion is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Name,
    Below,
}

impl NameSet {
    /// Returns the set without names.
    pub fn empty() -> NameSet {
        NameSet::default()
    }

    /// Returns the set of all names, the root among them.
    pub fn all() -> NameSet {
        NameSet { root: Node { here: true, rest: true, children: BTreeMap::new() } }
    }

    /// Returns the set of one name.
    pub fn exactly(name: &DomainName) -> NameSet {
        NameSet::empty().with(name, &[Part::Name])
    }

    /// Returns all names strictly below one.
    pub fn below(name: &DomainName) -> NameSet {
        NameSet::empty().with(name, &[Part::Below])
    }

    /// Returns a name and all below it.
    pub fn within(name: &DomainName) -> NameSet {
        NameSet::empty().with(name, &[Part::Name, Part::Below])
    }

    fn with(mut self, name: &DomainName, parts: &[Part]) -> NameSet {
        for part in parts {
            self.insert(name, *part);
        }
        self
    }

    /// Adds one name. The cost is that of its labels.
    pub fn insert_name(&mut self, name: &DomainName) {
        self.insert(name, Part::Name);
    }

    /// Adds all names strictly below one. The cost is that of its labels.
    pub fn insert_below(&mut self, name: &DomainName) {
        self.insert(name, Part::Below);
    }

    fn insert(&mut self, name: &DomainName, part: Part) {
        self.root.set(&mut name.labels(), 0, part);
    }

    /// Whether a name is in the set.
    pub fn contains(&self, name: &DomainName) -> bool {
        let mut node = &self.root;
        for label in name.labels().rev() {
            match node.children.get(label) {
                Some(child) => node = child,
                None => return node.rest,
            }
        }
        node.here
    }

    /// Whether there is no name in the set.
    pub fn is_empty(&self) -> bool {
        self.root == Node::default()
    }

    /// Returns the names in either set.
    #[must_use]
    pub fn union(&self, other: &NameSet) -> NameSet {
        self.zip(other, |a, b| a || b)
    }

    /// Returns the names in both sets.
    #[must_use]
    pub fn intersect(&self, other: &NameSet) -> NameSet {
        self.zip(other, |a, b| a && b)
    }

    /// Returns the names of this set that `other` lacks.
    #[must_use]
    pub fn minus(&self, other: &NameSet) -> NameSet {
        self.zip(other, |a, b| a && !b)
    }

    /// Returns all names that this set lacks.
    #[must_use]
    pub fn complement(&self) -> NameSet {
        NameSet::all().minus(self)
    }

    fn zip(&self, other: &NameSet, either: impl Fn(bool, bool) -> bool + Copy) -> NameSet {
        NameSet { root: zip(&self.root, &other.root, 0, either) }
    }

    /// Returns a name of the set, a short and readable one if there is; `None` if the set is empty.
    pub fn witness(&self) -> Option<DomainName> {
        self.root.witness("")?.parse().ok()
    }

    pub(crate) fn root(&self) -> &Node {
        &self.root
    }
}

impl FromIterator<DomainName> for NameSet {
    /// Collects single names.
    fn from_iter<I: IntoIterator<Item = DomainName>>(names: I) -> NameSet {
        let mut set = NameSet::empty();
        names.into_iter().for_each(|name| set.insert_name(&name));
        set
    }
}

/// The octets of a name with one more label.
fn longer(name: usize, label: &str) -> usize {
    name + octets(label) + usize::from(name > 0)
}

impl Node {
    /// A node below one whose unmentioned names are in, or not.
    fn unmentioned(rest: bool, octets: usize) -> Node {
        Node { here: rest, rest: rest && fresh::room(octets) > 0, children: BTreeMap::new() }
    }

    /// Whether the parent says the same without this node.
    fn is_needless(&self, rest: bool, octets: usize) -> bool {
        *self == Node::unmentioned(rest, octets)
    }

    fn set(&mut self, labels: &mut dyn DoubleEndedIterator<Item = &str>, octets: usize, part: Part) {
        let Some(label) = labels.next_back() else {
            if part == Part::Name {
                self.here = true;
            } else if fresh::room(octets) > 0 {
                self.rest = true;
                self.children.clear();
            }
            return;
        };
        let (rest, octets) = (self.rest, longer(octets, label));
        let child = self.children.entry(label.into()).or_insert_with(|| Node::unmentioned(rest, octets));
        child.set(labels, octets, part);
        if child.is_needless(rest, octets) {
            self.children.remove(label);
        }
    }

    fn witness(&self, name: &str) -> Option<String> {
        if self.here {
            return Some(if name.is_empty() { ".".to_owned() } else { name.to_owned() });
        }
        let below = |label: &str| if name.is_empty() { label.to_owned() } else { format!("{label}.{name}") };
        let fresh = || fresh::label(fresh::room(octets(name)), |label| !self.children.contains_key(label));
        let rest = self.rest.then(fresh).flatten();
        rest.map(|label| below(&label))
            .or_else(|| self.children.iter().find_map(|(label, child)| child.witness(&below(label))))
    }
}

fn zip(a: &Node, b: &Node, octets: usize, either: impl Fn(bool, bool) -> bool + Copy) -> Node {
    let here = either(a.here, b.here);
    let rest = either(a.rest, b.rest) && fresh::room(octets) > 0;
    let mut children = BTreeMap::new();
    let labels = a.children.keys().chain(b.children.keys().filter(|label| !a.children.contains_key(*label)));
    for label in labels {
        let octets = longer(octets, label);
        let (default_a, default_b) = (Node::unmentioned(a.rest, octets), Node::unmentioned(b.rest, octets));
        let a = a.children.get(label).unwrap_or(&default_a);
        let b = b.children.get(label).unwrap_or(&default_b);
        let child = zip(a, b, octets, either);
        if !child.is_needless(rest, octets) {
            children.insert(label.clone(), child);
        }
    }
    Node { here, rest, children }
}

impl fmt::Debug for NameSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn show(node: &Node, name: &str, f: &mut fmt::DebugList<'_, '_>) {
            let sign = |is_in| if is_in { '+' } else { '-' };
            f.entry(&format_args!("{}{name}. {}*.{name}.", sign(node.here), sign(node.rest)));
            for (label, child) in &node.children {
                let dot = if name.is_empty() { "" } else { "." };
                show(child, &format!("{label}{dot}{name}"), f);
            }
        }
        let mut list = f.debug_list();
        show(&self.root, "", &mut list);
        list.finish()
    }
}
