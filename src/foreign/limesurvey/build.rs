//! From the structure to the draft.

use std::collections::HashMap;

use super::expression;
use super::kinds::{self, Kind};
use super::structure::{Group, Part, Question as Source, Structure};
use crate::foreign::draft::{self, Answers, Draft, Page, Question, Rule, Setting, Words};
use crate::foreign::logic::{Logic, Nature, Subject};
use crate::foreign::meaning::{self, Scope};
use crate::foreign::names::Names;
use crate::foreign::prose::{NoPlaceholder, Placeholder};
use crate::foreign::report::{Done, Place, Report};
use crate::foreign::xpath;
use crate::survey::ids::{self, Named};

/// What a draft is built from.
pub struct Builder<'s, 't, 'r> {
    pub structure: &'s Structure<'t>,
    pub report: &'r mut Report,
    subjects: HashMap<String, Subject>,
    lost: HashMap<String, &'static str>,
    /// The page of each question that can be shown in a text, by its code.
    pages: HashMap<String, usize>,
    names: Names,
    order: usize,
}

/// Builds the draft.
pub fn build(structure: &Structure, stem: &str, report: &mut Report) -> Draft {
    let mut builder = Builder {
        structure,
        report,
        subjects: HashMap::new(),
        lost: HashMap::new(),
        pages: HashMap::new(),
        names: Names::default(),
        order: 0,
    };
    let mut draft = builder.front(stem);
    let mut pages = Names::default();
    let mut waiting: Vec<Words> = Vec::new();
    let asks = |group: &Group| {
        group.questions.iter().any(|q| {
            !matches!(Kind::read(&q.kind), Kind::Shown | Kind::Lost(_))
                && never(structure, q).is_none()
        })
    };
    // What stands behind the last question is shown on its page.
    let last = structure.groups.iter().rposition(asks).unwrap_or(0);
    for (number, group) in structure.groups.iter().enumerate() {
        let number = number.min(last);
        let mut page = builder.page(group, number, &mut pages);
        if page.questions.is_empty() {
            // Its text is not lost: it introduces what comes next.
            waiting.extend(page.title.take());
            waiting.append(&mut page.intro);
            draft.comments.append(&mut page.comments);
            if let Some(rule) = page.condition {
                let why = "its group has no questions";
                builder.report.add(&rule.place, &rule.source, Done::Dropped, why);
            }
            continue;
        }
        waiting.append(&mut page.intro);
        page.intro = std::mem::take(&mut waiting);
        draft.pages.push(page);
    }
    match draft.pages.last_mut().and_then(|page| page.questions.last_mut()) {
        Some(last) => last.note.append(&mut waiting),
        None => draft.intro.append(&mut waiting),
    }
    draft
}

impl<'t> Builder<'_, 't, '_> {
    /// Where a cell of a part is, in the base language.
    pub fn place(&self, part: &Part<'t>, name: &str) -> Place {
        let row = part.rows.iter().flatten().next();
        row.map(|row| self.structure.place(row, name)).unwrap_or_default()
    }

    fn front(&mut self, stem: &str) -> Draft {
        let mut draft = Draft { languages: self.structure.languages.clone(), ..Draft::default() };
        for language in &mut draft.languages {
            // `de-informal` is no language of its own here.
            *language = language.split('-').next().unwrap_or_default().to_lowercase();
        }
        draft.slug = ids::slug(&stem.replace('_', "-"), Named::Choice);
        if draft.slug.is_empty() {
            draft.slug = "survey".to_owned();
        }
        let title = self.setting("surveyls_title", stem);
        draft.title = title.iter().map(|lines| lines.join(" ").replace('\\', "")).collect();
        for name in ["surveyls_description", "surveyls_welcometext"] {
            let lines = self.setting(name, "");
            draft.intro.extend(paragraphs(lines));
        }
        if let Some(part) = self.structure.settings.get("surveyls_endtext") {
            let place = self.place(part, "text");
            let lines = self.structure.lines(part, "text", &NoPlaceholder, self.report);
            let text = draft::in_all_languages(&paragraphs(lines));
            if !text.is_empty() {
                draft.comments.push(format!("surveyls_endtext: {text}"));
                self.report.add(&place, &text, Done::Comment, "the site thanks in its own words");
            }
        }
        draft
    }

