//! The vidimus command line.
fn main() {}
