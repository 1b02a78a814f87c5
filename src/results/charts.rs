//! Charts as inline SVG, drawn from published values alone: a length can be measured, so none of them may
//! say more than the number beside it.
//!
//! Every length in a plot is a whole number in a `viewBox` whose unit is a percent, half a percent (where a
//! middle has to be halved) or a tenth of a mean; the browser stretches it to the width there is. Words
//! stay outside the plots, in lines of the theme's font that grow with the text of the page. Colours are
//! classes (`css/results.css`): a strict policy refuses styles in a page, and a city has its own. No chart
//! leans on colour: bars carry their numbers, parts stand in the order of their legend.

pub mod tracks;

use std::fmt::Write as _;

use super::figure::Value;

/// So many signs stand in one line on the narrowest phone.
const LINE_SIGNS: usize = 34;
/// The plot of a bar chart leaves room for a number beside its longest bar, in percent of the width.
const BARS_WIDTH: i64 = 84;
/// The same of a dot plot, where all numbers stand in one column.
const DOTS_WIDTH: i64 = 80;
/// Heights in quarters of a line: a line of words, a bar, a stacked bar, and what lies between them.
const LINE: u32 = 4;
const BAR: u32 = 4;
const STACK: u32 = 6;
const GAP: u32 = 3;
/// Between words and what they stand over.
const NEAR: u32 = 1;

/// What stands around a plot.
#[derive(Debug, Clone, Copy)]
pub struct Caption<'a> {
    /// Begins the ids of its parts; unique on the page.
    pub id: &'a str,
    /// What the chart shows, for whoever does not see it.
    pub title: &'a str,
    /// What can be read from it, and where its numbers stand.
    pub desc: &'a str,
}

/// A bar: its value as a length and, beside it, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    pub label: String,
    /// None is hidden.
    pub value: Option<Value>,
    pub written: String,
}

/// One row of a diverging chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub label: String,
    /// An odd number of parts from one end to the other, the neutral one in the middle.
    pub parts: Vec<Option<Value>>,
    /// Belongs to the whole, but to no side, as "don't know" does.
    pub aside: Option<Value>,
    /// What is written below it.
    pub note: Option<String>,
}

/// A mean or a quantile with its interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dot {
    pub label: String,
    pub value: Option<Value>,
    pub interval: Option<(Value, Value)>,
    pub written: String,
}

/// Two shares that are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub label: String,
    /// In the population: a ring.
    pub hollow: Value,
    /// Among those who answered: a dot.
    pub filled: Value,
    pub written: String,
}

/// Horizontal bars from 0 to 100 percent, in the order given. `rest` is what the hidden ones of a whole
/// come to together, with its label: one grey bar.
pub fn bars(caption: &Caption<'_>, bars: &[Bar], rest: Option<(&str, u8)>) -> String {
    let mut canvas = Canvas::default();
    for bar in bars {
        canvas.lines("label", &bar.label);
        let percent = bar.value.map_or(0, units);
        let shape = format!(
            r#"<rect class="ground" width="100" height="20"/><rect class="value" width="{percent}" height="20"/>"#
        );
        canvas.plot(BARS_WIDTH, 100, BAR, &shape);
        // Rounded up: on a wide page a percent is more than the gap between a bar and its number.
        canvas.beside((percent * BARS_WIDTH + 99) / 100, &bar.written);
        canvas.down(BAR + GAP);
    }
    if let Some((label, percent)) = rest {
        canvas.lines("label", label);
        let shape = format!(
            r#"<rect class="ground" width="100" height="20"/><rect class="hidden" width="{percent}" height="20"/>"#
        );
        canvas.plot(BARS_WIDTH, 100, BAR, &shape);
        canvas.down(BAR + GAP);
    }
    canvas.svg(caption, "bars")
}

