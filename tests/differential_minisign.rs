//! minisign, made and verified by minisign.

use vidimus_testkit::encode::{base64, unbase64};

use crate::differential::{Bench, Said, agreed, flipped, messages};

#[test]
fn minisign_agrees() {
    let Some(mut bench) = Bench::of("minisign") else { return };
    for owner in ["ours", "other"] {
        let (public, secret) = (format!("policy/{owner}.pub"), format!("{owner}.key"));
        bench.must(["-G", "-W", "-f", "-p", &public, "-s", &secret]);
    }
    let identity = "type = \"minisign\"\nkey = \"ours.pub\"";
    let mut cases = Vec::new();
    for form in ["-H", "-l"] {
        for (number, message) in messages().iter().enumerate() {
            let good = sign(&bench, form, "ours.key", message);
            let other = sign(&bench, form, "other.key", message);
            let line = |at: usize, change: &dyn Fn(&str) -> String| {
                let lines: Vec<String> =
                    good.lines().enumerate().map(|(i, l)| if i == at { change(l) } else { l.to_owned() }).collect();
                lines.join("\n") + "\n"
            };
            let bit = |at: usize| move |text: &str| base64(&flipped(&unbase64(text), at));
            let swapped = |text: &str| {
                let mut blob = unbase64(text);
                blob[1] ^= 0x20;
                base64(&blob)
            };
            for (what, is_good, message, text) in [
                ("good", true, message.clone(), good.clone()),
                (
                    "another untrusted comment",
                    true,
                    message.clone(),
                    line(0, &|_| "untrusted comment: hello".to_owned()),
                ),
                ("without the last line end", true, message.clone(), good.trim_end().to_owned()),
                ("message changed", false, flipped(message, 0), good.clone()),
                ("signature changed", false, message.clone(), line(1, &bit(40))),
                ("key id changed", false, message.clone(), line(1, &bit(3))),
                ("algorithm swapped", false, message.clone(), line(1, &swapped)),
                ("trusted comment changed", false, message.clone(), line(2, &|text| format!("{text}x"))),
                ("global signature changed", false, message.clone(), line(3, &bit(7))),
                ("no global signature", false, message.clone(), good.lines().take(3).collect::<Vec<_>>().join("\n")),
                ("other key", false, message.clone(), other),
            ] {
                bench.write("message", &message);
                bench.write("signature", &text);
                let theirs = bench.run(["-V", "-q", "-p", "policy/ours.pub", "-x", "signature", "-m", "message"], None);
                let ours = bench.released(identity, &message, "file.minisig", text.as_bytes());
                let said = Said { theirs: theirs.status.success(), ours };
                cases.push((format!("{form} {number} {what}"), is_good, said));
            }
        }
    }
    agreed("minisign", &cases);
}

fn sign(bench: &Bench, form: &str, key: &str, message: &[u8]) -> String {
    bench.write("message", message);
    bench.must(["-S", form, "-s", key, "-x", "signature", "-m", "message", "-t", "a trusted comment"]);
    String::from_utf8(bench.read("signature")).unwrap()
}
