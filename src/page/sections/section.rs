//! A section of the page: its title, a sentence, and its figures.

use crate::page::figure::{Figure, Layout};
use crate::page::markup::{Element, tag};
use crate::page::texts::Texts;

/// A section.
#[derive(Debug, Default)]
pub(crate) struct Section {
    /// What links to it say.
    pub(crate) short: String,
    /// Its title.
    pub(crate) title: String,
    /// A sentence below it; empty for none.
    pub(crate) lead: String,
    /// What stands before its figures.
    pub(crate) before: Vec<Element>,
    /// Its figures.
    pub(crate) figures: Vec<Figure>,
}

impl Section {
    /// A section with the texts `id.short`, `id.title` and `id.lead`.
    pub(crate) fn new(texts: &Texts, id: &str) -> Self {
        let say = |what: &str| texts.find(&format!("{id}.{what}")).unwrap_or_default().to_owned();
        Self { short: say("short"), title: say("title"), lead: say("lead"), ..Self::default() }
    }

    /// The same with figures; none where there are none.
    pub(crate) fn with(mut self, figures: impl IntoIterator<Item = Figure>) -> Option<Self> {
        self.figures.extend(figures);
        (!self.figures.is_empty() || !self.before.is_empty()).then_some(self)
    }

    /// How its figures stand next to each other.
    fn arranged(&self) -> &'static str {
        let of = |layout: Layout| self.figures.iter().filter(|figure| figure.layout == layout).count();
        match self.figures.len() {
            3 if of(Layout::Half) == 3 => "figures three",
            _ if of(Layout::Plain) > 0 => "figures lists",
            _ => "figures",
        }
    }

    /// The section as a part of the page.
    pub(crate) fn drawn(&self, id: &str, texts: &Texts) -> Element {
        let head = format!("{id}-title");
        let mut section = tag("section").with("id", id).with("aria-labelledby", &head);
        section.add(tag("h2").with("id", &head).text(&self.title));
        if !self.lead.is_empty() {
            section.add(tag("p").class("lead").text(&self.lead));
        }
        for element in &self.before {
            section.add(element.clone());
        }
        if !self.figures.is_empty() {
            section
                .add(tag("div").class(self.arranged()).children(self.figures.iter().map(|figure| figure.drawn(texts))));
        }
        section
    }
}
