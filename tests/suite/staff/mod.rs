//! The staff pages as the real program serves them: from what `central init` prints to what is behind the
//! door, and everybody who should not get there.

mod door;
mod factor;
mod limits;
mod own_address;
mod seen;
mod sessions;

use std::cell::RefCell;

use crate::authors::Desk;
use crate::chain::{free_address, serve};
use crate::collecting::encode;
use crate::preview::{Running, fetch};

/// A password that will do.
pub const OWN: &str = "blå cykel ved søen";

/// A central that was just made, with its first administrator's one-time password.
pub struct House {
    pub desk: Desk,
    pub address: String,
    pub one_time: String,
}

impl House {
    pub fn new() -> House {
        let desk = Desk::new();
        let told = desk.says(&["central", "init"], 0);
        assert!(told.contains("user      admin\n") && told.contains("/staff/login"), "{told}");
        House { desk, address: free_address(), one_time: password_in(&told) }
    }

    /// With more settings in central.toml.
    pub fn set(&self, line: &str) {
        let path = self.desk.path("data/central/central.toml");
        let text = std::fs::read_to_string(&path).expect("the settings");
        std::fs::write(path, format!("{line}\n{text}")).expect("written");
    }

    pub fn run(&self) -> Running {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_borgerpanel"));
        command.args(["central", "run", "--listen", &self.address]).current_dir(self.desk.path(""));
        serve(command, &self.address)
    }

    pub fn visitor(&self) -> Visitor {
        Visitor::at(&self.address)
    }

    /// The administrator with a password of their own, logged in.
    pub fn administrator(&self) -> Visitor {
        let admin = self.visitor();
        assert_eq!(admin.log_in("admin", &self.one_time, "").status, 303);
        assert_eq!(admin.choose(OWN).status, 303);
        admin
    }

    /// The audit log, as `actor action detail` line by line.
    pub fn log(&self) -> Vec<String> {
        let path = self.desk.path("data/central/central.db");
        let database = rusqlite::Connection::open(path).expect("the central's database");
        let sql = "SELECT actor || ' ' || action || ' ' || detail FROM audit_log ORDER BY id";
        let mut rows = database.prepare(sql).expect("a table");
        let lines = rows.query_map([], |row| row.get::<_, String>(0)).expect("rows");
        lines.map(|line| line.expect("a text").trim_end().to_owned()).collect()
    }
}

/// The password that a command printed.
pub fn password_in(told: &str) -> String {
    let line = told.lines().find_map(|line| line.trim().strip_prefix("password  "));
    line.unwrap_or_else(|| panic!("no password in {told}")).to_owned()
}

/// A reply.
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    fn read(text: &str) -> Reply {
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Reply { status: status.expect("a status"), head: head.to_owned(), body: body.to_owned() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let of = |line: &'_ str| line.split_once(": ").map(|(key, _)| key.to_owned());
        let line = self
            .head
            .lines()
            .find(|line| of(line).is_some_and(|key| key.eq_ignore_ascii_case(name)))?;
        line.split_once(": ").map(|(_, value)| value)
    }

    /// Where it leads.
    pub fn leads_to(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.head);
        self.header("Location").expect("a place")
    }

    /// The token of its forms.
    pub fn csrf(&self) -> String {
        let from = self.body.split("name=\"_csrf\" value=\"").nth(1).expect("a form");
        from.split('"').next().expect("a token").to_owned()
    }
}

/// A browser without scripts: keeps the cookie, sends forms as they came.
pub struct Visitor {
    pub address: String,
    pub cookie: RefCell<Option<String>>,
    /// Header lines that it, or a proxy before the central, adds.
    pub also: String,
}

impl Visitor {
    pub fn at(address: &str) -> Visitor {
        Visitor { address: address.to_owned(), cookie: RefCell::new(None), also: String::new() }
    }

    /// Coming by the proxy, from this address.
    pub fn from(self, address: &str) -> Visitor {
        let also = format!("X-Forwarded-For: {address}\r\nX-Forwarded-Proto: https\r\n");
        Visitor { also, ..self }
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send(&format!("GET {path} HTTP/1.1\r\n"), "")
    }

    /// Posts a form from a page of the central's.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let origin = format!("Origin: http://{}\r\n", self.address);
        self.post_from(&origin, path, fields)
    }

    pub fn post_from(&self, origin: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let fields: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.send(&format!("POST {path} HTTP/1.1\r\n{origin}{kind}"), &encode(&fields))
    }

    fn send(&self, begin: &str, body: &str) -> Reply {
        let (host, also, length) = (&self.address, &self.also, body.len());
        let cookie = self.cookie.borrow().clone();
        let cookie = cookie.map_or(String::new(), |cookie| format!("Cookie: {cookie}\r\n"));
        let text = format!(
            "{begin}Host: {host}\r\n{also}{cookie}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        // A GET has no length to tell.
        let text =
            if begin.starts_with("GET") { text.replace("Content-Length: 0\r\n", "") } else { text };
        let reply = Reply::read(&fetch(host, &text));
        if let Some(given) = reply.header("Set-Cookie") {
            let pair = given.split(';').next().expect("a pair").to_owned();
            let is_taken_back = given.contains("Max-Age=0");
            *self.cookie.borrow_mut() = (!is_taken_back).then_some(pair);
        }
        reply
    }

    /// Opens the login page and sends what is typed there.
    pub fn log_in(&self, user: &str, password: &str, code: &str) -> Reply {
        let csrf = self.get("/staff/login").csrf();
        let fields = [("user", user), ("password", password), ("code", code), ("_csrf", &csrf)];
        self.post("/staff/login", &fields)
    }

    /// Chooses a password in the place of a one-time one.
    pub fn choose(&self, new: &str) -> Reply {
        let csrf = self.get("/staff/password").csrf();
        self.post("/staff/password", &[("new", new), ("again", new), ("_csrf", &csrf)])
    }

    /// Whether the start page is shown.
    pub fn is_inside(&self) -> bool {
        let reply = self.get("/staff/");
        reply.status == 200 || reply.leads_to().ends_with("/password")
    }
}
