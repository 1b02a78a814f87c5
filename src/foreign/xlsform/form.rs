//! The sheets of a form, its languages and its lists.

use std::collections::{BTreeMap, HashMap};

use super::columns::{Column, Columns, language_code};
use super::types::Type;
use crate::foreign::book::Book;
use crate::foreign::draft::{Draft, Words};
use crate::foreign::names::Names;
use crate::foreign::prose::{self, NoPlaceholder, Placeholder};
use crate::foreign::report::{Done, Place, Report};
use crate::foreign::table::{Row, Table};
use crate::survey::ids::{self, Named};

/// A sheet and what its columns are called.
#[derive(Debug)]
pub struct Sheet<'b> {
    pub table: &'b Table,
    pub columns: Columns,
}

impl<'b> Sheet<'b> {
    fn new(table: &'b Table) -> Sheet<'b> {
        Sheet { table, columns: Columns::of(table) }
    }

    /// Where the cell of `key` is, or where the row is.
    pub fn place(&self, row: &Row, key: &str) -> Place {
        self.table.place(row, self.columns.find(key).unwrap_or(0))
    }
}

/// A list of choices.
#[derive(Debug, Default)]
pub struct List<'b> {
    pub items: Vec<Listed<'b>>,
    /// The ids of each name.
    pub codes: HashMap<String, Vec<String>>,
}

/// A choice of a list.
#[derive(Debug)]
pub struct Listed<'b> {
    pub name: String,
    pub id: String,
    pub row: &'b Row,
}

/// A form.
#[derive(Debug)]
pub struct Form<'b> {
    pub survey: Sheet<'b>,
    pub choices: Option<Sheet<'b>>,
    pub settings: Option<Sheet<'b>>,
    pub lists: BTreeMap<String, List<'b>>,
    /// Codes, the base's first.
    pub languages: Vec<String>,
    /// The number of each language by the name that columns give it.
    numbers: HashMap<Option<String>, usize>,
}

