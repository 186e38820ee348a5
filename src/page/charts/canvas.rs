//! What pictures are drawn on, and with: a canvas as wide as the page, marks, labels that vanish where they do not fit.
//!
//! Does not live here: any picture.

use crate::page::markup::{Element, coordinate, percent, tag};

/// A picture of this height in pixels, which says in a sentence what it shows.
pub(crate) fn canvas(height: f64, label: &str) -> Element {
    open_canvas(label).with("height", coordinate(height))
}

/// A picture whose height is not known yet.
pub(crate) fn open_canvas(label: &str) -> Element {
    tag("svg").class("picture").with("role", "img").with("aria-label", label)
}

/// A mark with corners: left edge and width as shares of the picture's, top and height in pixels.
pub(crate) fn rect((left, top): (f64, f64), (width, height): (f64, f64), class: &str) -> Element {
    tag("rect")
        .with("x", percent(left))
        .with("y", coordinate(top))
        .with("width", percent(width.max(0.0)))
        .with("height", coordinate(height.max(0.0)))
        .class(class)
}

/// A straight line between two points, x as a share of the width.
pub(crate) fn line((left, top): (f64, f64), (right, bottom): (f64, f64), class: &str) -> Element {
    tag("line")
        .with("x1", percent(left))
        .with("y1", coordinate(top))
        .with("x2", percent(right))
        .with("y2", coordinate(bottom))
        .class(class)
}

/// A text whose place, in pixels next to a share of the width, is that of its anchor.
pub(crate) fn label((left, shift): (f64, f64), top: f64, class: &str, text: &str) -> Element {
    let element = tag("text").with("x", percent(left));
    let element = if shift == 0.0 { element } else { element.with("dx", coordinate(shift)) };
    element.with("y", coordinate(top)).class(class).text(text)
}

/// A plot whose own coordinates are 0 to 100 both ways, stretched over the width.
pub(crate) fn plot(top: f64, height: f64) -> Element {
    tag("svg")
        .with("x", 0)
        .with("y", coordinate(top))
        .with("width", "100%")
        .with("height", coordinate(height))
        .with("viewBox", "0 0 100 100")
        .with("preserveAspectRatio", "none")
        .class("plot")
}

/// A path through points in the coordinates of a plot.
pub(crate) fn path(points: &[(f64, f64)], is_closed: bool, class: &str) -> Element {
    let mut shape = String::new();
    for (index, (x, y)) in points.iter().enumerate() {
        shape.push_str(if index == 0 { "M" } else { "L" });
        shape.push_str(&coordinate(*x));
        shape.push(' ');
        shape.push_str(&coordinate(*y));
    }
    if is_closed {
        shape.push('Z');
    }
    tag("path").with("d", shape).class(class)
}

/// A tip that shows where someone points at a mark.
pub(crate) fn tip(text: &str) -> Element {
    tag("title").text(text)
}

/// About how many pixels a text of the usual size takes.
pub(crate) fn text_width(text: &str) -> f64 {
    text.chars()
        .map(|character| {
            if character.is_ascii() {
                6.6
            } else if character < '\u{2e80}' {
                7.0
            } else {
                12.5
            }
        })
        .sum()
}

/// The class of a label that has a share of the picture's width: it is hidden where the picture is too narrow for it; none where it
/// never fits.
pub(crate) fn fits(text: &str, share: f64) -> Option<&'static str> {
    let needed = (text_width(text) + 6.0) / share.max(1e-9);
    [(240.0, ""), (400.0, "from-400"), (560.0, "from-560"), (760.0, "from-760"), (1_000.0, "from-1000")]
        .into_iter()
        .find(|(width, _)| needed <= *width)
        .map(|(_, class)| class)
}

/// A text in one line, or in two where it needs more pixels than that and can be parted.
pub(crate) fn wrapped(text: &str, pixels: f64) -> Vec<String> {
    if text_width(text) <= pixels {
        return vec![text.to_owned()];
    }
    let middle = text.chars().count() / 2;
    let places = text.char_indices().enumerate();
    let spaces = places.clone().filter(|(_, (_, character))| *character == ' ');
    let nearest = spaces.min_by_key(|(place, _)| place.abs_diff(middle)).map(|(_, (at, _))| (at, at + 1));
    // Chinese has no spaces, and can be parted anywhere.
    let anywhere =
        || places.clone().find(|(place, (_, own))| *place == middle && !own.is_ascii()).map(|(_, (at, _))| (at, at));
    match nearest.or_else(anywhere) {
        Some((end, start)) => vec![text[..end].to_owned(), text[start..].to_owned()],
        None => vec![text.to_owned()],
    }
}

/// A label in the middle of something that has a share of the width; nothing where it never fits.
pub(crate) fn centred(text: &str, (left, width): (f64, f64), top: f64, class: &str) -> Option<Element> {
    let hidden = fits(text, width)?;
    Some(label((left + width / 2.0, 0.0), top, format!("middle {class} {hidden}").trim(), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_hidden_where_they_do_not_fit() {
        // Ten letters take about 66 pixels, and 6 of room.
        assert_eq!(fits("abcdefghij", 0.5), Some(""));
        assert_eq!(fits("abcdefghij", 0.2), Some("from-400"));
        assert_eq!(fits("abcdefghij", 0.01), None);
        assert!(text_width("客户") > text_width("ab"));
    }

    #[test]
    fn long_texts_are_parted_at_the_space_next_to_the_middle() {
        assert_eq!(wrapped("Needs attention", 60.0), ["Needs", "attention"]);
        assert_eq!(wrapped("有流失风险的客户", 60.0), ["有流失风", "险的客户"]);
        assert_eq!((wrapped("Short", 60.0).len(), wrapped("Indivisible", 20.0).len()), (1, 1));
    }

    #[test]
    fn a_path_goes_through_its_points() {
        let path = path(&[(0.0, 0.0), (50.0, 1.5)], true, "a");
        assert_eq!(path.to_string(), "<path d=\"M0 0L50 1.5Z\" class=\"a\"/>");
    }
}
