//! Orders to lines: the split of the value, and everything that is wrong with real data.
//!
//! Does not live here: how a value is written; lines are numbers until then.

use super::options::SimulateOptions;
use super::period::last_micros_of_day;
use super::population::Order;
use super::random::{Purpose, Stream, mix};

/// 1900-01-01 and 9999-12-31, both at 00:00 UTC, in microseconds since 1970.
pub(super) const FAR_PAST: i64 = -25_567 * crate::simulate::period::MICROS_PER_DAY;
pub(super) const FAR_FUTURE: i64 = 2_932_896 * crate::simulate::period::MICROS_PER_DAY;

/// Lines of an order follow each other by a millisecond, so that none repeats another by chance.
const MICROS_BETWEEN_LINES: i64 = 1000;

/// The values of the column `country`, with the share of customers up to and including each.
pub(super) const COUNTRIES: [(&str, f64); 5] = [("DE", 0.4), ("FR", 0.65), ("GB", 0.8), ("US", 0.92), ("CN", 1.0)];

/// One row of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) customer: Option<u32>,
    /// The order's number, counted from 1 in the order of time.
    pub(super) order: u64,
    pub(super) micros: Option<i64>,
    pub(super) cents: i64,
    /// The position in [`COUNTRIES`].
    pub(super) country: u8,
    pub(super) quantity: i8,
}

/// Makes the lines of orders.
#[derive(Debug, Clone)]
pub(super) struct LineMaker {
    seed: u64,
    /// ln(1 - 1 / `lines_per_order`), minus infinity where each order has one line.
    ln_further_line: f64,
    share_returns: f64,
    share_null_ids: f64,
    share_bad_dates: f64,
    /// The probability that a line is followed by its repeat: d / (1 - d), so that d of all lines are repeats.
    repeat_chance: f64,
}

impl LineMaker {
    pub(super) fn new(options: &SimulateOptions) -> Self {
        Self {
            seed: options.seed,
            ln_further_line: (1.0 - 1.0 / options.lines_per_order).ln(),
            share_returns: options.share_returns,
            share_null_ids: options.share_null_ids,
            share_bad_dates: options.share_bad_dates,
            repeat_chance: options.share_duplicates / (1.0 - options.share_duplicates),
        }
    }

    /// Adds the lines of the order with this number to `lines`.
    pub(super) fn add(&self, order: Order, number: u64, lines: &mut Vec<Line>) {
        let mut stream = Stream::new(self.seed, Purpose::Order, number);
        let count = self.line_count(&mut stream);
        let is_known = !stream.chance(self.share_null_ids);
        let customer = is_known.then_some(order.customer);
        let country = country_of(order.customer);
        let day_end = last_micros_of_day(order.micros);
        let mut left = i64::from(order.cents).max(count);
        for position in 0..count {
            let lines_after = count - 1 - position;
            let cents = part_of(left, lines_after, &mut stream);
            left -= cents;
            let micros = (order.micros + position * MICROS_BETWEEN_LINES).min(day_end);
            let sign = if stream.chance(self.share_returns) { -1 } else { 1 };
            let line = Line {
                customer,
                order: number,
                micros: self.date(micros, &mut stream),
                cents: cents * sign,
                country,
                quantity: quantity(&mut stream) * if sign < 0 { -1 } else { 1 },
            };
            lines.push(line);
            if stream.chance(self.repeat_chance) {
                lines.push(line);
            }
        }
    }

    /// 1 plus a geometric number, by inversion.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` stops at the end of 64 bits, and so does `min` before it"
    )]
    fn line_count(&self, stream: &mut Stream) -> i64 {
        let further = (1.0 - stream.unit()).ln() / self.ln_further_line;
        1 + further.min(100_000.0) as i64
    }

    fn date(&self, micros: i64, stream: &mut Stream) -> Option<i64> {
        let draw = stream.unit();
        if draw >= self.share_bad_dates {
            return Some(micros);
        }
        match draw / self.share_bad_dates {
            third if third < 1.0 / 3.0 => None,
            third if third < 2.0 / 3.0 => Some(FAR_PAST),
            _ => Some(FAR_FUTURE),
        }
    }
}

