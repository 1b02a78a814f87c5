//! What somebody sees, and how they wish to: the size of the screen, the text and contrast chosen, the
//! system's wishes, and pictures whose points can be compared.

use serde_json::{Value, json};

use super::png::Picture;
use super::{Browser, Options};

/// The text sizes of the button "Larger text".
pub const TEXTS: [u32; 3] = [0, 1, 2];

/// How a page is shown.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub screen: Options,
    pub text: u32,
    pub contrast: &'static str,
}

impl Look {
    /// As a page comes.
    pub const fn plain(screen: Options) -> Look {
        Look { screen, text: 0, contrast: "normal" }
    }

    /// As far from that as it goes.
    pub const fn strong(screen: Options) -> Look {
        Look { screen, text: 2, contrast: "high" }
    }

    /// Every text size on each of these screens.
    pub fn of_every_size(screens: &[Options]) -> Vec<Look> {
        let sizes = |screen: &Options| TEXTS.map(|text| Look { text, ..Look::plain(*screen) });
        screens.iter().flat_map(sizes).collect()
    }
}

impl std::fmt::Display for Look {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Look { screen, text, contrast } = self;
        write!(f, "{} × {}, text {text}, {contrast} contrast", screen.width, screen.height)
    }
}

impl Browser {
    /// Gives the page a screen of this size.
    ///
    /// Told to Chromium and not its window, which cannot be narrower than 500 px.
    pub fn resize(&self, Options { width, height, .. }: Options) {
        let screen = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.ask("Emulation.setDeviceMetricsOverride", &screen);
        self.ask("Emulation.setScrollbarsHidden", &json!({"hidden": true}));
    }

    /// What the system is set to wish for: `forced-colors`, `prefers-contrast`, and the like.
    pub fn wish(&self, feature: &str, value: &str) {
        let features = json!({"features": [{"name": feature, "value": value}]});
        self.ask("Emulation.setEmulatedMedia", &features);
    }

    /// Chooses text and contrast as their buttons do, from the next page on. A page of the site is open.
    pub fn dress(&self, Look { text, contrast, .. }: Look) {
        let look = json!({"text": text, "contrast": contrast}).to_string();
        self.run("sessionStorage.setItem('look', arguments[0])", vec![look.into()]);
    }

    /// Shows the page that is open as it looks so, and whatever is on it as it stands.
    pub fn wear(&self, Look { screen, text, contrast }: Look) {
        self.resize(screen);
        let wear = "const [text, contrast] = arguments;
            Object.assign(document.documentElement.dataset, { text, contrast })";
        self.run(wear, vec![text.into(), contrast.into()]);
    }

    /// The element and this many pixels around it, as they are on the screen now.
    pub fn view(&self, css: &str, around: u32) -> Picture {
        let area = "const [css, around] = arguments;
            const box = document.querySelector(css).getBoundingClientRect();
            const [x, y] = [Math.max(0, box.x - around), Math.max(0, box.y - around)];
            return {
              x: Math.floor(x), y: Math.floor(y),
              width: Math.ceil(Math.min(innerWidth, box.right + around) - x),
              height: Math.ceil(Math.min(innerHeight, box.bottom + around) - y),
            }";
        let area = self.run(area, vec![css.into(), around.into()]);
        self.photograph(&area)
    }

    /// An area of the screen, CSS pixels.
    pub fn photograph(&self, area: &Value) -> Picture {
        // A clip is counted from the page's top, the area from the window's.
        let scrolled = self.run("return [scrollX, scrollY]", Vec::new());
        let shift = |at: usize, side: &str| {
            scrolled[at].as_f64().unwrap_or_default() + area[side].as_f64().unwrap_or_default()
        };
        let mut clip = area.clone();
        clip["x"] = shift(0, "x").into();
        clip["y"] = shift(1, "y").into();
        clip["scale"] = 1.into();
        let told = self.ask("Page.captureScreenshot", &json!({"format": "png", "clip": clip}));
        let data = told["value"]["data"].as_str().unwrap_or_else(|| panic!("no picture: {told}"));
        Picture::read(&super::from_base64(data))
    }
}
