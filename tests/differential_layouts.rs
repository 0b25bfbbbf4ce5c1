//! Supply chains of in-toto: Python's reference implementation and we judge the same layouts and links. It does not look at the file that
//! is delivered, so what it says of a chain is held together with whether the products of the last step have the file.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use vidimus_testkit::encode::sha256_hex;
use vidimus_testkit::in_toto::{BUILD_FROM, Form, Layout, Link, built_as, folder, public};
use vidimus_testkit::{Delivery, Key, PolicyFolder};

use crate::differential::{Said, agreed};
use crate::differential_python::Python;
use crate::support::{AT, verify};

const APP: &[u8] = b"the application\n";
const UNTIL: &str = "2126-01-01T00:00:00Z";

fn owner() -> Key {
    Key::ed25519("layout owner")
}

fn other_owner() -> Key {
    Key::p256("layout owner")
}

fn fetcher() -> Key {
    Key::ed25519("fetcher")
}

fn builder() -> Key {
    Key::p256("builder")
}

fn second() -> Key {
    Key::p384("builder")
}

fn third() -> Key {
    Key::rsa("builder", 2048).pss()
}

fn stranger() -> Key {
    Key::ed25519("stranger")
}

/// Links and layouts by path, the outermost layout among them.
struct Chain {
    form: Form,
    delivery: Delivery,
    owners: Vec<Key>,
    parameters: Value,
}

impl Chain {
    fn new(form: Form, layout: &Layout) -> Self {
        let delivery = Delivery::new().file("app", APP);
        Self { form, delivery, owners: vec![owner()], parameters: json!({}) }.rooted(layout, &[&owner()])
    }

    fn rooted(mut self, layout: &Layout, keys: &[&Key]) -> Self {
        self.delivery = self.delivery.evidence("links/root.layout", layout.signed(self.form, keys));
        self
    }

    fn link(self, link: &Link, key: &Key) -> Self {
        self.link_in("", link, key)
    }

    fn link_in(mut self, place: &str, link: &Link, key: &Key) -> Self {
        let path = format!("links/{place}{}", link.name(key));
        self.delivery = self.delivery.evidence(&path, link.signed(self.form, key));
        self
    }

    /// A layout in the place of the link of `step`.
    fn layout_in(mut self, place: &str, step: &str, layout: &Layout, key: &Key) -> Self {
        let path = format!("links/{place}{}.link", folder(step, key));
        self.delivery = self.delivery.evidence(&path, layout.signed(self.form, &[key]));
        self
    }

    fn delivery(mut self, change: impl FnOnce(Delivery) -> Delivery) -> Self {
        self.delivery = change(self.delivery);
        self
    }

    fn edit(self, path: &str, from: &str, to: &str) -> Self {
        self.delivery(|delivery| {
            delivery.edit(path, |bytes| {
                let text = String::from_utf8(bytes.clone()).unwrap();
                assert!(text.contains(from), "{path}: {from}");
                *bytes = text.replacen(from, to, 1).into_bytes();
            })
        })
    }

    fn policy(&self) -> PolicyFolder {
        let mut text = String::from(
            "schema  = \"urn:vidimus:policy:v1\"\nid      = \"urn:example:differential\"\nversion = 1\n\n[algorithms]\n\
             signature = [\"ed25519\", \"ecdsa-p256-sha256\", \"ecdsa-p384-sha384\", \"rsa-pss-2048-sha256\"]\n\n\
             [party.owner]\nname = \"Owner\"\nkind = \"vendor\"\njurisdictions = [\"SE\"]\n",
        );
        for number in 0..self.owners.len() {
            text.push_str(&format!(
                "\n[[identity]]\nid = \"owner-{number}\"\nparty = \"owner\"\nkey = \"keys/owner-{number}.pub\"\n"
            ));
        }
        let ids: Vec<String> = (0..self.owners.len()).map(|number| format!("owner-{number}")).collect();
        text.push_str(&format!("\n[[grant]]\nidentities = {ids:?}\nmay = [\"layout\"]\n"));
        text.push_str(&format!("\n[[rule]]\nid = \"chain\"\ncheck = \"layout\"\nthreshold = {}\n", self.owners.len()));
        let parameters = self.parameters.as_object().unwrap();
        if !parameters.is_empty() {
            let stated: Vec<String> = parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            text.push_str(&format!("parameters = {{ {} }}\n", stated.join(", ")));
        }
        let keys = self.owners.iter().enumerate();
        keys.fold(PolicyFolder::new(&text), |policy, (number, key)| policy.key(&format!("owner-{number}"), key))
    }

