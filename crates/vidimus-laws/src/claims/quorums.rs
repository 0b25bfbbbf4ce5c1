//! M6: quorums of judges, counted out as the model counts.

use std::collections::BTreeSet;

use vidimus::digest::Digest;
use vidimus::value::Value;
use vidimus_testkit::encode::sha256_hex;

use super::Setting;
use crate::case::{self, Case, Judged};
use crate::parties::{HOLDINGS, LABS, LAWS, Parties, SUPPLIERS, VENDOR, key, most_apart};
use crate::terms::Judges;
use crate::world::{Item, Kind, PRODUCT, World};

/// One vote: whose, and what it must not share with another.
struct Vote {
    who: usize,
    apart: BTreeSet<String>,
}

impl Vote {
    fn new(parties: &Parties, who: usize, run: Option<&str>) -> Self {
        let roots = parties.roots(who).into_iter().map(|root| root.to_string());
        Self { who, apart: roots.chain(run.map(ToOwned::to_owned)).collect() }
    }
}

/// Is the quorum met? Counted as it is defined, over every subset and every coalition.
fn met(parties: &Parties, judges: &Judges, votes: &[Vote], barred: &BTreeSet<usize>) -> bool {
    let counted: Vec<&Vote> = votes.iter().filter(|vote| parties.roots(vote.who).is_disjoint(barred)).collect();
    let sets = |votes: &[&Vote]| votes.iter().map(|vote| vote.apart.clone()).collect::<Vec<_>>();
    let who: Vec<usize> = counted.iter().map(|vote| vote.who).collect();
    most_apart(&sets(&counted)) >= judges.groups
        && parties.coalitions(&who, judges.countries).iter().all(|coalition| {
            let free: Vec<&Vote> =
                counted.iter().filter(|vote| parties.laws(vote.who).is_disjoint(coalition)).copied().collect();
            most_apart(&sets(&free)) >= judges.left
        })
}

fn node(bytes: &[u8]) -> String {
    Digest::sha256(bytes).to_string()
}

fn of(judged: &Judged, rule: &str, node: &str) -> Option<Value> {
    judged.answers.get(&(rule.to_owned(), node.to_owned())).copied()
}

/// Does the summary cite what it rests on: a build that is believed? Beside it words of other judges may be cited, whoever owns them: a
/// summary must not rest on them alone (`verification.md` T24).
fn is_grounded(world: &World, item: &Item) -> bool {
    let envelope = |other: &Item| sha256_hex(&other.statement.envelope_bytes(&[key(other.by)]));
    let inputs = item.statement.predicate["inputAttestations"].as_array();
    let cited: Vec<&str> =
        inputs.into_iter().flatten().filter_map(|input| input["digest"]["sha256"].as_str()).collect();
    let is_ground = |other: &&Item| other.kind == Kind::Build && other.good && other.part.is_none();
    world.items.iter().filter(is_ground).any(|other| cited.contains(&envelope(other).as_str()))
}

/// Was anything said about the whole by somebody who has nothing to say about it? Then who made it is another question.
fn is_muddled(world: &World, part: Option<usize>) -> bool {
    world.items.iter().any(|item| item.part == part && !item.good && SUPPLIERS.contains(&item.by))
}

/// M6: the quorum of laboratories is met exactly if the votes that count are enough when counted out.
pub(super) fn reviewed(setting: &mut Setting<'_>) {
    let world = &setting.world;
    let judges = &world.terms.labs;
    let is_said = world.requested && !is_muddled(world, None);
    if !world.terms.reviewed || !is_said {
        return;
    }
    let candidates = |item: &&Item| judges.candidates.contains(&item.by);
    let failed = world.items.iter().filter(candidates).any(|item| item.kind == Kind::Failed);
    let good = world.items.iter().filter(candidates).filter(|item| item.kind == Kind::Summary && item.good);
    let counting = good.filter(|item| !world.terms.grounded || is_grounded(world, item));
    let votes: Vec<Vote> = counting.map(|item| Vote::new(&world.parties, item.by, None)).collect();
    // The vendor may speak about the product, so both exclusions keep it out; no supplier may.
    let is_out = judges.excludes.0 || judges.excludes.1;
    let barred = if is_out { world.parties.roots(VENDOR) } else { BTreeSet::new() };
    let is_met = met(&world.parties, judges, &votes, &barred);
    let expected = match (failed && world.terms.conflict, is_met) {
        (true, _) => Value::Refuted,
        (false, true) => Value::Proven,
        (false, false) => Value::Unproven,
    };
    let found = of(&setting.base, "reviewed", &node(&world.archive()));
    setting.tally.met("M6", "counted out");
    setting.tally.met_if(is_met, "M6", "met");
    setting.claim("M6", found == Some(expected), |s| {
        format!("reviewed is {found:?}, not {expected:?}: {:?}: {}", s.world.terms.labs, s.told(|_| true))
    });
}

