//! Join: facts meet files, by digest alone.
//!
//! A binding is a fact about the bytes of one file, said under a grant that covers a product of that file. Names never bind;
//! they only tell which reason to give. The products of a file are the requested one, what accepted release statements call
//! it, and, as a claim that never makes a rule milder, what bound SBOMs call it.

pub mod advisories;
pub(crate) mod chain;
mod cited;
pub(crate) mod delivery;
pub mod elsewhere;
mod evidence;
pub(crate) mod held;
mod index;
pub mod links;
mod members;
pub(crate) mod sbom;

use std::collections::{BTreeMap, BTreeSet};

use crate::authenticate::{Authenticated, Claim, Fact};
use crate::decode::{BundleContent, Content, Envelope, Predicate, SignedItem, Statement, Subject, is_signed_encoding};
use crate::digest::{Digest, DigestSet, Match};
use crate::knowledge::Known;
use crate::policy::{Grant, Policy, Product};
use crate::read::{Delivery, File, Opened, Place, SIBLINGS};
use crate::reason::Reason;
use crate::time::Time;

pub use advisories::Advisory;
pub(crate) use chain::compare;
pub use chain::{Chain, Claimed};
pub use cited::Cited;
pub use delivery::DeliveryStatement;
pub use sbom::{BoundSbom, Route};

use index::Index;

crate::reasons! {
    DIGEST_MISMATCH = "binding.digest-mismatch", Unproven, Vendor, ["expected", "found", "party"],
        says "{party} signed a file of this name with digest {expected}; the delivered bytes have {found}",
        why "The delivered file is not the one that was signed: substituted, corrupted or from another build (T1). It is final where an accepted delivery statement for this request says so.",
        fix "Deliver the file that was signed; if the change is wanted, sign the new one.";
    CONFLICT = "binding.conflict", Unproven, Signer, ["party"],
        says "{party} names this file by one digest and another file by a second digest of the same subject",
        why "A subject whose digests mean different files would let two verifiers accept one statement for two artifacts; it is refused whole (T35, Q2).",
        fix "State digests that all belong to the same bytes.";
    WEAK = "binding.weak", Unproven, Signer, ["party"],
        says "{party} names this file only by digests that the policy does not accept for binding",
        why "A weak or unlisted hash could be met by other bytes (T35).",
        fix "State a sha256, sha384 or sha512 digest.";
    WRONG_PRODUCT = "binding.product", Unproven, Signer, ["identity", "predicate"],
        says "{identity} says this under a grant for other products ({predicate})",
        why "The digest matches, but the signer is only believed about the products of its grant (T5).",
        fix "Request the product that was delivered, or have the operator widen the grant.";
    OTHER_RELEASE = "binding.other-release", Unproven, Vendor, ["expected", "found", "party"],
        says "{party} released these bytes as {found}; what is asked for is {expected}",
        why "A genuine release of another product or version is not the one that was asked for: it could be an older one with known holes (T4, T5). Parts count when a bound SBOM names them or the policy has a class for their product.",
        fix "Deliver the release that was asked for, list the part with its digest and package URL in the SBOM, or have the operator add a class for its product.";
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// The instant of the verdict.
    pub at: Time,
    /// What is supposed to be delivered.
    pub product: Option<Product>,
    /// Who receives it.
    pub recipient: Option<String>,
}

/// So many claims about other bytes of one name are told; more of them, all true, would explain nothing and cost files × claims.
const MEANT: usize = 4;

/// A fact about the bytes of one file, under at least one grant that covers it.
#[derive(Clone, Debug)]
pub struct Binding<'a> {
    /// The fact.
    pub fact: &'a Fact<'a>,
    /// The grants that cover a product of the file.
    pub grants: Vec<&'a Grant>,
}

