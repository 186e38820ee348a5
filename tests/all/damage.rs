//! Damaged, odd and hostile inputs as production delivers them: what is refused and how, and what is read exactly.
//!
//! The files are built byte by byte in `raw`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::raw::{Make, Raw, amounts, columns, file, ids, int96, longs, named, nested, new_year, plain, stamps, with};
use crate::support::{Published, Ran, Sandbox, day, integers, texts};

pub fn put(sandbox: &Sandbox, name: &str, bytes: &[u8]) {
    let path = sandbox.input().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A sandbox with the result of an earlier run, and now these files as its input.
pub fn delivered(files: &[(&str, Vec<u8>)]) -> Sandbox {
    let sandbox = Sandbox::new();
    put(&sandbox, "first.parquet", &plain(&columns()));
    sandbox.run(&[]);
    fs::remove_file(sandbox.input().join("first.parquet")).unwrap();
    for (name, bytes) in files {
        put(&sandbox, name, bytes);
    }
    sandbox
}

/// Everything in a directory, including hidden files, with its bytes.
pub fn tree(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let (directories, files): (Vec<PathBuf>, Vec<PathBuf>) = paths.partition(|path| path.is_dir());
    let mut found: BTreeMap<_, _> = directories.iter().flat_map(|path| tree(path)).collect();
    found.extend(files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())));
    found.extend(directories.into_iter().map(|path| (path, Vec::new())));
    found
}

/// A short message with every fragment, without anything that could take over a terminal, and without a trace of a
/// panic.
#[track_caller]
pub fn check(sandbox: &Sandbox, ran: &Ran, code: i32, fragments: &[&str]) -> String {
    let text = sandbox.plain(&ran.stderr);
    assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{fragments:?}: {text}");
    assert!(text.starts_with("error: ") && text.len() < 3_000, "{} bytes: {text}", text.len());
    assert!(!text.contains("panicked"), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'), "{text:?}");
    for fragment in fragments {
        assert!(text.contains(fragment), "`{fragment}` is not in\n{text}");
    }
    text
}

/// Runs; expects this exit code, all fragments in the message, and an output that is as it was to the last byte.
#[track_caller]
pub fn refused(sandbox: &Sandbox, args: &[&str], code: i32, fragments: &[&str]) -> String {
    let before = tree(&sandbox.output());
    let text = check(sandbox, &sandbox.try_run(args), code, fragments);
    assert!(!before.is_empty() && before == tree(&sandbox.output()), "the output was touched: {text}");
    text
}

/// Customers as `id orders revenue`, joined by commas.
pub fn customers(published: &Published) -> String {
    let table = published.table("customers");
    let (ids, orders, revenue) = (texts(&table, "customer_id"), integers(&table, "orders"), texts(&table, "revenue"));
    let lines = ids.iter().zip(orders).zip(revenue).map(|((id, orders), revenue)| format!("{id} {orders} {revenue}"));
    lines.collect::<Vec<_>>().join(", ")
}

fn account(published: &Published) -> String {
    let lines = published.outcomes().into_iter().map(|(outcome, rows)| format!("{outcome} {rows}"));
    lines.collect::<Vec<_>>().join(", ")
}

fn data_end(file: &[u8]) -> usize {
    let tail = file.len() - 8;
    tail - u32::from_le_bytes(file[tail..tail + 4].try_into().unwrap()) as usize
}

#[test]
fn a_damaged_file_next_to_a_sound_one_is_named_with_its_damage() {
    let whole = plain(&columns());
    let (length, end) = (whole.len(), data_end(&whole));
    let claiming = |bytes: u32| [&whole[..length - 8], &bytes.to_le_bytes()[..], &b"PAR1"[..]].concat();
    let refusal = |bytes: u32| format!("its footer claims {bytes} bytes, where at most {} can be", length - 12);
    let (none, most, all) = (refusal(0), refusal(0x7fff_ffff), refusal(u32::MAX));
    let mut cases: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "is empty (0 bytes)"),
        (whole[..4].to_vec(), "is too short for a Parquet file (4 bytes)"),
        ([&b"PAR2"[..], &whole[4..]].concat(), "does not begin as one"),
        ([&whole[..length - 1], &b"E"[..]].concat(), "is encrypted"),
        (claiming(0), none.as_str()),
        (claiming(0x7fff_ffff), most.as_str()),
        (claiming(u32::MAX), all.as_str()),
        (claiming((length - 8 - end) as u32 + 1), "is damaged"),
        (b"customer_id,order_ts,amount\nA,2025-01-01,1.00\n".to_vec(), "(it looks like text)"),
        ([&b"\x1f\x8b\x08\0"[..], &whole[..end]].concat(), "(it looks like gzip)"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>".to_vec(), "an error page saved as data?"),
    ];
    let cuts = [40, end, end + 20, length - 8, length - 1].map(|at| (whole[..at].to_vec(), "is cut short"));
    cases.extend(cuts);
    let sandbox = delivered(&[("a.parquet", whole.clone())]);
    for (bytes, damage) in cases {
        put(&sandbox, "b.parquet", &bytes);
        let text = refused(&sandbox, &[], 3, &["error: `ROOT/in/b.parquet`: ", damage, "hint: deliver these files"]);
        assert!(!text.contains("a.parquet"), "{text}");
    }
}

