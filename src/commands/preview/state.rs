//! All that the page for staff is told, as one JSON value: what there is to look at, the texts it was
//! made from, and what is wrong with them, in both languages.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::{Date, DateTime};
use serde_json::{Value, json};

use super::board::Last;
use crate::commands::check::language_of;
use crate::diag::{self, Language};
use crate::site::theme::slashed;
use crate::site::{Site, pages};
use crate::survey::settings::{Moment, Sample};
use crate::survey::{Definition, Page, Survey, Text};

/// Where the value comes from.
pub struct State<'a> {
    pub last: &'a Last,
    /// The last good build, which may be an older one.
    pub site: &'a Site,
    pub content: &'a Path,
    /// Grows with every build and every day that is chosen.
    pub showing: u64,
    /// The day shown.
    pub now: DateTime,
    /// The kiosk's pages are at this port.
    pub kiosk_port: u16,
}

impl State<'_> {
    /// As JSON.
    pub fn to_json(&self) -> Value {
        let config = self.site.renderer.config();
        let messages =
            |language| diag::to_json(&self.last.diagnostics, &self.last.sources, language);
        json!({
            "showing": self.showing,
            "kiosk_port": self.kiosk_port,
            "languages": config.languages,
            "default_language": config.default_language,
            "day": self.now.date().to_string(),
            "surveys": self.site.surveys.iter().map(|one| self.survey(one)).collect::<Vec<_>>(),
            "pages": self.pages(),
            "is_good": self.last.is_good,
            "files": self.files(),
            "messages": {"en": messages(Language::English), "da": messages(Language::Danish)},
            "words": if language_of(config) == Language::Danish { "da" } else { "en" },
        })
    }

    fn survey(&self, definition: &Definition) -> Value {
        let (base, settings) = (definition.base(), &definition.settings);
        let titles = |title: &dyn Fn(&Survey) -> Option<&Text>| -> BTreeMap<String, String> {
            let languages = definition.languages.iter();
            let named = languages.filter_map(|one| Some((&one.lang, &title(one)?.plain)));
            named.map(|(lang, title)| (lang.clone(), title.clone())).collect()
        };
        let pages = base.pages.iter().enumerate();
        let pages = pages.map(|(at, page)| {
            let titles = titles(&|one| name(one.pages.get(at)?));
            json!({"id": page.id, "titles": titles})
        });
        let endings = base.endings.iter().enumerate();
        let endings = endings.map(|(at, ending)| {
            let titles = titles(&|one| Some(&one.endings.get(at)?.title));
            json!({"id": ending.id, "titles": titles})
        });
        json!({
            "path": format!("/s/{}/", definition.slug),
            "stem": self.stem(&format!("surveys/{}", definition.slug)),
            "titles": titles(&|one| Some(&one.title)),
            "phase": settings.phase(self.now),
            "opens": settings.opens.map(day),
            "closes": settings.closes.map(day),
            "invited": settings.sample == Sample::Panel,
            "screens": {
                "web": pages::is_on(settings, "web"),
                "kiosk": pages::is_on(settings, "kiosk"),
            },
            "pages": pages.collect::<Vec<_>>(),
            "endings": endings.collect::<Vec<_>>(),
        })
    }

    /// The home page and the pages of text.
    fn pages(&self) -> Vec<Value> {
        let mut found: Vec<(&str, BTreeMap<&str, &str>)> = vec![("", BTreeMap::new())];
        for article in self.site.renderer.articles() {
            let slug = article.slug.as_str();
            let at = found.iter().position(|(known, _)| *known == slug).unwrap_or(found.len());
            if at == found.len() {
                found.push((slug, BTreeMap::new()));
            }
            found[at].1.insert(&article.lang, &article.title);
        }
        let as_json = |(slug, titles): (&str, BTreeMap<&str, &str>)| {
            let (path, file) = match slug {
                "" => ("/".to_owned(), "_index".to_owned()),
                _ => (format!("/{slug}/"), format!("pages/{slug}")),
            };
            json!({"path": path, "stem": self.stem(&file), "titles": titles})
        };
        found.into_iter().map(as_json).collect()
    }

    /// A file's path as messages show it, without its endings.
    fn stem(&self, name: &str) -> String {
        slashed(&self.content.join(name))
    }

    /// The texts an author writes, and whatever else a message points into.
    fn files(&self) -> BTreeMap<&str, &str> {
        let told = |file: &str| self.last.diagnostics.iter().any(|note| note.file == file);
        let files = self.last.sources.iter().map(|(file, text)| (file.as_str(), text.as_str()));
        files.filter(|(file, _)| file.ends_with(".md") || told(file)).collect()
    }
}

fn day(moment: Moment) -> String {
    let day: Date = moment.start().date();
    day.to_string()
}

/// What a page is called: its title, or what it asks first.
fn name(page: &Page) -> Option<&Text> {
    page.title.as_ref().or_else(|| page.questions.first().map(|question| &question.text))
}