/// Everything that checks may look at.
pub struct Joined<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// What is asked.
    pub request: &'a Request,
    /// What was delivered.
    pub delivery: &'a Delivery,
    /// The delivery statement that this request is held against.
    pub statement: Option<DeliveryStatement<'a>>,
    /// What stands against the delivery as a whole: absent files, equivocation.
    pub negatives: Vec<Reason>,
    /// Evidence that the statement lists and that is not there: (path, digests).
    pub absent_evidence: Vec<(&'a str, &'a DigestSet)>,
    /// SBOMs that are signed by a granted party and bound to a file, by evidence id.
    pub sboms: Vec<BoundSbom<'a>>,
    /// By evidence id of an SBOM: what is noteworthy about it beside the other SBOMs at hand.
    pub links: BTreeMap<Digest, Vec<Reason>>,
    /// What granted parties say about vulnerabilities.
    pub advisories: Vec<Advisory<'a>>,
    /// What these answer to what the policy asks of their content.
    held: held::Held<'a>,
    /// Budgets that ran out while components were followed.
    pub limits_hit: Vec<Reason>,
    /// All that evidence proves, bound or not.
    pub facts: &'a [Fact<'a>],
    /// What summaries rest on.
    pub cited: Cited,
    /// The component chain, where a rule looks at it.
    pub chain: Option<Chain<'a>>,
    /// SBOMs that came with the delivery in any form, each once however often it is there.
    pub sbom_documents: usize,
    /// What the operator knows; nothing until it is set.
    pub known: Known<'a>,
    /// The files by digest; set once everything is joined.
    index: Option<Index<'a>>,
    /// By node, the SBOMs that are bound to it.
    sboms_by_node: BTreeMap<usize, Vec<usize>>,
    /// Facts by the source revisions that they are about.
    by_revision: BTreeMap<&'a str, Vec<&'a Fact<'a>>>,
    /// By evidence id of an SBOM, who signed it.
    sbom_signers: BTreeMap<Digest, BTreeSet<&'a str>>,
    nodes: Vec<Node<'a>>,
    /// By file, the first file with the same bytes.
    firsts: Vec<usize>,
    /// By file, what is in it.
    opened: BTreeMap<usize, &'a Opened>,
    /// Files of the delivery that are components as well, in order: as such they are numbered after all other nodes.
    both: Vec<usize>,
    /// Of each set of bytes that rules are asked of, delivered or in an archive, the first file. What is evidence alone is not here.
    judged: BTreeSet<usize>,
    /// Of each set of bytes that are signed evidence wherever they are, the first file.
    signed: BTreeSet<usize>,
}

/// One file as checks see it: what is known about its bytes, on the first file that has them, and what is known about its path.
#[derive(Default)]
struct Node<'a> {
    /// Facts about the bytes.
    bindings: Vec<Binding<'a>>,
    /// The requested product, and what accepted release statements call the bytes.
    products: BTreeSet<Product>,
    /// What accepted release statements call the bytes.
    released: BTreeSet<Product>,
    /// What bound SBOMs call the bytes.
    claimed: BTreeSet<Product>,
    /// Accepted statements that name the bytes and do not bind them.
    near: Vec<Reason>,
    /// Who signed statements with the digest, believed about it or not, and whether as somebody who made it.
    makers: BTreeSet<(&'a str, bool)>,
    /// Evidence whose component digests name the bytes.
    listed_by: Vec<Digest>,
    /// The delivery statement, if it lists these bytes at this path.
    held: Option<Binding<'a>>,
    /// Accepted statements that name the path and mean other bytes.
    named: Vec<Reason>,
    /// What stands against the file, whatever a rule asks.
    negatives: Vec<Reason>,
    evidence: bool,
}

