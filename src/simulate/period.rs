//! The time that is simulated, cut into files, and the files into slices small enough to be sorted in memory.
//!
//! Does not live here: the files' contents.

use std::ops::Range;
use std::path::PathBuf;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime};

use super::options::SimulateOptions;

/// Microseconds of a day.
pub(super) const MICROS_PER_DAY: i64 = 86_400_000_000;
/// The same as a floating-point number, exactly.
pub(super) const MICROS_PER_DAY_F64: f64 = 86_400_000_000.0;

/// The days from `start` to `end`, both included, as microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    start: i64,
    /// The first moment after it.
    end: i64,
}

impl Period {
    pub(super) fn of(options: &SimulateOptions) -> Self {
        Self { start: micros_of(options.start), end: micros_of(options.end).saturating_add(MICROS_PER_DAY) }
    }

    #[expect(clippy::cast_precision_loss, reason = "whole days of 8000 years: the product is exact")]
    pub(super) fn days(self) -> f64 {
        ((self.end - self.start) / MICROS_PER_DAY) as f64
    }

    pub(super) fn micros_long(self) -> f64 {
        self.days() * MICROS_PER_DAY_F64
    }

    /// The moment `age` microseconds after the start, never after the end.
    #[expect(clippy::cast_possible_truncation, reason = "the length has fewer than 60 bits")]
    pub(super) fn at(self, age: f64) -> i64 {
        (self.start + age as i64).min(self.end - 1)
    }

    #[cfg(test)]
    pub(super) fn contains(self, micros: i64) -> bool {
        (self.start..self.end).contains(&micros)
    }

    /// Cuts the period into `parts` equal ones.
    fn split(self, parts: usize) -> Vec<Self> {
        let length = i128::from(self.end - self.start);
        let cut = |part: usize| {
            let offset = length * part as i128 / parts.max(1) as i128;
            self.start + i64::try_from(offset).unwrap_or(0)
        };
        (0..parts).map(|part| Self { start: cut(part), end: cut(part + 1) }).collect()
    }
}

/// One file: its path below the output directory, and the slices whose orders it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlannedFile {
    pub(super) path: PathBuf,
    pub(super) slices: Range<usize>,
}

/// Which file holds which time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) files: Vec<PlannedFile>,
    /// The first moment of each slice, ascending.
    starts: Vec<i64>,
}

impl Plan {
    /// `options.files` equal parts of the period, or equally many of each month; each cut into slices so that
    /// `expected_orders`, if spread evenly, would make at most `slice_orders` in each.
    pub(super) fn of(options: &SimulateOptions, expected_orders: f64, slice_orders: f64) -> Self {
        let period = Period::of(options);
        let mut plan = Self { files: Vec::new(), starts: Vec::new() };
        let slice_micros = period.micros_long() * (slice_orders / expected_orders.max(1.0));
        if options.hive_by_month {
            let months = months_of(options.start, options.end);
            let parts = options.files.div_ceil(months.len().max(1));
            for (name, month) in months {
                plan.add_files(&PathBuf::from(format!("month={name}")), month, parts, slice_micros);
            }
        } else {
            plan.add_files(&PathBuf::new(), period, options.files, slice_micros);
        }
        plan
    }

    fn add_files(&mut self, directory: &std::path::Path, period: Period, files: usize, slice_micros: f64) {
        // Padded, so that the order of the names is the order of time.
        let width = files.saturating_sub(1).to_string().len();
        for (number, part) in period.split(files).into_iter().enumerate() {
            let first = self.starts.len();
            let slices = slices_of(part, slice_micros);
            self.starts.extend(part.split(slices).iter().map(|slice| slice.start));
            let path = directory.join(format!("part-{number:0width$}.parquet"));
            self.files.push(PlannedFile { path, slices: first..self.starts.len() });
        }
    }

    /// The number of slices of all files.
    pub(super) fn slices(&self) -> usize {
        self.starts.len()
    }

