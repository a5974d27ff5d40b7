//! Whoever comes by a link, as far as one can be told from another.

use std::net::{IpAddr, Ipv6Addr};

use sha2::{Digest, Sha256 as Hasher};

use crate::domain::{LinkId, Receiver, Sha256};

/// Where requests come from that are likely one customer's: an IPv4 address, or an IPv6 /64,
/// within which machines change their addresses as they please.
///
/// Source: RFC 8981; BCOP 690 §4.
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

/// The visitor of `link` who receives: the same for the same program at the same place. A digest,
/// so that rows do not tell who used a link.
pub fn visitor(link: LinkId, to: &Receiver) -> String {
    let mut hasher = Hasher::new();
    let address = neighbourhood(to.address).to_string();
    for part in [link.to_string().as_str(), &address, to.agent.as_deref().unwrap_or_default()] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    Sha256(hasher.finalize().into()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coming(link: LinkId, address: &str, agent: Option<&str>) -> String {
        let address = address.parse().expect("an address");
        let user = "ada".parse().expect("a user");
        visitor(link, &Receiver { user, link: Some(link), address, agent: agent.map(Into::into) })
    }

    #[test]
    fn a_visitor_is_a_program_at_a_place_that_came_by_one_link() {
        let link = LinkId::new();
        let curl = coming(link, "203.0.113.9", Some("curl/7.88.1"));
        assert_eq!(curl, coming(link, "::ffff:203.0.113.9", Some("curl/7.88.1")));
        for other in [
            coming(link, "203.0.113.8", Some("curl/7.88.1")),
            coming(link, "203.0.113.9", Some("Wget/1.21")),
            coming(link, "203.0.113.9", None),
            coming(LinkId::new(), "203.0.113.9", Some("curl/7.88.1")),
        ] {
            assert_ne!(curl, other);
        }
        let at_home = coming(link, "2001:db8::1:2:3:4", None);
        assert_eq!(at_home, coming(link, "2001:db8::5:6:7:8", None), "in the same network");
        assert_ne!(at_home, coming(link, "2001:db8:0:1::1", None));
    }
}
