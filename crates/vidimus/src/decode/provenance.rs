//! SLSA provenance v0.2 and v1 as one view. Levels are not in it: what a builder is trusted to is the policy's word.

use serde_json::{Map, Value as Json, json};

use super::shape::Shape;
use crate::digest::DigestSet;
use crate::reason::Reason;

/// Predicate type of v0.2.
pub(super) const V02: &str = "https://slsa.dev/provenance/v0.2";
/// Predicate type of v1, of every v1.x.
pub(super) const V1: &str = "https://slsa.dev/provenance/v1";

/// Build types whose `externalParameters.workflow` is a GitHub workflow of the source repository.
const GITHUB: [&str; 2] = [
    "https://actions.github.io/buildtypes/workflow/v1",
    "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
];

const SHAPE: Shape = Shape("SLSA provenance");

/// SLSA provenance, the same view for v0.2 and v1.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// v1: `runDetails.builder.id`; v0.2: `builder.id`.
    pub builder_id: String,
    /// v1: `buildDefinition.buildType`; v0.2: `buildType`.
    pub build_type: String,
    /// v1: `buildDefinition.externalParameters`; v0.2: `{configSource, parameters}` of `invocation`.
    pub external_parameters: Json,
    /// Every place in which the provenance names the source that was built: v1 `externalParameters.workflow` of the GitHub
    /// build type and the first of `resolvedDependencies` that is a git URI; v0.2 `invocation.configSource`.
    pub sources: Vec<Source>,
    /// Every further git URI among what it was built from.
    pub others: Vec<Source>,
    /// What it was built from, by URI and digests: `resolvedDependencies`, or `materials` of v0.2. Complete only as far as the
    /// builder says so; it can show that something is in, never that something is not.
    pub inputs: Vec<(String, DigestSet)>,
    /// `runDetails.metadata.invocationId`, or `metadata.buildInvocationID` of v0.2, if stated.
    pub invocation: Option<String>,
    /// The event that started the build, if stated (`internalParameters.github.event_name` or, from the delegator of
    /// slsa-github-generator, `internalParameters.GITHUB_EVENT_NAME`; v0.2 `invocation.environment.github_event_name`).
    pub trigger: Option<String>,
}

/// A source as provenance names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Repository URI without `git+` and without `@ref`.
    pub repository: String,
    /// The ref (`refs/heads/main`), if stated.
    pub reference: Option<String>,
    /// The commit (`gitCommit`, or `sha1` of v0.2), if stated.
    pub commit: Option<String>,
}

pub(super) fn read_v02(value: &Json) -> Result<Provenance, Reason> {
    let predicate = SHAPE.object(value, "predicate")?;
    let empty = Map::new();
    let invocation = SHAPE.map(predicate, "invocation")?.unwrap_or(&empty);
    let mut external = Map::new();
    for member in ["configSource", "parameters"] {
        if let Some(given) = Shape::get(invocation, member) {
            external.insert(member.to_owned(), given.clone());
        }
    }
    let sources = match SHAPE.map(invocation, "configSource")? {
        Some(config) => source(config)?.into_iter().collect(),
        None => Vec::new(),
    };
    let environment = SHAPE.map(invocation, "environment")?.unwrap_or(&empty);
    Ok(Provenance {
        builder_id: SHAPE.need_text(SHAPE.need_map(predicate, "builder")?, "id")?.to_owned(),
        build_type: SHAPE.need_text(predicate, "buildType")?.to_owned(),
        external_parameters: Json::Object(external),
        sources,
        others: revisions(predicate, "materials"),
        inputs: inputs(predicate, "materials"),
        invocation: run(predicate, "buildInvocationID"),
        trigger: SHAPE.text(environment, "github_event_name")?.map(ToOwned::to_owned),
    })
}

