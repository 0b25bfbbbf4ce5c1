//! Large SBOMs: one of 50,000 components, written in three notations, read by `vidimus sbom check` with two profiles; and the same
//! documents validated by others in the same run.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::{Row, best, peak, put, ratio, shown};
use crate::Result;

/// Where other validators are found, and what they are given.
pub(super) struct Others<'a> {
    /// Components of a document for those whose time grows faster than the document.
    pub(super) components: u32,
    /// A Python with `cyclonedx-python-lib[json-validation]`.
    pub(super) python: Option<&'a Path>,
    /// A folder whose `node_modules` have `@cyclonedx/cyclonedx-library` and its validators.
    pub(super) node: Option<&'a Path>,
}

/// Bytes that times are given for.
const PER: u64 = 50_000_000;

/// Measures documents of `components` components.
pub(super) fn rows(
    root: &Path,
    binary: &Path,
    folder: &Path,
    components: u32,
    others: &Others<'_>,
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let check = |path: &Path| {
        let mut command = Command::new(binary);
        command.args(["sbom", "check"]).arg(path).args(["--profile", PROFILES[0], "--profile", PROFILES[1]]);
        command
    };
    let json = folder.join("large.cdx.json");
    for (what, path, text, target) in [
        ("CycloneDX JSON", json.clone(), cyclonedx_json(components), "≤ 0.5 s per 50 MB"),
        ("SPDX JSON", folder.join("large.spdx.json"), spdx_json(components), "≤ 0.5 s per 50 MB"),
        ("CycloneDX XML", folder.join("large.cdx.xml"), cyclonedx_xml(components), "none"),
    ] {
        put(&path, text.as_bytes())?;
        let bytes = text.len() as u64;
        drop(text);
        let time = best(&|| check(&path))?;
        let rate = Duration::from_nanos(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX) / bytes.max(1) * PER);
        rows.push(Row {
            what: format!("`sbom check` of {components} components as {what}, two profiles"),
            target,
            measured: format!("{} for {} MB, {} per 50 MB", shown(time), bytes / 1_000_000, shown(rate)),
        });
        let measured = peak(&mut check(&path))?.map_or_else(
            || "not measurable here".to_owned(),
            |kib| format!("{}.{} times", kib * 1024 / bytes, kib * 1024 * 10 / bytes % 10),
        );
        rows.push(Row { what: "peak memory of that run, as ratio to the file".to_owned(), target: "≤ 4", measured });
    }
    let beside = |what: &str, target, theirs: std::result::Result<Duration, String>, ours| Row {
        what: format!("the same CycloneDX JSON: {what}, validation alone"),
        target,
        measured: theirs.map_or_else(
            |why| why,
            |theirs| format!("{:.1} times ours ({} against {})", ratio(theirs, ours), shown(theirs), shown(ours)),
        ),
    };
    rows.push(Row {
        what: "the same CycloneDX JSON read and validated, in one process: `serde_json` and the `jsonschema` crate with the official schema, against ours with the model"
            .to_owned(),
        target: "> 1",
        measured: schema(root, &json).unwrap_or_else(|why| why),
    });
    let small = folder.join("small.cdx.json");
    put(&small, cyclonedx_json(others.components).as_bytes())?;
    let ours = best(&|| check(&small))?;
    for (what, theirs) in [
        ("Python `cyclonedx-python-lib`", python(others.python, &small)),
        ("npm `@cyclonedx/cyclonedx-library`", node(others.node, &small)),
    ] {
        rows.push(beside(&format!("{} components of it, {what}", others.components), "≥ 20", theirs, ours));
    }
    Ok(rows)
}

const PROFILES: [&str; 2] = ["ntia-2021", "cisa-2026"];

/// A test of this crate has the validator: the binary is built without it.
fn schema(root: &Path, document: &Path) -> std::result::Result<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut test = Command::new(cargo);
    test.current_dir(root).args([
        "test",
        "--release",
        "--quiet",
        "--locked",
        "--package",
        "xtask",
        "time_of_the_schema",
    ]);
    test.args(["--", "--ignored", "--nocapture"]).env("VIDIMUS_BENCH_DOCUMENT", document);
    let [theirs, ours, alone] = times(&mut test, ["seconds", "ours", "alone"])?;
    let ratio = ratio(theirs, ours);
    Ok(format!(
        "{ratio:.1} times ours ({} against {}; their validation alone {})",
        shown(theirs),
        shown(ours),
        shown(alone)
    ))
}

const PYTHON: &str = "import sys, time
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
text = open(sys.argv[1], encoding='utf-8').read()
validator = JsonStrictValidator(SchemaVersion.V1_6)
start = time.perf_counter()
error = validator.validate_str(text)
print('\\nseconds', time.perf_counter() - start)
sys.exit(1 if error else 0)
";

fn python(python: Option<&Path>, document: &Path) -> std::result::Result<Duration, String> {
    let python = python.ok_or("no `--python` was named")?;
    seconds(Command::new(python).args(["-c", PYTHON]).arg(document))
}

