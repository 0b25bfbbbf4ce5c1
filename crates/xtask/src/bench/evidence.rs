//! A thousand signatures of each scheme, verified in this process by the stage that `verify` uses, on one thread and on two; each
//! beside what `openssl speed` verifies of the same primitive in the same run, and beside the same signatures judged one by one, for
//! which nothing is remembered from one to the next.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Instant;

use vidimus::authenticate::authenticate;
use vidimus::limits::Limits;
use vidimus::read::{self, Options, Silent};
use vidimus_testkit::detached::{Minisign, minisign, minisign_public, ssh_public, sshsig};
use vidimus_testkit::encode::pem;
use vidimus_testkit::openpgp::{self, Certificate, PgpKey};
use vidimus_testkit::pki::Pki;
use vidimus_testkit::{Delivery, Identity, Key, PolicyFolder, Statement, World, dsse};

use super::Row;
use crate::Result;

const AT: &str = "2026-11-23T12:00:00Z";

const HEAD: &str = r#"schema = "urn:vidimus:policy:v1"
id = "urn:vidimus:bench"
version = 1

[algorithms]
signature = ["ecdsa-p256-sha256", "ecdsa-p384-sha384", "ed25519", "rsa-pkcs1-2048-sha256"]

[party.acme]
name = "ACME"
kind = "vendor"
jurisdictions = ["SE"]
{instance}
[[identity]]
id = "signer"
party = "acme"
{identity}

[[grant]]
identities = ["signer"]
may = ["file", "release"]

[[rule]]
id = "signed"
check = "release"
"#;

/// One scheme: what it is called, the primitive of `openssl speed` that it comes down to, who signs, and how a file is signed:
/// the suffix of the signature's name, and the signature.
struct Scheme {
    name: &'static str,
    primitive: &'static str,
    target: &'static str,
    policy: PolicyFolder,
    sign: Box<Sign>,
}

/// Name and content of a file become suffix and content of its signature.
type Sign = dyn Fn(&str, &[u8]) -> (&'static str, Vec<u8>);

/// Measures every scheme with `count` signatures.
#[allow(clippy::float_arithmetic, reason = "a measurement, not a verdict")]
pub(super) fn rows(count: usize) -> Result<Vec<Row>> {
    let speeds = openssl();
    let mut rows = Vec::new();
    for scheme in schemes() {
        let [one, two, alone] = measure(&scheme, count)?;
        let theirs = speeds.get(scheme.primitive);
        let beside = theirs.map_or_else(
            || "openssl is not here".to_owned(),
            |theirs| format!("{:.1} times one `{}` of openssl", one.work * theirs, scheme.primitive),
        );
        let measured = format!(
            "{:.0} a second ({:.0} µs each), {beside}; two threads: {:.0} a second ({:.2} of the time, {:.2} of the work); judged one by one: {:.0} µs",
            1.0 / one.work,
            one.work * 1e6,
            1.0 / two.wall,
            two.wall / one.wall,
            two.work / one.work,
            alone.work * 1e6
        );
        rows.push(Row { what: scheme.name.to_owned(), target: scheme.target, measured });
    }
    Ok(rows)
}

/// Seconds a signature: on the clock, and of work by processors. On a machine that does other things as well the clock says little,
/// and `openssl speed` counts work, too.
#[derive(Clone, Copy)]
struct Spent {
    wall: f64,
    work: f64,
}

/// The work of this process until now, in seconds, to a hundredth; `None` where there is no `/proc`.
#[allow(clippy::float_arithmetic, reason = "a measurement, not a verdict")]
fn work() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name, which may have blanks: fields 14 and 15 of proc(5), in clock ticks, which are hundredths for programs.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / 100.0)
}

