//! The cell of a customer: the three scores as one text, "545", and their sum.

use crate::error::{Error, Result};

/// From this number of bins on a score can have two digits, and the scores are joined by "-".
const TWO_DIGITS: u32 = 10;

/// All cells of three axes, or of recency and frequency alone, numbered 0.. in ascending order of (r, f, m).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cells {
    bins: [u32; 3],
    /// How many of the axes are scored.
    axes: usize,
}

impl Cells {
    /// The cells of axes with these numbers of bins.
    #[must_use]
    pub const fn new(r_bins: u32, f_bins: u32, m_bins: u32) -> Self {
        Self { bins: [r_bins, f_bins, m_bins], axes: 3 }
    }

    /// The cells of recency and frequency, where money is not known: the monetary scores are ignored.
    #[must_use]
    pub const fn of_two(r_bins: u32, f_bins: u32) -> Self {
        Self { bins: [r_bins, f_bins, 1], axes: 2 }
    }

    /// The number of cells.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.bins[0] * self.bins[1] * self.bins[2]
    }

    /// The number of every customer's cell.
    ///
    /// # Errors
    /// A bug, where the slices differ in length or a score is out of range.
    pub fn numbers(self, r: &[i32], f: &[i32], m: &[i32]) -> Result<Vec<u32>> {
        same_length(r, f, m)?;
        let [r_bins, f_bins, m_bins] = self.bins;
        let mut in_range = true;
        let number = |((&r, &f), &m): ((&i32, &i32), &i32)| {
            let m = if self.axes == 3 { below_one(m) } else { 0 };
            let (r, f) = (below_one(r), below_one(f));
            in_range &= r < r_bins && f < f_bins && m < m_bins;
            r.wrapping_mul(f_bins).wrapping_add(f).wrapping_mul(m_bins).wrapping_add(m)
        };
        let numbers = r.iter().zip(f).zip(m).map(number).collect();
        if in_range { Ok(numbers) } else { Err(Error::bug(format!("a score is outside of the bins {:?}", self.bins))) }
    }

    /// The scores r, f, m of a cell.
    #[must_use]
    pub const fn scores(self, number: u32) -> [u32; 3] {
        let [_, f_bins, m_bins] = self.bins;
        [number / (f_bins * m_bins) + 1, number / m_bins % f_bins + 1, number % m_bins + 1]
    }

    /// The text of a cell: "545", and "10-4-12" where any axis has more than 9 bins.
    #[must_use]
    pub fn text(self, number: u32) -> String {
        let scores = self.scores(number).map(|score| score.to_string());
        let separator = if self.bins.iter().any(|&bins| bins >= TWO_DIGITS) { "-" } else { "" };
        scores[..self.axes].join(separator)
    }

    /// The texts of all cells, by number: a dictionary for a column of cells.
    #[must_use]
    pub fn texts(self) -> Vec<String> {
        (0..self.count()).map(|number| self.text(number)).collect()
    }
}

/// r + f + m per customer.
///
/// # Errors
/// A bug, where the slices differ in length.
pub fn score_sums(r: &[i32], f: &[i32], m: &[i32]) -> Result<Vec<i32>> {
    same_length(r, f, m)?;
    Ok(r.iter().zip(f).zip(m).map(|((r, f), m)| r + f + m).collect())
}

const fn below_one(score: i32) -> u32 {
    score.wrapping_sub(1).cast_unsigned()
}

fn same_length(r: &[i32], f: &[i32], m: &[i32]) -> Result<()> {
    if r.len() == f.len() && f.len() == m.len() {
        return Ok(());
    }
    Err(Error::bug(format!("{} r scores, {} f scores, {} m scores", r.len(), f.len(), m.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cell_of_5_4_5_is_545() {
        let cells = Cells::new(5, 5, 5);
        let numbers = cells.numbers(&[5, 1], &[4, 1], &[5, 1]).unwrap();
        // (5-1)*25 + (4-1)*5 + (5-1) = 119
        assert_eq!(numbers, [119, 0]);
        assert_eq!(cells.text(119), "545");
        assert_eq!(score_sums(&[5, 1], &[4, 1], &[5, 1]).unwrap(), [14, 3]);
    }

    #[test]
    fn without_money_a_cell_has_two_digits() {
        let cells = Cells::of_two(5, 4);
        // (5-1)*4 + (3-1) = 18
        assert_eq!(cells.numbers(&[5], &[3], &[0]).unwrap(), [18]);
        assert_eq!((cells.text(18), cells.count(), cells.scores(18)), ("53".into(), 20, [5, 3, 1]));
        assert_eq!(Cells::of_two(10, 4).text(0), "1-1");
        assert_eq!(score_sums(&[5], &[3], &[0]).unwrap(), [8]);
    }

    #[test]
    fn two_digit_scores_are_joined_by_a_dash_on_every_axis() {
        let cells = Cells::new(10, 4, 12);
        let number = cells.numbers(&[10], &[4], &[12]).unwrap()[0];
        assert_eq!(cells.text(number), "10-4-12");
        assert_eq!(cells.text(0), "1-1-1");
        assert_eq!(Cells::new(9, 9, 9).text(0), "111");
    }

    #[test]
    fn every_cell_has_its_own_number_and_text() {
        let cells = Cells::new(5, 4, 6);
        assert_eq!(cells.count(), 120);
        for number in 0..cells.count() {
            let [r, f, m] = cells.scores(number).map(u32::cast_signed);
            assert_eq!(cells.numbers(&[r], &[f], &[m]).unwrap(), [number]);
        }
        let texts: std::collections::BTreeSet<String> = cells.texts().into_iter().collect();
        assert_eq!(texts.len(), 120);
    }

    #[test]
    fn scores_out_of_range_are_a_bug() {
        let cells = Cells::new(5, 5, 5);
        for (r, f, m) in [(0, 1, 1), (6, 1, 1), (1, 6, 1), (1, 1, 6), (1, 1, i32::MIN), (i32::MAX, 1, 1)] {
            assert!(cells.numbers(&[r], &[f], &[m]).is_err());
        }
        assert!(cells.numbers(&[1], &[1], &[]).is_err());
    }
}