    fn judged(&self, python: &mut Python, place: &Path) -> Said {
        let _ = fs::remove_dir_all(place);
        let delivered = place.join("delivery");
        self.delivery.write(&delivered);
        let policy = self.policy().write(&place.join("policy"));
        let (run, verdict) =
            verify([delivered.as_os_str(), "--policy".as_ref(), policy.as_os_str(), "--at".as_ref(), AT.as_ref()]);
        assert!(verdict["core"].is_object(), "{}{}", run.stdout, run.stderr);
        // Links that nobody may sign are files like any other; asked is the application.
        let app = format!("sha256:{}", sha256_hex(self.delivery.bytes("app")));
        let unmet = verdict["core"]["unmet"].as_array().unwrap();
        let ours = !unmet.iter().any(|unmet| unmet["node"] == app.as_str());
        let owners: Vec<Value> = self.owners.iter().enumerate().map(|(number, key)| {
            json!({"key": place.join(format!("policy/keys/owner-{number}.pub")), "keyid": key.id(), "scheme": scheme(key)})
        }).collect();
        let said = python.ask(&json!({
            "ask": "layout", "layout": delivered.join("links/root.layout"), "links": delivered.join("links"), "owners": owners,
            "parameters": self.parameters, "sha256": sha256_hex(self.delivery.bytes("app")),
        }));
        Said { theirs: said["in-toto"].as_bool().unwrap(), ours }
    }
}

fn scheme(key: &Key) -> String {
    public(key)["scheme"].as_str().unwrap().to_owned()
}

fn fetching(until: &str) -> Layout {
    Layout::fetching(until, &fetcher())
}

fn layout() -> Layout {
    fetching(UNTIL).building("build", &[&builder()], "app")
}

fn built(step: &str) -> Link {
    Link::built(step, "app", APP)
}

