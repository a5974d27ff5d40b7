//! `server.*` of the settings.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::config_units::{Network, Origin};

/// Where the server listens and whom it believes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The API: an address and a port; port 0 takes any that is free.
    pub listen: String,
    /// Metrics and health, for operators only; `off` for none.
    pub ops_listen: OpsListen,
    /// How the world addresses this server; used in the API's document. Without it, clients are
    /// told paths, which are right wherever they came from.
    pub public_url: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Origins whose pages may read the API's answers; none by default.
    pub cors_origins: Vec<Origin>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            ops_listen: OpsListen(Some("127.0.0.1:9464".to_owned())),
            public_url: None,
            trusted_proxies: Network::LOCAL.to_vec(),
            cors_origins: Vec::new(),
        }
    }
}

/// Where metrics and health are, if anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct OpsListen(Option<String>);

impl OpsListen {
    /// The address to listen at; `None` when it is off.
    pub fn address(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl From<String> for OpsListen {
    fn from(text: String) -> Self {
        Self((text != "off").then_some(text))
    }
}

impl FromStr for OpsListen {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.to_owned().into())
    }
}

impl From<OpsListen> for String {
    fn from(listen: OpsListen) -> Self {
        listen.to_string()
    }
}

impl fmt::Display for OpsListen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.address().unwrap_or("off"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_they_are_shown() {
        let config: Config = serde_json::from_str(
            r#"{"ops_listen": "off", "trusted_proxies": ["10.0.0.0/8"], "public_url": "https://exports.example"}"#,
        )
        .expect("settings");
        assert_eq!(config.ops_listen.address(), None);
        let shown = serde_json::to_string(&config).expect("JSON");
        assert_eq!(serde_json::from_str::<Config>(&shown).expect("settings"), config);
        assert!(serde_json::from_str::<Config>(r#"{"trusted_proxies": ["localhost"]}"#).is_err());
    }
}
