//! What the types of `qio-task` forbid: each file in `tests/forbidden` is a
//! program that must not compile, beside it what the compiler says of it.
