//! An address to listen on, or `off`.

use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

/// Reads an address; `off` is `None`.
///
/// # Errors
/// When the text is neither.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.as_str() {
        "off" => Ok(None),
        _ => text.parse().map(Some).map_err(|_| {
            D::Error::custom(format!("`{text}` is not an address with a port; write 127.0.0.1:9464 or off"))
        }),
    }
}

/// Writes the address, or `off`.
///
/// # Errors
/// The serializer's own.
pub fn serialize<S: Serializer>(address: &Option<SocketAddr>, serializer: S) -> Result<S::Ok, S::Error> {
    match address {
        Some(address) => serializer.collect_str(address),
        None => serializer.serialize_str("off"),
    }
}
