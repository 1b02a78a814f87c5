//! XLSForms, varied as the field's own are.

use borgerpanel::foreign::report::Done;

use super::{compiled, import, named, sound};

#[test]
fn a_plain_form_comes_over_whole() {
    let imported = import(&[
        (
            "survey",
            &[
                &["type", "name", "label", "hint", "required", "relevant", "constraint", "appearance"],
                &["begin_group", "about", "Om dig"],
                &["integer", "alder", "Hvor gammel er du?", "Hele år", "yes", "", ". >= 15 and . <= 120"],
                &["select_one janej", "bor", "Bor du her?", "", "true()"],
                &["end_group"],
                &["begin_group", "use", "Brug", "", "", "${alder} >= 15 and ${bor} = 'ja'"],
                &["select_multiple ting", "hvad", "Hvad laver du?", "", "", "", "count-selected(.) <= 2"],
                &["text", "hvor", "Hvor løber du?", "", "", "selected(${hvad}, 'sport')", "", "multiline"],
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
        ("settings", &[&["form_title", "form_id", "default_language"], &["Parker", "parker", "Dansk (da)"]]),
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
