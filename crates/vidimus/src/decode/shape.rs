//! Typed access to members of strict JSON: what is absent, of another type or of another version has one reason each.

use serde_json::{Map, Value as Json};

use crate::reason::Reason;

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

/// Reads members of one format.
#[derive(Clone, Copy)]
pub(super) struct Shape(pub(super) &'static str);

impl Shape {
    /// The reason for a member that is not as the format has it.
    pub(super) fn wrong(self, member: &'static str) -> Reason {
        Reason::new(&MALFORMED).name("format", self.0).name("member", format_args!("`{member}`"))
    }

    pub(super) fn object<'a>(self, value: &'a Json, member: &'static str) -> Result<&'a Map<String, Json>, Reason> {
        value.as_object().ok_or_else(|| self.wrong(member))
    }

    /// The value of a member; `null` is absent.
    pub(super) fn get<'a>(map: &'a Map<String, Json>, member: &str) -> Option<&'a Json> {
        map.get(member).filter(|value| !value.is_null())
    }

    pub(super) fn need<'a>(self, map: &'a Map<String, Json>, member: &'static str) -> Result<&'a Json, Reason> {
        Self::get(map, member).ok_or_else(|| self.wrong(member))
    }

    pub(super) fn map<'a>(
        self,
        map: &'a Map<String, Json>,
        member: &'static str,
    ) -> Result<Option<&'a Map<String, Json>>, Reason> {
        Self::get(map, member).map(|value| self.object(value, member)).transpose()
    }

    pub(super) fn need_map<'a>(
        self,
        map: &'a Map<String, Json>,
        member: &'static str,
    ) -> Result<&'a Map<String, Json>, Reason> {
        self.object(self.need(map, member)?, member)
    }

    /// A list; empty when absent.
    pub(super) fn list<'a>(self, map: &'a Map<String, Json>, member: &'static str) -> Result<&'a [Json], Reason> {
        match Self::get(map, member) {
            None => Ok(&[]),
            Some(Json::Array(items)) => Ok(items),
            Some(_) => Err(self.wrong(member)),
        }
    }

    pub(super) fn text<'a>(self, map: &'a Map<String, Json>, member: &'static str) -> Result<Option<&'a str>, Reason> {
        Self::get(map, member).map(|value| value.as_str().ok_or_else(|| self.wrong(member))).transpose()
    }

    /// A string that must be there and say something.
    pub(super) fn need_text<'a>(self, map: &'a Map<String, Json>, member: &'static str) -> Result<&'a str, Reason> {
        self.text(map, member)?.filter(|text| !text.is_empty()).ok_or_else(|| self.wrong(member))
    }
}
