//! XLSForms, varied as the field's own are.

use borgerpanel::foreign::report::Done;

use super::{import, named, sound};

#[test]
fn a_plain_form_comes_over_whole() {
    let imported = import(&[
        (
            "survey",
            &[
                &[
                    "type",
                    "name",
                    "label",
                    "hint",
                    "required",
                    "relevant",
                    "constraint",
                    "appearance",
                ],
                &["begin_group", "about", "Om dig"],
                &[
                    "integer",
                    "alder",
                    "Hvor gammel er du?",
                    "Hele år",
                    "yes",
                    "",
                    ". >= 15 and . <= 120",
                ],
                &["select_one janej", "bor", "Bor du her?", "", "true()"],
                &["end_group"],
                &["begin_group", "use", "Brug", "", "", "${alder} >= 15 and ${bor} = 'ja'"],
                &[
                    "select_multiple ting",
                    "hvad",
                    "Hvad laver du?",
                    "",
                    "",
                    "",
                    "count-selected(.) <= 2",
                ],
                &[
                    "text",
                    "hvor",
                    "Hvor løber du?",
                    "",
                    "",
                    "selected(${hvad}, 'sport')",
                    "",
                    "multiline",
                ],
                &["end_group"],
            ],
        ),
        (
            "choices",
            &[
                &["list_name", "name", "label"],
                &["janej", "ja", "Ja"],
                &["janej", "nej", "Nej"],
                &["ting", "sport", "Sport, fx løb"],
                &["ting", "hund", "Går tur med hund"],
                &["ting", "andet", "Andet"],
            ],
        ),
        (
            "settings",
            &[&["form_title", "form_id", "default_language"], &["Parker", "parker", "Dansk (da)"]],
        ),
    ]);
    assert_eq!(imported.report.items, []);
    assert_eq!(imported.files[0].name, "parker.md");
    assert_eq!(
        imported.files[0].text,
        "---\ntitle: Parker\nlang: da\n---\n\n# Om dig {#about}\n\n\
         ## Hvor gammel er du? {#alder number required min=15 max=120}\n\nHele år\n\n\
         ## Bor du her? {#bor required}\n\n- ( ) Ja {#ja}\n- ( ) Nej {#nej}\n\n\
         # Brug {#use if=\"alder >= 15 and bor == ja\"}\n\n\
         ## Hvad laver du? {#hvad max=2}\n\n- [ ] Sport, fx løb {#sport}\n- [ ] Går tur med hund {#hund}\n\
         - [ ] Andet {#andet}\n\n\
         ## Hvor løber du? {#hvor if=\"hvad has sport\"}\n\n____\n____\n____\n"
    );
    sound(&imported);
}

/// The sheet `choices` that most forms here use.
const CHOICES: &[&[&str]] = &[
    &["list_name", "name", "label"],
    &["yn", "y", "Ja"],
    &["yn", "n", "Nej"],
    &["how", "1", "Dårligt"],
    &["how", "2", "Godt"],
    &["how", "9", "Ved ikke"],
];

#[test]
fn nested_groups_become_pages_and_repeats_are_asked_once() {
    let imported = import(&[
        (
            "survey",
            &[
                &["type", "name", "label", "relevant", "repeat_count", "appearance"],
                &["select_one yn", "live", "Bor du her?"],
                &["begin group", "home", "Hjemmet", "${live} = 'y'", "", "field-list"],
                &["integer", "people", "Hvor mange er I?"],
                &["begin group", "kids", "Børnene", "${people} > 2", "", "w2"],
                &["text", "school", "Hvilken skole?"],
                &["end group"],
                &["text", "garden", "Har I en have?"],
                &["end group"],
                &["begin repeat", "trip", "En tur", "", "${people}"],
                &["date", "day", "Hvornår?"],
                &["end repeat", "trip"],
                &["end group"],
            ],
        ),
        ("choices", CHOICES),
    ]);
    let definition = sound(&imported);
    let pages: Vec<&str> = definition.base().pages.iter().map(|page| page.id.as_str()).collect();
    assert_eq!(pages[1..], ["home", "kids", "home-2", "trip"]);
    assert!(imported.files[0].text.contains("{#kids if=\"live == y and people > 2\"}"));
    named(&imported, "survey", 10, 0, Done::Replaced);
    named(&imported, "survey", 10, 5, Done::Dropped);
    named(&imported, "survey", 5, 6, Done::Dropped);
    named(&imported, "survey", 13, 0, Done::Dropped);
}

