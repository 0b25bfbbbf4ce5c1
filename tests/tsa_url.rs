//! `timestamp attach --tsa-url`, where it is built in: an authority of the test's own answers on this machine.
#![allow(clippy::disallowed_types, reason = "an authority in the test itself")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use serde_json::Value;
use vidimus_testkit::encode::{pem, sha256, unbase64};
use vidimus_testkit::sigstore::{AT, FROM, TO, Tsa};

use crate::support::Run;
use crate::vendor::Shop;

/// Runs the command with `URL` in it against an authority that answers once; the run, and what was asked.
fn asked(shop: &Shop, args: &[&str], answer: &[u8]) -> (Run, Vec<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let args: Vec<&str> = args.iter().map(|arg| if *arg == "URL" { url.as_str() } else { arg }).collect();
    std::thread::scope(|scope| {
        let server = scope.spawn(|| {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut got, mut buffer) = (Vec::new(), [0; 4096]);
            loop {
                let count = stream.read(&mut buffer).unwrap();
                got.extend_from_slice(&buffer[..count]);
                let head = got.windows(4).position(|end| end == b"\r\n\r\n");
                let Some(head) = head else { continue };
                let text = String::from_utf8(got[..head].to_vec()).unwrap().to_ascii_lowercase();
                let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                let body = &got[head + 4..];
                if body.len() == length.parse::<usize>().unwrap() {
                    assert!(text.contains("content-type: application/timestamp-query"), "{text}");
                    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", answer.len());
                    stream.write_all(&[head.as_bytes(), answer].concat()).unwrap();
                    return body.to_vec();
                }
            }
        });
        let run = shop.run(&args);
        (run, server.join().unwrap())
    })
}

#[test]
fn an_authority_is_asked_and_its_answer_checked() {
    let shop = Shop::new();
    shop.must(&["sign", "build/app", "--key", "acme.key", "--out", "app.json"]);
    let bundle: Value = serde_json::from_slice(&shop.read("app.json")).unwrap();
    let signature = unbase64(bundle["messageSignature"]["signature"].as_str().unwrap());
    let (alp, mallory) = (Tsa::new("alp", FROM, TO), Tsa::new("mallory", FROM, TO));
    shop.write("alp.pem", pem("CERTIFICATE", &alp.root));
    let good = alp.stamp(&signature, AT);
    let before = shop.names();
    for (what, answer, expected) in [
        ("of a stranger", mallory.stamp(&signature, AT), "not among those that are believed"),
        ("over something else", alp.stamp(b"another signature", AT), "over another signature"),
        ("cut off", good[..good.len() - 9].to_vec(), "grants no timestamp"),
        ("empty", Vec::new(), "grants no timestamp"),
        ("good", good, ""),
    ] {
        let args =
            ["timestamp", "attach", "app.json", "--tsa-url", "URL", "--anchor", "alp.pem", "--out", "stamped.json"];
        let (run, query) = asked(&shop, &args, &answer);
        let imprint = sha256(&signature);
        assert!(query.windows(imprint.len()).any(|part| part == imprint), "the request is about the signature");
        if what == "good" {
            assert_eq!(run.code, 0, "{}", run.stderr);
            assert!(run.stdout.contains("the signature existed at"), "{}", run.stdout);
        } else {
            assert!(run.code == 2 && run.stderr.contains(expected), "{what}: {}", run.stderr);
            assert_eq!(shop.names(), before, "{what}: nothing is written");
        }
    }
    let stamped: Value = serde_json::from_slice(&shop.read("stamped.json")).unwrap();
    let stamps = &stamped["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"];
    assert_eq!(stamps.as_array().map(Vec::len), Some(1));
    for (url, expected) in [("https://tsa.example", "begins with http://"), ("http://127.0.0.1:1/", "127.0.0.1:1")] {
        let run =
            shop.run(&["timestamp", "attach", "app.json", "--tsa-url", url, "--anchor", "alp.pem", "--out", "other"]);
        assert!(run.code == 2 && run.stderr.contains(expected), "{url}: {}", run.stderr);
    }
}
