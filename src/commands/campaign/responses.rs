//! Who responded to a campaign, and what they brought.
//!
//! Does not live here: where it comes from, orders (`orders`) or a table (`response_table`).

use chrono::{Days, NaiveDate};

use crate::customers::CustomerIds;

/// The days in which something is a response: after the day of contact, up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) on: NaiveDate,
    pub(super) days: u32,
}

impl Window {
    /// The last day.
    pub(super) fn end(self) -> NaiveDate {
        self.on.checked_add_days(Days::new(self.days.into())).unwrap_or(NaiveDate::MAX)
    }

    /// Whether a day lies in it.
    pub(super) fn has(self, day: NaiveDate) -> bool {
        self.on < day && day <= self.end()
    }
}

/// Customers who responded, ascending by id.
#[derive(Debug)]
pub(super) struct Responses {
    pub(super) ids: CustomerIds,
    /// Their money, minor units.
    pub(super) revenue: Vec<i64>,
    /// The last day that orders are known of; none where responses are a table.
    pub(super) known_until: Option<NaiveDate>,
    /// Rows that are dated outside the window.
    pub(super) outside: u64,
    /// Rows whose id is null, or can be that of no customer.
    pub(super) nobody: u64,
}

impl Responses {
    /// How many responded.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The place of a customer among them, by the id of an integer or a text.
    pub(super) fn place(&self, integer: Option<i64>, text: Option<&str>) -> Option<usize> {
        match (integer, text) {
            (Some(id), _) => self.ids.row_of_integer(id),
            (None, Some(id)) => self.ids.row_of_text(id.as_bytes()),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_comes_after_the_day_of_contact() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let window = Window { on: date("2026-01-01"), days: 30 };
        assert_eq!(window.end(), date("2026-01-31"));
        let has = ["2026-01-01", "2026-01-02", "2026-01-31", "2026-02-01"].map(|day| window.has(date(day)));
        assert_eq!(has, [false, true, true, false]);
    }
}
