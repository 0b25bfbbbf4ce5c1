//! `vidimus sbom check`: is a document what its format says, what does it lack by these standards, and does it list these files?

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use vidimus::decode::{Content, NodeKind, Sbom, document};
use vidimus::digest::{Algorithm, Digest, Match};
use vidimus::limits::Limits;
use vidimus::profile::{self, Answer, Obligation, Profile, Result as Answered};
use vidimus::read::{self, Delivery, File, Options, Place, Silent};
use vidimus::reason::Reason;
use vidimus::render::{escape, wrap};

use crate::args::{InspectFormat, SbomCheckArgs};
use crate::failure::Failure;
use crate::inspect;
use crate::run::Exit;
use crate::terminal;

pub(crate) fn check(args: &SbomCheckArgs) -> Result<Exit, Failure> {
    let mut profiles: Vec<&'static Profile> = Vec::new();
    for id in &args.profile {
        // Both are checked by the parser of the arguments.
        profiles.extend(profile::by_id(id).filter(|profile| !profiles.iter().any(|other| other.id == profile.id)));
    }
    let (sbom, refused) = read(&args.sbom)?;
    let answers: Vec<(&Profile, Vec<Answer<'_>>)> =
        sbom.iter().flat_map(|sbom| profiles.iter().map(|profile| (*profile, profile.answers(sbom)))).collect();
    let files = match (&args.files, &sbom) {
        (Some(folder), Some(sbom)) => Some(Files::of(folder, &args.sbom, sbom)?),
        _ => None,
    };
    let met = answers.iter().all(|(profile, answers)| profile.is_met(answers));
    let pass = refused.is_empty() && met && files.as_ref().is_none_or(Files::pass);
    let report =
        Report { path: &args.sbom, sbom: sbom.as_deref(), refused: &refused, answers: &answers, files: files.as_ref() };
    let shown = match args.output {
        InspectFormat::Text => report.text(pass),
        InspectFormat::Json => format!("{:#}\n", report.json(pass)),
    };
    terminal::results(shown.as_bytes())?;
    Ok(if pass { Exit::Pass } else { Exit::Fail })
}

/// What could be read of the document, and all that is wrong with it by its own format.
fn read(path: &Path) -> Result<(Option<Box<Sbom>>, Vec<Reason>), Failure> {
    let limits = Limits::MAX;
    let (bytes, _) = inspect::start(path, limits.evidence_item_bytes)?;
    if bytes.len() as u64 > limits.evidence_item_bytes {
        let message = format!("{}: larger than {} bytes", path.display(), limits.evidence_item_bytes);
        return Err(Failure::new(message).hint("split the SBOM by product"));
    }
    Ok(match document(&bytes, &limits) {
        Content::Sbom(sbom) => (Some(sbom), Vec::new()),
        Content::InvalidSbom(invalid) => (invalid.sbom, invalid.reasons),
        Content::Refused(reason) => (None, vec![reason]),
        _ => {
            return Err(Failure::new(format!("{}: this is no SBOM in a format that is read", path.display()))
                .hint("`vidimus inspect` shows what the file is; `docs/formats.md` lists the formats"));
        }
    })
}

/// The SBOM beside the files of a folder, both ways.
struct Files {
    listed: usize,
    /// Files that no component means by its digest.
    unlisted: Vec<String>,
    /// What stands in the folder and could not be read as a file, and limits that were hit.
    unread: Vec<String>,
    /// Components with a digest that no file and no member of an archive has: name and place.
    absent: Vec<(String, String)>,
    /// Components without a digest that could be compared.
    undecided: usize,
}

impl Files {
    /// `own`, the SBOM, is read as evidence beside the folder, so that the files are hashed with the algorithms that it names.
    fn of(folder: &Path, own: &Path, sbom: &Sbom) -> Result<Self, Failure> {
        let options = Options {
            evidence: vec![own.to_path_buf()],
            limits: Limits::MAX,
            policy_files: Vec::new(),
            outputs: Vec::new(),
            progress: &Silent,
            as_delivery: false,
        };
        let paths = [PathBuf::from(folder)];
        let delivery = read::delivery(&paths, &options).map_err(|error| Failure::new(error.to_string()))?.delivery;
        let (bytes, _) = inspect::start(own, Limits::MAX.evidence_item_bytes)?;
        Ok(Self::compared(&delivery, &Digest::sha256(&bytes), sbom))
    }

    fn compared(delivery: &Delivery, own: &Digest, sbom: &Sbom) -> Self {
        let is_file = |file: &&File| file.place != Place::Evidence && file.digests.sha256() != own;
        let files: Vec<&File> = delivery.files.iter().filter(is_file).collect();
        let mut by_digest: BTreeMap<&Digest, Vec<usize>> = BTreeMap::new();
        for (index, file) in files.iter().enumerate() {
            for digest in file.digests.iter() {
                by_digest.entry(digest).or_default().push(index);
            }
        }
        let mut found = BTreeSet::new();
        let (mut absent, mut undecided) = (Vec::new(), 0);
        for component in sbom.components().filter(|c| matches!(c.kind(), NodeKind::Component | NodeKind::File)) {
            let digests = component.digests();
            if digests.computable().next().is_none() {
                undecided += 1;
                continue;
            }
            let named = Algorithm::ALL.into_iter().filter_map(|algorithm| digests.by(algorithm));
            let alike = named.filter_map(|digest| by_digest.get(&digest)).flatten().copied();
            let is_same = |index: &usize| {
                files.get(*index).is_some_and(|file| digests.matches(&file.digests, &Algorithm::ALL) == Match::Same)
            };
            let same: Vec<usize> = alike.filter(is_same).collect();
            if same.is_empty() {
                absent.push((component.name().to_owned(), component.place().to_owned()));
            }
            found.extend(same);
        }
        let delivered = files.iter().enumerate().filter(|(_, file)| file.place == Place::Delivered);
        let (listed, unlisted): (Vec<_>, Vec<_>) = delivered.partition(|(index, _)| found.contains(index));
        let unlisted = unlisted.into_iter().map(|(_, file)| file.path.clone()).collect();
        Self { listed: listed.len(), unlisted, unread: unread(delivery), absent, undecided }
    }

    /// Nothing is listed where there is nothing.
    fn pass(&self) -> bool {
        self.listed > 0 && self.unlisted.is_empty() && self.unread.is_empty()
    }
}

fn unread(delivery: &Delivery) -> Vec<String> {
    let entries = delivery.refused.iter().map(|entry| {
        format!("{}: {} ({})", String::from_utf8_lossy(&entry.raw_path), entry.reason.sentence(), entry.reason.code())
    });
    let limits = delivery.limits_hit.iter().map(|reason| format!("{} ({})", reason.sentence(), reason.code()));
    entries.chain(limits).collect()
}

struct Report<'a> {
    path: &'a Path,
    sbom: Option<&'a Sbom>,
    refused: &'a [Reason],
    answers: &'a [(&'a Profile, Vec<Answer<'a>>)],
    files: Option<&'a Files>,
}