    fn setting(&mut self, name: &str, otherwise: &str) -> Vec<Vec<String>> {
        let otherwise = || vec![vec![otherwise.to_owned()]; self.structure.languages.len()];
        let Some(part) = self.structure.settings.get(name) else {
            return if name == "surveyls_title" { otherwise() } else { Vec::new() };
        };
        let lines = self.structure.lines(part, "text", &NoPlaceholder, self.report);
        if lines[0].is_empty() { otherwise() } else { lines }
    }

    fn page(&mut self, group: &Group<'t>, number: usize, pages: &mut Names) -> Page {
        let mut page = Page { place: self.place(&group.part, "name"), ..Page::default() };
        let pipes = Pipes { subjects: &HashMap::new(), pages: &HashMap::new(), page: 0 };
        let title = self.structure.line(&group.part, "name", &pipes, self.report);
        if let Some(words) = &title {
            page.id = pages.give(&ids::slug(&words[0], Named::Part), Named::Part);
        }
        page.title = title;
        self.structure.value(&group.part, "type/scale");
        let lines = self.lines(&group.part, "text", number);
        page.intro = paragraphs(lines);
        let mut comments = Vec::new();
        let condition = self.relevance(&group.part, &mut comments);
        page.comments.append(&mut comments);
        let mut waiting: Vec<Words> = Vec::new();
        for source in &group.questions {
            self.question(source, number, &mut page, &mut waiting);
        }
        match page.questions.last_mut() {
            Some(last) => last.note.append(&mut waiting),
            None => page.intro.append(&mut waiting),
        }
        match (condition, page.title.is_some()) {
            (Some(rule), true) => page.condition = Some(rule),
            (Some(rule), false) => {
                for question in &mut page.questions {
                    question.condition = both(Some(rule.clone()), question.condition.take());
                }
            }
            (None, _) => {}
        }
        page
    }

    fn lines(&mut self, part: &Part<'t>, name: &str, page: usize) -> Vec<Vec<String>> {
        let pipes = Pipes { subjects: &self.subjects, pages: &self.pages, page };
        self.structure.lines(part, name, &pipes, self.report)
    }

    fn question(
        &mut self,
        source: &Source<'t>,
        number: usize,
        page: &mut Page,
        waiting: &mut Vec<Words>,
    ) {
        let kind = Kind::read(&source.kind);
        if let Some(why) = never(self.structure, source) {
            return self.lose(source, why, &mut page.comments);
        }
        match kind {
            Kind::Lost(why) => return self.lose(source, why, &mut page.comments),
            Kind::Shown => return self.shown(source, number, page, waiting),
            Kind::Matrix(kinds::Columns::Answers) if source.answers.is_empty() => {
                return self.lose(source, "it has no answers", &mut page.comments);
            }
            Kind::Matrix(_) | Kind::Choices { .. } | Kind::Each { .. }
                if source.subquestions.is_empty() =>
            {
                return self.lose(source, "it has no subquestions", &mut page.comments);
            }
            Kind::Choice { .. } if source.answers.is_empty() && !self.has_other(source) => {
                return self.lose(source, "it has no answers", &mut page.comments);
            }
            Kind::Ranking if source.answers.is_empty() && source.subquestions.is_empty() => {
                return self.lose(source, "it has no answers", &mut page.comments);
            }
            Kind::Each { number: is_number } => {
                return self.each(source, is_number, number, page, waiting);
            }
            _ => {}
        }
        let mut question = self.begin(source, number);
        self.fill(&mut question, source, kind);
        let id = question.id.clone();
        self.know(source, kind, &id, number);
        question.help.splice(0..0, waiting.drain(..));
        page.questions.push(question);
    }

    fn has_other(&self, source: &Source<'t>) -> bool {
        self.structure.value(&source.part, "other").eq_ignore_ascii_case("Y")
    }

