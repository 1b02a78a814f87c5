//! From the tree of a base file to pages and questions: kinds, ids and attributes are judged here,
//! conditions and skips afterwards (`link`), when every question is known.

use super::attributes::{Attribute, Attributes};
use super::catalogue as c;
use super::compile::File;
use super::ids::{self, Named, Register, Taken};
use super::kinds::{self, Kind, author, table};
use super::model::{Ending, Page, Question};
use super::source::{Notes, suggest};
use super::tree::{AnswersSource, ItemSource, Marker, PageSource, QuestionSource, span_of};
use super::vocabulary::{self, Element};

/// The ids a survey has used, over all its files.
#[derive(Debug, Default)]
pub struct Names {
    questions: Register,
    pages: Register,
    maps: Vec<String>,
}

impl Names {
    /// Whether a question is tied to this field already.
    pub fn maps(&self, field: &str) -> bool {
        self.maps.iter().any(|mapped| mapped == field)
    }
}

/// The fields of a panel member that a question can be tied to.
pub const MAPS: &[&str] = &["district", "gender", "birth-year", "age", "education", "email"];

const QUESTION: [&str; 2] = ["a question", "et spørgsmål"];

/// Attributes of a page.
pub const OF_PAGE: &[&str] = &["#", "if", "cue", "ending", "shuffle"];

/// What the page sources came to.
pub struct Assembled {
    pub pages: Vec<Page>,
    pub endings: Vec<Ending>,
}

/// Makes pages and endings of `sources`, whose files are `files`; each source is told its id.
/// `pages[i].questions[j]` comes from the i-th page source that is no ending and its j-th question
/// that could be read; those that could not are taken out of the sources.
pub fn assemble<'a>(
    sources: &mut [PageSource],
    files: &[File<'a>],
    names: &mut Names,
    notes: &mut Notes<'a>,
) -> Assembled {
    let mut assembled = Assembled { pages: Vec::new(), endings: Vec::new() };
    for (number, page) in sources.iter_mut().enumerate() {
        let file = files[page.origin];
        notes.file = file.path;
        let before = notes.list.len();
        check_attributes(&page.attributes, OF_PAGE, ["a page", "en side"], notes);
        retell_pipes(before, names, notes);
        page.id = page_id(page, number, file, names, notes);
        if page.attributes.has("ending") {
            note_questions_of_ending(page, files, notes);
            assembled.endings.push(Ending {
                id: page.id.clone(),
                title: page.title.clone().unwrap_or_default(),
                text: page.intro.clone().unwrap_or_default(),
            });
        } else {
            assembled.pages.push(Page {
                id: page.id.clone(),
                title: page.title.clone(),
                intro: page.intro.clone(),
                cue: page.attributes.value("cue").map(str::to_owned),
                condition: None,
                shuffle: page.attributes.has("shuffle"),
                questions: questions(page, files, names, notes),
            });
        }
    }
    retell_pipes(0, names, notes);
    assembled
}

fn note_questions_of_ending<'a>(page: &PageSource, files: &[File<'a>], notes: &mut Notes<'a>) {
    for question in &page.questions {
        notes.file = files[question.origin].path;
        notes.add(&c::QUESTION_OUTSIDE_PAGE, question.span.clone());
    }
}

/// The kind a question is without doubt, for a translation to be compared with.
pub fn kind_by_form(answers: &AnswersSource) -> &'static str {
    match answers {
        AnswersSource::Nothing => "nothing",
        AnswersSource::Lines { count: 1, .. } => "text",
        AnswersSource::Lines { .. } => "longtext",
        AnswersSource::Table { header, rows, .. } => table::Form::of(header, rows).kind(),
        AnswersSource::List { ordered: true, .. } => "ranking",
        AnswersSource::List { items, .. } => {
            if items.iter().any(|item| item.marker == Marker::Square) {
                "multiple"
            } else {
                "single"
            }
        }
    }
}

fn page_id(
    page: &PageSource,
    number: usize,
    file: File,
    names: &mut Names,
    notes: &mut Notes,
) -> String {
    let id = match (page.attributes.id(), &page.title) {
        (Some(attribute), _) => ids::check(attribute, Named::Part, notes),
        (None, Some(title)) => names.pages.free(&ids::slug(&title.plain, Named::Part)),
        (None, None) => names.pages.free(&format!("page-{}", number + 1)),
    };
    let span = span_of(page.attributes.id(), &page.span);
    names.pages.take(&id, Taken::at(file, span.start), &span, notes);
    id
}

