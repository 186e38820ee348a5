//! Which column is which, guessed from names and types.
//!
//! Lives here: the guesses, each with its reason, and what could not be guessed. Does not live here: files (`init`),
//! and known names (`names`). A guess is never silent: it is in the file with its reason.

use chrono::NaiveDate;

use super::names;
use crate::day::date_text;
use crate::source::footers::Column;
use crate::source::footers::hints::ColumnHint;
use crate::source::kinds::ColumnKind;
use crate::source::options::EpochUnit;

/// A column taken for a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) name: String,
    pub(crate) kind: ColumnKind,
    pub(crate) why: String,
}

/// The columns of the roles; none where nothing fits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Roles {
    pub(crate) customer: Option<Taken>,
    pub(crate) order: Option<Taken>,
    pub(crate) time: Option<Taken>,
    pub(crate) amount: Option<Taken>,
    /// Quantity and unit price, where there is no amount.
    pub(crate) factors: Option<(Taken, Taken)>,
    /// Proposed and not taken: it costs a read of its own.
    pub(crate) margin: Option<Taken>,
}

/// Guesses from the columns that every file has.
pub(crate) fn roles(columns: &[Column]) -> Roles {
    let customer = by_name(columns, names::CUSTOMER, &[is_id, is_number_as_id]);
    let order = by_name(columns, names::ORDER, &[is_id, is_number_as_id]);
    let time = by_name(columns, names::TIME, &[is_time, is_integer, is_text])
        .or_else(|| by_type(columns, is_time, "the only column of dates or timestamps"));
    let quantity = by_name(columns, names::QUANTITY, &[is_number]);
    let price = by_name(columns, names::UNIT_PRICE, &[is_number]);
    let mut amount = by_name(columns, names::AMOUNT, &[is_number]);
    let mut factors = None;
    match (&amount, quantity, price) {
        (Some(_), ..) => {}
        (None, Some(quantity), Some(price)) => factors = Some((quantity, price)),
        (None, None, Some(price)) => {
            let why = format!("{}, and there is no quantity: each row is taken for one piece", price.why);
            amount = Some(Taken { why, ..price });
        }
        (None, _, None) => amount = by_type(columns, is_fraction, "the only column of decimals or floats"),
    }
    let margin = by_name(columns, names::MARGIN, &[is_number]);
    let is_amount = |margin: &Taken| amount.as_ref().is_some_and(|amount| amount.name == margin.name);
    let margin = margin.filter(|margin| !is_amount(margin));
    Roles { customer, order, time, amount, factors, margin }
}

pub(crate) type Fits = fn(&ColumnKind) -> bool;

/// The column with the most specific name among those of the first kind that any column has.
pub(crate) fn by_name(columns: &[Column], known: &[&str], kinds: &[Fits]) -> Option<Taken> {
    let named = |fits: &Fits| {
        let fitting = columns.iter().filter(|column| fits(&column.kind));
        let mut ranked: Vec<(usize, &Column)> =
            fitting.filter_map(|column| Some((names::rank(&column.name, known)?, column))).collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked
    };
    let ranked = kinds.iter().map(named).find(|ranked| !ranked.is_empty())?;
    let (_, first) = *ranked.first()?;
    let others: Vec<String> = ranked.iter().skip(1).map(|(_, column)| format!("`{}`", column.name)).collect();
    let why = if others.is_empty() {
        format!("by its name and type ({})", first.kind)
    } else {
        format!("by its name and type ({}); {} could be meant too", first.kind, others.join(" and "))
    };
    Some(Taken { name: first.name.clone(), kind: first.kind.clone(), why })
}

/// The column that has the name of a role and a type that the role cannot take, in words.
pub(crate) fn unfit(columns: &[Column], role: &str) -> Option<String> {
    let known = match role {
        "customer_id" => names::CUSTOMER,
        "order_id" => names::ORDER,
        "order_ts" => names::TIME,
        _ => names::AMOUNT,
    };
    let named = columns.iter().filter_map(|column| Some((names::rank(&column.name, known)?, column)));
    let (_, column) = named.min_by_key(|(rank, _)| *rank)?;
    Some(format!("`{}` has the name for it, but its type is {}", column.name, column.kind))
}

