//! A verdict as a list of what is left to do before shipping, with the commands that do it. Nothing is decided here: the verdict
//! is that of `vidimus verify`.

use std::collections::{BTreeMap, BTreeSet};

use vidimus::Verdict;
use vidimus::conclude::{Argument, Coded, Unmet};
use vidimus::policy::{Check, IdentityKind, PartyRef, Policy, ProvenanceCheck, RepositoryMatch};
use vidimus::reason::{self, Accountable};
use vidimus::render::escape;
use vidimus::value::Value;

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The rule that asks for it.
    pub rule: String,
    /// Its title, if it has one.
    pub title: Option<String>,
    /// Who must act.
    pub accountable: Accountable,
    /// Is something shown to be wrong, not only missing?
    pub refuted: bool,
    /// Paths of the files that it is about, sorted; none for the delivery as a whole.
    pub files: Vec<String>,
    /// Code and sentence of each reason.
    pub reasons: Vec<(String, String)>,
    /// Whose signature would count, where one is missing.
    pub signers: Vec<String>,
    /// What to run; empty where no command of the vendor helps.
    pub commands: Vec<String>,
    /// What to do in words, where there is no command.
    pub fixes: Vec<String>,
}

/// The names that commands are shown with.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The private key.
    pub key: &'a str,
    /// The product that is asked for.
    pub product: &'a str,
}

/// What requirements of one task share: the rule's place and name, and the reasons with their arguments.
type Shared<'a> = (usize, &'a str, Vec<(&'a str, &'a BTreeMap<String, Argument>)>);

/// What is left to do, in the order of the policy's rules; the same reasons about several files are one task.
#[must_use]
pub fn tasks(verdict: &Verdict, policy: &Policy, names: Names<'_>) -> Vec<Task> {
    let mut groups: BTreeMap<Shared<'_>, Vec<&Unmet>> = BTreeMap::new();
    for unmet in &verdict.core().unmet {
        let position = policy.rules.iter().position(|rule| rule.id == unmet.rule).unwrap_or(usize::MAX);
        let reasons = unmet.reasons.iter().map(|reason| (reason.code.as_str(), &reason.args)).collect();
        groups.entry((position, &unmet.rule, reasons)).or_default().push(unmet);
    }
    groups.into_values().filter_map(|group| task(verdict, policy, names, &group)).collect()
}

fn task(verdict: &Verdict, policy: &Policy, names: Names<'_>, group: &[&Unmet]) -> Option<Task> {
    let first = group.first()?;
    let rule = policy.rules.iter().find(|rule| rule.id == first.rule);
    let files: BTreeSet<String> = group.iter().flat_map(|unmet| unmet.path.iter().cloned()).collect();
    let check = rule.map(|rule| &rule.check);
    let known = known_signers(verdict, &files);
    let (mut commands, mut fixes, mut signers) = (Vec::new(), Vec::new(), BTreeSet::new());
    for reason in &first.reasons {
        let help = help(reason, check, names, &files, known);
        if let Help::Missing(_) = &help
            && let Some(check) = check
        {
            signers.extend(who(policy, check));
        }
        match help {
            Help::Run(list) | Help::Missing(list) if !list.is_empty() => commands.extend(list),
            _ => fixes.extend(reason::by_code(&reason.code).map(|info| info.fix.to_owned())),
        }
    }
    commands.dedup();
    fixes.dedup();
    Some(Task {
        rule: first.rule.clone(),
        title: rule.and_then(|rule| rule.title.clone()),
        accountable: first.accountable,
        refuted: group.iter().any(|unmet| unmet.result == Value::Refuted),
        files: files.into_iter().collect(),
        reasons: first.reasons.iter().map(|reason| (reason.code.clone(), sentence(reason))).collect(),
        signers: signers.into_iter().collect(),
        commands,
        fixes,
    })
}

