//! What a generated policy asks, and the policy as text: it is loaded by the loader that `verify` uses, so whatever can be refused when
//! loading is refused here too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use vidimus::policy::{Policy, PolicyFiles};
use vidimus_testkit::Seed;
use vidimus_testkit::sigstore::witness_vkey;

use crate::parties::{
    self, BUILDER, HOLDINGS, IDS, LABS, LOGGER, OPERATOR, Parties, REBUILDERS, SUPPLIERS, VENDOR, WITNESSES, chance,
};

/// A quorum of judges.
#[derive(Clone, Debug)]
pub struct Judges {
    /// Who may count.
    pub candidates: Vec<usize>,
    /// So many independent ones.
    pub groups: usize,
    /// So many countries may compel theirs.
    pub countries: usize,
    /// So many must be left then.
    pub left: usize,
    /// Do the vendor's group and those of suppliers not count?
    pub excludes: (bool, bool),
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Laboratories.
    pub labs: Judges,
    /// Rebuilders.
    pub rebuilders: Judges,
    /// A laboratory must cite what it looked at.
    pub grounded: bool,
    /// What says FAILED refutes.
    pub conflict: bool,
    /// A quorum of laboratories is asked for.
    pub reviewed: bool,
    /// One summary is asked for, apart from quorums.
    pub audited: bool,
    /// Any of three kinds of evidence does.
    pub either: bool,
    /// Each branch of that is a rule by itself as well.
    pub branches: bool,
    /// A release statement is asked for.
    pub released: bool,
    /// A bound SBOM is asked for.
    pub described: bool,
    /// Every component is held to its rules.
    pub parts: bool,
    /// Every file must be accounted for; each member by itself.
    pub covered: Option<bool>,
    /// A delivery statement must be there.
    pub stated: bool,
    /// So many open-source components may be unproven.
    pub budget: Option<u64>,
    /// A status list must be at hand.
    pub status: bool,
    /// Through how many hands the vendor's word may come.
    pub depth: u32,
    /// All that the vendor cites must be there.
    pub inputs: bool,
    /// The vendor's word counts within a time alone.
    pub window: bool,
    /// Edges that lead to components.
    pub edges: Vec<&'static str>,
}

impl Judges {
    fn generate(seed: &mut Seed, parties: &Parties, of: &[usize]) -> Self {
        let mut candidates: Vec<usize> = of.iter().copied().filter(|_| chance(seed, 85)).collect();
        if candidates.is_empty() {
            candidates.push(of[0]);
        }
        let most = parties.independent(&candidates);
        let groups = 1 + seed.below(most.min(3));
        let mut countries = [0, 1, 1, 1, 2][seed.below(5)];
        let left = |countries: usize| {
            let coalitions = parties.coalitions(&candidates, countries);
            let free = |coalition: &BTreeSet<&str>| -> Vec<usize> {
                candidates.iter().copied().filter(|who| parties.laws(*who).is_disjoint(coalition)).collect()
            };
            coalitions.iter().map(|coalition| parties.independent(&free(coalition))).min().unwrap_or(0)
        };
        while countries > 0 && left(countries) == 0 {
            countries -= 1;
        }
        let left = 1 + seed.below(left(countries).clamp(1, 2));
        let excludes = [(true, true), (true, true), (true, false), (false, true), (false, false)][seed.below(5)];
        Self { candidates, groups, countries, left, excludes }
    }

    fn toml(&self, name: &str, kind: &str, more: &str) -> String {
        let mut exclude = Vec::new();
        exclude.extend(self.excludes.0.then_some("\"subject-vendor\""));
        exclude.extend(self.excludes.1.then_some("\"subject-suppliers\""));
        let exclude = exclude.join(", ");
        let exclude = if exclude.is_empty() { exclude } else { format!("exclude_groups_of = [{exclude}]\n") };
        format!(
            "[quorum.{name}]\nkind = \"{kind}\"\ncandidates = [{}]\nmin_groups = {}\ntolerate_jurisdictions = {}\nremaining = {}\n{exclude}{more}\n",
            self.candidates.iter().map(|who| format!("\"{}\"", IDS[*who])).collect::<Vec<_>>().join(", "),
            self.groups,
            self.countries,
            self.left
        )
    }
}

