//! Questions as the rows of a form.

use std::collections::BTreeMap;

use super::expr::{self, Expr};
use super::names::Names;
use super::skips::{self, Skip};
use super::text;
use crate::foreign::report::{Done, Place, Report};
use crate::survey::condition::{Condition, Operand, Value};
use crate::survey::model::{Ending, Limit};
use crate::survey::{Choice, Definition, Page, Question, Survey, Text};

/// A row: by column, one text or one for each language.
pub type Cells = BTreeMap<&'static str, Vec<String>>;

/// Writes rows, and what they cannot say.
pub struct Writer<'d> {
    definition: &'d Definition,
    survey_: &'d Survey,
    names: &'d Names,
    skips: Vec<Skip>,
    pub survey: Vec<Cells>,
    pub choices: Vec<Cells>,
    pub report: Report,
}

impl<'d> Writer<'d> {
    pub fn new(definition: &'d Definition, names: &'d Names) -> Writer<'d> {
        let survey_ = definition.base();
        let skips = skips::of(survey_, names);
        let (survey, choices) = (Vec::new(), Vec::new());
        let report = Report::default();
        Writer { definition, survey_, names, skips, survey, choices, report }
    }

    /// Every row of the sheets survey and choices.
    pub fn survey(&mut self) {
        let intro = self.texts(|survey| survey.intro.as_ref());
        self.note("intro", intro, None);
        let mut number = 0;
        for (at, page) in self.survey_.pages.iter().enumerate() {
            self.page(page, at, &mut number);
        }
        for (at, ending) in self.survey_.endings.iter().enumerate() {
            self.ending(ending, at);
        }
    }

    /// What did not come over, at the row that is written next.
    fn lose(&mut self, what: &str, done: Done, why: &str) {
        let row = u32::try_from(self.survey.len()).unwrap_or(u32::MAX).saturating_add(2);
        let place = Place { sheet: Some("survey".to_owned()), row, ..Place::default() };
        self.report.add(&place, what, done, why);
    }

    /// A text in every language; none where the base has none.
    fn texts(&mut self, of: impl Fn(&'d Survey) -> Option<&'d Text>) -> Option<Vec<String>> {
        let mut said = Vec::new();
        for survey in &self.definition.languages {
            let Some(words) = of(survey) else {
                said.push(String::new());
                continue;
            };
            let (cell, lost) = text::cell(words);
            for lost in lost {
                self.lose(&words.plain, Done::Dropped, &format!("a form has no place for {lost}"));
            }
            said.push(self.named_pipes(&cell));
        }
        (!said[0].is_empty()).then_some(said)
    }

    /// Placeholders by the names in the form.
    fn named_pipes(&self, cell: &str) -> String {
        let mut out = cell.to_owned();
        for question in self.survey_.questions() {
            let name = self.names.question(&question.id);
            if name != question.id {
                out = out.replace(&format!("${{{}}}", question.id), &format!("${{{name}}}"));
            }
        }
        out
    }

    fn of_question(
        &mut self,
        id: &'d str,
        of: impl Fn(&'d Question) -> Option<&'d Text>,
    ) -> Option<Vec<String>> {
        self.texts(|survey| survey.question(id).and_then(&of))
    }

    fn note(&mut self, name: &str, label: Option<Vec<String>>, relevant: Option<String>) {
        let Some(label) = label else { return };
        let mut row = cells("note", &format!("{name}_note"));
        row.insert("label", label);
        row.extend(relevant.map(|relevant| ("relevant", vec![relevant])));
        self.survey.push(row);
    }

    fn page(&mut self, page: &'d Page, at: usize, number: &mut usize) {
        let name = self.names.page(&page.id).to_owned();
        let first = *number;
        let mut row = cells("begin_group", &name);
        let title = self.texts(|survey| survey.pages.get(at).and_then(|page| page.title.as_ref()));
        row.extend(title.map(|title| ("label", title)));
        row.insert("appearance", vec!["field-list".to_owned()]);
        let last = first + page.questions.len();
        // A jump over the whole page is the page's condition, one from within is its questions'.
        let whole: Vec<usize> = (0..self.skips.len())
            .filter(|skip| last > first && self.skips[*skip].passes(first, at))
            .collect();
        let relevant = self.relevant(page.condition.as_ref(), &whole, &page.id);
        row.extend(relevant.map(|relevant| ("relevant", vec![relevant])));
        if page.shuffle {
            self.lose(&page.id, Done::Dropped, "a form shows its questions in one order");
        }
        self.survey.push(row);
        let intro = self.texts(|survey| survey.pages.get(at).and_then(|page| page.intro.as_ref()));
        self.note(&name, intro, None);
        for question in &page.questions {
            let inside: Vec<usize> = (0..self.skips.len())
                .filter(|skip| !whole.contains(skip) && self.skips[*skip].passes(*number, at))
                .collect();
            let relevant = self.relevant(question.condition.as_ref(), &inside, &question.id);
            self.question(question, relevant);
            *number += 1;
        }
        self.survey.push(cells("end_group", ""));
    }

    /// A condition and the jumps that must not have been made.
    fn relevant(
        &mut self,
        condition: Option<&Condition>,
        skips: &[usize],
        id: &str,
    ) -> Option<String> {
        let mut parts = Vec::new();
        if let Some(condition) = condition {
            match self.expr(None).condition(condition) {
                Ok(text) => parts.push(bare(&text)),
                Err(why) => self.lose(
                    id,
                    Done::Dropped,
                    &format!("its condition speaks of {why}: it is always asked"),
                ),
            }
        }
        let several = parts.len() + skips.len() > 1;
        if several && let Some(first) = parts.first_mut() {
            *first = format!("({first})");
        }
        parts.extend(skips.iter().map(|skip| format!("not({})", self.skips[*skip].taken)));
        (!parts.is_empty()).then(|| parts.join(" and "))
    }

    fn expr(&self, here: Option<&'d str>) -> Expr<'d> {
        Expr { survey: self.survey_, names: self.names, here }
    }

    fn ending(&mut self, ending: &'d Ending, at: usize) {
        let taken: Vec<String> = self
            .skips
            .iter()
            .filter(|skip| skip.target == ending.id)
            .map(|skip| skip.taken.clone())
            .collect();
        let title = self.texts(|survey| survey.endings.get(at).map(|ending| &ending.title));
        let words = self.texts(|survey| survey.endings.get(at).map(|ending| &ending.text));
        let both = |title: Vec<String>| {
            let words = words.clone().unwrap_or_else(|| vec![String::new(); title.len()]);
            title
                .iter()
                .zip(words)
                .map(|(title, words)| format!("{title}\n{words}").trim().to_owned())
                .collect()
        };
        self.lose(&ending.id, Done::Replaced, "a form has one end: a note that only those see");
        let relevant = (!taken.is_empty()).then(|| taken.join(" or "));
        self.note(&ending.id, title.map(both), relevant);
    }

    fn question(&mut self, question: &'d Question, relevant: Option<String>) {
        self.report_settings(question);
        let label = self.of_question(&question.id, |q| Some(&q.text));
        let help = self.of_question(&question.id, |q| q.help.as_ref());
        let mut row = Cells::new();
        row.insert("name", vec![self.names.question(&question.id).to_owned()]);
        row.extend(label.map(|label| ("label", label)));
        row.extend(relevant.clone().map(|relevant| ("relevant", vec![relevant])));
        if question.required {
            row.insert("required", vec!["yes".to_owned()]);
        }
        let kind = question.kind.rules().name();
        if matches!(kind, "matrix" | "matrix-multiple" | "differential" | "points") {
            self.note(&format!("{}_help", question.id), help, relevant.clone());
            self.group(question, kind, row);
        } else {
            row.extend(help.map(|help| ("hint", help)));
            self.single_row(question, kind, row);
        }
        let note = self.of_question(&question.id, |q| q.note.as_ref());
        self.note(&question.id, note, relevant);
    }

    /// Settings that no form has.
    fn report_settings(&mut self, question: &Question) {
        let id = &question.id;
        let settings = [
            (question.expected, "expected: a form asks once or until there is an answer"),
            (question.private, "private: a form keeps all answers together"),
            (question.maps.is_some(), "maps: a form knows no panel"),
            (question.from.is_some(), "from: written out as choices with conditions"),
            (question.trend.is_some(), "trend: a form is not compared with an earlier one"),
            (question.unit.is_some(), "unit: it stands in the hint"),
            (question.map.is_some(), "place: a form has the names of the areas, not the map"),
        ];
        for (_, why) in settings.into_iter().filter(|(there, _)| *there) {
            let done = match why.split(':').next() {
                Some("from" | "unit" | "place") => Done::Replaced,
                _ => Done::Dropped,
            };
            self.lose(id, done, why);
        }
    }

    fn single_row(&mut self, question: &'d Question, kind: &str, mut row: Cells) {
        let mut constraint = Vec::new();
        let what = match kind {
            "single" | "place" => self.select("select_one", question, &mut row),
            "multiple" => {
                let counted = |limit: Option<f64>, op: &str| {
                    limit.map(|limit| format!("count-selected(.) {op} {limit}"))
                };
                constraint.extend(counted(question.least(), ">="));
                constraint.extend(counted(question.most(), "<="));
                constraint.extend(alone(question));
                self.select("select_multiple", question, &mut row)
            }
            "ranking" => {
                if question.top.is_some_and(|top| (top as usize) < question.choices.len()) {
                    self.lose(&question.id, Done::Dropped, "top: a form ranks all choices");
                }
                self.select("rank", question, &mut row)
            }
            "scale" => self.scale(question, &mut row),
            "number" => self.number(question, &mut row, &mut constraint),
            "year" => {
                self.lose(&question.id, Done::Replaced, "year: a whole number");
                self.limits(question, &mut constraint);
                "integer".to_owned()
            }
            "date" | "time" => {
                self.limits(question, &mut constraint);
                kind.to_owned()
            }
            "consent" => {
                let box_text = self.texts(|survey| {
                    survey.question(&question.id).and_then(|q| q.choices.first()).map(|c| &c.text)
                });
                add_hint(&mut row, box_text);
                row.insert("required", vec!["yes".to_owned()]);
                "acknowledge".to_owned()
            }
            _ => {
                if kind == "longtext" {
                    row.insert("appearance", vec!["multiline".to_owned()]);
                }
                constraint
                    .extend(question.maxlength.map(|max| format!("string-length(.) <= {max}")));
                constraint.extend(self.pattern(question, kind));
                "text".to_owned()
            }
        };
        self.check(question, &mut constraint, &mut row);
        if !constraint.is_empty() {
            row.insert("constraint", vec![constraint.join(" and ")]);
        }
        row.insert("type", vec![what]);
        self.survey.push(row);
        self.other_texts(question);
    }

    fn pattern(&mut self, question: &Question, kind: &str) -> Option<String> {
        let pattern = match kind {
            "email" => "^[^@ ]+@[^@ ]+[.][A-Za-z]{2,}$",
            "tel" => "^([+]|00)?[0-9 ().-]{8,24}$",
            "postcode" => "^[0-9]{4}$",
            _ => return None,
        };
        self.lose(
            &question.id,
            Done::Replaced,
            &format!("{kind}: a text that has to look like one"),
        );
        Some(format!("regex(., '{pattern}')"))
    }

    fn number(
        &mut self,
        question: &Question,
        row: &mut Cells,
        constraint: &mut Vec<String>,
    ) -> String {
        self.limits(question, constraint);
        if let Some(unit) = &question.unit {
            let words = self.definition.languages.iter().map(|survey| {
                survey.question(&question.id).and_then(|q| q.unit.clone()).unwrap_or(unit.clone())
            });
            let words = Some(words.collect());
            add_hint(row, words);
        }
        let step = question.step.unwrap_or(1.0);
        if step.fract() == 0.0 {
            if step != 1.0 {
                let start = question.least().unwrap_or(0.0);
                constraint.push(format!("(. - {start}) mod {step} = 0"));
            }
            return "integer".to_owned();
        }
        self.lose(&question.id, Done::Dropped, &format!("step={step}: a form takes every decimal"));
        "decimal".to_owned()
    }

    fn limits(&mut self, question: &Question, constraint: &mut Vec<String>) {
        for (limit, op) in [(&question.min, ">="), (&question.max, "<=")] {
            let Some(limit) = limit else { continue };
            constraint.push(match limit {
                Limit::Number(number) => format!(". {op} {number}"),
                Limit::Text(today) if today == "today" => format!(". {op} today()"),
                Limit::Text(time) if time.contains(':') => match expr::day_part(time) {
                    Ok(part) => format!("decimal-time(.) {op} {part}"),
                    Err(_) => continue,
                },
                Limit::Text(day) => format!(". {op} date('{day}')"),
            });
        }
    }

    fn scale(&mut self, question: &Question, row: &mut Cells) -> String {
        let Some(scale) = &question.scale else { return "integer".to_owned() };
        let (from, to) = (scale.from, scale.to);
        row.insert("parameters", vec![format!("start={from} end={to} step=1")]);
        if !scale.labels.is_empty() {
            let words = self.definition.languages.iter().map(|survey| {
                let scale = survey.question(&question.id).and_then(|q| q.scale.as_ref());
                let labels = scale.into_iter().flat_map(|scale| &scale.labels);
                let label = labels.map(|label| format!("{}: {}", label.value, label.text.plain));
                label.collect::<Vec<_>>().join("\n")
            });
            let words = Some(words.collect());
            add_hint(row, words);
            self.lose(&question.id, Done::Replaced, "the labels of the scale stand in the hint");
        }
        "range".to_owned()
    }

    /// `check` and its message.
    fn check(&mut self, question: &'d Question, constraint: &mut Vec<String>, row: &mut Cells) {
        let Some(check) = &question.check else { return };
        let expr = self.expr(Some(&question.id));
        let mut unanswered: Vec<String> = Vec::new();
        let mut unsaid = None;
        check.visit(&mut |left, values| {
            let values = values.iter().filter_map(|value| match value {
                Value::Other(operand) => Some(operand),
                _ => None,
            });
            for operand in std::iter::once(left).chain(values) {
                let other = matches!(operand, Operand::Q(id) if *id != question.id);
                if !other && !matches!(operand, Operand::Row(_)) {
                    continue;
                }
                let answered = Condition::Answered { left: operand.clone() };
                match expr.condition(&Condition::Not { of: Box::new(answered) }) {
                    Ok(text) if !unanswered.contains(&text) => unanswered.push(text),
                    Ok(_) => {}
                    Err(why) => unsaid = Some(why),
                }
            }
        });
        match (expr.condition(check), unsaid) {
            (Ok(text), None) => {
                // A check is judged only where all that it compares is answered.
                unanswered.push(text);
                let joined = unanswered.join(" or ");
                constraint.push(if unanswered.len() > 1 { format!("({joined})") } else { joined });
                let words = self.definition.languages.iter().map(|survey| {
                    survey
                        .question(&question.id)
                        .and_then(|q| q.message.clone())
                        .unwrap_or_default()
                });
                row.insert("constraint_message", words.collect());
            }
            (Err(why), _) | (_, Some(why)) => {
                self.lose(&question.id, Done::Dropped, &format!("its check speaks of {why}"));
            }
        }
    }

    /// The type of a select, and its list.
    fn select(&mut self, how: &str, question: &'d Question, row: &mut Cells) -> String {
        if question.dropdown {
            row.insert("appearance", vec!["minimal".to_owned()]);
        }
        if question.shuffle {
            row.insert("parameters", vec!["randomize=true".to_owned()]);
            if question.choices.iter().any(|c| c.pin || c.other || c.stands_alone()) {
                self.lose(
                    &question.id,
                    Done::Dropped,
                    "a form shuffles every choice, pinned ones too",
                );
            }
        }
        if question.choices.iter().any(|choice| choice.goto.is_some()) {
            self.lose(&question.id, Done::Replaced, "goto: conditions on all that it jumps over");
        }
        if question.choices.iter().any(|choice| choice.dontknow) {
            self.lose(
                &question.id,
                Done::Dropped,
                "dontknow: in a form it is a choice like others",
            );
        }
        let list = self.names.question(&question.id).to_owned();
        let filter = self.filter(question);
        row.extend(filter.map(|filter| ("choice_filter", vec![filter])));
        self.list(&list, question, |question| &question.choices);
        if question.map.is_some() && question.choices.is_empty() {
            self.lose(
                &question.id,
                Done::Dropped,
                "the map's areas are not known: the list is empty",
            );
        }
        format!("{how} {list}")
    }

    /// One expression for all choices: each row of the list says in `shown` which part is its own.
    fn filter(&mut self, question: &'d Question) -> Option<String> {
        if question.choices.iter().all(|choice| choice.condition.is_none()) {
            return None;
        }
        let mut parts = vec!["shown = 'always'".to_owned()];
        for choice in &question.choices {
            let Some(condition) = &choice.condition else { continue };
            match self.expr(None).condition(condition) {
                Ok(text) => parts.push(format!("(shown = '{}' and {text})", choice.id)),
                Err(why) => {
                    let why = format!(
                        "the condition of {} speaks of {why}: it is always offered",
                        choice.id
                    );
                    self.lose(&question.id, Done::Dropped, &why);
                    parts.push(format!("shown = '{}'", choice.id));
                }
            }
        }
        Some(parts.join(" or "))
    }

    fn list(
        &mut self,
        list: &str,
        question: &'d Question,
        of: impl Fn(&'d Question) -> &'d [Choice],
    ) {
        let filtered = of(question).iter().any(|choice| choice.condition.is_some());
        for (at, choice) in of(question).iter().enumerate() {
            let mut row = Cells::new();
            row.insert("list_name", vec![list.to_owned()]);
            row.insert("name", vec![choice.id.clone()]);
            let label = self.texts(|survey| {
                survey.question(&question.id).and_then(|q| of(q).get(at)).map(|choice| &choice.text)
            });
            row.insert("label", label.unwrap_or_else(|| vec![choice.id.clone()]));
            if filtered {
                let shown = if choice.condition.is_some() { &choice.id } else { "always" };
                row.insert("shown", vec![shown.to_owned()]);
            }
            if let Some(image) = &choice.image {
                let name = image.src.rsplit('/').next().unwrap_or(&image.src).to_owned();
                self.lose(&name, Done::Replaced, "put the picture into the form's media folder");
                row.insert("media::image", vec![name]);
            }
            self.choices.push(row);
        }
    }

    /// The text fields of choices that have one.
    fn other_texts(&mut self, question: &'d Question) {
        let name = self.names.question(&question.id);
        for (at, choice) in question.choices.iter().enumerate().filter(|(_, choice)| choice.other) {
            let mut row = cells("text", self.names.part(&question.id, &choice.id));
            let label = self.texts(|survey| {
                survey.question(&question.id).and_then(|q| q.choices.get(at)).map(|c| &c.text)
            });
            row.extend(label.map(|label| ("label", label)));
            // Shown only where its question is: what is not asked is not selected in a form.
            row.insert("relevant", vec![format!("selected(${{{name}}}, '{}')", choice.id)]);
            self.survey.push(row);
        }
    }

    /// A group of rows: a matrix, a differential, points to share.
    fn group(&mut self, question: &'d Question, kind: &str, mut row: Cells) {
        row.remove("required");
        row.insert("type", vec!["begin_group".to_owned()]);
        let table = matches!(kind, "matrix" | "matrix-multiple" | "differential");
        let look = if table { "table-list" } else { "field-list" };
        row.insert("appearance", vec![look.to_owned()]);
        if question.check.is_some() {
            self.lose(&question.id, Done::Dropped, "check: a group of rows has no constraint");
        }
        if question.shuffle {
            self.lose(&question.id, Done::Dropped, "shuffle: a form shows its rows in one order");
        }
        self.survey.push(row);
        if kind == "points" {
            self.points(question);
        } else {
            self.rows(question, kind);
        }
        self.survey.push(cells("end_group", ""));
    }

    fn rows(&mut self, question: &'d Question, kind: &str) {
        let list = self.names.question(&question.id).to_owned();
        self.list(&list, question, |question| &question.columns);
        let how = if kind == "matrix-multiple" { "select_multiple" } else { "select_one" };
        if !matches!(kind, "matrix" | "matrix-multiple") {
            self.lose(
                &question.id,
                Done::Replaced,
                &format!("{kind}: a group of questions, one a row"),
            );
        }
        if question.columns.iter().any(|column| column.dontknow) {
            self.lose(
                &question.id,
                Done::Dropped,
                "dontknow: in a form it is a choice like others",
            );
        }
        for (at, statement) in question.rows.iter().enumerate() {
            let mut row =
                cells(&format!("{how} {list}"), self.names.part(&question.id, &statement.id));
            let label =
                self.of_question(&question.id, move |q| q.rows.get(at).map(|row| &row.text));
            let right = self.of_question(&question.id, move |q| {
                q.rows.get(at).and_then(|row| row.right.as_ref())
            });
            let label = label.unwrap_or_else(|| vec![statement.id.clone()]);
            let label = match right {
                Some(right) => label.iter().zip(right).map(|(a, b)| format!("{a} – {b}")).collect(),
                None => label,
            };
            row.insert("label", label);
            if question.required {
                row.insert("required", vec!["yes".to_owned()]);
            }
            let relevant = self.relevant(statement.condition.as_ref(), &[], &statement.id);
            row.extend(relevant.map(|relevant| ("relevant", vec![relevant])));
            self.survey.push(row);
        }
    }

    /// Whole numbers; the last has to make up the sum.
    fn points(&mut self, question: &'d Question) {
        let share = question.share.unwrap_or_default();
        self.lose(
            &question.id,
            Done::Replaced,
            "share: whole numbers, and a constraint on the last",
        );
        if question.choices.iter().any(|choice| choice.condition.is_some()) {
            self.lose(
                &question.id,
                Done::Dropped,
                "the conditions of its choices: all are offered",
            );
        }
        let names: Vec<String> = question
            .choices
            .iter()
            .map(|choice| self.names.part(&question.id, &choice.id).to_owned())
            .collect();
        for (at, choice) in question.choices.iter().enumerate() {
            let mut row = cells("integer", &names[at]);
            let label = self.of_question(&question.id, move |q| q.choices.get(at).map(|c| &c.text));
            row.insert("label", label.unwrap_or_else(|| vec![choice.id.clone()]));
            let mut constraint = format!(". >= 0 and . <= {share}");
            if at + 1 == names.len() {
                let others = names[..at].iter().map(|name| format!("coalesce(${{{name}}}, 0) + "));
                constraint.push_str(&format!(" and {}. = {share}", others.collect::<String>()));
            }
            row.insert("constraint", vec![constraint]);
            if question.required {
                row.insert("required", vec!["yes".to_owned()]);
            }
            self.survey.push(row);
        }
    }
}

fn cells(kind: &str, name: &str) -> Cells {
    let mut cells = Cells::from([("type", vec![kind.to_owned()])]);
    if !name.is_empty() {
        cells.insert("name", vec![name.to_owned()]);
    }
    cells
}

/// Choices that cannot be ticked together with others.
fn alone(question: &Question) -> Vec<String> {
    let choices = question.choices.iter().filter(|choice| choice.stands_alone());
    let rule =
        |choice: &Choice| format!("not(selected(., '{}') and count-selected(.) > 1)", choice.id);
    choices.map(rule).collect()
}

fn add_hint(row: &mut Cells, words: Option<Vec<String>>) {
    let Some(words) = words else { return };
    let hint = row.entry("hint").or_insert_with(|| vec![String::new(); words.len()]);
    for (hint, words) in hint.iter_mut().zip(words) {
        *hint = format!("{hint}\n{words}").trim().to_owned();
    }
}

/// Without the brackets around the whole of it.
fn bare(text: &str) -> String {
    let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return text.to_owned();
    };
    let mut depth = 0;
    for sign in inner.chars() {
        match sign {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return text.to_owned();
        }
    }
    inner.to_owned()
}