#[test]
fn a_footer_that_lies_is_not_trusted() {
    let honest = Make::default();
    let rows = |rows: i64| Make { file_rows: Some(rows), group_rows: Some(rows), ..honest };
    let cases = [
        (Make { file_rows: Some(1_000), ..honest }, "its footer says 1000 rows, its row groups say 3"),
        (rows(1_000), "column `customer_id`: the footer says 1000 rows, the pages hold 3"),
        (rows(1 << 62), "column `customer_id`: the footer says 4611686018427387904 rows, the pages hold 3"),
        (rows(-3), "claim impossible numbers of rows"),
        (Make { chunk_bytes: Some(1 << 40), ..honest }, "it claims 1099511627776 bytes from offset 4"),
        (Make { chunk_bytes: Some(-1), ..honest }, "it claims a negative size"),
        (Make { schema_columns: Some(40), ..honest }, "its schema claims 40 columns where only 3 follow"),
    ];
    let sandbox = delivered(&[("a.parquet", plain(&columns()))]);
    for (make, lie) in cases {
        put(&sandbox, "b.parquet", &file(&columns(), make));
        refused(&sandbox, &[], 3, &["`ROOT/in/b.parquet`: ", lie, "hint: "]);
    }
    put(&sandbox, "b.parquet", &file(&columns(), rows(2)));
    refused(&sandbox, &["--verify"], 3, &["`ROOT/in/b.parquet`: ", "the footer says 2 rows, the pages hold 3"]);
}

#[test]
fn a_flipped_bit_of_a_header_or_footer_is_refused_or_changes_no_total() {
    let whole = plain(&columns());
    let sandbox = delivered(&[("a.parquet", whole.clone())]);
    let (mut refusals, mut readings) = (0, 0);
    // The header of the first page comes after the magic; it is 17 bytes long.
    for at in (4..21).chain(data_end(&whole)..whole.len() - 8).step_by(4) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        put(&sandbox, "b.parquet", &bytes);
        let ran = sandbox.try_run(&[]);
        if ran.code == 0 {
            // Unused offsets and sizes may change unseen: twice 1.00 + 2.00, and twice 4.00.
            assert_eq!(customers(&sandbox.published(&ran)), "A 4 6.00, B 2 8.00", "byte {at}");
            readings += 1;
        } else {
            check(&sandbox, &ran, 3, &["`ROOT/in/b.parquet`"]);
            refusals += 1;
        }
    }
    assert!(refusals > 20 && readings > 5, "{refusals} refused, {readings} read");
}

