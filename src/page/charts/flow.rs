//! Flows from the left to the right, as wide as they are large.

use super::canvas::{canvas, fits, label, plot, rect, tip};
use crate::page::colours::Colour;
use crate::page::markup::{Element, coordinate, tag};

/// An end of flows: a name with a colour.
#[derive(Debug, Clone)]
pub(crate) struct End {
    pub(crate) name: String,
    pub(crate) colour: Colour,
}

/// Flows between the ends on both sides.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flows {
    /// The ends, the same on both sides.
    pub(crate) ends: Vec<End>,
    /// From, to (indices in `ends`), size, and what it says where someone points at it.
    pub(crate) streams: Vec<(usize, usize, f64, String)>,
    /// Words above the left and the right side.
    pub(crate) sides: [String; 2],
}

const TOP: f64 = 24.0;
const HEIGHT: f64 = 400.0;
const GAP: f64 = 7.0;
const NODE: f64 = 0.018;

impl Flows {
    /// The picture.
    pub(crate) fn drawn(&self, description: &str) -> Element {
        let size = |side: usize, end: usize| -> f64 {
            self.streams.iter().filter(|flow| [flow.0, flow.1][side] == end).map(|flow| flow.2).sum()
        };
        let sides: [Vec<f64>; 2] = [0, 1].map(|side| (0..self.ends.len()).map(|end| size(side, end)).collect());
        let total: f64 = sides[0].iter().sum();
        let used = sides.iter().map(|side| side.iter().filter(|size| **size > 0.0).count()).max().unwrap_or(0);
        let unit = (HEIGHT - GAP * used as f64) / total.max(f64::MIN_POSITIVE);
        let tops = sides.each_ref().map(|sizes| stacked(sizes, unit));
        let mut picture = canvas(TOP + HEIGHT, description);
        picture.add(label((0.0, 0.0), 13.0, "start axis strong", &self.sides[0]));
        picture.add(label((1.0, 0.0), 13.0, "end axis strong", &self.sides[1]));
        picture.add(self.ribbons(&tops, unit));
        for side in [0, 1] {
            for (end, top) in tops[side].iter().enumerate().filter(|(end, _)| sides[side][*end] > 0.0) {
                self.node(end, side, (TOP + top, sides[side][end] * unit), &mut picture);
            }
        }
        picture
    }

    fn ribbons(&self, tops: &[Vec<f64>; 2], unit: f64) -> Element {
        let mut at = tops.clone();
        let mut inner = plot(TOP, HEIGHT);
        let up = |y: f64| coordinate(100.0 * y / HEIGHT);
        let (left, right) = (100.0 * NODE, 100.0 * (1.0 - NODE));
        for (from, to, size, text) in &self.streams {
            let (thick, first, last) = (size * unit, at[0][*from], at[1][*to]);
            at[0][*from] += thick;
            at[1][*to] += thick;
            let shape = format!(
                "M{left} {}C50 {} 50 {} {right} {}L{right} {}C50 {} 50 {} {left} {}Z",
                up(first),
                up(first),
                up(last),
                up(last),
                up(last + thick),
                up(last + thick),
                up(first + thick),
                up(first + thick)
            );
            let ribbon = tag("path").with("d", shape).class("ribbon").with("fill", self.ends[*from].colour.text());
            inner.add(ribbon.child(tip(text)));
        }
        inner
    }

    fn node(&self, end: usize, side: usize, (top, height): (f64, f64), picture: &mut Element) {
        let End { name, colour } = &self.ends[end];
        let left = if side == 0 { 0.0 } else { 1.0 - NODE };
        picture.add(rect((left, top), (NODE, height.max(1.0)), "node").with("fill", colour.text()));
        if let Some(hidden) = fits(name, 0.46).filter(|_| height > 9.0) {
            let (left, shift, anchor) = if side == 0 { (NODE, 6.0, "start") } else { (1.0 - NODE, -6.0, "end") };
            let class = format!("{anchor} halo {hidden}");
            picture.add(label((left, shift), top + height / 2.0 + 4.0, class.trim(), name));
        }
    }
}

/// The tops of sizes below one another; those of nothing take no room.
fn stacked(sizes: &[f64], unit: f64) -> Vec<f64> {
    let mut at = 0.0;
    let top = |size: &f64| {
        let top = at;
        if *size > 0.0 {
            at += size * unit + GAP;
        }
        top
    };
    sizes.iter().map(top).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_stand_below_one_another_and_empty_ones_take_no_room() {
        assert_eq!(stacked(&[10.0, 0.0, 5.0], 2.0), [0.0, 27.0, 27.0]);
    }
}