pub(super) fn read_v1(value: &Json) -> Result<Provenance, Reason> {
    let predicate = SHAPE.object(value, "predicate")?;
    let definition = SHAPE.need_map(predicate, "buildDefinition")?;
    let builder = SHAPE.need_map(SHAPE.need_map(predicate, "runDetails")?, "builder")?;
    let build_type = SHAPE.need_text(definition, "buildType")?;
    let external = SHAPE.map(definition, "externalParameters")?;
    let mut sources = Vec::new();
    if GITHUB.contains(&build_type)
        && let Some(workflow) = external.map(|e| SHAPE.map(e, "workflow")).transpose()?.flatten()
        && let Some(repository) = SHAPE.text(workflow, "repository")?
    {
        let (repository, _) = split(repository);
        let reference = SHAPE.text(workflow, "ref")?.map(ToOwned::to_owned);
        sources.push(Source { repository, reference, commit: None });
    }
    for dependency in SHAPE.list(definition, "resolvedDependencies")? {
        let dependency = SHAPE.object(dependency, "resolvedDependencies")?;
        if SHAPE.text(dependency, "uri")?.is_some_and(|uri| uri.starts_with("git+")) {
            sources.extend(source(dependency)?);
            break;
        }
    }
    let trigger = match SHAPE.map(definition, "internalParameters")? {
        Some(internal) => trigger(internal)?,
        None => None,
    };
    Ok(Provenance {
        builder_id: SHAPE.need_text(builder, "id")?.to_owned(),
        build_type: build_type.to_owned(),
        external_parameters: external.map_or_else(|| json!({}), |e| Json::Object(e.clone())),
        sources,
        others: revisions(definition, "resolvedDependencies"),
        inputs: inputs(definition, "resolvedDependencies"),
        invocation: run(SHAPE.need_map(predicate, "runDetails")?, "invocationId"),
        trigger: trigger.map(ToOwned::to_owned),
    })
}

/// The event, where GitHub's own generator or the generic delegator puts it.
fn trigger(internal: &Map<String, Json>) -> Result<Option<&str>, Reason> {
    match SHAPE.map(internal, "github")? {
        Some(github) => SHAPE.text(github, "event_name"),
        None => SHAPE.text(internal, "GITHUB_EVENT_NAME"),
    }
}

/// What has a digest in the list `member`. A descriptor is another's word about another thing: what it lacks makes the provenance no
/// worse.
fn inputs(map: &Map<String, Json>, member: &str) -> Vec<(String, DigestSet)> {
    let one = |descriptor: &Json| {
        let mut digests = DigestSet::default();
        for (name, value) in descriptor.get("digest")?.as_object()? {
            digests.insert(name, value.as_str()?).ok()?;
        }
        let uri = descriptor.get("uri").and_then(Json::as_str).unwrap_or_default();
        (!digests.is_empty()).then(|| (uri.to_owned(), digests))
    };
    map.get(member).and_then(Json::as_array).into_iter().flatten().filter_map(one).collect()
}

/// Git URIs in the list `member`. One that cannot be read stands there without a commit.
fn revisions(map: &Map<String, Json>, member: &str) -> Vec<Source> {
    let one = |descriptor: &Json| {
        let descriptor = descriptor.as_object()?;
        let uri = descriptor.get("uri").and_then(Json::as_str).filter(|uri| uri.starts_with("git+"))?;
        let unread = || Some(Source { repository: split(uri).0, reference: None, commit: None });
        source(descriptor).unwrap_or_else(|_| unread())
    };
    map.get(member).and_then(Json::as_array).into_iter().flatten().filter_map(one).collect()
}

fn run(map: &Map<String, Json>, member: &str) -> Option<String> {
    let stated = map.get("metadata")?.get(member)?.as_str()?;
    (!stated.is_empty()).then(|| stated.to_owned())
}

/// `{uri, digest}` as a source; `None` without a URI.
fn source(descriptor: &Map<String, Json>) -> Result<Option<Source>, Reason> {
    let Some(uri) = SHAPE.text(descriptor, "uri")?.filter(|uri| !uri.is_empty()) else { return Ok(None) };
    let (repository, reference) = split(uri);
    let commit = match SHAPE.map(descriptor, "digest")? {
        Some(digest) => match SHAPE.text(digest, "gitCommit")? {
            Some(commit) => Some(commit),
            None => SHAPE.text(digest, "sha1")?,
        },
        None => None,
    };
    Ok(Some(Source { repository, reference, commit: commit.map(ToOwned::to_owned) }))
}

