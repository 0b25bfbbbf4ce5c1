//! `vidimus policy init`, `check` and `explain`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use vidimus::archive::AnchorFiles;
use vidimus::policy::anchor::{self, Bundle};
use vidimus::policy::{self, Anchor, Anchored, LoadErrors, Policy, PolicyFiles};
use vidimus::render::{escape, wrap};
use vidimus_sign::{Mode, write_new as write_new_files};

use crate::args::{Color, PolicyInitArgs, PolicySignArgs, PolicyVerb};
use crate::failure::Failure;
use crate::run::Exit;
use crate::{keys, output, terminal};

pub(crate) fn run(verb: &PolicyVerb, color: Color) -> Result<Exit, Failure> {
    let text = match verb {
        PolicyVerb::Init(args) => init(args)?,
        PolicyVerb::Check(args) => checked(&rooted(&args.policy, args.anchor.as_deref(), color)?),
        PolicyVerb::Sign(args) => sign(args, color)?,
        PolicyVerb::Explain(args) => {
            let rooted = rooted(&args.policy, args.anchor.as_deref(), color)?;
            let said = rooted.root.as_ref().map(Root::explained).unwrap_or_default() + &policy::explain(&rooted.policy);
            said.lines().map(|line| escape(line) + "\n").collect()
        }
    };
    terminal::results(text.as_bytes())?;
    Ok(Exit::Pass)
}

/// Loads the policy; what is wrong with it is shown with its lines.
pub(crate) fn load(path: &Path, color: Color) -> Result<Policy, Failure> {
    rooted(path, None, color).map(|rooted| rooted.policy)
}

/// A policy, and why it counts.
pub(crate) struct Rooted {
    pub(crate) policy: Policy,
    /// The bytes that it was loaded from.
    pub(crate) files: PolicyFiles,
    /// `None` where the policy is its own root of trust.
    pub(crate) root: Option<Root>,
}

/// The anchor that vouches for a policy.
pub(crate) struct Root {
    pub(crate) anchor: Anchor,
    pub(crate) anchored: Anchored,
    /// The bytes of anchor and signatures.
    pub(crate) files: AnchorFiles,
    path: PathBuf,
}

impl Root {
    /// Where the anchor says that the state is kept.
    pub(crate) fn state(&self) -> Option<PathBuf> {
        self.anchor.state.as_ref().map(|path| output::folder(&self.path).join(path))
    }

    /// What is told of signatures that do not count, and what they are.
    pub(crate) fn notes(&self) -> impl Iterator<Item = String> {
        self.anchored.ignored().iter().map(|reason| escape(&reason.sentence()))
    }

    fn explained(&self) -> String {
        let lines = self.anchor.explain().into_iter().chain([format!("It is signed as {}.", self.signed())]);
        let lines: String = lines.map(|line| wrap(&line, 0, 0) + "\n").collect();
        lines + "\n"
    }

    /// `procurement and security-board`.
    pub(crate) fn signed(&self) -> String {
        self.anchored.roles().join(" and ")
    }
}

/// Loads the policy, and holds it against the anchor if there is one.
pub(crate) fn rooted(path: &Path, anchor: Option<&Path>, color: Color) -> Result<Rooted, Failure> {
    let failed = |errors: LoadErrors| Failure::Rendered(errors.render(terminal::colors_diagnostics(color)));
    let anchor = anchor.map(|path| anchor::load(path).map(|loaded| (path, loaded))).transpose().map_err(failed)?;
    let (policy, files) = policy::load_with_files(path).map_err(failed)?;
    let root = match anchor {
        None => None,
        Some((place, (anchor, bytes))) => {
            let bundle = Bundle::beside(path).map_err(failed)?;
            let anchored = anchor.check(&path.display().to_string(), &policy, &bundle).map_err(failed)?;
            let files = AnchorFiles { anchor: bytes, signatures: bundle.signatures };
            Some(Root { anchor, anchored, files, path: place.to_path_buf() })
        }
    };
    Ok(Rooted { policy, files, root })
}

/// What a sender must not choose and no output may replace: the anchor, and what lies beside the policy on its behalf.
pub(crate) fn anchor_files(policy: &Path, anchor: Option<&Path>) -> Vec<PathBuf> {
    anchor
        .map(|anchor| anchor::bundle::paths(policy).into_iter().chain([anchor.to_path_buf()]).collect())
        .unwrap_or_default()
}

