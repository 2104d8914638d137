//! Who is compared.

use serde::Serialize;

/// A contestant, in the order of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "&'static str")]
pub enum Contestant {
    Native,
    Shim,
    Gtask,
    Gio,
    Qiotask,
    Blocking,
    Tokio,
    Libdex,
    AsyncChannel,
    Limit,
}

impl Contestant {
    pub const ALL: [Self; 10] = [
        Self::Native,
        Self::Shim,
        Self::Gtask,
        Self::Gio,
        Self::Qiotask,
        Self::Blocking,
        Self::Tokio,
        Self::Libdex,
        Self::AsyncChannel,
        Self::Limit,
    ];

    /// What the tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "qio-task",
            Self::Shim => "qio-task (gtask)",
            Self::Gtask => "GTask",
            Self::Gio => "gio::spawn_blocking",
            Self::Qiotask => "QIOTask's method",
            Self::Blocking => "blocking",
            Self::Tokio => "tokio",
            Self::Libdex => "libdex",
            Self::AsyncChannel => "async-channel",
            Self::Limit => "limit",
        }
    }

    /// What its program calls it. The two backends of the library are the same
    /// program, built twice.
    pub fn argument(self) -> &'static str {
        match self {
            Self::Native | Self::Shim => "qio-task",
            Self::Gtask => "gtask",
            Self::Gio => "gio",
            Self::Qiotask => "qiotask",
            Self::Blocking => "blocking",
            Self::Tokio => "tokio",
            Self::Libdex => "libdex",
            Self::AsyncChannel => "async-channel",
            Self::Limit => "limit",
        }
    }

    /// Whether it is what a user would pick instead of this library.
    pub fn is_rival(self) -> bool {
        !matches!(self, Self::Native | Self::Shim | Self::Limit)
    }

    /// Whether it is this library.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Native | Self::Shim)
    }
}

impl From<Contestant> for &'static str {
    fn from(contestant: Contestant) -> Self {
        contestant.name()
    }
}