#[test]
fn cascading_selects_become_conditions_on_choices() {
    let imported = import(&[
        (
            "survey",
            &[
                &["type", "name", "label", "choice_filter"],
                &["select_one city", "city", "Hvilken by?"],
                &["select_one part", "part", "Hvilken del?", "city=${city}"],
                &["select_one part", "other", "Hvilken anden?", "contains(city, ${city})"],
            ],
        ),
        (
            "choices",
            &[
                &["list name", "name", "label", "city", "geometry"],
                &["city", "kbh", "København"],
                &["city", "aar", "Aarhus"],
                &["part", "vest", "Vesterbro", "kbh", "55.6 12.5"],
                &["part", "vest", "Vest", "aar"],
                &["part", "gone", "Nedlagt", "ode"],
            ],
        ),
    ]);
    let definition = sound(&imported);
    let part = definition.base().question("part").expect("it is there");
    let ids: Vec<&str> = part.choices.iter().map(|choice| choice.id.as_str()).collect();
    assert_eq!(ids, ["vest", "vest-2"]);
    assert!(imported.files[0].text.contains("- ( ) Vest {#vest-2 if=\"city == aar\"}"));
    named(&imported, "choices", 6, 2, Done::Dropped);
    named(&imported, "choices", 5, 2, Done::Renamed);
    named(&imported, "choices", 4, 5, Done::Dropped);
    named(&imported, "survey", 4, 4, Done::Dropped);
}

#[test]
fn languages_become_files_and_missing_texts_are_named() {
    let imported = import(&[
        (
            "survey",
            &[
                &[
                    "type",
                    "name",
                    "label::English (en)",
                    "label::Dansk (da)",
                    "hint::English (en)",
                    "hint::Dansk (da)",
                    "media::image::English (en)",
                    "label::Klingon",
                ],
                &["note", "hi", "Welcome", "Velkommen"],
                &["begin_group", "g", "You", "Dig"],
                &[
                    "select_one yn or_other",
                    "q",
                    "Do you *like* it?",
                    "Kan du **lide** det?",
                    "",
                    "Sig frem",
                    "pic.png",
                    "qo'",
                ],
                &["text", "t", "Why?", ""],
                &["end_group"],
            ],
        ),
        (
            "choices",
            &[
                &["list_name", "name", "label::English (en)", "label::Dansk (da)"],
                &["yn", "y", "Yes", "Ja"],
                &["yn", "n", "No", "Nej"],
            ],
        ),
        (
            "settings",
            &[&["form_title", "default_language", "version"], &["Spørg", "Dansk (da)", "7"]],
        ),
    ]);
    let definition = sound(&imported);
    assert_eq!(imported.files[0].name, "skema.md");
    assert_eq!(imported.files[1].name, "skema.en.md");
    assert_eq!(definition.base().lang, "da");
    let (da, en) = (&imported.files[0].text, &imported.files[1].text);
    assert!(da.contains("## Kan du **lide** det? {#q}\n\nSig frem\n\n- ( ) Ja {#y}\n- ( ) Nej {#n}\n- ( ) Andet: ____ {#other}"), "{da}");
    assert!(en.contains("## Do you *like* it? {#q}\n\nSig frem\n"), "{en}");
    assert!(en.contains("- ( ) Other: ____ {#other}"), "{en}");
    named(&imported, "survey", 4, 5, Done::Replaced);
    named(&imported, "survey", 4, 7, Done::Dropped);
    named(&imported, "survey", 4, 8, Done::Dropped);
    named(&imported, "survey", 5, 4, Done::Replaced);
    named(&imported, "settings", 2, 3, Done::Dropped);
}