/// What a signature costs on one thread, on two, and on one thread with a judgement for each; the best of three.
#[allow(clippy::float_arithmetic, reason = "a measurement, not a verdict")]
fn measure(scheme: &Scheme, count: usize) -> Result<[Spent; 3]> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut delivery = Delivery::new();
    for number in 0..count {
        let (name, bytes) = (format!("file-{number:04}"), format!("content of file {number}\n"));
        let (suffix, signature) = (scheme.sign)(&name, bytes.as_bytes());
        delivery = delivery.file(&name, bytes).evidence(&format!("{name}{suffix}"), signature);
    }
    let place = folder.path().join("delivery");
    delivery.write(&place);
    let policy = scheme.policy.write(&folder.path().join("policy"));
    let policy = vidimus::policy::load(&policy).map_err(|errors| errors.to_string())?;
    let options = Options {
        as_delivery: false,
        evidence: Vec::new(),
        limits: Limits::default(),
        policy_files: Vec::new(),
        outputs: Vec::new(),
        progress: &Silent,
    };
    let delivery = read::delivery(&[place], &options).map_err(|error| error.to_string())?.delivery;
    let at = AT.parse().map_err(|error| format!("{AT}: {error}"))?;
    let each: Vec<read::Delivery> = delivery
        .files
        .chunks(2)
        .map(|pair| read::Delivery { files: pair.to_vec(), ..read::Delivery::default() })
        .collect();
    let together = std::slice::from_ref(&delivery);
    let seconds = |threads: usize, deliveries: &[read::Delivery]| -> Result<Spent> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| error.to_string())?;
        let mut best = Spent { wall: f64::INFINITY, work: f64::INFINITY };
        for _ in 0..4 {
            let (start, before) = (Instant::now(), work());
            let facts = |delivery| authenticate(delivery, &policy, at).facts.len();
            let facts = pool.install(|| deliveries.iter().map(facts).sum::<usize>());
            let wall = start.elapsed().as_secs_f64();
            let work = before.zip(work()).map_or(wall, |(before, after)| after - before);
            best = Spent { wall: best.wall.min(wall), work: best.work.min(work) };
            if facts < count {
                return Err(format!("{}: only {facts} of {count} verify: nothing to measure", scheme.name));
            }
        }
        let each = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        Ok(Spent { wall: best.wall / each, work: best.work / each })
    };
    Ok([seconds(1, together)?, seconds(2, together)?, seconds(1, &each)?])
}

fn schemes() -> Vec<Scheme> {
    let plain = |name, primitive, key: Key, identity: &str| Scheme {
        name,
        primitive,
        target: "",
        policy: folder("", identity).key("signer", &key),
        sign: Box::new(move |_, bytes| (".sig", key.sign(bytes))),
    };
    let key = "key = \"keys/signer.pub\"";
    let mut schemes = vec![
        plain("raw Ed25519", "ed25519", Key::ed25519("bench"), key),
        plain("raw ECDSA P-256", "ecdsap256", Key::p256("bench"), key),
        plain("raw ECDSA P-384", "ecdsap384", Key::p384("bench"), key),
        plain(
            "raw RSA-2048",
            "rsa2048",
            Key::rsa("bench", 2048),
            "key = \"keys/signer.pub\"\nalgorithm = \"rsa-pkcs1-2048-sha256\"",
        ),
    ];
    schemes.extend(tools());
    schemes.push(statements());
    schemes.extend([(false, true), (true, true), (false, false), (true, false)].map(keyless));
    schemes
}

fn folder(instance: &str, identity: &str) -> PolicyFolder {
    PolicyFolder::new(&HEAD.replace("{instance}", instance).replace("{identity}", identity))
}

