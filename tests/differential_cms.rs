//! CMS signatures, made and verified by openssl: certificates, chains, revocation lists and all.

use crate::differential::{Bench, Said, agreed, flipped, messages};

/// (name, how openssl makes the key, the digest that it signs).
const KINDS: &[(&str, &[&str], &str)] = &[
    ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "sha256"),
    ("p384", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "sha384"),
    ("rsa", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "sha256"),
];

/// Certificates are valid from the moment in which the test runs, for a hundred years.
const LATER: &str = "2060-01-01T00:00:00Z";

const CONFIG: &str = "
[req]
distinguished_name = dn
prompt = no
[dn]
O = Nordic
CN = root
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[intermediate]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[signer]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = codeSigning
[web]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
[ca]
default_ca = own
[own]
database = index.txt
default_md = sha256
crlnumber = number
";

#[test]
fn openssl_cms_agrees() {
    let Some(mut bench) = Bench::of("openssl") else { return };
    bench.write("openssl.cnf", CONFIG);
    for authority in ["nordic", "foreign"] {
        root(&bench, authority);
        issue(
            &bench,
            authority,
            &format!("{authority}-root"),
            &format!("{authority}-mid"),
            "/O=Nordic/CN=mid",
            "intermediate",
            EC,
        );
    }
    // Nobody's certificate is revoked at first.
    for list in ["nordic-root", "nordic-mid"] {
        crl(&bench, list, &[]);
        std::fs::copy(bench.path(&format!("{list}.crl")), bench.path(&format!("policy/{list}.crl"))).unwrap();
    }
    std::fs::copy(bench.path("nordic-root.pem"), bench.path("policy/anchor.pem")).unwrap();
    let mut cases = Vec::new();
    for (name, generate, hash) in KINDS {
        for (authority, holder, usage) in
            [("nordic", "release", "signer"), ("nordic", "web", "web"), ("foreign", "release", "signer")]
        {
            let own = format!("{name}-{authority}-{holder}");
            issue(
                &bench,
                authority,
                &format!("{authority}-mid"),
                &own,
                &format!("/O=ACME/CN={holder}"),
                usage,
                generate,
            );
        }
        let message = &messages()[1];
        let sign = |own: &str, more: &[&str]| {
            bench.write("message", message);
            let (key, certificate) = (format!("{own}.key"), format!("{own}.pem"));
            let chain = if own.contains("foreign") { "foreign-mid.pem" } else { "nordic-mid.pem" };
            let args = ["cms", "-sign", "-binary", "-in", "message", "-outform", "DER", "-out", "signature"];
            bench.must(
                [&args[..], &["-signer", &certificate, "-inkey", &key, "-certfile", chain, "-md", hash], more].concat(),
            );
            bench.read("signature")
        };
        let release = format!("{name}-nordic-release");
        let good = sign(&release, &[]);
        let last = good.len() - 1;
        let mut signed = vec![
            ("good", true, message.clone(), good.clone()),
            ("without attributes", true, message.clone(), sign(&release, &["-noattr"])),
            ("by key identifier", true, message.clone(), sign(&release, &["-keyid"])),
            ("attached", true, message.clone(), sign(&release, &["-nodetach"])),
            ("message changed", false, flipped(message, 0), good.clone()),
            ("signature changed", false, message.clone(), flipped(&good, last)),
            ("without certificates", false, message.clone(), sign(&release, &["-nocerts"])),
            ("foreign authority", false, message.clone(), sign(&format!("{name}-foreign-release"), &[])),
            ("cut off", false, message.clone(), good[..last].to_vec()),
            ("for the web", false, message.clone(), sign(&format!("{name}-nordic-web"), &[])),
            ("message empty", false, Vec::new(), good.clone()),
        ];
        if *name == "rsa" {
            let pss = ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"];
            signed.push(("pss", true, message.clone(), sign(&release, &pss)));
        }
        for (what, is_good, message, signature) in signed {
            cases.push(judge(&mut bench, &format!("{name} {what}"), is_good, &message, &signature, "release"));
        }
    }
    // The holder of the P-256 certificate is revoked.
    crl(&bench, "nordic-mid", &["p256-nordic-release"]);
    std::fs::copy(bench.path("nordic-mid.crl"), bench.path("policy/nordic-mid.crl")).unwrap();
    for name in ["p256", "p384", "rsa"] {
        let hash = if name == "p384" { "sha384" } else { "sha256" };
        bench.write("message", &messages()[0]);
        let (key, certificate) = (format!("{name}-nordic-release.key"), format!("{name}-nordic-release.pem"));
        let args = [
            "cms",
            "-sign",
            "-binary",
            "-in",
            "message",
            "-outform",
            "DER",
            "-out",
            "signature",
            "-signer",
            &certificate,
        ];
        bench.must([&args[..], &["-inkey", &key, "-certfile", "nordic-mid.pem", "-md", hash]].concat());
        let signature = bench.read("signature");
        let case = judge(
            &mut bench,
            &format!("{name} after a revocation"),
            name != "p256",
            &messages()[0],
            &signature,
            "release",
        );
        cases.push(case);
    }
    agreed("openssl cms", &cases);
}

