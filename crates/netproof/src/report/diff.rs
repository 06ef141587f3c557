//! What a change opens and closes, grouped by what causes it.

mod json;
pub(crate) mod markdown;
mod text;

use std::collections::BTreeMap;

use graph::{Cause, Peer, ResourceKey, ResourceRef, RouteTo, Rule, World};

pub use self::{json::DifferenceDocument, markdown::difference_markdown, text::difference_text};
use super::{
    hops::{short, what},
    rule_text,
    style::counted,
    words::Words,
};
use crate::{
    Analysis, Location,
    diff::{Answers, Change, DiffUnknown, Difference, Edit, Kind, Only, PairDifference, Portion, Sent, What},
};

/// Both snapshots: the older and the newer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Snapshots<'a> {
    pub(crate) old: &'a Analysis,
    pub(crate) new: &'a Analysis,
}

/// Which snapshot a place is in, and where.
pub(crate) type Written = (&'static str, Location);

/// A change of configuration in words.
#[derive(Debug)]
pub(crate) struct Said {
    /// What kind of change: `rule added` …
    pub(crate) kind: String,
    /// What has changed.
    pub(crate) text: String,
    /// What was there before, or another remark.
    pub(crate) more: Option<String>,
    pub(crate) written: Vec<Written>,
}

impl<'a> Snapshots<'a> {
    pub(crate) fn edit(self, edit: &Edit) -> Said {
        match edit {
            Edit::Resource { key, added, origin } => {
                let (word, side, analysis) =
                    if *added { ("added", "new", self.new) } else { ("removed", "old", self.old) };
                let written = origin.iter().map(|origin| (side, analysis.locate_origin(origin)));
                let text = format!("{}, {}", short(key.id()), self.what(key));
                Said { kind: format!("resource {word}"), text, more: None, written: written.collect() }
            }
            Edit::Rule { old, new } => {
                let (word, shown) = match (old, new) {
                    (None, _) => ("added", new),
                    (_, None) => ("removed", old),
                    (Some(_), Some(_)) => ("changed", new),
                };
                let noun = shown.as_ref().map_or("rule", |cause| noun(cause));
                let text = shown.as_ref().map(|cause| rule_text(cause)).unwrap_or_default();
                let before = old.as_ref().filter(|_| new.is_some());
                let more = before.map(|cause| format!("before: {}", own(cause)));
                let written = self.written(old.as_deref(), new.as_deref());
                Said { kind: format!("{noun} {word}"), text, more, written }
            }
            Edit::Meaning { old, new } => {
                let named = match &new.rule {
                    Rule::Filter(rule) => match &rule.peer {
                        Peer::Group(group) => format!("the members of {group} have changed"),
                        Peer::PrefixList(list) => format!("the entries of {list} have changed"),
                        Peer::Cidr(_) => "what it applies to has changed".to_owned(),
                    },
                    Rule::Route(route) => match &route.destination {
                        RouteTo::PrefixList(list) => format!("the entries of {list} have changed"),
                        RouteTo::Cidr(_) => format!("what {} does has changed", route.target),
                    },
                    _ => "what it applies to has changed".to_owned(),
                };
                let written = self.written(Some(old), Some(new));
                let kind = format!("{} means other packets", noun(new));
                Said { kind, text: rule_text(new), more: Some(named), written }
            }
            Edit::Uses { key, old, new } => {
                let list = |keys: &[ResourceKey]| {
                    keys.iter().map(|key| short(key.id())).collect::<Vec<_>>().join(", ")
                };
                let (before, now) = (list(old), list(new));
                let said = match (before.is_empty(), now.is_empty()) {
                    (true, _) => format!("now also {now}"),
                    (false, true) => format!("no longer {before}"),
                    (false, false) => format!("now {now}, before {before}"),
                };
                let text = format!("{}: {said}", self.named(key));
                Said { kind: "association changed".to_owned(), text, more: None, written: Vec::new() }
            }
            Edit::Conduct { key, old, new } => {
                let shown = new.as_ref().or(old.as_ref());
                let note = shown.and_then(|cause| cause.note.clone());
                let note = note.map_or(String::new(), |note| format!(": {note}"));
                let text = format!("what {} does with these packets{note}", self.named(key));
                let written = self.written(old.as_deref(), new.as_deref());
                Said { kind: "resource changed".to_owned(), text, more: None, written }
            }
        }
    }

    fn written(self, old: Option<&Cause>, new: Option<&Cause>) -> Vec<Written> {
        let new = new.and_then(|cause| self.new.locate(cause)).map(|place| ("new", place));
        let old = old.and_then(|cause| self.old.locate(cause)).map(|place| ("old", place));
        new.into_iter().chain(old).collect()
    }

    /// A resource, as the newer snapshot has it if it does.
    fn resource(self, key: &ResourceKey) -> Option<(&'a Analysis, &'a ResourceRef)> {
        let find =
            |analysis: &'a Analysis| Some((analysis, analysis.graph().resource(analysis.graph().find(key)?)));
        find(self.new).or_else(|| find(self.old))
    }

    /// Id and name.
    fn named(self, key: &ResourceKey) -> String {
        let id = short(key.id());
        let name = self.resource(key).and_then(|(_, resource)| resource.name());
        name.map_or_else(|| id.to_owned(), |name| format!("{id} ({name})"))
    }

    /// What kind of thing it is.
    fn what(self, key: &ResourceKey) -> String {
        let found =
            self.resource(key).and_then(|(analysis, _)| Some((analysis, analysis.graph().find(key)?)));
        found.map_or_else(String::new, |(analysis, id)| what(analysis.graph(), id))
    }

    /// An end: id, and name or what it is for; whoever is on the internet is called so.
    pub(crate) fn end(self, key: &ResourceKey) -> String {
        let internet = [self.new, self.old].into_iter().any(|analysis| {
            let graph = analysis.graph();
            let id = graph.find(key);
            graph.ends().iter().any(|end| Some(end.resource) == id && end.world == World::Internet)
        });
        if internet {
            return format!("internet by {}", self.named(key));
        }
        let label =
            self.resource(key).filter(|(_, it)| it.name().is_none()).and_then(|(_, it)| it.label.as_ref());
        label.map_or_else(|| self.named(key), |label| format!("{} ({label})", short(key.id())))
    }

    /// Something unknown: what, whose, and where that is written.
    pub(crate) fn unknown(self, unknown: &DiffUnknown) -> (String, Vec<Written>) {
        let lead = match (&unknown.old, &unknown.new) {
            (Some(_), Some(_)) => "in both snapshots",
            (None, _) => "in the new snapshot",
            (Some(_), None) => "in the old snapshot",
        };
        let sides = [(&unknown.new, "new", self.new), (&unknown.old, "old", self.old)];
        let sources = sides.iter().filter_map(|(doubtful, ..)| doubtful.as_ref()).map(|it| it.sources).max();
        let count = sources.filter(|&count| count > 0);
        let count = count.map_or(String::new(), |count| format!(" ({})", counted(count, "source")));
        let written = sides.into_iter().filter_map(|(doubtful, side, analysis)| {
            let cause = doubtful.as_ref()?.cause.as_ref()?;
            Some((side, analysis.locate(cause)?))
        });
        (format!("{lead}: {}{count}", unknown.what), written.collect())
    }
}

/// What a rule is called.
fn noun(cause: &Cause) -> &'static str {
    match &cause.rule {
        Rule::Route(_) | Rule::Transit(_) => "route",
        Rule::Listener(_) => "listener",
        _ => "rule",
    }
}

