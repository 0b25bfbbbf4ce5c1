//! Digests, digest sets, and the one law by which anything binds to bytes.

use std::collections::BTreeMap;
use std::fmt;

use blake2::Blake2b512;
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// A digest algorithm that we can compute. Names are those of the in-toto DigestSet (`digest_set.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// SHA-256, the identity of every node.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    /// Every algorithm, in the order digests are listed.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// The DigestSet name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// Length of the digest in bytes.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "an algorithm's digest is never empty")]
    pub const fn len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The algorithm of that exact DigestSet name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }

    /// The digest of `bytes`.
    #[must_use]
    pub fn digest(self, bytes: &[u8]) -> Digest {
        let hex = match self {
            Self::Sha256 => hex::encode(Sha256::digest(bytes)),
            Self::Sha384 => hex::encode(Sha384::digest(bytes)),
            Self::Sha512 => hex::encode(Sha512::digest(bytes)),
        };
        Digest { algorithm: self, hex }
    }
}

/// A digest by an algorithm we can compute; the value is lower-case hex of the right length.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    algorithm: Algorithm,
    hex: String,
}

impl Digest {
    /// Parses the hex value; `None` unless it is hex of the algorithm's length. Upper case is folded: real SBOMs have it.
    #[must_use]
    pub fn parse(algorithm: Algorithm, hex: &str) -> Option<Self> {
        (hex.len() == algorithm.len() * 2 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
            .then(|| Self { algorithm, hex: hex.to_ascii_lowercase() })
    }

    /// The sha256 of `bytes`.
    #[must_use]
    pub fn sha256(bytes: &[u8]) -> Self {
        Algorithm::Sha256.digest(bytes)
    }

    /// The algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Lower-case hex.
    #[must_use]
    pub fn hex(&self) -> &str {
        &self.hex
    }

    /// The raw bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        hex::decode(&self.hex).unwrap_or_default()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), self.hex)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a subject or component says about its own digests: algorithm name to hex, as written. Unknown names are kept, so
/// that "only weak or unknown algorithms" can be told from "no digest at all".
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DigestSet(BTreeMap<String, String>);

impl DigestSet {
    /// Adds one digest as the document writes it; the later of two with one name would hide the earlier, so that is refused.
    ///
    /// # Errors
    /// The name is already present with another value.
    pub fn insert(&mut self, name: &str, value: &str) -> Result<(), DuplicateDigest> {
        match self.0.insert(name.to_owned(), value.to_owned()) {
            Some(old) if old != value => Err(DuplicateDigest),
            _ => Ok(()),
        }
    }

    /// No digest at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// (name, value) as written, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// The same with every well-formed digest in lower case.
    #[must_use]
    pub fn folded(mut self) -> Self {
        for (name, value) in &mut self.0 {
            let digest = Algorithm::from_name(name).and_then(|algorithm| Digest::parse(algorithm, value));
            if let Some(digest) = digest {
                *value = digest.hex;
            }
        }
        self
    }

    /// The algorithms of this set that we can compute.
    pub fn computable(&self) -> impl Iterator<Item = Algorithm> + '_ {
        self.0.keys().filter_map(|name| Algorithm::from_name(name))
    }

    /// The digest by `algorithm`, if present and well formed.
    #[must_use]
    pub fn by(&self, algorithm: Algorithm) -> Option<Digest> {
        self.0.get(algorithm.name()).and_then(|hex| Digest::parse(algorithm, hex))
    }

    /// The strongest well-formed digest, which names a node that we do not hold.
    #[must_use]
    pub fn strongest(&self) -> Option<Digest> {
        Algorithm::ALL.into_iter().rev().find_map(|a| self.by(a))
    }

    /// Does this set mean the bytes with `actual` digests? (`verification.md` 2.2: at least one accepted algorithm matches and
    /// no algorithm that we can compute disagrees. Stricter than the DigestSet specification's ANY, which lets a signer name
    /// two different files in one subject.)
    #[must_use]
    pub fn matches(&self, actual: &Digests, accepted: &[Algorithm]) -> Match {
        let (mut agree, mut disagree, mut seen) = (false, false, false);
        for (name, value) in self.iter() {
            let Some(algorithm) = Algorithm::from_name(name) else { continue };
            let Some(ours) = actual.get(algorithm) else { continue };
            seen = true;
            if value.eq_ignore_ascii_case(ours.hex()) {
                agree |= accepted.contains(&algorithm);
            } else {
                disagree = true;
            }
        }
        match (agree, disagree, seen) {
            (true, false, _) => Match::Same,
            (true, true, _) => Match::Conflict,
            (false, true, _) => Match::Other,
            (false, false, true) => Match::Weak,
            (false, false, false) => Match::Incomparable,
        }
    }
}

impl FromIterator<Digest> for DigestSet {
    fn from_iter<I: IntoIterator<Item = Digest>>(iter: I) -> Self {
        Self(iter.into_iter().map(|d| (d.algorithm.name().to_owned(), d.hex)).collect())
    }
}

/// One algorithm name with two values in one digest set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("one digest algorithm with two values")]
pub struct DuplicateDigest;

/// How a digest set compares with bytes that we hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// These bytes.
    Same,
    /// Other bytes.
    Other,
    /// One algorithm agrees, another disagrees: refused whole.
    Conflict,
    /// Only algorithms that the policy does not accept for binding agree.
    Weak,
    /// No algorithm in common.
    Incomparable,
}

