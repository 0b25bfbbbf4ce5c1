//! Products: package URLs compared component by component (DESIGN ruling 5).

/// A product: a canonical package URL without qualifiers and subpath.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Product(String);

/// Which products a grant or class is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductPattern(String);
