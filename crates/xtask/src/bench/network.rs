//! Whole deliveries with components of which each has evidence of its own: the one from many countries that the tests judge, and ones
//! that grow.

use std::path::{Path, PathBuf};
use std::process::Command;

use vidimus_testkit::intake::Large;
use vidimus_testkit::statement::Statement;
use vidimus_testkit::{Delivery, Key, PolicyFolder};

use super::chain::{POLICY, sbom};
use super::{AT, Row, Use, shown, used};
use crate::Result;

const PRODUCT: &str = "pkg:generic/acme/app@1";

/// Components that one statement is about.
const EACH: usize = 10;

const EVERY: &str = r#"
[party.forge]
name = "Forge"
kind = "supplier"
jurisdictions = ["DE"]

[[identity]]
id = "forge"
party = "forge"
key = "keys/forge.pub"

[[grant]]
identities = ["forge"]
may = ["release"]
products = ["pkg:generic/part/"]

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

[[rule]]
id = "released"
classes = ["parts", "rest"]
check = "release"

[[rule]]
id = "identified"
classes = ["parts"]
check = "component-identity"
"#;

/// The delivery of the tests, then 1,000, 10,000 and 100,000 components with a tenth as many statements.
pub(super) fn rows(binary: &Path, folder: &Path) -> Result<Vec<Row>> {
    let mut rows = vec![many_countries(binary, &folder.join("network"))?];
    for components in [1_000, 10_000, 100_000] {
        let place = folder.join(format!("components-{components}"));
        let policy = grown(&place, components);
        let verify = || {
            let mut command = Command::new(binary);
            command.arg("verify").arg(place.join("delivery")).arg("--policy").arg(&policy).args(["--at", AT]);
            command.args(["--product", PRODUCT, "-q"]);
            command
        };
        let what = format!("{components} components, {} signed statements about them", components / EACH);
        let target = if components == 100_000 { "≤ 10 s, ≤ 1 GiB" } else { "linear" };
        rows.push(Row { what, target, measured: told(&best(&verify)?) });
    }
    Ok(rows)
}

fn many_countries(binary: &Path, place: &Path) -> Result<Row> {
    let fixture = Large::default().fixture();
    for (path, bytes) in fixture.files() {
        let path = place.join(path);
        let parent = path.parent().unwrap_or(place);
        std::fs::create_dir_all(parent).map_err(|error| error.to_string())?;
        super::put(&path, &bytes)?;
    }
    let verify = || {
        let mut command = Command::new(binary);
        command.arg("verify").arg(place.join("delivery")).arg("--policy").arg(place.join("policy/policy.toml"));
        command.arg("--status").arg(place.join("status")).arg("--state").arg(place.join("state.json"));
        command.args(["--at", AT, "-q"]);
        command.args(
            [("--product", &fixture.product), ("--recipient", &fixture.recipient)]
                .into_iter()
                .flat_map(|(flag, value)| value.iter().flat_map(move |value| [flag.to_owned(), value.clone()])),
        );
        command
    };
    let what = "the delivery from many countries: 400 files, 5,000 components, the whole intake policy".to_owned();
    Ok(Row { what, target: "–", measured: told(&best(&verify)?) })
}

/// A delivery of so many components under a policy that holds each to two rules; the policy's path.
fn grown(place: &Path, components: usize) -> PathBuf {
    let (app, key, forge) = (b"app".as_slice(), Key::p256("bench"), Key::p256("forge"));
    let package = |at: usize| format!("pkg:generic/part/p{}@1", at / EACH);
    let document = sbom(components, app, &package);
    let delivery = Delivery::new().file("app", app).evidence("app.cdx.json", document);
    let delivery = (0..components).step_by(EACH).fold(delivery, |delivery, first| {
        let release = Statement::release(&package(first));
        let all = first..components.min(first + EACH);
        let release = all.fold(release, |release, at| release.subject(&format!("p{at}"), &at.to_le_bytes()));
        delivery.attest(&format!("evidence/{first}.dsse.json"), &release, &[&forge])
    });
    delivery.signed(PRODUCT, 1, &[&key]).write(&place.join("delivery"));
    let policy = PolicyFolder::new(&format!("{POLICY}{EVERY}")).key("acme", &key).key("forge", &forge);
    policy.write(&place.join("policy"))
}

/// The best of three: other programs only ever add time.
fn best(command: &dyn Fn() -> Command) -> Result<Use> {
    let all = (0..4).map(|_| used(&mut command(), true)).collect::<Result<Vec<_>>>()?;
    let peak = all.iter().filter_map(|all| all.peak).max();
    let least = all.into_iter().skip(1).min_by_key(|all| all.wall);
    least.map(|least| Use { peak, ..least }).ok_or_else(|| "nothing was run".to_owned())
}

fn told(all: &Use) -> String {
    let cpu = all.cpu.map_or_else(|| "?".to_owned(), shown);
    let peak = all.peak.map_or_else(|| "?".to_owned(), |kib| format!("{} MiB", kib / 1024));
    format!("{} ({cpu} of processors), {peak}", shown(all.wall))
}
