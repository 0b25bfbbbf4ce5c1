//! Caveats: what a reader of a verdict must know, pass or fail.

use std::collections::{BTreeMap, BTreeSet};

use crate::authenticate::sigstore::Root;
use crate::check::components::Found;
use crate::check::sbom;
use crate::check::{Answer, BUILT_IN_RULE, Node, Outcome};
use crate::check::{certification, layout};
use crate::decode::{BESIDE, Content, DELIVERY};
use crate::digest::Digest;
use crate::join::held::What;
use crate::join::{Joined, is_evidence_alone};
use crate::policy::{Check, Denied, Deny, Exclude, Grant, Identity, IdentityKind, Need, Policy, Role, Rule};
use crate::profile::{NOT_DISCLOSED, NOT_KNOWN};
use crate::read::Place;
use crate::reason::{Reason, ReasonInfo, identifier};

crate::reasons! {
    SELF_ROOTED = "caveat.policy-unanchored", Proven, Operator, [],
        says "the policy given on the command line is itself the root of trust",
        why "Without an anchor nothing but the operator's care decides whose policy counts; compare the policy digest.",
        fix "Quote and compare the policy digest with the one that was approved, or give an anchor with `--anchor`.";
    EVERY_PRODUCT = "caveat.every-product", Proven, Operator, ["grants"],
        says "these grants name no products and cover every product: {grants}",
        why "A signer with such a grant is believed about anything, also about products of others (T5).",
        fix "Give the grant `products`, and name the product with `--product`.";
    NO_RECIPIENT = "caveat.recipient-unchecked", Proven, Operator, ["recipient"],
        says "the delivery statement is for {recipient}, and the request names no recipient",
        why "A delivery for somebody else may lack what was agreed with you.",
        fix "Run with `--recipient`.";
    NO_STATEMENT = "caveat.completeness-unknown", Proven, Vendor, ["rules"],
        says "no delivery statement for this request counts, so these rules hold what is there and miss nothing that was left out: {rules}",
        why "Only a signed list of all files shows that one is missing; without it, whoever carries the delivery can take files out together with what speaks of them.",
        fix "Have the vendor sign a delivery statement, and set `require_statement = true` in the rule.";
    NO_LOG = "caveat.no-transparency", Proven, Operator, ["instance"],
        says "the trusted root of {instance} lists no transparency log; its signatures are proven by timestamps alone",
        why "Nobody could notice a certificate or signature that was issued in secret.",
        fix "Use an instance with a log, where the signer has one.";
    NO_CERTIFICATE_LOG = "caveat.no-certificate-log", Proven, Operator, ["instance"],
        says "the trusted root of {instance} lists no certificate transparency log; its certificates need no signed certificate timestamp",
        why "Nobody could notice a certificate that the authority issued in secret.",
        fix "Use an instance with a certificate transparency log, where the signer has one.";
    NO_REVOCATION = "caveat.revocation-not-asked", Proven, Operator, ["identities"],
        says "nobody asks whether certificates of these are revoked: {identities}",
        why "The policy says that their authorities publish no lists. A stolen key then counts until its certificate ends (T30).",
        fix "If the authority publishes revocation lists, remove `revocation` from the identity and name them in `crls`.";
    OPAQUE_EVIDENCE = "caveat.opaque-evidence", Proven, Operator, ["files"],
        says "listed as evidence by the delivery statement and of no format that is read, so no rule was applied: {files}",
        why "Whoever signs the delivery statement decides what is evidence; a program listed as evidence would escape the rules.",
        fix "Look at these files before they are used as anything but documents.";
    NOT_RUN = "caveat.inspections-not-run", Proven, Operator, ["inspections", "rules"],
        says "layouts ask for commands to be run that nobody ran: {inspections}; {rules} lets that pass",
        why "An inspection is where the owner of a layout looks at the delivered file itself. What it would have found is not known.",
        fix "Look at the delivery by other means, or have the inspections made steps whose links a functionary signs.";
    ANY_LAYOUT = "caveat.any-layout", Proven, Operator, ["rules"],
        says "these rules take any layout of in-toto that their parties signed and that has not expired, and whoever delivers chooses which: {rules}",
        why "An owner signs layouts for other products and stages, too, and does not take old ones back. The one that asks for least is enough.",
        fix "Name the layouts that you looked at under `layouts` in the rule; `vidimus inspect` shows the digest of a layout.";
    BASELINE = "caveat.certified-baseline", Proven, Vendor, ["rules"],
        says "certified is an earlier build, and the vendor's analysis of what has changed stands in for the rest: {rules}",
        why "What changed after the evaluation nobody but the vendor looked at (CERT-12).",
        fix "Read the analysis, or ask for a certificate of the delivered build.";
    SUPPRESSIBLE = "caveat.suppressible", Proven, Operator, ["rules"],
        says "these rules can fail because of what a document says, such as a verifier's FAILED, a scan, a report that a certificate cites, an issue of a status list, an origin statement, the parts and their suppliers in an SBOM, or a delivery statement for another version, and whoever delivers can leave that document out: {rules}",
        why "Bad news that comes with the delivery helps against honest errors alone; that there is none proves nothing (T28).",
        fix "Ask verifiers and laboratories directly whether they have bad news of this delivery, get status lists from their publishers, ask for SBOMs by a rule of their own, and name the version with `--product`.";
    OPAQUE_CONTAINER = "caveat.opaque-container", Proven, Operator, ["files"],
        says "archives that could not be seen through, in or as: {files}",
        why "What is in them was not seen, so nothing is said about it beyond the bytes of the archive; the inventory has the reason for each (T18).",
        fix "Set `opaque_containers = \"deny\"` in an `inventory` rule if such archives must not pass.";
    TOLERATED = "caveat.tolerated-violations", Proven, Vendor, ["codes", "sbom"],
        says "the SBOM {sbom} breaks rules of its own format that the policy tolerates: {codes}",
        why "The operator decided that such a document is worth more than none. Other readers may refuse it, or understand it differently; the verdict's details list every place.",
        fix "Have the SBOM made with a tool that follows the declared version, and take the code out of `formats.sbom_tolerate`.";
    SHOWN_ELSEWHERE = "caveat.shown-elsewhere", Proven, Operator, ["rules", "sbom"],
        says "the SBOM {sbom} cannot show that these rules of standards are met; the policy says that they are seen to by other means: {rules}",
        why "A standard asks for things that no document can show. The verdict rests on the operator's word for them.",
        fix "Keep the proof of each of these rules with the verdict.";
    SBOM_UNKNOWN = "caveat.sbom-unknown", Proven, Vendor, ["rules", "sbom"],
        says "the SBOM {sbom} states that it does not know what these rules of standards ask for, which they allow, so many times: {rules}",
        why "Such a rule is met by the statement that something is unknown. The SBOM passes, and says less than one with the value.",
        fix "Ask the vendor for what is unknown; `vidimus sbom check --profile` lists the rules.";
    SBOM_WITHHELD = "caveat.sbom-withheld", Proven, Vendor, ["rules", "sbom"],
        says "the SBOM {sbom} states that it does not disclose what these rules of standards ask for, which they allow, so many times: {rules}",
        why "Such a rule is met by the statement that something is withheld. The vendor has it, and you do not.",
        fix "Agree with the vendor on what is disclosed to you.";
    SBOM_STAND_IN = "caveat.sbom-stand-in", Proven, Vendor, ["rules", "sbom"],
        says "in the SBOM {sbom} something else stands for what these rules of standards ask for, which they allow, so many times: {rules}",
        why "A standard lets one thing stand for another, such as a tool for an author. The page of the profile says what stands for what.",
        fix "Ask for the value itself where it matters; `vidimus sbom check --profile` says what stands there.";
    PROVISIONAL = "caveat.provisional-profile", Proven, Operator, ["profiles"],
        says "these profiles are provisional, their clauses were read second-hand: {profiles}",
        why "A profile that nobody held against the standard's own text may ask for too much or too little.",
        fix "Compare the profile's page with the standard before you rely on it.";
    FIRST_DELIVERY = "caveat.first-delivery", Proven, Operator, ["product", "vendor"],
        says "nothing of {product} by {vendor} was accepted before, as far as the state knows",
        why "The first delivery cannot be older than one before. If there was one, the state was lost, or the wrong file was named (T4).",
        fix "If something of this product was accepted before, find the state that knows it.";
    STATUS_DELIVERED = "caveat.status-delivered", Proven, Operator, ["lists"],
        says "newer issues of these status lists came with the delivery, and what they list counts: {lists}",
        why "Whoever delivers could have left them out; they prove nothing and can only lower the verdict (T28).",
        fix "Get the newest issues from their publishers.";
    SKIPPED_TRUST = "caveat.trust-skipped", Proven, Operator, ["count", "instance"],
        says "{count} entries of the trusted root of {instance} have keys that are not supported; nothing verifies against them",
        why "Evidence that needs such a key is rejected although the operator trusts it.",
        fix "Use evidence from the supported logs and authorities.";
}

