//! What vidimus says about one case, decided by the code that decides for `vidimus verify`.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::case::Case;
use super::policy::{Ask, Identity};
use super::suites::How;
use super::{judge, keys, layouts, parts, purl, vex, wycheproof};
use crate::Result;

/// Our answer to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Pass.
    Pass,
    /// Fail, for these codes, sorted.
    Fail(Vec<String>),
    /// Fail, where the origin's reasons are not ours to compare: a signature or a name is right or wrong.
    Wrong,
    /// Not decided by this stage, because.
    NotRun(&'static str),
    /// A panic. Never right.
    Crash,
}

/// Decides a case.
pub(super) fn decide(case: &Case, how: How) -> Result<Decision> {
    let decided = catch_unwind(AssertUnwindSafe(|| match how {
        How::Judge => judge::judge(case),
        How::TrustRoot => loads(&trust_root(case)?),
        How::PublicKey => loads(&public_key(case)?),
        How::Statement => judge::statement(case),
        How::Layout => layouts::layout(case),
        How::Link => layouts::link(case),
        How::Purl => purl::decide(case),
        How::OpenVex => vex::decide(case, "openvex"),
        How::Csaf => vex::decide(case, "csaf"),
        How::Wycheproof => wycheproof::decide(case),
        How::Proof => parts::proof(case),
        How::Checkpoint => parts::checkpoint(case),
        How::Token => parts::token(case),
        How::Certificate => parts::certificate(case),
        How::Sbom => parts::sbom(case),
        How::SbomMinimum => parts::minimum(case),
        How::NotRun(why) => Ok(Decision::NotRun(why)),
    }));
    decided.unwrap_or(Ok(Decision::Crash))
}

/// Pass without codes, fail with them.
pub(super) fn of_codes(codes: BTreeSet<String>) -> Decision {
    if codes.is_empty() { Decision::Pass } else { Decision::Fail(codes.into_iter().collect()) }
}

fn loads(ask: &Ask) -> Result<Decision> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    Ok(match ask.load(folder.path())? {
        Ok(_) => Decision::Pass,
        Err(codes) => of_codes(codes.into_iter().collect()),
    })
}

/// A policy that pins the root. Who is believed under it is of no matter here.
fn trust_root(case: &Case) -> Result<Ask> {
    let root = std::fs::read(case.object()?).map_err(|error| error.to_string())?;
    Ok(Ask { root: Some(root), identities: vec![Identity::nobody()], ..Ask::default() })
}

fn public_key(case: &Case) -> Result<Ask> {
    let pem = std::fs::read(case.object()?).map_err(|error| error.to_string())?;
    let algorithm = keys::algorithm(case, &pem);
    Ok(Ask { identities: vec![Identity::Key { pem, algorithm }], ..Ask::default() })
}
