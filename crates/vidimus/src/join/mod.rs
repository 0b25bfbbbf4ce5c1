//! Join: facts meet files, by digest alone.
//!
//! A binding is a fact about the bytes of one file, said under a grant that covers a product of that file. Names never bind;
//! they only tell which reason to give. The products of a file are the requested one, what accepted release statements call
//! it, and, as a claim that never makes a rule milder, what bound SBOMs call it.

pub mod advisories;
pub(crate) mod bind;
mod called;
mod certificates;
pub(crate) mod chain;
mod cited;
mod claimed;
pub(crate) mod classes;
pub(crate) mod delivery;
pub mod elsewhere;
mod evidence;
pub(crate) mod held;
mod index;
pub mod layouts;
pub mod links;
mod members;
mod named;
mod places;
mod reports;
pub(crate) mod said;
pub(crate) mod sbom;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::authenticate::{Authenticated, Claim, Fact};
use crate::decode::{Predicate, Statement};
use crate::digest::{Digest, DigestSet};
use crate::knowledge::Known;
use crate::policy::{Grant, OriginCheck, Policy, Product};
use crate::read::{Delivery, File, Opened, Place};
use crate::reason::Reason;
use crate::time::Time;

pub use advisories::Advisory;
pub(crate) use chain::compare;
pub use chain::{Chain, Claimed};
pub use cited::{Cited, Ground};
pub use claimed::claimed_about;
pub use delivery::DeliveryStatement;
pub(crate) use evidence::is_evidence_alone;
pub(crate) use layouts::parameters::is_name as is_parameter;
pub use layouts::{Products, Shown};
pub(crate) use places::Contradiction;
pub(crate) use reports::Report;
pub use sbom::{BoundSbom, Route};

