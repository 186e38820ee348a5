//! Settings of the output: where it goes and how money is stored.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How money columns are stored in the published Parquet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MoneyType {
    /// `decimal(18, money_scale)`: exact.
    #[default]
    Decimal,
    /// 64-bit floating point, for readers that know no decimals.
    Double,
}

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

/// `[output]`: where the tables are published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OutputOptions {
    /// The directory that holds one `as_of=YYYY-MM-DD` directory per run.
    pub path: String,
    /// How money is stored.
    pub money: MoneyType,
    /// Publish a page of pictures with the tables, `report.html`: a file that needs nothing else. `rfmetrics report` makes it of
    /// a date that is published already.
    pub report: bool,
    /// The language of that page.
    pub report_language: Language,
}

impl Default for OutputOptions {
    fn default() -> Self {
        Self { path: "reports".into(), money: MoneyType::Decimal, report: false, report_language: Language::En }
    }
}
