//! Values over time: a small line for each answer, one below the other on the same scale, so that none needs a
//! colour of its own.

use std::fmt::Write as _;

use super::{Axis, Canvas, Caption, escaped, units};
use crate::results::figure::Value;

/// Quarters of a line that a track is high.
const HIGH: u32 = 10;

/// One answer over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    pub label: String,
    /// The earliest first, as many as there are days.
    pub marks: Vec<Mark>,
}

/// A value at a time, and as it is written; none is hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub value: Option<Value>,
    pub written: String,
}

/// Lines from one time to the next, `times` written below each. The axis is in the unit of the values.
pub fn tracks(caption: &Caption<'_>, axis: &Axis, times: &[String], tracks: &[Track]) -> String {
    let mut canvas = Canvas::default();
    for track in tracks {
        canvas.lines("label", &track.label);
        let written: Vec<&str> = track.marks.iter().map(|mark| mark.written.as_str()).collect();
        canvas.row("number", &written);
        let (width, tall) = (2 * track.marks.len(), (axis.to - axis.from).max(1));
        let y = canvas.y;
        let _ = write!(
            canvas.body,
            r#"<svg class="plot" y="{y}em" width="100%" height="{HIGH}em" viewBox="0 0 {width} {tall}" preserveAspectRatio="none"><path class="axis" d="M0 {tall}H{width}"/>{}</svg>"#,
            line(axis, &track.marks)
        );
        canvas.down(HIGH);
        let times: Vec<&str> = times.iter().map(String::as_str).collect();
        canvas.row("note", &times);
        canvas.down(super::GAP);
    }
    canvas.svg(caption, "tracks")
}

/// A dot for each value, and a line between those that follow each other.
fn line(axis: &Axis, marks: &[Mark]) -> String {
    let places = marks.iter().enumerate().map(|(at, mark)| {
        let value = units(mark.value?).clamp(axis.from, axis.to);
        Some((2 * at + 1, axis.to - value))
    });
    let places: Vec<Option<(usize, i64)>> = places.collect();
    let mut shape = String::new();
    for two in places.windows(2) {
        if let [Some((x, y)), Some((to_x, to_y))] = two {
            let _ = write!(shape, r#"<path class="whisker" d="M{x} {y}L{to_x} {to_y}"/>"#);
        }
    }
    for (x, y) in places.iter().flatten() {
        let _ = write!(shape, r#"<path class="dot" d="M{x} {y}h0"/>"#);
    }
    shape
}

impl Canvas {
    /// Short words side by side, each in the middle of its part of the width.
    fn row(&mut self, class: &str, words: &[&str]) {
        let y = self.y;
        let _ = write!(self.body, r#"<svg y="{y}em">"#);
        for (at, written) in words.iter().enumerate() {
            let (x, written) = ((2 * at + 1) * 50 / words.len(), escaped(written));
            let _ =
                write!(self.body, r#"<text class="{class} mid" x="{x}%" y="1em">{written}</text>"#);
        }
        let _ = write!(self.body, "</svg>");
        self.down(super::LINE + super::NEAR);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(percent: Option<u8>) -> Mark {
        let written = percent.map_or("·".to_owned(), |percent| percent.to_string());
        Mark { value: percent.map(Value::Percent), written }
    }

    fn drawn(percents: &[Option<u8>]) -> String {
        let marks = percents.iter().map(|one| mark(*one)).collect();
        let axis = Axis { from: 0, to: 50, ends: Default::default() };
        let times: Vec<String> = (2024..).take(percents.len()).map(|it| it.to_string()).collect();
        let caption = Caption { id: "t", title: "Hvor ofte?", desc: "" };
        tracks(&caption, &axis, &times, &[Track { label: "Hver dag".to_owned(), marks }])
    }

    #[test]
    fn a_dot_stands_as_high_as_its_number_and_nothing_has_a_decimal() {
        let svg = drawn(&[Some(31), Some(35), Some(38)]);
        for dot in ["M1 19h0", "M3 15h0", "M5 12h0", "M1 19L3 15", "M3 15L5 12"] {
            assert!(svg.contains(dot), "{dot}: {svg}");
        }
        assert!(svg.contains("2024</text>") && svg.contains("x=\"16%\""));
        let finer = svg.as_bytes().windows(3).any(|three| {
            three[0].is_ascii_digit() && three[1] == b'.' && three[2].is_ascii_digit()
        });
        assert!(!finer, "{svg}");
    }

    #[test]
    fn what_is_hidden_has_no_dot_and_no_line_to_it() {
        let svg = drawn(&[Some(31), None, Some(38)]);
        assert_eq!(svg.matches("class=\"dot\"").count(), 2);
        assert!(!svg.contains("whisker") && svg.contains("·</text>"));
    }
}
