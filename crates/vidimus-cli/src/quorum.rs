//! `vidimus quorum`.

use vidimus::quorum::{self, Asked, Quorum};
use vidimus::read::{self, Silent};
use vidimus::render::escape;
use vidimus::time::Time;

use crate::args::{Color, QuorumArgs};
use crate::failure::Failure;
use crate::policy::{self, Rooted};
use crate::run::Exit;
use crate::terminal;
use crate::verify::{check_clock, check_window, is_live, own_files};

pub(crate) fn run(args: &QuorumArgs, clock: Time, color: Color) -> Result<Exit, Failure> {
    let Rooted { policy, root, .. } = policy::rooted(&args.policy, args.anchor.as_deref(), color)?;
    let at = match &args.at {
        None => clock,
        Some(text) => text.parse().map_err(|e| Failure::new(format!("`--at {}`: {e}", escape(text))))?,
    };
    check_window(&policy, at)?;
    is_live(root.as_ref(), at, clock, args.at.is_some())?;
    let options = read::Options {
        as_delivery: false,
        evidence: Vec::new(),
        limits: policy.limits,
        policy_files: [
            own_files(&args.policy, &policy, None),
            policy::anchor_files(&args.policy, args.anchor.as_deref()),
        ]
        .concat(),
        outputs: Vec::new(),
        progress: &Silent,
    };
    let read = read::delivery(&args.verdicts, &options).map_err(|e| Failure::new(e.to_string()))?;
    if let Some(reason) = read.delivery.limits_hit.first() {
        return Err(Failure::new(reason.sentence()));
    }
    let asked = Asked { min_groups: args.min_groups.into(), tolerate_jurisdictions: args.tolerate_jurisdictions };
    let quorum = quorum::quorum(&read.delivery, &policy, at, asked);
    check_clock(clock, &quorum.clock_must_be_past)?;
    terminal::results(said(&quorum, asked).as_bytes())?;
    Ok(match quorum.voices.first() {
        Some(voice) if quorum.agrees => {
            if voice.passed {
                Exit::Pass
            } else {
                Exit::Fail
            }
        }
        _ => Exit::Differs,
    })
}

fn said(quorum: &Quorum, asked: Asked) -> String {
    let mut out = String::from(if quorum.agrees { "AGREED\n" } else { "NOT AGREED\n" });
    let mut last = None;
    for voice in &quorum.voices {
        if last != Some((&voice.decision, voice.passed)) {
            let result = if voice.passed { "PASSED" } else { "FAILED" };
            out.push_str(&format!("decision {} {result}\n", voice.decision));
            last = Some((&voice.decision, voice.passed));
        }
        let (party, identity, file) = (escape(&voice.party), escape(&voice.identity), escape(&voice.file));
        out.push_str(&format!("  {party} ({identity}) in {file}\n"));
    }
    for (file, reasons) in &quorum.silent {
        let why: Vec<String> =
            reasons.iter().map(|reason| format!("{}: {}", reason.code(), reason.sentence())).collect();
        let why = if why.is_empty() { "no signed verdict with a decision in it".to_owned() } else { why.join("; ") };
        out.push_str(&format!("not counted: {}: {}\n", escape(file), escape(&why)));
    }
    let countries: Vec<&str> = quorum.countries.iter().map(String::as_str).collect();
    out.push_str(&format!(
        "independent groups: {} of {} asked for; left whatever {} of {} compel: {}\n",
        quorum.groups,
        asked.min_groups,
        if asked.tolerate_jurisdictions == 1 {
            "1 country".to_owned()
        } else {
            format!("{} countries", asked.tolerate_jurisdictions)
        },
        if countries.is_empty() { "none".to_owned() } else { escape(&countries.join(", ")) },
        quorum.remaining,
    ));
    out
}