/// Stacked bars with the neutral part in the middle of the chart. What is hidden of a row is one grey block
/// at its end. Which side is which is written below, since both are as dark without colours.
pub fn diverging(caption: &Caption<'_>, rows: &[Row], sides: &[String; 2]) -> String {
    let placed: Vec<Placed> = rows.iter().map(Placed::of).collect();
    let from = placed.iter().map(|row| row.from).min().unwrap_or(0);
    let to = placed.iter().map(|row| row.to).max().unwrap_or(0).max(from + 1);
    let width = to - from;
    let mut canvas = Canvas::default();
    for (row, placed) in rows.iter().zip(&placed) {
        canvas.lines("label", &row.label);
        let mut shape = String::new();
        for block in &placed.blocks {
            let (x, class, wide) = (block.from - from, &block.class, block.width);
            let _ = write!(shape, r#"<rect class="{class}" x="{x}" width="{wide}" height="30"/>"#);
        }
        let middle = -from;
        let _ = write!(shape, r#"<path class="middle" d="M{middle} 0v6M{middle} 24v6"/>"#);
        canvas.plot(100, width, STACK, &shape);
        for block in placed.blocks.iter().filter(|block| 2 * LABELLED_MIN <= block.width) {
            let Some(percent) = block.percent else { continue };
            let at = ((block.from - from) * 100 + block.width * 50) / width;
            canvas.inside(at, &block.class, percent);
        }
        canvas.down(STACK);
        if let Some(note) = &row.note {
            canvas.lines("note", note);
        }
        canvas.down(GAP);
    }
    let [left, right] = sides;
    canvas.lines("note", &format!("← {left}"));
    canvas.lines_at_end(&format!("{right} →"));
    canvas.svg(caption, "diverging")
}

/// A narrower part has no room for its number; the table has it.
const LABELLED_MIN: i64 = 7;

/// The ends of an axis, in the unit of its values and as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    pub from: i64,
    pub to: i64,
    pub ends: [String; 2],
}

/// Dots on an axis that need not begin at nought, and so says where it begins and ends.
pub fn dots(caption: &Caption<'_>, axis: &Axis, dots: &[Dot]) -> String {
    let (from, to) = (axis.from, axis.to);
    let width = (to - from).max(1);
    let inside = |value: Value| (units(value) - from).clamp(0, width);
    let mut canvas = Canvas::default();
    for dot in dots {
        canvas.lines("label", &dot.label);
        let mut shape = format!(r#"<path class="axis" d="M0 10H{width}"/>"#);
        if let (Some(value), Some((low, high))) = (dot.value, dot.interval) {
            let (low, high) = (inside(low), inside(high));
            let _ = write!(shape, r#"<path class="whisker" d="M{low} 10H{high}"/>"#);
            let _ = write!(shape, r#"<path class="dot" d="M{} 10h0"/>"#, inside(value));
        } else if let Some(value) = dot.value {
            let _ = write!(shape, r#"<path class="dot" d="M{} 10h0"/>"#, inside(value));
        }
        canvas.plot(DOTS_WIDTH, width, BAR, &shape);
        canvas.beside(DOTS_WIDTH, &dot.written);
        canvas.down(BAR + GAP);
    }
    canvas.ends(&axis.ends);
    canvas.svg(caption, "dots")
}

/// Pairs of a ring and a dot from 0 percent to the largest of them, with what is written of each.
pub fn pairs(caption: &Caption<'_>, pairs: &[Pair]) -> String {
    let each = pairs.iter().flat_map(|pair| [units(pair.hollow), units(pair.filled)]);
    // A round end, so that charts of the same page are alike.
    let width = (each.max().unwrap_or(0) / 10 + 1) * 10;
    let mut canvas = Canvas::default();
    for pair in pairs {
        canvas.lines("label", &pair.label);
        let (hollow, filled) = (units(pair.hollow), units(pair.filled));
        let shape = format!(
            r#"<path class="axis" d="M0 10H{width}"/><path class="whisker" d="M{hollow} 10H{filled}"/><path class="ring" d="M{hollow} 10h0"/><path class="hole" d="M{hollow} 10h0"/><path class="dot" d="M{filled} 10h0"/>"#
        );
        canvas.plot(DOTS_WIDTH, width, BAR, &shape);
        canvas.beside(DOTS_WIDTH, &pair.written);
        canvas.down(BAR + GAP);
    }
    canvas.svg(caption, "pairs")
}

/// A value in the unit it is drawn in: percents or tenths.
fn units(value: Value) -> i64 {
    match value {
        Value::Percent(percent) => i64::from(percent),
        Value::Tenths(tenths) => tenths,
    }
}

/// What the shown shares of a whole leave to the hidden ones, in percent.
pub fn left_to_hidden(shown: impl Iterator<Item = Value>) -> u8 {
    let shown: i64 = shown.map(units).sum();
    u8::try_from((100 - shown).clamp(0, 100)).expect("from 0 to 100")
}

/// The blocks of a diverging row, in half percents from the middle of its neutral part.
struct Placed {
    from: i64,
    to: i64,
    blocks: Vec<Block>,
}

struct Block {
    class: String,
    from: i64,
    width: i64,
    percent: Option<i64>,
}

impl Placed {
    fn of(row: &Row) -> Placed {
        let width = |part: &Option<Value>| part.map_or(0, |value| 2 * units(value));
        let middle = row.parts.len() / 2;
        let left: i64 = row.parts[..middle].iter().map(width).sum();
        let mut at = -left - width(&row.parts[middle]) / 2;
        let from = at;
        let mut blocks = Vec::new();
        for (place, part) in row.parts.iter().enumerate() {
            let class = format!("part {}", side(place, row.parts.len()));
            let percent = part.map(units);
            blocks.push(Block { class, from: at, width: width(part), percent });
            at += width(part);
        }
        if row.parts.iter().any(Option::is_none) {
            let shown = row.parts.iter().flatten().chain(&row.aside).copied();
            let width = 2 * i64::from(left_to_hidden(shown));
            blocks.push(Block { class: "part hidden".to_owned(), from: at, width, percent: None });
            at += width;
        }
        Placed { from, to: at.max(0), blocks }
    }
}

/// The class of a part: the neutral one, and on either side the mild and the strong ones.
pub fn side(place: usize, parts: usize) -> &'static str {
    let middle = parts / 2;
    match (place.cmp(&middle), place == 0 || place + 1 == parts) {
        (std::cmp::Ordering::Equal, _) => "neutral",
        (std::cmp::Ordering::Less, true) => "low-end",
        (std::cmp::Ordering::Less, false) => "low",
        (std::cmp::Ordering::Greater, true) => "high-end",
        (std::cmp::Ordering::Greater, false) => "high",
    }
}

/// A drawing that grows downwards, in quarters of a line.
#[derive(Default)]
struct Canvas {
    body: String,
    y: u32,
}

impl Canvas {
    fn down(&mut self, by: u32) {
        self.y += by;
    }

    /// Words, in as many lines as they need.
    fn lines(&mut self, class: &str, words: &str) {
        for line in wrapped(words) {
            let (y, line) = (self.y, escaped(&line));
            let _ = write!(
                self.body,
                r#"<svg y="{y}em"><text class="{class}" y="1em">{line}</text></svg>"#
            );
            self.down(LINE);
        }
        self.down(NEAR);
    }

    /// Words that end where the drawing does.
    fn lines_at_end(&mut self, words: &str) {
        for line in wrapped(words) {
            let (y, line) = (self.y, escaped(&line));
            let _ = write!(
                self.body,
                r#"<svg y="{y}em"><text class="note end" x="100%" y="1em">{line}</text></svg>"#
            );
            self.down(LINE);
        }
        self.down(NEAR);
    }

    /// A plot of its own units over `width` percent of the drawing.
    fn plot(&mut self, width: i64, units: i64, height: u32, shape: &str) {
        let (y, tall) = (self.y, 5 * height);
        let _ = write!(
            self.body,
            r#"<svg class="plot" y="{y}em" width="{width}%" height="{height}em" viewBox="0 0 {units} {tall}" preserveAspectRatio="none">{shape}</svg>"#
        );
    }

    /// A number to the right of what ends at `x` percent.
    fn beside(&mut self, x: i64, written: &str) {
        let (y, written) = (self.y, escaped(written));
        let _ = write!(
            self.body,
            r#"<svg y="{y}em"><text class="number" x="{x}%" dx="8" y="1em">{written}</text></svg>"#
        );
    }

    /// A number in the middle of a stacked bar.
    fn inside(&mut self, x: i64, class: &str, percent: i64) {
        let y = self.y;
        let _ = write!(
            self.body,
            r#"<svg y="{y}em"><text class="on {class}" x="{x}%" y="1em" dy="4">{percent}</text></svg>"#
        );
    }

    /// What an axis begins and ends with.
    fn ends(&mut self, [from, to]: &[String; 2]) {
        let (y, from, to) = (self.y, escaped(from), escaped(to));
        let _ = write!(
            self.body,
            r#"<svg y="{y}em"><text class="note" y="1em">{from}</text><text class="note end" x="{DOTS_WIDTH}%" y="1em">{to}</text></svg>"#
        );
        self.down(LINE + NEAR);
    }

    fn svg(self, caption: &Caption<'_>, class: &str) -> String {
        let Caption { id, title, desc } = caption;
        let (id, height, body) = (escaped(id), self.y, self.body);
        let (title, desc) = (escaped(title), escaped(desc));
        format!(
            r#"<svg class="chart {class}" role="img" width="100%" height="{height}em" aria-labelledby="{id}-title" aria-describedby="{id}-desc" focusable="false"><title id="{id}-title">{title}</title><desc id="{id}-desc">{desc}</desc>{body}</svg>"#
        )
    }
}

/// Text for HTML and SVG.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(sign),
        }
    }
    out
}

/// Lines of at most [`LINE_SIGNS`]; a longer word is broken.
fn wrapped(words: &str) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    let mut room = LINE_SIGNS;
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        let signs: Vec<char> = word.chars().collect();
        for (at, piece) in signs.chunks(LINE_SIGNS).enumerate() {
            let line = lines.last_mut().expect("there is always a line");
            let space = usize::from(!line.is_empty());
            if at > 0 || piece.len() + space > room {
                lines.push(piece.iter().collect());
                room = LINE_SIGNS - piece.len();
            } else {
                line.extend(std::iter::repeat_n(' ', space).chain(piece.iter().copied()));
                room -= piece.len() + space;
            }
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPTION: Caption<'_> =
        Caption { id: "q-often", title: "Hvor ofte?", desc: "Tallene står i tabellen" };

    fn bar(label: &str, percent: Option<u8>) -> Bar {
        let written = percent.map_or("·".to_owned(), |percent| format!("{percent} %"));
        Bar { label: label.to_owned(), value: percent.map(Value::Percent), written }
    }

    fn parts(percents: [Option<u8>; 5]) -> Row {
        let parts = percents.map(|part| part.map(Value::Percent)).to_vec();
        Row { label: "Rent".to_owned(), parts, aside: None, note: None }
    }

    fn sides() -> [String; 2] {
        ["Dårlig", "God"].map(str::to_owned)
    }

    /// The numbers of an attribute, in order.
    fn numbers(svg: &str, class: &str, attribute: &str) -> Vec<String> {
        let rects = svg.split('<').filter(|tag| tag.starts_with("rect") && tag.contains(class));
        let value = |tag: &str| {
            let after = tag.split_once(&format!(" {attribute}=\""))?.1;
            Some(after.split_once('"')?.0.to_owned())
        };
        rects.filter_map(value).collect()
    }

    #[test]
    fn a_bar_is_as_long_as_its_number() {
        let svg = bars(&CAPTION, &[bar("Hver dag", Some(37)), bar("Aldrig", Some(0))], None);
        assert_eq!(numbers(&svg, "\"value\"", "width"), ["37", "0"]);
        assert!(svg.contains("Hver dag") && svg.contains("37 %"));
        // Its number begins behind its end (37 % of 84 % is 31.08 %), and that of no length where bars begin.
        assert!(svg.contains("x=\"32%\"") && svg.contains("x=\"0%\""));
    }

    #[test]
    fn hidden_parts_of_a_whole_are_one_grey_bar() {
        let rows = [bar("Hver dag", Some(81)), bar("Uge", None), bar("Aldrig", None)];
        let rest = left_to_hidden(rows.iter().filter_map(|bar| bar.value));
        let svg = bars(&CAPTION, &rows, Some(("Skjult", rest)));
        assert_eq!(numbers(&svg, "\"hidden\"", "width"), ["19"]);
        assert_eq!(numbers(&svg, "\"value\"", "width"), ["81", "0", "0"]);
    }

    #[test]
    fn the_neutral_part_has_the_middle_of_the_chart_in_its_middle() {
        let rows = [
            parts([Some(10), Some(20), Some(31), Some(25), Some(14)]),
            parts([Some(0), Some(5), Some(10), Some(45), Some(40)]),
        ];
        let svg = diverging(&CAPTION, &rows, &sides());
        // From -91 to 180 in half percents.
        assert_eq!(numbers(&svg, "neutral", "x"), ["60", "81"]);
        assert_eq!(numbers(&svg, "neutral", "width"), ["62", "20"]);
        assert_eq!(svg.matches(r#"d="M91 0v6M91 24v6""#).count(), 2);
        assert!(svg.contains("← Dårlig</text>") && svg.contains("God →</text>"));
    }

    #[test]
    fn what_is_hidden_of_a_row_is_one_block_at_its_end() {
        let svg =
            diverging(&CAPTION, &[parts([None, Some(20), Some(30), Some(40), None])], &sides());
        assert_eq!(numbers(&svg, "part hidden", "width"), ["20"]);
        assert_eq!(svg.matches("part hidden").count(), 1);
    }

    #[test]
    fn nothing_in_a_chart_has_a_decimal() {
        let rows = [parts([Some(11), Some(20), Some(31), Some(25), Some(13)])];
        let dot = |tenths| Dot {
            label: "Valby".to_owned(),
            value: Some(Value::Tenths(tenths)),
            interval: Some((Value::Tenths(tenths - 2), Value::Tenths(tenths + 3))),
            written: "6".to_owned(),
        };
        let pair = Pair {
            label: "16-24".to_owned(),
            hollow: Value::Percent(13),
            filled: Value::Percent(6),
            written: "-7".to_owned(),
        };
        let axis = Axis { from: 0, to: 100, ends: ["0".to_owned(), "10".to_owned()] };
        let all = [
            bars(&CAPTION, &[bar("Hver dag", Some(33))], None),
            diverging(&CAPTION, &rows, &sides()),
            dots(&CAPTION, &axis, &[dot(64), dot(-5)]),
            pairs(&CAPTION, &[pair]),
        ];
        for svg in all {
            let finer = svg.as_bytes().windows(3).any(|three| {
                three[0].is_ascii_digit() && three[1] == b'.' && three[2].is_ascii_digit()
            });
            assert!(!finer && !svg.contains("style"), "{svg}");
        }
    }

    #[test]
    fn a_chart_has_a_name_and_a_description() {
        let svg = bars(&CAPTION, &[bar("A & <b>", Some(1))], None);
        assert!(svg.contains(r#"aria-labelledby="q-often-title""#));
        assert!(svg.contains(r#"<title id="q-often-title">Hvor ofte?</title>"#));
        assert!(svg.contains("A &amp; &lt;b&gt;"));
    }

    #[test]
    fn labels_are_broken_where_a_phone_ends() {
        let lines = wrapped("Faglært, fx tømrer eller social- og sundhedshjælper");
        assert_eq!(lines, ["Faglært, fx tømrer eller social-", "og sundhedshjælper"]);
        assert!(wrapped(&"x".repeat(80)).iter().all(|line| line.chars().count() <= LINE_SIGNS));
    }
}