    /// The slice that holds a moment of the period.
    pub(super) fn slice_at(&self, micros: i64) -> usize {
        self.starts.partition_point(|start| *start <= micros).saturating_sub(1)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a small positive range")]
#[expect(clippy::cast_precision_loss, reason = "the length has fewer than 60 bits and need not be exact")]
fn slices_of(part: Period, slice_micros: f64) -> usize {
    ((part.end - part.start) as f64 / slice_micros).ceil().clamp(1.0, 1e6) as usize
}

/// The months that the days touch, by name, each clipped to the days.
fn months_of(start: NaiveDate, end: NaiveDate) -> Vec<(String, Period)> {
    let mut months = Vec::new();
    let mut first = start;
    while first <= end {
        let next = first.with_day(1).and_then(|day| day.checked_add_months(Months::new(1))).unwrap_or(NaiveDate::MAX);
        let last = next.pred_opt().unwrap_or(end).min(end);
        let period = Period { start: micros_of(first), end: micros_of(last) + MICROS_PER_DAY };
        months.push((first.format("%Y-%m").to_string(), period));
        first = next;
    }
    months
}

/// The first moment of a day.
pub(super) fn micros_of(day: NaiveDate) -> i64 {
    day.and_time(NaiveTime::MIN).and_utc().timestamp_micros()
}

/// The day of a moment.
pub(super) fn day_of(micros: i64) -> NaiveDate {
    DateTime::from_timestamp_micros(micros).map(|moment| moment.date_naive()).unwrap_or_default()
}

/// The last moment of the day of a moment.
pub(super) fn last_micros_of_day(micros: i64) -> i64 {
    micros - micros.rem_euclid(MICROS_PER_DAY) + MICROS_PER_DAY - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar")
    }

    fn options(start: NaiveDate, end: NaiveDate, files: usize, hive_by_month: bool) -> SimulateOptions {
        SimulateOptions { start, end, files, hive_by_month, ..SimulateOptions::default() }
    }

    #[test]
    fn both_ends_count() {
        // 2024 is a leap year: 366 + 365 days.
        let days = |start, end| Period::of(&options(start, end, 1, false)).days();
        assert!((days(day(2024, 1, 1), day(2025, 12, 31)) - 731.0).abs() < 1e-9);
        assert!((days(day(2024, 2, 29), day(2024, 2, 29)) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn parts_join_without_gap_or_overlap() {
        let period = Period { start: 5, end: 105 };
        let parts = period.split(7);
        assert_eq!((parts[0].start, parts[6].end), (5, 105));
        assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert!(parts.iter().all(|part| (14..=15).contains(&(part.end - part.start))));
    }

    #[test]
    fn every_moment_has_the_slice_that_starts_last_before_it() {
        let plan = Plan::of(&options(day(2026, 1, 1), day(2026, 1, 10), 2, false), 40.0, 10.0);
        // Two files of five days, 20 orders and so two slices each: slices of 2.5 days.
        assert_eq!(plan.files[0].slices, 0..2);
        assert_eq!(plan.files[1].slices, 2..4);
        let start = micros_of(day(2026, 1, 1));
        let slice_micros = MICROS_PER_DAY * 5 / 2;
        for (micros, slice) in [(0, 0), (slice_micros - 1, 0), (slice_micros, 1), (4 * slice_micros - 1, 3)] {
            assert_eq!(plan.slice_at(start + micros), slice);
        }
    }

    #[test]
    fn names_sort_as_time_does() {
        let plan = Plan::of(&options(day(2026, 1, 1), day(2026, 1, 10), 11, false), 1.0, 1.0);
        let names: Vec<_> = plan.files.iter().map(|file| file.path.clone()).collect();
        assert!(names.is_sorted());
        assert_eq!(names[0], PathBuf::from("part-00.parquet"));
        assert_eq!(names[10], PathBuf::from("part-10.parquet"));
    }

    #[test]
    fn months_are_directories_clipped_to_the_period() {
        let plan = Plan::of(&options(day(2025, 12, 30), day(2026, 2, 3), 3, true), 1.0, 1.0);
        let paths: Vec<_> = plan.files.iter().map(|file| file.path.to_string_lossy().into_owned()).collect();
        let expected = ["month=2025-12/part-0.parquet", "month=2026-01/part-0.parquet", "month=2026-02/part-0.parquet"];
        assert_eq!(paths, expected);
        let firsts: Vec<_> = plan.starts.iter().map(|start| day_of(*start)).collect();
        let expected = [day(2025, 12, 30), day(2026, 1, 1), day(2026, 2, 1)];
        assert!(expected.iter().all(|first| firsts.contains(first)), "{firsts:?}");
    }

    #[test]
    fn more_files_than_months_share_them_evenly() {
        let plan = Plan::of(&options(day(2026, 1, 1), day(2026, 2, 28), 3, true), 1.0, 1.0);
        // Two parts each: 3 files cannot be shared out evenly over 2 months, so it is 4.
        assert_eq!(plan.files.len(), 4);
        assert_eq!(plan.files[3].path, PathBuf::from("month=2026-02/part-1.parquet"));
    }

    #[test]
    fn the_last_moment_of_a_day_before_1970_is_found_too() {
        let noon = micros_of(day(1969, 12, 31)) + MICROS_PER_DAY / 2;
        assert_eq!(last_micros_of_day(noon), -1);
        assert_eq!(day_of(-1), day(1969, 12, 31));
    }
}
