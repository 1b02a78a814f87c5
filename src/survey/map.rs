//! A map of areas, drawn as SVG by the author: what a place question is answered on.

use std::collections::BTreeMap;
use std::ops::Range;

use roxmltree::{Document, Node};
use serde::{Deserialize, Serialize};

use super::catalogue as c;
use super::ids::{self, Named};
use super::source::{Notes, nfc};

/// A map. Its areas are the choices of the questions that name it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Map {
    /// `0 0 300 200`, as SVG writes it.
    pub view_box: String,
    pub areas: Vec<Area>,
    /// Shapes that are no areas (water, a frame): elements without an id, as safe SVG.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenery: Vec<String>,
}

/// An area that can be chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    pub id: String,
    /// Its name by language; `""` is the name without a language.
    pub titles: BTreeMap<String, String>,
    /// Its shape as safe SVG, without id and title.
    pub shape: String,
}

impl Map {
    /// The areas' names in `lang`, else without a language, by id.
    pub fn title<'m>(&'m self, area: &'m Area, lang: &str) -> &'m str {
        let title = area.titles.get(lang).or_else(|| area.titles.get(""));
        title.or_else(|| area.titles.values().next()).map_or(area.id.as_str(), String::as_str)
    }
}

/// The shapes a map is drawn of, and the attributes that say where they are. How they look is the
/// theme's; what could run, fetch or cover something is refused.
const SHAPES: &[&str] = &["path", "polygon", "polyline", "rect", "circle", "ellipse", "line"];
const GEOMETRY: &[&str] = &[
    "d", "points", "x", "y", "width", "height", "rx", "ry", "cx", "cy", "r", "x1", "y1", "x2", "y2",
];

/// More than this a phone would fetch with every page that shows the map.
const BYTES_MAX: usize = 100_000;

/// Reads a map file; none, with notes, where it cannot be used.
pub fn read(text: &str, notes: &mut Notes) -> Option<Map> {
    if text.len() > BYTES_MAX {
        let first: usize = text.chars().take(40).map(char::len_utf8).sum();
        note(notes, 0..first, "it is larger than 100 KB");
        return None;
    }
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(wrong) => {
            note(notes, line_span(text, wrong.pos().row), &wrong.to_string());
            return None;
        }
    };
    let root = document.root_element();
    let before = notes.list.len();
    let mut reader = Reader { map: Map::default(), notes };
    match root.attribute("viewBox") {
        Some(view_box) if root.tag_name().name() == "svg" && is_plain(view_box) => {
            reader.map.view_box = view_box.to_owned();
        }
        _ => note(reader.notes, start_of(&root), "no `<svg viewBox=\"0 0 … …\">`"),
    }
    reader.elements(&root);
    if reader.map.areas.is_empty() {
        note(reader.notes, start_of(&root), "no shape with an id");
    }
    let map = reader.map;
    (notes.list.len() == before).then_some(map)
}

/// The width and height an SVG says it has, or those of its viewBox.
pub fn size(text: &str) -> Option<(u32, u32)> {
    let document = Document::parse(text).ok()?;
    let root = document.root_element();
    let whole =
        |value: &str| value.trim_end_matches("px").trim().parse::<f64>().ok().map(|n| n as u32);
    let said = |name| root.attribute(name).and_then(whole);
    if let (Some(width), Some(height)) = (said("width"), said("height")) {
        return Some((width, height));
    }
    let mut parts =
        root.attribute("viewBox")?.split([' ', ',']).filter(|part| !part.is_empty()).skip(2);
    Some((whole(parts.next()?)?, whole(parts.next()?)?))
}

fn note(notes: &mut Notes, span: Range<usize>, why: &str) {
    notes.add(&c::BAD_MAP, span).arg("why", why);
}

/// The line of a number from 1, as bytes.
fn line_span(text: &str, row: u32) -> Range<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n').take(row.saturating_sub(1) as usize) {
        at += line.len();
    }
    at..text[at..].find('\n').map_or(text.len(), |end| at + end)
}

/// The opening tag.
fn start_of(node: &Node) -> Range<usize> {
    let range = node.range();
    let text = &node.document().input_text()[range.clone()];
    range.start..range.start + text.find('>').map_or(text.len(), |end| end + 1)
}

struct Reader<'n, 'f> {
    map: Map,
    notes: &'n mut Notes<'f>,
}

impl Reader<'_, '_> {
    /// What a root holds, groups opened. A list of what is still to be read, not a call within a
    /// call: groups may stand in groups without end.
    fn elements(&mut self, root: &Node) {
        let mut left: Vec<Node> = inside(root);
        while let Some(node) = left.pop() {
            match (node.tag_name().name(), node.attribute("id")) {
                ("title" | "desc" | "metadata", _) => {}
                (_, Some(id)) => self.area(&node, id),
                ("g", None) => left.append(&mut inside(&node)),
                _ => {
                    let shape = self.shape(&node);
                    self.map.scenery.extend(shape);
                }
            }
        }
    }

