//! The pages in a real browser: Debian's Chromium, driven through its `chromedriver`.
//!
//! [`Browser::start`] gives a browser of its own, with a new profile, that ends with the value; each
//! call waits for what it does and panics with its cause. Where Chromium is missing the tests say so
//! and are skipped, but with `BROWSER_TESTS=required` they fail.

mod agreement;
mod aloud;
pub mod axe;
mod budget;
mod by_keys;
mod canary;
mod corner;
mod driver;
mod dropdown;
mod errors;
mod focus;
mod heard;
mod keyboard;
mod kinds;
mod kiosk;
mod languages;
mod legible;
mod letters;
mod offline;
mod pages;
pub mod place;
mod plain;
mod png;
mod policy;
pub mod preview;
mod reflow;
mod review;
mod senses;
pub mod sight;
mod states;
mod targets;
mod vectors;

use std::path::Path;
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use serde_json::Value;

use driver::Driver;

/// What the browser is like.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Of the page's own area, CSS pixels.
    pub width: u32,
    pub height: u32,
    pub javascript: bool,
}

impl Options {
    /// The same screen for somebody whose browser runs no script.
    pub const fn plain(self) -> Options {
        Options { javascript: false, ..self }
    }
}

/// A phone held upright.
pub const PHONE: Options = Options { width: 360, height: 800, javascript: true };
/// A kiosk's screen that stands.
pub const UPRIGHT: Options = Options { width: 1080, height: 1920, javascript: true };
/// A kiosk's screen that lies.
pub const LYING: Options = Options { width: 1920, height: 1080, javascript: true };

/// How long a page gets to come to something, on a machine that has much else to do, too.
const PATIENCE: Duration = Duration::from_secs(30);

/// More stops of the tab key than any page has.
const TABS_MAX: u32 = 120;

/// A browser with one tab.
pub struct Browser {
    client: Client,
    // After the client: closing needs both.
    runtime: tokio::runtime::Runtime,
    driver: Driver,
}

impl Browser {
    /// Starts a browser, or says why there is none.
    pub fn start(options: Options) -> Option<Browser> {
        Browser::start_under(options, None)
    }

