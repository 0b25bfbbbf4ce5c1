//! A generated delivery: what is in it, what it is made of, and who says what about that, honestly or not.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vidimus_testkit::archive::tar_of;
use vidimus_testkit::dsse::{IN_TOTO, pae};
use vidimus_testkit::encode::sha256_hex;
use vidimus_testkit::{Component, Provenance, Sbom, Seed, Statement};

use crate::parties::{BUILDER, IDS, LABS, Parties, REBUILDERS, STRANGER, SUPPLIERS, VENDOR, chance, key};
use crate::terms::Terms;

/// The requested product.
pub const PRODUCT: &str = "pkg:generic/vendor/core@1";
const VSA: &str = "https://slsa.dev/verification_summary/v1";
const FRESH: &str = "2026-11-02T08:00:00Z";
const STALE: &str = "2024-01-01T00:00:00Z";

/// What a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The vendor's own.
    Own,
    /// Of the supplier `s0`.
    Crypto,
    /// Of the supplier `s1`.
    Os,
    /// Of the supplier `s2`.
    Oss,
    /// Of nobody who is known.
    Odd,
}

/// A component.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its number.
    pub number: usize,
    /// What it is.
    pub class: Class,
    /// Is it in the archive, or only named?
    pub held: bool,
    /// Does the SBOM give its digest?
    pub digest: bool,
    /// Does the main SBOM list it, or the own SBOM of another part?
    pub within: Option<usize>,
    /// What it depends on.
    pub needs: Vec<usize>,
    /// Does the whole depend on it directly?
    pub direct: bool,
}

impl Part {
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        format!("part {} {:?}", self.number, self.class).into_bytes()
    }

    /// Its name in SBOMs.
    #[must_use]
    pub fn name(&self) -> String {
        format!("part{}", self.number)
    }

    fn owner(&self) -> &'static str {
        match self.class {
            Class::Own => "vendor",
            Class::Crypto => "s0",
            Class::Os => "s1",
            Class::Oss => "s2",
            Class::Odd => "odd",
        }
    }

    /// Its package URL.
    #[must_use]
    pub fn purl(&self) -> String {
        format!("pkg:generic/{}/part{}@1", self.owner(), self.number)
    }

    /// As an SBOM lists it.
    #[must_use]
    pub fn component(&self) -> Component {
        let component = Component::new(&self.name(), "1").purl(&self.purl());
        if self.digest { component.hash_of(&self.bytes()) } else { component }
    }
}

/// What a piece of evidence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The main SBOM.
    Sbom,
    /// The SBOM of a part.
    OwnSbom,
    /// A delivery statement.
    Delivery,
    /// A release of the whole or of a part.
    Release,
    /// How something was built.
    Build,
    /// A laboratory's summary of the whole.
    Summary,
    /// A summary that says FAILED.
    Failed,
    /// A summary of a part.
    Vouch,
    /// A rebuilder's provenance of a part.
    Rebuild,
    /// What a stranger says.
    Stranger,
}

/// A piece of evidence.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// The number of the part that it is about; `None` for the whole.
    pub part: Option<usize>,
    /// Who signs it.
    pub by: usize,
    /// What is said.
    pub statement: Statement,
    /// Nothing is wrong with it, as far as it was made so.
    pub good: bool,
    /// It comes with a cosigned log entry of that time.
    pub logged: Option<i64>,
}

impl Item {
    fn new(kind: Kind, part: Option<usize>, by: usize, statement: Statement) -> Self {
        Self { kind, part, by, statement, good: true, logged: None }
    }

    /// Its evidence id, hex.
    #[must_use]
    pub fn id(&self) -> String {
        sha256_hex(&pae(IN_TOTO, &self.statement.bytes()))
    }

    /// Can leaving it out change what is asked? SBOMs name components, and a delivery statement says what must be there.
    #[must_use]
    pub fn is_graph(&self) -> bool {
        matches!(self.kind, Kind::Sbom | Kind::OwnSbom | Kind::Delivery)
    }
}

/// A delivery and all that is known about it.
#[derive(Clone, Debug)]
pub struct World {
    /// Who exists.
    pub parties: Parties,
    /// What the policy asks.
    pub terms: Terms,
    /// Components.
    pub parts: Vec<Part>,
    /// Files beside the archive.
    pub extra: Vec<(String, Vec<u8>)>,
    /// Evidence.
    pub items: Vec<Item>,
    /// Is the product named in the request?
    pub requested: bool,
    /// So many of a hundred things went wrong.
    pub flaws: usize,
}

