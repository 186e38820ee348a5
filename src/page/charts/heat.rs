//! A heat map: rows and columns of cells, darker where there is more.

use super::canvas::{centred, label, open_canvas, rect, tip, wrapped};
use super::scale::every;
use crate::page::markup::{Element, coordinate};

/// A cell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    /// What decides its colour, 0 to 1; none of an empty cell.
    pub(crate) heat: Option<f64>,
    /// What stands in it, line by line.
    pub(crate) lines: Vec<String>,
    /// What it says where someone points at it.
    pub(crate) tip: String,
}

/// Rows of cells with the names of both.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grid {
    /// Names of the rows, from the top.
    pub(crate) rows: Vec<String>,
    /// Names of the columns.
    pub(crate) columns: Vec<String>,
    /// The cells, row by row.
    pub(crate) cells: Vec<Vec<Cell>>,
    /// What the columns are.
    pub(crate) axis: String,
    /// Height of a cell in pixels.
    pub(crate) height: f64,
}

/// The width of a picture in pixels below which it scrolls, without the names of its rows.
const BROAD: f64 = 600.0;
/// Steps of colour.
const STEPS: f64 = 7.0;

impl Grid {
    /// The picture.
    pub(crate) fn drawn(&self, description: &str) -> Element {
        let width = 1.0 / self.columns.len().max(1) as f64;
        let bottom = self.rows.len() as f64 * self.height;
        let mut picture = open_canvas(description);
        for (row, (name, cells)) in self.rows.iter().zip(&self.cells).enumerate() {
            let top = row as f64 * self.height;
            picture.add(label((0.0, -8.0), top + self.height / 2.0 + 4.0, "end axis", name));
            for (column, cell) in cells.iter().enumerate() {
                cell.draw((column as f64 * width, width), (top, self.height), &mut picture);
            }
        }
        let skip = every(self.columns.len(), 14);
        let names = self.columns.iter().map(|name| wrapped(name, width * BROAD - 6.0));
        let most = names.clone().map(|lines| lines.len()).max().unwrap_or(1);
        for (column, lines) in names.enumerate().filter(|(column, _)| column % skip == 0) {
            let left = (column as f64 + 0.5) * width;
            for (index, line) in lines.iter().enumerate() {
                picture.add(label((left, 0.0), bottom + 16.0 + 14.0 * index as f64, "middle axis", line));
            }
        }
        let below = bottom + 21.0 + 14.0 * most as f64;
        picture.child(label((0.5, 0.0), below, "middle axis muted", &self.axis)).with("height", coordinate(below + 5.0))
    }
}

impl Cell {
    fn draw(&self, (left, width): (f64, f64), (top, height): (f64, f64), picture: &mut Element) {
        let step = self.heat.map(step);
        let class = step.map_or("cell none".to_owned(), |step| format!("cell h{step}"));
        picture.add(rect((left, top), (width, height), &class).child(tip(&self.tip)));
        let first = top + height / 2.0 + 4.0 - 7.5 * (self.lines.len().max(1) - 1) as f64;
        for (index, line) in self.lines.iter().enumerate() {
            let class = step.map_or("k0".to_owned(), |step| format!("k{step}"));
            let class = if index == 0 && self.lines.len() > 1 { class + " strong" } else { class };
            let text = centred(line, (left, width), first + 15.0 * index as f64, &class);
            if let Some(text) = text {
                picture.add(text);
            }
        }
    }
}

/// The step of colour of a heat between 0 and 1.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 6")]
fn step(heat: f64) -> u8 {
    (heat.clamp(0.0, 1.0) * STEPS).min(STEPS - 1.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hottest_cell_has_the_last_step() {
        assert_eq!([0.0, 0.5, 1.0, 7.0].map(step), [0, 3, 6, 6]);
    }
}
