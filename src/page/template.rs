//! The template of the page, filled.
//!
//! Does not live here: what it is filled with (`sections`), and escaping (`markup`).

use crate::error::{Error, Result};
use crate::page::markup::escaped;

/// The frame of the page.
pub(super) const PAGE: &str = include_str!("templates/page.html");
/// How it looks.
pub(super) const STYLE: &str = include_str!("templates/style.css");

/// What stands for a name in a template.
pub(super) enum Part {
    /// A text, which is escaped.
    Text(String),
    /// Markup, which is not.
    Markup(String),
}

/// The template with every `{{name}}` replaced.
///
/// # Errors
/// A bug where a name is not among the parts.
pub(super) fn fill(template: &str, parts: &[(&str, Part)]) -> Result<String> {
    let mut page = String::with_capacity(1 << 18);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").ok_or_else(|| Error::bug("a name in a template has no end"))?;
        let part = parts.iter().find(|(known, _)| *known == name);
        let (_, part) = part.ok_or_else(|| Error::bug(format!("a template has the unknown name `{name}`")))?;
        page.push_str(before);
        match part {
            Part::Text(text) => page.push_str(&escaped(text)),
            Part::Markup(markup) => page.push_str(markup),
        }
        rest = after;
    }
    page.push_str(rest);
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_markup_is_not_and_unknown_names_are_refused() {
        let parts = [("a", Part::Text("1 < 2".into())), ("b", Part::Markup("<b></b>".into()))];
        assert_eq!(fill("{{a}}|{{b}}|{{a}}", &parts).unwrap(), "1 &lt; 2|<b></b>|1 &lt; 2");
        assert!(fill("{{c}}", &parts).unwrap_err().to_string().contains("`c`"));
        assert!(fill("{{a", &parts).is_err());
    }

    #[test]
    fn the_style_has_nothing_that_markup_could_be() {
        assert!(!STYLE.contains(['<', '&']) && !STYLE.contains("{{") && !STYLE.contains("url("));
    }
}
