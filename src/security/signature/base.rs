//! The signature base: the bytes that are signed.

use super::components::{Components, value};
use super::fault::SignatureFault;
use super::message::Message;

/// The bytes that a signature over `components` of `message` signs; `parameters` is the value of
/// `@signature-params`.
///
/// # Errors
/// [`SignatureFault::NoSuchComponent`] for one that `message` does not have.
///
/// Source: RFC 9421 §2.5.
pub fn base(
    message: &Message<'_>,
    components: &Components,
    parameters: &str,
) -> Result<Vec<u8>, SignatureFault> {
    let mut base = Vec::with_capacity(512);
    for name in components.names() {
        let value = value(name, message).ok_or_else(|| SignatureFault::NoSuchComponent(name.to_owned()))?;
        line(&mut base, name, &value);
        base.push(b'\n');
    }
    line(&mut base, "@signature-params", parameters.as_bytes());
    Ok(base)
}

fn line(base: &mut Vec<u8>, name: &str, value: &[u8]) {
    base.push(b'"');
    base.extend_from_slice(name.as_bytes());
    base.extend_from_slice(b"\": ");
    base.extend_from_slice(value);
}