/// Was evidence about one of these files rejected because nobody knows its key? Then the operator must add it, or the vendor sign
/// with another.
fn known_signers(verdict: &Verdict, files: &BTreeSet<String>) -> bool {
    let about = |evidence: &str| {
        let claimed = verdict.details().claimed_about.get(evidence);
        files.is_empty() || claimed.is_some_and(|paths| paths.iter().any(|path| files.contains(path)))
    };
    let strangers = ["signature.unknown-key", "identity.unknown", "grant.none"];
    !verdict.core().rejected.iter().any(|item| strangers.contains(&item.code.as_str()) && about(&item.evidence))
}

/// The reason in words.
fn sentence(reason: &Coded) -> String {
    let Some(info) = reason::by_code(&reason.code) else { return reason.code.clone() };
    reason::sentence(info, |name| {
        Some(match reason.args.get(name)? {
            Argument::Int(n) => n.to_string(),
            Argument::Text(text) => escape(text),
            Argument::List(list) => list.iter().map(|text| escape(text)).collect::<Vec<_>>().join(", "),
        })
    })
}

enum Help {
    /// Commands that make it right.
    Run(Vec<String>),
    /// Commands that make what is missing.
    Missing(Vec<String>),
    /// None.
    Words,
}

fn help(reason: &Coded, check: Option<&Check>, names: Names<'_>, files: &BTreeSet<String>, known: bool) -> Help {
    let again = || vec![pack(names, "")];
    let area = reason.code.split('.').next().unwrap_or_default();
    match (reason.code.as_str(), area) {
        // Signed, by a key that the operator does not know: another signature by the same key would not help.
        ("evidence.missing", _) if !known => Help::Missing(vec![
            "vidimus inspect YOUR.pub    # send the operator this key, and have it added to the policy".to_owned(),
        ]),
        ("evidence.missing", _) => Help::Missing(check.map(|check| make(check, names, files)).unwrap_or_default()),
        ("binding.uncovered" | "binding.no-statement", _) => Help::Missing(again()),
        ("binding.absent" | "binding.digest-mismatch" | "binding.conflict", _) => Help::Run(again()),
        ("release.equivocation" | "release.rollback", _) => {
            Help::Run(vec![pack(names, " --previous evidence/delivery.sigstore.json")])
        }
        ("binding.other-request", _) => Help::Run(again()),
        (code, "time") if code != "time.too-old" => Help::Run(timestamp()),
        ("provenance.source" | "provenance.level" | "provenance.builder", _) | (_, "parameter") => {
            Help::Run(check.map(|check| make(check, names, files)).unwrap_or_default())
        }
        (_, "sbom" | "spdx") => {
            Help::Run(vec!["vidimus sbom check SBOM    # then produce it again and pack".to_owned()])
        }
        _ => Help::Words,
    }
}

fn pack(names: Names<'_>, more: &str) -> String {
    let product = quoted(names.product);
    format!(
        "vidimus pack FILES --evidence EVIDENCE --product {product} --sequence N{more} --key {} --out DELIVERY",
        quoted(names.key)
    )
}

fn timestamp() -> Vec<String> {
    vec![
        "vidimus timestamp request evidence/delivery.sigstore.json --out request.tsq".to_owned(),
        "vidimus timestamp attach evidence/delivery.sigstore.json --tsa-response response.tsr --anchor TSA.pem --out stamped.sigstore.json"
            .to_owned(),
    ]
}

