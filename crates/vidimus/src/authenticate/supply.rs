//! The links of accepted layouts of in-toto: who carried out which step, as far as a signature by a key of the layout shows it.
//!
//! A link belongs to the step that it names; a layout in the place of a link, a sublayout (section 4.5), to the one step that lists its
//! key. Names of files and folders only choose which links are looked at, as the specification has it: those beside the layout, and of a
//! sublayout those in the folder `STEP.KEYID` (section 4.5.2). They add nothing: whoever could move a link could leave it out.

use std::collections::{BTreeMap, BTreeSet};

use super::envelope::{UNKNOWN_KEY, sunset};
use super::keys::{PublicKey, SignatureAlgorithm};
use super::{Authenticated, Claim, Fact, Trust};
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
        why "Links are verified with Ed25519, ECDSA on P-256 or P-384, or RSA, as far as the policy's `algorithms.signature` accepts it and `algorithms.sunset` has no date for it, gone or to come: nothing proves when a link was signed. What cannot be verified is not believed.",
        fix "Have the functionary sign with a key of an accepted kind, and the owner of the layout list it.";
    STRUCK = "layout.withdrawn", Unproven, Signer, ["step"],
        says "a link of the step {step} does not count: the policy denies it or its key, or accepts the key only for signatures that are proven to be of a certain time, or a status list names one of them",
        why "What was taken back supports nothing, whatever the layout says of its signer. Nothing proves when a link was signed, so a key that is compromised, or has a window, may have signed it at any time (T8).",
        fix "Have the step carried out again by a functionary whose key counts.";
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
/// Signatures that are tried with keys, for all layouts together. On a large document one counts as several.
const MAX_TRIES: u64 = 100_000;
/// So often what some layouts leave of their shares is shared out among the others.
const ROUNDS: usize = 3;
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
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Carried<'a> {
    /// Signed by keys of the step.
    pub signed: Vec<Signed<'a>>,
    /// Why other links and keys do not count, if too few do.
    pub against: BTreeSet<Reason>,
    /// Why not everything was looked at. What was not could speak against the rest, so the step was not carried out as far as anybody
    /// knows.
    pub incomplete: Option<Reason>,
}

/// What one functionary signed. Two that are equal are copies of one document.
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
    /// Key or document are denied or on a status list, or the policy accepts the key only for a time that nothing proves: it supports
    /// nothing, and what speaks against the others stays.
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

impl Signed<'_> {
    /// What a document says follows from its identity.
    fn mark(&self) -> (&Digest, &Digest, bool, Option<Option<usize>>) {
        let number = match self.what {
            Word::Link(_) => None,
            Word::Sublayout(number) => Some(number),
        };
        (&self.key, self.id, self.struck, number)
    }
}

impl PartialEq for Signed<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.mark() == other.mark()
    }
}
impl Eq for Signed<'_> {}
impl PartialOrd for Signed<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Signed<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.mark().cmp(&other.mark())
    }
}

impl Found<'_> {
    /// A reason about a step, named by the way to it through the layouts that it is in.
    pub(crate) fn reason(&self, info: &'static ReasonInfo, step: &str) -> Reason {
        Reason::new(info).evidence("step", &self.step(step))
    }

    /// The way to a step through the layouts that it is in.
    pub(crate) fn step(&self, step: &str) -> String {
        self.path.iter().copied().chain([step]).collect::<Vec<_>>().join("/")
    }
}

impl<'a> Supply<'a> {
    /// Every document that a functionary signed and that counts, with the file that carries it. What stands in for a step and does not
    /// count takes everything below with it.
    pub fn evidence(&self) -> impl Iterator<Item = (&'a Digest, usize)> {
        let counting = self.signed().into_iter().filter(|(counts, ..)| *counts);
        counting.map(|(_, signed, _)| (signed.id, signed.file))
    }

    /// Every document that a functionary signed and that does not count, with the reason.
    fn withdrawn(&self) -> impl Iterator<Item = (&'a Digest, Reason)> {
        let struck = self.signed().into_iter().filter(|(counts, ..)| !*counts);
        struck.map(|(_, signed, (found, step))| (signed.id, found.reason(&STRUCK, step)))
    }