const NODE: &str = "const fs = require('fs');
const cdx = require('@cyclonedx/cyclonedx-library');
const text = fs.readFileSync(process.argv[1], 'utf8');
const validator = new cdx.Validation.JsonStrictValidator(cdx.Spec.Version.v1dot6);
validator.validate('{}').then(() => {
  const start = process.hrtime.bigint();
  return validator.validate(text).then((error) => {
    console.log('\\nseconds', Number(process.hrtime.bigint() - start) / 1e9);
    process.exit(error ? 1 : 0);
  });
});
";

fn node(folder: Option<&Path>, document: &Path) -> std::result::Result<Duration, String> {
    let folder = folder.ok_or("no `--node` was named")?;
    seconds(Command::new("node").current_dir(folder).args(["--max-old-space-size=8192", "-e", NODE]).arg(document))
}

/// What a command prints behind `seconds`; it must find nothing wrong.
fn seconds(command: &mut Command) -> std::result::Result<Duration, String> {
    times(command, ["seconds"]).map(|[seconds]| seconds)
}

/// The numbers that a command prints behind these words.
fn times<const N: usize>(command: &mut Command, words: [&str; N]) -> std::result::Result<[Duration; N], String> {
    let output = command.output().map_err(|error| format!("does not run: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let time = |word: &str| {
        let number = |line: &str| line.strip_prefix(word)?.strip_prefix(' ')?.trim().parse().ok();
        text.lines().find_map(number).map(Duration::from_secs_f64)
    };
    match (words.map(time), output.status.success()) {
        (found, true) if found.iter().all(Option::is_some) => Ok(found.map(Option::unwrap_or_default)),
        (found, false) if found.iter().any(Option::is_some) => Err("finds the document invalid".to_owned()),
        _ => {
            let words = String::from_utf8_lossy(&output.stderr);
            Err(format!("does not run: {}", words.lines().last().unwrap_or_default()))
        }
    }
}

/// What one component is called and known by.
struct Component {
    name: String,
    version: String,
    sha256: String,
}

impl Component {
    fn of(number: u32) -> Self {
        let mut state = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut hex = String::new();
        for _ in 0..4 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            // Writing into a string cannot fail.
            let _ = write!(hex, "{state:016x}");
        }
        Self {
            name: format!("component-{number:05}"),
            version: format!("{}.{}.{}", number % 7, number % 31, number % 100),
            sha256: hex,
        }
    }
}

