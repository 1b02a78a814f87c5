//! The files of a folder of results, by name: what is written there, audited, and published with the site.

/// Whom the answers speak for.
pub const STEPS: &str = "representativeness.csv";
/// Every figure with what is known besides: what later releases, and the auditor, read.
pub const JSON: &str = "results.json";
/// The same of whoever was not invited.
pub const OTHERS: &str = "others.json";
/// The figures of a panel's page.
pub const COMPOSITION: &str = "composition.csv";
/// Beside a page that no site is around.
pub const STYLE: &str = "style.css";

/// The data beside the page of a survey, each with the word that says what it is.
pub const FILES: [(&str, &str); 7] = [
    ("results.csv", "csv"),
    (STEPS, "steps"),
    ("results-excel.csv", "excel"),
    ("results.xlsx", "xlsx"),
    (JSON, "json"),
    ("datapackage.json", "package"),
    ("dcat.jsonld", "dcat"),
];

/// Whether results of a survey have a file of this name, from their folder on and with `/`.
pub fn is_of_survey(name: &str) -> bool {
    match name.strip_prefix("data/") {
        Some(data) => data == OTHERS || FILES.iter().any(|(known, _)| *known == data),
        None => name == STYLE || is_page(name),
    }
}

/// The same of the page of a panel.
pub fn is_of_panel(name: &str) -> bool {
    name == STYLE || is_page(name) || name.strip_prefix("data/") == Some(COMPOSITION)
}

/// `index.html`, or `index.en.html` in another language.
fn is_page(name: &str) -> bool {
    let middle = name.strip_prefix("index.").and_then(|rest| rest.strip_suffix(".html"));
    let is_language = |lang: &str| lang.chars().all(|sign| sign.is_ascii_alphabetic());
    name == "index.html" || middle.is_some_and(is_language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_results_has_pages_and_data_by_name() {
        for name in ["index.html", "index.en.html", "style.css", "data/others.json"] {
            assert!(is_of_survey(name), "{name}");
        }
        for (name, _) in FILES {
            assert!(is_of_survey(&format!("data/{name}")) && !is_of_survey(name), "{name}");
        }
        for name in ["raw.jsonl", "data/my.csv", "data/index.html", "index.7.html", "x/index.html"]
        {
            assert!(!is_of_survey(name) && !is_of_panel(name), "{name}");
        }
        assert!(is_of_panel("data/composition.csv") && !is_of_survey("data/composition.csv"));
        assert!(is_of_panel("index.da.html") && !is_of_panel("data/results.csv"));
    }
}