#[test]
fn legacy_spellings_and_odd_headers_are_understood() {
    let imported = import(&[
        (
            "Survey ",
            &[
                &[
                    " TYPE ",
                    "Tag",
                    "Caption:Danish",
                    "Relevance",
                    "bind::required",
                    "bind:constraint",
                    "bind::jr:constraintMsg",
                    "Read Only",
                    "Comments",
                ],
                &[],
                &["add select one prompt using YN", "End", "Kommer du?", "", "YES"],
                &[
                    "select all that apply from how or specify other",
                    "Hvad Så",
                    "  Hvad så?\u{a0} ",
                ],
                &["", "", "", "", "", "", "", "", "husk at spørge Bo"],
                &[
                    "add integer prompt",
                    "hvad_så",
                    "Hvor mange?",
                    "selected(${Hvad Så}, '9')",
                    "",
                    ". != 7",
                    "Ikke syv",
                    "yes",
                ],
                &["q date", "d", "Hvornår?", "${End} = 'n'"],
            ],
        ),
        (
            "CHOICES",
            &[
                &["List Name", "Value", "Caption:Danish"],
                &["YN", "y", "Ja"],
                &["YN", "n", "Nej"],
                &["how", "1.0", "A"],
                &["how", "9", "B"],
            ],
        ),
    ]);
    let definition = sound(&imported);
    let ids: Vec<&str> =
        definition.base().questions().map(|question| question.id.as_str()).collect();
    assert_eq!(ids, ["end-q", "hvad-saa", "hvad_saa-2", "d"]);
    let text = &imported.files[0].text;
    assert!(text.contains("check=\"hvad_saa-2 != 7\" message=\"Ikke syv\""), "{text}");
    assert!(text.contains("if=\"hvad-saa has 9\""), "{text}");
    named(&imported, "Survey ", 3, 2, Done::Renamed);
    named(&imported, "Survey ", 4, 2, Done::Renamed);
    named(&imported, "Survey ", 5, 9, Done::Dropped);
    named(&imported, "Survey ", 6, 8, Done::Dropped);
    named(&imported, "CHOICES", 4, 2, Done::Renamed);
}

#[test]
fn what_a_survey_cannot_be_is_named_and_kept_as_a_comment() {
    let imported = import(&[
        (
            "survey",
            &[
                &[
                    "type",
                    "name",
                    "label",
                    "calculation",
                    "relevant",
                    "constraint",
                    "default",
                    "required",
                ],
                &["start", "start"],
                &["deviceid", "dev"],
                &[
                    "text",
                    "name",
                    "Hvad hedder du?",
                    "",
                    "",
                    "regex(., '^[A-Z].*--> $')",
                    "Bo",
                    "${dev} != ''",
                ],
                &["calculate", "bmi", "", "${w} div 2"],
                &["image", "pic", "Tag et billede"],
                &["geopoint", "where", "Hvor?"],
                &["decimal", "w", "Vægt", "", "${bmi} > 3", ". > 0 and . < 3.5"],
                &["text", "more", "Mere?", "", "pulldata('x', 'y', 'z', ${name}) = 'a'"],
                &["dateTime", "when", "Hvornår?"],
                &["range", "r", "Skala"],
                &["magic", "m", "Trylleri"],
                &["select_one gone", "g", "Hvilken?"],
            ],
        ),
        ("entities", &[&["list_name", "label"], &["træer", "concat(${name})"]]),
        ("external_choices", &[&["list_name", "name"], &["x", "y"]]),
    ]);
    let definition = sound(&imported);
    let kinds: Vec<&str> = definition.base().questions().map(|q| q.kind.rules().name()).collect();
    assert_eq!(kinds, ["text", "place", "number", "text", "date", "scale"]);
    for (row, column, done) in [
        (2, 0, Done::Comment),
        (3, 0, Done::Comment),
        (4, 6, Done::Comment),
        (4, 7, Done::Dropped),
        (4, 8, Done::Dropped),
        (5, 0, Done::Comment),
        (6, 0, Done::Comment),
        (7, 1, Done::Replaced),
        (8, 5, Done::Comment),
        (9, 5, Done::Comment),
        (10, 1, Done::Replaced),
        (12, 0, Done::Comment),
        (13, 0, Done::Comment),
    ] {
        named(&imported, "survey", row, column, done);
    }
    named(&imported, "entities", 0, 0, Done::Dropped);
    named(&imported, "external_choices", 0, 0, Done::Dropped);
    let text = &imported.files[0].text;
    assert!(text.contains("<!-- relevant: pulldata('x', 'y', 'z', ${name}) = 'a' -->"), "{text}");
    assert!(text.contains("check=\"w > 0 and w < 3.5\""), "{text}");
}