impl<'a> Joined<'a> {
    /// Binds what was authenticated to the files of `delivery`.
    #[must_use]
    pub fn new(
        delivery: &'a Delivery,
        policy: &'a Policy,
        request: &'a Request,
        authenticated: &'a Authenticated<'a>,
    ) -> Self {
        let facts = authenticated.facts.as_slice();
        let index = Index::new(delivery, &policy.algorithms.digest_bind);
        let mut joined = Self {
            policy,
            request,
            delivery,
            statement: None,
            negatives: Vec::new(),
            absent_evidence: Vec::new(),
            sboms: Vec::new(),
            links: BTreeMap::new(),
            advisories: Vec::new(),
            held: held::Held::default(),
            limits_hit: Vec::new(),
            facts,
            cited: Cited::default(),
            chain: None,
            sbom_documents: 0,
            known: Known::default(),
            index: None,
            sboms_by_node: BTreeMap::new(),
            by_revision: by_revision(facts),
            sbom_signers: BTreeMap::new(),
            firsts: index.firsts(),
            opened: members::by_file(delivery),
            both: Vec::new(),
            judged: BTreeSet::new(),
            signed: BTreeSet::new(),
            nodes: delivery.files.iter().map(|_| Node::default()).collect(),
        };
        joined.statement = delivery::choose(&mut joined.negatives, request, facts);
        joined.seed_products();
        let once = distinct(facts);
        joined.grow_products(&index, &once);
        joined.links = sbom::links(&joined);
        joined.advisories = advisories::all(&joined, &index, &once);
        joined.held = held::Held::of(policy, &joined.sboms, &sbom::counting(&joined));
        joined.bind(&index, &once);
        if policy.has_components() {
            chain::build(&mut joined, &index, &once);
        }
        joined.hold_against_statement();
        joined.mark_evidence(&index, authenticated);
        joined.walk_chain();
        joined.index_sboms();
        joined.index = Some(index);
        joined.cited = Cited::of(&joined);
        joined
    }

    /// The files that rules are about, with their indices: delivered, and not evidence.
    pub fn artifacts(&self) -> impl Iterator<Item = (usize, &'a File)> + '_ {
        self.delivery
            .files
            .iter()
            .enumerate()
            .filter(|(index, file)| file.place == Place::Delivered && !self.is_evidence(*index))
    }

    /// Is the file evidence (DESIGN ruling 1)?
    #[must_use]
    pub fn is_evidence(&self, file: usize) -> bool {
        self.nodes.get(file).is_some_and(|node| node.evidence)
    }

    /// What is said of a source revision, by its commit.
    pub fn about_revision(&self, commit: &str) -> impl Iterator<Item = &'a Fact<'a>> {
        self.by_revision.get(commit).into_iter().flatten().copied()
    }

    /// The accepted facts that stand up for the file.
    pub fn vouching(&self, file: usize) -> impl Iterator<Item = &'a Fact<'a>> + '_ {
        self.bindings(file).map(|binding| binding.fact).filter(|fact| fact.claim.vouches())
    }

