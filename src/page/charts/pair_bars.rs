//! A list of names, each with two bars below one another, and a word of advice.

use super::canvas::{label, rect};
use crate::page::colours::Colour;
use crate::page::markup::{Element, tag};

/// An entry of the list.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) colour: Colour,
    /// A few words behind the name.
    pub(crate) detail: String,
    /// A sentence below it; empty for none.
    pub(crate) advice: String,
    /// The bars: their shares, 0 to 1, and what stands behind them.
    pub(crate) bars: Vec<(f64, String)>,
}

/// The list; all bars are drawn to one scale.
pub(crate) fn pair_bars(entries: &[Entry]) -> Element {
    let longest = entries.iter().flat_map(|entry| entry.bars.iter().map(|(share, _)| *share)).fold(0.0, f64::max);
    let scale = if longest > 0.0 { 0.58 / longest } else { 0.0 };
    tag("ol").class("pairs").children(entries.iter().map(|entry| entry.drawn(scale)))
}

impl Entry {
    fn drawn(&self, scale: f64) -> Element {
        let swatch = tag("svg").class("swatch").with("aria-hidden", "true").with("width", 12).with("height", 12);
        let swatch = swatch
            .child(tag("rect").with("width", 12).with("height", 12).with("rx", 3).with("fill", self.colour.text()));
        let name = tag("p").class("name").child(swatch).child(tag("strong").text(&self.name));
        let name = name.child(tag("span").class("muted").text(format!(" {}", self.detail)));
        let mut words = tag("div").child(name);
        if !self.advice.is_empty() {
            words.add(tag("p").class("advice").text(&self.advice));
        }
        tag("li").child(words).child(self.bars(scale))
    }

    fn bars(&self, scale: f64) -> Element {
        let height = 20.0 * self.bars.len() as f64;
        let mut picture = tag("svg").class("picture").with("height", height).with("role", "img");
        let spoken: Vec<&str> = self.bars.iter().map(|(_, text)| text.as_str()).collect();
        picture = picture.with("aria-label", format!("{}: {}", self.name, spoken.join(", ")));
        for (index, (share, text)) in self.bars.iter().enumerate() {
            let (top, width) = (20.0 * index as f64, (share.max(0.0) * scale).max(0.002));
            let class = if index == 0 && self.bars.len() > 1 { "bar first" } else { "bar" };
            let bar = rect((0.0, top + 3.0), (width, 13.0), class).with("fill", self.colour.text());
            picture.add(bar.with("stroke", self.colour.text()));
            picture.add(label((width, 7.0), top + 14.0, "start axis", text));
        }
        picture
    }
}