#[test]
fn a_flipped_bit_under_a_checksum_is_found_by_verify() {
    let mut bytes = file(&columns(), Make { has_checksums: true, ..Make::default() });
    let sandbox = delivered(&[("a.parquet", bytes.clone())]);
    assert_eq!(customers(&sandbox.run(&["--verify"])), "A 2 3.00, B 1 4.00");
    // One bit of the last amount: no reader could see it otherwise.
    let at = data_end(&bytes) - 3;
    bytes[at] ^= 4;
    put(&sandbox, "a.parquet", &bytes);
    refused(&sandbox, &["--verify"], 3, &["`ROOT/in/a.parquet`: ", "column `amount`: ", "checksum mismatch"]);
}

#[test]
fn pages_with_and_without_a_dictionary_are_one_input() {
    let mut bytes = file(&columns(), Make { has_dictionary: true, ..Make::default() });
    let sandbox = delivered(&[("a.parquet", plain(&columns())), ("b.parquet", bytes.clone())]);
    assert_eq!(customers(&sandbox.run(&[])), "A 4 6.00, B 2 8.00");
    // Indices 0, 1 and 2 as runs of one; the last of them now points outside the dictionary.
    let at = bytes.windows(7).position(|window| window == [8, 2, 0, 2, 1, 2, 2]).unwrap();
    bytes[at + 6] = 200;
    put(&sandbox, "b.parquet", &bytes);
    refused(&sandbox, &[], 3, &["`ROOT/in/b.parquet`: ", "column `customer_id`: ", "out of bounds"]);
}

#[test]
fn columns_of_one_file_that_do_not_fit_the_others_are_named_with_that_file() {
    let twice = |column: Raw| plain(&[columns(), vec![column.clone(), column]].concat());
    let local = Raw { meaning: vec![0x25, 20, 0x4c, 0x8c, 0x12, 0x1c, 0x2c, 0, 0, 0, 0], ..stamps(&[new_year(); 3]) };
    let cases = [
        (named(["client", "sold_at", "net"]), "`amount`: missing in ", "there: `client`, `sold_at`, `net`"),
        (named(["Customer_Id", "ORDER_TS", "Amount"]), "`order_ts`: missing in ", "did you mean `ORDER_TS`?"),
        (plain(&columns()[..2]), "`amount`: missing in ", "`--column amount=THEIR_NAME`"),
        (twice(amounts(&[0.0; 3])), "`amount`: more than one column has this name (duplicate) in ", "rename one"),
        (with(2, nested()), "`amount`: found struct, ", "expected a plain column"),
        (with(0, longs("customer_id", &[1, 2, 3])), "`customer_id`: int64 in ", "but text (string) in 2 files"),
        (with(1, local), "`order_ts`: timestamp[us] without time zone in ", "but timestamp[us] in UTC in 2 files"),
    ];
    let sandbox = delivered(&[("a.parquet", plain(&columns())), ("c.parquet", plain(&columns()))]);
    put(&sandbox, "b.parquet", &twice(longs("unused", &[0; 3])));
    assert_eq!(customers(&sandbox.run(&[])), "A 6 9.00, B 3 12.00", "equal names of columns that nobody needs");
    for (bytes, found, expected) in cases {
        put(&sandbox, "b.parquet", &bytes);
        refused(&sandbox, &[], 3, &[found, "`ROOT/in/b.parquet`", expected, "hint: "]);
    }
}

