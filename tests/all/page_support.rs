//! A page of pictures, read by a strict little parser of XML.

use std::fs;
use std::path::Path;

use crate::support::{Published, Sandbox};

/// A page, and what it says.
#[derive(Debug)]
pub struct Page {
    pub html: String,
    /// All of its texts, without markup, style and escapes.
    pub text: String,
}

/// The page of a published run, by the command.
pub fn page(sandbox: &Sandbox, published: &Published, args: &[&str]) -> Page {
    page_of(sandbox, &published.path, args)
}

/// The page of a published directory, by the command.
pub fn page_of(sandbox: &Sandbox, directory: &Path, args: &[&str]) -> Page {
    let file = sandbox.root().join("page.html");
    let fixed = ["report", directory.to_str().unwrap(), "-o", file.to_str().unwrap()];
    let ran = sandbox.command(&[&fixed[..], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    Page::of(fs::read_to_string(file).unwrap())
}

/// What a parser of XML meets.
#[derive(Debug, PartialEq)]
enum Event {
    Start(String, Vec<(String, String)>),
    End(String),
    Text(String),
}

impl Page {
    pub fn of(html: String) -> Self {
        let mut text = String::new();
        let mut is_style = false;
        for event in events(&html) {
            match event {
                Event::Start(name, _) => is_style = name == "style",
                Event::End(_) => is_style = false,
                Event::Text(part) if !is_style => text.push_str(&part),
                Event::Text(_) => {}
            }
        }
        Self { html, text }
    }

    pub fn has_section(&self, id: &str) -> bool {
        self.html.contains(&format!("<section id=\"{id}\""))
    }

    /// That it is well-formed, that names are there once, that links lead somewhere in it, that nothing is loaded or run, and that
    /// no text is missing.
    #[track_caller]
    pub fn assert_sound(&self) {
        let mut open = Vec::new();
        let (mut ids, mut links) = (Vec::new(), Vec::new());
        for event in events(&self.html) {
            match event {
                Event::Start(name, attributes) => {
                    assert!(!["script", "iframe", "img", "object", "embed", "form"].contains(&name.as_str()), "{name}");
                    for (attribute, value) in attributes {
                        assert!(
                            !attribute.starts_with("on") && attribute != "src" && attribute != "style",
                            "{name} {attribute}"
                        );
                        match attribute.as_str() {
                            "id" => ids.push(value),
                            "href" if value != "data:," => links.push(value),
                            _ => {}
                        }
                    }
                    open.push(name);
                }
                Event::End(name) => assert_eq!(open.pop(), Some(name)),
                Event::Text(_) => {}
            }
        }
        assert!(open.is_empty(), "{open:?}");
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all, "every name is there once");
        for link in links {
            assert!(link.strip_prefix('#').is_some_and(|id| ids.iter().any(|known| known == id)), "{link}");
        }
        for loaded in ["http:", "https:", "url(", "@import", "javascript:"] {
            assert!(!self.html.contains(loaded), "{loaded}");
        }
        for key in ["column.", "axis.", "bars.", "overview.", "missing.", "warning.", "NaN", "inf%"] {
            assert!(!self.text.contains(key), "{key}: {:?}", self.text.split(key).nth(1).map(|rest| rest.get(..40)));
        }
        assert!(!self.text.contains('{') && !self.text.contains('}'), "every name of a text has its value");
    }

    /// The figures of the tiles at the top.
    pub fn tiles(&self) -> Vec<String> {
        let parts = self.html.split("<p class=\"value\">").skip(1);
        parts.map(|part| part.split('<').next().unwrap().to_owned()).collect()
    }

    /// The cells of all rows of all tables in a section, heads left out.
    pub fn table_rows(&self, section: &str) -> Vec<Vec<String>> {
        let start = self.html.find(&format!("<section id=\"{section}\"")).unwrap_or_else(|| panic!("no {section}"));
        let end = self.html[start..].find("</section>").unwrap();
        let mut rows: Vec<Vec<String>> = Vec::new();
        let (mut is_body, mut is_cell) = (false, false);
        for event in events(&self.html[start..start + end + "</section>".len()]) {
            match event {
                Event::Start(name, _) => match name.as_str() {
                    "tbody" => is_body = true,
                    "tr" if is_body => rows.push(Vec::new()),
                    "td" | "th" if is_body => {
                        is_cell = true;
                        rows.last_mut().unwrap().push(String::new());
                    }
                    _ => {}
                },
                Event::End(name) => match name.as_str() {
                    "tbody" => is_body = false,
                    "td" | "th" => is_cell = false,
                    _ => {}
                },
                Event::Text(text) if is_cell => rows.last_mut().unwrap().last_mut().unwrap().push_str(&text),
                Event::Text(_) => {}
            }
        }
        rows
    }
}

/// The events of a document; panics where it is not well-formed by the rules of XML.
fn events(document: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let mut rest = document.strip_prefix("<!DOCTYPE html>").unwrap_or(document);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("</") {
            let (name, after) = after.split_once('>').expect("an end has an end");
            events.push(Event::End(name.to_owned()));
            rest = after;
        } else if let Some(after) = rest.strip_prefix('<') {
            let (start, after) = start_of(after);
            events.extend(start);
            rest = after;
        } else {
            let end = rest.find('<').unwrap_or(rest.len());
            events.push(Event::Text(unescaped(&rest[..end])));
            rest = &rest[end..];
        }
    }
    events
}

/// An element's start, and its end where it ends at once.
fn start_of(text: &str) -> (Vec<Event>, &str) {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let end = text.find(|c: char| !is_name(c)).expect("an element goes on");
    let (name, mut rest) = text.split_at(end);
    assert!(!name.is_empty(), "an element without a name: {:?}", text.get(..40));
    let mut attributes: Vec<(String, String)> = Vec::new();
    loop {
        if let Some(after) = rest.strip_prefix("/>") {
            return (vec![Event::Start(name.to_owned(), attributes), Event::End(name.to_owned())], after);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (vec![Event::Start(name.to_owned(), attributes)], after);
        }
        let after = rest.strip_prefix(' ').unwrap_or_else(|| panic!("{name}: {:?}", rest.get(..40)));
        let (attribute, after) = after.split_once("=\"").expect("an attribute has a value");
        assert!(attribute.chars().all(is_name), "{attribute}");
        let (value, after) = after.split_once('"').expect("a value ends");
        assert!(!value.contains('<'), "{value}");
        assert!(attributes.iter().all(|(known, _)| known != attribute), "{name} has {attribute} twice");
        attributes.push((attribute.to_owned(), unescaped(value)));
        rest = after;
    }
}

fn unescaped(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (name, after) = after.split_once(';').expect("an escape ends");
        result.push_str(before);
        result.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#39" => '\'',
            other => panic!("&{other};"),
        });
        rest = after;
    }
    let allowed = |c: char| !c.is_control() || c == '\n';
    assert!(text.chars().all(allowed), "a control character");
    result + rest
}

#[test]
#[should_panic(expected = "an escape ends")]
fn the_parser_refuses_what_is_not_escaped() {
    events("<p>a & b</p>");
}

#[test]
fn the_parser_finds_elements_attributes_and_texts() {
    let found = events("<p class=\"a\">1 &lt; 2<br/></p>");
    let start = |name: &str, attributes: &[(&str, &str)]| {
        let own = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Event::Start(name.into(), own.collect())
    };
    let end = |name: &str| Event::End(name.into());
    let text = Event::Text("1 < 2".into());
    assert_eq!(found, [start("p", &[("class", "a")]), text, start("br", &[]), end("br"), end("p")]);
}
