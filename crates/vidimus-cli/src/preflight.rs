//! `vidimus preflight`: the operator's verdict, before the operator gives it.

use std::fmt::Write as _;

use vidimus::decode::{Content, Envelope, Predicate};
use vidimus::knowledge::Knowledge;
use vidimus::policy::{Policy, Product};
use vidimus::read::{self, Delivery, Options};
use vidimus::render::{self, Mode, Run, TextOptions, VerdictFile, escape, wrap};
use vidimus::time::Time;
use vidimus::{Request, Verdict};
use vidimus_sign::preflight::{Names, Task, tasks};

use crate::args::{Color, PreflightArgs};
use crate::failure::Failure;
use crate::policy::{self, Rooted};
use crate::progress::Bar;
use crate::run::Exit;
use crate::state::Kept;
use crate::{terminal, verify};

/// Files that are named of one task.
const SHOWN: usize = 5;

pub(crate) fn run(args: &PreflightArgs, clock: Time, color: Color) -> Result<Exit, Failure> {
    let Rooted { policy, root, .. } = policy::rooted(&args.policy, args.anchor.as_deref(), color)?;
    verify::needs_folder(args.status.as_deref())?;
    let options = Options {
        as_delivery: args.delivery.is_file(),
        evidence: args.evidence.clone(),
        limits: policy.limits,
        policy_files: [
            verify::own_files(&args.policy, &policy, args.status.as_deref()),
            policy::anchor_files(&args.policy, args.anchor.as_deref()),
        ]
        .concat(),
        outputs: Vec::new(),
        progress: &Bar::new(false),
    };
    let delivery = std::slice::from_ref(&args.delivery);
    // Only the operator accepts: the state is read, and never made.
    let kept = args.state.as_deref().map(|path| Kept::read(path, false, delivery, &policy)).transpose()?;
    let read = read::delivery(delivery, &options).map_err(|e| Failure::new(e.to_string()))?;
    let status = args.status.as_deref().map(|folder| verify::status(folder, &policy)).transpose()?;
    let (product, recipient) = stated(&read.delivery);
    let (product, recipient) = (args.product.clone().or(product), args.recipient.clone().or(recipient));
    let request = request(args, product.as_deref(), recipient, &policy, clock)?;
    let live = verify::is_live(root.as_ref(), request.at, clock, args.at.is_some())?;
    let knowledge = Knowledge {
        status: status.as_ref(),
        state: kept.as_ref().map(Kept::state),
        anchor: root.as_ref().map(|root| &root.anchored),
    };
    let judgement = vidimus::judge_knowing(&read.delivery, &policy, knowledge, &request);
    verify::check_clock(clock, &judgement.clock_must_be_past)?;
    let verdict = &judgement.verdict;
    let names = Names { key: &args.key, product: product.as_deref().unwrap_or("PURL") };
    let evidence_files = render::evidence_files(&read.delivery);
    let run = Run {
        tool: "vidimus".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        mode: if live { Mode::Live } else { Mode::AsOf },
        started: clock.to_string(),
        replay: None,
        taken: Vec::new(),
        evidence_files: evidence_files.clone(),
        evidence_beside: render::evidence_beside(&read.delivery),
        notes: Vec::new(),
    };
    let text_options =
        TextOptions { color: false, verbose: false, taken: Vec::new(), evidence_files, policy: Some(&policy) };
    let last =
        render::text(&VerdictFile::of(verdict, &run), &text_options).lines().last().unwrap_or_default().to_owned();
    let text = told(verdict, &policy, &tasks(verdict, &policy, names), &request) + &last + "\n";
    terminal::results(text.as_bytes())?;
    for note in root.iter().flat_map(|root| root.notes()) {
        terminal::diagnostic(&format!("note: {note}\n"));
    }
    Ok(if verdict.passes() { Exit::Pass } else { Exit::Fail })
}

/// The product and recipient that the delivery states of itself: who packed it knows.
fn stated(delivery: &Delivery) -> (Option<String>, Option<String>) {
    let items = delivery.files.iter().filter_map(|file| match &file.content {
        Content::Signed(items) => Some(items),
        _ => None,
    });
    let statements = items.flatten().filter_map(|item| item.envelope.as_ref().ok().and_then(Envelope::dsse));
    let mut found = statements.filter_map(|dsse| match &dsse.statement.as_ref().ok()?.predicate {
        Predicate::Delivery(delivery) => {
            Some((delivery.sequence, delivery.product.clone(), delivery.recipient.clone()))
        }
        _ => None,
    });
    let first = found.next();
    let highest = found
        .fold(first, |best, next| if best.as_ref().is_some_and(|best| best.0 >= next.0) { best } else { Some(next) });
    highest.map_or((None, None), |(_, product, recipient)| (Some(product), recipient))
}

fn request(
    args: &PreflightArgs,
    product: Option<&str>,
    recipient: Option<String>,
    policy: &Policy,
    clock: Time,
) -> Result<Request, Failure> {
    let at = match &args.at {
        None => clock,
        Some(text) => text.parse().map_err(|e| Failure::new(format!("`--at {}`: {e}", escape(text))))?,
    };
    verify::check_window(policy, at)?;
    let product = match product {
        None => None,
        Some(text) => {
            Some(Product::parse_request(text).map_err(|e| Failure::new(format!("the product {}: {e}", escape(text))))?)
        }
    };
    if product.is_none() {
        verify::needs_no_product(policy)?;
    }
    Ok(Request { at, product, recipient })
}

fn told(verdict: &Verdict, policy: &Policy, tasks: &[Task], request: &Request) -> String {
    let mut out = String::new();
    let policy_name = format!("{} version {}", escape(&policy.id), policy.version);
    let product =
        request.product.as_ref().map_or_else(|| "this delivery".to_owned(), |product| escape(&product.to_string()));
    // Writing to a string cannot fail.
    if verdict.passes() {
        let _ = writeln!(out, "READY  {policy_name} passes {product} at {}\n", request.at);
        let _ = writeln!(out, "Nothing is left to do.");
    } else {
        let things = if tasks.len() == 1 { "1 thing is".to_owned() } else { format!("{} things are", tasks.len()) };
        let _ = writeln!(out, "NOT READY  {things} left to do before {policy_name} passes {product}");
        for (number, task) in tasks.iter().enumerate() {
            out.push_str(&one(number + 1, task));
        }
    }
    out.push('\n');
    out
}

fn one(number: usize, task: &Task) -> String {
    let mut out = String::new();
    let title = task.title.as_ref().map(|title| format!(": {}", escape(title))).unwrap_or_default();
    let what = if task.refuted { "wrong" } else { "missing" };
    let _ = writeln!(out, "\n{}", wrap(&format!("{number}. {} ({what}){title}", escape(&task.rule)), 0, 3));
    for path in task.files.iter().take(SHOWN) {
        let _ = writeln!(out, "   file {}", escape(path));
    }
    if task.files.len() > SHOWN {
        let _ = writeln!(out, "   and {} more files", task.files.len() - SHOWN);
    }
    for (code, sentence) in &task.reasons {
        let _ = writeln!(out, "{}", wrap(&format!("{code}: {sentence}"), 3, 5));
    }
    for signer in &task.signers {
        let _ = writeln!(out, "   to be signed by {signer}");
    }
    for fix in &task.fixes {
        let _ = writeln!(out, "{}", wrap(&format!("do: {fix}"), 3, 7));
    }
    for command in &task.commands {
        let _ = writeln!(out, "   $ {command}");
    }
    out
}