fn cyclonedx_json(count: u32) -> String {
    let mut text = String::from(
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79","version":1,"metadata":{"timestamp":"2026-11-01T08:00:00Z","tools":{"components":[{"type":"application","name":"bench","version":"1"}]},"authors":[{"name":"ACME","email":"sbom@acme.example"}],"supplier":{"name":"ACME Networks AB","url":["https://acme.example"]},"component":{"type":"application","bom-ref":"root","name":"product","version":"1.0.0"}},"components":["#,
    );
    for number in 0..count {
        let Component { name, version, sha256 } = Component::of(number);
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"type":"library","bom-ref":"pkg:generic/acme/{name}@{version}","supplier":{{"name":"ACME Networks AB","url":["https://acme.example/{name}"],"contact":[{{"name":"Security","email":"security@acme.example"}}]}},"author":"ACME Networks AB","group":"acme","name":"{name}","version":"{version}","description":"The {name} of the product, with a sentence that says \"what\" it is for.","scope":"required","hashes":[{{"alg":"SHA-256","content":"{sha256}"}}],"licenses":[{{"license":{{"id":"Apache-2.0"}}}}],"copyright":"Copyright 2026 ACME Networks AB","purl":"pkg:generic/acme/{name}@{version}","externalReferences":[{{"type":"vcs","url":"https://git.acme.example/{name}.git"}},{{"type":"distribution","url":"https://files.acme.example/{name}-{version}.tar.gz"}}],"properties":[{{"name":"acme:layer","value":"layer-{version}"}}]}}"#
        );
    }
    text.push_str(r#"],"dependencies":[{"ref":"root","dependsOn":["#);
    let reference = |number: u32| {
        let Component { name, version, .. } = Component::of(number);
        format!("\"pkg:generic/acme/{name}@{version}\"")
    };
    let _ = write!(text, "{}]}}", reference(0));
    for number in 0..count {
        let to: Vec<String> = targets(number, count).map(reference).collect();
        let _ = write!(text, r#",{{"ref":{},"dependsOn":[{}]}}"#, reference(number), to.join(","));
    }
    text.push_str("]}");
    text
}

/// A graph without cycles: each component needs the next and one farther away.
fn targets(number: u32, count: u32) -> impl Iterator<Item = u32> {
    [number + 1, number.saturating_mul(2).saturating_add(2)].into_iter().filter(move |to| *to < count)
}

fn cyclonedx_xml(count: u32) -> String {
    let mut text = String::from(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.6" serialNumber="urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79" version="1"><metadata><timestamp>2026-11-01T08:00:00Z</timestamp><tools><components><component type="application"><name>bench</name><version>1</version></component></components></tools><authors><author><name>ACME</name><email>sbom@acme.example</email></author></authors><component type="application" bom-ref="root"><name>product</name><version>1.0.0</version></component><supplier><name>ACME Networks AB</name><url>https://acme.example</url></supplier></metadata>
<components>
"#,
    );
    for number in 0..count {
        let Component { name, version, sha256 } = Component::of(number);
        let _ = writeln!(
            text,
            r#"<component type="library" bom-ref="pkg:generic/acme/{name}@{version}"><supplier><name>ACME Networks AB</name><url>https://acme.example/{name}</url><contact><name>Security</name><email>security@acme.example</email></contact></supplier><author>ACME Networks AB</author><group>acme</group><name>{name}</name><version>{version}</version><description>The {name} of the product, with a sentence that says &quot;what&quot; it is for.</description><scope>required</scope><hashes><hash alg="SHA-256">{sha256}</hash></hashes><licenses><license><id>Apache-2.0</id></license></licenses><copyright>Copyright 2026 ACME Networks AB</copyright><purl>pkg:generic/acme/{name}@{version}</purl><externalReferences><reference type="vcs"><url>https://git.acme.example/{name}.git</url></reference><reference type="distribution"><url>https://files.acme.example/{name}-{version}.tar.gz</url></reference></externalReferences><properties><property name="acme:layer">layer-{version}</property></properties></component>"#
        );
    }
    text.push_str("</components>\n<dependencies>\n");
    let reference = |number: u32| {
        let Component { name, version, .. } = Component::of(number);
        format!("ref=\"pkg:generic/acme/{name}@{version}\"")
    };
    let _ = writeln!(text, "<dependency ref=\"root\"><dependency {}/></dependency>", reference(0));
    for number in 0..count {
        let to: String = targets(number, count).map(|to| format!("<dependency {}/>", reference(to))).collect();
        let _ = writeln!(text, "<dependency {}>{to}</dependency>", reference(number));
    }
    text.push_str("</dependencies>\n</bom>\n");
    text
}

fn spdx_json(count: u32) -> String {
    let mut text = String::from(
        r#"{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","dataLicense":"CC0-1.0","name":"product","documentNamespace":"https://acme.example/product/1","creationInfo":{"created":"2026-11-01T08:00:00Z","creators":["Organization: ACME Networks AB (sbom@acme.example)","Tool: bench-1"]},"documentDescribes":["SPDXRef-root"],"packages":[{"SPDXID":"SPDXRef-root","name":"product","versionInfo":"1.0.0","supplier":"Organization: ACME Networks AB (sbom@acme.example)","downloadLocation":"NOASSERTION","filesAnalyzed":false}"#,
    );
    for number in 0..count {
        let Component { name, version, sha256 } = Component::of(number);
        let _ = write!(
            text,
            r#",{{"SPDXID":"SPDXRef-{name}","name":"{name}","versionInfo":"{version}","supplier":"Organization: ACME Networks AB (security@acme.example)","originator":"Organization: ACME Networks AB (security@acme.example)","downloadLocation":"https://files.acme.example/{name}-{version}.tar.gz","filesAnalyzed":false,"homepage":"https://acme.example/{name}","sourceInfo":"git+https://git.acme.example/{name}.git","checksums":[{{"algorithm":"SHA256","checksumValue":"{sha256}"}}],"licenseConcluded":"Apache-2.0","licenseDeclared":"Apache-2.0","copyrightText":"Copyright 2026 ACME Networks AB","description":"The {name} of the product, with a sentence that says \"what\" it is for.","primaryPackagePurpose":"LIBRARY","externalRefs":[{{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:generic/acme/{name}@{version}"}}]}}"#
        );
    }
    text.push_str(r#"],"relationships":[{"spdxElementId":"SPDXRef-root","relationshipType":"DEPENDS_ON","relatedSpdxElement":"SPDXRef-component-00000"}"#);
    for number in 0..count {
        for to in targets(number, count) {
            let _ = write!(
                text,
                r#",{{"spdxElementId":"SPDXRef-{}","relationshipType":"DEPENDS_ON","relatedSpdxElement":"SPDXRef-{}"}}"#,
                Component::of(number).name,
                Component::of(to).name
            );
        }
    }
    text.push_str("]}");
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use vidimus::decode::{Content, document};
    use vidimus::limits::Limits;

    use super::*;

    #[test]
    fn the_documents_are_valid_and_say_the_same() {
        let models = [cyclonedx_json(50), cyclonedx_xml(50), spdx_json(50)].map(|text| {
            match document(text.as_bytes(), &Limits::MAX) {
                Content::Sbom(sbom) => sbom,
                other => panic!("{other:?}"),
            }
        });
        for sbom in &models {
            assert_eq!(sbom.len(), 51, "{}", sbom.format);
            let needs = sbom.edges().filter(|edge| edge.kind == vidimus::decode::EdgeKind::DependsOn).count();
            assert_eq!(needs, 1 + (0..50).map(|number| targets(number, 50).count()).sum::<usize>(), "{}", sbom.format);
            assert_eq!(sbom.root().map(|root| root.name()), Some("product"));
        }
    }
}