    /// What is known about the bytes of the file.
    fn bytes_of(&self, file: usize) -> Option<&Node<'a>> {
        self.nodes.get(*self.firsts.get(file)?)
    }

    /// Accepted facts about the file.
    pub fn bindings(&self, file: usize) -> impl Iterator<Item = &Binding<'a>> {
        let held = self.nodes.get(file).and_then(|node| node.held.as_ref());
        self.bytes_of(file).into_iter().flat_map(|node| &node.bindings).chain(held)
    }

    /// Products that the file is known as, by whichever way.
    pub fn products(&self, file: usize) -> impl Iterator<Item = &Product> {
        self.bytes_of(file).into_iter().flat_map(|node| node.products.union(&node.claimed))
    }

    /// Products of the file by request and accepted release statements.
    pub fn proven_products(&self, file: usize) -> impl Iterator<Item = &Product> {
        self.bytes_of(file).into_iter().flat_map(|node| &node.products)
    }

    /// Products of the file that only SBOMs claim.
    pub fn claimed_products(&self, file: usize) -> impl Iterator<Item = &Product> {
        self.bytes_of(file).into_iter().flat_map(|node| node.claimed.difference(&node.products))
    }

    /// What a component is called by release statements and SBOMs, without the requested product.
    pub fn component_products(&self, node: usize) -> impl Iterator<Item = &Product> {
        let node = self.bytes_of(node);
        node.into_iter().flat_map(|node| node.released.iter().chain(node.claimed.difference(&node.released)))
    }

    /// Products as which somebody may have verified it. A file of the delivery is what was asked for or released; a component is
    /// also what SBOMs call it.
    pub fn resources(&self, node: usize) -> impl Iterator<Item = &Product> {
        let is_delivered = self.delivery.files.get(node).is_some_and(|file| file.place == Place::Delivered);
        self.proven_products(node).chain(self.claimed_products(node).filter(move |_| !is_delivered))
    }

    /// Is the node a file that rules are about?
    #[must_use]
    pub fn is_artifact(&self, node: usize) -> bool {
        let delivered = |file: usize| self.delivery.files.get(file).is_some_and(|file| file.place == Place::Delivered);
        delivered(node) && !self.is_evidence(node)
    }

    /// Why accepted statements that name the file do not bind it.
    pub fn near(&self, file: usize) -> impl Iterator<Item = &Reason> {
        let named = self.nodes.get(file).into_iter().flat_map(|node| &node.named);
        self.bytes_of(file).into_iter().flat_map(|node| &node.near).chain(named)
    }

    /// What stands against the file, whatever a rule asks.
    #[must_use]
    pub fn negatives(&self, file: usize) -> &[Reason] {
        self.nodes.get(file).map_or(&[], |node| &node.negatives)
    }

    /// Bound SBOMs that list the file as a component.
    #[must_use]
    pub fn listed_by(&self, file: usize) -> &[Digest] {
        self.bytes_of(file).map_or(&[], |node| &node.listed_by)
    }

    /// Bound SBOMs of the file.
    pub fn sboms_of(&self, file: usize) -> impl Iterator<Item = (&BoundSbom<'a>, &Result<(), Reason>)> {
        let first = self.first_of(file);
        let own = self.sboms_by_node.get(&first).into_iter().flatten().filter_map(|at| self.sboms.get(*at));
        own.filter_map(move |sbom| sbom.files.get(&first).map(|(_, agrees)| (sbom, agrees)))
    }

    fn index_sboms(&mut self) {
        for (at, sbom) in self.sboms.iter().enumerate() {
            for node in sbom.files.keys() {
                self.sboms_by_node.entry(*node).or_default().push(at);
            }
            self.sbom_signers.entry(sbom.id.clone()).or_default().insert(&sbom.party.id);
        }
    }

    /// What is asked for, or, where nothing is, what the delivery statement says it delivers.
    fn requested(&self) -> Option<Product> {
        self.request.product.clone().or_else(|| self.statement.as_ref().map(|s| s.product.clone()))
    }

    /// Does an accepted release statement make its bytes that product?
    fn is_released(&self, fact: &Fact<'_>, product: &Product) -> bool {
        self.is_wanted(product) && fact.covering(std::slice::from_ref(product)).next().is_some()
    }

    /// Violations of an SBOM's own format that the policy tolerates.
    #[must_use]
    pub(crate) const fn tolerated(&self) -> &'a BTreeSet<String> {
        &self.policy.formats.sbom_tolerate
    }

    fn is_sbom(&self, file: &File) -> bool {
        file.content.sbom(self.tolerated()).is_some()
    }

    /// Musts of the policy's profiles that an SBOM does not plainly meet.
    pub(crate) fn told(&self, sbom: &BoundSbom<'a>) -> &[held::Told<'a>] {
        self.held.told(sbom)
    }

    /// What an SBOM states about how complete it is; `None` unless a rule asks.
    pub(crate) fn stated(&self, sbom: &BoundSbom<'a>) -> Option<&held::Stated> {
        self.held.stated(sbom)
    }

    fn seed_products(&mut self) {
        if let Some(product) = self.requested() {
            for node in &mut self.nodes {
                node.products.insert(product.clone());
            }
        }
    }

    /// Adds what accepted release statements call each file, then what SBOMs of so known files call their parts. It ends
    /// there: an SBOM that counts only for a claimed product names no further ones, or a supplier could reach every file.
    fn grow_products(&mut self, index: &Index<'_>, facts: &[&'a Fact<'a>]) {
        for fact in facts {
            let Claim::Statement(Statement { subjects, predicate: Predicate::Release(release), .. }) = &fact.claim
            else {
                continue;
            };
            let Some(product) = Product::parse_claim(&release.purl) else { continue };
            if !self.is_released(fact, &product) {
                continue;
            }
            for file in subjects.iter().flat_map(|subject| index.same(&subject.digest)) {
                if let Some(node) = self.nodes.get_mut(file) {
                    node.products.insert(product.clone());
                    node.released.insert(product.clone());
                }
            }
        }
        for bound in sbom::bound(self, index, facts) {
            for component in bound.sbom.others() {
                let Some(product) = component.purl().and_then(Product::parse_claim) else { continue };
                for file in index.same(&component.digests()) {
                    if let Some(node) = self.nodes.get_mut(file) {
                        node.claimed.insert(product.clone());
                    }
                }
            }
        }
        self.sboms = sbom::bound(self, index, facts);
        let documents = self.delivery.files.iter().filter(|file| self.is_sbom(file));
        let documents = documents.map(|file| file.digests.sha256());
        let all: BTreeSet<&Digest> = documents.chain(self.sboms.iter().map(|sbom| &sbom.id)).collect();
        self.sbom_documents = all.len();
        for bound in &self.sboms {
            for component in bound.sbom.components() {
                for file in index.same(&component.digests()) {
                    if let Some(node) = self.nodes.get_mut(file) {
                        node.listed_by.push(bound.id.clone());
                    }
                }
            }
        }
    }

    fn bind(&mut self, index: &Index<'_>, facts: &[&'a Fact<'a>]) {
        // By name, who means which other bytes: (party, digests).
        let mut elsewhere: BTreeMap<&str, BTreeSet<(&str, DigestSet)>> = BTreeMap::new();
        for fact in facts.iter().copied() {
            if matches!(&fact.claim, Claim::Statement(s) if matches!(s.predicate, Predicate::Delivery(_))) {
                continue; // binds by (path, digest), in `hold_against_statement`
            }
            for (name, digests) in about(&fact.claim) {
                let matches = index.matches(&digests);
                for (file, how) in &matches {
                    self.made(fact, *file, *how);
                    match self.against(fact, *file).filter(|_| *how == Match::Same) {
                        Some(reason) => self.nodes.get_mut(*file).into_iter().for_each(|n| n.near.push(reason.clone())),
                        None => self.bind_one(fact, *file, *how),
                    }
                }
                if matches.is_empty()
                    && let Some(name) = self.name_of(fact, name)
                {
                    let meant = elsewhere.entry(name).or_default();
                    meant.insert((&fact.party.id, digests));
                    if meant.len() > MEANT {
                        meant.pop_last();
                    }
                }
            }
        }
        for (name, meant) in &elsewhere {
            for file in index.named(name) {
                let (Some(delivered), Some(node)) = (self.delivery.files.get(*file), self.nodes.get_mut(*file)) else {
                    continue;
                };
                node.named.extend(meant.iter().map(|(party, digests)| mismatch(party, digests, delivered)));
            }
        }
        for (digests, reason) in delivery::others(self.request, facts) {
            for file in index.same(digests) {
                if let Some(node) = self.nodes.get_mut(file) {
                    node.near.push(reason.clone());
                }
            }
        }
        for node in &mut self.nodes {
            node.near.sort();
            node.near.dedup();
            node.listed_by.sort();
            node.listed_by.dedup();
        }
    }

    /// Why a statement with the digest of the file does not count for it, whoever signed: it cannot be read, or it releases
    /// something that nobody asked for (T4, T5).
    fn against(&self, fact: &Fact<'_>, file: usize) -> Option<Reason> {
        let Claim::Statement(statement) = &fact.claim else { return None };
        match &statement.predicate {
            Predicate::Refused(reason) => Some(reason.clone()),
            Predicate::InvalidSbom(invalid) if invalid.tolerated(self.tolerated()).is_none() => {
                invalid.reasons.first().cloned()
            }
            Predicate::Release(release) => {
                let wanted = self.request.product.as_ref()?;
                let product = Product::parse_claim(&release.purl);
                let listed = |product: &Product| {
                    let claimed =
                        self.nodes.get(file).is_some_and(|n| n.claimed.iter().any(|c| c.same_package(product)));
                    claimed && !product.same_line(wanted)
                };
                if product.as_ref().is_some_and(|product| self.is_wanted(product) || listed(product)) {
                    return None;
                }
                let reason = Reason::new(&OTHER_RELEASE).name("party", &fact.party.id).name("expected", wanted);
                Some(reason.evidence("found", &release.purl))
            }
            _ => None,
        }
    }

    /// Is a release of `product` what was asked for: the requested product, or one for which the policy has a class of its own?
    fn is_wanted(&self, product: &Product) -> bool {
        let Some(wanted) = &self.request.product else { return true };
        if product.same_line(wanted) {
            return wanted.is_or_covers_version(product);
        }
        let patterns = self.policy.classes.iter().flat_map(|class| &class.products);
        patterns.into_iter().any(|pattern| pattern.covers(product) && !pattern.covers(wanted))
    }

    /// Remembers who signed for the bytes.
    fn made(&mut self, fact: &'a Fact<'a>, node: usize, how: Match) {
        let as_maker = match &fact.claim {
            Claim::Statement(statement) => matches!(
                statement.predicate,
                Predicate::Release(_) | Predicate::Sbom(_) | Predicate::InvalidSbom(_) | Predicate::Delivery(_)
            ),
            Claim::File(_) | Claim::Checksums(_) => true,
        };
        if let Some(node) = self.nodes.get_mut(node).filter(|_| how == Match::Same) {
            node.makers.insert((&fact.party.id, as_maker));
        }
    }

    fn bind_one(&mut self, fact: &'a Fact<'a>, file: usize, how: Match) {
        let Some(node) = self.nodes.get_mut(file) else { return };
        let party = |info| Reason::new(info).name("party", &fact.party.id);
        match how {
            Match::Same => {
                let products: Vec<Product> = node.products.union(&node.claimed).cloned().collect();
                let mut grants: Vec<&Grant> = fact.covering(&products).collect();
                if grants.is_empty() {
                    node.near.push(wrong_product(fact));
                    return;
                }
                let content = self.delivery.files.get(file).map(|file| &file.content);
                if let (Claim::File(_), Some(Content::Refused(reason))) = (&fact.claim, content)
                    && content.is_some_and(is_signed_encoding)
                {
                    node.near.push(reason.clone());
                    return;
                }
                if matches!(fact.claim, Claim::File(_)) {
                    // `sbom` lets a party sign SBOM documents, and `vex` documents about vulnerabilities, not any file.
                    let is_vex = content
                        .is_some_and(|content| says_about_vulnerabilities(content, &self.policy.formats.sbom_tolerate));
                    let is_sbom =
                        content.is_some_and(|content| content.sbom(&self.policy.formats.sbom_tolerate).is_some());
                    grants.retain(|grant| grant.file || is_sbom && grant.sbom || is_vex && grant.vex);
                }
                if !grants.is_empty() {
                    node.bindings.push(Binding { fact, grants });
                }
            }
            Match::Conflict => node.near.push(party(&CONFLICT)),
            Match::Weak => node.near.push(party(&WEAK)),
            Match::Other | Match::Incomparable => {}
        }
    }

    /// Which file a claim about other bytes probably means. A signature over a file names nothing; the name of the delivered
    /// file that carries it often does (`FILE.sigstore.json`). Evidence beside the delivery may have any name, so it can
    /// only mean the one file that there is.
    fn name_of(&self, fact: &Fact<'_>, stated: Option<&'a str>) -> Option<&'a str> {
        if let Some(name) = stated.filter(|name| !name.is_empty()) {
            return Some(name);
        }
        let carrier = self.delivery.files.get(fact.file)?;
        if carrier.place == Place::Delivered {
            return SIBLINGS.iter().find_map(|suffix| carrier.path.strip_suffix(suffix));
        }
        let mut delivered = self.delivery.files.iter().filter(|file| file.place == Place::Delivered);
        delivered.next().filter(|_| delivered.next().is_none()).map(|file| file.path.as_str())
    }

    /// Set equality, both directions, between the delivery statement's (path, digest) pairs and the files.
    fn hold_against_statement(&mut self) {
        let Some(statement) = &self.statement else { return };
        let held = delivery::hold(statement, self.delivery, &self.policy.algorithms.digest_bind);
        self.negatives.extend(held.absent);
        for (file, outcome) in held.files {
            let Some(node) = self.nodes.get_mut(file) else { continue };
            match outcome {
                Ok(()) => node.held = Some(Binding { fact: statement.fact, grants: statement.grants.clone() }),
                Err(reason) => node.negatives.push(reason),
            }
        }
    }
}

