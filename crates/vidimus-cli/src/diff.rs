//! `vidimus diff`.

use std::path::Path;

use vidimus::archive::Archive;
use vidimus::diff::{self, Side};
use vidimus::record::{self, Record, RecordError};
use vidimus::render::escape_json;

use crate::args::{DiffArgs, DiffFormat};
use crate::failure::Failure;
use crate::run::Exit;
use crate::terminal;

pub(crate) fn run(args: &DiffArgs) -> Result<Exit, Failure> {
    let report = diff::diff(&side(&args.a)?, &side(&args.b)?).map_err(|e| Failure::new(e.to_string()))?;
    let text = match args.output {
        DiffFormat::Text => diff::text(&report),
        DiffFormat::Markdown => diff::markdown(&report),
        DiffFormat::Json => {
            let json = serde_json::to_string_pretty(&report);
            escape_json(&json.map_err(|e| Failure::new(format!("the difference cannot be written: {e}")))?) + "\n"
        }
    };
    terminal::results(text.as_bytes())?;
    Ok(if report.same { Exit::Pass } else { Exit::Differs })
}

fn side(path: &Path) -> Result<Side, Failure> {
    let failed = |e: RecordError| Failure::new(format!("{}: {e}", path.display()));
    if record::is_archive(path).map_err(|e| failed(e.into()))? {
        let archive = Archive::open(path).map_err(|e| failed(e.into()))?;
        return Ok(Side { record: Record::of(&archive).map_err(failed)?, archive: Some(archive) });
    }
    Ok(Side { record: record::open(path).map_err(failed)?, archive: None })
}
