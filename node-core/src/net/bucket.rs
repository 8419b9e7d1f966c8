//! Token buckets: so many at once, so many each second after.

use std::{collections::BTreeMap, net::IpAddr, time::Instant};

use super::limits::{RATED_ADDRESSES, REQUESTS_IN_TOTAL, REQUESTS_PER_ADDRESS};

/// One bucket, counted in thousandths of a token, so that a millisecond's share is whole.
#[derive(Debug)]
struct Bucket {
    burst: u64,
    per_second: u64,
    millitokens: u64,
    filled: Instant,
}

impl Bucket {
    fn new((burst, per_second): (u32, u32), now: Instant) -> Self {
        let burst = u64::from(burst) * 1000;
        Self { burst, per_second: per_second.into(), millitokens: burst, filled: now }
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.filled).as_millis();
        let share = u64::try_from(passed).unwrap_or(u64::MAX).saturating_mul(self.per_second);
        if share > 0 {
            self.millitokens = self.millitokens.saturating_add(share).min(self.burst);
            self.filled = now;
        }
    }

    fn take(&mut self, now: Instant) -> bool {
        self.fill(now);
        let left = self.millitokens.checked_sub(1000);
        self.millitokens = left.unwrap_or(self.millitokens);
        left.is_some()
    }
}

/// The rate of lobby requests, by source address and in total.
///
/// By address and not by peer, because a stranger can make as many peer ids as it likes.
#[derive(Debug)]
pub(super) struct RequestRates {
    total: Bucket,
    addresses: BTreeMap<IpAddr, Bucket>,
}

impl RequestRates {
    pub(super) fn new(now: Instant) -> Self {
        Self { total: Bucket::new(REQUESTS_IN_TOTAL, now), addresses: BTreeMap::new() }
    }

    /// Whether one more request from `address` is within the rates.
    pub(super) fn take(&mut self, address: IpAddr, now: Instant) -> bool {
        if self.addresses.len() >= RATED_ADDRESSES && !self.addresses.contains_key(&address) {
            self.addresses.retain(|_, bucket| {
                bucket.fill(now);
                bucket.millitokens < bucket.burst
            });
            if self.addresses.len() >= RATED_ADDRESSES {
                return false;
            }
        }
        let bucket =
            self.addresses.entry(address).or_insert_with(|| Bucket::new(REQUESTS_PER_ADDRESS, now));
        bucket.take(now) && self.total.take(now)
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn burst_passes_then_the_rate_holds() {
        let start = Instant::now();
        let mut rates = RequestRates::new(start);

        let at_once = (0..1000).filter(|_| rates.take(HERE, start)).count();
        let later = start + Duration::from_secs(1);
        let after = (0..1000).filter(|_| rates.take(HERE, later)).count();

        assert_eq!((at_once, after), (40, 20));
    }

    #[test]
    fn one_address_does_not_use_up_the_share_of_another() {
        let start = Instant::now();
        let mut rates = RequestRates::new(start);
        let flood = (0..1000).filter(|_| rates.take(HERE, start)).count();

        let other = rates.take(Ipv4Addr::new(10, 0, 0, 1).into(), start);

        assert!(other && flood == 40);
    }

    #[test]
    fn remembered_addresses_are_bounded() {
        let start = Instant::now();
        let mut rates = RequestRates::new(start);

        for n in 0..10_000u32 {
            rates.take(Ipv4Addr::from_bits(n).into(), start + Duration::from_millis(n.into()));
        }

        assert!(rates.addresses.len() <= RATED_ADDRESSES);
    }
}