fn questions<'a>(
    page: &mut PageSource,
    files: &[File<'a>],
    names: &mut Names,
    notes: &mut Notes<'a>,
) -> Vec<Question> {
    let mut questions = Vec::new();
    // Those that cannot be read leave the sources, so that both sides keep the same positions.
    page.questions.retain_mut(|source| {
        let file = files[source.origin];
        notes.file = file.path;
        let read = read_question(source, file, names, notes);
        source.id = read.as_ref().map(|question| question.id.clone()).unwrap_or_default();
        questions.extend(read);
        !source.id.is_empty()
    });
    questions
}

fn read_question(
    source: &QuestionSource,
    file: File,
    names: &mut Names,
    notes: &mut Notes,
) -> Option<Question> {
    let id = question_id(source, file, names, notes);
    note_cpr(source, notes);
    let before = notes.list.len();
    let kind = choose_kind(source, notes);
    if let Some(rules) = kind.map(Kind::rules) {
        check_question_attributes(source, rules.name(), rules.attributes(), notes);
        check_parts(source, rules, notes);
    }
    retell_pipes(before, names, notes);
    let kind = kind?;
    let rules = kind.rules();
    let mut question = Question::new(&id, kind, source.text.clone());
    question.help.clone_from(&source.help);
    question.note.clone_from(&source.note);
    question.required = source.attributes.has("required");
    question.expected = source.attributes.has("expected");
    question.private = source.attributes.has("private");
    question.message = source.attributes.value("message").map(str::to_owned);
    question.trend = source.attributes.value("trend").map(str::to_owned);
    question.cue = source.attributes.value("cue").map(str::to_owned);
    question.maps = read_maps(source, rules.name(), names, notes);
    rules.compile(source, &mut question, notes);
    note_pairs(source, notes);
    Some(question)
}

fn question_id(
    source: &QuestionSource,
    file: File,
    names: &mut Names,
    notes: &mut Notes,
) -> String {
    let id = match source.attributes.id() {
        Some(attribute) => ids::check(attribute, Named::Part, notes),
        None => {
            let id = names.questions.free(&ids::slug(&source.text.plain, Named::Part));
            notes.add(&c::NO_ID, source.span.clone()).arg("id", &id);
            id
        }
    };
    let span = span_of(source.attributes.id(), &source.span);
    names.questions.take(&id, Taken::at(file, span.start), &span, notes);
    id
}

/// Notes attributes that mean nothing without, or beside, another.
fn note_pairs(source: &QuestionSource, notes: &mut Notes) {
    let find = |name| source.attributes.find(name);
    if let (Some(one), None) | (None, Some(one)) = (find("check"), find("message")) {
        notes.add(&c::CHECK_WITHOUT_MESSAGE, one.span.clone());
    }
    if let (Some(_), Some(private)) = (find("maps"), find("private")) {
        notes.add(&c::PRIVATE_AND_MAPS, private.span.clone());
    }
    if let (Some(_), Some(expected)) = (find("required"), find("expected")) {
        notes.add(&c::REQUIRED_AND_EXPECTED, expected.span.clone());
    }
}

/// A question that asks for a CPR number; one that asks people not to write it is fine.
fn note_cpr(source: &QuestionSource, notes: &mut Notes) {
    let text = source.text.plain.to_lowercase().replace("c.p.r", "cpr");
    let names = ["cpr", "personnummer", "civil registration", "social security number"];
    let asks = names.iter().any(|name| text.contains(name));
    let warns = ["ikke", "aldrig", "undgå", "not", "never", "avoid"];
    let warns = warns.iter().any(|word| text.contains(word));
    if asks && !warns && !only_about(source, &text) {
        notes.add(&c::CPR, source.span.clone());
    }
}

/// "Har du oplevet, at nogen misbrugte dit CPR-nummer?" with answers to choose from, and no number.
fn only_about(source: &QuestionSource, text: &str) -> bool {
    let AnswersSource::List { items, .. } = &source.answers else { return false };
    let openers = [
        "har", "er", "ved", "kan", "må", "bliver", "blev", "synes", "have", "do", "did", "has",
        "is",
    ];
    let first = text.split_whitespace().next().unwrap_or_default();
    items.len() > 1 && !items.iter().any(|item| item.other) && openers.contains(&first)
}

