//! What the preview's two servers answer: the site's pages, ready to be shown in a frame, and the
//! preview's own under `/_preview/`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use serde_json::json;

use super::board::Board;
use super::calendar::Calendar;
use super::state::State;
use crate::clock::{Clock, SystemClock};
use crate::error::Result;
use crate::response::{Context, sample};
use crate::server::app::{App, Published};
use crate::server::edge::{Running, Server};
use crate::server::form;
use crate::server::headers::{Hosts, framed_policy};
use crate::server::http::{Body, Method, Request, Response};
use crate::server::limits::Limits;
use crate::site::Mode;
use crate::survey::Fields;

/// The preview's own files.
const FILES: [(&str, &str); 10] = [
    ("", include_str!("shell.html")),
    ("icon.svg", include_str!("icon.svg")),
    ("shell.css", include_str!("shell.css")),
    ("shell.js", include_str!("shell.js")),
    ("menu.js", include_str!("menu.js")),
    ("screens.js", include_str!("screens.js")),
    ("text.js", include_str!("text.js")),
    ("preview.css", include_str!("preview.css")),
    ("preview.js", include_str!("preview.js")),
    ("frame.js", include_str!("frame.js")),
];

/// In the head, so that it runs before the page's own scripts; they know what the page shows.
fn tags(showing: u64) -> String {
    format!(
        "<meta name=\"showing\" content=\"{showing}\">\n\
         <link rel=\"stylesheet\" href=\"/_preview/preview.css\">\n\
         <script type=\"module\" src=\"/_preview/preview.js\"></script>\n</head>"
    )
}

/// The preview as its servers share it.
pub struct Stage {
    pub board: Board,
    content: PathBuf,
    calendar: Arc<Calendar>,
    web: Side,
    kiosk: Side,
    /// Counts builds and days: a page with a smaller number is behind.
    showing: AtomicU64,
}

/// One of the two servers.
struct Side {
    app: App,
    /// Known once it listens; nobody asks before.
    address: OnceLock<SocketAddr>,
}

impl Stage {
    /// A stage on which nothing is shown yet.
    pub fn new(
        content: PathBuf,
        board: Board,
        calendar: Arc<Calendar>,
        web: App,
        kiosk: App,
    ) -> Stage {
        let side = |app| Side { app, address: OnceLock::new() };
        Stage {
            board,
            content,
            calendar,
            web: side(web),
            kiosk: side(kiosk),
            showing: AtomicU64::new(0),
        }
    }

    /// Starts the server of one side.
    pub fn open(self: &Arc<Stage>, mode: Mode, listen: &str) -> Result<Running> {
        let stage = self.clone();
        let answer = Arc::new(move |request: &Request| stage.answer(mode, request));
        let running = Server::start(listen, answer, Limits::default())?;
        let side = self.side(mode);
        side.app.allow(Hosts::new(running.address(), &[]));
        // Each side is opened once.
        let _ = side.address.set(running.address());
        Ok(running)
    }

    /// Shows another build from now on, and tells every open page.
    pub fn publish(&self, published: Published) {
        self.web.app.publish(published.clone());
        self.kiosk.app.publish(published);
        self.change();
    }

    /// Something else is shown from now on.
    fn change(&self) {
        self.showing.fetch_add(1, Ordering::SeqCst);
        self.board.tell("reload");
    }

    fn side(&self, mode: Mode) -> &Side {
        match mode {
            Mode::Web => &self.web,
            Mode::Kiosk => &self.kiosk,
        }
    }

    fn answer(&self, mode: Mode, request: &Request) -> Response {
        let side = self.side(mode);
        let Some(name) = request.path.strip_prefix("/_preview/") else {
            // Read before the answer is made: too old a number only loads the page once more.
            let tags = tags(self.showing.load(Ordering::SeqCst));
            return with_tags(side.app.answer(request), &tags, &self.page_policy(mode));
        };
        // The texts are the author's: a page elsewhere reads none of them.
        let hosts = side.address.get().map(|address| Hosts::new(*address, &[]));
        let Some(hosts) = hosts.filter(|hosts| hosts.host_allowed(request)) else {
            return plain(400, "this is not the address of the preview");
        };
        match request.method {
            Method::Post if hosts.origin_allowed(request) => self.take(mode, name, request),
            Method::Post => plain(403, "this does not come from the preview"),
            Method::Get | Method::Head => self.show(mode, name),
        }
    }

