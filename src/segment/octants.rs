//! The eight octants: R, F and M each above or not above a threshold.
//!
//! Lives here: their names, and which octant two levels per axis give. Does not live here: how a customer is found to
//! be above; that is a score of two bins, by mean, median, 80/20 or given cuts.

use super::map::Segment;
use super::run_scores::RunScores;
use crate::error::{Error, Result};

/// One octant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Octant {
    /// A digit per axis in the order R, F, M: 1 above, 0 not above; "111" is best.
    pub code: String,
    /// Key, names, colour, action, and the order 111, 101, 011, 001, 110, 100, 010, 000.
    pub segment: Segment,
}

/// All octants, and where to find each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Octants {
    /// In their order.
    pub list: Vec<Octant>,
    /// Index into `list` by 4 (R above) + 2 (F above) + 1 (M above).
    by_bits: [u16; 8],
}

impl Octants {
    /// The octants with their names, from the shipped map.
    ///
    /// # Errors
    /// A bug, where the shipped map is not a partition of the eight.
    pub fn new() -> Result<Self> {
        let map = crate::segment::load("octants", |name| Err(crate::segment::unknown_map(name)))?;
        let assigner = map.compile(RunScores { bins: [2; 3], ..RunScores::default() })?;
        let mut list: Vec<Octant> =
            map.segments.into_iter().map(|segment| Octant { code: String::new(), segment }).collect();
        let mut by_bits = [0; 8];
        for (bits, index) in (0_u32..).zip(&mut by_bits) {
            let digits = [bits >> 2 & 1, bits >> 1 & 1, bits & 1];
            let missing = || Error::bug(format!("no octant {digits:?}"));
            *index = assigner.segment_of_cell(digits.map(|digit| digit + 1)).ok_or_else(missing)?;
            list[usize::from(*index)].code = digits.map(|digit| digit.to_string()).concat();
        }
        Ok(Self { list, by_bits })
    }

    /// The octant of every customer, as an index into `list`, from scores of two bins: 2 above, 1 not above.
    ///
    /// # Errors
    /// A bug, where the slices differ in length or a score is neither 1 nor 2.
    pub fn of_levels(&self, r: &[i32], f: &[i32], m: &[i32]) -> Result<Vec<u16>> {
        if r.len() != f.len() || f.len() != m.len() {
            return Err(Error::bug(format!(
                "columns of {:?} customers reached the octants",
                [r.len(), f.len(), m.len()]
            )));
        }
        let octant = |((&r, &f), &m): ((&i32, &i32), &i32)| {
            let bits = usize::from(r == 2) * 4 + usize::from(f == 2) * 2 + usize::from(m == 2);
            [r, f, m].iter().all(|level| matches!(level, 1 | 2)).then(|| self.by_bits[bits])
        };
        let octants: Option<Vec<u16>> = r.iter().zip(f).zip(m).map(octant).collect();
        octants.ok_or_else(|| Error::bug("octants are made of scores of two bins"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eight_codes_and_their_names() {
        let found: Vec<(String, String, String)> =
            Octants::new().unwrap().list.into_iter().map(|o| (o.code, o.segment.key, o.segment.name_zh)).collect();
        let expected = [
            ("111", "important_value", "重要价值客户"),
            ("101", "important_development", "重要发展客户"),
            ("011", "important_retention", "重要保持客户"),
            ("001", "important_win_back", "重要挽留客户"),
            ("110", "general_value", "一般价值客户"),
            ("100", "general_development", "一般发展客户"),
            ("010", "general_retention", "一般保持客户"),
            ("000", "general_win_back", "一般挽留客户"),
        ];
        assert_eq!(found, expected.map(|(code, key, name)| (code.to_owned(), key.to_owned(), name.to_owned())));
    }

    #[test]
    fn two_levels_per_axis_make_the_code() {
        let octants = Octants::new().unwrap();
        let found = octants.of_levels(&[2, 2, 1, 1], &[2, 1, 2, 1], &[2, 1, 2, 1]).unwrap();
        let codes: Vec<&str> = found.into_iter().map(|index| octants.list[usize::from(index)].code.as_str()).collect();
        assert_eq!(codes, ["111", "100", "011", "000"]);
        assert!(octants.of_levels(&[], &[], &[]).unwrap().is_empty());
    }

    #[test]
    fn other_scores_and_uneven_columns_are_bugs() {
        let octants = Octants::new().unwrap();
        assert!(octants.of_levels(&[1], &[], &[1]).is_err());
        for score in [0, 3] {
            assert!(octants.of_levels(&[1], &[score], &[1]).is_err());
        }
    }
}
