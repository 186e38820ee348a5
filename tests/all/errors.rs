//! The message users get when something is wrong, word for word, with the exit code; and that nothing else happens.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use polars::prelude::*;

use crate::support::{Sandbox, dates, frame, orders};
use crate::worked::example;

/// Runs, expects this exit code and exactly this message on stderr, and that nothing was published.
#[track_caller]
fn refused(sandbox: &Sandbox, args: &[&str], code: i32, message: &str) {
    let before = sandbox.visible();
    let ran = sandbox.try_run(args);
    assert_eq!(sandbox.plain(ran.stderr.trim_end()), message, "\n{}", ran.stderr);
    assert_eq!(ran.code, code);
    assert_eq!(ran.stdout, "", "stdout carries data only");
    assert_eq!(sandbox.visible(), before, "nothing appears in the output");
}

pub fn small() -> DataFrame {
    orders(&[(1, 1, "2025-01-01", 5.0), (2, 2, "2025-01-02", 7.0)])
}

fn without(name: &str) -> DataFrame {
    small().drop(name).unwrap()
}

fn with(column: Column) -> DataFrame {
    let mut frame = small();
    frame.with_column(column).unwrap();
    frame
}

#[test]
fn a_missing_column() {
    refused(
        &Sandbox::with(without("amount")),
        &[],
        3,
        "error: `amount`: missing in `ROOT/in/a.parquet`; the columns there: `customer_id`, `order_id`, `order_ts`\n\n\
         hint: if the column has another name, say so with `--column amount=THEIR_NAME`; if the input has no amounts (visits, \
         clicks), with `--column amount=none`",
    );
}

#[test]
fn a_column_of_nearly_the_same_name() {
    let mut frame = small();
    frame.rename("amount", "Amount".into()).unwrap();
    let sandbox = Sandbox::with(frame);
    let ran = sandbox.try_run(&[]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("did you mean `Amount`?"), "{}", ran.stderr);
    sandbox.run(&["--column", "amount=Amount"]);
}

