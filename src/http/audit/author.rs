//! Who sent a request.

use http::header::USER_AGENT;
use http::request::Parts;

use crate::domain::audit::{Author, bounded};
use crate::domain::{Caller, Receiver};
use crate::http::asked::Asked;

/// Whoever sent a request with this head, as far as is known by now.
pub fn author(head: &Parts) -> Author {
    let asked = head.extensions.get::<Asked>();
    let agent = head.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let author = Author {
        address: asked.map(|asked| asked.address),
        correlation_id: asked.map(|asked| asked.correlation_id.to_string()),
        agent: agent.map(bounded),
        ..Author::default()
    };
    match head.extensions.get::<Caller>() {
        Some(caller) => author.known_as(caller),
        None => author,
    }
}

/// Whoever receives bytes by a request of `author`. Of a link it is known whose it is, not who has it.
pub fn receiving(author: &Author, to: &Receiver) -> Author {
    match to.link {
        None => author.clone(),
        Some(_) => Author { correlation_id: author.correlation_id.clone(), ..Author::receiving(to) },
    }
}
