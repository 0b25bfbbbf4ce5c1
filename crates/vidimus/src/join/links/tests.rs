#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use serde_json::{Value as Json, json};

use super::*;
use crate::decode::{Content, document};
use crate::limits::Limits;

const SERIAL: &str = "3e671687-395b-41f5-a30f-a58921a69b79";

fn bom(version: u64, name: &str, more: Json) -> Vec<u8> {
    let mut bom = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": version,
        "serialNumber": format!("urn:uuid:{SERIAL}"),
        "metadata": {"component": {"type": "application", "bom-ref": "app", "name": name}},
    });
    bom.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bom.to_string().into_bytes()
}

fn spdx(name: &str, more: Json) -> Vec<u8> {
    let mut document = json!({
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": name, "dataLicense": "CC0-1.0",
        "documentNamespace": format!("https://acme.example/{name}"),
        "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Tool: a"]},
        "packages": [{"SPDXID": "SPDXRef-a", "name": name, "downloadLocation": "NOASSERTION", "filesAnalyzed": false}],
    });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document.to_string().into_bytes()
}

/// What the first says about itself beside the others.
fn codes(all: &[Vec<u8>]) -> Vec<&'static str> {
    between(&at_hand(&read(all), all))[0].iter().map(Reason::code).collect()
}

#[test]
fn references_of_cyclonedx() {
    let other = |version| bom(version, "lib", json!({}));
    let link = format!("urn:cdx:{SERIAL}/2#app");
    let depends = |to: &str| {
        let serial = "urn:uuid:aaaaaaaa-395b-41f5-a30f-a58921a69b79";
        bom(1, "main", json!({"serialNumber": serial, "dependencies": [{"ref": "app", "dependsOn": [to]}]}))
    };
    let refers = |hash: String| {
        let reference = json!({"type": "bom", "url": format!("urn:cdx:{SERIAL}/2"), "hashes": [{"alg": "SHA-256", "content": hash}]});
        let serial = "urn:uuid:aaaaaaaa-395b-41f5-a30f-a58921a69b79";
        let main = json!({"type": "application", "bom-ref": "app", "name": "main", "externalReferences": [reference]});
        bom(1, "main", json!({"serialNumber": serial, "metadata": {"component": main}}))
    };
    let hash = Digest::sha256(&other(2)).hex().to_owned();
    for (all, expected) in [
        (vec![other(1)], &[][..]),
        (vec![depends(&link), other(2)], &[]),
        (vec![depends(&link), other(1)], &["sbom.link-unresolved"]),
        (vec![depends(&link.replace("#app", "#none")), other(2)], &["sbom.link-element"]),
        (vec![refers(hash.clone()), other(2)], &[]),
        (vec![refers("0".repeat(64)), other(2)], &["sbom.link-mismatch"]),
        (vec![refers(hash)], &["sbom.link-unresolved"]),
        (vec![other(1), other(2)], &["sbom.stale-revision"]),
        (vec![other(2), other(1)], &[]),
        (vec![other(1), bom(1, "changed", json!({}))], &["sbom.serial-conflict"]),
        (vec![other(1), other(1)], &[]),
    ] {
        assert_eq!(codes(&all), expected, "{}", String::from_utf8_lossy(&all[0]));
    }
}

#[test]
fn references_of_spdx() {
    let other = spdx("lib", json!({}));
    let sha1 = hex::encode(digest_of(&SHA1_FOR_LEGACY_USE_ONLY, &other));
    let sha256 = Digest::sha256(&other).hex().to_owned();
    let main = |algorithm: &str, value: &str, element: &str| {
        spdx(
            "main",
            json!({
                "externalDocumentRefs": [{
                    "externalDocumentId": "DocumentRef-lib", "spdxDocument": "https://acme.example/lib",
                    "checksum": {"algorithm": algorithm, "checksumValue": value},
                }],
                "relationships": [{
                    "spdxElementId": "SPDXRef-a", "relationshipType": "DEPENDS_ON",
                    "relatedSpdxElement": format!("DocumentRef-lib:{element}"),
                }],
            }),
        )
    };
    for (all, expected) in [
        (vec![main("SHA256", &sha256, "SPDXRef-a"), other.clone()], &[][..]),
        (vec![main("SHA1", &sha1, "SPDXRef-a"), other.clone()], &["sbom.link-weak"]),
        (vec![main("SHA1", &"0".repeat(40), "SPDXRef-a"), other.clone()], &["sbom.link-mismatch"]),
        (vec![main("SHA256", &sha256, "SPDXRef-b"), other.clone()], &["sbom.link-element"]),
        (vec![main("SHA256", &sha256, "SPDXRef-a")], &["sbom.link-unresolved"]),
    ] {
        assert_eq!(codes(&all), expected);
    }
}

