//! Numbers from a label: the same on every machine.

use sha2::{Digest as _, Sha256};

/// A deterministic generator (xoshiro256**), seeded with the SHA-256 of a label.
#[derive(Clone, Debug)]
pub struct Seed([u64; 4]);

impl Seed {
    /// The generator of that label.
    #[must_use]
    pub fn new(label: &str) -> Self {
        let hash = Sha256::digest(label.as_bytes());
        let mut state = [0; 4];
        for (word, bytes) in state.iter_mut().zip(hash.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().unwrap());
        }
        Self(state)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.0;
        let out = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let (c, d) = (c ^ a, d ^ b);
        self.0 = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        out
    }

    /// A number below `n`, which must not be 0. Slightly biased, which does not matter here.
    pub const fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// `n` bytes.
    pub fn bytes(&mut self, n: usize) -> Vec<u8> {
        let mut out = vec![0; n];
        self.fill(&mut out);
        out
    }

    /// Fills `out`.
    pub fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let bytes = self.next().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

impl rand_core::RngCore for Seed {
    fn next_u32(&mut self) -> u32 {
        self.next() as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.next()
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        self.fill(dest);
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill(dest);
        Ok(())
    }
}

// Not secure, and not meant to be: the keys of this crate are public.
impl rand_core::CryptoRng for Seed {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_a_stream() {
        assert_eq!(Seed::new("a").bytes(13), Seed::new("a").bytes(13));
        assert_ne!(Seed::new("a").bytes(13), Seed::new("b").bytes(13));
        assert_eq!(hex::encode(Seed::new("vidimus").bytes(8)), "0b7be88384cff1d7");
    }
}
