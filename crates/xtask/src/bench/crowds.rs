//! Much that is said of few things, and few things that are said of much: whoever delivers decides how many names, statements, layouts and builds
//! there are, and time must not grow as their product. Each is measured twice, the second time with four times as many of everything.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use vidimus_testkit::in_toto::{Form, Layout, Link};
use vidimus_testkit::statement::Provenance;
use vidimus_testkit::{Component, Delivery, Key, PolicyFolder, Sbom, Statement};

use super::chain::POLICY;
use super::{AT, Row, best, ratio, shown};
use crate::Result;

/// What is made for a number of things.
struct Crowd {
    what: &'static str,
    /// So many are there the first time.
    first: usize,
    rules: [&'static str; 2],
    make: fn(usize) -> Delivery,
}

const APP: &[u8] = b"the application";
const PART: &[u8] = b"a part with many names";
const PRODUCT: &str = "pkg:generic/acme/app@1";

/// The files, and that their components are looked at.
const WHOLE: &str = r#"
[[class]]
id = "rest"
role = "any"
default = true

[[rule]]
id = "components"
classes = ["rest"]
check = "components"

[[rule]]
id = "delivered"
classes = ["rest"]
check = "release"
"#;

const NAMED: &str = r#"
[[class]]
id = "parts"
role = "component"
products = ["pkg:generic/part/"]

[[rule]]
id = "known"
classes = ["parts"]
check = "component-identity"
"#;

const LENIENT: &str = r#"
[predicates]
publish = ["https://github.com/npm/attestation/tree/main/specs/publish/v0.1"]

[[grant]]
identities = ["signer"]
may = ["publish"]
products = ["pkg:generic/part/p0"]

[[class]]
id = "parts"
role = "component"
products = ["pkg:generic/part/"]
lenient = true
proof_any = ["ecosystem-release-attestation"]

[[rule]]
id = "known"
classes = ["parts"]
check = "component-identity"
"#;

const SUMMED: &str = r#"
[[grant]]
identities = ["signer"]
may = ["vsa"]
products = ["pkg:generic/part/"]
verifiers = [ { id = "https://acme.example/v1" } ]

[[class]]
id = "parts"
role = "component"
products = ["pkg:generic/part/"]

[[rule]]
id = "seen"
classes = ["parts"]
check = "vsa"
properties = ["REVIEWED"]
"#;

const LAID_OUT: &str = r#"
[[grant]]
identities = ["signer"]
may = ["layout"]

[[rule]]
id = "laid-out"
check = "layout"
"#;

const FROM: &str = r#"
[[grant]]
identities = ["signer"]
may = ["origin"]

[[rule]]
id = "from"
check = "origin"
axis = "where"
stage = "built"
deny = ["CN"]
min_strength = "declared"
"#;

const BUILT: &str = r#"
[party.delta]
name = "Rebuilder"
kind = "rebuilder"
jurisdictions = ["NL"]

[party.other]
name = "Other"
kind = "rebuilder"
jurisdictions = ["BR"]

[[identity]]
id = "rebuilder"
party = "delta"
key = "keys/rebuilder.pub"

[[identity]]
id = "other"
party = "other"
key = "keys/other.pub"

[[grant]]
identities = ["rebuilder", "other"]
may = ["provenance"]
builders = [
    { identity = "rebuilder", id = "https://rebuilder.example/rebuilder/v1", max_level = 2 },
    { identity = "other", id = "https://other.example/rebuilder/v1", max_level = 2 },
]

[quorum.rebuilds]
kind = "rebuild"
candidates = ["delta", "other"]
min_groups = 2
exclude_groups_of = ["subject-vendor", "subject-suppliers"]

[[rule]]
id = "built-again"
check = "quorum"
quorum = "rebuilds"
need = { predicate = "provenance" }
"#;

const CROWDS: [Crowd; 6] = [
    Crowd {
        what: "names of one component, and as many releases of it under others",
        first: 500,
        rules: [WHOLE, NAMED],
        make: released,
    },
    Crowd {
        what: "names of one component, and as many publish statements about one of them",
        first: 500,
        rules: [WHOLE, LENIENT],
        make: published,
    },
    Crowd { what: "names of one component, and as many summaries", first: 500, rules: [WHOLE, SUMMED], make: summed },
    Crowd { what: "layouts, and files that came out of none", first: 400, rules: ["", LAID_OUT], make: laid_out },
    Crowd {
        what: "files with sets of 16 origin statements, with as many parts each",
        first: 500,
        rules: ["", FROM],
        make: stated,
    },
    Crowd { what: "builds again, each by two", first: 500, rules: ["", BUILT], make: built },
];

pub(super) fn rows(binary: &Path, folder: &Path) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for crowd in &CROWDS {
        let mut times = Vec::new();
        for number in [crowd.first, crowd.first * 4] {
            let place = folder.join(format!("crowd-{}-{number}", rows.len()));
            (crowd.make)(number).signed(PRODUCT, 1, &[&signer()]).write(&place.join("delivery"));
            let policy = PolicyFolder::new(&format!("{POLICY}{}", crowd.rules.concat())).key("acme", &signer());
            let policy = policy.key("rebuilder", &Key::p256("rebuilder")).key("other", &Key::p256("other"));
            let policy = policy.write(&place.join("policy"));
            let verify = || {
                let mut command = Command::new(binary);
                command.arg("verify").arg(place.join("delivery")).arg("--policy").arg(&policy).args(["--at", AT]);
                command.args(["--product", PRODUCT, "-q"]);
                command
            };
            times.push(best(&verify)?);
        }
        let [few, many] = times.as_slice() else { continue };
        rows.push(Row {
            what: format!("{} {}, and four times as many of all", crowd.first, crowd.what),
            target: "≤ 5",
            measured: format!("{:.1} ({} against {})", ratio(*many, *few), shown(*many), shown(*few)),
        });
    }
    Ok(rows)
}

