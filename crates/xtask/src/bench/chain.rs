//! A component graph at the ceilings: 200,000 components with 2,000,000 edges in one SBOM, judged by a rule that looks at each of
//! them, beside the same delivery under a policy that only reads the SBOM.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use vidimus_testkit::{Delivery, Key, PolicyFolder};

use super::{AT, Row, best, peak, ratio, shown};
use crate::Result;

/// One vendor, whose SBOM is bound to its file.
pub(super) const POLICY: &str = r#"schema = "urn:vidimus:policy:v1"
id = "urn:vidimus:bench:chain"
version = 1

[party.acme]
name = "ACME"
kind = "vendor"
jurisdictions = ["SE"]

[[identity]]
id = "signer"
party = "acme"
key = "keys/acme.pub"

[[grant]]
identities = ["signer"]
may = ["delivery", "sbom", "release"]

[[rule]]
id = "described"
check = "sbom"
"#;

const CHAIN: &str = r#"
[[class]]
id = "parts"
role = "component"
products = ["pkg:generic/part/"]

[[class]]
id = "rest"
role = "any"
default = true

[[rule]]
id = "components"
classes = ["rest"]
check = "components"
edges = ["part", "depends"]
leaf_budget = { class = "parts", max_count = 200000 }

[[rule]]
id = "released"
classes = ["parts", "rest"]
check = "release"
"#;

/// At 2,000, 20,000 and 200,000 components, each with ten edges.
pub(super) fn rows(binary: &Path, folder: &Path) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for components in [2_000, 20_000, 200_000] {
        let place = folder.join(format!("chain-{components}"));
        let (app, key) = (b"app".as_slice(), Key::p256("bench"));
        let delivery = Delivery::new()
            .file("app", app)
            .evidence("app.cdx.json", sbom(components, app, &|at| format!("pkg:generic/part/p{at}@1")));
        let delivery = delivery.signed("pkg:generic/acme/app@1", 1, &[&key]);
        delivery.write(&place.join("delivery"));
        let verify = |policy: &Path| {
            let mut command = Command::new(binary);
            command.arg("verify").arg(place.join("delivery")).arg("--policy").arg(policy).args(["--at", AT]);
            command.args(["--product", "pkg:generic/acme/app@1", "-q"]);
            command
        };
        let write = |name: &str, text: &str| PolicyFolder::new(text).key("acme", &key).write(&place.join(name));
        let (plain, chain) = (write("plain", POLICY), write("chain", &format!("{POLICY}{CHAIN}")));
        let (reading, judging) = (best(&|| verify(&plain))?, best(&|| verify(&chain))?);
        let memory = |policy: &Path| -> Result<String> {
            Ok(peak(&mut verify(policy))?.map_or_else(|| "?".to_owned(), |kib| format!("{} MiB", kib / 1024)))
        };
        rows.push(Row {
            what: format!(
                "{components} components, {} edges: time beside reading the SBOM alone; peak memory of both",
                components * 10
            ),
            target: "linear",
            measured: format!(
                "{:.2} ({} against {}); {} against {}",
                ratio(judging, reading),
                shown(judging),
                shown(reading),
                memory(&chain)?,
                memory(&plain)?
            ),
        });
    }
    Ok(rows)
}

/// Each component depends on ten others, spread over all of them, so that circles are there, too. `purl` names a component by its
/// number.
pub(super) fn sbom(components: usize, app: &[u8], purl: &dyn Fn(usize) -> String) -> String {
    let mut out = String::from(
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"metadata":{"component":{"type":"application","bom-ref":"r","name":"app","version":"1","purl":"pkg:generic/acme/app@1","hashes":[{"alg":"SHA-256","content":""#,
    );
    let digest = |bytes: &[u8]| vidimus::digest::Digest::sha256(bytes).hex().to_owned();
    let _ = write!(out, "{}\"}}]}}}},\"components\":[", digest(app));
    for at in 0..components {
        let comma = if at == 0 { "" } else { "," };
        let hash = digest(&at.to_le_bytes());
        let _ = write!(
            out,
            r#"{comma}{{"type":"library","bom-ref":"{at}","name":"p{at}","purl":"{}","hashes":[{{"alg":"SHA-256","content":"{hash}"}}]}}"#,
            purl(at)
        );
    }
    out.push_str("],\"dependencies\":[{\"ref\":\"r\",\"dependsOn\":[\"0\"]}");
    for at in 0..components {
        let _ = write!(out, r#",{{"ref":"{at}","dependsOn":["#);
        for next in 0..10_usize {
            let to = (at * 7 + next * 104_729 + 1) % components;
            let _ = write!(out, "{}\"{to}\"", if next == 0 { "" } else { "," });
        }
        out.push_str("]}");
    }
    out.push_str("]}");
    out
}
