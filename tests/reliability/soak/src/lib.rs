//! Many tasks of all kinds on many threads, for as long as one likes.
