//! The verdict as one HTML page: no network, no other file, readable on paper. Everything that stands in it is text; the
//! content-security policy lets nothing run or load but the page's own style and script.

mod picture;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::checks::{self, Row, State};
use super::layout::{counted, size};
use super::text::sentence;
use super::{VerdictFile, escape};
use crate::conclude::{Accepted, Answer};
use crate::digest::Digest;
use crate::policy::Policy;
use crate::reason::{self, Accountable};
use crate::record::MARKS;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// Entries of one list that stand open; the others are folded.
const OPEN: usize = 12;
/// Cards of one who must act; the table of checks has the others.
const CARDS: usize = 100;

/// The verdict as a page. `policy`, where it is at hand, gives names and countries of parties and titles of rules.
#[must_use]
pub fn html(file: &VerdictFile, policy: Option<&Policy>) -> String {
    let mut claims: BTreeMap<&str, Vec<&Accepted>> = BTreeMap::new();
    for claim in &file.details.accepted {
        claims.entry(&claim.evidence).or_default().push(claim);
    }
    let page = Page { file, policy, rows: checks::rows(file), claims };
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Digest::sha256(text.as_bytes()).bytes()));
    let answer = checks::answer(file);
    let about = file.core.request.product.as_deref().unwrap_or("a delivery");
    let csp = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    let verdict = embedded(&serde_json::to_string(file).unwrap_or_default());
    [
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
        &format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n", h(&csp)),
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n",
        &format!("<title>{} {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n", h(answer), h(about)),
        "<a class=\"skip\" href=\"#content\">Skip to the answer's reasons</a>\n",
        &page.head(),
        "<main id=\"content\">\n",
        &page.actions(),
        &page.waivers(),
        &page.picture(),
        &page.checks(),
        &page.unverified(),
        &page.rejected(),
        &page.digests(),
        "</main>\n<footer><div><p>Made by vidimus from the verdict alone. The verdict is inside this page: ",
        "<code>vidimus replay ARCHIVE --expect THIS-PAGE</code> holds it against what the evidence gives.</p></div></footer>\n",
        &format!("{}{verdict}{}\n<script>{SCRIPT}</script>\n</body>\n</html>\n", MARKS.0, MARKS.1),
    ]
    .concat()
}