#[test]
fn tables_of_selects_become_matrices() {
    let imported = import(&[
        (
            "survey",
            &[
                &["type", "name", "label", "appearance", "required", "relevant", "hint"],
                &["begin_group", "rate", "Hvordan er parken?", "table-list"],
                &["select_one how", "Clean", "Ren", "", "yes"],
                &["select_one how", "safe", "Tryg | rar", "", "yes", "", "om aftenen"],
                &["end_group"],
                &["begin_group", "p", "Mere", "field-list"],
                &["select_one how", "head", "Og resten?", "label"],
                &["select_one how", "quiet", "Stille", "list-nolabel"],
                &["select_one how", "near", "Tæt på", "list-nolabel", "yes"],
                &[
                    "select_one yn",
                    "why",
                    "Hvorfor?",
                    "minimal",
                    "",
                    "${Clean} = '1' or ${near} = '2'",
                ],
                &["end_group"],
            ],
        ),
        ("choices", CHOICES),
    ]);
    let definition = sound(&imported);
    let kinds: Vec<(&str, &str)> =
        definition.base().questions().map(|q| (q.id.as_str(), q.kind.rules().name())).collect();
    assert_eq!(kinds, [("rate", "matrix"), ("head", "matrix"), ("why", "single")]);
    let rate = definition.base().question("rate").expect("it is there");
    assert!(rate.required);
    assert_eq!(rate.rows[1].text.plain, "Tryg | rar");
    let text = &imported.files[0].text;
    assert!(text.contains("if=\"rate.clean == 1 or head.near == 2\""), "{text}");
    assert!(text.contains("{#why dropdown"), "{text}");
    named(&imported, "survey", 3, 2, Done::Renamed);
    named(&imported, "survey", 4, 7, Done::Dropped);
    named(&imported, "survey", 9, 5, Done::Dropped);
}

#[test]
fn texts_with_signs_placeholders_and_line_breaks_keep_their_words() {
    let imported = import(&[
        (
            "survey",
            &[
                &["type", "name", "label", "hint", "guidance_hint"],
                &["begin_group", "a", "1. Først {ja}"],
                &["note", "n1", "- Husk:\n# intet\n> 100 <b>vigtige</b> ting & *mere*"],
                &[
                    "text",
                    "name",
                    "Hvad hedder du?\nSkriv \\ dit | navn",
                    "____",
                    "<font color='red'>Rød</font>",
                ],
                &["note", "n2", "Du hedder ${name}"],
                &["end_group"],
                &["begin_group", "b", "Om ${name}"],
                &[
                    "select_multiple s",
                    "s",
                    "Hej ${name}, hvad nu {x}? #",
                    "Se [her](https://example.dk)",
                ],
                &["note", "n3", "<!-- ikke en kommentar -->"],
                &["end_group"],
            ],
        ),
        (
            "choices",
            &[
                &["list_name", "name", "label"],
                &["s", "-1", "- > 5"],
                &["s", "2", "1. ____"],
                &["s", "3", "(x) {#y}\n[z](å)"],
            ],
        ),
    ]);
    let definition = sound(&imported);
    let base = definition.base();
    assert_eq!(base.pages[0].title.as_ref().map(|t| t.plain.as_str()), Some("1. Først {ja}"));
    let intro = base.pages[0].intro.as_ref().expect("an introduction");
    assert_eq!(intro.plain, "- Husk:\n# intet\n> 100 vigtige ting & mere");
    let name = base.question("name").expect("it is there");
    assert_eq!(
        name.help.as_ref().map(|t| t.plain.as_str()),
        Some("Skriv \\ dit | navn\n____\nRød")
    );
    let plain: Vec<&str> = base
        .question("s")
        .expect("it is there")
        .choices
        .iter()
        .map(|c| c.text.plain.as_str())
        .collect();
    assert_eq!(plain, ["- > 5", "1. ____", "(x) {#y} [z](å)"]);
    let text = &imported.files[0].text;
    assert!(text.contains("## Hej {{name or \"…\"}}, hvad nu \\{x\\}? \\# {#s}"), "{text}");
    named(&imported, "survey", 4, 5, Done::Dropped);
    named(&imported, "survey", 5, 3, Done::Dropped);
    named(&imported, "survey", 8, 4, Done::Dropped);
}