    /// Every document that a functionary signed, whether it counts, and for which step it is.
    fn signed(&self) -> Vec<(bool, &Signed<'a>, (&Found<'a>, &'a str))> {
        let mut all = Vec::new();
        let mut counts = vec![true; 1];
        counts.resize(self.layouts.len(), false);
        for (number, found) in self.layouts.iter().enumerate() {
            let above = counts.get(number).copied().unwrap_or_default();
            for (step, carried) in found.layout.steps.iter().zip(&found.steps) {
                for signed in &carried.signed {
                    let own = above && !signed.struck;
                    all.push((own, signed, (found, step.name.as_str())));
                    if let Word::Sublayout(Some(below)) = signed.what
                        && let Some(below) = counts.get_mut(below)
                    {
                        *below = own;
                    }
                }
            }
        }
        all
    }

    /// Takes away what is signed by a key, or has an identity, that does not count any more.
    pub(crate) fn strike(&mut self, against: impl Fn(&Digest, &Digest) -> bool) {
        let steps = self.layouts.iter_mut().flat_map(|found| &mut found.steps);
        for signed in steps.flat_map(|step| &mut step.signed) {
            signed.struck |= against(&signed.key, signed.id);
        }
    }
}

/// Tells why documents of functionaries do not count, and no more that of others which do.
pub(crate) fn tell(authenticated: &mut Authenticated<'_>) {
    let counting: BTreeSet<&Digest> =
        authenticated.supplies.iter().flat_map(Supply::evidence).map(|(id, _)| id).collect();
    let facts: BTreeSet<&Digest> = authenticated.facts.iter().map(|fact| &fact.id).collect();
    let withdrawn = authenticated.supplies.iter().flat_map(Supply::withdrawn);
    let withdrawn = withdrawn.filter(|(id, _)| !counting.contains(id) && !facts.contains(id));
    let withdrawn: Vec<(Digest, Reason)> = withdrawn.map(|(id, reason)| (id.clone(), reason)).collect();
    let instead: BTreeSet<&Digest> = withdrawn.iter().map(|(id, _)| id).collect();
    // That nobody whom the policy knows signed them, and no layout has a place for them, is not why they do not count.
    let else_known = |reason: &Reason| reason.code() == UNUSED.code || reason.code() == UNKNOWN_KEY.code;
    authenticated
        .rejected
        .retain(|(id, reason)| !(counting.contains(id) || instead.contains(id) && else_known(reason)));
    authenticated.rejected.extend(withdrawn);
    authenticated.rejected.sort();
    authenticated.rejected.dedup();
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
        let folder = folders.path(file);
        if let Some(id) = folders.within(folder).and_then(|within| within.ids.get(&id)) {
            once.insert((id, folder), layout);
        }
    }
    let timed = trust.policy.identities.iter();
    let timed = timed.filter(|identity| identity.valid.is_some() || identity.compromised_from.is_some());
    let timed = timed.flat_map(|identity| identity.kind.public_keys()).map(|key| key.spki_sha256()).collect();
    let mut search = Search { policy: trust.policy, folders: &folders, timed, tries: 0, most: 0 };
    let once: Vec<Start<'a>> = once.into_iter().map(|((id, folder), layout)| Start { id, folder, layout }).collect();
    trust.memo.during(|| search.all(&once))
}

/// A layout to begin with.
struct Start<'a> {
    id: &'a Digest,
    folder: &'a str,
    layout: &'a Layout,
}

/// Layouts and links by the folder of their file.
struct Folders<'a> {
    by_path: BTreeMap<&'a str, Folder<'a>>,
    by_file: BTreeMap<usize, &'a str>,
}

/// What lies in one folder.
#[derive(Default)]
struct Folder<'a> {
    ids: BTreeSet<&'a Digest>,
    /// Links by the step that they name.
    links: BTreeMap<&'a str, Vec<Item<'a>>>,
    /// Layouts by the name of their file.
    layouts: BTreeMap<&'a str, Vec<Item<'a>>>,
}

#[derive(Clone, Copy)]
struct Item<'a> {
    file: usize,
    item: &'a SignedItem,
    envelope: &'a Envelope,
    document: &'a Document,
}

impl<'a> Folders<'a> {
    fn of(delivery: &'a Delivery) -> Self {
        let (mut by_path, mut by_file): (BTreeMap<&str, Folder<'_>>, _) = (BTreeMap::new(), BTreeMap::new());
        for (file, held) in delivery.files.iter().enumerate() {
            let Content::Signed(items) = &held.content else { continue };
            let (folder, name) = held.path.rsplit_once('/').unwrap_or(("", &held.path));
            for item in items {
                let Ok(envelope) = &item.envelope else { continue };
                let Some(document) = envelope.in_toto() else { continue };
                by_file.insert(file, folder);
                let within = by_path.entry(folder).or_default();
                within.ids.insert(&item.id);
                let same = match document {
                    Document::Link(link) => within.links.entry(link.name.as_str()).or_default(),
                    Document::Layout(_) => within.layouts.entry(name).or_default(),
                };
                same.push(Item { file, item, envelope, document });
            }
        }
        Self { by_path, by_file }
    }

    fn path(&self, file: usize) -> &'a str {
        self.by_file.get(&file).copied().unwrap_or_default()
    }

