//! Texts: patterns of `LIKE`, parts by position. Characters are code points, and comparison is by them.
//!
//! Does not live here: rows (`evaluate`).

use super::cell::Fault;

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    Any,
    One,
    Char(char),
}

/// The pieces of a pattern; none where it ends with its escape character.
pub(super) fn pieces(pattern: &str, escape: Option<char>) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        pieces.push(match c {
            c if Some(c) == escape => Piece::Char(chars.next()?),
            '%' => Piece::Any,
            '_' => Piece::One,
            c => Piece::Char(c),
        });
    }
    Some(pieces)
}

/// Whether all of the text fits the pattern.
pub(super) fn is_like(text: &str, pieces: &[Piece]) -> bool {
    // `x%`, `%x` and `%x%` need no search from every place.
    let mut rest = text.chars();
    let mut at = 0;
    // Where to go on after the last `%`: one character further each time.
    let mut again: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        match pieces.get(at) {
            Some(Piece::Any) => {
                at += 1;
                again = Some((at, rest.clone()));
                continue;
            }
            Some(piece) => {
                let next = rest.next();
                if next.is_some_and(|c| *piece == Piece::One || *piece == Piece::Char(c)) {
                    at += 1;
                    continue;
                }
                if next.is_none() {
                    return false;
                }
            }
            None if rest.as_str().is_empty() => return true,
            None if pieces.last() == Some(&Piece::Any) => return true,
            None => {}
        }
        let Some((place, from)) = &mut again else { return false };
        if from.next().is_none() {
            return false;
        }
        (at, rest) = (*place, from.clone());
    }
}

/// The characters from position `start`, counted from 1 (below 0 from the end), at most `length` of them.
pub(super) fn substring(text: &str, start: i128, length: Option<i128>) -> Result<&str, Fault> {
    if length.is_some_and(|length| length < 0) {
        return Err(Fault::NegativeLength);
    }
    let count = text.chars().count() as i128;
    let first = if start < 0 { count + start } else { start - 1 };
    let end = length.map_or(count, |length| first.saturating_add(length));
    Ok(between(text, first.clamp(0, count), end.clamp(0, count)))
}

/// The first characters; all but the last ones below 0.
pub(super) fn left(text: &str, length: i128) -> &str {
    let count = text.chars().count() as i128;
    between(text, 0, if length < 0 { (count + length).max(0) } else { length.min(count) })
}

/// The last characters; all but the first ones below 0.
pub(super) fn right(text: &str, length: i128) -> &str {
    let count = text.chars().count() as i128;
    between(text, if length < 0 { (-length).min(count) } else { (count - length).max(0) }, count)
}

/// The characters from `start` up to `end`, both within the text.
fn between(text: &str, start: i128, end: i128) -> &str {
    let place = |at: i128| {
        let at = usize::try_from(at).unwrap_or(0);
        text.char_indices().nth(at).map_or(text.len(), |(place, _)| place)
    };
    if end <= start { "" } else { &text[place(start)..place(end)] }
}

/// The position of the first occurrence, counted from 1; 0 where there is none.
pub(super) fn position(text: &str, part: &str) -> i128 {
    text.find(part).map_or(0, |place| text[..place].chars().count() as i128 + 1)
}

/// The part with this number between separators, counted from 1 (below 0 from the end); empty where there is none.
pub(super) fn part<'t>(text: &'t str, separator: &str, number: i128) -> &'t str {
    let parts: Vec<&str> = if separator.is_empty() { vec![text] } else { text.split(separator).collect() };
    let index = if number < 0 { parts.len() as i128 + number } else { number - 1 };
    usize::try_from(index).ok().and_then(|index| parts.get(index).copied()).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(text: &str, pattern: &str) -> bool {
        is_like(text, &pieces(pattern, Some('\\')).unwrap())
    }

    #[test]
    fn a_pattern_fits_all_of_a_text() {
        for (text, pattern) in [
            ("abc", "abc"),
            ("abc", "a%"),
            ("abc", "%c"),
            ("abc", "%b%"),
            ("abc", "_b_"),
            ("", "%"),
            ("", ""),
            ("a%c", "a\\%c"),
            ("aXbXc", "a%X%c"),
            ("aab", "%ab"),
            ("日本", "_本"),
            ("a\nb", "a%b"),
            ("abcabd", "%abd"),
            ("aaa", "a%a"),
            ("aa", "a%a%"),
        ] {
            assert!(like(text, pattern), "{text} LIKE {pattern}");
        }
        for (text, pattern) in
            [("abc", "ab"), ("abc", "b%"), ("abc", "_"), ("abc", "a\\%"), ("", "_"), ("a", "a%a"), ("ABC", "abc")]
        {
            assert!(!like(text, pattern), "{text} NOT LIKE {pattern}");
        }
        assert_eq!(pieces("a\\", Some('\\')), None);
    }

    #[test]
    fn parts_are_counted_in_characters_from_one() {
        assert_eq!(substring("hello", 2, None), Ok("ello"));
        assert_eq!(substring("hello", 0, Some(3)), Ok("he"));
        assert_eq!(substring("hello", -3, Some(2)), Ok("ll"));
        assert_eq!(substring("héllo", 2, Some(1)), Ok("é"));
        assert_eq!(substring("hello", 9, Some(1)), Ok(""));
        assert_eq!(substring("hello", 1, Some(-1)), Err(Fault::NegativeLength));
        assert_eq!((left("hello", 2), left("hello", -2), left("hello", -9)), ("he", "hel", ""));
        assert_eq!((right("hello", 2), right("hello", -2), right("hello", 9)), ("lo", "llo", "hello"));
        assert_eq!((position("héllo", "l"), position("x", "y")), (3, 0));
        assert_eq!((part("a-b-c", "-", 2), part("a-b-c", "-", -1), part("a-b", "-", 3)), ("b", "c", ""));
    }
}