impl Terms {
    /// Any of them.
    pub fn generate(seed: &mut Seed, parties: &Parties) -> Self {
        let edges: &[&[&str]] =
            &[&[], &[], &["contains", "part", "depends"], &["contains", "part", "depends", "input"], &["contains"]];
        Self {
            labs: Judges::generate(seed, parties, &LABS),
            rebuilders: Judges::generate(seed, parties, &REBUILDERS),
            grounded: chance(seed, 50),
            conflict: chance(seed, 50),
            reviewed: chance(seed, 75),
            audited: chance(seed, 35),
            either: chance(seed, 45),
            branches: false,
            released: chance(seed, 30),
            described: chance(seed, 50),
            parts: chance(seed, 80),
            covered: chance(seed, 70).then(|| chance(seed, 60)),
            stated: chance(seed, 30),
            budget: chance(seed, 40).then(|| 1 + seed.below(2) as u64),
            status: chance(seed, 40),
            depth: 1 + seed.below(3) as u32,
            inputs: chance(seed, 40),
            window: chance(seed, 15),
            edges: edges[seed.below(edges.len())].to_vec(),
        }
    }

    /// The policy.
    #[must_use]
    pub fn toml(&self, parties: &Parties) -> String {
        let mut text = "schema = \"urn:vidimus:policy:v1\"\nid = \"urn:example:laws\"\nversion = 1\n\n".to_owned();
        let mut all = vec![VENDOR, OPERATOR];
        all.extend(SUPPLIERS.iter().chain(&LABS).chain(&REBUILDERS).chain(&HOLDINGS));
        if self.window {
            all.extend([LOGGER, WITNESSES[0]]);
        }
        text += &parties.toml(&all);
        text += &identities();
        text += GRANTS;
        if self.window {
            text += "[log.shared]\noperator = \"logger\"\norigin = \"log2025.laws.example\"\nvkey = \"keys/log.vkey\"\nwitnesses = \"cosigner\"\n";
            text += "[witness]\nwit0 = { vkey = \"keys/wit0.vkey\" }\n";
            text += "[quorum.cosigner]\nkind = \"witness\"\ncandidates = [\"wit0\"]\nmin_groups = 1\ntolerate_jurisdictions = 0\n";
        }
        if self.reviewed {
            text +=
                &self.labs.toml("labs", "verification", if self.grounded { "forbid_sole_basis = \"vsa\"" } else { "" });
        }
        if self.parts {
            text += &self.rebuilders.toml("rebuilders", "rebuild", "");
        }
        if self.status {
            text += "[status_list.deny]\nby = \"psirt\"\nscope = [\"digest\", \"key\", \"attestation\"]\nmax_age_hours = 72\nmin_number = 5\n";
        }
        text += "[[class]]\nid = \"core\"\nrole = \"top-level\"\nproducts = [\"pkg:generic/vendor/core\"]\n";
        if self.parts {
            text += CLASSES;
        }
        text += "[[class]]\nid = \"other\"\nrole = \"any\"\ndefault = true\n";
        if self.parts {
            text += &self.delegation();
        }
        text + &self.rules()
    }

    fn delegation(&self) -> String {
        let mut text = "[[delegation]]\nid = \"vendor-for-s1\"\nto = \"maker\"\nabout_suppliers = [\"s1\"]\nclasses = [\"os\"]\nmap = { \"REVIEWED\" = \"reviewed\" }\nneed_any = [\"reviewed\"]\nmax_age_days = 180\n".to_owned();
        let _ = writeln!(text, "max_depth = {}", self.depth);
        if self.inputs {
            text += "input_evidence = \"present\"\n";
        }
        if self.window {
            text += "valid = { from = 2026-06-01T00:00:00Z, until = 2026-08-01T00:00:00Z }\n";
        }
        text
    }

