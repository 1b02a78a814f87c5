//! A page as its readers have it: what stands in its tables, what its charts draw, and its sentences. Reads HTML as a
//! browser does, loosely: a page of somebody's own theme need not be well-formed to be held against the data.

use std::collections::BTreeMap;

/// What of a page can say a figure.
#[derive(Debug, Default)]
pub struct Page {
    pub tables: Vec<Table>,
    pub charts: Vec<Chart>,
    /// By the id of a question's section: how many answered, in words.
    pub bases: BTreeMap<String, String>,
    /// The sentences on which groups differ.
    pub said: String,
    /// All that stands in neither a table nor a chart.
    pub words: String,
    /// What no page of ours has, and a figure could hide in.
    pub odd: Vec<String>,
}

/// The first of its rows names the columns.
#[derive(Debug, Default)]
pub struct Table {
    pub id: String,
    pub head: Vec<String>,
    pub rows: Vec<(String, Vec<String>)>,
}

#[derive(Debug, Default)]
pub struct Chart {
    pub id: String,
    /// `bars`, `diverging`, `dots`, `tracks`, `pairs`.
    pub kind: String,
    pub described: String,
    pub drawn: Vec<Drawn>,
}

/// A plot with the words around it.
#[derive(Debug, Clone, Default)]
pub struct Drawn {
    pub label: String,
    /// Width and height of its own units; none before it is drawn.
    pub view_box: Option<String>,
    pub shapes: Vec<Shape>,
    pub texts: Vec<Text>,
}

#[derive(Debug, Clone)]
pub struct Shape {
    pub class: String,
    attributes: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
pub struct Text {
    pub class: String,
    pub x: String,
    pub text: String,
}

impl Shape {
    /// A length or place that is a whole number.
    pub fn whole(&self, name: &str) -> Option<i64> {
        self.attributes.get(name)?.parse().ok()
    }

    /// The numbers of a path.
    pub fn path(&self) -> Vec<i64> {
        let path = self.attributes.get("d").map_or("", String::as_str);
        let numbers = path.split(|sign: char| !sign.is_ascii_digit() && sign != '-');
        numbers.filter_map(|number| number.parse().ok()).collect()
    }
}

impl Drawn {
    pub fn shapes_of(&self, class: &str) -> impl Iterator<Item = &Shape> {
        self.shapes.iter().filter(move |shape| has_word(&shape.class, class))
    }

    pub fn texts_of(&self, class: &str) -> impl Iterator<Item = &Text> {
        self.texts.iter().filter(move |text| has_word(&text.class, class))
    }
}

/// What the city wrote itself, with tables of its own perhaps.
const OWN_WORDS: [&str; 2] = ["findings", "does"];
/// What an element of a chart may have; anything else could stretch what is measured or say more.
const IN_CHART: [&str; 18] = [
    "class",
    "id",
    "x",
    "y",
    "dx",
    "dy",
    "d",
    "width",
    "height",
    "viewBox",
    "viewbox",
    "preserveAspectRatio",
    "preserveaspectratio",
    "role",
    "focusable",
    "aria-labelledby",
    "aria-describedby",
    "xmlns",
];
const CHART_TAGS: [&str; 6] = ["svg", "rect", "path", "text", "title", "desc"];

/// Reads a page.
pub fn read(html: &str) -> Page {
    let mut reader = Reader::default();
    for piece in Pieces(html) {
        match piece {
            Piece::Open(tag) => reader.open(&Tag::of(tag)),
            Piece::Close(name) => reader.close(name.trim()),
            Piece::Text(text) => reader.text(text),
        }
    }
    reader.page
}

#[derive(Default)]
struct Reader {
    page: Page,
    /// Of sections that are open: class and id.
    sections: Vec<(String, String)>,
    in_table: bool,
    row: Option<Vec<String>>,
    /// Of elements of a chart that are open.
    svgs: usize,
    plot: Option<usize>,
    /// What the words that follow belong to.
    into: Kept,
}

#[derive(Default, PartialEq)]
enum Kept {
    #[default]
    Words,
    Cell,
    Base(String),
    Said,
    Described,
    /// A word of a chart that is no figure: its title.
    Title,
    Label,
    Plain,
}

impl Reader {
    fn open(&mut self, tag: &Tag) {
        let class = tag.get("class");
        if self.svgs > 0 || tag.name == "svg" && has_word(class, "chart") {
            return self.open_in_chart(tag);
        }
        if self.in_table {
            let odd = tag.attributes.iter().find(|(name, value)| {
                !matches!(name.as_str(), "class" | "id" | "scope")
                    && !name.starts_with("aria-")
                    && value.contains(char::is_numeric)
            });
            self.page
                .odd
                .extend(odd.map(|(name, value)| format!("<{} {name}={value:?}>", tag.name)));
        }
        match tag.name.as_str() {
            "section" => self.sections.push((class.to_owned(), tag.get("id").to_owned())),
            "table" if !self.is_own_words() => {
                self.in_table = true;
                self.page.tables.push(Table::default());
            }
            "caption" if self.in_table => {
                let table = self.page.tables.last_mut().expect("it is open");
                table.id = tag.get("id").to_owned();
            }
            "tr" if self.in_table => self.row = Some(Vec::new()),
            "th" | "td" if self.row.is_some() => {
                self.row.as_mut().expect("it is open").push(String::new());
                self.into = Kept::Cell;
            }
            "p" if has_word(class, "said") => self.into = Kept::Said,
            "p" if has_word(class, "base") => {
                let own = self.sections.iter().rev().find(|(class, _)| has_word(class, "result"));
                let id = own.map(|(_, id)| id.clone()).unwrap_or_default();
                self.into = match self.page.bases.contains_key(&id) || id.is_empty() {
                    true => Kept::Words,
                    false => Kept::Base(id),
                };
            }
            _ => {}
        }
    }