    fn area(&mut self, node: &Node, id: &str) {
        if !ids::is_id(id, Named::Choice) || self.map.areas.iter().any(|area| area.id == id) {
            let why = format!("`{id}` cannot be an area's id, or is one already");
            return note(self.notes, start_of(node), &why);
        }
        let titles: BTreeMap<String, String> = node
            .children()
            .filter(|child| child.tag_name().name() == "title")
            .filter_map(|title| Some((lang_of(&title).to_owned(), nfc(title.text()?.trim()))))
            .filter(|(_, title)| !title.is_empty())
            .collect();
        if titles.is_empty() {
            let why = format!("the area `{id}` has no `<title>` to call it by");
            return note(self.notes, start_of(node), &why);
        }
        let shapes = match node.tag_name().name() {
            "g" => node.children().filter(Node::is_element).collect(),
            _ => vec![*node],
        };
        let drawn = shapes.iter().filter(|shape| shape.tag_name().name() != "title");
        let drawn: Vec<&Node> = drawn.collect();
        if drawn.is_empty() {
            let why = format!("the area `{id}` has no shape to be seen and touched by");
            return note(self.notes, start_of(node), &why);
        }
        let shape: String = drawn.into_iter().filter_map(|shape| self.shape(shape)).collect();
        self.map.areas.push(Area { id: id.to_owned(), titles, shape });
    }

    /// A shape with nothing but its geometry.
    fn shape(&mut self, node: &Node) -> Option<String> {
        let name = node.tag_name().name();
        if !SHAPES.contains(&name) {
            let why = format!("`<{name}>` is no shape; shapes are {}", SHAPES.join(", "));
            note(self.notes, start_of(node), &why);
            return None;
        }
        let mut shape = format!("<{name}");
        for attribute in node.attributes().filter(|one| GEOMETRY.contains(&one.name())) {
            if !is_plain(attribute.value()) {
                let why = format!("`{}` holds signs that are no geometry", attribute.name());
                note(self.notes, attribute.range(), &why);
                return None;
            }
            shape.push_str(&format!(" {}=\"{}\"", attribute.name(), attribute.value()));
        }
        if node.attribute("transform").is_some() {
            note(self.notes, start_of(node), "`transform` is not read: write where the shape is");
        }
        Some(shape + "/>")
    }
}

/// The elements straight in one, the first of them last.
fn inside<'a, 'd>(node: &Node<'a, 'd>) -> Vec<Node<'a, 'd>> {
    let mut elements: Vec<Node> = node.children().filter(Node::is_element).collect();
    elements.reverse();
    elements
}

fn lang_of<'a>(node: &Node<'a, '_>) -> &'a str {
    let xml = "http://www.w3.org/XML/1998/namespace";
    node.attribute("lang").or_else(|| node.attribute((xml, "lang"))).unwrap_or_default()
}

/// Digits, what numbers are written with, the commands of a path, and `px`: nothing that could end an
/// attribute, or spell a word.
fn is_plain(value: &str) -> bool {
    let geometry = "MmLlHhVvCcSsQqTtAaZzEePpXx .,+-\n\t%";
    value.chars().all(|sign| sign.is_ascii_digit() || geometry.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_of(text: &str) -> (Option<Map>, Vec<String>) {
        let mut notes = Notes::new("m.svg");
        let map = read(text, &mut notes);
        let whys = notes.list.iter().map(|note| note.message(crate::diag::Language::English));
        (map, whys.collect())
    }

    #[test]
    fn areas_have_names_and_shapes() {
        let text = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">
            <rect x="0" y="0" width="10" height="10" fill="#abc"/>
            <g id="valby"><title>Valby</title><title lang="en">Valby!</title><path d="M0 0h1z"/></g>
            </svg>"##;
        let (map, whys) = read_of(text);
        assert_eq!(whys, Vec::<String>::new());
        let map = map.expect("a map");
        assert_eq!(map.scenery, [r#"<rect x="0" y="0" width="10" height="10"/>"#]);
        assert_eq!(map.areas[0].shape, r#"<path d="M0 0h1z"/>"#);
        assert_eq!(map.title(&map.areas[0], "en"), "Valby!");
        assert_eq!(map.title(&map.areas[0], "da"), "Valby");
    }

    #[test]
    fn groups_without_end_and_maps_too_large_are_no_trouble() {
        let (open, close) = ("<g>".repeat(5_000), "</g>".repeat(5_000));
        read_of(&format!("<svg viewBox=\"0 0 1 1\">{open}{close}</svg>"));
        let large = format!("<svg viewBox=\"0 0 1 1\">{}</svg>", "<g/>".repeat(30_000));
        assert_eq!(read_of(&large).1, ["the map cannot be used: it is larger than 100 KB"]);
    }

    #[test]
    fn what_could_run_or_cannot_be_named_is_refused() {
        for inside in [
            "<script>1</script>",
            r#"<path id="a" d="M0 0"/>"#,
            r#"<path id="A b" d="M0 0"><title>A</title></path>"#,
            r#"<path id="a" d="M0 0&quot; onload=&quot;x"><title>A</title></path>"#,
            r#"<image href="x.png"/>"#,
            r#"<path id="a" d="M0 0 style"><title>A</title></path>"#,
            r#"<g id="a"><title>A</title></g>"#,
            "",
        ] {
            let text = format!(r#"<svg viewBox="0 0 1 1">{inside}</svg>"#);
            let (map, whys) = read_of(&text);
            assert!(map.is_none() && !whys.is_empty(), "{inside}");
        }
        assert!(!read_of("<svg").1.is_empty());
        assert!(!read_of("").1.is_empty());
    }
}
