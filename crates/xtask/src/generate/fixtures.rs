//! The committed deliveries: `fixtures/` and `examples/telecom/`.

use vidimus_testkit::fixtures;

use super::Generated;

pub(super) fn generate() -> Vec<Generated> {
    let mut all = Vec::new();
    for fixture in fixtures::all() {
        let folder = format!("fixtures/{}", fixture.name);
        all.push(Generated::new(format!("{folder}/case.toml"), fixture.case()));
        all.extend(fixture.files().into_iter().map(|(path, bytes)| Generated::new(format!("{folder}/{path}"), bytes)));
    }
    let example = fixtures::example().files();
    all.extend(example.into_iter().map(|(path, bytes)| Generated::new(format!("examples/telecom/{path}"), bytes)));
    all
}
