//! The parts of a survey put together: groups, questions, subquestions and answers, each with its row
//! in every language.

use std::collections::HashMap;

use crate::foreign::draft::Words;
use crate::foreign::prose::{self, Placeholder};
use crate::foreign::report::{Done, Place, Report};
use crate::foreign::table::{Row, Table};

/// A survey.
#[derive(Debug)]
pub struct Structure<'t> {
    pub table: &'t Table,
    /// The number of each column by its name.
    columns: HashMap<String, u32>,
    /// The base's first.
    pub languages: Vec<String>,
    /// Survey settings by name and language: title, welcome, end.
    pub settings: HashMap<String, Part<'t>>,
    pub groups: Vec<Group<'t>>,
}

/// A part in each language.
#[derive(Debug, Clone, Default)]
pub struct Part<'t> {
    pub code: String,
    pub scale: String,
    pub rows: Vec<Option<&'t Row>>,
}

/// A group.
#[derive(Debug, Default)]
pub struct Group<'t> {
    pub part: Part<'t>,
    pub questions: Vec<Question<'t>>,
}

/// A question.
#[derive(Debug, Default)]
pub struct Question<'t> {
    pub part: Part<'t>,
    /// The letter of its type.
    pub kind: String,
    pub subquestions: Vec<Part<'t>>,
    pub answers: Vec<Part<'t>>,
}