fn choose_kind(source: &QuestionSource, notes: &mut Notes) -> Option<Kind> {
    let mut asked = kinds::ALL
        .iter()
        .filter_map(|rules| Some((rules.name(), source.attributes.find(rules.keyword()?)?)));
    if let Some((name, _)) = asked.next() {
        for (_, second) in asked {
            notes.add(&c::TWO_TYPES, second.span.clone()).arg("name", &second.name);
        }
        return Kind::named(name);
    }
    match &source.answers {
        AnswersSource::Nothing if source.attributes.has("from") => Kind::named(carried(source)),
        AnswersSource::Nothing => {
            note_no_answers(source, notes);
            None
        }
        AnswersSource::Lines { count: 2, span } => {
            notes.add(&c::ANSWER_LINES, span.clone());
            Kind::named("longtext")
        }
        AnswersSource::List { ordered: true, items, .. } => {
            if let Some(item) = items.iter().find(|item| item.marker != Marker::Plain) {
                notes.add(&c::NUMBERED_LIST, item.span.clone());
            }
            Kind::named("ranking")
        }
        answers => Kind::named(kind_by_form(answers)),
    }
}

/// The kind of a question whose choices are an earlier one's.
fn carried(source: &QuestionSource) -> &'static str {
    if source.attributes.has("top") {
        "ranking"
    } else if source.attributes.has("multiple") {
        "multiple"
    } else {
        "single"
    }
}

/// A misspelt type is said as an unknown attribute, not as a question without answers.
fn note_no_answers(source: &QuestionSource, notes: &mut Notes) {
    let before = notes.list.len();
    check_question_attributes(source, "", every_attribute(), notes);
    if notes.list.len() == before {
        notes.add(&c::QUESTION_WITHOUT_ANSWERS, source.span.clone());
    }
}

fn every_attribute() -> &'static [&'static str] {
    &["min", "max", "step", "unit", "maxlength", "dropdown", "shuffle", "scale"]
}

fn check_question_attributes(source: &QuestionSource, kind: &str, own: &[&str], notes: &mut Notes) {
    let known: Vec<&str> = author::COMMON.iter().chain(own).copied().collect();
    for attribute in &source.attributes.list {
        let name = attribute.name.as_str();
        let of_others = kinds::ALL.iter().any(|rules| rules.attributes().contains(&name));
        if !known.contains(&name) && of_others {
            notes
                .add(&c::ATTRIBUTE_NOT_HERE, attribute.span.clone())
                .arg("name", name)
                .arg("kind", kind);
        } else {
            check_attribute(attribute, &known, QUESTION, notes);
        }
    }
}

/// `{name}` at the end of a line, where the answer to `name` was meant to stand.
fn retell_pipes(before: usize, names: &Names, notes: &mut Notes) {
    for note in &mut notes.list[before..] {
        let is_question = |[name, _]: &[String; 2]| names.questions.has(name);
        if note.entry.code == c::STRAY_BRACES.code {
            let text = note.args.get("text").map_or("", |[text, _]| text.as_str());
            let name = text.trim_start_matches('{').trim_end_matches('}').trim().to_owned();
            if names.questions.has(&name) {
                note.entry = &c::MEANT_PIPE;
                note.arg("name", name);
            }
            continue;
        }
        let meant = note.args.get("name").is_some_and(is_question);
        if note.entry.code == c::UNKNOWN_ATTRIBUTE.code && meant {
            note.entry = &c::MEANT_PIPE;
            note.fix = None;
        }
    }
}

/// Notes attributes that the element cannot have, and values that are missing or too many.
fn check_attributes(attributes: &Attributes, known: &[&str], place: [&str; 2], notes: &mut Notes) {
    for attribute in &attributes.list {
        check_attribute(attribute, known, place, notes);
    }
}

fn check_attribute(attribute: &Attribute, known: &[&str], place: [&str; 2], notes: &mut Notes) {
    let name = attribute.name.as_str();
    if !known.contains(&name) {
        let name_span = attribute.span.start..attribute.span.start + name.len();
        let note = notes.add(&c::UNKNOWN_ATTRIBUTE, name_span);
        note.arg("name", name).phrase("place", place[0], place[1]);
        if let Some(known) = vocabulary::attribute(name) {
            let (en, da) = owners(known.on);
            note.phrase("belongs", &en, &da);
            return;
        }
        if let Some(value) = attribute.value.as_deref().filter(|_| name == "id") {
            note.arg("as_id", value).fix(attribute.span.clone(), format!("#{value}"));
            return;
        }
        if let Some([en, da]) = written(name) {
            note.phrase("written", en, da);
            return;
        }
        let all: Vec<&str> = if place == QUESTION { words_of_questions() } else { known.into() };
        suggest(note, name, all.into_iter().filter(|name| *name != "#"));
        return;
    }
    let example = vocabulary::attribute(name).and_then(|known| known.value);
    match (&attribute.value, example) {
        (Some(_), None) => {
            notes.add(&c::ATTRIBUTE_WITHOUT_VALUE, attribute.span.clone()).arg("name", name);
        }
        (None, Some(example)) => {
            notes
                .add(&c::ATTRIBUTE_NEEDS_VALUE, attribute.span.clone())
                .arg("name", name)
                .arg("example", example);
        }
        _ => {}
    }
}

