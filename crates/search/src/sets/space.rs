//! A header space that knows the graph's rewrites, and remembers what they and replying do to sets.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use headerspace::{Field, HeaderSpace, Match, PacketSet, Rewrite};
use rustc_hash::FxHashMap;

/// Names a rewrite of the compiled graph: equal rewrites have equal ids. The identity has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RewriteId(u32);

/// The space of one engine or worker.
#[derive(Debug, Clone, Default)]
pub(super) struct Space {
    sets: HeaderSpace,
    rewrites: Arc<Vec<Rewrite>>,
    ids: Arc<FxHashMap<Rewrite, RewriteId>>,
    images: FxHashMap<(PacketSet, RewriteId), PacketSet>,
    preimages: FxHashMap<(PacketSet, RewriteId), PacketSet>,
    replies: FxHashMap<PacketSet, PacketSet>,
    answered: FxHashMap<PacketSet, PacketSet>,
    silent: Option<PacketSet>,
}

impl Deref for Space {
    type Target = HeaderSpace;

    fn deref(&self) -> &HeaderSpace {
        &self.sets
    }
}

impl DerefMut for Space {
    fn deref_mut(&mut self) -> &mut HeaderSpace {
        &mut self.sets
    }
}

impl Space {
    /// The id of a rewrite, which is made if it is new; `None` for the identity.
    pub(super) fn rewrite_id(&mut self, rewrite: &Rewrite) -> Option<RewriteId> {
        if rewrite.is_identity() {
            return None;
        }
        if let Some(&id) = self.ids.get(rewrite) {
            return Some(id);
        }
        let id = RewriteId(u32::try_from(self.rewrites.len()).ok()?);
        Arc::make_mut(&mut self.rewrites).push(rewrite.clone());
        Arc::make_mut(&mut self.ids).insert(rewrite.clone(), id);
        Some(id)
    }

    pub(super) fn rewrite(&self, id: RewriteId) -> Option<&Rewrite> {
        self.rewrites.get(id.0 as usize)
    }

    /// Whether the rewrite leaves a choice to the translator.
    pub(super) fn has_choice(&self, id: RewriteId) -> bool {
        let assignments = self.rewrite(id).map_or(&[][..], Rewrite::assignments);
        assignments.iter().any(|(_, values)| values.count() > 1)
    }

    /// The headers in `set`, whatever the tags beside them.
    pub(super) fn headers_of(&mut self, set: PacketSet) -> Match {
        let headers = self.sets.exists(set, Field::Identity);
        let headers = self.sets.exists(headers, Field::Phase);
        self.sets.to_match(headers)
    }

    /// What the rewrite can make of `set`.
    pub(super) fn image_of(&mut self, set: PacketSet, by: Option<RewriteId>) -> PacketSet {
        let Some(id) = by else { return set };
        if let Some(&known) = self.images.get(&(set, id)) {
            return known;
        }
        let Some(rewrite) = self.rewrites.get(id.0 as usize) else { return set };
        let image = self.sets.image(set, rewrite);
        self.images.insert((set, id), image);
        image
    }

    /// What the rewrite can turn into a member of `set`.
    pub(super) fn preimage_of(&mut self, set: PacketSet, by: Option<RewriteId>) -> PacketSet {
        let Some(id) = by else { return set };
        if let Some(&known) = self.preimages.get(&(set, id)) {
            return known;
        }
        let Some(rewrite) = self.rewrites.get(id.0 as usize) else { return set };
        let preimage = self.sets.preimage(set, rewrite);
        self.preimages.insert((set, id), preimage);
        preimage
    }

    /// The replies to `set`.
    pub(super) fn replies_to(&mut self, set: PacketSet) -> PacketSet {
        if let Some(&known) = self.replies.get(&set) {
            return known;
        }
        let replies = self.sets.reverse(set);
        self.replies.insert(set, replies);
        replies
    }

    /// The packets to which `set` replies.
    pub(super) fn answered_by(&mut self, set: PacketSet) -> PacketSet {
        if let Some(&known) = self.answered.get(&set) {
            return known;
        }
        let answered = self.sets.reverse_back(set);
        self.answered.insert(set, answered);
        answered
    }

    /// The packets that nothing answers.
    pub(super) fn silent(&mut self) -> PacketSet {
        if let Some(known) = self.silent {
            return known;
        }
        let silent = self.sets.without_reply();
        self.silent = Some(silent);
        silent
    }
}
