//! What is the same on every page: header, switch of language, footer.

use std::collections::BTreeMap;

use serde::Serialize;

use super::assets::Addresses;
use super::config::SiteConfig;
use super::render::{Mode, Renderer};
use super::words::Words;

/// A link in a frame or list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Link {
    pub(super) title: String,
    pub(super) url: String,
}

/// A language of the switch in the header.
#[derive(Debug, Serialize)]
pub(super) struct LanguageLink<'a> {
    pub(super) code: &'a str,
    pub(super) name: &'a str,
    pub(super) url: String,
    pub(super) current: bool,
}

/// What `base.html` needs.
#[derive(Serialize)]
pub(super) struct Frame<'a> {
    pub(super) lang: &'a str,
    pub(super) mode: Mode,
    pub(super) site: &'a SiteConfig,
    pub(super) ui: &'a BTreeMap<String, String>,
    pub(super) assets: Addresses,
    pub(super) languages: Vec<LanguageLink<'a>>,
    /// The switch is a button of the form, so that answers are kept.
    pub(super) switch_by_form: bool,
    pub(super) footer: Vec<Link>,
    pub(super) home: String,
    pub(super) title: String,
    pub(super) title_prefix: &'a str,
    pub(super) kiosk_contact: String,
}

/// Where a page lives in each language, without a language's prefix: `/s/parker/`.
pub(super) enum Switch<'a> {
    Links(&'a str),
    Form,
    None,
}

impl Renderer {
    pub(super) fn frame<'a>(
        &'a self,
        lang: &'a str,
        mode: Mode,
        title: &str,
        switch: Switch<'_>,
    ) -> Frame<'a> {
        let words = self.words_of(lang);
        let path = if let Switch::Links(path) = switch { path } else { "/" };
        let path = if mode == Mode::Kiosk && path == "/" { "/kiosk/" } else { path };
        let languages = self.config.languages.iter().map(|code| LanguageLink {
            code,
            name: self.words_of(code).ui("language_name"),
            url: self.address(path, code),
            current: code == lang,
        });
        let home = if mode == Mode::Kiosk { "/kiosk/" } else { "/" };
        let mut assets = self.assets.addresses.clone();
        if mode == Mode::Kiosk {
            assets.css.clone_from(&assets.kiosk_css);
        }
        Frame {
            lang,
            mode,
            site: &self.config,
            ui: &words.ui,
            assets,
            languages: if matches!(switch, Switch::None) {
                Vec::new()
            } else {
                languages.collect()
            },
            switch_by_form: matches!(switch, Switch::Form),
            footer: self.footer(lang, words),
            home: self.address(home, lang),
            title: title.to_owned(),
            title_prefix: "",
            kiosk_contact: self.kiosk_contact(words),
        }
    }

    /// Links of the footer: every page of text, privacy and accessibility last by custom.
    fn footer(&self, lang: &str, words: &Words) -> Vec<Link> {
        let named = |slug: &str| slug == "privatliv" || slug == "was";
        let mut slugs: Vec<&str> = self
            .articles
            .iter()
            .map(|article| article.slug.as_str())
            .filter(|slug| !slug.is_empty() && !named(slug))
            .collect();
        slugs.dedup();
        let mut links: Vec<Link> = Vec::new();
        for slug in slugs {
            let Some(article) = self.article(slug, lang) else { continue };
            let url = self.address(&format!("/{slug}/"), &article.lang);
            if links.iter().all(|link| link.url != url) {
                links.push(Link { title: article.title.clone(), url });
            }
        }
        if let Some(article) = self.article("privatliv", lang) {
            let title = words.ui("privacy").to_owned();
            links.push(Link { title, url: self.address("/privatliv/", &article.lang) });
        }
        links.push(Link {
            title: words.ui("accessibility").to_owned(),
            url: self.address("/was/", lang),
        });
        links
    }

    fn kiosk_contact(&self, words: &Words) -> String {
        let about = &self.config.accessibility;
        let mut text =
            words.fill("accessibility_kiosk", &[("controller", &self.config.controller.name)]);
        for part in [&about.phone, &about.email].into_iter().filter(|part| !part.is_empty()) {
            text.push_str(", ");
            // A phone number stays in one line.
            text.push_str(&part.replace(' ', "\u{a0}"));
        }
        text.push('.');
        text
    }
}
