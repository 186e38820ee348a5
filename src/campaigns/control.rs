//! Who is held back: a share of the customers that a key chooses, the same in every campaign.
//!
//! Each customer has a fixed number u in [0, 1), from HMAC-SHA256 of their id. Those with u below the share are not contacted, so that
//! what they do without a contact is known.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The key where none is set. It keeps the choice the same from campaign to campaign; it is no secret.
const OWN_KEY: &[u8] = b"rfmetrics campaign control group";

/// Digits of a fingerprint.
const FINGERPRINT_BYTES: usize = 8;

/// The key that chooses.
#[derive(Clone)]
pub struct ControlKey {
    keyed: Hmac<Sha256>,
    fingerprint: String,
}

impl fmt::Debug for ControlKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ControlKey({})", self.fingerprint)
    }
}

impl ControlKey {
    /// The program's own key, or the user's; white space at its end does not count. None for an empty one.
    #[must_use]
    pub fn new(key: Option<&[u8]>) -> Option<Self> {
        let key = key.map_or(OWN_KEY, <[u8]>::trim_ascii_end);
        if key.is_empty() {
            return None;
        }
        let keyed = Hmac::new_from_slice(key).ok()?;
        let digest = Sha256::new().chain_update(b"fingerprint of ").chain_update(key).finalize();
        let digits = digest.iter().take(FINGERPRINT_BYTES).map(|byte| format!("{byte:02x}"));
        Some(Self { keyed, fingerprint: digits.collect() })
    }

    /// 16 hexadecimal digits by which the same key is known again.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The number of a customer: of the UTF-8 text of their id, whole numbers in decimal digits.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "53 bits")]
    pub fn u(&self, id: &[u8]) -> f64 {
        let mut mac = self.keyed.clone();
        mac.update(id);
        let bytes = mac.finalize().into_bytes();
        let bits = bytes.iter().take(8).fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaigns::number;

    /// RFC 4231, test case 1: the HMAC begins with `b0344c61d8db3853`; its first 53 bits as a fraction.
    #[test]
    fn the_number_is_the_beginning_of_the_hash() {
        let key = ControlKey::new(Some(&[0x0b; 20])).unwrap();
        let expected = number(0xb034_4c61_d8db_3853 >> 11) / 2_f64.powi(53);
        assert!((key.u(b"Hi There") - expected).abs() < 1e-18);
    }

    #[test]
    fn numbers_are_spread_evenly_and_another_key_spreads_them_otherwise() {
        let (one, two) = (ControlKey::new(None).unwrap(), ControlKey::new(Some(b"other\n")).unwrap());
        assert_ne!(one.fingerprint(), two.fingerprint());
        assert_eq!(two.fingerprint(), ControlKey::new(Some(b"other")).unwrap().fingerprint());
        assert!(ControlKey::new(Some(b" \n")).is_none());
        let ids: Vec<String> = (0..20_000).map(|id| id.to_string()).collect();
        let held = |key: &ControlKey| ids.iter().filter(|id| key.u(id.as_bytes()) < 0.1).count();
        // 2,000 expected, with a standard deviation of 42.
        assert!((1_800..2_200).contains(&held(&one)) && (1_800..2_200).contains(&held(&two)));
        let both = ids.iter().filter(|id| one.u(id.as_bytes()) < 0.1 && two.u(id.as_bytes()) < 0.1).count();
        assert!((120..280).contains(&both), "200 expected: {both}");
    }
}
