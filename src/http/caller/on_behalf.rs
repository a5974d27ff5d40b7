//! `X-On-Behalf-Of`: an admin acts for a user.

use http::{HeaderMap, HeaderName};

use crate::domain::{Caller, Proof, Role, UserId};
use crate::http::kit::problem::AccessFault;

const X_ON_BEHALF_OF: HeaderName = HeaderName::from_static("x-on-behalf-of");

/// The caller in whose name the request is carried out: `caller`, or whom they act for, who may do
/// what that user may and no more. For whom a key acts is in what it signs, and looked at there.
pub fn of(caller: Caller, headers: &HeaderMap) -> Result<Caller, AccessFault> {
    if matches!(caller.proof, Proof::Signature { .. }) {
        return Ok(caller);
    }
    let Some(user) = named(headers)? else { return Ok(caller) };
    if !caller.is_admin() {
        return Err(AccessFault::ActingNotAllowed);
    }
    let acting = Some(caller.user.to_string());
    Ok(Caller { user, role: Role::User, acting, ..caller })
}

/// The user that the only line names; its bytes are UTF-8, as user names are.
fn named(headers: &HeaderMap) -> Result<Option<UserId>, AccessFault> {
    let mut lines = headers.get_all(X_ON_BEHALF_OF).iter();
    let line = match (lines.next(), lines.next()) {
        (None, _) => return Ok(None),
        (Some(only), None) => only.as_bytes(),
        (Some(_), Some(_)) => return Err(AccessFault::ActingForNobody),
    };
    let user = str::from_utf8(line).ok().and_then(|name| name.parse().ok());
    user.map(Some).ok_or(AccessFault::ActingForNobody)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::domain::Scope;

    fn acting(caller: &Caller, lines: &[&[u8]]) -> Result<Caller, AccessFault> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(X_ON_BEHALF_OF, HeaderValue::from_bytes(line).expect("a value"));
        }
        of(caller.clone(), &headers)
    }

    #[test]
    fn an_admin_becomes_the_user_and_is_remembered_and_nobody_else_does() {
        let named = |name: &str, role| Caller::new(name.parse().expect("a user"), role);
        let (root, eve) = (named("root", Role::Admin), named("eve", Role::User));
        assert_eq!(acting(&root, &[]).expect("themselves"), root);
        let ada = acting(&root, &[b"ada"]).expect("an admin");
        assert_eq!((ada.user.as_str(), ada.role, ada.actor()), ("ada", Role::User, "root"));
        assert!(!ada.is_admin());
        assert_eq!(acting(&root, &["Müller".as_bytes()]).expect("an admin").user.as_str(), "Müller");
        let narrow = Caller { scope: Scope::Write, ..root.clone() };
        for caller in [&eve, &narrow, &ada] {
            assert!(matches!(acting(caller, &[b"ada"]), Err(AccessFault::ActingNotAllowed)));
        }
        for wrong in [&[&b""[..]][..], &[b"a/b"], &[b".."], &[b"\xff"], &[b"ada", b"ada"], &[&[b'x'; 129]]] {
            assert!(matches!(acting(&root, wrong), Err(AccessFault::ActingForNobody)), "{wrong:?}");
        }
    }

    #[test]
    fn for_whom_a_key_acts_is_not_told_here() {
        let key = Caller {
            proof: Proof::Signature { key: "k".into() },
            ..Caller::new("root".parse().expect("a user"), Role::Admin)
        };
        assert_eq!(acting(&key, &[b"ada"]).expect("as it was"), key);
    }
}