/// What an attribute can stand on, in words.
fn owners(elements: &[Element]) -> (String, String) {
    let words = |element: &Element| match element {
        Element::Page => ["a page", "en side"],
        Element::Question => QUESTION,
        Element::Choice => ["a choice", "et svar"],
        Element::Row => ["a row", "en række"],
        Element::Column => ["a column", "en kolonne"],
    };
    let all: Vec<[&str; 2]> = elements.iter().map(words).collect();
    let join = |at: usize, or: &str| all.iter().map(|word| word[at]).collect::<Vec<_>>().join(or);
    (join(0, " or "), join(1, " eller "))
}

/// How a kind is written that has no word of its own.
fn written(name: &str) -> Option<[&'static str; 2]> {
    Some(match name {
        "text" | "short" => {
            ["a line `____` below the question", "en linje `____` under spørgsmålet"]
        }
        "longtext" | "long" | "textarea" => {
            ["three lines `____` below the question", "tre linjer `____` under spørgsmålet"]
        }
        "single" | "radio" => ["a list of `- ( ) …`", "en liste med `- ( ) …`"],
        "checkbox" | "checkboxes" => ["a list of `- [ ] …`", "en liste med `- [ ] …`"],
        "ranking" | "rank" => ["a numbered list `1. …`", "en nummereret liste `1. …`"],
        "matrix" | "table" => {
            ["a table with an empty first cell", "en tabel med et tomt første felt"]
        }
        _ => return None,
    })
}

fn words_of_questions() -> Vec<&'static str> {
    let mut all: Vec<&str> =
        vocabulary::attributes_on(Element::Question).map(|known| known.name).collect();
    all.sort_unstable();
    all
}

/// The attributes of choices, rows and columns, and mixed markers.
fn check_parts(source: &QuestionSource, rules: &dyn kinds::Rules, notes: &mut Notes) {
    match &source.answers {
        AnswersSource::List { items, .. } => {
            if let Some(odd) = odd_marker(items) {
                notes.add(&c::MIXED_MARKERS, odd.marker_span.clone());
            }
            for item in items {
                let place = ["a choice", "et svar"];
                check_attributes(&item.attributes, rules.of_choices(), place, notes);
            }
        }
        AnswersSource::Table { header, rows, .. } => {
            for column in header {
                check_attributes(
                    &column.attributes,
                    author::OF_COLUMN,
                    ["a column", "en kolonne"],
                    notes,
                );
            }
            for row in rows {
                for (at, cell) in row.iter().enumerate() {
                    let known = if at == 0 { author::OF_ROW } else { &[] };
                    check_attributes(&cell.attributes, known, ["a row", "en række"], notes);
                }
            }
        }
        AnswersSource::Nothing | AnswersSource::Lines { .. } => {}
    }
}

/// The first item whose marker is not that of most.
fn odd_marker(items: &[ItemSource]) -> Option<&ItemSource> {
    let count = |marker| items.iter().filter(|item| item.marker == marker).count();
    let most = items.iter().map(|item| item.marker).rev().max_by_key(|marker| count(*marker))?;
    items.iter().find(|item| item.marker != most)
}

fn read_maps(
    source: &QuestionSource,
    kind: &str,
    names: &mut Names,
    notes: &mut Notes,
) -> Option<String> {
    let attribute = source.attributes.find("maps")?;
    let field = attribute.value.as_deref()?;
    if !MAPS.contains(&field) {
        let note = notes.add(&c::UNKNOWN_MAPS, attribute.value_span.clone());
        suggest(note.arg("name", field), field, MAPS.iter().copied());
        return None;
    }
    if names.maps(field) {
        notes.add(&c::MAPS_TWICE, attribute.value_span.clone()).arg("name", field);
    }
    names.maps.push(field.to_owned());
    let fits = match field {
        "birth-year" | "age" => kind == "year" || kind == "number",
        "email" => kind == "email",
        "district" => kind == "single" || kind == "place",
        _ => kind == "single",
    };
    if !fits {
        let name = format!("maps={field}");
        notes
            .add(&c::ATTRIBUTE_NOT_HERE, attribute.span.clone())
            .arg("name", name)
            .arg("kind", kind);
    }
    Some(field.to_owned())
}
