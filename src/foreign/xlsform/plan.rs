//! The rows of a form as pages and questions with their ids, before any text is read: groups become
//! pages, tables of selects matrices.

use std::collections::{HashMap, HashSet};

use super::form::Form;
use super::types::{Block, Select, Type};
use crate::foreign::logic::{Nature, Subject};
use crate::foreign::names::Names;
use crate::foreign::report::{Done, Report};
use crate::foreign::table::Row;
use crate::survey::ids::Named;

/// What a form's rows become.
#[derive(Debug, Default)]
pub struct Plan<'b> {
    pub pages: Vec<Page<'b>>,
    /// The questions by their names in the form.
    pub subjects: HashMap<String, Subject>,
    /// Names of what did not come over, and why.
    pub lost: HashMap<String, &'static str>,
    /// Text fields of choices: by the question's id and the choice's name.
    pub others: HashSet<(String, String)>,
    /// Questions whose answers do not fit into a sentence.
    pub long: HashSet<String>,
    /// The page of each question, by its order.
    pub page_of: Vec<usize>,
}

impl Plan<'_> {
    /// The page on which the texts of this page are shown: those behind the last question stand
    /// below it.
    pub fn shown_on(&self, page: usize, is_asked: impl Fn(&Row) -> bool) -> usize {
        let asks = |page: &Page| {
            page.items.iter().any(|item| match item {
                Item::Question { row, .. } => is_asked(row),
                Item::Matrix { .. } => true,
                Item::Note(_) | Item::Lost { .. } => false,
            })
        };
        page.min(self.pages.iter().rposition(asks).unwrap_or(0))
    }
}

/// A page.
#[derive(Debug, Default)]
pub struct Page<'b> {
    /// Empty where the page has no title.
    pub id: String,
    /// The group that gives it its title.
    pub title: Option<&'b Row>,
    /// The groups it lies in, from the outermost: their conditions are its own.
    pub groups: Vec<&'b Row>,
    pub items: Vec<Item<'b>>,
}

/// A row, or the rows of a matrix.
#[derive(Debug)]
pub enum Item<'b> {
    Question {
        row: &'b Row,
        what: Type,
        id: String,
        order: usize,
    },
    Matrix {
        head: Option<&'b Row>,
        list: String,
        rows: Vec<(&'b Row, String)>,
        id: String,
        order: usize,
    },
    Note(&'b Row),
    Lost {
        row: &'b Row,
        why: String,
    },
}

/// A group that is open, and whether a page has its title yet.
struct Open<'b> {
    row: &'b Row,
    block: Block,
}

struct Planner<'f, 'b, 'r> {
    form: &'f Form<'b>,
    report: &'r mut Report,
    plan: Plan<'b>,
    open: Vec<Open<'b>>,
    /// The next row begins a page.
    turn: bool,
    questions: Names,
    pages: Names,
    order: usize,
}

/// Plans the survey.
pub fn plan<'b>(form: &Form<'b>, report: &mut Report) -> Plan<'b> {
    let mut planner = Planner {
        form,
        report,
        plan: Plan::default(),
        open: Vec::new(),
        turn: true,
        questions: Names::default(),
        pages: Names::default(),
        order: 0,
    };
    let rows: Vec<&'b Row> = form.survey.table.rows.iter().collect();
    let mut at = 0;
    while at < rows.len() {
        at += planner.row(&rows[at..]);
    }
    for open in std::mem::take(&mut planner.open) {
        planner.note_row(open.row, Done::Replaced, "it is never ended: it ends with the form");
    }
    planner.plan
}

