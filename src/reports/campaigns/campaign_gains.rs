//! `campaign_gains`: what the best tenths of the contacts brought.

use polars::prelude::*;

use super::{CAMPAIGN, Stamp, counts, numbers, texts};
use crate::campaigns::gains::Gain;
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
pub const TABLE: TableEntry = TableEntry {
    name: "campaign_gains",
    one_row_per: "tenth of a campaign's contacts, by the response rate of their cells: gains, lift, profit",
    published_with: "`campaign evaluate`",
    meaning: "Contacts sorted by the response rate of their cell and cut into tenths at its type 7 quantiles. Cells keep together, so that tenths are of unequal size, and some do not occur. It tells how well the cells separate responders, after the fact. Sorted by campaign, tenth.",
    columns: &[
        CAMPAIGN,
        column("tenth", ColumnType::Int32, "rank", "1 has the cells with the highest response rates"),
        column("contacts", ColumnType::Int64, "customers", "contacts of the tenth"),
        column("responders", ColumnType::Int64, "customers", "of these, who responded"),
        column("cumulative_contacts", ColumnType::Int64, "customers", "contacts of this tenth and those above"),
        column("cumulative_responders", ColumnType::Int64, "customers", "of these, who responded"),
        column("cumulative_contact_share", ColumnType::Double, "0..1", "cumulative_contacts by all contacts"),
        column("cumulative_gains", ColumnType::Double, "0..1", "cumulative_responders by all responders; null without any"),
        column("cumulative_lift", ColumnType::Double, "", "response rate up to this tenth by that of all; null without responders"),
        column("cumulative_profit", ColumnType::Double, "money", "profit of this tenth and those above; null without a profit per response"),
    ],
};

/// The table of the tenths of campaigns.
///
/// # Errors
/// A Polars error where a column is missing, which would be a bug.
pub fn table(stamp: &Stamp, rows: &[(String, Gain)]) -> PolarsResult<DataFrame> {
    let gains = || rows.iter().map(|(_, gain)| gain);
    let columns = vec![
        texts(CAMPAIGN.name, rows.iter().map(|(campaign, _)| campaign.as_str())),
        counts("tenth", gains().map(|gain| gain.tenth.into())),
        counts("contacts", gains().map(|gain| gain.rate.contacts)),
        counts("responders", gains().map(|gain| gain.rate.responders)),
        counts("cumulative_contacts", gains().map(|gain| gain.cumulative.contacts)),
        counts("cumulative_responders", gains().map(|gain| gain.cumulative.responders)),
        numbers("cumulative_contact_share", gains().map(|gain| Some(gain.cumulative_contact_share))),
        numbers("cumulative_gains", gains().map(|gain| gain.cumulative_gains)),
        numbers("cumulative_lift", gains().map(|gain| gain.cumulative_lift)),
        numbers("cumulative_profit", gains().map(|gain| gain.cumulative_profit)),
    ];
    stamp.table(&TABLE, columns, rows.len())
}
