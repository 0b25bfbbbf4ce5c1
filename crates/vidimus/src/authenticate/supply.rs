//! The links of accepted layouts of in-toto: who carried out which step, as far as a signature by a key of the layout shows it.
//!
//! A link belongs to the step that it names; a layout in the place of a link, a sublayout (section 4.5), to the one step that lists its
//! key. Names of files and folders only choose which links are looked at, as the specification has it: those beside the layout, and of a
//! sublayout those in the folder `STEP.KEYID` (section 4.5.2). They add nothing: whoever could move a link could leave it out.

use std::collections::{BTreeMap, BTreeSet};

use super::Trust;
use super::keys::PublicKey;
use super::{Claim, Fact};
use crate::decode::in_toto::Step;
use crate::decode::{Content, Document, Envelope, Layout, Link, SignedItem};
use crate::digest::Digest;
use crate::policy::Policy;
use crate::read::Delivery;
use crate::reason::{Reason, ReasonInfo};

crate::reasons! {
    UNUSED = "layout.unused-link", Unproven, Vendor, [],
        says "a link that no accepted layout has a step and a key for",
        why "A link is the word of one functionary. Who that may be says a layout, signed by a party that the policy grants it; nobody else's links count.",
        fix "Deliver the layout beside the link; or have the step carried out by somebody whose key the layout lists.";
    FUNCTIONARY = "layout.functionary", Unproven, Signer, ["step"],
        says "a link of the step {step} is signed by none of the keys that the layout lists for it",
        why "The layout says who may carry out each step. Another's word, or a link that was changed, shows nothing.",
        fix "Have the step carried out and signed by a functionary of the layout; or have its owner add the key and sign again.";
    KEY = "layout.key", Unproven, Signer, ["step", "why"],
        says "a key that the layout lists for the step {step} does not count: {why}",
        why "Links are verified with Ed25519, ECDSA on P-256 or P-384, or RSA, as far as the policy's `algorithms.signature` accepts it; what cannot be verified is not believed.",
        fix "Have the functionary sign with a key of an accepted kind, and the owner of the layout list it.";
    STANDS_FOR = "layout.sublayout", Unproven, Signer, ["other", "step"],
        says "a layout in the place of a link is signed by a key that the layout lists for {step} and for {other}",
        why "A layout does not say for which step of another one it stands. By a key of several steps, whoever sends it could choose.",
        fix "Have the owner of the layout list a key for this step that no other step lists.";
    LIMIT = "layout.limit", Unproven, Vendor, ["limit", "what"],
        says "more than {limit} {what}",
        why "Input is bounded by counters, so that no document can exhaust the machine, on any machine (T36).",
        fix "Deliver only what belongs to this delivery; real layouts stay far below the limit.";
}

/// Layouts inside one another.
const MAX_DEPTH: u64 = 8;
/// Layouts under one.
const MAX_LAYOUTS: usize = 256;
/// Keys that are tried on documents, for all layouts together. On a large document one counts as several.
const MAX_TRIES: u64 = 100_000;
/// So many bytes count as one more try.
const BYTES_OF_A_TRY: usize = 64 * 1024;

/// An accepted layout with what was found for its steps.
#[derive(Clone, Debug)]
pub struct Supply<'a> {
    /// Identity of the layout.
    pub id: &'a Digest,
    /// The folder of the file that carries it: the same layout in another folder has other links.
    pub folder: &'a str,
    /// The layout, first, and every layout below it: each after the one that it stands in.
    pub layouts: Vec<Found<'a>>,
}

/// A layout, and what was found for each of its steps.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// The layout.
    pub layout: &'a Layout,
    /// For which step, and which step of the layout above it: its names, outermost first. Empty for the outermost.
    pub path: Vec<&'a str>,
    /// By step.
    pub steps: Vec<Carried<'a>>,
}

/// What was found for a step.
#[derive(Clone, Debug, Default)]
pub struct Carried<'a> {
    /// Signed by keys of the step.
    pub signed: Vec<Signed<'a>>,
    /// Why other links and keys do not count, if too few do.
    pub against: BTreeSet<Reason>,
}

/// What one functionary signed.
#[derive(Clone, Debug)]
pub struct Signed<'a> {
    /// sha256 of the key's SubjectPublicKeyInfo.
    pub key: Digest,
    /// Identity of the evidence.
    pub id: &'a Digest,
    /// The file that carries it.
    pub file: usize,
    /// What it is.
    pub what: Word<'a>,
    /// Key or document are denied or on a status list: it supports nothing, and what speaks against the others stays.
    pub struck: bool,
}

/// A link, or a layout in its place.
#[derive(Clone, Copy, Debug)]
pub enum Word<'a> {
    /// A link.
    Link(&'a Link),
    /// The layout with that number; `None` for one that was not looked into, for there are too many.
    Sublayout(Option<usize>),
}

