//! Starting points for policies: commented files that load once the operator's keys are in place.
//!
//! The trusted roots are those that the Sigstore library ships. They are written beside the policy and pinned by digest; from
//! then on the file counts, and nothing is trusted by name (DESIGN ruling 7).

use sigstore_verify::trust_root::{
    SIGSTORE_GITHUB_TRUSTED_ROOT, SIGSTORE_PRODUCTION_TRUSTED_ROOT, SIGSTORE_STAGING_TRUSTED_ROOT,
};

use crate::digest::Digest;

/// One template.
#[derive(Debug)]
pub struct TemplateInfo {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for, in one line.
    pub about: &'static str,
    /// Key files that the operator must put in place: (relative path, whose).
    pub keys: &'static [(&'static str, &'static str)],
    text: &'static str,
    needs_root: bool,
}

static TEMPLATES: &[TemplateInfo] = &[
    TemplateInfo {
        name: "vendor",
        about: "one vendor, one key: every file must be covered by its signatures",
        keys: &[("keys/vendor.pub", "the public key with which the vendor signs releases")],
        text: include_str!("templates/vendor.toml"),
        needs_root: false,
    },
    TemplateInfo {
        name: "github-release",
        about: "an open-source release that is built on GitHub: Sigstore identity and SLSA provenance",
        keys: &[],
        text: include_str!("templates/github-release.toml"),
        needs_root: true,
    },
    TemplateInfo {
        name: "telecom",
        about: "network software from parties in three countries, each believed about its own part",
        keys: &[
            ("keys/core-release.pub", "the public key with which the core vendor signs deliveries"),
            ("keys/core-builder.pub", "the public key of the core vendor's build platform"),
            ("keys/clock-release.pub", "the public key with which the clock maker signs releases"),
        ],
        text: include_str!("templates/telecom.toml"),
        needs_root: true,
    },
];

/// Every template.
#[must_use]
pub fn templates() -> &'static [TemplateInfo] {
    TEMPLATES
}

/// The Sigstore instances whose trusted roots can be written, by name.
pub const INSTANCES: [&str; 2] = ["public-good", "github"];

/// The files of a template as (path relative to the policy's folder, bytes); the first is `policy.toml`. `instance` is one
/// of [`INSTANCES`].
///
/// # Errors
/// There is no such template or instance.
pub fn init(name: &str, instance: &str) -> Result<Vec<(String, Vec<u8>)>, TemplateError> {
    let template = TEMPLATES.iter().find(|template| template.name == name).ok_or(TemplateError::Template)?;
    let listed = INSTANCES.contains(&instance);
    let root = shipped_root(instance).filter(|_| listed).ok_or(TemplateError::Instance)?;
    let policy =
        template.text.replace("{{instance}}", instance).replace("{{sha256}}", Digest::sha256(root.as_bytes()).hex());
    let mut files = vec![("policy.toml".to_owned(), policy.into_bytes())];
    if template.needs_root {
        files.push((format!("trust/{instance}.trusted_root.json"), root.as_bytes().to_vec()));
    }
    if !template.keys.is_empty() {
        files.push(("keys/README.txt".to_owned(), readme(template).into_bytes()));
    }
    Ok(files)
}

fn readme(template: &TemplateInfo) -> String {
    let mut out = String::from(
        "Put these public keys here, each as PEM with the label PUBLIC KEY (`openssl pkey -pubout` writes it).\n\
         Get every key over a channel that you trust, never from a delivery.\n\n",
    );
    for (path, whose) in template.keys {
        out.push_str(&format!("{}: {whose}\n", path.trim_start_matches("keys/")));
    }
    out
}

/// The trusted root of a Sigstore instance as the Sigstore library ships it: one of [`INSTANCES`], or `staging`, which no
/// policy should trust.
#[must_use]
pub fn shipped_root(instance: &str) -> Option<&'static str> {
    match instance {
        "public-good" => Some(SIGSTORE_PRODUCTION_TRUSTED_ROOT),
        "github" => Some(SIGSTORE_GITHUB_TRUSTED_ROOT),
        "staging" => Some(SIGSTORE_STAGING_TRUSTED_ROOT),
        _ => None,
    }
}

/// Why no template can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// No template of that name.
    #[error("there is no template of that name; there are `vendor`, `github-release` and `telecom`")]
    Template,
    /// No instance of that name.
    #[error("there is no trusted root of that name; there are `public-good` and `github`")]
    Instance,
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]
    use super::*;
    use crate::policy::{Policy, load};

    const KEYS: [&str; 3] = [
        include_str!("load/tests/keys/a.pub"),
        include_str!("load/tests/keys/b.pub"),
        include_str!("load/tests/keys/p256.pub"),
    ];

    /// The template with keys in place, loaded.
    pub(in crate::policy) fn loaded(name: &str, instance: &str) -> Policy {
        let folder = tempfile::TempDir::new().unwrap();
        let template = templates().iter().find(|t| t.name == name).unwrap();
        let keys = template.keys.iter().zip(KEYS).map(|((path, _), pem)| ((*path).to_owned(), pem.as_bytes().to_vec()));
        for (path, bytes) in init(name, instance).unwrap().into_iter().chain(keys) {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        load(&folder.path().join("policy.toml")).unwrap_or_else(|e| panic!("{name} {instance}: {e}"))
    }

    #[test]
    fn every_template_loads_once_its_keys_are_there() {
        for template in templates() {
            for instance in INSTANCES {
                let policy = loaded(template.name, instance);
                assert!(!policy.rules.is_empty());
                assert_eq!(policy.instances.contains_key(instance), template.needs_root);
            }
        }
    }

    #[test]
    fn without_keys_only_the_keys_are_missing() {
        for template in templates().iter().filter(|t| !t.keys.is_empty()) {
            let folder = tempfile::TempDir::new().unwrap();
            for (path, bytes) in init(template.name, "public-good").unwrap() {
                let path = folder.path().join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, bytes).unwrap();
            }
            let errors = load(&folder.path().join("policy.toml")).unwrap_err();
            assert_eq!(errors.errors().len(), template.keys.len(), "{errors}");
            assert!(errors.errors().iter().all(|e| e.info.code == "policy.unreadable"));
        }
    }

    #[test]
    fn names_are_checked() {
        assert_eq!(init("vendr", "github").err(), Some(TemplateError::Template));
        assert_eq!(init("vendor", "staging").err(), Some(TemplateError::Instance));
    }
}
