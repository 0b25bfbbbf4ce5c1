//! What entries say of one another and of files, and that none says nothing.

use super::refused;

const SECOND_SUB_KEY: &str =
    "[[identity]] # other\nid = \"sub-key\"\nparty = \"lab\"\nkey = \"keys/c.pub\"\n\n[[identity]] # lab";

#[test]
fn references_and_ids() {
    refused(&[
        (
            "party = \"acme\"\nkey = \"keys/a.pub\"",
            "party = \"acne\"\nkey = \"keys/a.pub\"",
            "policy.unknown-reference",
            "acne",
        ),
        (
            "instance = \"public-good\"\nissuer",
            "instance = \"public\"\nissuer",
            "policy.unknown-reference",
            "instance = \"public\"",
        ),
        (
            "identities = [\"acme-release\"]",
            "identities = [\"acme\"]",
            "policy.unknown-reference",
            "identities = [\"acme\"]",
        ),
        ("may = [\"delivery\", \"file\"]", "may = [\"delivry\", \"file\"]", "policy.unknown-reference", "delivry"),
        ("accept = [\"file\", \"release\"]", "accept = [\"file\", \"relase\"]", "policy.unknown-reference", "relase"),
        ("classes = [\"routers\"]", "classes = [\"router\"]", "policy.unknown-reference", "classes = [\"router\"]"),
        ("\nby = [\"acme\"]", "\nby = [\"acmee\"]", "policy.unknown-reference", "by = [\"acmee\"]"),
        ("\nby = [\"acme\"]", "\nby = [\"witness\"]", "policy.unknown-reference", "by = [\"witness\"]"),
        ("controlled_by = [\"acme\"]", "controlled_by = [\"acmee\"]", "policy.unknown-reference", "acmee"),
        (
            "builder = \"https://github.com/actions/runner/github-hosted\"",
            "builder = \"https://b.example\"",
            "policy.unknown-reference",
            "https://b.example",
        ),
        ("[[identity]] # lab", SECOND_SUB_KEY, "policy.id-twice", "id = \"sub-key\"\nparty = \"lab\""),
        ("id = \"either\"", "id = \"covered\"", "policy.id-twice", "id = \"covered\"\ncheck = \"any-of\""),
        ("id = \"parts\"", "id = \"rest\"", "policy.id-twice", "id = \"rest\"\nrole = \"any\""),
        ("id = \"either\"", "id = \"vidimus.delivery\"", "policy.reserved-id", "vidimus.delivery"),
        ("id = \"either\"", "id = \"Vidimus.Delivery\"", "policy.reserved-id", "Vidimus.Delivery"),
        (
            "name = \"ACME Networks AB\"",
            "name = \"ACME Networks AB\"\ncontrolled_by = [\"sub\"]",
            "policy.cycle",
            "controlled_by = [\"sub\"]",
        ),
    ]);
}

