//! From the plan to the draft: texts, conditions, notes.

use super::choices;
use super::form::Form;
use super::plan::{Item, Page, Plan};
use super::types::Type;
use crate::foreign::draft::{self, Answers, Choice, Draft, Question, Rule, Words};
use crate::foreign::logic::Logic;
use crate::foreign::meaning::{self, Scope};
use crate::foreign::prose::Placeholder;
use crate::foreign::report::{Done, Report};
use crate::foreign::table::Row;

/// What a draft is built from.
pub struct Builder<'f, 'b, 'r> {
    pub form: &'f Form<'b>,
    pub plan: &'f Plan<'b>,
    pub report: &'r mut Report,
}

/// A text that waits for the question it belongs to, and the condition it has.
struct Waiting {
    paragraphs: Vec<Words>,
    condition: Option<String>,
    row: String,
    place: crate::foreign::report::Place,
}

/// Builds the draft.
pub fn build(form: &Form, plan: &Plan, report: &mut Report) -> Draft {
    let mut builder = Builder { form, plan, report };
    let mut draft = Draft::default();
    let mut order = 0;
    let mut carried: Vec<Carried> = Vec::new();
    let mut comments: Vec<String> = Vec::new();
    let mut last: &[&Row] = &[];
    for (number, page) in plan.pages.iter().enumerate() {
        let mut built = builder.page(page, number, &mut order);
        if built.questions.is_empty() {
            // A page without a question would be an empty page: its text goes to the next.
            builder.report_merged(page, &built);
            let mut texts: Vec<Words> = built.title.into_iter().collect();
            texts.append(&mut built.intro);
            carried.push(Carried { groups: &page.groups, texts });
            comments.append(&mut built.comments);
            continue;
        }
        let for_all = carried.iter().all(|page| page.groups.iter().all(|g| builder.is_always(g)));
        let mut intro = builder.arrive(&mut carried, &page.groups, &mut comments);
        if draft.pages.is_empty() && for_all {
            draft.intro.append(&mut intro);
            draft.comments.append(&mut comments);
        } else {
            intro.append(&mut built.intro);
            comments.append(&mut built.comments);
            (built.intro, built.comments) = (intro, std::mem::take(&mut comments));
        }
        last = &page.groups;
        draft.pages.push(built);
    }
    let mut texts = builder.arrive(&mut carried, last, &mut comments);
    match draft.pages.last_mut().and_then(|page| page.questions.last_mut()) {
        Some(last) => {
            last.note.append(&mut texts);
            last.comments.append(&mut comments);
        }
        None => (draft.intro, draft.comments) = (texts, comments),
    }
    draft
}

/// The texts of a page without questions, on their way to another.
struct Carried<'p, 'b> {
    groups: &'p [&'b Row],
    texts: Vec<Words>,
}