impl<'b> Form<'b> {
    pub fn new(book: &'b Book, survey: &'b Table, report: &mut Report) -> Form<'b> {
        let sheet = |name| book.table(name).map(Sheet::new);
        let mut form = Form {
            survey: Sheet::new(survey),
            choices: sheet("choices").or_else(|| sheet("choices and columns")),
            settings: sheet("settings"),
            lists: BTreeMap::new(),
            languages: Vec::new(),
            numbers: HashMap::new(),
        };
        form.read_languages(report);
        form.read_lists();
        form
    }

    /// Whether this table is one of the form's.
    pub fn holds(&self, table: &Table) -> bool {
        let sheets = [Some(&self.survey), self.choices.as_ref(), self.settings.as_ref()];
        sheets.into_iter().flatten().any(|sheet| std::ptr::eq(sheet.table, table))
    }

    fn read_languages(&mut self, report: &mut Report) {
        let texts = ["label", "hint", "guidance_hint", "constraint_message", "required_message"];
        let sheets = [Some(&self.survey), self.choices.as_ref()];
        let columns: Vec<&Column> = sheets
            .into_iter()
            .flatten()
            .flat_map(|sheet| &sheet.columns.list)
            .filter(|column| texts.contains(&column.key.as_str()))
            .collect();
        let default = self.setting("default_language").to_owned();
        // Texts without a language are one more language only where they stand beside one: a form
        // may leave it out on one of its sheets.
        let beside = |sheet: &Sheet| {
            let has = |key: &str, coded: bool| {
                sheet.columns.all(key).any(|column| match &column.language {
                    Some(name) => coded && language_code(name).is_some(),
                    None => !coded,
                })
            };
            texts.into_iter().any(|key| has(key, false) && has(key, true))
        };
        let coded = columns.iter().filter_map(|column| column.language.as_deref());
        let plain = columns.iter().any(|column| column.language.is_none() && column.key == "label")
            && (sheets.into_iter().flatten().any(beside)
                || !coded.into_iter().any(|name| language_code(name).is_some()));
        let mut names: Vec<&String> = Vec::new();
        for name in columns.iter().filter_map(|column| column.language.as_ref()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let said = language_code(&default);
        let is_default =
            |name: &&&String| ***name == default || said.is_some() && language_code(name) == said;
        let first = names.iter().find(is_default).or(names.first()).copied();
        let base = match (plain, first) {
            (true, _) | (false, None) => said.clone().unwrap_or_default(),
            (false, Some(name)) => language_code(name).or(said.clone()).unwrap_or_default(),
        };
        self.languages.push(base);
        self.numbers.insert(None, 0);
        for name in &names {
            let is_base = !plain && Some(*name) == first;
            let code = if is_base { Some(self.languages[0].clone()) } else { language_code(name) };
            // Without a code there is no name for the file; its cells are reported one by one.
            let Some(code) = code else { continue };
            let known = self.languages.iter().position(|known| *known == code);
            let number = known.unwrap_or_else(|| {
                self.languages.push(code);
                self.languages.len() - 1
            });
            self.numbers.insert(Some((*name).clone()), number);
        }
        if self.languages[0].is_empty() && self.languages.len() > 1 {
            let free = ["da", "en", "sv"].into_iter().find(|code| !self.has_language(code));
            self.languages[0] = free.unwrap_or("x").to_owned();
            let place = Place::sheet("settings");
            let why = format!(
                "no default_language: the texts without a language are taken for {}",
                self.languages[0]
            );
            report.add(&place, "default_language", Done::Replaced, why);
        }
    }

    fn has_language(&self, code: &str) -> bool {
        self.languages.iter().any(|language| language == code)
    }

    fn read_lists(&mut self) {
        let Some(sheet) = &self.choices else { return };
        let mut lists: BTreeMap<String, (List<'b>, Names)> = BTreeMap::new();
        for row in &sheet.table.rows {
            let list = sheet.columns.peek(row, "list_name");
            let name = sheet.columns.peek(row, "name");
            if list.is_empty() || name.is_empty() {
                continue;
            }
            let (list, names) = lists.entry(list.to_owned()).or_default();
            let id = names.give(name, Named::Choice);
            list.codes.entry(name.to_owned()).or_default().push(id.clone());
            list.items.push(Listed { name: name.to_owned(), id, row });
        }
        self.lists = lists.into_iter().map(|(name, (list, _))| (name, list)).collect();
    }

    /// A setting, which is then accounted for.
    pub fn setting(&self, key: &str) -> &'b str {
        let Some(sheet) = &self.settings else { return "" };
        sheet.table.rows.first().map_or("", |row| sheet.columns.read(row, key))
    }

    /// The lines of a text in each language. A language without it says what the base says, and that
    /// is reported.
    pub fn lines(
        &self,
        sheet: &Sheet<'b>,
        row: &Row,
        key: &str,
        placeholders: &dyn Placeholder,
        report: &mut Report,
    ) -> Vec<Vec<String>> {
        let mut found: Vec<Vec<String>> = vec![Vec::new(); self.languages.len()];
        for column in sheet.columns.all(key) {
            let Some(number) = self.numbers.get(&column.language).copied() else { continue };
            if row.peek(column.number).is_empty() || !found[number].is_empty() {
                continue;
            }
            let text = row.read(column.number);
            let prose = prose::convert(text, placeholders);
            let place = sheet.table.place(row, column.number);
            for lost in &prose.lost {
                report.add(&place, text, Done::Dropped, format!("not carried over: {lost}"));
            }
            if prose.lines.is_empty() {
                report.add(&place, text, Done::Dropped, "no text is left of it");
            }
            found[number] = prose.lines;
        }
        self.fill(found, sheet, row, key, report)
    }

    fn fill(
        &self,
        mut found: Vec<Vec<String>>,
        sheet: &Sheet,
        row: &Row,
        key: &str,
        report: &mut Report,
    ) -> Vec<Vec<String>> {
        let Some(given) = found.iter().position(|lines| !lines.is_empty()) else { return found };
        let text = found[given].clone();
        for (number, lines) in found.iter_mut().enumerate().filter(|(_, lines)| lines.is_empty()) {
            lines.clone_from(&text);
            let (lang, from) = (&self.languages[number], &self.languages[given]);
            let column = self.column_in(sheet, key, number).or(self.column_in(sheet, key, given));
            let place = sheet.table.place(row, column.unwrap_or(0));
            let why = format!("no text in {lang}: the {from} text stands there");
            report.add(&place, &text.join(" "), Done::Replaced, why);
        }
        found
    }

    fn column_in(&self, sheet: &Sheet, key: &str, language: usize) -> Option<u32> {
        let is_its = |column: &&Column| self.numbers.get(&column.language) == Some(&language);
        sheet.columns.all(key).find(is_its).map(|column| column.number)
    }

    /// A text on one line, in each language; none where no language has it.
    pub fn line(
        &self,
        sheet: &Sheet<'b>,
        row: &Row,
        key: &str,
        placeholders: &dyn Placeholder,
        report: &mut Report,
    ) -> Option<Words> {
        let lines = self.lines(sheet, row, key, placeholders, report);
        let words: Words = lines.iter().map(|lines| lines.join(" ")).collect();
        (!words[0].is_empty()).then_some(words)
    }

    /// The words of the program's own that a form does without: in each of its languages.
    pub fn own_words(&self, danish: &str, english: &str) -> Words {
        let own = |code: &String| if code == "da" || code.is_empty() { danish } else { english };
        self.languages.iter().map(|code| own(code).to_owned()).collect()
    }

    /// Title, slug and language.
    pub fn front(&self, draft: &mut Draft, stem: &str, report: &mut Report) {
        draft.languages.clone_from(&self.languages);
        let id = self.setting("form_id");
        let id = if id.is_empty() { stem } else { id };
        draft.slug = ids::slug(&id.replace('_', "-"), Named::Choice);
        if draft.slug.is_empty() {
            draft.slug = "survey".to_owned();
        }
        let mut place = Place::default();
        if let Some(sheet) = &self.settings
            && let Some(row) = sheet.table.rows.first()
        {
            place = sheet.place(row, "form_id");
            if draft.slug != id {
                report.add(
                    &place,
                    id,
                    Done::Renamed,
                    format!("the survey is called {}", draft.slug),
                );
            }
            place = sheet.place(row, "form_title");
        }
        let title = self.setting("form_title");
        let title = if title.is_empty() { stem } else { title };
        draft.title = vec![title.to_owned(); self.languages.len()];
        draft.title_place = place.clone();
        for lang in self.languages.iter().skip(1) {
            let why = format!("no title in {lang}: the same stands there");
            report.add(&place, title, Done::Replaced, why);
        }
    }

    /// Whether the column of one of the form's sheets is one that forms have.
    pub fn is_known(&self, table: &Table, column: u32) -> bool {
        let sheets = [Some(&self.survey), self.choices.as_ref(), self.settings.as_ref()];
        let sheet = sheets.into_iter().flatten().find(|sheet| std::ptr::eq(sheet.table, table));
        let found = sheet.and_then(|sheet| sheet.columns.list.iter().find(|c| c.number == column));
        found.is_some_and(|column| KNOWN.contains(&column.key.as_str()))
    }

    /// Why a row that nobody read is no part of the survey, where its other cells say it.
    fn why_row(&self, sheet: &Sheet, number: u32, key: &str) -> Option<&'static str> {
        let row = sheet.table.rows.iter().find(|row| row.number == number)?;
        let says = |key: &str| !sheet.columns.peek(row, key).is_empty();
        if std::ptr::eq(sheet.table, self.survey.table) {
            return match Type::read(sheet.columns.peek(row, "type")) {
                _ if !says("type") => Some("a row without a type is no question"),
                Type::Begin(_) if ["name", "label", "hint"].contains(&key) => {
                    Some("a page has one title: that of the group inside it")
                }
                Type::Select { .. } if key == "hint" => Some("a row of a table has no help"),
                _ => None,
            };
        }
        if self.settings.as_ref().is_some_and(|found| std::ptr::eq(found.table, sheet.table)) {
            let first = sheet.table.rows.first().is_some_and(|first| first.number == number);
            return (!first).then_some("settings have one row");
        }
        let whole = says("list_name") && says("name");
        (!whole && ["list_name", "name", "label"].contains(&key))
            .then_some("a choice needs a list and a name")
    }

    /// Why a cell that nobody read is not in the survey.
    pub fn why_unread(&self, table: &Table, place: &Place) -> String {
        let sheets = [Some(&self.survey), self.choices.as_ref(), self.settings.as_ref()];
        let sheet = sheets.into_iter().flatten().find(|sheet| std::ptr::eq(sheet.table, table));
        let Some(sheet) = sheet else { return NOTHING_LIKE.to_owned() };
        let column = sheet.columns.list.iter().find(|column| column.number == place.column);
        let Some(column) = column else { return "its column has no name".to_owned() };
        if place.row == table.head.number {
            return "a column with nothing in it".to_owned();
        }
        if let Some(why) = self.why_row(sheet, place.row, &column.key) {
            return why.to_owned();
        }
        if let Some(language) = &column.language
            && language_code(language).is_none()
        {
            return format!(
                "{language} is no language with a code; call the column {}::{language} (xx)",
                column.key
            );
        }
        let number = |column: &Column| self.numbers.get(&column.language);
        let earlier = sheet.columns.list.iter().take_while(|other| other.number < column.number);
        if earlier
            .into_iter()
            .any(|other| other.key == column.key && number(other) == number(column))
        {
            return format!("there are two columns {}: the first is read", column.key);
        }
        if std::ptr::eq(sheet.table, self.survey.table) {
            why_column(&column.key).to_owned()
        } else if self.choices.as_ref().is_some_and(|choices| std::ptr::eq(choices.table, table)) {
            match column.key.as_str() {
                "list_name" | "name" | "label" => {
                    "no question that came over uses this choice".to_owned()
                }
                key => why_column(key).to_owned(),
            }
        } else {
            why_setting(&column.key).to_owned()
        }
    }

    /// The title of a group or the text of a question that has none: its name, and that is reported.
    pub fn named(&self, row: &Row, report: &mut Report) -> Words {
        let name = self.survey.columns.peek(row, "name");
        let place = self.survey.place(row, "label");
        report.add(&place, name, Done::Replaced, "it has no label: its name stands there");
        let text = prose::convert(name, &NoPlaceholder).line();
        let text = if text.is_empty() { "…".to_owned() } else { text };
        vec![text; self.languages.len()]
    }
}