/// Every caveat that applies, unsorted. `outcomes`: how the rules were answered.
pub(super) fn all(joined: &Joined<'_>, outcomes: &[Outcome<'_>], found: Option<&Found<'_>>) -> Vec<Reason> {
    let mut caveats = Vec::new();
    if joined.known.anchor.is_none() {
        caveats.push(Reason::new(&SELF_ROOTED));
    }
    let unbounded: Vec<&str> =
        joined.policy.grants.iter().filter(|grant| grant.products.is_none()).map(|grant| grant.id.as_str()).collect();
    if !unbounded.is_empty() {
        caveats.push(Reason::new(&EVERY_PRODUCT).list("grants", unbounded));
    }
    let unasked: Vec<&str> = joined
        .policy
        .identities
        .iter()
        .filter(|identity| is_unasked(identity))
        .map(|identity| identity.id.as_str())
        .collect();
    if !unasked.is_empty() {
        caveats.push(Reason::new(&NO_REVOCATION).list("identities", unasked));
    }
    if let Some(recipient) = joined.statement.as_ref().and_then(|s| s.recipient)
        && joined.request.recipient.is_none()
    {
        caveats.push(Reason::new(&NO_RECIPIENT).evidence("recipient", recipient));
    }
    let inventories: Vec<&str> = inventories(joined.policy).collect();
    if joined.statement.is_none() && !inventories.is_empty() {
        caveats.push(Reason::new(&NO_STATEMENT).list("rules", inventories));
    }
    for bound in joined.sboms.iter().filter(|bound| !bound.violations.is_empty()) {
        let codes = bound.violations.iter().map(Reason::code);
        caveats.push(Reason::new(&TOLERATED).digest("sbom", &bound.id).list("codes", codes));
    }
    if let Some(state) = super::state(joined).filter(|state| state.sequence.is_none()) {
        caveats.push(Reason::new(&FIRST_DELIVERY).name("vendor", state.vendor).name("product", state.product));
    }
    caveats.extend(joined.known.unusable.clone());
    let lists = joined.known.lists.iter().filter(|(_, list)| list.delivered);
    let lists: Vec<&str> = lists.map(|(name, _)| *name).collect();
    if !lists.is_empty() {
        caveats.push(Reason::new(&STATUS_DELIVERED).list("lists", lists));
    }
    let opaque: Vec<&str> = opaque_evidence(joined).collect();
    if !opaque.is_empty() {
        caveats.push(Reason::new(&OPAQUE_EVIDENCE).list("files", opaque));
    }
    let opaque = joined.artifacts().filter(|(file, _)| !joined.opaque_within(*file).is_empty());
    let opaque: Vec<&str> = opaque.map(|(_, file)| file.path.as_str()).collect();
    if !opaque.is_empty() {
        caveats.push(Reason::new(&OPAQUE_CONTAINER).list("files", opaque));
    }
    let profiles = joined.policy.profiles().into_iter().filter(|profile| profile.is_provisional());
    let provisional: Vec<&str> = profiles.map(|profile| profile.id).collect();
    if !provisional.is_empty() {
        caveats.push(Reason::new(&PROVISIONAL).list("profiles", provisional));
    }
    caveats.extend(standards(joined));
    let maintained: BTreeSet<&str> =
        outcomes.iter().filter(|outcome| is_maintained(joined, outcome)).map(Outcome::rule_id).collect();
    if !maintained.is_empty() {
        caveats.push(Reason::new(&BASELINE).list("rules", maintained));
    }
    for rule in &joined.policy.rules {
        let unrun = layout::unrun(joined, rule);
        if !unrun.is_empty() {
            let names = unrun.into_iter().map(identifier);
            caveats.push(Reason::new(&NOT_RUN).list("inspections", names).list("rules", [&rule.id]));
        }
    }
    let takes_any = |check: &Check| matches!(check, Check::Layout(check) if check.layouts.is_empty());
    let open = joined.policy.rules.iter().filter(|rule| rule.check.leaves().any(takes_any));
    let open: Vec<&str> = open.map(|rule| rule.id.as_str()).collect();
    if !open.is_empty() {
        caveats.push(Reason::new(&ANY_LAYOUT).list("rules", open));
    }
    let suppressible: Vec<&str> = suppressible(joined).collect();
    if !suppressible.is_empty() {
        caveats.push(Reason::new(&SUPPRESSIBLE).list("rules", suppressible));
    }
    caveats.extend(found.into_iter().flat_map(|found| super::chain::caveats(joined, found)));
    for (name, instance) in &joined.policy.instances {
        let Ok(root) = Root::parse(&instance.trusted_root) else { continue };
        if !root.has_log() {
            caveats.push(Reason::new(&NO_LOG).name("instance", name));
        }
        if !root.has_certificate_log() {
            caveats.push(Reason::new(&NO_CERTIFICATE_LOG).name("instance", name));
        }
        if !root.skipped().is_empty() {
            caveats.push(Reason::new(&SKIPPED_TRUST).name("instance", name).int("count", root.skipped().len() as i64));
        }
    }
    caveats
}

