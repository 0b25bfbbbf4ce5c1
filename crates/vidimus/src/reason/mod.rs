//! Reasons: stable codes with typed arguments. Sentences are rendered from them, late.
//!
//! A reason is declared once, in the file that produces it, with [`reasons!`](crate::reasons). The declaration holds
//! everything that is ever said about it: `docs/reasons.md`, `vidimus explain` and every rendering come from there.

mod registry;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::digest::Digest;
use crate::value::Value;

pub use registry::{all, by_code};

/// Who must act when a reason stands. The default of a reason; a rule's `accountable` overrides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Accountable {
    /// The party that ships the delivery.
    Vendor,
    /// A party below the vendor.
    Supplier,
    /// The party that made the signature.
    Signer,
    /// The party that runs this verification and wrote the policy.
    Operator,
    /// An independent laboratory.
    Laboratory,
    /// A certification body.
    CertificationBody,
}

impl Accountable {
    /// Every kind, with its name in policies.
    pub const ALL: [(&'static str, Self); 6] = [
        ("vendor", Self::Vendor),
        ("supplier", Self::Supplier),
        ("signer", Self::Signer),
        ("operator", Self::Operator),
        ("laboratory", Self::Laboratory),
        ("certification-body", Self::CertificationBody),
    ];

    /// The name in policies and output.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, a)| *a == self).map_or("vendor", |(n, _)| n)
    }
}

/// All that is said about one reason code.
#[derive(Debug)]
pub struct ReasonInfo {
    /// `area.kebab-case`, never renamed, never reused.
    pub code: &'static str,
    /// The value it yields where it decides a requirement.
    pub value: Value,
    /// Who acts by default.
    pub accountable: Accountable,
    /// Names of its arguments; a reason carries no other.
    pub args: &'static [&'static str],
    /// One sentence with `{argument}` places.
    pub says: &'static str,
    /// Why it matters: the attack or mistake behind it, and the clause.
    pub why: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

/// An argument of a reason: never free text from evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Arg {
    /// A count, size or number within ±(2^53 − 1).
    Int(i64),
    /// A digest, an id of the policy, a portable path, a time, or an identifier that passed a grammar.
    Text(String),
    /// A sorted list of such.
    List(Vec<String>),
}

impl fmt::Display for Arg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(n) => write!(f, "{n}"),
            Self::Text(s) => f.write_str(s),
            Self::List(l) => f.write_str(&l.join(", ")),
        }
    }
}

/// One reason: a code and its arguments. What stands against a delivery as a whole is told again for each of its files, so copies share
/// their arguments.
#[derive(Clone)]
pub struct Reason {
    info: &'static ReasonInfo,
    value: Value,
    args: Arc<BTreeMap<&'static str, Arg>>,
}

impl Reason {
    /// A reason with its default value and no arguments yet.
    #[must_use]
    pub fn new(info: &'static ReasonInfo) -> Self {
        Self { info, value: info.value, args: Arc::default() }
    }

    /// A reason as an earlier run recorded it; `None` if this version has no such code, or other arguments for it.
    pub(crate) fn recorded(code: &str, value: Value, args: impl IntoIterator<Item = (String, Arg)>) -> Option<Self> {
        let mut reason = Self { value, ..Self::new(by_code(code)?) };
        for (name, arg) in args {
            let name = *reason.info.args.iter().find(|known| **known == name)?;
            Arc::make_mut(&mut reason.args).insert(name, arg);
        }
        Some(reason)
    }

    /// The same reason as a refutation, where the occasion makes it final (DESIGN ruling 3).
    #[must_use]
    pub fn refuted(mut self) -> Self {
        self.value = Value::Refuted;
        self
    }

    /// A number.
    #[must_use]
    pub fn int(self, name: &'static str, value: impl TryInto<i64>) -> Self {
        const SAFE: i64 = (1 << 53) - 1;
        let value = value.try_into().unwrap_or(SAFE).clamp(-SAFE, SAFE);
        self.put(name, Arg::Int(value))
    }

