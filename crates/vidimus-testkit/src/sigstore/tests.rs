//! What is forged here is judged by the Sigstore library.

use sigstore_verify::trust_root::TrustedRoot;
use sigstore_verify::types::{Artifact, ArtifactDigest, Bundle as LibraryBundle, DerPublicKey, HashAlgorithm};
use sigstore_verify::{PublicKeyVerificationPolicy, VerificationPolicy, Verifier};

use super::*;
use crate::encode::{set, sha256_hex};
use crate::statement::{Provenance, Statement};

const FILE: &[u8] = b"the artifact";

fn world() -> World {
    World::new("forge")
}

fn build() -> Provenance {
    Provenance::github("example/widget", "refs/tags/v1.2.3")
}

fn statement() -> Statement {
    build().v1().subject("widget", FILE)
}

fn artifact() -> Artifact<'static> {
    Artifact::Digest(ArtifactDigest::new(HashAlgorithm::Sha2256, sha256(FILE).to_vec()).unwrap())
}

/// What the library says of a bundle under `root`.
fn verify(root: &Value, signing: &Signing<'_>, bundle: &Bundle) -> Result<Vec<i64>, String> {
    let root = TrustedRoot::from_json(&text(root)).unwrap();
    let verifier = Verifier::new(&root).unwrap();
    let parsed = LibraryBundle::from_json(&bundle.text()).map_err(|e| e.to_string())?;
    let subject = if bundle.json.get("messageSignature").is_some() { Artifact::Blob(FILE) } else { artifact() };
    let verified = if bundle.certificate().is_some() {
        let mut policy = VerificationPolicy::any_identity();
        if root.ctlogs.is_empty() {
            policy = policy.skip_sct();
        }
        if root.tlogs.is_empty() {
            policy = policy.skip_tlog_unsafe();
        }
        verifier.verify(subject, &parsed, &policy)
    } else {
        let policy = PublicKeyVerificationPolicy::new(DerPublicKey::new(signing.key.spki_der()));
        verifier.verify(subject, &parsed, &policy)
    };
    let verified = verified.map_err(|e| e.to_string())?;
    Ok(verified.verified_timestamps().iter().map(|t| t.as_second()).collect())
}

fn honest(world: &World) -> Vec<(&'static str, Signing<'_>)> {
    world.honest(&Identity::github(&build()), &Key::p256("managed"))
}

#[test]
fn honest_bundles_verify() {
    let world = world();
    for (name, signing) in honest(&world) {
        for bundle in [signing.message(FILE), signing.statement(&statement())] {
            let times = verify(&world.trusted_root(), &signing, &bundle).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(!times.is_empty() && times.iter().all(|t| *t == AT), "{name}: {times:?}");
        }
    }
}

/// What the library calls it. Words of an error are not an interface, but the version is pinned, and nothing else shows that
/// a bundle was refused for what is wrong with it.
const fn cause(tamper: Tamper) -> &'static [&'static str] {
    match tamper {
        Tamper::MissingSct => &["certificate is missing SCT extension"],
        Tamper::ForgedSct => &["SCT signature verification failed: Verification error: ECDSA"],
        Tamper::ForeignSct => &["SCT signature verification failed: Verification error: key not found"],
        Tamper::ForeignAuthority => &["UnknownIssuer"],
        Tamper::OtherKey | Tamper::OtherContent => &["invalid signature: "],
        Tamper::ForeignLog => &["No matching Rekor key found for checkpoint", "No log key valid at integrated time"],
        Tamper::OtherEntry => &["DSSE payload hash mismatch", "artifact hash mismatch for hashedrekord entry"],
        Tamper::WrongProof => &["inclusion proof verification failed: root hash mismatch"],
        Tamper::ForgedCheckpoint => &["No valid Rekor signature found on checkpoint"],
        // Rekor v2 has the root in the checkpoint alone, so there it is the proof that does not fit.
        Tamper::OtherCheckpoint => &["root hash does not match checkpoint root hash", "invalid inclusion proof"],
        Tamper::ForgedPromise => &["SET verification failed: Verification error: ECDSA"],
        Tamper::ForeignTimestamp => &["CMS signer does not match any trusted TSA certificate"],
        Tamper::OtherTimestamp => &["Timestamp message hash mismatch"],
    }
}

