//! Pseudonyms of customer ids: HMAC-SHA256 (RFC 2104, FIPS 180-4) under a key that only the user has.
//!
//! Without the key it is impossible to try out which id gives which pseudonym, as one could with a plain hash of a
//! number. Does not live here: where the key comes from (`job`).

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::error::{Error, Result};

/// The environment variable that may hold the key.
pub const KEY_VARIABLE: &str = "RFMETRICS_HASH_KEY";

/// A key of fewer bytes could be guessed.
const LEAST_KEY_BYTES: usize = 16;

/// Bytes of a pseudonym before it is written in hexadecimal digits.
const PSEUDONYM_BYTES: usize = 32;

/// The keyed hash. The key is never shown.
#[derive(Clone)]
pub struct Pseudonyms {
    keyed: Hmac<Sha256>,
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pseudonyms(..)")
    }
}

impl Pseudonyms {
    /// Pseudonyms under `key`, which came from `origin`; white space at its end does not count.
    ///
    /// # Errors
    /// A config error for a key that is too short.
    pub fn new(key: &[u8], origin: &str) -> Result<Self> {
        let key = key.trim_ascii_end();
        let too_short = || {
            Error::config(format!(
                "the key of `privacy.hash_ids` ({origin}) has {} bytes, expected at least {LEAST_KEY_BYTES}",
                key.len()
            ))
            .hint("make one with `openssl rand -hex 32`, and keep it: another key gives other pseudonyms")
        };
        if key.len() < LEAST_KEY_BYTES {
            return Err(too_short());
        }
        Hmac::new_from_slice(key).map(|keyed| Self { keyed }).map_err(|_| too_short())
    }

    /// The pseudonym of an id: of its UTF-8 text; integers count as written in decimal digits.
    #[must_use]
    pub fn of(&self, id: &[u8]) -> [u8; PSEUDONYM_BYTES] {
        let mut mac = self.keyed.clone();
        mac.update(id);
        mac.finalize().into_bytes().into()
    }

    /// The pseudonym as it is published: 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn text_of(&self, id: &[u8]) -> String {
        let mut text = Vec::with_capacity(2 * PSEUDONYM_BYTES);
        push_hexadecimal(&self.of(id), &mut text);
        String::from_utf8(text).unwrap_or_default()
    }
}

/// Appends bytes as lower-case hexadecimal digits.
pub fn push_hexadecimal(bytes: &[u8], text: &mut Vec<u8>) {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    text.extend(bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_sha_256_as_in_rfc_4231() {
        // Test case 1: a key of 20 bytes 0x0b, the data "Hi There".
        let pseudonyms = Pseudonyms::new(&[0x0b; 20], "test").unwrap();
        let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        assert_eq!(pseudonyms.text_of(b"Hi There"), expected);
        assert_eq!(format!("{pseudonyms:?}"), "Pseudonyms(..)");
    }

    #[test]
    fn a_line_break_after_the_key_is_not_part_of_it_and_short_keys_are_refused_unseen() {
        let one = Pseudonyms::new(b"0123456789abcdef\r\n", "test").unwrap();
        assert_eq!(one.text_of(b"7"), Pseudonyms::new(b"0123456789abcdef", "test").unwrap().text_of(b"7"));
        let error = Pseudonyms::new(b"secret\n", "`key`").unwrap_err().to_string();
        assert!(error.contains("has 6 bytes") && !error.contains("secret"), "{error}");
    }
}
