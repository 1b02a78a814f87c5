//! One question of a form: its kind, its limits, its answers.

use std::collections::HashMap;

use super::build::Builder;
use super::choices::{self, Wanted};
use super::plan;
use super::types::{Select, Type};
use crate::foreign::draft::{Answers, Choice, Marker, Question, Rule, Setting, Words};
use crate::foreign::logic::{self, Subject};
use crate::foreign::meaning::{self, Scope};
use crate::foreign::prose::Placeholder;
use crate::foreign::report::{Done, Place};
use crate::foreign::table::Row;

/// The most points of a scale.
const POINTS_MAX: f64 = 11.0;

impl<'b> Builder<'_, 'b, '_> {
    /// The kind, the settings and the answers of a question whose texts are there.
    pub fn fill(&mut self, question: &mut Question, row: &'b Row, what: &Type, order: usize) {
        let place = self.form.survey.place(row, "type");
        let raw = self.form.survey.columns.read(row, "type");
        match what {
            Type::Select { how, list, or_other } => {
                let wanted = Wanted { list, or_other: *or_other, row };
                self.select(question, *how, &wanted, order);
            }
            Type::Integer => question.kind = Some("number".to_owned()),
            Type::Decimal => {
                question.kind = Some("number".to_owned());
                question.settings.push(Setting::value("step", "0.01".to_owned(), raw, &place));
                self.report.add(&place, raw, Done::Replaced, "a number with two decimals");
            }
            Type::Range => self.range(question, row),
            Type::Date => self.date(question, row, raw, &place),
            Type::DateTime => {
                question.kind = Some("date".to_owned());
                self.report.add(&place, raw, Done::Replaced, "a date without the time of day");
            }
            Type::Time => question.kind = Some("time".to_owned()),
            Type::Acknowledge => self.acknowledge(question, row, raw, &place),
            Type::Geo => {
                question.kind = Some("place=districts".to_owned());
                let why = "an area of the map content/maps/districts.svg, not an exact place";
                self.report.add(&place, raw, Done::Replaced, why);
            }
            _ => question.answers = Answers::Lines(1),
        }
        self.looks(question, row);
        if let Some(subject) = self.plan.subjects.get(self.form.survey.columns.peek(row, "name")) {
            self.constraint(question, row, what, subject, order);
        }
        if question.kind.as_deref() != Some("consent") {
            question.required = self.required(row);
        }
    }

    fn select(&mut self, question: &mut Question, how: Select, wanted: &Wanted, order: usize) {
        let (form, scope) = (self.form, self.scope(order));
        let pipes = self.pipes(order);
        let mut choices = choices::of_question(form, wanted, scope, &pipes, self.report);
        let listed = form.lists.get(wanted.list);
        for choice in &mut choices {
            let name = listed.and_then(|list| list.items.iter().find(|item| item.id == choice.id));
            choice.other |= name.is_some_and(|item| {
                self.plan.others.contains(&(question.id.clone(), item.name.clone()))
            });
        }
        if choices.len() == 1 && !choices[0].other {
            let text = form.own_words("Ingen af dem", "None of these");
            let (id, place) = ("none-of-these".to_owned(), choices[0].place.clone());
            let why = "a list has two choices at least: “none of these” was added";
            self.report.add(&place, &choices[0].text[0], Done::Replaced, why);
            choices.push(Choice { id, text, ..Choice::default() });
        }
        let marker = match how {
            Select::One => Marker::Round,
            Select::Multiple => Marker::Square,
            Select::Rank => Marker::Number,
        };
        question.answers = Answers::List(marker, choices);
        self.order_of_choices(question, wanted.row);
    }

    /// `randomize=true`
    fn order_of_choices(&mut self, question: &mut Question, row: &Row) {
        let place = self.form.survey.place(row, "parameters");
        let raw = self.form.survey.columns.read(row, "parameters");
        for (key, value) in parameters(raw) {
            if key == "randomize" && value.starts_with("true") {
                question.settings.push(Setting::word("shuffle", raw, &place));
            } else if !(key == "randomize" && value == "false") {
                let why = "this parameter has no counterpart";
                self.report.add(&place, &format!("{key}={value}"), Done::Dropped, why);
            }
        }
    }

