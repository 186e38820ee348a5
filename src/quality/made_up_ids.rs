//! Customer ids that name nobody, and ids that went through a float: noticed, and left as they are.
//!
//! An id that many programs write for "no customer" makes one customer of all who have none: that customer leads every list.
//! Whether such a word is an id is for the user to say (`clean.nobody_ids`). Does not live here: quarantining them (`clean`).

use std::collections::BTreeSet;

use crate::batch::pair::PlainId;
use crate::customers::{CustomerIds, Customers};
use crate::warnings::Facts;

/// What programs and people write where there is no customer, in lower case.
const WORDS: [&str; 25] = [
    "nan",
    "none",
    "null",
    "nil",
    "na",
    "n/a",
    "#n/a",
    "<na>",
    "<null>",
    "(null)",
    "nat",
    "undefined",
    "unknown",
    "unassigned",
    "not set",
    "(not set)",
    "not available",
    "missing",
    "empty",
    "anonymous",
    "guest",
    "nobody",
    "-",
    "\\n",
    "00000000-0000-0000-0000-000000000000",
];
/// Numbers that may be ids, and are written for "no customer" as well: named only where they stand out.
const NUMBERS: [&str; 3] = ["0", "-1", "0.0"];
/// A number stands out with this share of all rows and so many times the rows of an average customer, or with many times as many.
const STANDS_OUT_SHARE: f64 = 0.05;
const STANDS_OUT_TIMES: f64 = 2.0;
const STANDS_OUT_MANY_TIMES: f64 = 100.0;

/// The customers whose ids are words for nobody, with their share of rows and money; none where there are none.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn nobody(customers: &Customers) -> Option<Facts> {
    // A row of a table of customers is a customer.
    let rows_of = |row: usize| if customers.known.is_of_customers() { 1 } else { customers.transactions[row] };
    let rows: f64 = (0..customers.len()).map(|row| f64::from(rows_of(row))).sum();
    let stands_out = |row: usize| {
        let own = f64::from(rows_of(row));
        let mean_of_others = (rows - own) / customers.len().saturating_sub(1).max(1) as f64;
        let is_many_times = own >= STANDS_OUT_MANY_TIMES * mean_of_others;
        mean_of_others > 0.0
            && (is_many_times || own >= STANDS_OUT_SHARE * rows && own >= STANDS_OUT_TIMES * mean_of_others)
    };
    let words = WORDS.iter().flat_map(|word| spellings(word));
    let found: Vec<(usize, String)> = if customers.pairs.is_some() {
        let words: BTreeSet<String> = words.collect();
        let named = (0..customers.len()).map(|row| (row, plain_text(customers, row)));
        let is_nobody = |row: usize, id: &str| words.contains(id) || NUMBERS.contains(&id) && stands_out(row);
        named.filter(|(row, id)| is_nobody(*row, id)).collect()
    } else {
        let words = words.filter_map(|word| Some((customers.ids.row_of_text(word.as_bytes())?, word)));
        let numbers =
            NUMBERS.iter().filter_map(|number| Some((row_of_number(&customers.ids, number)?, (*number).to_owned())));
        words.chain(numbers.filter(|(row, _)| stands_out(*row))).collect()
    };
    if found.is_empty() {
        return None;
    }
    let own_rows: u64 = found.iter().map(|(row, _)| u64::from(rows_of(*row))).sum();
    let own_money: i128 = found.iter().map(|(row, _)| i128::from(customers.revenue[*row])).sum();
    let money: i128 = customers.revenue.iter().map(|revenue| i128::from(*revenue)).sum();
    Some(Facts::NobodyIds {
        ids: each_once(found),
        rows: own_rows,
        rows_share: own_rows as f64 / rows.max(1.0),
        money_share: (money > 0).then(|| own_money as f64 / money as f64),
    })
}

/// The id of a customer as text, without what makes a pair of it.
fn plain_text(customers: &Customers, row: usize) -> String {
    match customers.plain_id(row) {
        PlainId::Integer(id) => id.to_string(),
        PlainId::Text(id) => String::from_utf8_lossy(&id).into_owned(),
    }
}