/// The hundredths that one line takes of those that are left: all of them for the last line, else on average as many as
/// each later line, and at least 1 for every line.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "an order's value has 32 bits")]
fn part_of(left: i64, lines_after: i64, stream: &mut Stream) -> i64 {
    if lines_after == 0 {
        return left;
    }
    // Of n+1 parts of a broken stick, one has the distribution function 1 - (1 - x)^n.
    let share = 1.0 - stream.unit().powf(1.0 / lines_after as f64);
    1 + ((left - lines_after - 1) as f64 * share) as i64
}

#[expect(clippy::cast_possible_truncation, reason = "1 to 5")]
fn quantity(stream: &mut Stream) -> i8 {
    1 + (stream.unit() * 5.0) as i8
}

/// A customer's country depends only on their number.
#[expect(clippy::cast_possible_truncation, reason = "five countries")]
#[expect(clippy::cast_precision_loss, reason = "53 bits are enough to distinguish five countries")]
fn country_of(customer: u32) -> u8 {
    let draw = (mix(u64::from(customer)) >> 11) as f64 / (1_u64 << 53) as f64;
    COUNTRIES.partition_point(|(_, share_up_to)| *share_up_to <= draw) as u8
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "statistics of counts far below 2^53")]
mod tests {
    use super::*;

    const ORDER: Order = Order { micros: 1_700_000_000_000_000, customer: 7, cents: 3522 };
    const ORDERS: u64 = 50_000;

    fn lines_of(options: &SimulateOptions) -> Vec<Line> {
        let maker = LineMaker::new(options);
        let mut lines = Vec::new();
        (1..=ORDERS).for_each(|number| maker.add(ORDER, number, &mut lines));
        lines
    }

    /// Whether a count out of `n` fits the probability: within 4.5 standard deviations, 1 in 150,000.
    fn assert_share(name: &str, count: usize, n: usize, share: f64) {
        let (count, n) = (count as f64, n as f64);
        let deviation = (n * share * (1.0 - share)).sqrt();
        assert!((count - n * share).abs() <= 4.5 * deviation, "{name}: {count} of {n} for {share}");
    }

    #[test]
    fn clean_orders_of_one_line_are_the_orders() {
        let lines = lines_of(&SimulateOptions { lines_per_order: 1.0, ..SimulateOptions::default() });
        assert_eq!(lines.len() as u64, ORDERS);
        assert!(lines.iter().zip(1..).all(|(line, number)| line.order == number
            && line.customer == Some(7)
            && line.micros == Some(ORDER.micros)
            && line.cents == 3522));
    }

    #[test]
    fn lines_of_an_order_sum_to_its_value_and_differ_in_time() {
        let lines = lines_of(&SimulateOptions::default());
        for order in lines.chunk_by(|a, b| a.order == b.order) {
            assert_eq!(order.iter().map(|line| line.cents).sum::<i64>(), 3522);
            assert!(order.iter().all(|line| line.cents >= 1));
            assert!(order.windows(2).all(|pair| pair[0].micros < pair[1].micros));
        }
    }

    #[test]
    fn the_number_of_lines_is_geometric_with_the_given_mean() {
        let lines = lines_of(&SimulateOptions { lines_per_order: 4.0, ..SimulateOptions::default() });
        let sizes: Vec<usize> = lines.chunk_by(|a, b| a.order == b.order).map(<[Line]>::len).collect();
        // Variance of a geometric number with mean 4: 4 * 3 = 12.
        let n = ORDERS as f64;
        assert!((lines.len() as f64 / n - 4.0).abs() < 4.5 * (12.0 / n).sqrt(), "{}", lines.len());
        assert_share("one line", sizes.iter().filter(|size| **size == 1).count(), sizes.len(), 0.25);
        assert_share("two lines", sizes.iter().filter(|size| **size == 2).count(), sizes.len(), 0.75 * 0.25);
    }

