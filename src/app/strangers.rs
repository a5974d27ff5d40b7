//! Whoever keeps showing credentials that prove nobody.

use std::net::IpAddr;
use std::time::Duration;

use crate::clock::Clock;
use crate::security::{Patience, Slowing};
use crate::telemetry::Metrics;

use super::DeskParts;
use super::visitor::neighbourhood;

/// Of one place. Nobody guesses a credential of ours; a program that tries all the same is told to
/// stop. A few broken clients behind one address are no such program.
const PATIENCE: Patience = Patience {
    free: 100,
    first_wait: Duration::from_secs(1),
    longest_wait: Duration::from_secs(60),
    forgotten_after: Duration::from_secs(600),
    remembered: 20_000,
};

/// Who has failed to prove who they are, by where they came from. Only those are slowed who fail:
/// many share an address with one who guesses, and what is right is right at once.
#[derive(Debug)]
pub struct Strangers {
    places: Slowing<IpAddr>,
    clock: Clock,
    metrics: Metrics,
}

impl Strangers {
    pub(super) fn new(parts: &DeskParts) -> Self {
        Self { places: Slowing::new(PATIENCE), clock: parts.clock.clone(), metrics: parts.metrics.clone() }
    }

    /// Somebody at `address` showed what proves nobody.
    ///
    /// # Errors
    /// How long they are to wait, when too many from there did the same.
    pub fn failed(&self, address: IpAddr) -> Result<(), Duration> {
        let told = self.places.begin(&neighbourhood(address), self.clock.now());
        if told.is_err() {
            self.metrics.rate_limited.with_label_values(&["credentials"]).inc();
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn strangers() -> Strangers {
        let (clock, metrics) = (Clock::system(), Metrics::new("test"));
        Strangers { places: Slowing::new(PATIENCE), clock, metrics }
    }

    #[test]
    fn a_hundred_thousand_addresses_cost_no_more_memory_than_twenty_thousand() {
        let strangers = strangers();
        for number in 0..100_000 {
            assert_eq!(strangers.failed(Ipv4Addr::from_bits(number).into()), Ok(()));
            assert!(strangers.places.remembered() <= PATIENCE.remembered);
        }
    }

    #[test]
    fn a_network_that_changes_its_addresses_is_one_place() {
        let strangers = strangers();
        let at = |host: u128| IpAddr::from(Ipv6Addr::from_bits(0x2001_0db8_u128 << 96 | host));
        assert!((0..100).all(|host| strangers.failed(at(host)).is_ok()));
        assert!(strangers.failed(at(100)).is_err());
        assert!(strangers.failed(at(1 << 64)).is_ok(), "another network");
    }
}
