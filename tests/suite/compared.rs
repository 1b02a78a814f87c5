//! What a page of results says of its figures: which groups differ, what has changed since earlier surveys,
//! how people answered. Through the real program, on answers whose shares are known.

use std::fs;

use borgerpanel::results::remarks::{Remark, Remarks};
use borgerpanel::results::sheet::Sheet;
use borgerpanel::site::content;
use serde_json::{Value, json};

use crate::authors::Desk;

const BLOCK: &str =
    "## Hvor tryg er du i parken? {#safe}\n\n- ( ) Tryg {#yes}\n- ( ) Utryg {#no}\n";

/// A desk whose surveys need no translation and have no targets.
fn house() -> Desk {
    let desk = Desk::new();
    let site = fs::read_to_string(desk.path("content/site.toml")).expect("settings");
    let site =
        site.replace("languages_required = [\"da\", \"en\"]", "languages_required = [\"da\"]");
    fs::write(desk.path("content/site.toml"), site).expect("written");
    fs::remove_dir_all(desk.path("content/targets")).expect("gone");
    fs::write(desk.path("content/blocks/tryghed.md"), BLOCK).expect("written");
    desk
}

/// `park-<year>`, compared with the survey of the year before.
fn write_survey(desk: &Desk, year: u16, settings: &str) {
    let trend = match year {
        2024 => String::new(),
        _ => format!(" trend=\"park-{}.often\"", year - 1),
    };
    let text = format!(
        "---\ntitle: Parken {year}\nopens: {year}-01-01\ncloses: {year}-04-01\nbackground: ask\n\
         {settings}---\n\n## Hvor ofte kommer du i parken? {{#often{trend}}}\n\n- ( ) Tit {{#much}}\n\
         - ( ) Sjældent {{#rare}}\n\n{{{{include \"blocks/tryghed.md\"}}}}\n"
    );
    fs::write(desk.path(&format!("content/surveys/park-{year}.md")), text).expect("written");
}

/// So many answers alike.
#[derive(Clone, Copy)]
struct Alike {
    many: u32,
    often: &'static str,
    /// A gender, or an age group.
    group: &'static str,
    channel: &'static str,
    kiosk: Option<&'static str>,
    invited: bool,
}

const ONE: Alike =
    Alike { many: 1, often: "much", group: "female", channel: "web", kiosk: None, invited: false };

impl Alike {
    fn background(&self) -> Value {
        let variable = if self.group.contains('-') { "age" } else { "gender" };
        json!({variable: self.group})
    }
}

fn much(group: &'static str, many: u32) -> Alike {
    Alike { many, group, ..ONE }
}

fn rare(group: &'static str, many: u32) -> Alike {
    Alike { many, group, often: "rare", ..ONE }
}

/// Publishes these answers; every second person feels safe.
fn publish(desk: &Desk, year: u16, answers: &[Alike], more: &[&str]) -> String {
    let slug = format!("park-{year}");
    let surveys = content::load(&desk.path("content")).expect("content").surveys;
    let survey = surveys.into_iter().find(|one| one.slug == slug).expect("the survey");
    let mut lines = String::new();
    let all = answers.iter().flat_map(|alike| (0..alike.many).map(move |_| alike));
    for (at, one) in all.enumerate() {
        let safe = if at % 2 == 0 { "yes" } else { "no" };
        let response = json!({
            "v": 1, "uid": format!("{at:032x}"), "survey": slug, "version": survey.version,
            "channel": one.channel, "invited": one.invited, "assisted": false,
            "status": "complete", "kiosk": one.kiosk, "lang": "da",
            "day": format!("{year}-03-{:02}", 1 + at % 20), "duration_s": 120,
            "background": one.background(),
            "answers": {"often": one.often, "safe": safe}, "shown": {}, "flags": [],
        });
        lines += &format!("{response}\n");
    }
    fs::write(desk.path("answers.jsonl"), lines).expect("written");
    let out = format!("content/results/{slug}");
    let args = ["results", &slug, "--responses", "answers.jsonl", "--out", &out];
    desk.says(&[&args, more].concat(), 0);
    fs::remove_file(desk.path("answers.jsonl")).expect("no answer is left");
    fs::read_to_string(desk.path(&out).join("index.html")).expect("a page").replace('\u{a0}', " ")
}

fn record(desk: &Desk, year: u16) -> String {
    let path = desk.path(&format!("content/results/park-{year}/data/results.json"));
    fs::read_to_string(path).expect("the record")
}

fn remark(desk: &Desk, year: u16, question: &str, variable: &str) -> Remark {
    let remarks = Remarks::from_json(&record(desk, year)).expect("ours");
    let mut all = remarks.differences.into_iter();
    all.find(|one| one.question == question && one.variable == variable).expect("a remark")
}

