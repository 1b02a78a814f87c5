//! Words to go on with, where an editor asks for them.

use std::path::Path;

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, InsertTextFormat, TextEdit,
};

use super::known::{Known, Question};
use super::place;
use super::spot::{self, Expected, Spot};
use super::workspace::At;
use crate::survey::assemble::MAPS;
use crate::survey::typecheck::CHANNELS;
use crate::survey::vocabulary::{self, Attribute, Key};

/// A word to go on with: what it is, and what is said beside it.
struct Offer {
    word: String,
    insert: Option<String>,
    kind: CompletionItemKind,
    detail: String,
}

impl Offer {
    fn new(word: &str, kind: CompletionItemKind, detail: &str) -> Offer {
        Offer { word: word.to_owned(), insert: None, kind, detail: detail.to_owned() }
    }

    fn inserts(mut self, text: String) -> Offer {
        self.insert = Some(text);
        self
    }
}

const CODE: CompletionItemKind = CompletionItemKind::ENUM_MEMBER;
const WORD: CompletionItemKind = CompletionItemKind::KEYWORD;
const NAME: CompletionItemKind = CompletionItemKind::VARIABLE;

/// The words that may stand at the byte `at`; with places to go on in them where the editor has
/// `snippets`.
pub fn complete(file: &At, at: usize, snippets: bool) -> Vec<CompletionItem> {
    let offers = match spot::before(file.text, at) {
        None => Vec::new(),
        Some(Spot::Key) => vocabulary::KEYS.iter().map(|key| offer_key(file, key)).collect(),
        Some(Spot::KeyValue { key }) => offer_values(file, key),
        Some(Spot::Name { on, has }) => vocabulary::attributes_on(on)
            .filter(|attribute| attribute.name != "#" && !has.contains(&attribute.name))
            .map(|attribute| offer_attribute(file, attribute, snippets))
            .collect(),
        Some(Spot::Pipe) => offer_questions(file.known().on_earlier_pages(at)),
        Some(Spot::Include) => blocks(file, at),
        Some(Spot::Value { name, before }) => offer_attribute_values(file, at, name, before),
    };
    let written = match spot::before(file.text, at) {
        // A path has signs that no word has.
        Some(Spot::Include) => file.text[..at].rfind('"').map_or(at, |quote| quote + 1)..at,
        _ => spot::word_before(file.text, at),
    };
    let range = place::range(file.text, &written);
    let item = |offer: Offer| {
        let new_text = offer.insert.unwrap_or_else(|| offer.word.clone());
        let format = if new_text.contains("$0") {
            InsertTextFormat::SNIPPET
        } else {
            InsertTextFormat::PLAIN_TEXT
        };
        CompletionItem {
            label: offer.word,
            kind: Some(offer.kind),
            detail: Some(offer.detail).filter(|detail| !detail.is_empty()),
            insert_text_format: Some(format),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text })),
            ..CompletionItem::default()
        }
    };
    offers.into_iter().map(item).collect()
}

fn offer_key(file: &At, key: &Key) -> Offer {
    let offer = Offer::new(key.name, CompletionItemKind::PROPERTY, file.say(key.en, key.da));
    offer.inserts(format!("{}: ", key.name))
}

fn offer_values(file: &At, key: &str) -> Vec<Offer> {
    let config = file.content().map(|content| &content.config);
    let mut words: Vec<&str> = vocabulary::key(key).map_or(&[][..], |key| key.values).to_vec();
    match key {
        "channels" => words.extend(CHANNELS),
        "lang" => words.extend(config.iter().flat_map(|config| &config.languages).map(|l| &**l)),
        "panels" => {
            words.extend(config.iter().flat_map(|config| config.panels.keys()).map(|p| &**p))
        }
        _ => {}
    }
    words.into_iter().map(|word| Offer::new(word, CODE, "")).collect()
}

fn offer_attribute(file: &At, attribute: &Attribute, snippets: bool) -> Offer {
    let said = file.say(attribute.en, attribute.da);
    let offer = Offer::new(attribute.name, CompletionItemKind::PROPERTY, said);
    match attribute.value {
        None => offer,
        Some(value) if snippets && value.starts_with('"') => {
            offer.inserts(format!("{}=\"$0\"", attribute.name))
        }
        Some(_) => offer.inserts(format!("{}=", attribute.name)),
    }
}

