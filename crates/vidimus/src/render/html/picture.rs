//! The chain as a picture: parties by country, what they said, the files that it is about, and what is in those. Columns of boxes
//! and curves between them; a long column is folded, what is not met before what is.

use std::collections::{BTreeMap, BTreeSet};

use super::super::checks::{Row, State};
use super::super::component::short;
use super::super::layout::counted;
use super::{class, h};
use crate::conclude::Accepted;
use crate::policy::Policy;
use crate::render::VerdictFile;

/// Boxes of one column.
const SHOWN: usize = 14;
/// Of these, components that rules looked at.
const COMPONENTS: usize = 9;
const BOX: (usize, usize) = (228, 40);
const STEP: usize = 50;
const COLUMN: usize = 300;
const TOP: usize = 44;
const MARGIN: usize = 16;
/// Characters of a line.
const LINE: usize = 28;

struct Node {
    class: &'static str,
    label: String,
    note: String,
    column: usize,
    row: usize,
}

impl Node {
    const fn left(&self) -> usize {
        MARGIN + self.column * COLUMN
    }
    const fn top(&self) -> usize {
        TOP + self.row * STEP
    }
    const fn middle(&self) -> usize {
        self.top() + BOX.1 / 2
    }
}

/// Nodes and edges as they are added.
#[derive(Default)]
struct Picture {
    nodes: Vec<Node>,
    filled: BTreeMap<usize, usize>,
    edges: BTreeSet<(usize, usize, bool)>,
}

impl Picture {
    fn add(&mut self, column: usize, class: &'static str, label: String, note: String) -> usize {
        let row = self.filled.entry(column).or_default();
        self.nodes.push(Node { class, label, note, column, row: *row });
        *row += 1;
        self.nodes.len() - 1
    }
}

/// The policy's word for what is said.
pub(super) fn predicate(policy: Option<&Policy>, claim: &Accepted) -> String {
    let aliases = policy.into_iter().flat_map(|policy| &policy.predicates);
    let alias = aliases.into_iter().find(|(_, types)| types.contains(&claim.predicate)).map(|(alias, _)| alias.clone());
    match (alias, claim.predicate.as_str()) {
        (Some(alias), _) => alias,
        (None, "file") => "signature over the file".to_owned(),
        (None, uri) => uri.to_owned(),
    }
}

/// A file that rules were applied to, with the worst of its answers.
struct Subject<'a> {
    state: State,
    path: &'a str,
    sha256: &'a str,
    support: BTreeSet<&'a str>,
}

fn subjects<'a>(file: &'a VerdictFile, rows: &[Row<'a>]) -> Vec<Subject<'a>> {
    let mut by_node: BTreeMap<&str, (State, BTreeSet<&'a str>)> = BTreeMap::new();
    for row in rows {
        let entry = by_node.entry(row.node).or_insert((State::Met, BTreeSet::new()));
        entry.0 = entry.0.min(row.state);
        entry.1.extend(row.support.iter().map(String::as_str));
    }
    let mut subjects: Vec<Subject<'a>> = file
        .core
        .subjects
        .iter()
        .map(|subject| {
            let found = by_node.get(format!("sha256:{}", subject.sha256).as_str());
            let (state, support) = found.cloned().unwrap_or((State::Unproven, BTreeSet::new()));
            // Without a rule that looked at it, nothing is said about it.
            Subject { state, path: &subject.path, sha256: &subject.sha256, support }
        })
        .collect();
    subjects.sort_by(|a, b| (a.state, a.path).cmp(&(b.state, b.path)));
    subjects
}

/// The evidence in each group of claims, and its box.
type Claims<'a> = [(BTreeSet<&'a str>, usize)];

