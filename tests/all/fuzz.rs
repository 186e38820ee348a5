//! Damaged bytes against preflight, scan and fold: whatever comes in, an answer or an error that names the file.
//!
//! A few hundred mutants run with the other tests; `make fuzz MINUTES=10` goes on for longer. The mutant at work lies in
//! `target/fuzz`, so that one which kills the process is found there.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use polars::prelude::*;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rfmetrics::config::{Config, Resolved};
use rfmetrics::error::Kind;
use rfmetrics::observe::{self, Progress};

use crate::support::orders;

/// Small good files of several encodings, the stock that is damaged.
fn stock() -> Vec<Vec<u8>> {
    let rows: Vec<(i64, i64, &str, f64)> = (0..60)
        .map(|row| (row % 7, row / 2, ["2025-01-01", "2025-03-05"][row as usize % 2], row as f64 / 4.0))
        .collect();
    let plain = orders(&rows);
    let mut texts = plain.clone();
    let as_text = texts.column("customer_id").unwrap().cast(&DataType::String).unwrap();
    texts.with_column(as_text).unwrap();
    let mut decimals = plain.clone();
    let as_decimal = decimals.column("amount").unwrap().cast(&DataType::Decimal(12, 2)).unwrap();
    decimals.with_column(as_decimal).unwrap();
    let compressions = [
        ParquetCompression::Uncompressed,
        ParquetCompression::Snappy,
        ParquetCompression::Zstd(None),
        ParquetCompression::Lz4Raw,
    ];
    let mut stock = Vec::new();
    for (frame, compression) in [plain, texts, decimals].iter().flat_map(|frame| compressions.map(|c| (frame, c))) {
        let mut bytes = Vec::new();
        let writer = ParquetWriter::new(&mut bytes).with_compression(compression).with_row_group_size(Some(25));
        writer.finish(&mut frame.clone()).unwrap();
        stock.push(bytes);
    }
    stock
}

/// One to four wounds: flipped bits, other bytes, holes, cuts, repeats, numbers at their extremes.
fn wound(bytes: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    for _ in 0..random.random_range(1..=4) {
        if bytes.len() < 16 {
            return;
        }
        // Half of the wounds go to the footer, where a few bytes decide over everything.
        let from = if random.random() { bytes.len() - bytes.len() / 4 } else { 0 };
        let place = random.random_range(from..bytes.len());
        let length = random.random_range(1..=32.min(bytes.len() - place));
        match random.random_range(0..7) {
            0 => bytes[place] ^= 1 << random.random_range(0..8),
            1 => random.fill_bytes(&mut bytes[place..place + length]),
            2 => bytes[place..place + length].fill(0),
            3 => bytes.truncate(place),
            4 => drop(bytes.drain(place..place + length)),
            5 => {
                let copied = bytes[place..place + length].to_vec();
                bytes.splice(place..place, copied);
            }
            _ => bytes[place..place + length].fill(0xff),
        }
    }
}

/// The run of one mutant, in this process.
fn run(input: &Path, output: &Path) -> Result<(), rfmetrics::error::Error> {
    let mut config = Config::default();
    config.input.paths = vec![input.display().to_string()];
    config.output.path = output.display().to_string();
    config.dates.as_of = Some("2025-12-31".to_owned());
    config.clean.max_quarantined_share = 1.0;
    config.clean.allow_empty = true;
    let resolved = Resolved { config, origins: BTreeMap::new() };
    observe::guarded(|| rfmetrics::run::run(&resolved, &Progress::new(false)).map(drop))
}

/// Runs mutants until `is_enough` of so many; gives how many were refused.
fn fuzz(seed: u64, is_enough: impl Fn(usize) -> bool) -> (usize, usize) {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{seed}"));
    fs::create_dir_all(&directory).unwrap();
    let (mutant, output) = (directory.join("mutant.parquet"), directory.join("out"));
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let stock = stock();
    let (mut tried, mut refused) = (0, 0);
    while !is_enough(tried) {
        let mut bytes = stock[tried % stock.len()].clone();
        wound(&mut bytes, &mut random);
        fs::write(&mutant, &bytes).unwrap();
        tried += 1;
        let Err(error) = run(&mutant, &output) else { continue };
        refused += 1;
        let text = error.to_string();
        let kept = directory.join(format!("found-{tried}.parquet"));
        let is_right = error.kind() != Kind::Bug && text.contains("mutant.parquet");
        if !is_right && error.kind() != Kind::Compute {
            fs::copy(&mutant, &kept).unwrap();
            panic!("seed {seed}, mutant {tried}, kept as {}: {text}", kept.display());
        }
    }
    File::open(&directory).and_then(|_| fs::remove_dir_all(&directory)).unwrap();
    (tried, refused)
}

#[test]
fn mutants_are_read_or_refused_by_name() {
    let (tried, refused) = fuzz(1, |tried| tried >= 300);
    assert!(refused > tried / 4, "{refused} of {tried} refused: the wounds do not hurt");
}

#[test]
#[ignore = "runs for minutes: make fuzz"]
fn mutants_for_minutes() {
    let number =
        |name: &str, otherwise: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (minutes, seed) = (number("FUZZ_MINUTES", 10), number("FUZZ_SEED", 2));
    let until = Instant::now() + Duration::from_secs(60 * minutes);
    let (tried, refused) = fuzz(seed, |_| Instant::now() >= until);
    println!("seed {seed}: {tried} mutants, {refused} refused, 0 crashes");
}
