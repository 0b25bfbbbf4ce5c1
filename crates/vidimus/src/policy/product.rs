//! Products: package URLs compared component by component (DESIGN ruling 5).

/// A product: a canonical package URL without qualifiers and subpath.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Product(String);

/// Which products a grant or class is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductPattern(String);
impl ProductPattern {
    /// c
    #[must_use]
    pub fn covers(&self, _: &Product) -> bool {
        false
    }
}
impl Product {
    /// x
    #[must_use]
    pub fn parse_claim(s: &str) -> Option<Self> {
        Some(Self(s.into()))
    }
    /// x
    #[must_use]
    pub fn name(&self) -> &str {
        ""
    }
    /// x
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        None
    }
    /// x
    #[must_use]
    pub fn same_package(&self, _: &Self) -> bool {
        true
    }
}
impl std::fmt::Display for Product {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
