//! Which of our reasons an origin's words allow.
//!
//! An expected fail agrees only when we fail for the origin's reason. The origin says it in words or with an error name; the
//! first row of [`ROWS`] whose phrases all stand in them says which codes are that reason. A family is an area (`log.`) or a
//! whole code. Refusals by `parse.` count only where the origin speaks of a malformed document.

/// Codes that follow from any rejected evidence; they say nothing about the cause and are no reason of their own, unless a row
/// names them.
const CONSEQUENCES: &[&str] = &["evidence.missing", "binding.uncovered", "input.empty"];

/// Phrases that must all be there, and the families that they allow.
type Row = (&'static [&'static str], &'static [&'static str]);

const BINDING: &[&str] = &["binding.", "evidence.missing"];
const TIME: &[&str] = &["time."];
const PARAMETER: &[&str] =
    &["provenance.param", "provenance.param-missing", "provenance.unknown-param", "provenance.certificate-mismatch"];

const ROWS: &[Row] = &[
    // Trusted roots and keys: the operator's own files, refused when the policy is loaded.
    (&["missing its required start"], &["policy."]),
    (&["unsupported mediatype"], &["policy."]),
    (&["certificate chain is empty"], &["policy."]),
    (&["not a key"], &["policy."]),
    (&["errorinvalidpublickey"], &["policy."]),
    (&["incorrect or unreadable key"], &["policy.", "signature.unknown-key"]),
    // Layouts and links.
    (&["layout expired"], &["layout.expired"]),
    (&["signed by the other functionary"], &["layout.functionary"]),
    (&["layout has no signature"], &["signature.count"]),
    // SBOM documents.
    (&["must not validate against the schema"], &["sbom.", "parse."]),
    (&["file name:", "-invalid-"], &["sbom.", "parse."]),
    (&["json syntax error"], &["parse."]),
    (&["document is invalid"], &["sbom.", "spdx."]),
    (&["not utf-8"], &["parse.encoding"]),
    (&["missing required"], &["sbom.missing-member"]),
    (&["missing author name"], &["NTIA-06", "sbom.", "spdx."]),
    (&["missing component name"], &["NTIA-02", "sbom.missing-member", "spdx."]),
    (&["missing component version"], &["NTIA-03", "spdx."]),
    (&["missing supplier name"], &["NTIA-01", "spdx."]),
    (&["missing dependency relationships"], &["NTIA-05", "NTIA-09", "spdx."]),
    (&["missing concluded license"], &["FSCT-12", "spdx."]),
    (&["missing"], &["sbom.missing-member", "spdx."]),
    (&["does not validate"], &["sbom.", "spdx."]),
    // Malformed bundles and envelopes.
    (&["empty certificate chain"], &["parse."]),
    (&["invalid base64"], &["parse."]),
    (&["unsupported media type"], &["parse."]),
    (&["exactly one signature"], &["parse.", "signature.count"]),
    (&["exactly one log entry"], &["parse.", "log.no-proof"]),
    (&["payload of the attestation cannot be parsed"], &["parse."]),
    (&["too many signed timestamps"], &["parse.", "limit.", "time.timestamp"]),
    (&["errorinvaliddssepayload"], &["parse."]),
    (&["errorinvalidformat"], &["parse."]),
    (&["errorinvalidencoding"], &["parse."]),
    // The log. A checkpoint that cannot be read is a malformed document, too.
    (&["checkpoint has had"], &["log.", "parse."]),
    (&["identity of the checkpoint signature"], &["log.checkpoint"]),
    (&["checkpoint signature does not match"], &["log.checkpoint"]),
    (&["must contain inclusion proof"], &["log.no-proof", "parse."]),
    (&["does not contain an inclusion proof"], &["log.no-proof", "parse."]),
    (&["could not find an inclusion proof"], &["log.no-proof", "parse."]),
    (&["inclusion proof is removed"], &["log.no-proof", "parse."]),
    (&["inclusion proof", "not valid"], &["log.bad-proof", "log.checkpoint", "log.no-proof"]),
    (&["does not match the hashedrekord entry"], &["log.entry-mismatch"]),
    (&["does not match the signature recorded"], &["log.entry-mismatch"]),
    (&["dsse signature does not match"], &["log.entry-mismatch"]),
    (&["log entry does not match"], &["log.entry-mismatch"]),
    (&["inconsistent with", "log entry"], &["log.entry-mismatch"]),
    (&["used for hashedrekord is incorrect"], &["log.entry-mismatch"]),
    (&["hashedrekord is for a different entry"], &["log.entry-mismatch"]),
    (&["entry set was not valid"], &["log.promise"]),
    // Time.
    (&["time is not proven offline"], &["time.unproven"]),
    (&["not within signing certificate validity"], TIME),
    (&["signing time was after certificate expiry"], TIME),
    (&["there is _no_ tsa timestamp"], TIME),
    (&["expiry date that precedes"], TIME),
    (&["expired certificate chain"], TIME),
    (&["timestamp payload does **not** match"], TIME),
    (&["timestamp is over other bytes"], TIME),
    (&["untrusted tsa"], TIME),
    (&["no timestamp authorities"], TIME),
    (&["tsa time lies outside"], TIME),
    // Signatures.
    (&["signature in the dsse envelope is incorrect"], &["signature."]),
    (&["signature in this bundle is incorrect"], &["signature."]),
    (&["signature was not valid"], &["signature."]),
    (&["signed by another key"], &["signature.unknown-key"]),
    (&["signed by the other functionary"], &["signature.unknown-key"]),
    (&["errornovalidsignature"], &["signature.", "identity."]),
    (&["errorinvalidsignature"], &["signature.", "log."]),
    // Who signed.
    (&["othername san"], &["identity.unknown"]),
    (&["sans do not match"], &["identity.unknown"]),
    (&["signed by another pipeline"], &["identity.unknown"]),
    (&["signed by another circleci project"], &["identity.unknown"]),
    (&["id provided"], &["identity.unknown"]),
    (&["errormismatchbuilderid"], &["identity.unknown", "identity.pair"]),
    (&["errorinvalidbuilderid"], &["identity.unknown", "identity.pair"]),
    (&["erroruntrustedreusableworkflow"], &["identity.unknown", "identity.pair"]),
    // What it is about.
    (&["does not match any subject"], BINDING),
    (&["subject does not match distribution"], BINDING),
    (&["errormismatchhash"], BINDING),
    (&["errormismatchsource"], &["provenance.source", "provenance.source-missing", "provenance.certificate-mismatch"]),
    (&["errormismatchtag"], PARAMETER),
    (&["errormismatchversionedtag"], PARAMETER),
    (&["errormismatchbranch"], PARAMETER),
    (&["errormismatchworkflowinputs"], PARAMETER),
    (&["errormismatchpackagename"], BINDING),
    (&["errormismatchpackageversion"], BINDING),
    // General words, for origins that write their own.
    (&["malformed trust root"], &["policy."]),
    (&["trusted root", "malformed"], &["policy."]),
    (&["signed entry timestamp"], &["log.promise", "time.outside-certificate"]),
    (&["inclusion promise"], &["log.promise", "log.no-proof"]),
    (&["signed certificate timestamp"], &["log.sct"]),
    (&["certificate transparency"], &["log.sct"]),
    // Before "ct key", which stands in it.
    (&["incorrect key"], &["signature.unknown-key", "policy."]),
    (&["data does not match"], &["signature."]),
    (&["signature is over"], &["signature."]),
    (&["ct key"], &["log.sct"]),
    (&["wrong key"], &["signature.unknown-key", "signature.invalid"]),
    (&["other key"], &["signature.unknown-key", "signature.invalid"]),
    (&["identity"], &["identity.unknown"]),
    (&["issuer"], &["identity.unknown"]),
    (&["inclusion proof"], &["log."]),
    (&["checkpoint"], &["log."]),
    (&["log entry"], &["log."]),
    (&["tlog"], &["log."]),
    (&["timestamp"], TIME),
    (&["expired"], TIME),
    (&["validity"], TIME),
    (&["malformed"], &["parse."]),
    (&["cannot be parsed"], &["parse."]),
    (&["media type"], &["parse."]),
    (&["subject"], BINDING),
    (&["digest"], BINDING),
    (&["signature"], &["signature."]),
    (&["certificate"], &["identity.untrusted", "time.outside-certificate", "log.sct"]),
];