#[test]
fn what_is_wrong_with_many_files_is_reported_at_once_and_briefly() {
    let whole = plain(&columns());
    let sandbox = delivered(&[("a.parquet", whole.clone()), ("b.parquet", Vec::new())]);
    put(&sandbox, "c.parquet", b"id,ts\n1,2\n3,4\n");
    put(&sandbox, "d.parquet", &whole[..whole.len() - 3]);
    let parts = ["error: 3 of 4 input files", "b.parquet`: is empty", "c.parquet`: is not a", "d.parquet`: is cut"];
    refused(&sandbox, &[], 3, &parts);
    put(&sandbox, "b.parquet", &plain(&columns()[..2]));
    put(&sandbox, "c.parquet", &with(0, longs("customer_id", &[1, 2, 3])));
    put(&sandbox, "d.parquet", &with(2, nested()));
    let parts = ["`amount`: missing in `ROOT/in/b", "`customer_id`: int64 in `ROOT/in/c", "`amount`: found struct"];
    refused(&sandbox, &[], 3, &parts);
    for number in 0..500 {
        put(&sandbox, &format!("empty/{number}.parquet"), b"");
    }
    refused(
        &sandbox,
        &[],
        3,
        &["error: 2 problems\n\n1. 500 of 504 input files", "and 480 more", "\n\n2. the columns"],
    );
    let keys: Vec<String> = (0..2_000).map(|key| format!("k{key} = 1")).collect();
    fs::write(sandbox.root().join("rfmetrics.toml"), keys.join("\n")).unwrap();
    refused(&sandbox, &[], 2, &["1. the configuration cannot be used: 2000 problems", "`k0`", "and 1980 more"]);
}

#[test]
fn odd_values_are_kept_or_set_aside_row_by_row() {
    // 9999-12-31, the first day of year 1, the instant before it, and the ends of 64 bits.
    let days = [new_year(), 253_402_300_799_999_999, -62_135_596_800_000_000, -62_135_596_800_000_001];
    let days = stamps(&[&days[..], &[i64::MAX, i64::MIN]].concat());
    let far = vec![ids(&["A", "B", "C", "D", "E", "F"]), days, amounts(&[1.0, 2.0, 4.0, 8.0, 16.0, 32.0])];
    // A negative zero and the smallest number above zero are nothing, and equal to it.
    let odd = [1.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, -f64::NAN, 0.0];
    let odd = vec![ids(&["A", "B", "C", "C", "C", "D", "C", "E"]), stamps(&[new_year(); 8]), amounts(&odd)];
    let long = |values: [i64; 3]| vec![ids(&["A", "A", "B"]), stamps(&[new_year(); 3]), longs("amount", &values)];
    let most = 999_999_999_999_999_999;
    let cases = [
        (far, "after_as_of 1, kept 2, unparsable_date 3", "A 1 1.00, C 1 4.00"),
        (odd, "kept 4, non_finite_amount 4", "A 1 1.00, B 1 0.00, D 1 0.00, E 1 0.00"),
        (vec![ids(&["A"]), int96(&[day("2025-01-01")]), amounts(&[0.5])], "kept 1", "A 1 0.50"),
        (long([most - 1, 1, 0]), "kept 3", "A 2 999999999999999999, B 1 0"),
        (long([most + 1, 1, 1]), "amount_out_of_range 1, kept 2", "A 1 1, B 1 1"),
    ];
    for (columns, expected, kept) in cases {
        let sandbox = delivered(&[("a.parquet", plain(&columns))]);
        let scale = if kept.contains('.') { "2" } else { "0" };
        let args = ["--as-of", "2025-01-01", "--max-quarantined-share", "1", "--money-scale", scale];
        let published = sandbox.run(&args);
        assert_eq!((account(&published).as_str(), customers(&published).as_str()), (expected, kept));
    }
}

