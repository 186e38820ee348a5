//! The measures that a setting can name: those of one axis, or those that customers count by.
//!
//! Which they are, and how each is explained, says the table of measures; here are the types of the settings.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};

use super::measures::{Axis, MEASURES, Measure, MeasureEntry};

/// What a setting lets choose from.
pub trait Choices {
    /// The name of the type in the schema of the configuration.
    const NAME: &'static str;
    /// What the setting says.
    const DESCRIPTION: &'static str;

    /// The explanation of a measure that can be chosen; none for others.
    fn explanation(entry: &MeasureEntry) -> Option<&'static str>;
}

/// A measure among those that `C` lets choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen<C> {
    measure: Measure,
    among: PhantomData<C>,
}

impl<C: Choices> Chosen<C> {
    /// The measure, where it can be chosen.
    #[must_use]
    pub fn of(measure: Measure) -> Option<Self> {
        C::explanation(measure.entry()).map(|_| Self { measure, among: PhantomData })
    }

    /// The measure.
    #[must_use]
    pub const fn measure(self) -> Measure {
        self.measure
    }

    fn all() -> impl Iterator<Item = (&'static MeasureEntry, &'static str)> {
        MEASURES.iter().filter_map(|entry| Some((entry, C::explanation(entry)?)))
    }
}

impl<C> Serialize for Chosen<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.measure.serialize(serializer)
    }
}

impl<'de, C: Choices> Deserialize<'de> for Chosen<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Measure::of_column(&name).and_then(Self::of).ok_or_else(|| {
            let names: Vec<String> = Self::all().map(|(entry, _)| format!("`{}`", entry.column)).collect();
            de::Error::custom(format!("unknown variant `{name}`, expected one of {}", names.join(", ")))
        })
    }
}

impl<C: Choices> JsonSchema for Chosen<C> {
    fn schema_name() -> Cow<'static, str> {
        C::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let choice = |(entry, explanation): (&MeasureEntry, &str)| json_schema!({"description": explanation, "type": "string", "const": entry.column});
        let choices: Vec<Schema> = Self::all().map(choice).collect();
        json_schema!({"description": C::DESCRIPTION, "oneOf": choices})
    }
}

/// The measures of the recency axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfRecency;

/// The measures of the frequency axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfFrequency;

/// The measures of the monetary axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfMonetary;

/// The measures that customers can count by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfWeights;

impl Choices for OfRecency {
    const NAME: &'static str = "RecencyMeasure";
    const DESCRIPTION: &'static str = "What the recency axis counts from.";

    fn explanation(entry: &MeasureEntry) -> Option<&'static str> {
        entry.as_axis.filter(|_| entry.axis == Axis::Recency)
    }
}

impl Choices for OfFrequency {
    const NAME: &'static str = "FrequencyMeasure";
    const DESCRIPTION: &'static str = "What the frequency axis counts.";

    fn explanation(entry: &MeasureEntry) -> Option<&'static str> {
        entry.as_axis.filter(|_| entry.axis == Axis::Frequency)
    }
}

impl Choices for OfMonetary {
    const NAME: &'static str = "MonetaryMeasure";
    const DESCRIPTION: &'static str = "What the monetary axis measures.";

    fn explanation(entry: &MeasureEntry) -> Option<&'static str> {
        entry.as_axis.filter(|_| entry.axis == Axis::Monetary)
    }
}

impl Choices for OfWeights {
    const NAME: &'static str = "Weight";
    const DESCRIPTION: &'static str = "What customers count by in the mean of an axis, or hold a share of in `pareto`.";

    fn explanation(entry: &MeasureEntry) -> Option<&'static str> {
        entry.as_weight
    }
}

/// What the recency axis counts from.
pub type RecencyMeasure = Chosen<OfRecency>;
/// What the frequency axis counts.
pub type FrequencyMeasure = Chosen<OfFrequency>;
/// What the monetary axis measures.
pub type MonetaryMeasure = Chosen<OfMonetary>;
/// What customers count by in the mean of an axis, or hold a share of in `pareto`.
pub type Weight = Chosen<OfWeights>;

impl Default for RecencyMeasure {
    fn default() -> Self {
        Self { measure: Measure::RecencyDays, among: PhantomData }
    }
}

impl Default for MonetaryMeasure {
    fn default() -> Self {
        Self { measure: Measure::Revenue, among: PhantomData }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_takes_the_measures_of_its_axis_and_no_others() {
        let read = |name: &str| serde_json::from_value::<MonetaryMeasure>(name.into());
        assert_eq!(read("margin").unwrap().measure(), Measure::Margin);
        for name in ["orders", "weighted_value", "profit"] {
            let error = read(name).unwrap_err().to_string();
            let expected = "expected one of `revenue`, `average_order_value`, `largest_order`, `margin`";
            assert_eq!(error, format!("unknown variant `{name}`, {expected}"));
        }
        assert_eq!(serde_json::to_value(MonetaryMeasure::default()).unwrap(), "revenue");
        assert_eq!(Weight::of(Measure::LargestOrder), None, "no customer counts by it");
    }

    #[test]
    fn the_schema_explains_every_choice() {
        let schema = schemars::schema_for!(RecencyMeasure);
        let choices = schema.get("oneOf").unwrap().as_array().unwrap();
        let names: Vec<&str> = choices.iter().map(|choice| choice["const"].as_str().unwrap()).collect();
        assert_eq!(names, ["recency_days", "interaction_days"]);
        assert!(choices.iter().all(|choice| choice["description"].as_str().unwrap().starts_with("Days since")));
    }
}
