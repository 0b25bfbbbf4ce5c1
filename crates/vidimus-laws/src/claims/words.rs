//! M9: words about words.

use std::collections::BTreeMap;

use vidimus::digest::Digest;
use vidimus::graph::vouch;
use vidimus::value::Value;
use vidimus_testkit::Seed;

use super::Setting;
use crate::Tally;
use crate::parties::{STRANGER, VENDOR, chance};
use crate::witnesses::INSIDE;
use crate::world::{Class, Item, Kind, Part, World};

/// Through how many hands each word comes, from below: nothing at first, then what follows from what is there, until nothing more does.
fn from_below(rests: &[bool], cites: &[Vec<usize>]) -> Vec<Option<u32>> {
    let mut depths: Vec<Option<u32>> = vec![None; rests.len()];
    loop {
        let next: Vec<Option<u32>> = (0..rests.len())
            .map(|word| {
                if rests[word] {
                    return Some(1);
                }
                let cited = cites[word].iter().filter_map(|other| depths.get(*other).copied().flatten());
                cited.min().map(|depth| depth + 1)
            })
            .collect();
        if next == depths {
            return depths;
        }
        depths = next;
    }
}

/// M9: a circle of words rests on nothing. Digests keep signed statements from citing each other in a circle, so this asks the graph
/// itself.
pub(super) fn circles(seed: &mut Seed, number: u64, tally: &mut Tally) {
    let count = 1 + seed.below(6);
    let rests: Vec<bool> = (0..count).map(|_| chance(seed, 20)).collect();
    let cites: Vec<Vec<usize>> = (0..count).map(|_| (0..count).filter(|_| chance(seed, 30)).collect()).collect();
    let expected = from_below(&rests, &cites);
    let holds: Vec<Vec<usize>> = (0..count).map(|word| vec![word]).collect();
    let found = vouch::depths(&rests, &cites, &holds);
    let unfounded = (0..count).any(|word| expected[word].is_none() && !cites[word].is_empty());
    tally.met_if(unfounded, "M9", "circles of words");
    tally.claim("M9", number, found == expected, || format!("{rests:?} {cites:?}: {found:?}, not {expected:?}"));
}

/// M9: whom a policy lets vouch for whom must not lead in a circle; the loader refuses exactly those that do.
pub(super) fn delegations(seed: &mut Seed, number: u64, tally: &mut Tally) {
    if !chance(seed, 25) {
        return;
    }
    let names = ["a", "b", "c", "d"];
    let edges: Vec<(usize, usize)> = (0..1 + seed.below(4)).map(|_| (seed.below(4), seed.below(4))).collect();
    let mut text = "schema = \"urn:vidimus:policy:v1\"\nid = \"urn:example:laws\"\nversion = 1\n".to_owned();
    for (at, name) in names.iter().enumerate() {
        text += &format!(
            "[party.{name}]\nname = \"{name}\"\nkind = \"supplier\"\njurisdictions = [\"NO\"]\nproducts = [\"pkg:generic/{name}/\"]\n"
        );
        text += &format!(
            "[[identity]]\nid = \"{name}\"\nparty = \"{name}\"\nkey = \"keys/{}.pub\"\n",
            crate::parties::IDS[at]
        );
        text += &format!(
            "[[grant]]\nid = \"{name}\"\nidentities = [\"{name}\"]\nmay = [\"vsa\", \"release\"]\nproducts = [\"*\"]\nverifiers = [ {{ id = \"https://{name}.example\" }} ]\n"
        );
    }
    text += "[[class]]\nid = \"other\"\nrole = \"any\"\ndefault = true\n";
    for (at, (to, about)) in edges.iter().enumerate() {
        text += &format!(
            "[[delegation]]\nid = \"d{at}\"\nto = \"{}\"\nabout_suppliers = [\"{}\"]\nclasses = [\"other\"]\nmap = {{ \"R\" = \"r\" }}\nneed_any = [\"r\"]\n",
            names[*to], names[*about]
        );
    }
    text += "[[rule]]\nid = \"parts\"\nclasses = [\"other\"]\ncheck = \"components\"\n[[rule]]\nid = \"released\"\nclasses = [\"other\"]\ncheck = \"any-of\"\nof = [ { check = \"release\" }";
    for at in 0..edges.len() {
        text += &format!(", {{ check = \"delegated\", delegation = \"d{at}\" }}");
    }
    text += " ]\n";
    let leads = |from: usize| {
        let mut reached = [false; 4];
        for _ in 0..=4 {
            for (to, about) in &edges {
                reached[*about] |= *to == from || reached[*to];
            }
        }
        reached[from]
    };
    let circle = (0..4).any(leads);
    let loaded = crate::terms::load(text);
    tally.met_if(circle, "M9", "delegations in a circle");
    let holds = match &loaded {
        Ok(_) => !circle,
        Err(why) => circle && why.split(' ').all(|code| code == "policy.delegation-loop"),
    };
    tally.claim("M9", number, holds, || format!("{edges:?}: {:?}", loaded.err()));
}

