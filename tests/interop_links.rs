//! Links and layouts of in-toto 1.0: what we sign, Python's in-toto verifies, also as a whole supply chain; what it signs, we verify. Six of
//! eight cases are tampered with. Where the libraries are not installed, the tests say so.

use std::fs;

use serde_json::{Value, json};
use vidimus::authenticate::keys::PublicKey;
use vidimus::decode::{Content, Envelope, document};
use vidimus::limits::Limits;
use vidimus_testkit::encode::sha256_hex;

use crate::differential_python::{Python, variants};
use crate::sign_interop::{agreed, shop};
use crate::support::AT;
use crate::vendor::Shop;

/// (our name, in-toto's name of the scheme)
const SCHEMES: [(&str, &str); 3] =
    [("ecdsa-p256", "ecdsa-sha2-nistp256"), ("ecdsa-p384", "ecdsa-sha2-nistp384"), ("ed25519", "ed25519")];
const STEP: &str = "build";
const APP: &[u8] = b"the application\n";

fn link(products: &Value) -> String {
    json!({
        "_type": "link", "name": STEP, "command": ["make"], "materials": {}, "products": products,
        "byproducts": {"return-value": 0}, "environment": {},
    })
    .to_string()
}

fn app() -> Value {
    json!({"app": {"sha256": sha256_hex(APP)}})
}

/// A document, signed by `KEY.key` as an envelope of in-toto.
fn signed(shop: &Shop, document: &str, key: &str) -> Value {
    shop.write("unsigned.json", document);
    let _ = fs::remove_file(shop.path("signed.json"));
    let key = format!("{key}.key");
    shop.must(&["sign", "unsigned.json", "--key", &key, "--form", "in-toto", "--out", "signed.json"]);
    serde_json::from_slice(&shop.read("signed.json")).unwrap()
}

#[test]
fn in_toto_verifies_our_links() {
    let Some(mut python) = Python::new() else { return };
    let shop = shop();
    shop.must(&["keygen", "stranger", "--unencrypted"]);
    let mut cases = Vec::new();
    for (name, scheme) in SCHEMES {
        shop.must(&["keygen", &format!("x-{name}"), "--unencrypted", "--algorithm", name]);
        let key = shop.path(&format!("{name}.pub"));
        let (ours, other) = (signed(&shop, &link(&app()), name), signed(&shop, &link(&app()), &format!("x-{name}")));
        let keyid = ours["signatures"][0]["keyid"].as_str().unwrap().to_owned();
        for (what, good, changed) in variants(&ours, &other) {
            let path = shop.write("asked.json", changed.to_string());
            let said = python
                .ask(&json!({"ask": "link", "link": path, "step": STEP, "key": key, "keyid": keyid, "scheme": scheme}));
            cases.push((format!("link, {name}, {what}"), good, said["in-toto"].as_bool().unwrap()));
        }
        // The whole supply chain: the layout is ours, too, and in-toto finds the link by the beginning of the key's id.
        let about = json!({"step": STEP, "key": key, "keyid": keyid, "scheme": scheme});
        let ask = |what: &str, more: &Value| {
            let mut request = about.clone();
            request["ask"] = json!(what);
            request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            request
        };
        python.ask(&ask("make layout", &json!({"layout": shop.path("layout.json")})));
        let unsigned = String::from_utf8(shop.read("layout.json")).unwrap();
        let layout = signed(&shop, &unsigned, name);
        let strange = signed(&shop, &unsigned, "stranger");
        let more = json!({"app": app()["app"], "backdoor": {"sha256": sha256_hex(b"another program")}});
        fs::create_dir_all(shop.path("links")).unwrap();
        for (what, good, layout, link) in [
            ("as it should be", true, &layout, Some(ours.clone())),
            ("another product", false, &layout, Some(signed(&shop, &link(&more), name))),
            ("the link of a stranger", false, &layout, Some(signed(&shop, &link(&app()), "stranger"))),
            ("no link", false, &layout, None),
            ("the layout of a stranger", false, &strange, Some(ours.clone())),
        ] {
            let place = shop.path(&format!("links/{STEP}.{}.link", &keyid[..8]));
            let _ = fs::remove_file(&place);
            if let Some(link) = link {
                fs::write(&place, link.to_string()).unwrap();
            }
            let layout = shop.write("root.layout", layout.to_string());
            let said = python.ask(&ask("supply chain", &json!({"layout": layout, "links": shop.path("links")})));
            cases.push((format!("supply chain, {name}, {what}"), good, said["in-toto"].as_bool().unwrap()));
        }
    }
    agreed("in-toto, our links", &cases, 39);
}

