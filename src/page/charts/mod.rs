//! Pictures as plain SVG: geometry and labels, no data.
//!
//! Widths are shares of the page's, heights are pixels: text keeps its size on a telephone and on paper, and no script is needed.
//! Colours are classes of the style sheet, but for those of segments. Does not live here: what is shown (`sections`).

pub(crate) mod canvas;
pub(crate) mod columns;
pub(crate) mod flow;
pub(crate) mod heat;
pub(crate) mod intervals;
pub(crate) mod lines;
pub(crate) mod pair_bars;
pub(crate) mod scale;
pub(crate) mod treemap;
