//! A draft as Markdown, one file a language, in the form that `fmt` leaves as it is.

use std::ops::Range;

use super::draft::{Answers, Choice, Draft, Marker, Page, Question, Rule, Words};

/// One file, and where in it stands what can be taken out again.
#[derive(Debug, Default)]
pub struct Written {
    pub text: String,
    pub marks: Vec<(Range<usize>, Part)>,
}

/// A part of a draft that `check` may refuse. Numbers are positions: page, question, choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    PageIf(usize),
    QuestionIf(usize, usize),
    /// A choice, or a row of a table.
    ChoiceIf(usize, usize, usize),
    Check(usize, usize),
    Setting(usize, usize, usize),
    /// The question as a whole.
    Question(usize, usize),
}

/// The longest line that conditions are still written on.
const LINE_MAX: usize = 100;

/// Writes the file of a language: 0 is the base.
pub fn write(draft: &Draft, language: usize) -> Written {
    let mut writer = Writer { written: Written::default(), language };
    writer.front(draft);
    for words in &draft.intro {
        writer.paragraph(words);
    }
    writer.comments(&draft.comments);
    for (at, page) in draft.pages.iter().enumerate() {
        writer.page(page, at);
    }
    for page in &draft.endings {
        let attributes = if language == 0 { " ending" } else { "" };
        let title = page.title.as_ref().map_or("", |words| writer.said(words)).to_owned();
        writer.block(&format!("# {title} {{#{}{attributes}}}", page.id));
        for words in &page.intro {
            writer.paragraph(words);
        }
    }
    writer.written
}

struct Writer {
    written: Written,
    language: usize,
}

/// A piece of `{…}`, and the part it is.
type Piece = (String, Option<Part>);