#[test]
fn two_documents_about_the_same_bytes() {
    let with = |serial: char, version: &str| {
        let hash = json!([{"alg": "SHA-256", "content": "a".repeat(64)}]);
        let part = json!([{"type": "library", "name": "lib", "version": version, "hashes": hash}]);
        let serial = format!("urn:uuid:{}-395b-41f5-a30f-a58921a69b79", serial.to_string().repeat(8));
        bom(1, "main", json!({"serialNumber": serial, "components": part}))
    };
    assert_eq!(codes(&[with('a', "1"), with('b', "1")]), [""; 0]);
    assert_eq!(codes(&[with('a', "2")]), [""; 0]);
    let read = |bytes: &[u8]| match document(bytes, &Limits::MAX) {
        Content::Sbom(sbom) => (Digest::sha256(bytes), sbom),
        other => panic!("{other:?}"),
    };
    let (first, second) = (read(&with('a', "1")), read(&with('b', "2")));
    let all = [&first, &second].map(|(id, sbom)| Document { id, sbom, bytes: None });
    let found = between(&all);
    assert_eq!(found[1].iter().map(Reason::code).collect::<Vec<_>>(), ["sbom.described-differently"]);
}

fn at_hand<'a>(read: &'a [(Digest, Content)], all: &'a [Vec<u8>]) -> Vec<Document<'a>> {
    let document = |((id, content), bytes): (&'a (Digest, Content), &'a Vec<u8>)| match content {
        Content::Sbom(sbom) => Document { id, sbom, bytes: Some(bytes.as_slice()) },
        other => panic!("{other:?}"),
    };
    read.iter().zip(all).map(document).collect()
}

fn read(all: &[Vec<u8>]) -> Vec<(Digest, Content)> {
    all.iter().map(|bytes| (Digest::sha256(bytes), document(bytes, &Limits::MAX))).collect()
}

/// Codes with how many there are of each, those that are only counted included.
fn counted(reasons: &[Reason]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for reason in reasons {
        let args = reason.args();
        let (code, count) = match args.get("code") {
            Some(code) => (code.to_string(), args["count"].to_string().parse().unwrap()),
            None => (reason.code().to_owned(), 1),
        };
        *counts.entry(code).or_default() += count;
    }
    counts
}

fn counts<const N: usize>(counts: [(&str, u64); N]) -> BTreeMap<String, u64> {
    counts.into_iter().map(|(code, count)| (code.to_owned(), count)).collect()
}

fn serial(index: usize) -> String {
    format!("urn:uuid:{index:08x}-395b-41f5-a30f-a58921a69b79")
}

/// The best of those that have the name counts, and of those that are other bytes the first: as when each is compared.
#[test]
fn the_best_of_several_counts() {
    fn one(stated: &DigestSet, document: &Document<'_>) -> (u8, String, String) {
        let Some(bytes) = document.bytes else { return (2, String::new(), String::new()) };
        let (mut strong, mut weak) = (false, false);
        for (name, value) in stated.iter().filter(|(name, _)| *name != "md5") {
            let ours = of(name, bytes);
            if !value.eq_ignore_ascii_case(&ours) {
                return (3, format!("{name}:{value}"), format!("{name}:{ours}"));
            }
            strong |= name != "sha1";
            weak |= name == "sha1";
        }
        (if strong { 0 } else { 2 - u8::from(weak) }, String::new(), String::new())
    }
    fn of(name: &str, bytes: &[u8]) -> String {
        match Algorithm::from_name(name) {
            Some(algorithm) => algorithm.digest(bytes).hex().to_owned(),
            None => hex::encode(digest_of(&SHA1_FOR_LEGACY_USE_ONLY, bytes)),
        }
    }
    let all: Vec<Vec<u8>> = (0..4).map(|index| bom(2, &format!("lib{index}"), json!({}))).collect();
    let read = read(&all);
    let mut compared = 0;
    for members in 1..16_usize {
        let mut documents = at_hand(&read, &all);
        documents[3].bytes = None;
        let mut at = 0..4;
        documents.retain(|_| at.next().is_some_and(|at| members & (1 << at) != 0));
        let known = Known::of(&documents);
        // Of each hash: none, that of the first, that of the second in capitals, that of none.
        for choice in 0..5 * 256_usize {
            let mut stated = DigestSet::default();
            for (kind, name) in HASHES.into_iter().enumerate() {
                match ((choice % 256) >> (2 * kind)) & 3 {
                    0 => {}
                    1 => stated.insert(name, &of(name, &all[0])).unwrap(),
                    2 => stated.insert(name, &of(name, &all[1]).to_ascii_uppercase()).unwrap(),
                    _ => stated.insert(name, &format!("{:x}", choice / 256 * 3).repeat(64)).unwrap(),
                }
            }
            stated.insert("md5", "00").unwrap();
            let link = format!("urn:cdx:{SERIAL}/2");
            let found = match known.compared(&stated, known.bom(BomLink::parse(&link).unwrap()).unwrap()) {
                Compared::Same => (0, String::new(), String::new()),
                Compared::Weak => (1, String::new(), String::new()),
                Compared::NotStated => (2, String::new(), String::new()),
                Compared::Other(expected, ours) => (3, expected, ours),
            };
            let expected = documents.iter().map(|document| one(&stated, document)).min().unwrap();
            assert_eq!(found, expected, "{members:b} {stated:?}");
            compared += 1;
        }
    }
    assert_eq!(compared, 15 * 5 * 256);
}