    /// The question with its texts, condition and whether it is required.
    fn begin(&mut self, source: &Source<'t>, number: usize) -> Question {
        let part = &source.part;
        let place = self.place(part, "name");
        self.structure.value(part, "name");
        self.structure.value(part, "type/scale");
        let id = self.names.give(&part.code, Named::Part);
        if id != part.code {
            self.report.add(
                &place,
                &part.code,
                Done::Renamed,
                format!("the question is called {id}"),
            );
        }
        let mut question = Question { id, place, ..Question::default() };
        let mut label = self.lines(part, "text", number);
        let count = label[0].len();
        if label.iter().any(|lines| lines.len() != count) {
            label = label.into_iter().map(|lines| vec![lines.join(" ")]).collect();
        }
        if label[0].is_empty() {
            let why = "it has no text: its code stands there";
            self.report.add(&question.place, &part.code, Done::Replaced, why);
            question.text = vec![question.id.clone(); self.structure.languages.len()];
        } else {
            question.text = label.iter_mut().map(|lines| lines.remove(0)).collect();
            question.help = paragraphs(label);
        }
        let help = self.lines(part, "help", number);
        question.help.extend(paragraphs(help));
        let mut comments = Vec::new();
        question.condition = self.relevance(part, &mut comments);
        question.comments = comments;
        match self.structure.value(part, "mandatory") {
            "Y" | "y" => question.required = true,
            "S" | "s" => {
                let place = self.place(part, "mandatory");
                question.settings.push(Setting::word("expected", "S", &place));
            }
            _ => {}
        }
        question
    }

    /// A text question or a number for each subquestion.
    fn each(
        &mut self,
        source: &Source<'t>,
        is_number: bool,
        number: usize,
        page: &mut Page,
        waiting: &mut Vec<Words>,
    ) {
        let whole = self.begin(source, number);
        let text: Vec<Words> =
            std::iter::once(whole.text.clone()).chain(whole.help.clone()).collect();
        let mut help = std::mem::take(waiting);
        help.extend(text);
        let why = "a question of its own for each field";
        self.report.add(&whole.place, &source.part.code, Done::Replaced, why);
        let rows = self.choices(&source.subquestions);
        for (row, part) in rows.into_iter().zip(&source.subquestions) {
            let id = self.names.give(&format!("{}-{}", whole.id, row.id), Named::Part);
            let mut question = Question {
                id: id.clone(),
                text: row.text,
                help: std::mem::take(&mut help),
                required: whole.required,
                condition: both(whole.condition.clone(), row.condition),
                place: row.place,
                ..Question::default()
            };
            if is_number {
                question.kind = Some("number".to_owned());
                let step = Setting::value("step", "0.01".to_owned(), "K", &whole.place);
                question.settings.push(step);
            } else {
                question.answers = Answers::Lines(1);
            }
            let nature = if is_number { Nature::Number } else { Nature::Text };
            let name = format!("{}_{}", source.part.code, part.code);
            self.add(&name, Subject { id, nature, codes: HashMap::new(), order: self.order });
            self.order += 1;
            page.questions.push(question);
        }
    }

    fn shown(
        &mut self,
        source: &Source<'t>,
        number: usize,
        page: &mut Page,
        waiting: &mut Vec<Words>,
    ) {
        let part = &source.part;
        for name in ["name", "type/scale", "mandatory", "other"] {
            self.structure.value(part, name);
        }
        self.lost.insert(part.code.clone(), "it is a text");
        let mut comments = Vec::new();
        let condition = self.relevance(part, &mut comments);
        let mut texts = paragraphs(self.lines(part, "text", number));
        texts.extend(paragraphs(self.lines(part, "help", number)));
        if condition.is_none() && comments.is_empty() {
            let target = if page.questions.is_empty() { &mut page.intro } else { waiting };
            target.extend(texts);
            return;
        }
        // Shown to everybody it could be wrong.
        let text = draft::in_all_languages(&texts);
        let place = self.place(part, "text");
        self.report.add(&place, &text, Done::Comment, "a text has no condition of its own");
        page.comments.append(&mut comments);
        page.comments.extend(condition.map(|rule| format!("relevance: {}", rule.source)));
        page.comments.push(text);
    }

    /// A question that does not come over: all of it is one comment.
    fn lose(&mut self, source: &Source<'t>, why: &'static str, comments: &mut Vec<String>) {
        self.lost.insert(source.part.code.clone(), why);
        let parts =
            std::iter::once(&source.part).chain(&source.subquestions).chain(&source.answers);
        for part in parts {
            for row in part.rows.iter().flatten() {
                let mut words = Vec::new();
                for (column, text) in row.cells() {
                    row.read(column);
                    words.push(text);
                }
                let place = self.structure.table.place(row, 0);
                let what = words.join(" | ");
                self.report.add(&place, &what, Done::Comment, why);
                comments.push(what);
            }
        }
    }