/// So many names are printed of each list; JSON has all.
const SHOWN: usize = 10;

impl Report<'_> {
    fn text(&self, pass: bool) -> String {
        let mut out = Lines::default();
        let verdict = if pass { "PASS" } else { "FAIL" };
        let format = self
            .sbom
            .map_or_else(|| "unreadable".to_owned(), |sbom| format!("{}, {} components", sbom.format, sbom.len()));
        out.line(0, &format!("{verdict} {}: {format}", self.path.display()));
        match self.refused {
            [] => out.line(0, "The document is valid by the version that it declares."),
            reasons => {
                out.line(0, "\nThe document breaks the rules of its own format");
                for reason in reasons.iter().take(SHOWN) {
                    out.line(2, &format!("- {} ({})", reason.sentence(), reason.code()));
                }
                out.more(reasons.len());
            }
        }
        for note in self.sbom.iter().flat_map(|sbom| &sbom.notes) {
            out.line(0, &format!("Note: {} ({})", note.sentence(), note.code()));
        }
        for (profile, answers) in self.answers {
            out.profile(profile, answers);
        }
        if let Some(files) = self.files {
            out.line(0, "\nFiles");
            out.line(
                2,
                &format!("{} of {} files are listed by digest", files.listed, files.listed + files.unlisted.len()),
            );
            for file in files.unlisted.iter().take(SHOWN) {
                out.line(2, &format!("- not listed: {file}"));
            }
            out.more(files.unlisted.len());
            for entry in files.unread.iter().take(SHOWN) {
                out.line(2, &format!("- not read: {entry}"));
            }
            out.more(files.unread.len());
            for (name, place) in files.absent.iter().take(SHOWN) {
                out.line(2, &format!("- no such file: {name} at {place}"));
            }
            out.more(files.absent.len());
            if files.undecided > 0 {
                out.line(2, &format!("{} components have no digest that can be compared", files.undecided));
            }
        }
        out.0
    }

    fn json(&self, pass: bool) -> Json {
        let reason = |reason: &Reason| json!({"code": reason.code(), "says": reason.sentence()});
        let profiles = self.answers.iter().map(|(profile, answers)| {
            let rules = profile.rules.iter().zip(answers).map(|(rule, answer)| {
                let (result, more) = result(&answer.result);
                json!({
                    "id": rule.id, "title": rule.title, "obligation": rule.obligation.name(), "clause": rule.clause,
                    "result": result, "detail": more,
                })
            });
            json!({
                "id": profile.id, "edition": profile.edition, "sha256": profile.sha256().hex(),
                "met": profile.is_met(answers), "rules": rules.collect::<Vec<_>>(),
            })
        });
        json!({
            "sbom": self.path.display().to_string(),
            "pass": pass,
            "format": self.sbom.map(|sbom| sbom.format.clone()),
            "components": self.sbom.map(Sbom::len),
            "violations": self.refused.iter().map(reason).collect::<Vec<_>>(),
            "notes": self.sbom.iter().flat_map(|sbom| &sbom.notes).map(reason).collect::<Vec<_>>(),
            "profiles": profiles.collect::<Vec<_>>(),
            "files": self.files.map(|files| json!({
                "listed": files.listed,
                "unlisted": files.unlisted,
                "unread": files.unread,
                "absent": files.absent.iter().map(|(name, at)| json!({"name": name, "at": at})).collect::<Vec<_>>(),
                "undecided": files.undecided,
            })),
        })
    }
}

