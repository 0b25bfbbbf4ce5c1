//! Provenance must agree with what the certificate authority saw (DESIGN ruling 6; Fulcio `docs/oid-info.md`).
//!
//! A certificate issued to a build carries claims that the build could not choose. Where such a claim exists and the predicate
//! says something else, the predicate is not believed.

use crate::authenticate::certificate::Claims;
use crate::decode::{Provenance, Source};
use crate::reason::Reason;

crate::reasons! {
    MISMATCH = "provenance.certificate-mismatch", Unproven, Signer, ["certificate", "field", "predicate"],
        says "the certificate says {field} is {certificate}, the provenance says {predicate}",
        why "The certificate authority wrote down what it saw of the build; provenance that tells another story was not made by that build (DESIGN ruling 6).",
        fix "Use the provenance generator of the build platform itself; do not edit or hand-write provenance.";
}

/// Prefix of `builder.id` for jobs that run directly on GitHub's runners; the rest is the runner environment.
const GITHUB_RUNNER: &str = "https://github.com/actions/runner/";

/// Every claim that the predicate contradicts.
pub(crate) fn disagreements(claims: &Claims, provenance: &Provenance) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = builder(claims, provenance).into_iter().collect();
    let mut compare = |field, claim: Option<&str>, said: Option<&str>| {
        if let (Some(claim), Some(said)) = (claim, said)
            && claim != said
        {
            reasons.push(mismatch(field, claim, said));
        }
    };
    compare("build trigger", claims.build_trigger.as_deref(), provenance.trigger.as_deref());
    let repository = claims.source_repository_uri.as_deref();
    for source in &provenance.sources {
        compare("source repository", repository, Some(super::repository_of(&source.repository)));
        if repository.is_none_or(|uri| super::repository_of(&source.repository) == uri) {
            let Source { reference, commit, .. } = source;
            compare("source ref", claims.source_repository_ref.as_deref(), reference.as_deref());
            compare("source commit", claims.source_repository_digest.as_deref(), commit.as_deref());
        }
    }
    reasons
}

/// The builder that the predicate names must be the one that the certificate was issued to. A certificate without a build
/// signer was not issued to a build; then the policy's (signer, builder) pair alone decides.
fn builder(claims: &Claims, provenance: &Provenance) -> Option<Reason> {
    let signer = claims.build_signer_uri.as_deref()?;
    let said = provenance.builder_id.as_str();
    if let Some(environment) = said.strip_prefix(GITHUB_RUNNER) {
        let seen = claims.runner_environment.as_deref().unwrap_or("not stated");
        return (seen != environment).then(|| mismatch("runner environment", seen, environment));
    }
    let gitlab = |repository: &str| {
        said.strip_prefix(repository)
            .and_then(|rest| rest.strip_prefix("/-/runners/"))
            .is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
    };
    let same = said == signer || claims.source_repository_uri.as_deref().is_some_and(gitlab);
    (!same).then(|| mismatch("build signer", signer, said))
}

fn mismatch(field: &'static str, certificate: &str, predicate: &str) -> Reason {
    Reason::new(&MISMATCH).name("field", field).evidence("certificate", certificate).evidence("predicate", predicate)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;
    use serde_json::Value as Json;

    fn claims() -> Claims {
        Claims {
            build_signer_uri: Some("https://github.com/o/r/.github/workflows/w.yml@refs/heads/main".into()),
            runner_environment: Some("github-hosted".into()),
            source_repository_uri: Some("https://github.com/o/r".into()),
            source_repository_digest: Some("c0ffee".into()),
            source_repository_ref: Some("refs/heads/main".into()),
            build_trigger: Some("push".into()),
        }
    }

    fn provenance(builder: &str, change: impl Fn(&mut Provenance)) -> Provenance {
        let mut provenance = Provenance {
            builder_id: builder.into(),
            build_type: "t".into(),
            external_parameters: Json::Null,
            sources: vec![Source {
                repository: "git+https://github.com/o/r".into(),
                reference: Some("refs/heads/main".into()),
                commit: Some("c0ffee".into()),
            }],
            others: Vec::new(),
            inputs: Vec::new(),
            invocation: None,
            trigger: Some("push".into()),
        };
        change(&mut provenance);
        provenance
    }

    #[test]
    fn the_predicate_must_tell_the_certificates_story() {
        let hosted = "https://github.com/actions/runner/github-hosted";
        let own = "https://github.com/o/r/.github/workflows/w.yml@refs/heads/main";
        let same: fn(&mut Provenance) = |_| {};
        for (builder, change, fields) in [
            (hosted, same, &[][..]),
            (own, same, &[]),
            ("https://github.com/o/r/-/runners/12", same, &[]),
            ("https://github.com/actions/runner/self-hosted", same, &["runner environment"]),
            ("https://github.com/o/r/.github/workflows/other.yml@refs/heads/main", same, &["build signer"]),
            ("https://builder.example/v1", same, &["build signer"]),
            (hosted, |p| p.trigger = Some("pull_request".into()), &["build trigger"]),
            (hosted, |p| p.sources[0].repository = "https://github.com/evil/r".into(), &["source repository"]),
            (hosted, |p| p.sources[0].reference = Some("refs/heads/evil".into()), &["source ref"]),
            (hosted, |p| p.sources[0].commit = Some("bad".into()), &["source commit"]),
        ] {
            let found: Vec<String> = disagreements(&claims(), &provenance(builder, change))
                .iter()
                .map(|r| r.args()["field"].to_string())
                .collect();
            assert_eq!(found, fields, "{builder}");
        }
        assert!(disagreements(&Claims::default(), &provenance("https://builder.example/v1", same)).is_empty());
    }
}
