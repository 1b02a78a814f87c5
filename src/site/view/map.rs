//! The map of a place question: its areas in the order of the choices, each with its name in the
//! middle.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::survey::Question;
use crate::survey::map::Map;

/// A map.
#[derive(Debug, Serialize)]
pub struct MapView<'a> {
    pub view_box: &'a str,
    pub scenery: &'a [String],
    pub areas: Vec<AreaView<'a>>,
}

/// An area that can be chosen.
#[derive(Debug, Serialize)]
pub struct AreaView<'a> {
    pub id: &'a str,
    /// Safe SVG.
    pub shape: &'a str,
    pub lines: Vec<Line>,
}

/// A line of an area's name and where its middle is.
#[derive(Debug, PartialEq, Serialize)]
pub struct Line {
    pub x: f64,
    pub y: f64,
    pub text: String,
}

/// The height of a line, in the map's own units; the style sheet's letters are a little smaller.
const LINE: f64 = 13.0;
/// Longer lines are broken where they can be.
const LETTERS: usize = 9;

/// The map that a question names, if it names one.
pub fn of<'a>(question: &'a Question, maps: &'a BTreeMap<String, Map>) -> Option<MapView<'a>> {
    let map = maps.get(question.map.as_ref()?)?;
    let areas = question.choices.iter().filter_map(|choice| {
        let area = map.areas.iter().find(|area| area.id == choice.id)?;
        let name = choice.text.plain.trim();
        Some(AreaView { id: &choice.id, shape: &area.shape, lines: lines(name, &area.shape) })
    });
    Some(MapView { view_box: &map.view_box, scenery: &map.scenery, areas: areas.collect() })
}

/// A name in lines that break at its spaces and hyphens, around the middle of the shape; none where
/// the shape is of a form whose middle is not known.
fn lines(name: &str, shape: &str) -> Vec<Line> {
    let Some((x, middle)) = centre(shape) else { return Vec::new() };
    let mut texts: Vec<String> = Vec::new();
    for word in name.split_inclusive([' ', '-']) {
        match texts.last_mut() {
            Some(line) if line.chars().count() + word.trim_end().chars().count() <= LETTERS => {
                line.push_str(word);
            }
            _ => texts.push(word.to_owned()),
        }
    }
    let first = middle - LINE * (texts.len() as f64 - 1.0) / 2.0;
    let lines = texts.into_iter().enumerate();
    lines
        .map(|(at, text)| Line { x, y: first + LINE * at as f64, text: text.trim_end().to_owned() })
        .collect()
}

/// The centre of gravity of a polygon, or of a path of absolute `M`, `L` and `Z`.
fn centre(shape: &str) -> Option<(f64, f64)> {
    let value = |name: &str| {
        let (_, rest) = shape.split_once(&format!(" {name}=\""))?;
        rest.split('"').next()
    };
    let points = value("points").or_else(|| {
        value("d")
            .filter(|path| path.chars().all(|sign| !sign.is_alphabetic() || "MLZz".contains(sign)))
    })?;
    let numbers: Vec<f64> = points
        .split(|sign: char| !(sign.is_ascii_digit() || sign == '.' || sign == '-'))
        .filter_map(|number| number.parse().ok())
        .collect();
    let corners: Vec<(f64, f64)> = numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    let sides = corners.iter().zip(corners.iter().cycle().skip(1));
    // Twice the area, and with it the sums of the centroid's formula.
    let (mut area, mut across, mut down) = (0.0, 0.0, 0.0);
    for ((x, y), (next_x, next_y)) in sides {
        let part = x * next_y - next_x * y;
        area += part;
        across += (x + next_x) * part;
        down += (y + next_y) * part;
    }
    let middle = |sum: f64| (sum / (3.0 * area)).round();
    (corners.len() >= 3 && area != 0.0).then(|| (middle(across), middle(down)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_in_lines_around_the_middle_of_its_area() {
        let shape = r#"<polygon points="0,0 100,0 100,60 0,60"/>"#;
        let found = lines("Vesterbro-Kongens Enghave", shape);
        let want = [(17.0, "Vesterbro-"), (30.0, "Kongens"), (43.0, "Enghave")];
        let want = want.map(|(y, text)| Line { x: 50.0, y, text: text.to_owned() });
        assert_eq!(found, want);
        assert_eq!(lines("Uden for byen", shape)[0].text, "Uden for");
        assert_eq!(lines("Valby", r#"<path d="M0 0L20 0 20 12Z"/>"#)[0].y, 4.0);
    }

    #[test]
    fn a_curve_has_no_name_on_it() {
        assert_eq!(lines("Valby", r#"<path d="M0 0C1 2 3 4 5 6Z"/>"#), []);
    }
}