/// How SBOMs that count meet what standards ask, where it is by other things than values: about each SBOM one caveat of a kind.
fn standards(joined: &Joined<'_>) -> Vec<Reason> {
    let mut found: BTreeMap<(&Digest, &'static str), (&'static ReasonInfo, BTreeSet<String>)> = BTreeMap::new();
    let leaves = joined.policy.rules.iter().flat_map(|rule| rule.check.leaves());
    for check in leaves.filter_map(|check| if let Check::Sbom(sbom) = check { Some(sbom) } else { None }) {
        for bound in sbom::counted(joined, check) {
            let mut add = |info: &'static ReasonInfo, rule: String| {
                found.entry((&bound.id, info.code)).or_insert((info, BTreeSet::new())).1.insert(rule);
            };
            for told in joined.told(bound).iter().filter(|told| sbom::asks(check, told)) {
                match &told.what {
                    What::Open => add(&SHOWN_ELSEWHERE, told.rule.to_owned()),
                    What::Instead(findings) => {
                        for (finding, times) in findings {
                            add(stands(finding), format!("{} ({times})", told.rule));
                        }
                    }
                    What::Lacking(..) | What::Nothing => {}
                }
            }
        }
    }
    let all = found.into_iter();
    all.map(|((id, _), (info, rules))| Reason::new(info).digest("sbom", id).list("rules", rules)).collect()
}

