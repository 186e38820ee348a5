//! What a run has of the things that rules can look at, and what a map asks for in vain.
//!
//! Does not live here: whether a map fits the scores of the run (`fits`).

use super::map::SegmentMap;
use super::measures::MapMeasure;
use super::subjects::{AttributeKind, Looked, MapSubject};
use crate::error::{Error, Result};
use crate::nearest::nearest;

/// What a run has beyond the scores and the measures of every run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Available {
    /// The horizons of its predictions by name, ascending; empty where nothing is predicted.
    pub horizons: Vec<String>,
    /// The columns of the input that are carried along.
    pub attributes: Vec<String>,
    /// The columns of the table of members that are published.
    pub of_members: Vec<String>,
    /// Whether a column is the margin.
    pub has_margin: bool,
}

/// What is missing, and what to set.
struct Missing {
    cause: String,
    hint: String,
}

impl Available {
    fn lacks(&self, own: &Looked) -> Option<Missing> {
        let missing = |cause: String, hint: String| Some(Missing { cause, hint });
        match &own.subject {
            subject if subject.is_predicted() && self.horizons.is_empty() => {
                missing("nothing is predicted".to_owned(), "set `predict.model = \"auto\"` (`[predict]`)".to_owned())
            }
            MapSubject::Clv(horizon) if !self.horizons.contains(horizon) => missing(
                format!("the horizons of this run are {}", self.horizons.join(", ")),
                format!("add the horizon to `predict.horizons`, or ask for one of these: `clv_{}`", self.horizons[0]),
            ),
            MapSubject::Measure(MapMeasure::Margin) if !self.has_margin => {
                missing("no column is the margin".to_owned(), "say which column is with `columns.margin`".to_owned())
            }
            MapSubject::Attribute(name) if !self.attributes().any(|own| own == name) => {
                let near = nearest(name, self.attributes());
                let near = near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
                missing(
                    format!("this column is not carried along{near}"),
                    format!(
                        "set `columns.attributes = [{}]`, or `customers.attributes` where it is a column of members",
                        self.attributes_with(name)
                    ),
                )
            }
            _ => None,
        }
    }

    /// What is carried along, of the input and of members.
    fn attributes(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().chain(&self.of_members).map(String::as_str)
    }

    fn attributes_with(&self, name: &str) -> String {
        let all = self.attributes.iter().map(String::as_str).chain([name]);
        all.map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
    }
}

impl SegmentMap {
    /// Refuses a map whose rules look at something that the run does not have.
    ///
    /// # Errors
    /// A config error that says of each of them which rules ask for it, and what to set.
    pub fn check_available(&self, available: &Available) -> Result<()> {
        let found = self.looked().iter().filter_map(|own| Some((own, available.lacks(own)?)));
        let (mut causes, mut hints) = (Vec::new(), Vec::new());
        for (own, Missing { cause, hint }) in found {
            causes.push(format!("`{}` in {}: {cause}", own.subject.name(), rules_text(&own.rules)));
            if !hints.contains(&hint) {
                hints.push(hint);
            }
        }
        if causes.is_empty() {
            return Ok(());
        }
        Err(Error::config(format!("the segment map `{}` looks at what this run does not have", self.name))
            .causes(causes)
            .hint(hints.join("; ")))
    }

    /// Refuses a map that compares an attribute with values of another kind than it has; `kind_of` knows the columns of the
    /// input, and none where one is not known.
    ///
    /// # Errors
    /// A config error with every such attribute.
    pub fn check_kinds(&self, kind_of: impl Fn(&str) -> Option<(AttributeKind, String)>) -> Result<()> {
        let unfit = self.attributes().filter_map(|(name, own)| {
            let (kind, column) = kind_of(name)?;
            let asked = own.constants.kind().filter(|asked| *asked != kind)?;
            let (rules, asked, is) = (rules_text(&own.rules), asked.name(), kind.name());
            Some(format!("{rules} compares the attribute `{name}` with {asked}, but the column ({column}) has {is}"))
        });
        let causes: Vec<String> = unfit.collect();
        if causes.is_empty() {
            return Ok(());
        }
        let headline = format!("the segment map `{}` does not fit the columns of the input", self.name);
        Err(Error::config(headline).causes(causes).hint(
            "write texts between quotation marks and numbers without: `attributes.age = { min = 18 }`; dates are texts, \
             \"2024-01-31\"",
        ))
    }
}

/// `rule 3`, `rules 1 and 3`.
fn rules_text(rules: &[usize]) -> String {
    let numbers: Vec<String> = rules.iter().map(ToString::to_string).collect();
    match numbers.split_last() {
        Some((last, [])) => format!("rule {last}"),
        Some((last, before)) => format!("rules {} and {last}", before.join(", ")),
        None => "no rule".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::parse;

    fn map(rules: &[&str]) -> SegmentMap {
        let rules: Vec<String> = rules.iter().map(|rule| format!("[[rules]]\nsegment = \"a\"\n{rule}\n")).collect();
        let rules = rules.concat();
        let head = "name = \"t\"\nbins = {}\notherwise = \"a\"\n[[segments]]\nkey = \"a\"\nname_en = \"A\"\n";
        parse(&format!("{head}{rules}"), "t.toml").unwrap()
    }

    #[test]
    fn what_the_run_lacks_is_said_with_the_rules_and_what_to_set() {
        let map = map(&["min_p_alive = 0.5", "min_margin = 3\nattributes.contry = \"DE\"", "max_p_alive = 0.1"]);
        let has = Available { attributes: vec!["country".to_owned()], ..Available::default() };
        let text = map.check_available(&has).unwrap_err().to_string();
        for part in [
            "the segment map `t` looks at what this run does not have",
            "`margin` in rule 2: no column is the margin",
            "`p_alive` in rules 1 and 3: nothing is predicted",
            "`attributes.contry` in rule 2: this column is not carried along (did you mean `country`?)",
            "set `predict.model = \"auto\"`",
            "`columns.attributes = [\"country\", \"contry\"]`",
            "with `columns.margin`",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let has = Available {
            horizons: vec!["12_months".to_owned()],
            of_members: vec!["contry".to_owned()],
            has_margin: true,
            ..Available::default()
        };
        map.check_available(&has).unwrap();
    }

    #[test]
    fn a_horizon_must_be_one_of_the_run() {
        let map = map(&["min_clv_24_months = 10\nmin_clv = 3"]);
        let has = |horizon: &str| Available { horizons: vec![horizon.to_owned()], ..Available::default() };
        let text = map.check_available(&has("12_months")).unwrap_err().to_string();
        assert!(text.contains("`clv_24_months` in rule 1: the horizons of this run are 12_months"), "{text}");
        assert!(text.contains("add the horizon to `predict.horizons`") && !text.contains("`clv` in"), "{text}");
        map.check_available(&has("24_months")).unwrap();
    }

    #[test]
    fn attributes_are_compared_with_what_they_have() {
        let map = map(&["attributes.age = { min = 18 }", "attributes.note = { is_null = true }"]);
        let text = map.check_kinds(|_| Some((AttributeKind::Texts, "text".to_owned()))).unwrap_err().to_string();
        assert!(
            text.contains("rule 1 compares the attribute `age` with numbers, but the column (text) has texts"),
            "{text}"
        );
        assert!(!text.contains("note"), "whether there is a value can be asked of any: {text}");
        map.check_kinds(|_| Some((AttributeKind::Numbers, "int64".to_owned()))).unwrap();
        map.check_kinds(|_| None).unwrap();
    }
}