fn signer() -> Key {
    Key::p256("bench")
}

fn name(at: usize) -> String {
    format!("pkg:generic/part/p{at}@1")
}

/// The application, whose SBOM gives one component so many names.
fn named(names: usize) -> Delivery {
    let root = Component::new("app", "1").purl(PRODUCT).hash_of(APP);
    let part = |at: usize| Component::new(&format!("p{at}"), "1").purl(&name(at)).hash_of(PART);
    let sbom = (0..names).fold(Sbom::new(root), |sbom, at| sbom.component(part(at)));
    Delivery::new().file("app", APP).evidence("app.cdx.json", sbom.cyclonedx("1.6").to_string())
}

fn released(number: usize) -> Delivery {
    let release = |at: usize| Statement::release(&format!("pkg:generic/part/q{at}@1")).subject("part", PART);
    signed(named(number), (0..number).map(release))
}

fn published(number: usize) -> Delivery {
    let kind = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1";
    let publish = |at: usize| Statement::new(kind, json!({ "name": format!("p{at}") })).subject("part", PART);
    signed(named(number), (0..number).map(publish))
}

fn summed(number: usize) -> Delivery {
    let summary =
        |at: usize| Statement::vsa("https://acme.example/v1", &name(at), &["REVIEWED"], &[]).subject("part", PART);
    signed(named(number), (0..number).map(summary))
}

/// Layouts with their links, each of a file that is not there.
fn laid_out(number: usize) -> Delivery {
    let key = signer();
    let mut delivery = Delivery::new();
    for at in 0..number {
        delivery = delivery.file(&format!("files/{at}"), format!("file {at}"));
        let layout = Layout::new("2126-01-01T00:00:00Z").step(&format!("build-{at}"), &[&key], &[], &[]);
        let link = Link::new(&format!("build-{at}")).product("app", format!("another file {at}").as_bytes());
        delivery = delivery.evidence(&format!("{at}/root.layout"), layout.signed(Form::Metablock, &[&key]));
        delivery = delivery.evidence(&format!("{at}/build-{at}.link"), link.signed(Form::Metablock, &key));
    }
    delivery
}

/// Each file has statements of its own choice, which speak of the same parts.
fn stated(number: usize) -> Delivery {
    let bytes = |at: usize| format!("file {at}").into_bytes();
    let file = |delivery: Delivery, at: usize| delivery.file(&format!("files/{at}"), bytes(at));
    let delivery = (0..number).fold(Delivery::new(), file);
    let place = |country: &str| json!([{ "place": { "country": country }, "performedBy": "#acme" }]);
    let statement = |which: usize| {
        let part = |at: usize| {
            let digest = vidimus_testkit::encode::sha256_hex(format!("part {at}").as_bytes());
            let countries = if which.is_multiple_of(2) {
                place("SE")
            } else {
                json!([{ "place": { "country": "SE", "subdivision": "SE-AB" }, "performedBy": "#acme" }])
            };
            json!({ "digest": { "sha256": digest }, "origins": [{ "coverage": "complete", "stage": "built", "locations": countries }] })
        };
        let predicate = json!({
            "assertedBy": "#acme",
            "assertedOn": "2026-11-20T10:00:00Z",
            "capacity": "self",
            "countryCodes": { "snapshot": "2026-11-01", "standard": "ISO 3166-1 alpha-2" },
            "origins": [
                { "coverage": "complete", "stage": "built", "locations": place("SE") },
                { "coverage": "complete", "stage": "developed", "locations": place("SE") },
            ],
            "components": (0..number).map(part).collect::<Vec<_>>(),
            "parties": [{ "id": "#acme", "legalName": format!("ACME {which}"), "registeredIn": { "country": "SE" }, "ultimateParent": "#acme" }],
            "validUntil": "2027-11-20T10:00:00Z",
        });
        let about = (0..number).filter(|at| (at * 40_503 + 1) >> which & 1 == 1);
        about.fold(Statement::new("urn:vidimus:attestation:origin:v0.1", predicate), |statement, at| {
            statement.subject(&format!("files/{at}"), &bytes(at))
        })
    };
    signed(delivery, (0..16).map(statement))
}

/// Two rebuilders signed for the same builds.
fn built(number: usize) -> Delivery {
    let mut delivery = Delivery::new().file("app", APP);
    for by in ["rebuilder", "other"] {
        let build = Provenance::rebuild(by, "https://rebuilder.example/make/v1", "acme/app", "refs/tags/v1").v1();
        let key = Key::p256(by);
        for at in 0..number {
            let statement =
                build.clone().with("/runDetails/metadata/invocationId", format!("https://runs.example/{at}"));
            delivery =
                delivery.attest(&format!("evidence/{by}-{at}.dsse.json"), &statement.subject("app", APP), &[&key]);
        }
    }
    delivery
}

fn signed(delivery: Delivery, statements: impl Iterator<Item = Statement>) -> Delivery {
    let key = signer();
    statements.enumerate().fold(delivery, |delivery, (at, statement)| {
        delivery.attest(&format!("evidence/{at}.dsse.json"), &statement, &[&key])
    })
}
