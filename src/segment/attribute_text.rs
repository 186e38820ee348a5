//! The conditions of a rule on attributes: `attributes.country = ["DE", "AT"]`, `attributes.age = { min = 18, below = 65 }`.
//!
//! Does not live here: how values are compared (`subjects`).

use toml::Value;

use super::sets::{Interval, LEAST, Set};
use super::subjects::{AttributeKind, Constant, Constants, Decimal};

/// What can stand in the table of an attribute.
const KEYS: &str = "`is`, `is_not`, `in`, `not_in`, `min`, `max`, `above`, `below` or `is_null`";

/// How a value is compared with constants. None of them holds of null, but [`Self::IsNull`].
#[derive(Debug, Clone, PartialEq, Eq)]
enum Comparison {
    /// It is one of them.
    In(Vec<Constant>),
    /// It is none of them.
    NotIn(Vec<Constant>),
    /// At least, at most.
    Min(Constant),
    Max(Constant),
    /// More, less.
    Above(Constant),
    Below(Constant),
    /// There is no value, or there is one.
    IsNull(bool),
}

/// All that a rule asks of one attribute; every comparison must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AttributeText(Vec<Comparison>);

impl AttributeText {
    /// Reads a value, a list of values, or a table of comparisons.
    ///
    /// # Errors
    /// What is wrong with it, as the rest of a sentence that begins with its place.
    pub(super) fn of(value: &Value) -> Result<Self, String> {
        let comparisons = match value {
            Value::Table(table) if table.is_empty() => return Err(format!("is empty, expected {KEYS}")),
            Value::Table(table) => table.iter().map(|(key, value)| comparison(key, value)).collect::<Result<_, _>>()?,
            other => vec![Comparison::In(list(other)?)],
        };
        Ok(Self(comparisons))
    }

    /// Everything that it compares with.
    pub(super) fn constants(&self) -> impl Iterator<Item = &Constant> {
        self.0.iter().flat_map(|comparison| match comparison {
            Comparison::In(list) | Comparison::NotIn(list) => list.as_slice(),
            Comparison::Min(one) | Comparison::Max(one) | Comparison::Above(one) | Comparison::Below(one) => {
                std::slice::from_ref(one)
            }
            Comparison::IsNull(_) => &[],
        })
    }

    /// Whether values are compared by more and less.
    pub(super) fn compares_order(&self) -> bool {
        !self.0.iter().all(|own| matches!(own, Comparison::In(_) | Comparison::NotIn(_) | Comparison::IsNull(_)))
    }

    /// The values that it admits.
    pub(super) fn set(&self, constants: &Constants) -> Set {
        let values = Set::of([Interval::VALUES]);
        let points = |list: &[Constant]| Set::of(list.iter().map(|one| Interval::only(constants.place(one))));
        let admitted = |comparison: &Comparison| match comparison {
            Comparison::In(list) => points(list),
            Comparison::NotIn(list) => values.without(&points(list)),
            Comparison::Min(one) => Set::from(constants.place(one), i64::MAX),
            Comparison::Above(one) => Set::from(constants.place(one) + 1, i64::MAX),
            Comparison::Max(one) => Set::from(LEAST, constants.place(one)),
            Comparison::Below(one) => Set::from(LEAST, constants.place(one) - 1),
            Comparison::IsNull(true) => Set::of([Interval::NULLS]),
            Comparison::IsNull(false) => values.clone(),
        };
        let all = self.0.iter().map(admitted).reduce(|all, next| all.and(&next)).unwrap_or(values.clone());
        all.and(&constants.domain())
    }
}

fn comparison(key: &str, value: &Value) -> Result<Comparison, String> {
    let one = || constant(value).map_err(|problem| format!("has `{key}`, which {problem}"));
    let several = || match value {
        Value::Array(_) => list(value).map_err(|problem| format!("has `{key}`, which {problem}")),
        _ => Err(format!("has `{key}`, which is no list: write `{key} = [...]`")),
    };
    match key {
        "in" => several().map(Comparison::In),
        "not_in" => several().map(Comparison::NotIn),
        "is" => Ok(Comparison::In(vec![one()?])),
        "is_not" => Ok(Comparison::NotIn(vec![one()?])),
        "min" => one().map(Comparison::Min),
        "max" => one().map(Comparison::Max),
        "above" => one().map(Comparison::Above),
        "below" => one().map(Comparison::Below),
        "is_null" => match value {
            Value::Boolean(is_null) => Ok(Comparison::IsNull(*is_null)),
            _ => Err("has `is_null`, which is neither `true` nor `false`".to_owned()),
        },
        _ => Err(format!("has the unknown key `{key}`, expected {KEYS}")),
    }
}

