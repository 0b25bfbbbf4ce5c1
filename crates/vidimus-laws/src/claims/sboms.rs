//! M10: SBOMs create obligations.

use std::collections::BTreeSet;

use vidimus::digest::Digest;
use vidimus::value::Value;

use super::Setting;
use crate::case::{self, Case, Judged};
use crate::parties::chance;
use crate::world::{Class, Item, Kind, Part, World};

/// M10: the vendor signs an SBOM that lists less. In a closed world a shipped file that it leaves out must still be accounted for and
/// answer by itself, so leaving it out never makes a pass. What is only linked in can be left out; that verdict says that its graph is
/// a claim. Two SBOMs together ask for what each of them asks.
pub(super) fn thinner(setting: &mut Setting<'_>) {
    let mut world = setting.world.clone();
    let main = world.items.iter().position(|item| item.kind == Kind::Sbom && item.good);
    let (true, Some(main)) = (world.terms.parts, main) else { return };
    // Half of the vendors leave out by chance, and half a library that is linked in, of which nobody says anything.
    let links = chance(&mut setting.seed, 50);
    let dropped: BTreeSet<usize> = if links {
        BTreeSet::from([link(&mut world)])
    } else {
        let parts = world.parts.iter().filter(|part| part.within.is_none());
        parts.filter(|_| chance(&mut setting.seed, 40)).map(|part| part.number).collect()
    };
    if dropped.is_empty() {
        return;
    }
    let keep = (0..world.items.len()).filter(|at| *at != main && world.items[*at].kind != Kind::Delivery);
    let others: Vec<vidimus::read::File> = keep.map(|at| setting.case.evidence[at].clone()).collect();
    let sbom = |statement| case::evidence(&Item { statement, ..world.items[main].clone() });
    let full_sbom = sbom(world.sbom(|_| true));
    let thin_sbom = sbom(world.sbom(|part| !dropped.contains(&part)));
    let judged = |full: bool, thin: bool| -> Judged {
        let mut evidence = others.clone();
        evidence.extend(full.then(|| full_sbom.clone()));
        evidence.extend(thin.then(|| thin_sbom.clone()));
        Case { evidence, ..setting.case.clone() }.judge()
    };
    let (full, thin, both) = (judged(true, false), judged(false, true), judged(true, true));
    let shipped: Vec<usize> = dropped.iter().copied().filter(|part| world.parts[*part].held).collect();
    let closed = world.terms.covered == Some(true);
    let follows = world.terms.edges.is_empty() || world.terms.edges.contains(&"contains");
    setting.tally.met("M10", "a thinner SBOM");
    setting.tally.met_if(closed && !shipped.is_empty(), "M10", "shipped file left out");
    let passes = full.root() != Value::Proven && thin.root() == Value::Proven;
    setting.tally.met_if(passes && shipped.is_empty(), "M10", "linked-in code left out passes");
    // What was seen is in an archive that was opened; all else of the graph is somebody's word.
    let files = setting.case.base.files.iter().map(|file| file.digests.sha256().to_string());
    let seen: BTreeSet<String> = files.chain(["delivery".to_owned()]).collect();
    let is_word = reached(&thin).any(|node| !seen.contains(node));
    let (told, other) = ("caveat.claimed-graph", "caveat.linked-code-unknown");
    let (told, other) = if is_word { (told, other) } else { (other, told) };
    setting.claim("M10", !passes || thin.says(told) && !thin.says(other), |_| {
        format!("without {dropped:?} it passes, and does not say {told} alone")
    });
    if passes && closed {
        let unasked: Vec<usize> = shipped
            .iter()
            .copied()
            .filter(|part| {
                let node = Digest::sha256(&world.parts[*part].bytes()).to_string();
                let asked = |rule: &str| thin.answers.get(&(rule.to_owned(), node.clone())) == Some(&Value::Proven);
                let answers = ["rebuilt", "known", "vouched", "anything"].into_iter().any(asked);
                !(asked("covered") && (answers || !follows))
            })
            .collect();
        setting.claim("M10", unasked.is_empty(), |s| {
            let told = s.told(|_| true);
            format!("without {dropped:?} it passes, and nothing answers for {unasked:?}: {:?}: {told}", world.parts)
        });
    }
    setting.tally.met("M10", "both SBOMs");
    let of_both = asked(&both);
    for (name, alone) in [("the full", &full), ("the thin", &thin)] {
        let silent: Vec<String> = asked(alone).difference(&of_both).cloned().collect();
        setting.claim("M10", silent.is_empty(), |_| {
            format!(
                "with both SBOMs nothing is asked any more of what {name} one without {dropped:?} names: {}",
                silent.join(", ")
            )
        });
    }
}

/// The nodes that rules answer on, and those that nothing verified.
fn asked(judged: &Judged) -> BTreeSet<String> {
    let answered = judged.answers.keys().map(|(_, node)| node.clone());
    answered.chain(judged.core().unverified.iter().map(|leaf| leaf.node.clone())).collect()
}

/// The nodes that rules reach: those they answer on, and those that a budget excuses. A component of no class is listed, and no rule of this
/// policy goes there.
fn reached(judged: &Judged) -> impl Iterator<Item = &String> {
    let excused = judged.core().unverified.iter().filter(|leaf| leaf.class.is_some());
    judged.answers.keys().map(|(_, node)| node).chain(excused.map(|leaf| &leaf.node))
}

/// Adds a library that is not in the archive, and of which nobody says anything. Returns its number.
fn link(world: &mut World) -> usize {
    let number = world.parts.len();
    let class = Class::Odd;
    world.parts.push(Part { number, class, held: false, digest: true, within: None, needs: vec![], direct: true });
    number
}