/// What stands before and behind a file where somebody signs a digest of all three. It identifies nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Frame {
    /// The algorithm of the digest.
    pub algorithm: Algorithm,
    /// What stands before.
    pub before: Vec<u8>,
    /// What stands behind.
    pub after: Vec<u8>,
}

impl Frame {
    /// The digest of `bytes` in this frame.
    #[must_use]
    pub fn digest(&self, bytes: &[u8]) -> Digest {
        self.algorithm.digest(&[&self.before, bytes, &self.after].concat())
    }
}

/// Each different text before a file is one more time that the file is hashed; so many are, in the order of the frames.
pub(crate) const MAX_BEFORE: usize = 16;

/// Digests that we computed ourselves of bytes in hand. Always has sha256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    by_algorithm: BTreeMap<Algorithm, Digest>,
    blake2b: Option<[u8; 64]>,
    framed: BTreeMap<Frame, Digest>,
}

impl Digests {
    /// Digests of `bytes` by sha256 and `algorithms`.
    #[must_use]
    pub fn of(bytes: &[u8], algorithms: &[Algorithm]) -> Self {
        let mut hasher = Hasher::new(algorithms);
        hasher.update(bytes);
        hasher.finish()
    }

    /// Digests that somebody states of bytes that are not at hand. For conformance protocols that name an artifact by digest
    /// alone: a verdict about such a file rests on that statement, so nothing that reads a delivery makes one. `None` unless
    /// the first is a sha256.
    #[must_use]
    pub fn stated(sha256: Digest, others: impl IntoIterator<Item = Digest>) -> Option<Self> {
        let is_sha256 = sha256.algorithm == Algorithm::Sha256;
        let all = others.into_iter().chain([sha256]);
        let by_algorithm = || all.map(|digest| (digest.algorithm, digest)).collect();
        is_sha256.then(|| Self { by_algorithm: by_algorithm(), blake2b: None, framed: BTreeMap::new() })
    }

    /// Digests as an earlier reading computed them. They are as good as the record that they come from: whoever has the bytes
    /// computes them again and compares.
    pub(crate) fn restored(
        sha256: Digest,
        others: impl IntoIterator<Item = Digest>,
        blake2b: Option<[u8; 64]>,
        framed: BTreeMap<Frame, Digest>,
    ) -> Option<Self> {
        Some(Self { blake2b, framed, ..Self::stated(sha256, others)? })
    }

    /// The same digests of other bytes.
    pub(crate) fn again(&self, bytes: &[u8]) -> Self {
        let algorithms: Vec<Algorithm> = self.by_algorithm.keys().copied().collect();
        let hasher = Hasher::new(&algorithms).with_frames(self.framed.keys());
        let mut hasher = if self.blake2b.is_some() { hasher.with_blake2b() } else { hasher };
        hasher.update(bytes);
        hasher.finish()
    }

