//! Rules over the component graph: what reaches components, who may vouch for them, and how many must.

use std::collections::BTreeSet;

use super::{Class, Party, Policy, Product, ProductPattern, ProvenanceCheck, VsaCheck, Window};
use crate::digest::Digest;
use crate::graph::Kinds;

/// What raises a node into a class on the word of an SBOM alone. It adds rules and takes none away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Raise {
    /// The type or purpose is a cryptographic asset.
    pub crypto_asset: bool,
    /// The type or purpose is one of these, in lower case.
    pub types: Vec<String>,
    /// The name contains one of these, in lower case.
    pub name_contains: Vec<String>,
}

/// What shows that a node belongs to a lenient class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// An accepted release or publish statement about its digest, for a product of the class.
    Release,
    /// The operator's own list of digests.
    DigestList,
    /// A rebuild quorum.
    Rebuild,
}

impl Proof {
    /// Every kind, with its name in policies.
    pub const ALL: [(&'static str, Self); 3] = [
        ("ecosystem-release-attestation", Self::Release),
        ("operator-digest-list", Self::DigestList),
        ("independent-rebuild", Self::Rebuild),
    ];
}

/// What takes a lenient class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lenient {
    /// One of these must be shown; at least one.
    pub proof_any: Vec<Proof>,
    /// The operator's list.
    pub digests: BTreeSet<Digest>,
    /// What the list says that digests are, where it has a package URL in place of a file name.
    pub named: BTreeSet<(Digest, Product)>,
}

/// `check = "components"`.
#[derive(Clone, Debug)]
pub struct ComponentsCheck {
    /// Edges that lead to components.
    pub edges: Kinds,
    /// Components that nobody has to show anything about, counted and listed.
    pub leaf_budget: Option<LeafBudget>,
}

/// How many components of a class may be unproven: named by digest, and not in the delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafBudget {
    /// The class that their products lead to.
    pub class: String,
    /// At most so many.
    pub max_count: u64,
}

/// `check = "quorum"`.
#[derive(Clone, Debug)]
pub struct QuorumCheck {
    /// The quorum, by name.
    pub quorum: String,
    /// What each of them must have said.
    pub need: Need,
}

/// What a member of a quorum must have said.
#[derive(Clone, Debug)]
pub enum Need {
    /// A verification summary. `failed_wins` of the check: does one that says FAILED refute?
    Summary(Box<VsaCheck>),
    /// Provenance of a build of its own that gave the same bytes.
    Rebuild {
        /// What the provenance must be like.
        provenance: Box<ProvenanceCheck>,
        /// Normalisations after which another build is the same, by method; empty where only the same digest counts.
        normalisations: Vec<String>,
    },
}

/// `check = "source"`.
#[derive(Clone, Debug)]
pub struct SourceCheck {
    /// SLSA source level, 1 to 4.
    pub min_level: u8,
}

/// `[[delegation]]`: a party whose word about others' components counts, within bounds.
#[derive(Clone, Debug)]
pub struct Delegation {
    /// Its id.
    pub id: String,
    /// Who may vouch.
    pub to: String,
    /// About whose components: parties with `products`.
    pub about_suppliers: Vec<String>,
    /// About components of which classes; at least one.
    pub classes: Vec<String>,
    /// Which kinds of summary, as written.
    pub accept: Vec<String>,
    /// The predicate types of `accept`.
    pub predicate_types: BTreeSet<String>,
    /// (what the delegate says, the operator's own property); what is not listed is dropped.
    pub map: Vec<(String, String)>,
    /// One of these properties must result.
    pub need_any: Vec<String>,
    /// Through how many hands the word may come, from 1.
    pub max_depth: u32,
    /// At most so many days before the verdict.
    pub max_age_days: Option<u32>,
    /// Must everything that the delegate cites be in the delivery?
    pub inputs_present: bool,
    /// When signatures count, by proven time.
    pub valid: Option<Window>,
}

/// Whose groups do not count in a quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exclude {
    /// Vendors that may speak about the requested product.
    SubjectVendor,
    /// Suppliers and vendors whose products the node is.
    SubjectSuppliers,
    /// One party.
    Party(String),
}

impl Policy {
    /// The delegation with that id.
    #[must_use]
    pub fn delegation(&self, id: &str) -> Option<&Delegation> {
        self.delegations.iter().find(|delegation| delegation.id == id)
    }

    /// Does any rule look at components? Without one no graph is made.
    #[must_use]
    pub fn has_components(&self) -> bool {
        self.component_rules().next().is_some()
    }

    /// Every `components` rule.
    pub fn component_rules(&self) -> impl Iterator<Item = (&super::Rule, &ComponentsCheck)> {
        self.rules.iter().filter_map(|rule| match &rule.check {
            super::Check::Components(check) => Some((rule, check)),
            _ => None,
        })
    }

    /// Edges that any rule follows.
    #[must_use]
    pub fn component_edges(&self) -> Kinds {
        self.component_rules().map(|(_, check)| check.edges).fold(Kinds::default(), Kinds::and)
    }
}

impl Party {
    /// Is that its name? Case and blanks tell no two companies apart: what SBOMs say of suppliers is written by many tools.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        fn letters(name: &str) -> impl Iterator<Item = char> + '_ {
            name.split_whitespace().flat_map(|word| word.chars().flat_map(char::to_lowercase).chain([' ']))
        }
        letters(name).eq(letters(&self.name))
    }

    /// Is one of `products` its own?
    pub fn owns<'a>(&self, products: impl IntoIterator<Item = &'a Product>) -> bool {
        products.into_iter().any(|product| self.products.iter().any(|pattern| pattern.covers(product)))
    }
}

impl super::Grant {
    /// Is it about `product`? Without `products` it is about every one.
    #[must_use]
    pub fn covers(&self, product: &Product) -> bool {
        self.products.as_ref().is_none_or(|patterns| patterns.iter().any(|pattern| pattern.covers(product)))
    }
}

impl Class {
    /// Does it list a product that `product` is? A class without products lists each.
    #[must_use]
    pub fn lists(&self, product: &Product) -> bool {
        self.products.is_empty() || self.products.iter().any(|pattern: &ProductPattern| pattern.covers(product))
    }
}
