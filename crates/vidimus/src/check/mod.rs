//! Check: rules × nodes. A check returns *met by this evidence* or *not met for these reasons*; it cannot be silent.
