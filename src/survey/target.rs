//! `target: district in (noerrebro, valby) and age < 30`: who is invited, over a member's background.
//! It is judged here, and used by `invite`, which is not built yet.

use super::catalogue as c;
use super::expr::{self, Expr, Op, Word};
use super::front_settings;
use super::frontmatter::{FrontMatter, Key};
use super::source::{Notes, suggest};
use super::tree::{self, AnswersSource, QuestionSource};

/// The fields a target can speak of.
const FIELDS: &[&str] = &["district", "gender", "age", "birth-year", "education"];

/// Those of them that are numbers; the others are one of several codes.
const NUMBERS: &[&str] = &["age", "birth-year"];

/// The target as written, its fields and their types judged.
pub fn read(front: &FrontMatter, notes: &mut Notes) -> Option<String> {
    let key = front.find("target")?;
    let text = front_settings::text(front, "target", notes)?;
    match expr::parse(&text, key.value_span.start) {
        Ok(expr) => comparisons(&expr).into_iter().for_each(|one| one.judge(key, notes)),
        Err(wrong) => {
            let [en, da] = &wrong.why;
            notes.add(&c::CONDITION_SYNTAX, key.value_span.clone()).phrase("why", en, da);
        }
    }
    Some(text)
}

/// Notes codes that the background questions in `block` do not have.
pub fn check_codes(front: &FrontMatter, block: &str, notes: &mut Notes) {
    let Some(key) = front.find("target") else { return };
    let text = key.value.as_str().unwrap_or_default();
    let Ok(expr) = expr::parse(text, 0) else { return };
    let tree = tree::read(block, 0, &mut Notes::new(notes.file));
    let questions = || tree.pages.iter().flat_map(|page| &page.questions);
    for one in comparisons(&expr) {
        let mapped =
            |question: &&QuestionSource| question.attributes.value("maps") == Some(one.name);
        let codes = questions().find(mapped).map(codes_of).unwrap_or_default();
        let unknown = |word: &&Word| !codes.is_empty() && !codes.contains(&word.text.as_str());
        for word in one.right.iter().filter(unknown) {
            let note = notes.add(&c::UNKNOWN_CODE, key.value_span.clone());
            note.arg("name", one.name).arg("code", &word.text);
            suggest(note, &word.text, codes.iter().copied());
            // The span is the whole target, which the nearest code cannot take the place of.
            note.fix = None;
        }
    }
}

fn codes_of(question: &QuestionSource) -> Vec<&str> {
    match &question.answers {
        AnswersSource::List { items, .. } if !question.attributes.has("year") => {
            items.iter().filter_map(|item| item.attributes.value("#")).collect()
        }
        _ => Vec::new(),
    }
}

/// `district in (noerrebro, valby)`, or `answered district`.
struct Comparison<'a> {
    name: &'a str,
    counted: bool,
    op: Option<Op>,
    right: &'a [Word],
}

fn comparisons(expr: &Expr) -> Vec<Comparison<'_>> {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().flat_map(comparisons).collect(),
        Expr::Not(inner) => comparisons(inner),
        Expr::Answered(left) => {
            vec![Comparison { name: &left.name.text, counted: left.counted, op: None, right: &[] }]
        }
        Expr::Test { left, op, right, .. } => {
            vec![Comparison { name: &left.name.text, counted: left.counted, op: Some(*op), right }]
        }
    }
}

impl Comparison<'_> {
    fn judge(&self, key: &Key, notes: &mut Notes) {
        if !FIELDS.contains(&self.name) {
            let note = notes.add(&c::UNKNOWN_MAPS, key.value_span.clone());
            suggest(note.arg("name", self.name), self.name, FIELDS.iter().copied());
            note.fix = None;
        } else if !self.fits() {
            let [kind, example] = match NUMBERS.contains(&self.name) {
                true => ["number", "age >= 18"],
                false => ["single", "district in (noerrebro, valby)"],
            };
            notes
                .add(&c::TYPE_MISMATCH, key.value_span.clone())
                .arg("name", self.name)
                .arg("is", kind)
                .arg("expected", example);
        }
    }

    fn fits(&self) -> bool {
        let is_number = NUMBERS.contains(&self.name);
        let op_fits = match self.op {
            Some(Op::Has) => false,
            Some(Op::Lt | Op::Le | Op::Gt | Op::Ge) => is_number,
            _ => true,
        };
        let given = |word: &Word| word.text.parse::<i64>().is_ok();
        op_fits && !self.counted && self.right.iter().all(|word| given(word) == is_number)
    }
}
