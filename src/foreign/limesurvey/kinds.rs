//! LimeSurvey's types of question.

use super::build::Builder;
use super::structure::{Part, Question as Source};
use crate::foreign::draft::{Answers, Choice, Marker, Question, Setting, Words};
use crate::foreign::logic;
use crate::foreign::names::Names;
use crate::foreign::prose::{self, NoPlaceholder};
use crate::foreign::report::Done;
use crate::survey::ids::Named;

/// What a type becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Choice {
        dropdown: bool,
        comment: bool,
    },
    Choices {
        comments: bool,
    },
    Text(u32),
    Number,
    Date,
    /// Choices that the type brings along: codes, Danish, English.
    Fixed(&'static [(&'static str, &'static str, &'static str)]),
    Five,
    /// A matrix, with its own columns or those of the type.
    Matrix(Columns),
    Ranking,
    /// A field for each subquestion.
    Each {
        number: bool,
    },
    Shown,
    Lost(&'static str),
}

/// The columns of a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    Answers,
    Points(u32),
    Fixed(&'static [(&'static str, &'static str, &'static str)]),
}

const YES_NO: &[(&str, &str, &str)] = &[("Y", "Ja", "Yes"), ("N", "Nej", "No")];
const GENDER: &[(&str, &str, &str)] = &[("F", "Kvinde", "Female"), ("M", "Mand", "Male")];
const UNCERTAIN: &[(&str, &str, &str)] =
    &[("Y", "Ja", "Yes"), ("U", "Usikker", "Uncertain"), ("N", "Nej", "No")];
const CHANGE: &[(&str, &str, &str)] =
    &[("I", "Stiger", "Increase"), ("S", "Uændret", "Same"), ("D", "Falder", "Decrease")];

impl Kind {
    /// Reads the letter of a type.
    pub fn read(letter: &str) -> Kind {
        match letter {
            "L" => Kind::Choice { dropdown: false, comment: false },
            "!" => Kind::Choice { dropdown: true, comment: false },
            "O" => Kind::Choice { dropdown: false, comment: true },
            "M" => Kind::Choices { comments: false },
            "P" => Kind::Choices { comments: true },
            "S" => Kind::Text(1),
            "T" | "U" => Kind::Text(3),
            "Q" => Kind::Each { number: false },
            "K" => Kind::Each { number: true },
            "N" => Kind::Number,
            "D" => Kind::Date,
            "Y" => Kind::Fixed(YES_NO),
            "G" => Kind::Fixed(GENDER),
            "5" => Kind::Five,
            "A" => Kind::Matrix(Columns::Points(5)),
            "B" => Kind::Matrix(Columns::Points(10)),
            "C" => Kind::Matrix(Columns::Fixed(UNCERTAIN)),
            "E" => Kind::Matrix(Columns::Fixed(CHANGE)),
            "F" | "H" => Kind::Matrix(Columns::Answers),
            "R" => Kind::Ranking,
            "X" => Kind::Shown,
            "I" => Kind::Lost("the visitor chooses the language at the top of every page"),
            "|" => Kind::Lost("a survey takes no files"),
            "*" => Kind::Lost("a survey calculates nothing"),
            "1" => Kind::Lost("a table with two scales: make it two tables by hand"),
            ";" | ":" => Kind::Lost("a table of fields to write in: make it questions by hand"),
            _ => Kind::Lost("no such type is known"),
        }
    }
}