impl Writer {
    /// The text in this language, or the base's where it has none.
    fn said<'w>(&self, words: &'w Words) -> &'w str {
        let own = words.get(self.language).filter(|text| !text.is_empty());
        own.or(words.first()).map_or("", String::as_str)
    }

    fn push(&mut self, text: &str) {
        self.written.text.push_str(text);
    }

    /// A block with an empty line above it.
    fn block(&mut self, text: &str) {
        self.push("\n");
        self.push(text);
        self.push("\n");
    }

    fn paragraph(&mut self, words: &Words) {
        let text = self.said(words).to_owned();
        if !text.is_empty() {
            self.block(&text);
        }
    }

    fn comments(&mut self, comments: &[String]) {
        if self.language > 0 {
            return;
        }
        for comment in comments {
            let line = comment.split_whitespace().collect::<Vec<_>>().join(" ");
            let line = line.replace("--", "- -").replace("->", "- >").replace('>', "›");
            self.block(&format!("<!-- {line} -->"));
        }
    }

    fn front(&mut self, draft: &Draft) {
        let title = yaml_text(self.said(&draft.title));
        self.push(&format!("---\ntitle: {title}\n"));
        if self.language == 0 {
            if let Some(lang) = draft.languages.first().filter(|lang| !lang.is_empty()) {
                self.push(&format!("lang: {lang}\n"));
            }
            for line in &draft.settings {
                self.push(&format!("{line}\n"));
            }
        }
        self.push("---\n");
    }

    fn page(&mut self, page: &Page, at: usize) {
        let Some(title) = &page.title else {
            // The first page needs no line to part it from the start page's text but to part it.
            self.block("---");
            self.page_text(page);
            return self.questions(page, at);
        };
        let title = self.said(title).to_owned();
        let mut pieces = vec![(format!("#{}", page.id), None)];
        if self.language == 0 && page.shuffle {
            pieces.push(("shuffle".to_owned(), None));
        }
        self.rule(&mut pieces, page.condition.as_ref(), Part::PageIf(at));
        self.heading(&format!("# {title}"), pieces);
        self.page_text(page);
        self.questions(page, at);
    }

    fn page_text(&mut self, page: &Page) {
        self.comments(&page.comments);
        for words in &page.intro {
            self.paragraph(words);
        }
    }

    fn questions(&mut self, page: &Page, at: usize) {
        for (number, question) in page.questions.iter().enumerate() {
            self.question(question, at, number);
        }
    }

    fn question(&mut self, question: &Question, page: usize, number: usize) {
        let start = self.written.text.len();
        let mut pieces = vec![(format!("#{}", question.id), None)];
        if self.language == 0 {
            pieces.extend(question.kind.iter().map(|kind| (kind.clone(), None)));
            if question.required {
                pieces.push(("required".to_owned(), None));
            }
            for (at, setting) in question.settings.iter().enumerate() {
                let text = match &setting.value {
                    Some(value) => format!("{}={}", setting.name, quoted_if_needed(value)),
                    None => setting.name.to_owned(),
                };
                pieces.push((text, Some(Part::Setting(page, number, at))));
            }
            if let Some(check) = &question.check {
                let part = Part::Check(page, number);
                pieces.push((format!("check={}", quoted(&check.text)), Some(part)));
            }
        }
        if let (Some(_), Some(message)) = (&question.check, &question.message) {
            let text = format!("message={}", quoted(self.said(message)));
            pieces.push((text, Some(Part::Check(page, number))));
        }
        self.rule(&mut pieces, question.condition.as_ref(), Part::QuestionIf(page, number));
        self.heading(&format!("## {}", self.said(&question.text)), pieces);
        self.comments(&question.comments);
        for words in &question.help {
            self.paragraph(words);
        }
        self.answers(&question.answers, page, number);
        for words in &question.note {
            self.paragraph(words);
        }
        let whole = start..self.written.text.len();
        self.written.marks.push((whole, Part::Question(page, number)));
    }

    /// `if` and `cue`, which come last.
    fn rule(&self, pieces: &mut Vec<Piece>, rule: Option<&Rule>, part: Part) {
        let Some(rule) = rule else { return };
        if self.language == 0 {
            pieces.push((format!("if={}", quoted(&rule.text)), Some(part)));
        }
        if let Some(cue) = &rule.cue {
            pieces.push((format!("cue={}", quoted(self.said(cue))), None));
        }
    }

    /// A heading with its attributes; long ones stand on a line of their own.
    fn heading(&mut self, heading: &str, pieces: Vec<Piece>) {
        self.push("\n");
        self.push(heading);
        self.push(" ");
        let length =
            |pieces: &[Piece]| pieces.iter().map(|p| p.0.chars().count() + 1).sum::<usize>();
        let short = heading.chars().count() + 2 + length(&pieces) <= LINE_MAX;
        let is_long = |piece: &Piece| {
            ["if=", "cue=", "check=", "message="].iter().any(|name| piece.0.starts_with(name))
        };
        let (below, behind): (Vec<Piece>, Vec<Piece>) =
            pieces.into_iter().partition(|piece| !short && is_long(piece));
        self.braces(&behind);
        self.push("\n");
        if !below.is_empty() {
            self.braces(&below);
            self.push("\n");
        }
    }

    fn braces(&mut self, pieces: &[Piece]) {
        self.push("{");
        for (at, (text, part)) in pieces.iter().enumerate() {
            if at > 0 {
                self.push(" ");
            }
            let start = self.written.text.len();
            self.push(text);
            if let Some(part) = part {
                self.written.marks.push((start..self.written.text.len(), *part));
            }
        }
        self.push("}");
    }

    fn answers(&mut self, answers: &Answers, page: usize, number: usize) {
        match answers {
            Answers::Nothing => {}
            Answers::Lines(count) => {
                self.push("\n");
                for _ in 0..*count {
                    self.push("____\n");
                }
            }
            Answers::List(marker, choices) => {
                self.push("\n");
                for (at, choice) in choices.iter().enumerate() {
                    self.choice(*marker, choice, at, Part::ChoiceIf(page, number, at));
                }
            }
            Answers::Table { rows, columns, several } => {
                self.table(rows, columns, *several, page, number);
            }
        }
    }

    fn choice(&mut self, marker: Marker, choice: &Choice, at: usize, part: Part) {
        match marker {
            Marker::Round => self.push("- ( ) "),
            Marker::Square => self.push("- [ ] "),
            Marker::Plain => self.push("- "),
            Marker::Number => self.push(&format!("{}. ", at + 1)),
            Marker::Point => self.push(&format!("- {}: ", choice.id)),
        }
        let text = self.said(&choice.text).to_owned();
        self.push(&text);
        if choice.other {
            self.push(" ____");
        }
        let pieces = self.choice_pieces(choice, marker != Marker::Point, part);
        if !pieces.is_empty() {
            self.push(" ");
            self.braces(&pieces);
        }
        self.push("\n");
    }

    fn choice_pieces(&self, choice: &Choice, named: bool, part: Part) -> Vec<Piece> {
        let mut pieces = Vec::new();
        if named && !choice.id.is_empty() {
            pieces.push((format!("#{}", choice.id), None));
        }
        if self.language == 0 {
            pieces.extend(choice.flags.iter().map(|flag| ((*flag).to_owned(), None)));
            if let Some(rule) = &choice.condition {
                pieces.push((format!("if={}", quoted(&rule.text)), Some(part)));
            }
        }
        pieces
    }

    fn table(
        &mut self,
        rows: &[Choice],
        columns: &[Choice],
        several: bool,
        page: usize,
        at: usize,
    ) {
        let cell = |writer: &Writer, choice: &Choice, row: usize| {
            let pieces = writer.choice_pieces(choice, true, Part::ChoiceIf(page, at, row));
            let words: Vec<&str> = pieces.iter().map(|piece| piece.0.as_str()).collect();
            format!("{} {{{}}}", writer.said(&choice.text), words.join(" "))
        };
        let mut lines = vec![vec![String::new()]];
        lines[0].extend(columns.iter().map(|column| cell(self, column, 0)));
        for (number, row) in rows.iter().enumerate() {
            let mut line = vec![cell(self, row, number)];
            let body = if several { "[ ]" } else { "" };
            line.extend(columns.iter().map(|_| body.to_owned()));
            lines.push(line);
        }
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
        let widths: Vec<usize> =
            (0..=columns.len()).map(|column| width(column).unwrap_or(0).max(3)).collect();
        self.push("\n");
        for (number, line) in lines.iter().enumerate() {
            let start = self.written.text.len();
            for (text, width) in line.iter().zip(&widths) {
                let missing = width - text.chars().count();
                self.push(&format!("| {text}{} ", " ".repeat(missing)));
            }
            self.push("|\n");
            if number == 0 {
                self.dashes(&widths);
            } else if rows[number - 1].condition.is_some() {
                let part = Part::ChoiceIf(page, at, number - 1);
                self.written.marks.push((start..self.written.text.len(), part));
            }
        }
    }

    fn dashes(&mut self, widths: &[usize]) {
        for (column, width) in widths.iter().enumerate() {
            let sign = if column == 0 { "-" } else { ":" };
            self.push(&format!("|{sign}{}{sign}", "-".repeat(*width)));
        }
        self.push("|\n");
    }
}

fn quoted(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("\"{}\"", line.replace('"', "'"))
}

fn quoted_if_needed(value: &str) -> String {
    let plain = |sign: char| sign.is_alphanumeric() || "._-:".contains(sign);
    if !value.is_empty() && value.chars().all(plain) { value.to_owned() } else { quoted(value) }
}

/// A text in front matter, in quotes where YAML would take it for something else.
fn yaml_text(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = |sign: char| sign.is_alphanumeric() || " .,?!()-–/".contains(sign);
    let word = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let is_plain = line.starts_with(char::is_alphabetic)
        && line.chars().all(plain)
        && !word.contains(&line.to_lowercase().as_str());
    if is_plain {
        return line;
    }
    let mut out = String::from("\"");
    for sign in line.chars().filter(|sign| !sign.is_control()) {
        if matches!(sign, '"' | '\\') {
            out.push('\\');
        }
        out.push(sign);
    }
    out.push('"');
    out
}