/// The columns and settings of the standard.
const KNOWN: [&str; 35] = [
    "type",
    "name",
    "label",
    "hint",
    "guidance_hint",
    "required",
    "required_message",
    "relevant",
    "constraint",
    "constraint_message",
    "default",
    "calculation",
    "read_only",
    "appearance",
    "parameters",
    "choice_filter",
    "repeat_count",
    "trigger",
    "image",
    "audio",
    "video",
    "big_image",
    "media",
    "list_name",
    "disabled",
    "form_title",
    "form_id",
    "version",
    "default_language",
    "style",
    "public_key",
    "submission_url",
    "instance_name",
    "save_to",
    "allow_choice_duplicates",
];

const NOTHING_LIKE: &str = "the survey language has nothing like it";

fn why_column(key: &str) -> &'static str {
    match key {
        "default" => "nothing is answered beforehand",
        "calculation" => "a survey calculates nothing",
        "read_only" => "a question that cannot be answered is none",
        "required" => "a text is not answered",
        "required_message" => "the program says in its own words that an answer is missing",
        "constraint" => "there is no answer to judge",
        "constraint_message" => "the program says in its own words what is wrong",
        "choice_filter" => "only questions with choices can leave some out",
        "repeat_count" => "a survey repeats nothing",
        "image" | "audio" | "video" | "big_image" => {
            "files are not carried over: put the picture beside the survey and add it by hand"
        }
        "appearance" => "the survey is shown in the program's own way",
        "parameters" => "this parameter has no counterpart",
        "disabled" => "it is asked all the same",
        "trigger" => "nothing happens when an answer changes",
        "" => "its column has no name",
        _ => NOTHING_LIKE,
    }
}

fn why_setting(key: &str) -> &'static str {
    match key {
        "version" => "the program makes a survey's version from its content",
        "style" => "the survey is shown in the program's own way",
        "public_key" | "submission_url" | "auto_send" | "auto_delete" | "client_editable" => {
            "how answers are sent and sealed is the program's own business"
        }
        "instance_name" | "instance_id" => "a response has no name",
        _ => NOTHING_LIKE,
    }
}
