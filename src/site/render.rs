//! One pure renderer: the same survey, answers and problems give the same page, whether the build
//! writes it or a server sends it back with messages (422).
//!
//! [`Renderer::new`] parses the theme once; every other method is a page. A page is complete but for
//! one hole that a server fills as it serves it: `name="_id" value=""`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use tera::{Context as Values, Tera};

use super::about;
use super::assets::Assets;
use super::cards::takes_codes;
use super::config::SiteConfig;
use super::embedded;
use super::frame::{Frame, Link, Switch};
use super::pages;
use super::paper;
use super::parts::Parts;
use super::qr::Qr;
use super::results::panel::PREFIX;
use super::theme::Theme;
use super::view::{self, Given, PageView, QuestionView};
use super::words::Words;
use crate::error::{Context, Error, Result};
use crate::survey::settings::{Moment, Partial, Sample};
use crate::survey::{Definition, Fields, Phase, Problem, Text};

/// Where all results are listed, without a language's prefix.
pub const RESULTS: &str = "/r/";

/// Where a server puts the response's id into a survey's page as it serves it.
pub const ID_HOLE: &str = r#"<input type="hidden" name="_id" value="">"#;

/// `page` with `id` (32 hex digits) in its hole; unchanged where it has none.
pub fn with_id(page: &str, id: &str) -> String {
    let filled = ID_HOLE.replace("value=\"\"", &format!("value=\"{id}\""));
    page.replacen(ID_HOLE, &filled, 1)
}

/// Who a page is for: somebody at home, or whoever stands before a kiosk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    Web,
    Kiosk,
}

/// A survey's page and what is filled in on it.
#[derive(Debug, Clone, Copy)]
pub struct SurveyPage<'a> {
    pub definition: &'a Definition,
    pub lang: &'a str,
    pub mode: Mode,
    /// The fields as they were posted; none on a fresh page.
    pub kept: &'a Fields,
    /// What has to be put right; none on a fresh page or where the language was switched.
    pub problems: &'a [Problem],
    /// What is asked for once more, and then let go.
    pub nudges: &'a [Problem],
}

/// A survey in a list; `phase` is none where the page is static and the day unknown.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    pub definition: &'a Definition,
    pub phase: Option<Phase>,
    /// Whether its results are published.
    pub results: bool,
}

/// A page of ordinary text: `_index.md` and `pages/*.md`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Article {
    /// Without slashes; empty for the home page.
    pub slug: String,
    pub lang: String,
    pub title: String,
    /// A sentence or two under the title.
    pub lead: Option<String>,
    pub body: Text,
    pub order: i64,
}

/// The first finding of surveys by slug and language; that of the default language under "".
pub type Headlines = BTreeMap<String, BTreeMap<String, String>>;

/// Something that went wrong, as a page says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// An HTTP status: 400, 403, 404, 405, 408, 409, 410, 413, 415, 429, 500, 503.
    Status(u16),
    /// A kiosk without a central's key: 503 with words of its own.
    NotEnrolled,
}

/// What is the same on every page of a site; built by [`Renderer::new`].
#[derive(Clone)]
pub struct Renderer {
    tera: Arc<Tera>,
    pub(super) config: SiteConfig,
    pub(super) assets: Assets,
    words: BTreeMap<String, Words>,
    /// Those of the staff's rooms.
    pub(super) rooms: BTreeMap<String, Words>,
    pub(super) articles: Vec<Article>,
    headlines: Headlines,
}

impl Renderer {
    /// Parses the theme's templates and words. `articles` are the site's pages: the footer links
    /// to them.
    pub fn new(theme: &Theme, config: &SiteConfig, articles: &[Article]) -> Result<Renderer> {
        let mut tera = Tera::default();
        let templates: Vec<(String, String)> = theme
            .in_folder("templates/")
            .map(|(name, bytes)| (name.to_owned(), String::from_utf8_lossy(bytes).into_owned()))
            .collect();
        tera.add_raw_templates(templates).during("read the theme's templates")?;
        let words =
            config.languages.iter().map(|lang| Ok((lang.clone(), Words::load(theme, lang)?)));
        let rooms =
            config.languages.iter().map(|lang| Ok((lang.clone(), Words::of_rooms(theme, lang)?)));
        let mut articles = articles.to_vec();
        articles.sort_by(|a, b| (a.order, &a.title).cmp(&(b.order, &b.title)));
        Ok(Renderer {
            tera: Arc::new(tera),
            config: config.clone(),
            assets: Assets::of(theme, config.kiosk.screen_width_mm)?,
            words: words.collect::<Result<_>>()?,
            rooms: rooms.collect::<Result<_>>()?,
            articles,
            headlines: Headlines::new(),
        })
    }

