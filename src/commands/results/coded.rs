//! What staff coded of people's own words, on its way into the results.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::gather::{Gathering, written};
use super::themes;
use crate::cli::ResultsPublishArgs;
use crate::console::complain;
use crate::crypto::{Digest, TagKey};
use crate::error::{Error, Result};
use crate::results::audit::agree::too_fine;
use crate::results::coding::agreement;
use crate::results::coding::book::{Book, Named};
use crate::results::coding::quote::{self, MOST};
use crate::results::coding::sheet::Row;
use crate::results::coding::theme::{Coded, insert, recast};
use crate::results::item::Given;
use crate::results::page::Voice;
use crate::results::protect::Rules;
use crate::results::sample::Sample;

/// Where staff write what themes are called.
fn book_path(content: &Path, survey: &str) -> PathBuf {
    content.join("results").join(format!("{survey}.themes.md"))
}

/// What one or two people made of the texts of one question.
struct Sheets {
    path: PathBuf,
    rows: Vec<Row>,
    /// A second coder's, to be compared with.
    second: Option<Vec<Row>>,
}

/// Makes each coded question one of several choices in the survey, and its themes an item of the samples.
/// What is quoted beside them is returned.
pub fn take_in(
    args: &ResultsPublishArgs,
    gathering: &mut Gathering,
    rules: &Rules,
) -> Result<Vec<Voice>> {
    if args.themes.is_empty() {
        return Ok(Vec::new());
    }
    let key = themes::key(&args.data, args.responses.as_deref(), false)?;
    let path = book_path(&gathering.content.folder, &args.survey);
    let book = read_book(&path, &gathering.content.config.default_language)?;
    let written = written(&gathering.definition);
    let mut voices = Vec::new();
    for (question, sheets) in by_question(&args.themes)? {
        if !written.contains(&question) {
            return Err(Error::new(format!("take in the themes of `{question}`"))
                .path(&sheets.path)
                .source("no question of that id is answered in own words")
                .hint(format!("these are: {}", written.join(", "))));
        }
        let named = named(&book, &question, &path)?;
        let coded = Coded::of(&question, named, &sheets.rows).map_err(|unknown| {
            Error::new("take in the themes in")
                .path(&sheets.path)
                .source(unknown)
                .hint(format!("name every theme in {}, or correct the cell", path.display()))
        })?;
        compare(&coded, &sheets);
        voices.extend(add(gathering, &coded, &sheets, &key, rules)?);
    }
    Ok(voices)
}

fn read_book(path: &Path, default: &str) -> Result<Book> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::new("read the names of the themes").path(path).source(error).hint(
            "a heading with the question's id, and a table: `| theme | da | en |` (docs/results.md)",
        )
    })?;
    Book::read(&text, default)
        .map_err(|fault| Error::new("read the names of the themes").path(path).source(fault))
}

fn named<'a>(book: &'a Book, question: &str, path: &Path) -> Result<&'a [Named]> {
    let themes = book.questions.get(question).filter(|themes| !themes.is_empty());
    themes.map(Vec::as_slice).ok_or_else(|| {
        Error::new(format!("find the themes of `{question}`"))
            .path(path)
            .source("it has no table of them")
            .hint(format!("`# {question}`, and below it `| theme | da | en |`"))
    })
}

fn by_question(paths: &[PathBuf]) -> Result<BTreeMap<String, Sheets>> {
    let mut sheets: BTreeMap<String, Sheets> = BTreeMap::new();
    for path in paths {
        let mut own: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for row in themes::read(path)? {
            own.entry(row.question.clone()).or_default().push(row);
        }
        for (question, rows) in own {
            match sheets.get_mut(&question) {
                None => {
                    let first = Sheets { path: path.clone(), rows, second: None };
                    sheets.insert(question, first);
                }
                Some(first) if first.second.is_none() => first.second = Some(rows),
                Some(_) => {
                    return Err(Error::new(format!("take in the themes of `{question}`"))
                        .path(path)
                        .source("two files have it already")
                        .hint("one is published, and a second coder's is compared with it"));
                }
            }
        }
    }
    Ok(sheets)
}

/// How alike two coders are; the first one's codes are published.
fn compare(coded: &Coded, sheets: &Sheets) {
    let Some(second) = &sheets.second else { return };
    let ids: Vec<String> = coded.themes.iter().map(|theme| theme.id.clone()).collect();
    for one in agreement::of(&ids, &sheets.rows, second) {
        let kappa = one.kappa.map_or("the same throughout".to_owned(), |it| format!("{it:.2}"));
        complain!(
            "borgerpanel: {}, {}: Cohen's kappa of {} texts that both coded: {kappa}",
            coded.question,
            one.theme,
            one.texts
        );
    }
}

