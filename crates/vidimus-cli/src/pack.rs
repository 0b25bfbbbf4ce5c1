//! `vidimus pack`: a delivery, laid out and signed.

use vidimus::render::escape;
use vidimus::time::Time;
use vidimus_sign::pack::{About, Delivery, Packing, Previous, pack};

use crate::args::{PackArgs, PackingArg};
use crate::failure::Failure;
use crate::keys;
use crate::run::Exit;
use crate::{terminal, timestamp};

pub(crate) fn run(args: &PackArgs) -> Result<Exit, Failure> {
    if args.out.symlink_metadata().is_ok() {
        return Err(vidimus_sign::Error::Exists { path: args.out.clone() }.into());
    }
    let delivery = Delivery {
        files: args.files.clone(),
        evidence: args.evidence.clone(),
        private: vec![args.key.key.clone()],
        about: About {
            product: args.product.clone(),
            sequence: args.sequence,
            recipient: args.recipient.clone(),
            order: args.order.clone(),
            created: created(args)?,
            previous: args.previous.as_deref().map(Previous::read).transpose()?,
        },
    };
    let packing = match args.packing {
        PackingArg::Folder => Packing::Folder,
        PackingArg::Tar => Packing::Tar,
        PackingArg::Oci => Packing::Oci,
    };
    let signer = keys::open(&args.key)?;
    let answers = timestamp::Answers::read(&args.tsa_response, &args.tsa_anchor)?;
    let packed = pack(&delivery, packing, &args.out, &signer, &|bundle| answers.beside(bundle))?;
    let out = format!(
        "wrote {}  {}\n{} files and {} of evidence, sequence {}\ndelivery statement {}\n",
        escape(&args.out.display().to_string()),
        escape(&args.product),
        packed.files,
        packed.evidence,
        packed.sequence,
        packed.statement,
    );
    terminal::results(out.as_bytes())?;
    Ok(Exit::Pass)
}

/// By the word of whoever packs; the clock is never asked, so that the same inputs give the same bytes.
fn created(args: &PackArgs) -> Result<Option<Time>, Failure> {
    if let Some(text) = &args.created {
        return text.parse().map(Some).map_err(|e| Failure::new(format!("`--created {}`: {e}", escape(text))));
    }
    let Some(epoch) = std::env::var_os("SOURCE_DATE_EPOCH") else { return Ok(None) };
    let second = epoch.to_str().and_then(|text| text.parse().ok()).and_then(Time::from_second);
    second.map(Some).ok_or_else(|| Failure::new("SOURCE_DATE_EPOCH: not a number of seconds since 1970"))
}