    /// The same with what was found in surveys whose results are published: lists say it.
    #[must_use]
    pub fn with_headlines(self, headlines: Headlines) -> Renderer {
        Renderer { headlines, ..self }
    }

    pub(super) fn first_finding(&self, slug: &str, lang: &str) -> Option<&str> {
        let own = self.headlines.get(slug)?;
        own.get(lang).or_else(|| own.get("")).map(String::as_str)
    }

    /// The style sheet, script, fonts and drawings, by path.
    pub fn assets(&self) -> &Assets {
        &self.assets
    }

    /// The settings the renderer was made with.
    pub fn config(&self) -> &SiteConfig {
        &self.config
    }

    /// The site's pages of text, in the order of the footer.
    pub fn articles(&self) -> &[Article] {
        &self.articles
    }

    /// A date in `lang`, as in `31. december 2026`.
    pub fn moment(&self, moment: Moment, lang: &str) -> String {
        self.words_of(self.language(lang)).moment(moment)
    }

    /// `lang` where the site has it, else the default language.
    pub fn language<'a>(&'a self, lang: &'a str) -> &'a str {
        if self.words.contains_key(lang) { lang } else { &self.config.default_language }
    }

    /// A survey: the build's page, or the server's with kept answers and messages.
    pub fn survey(&self, page: &SurveyPage<'_>) -> Result<String> {
        let survey = page.definition.in_language(self.language(page.lang));
        let words = self.words_of(&survey.lang);
        let parts = Parts::of(page.definition, page.mode);
        let (kept, problems, nudges) = (page.kept, page.problems, page.nudges);
        let given = Given { survey, maps: &page.definition.maps, kept, problems, nudges, words };
        let mut frame = self.frame(&survey.lang, page.mode, &survey.title.plain, Switch::Form);
        if !problems.is_empty() {
            frame.title_prefix = words.ui("error_prefix");
        }
        frame.languages.retain(|link| has_language(page.definition, link.code));
        let bundle = self.assets.bundle(&parts, page.mode);
        frame.assets.css = format!("/{}", bundle.css.0);
        frame.assets.js = format!("/{}", bundle.js.0);
        let mut values = self.values(&frame)?;
        let pages = survey.pages.iter().map(|one| {
            let questions = one.questions.iter();
            let questions = questions.map(|question| self.question(question, &given, &values));
            Ok(PageView::new(one, questions.collect::<Result<_>>()?))
        });
        let pages = pages.collect::<Result<Vec<_>>>()?;
        let panel = page.definition.panel().and_then(|slug| self.config.panels.get(slug));
        values.insert("pages", &pages);
        values.insert("survey", survey);
        values.insert("problems", &view::summary(problems, &given));
        values.insert("nudges", &view::summary(nudges, &given));
        values.insert("problems_title", &problems_title(words, problems, nudges));
        values.insert("asked", &asked(kept, nudges));
        values.insert("facts", &about::facts(survey, &page.definition.settings, panel, words));
        values.insert("asks", &self.asks(page.definition, &survey.lang));
        values.insert("about", &self.about(page.definition, &survey.lang));
        let on_paper = page.mode == Mode::Web && paper::is_printed(page.definition);
        values.insert("paper", &on_paper);
        values.insert("sensitive", &page.definition.settings.sensitive);
        if page.mode == Mode::Kiosk {
            let address = self.phone_address(page.definition, &survey.lang);
            values.insert("qr", &address.as_deref().and_then(Qr::of));
            values.insert("address", &address.as_deref().map(written_out));
            values.insert("keeps_part", &(page.definition.settings.partial == Partial::Keep));
        }
        values.insert("survey_json", &embedded::survey(survey)?);
        values.insert("texts_json", &embedded::texts(words, &parts)?);
        self.page("survey.html", &values)
    }

