//! Quorums that cannot hold are refused when the policy is loaded, with the numbers.

use std::fs;
use std::path::Path;

use crate::support::run;

/// A fixture's policy with one thing changed: what `policy check` says.
pub(crate) fn checked(fixture: &str, edits: &[(&str, &str)]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(fixture).join("policy");
    copy(&from, folder.path());
    let path = folder.path().join("policy.toml");
    let mut text = fs::read_to_string(&path).unwrap();
    for (old, new) in edits {
        assert!(text.contains(old), "`{old}` is not in the policy");
        text = text.replace(old, new);
    }
    fs::write(&path, text).unwrap();
    let result = run(["policy".as_ref(), "check".as_ref(), path.as_os_str()]);
    let shown = format!("{}{}", result.stdout, result.stderr);
    (result.code, shown.replace(&folder.path().display().to_string(), "…"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

const WITNESS: &str = "witness/three-of-four";
const TIME: &str = "time/two-authorities";

#[test]
fn what_cannot_hold_is_refused() {
    let owned = "[party.holding]\nname = \"Holding\"\nkind = \"operator\"\njurisdictions = [\"LU\"]\n\n[party.wit-br]\ncontrolled_by = [\"holding\"]";
    let both = [("[party.wit-br]", owned), ("[party.wit-de]", "[party.wit-de]\ncontrolled_by = [\"holding\"]")];
    for (fixture, edits, code, says) in [
        (WITNESS, &[][..], 0, ""),
        (
            WITNESS,
            &[("min_groups = 3", "min_groups = 2")],
            2,
            "4 witness groups, 2 required, 1 country can compel 1: 2 × 2 − 4 is not more than 1, so a log could show two views and both be accepted; require at least 3",
        ),
        (WITNESS, &[("min_groups = 3", "min_groups = 0")], 2, "a quorum of nobody is always met"),
        (WITNESS, &[("min_groups = 3", "min_groups = 5")], 2, "5 groups are asked for, and the 4 candidates are 4"),
        (
            WITNESS,
            &[both[0], both[1], ("min_groups = 3", "min_groups = 4")],
            2,
            "4 groups are asked for, and the 4 candidates are 3: `wit-br` and `wit-de` have a common owner",
        ),
        // The third country is that of the common owner.
        (WITNESS, &both, 0, ""),
        (
            WITNESS,
            &[("jurisdictions = [\"ZA\"]", "jurisdictions = [\"NO\"]")],
            2,
            "4 witness groups, 3 required, 1 country can compel 2: 2 × 3 − 4 is not more than 2, so a log could show two views and both be accepted; require at least 4",
        ),
        (
            WITNESS,
            &[("remaining = 2", "remaining = 4")],
            2,
            "4 groups are to remain when 1 country can compel the others, and at most 3 do",
        ),
        (
            WITNESS,
            &[("[\"wit-br\", \"wit-de\"", "[\"wit-br\", \"wit-br\", \"wit-de\"")],
            2,
            "`wit-br` stands twice; it counts once",
        ),
        (
            WITNESS,
            &[("[\"wit-br\", \"wit-de\"", "[\"kanto\", \"wit-de\"")],
            2,
            "`kanto` has no key in [witness], so it can never count",
        ),
        (
            WITNESS,
            &[("trust/wit-de.vkey", "trust/wit-br.vkey")],
            2,
            "witness `wit-de` and witness `wit-br` are the same public key",
        ),
        (
            WITNESS,
            &[("vkey = \"trust/wit-de.vkey\"", "vkey = \"trust/shared.vkey\"")],
            2,
            "a witness has a verifier key of signature type 0x04",
        ),
        (
            WITNESS,
            &[("\"trust/shared.vkey\"", "\"trust/wit-de.vkey\"")],
            2,
            "a log has a verifier key of signature type 0x01",
        ),
        (
            WITNESS,
            &[("\"trust/shared.vkey\"", "\"keys/acme.pub\"")],
            2,
            "not a verifier key of the form NAME+ID+BASE64",
        ),
        (
            WITNESS,
            &[("witnesses = \"four-countries\"", "witnesses = \"five-countries\"")],
            2,
            "there is no quorum `five-countries`",
        ),
        (WITNESS, &[("logs       = [\"shared\"]", "logs       = [\"other\"]")], 2, "there is no log `other`"),
        (
            WITNESS,
            &[("logs       = [\"shared\"]", "logs       = [\"shared\"]\ndistinct_operators = 2")],
            2,
            "rule `published` can never be met: its logs have 1 independent operators, and 2 are asked for",
        ),
        (
            WITNESS,
            &[("kind = \"witness\"\ncandidates", "kind = \"court\"\ncandidates")],
            2,
            "`court` is none of `witness`, `time`",
        ),
        (TIME, &[], 0, ""),
        (
            TIME,
            &[("tolerate_liars = 1", "tolerate_liars = 2")],
            2,
            "2 of 2 sources may lie: then no honest one need be among them",
        ),
        (TIME, &[("min_groups = 2", "min_groups = 4")], 2, "4 groups are asked for, and the 3 candidates are 3"),
        (TIME, &[("trust/baltic.pem", "trust/alp.pem")], 2, "tsa `baltic` and tsa `alp` are the same public key"),
        (TIME, &[("trust/baltic.pem", "keys/acme.pub")], 2, "not a PEM file with certificates"),
        (
            TIME,
            &[("[\"alp\", \"baltic\"", "[\"acme\", \"baltic\"")],
            2,
            "`acme` has no key in [tsa], [witness] or [log], so it can never count",
        ),
        (TIME, &[("policy_oid = \"1.3", "policy_oid = \"x.3")], 2, "`policy_oid` is an object identifier"),
        (TIME, &[("quorum     = \"trusted-time\"", "quorum     = \"time\"")], 2, "there is no quorum `time`"),
    ] {
        let (found, shown) = checked(fixture, edits);
        assert_eq!(found, code, "{edits:?}\n{shown}");
        assert!(shown.contains(says), "{edits:?}: expected\n{says}\nin\n{shown}");
        // Each refusal points at its place.
        assert!(code == 0 || shown.contains("policy.toml:"), "{shown}");
    }
}
