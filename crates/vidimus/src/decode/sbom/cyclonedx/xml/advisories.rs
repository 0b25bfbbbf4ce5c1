//! What an XML document says about vulnerabilities, in the members of the JSON form: one reader understands both.

use serde_json::{Map, Value as Json, json};

use super::tree::{Element, Tree};

/// The members that claims are read from.
pub(super) fn document(tree: &Tree<'_>) -> Map<String, Json> {
    let mut document = Map::new();
    let Some(root) = tree.element(0) else { return document };
    if let Some(metadata) = child(tree, root, "metadata") {
        document.insert("metadata".to_owned(), json!({"timestamp": tree.text_of(metadata, "timestamp")}));
    }
    let list = child(tree, root, "vulnerabilities").map(|list| each(tree, list, "vulnerability")).unwrap_or_default();
    let entries: Vec<Json> = list.into_iter().map(|entry| vulnerability(tree, entry)).collect();
    document.insert("vulnerabilities".to_owned(), entries.into());
    document
}

fn vulnerability(tree: &Tree<'_>, entry: &Element<'_>) -> Json {
    let inside = |group: &'static str, name: &'static str| {
        child(tree, entry, group).map(|group| each(tree, group, name)).unwrap_or_default()
    };
    let references = inside("references", "reference").into_iter().map(|r| json!({"id": tree.text_of(r, "id")}));
    let ratings = inside("ratings", "rating").into_iter().map(|rating| {
        let score = tree.text_of(rating, "score").parse::<serde_json::Number>().ok();
        json!({"severity": tree.text_of(rating, "severity"), "score": score})
    });
    let affects = inside("affects", "target").into_iter().map(|target| json!({"ref": tree.text_of(target, "ref")}));
    let mut out = json!({
        "references": references.collect::<Vec<_>>(), "ratings": ratings.collect::<Vec<_>>(),
        "affects": affects.collect::<Vec<_>>(),
    });
    for name in ["id", "updated", "recommendation", "workaround"] {
        set(&mut out, name, tree.text_of(entry, name));
    }
    if let Some(analysis) = child(tree, entry, "analysis") {
        let responses = child(tree, analysis, "responses").map(|list| each(tree, list, "response")).unwrap_or_default();
        let mut stated = json!({"response": responses.iter().map(|response| response.text.trim()).collect::<Vec<_>>()});
        for name in ["state", "justification", "detail", "firstIssued", "lastUpdated"] {
            set(&mut stated, name, tree.text_of(analysis, name));
        }
        if let Some(map) = out.as_object_mut() {
            map.insert("analysis".to_owned(), stated);
        }
    }
    out
}

fn set(value: &mut Json, name: &str, text: &str) {
    if let Some(map) = value.as_object_mut().filter(|_| !text.is_empty()) {
        map.insert(name.to_owned(), text.into());
    }
}

fn child<'t, 'a>(tree: &'t Tree<'a>, parent: &'t Element<'a>, name: &'t str) -> Option<&'t Element<'a>> {
    tree.children(parent, name).next().and_then(|child| tree.element(child))
}

fn each<'t, 'a>(tree: &'t Tree<'a>, parent: &'t Element<'a>, name: &'t str) -> Vec<&'t Element<'a>> {
    tree.children(parent, name).filter_map(|child| tree.element(child)).collect()
}