    fn question(
        &self,
        question: &crate::survey::Question,
        given: &Given<'_>,
        frame: &Values,
    ) -> Result<String> {
        let view = QuestionView::new(question, given);
        let mut values = frame.clone();
        values.insert("q", &view);
        let inside = self.page(&format!("kinds/{}.html", view.template), &values)?;
        values.insert("inside", &inside);
        self.page("question.html", &values)
    }

    /// The thank-you of a survey, or of the ending a skip led to.
    pub fn thanks(
        &self,
        definition: &Definition,
        lang: &str,
        mode: Mode,
        ending: Option<&str>,
    ) -> Result<String> {
        let survey = definition.in_language(self.language(lang));
        let words = self.words_of(&survey.lang);
        let ending = survey.endings.iter().find(|known| Some(known.id.as_str()) == ending);
        let title = ending.map_or(words.ui("thanks_title"), |ending| ending.title.plain.as_str());
        let path = format!("{}tak/", definition.address());
        let mut frame = self.frame(&survey.lang, mode, title, Switch::Links(&path));
        frame.languages.retain(|link| has_language(definition, link.code));
        let mut values = self.values(&frame)?;
        values.insert("survey", survey);
        values.insert("ending", &ending);
        values.insert("next", &self.what_next(definition, words, mode));
        values.insert("contact", &definition.settings.contact);
        values.insert("join", &self.invitation(definition, &survey.lang));
        self.page("thanks.html", &values)
    }

    /// The thank-you of a sign-up: everybody's is the same, whoever is a member already.
    pub fn signed_up(&self, panel: &str, lang: &str, mode: Mode) -> Result<String> {
        let lang = self.language(lang);
        let words = self.words_of(lang);
        let path = format!("/panel/{panel}/tak/");
        let title = words.ui("signed_up_title");
        let frame = self.frame(lang, mode, title, Switch::Links(&path));
        let mut values = self.values(&frame)?;
        let name = self.config.panels.get(panel).map_or(panel, |panel| panel.name.as_str());
        values.insert("text", &words.fill("signed_up_text", &[("panel", name)]));
        self.page("signed-up.html", &values)
    }

    /// In place of a survey that takes no answers (410): closed, or not open yet, with the dates.
    pub fn unavailable(&self, listed: &Listed<'_>, lang: &str, mode: Mode) -> Result<String> {
        let definition = listed.definition;
        let survey = definition.in_language(self.language(lang));
        let words = self.words_of(&survey.lang);
        let (name, moment) = match listed.phase {
            Some(Phase::Coming) => ("coming", definition.settings.opens),
            _ => ("closed", definition.settings.closes),
        };
        let text = match moment {
            Some(moment) => words.fill(&format!("{name}_text"), &[("date", &words.moment(moment))]),
            None => words.ui(&format!("{name}_text_undated")).to_owned(),
        };
        let title = words.ui(&format!("{name}_title")).to_owned();
        let path = definition.address();
        let mut frame = self.frame(&survey.lang, mode, &title, Switch::Links(&path));
        frame.languages.retain(|link| has_language(definition, link.code));
        let mut values = self.values(&frame)?;
        values.insert("survey", survey);
        values.insert("text", &text);
        // A kiosk has no pages of results.
        let shown = listed.results && mode == Mode::Web;
        values.insert("results", &shown.then(|| self.results_address(definition, &survey.lang)));
        self.page("closed.html", &values)
    }

    /// Published results, in `lang`: `html` is what stands below the title.
    pub fn results(&self, definition: &Definition, lang: &str, html: &str) -> Result<String> {
        let survey = definition.in_language(lang);
        let title = self.words_of(lang).fill("results_of", &[("title", &survey.title.plain)]);
        let path = self.results_address(definition, &self.config.default_language);
        self.results_page(&title, &survey.title.html, &path, lang, html)
    }

