//! What was accepted before: the highest sequence of each vendor and product, the highest number of each status list. It never
//! goes backwards, so nobody can offer an older release or an older list as the newest (DESIGN ruling 11).
//!
//! Here are the values and their one written form; the binary reads, locks and replaces the file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::decode::{strict_json, typed};
use crate::digest::{Algorithm, Digest};

/// `schema` of every state file.
pub const SCHEMA: &str = "urn:vidimus:state:v1";
const SAFE: u64 = (1 << 53) - 1;

/// The state of one operator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Its name, as rules call it with `state`; `None` where it has none.
    pub id: Option<String>,
    releases: BTreeMap<(String, String), ReleaseMark>,
    lists: BTreeMap<String, StatusMark>,
}

/// The highest delivery of a vendor and product that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseMark {
    /// The party.
    pub vendor: String,
    /// The product's package URL without its version.
    pub product: String,
    /// Its sequence.
    pub sequence: u64,
    /// sha256 over what the delivery statement commits to.
    pub sha256: Digest,
}

/// The highest issue of a status list that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusMark {
    /// `list` of its issues.
    pub list: String,
    /// Its number.
    pub number: u64,
    /// Its evidence id.
    pub sha256: Digest,
}

/// What a verdict would add to the state, if it is accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advance {
    /// The delivery.
    pub release: Option<ReleaseMark>,
    /// The status lists that were used.
    pub lists: Vec<StatusMark>,
}

/// Why bytes are no state, or a state cannot take an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Not the JSON of a state.
    #[error("not a state file of vidimus (`schema` {SCHEMA}), or damaged")]
    Malformed,
    /// Entries that are not in order, or twice.
    #[error("damaged: its entries are not in order, or one stands twice")]
    Order,
    /// The state holds something newer, or something else of the same number.
    #[error("it now holds {held} of {what}, which {found} does not follow")]
    Backwards {
        /// Of what.
        what: String,
        /// The number that it holds.
        held: u64,
        /// The number that was to be added.
        found: u64,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    id: Option<String>,
    releases: Vec<WireRelease>,
    lists: Vec<WireList>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRelease {
    vendor: String,
    product: String,
    sequence: u64,
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireList {
    list: String,
    number: u64,
    sha256: String,
}

impl State {
    /// A state in which nothing was accepted yet.
    #[must_use]
    pub fn new(id: Option<String>) -> Self {
        Self { id, ..Self::default() }
    }

    /// Reads the written form. Nothing is guessed: what is not exactly a state is none.
    ///
    /// # Errors
    /// [`StateError::Malformed`] or [`StateError::Order`].
    pub fn parse(bytes: &[u8]) -> Result<Self, StateError> {
        let value = strict_json(bytes).ok_or(StateError::Malformed)?;
        let wire: Wire = typed(&value).map_err(|_| StateError::Malformed)?;
        if wire.schema != SCHEMA {
            return Err(StateError::Malformed);
        }
        let sha256 = |hex: &str| {
            let lower = !hex.bytes().any(|byte| byte.is_ascii_uppercase());
            Digest::parse(Algorithm::Sha256, hex).filter(|_| lower).ok_or(StateError::Malformed)
        };
        let mut state = Self { id: wire.id, ..Self::default() };
        for release in wire.releases {
            let (vendor, product) = (release.vendor, release.product);
            let key = (vendor.clone(), product.clone());
            if release.sequence > SAFE || state.releases.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return Err(StateError::Order);
            }
            let sha256 = sha256(&release.sha256)?;
            state.releases.insert(key, ReleaseMark { vendor, product, sequence: release.sequence, sha256 });
        }
        for list in wire.lists {
            if list.number > SAFE || state.lists.last_key_value().is_some_and(|(last, _)| *last >= list.list) {
                return Err(StateError::Order);
            }
            let sha256 = sha256(&list.sha256)?;
            state.lists.insert(list.list.clone(), StatusMark { list: list.list, number: list.number, sha256 });
        }
        Ok(state)
    }

    /// The written form: UTF-8 JSON, indented by two spaces, entries in order, a line end behind the last brace.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let release = |mark: &ReleaseMark| WireRelease {
            vendor: mark.vendor.clone(),
            product: mark.product.clone(),
            sequence: mark.sequence,
            sha256: mark.sha256.hex().to_owned(),
        };
        let list = |mark: &StatusMark| WireList {
            list: mark.list.clone(),
            number: mark.number,
            sha256: mark.sha256.hex().to_owned(),
        };
        let wire = Wire {
            schema: SCHEMA.to_owned(),
            id: self.id.clone(),
            releases: self.releases.values().map(release).collect(),
            lists: self.lists.values().map(list).collect(),
        };
        // Strings and integers alone: there is nothing in it that could fail.
        let mut bytes = serde_json::to_vec_pretty(&wire).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// The highest delivery of that vendor and product line.
    #[must_use]
    pub fn release(&self, vendor: &str, product: &str) -> Option<&ReleaseMark> {
        self.releases.get(&(vendor.to_owned(), product.to_owned()))
    }

    /// The highest issue of that list.
    #[must_use]
    pub fn status(&self, list: &str) -> Option<&StatusMark> {
        self.lists.get(list)
    }

    /// The state with `advance`. An entry that would go backwards is refused, and so is another content under the number that it
    /// holds; nothing is taken then.
    ///
    /// # Errors
    /// [`StateError::Backwards`].
    pub fn advanced(&self, advance: &Advance) -> Result<Self, StateError> {
        let mut next = self.clone();
        if let Some(mark) = &advance.release {
            let key = (mark.vendor.clone(), mark.product.clone());
            if let Some(held) = next.releases.get(&key) {
                follows((held.sequence, &held.sha256), (mark.sequence, &mark.sha256), &mark.product)?;
            }
            next.releases.insert(key, mark.clone());
        }
        for mark in &advance.lists {
            if let Some(held) = next.lists.get(&mark.list) {
                follows((held.number, &held.sha256), (mark.number, &mark.sha256), &mark.list)?;
            }
            next.lists.insert(mark.list.clone(), mark.clone());
        }
        Ok(next)
    }
}