impl<'t> Builder<'_, 't, '_> {
    /// The kind and the answers of a question whose texts are there.
    pub fn fill(&mut self, question: &mut Question, source: &Source<'t>, kind: Kind) {
        match kind {
            Kind::Choice { dropdown, comment } => {
                let mut choices = self.choices(&source.answers);
                self.add_other(source, &mut choices);
                self.at_least_two(source, &mut choices);
                question.answers = Answers::List(Marker::Round, choices);
                if dropdown {
                    let place = self.place(&source.part, "type/scale");
                    question.settings.push(Setting::word("dropdown", "!", &place));
                }
                if comment {
                    self.replaced(source, "without the field for a comment beside the choices");
                }
            }
            Kind::Choices { comments } => {
                let mut choices = self.choices(&source.subquestions);
                self.add_other(source, &mut choices);
                self.alone(source, &mut choices);
                self.at_least_two(source, &mut choices);
                question.answers = Answers::List(Marker::Square, choices);
                self.limit(question, source, "min_answers", "min");
                self.limit(question, source, "max_answers", "max");
                if comments {
                    self.replaced(source, "without the field for a comment beside each choice");
                }
            }
            Kind::Text(lines) => {
                question.answers = Answers::Lines(lines);
                self.limit(question, source, "maximum_chars", "maxlength");
            }
            Kind::Number => self.number(question, source),
            Kind::Date => {
                question.kind = Some("date".to_owned());
                self.days(question, source);
            }
            Kind::Fixed(codes) => {
                let choices = self.fixed(codes);
                question.answers = Answers::List(Marker::Round, choices);
            }
            Kind::Five => question.kind = Some("scale=1..5".to_owned()),
            Kind::Matrix(columns) => {
                let rows = self.choices(&source.subquestions);
                let columns = match columns {
                    Columns::Answers => self.choices(&source.answers),
                    Columns::Fixed(codes) => self.fixed(codes),
                    Columns::Points(count) => (1..=count).map(|point| self.point(point)).collect(),
                };
                if self.structure.value(&source.part, "type/scale") == "H" {
                    self.replaced(
                        source,
                        "its rows and columns change places: one answer for each row",
                    );
                }
                question.answers = Answers::Table { rows, columns, several: false };
            }
            Kind::Ranking => {
                let parts =
                    if source.answers.is_empty() { &source.subquestions } else { &source.answers };
                let mut choices = self.choices(parts);
                self.at_least_two(source, &mut choices);
                question.answers = Answers::List(Marker::Number, choices);
                self.limit(question, source, "max_answers", "top");
            }
            Kind::Each { .. } | Kind::Shown | Kind::Lost(_) => {}
        }
        self.order(question, source);
    }

    fn replaced(&mut self, source: &Source<'t>, why: &str) {
        let place = self.place(&source.part, "type/scale");
        self.report.add(&place, &source.part.code, Done::Replaced, why);
    }