/// Signatures, expiry, thresholds.
fn chains(form: Form) -> Vec<(&'static str, bool, Chain)> {
    let of = |layout: &Layout| Chain::new(form, layout).link(&Link::fetched(), &fetcher());
    let good = || of(&layout()).link(&built("build"), &builder());
    let wide = |threshold: u64| {
        let layout = fetching(UNTIL).building("build", &[&builder(), &second(), &third()], "app");
        of(&layout.threshold(threshold))
    };
    let name = format!("links/{}", built("build").name(&builder()));
    let owned = |keys: &[&Key]| {
        let mut chain = good();
        chain.owners.push(other_owner());
        chain.rooted(&layout(), keys)
    };
    let more = built("build").product("debug", b"symbols");
    let mut open = fetching(UNTIL).step(
        "build",
        &[&builder()],
        &BUILD_FROM,
        &["REQUIRE {NAME}", "CREATE {NAME}", "ALLOW src/*", "DISALLOW *"],
    );
    open.0["readme"] = "with a parameter".into();
    let stated = |value: &str| {
        let mut chain = of(&open).link(&built("build"), &builder());
        chain.parameters = json!({"NAME": value});
        chain
    };
    let mut cases = vec![
        ("as it should be", true, good()),
        ("another file", false, good().delivery(|d| d.edit("app", |bytes| bytes.push(0)))),
        ("the layout of a stranger", false, good().rooted(&layout(), &[&stranger()])),
        (
            "expired",
            false,
            of(&fetching("2020-01-01T00:00:00Z").building("build", &[&builder()], "app"))
                .link(&built("build"), &builder()),
        ),
        ("no link", false, of(&layout())),
        ("the link of a stranger", false, of(&layout()).link(&built("build"), &stranger())),
        ("the link of another step's functionary", false, of(&layout()).link(&built("build"), &fetcher())),
        (
            "a stranger's link as the builder's",
            false,
            of(&layout()).delivery(|d| d.evidence(&name, built("build").signed(form, &stranger()))),
        ),
        (
            "another material",
            false,
            of(&layout()).link(&Link::new("build").material("src/main.rs", b"x").product("app", APP), &builder()),
        ),
        ("another product", false, good().link(&built("build").product("backdoor", b"x"), &builder())),
        (
            "without what is required",
            false,
            good().link(&Link::new("build").material("src/main.rs", b"fn main() {}\n"), &builder()),
        ),
        ("two of two", true, wide(2).link(&built("build"), &builder()).link(&built("build"), &second())),
        (
            "two of three, all there",
            true,
            wide(2).link(&built("build"), &builder()).link(&built("build"), &second()).link(&built("build"), &third()),
        ),
        (
            "three of three",
            true,
            wide(3).link(&built("build"), &builder()).link(&built("build"), &second()).link(&built("build"), &third()),
        ),
        ("one of two", false, wide(2).link(&built("build"), &third())),
        ("two of three", false, wide(3).link(&built("build"), &second()).link(&built("build"), &third())),
        ("one and a stranger", false, wide(2).link(&built("build"), &builder()).link(&built("build"), &stranger())),
        (
            "two and a stranger",
            true,
            wide(2).link(&built("build"), &builder()).link(&built("build"), &second()).link(&more, &stranger()),
        ),
        ("two that disagree", false, wide(2).link(&built("build"), &builder()).link(&more, &second())),
        (
            "two, and a third that disagrees",
            false,
            wide(2).link(&built("build"), &builder()).link(&built("build"), &second()).link(&more, &third()),
        ),
        ("two owners", true, owned(&[&owner(), &other_owner()])),
        ("one of two owners", false, owned(&[&owner()])),
        ("the other of two owners", false, owned(&[&other_owner()])),
        ("a parameter", true, stated("app")),
        ("a parameter for something else", false, stated("application")),
    ];
    if form == Form::Metablock {
        let root = "links/root.layout";
        cases.extend([
            ("link changed", false, good().edit(&name, "\"app\"", "\"apt\"")),
            ("layout changed", false, good().edit(root, "\"REQUIRE\"", "\"ALLOW\"")),
            ("expiry changed", false, good().edit(root, "2126-", "2127-")),
            ("signature changed", false, good().delivery(|d| d.edit(&name, break_signature))),
        ]);
    }
    cases
}

fn break_signature(bytes: &mut Vec<u8>) {
    let mut block: Value = serde_json::from_slice(bytes).unwrap();
    let signature = block["signatures"][0]["sig"].as_str().unwrap();
    let last = if signature.ends_with('0') { "1" } else { "0" };
    block["signatures"][0]["sig"] = format!("{}{last}", &signature[..signature.len() - 1]).into();
    *bytes = block.to_string().into_bytes();
}

