//! The verdict as JUnit XML: a suite per rule, a case per node. Not proven and refuted are failures, waived is skipped.

use quick_xml::escape::escape as xml;

use super::checks::{self, Row, State};
use super::{VerdictFile, escape};

/// The verdict as JUnit XML, in the dialect that Jenkins, GitLab and Azure read.
#[must_use]
pub fn junit(file: &VerdictFile) -> String {
    let rows = checks::rows(file);
    let count = |rows: &[Row<'_>]| {
        let of = |found: fn(State) -> bool| rows.iter().filter(|row| found(row.state)).count();
        let (failures, skipped) = (of(|state| state < State::Waived), of(|state| state == State::Waived));
        format!(r#"tests="{}" failures="{failures}" errors="0" skipped="{skipped}" time="0""#, rows.len())
    };
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vidimus\" tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"0\">\n",
        rows.len(),
        rows.iter().filter(|row| row.state < State::Waived).count(),
    );
    for of_rule in rows.chunk_by(|a, b| a.rule == b.rule) {
        let Some(rule) = of_rule.first().map(|row| attribute(row.rule)) else { continue };
        out.push_str(&format!(
            "  <testsuite name=\"{rule}\" timestamp=\"{}\" hostname=\"vidimus\" {}>\n    <properties>\n      <property name=\"core_sha256\" value=\"{}\"/>\n    </properties>\n",
            attribute(file.core.request.at.trim_end_matches('Z')),
            count(of_rule),
            attribute(&file.core_sha256),
        ));
        for row in of_rule {
            let case = format!("    <testcase classname=\"{rule}\" name=\"{}\" time=\"0\"", attribute(&row.place()));
            let said = row.sentences().join("\n");
            out.push_str(&match row.state {
                State::Met => format!("{case}/>\n"),
                State::Waived => format!(
                    "{case}>\n      <skipped message=\"waived by {}\"/>\n    </testcase>\n",
                    attribute(row.waiver.as_deref().unwrap_or_default())
                ),
                State::Unproven | State::Refuted => {
                    let fixes: String = row.fixes().iter().map(|fix| format!("\nfix: {fix}")).collect();
                    let way = row.way.as_ref().map_or_else(String::new, |way| format!("\nway: {way}"));
                    let who = row.accountable.map_or("", |who| who.name());
                    format!(
                        "{case}>\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>\n",
                        row.state.name(),
                        attribute(
                            &row.reasons.iter().map(|reason| reason.code.as_str()).collect::<Vec<_>>().join(", ")
                        ),
                        text(&format!("{said}{fixes}\naccountable: {who}\nnode: {}{way}", row.node)),
                    )
                }
            });
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn attribute(raw: &str) -> String {
    xml(escape(raw)).into_owned()
}

/// Text of several lines.
fn text(raw: &str) -> String {
    raw.split('\n').map(attribute).collect::<Vec<_>>().join("\n")
}
