//! What stands at a key: that it is TOML, that the key exists, that the value can stand there.

use super::refused;

#[test]
fn syntax() {
    refused(&[
        ("version = 3", "version = = 3", "policy.syntax", "version = ="),
        ("version = 3", "version = 3\nversion = 3", "policy.key-twice", "version = 3\ntitle"),
        ("\nid = \"covered\"", "\nid = \"covered\"\nid = \"x\"", "policy.key-twice", "id = \"x\""),
        ("title = \"Intake\"", "title = \"In\\etake\"", "policy.syntax", "title"),
        ("title = \"Intake\"", "title = \"In\\x74ake\"", "policy.syntax", "title"),
        ("max_level = 3 } ]", "max_level = 3, } ]", "policy.syntax", "max_level = 3,"),
        ("until = 2027-12-31T23:59:59Z }", "until = 2027-12-31T23:59:59Z\n}", "policy.syntax", "until = 2027"),
        ("not_after = 2027-03-31T23:59:59Z", "not_after = 2027-03-31T23:59Z", "policy.syntax", "not_after"),
        ("[limits]", "[limits", "policy.syntax", "[limits"),
        ("[formats]", "[limits]", "policy.key-twice", "[limits]\nsigstore"),
        ("[limits]", "[party]", "policy.type", "max_files"),
    ]);
}

#[test]
fn keys_and_types() {
    refused(&[
        ("schema = \"urn:vidimus:policy:v1\"", "schema = \"urn:vidimus:policy:v2\"", "policy.schema", "schema ="),
        ("semantics = 1", "semantics = 2", "policy.schema", "semantics = 2"),
        ("version = 3", "verison = 3\nversion = 3", "policy.unknown-key", "verison"),
        ("[limits]", "[labs]\nmin_groups = 2\n[limits]", "policy.unknown-key", "[labs]"),
        ("[limits]", "[[waivers]]\nrule = \"covered\"\n[limits]", "policy.unknown-key", "[[waivers]]"),
        ("closed_world = true", "closed_word = true", "policy.unknown-key", "closed_word"),
        ("closed_world = true", "min_level = 2", "policy.unknown-key", "min_level = 2\n\n[[rule]]\nid = \"released\""),
        (
            "party = \"acme\"\nkey = \"keys/a.pub\"",
            "party = \"acme\"\nkey = \"keys/a.pub\"\nissuer = \"x\"",
            "policy.unknown-key",
            "issuer = \"x\"",
        ),
        (
            "kind = \"vendor\"\njurisdictions = [\"SE\"]",
            "kind = \"vendor\"\njurisdictions = [\"SE\"]\nacreditation = 1",
            "policy.unknown-key",
            "acreditation",
        ),
        ("san = { prefix", "san = { regex = \"x\", prefix", "policy.unknown-key", "san = {"),
        ("version = 3", "version = \"3\"", "policy.type", "version = \"3\""),
        ("version = 3", "version = 3.0", "policy.type", "version = 3.0"),
        ("closed_world = true", "closed_world = \"yes\"", "policy.type", "closed_world"),
        ("not_after = 2027-03-31T23:59:59Z", "not_after = \"2027-03-31T23:59:59Z\"", "policy.type", "not_after"),
        ("not_after = 2027-03-31T23:59:59Z", "not_after = 2027-03-31", "policy.type", "not_after"),
        ("not_after = 2027-03-31T23:59:59Z", "not_after = 2027-03-31T23:59:59.5Z", "policy.type", "not_after"),
        ("may = [\"delivery\", \"file\"]", "may = \"delivery\"", "policy.type", "may = \"delivery\""),
        ("may = [\"delivery\", \"file\"]", "may = [\"delivery\", 7]", "policy.type", "may = [\"delivery\", 7]"),
        ("version = 3", "", "policy.missing-key", "# twin"),
        ("issuer = \"https://token.actions.githubusercontent.com\"", "", "policy.missing-key", "[[identity]] # ci"),
        ("check = \"sbom\"", "", "policy.missing-key", "[[rule]] # sbom"),
        ("min_level = 2", "", "policy.missing-key", "[[rule]] # built"),
        ("sha256 = \"ROOT\"", "", "policy.missing-key", "[instance.public-good]"),
        ("{ eq = \"refs/heads/main\" }", "{}", "policy.missing-key", "allow.\"/workflow/ref\""),
    ]);
}

