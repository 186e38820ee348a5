//! What a run shows while it works: how far it is, how long its stages took, the most memory that it used.
//!
//! Everything goes to stderr. Does not live here: the log itself (`process::logging`), and the summary at the end.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

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

/// How often the bar of a stage without rows moves.
const TICK: Duration = Duration::from_millis(200);

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
        let style = "{msg:>12} [{bar:30}] {human_pos}/{human_len} rows{rest}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            self.show(style.progress_chars("=> ").with_key("rest", rest), stage, Some(rows));
        }
    }

    /// Begins a stage in which no rows are counted.
    pub fn stage(&self, stage: &'static str) {
        if let Ok(style) = ProgressStyle::with_template("{msg:>12} {spinner} {elapsed}") {
            self.show(style, stage, None);
        }
        // The tick is a thread: it is not asked for where nothing is drawn.
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(TICK);
        }
    }

    fn show(&self, style: ProgressStyle, stage: &'static str, rows: Option<u64>) {
        self.bar.disable_steady_tick();
        self.rows.store(0, Ordering::Relaxed);
        // Nothing is drawn before the stage has its own look.
        self.bar.set_style(style);
        self.bar.set_message(stage);
        match rows {
            Some(rows) => self.bar.set_length(rows),
            None => self.bar.unset_length(),
        }
        self.bar.reset();
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
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
    }
}

/// Whole rows per second and the time that is left, once both are known.
fn rest(state: &ProgressState, text: &mut dyn std::fmt::Write) {
    let _ = write!(text, "{}", rest_text(state.pos(), state.len(), state.per_sec()));
}

fn rest_text(done: u64, all: Option<u64>, per_second: f64) -> String {
    if done == 0 || per_second < 1.0 {
        return String::new();
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
    let rate = HumanCount(per_second as u64);
    #[expect(clippy::cast_precision_loss, reason = "a time for people")]
    let left = all.map(|all| all.saturating_sub(done) as f64 / per_second).filter(|seconds| *seconds >= 1.0);
    let left = left.map(|seconds| format!(", {} left", HumanDuration(Duration::from_secs_f64(seconds))));
    format!(", {rate} rows/s{}", left.unwrap_or_default())
}

/// The most memory that the process has held, in bytes; none where the system does not report it.
#[must_use]
pub fn peak_memory_bytes() -> Option<u64> {
    memory_bytes("VmHWM:")
}

/// The memory that the process holds now, in bytes; none where the system does not report it.
#[must_use]
pub fn resident_memory_bytes() -> Option<u64> {
    memory_bytes("VmRSS:")
}

fn memory_bytes(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_says_how_fast_and_how_long_only_once_that_is_known() {
        assert_eq!(rest_text(0, Some(100), 0.0), "");
        assert_eq!(rest_text(10, Some(100), 0.2), "");
        assert_eq!(rest_text(100, Some(100), 2_000.0), ", 2,000 rows/s");
        assert!(rest_text(1_000, Some(5_000), 2_000.0).starts_with(", 2,000 rows/s, 2 seconds left"));
    }

    #[test]
    fn a_long_stage_is_logged_every_half_minute_once() {
        let progress = Progress::new(false);
        let beats: Vec<u64> = (0..100).filter(|second| progress.is_time_to_beat(*second)).collect();
        assert_eq!(beats, [30, 60, 90]);
        assert!(!progress.is_time_to_beat(90), "another thread has spoken");
    }
}