    fn range(&mut self, question: &mut Question, row: &Row) {
        let place = self.form.survey.place(row, "parameters");
        let raw = self.form.survey.columns.read(row, "parameters");
        let mut values: HashMap<String, f64> = HashMap::new();
        for (key, value) in parameters(raw) {
            match value.parse::<f64>() {
                Ok(number) if ["start", "end", "step"].contains(&key.as_str()) => {
                    values.insert(key, number);
                }
                _ => {
                    let why = "this parameter has no counterpart";
                    self.report.add(&place, &format!("{key}={value}"), Done::Dropped, why);
                }
            }
        }
        let value = |key: &str, default: f64| values.get(key).copied().unwrap_or(default);
        let (start, end, step) = (value("start", 1.0), value("end", 10.0), value("step", 1.0));
        let whole = [start, end, step].iter().all(|number| number.fract() == 0.0);
        if whole && step == 1.0 && start >= 0.0 && start < end && end - start < POINTS_MAX {
            question.kind = Some(format!("scale={start}..{end}"));
            labels(question, start, end);
            return;
        }
        question.kind = Some("number".to_owned());
        let (low, high) = if start <= end { (start, end) } else { (end, start) };
        for (name, number) in [("min", low), ("max", high), ("step", step.abs())] {
            let plain = logic::decimal(number).ok().filter(|_| name != "step" || number > 0.0);
            match plain {
                Some(text) => question.settings.push(Setting::value(name, text, raw, &place)),
                None => self.report.add(
                    &place,
                    raw,
                    Done::Dropped,
                    format!("{name} is no plain number"),
                ),
            }
        }
        let what = if raw.is_empty() { "range" } else { raw };
        let why = "a number field: a scale has 11 points at most, one apart";
        self.report.add(&place, what, Done::Replaced, why);
    }

    fn date(&mut self, question: &mut Question, row: &Row, raw: &str, place: &Place) {
        let words: Vec<String> = plan::appearance(self.form, row).map(str::to_lowercase).collect();
        let year = words.iter().any(|word| word == "year");
        question.kind = Some(if year { "year" } else { "date" }.to_owned());
        if words.iter().any(|word| word == "month-year") {
            self.report.add(place, raw, Done::Replaced, "a whole date, with a day");
        }
    }

    fn acknowledge(&mut self, question: &mut Question, row: &Row, raw: &str, place: &Place) {
        let yes = self.form.own_words("Ja", "Yes");
        if self.required(row) {
            question.kind = Some("consent".to_owned());
            let choice = Choice { text: yes, ..Choice::default() };
            question.answers = Answers::List(Marker::Square, vec![choice]);
            return;
        }
        let choice =
            |id: &str, text: Words| Choice { id: id.to_owned(), text, ..Choice::default() };
        let no = self.form.own_words("Nej", "No");
        question.answers = Answers::List(Marker::Round, vec![choice("yes", yes), choice("no", no)]);
        self.report.add(place, raw, Done::Replaced, "yes and no, since nobody has to agree");
    }

    /// The column `appearance`.
    fn looks(&mut self, question: &mut Question, row: &Row) {
        let place = self.form.survey.place(row, "appearance");
        let raw = self.form.survey.columns.read(row, "appearance");
        let mut lost = Vec::new();
        for word in raw.split_whitespace() {
            match (word.to_lowercase().as_str(), &mut question.answers) {
                ("minimal" | "search" | "autocomplete", Answers::List(Marker::Round, _)) => {
                    if !question.settings.iter().any(|setting| setting.name == "dropdown") {
                        question.settings.insert(0, Setting::word("dropdown", raw, &place));
                    }
                }
                ("multiline", Answers::Lines(count)) => *count = 3,
                // The kind says so already, or it is what the program does.
                ("year" | "month-year", _) if question.kind.is_some() => {}
                ("vertical", _) => {}
                _ => lost.push(word),
            }
        }
        if !lost.is_empty() {
            let why = "the survey is shown in the program's own way";
            self.report.add(&place, &lost.join(" "), Done::Dropped, why);
        }
    }

    /// Whether an answer has to be given.
    pub fn required(&mut self, row: &Row) -> bool {
        let place = self.form.survey.place(row, "required");
        let raw = self.form.survey.columns.read(row, "required");
        match raw.to_lowercase().replace(' ', "").as_str() {
            "" | "no" | "false" | "false()" | "0" | "n" | "f" => false,
            _ if plan::is_yes(raw) => true,
            _ => {
                let why = "a question is required always or never: it may be left open";
                self.report.add(&place, raw, Done::Dropped, why);
                false
            }
        }
    }

