//! Addresses that may carry a password.

/// What stands in the place of a secret.
const MASK: &str = "***";

/// A database's address with its password hidden, wherever it carries one: after the user's
/// name, or as a parameter.
pub fn masked_url(url: &str) -> String {
    let (address, parameters) = match url.split_once('?') {
        Some((address, parameters)) => (address, Some(parameters)),
        None => (url, None),
    };
    let mut shown = masked_authority(address);
    if let Some(parameters) = parameters {
        let masked = parameters.split('&').map(|parameter| match parameter.split_once('=') {
            Some((name, _)) if name.to_ascii_lowercase().contains("pass") => format!("{name}={MASK}"),
            _ => parameter.to_owned(),
        });
        shown.push('?');
        shown.push_str(&masked.collect::<Vec<_>>().join("&"));
    }
    shown
}

/// `scheme://user:***@host/…`. A password with an unescaped `/` or `@` hides too: everything
/// up to the last `@` is taken for it.
fn masked_authority(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let Some((credentials, host)) = rest.rsplit_once('@') else { return address.to_owned() };
    match credentials.split_once(':') {
        Some((user, _)) => format!("{scheme}://{user}:{MASK}@{host}"),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_database_is_never_shown() {
        for (url, shown) in [
            ("sqlite://exportd.db?mode=rwc", "sqlite://exportd.db?mode=rwc"),
            ("postgres://db/exports", "postgres://db/exports"),
            ("postgres://me@db/exports", "postgres://me@db/exports"),
            ("postgres://me:hunter2@db/exports", "postgres://me:***@db/exports"),
            ("postgres://me:hun/t@er:2@db/exports", "postgres://me:***@db/exports"),
            ("postgres://db/x?user=me&password=hunter2", "postgres://db/x?user=me&password=***"),
            (
                "postgres://db/x?Password=hunter2&sslmode=require",
                "postgres://db/x?Password=***&sslmode=require",
            ),
        ] {
            assert_eq!(masked_url(url), shown);
        }
    }
}