fn checked(rooted: &Rooted) -> String {
    let policy = &rooted.policy;
    let (id, version, sha256) = (escape(&policy.id), policy.version, &policy.sha256);
    let mut out = format!("the policy {id} version {version} can be used\n{sha256}\n");
    if let Some(root) = &rooted.root {
        let (threshold, roles) = (root.anchor.threshold, root.anchor.roles().len());
        out.push_str(&format!("signed as {}; the anchor asks for {threshold} of {roles} roles\n", root.signed()));
        root.notes().for_each(|note| out.push_str(&(wrap(&format!("note: {note}"), 0, 6) + "\n")));
    }
    let doubtful = policy::lint(policy);
    for lint in &doubtful {
        let said = format!("{}: {}", lint.code(), escape(&lint.sentence()));
        out.push_str(&format!(
            "\n{}\n{}\n",
            wrap(&said, 0, 2),
            wrap(&format!("fix: {}", lint.reason.info().fix), 2, 7)
        ));
    }
    out.push_str(&match doubtful.len() {
        0 => "\nnothing in it is doubtful\n".to_owned(),
        1 => "\n1 doubtful thing; the policy is used all the same\n".to_owned(),
        many => format!("\n{many} doubtful things; the policy is used all the same\n"),
    });
    out
}

/// Signs the closure of a policy in a role. The first to sign writes `bundle.json`; for the others it must be there as it is.
fn sign(args: &PolicySignArgs, color: Color) -> Result<String, Failure> {
    let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if args.role.is_empty() || args.role.len() > 64 || !args.role.chars().all(named) {
        return Err(Failure::new(format!(
            "`--role {}`: not a name of small letters, digits and `-`",
            escape(&args.role)
        ))
        .hint("such as security-board; it becomes part of a file name"));
    }
    let policy = load(&args.policy, color)?;
    let beside = || args.policy.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = args.out.as_deref().unwrap_or_else(beside);
    let (bundle, signature) =
        (folder.join(anchor::bundle::FILE), folder.join(format!("bundle.{}.dsse.json", args.role)));
    let bytes = vidimus_sign::policy::bundle(&policy)?;
    let signed = vidimus_sign::policy::sign(&keys::open(&args.key)?, &bytes)?;
    let mut files: Vec<(&Path, &[u8], Mode)> = vec![(&signature, &signed, Mode::Usual)];
    match anchor::bundle::list(folder) {
        Ok(Some(there)) if there == bytes => {}
        Ok(Some(_)) => {
            return Err(Failure::new(format!(
                "{}: lists other digests; the policy has changed since it was signed",
                bundle.display()
            ))
            .hint("raise the version, remove the bundle and its signatures, and let every role sign again"));
        }
        Ok(None) => files.push((&bundle, &bytes, Mode::Usual)),
        Err(why) => return Err(Failure::new(format!("{}: {why}", bundle.display()))),
    }
    write_new_files(&files)?;
    let mut out: String =
        files.iter().rev().map(|(path, ..)| format!("wrote {}\n", escape(&path.display().to_string()))).collect();
    out.push_str(&format!(
        "policy {} version {} {}, signed as {}\n",
        escape(&policy.id),
        policy.version,
        policy.sha256,
        args.role
    ));
    Ok(out)
}

/// Writes the template. Nothing is overwritten, and nothing is written if anything would be.
fn init(args: &PolicyInitArgs) -> Result<String, Failure> {
    let files = policy::init(&args.template, &args.instance).map_err(|e| Failure::new(e.to_string()))?;
    for (path, _) in &files {
        let place = args.folder.join(path);
        if place.symlink_metadata().is_ok() {
            return Err(Failure::new(format!("{}: this file is there already; nothing was written", place.display()))
                .hint("name another folder"));
        }
    }
    let mut out = String::new();
    for (path, bytes) in &files {
        let place = args.folder.join(path);
        write_new(&place, bytes).map_err(|e| Failure::new(format!("{}: {e}", place.display())))?;
        out.push_str(&format!("wrote {}\n", escape(&place.display().to_string())));
    }
    let template = policy::templates().iter().find(|template| template.name == args.template);
    for (path, whose) in template.into_iter().flat_map(|template| template.keys) {
        out.push_str(&format!("next: put {whose} at {}\n", escape(&args.folder.join(path).display().to_string())));
    }
    let main = escape(&args.folder.join("policy.toml").display().to_string());
    out.push_str(&format!("next: change what says CHANGE in {main}\nnext: vidimus policy check {main}\n"));
    Ok(out)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