    fn constraint(
        &mut self,
        question: &mut Question,
        row: &'b Row,
        what: &Type,
        subject: &Subject,
        order: usize,
    ) {
        let raw = self.form.survey.columns.read(row, "constraint");
        if raw.is_empty() {
            return;
        }
        let place = self.form.survey.place(row, "constraint");
        let whole = matches!(what, Type::Integer) || question.kind.as_deref() == Some("year");
        let scope = Scope { here: Some(subject), ..self.scope(order) };
        let rules = match meaning::constraint(raw, whole, scope) {
            Ok(rules) => rules,
            Err(why) => vec![Err(why)],
        };
        let mut checks = Vec::new();
        for rule in rules {
            match rule {
                Ok(meaning::Rule::Limit(name, value)) => {
                    if question.settings.iter().any(|setting| setting.name == name)
                        || !limits(question, name)
                    {
                        let why =
                            format!("this question has no place for a further {name}={value}");
                        self.report.add(&place, raw, Done::Dropped, why);
                    } else {
                        question.settings.push(Setting::value(name, value, raw, &place));
                    }
                }
                Ok(meaning::Rule::Alone(choice)) => {
                    self.alone(question, subject, &choice, raw, &place)
                }
                Ok(meaning::Rule::Check(logic)) => checks.push(logic),
                Err(why) => {
                    question.comments.push(format!("constraint: {raw}"));
                    self.report.add(&place, raw, Done::Comment, why);
                }
            }
        }
        if let Some(text) = logic::Logic::and(checks).write() {
            let source = raw.to_owned();
            question.check = Some(Rule { text, cue: None, source, place });
            question.message = self.message(row);
        }
    }

    fn alone(
        &mut self,
        question: &mut Question,
        subject: &Subject,
        choice: &str,
        raw: &str,
        place: &Place,
    ) {
        let ids = subject.codes.get(choice).cloned().unwrap_or_default();
        let mut found = false;
        if let Answers::List(Marker::Square, choices) = &mut question.answers {
            for choice in choices.iter_mut().filter(|choice| ids.contains(&choice.id)) {
                choice.flags = vec!["exclusive"];
                found = true;
            }
        }
        if !found {
            let why = format!("there is no choice `{choice}` to stand alone");
            self.report.add(place, raw, Done::Dropped, why);
        }
    }

    /// What is said where the check fails: plain text.
    fn message(&mut self, row: &'b Row) -> Option<Words> {
        let sheet = &self.form.survey;
        let words = self.form.line(sheet, row, "constraint_message", &NoAnswers, self.report);
        let words = words.unwrap_or_else(|| {
            self.form.own_words(
                "Svaret passer ikke sammen med de andre svar.",
                "This does not fit with your other answers.",
            )
        });
        Some(words.iter().map(|text| text.replace('\\', "")).collect())
    }
}

/// Messages are the same for everybody.
struct NoAnswers;

impl Placeholder for NoAnswers {
    fn read(&self, text: &str) -> Option<(usize, Result<String, String>)> {
        let inner = text.strip_prefix("${")?;
        let end = inner.find('}')?;
        let why = format!("the answer to `{}`, which a message cannot say", inner[..end].trim());
        Some((end + 3, Err(why)))
    }
}

/// Lines of the help that say what a point means, as in `10: I høj grad`, become its label: a form has
/// no other place for them.
fn labels(question: &mut Question, start: f64, end: f64) {
    let mut labels: Vec<Choice> = Vec::new();
    question.help.retain(|words| {
        // The colon was escaped when the line was read.
        let said: Option<Vec<(&str, &str)>> =
            words.iter().map(|text| text.split_once("\\: ")).collect();
        let Some((id, _)) = said.as_ref().and_then(|said| said.first().copied()) else {
            return true;
        };
        let said = said.unwrap_or_default();
        let point = id.parse::<u32>().ok().map(f64::from);
        let fits = point.is_some_and(|point| start <= point && point <= end)
            && said.iter().all(|(other, _)| *other == id)
            && labels.iter().all(|label| label.id != id);
        if fits {
            let text = said.iter().map(|(_, text)| (*text).to_owned()).collect();
            labels.push(Choice { id: id.to_owned(), text, ..Choice::default() });
        }
        !fits
    });
    if !labels.is_empty() {
        question.answers = Answers::List(Marker::Point, labels);
    }
}

/// Whether questions of this kind have this limit.
fn limits(question: &Question, name: &str) -> bool {
    let kind = question.kind.as_deref().unwrap_or_default();
    match (name, &question.answers) {
        ("maxlength", Answers::Lines(_)) => true,
        ("min" | "max", Answers::List(Marker::Square, _)) => kind != "consent",
        ("min" | "max", Answers::Nothing) => ["number", "year", "date", "time"].contains(&kind),
        _ => false,
    }
}

/// `start=0 end=10`, with spaces, commas or semicolons between.
fn parameters(raw: &str) -> Vec<(String, String)> {
    let tidy = raw.replace([',', ';'], " ").replace(" =", "=").replace("= ", "=");
    tidy.split_whitespace()
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (key.to_lowercase(), value.to_owned()))
        .collect()
}
