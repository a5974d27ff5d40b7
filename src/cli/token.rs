//! `exportd token`: a credential for trying things out, and for machines.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::outcome::{Exit, Failure};
use super::output;
use super::settings_args::SettingsArgs;
use crate::clock::Clock;
use crate::config::Purpose;
use crate::domain::{Role, UserId};
use crate::security::{Claims, jwt, sign};

/// Print a token that is signed with the configured secret
#[derive(Debug, Args)]
#[command(after_help = "Example:
  EXPORTD_TOKEN=$(exportd token --user ada --ttl 8h)
  curl -H \"Authorization: Bearer $EXPORTD_TOKEN\" http://127.0.0.1:8080/api/v1/exports")]
pub struct Token {
    /// Who the bearer will be
    #[arg(long, value_name = "ID")]
    user: UserId,
    /// What the bearer may do
    #[arg(long, value_enum, default_value_t = BearerRole::User)]
    role: BearerRole,
    /// For how long
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = lifetime)]
    ttl: Duration,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum BearerRole {
    /// Their own exports
    User,
    /// Everyone's
    Admin,
}

impl From<BearerRole> for Role {
    fn from(role: BearerRole) -> Self {
        match role {
            BearerRole::User => Self::User,
            BearerRole::Admin => Self::Admin,
        }
    }
}

impl Token {
    /// Prints the token, alone.
    ///
    /// # Errors
    /// When there is no secret to sign with.
    pub fn run(self) -> Result<Exit, Failure> {
        let jwt = self.settings.settings(Purpose::Tool)?.jwt;
        let Some(secret) = &jwt.secret else {
            return Err(Failure::new(
                Exit::WrongUse,
                "no auth.jwt.secret to sign with; set it, or its _file",
            ));
        };
        let claims = claims_of(self.user, self.role, self.ttl, &jwt);
        let token = sign(secret, &claims).map_err(|error| Failure::because(&error))?;
        output::result(token)?;
        Ok(Exit::Done)
    }
}

/// At least a second: what a token counts in.
fn lifetime(text: &str) -> Result<Duration, String> {
    let lifetime = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if lifetime < Duration::from_secs(1) {
        return Err("must be at least 1s, or it has expired before it is used".to_owned());
    }
    Ok(lifetime)
}

/// What a server with the settings `jwt` believes for `ttl` from now.
fn claims_of(user: UserId, role: BearerRole, ttl: Duration, jwt: &jwt::Config) -> Claims {
    Claims::new(user, role.into(), Clock::system().now().plus(ttl)).within(jwt)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{BearerRole, claims_of};
    use crate::clock::Clock;
    use crate::domain::Role;
    use crate::security::{Authority, Secret, jwt, sign};

    #[tokio::test]
    async fn a_token_is_accepted_by_a_server_with_the_same_settings_until_it_expires() {
        let jwt = jwt::Config {
            secret: Some(Secret::new("a secret of more than thirty-two bytes")),
            issuer: Some("exportd".to_owned()),
            audience: Some("exports".to_owned()),
            ..jwt::Config::default()
        };
        let clock = Clock::system();
        let authority = Authority::new(&jwt, None, None, clock.clone()).expect("a key");
        let claims =
            claims_of("ada".parse().expect("a user"), BearerRole::Admin, Duration::from_secs(60), &jwt);
        let token = sign(jwt.secret.as_ref().expect("set"), &claims).expect("signed");

        let caller = authority.prove(&token).await.expect("proved");
        assert_eq!((caller.user.to_string().as_str(), caller.role), ("ada", Role::Admin));
        clock.advance(Duration::from_secs(180));
        assert!(authority.prove(&token).await.is_err());
    }
}
