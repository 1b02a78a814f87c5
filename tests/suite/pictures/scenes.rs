//! The states of the pages that are shown, and how a visitor comes to each.

/// A state of the pages.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    pub name: &'static str,
    /// What it shows, for the page of pictures.
    pub what: &'static str,
    pub path: &'static str,
    pub touches: &'static [&'static str],
}

/// Every state that people meet, in the order of a visit.
pub const SCENES: &[Scene] = &[
    Scene { name: "home-page", what: "The home page", path: "/", touches: &[] },
    Scene { name: "kiosk-start", what: "A kiosk that waits", path: "/kiosk/", touches: &[] },
    Scene { name: "start", what: "A survey's start", path: "/s/groenne-omraader/", touches: &[] },
    Scene {
        name: "single",
        what: "One answer",
        path: "/s/groenne-omraader/",
        touches: &[START, "pick often-weekly"],
    },
    Scene {
        name: "problem",
        what: "Something is missing",
        path: "/s/groenne-omraader/",
        touches: &[START, NEXT],
    },
];

const START: &str = "click [data-action=start]";
const NEXT: &str = "click [data-action=next]";
