//! How ids are spelled as texts.
//!
//! Hand-written, since `format!` would take longer than all the rest of a line.

use super::random::mix;

/// Adds `C000123456`.
pub(super) fn push_short_customer(text: &mut Vec<u8>, customer: u32) {
    text.push(b'C');
    push_padded::<9>(text, u64::from(customer));
}

/// Adds `O000000123456`.
pub(super) fn push_short_order(text: &mut Vec<u8>, order: u64) {
    text.push(b'O');
    push_padded::<12>(text, order);
}

/// Adds a UUID of version 4 that depends only on the number.
pub(super) fn push_uuid_customer(text: &mut Vec<u8>, customer: u32) {
    let high = mix(u64::from(customer) | 1 << 32);
    push_uuid(text, high, mix(high), 4);
}

/// Adds a UUID in the shape of version 7: the first 48 bits are the order's number.
pub(super) fn push_uuid_order(text: &mut Vec<u8>, order: u64) {
    let scattered = mix(order);
    push_uuid(text, (order << 16) | (scattered & 0xffff), mix(scattered), 7);
}

/// Decimal digits with leading zeros up to `WIDTH`; longer numbers are longer.
fn push_padded<const WIDTH: usize>(text: &mut Vec<u8>, mut number: u64) {
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    while number > 0 {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    text.extend_from_slice(&digits[first.min(digits.len() - WIDTH)..]);
}

/// 8-4-4-4-12 hexadecimal digits, with the version and the variant of RFC 9562 in their positions.
fn push_uuid(text: &mut Vec<u8>, high: u64, low: u64, version: u64) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let high = (high & !0xf000) | version << 12;
    let low = (low & !(0b11 << 62)) | 0b10 << 62;
    let mut uuid = [b'-'; 36];
    let mut at = 0;
    for byte in high.to_be_bytes().into_iter().chain(low.to_be_bytes()) {
        if matches!(at, 8 | 13 | 18 | 23) {
            at += 1;
        }
        uuid[at] = HEX[usize::from(byte >> 4)];
        uuid[at + 1] = HEX[usize::from(byte & 15)];
        at += 2;
    }
    text.extend_from_slice(&uuid);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<N>(push: impl Fn(&mut Vec<u8>, N), number: N) -> String {
        let mut bytes = Vec::new();
        push(&mut bytes, number);
        String::from_utf8(bytes).expect("ASCII")
    }

    #[test]
    fn short_ids_are_padded_and_grow_when_they_must() {
        assert_eq!(text(push_short_customer, 123_456), "C000123456");
        assert_eq!(text(push_short_customer, u32::MAX), "C4294967295");
        assert_eq!(text(push_short_order, 0), "O000000000000");
        assert_eq!(text(push_short_order, u64::MAX), "O18446744073709551615");
    }

    #[test]
    fn uuids_have_their_shape_version_and_variant() {
        for (uuid, version) in [(text(push_uuid_customer, 9), '4'), (text(push_uuid_order, 9), '7')] {
            let groups: Vec<usize> = uuid.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12], "{uuid}");
            assert_eq!(uuid.chars().nth(14), Some(version), "{uuid}");
            assert!(uuid.chars().nth(19).is_some_and(|c| "89ab".contains(c)), "{uuid}");
            assert!(uuid.chars().all(|c| c == '-' || c.is_ascii_hexdigit()), "{uuid}");
        }
    }

    #[test]
    fn ids_are_distinct_and_those_of_orders_ascend() {
        let uuids: std::collections::HashSet<String> = (1..=100_000).map(|n| text(push_uuid_customer, n)).collect();
        assert_eq!(uuids.len(), 100_000);
        let orders: Vec<String> = (1..=100_000).map(|n| text(push_uuid_order, n)).collect();
        assert!(orders.is_sorted_by(|a, b| a < b));
    }
}