#[test]
fn groups_that_differ_are_named_in_the_same_words_on_the_page_and_in_the_record() {
    let desk = house();
    write_survey(&desk, 2024, "");
    let answers = [much("female", 180), rare("female", 120), much("male", 90), rare("male", 210)];
    let page = publish(&desk, 2024, &answers, &[]);
    let sentence = "Kvinder svarer oftere “Tit” (60 %) end mænd (30 %).";
    assert!(page.contains(sentence), "{page}");
    let said = remark(&desk, 2024, "often", "gender");
    assert_eq!(said.words["da"].replace('\u{a0}', " "), sentence);
    let calm = remark(&desk, 2024, "safe", "gender");
    assert_eq!(calm.words["da"], "Der er ingen sikker forskel mellem grupperne.");
    assert!(calm.cites.is_empty() && page.contains(&calm.words["da"]));
}

#[test]
fn nothing_is_said_of_a_group_with_a_hidden_figure() {
    let desk = house();
    write_survey(&desk, 2024, "");
    let both = [much("15-24", 150), rare("15-24", 150), much("25-34", 150), rare("25-34", 150)];
    let few = [much("35-44", 37), rare("35-44", 3)];
    let page = publish(&desk, 2024, &both.into_iter().chain(few).collect::<Vec<_>>(), &[]);
    let said = remark(&desk, 2024, "often", "age");
    let hidden = "Der er ingen sikker forskel mellem de grupper, der kan sammenlignes.";
    assert!(said.words["da"] == hidden && page.contains(hidden), "{said:?}");
    assert!(said.cites.is_empty());

    // Whoever writes such a sentence by hand is found out.
    let path = desk.path("content/results/park-2024/data/results.json");
    let mut forged: Value = serde_json::from_str(&record(&desk, 2024)).expect("JSON");
    let figures = forged["figures"].as_array().expect("a list");
    let is_hidden = |one: &&Value| {
        one["question"] == "often" && one["variable"] == "age" && one["value"] == "·"
    };
    let hidden = figures.iter().find(is_hidden).expect("a hidden figure").clone();
    let remarks = forged["differences"].as_array_mut().expect("a list");
    let place = remarks.iter_mut().find(|one| one["question"] == "often").expect("a remark");
    let (choice, group) = (&hidden["choice"], &hidden["group"]);
    place["cites"] = json!([{"measure": "percent", "choice": choice, "group": group}]);
    fs::write(path, forged.to_string()).expect("written");
    let told = desk.says(&["results", "audit", "content/results/park-2024"], 1);
    assert!(told.contains("a sentence about often") && told.contains("is hidden"), "{told}");

    // Failing twin: as many who differ as much, and none of them few.
    let desk = house();
    write_survey(&desk, 2024, "");
    let both = [much("15-24", 150), rare("15-24", 150), much("25-34", 150), rare("25-34", 150)];
    let many = [much("35-44", 68), rare("35-44", 12)];
    publish(&desk, 2024, &both.into_iter().chain(many).collect::<Vec<_>>(), &[]);
    let said = remark(&desk, 2024, "often", "age");
    assert!(said.words["da"].starts_with("De 35-årige og ældre svarer oftere “Tit”"), "{said:?}");
    assert_eq!(said.cites.len(), 2);
}

#[test]
fn a_question_is_followed_through_published_surveys_and_no_further() {
    let desk = house();
    for (year, yes) in [(2024, 80), (2025, 120), (2026, 220)] {
        write_survey(&desk, year, "");
        let answers = [much("female", yes), rare("female", 400 - yes)];
        let page = publish(&desk, year, &answers, &[]);
        assert_eq!(page.contains("Udviklingen"), year > 2024, "{year}");
        if year == 2026 {
            for words in [
                "Flere svarer “Tit” end i 2025: 55 % mod 30 %.",
                "<th scope=\"col\">2024</th><th scope=\"col\">2025</th><th scope=\"col\">2026</th>",
                "Der er ingen sikker ændring siden 2025.",
                "Udviklingen: Hvor tryg er du i parken?",
            ] {
                assert!(page.contains(words), "{words}: {page}");
            }
            assert!(!page.contains("på en anden måde"));
        }
    }
    let remarks = Remarks::from_json(&record(&desk, 2026)).expect("ours");
    let [often, safe] = &remarks.trends[..] else { panic!("{:?}", remarks.trends) };
    let sentence = "Flere svarer “Tit” end i 2025: 55 % mod 30 %.";
    assert_eq!(often.words["da"].replace('\u{a0}', " "), sentence);
    assert_eq!((often.cites.len(), safe.cites.len()), (1, 0));
    // What was published later is no part of an earlier page.
    let again = [much("female", 120), rare("female", 280)];
    assert!(!publish(&desk, 2025, &again, &[]).contains("2026"));
    desk.says(&["results", "audit", "content/results/park-2026"], 0);
    // What it shows of this year is held against the data, in the small table and in the lines.
    let path = desk.path("content/results/park-2026/index.html");
    let page = fs::read_to_string(&path).expect("a page");
    for (after, from, told) in [
        ("<caption id=\"t-q-often-trend-0\"", "</td></tr>", "says `"),
        ("<svg class=\"chart tracks\"", "</text></svg><svg class=\"plot\"", "says `"),
        ("<svg class=\"chart tracks\"", "h0\"/><path", "draws other dots than it says"),
    ] {
        let at = page.find(after).unwrap_or_else(|| panic!("no {after}"));
        let (before, rest) = page.split_at(at);
        fs::write(&path, format!("{before}{}", rest.replacen(from, &format!("7{from}"), 1)))
            .expect("written");
        let audited = desk.says(&["results", "audit", "content/results/park-2026"], 1);
        assert!(audited.contains(&format!("broken: index.html {told}")), "{after}: {audited}");
    }
    fs::write(&path, page).expect("written");
}

