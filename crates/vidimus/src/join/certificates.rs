//! Accepted certificates of schemes, by the product that they name.

use std::collections::{BTreeMap, BTreeSet};

use super::{Joined, statement_of};
use crate::authenticate::Fact;
use crate::decode::Predicate;
use crate::policy::Product;

impl<'a> Joined<'a> {
    /// Accepted certificates of schemes that name one of `products`, in whatever version, and whatever bytes they are about.
    pub(crate) fn certificates_of<'b>(
        &'b self,
        products: &[Product],
    ) -> impl Iterator<Item = &'a Fact<'a>> + use<'a, 'b> {
        let lines: BTreeSet<String> = products.iter().map(Product::line).collect();
        lines.into_iter().filter_map(|line| self.certifications.get(&line)).flatten().copied()
    }

    /// Every accepted certificate of a scheme that names a product.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = &'a Fact<'a>> {
        self.certifications.values().flatten().copied()
    }
}

/// Certificates by the line of the product that they name.
pub(super) fn by_line<'a>(facts: &[&'a Fact<'a>]) -> BTreeMap<String, Vec<&'a Fact<'a>>> {
    let mut by_line: BTreeMap<String, Vec<&Fact<'_>>> = BTreeMap::new();
    for fact in facts {
        if let Some(Predicate::Certification(found)) = statement_of(fact).map(|statement| &statement.predicate)
            && let Some(product) = Product::parse_claim(&found.scope.product)
        {
            by_line.entry(product.line()).or_default().push(fact);
        }
    }
    by_line
}