#[test]
fn keys_roots_and_paths() {
    refused(&[
        ("keys/b.pub", "keys/a-again.pub", "policy.dup-key", "keys/a-again.pub"),
        ("keys/b.pub", "keys/weak.pub", "policy.weak-key", "keys/weak.pub"),
        ("keys/b.pub", "keys/rsa1024.pub\"\nalgorithm = \"rsa-pss-2048-sha256", "policy.weak-key", "keys/rsa1024.pub"),
        ("keys/b.pub", "keys/rsa2048.pub", "policy.algorithm", "keys/rsa2048.pub"),
        (
            "keys/b.pub",
            "keys/rsa2048.pub\"\nalgorithm = \"rsa-pss-2048-sha256",
            "policy.algorithm",
            "algorithm = \"rsa-pss-2048",
        ),
        ("keys/b.pub", "keys/rsa2048.pub\"\nalgorithm = \"ed25519", "policy.algorithm", "algorithm = \"ed25519"),
        ("keys/b.pub", "keys/b.pub\"\nalgorithm = \"ecdsa-p256-sha256", "policy.algorithm", "algorithm = \"ecdsa"),
        ("keys/b.pub", "keys/p521.pub", "policy.key", "keys/p521.pub"),
        ("keys/b.pub", "keys/empty.pub", "policy.key", "keys/empty.pub"),
        ("keys/b.pub", "keys/none.pub", "policy.unreadable", "keys/none.pub"),
        ("keys/b.pub", "keys", "policy.unreadable", "key = \"keys\""),
        ("keys/b.pub", "keys/large.pub", "policy.too-large", "keys/large.pub"),
        ("keys/b.pub", "../keys/b.pub", "policy.path", "../keys/b.pub"),
        ("keys/b.pub", "keys/../keys/b.pub", "policy.path", "../keys/b.pub"),
        ("keys/b.pub", "/keys/b.pub", "policy.path", "/keys/b.pub"),
        ("keys/b.pub", "keys\\\\b.pub", "policy.path", "keys\\\\b.pub"),
        ("trust/root.json", "trust/github.json", "policy.digest", "sha256 ="),
        (
            "trust/root.json\"\nsha256 = \"ROOT",
            "trust/empty.json\"\nsha256 = \"EMPTY",
            "policy.trusted-root",
            "trust/empty.json",
        ),
        ("sha256 = \"ROOT\"", "sha256 = \"abc\"", "policy.bad-value", "sha256 = \"abc\""),
        (
            "https://github.com/acme/router/.github/workflows/release.yml@refs/tags/v",
            "https://github.com/acme/.*",
            "policy.san",
            "san =",
        ),
        (
            "https://github.com/acme/router/.github/workflows/release.yml@refs/tags/v",
            "https://github.com/acme",
            "policy.san",
            "san =",
        ),
        (
            "https://github.com/acme/router/.github/workflows/release.yml@refs/tags/v",
            "https://github.com/",
            "policy.san",
            "san =",
        ),
        ("https://github.com/acme/router/.github/workflows/release.yml@refs/tags/v", "acme", "policy.san", "san ="),
        ("san = { prefix", "san = { kind = \"email\", prefix", "policy.san", "san ="),
    ]);
}

#[test]
fn vacuity() {
    refused(&[
        ("may = [\"delivery\", \"file\"]", "may = []", "policy.vacuous", "may = []"),
        ("\nby = [\"acme\"]", "\nby = []", "policy.vacuous", "by = []"),
        (
            "valid = { from = 2026-01-01T00:00:00Z, until = 2027-12-31T23:59:59Z }",
            "valid = {}",
            "policy.vacuous",
            "valid = {}",
        ),
        ("digest_bind = [\"sha256\"]", "digest_bind = []", "policy.vacuous", "digest_bind = []"),
        ("[\"pkg:generic/acme/\"]", "[]", "policy.vacuous", "products = []"),
        (
            "closed_world = true",
            "closed_world = false\nrequire_statement = false",
            "policy.vacuous",
            "require_statement",
        ),
        (
            "of = [ { check = \"release\", by = [\"laboratory\"] }, { check = \"release\", by = [\"vendor\"] } ]",
            "of = [ { check = \"release\" } ]",
            "policy.vacuous",
            "of = [ {",
        ),
        (
            "of = [ { check = \"release\", by = [\"laboratory\"] }, { check = \"release\", by = [\"vendor\"] } ]",
            "of = []",
            "policy.vacuous",
            "of = []",
        ),
        (
            "{ check = \"release\", by = [\"vendor\"] }",
            "{ check = \"inventory\" }",
            "policy.bad-value",
            "{ check = \"inventory\" }",
        ),
        ("identity = \"lab-key\"", "identity = \"sub-key\"", "policy.unknown-reference", "identity = \"sub-key\""),
        ("properties = [\"SLSA_BUILD_LEVEL_2\"]", "properties = []", "policy.vacuous", "properties = []"),
        (
            "properties = [\"SLSA_BUILD_LEVEL_2\"]",
            "properties = [\"SLSA_BUILD_LEVEL_3\"]",
            "policy.unsatisfiable",
            "properties = [\"SLSA_BUILD_LEVEL_3\"]",
        ),
        ("accept = [\"vsa\", \"svr\"]", "accept = [\"release\"]", "policy.bad-value", "accept = [\"release\"]"),
        (
            "prefix = \"https://store.example/\"",
            "prefix = \"https://store.example\"",
            "policy.bad-value",
            "prefix = \"https://store.example\"",
        ),
        ("prefix = \"https://store.example/\"", "prefix = \"https:///\"", "policy.bad-value", "prefix = \"https:///\""),
        (
            "accept = [\"vsa\", \"svr\"]",
            "input_evidence = \"present\"\naccept = [\"svr\"]",
            "policy.unsatisfiable",
            "input_evidence",
        ),
        ("policies = [\"sha256:00", "policies = [\"sha256:0", "policy.bad-value", "policies = ["),
        (
            "verifiers = [ { identity = \"lab-key\", id = \"https://lab.example/v1\" } ]\n",
            "",
            "policy.unsatisfiable",
            "check = \"vsa\"",
        ),
        ("default = true", "default = false", "policy.vacuous", "[[class]] # routers"),
        ("classes = [\"routers\"]", "classes = [\"parts\"]", "policy.vacuous", "classes = [\"parts\"]"),
        ("products = [{ name_prefix = \"pkg:generic/acme/rout\" }]", "", "policy.vacuous", "classes = [\"rest\"]"),
        ("may = [\"sbom\"]", "may = [\"vsa\"]", "policy.unsatisfiable", "check = \"sbom\""),
        ("min_level = 2", "min_level = 4", "policy.unsatisfiable", "min_level = 4"),
        ("may = [\"provenance\"]", "may = [\"publish\"]", "policy.unsatisfiable", "check = \"provenance\""),
        (
            "builders = [ { id = \"https://github.com/actions/runner/github-hosted\", max_level = 3 } ]\n",
            "",
            "policy.unknown-reference",
            "builder =",
        ),
        (
            "{ check = \"release\", by = [\"vendor\"] }",
            "{ check = \"sbom\", by = [\"laboratory\"] }",
            "policy.unsatisfiable",
            "of = [",
        ),
        (
            "accept = [\"file\", \"release\"]",
            "accept = [\"svr\"]",
            "policy.unsatisfiable",
            "check = \"release\"\naccept",
        ),
    ]);
}

