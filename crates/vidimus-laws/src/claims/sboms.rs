//! M10: SBOMs create obligations.

use std::collections::BTreeSet;

use vidimus::digest::Digest;
use vidimus::value::Value;

use super::Setting;
use crate::case::{self, Case, Judged};
use crate::parties::chance;
use crate::world::Kind;

/// M10: the vendor signs an SBOM that lists less. In a closed world a shipped file that it leaves out must still be accounted for and
/// answer by itself, so leaving it out never makes a pass. What is only linked in can be left out; that verdict says that its graph is
/// a claim. Two SBOMs together ask for what each of them asks.
pub(super) fn thinner(setting: &mut Setting<'_>) {
    let world = &setting.world;
    let main = world.items.iter().position(|item| item.kind == Kind::Sbom && item.good);
    let (true, Some(main)) = (world.terms.parts, main) else { return };
    // Half of the vendors leave out by chance, and half exactly what nobody can see that it is there.
    let hides = chance(&mut setting.seed, 50);
    let parts = world.parts.iter().filter(|part| part.within.is_none());
    let left_out = parts.filter(|part| if hides { !part.held } else { chance(&mut setting.seed, 40) });
    let dropped: BTreeSet<usize> = left_out.map(|part| part.number).collect();
    if dropped.is_empty() {
        return;
    }
    let keep: Vec<usize> = (0..world.items.len()).filter(|at| world.items[*at].kind != Kind::Delivery).collect();
    let mut item = world.items[main].clone();
    item.statement = world.sbom(|part| !dropped.contains(&part));
    let thin_sbom = case::evidence(&item);
    let judged = |full: bool, thin: bool| -> Judged {
        let mut evidence: Vec<vidimus::read::File> =
            keep.iter().filter(|at| **at != main || full).map(|at| setting.case.evidence[*at].clone()).collect();
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
    let says_so = thin.says("caveat.claimed-graph") || thin.says("caveat.linked-code-unknown");
    setting.claim("M10", !passes || says_so, |_| {
        format!("without {dropped:?} it passes, and does not say that nobody can see what is linked in")
    });
    if passes && closed {
        let unasked: Vec<usize> = shipped
            .iter()
            .copied()
            .filter(|part| {
                let node = Digest::sha256(&setting.world.parts[*part].bytes()).to_string();
                let asked = |rule: &str| thin.answers.get(&(rule.to_owned(), node.clone())) == Some(&Value::Proven);
                let answers = ["rebuilt", "known", "vouched", "anything"].into_iter().any(asked);
                !(asked("covered") && (answers || !follows))
            })
            .collect();
        setting.claim("M10", unasked.is_empty(), |s| {
            format!(
                "without {dropped:?} it passes, and nothing answers for {unasked:?}: {:?}: {}",
                s.world.parts,
                s.told(|_| true)
            )
        });
    }
    setting.tally.met("M10", "both SBOMs");
    let asked = |judged: &Judged| -> BTreeSet<String> {
        let answered = judged.answers.keys().map(|(_, node)| node.clone());
        answered.chain(judged.core().unverified.iter().map(|leaf| leaf.node.clone())).collect()
    };
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