    fn within(&self, path: &str) -> Option<&Folder<'a>> {
        self.by_path.get(path)
    }
}

impl<'a> Folder<'a> {
    /// What could be of the step, with the keys that could have signed it; all of them where they are not said. A link names its step; a
    /// layout has the name that the specification gives it (section 4.5), or any other layout that its signer delivers would stand for his
    /// step.
    fn of_step<'k>(&self, step: &Step, keys: &'k [StepKey<'a>], above: &[&Digest]) -> Vec<Candidate<'a, 'k>> {
        let links = self.links.get(step.name.as_str()).into_iter().flatten().filter(|_| !keys.is_empty());
        let mut found: Vec<Candidate<'a, 'k>> = links.map(|item| (*item, None)).collect();
        let mut layouts: BTreeMap<(usize, usize), (Item<'a>, Vec<&StepKey<'a>>)> = BTreeMap::new();
        for key in keys {
            let prefix = format!("{}.", prefixed(step, key.id));
            let named = self.layouts.range(prefix.as_str()..).take_while(|(name, _)| name.starts_with(&prefix));
            for item in named.flat_map(|(_, items)| items).filter(|item| !above.contains(&&item.item.id)) {
                let place = layouts.entry((item.file, item.item.index)).or_insert_with(|| (*item, Vec::new()));
                place.1.push(key);
            }
        }
        found.extend(layouts.into_values().map(|(item, keys)| (item, Some(keys))));
        found
    }
}

/// A document, and the keys that could have signed it.
type Candidate<'a, 'k> = (Item<'a>, Option<Vec<&'k StepKey<'a>>>);

/// A key of a step that counts, with the first of the ids under which the layout lists it.
struct StepKey<'a> {
    id: &'a str,
    key: &'a PublicKey,
    spki: Digest,
}

/// A layout that is still to be looked into.
struct Open<'a> {
    layout: &'a Layout,
    folder: String,
    path: Vec<&'a str>,
    /// The documents that it stands in, itself included.
    above: Vec<&'a Digest>,
}

/// The steps of a layout that list each key, by its SubjectPublicKeyInfo.
type Listing<'a> = BTreeMap<&'a [u8], BTreeSet<usize>>;

struct Search<'a, 'b> {
    policy: &'a Policy,
    folders: &'b Folders<'a>,
    /// Keys of identities that count only at some time.
    timed: BTreeSet<Digest>,
    /// Of the layout that is looked at: what was tried, and how much may be.
    tries: u64,
    most: u64,
}