fn stands(finding: &str) -> &'static ReasonInfo {
    match finding {
        NOT_KNOWN => &SBOM_UNKNOWN,
        NOT_DISCLOSED => &SBOM_WITHHELD,
        _ => &SBOM_STAND_IN,
    }
}

fn inventories(policy: &Policy) -> impl Iterator<Item = &str> {
    let is_inventory = |rule: &&Rule| rule.check.leaves().any(|check| matches!(check, Check::Inventory(_)));
    policy.rules.iter().filter(is_inventory).map(|rule| rule.id.as_str())
}

/// Is it met by an earlier build's certificate alone?
fn is_maintained(joined: &Joined<'_>, outcome: &Outcome<'_>) -> bool {
    let (Some(rule), Node::File(node), Answer::Met(by)) = (outcome.rule, outcome.node, &outcome.answer) else {
        return false;
    };
    let node = if outcome.as_component { joined.as_component(node) } else { node };
    rule.check.leaves().any(|check| match check {
        Check::Certification(check) => certification::is_by_analysis(joined, check, node, by),
        _ => false,
    })
}

/// Rules that can fail because of a document and would not without it.
fn suppressible<'a>(joined: &'a Joined<'_>) -> impl Iterator<Item = &'a str> {
    let at = joined.request.at;
    let is_about_parts = |deny: &Deny| matches!(deny.what, Denied::File(_)) && deny.is_in_force(at);
    // Of statements for several versions that nobody tells apart, all but one can be left out.
    let is_open = joined.request.product.as_ref().is_none_or(|product| product.version().is_none());
    let says = |grant: &Grant| grant.predicate_types.contains(DELIVERY);
    // A statement that is wrong can be left out, where nobody asks for one: without an inventory no other caveat tells of that.
    let is_unasked = inventories(joined.policy).next().is_none();
    let built_in = (is_open || is_unasked) && joined.policy.grants.iter().any(says)
        || joined.policy.denials.iter().any(is_about_parts);
    let is_named = move |check: &Check| depends_on_names(joined.policy, check);
    let can_fail = move |check: &Check| is_suppressible(check) || is_named(check);
    // A file of the delivery is made of components that meet such a rule.
    let holds_components =
        |id: &String| joined.policy.classes.iter().any(|class| class.id == *id && class.role != Role::TopLevel);
    let of_components = joined
        .policy
        .rules
        .iter()
        .any(|rule| rule.classes.iter().flatten().any(holds_components) && rule.check.leaves().any(can_fail));
    let rules = joined.policy.rules.iter().filter(move |rule| {
        let mut leaves = rule.check.leaves();
        leaves.any(|check| can_fail(check) || of_components && matches!(check, Check::Components(_)))
    });
    built_in.then_some(BUILT_IN_RULE).into_iter().chain(rules.map(|rule| rule.id.as_str()))
}

