//! What summaries cite: the edges *vouch*. A word counts through as many hands as it comes, and a circle of words rests on nothing.
//! What nobody signed whom the policy believes is no ground: anybody can make such a document, and have it cited.

use std::collections::{BTreeMap, BTreeSet};

use super::Joined;
use super::bind::about;
use crate::authenticate::{Claim, Fact};
use crate::decode::{Content, Envelope, Predicate, SignedItem, Subject, Summary};
use crate::digest::{Digest, DigestSet};
use crate::graph::vouch;
use crate::policy::{Grant, Policy};

/// What summaries rest on.
#[derive(Debug, Default)]
pub struct Cited<'a> {
    /// By evidence id of a summary: through how many hands it comes; `None` for a circle, and for one that rests on nothing that is
    /// there.
    depths: BTreeMap<Digest, Option<u32>>,
    /// By digest of a signed document that is no part of what is judged, who signed it.
    documents: BTreeMap<String, BTreeSet<&'a str>>,
}

/// By digest, who says something about a node that is no word of a judge.
#[derive(Debug)]
pub struct Ground<'a, 'b> {
    policy: &'a Policy,
    signed: BTreeMap<String, BTreeSet<&'b str>>,
    documents: &'b BTreeMap<String, BTreeSet<&'a str>>,
}

/// A summary that is believed.
struct Word<'a> {
    id: &'a Digest,
    summary: &'a Summary,
    subjects: &'a [Subject],
    /// The owners of whoever signed it.
    owners: BTreeSet<&'a str>,
}

/// What is cited by one digest: an item, or the file that carries it.
#[derive(Default)]
struct There<'a> {
    /// Which of the summaries that are believed.
    holds: Vec<usize>,
    /// Is there evidence that can be read?
    evidence: bool,
    /// Is there a summary, believed or not, or what cannot be read?
    word: bool,
    /// Digests of what other evidence that is believed is about.
    about: BTreeSet<String>,
    /// Who signed documents that are about nothing in particular.
    signers: BTreeSet<&'a str>,
}

impl<'a> Cited<'a> {
    pub(super) fn of(joined: &Joined<'a>) -> Self {
        let mut words: BTreeMap<&Digest, Word<'_>> = BTreeMap::new();
        for fact in joined.facts {
            let Some((summary, subjects)) = summary_of(fact) else { continue };
            let owners = BTreeSet::new();
            let word = words.entry(&fact.id).or_insert(Word { id: &fact.id, summary, subjects, owners });
            word.owners.extend(joined.policy.roots(&fact.party.id));
        }
        if words.is_empty() {
            return Self::default();
        }
        let words: Vec<Word<'_>> = words.into_values().collect();
        let documents = documents(joined);
        let (number, there) = there(joined, &words, &documents);
        let cites: Vec<Cites> = words.iter().map(|word| Cites::of(word, &number)).collect();
        let about = by_digest(&there);
        let rests = words.iter().zip(&cites).map(|(word, cites)| rests(joined.policy, word, cites, &there, &about));
        let rests: Vec<bool> = rests.collect();
        let cites: Vec<Vec<usize>> = cites.into_iter().map(|cites| cites.there.into_iter().collect()).collect();
        let holds: Vec<Vec<usize>> = there.into_iter().map(|there| there.holds).collect();
        let depths = vouch::depths(&rests, &cites, &holds);
        Self { depths: words.iter().map(|word| word.id.clone()).zip(depths).collect(), documents }
    }

    /// Through how many hands a summary comes: 1 for a verifier's own; `None` if nothing shows that it rests on more than words.
    #[must_use]
    pub fn depth(&self, id: &Digest) -> Option<u32> {
        self.depths.get(id).copied().flatten()
    }
}

impl<'a> Joined<'a> {
    /// What a judge of the node can rest its word on. Only what is believed about this very node is any: a release of something else
    /// that is cited as well shows nothing, and neither does what is not there. `is_heard`: who has these grants?
    #[must_use]
    pub fn ground<'b>(&'b self, node: usize, is_heard: impl Fn(&[&Grant]) -> bool) -> Ground<'a, 'b> {
        let mut signed: BTreeMap<String, BTreeSet<&'b str>> = BTreeMap::new();
        let mut add = |digest: &Digest, party: &'b str| {
            signed.entry(digest.hex().to_owned()).or_default().insert(party);
        };
        let bound = self.bindings(node).filter(|binding| is_heard(&binding.grants));
        for fact in bound.map(|binding| binding.fact).filter(|fact| !is_word(fact)) {
            for digest in self.carrier_of(fact).chain([&fact.id]) {
                add(digest, &fact.party.id);
            }
        }
        for (sbom, _) in self.sboms_of(self.plain(node)).filter(|(sbom, _)| sbom.is_covered(&is_heard)) {
            let document = self.file_of(&sbom.id).filter(|file| self.is_only_evidence(*file));
            let document = document.and_then(|file| self.delivery.files.get(file));
            for digest in document.into_iter().flat_map(|file| file.digests.iter()).chain([&sbom.id]) {
                add(digest, &sbom.party.id);
            }
            add(&sbom.vouched_by, &sbom.party.id);
        }
        Ground { policy: self.policy, signed, documents: &self.cited.documents }
    }

    /// The digests of the file that carries evidence, where that is no part of what is judged.
    fn carrier_of(&self, fact: &Fact<'_>) -> impl Iterator<Item = &'a Digest> + use<'a> {
        let carrier = self.delivery.files.get(fact.file).filter(|_| self.is_only_evidence(fact.file));
        carrier.into_iter().flat_map(|file| file.digests.iter())
    }
}

