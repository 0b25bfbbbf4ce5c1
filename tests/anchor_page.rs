//! `docs/anchor.md` is a transcript: roles sign a policy, an anchor says whose signatures count, and what does not count is shown. With
//! `UPDATE_README=1` this test writes the page; otherwise it compares.

use std::fs;

use vidimus_testkit::fixtures::anchor::role;

use crate::auditor_guide::printed;
use crate::support::{copy, root};
use crate::vendor::Shop;

/// The folder that the page starts from: a policy that nobody signed yet, an anchor for it, a delivery, and the keys of the roles.
fn folder() -> Shop {
    let shop = Shop { folder: tempfile::tempdir().unwrap() };
    let fixture = root().join("fixtures/anchor/signed");
    copy(&fixture.join("delivery"), &shop.path("delivery"));
    copy(&fixture.join("policy/keys"), &shop.path("intake/keys"));
    for (from, to) in [("policy/policy.toml", "intake/policy.toml"), ("anchor.toml", "anchor.toml")] {
        fs::copy(fixture.join(from), shop.path(to)).unwrap();
    }
    for (name, file) in
        [("security-board", "board.key"), ("procurement", "procurement.key"), ("visitor", "visitor.key")]
    {
        shop.write(file, role(name).private_pkcs8_pem());
    }
    shop
}

#[test]
fn the_page_of_the_anchor_shows_what_is_printed() {
    let path = root().join("docs/anchor.md");
    let page = fs::read_to_string(&path).unwrap();
    let now = printed(&folder(), &page);
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(&path, &now).unwrap();
        return;
    }
    assert_eq!(now, page, "run this test with UPDATE_README=1 and read the difference");
    let codes = ["bundle-differs", "signatures", "rollback", "not-in-force"]
        .map(|code| page.contains(&format!("error[policy.{code}]")));
    assert_eq!(codes, [true; 4]);
}
