//! The verdict core: its members, as DESIGN section 7 lists them. `docs/verdict.md` is the specification.
//!
//! Profile that makes RFC 8785 safe: ASCII member names, integers within ±(2^53 − 1), no floats, times `…Z` in seconds, digests
//! lower-case hex with their algorithm, arrays sorted by their stated key, no nulls: absent means absent.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `schema` of every core.
pub const SCHEMA: &str = "urn:vidimus:verdict-core:v1";
/// The evaluation semantics that this crate implements. A change that could change any core's bytes changes this number.
pub const SEMANTICS: u64 = 1;

/// The deterministic record of a judgement: a function of the inputs and `semantics` alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerdictCore {
    /// Always `urn:vidimus:verdict-core:v1`.
    pub schema: String,
    /// Number of the evaluation semantics.
    pub semantics: u64,
    /// The answer.
    pub verdict: Answer,
    /// What the answer rests on.
    pub basis: Basis,
    /// What was asked.
    pub request: CoreRequest,
    /// Digests of everything that the answer is a function of.
    pub inputs: Inputs,
    /// Files that rules were applied to, by path.
    pub subjects: Vec<Subject>,
    /// The component chain in numbers.
    pub chain: Chain,
    /// Every requirement that is not met, by (rule, node).
    pub unmet: Vec<Unmet>,
    /// Requirements that are met, counted, by (rule, class).
    pub met: Vec<Met>,
    /// Nodes that nothing verified, by (node, code).
    pub unverified: Vec<Unverified>,
    /// Evidence that yielded nothing, by (evidence, code).
    pub rejected: Vec<Rejected>,
    /// What a reader must know about this verdict, sorted.
    pub caveats: Vec<Coded>,
    /// Budgets that ran out, sorted.
    pub limits_hit: Vec<Coded>,
}

/// Pass or fail; nothing between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Every requirement is proven.
    Pass,
    /// At least one is not.
    Fail,
}

/// What the answer rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Pass: every requirement is proven.
    Proven,
    /// Pass: proven, but for requirements that the policy waived.
    ProvenWithWaivers,
    /// Fail: something is not proven, nothing is refuted.
    Unproven,
    /// Fail: something is shown to be wrong.
    Refuted,
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoreRequest {
    /// The instant of the verdict.
    pub at: String,
    /// Package URL, where given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub product: Option<String>,
    /// Recipient, where given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recipient: Option<String>,
}

/// Digests of the inputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// The policy.
    pub policy: PolicyInput,
    /// The anchor that vouches for the policy; absent where the policy is its own root of trust.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub anchor: Option<AnchorInput>,
    /// The inventory.
    pub inventory: InventoryInput,
    /// The evidence.
    pub evidence: EvidenceInput,
    /// Profiles that SBOMs were held against, of standards by id, then of the policy by name; absent where no rule names one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub profiles: Vec<ProfileInput>,
    /// Issues of status lists that counted, by list; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub status: Vec<StatusInput>,
    /// What was accepted before of this vendor and product; absent where no rule asks or nobody keeps it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub state: Option<StateInput>,
}

/// Which issue of a status list counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusInput {
    /// The list's name in the policy.
    pub list: String,
    /// The number of the issue.
    pub number: u64,
    /// Its evidence id, hex.
    pub sha256: String,
}

/// The entry of the operator's state that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateInput {
    /// The party that signed the delivery statement.
    pub vendor: String,
    /// The product's package URL without its version.
    pub product: String,
    /// The highest sequence that was accepted; absent where nothing was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sequence: Option<u64>,
    /// sha256 (hex) over what that delivery statement commits to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<String>,
}

/// Which policy was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyInput {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u64,
    /// sha256 (hex) of the closure index: the policy file and every file it names.
    pub sha256: String,
}

/// Which anchor vouches for the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnchorInput {
    /// sha256 (hex) of the anchor file.
    pub sha256: String,
}

