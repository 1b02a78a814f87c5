//! Which pages and questions somebody is asked, what they answered, and what is wrong with it.
//!
//! One walk through the survey in document order: an answer counts only where its question was asked,
//! so that a chain of skips ends the same way however the form was filled in. The browser walks the
//! same way (`themes/default/js/evaluate.js`); `tests/vectors` hold the two together.

use crate::survey::answer::{Answer, Answers};
use crate::survey::condition::{Condition, Fact, Operand};
use crate::survey::fields::Fields;
use crate::survey::kinds::{Offered, Reading, wording};
use crate::survey::model::{Choice, Page, Question, Survey};
use crate::survey::normal;
use crate::survey::problem::Problem;

/// What conditions may speak of besides answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// `YYYY-MM-DD`
    pub today: String,
    /// `kiosk`, `web`, `preview` or `paper`
    pub channel: String,
}

/// What a walk through a survey came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    /// The ids of the pages shown.
    pub path: Vec<String>,
    /// The ids of the questions asked.
    pub visible: Vec<String>,
    pub problems: Vec<Problem>,
    /// What is asked for once more, and then let go: `expected` questions left open.
    pub nudges: Vec<Problem>,
    /// The ending a `goto` led to.
    pub ending: Option<String>,
    /// What is stored: every question asked, `null` where it was left open, and the texts of "other"
    /// choices under `question.choice`.
    pub answers: Answers,
}

/// Walks `survey` with a form's fields.
pub fn evaluate(survey: &Survey, fields: &Fields, context: &Context) -> Evaluation {
    let mut walk = Walk { survey, fields, context, skip_to: None, done: Evaluation::default() };
    for page in &survey.pages {
        walk.page(page);
    }
    walk.done
}

struct Walk<'a> {
    survey: &'a Survey,
    fields: &'a Fields,
    context: &'a Context,
    /// The page, the ending or `end` that a `goto` named.
    skip_to: Option<&'a str>,
    done: Evaluation,
}

impl<'a> Walk<'a> {
    fn page(&mut self, page: &'a Page) {
        if self.skip_to == Some(page.id.as_str()) {
            self.skip_to = None;
        }
        if self.skip_to.is_some() || !self.holds(page.condition.as_ref()) {
            return;
        }
        let asked_before = self.done.visible.len();
        for question in &page.questions {
            if self.skip_to.is_none() && self.holds(question.condition.as_ref()) {
                self.question(question);
            }
        }
        if self.done.visible.len() > asked_before || page.questions.is_empty() {
            self.done.path.push(page.id.clone());
        }
    }

    fn question(&mut self, question: &'a Question) {
        let rules = question.kind.rules();
        let offered = Offered {
            today: self.context.today.clone(),
            ..offered(question, &|condition| self.holds(condition))
        };
        let mut reading = rules.read(question, self.fields, &offered);
        let others = self.other_texts(question, &reading.answer);
        reading.problems.extend(others.iter().filter_map(|other| other.clone().err()).next());
        let by_row = !question.rows.is_empty();
        if reading.problems.is_empty() || by_row {
            let missing = rules.missing(question, &reading.answer, &offered);
            add_missing(&mut reading, missing, &offered);
        }
        if !reading.problems.is_empty() && !by_row {
            reading.answer = Answer::Unanswered;
        }
        self.done.answers.insert(question.id.clone(), reading.answer.clone());
        if reading.problems.is_empty()
            && let Some(problem) = self.broken_check(question)
        {
            reading = Reading::wrong(problem);
        }
        if question.expected && reading.problems.is_empty() {
            let whole = rules.is_whole(question, &reading.answer, &offered);
            self.nudge(question, whole);
        }
        if let Some(target) = goto(question, &reading.answer) {
            self.skip_to = Some(target);
            let ending = self.survey.endings.iter().find(|ending| ending.id == target);
            self.done.ending = ending.map(|ending| ending.id.clone());
        }
        if reading.answer.is_answered() {
            let texts = others.into_iter().filter_map(Result::ok);
            let texts = texts.map(|(name, text)| (name, Answer::Text(text)));
            self.done.answers.extend(texts);
        }
        self.done.visible.push(question.id.clone());
        self.done.answers.insert(question.id.clone(), reading.answer);
        self.done.problems.append(&mut reading.problems);
    }

    /// What the author's own rule says of the answer, where all that it compares is answered.
    fn broken_check(&self, question: &Question) -> Option<Problem> {
        let check = question.check.as_ref()?;
        let answered = |operand: &Operand| self.fact(operand) != Fact::Unanswered;
        let own = Operand::Q(question.id.clone());
        let judged = answered(&own) && check.compared().into_iter().all(answered);
        if !judged || self.holds(Some(check)) {
            return None;
        }
        let message = question.message.as_deref().unwrap_or_default();
        Some(Problem::new("check", &question.id).with("message", message))
    }

    /// Asks once more for what was left open; `_asked` names what was asked for before.
    fn nudge(&mut self, question: &Question, whole: bool) {
        let mut asked = self.fields.all("_asked").flat_map(str::split_ascii_whitespace);
        if !whole && !asked.any(|id| id == question.id) {
            self.done.nudges.push(Problem::new("expected", &question.id));
        }
    }

    /// The texts behind "other" choices, where those were chosen and something was written.
    fn other_texts(
        &self,
        question: &Question,
        answer: &Answer,
    ) -> Vec<Result<(String, String), Problem>> {
        let others = question.choices.iter().filter(|choice| choice.other && chose(answer, choice));
        let texts = others.filter_map(|other| {
            let name = format!("{}.{}", question.id, other.id);
            let text = normal::text(self.fields.first(&format!("{name}.text"))?);
            let length = normal::length(&text);
            if length > wording::OTHER_LENGTH_MAX {
                return Some(Err(wording::too_long(question, length, wording::OTHER_LENGTH_MAX)));
            }
            (!text.is_empty()).then_some(Ok((name, text)))
        });
        texts.collect()
    }

