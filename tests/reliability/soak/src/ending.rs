//! [`Ending`]: the ways in which a task ends, and [`Endings`], a set of them.

use std::fmt;

/// How a task has ended. Each has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With a value.
    Completed,
    /// With the operation's own error.
    Failed,
    Cancelled,
    TimedOut,
    Panicked,
    Abandoned,
    /// The system refused a thread.
    Refused,
    /// Its context died: the callback was dropped, not called.
    Uncalled,
    /// Its thread ended: the callback was neither called nor dropped.
    Leaked,
}

impl Ending {
    pub const ALL: [Self; 9] = [
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::TimedOut,
        Self::Panicked,
        Self::Abandoned,
        Self::Refused,
        Self::Uncalled,
        Self::Leaked,
    ];
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed out",
            Self::Panicked => "panicked",
            Self::Abandoned => "abandoned",
            Self::Refused => "refused",
            Self::Uncalled => "context died",
            Self::Leaked => "thread ended",
        })
    }
}

/// The endings that one task may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Endings(u16);

impl Endings {
    /// It may not end at all: neither be called nor dropped.
    pub const NONE: Self = Self(0);

    pub const fn of(endings: &[Ending]) -> Self {
        let mut set = 0;
        let mut index = 0;
        while index < endings.len() {
            set |= 1 << endings[index] as u16;
            index += 1;
        }
        Self(set)
    }

    pub const fn or(self, more: Ending) -> Self {
        Self(self.0 | 1 << more as u16)
    }

    pub const fn has(self, ending: Ending) -> bool {
        self.0 & (1 << ending as u16) != 0
    }
}

impl fmt::Display for Endings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = Ending::ALL
            .iter()
            .filter(|ending| self.has(**ending))
            .map(ToString::to_string);
        write!(f, "{}", names.next().as_deref().unwrap_or("nothing"))?;
        names.try_for_each(|name| write!(f, " or {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_it_was_made_of() {
        let set = Endings::of(&[Ending::Completed, Ending::Refused]);
        for ending in Ending::ALL {
            let expected = matches!(ending, Ending::Completed | Ending::Refused);
            assert_eq!(set.has(ending), expected, "{ending}");
        }
        assert!(set.or(Ending::Leaked).has(Ending::Leaked));
        assert_eq!(set.to_string(), "completed or refused");
        assert_eq!(Endings::NONE.to_string(), "nothing");
    }

    #[test]
    fn the_list_is_in_the_order_of_its_numbers() {
        for (number, ending) in Ending::ALL.into_iter().enumerate() {
            assert_eq!(ending as usize, number);
        }
    }
}
