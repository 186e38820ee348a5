//! One page of pictures of a published date: a file that needs nothing else, to be read, printed and sent.
//!
//! Lives here: the page as a whole. Does not live here: writing the file (`files`, `publish`), and finding published dates
//! (`history`).
#![allow(clippy::cast_precision_loss, reason = "what is drawn is rounded; what is written exactly is a whole number")]

mod charts;
mod colours;
mod context;
mod data;
mod figure;
mod markup;
mod numbers;
pub mod options;
mod sections;
mod template;
mod texts;

use std::path::Path;

use chrono::NaiveDate;

pub use options::PageOptions;

use context::Context;
use markup::{Element, tag};
use sections::{ALL, Section};
use template::{PAGE, Part, STYLE, fill};

use crate::error::Result;
use crate::history::PublishedRun;

/// How many earlier dates are looked at.
const MOST_DATES: usize = 36;

/// The published dates and campaigns next to the one that is shown.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// Runs of earlier dates.
    pub dates: Vec<PublishedRun>,
    /// Campaigns.
    pub campaigns: Vec<PublishedRun>,
}

impl Surroundings {
    /// What is published in the output directory up to a date.
    #[must_use]
    pub fn of(output: &Path, as_of: NaiveDate) -> Self {
        let dates = PublishedRun::newest_before(output, as_of, MOST_DATES);
        Self { dates, campaigns: PublishedRun::campaigns_of(output) }
    }
}

/// The page of a published date. The same tables give the same bytes.
///
/// # Errors
/// A source error where a table cannot be read; a config error where the manifest is not as this version of the program knows it.
pub fn page_of(run: &PublishedRun, around: &Surroundings, options: PageOptions) -> Result<String> {
    let manifest = run.manifest()?;
    let context = Context::read((run, &manifest), (&around.dates, &around.campaigns), options)?;
    let (mut made, mut missing) = (Vec::new(), Vec::new());
    for (id, make) in ALL {
        match make(&context)? {
            Some(section) => made.push((*id, section)),
            None => missing.push(context.texts.say(&format!("missing.{id}")).to_owned()),
        }
    }
    let title = context.texts.fill("page.title", &[("date", &context.as_of)]);
    let count = made.len();
    let parts = [
        ("language", Part::Text(context.say("page.language").to_owned())),
        ("title", Part::Text(title)),
        ("style", Part::Markup(STYLE.to_owned())),
        ("skip", Part::Text(context.say("page.skip").to_owned())),
        ("heading", Part::Text(context.say("page.heading").to_owned())),
        ("subtitle", Part::Text(sections::subtitle(&context))),
        ("contents", Part::Text(context.say("page.contents").to_owned())),
        ("navigation", Part::Markup(navigation(&made).to_string())),
        ("sections", Part::Markup(joined(made.iter().map(|(id, section)| section.drawn(id, &context.texts))))),
        ("missing", Part::Markup(joined(absent(&context, &missing)))),
        (
            "footer",
            Part::Text(
                context.texts.fill("page.footer", &[("version", &context.manifest.version), ("sections", &count)]),
            ),
        ),
    ];
    fill(PAGE, &parts)
}

fn navigation(made: &[(&str, Section)]) -> Element {
    let link =
        |(id, section): &(&str, Section)| tag("li").child(tag("a").with("href", format!("#{id}")).text(&section.short));
    tag("ul").children(made.iter().map(link))
}

/// What the page does not show, and why.
fn absent(context: &Context<'_>, missing: &[String]) -> Option<Element> {
    let item = |text: &String| tag("li").text(text);
    (!missing.is_empty()).then(|| {
        let head = tag("h2").text(context.say("missing.title"));
        let section =
            tag("section").with("id", "missing").child(head).child(tag("p").text(context.say("missing.lead")));
        section.child(tag("ul").class("plain").children(missing.iter().map(item)))
    })
}

fn joined(elements: impl IntoIterator<Item = Element>) -> String {
    elements.into_iter().map(|element| element.to_string() + "\n").collect()
}