/// Why we failed, held against why the origin says it must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// For the origin's reason.
    Same,
    /// For another one.
    Other {
        /// What the origin's words allow.
        allowed: &'static [&'static str],
    },
    /// No row reads the origin's words.
    Unread,
}

/// Are `codes` the reason that `words` give?
pub(crate) fn hold(words: &str, codes: &[String]) -> Held {
    let words = words.to_lowercase();
    let Some((_, allowed)) = ROWS.iter().find(|(phrases, _)| phrases.iter().all(|phrase| words.contains(phrase)))
    else {
        return Held::Unread;
    };
    let is_allowed = |code: &String| {
        allowed.iter().any(|family| if family.ends_with('.') { code.starts_with(family) } else { code == family })
    };
    let is_consequence = |code: &String| CONSEQUENCES.contains(&code.as_str());
    let any = codes.iter().any(is_allowed);
    let all = codes.iter().all(|code| is_allowed(code) || is_consequence(code));
    if any && all { Held::Same } else { Held::Other { allowed } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_held_against_the_origins_words() {
        for (words, codes, expected) in [
            ("The signature in this bundle is incorrect", &["signature.invalid", "evidence.missing"][..], true),
            ("The signature in this bundle is incorrect", &["evidence.missing"], false),
            ("The signature in this bundle is incorrect", &["parse.bundle"], false),
            ("The signature in this bundle is incorrect", &["signature.invalid", "identity.unknown"], false),
            ("Bundle signature contains invalid base64 encoding", &["parse.base64", "evidence.missing"], true),
            ("log entry does not match the signed artifact", &["log.entry-mismatch"], true),
            ("log entry does not match the signed artifact", &["log.entry-mismatch-x"], false),
            ("Provided artifact digest does not match any subject", &["evidence.missing"], true),
            ("ErrorMismatchTag", &["provenance.param"], true),
            ("ErrorMismatchTag", &["identity.pair"], false),
        ] {
            let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
            assert_eq!(hold(words, &codes) == Held::Same, expected, "{words}: {codes:?}");
        }
        assert_eq!(hold("because", &["parse.json".to_owned()]), Held::Unread);
    }

    #[test]
    fn rows_are_lower_case_and_name_reasons_that_exist() {
        let rules = vidimus::profile::ALL.iter().flat_map(|profile| profile.rules).map(|rule| rule.id);
        let codes: Vec<&str> = vidimus::reason::all().iter().map(|reason| reason.code).chain(rules).collect();
        for (phrases, families) in ROWS {
            assert!(!phrases.is_empty() && !families.is_empty());
            for phrase in *phrases {
                assert_eq!(*phrase, phrase.to_lowercase());
            }
            for family in *families {
                let known = codes
                    .iter()
                    .any(|code| if family.ends_with('.') { code.starts_with(family) } else { code == family });
                assert!(known, "{family}");
            }
        }
    }
}
