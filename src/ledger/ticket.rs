//! What goes along with a response that a proxy sends, and comes back with what became of it.

use std::fmt;
use std::net::IpAddr;
use std::ops::Range;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::{Receiver, Timestamp};

use super::Sending;

/// Not the text of a [`Ticket`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a ticket of ours")]
pub struct NotATicket;

/// A response that was handed over, with everything that is to be known about it to count it: a
/// later process can, when the one that wrote it is gone.
///
/// As text: base64url of JSON, below 4 KiB, so that proxies pass it on in a header. It holds no
/// secret, but it tells who downloads what: not for clients, and not for logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The process that wrote it.
    pub process: Uuid,
    /// The transfer's number in that process.
    pub transfer: u64,
    /// When it began.
    pub at: Timestamp,
    /// What it carries to whom.
    pub sending: Sending,
}

/// A ticket as it is written. Ids are texts, which are parsed on the way back.
#[derive(Serialize, Deserialize)]
struct Written {
    process: Uuid,
    transfer: u64,
    at: i64,
    export: String,
    user: String,
    link: Option<String>,
    address: IpAddr,
    agent: Option<String>,
    download: Option<Uuid>,
    #[serde(default)]
    reserved: Option<Uuid>,
    size: Option<u64>,
    planned: Vec<Range<u64>>,
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Sending { export, to, download, reserved, size, planned, by: _ } = &self.sending;
        let written = Written {
            process: self.process,
            transfer: self.transfer,
            at: self.at.millis(),
            export: export.to_string(),
            user: to.user.to_string(),
            link: to.link.map(|link| link.to_string()),
            address: to.address,
            agent: to.agent.clone(),
            download: *download,
            reserved: *reserved,
            size: *size,
            planned: planned.clone(),
        };
        let json = serde_json::to_vec(&written).expect("its keys are texts");
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(json))
    }
}

impl FromStr for Ticket {
    type Err = NotATicket;

    fn from_str(text: &str) -> Result<Self, NotATicket> {
        let json = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NotATicket)?;
        let written: Written = serde_json::from_slice(&json).map_err(|_| NotATicket)?;
        if written.planned.iter().any(|range| range.end < range.start) {
            return Err(NotATicket);
        }
        let link = written.link.map(|link| link.parse()).transpose().map_err(|_| NotATicket)?;
        let to = Receiver {
            user: written.user.parse().map_err(|_| NotATicket)?,
            link,
            address: written.address,
            agent: written.agent,
        };
        Ok(Self {
            process: written.process,
            transfer: written.transfer,
            at: Timestamp::from_millis(written.at),
            sending: Sending {
                export: written.export.parse().map_err(|_| NotATicket)?,
                to,
                download: written.download,
                reserved: written.reserved,
                size: written.size,
                planned: written.planned,
                by: None,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ExportId, LinkId};

    fn ticket() -> Ticket {
        let to = Receiver {
            user: "ada \u{fc} \"x\"".parse().expect("a user id"),
            link: Some(LinkId::new()),
            address: "2001:db8::1".parse().expect("an address"),
            agent: Some("x".repeat(crate::domain::LONGEST_AGENT)),
        };
        let planned = (0..16).map(|part| part << 40..(part << 40) + 1).collect();
        let download = Some(Uuid::now_v7());
        let reserved = Some(Uuid::now_v7());
        let (export, size) = (ExportId::new(), Some(u64::MAX));
        let sending = Sending { export, to, download, reserved, size, planned, by: None };
        Ticket { process: Uuid::now_v7(), transfer: 7, at: Timestamp::from_millis(1), sending }
    }

    #[test]
    fn a_ticket_is_read_back_and_fits_into_a_header() {
        let text = ticket();
        let text = (text.to_string(), text);
        assert_eq!(text.0.parse(), Ok(text.1));
        assert!(text.0.len() < 4096, "{}", text.0.len());
        assert!(text.0.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }

    #[test]
    fn nothing_else_is_taken_for_one() {
        let text = ticket().to_string();
        for wrong in ["", "-", "e30", &text[1..], &text[..text.len() - 3], &format!("{text}=")] {
            assert_eq!(wrong.parse::<Ticket>(), Err(NotATicket), "{wrong}");
        }
        let mut backwards = ticket();
        #[expect(clippy::reversed_empty_ranges, reason = "a ticket that nobody wrote")]
        backwards.sending.planned.push(9..3);
        assert_eq!(backwards.to_string().parse::<Ticket>(), Err(NotATicket));
    }
}