#[test]
fn exceptions() {
    let until = "until = 2026-12-31T00:00:00Z\n\n[[deny]]";
    refused(&[
        (
            "approved_by = [\"board\", \"cto\"]",
            "approved_by = [\"board\"]",
            "policy.waiver",
            "approved_by = [\"board\"]",
        ),
        (
            "approved_by = [\"board\", \"cto\"]",
            "approved_by = [\"board\", \"cto\", \"janitor\"]",
            "policy.waiver",
            "approved_by = [\"board\", \"cto\", \"janitor\"]",
        ),
        (until, "until = 2026-12-31T00:00:01Z\n\n[[deny]]", "policy.waiver", "until = 2026-12-31T00:00:01Z"),
        (until, "until = 2026-11-01T00:00:00Z\n\n[[deny]]", "policy.window", "until = 2026-11-01T00:00:00Z"),
        ("rule = \"released\"", "rule = \"covered\"", "policy.waiver", "rule = \"covered\"\nsubject"),
        ("rule = \"released\"", "rule = \"releasd\"", "policy.unknown-reference", "rule = \"releasd\""),
        ("rule = \"released\"", "rule = \"vidimus.delivery\"", "policy.unknown-reference", "rule = \"vidimus"),
        ("never = [\"covered\"]", "never = [\"coverd\"]", "policy.unknown-reference", "never = ["),
        ("subject_sha256 = \"11", "subject_sha256 = \"1", "policy.bad-value", "subject_sha256"),
        ("owner = \"role:example/core\"", "owner = \"the boss\"", "policy.bad-value", "owner"),
        ("owner = \"role:example/core\"\n", "", "policy.missing-key", "[[waiver]]"),
        ("from = 2026-11-01T00:00:00Z\nuntil", "until", "policy.missing-key", "[[waiver]]"),
        ("max_days = 60", "max_days = 60\nproperty = \"WAIVED\"", "policy.unknown-key", "property ="),
        ("kind = \"digest\"", "kind = \"purl\"", "policy.bad-value", "kind = \"purl\""),
        ("sha256 = \"22", "sha256 = \"2", "policy.bad-value", "sha256 = \"2222"),
    ]);
}
