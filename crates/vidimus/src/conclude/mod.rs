//! Conclude: the answers become the verdict core.
