//! Every key of `site.toml` with its default, unit and meaning: the one list that the check for
//! unknown keys and docs/settings.md are made from.

/// A setting. In `path`, `*` stands for a name the site chooses.
pub struct Key {
    pub path: &'static str,
    /// As it would be written; empty where the setting has no default.
    pub default: &'static str,
    pub unit: &'static str,
    pub meaning: &'static str,
}

/// One row of such a list.
pub const fn key(
    path: &'static str,
    default: &'static str,
    unit: &'static str,
    meaning: &'static str,
) -> Key {
    Key { path, default, unit, meaning }
}

/// In the order the documentation shows them.
pub const KEYS: &[Key] = &[
    key("name", "", "text", "The site's name, in the header and in titles. Required."),
    key(
        "hosts",
        "[]",
        "host names",
        "The public host names, as in `panel.example.dk`; paper forms name the first.",
    ),
    key("default_language", "\"da\"", "language", "The language without a prefix in addresses."),
    key("languages", "[\"da\", \"en\"]", "languages", "Every language of the site."),
    key(
        "languages_required",
        "[]",
        "languages",
        "Languages every page and survey must be translated into.",
    ),
    key(
        "translation_fallback",
        "false",
        "true or false",
        "Whether a text missing inside a translation falls back to the base language.",
    ),
    key(
        "theme",
        "\"default\"",
        "name",
        "A folder in `themes/` beside the content folder, whose files replace the built-in ones.",
    ),
    key("timezone", "\"Europe/Copenhagen\"", "IANA name", "What `opens` and `closes` mean."),
    key(
        "age_groups",
        "[\"15-24\", \"25-34\", \"35-44\", \"45-54\", \"55-64\", \"65-74\", \"75+\"]",
        "years",
        "The groups a birth year is turned into before it is forgotten: ascending, without gaps.",
    ),
    key("controller.name", "", "text", "The data controller. Required."),
    key("controller.address", "", "text", "The controller's postal address."),
    key(
        "controller.dpo_contact",
        "",
        "text",
        "How to reach the data protection officer. Required.",
    ),
    key(
        "controller.backup_days",
        "0",
        "days",
        "Within so many days whoever was erased is gone from the backups, too: told on members' pages and \
         sign-up forms. At least `backup.keep_days` of central.toml; 0 tells no number.",
    ),
    key(
        "accessibility.statement_url",
        "",
        "https address",
        "The accessibility statement. Required.",
    ),
    key("accessibility.phone", "", "text", "Whom to ring where something cannot be used."),
    key("accessibility.email", "", "text", "Whom to write to."),
    key("accessibility.address", "", "text", "Where to go."),
    key(
        "kiosk.idle_seconds",
        "90",
        "seconds",
        "Idle time before a kiosk asks. kiosk.toml may override.",
    ),
    key("kiosk.idle_warning_seconds", "30", "seconds", "How long it asks before it starts afresh."),
    key("panels.*.name", "", "text", "The panel's name. Required."),
    key("panels.*.minimum_age", "15", "years", "The youngest who may join."),
    key("panels.*.max_invitations_per_year", "10", "invitations", "The most a member gets."),
    key("panels.*.min_days_between", "14", "days", "The least between two invitations."),
    key("panels.*.districts", "[]", "district ids", "Where members live; empty: anywhere."),
    key(
        "panels.*.join",
        "",
        "https address",
        "Where one joins; thank-you pages invite there, a kiosk's by a QR code. Empty: no invitation.",
    ),
    key("results.threshold", "5", "answers", "Cells under this are never shown. At least 5."),
    key(
        "results.min_group",
        "30",
        "answers",
        "The smallest group with figures of its own. At least 30.",
    ),
    key(
        "results.targets",
        "\"koebenhavn\"",
        "name",
        "The population table: a file in the content folder's `targets`.",
    ),
];

/// The settings as a Markdown table: docs/settings.md.
pub fn reference() -> String {
    let mut out = String::from(
        "# Settings in content/site.toml\n\nPublic facts; no secrets. Unknown keys are errors.\n\n\
         | key | default | unit | meaning |\n|---|---|---|---|\n",
    );
    for key in KEYS {
        let default = match key.default {
            "" => String::new(),
            written => format!("`{written}`"),
        };
        out.push_str(&format!("| `{}` | {default} | {} | {} |\n", key.path, key.unit, key.meaning));
    }
    out
}

/// Whether `path` (keys joined by dots) is a setting, or a table that holds some.
pub fn is_known(path: &[&str]) -> bool {
    KEYS.iter().any(|key| {
        let mut parts = key.path.split('.');
        path.iter().all(|part| parts.next().is_some_and(|known| known == "*" || known == *part))
    })
}

/// The known key nearest to the last part of `path`, where one is near enough to be meant.
pub fn nearest(path: &[&str]) -> Option<&'static str> {
    let (last, table) = path.split_last()?;
    KEYS.iter()
        .filter_map(|key| {
            let mut parts = key.path.split('.');
            let inside = table
                .iter()
                .all(|part| parts.next().is_some_and(|known| known == "*" || known == *part));
            if inside { parts.next() } else { None }
        })
        .filter(|known| *known != "*")
        .map(|known| (strsim::damerau_levenshtein(known, last), known))
        .min()
        .filter(|(distance, known)| *distance <= (known.len() / 3).max(1) + 1)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_may_have_any_name() {
        assert!(is_known(&["panels", "oesterbro", "minimum_age"]));
        assert!(!is_known(&["panels", "oesterbro", "age"]));
        assert!(is_known(&["kiosk"]));
    }

    #[test]
    fn the_nearest_key_is_of_the_same_table() {
        assert_eq!(nearest(&["kiosk", "idle_secs"]), Some("idle_seconds"));
        assert_eq!(nearest(&["langauges"]), Some("languages"));
        assert_eq!(nearest(&["quux"]), None);
    }

    #[test]
    fn the_documentation_lists_every_setting() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/settings.md");
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(written.contains(&reference()), "docs/settings.md should hold:\n{}", reference());
    }
}
