//! Development tasks of vidimus.
fn main() {}