/// The only column of a kind.
fn by_type(columns: &[Column], fits: Fits, why: &str) -> Option<Taken> {
    let mut fitting = columns.iter().filter(|column| fits(&column.kind));
    let only = fitting.next().filter(|_| fitting.next().is_none())?;
    Some(Taken { name: only.name.clone(), kind: only.kind.clone(), why: format!("{why} ({})", only.kind) })
}

fn is_integer(kind: &ColumnKind) -> bool {
    matches!(kind, ColumnKind::Int { .. })
}

fn is_text(kind: &ColumnKind) -> bool {
    *kind == ColumnKind::Text
}

fn is_id(kind: &ColumnKind) -> bool {
    is_integer(kind) || is_text(kind) || *kind == ColumnKind::Uuid
}

/// Whole numbers in another type, as warehouses and pandas write them.
fn is_number_as_id(kind: &ColumnKind) -> bool {
    matches!(kind, ColumnKind::Decimal { scale: 0, .. } | ColumnKind::Float32 | ColumnKind::Float64)
}

pub(crate) fn is_time(kind: &ColumnKind) -> bool {
    matches!(kind, ColumnKind::Date | ColumnKind::Timestamp { .. } | ColumnKind::Int96)
}

fn is_fraction(kind: &ColumnKind) -> bool {
    matches!(kind, ColumnKind::Float32 | ColumnKind::Float64 | ColumnKind::Decimal { .. })
}

pub(crate) fn is_number(kind: &ColumnKind) -> bool {
    is_integer(kind) || is_fraction(kind)
}

/// Whether no column beside those of the other roles can be an amount.
pub(crate) fn has_no_amount(columns: &[Column], roles: &Roles) -> bool {
    let Roles { customer, order, time, amount, factors, margin } = roles;
    let is_taken = |name: &str| [customer, order, time].into_iter().flatten().any(|taken| taken.name == name);
    let is_free = |column: &Column| is_number(&column.kind) && !is_taken(&column.name);
    let has_none = amount.is_none() && factors.is_none() && margin.is_none();
    has_none && !columns.iter().any(is_free) && unfit(columns, "amount").is_none()
}

/// Whether integers are dates of the years 1980 to 2099, written as 20251231.
pub(crate) fn are_written_dates(hint: &ColumnHint) -> bool {
    let is_date = |number: i64| {
        let part = |unit: i64, size: i64| u32::try_from(number / unit % size).unwrap_or(0);
        let year = i32::try_from(number / 10_000).unwrap_or(0);
        (1_980..2_100).contains(&year) && NaiveDate::from_ymd_opt(year, part(100, 100), part(1, 100)).is_some()
    };
    hint.integers.is_some_and(|(least, greatest)| is_date(least) && is_date(greatest))
}

/// The unit of integers that lie between 1980-01-01 and 2100-01-01 in one unit only; the word of the setting.
///
/// # Errors
/// Why no unit is guessed.
pub(crate) fn epoch_unit(hint: &ColumnHint) -> Result<(EpochUnit, &'static str), String> {
    /// Days from 1970-01-01 to 1980-01-01 and to 2100-01-01.
    const DAYS: std::ops::Range<i64> = 3_652..47_482;
    /// The same days as Excel counts them, from 1899-12-30: 25,569 days earlier.
    const SERIAL_DATES: std::ops::Range<i64> = DAYS.start + EXCEL_DAYS..DAYS.end + EXCEL_DAYS;
    const SET: &str = "set `dates.epoch_unit` to s, ms, us, ns or d";
    let Some((least, greatest)) = hint.integers else {
        return Err(format!("the statistics in the footers do not say its range; {SET}"));
    };
    if SERIAL_DATES.contains(&least) && SERIAL_DATES.contains(&greatest) {
        return Err(serial_or_days(least, greatest));
    }
    let units = [
        (EpochUnit::D, "d", 1),
        (EpochUnit::S, "s", 86_400),
        (EpochUnit::Ms, "ms", 86_400_000),
        (EpochUnit::Us, "us", 86_400_000_000),
        (EpochUnit::Ns, "ns", 86_400_000_000_000),
    ];
    let fits = |per_day: i64| DAYS.contains(&(least / per_day)) && DAYS.contains(&(greatest / per_day));
    match units.into_iter().find(|(.., per_day)| fits(*per_day)) {
        Some((unit, word, _)) => Ok((unit, word)),
        None => Err(format!("{least} to {greatest} lie in the years 1980 to 2100 in no unit; {SET}")),
    }
}

