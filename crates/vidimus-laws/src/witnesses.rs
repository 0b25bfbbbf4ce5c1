//! Logs, witnesses and clocks: policies over them, and signatures that some of them vouch for.

use std::fmt::Write as _;
use std::sync::LazyLock;

use vidimus::Request;
use vidimus::policy::Policy;
use vidimus::read::{Delivery, File, Place};
use vidimus_testkit::sigstore::World as Sigstore;
use vidimus_testkit::{Key, Statement};

use crate::case::{self, AT};
use crate::parties::{self, IDS, LOGGER, Parties, VENDOR, WITNESSES};

/// When files of logs are signed: 2025-03-01T12:00:00Z.
pub const NOON: i64 = 1_740_830_400;
/// Within the time of a delegation: 2026-07-01.
pub const INSIDE: i64 = 1_782_864_000;
/// After it: 2026-09-15.
pub const OUTSIDE: i64 = 1_789_430_400;

static LOG: LazyLock<Sigstore> = LazyLock::new(|| Sigstore::new("laws"));
static VKEY: LazyLock<String> = LazyLock::new(|| LOG.rekor_v2.vkey());

/// The log's verifier key.
#[must_use]
pub fn log_vkey() -> &'static str {
    &VKEY
}

/// A bundle with that statement, logged, and its checkpoint cosigned by the first witness at that time.
#[must_use]
pub fn logged(statement: &Statement, by: &Key, at: i64) -> Vec<u8> {
    let signing = LOG.managed(by).v2().timestamp(false).at(NOON).witness_at(parties::key(WITNESSES[0]), at);
    signing.statement(statement).bytes()
}

/// A file, signed by the vendor and logged; these witnesses cosigned, each at its time.
#[must_use]
pub fn signed(content: &[u8], witnesses: &[(usize, i64)]) -> Delivery {
    let signing = LOG.managed(parties::key(VENDOR)).v2().timestamp(false).at(NOON);
    let signing = witnesses.iter().fold(signing, |signing, (who, at)| signing.witness_at(parties::key(*who), *at));
    let files: Vec<File> = vec![
        case::file("view", Place::Delivered, content),
        case::file("view.sigstore.json", Place::Evidence, &signing.message(content).bytes()),
    ];
    Delivery { files, ..Delivery::default() }
}

/// What a policy asks of witnesses.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Who may count.
    pub candidates: Vec<usize>,
    /// Groups that must.
    pub groups: usize,
    /// What is asked beside that.
    pub kind: TermsKind,
}

/// Of what.
#[derive(Clone, Debug)]
pub enum TermsKind {
    /// That they saw one tree.
    Views {
        /// So many countries may compel theirs.
        countries: usize,
        /// So many groups must be left then.
        left: usize,
    },
    /// That it was early enough.
    Clocks {
        /// So many may lie.
        liars: usize,
        /// Restrictions of the key.
        key: String,
    },
}

impl Terms {
    const fn is_of_views(&self) -> bool {
        matches!(self.kind, TermsKind::Views { .. })
    }

    /// Loads a policy that asks this.
    ///
    /// # Errors
    /// What the loader says.
    pub fn load(&self, parties: &Parties) -> Result<Policy, String> {
        let mut all = vec![VENDOR, LOGGER];
        all.extend(parties::HOLDINGS.iter().chain(&WITNESSES));
        let mut text = "schema = \"urn:vidimus:policy:v1\"\nid = \"urn:example:views\"\nversion = 1\n\n".to_owned();
        text += &parties.toml(&all);
        let key = match &self.kind {
            TermsKind::Clocks { key, .. } => key.as_str(),
            TermsKind::Views { .. } => "",
        };
        let _ = writeln!(text, "[[identity]]\nid = \"maker\"\nparty = \"maker\"\nkey = \"keys/maker.pub\"\n{key}");
        text += "[[grant]]\nid = \"files\"\nidentities = [\"maker\"]\nmay = [\"file\"]\nproducts = [\"*\"]\n";
        text += "[log.shared]\noperator = \"logger\"\norigin = \"log2025.laws.example\"\nvkey = \"keys/log.vkey\"\n";
        // Cosignatures are looked for where a log has witnesses; of clocks alone, nobody need be compelled.
        let _ = writeln!(text, "witnesses = \"{}\"", if self.is_of_views() { "quorum" } else { "cosigners" });
        text += "[witness]\n";
        for who in WITNESSES {
            let _ = writeln!(text, "{0} = {{ vkey = \"keys/{0}.vkey\" }}", IDS[who]);
        }
        let candidates: Vec<String> = self.candidates.iter().map(|who| format!("\"{}\"", IDS[*who])).collect();
        let (kind, more) = match &self.kind {
            TermsKind::Views { countries, left } => {
                ("witness", format!("tolerate_jurisdictions = {countries}\nremaining = {left}"))
            }
            TermsKind::Clocks { liars, .. } => ("time", format!("tolerate_liars = {liars}")),
        };
        let _ = writeln!(
            text,
            "[quorum.quorum]\nkind = \"{kind}\"\ncandidates = [{}]\nmin_groups = {}\n{more}",
            candidates.join(", "),
            self.groups
        );
        if !self.is_of_views() {
            let all: Vec<String> = WITNESSES.iter().map(|who| format!("\"{}\"", IDS[*who])).collect();
            let groups = parties.groups(&WITNESSES).len();
            let _ = writeln!(
                text,
                "[quorum.cosigners]\nkind = \"witness\"\ncandidates = [{}]\nmin_groups = {groups}\ntolerate_jurisdictions = 0",
                all.join(", ")
            );
        }
        text += "[[rule]]\nid = \"released\"\ncheck = \"release\"\naccept = [\"file\"]\n";
        text += match self.kind {
            TermsKind::Views { .. } => {
                "[[rule]]\nid = \"published\"\ncheck = \"transparency\"\nlogs = [\"shared\"]\napplies_to = [\"file\"]\n"
            }
            TermsKind::Clocks { .. } => {
                "[[rule]]\nid = \"when\"\ncheck = \"trusted-time\"\nquorum = \"quorum\"\napplies_to = [\"file\"]\n"
            }
        };
        crate::terms::load(text)
    }
}

/// Does the rule hold of the one file?
#[must_use]
pub fn holds(policy: &Policy, delivery: &Delivery, rule: &str) -> bool {
    let Ok(at) = AT.parse() else { return false };
    let request = Request { at, product: None, recipient: None };
    let verdict = vidimus::judge(delivery, policy, &request).verdict;
    verdict.details().met.contains_key(rule)
}