/// JSON in which no tag begins and nothing turns the direction of a line: all of that stands in strings alone, and there every
/// character can be written as its code.
fn embedded(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if matches!(c, '<' | '>' | '&') || !c.is_ascii() {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// Text as it stands between tags and in attributes.
pub(super) fn h(raw: &str) -> String {
    let mut out = String::new();
    for c in escape(raw).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn code(raw: &str) -> String {
    format!("<code>{}</code>", h(raw))
}

const fn class(state: State) -> &'static str {
    match state {
        State::Refuted => "refuted",
        State::Unproven => "unproven",
        State::Waived => "waived",
        State::Met => "met",
    }
}

fn badge(state: State) -> String {
    format!("<span class=\"badge {}\">{}</span>", class(state), state.name())
}

struct Page<'a> {
    file: &'a VerdictFile,
    policy: Option<&'a Policy>,
    rows: Vec<Row<'a>>,
    /// By evidence id.
    claims: BTreeMap<&'a str, Vec<&'a Accepted>>,
}

impl Page<'_> {
    fn head(&self) -> String {
        let core = &self.file.core;
        let kind = if core.verdict == Answer::Pass { "pass" } else { "fail" };
        let open = self.rows.iter().filter(|row| row.state < State::Waived).count();
        let met = self.rows.iter().filter(|row| row.state == State::Met).count();
        let said = match core.verdict {
            Answer::Pass => {
                format!("Every requirement of the policy is met: {}.", counted(met as u64, "check", "checks"))
            }
            Answer::Fail => format!(
                "{} of {} checks are not met. Until they are, nothing of this delivery is accepted.",
                open,
                self.rows.len()
            ),
        };
        let inventory = &core.inputs.inventory;
        let mut facts = vec![("judged as of", code(&core.request.at))];
        facts.extend(core.request.product.iter().map(|product| ("product", code(product))));
        facts.extend(core.request.recipient.iter().map(|recipient| ("recipient", code(recipient))));
        facts.push(("delivered", format!("{}, {}", counted(inventory.files, "file", "files"), size(inventory.bytes))));
        let policy = &core.inputs.policy;
        facts.push(("policy", format!("{} version {}", code(&policy.id), policy.version)));
        facts.push(("core", code(&format!("sha256:{}", self.file.core_sha256))));
        let facts: String = facts.iter().map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>")).collect();
        format!(
            "<header><div>\n<h1><span class=\"badge {kind}\">{}</span></h1>\n<p>{}</p>\n<dl class=\"facts\">{facts}</dl>\n</div></header>\n",
            h(checks::answer(self.file)),
            h(&said),
        )
    }

    /// The title of a rule, after its id.
    fn rule(&self, id: &str) -> String {
        let title = self.policy.and_then(|policy| policy.rules.iter().find(|rule| rule.id == id)?.title.as_deref());
        let title = title.or((id == crate::check::BUILT_IN_RULE).then_some("what every delivery is held to"));
        let title = title.map_or_else(String::new, |title| format!(" <span class=\"soft\">{}</span>", h(title)));
        format!("{}{title}", code(id))
    }

    /// What must happen, by who must act.
    fn actions(&self) -> String {
        let mut out = String::new();
        for (name, accountable) in Accountable::ALL {
            let of = |row: &&Row<'_>| row.accountable == Some(accountable) && row.state < State::Waived;
            let mut of: Vec<&Row<'_>> = self.rows.iter().filter(of).collect();
            if of.is_empty() {
                continue;
            }
            of.sort_by_key(|row| (row.state, row.rule, row.reasons));
            out.push_str(&format!("<h3>The {} must act</h3>\n", name.replace('-', " ")));
            let groups = of.chunk_by(|a, b| (a.state, a.rule, a.reasons) == (b.state, b.rule, b.reasons));
            let mut cards: Vec<String> = groups.take(CARDS + 1).map(|group| self.card(group)).collect();
            if cards.len() > CARDS {
                cards.truncate(CARDS);
                cards.push(
                    "<p>There is more, in the table of <a href=\"#all-checks\">every check</a>.</p>\n".to_owned(),
                );
            }
            out.push_str(&folded(&cards, "div"));
        }
        if out.is_empty() { out } else { format!("<section>\n<h2>What must happen</h2>\n{out}</section>\n") }
    }

    /// Everything on which one rule is not met for the same reasons.
    fn card(&self, group: &[&Row<'_>]) -> String {
        let Some(first) = group.first() else { return String::new() };
        let place = |row: &&Row<'_>| {
            let way = row.way.as_ref();
            let way =
                way.map_or_else(String::new, |way| format!("<br><span class=\"soft\">by way of {}</span>", h(way)));
            format!("{}{way}", code(&row.place()))
        };
        let places: Vec<String> = group.iter().map(place).collect();
        let said: String = first.sentences().iter().map(|said| format!("<li>{}</li>", h(said))).collect();
        let fixes: String = first.fixes().iter().map(|fix| format!("<p class=\"fix\">{}</p>", h(fix))).collect();
        format!(
            "<div class=\"card\">{} {}{}<ul>{said}</ul>{fixes}</div>\n",
            badge(first.state),
            self.rule(first.rule),
            folded(&places, "p"),
        )
    }

    fn waivers(&self) -> String {
        let waivers = checks::waivers(self.file);
        if waivers.is_empty() {
            return String::new();
        }
        let rows = waivers.iter().map(|waiver| {
            let days = counted(waiver.days.unsigned_abs(), "day", "days");
            vec![code(waiver.id), self.rule(waiver.rule), h(waiver.owner), code(waiver.until), h(&days)]
        });
        let table = table("waivers", &["waiver", "rule", "who answers for it", "until", "left"], rows);
        format!("<section>\n<h2>Waivers that this rests on</h2>\n{table}</section>\n")
    }

    fn picture(&self) -> String {
        let picture = picture::draw(self.file, self.policy, &self.rows);
        format!(
            "<section>\n<h2>The chain</h2>\n<p class=\"soft\">Who said what about which files. What is not met stands first, with a red or dashed border, and so does the way to it; long lists are folded, and the table below has everything.</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Picture of the chain\">{picture}</div>\n</section>\n"
        )
    }

    fn checks(&self) -> String {
        let mut rules: Vec<&str> = self.rows.iter().map(|row| row.rule).collect();
        rules.dedup();
        let options: String = rules.iter().map(|id| format!("<option value=\"{0}\">{0}</option>", h(id))).collect();
        let results: String = [State::Refuted, State::Unproven, State::Waived, State::Met]
            .map(|state| format!("<option value=\"{}\">{}</option>", class(state), state.name()))
            .concat();
        let mut rows: Vec<&Row<'_>> = self.rows.iter().collect();
        // What is not met comes first.
        rows.sort_by_key(|row| row.state);
        let rows: String = rows
            .iter()
            .map(|row| {
                let mut detail: String = row.sentences().iter().map(|said| format!("<div>{}</div>", h(said))).collect();
                if let Some(way) = &row.way {
                    detail.push_str(&format!("<div class=\"soft\">by way of {}</div>", h(way)));
                }
                if let Some(waiver) = &row.waiver {
                    detail.push_str(&format!("<div>waived by {}</div>", code(waiver)));
                }
                let evidence: Vec<String> = row.support.iter().map(|id| self.evidence(id)).collect();
                if !evidence.is_empty() {
                    detail.push_str(&folded(&evidence, "div"));
                }
                format!(
                    "<tr data-result=\"{}\" data-rule=\"{}\" role=\"row\"><td class=\"state\" role=\"cell\">{}</td><td role=\"cell\">{}</td><td role=\"cell\">{}</td><td role=\"cell\">{detail}</td></tr>\n",
                    class(row.state),
                    h(row.rule),
                    badge(row.state),
                    code(row.rule),
                    code(&row.place()),
                )
            })
            .collect();
        // Rows are laid out as grids, so that those out of sight cost nothing; the roles say that it is a table all the same.
        let head = ["Result", "Rule", "On", "Why, or by which evidence"]
            .map(|name| format!("<th scope=\"col\" role=\"columnheader\">{name}</th>"))
            .concat();
        format!(
            "<section>\n<h2 id=\"all-checks\">Every check</h2>\n<form class=\"filter\" id=\"filter\" role=\"search\" hidden>\n<label>Words <input id=\"words\" type=\"search\" autocomplete=\"off\" placeholder=\"path, code, signer\"></label>\n<label>Result <select id=\"result\"><option value=\"\">all</option>{results}</select></label>\n<label>Rule <select id=\"rule\"><option value=\"\">all</option>{options}</select></label>\n<button type=\"reset\">Clear</button>\n<span id=\"shown\" class=\"soft\" role=\"status\" aria-live=\"polite\"></span>\n</form>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"all-checks\"><table id=\"checks\" role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">{head}</tr></thead><tbody role=\"rowgroup\">\n{rows}</tbody></table></div>\n</section>\n"
        )
    }

    /// Who said it, and where it stands.
    fn evidence(&self, id: &str) -> String {
        let claims = self.claims.get(id).into_iter().flatten();
        let said: Vec<String> = claims
            .map(|claim| {
                let time = claim.not_later_than.as_ref();
                let time = time.map_or_else(String::new, |time| format!(", signed not later than {}", h(time)));
                format!("{} by {}{time}", h(&picture::predicate(self.policy, claim)), h(&claim.identity))
            })
            .collect();
        let files = self.file.run.evidence_files.get(id).map(Vec::as_slice).unwrap_or_default();
        let place = files.first().map_or_else(|| code(id), |path| code(path));
        if said.is_empty() { place } else { format!("{} in {place}", said.join("; ")) }
    }

    fn unverified(&self) -> String {
        let core = &self.file.core;
        let mut items: Vec<String> = checks::unverified(self.file)
            .iter()
            .map(|(count, what)| format!("<li>{count} × {}</li>", h(what)))
            .collect();
        items.extend(core.limits_hit.iter().chain(&core.caveats).map(|said| {
            format!("<li>{} <span class=\"soft\">({})</span></li>", h(&sentence(&said.code, &said.args)), h(&said.code))
        }));
        if items.is_empty() {
            return String::new();
        }
        format!(
            "<section>\n<h2>What was not verified, and what to know</h2>\n<ul>{}</ul>\n</section>\n",
            items.concat()
        )
    }

    fn rejected(&self) -> String {
        let rejected = &self.file.core.rejected;
        if rejected.is_empty() {
            return String::new();
        }
        let rows = rejected.iter().map(|item| {
            let files = self.file.run.evidence_files.get(&item.evidence).and_then(|files| files.first());
            let fix = reason::by_code(&item.code).map_or("", |info| info.fix);
            let why = format!("{}<div class=\"soft\">{}</div>", h(&sentence(&item.code, &item.args)), h(fix));
            vec![code(files.unwrap_or(&item.evidence)), code(&item.code), why]
        });
        let table = table("rejected", &["evidence", "code", "why"], rows);
        format!(
            "<section>\n<h2>Rejected evidence</h2>\n<p class=\"soft\">Nothing rests on it.</p>\n{table}</section>\n"
        )
    }

    fn digests(&self) -> String {
        let core = checks::digests(self.file);
        let rows = core.iter().map(|(of, hex)| vec![h(of), code(hex)]);
        let quoted = table("digests", &["sha256 of", ""], rows);
        let files = self.file.core.subjects.iter().map(|subject| vec![code(&subject.path), code(&subject.sha256)]);
        let subjects = table("subjects", &["judged file", "sha256"], files);
        let files = self.file.details.policy.iter().map(|part| vec![code(&part.path), code(&part.sha256)]);
        let policy = table("policy-files", &["file of the policy", "sha256"], files);
        format!(
            "<section>\n<h2>Digests</h2>\n{quoted}\n<details><summary>{} that rules were applied to</summary>{subjects}</details>\n<details><summary>{} of the policy</summary>{policy}</details>\n</section>\n",
            counted(self.file.core.subjects.len() as u64, "file", "files"),
            counted(self.file.details.policy.len() as u64, "file", "files"),
        )
    }
}

/// A list of which the later entries are folded.
fn folded(items: &[String], tag: &str) -> String {
    let one = |item: &String| format!("<{tag}>{item}</{tag}>");
    let (open, rest) = items.split_at_checked(OPEN).unwrap_or((items, &[]));
    let mut out: String = open.iter().map(one).collect();
    if !rest.is_empty() {
        let rest_of: String = rest.iter().map(one).collect();
        out.push_str(&format!("<details><summary>{} more</summary>{rest_of}</details>", rest.len()));
    }
    out
}

fn table(id: &str, head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let head: String = head.iter().map(|cell| format!("<th scope=\"col\">{cell}</th>")).collect();
    let row = |cells: Vec<String>| {
        let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>")).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let rows: String = rows.map(row).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{id}\"><table><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table></div>\n"
    )
}
