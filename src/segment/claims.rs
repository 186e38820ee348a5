//! What the name of a segment says of its customers: `new` ones are not old, those who are `away` did not buy last week.
//!
//! Maps cut by scores, and scores are relative: the most recent fifth may have bought a year ago. Does not live here: the
//! measures that a claim is held against (`scoring`).

use serde::Deserialize;

/// Something that a name says. Limits are ours, and wide: what lies beyond them is misread by everyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// The first order of each of them is at most a year ago.
    New,
    /// They have bought lately: their last order is at most a year ago, on average.
    Recent,
    /// They have not bought for a while: their last order is at least 30 days ago, on average.
    Away,
    /// They come back: two orders or more, on average, of all days.
    Frequent,
}

/// The sums of a segment that claims are held against.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SegmentSums {
    /// Its customers.
    pub customers: i64,
    /// Of these, those whose first order is more than a year ago.
    pub old: i64,
    /// Their days since the last order.
    pub recency_days: i64,
    /// Their orders, of all days.
    pub orders_ever: i64,
}

/// Days of a year, as a customer is called new.
pub const YEAR: i64 = 365;
/// Days of a month.
const MONTH: i64 = 30;
/// Orders of someone who came back.
const COME_BACK: i64 = 2;

impl Claim {
    /// The word in maps, and in facts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Recent => "recent",
            Self::Away => "away",
            Self::Frequent => "frequent",
        }
    }

    /// Whether it holds of customers of these sums.
    #[must_use]
    pub const fn holds(self, sums: SegmentSums) -> bool {
        match self {
            Self::New => sums.old == 0,
            Self::Recent => sums.recency_days <= YEAR * sums.customers,
            Self::Away => sums.recency_days >= MONTH * sums.customers,
            Self::Frequent => sums.orders_ever >= COME_BACK * sums.customers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_held_against_exact_sums() {
        let of = |customers, old, recency_days, orders_ever| SegmentSums { customers, old, recency_days, orders_ever };
        assert!(Claim::New.holds(of(2, 0, 9_000, 2)) && !Claim::New.holds(of(2, 1, 0, 2)));
        assert!(Claim::Recent.holds(of(2, 2, 730, 2)) && !Claim::Recent.holds(of(2, 0, 731, 2)));
        assert!(Claim::Away.holds(of(2, 0, 60, 2)) && !Claim::Away.holds(of(2, 0, 59, 2)));
        assert!(Claim::Frequent.holds(of(2, 0, 0, 4)) && !Claim::Frequent.holds(of(2, 0, 0, 3)));
    }
}
