//! Whether a cell is worth its contacts: its rate against the rate that pays for them.

use super::rates::Rate;

/// What the responses of a cell say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Significantly above break-even.
    Keep,
    /// Significantly below it.
    Drop,
    /// Neither: contact more of them before you decide.
    NotEnoughEvidence,
}

impl Verdict {
    /// The word in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Drop => "drop",
            Self::NotEnoughEvidence => "not_enough_evidence",
        }
    }

    /// The verdict on a rate whose test against `break_even` has this p-value, at a confidence such as 0.95.
    #[must_use]
    pub fn of(rate: Rate, break_even: f64, p_value: f64, confidence: f64) -> Self {
        let Some(share) = rate.share() else { return Self::NotEnoughEvidence };
        if p_value >= 1.0 - confidence {
            Self::NotEnoughEvidence
        } else if share > break_even {
            Self::Keep
        } else {
            Self::Drop
        }
    }
}

/// The rate of responses that pays for the contacts: `cost` of a contact by the net profit of a response; none where a response brings
/// nothing.
#[must_use]
pub fn break_even(cost: f64, profit_per_response: f64) -> Option<f64> {
    (profit_per_response > 0.0).then(|| cost / profit_per_response)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hughes: a letter costs 0.62, a response brings 35.00: 1.77%.
    #[test]
    fn a_letter_of_62_cents_pays_at_1_77_percent() {
        let rate = break_even(0.62, 35.0).unwrap();
        assert_eq!(format!("{:.4}%", 100.0 * rate), "1.7714%");
        assert_eq!(break_even(0.62, 0.0), None);
    }

    #[test]
    fn a_rate_is_kept_above_and_dropped_below_and_neither_without_evidence() {
        let verdict = |responders, contacts, p| Verdict::of(Rate { responders, contacts }, 0.02, p, 0.95);
        assert_eq!(verdict(50, 1_000, 0.01), Verdict::Keep);
        assert_eq!(verdict(5, 1_000, 0.01), Verdict::Drop);
        assert_eq!(verdict(50, 1_000, 0.05), Verdict::NotEnoughEvidence);
        assert_eq!(verdict(0, 0, 0.0), Verdict::NotEnoughEvidence);
    }
}