fn result(answered: &Answered<'_>) -> (&'static str, Json) {
    match answered {
        Answered::Met { instead } => ("met", json!({"instead": instead})),
        Answered::Unmet { lacking, asked, first } => {
            let first: Vec<Json> = first.iter().map(|(name, at)| json!({"name": name, "at": at})).collect();
            ("unmet", json!({"lacking": lacking, "asked": asked, "first": first}))
        }
        Answered::NotEvaluable(why) => ("not evaluable", json!(why)),
    }
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    /// Text out of documents is escaped; a leading line break of ours is kept.
    fn line(&mut self, indent: usize, text: &str) {
        let text = text.strip_prefix('\n').inspect(|_| self.0.push('\n')).unwrap_or(text);
        self.0.push_str(&wrap(&escape(text), indent, indent + 4));
        self.0.push('\n');
    }

    fn more(&mut self, count: usize) {
        if count > SHOWN {
            self.line(2, &format!("… and {} more", count - SHOWN));
        }
    }

    fn profile(&mut self, profile: &Profile, answers: &[Answer<'_>]) {
        self.line(0, &format!("\n{} ({})", profile.id, profile.edition));
        self.line(2, &format!("data {}", profile.sha256()));
        for (title, strong) in [("must", true), ("should", false)] {
            let (mut met, mut unmet, mut open) = (0, 0, 0);
            for (_, answer) in profile.rules.iter().zip(answers).filter(|(rule, _)| rule.obligation.fails() == strong) {
                match answer.result {
                    Answered::Met { .. } => met += 1,
                    Answered::Unmet { .. } => unmet += 1,
                    Answered::NotEvaluable(_) => open += 1,
                }
            }
            self.0.push_str(&format!("  {title:<6} {met:>3} met  {unmet:>3} unmet  {open:>3} not evaluable\n"));
        }
        for (rule, answer) in profile.rules.iter().zip(answers) {
            let word = match rule.obligation {
                Obligation::Baseline | Obligation::Must => "unmet",
                Obligation::IfExists | Obligation::Should | Obligation::Recommended => "could be better",
            };
            if let Answered::Unmet { lacking, asked, first } = &answer.result {
                let named: Vec<String> = first
                    .iter()
                    .map(|(name, at)| if name.is_empty() { (*at).to_owned() } else { format!("{name} at {at}") })
                    .collect();
                let of = if *asked == 1 {
                    String::new()
                } else {
                    format!(": {lacking} of {asked}, such as {}", named.join(", "))
                };
                self.line(
                    2,
                    &format!("- {word}: {} {} ({}, {}){of}", rule.id, rule.title, rule.obligation.name(), rule.clause),
                );
            }
        }
    }
}
