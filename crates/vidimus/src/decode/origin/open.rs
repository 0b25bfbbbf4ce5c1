//! What the author of an origin statement says that it does not know, or does not tell: JSON Pointers (RFC 6901).

use std::collections::BTreeMap;

use super::wire::Wire;
use crate::reason::identifier;

/// What the pointers lead to. What leads to no single party and no single stage may be about any of them.
pub(super) struct Open<'w> {
    anywhere: Option<Pointer<'w>>,
    all_parties: Option<Pointer<'w>>,
    parties: BTreeMap<usize, Pointer<'w>>,
    stages: BTreeMap<Stage, Pointer<'w>>,
}

/// A stage by its place: in which part, unless it is one of the subjects, and where there.
pub(super) type Stage = (Option<usize>, usize);

/// A pointer, and the list that it is in.
type Pointer<'w> = (&'w str, &'static str);

enum Place {
    Anywhere,
    Parties,
    Party(usize),
    Stage(Stage),
    /// What no rule reads.
    Aside,
}

impl<'w> Open<'w> {
    pub(super) fn of(wire: &'w Wire) -> Self {
        let mut open = Self { anywhere: None, all_parties: None, parties: BTreeMap::new(), stages: BTreeMap::new() };
        let unknown = wire.unknown.iter().map(|pointer| (pointer.0.as_str(), "unknown"));
        for pointer in unknown.chain(wire.withheld.iter().map(|pointer| (pointer.0.as_str(), "withheld"))) {
            match place(wire, pointer.0) {
                Place::Anywhere => drop(open.anywhere.get_or_insert(pointer)),
                Place::Parties => drop(open.all_parties.get_or_insert(pointer)),
                Place::Party(party) => drop(open.parties.entry(party).or_insert(pointer)),
                Place::Stage(stage) => drop(open.stages.entry(stage).or_insert(pointer)),
                Place::Aside => {}
            }
        }
        open
    }

    /// Why something about this party is not stated, if so it is.
    pub(super) fn party(&self, party: usize) -> Option<String> {
        self.parties.get(&party).or(self.all_parties.as_ref()).map(shown)
    }

    /// The same of a stage.
    pub(super) fn stage(&self, stage: Stage) -> Option<String> {
        self.stages.get(&stage).or(self.anywhere.as_ref()).map(shown)
    }
}

fn shown((pointer, list): &Pointer<'_>) -> String {
    let pointer = if pointer.is_empty() { "everything".to_owned() } else { identifier(pointer) };
    format!("{pointer}: {list}")
}

/// Where a pointer leads. A party or stage is open with whatever is in it, be it there or not: what is not known is often left out.
fn place(wire: &Wire, pointer: &str) -> Place {
    let tokens: Vec<&str> = pointer.split('/').skip(1).take(4).collect();
    let stage = |part, index: &str, among: usize| {
        position(index, among).map_or(Place::Anywhere, |index| Place::Stage((part, index)))
    };
    match tokens.as_slice() {
        ["parties"] => Place::Parties,
        ["parties", party, ..] => position(party, wire.parties.0.len()).map_or(Place::Anywhere, Place::Party),
        ["origins", index, ..] => stage(None, index, wire.origins.0.len()),
        // Which parts there are, or which stages of one: then it may be any that a rule asks for.
        ["components", part, rest @ ..] => match (position(part, wire.components.len()), rest) {
            (Some(part), ["origins", index]) => {
                stage(Some(part), index, wire.components.get(part).map_or(0, |component| component.origins.len()))
            }
            (Some(_), ["digest" | "purl" | "bomLink", ..]) => Place::Aside,
            _ => Place::Anywhere,
        },
        [
            "assertedBy" | "assertedOn" | "capacity" | "countryCodes" | "statements" | "supersedes" | "validFrom"
            | "validUntil",
            ..,
        ] => Place::Aside,
        _ => Place::Anywhere,
    }
}

/// The index of an array as RFC 6901 has it: without leading zeros, and of an element that is there.
fn position(token: &str, among: usize) -> Option<usize> {
    let fine = token.bytes().all(|byte| byte.is_ascii_digit()) && (token == "0" || !token.starts_with('0'));
    token.parse().ok().filter(|index| fine && *index < among)
}
