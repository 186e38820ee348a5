//! Sizes of memory as people write them: `1.5 GB`, `2GiB`, `750 mb`.

/// The units and their bytes. Single letters are left out: `2g` means 10^9 to some tools and 2^30 to others.
const UNITS: [(&str, u64); 9] = [
    ("b", 1),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
];

/// More than any machine has; below it every product is an exact number of bytes as `f64`.
const MOST_BYTES: f64 = 1e15;

/// The bytes that `text` means, or nothing if it is not a size above zero with a unit.
pub(super) fn bytes_of(text: &str) -> Option<u64> {
    let text = text.trim();
    let unit_start = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit_start);
    let number = number.trim();
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let number: f64 = number.parse().ok()?;
    let (_, factor) = UNITS.iter().find(|(name, _)| unit.eq_ignore_ascii_case(name))?;
    #[allow(clippy::cast_precision_loss)] // the largest factor is 2^40, far below 2^53
    let bytes = (number * *factor as f64).floor();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // within 1 to 10^15
    (1.0..=MOST_BYTES).contains(&bytes).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::bytes_of;

    #[test]
    fn sizes_are_read_in_decimal_and_binary_units() {
        assert_eq!(bytes_of("1.5 GB"), Some(1_500_000_000));
        assert_eq!(bytes_of("2GiB"), Some(2_147_483_648));
        assert_eq!(bytes_of(" 750 mb "), Some(750_000_000));
        assert_eq!(bytes_of("1 B"), Some(1));
    }

    #[test]
    fn what_is_no_size_or_has_no_clear_unit_is_refused() {
        for text in ["", "GB", "1.5", "2g", "-1 GB", "0 GB", "nan GB", "inf GB", "1e300 GB", "1,5 GB", "1 GB free"] {
            assert_eq!(bytes_of(text), None, "{text:?}");
        }
    }
}
