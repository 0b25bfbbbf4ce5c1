//! The three network functions: what is in their archives, and what their vendors say about them.

use serde_json::{Value, json};

use super::packages::{Package, leaf};
use super::seal::signed;
use super::statements::{CORE, built, built_bundle, certificate, foreign_certificate, origin, scan, source};
use crate::archive::{TarEntry, ZipEntry, gzip, tar, zip};
use crate::statement::{Provenance, Statement};
use crate::{Component, Sbom};

/// What differs from the delivery that passes, in archives and SBOMs.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Further members of the root file system of the core, which no SBOM lists.
    pub hidden: Vec<(String, Vec<u8>)>,
    /// Further components that the SBOM of the core lists.
    pub listed: Vec<Component>,
    /// The root file system of the core is in so many more archives, one in the other.
    pub deeper: usize,
    /// So many more components that nothing proves.
    pub leaves: usize,
}

pub(super) const LIBDUNITE: &[u8] = b"\x7fELF libdunite 2.4.0\n";
pub(super) const BASE: &[u8] = b"\x7fELF everos base 12.1\n";
pub(super) const FIRMWARE: &[u8] = b"\x7fELF ferrum phy 7.3\n";
pub(super) const CODEC: &[u8] = b"\x7fELF helix voice 4.0\n";
pub(super) const CLOCK: &[u8] = b"\x7fELF pacific ptp 3.0.7\n";

/// Components that nothing proves, within the budget of the policy.
pub(super) const LEAVES: usize = 30;

/// A network function.
pub(super) struct Function {
    /// What its statements are called.
    pub(super) name: &'static str,
    /// Where its archive lies.
    pub(super) path: &'static str,
    pub(super) product: &'static str,
    /// The archive.
    pub(super) bytes: Vec<u8>,
    vendor: Vendor,
    /// The vendor's own programs.
    pub(super) own: Vec<(&'static str, Vec<u8>)>,
    /// What its SBOM lists.
    parts: Vec<Component>,
    /// What its programs are linked with.
    linked: Vec<String>,
}

#[derive(Clone, Copy)]
struct Vendor {
    id: &'static str,
    name: &'static str,
    release: &'static str,
    builder: &'static str,
    countries: &'static [&'static str],
}

const AURORA: Vendor = Vendor {
    id: "aurora",
    name: "Aurora Networks AB",
    release: "aurora-release-2026",
    builder: "aurora-ci",
    countries: &["SE", "IN"],
};
const BOREALIS: Vendor = Vendor {
    id: "borealis",
    name: "Borealis Radio Oy",
    release: "borealis-release",
    builder: "borealis-ci",
    countries: &["FI"],
};
const CATHAYA: Vendor = Vendor {
    id: "cathaya",
    name: "Cathaya Systems Co Ltd",
    release: "cathaya-release",
    builder: "cathaya-ci",
    countries: &["CN", "DE"],
};

type Members = Vec<(String, Vec<u8>)>;

fn tarred(members: &Members) -> Vec<u8> {
    tar(&members.iter().map(|(name, content)| TarEntry::file(name, content)).collect::<Vec<_>>())
}

fn zipped(members: &Members) -> Vec<u8> {
    zip(&members.iter().map(|(name, content)| ZipEntry::deflated(name, content)).collect::<Vec<_>>())
}

fn program(name: &str, version: &str) -> Vec<u8> {
    format!("\x7fELF {name} {version}\n").into_bytes()
}

fn part(purl: &str, supplier: &str, bytes: &[u8]) -> Component {
    let (name, version) = purl.rsplit('/').next().and_then(|name| name.split_once('@')).expect("a version");
    Component::new(name, version).purl(purl).supplier(supplier).hash_of(bytes)
}

fn libdunite() -> Component {
    part("pkg:generic/dunite/libdunite@2.4.0", "Dunite Crypto GmbH", LIBDUNITE)
}