    /// [`Browser::start`] with a folder in the place of `/etc/chromium`.
    pub fn start_under(options: Options, policies: Option<&Path>) -> Option<Browser> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime of one thread");
        match Driver::start(policies) {
            Ok(driver) => {
                let client = runtime.block_on(driver.connect(options));
                let browser = Browser { client, runtime, driver };
                browser.resize(options);
                Some(browser)
            }
            Err(cause) if required() => panic!("browser tests are required: {cause}"),
            Err(cause) => {
                eprintln!("skipped, no browser: {cause}");
                None
            }
        }
    }

    /// Ends the browser; what it wrote stays as long as the value.
    pub fn close(&mut self) {
        // Asked to close, Chromium ends its own processes; the driver is killed whatever comes of it.
        let client = self.client.clone();
        let _ =
            self.runtime.block_on(async { tokio::time::timeout(PATIENCE, client.close()).await });
        self.driver.stop();
    }

    /// The folder where Chromium keeps whatever it keeps.
    pub fn profile(&self) -> &Path {
        self.driver.profile()
    }

    /// Opens an address and waits until it is loaded.
    pub fn goto(&self, url: &str) {
        self.runtime.block_on(self.client.goto(url)).expect("an address that opens");
    }

    /// The step back in the history that the browser's own button takes.
    pub fn back(&self) {
        self.runtime.block_on(self.client.back()).expect("a page to go back to");
    }

    /// Loads the page anew.
    pub fn reload(&self) {
        self.runtime.block_on(self.client.refresh()).expect("a page that loads again");
    }

    /// What a function body with `arguments` returns.
    pub fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.runtime.block_on(self.client.execute(script, arguments)).expect("a sound script")
    }

    /// What a function body gives to its last argument, a callback.
    pub fn run_async(&self, script: &str, arguments: Vec<Value>) -> Value {
        let result = self.client.execute_async(script, arguments);
        self.runtime.block_on(result).expect("a sound script")
    }

    /// Clicks into the middle of the element.
    pub fn click(&self, css: &str) {
        self.runtime.block_on(self.element(css).click()).unwrap_or_else(|cause| {
            panic!("{css} cannot be clicked: {cause}");
        });
    }

    /// Types into the element, key by key.
    pub fn type_into(&self, css: &str, text: &str) {
        self.runtime.block_on(self.element(css).send_keys(text)).unwrap_or_else(|cause| {
            panic!("{css} cannot be typed into: {cause}");
        });
    }

    /// Presses keys where the focus is.
    pub fn press(&self, keys: &str) {
        let focused = self.runtime.block_on(self.client.active_element());
        let focused = focused.expect("something has the focus");
        self.runtime.block_on(focused.send_keys(keys)).expect("keys that can be pressed");
    }

    /// Presses the tab key until the focus is on the element.
    pub fn tab_to(&self, css: &str) {
        let there = "return document.activeElement.matches(arguments[0])";
        for _ in 0..TABS_MAX {
            if self.run(there, vec![css.into()]) == true {
                return;
            }
            self.press("\u{e004}");
        }
        panic!("the tab key never comes to {css}, but to {}", self.focus());
    }

    /// The text that can be seen in the element.
    pub fn text(&self, css: &str) -> String {
        self.runtime.block_on(self.element(css).text()).expect("the text of an element")
    }

    /// Whether there is such an element and it can be seen.
    pub fn shows(&self, css: &str) -> bool {
        let script = "return document.querySelector(arguments[0])?.checkVisibility() ?? false";
        self.run(script, vec![css.into()]) == true
    }

    /// Where the focus is: the element's id, else its class.
    pub fn focus(&self) -> String {
        let script = "const { id, className } = document.activeElement; return id || className";
        self.run(script, Vec::new()).as_str().unwrap_or_default().to_owned()
    }

    /// Puts a finger, or a mouse's button, down in the middle of the element, and leaves it there.
    pub fn hold(&self, css: &str) {
        let middle = "const { x, y, width, height } = document.querySelector(arguments[0])
            .getBoundingClientRect(); return [x + width / 2, y + height / 2]";
        let at = self.run(middle, vec![css.into()]);
        let (x, y) = (at[0].clone(), at[1].clone());
        self.mouse("mouseMoved", &x, &y);
        self.mouse("mousePressed", &x, &y);
    }

    /// Takes it up again, where the element is by now.
    pub fn let_go(&self, css: &str) {
        let middle = "const { x, y, width, height } = document.querySelector(arguments[0])
            .getBoundingClientRect(); return [x + width / 2, y + height / 2]";
        let at = self.run(middle, vec![css.into()]);
        self.mouse("mouseReleased", &at[0], &at[1]);
    }

    fn mouse(&self, kind: &str, x: &Value, y: &Value) {
        let event = serde_json::json!({
            "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1,
        });
        self.ask("Input.dispatchMouseEvent", &event);
    }

    /// Asks Chromium itself, in its DevTools protocol.
    pub fn ask(&self, command: &str, parameters: &Value) -> Value {
        let session = self.runtime.block_on(self.client.session_id()).expect("a session");
        let session = session.expect("a browser that is open has one");
        self.driver.ask(&session, command, parameters)
    }

    /// A picture of an area of the page, WebP: CSS pixels, and how many of the picture's make one.
    pub fn picture(&self, area: &Value, scale: f64, quality: u32) -> Vec<u8> {
        let mut clip = area.clone();
        clip["scale"] = scale.into();
        let parameters = serde_json::json!({
            "format": "webp", "quality": quality, "captureBeyondViewport": true, "clip": clip,
        });
        let told = self.ask("Page.captureScreenshot", &parameters);
        from_base64(told["value"]["data"].as_str().expect("a picture"))
    }

    /// Works inside the page's frame of this number, then comes back.
    pub fn within<T>(&self, frame: u16, work: impl FnOnce() -> T) -> T {
        let entered = self.runtime.block_on(self.client.enter_frame(frame));
        entered.expect("a frame of this number");
        let done = work();
        self.runtime.block_on(self.client.enter_parent_frame()).expect("the page around it");
        done
    }

    /// The title of the page.
    pub fn title(&self) -> String {
        self.runtime.block_on(self.client.title()).expect("a title")
    }

    /// Waits until an expression of the page's is true.
    pub fn wait_until(&self, expression: &str) {
        self.wait_for(expression, PATIENCE);
    }

    /// [`Browser::wait_until`] for what a page does every half minute.
    pub fn wait_long(&self, expression: &str) {
        self.wait_for(expression, 3 * PATIENCE);
    }

    fn wait_for(&self, expression: &str, patience: Duration) {
        let deadline = Instant::now() + patience;
        let script = format!("return Boolean({expression})");
        // A script that a navigation cut short has not said no.
        let is_true = || {
            let found = self.runtime.block_on(self.client.execute(&script, Vec::new()));
            found.is_ok_and(|value| value == true)
        };
        while !is_true() {
            assert!(Instant::now() < deadline, "it never came to {expression}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn element(&self, css: &str) -> Element {
        let found = self.runtime.block_on(self.client.find(Locator::Css(css)));
        found.unwrap_or_else(|cause| panic!("there is no {css}: {cause}"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.close();
    }
}

/// The bytes that base64 stands for, which no crate of the project reads.
fn from_base64(text: &str) -> Vec<u8> {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for sign in text.bytes().filter(|sign| *sign != b'=') {
        let value = SIGNS.iter().position(|known| *known == sign).expect("a sign of base64");
        bits = bits << 6 | value as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    bytes
}

fn required() -> bool {
    std::env::var("BROWSER_TESTS").is_ok_and(|value| value == "required")
}
