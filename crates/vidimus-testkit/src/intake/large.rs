//! A delivery from many countries as one: three vendors, six suppliers, four laboratories of which two have one owner, two
//! certification bodies, two rebuilders, five witnesses, two time-stamping authorities.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::functions::{self, BASE, CLOCK, CODEC, FIRMWARE, Function, LEAVES, LIBDUNITE, Plan};
use super::packages::packages;
use super::seal::{SIGNED, Seal, policy, revocation_lists, signed_as, with_key};
use super::statements::{built, issue, issues, rebuilt, state};
use crate::encode::sha256_hex;
use crate::fixtures::Fixture;
use crate::statement::{Provenance, Statement};
use crate::{Component, Delivery, PolicyFolder, Sbom};

/// What the operator ordered: the network of one month, which Aurora puts together.
pub const PRODUCT: &str = "pkg:generic/aurora/network@2026.11";
/// For whom it is.
pub const RECIPIENT: &str = "urn:example:nordlys";
/// Files with different bytes, delivered or in archives, the evidence among them.
pub const FILES: usize = 400;
/// Components that the rules look at.
pub const COMPONENTS: usize = 5_000;

const LINE: &str = "pkg:generic/aurora/network";
const SEQUENCE: u64 = 20_261_101;

/// A statement of the delivery.
#[derive(Clone, Debug)]
pub struct Part {
    /// `evidence/NAME.sigstore.json`.
    pub name: String,
    /// What is signed.
    pub statement: Statement,
    /// The identity of the policy that signs.
    pub by: String,
    /// How.
    pub seal: Seal,
    /// The statement that this one rests on, by name; its digest is put in when it is signed.
    pub cites: Option<String>,
    /// Text in the payload that is replaced before it is signed: (from, to).
    pub rewritten: Option<(String, String)>,
    /// As it was signed, until somebody changes it.
    signed: Option<Arc<Vec<u8>>>,
}

/// The delivery before it is signed, with what the operator has and asks.
#[derive(Clone, Debug)]
pub struct Large {
    /// The operator's policy.
    pub policy: PolicyFolder,
    /// The operator's status lists.
    pub status: BTreeMap<String, Vec<u8>>,
    /// The operator's state.
    pub state: String,
    /// What is ordered.
    pub product: String,
    /// What Aurora says that it delivers.
    pub delivered: String,
    /// Its number.
    pub sequence: u64,
    /// How the delivery statement is sealed.
    pub seal: Seal,
    /// Everything that is signed, but the delivery statement.
    pub parts: Vec<Part>,
    /// Everything else that is delivered.
    pub files: Delivery,
    /// What happens to files on the way, after the delivery statement was signed; `None` takes one away.
    pub on_the_way: BTreeMap<String, Option<Vec<u8>>>,
}

impl Default for Large {
    fn default() -> Self {
        Self::new(&Plan::default())
    }
}

