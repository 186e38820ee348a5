//! Colours of segments, and what can be read on them.
//!
//! Does not live here: the colours of the page itself, light and dark (`templates/style.css`).

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour([u8; 3]);

/// Where a table names no colour that can be read.
pub(crate) const GREY: Colour = Colour([0x8a, 0x94, 0x9e]);

impl Colour {
    /// The colour of `#rrggbb`; grey for anything else.
    pub(crate) fn of(text: &str) -> Self {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii());
        let part = |at: usize| digits.and_then(|digits| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok());
        match [part(0), part(2), part(4)] {
            [Some(red), Some(green), Some(blue)] => Self([red, green, blue]),
            _ => GREY,
        }
    }

    /// `#rrggbb`.
    pub(crate) fn text(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// The class of texts on it: black or white, whichever can be read better.
    pub(crate) fn ink(self) -> &'static str {
        let light = self.luminance();
        if 1.05 / (light + 0.05) > (light + 0.05) / 0.05 { "white" } else { "black" }
    }

    /// Relative luminance as WCAG 2 defines it.
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let share = f64::from(part) / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_and_anything_else_is_grey() {
        assert_eq!(Colour::of("#1a7a3c").text(), "#1a7a3c");
        for text in ["", "red", "#12345", "#12345g", "url(x)", "#é123"] {
            assert_eq!(Colour::of(text), GREY, "{text}");
        }
    }

    #[test]
    fn what_stands_on_a_colour_has_the_contrast_that_wcag_asks_for() {
        for text in ["#1a7a3c", "#fbc02d", "#c62828", "#9e9e9e", "#0288d1", "#767676", "#000000", "#ffffff"] {
            let colour = Colour::of(text);
            let (light, ink) = (colour.luminance(), if colour.ink() == "white" { 1.0 } else { 0.0 });
            let (high, low) = (f64::max(light, ink), f64::min(light, ink));
            assert!((high + 0.05) / (low + 0.05) >= 4.5, "{text}");
        }
    }
}