/// Layouts in the place of links.
fn sublayouts(form: Form) -> Vec<(&'static str, bool, Chain)> {
    let below = |until: &str| fetching(until).building("compile", &[&second()], "app");
    let place = format!("{}/", folder("build", &builder()));
    let deeper = format!("{place}{}/", folder("compile", &second()));
    let top = Layout::new(UNTIL).step("build", &[&builder()], &["DISALLOW *"], &["REQUIRE app", "ALLOW *"]);
    let with = |below: &Layout, key: &Key| Chain::new(form, &top).layout_in("", "build", below, key);
    let whole = |chain: Chain| {
        chain.link_in(&place, &Link::fetched(), &fetcher()).link_in(&place, &built("compile"), &second())
    };
    let inner = Layout::new(UNTIL).step("cc", &[&third()], &[], &["REQUIRE app", "ALLOW *"]);
    let nested = |links: bool| {
        let chain = with(&below(UNTIL), &builder()).link_in(&place, &Link::fetched(), &fetcher());
        let chain = chain.layout_in(&place, "compile", &inner, &second());
        if links { chain.link_in(&deeper, &built("cc"), &third()) } else { chain }
    };
    let more = built("compile").product("debug", b"symbols");
    let strict = Layout::new(UNTIL).step("build", &[&builder()], &["DISALLOW *"], &["CREATE app", "DISALLOW *"]);
    vec![
        ("sublayout", true, whole(with(&below(UNTIL), &builder()))),
        ("sublayout expired", false, whole(with(&below("2020-01-01T00:00:00Z"), &builder()))),
        ("sublayout of a stranger", false, whole(with(&below(UNTIL), &stranger()))),
        (
            "sublayout without a link",
            false,
            with(&below(UNTIL), &builder()).link_in(&place, &Link::fetched(), &fetcher()),
        ),
        (
            "sublayout with links beside it",
            false,
            with(&below(UNTIL), &builder()).link(&Link::fetched(), &fetcher()).link(&built("compile"), &second()),
        ),
        (
            "sublayout, stranger's link",
            false,
            with(&below(UNTIL), &builder()).link_in(&place, &Link::fetched(), &fetcher()).link_in(
                &place,
                &built("compile"),
                &stranger(),
            ),
        ),
        (
            "sublayout, another product",
            false,
            with(&below(UNTIL), &builder()).link_in(&place, &Link::fetched(), &fetcher()).link_in(
                &place,
                &more,
                &second(),
            ),
        ),
        (
            "sublayout, against the rules above it",
            false,
            whole(with(&below(UNTIL), &builder())).rooted(&strict, &[&owner()]),
        ),
        ("sublayout in a sublayout", true, nested(true)),
        ("sublayout in a sublayout, no link", false, nested(false)),
    ]
}

/// Rules about the materials or products of one step.
const RULES: &[(bool, &str, bool)] = &[
    // (products, rules, good)
    (true, "CREATE c, DISALLOW c", true),
    (true, "CREATE a, DISALLOW a", false),
    (true, "CREATE b, DISALLOW b", false),
    (true, "MODIFY b, DISALLOW b", true),
    (true, "MODIFY a, DISALLOW a", false),
    (true, "MODIFY c, DISALLOW c", false),
    (true, "DELETE a, DISALLOW a", false),
    (true, "ALLOW a, DISALLOW a", true),
    (true, "ALLOW none", true),
    (true, "DISALLOW none", true),
    (true, "DISALLOW a", false),
    (true, "REQUIRE a", true),
    (true, "REQUIRE d", false),
    (true, "REQUIRE *", false),
    (true, "ALLOW a, REQUIRE a", false),
    (true, "REQUIRE a, DISALLOW a", false),
    (true, "ALLOW *, DISALLOW *", true),
    (true, "ALLOW s*, DISALLOW s/x", true),
    (true, "ALLOW s/?, DISALLOW s/*", true),
    (true, "ALLOW ?, DISALLOW ?", true),
    (true, "ALLOW [ab], DISALLOW [a-b]", true),
    (true, "ALLOW [!a], DISALLOW b, DISALLOW c", true),
    (true, "ALLOW [!a], DISALLOW a", false),
    (true, "DISALLOW s?x", false),
    (true, "DISALLOW [x-z]", true),
    (true, "DISALLOW [a", true),
    (true, "DISALLOW A", true),
    (true, "MATCH a WITH MATERIALS FROM build, DISALLOW a", true),
    (true, "MATCH b WITH MATERIALS FROM build, DISALLOW b", false),
    (false, "DELETE d, DISALLOW d", true),
    (false, "DELETE a, DISALLOW a", false),
    (false, "CREATE d, DISALLOW d", false),
    (false, "MODIFY b, DISALLOW b", true),
    (false, "REQUIRE d", true),
    (false, "REQUIRE c", false),
    (false, "MATCH a WITH PRODUCTS FROM fetch, DISALLOW a", true),
    (false, "MATCH a WITH MATERIALS FROM fetch, DISALLOW a", true),
    (false, "MATCH b WITH PRODUCTS FROM fetch, DISALLOW b", false),
    (false, "MATCH b WITH MATERIALS FROM fetch, DISALLOW b", false),
    (false, "MATCH d WITH PRODUCTS FROM fetch, DISALLOW d", false),
    (false, "MATCH * WITH PRODUCTS FROM fetch, DISALLOW d", false),
    (false, "MATCH a WITH PRODUCTS FROM nobody, DISALLOW a", false),
    (false, "MATCH x IN s WITH PRODUCTS IN src FROM fetch, DISALLOW s/x", true),
    (false, "MATCH * IN s/ WITH PRODUCTS IN src/ FROM fetch, DISALLOW s/x", true),
    (false, "MATCH x IN s WITH PRODUCTS FROM fetch, DISALLOW s/x", false),
    (false, "MATCH s/x WITH PRODUCTS IN src FROM fetch, DISALLOW s/x", false),
    (false, "MATCH x IN * WITH PRODUCTS IN src FROM fetch, DISALLOW s/x", false),
    (false, "match a with products from fetch, disallow a", true),
];