impl Large {
    /// The delivery that passes, but for what `plan` says.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let packages = packages(PACKAGES, COMPONENTS - LEAVES - SUPPLIED, SHIPPED);
        let functions = functions::functions(plan, &packages);
        let mut large = Self {
            policy: large_policy(),
            status: issues(json!([])).into_iter().map(|(name, issue)| (name.to_owned(), issue)).collect(),
            state: state(LINE, SEQUENCE - 100),
            product: PRODUCT.to_owned(),
            delivered: PRODUCT.to_owned(),
            sequence: SEQUENCE,
            seal: Seal::default(),
            parts: Vec::new(),
            files: with_lists(Delivery::new(), None, UPDATED),
            on_the_way: BTreeMap::new(),
        };
        for function in &functions {
            large.files = large.files.file(function.path, function.bytes.clone());
            large.about_function(function);
        }
        large.about_suppliers();
        for package in &packages {
            large.add(&format!("debian/{}", package.name), package.release(), "debian-archive");
        }
        large
    }

    /// Signs everything, so that what is made from this need not sign again what is the same.
    #[must_use]
    pub fn signed(mut self) -> Self {
        // What others rest on first.
        for cited in [false, true] {
            let open = |part: &Part| part.signed.is_none() && part.cites.is_some() == cited;
            let work: Vec<usize> = (0..self.parts.len()).filter(|at| open(&self.parts[*at])).collect();
            let workers = std::thread::available_parallelism().map_or(1, usize::from);
            let chunk = work.len().div_ceil(workers).max(1);
            let this = &self;
            let done: Vec<(usize, Vec<u8>)> = std::thread::scope(|scope| {
                let sign = move |work: &[usize]| {
                    work.iter().map(|at| (*at, this.parts[*at].sign(&this.parts))).collect::<Vec<_>>()
                };
                let running: Vec<_> = work.chunks(chunk).map(|work| scope.spawn(move || sign(work))).collect();
                running.into_iter().flat_map(|worker| worker.join().expect("signing does not panic")).collect()
            });
            for (at, signed) in done {
                self.parts[at].signed = Some(Arc::new(signed));
            }
        }
        self
    }

    /// A statement by its name.
    pub fn part(&mut self, name: &str) -> &mut Part {
        for part in &mut self.parts {
            if part.name == name || part.cites.as_deref() == Some(name) {
                part.signed = None;
            }
        }
        self.parts.iter_mut().find(|part| part.name == name).unwrap_or_else(|| panic!("no statement {name}"))
    }

    /// Changes a predicate (see [`encode::set`](crate::encode::set)).
    pub fn set(&mut self, name: &str, pointer: &str, value: impl Into<Value>) {
        let part = self.part(name);
        part.statement = part.statement.clone().with(pointer, value);
    }

    /// Leaves a statement out, before the delivery statement is signed.
    pub fn leave_out(&mut self, name: &str) {
        let before = self.parts.len();
        self.parts.retain(|part| part.name != name);
        assert_eq!(self.parts.len() + 1, before, "no statement {name}");
    }

    /// Signs something more.
    pub fn add(&mut self, name: &str, statement: Statement, by: &str) {
        let (name, by) = (name.to_owned(), by.to_owned());
        let seal = Seal::default();
        self.parts.push(Part { name, statement, by, seal, cites: None, rewritten: None, signed: None });
    }

    /// Changes one place of the policy, which must be there once.
    pub fn amend(&mut self, from: &str, to: &str) {
        assert_eq!(self.policy.text.matches(from).count(), 1, "{from:?} stands once in the policy");
        self.policy.text = self.policy.text.replace(from, to);
    }

    /// The operator's own status list says that bytes with this digest are withdrawn.
    pub fn withdraw(&mut self, sha256: &str) {
        let entries = entry("digest", &format!("sha256:{sha256}"), "withdrawn");
        self.status.extend(issues(entries).into_iter().map(|(name, issue)| (name.to_owned(), issue)));
    }

    /// The body on the Rhine takes a certificate back.
    pub fn revoke_certificate(&mut self, number: &str) {
        let entries = entry("certificate", &format!("nesas-ccs-gi:{number}"), "revoked");
        let issue = issue("cb-rhein-certs", 41, &["certificate"], entries, "cb-rhein-cert");
        self.status.insert("rhein.json".to_owned(), issue);
    }

    /// Borealis' authority revoked its release certificate at that time.
    pub fn revoke_borealis(&mut self, since: i64) {
        self.files = with_lists(self.files.clone(), Some(since), UPDATED);
    }

    /// The newest revocation lists of Borealis' authority are from before the verdict.
    pub fn let_lists_expire(&mut self) {
        self.files = with_lists(self.files.clone(), None, SIGNED + 3600);
    }

    /// The state after a later delivery.
    pub fn accepted(&mut self, sequence: u64) {
        self.state = state(LINE, sequence);
    }

    /// Everything signed, and then on its way.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        let signed = self.clone().signed();
        let files = signed.parts.iter().fold(self.files.clone(), |files, part| {
            let bytes = part.signed.as_ref().expect("everything is signed");
            files.evidence(&format!("evidence/{}.sigstore.json", part.name), bytes.to_vec())
        });
        let statement = files.statement(&self.delivered, self.sequence).with("/recipient", RECIPIENT);
        let signed = signed_as(&statement.bytes(), "aurora-release-2026", self.seal);
        let mut files = files.evidence("delivery.sigstore.json", signed);
        for (path, change) in &self.on_the_way {
            files = match change {
                Some(bytes) => files.file(path, bytes.clone()),
                None => files.without(path),
            };
        }
        files
    }

    /// With everything that the operator has.
    #[must_use]
    pub fn fixture(&self) -> Fixture {
        let about = "A network from many countries under the whole intake policy of an operator.";
        let fixture = Fixture::pass("intake/large", about, self.policy.clone(), self.delivery());
        let fixture = fixture.product(&self.product).recipient(RECIPIENT).state(self.state.clone());
        self.status.iter().fold(fixture, |fixture, (name, issue)| fixture.status(name, issue.clone()))
    }

    fn about_function(&mut self, function: &Function) {
        for (name, statement, by, cites) in function.statements() {
            self.add(&name, statement, by);
            self.part(&name).cites = cites;
        }
        for (program, bytes) in &function.own {
            let release = Statement::release(&function.purl(program)).subject(program, bytes);
            self.add(&format!("{program}.release"), release, function.release_identity());
        }
    }

    /// Each of the six in its own way: by its own evidence, under a delegation, by independent judges.
    fn about_suppliers(&mut self) {
        let dunite = "pkg:generic/dunite/libdunite@2.4.0";
        let root = Component::new("libdunite", "2.4.0").purl(dunite).supplier("Dunite Crypto GmbH").hash_of(LIBDUNITE);
        let sbom = Statement::spdx(Sbom::new(root).spdx()).subject("libdunite.so", LIBDUNITE);
        self.add("libdunite.sbom", sbom, "dunite-release");
        self.add("libdunite.release", Statement::release(dunite).subject("libdunite.so", LIBDUNITE), "dunite-release");
        self.add("libdunite.rebuild-delta", rebuilt("delta", LIBDUNITE), "reb-delta-key");
        self.add("libdunite.rebuild-paulista", rebuilt("paulista", LIBDUNITE), "reb-paulista-key");

        self.vouch(
            ("base", "pkg:generic/everos/base@12.1", BASE),
            "aurora",
            "SLSA_BUILD_LEVEL_3",
            "aurora-release-2026",
        );
        self.vouch(
            ("phy", "pkg:generic/ferrum/phy@7.3", FIRMWARE),
            "borealis",
            "SLSA_BUILD_LEVEL_2",
            "borealis-release",
        );

        let (builder, build_type) = ("https://helix.example/builder/v1", "https://helix.example/types/make/v1");
        let codec = Provenance { builder: builder.to_owned(), build_type: build_type.to_owned(), ..built() };
        self.add("voice.build", codec.v1().subject("voice.so", CODEC), "helix-release");

        let ptp = "pkg:generic/pacific/ptp@3.0.7";
        self.add("ptp.release", Statement::release(ptp).subject("ptp.bin", CLOCK), "pacific-release");
        for (laboratory, verifier) in [
            ("lab-iberia", "https://iberia.example/verificador/v1"),
            ("lab-kanto", "https://kanto.example/verifier/v3"),
        ] {
            let reviewed = Statement::vsa(verifier, ptp, &["COMPONENT_REVIEWED"], &[]).subject("ptp.bin", CLOCK);
            self.add(&format!("ptp.{laboratory}"), reviewed, &format!("{laboratory}-vsa"));
            self.part(&format!("ptp.{laboratory}")).cites = Some("ptp.release".to_owned());
        }
    }

    /// A vendor looked at a part of a supplier, and at how it was built.
    fn vouch(&mut self, (name, purl, bytes): (&str, &str, &[u8]), vendor: &str, level: &str, by: &str) {
        self.add(&format!("{name}.report"), built().v1().subject(name, bytes), &format!("{vendor}-ci"));
        let verifier = format!("https://{vendor}.example/supplier-review/v1");
        let vouched = Statement::vsa(&verifier, purl, &[level], &[]).subject(name, bytes);
        self.add(&format!("{name}.vouched"), vouched, by);
        self.part(&format!("{name}.vouched")).cites = Some(format!("{name}.report"));
    }
}

