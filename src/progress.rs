//! What a run shows while it works: how far it is, how long its stages took, the most memory that it used.
//!
//! Everything goes to stderr. Does not live here: the log itself (`process::logging`), and the summary at the end.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// Seconds of every stage, in order.
#[derive(Debug)]
pub struct Stages {
    started: Instant,
    last: Instant,
    seconds: Vec<(&'static str, f64)>,
}

impl Default for Stages {
    fn default() -> Self {
        let now = Instant::now();
        Self { started: now, last: now, seconds: Vec::new() }
    }
}

impl Stages {
    /// Ends a stage that began when the last one ended, and logs it.
    pub fn end(&mut self, stage: &'static str, rows: u64) {
        let now = Instant::now();
        let seconds = (now - self.last).as_secs_f64();
        self.last = now;
        self.seconds.push((stage, seconds));
        let peak_memory_mib = peak_memory_bytes().map(|bytes| bytes >> 20);
        let seconds = (1e3 * seconds).round() / 1e3;
        tracing::info!(stage, rows, seconds, peak_memory_mib, "done");
    }

    /// The stages so far.
    #[must_use]
    pub fn seconds(&self) -> &[(&'static str, f64)] {
        &self.seconds
    }

    /// Seconds since the first stage began.
    #[must_use]
    pub fn total_seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}

/// Rows read of rows known: a bar on a terminal, else a log line now and then.
#[derive(Debug, Clone)]
pub struct Progress {
    bar: ProgressBar,
    rows: Arc<AtomicU64>,
    started: Instant,
    next_beat: Arc<AtomicU64>,
}

/// Seconds between two log lines of a long stage: they show in a scheduler's log that the run is alive.
const BEAT_SECONDS: u64 = 30;

impl Progress {
    /// A bar on stderr where that is a terminal and `is_wanted`; else nothing is drawn.
    #[must_use]
    pub fn new(is_wanted: bool) -> Self {
        let target = if is_wanted && std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self {
            bar: ProgressBar::with_draw_target(None, target),
            rows: Arc::default(),
            started: Instant::now(),
            next_beat: Arc::new(AtomicU64::new(BEAT_SECONDS)),
        }
    }

    /// Begins to count `rows` rows of a stage.
    pub fn begin(&self, stage: &'static str, rows: u64) {
        let style = "{msg:>12} [{bar:30}] {human_pos}/{human_len} rows, {rate}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(style) {
            self.bar.set_style(style.progress_chars("=> ").with_key("rate", rate));
        }
        self.rows.store(0, Ordering::Relaxed);
        self.bar.set_length(rows);
        self.bar.set_position(0);
        self.bar.set_message(stage);
    }

    /// Counts rows that are done, from any thread.
    pub fn advance(&self, rows: usize) {
        let rows = self.rows.fetch_add(rows as u64, Ordering::Relaxed) + rows as u64;
        self.bar.set_position(rows);
        if self.is_time_to_beat(self.started.elapsed().as_secs()) {
            tracing::info!(stage = self.bar.message(), rows, of = self.bar.length(), "at work");
        }
    }

    /// True for one caller every [`BEAT_SECONDS`]; `now` is in seconds.
    fn is_time_to_beat(&self, now: u64) -> bool {
        let next = self.next_beat.load(Ordering::Relaxed);
        let claim = |claimed| self.next_beat.compare_exchange(next, claimed, Ordering::Relaxed, Ordering::Relaxed);
        now >= next && claim(now + BEAT_SECONDS).is_ok()
    }

    /// Rows counted so far in this stage.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Removes the bar from the screen.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Whole rows per second.
fn rate(state: &ProgressState, text: &mut dyn std::fmt::Write) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
    let rows = HumanCount(state.per_sec() as u64);
    let _ = write!(text, "{rows} rows/s");
}

/// The most memory that the process has held, in bytes; none where the system does not report it.
#[must_use]
pub fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_stage_is_logged_every_half_minute_once() {
        let progress = Progress::new(false);
        let beats: Vec<u64> = (0..100).filter(|second| progress.is_time_to_beat(*second)).collect();
        assert_eq!(beats, [30, 60, 90]);
        assert!(!progress.is_time_to_beat(90), "another thread has spoken");
    }
}
