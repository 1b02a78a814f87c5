//! Every file of a site, rendered in memory: the public tree, and the release that is never
//! published (docs: Addresses). Nothing here looks at the clock, so the same content gives the same
//! bytes on any day; whether a survey is open is decided by the server as it serves the page.

use super::content::Content;
use super::paper;
use super::parts::Parts;
use super::published::Published;
use super::render::{Article, Listed, Mode, RESULTS, Renderer, SurveyPage};
use super::snippets;
use super::theme::Theme;
use super::tree::Tree;
use crate::error::{Context, Result};
use crate::survey::model::SIGNUP;
use crate::survey::settings::Sample;
use crate::survey::{Definition, Fields, Settings};

/// A site as files.
#[derive(Debug, Default)]
pub struct Pages {
    /// What a web server shows to all.
    pub public: Tree,
    /// What servers and kiosks need beside it; `kiosk/` holds the pages of a kiosk.
    pub release: Tree,
}

/// Where a survey can be answered.
pub fn is_on(settings: &Settings, channel: &str) -> bool {
    settings.channels.is_empty() || settings.channels.iter().any(|known| known == channel)
}

/// Renders everything.
pub fn render(content: &Content, theme: &Theme, renderer: &Renderer) -> Result<Pages> {
    let mut pages = Pages::default();
    let mut scribe = Scribe { renderer, tree: &mut pages.public, mode: Mode::Web };
    scribe.assets();
    scribe.tree.extend(content.pictures.clone());
    scribe.home(content)?;
    scribe.articles(&content.articles)?;
    scribe.results(content)?;
    scribe.code()?;
    scribe.not_found()?;
    if !content.signups.is_empty() {
        scribe.member()?;
    }
    for definition in listed(&content.surveys, "web").chain(&content.signups) {
        scribe.survey(definition)?;
    }
    let mut kiosk = Tree::new();
    let mut scribe = Scribe { renderer, tree: &mut kiosk, mode: Mode::Kiosk };
    scribe.assets();
    scribe.tree.extend(content.pictures.clone());
    scribe.home(content)?;
    scribe.articles(&content.articles)?;
    scribe.code()?;
    let signups = content.signups.iter().filter(|one| is_on(&one.settings, "kiosk"));
    for definition in listed(&content.surveys, "kiosk").chain(signups) {
        scribe.survey(definition)?;
    }
    pages.release.extend(kiosk.into_iter().map(|(path, bytes)| (format!("kiosk/{path}"), bytes)));
    invited(content, renderer, &mut pages)?;
    data(content, theme, &mut pages.release)?;
    Ok(pages)
}

/// Surveys anybody may answer on `channel`.
pub fn listed<'a>(
    surveys: &'a [Definition],
    channel: &'a str,
) -> impl Iterator<Item = &'a Definition> + 'a {
    surveys.iter().filter(move |definition| is_listed(definition, channel))
}

fn is_listed(definition: &Definition, channel: &str) -> bool {
    definition.settings.sample == Sample::Open && is_on(&definition.settings, channel)
}

/// Whether a survey is for whoever was invited, on `channel`.
pub fn is_by_invitation(definition: &Definition, channel: &str) -> bool {
    definition.settings.sample == Sample::Panel && is_on(&definition.settings, channel)
}

/// The pages of surveys by invitation: served under `/i/<token>` alone.
fn invited(content: &Content, renderer: &Renderer, pages: &mut Pages) -> Result<()> {
    let mut tree = Tree::new();
    let mut scribe = Scribe { renderer, tree: &mut tree, mode: Mode::Web };
    for definition in &content.surveys {
        if definition.settings.sample == Sample::Panel {
            scribe.survey(definition)?;
        }
    }
    // What they fetch is fetched like everything else.
    let (assets, tree): (Tree, Tree) =
        tree.into_iter().partition(|(path, _)| path.starts_with("assets/"));
    pages.public.extend(assets);
    let invited = tree.into_iter().map(|(path, bytes)| (format!("invited/{path}"), bytes));
    pages.release.extend(invited);
    Ok(())
}

