//! Every state of a page that somebody can come to, for the tests that look at each of them.
//!
//! A [`Tour`] goes round a site in one language; [`Tour::frame`] and [`Tour::survey`] stop at each state and
//! show it to `see`, with its name. What a state is made of is what a visitor would do, but for the
//! answers, which are put in all at once.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

use borgerpanel::server::app::Channel;
use serde_json::json;

use super::Browser;
use super::place::{self, Place};
use crate::authors::Desk;

/// The pages of `/s/alle/`, the survey with a question of every kind.
pub const PAGES: [&str; 5] = ["you", "city", "most", "how", "last"];

/// How many pages were opened.
static OPENED: AtomicU32 = AtomicU32::new(0);

/// Answers every question of the page that is shown, and of the unfolded survey all.
const FILL: &str = include_str!("page/fill.js");

/// What somebody types into the fields of the first page of `/s/alle/`.
pub const YOU: [(&str, &str); 8] = [
    ("name", "Kim"),
    ("born", "3.5.1980"),
    ("up", "8.30"),
    ("people", "4"),
    ("children", "2"),
    ("post", "2200"),
    ("mail", "kim@example.dk"),
    ("phone", "+45 33 12 34 56"),
];

/// And into those of the pages after it.
const LATER: [(&str, &str); 5] = [
    ("budget.newtrees", "60"),
    ("budget.benches", "40"),
    ("moved", "1999"),
    ("what.other.text", "Fugle"),
    ("more", "Tak"),
];

/// The content with `/s/alle/` changed so that every question of it has to be answered.
pub fn every_question_required() -> Desk {
    let desk = place::desk();
    let path = desk.path("content/surveys/alle.md");
    let survey = fs::read_to_string(&path).expect("the survey");
    let demanding = |line: &str| match line.rsplit_once('}') {
        Some((question, _)) if line.starts_with("## ") => {
            let question = question.replace(" required", "").replace(" expected", "");
            format!("{question} required}}")
        }
        _ => line.to_owned(),
    };
    let lines: Vec<String> = survey.lines().map(demanding).collect();
    fs::write(path, lines.join("\n") + "\n").expect("written");
    desk
}

/// A browser on its way through a site.
pub struct Tour<'a> {
    pub browser: &'a Browser,
    pub place: &'a Place,
    /// Of the language: nothing, or `/en`.
    pub prefix: &'a str,
    pub channel: Channel,
}

