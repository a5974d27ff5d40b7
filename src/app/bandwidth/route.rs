//! Whose bytes they are: what shares a limit, and who shares with the others.

use std::net::IpAddr;

use crate::domain::{ExportId, LinkId, Receiver, UserId};

/// Who shares with the others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Party {
    /// A user.
    User(UserId),
    /// A link counts for itself: whoever gave it away is not to suffer.
    Link(LinkId),
}

/// One download, whatever the number of its connections.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Route {
    export: ExportId,
    party: Party,
    /// Links are many people's; these are as well told apart as can be.
    from: Option<(IpAddr, Option<String>)>,
}

impl Route {
    /// The download of `export` by `to`.
    pub fn new(export: ExportId, to: &Receiver) -> Self {
        match to.link {
            Some(link) => {
                Self { export, party: Party::Link(link), from: Some((to.address, to.agent.clone())) }
            }
            None => Self { export, party: Party::User(to.user.clone()), from: None },
        }
    }
    /// Who shares with the others.
    pub const fn party(&self) -> &Party {
        &self.party
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_one_download_of_a_package_and_a_link_one_for_each_who_came_by_it() {
        let export = ExportId::new();
        let ada = Receiver {
            user: "ada".parse().expect("a user"),
            link: None,
            address: [127, 0, 0, 1].into(),
            agent: None,
        };
        let elsewhere = Receiver { address: [10, 0, 0, 1].into(), agent: Some("curl".into()), ..ada.clone() };
        assert_eq!(Route::new(export, &ada), Route::new(export, &elsewhere));
        assert_ne!(Route::new(export, &ada), Route::new(ExportId::new(), &ada));

        let link = Some(LinkId::new());
        let [here, there] = [ada.clone(), elsewhere].map(|to| Route::new(export, &Receiver { link, ..to }));
        assert_ne!(here, there);
        assert_eq!(here.party(), there.party(), "but they share as one");
        assert_ne!(here.party(), Route::new(export, &ada).party());
    }
}