    /// Every digest in a frame, by frame.
    pub(crate) const fn all_framed(&self) -> &BTreeMap<Frame, Digest> {
        &self.framed
    }

    /// The sha256, which identifies the node.
    #[must_use]
    pub fn sha256(&self) -> &Digest {
        // The constructor always computes it; the map's first entry is Sha256 by the order of `Algorithm`.
        match self.by_algorithm.first_key_value() {
            Some((_, digest)) => digest,
            None => unreachable!("Digests always holds sha256"),
        }
    }

    /// The digest by `algorithm` if it was computed.
    #[must_use]
    pub fn get(&self, algorithm: Algorithm) -> Option<&Digest> {
        self.by_algorithm.get(&algorithm)
    }

    /// All of them, strongest last.
    pub fn iter(&self) -> impl Iterator<Item = &Digest> {
        self.by_algorithm.values()
    }

    /// BLAKE2b with 64 bytes, if it was computed: what minisign signs. It names no bytes anywhere else.
    #[must_use]
    pub const fn blake2b(&self) -> Option<&[u8; 64]> {
        self.blake2b.as_ref()
    }

    /// The digest of the bytes in `frame`, if it was computed.
    #[must_use]
    pub fn framed(&self, frame: &Frame) -> Option<&Digest> {
        self.framed.get(frame)
    }
}

/// One algorithm at work.
#[derive(Clone)]
enum State {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl State {
    fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha384 => Self::Sha384(Sha384::new()),
            Algorithm::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(state) => state.update(bytes),
            Self::Sha384(state) => state.update(bytes),
            Self::Sha512(state) => state.update(bytes),
        }
    }

    fn finish(self) -> String {
        match self {
            Self::Sha256(state) => hex::encode(state.finalize()),
            Self::Sha384(state) => hex::encode(state.finalize()),
            Self::Sha512(state) => hex::encode(state.finalize()),
        }
    }
}

/// Hashes one stream with several algorithms at once.
pub struct Hasher {
    states: BTreeMap<Algorithm, State>,
    blake2b: Option<Blake2b512>,
    frames: Vec<Frame>,
    /// For frames with something before the stream, by it.
    begun: BTreeMap<(Algorithm, Vec<u8>), State>,
}

impl Hasher {
    /// sha256 plus `algorithms`.
    #[must_use]
    pub fn new(algorithms: &[Algorithm]) -> Self {
        let all = algorithms.iter().chain(&[Algorithm::Sha256]);
        let states = all.map(|algorithm| (*algorithm, State::new(*algorithm))).collect();
        Self { states, blake2b: None, frames: Vec::new(), begun: BTreeMap::new() }
    }

    /// Also BLAKE2b with 64 bytes.
    #[must_use]
    pub fn with_blake2b(mut self) -> Self {
        self.blake2b = Some(blake2::Digest::new());
        self
    }