/// The picture as SVG.
pub(super) fn draw(file: &VerdictFile, policy: Option<&Policy>, rows: &[Row<'_>]) -> String {
    let mut picture = Picture::default();
    let claims = claims(file, policy, &mut picture);
    let subjects = subjects(file, rows);
    let delivery = rows.iter().filter(|row| row.node == "delivery");
    let whole: Vec<&Row<'_>> = delivery.collect();
    let state = whole.iter().map(|row| row.state).min().unwrap_or(State::Met);
    let about = file.core.request.product.clone().unwrap_or_else(|| "the delivery".to_owned());
    let node = picture.add(2, class(state), about, format!("the delivery as a whole: {}", state.name()));
    let support: BTreeSet<&str> = whole.iter().flat_map(|row| row.support).map(String::as_str).collect();
    link(&mut picture, &claims, &support, node);
    let (shown, rest) = subjects.split_at_checked(SHOWN).unwrap_or((&subjects, &[]));
    let mut held: BTreeMap<&str, usize> = BTreeMap::new();
    for subject in shown {
        let node = picture.add(2, class(subject.state), subject.path.to_owned(), subject.state.name().to_owned());
        link(&mut picture, &claims, &subject.support, node);
        held.insert(subject.sha256, node);
    }
    if let Some(worst) = rest.first() {
        let note = tally(rest.iter().map(|subject| subject.state));
        let label = counted(rest.len() as u64, "more file", "more files");
        let node = picture.add(2, class(worst.state), label, note);
        let support = rest.iter().flat_map(|subject| subject.support.iter().copied()).collect();
        link(&mut picture, &claims, &support, node);
    }
    components(file, rows, &claims, &held, &mut picture);
    contents(file, &held, &mut picture);
    svg(&picture)
}

/// Claims by party and what is said: the evidence in each group, and its node.
fn claims<'a>(
    file: &'a VerdictFile,
    policy: Option<&Policy>,
    picture: &mut Picture,
) -> Vec<(BTreeSet<&'a str>, usize)> {
    let mut groups: BTreeMap<(String, &str, String), BTreeSet<&'a str>> = BTreeMap::new();
    for claim in &file.details.accepted {
        let party = policy.and_then(|policy| policy.parties.get(&claim.party));
        let country = party.map_or_else(String::new, |party| party.jurisdictions.join(", "));
        groups.entry((country, &claim.party, predicate(policy, claim))).or_default().insert(&claim.evidence);
    }
    let mut parties: BTreeMap<&str, usize> = BTreeMap::new();
    let mut nodes = Vec::new();
    let all = groups.len();
    for (at, ((country, id, said), evidence)) in groups.into_iter().enumerate() {
        if at >= 2 * SHOWN {
            let label = counted((all - at) as u64, "more group of claims", "more groups of claims");
            picture.add(1, "", label, String::new());
            break;
        }
        let party = *parties.entry(id).or_insert_with(|| {
            let name = policy.and_then(|policy| policy.parties.get(id)).map_or(id, |party| party.name.as_str());
            let note = if country.is_empty() { "country not in the verdict".to_owned() } else { country.clone() };
            picture.add(0, "", name.to_owned(), note)
        });
        let note = counted(evidence.len() as u64, "accepted item", "accepted items");
        let node = picture.add(1, "", said, note);
        picture.edges.insert((party, node, false));
        nodes.push((evidence, node));
    }
    if !file.core.rejected.is_empty() {
        let count = file.core.rejected.iter().map(|item| &item.evidence).collect::<BTreeSet<_>>().len() as u64;
        picture.add(
            1,
            "not",
            "rejected evidence".to_owned(),
            counted(count, "item, nothing rests on it", "items, nothing rests on them"),
        );
    }
    nodes
}

/// What counts for a node. No such line is bad, even where the node lacks something else.
fn link(picture: &mut Picture, claims: &Claims<'_>, support: &BTreeSet<&str>, to: usize) {
    for (evidence, from) in claims {
        if !evidence.is_disjoint(support) {
            picture.edges.insert((*from, to, false));
        }
    }
}

