//! What the types forbid.
