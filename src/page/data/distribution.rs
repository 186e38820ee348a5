//! How a measure is distributed over the customers, counted in one pass.
//!
//! Whole numbers are counted one by one; money in bins whose borders grow by about a quarter, ten to a power of ten. Does not live
//! here: which measures (`customers`), and how it looks (`sections`).

/// Whole numbers above this are counted together.
const MOST_VALUES: usize = 1 << 16;
/// The borders of money between one power of ten and the next, in tenths.
const STEPS: [i64; 10] = [10, 12, 16, 20, 25, 32, 40, 50, 64, 80];
/// Steps of bars of whole numbers.
const WIDTHS: [usize; 14] = [1, 2, 5, 7, 10, 14, 20, 30, 50, 60, 90, 180, 365, 1_000];
/// How many bars of whole numbers there are at most.
const MOST_BARS: usize = 36;

/// What is counted.
#[derive(Debug, Clone)]
pub(crate) enum Counts {
    /// Customers by whole number; the last entry is for that number and all above.
    Whole(Vec<u64>),
    /// Customers by bin of money, and those at zero or below.
    Money { borders: Vec<i64>, bins: Vec<u64>, not_above_zero: u64 },
}

/// Customers whose value lies in `from..=to`; without `to` at or above `from`, without `from` at or below `to`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bar {
    /// The lowest value.
    pub(crate) from: Option<i64>,
    /// The highest value; of money the first value that is above.
    pub(crate) to: Option<i64>,
    /// Their number.
    pub(crate) customers: u64,
}

impl Counts {
    pub(crate) const fn whole() -> Self {
        Self::Whole(Vec::new())
    }

    pub(crate) fn money() -> Self {
        let mut borders = vec![1, 2, 5];
        let mut power = 1_i64;
        while let Some(largest) = power.checked_mul(STEPS[9]) {
            borders.extend(STEPS.map(|step| step.saturating_mul(power)));
            if largest > i64::MAX / 10 {
                break;
            }
            power *= 10;
        }
        let bins = vec![0; borders.len()];
        Self::Money { borders, bins, not_above_zero: 0 }
    }

    /// Counts a value: a whole number of zero or more, or minor units.
    pub(crate) fn add(&mut self, value: i64) {
        match self {
            Self::Whole(counts) => {
                let at = usize::try_from(value).unwrap_or(0).min(MOST_VALUES);
                if at >= counts.len() {
                    counts.resize(at + 1, 0);
                }
                counts[at] += 1;
            }
            Self::Money { not_above_zero, .. } if value <= 0 => *not_above_zero += 1,
            Self::Money { borders, bins, .. } => {
                let above = borders.partition_point(|border| *border <= value);
                bins[above - 1] += 1;
            }
        }
    }

    /// How many values were counted.
    pub(crate) fn total(&self) -> u64 {
        match self {
            Self::Whole(counts) => counts.iter().sum(),
            Self::Money { bins, not_above_zero, .. } => not_above_zero + bins.iter().sum::<u64>(),
        }
    }

    /// The lowest whole number that at least half of the customers do not exceed.
    pub(crate) fn median(&self) -> Option<u64> {
        let Self::Whole(counts) = self else { return None };
        let half = self.total().div_ceil(2);
        let mut seen = 0;
        let reaches = |(_, count): &(u64, &u64)| {
            seen += *count;
            seen >= half && half > 0
        };
        (0..).zip(counts).find(reaches).map(|(value, _)| value)
    }

    /// The bars, without empty ones at both ends.
    pub(crate) fn bars(&self) -> Vec<Bar> {
        match self {
            Self::Whole(counts) => whole_bars(counts),
            Self::Money { borders, bins, not_above_zero } => money_bars(borders, bins, *not_above_zero),
        }
    }

    /// Where a value stands among the bars, in bars from the left: whole numbers up to it stand on its left.
    pub(crate) fn position(&self, bars: &[Bar], value: f64) -> f64 {
        let within = |bar: &Bar| {
            let (from, to) = (bar.from.unwrap_or(0) as f64, bar.to.map_or(f64::INFINITY, |to| to as f64));
            match self {
                Self::Whole(_) => (value.floor() + 1.0 - from) / (to + 1.0 - from),
                // Bins grow by a factor.
                Self::Money { .. } if bar.from.is_none() => f64::from(value > 0.0),
                Self::Money { .. } => (value.max(f64::MIN_POSITIVE) / from).ln() / (to / from).ln(),
            }
        };
        bars.iter().map(|bar| within(bar).clamp(0.0, 1.0)).sum()
    }
}