    fn show(&self, mode: Mode, name: &str) -> Response {
        match name {
            "events" => Response::events(self.board.subscribe()),
            "problems" => plain(200, &self.board.report()),
            "state.json" => Response::json(200, &self.state()),
            // There is one page for staff, beside the web's pages.
            "" if mode == Mode::Kiosk => plain(404, "the preview is at the other port"),
            _ => match FILES.iter().find(|(file, _)| *file == name) {
                Some((file, text)) => Response::bytes(200, content_type(file), *text)
                    .with("Content-Security-Policy", self.shell_policy()),
                None => plain(404, "there is no such file"),
            },
        }
    }

    fn take(&self, mode: Mode, name: &str, request: &Request) -> Response {
        match (name, form::read(request)) {
            (_, Err(wrong)) => plain(wrong.status(), &wrong.to_string()),
            ("answers", Ok(fields)) => self.made_up(mode, fields),
            ("day", Ok(fields)) => {
                self.calendar.turn_to(fields.first("day").and_then(|day| day.parse().ok()));
                self.change();
                plain(200, "")
            }
            _ => plain(404, "nothing is taken here"),
        }
    }

    /// The form that came, filled in: one page of it, or all.
    fn made_up(&self, mode: Mode, fields: Fields) -> Response {
        let published = self.side(mode).app.published();
        let first = |name| fields.first(name).unwrap_or_default();
        let Some(definition) = published.site.survey(first("_survey")) else {
            return plain(404, "there is no such survey");
        };
        let survey = definition.in_language(first("_lang"));
        let page = fields.first("_page").filter(|page| !page.is_empty());
        let mut rng = fastrand::Rng::with_seed(first("_seed").parse().unwrap_or_default());
        let zone = published.site.renderer.config().zone();
        let context = Context {
            // The browser knows no day but its own: an answer is one on both.
            today: SystemClock.today(&zone).min(self.calendar.today(&zone)).to_string(),
            channel: if mode == Mode::Kiosk { "kiosk" } else { "web" }.to_owned(),
        };
        let is_answer = |(name, _): &(String, String)| !name.starts_with('_');
        let given = Fields(fields.0.iter().filter(|field| is_answer(field)).cloned().collect());
        let made = sample::fill_in_page(survey, page, given, &context, &mut rng);
        Response::json(200, &json!(made.0))
    }

    fn state(&self) -> serde_json::Value {
        let published = self.web.app.published();
        let zone = published.site.renderer.config().zone();
        let state = State {
            last: &self.board.last(),
            site: &published.site,
            content: &self.content,
            showing: self.showing.load(Ordering::SeqCst),
            now: self.calendar.here(&zone).datetime(),
            kiosk_port: self.kiosk.address.get().map_or(0, SocketAddr::port),
        };
        state.to_json()
    }

    /// The page for staff shows both sides, and is shown in nothing.
    fn shell_policy(&self) -> String {
        framed_policy(&format!("'self' {}", origins(&self.kiosk)), "'none'")
    }

    /// A page of the site shows nothing in frames; that page alone shows it in one.
    fn page_policy(&self, mode: Mode) -> String {
        match mode {
            Mode::Web => framed_policy("'none'", "'self'"),
            Mode::Kiosk => framed_policy("'none'", &origins(&self.web)),
        }
    }
}

/// A side by the two names that this machine has for itself.
fn origins(side: &Side) -> String {
    let port = side.address.get().map_or(0, SocketAddr::port);
    format!("http://127.0.0.1:{port} http://localhost:{port}")
}

fn plain(status: u16, text: &str) -> Response {
    Response::bytes(status, "text/plain; charset=utf-8", text)
}

fn content_type(file: &str) -> &'static str {
    match file.rsplit_once('.') {
        Some((_, "svg")) => "image/svg+xml",
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        _ => "text/html; charset=utf-8",
    }
}

fn with_tags(mut response: Response, tags: &str, policy: &str) -> Response {
    let is_page =
        |(name, value): &(&str, String)| *name == "Content-Type" && value.starts_with("text/html");
    if !response.headers.iter().any(is_page) {
        return response;
    }
    if let Body::Bytes(page) = &response.body {
        let page = String::from_utf8_lossy(page).replacen("</head>", tags, 1);
        response.body = Body::Bytes(page.into_bytes());
    }
    response.with("Content-Security-Policy", policy)
}
