//! SLSA provenance v1 from the variables that CI systems set for their jobs.
//!
//! The variables are what the build's own machine says about itself: whoever controls the job can set them. A verifier believes
//! them as far as it believes the key that signs (SLSA build level 1 or 2, by the policy's word).

use serde_json::{Value, json};

use crate::error::Error;

/// Looks up a variable of the environment.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A CI system.
#[derive(Clone, Copy, Debug)]
pub struct System {
    /// Its name on the command line.
    pub name: &'static str,
    /// The variable that is there when a job runs in it.
    mark: &'static str,
    read: fn(&Job<'_>) -> Result<Value, Error>,
}

/// The systems that are known, by name.
pub const SYSTEMS: &[System] = &[
    System { name: "azure", mark: "TF_BUILD", read: azure },
    System { name: "bitbucket", mark: "BITBUCKET_BUILD_NUMBER", read: bitbucket },
    System { name: "circleci", mark: "CIRCLECI", read: circleci },
    System { name: "github", mark: "GITHUB_ACTIONS", read: github },
    System { name: "gitlab", mark: "GITLAB_CI", read: gitlab },
    System { name: "jenkins", mark: "JENKINS_URL", read: jenkins },
];

/// The provenance that the variables of `name` tell, or of the one system whose mark is there with `auto`.
///
/// # Errors
/// No such system, none or several at work, or a variable that is missing.
pub fn provenance(name: &str, variables: Variables<'_>) -> Result<Value, Error> {
    let here = |system: &&System| variables(system.mark).is_some_and(|value| !value.is_empty());
    let system = if name == "auto" {
        let found: Vec<&System> = SYSTEMS.iter().filter(here).collect();
        match found.as_slice() {
            [one] => *one,
            [] => {
                let marks: Vec<&str> = SYSTEMS.iter().map(|system| system.mark).collect();
                return Err(Error::input("this is no job of a CI system that is known")
                    .with_hint(format!("one of these variables would be set: {}", marks.join(", "))));
            }
            _ => {
                let names: Vec<&str> = found.iter().map(|system| system.name).collect();
                return Err(Error::input(format!("variables of several CI systems are set: {}", names.join(", ")))
                    .with_hint("name the one that builds: --ci NAME"));
            }
        }
    } else {
        SYSTEMS.iter().find(|system| system.name == name).ok_or_else(|| {
            let names: Vec<&str> = SYSTEMS.iter().map(|system| system.name).collect();
            Error::input(format!("no CI system is called {}", vidimus::render::escape(name)))
                .with_hint(format!("there are auto, {}", names.join(", ")))
        })?
    };
    (system.read)(&Job { system: system.name, variables })
}

struct Job<'a> {
    system: &'static str,
    variables: Variables<'a>,
}

impl Job<'_> {
    fn maybe(&self, name: &str) -> Option<String> {
        (self.variables)(name).filter(|value| !value.is_empty())
    }

    fn need(&self, name: &str) -> Result<String, Error> {
        self.maybe(name).ok_or_else(|| {
            Error::input(format!("the variable {name} is not set, and provenance of {} needs it", self.system))
                .with_hint("run this in the job that builds, or say it with flags or a file")
        })
    }

    /// Provenance with one source.
    fn made(&self, build_type: &str, external: Value, builder: &str, invocation: &str, source: Source) -> Value {
        let uri = match &source.reference {
            Some(reference) => format!("git+{}@{reference}", source.repository),
            None => format!("git+{}", source.repository),
        };
        json!({
            "buildDefinition": {
                "buildType": build_type,
                "externalParameters": external,
                "resolvedDependencies": [{"digest": {"gitCommit": source.commit}, "uri": uri}],
            },
            "runDetails": {"builder": {"id": builder}, "metadata": {"invocationId": invocation}},
        })
    }

    /// What the systems without a build type of their own tell: the source and the definition of the job.
    fn generic(&self, source: Source, job: &str, builder: &str, invocation: &str) -> Value {
        let mut external = json!({"job": job, "source": {"repository": source.repository}});
        if let (Some(at), Some(reference)) = (external.pointer_mut("/source"), &source.reference) {
            super::overlay(at, json!({"ref": reference}));
        }
        let build_type = format!("urn:vidimus:buildtype:{}:v1", self.system);
        self.made(&build_type, external, builder, invocation, source)
    }
}

struct Source {
    repository: String,
    reference: Option<String>,
    commit: String,
}

/// A URL without the user and password that some systems put into it: they must not be signed for everybody to read.
fn repository(url: &str) -> String {
    let cleaned = match url.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            format!("{scheme}://{host}/{path}")
        }
        None => url.to_owned(),
    };
    cleaned.trim_end_matches('/').trim_end_matches(".git").to_owned()
}

/// The ref of a tag or a branch.
fn reference(tag: Option<String>, branch: Option<String>) -> Option<String> {
    let full = |kind: &str, name: String| if name.starts_with("refs/") { name } else { format!("refs/{kind}/{name}") };
    tag.map(|tag| full("tags", tag)).or_else(|| branch.map(|branch| full("heads", branch)))
}

