//! The keys of identities, and of what a certificate or a window must say: part of the tables above.

use super::{Key, Kind, Spec, TEXTS, Variants, may, must, plain};

pub(crate) static IDENTITY: Spec = Spec {
    what: "an identity",
    keys: &[
        must("id", Kind::Text, "Its id."),
        must("party", Kind::Text, "The party it belongs to."),
        may(
            "type",
            Kind::Choice(&["key", "minisign", "openpgp", "sigstore", "ssh", "x509"]),
            "How it is recognised; without it by a key.",
        ),
        may("valid", Kind::Table(&VALID), "When its signatures count, by proven signing time."),
        may("compromised_from", Kind::Time, "Only signatures proven older than this count."),
    ],
    variants: Some(Variants {
        tag: "type",
        default: Some("key"),
        of: &[
            ("key", IDENTITY_KEY),
            ("minisign", IDENTITY_MINISIGN),
            ("openpgp", IDENTITY_OPENPGP),
            ("sigstore", IDENTITY_SIGSTORE),
            ("ssh", IDENTITY_SSH),
            ("x509", IDENTITY_X509),
        ],
    }),
    one_of: &[],
};

pub(crate) static VALID: Spec =
    plain("`valid`", &[may("from", Kind::Time, "Not before."), may("until", Kind::Time, "Not after.")]);

const IDENTITY_KEY: &[Key] = &[
    must("key", Kind::Text, "Path of the PEM public key, relative to the policy."),
    may("algorithm", Kind::Text, "How the key is used; required for RSA."),
    may("instance", Kind::Text, "The Sigstore instance that proves when the key signed."),
];

const IDENTITY_MINISIGN: &[Key] =
    &[must("key", Kind::Text, "The minisign public key, `RW…`, or the path of its file, relative to the policy.")];

const IDENTITY_OPENPGP: &[Key] = &[
    must("key", Kind::Text, "Path of the OpenPGP certificate, armoured or binary, relative to the policy."),
    may("fingerprint", Kind::Text, "The fingerprint of its primary key, 40 or 64 hex digits; spaces are skipped."),
];

const IDENTITY_SSH: &[Key] = &[
    must("key", Kind::Text, "Path of the OpenSSH public key, relative to the policy."),
    must("namespace", Kind::Text, "What its signatures are for, such as `file`; exact."),
];

const IDENTITY_SIGSTORE: &[Key] = &[
    must("instance", Kind::Text, "The Sigstore instance."),
    must("issuer", Kind::TextOr(&ISSUER), "The OIDC issuer, exact; `{ absent = true }` where certificates state none."),
    must("san", Kind::TextOr(&SAN), "The subject alternative name: a string is exact."),
];

pub(crate) static ISSUER: Spec =
    plain("`issuer`", &[must("absent", Kind::Bool, "`true`: the certificate must state no OIDC issuer.")]);

pub(crate) static SAN: Spec = Spec {
    what: "`san`",
    keys: &[
        may("kind", Kind::Choice(&["uri", "email", "other"]), "Which kind of name; without it each."),
        may("exact", Kind::Text, "Equal byte for byte."),
        may("prefix", Kind::Text, "Starts so; 1 to 64 characters of [0-9A-Za-z.+_-] may follow."),
    ],
    variants: None,
    one_of: &["exact", "prefix"],
};

const IDENTITY_X509: &[Key] = &[
    must("anchors", Kind::Text, "Path of the certificates that its path leads to, PEM, relative to the policy."),
    may("subject", Kind::Table(&SUBJECT), "Attributes of the certificate's subject: each once, with this value."),
    may("san", Kind::Text, "A subject alternative name of the certificate: an e-mail address, URI or host; exact."),
    may("usage", Kind::Text, "The extended key usage: `code-signing`, `email-protection`, or an object identifier."),
    may(
        "revocation",
        Kind::Choice(&["required", "not-published"]),
        "Must it be shown that no certificate is revoked? `required` if not stated.",
    ),
    may("crls", TEXTS, "Paths of revocation lists, DER or PEM, relative to the policy."),
];

pub(crate) static SUBJECT: Spec = plain(
    "`subject`",
    &[
        may("C", Kind::Text, "Country."),
        may("CN", Kind::Text, "Common name."),
        may("L", Kind::Text, "Locality."),
        may("O", Kind::Text, "Organisation."),
        may("OU", Kind::Text, "Organisational unit."),
        may("ST", Kind::Text, "State or province."),
        may("emailAddress", Kind::Text, "E-mail address."),
        may("organizationIdentifier", Kind::Text, "Registration number of the organisation."),
        may("serialNumber", Kind::Text, "Serial number of the holder."),
    ],
);