impl<'t> Structure<'t> {
    pub fn of(table: &'t Table, report: &mut Report) -> Structure<'t> {
        let columns = table.head.cells().map(|(number, name)| (name.trim().to_lowercase(), number));
        let mut structure = Structure {
            table,
            columns: columns.collect(),
            languages: Vec::new(),
            settings: HashMap::new(),
            groups: Vec::new(),
        };
        structure.read_languages();
        structure.read_rows(report);
        structure
    }

    /// A cell that is then accounted for.
    pub fn read<'r>(&self, row: &'r Row, name: &str) -> &'r str {
        self.columns.get(name).map_or("", |number| row.read(*number))
    }

    fn peek<'r>(&self, row: &'r Row, name: &str) -> &'r str {
        self.columns.get(name).map_or("", |number| row.peek(*number))
    }

    /// Whether a cell of the part says one of these; it is not accounted for by that.
    pub fn is(&self, part: &Part<'t>, name: &str, values: &[&str]) -> bool {
        self.row(part).is_some_and(|row| values.contains(&self.peek(row, name)))
    }

    /// Where a cell is.
    pub fn place(&self, row: &Row, name: &str) -> Place {
        self.table.place(row, self.columns.get(name).copied().unwrap_or(0))
    }

    fn read_languages(&mut self) {
        let rows = &self.table.rows;
        let said = rows
            .iter()
            .find(|row| self.peek(row, "class") == "S" && self.peek(row, "name") == "language");
        let said = said.map(|row| self.peek(row, "text").to_owned());
        let first = rows.iter().map(|row| self.peek(row, "language")).find(|lang| !lang.is_empty());
        let base = said.or(first.map(str::to_owned)).unwrap_or_default();
        let mut languages = vec![base];
        for row in rows {
            let language = self.peek(row, "language");
            let known = language.is_empty() || languages.iter().any(|known| known == language);
            // More would be a mistake: a file each.
            if !known && languages.len() < 40 {
                languages.push(language.to_owned());
            }
        }
        self.languages = languages;
    }

    fn language(&self, row: &Row) -> usize {
        let language = self.peek(row, "language");
        self.languages.iter().position(|known| known == language).unwrap_or(0)
    }

    fn read_rows(&mut self, report: &mut Report) {
        // How many groups each language has had, and the question its rows belong to.
        let mut groups = vec![0; self.languages.len()];
        let mut current: Vec<Option<(usize, usize)>> = vec![None; self.languages.len()];
        let mut known: HashMap<String, (usize, usize)> = HashMap::new();
        let table = self.table;
        for row in &table.rows {
            let language = self.language(row);
            let class = self.peek(row, "class").to_uppercase();
            for name in ["class", "id", "related_id", "language", "same_default", "same_script"] {
                if ["S", "SL", "G", "Q", "SQ", "A"].contains(&class.as_str()) {
                    self.read(row, name);
                }
            }
            match class.as_str() {
                "S" | "SL" => self.setting(row, language, report),
                "G" => {
                    let at = groups[language];
                    groups[language] += 1;
                    if at == self.groups.len() {
                        self.groups.push(Group::default());
                    }
                    if let Some(group) = self.groups.get_mut(at) {
                        put(&mut group.part, language, row);
                    }
                    current[language] = None;
                }
                "Q" => current[language] = self.question(row, language, &groups, &mut known),
                "SQ" | "A" => {
                    if let Some((group, question)) = current[language] {
                        let code = self.peek(row, "name").to_owned();
                        let scale = self.peek(row, "type/scale").to_owned();
                        let question = &mut self.groups[group].questions[question];
                        let parts = if class == "A" {
                            &mut question.answers
                        } else {
                            &mut question.subquestions
                        };
                        put_part(parts, code, scale, language, row);
                    }
                }
                _ => {
                    let what: Vec<&str> = row.cells().map(|(_, text)| text).collect();
                    for (column, _) in row.cells() {
                        row.read(column);
                    }
                    let why = match class.as_str() {
                        "QTA" | "QTALS" | "QTAM" => "a survey has no quotas",
                        "C" => {
                            "conditions of the old kind: export the survey again, they become relevance equations"
                        }
                        "AS" => "a survey gives no points",
                        _ => "no such class is known",
                    };
                    report.add(&table.place(row, 0), &what.join(" | "), Done::Dropped, why);
                }
            }
        }
    }

    fn setting(&mut self, row: &'t Row, language: usize, report: &mut Report) {
        let name = self.read(row, "name").to_owned();
        let place = self.place(row, "text");
        let text = self.read(row, "text");
        let used =
            ["surveyls_title", "surveyls_welcometext", "surveyls_description", "surveyls_endtext"];
        if used.contains(&name.as_str()) {
            put(self.settings.entry(name).or_default(), language, row);
        } else if ![
            "language",
            "additional_languages",
            "sid",
            "surveyls_language",
            "surveyls_survey_id",
        ]
        .contains(&name.as_str())
            && !matches!(text, "" | "N" | "0" | "I")
        {
            let why = "the site's own settings take its place";
            report.add(&place, &format!("{name} = {text}"), Done::Dropped, why);
        }
    }

    fn question(
        &mut self,
        row: &'t Row,
        language: usize,
        groups: &[usize],
        known: &mut HashMap<String, (usize, usize)>,
    ) -> Option<(usize, usize)> {
        let code = self.peek(row, "name").to_owned();
        if language > 0
            && let Some((group, question)) = known.get(&code).copied()
        {
            put(&mut self.groups[group].questions[question].part, language, row);
            return Some((group, question));
        }
        if self.groups.is_empty() {
            self.groups.push(Group::default());
        }
        let group = groups[language].clamp(1, self.groups.len()) - 1;
        let kind = self.peek(row, "type/scale").to_owned();
        let mut question = Question { kind, ..Question::default() };
        question.part.code.clone_from(&code);
        put(&mut question.part, language, row);
        self.groups[group].questions.push(question);
        let at = (group, self.groups[group].questions.len() - 1);
        known.insert(code, at);
        Some(at)
    }

    /// The row of the base, or of the first language there is.
    pub fn row(&self, part: &Part<'t>) -> Option<&'t Row> {
        part.rows.iter().flatten().next().copied()
    }

    /// A cell of the part; what translations repeat of it is accounted for too.
    pub fn value(&self, part: &Part<'t>, name: &str) -> &'t str {
        let Some(base) = self.row(part) else { return "" };
        let value = self.read(base, name);
        for row in part.rows.iter().flatten().skip(1) {
            if self.peek(row, name) == value {
                self.read(row, name);
            }
        }
        value
    }

    /// The lines of a text in each language; a missing one is the base's, and that is reported.
    pub fn lines(
        &self,
        part: &Part<'t>,
        name: &str,
        placeholders: &dyn Placeholder,
        report: &mut Report,
    ) -> Vec<Vec<String>> {
        let mut found = vec![Vec::new(); self.languages.len()];
        for (language, row) in part.rows.iter().enumerate() {
            let Some(row) = row else { continue };
            let text = self.read(row, name);
            if text.is_empty() {
                continue;
            }
            let prose = prose::convert(text, placeholders);
            for lost in &prose.lost {
                let why = format!("not carried over: {lost}");
                report.add(&self.place(row, name), text, Done::Dropped, why);
            }
            if prose.lines.is_empty() {
                report.add(&self.place(row, name), text, Done::Dropped, "no text is left of it");
            }
            found[language] = prose.lines;
        }
        let Some(given) = found.iter().position(|lines| !lines.is_empty()) else { return found };
        let text = found[given].clone();
        for (language, lines) in found.iter_mut().enumerate().filter(|(_, lines)| lines.is_empty())
        {
            lines.clone_from(&text);
            let row = part.rows.get(language).copied().flatten().or(self.row(part));
            let place = row.map(|row| self.place(row, name)).unwrap_or_default();
            let (lang, from) = (&self.languages[language], &self.languages[given]);
            let why = format!("no text in {lang}: the {from} text stands there");
            report.add(&place, &text.join(" "), Done::Replaced, why);
        }
        found
    }

    /// The same on one line; none where there is nothing.
    pub fn line(
        &self,
        part: &Part<'t>,
        name: &str,
        placeholders: &dyn Placeholder,
        report: &mut Report,
    ) -> Option<Words> {
        let lines = self.lines(part, name, placeholders, report);
        let words: Words = lines.iter().map(|lines| lines.join(" ")).collect();
        (!words[0].is_empty()).then_some(words)
    }
}

fn put<'t>(part: &mut Part<'t>, language: usize, row: &'t Row) {
    if part.rows.len() <= language {
        part.rows.resize(language + 1, None);
    }
    part.rows[language] = Some(row);
}

fn put_part<'t>(
    parts: &mut Vec<Part<'t>>,
    code: String,
    scale: String,
    language: usize,
    row: &'t Row,
) {
    let there = |part: &&mut Part| {
        let free = part.rows.get(language).copied().flatten().is_none();
        part.code == code && part.scale == scale && free
    };
    // The base's own are parts of their own, whatever their codes; a translation looks for its base's.
    match parts.iter_mut().filter(|_| language > 0).find(there) {
        Some(part) => put(part, language, row),
        None => {
            let mut part = Part { code, scale, rows: Vec::new() };
            put(&mut part, language, row);
            parts.push(part);
        }
    }
}
