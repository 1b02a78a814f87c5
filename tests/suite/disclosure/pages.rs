//! The audit reads the pages of a folder as people do: a figure that somebody changes in a table, in a chart or in a
//! sentence of one of them is found, wherever it stands.

use std::fs;

use borgerpanel::site::content;

use super::folder::{Folder, SURVEYS};
use super::{STREET, ask};
use crate::authors::Desk;
use crate::browser::place;
use crate::reported::made_up;

/// A page in which what stands behind the last of `markers`, each found behind the one before it, is what `change` makes
/// of it.
fn changed(page: &str, markers: &[&str], change: &dyn Fn(&str) -> String) -> String {
    let behind = markers.iter().fold(0, |at, marker| {
        let found = page[at..].find(marker);
        at + found.unwrap_or_else(|| panic!("no {marker} of {markers:?}")) + marker.len()
    });
    let (before, rest) = page.split_at(behind);
    format!("{before}{}", change(rest))
}

/// The number that a text begins with, and one more.
fn more(text: &str) -> String {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let number: u32 = digits.parse().unwrap_or_else(|_| panic!("no number: {text:.20}"));
    format!("{}{}", number + 1, &text[digits.len()..])
}

fn finer(text: &str) -> String {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    format!("{digits}.04{}", &text[digits.len()..])
}

fn without_a_row(text: &str) -> String {
    text.split_once("</tr>").expect("a row").1.to_owned()
}

#[test]
fn a_figure_that_was_changed_in_a_page_is_named_with_its_place_and_both_values() {
    let folder = Folder::of("alle", 300, 23);
    folder.desk.says(&["results", "audit", "out"], 0);
    let put = |what: &'static str| move |rest: &str| format!("{what}{rest}");
    let shown = |rest: &str| rest.replacen('·', "3\u{a0}%", 1);
    let ninety_nine = |rest: &str| format!("99{}", rest.trim_start_matches(char::is_numeric));
    type Change<'a> = &'a dyn Fn(&str) -> String;
    let groups = "<details class=\"groups\">";
    let hidden = "<span aria-hidden=\"true\">";
    let told_hidden = "where results.csv has `·`: where, district ";
    // Where it is, what becomes of it, and what the audit says.
    let cells: [(&[&str], Change, &str); 4] = [
        (&[groups, hidden], &shown, told_hidden),
        (&["<tbody>", "<td>"], &more, " where results.csv has `"),
        (&["chart bars", "class=\"value\" width=\""], &more, " draws a bar of "),
        (&["chart dots", "class=\"dot\" d=\"M"], &more, " draws a dot at "),
    ];
    let others: [(&[&str], Change, &str); 18] = [
        (&[groups, hidden, "class=\"sr\">"], &put("3 %"), told_hidden),
        (&[groups, hidden, "</span>"], &put("<!-- 3 -->"), told_hidden),
        (&["<tbody>", "<td>"], &finer, ".04,0` where results.csv has `11`: people, mean"),
        (&["<tbody>", "<td>", "–"], &more, " where results.csv has `"),
        (&[groups, "<tbody>", "<td>"], &more, ", group_n"),
        (&["chart dots", "class=\"whisker\" d=\"M"], &more, "an interval from "),
        (&["chart dots", "class=\"number\"", ">"], &more, ", median"),
        (&["chart bars", "class=\"number\"", ">"], &more, " where results.csv has `"),
        (&["chart bars", "viewBox=\"0 0 "], &more, "on a scale of `0 0 101 20`"),
        (&["chart bars", "<rect"], &put(" transform=\"scale(2)\""), "`transform` in <rect>"),
        (&["chart diverging", "class=\"part ", "width=\""], &more, " draws half percents "),
        (&["chart diverging", "class=\"on ", ">"], &more, "in a part where results.csv does not"),
        (&["Størst er “", "” med "], &ninety_nine, "says 99 of the chart `c-q-"),
        (&["class=\"result\"", "<p class=\"base\">"], &more, " svarede (til nærmeste 10)"),
        (&["<p class=\"said\">"], &put("3 "), "says of groups what results.json does not"),
        (&["<tbody>", "<td"], &put(" title=\"31\""), "has <td title=\"31\">"),
        (&["</table>"], &put("<table><tr><td>3</table>"), "that is of no figures in results.csv"),
        (
            &[groups, "<tbody>\n", "</tr>\n"],
            &without_a_row,
            "has no place for a figure of results.csv",
        ),
    ];
    let danish = cells.iter().chain(&others).map(|case| ("index.html", case));
    let english = cells.iter().map(|case| ("index.en.html", case));
    for (name, (markers, change, told)) in danish.chain(english) {
        let page = folder.read(name);
        let tampered = changed(&page, markers, change);
        assert_ne!(tampered, page);
        fs::write(folder.path(name), tampered).expect("written");
        let said = folder.desk.says(&["results", "audit", "out"], 1);
        let is_told =
            |line: &str| line.starts_with(&format!("broken: {name} ")) && line.contains(told);
        assert!(said.lines().any(is_told), "{name}, {markers:?}: {told:?} is not in {said}");
        fs::write(folder.path(name), page).expect("written");
    }
    folder.desk.says(&["results", "audit", "out"], 0);
}