/// What was delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InventoryInput {
    /// sha256 (hex) of the inventory index.
    pub sha256: String,
    /// Regular files.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
    /// sha256 (hex) of the archive that they are the members of, where that is the delivery.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub archive: Option<String>,
}

/// A profile that SBOMs were held against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileInput {
    /// Its id.
    pub id: String,
    /// The edition of the standard.
    pub edition: String,
    /// sha256 (hex) of its data, as its page quotes it.
    pub sha256: String,
}

/// What evidence was considered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceInput {
    /// sha256 (hex) of the evidence index.
    pub sha256: String,
    /// Items.
    pub items: u64,
}

/// A file that rules were applied to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Portable path.
    pub path: String,
    /// sha256, hex.
    pub sha256: String,
    /// Its class; absent when the policy has none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub class: Option<String>,
}

/// The component chain in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// The delivery, its files with what is in them, and components that bound SBOMs name.
    pub nodes: u64,
    /// Of these, what we hashed: files, and members of containers whose bytes are not among the files.
    pub held: u64,
    /// Artifacts, and components that a rule reaches, by class (`any` when the policy has no classes).
    pub by_class: BTreeMap<String, u64>,
    /// The most changes of supplier on the shortest way to any component that a rule reaches, counted from 1; 1 where no rule looks
    /// at components.
    pub tiers: u64,
    /// Dependency cycles found.
    pub cycles: u64,
    /// Nodes listed in `unverified`.
    pub unverified: u64,
    /// Edges by kind; absent where no rule looks at components.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub edges: BTreeMap<String, u64>,
}

/// A code with its arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coded {
    /// The reason code.
    pub code: String,
    /// Its arguments.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub args: BTreeMap<String, Argument>,
}

/// An argument of a reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Argument {
    /// A number.
    Int(i64),
    /// A name, digest, time or identifier.
    Text(String),
    /// A sorted list of these.
    List(Vec<String>),
}

/// A requirement that is not met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unmet {
    /// Rule id; `vidimus.delivery` for what every delivery is held to.
    pub rule: String,
    /// `delivery`, `sha256:…`, or, of a component that is not in the delivery, as in `unverified`.
    pub node: String,
    /// `refuted` or `unproven`.
    pub result: crate::value::Value,
    /// Why, all of it.
    pub reasons: Vec<Coded>,
    /// Who must act.
    pub accountable: crate::reason::Accountable,
    /// Paths of the files with these bytes, sorted; empty for the delivery and for what is not in it.
    pub path: Vec<String>,
    /// The waiver that lets it pass; absent where none does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waiver: Option<String>,
    /// For a component, the shortest way to it from a file of the delivery: that file, then step by step; absent otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub via: Vec<Step>,
}

/// One step from the delivery to a component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Node id; of an SBOM its evidence id.
    pub node: String,
    /// How it is reached: `contains`, `describes`, `part`, `depends`, `input`; absent for the first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub edge: Option<String>,
    /// So many steps before this one are left out; absent for none. Of a long way the first node and the last 16 steps are told.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub skipped: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Met requirements of one rule in one class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Met {
    /// Rule id.
    pub rule: String,
    /// Class; `delivery` for the delivery as a whole, `any` without classes.
    pub class: String,
    /// On how many nodes.
    pub count: u64,
    /// sha256 (hex) of the canonical JSON of the list of `{node, support}` in `details.met`.
    pub sha256: String,
}

/// A node that nothing verified.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unverified {
    /// `sha256:…` of a held file, `ALG:…` of a claimed component, `anon:sha256:…` of one without a digest.
    pub node: String,
    /// Its class, where it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub class: Option<String>,
    /// Why.
    pub code: String,
}

/// Evidence that yielded nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rejected {
    /// Evidence id.
    pub evidence: String,
    /// Why.
    pub code: String,
    /// Arguments of the reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub args: BTreeMap<String, Argument>,
}