fn add(
    gathering: &mut Gathering,
    coded: &Coded,
    sheets: &Sheets,
    key: &TagKey,
    rules: &Rules,
) -> Result<Option<Voice>> {
    let tag = |uid: &str, question: &str| themes::tag(key, uid, question);
    let survey = gathering.definition.base().clone();
    let gathered = &mut gathering.gathered;
    let given = coded.given(&gathered.sample, tag);
    must_be_coded(coded, sheets, &gathered.sample, &given)?;
    warn_of_small(coded, &given, rules);
    let item = coded.item(given, rules.threshold);
    let others = gathered.others.as_mut().and_then(|others| {
        let item = coded.item(coded.given(others, tag), rules.threshold)?;
        let choices = item.choices.clone();
        insert(item, &mut others.items, &survey);
        Some(choices)
    });
    let quotes = quotes(coded, sheets, &gathered.sample, tag);
    let is_shown = |theme: &&Named| {
        let choices = item.iter().map(|item| &item.choices).chain(&others);
        choices.flatten().any(|choice| choice.id == theme.id)
    };
    let shown: Vec<Named> = coded.themes.iter().filter(is_shown).cloned().collect();
    if shown.is_empty() {
        return Ok(None);
    }
    if let Some(item) = item {
        insert(item, &mut gathered.sample.items, &survey);
    }
    gathered.left_out.retain(|one| one.question != coded.question);
    recast(&mut gathering.definition, &coded.question, &shown);
    Ok(Some(Voice { question: coded.question.clone(), quotes }))
}

/// A sheet without codes, or of other answers, would make results of nothing.
fn must_be_coded(coded: &Coded, sheets: &Sheets, sample: &Sample, given: &[Given]) -> Result<()> {
    let wrong = |source: &str, hint: &str| {
        Err(Error::new(format!("take in the themes of `{}`", coded.question))
            .path(&sheets.path)
            .source(source.to_owned())
            .hint(hint))
    };
    if coded.by_tag.values().all(Vec::is_empty) {
        return wrong("no text has a theme", "write ids into the column `themes`, joined with `+`");
    }
    let texts = sample.words.iter().filter(|said| said.question == coded.question).count();
    let found = given.iter().filter(|one| one.is_answered()).count();
    if found == 0 {
        return wrong(
            "none of its texts is an answer that counts here",
            "it was made of other answers, or with a key that is gone (docs/results.md)",
        );
    }
    if found < texts {
        complain!(
            "borgerpanel: {}: {} texts are not in {} and do not count\n  \
             help: `results themes … --from` adds them to what is coded",
            coded.question,
            texts - found,
            sheets.path.display()
        );
    }
    Ok(())
}

/// A theme that fewer people name is not published, not even its name: staff found it in their texts.
fn warn_of_small(coded: &Coded, given: &[Given], rules: &Rules) {
    for (theme, people) in coded.themes.iter().zip(coded.people(given)) {
        if people < rules.threshold {
            complain!(
                "borgerpanel: {}, {}: fewer than {} texts are about it, so it is left out",
                coded.question,
                theme.id,
                rules.threshold
            );
        }
    }
}

/// What two people approved and the guard lets through, in an order that says nothing.
fn quotes(
    coded: &Coded,
    sheets: &Sheets,
    sample: &Sample,
    tag: impl Fn(&str, &str) -> String,
) -> Vec<String> {
    let said = sample.words.iter().filter(|said| said.question == coded.question);
    let texts: BTreeMap<String, &str> =
        said.map(|said| (tag(&said.uid, &said.question), said.text.as_str())).collect();
    let mut quotes: Vec<String> = Vec::new();
    for row in &sheets.rows {
        let Some(text) = texts.get(&row.tag) else { continue };
        let refuse = |why: &dyn std::fmt::Display| {
            let question = &coded.question;
            complain!("borgerpanel: {question}, line {}: not quoted: {why}", row.line);
        };
        match quote::approved(row, text) {
            None => {}
            Some(Err(why)) => refuse(&why),
            Some(Ok(quote)) => match too_fine("index.html", &quote) {
                Some(_) => refuse(&"a percentage in it is finer than what is published"),
                None => quotes.push(quote),
            },
        }
    }
    quotes.sort_by_key(|quote| Digest::of(quote.as_bytes()));
    quotes.dedup();
    if quotes.len() > MOST {
        complain!(
            "borgerpanel: {}: {} quotes are approved and {MOST} are shown\n  help: empty the cells of the others",
            coded.question,
            quotes.len()
        );
        quotes.truncate(MOST);
    }
    quotes
}