/// The commands that make the evidence that a check asks for.
fn make(check: &Check, names: Names<'_>, files: &BTreeSet<String>) -> Vec<String> {
    let subjects: Vec<String> = files.iter().take(3).map(|path| format!("--subject {}", quoted(path))).collect();
    let subjects = if files.is_empty() || files.len() > 3 { "--subject FILES".to_owned() } else { subjects.join(" ") };
    let key = quoted(names.key);
    let attest = |what: &str| {
        format!(
            "vidimus attest {what} {subjects} --key {key} --out EVIDENCE/{}.sigstore.json",
            what.split(' ').next().unwrap_or("statement")
        )
    };
    let mut commands = match check {
        Check::Provenance(check) => vec![attest(&provenance(check))],
        Check::Sbom(_) => vec![attest("sbom SBOM")],
        Check::Vsa(_) => vec![attest("vsa --predicate VSA.toml")],
        Check::Release(check) if check.accept.is_empty() || check.file => files
            .iter()
            .map(|path| {
                format!("vidimus sign {} --key {key} --out EVIDENCE/{}.sigstore.json", quoted(path), quoted(last(path)))
            })
            .collect(),
        Check::Release(check) => check.accept.iter().map(|kind| attest(&accepted(kind, names))).take(1).collect(),
        Check::Inventory(_) => Vec::new(),
        Check::TrustedTime(_) => return timestamp(),
        // Publishing in a log needs a network, which this program never uses.
        Check::Transparency(_) => return Vec::new(),
        Check::AnyOf(branches) => return branches.first().map(|branch| make(branch, names, files)).unwrap_or_default(),
        #[allow(unreachable_patterns, reason = "checks are added while nobody looks here")]
        _ => return Vec::new(),
    };
    commands.push(pack(names, ""));
    commands
}

fn accepted(kind: &str, names: Names<'_>) -> String {
    match kind {
        "release" => format!("release --product {}", quoted(names.product)),
        "delivery" => "delivery --predicate DELIVERY.toml".to_owned(),
        "provenance" => "provenance --ci auto".to_owned(),
        "sbom" => "sbom SBOM".to_owned(),
        "vsa" | "test-result" | "vulns" | "origin" | "certification" => format!("{kind} --predicate {kind}.toml"),
        other => format!("custom --type {} --predicate PREDICATE.json", quoted(other)),
    }
}

fn provenance(check: &ProvenanceCheck) -> String {
    let source = match &check.repository {
        Some(RepositoryMatch::Exact(repository)) => {
            format!(" --source {} --commit COMMIT", quoted(&format!("git+{repository}")))
        }
        Some(RepositoryMatch::Prefix(prefix)) => {
            format!(" --source {} --commit COMMIT", quoted(&format!("git+{prefix}REPOSITORY")))
        }
        None => String::new(),
    };
    format!("provenance --builder BUILDER --build-type TYPE{source}")
}

/// Whose word the policy takes for what a check asks.
fn who(policy: &Policy, check: &Check) -> BTreeSet<String> {
    let (types, file, by): (BTreeSet<&str>, bool, &[PartyRef]) = match check {
        Check::Provenance(check) => (of_alias(policy, "provenance"), false, &check.by),
        Check::Sbom(check) => (of_alias(policy, "sbom"), false, &check.by),
        Check::Vsa(check) => (check.predicate_types.iter().map(String::as_str).collect(), false, &check.by),
        Check::Release(check) => (check.predicate_types.iter().map(String::as_str).collect(), check.file, &check.by),
        _ => return BTreeSet::new(),
    };
    let grants = policy
        .grants
        .iter()
        .filter(|grant| grant.predicate_types.iter().any(|kind| types.contains(kind.as_str())) || file && grant.file);
    let identities = grants.flat_map(|grant| grant.identities.iter());
    let identities = identities.filter_map(|id| policy.identities.iter().find(|identity| identity.id == *id));
    let told = identities.filter_map(|identity| {
        let party = policy.parties.get(&identity.party)?;
        let counts = by.is_empty() || by.iter().any(|by| by.is(party));
        let key = match &identity.kind {
            IdentityKind::Key { key, .. } => format!(", key {}", key.spki_sha256()),
            _ => String::new(),
        };
        counts.then(|| escape(&format!("{} of {}{key}", identity.id, party.name)))
    });
    told.collect()
}

fn of_alias<'a>(policy: &'a Policy, alias: &str) -> BTreeSet<&'a str> {
    policy.predicates.get(alias).into_iter().flatten().map(String::as_str).collect()
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A word for a shell: nothing in it does anything there.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", escape(text).replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_a_shell() {
        for (text, shown) in [
            ("build/app-1.0", "build/app-1.0"),
            ("pkg:generic/acme/app@1.0", "pkg:generic/acme/app@1.0"),
            ("a b", "'a b'"),
            ("$(rm -r .)", "'$(rm -r .)'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(text), shown);
        }
    }
}
