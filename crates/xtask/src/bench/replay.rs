//! Evidence archives of a large delivery: what writing one costs beside copying the files, and how long a replay takes.

use std::path::Path;
use std::process::Command;

use super::{AT, Row, best, peak, ratio, shown};
use crate::Result;

/// Of the delivery `large` in `folder`, under its `policy.toml`.
pub(super) fn rows(binary: &Path, folder: &Path) -> Result<Vec<Row>> {
    let (lean, full, copy) = (folder.join("lean.tar"), folder.join("full.tar"), folder.join("copy"));
    let verify = |archive: Option<&Path>, artifacts: bool| {
        let mut command = Command::new(binary);
        command.arg("verify").arg(folder.join("large")).arg("--policy").arg(folder.join("policy.toml"));
        command.args(["-q", "--at", AT]);
        if let Some(archive) = archive {
            command.arg("--archive").arg(archive);
        }
        if artifacts {
            command.arg("--archive-artifacts");
        }
        command
    };
    let replay = |archive: &Path| {
        let mut command = Command::new(binary);
        command.arg("replay").arg(archive).arg("-q");
        command
    };
    let cp = || {
        // `sync_data` is what an archive waits for, too.
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg("rm -rf \"$2\" && cp -r \"$1\" \"$2\" && find \"$2\" -type f -exec sync -d {} +")
            .arg("sh");
        command.arg(folder.join("large")).arg(&copy);
        command
    };
    let copied = best(&cp)?;
    std::fs::remove_dir_all(&copy).map_err(|error| error.to_string())?;
    let alone = best(&|| verify(None, false))?;
    let with = best(&|| verify(Some(&full), true))?;
    let over = with.saturating_sub(alone);
    let mut rows = vec![Row {
        what: "archive a large delivery with its artifacts: time beyond `verify`, as ratio to `cp -r`".to_owned(),
        target: "≤ 1.5",
        measured: format!(
            "{:.2} ({} beyond {}, against {})",
            ratio(over, copied),
            shown(over),
            shown(alone),
            shown(copied)
        ),
    }];
    let with = best(&|| verify(Some(&lean), false))?;
    rows.push(Row {
        what: "archive it without its artifacts, as ratio to `verify`".to_owned(),
        target: "",
        measured: format!("{:.2} ({})", ratio(with, alone), shown(with)),
    });
    let replayed = best(&|| replay(&lean))?;
    rows.push(Row { what: "replay it without its artifacts".to_owned(), target: "≤ 1 s", measured: shown(replayed) });
    let replayed = best(&|| replay(&full))?;
    let memory = peak(&mut replay(&full))?.map_or_else(String::new, |kib| format!(", {} MiB at most", kib / 1024));
    rows.push(Row {
        what: "replay it with its artifacts, as ratio to `verify`".to_owned(),
        target: "",
        measured: format!("{:.2} ({}{memory})", ratio(replayed, alone), shown(replayed)),
    });
    for archive in [lean, full] {
        std::fs::remove_file(archive).map_err(|error| error.to_string())?;
    }
    Ok(rows)
}
