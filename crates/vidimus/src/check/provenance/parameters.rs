//! External parameters: the tenant's input to the build. They "MUST be verified downstream" (SLSA provenance v1), by JSON
//! Pointer; parameters that the rule does not list are refused when it says so.

use serde_json::Value as Json;

use crate::decode::Provenance;
use crate::policy::{Expect, Parameters, ProvenanceCheck, Scalar};
use crate::reason::Reason;

crate::reasons! {
    PARAM = "provenance.param", Unproven, Vendor, ["expected", "found", "pointer"],
        says "the build parameter {pointer} is {found}; the rule expects {expected}",
        why "A build with other parameters is another build, whatever the source (T5).",
        fix "Deliver the build with the expected parameters, or correct the rule.";
    MISSING_PARAM = "provenance.param-missing", Unproven, Vendor, ["expected", "pointer"],
        says "the provenance has no build parameter {pointer}; the rule expects {expected}",
        why "A parameter that is not stated is not shown to be the expected one.",
        fix "Use a builder whose provenance states the parameter, or correct the pointer in the rule.";
    UNKNOWN_PARAM = "provenance.unknown-param", Unproven, Vendor, ["pointer"],
        says "the build had a parameter {pointer} that the rule does not list",
        why "An unrecognised parameter can change what is built; SLSA says to refuse it (T5).",
        fix "Build without it; or, if it is harmless, list it in the rule.";
    NO_PARAMETERS = "provenance.param-builder", Unproven, Operator, ["builder"],
        says "the rule lists parameters for other builders, not for {builder}",
        why "Parameters mean what their builder says they mean; without a list for this builder nothing is expected of them.",
        fix "Add `[[rule.parameters]]` for this builder, or deliver a build of a listed one.";
}

/// Every parameter that is not as the rule expects.
pub(super) fn unexpected(check: &ProvenanceCheck, provenance: &Provenance) -> Vec<Reason> {
    let for_builder = |p: &&Parameters| p.builder.as_ref().is_none_or(|b| *b == provenance.builder_id);
    let applicable: Vec<&Parameters> = check.parameters.iter().filter(for_builder).collect();
    if applicable.is_empty() && !check.parameters.is_empty() {
        return vec![Reason::new(&NO_PARAMETERS).evidence("builder", &provenance.builder_id)];
    }
    // Several entries for one builder are alternatives; the one that fits best speaks.
    let empty = Parameters { builder: None, allow: std::collections::BTreeMap::new() };
    let alternatives = if applicable.is_empty() { vec![&empty] } else { applicable };
    let answers =
        alternatives.into_iter().map(|parameters| against(check, parameters, &provenance.external_parameters));
    answers.min_by_key(Vec::len).unwrap_or_default()
}

fn against(check: &ProvenanceCheck, parameters: &Parameters, given: &Json) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for (pointer, expect) in &parameters.allow {
        let found = given.pointer(pointer);
        match found {
            _ if *expect == Expect::Any => {}
            None => {
                reasons.push(Reason::new(&MISSING_PARAM).name("pointer", pointer).name("expected", expected(expect)))
            }
            Some(found) if is_expected(expect, found) => {}
            Some(found) => reasons.push(
                Reason::new(&PARAM)
                    .name("pointer", pointer)
                    .name("expected", expected(expect))
                    .evidence("found", &shown(found)),
            ),
        }
    }
    if check.unknown_parameters_fail {
        let unknown = unlisted(parameters, given).into_iter();
        reasons.extend(unknown.map(|pointer| Reason::new(&UNKNOWN_PARAM).evidence("pointer", &pointer)));
    }
    reasons
}

/// So many parameters that nobody listed are told; the rest would only cost.
const TOLD: usize = 16;

/// An open container: its pointer, and what is left of it.
type Open<'a> = (String, Box<dyn Iterator<Item = (String, &'a Json)> + 'a>);

/// JSON Pointers of scalars and empty containers that `parameters` does not list, in document order of sorted keys, at most
/// [`TOLD`]. Iterative, and a pointer is made only when its value is looked at: the input is not ours.
fn unlisted(parameters: &Parameters, given: &Json) -> Vec<String> {
    let mut found = Vec::new();
    let is_any = |pointer: &str| parameters.allow.get(pointer) == Some(&Expect::Any);
    let mut open: Vec<Open<'_>> = if is_any("") { Vec::new() } else { inside(given, "").into_iter().collect() };
    while let Some((parent, rest)) = open.last_mut() {
        let Some((segment, value)) = rest.next() else {
            open.pop();
            continue;
        };
        let pointer = format!("{parent}/{segment}");
        if is_any(&pointer) {
            continue;
        }
        match inside(value, &pointer) {
            Some(container) => open.push(container),
            None if parameters.allow.contains_key(&pointer) => {}
            None => found.push(pointer),
        }
        if found.len() == TOLD {
            break;
        }
    }
    found
}

/// What is in a container; `None` for a scalar and for an empty one.
fn inside<'a>(json: &'a Json, pointer: &str) -> Option<Open<'a>> {
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match json {
        Json::Object(map) if !map.is_empty() => {
            Some((pointer.to_owned(), Box::new(map.iter().map(move |(key, value)| (escape(key), value)))))
        }
        Json::Array(items) if !items.is_empty() => {
            Some((pointer.to_owned(), Box::new(items.iter().enumerate().map(|(i, value)| (i.to_string(), value)))))
        }
        _ => None,
    }
}

