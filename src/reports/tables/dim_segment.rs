//! `dim_segment`: names, colours and recommended actions, for BI tools to join.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::segment::Segment;

/// One row per segment of each map and per octant.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
pub(crate) fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let maps = findings.scorings.iter().map(|scoring| &scoring.map);
    let of_map = maps.flat_map(|map| map.segments.iter().map(|segment| (map.name.as_str(), segment)));
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