fn ruled(products: bool, rules: &str) -> Chain {
    let rules: Vec<&str> = rules.split(", ").collect();
    let (of_materials, of_products) = if products { (&[][..], &rules[..]) } else { (&rules[..], &[][..]) };
    let layout = Layout::new(UNTIL).step("fetch", &[&fetcher()], &[], &[]).step(
        "build",
        &[&builder()],
        of_materials,
        of_products,
    );
    let fetched = Link::new("fetch").material("a", b"1").product("a", b"1").product("b", b"9").product("src/x", b"1");
    let built = Link::new("build").material("a", b"1").material("b", b"1").material("d", b"1").material("s/x", b"1");
    let built = built.product("a", b"1").product("b", b"2").product("c", b"1").product("s/x", b"1").product("app", APP);
    Chain::new(Form::Metablock, &layout).link(&fetched, &fetcher()).link(&built, &builder())
}

#[test]
fn python_agrees_on_supply_chains() {
    let Some(mut python) = Python::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("case");
    let mut cases = Vec::new();
    for form in [Form::Metablock, Form::Dsse] {
        for (what, good, chain) in chains(form).into_iter().chain(sublayouts(form)) {
            cases.push((format!("{form:?}, {what}"), good, chain.judged(&mut python, &place)));
        }
    }
    for (products, rules, good) in RULES {
        let of = if *products { "products" } else { "materials" };
        cases.push((format!("{of}: {rules}"), *good, ruled(*products, rules).judged(&mut python, &place)));
    }
    assert!(cases.len() >= 60);
    agreed("in-toto (Python), supply chains", &cases);
}

/// Each case apart from the others, as in-toto and we see it.
fn all(cases: Vec<(&str, Chain)>, expected: Said) {
    let Some(mut python) = Python::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    for (what, chain) in cases {
        assert_eq!(chain.judged(&mut python, &folder.path().join("case")), expected, "{what}");
    }
}

const FORM: Form = Form::Metablock;

fn fetched_under(layout: &Layout) -> Chain {
    Chain::new(FORM, layout).link(&Link::fetched(), &fetcher())
}

/// The document, with another `keyid` in its signature.
fn renamed_key(signed: &[u8], keyid: &str) -> Vec<u8> {
    let mut block: Value = serde_json::from_slice(signed).unwrap();
    block["signatures"][0]["keyid"] = keyid.into();
    block.to_string().into_bytes()
}