/// What a server needs to render by itself, without the content folder.
fn data(content: &Content, theme: &Theme, release: &mut Tree) -> Result<()> {
    let mut add = |path: String, json: serde_json::Result<Vec<u8>>| -> Result<()> {
        let bytes = json.during_at("write as JSON", &path)?;
        release.insert(path, bytes);
        Ok(())
    };
    add("site.json".to_owned(), serde_json::to_vec_pretty(&content.config))?;
    add("articles.json".to_owned(), serde_json::to_vec_pretty(&content.articles))?;
    let headlines = content.headlines();
    if !headlines.is_empty() {
        add("headlines.json".to_owned(), serde_json::to_vec_pretty(&headlines))?;
    }
    for definition in &content.surveys {
        add(format!("surveys/{}.json", definition.slug), serde_json::to_vec(definition))?;
    }
    for definition in &content.signups {
        add(
            format!("{}.json", definition.slug.replacen(SIGNUP, "panels/", 1)),
            serde_json::to_vec(definition),
        )?;
    }
    for definition in content.surveys.iter().chain(&content.signups) {
        add(format!("versions/{}.json", definition.version), serde_json::to_vec(definition))?;
    }
    for (name, bytes) in theme.replaced() {
        release.insert(format!("theme/{name}"), bytes.to_vec());
    }
    release.insert("nginx.conf".to_owned(), snippets::nginx().into_bytes());
    release.insert("Caddyfile".to_owned(), snippets::caddy().into_bytes());
    Ok(())
}

/// Writes the pages of one mode into one tree.
struct Scribe<'a> {
    renderer: &'a Renderer,
    tree: &'a mut Tree,
    mode: Mode,
}

impl Scribe<'_> {
    fn languages(&self) -> Vec<String> {
        self.renderer.config().languages.clone()
    }

    /// `address` as in `/s/parker/`, without a language's prefix.
    fn add(&mut self, address: &str, lang: &str, html: String) {
        let path = self.renderer.address(address, lang);
        let path = match path.strip_suffix('/') {
            Some(folder) => format!("{folder}/index.html"),
            None => path,
        };
        self.tree.insert(path.trim_start_matches('/').to_owned(), html.into_bytes());
    }

    fn assets(&mut self) {
        let files = self.renderer.assets().files.clone();
        self.tree.extend(files);
    }

    fn home(&mut self, content: &Content) -> Result<()> {
        let results = |definition: &Definition| {
            let of_it = |results: &Published| results.slug == definition.slug;
            self.mode == Mode::Web && content.results.iter().any(of_it)
        };
        let channel = if self.mode == Mode::Kiosk { "kiosk" } else { "web" };
        let shown = content.surveys.iter().filter(|one| {
            is_listed(one, channel) || results(one) || is_by_invitation(one, channel)
        });
        let surveys: Vec<Listed> = shown
            .map(|definition| Listed { definition, phase: None, results: results(definition) })
            .collect();
        for lang in self.languages() {
            let (address, html) = match self.mode {
                Mode::Web => ("/", self.renderer.home(&lang, &surveys)?),
                Mode::Kiosk => ("/kiosk/", self.renderer.kiosk_start(&lang, &surveys)?),
            };
            self.add(address, &lang, html);
        }
        Ok(())
    }

    /// Pages of text in every language: where there is no translation, in the default one.
    fn articles(&mut self, articles: &[Article]) -> Result<()> {
        let slugs: std::collections::BTreeSet<&str> =
            articles.iter().map(|article| article.slug.as_str()).collect();
        for lang in self.languages() {
            for slug in slugs.iter().filter(|slug| !slug.is_empty()) {
                let Some(article) = self.renderer.article(slug, &lang) else { continue };
                let article = match self.mode {
                    Mode::Web => article.clone(),
                    Mode::Kiosk => without_ways_out(article),
                };
                let html = self.renderer.article_page(&article, self.mode)?;
                self.add(&format!("/{slug}/"), &lang, html);
            }
            if !slugs.contains("was") && self.mode == Mode::Web {
                let html = self.renderer.accessibility(&lang)?;
                self.add("/was/", &lang, html);
            }
        }
        Ok(())
    }

    /// Where members ask for a link to their own page.
    fn member(&mut self) -> Result<()> {
        for lang in self.languages() {
            let html = self.renderer.member_ask(&lang, "", false)?;
            self.add("/panel/me/", &lang, html);
        }
        Ok(())
    }

    fn code(&mut self) -> Result<()> {
        for lang in self.languages() {
            let html = self.renderer.code(&lang, self.mode, "", None)?;
            self.add(super::code::ADDRESS, &lang, html);
        }
        Ok(())
    }

    /// Results and their data: in every language at its own address, the data once.
    fn results(&mut self, content: &Content) -> Result<()> {
        for results in &content.results {
            let known = content.surveys.iter().find(|one| one.slug == results.slug);
            let panel = content.panel_of(results);
            let address = format!("/r/{}/", results.slug);
            for lang in self.languages() {
                let Some((written, html)) = results.page(&lang) else { continue };
                let default = self.renderer.config().default_language.as_str();
                let written = if written.is_empty() { default } else { written };
                let html = match (known, panel) {
                    (Some(definition), _) => self.renderer.results(definition, written, html)?,
                    (None, Some(panel)) => self.renderer.panel_results(panel, written, html)?,
                    (None, None) => continue,
                };
                self.add(&address, &lang, html);
            }
            let files = results.files.iter();
            let files =
                files.map(|(path, bytes)| (format!("r/{}/{path}", results.slug), bytes.clone()));
            self.tree.extend(files);
        }
        self.results_index(content)
    }

    /// Every survey with results, in the order of other lists.
    fn results_index(&mut self, content: &Content) -> Result<()> {
        let published = |one: &&Definition| content.results.iter().any(|it| it.slug == one.slug);
        let surveys: Vec<Listed> = content
            .surveys
            .iter()
            .filter(published)
            .map(|definition| Listed { definition, phase: None, results: true })
            .collect();
        let panels: Vec<&str> =
            content.results.iter().filter_map(|one| content.panel_of(one)).collect();
        if surveys.is_empty() && panels.is_empty() {
            return Ok(());
        }
        for lang in self.languages() {
            let html = self.renderer.results_index(&lang, &surveys, &panels)?;
            self.add(RESULTS, &lang, html);
        }
        Ok(())
    }

    fn not_found(&mut self) -> Result<()> {
        for lang in self.languages() {
            let html = self.renderer.fault(super::Fault::Status(404), &lang, self.mode)?;
            self.add("/404.html", &lang, html);
        }
        Ok(())
    }

    /// The survey and its thank-yous. The default address always answers, if need be in the
    /// survey's own language.
    fn survey(&mut self, definition: &Definition) -> Result<()> {
        let address = definition.address();
        let bundle = self.renderer.assets().bundle(&Parts::of(definition, self.mode), self.mode);
        self.tree.extend([bundle.css, bundle.js]);
        for lang in self.languages() {
            let spoken = definition.languages.iter().any(|survey| survey.lang == lang);
            if !spoken && lang != self.renderer.config().default_language {
                continue;
            }
            let kept = &Fields::default();
            let mode = self.mode;
            let page =
                SurveyPage { definition, lang: &lang, mode, kept, problems: &[], nudges: &[] };
            let html = self.renderer.survey(&page)?;
            self.add(&address, &lang, html);
            if self.mode == Mode::Web && paper::is_printed(definition) {
                let html = self.renderer.paper(definition, &lang)?;
                self.add(&format!("{address}papir/"), &lang, html);
                let (path, css) = self.renderer.paper_foot(definition, &lang);
                self.tree.insert(path, css.into_bytes());
            }
            let html = match definition.panel() {
                Some(panel) => self.renderer.signed_up(panel, &lang, self.mode)?,
                None => self.renderer.thanks(definition, &lang, self.mode, None)?,
            };
            self.add(&format!("{address}tak/"), &lang, html);
            for ending in &definition.in_language(&lang).endings {
                let html = self.renderer.thanks(definition, &lang, self.mode, Some(&ending.id))?;
                self.add(&format!("{address}tak/{}/", ending.id), &lang, html);
            }
        }
        Ok(())
    }
}