/// A rule without the resource that it belongs to.
fn own(cause: &Cause) -> String {
    let text = rule_text(cause);
    let resource = format!("{}: ", short(cause.resource.id()));
    text.strip_prefix(&resource).map_or(text.clone(), str::to_owned)
}

/// What one cause does: the pairs of ends with the packets that it gains or loses.
#[derive(Debug)]
struct Group<'d> {
    edits: &'d [Edit],
    pairs: Vec<(&'d PairDifference, Vec<&'d Portion>)>,
}

impl Group<'_> {
    /// What people want to read first: what arrives now, then what is answered now, then what is lost.
    fn rank(&self) -> u8 {
        let portions = self.pairs.iter().flat_map(|(_, portions)| portions);
        let rank = |portion: &&Portion| match (portion.only, portion.what) {
            (Only::New, What::Arrival(_)) => 0,
            (Only::New, What::Replies) => 1,
            (Only::Old, _) => 2,
        };
        portions.map(rank).min().unwrap_or(2)
    }
}

/// What each cause does: those that open something first.
fn groups(difference: &Difference) -> Vec<Group<'_>> {
    let mut by_cause = BTreeMap::<usize, Vec<(&PairDifference, Vec<&Portion>)>>::new();
    for pair in &difference.pairs {
        let mut causes = BTreeMap::<usize, Vec<&Portion>>::new();
        for portion in &pair.portions {
            causes.entry(portion.cause).or_default().push(portion);
        }
        for (cause, portions) in causes {
            by_cause.entry(cause).or_default().push((pair, portions));
        }
    }
    let group = |(cause, pairs): (usize, _)| Group {
        edits: difference.causes.get(cause).map_or(&[][..], Vec::as_slice),
        pairs,
    };
    let mut groups: Vec<Group<'_>> = by_cause.into_iter().map(group).collect();
    groups.sort_by_key(|group| (group.rank(), group.edits.is_empty(), std::cmp::Reverse(group.pairs.len())));
    groups
}