    fn holds(&self, condition: Option<&Condition>) -> bool {
        condition.is_none_or(|condition| condition.holds(&|operand| self.fact(operand)))
    }

    fn fact(&self, operand: &Operand) -> Fact {
        fact(self.survey, &self.done.answers, self.context, operand)
    }
}

/// Whether a condition holds of stored answers. What became background and was taken out of them counts
/// as unanswered.
pub fn holds_of(
    survey: &Survey,
    answers: &Answers,
    context: &Context,
    condition: &Condition,
) -> bool {
    condition.holds(&|operand| fact(survey, answers, context, operand))
}

fn fact(survey: &Survey, answers: &Answers, context: &Context, operand: &Operand) -> Fact {
    let answer = |id: &str| answers.get(id);
    match operand {
        Operand::Q(id) => match (survey.question(id), answer(id)) {
            (Some(question), Some(answer)) => fact_of(question, answer),
            _ => Fact::Unanswered,
        },
        Operand::Row([id, row]) => match (survey.question(id), answer(id)) {
            (Some(question), Some(answer)) => fact_of_row(question, answer, row),
            _ => Fact::Unanswered,
        },
        Operand::Count(id) => match answer(id) {
            Some(Answer::Choices(codes)) => Fact::Number(codes.len() as f64),
            _ => Fact::Number(0.0),
        },
        Operand::Builtin(name) => builtin(survey, answers, context, name),
    }
}

fn builtin(survey: &Survey, answers: &Answers, context: &Context, name: &str) -> Fact {
    match name {
        "today" => Fact::Date(context.today.clone()),
        "channel" => Fact::Text(context.channel.clone()),
        _ => age(survey, answers, &context.today).map_or(Fact::Unanswered, Fact::Number),
    }
}

/// Adds what `required` asks for, one problem a row, in the order of the rows.
fn add_missing(reading: &mut Reading, missing: Vec<Problem>, offered: &Offered) {
    let judged: Vec<String> =
        reading.problems.iter().filter_map(|problem| problem.row.clone()).collect();
    let is_judged =
        |problem: &Problem| problem.row.as_ref().is_some_and(|row| judged.contains(row));
    reading.problems.extend(missing.into_iter().filter(|problem| !is_judged(problem)));
    reading.problems.sort_by_key(|problem| {
        offered.rows.iter().position(|row| Some(row) == problem.row.as_ref())
    });
}

/// Years lived: from the question tied to `age`, else from the one tied to `birth-year`, whose
/// birthday this year is taken as past.
pub fn age(survey: &Survey, answers: &Answers, today: &str) -> Option<f64> {
    let number_of = |field: &str| {
        let question = survey.questions().find(|q| q.maps.as_deref() == Some(field))?;
        match answers.get(&question.id) {
            Some(Answer::Number(number)) => number.as_f64(),
            _ => None,
        }
    };
    let year = today.get(..4).and_then(|year| year.parse::<f64>().ok())?;
    number_of("age").or_else(|| Some(year - number_of("birth-year")?))
}

/// The choices and rows that can be answered, by their own conditions.
fn offered(question: &Question, holds: &dyn Fn(Option<&Condition>) -> bool) -> Offered {
    let choices = question.choices.iter().filter(|choice| holds(choice.condition.as_deref()));
    let rows = question.rows.iter().filter(|row| holds(row.condition.as_ref()));
    Offered {
        choices: choices.map(|choice| choice.id.clone()).collect(),
        rows: rows.map(|row| row.id.clone()).collect(),
        ..Offered::default()
    }
}

fn fact_of(question: &Question, answer: &Answer) -> Fact {
    match answer {
        Answer::Unanswered => Fact::Unanswered,
        Answer::Number(number) => Fact::Number(number.as_f64().unwrap_or(f64::NAN)),
        Answer::Text(text) if question.kind.rules().is_moment() => Fact::Date(text.clone()),
        Answer::Text(text) => coded(text, &question.choices),
        Answer::Choices(codes) => Fact::Set(codes.clone()),
        // Answered, and compared row by row only.
        Answer::Rows(_) | Answer::RowChoices(_) | Answer::Points(_) => Fact::Set(Vec::new()),
    }
}

fn fact_of_row(question: &Question, answer: &Answer, row: &str) -> Fact {
    let fact = match answer {
        Answer::Rows(rows) => rows.get(row).map(|code| coded(code, &question.columns)),
        Answer::RowChoices(rows) => rows.get(row).map(|codes| Fact::Set(codes.clone())),
        Answer::Points(points) => {
            points.get(row).map(|points| Fact::Number(points.as_f64().unwrap_or(f64::NAN)))
        }
        _ => None,
    };
    fact.unwrap_or(Fact::Unanswered)
}

fn coded(code: &str, choices: &[Choice]) -> Fact {
    match choices.iter().find(|choice| choice.id == code) {
        Some(choice) if choice.dontknow => Fact::DontKnow(code.to_owned()),
        _ => Fact::Text(code.to_owned()),
    }
}

fn chose(answer: &Answer, choice: &Choice) -> bool {
    match answer {
        Answer::Text(code) => *code == choice.id,
        Answer::Choices(codes) => codes.contains(&choice.id),
        _ => false,
    }
}

/// Where the first choice taken, in the survey's order, leads.
fn goto<'q>(question: &'q Question, answer: &Answer) -> Option<&'q str> {
    let taken = question.choices.iter().filter(|choice| chose(answer, choice));
    taken.filter_map(|choice| choice.goto.as_deref()).next()
}