impl<'a> Supply<'a> {
    /// Every document that a functionary signed, with the file that carries it.
    pub fn evidence(&self) -> impl Iterator<Item = (&'a Digest, usize)> {
        let steps = self.layouts.iter().flat_map(|found| &found.steps);
        steps.flat_map(|step| &step.signed).map(|signed| (signed.id, signed.file))
    }

    /// Takes away what is signed by a key, or has an identity, that does not count any more.
    pub(crate) fn strike(&mut self, against: impl Fn(&Digest, &Digest) -> bool) {
        let steps = self.layouts.iter_mut().flat_map(|found| &mut found.steps);
        for signed in steps.flat_map(|step| &mut step.signed) {
            signed.struck |= against(&signed.key, signed.id);
        }
    }
}

/// The layouts among `facts`, each once, with their links.
pub(super) fn all<'a>(trust: &Trust<'a>, delivery: &'a Delivery, facts: &[Fact<'a>]) -> Vec<Supply<'a>> {
    let layouts = |fact: &Fact<'a>| match &fact.claim {
        Claim::Layout(layout) => Some((fact.id.clone(), fact.file, *layout)),
        _ => None,
    };
    let layouts: Vec<(Digest, usize, &'a Layout)> = facts.iter().filter_map(layouts).collect();
    if layouts.is_empty() {
        return Vec::new();
    }
    let folders = Folders::of(delivery);
    let mut once: BTreeMap<(&Digest, &str), &'a Layout> = BTreeMap::new();
    for (id, file, layout) in layouts {
        let folder = folders.folder(file);
        if let Some(item) = folders.within(folder).iter().find(|item| item.item.id == id) {
            once.insert((&item.item.id, folder), layout);
        }
    }
    let mut search = Search { policy: trust.policy, folders: &folders, tries: 0 };
    trust.memo.during(|| once.into_iter().map(|((id, folder), layout)| search.supply(id, folder, layout)).collect())
}

/// Layouts and links by the folder of their file.
struct Folders<'a> {
    by_name: BTreeMap<&'a str, Vec<Item<'a>>>,
    by_file: BTreeMap<usize, &'a str>,
}

#[derive(Clone, Copy)]
struct Item<'a> {
    file: usize,
    name: &'a str,
    item: &'a SignedItem,
    envelope: &'a Envelope,
    document: &'a Document,
}

impl<'a> Folders<'a> {
    fn of(delivery: &'a Delivery) -> Self {
        let (mut by_name, mut by_file): (BTreeMap<&str, Vec<Item<'_>>>, _) = (BTreeMap::new(), BTreeMap::new());
        for (file, held) in delivery.files.iter().enumerate() {
            let Content::Signed(items) = &held.content else { continue };
            let (folder, name) = held.path.rsplit_once('/').unwrap_or(("", &held.path));
            for item in items {
                let Ok(envelope) = &item.envelope else { continue };
                let Some(document) = envelope.in_toto() else { continue };
                by_file.insert(file, folder);
                by_name.entry(folder).or_default().push(Item { file, name, item, envelope, document });
            }
        }
        Self { by_name, by_file }
    }

    fn folder(&self, file: usize) -> &'a str {
        self.by_file.get(&file).copied().unwrap_or_default()
    }

    fn within(&self, folder: &str) -> &[Item<'a>] {
        self.by_name.get(folder).map_or(&[], Vec::as_slice)
    }
}

/// A layout that is still to be looked into.
struct Open<'a> {
    layout: &'a Layout,
    folder: String,
    path: Vec<&'a str>,
    /// The documents that it stands in, itself included.
    above: Vec<&'a Digest>,
}

struct Search<'a, 'b> {
    policy: &'a Policy,
    folders: &'b Folders<'a>,
    tries: u64,
}