impl Ground<'_, '_> {
    /// Does what `party` cites hold anything but words of other judges: evidence of its own, or of whoever made the node? What another
    /// judge looked at is that one's basis, whether or not its word was delivered.
    #[must_use]
    pub fn is_under(&self, party: &str, cited: &[DigestSet], judges: &[String]) -> bool {
        let own = self.policy.roots(party);
        let is_own = |signer: &str| !self.policy.roots(signer).is_disjoint(&own);
        let is_judge = |signer: &str| {
            let kind = self.policy.parties.get(signer).map(|party| party.kind.as_str());
            judges.iter().any(|judge| judge == signer) || matches!(kind, Some("laboratory" | "certification-body"))
        };
        let mut cited = cited.iter();
        cited.any(|set| {
            let signed = lookup(set, &self.signed).into_iter().flatten();
            let documents = lookup(set, self.documents).into_iter().flatten();
            signed.copied().any(|signer| is_own(signer) || !is_judge(signer)) || documents.copied().any(is_own)
        })
    }
}

impl<'a> Word<'a> {
    fn cited(&self) -> &'a [DigestSet] {
        self.summary.inputs.as_deref().unwrap_or_default()
    }
}

/// What a summary cites, each once however often it does.
struct Cites {
    there: BTreeSet<usize>,
    /// Is all of it there?
    whole: bool,
}

impl Cites {
    fn of(word: &Word<'_>, number: &BTreeMap<String, usize>) -> Self {
        let mut cites = Self { there: BTreeSet::new(), whole: true };
        for set in word.cited() {
            match lookup(set, number) {
                Some(at) => drop(cites.there.insert(*at)),
                None => cites.whole = false,
            }
        }
        cites
    }
}

/// By digest, which of what is cited is about it, in order.
fn by_digest<'t>(there: &'t [There<'_>]) -> BTreeMap<&'t str, Vec<usize>> {
    let mut by_digest: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, there) in there.iter().enumerate() {
        for digest in &there.about {
            by_digest.entry(digest).or_default().push(at);
        }
    }
    by_digest
}