    fn rules(&self) -> String {
        let mut text = String::new();
        let mut rule = |id: &str, classes: &str, check: &str| {
            let _ = writeln!(text, "[[rule]]\nid = \"{id}\"\nclasses = [{classes}]\n{check}");
        };
        let conflict = if self.conflict { "" } else { "\non_conflict = \"ignore\"" };
        if let Some(each) = self.covered {
            let members = if each { "\nmembers = \"each\"" } else { "" };
            let stated = if self.stated { "\nrequire_statement = true" } else { "" };
            rule("covered", "\"core\", \"other\"", &format!("check = \"inventory\"{members}{stated}"));
        }
        if self.described {
            rule("described", "\"core\"", "check = \"sbom\"");
        }
        if self.released || !(self.described || self.reviewed || self.audited || self.either || self.parts) {
            rule("released", "\"core\"", "check = \"release\"");
        }
        if self.reviewed {
            rule(
                "reviewed",
                "\"core\"",
                &format!(
                    "check = \"quorum\"\nquorum = \"labs\"\nneed = {{ predicate = \"vsa\", properties = [\"REVIEWED\"], max_age_days = 365 }}{conflict}"
                ),
            );
        }
        if self.audited {
            rule(
                "audited",
                "\"core\"",
                &format!("check = \"vsa\"\nproperties = [\"REVIEWED\"]\nby = [\"laboratory\"]{conflict}"),
            );
        }
        if self.either {
            let of = self.branch_checks().map(|check| format!("    {{ {} }},\n", check.join(", ")));
            rule("either", "\"core\"", &format!("check = \"any-of\"\nof = [\n{}]", of.concat()));
            for (at, check) in self.branch_checks().iter().enumerate().filter(|_| self.branches) {
                rule(&format!("branch-{at}"), "\"core\"", &check.join("\n"));
            }
        }
        if self.status {
            rule("not-withdrawn", "\"core\", \"other\"", "check = \"status\"\nlists = [\"deny\"]");
        }
        if self.parts {
            let edges = self.edges.iter().map(|edge| format!("\"{edge}\"")).collect::<Vec<_>>().join(", ");
            let edges = if self.edges.is_empty() { String::new() } else { format!("\nedges = [{edges}]") };
            let budget = self.budget.map(|most| format!("\nleaf_budget = {{ class = \"oss\", max_count = {most} }}"));
            rule(
                "parts",
                "\"core\", \"other\"",
                &format!("check = \"components\"{edges}{}", budget.unwrap_or_default()),
            );
            rule(
                "rebuilt",
                "\"crypto\"",
                "check = \"quorum\"\nquorum = \"rebuilders\"\nneed = { predicate = \"provenance\" }",
            );
            rule("known", "\"own\", \"crypto\", \"oss\"", "check = \"component-identity\"");
            rule("vouched", "\"os\"", "check = \"delegated\"\ndelegation = \"vendor-for-s1\"");
            rule(
                "anything",
                "\"other\"",
                "check = \"any-of\"\nof = [\n    { check = \"release\" },\n    { check = \"delegated\", delegation = \"vendor-for-s1\" },\n    { check = \"provenance\", min_level = 1 },\n]",
            );
        } else {
            rule("anything", "\"other\"", "check = \"release\"");
        }
        text
    }

    fn branch_checks(&self) -> [Vec<String>; 3] {
        let own = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let mut summary = own(&["check = \"vsa\"", "properties = [\"REVIEWED\"]"]);
        if !self.conflict {
            summary.push("on_conflict = \"ignore\"".to_owned());
        }
        [summary, own(&["check = \"release\""]), own(&["check = \"provenance\"", "min_level = 2"])]
    }

    /// Loads it.
    ///
    /// # Errors
    /// What the loader says.
    pub fn load(&self, parties: &Parties) -> Result<Policy, String> {
        load(self.toml(parties))
    }
}

