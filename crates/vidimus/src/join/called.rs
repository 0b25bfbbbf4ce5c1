//! What one thing is called: few names each, for very many things, so that they are kept small and shared.

use std::sync::Arc;

use crate::policy::Product;

/// Products in order, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Called(Vec<Arc<Product>>);

impl Called {
    /// Adds one; is it new?
    pub(super) fn insert(&mut self, product: impl Into<Arc<Product>>) -> bool {
        let product = product.into();
        let Err(at) = self.0.binary_search(&product) else { return false };
        // Most have one name or two; a vector that grows would make room for four.
        self.0.reserve_exact(1);
        self.0.insert(at, product);
        true
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Product> {
        self.0.iter().map(|product| &**product)
    }

    /// Those that are not among `other`.
    pub(super) fn difference<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a Product> {
        self.iter().filter(|product| other.0.binary_search_by(|own| (**own).cmp(product)).is_err())
    }

    /// Both together, in order, each once.
    pub(super) fn union<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a Product> + use<'a> {
        let mut all: Vec<&Product> = self.iter().chain(other.difference(self)).collect();
        all.sort_unstable();
        all.into_iter()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use super::*;

    fn called(names: &[&str]) -> Called {
        let mut called = Called::default();
        for name in names {
            called.insert(Product::parse_claim(&format!("pkg:generic/{name}@1")).expect("a package URL"));
        }
        called
    }

    fn names<'a>(products: impl Iterator<Item = &'a Product>) -> Vec<&'a str> {
        products.map(Product::name).collect()
    }

    #[test]
    fn names_are_in_order_and_each_once() {
        let (mut one, other) = (called(&["c", "a", "c"]), called(&["b", "c"]));
        assert_eq!(names(one.iter()), ["a", "c"]);
        assert_eq!(names(one.union(&other)), ["a", "b", "c"]);
        assert_eq!(names(one.difference(&other)), ["a"]);
        assert_eq!(names(other.difference(&one)), ["b"]);
        let b = Arc::new(Product::parse_claim("pkg:generic/b@1").expect("a package URL"));
        assert!(one.insert(Arc::clone(&b)) && !one.insert(b));
        assert_eq!(names(one.iter()), ["a", "b", "c"]);
    }
}
