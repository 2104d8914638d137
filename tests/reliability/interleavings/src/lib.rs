//! The library's own machines, under every interleaving of their threads.