#[test]
fn every_tampering_is_refused() {
    let world = world();
    let mut refused = Vec::new();
    for (name, signing) in honest(&world) {
        for tamper in Tamper::ALL.into_iter().filter(|tamper| signing.can(*tamper)) {
            let signing = signing.clone().tamper(tamper);
            for bundle in [signing.message(FILE), signing.statement(&statement())] {
                let error = verify(&world.trusted_root(), &signing, &bundle).expect_err(name);
                let found = cause(tamper).iter().any(|cause| error.contains(cause));
                assert!(found, "{name} with {tamper:?}: {error}");
                refused.push(tamper);
            }
        }
    }
    assert!(Tamper::ALL.iter().all(|tamper| refused.contains(tamper)));
}

#[test]
fn times_are_held_against_certificates_and_roots() {
    let world = world();
    let keyless = world.keyless(&Identity::github(&build()));
    let mut ended = world.trusted_root();
    set(&mut ended, "/tlogs/0/publicKey/validFor/end", rfc3339(AT - 1).into());
    let mut ended_authority = world.trusted_root();
    set(&mut ended_authority, "/certificateAuthorities/0/validFor/end", rfc3339(AT - 1).into());
    let mut ended_tsa = world.trusted_root();
    set(&mut ended_tsa, "/timestampAuthorities/0/validFor/end", rfc3339(AT - 1).into());
    let root = world.trusted_root();
    for (root, signing, cause) in [
        (&root, keyless.clone().window(700, -100), "CertExpired"),
        (&root, keyless.clone().window(-100, 700), "CertNotValidYet"),
        (&root, keyless.clone().integrated_at(AT + 596), "CertExpired"),
        (&root, keyless.clone().integrated_at(AT - 6), "CertNotValidYet"),
        (&root, keyless.clone().v2().stamped_at(AT + 596), "CertExpired"),
        (&root, keyless.clone().promise(false), "No verified timestamp found"),
        (&root, keyless.clone().v2().timestamp(false), "requires RFC3161 timestamp"),
        (&root, keyless.clone().proof(false), "inclusion proof"),
        (&root, keyless.clone().version(1).promise(false).timestamp(true), "inclusion promise"),
        (&ended, keyless.clone(), "No log key valid at integrated time"),
        (&ended_authority, keyless.clone(), "authority"),
        (&ended_tsa, keyless.clone().v2(), "outside"),
        (&world.foreign().trusted_root(), keyless, "No log key valid"),
    ] {
        let error = verify(root, &signing, &signing.message(FILE)).expect_err(cause);
        assert!(error.contains(cause), "{cause}: {error}");
    }
}

#[test]
fn private_instances_have_time_stamping_alone() {
    let world = world();
    let signing = world.keyless(&Identity::github(&build())).private();
    for bundle in [signing.message(FILE), signing.statement(&statement())] {
        assert_eq!(verify(&world.private_trusted_root(), &signing, &bundle), Ok(vec![AT]));
        verify(&world.trusted_root(), &signing, &bundle).expect_err("a public instance asks for a log entry");
    }
}

#[test]
fn keys_kinds_and_identities() {
    let world = world();
    let root = world.trusted_root();
    let statement = statement();
    let email = Identity::email("dev@example.com", "https://accounts.example.com");
    let other = Identity::other("dev!example.com", "https://accounts.example.com");
    for signing in [
        world.keyless(&email),
        world.keyless(&other),
        world.keyless(&email).kind(Kind::Intoto),
        world.keyless(&email).key(&Key::p384("leaf")),
        world.keyless(&email).key(&Key::ed25519("leaf")),
        world.keyless(&email).key(&Key::rsa("leaf", 2048)),
        world.managed(&Key::p384("managed")),
        world.managed(&Key::ed25519("managed")),
        world.managed(&Key::rsa("managed", 2048)),
        world.managed(&Key::p256("managed")).kind(Kind::Intoto),
    ] {
        let verified = verify(&root, &signing, &signing.statement(&statement));
        assert_eq!(verified, Ok(vec![AT]), "{:?} {:?}", signing.key, signing.kind);
    }
    let unknown = world.managed(&Key::p256("managed")).v2().kind(Kind::Dsse);
    let error = verify(&root, &unknown, &unknown.statement(&statement)).unwrap_err();
    assert!(error.contains("unsupported Rekor entry format: dsse/0.0.2"), "{error}");
}