impl Tour<'_> {
    /// Opens an address of the site in the tour's language.
    pub fn open(&self, path: &str) {
        // With the same address but for what follows `#`, it would be a jump within the page.
        let (path, jump) = path.split_once('#').unwrap_or((path, ""));
        let at = OPENED.fetch_add(1, Ordering::Relaxed);
        self.browser.goto(&self.place.at(&format!("{}{path}?{at}#{jump}", self.prefix)));
    }

    /// Opens a page of `/s/alle/` as if nothing were answered before.
    pub fn page(&self, page: &str) {
        self.open(&format!("/s/alle/#page-{page}"));
        let shown = format!("document.querySelector('#page-{page}')?.checkVisibility()");
        self.browser
            .wait_until(&format!("{shown} && document.querySelector('.js .step').textContent"));
    }

    /// On, or to send from the last page.
    pub fn go_on(&self) {
        let sends = self.browser.shows("[data-action=send]");
        self.browser.click(if sends { "[data-action=send]" } else { "[data-action=next]" });
    }

    /// Answers what is shown.
    pub fn fill(&self) {
        let typed: Vec<_> =
            YOU.iter().chain(&LATER).map(|(name, text)| json!([name, text])).collect();
        self.browser.run(FILL, vec![typed.into()]);
    }

    /// Without scripts from here on, as where they do not arrive. (A browser that runs none cannot be
    /// looked into by one of ours either.)
    pub fn without_scripts(&self) {
        self.browser.ask("Network.enable", &json!({}));
        self.browser.ask("Network.setBlockedURLs", &json!({"urls": ["*.js"]}));
    }

    pub fn with_scripts(&self) {
        self.browser.ask("Network.setBlockedURLs", &json!({"urls": []}));
    }

    /// Drops the draft that this browser keeps.
    pub fn forget(&self) {
        // Where nothing was opened yet there is no room for one.
        self.browser.run("try { localStorage.clear() } catch {}", Vec::new());
    }

    fn is_kiosk(&self) -> bool {
        self.channel == Channel::Kiosk
    }

    /// All that has a shape of its own: what lies around the surveys, and a survey with every kind.
    pub fn round(&self, see: &mut dyn FnMut(&str)) {
        self.frame(see);
        self.survey("alle", see);
        self.problems(see);
        self.asides(see);
    }

    /// What lies around the surveys.
    pub fn frame(&self, see: &mut dyn FnMut(&str)) {
        let shared = [
            "/s/alle/tak/",
            "/s/cykelparkering/",
            "/s/havnebade/",
            "/findes-ikke/",
            "/kode/",
            "/i/79KMSPXT1G",
        ];
        let own: &[&str] = match self.is_kiosk() {
            true => &["/kiosk/"],
            false => &["/", "/om/", "/privatliv/", "/was/", "/s/alle/papir/"],
        };
        for path in own.iter().chain(&shared) {
            self.open(path);
            see(path);
        }
    }

    /// A survey from its start to what comes back where nothing was answered.
    pub fn survey(&self, slug: &str, see: &mut dyn FnMut(&str)) {
        let path = format!("/s/{slug}/");
        self.forget();
        self.open(&path);
        self.browser.click(".about summary");
        see(&format!("{slug}: start"));
        self.browser.click("[data-action=start]");
        see(&format!("{slug}: first page"));
        self.go_on();
        see(&format!("{slug}: next"));
        self.without_scripts();
        self.open(&path);
        see(&format!("{slug}: without scripts"));
        self.browser.click("[data-action=send]");
        self.browser.wait_until("document.readyState === 'complete' && document.querySelector('#problems li, .message')");
        see(&format!("{slug}: sent back"));
        self.with_scripts();
    }

    /// Each page of `/s/alle/`: as it opens, with what is wrong or left open, and answered.
    pub fn pages(&self, see: &mut dyn FnMut(&str)) {
        for page in PAGES {
            self.page(page);
            see(&format!("{page}: open"));
            self.go_on();
            see(&format!("{page}: problems"));
            self.page(page);
            self.fill();
            see(&format!("{page}: answered"));
        }
    }

    /// Each page of `/s/alle/` with what is wrong or left open on it.
    pub fn problems(&self, see: &mut dyn FnMut(&str)) {
        for page in PAGES {
            self.page(page);
            self.go_on();
            see(&format!("{page}: problems"));
        }
    }

    /// What comes up over a page, and at its side.
    pub fn asides(&self, see: &mut dyn FnMut(&str)) {
        self.page("you");
        self.browser.type_into("#q-name", "Ring 33 12 34 56");
        self.go_on();
        assert!(self.browser.shows(".guard"), "a number is warned about");
        see("guard");
        self.page("you");
        for _ in PAGES {
            self.fill();
            self.go_on();
        }
        assert!(self.browser.shows("#review"), "all is answered");
        see("review");
        self.browser.run("document.querySelector('#sending').textContent = 'Sender …'", Vec::new());
        see("sending");
        self.open("/s/trafik-og-transport/#page-trips");
        let list =
            "const field = document.querySelector('#q-destination'); field.focus(); field.click()";
        self.browser.run(list, Vec::new());
        self.browser.wait_until("document.querySelector('[role=option]')?.checkVisibility()");
        see("a long list, open");
        if self.is_kiosk() {
            self.page("you");
            self.browser.run("document.querySelector('#q-mail').focus()", Vec::new());
            self.browser.wait_until("document.querySelector('.keyboard')?.checkVisibility()");
            see("keyboard");
            self.page("city");
            self.browser.run("document.querySelector('#idle').showModal()", Vec::new());
            see("idle");
            self.page("city");
            self.browser
                .run("document.documentElement.toggleAttribute('data-low', true)", Vec::new());
            see("lowered");
        } else {
            self.open("/s/alle/");
            assert!(self.browser.shows("#draft"), "what was typed is offered");
            see("draft");
            let unsent = "[...document.querySelectorAll('#draft, #unsent')].forEach((it) => { it.hidden = !it.hidden })";
            self.browser.run(unsent, Vec::new());
            see("unsent");
            self.forget();
        }
    }
}