/// Summaries by the commits that they are about.
fn by_revision<'a>(facts: &'a [Fact<'a>]) -> BTreeMap<&'a str, Vec<&'a Fact<'a>>> {
    let mut by_revision: BTreeMap<&str, Vec<&Fact<'_>>> = BTreeMap::new();
    for fact in facts {
        let Claim::Statement(statement) = &fact.claim else { continue };
        let is_summary = matches!(statement.predicate, Predicate::Summary(_));
        let digests = statement.subjects.iter().filter(|_| is_summary).flat_map(|subject| subject.digest.iter());
        let commits: BTreeSet<&str> =
            digests.filter(|(name, _)| matches!(*name, "gitCommit" | "sha1")).map(|(_, commit)| commit).collect();
        for commit in commits {
            by_revision.entry(commit).or_default().push(fact);
        }
    }
    by_revision
}

/// The statement that a fact is, if it is one.
pub(crate) fn statement_of<'b>(fact: &'b Fact<'_>) -> Option<&'b Statement> {
    match &fact.claim {
        Claim::Statement(statement) => Some(statement),
        Claim::File(_) | Claim::Checksums(_) => None,
    }
}

/// Is every part of the document a signed item and nothing else? A line that cannot be read, or a member of no signed format,
/// could be what another program runs or takes for its configuration; such a file is judged like any other.
pub(crate) fn is_evidence_alone(content: &Content) -> bool {
    let unreadable = |reason: &Reason| {
        let code = reason.code();
        code.starts_with("parse.") && !matches!(code, "parse.unsupported" | "parse.version")
    };
    let other = |item: &SignedItem| item.foreign || item.envelope.as_ref().is_err_and(unreadable);
    !matches!(content, Content::Signed(items) if items.iter().any(other))
}

/// Is it a document that says something about vulnerabilities?
fn says_about_vulnerabilities(content: &Content, tolerate: &BTreeSet<String>) -> bool {
    let of_sbom = || content.sbom(tolerate).is_some_and(|held| !held.sbom.vulnerabilities.is_empty());
    matches!(content, Content::Vex(_)) || of_sbom()
}

/// Facts without their copies: the same statement by the same signer, proven for the same time, however often it was delivered.
fn distinct<'a>(facts: &'a [Fact<'a>]) -> Vec<&'a Fact<'a>> {
    let mut seen = BTreeSet::new();
    let key = |fact: &Fact<'a>| {
        let file = match &fact.claim {
            Claim::File(digest) => Some(digest.clone()),
            Claim::Statement(_) | Claim::Checksums(_) => None,
        };
        let is_list = matches!(fact.claim, Claim::Checksums(_));
        (fact.id.clone(), file, is_list, &fact.identity.id, fact.proof.clone(), format!("{:?}", fact.certificate))
    };
    facts.iter().filter(|fact| seen.insert(key(fact))).collect()
}