    /// Also the digests in these frames, as far as their algorithms were given to [`new`](Self::new). Where more than 16
    /// different texts stand before, the later ones are left out.
    #[must_use]
    pub fn with_frames<'a>(mut self, frames: impl IntoIterator<Item = &'a Frame>) -> Self {
        for frame in frames {
            let begun = (frame.algorithm, frame.before.clone());
            if !frame.before.is_empty() && !self.begun.contains_key(&begun) {
                if self.begun.len() == MAX_BEFORE {
                    continue;
                }
                let mut state = State::new(frame.algorithm);
                state.update(&frame.before);
                self.begun.insert(begun, state);
            }
            self.frames.push(frame.clone());
        }
        self
    }

    /// Feeds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for state in self.states.values_mut().chain(self.begun.values_mut()) {
            state.update(bytes);
        }
        if let Some(h) = &mut self.blake2b {
            blake2::Digest::update(h, bytes);
        }
    }

    /// The digests.
    #[must_use]
    pub fn finish(self) -> Digests {
        let Self { states, blake2b, frames, begun } = self;
        let framed = frames.into_iter().filter_map(|frame| {
            let state = match frame.before.as_slice() {
                [] => states.get(&frame.algorithm),
                before => begun.get(&(frame.algorithm, before.to_vec())),
            };
            let mut state = state?.clone();
            state.update(&frame.after);
            let digest = Digest { algorithm: frame.algorithm, hex: state.finish() };
            Some((frame, digest))
        });
        let framed = framed.collect();
        let digest = |(algorithm, state): (Algorithm, State)| (algorithm, Digest { algorithm, hex: state.finish() });
        let by_algorithm = states.into_iter().map(digest).collect();
        let blake2b = blake2b.map(|h| blake2::Digest::finalize(h).into());
        Digests { by_algorithm, blake2b, framed }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn set(pairs: &[(&str, &str)]) -> DigestSet {
        let mut set = DigestSet::default();
        for (k, v) in pairs {
            set.insert(k, v).unwrap();
        }
        set
    }

    #[test]
    fn the_binding_law() {
        let ours = Digests::of(b"abc", &Algorithm::ALL);
        let (d256, d512) = (ours.get(Algorithm::Sha256).unwrap().hex(), ours.get(Algorithm::Sha512).unwrap().hex());
        let other = Digest::sha256(b"other");
        let upper = d256.to_ascii_uppercase();
        let accepted = [Algorithm::Sha256, Algorithm::Sha384];
        for (pairs, expected) in [
            (vec![("sha256", d256)], Match::Same),
            (vec![("sha256", upper.as_str())], Match::Same),
            (vec![("sha256", d256), ("sha512", d512)], Match::Same),
            (vec![("sha256", d256), ("sha1", "00")], Match::Same),
            (vec![("sha256", other.hex())], Match::Other),
            (vec![("sha256", d256), ("sha512", other.hex())], Match::Conflict),
            (vec![("sha512", d512)], Match::Weak),
            (vec![("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d")], Match::Incomparable),
            (vec![("gitCommit", d256)], Match::Incomparable),
            (vec![], Match::Incomparable),
        ] {
            assert_eq!(set(&pairs).matches(&ours, &accepted), expected, "{pairs:?}");
        }
    }

    #[test]
    fn stated_digests_have_a_sha256() {
        let [short, long] = [Algorithm::Sha256, Algorithm::Sha512].map(|algorithm| algorithm.digest(b"abc"));
        assert_eq!(
            Digests::stated(short.clone(), [long.clone()]),
            Some(Digests::of(b"abc", &[Algorithm::Sha256, Algorithm::Sha512]))
        );
        assert_eq!(Digests::stated(long, [short]), None);
    }

    #[test]
    fn frames() {
        let frame = |algorithm, before: &[u8], after: &[u8]| Frame {
            algorithm,
            before: before.to_vec(),
            after: after.to_vec(),
        };
        let all = Algorithm::ALL.iter().flat_map(|algorithm| {
            [&b""[..], b"salt"]
                .into_iter()
                .flat_map(move |before| [&b""[..], b"tail", b"other"].map(|after| frame(*algorithm, before, after)))
        });
        let frames: Vec<Frame> = all.collect();
        let mut hasher = Hasher::new(&Algorithm::ALL).with_frames(&frames);
        [&b"mes"[..], b"", b"sage"].iter().for_each(|part| hasher.update(part));
        let digests = hasher.finish();
        for frame in &frames {
            assert_eq!(digests.framed(frame), Some(&frame.digest(b"message")), "{frame:?}");
        }
        assert_eq!(digests.framed(&frame(Algorithm::Sha256, b"x", b"")), None);
        assert_eq!(Digests::of(b"message", &[]).sha256(), digests.sha256());

        let salted: Vec<Frame> = (0..=MAX_BEFORE).map(|n| frame(Algorithm::Sha256, &[n as u8, 1], b"")).collect();
        let digests = Hasher::new(&[]).with_frames(&salted).finish();
        let computed: Vec<bool> = salted.iter().map(|frame| digests.framed(frame).is_some()).collect();
        assert_eq!(computed, [vec![true; MAX_BEFORE], vec![false]].concat());
    }

    #[test]
    fn one_name_two_values_is_refused() {
        let mut s = set(&[("sha256", "aa")]);
        assert_eq!(s.insert("sha256", "aa"), Ok(()));
        assert_eq!(s.insert("sha256", "bb"), Err(DuplicateDigest));
    }
}
