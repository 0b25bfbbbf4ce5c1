//! A signer as an `[[identity]]` of a policy, for the operator to confirm.

use std::fmt::Write as _;
use std::path::Path;

use vidimus::decode::Signer;
use vidimus::render::escape;

/// Before each block. A file that says who signed it proves nothing about who signed it.
const WARNING: &str = "\
# Taken from the file itself, which may lie: confirm out of band (by phone, in person, in a contract)
# that this signer is the party's before a policy believes it.
";

/// The signer in one line.
pub(super) fn sentence(signer: &Signer) -> String {
    match signer {
        Signer::Certificate { san_kind, san, issuer } => {
            let issuer = issuer.as_deref().map_or_else(|| "an issuer that is not stated".to_owned(), escape);
            format!("certificate for {} ({san_kind}), by {issuer}", escape(san))
        }
        Signer::Holder { subject, issuer } => {
            let subject: Vec<String> =
                subject.iter().map(|(label, value)| format!("{label}={}", escape(value))).collect();
            format!("the holder of a certificate for {}, by {}", subject.join(", "), escape(issuer))
        }
        Signer::OpenPgp { key, certificate: true } => format!("this OpenPGP certificate, {}", escape(key)),
        Signer::OpenPgp { key, certificate: false } => format!("the OpenPGP key {}", escape(key)),
        Signer::Key { algorithm: Some(algorithm), .. } => format!("this key, {}", escape(algorithm)),
        Signer::Key { algorithm: None, .. } => "a key that the file does not hold; ask the signer for it".to_owned(),
    }
}

/// The signer as an identity; `None` where the file does not say enough to write one.
pub(super) fn block(signer: &Signer, path: &str) -> Option<String> {
    let mut out = format!("{WARNING}[[identity]]\nid       = \"signer\"\nparty    = \"party\"\n");
    // Writing to a string cannot fail.
    match signer {
        Signer::Certificate { san_kind, san, issuer: Some(issuer) } => {
            let _ = writeln!(out, "type     = \"sigstore\"\ninstance = \"instance\"");
            let _ = writeln!(out, "issuer   = {}", toml(issuer));
            let _ = writeln!(out, "san      = {{ kind = \"{san_kind}\", exact = {} }}", toml(san));
            if let Some((prefix, _)) = san.split_once("@refs/tags/v") {
                let prefix = toml(&format!("{prefix}@refs/tags/v"));
                let _ = writeln!(out, "# for every version: san = {{ kind = \"{san_kind}\", prefix = {prefix} }}");
            }
        }
        Signer::Key { algorithm: Some(algorithm), spki_sha256 } => {
            let name = Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned());
            let _ = writeln!(out, "key      = {}", toml(&format!("keys/{}", name.unwrap_or_default())));
            if algorithm.starts_with("rsa") {
                let _ = writeln!(out, "algorithm = {}   # or another RSA scheme: ask the signer", toml(algorithm));
            }
            if let Some(digest) = spki_sha256 {
                let _ = writeln!(out, "# compare over the phone: sha256 of the key {}", escape(digest));
            }
        }
        Signer::OpenPgp { key, certificate } => {
            let name =
                Path::new(path).file_name().filter(|_| *certificate).map(|name| name.to_string_lossy().into_owned());
            let name = name.unwrap_or_else(|| "signer.asc".to_owned());
            let _ = writeln!(out, "type     = \"openpgp\"");
            let _ = writeln!(out, "key      = {}", toml(&format!("keys/{name}")));
            if *certificate {
                let _ = writeln!(out, "fingerprint = {}   # compare over the phone", toml(key));
            } else {
                let _ = writeln!(out, "# the certificate with the key {}: ask the signer for it", escape(key));
            }
        }
        Signer::Holder { subject, issuer } if !subject.is_empty() => {
            let attributes: Vec<String> =
                subject.iter().map(|(label, value)| format!("{label} = {}", toml(value))).collect();
            let _ = writeln!(out, "type     = \"x509\"");
            let _ = writeln!(out, "anchors  = \"trust/anchor.pem\"   # the authority behind {}", toml(issuer));
            let _ = writeln!(out, "subject  = {{ {} }}", attributes.join(", "));
            let _ = writeln!(out, "crls     = [\"trust/issuer.crl\"]   # one for each authority of the path");
        }
        Signer::Holder { .. } | Signer::Certificate { issuer: None, .. } | Signer::Key { algorithm: None, .. } => {
            return None;
        }
    }
    Some(out)
}