/// Is it a verifier's own word? It cites nothing; or everything that it cites is there, and nothing of that is a summary; or it cites
/// evidence that is believed and is about the same as itself. What is cited and not there may be a word of somebody else: to leave it
/// out must not bring the summary nearer. The work of one summary is bounded by what it is about and what everything cited is about.
fn rests(
    policy: &Policy,
    word: &Word<'_>,
    cites: &Cites,
    there: &[There<'_>],
    about: &BTreeMap<&str, Vec<usize>>,
) -> bool {
    let all = || cites.there.iter().filter_map(|at| there.get(*at));
    if cites.whole && all().all(|there| there.evidence && !there.word) {
        return true;
    }
    let is_cited = |others: &Vec<usize>| match others.len() < cites.there.len() {
        true => others.iter().any(|at| cites.there.contains(at)),
        false => cites.there.iter().any(|at| others.binary_search(at).is_ok()),
    };
    let mut subjects = word.subjects.iter().flat_map(|subject| hexes(&subject.digest));
    subjects.any(|digest| about.get(digest.as_str()).is_some_and(is_cited))
        || all().any(|there| there.signers.iter().any(|signer| !policy.roots(signer).is_disjoint(&word.owners)))
}

/// What is there of all that `words` cite, and which of it is meant by which digest.
fn there<'a>(
    joined: &Joined<'a>,
    words: &[Word<'_>],
    documents: &BTreeMap<String, BTreeSet<&'a str>>,
) -> (BTreeMap<String, usize>, Vec<There<'a>>) {
    let cited: BTreeSet<String> = words.iter().flat_map(Word::cited).flat_map(hexes).collect();
    let by_id: BTreeMap<&Digest, usize> = words.iter().enumerate().map(|(at, word)| (word.id, at)).collect();
    let (mut number, mut all): (BTreeMap<String, usize>, Vec<There<'a>>) = (BTreeMap::new(), Vec::new());
    let mut claim = |names: &mut dyn Iterator<Item = &Digest>, all: &mut Vec<There<'a>>| {
        let names: Vec<&str> = names.map(Digest::hex).filter(|name| cited.contains(*name)).collect();
        let first = names.iter().find_map(|name| number.get(*name)).copied();
        let at = first.or_else(|| (!names.is_empty()).then_some(all.len()))?;
        all.extend((at == all.len()).then(There::default));
        for name in names {
            number.entry(name.to_owned()).or_insert(at);
        }
        Some(at)
    };
    for (at, file) in joined.delivery.files.iter().enumerate().filter(|(at, _)| joined.first_of(*at) == *at) {
        let of_file = claim(&mut file.digests.iter(), &mut all);
        if let Some(there) = of_file.and_then(|at| all.get_mut(at)) {
            let is_document = matches!(file.content, Content::Sbom(_) | Content::Checksums(_));
            there.evidence |= is_document && joined.is_only_evidence(at);
            there.signers.extend(documents.get(file.digests.sha256().hex()).into_iter().flatten());
        }
        let items = match &file.content {
            Content::Signed(items) => items.as_slice(),
            _ => &[],
        };
        for item in items {
            // What is to be judged is evidence of nothing.
            let of_file = of_file.filter(|_| joined.is_only_evidence(at));
            for at in [of_file, claim(&mut [&item.id].into_iter(), &mut all)].into_iter().flatten() {
                let Some(there) = all.get_mut(at) else { continue };
                there.evidence |= item.envelope.is_ok();
                there.word |= is_word_item(item);
                there.holds.extend(by_id.get(&item.id));
            }
        }
    }
    for there in &mut all {
        there.holds.sort_unstable();
        there.holds.dedup();
    }
    for fact in joined.facts.iter().filter(|fact| !is_word(fact)) {
        let mut names = joined.carrier_of(fact).chain([&fact.id]).collect::<Vec<_>>();
        let document = match &fact.claim {
            Claim::File(digest) => joined.file_of(digest).filter(|file| joined.is_only_evidence(*file)),
            Claim::Statement(_) | Claim::Checksums(_) | Claim::Layout(_) => None,
        };
        let document = document.and_then(|file| joined.delivery.files.get(file));
        names.extend(document.into_iter().flat_map(|file| file.digests.iter()));
        let meant: BTreeSet<usize> = names.iter().filter_map(|name| number.get(name.hex())).copied().collect();
        if meant.is_empty() {
            continue;
        }
        // An SBOM that is signed as a document is about its root.
        let root =
            document.and_then(|file| file.content.sbom(joined.tolerated())?.sbom.root()).map(|root| root.digests());
        let said = about(&fact.claim).into_iter().map(|(_, digests)| digests).chain(root);
        let said: BTreeSet<String> = said.flat_map(|digests| hexes(&digests).collect::<Vec<_>>()).collect();
        for there in meant {
            all.get_mut(there).into_iter().for_each(|there| there.about.extend(said.iter().cloned()));
        }
    }
    (number, all)
}

/// Who signed which documents that are no part of what is judged, by every digest of the document.
fn documents<'a>(joined: &Joined<'a>) -> BTreeMap<String, BTreeSet<&'a str>> {
    let mut documents: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for fact in joined.facts {
        let Claim::File(digest) = &fact.claim else { continue };
        let file = joined.file_of(digest).filter(|file| joined.is_only_evidence(*file));
        for name in
            file.and_then(|file| joined.delivery.files.get(file)).into_iter().flat_map(|file| file.digests.iter())
        {
            documents.entry(name.hex().to_owned()).or_default().insert(&fact.party.id);
        }
    }
    documents
}

fn summary_of<'a>(fact: &'a Fact<'_>) -> Option<(&'a Summary, &'a [Subject])> {
    let statement = super::statement_of(fact)?;
    match &statement.predicate {
        Predicate::Summary(summary) => Some((summary, &statement.subjects)),
        _ => None,
    }
}

/// Is it what somebody concludes, and no evidence?
fn is_word(fact: &Fact<'_>) -> bool {
    let predicate = super::statement_of(fact).map(|statement| &statement.predicate);
    matches!(predicate, Some(Predicate::Summary(_) | Predicate::Certification(_)))
}

/// The same, whoever signed it; what cannot be read could be.
fn is_word_item(item: &SignedItem) -> bool {
    let Ok(envelope) = &item.envelope else { return true };
    let statement = Envelope::dsse(envelope).and_then(|dsse| dsse.statement.as_ref().ok());
    matches!(statement.map(|statement| &statement.predicate), Some(Predicate::Summary(_) | Predicate::Certification(_)))
}

fn hexes(set: &DigestSet) -> impl Iterator<Item = String> + '_ {
    set.computable().filter_map(|algorithm| set.by(algorithm)).map(|digest| digest.hex().to_owned())
}

fn lookup<'m, T>(set: &DigestSet, there: &'m BTreeMap<String, T>) -> Option<&'m T> {
    set.computable().filter_map(|algorithm| set.by(algorithm)).find_map(|digest| there.get(digest.hex()))
}