#[allow(clippy::cast_possible_wrap, reason = "at most 2^16 values")]
fn whole_bars(counts: &[u64]) -> Vec<Bar> {
    let total: u64 = counts.iter().sum();
    let Some(first) = counts.iter().position(|count| *count > 0) else { return Vec::new() };
    // The highest hundredth does not decide how wide the others are.
    let (mut seen, mut high) = (0, first);
    for (value, count) in counts.iter().enumerate() {
        seen += count;
        high = value;
        if u128::from(seen) * 100 >= u128::from(total) * 99 {
            break;
        }
    }
    let width = WIDTHS.iter().copied().find(|width| (high - first) / width < MOST_BARS);
    let width = width.unwrap_or_else(|| (high - first) / MOST_BARS + 1);
    let start = first - first % width;
    let start = if width == 1 || start == 0 { first.min(start.max(usize::from(first > 0))) } else { start };
    let bars = (high - start) / width + 1;
    let bar = |index: usize| {
        let from = start + index * width;
        let is_last = index + 1 == bars;
        let to = if is_last { counts.len() } else { from + width };
        let customers = counts[from.min(counts.len())..to.min(counts.len())].iter().sum();
        let is_open = is_last && (counts.len() > from + width || counts.len() > MOST_VALUES);
        Bar { from: Some(from as i64), to: (!is_open).then_some((from + width - 1) as i64), customers }
    };
    (0..bars).map(bar).collect()
}

fn money_bars(borders: &[i64], bins: &[u64], not_above_zero: u64) -> Vec<Bar> {
    let mut bars = Vec::new();
    if not_above_zero > 0 {
        bars.push(Bar { from: None, to: Some(0), customers: not_above_zero });
    }
    let occurs = |bin: &u64| *bin > 0;
    if let (Some(first), Some(last)) = (bins.iter().position(occurs), bins.iter().rposition(occurs)) {
        let bar = |index: usize| Bar {
            from: Some(borders[index]),
            to: borders.get(index + 1).copied(),
            customers: bins[index],
        };
        bars.extend((first..=last).map(bar));
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(mut counts: Counts, values: &[i64]) -> Counts {
        for value in values {
            counts.add(*value);
        }
        counts
    }

    #[test]
    fn whole_numbers_are_bars_of_one_width_and_the_highest_hundredth_is_open() {
        let few = counted(Counts::whole(), &[1, 1, 2, 4]);
        let bar = |from, to, customers| Bar { from: Some(from), to, customers };
        assert_eq!(few.bars(), [bar(1, Some(1), 2), bar(2, Some(2), 1), bar(3, Some(3), 0), bar(4, Some(4), 1)]);
        assert_eq!((few.median(), few.total()), (Some(1), 4));
        let mut many: Vec<i64> = (0..200).map(|value| value % 3 + 1).collect();
        many.push(5_000_000);
        let bars = counted(Counts::whole(), &many).bars();
        assert_eq!((bars.len(), bars[2]), (3, bar(3, None, 67)));
        let days: Vec<i64> = (0..700).collect();
        let bars = counted(Counts::whole(), &days).bars();
        assert_eq!((bars[0], bars.iter().map(|bar| bar.customers).sum::<u64>()), (bar(0, Some(19), 20), 700));
    }

    #[test]
    fn money_stands_in_bins_that_grow() {
        let counts = counted(Counts::money(), &[-5, 0, 1_000, 1_199, 1_200, 2_500]);
        let bars = counts.bars();
        assert_eq!(bars[0], Bar { from: None, to: Some(0), customers: 2 });
        assert_eq!(bars[1], Bar { from: Some(1_000), to: Some(1_200), customers: 2 });
        assert_eq!(bars[2], Bar { from: Some(1_200), to: Some(1_600), customers: 1 });
        assert_eq!((bars.len(), bars[5].customers, counts.total()), (6, 1, 6));
        let position = |value| counts.position(&bars, value);
        assert_eq!((position(-1.0), position(1_000.0), position(1_600.0)), (0.0, 1.0, 3.0));
        let huge = counted(Counts::money(), &[i64::MAX]);
        assert_eq!(huge.bars().len(), 1);
    }

    #[test]
    fn a_cut_of_whole_numbers_stands_behind_the_last_that_it_takes() {
        let counts = counted(Counts::whole(), &[1, 2, 3, 4]);
        let bars = counts.bars();
        assert_eq!([2.0, 2.5, 4.0].map(|value| counts.position(&bars, value).to_string()), ["2", "2", "4"]);
    }
}
