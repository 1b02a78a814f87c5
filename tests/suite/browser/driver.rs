//! The process that drives Chromium, and what a new Chromium is asked to be.

use std::io::{self, BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::Options;

const CHROMEDRIVER: &str = "/usr/bin/chromedriver";
pub const CHROMIUM: &str = "/usr/bin/chromium";

/// Nothing seen, nothing fetched but what the tests ask for (design, frontend.md).
pub const SWITCHES: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// The most bytes of an answer: a picture of a page is far below.
const ANSWER_MAX: u64 = 20_000_000;

/// How often the driver may fail to get its port.
const TRIES_MAX: u32 = 10;

/// A `chromedriver` on a free port, and the profile its Chromium gets.
pub struct Driver {
    process: Child,
    port: u16,
    profile: TempDir,
}

impl Driver {
    /// Starts the driver and waits until it listens. `policies` is a folder that its Chromium finds in
    /// the place of `/etc/chromium`, while every other Chromium of the machine keeps that.
    pub fn start(policies: Option<&Path>) -> io::Result<Driver> {
        for program in [CHROMEDRIVER, CHROMIUM] {
            if !Path::new(program).exists() {
                return Err(io::Error::new(io::ErrorKind::NotFound, format!("no {program}")));
            }
        }
        // It wants the same port twice, in IPv4 and IPv6, and ends where another test has one of them.
        let mut tries = 0;
        loop {
            tries += 1;
            match Driver::launch(policies) {
                Err(_) if tries < TRIES_MAX => {}
                launched => return launched,
            }
        }
    }

    fn launch(policies: Option<&Path>) -> io::Result<Driver> {
        // A group of its own, so that Chromium can be ended with it.
        let mut process = under(policies, CHROMEDRIVER)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let stdout = process.stdout.take().expect("stdout is piped");
        let port = BufReader::new(stdout).lines().map_while(Result::ok).find_map(|l| port_in(&l));
        let profile = tempfile::tempdir()?;
        match port {
            Some(port) => Ok(Driver { process, port, profile }),
            None => {
                let _ = process.wait();
                Err(io::Error::other("chromedriver ended before it listened"))
            }
        }
    }

    /// Opens Chromium.
    pub async fn connect(&self, options: Options) -> Client {
        let Value::Object(capabilities) = self.capabilities(options.javascript) else {
            unreachable!("an object is written below")
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
            .expect("Chromium starts");
        // Instead of Chromium's own start page, whose rules are stricter than a plain page's.
        client.goto("about:blank").await.expect("an empty page");
        client
    }

    fn capabilities(&self, javascript: bool) -> Value {
        let mut switches: Vec<String> = SWITCHES.iter().map(|&switch| switch.to_owned()).collect();
        switches.push(format!("--user-data-dir={}", self.profile.path().display()));
        // 1 allows, 2 blocks.
        let allowed = if javascript { 1 } else { 2 };
        json!({
            "browserName": "chrome",
            "goog:chromeOptions": {
                "binary": CHROMIUM,
                "args": switches,
                "prefs": {"profile.default_content_setting_values.javascript": allowed},
            },
        })
    }

    /// Asks Chromium itself, in its DevTools protocol, and gives its answer as JSON.
    pub fn ask(&self, session: &str, command: &str, parameters: &Value) -> Value {
        let url = format!("http://127.0.0.1:{}/session/{session}/goog/cdp/execute", self.port);
        let question = json!({"cmd": command, "params": parameters}).to_string();
        let mut response = ureq::post(&url).send(&question).expect("a command Chromium knows");
        let body = response.body_mut().with_config().limit(ANSWER_MAX).read_to_string();
        serde_json::from_str(&body.expect("an answer")).expect("JSON")
    }

    /// The folder Chromium was given.
    pub fn profile(&self) -> &Path {
        self.profile.path()
    }

    /// Ends the driver and whatever it started.
    pub fn stop(&mut self) {
        if let Some(group) = Pid::from_raw(self.process.id().cast_signed()) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.process.wait();
    }
}

/// A program that finds `policies` in the place of `/etc/chromium`, in mounts of its own.
pub fn under(policies: Option<&Path>, program: &str) -> Command {
    let Some(policies) = policies else { return Command::new(program) };
    let mut command = Command::new("unshare");
    let lay_over = r#"mount --bind "$0" /etc/chromium && exec "$@""#;
    command.args(["--mount", "--", "sh", "-c", lay_over]).arg(policies).arg(program);
    command
}

/// The port in `ChromeDriver was started successfully on port 40123.`
fn port_in(line: &str) -> Option<u16> {
    let (_, port) = line.split_once("started successfully on port ")?;
    port.trim_end_matches('.').parse().ok()
}
