//! Damaged bytes against preflight, scan and fold: whatever the input, the result is an answer or an error that names
//! the file.
//!
//! A few hundred mutants run with the other tests; `make fuzz MINUTES=10` runs longer. Findings are kept below
//! `target/tmp`.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use polars::prelude::*;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::support::{Sandbox, orders};

/// Small good files of several encodings, the originals that are damaged.
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
        // Half of the wounds go to the footer, where a few bytes decide everything.
        let from = if random.random() { bytes.len() - bytes.len() / 4 } else { 0 };
        let at = random.random_range(from..bytes.len());
        let length = random.random_range(1..=32.min(bytes.len() - at));
        match random.random_range(0..7) {
            0 => bytes[at] ^= 1 << random.random_range(0..8),
            1 => random.fill_bytes(&mut bytes[at..at + length]),
            2 => bytes[at..at + length].fill(0),
            3 => bytes.truncate(at),
            4 => drop(bytes.drain(at..at + length)),
            5 => {
                let copied = bytes[at..at + length].to_vec();
                bytes.splice(at..at, copied);
            }
            _ => bytes[at..at + length].fill(0xff),
        }
    }
}

/// Runs mutants until `is_enough` of their number; returns how many there were, and how many were refused. Through the
/// binary: the end of a process must be reported too.
fn fuzz(seed: u64, is_enough: impl Fn(usize) -> bool) -> (usize, usize) {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{seed}"));
    let sandbox = Sandbox::new();
    let mutant = sandbox.input().join("mutant.parquet");
    fs::create_dir_all(sandbox.input()).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let stock = stock();
    let args = ["--as-of", "2025-12-31", "--set", "clean.max_quarantined_share=1.0", "--set", "clean.allow_empty=true"];
    for good in &stock {
        fs::write(&mutant, good).unwrap();
        let ran = sandbox.try_run(&args);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let (mut tried, mut refused) = (0, 0);
    while !is_enough(tried) {
        let mut bytes = stock[tried % stock.len()].clone();
        wound(&mut bytes, &mut random);
        fs::write(&mutant, &bytes).unwrap();
        tried += 1;
        let ran = sandbox.try_run(&args);
        refused += usize::from(ran.code != 0);
        let is_right = match ran.code {
            0 => true,
            SOURCE | COMPUTE => ran.stderr.contains("mutant.parquet"),
            _ => false,
        };
        if !is_right {
            let kept = directory.join(format!("found-{tried}.parquet"));
            fs::create_dir_all(&directory).and_then(|()| fs::copy(&mutant, &kept)).unwrap();
            panic!("seed {seed}, mutant {tried}, kept as {}: code {}, {}", kept.display(), ran.code, ran.stderr);
        }
    }
    (tried, refused)
}

/// Exit codes: a file that cannot be read, and amounts without a right sum.
const SOURCE: i32 = 3;
const COMPUTE: i32 = 5;

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
