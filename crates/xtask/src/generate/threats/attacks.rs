//! The attacks of the threat model, by the numbers that the design gives them (`verification.md` 1.2), each in a sentence or two,
//! with what stands against it where no fixture can show that.

/// One attack.
pub(super) struct Attack {
    /// `T1` to `T39`.
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// What is tried, and what stands against it.
    pub(super) says: &'static str,
    /// Reasons that no fixture gives, because there is no verdict.
    pub(super) codes: &'static [&'static str],
    /// Tests beside the fixtures: (file, function).
    pub(super) tests: &'static [(&'static str, &'static str)],
}

const fn fixtures(id: &'static str, name: &'static str, says: &'static str) -> Attack {
    Attack { id, name, says, codes: &[], tests: &[] }
}

const LOADER: &str = "crates/vidimus/src/policy/load/tests/meaning.rs";

pub(super) static ATTACKS: [Attack; 39] = [
    fixtures(
        "T1",
        "A file is substituted, added or dropped",
        "Somebody on the way changes the bytes of a file, adds one, renames one, or hides one inside evidence. Every \
         file is hashed as it is read, what the accepted statement lists must be there by path and digest, and in a \
         closed world whatever is there must be accounted for by digest.",
    ),
    Attack {
        id: "T2",
        name: "Evidence is left out",
        says: "The statement that would say no is not delivered, or the one that is asked for. What is asked follows \
               from the policy and the files, before evidence is read: what is absent is not proven, and nothing \
               passes because there was nothing to look at.",
        codes: &[],
        tests: &[
            ("tests/laws.rs", "less_evidence_never_proves_more"),
            ("tests/laws_chain.rs", "leaving_evidence_out_never_helps"),
        ],
    },
    fixtures(
        "T3",
        "The SBOM is another one",
        "A list of another product, of an older version, or of nobody's is put in the place of the genuine one. An \
         SBOM counts where a granted party signed it, it is bound to the file by digest, and what it says that it is \
         about is that file.",
    ),
    Attack {
        id: "T4",
        name: "An older release, or an older word, is shown again",
        says: "Everything is genuine, and it is not what it is shown as: an older delivery, one for somebody else, a \
               second one of the same number, a file that was taken back, a scan of long ago. The operator says what \
               is asked for, remembers what was accepted, and lists what does not count any more.",
        codes: &[],
        tests: &[("tests/state.rs", "it_must_not_come_from_the_sender")],
    },
    fixtures(
        "T5",
        "Evidence of something else is reused",
        "A genuine statement about another product, version, build, source or part is delivered with this one. \
         Digest, the products of the grant, what was asked for, source and parameters must all agree.",
    ),
    fixtures(
        "T6",
        "Parts of several releases are mixed",
        "Each file is genuine, and they were never released together. One delivery statement covers all files of a \
         release; what only the statement of another release lists is not covered.",
    ),
    fixtures(
        "T7",
        "A valid key of the wrong party",
        "A signature is right, and whoever made it is nobody to the operator, or may not say this, or speaks for a \
         builder or a verifier that is another's. A signature is worth what a grant says.",
    ),
    fixtures(
        "T8",
        "A key is used when it does not count",
        "A key signs before or after its time, or after it was stolen, or says itself when it signed. Windows are \
         compared with proven time alone; where a key ended and nothing proves when it signed, the signature does \
         not count.",
    ),
    Attack {
        id: "T9",
        name: "A log that shows two trees",
        says: "A log shows one tree to the operator and another to the rest, or somebody forges its word. An entry \
               counts where it is proven to lie under a checkpoint that the log signed and enough independent \
               witnesses cosigned; a policy whose witnesses could all be compelled under the laws that it tolerates \
               is refused.",
        codes: &["policy.weak-quorum"],
        tests: &[("tests/policy_quorum.rs", "what_cannot_hold_is_refused")],
    },
    fixtures(
        "T10",
        "A log entry of something else",
        "The entry is genuine and proven to be in the log, and it is about another signature, key or digest. What \
         the entry must be is computed from the signature at hand, never read from beside it.",
    ),
    fixtures(
        "T11",
        "An authority lies about time",
        "A time-stamping authority is compromised, unknown, vague, or stamps something else. Several independent \
         ones are asked; if so many may lie, the next later time counts.",
    ),
    fixtures(
        "T12",
        "A claim about the future or the past",
        "A statement gives itself a time that cannot be. What a signer says of time counts against it alone, and \
         what is proven later than the time of the verdict is not used: it neither helps nor stands in the way.",
    ),
    Attack {
        id: "T13",
        name: "The operator travels in time",
        says: "A verdict is asked for a time at which something was still valid. The time stands in the verdict's \
               core, and whether it was chosen stands in the run beside it; evidence from after it is not used, so \
               the past cannot borrow from the present.",
        codes: &[],
        tests: &[("tests/cli.rs", "text_and_json_tell_the_same_verdict")],
    },
    fixtures(
        "T14",
        "Evidence of an older or weaker kind",
        "An older format is delivered because it can say less, or another kind of document than the one that is \
         asked for. What is read is an exact list of kinds and versions, with floors in the policy.",
    ),
    Attack {
        id: "T15",
        name: "Two readings of one document",
        says: "One program reads a document otherwise than another: a name stands twice, a member is unknown, a \
               reference leads nowhere. There is one strict pass over the bytes that were verified, and what is \
               ambiguous is refused.",
        codes: &[],
        tests: &[("tests/hostile.rs", "ten_thousand_damaged_documents")],
    },
    Attack {
        id: "T16",
        name: "Games with envelopes and signatures",
        says: "A signature is left out, repeated, cut, encoded otherwise, or made for another kind of text. Payload \
               types, the number of signatures and encodings are fixed, key names decide nothing, and parties are \
               counted, not signatures.",
        codes: &[],
        tests: &[("tests/laws.rs", "strangers_change_nothing")],
    },
    Attack {
        id: "T17",
        name: "Names that mislead",
        says: "A name turns the text around, is a device elsewhere, is equal to another but for letter case, or is a \
               link. Such paths are refused; of the others, none proves anything.",
        codes: &[],
        tests: &[("tests/laws.rs", "names_of_evidence_change_nothing")],
    },
    Attack {
        id: "T18",
        name: "An archive that two programs read otherwise, or that leads out",
        says: "A member lies outside of the folder, stands twice, is hidden from the directory, encrypted, or behind \
               the end. Nothing is unpacked; members are read from front to back, every double description is \
               compared, and what is ambiguous is opaque.",
        codes: &[],
        tests: &[
            ("crates/vidimus/src/container/tests.rs", "damage_never_panics_and_never_exceeds_a_budget"),
            ("tests/differential_containers.rs", "generated_archives_agree"),
        ],
    },
    fixtures(
        "T19",
        "A shipped file that no SBOM lists",
        "Something is in the delivery, or in an archive of it, that the list leaves out, or the list says itself \
         that it is not complete. Every file and every member is accounted for by digest where the policy says \
         `each`.",
    ),
    fixtures(
        "T20",
        "An SBOM lists what is not shipped",
        "A claimed component stands in front of a real one, or has nothing by which it could be found. What matches \
         nothing at hand is counted, listed, and answers like any component.",
    ),
    fixtures(
        "T21",
        "A component is moved to a milder class",
        "An SBOM gives a component a name, version or place that milder rules are for. What only an SBOM says adds \
         rules and takes none away; a milder class asks for proof.",
    ),
    Attack {
        id: "T22",
        name: "One party in two roles",
        says: "Two laboratories have one owner, belong to the vendor, or are the vendor. What counts is groups under \
               common control, without those of whoever is judged.",
        codes: &[],
        tests: &[("tests/quorum.rs", "independent_parties_agree_or_not")],
    },
    Attack {
        id: "T23",
        name: "Judges under one law",
        says: "All who counted can be compelled by one country. However many countries the policy tolerates are \
               taken away, and enough must be left; an owner's country is its subsidiary's, too.",
        codes: &["policy.weak-quorum"],
        tests: &[("tests/policy_quorum.rs", "what_cannot_hold_is_refused")],
    },
    fixtures(
        "T24",
        "A second opinion that is the first",
        "A laboratory signs what another one found, or does not say on what its word rests. A word counts where it \
         cites something that is not another judge's word. Who copies in private is not seen.",
    ),
    Attack {
        id: "T25",
        name: "Vouching in circles",
        says: "Each vouches for the next and nobody looked. A word counts where it rests, in the end, on something \
               that is no word about words. A circle of digests cannot be made, so its last piece is always absent; \
               a circle of delegations is refused with the policy.",
        codes: &["policy.delegation-loop"],
        tests: &[
            ("crates/vidimus/src/graph/vouch.rs", "circles_rest_on_nothing"),
            ("tests/policy_chain.rs", "what_cannot_hold_is_refused"),
        ],
    },
    fixtures(
        "T26",
        "A delegate goes further than it may",
        "Somebody vouches for other suppliers, other classes, through more hands, or at another time than the \
         operator lets it. Each bound is compared; what is beyond one does not count.",
    ),
    Attack {
        id: "T27",
        name: "A pass under a weak policy",
        says: "A summary says PASSED, of a lower level, under another policy, or by a scheme that means something \
               else. Only properties that the operator mapped count, up to the level that the verifier is trusted \
               to; our own summaries name their waivers.",
        codes: &[],
        tests: &[("tests/renderings.rs", "statements_about_a_verdict")],
    },
    Attack {
        id: "T28",
        name: "Bad news is held back",
        says: "The report that says FAILED is not delivered. That cannot be seen, and each rule that can be met in \
               such a way is marked in the verdict; what is delivered of bad news counts, whoever would like it \
               struck.",
        codes: &["caveat.suppressible"],
        tests: &[("tests/laws.rs", "less_evidence_never_proves_more")],
    },
    fixtures(
        "T29",
        "A certificate out of date",
        "A certificate is shown before or after its time. It must be valid at the instants that the policy names: \
         when the file was released, by proven time, and when the verdict is made.",
    ),
    Attack {
        id: "T30",
        name: "Something that was taken back",
        says: "A certificate, a file, a key or a statement was revoked, and is used all the same, or the list that \
               says so is held back, old, forged or one of two. The operator's lists and those of issuers must be at \
               hand, signed and fresh.",
        codes: &[],
        tests: &[("tests/laws.rs", "denials_only_lower"), ("tests/laws.rs", "listings_only_lower")],
    },
    fixtures(
        "T31",
        "A certificate for something else",
        "A certificate is genuine, and of another version, configuration, edition, level or product, or of how the \
         vendor works. It counts as closely as the rule asks: for these bytes, for this version, or for the process.",
    ),
    Attack {
        id: "T32",
        name: "The policy is changed or an older one is used",
        says: "What the verdict rests on is changed on the operator's side. Every file of a policy is in the digest \
               that the verdict quotes, trust files are pinned by digest, unknown keys are refused, and a policy has a \
               time in which it may be used. Under an anchor it counts only if enough roles signed exactly its files, \
               with keys that the anchor pins, and if its id and version are those that the anchor takes. There is no \
               verdict under a policy that does not load or does not count. Each of the tests about anchors changes \
               one thing of [a policy that counts](../fixtures/anchor/signed/case.toml).",
        codes: &[
            "policy.as-of",
            "policy.bundle-differs",
            "policy.bundle-form",
            "policy.bundle-missing",
            "policy.digest",
            "policy.dup-key",
            "policy.not-in-force",
            "policy.other-digest",
            "policy.other-id",
            "policy.rollback",
            "policy.signatures",
            "policy.unknown-key",
            "policy.window",
        ],
        tests: &[
            ("crates/vidimus/src/policy/load/tests.rs", "the_closure_changes_with_every_file_and_with_nothing_else"),
            (LOADER, "keys_roots_and_paths"),
            ("crates/vidimus/src/policy/anchor/load.rs", "what_is_wrong_has_a_code_and_a_place"),
            ("tests/vendor.rs", "roles_sign_the_closure_of_a_policy"),
            ("tests/anchor.rs", "a_file_of_the_policy_was_changed"),
            ("tests/anchor.rs", "a_file_that_nobody_signed_was_added"),
            ("tests/anchor.rs", "a_list_in_another_form"),
            ("tests/anchor.rs", "one_signature_too_few"),
            ("tests/anchor.rs", "a_signature_by_another_key"),
            ("tests/anchor.rs", "a_signature_of_another_payload_type"),
            ("tests/anchor.rs", "one_key_in_two_roles"),
            ("tests/anchor.rs", "two_keys_of_one_role"),
            ("tests/anchor.rs", "an_older_version_that_was_signed_as_well"),
            ("tests/anchor.rs", "another_policy_of_the_same_roles"),
            ("tests/anchor.rs", "another_digest_than_the_pinned_one"),
            ("tests/anchor.rs", "a_policy_out_of_its_time"),
            ("tests/anchor.rs", "a_verdict_as_of_another_time"),
            ("tests/anchor.rs", "a_replay_holds_the_policy_against_its_anchor"),
        ],
    },
    Attack {
        id: "T33",
        name: "Trust that comes with the delivery",
        says: "Keys, roots and certificates come along with what they vouch for. Trust comes from the policy alone; \
               what is in a delivery never adds any.",
        codes: &[],
        tests: &[("tests/laws.rs", "without_trust_nothing_passes")],
    },
    Attack {
        id: "T34",
        name: "Names of signers that fit a loose pattern",
        says: "A signer's name is chosen so that a pattern takes it for another: a fork, a longer address, a dot \
               that means any character. Names are exact, or a prefix that ends where a name ends; there are no \
               patterns, and a prefix that would let others in is refused with the policy.",
        codes: &["policy.san"],
        tests: &[(LOADER, "keys_roots_and_paths")],
    },
    fixtures(
        "T35",
        "Weak or contradictory digests",
        "A file is named by a digest that can be forged, or by two that are of different bytes. Only listed \
         algorithms bind, and one that disagrees takes the others along.",
    ),
    Attack {
        id: "T36",
        name: "Input that is too large, too deep or too wide",
        says: "A document or archive is made to exhaust whoever reads it. Bytes, depth and items are counted, never \
               time; what exceeds a limit ends there and is not proven.",
        codes: &[],
        tests: &[
            ("crates/vidimus/src/container/tests.rs", "limits_stop_what_would_not_end"),
            ("tests/hostile.rs", "random_files_are_a_delivery_like_any_other"),
        ],
    },
    Attack {
        id: "T37",
        name: "A waiver that goes too far",
        says: "What is missing is waived for other files, for ever, or although it was refuted. A waiver is for one \
               rule and one digest, has approvals and an end, lifts only what is not proven, and stands in every \
               rendering.",
        codes: &["policy.waiver"],
        tests: &[
            ("tests/laws.rs", "fewer_waivers_never_pass_more"),
            ("tests/laws.rs", "waivers_never_lift_what_is_refuted"),
        ],
    },
    Attack {
        id: "T38",
        name: "An old verdict for a new delivery",
        says: "A verdict or summary about other bytes or another version is shown for this delivery. A verdict names \
               the files, the product, the recipient and the time that it is about; whoever relies on one compares \
               them, and so do we with summaries of others.",
        codes: &[],
        tests: &[("tests/archive.rs", "what_is_expected")],
    },
    Attack {
        id: "T39",
        name: "Text that steers the reader",
        says: "Evidence holds text that would move a terminal's cursor, run as markup, or turn a line around. The \
               verdict's core has no free text from evidence, and renderers escape and shorten the rest.",
        codes: &[],
        tests: &[
            ("tests/renderings.rs", "markup_in_every_string_is_text"),
            ("crates/vidimus/src/render/escape.rs", "nothing_steers_a_terminal"),
            ("tests/archive_resealed.rs", "no_refusal_steers_a_terminal"),
        ],
    },
];
