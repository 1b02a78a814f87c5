//! The paper version of a survey: a page that prints well and is filled in with a pen.
//!
//! 1. `plan` numbers what is printed and turns skips and conditions into "go to question 7".
//! 2. `question` works out what to draw for one question.
//! 3. [`Renderer::paper`] puts the pages together; questions marked `{private}` go on a last sheet.

mod plan;
mod question;

use serde::Serialize;
use tera::Context as Values;

use self::plan::{Plan, Skip};
use self::question::PaperQuestion;
use super::assets::hashed_path;
use super::frame::Switch;
use super::qr::Qr;
use super::render::{Mode, Renderer, has_language, written_out};
use super::words::Words;
use crate::error::Result;
use crate::survey::settings::Sample;
use crate::survey::{Definition, Page, Question, Text};

/// Signs of a version's digest that tell one printed form from another.
const VERSION_SIGNS: usize = 8;

/// Whether a survey can be answered on paper: whoever is invited answers with an invitation.
pub(super) fn is_printed(definition: &Definition) -> bool {
    definition.settings.sample == Sample::Open && !definition.is_signup()
}

/// A page of the survey on paper; its questions are already HTML.
#[derive(Serialize)]
struct PaperPage<'a> {
    title: Option<&'a Text>,
    intro: Option<&'a Text>,
    cue: Option<String>,
    questions: Vec<String>,
}

impl Renderer {
    /// The survey as it is printed.
    pub fn paper(&self, definition: &Definition, lang: &str) -> Result<String> {
        let survey = definition.in_language(self.language(lang));
        let words = self.words_of(&survey.lang);
        let plan = Plan::of(survey, words);
        let path = format!("{}papir/", definition.address());
        let title = words.fill("paper_title", &[("title", &survey.title.plain)]);
        let mut frame = self.frame(&survey.lang, Mode::Web, &title, Switch::Links(&path));
        frame.languages.retain(|link| has_language(definition, link.code));
        let mut values = self.values(&frame)?;
        let draw = |question: &Question| self.paper_question(question, definition, &plan, &values);
        let mut pages = Vec::new();
        for (at, page) in survey.pages.iter().enumerate() {
            let questions = plan.questions(page).map(draw).collect::<Result<Vec<_>>>()?;
            if !questions.is_empty() {
                pages.push(paper_page(page, at, &plan, questions));
            }
        }
        let private = plan.to_tear_off().map(draw).collect::<Result<Vec<_>>>()?;
        let web = self.web_address(definition, &survey.lang);
        values.insert("survey", survey);
        values.insert("pages", &pages);
        values.insert("private", &private);
        values.insert("back", &self.address(&definition.address(), &survey.lang));
        values.insert("qr", &web.as_deref().and_then(Qr::of));
        values.insert("web", &web.as_deref().map(written_out));
        values.insert("about", &self.paper_about(definition, &survey.lang));
        values.insert("sensitive", &definition.settings.sensitive);
        values.insert("hand_in", &self.hand_in(definition, words));
        values.insert("form", &form_name(definition, &survey.lang, words));
        values.insert("foot", &format!("/{}", self.paper_foot(definition, &survey.lang).0));
        self.page("paper.html", &values)
    }

    /// The name of the form at the foot of every sheet, since sheets come apart: a style sheet of its
    /// own, as only one can write there and pages have none inside. Its path and its text.
    pub fn paper_foot(&self, definition: &Definition, lang: &str) -> (String, String) {
        let lang = &definition.in_language(self.language(lang)).lang;
        let name = form_name(definition, lang, self.words_of(lang)).replace(['"', '\\', '\n'], " ");
        let css = format!("@page{{@bottom-left{{content:\"{name}\"}}}}\n");
        (hashed_path(&format!("paper-{}", definition.slug), "css", css.as_bytes()), css)
    }

    fn paper_question(
        &self,
        question: &Question,
        definition: &Definition,
        plan: &Plan<'_>,
        frame: &Values,
    ) -> Result<String> {
        let view = PaperQuestion::new(question, definition, plan);
        let mut values = frame.clone();
        values.insert("q", &view);
        let inside = self.page(&format!("paper/{}.html", view.shape), &values)?;
        values.insert("inside", &inside);
        self.page("paper/question.html", &values)
    }

    /// Who asks and why, but for the last line: paper is handed in, not sent.
    fn paper_about(&self, definition: &Definition, lang: &str) -> Vec<String> {
        let mut lines = self.about(definition, lang);
        lines.pop();
        lines.push(self.words_of(lang).ui("paper_final").to_owned());
        lines
    }

    /// Where the form goes, and until when.
    fn hand_in(&self, definition: &Definition, words: &Words) -> Vec<String> {
        let controller = &self.config.controller;
        let mut lines = vec![words.ui("paper_hand_in").to_owned()];
        if !controller.address.is_empty() {
            let values = [("name", controller.name.as_str()), ("address", &controller.address)];
            lines.push(words.fill("paper_post", &values));
        }
        if let Some(closes) = definition.settings.closes {
            lines.push(words.fill("paper_closes", &[("date", &words.moment(closes))]));
        }
        lines
    }
}

fn paper_page<'a>(
    page: &'a Page,
    at: usize,
    plan: &Plan<'a>,
    questions: Vec<String>,
) -> PaperPage<'a> {
    let condition = page.condition.as_ref();
    let cue = condition.and_then(|condition| plan.cue(condition, page.cue.as_deref()));
    let numbers = || plan.questions(page).filter_map(|question| plan.number(&question.id));
    let cue = cue.map(|cue| {
        let (from, to) = (numbers().min().unwrap_or(1), numbers().max().unwrap_or(1));
        let which = match (from, to) {
            (from, to) if from == to => ("paper_only_one", from.to_string(), to.to_string()),
            (from, to) => ("paper_only_these", from.to_string(), to.to_string()),
        };
        let which = plan.words.fill(which.0, &[("from", &which.1), ("to", &which.2)]);
        let else_where = match plan.past(at) {
            Skip::To(number) => plan.words.fill("paper_else_go_to", &[("n", &number.to_string())]),
            Skip::Done => plan.words.ui("paper_else_done").to_owned(),
        };
        format!("{which} {cue} {else_where}")
    });
    PaperPage { title: page.title.as_ref(), intro: page.intro.as_ref(), cue, questions }
}

/// What staff enter a form's answers under: the survey, its version, its language.
fn form_name(definition: &Definition, lang: &str, words: &Words) -> String {
    let version = definition.version.get(..VERSION_SIGNS).unwrap_or(&definition.version);
    format!("{} {} · {version} · {lang}", words.ui("paper_form"), definition.slug)
}
