//! Random programs of tasks, run beside a model that says what must happen.
