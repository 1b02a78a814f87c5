//! The charts of questions: what a ruler would measure, and the numbers beside it.

use super::read::{Chart, Drawn, Shape};
use super::tables::{of_group, of_trend, variables};
use super::{Check, Expected, Held, Say, numbers, squeezed, units};
use crate::results::audit::agree::place;
use crate::results::figure::{Figure, Measure, Value};
use crate::results::sheet::Known;

impl Check<'_> {
    /// Every chart of a question that there is.
    pub(super) fn charts(&mut self, held: &Held<'_>) {
        let prefix = held.shown.prefix;
        for asked in held.questions() {
            let id = format!("c-{prefix}-{}", asked.id);
            if let Some(chart) = self.chart(&id) {
                self.diverging(held, &chart, &asked.items);
            }
            for (at, item) in asked.items.iter().enumerate() {
                if let Some(chart) = self.chart(&format!("{id}-{at}")) {
                    self.bars(held, &chart, item);
                }
                for variable in variables(held, item) {
                    if let Some(chart) = self.chart(&format!("{id}-{at}-{variable}")) {
                        self.dots(held, &chart, item, variable);
                    }
                }
            }
            let mut at = 0;
            while let Some(chart) = self.chart(&format!("{id}-trend-{at}")) {
                self.tracks(held, &chart, &of_trend(held, &asked, at));
                at += 1;
            }
        }
    }

    /// A chart with the labels of the first page, which draws the same in the same order.
    fn chart(&mut self, id: &str) -> Option<Chart> {
        let own = self.page.charts.iter().find(|chart| chart.id == id)?;
        self.seen.insert(id.to_owned());
        let first = self.first.charts.iter().find(|chart| chart.id == id);
        let Some(first) = first.filter(|first| first.drawn.len() == own.drawn.len()) else {
            self.fault(format!("has a chart `{id}` of other parts than index.html"));
            return None;
        };
        // The words below it have the labels of their own page.
        let labels = own.drawn.iter().map(|drawn| squeezed(&drawn.label));
        let described = without(&squeezed(&own.described), labels.collect());
        let drawn = first
            .drawn
            .iter()
            .zip(&own.drawn)
            .map(|(first, own)| Drawn { label: first.label.clone(), ..own.clone() });
        Some(Chart { id: id.to_owned(), kind: own.kind.clone(), described, drawn: drawn.collect() })
    }

    /// A length or place as it is drawn, and as the data have it.
    fn measures(&mut self, drawn: &str, has: Option<i64>, wanted: Option<i64>, of: &str) {
        if has != wanted {
            let written = |it: Option<i64>| it.map_or_else(|| "·".to_owned(), |it| it.to_string());
            let (has, wanted) = (written(has), written(wanted));
            self.fault(format!("draws {drawn} {has} where results.csv has {wanted}: {of}"));
        }
    }

    fn scale(&mut self, chart: &Chart, drawn: &Drawn, wanted: &str) {
        let has = drawn.view_box.as_deref().unwrap_or("nothing");
        if has != wanted {
            let id = &chart.id;
            self.fault(format!(
                "draws the chart `{id}` on a scale of `{has}` and not of `{wanted}`"
            ));
        }
    }

    fn unlabelled(&mut self, chart: &Chart, drawn: &Drawn) {
        let (id, label) = (&chart.id, &drawn.label);
        self.fault(format!(
            "has `{label}` in the chart `{id}`, which results-excel.csv does not have"
        ));
    }

    /// The number beside what is drawn.
    fn number(&mut self, drawn: &Drawn, expected: &Expected<'_>) {
        let text: String = drawn.texts_of("number").map(|text| text.text.as_str()).collect();
        self.says(&text, expected);
    }

    fn bars(&mut self, held: &Held<'_>, chart: &Chart, item: &Known) {
        let all = of_group(held, &held.of_item(item), None);
        let shares: Vec<usize> = all.into_iter().filter(|at| is_share(held.figure(*at))).collect();
        let mut many = 0;
        for drawn in &chart.drawn {
            self.scale(chart, drawn, "0 0 100 20");
            if let Some(rest) = drawn.shapes_of("hidden").next() {
                let left = left(shares.iter().filter_map(|at| held.figure(*at).value));
                self.measures("a grey bar of", rest.whole("width"), Some(left), &item.question);
                continue;
            }
            many += 1;
            let found = held.called(&shares, &drawn.label, |words| &words.choice);
            let figures: Vec<&Figure> = found.iter().map(|at| held.figure(*at)).collect();
            let has = drawn.shapes_of("value").next().and_then(|bar| bar.whole("width"));
            let length = |figure: &&Figure| figure.value.map_or(0, units);
            let fits = |figure: &&&Figure| Some(length(figure)) == has;
            let Some(figure) = figures.iter().find(fits).or(figures.first()) else {
                self.unlabelled(chart, drawn);
                continue;
            };
            self.measures("a bar of", has, Some(length(figure)), &place(figure));
            let is_moved = drawn.texts_of("number").any(|text| text.x != "0%");
            if figure.value.is_none() && is_moved {
                self.fault(format!("moves the dot of a hidden bar: {}", place(figure)));
            }
            self.number(drawn, &Expected::Figure(figures, Say::Value));
        }
        if many != shares.len() {
            let (id, has) = (&chart.id, shares.len());
            self.fault(format!("has {many} bars in the chart `{id}` where results.csv has {has}"));
        }
        let known: Vec<String> =
            shares.iter().filter_map(|at| held.figure(*at).value.map(numbers::written)).collect();
        for number in numbers::of(&chart.described) {
            if !known.contains(&number) {
                let id = &chart.id;
                self.fault(format!(
                    "says {number} of the chart `{id}`, which is none of its figures"
                ));
            }
        }
    }

    /// Rows of a matrix from one end to the other, in half percents.
    fn diverging(&mut self, held: &Held<'_>, chart: &Chart, items: &[&Known]) {
        let all: Vec<usize> = items.iter().flat_map(|item| held.of_item(item)).collect();
        let all = of_group(held, &all, None);
        for drawn in &chart.drawn {
            let rows = held.called(&all, &drawn.label, |words| &words.row);
            let row = rows.first().map(|at| &held.figure(*at).row);
            let Some(item) = items.iter().find(|item| Some(&item.row) == row) else {
                self.unlabelled(chart, drawn);
                continue;
            };
            let of = |choice: &str| {
                let mut own = rows.iter().map(|at| held.figure(*at)).filter(|it| is_share(it));
                own.find(|figure| figure.choices.first().is_some_and(|first| first == choice))
            };
            let (mut parts, mut aside) = (Vec::new(), Vec::new());
            for choice in &item.choices {
                let is_apart = choice.exclusive && choice.value.is_none();
                let kind = if is_apart { &mut aside } else { &mut parts };
                kind.extend(of(&choice.id));
            }
            self.row(drawn, &parts, &aside);
        }
    }

    fn row(&mut self, drawn: &Drawn, parts: &[&Figure], aside: &[&Figure]) {
        let rects: Vec<&Shape> = drawn.shapes_of("part").collect();
        let (hidden, own): (Vec<&Shape>, Vec<&Shape>) = rects
            .iter()
            .copied()
            .partition(|rect| rect.class.split(' ').any(|word| word == "hidden"));
        let at = parts.first().map_or_else(String::new, |figure| {
            place(&Figure { choices: Vec::new(), ..(*figure).clone() })
        });
        let (has, wants) = (own.len() as i64, parts.len() as i64);
        self.measures("a number of parts,", Some(has), Some(wants), &at);
        for (rect, figure) in own.iter().zip(parts) {
            let wanted = 2 * figure.value.map_or(0, units);
            self.measures("half percents", rect.whole("width"), Some(wanted), &place(figure));
        }
        let shown = parts.iter().chain(aside).filter_map(|figure| figure.value);
        let is_hidden = parts.iter().any(|figure| figure.value.is_none());
        let wanted = is_hidden.then(|| 2 * left(shown));
        let has = hidden.first().and_then(|rect| rect.whole("width"));
        self.measures("a grey block of half percents", has, wanted, &at);
        // Each begins where the one before it ends.
        for two in rects.windows(2) {
            let end = two[0].whole("x").zip(two[0].whole("width")).map(|(x, width)| x + width);
            self.measures("a part at", two[1].whole("x"), end, &at);
        }
        let values = parts.iter().filter_map(|figure| figure.value.map(numbers::written));
        let values: Vec<String> = values.collect();
        let mut passed = 0;
        for text in drawn.texts_of("on") {
            let said = numbers::of(&text.text);
            // A part too narrow for its number has none.
            match values[passed..].iter().position(|value| said == [value.as_str()]) {
                Some(place) => passed += place + 1,
                None => {
                    let said = &text.text;
                    self.fault(format!("says `{said}` in a part where results.csv does not: {at}"));
                }
            }
        }
        let Some(aside) = aside.first() else { return };
        let notes = drawn.texts_of("note");
        let note: String = notes
            .take_while(|note| !note.text.starts_with('←') && note.class == "note")
            .map(|note| note.text.as_str())
            .collect();
        let after = note.rsplit_once(':').map_or(note.as_str(), |(_, after)| after);
        self.says(after, &Expected::Figure(vec![aside], Say::Value));
    }

    /// Everybody's mean and that of each group, or medians.
    fn dots(&mut self, held: &Held<'_>, chart: &Chart, item: &Known, variable: &str) {
        let all = held.of_item(item);
        let measure = if item.shape == "number" { Measure::Median } else { Measure::Mean };
        let is_own = |at: &usize| {
            let figure = held.figure(*at);
            figure.measure == measure && figure.choices.is_empty()
        };
        let groups = of_group(held, &all, Some(variable)).into_iter();
        let own: Vec<usize> =
            of_group(held, &all, None).into_iter().chain(groups).filter(is_own).collect();
        let notes = chart.drawn.last().map(|drawn| drawn.texts_of("note"));
        let ends: Vec<i64> =
            notes.into_iter().flatten().filter_map(|note| tenths(&note.text)).collect();
        let [from, to] = ends[..] else {
            let id = &chart.id;
            return self.fault(format!("has no two ends of the axis of the chart `{id}`"));
        };
        let width = (to - from).max(1);
        for drawn in &chart.drawn {
            self.scale(chart, drawn, &format!("0 0 {width} 20"));
            let found = held.called(&own, &drawn.label, |words| &words.group);
            let Some(at) = found.first() else {
                self.unlabelled(chart, drawn);
                continue;
            };
            let figure = held.figure(*at);
            let at = place(figure);
            let inside = |value: Value| (units(value) - from).clamp(0, width);
            let path = |class: &str, place: usize| {
                drawn.shapes_of(class).next().and_then(|shape| shape.path().get(place).copied())
            };
            self.measures("a dot at", path("dot", 0), figure.value.map(inside), &at);
            let ends = figure.low.zip(figure.high).filter(|_| figure.value.is_some());
            let [low, high] = [ends.map(|it| it.0), ends.map(|it| it.1)];
            self.measures("an interval from", path("whisker", 0), low.map(inside), &at);
            self.measures("an interval to", path("whisker", 2), high.map(inside), &at);
            self.number(drawn, &Expected::Figure(vec![figure], Say::Value));
        }
    }

    /// Values over time: the last is this survey's, and dots are as far apart as their numbers.
    fn tracks(&mut self, held: &Held<'_>, chart: &Chart, total: &[usize]) {
        for drawn in &chart.drawn {
            let found = held.line(total, &drawn.label);
            let figures: Vec<&Figure> = found.iter().map(|at| held.figure(*at)).collect();
            let numbers: Vec<&str> =
                drawn.texts_of("number").map(|text| text.text.as_str()).collect();
            let expected = match figures.is_empty() {
                true => Expected::Hidden(drawn.label.clone()),
                false => Expected::Figure(figures.clone(), Say::Value),
            };
            self.says(numbers.last().copied().unwrap_or_default(), &expected);
            let is_share = figures.first().is_none_or(|figure| figure.measure.is_share());
            let values: Vec<i64> = numbers
                .iter()
                .filter_map(|text| tenths(text))
                .map(|tenths| if is_share { tenths / 10 } else { tenths })
                .collect();
            let dots: Vec<i64> =
                drawn.shapes_of("dot").filter_map(|dot| dot.path().get(1).copied()).collect();
            let apart = |all: &[i64], way: i64| -> Vec<i64> {
                all.iter().map(|one| way * (one - all[0])).collect()
            };
            if apart(&values, 1) != apart(&dots, -1) {
                let (id, label) = (&chart.id, &drawn.label);
                self.fault(format!("draws other dots than it says: `{label}` in the chart `{id}`"));
            }
        }
    }
}

