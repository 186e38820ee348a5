//! Ids as numbers that sort as they do.
//!
//! Does not live here: what is sorted by them.

/// An integer as a number without sign that sorts as it does.
#[inline]
#[must_use]
pub const fn sortable(id: i64) -> u64 {
    id.cast_unsigned() ^ 1 << 63
}

/// The integer of [`sortable`].
#[inline]
#[must_use]
pub const fn unsortable(key: u64) -> i64 {
    (key ^ 1 << 63).cast_signed()
}

/// The first eight bytes as a number that sorts as they do; shorter texts are filled up with zeros, and the whole
/// texts decide between equals.
#[inline]
#[must_use]
pub fn first_bytes(name: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = name.len().min(8);
    bytes[..length].copy_from_slice(&name[..length]);
    u64::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_ids_do() {
        let ids = [i64::MIN, -1, 0, 1, i64::MAX];
        assert!(ids.map(sortable).is_sorted());
        assert_eq!(ids.map(|id| unsortable(sortable(id))), ids);
        let texts = [&b""[..], b"1", b"10", b"2", b"a", b"ab"];
        assert!(texts.map(first_bytes).is_sorted());
    }
}