/// What a column of floats with the name of a date may hold; none where it is no day of our time as Excel counts.
pub(crate) fn float_dates(columns: &[Column], hint: impl Fn(&str) -> ColumnHint) -> Option<String> {
    let taken = by_name(columns, names::TIME, &[is_fraction])?;
    let floats = hint(&taken.name).floats;
    let why = epoch_unit(&ColumnHint { integers: floats, ..ColumnHint::default() }).err()?;
    why.contains("Excel").then(|| format!("`{}` holds floats, and {why}", taken.name))
}

/// Days from 1899-12-30, the day 0 of Excel, to 1970-01-01.
const EXCEL_DAYS: i64 = 25_569;

/// What whole numbers mean that are days of our time as Excel counts them, and perhaps other days since 1970.
fn serial_or_days(least: i64, greatest: i64) -> String {
    let day = |number: i64| i32::try_from(number).map_or_else(|_| number.to_string(), date_text);
    format!(
        "{least} to {greatest} are {} to {} as Excel counts days (from 1899-12-30), and {} to {} as days since 1970: for Excel's \
         days subtract {EXCEL_DAYS} at their source; then, or if they are days since 1970, set `dates.epoch_unit` to d",
        day(least - EXCEL_DAYS),
        day(greatest - EXCEL_DAYS),
        day(least),
        day(greatest)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::kinds::TimeUnit;

    const INT: ColumnKind = ColumnKind::Int { bits: 64, signed: true };
    const STAMP: ColumnKind = ColumnKind::Timestamp { unit: TimeUnit::Us, utc: false };

    fn guessed(columns: &[(&str, ColumnKind)]) -> [Option<String>; 5] {
        let column = |(name, kind): &(&str, ColumnKind)| Column::sample(name, kind.clone());
        let roles = roles(&columns.iter().map(column).collect::<Vec<Column>>());
        let name = |taken: Option<Taken>| taken.map(|taken| taken.name);
        let factors = roles.factors.map(|(quantity, price)| format!("{} x {}", quantity.name, price.name));
        [name(roles.customer), name(roles.order), name(roles.time), name(roles.amount), factors]
    }

    fn some(names: [&str; 5]) -> [Option<String>; 5] {
        names.map(|name| (!name.is_empty()).then(|| name.to_owned()))
    }

    #[test]
    fn well_known_data_sets_are_understood() {
        let (text, float) = (ColumnKind::Text, ColumnKind::Float64);
        // UCI Online Retail II.
        let retail = [
            ("Invoice", text.clone()),
            ("StockCode", text.clone()),
            ("Description", text.clone()),
            ("Quantity", INT),
            ("InvoiceDate", STAMP),
            ("Price", float.clone()),
            ("Customer ID", float.clone()),
            ("Country", text.clone()),
        ];
        // The customer ids are floats there, since some are missing: a run reads them, with a warning.
        assert_eq!(guessed(&retail), some(["Customer ID", "Invoice", "InvoiceDate", "", "Quantity x Price"]));
        // REES46 events.
        let events = [
            ("event_time", STAMP),
            ("event_type", text.clone()),
            ("product_id", INT),
            ("price", float.clone()),
            ("user_id", INT),
            ("user_session", text.clone()),
        ];
        assert_eq!(guessed(&events), some(["user_id", "", "event_time", "price", ""]));
        let chinese =
            [("客户编号", text.clone()), ("订单号", INT), ("下单时间", STAMP), ("金额", float.clone()), ("数量", INT)];
        assert_eq!(guessed(&chinese), some(["客户编号", "订单号", "下单时间", "金额", ""]));
    }

    #[test]
    fn types_decide_where_names_do_not() {
        let (text, float) = (ColumnKind::Text, ColumnKind::Float64);
        let odd = [("who", INT), ("when_it_was", ColumnKind::Date), ("how_much", float.clone())];
        assert_eq!(guessed(&odd), some(["", "", "when_it_was", "how_much", ""]));
        // A timestamp is preferred to a text, whatever the names; between two of a kind without a name there is no
        // choice.
        let both = [("order_date", text.clone()), ("created_at", STAMP), ("a", float.clone()), ("b", float.clone())];
        assert_eq!(guessed(&both), some(["", "", "created_at", "", ""]));
        assert_eq!(guessed(&[("date", text), ("amount", ColumnKind::Text)]), some(["", "", "date", "", ""]));
    }

    #[test]
    fn other_candidates_are_named() {
        let columns = ["client", "user_id"].map(|name| Column::sample(name, INT));
        let why = roles(&columns).customer.map(|taken| taken.why).unwrap();
        assert_eq!(why, "by its name and type (int64); `client` could be meant too");
    }

    #[test]
    fn the_unit_of_epochs_follows_from_the_magnitude() {
        let of = |integers| epoch_unit(&ColumnHint { integers, ..ColumnHint::default() });
        // 2020-01-01 is day 18262 and second 1577836800.
        for (factor, word) in
            [(1, "d"), (86_400, "s"), (86_400_000, "ms"), (86_400_000_000, "us"), (86_400_000_000_000, "ns")]
        {
            assert_eq!(of(Some((18_262 * factor, 20_000 * factor))).map(|(_, word)| word), Ok(word));
        }
        assert!(of(Some((20_200_101, 20_231_231))).unwrap_err().contains("no unit"));
        assert!(of(Some((0, 1_577_836_800))).unwrap_err().contains("no unit"), "a zero is no date of a sale");
        assert!(of(None).unwrap_err().contains("statistics"));
    }

    #[test]
    fn dates_written_as_numbers_are_dates_of_the_calendar() {
        let of = |integers| are_written_dates(&ColumnHint { integers: Some(integers), ..ColumnHint::default() });
        assert!(of((20_200_101, 20_231_231)));
        assert!(!of((0, 20_231_231)) && !of((20_200_101, 20_231_331)) && !of((18_262, 20_000)));
        // Seconds of August 1970, and ids.
        assert!(!of((20_200_101, 20_999_999)));
        assert!(!are_written_dates(&ColumnHint::default()));
    }

    /// 45292 is 2024-01-01 in Excel, and 2094-01-02 as days since 1970. 2030-01-01 is 47484 in Excel.
    #[test]
    fn days_of_excel_are_left_open() {
        let of = |integers| epoch_unit(&ColumnHint { integers, ..ColumnHint::default() });
        let why = of(Some((45_292, 45_400))).unwrap_err();
        assert!(why.contains("2024-01-01 to 2024-04-18 as Excel counts") && why.contains("2094-01-02"), "{why}");
        assert!(of(Some((47_484, 47_500))).unwrap_err().contains("2030-01-01"));
        assert!(of(Some((44_927, 47_500))).unwrap_err().contains("Excel"));
        assert_eq!(of(Some((18_262, 20_454))).map(|(_, word)| word), Ok("d"), "no days of our time in Excel");
        let column = Column::sample("order_date", ColumnKind::Float64);
        let floats =
            |floats| float_dates(std::slice::from_ref(&column), |_| ColumnHint { floats, ..ColumnHint::default() });
        assert!(floats(Some((45_292, 45_400))).unwrap().contains("2024-04-18 as Excel counts"));
        assert_eq!(floats(Some((1_577_836_800, 1_577_836_900))), None);
    }
}