/// A TOML 1.0 basic string in visible ASCII: nothing in it can end the string or steer a terminal.
fn toml(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        let _ = match (c, u32::from(c)) {
            ('"' | '\\', _) => write!(out, "\\{c}"),
            (' '..='~', _) => write!(out, "{c}"),
            (_, code @ ..=0xffff) => write!(out, "\\u{code:04X}"),
            (_, code) => write!(out, "\\U{code:08X}"),
        };
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn strings_stay_strings() {
        for (text, shown) in [
            ("https://a.example/x", r#""https://a.example/x""#),
            ("a\" }\n[[grant]]", r#""a\" }\u000A[[grant]]""#),
            ("\\u0041", r#""\\u0041""#),
            ("\u{202e}\u{1f600}é", r#""\u202E\U0001F600\u00E9""#),
        ] {
            assert_eq!(toml(text), shown);
            let document: toml_edit::DocumentMut = format!("a = {shown}").parse().unwrap();
            assert_eq!(document.get("a").and_then(|a| a.as_str()), Some(text));
        }
    }

    #[test]
    fn blocks_are_toml_with_what_the_signer_says() {
        let hostile = "https://a.example/r.yml@refs/tags/v1\"\n\u{1b}[2J";
        let certificate = |san: &str, issuer: Option<&str>| Signer::Certificate {
            san_kind: "uri",
            san: san.to_owned(),
            issuer: issuer.map(str::to_owned),
        };
        let key = |algorithm: Option<&str>| Signer::Key {
            algorithm: algorithm.map(str::to_owned),
            spki_sha256: Some("ab".to_owned()),
        };
        for (signer, keys) in [
            (
                certificate(hostile, Some("https://i.example")),
                Some(vec!["id", "party", "type", "instance", "issuer", "san"]),
            ),
            (certificate(hostile, None), None),
            (key(Some("ed25519")), Some(vec!["id", "party", "key"])),
            (key(Some("rsa-pss-2048-sha256")), Some(vec!["id", "party", "key", "algorithm"])),
            (key(None), None),
            (
                Signer::Holder { subject: vec![("CN".to_owned(), hostile.to_owned())], issuer: hostile.to_owned() },
                Some(vec!["id", "party", "type", "anchors", "subject", "crls"]),
            ),
            (Signer::Holder { subject: Vec::new(), issuer: hostile.to_owned() }, None),
            (
                Signer::OpenPgp { key: "AB".to_owned(), certificate: true },
                Some(vec!["id", "party", "type", "key", "fingerprint"]),
            ),
            (Signer::OpenPgp { key: "AB".to_owned(), certificate: false }, Some(vec!["id", "party", "type", "key"])),
        ] {
            let block = block(&signer, "in/acme.pub");
            let found = block.map(|block| {
                assert!(block.starts_with(WARNING) && block.chars().all(|c| c == '\n' || !c.is_control()), "{block}");
                let document: toml_edit::DocumentMut = block.parse().unwrap();
                let table = document.get("identity").unwrap().as_array_of_tables().unwrap().get(0).unwrap().clone();
                table.iter().map(|(key, _)| key.to_owned()).collect::<Vec<_>>()
            });
            assert_eq!(found, keys.map(|keys| keys.into_iter().map(str::to_owned).collect()), "{signer:?}");
        }
    }
}
