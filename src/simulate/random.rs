//! Random numbers: one small stream for each customer and each order, derived from its number alone.
//!
//! This makes the result independent of the number of threads: no stream is shared. Does not live here: any
//! distribution; those come from `rand_distr`.

use std::convert::Infallible;

use rand::TryRng;

/// The step of `SplitMix64`: 2^64 divided by the golden ratio, made odd.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a stream is for. Streams of different purposes never meet, even for equal numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// When a customer buys, and for how much.
    Customer = 1,
    /// How an order is split into lines, and what is wrong with them.
    Order = 2,
}

/// `SplitMix64` (Steele, Lea and Flood 2014): eight bytes of state, a nanosecond per number.
#[derive(Debug)]
pub(super) struct Stream(u64);

impl Stream {
    /// The stream of one customer or order. The start is hashed: neighbours begin far apart on the
    /// one cycle of 2^64 numbers.
    pub(super) fn new(seed: u64, purpose: Purpose, number: u64) -> Self {
        let key = mix(seed ^ mix(purpose as u64));
        Self(mix(key.wrapping_add(number.wrapping_mul(STEP))))
    }

    /// The next 64 bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number of `[0, 1)`, in steps of 2^-53.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what a double holds")]
    pub(super) fn unit(&mut self) -> f64 {
        const STEP_53: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.bits() >> 11) as f64 * STEP_53
    }

    /// True with probability `share`. Takes one number whatever the share, so that enabling a share does not shift any
    /// other draw.
    pub(super) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.bits() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.bits().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// The output function of `SplitMix64`: a bijection of 64 bits that scatters neighbours.
pub(super) fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first outputs for the seed 1234567 that Rosetta Code lists under "Pseudo-random
    /// numbers/Splitmix64", made with the reference C program of Vigna.
    #[test]
    fn numbers_as_in_the_reference_program_of_splitmix64() {
        let mut stream = Stream(1_234_567);
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
        ];
        assert_eq!([stream.bits(), stream.bits(), stream.bits(), stream.bits()], expected);
    }

    #[test]
    fn streams_differ_by_seed_purpose_and_number() {
        let first = |seed, purpose, number| Stream::new(seed, purpose, number).bits();
        let base = first(1, Purpose::Customer, 7);
        assert_eq!(base, first(1, Purpose::Customer, 7));
        assert_ne!(base, first(2, Purpose::Customer, 7));
        assert_ne!(base, first(1, Purpose::Order, 7));
        assert_ne!(base, first(1, Purpose::Customer, 8));
    }

    #[test]
    fn first_numbers_of_many_streams_are_uniform() {
        // The mean of n uniform numbers has the standard deviation sqrt(1 / 12 n).
        let n = 100_000_u32;
        let sum: f64 = (0..n).map(|i| Stream::new(3, Purpose::Customer, u64::from(i)).unit()).sum();
        let bound = 5.0 * (1.0 / (12.0 * f64::from(n))).sqrt();
        assert!((sum / f64::from(n) - 0.5).abs() < bound);
    }
}