/// M6: so is the quorum of rebuilders, where two who sign for one run are one.
pub(super) fn rebuilt(setting: &mut Setting<'_>) {
    if !setting.world.requested {
        return;
    }
    for part in setting.world.parts.clone() {
        let world = &setting.world;
        let Some(found) = of(&setting.base, "rebuilt", &node(&part.bytes())) else { continue };
        if is_muddled(world, Some(part.number)) {
            continue;
        }
        let judges = &world.terms.rebuilders;
        let good = world.items.iter().filter(|item| item.kind == Kind::Rebuild && item.part == Some(part.number));
        let good = good.filter(|item| item.good && judges.candidates.contains(&item.by));
        let votes: Vec<Vote> = good
            .map(|item| {
                let run = item.statement.predicate["runDetails"]["metadata"]["invocationId"].as_str();
                Vote::new(&world.parties, item.by, run)
            })
            .collect();
        let mut barred = BTreeSet::new();
        if judges.excludes.0 {
            barred.extend(world.parties.roots(VENDOR));
        }
        if judges.excludes.1 {
            barred.extend(world.parties.roots(SUPPLIERS[0]));
        }
        let expected = if met(&world.parties, judges, &votes, &barred) { Value::Proven } else { Value::Unproven };
        setting.tally.met("M6", "rebuilds counted out");
        setting.claim("M6", found == expected, |s| {
            format!(
                "part {} is {found:?}, not {expected:?}: {:?}: {}",
                part.number,
                s.world.terms.rebuilders,
                s.told(|_| true)
            )
        });
    }
}

/// A summary as good as can be, and the build that it cites.
fn perfect(world: &World, lab: usize) -> Item {
    let build = crate::world::provenance("https://ci.vendor.example", "vendor/again");
    let build = world.tops().iter().fold(build, |statement, (name, bytes)| statement.subject(name, bytes));
    let cited = sha256_hex(&build.envelope_bytes(&[key(crate::parties::BUILDER)]));
    let statement = world.word(lab, PRODUCT, &[cited]);
    let statement = world.tops().iter().fold(statement, |s, (name, bytes)| s.subject(name, bytes));
    Item { kind: Kind::Summary, part: None, by: lab, statement, good: true, logged: None }
}

fn build(world: &World) -> Item {
    let statement = crate::world::provenance("https://ci.vendor.example", "vendor/again");
    let statement = world.tops().iter().fold(statement, |s, (name, bytes)| s.subject(name, bytes));
    Item { kind: Kind::Build, part: None, by: crate::parties::BUILDER, statement, good: true, logged: None }
}

/// M6: one judge more, whoever it is, never breaks a quorum.
pub(super) fn one_more(setting: &mut Setting<'_>) {
    if !setting.world.terms.reviewed {
        return;
    }
    let lab = LABS[setting.seed.below(LABS.len())];
    let mut case = setting.case.clone();
    case.evidence.push(case::evidence(&build(&setting.world)));
    let before = case.judge();
    case.evidence.push(case::evidence(&perfect(&setting.world, lab)));
    let after = case.judge();
    for (key, value) in before.answers.iter().filter(|((rule, _), _)| rule == "reviewed") {
        let now = after.answers.get(key).copied();
        setting.tally.met_if(*value == Value::Proven, "M6", "one more judge");
        setting.claim("M6", now.is_some_and(|now| now >= *value), |s| {
            format!("with lab {lab} as well, reviewed is {now:?} and was {value:?}: {}", s.told(|_| true))
        });
    }
}

/// M6: whoever can compel everybody under one law, or owns a group, can have all of these sign whatever is wanted, and that is not
/// enough: the others say nothing.
pub(super) fn forged(setting: &mut Setting<'_>) {
    if !setting.world.terms.reviewed {
        return;
    }
    let world = &setting.world;
    let judges = &world.terms.labs;
    let parties = &world.parties;
    let mut attempts: Vec<(&'static str, Vec<usize>)> = Vec::new();
    if judges.countries > 0 {
        let start = setting.seed.below(LAWS.len());
        let coalition: BTreeSet<&str> = (0..judges.countries).map(|at| LAWS[(start + at) % LAWS.len()]).collect();
        let all = LABS.iter().copied().filter(|lab| !parties.laws(*lab).is_disjoint(&coalition)).collect();
        attempts.push(("one country", all));
    }
    if judges.groups > 1 {
        let holding = HOLDINGS[setting.seed.below(3)];
        attempts
            .push(("one group", LABS.iter().copied().filter(|lab| parties.roots(*lab).contains(&holding)).collect()));
    }
    for (situation, labs) in attempts {
        let world = &setting.world;
        let silent = |at: &usize| !matches!(world.items[*at].kind, Kind::Summary | Kind::Failed);
        let mut case: Case = setting.case.clone();
        case.evidence = (0..world.items.len()).filter(silent).map(|at| setting.case.evidence[at].clone()).collect();
        case.evidence.push(case::evidence(&build(world)));
        case.evidence.extend(labs.iter().map(|lab| case::evidence(&perfect(world, *lab))));
        let judged = case.judge();
        setting.tally.met_if(labs.len() > 1, "M6", situation);
        let passes = judged.answers.iter().any(|((rule, _), value)| rule == "reviewed" && *value == Value::Proven);
        setting.claim("M6", !passes, |s| {
            format!("{situation} alone makes a quorum of {labs:?}: {:?}", s.world.terms.labs)
        });
    }
}