const MANY: usize = 20_000;

/// Each looked for among the elements of its document is thousands of millions of comparisons.
#[test]
fn elements_are_found_by_their_names() {
    let parts: Vec<Json> = (0..MANY)
        .map(|index| json!({"type": "library", "bom-ref": format!("p/{index}"), "name": "a", "description": index.to_string()}))
        .collect();
    let links: Vec<String> =
        (0..2 * MANY).map(|index| format!("urn:cdx:{SERIAL}/2#p%2F{}", MANY / 2 + index)).collect();
    let more = json!({"serialNumber": serial(1), "dependencies": [{"ref": "app", "dependsOn": links}]});
    let all = [bom(1, "main", more), bom(2, "lib", json!({"components": parts}))];
    let found = between(&at_hand(&read(&all), &all));
    assert_eq!(counted(&found[0]), counts([("sbom.link-element", 3 * MANY as u64 / 2)]));

    let packages: Vec<Json> = (0..MANY)
        .map(|index| json!({"SPDXID": format!("SPDXRef-{index}"), "name": "a", "downloadLocation": "NOASSERTION", "filesAnalyzed": false}))
        .collect();
    let checksum = json!({"algorithm": "SHA1", "checksumValue": "0".repeat(40)});
    // The one that is meant has the last of many names.
    let names: Vec<Json> = (0..MANY)
        .map(|index| {
            let name = if index + 1 == MANY { "lib".to_owned() } else { index.to_string() };
            json!({
                "externalDocumentId": format!("DocumentRef-{name}"), "spdxDocument": format!("https://acme.example/{name}"),
                "checksum": checksum,
            })
        })
        .collect();
    let relationships: Vec<Json> = (0..MANY)
        .map(|index| {
            json!({
                "spdxElementId": "SPDXRef-a", "relationshipType": "DEPENDS_ON",
                "relatedSpdxElement": format!("DocumentRef-lib:SPDXRef-{}", MANY / 2 + index),
            })
        })
        .collect();
    let all = [
        spdx("main", json!({"externalDocumentRefs": names, "relationships": relationships})),
        spdx("lib", json!({"packages": packages, "documentDescribes": ["SPDXRef-0"]})),
    ];
    let found = between(&at_hand(&read(&all), &all));
    let (elements, others) = (MANY as u64 / 2, MANY as u64 - 1);
    let expected = [("sbom.link-element", elements), ("sbom.link-mismatch", 1), ("sbom.link-unresolved", others)];
    assert_eq!(counted(&found[0]), counts(expected));
}

