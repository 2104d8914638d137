//! What happens when the system refuses, ends or surprises.