/// Evidence that was rejected, by the files it claims to be about: for the reader's eyes, never for a decision.
#[must_use]
pub fn claimed_about(delivery: &Delivery, authenticated: &Authenticated<'_>) -> BTreeMap<Digest, Vec<String>> {
    let rejected: BTreeSet<&Digest> = authenticated.rejected.iter().map(|(id, _)| id).collect();
    let mut about_files: BTreeMap<Digest, BTreeSet<usize>> = BTreeMap::new();
    let index = Index::new(delivery, &crate::digest::Algorithm::ALL);
    let items = delivery.files.iter().flat_map(|file| match &file.content {
        Content::Signed(items) => items.as_slice(),
        _ => &[],
    });
    for item in items.filter(|item| rejected.contains(&item.id)) {
        let mut claims: Vec<Claim<'_>> = Vec::new();
        let claim = match &item.envelope {
            Ok(Envelope::Dsse(dsse)) => dsse.statement.as_ref().ok().map(|s| Claim::Statement(s)),
            Ok(Envelope::Bundle(bundle)) => match &bundle.content {
                BundleContent::Dsse(dsse) => dsse.statement.as_ref().ok().map(|s| Claim::Statement(s)),
                BundleContent::Message { digest, .. } => Some(Claim::File(digest.clone())),
            },
            Ok(Envelope::Detached(signature)) => {
                claims.extend(signature.tried.iter().cloned().map(Claim::File));
                None
            }
            Err(_) => None,
        };
        claims.extend(claim);
        for (_, digests) in claims.iter().flat_map(about) {
            let named: Vec<usize> = index.same(&digests).collect();
            if !named.is_empty() {
                about_files.entry(item.id.clone()).or_default().extend(named);
            }
        }
    }
    let mut copies: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (file, first) in delivery.files.iter().zip(index.firsts()).filter(|(file, _)| file.place == Place::Delivered) {
        copies.entry(first).or_default().push(&file.path);
    }
    let paths = |firsts: BTreeSet<usize>| {
        let all = firsts.iter().filter_map(|first| copies.get(first)).flatten();
        let all: BTreeSet<String> = all.map(|path| (*path).to_owned()).collect();
        all.into_iter().collect::<Vec<String>>()
    };
    let named = about_files.into_iter().map(|(id, firsts)| (id, paths(firsts)));
    named.filter(|(_, paths)| !paths.is_empty()).collect()
}

