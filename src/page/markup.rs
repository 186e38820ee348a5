//! Markup that is escaped and well-formed by the way it is made: elements, their attributes, texts.
//!
//! What is written reads as HTML and as XML. Does not live here: which elements a page has.

use std::fmt::{self, Display, Formatter, Write};

/// Elements that have no content; HTML knows no end of them.
const WITHOUT_CONTENT: [&str; 6] = ["br", "col", "circle", "line", "path", "rect"];

/// An element.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Element(Element),
    Text(String),
}

/// An element without attributes and content.
pub(crate) fn tag(name: &'static str) -> Element {
    Element { name, attributes: Vec::new(), children: Vec::new() }
}

impl Element {
    /// The same with an attribute.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.attributes.push((name, value.to_string()));
        self
    }

    /// The same with a class.
    #[must_use]
    pub(crate) fn class(self, class: impl Display) -> Self {
        self.with("class", class)
    }

    /// The same with a text behind its content.
    #[must_use]
    pub(crate) fn text(mut self, text: impl Display) -> Self {
        self.children.push(Node::Text(text.to_string()));
        self
    }

    /// The same with an element behind its content.
    #[must_use]
    pub(crate) fn child(mut self, child: Self) -> Self {
        self.add(child);
        self
    }

    /// The same with elements behind its content.
    #[must_use]
    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children.into_iter().map(Node::Element));
        self
    }

    /// Adds an element behind its content.
    pub(crate) fn add(&mut self, child: Self) {
        self.children.push(Node::Element(child));
    }
}

impl Display for Element {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { name, attributes, children } = self;
        write!(f, "<{name}")?;
        for (name, value) in attributes {
            write!(f, " {name}=\"{}\"", escaped(value))?;
        }
        if children.is_empty() && WITHOUT_CONTENT.contains(name) {
            return f.write_str("/>");
        }
        f.write_char('>')?;
        for child in children {
            match child {
                Node::Element(element) => element.fmt(f)?,
                Node::Text(text) => f.write_str(&escaped(text))?,
            }
        }
        write!(f, "</{name}>")
    }
}

/// The text with nothing in it that markup could be: neither in an element nor in an attribute. Characters that no document may
/// have become U+FFFD.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            // What no document may have, and what turns the direction of the text that follows.
            '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{fffe}'
            | '\u{ffff}' => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

/// A coordinate with at most two decimals.
pub(crate) fn coordinate(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A coordinate as a share of the width: 0.25 is `25%`.
pub(crate) fn percent(share: f64) -> String {
    coordinate(100.0 * share) + "%"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_or_an_attribute_is_markup() {
        let hostile = "<script>alert(\"1\" & '2')</script>\u{0}\u{202e}";
        let element = tag("p").with("title", hostile).text(hostile);
        let text = "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;\u{fffd}\u{fffd}";
        assert_eq!(element.to_string(), format!("<p title=\"{text}\">{text}</p>"));
    }

    #[test]
    fn elements_end_as_html_and_xml_know_it() {
        assert_eq!(tag("rect").with("x", 1).to_string(), "<rect x=\"1\"/>");
        assert_eq!(tag("rect").child(tag("title").text("a")).to_string(), "<rect><title>a</title></rect>");
        assert_eq!(tag("div").to_string(), "<div></div>");
        assert_eq!(tag("ul").children([tag("li"), tag("li")]).to_string(), "<ul><li></li><li></li></ul>");
    }

    #[test]
    fn coordinates_have_two_decimals_at_most() {
        let written = [1.0, 0.125, 12.3456, -0.001, f64::NAN].map(coordinate);
        assert_eq!(written, ["1", "0.12", "12.35", "0", "0"]);
        assert_eq!(percent(0.255), "25.5%");
    }
}