    /// A relevance equation; where it cannot be said, a comment.
    fn relevance(&mut self, part: &Part<'t>, comments: &mut Vec<String>) -> Option<Rule> {
        match self.rule(part) {
            Ok(rule) => rule,
            Err((place, raw, why)) => {
                comments.push(format!("relevance: {raw}"));
                self.report.add(&place, raw, Done::Comment, why);
                None
            }
        }
    }

    /// The condition of a choice or a row; where it cannot be said, everybody sees it.
    pub fn offered(&mut self, part: &Part<'t>) -> Option<Rule> {
        match self.rule(part) {
            Ok(rule) => rule,
            Err((place, raw, why)) => {
                let why = format!("everybody sees it, since {why}");
                self.report.add(&place, raw, Done::Dropped, why);
                None
            }
        }
    }

    /// A relevance equation, or where it stands, how, and why it cannot be said.
    fn rule(&self, part: &Part<'t>) -> Result<Option<Rule>, (Place, &'t str, String)> {
        let raw = part
            .rows
            .iter()
            .flatten()
            .next()
            .map_or("", |row| self.structure.read(row, "relevance"));
        for row in part.rows.iter().flatten().skip(1) {
            self.structure.read(row, "relevance");
        }
        if matches!(raw.trim(), "" | "1") {
            return Ok(None);
        }
        let place = self.place(part, "relevance");
        let scope = Scope {
            subjects: &self.subjects,
            lost: &self.lost,
            order: self.order,
            here: None,
            columns: None,
        };
        let read = expression::lex(raw).and_then(|tokens| xpath::parse_tokens(&tokens));
        match read.and_then(|expr| meaning::meaning(&expr, scope)) {
            Ok(Logic::Known(true)) => Ok(None),
            Ok(logic) => match logic.write() {
                Some(text) => Ok(Some(Rule { text, cue: None, source: raw.to_owned(), place })),
                None => Err((place, raw, "it never holds; what it hid is asked".to_owned())),
            },
            Err(why) => Err((place, raw, why)),
        }
    }

    fn add(&mut self, name: &str, subject: Subject) {
        self.subjects.entry(name.to_owned()).or_insert(subject);
    }

    /// Makes a question known to later conditions, by LimeSurvey's names.
    fn know(&mut self, source: &Source<'t>, kind: Kind, id: &str, page: usize) {
        let code = &source.part.code;
        let order = self.order;
        self.order += 1;
        let codes_of = |parts: &[Part]| -> HashMap<String, Vec<String>> {
            let ids = kinds::ids(parts);
            parts
                .iter()
                .map(|part| part.code.clone())
                .zip(ids.into_iter().map(|id| vec![id]))
                .collect()
        };
        let fixed = |codes: &[(&str, &str, &str)]| -> HashMap<String, Vec<String>> {
            codes.iter().map(|(code, ..)| ((*code).to_owned(), vec![code.to_lowercase()])).collect()
        };
        let subject = |id: String, nature, codes| Subject { id, nature, codes, order };
        let mut short = true;
        match kind {
            Kind::Choice { .. } => {
                let mut codes = codes_of(&source.answers);
                if self.has_other(source) {
                    let free = vec![free_other(&source.answers)];
                    codes.insert("-oth-".to_owned(), free.clone());
                    // Its text field is filled in where it is chosen.
                    let chosen = HashMap::from([("OK".to_owned(), free)]);
                    let field = subject(id.to_owned(), Nature::Consent, chosen);
                    self.add(&format!("{code}_other"), field);
                }
                self.add(code, subject(id.to_owned(), Nature::Choice, codes));
            }
            Kind::Fixed(list) => {
                self.add(code, subject(id.to_owned(), Nature::Choice, fixed(list)))
            }
            Kind::Choices { .. } => {
                for (part, own) in source.subquestions.iter().zip(kinds::ids(&source.subquestions))
                {
                    let codes = HashMap::from([("Y".to_owned(), vec![own])]);
                    self.add(
                        &format!("{code}_{}", part.code),
                        subject(id.to_owned(), Nature::Tick, codes),
                    );
                }
                if self.has_other(source) {
                    let codes =
                        HashMap::from([("Y".to_owned(), vec![free_other(&source.subquestions)])]);
                    self.add(&format!("{code}_other"), subject(id.to_owned(), Nature::Tick, codes));
                }
                let codes = codes_of(&source.subquestions);
                self.add(code, subject(id.to_owned(), Nature::Set, codes));
            }
            Kind::Matrix(columns) => {
                short = false;
                let codes = match columns {
                    kinds::Columns::Answers => codes_of(&source.answers),
                    kinds::Columns::Fixed(list) => fixed(list),
                    kinds::Columns::Points(count) => (1..=count)
                        .map(|point| (point.to_string(), vec![point.to_string()]))
                        .collect(),
                };
                for (part, row) in source.subquestions.iter().zip(kinds::ids(&source.subquestions))
                {
                    let own = subject(format!("{id}.{row}"), Nature::Choice, codes.clone());
                    self.add(&format!("{code}_{}", part.code), own);
                }
            }
            Kind::Number | Kind::Five => {
                self.add(code, subject(id.to_owned(), Nature::Number, HashMap::new()))
            }
            Kind::Date => self.add(code, subject(id.to_owned(), Nature::Date, HashMap::new())),
            Kind::Ranking => {
                let codes = codes_of(&source.answers);
                self.add(code, subject(id.to_owned(), Nature::Set, codes));
            }
            Kind::Text(lines) => {
                short = lines == 1;
                self.add(code, subject(id.to_owned(), Nature::Text, HashMap::new()));
            }
            Kind::Each { .. } | Kind::Shown | Kind::Lost(_) => {}
        }
        if short {
            self.pages.insert(code.clone(), page);
        }
    }
}