/// (name, digests) of everything a claim is about.
fn about<'b>(claim: &'b Claim<'_>) -> Vec<(Option<&'b str>, DigestSet)> {
    match claim {
        Claim::Statement(statement) => {
            statement.meant().iter().map(|Subject { name, digest }| (Some(name.as_str()), digest.clone())).collect()
        }
        Claim::File(digest) => vec![(None, DigestSet::from_iter([digest.clone()]))],
        Claim::Checksums(list) => list.files.iter().map(|(name, set)| (Some(name.as_str()), set.clone())).collect(),
    }
}

/// The reason for a statement that names the file and means other bytes, or states no digest that could tell.
fn mismatch(party: &str, digests: &DigestSet, file: &File) -> Reason {
    let Some(theirs) = digests.strongest() else { return Reason::new(&WEAK).name("party", party) };
    let ours = file.digests.get(theirs.algorithm()).unwrap_or_else(|| file.digests.sha256());
    let reason = Reason::new(&DIGEST_MISMATCH).name("party", party);
    reason.digest("expected", &theirs).digest("found", ours)
}

fn wrong_product(fact: &Fact<'_>) -> Reason {
    let predicate = fact.claim.predicate_type().unwrap_or("file");
    Reason::new(&WRONG_PRODUCT).name("identity", &fact.identity.id).evidence("predicate", predicate)
}
