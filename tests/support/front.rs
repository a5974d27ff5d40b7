//! The ways to a house.

use exportd::config::Settings;

use super::house::House;

/// What stands between callers and a house.
#[derive(Debug, Clone, Copy)]
pub enum Front {
    /// Nothing.
    Direct,
    /// nginx, which sends packages itself.
    Nginx,
}

impl Front {
    /// A house on defaults behind this.
    pub fn house(self) -> House {
        self.house_with(|_| {})
    }

    /// A house with some settings changed behind this.
    pub fn house_with(self, change: impl FnOnce(&mut Settings)) -> House {
        match self {
            Self::Direct => House::with(change),
            Self::Nginx => House::behind_nginx(change),
        }
    }
}

/// Makes a test of each case for each front.
macro_rules! through_both_fronts {
    ($($case:ident),+ $(,)?) => {
        mod direct {
            $(#[test] fn $case() { super::$case(crate::support::front::Front::Direct); })+
        }
        mod behind_nginx {
            $(#[test] fn $case() { super::$case(crate::support::front::Front::Nginx); })+
        }
    };
}
pub(crate) use through_both_fronts;