#[test]
fn ranks_ranges_consents_and_exclusive_choices_have_their_kinds() {
    let imported = import(&[
        (
            "survey",
            &[
                &["type", "name", "label", "parameters", "constraint", "required", "appearance"],
                &["acknowledge", "ok", "Må vi gemme dine svar?", "", "", "yes"],
                &["acknowledge", "maybe", "Må vi ringe?"],
                &["rank things", "best", "Hvad er bedst?", "randomize=true"],
                &["range", "nps", "Anbefaling", "start=0 end=10 step=1"],
                &["range", "temp", "Grader", "start=-10;end=40;step=0.5"],
                &[
                    "select_multiple things",
                    "what",
                    "Hvad?",
                    "randomize=true, seed=3",
                    "not(selected(., 'none') and count-selected(.) > 1)",
                    "",
                    "minimal",
                ],
                &["time", "at", "Hvornår?", "", ". >= '08:00'"],
                &["date", "year", "Hvilket år?", "", ". <= 2020", "", "year"],
                &["date", "on", "Hvilken dag?", "", ". <= today()", "", "month-year"],
                &["select_one lone", "alone", "Kun én?"],
            ],
        ),
        (
            "choices",
            &[
                &["list_name", "name", "label"],
                &["things", "a", "Æbler"],
                &["things", "b", "Bær"],
                &["things", "none", "Ingen"],
                &["lone", "x", "X"],
            ],
        ),
    ]);
    let definition = sound(&imported);
    let kinds: Vec<&str> = definition.base().questions().map(|q| q.kind.rules().name()).collect();
    assert_eq!(
        kinds,
        [
            "consent", "single", "ranking", "scale", "number", "multiple", "time", "year", "date",
            "single"
        ]
    );
    let what = definition.base().question("what").expect("it is there");
    assert!(what.shuffle && what.choices[2].exclusive);
    for (row, column) in [(3, 1), (6, 4), (7, 7), (10, 1)] {
        assert!(
            imported.report.items.iter().any(|i| (i.place.row, i.place.column) == (row, column)),
            "{row} {column}"
        );
    }
    named(&imported, "survey", 7, 4, Done::Dropped);
    named(&imported, "choices", 5, 2, Done::Replaced);
}

#[test]
fn conditions_that_check_refuses_are_taken_out_and_named() {
    let imported = import(&[(
        "survey",
        &[
            &["type", "name", "label", "relevant"],
            &["integer", "age", "Alder?"],
            &["text", "never", "Aldrig?", "${age} > 5 and ${age} < 3"],
            &["text", "later", "Senere?", "${age2} = 1"],
            &["integer", "age2", "Alder igen?", "false()"],
            &[
                "text",
                "long",
                "Langt?",
                "(${age} > 1 and ${age} < 9) or not(${age} < 50 or ${never} = 'x')",
            ],
        ],
    )]);
    sound(&imported);
    named(&imported, "survey", 3, 4, Done::Comment);
    named(&imported, "survey", 4, 4, Done::Comment);
    named(&imported, "survey", 5, 0, Done::Comment);
    let text = &imported.files[0].text;
    assert!(text.contains("cue=\"Svar kun, hvis spørgsmålet passer til dig.\""), "{text}");
}

#[test]
fn filters_that_compare_with_other_lists_keep_their_choices() {
    let imported = import(&[
        (
            "survey",
            &[
                &["type", "name", "label", "choice_filter"],
                &["select_multiple fruit", "f1", "Hvilke kan du lide?"],
                &["select_one sort", "f2", "Hvilken anden?", "not(selected(${f1}, name))"],
                &["select_one sort", "f3", "Og?", "name != ${f1} and (kind = ‘sur’ or true())"],
                &["select_one sort", "f4", "Ingen kolonne", "nope = 'x'"],
                &["select_one sort", "f5", "Ingen tilbage", "kind = 'bitter'"],
            ],
        ),
        (
            "choices",
            &[
                &["list_name", "Value", "label", "kind", "", "e"],
                &["fruit", "apple", "Æble"],
                &["fruit", "pear", "Pære"],
                &["sort", "apple", "Æble", "", "uden navn", "kort"],
                &["sort", "lemon", "Citron", "sur"],
            ],
        ),
    ]);
    let definition = sound(&imported);
    let text = &imported.files[0].text;
    assert!(text.contains("- ( ) Æble {#apple if=\"not f1 has apple\"}\n- ( ) Citron {#lemon}"));
    for id in ["f2", "f3", "f4", "f5"] {
        let question = definition.base().question(id).expect("it is there");
        assert_eq!(question.choices.len(), 2, "{id}: {text}");
    }
    named(&imported, "survey", 5, 4, Done::Dropped);
    named(&imported, "survey", 6, 4, Done::Dropped);
    // Columns that a filter does not speak of, whatever letters their names are made of.
    named(&imported, "choices", 4, 5, Done::Dropped);
    named(&imported, "choices", 4, 6, Done::Dropped);
}