/// <https://actions.github.io/buildtypes/workflow/v1>
fn github(job: &Job<'_>) -> Result<Value, Error> {
    let server = job.need("GITHUB_SERVER_URL")?;
    let repository = format!("{server}/{}", job.need("GITHUB_REPOSITORY")?);
    let reference = job.need("GITHUB_REF")?;
    // OWNER/NAME/PATH@REF
    let workflow = job.need("GITHUB_WORKFLOW_REF")?;
    let path = workflow.split('@').next().unwrap_or_default().splitn(3, '/').nth(2).unwrap_or_default().to_owned();
    let attempt = job.maybe("GITHUB_RUN_ATTEMPT").unwrap_or_else(|| "1".to_owned());
    let invocation = format!("{repository}/actions/runs/{}/attempts/{attempt}", job.need("GITHUB_RUN_ID")?);
    let hosted = job.maybe("RUNNER_ENVIRONMENT").unwrap_or_else(|| "self-hosted".to_owned());
    let external = json!({"workflow": {"path": path, "ref": reference, "repository": repository}});
    let source = Source { repository, reference: Some(reference), commit: job.need("GITHUB_SHA")? };
    let builder = format!("https://github.com/actions/runner/{hosted}");
    let mut made =
        job.made("https://actions.github.io/buildtypes/workflow/v1", external, &builder, &invocation, source);
    let internal = super::object([
        ("event_name", Some(Value::String(job.need("GITHUB_EVENT_NAME")?))),
        ("repository_id", job.maybe("GITHUB_REPOSITORY_ID").map(Value::String)),
        ("repository_owner_id", job.maybe("GITHUB_REPOSITORY_OWNER_ID").map(Value::String)),
        ("runner_environment", Some(Value::String(hosted))),
    ]);
    super::overlay(&mut made, json!({"buildDefinition": {"internalParameters": {"github": internal}}}));
    Ok(made)
}

fn gitlab(job: &Job<'_>) -> Result<Value, Error> {
    let source = Source {
        repository: repository(&job.need("CI_PROJECT_URL")?),
        reference: reference(job.maybe("CI_COMMIT_TAG"), job.maybe("CI_COMMIT_REF_NAME")),
        commit: job.need("CI_COMMIT_SHA")?,
    };
    let builder = format!("{}/-/runners/{}", source.repository, job.need("CI_RUNNER_ID")?);
    Ok(job.generic(source, &job.need("CI_JOB_NAME")?, &builder, &job.need("CI_JOB_URL")?))
}

fn jenkins(job: &Job<'_>) -> Result<Value, Error> {
    let branch = job.maybe("GIT_BRANCH").map(|branch| branch.trim_start_matches("origin/").to_owned());
    let source = Source {
        repository: repository(&job.need("GIT_URL")?),
        reference: reference(job.maybe("TAG_NAME"), branch),
        commit: job.need("GIT_COMMIT")?,
    };
    Ok(job.generic(source, &job.need("JOB_NAME")?, &job.need("JENKINS_URL")?, &job.need("BUILD_URL")?))
}

fn azure(job: &Job<'_>) -> Result<Value, Error> {
    let source = Source {
        repository: repository(&job.need("BUILD_REPOSITORY_URI")?),
        reference: job.maybe("BUILD_SOURCEBRANCH"),
        commit: job.need("BUILD_SOURCEVERSION")?,
    };
    let place = format!(
        "{}{}",
        job.need("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI")?,
        job.need("SYSTEM_TEAMPROJECT")?.replace(' ', "%20")
    );
    let invocation = format!("{place}/_build/results?buildId={}", job.need("BUILD_BUILDID")?);
    Ok(job.generic(source, &job.need("BUILD_DEFINITIONNAME")?, &place, &invocation))
}

fn circleci(job: &Job<'_>) -> Result<Value, Error> {
    let source = Source {
        repository: repository(&job.need("CIRCLE_REPOSITORY_URL")?),
        reference: reference(job.maybe("CIRCLE_TAG"), job.maybe("CIRCLE_BRANCH")),
        commit: job.need("CIRCLE_SHA1")?,
    };
    Ok(job.generic(source, &job.need("CIRCLE_JOB")?, "https://circleci.com/", &job.need("CIRCLE_BUILD_URL")?))
}

fn bitbucket(job: &Job<'_>) -> Result<Value, Error> {
    let source = Source {
        repository: repository(&job.need("BITBUCKET_GIT_HTTP_ORIGIN")?),
        reference: reference(job.maybe("BITBUCKET_TAG"), job.maybe("BITBUCKET_BRANCH")),
        commit: job.need("BITBUCKET_COMMIT")?,
    };
    let invocation = format!("{}/pipelines/results/{}", source.repository, job.need("BITBUCKET_BUILD_NUMBER")?);
    Ok(job.generic(source, &job.need("BITBUCKET_STEP_UUID")?, "https://bitbucket.org/pipelines", &invocation))
}