    #[test]
    fn each_line_of_an_order_has_the_same_mean_value() {
        let lines = lines_of(&SimulateOptions::default());
        let of_three: Vec<&[Line]> =
            lines.chunk_by(|a, b| a.order == b.order).filter(|order| order.len() == 3).collect();
        for position in 0..3 {
            let sum: i64 = of_three.iter().map(|order| order[position].cents).sum();
            let mean = sum as f64 / of_three.len() as f64;
            // A third of 3522 is 1174; one part of a stick broken in three deviates by 1/sqrt(18) of it, 830.
            let bound = 4.5 * 830.0 / (of_three.len() as f64).sqrt() + 1.0;
            assert!((mean - 1174.0).abs() < bound, "position {position}: {mean}");
        }
    }

    #[test]
    fn shares_are_honoured() {
        let options = SimulateOptions {
            lines_per_order: 1.0,
            share_returns: 0.08,
            share_null_ids: 0.2,
            share_duplicates: 0.1,
            share_bad_dates: 0.03,
            ..SimulateOptions::default()
        };
        let lines = lines_of(&options);
        let mut originals = lines.clone();
        originals.dedup();
        // A tenth of all lines are repeats: a ninth of the originals is followed by one.
        assert_share("repeats", lines.len() - originals.len(), originals.len(), 1.0 / 9.0);
        let share = |name, is: fn(&Line) -> bool, share| {
            assert_share(name, originals.iter().filter(|line| is(line)).count(), originals.len(), share);
        };
        share("returns", |line| line.cents < 0, 0.08);
        share("returned pieces", |line| line.quantity < 0, 0.08);
        share("null ids", |line| line.customer.is_none(), 0.2);
        share("null dates", |line| line.micros.is_none(), 0.01);
        share("1900", |line| line.micros == Some(FAR_PAST), 0.01);
        share("9999", |line| line.micros == Some(FAR_FUTURE), 0.01);
    }

    #[test]
    fn shares_of_zero_and_one_are_none_and_all() {
        let none = lines_of(&SimulateOptions::default());
        assert!(none.iter().all(|line| line.cents > 0 && line.customer.is_some()));
        assert!(none.iter().all(|line| line.micros.is_some_and(|micros| micros.abs_diff(ORDER.micros) < 1_000_000)));
        let (share_returns, share_null_ids, share_bad_dates) = (1.0, 1.0, 1.0);
        let all =
            lines_of(&SimulateOptions { share_returns, share_null_ids, share_bad_dates, ..SimulateOptions::default() });
        assert!(all.iter().all(|line| line.cents < 0 && line.customer.is_none()));
        assert!(all.iter().all(|line| line.micros.is_none_or(|m| m == FAR_PAST || m == FAR_FUTURE)));
    }

    #[test]
    fn lines_stay_on_the_day_of_their_order() {
        let order = Order { micros: last_micros_of_day(ORDER.micros) - 1, ..ORDER };
        let maker = LineMaker::new(&SimulateOptions { lines_per_order: 50.0, ..SimulateOptions::default() });
        let mut lines = Vec::new();
        maker.add(order, 1, &mut lines);
        maker.add(order, 2, &mut lines);
        assert!(lines.len() > 2);
        assert!(lines.iter().all(|line| line.micros <= Some(last_micros_of_day(ORDER.micros))));
    }

    #[test]
    fn countries_have_their_shares_of_the_customers() {
        let mut counts = [0_usize; 5];
        (1..=100_000).for_each(|customer| counts[usize::from(country_of(customer))] += 1);
        for (count, share) in counts.into_iter().zip([0.4, 0.25, 0.15, 0.12, 0.08]) {
            assert_share("country", count, 100_000, share);
        }
    }

    #[test]
    fn bad_dates_are_the_stated_days() {
        assert_eq!(crate::simulate::period::day_of(FAR_PAST).to_string(), "1900-01-01");
        assert_eq!(crate::simulate::period::day_of(FAR_FUTURE).to_string(), "9999-12-31");
    }
}