#[test]
fn values() {
    refused(&[
        ("id = \"urn:example:intake\"", "id = \"intake\"", "policy.bad-value", "id = \"intake\""),
        ("version = 3", "version = 0", "policy.bad-value", "version = 0"),
        ("title = \"Intake\"", "title = \"\"", "policy.bad-value", "title"),
        ("title = \"Intake\"", "title = \"In\\ntake\"", "policy.bad-value", "title"),
        ("title = \"Intake\"", "title = \"In\\u202etake\"", "policy.bad-value", "title"),
        (
            "kind = \"vendor\"\njurisdictions = [\"SE\"]",
            "kind = \"vendr\"\njurisdictions = [\"SE\"]",
            "policy.bad-value",
            "vendr",
        ),
        ("check = \"sbom\"", "check = \"sbon\"", "policy.bad-value", "check = \"sbon\""),
        ("accountable = \"vendor\"", "accountable = \"nobody\"", "policy.bad-value", "accountable = "),
        ("min_level = 2", "min_level = 5", "policy.bad-value", "min_level = 5"),
        ("max_level = 3 } ]", "max_level = 9 } ]", "policy.bad-value", "max_level = 9"),
        (
            "repository = \"https://github.com/acme/router\"",
            "repository = \"git+https://github.com/acme/router\"",
            "policy.bad-value",
            "git+https",
        ),
        (
            "repository = \"https://github.com/acme/router\"",
            "repository = \"https://github.com/acme/router@refs/heads/main\"",
            "policy.bad-value",
            "repository =",
        ),
        (
            "repository = \"https://github.com/acme/router\"",
            "repository = { prefix = \"https://github.com/acme\" }",
            "policy.bad-value",
            "repository =",
        ),
        (
            "repository = \"https://github.com/acme/router\"",
            "repository = \"https://github.com/\"",
            "policy.bad-value",
            "repository =",
        ),
        ("\"/workflow/ref\"", "\"workflow\"", "policy.bad-value", "allow.\"workflow\""),
        ("\"/workflow/ref\"", "\"/work~flow\"", "policy.bad-value", "allow.\"/work~flow\""),
        ("{ eq = \"refs/heads/main\" }", "{ any = false }", "policy.bad-value", "any = false"),
        ("{ eq = \"refs/heads/main\" }", "{ eq = 1, any = true }", "policy.bad-value", "any = true"),
        ("{ eq = \"refs/heads/main\" }", "{ eq = 9007199254740993 }", "policy.bad-value", "allow."),
        ("[\"pkg:generic/acme/\"]", "[\"generic/acme/\"]", "policy.bad-value", "generic/acme/"),
        ("[\"pkg:generic/acme/\"]", "[\"pkg:generic/acme?os=linux\"]", "policy.bad-value", "os=linux"),
        (
            "[\"pkg:generic/acme/\"]",
            "[{ name_prefix = \"pkg:generic/acme/r@1\" }]",
            "policy.bad-value",
            "name_prefix = \"pkg:generic/acme/r@1",
        ),
        ("[\"pkg:generic/acme/\"]", "[\"*\", \"pkg:generic/acme/\"]", "policy.bad-value", "[\"*\", \"pkg"),
        ("sbom = [\"cyclonedx-1.6+json\"]", "sbom = [\"cyclonedx-9.9\"]", "policy.bad-value", "cyclonedx-9.9"),
        ("sigstore_bundle_min = \"0.2\"", "sigstore_bundle_min = \"2\"", "policy.bad-value", "sigstore_bundle_min"),
        (
            "sigstore_bundle_min = \"0.2\"",
            "sigstore_bundle_min = \"0.2\"\nsbom_tolerate = [\"sbom.hash\"]",
            "policy.bad-value",
            "sbom_tolerate",
        ),
        (
            "sigstore_bundle_min = \"0.2\"",
            "sigstore_bundle_min = \"0.2\"\nsbom_tolerate = [\"parse.duplicate-key\"]",
            "policy.bad-value",
            "sbom_tolerate",
        ),
        ("check = \"sbom\"", "check = \"sbom\"\nrefuse = [\"sbom.hash\"]", "policy.bad-value", "refuse"),
        ("signature = [", "signature = [\"rsa-pss-1024-sha256\", ", "policy.bad-value", "signature = ["),
        ("[predicates]", "[predicates]\nfile = [\"https://a.example/x\"]", "policy.bad-value", "file = [\"https://a"),
        ("[predicates]", "[predicates]\nown = [\"no uri\"]", "policy.bad-value", "own = ["),
        (
            "default = true",
            "default = true\nproducts = [\"pkg:cargo/\"]",
            "policy.bad-value",
            "products = [\"pkg:cargo/\"]",
        ),
        ("[party.lab]", PARTY_LIKE_A_KIND, "policy.bad-value", "[party.laboratory]"),
        ("[party.lab]", PARTY_WITH_A_BLANK, "policy.bad-value", "[party.\"the lab\"]"),
        (
            "issuer = \"https://token.actions.githubusercontent.com\"",
            "issuer = \"https://.*\"",
            "policy.bad-value",
            "issuer =",
        ),
        ("jurisdictions = [\"SE\"]", "jurisdictions = [\"se\"]", "policy.country", "\"se\""),
        ("jurisdictions = [\"SE\"]", "jurisdictions = [\"UK\"]", "policy.country", "\"UK\""),
        ("max_files = 1000", "max_files = 0", "policy.limit", "max_files"),
        ("max_files = 1000", "max_files = 99_000_000", "policy.limit", "max_files"),
        ("max_files = 1000", "max_json_depth = 65", "policy.limit", "max_json_depth"),
        ("not_after = 2027-03-31T23:59:59Z", "not_after = 2025-03-31T23:59:59Z", "policy.window", "not_after"),
        ("until = 2027-12-31T23:59:59Z }", "until = 2025-12-31T23:59:59Z }", "policy.window", "until = 2025-12"),
    ]);
}

const PARTY_LIKE_A_KIND: &str =
    "[party.laboratory]\nname = \"x\"\nkind = \"witness\"\njurisdictions = [\"NO\"]\n[party.lab]";
const PARTY_WITH_A_BLANK: &str =
    "[party.\"the lab\"]\nname = \"x\"\nkind = \"witness\"\njurisdictions = [\"NO\"]\n[party.lab]";