#[test]
fn a_question_with_other_answers_has_no_trend_and_the_page_says_so() {
    let desk = house();
    for year in [2024, 2025] {
        write_survey(&desk, year, "");
        if year == 2025 {
            let other =
                BLOCK.replace("- ( ) Utryg", "- ( ) Det kommer an på det {#depends}\n- ( ) Utryg");
            fs::write(desk.path("content/blocks/tryghed.md"), other).expect("written");
        }
        let page = publish(&desk, year, &[much("male", 90), rare("male", 60)], &[]);
        let says_so = "Spørgsmålet er også stillet før (2024), men på en anden måde";
        assert_eq!(page.contains(says_so), year == 2025, "{page}");
        assert!(!page.contains("Udviklingen: Hvor tryg"));
        assert_eq!(page.contains("Udviklingen: Hvor ofte"), year == 2025);
    }
}

#[test]
fn how_people_answered_is_told_like_a_group_and_of_no_few() {
    let desk = house();
    write_survey(&desk, 2024, "sample: open\n");
    let at = |kiosk, alike| Alike { channel: "kiosk", kiosk: Some(kiosk), ..alike };
    let paper = |many| Alike { channel: "paper", ..rare("male", many) };
    let web = [much("female", 100), rare("male", 200)];
    let answers = |few: u32| -> Vec<Alike> {
        let valby = at("Valby Bibliotek", much("male", 80));
        let elsewhere = [valby, at("Sundby", rare("male", 20)), paper(few)];
        web.into_iter().chain(elsewhere).collect()
    };
    let with_companion = ["--companion", "companion.json"];
    let page = publish(&desk, 2024, &answers(12), &with_companion);
    assert!(page.contains("Svarene kom på kiosk (24 %) og på nettet (73 %)."), "{page}");
    assert!(page.contains("Valby Bibliotek") && !page.contains("Sundby"));
    assert!(page.contains("Folk på kiosk svarer oftere “Tit”"));
    let channels = |desk: &Desk| -> Vec<(String, u32)> {
        let path = desk.path("content/results/park-2024/data/results.csv");
        let sheet = Sheet::from_csv(&fs::read_to_string(path).expect("figures")).expect("ours");
        let groups = sheet.figures.into_iter().filter_map(|one| Some((one.group?, one.n)));
        let mut groups: Vec<(String, u32)> = groups
            .filter(|(group, _)| group.variable == "channel")
            .map(|(group, n)| (group.categories.join("+"), n))
            .collect();
        groups.sort();
        groups.dedup();
        groups
    };
    assert_eq!(channels(&desk), [("kiosk".to_owned(), 100), ("web".to_owned(), 300)]);
    let audit = ["results", "audit", "content/results/park-2024", "--companion", "companion.json"];
    desk.says(&audit, 0);

    // Twin: enough on paper are a group.
    let desk = house();
    write_survey(&desk, 2024, "sample: open\n");
    publish(&desk, 2024, &answers(40), &[]);
    assert!(channels(&desk).contains(&("paper".to_owned(), 40)));

    // Twin: of a survey by invitation, whoever else answered is never added to the invited.
    let desk = house();
    write_survey(&desk, 2024, "sample: panel\npanels: [kbh]\n");
    let invited = |one: Alike| Alike { invited: true, ..one };
    let mut answers = answers(12);
    answers.extend([invited(much("female", 60)), invited(rare("female", 90))]);
    let page = publish(&desk, 2024, &answers, &[]);
    assert!(page.contains("412 svarede uden at være inviteret"), "{page}");
    assert!(page.contains("<td>40 %</td>") && channels(&desk).is_empty());
    let others = desk.path("content/results/park-2024/data/others.json");
    assert!(!fs::read_to_string(others).expect("totals of their own").contains("\"variable\""));
    let audit = ["results", "audit", "content/results/park-2024"];
    desk.says(&audit, 0);
    // The audit reads what the others answered, too.
    let path = desk.path("content/results/park-2024/index.html");
    let page = fs::read_to_string(&path).expect("a page");
    let (before, after) = page.split_once("id=\"t-o-").expect("a table of theirs");
    fs::write(&path, format!("{before}id=\"t-o-{}", after.replacen("<td>", "<td>1", 1)))
        .expect("written");
    let told = desk.says(&audit, 1);
    assert!(told.contains("broken: index.html says `1"), "{told}");
}