    /// Choices, rows or columns: the ids were given before.
    pub fn choices(&mut self, parts: &[Part<'t>]) -> Vec<Choice> {
        let ids = ids(parts);
        let mut made = Vec::new();
        for (part, id) in parts.iter().zip(ids) {
            let place = self.place(part, "name");
            self.structure.value(part, "name");
            self.structure.value(part, "type/scale");
            if id != part.code {
                self.report.add(&place, &part.code, Done::Renamed, format!("it is called {id}"));
            }
            let text = self.structure.line(part, "text", &NoPlaceholder, self.report);
            let text = text.unwrap_or_else(|| {
                let why = "it has no text: its code stands there";
                self.report.add(&place, &part.code, Done::Replaced, why);
                let code = prose::convert(&part.code, &NoPlaceholder).line();
                vec![
                    if code.is_empty() { id.clone() } else { code };
                    self.structure.languages.len()
                ]
            });
            let condition = self.offered(part);
            made.push(Choice { id, text, condition, place, ..Choice::default() });
        }
        made
    }

    fn own(&self, danish: &str, english: &str) -> Words {
        let own = |lang: &String| if lang == "da" || lang.is_empty() { danish } else { english };
        self.structure.languages.iter().map(|lang| own(lang).to_owned()).collect()
    }

    fn fixed(&self, codes: &[(&str, &str, &str)]) -> Vec<Choice> {
        let choice = |(code, danish, english): &(&str, &str, &str)| {
            let id = code.to_lowercase();
            Choice { id, text: self.own(danish, english), ..Choice::default() }
        };
        codes.iter().map(choice).collect()
    }

    fn point(&self, point: u32) -> Choice {
        let text = vec![point.to_string(); self.structure.languages.len()];
        Choice { id: point.to_string(), text, ..Choice::default() }
    }

    /// `other=Y`
    fn add_other(&mut self, source: &Source<'t>, choices: &mut Vec<Choice>) {
        if !self.structure.value(&source.part, "other").eq_ignore_ascii_case("Y") {
            return;
        }
        let words =
            self.structure.line(&source.part, "other_replace_text", &NoPlaceholder, self.report);
        let text = words.unwrap_or_else(|| self.own("Andet:", "Other:"));
        choices.push(Choice { id: other_id(choices), text, other: true, ..Choice::default() });
    }

    fn at_least_two(&mut self, source: &Source<'t>, choices: &mut Vec<Choice>) {
        if choices.len() == 1 && !choices[0].other {
            let place = self.place(&source.part, "name");
            let why = "a list has two choices at least: “none of these” was added";
            self.report.add(&place, &source.part.code, Done::Replaced, why);
            let text = self.own("Ingen af dem", "None of these");
            choices.push(Choice { id: "none-of-these".to_owned(), text, ..Choice::default() });
        }
    }

    /// `exclude_all_others`: codes of choices that stand alone.
    fn alone(&mut self, source: &Source<'t>, choices: &mut [Choice]) {
        let raw = self.structure.value(&source.part, "exclude_all_others");
        let ids = ids(&source.subquestions);
        for code in raw.split([';', ',']).map(str::trim).filter(|code| !code.is_empty()) {
            let at = source.subquestions.iter().position(|part| part.code == code);
            match at.and_then(|at| choices.iter_mut().find(|choice| choice.id == ids[at])) {
                Some(choice) => choice.flags.push("exclusive"),
                None => {
                    let place = self.place(&source.part, "exclude_all_others");
                    self.report.add(&place, code, Done::Dropped, "there is no such choice");
                }
            }
        }
    }

    fn number(&mut self, question: &mut Question, source: &Source<'t>) {
        question.kind = Some("number".to_owned());
        for (from, to) in [("min_num_value_n", "min"), ("max_num_value_n", "max")] {
            self.limit(question, source, from, to);
        }
        let whole = self.structure.value(&source.part, "num_value_int_only");
        if !matches!(whole, "1" | "Y") {
            let place = self.place(&source.part, "type/scale");
            question.settings.push(Setting::value("step", "0.01".to_owned(), "N", &place));
            self.report.add(
                &place,
                &source.part.code,
                Done::Replaced,
                "a number with two decimals",
            );
        }
    }

    /// An attribute that is a number here too.
    fn limit(
        &mut self,
        question: &mut Question,
        source: &Source<'t>,
        from: &str,
        to: &'static str,
    ) {
        let raw = self.structure.value(&source.part, from);
        if raw.is_empty() {
            return;
        }
        let place = self.place(&source.part, from);
        let plain = raw.parse::<f64>().ok().and_then(|n| crate::foreign::logic::decimal(n).ok());
        match plain {
            Some(number) if to == "min" || number != "0" => {
                question.settings.push(Setting::value(to, number, raw, &place));
            }
            _ => self.report.add(&place, raw, Done::Dropped, "it is no plain number"),
        }
    }

    /// The first and the last day.
    fn days(&mut self, question: &mut Question, source: &Source<'t>) {
        for (from, to) in [("date_min", "min"), ("date_max", "max")] {
            let raw = self.structure.value(&source.part, from);
            let place = self.place(&source.part, from);
            match raw {
                "" => {}
                "now" | "today" => {
                    question.settings.push(Setting::value(to, "today".to_owned(), raw, &place));
                }
                day if logic::is_day(day) => {
                    question.settings.push(Setting::value(to, day.to_owned(), raw, &place));
                }
                _ => self.report.add(&place, raw, Done::Dropped, "it is no plain day"),
            }
        }
    }

    fn order(&mut self, question: &mut Question, source: &Source<'t>) {
        for name in ["random_order", "answer_order", "subquestion_order"] {
            let raw = self.structure.value(&source.part, name);
            let place = self.place(&source.part, name);
            match raw {
                "" | "0" | "normal" => {}
                "1" | "random"
                    if !matches!(question.answers, Answers::Nothing | Answers::Lines(_)) =>
                {
                    if !question.settings.iter().any(|setting| setting.name == "shuffle") {
                        question.settings.push(Setting::word("shuffle", raw, &place));
                    }
                }
                _ => self.report.add(
                    &place,
                    raw,
                    Done::Dropped,
                    "choices stand in the author's order or in none",
                ),
            }
        }
    }
}

/// The ids of parts by their codes, in their order.
pub fn ids(parts: &[Part]) -> Vec<String> {
    let mut names = Names::default();
    parts.iter().map(|part| names.give(&part.code, Named::Choice)).collect()
}

/// The id of the choice that `other=Y` adds.
pub fn other_id(choices: &[Choice]) -> String {
    let mut names = Names::default();
    for choice in choices {
        names.give(&choice.id, Named::Choice);
    }
    names.give("other", Named::Choice)
}