impl Part {
    fn sign(&self, all: &[Self]) -> Vec<u8> {
        let cited = self.cites.as_ref().and_then(|name| all.iter().find(|part| part.name == *name));
        let mut statement = self.statement.clone();
        if let Some(cited) = cited.and_then(|part| part.signed.as_ref()) {
            statement = statement.with("/inputAttestations", json!([{"digest": {"sha256": sha256_hex(cited)}}]));
        }
        let mut payload = statement.bytes();
        if let Some((from, to)) = &self.rewritten {
            let text = String::from_utf8(payload).expect("JSON");
            assert_eq!(text.matches(from.as_str()).count(), 1, "{from:?} stands once in {}", self.name);
            payload = text.replace(from.as_str(), to).into_bytes();
        }
        signed_as(&payload, &self.by, self.seal)
    }
}

/// Own programs of the vendors, and parts of suppliers other than packages.
const SUPPLIED: usize = 6 + 5;

fn entry(kind: &str, target: &str, state: &str) -> Value {
    json!([{"kind": kind, "since": "2026-11-21T00:00:00Z", "state": state, "target": target}])
}

/// Packages: each is one statement.
const PACKAGES: usize = 80;
/// Files of packages in the archives; with them there are [`FILES`].
const SHIPPED: usize = 254;

/// 2026-11-27T09:00:00Z: when the revocation lists are to be renewed.
const UPDATED: i64 = SIGNED + 7 * 86_400;

fn with_lists(files: Delivery, revoked: Option<i64>, until: i64) -> Delivery {
    let [intermediate, root] = revocation_lists(revoked, until);
    files.evidence("evidence/borealis.crl", intermediate).evidence("evidence/borealis-root.crl", root)
}

/// The intake policy with two more suppliers, and with the vendors' own parts.
fn large_policy() -> PolicyFolder {
    let mut folder = ["helix-release", "pacific-release"].iter().fold(policy(), |folder, name| with_key(folder, name));
    let own = "products = [\"pkg:generic/aurora/amf\"]";
    assert_eq!(folder.text.matches(own).count(), 1);
    let all =
        ["aurora", "borealis", "cathaya"].map(|vendor| format!("{{ name_prefix = \"pkg:generic/{vendor}/nf-\" }}"));
    folder.text = folder.text.replace(own, &format!("products = [{}]", all.join(", ")));
    folder.text.push_str(include_str!("more.toml"));
    folder
}
