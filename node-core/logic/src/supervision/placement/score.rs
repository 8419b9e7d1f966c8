//! Rendezvous hashing with weights.
//!
//! Each pair of agent and node has a score, and the highest score wins (Thaler and Ravishankar,
//! *Using Name-Based Mappings to Increase Hit Rates*, IEEE/ACM `ToN` 1998). A node that comes or
//! goes moves only the agents that it wins or held. Weights enter as in the logarithmic method of
//! Schindelhauer and Schomaker, *Weighted Distributed Hash Tables*, SPAA 2005: with a hash *u*
//! spread evenly over (0, 1] and a weight *w*, the least -log *u* / *w* wins with a chance in
//! proportion to *w*. So a node costs one hash whatever its weight, and a changed weight moves
//! agents to or from that node alone.

use crate::{ids::NodeId, replica::Summary};

/// Binary digits of a logarithm after the point: with five before it, one fills a `u32`.
const FRACTION: u32 = 27;

/// The score of `name` on a node of some weight; all nodes work out the same, since it takes
/// integers alone.
#[must_use]
pub fn score(name: &str, node: NodeId, weight: u8) -> u32 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&node.0);
    hasher.update(name.as_bytes());
    let mut short = [0; 4];
    hasher.finalize_xof().fill(&mut short);
    let penalty = u64::from(negative_log2(u32::from_le_bytes(short)))
        * u64::from(Summary::DEFAULT_WEIGHT)
        / u64::from(weight.max(1));
    u32::MAX - u32::try_from(penalty).unwrap_or(u32::MAX)
}

/// Who does what one of several should do, for a key that names it.
///
/// All who see the same nodes say the same one. Weights say how many agents a node holds, not how
/// much it decides, so they count for nothing here.
#[must_use]
pub fn steward(key: &str, able: impl IntoIterator<Item = NodeId>) -> Option<NodeId> {
    let scored = able.into_iter().map(|node| (score(key, node, Summary::DEFAULT_WEIGHT), node));
    scored.max().map(|(_, node)| node)
}

/// -log2((`hash` + 1) / 2^32) with [`FRACTION`] binary digits after the point, digit by digit
/// (Turner, *A Fast Binary Logarithm Algorithm*, IEEE Signal Processing Magazine 2010).
fn negative_log2(hash: u32) -> u32 {
    let number = u64::from(hash) + 1;
    let whole = number.ilog2();
    // From 1 up to 2, with 31 binary digits after the point.
    let mut mantissa = if whole > 31 { number >> (whole - 31) } else { number << (31 - whole) };
    let mut log = u64::from(whole);
    for _ in 0..FRACTION {
        mantissa = (mantissa * mantissa) >> 31;
        let digit = mantissa >> 32;
        mantissa >>= digit;
        log = log << 1 | digit;
    }
    // The least hash has 32, one step more than fits.
    let most = 32_u64 << FRACTION;
    u32::try_from(most - log).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::negative_log2;

    #[test]
    fn logarithm_agrees_with_that_of_floats() {
        for hash in [0, 1, 2, 3, 1_000, 1 << 20, (1 << 31) - 1, 3_000_000_000, u32::MAX - 1] {
            let exact = 32.0 - (f64::from(hash) + 1.0).log2();
            let found = f64::from(negative_log2(hash)) / f64::from(1 << 27);
            assert!((exact - found).abs() < 1e-6, "{hash}: {found}, not {exact}");
        }
        assert_eq!(negative_log2(u32::MAX), 0);
    }
}