fn list(value: &Value) -> Result<Vec<Constant>, String> {
    match value {
        Value::Array(list) if list.is_empty() => Err("is an empty list, which no value is in".to_owned()),
        Value::Array(list) => list.iter().map(constant).collect(),
        one => Ok(vec![constant(one)?]),
    }
}

fn constant(value: &Value) -> Result<Constant, String> {
    match value {
        Value::String(text) => Ok(Constant::Text(text.clone())),
        Value::Datetime(date) => Ok(Constant::Text(date.to_string())),
        Value::Boolean(truth) => Ok(Constant::Truth(*truth)),
        Value::Integer(number) => Ok(Constant::Number(Decimal { digits: (*number).into(), scale: 0 })),
        Value::Float(number) => Decimal::of_real(*number)
            .map(Constant::Number)
            .ok_or_else(|| format!("is {number}, expected a number of at most 38 digits")),
        Value::Array(_) | Value::Table(_) => Err("is no text, number, `true` or `false`".to_owned()),
    }
}

/// What is wrong with the comparisons of all rules with one attribute: texts and numbers do not mix.
pub(super) fn mixed(texts: &[(usize, &AttributeText)]) -> Option<String> {
    let mut kinds = texts.iter().flat_map(|(rule, text)| text.constants().map(move |own| (*rule, own.kind())));
    let (first, kind) = kinds.next()?;
    let (other, others) = kinds.find(|(_, own)| *own != kind)?;
    Some(format!("is compared with {} in `rules[{first}]` and with {} in `rules[{other}]`", kind.name(), others.name()))
}

/// Whether `true` and `false` are compared by more and less.
pub(super) fn orders_truths(text: &AttributeText) -> bool {
    text.compares_order() && text.constants().any(|own| own.kind() == AttributeKind::Truths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<AttributeText, String> {
        let table: toml::Table = toml::from_str(&format!("x = {text}")).unwrap();
        AttributeText::of(&table["x"])
    }

    /// Which of the ages 17 to 66, and null, a condition admits.
    fn ages(text: &str) -> (Vec<i128>, bool) {
        let text = read(text).unwrap();
        let constants = Constants::new(text.constants().cloned().collect());
        let set = text.set(&constants);
        let of = |age: &i128| set.contains(constants.of_decimal(Some(Decimal { digits: *age, scale: 0 })));
        ((17..=66).filter(of).collect(), set.contains(constants.of_decimal(None)))
    }

    #[test]
    fn comparisons_are_those_of_sql_and_null_meets_none() {
        assert_eq!(ages("18"), (vec![18], false));
        assert_eq!(ages("[18, 20]"), (vec![18, 20], false));
        assert_eq!(ages("{ min = 64 }"), (vec![64, 65, 66], false));
        assert_eq!(ages("{ above = 64, max = 65.5 }"), (vec![65], false));
        assert_eq!(ages("{ below = 18 }"), (vec![17], false));
        assert_eq!(ages("{ not_in = [17, 18], below = 20 }"), (vec![19], false));
        assert_eq!(ages("{ is_not = 17, max = 18 }"), (vec![18], false));
        assert_eq!(ages("{ is_null = true }"), (vec![], true));
        let (all, null) = ages("{ is_null = false }");
        assert_eq!((all.len(), null), (50, false));
        assert_eq!(ages("{ min = 20, below = 20 }"), (vec![], false));
    }

    #[test]
    fn wrong_comparisons_say_what_is_expected() {
        let refused = |text: &str| read(text).unwrap_err();
        assert!(refused("{ least = 3 }").contains("has the unknown key `least`, expected `is`, `is_not`"));
        assert!(refused("{ in = 3 }").contains("has `in`, which is no list: write `in = [...]`"));
        assert!(refused("[]").contains("an empty list") && refused("{}").contains("is empty, expected"));
        assert!(refused("{ is_null = 1 }").contains("neither `true` nor `false`"));
        assert!(refused("{ min = [1] }").contains("has `min`, which is no text, number"));
        assert!(refused("nan").contains("expected a number"));
        let (one, other) = (read("1").unwrap(), read("'x'").unwrap());
        let text = mixed(&[(1, &one), (3, &other)]).unwrap();
        assert_eq!(text, "is compared with numbers in `rules[1]` and with texts in `rules[3]`");
        assert!(orders_truths(&read("{ min = true }").unwrap()) && !orders_truths(&read("true").unwrap()));
    }
}
