//! A verdict goes where the outputs say, in their formats.

use std::path::Path;

use vidimus::policy::Policy;
use vidimus::render::{self, Refusal, TextOptions, VerdictFile, Verifier};

use crate::args::{Color, VerifierArgs};
use crate::failure::Failure;
use crate::output::{Content, Format, Output, Placed, Target};
use crate::terminal;

/// A verdict, and how people want to see it.
pub(crate) struct Results<'a> {
    pub(crate) file: &'a VerdictFile,
    pub(crate) policy: Option<&'a Policy>,
    /// For statements.
    pub(crate) verifier: Option<&'a VerifierArgs>,
    pub(crate) verbose: bool,
    pub(crate) quiet: bool,
    pub(crate) color: Color,
}

impl Results<'_> {
    /// Writes every output, and `also`; all of the files, or none. They go again unless they are kept. Without an output for standard output, the text goes there.
    pub(crate) fn write(&self, outputs: &[Output], also: Option<(&Path, Content<'_>)>) -> Result<Placed, Failure> {
        let (placed, shown) = self.place(outputs, also)?;
        terminal::results(&shown)?;
        Ok(placed)
    }

    /// The same, and what goes to standard output is returned.
    pub(crate) fn place(
        &self,
        outputs: &[Output],
        also: Option<(&Path, Content<'_>)>,
    ) -> Result<(Placed, Vec<u8>), Failure> {
        let mut files = Vec::new();
        let mut results = (!self.quiet).then_some(Format::Text);
        for output in outputs {
            match &output.target {
                Target::Stdout => results = Some(output.format),
                Target::File(path) => {
                    files.push((path.as_path(), Content::Bytes(self.rendered(output.format, false)?)));
                }
            }
        }
        files.extend(also);
        let placed = Placed::write(&files)?;
        let shown = results.map(|format| self.rendered(format, terminal::colors_results(self.color))).transpose()?;
        Ok((placed, shown.unwrap_or_default()))
    }

    fn rendered(&self, format: Format, color: bool) -> Result<Vec<u8>, Failure> {
        Ok(match format {
            Format::Text => render::text(self.file, &self.text_options(color)).into_bytes(),
            Format::Json => render::json(self.file),
            Format::Markdown => render::markdown(self.file).into_bytes(),
            Format::Junit => render::junit(self.file).into_bytes(),
            Format::Sarif => render::sarif(self.file),
            Format::Vsa => self.statement(render::vsa)?,
            Format::Svr => self.statement(render::svr)?,
            Format::Html => render::html(self.file, self.policy).into_bytes(),
        })
    }

    fn statement(
        &self,
        of: impl Fn(&VerdictFile, &Verifier<'_>) -> Result<Vec<u8>, Refusal>,
    ) -> Result<Vec<u8>, Failure> {
        let args = self.verifier.ok_or_else(|| Failure::new(Refusal::NotLive.to_string()))?;
        let id = args.verifier_id.as_deref().ok_or_else(|| {
            Failure::new("a statement says who verified: give `--verifier-id`, or an `--anchor` that names it")
                .hint("use the URI by which those who rely on you know your verifier")
        })?;
        let (resource_uri, waived_property) = (args.resource_uri.as_deref(), args.waived_property.as_deref());
        of(self.file, &Verifier { id, resource_uri, waived_property })
            .map_err(|refusal| Failure::new(refusal.to_string()))
    }

    fn text_options(&self, color: bool) -> TextOptions<'_> {
        TextOptions {
            color,
            verbose: self.verbose,
            taken: self.file.run.taken.clone(),
            evidence_files: self.file.run.evidence_files.clone(),
            policy: self.policy,
        }
    }
}