/// Loads a policy from text, with every key that a generated policy can name.
///
/// # Errors
/// What the loader says.
pub fn load(text: String) -> Result<Policy, String> {
    let mut files: BTreeMap<String, Vec<u8>> = (0..IDS.len())
        .filter(|who| (VENDOR..=OPERATOR).contains(who))
        .map(|who| (format!("keys/{}.pub", IDS[who]), parties::public(who).as_bytes().to_vec()))
        .collect();
    files.insert("keys/builder.pub".to_owned(), parties::public(BUILDER).as_bytes().to_vec());
    for who in WITNESSES {
        files.insert(format!("keys/{}.vkey", IDS[who]), witness_vkey(parties::key(who)).into_bytes());
    }
    files.insert("keys/log.vkey".to_owned(), crate::witnesses::log_vkey().as_bytes().to_vec());
    files.insert("policy.toml".to_owned(), text.into_bytes());
    let files = PolicyFiles { main: "policy.toml".to_owned(), files };
    files.load().map_err(|errors| {
        // What must be known of each: a policy that is not even TOML is a mistake of this generator.
        let mut codes: Vec<&str> = errors.errors().iter().map(|error| error.info.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes.join(" ")
    })
}

fn identities() -> String {
    let mut text = String::new();
    for id in &IDS[VENDOR..=OPERATOR] {
        let _ = writeln!(text, "[[identity]]\nid = \"{0}\"\nparty = \"{0}\"\nkey = \"keys/{0}.pub\"", id);
    }
    text + "[[identity]]\nid = \"builder\"\nparty = \"maker\"\nkey = \"keys/builder.pub\"\n"
}

const GRANTS: &str = r#"
[[grant]]
id = "vendor-releases"
identities = ["maker"]
may = ["delivery", "release", "sbom"]
products = ["pkg:generic/vendor/"]

[[grant]]
id = "vendor-builds"
identities = ["builder"]
may = ["provenance"]
products = ["pkg:generic/vendor/"]
builders = [ { id = "https://ci.vendor.example", max_level = 3 } ]

[[grant]]
id = "vendor-vouches"
identities = ["maker"]
may = ["vsa"]
products = ["pkg:generic/s1/"]
verifiers = [ { id = "https://maker.example" } ]

[[grant]]
id = "s0-releases"
identities = ["s0"]
may = ["release", "sbom"]
products = ["pkg:generic/s0/"]

[[grant]]
id = "s1-releases"
identities = ["s1"]
may = ["release", "sbom", "provenance"]
products = ["pkg:generic/s1/"]
builders = [ { id = "https://s1.example", max_level = 2 } ]

[[grant]]
id = "s2-releases"
identities = ["s2"]
may = ["release"]
products = ["pkg:generic/s2/"]

[[grant]]
id = "labs-verify"
identities = ["lab0", "lab1", "lab2", "lab3", "lab4"]
may = ["vsa"]
products = ["pkg:generic/vendor/", "pkg:generic/s1/"]
verifiers = [
    { identity = "lab0", id = "https://lab0.example" },
    { identity = "lab1", id = "https://lab1.example" },
    { identity = "lab2", id = "https://lab2.example" },
    { identity = "lab3", id = "https://lab3.example" },
    { identity = "lab4", id = "https://lab4.example" },
]

[[grant]]
id = "rebuilders-rebuild"
identities = ["reb0", "reb1", "reb2"]
may = ["provenance"]
products = ["pkg:generic/s0/"]
builders = [
    { identity = "reb0", id = "https://reb0.example", max_level = 2 },
    { identity = "reb1", id = "https://reb1.example", max_level = 2 },
    { identity = "reb2", id = "https://reb2.example", max_level = 2 },
]

[[grant]]
id = "psirt-lists"
identities = ["psirt"]
may = ["status"]
products = ["*"]

"#;

const CLASSES: &str = r#"[[class]]
id = "own"
role = "component"
products = [ { name_prefix = "pkg:generic/vendor/part" } ]

[[class]]
id = "crypto"
role = "component"
products = ["pkg:generic/s0/"]
raise_if = { name_contains = ["openssl"] }

[[class]]
id = "os"
role = "component"
products = ["pkg:generic/s1/"]

[[class]]
id = "oss"
role = "component"
products = ["pkg:generic/s2/"]
lenient = true
proof_any = ["ecosystem-release-attestation"]

"#;