const EC: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];

fn root(bench: &Bench, authority: &str) {
    let (key, pem) = (format!("{authority}-root.key"), format!("{authority}-root.pem"));
    bench.must([&["genpkey"][..], EC, &["-out", &key]].concat());
    let args = ["req", "-new", "-x509", "-config", "openssl.cnf", "-extensions", "root", "-days", "36500"];
    let subject = format!("/O={authority}/CN=root");
    bench.must([&args[..], &["-subj", &subject, "-key", &key, "-out", &pem]].concat());
}

/// A certificate by `issuer` for `own`.
fn issue(bench: &Bench, authority: &str, issuer: &str, own: &str, subject: &str, extensions: &str, generate: &[&str]) {
    let [key, csr, pem] = ["key", "csr", "pem"].map(|end| format!("{own}.{end}"));
    let (ca, ca_key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
    let subject = subject.replace("Nordic", authority);
    bench.must([&["genpkey"][..], generate, &["-out", &key]].concat());
    bench.must(["req", "-new", "-config", "openssl.cnf", "-subj", &subject, "-key", &key, "-out", &csr]);
    let args = ["x509", "-req", "-in", &csr, "-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial", "-days", "36500"];
    bench.must([&args[..], &["-extfile", "openssl.cnf", "-extensions", extensions, "-out", &pem]].concat());
}

/// The revocation list of `issuer`.
fn crl(bench: &Bench, issuer: &str, revoked: &[&str]) {
    bench.write("index.txt", "");
    bench.write("number", "01\n");
    let (certificate, key, out) = (format!("{issuer}.pem"), format!("{issuer}.key"), format!("{issuer}.crl"));
    let by = ["-config", "openssl.cnf", "-cert", &certificate, "-keyfile", &key];
    for one in revoked {
        bench.must([&["ca"][..], &by, &["-revoke", &format!("{one}.pem")]].concat());
    }
    bench.must([&["ca"][..], &by, &["-gencrl", "-crldays", "30000", "-out", &out]].concat());
}

fn judge(
    bench: &mut Bench,
    what: &str,
    good: bool,
    message: &[u8],
    signature: &[u8],
    holder: &str,
) -> (String, bool, Said) {
    bench.write("message", message);
    bench.write("signature", signature);
    let lists = [bench.read("policy/nordic-root.crl"), bench.read("policy/nordic-mid.crl")].concat();
    bench.write("lists.pem", [bench.read("nordic-root.pem"), lists].concat());
    let args = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content", "message"];
    let trust = ["-CAfile", "lists.pem", "-crl_check_all", "-purpose", "any", "-out", "out"];
    let mut theirs = bench.run([&args[..], &trust].concat(), None).status.success();
    // openssl is not asked for code signing (its purpose of that name is newer), nor does it compare an attached content with
    // the file beside it.
    theirs &= !what.contains("web");
    let identity = format!(
        "type    = \"x509\"\nanchors = \"anchor.pem\"\nsubject = {{ O = \"ACME\", CN = \"{holder}\" }}\ncrls    = [\"nordic-root.crl\", \"nordic-mid.crl\"]"
    );
    let ours = bench.released_at(LATER, &identity, message, "file.p7s", signature);
    (what.to_owned(), good, Said { theirs, ours })
}
