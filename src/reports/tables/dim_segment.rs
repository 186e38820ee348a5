//! `dim_segment`: names, colours and recommended actions, for BI tools to join.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report, every_run};
use crate::schema::{ColumnType, TableEntry, column};
use crate::segment::Segment;

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "dim_segment",
    one_row_per: "segment: names, colour, recommended action, in English and Chinese",
    published_with: "always",
    meaning: "Names of the segments, of the segment map (with `[[scoring]]` of all maps) and of the octants; with `customers.path` each map has `prospects` as its last one. Sorted by map, then segment_order.",
    columns: &[
        column("map", ColumnType::Text, "", "name of the map"),
        column("segment", ColumnType::Text, "", "key of the segment"),
        column("segment_order", ColumnType::Int32, "", "place in the map, 1 is best"),
        column("name_en", ColumnType::Text, "", "English name"),
        column("name_zh", ColumnType::Text, "", "Chinese name"),
        column("colour", ColumnType::Text, "", "`#rrggbb`"),
        column("action_en", ColumnType::Text, "", "recommended action, English"),
        column("action_zh", ColumnType::Text, "", "recommended action, Chinese"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::EveryRun,
    when: every_run,
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// One row per segment of each map and per octant.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let maps = findings.scorings.iter().map(|scoring| &scoring.map);
    let of_map =
        maps.flat_map(|map| map.segments_of_run(findings.may_lack_orders).map(|segment| (map.name.as_str(), segment)));
    let of_octants = findings.octants.list.iter().map(|octant| ("octants", &octant.segment));
    let mut rows: Vec<(&str, &Segment)> = of_map.chain(of_octants).collect();
    rows.sort_by_key(|(map, segment)| (*map, segment.order));
    rows.dedup_by_key(|(map, segment)| (*map, segment.order));
    let text = |field: fn(&Segment) -> &str| rows.iter().map(|(_, segment)| field(segment)).collect::<Vec<_>>();
    Ok(df!(
        "map" => rows.iter().map(|(map, _)| *map).collect::<Vec<_>>(),
        "segment" => text(|segment| &segment.key),
        "segment_order" => rows.iter().map(|(_, segment)| segment.order).collect::<Vec<_>>(),
        "name_en" => text(|segment| &segment.name_en),
        "name_zh" => text(|segment| &segment.name_zh),
        "colour" => text(|segment| &segment.colour),
        "action_en" => text(|segment| &segment.action_en),
        "action_zh" => text(|segment| &segment.action_zh),
    )?
    .lazy())
}