#[test]
fn conditions_mean_what_they_meant() {
    let imported = import(&[
        (
            "survey",
            &[
                &[
                    "type",
                    "name",
                    "label",
                    "relevant",
                    "constraint",
                    "Constraint  Message",
                    "disabled",
                ],
                &["select_one color_other", "farve", "Farve?"],
                &["integer", "antal", "Antal?", "", ". > 0.5 and . < 9.5"],
                &["decimal", "vægt", "Vægt?", "${antal}"],
                &["trigger", "enig", "Enig?"],
                &["text", "a", "A?", "${enig} = 'OK'"],
                &["text", "b", "B?", "../farve = “red”", ". != 'x'", "Ikke ${farve}"],
                &["text", "c", "C?", "int(${vægt}) = 3"],
                &["text", "d", "D?", "", "", "", "yes"],
                &["text", "e", "E?", "", "", "", "no"],
            ],
        ),
        (
            "choices",
            &[
                &["list_name", "name", "label"],
                &["color_other", "red", "Rød"],
                &["color_other", "blue", "Blå"],
            ],
        ),
    ]);
    sound(&imported);
    let text = &imported.files[0].text;
    assert!(text.contains("{#farve}\n\n- ( ) Rød {#red}\n- ( ) Blå {#blue}\n\n"), "{text}");
    assert!(text.contains("{#antal number min=1 max=9}"), "{text}");
    assert!(text.contains("if=\"answered antal and antal != 0\""), "{text}");
    assert!(text.contains("{#a if=\"enig == yes\"}"), "{text}");
    assert!(text.contains("if=\"farve == red\""), "{text}");
    assert!(text.contains("message=\"Ikke …\""), "{text}");
    assert!(text.contains("<!-- text | d | D? | yes -->"), "{text}");
    named(&imported, "survey", 7, 6, Done::Dropped);
    named(&imported, "survey", 8, 4, Done::Comment);
    named(&imported, "survey", 9, 0, Done::Comment);
    assert!(!imported.report.items.iter().any(|item| item.place.row == 10));
}

#[test]
fn lines_of_the_report_say_why() {
    let imported = import(&[
        (
            "survey",
            &[
                &["type", "name", "label", "label", "hint", "relevant", "mine"],
                &["begin_group", "g", "Ydre"],
                &["begin_group", "h", "Indre"],
                &["text", "a", "A?", "igen"],
                &["", "", "Løs tekst"],
                &["end_group"],
                &["end_group"],
            ],
        ),
        ("choices", &[&["list_name", "name", "label"], &["x", "", "Uden navn"]]),
        ("settings", &[&["form_title"], &["Navn"], &["Et andet"]]),
    ]);
    sound(&imported);
    let why = |sheet: &str, row: u32, column: u32| {
        let found = imported.report.items.iter().find(|item| {
            let place = &item.place;
            (place.sheet.as_deref(), place.row, place.column) == (Some(sheet), row, column)
        });
        found.map_or("", |item| item.why.as_str())
    };
    assert!(why("survey", 2, 3).contains("one title"), "{:#?}", imported.report.items);
    assert!(why("survey", 4, 4).contains("the first is read"));
    assert!(why("survey", 5, 3).contains("without a type"));
    assert!(why("choices", 2, 3).contains("a list and a name"));
    assert!(why("settings", 3, 1).contains("one row"));
    // An empty column of the standard is nothing; one of somebody's own is named.
    assert_eq!(why("survey", 1, 5), "");
    assert_eq!(why("survey", 1, 6), "");
    assert!(why("survey", 1, 7).contains("nothing in it"));
}

#[test]
fn a_language_left_out_on_one_sheet_is_no_further_language() {
    let imported = import(&[
        (
            "survey",
            &[
                &["type", "name", "label::English (en)", "label::Tigrinya"],
                &["select_one yn", "a", "Do you?", "ቆልዑ"],
            ],
        ),
        ("choices", &[&["list_name", "name", "label"], &["yn", "y", "Yes"], &["yn", "n", "No"]]),
    ]);
    let names: Vec<&str> = imported.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["skema.md", "skema.ti.md"]);
    assert!(imported.files[0].text.contains("lang: en"));
    // A workbook's only sheet may be called what its program called it.
    let imported = import(&[("Ark1", &[&["type", "name", "label"], &["text", "a", "Hvad?"]])]);
    sound(&imported);
}