fn is_expected(expect: &Expect, found: &Json) -> bool {
    let same = |scalar: &Scalar| match (scalar, found) {
        (Scalar::Text(a), Json::String(b)) => a == b,
        (Scalar::Int(a), Json::Number(b)) => b.as_i64() == Some(*a),
        (Scalar::Bool(a), Json::Bool(b)) => a == b,
        _ => false,
    };
    match expect {
        Expect::Eq(scalar) => same(scalar),
        Expect::In(scalars) => scalars.iter().any(same),
        Expect::Prefix(prefix) => found.as_str().is_some_and(|text| text.starts_with(prefix.as_str())),
        Expect::Any => true,
    }
}

fn expected(expect: &Expect) -> String {
    let text = |scalar: &Scalar| match scalar {
        Scalar::Text(text) => text.clone(),
        Scalar::Int(int) => int.to_string(),
        Scalar::Bool(bool) => bool.to_string(),
    };
    match expect {
        Expect::Eq(scalar) => text(scalar),
        Expect::In(scalars) => scalars.iter().map(text).collect::<Vec<_>>().join(" or "),
        Expect::Prefix(prefix) => format!("{prefix}…"),
        Expect::Any => "anything".to_owned(),
    }
}

fn shown(found: &Json) -> String {
    match found {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(allow: &[(&str, Expect)], unknown_fail: bool) -> ProvenanceCheck {
        let allow = allow.iter().map(|(p, e)| ((*p).to_owned(), e.clone())).collect();
        ProvenanceCheck {
            min_level: 1,
            repository: None,
            by: vec![],
            parameters: vec![Parameters { builder: None, allow }],
            unknown_parameters_fail: unknown_fail,
        }
    }

    fn codes(check: &ProvenanceCheck, given: Json) -> Vec<String> {
        let provenance = Provenance {
            builder_id: "b".into(),
            build_type: "t".into(),
            external_parameters: given,
            sources: vec![],
            others: Vec::new(),
            inputs: Vec::new(),
            invocation: None,
            trigger: None,
        };
        unexpected(check, &provenance).iter().map(|r| format!("{} {}", r.code(), r.args()["pointer"])).collect()
    }

    #[test]
    fn parameters_by_pointer() {
        let eq = |s: &str| Expect::Eq(Scalar::Text(s.into()));
        let workflow = json!({"workflow": {"ref": "refs/heads/main", "path": "a.yml"}, "inputs": {"n": 3, "on": true}});
        for (allow, unknown_fail, expected) in [
            (vec![("/workflow/ref", eq("refs/heads/main"))], false, vec![]),
            (vec![("/workflow/ref", eq("refs/heads/evil"))], false, vec!["provenance.param /workflow/ref"]),
            (vec![("/workflow/ref", Expect::Prefix("refs/heads/".into()))], false, vec![]),
            (vec![("/workflow/nope", eq("x"))], false, vec!["provenance.param-missing /workflow/nope"]),
            (vec![("/workflow/nope", Expect::Any)], false, vec![]),
            (vec![("/inputs/n", Expect::In(vec![Scalar::Int(2), Scalar::Int(3)]))], false, vec![]),
            (vec![("/inputs/n", eq("3"))], false, vec!["provenance.param /inputs/n"]),
            (vec![("/inputs/on", Expect::Eq(Scalar::Bool(true)))], false, vec![]),
            (vec![("/workflow", eq("x"))], false, vec!["provenance.param /workflow"]),
            (vec![("/workflow", Expect::Any), ("/inputs", Expect::Any)], true, vec![]),
            (
                vec![("/workflow", Expect::Any)],
                true,
                vec!["provenance.unknown-param /inputs/n", "provenance.unknown-param /inputs/on"],
            ),
            (
                vec![("/work", Expect::Any), ("/inputs", Expect::Any)],
                true,
                vec!["provenance.unknown-param /workflow/path", "provenance.unknown-param /workflow/ref"],
            ),
        ] {
            assert_eq!(codes(&check(&allow, unknown_fail), workflow.clone()), expected, "{allow:?}");
        }
    }

    #[test]
    fn endless_parameters_cost_little() {
        let long = "k".repeat(1 << 20);
        let given = json!({ long.as_str(): vec![0; 1 << 20], "a": {} });
        let found = codes(&check(&[("/a", Expect::Any)], true), given);
        assert_eq!(found.len(), TOLD);
        assert!(codes(&check(&[("", Expect::Any)], true), json!({"a": [1, {"b": 2}]})).is_empty());
    }

    #[test]
    fn nothing_given_is_nothing_unknown_and_escapes_hold() {
        assert!(codes(&check(&[], true), json!({})).is_empty());
        assert!(codes(&check(&[], true), Json::Null).is_empty());
        assert_eq!(codes(&check(&[], true), json!({"a/b~c": null})), ["provenance.unknown-param /a~1b~0c"]);
        assert!(codes(&check(&[("/a~1b~0c", Expect::Any)], true), json!({"a/b~c": 1})).is_empty());
    }
}
