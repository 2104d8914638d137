#[path = "../../../../src/node/backend/native.rs"]
pub(crate) mod backend;
#[path = "../../../../src/node/callback.rs"]
pub(crate) mod callback;
#[path = "../../../../src/node/completer.rs"]
mod completer;
#[path = "../../../../src/node/due.rs"]
pub(crate) mod due;
#[path = "../../../../src/node/extra.rs"]
pub(crate) mod extra;
#[path = "../../../../src/node/header.rs"]
pub(crate) mod header;
#[path = "../../../../src/node/held.rs"]
pub(crate) mod held;
#[path = "../../../../src/node/mailbox.rs"]
mod mailbox;
#[path = "../../../../src/node/node.rs"]
#[expect(clippy::module_inception, reason = "it is the file of the node itself")]
pub(crate) mod node;
#[path = "../../../../src/node/registry.rs"]
pub(crate) mod registry;
