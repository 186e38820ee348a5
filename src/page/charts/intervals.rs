//! Rates with their intervals, a line below one another, and a limit through all of them.

use super::canvas::{canvas, fits, label, line, tip};
use super::scale::ticks;
use crate::page::markup::{Element, coordinate, percent, tag};

/// A rate with its interval.
#[derive(Debug, Clone)]
pub(crate) struct Rate {
    pub(crate) name: String,
    pub(crate) value: f64,
    /// Lowest and highest; none where they are not known.
    pub(crate) interval: Option<(f64, f64)>,
    /// What stands behind it.
    pub(crate) figure: String,
}

const EACH: f64 = 40.0;

/// The picture; `limit` is a line through all of them, with its name.
pub(crate) fn intervals(rates: &[Rate], limit: Option<&(f64, String)>, axis: &str, description: &str) -> Element {
    let ends = rates.iter().map(|rate| rate.interval.map_or(rate.value, |interval| interval.1.max(rate.value)));
    let highest = ends.chain(limit.map(|(limit, _)| *limit)).fold(0.0, f64::max);
    let marks = ticks(0.0, highest);
    let high = marks.last().copied().unwrap_or(1.0);
    let bottom = EACH * rates.len() as f64 + if limit.is_some() { 18.0 } else { 0.0 };
    let first = bottom - EACH * rates.len() as f64;
    let mut picture = canvas(bottom + 40.0, description);
    for mark in &marks {
        let left = mark / high;
        let anchor = if left < 0.05 {
            "start axis"
        } else if left > 0.95 {
            "end axis"
        } else {
            "middle axis"
        };
        picture.add(line((left, first), (left, bottom), "rule"));
        picture.add(label((left, 0.0), bottom + 16.0, anchor, &crate::page::numbers::Numbers::percent(*mark)));
    }
    if let Some((limit, name)) = limit {
        let left = limit / high;
        picture.add(line((left, 14.0), (left, bottom), "border"));
        let anchor = if left > 0.6 { "end axis strong" } else { "start axis strong" };
        picture.add(label((left, 0.0), 11.0, anchor, name));
    }
    for (index, rate) in rates.iter().enumerate() {
        rate.draw(first + EACH * index as f64, high, &mut picture);
    }
    picture.child(label((0.5, 0.0), bottom + 35.0, "middle axis muted", axis))
}

impl Rate {
    fn draw(&self, top: f64, high: f64, picture: &mut Element) {
        let at = top + 28.0;
        let text = format!("{}  {}", self.name, self.figure);
        // Where the picture is too narrow for both, the name alone.
        let hidden = fits(&text, 1.0).unwrap_or("from-1000");
        picture.add(label((0.0, 0.0), top + 14.0, format!("start halo {hidden}").trim(), &text));
        if let Some(width) = hidden.strip_prefix("from-") {
            picture.add(label((0.0, 0.0), top + 14.0, &format!("start halo until-{width}"), &self.name));
        }
        if let Some((low, up)) = self.interval {
            picture.add(line((low / high, at), (up / high, at), "whisker"));
        }
        let dot =
            tag("circle").with("cx", percent(self.value / high)).with("cy", coordinate(at)).with("r", 5).class("dot");
        picture.add(dot.child(tip(&text)));
    }
}