/// Can it fail because of bad news that the sender can leave out: a FAILED, a scan or VEX statement, a document beside which another one
/// is refused, an SBOM that names a part, an issue of a list, another word about the origin, a delegate that takes its word back, a link of
/// a step that disagrees with the others, a publisher that released the bytes as something else?
fn is_suppressible(check: &Check) -> bool {
    match check {
        Check::Vsa(vsa) => vsa.failed_wins,
        Check::Quorum(quorum) => matches!(&quorum.need, Need::Summary(vsa) if vsa.failed_wins),
        Check::Vulns(_) | Check::Status(_) | Check::Certification(_) | Check::Origin(_) | Check::Delegated(_) => true,
        // An SBOM that gives one more name, which must be shown as well.
        Check::ComponentIdentity(_) => true,
        // A link that disagrees with the others.
        Check::Layout(_) => true,
        Check::Sbom(sbom) => sbom.refuse.iter().any(|code| {
            // A reference into a document that was left out leads nowhere.
            let still_fails = code == "sbom.link-element" && sbom.refuse.contains("sbom.link-unresolved");
            BESIDE.contains(&code.as_str()) && !still_fails
        }),
        _ => false,
    }
}

/// Is who counts told by an SBOM as well? It can name suppliers, whose judges do not count; whoever signs it can leave them out.
fn depends_on_names(policy: &Policy, check: &Check) -> bool {
    let Check::Quorum(check) = check else { return false };
    policy.quorums.get(&check.quorum).is_some_and(|quorum| quorum.exclude.contains(&Exclude::SubjectSuppliers))
}

const fn is_unasked(identity: &Identity) -> bool {
    matches!(&identity.kind, IdentityKind::X509(holder) if !holder.revocation)
}

/// Delivered files that are evidence only because a statement says so.
fn opaque_evidence<'a>(joined: &'a Joined<'_>) -> impl Iterator<Item = &'a str> {
    let files = joined.delivery.files.iter().enumerate();
    files
        .filter(|(index, file)| {
            let is_sbom = file.content.sbom(joined.tolerated()).is_some();
            let unread = matches!(
                file.content,
                Content::Ordinary
                    | Content::RevocationList(_)
                    | Content::Timestamp
                    | Content::Refused(_)
                    | Content::InvalidSbom(_)
            ) && !is_sbom
                || !is_evidence_alone(&file.content);
            file.place == Place::Delivered && unread && joined.is_evidence(*index)
        })
        .map(|(_, file)| file.path.as_str())
}
