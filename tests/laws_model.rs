//! The claims M0 to M10 of the executable model, on generated policies and evidence. `cargo xtask laws` runs many more cases.

/// Every claim holds, and everything that it is about came up.
#[test]
fn every_claim_of_the_model_holds() {
    let tally = vidimus_laws::check(0, 0..2_000, vidimus_laws::Which::InTurn);
    assert!(tally.holds(None), "{}", tally.report(0, None));
}
