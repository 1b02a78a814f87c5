//! Results as a page of their own, without the site around it: for a look before they are published.

use crate::error::Result;
use crate::results::files::STYLE;
use crate::site::render::Renderer;
use crate::site::results::panel::PREFIX;
use crate::survey::Definition;

impl Renderer {
    /// The whole page around a body that [`Renderer::results_body`] made, with its files beside it. `draft`
    /// says on top that it is for the house alone.
    pub fn results_alone(
        &self,
        definition: &Definition,
        lang: &str,
        body: &str,
        draft: bool,
    ) -> Result<String> {
        let survey = definition.in_language(self.language(lang));
        let words = self.words_of(&survey.lang);
        let mut values = tera::Context::new();
        values.insert("lang", &survey.lang);
        values.insert("title", &words.fill("results_of", &[("title", &survey.title.plain)]));
        values.insert("heading", &survey.title.html);
        values.insert("style", STYLE);
        values.insert("draft", &draft.then(|| words.ui("results_draft")));
        values.insert("body", &body.replace(&format!("/r/{}/data/", definition.slug), "data/"));
        self.page("results-alone.html", &values)
    }

    /// The same around a body that [`Renderer::panel_body`] made.
    pub fn panel_alone(&self, slug: &str, lang: &str, body: &str) -> Result<String> {
        let lang = self.language(lang);
        let title = self.panel_results_title(slug, lang);
        let mut values = tera::Context::new();
        values.insert("lang", lang);
        values.insert("title", &title);
        values.insert("heading", &title);
        values.insert("style", STYLE);
        values.insert("body", &body.replace(&format!("/r/{PREFIX}{slug}/data/"), "data/"));
        self.page("results-alone.html", &values)
    }

    /// The style sheet of such pages.
    pub fn style_of_results(&self) -> Vec<u8> {
        let path = self.assets.addresses.results_css.trim_start_matches('/');
        self.assets.files.get(path).cloned().unwrap_or_default()
    }
}