impl<'f, 'b> Builder<'f, 'b, '_> {
    /// What an expression in the question of this number can speak of.
    pub fn scope(&self, order: usize) -> Scope<'f> {
        let (subjects, lost) = (&self.plan.subjects, &self.plan.lost);
        Scope { subjects, lost, order, here: None, columns: None }
    }

    /// How a text of the question of this number takes up earlier answers.
    pub fn pipes(&self, order: usize) -> Pipes<'f, 'b> {
        let page = self.plan.page_of.get(order).copied();
        self.pipes_on(page.unwrap_or(self.plan.pages.len().saturating_sub(1)))
    }

    fn pipes_on(&self, page: usize) -> Pipes<'f, 'b> {
        let columns = &self.form.survey.columns;
        let is_asked = |row: &Row| !is_never(columns.peek(row, "relevant"));
        Pipes { plan: self.plan, page: self.plan.shown_on(page, is_asked) }
    }

    fn report_merged(&mut self, page: &Page, built: &draft::Page) {
        if let (Some(row), Some(_)) = (page.title, &built.title) {
            let place = self.form.survey.place(row, "label");
            let name = self.form.survey.columns.peek(row, "name");
            let why =
                "a page without questions: what it says stands on the next page or at the end";
            self.report.add(&place, name, Done::Replaced, why);
            let place = self.form.survey.place(row, "name");
            self.report.add(&place, name, Done::Renamed, "a page that is not there needs no name");
        }
    }

    fn is_always(&self, group: &Row) -> bool {
        self.form.survey.columns.peek(group, "relevant").is_empty()
    }

    /// The texts that may stand on a page in these groups. Where a condition of their own groups is not
    /// the page's too they would be shown to the wrong people: then they are comments.
    fn arrive(
        &mut self,
        carried: &mut Vec<Carried<'_, 'b>>,
        groups: &[&Row],
        comments: &mut Vec<String>,
    ) -> Vec<Words> {
        let mut arrived = Vec::new();
        for Carried { groups: own, texts } in carried.drain(..) {
            let held = |row: &&&Row| groups.iter().any(|group| std::ptr::eq(*group, **row));
            let unsaid: Vec<&&Row> =
                own.iter().filter(|row| !self.is_always(row)).filter(|row| !held(row)).collect();
            for row in &unsaid {
                let place = self.form.survey.place(row, "relevant");
                let raw = self.form.survey.columns.peek(row, "relevant");
                let why = "a text has no condition of its own, and its page has no questions";
                self.report.add(&place, raw, Done::Comment, why);
                comments.push(format!("relevant: {raw}"));
            }
            if unsaid.is_empty() {
                arrived.extend(texts);
            } else {
                comments.push(draft::in_all_languages(&texts));
            }
        }
        arrived
    }

    fn page(&mut self, page: &Page<'b>, number: usize, order: &mut usize) -> draft::Page {
        let first = *order;
        let pipes = self.pipes_on(number);
        let mut built = draft::Page { id: page.id.clone(), ..draft::Page::default() };
        for row in &page.groups {
            self.group_leftovers(row);
        }
        if let Some(row) = page.title {
            let form = self.form;
            built.place = form.survey.place(row, "name");
            built.title = form.line(&form.survey, row, "label", &pipes, self.report);
            built.title = built.title.or_else(|| Some(form.named(row, self.report)));
            for key in ["hint", "guidance_hint"] {
                let lines = form.lines(&form.survey, row, key, &pipes, self.report);
                built.intro.extend(paragraphs(lines));
            }
        }
        let condition = self.group_condition(page, first, &mut built.comments);
        let mut waiting: Vec<Waiting> = Vec::new();
        for item in &page.items {
            match item {
                Item::Note(row) => {
                    waiting.extend(self.note(row, number, *order, &mut built.comments))
                }
                Item::Lost { row, why } => built.comments.push(self.lost(row, why)),
                Item::Question { row, what, id, order: own } => {
                    *order = own + 1;
                    if let Some(question) = self.question(row, what, id, *own, &mut built.comments)
                    {
                        self.place_notes(&mut waiting, question, &mut built);
                    }
                }
                Item::Matrix { head, list, several, rows, id, order: own } => {
                    *order = own + 1;
                    let mut question = self.matrix(*head, list, rows, id, *own);
                    if let Answers::Table { several: ticks, .. } = &mut question.answers {
                        *ticks = *several;
                    }
                    self.place_notes(&mut waiting, question, &mut built);
                }
            }
        }
        self.place_rest(waiting, &mut built);
        apply_condition(&mut built, condition);
        built
    }

    /// The conditions of all groups around a page.
    fn group_condition(
        &mut self,
        page: &Page<'b>,
        order: usize,
        comments: &mut Vec<String>,
    ) -> Option<Rule> {
        let rules: Vec<(Logic, Rule)> =
            page.groups.iter().filter_map(|row| self.relevant(row, order, comments)).collect();
        let mut joined = rules.first()?.1.clone();
        let sources: Vec<&str> = rules.iter().map(|(_, rule)| rule.source.as_str()).collect();
        joined.source = sources.join(" and ");
        joined.text = Logic::and(rules.into_iter().map(|(logic, _)| logic).collect()).write()?;
        Some(joined)
    }

    /// What stands in a group's row besides name, label and condition.
    fn group_leftovers(&mut self, row: &'b Row) {
        let place = self.form.survey.place(row, "appearance");
        let raw = self.form.survey.columns.peek(row, "appearance");
        if !raw.is_empty() && raw != "field-list" {
            self.form.survey.columns.read(row, "appearance");
            let why = "a group is a page, shown in the program's own way";
            self.report.add(&place, raw, Done::Dropped, why);
        }
    }

    /// The condition of a row; where it cannot be said, a comment.
    fn relevant(
        &mut self,
        row: &'b Row,
        order: usize,
        comments: &mut Vec<String>,
    ) -> Option<(Logic, Rule)> {
        let raw = self.form.survey.columns.read(row, "relevant");
        if raw.is_empty() {
            return None;
        }
        let place = self.form.survey.place(row, "relevant");
        match meaning::condition(raw, self.scope(order)) {
            Ok(Logic::Known(true)) => None,
            Ok(Logic::Known(false)) => {
                comments.push(format!("relevant: {raw}"));
                self.report.add(&place, raw, Done::Comment, "it never holds; what it hid is asked");
                None
            }
            Ok(logic) => {
                let text = logic.write().unwrap_or_default();
                let rule = Rule { text, cue: None, source: raw.to_owned(), place };
                Some((logic, rule))
            }
            Err(why) => {
                comments.push(format!("relevant: {raw}"));
                self.report.add(&place, raw, Done::Comment, why);
                None
            }
        }
    }

    /// A row that does not come over: all of it in one comment.
    fn lost(&mut self, row: &'b Row, why: &str) -> String {
        let table = self.form.survey.table;
        let mut parts = Vec::new();
        for (column, text) in row.cells() {
            row.read(column);
            parts.push(text.to_owned());
        }
        let what = parts.join(" | ");
        self.report.add(&table.place(row, 0), &what, Done::Comment, why);
        what
    }

    fn question(
        &mut self,
        row: &'b Row,
        what: &Type,
        id: &str,
        order: usize,
        comments: &mut Vec<String>,
    ) -> Option<Question> {
        let form = self.form;
        if is_never(form.survey.columns.peek(row, "relevant")) {
            comments.push(self.lost(row, "it is never asked"));
            return None;
        }
        let place = form.survey.place(row, "name");
        let mut question = Question { id: id.to_owned(), place, ..Question::default() };
        self.texts(&mut question, row, order);
        let mut own = Vec::new();
        question.condition = self.relevant(row, order, &mut own).map(|(_, rule)| rule);
        question.comments.append(&mut own);
        self.fill(&mut question, row, what, order);
        Some(question)
    }

    /// The heading is the first line of the label; the others and the hints are help.
    fn texts(&mut self, question: &mut Question, row: &'b Row, order: usize) {
        let (form, pipes) = (self.form, self.pipes(order));
        let mut label = form.lines(&form.survey, row, "label", &pipes, self.report);
        let lines = label[0].len();
        if label.iter().any(|other| other.len() != lines) {
            label = label.into_iter().map(|lines| vec![lines.join(" ")]).collect();
        }
        if label[0].is_empty() {
            question.text = form.named(row, self.report);
        } else {
            question.text = label.iter_mut().map(|lines| lines.remove(0)).collect();
            question.help.extend(paragraphs(label));
        }
        for key in ["hint", "guidance_hint"] {
            let lines = form.lines(&form.survey, row, key, &pipes, self.report);
            question.help.extend(paragraphs(lines));
        }
    }

    fn matrix(
        &mut self,
        head: Option<&'b Row>,
        list: &str,
        rows: &[(&'b Row, String)],
        id: &str,
        order: usize,
    ) -> Question {
        let (form, pipes) = (self.form, self.pipes(order));
        let place = form.survey.place(rows[0].0, "name");
        let mut question = Question { id: id.to_owned(), place, ..Question::default() };
        match head {
            Some(row) => {
                self.texts(&mut question, row, order);
                let mut comments = Vec::new();
                question.condition = self.relevant(row, order, &mut comments).map(|(_, rule)| rule);
                question.comments.append(&mut comments);
            }
            None => question.text = form.named(rows[0].0, self.report),
        }
        let columns = choices::of_list(form, list, &pipes, self.report);
        let mut required = Vec::new();
        let mut made = Vec::new();
        for (row, row_id) in rows {
            required.push((*row, self.required(row)));
            made.push(self.matrix_row(row, row_id, order, &mut question.comments));
        }
        question.required = required.iter().all(|(_, required)| *required);
        if !question.required {
            for (row, _) in required.iter().filter(|(_, required)| *required) {
                let place = form.survey.place(row, "required");
                let why = "a table is required in all its rows or in none: it may be left open";
                self.report.add(&place, "required", Done::Dropped, why);
            }
        }
        question.answers = Answers::Table { rows: made, columns, several: false };
        question
    }

    fn matrix_row(
        &mut self,
        row: &'b Row,
        id: &str,
        order: usize,
        comments: &mut Vec<String>,
    ) -> Choice {
        let (form, pipes) = (self.form, self.pipes(order));
        let text = form.line(&form.survey, row, "label", &pipes, self.report);
        let text = text.unwrap_or_else(|| form.named(row, self.report));
        let condition = self.relevant(row, order, comments).map(|(_, rule)| rule);
        let place = form.survey.place(row, "name");
        Choice { id: id.to_owned(), text, condition, place, ..Choice::default() }
    }

    fn note(
        &mut self,
        row: &'b Row,
        page: usize,
        order: usize,
        comments: &mut Vec<String>,
    ) -> Option<Waiting> {
        let form = self.form;
        let pipes = self.pipes_on(page);
        let raw = form.survey.columns.peek(row, "relevant");
        if is_never(raw) {
            comments.push(self.lost(row, "it is never shown"));
            return None;
        }
        let columns = &form.survey.columns;
        let texts = ["label", "hint", "guidance_hint"];
        let says = |key: &str| columns.all(key).any(|column| !row.peek(column.number).is_empty());
        if !texts.into_iter().any(says) {
            comments.push(self.lost(row, "a text without words"));
            return None;
        }
        let mut unsaid = Vec::new();
        let had = !raw.is_empty();
        let condition = self.relevant(row, order, &mut unsaid).map(|(_, rule)| rule.text);
        comments.extend(unsaid.iter().cloned());
        let mut texts = Vec::new();
        for key in ["label", "hint", "guidance_hint"] {
            texts.extend(paragraphs(form.lines(&form.survey, row, key, &pipes, self.report)));
        }
        let place = form.survey.place(row, "label");
        let row = draft::in_all_languages(&texts);
        if had && condition.is_none() && !unsaid.is_empty() {
            // Its condition could not be said: shown to everybody it could be wrong.
            comments.push(row.clone());
            self.report.add(&place, &row, Done::Comment, "its condition could not be carried over");
            return None;
        }
        (!texts.is_empty()).then_some(Waiting { paragraphs: texts, condition, row, place })
    }

    /// Texts before the first question introduce the page, others help with the next question.
    fn place_notes(
        &mut self,
        waiting: &mut Vec<Waiting>,
        mut question: Question,
        page: &mut draft::Page,
    ) {
        let is_first = page.questions.is_empty();
        let condition = question.condition.as_ref().map(|rule| rule.text.clone());
        let mut help = Vec::new();
        for note in waiting.drain(..) {
            match (&note.condition, is_first) {
                (None, true) => page.intro.extend(note.paragraphs),
                (own, _) if *own == condition || own.is_none() && condition.is_none() => {
                    help.extend(note.paragraphs);
                }
                (None, false) => match page.questions.last_mut() {
                    Some(before) if before.condition.is_none() => {
                        before.note.extend(note.paragraphs)
                    }
                    _ => self.note_away(&note, &mut question.comments),
                },
                _ => self.note_away(&note, &mut question.comments),
            }
        }
        help.append(&mut question.help);
        question.help = help;
        page.questions.push(question);
    }

    fn note_away(&mut self, note: &Waiting, comments: &mut Vec<String>) {
        comments.push(note.row.clone());
        comments.extend(note.condition.as_ref().map(|condition| format!("relevant: {condition}")));
        let why = "a text has no condition of its own, and the question beside it has another";
        self.report.add(&note.place, &note.row, Done::Comment, why);
    }

    fn place_rest(&mut self, waiting: Vec<Waiting>, page: &mut draft::Page) {
        for note in waiting {
            let last = page.questions.last_mut();
            let condition = |q: &Question| q.condition.as_ref().map(|rule| rule.text.clone());
            match last {
                Some(last) if condition(last) == note.condition => {
                    last.note.extend(note.paragraphs)
                }
                None if note.condition.is_none() => page.intro.extend(note.paragraphs),
                _ => {
                    let mut comments = Vec::new();
                    self.note_away(&note, &mut comments);
                    page.comments.append(&mut comments);
                }
            }
        }
    }
}

/// `false()`: what people write to take a row out.
fn is_never(raw: &str) -> bool {
    matches!(
        raw.to_lowercase().replace(' ', "").as_str(),
        "false()" | "false" | "1=2" | "0=1" | "1=0"
    )
}

/// The groups' condition is the page's, or where that has no title to carry it, its questions'.
fn apply_condition(page: &mut draft::Page, rule: Option<Rule>) {
    let Some(rule) = rule else { return };
    if page.title.is_some() {
        page.condition = Some(rule);
        return;
    }
    for question in &mut page.questions {
        question.condition = Some(match question.condition.take() {
            None => rule.clone(),
            Some(own) => Rule {
                text: format!("({}) and ({})", rule.text, own.text),
                source: format!("{} and {}", rule.source, own.source),
                ..own
            },
        });
    }
}

/// Lines by language as paragraphs by language; one paragraph where their numbers differ.
fn paragraphs(lines: Vec<Vec<String>>) -> Vec<Words> {
    let count = lines[0].len();
    if lines.iter().any(|other| other.len() != count) {
        return vec![lines.into_iter().map(|lines| lines.join(" ")).collect()];
    }
    (0..count).map(|at| lines.iter().map(|lines| lines[at].clone()).collect()).collect()
}

/// `${name}` in a text.
pub struct Pipes<'p, 'b> {
    plan: &'p Plan<'b>,
    page: usize,
}

impl Placeholder for Pipes<'_, '_> {
    fn read(&self, text: &str) -> Option<(usize, Result<String, String>)> {
        let inner = text.strip_prefix("${")?;
        let end = inner.find('}')?;
        let name = inner[..end].trim();
        let found = match self.plan.subjects.get(name) {
            _ if self.plan.lost.contains_key(name) => {
                Err(format!("the answer to `{name}`, which did not come over"))
            }
            None => Err(format!("the answer to `{name}`, which is no question")),
            Some(subject) if self.plan.page_of[subject.order] >= self.page => {
                Err(format!("the answer to `{name}`, which is not on an earlier page"))
            }
            Some(subject) if subject.id.contains('.') => {
                Err(format!("the answer to `{name}`, which is a row of a table"))
            }
            Some(subject) if self.plan.long.contains(&subject.id) => {
                Err(format!("the answer to `{name}`, which does not fit into a sentence"))
            }
            Some(subject) => Ok(format!("{{{{{} or \"…\"}}}}", subject.id)),
        };
        Some((end + 3, found))
    }
}
