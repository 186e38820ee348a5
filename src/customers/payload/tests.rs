//! What rows carry, packed and folded, value by value.

use super::texts::Arena;
use super::*;

/// A layout of every kind of field, and its words: sum, order sum (2), greatest (2), text (1 + 2).
fn layout() -> Layout {
    Layout::new(&[Field::Sum, Field::OrderSum, Field::Greatest(2), Field::LatestText(1)])
}

fn row(sum: i64, order: (i64, u64), greatest: [u64; 2], moment: u64, text: &str, arena: &mut Arena) -> Vec<u64> {
    let mut words = vec![sum.cast_unsigned(), order.0.cast_unsigned(), order.1, greatest[0], greatest[1], moment];
    let text = if moment == 0 { TextWords::NONE } else { TextWords::new(text.as_bytes(), arena.push(text.as_bytes())) };
    words.extend([0; 2]);
    text.write(&mut words, 6);
    words
}

fn text_of(payload: &Payload) -> Vec<u8> {
    let words = TextWords::at(payload.slots.get(0, 10).unwrap(), 8);
    if words.is_long() {
        return payload.texts.arena().get(words.reference()).to_vec();
    }
    let (bytes, length) = words.short_bytes();
    bytes[..length].to_vec()
}

#[test]
fn fields_are_folded_each_in_its_way_whatever_the_order_of_rows() {
    let layout = layout();
    assert_eq!((layout.row_words(), layout.slot_words), (8, 10));
    let (early, late) = ("a text of more than fifteen bytes", "another text of more than fifteen bytes");
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let mut arena = Arena::default();
        let rows = [
            row(5, (0, 0), [1, 9], 7, late, &mut arena),
            row(-8, (0, 0), [2, 1], 7, early, &mut arena),
            row(1, (0, 0), [2, 0], 6, "zzz", &mut arena),
        ];
        let mut payload = Payload::default();
        for number in order {
            payload.fold(&layout, 0, &rows[number], &arena, Effect::Continued);
        }
        // 5 - 8 + 1 = -2; of [1, 9], [2, 1] and [2, 0] the second; of the two texts at moment 7 the greater.
        let slot = payload.slots.get(0, 10).unwrap();
        assert_eq!((slot[0].cast_signed(), &slot[5..7]), (-2, &[2, 1][..]), "{order:?}");
        assert_eq!(text_of(&payload), late.as_bytes());
        // The same where the rows were lines of one order that came together.
        let mut joined = rows[order[0]].clone();
        layout.put(&mut joined, &rows[order[1]], true, &arena);
        layout.put(&mut joined, &rows[order[2]], true, &arena);
        let mut at_once = Payload::default();
        at_once.fold(&layout, 0, &joined, &arena, Effect::Continued);
        assert_eq!(at_once.slots.get(0, 10).unwrap()[..8], slot[..8]);
        assert_eq!(text_of(&at_once), late.as_bytes());
    }
}

#[test]
fn of_orders_only_those_that_count_are_summed() {
    let layout = Layout::new(&[Field::OrderSum]);
    let mut payload = Payload::default();
    let mut fold = |value: i64, count, effect| {
        payload.fold(&layout, 0, &[value.cast_unsigned(), count], &texts::NoTexts, effect);
    };
    fold(10, 1, Effect::Continued);
    fold(5, 0, Effect::Continued);
    // The first order, 15 with one count, counts; the second, 100, does not; the third, 7, counts at the end.
    fold(100, 1, Effect::Closed { counts: true });
    fold(7, 2, Effect::Closed { counts: false });
    fold(1_000, 1, Effect::Lone { counts: false });
    fold(2, 0, Effect::Lone { counts: true });
    payload.close(&layout, 0, true);
    payload.close(&layout, 1, true);
    assert_eq!(payload.slots.get(0, 4), Some(&[15 + 7 + 2, 1 + 2, 0, 0][..]));
    assert_eq!(payload.slots.get(1, 4), Some(&[0; 4][..]));
}

#[test]
fn what_was_folded_apart_is_merged_as_if_it_was_not() {
    let layout = layout();
    let mut arena = Arena::default();
    let rows = [
        row(5, (3, 1), [1, 9], 7, "a text of more than fifteen bytes", &mut arena),
        row(6, (4, 2), [1, 8], 8, "b", &mut arena),
        row(0, (0, 0), [0, 0], 0, "", &mut arena),
    ];
    let [mut together, mut left, mut right] = [(); 3].map(|()| Payload::default());
    for (number, row) in rows.iter().enumerate() {
        let effect = Effect::Lone { counts: true };
        together.fold(&layout, 0, row, &arena, effect);
        if number == 1 { &mut left } else { &mut right }.fold(&layout, 3, row, &arena, effect);
    }
    let mut merged = Payload::default();
    merged.merge(&layout, 0, &left, 3);
    merged.merge(&layout, 0, &right, 3);
    merged.merge(&layout, 0, &right, 99);
    assert_eq!(merged.slots.get(0, 10), together.slots.get(0, 10));
    assert_eq!(text_of(&merged), b"b");
}

#[test]
fn memory_follows_the_customers_and_not_the_rows() {
    let layout = Layout::new(&[Field::LatestText(1)]);
    let mut payload = Payload::default();
    for moment in 1..50_000_u64 {
        let mut arena = Arena::default();
        let text = format!("a comment that no other row has: {moment}");
        let mut words = vec![moment, 0, 0];
        TextWords::new(text.as_bytes(), arena.push(text.as_bytes())).write(&mut words, 1);
        payload.fold(&layout, usize::try_from(moment % 10).unwrap(), &words, &arena, Effect::Continued);
        payload.forget_unused_texts(&layout);
    }
    let text = |slot: usize| {
        let words = TextWords::at(payload.slots.get(slot, 3).unwrap(), 1);
        String::from_utf8(payload.texts.arena().get(words.reference()).to_vec()).unwrap()
    };
    assert_eq!(text(9), "a comment that no other row has: 49999");
    assert_eq!(text(0), "a comment that no other row has: 49990");
    assert!(payload.texts.arena().text_bytes() < 40_000);
}
