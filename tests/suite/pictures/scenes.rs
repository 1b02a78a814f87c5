//! The states of the pages that are shown, and how a visitor comes to each.

/// A state of the pages.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// Begins with `kiosk-` or `home-` where it is of a kiosk alone, or of a person's own device.
    pub name: &'static str,
    /// What it shows, for the page of pictures.
    pub what: &'static str,
    pub path: &'static str,
    /// What is done before the picture is taken.
    pub touches: &'static [&'static str],
}

const START: &str = "click [data-action=start]";
const NEXT: &str = "click [data-action=next]";
const CITY: &str = "pick where-noerrebro";

const GREEN: &str = "/s/groenne-omraader/";
/// Of every kind of question: the tests' own survey.
const EVERY: &str = "/s/alle/";

/// Every state that people meet, in the order of a visit.
pub const SCENES: &[Scene] = &[
    Scene { name: "home-page", what: "The home page", path: "/", touches: &[] },
    Scene { name: "kiosk-start", what: "A kiosk that waits", path: "/kiosk/", touches: &[] },
    Scene { name: "start", what: "A survey's start", path: GREEN, touches: &[] },
    Scene {
        name: "kiosk-phone",
        what: "A way to one's own phone, where the site is on the web",
        path: "/s/trivsel-og-tryghed/",
        touches: &[],
    },
    Scene {
        name: "single",
        what: "One answer",
        path: GREEN,
        touches: &[START, "pick often-weekly"],
    },
    Scene { name: "problem", what: "Something is missing", path: GREEN, touches: &[START, NEXT] },
    Scene {
        name: "multiple",
        what: "Several answers",
        path: GREEN,
        touches: &[START, "pick often-weekly", NEXT, "pick doing-walk", "pick doing-dog"],
    },
    Scene {
        name: "matrix",
        what: "One answer a row",
        path: GREEN,
        touches: &[
            START,
            "pick often-weekly",
            NEXT,
            "see #question-rate",
            "pick rate-clean-4",
            "pick rate-seats-2",
            "pick rate-plants-x",
        ],
    },
    Scene {
        name: "scale",
        what: "A scale",
        path: GREEN,
        touches: &[START, "pick often-weekly", NEXT, "see #question-satisfied", "pick satisfied-7"],
    },
    Scene {
        name: "places",
        what: "A place on a map, and pictures",
        path: EVERY,
        touches: &[
            START,
            NEXT,
            NEXT,
            CITY,
            "see #question-picture",
            "pick picture-bench",
            "see #page-city",
        ],
    },
    Scene {
        name: "ranking",
        what: "An order, and points to share",
        path: EVERY,
        touches: &[
            START,
            NEXT,
            NEXT,
            CITY,
            "pick what-sport",
            NEXT,
            "see #question-rank",
            "click #q-rank-benches",
            "click #q-rank-play",
        ],
    },
    Scene {
        name: "dropdown",
        what: "A long list that is searched",
        path: GREEN,
        touches: BACKGROUND,
    },
    Scene {
        name: "kiosk-keyboard",
        what: "The keyboard on the screen",
        path: GREEN,
        touches: &[
            START,
            "pick often-never",
            NEXT,
            "see #question-more",
            "pick more-other",
            "click #q-more-other-text",
            "until !document.querySelector('.keyboard').hidden",
        ],
    },
    Scene {
        name: "guard",
        what: "It looks like personal data",
        path: GREEN,
        touches: &[
            START,
            "pick often-never",
            NEXT,
            "see #question-comments",
            "type #q-comments Ring til mig på 33 12 34 56.",
            NEXT,
            "see #question-comments",
        ],
    },
    Scene {
        name: "review",
        what: "All answers before they are sent",
        path: GREEN,
        touches: &[
            START,
            "pick often-never",
            NEXT,
            "see #question-more",
            "pick more-benches",
            "pick more-shade",
            "see #question-important",
            "pick important-5",
            "pick space-trees",
            NEXT,
            NEXT,
        ],
    },
    Scene { name: "thanks", what: "Thank you", path: "/s/groenne-omraader/tak/", touches: &[] },
    Scene {
        name: "home-draft",
        what: "Somebody comes back",
        path: GREEN,
        touches: &[START, "pick often-weekly", "reload"],
    },
    Scene {
        name: "kiosk-idle",
        what: "Nobody has touched the screen for a while",
        path: "/s/proeve/",
        touches: &[START, "pick often-daily", "until document.querySelector('#idle').open"],
    },
    Scene {
        name: "contrast",
        what: "High contrast",
        path: GREEN,
        touches: &["click [data-action=contrast]", START, "pick often-weekly"],
    },
    Scene {
        name: "largest",
        what: "The largest text",
        path: GREEN,
        touches: &[
            "click [data-action=larger]",
            "click [data-action=larger]",
            START,
            "pick often-weekly",
        ],
    },
    Scene { name: "code", what: "A code from a letter", path: "/kode/", touches: &[] },
    Scene { name: "kiosk-closed", what: "Outside the hours", path: "/kiosk/", touches: &[] },
    Scene {
        name: "kiosk-pin",
        what: "Staff at the corner",
        path: "/kiosk/status",
        touches: &["click [name=digit][value='4']", "click [name=digit][value='8']"],
    },
    Scene {
        name: "kiosk-status",
        what: "What staff see",
        path: "/kiosk/status",
        touches: &["type #pin 483920", "click .enter", "until document.querySelector('.figures')"],
    },
    Scene { name: "english", what: "English", path: "/en/s/groenne-omraader/", touches: &[] },
    Scene { name: "text", what: "A page of text", path: "/privatliv/", touches: &[] },
    Scene {
        name: "missing",
        what: "A page that is not there",
        path: "/s/findes-ikke/",
        touches: &[],
    },
];

/// To the list of districts, which is open.
const BACKGROUND: &[&str] =
    &[START, "to #question-district", "click #q-district", "type #q-district bro"];
