//! `vidimus timestamp`: requests are files, and so are answers; nothing is sent, unless the feature `tsa-http` is built in and asked for.

use std::path::{Path, PathBuf};

use vidimus::digest::Algorithm;
use vidimus::policy::{Policy, TimeAuthority};
use vidimus::render::escape;
use vidimus_sign::timestamp::{Stampable, authorities, authority, request};
use vidimus_sign::{Error, Mode, write_new};

use crate::args::{Color, HashArg, StampAttachArgs, StampRequestArgs, StampVerb};
use crate::failure::Failure;
use crate::output::{Content, Placed};
use crate::run::Exit;
use crate::{inspect, policy, terminal};

/// An answer has a few kilobytes.
const MAX_BYTES: u64 = 1024 * 1024;

pub(crate) fn run(verb: &StampVerb, color: Color) -> Result<Exit, Failure> {
    let text = match verb {
        StampVerb::Request(args) => ask(args)?,
        StampVerb::Attach(args) => attach(args, color)?,
    };
    terminal::results(text.as_bytes())?;
    Ok(Exit::Pass)
}

fn ask(args: &StampRequestArgs) -> Result<String, Failure> {
    let bundle = stampable(&args.bundle)?;
    let algorithm = match args.hash {
        HashArg::Sha256 => Algorithm::Sha256,
        HashArg::Sha384 => Algorithm::Sha384,
        HashArg::Sha512 => Algorithm::Sha512,
    };
    let bytes = request(&bundle.signature, algorithm, !args.no_nonce)?;
    write_new(&[(&args.out, &bytes, Mode::Usual)])?;
    Ok(format!("wrote {}\n", escape(&args.out.display().to_string())))
}

fn attach(args: &StampAttachArgs, color: Color) -> Result<String, Failure> {
    let loaded = args.policy.as_deref().map(|path| policy::load(path, color)).transpose()?;
    let mut answers = Answers::read(&args.tsa_response, &args.anchor)?;
    answers.policy = loaded;
    let mut bundle = stampable(&args.bundle)?;
    #[cfg(feature = "tsa-http")]
    for url in &args.tsa_url {
        let answer = vidimus_sign::timestamp::http::ask(url, &bundle.signature, Algorithm::Sha256)?;
        answers.responses.push((PathBuf::from(url), answer));
    }
    let told = answers.attach(&mut bundle)?;
    let bytes = bundle.bytes()?;
    let place = args.out.as_deref().unwrap_or(&args.bundle);
    match &args.out {
        Some(path) => write_new(&[(path.as_path(), bytes.as_slice(), Mode::Usual)])?,
        None => Placed::write(&[(args.bundle.as_path(), Content::Bytes(bytes))])?.keep(),
    }
    Ok(format!("{told}wrote {}\n", escape(&place.display().to_string())))
}

fn stampable(path: &Path) -> Result<Stampable, Failure> {
    let bytes = read(path, vidimus::limits::Limits::MAX.evidence_item_bytes)?;
    Stampable::read(&bytes).map_err(|e| named(path, &e))
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    // What the file says of its length is no bound: a device has none, and a file may grow.
    let (bytes, _) = inspect::start(path, limit)?;
    if bytes.len() as u64 > limit {
        return Err(Failure::new(format!("{}: larger than {limit} bytes", path.display())));
    }
    Ok(bytes)
}

fn named(path: &Path, error: &Error) -> Failure {
    let failure = Failure::new(format!("{}: {error}", path.display()));
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// What authorities answered, and who of them is believed.
pub(crate) struct Answers {
    responses: Vec<(PathBuf, Vec<u8>)>,
    anchors: Vec<TimeAuthority>,
    policy: Option<Policy>,
}

impl Answers {
    pub(crate) fn read(responses: &[PathBuf], anchors: &[PathBuf]) -> Result<Self, Failure> {
        let with_name = |path: &PathBuf| Ok::<_, Failure>((path.clone(), read(path, MAX_BYTES)?));
        let responses = responses.iter().map(with_name).collect::<Result<_, _>>()?;
        let anchors = anchors.iter().map(|path| authority(&read(path, MAX_BYTES)?).map_err(|e| named(path, &e)));
        Ok(Self { responses, anchors: anchors.collect::<Result<_, _>>()?, policy: None })
    }

    /// Each answer, checked, beside the signature; told line by line.
    fn attach(&self, bundle: &mut Stampable) -> Result<String, Failure> {
        let of_policy = self.policy.iter().flat_map(authorities);
        let believed: Vec<&TimeAuthority> = self.anchors.iter().chain(of_policy).collect();
        let mut told = String::new();
        for (path, response) in &self.responses {
            let stamp = bundle.attach(response, &believed).map_err(|e| named(path, &e))?;
            let shown = escape(&path.display().to_string());
            told.push_str(&format!("{shown}: the signature existed at {}\n", stamp.not_later_than));
        }
        Ok(told)
    }

    /// The bundle with every answer; as it is where there is none.
    pub(crate) fn beside(&self, bundle: Vec<u8>) -> Result<Vec<u8>, Error> {
        if self.responses.is_empty() {
            return Ok(bundle);
        }
        let mut stampable = Stampable::read(&bundle)?;
        let believed: Vec<&TimeAuthority> = self.anchors.iter().collect();
        for (_, response) in &self.responses {
            stampable.attach(response, &believed)?;
        }
        stampable.bytes()
    }
}