    /// A digest that we computed or that a well-formed claim states.
    #[must_use]
    pub fn digest(self, name: &'static str, value: &Digest) -> Self {
        self.put(name, Arg::Text(value.to_string()))
    }

    /// A name that we chose or that the policy states (rule, identity, party, predicate alias), or a portable path.
    #[must_use]
    pub fn name(self, name: &'static str, value: impl fmt::Display) -> Self {
        self.put(name, Arg::Text(value.to_string()))
    }

    /// A time, to the second, UTC.
    #[must_use]
    pub fn time(self, name: &'static str, value: crate::time::Time) -> Self {
        self.put(name, Arg::Text(value.to_string()))
    }

    /// An identifier out of evidence (URI, predicate type, purl, e-mail). It enters only if it passes the grammar of
    /// [`identifier`]; otherwise its sha256 stands in its place.
    #[must_use]
    pub fn evidence(self, name: &'static str, value: &str) -> Self {
        self.put(name, Arg::Text(identifier(value)))
    }

    /// A list of policy names or portable paths; sorted and without repetition.
    #[must_use]
    pub fn list(self, name: &'static str, values: impl IntoIterator<Item = impl fmt::Display>) -> Self {
        let mut list: Vec<String> = values.into_iter().map(|v| v.to_string()).collect();
        list.sort();
        list.dedup();
        self.put(name, Arg::List(list))
    }

    /// The static description.
    #[must_use]
    pub fn info(&self) -> &'static ReasonInfo {
        self.info
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.info.code
    }

    /// The value it yields here.
    #[must_use]
    pub fn value(&self) -> Value {
        self.value
    }

    /// Its arguments by name.
    #[must_use]
    pub fn args(&self) -> &BTreeMap<&'static str, Arg> {
        &self.args
    }

    /// The sentence in English.
    #[must_use]
    pub fn sentence(&self) -> String {
        sentence(self.info, |name| self.args.get(name).map(ToString::to_string))
    }

    fn put(mut self, name: &'static str, arg: Arg) -> Self {
        debug_assert!(self.info.args.contains(&name), "{} has no argument {name}", self.info.code);
        Arc::make_mut(&mut self.args).insert(name, arg);
        self
    }

    fn key(&self) -> (&'static str, &BTreeMap<&'static str, Arg>, Value) {
        (self.info.code, &self.args, self.value)
    }
}

impl PartialEq for Reason {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}
impl Eq for Reason {}
impl PartialOrd for Reason {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Reason {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}
impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.info.code, self.args)
    }
}

/// Fills the `{argument}` places of a reason's sentence. A missing argument leaves `(not stated)`.
#[must_use]
pub fn sentence(info: &ReasonInfo, arg: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = info.says;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        out.push_str(&arg(name).unwrap_or_else(|| "(not stated)".to_owned()));
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// An identifier out of evidence as it may stand in a verdict core: 1 to 512 bytes of visible ASCII without quotes,
/// angle brackets, backslash or braces; anything else becomes `sha256:` of its bytes, so no text can be smuggled in.
#[must_use]
pub fn identifier(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`' | b'{' | b'}');
    if (1..=512).contains(&value.len()) && value.bytes().all(plain) {
        value.to_owned()
    } else {
        Digest::sha256(value.as_bytes()).to_string()
    }
}

/// Declares reasons. Each becomes a `pub(crate) static`, and the module's `REASONS` lists them for the registry.
#[macro_export]
macro_rules! reasons {
    ($($name:ident = $code:literal, $value:ident, $accountable:ident, [$($arg:literal),*],
        says $says:literal, why $why:literal, fix $fix:literal;)+) => {
        $(#[doc = $says]
        pub(crate) static $name: $crate::reason::ReasonInfo = $crate::reason::ReasonInfo {
            code: $code,
            value: $crate::value::Value::$value,
            accountable: $crate::reason::Accountable::$accountable,
            args: &[$($arg),*],
            says: $says,
            why: $why,
            fix: $fix,
        };)+
        /// The reasons declared in this file.
        pub(crate) static REASONS: &[&$crate::reason::ReasonInfo] = &[$(&$name),+];
    };
}