fn follows(held: (u64, &Digest), found: (u64, &Digest), what: &str) -> Result<(), StateError> {
    if found.0 > held.0 || found == held {
        return Ok(());
    }
    Err(StateError::Backwards { what: what.to_owned(), held: held.0, found: found.0 })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn release(sequence: u64, content: &str) -> Advance {
        let sha256 = Digest::sha256(content.as_bytes());
        let (vendor, product) = ("acme".to_owned(), "pkg:generic/acme/router".to_owned());
        Advance { release: Some(ReleaseMark { vendor, product, sequence, sha256 }), lists: Vec::new() }
    }

    fn list(number: u64, content: &str) -> Advance {
        let sha256 = Digest::sha256(content.as_bytes());
        let mark = StatusMark { list: "urn:status:deny".to_owned(), number, sha256 };
        Advance { release: None, lists: vec![mark] }
    }

    #[test]
    fn it_never_goes_backwards() {
        for make in [release, list] {
            let state = State::default().advanced(&make(7, "a")).unwrap();
            assert_eq!(state.advanced(&make(7, "a")).unwrap(), state);
            assert_ne!(state.advanced(&make(8, "b")).unwrap(), state);
            for back in [make(6, "b"), make(6, "a"), make(7, "b")] {
                assert!(matches!(state.advanced(&back), Err(StateError::Backwards { held: 7, .. })), "{back:?}");
            }
        }
    }

    #[test]
    fn written_and_read() {
        let mut state = State { id: Some("intake".to_owned()), ..State::default() };
        assert_eq!(State::parse(&state.to_bytes()).unwrap(), state);
        state = state.advanced(&release(7, "a")).unwrap().advanced(&list(3, "b")).unwrap();
        let bytes = state.to_bytes();
        assert_eq!(State::parse(&bytes).unwrap(), state);
        let text = String::from_utf8(bytes).unwrap();
        let (release, twice) = ("\"sequence\": 7", text.replace("  \"lists\"", "  \"more\": 1,\n  \"lists\""));
        for damaged in [
            String::new(),
            "{}".to_owned(),
            text.replace(SCHEMA, "urn:vidimus:state:v2"),
            text.replace(release, "\"sequence\": -7"),
            text.replace(release, "\"sequence\": 7.0"),
            text.replace(release, "\"sequence\": 9007199254740992"),
            text.replace(release, "\"sequence\": 7, \"sequence\": 8"),
            text.replace("\"sha256\": \"", "\"sha256\": \"0"),
            text.trim_end().trim_end_matches('}').to_owned(),
            twice,
            // Its members as a list.
            format!("[\"{SCHEMA}\", \"intake\", [], []]"),
            format!("{{\"schema\": \"{SCHEMA}\", \"releases\": [], \"lists\": [[\"a\", 1, \"{}\"]]}}", "0".repeat(64)),
        ] {
            assert_ne!(damaged, text);
            assert!(State::parse(damaged.as_bytes()).is_err(), "{damaged}");
        }
    }

    #[test]
    fn entries_are_in_order() {
        let entry = |product: &str| {
            format!("{{\"vendor\":\"a\",\"product\":\"{product}\",\"sequence\":1,\"sha256\":\"{}\"}}", "0".repeat(64))
        };
        let file = |entries: &[String]| {
            format!("{{\"schema\":\"{SCHEMA}\",\"releases\":[{}],\"lists\":[]}}", entries.join(","))
        };
        assert!(State::parse(file(&[entry("p"), entry("q")]).as_bytes()).is_ok());
        assert_eq!(State::parse(file(&[entry("q"), entry("p")]).as_bytes()), Err(StateError::Order));
        assert_eq!(State::parse(file(&[entry("p"), entry("p")]).as_bytes()), Err(StateError::Order));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_a_state_or_none(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            if let Ok(state) = State::parse(&bytes) {
                proptest::prop_assert_eq!(State::parse(&state.to_bytes()).unwrap(), state);
            }
        }
    }
}