/// What becomes of a portion, after its packets: `replies get back` …
pub(crate) fn remarks(portion: &Portion) -> String {
    let mut texts = Vec::new();
    match portion.sent {
        Sent::Any => {}
        Sent::Opening => texts.push("only what opens a conversation"),
        Sent::Data => texts.push("what carries data"),
    }
    match (portion.what, portion.only) {
        (What::Arrival(Answers::All), Only::New) => texts.push("replies get back"),
        (What::Arrival(Answers::Some), Only::New) => texts.push("replies to some of them get back"),
        (What::Arrival(Answers::None), Only::New) => texts.push("no reply gets back"),
        (What::Arrival(_), Only::Old) => {}
        (What::Replies, Only::New) => texts.push("they got through before, only replies did not get back"),
        (What::Replies, Only::Old) => {
            texts.push("they still get through, only replies do not get back any more");
        }
    }
    if portion.doubtful {
        texts.push(match portion.only {
            Only::New => "whether they got through before is not known",
            Only::Old => "whether they still do is not known",
        });
    }
    texts.join("; ")
}

/// How many pairs of ends were opened, closed, and so on, in words; empty if none was.
fn counts(difference: &Difference) -> String {
    let count = |kind: Kind| difference.pairs.iter().filter(|pair| pair.kind == kind).count();
    let words = [
        (count(Kind::Opened), "opened"),
        (count(Kind::Closed), "closed"),
        (count(Kind::Changed), "with other packets"),
        (count(Kind::Answered), "with other replies"),
    ];
    let texts = words.into_iter().filter(|(count, _)| *count > 0);
    let texts: Vec<String> =
        texts.map(|(count, word)| format!("{} {word}", counted(count, "path"))).collect();
    texts.join(", ")
}

/// The verdict and what it consists of, in a line.
fn headline(difference: &Difference) -> (&'static str, String) {
    let counts = counts(difference);
    match (difference.verdict(), counts.is_empty()) {
        (Change::Opened, _) => ("something opened", counts),
        (Change::Unknown, true) => {
            ("unknown", "nothing is known to have changed, but not all is known".to_owned())
        }
        (Change::Unknown, false) => {
            ("unknown", format!("nothing is known to have opened, but not all is known; {counts}"))
        }
        (Change::NothingOpened, true) => ("nothing changed", "the same packets get through".to_owned()),
        (Change::NothingOpened, false) => ("nothing opened", counts),
    }
}

/// The first of many sets of packets, in words, and how many are left out.
fn packets(words: &Words, portion: &Portion, most: usize) -> (Vec<String>, usize) {
    let shown = portion.blocks.iter().take(most).map(|block| words.packets(block)).collect();
    (shown, portion.blocks.len().saturating_sub(most))
}

/// `+` for gained, `-` for lost.
fn sign(portion: &Portion) -> char {
    match portion.only {
        Only::New => '+',
        Only::Old => '-',
    }
}

/// What is said where a difference has no cause of its own.
const NO_CAUSE: &str = "no rule or resource on the way is another";

/// The same for a scope.
const NO_CAUSE_OF_SCOPE: &str = "the scope looks at other resources than before";

/// What is said where not all was looked at.
const TRUNCATED: &str =
    "There are more paths past the change than were looked at; there may be more differences.";
