//! `vidimus sbom check`: is a document what its format says, what does it lack by these standards, and does it list these files?

mod lines;
mod report;
mod sarif;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use vidimus::decode::{Content, NodeKind, Sbom, document};
use vidimus::digest::{Algorithm, Digest, Match};
use vidimus::join::elsewhere::elsewhere;
use vidimus::join::links::{self, Document};
use vidimus::limits::Limits;
use vidimus::profile::{self, Answer, Context, Profile};
use vidimus::read::{self, Delivery, File, Options, Place, Silent};
use vidimus::reason::Reason;
use vidimus::render::escape_json;

use self::report::Report;
use crate::args::{SbomCheckArgs, SbomFormat};
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
    let own = Read::of(&args.sbom)?;
    let others = args.with.iter().map(|path| Read::of(path)).collect::<Result<Vec<_>, _>>()?;
    if let Some(at) = others.iter().position(|other| !other.refused.is_empty()) {
        let path = args.with.get(at).map(|path| path.display().to_string()).unwrap_or_default();
        return Err(Failure::new(format!(
            "{path}: this SBOM breaks rules of its own format, so nothing is looked up in it"
        ))
        .hint(format!("`vidimus sbom check {path}` says which")));
    }
    let documents: Vec<Document<'_>> = std::iter::once(&own).chain(&others).filter_map(Read::document).collect();
    let (links, elsewhere) =
        if own.document().is_some() { (links::between(&documents), elsewhere(&documents)) } else { Default::default() };
    let context = Context { elsewhere: &elsewhere, ..Context::default() };
    let answers: Vec<(&Profile, Vec<Answer<'_>>)> = own
        .sbom
        .iter()
        .flat_map(|sbom| profiles.iter().map(|profile| (*profile, profile.answers(sbom, &context))))
        .collect();
    let files = match (&args.files, &own.sbom) {
        (Some(folder), Some(sbom)) => Some(Files::of(folder, &args.sbom, &own.id, sbom)?),
        _ => None,
    };
    let met = answers.iter().all(|(_, answers)| profile::is_met(answers));
    let pass = own.refused.is_empty() && met && files.as_ref().is_none_or(Files::pass);
    let notes = own.sbom.iter().flat_map(|sbom| &sbom.notes).chain(links.first().into_iter().flatten());
    let report = Report {
        path: &args.sbom,
        sbom: own.sbom.as_deref(),
        refused: &own.refused,
        notes: notes.collect(),
        answers: &answers,
        files: files.as_ref(),
    };
    let shown = match args.output {
        SbomFormat::Text => report.text(pass),
        SbomFormat::Json => escape_json(&format!("{:#}\n", report.json(pass))),
        SbomFormat::Sarif => escape_json(&format!("{:#}\n", sarif::log(&report, own.text()))),
    };
    terminal::results(shown.as_bytes())?;
    Ok(if pass { Exit::Pass } else { Exit::Fail })
}

/// A document, as far as it could be read, and all that is wrong with it by its own format.
struct Read {
    id: Digest,
    bytes: Vec<u8>,
    sbom: Option<Box<Sbom>>,
    refused: Vec<Reason>,
}

impl Read {
    fn of(path: &Path) -> Result<Self, Failure> {
        let limits = Limits::MAX;
        let (bytes, _) = inspect::start(path, limits.evidence_item_bytes)?;
        if bytes.len() as u64 > limits.evidence_item_bytes {
            let message = format!("{}: larger than {} bytes", path.display(), limits.evidence_item_bytes);
            return Err(Failure::new(message).hint("split the SBOM by product"));
        }
        let (sbom, refused) = match document(&bytes, &limits) {
            Content::Sbom(sbom) => (Some(sbom), Vec::new()),
            Content::InvalidSbom(invalid) => (invalid.sbom, invalid.reasons),
            Content::Refused(reason) => (None, vec![reason]),
            _ => {
                return Err(Failure::new(format!("{}: this is no SBOM in a format that is read", path.display()))
                    .hint("`vidimus inspect` shows what the file is; `docs/formats.md` lists the formats"));
            }
        };
        Ok(Self { id: Digest::sha256(&bytes), bytes, sbom, refused })
    }

    /// It beside others; what breaks its own format stands beside none.
    fn document(&self) -> Option<Document<'_>> {
        let sbom = self.sbom.as_deref().filter(|_| self.refused.is_empty())?;
        Some(Document { id: &self.id, sbom, bytes: Some(&self.bytes) })
    }

    /// The text of the document, where lines are to be found in it.
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_default()
    }
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
    fn of(folder: &Path, own: &Path, id: &Digest, sbom: &Sbom) -> Result<Self, Failure> {
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
        Ok(Self::compared(&delivery, id, sbom))
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