#[test]
fn a_sentence_that_was_changed_in_page_and_data_no_longer_says_its_figures() {
    let (slug, many, seed) = SURVEYS[0];
    let folder = Folder::of(slug, many, seed);
    let json = folder.read("data/results.json");
    let remarks: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let all = remarks["differences"].as_array().expect("sentences").iter();
    let words = all.filter(|one| one.get("cites").is_some()).map(|one| one["words"]["da"].as_str());
    let words = words.flatten().next().expect("two groups that differ").to_owned();
    let changed = words.replace("\u{a0}%", "1\u{a0}%");
    assert_ne!(changed, words);
    for (name, escaped) in [("data/results.json", false), ("index.html", true)] {
        let text = folder.read(name);
        let as_html = |text: &str| match escaped {
            true => text.replace('/', "&#x2F;"),
            false => text.to_owned(),
        };
        let (from, to) = (as_html(&words), as_html(&changed));
        assert!(text.contains(&from) || text.contains(&words), "{name} has no {from}");
        fs::write(folder.path(name), text.replace(&from, &to).replace(&words, &changed))
            .expect("written");
    }
    let said = folder.desk.says(&["results", "audit", "out"], 1);
    assert!(said.contains("which it does not say"), "{said}");
}

/// The street's question with answers that each is made of by `change`; what the command says, and its desk.
fn street(many: u32, change: impl Fn(&mut serde_json::Value)) -> (Desk, Option<i32>, String) {
    let desk = place::desk();
    ask(&desk, "gaden", STREET);
    let surveys = content::load(&desk.path("content")).expect("content").surveys;
    let survey = surveys.iter().find(|one| one.slug == "gaden").expect("the survey");
    let lines = made_up::lines(survey, many, 7);
    let lines: String = lines
        .lines()
        .map(|line| {
            let mut answer: serde_json::Value = serde_json::from_str(line).expect("JSON");
            change(&mut answer);
            format!("{answer}\n")
        })
        .collect();
    fs::write(desk.path("answers.jsonl"), lines).expect("written");
    let done = desk.run(&["results", "gaden", "--responses", "answers.jsonl", "--out", "out"]);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    (desk, done.status.code(), said)
}

#[test]
fn pages_of_small_and_one_sided_surveys_are_found_to_say_what_the_data_say() {
    let (desk, code, said) = street(12, |_| {});
    assert_eq!((code, desk.path("out").exists()), (Some(1), false), "{said}");
    let agreed = |answer: &mut serde_json::Value| answer["answers"]["close"] = "yes".into();
    let one_district = |answer: &mut serde_json::Value| {
        answer["answers"]["district"] = "valby".into();
        answer["background"]["district"] = "valby".into();
    };
    type Change<'a> = &'a dyn Fn(&mut serde_json::Value);
    let cases: [(u32, Change); 4] =
        [(35, &|_| {}), (35, &agreed), (300, &agreed), (300, &one_district)];
    for (many, change) in cases {
        let (desk, code, said) = street(many, change);
        assert_eq!(code, Some(0), "{many}: {said}");
        let audited = desk.says(&["results", "audit", "out"], 0);
        assert!(audited.starts_with("safe: "), "{audited}");
        // Failing twin.
        let path = desk.path("out/index.html");
        let page = fs::read_to_string(&path).expect("a page");
        let Some((before, after)) = page.split_once("<td>") else {
            assert!(page.contains("så ingen kan genkendes"), "{many}: a page without a table");
            continue;
        };
        fs::write(&path, format!("{before}<td>1{after}")).expect("written");
        let audited = desk.says(&["results", "audit", "out"], 1);
        assert!(audited.contains("index.html says `1"), "{audited}");
    }
}