impl<'b> Planner<'_, 'b, '_> {
    /// Reads the first of these rows, perhaps with some that belong to it; says how many.
    fn row(&mut self, rows: &[&'b Row]) -> usize {
        let row = rows[0];
        let columns = &self.form.survey.columns;
        let raw = columns.peek(row, "type");
        let what = Type::read(raw);
        if raw.is_empty() {
            // A row of remarks: its cells are reported one by one.
            return 1;
        }
        if is_yes(columns.peek(row, "disabled")) && !matches!(what, Type::Begin(_) | Type::End(_)) {
            self.lose(row, "it is disabled");
            return 1;
        }
        if matches!(columns.peek(row, "disabled").to_lowercase().as_str(), "no" | "false") {
            columns.read(row, "disabled");
        }
        match what {
            Type::Begin(block) => {
                if let Some(taken) = self.table_list(rows) {
                    return taken;
                }
                self.begin(row, block);
            }
            Type::End(block) => self.end(row, block),
            Type::Note => {
                columns.read(row, "type");
                self.unnamed(row, "a text needs no name");
                self.add(Item::Note(row));
            }
            Type::Lost(why) => self.lose(row, why),
            Type::Unknown => self.lose(row, "no such type is known"),
            Type::Select { how: Select::One, ref list, or_other: false } => {
                let taken = self.nolabel_run(rows, list);
                if taken > 0 {
                    return taken;
                }
                self.question(row, what);
            }
            Type::Text if self.is_other_text(row) => {}
            what => self.question(row, what),
        }
        1
    }

    fn begin(&mut self, row: &'b Row, block: Block) {
        let columns = &self.form.survey.columns;
        columns.read(row, "type");
        if !self.has_label(row) {
            self.unnamed(row, "a page without a title needs no name");
        }
        if columns.peek(row, "appearance").trim() == "field-list" {
            columns.read(row, "appearance");
        }
        if block == Block::Repeat {
            self.note_row(
                row,
                Done::Replaced,
                "a survey repeats nothing: its questions are asked once",
            );
        }
        self.open.push(Open { row, block });
        self.turn = true;
    }

    fn end(&mut self, row: &'b Row, block: Block) {
        let columns = &self.form.survey.columns;
        columns.read(row, "type");
        let begun = self.open.iter().rfind(|open| open.block == block);
        if begun.is_some_and(|open| columns.peek(open.row, "name") == columns.peek(row, "name")) {
            columns.read(row, "name");
        } else {
            self.unnamed(row, "the end of a group needs no name");
        }
        match self.open.iter().rposition(|open| open.block == block) {
            Some(at) => self.open.truncate(at),
            None => self.note_row(row, Done::Dropped, "it ends something that was never begun"),
        }
        self.turn = true;
    }

    /// Says that a name has no use here.
    fn unnamed(&mut self, row: &Row, why: &str) {
        let name = self.form.survey.columns.read(row, "name");
        if !name.is_empty() {
            let place = self.form.survey.place(row, "name");
            self.report.add(&place, name, Done::Renamed, why);
        }
    }

    fn note_row(&mut self, row: &Row, done: Done, why: &str) {
        let columns = &self.form.survey.columns;
        let place = self.form.survey.table.place(row, 0);
        let what = format!("{} {}", columns.peek(row, "type"), columns.peek(row, "name"));
        self.report.add(&place, &what, done, why);
    }

    fn lose(&mut self, row: &'b Row, why: &'static str) {
        let name = self.form.survey.columns.peek(row, "name");
        self.plan.lost.insert(name.to_owned(), why);
        self.add(Item::Lost { row, why: why.to_owned() });
    }

    /// The page that the next item stands on.
    fn add(&mut self, item: Item<'b>) {
        if self.turn || self.plan.pages.is_empty() {
            self.turn = false;
            let groups: Vec<&'b Row> = self.open.iter().map(|open| open.row).collect();
            let titled = groups.iter().rev().find(|row| self.has_label(row)).copied();
            let name = titled.map(|row| self.form.survey.columns.read(row, "name"));
            let id = name.map(|name| self.pages.give(name, Named::Part)).unwrap_or_default();
            if let (Some(row), Some(name)) = (titled, name)
                && id != name
                && !name.is_empty()
            {
                let place = self.form.survey.place(row, "name");
                self.report.add(&place, name, Done::Renamed, format!("the page is called {id}"));
            }
            self.plan.pages.push(Page { id, title: titled, groups, items: Vec::new() });
        }
        let page = self.plan.pages.last_mut().expect("there is one by now");
        page.items.push(item);
    }

    fn has_label(&self, row: &Row) -> bool {
        self.form.survey.columns.all("label").any(|column| !row.peek(column.number).is_empty())
    }

    fn question(&mut self, row: &'b Row, what: Type) {
        let nature = match &what {
            Type::Select { list, or_other, .. } => {
                let known = self.form.lists.get(list).map_or(0, |list| list.items.len());
                if known == 0 && !or_other {
                    return self.lose(row, "its list of choices is not in the sheet choices");
                }
                match what {
                    Type::Select { how: Select::One, .. } => Nature::Choice,
                    _ => Nature::Set,
                }
            }
            Type::Range | Type::Integer | Type::Decimal => Nature::Number,
            Type::Date if self.appearance_has(row, "year") => Nature::Number,
            Type::Date | Type::DateTime => Nature::Date,
            Type::Time => Nature::Time,
            Type::Acknowledge => Nature::Consent,
            Type::Geo => Nature::Choice,
            _ => Nature::Text,
        };
        let codes = match &what {
            Type::Select { list, or_other, .. } => self.codes(list, *or_other),
            // Where nobody has to agree it is yes or no; else a consent, which has no code.
            Type::Acknowledge if !is_yes(self.form.survey.columns.peek(row, "required")) => {
                HashMap::from([("OK".to_owned(), vec!["yes".to_owned()])])
            }
            _ => HashMap::new(),
        };
        let id = self.name(row);
        if nature == Nature::Consent || self.appearance_has(row, "multiline") {
            self.plan.long.insert(id.clone());
        }
        self.subject(row, Subject { id: id.clone(), nature, codes, order: self.order });
        let order = self.order;
        self.add(Item::Question { row, what, id, order });
        self.count();
    }

    /// Whether the row is the text field of a choice of the question above it, as [`super::write`]
    /// writes it: `what_other_text`, asked where `other` is selected.
    fn is_other_text(&mut self, row: &'b Row) -> bool {
        let columns = &self.form.survey.columns;
        let name = columns.peek(row, "name");
        let above = self.plan.pages.last().and_then(|page| page.items.last());
        let Some(Item::Question { row: asked, what: Type::Select { list, .. }, id, .. }) = above
        else {
            return false;
        };
        let question = columns.peek(asked, "name");
        let code = name
            .strip_prefix(question)
            .and_then(|rest| rest.strip_prefix('_')?.strip_suffix("_text"))
            .filter(|code| self.form.lists.get(list).is_some_and(|l| l.codes.contains_key(*code)));
        let Some(code) = code else { return false };
        let relevant = columns.peek(row, "relevant").replace([' ', '"', '\''], "");
        let forms =
            [format!("selected(${{{question}}},{code})"), format!("${{{question}}}={code}")];
        if !forms.contains(&relevant) {
            return false;
        }
        let id = id.clone();
        self.plan.others.insert((id.clone(), code.to_owned()));
        for column in columns.all("label").map(|column| column.number) {
            row.read(column);
        }
        for key in ["type", "name", "relevant"] {
            columns.read(row, key);
        }
        let why = format!("it is the text field of the choice {code} of {id}");
        let place = self.form.survey.table.place(row, 0);
        self.report.add(&place, name, Done::Renamed, why);
        self.plan.lost.insert(name.to_owned(), "it is the text field of a choice");
        true
    }

    /// The next question has the next number.
    fn count(&mut self) {
        self.order += 1;
        self.plan.page_of.push(self.plan.pages.len() - 1);
    }

    fn codes(&self, list: &str, or_other: bool) -> HashMap<String, Vec<String>> {
        let mut codes =
            self.form.lists.get(list).map(|list| list.codes.clone()).unwrap_or_default();
        if or_other {
            let free = super::choices::other_id(self.form.lists.get(list));
            codes.entry("other".to_owned()).or_default().push(free);
        }
        codes
    }

    fn appearance_has(&self, row: &Row, word: &str) -> bool {
        appearance(self.form, row).any(|found| found.eq_ignore_ascii_case(word))
    }

    /// The id for the name of a row.
    fn name(&mut self, row: &Row) -> String {
        let sheet = &self.form.survey;
        let name = sheet.columns.read(row, "name");
        let id = self.questions.give(name, Named::Part);
        if id != name {
            let place = sheet.place(row, "name");
            self.report.add(&place, name, Done::Renamed, format!("the question is called {id}"));
        }
        id
    }

    fn subject(&mut self, row: &Row, subject: Subject) {
        let sheet = &self.form.survey;
        let name = sheet.columns.peek(row, "name").to_owned();
        if name.is_empty() {
            return;
        }
        if self.plan.subjects.contains_key(&name) {
            let place = sheet.place(row, "name");
            let why = "the name is there twice: conditions speak of the first";
            self.report.add(&place, &name, Done::Renamed, why);
            return;
        }
        self.plan.subjects.insert(name, subject);
    }

    /// A group shown as a table: all its rows select one of the same list.
    fn table_list(&mut self, rows: &[&'b Row]) -> Option<usize> {
        let columns = &self.form.survey.columns;
        if !self.appearance_has(rows[0], "table-list") {
            return None;
        }
        let type_of = |row: &Row| Type::read(columns.peek(row, "type"));
        let inner =
            rows[1..].iter().take_while(|row| !matches!(type_of(row), Type::End(_))).count();
        rows.get(inner + 1)?;
        let members = &rows[1..=inner];
        let members: Vec<&'b Row> =
            members.iter().copied().filter(|row| !columns.peek(row, "type").is_empty()).collect();
        let list = self.same_list(&members)?;
        let end = rows[inner + 1];
        for row in [rows[0], end] {
            columns.read(row, "type");
        }
        if columns.peek(end, "name") == columns.peek(rows[0], "name") {
            columns.read(end, "name");
        } else {
            self.unnamed(end, "the end of a group needs no name");
        }
        let columns = &self.form.survey.columns;
        columns.read(rows[0], "appearance");
        self.matrix(Some(rows[0]), list, &members);
        Some(inner + 2)
    }

    /// The list that all these rows select one of.
    fn same_list(&self, rows: &[&Row]) -> Option<String> {
        let list = |row: &&Row| match Type::read(self.form.survey.columns.peek(row, "type")) {
            Type::Select { how: Select::One, list, or_other: false } => Some(list),
            _ => None,
        };
        let first = rows.first().and_then(list)?;
        let known = self.form.lists.get(&first).is_some_and(|list| list.items.len() > 1);
        (known && rows.iter().all(|row| list(row).as_ref() == Some(&first))).then_some(first)
    }

    /// Rows shown as `list-nolabel`, perhaps under one shown as `label`: the older way to a table.
    fn nolabel_run(&mut self, rows: &[&'b Row], list: &str) -> usize {
        let head = usize::from(self.appearance_has(rows[0], "label"));
        let is_row = |row: &&&'b Row| {
            self.appearance_has(row, "list-nolabel")
                && self.same_list(&[row]).as_deref() == Some(list)
        };
        let members: Vec<&'b Row> = rows[head..].iter().take_while(is_row).copied().collect();
        if members.is_empty() {
            return 0;
        }
        for row in &rows[..head + members.len()] {
            self.form.survey.columns.read(row, "appearance");
        }
        if head == 1 {
            self.form.survey.columns.read(rows[0], "type");
        }
        self.matrix((head == 1).then_some(rows[0]), list.to_owned(), &members);
        head + members.len()
    }

    fn matrix(&mut self, head: Option<&'b Row>, list: String, members: &[&'b Row]) {
        let columns = &self.form.survey.columns;
        let id = match head {
            Some(row) if !columns.peek(row, "name").is_empty() => self.name(row),
            _ => {
                let first = columns.peek(members[0], "name");
                self.questions.give(&format!("{first}-rows"), Named::Part)
            }
        };
        let mut names = Names::default();
        let mut rows = Vec::new();
        // `rate_clean` in the table `rate` is its row `clean`.
        let prefix = head.map(|row| format!("{}_", columns.peek(row, "name"))).unwrap_or_default();
        let prefixed = |row: &&'b Row| {
            columns.peek(row, "name").strip_prefix(&prefix).is_some_and(|rest| !rest.is_empty())
        };
        let cut = if members.iter().all(prefixed) { prefix.len() } else { 0 };
        for row in members {
            columns.read(row, "type");
            let name = columns.read(row, "name");
            let row_id = names.give(&name[cut..], Named::Choice);
            if row_id != name {
                let place = self.form.survey.place(row, "name");
                self.report.add(&place, name, Done::Renamed, format!("the row is called {row_id}"));
            }
            let codes = self.codes(&list, false);
            let subject_id = format!("{id}.{row_id}");
            let order = self.order;
            self.subject(row, Subject { id: subject_id, nature: Nature::Choice, codes, order });
            rows.push((*row, row_id));
        }
        let order = self.order;
        self.add(Item::Matrix { head, list, rows, id, order });
        self.count();
    }
}

/// Whether a cell says yes without any condition, as those of the columns `required` and `disabled`.
pub fn is_yes(raw: &str) -> bool {
    let plain = raw.to_lowercase().replace(' ', "");
    matches!(plain.as_str(), "yes" | "true" | "true()" | "1" | "y" | "t")
}

/// The words of the column `appearance`.
pub fn appearance<'r>(form: &Form, row: &'r Row) -> impl Iterator<Item = &'r str> {
    form.survey.columns.peek(row, "appearance").split_whitespace()
}