fn offer_attribute_values(file: &At, at: usize, name: &str, before: &str) -> Vec<Offer> {
    let known = file.known();
    let earlier = known.asked_before(at);
    match name {
        "if" => offer_condition(&known, offer_questions(earlier), before),
        "check" => {
            // It is judged after its own question.
            let asked = known.questions.iter().filter(|question| question.at <= at);
            offer_condition(&known, asked.map(offer_question).collect(), before)
        }
        "from" if before.contains(' ') => {
            ["chosen", "not chosen"].map(|word| Offer::new(word, WORD, "")).into()
        }
        "from" => {
            let several = earlier.iter().filter(|question| question.kind == "multiple");
            several.map(offer_question).collect()
        }
        "goto" => {
            let later = known.pages.iter().filter(|page| page.at > at);
            let pages =
                later.filter_map(|page| Some(Offer::new(page.id.as_ref()?, NAME, &page.title)));
            pages.chain([Offer::new("end", WORD, "")]).collect()
        }
        "maps" => MAPS.iter().map(|field| Offer::new(field, CODE, "")).collect(),
        "place" => {
            let maps = names(file, "maps", ".svg").into_iter();
            maps.map(|map| Offer::new(map, CODE, "")).collect()
        }
        "trend" => earlier_surveys(file),
        "max" | "min" => vec![Offer::new("today", WORD, "")],
        _ => Vec::new(),
    }
}

fn offer_questions(questions: &[Question]) -> Vec<Offer> {
    questions.iter().map(offer_question).collect()
}

fn offer_question(question: &Question) -> Offer {
    Offer::new(&question.id, NAME, &question.text)
}

fn offer_codes(codes: &[(String, String)]) -> Vec<Offer> {
    let written = codes.iter().filter(|(id, _)| !id.is_empty());
    written.map(|(id, text)| Offer::new(id, CODE, text)).collect()
}

fn offer_condition(known: &Known, mut questions: Vec<Offer>, before: &str) -> Vec<Offer> {
    let words = |words: &[&str]| words.iter().map(|word| Offer::new(word, WORD, "")).collect();
    match spot::expected(before) {
        Expected::Question => {
            let mut more: Vec<Offer> =
                words(&["not", "answered", "count(", "age", "today", "channel"]);
            questions.append(&mut more);
            questions
        }
        Expected::Row(id) => known.question(id).map_or(Vec::new(), |q| offer_codes(&q.rows)),
        Expected::Code("channel") => words(CHANNELS),
        // A number or a text is compared with one, or with another question.
        Expected::Code(left) => match known.codes(left) {
            [] => questions,
            codes => offer_codes(codes),
        },
        Expected::Sign => words(&["==", "!=", "<", "<=", ">", ">=", "in (", "has", "and", "or"]),
        Expected::Joint => words(&["and", "or"]),
    }
}

/// The names of the files in a folder of the site, without their ending. A translation comes with
/// its base.
fn names<'a>(file: &'a At, folder: &str, ending: &str) -> Vec<&'a str> {
    let Some(content) = file.content() else { return Vec::new() };
    let folder = content.folder.join(folder);
    let names = content.sources.keys().filter_map(|path| {
        Path::new(path).strip_prefix(&folder).ok()?.to_str()?.strip_suffix(ending)
    });
    names.filter(|name| !name.contains(['.', '/'])).collect()
}

/// The blocks of the site, as they are included.
fn blocks(file: &At, at: usize) -> Vec<Offer> {
    // Many editors close a quote by themselves.
    let close = if file.text[at..].starts_with('"') { "" } else { "\"}}" };
    let offer = |name: &str| {
        let path = format!("blocks/{name}.md");
        Offer::new(&path, CompletionItemKind::FILE, "").inserts(format!("{path}{close}"))
    };
    names(file, "blocks", ".md").into_iter().map(offer).collect()
}

fn earlier_surveys(file: &At) -> Vec<Offer> {
    let own = file.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let surveys = file.content().into_iter().flat_map(|content| &content.surveys);
    let others = surveys
        .filter(|survey| own.as_ref().is_none_or(|own| *own != format!("{}.md", survey.slug)));
    let asked = others.flat_map(|survey| {
        let questions = survey.base().questions();
        questions.map(|question| (format!("{}.{}", survey.slug, question.id), &question.text.plain))
    });
    asked.map(|(name, text)| Offer::new(&name, NAME, text)).collect()
}
