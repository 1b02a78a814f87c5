//! XLSForms whose conditions, filters and tables could come over as something else than they meant.

use borgerpanel::foreign::report::Done;

use super::{import, named, sound};

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

#[test]
fn tables_with_several_choices_a_row_stay_tables() {
    let imported = import(&[
        (
            "survey",
            &[
                &["type", "name", "label", "appearance", "relevant"],
                &["begin_group", "brug", "Hvornår?", "table-list"],
                &["select_multiple dag", "brug_park", "Parken"],
                &["select_multiple dag", "brug_bad", "Badet"],
                &["end_group"],
                &["select_multiple dag", "hvem", "Hvem?", "label"],
                &["select_multiple dag", "en", "Den ene", "list-nolabel"],
                &["select_one dag", "to", "Den anden", "list-nolabel"],
                &["text", "t", "Hvad?", "", "selected(${brug_park}, 'man')"],
            ],
        ),
        (
            "choices",
            &[
                &["list_name", "name", "label"],
                &["dag", "man", "Mandag"],
                &["dag", "tir", "Tirsdag"],
            ],
        ),
    ]);
    let definition = sound(&imported);
    let kinds: Vec<(&str, &str)> =
        definition.base().questions().map(|q| (q.id.as_str(), q.kind.rules().name())).collect();
    assert_eq!(kinds[0], ("brug", "matrix-multiple"));
    assert_eq!(kinds[1], ("hvem", "matrix-multiple"));
    assert_eq!(kinds[2].1, "matrix");
    let text = &imported.files[0].text;
    assert!(text.contains("| Parken {#park} | [ ] "), "{text}");
    assert!(text.contains("{#t if=\"brug.park has man\"}"), "{text}");
}

#[test]
fn texts_of_groups_with_a_condition_are_not_shown_to_everybody() {
    let imported = import(&[(
        "survey",
        &[
            &["type", "name", "label", "relevant"],
            &["integer", "n", "Hvor mange?"],
            &["begin_group", "g", "", "${n} > 3"],
            &["note", "a", "Til dem med mange"],
            &["begin_group", "h", "Mange"],
            &["text", "t", "Hvilke?"],
            &["end_group"],
            &["end_group"],
            &["begin_group", "i", "", "${n} > 7"],
            &["note", "b", "Til dem med flest"],
            &["end_group"],
            &["note", "c", "Tak"],
        ],
    )]);
    sound(&imported);
    let text = &imported.files[0].text;
    assert!(text.contains("# Mange {#h if=\"n > 3\"}\n\nTil dem med mange\n"), "{text}");
    assert!(text.contains("<!-- Til dem med flest -->"), "{text}");
    assert!(text.contains("\n\nTak\n"), "{text}");
    named(&imported, "survey", 9, 4, Done::Comment);
}