#[test]
fn values_that_leave_no_right_answer_are_refused() {
    let none = plain(&[ids(&[]), stamps(&[]), amounts(&[])]);
    let over = with(2, longs("amount", &[999_999_999_999_999_999, 0, 1]));
    // Netting does not help: a partial sum could exceed 18 digits.
    let netted = with(2, longs("amount", &[999_999_999_999_999_999, -1, 0]));
    let year_zero = with(1, stamps(&[-62_167_219_200_000_000; 3]));
    let cases: [(Vec<u8>, i32, &[&str]); 5] = [
        (none.clone(), 4, &["error: no row is left", "--allow-empty"]),
        (over, 5, &["the amounts are too large", "1000000000000000000 minor units", "clean.max_amount"]),
        (netted, 5, &["the amounts are too large", "1000000000000000000 minor units"]),
        (year_zero, 4, &["error: 3 of 3 rows are bad (100.0%)", "`order_ts`: all 3 rows are no dates"]),
        (
            with(2, amounts(&[f64::NAN, f64::INFINITY, 1.0])),
            4,
            &["2 of 3 rows are bad", "`amount`: 2 of 3 rows are not a number, or infinite (non_finite_amount)"],
        ),
    ];
    for (bytes, code, fragments) in cases {
        let sandbox = delivered(&[("a.parquet", bytes)]);
        refused(&sandbox, &["--money-scale", "0"], code, fragments);
    }
    let sandbox = delivered(&[("a.parquet", none.clone()), ("b.parquet", plain(&columns())), ("c.parquet", none)]);
    assert_eq!(customers(&sandbox.run(&[])), "A 2 3.00, B 1 4.00");
}

#[test]
fn endless_and_hostile_names_and_ids_are_kept_but_not_shown() {
    const EVIL: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\n\u{202e}gnp";
    let endless = "SECRET".to_owned() + &"x".repeat(1_000_000);
    let values = |amount| vec![ids(&[&endless, EVIL, "A"]), stamps(&[new_year(); 3]), amounts(&[1.0, 2.0, amount])];
    let sandbox = delivered(&[("a.parquet", plain(&values(4.0)))]);
    let table = sandbox.run(&[]).table("customers");
    // By bytes: the escape is 0x1b, `A` 0x41, `S` 0x53.
    assert!(texts(&table, "customer_id") == [EVIL, "A", endless.as_str()], "the ids are published byte for byte");
    assert_eq!(texts(&table, "revenue"), ["2.00", "4.00", "1.00"]);
    put(&sandbox, "a.parquet", &plain(&values(f64::NAN)));
    let text = refused(&sandbox, &["--strict"], 4, &["1 of 3 rows"]);
    assert!(!text.contains("SECRET") && !text.contains("owned"), "{text}");
    put(&sandbox, "a.parquet", &named(["customer_id", "order_ts", EVIL]));
    refused(&sandbox, &[], 3, &["`amount`: missing", "`order_ts`, `\u{fffd}[2J\u{fffd}]0;owned\u{fffd}\u{fffd}"]);
    let ran = sandbox.command(&["check", "--input", "in", "--column", "amount=order_ts"]);
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(['\u{1b}', '\u{7}', '\r', '\u{202e}']), "{ran:?}");
}

#[test]
fn a_line_break_in_a_name_forges_no_line() {
    let sandbox = delivered(&[("a.parquet", named(["customer_id", "order_ts", "net\nerror: forged"]))]);
    let text = refused(&sandbox, &[], 3, &["`amount`: missing"]);
    assert_eq!(text.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{text}");
}

/// A page of minus one rows: the engine requests that many bits of validity, more than any machine has memory, and the
/// process is aborted, which no error handling survives.
#[test]
fn a_page_that_aborts_the_engine_is_reported_by_file() {
    let with_page_of = |rows| file(&columns(), Make { page_rows: Some(rows), ..Make::default() });
    let sandbox = delivered(&[("absurd.parquet", with_page_of(-1)), ("good.parquet", with_page_of(3))]);
    let before = tree(&sandbox.output());
    let ran = sandbox.try_run(&[]);
    assert!(ran.stderr.starts_with("memory allocation of"), "the engine can bear it: {}", ran.stderr);
    let text = sandbox.plain(&ran.stderr);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{text}");
    assert!(text.contains("error: the input cannot be read\ncause: `ROOT/in/absurd.parquet`"), "{text}");
    assert!(!text.contains("good.parquet"), "{text}");
    assert!(tree(&sandbox.output()) == before, "the output changed");
}