/// What a summary cites.
fn cited(item: &Item) -> Vec<String> {
    let inputs = item.statement.predicate["inputAttestations"].as_array();
    let digests = inputs.into_iter().flatten().filter_map(|input| input["digest"]["sha256"].as_str());
    digests.map(ToOwned::to_owned).collect()
}

/// M9: the vendor's word about a component counts exactly if it comes through no more hands than the delegation allows, counted from
/// what is no word.
pub(super) fn vouched(setting: &mut Setting<'_>) {
    for part in setting.world.parts.clone() {
        let node = Digest::sha256(&part.bytes()).to_string();
        let found = setting.base.answers.get(&("vouched".to_owned(), node)).copied();
        let (true, Some(found)) = (part.class == Class::Os, found) else { continue };
        let Some((expected, depth, words)) = expected(&setting.world, setting, &part) else { continue };
        setting.tally.met_if(words > 1 && depth.is_some(), "M9", "words on words");
        setting.tally.met_if(words > 0 && depth.is_none(), "M9", "words on nothing");
        let node = Digest::sha256(&part.bytes()).to_string();
        setting.claim("M9", found == expected, |s| {
            let unmet = s.base.core().unmet.iter().filter(|unmet| unmet.rule == "vouched" && unmet.node == node);
            let codes: Vec<&String> = unmet.flat_map(|unmet| unmet.reasons.iter().map(|reason| &reason.code)).collect();
            format!(
                "part {} is {found:?} ({codes:?}), not {expected:?}, at depth {depth:?} of {}: {}",
                part.number,
                s.world.terms.depth,
                s.told(|_| true)
            )
        });
    }
}

/// The expected value, the depth of the vendor's word, and how many words there are; `None` where somebody else's word mixes in.
fn expected(world: &World, setting: &Setting<'_>, part: &Part) -> Option<(Value, Option<u32>, usize)> {
    let file = |at: usize| setting.case.evidence[at].digests.sha256().hex().to_owned();
    let is_word = |item: &Item| matches!(item.kind, Kind::Vouch | Kind::Summary | Kind::Failed | Kind::Stranger);
    let words: Vec<usize> = (0..world.items.len()).filter(|at| is_word(&world.items[*at])).collect();
    let by_digest: BTreeMap<String, usize> = words.iter().enumerate().map(|(word, at)| (file(*at), word)).collect();
    let others: Vec<String> = (0..world.items.len()).filter(|at| !words.contains(at)).map(file).collect();
    let mut rests = Vec::new();
    let mut cites = Vec::new();
    for at in &words {
        let cited = cited(&world.items[*at]);
        rests.push(cited.is_empty() || cited.iter().any(|digest| others.contains(digest)));
        cites.push(cited.iter().filter_map(|digest| by_digest.get(digest).copied()).collect());
    }
    let depths = from_below(&rests, &cites);
    let of_part = |word: &usize| {
        world.items[words[*word]].part == Some(part.number) && world.items[words[*word]].kind == Kind::Vouch
    };
    let about: Vec<usize> = (0..words.len()).filter(of_part).collect();
    let own = about.iter().copied().find(|word| world.items[words[*word]].by == VENDOR);
    let Some(own) = own else {
        let strange = about.iter().any(|word| world.items[words[*word]].by == STRANGER);
        return (!strange).then_some((Value::Unproven, None, 0));
    };
    let item = &world.items[words[own]];
    let depth = depths[own];
    let terms = &world.terms;
    let said = item.statement.predicate["verifiedLevels"][0] == "REVIEWED";
    let cited = cited(item);
    let there = |digest: &String| by_digest.contains_key(digest) || others.contains(digest);
    let inputs = !terms.inputs || !cited.is_empty() && cited.iter().all(there);
    let in_time = !terms.window || item.logged == Some(INSIDE);
    let near = depth.is_some_and(|depth| depth <= terms.depth);
    let counts = item.good && said && inputs && in_time && near && (part.digest || part.held);
    Some((if counts { Value::Proven } else { Value::Unproven }, depth, about.len()))
}