impl World {
    /// Any world.
    pub fn generate(seed: &mut Seed) -> Self {
        let parties = Parties::generate(seed);
        let terms = Terms::generate(seed, &parties);
        let flaws = [0, 2, 6, 15, 30][seed.below(5)];
        let parts = parts(seed, flaws);
        let extra = if chance(seed, 25) { vec![("extra.bin".to_owned(), b"extra".to_vec())] } else { Vec::new() };
        let mut world = Self { parties, terms, parts, extra, items: Vec::new(), requested: chance(seed, 80), flaws };
        world.say(seed);
        world
    }

    /// What is in the archive.
    #[must_use]
    pub fn members(&self) -> Vec<(String, Vec<u8>)> {
        let held = self.parts.iter().filter(|part| part.held);
        let mut members: Vec<(String, Vec<u8>)> =
            held.map(|part| (format!("lib/{}", part.name()), part.bytes())).collect();
        members.insert(0, ("readme".to_owned(), b"read me".to_vec()));
        members
    }

    /// The archive.
    #[must_use]
    pub fn archive(&self) -> Vec<u8> {
        let members = self.members();
        tar_of(&members.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
    }

    /// Files of the delivery that are no evidence.
    #[must_use]
    pub fn tops(&self) -> Vec<(String, Vec<u8>)> {
        let mut tops = vec![("core.tar".to_owned(), self.archive())];
        tops.extend(self.extra.iter().cloned());
        tops
    }

    fn about_tops(&self, statement: Statement) -> Statement {
        self.tops().iter().fold(statement, |statement, (name, bytes)| statement.subject(name, bytes))
    }

    /// The main SBOM, of those parts that `keep` keeps.
    #[must_use]
    pub fn sbom(&self, keep: impl Fn(usize) -> bool) -> Statement {
        let archive = self.archive();
        let mut sbom = Sbom::new(Component::new("core", "1").purl(PRODUCT).hash_of(&archive));
        sbom =
            sbom.component(Component::new("readme", "1").purl("pkg:generic/vendor/part-readme@1").hash_of(b"read me"));
        let listed: Vec<&Part> = self.parts.iter().filter(|part| part.within.is_none() && keep(part.number)).collect();
        for part in &listed {
            sbom.components.push(part.component());
            if part.direct {
                sbom = sbom.depends("core-1", &format!("{}-1", part.name()));
            }
        }
        let is_listed = |number: usize| listed.iter().any(|part| part.number == number);
        for part in &listed {
            let needs: BTreeSet<usize> = part.needs.iter().copied().collect();
            for need in needs.iter().filter(|need| is_listed(**need)) {
                sbom = sbom.depends(&format!("{}-1", part.name()), &format!("part{need}-1"));
            }
        }
        self.about_tops(Statement::cyclonedx(sbom.cyclonedx("1.6")))
    }

    fn own_sbom(&self, of: &Part) -> Statement {
        let mut sbom = Sbom::new(of.component().hash_of(b"").clone());
        sbom.root = Some(Component::new(&of.name(), "1").purl(&of.purl()).hash_of(&of.bytes()));
        for part in self.parts.iter().filter(|part| part.within == Some(of.number)) {
            sbom = sbom.component(part.component());
            // Back to what it is within.
            if part.needs.contains(&of.number) {
                sbom = sbom.depends(&format!("{}-1", part.name()), &format!("{}-1", of.name()));
            }
        }
        Statement::spdx(sbom.spdx()).subject(&of.name(), &of.bytes())
    }

    fn flawed(&self, seed: &mut Seed) -> bool {
        chance(seed, self.flaws)
    }

    /// Adds an item, unless it is forgotten; perhaps with something wrong about it.
    fn add(&mut self, seed: &mut Seed, mut item: Item) {
        if self.flawed(seed) {
            return;
        }
        if self.flawed(seed) {
            item.good = false;
            match seed.below(3) {
                0 => item.by = STRANGER,
                1 => {
                    item.statement.subjects = vec![json!({"name": "other", "digest": {"sha256": sha256_hex(b"other")}})]
                }
                _ => item.by = SUPPLIERS[seed.below(3)],
            }
        }
        self.items.push(item);
    }

    fn say(&mut self, seed: &mut Seed) {
        let sbom = self.sbom(|_| true);
        self.add(seed, Item::new(Kind::Sbom, None, VENDOR, sbom));
        let release = self.about_tops(Statement::release(PRODUCT));
        if !self.requested || chance(seed, 60) {
            self.add(seed, Item::new(Kind::Release, None, VENDOR, release));
        }
        let build = self.about_tops(provenance("https://ci.vendor.example", "vendor/1"));
        self.add(seed, Item::new(Kind::Build, None, BUILDER, build));
        let readme = Statement::release("pkg:generic/vendor/part-readme@1").subject("readme", b"read me");
        self.add(seed, Item::new(Kind::Release, Some(usize::MAX), VENDOR, readme));
        for part in self.parts.clone() {
            self.say_about(seed, &part);
        }
        self.reviews(seed);
        if chance(seed, 30) || self.terms.stated {
            let listed = self.items.iter().filter(|_| chance(seed, 70)).map(|item| {
                json!({"digest": {"sha256": sha256_hex(&item.statement.envelope_bytes(&[key(item.by)]))}, "path": format!("{}.json", item.id())})
            });
            let evidence: Vec<Value> = listed.collect();
            let predicate = json!({"evidence": evidence, "product": PRODUCT, "sequence": 1});
            let statement = self.about_tops(Statement::new(vidimus_testkit::delivery::DELIVERY, predicate));
            self.add(seed, Item::new(Kind::Delivery, None, VENDOR, statement));
        }
    }

    fn say_about(&mut self, seed: &mut Seed, part: &Part) {
        let release = || Statement::release(&part.purl()).subject(&part.name(), &part.bytes());
        let by = match part.class {
            Class::Own => Some(VENDOR),
            Class::Crypto => Some(SUPPLIERS[0]),
            Class::Os => None,
            Class::Oss => chance(seed, 60).then_some(SUPPLIERS[2]),
            Class::Odd => None,
        };
        if let Some(by) = by {
            self.add(seed, Item::new(Kind::Release, Some(part.number), by, release()));
        }
        match part.class {
            Class::Crypto => {
                for rebuilder in REBUILDERS {
                    if chance(seed, 80) {
                        let run = if chance(seed, 10) { 0 } else { rebuilder };
                        let builder = format!("https://{}.example", IDS[rebuilder]);
                        let statement =
                            provenance(&builder, &format!("run/{run}")).subject(&part.name(), &part.bytes());
                        self.add(seed, Item::new(Kind::Rebuild, Some(part.number), rebuilder, statement));
                    }
                }
                if self.parts.iter().any(|other| other.within == Some(part.number)) {
                    let statement = self.own_sbom(part);
                    self.add(seed, Item::new(Kind::OwnSbom, Some(part.number), SUPPLIERS[0], statement));
                }
            }
            Class::Os => self.vouch(seed, part),
            Class::Odd if chance(seed, 70) => {
                let statement = provenance("https://ci.vendor.example", "vendor/odd");
                self.add(
                    seed,
                    Item::new(Kind::Build, Some(part.number), BUILDER, statement.subject(&part.name(), &part.bytes())),
                );
            }
            _ => {}
        }
    }

    /// A chain of words about a part, the vendor's last: each cites the one before, the first cites what it looked at, or nothing
    /// that is there.
    fn vouch(&mut self, seed: &mut Seed, part: &Part) {
        let report = provenance("https://s1.example", "s1/1").subject(&part.name(), &part.bytes());
        let envelope = report.envelope_bytes(&[key(SUPPLIERS[1])]);
        self.add(seed, Item::new(Kind::Build, Some(part.number), SUPPLIERS[1], report));
        let mut cited = match seed.below(10) {
            0 => vec![],
            1 => vec![sha256_hex(b"nothing that is there")],
            _ => vec![sha256_hex(&envelope)],
        };
        let hands = if chance(seed, 60) { 0 } else { 1 + seed.below(3) };
        for lab in LABS.into_iter().take(hands) {
            let word = self.word(lab, &part.purl(), &cited).subject(&part.name(), &part.bytes());
            let and_more = chance(seed, 20).then(|| sha256_hex(&envelope));
            cited = vec![sha256_hex(&word.envelope_bytes(&[key(lab)]))];
            cited.extend(and_more);
            self.add(seed, Item::new(Kind::Vouch, Some(part.number), lab, word));
        }
        let levels = if self.flawed(seed) { "SEEN" } else { "REVIEWED" };
        let word = self
            .word(VENDOR, &part.purl(), &cited)
            .subject(&part.name(), &part.bytes())
            .with("/verifiedLevels", json!([levels]));
        let mut item = Item::new(Kind::Vouch, Some(part.number), VENDOR, word);
        if self.terms.window {
            item.logged = Some(if chance(seed, 70) { crate::witnesses::INSIDE } else { crate::witnesses::OUTSIDE });
        }
        self.add(seed, item);
    }

    /// A summary.
    #[must_use]
    pub fn word(&self, by: usize, resource: &str, cited: &[String]) -> Statement {
        let cited: Vec<Value> = cited.iter().map(|sha256| json!({"digest": {"sha256": sha256}})).collect();
        let verifier = format!("https://{}.example", IDS[by]);
        Statement::new(
            VSA,
            json!({
                "inputAttestations": cited,
                "policy": {"uri": format!("{verifier}/policy")},
                "resourceUri": resource,
                "timeVerified": FRESH,
                "verificationResult": "PASSED",
                "verifiedLevels": ["REVIEWED"],
                "verifier": {"id": verifier},
            }),
        )
    }

    /// What laboratories say of the whole.
    fn reviews(&mut self, seed: &mut Seed) {
        let envelope = |item: &Item| sha256_hex(&item.statement.envelope_bytes(&[key(item.by)]));
        let build = self.items.iter().find(|item| item.kind == Kind::Build && item.part.is_none()).map(envelope);
        for lab in LABS {
            if !chance(seed, 75) {
                continue;
            }
            let first = self.items.iter().find(|item| item.kind == Kind::Summary).map(envelope);
            let cited = match seed.below(12) {
                0 => vec![],
                1 => first.into_iter().collect(),
                2 => build.iter().cloned().chain(first).collect(),
                _ => build.iter().cloned().collect(),
            };
            let statement = self.about_tops(self.word(lab, PRODUCT, &cited));
            let mut item = Item::new(Kind::Summary, None, lab, statement);
            if self.flawed(seed) {
                item.good = false;
                item.statement = match seed.below(4) {
                    0 => item.statement.with("/timeVerified", STALE),
                    1 => item.statement.with("/verifier/id", "https://lab0.example/other"),
                    2 => item.statement.with("/resourceUri", "pkg:generic/vendor/other@1"),
                    _ => item.statement.with("/verifiedLevels", json!(["SEEN"])),
                };
            }
            self.add(seed, item);
            if chance(seed, if self.flaws > 2 { 10 } else { 3 }) {
                let statement = self.about_tops(self.word(lab, PRODUCT, &[]));
                let statement =
                    statement.with("/verificationResult", "FAILED").with("/verifiedLevels", json!(["FAILED"]));
                let mut item = Item::new(Kind::Failed, None, lab, statement);
                item.good = false;
                self.items.push(item);
            }
        }
        if chance(seed, 20) {
            let mut item = Item::new(Kind::Stranger, None, STRANGER, self.about_tops(self.word(LABS[0], PRODUCT, &[])));
            item.good = false;
            self.items.push(item);
        }
    }
}

/// A build.
#[must_use]
pub fn provenance(builder: &str, run: &str) -> Statement {
    Provenance::github("vendor/core", "refs/tags/v1")
        .builder(builder)
        .v1()
        .with("/runDetails/metadata/invocationId", run)
}

fn parts(seed: &mut Seed, flaws: usize) -> Vec<Part> {
    let count = seed.below(6);
    let mut parts: Vec<Part> = Vec::new();
    for number in 0..count {
        let class = match seed.below(12) {
            0..=2 => Class::Own,
            3..=5 => Class::Crypto,
            6..=8 => Class::Os,
            9..=10 => Class::Oss,
            _ => Class::Odd,
        };
        let within =
            parts.iter().find(|part| part.class == Class::Crypto && part.within.is_none()).map(|part| part.number);
        let within = within.filter(|_| class == Class::Crypto && chance(seed, 60));
        let needs = (0..count).filter(|_| chance(seed, 30)).collect();
        parts.push(Part {
            number,
            class,
            held: chance(seed, 60),
            digest: !chance(seed, flaws / 4),
            within,
            needs,
            direct: chance(seed, 80),
        });
    }
    parts
}
