//! Lines over a common axis: one or more series, areas below them, straight lines to compare with, points with labels.

use super::canvas::{canvas, label, line, path, plot, text_width, tip};
use super::scale::{every, ticks};
use crate::page::markup::{Element, coordinate, percent, tag};

/// Points of a line: x between 0 and 1, y in the units of the axis, or none where there is no point.
pub(crate) type Points = Vec<(f64, Option<f64>)>;

/// A line through points; a point that is not there interrupts it.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    /// Its name, in the legend and at its end.
    pub(crate) name: String,
    /// Its points.
    pub(crate) points: Points,
    /// Its class: `one`, `two`, `three` or `even`.
    pub(crate) class: &'static str,
    /// Whether what is below it is filled.
    pub(crate) is_area: bool,
}

/// A point that is marked, with its label.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) at: (f64, f64),
    pub(crate) label: String,
    /// How many pixels the label stands below it.
    pub(crate) below: f64,
}

/// A picture of lines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines {
    pub(crate) series: Vec<Series>,
    pub(crate) marks: Vec<Mark>,
    /// Labels below the axis: where, and what.
    pub(crate) below: Vec<(f64, String)>,
    /// What the axis below is.
    pub(crate) axis: String,
    /// The highest value of the axis on the left; the highest of the series where there is none.
    pub(crate) highest: Option<f64>,
}

const TOP: f64 = 14.0;
const HEIGHT: f64 = 240.0;

impl Lines {
    /// The picture; `written` writes a value of the axis on the left.
    pub(crate) fn drawn(&self, description: &str, written: impl Fn(f64) -> String) -> Element {
        let values = || self.series.iter().flat_map(|series| series.points.iter().filter_map(|(_, y)| *y));
        let most = values().fold(0.0, f64::max);
        // Shares may pass 1 by a little, where some owe money: that is no reason for another step.
        let highest = self.highest.filter(|highest| most <= 1.02 * highest).unwrap_or(most);
        let marks = ticks(values().fold(0.0, f64::min), highest);
        let (low, high) = (marks.first().copied().unwrap_or(0.0), marks.last().copied().unwrap_or(1.0));
        let up = |y: f64| 100.0 * (high - y) / (high - low);
        let mut picture = canvas(TOP + HEIGHT + 42.0, description);
        for mark in &marks {
            let top = TOP + HEIGHT * up(*mark) / 100.0;
            picture.add(line((0.0, top), (1.0, top), "rule"));
            picture.add(label((0.0, -8.0), top + 4.0, "end axis", &written(*mark)));
        }
        let mut inner = plot(TOP, HEIGHT);
        for series in &self.series {
            series.draw(up, &mut inner);
        }
        picture.add(inner);
        for mark in &self.marks {
            mark.draw(TOP + HEIGHT * up(mark.at.1) / 100.0, &mut picture);
        }
        self.names(&mut picture);
        picture.child(label((0.5, 0.0), TOP + HEIGHT + 37.0, "middle axis muted", &self.axis))
    }

    /// The labels below the axis, counted from the end, so that the newest has its own; every second one is hidden where it is narrow.
    fn names(&self, picture: &mut Element) {
        let widest = self.below.iter().map(|(_, text)| text_width(text)).fold(0.0, f64::max) + 8.0;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few labels")]
        let skip = every(self.below.len(), (440.0 / widest) as usize);
        let has_room = self.below.len().div_ceil(skip) as f64 <= 250.0 / widest;
        for (index, (left, text)) in self.below.iter().rev().enumerate().filter(|(index, _)| index.is_multiple_of(skip))
        {
            let anchor = if *left < 0.03 {
                "start axis"
            } else if *left > 0.97 {
                "end axis"
            } else {
                "middle axis"
            };
            let hidden = if has_room || (index / skip).is_multiple_of(2) { "" } else { " from-400" };
            picture.add(label((*left, 0.0), TOP + HEIGHT + 18.0, &format!("{anchor}{hidden}"), text));
        }
    }

    /// The legend, where there are several series.
    pub(crate) fn legend(&self) -> Option<Element> {
        let named: Vec<&Series> = self.series.iter().filter(|series| !series.name.is_empty()).collect();
        let entry = |series: &&Series| {
            tag("li").child(tag("span").class(format!("key {}", series.key()))).text(format!(" {}", series.name))
        };
        (named.len() > 1).then(|| tag("ul").class("legend").children(named.iter().map(entry)))
    }
}

impl Series {
    /// The classes of its sign in the legend, dashed as the line is.
    fn key(&self) -> &'static str {
        match self.class {
            "two" => "two dashed",
            "three" => "three dotted",
            other => other,
        }
    }

    fn draw(&self, up: impl Fn(f64) -> f64, plot: &mut Element) {
        let mut parts: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
        for (x, y) in &self.points {
            match (y, parts.last_mut()) {
                (Some(y), Some(part)) => part.push((100.0 * x, up(*y))),
                _ => parts.push(Vec::new()),
            }
        }
        for part in parts.iter().filter(|part| !part.is_empty()) {
            if self.is_area {
                let mut shape = part.clone();
                shape.push((part[part.len() - 1].0, up(0.0)));
                shape.push((part[0].0, up(0.0)));
                plot.add(path(&shape, true, &format!("area {}", self.class)));
            }
            // A single point is a short line.
            let single = [(part[0].0 - 0.4, part[0].1), (part[0].0 + 0.4, part[0].1)];
            let shown = if part.len() == 1 { &single[..] } else { part };
            plot.add(path(shown, false, &format!("line {}", self.class)).child(tip(&self.name)));
        }
    }
}

impl Mark {
    fn draw(&self, top: f64, picture: &mut Element) {
        let (left, shift, anchor) =
            if self.at.0 > 0.55 { (self.at.0, -10.0, "end") } else { (self.at.0, 10.0, "start") };
        let dot = tag("circle").with("cx", percent(left)).with("cy", coordinate(top)).with("r", 5).class("dot");
        picture.add(dot);
        picture.add(label((left, shift), top + self.below, &format!("{anchor} halo strong from-400"), &self.label));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_interrupts_a_line_and_a_legend_needs_two() {
        let series = |name: &str| Series {
            name: name.into(),
            points: vec![(0.0, Some(1.0)), (0.5, None), (1.0, Some(3.0))],
            class: "one",
            is_area: false,
        };
        let mut lines = Lines { series: vec![series("a")], ..Lines::default() };
        let picture = lines.drawn("x", |value| value.to_string()).to_string();
        assert_eq!(picture.matches("<path").count(), 2);
        assert!(lines.legend().is_none());
        lines.series.push(series("b"));
        assert_eq!(lines.legend().unwrap().to_string().matches("<li>").count(), 2);
    }
}