/// A sentence without the labels in it, which may have numbers of their own; what is within a longer word or number is
/// none.
fn without(sentence: &str, mut labels: Vec<String>) -> String {
    labels.sort_by_key(|label| std::cmp::Reverse(label.len()));
    let mut rest = sentence.to_owned();
    for label in labels.iter().filter(|label| !label.is_empty()) {
        let is_word = |sign: Option<char>| sign.is_some_and(char::is_alphanumeric);
        let found = rest.match_indices(label.as_str()).find(|(at, _)| {
            let (before, after) = (&rest[..*at], &rest[at + label.len()..]);
            !is_word(before.chars().next_back()) && !is_word(after.chars().next())
        });
        if let Some((at, _)) = found {
            rest.replace_range(at..at + label.len(), "");
        }
    }
    rest
}

/// The one number of a text, in tenths.
fn tenths(text: &str) -> Option<i64> {
    let numbers = numbers::of(text);
    let [number] = &numbers[..] else { return None };
    let (whole, tenth) = number.split_once('.').unwrap_or((number, "0"));
    format!("{whole}{tenth}").parse().ok()
}

fn is_share(figure: &Figure) -> bool {
    !figure.choices.is_empty() && matches!(figure.measure, Measure::Percent | Measure::Top)
}

/// What shown shares leave of a whole.
fn left(shown: impl Iterator<Item = Value>) -> i64 {
    (100 - shown.map(units).sum::<i64>()).clamp(0, 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_of_digits_is_no_part_of_a_number() {
        let labels = || ["2", "1:Slet ikke", "1"].map(str::to_owned).to_vec();
        assert_eq!(without("er“1:Slet ikke”og“2”med25%hver.", labels()), "er“”og“”med25%hver.");
        assert_eq!(without("med2%.", labels()), "med2%.");
    }
}
