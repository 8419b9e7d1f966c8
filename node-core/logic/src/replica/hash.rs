//! Hashes that tell copies apart; they keep nobody out, for members are trusted.

/// Eight bytes of BLAKE3.
#[must_use]
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mut short = [0; 8];
    blake3::Hasher::new().update(bytes).finalize_xof().fill(&mut short);
    u64::from_le_bytes(short)
}

/// One word out of several, each bit of it a matter of every bit of them.
///
/// The finaliser of `SplitMix64` (Steele, Lea, Flood: *Fast Splittable Pseudorandom Number
/// Generators*, 2014, figure 15) over a running sum: a fiftieth of the time of [`hash`], which
/// counts where a thousand nodes are summed up with every comparison.
#[must_use]
pub(crate) fn mix(words: impl IntoIterator<Item = u64>) -> u64 {
    words.into_iter().fold(0x9e37_79b9_7f4a_7c15, |sum, word| {
        let mut z = (sum ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

/// The words of 32 bytes.
pub(crate) fn words(bytes: &[u8; 32]) -> impl Iterator<Item = u64> + '_ {
    let (chunks, _) = bytes.as_chunks::<8>();
    chunks.iter().map(|chunk| u64::from_le_bytes(*chunk))
}
