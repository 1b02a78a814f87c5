//! Every state of the pages at three sizes: docs/pictures/screens, with a page that shows them side by
//! side.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use borgerpanel::clock::FixedClock;
use borgerpanel::crypto::PinHash;
use borgerpanel::server::app::Channel;
use borgerpanel::server::kiosk::hours::Hours;
use borgerpanel::server::kiosk::{Corner, Setup};
use serde_json::json;

use super::scenes::{SCENES, Scene};
use super::{Wanted, folder, still, touch, wanted};
use crate::authors::Desk;
use crate::browser::place::Place;
use crate::browser::{Browser, Options, PHONE};

/// All pictures together, in bytes: a clone must stay small.
const BYTES_MAX: u64 = 3_000_000;

const QUALITY: u32 = 72;

/// A screen that pages are shown on.
#[derive(Debug, Clone, Copy)]
struct Screen {
    name: &'static str,
    channel: Channel,
    options: Options,
    /// Pixels of the picture for each of the page.
    scale: f64,
    /// The most of a page's height that is shown, CSS pixels: a phone is scrolled, a kiosk is not.
    height_max: u32,
}

const SCREENS: [Screen; 3] = [
    Screen { name: "phone", channel: Channel::Web, options: PHONE, scale: 1.5, height_max: 1600 },
    Screen {
        name: "portrait",
        channel: Channel::Kiosk,
        options: Options { width: 1080, height: 1920, javascript: true },
        scale: 0.5,
        height_max: 1920,
    },
    Screen {
        name: "landscape",
        channel: Channel::Kiosk,
        options: Options { width: 1920, height: 1080, javascript: true },
        scale: 0.6,
        height_max: 1080,
    },
];

impl Scene {
    /// Some states are of a kiosk alone, or of a person's own device.
    fn is_on(&self, screen: &Screen) -> bool {
        match self.name.split_once('-') {
            Some(("kiosk", _)) => screen.channel == Channel::Kiosk,
            Some(("home", _)) => screen.channel == Channel::Web,
            _ => true,
        }
    }

    fn picture(&self, screen: &Screen) -> PathBuf {
        folder("screens").join(screen.name).join(format!("{}.webp", self.name))
    }
}

fn taken() -> impl Iterator<Item = (&'static Scene, &'static Screen)> {
    let on = |scene: &'static Scene| SCREENS.iter().map(move |screen| (scene, screen));
    SCENES.iter().flat_map(on).filter(|(scene, screen)| scene.is_on(screen))
}

#[test]
fn every_state_has_its_picture_on_every_screen() {
    for screen in &SCREENS {
        let stale = |scene: &&Scene| {
            scene.is_on(screen) && (wanted() == Wanted::All || !scene.picture(screen).exists())
        };
        let scenes: Vec<&Scene> = SCENES.iter().filter(stale).collect();
        if wanted() != Wanted::None && !scenes.is_empty() {
            make(screen, &scenes);
        }
    }
    if wanted() != Wanted::None {
        fs::write(folder("README.md"), gallery()).expect("written");
    }
    let mut bytes = 0;
    for (scene, screen) in taken() {
        let path = scene.picture(screen);
        let told = fs::metadata(&path).unwrap_or_else(|error| {
            panic!(
                "{}: {error}; make it: DOC_PICTURES=1 cargo test --test suite pictures",
                path.display()
            )
        });
        bytes += told.len();
    }
    assert!(bytes <= BYTES_MAX, "the pictures have {bytes} bytes");
    assert_eq!(fs::read_to_string(folder("README.md")).expect("a page"), gallery());
}

fn make(screen: &Screen, scenes: &[&Scene]) {
    // Lists show what a city has; the survey of every kind is the tests'.
    let shipped = Place::of(Desk::new(), screen.channel, None);
    let every = Place::patient(screen.channel);
    let hasty = Place::open(screen.channel);
    let public = Place::of(on_the_web(), screen.channel, None);
    let [day, night] = ["2026-11-24T10:00:00Z", "2026-11-24T22:00:00Z"].map(staffed);
    for scene in scenes {
        let place = match (scene.name, scene.path) {
            ("kiosk-closed", _) => &night,
            ("kiosk-phone", _) => &public,
            (_, "/kiosk/status") => &day,
            (_, "/s/alle/") => &every,
            (_, "/s/proeve/") => &hasty,
            _ => &shipped,
        };
        // A browser of its own: nothing of the scene before is left.
        let Some(browser) = Browser::start(screen.options) else { return };
        browser.ask("Emulation.setScrollbarsHidden", &json!({"hidden": true}));
        browser.goto(&place.at(scene.path));
        for told in scene.touches {
            touch(&browser, told);
        }
        still(&browser);
        // What is above has been read.
        let area = "
            const [width, tallest] = arguments;
            const left = document.documentElement.scrollHeight - scrollY;
            return { x: 0, y: scrollY, width, height: Math.min(Math.max(innerHeight, left), tallest) }";
        let sizes = vec![screen.options.width.into(), screen.height_max.into()];
        let area = browser.run(area, sizes);
        let picture = browser.picture(&area, screen.scale, QUALITY);
        let path = scene.picture(screen);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, picture).expect("written");
    }
}

/// The shipped content, with an address on the web.
fn on_the_web() -> Desk {
    let desk = Desk::new();
    let path = desk.path("content/site.toml");
    let settings = fs::read_to_string(&path).expect("settings");
    let named = settings.replacen("hosts = []", "hosts = [\"panel.example.dk\"]", 1);
    assert_ne!(named, settings);
    fs::write(path, named).expect("written");
    desk
}

/// A kiosk with opening hours and a PIN, at this time.
fn staffed(time: &str) -> Place {
    let corner = Corner::new(Setup {
        hours: Some(Hours::read("08:00-22:00").expect("hours")),
        pin: Some(PinHash::of("483920")),
        ..Setup::default()
    });
    Place::with_corner(Arc::new(FixedClock(time.parse().expect("a time"))), corner, None)
}

/// The page that shows all pictures.
fn gallery() -> String {
    let mut page = String::from(
        "# What people see\n\nEvery state of the pages, on a phone, an upright and a lying kiosk. Made by\n\
         `DOC_PICTURES=all cargo test --test suite pictures`; the surveys are the example's.\n",
    );
    for scene in SCENES {
        let _ = write!(page, "\n## {}\n\n", scene.what);
        for screen in SCREENS.iter().filter(|screen| scene.is_on(screen)) {
            let height = if screen.name == "landscape" { 300 } else { 420 };
            let _ = writeln!(
                page,
                "<img src=\"screens/{}/{}.webp\" alt=\"{}, {}\" height=\"{height}\">",
                screen.name, scene.name, scene.what, screen.name
            );
        }
    }
    page
}