impl Function {
    /// Members that all of them have, and the root file system with its packages.
    fn new(name: &'static str, product: &'static str, vendor: Vendor, own: &[&'static str]) -> Self {
        let version = product.rsplit('@').next().expect("a version");
        let own: Vec<_> = own.iter().map(|name| (*name, program(name, version))).collect();
        let mut function = Self {
            name,
            path: "",
            product,
            bytes: Vec::new(),
            vendor,
            own,
            parts: vec![libdunite()],
            linked: Vec::new(),
        };
        function.parts.extend(
            function.own.iter().map(|(name, bytes)| part(&function.purl(name), vendor.name, bytes)).collect::<Vec<_>>(),
        );
        function
    }

    /// The package URL of one of its programs.
    pub(super) fn purl(&self, program: &str) -> String {
        let version = self.product.rsplit('@').next().expect("a version");
        format!("pkg:generic/{}/{program}@{version}", self.vendor.id)
    }

    fn members(&self) -> Members {
        let own = self.own.iter().map(|(name, bytes)| (format!("bin/{name}"), bytes.clone()));
        own.chain([("lib/libdunite.so".to_owned(), LIBDUNITE.to_vec())]).collect()
    }

    /// Signs as the vendor.
    pub(super) const fn release_identity(&self) -> &'static str {
        self.vendor.release
    }

    /// Its SBOM, which says that it leaves nothing out.
    fn sbom(&self) -> Value {
        let root = part(self.product, self.vendor.name, &self.bytes);
        let sbom = self.parts.iter().cloned().fold(Sbom::new(root.clone()), Sbom::component);
        let program = &self.parts.get(1).expect("a program").reference;
        let sbom = self.linked.iter().fold(sbom, |sbom, library| sbom.depends(program, library));
        let references = [&root].into_iter().chain(&self.parts).map(|part| part.reference.as_str());
        let references: Vec<&str> = references.collect();
        let mut document = sbom.cyclonedx("1.6");
        document["compositions"] =
            json!([{"aggregate": "complete", "assemblies": references, "dependencies": references}]);
        document
    }

    /// What is said about it: name, statement, signer, and the name of the statement that it rests on.
    pub(super) fn statements(&self) -> Vec<(String, Statement, &'static str, Option<String>)> {
        let about = |statement: Statement| statement.subject(self.path, &self.bytes);
        let Vendor { id, name, release, builder, countries } = self.vendor;
        let reviewed = |verifier: &str| about(Statement::vsa(verifier, self.product, &["NESAS_SCAS_2026"], &[]));
        let nord = || ("lab-nord", reviewed("https://labnord.example/verifier/v2"), "lab-nord-vsa");
        let kanto = || ("lab-kanto", reviewed("https://kanto.example/verifier/v3"), "lab-kanto-vsa");
        let mut all = vec![
            ("release", about(Statement::release(self.product)), release),
            ("sbom", about(Statement::cyclonedx(self.sbom())), release),
            ("origin", about(origin(id, name, countries)), release),
            ("build", self.build(), builder),
            ("scan", about(scan()), "lab-iberia-vsa"),
        ];
        all.extend(match self.name {
            "core" => vec![
                ("source", source(), "aurora-scs"),
                nord(),
                ("lab-iberia", reviewed("https://iberia.example/verificador/v1"), "lab-iberia-vsa"),
                ("certificate", about(certificate(self.product, "RHEIN-2026-0193")), "cb-rhein-cert"),
            ],
            "du" => vec![
                nord(),
                kanto(),
                ("certificate", about(certificate(self.product, "RHEIN-2026-0207")), "cb-rhein-cert"),
            ],
            // The foreign certificate stands for a laboratory as well.
            _ => {
                let report = signed(&about(scan()), "lab-iberia-vsa");
                vec![kanto(), ("certificate", about(foreign_certificate(self.product, &report)), "cb-andes-cert")]
            }
        });
        let named = |kind: &str| format!("{}.{kind}", self.name);
        let all = all.into_iter();
        all.map(|(kind, statement, by)| (named(kind), statement, by, kind.starts_with("lab-").then(|| named("build"))))
            .collect()
    }