/// Components that rules looked at, the worst first, and the way to those that are not met.
fn components(
    file: &VerdictFile,
    rows: &[Row<'_>],
    claims: &Claims<'_>,
    held: &BTreeMap<&str, usize>,
    picture: &mut Picture,
) {
    let mut by_node: BTreeMap<&str, &Row<'_>> = BTreeMap::new();
    let mut support: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let files: BTreeSet<&str> = file.core.subjects.iter().map(|subject| subject.sha256.as_str()).collect();
    let is_file = |row: &Row<'_>| files.contains(row.node.trim_start_matches("sha256:"));
    for row in rows.iter().filter(|row| row.node != "delivery" && !is_file(row)) {
        let worst = by_node.entry(row.node).or_insert(row);
        if row.state < worst.state {
            *worst = row;
        }
        support.entry(row.node).or_default().extend(row.support.iter().map(String::as_str));
    }
    let mut worst: Vec<&Row<'_>> = by_node.into_values().collect();
    worst.sort_by_cached_key(|row| (row.state, row.place()));
    let (shown, rest) = worst.split_at_checked(COMPONENTS).unwrap_or((&worst, &[]));
    for row in shown {
        let name = row.paths.first().or_else(|| row.names.first()).map_or_else(|| short(row.node), Clone::clone);
        let note = match row.state {
            State::Met => State::Met.name().to_owned(),
            state => format!("{}: {}", state.name(), row.rule),
        };
        let node = picture.add(3, class(row.state), name, note);
        support.get(row.node).into_iter().for_each(|support| link(picture, claims, support, node));
        let root = row.root.and_then(|root| held.get(root.trim_start_matches("sha256:")));
        picture.edges.extend(root.map(|from| (*from, node, row.state < State::Waived)));
    }
    if let Some(worst) = rest.first() {
        let label = counted(rest.len() as u64, "more component", "more components");
        picture.add(3, class(worst.state), label, tally(rest.iter().map(|row| row.state)));
    }
}

/// What is in the files, and what SBOMs name beyond them.
fn contents(file: &VerdictFile, held: &BTreeMap<&str, usize>, picture: &mut Picture) {
    let mut folded = (0_u64, 0_u64);
    for container in &file.details.inventory.containers {
        let members = container.members.len() as u64;
        match held.get(container.sha256.as_str()) {
            Some(from) if picture.filled.get(&3).copied().unwrap_or_default() < SHOWN => {
                let (class, note) = match &container.opaque {
                    Some(code) => ("unproven", code.clone()),
                    None => ("", format!("in this {}", container.format)),
                };
                let node = picture.add(3, class, counted(members, "member", "members"), note);
                picture.edges.insert((*from, node, false));
            }
            _ => folded = (folded.0 + 1, folded.1 + members),
        }
    }
    if folded.0 > 0 {
        let label = counted(folded.0, "more archive", "more archives");
        picture.add(3, "", label, counted(folded.1, "member", "members"));
    }
    for (count, what) in super::super::checks::unverified(file) {
        picture.add(3, "unproven", counted(count, "component, not seen", "components, not seen"), what.to_owned());
    }
}

/// `3 refuted, 120 met`.
fn tally(states: impl Iterator<Item = State>) -> String {
    let mut counts: BTreeMap<State, usize> = BTreeMap::new();
    states.for_each(|state| *counts.entry(state).or_default() += 1);
    counts.iter().map(|(state, count)| format!("{count} {}", state.name())).collect::<Vec<_>>().join(", ")
}

fn clipped(text: &str) -> String {
    let length = text.chars().count();
    if length <= LINE {
        return text.to_owned();
    }
    // The end of a path tells more than its beginning.
    let tail: String = text.chars().skip(length - LINE * 2 / 3).collect();
    let head: String = text.chars().take(LINE - LINE * 2 / 3 - 1).collect();
    format!("{head}…{tail}")
}

/// Its beginning, where that tells the most.
fn shortened(text: &str) -> String {
    const NOTE: usize = LINE + 4;
    if text.chars().count() <= NOTE {
        return text.to_owned();
    }
    text.chars().take(NOTE - 1).chain(['…']).collect()
}

fn svg(picture: &Picture) -> String {
    const HEADS: [&str; 4] = ["Who", "said what", "about which files", "with what in them"];
    let rows = picture.filled.values().max().copied().unwrap_or(1);
    let (width, height) = (MARGIN * 2 + COLUMN * 3 + BOX.0, TOP + rows * STEP + MARGIN);
    let mut out = format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"Parties, their claims, the delivered files with their results, and what is in the files. The table of checks has the same as text.\">\n"
    );
    for (column, head) in HEADS.iter().enumerate().filter(|(column, _)| picture.filled.contains_key(column)) {
        out.push_str(&format!("<text class=\"head\" x=\"{}\" y=\"26\">{head}</text>\n", MARGIN + column * COLUMN));
    }
    for (from, to, bad) in &picture.edges {
        let (Some(from), Some(to)) = (picture.nodes.get(*from), picture.nodes.get(*to)) else { continue };
        let (x, y, to_x, to_y) = (from.left() + BOX.0, from.middle(), to.left(), to.middle());
        let (out_x, in_x) = (x + (COLUMN - BOX.0) / 2, to_x.saturating_sub((COLUMN - BOX.0) / 2));
        let class = if *bad { "edge bad" } else { "edge" };
        out.push_str(&format!("<path class=\"{class}\" d=\"M{x} {y}C{out_x} {y} {in_x} {to_y} {to_x} {to_y}\"/>\n"));
    }
    for node in &picture.nodes {
        let (x, y) = (node.left(), node.top());
        out.push_str(&format!(
            "<g><title>{} ({})</title><rect class=\"box {}\" x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"6\"/><text x=\"{}\" y=\"{}\">{}</text><text class=\"note\" x=\"{}\" y=\"{}\">{}</text></g>\n",
            h(&node.label),
            h(&node.note),
            node.class,
            BOX.0,
            BOX.1,
            x + 10,
            y + 17,
            h(&clipped(&node.label)),
            x + 10,
            y + 33,
            h(&shortened(&node.note)),
        ));
    }
    out.push_str("</svg>");
    out
}
