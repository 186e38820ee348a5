//! Settings of the output: where it goes, how it is laid out, and how its files are stored.

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

/// How the published files are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// One directory per date with a file per table: `as_of=2026-01-01/customers.parquet`.
    #[default]
    ByDate,
    /// One directory per table with a partition per date, as query engines want it: `customers/as_of=2026-01-01/part-0.parquet`.
    ByTable,
}

/// How the pages of the published files are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Small files, read by everything of the last years.
    #[default]
    Zstd,
    /// Larger files, for readers that know no zstd.
    Snappy,
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
    /// The directory that everything is published to: one `as_of=YYYY-MM-DD` directory per run, or, by table, one per table.
    pub path: String,
    /// How money is stored.
    pub money: MoneyType,
    /// `by_date`: a directory per date with a file per table. `by_table`: a directory per table with a partition per date; the
    /// files then have no column `as_of`, which engines take from the path.
    pub layout: Layout,
    /// How the files are compressed.
    pub compression: Compression,
    /// Seconds to wait for an output that another run holds, before this one gives up.
    pub wait_seconds: u32,
    /// Publish a page of pictures with the tables, `report.html`: a file that needs nothing else. `rfmetrics report` makes it of
    /// a date that is published already.
    pub report: bool,
    /// The language of that page.
    pub report_language: Language,
}

impl Default for OutputOptions {
    fn default() -> Self {
        Self {
            path: "reports".into(),
            money: MoneyType::Decimal,
            layout: Layout::ByDate,
            compression: Compression::Zstd,
            wait_seconds: 0,
            report: false,
            report_language: Language::En,
        }
    }
}