/// Hashed again for each link these are tens of gigabytes; and of many with one name each reference finds its own, wherever it stands.
#[test]
fn documents_are_found_by_their_hashes() {
    const SAME_NAME: usize = 1_000;
    let text = "x".repeat(1 << 20);
    let parts: Vec<Json> = (0..4)
        .map(|index| json!({"type": "library", "bom-ref": format!("p{index}"), "name": "a", "description": format!("{index}{}", &text[1..])}))
        .collect();
    let mut all = vec![Vec::new(), bom(3, "large", json!({"components": parts}))];
    all.extend((0..SAME_NAME).map(|index| bom(2, &format!("lib{index}"), json!({}))));
    let refers = |version: u64, algorithm: &str, hash: &str| json!({"type": "bom", "url": format!("urn:cdx:{SERIAL}/{version}"), "hashes": [{"alg": algorithm, "content": hash}]});
    let sha512 = |bytes: &[u8]| Algorithm::Sha512.digest(bytes).hex().to_owned();
    let mut references: Vec<Json> = all[2..].iter().map(|bytes| refers(2, "SHA-512", &sha512(bytes))).collect();
    references.push(refers(3, "SHA-512", &sha512(&all[1])));
    references.extend((0..MANY).map(|index| refers(2, "SHA-512", &sha512(&index.to_be_bytes()))));
    references
        .extend((0..MANY).map(|index| refers(3, "SHA-384", Algorithm::Sha384.digest(&index.to_be_bytes()).hex())));
    let main = json!({"type": "application", "bom-ref": "app", "name": "main", "externalReferences": references});
    all[0] = bom(1, "main", json!({"serialNumber": serial(1), "metadata": {"component": main}}));
    let found = between(&at_hand(&read(&all), &all));
    assert_eq!(counted(&found[0]), counts([("sbom.link-mismatch", 2 * MANY as u64)]));
}

/// Each held against each other, and each pair listed, is more than fits into memory.
#[test]
fn documents_with_one_name_are_not_listed_in_pairs() {
    const COUNT: usize = 3_000;
    let mut all: Vec<Vec<u8>> = (0..COUNT).map(|index| bom(1, &format!("lib{index}"), json!({}))).collect();
    // The same in other bytes.
    all.push([all[0].as_slice(), b" "].concat());
    all.push(bom(2, "newest", json!({})));
    let found = between(&at_hand(&read(&all), &all));
    let others = |count: usize| counts([("sbom.serial-conflict", count as u64), ("sbom.stale-revision", 1)]);
    assert_eq!(counted(&found[0]), others(COUNT - 1));
    assert_eq!(counted(&found[COUNT]), others(COUNT - 1));
    assert_eq!(counted(&found[COUNT / 2]), others(COUNT));
    assert_eq!(found[0].len(), LISTED + 2);
    assert!(found[COUNT + 1].is_empty());
}

/// Each held against each other is millions of pairs, and more with many components about the same bytes.
#[test]
fn documents_about_the_same_bytes_are_not_listed_in_pairs() {
    const COUNT: usize = 3_000;
    let hash = json!([{"alg": "SHA-256", "content": "a".repeat(64)}]);
    let with = |serial: String, versions: &[String]| {
        let parts: Vec<Json> = versions
            .iter()
            .map(|version| json!({"type": "library", "name": "lib", "version": version, "hashes": hash}))
            .collect();
        bom(1, "main", json!({"serialNumber": serial, "components": parts}))
    };
    // Every third says the same.
    let version = |index: usize| if index.is_multiple_of(3) { "same".to_owned() } else { index.to_string() };
    let mut all: Vec<Vec<u8>> = (0..COUNT).map(|index| with(serial(index), &[version(index)])).collect();
    all.push(with(serial(COUNT), &["same".to_owned()]));
    let many: Vec<String> = (0..MANY).map(|index| index.to_string()).collect();
    all.push(with(serial(COUNT + 1), &many));
    let read = read(&all);
    let found = between(&at_hand(&read, &all));
    let others = |count: usize| counts([("sbom.described-differently", count as u64)]);
    assert!(found[0].is_empty());
    assert_eq!(counted(&found[2]), others(2));
    assert_eq!(counted(&found[COUNT - 1]), others(COUNT - 1));
    // Those that say the same are left out, wherever they stand, and whoever says two things differs from all.
    assert_eq!(counted(&found[COUNT]), others(COUNT / 3 * 2));
    assert_eq!(counted(&found[COUNT + 1]), others(COUNT + 1));
    let listed: Vec<String> =
        found[COUNT].iter().filter_map(|reason| Some(reason.args().get("found")?.to_string())).collect();
    let mut first: Vec<String> =
        (0..COUNT).filter(|index| index % 3 != 0).take(LISTED).map(|index| read[index].0.to_string()).collect();
    first.sort();
    assert_eq!(listed, first);
}