/// `git+https://host/path@ref` as repository and ref (SPDX download location form). An `@` before the path belongs to the
/// user part of the authority.
fn split(uri: &str) -> (String, Option<String>) {
    let uri = uri.strip_prefix("git+").unwrap_or(uri);
    let (scheme, rest) = match uri.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, uri),
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let Some((path, reference)) = path.split_once('@') else { return (uri.to_owned(), None) };
    let scheme = scheme.map(|s| format!("{s}://")).unwrap_or_default();
    (format!("{scheme}{authority}/{path}"), Some(reference.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

    use super::*;

    #[test]
    fn repositories_and_refs() {
        for (uri, repository, reference) in [
            ("git+https://github.com/o/r@refs/heads/main", "https://github.com/o/r", Some("refs/heads/main")),
            ("https://github.com/o/r", "https://github.com/o/r", None),
            ("git+ssh://git@host/o/r@v1@2", "ssh://git@host/o/r", Some("v1@2")),
            ("git+ssh://git@host/o/r", "ssh://git@host/o/r", None),
            ("git+https://host@evil.example/o/r@x", "https://host@evil.example/o/r", Some("x")),
            ("host/o@x", "host/o", Some("x")),
            ("git+https://host", "https://host", None),
        ] {
            assert_eq!(split(uri), (repository.to_owned(), reference.map(ToOwned::to_owned)), "{uri}");
        }
    }

    fn shown(p: &Provenance) -> Vec<String> {
        let text = |t: &Option<String>| t.clone().unwrap_or_else(|| "-".into());
        p.sources.iter().map(|s| format!("{} {} {}", s.repository, text(&s.reference), text(&s.commit))).collect()
    }

    #[test]
    fn v02() {
        let ok = json!({
            "builder": {"id": "b"}, "buildType": "t",
            "invocation": {
                "configSource": {"uri": "git+https://h/o/r@refs/tags/v1", "digest": {"sha1": "c0"}, "entryPoint": "w.yml"},
                "parameters": {"p": 1}, "environment": {"github_event_name": "push"},
            },
            "materials": [{"uri": "git+https://h/other"}],
        });
        let read = read_v02(&ok).unwrap();
        assert_eq!((read.builder_id.as_str(), read.build_type.as_str()), ("b", "t"));
        assert_eq!(shown(&read), ["https://h/o/r refs/tags/v1 c0"]);
        assert_eq!(read.trigger.as_deref(), Some("push"));
        assert_eq!(read.external_parameters.pointer("/configSource/entryPoint"), Some(&json!("w.yml")));
        assert_eq!(read.external_parameters.pointer("/parameters/p"), Some(&json!(1)));

        let least = read_v02(&json!({"builder": {"id": "b"}, "buildType": "t"})).unwrap();
        assert!(least.sources.is_empty() && least.trigger.is_none() && least.external_parameters == json!({}));
        for wrong in [
            json!({}),
            json!({"builder": {"id": "b"}}),
            json!({"builder": {"id": ""}, "buildType": "t"}),
            json!({"builder": "b", "buildType": "t"}),
            json!({"builder": {"id": "b"}, "buildType": "t", "invocation": []}),
            json!({"builder": {"id": "b"}, "buildType": "t", "invocation": {"configSource": {"uri": 1}}}),
        ] {
            assert_eq!(read_v02(&wrong).unwrap_err().code(), "parse.malformed", "{wrong}");
        }
    }

    #[test]
    fn v1() {
        let ok = json!({
            "buildDefinition": {
                "buildType": GITHUB[0],
                "externalParameters": {"workflow": {"ref": "refs/heads/main", "repository": "https://h/o/r", "path": "w"}},
                "internalParameters": {"github": {"event_name": "push"}},
                "resolvedDependencies": [
                    {"uri": "pkg:npm/x"},
                    {"uri": "git+https://h/o/r@refs/heads/main", "digest": {"gitCommit": "c0"}},
                    {"uri": "git+https://h/other"},
                ],
            },
            "runDetails": {"builder": {"id": "b"}},
        });
        let read = read_v1(&ok).unwrap();
        assert_eq!(shown(&read), ["https://h/o/r refs/heads/main -", "https://h/o/r refs/heads/main c0"]);
        assert_eq!(read.trigger.as_deref(), Some("push"));
        assert_eq!(read.external_parameters.pointer("/workflow/path"), Some(&json!("w")));

        let mut other = ok.clone();
        other["buildDefinition"]["internalParameters"] = json!({"GITHUB_EVENT_NAME": "workflow_dispatch"});
        assert_eq!(read_v1(&other).unwrap().trigger.as_deref(), Some("workflow_dispatch"));
        other["buildDefinition"]["buildType"] = json!("https://builder.example/v1");
        assert_eq!(shown(&read_v1(&other).unwrap()), ["https://h/o/r refs/heads/main c0"]);

        for pointer in ["/buildDefinition", "/runDetails", "/runDetails/builder", "/buildDefinition/buildType"] {
            let mut wrong = ok.clone();
            *wrong.pointer_mut(pointer).unwrap() = json!(null);
            assert_eq!(read_v1(&wrong).unwrap_err().code(), "parse.malformed", "{pointer}");
        }
    }
}
