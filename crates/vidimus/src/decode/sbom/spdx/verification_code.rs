//! The package verification code: SHA-1 over the sorted SHA-1 values of a package's files, written one after the other
//! (SPDX 2.3 clause 7.9; the separators in the clause's text are taken out again before hashing).

use std::collections::BTreeSet;

use super::check::{CODE, CODE_FORBIDDEN};
use super::v2::{objects, text, texts};
use crate::decode::json::tree::{Json, Map};
use crate::decode::sbom::violations::Violations;
use crate::reason::Reason;
use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};

crate::reasons! {
    OTHER_FORM = "spdx.verification-code-form", Unproven, Vendor, ["place"],
        says "{place}: the package verification code was calculated over values in capitals, or with a line end after each",
        why "The clause's text can be read so, and known generators do. The code is a digest of the same values in every form, so it counts.",
        fix "Calculate the code over the values in lower case without anything between them.";
}

/// Holds a package's code against the files that are listed in it. Where no file is listed there is nothing to hold it against.
pub(super) fn check(
    all: &[Option<Map<'_>>],
    package: Map<'_>,
    at: usize,
    files: Option<&BTreeSet<usize>>,
    found: &mut Violations,
    notes: &mut Vec<Reason>,
) {
    let place = format!("/packages/{at}");
    let code = package.get("packageVerificationCode").and_then(Json::as_object);
    if package.get("filesAnalyzed").and_then(Json::as_bool) == Some(false) {
        if code.is_some() || files.is_some() {
            found.add(&CODE_FORBIDDEN, &place, |reason| reason);
        }
        return;
    }
    let Some(code) = code else { return };
    let stated = text(code, "packageVerificationCodeValue");
    let excluded: BTreeSet<&str> =
        texts(code, "packageVerificationCodeExcludedFiles").map(|(_, name)| bare(name)).collect();
    let listed = files.into_iter().flatten().filter_map(|file| *all.get(*file)?);
    let included: Vec<_> = listed.filter(|file| !excluded.contains(bare(text(*file, "fileName")))).collect();
    if included.is_empty() {
        return;
    }
    let sums: Option<Vec<String>> = included.into_iter().map(sha1).collect();
    // A file without SHA-1 takes the code's ground away; that it has none is a violation of its own.
    let Some(mut sums) = sums else { return };
    sums.sort_unstable();
    let forms = FORMS.map(|form| of(&sums, form));
    let [expected, ..] = &forms;
    let form = forms.iter().position(|code| stated.eq_ignore_ascii_case(code));
    if form.is_some_and(|form| form > 0) {
        notes.push(Reason::new(&OTHER_FORM).name("place", found.place(&place)));
    }
    if form.is_none() {
        found.add(&CODE, &format!("{place}/packageVerificationCode"), |reason| {
            reason.evidence("found", stated).name("expected", expected)
        });
    }
}

/// How values are written one after the other: in capitals or not, and with what after each. The first is the clause's.
const FORMS: [(bool, &str); 4] = [(false, ""), (false, "\n"), (true, ""), (true, "\n")];

/// The code of files with these sorted SHA-1 values in lower-case hex.
fn of(sums: &[String], (capitals, end): (bool, &str)) -> String {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    for sum in sums {
        if capitals {
            context.update(sum.to_ascii_uppercase().as_bytes());
        } else {
            context.update(sum.as_bytes());
        }
        context.update(end.as_bytes());
    }
    hex::encode(context.finish())
}

fn sha1(file: Map<'_>) -> Option<String> {
    let sum = objects(file, "checksums").find(|(_, sum)| text(*sum, "algorithm") == "SHA1")?;
    Some(text(sum.1, "checksumValue").to_ascii_lowercase())
}

/// `./a` and `a` are the same file of a package.
fn bare(name: &str) -> &str {
    name.strip_prefix("./").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calculated with `sort | tr -d '\n' | sha1sum`, without `tr`, and with `tr a-f A-F`.
    #[test]
    fn the_code_of_two_files() {
        let sums = ["356a192b7913b04c54574d18c28d46e6395428ab", "b6589fc6ab0dc82cf12099d1c2d40ab994e8410c"];
        let sums = sums.map(ToOwned::to_owned);
        let codes = FORMS.map(|form| of(&sums, form));
        let [plain, lines, capitals, _] = &codes;
        assert_eq!(plain, "fdf7f649babcc834f60b9aa4f0657c2ef94fd31f");
        assert_eq!(lines, "ed6d6022c237db570e1b10227dd44aa2babe7c18");
        assert_eq!(capitals, "58fbf2a8c39d8650c940e19e446c3e35fbfef9a2");
    }
}
