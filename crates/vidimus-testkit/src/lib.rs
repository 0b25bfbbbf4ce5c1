//! Forges evidence from fixed seeds, for tests.
