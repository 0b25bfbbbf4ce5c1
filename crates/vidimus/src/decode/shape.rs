//! Typed access to members of strict JSON: what is absent, of another type or of another version has one reason each.

use serde_json::Value;

use super::json::tree;
use crate::reason::{Reason, identifier};

crate::reasons! {
    MALFORMED = "parse.malformed", Unproven, Vendor, ["format", "member"],
        says "not a {format} by its specification: {member}",
        why "A document that breaks the rules of its own format could be understood differently by two readers, so nothing that it says is believed.",
        fix "Produce the document again with a current tool.";
    UNSUPPORTED = "parse.unsupported", Unproven, Signer, [],
        says "the bundle uses a log entry kind, key, digest or content that is not supported",
        why "What cannot be verified is not believed.",
        fix "Use a supported key (ECDSA P-256, P-384, Ed25519, RSA), digest (SHA-256, SHA-384, SHA-512) and log entry kind (hashedrekord, dsse, intoto).";
    VERSION = "parse.version", Unproven, Vendor, ["found", "required"],
        says "version {found}; accepted is {required}",
        why "Older formats carry less proof and newer ones rules that are not known here; the accepted ones are listed so that nobody can choose a weaker one (T14).",
        fix "Produce the evidence again in an accepted version.";
}

/// A value of strict JSON, in maps or in a flat list.
pub(super) trait Json<'a>: Copy {
    type Map: Map<'a, Value = Self>;
    type List: Default;

    fn is_null(self) -> bool;
    fn text(self) -> Option<&'a str>;
    fn list(self) -> Option<Self::List>;
    fn object(self) -> Option<Self::Map>;
}

/// An object of it.
pub(super) trait Map<'a>: Copy {
    type Value: Json<'a, Map = Self>;

    fn member(self, name: &str) -> Option<Self::Value>;
}

impl<'a> Json<'a> for &'a Value {
    type Map = &'a serde_json::Map<String, Value>;
    type List = &'a [Value];

    fn is_null(self) -> bool {
        Value::is_null(self)
    }

    fn text(self) -> Option<&'a str> {
        self.as_str()
    }

    fn list(self) -> Option<&'a [Value]> {
        self.as_array().map(Vec::as_slice)
    }

    fn object(self) -> Option<Self::Map> {
        self.as_object()
    }
}

impl<'a> Map<'a> for &'a serde_json::Map<String, Value> {
    type Value = &'a Value;

    fn member(self, name: &str) -> Option<&'a Value> {
        self.get(name)
    }
}

impl<'a> Json<'a> for tree::Json<'a> {
    type Map = tree::Map<'a>;
    type List = tree::List<'a>;

    fn is_null(self) -> bool {
        tree::Json::is_null(self)
    }

    fn text(self) -> Option<&'a str> {
        self.as_str()
    }

    fn list(self) -> Option<tree::List<'a>> {
        self.as_array()
    }

    fn object(self) -> Option<tree::Map<'a>> {
        self.as_object()
    }
}

impl<'a> Map<'a> for tree::Map<'a> {
    type Value = tree::Json<'a>;

    fn member(self, name: &str) -> Option<tree::Json<'a>> {
        self.get(name)
    }
}

/// Reads members of one format.
#[derive(Clone, Copy)]
pub(super) struct Shape(pub(super) &'static str);

impl Shape {
    /// The reason for a member that is not as the format has it.
    pub(super) fn wrong(self, member: &'static str) -> Reason {
        Reason::new(&MALFORMED).name("format", self.0).name("member", format_args!("`{member}`"))
    }

    /// The same, by the path of the member in the document.
    pub(super) fn wrong_at(self, path: &str) -> Reason {
        Reason::new(&MALFORMED).name("format", self.0).name("member", format_args!("`{}`", identifier(path)))
    }

    pub(super) fn object<'a, J: Json<'a>>(self, value: J, member: &'static str) -> Result<J::Map, Reason> {
        value.object().ok_or_else(|| self.wrong(member))
    }

    /// The value of a member; `null` is absent.
    pub(super) fn get<'a, M: Map<'a>>(map: M, member: &str) -> Option<M::Value> {
        map.member(member).filter(|value| !value.is_null())
    }

    pub(super) fn need<'a, M: Map<'a>>(self, map: M, member: &'static str) -> Result<M::Value, Reason> {
        Self::get(map, member).ok_or_else(|| self.wrong(member))
    }

    pub(super) fn map<'a, M: Map<'a>>(self, map: M, member: &'static str) -> Result<Option<M>, Reason> {
        Self::get(map, member).map(|value| self.object(value, member)).transpose()
    }

    pub(super) fn need_map<'a, M: Map<'a>>(self, map: M, member: &'static str) -> Result<M, Reason> {
        self.object(self.need(map, member)?, member)
    }

    /// A list; empty when absent.
    pub(super) fn list<'a, M: Map<'a>>(
        self,
        map: M,
        member: &'static str,
    ) -> Result<<M::Value as Json<'a>>::List, Reason> {
        match Self::get(map, member) {
            None => Ok(Default::default()),
            Some(value) => value.list().ok_or_else(|| self.wrong(member)),
        }
    }

    pub(super) fn text<'a, M: Map<'a>>(self, map: M, member: &'static str) -> Result<Option<&'a str>, Reason> {
        Self::get(map, member).map(|value| value.text().ok_or_else(|| self.wrong(member))).transpose()
    }

    /// A string that must be there and say something.
    pub(super) fn need_text<'a, M: Map<'a>>(self, map: M, member: &'static str) -> Result<&'a str, Reason> {
        self.text(map, member)?.filter(|text| !text.is_empty()).ok_or_else(|| self.wrong(member))
    }
}
