//! A tree of labels, from the top-level domain down.

use hashbrown::HashTable;

use crate::{DomainName, hash::Hash, name::octets};

/// A node of a [`LabelTree`]: a name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct NodeId(u32);

impl NodeId {
    /// The root name.
    pub(crate) const ROOT: NodeId = NodeId(0);

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Names as a tree of labels, in any letter case.
pub(crate) struct LabelTree<'a> {
    // INVARIANT: the root is first, and a parent stands before its children. Kept by `insert_below`.
    nodes: Vec<Node<'a>>,
    children: HashTable<u32>,
}

struct Node<'a> {
    label: &'a str,
    parent: NodeId,
    hash: Hash,
    octets: usize,
}

impl Default for LabelTree<'_> {
    fn default() -> Self {
        let root = Node { label: "", parent: NodeId::ROOT, hash: Hash::ROOT, octets: 0 };
        LabelTree { nodes: vec![root], children: HashTable::new() }
    }
}

impl<'a> LabelTree<'a> {
    /// Enters a name, in canonical text but for the letter case, and returns its node.
    pub(crate) fn insert(&mut self, name: &'a str) -> NodeId {
        let labels = name.rsplit('.').filter(|label| !label.is_empty());
        labels.fold(NodeId::ROOT, |node, label| self.insert_below(node, label))
    }

    /// Enters a label below a node and returns its node.
    pub(crate) fn insert_below(&mut self, parent: NodeId, label: &'a str) -> NodeId {
        let hash = self.hash(parent).below(label.as_bytes());
        if let Some(known) = self.find(parent, label, hash) {
            return known;
        }
        let above = self.octets(parent);
        let octets = above + octets(label) + usize::from(above > 0);
        let number = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(Node { label, parent, hash, octets });
        let rehash = |number: &u32| self.nodes.get(*number as usize).map_or(0, |node| node.hash.bits());
        self.children.insert_unique(hash.bits(), number, rehash);
        NodeId(number)
    }

    fn find(&self, parent: NodeId, label: &str, hash: Hash) -> Option<NodeId> {
        let is_it = |number: &u32| {
            self.nodes.get(*number as usize).is_some_and(|node| {
                node.hash == hash && node.parent == parent && node.label.eq_ignore_ascii_case(label)
            })
        };
        self.children.find(hash.bits(), is_it).copied().map(NodeId)
    }

    /// Returns the node of a label below a node, if there is one.
    pub(crate) fn child(&self, parent: NodeId, label: &str) -> Option<NodeId> {
        self.find(parent, label, self.hash(parent).below(label.as_bytes()))
    }

    /// Returns all nodes, parents before children.
    pub(crate) fn nodes(&self) -> impl ExactSizeIterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// Returns the number of nodes.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Returns the node above; `None` for the root.
    pub(crate) fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.node(node).map(|node| node.parent).filter(|_| node != NodeId::ROOT)
    }

    /// Returns the first label of a node's name, in any letter case.
    pub(crate) fn label(&self, node: NodeId) -> &'a str {
        self.node(node).map_or("", |node| node.label)
    }

    /// Returns the octets of a node's name.
    pub(crate) fn octets(&self, node: NodeId) -> usize {
        self.node(node).map_or(0, |node| node.octets)
    }

    /// Returns a node's name.
    pub(crate) fn name(&self, node: NodeId) -> Option<DomainName> {
        let mut text = String::new();
        let mut at = node;
        while let Some(parent) = self.parent(at) {
            text.push_str(self.label(at));
            text.push('.');
            at = parent;
        }
        if text.is_empty() { Some(DomainName::root()) } else { text.parse().ok() }
    }

    fn hash(&self, node: NodeId) -> Hash {
        self.node(node).map_or(Hash::ROOT, |node| node.hash)
    }

    fn node(&self, node: NodeId) -> Option<&Node<'a>> {
        self.nodes.get(node.index())
    }
}
