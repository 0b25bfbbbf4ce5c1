//! `certification` in a sentence.

use super::{and, by, or, window};
use crate::policy::{AcceptedScheme, Accreditation, CertificationBind, CertificationCheck, Equivalence};

pub(super) fn check(check: &CertificationCheck, files: &str) -> String {
    let schemes: Vec<String> = check.any_of.iter().map(scheme).collect();
    let about = match check.bind {
        CertificationBind::Digest => format!("the bytes of {files}"),
        CertificationBind::Version => format!("the product and version of {files}"),
        CertificationBind::Process => format!("how the vendor of {files} works"),
    };
    let mut text = format!("there is a certificate of {about} by {}", schemes.join(", or by "));
    let mut when = Vec::new();
    if check.at_release {
        when.push("when it was released");
    }
    if check.at_verification {
        when.push("at the time of the verdict");
    }
    text.push_str(&format!("; it is valid {}", and(&when)));
    text.push_str(match check.status {
        true => "; its issuer's status list, at hand and fresh, does not take it back",
        false => "; no list has to show that it was not taken back",
    });
    if check.impact_analysis {
        text.push_str(
            "; it may be of an earlier build, if the vendor signed an analysis of what has changed, which is in the delivery",
        );
    }
    if check.parts {
        text.push_str("; it may be about a part of the product");
    }
    if !check.configuration.is_empty() {
        text.push_str(&format!("; it lists the configuration {}", and(&check.configuration)));
    }
    if check.reports && check.conformance.is_none() {
        text.push_str("; every report that it cites is in the delivery");
    }
    text.push_str(match check.conformance {
        None => "",
        Some(false) => "; all its reports are in the delivery, and the declarations in them conform in full",
        Some(true) => {
            "; all its reports are in the delivery, and the declarations in them, by third parties, conform in full"
        }
    });
    text
}

fn scheme(accepted: &AcceptedScheme) -> String {
    let mut text = format!("{} under {}", by(&accepted.by), accepted.scheme);
    for (label, values) in [("edition", &accepted.editions), ("level", &accepted.levels)] {
        if !values.is_empty() {
            text.push_str(&format!(" of the {label} {}", or(values)));
        }
    }
    if !accepted.standards.is_empty() {
        text.push_str(&format!(" against {}", and(&accepted.standards)));
    }
    if let Some(standard) = &accepted.accreditation {
        text.push_str(&format!(", accredited for {standard} when it was issued"));
    }
    if !accepted.laboratories.is_empty() {
        text.push_str(&format!(", evaluated by {}", or(&accepted.laboratories)));
    }
    text
}

/// What a party is recognised to be able to do.
pub(super) fn accreditation(known: &Accreditation) -> String {
    format!("Known to be accredited for {} as {}, {}.", known.standard, known.number, window(known.window))
}

/// One equivalence.
pub(super) fn equivalence(equivalence: &Equivalence) -> String {
    let Equivalence { party, scheme, statement, to, basis, valid } = equivalence;
    format!(
        "A certificate of {party} under {scheme} with the level {statement}, for verdicts {}, counts as a summary that says {to}. Basis: {basis}.",
        window(*valid)
    )
}