/// Where we refuse what in-toto lets pass, each for a reason in `docs/decisions/0035-layouts.md`.
#[test]
fn stricter_than_in_toto() {
    let two = fetching(UNTIL).building("build", &[&builder(), &second()], "app");
    let more = built("build").material("LICENSE", b"text");
    let place = format!("links/{}", built("build").name(&builder()));
    let inspected = layout().inspection("look", &["true"]);
    let good = || fetched_under(&layout()).link(&built("build"), &builder());
    // One key under two ids, each with a link.
    let again = "ab".repeat(32);
    let products = built_as("app");
    let products = products.each_ref().map(String::as_str);
    let mut other = public(&builder());
    other["keyid"] = again.as_str().into();
    let twice = fetching(UNTIL).key(&builder()).key_as(&again, other);
    let twice = twice.step_of("build", &[&builder().id(), &again], &BUILD_FROM, &products).threshold(2);
    let by_the_other = renamed_key(&built("build").signed(FORM, &builder()), &again);
    let twice = fetched_under(&twice).link(&built("build"), &builder());
    let twice = twice.delivery(|d| d.evidence(&format!("links/build.{}.link", &again[..8]), by_the_other));
    // A parameter in a rule that comes after those which decide.
    let open = fetching(UNTIL).step("build", &[&builder()], &BUILD_FROM, &["ALLOW *", "ALLOW {NAME}"]);
    // What was fetched is what was built from, by sha1 alone.
    let by_sha1 = |mut link: Link, list: &str| {
        link.0[list]["src/main.rs"] = json!({"sha1": "0123456789012345678901234567890123456789"});
        link
    };
    let sha1 = fetching(UNTIL).step("build", &[&builder()], &BUILD_FROM, &["ALLOW *"]);
    let sha1 = Chain::new(FORM, &sha1).link(&by_sha1(Link::fetched(), "products"), &fetcher());
    let from_sha1 = by_sha1(Link::new("build").product("app", APP), "materials");
    // A layout in the place of a link, by a key that may carry out another step, too.
    let both = Layout::new(UNTIL).step("fetch", &[&builder()], &[], &[]).step(
        "build",
        &[&builder()],
        &[],
        &["REQUIRE app", "ALLOW *"],
    );
    let below = fetching(UNTIL).building("compile", &[&second()], "app");
    let inside = format!("{}/", folder("build", &builder()));
    let nested = Chain::new(FORM, &both).link(&Link::fetched(), &builder()).layout_in("", "build", &below, &builder());
    let nested = nested.link_in(&inside, &Link::fetched(), &fetcher()).link_in(&inside, &built("compile"), &second());
    let cases = vec![
        ("one of them disagrees, and one would do", {
            fetched_under(&two).link(&built("build"), &builder()).link(&more, &second())
        }),
        ("one key under two ids", twice),
        ("a link of another step under this one's name", {
            let other = built("test").signed(FORM, &builder());
            fetched_under(&layout()).delivery(|d| d.evidence(&place, other))
        }),
        ("a layout by a key of two steps", nested),
        ("an inspection", good().rooted(&inspected, &[&owner()])),
        ("a parameter that nobody states", fetched_under(&open).link(&built("build"), &builder())),
        ("the same by sha1", sha1.link(&from_sha1, &builder())),
    ];
    all(cases, Said { theirs: true, ours: false });
}

/// Where we take what in-toto does not find, as the same page says.
#[test]
fn wider_than_in_toto() {
    let good = || fetched_under(&layout()).link(&built("build"), &builder());
    let name = |link: &Link, key: &Key| format!("links/{}", link.name(key));
    let (of_fetch, of_build) = (name(&Link::fetched(), &fetcher()), name(&built("build"), &builder()));
    let cases = vec![
        ("a link under another name", {
            let link = built("build").signed(FORM, &builder());
            good().delivery(|d| d.without(&of_build).evidence("links/whatever.json", link))
        }),
        ("a signature under another key id", {
            let link = renamed_key(&Link::fetched().signed(FORM, &fetcher()), &"0".repeat(64));
            good().delivery(|d| d.without(&of_fetch).evidence(&of_fetch, link))
        }),
    ];
    all(cases, Said { theirs: false, ours: true });
}