impl<'a> Search<'a, '_> {
    /// What was found for each layout. Each has the same share of what may be tried, and what one leaves is shared out again: whoever copies
    /// a layout into a folder with links that nobody signed takes nothing from the others, wherever they lie. What was verified once is
    /// remembered, so beginning again costs little.
    fn all(&mut self, starts: &[Start<'a>]) -> Vec<Supply<'a>> {
        let mut found: Vec<Option<Supply<'a>>> = vec![None; starts.len()];
        let mut open: Vec<(&Start<'a>, &mut Option<Supply<'a>>)> = starts.iter().zip(&mut found).collect();
        let mut left = MAX_TRIES;
        for _ in 0..ROUNDS {
            let sharing = open.len();
            self.most = left.checked_div(sharing as u64).unwrap_or_default();
            open.retain_mut(|(start, found)| {
                self.tries = 0;
                **found = Some(self.supply(start));
                let is_whole = self.tries <= self.most;
                left -= if is_whole { self.tries } else { 0 };
                !is_whole
            });
            if open.len() == sharing {
                break;
            }
        }
        found.into_iter().flatten().collect()
    }

    fn supply(&mut self, start: &Start<'a>) -> Supply<'a> {
        let Start { id, folder, layout } = *start;
        let mut layouts: Vec<Found<'a>> = Vec::new();
        let mut open = vec![Open { layout, folder: folder.to_owned(), path: Vec::new(), above: vec![id] }];
        while let Some(next) = open.get(layouts.len()) {
            let (layout, path, listing) = (next.layout, next.path.clone(), listing(next.layout));
            let (mut steps, mut below) = (Vec::new(), Vec::new());
            for number in 0..layout.steps.len() {
                steps.push(self.step(next, number, &listing, (open.len(), &mut below)));
            }
            layouts.push(Found { layout, path, steps });
            open.extend(below);
        }
        Supply { id, folder, layouts }
    }

    /// What is signed by keys of a step. Layouts among it go to `below`, to be looked into; `known` is how many there are without them.
    fn step(
        &mut self,
        within: &Open<'a>,
        number: usize,
        listing: &Listing<'a>,
        (known, below): (usize, &mut Vec<Open<'a>>),
    ) -> Carried<'a> {
        let mut carried = Carried::default();
        let Some(step) = within.layout.steps.get(number) else { return carried };
        let keys = self.keys(within.layout, step, &mut carried.against);
        let Some(folder) = self.folders.within(&within.folder) else { return carried };
        for (item, may_sign) in folder.of_step(step, &keys, &within.above) {
            let mut is_signed = false;
            for StepKey { id, key, spki } in may_sign.unwrap_or_else(|| keys.iter().collect()) {
                if !self.try_one(item.envelope) {
                    carried.incomplete = Some(limit(MAX_TRIES, "signatures to try with keys of layouts"));
                    return carried;
                }
                if !item.envelope.is_signed_by(key) {
                    continue;
                }
                is_signed = true;
                let what = match item.document {
                    Document::Link(link) => Word::Link(link),
                    Document::Layout(layout) => {
                        let lists = listing.get(key.spki()).into_iter().flatten();
                        let other = lists.copied().find(|other| *other != number);
                        if let Some(other) = other.and_then(|other| within.layout.steps.get(other)) {
                            carried.against.insert(named(&STANDS_FOR, step).evidence("other", &other.name));
                            continue;
                        }
                        let path = within.path.iter().copied().chain([step.name.as_str()]).collect();
                        let above = within.above.iter().copied().chain([&item.item.id]).collect();
                        let open = Open { layout, folder: subfolder(&within.folder, step, id), path, above };
                        Word::Sublayout(descend(open, known, below, &mut carried.against))
                    }
                };
                let struck = self.timed.contains(spki);
                carried.signed.push(Signed { key: spki.clone(), id: &item.item.id, file: item.file, what, struck });
            }
            if !is_signed {
                carried.against.insert(named(&FUNCTIONARY, step));
            }
        }
        carried
    }

    /// May the signatures of the envelope be tried with one more key?
    fn try_one(&mut self, envelope: &Envelope) -> bool {
        let each = 1 + envelope.signed_bytes() / BYTES_OF_A_TRY;
        let cost = envelope.signatures().saturating_mul(each);
        self.tries = self.tries.saturating_add(u64::try_from(cost).unwrap_or(u64::MAX));
        self.tries <= self.most
    }

    /// The keys of the step that count, each once for each way to sign with it.
    fn keys(&self, layout: &'a Layout, step: &'a Step, against: &mut BTreeSet<Reason>) -> Vec<StepKey<'a>> {
        let mut seen: BTreeSet<(&[u8], SignatureAlgorithm)> = BTreeSet::new();
        let mut keys = Vec::new();
        let mut refuse = |why: String| {
            against.insert(named(&KEY, step).name("why", why));
        };
        for id in &step.keys {
            match layout.keys.get(id) {
                None => refuse("it is not among the keys of the layout".to_owned()),
                Some(Err(why)) => refuse(why.to_string()),
                Some(Ok(key)) => {
                    let algorithm = key.algorithm();
                    if !self.policy.algorithms.signature.iter().any(|listed| listed.admits(algorithm)) {
                        refuse(format!("the policy does not accept {algorithm}"));
                    } else if sunset(self.policy, algorithm, false).is_some() {
                        refuse(format!("the policy accepts {algorithm} only for signatures of a proven time"));
                    } else if seen.insert((key.spki(), algorithm)) {
                        keys.push(StepKey { id, key, spki: key.spki_sha256() });
                    }
                }
            }
        }
        keys
    }
}

fn listing(layout: &Layout) -> Listing<'_> {
    let mut listing = Listing::new();
    for (number, step) in layout.steps.iter().enumerate() {
        for key in step.keys.iter().filter_map(|id| layout.keys.get(id)?.as_ref().ok()) {
            listing.entry(key.spki()).or_default().insert(number);
        }
    }
    listing
}

/// The beginning of the names of what a functionary signed for a step (sections 4.4 and 4.5.2); tools take eight digits of the id.
fn prefixed(step: &Step, id: &str) -> String {
    let prefix: String = id.chars().take(8).collect();
    format!("{}.{prefix}", step.name)
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
