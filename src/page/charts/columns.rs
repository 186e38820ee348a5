//! Columns: one or two series side by side, or stacked; lines where something ends.

use super::canvas::{canvas, centred, label, line, rect, text_width, tip};
use super::scale::{every, ticks};
use crate::page::markup::{Element, tag};

/// A group of columns over one label.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// What stands below it.
    pub(crate) name: String,
    /// The values, one per series.
    pub(crate) values: Vec<f64>,
    /// What it says where someone points at it.
    pub(crate) tip: String,
}

/// A line through the picture, in groups from the left.
#[derive(Debug, Clone)]
pub(crate) struct Border {
    pub(crate) at: f64,
}

/// A word above a part of the picture, from and to in groups.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) name: String,
}

/// A picture of columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns {
    /// Names of the series.
    pub(crate) series: Vec<String>,
    pub(crate) groups: Vec<Group>,
    pub(crate) borders: Vec<Border>,
    pub(crate) zones: Vec<Zone>,
    /// What the axis below is.
    pub(crate) axis: String,
    /// Whether the series stand on top of each other.
    pub(crate) is_stacked: bool,
    /// Whether the names stand at the left edges of their groups, as limits do.
    pub(crate) are_limits: bool,
}

const TOP: f64 = 22.0;
const HEIGHT: f64 = 210.0;
/// More borders than this are faint, so that the columns are seen.
const MOST_BORDERS: usize = 10;
const CLASSES: [&str; 3] = ["one", "two", "three"];

impl Columns {
    /// The picture; `written` writes a value of the axis on the left.
    pub(crate) fn drawn(&self, description: &str, written: impl Fn(f64) -> String) -> Element {
        let height_of = |group: &Group| {
            if self.is_stacked { group.values.iter().sum() } else { group.values.iter().copied().fold(0.0, f64::max) }
        };
        let marks = ticks(0.0, self.groups.iter().map(height_of).fold(0.0, f64::max));
        let high = marks.last().copied().unwrap_or(1.0);
        let mut picture = canvas(TOP + HEIGHT + 42.0, description);
        for mark in &marks {
            let top = TOP + HEIGHT * (1.0 - mark / high);
            picture.add(line((0.0, top), (1.0, top), "rule"));
            picture.add(label((0.0, -8.0), top + 4.0, "end axis", &written(*mark)));
        }
        let width = 1.0 / self.groups.len().max(1) as f64;
        for (index, group) in self.groups.iter().enumerate() {
            self.draw(group, (index as f64 * width, width), HEIGHT / high, &mut picture);
        }
        for border in &self.borders {
            let left = border.at * width;
            let class = if self.borders.len() > MOST_BORDERS { "border faint" } else { "border" };
            picture.add(line((left, 0.0), (left, TOP + HEIGHT), class));
        }
        for zone in &self.zones {
            let share = (zone.to - zone.from) * width;
            let place = (zone.from * width, share);
            if let Some(name) = centred(&zone.name, place, 12.0, "axis") {
                picture.add(name);
            }
        }
        self.names(width, &mut picture);
        picture.child(label((0.5, 0.0), TOP + HEIGHT + 37.0, "middle axis muted", &self.axis))
    }

    fn draw(&self, group: &Group, (left, width): (f64, f64), unit: f64, picture: &mut Element) {
        let count = if self.is_stacked { 1 } else { group.values.len().max(1) };
        let each = width * 0.86 / count as f64;
        let mut below = TOP + HEIGHT;
        for (index, value) in group.values.iter().enumerate() {
            let height = (value * unit).max(0.0);
            let at = if self.is_stacked { 0 } else { index };
            let bottom = if self.is_stacked { below } else { TOP + HEIGHT };
            let place = (left + width * 0.07 + at as f64 * each, bottom - height);
            let class = format!("column {}", CLASSES[index % CLASSES.len()]);
            picture.add(rect(place, (each, height), &class).child(tip(&group.tip)));
            below -= height;
        }
    }

    fn names(&self, width: f64, picture: &mut Element) {
        let longest = self.groups.iter().map(|group| text_width(&group.name)).fold(0.0, f64::max);
        // As many as a narrow picture has room for.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few labels")]
        let most = (250.0 / (longest + 8.0)).clamp(2.0, 16.0) as usize;
        let skip = every(self.groups.len(), most);
        let last = self.groups.len().saturating_sub(1);
        // The last one is shown, too, and nothing next to it.
        let is_shown = |index: usize| {
            index == last && !self.are_limits
                || index.is_multiple_of(skip) && (index == last || self.are_limits || last - index >= skip)
        };
        for (index, group) in self.groups.iter().enumerate().filter(|(index, _)| is_shown(*index)) {
            let at = if self.are_limits { index as f64 } else { index as f64 + 0.5 };
            picture.add(label((at * width, 0.0), TOP + HEIGHT + 18.0, "middle axis", &group.name));
        }
    }

    /// The legend, where there are several series.
    pub(crate) fn legend(&self) -> Option<Element> {
        let entry = |(index, name): (usize, &String)| {
            let class = CLASSES[index % CLASSES.len()];
            tag("li").child(tag("span").class(format!("key {class}"))).text(format!(" {name}"))
        };
        (self.series.len() > 1).then(|| tag("ul").class("legend").children(self.series.iter().enumerate().map(entry)))
    }
}