    fn open_in_chart(&mut self, tag: &Tag) {
        let class = tag.get("class");
        let odd = tag.attributes.keys().find(|name| !IN_CHART.contains(&name.as_str()));
        if let Some(odd) = odd.filter(|_| self.svgs > 0) {
            self.page.odd.push(format!("a chart with `{odd}` in <{}>", tag.name));
        }
        if !CHART_TAGS.contains(&tag.name.as_str()) {
            self.page.odd.push(format!("a chart with <{}>", tag.name));
            return;
        }
        if tag.name == "svg" && self.svgs == 0 {
            let kind = class.split(' ').find(|word| *word != "chart").unwrap_or("").to_owned();
            let id = tag.get("aria-labelledby");
            let id = id.strip_suffix("-title").unwrap_or(id).to_owned();
            self.page.charts.push(Chart { id, kind, ..Chart::default() });
            self.svgs = 1;
            return;
        }
        let chart = self.page.charts.last_mut().expect("it is open");
        match tag.name.as_str() {
            "svg" => {
                self.svgs += 1;
                if tag.attributes.keys().any(|name| name.eq_ignore_ascii_case("viewbox")) {
                    self.plot = Some(self.svgs);
                    let view_box = Some(tag.get("viewBox").to_owned());
                    match chart.drawn.last_mut().filter(|drawn| drawn.view_box.is_none()) {
                        Some(drawn) => drawn.view_box = view_box,
                        None => chart.drawn.push(Drawn { view_box, ..Drawn::default() }),
                    }
                }
            }
            "title" => self.into = Kept::Title,
            "desc" => self.into = Kept::Described,
            "text" if has_word(class, "label") => {
                // The label after a plot is that of the next one.
                if chart.drawn.last().is_none_or(|drawn| drawn.view_box.is_some()) {
                    chart.drawn.push(Drawn::default());
                }
                self.into = Kept::Label;
            }
            "text" => {
                if chart.drawn.is_empty() {
                    chart.drawn.push(Drawn::default());
                }
                let (class, x) = (class.to_owned(), tag.get("x").to_owned());
                let drawn = chart.drawn.last_mut().expect("there is one");
                drawn.texts.push(Text { class, x, text: String::new() });
                self.into = Kept::Plain;
            }
            _ => {
                if let Some(drawn) = chart.drawn.last_mut() {
                    let (class, attributes) = (class.to_owned(), tag.attributes.clone());
                    drawn.shapes.push(Shape { class, attributes });
                }
            }
        }
        if tag.is_closed && tag.name == "svg" {
            self.close("svg");
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "svg" if self.svgs > 0 => {
                self.plot = self.plot.filter(|depth| *depth < self.svgs);
                self.svgs -= 1;
                self.into = Kept::Words;
            }
            "text" | "title" | "desc" if self.svgs > 0 => self.into = Kept::Words,
            "section" => drop(self.sections.pop()),
            "table" => self.in_table = false,
            "tr" => {
                let row = self.row.take().unwrap_or_default();
                let Some(table) = self.page.tables.last_mut().filter(|_| self.in_table) else {
                    return;
                };
                if table.head.is_empty() {
                    table.head = row;
                } else if let Some((head, cells)) = row.split_first() {
                    table.rows.push((head.clone(), cells.to_vec()));
                }
            }
            "th" | "td" | "p" => self.into = Kept::Words,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        let text = decoded(text);
        let chart = self.page.charts.last_mut();
        match &self.into {
            Kept::Cell => {
                if let Some(cell) = self.row.as_mut().and_then(|row| row.last_mut()) {
                    *cell += &text;
                }
            }
            Kept::Base(id) => *self.page.bases.entry(id.clone()).or_default() += &text,
            Kept::Said => self.page.said += &text,
            Kept::Title => {}
            Kept::Described | Kept::Label | Kept::Plain => {
                let Some(chart) = chart else { return };
                let drawn = chart.drawn.last_mut();
                let words = match self.into {
                    Kept::Described => Some(&mut chart.described),
                    Kept::Label => drawn.map(|drawn| &mut drawn.label),
                    _ => drawn.and_then(|it| it.texts.last_mut()).map(|it| &mut it.text),
                };
                words.into_iter().for_each(|words| *words += &text);
            }
            // Beside cells and charts there is nothing but space.
            Kept::Words if self.in_table || self.svgs > 0 => {
                if text.contains(char::is_numeric) && (self.row.is_some() || self.svgs > 0) {
                    self.page.odd.push(format!("`{}` beside the cells and charts", text.trim()));
                }
            }
            Kept::Words => self.page.words += &text,
        }
    }

    fn is_own_words(&self) -> bool {
        let mut sections = self.sections.iter();
        sections.any(|(class, _)| OWN_WORDS.iter().any(|own| has_word(class, own)))
    }
}

fn has_word(class: &str, word: &str) -> bool {
    class.split_ascii_whitespace().any(|known| known == word)
}

enum Piece<'a> {
    Open(&'a str),
    Close(&'a str),
    Text(&'a str),
}

/// A page cut at its tags. A comment is words: whoever looks at the page's source reads it.
struct Pieces<'a>(&'a str);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if self.0.is_empty() {
            return None;
        }
        let is_tag = |rest: &str| {
            let next = rest[1..].trim_start_matches('/').chars().next();
            next.is_some_and(|sign| sign.is_ascii_alphabetic())
        };
        if self.0.starts_with('<') && is_tag(self.0) {
            let mut quote = None;
            let end = self.0.char_indices().find(|(_, sign)| {
                match (quote, sign) {
                    (None, '"' | '\'') => quote = Some(*sign),
                    (Some(open), sign) if open == *sign => quote = None,
                    _ => {}
                }
                quote.is_none() && *sign == '>'
            });
            let end = end.map_or(self.0.len(), |(at, _)| at);
            let tag = &self.0[1..end];
            self.0 = &self.0[(end + 1).min(self.0.len())..];
            return Some(tag.strip_prefix('/').map_or(Piece::Open(tag), Piece::Close));
        }
        let mut starts =
            self.0.match_indices('<').filter(|(at, _)| *at > 0 && is_tag(&self.0[*at..]));
        let end = starts.next().map_or(self.0.len(), |(at, _)| at);
        let (text, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(Piece::Text(text))
    }
}

struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
    is_closed: bool,
}

impl Tag {
    fn of(text: &str) -> Tag {
        let text = text.trim_end();
        let is_closed = text.ends_with('/');
        let text = text.trim_end_matches('/');
        let (name, mut rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let mut attributes = BTreeMap::new();
        loop {
            rest = rest.trim_start();
            let end = rest.find(|sign: char| sign == '=' || sign.is_whitespace());
            let (key, after) = rest.split_at(end.unwrap_or(rest.len()));
            if key.is_empty() {
                break;
            }
            let Some(value) = after.trim_start().strip_prefix('=') else {
                attributes.insert(key.to_owned(), String::new());
                rest = after;
                continue;
            };
            let value = value.trim_start();
            let quoted = ['"', '\''].into_iter().find_map(|quote| {
                value
                    .strip_prefix(quote)
                    .map(|inside| inside.split_once(quote).unwrap_or((inside, "")))
            });
            let (value, after) = quoted
                .unwrap_or_else(|| value.split_once(char::is_whitespace).unwrap_or((value, "")));
            attributes.insert(key.to_owned(), decoded(value));
            rest = after;
        }
        Tag { name: name.to_ascii_lowercase(), attributes, is_closed }
    }

    fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

/// Characters that are written as references.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out += before;
        let named = after.split_once(';').and_then(|(name, after)| Some((reference(name)?, after)));
        match named {
            Some((sign, after)) => {
                out.push(sign);
                rest = after;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out + rest
}

fn reference(name: &str) -> Option<char> {
    let number = name.strip_prefix('#');
    let code = number.map(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    });
    match (code, name) {
        (Some(code), _) => char::from_u32(code.ok()?),
        (None, "amp") => Some('&'),
        (None, "lt") => Some('<'),
        (None, "gt") => Some('>'),
        (None, "quot") => Some('"'),
        (None, "nbsp") => Some('\u{a0}'),
        (None, "middot") => Some('·'),
        (None, "ndash") => Some('–'),
        (None, "minus") => Some('−'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_and_a_chart_are_read_though_the_page_is_not_well_formed() {
        let page = read(
            "<p>Før<br>efter & <b>37</b><section class='result' id=q-a><p class=\"base\">90 svarede</p>\
             <table><caption id=\"t-q-a\">A</caption><tr><th>Svar<th>Andel</tr>\
             <tr><th>Ja &#x2F; nej</th><td>4<!-- 4,4 -->7&nbsp;%</td></tr></table>\
             <svg class=\"chart bars\" aria-labelledby=\"c-q-a-0-title\"><title>T</title><desc>D 5</desc>\
             <svg y=\"0em\"><text class=\"label\">Ja</text></svg><svg class=\"plot\" viewBox=\"0 0 100 20\">\
             <rect class=\"value\" width=\"47\"/></svg><svg><text class=\"number\" x=\"39%\">47 %</text></svg>\
             </svg>",
        );
        let [table] = &page.tables[..] else { panic!("one table") };
        assert_eq!(
            (table.id.as_str(), &table.head[..]),
            ("t-q-a", &["Svar", "Andel"].map(str::to_owned)[..])
        );
        assert_eq!(table.rows, [("Ja / nej".to_owned(), vec!["4<!-- 4,4 -->7\u{a0}%".to_owned()])]);
        let [chart] = &page.charts[..] else { panic!("one chart") };
        assert_eq!((chart.id.as_str(), chart.kind.as_str()), ("c-q-a-0", "bars"));
        let [bar] = &chart.drawn[..] else { panic!("one bar: {chart:?}") };
        assert_eq!((bar.label.as_str(), bar.shapes[0].whole("width")), ("Ja", Some(47)));
        assert_eq!((bar.texts[0].x.as_str(), bar.texts[0].text.as_str()), ("39%", "47 %"));
        assert_eq!(page.bases["q-a"], "90 svarede");
        assert!(page.words.contains("37") && page.odd.is_empty(), "{page:?}");
    }

    #[test]
    fn what_could_hide_a_figure_in_a_table_or_chart_is_told() {
        for odd in [
            "<table><tr><td title=\"31,4\">·</td></tr></table>",
            "<svg class=\"chart\"><rect transform=\"scale(2)\"/></svg>",
            "<svg class=\"chart\"><g></g></svg>",
            "<svg class=\"chart\"><tspan>31</tspan></svg>",
            "<svg class=\"chart\">31</svg>",
        ] {
            assert!(!read(odd).odd.is_empty(), "{odd}");
        }
    }
}