use called::Called;
use index::Index;

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
    /// What origin statements say to what rules ask.
    said: said::All<'a>,
    /// Budgets that ran out while components were followed.
    pub limits_hit: Vec<Reason>,
    /// All that evidence proves, bound or not.
    pub facts: &'a [Fact<'a>],
    /// Accepted certificates of schemes, whatever bytes they are about, each once, by the line of the product that they name.
    certifications: BTreeMap<String, Vec<&'a Fact<'a>>>,
    /// What the reports say that they cite; only where a rule asks.
    reports: reports::Reports,
    /// What layouts of in-toto show.
    layouts: layouts::All<'a>,
    /// What summaries rest on.
    pub cited: Cited<'a>,
    /// The component chain, where a rule looks at it.
    pub chain: Option<Chain<'a>>,
    /// SBOMs that came with the delivery in any form, each once however often it is there.
    pub sbom_documents: usize,
    /// What the operator knows; nothing until it is set.
    pub known: Known<'a>,
    /// Evidence that does not count, with the reason.
    rejected: &'a [(Digest, Reason)],
    /// The same with everything that was said before denials and status lists took any away; `None` where they took none.
    before: Option<Arc<Self>>,
    /// All components that were named before, with the evidence that is left: no denial makes one go away. Only where a rule looks at
    /// components.
    named: Option<Box<Self>>,
    /// Of all components that were named before, those of which nobody tells any more what they are.
    unclear: BTreeSet<usize>,
    /// Nodes of the chain that are no files: their numbers in the chain of `before`.
    numbers_before: BTreeMap<usize, usize>,
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
    products: Called,
    /// What accepted release statements call the bytes.
    released: Called,
    /// What bound SBOMs call the bytes.
    claimed: Called,
    /// Accepted statements that name the bytes and do not bind them.
    near: Vec<Reason>,
    /// Releases of the bytes as something that nobody asked for, under the grants for that.
    otherwise: Vec<Binding<'a>>,
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
        let mut joined = Self::of(delivery, policy, request, authenticated, &authenticated.facts, None);
        if !authenticated.before.is_empty() {
            let all =
                |left: &Self| Self::of(delivery, policy, request, authenticated, &authenticated.before, Some(left));
            let before = all(&joined);
            joined.advisories = advisories::lowered(&joined.advisories, &before.advisories);
            joined.numbers_before = chain::numbers(&joined, &before);
            if policy.has_components() {
                let mut named = all(&joined);
                named.keep(&authenticated.facts, &joined);
                named.numbers_before = chain::numbers(&named, &before);
                joined.named = Some(Box::new(named));
            }
            joined.before = Some(Arc::new(before));
            joined.know(Known::default());
        }
        joined
    }

    /// `left`: the same by what denials and lists left. What is no evidence any more is asked by all that was said, too.
    fn of(
        delivery: &'a Delivery,
        policy: &'a Policy,
        request: &'a Request,
        authenticated: &'a Authenticated<'a>,
        facts: &'a [Fact<'a>],
        left: Option<&Self>,
    ) -> Self {
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
            said: said::All::default(),
            limits_hit: Vec::new(),
            facts,
            certifications: BTreeMap::new(),
            reports: reports::Reports::default(),
            layouts: layouts::all(policy, &authenticated.supplies, facts, request.at),
            cited: Cited::default(),
            chain: None,
            sbom_documents: 0,
            known: Known::default(),
            rejected: &authenticated.rejected,
            before: None,
            named: None,
            unclear: BTreeSet::new(),
            numbers_before: BTreeMap::new(),
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
        joined.statement = delivery::choose(&mut joined.negatives, request, facts, authenticated.said());
        joined.seed_products();
        let once = distinct(facts);
        joined.certifications = certificates::by_line(&once);
        joined.grow_products(&index, &once);
        joined.advisories = advisories::all(&joined, &index, &once);
        joined.bind(&index, &once);
        if policy.has_components() {
            chain::build(&mut joined, &index, &once);
        }
        // What SBOMs say is asked of those of components, too, which the chain finds.
        joined.links = sbom::links(&joined);
        joined.held = held::Held::of(policy, &joined.sboms, &sbom::counting(&joined));
        joined.said = said::All::of(policy, &once, delivery, &joined.sboms);
        joined.hold_against_statement();
        let mut beside = authenticated.stamps.clone();
        let alone = |file: &usize| delivery.files.get(*file).is_some_and(|file| is_evidence_alone(&file.content));
        let signed = facts.iter().map(|fact| fact.file).chain(beside.iter().copied()).filter(alone).collect();
        beside.extend(joined.files_of_layouts(&signed));
        joined.mark_evidence(&index, facts, &beside, left);
        joined.walk_chain();
        joined.index_sboms();
        joined.index = Some(index);
        joined.cited = Cited::of(&joined);
        joined.reports = reports::Reports::of(&joined);
        joined
    }

    /// Sets what the operator knows.
    pub(crate) fn know(&mut self, known: Known<'a>) {
        // What was said before is one and the same for both, and can be changed where nobody else holds it.
        if let Some(named) = &mut self.named {
            named.before = None;
        }
        if let Some(before) = self.before.as_mut().and_then(Arc::get_mut) {
            before.known = known.clone();
        }
        if let Some(named) = &mut self.named {
            named.known = known.clone();
            named.before.clone_from(&self.before);
        }
        self.known = known;
    }

    /// Everything as it was before denials and status lists took something away; `None` where they took nothing.
    #[must_use]
    pub fn before(&self) -> Option<&Self> {
        self.before.as_deref()
    }

    /// All components that were named before denials and status lists took something away, with the evidence that is left; `None` where
    /// they took nothing, and where no rule looks at components.
    #[must_use]
    pub fn named(&self) -> Option<&Self> {
        self.named.as_deref()
    }

    /// The node by everything that was said, with its number there: for what speaks against a delivery, whoever said it. What speaks for
    /// it is in `self` alone.
    #[must_use]
    pub fn as_said<'b>(&'b self, node: usize) -> (&'b Self, usize) {
        let there = |before: &'b Self| {
            let plain = self.plain(node);
            Some((
                before,
                match self.is_held(plain) {
                    true if plain == node => node,
                    true => before.as_component(plain),
                    false => *self.numbers_before.get(&node)?,
                },
            ))
        };
        self.before().and_then(there).unwrap_or((self, node))
    }

    /// Why evidence does not count.
    pub fn rejections(&self, id: &Digest) -> impl Iterator<Item = &'a Reason> {
        self.rejected.iter().filter(move |(rejected, _)| rejected == id).map(|(_, reason)| reason)
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
        self.bytes_of(file).into_iter().flat_map(|node| node.products.iter())
    }

    /// Products of the file that only SBOMs claim.
    pub fn claimed_products(&self, file: usize) -> impl Iterator<Item = &Product> {
        self.bytes_of(file).into_iter().flat_map(|node| node.claimed.difference(&node.products))
    }

    /// What bound SBOMs call the node, whatever else does.
    pub fn listed_products(&self, node: usize) -> impl Iterator<Item = &Product> {
        self.bytes_of(node).into_iter().flat_map(|node| node.claimed.iter())
    }

    /// Products of the node by what denials and status lists took away alone.
    pub fn struck_products(&self, node: usize) -> impl Iterator<Item = &Product> {
        let (said, at) = self.as_said(node);
        let left: BTreeSet<&Product> = self.products(node).collect();
        said.products(at).filter(move |product| !left.contains(product))
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
    pub(crate) fn requested(&self) -> Option<Product> {
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

    /// What an origin statement says to a rule; `None` if the fact is none.
    pub(crate) fn said(&self, check: &OriginCheck, fact: &Fact<'_>) -> Option<&said::Said> {
        self.said.to(check, &fact.id)
    }

    /// What origin statements that say enough contradict one another in, as the rule looks at them.
    pub(crate) fn contradiction(&self, check: &OriginCheck, facts: &[&Fact<'_>]) -> Option<Contradiction> {
        self.said.contradiction(check, facts)
    }

    /// Countries of addresses in SBOMs of the file.
    pub(crate) fn addresses(&self, file: usize) -> BTreeSet<&str> {
        self.sboms_of(file).flat_map(|(bound, _)| self.said.addresses(&bound.id)).collect()
    }

    fn seed_products(&mut self) {
        if let Some(product) = self.requested().map(Arc::new) {
            for node in &mut self.nodes {
                node.products.insert(Arc::clone(&product));
            }
        }
    }

    /// Adds what accepted release statements call each file, then what SBOMs of so known files call their parts. It ends
    /// there: an SBOM that counts only for a claimed product names no further ones, or a supplier could reach every file.
    fn grow_products(&mut self, index: &Index<'_>, facts: &[&'a Fact<'a>]) {
        for fact in facts {
            let Some(product) = bind::released_as(fact).filter(|product| self.is_released(fact, product)) else {
                continue;
            };
            let product = Arc::new(product);
            for file in statement_of(fact)
                .iter()
                .flat_map(|statement| &statement.subjects)
                .flat_map(|subject| index.same(&subject.digest))
            {
                if let Some(node) = self.nodes.get_mut(file) {
                    node.products.insert(Arc::clone(&product));
                    node.released.insert(Arc::clone(&product));
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

    /// Is a release of `product` what was asked for: the requested product, or one for which the policy has a class of its own?
    fn is_wanted(&self, product: &Product) -> bool {
        let Some(wanted) = &self.request.product else { return true };
        if product.same_line(wanted) {
            return wanted.is_or_covers_version(product);
        }
        let patterns = self.policy.classes.iter().flat_map(|class| &class.products);
        patterns.into_iter().any(|pattern| pattern.covers(product) && !pattern.covers(wanted))
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
        Claim::File(_) | Claim::Checksums(_) | Claim::Layout(_) => None,
    }
}

/// Facts without their copies: the same statement by the same signer, proven for the same time, however often it was delivered.
fn distinct<'a>(facts: &'a [Fact<'a>]) -> Vec<&'a Fact<'a>> {
    let mut seen = BTreeSet::new();
    let key = |fact: &Fact<'a>| {
        let file = match &fact.claim {
            Claim::File(digest) => Some(digest.clone()),
            Claim::Statement(_) | Claim::Checksums(_) | Claim::Layout(_) => None,
        };
        let is_list = matches!(fact.claim, Claim::Checksums(_));
        (fact.id.clone(), file, is_list, &fact.identity.id, fact.proof.clone(), format!("{:?}", fact.certificate))
    };
    facts.iter().filter(|fact| seen.insert(key(fact))).collect()
}