impl<'a> Search<'a, '_> {
    fn supply(&mut self, id: &'a Digest, folder: &'a str, layout: &'a Layout) -> Supply<'a> {
        let mut layouts: Vec<Found<'a>> = Vec::new();
        let mut open = vec![Open { layout, folder: folder.to_owned(), path: Vec::new(), above: vec![id] }];
        while let Some(next) = open.get(layouts.len()) {
            let (layout, path) = (next.layout, next.path.clone());
            let (mut steps, mut below) = (Vec::new(), Vec::new());
            for step in &layout.steps {
                steps.push(self.step(next, step, open.len(), &mut below));
            }
            layouts.push(Found { layout, path, steps });
            open.extend(below);
        }
        Supply { id, folder, layouts }
    }

    /// What is signed by keys of `step`. Layouts among it go to `below`, to be looked into; `known` is how many there are without them.
    fn step(&mut self, within: &Open<'a>, step: &'a Step, known: usize, below: &mut Vec<Open<'a>>) -> Carried<'a> {
        let mut carried = Carried::default();
        let folders = self.folders;
        let items = folders.within(&within.folder);
        let keys = self.keys(within.layout, step, &mut carried.against);
        for item in items {
            let may_sign: Vec<_> = keys.iter().filter(|(id, _)| may_be_of(step, id, item, &within.above)).collect();
            let mut is_signed = may_sign.is_empty();
            for (id, key) in may_sign {
                self.tries += 1 + (item.envelope.signed_bytes() / BYTES_OF_A_TRY) as u64;
                if self.tries > MAX_TRIES {
                    carried.against.insert(limit(MAX_TRIES, "keys to try on links"));
                    return carried;
                }
                if !item.envelope.is_signed_by(key) {
                    continue;
                }
                is_signed = true;
                let what = match item.document {
                    Document::Link(link) => Word::Link(link),
                    Document::Layout(layout) => {
                        if let Some(other) = also(within.layout, step, key) {
                            carried.against.insert(named(&STANDS_FOR, step).evidence("other", &other.name));
                            continue;
                        }
                        let path = within.path.iter().copied().chain([step.name.as_str()]).collect();
                        let above = within.above.iter().copied().chain([&item.item.id]).collect();
                        let open = Open { layout, folder: subfolder(&within.folder, step, id), path, above };
                        Word::Sublayout(descend(open, known, below, &mut carried.against))
                    }
                };
                let (key, id, file) = (key.spki_sha256(), &item.item.id, item.file);
                carried.signed.push(Signed { key, id, file, what, struck: false });
            }
            if !is_signed {
                carried.against.insert(named(&FUNCTIONARY, step));
            }
        }
        carried
    }

    /// The keys of the step that count, each once, with the ids under which the layout lists them.
    fn keys(
        &self,
        layout: &'a Layout,
        step: &'a Step,
        against: &mut BTreeSet<Reason>,
    ) -> Vec<(&'a str, &'a PublicKey)> {
        let mut keys: Vec<(&str, &PublicKey)> = Vec::new();
        let mut refuse = |why: String| {
            against.insert(named(&KEY, step).name("why", why));
        };
        for id in &step.keys {
            match layout.keys.get(id) {
                None => refuse("it is not among the keys of the layout".to_owned()),
                Some(Err(why)) => refuse(why.to_string()),
                Some(Ok(key)) => {
                    let listed = &self.policy.algorithms.signature;
                    if !listed.iter().any(|listed| listed.admits(key.algorithm())) {
                        refuse(format!("the policy does not accept {}", key.algorithm()));
                    } else if !keys.iter().any(|(_, other)| other.spki() == key.spki()) {
                        keys.push((id, key));
                    }
                }
            }
        }
        keys
    }
}

/// Could the document be of the step? A link names it; a layout has the name that the specification gives it (section 4.5), or any other
/// layout that its signer delivers would stand for his step.
fn may_be_of(step: &Step, id: &str, item: &Item<'_>, above: &[&Digest]) -> bool {
    match item.document {
        Document::Link(link) => link.name == step.name,
        Document::Layout(_) => {
            let rest = item.name.strip_prefix(&prefixed(step, id));
            rest.is_some_and(|rest| rest.starts_with('.')) && !above.contains(&&item.item.id)
        }
    }
}

/// The beginning of the names of what a functionary signed for a step (sections 4.4 and 4.5.2); tools take eight digits of the id.
fn prefixed(step: &Step, id: &str) -> String {
    let prefix: String = id.chars().take(8).collect();
    format!("{}.{prefix}", step.name)
}

/// Another step that lists the key.
fn also<'a>(layout: &'a Layout, step: &Step, key: &PublicKey) -> Option<&'a Step> {
    let lists = |other: &&Step| {
        let mut keys = other.keys.iter().filter_map(|id| layout.keys.get(id)?.as_ref().ok());
        other.name != step.name && keys.any(|other| other.spki() == key.spki())
    };
    layout.steps.iter().find(lists)
}

/// The folder of a sublayout's links (section 4.5.2).
fn subfolder(folder: &str, step: &Step, id: &str) -> String {
    let own = prefixed(step, id);
    if folder.is_empty() { own } else { format!("{folder}/{own}") }
}

/// The number that the layout will have; `None` if it is too deep, or one too many.
fn descend<'a>(
    open: Open<'a>,
    known: usize,
    below: &mut Vec<Open<'a>>,
    against: &mut BTreeSet<Reason>,
) -> Option<usize> {
    let number = known + below.len();
    if open.path.len() as u64 > MAX_DEPTH {
        against.insert(limit(MAX_DEPTH, "layouts inside one another"));
        return None;
    }
    if number >= MAX_LAYOUTS {
        against.insert(limit(MAX_LAYOUTS as u64, "layouts"));
        return None;
    }
    below.push(open);
    Some(number)
}

fn named(info: &'static ReasonInfo, step: &Step) -> Reason {
    Reason::new(info).evidence("step", &step.name)
}

pub(crate) fn limit(limit: u64, what: &'static str) -> Reason {
    Reason::new(&LIMIT).int("limit", limit).name("what", what)
}
