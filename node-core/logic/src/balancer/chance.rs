//! Randomness that a seed decides.

/// Numbers by chance: `SplitMix64` (Steele, Lea, Flood, *Fast splittable pseudorandom number
/// generators*, 2014, section 5), which takes any seed.
#[derive(Clone, Copy, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The numbers that follow from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, each as likely as the others but for one part in 2⁶⁴ / `bound`; 0 if
    /// that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        // The high half of a product (Lemire, 2019, section 3), without the rejection.
        let product = u128::from(self.draw()) * (bound as u128);
        usize::try_from(product >> 64).unwrap_or(0)
    }
}
