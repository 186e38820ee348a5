//! Round numbers along an axis.

/// From zero, or below it, to at least `highest`, in about four steps of 1, 2 or 5 times a power of ten.
pub(crate) fn ticks(lowest: f64, highest: f64) -> Vec<f64> {
    let (low, high) = (lowest.min(0.0), highest.max(0.0));
    if !(high - low).is_finite() || high <= low {
        return vec![0.0, 1.0];
    }
    let rough = (high - low) / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= rough * 0.999_999);
    let step = step.unwrap_or(power);
    let first = (low / step).floor();
    let last = (high / step - 1e-9).ceil();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few steps")]
    let count = (last - first) as usize;
    (0..=count).map(|index| (first + index as f64) * step).collect()
}

/// Of `count` labels, every how many are shown where at most `most` have room.
pub(crate) fn every(count: usize, most: usize) -> usize {
    count.div_ceil(most.max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_both_ends() {
        assert_eq!(ticks(0.0, 100.0), [0.0, 25.0, 50.0, 75.0, 100.0]);
        assert_eq!(ticks(0.0, 1.0), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(ticks(0.0, 37.0), [0.0, 10.0, 20.0, 30.0, 40.0]);
        assert_eq!(ticks(-5.0, 12.0), [-5.0, 0.0, 5.0, 10.0, 15.0]);
        assert_eq!(ticks(0.0, 0.0), [0.0, 1.0]);
        assert_eq!(ticks(0.0, f64::NAN), [0.0, 1.0]);
    }

    #[test]
    fn few_labels_are_all_shown() {
        assert_eq!([every(12, 12), every(13, 12), every(0, 12)], [1, 2, 1]);
    }
}