/// The ids, in their order; one id is of several rows where customers are pairs.
fn each_once(found: Vec<(usize, String)>) -> Vec<String> {
    let mut ids: Vec<String> = found.into_iter().map(|(_, id)| id).collect();
    ids.dedup();
    ids
}

/// The ways in which a word is written: lower case, upper case, with a capital, and as languages print it.
fn spellings(word: &str) -> BTreeSet<String> {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    let titled = word.split(' ').map(capital).collect::<Vec<_>>().join(" ");
    let printed = match word {
        "nan" => "NaN",
        "nat" => "NaT",
        other => other,
    };
    [word.to_owned(), word.to_uppercase(), capital(word), titled, printed.to_owned()].into_iter().collect()
}

fn row_of_number(ids: &CustomerIds, number: &str) -> Option<usize> {
    ids.row_of_text(number.as_bytes()).or_else(|| ids.row_of_integer(number.parse().ok()?))
}

/// The customers whose ids are whole numbers written as floats, such as `17850.0`; none where there are none.
#[must_use]
pub fn floats(customers: &Customers) -> Option<Facts> {
    let CustomerIds::Text { .. } = &customers.ids else { return None };
    let is_whole_float = |row: &usize| match customers.plain_id(*row) {
        PlainId::Integer(_) => false,
        PlainId::Text(id) => is_float(&id),
    };
    let found = (0..customers.len()).filter(is_whole_float).count() as u64;
    (found > 0).then(|| Facts::FloatIds { customers: found, of: customers.len() as u64 })
}

fn is_float(id: &[u8]) -> bool {
    let Some(whole) = id.strip_suffix(b".0") else { return false };
    let digits = whole.strip_prefix(b"-").unwrap_or(whole);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customers(ids: &[&str], transactions: &[u32], revenue: &[i64]) -> Customers {
        let mut ends = Vec::new();
        let mut bytes = Vec::new();
        for id in ids {
            bytes.extend_from_slice(id.as_bytes());
            ends.push(bytes.len());
        }
        let (transactions, revenue) = (transactions.to_vec(), revenue.to_vec());
        Customers { ids: CustomerIds::Text { bytes, ends }, transactions, revenue, ..Customers::default() }
    }

    #[test]
    fn words_for_nobody_are_found_however_they_are_written() {
        let found = customers(&["C1", "N/A", "NaN", "Not Set", "none"], &[6, 1, 1, 1, 1], &[300, 10, 20, 30, 40]);
        let Some(Facts::NobodyIds { ids, rows, rows_share, money_share }) = nobody(&found) else { panic!("none") };
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 4, "{ids:?}");
        // 4 of 10 rows, and 100 of 400.
        assert_eq!((rows, rows_share, money_share), (4, 0.4, Some(0.25)));
        assert_eq!(nobody(&customers(&["Nana", "Noneville", "x"], &[1, 1, 1], &[1, 1, 1])), None);
    }

    #[test]
    fn a_number_is_named_only_where_it_stands_out() {
        let ids = |zero: u32| Customers {
            ids: CustomerIds::Integer((0..100).collect()),
            transactions: std::iter::once(zero).chain([1; 99]).collect(),
            revenue: vec![0; 100],
            ..Customers::default()
        };
        assert_eq!(nobody(&ids(3)), None, "a customer 0 among others");
        // 21 of 120 rows; each other customer has one.
        let Some(Facts::NobodyIds { rows: 21, money_share: None, .. }) = nobody(&ids(21)) else { panic!("none") };
        let alone = Customers {
            ids: CustomerIds::Integer(vec![0, 1]),
            transactions: vec![3, 2],
            revenue: vec![0; 2],
            ..Customers::default()
        };
        assert_eq!(nobody(&alone), None, "one of two customers");
    }

    #[test]
    fn whole_numbers_that_were_floats_are_counted() {
        let found = floats(&customers(&["-7.0", "1.00", "17850.0", "A.0"], &[1; 4], &[1; 4]));
        assert_eq!(found, Some(Facts::FloatIds { customers: 2, of: 4 }));
        assert_eq!(floats(&customers(&["1", "2.5"], &[1; 2], &[1; 2])), None);
    }
}