fn tools() -> Vec<Scheme> {
    let key = Key::ed25519("bench");
    let (mini, ssh) = (key.clone(), key.clone());
    let pgp = PgpKey::new(&key, 1_704_067_200);
    let pki = Pki::new("bench");
    let holder = pki.holder("ACME", "release", &Key::p256("bench cms"));
    let list = pki.list(&[], 1_795_000_000, 1_797_000_000);
    let root_list = pki.root_list(&[], 1_795_000_000, 1_797_000_000);
    let identity = "type = \"x509\"\nanchors = \"trust/ca.pem\"\nsubject = { CN = \"release\" }\ncrls = [\"trust/a.crl\", \"trust/b.crl\"]";
    let anchor = pem("CERTIFICATE", &pki.root);
    vec![
        Scheme {
            name: "minisign",
            primitive: "ed25519",
            target: "",
            policy: folder("", &format!("type = \"minisign\"\nkey = \"{}\"", minisign_public(&key))),
            sign: Box::new(move |name, bytes| {
                (".minisig", minisign(&mini, Minisign::Prehashed, bytes, name).into_bytes())
            }),
        },
        Scheme {
            name: "SSH signature, Ed25519",
            primitive: "ed25519",
            target: "",
            policy: folder("", "type = \"ssh\"\nkey = \"keys/ssh.pub\"\nnamespace = \"file\"")
                .file("keys/ssh.pub", ssh_public(&key)),
            sign: Box::new(move |_, bytes| (".sig", sshsig(&ssh, "file", "sha512", bytes).into_bytes())),
        },
        Scheme {
            name: "OpenPGP, Ed25519",
            primitive: "ed25519",
            target: "",
            policy: folder("", "type = \"openpgp\"\nkey = \"keys/signer.asc\"")
                .file("keys/signer.asc", Certificate::usual(&pgp, "ACME", openpgp::CERTIFY | openpgp::SIGN).armored()),
            sign: Box::new(move |_, bytes| {
                let draft = openpgp::Draft::new(openpgp::BINARY, 1_780_272_000);
                (".asc", openpgp::armored(&draft.by(&pgp, bytes)).into_bytes())
            }),
        },
        Scheme {
            name: "CMS, P-256, two certificates, two revocation lists",
            primitive: "ecdsap256",
            target: "",
            policy: folder("", identity)
                .file("trust/ca.pem", anchor)
                .file("trust/a.crl", list)
                .file("trust/b.crl", root_list),
            sign: Box::new(move |_, bytes| (".p7s", pki.signing(&holder).sign(bytes))),
        },
    ]
}

/// Release statements in bare envelopes, by one key.
fn statements() -> Scheme {
    let key = Key::ed25519("bench");
    let signer = key.clone();
    Scheme {
        name: "DSSE statement, Ed25519",
        primitive: "ed25519",
        target: "",
        policy: folder("", "key = \"keys/signer.pub\"").key("signer", &key),
        sign: Box::new(move |name, bytes| {
            let statement = Statement::release("pkg:generic/acme/app@1.0").subject(name, bytes);
            let envelope = dsse::envelope(dsse::IN_TOTO, &statement.bytes(), &[&signer]);
            (".intoto.jsonl", vidimus_testkit::encode::json(&envelope).into_bytes())
        }),
    }
}

/// Keyless bundles, each with a certificate of its own as Fulcio issues them, or all with the same.
fn keyless((v2, own): (bool, bool)) -> Scheme {
    let world = World::new("bench");
    let root = world.trusted_root();
    let instance = "\n[instance.bench]\ntrusted_root = \"trust/bench.json\"\nsha256 = \"{sha256:trust/bench.json}\"\n";
    let identity = "type = \"sigstore\"\ninstance = \"bench\"\nissuer = \"https://accounts.example.com\"\nsan = \"dev@bench.example\"";
    let who = Identity::email("dev@bench.example", "https://accounts.example.com");
    Scheme {
        name: match (v2, own) {
            (true, true) => "keyless bundle, Rekor v2 with timestamp",
            (false, true) => "keyless bundle, Rekor v1 with promise and proof",
            (true, false) => "the same, Rekor v2, all by one certificate",
            (false, false) => "the same, Rekor v1, all by one certificate",
        },
        primitive: "ecdsap256",
        target: if own && !v2 { "≤ 500 µs, linear to two threads" } else { "" },
        policy: folder(instance, identity).trust("bench", &root),
        sign: Box::new(move |name, bytes| {
            let mut signing = world.keyless(&who);
            if own {
                signing = signing.key(&Key::p256(&format!("bench {name}")));
            }
            let signing = if v2 { signing.v2() } else { signing };
            (".sigstore.json", signing.message(bytes).bytes())
        }),
    }
}

/// Verifications a second of each primitive, by openssl on one thread; empty where it is not installed.
fn openssl() -> BTreeMap<&'static str, f64> {
    // (our name, the row of the table, the column of verifications a second)
    const PRIMITIVES: &[(&str, &str)] = &[
        ("rsa2048", "rsa 2048 bits"),
        ("ecdsap256", "256 bits ecdsa"),
        ("ecdsap384", "384 bits ecdsa"),
        ("ed25519", "253 bits EdDSA"),
    ];
    let names = PRIMITIVES.iter().map(|(name, _)| *name);
    let output = Command::new("openssl").args(["speed", "-seconds", "1"]).args(names).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let last = |row: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(row))?;
        line.split_whitespace().next_back()?.parse().ok()
    };
    PRIMITIVES.iter().filter_map(|(name, row)| Some((*name, last(row)?))).collect()
}
