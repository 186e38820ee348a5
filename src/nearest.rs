//! "Did you mean": the known name that is nearest to a misspelt one.
//!
//! Lives here: the distance between two words. Does not live here: what the words are.

/// The candidate that `word` most likely means, or nothing if none is near.
///
/// Near means at most a quarter of the characters (at least one) inserted, left out, changed, or
/// swapped with their neighbour. Of equally near candidates the first wins.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let limit = (word.chars().count() / 4).max(1);
    let near = candidates.into_iter().map(|candidate| (distance(word, candidate), candidate));
    near.filter(|(distance, _)| *distance <= limit).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// Words longer than this are not compared: no known name is near.
const LONGEST_WORD: usize = 80;

/// The optimal string alignment distance: the least number of insertions, deletions, substitutions and
/// swaps of neighbours, no part being edited twice (Damerau 1964, restricted).
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    if left.len() > LONGEST_WORD || right.len() > LONGEST_WORD {
        return usize::MAX;
    }
    let mut rows = vec![(0..=right.len()).collect::<Vec<usize>>()];
    for i in 1..=left.len() {
        let mut row = vec![i];
        for j in 1..=right.len() {
            let substituted = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut least = substituted.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_counted_by_hand() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3, "k to s, e to i, and a g");
        assert_eq!(distance("quantlies", "quantiles"), 1, "one swap");
        assert_eq!(distance("bins", "bins"), 0);
    }

    #[test]
    fn a_far_word_has_no_suggestion() {
        assert_eq!(nearest("pins", ["bins", "cuts"]), Some("bins"));
        assert_eq!(nearest("quantlies", ["quantity"]), None, "three edits of nine characters");
        assert_eq!(nearest("aws_secret_access_key", ["bins", "cuts"]), None);
        assert_eq!(nearest(&"x".repeat(100_000), ["bins"]), None);
    }
}