/// Why a question is never seen.
fn never(structure: &Structure, source: &Source) -> Option<&'static str> {
    if structure.is(&source.part, "relevance", &["0", "false"]) {
        return Some("it is never asked");
    }
    structure
        .is(&source.part, "hidden", &["1", "Y"])
        .then_some("a survey asks for nothing that cannot be seen")
}

/// Two conditions that both have to hold.
fn both(outer: Option<Rule>, inner: Option<Rule>) -> Option<Rule> {
    Some(match (outer, inner) {
        (Some(outer), Some(inner)) => Rule {
            text: format!("({}) and ({})", outer.text, inner.text),
            source: format!("{} and {}", outer.source, inner.source),
            ..inner
        },
        (outer, inner) => outer.or(inner)?,
    })
}

/// The id of the choice that `other=Y` adds to these.
fn free_other(parts: &[Part]) -> String {
    let mut names = Names::default();
    for part in parts {
        names.give(&part.code, Named::Choice);
    }
    names.give("other", Named::Choice)
}

/// Lines by language as paragraphs by language; one paragraph where their numbers differ.
fn paragraphs(lines: Vec<Vec<String>>) -> Vec<Words> {
    let Some(first) = lines.first() else { return Vec::new() };
    let count = first.len();
    if lines.iter().any(|other| other.len() != count) {
        return vec![lines.into_iter().map(|lines| lines.join(" ")).collect()];
    }
    (0..count).map(|at| lines.iter().map(|lines| lines[at].clone()).collect()).collect()
}

/// `{q1}` and `{q1.shown}` in a text; other braces are what LimeSurvey would calculate.
struct Pipes<'p> {
    subjects: &'p HashMap<String, Subject>,
    pages: &'p HashMap<String, usize>,
    page: usize,
}

impl Placeholder for Pipes<'_> {
    fn read(&self, text: &str) -> Option<(usize, Result<String, String>)> {
        let inner = text.strip_prefix('{')?;
        // As LimeSurvey has it: a space behind the brace makes it a brace.
        if inner.starts_with(char::is_whitespace) {
            return None;
        }
        let end = inner.find('}')?;
        let name = inner[..end].split('.').next().unwrap_or_default();
        let found = match (self.subjects.get(name), self.pages.get(name)) {
            (Some(subject), Some(page)) if *page < self.page => {
                Ok(format!("{{{{{} or \"…\"}}}}", subject.id))
            }
            (Some(_), _) => Err(format!("the answer to `{name}`, which cannot be shown here")),
            (None, _) => Err(format!("`{{{}}}`, which is calculated", &inner[..end])),
        };
        Some((end + 2, found))
    }
}