#[test]
fn every_wrong_column_is_named_at_once() {
    let sandbox = Sandbox::with(without("amount").drop("customer_id").unwrap());
    let ran = sandbox.try_run(&[]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr.contains("`amount`: missing") && ran.stderr.contains("`customer_id`: missing"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_unknown_key() {
    refused(
        &Sandbox::with(small()),
        &["--set", "clean.retruns=drop"],
        2,
        "error: the configuration cannot be used: 1 problem\ncause: unknown key `clean.retruns` (flag --set); did you mean \
         `clean.returns`?\n\nhint: `rfmetrics config` prints every key, its value and where the value came from; \
         `rfmetrics init` writes a file with an explanation of each",
    );
    let sandbox = Sandbox::with(small());
    fs::write(sandbox.root().join("rfmetrics.toml"), "[score.recency]\nbinz = 4\n").unwrap();
    let ran = sandbox.try_run(&[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("binz") && ran.stderr.contains("rfmetrics.toml"), "{}", ran.stderr);
    assert!(ran.stderr.contains("bins"), "what was meant: {}", ran.stderr);
}

#[test]
fn no_input() {
    let sandbox = Sandbox::new();
    let ran = sandbox.command(&["run", "--output", "out"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.starts_with("error: no input: `input.paths` is empty\n"), "{}", ran.stderr);
    assert_eq!(sandbox.visible(), Vec::<String>::new());
    let ran = sandbox.command(&["run", "--input", "nowhere.parquet", "--output", "out"]);
    assert_eq!(ran.code, 3);
    let message = "error: `nowhere.parquet`: does not exist; the working directory is `ROOT`";
    assert_eq!(sandbox.plain(ran.stderr.trim_end()), message);
    refused(
        &Sandbox::new(),
        &[],
        3,
        "error: `ROOT/in` holds no Parquet files\n\nhint: names must end in `.parquet`, `.parq` or `.pq`, or have no \
         ending, and not begin with `_` or `.`; name other files one by one",
    );
}

#[test]
fn a_date_that_is_none() {
    for date in ["2025-02-30", "2025-1-1", "yesterday", ""] {
        let sandbox = Sandbox::with(small());
        let ran = sandbox.try_run(&["--as-of", date]);
        assert_eq!(ran.code, 2, "{date}: {}", ran.stderr);
        assert!(ran.stderr.contains("dates.as_of") && ran.stderr.contains("YYYY-MM-DD"), "{}", ran.stderr);
        assert_eq!(sandbox.visible(), Vec::<String>::new());
    }
}

#[test]
fn amounts_as_text() {
    refused(
        &Sandbox::with(with(Column::new("amount".into(), ["1.234,50", "7"]))),
        &[],
        3,
        "error: `amount`: found text (string), expected a float, integer or decimal in `ROOT/in/a.parquet`\n\nhint: \
         cast the texts to a decimal at their source: what `1.234` means is not guessed",
    );
}

#[test]
fn dates_as_text_or_integers_without_their_meaning() {
    let sandbox = Sandbox::with(with(Column::new("order_ts".into(), ["2025-01-01", "2025-01-02"])));
    let ran = sandbox.try_run(&[]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("found text (string), expected a date or timestamp"), "{}", ran.stderr);
    assert!(ran.stderr.contains("dates.format"), "{}", ran.stderr);
    let sandbox = Sandbox::with(with(Column::new("order_ts".into(), [20_000_i64, 20_001])));
    let ran = sandbox.try_run(&[]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("found int64") && ran.stderr.contains("dates.epoch_unit"), "{}", ran.stderr);
}

#[test]
fn timestamps_with_and_without_zone_are_not_mixed() {
    let stamps = |zone: Option<TimeZone>| {
        let column = Column::new("order_ts".into(), [1_735_689_600_000_000_i64, 1_735_776_000_000_000]);
        with(column.cast(&DataType::Datetime(TimeUnit::Microseconds, zone)).unwrap())
    };
    let sandbox = Sandbox::new();
    sandbox.file("a.parquet", stamps(None));
    sandbox.file("b.parquet", stamps(None));
    sandbox.file("c.parquet", stamps(Some(TimeZone::UTC)));
    refused(
        &sandbox,
        &[],
        3,
        "error: `order_ts`: timestamp[us] in UTC in `ROOT/in/c.parquet`, but timestamp[us] without time zone in 2 \
         files (first: `ROOT/in/a.parquet`)\n\nhint: timestamps with and without a time zone cannot be mixed: write all files in \
         UTC, or all without a zone",
    );
}

#[test]
fn a_truncated_file() {
    let sandbox = Sandbox::with(small());
    let path = sandbox.file("b.parquet", small());
    let bytes = fs::read(&path).unwrap();
    for length in [0, 3, 8, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&path, &bytes[..length]).unwrap();
        let ran = sandbox.try_run(&[]);
        assert_eq!(ran.code, 3, "{length} bytes: {}", ran.stderr);
        assert!(sandbox.plain(&ran.stderr).contains("`ROOT/in/b.parquet`"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("panicked at"), "{}", ran.stderr);
        assert_eq!(sandbox.visible(), Vec::<String>::new());
    }
}

#[test]
fn a_file_whose_pages_are_damaged() {
    let rows: Vec<(i64, i64, &str, f64)> = (0..5_000).map(|i| (i * 7_919 % 4_999, i, "2025-01-01", i as f64)).collect();
    let sandbox = Sandbox::with(orders(&rows));
    let path = sandbox.file("b.parquet", orders(&rows));
    let mut bytes = fs::read(&path).unwrap();
    for byte in &mut bytes[40..400] {
        *byte ^= 0x5a;
    }
    fs::write(&path, bytes).unwrap();
    let ran = sandbox.try_run(&[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let text = sandbox.plain(&ran.stderr);
    assert!(text.contains("`ROOT/in/b.parquet`") && !text.contains("`ROOT/in/a.parquet`"), "the culprit alone: {text}");
    assert_eq!(sandbox.visible(), Vec::<String>::new());
}

#[test]
fn an_input_without_rows() {
    let sandbox = Sandbox::with(small().head(Some(0)));
    let message = "error: no row is left: there is no data to report on\ncause: in `ROOT/in/a.parquet`\n\nhint: check the input, the filter and the \
                   dates; --allow-empty publishes empty tables instead";
    refused(&sandbox, &[], 4, message);
    refused(&sandbox, &["--as-of", "2025-01-01"], 4, message);
}

#[test]
fn too_many_bad_rows() {
    let ids = Column::new("customer_id".into(), [Some(1_i64), None, None]);
    let amounts = Column::new("amount".into(), [1.0, 2.0, 3.0]);
    let sandbox = Sandbox::with(frame(vec![ids, dates("order_ts", &["2025-01-01"; 3]), amounts]));
    refused(
        &sandbox,
        &[],
        4,
        "error: 2 of 3 rows are bad (66.7%), more than the 50% allowed\ncause: `customer_id`: 2 of 3 rows are null (null_customer)\ncause: in `ROOT/in/a.parquet`\n\nhint: correct the \
         input, or raise `clean.max_quarantined_share` to what is normal for it",
    );
    refused(
        &sandbox,
        &["--strict", "--max-quarantined-share", "1"],
        4,
        "error: 2 of 3 rows are bad, and `clean.strict` allows none\ncause: `customer_id`: 2 of 3 rows are null (null_customer)\ncause: in `ROOT/in/a.parquet`\n\nhint: correct the \
         rows at their source, or run without --strict",
    );
    sandbox.run(&["--max-quarantined-share", "0.67"]);
}

#[test]
fn an_output_inside_the_input_or_around_it() {
    let sandbox = Sandbox::with(small());
    let input = sandbox.input();
    for (output, how) in [("in/out", "lies inside"), ("in", "contains"), (".", "contains")] {
        let ran = sandbox.command(&["run", "--quiet", "--input", input.to_str().unwrap(), "--output", output]);
        assert_eq!(ran.code, 2, "{output}: {}", ran.stderr);
        let text = sandbox.plain(&ran.stderr);
        assert!(text.contains(&format!("cause: it {how} the input `ROOT/in")), "{text}");
        assert!(!sandbox.input().join("out").exists());
        assert_eq!(fs::read_dir(sandbox.root()).unwrap().count(), 1, "nothing but the input");
    }
}

/// `flock` belongs to the open file: while this process holds it, the binary is another run.
#[test]
fn an_output_that_another_process_holds() {
    let sandbox = Sandbox::with(example());
    let before = sandbox.run(&["--as-of", "2025-03-31"]);
    let bytes = before.bytes();
    let lock = fs::OpenOptions::new().read(true).write(true).open(sandbox.output().join(".rfmetrics.lock")).unwrap();
    lock.lock().unwrap();
    let ran = sandbox.try_run(&["--as-of", "2025-03-31"]);
    assert_eq!(ran.code, 7, "{}", ran.stderr);
    let text = sandbox.plain(&ran.stderr);
    assert!(text.starts_with("error: `ROOT/out` is held by another run\ncause: it is held by "), "{text}");
    assert!(bytes == before.bytes());
    lock.unlock().unwrap();
    sandbox.run(&["--as-of", "2025-03-31"]);
}

/// Whatever goes wrong, the earlier result remains byte for byte, and nothing else is left in sight.
#[test]
fn a_failed_run_leaves_what_was_published() {
    let sandbox = Sandbox::with(example());
    let published = sandbox.run(&["--as-of", "2025-03-31"]);
    let (bytes, manifest) = (published.bytes(), fs::read(published.path.join("manifest.json")).unwrap());
    let good = fs::read(sandbox.input().join("a.parquet")).unwrap();
    let unfit: [(&[&str], i32); 6] = [
        (&["--as-of", "2025-03-31", "--strict"], 4),
        (&["--as-of", "2025-03-31", "--filter", "amount > 1000000000"], 4),
        (&["--as-of", "2025-03-31", "--filter", "no_such = 1"], 3),
        (&["--as-of", "2025-03-31", "--filter", "amount >"], 2),
        (&["--as-of", "2025-03-31", "--time-zone", "Mars/Olympus"], 2),
        (&["--as-of", "2025-03-31", "--map", "no-such-map"], 2),
    ];
    for (args, code) in unfit {
        let ran = sandbox.try_run(args);
        assert_eq!(ran.code, code, "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
    }
    fs::write(sandbox.input().join("a.parquet"), &good[..good.len() - 9]).unwrap();
    assert_eq!(sandbox.try_run(&["--as-of", "2025-03-31"]).code, 3);
    assert!(bytes == published.bytes());
    assert_eq!(manifest, fs::read(published.path.join("manifest.json")).unwrap());
    assert_eq!(sandbox.visible(), ["as_of=2025-03-31"]);
    let hidden = fs::read_dir(sandbox.output()).unwrap().count();
    assert_eq!(hidden, 2, "the run and the lock file");
}

#[test]
fn an_output_that_cannot_be_written() {
    let sandbox = Sandbox::with(small());
    let output = sandbox.output();
    fs::create_dir(&output).unwrap();
    fs::set_permissions(&output, fs::Permissions::from_mode(0o555)).unwrap();
    // Root may write everywhere: then there is nothing to test.
    if fs::write(output.join(".probe"), "x").is_err() {
        assert_eq!(sandbox.try_run(&[]).code, 6);
    }
    fs::set_permissions(&output, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn files_of_others_in_the_output() {
    let sandbox = Sandbox::with(small());
    fs::create_dir(sandbox.output()).unwrap();
    fs::write(sandbox.output().join("precious.txt"), "x").unwrap();
    let ran = sandbox.try_run(&[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("`precious.txt` is not ours"), "{}", ran.stderr);
    assert_eq!(sandbox.visible(), ["precious.txt"]);
    assert_eq!(fs::read_to_string(sandbox.output().join("precious.txt")).unwrap(), "x");
}

#[test]
fn wrong_values_are_all_named_at_once() {
    let ran = Sandbox::with(small()).try_run(&["--bins", "1", "--money-scale", "9", "--max-quarantined-share", "7"]);
    assert_eq!(ran.code, 2);
    for key in
        ["score.recency.bins", "score.frequency.bins", "score.monetary.bins", "money_scale", "max_quarantined_share"]
    {
        assert!(ran.stderr.contains(key), "{key}: {}", ran.stderr);
    }
}

#[test]
fn amounts_whose_sum_could_overflow() {
    // 100 times 9e15 is 9e17 units, of two decimals 9e19: more than 64 bits, and than decimal(18, 2), can hold.
    let rows: Vec<(i64, i64, &str, f64)> = (0..100).map(|i| (i, i, "2025-01-01", 9e15)).collect();
    let sandbox = Sandbox::with(orders(&rows));
    let ran = sandbox.try_run(&[]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    assert!(ran.stderr.contains("the amounts are too large"), "{}", ran.stderr);
    assert_eq!(sandbox.visible(), Vec::<String>::new());
}

/// The published money is decimal(18, s): a total of 19 digits does not fit that type.
#[test]
fn a_total_that_the_money_columns_cannot_hold() {
    let sandbox = Sandbox::with(orders(&[(1, 1, "2025-01-01", 9e15), (2, 2, "2025-01-01", 9e15)]));
    let ran = sandbox.try_run(&[]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
}

/// As the hint of the error above says.
#[test]
fn impossible_amounts_can_be_quarantined() {
    let mut rows: Vec<(i64, i64, &str, f64)> = (0..100).map(|i| (i, i, "2025-01-01", 9e15)).collect();
    rows.extend((0..100).map(|i| (i, i, "2025-01-01", 1.0)));
    let published = Sandbox::with(orders(&rows)).run(&["--set", "clean.max_amount=1000"]);
    assert_eq!(published.outcomes()["amount_out_of_range"], 100);
}