#[test]
fn certificates_say_who() {
    let world = world();
    let leaf = |identity: &Identity| {
        let bundle = LibraryBundle::from_json(&world.keyless(identity).message(FILE).text()).unwrap();
        sigstore_verify::crypto::parse_certificate_info(bundle.signing_certificate().unwrap()).unwrap()
    };
    let github = leaf(&Identity::github(&build()));
    let claims = &github.ci_claims;
    let workflow = "https://github.com/example/widget/.github/workflows/release.yml@refs/tags/v1.2.3";
    for (found, expected) in [
        (github.identity.as_ref().map(|san| san.as_str()), workflow),
        (github.issuer.as_deref(), GITHUB_ACTIONS),
        (claims.build_signer_uri.as_deref(), workflow),
        (claims.build_signer_digest.as_deref(), &build().commit),
        (claims.runner_environment.as_deref(), "github-hosted"),
        (claims.source_repository_uri.as_deref(), "https://github.com/example/widget"),
        (claims.source_repository_digest.as_deref(), &build().commit),
        (claims.source_repository_ref.as_deref(), "refs/tags/v1.2.3"),
        (claims.source_repository_owner_uri.as_deref(), "https://github.com/example"),
        (claims.build_config_uri.as_deref(), workflow),
        (claims.build_trigger.as_deref(), "push"),
        (claims.source_repository_visibility_at_signing.as_deref(), "public"),
        (claims.deprecated_github.workflow_repository.as_deref(), "example/widget"),
        (claims.deprecated_github.workflow_ref.as_deref(), "refs/tags/v1.2.3"),
    ] {
        assert_eq!(found, Some(expected));
    }
    let person = leaf(&Identity::email("dev@example.com", "https://accounts.example.com"));
    assert_eq!(person.identity.unwrap().as_str(), "dev@example.com");
    assert_eq!(person.issuer.unwrap(), "https://accounts.example.com");
    assert!(person.ci_claims.is_empty());
    let unclaimed = leaf(&Identity::github(&build()).claim(12, "").claim(11, "self-hosted"));
    assert_eq!(unclaimed.ci_claims.source_repository_uri, None);
    assert_eq!(unclaimed.ci_claims.runner_environment.as_deref(), Some("self-hosted"));
}

#[test]
fn bundles_can_be_changed_afterwards() {
    let world = world();
    let root = world.trusted_root();
    let signing = world.keyless(&Identity::github(&build())).timestamp(true);
    let (good, other) = (signing.message(FILE), signing.clone().at(AT + 1).message(b"other"));
    for (bundle, cause) in [
        (good.clone().with_entries_of(&other), "artifact hash mismatch"),
        (good.clone().with_timestamps_of(&other), "Timestamp message hash mismatch"),
        (good.clone().flipped("/messageSignature/messageDigest/digest"), "message digest in bundle does not match"),
        (
            good.clone().with("/verificationMaterial/tlogEntries/0/integratedTime", (AT + 1).to_string()),
            "SET verification",
        ),
        (good.clone().with("/verificationMaterial/tlogEntries/0/logIndex", "1"), "SET verification"),
    ] {
        let error = verify(&root, &signing, &bundle).expect_err(cause);
        assert!(error.contains(cause), "{cause}: {error}");
    }
    verify(&root, &signing, &good).unwrap();
}

#[test]
fn bytes_are_pinned() {
    let world = world();
    let keyless = world.keyless(&Identity::github(&build()));
    for (document, digest) in [
        (world.trusted_root_json(), "ce9c18eacb9830a5c59152627cecaf72804e9f17245f17ad1146bb20a9b06ba3"),
        (keyless.statement(&statement()).text(), "2ca96864c46c38d841740b77d7d7ed86246bd85c2766cbc76800ac54cb214724"),
        (keyless.clone().v2().message(FILE).text(), "74bc70566633171bc56b144392d428103b041a2b971e42572da7c5832e0b6023"),
        (
            world.managed(&Key::rsa("managed", 2048)).version(1).statement(&statement()).text(),
            "e1352230b40f52e16c14b782befc3eac0e9e0b34643ca56eb460f60345fdb468",
        ),
    ] {
        assert_eq!(sha256_hex(document.as_bytes()), digest);
    }
}
