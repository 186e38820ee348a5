//! A treemap: areas as sizes, as near to squares as they can be (Bruls, Huizing and van Wijk 2000).

use super::canvas::{canvas, fits, tip, wrapped};
use crate::page::colours::Colour;
use crate::page::markup::{Element, coordinate, percent, tag};

/// Height in pixels, and the width for which tiles are squares.
const HEIGHT: f64 = 340.0;
const WIDTH: f64 = 640.0;

/// A tile.
#[derive(Debug, Clone)]
pub(crate) struct Tile {
    /// What stands on it.
    pub(crate) name: String,
    /// A second line.
    pub(crate) figure: String,
    /// What it says where someone points at it.
    pub(crate) tip: String,
    /// Its colour.
    pub(crate) colour: Colour,
    /// Its size, above zero.
    pub(crate) size: f64,
}

/// A place: left, top, width, height.
type Place = (f64, f64, f64, f64);

/// The picture.
pub(crate) fn treemap(tiles: &[Tile], label: &str) -> Element {
    let mut sorted: Vec<&Tile> = tiles.iter().filter(|tile| tile.size > 0.0).collect();
    sorted.sort_by(|one, other| other.size.total_cmp(&one.size));
    let sizes: Vec<f64> = sorted.iter().map(|tile| tile.size).collect();
    let mut picture = canvas(HEIGHT, label);
    for (tile, place) in sorted.into_iter().zip(squares(&sizes, (0.0, 0.0, WIDTH, HEIGHT))) {
        picture.add(drawn(tile, place));
    }
    picture
}

fn drawn(tile: &Tile, (left, top, width, height): Place) -> Element {
    let share = width / WIDTH;
    let fill = tag("rect").with("width", "100%").with("height", "100%").class("tile").with("fill", tile.colour.text());
    let mut drawn = tag("svg")
        .with("x", percent(left / WIDTH))
        .with("y", coordinate(top))
        .with("width", percent(share))
        .with("height", coordinate(height))
        .child(fill.child(tip(&tile.tip)));
    let mut lines: Vec<(String, &str)> =
        wrapped(&tile.name, share * WIDTH * 0.92).into_iter().map(|line| (line, "strong")).collect();
    // A name that never fits leaves its place to the figure.
    if lines.iter().any(|(line, _)| fits(line, share * 0.92).is_none()) {
        lines.clear();
    }
    lines.push((tile.figure.clone(), ""));
    for (index, (line, class)) in lines.iter().enumerate() {
        let at = 20.0 + 16.0 * index as f64;
        if let Some(hidden) = fits(line, share * 0.92).filter(|_| height > at + 6.0) {
            let class = format!("{class} {} {hidden}", tile.colour.ink());
            drawn.add(tag("text").with("x", 8).with("y", at).class(class.trim()).text(line));
        }
    }
    drawn
}

/// The places of sizes in descending order.
fn squares(sizes: &[f64], whole: Place) -> Vec<Place> {
    let total: f64 = sizes.iter().sum();
    let (mut places, mut rest) = (Vec::new(), whole);
    let unit = whole.2 * whole.3 / total;
    let mut first = 0;
    while first < sizes.len() {
        let short = rest.2.min(rest.3);
        let worst = |row: &[f64]| {
            let sum: f64 = row.iter().sum::<f64>() * unit;
            let side = sum / short;
            row.iter().map(|size| (size * unit / side / side).max(side * side / (size * unit))).fold(0.0, f64::max)
        };
        let mut end = first + 1;
        while end < sizes.len() && worst(&sizes[first..=end]) <= worst(&sizes[first..end]) {
            end += 1;
        }
        rest = lay(&sizes[first..end], unit, rest, &mut places);
        first = end;
    }
    places
}

/// Lays a row along the shorter side; gives what is left.
fn lay(row: &[f64], unit: f64, (left, top, width, height): Place, places: &mut Vec<Place>) -> Place {
    let area = row.iter().sum::<f64>() * unit;
    let mut at = 0.0;
    if width >= height {
        let side = area / height;
        for size in row {
            let long = size * unit / side;
            places.push((left, top + at, side, long));
            at += long;
        }
        return (left + side, top, width - side, height);
    }
    let side = area / width;
    for size in row {
        let long = size * unit / side;
        places.push((left + at, top, long, side));
        at += long;
    }
    (left, top + side, width, height - side)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the paper: 6, 6, 4, 3, 2, 2, 1 in a rectangle of 6 by 4.
    #[test]
    fn the_papers_example_is_laid_out_as_in_the_paper() {
        let places = squares(&[6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0], (0.0, 0.0, 6.0, 4.0));
        let expected = [
            (0.0, 0.0, 3.0, 2.0),
            (0.0, 2.0, 3.0, 2.0),
            (3.0, 0.0, 12.0 / 7.0, 7.0 / 3.0),
            (3.0 + 12.0 / 7.0, 0.0, 9.0 / 7.0, 7.0 / 3.0),
        ];
        for (place, expected) in places.iter().zip(expected) {
            let parts = [place.0 - expected.0, place.1 - expected.1, place.2 - expected.2, place.3 - expected.3];
            assert!(parts.iter().all(|part| part.abs() < 1e-9), "{place:?} {expected:?}");
        }
        let area: f64 = places.iter().map(|place| place.2 * place.3).sum();
        assert!((area - 24.0).abs() < 1e-9 && places.len() == 7);
    }

    #[test]
    fn names_stand_where_they_fit_and_empty_tiles_are_left_out() {
        let tile = |name: &str, size| Tile {
            name: name.into(),
            figure: "1%".into(),
            tip: name.into(),
            colour: Colour::of("#000000"),
            size,
        };
        let picture = treemap(&[tile("Large", 99.0), tile("Little", 0.5), tile("None", 0.0)], "x").to_string();
        assert!(picture.contains(">Large</text>") && !picture.contains("Little</text>") && !picture.contains("None"));
    }
}