/// Is the link signed by the key, as our own reader sees it?
fn is_signed(bytes: &[u8], key: &PublicKey) -> bool {
    let Content::Signed(items) = document(bytes, &Limits::MAX) else { return false };
    items.iter().any(|item| match &item.envelope {
        Ok(Envelope::Dsse(dsse)) => dsse.signatures.iter().any(|signature| key.verifies(&dsse.pae(), signature)),
        _ => false,
    })
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// In an envelope, read by our library; as a metablock, whose signature is a plain one over canonical JSON, by `verify`.
#[test]
fn we_verify_links_of_in_toto() {
    let Some(mut python) = Python::new() else { return };
    let shop = shop();
    shop.policy("open", r#"may = ["file"]"#, "");
    let mut cases = Vec::new();
    for scheme in ["ed25519", "ecdsa-sha2-nistp256"] {
        let mut make = |name: &str| -> (Value, Value) {
            let at = |what: &str| shop.path(&format!("{name}.{what}"));
            python.ask(&json!({
                "ask": "make link", "scheme": scheme, "step": STEP, "products": app(), "dsse": at("dsse"),
                "metablock": at("block"), "canonical": at("canonical"), "key": at("pub"),
            }));
            let read = |what: &str| serde_json::from_slice(&shop.read(&format!("{name}.{what}"))).unwrap();
            (read("dsse"), read("block"))
        };
        let ((dsse, block), (other, strange)) = (make("theirs"), make("other"));
        let pem = String::from_utf8(shop.read("theirs.pub")).unwrap();
        let key = PublicKey::from_pem(&pem, None).unwrap();
        for (what, good, changed) in variants(&dsse, &other) {
            cases.push((format!("link, {scheme}, {what}"), good, is_signed(changed.to_string().as_bytes(), &key)));
        }
        fs::write(shop.path("open/keys/acme.pub"), &pem).unwrap();
        let signature = |block: &Value| unhex(block["signatures"][0]["sig"].as_str().unwrap());
        let genuine = signature(&block);
        let canonical = shop.read("theirs.canonical");
        let changed = String::from_utf8(canonical.clone()).unwrap().replace("\"app\"", "\"apt\"").into_bytes();
        for (what, good, bytes, signature) in [
            ("genuine", true, &canonical, genuine.clone()),
            ("another product", false, &changed, genuine.clone()),
            ("a stranger's signature", false, &canonical, signature(&strange)),
            ("signature changed", false, &canonical, crate::differential::flipped(&genuine, genuine.len() - 1)),
        ] {
            shop.write("link", bytes);
            shop.write("link.sig", signature);
            let run = shop.run(&[
                "verify",
                "link",
                "--policy",
                "open/policy.toml",
                "--product",
                "pkg:generic/acme/app@1.0",
                "--at",
                AT,
                "--evidence",
                "link.sig",
            ]);
            cases.push((format!("metablock, {scheme}, {what}: {}{}", run.stdout, run.stderr), good, run.code == 0));
        }
    }
    agreed("in-toto, its links", &cases, 24);
}

/// What is neither a link nor a layout is not signed as one.
#[test]
fn only_metadata_is_signed_as_metadata() {
    let shop = Shop::new();
    shop.write("link.json", link(&app()));
    shop.must(&["sign", "link.json", "--key", "acme.key", "--form", "in-toto"]);
    assert!(shop.path("link.json.dsse.json").exists());
    for (name, text, expected) in [
        ("text", "a text".to_owned(), "text: "),
        ("statement", json!({"_type": "https://in-toto.io/Statement/v1"}).to_string(), "vidimus attest"),
        ("broken", link(&app()).replace("products", "product"), "not valid in-toto metadata"),
        ("twice", link(&app()).replace("\"name\"", "\"name\":\"test\",\"name\""), "twice: "),
    ] {
        shop.write(name, text);
        let run = shop.run(&["sign", name, "--key", "acme.key", "--form", "in-toto", "--out", "out"]);
        assert!(run.code == 2 && run.stderr.contains(expected), "{name}: {}{}", run.stdout, run.stderr);
        assert!(!shop.path("out").exists());
    }
}
