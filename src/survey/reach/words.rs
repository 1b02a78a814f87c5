//! Tells an author what nobody reaches, and why.

use super::places::{Place, Places};
use super::{Judgement, Line, Target, judge};
use crate::diag::{Diagnostic, Entry};
use crate::survey::catalogue as c;
use crate::survey::model::{Choice, Question, Survey};

/// Judges `survey`, and notes what nobody reaches at its place.
pub fn note(survey: &Survey, places: &Places, diagnostics: &mut Vec<Diagnostic>) {
    let judgement = judge(survey);
    let teller = Teller { survey, questions: survey.questions().collect(), places };
    for (target, because) in causes(&judgement) {
        diagnostics.extend(teller.unreachable(target, because));
    }
    for (line, because) in &judgement.implied {
        diagnostics.extend(teller.implied(*line, because));
    }
    for number in &judgement.stuck {
        if let Some(place) = places.target(Target::Question(*number)) {
            let heading = places.line(Line::Required(*number)).unwrap_or(place);
            diagnostics.push(at(heading, &c::NOTHING_TO_CHOOSE));
        }
    }
}

/// What nobody reaches, without what only follows from something told before it.
fn causes(judgement: &Judgement) -> Vec<(Target, &[Line])> {
    let mut told: Vec<(Target, &[Line])> = Vec::new();
    for (target, because) in &judgement.unreachable {
        let follows = told.iter().any(|(earlier, cause)| {
            let own = earlier.line();
            match own.filter(|own| cause.contains(own)) {
                // It asks for an answer that nobody is asked for.
                Some(own) => because.contains(&own),
                // Everybody has been led away before it.
                None => !cause.is_empty() && cause.iter().all(|line| because.contains(line)),
            }
        });
        if !follows {
            told.push((*target, because));
        }
    }
    told
}

fn at(place: &Place, entry: &'static Entry) -> Diagnostic {
    Diagnostic::new(&place.file, place.span.clone(), entry)
}

struct Teller<'a> {
    survey: &'a Survey,
    questions: Vec<&'a Question>,
    places: &'a Places,
}

impl Teller<'_> {
    fn unreachable(&self, target: Target, because: &[Line]) -> Option<Diagnostic> {
        let place = self.places.target(target)?;
        let (entry, name) = match target {
            Target::Page(at) => (&c::UNREACHABLE_PAGE, &self.survey.pages[at].id),
            Target::Question(at) => (&c::UNREACHABLE_QUESTION, &self.questions[at].id),
            Target::Choice(at, part) => {
                (&c::UNREACHABLE_CHOICE, &self.questions[at].choices[part].id)
            }
            Target::Row(at, part) => (&c::UNREACHABLE_ROW, &self.questions[at].rows[part].id),
            Target::Ending(at) => (&c::UNREACHABLE_ENDING, &self.survey.endings[at].id),
        };
        let mut note = at(place, entry);
        note.arg("name", name);
        if !because.is_empty() {
            let [en, da] = self.path(because, &place.file, target.line());
            note.phrase("why", &en, &da);
        }
        Some(note)
    }

    fn implied(&self, line: Line, because: &[Line]) -> Option<Diagnostic> {
        let place = self.places.line(line)?;
        let [en, da] = self.path(because, &place.file, None);
        let mut note = at(place, &c::ALWAYS_TRUE);
        note.phrase("why", &en, &da);
        Some(note)
    }

    /// The lines that decide it, one after another.
    fn path(&self, because: &[Line], file: &str, own: Option<Line>) -> [String; 2] {
        let said: Vec<[String; 2]> = because
            .iter()
            .map(|line| {
                let [en, da] = if Some(*line) == own { self.own(*line) } else { self.say(*line) };
                let place = self.places.line(*line);
                let other = place.filter(|place| place.file != file);
                let other = other.map(|place| format!("{}, ", place.file)).unwrap_or_default();
                let number = place.map_or(0, |place| place.line);
                [format!("{other}line {number}: {en}"), format!("{other}linje {number}: {da}")]
            })
            .collect();
        let join =
            |at: usize| said.iter().map(|one| one[at].as_str()).collect::<Vec<_>>().join("; ");
        [join(0), join(1)]
    }

    fn own(&self, line: Line) -> [String; 2] {
        let text = self.text(line);
        [format!("this needs `{text}`"), format!("det her kræver `{text}`")]
    }

    fn say(&self, line: Line) -> [String; 2] {
        let text = self.text(line);
        let id = |at: usize| &self.questions[at].id;
        match line {
            Line::Page(at) => {
                let page = &self.survey.pages[at].id;
                [
                    format!("the page `{page}` is shown only if `{text}`"),
                    format!("siden `{page}` vises kun, hvis `{text}`"),
                ]
            }
            Line::Question(at) => [
                format!("`{}` is asked only if `{text}`", id(at)),
                format!("`{}` stilles kun, hvis `{text}`", id(at)),
            ],
            Line::Required(at) => {
                [format!("`{}` must be answered", id(at)), format!("`{}` skal besvares", id(at))]
            }
            Line::Limits(at) => {
                let limits = limits(self.questions[at]);
                [
                    format!("not all choices of `{}` go together ({limits})", id(at)),
                    format!("ikke alle svar i `{}` kan vælges sammen ({limits})", id(at)),
                ]
            }
            Line::Check(at) => [
                format!("the answer to `{}` must pass `{text}`", id(at)),
                format!("svaret på `{}` skal opfylde `{text}`", id(at)),
            ],
            Line::Choice(at, part) => {
                let choice = &self.questions[at].choices[part].id;
                [
                    format!("`{choice}` in `{}` is offered only if `{text}`", id(at)),
                    format!("`{choice}` i `{}` kan kun vælges, hvis `{text}`", id(at)),
                ]
            }
            Line::Row(at, part) => {
                let row = &self.questions[at].rows[part].id;
                [
                    format!("the row `{row}` of `{}` is shown only if `{text}`", id(at)),
                    format!("rækken `{row}` i `{}` vises kun, hvis `{text}`", id(at)),
                ]
            }
            Line::Goto(at, part) => {
                let choice = &self.questions[at].choices[part];
                let target = choice.goto.as_deref().unwrap_or("end");
                [
                    format!("`{}` in `{}` skips to `{target}`", choice.id, id(at)),
                    format!("`{}` i `{}` springer til `{target}`", choice.id, id(at)),
                ]
            }
        }
    }

    /// A condition as it was written.
    fn text(&self, line: Line) -> &str {
        self.places.line(line).map_or("", |place| place.text.as_str())
    }
}

/// What limits the choices that go together, as an author writes it.
fn limits(question: &Question) -> String {
    let number = |name: &str, limit: Option<f64>| limit.map(|limit| format!("{name}={limit}"));
    let top = question.top.map(f64::from);
    let alone = || {
        let choices = question.choices.iter().chain(&question.columns);
        let alone = choices.filter(|choice| choice.stands_alone());
        let word = |one: &Choice| if one.exclusive { "exclusive" } else { "dontknow" };
        alone.map(|one| format!("{{#{} {}}}", one.id, word(one))).collect::<Vec<_>>()
    };
    let numbers = [("min", question.least()), ("max", question.most()), ("top", top)];
    let numbers = numbers.into_iter().filter_map(|(name, limit)| number(name, limit));
    numbers.chain(alone()).collect::<Vec<_>>().join(", ")
}
