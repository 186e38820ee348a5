//! Chains of old ids: which entry leads where in the end, and where chains bite their own tail.
//!
//! Does not live here: ids (`aliases`); entries are numbers here.

/// Marks an entry that leads to no other.
pub(super) const NOWHERE: u32 = u32::MAX;

/// Where every chain ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chains {
    /// Per entry the last one of its chain.
    pub(super) last: Vec<u32>,
    /// Entries of the longest chain; 0 without entries.
    pub(super) longest: u32,
}

/// Follows the chains: `next` has for each entry the one that it leads to, or [`NOWHERE`].
///
/// # Errors
/// The circles, each with its entries from the smallest one on, ascending by that.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn follow(next: &[u32]) -> Result<Chains, Vec<Vec<u32>>> {
    let mut last = vec![NOWHERE; next.len()];
    // The number of entries from here to the end; while a chain is walked, which of its walks it is, from above.
    let mut length = vec![0_u32; next.len()];
    let mut circles: Vec<Vec<u32>> = Vec::new();
    let mut walked = Vec::new();
    for first in 0..next.len() as u32 {
        let mut entry = first;
        while last[entry as usize] == NOWHERE && length[entry as usize] == 0 {
            walked.push(entry);
            // Seen, and not yet known.
            length[entry as usize] = NOWHERE;
            if next[entry as usize] == NOWHERE {
                break;
            }
            entry = next[entry as usize];
        }
        let is_circle = length[entry as usize] == NOWHERE && next[entry as usize] != NOWHERE;
        if is_circle && let Some(start) = walked.iter().position(|seen| *seen == entry) {
            circles.push(from_the_smallest(&walked[start..]));
        }
        // Entries that lead into a circle end where it was noticed: the result is not used then.
        let (mut end, mut count) = match (last[entry as usize], is_circle) {
            (NOWHERE, _) => (entry, 0),
            (end, _) => (end, length[entry as usize]),
        };
        while let Some(entry) = walked.pop() {
            count += 1;
            if next[entry as usize] == NOWHERE {
                end = entry;
            }
            (last[entry as usize], length[entry as usize]) = (end, count);
        }
    }
    if circles.is_empty() {
        return Ok(Chains { last, longest: length.into_iter().max().unwrap_or(0) });
    }
    circles.sort_unstable();
    Err(circles)
}

fn from_the_smallest(circle: &[u32]) -> Vec<u32> {
    let smallest = (0..circle.len()).min_by_key(|place| circle[*place]).unwrap_or(0);
    circle[smallest..].iter().chain(&circle[..smallest]).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: u32 = NOWHERE;

    #[test]
    fn chains_are_followed_to_their_end_whatever_the_order_of_entries() {
        // 0 -> 1 -> 2, 3 -> 1, and 4 alone.
        let chains = follow(&[1, 2, END, 1, END]).unwrap();
        assert_eq!(chains, Chains { last: vec![2, 2, 2, 2, 4], longest: 3 });
        // The same, numbered from its end: 4 -> 3 -> 2, 1 -> 3, and 0 alone.
        let chains = follow(&[END, 3, END, 2, 3]).unwrap();
        assert_eq!(chains, Chains { last: vec![0, 2, 2, 2, 2], longest: 3 });
        assert_eq!(follow(&[]).unwrap().longest, 0);
        let long: Vec<u32> = (1..100_000).chain([END]).collect();
        let chains = follow(&long).unwrap();
        assert!(chains.longest == 100_000 && chains.last.iter().all(|last| *last == 99_999));
    }

    #[test]
    fn every_circle_is_found_once_and_begins_with_its_smallest_entry() {
        // 0 -> 3 -> 1 -> 3 is a way into the circle of 1 and 3; 2 leads to itself; 5 -> 6 -> 4 -> 5; 7 -> 8 is a chain.
        let circles = follow(&[3, 3, 2, 1, 5, 6, 4, 8, END]).unwrap_err();
        assert_eq!(circles, [vec![1, 3], vec![2], vec![4, 5, 6]]);
        assert_eq!(follow(&[1, 0]).unwrap_err(), [vec![0, 1]]);
        // Into a circle that is known already.
        assert_eq!(follow(&[1, 0, 0, 2]).unwrap_err(), [vec![0, 1]]);
    }
}