    /// How it was built.
    fn build(&self) -> Statement {
        let other = |builder: &str, build_type: &str, parameters: Value| {
            let (builder, build_type) = (builder.to_owned(), build_type.to_owned());
            let build = Provenance { builder, build_type, ..built() };
            build.v1().with("/buildDefinition/externalParameters", parameters)
        };
        let build = match self.name {
            "core" => built_bundle(),
            "du" => other(
                "https://farm.borealis.example/v2",
                "https://build.borealis.example/types/make/v4",
                json!({"config": "release", "source": "https://scm.borealis.example/gnb/du"}),
            ),
            _ => other(
                "https://ci.cathaya.example/isolated/v1",
                "https://ci.cathaya.example/types/release/v1",
                json!({"branch": "rel-5.0", "project": "gnb"}),
            ),
        };
        build.subject(self.path, &self.bytes)
    }
}

/// The network functions, with the packages shared out among them. Every fortieth is in all of them.
pub(super) fn functions(plan: &Plan, packages: &[Package]) -> [Function; 3] {
    let mut core = Function::new("core", CORE, AURORA, &["nf-amf", "nf-smf", "nf-upf"]);
    let mut du = Function::new("du", "pkg:generic/borealis/gnb-du@12.4", BOREALIS, &["nf-cu", "nf-du"]);
    let mut ru = Function::new("ru", "pkg:generic/cathaya/gnb-ru@5.0.2", CATHAYA, &["nf-ru"]);
    core.parts.push(part("pkg:generic/everos/base@12.1", "EverOS Inc", BASE));
    du.parts.push(part("pkg:generic/ferrum/phy@7.3", "Ferrum Firmware Pvt Ltd", FIRMWARE));
    ru.parts.push(part("pkg:generic/helix/voice@4.0", "Helix Codec AG", CODEC));
    ru.parts.push(part("pkg:generic/pacific/ptp@3.0.7", "Pacific Timing Ltd", CLOCK));

    let mut systems: [Members; 3] = Default::default();
    for (at, package) in packages.iter().enumerate() {
        for (number, function) in [&mut core, &mut du, &mut ru].into_iter().enumerate() {
            if at % 3 == number || at % 40 == 0 {
                function.linked.push(package.linked().reference);
                function.parts.extend(package.components());
                systems[number].extend(package.shipped());
            }
        }
    }
    core.parts.extend((0..LEAVES + plan.leaves).map(leaf));
    core.parts.extend(plan.listed.iter().cloned());
    let [mut of_core, of_du, of_ru] = systems;
    of_core.extend(plan.hidden.iter().cloned());

    let mut system = ("rootfs.tar".to_owned(), tarred(&of_core));
    for level in 0..plan.deeper {
        system = (format!("layer-{level}.tar"), tarred(&vec![system]));
    }
    let more = |function: &Function, more: Vec<(&str, Vec<u8>)>| -> Members {
        let more = more.into_iter().map(|(name, bytes)| (name.to_owned(), bytes));
        function.members().into_iter().chain(more).collect()
    };
    let members = [more(&core, vec![("os/base.img", BASE.to_vec())]), vec![system]].concat();
    (core.path, core.bytes) = ("core/5gc-bundle.tar.gz", gzip(&tarred(&members)));
    let apps = zipped(&vec![("rootfs.tar.gz".to_owned(), gzip(&tarred(&of_du)))]);
    let members = more(&du, vec![("fw/phy.fw", FIRMWARE.to_vec()), ("opt/apps.zip", apps)]);
    (du.path, du.bytes) = ("radio/gnb-du.tar", tarred(&members));
    let members = more(
        &ru,
        vec![
            ("lib/voice.so", CODEC.to_vec()),
            ("fw/ptp.bin", CLOCK.to_vec()),
            ("rootfs.tar.gz", gzip(&tarred(&of_ru))),
        ],
    );
    (ru.path, ru.bytes) = ("radio/gnb-ru.zip", zipped(&members));
    [core, du, ru]
}