    /// A page of results in its frame; `path` is without a language's prefix.
    pub(super) fn results_page(
        &self,
        title: &str,
        heading: &str,
        path: &str,
        lang: &str,
        html: &str,
    ) -> Result<String> {
        let mut frame = self.frame(lang, Mode::Web, title, Switch::Links(path));
        frame.assets.css.clone_from(&self.assets.addresses.results_css);
        let mut values = self.values(&frame)?;
        values.insert("heading", heading);
        values.insert("body", html);
        values.insert("all_results", &self.address(RESULTS, lang));
        self.page("results.html", &values)
    }

    /// The list of all results.
    pub fn results_index(
        &self,
        lang: &str,
        surveys: &[Listed<'_>],
        panels: &[&str],
    ) -> Result<String> {
        let lang = self.language(lang);
        let title = self.words_of(lang).ui("results").to_owned();
        let frame = self.frame(lang, Mode::Web, &title, Switch::Links(RESULTS));
        let mut values = self.values(&frame)?;
        self.insert_cards(&mut values, lang, surveys);
        let panels = panels.iter().map(|slug| Link {
            title: self.panel_results_title(slug, lang),
            url: self.address(&format!("/r/{PREFIX}{slug}/"), lang),
        });
        values.insert("panels", &panels.collect::<Vec<_>>());
        self.page("results-index.html", &values)
    }

    pub(super) fn results_address(&self, definition: &Definition, lang: &str) -> String {
        self.address(&format!("/r/{}/", definition.slug), lang)
    }

    /// The home page: the site's own words and its surveys.
    pub fn home(&self, lang: &str, surveys: &[Listed<'_>]) -> Result<String> {
        let lang = self.language(lang);
        let article = self
            .article("", lang)
            .cloned()
            .unwrap_or_else(|| Article { title: self.config.name.clone(), ..Article::default() });
        let frame = self.frame(lang, Mode::Web, &article.title, Switch::Links("/"));
        let mut values = self.values(&frame)?;
        values.insert("article", &article);
        values.insert("panels", &self.panels_to_join(lang));
        values.insert("member_address", &self.address("/panel/me/", lang));
        self.insert_cards(&mut values, lang, surveys);
        self.page("home.html", &values)
    }

    /// The kiosk's start page: a choice of language and survey, and how long each takes.
    pub fn kiosk_start(&self, lang: &str, surveys: &[Listed<'_>]) -> Result<String> {
        let lang = self.language(lang);
        let words = self.words_of(lang);
        let frame =
            self.frame(lang, Mode::Kiosk, words.ui("kiosk_title"), Switch::Links("/kiosk/"));
        let mut values = self.values(&frame)?;
        self.insert_cards(&mut values, lang, surveys);
        self.page("kiosk.html", &values)
    }

    /// Where a kiosk's start leads where exactly one survey is open: straight to it. Not where somebody
    /// may come with a code, which is typed in from the start.
    pub fn only_open<'a>(&self, surveys: &[Listed<'a>], lang: &str) -> Option<String> {
        if surveys.iter().any(takes_codes) {
            return None;
        }
        let mut open = surveys.iter().filter(|one| one.phase == Some(Phase::Open));
        let (only, none) = (open.next()?, open.next());
        none.is_none().then(|| self.address(&only.definition.address(), lang))
    }

    /// A page of ordinary text.
    pub fn article_page(&self, article: &Article, mode: Mode) -> Result<String> {
        let path = format!("/{}/", article.slug);
        let frame = self.frame(&article.lang, mode, &article.title, Switch::Links(&path));
        let mut values = self.values(&frame)?;
        values.insert("article", article);
        self.page("page.html", &values)
    }

    /// `/was/` where the site has no page of that name: the statement and whom to turn to.
    pub fn accessibility(&self, lang: &str) -> Result<String> {
        let lang = self.language(lang);
        let title = self.words_of(lang).ui("accessibility");
        let frame = self.frame(lang, Mode::Web, title, Switch::Links("/was/"));
        self.page("was.html", &self.values(&frame)?)
    }

    /// A page for something that went wrong. `500` stands in for a status without words.
    pub fn fault(&self, fault: Fault, lang: &str, mode: Mode) -> Result<String> {
        let lang = self.language(lang);
        let words = self.words_of(lang);
        let key = fault_key(fault, mode);
        let key =
            if words.ui.contains_key(&format!("{key}_title")) { key } else { "error_500".into() };
        let title = words.ui(&format!("{key}_title")).to_owned();
        let frame = self.frame(lang, mode, &title, Switch::None);
        let mut values = self.values(&frame)?;
        values.insert("text", words.ui(&format!("{key}_text")));
        self.page("error.html", &values)
    }

    /// The address of `path` (`/s/parker/`) in `lang`.
    pub fn address(&self, path: &str, lang: &str) -> String {
        format!("{}{path}", self.config.prefix(lang))
    }

    /// A page of text in `lang`, or in the default language.
    pub fn article(&self, slug: &str, lang: &str) -> Option<&Article> {
        let in_lang = |lang: &str| {
            self.articles.iter().find(|article| article.slug == slug && article.lang == lang)
        };
        in_lang(lang).or_else(|| in_lang(&self.config.default_language))
    }

    pub(super) fn words_of(&self, lang: &str) -> &Words {
        let default = || self.words.get(&self.config.default_language);
        self.words.get(lang).or_else(default).expect("a site has words for its default language")
    }

    pub(super) fn values(&self, frame: &Frame<'_>) -> Result<Values> {
        let mut values = Values::from_serialize(frame).during("prepare a page")?;
        if frame.mode == Mode::Kiosk {
            values.insert("keys_json", &embedded::keys(self.words_of(frame.lang))?);
        }
        Ok(values)
    }

    /// A survey's address on the web; none where the site does not say which host it is at.
    pub(super) fn web_address(&self, definition: &Definition, lang: &str) -> Option<String> {
        let host = self.config.hosts.first()?;
        Some(format!("https://{host}{}", self.address(&definition.address(), lang)))
    }

    /// The address for whoever would rather answer on a phone, where the survey is on the web.
    fn phone_address(&self, definition: &Definition, lang: &str) -> Option<String> {
        let settings = &definition.settings;
        let on_the_web = settings.sample == Sample::Open && pages::is_on(settings, "web");
        on_the_web.then(|| self.web_address(definition, lang)).flatten()
    }

    pub(super) fn page(&self, template: &str, values: &Values) -> Result<String> {
        self.tera.render(template, values).map_err(|error| {
            Error::new(format!("render the template {template}"))
                .source(error)
                .hint("mend the theme's template, or leave it out to use the built-in one")
        })
    }
}

pub(super) fn has_language(definition: &Definition, lang: &str) -> bool {
    definition.languages.iter().any(|survey| survey.lang == lang)
}

/// An address as it is read, to be broken after its slashes alone.
pub(super) fn written_out(address: &str) -> Vec<&str> {
    address.trim_start_matches("https://").split_inclusive('/').collect()
}

fn fault_key(fault: Fault, mode: Mode) -> String {
    match fault {
        Fault::NotEnrolled => "error_unenrolled".to_owned(),
        Fault::Status(503) if mode == Mode::Web => "error_503_web".to_owned(),
        Fault::Status(status) => format!("error_{status}"),
    }
}

fn problems_title(words: &Words, problems: &[Problem], nudges: &[Problem]) -> String {
    match (problems.len(), nudges.is_empty()) {
        (0, false) => words.ui("nudge_title").to_owned(),
        (0 | 1, _) => words.ui("problems_one").to_owned(),
        (many, _) => words.fill("problems_many", &[("n", &many.to_string())]),
    }
}

/// The questions that have been asked for once more, now or on an earlier page.
fn asked(kept: &Fields, nudges: &[Problem]) -> String {
    let before = kept.first("_asked").unwrap_or_default().split_ascii_whitespace();
    let mut ids: Vec<&str> = before.collect();
    ids.extend(nudges.iter().map(|nudge| nudge.question.as_str()));
    ids.join(" ")
}
