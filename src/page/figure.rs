//! What stands around a picture: a title that says the finding, a word on how to read it, the table behind it.
//!
//! Does not live here: pictures (`charts`), and what they show (`sections`).

use crate::page::markup::{Element, tag};
use crate::page::texts::Texts;

/// Rows of a table that are shown at most: the page stays small whatever there is.
const MOST_ROWS: usize = 60;

/// A table behind a picture.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Of each column, whether its values are numbers, which stand on the right.
    texts: usize,
}

impl Table {
    /// A table whose first `texts` columns are words, and the others numbers.
    pub(crate) fn new(heads: impl IntoIterator<Item = impl Into<String>>, texts: usize) -> Self {
        Self { heads: heads.into_iter().map(Into::into).collect(), rows: Vec::new(), texts }
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, row: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(row.into_iter().map(Into::into).collect());
    }

    /// The table, and how many rows it has more.
    pub(crate) fn drawn(&self, texts: &Texts, name: &str) -> Element {
        let align = |column: usize| if column < self.texts { "word" } else { "number" };
        let head = |(column, head): (usize, &String)| tag("th").with("scope", "col").class(align(column)).text(head);
        let row = |row: &Vec<String>| {
            let cell = |(column, value): (usize, &String)| match column {
                0 => tag("th").with("scope", "row").class(align(0)).text(value),
                _ => tag("td").class(align(column)).text(value),
            };
            tag("tr").children(row.iter().enumerate().map(cell))
        };
        let table = tag("table")
            .child(tag("thead").child(tag("tr").children(self.heads.iter().enumerate().map(head))))
            .child(tag("tbody").children(self.rows.iter().take(MOST_ROWS).map(row)));
        let scroll = tag("div").class("scroll").with("tabindex", 0).with("role", "region").with("aria-label", name);
        let scroll = scroll.child(table);
        let more = self.rows.len().saturating_sub(MOST_ROWS);
        if more == 0 {
            return scroll;
        }
        tag("div").child(scroll).child(tag("p").class("note").text(texts.fill("table.more", &[("rows", &more)])))
    }
}

/// A picture with everything around it.
#[derive(Debug)]
pub(crate) struct Figure {
    /// The finding, in a sentence.
    pub(crate) title: String,
    /// How to read the picture; empty for nothing.
    pub(crate) note: String,
    /// The legend.
    pub(crate) legend: Option<Element>,
    /// The picture.
    pub(crate) picture: Element,
    /// The table behind it; without columns where the picture is a table itself.
    pub(crate) table: Table,
    /// How it is laid out.
    pub(crate) layout: Layout,
}

/// How much room a figure takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Layout {
    /// Half of a wide page, with labels on the left of the picture.
    #[default]
    Half,
    /// All of it.
    Whole,
    /// All of it; where that is not enough, the picture scrolls.
    Broad,
    /// The same with long labels on the left.
    BroadNames,
    /// Half of it, without labels on the left.
    Plain,
    /// All of it, without labels on the left.
    WholePlain,
}

impl Figure {
    /// A figure with nothing but its title, picture and table.
    pub(crate) fn new(title: String, picture: Element, table: Table) -> Self {
        Self { title, note: String::new(), legend: None, picture, table, layout: Layout::default() }
    }

    /// A table that is its own picture.
    pub(crate) fn of_table(title: String, table: &Table, texts: &Texts) -> Self {
        let picture = table.drawn(texts, &title);
        Self::new(title, picture, Table::default()).layout(Layout::WholePlain)
    }

    /// The same with a word on how to read it.
    #[must_use]
    pub(crate) fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// The same, laid out this way.
    #[must_use]
    pub(crate) fn layout(self, layout: Layout) -> Self {
        Self { layout, ..self }
    }

    /// The same with a legend.
    #[must_use]
    pub(crate) fn legend(self, legend: Option<Element>) -> Self {
        Self { legend, ..self }
    }

    /// The figure as a part of the page.
    pub(crate) fn drawn(&self, texts: &Texts) -> Element {
        let mut caption = tag("figcaption").child(tag("h3").text(&self.title));
        if !self.note.is_empty() {
            caption.add(tag("p").class("note").text(&self.note));
        }
        let class = match self.layout {
            Layout::Half => "card labelled",
            Layout::Plain => "card",
            Layout::Whole | Layout::Broad | Layout::BroadNames => "card whole labelled",
            Layout::WholePlain => "card whole",
        };
        let mut figure = tag("figure").class(class).child(caption);
        if let Some(legend) = &self.legend {
            figure.add(legend.clone());
        }
        let room = tag("div").class("room").child(self.picture.clone());
        figure.add(if matches!(self.layout, Layout::Broad | Layout::BroadNames) {
            let class = if self.layout == Layout::Broad { "scroll broad" } else { "scroll broad names" };
            let scroll = tag("div").class(class).with("tabindex", 0).with("role", "region");
            scroll.with("aria-label", &self.title).child(room)
        } else {
            room
        });
        if self.table.heads.is_empty() {
            return figure;
        }
        let summary = tag("summary").text(texts.say("table.summary"));
        let name = texts.fill("table.name", &[("title", &self.title)]);
        figure.child(tag("details").child(summary).child(self.table.drawn(texts, &name)))
    }
}