/// Links that leave become text: on a kiosk an address can be read, but not followed.
fn without_ways_out(article: &Article) -> Article {
    let mut article = article.clone();
    let mut out = String::new();
    let mut rest = article.body.html.as_str();
    while let Some(at) = rest.find("<a href=\"") {
        let after = &rest[at + 9..];
        let leaves = ["https:", "mailto:", "tel:"].iter().any(|scheme| after.starts_with(scheme));
        let link = after.split_once('"').and_then(|(url, after)| {
            let (_, inside) = after.split_once('>')?;
            let (text, after) = inside.split_once("</a>")?;
            Some((url, text, after))
        });
        match link {
            Some((url, text, after)) if leaves => {
                out.push_str(&rest[..at]);
                out.push_str(text);
                let shown = url.trim_start_matches("mailto:").trim_start_matches("tel:");
                if !text.contains(shown) {
                    out.push_str(&format!(" ({shown})"));
                }
                rest = after;
            }
            _ => {
                out.push_str(&rest[..at + 9]);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    article.body.html = out;
    article
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::Text;

    #[test]
    fn on_a_kiosk_addresses_are_text() {
        let html = r#"<p><a href="mailto:a@b.dk">Skriv</a> <a href="/om/">om</a> <a href="https://b.dk">https://b.dk</a></p>"#;
        let body = Text { html: html.to_owned(), plain: String::new() };
        let article = without_ways_out(&Article { body, ..Article::default() });
        let want = r#"<p>Skriv (a@b.dk) <a href="/om/">om</a> https://b.dk</p>"#;
        assert_eq!(article.body.html, want);
    }
}
