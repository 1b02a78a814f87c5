//! Advice to authors: fair questions that must not be blamed, and bad ones that must be.
//!
//! `check --strict` makes failures of warnings, so the first list matters as much as the second.

use borgerpanel::diag::Language;

use crate::language::Site;

/// The codes of a survey in `lang`, and what they say.
fn told(lang: &str, front: &str, body: &str) -> (Vec<&'static str>, String) {
    let text = format!("---\ntitle: A\nlang: {lang}\n{front}---\n{body}");
    let mut facts = Site::facts(&[]);
    facts.languages.push(lang.to_owned());
    let compiled = Site::new().with("surveys/a.md", &text).compile_in("a", &facts);
    let said = |language| {
        let lines = compiled.diagnostics.iter();
        lines
            .map(|note| format!("{}\n{}\n", note.message(language), note.help(language)))
            .collect::<String>()
    };
    let all = said(Language::English) + &said(Language::Danish);
    (compiled.diagnostics.iter().map(|note| note.entry.code).collect(), all)
}

/// A heading as a question with a text field, or a whole question as it is.
fn body(question: &str) -> String {
    if question.contains('\n') {
        question.to_owned()
    } else {
        format!("## {question} {{#q}}\n____\n")
    }
}

/// Choices as a question of one answer.
fn list(choices: &[&str]) -> String {
    let items = choices.iter().enumerate();
    let items: String = items.map(|(at, text)| format!("- ( ) {text} {{#c{at}}}\n")).collect();
    format!("## Q? {{#q}}\n\n{items}")
}

/// Columns as a matrix of one row.
fn matrix(columns: &[&str]) -> String {
    let head: String =
        columns.iter().enumerate().map(|(at, c)| format!(" {c} {{#c{at}}} |")).collect();
    let cells = " |".repeat(columns.len());
    format!("## Q? {{#q}}\n\n| |{head}\n|-|{}\n| R {{#r}} |{cells}\n", "-|".repeat(columns.len()))
}

const FAIR_DANISH: &[&str] = &[
    "Hvor tilfreds er du med renholdelsen?",
    "Hvor tilfreds eller utilfreds er du med byens parker?",
    "Hvor enig eller uenig er du i, at byen er tryg?",
    "Er du enig i, at der mangler bænke?",
    "Hvad synes du ikke om ved parken?",
    "Hvorfor synes du ikke, at parken er tryg?",
    "Hvad synes du om parken, og hvad mangler du?",
    "Hvor tilfreds er du med tilbud til børn og unge?",
    "Hvordan vurderer du ro og orden i kvarteret?",
    "Hvad synes du om sport og fritid i byen?",
    "Hvordan vurderer du gader og veje?",
    "Hvad synes du om Brønshøj og Husum?",
    "Hvor tilfreds er du med Teknik- og Miljøforvaltningen?",
    "Hvor tilfreds er du med cykel- og gangstierne?",
    "Hvor tilfreds er du med busserne til og fra arbejde?",
    "Hvor tilfreds er du med forholdet mellem cyklister og bilister?",
    "Hvordan oplever du børn og voksne i trafikken?",
    "Hvad synes du om parker og lignende?",
    "Hvor let er det at finde og låse din cykel?",
    "Bruger du parken om sommeren og om vinteren?",
    "Hvilke planter og dyr har du set?",
    "Er det blevet bedre eller dårligere?",
    "Hvor meget bedre eller dårligere er parken blevet?",
    "Var det indlysende, hvor du skulle hen?",
    "Hvor tilfreds er du med den nye og grønne park?",
    "Hvad synes du om små og store pladser?",
    "Hvad gør en dag på biblioteket fantastisk?",
    "Hvad kan gøre stedet bedre for dig?",
    "Hvad er det vigtigste for dig?",
    "Er du ikke medlem af et bibliotek?",
    "Hvis du ikke cykler, hvordan kommer du så rundt?",
    "Hvor ofte føler du dig utryg?",
    "Hvor meget generer støjen dig?",
    "Synes du, at der er for mange eller for få bænke?",
    "Hvor vigtigt er det for dig, at der er grønt og stille?",
    "Hvad savner du på Nørrebro og Østerbro?",
    "Nogle gader har kun plads til træer. Hvad synes du?",
    "Du kan svare kort. Hvad vil du helst have lavet om?",
    "Hvor gammel var du den 1. december kl. 8.30, fx hvis du bor i nr. 7 på 3. sal?",
    "Hvad betaler du om måneden? Skriv f.eks. 1.000 kr. eller ca. 1.500 kr.",
];

const FAIR_ENGLISH: &[&str] = &[
    "How satisfied are you with the cleaning?",
    "How much do you agree or disagree that the city is safe?",
    "Why don't you cycle?",
    "Why don't you agree?",
    "What don't you like about the park?",
    "What do you think of the park, and what is missing?",
    "How satisfied are you with activities for children and young people?",
    "How do you rate peace and quiet in your area?",
    "How would you rate streets and roads?",
    "What do you think of Hyde Park and Green Park?",
    "What do you think of libraries and other meeting places?",
    "How satisfied are you with the buses between home and work?",
    "How often do you walk and cycle?",
    "Has it become better or worse?",
    "How much better or worse is the park now?",
    "How much more would you pay?",
    "How great is the distance to work?",
    "How good or bad is the lighting?",
    "How would you rate the old and new library?",
    "What works, doesn't work, or is missing?",
    "What kind of course do you take?",
    "How clearly did we explain the plans?",
    "What makes a really good day at the library?",
    "What would make this a wonderful place?",
    "Would you recommend the park to a friend?",
    "Do you feel safe in the evening?",
    "Is the way to the right or to the left?",
    "Which street should we look at first?",
    "How many people live in your home, e.g. partner, children, etc. Count yourself too.",
];

fn fair_questions() -> Vec<(&'static str, String)> {
    let danish = FAIR_DANISH.iter().map(|text| ("da", body(text)));
    let english = FAIR_ENGLISH.iter().map(|text| ("en", body(text)));
    danish.chain(english).collect()
}

fn fair_answers() -> Vec<(&'static str, String)> {
    let lists: &[(&str, &[&str])] = &[
        ("da", &["Meget god", "God", "Nogenlunde", "Dårlig", "Meget dårlig"]),
        ("da", &["God", "Nogenlunde", "Dårlig", "Ved ikke"]),
        ("da", &["Meget tilfreds", "Tilfreds", "Hverken eller", "Utilfreds", "Meget utilfreds"]),
        (
            "da",
            &[
                "Helt enig",
                "Delvist enig",
                "Hverken enig eller uenig",
                "Delvist uenig",
                "Helt uenig",
            ],
        ),
        ("da", &["Dagligt", "Ugentligt", "Sjældent", "Aldrig"]),
        ("da", &["Slet ikke tilfreds", "Lidt tilfreds", "Tilfreds", "Meget tilfreds"]),
        ("da", &["Ikke vigtigt", "Lidt vigtigt", "Vigtigt", "Meget vigtigt"]),
        ("da", &["I høj grad", "I nogen grad", "I mindre grad", "Slet ikke"]),
        ("da", &["God plads", "Godt lys", "Gode bænke", "Dårlig vej"]),
        ("da", &["Under 18 år", "18-29 år", "30-64 år", "65 år eller mere"]),
        ("da", &["Kl. 8-10", "Kl. 10-12", "Kl. 14-16"]),
        ("da", &["Ja", "Nej", "Ikke sikker"]),
        ("da", &["Bedre", "Uændret", "Værre"]),
        ("en", &["Very good", "Good", "Fair", "Poor", "Very poor"]),
        (
            "en",
            &[
                "Strongly agree",
                "Agree",
                "Neither agree nor disagree",
                "Disagree",
                "Strongly disagree",
            ],
        ),
        ("en", &["Very satisfied", "Satisfied", "Neither", "Dissatisfied", "Very dissatisfied"]),
        ("en", &["Not at all satisfied", "Slightly satisfied", "Satisfied", "Very satisfied"]),
        ("en", &["Always", "Often", "Seldom", "Never"]),
        ("en", &["0-9", "10-19", "20 or more"]),
    ];
    let both = |(lang, choices): &(&'static str, &[&str])| {
        [(*lang, list(choices)), (*lang, matrix(choices))]
    };
    let mut all: Vec<_> = lists.iter().flat_map(both).collect();
    let many: Vec<String> = (0..20).map(|at| format!("Sted {at}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    all.push(("da", list(&many).replace("{#q}", "{#q dropdown}")));
    all.push(("da", "## Q? {#q scale=0..10}\n\n- 0: Slet ikke\n- 10: Meget gerne\n".to_owned()));
    all.push(("da", "## Q? {#q scale=1..5}\n".to_owned()));
    all.push(("da", "## Q? {#q}\n\nDu kan selvfølgelig stoppe, når du vil.\n\n____\n".to_owned()));
    all.push(("fr", body("Musique et théâtre ? Don't you agree?")));
    all
}

#[test]
fn fair_questions_are_not_blamed() {
    let mut wrong = String::new();
    for (lang, body) in fair_questions().into_iter().chain(fair_answers()) {
        let (codes, said) = told(lang, "", &body);
        if !codes.is_empty() {
            wrong.push_str(&format!("{body}\n  {codes:?}\n{said}\n"));
        }
    }
    assert!(fair_questions().len() >= 40);
    assert!(wrong.is_empty(), "{wrong}");
}

/// In which language, what is asked, and the words that are quoted.
const LEADING: &[(&str, &str, &str)] = &[
    ("da", "Er du ikke enig i, at byen mangler træer?", "er du ikke enig"),
    ("da", "Synes du ikke også, at der er for meget trafik?", "synes du ikke"),
    ("da", "Når du går i parken, synes du så ikke også, at der mangler lys?", "synes du så ikke"),
    ("da", "Mener du ikke, at bilerne fylder for meget?", "mener du ikke"),
    ("da", "Bør kommunen ikke bygge flere cykelstier?", "bør kommunen ikke"),
    ("da", "Burde vi ikke plante flere træer?", "burde vi ikke"),
    ("da", "Hvor meget bedre er parken blevet?", "hvor meget bedre"),
    ("da", "Hvor dårlig er belysningen?", "hvor dårlig er"),
    ("da", "Hvad synes du om den fremragende nye park?", "den fremragende"),
    ("da", "Hvad synes du om kommunens elendige veje?", "kommunens elendige"),
    ("da", "Støj er, som alle ved, skadeligt. Hvad bør vi gøre?", "som alle ved"),
    ("da", "De fleste mener, at bænkene er slidte. Hvad mener du?", "de fleste mener"),
    ("da", "Byen skal selvfølgelig være grøn. Hvor skal vi begynde?", "selvfølgelig"),
    ("da", "Det er blevet bedre, ikke sandt?", "ikke sandt"),
    ("en", "Don't you agree that the city needs more trees?", "don't you"),
    ("en", "Wouldn't you like a cleaner harbour?", "wouldn't"),
    ("en", "Shouldn't the city build more cycle lanes?", "shouldn't"),
    ("en", "The park is better now, isn't it?", "isn't"),
    ("en", "As everyone knows, noise is harmful. What should we do?", "as everyone knows"),
    ("en", "How much better is the park now?", "how much better"),
    ("en", "How bad is the traffic?", "how bad is"),
    ("en", "What do you think of the excellent new library?", "the excellent"),
    ("en", "What do you think of the city's terrible roads?", "city's terrible"),
    ("en", "Experts say that trees help. What do you say?", "experts say"),
    ("en", "The city should obviously be green. Where do we start?", "obviously"),
];

const DOUBLE: &[(&str, &str, &str)] = &[
    ("da", "Hvor tilfreds er du med renholdelsen og sikkerheden?", "renholdelsen og sikkerheden"),
    ("da", "Hvordan vurderer du lyset og bænkene i parken?", "lyset og bænkene"),
    ("da", "Hvad synes du om både prisen og servicen?", "prisen og servicen"),
    ("da", "Bruger du bus og/eller metro?", "og/eller"),
    ("en", "How satisfied are you with the cleaning and the safety?", "cleaning and the safety"),
    ("en", "How would you rate the price and service on the bus?", "price and service"),
    ("en", "Do you use the bus and/or the metro?", "and/or"),
];

#[test]
fn questions_that_push_or_ask_twice_are_told() {
    let leading = LEADING.iter().map(|case| ("leading-question", case));
    let double = DOUBLE.iter().map(|case| ("double-question", case));
    let mut wrong = String::new();
    for (code, (lang, question, words)) in leading.chain(double) {
        let (codes, said) = told(lang, "", &body(question));
        if codes != [code] || !said.to_lowercase().contains(words) {
            wrong.push_str(&format!("{question}\n  {codes:?} {said}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn answers_that_lean_overlap_or_never_end_are_told() {
    let many: Vec<String> = (0..16).map(|at| format!("Sted {at}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let lists: &[(&str, &str, &[&str])] = &[
        ("unbalanced-scale", "da", &["Meget god", "God", "Nogenlunde", "Dårlig"]),
        ("unbalanced-scale", "da", &["Fremragende", "Meget god", "God"]),
        ("unbalanced-scale", "da", &["Meget tilfreds", "Tilfreds", "Utilfreds", "Ved ikke"]),
        ("unbalanced-scale", "da", &["Meget bedre", "Bedre", "Uændret", "Værre"]),
        ("unbalanced-scale", "en", &["Excellent", "Very good", "Good", "Fair", "Poor"]),
        ("unbalanced-scale", "en", &["Agree", "Disagree", "Strongly disagree"]),
        ("ranges-overlap", "da", &["0-10", "10-20", "21-30"]),
        ("ranges-gap", "da", &["0-10 km", "15-20 km"]),
        ("too-many-choices", "da", &many),
    ];
    for (code, lang, choices) in lists {
        let (codes, said) = told(lang, "", &list(choices));
        assert_eq!(codes, [*code], "{choices:?}\n{said}");
    }
    let columns = ["Meget god", "God", "Nogenlunde", "Dårlig"];
    assert_eq!(told("da", "", &matrix(&columns)).0, ["unbalanced-scale"]);
    let labels = "## Q? {#q scale=0..10}\n\n- 0: Slet ikke\n- 5: Lidt\n";
    assert_eq!(told("da", "", labels).0, ["scale-one-end"]);
    let row = "## Q? {#q}\n\n| | A {#a} | B {#b} |\n|-|-|-|\n| Lys og/eller skilte {#r} | | |\n";
    assert_eq!(told("da", "", row).0, ["double-question"]);
}

#[test]
fn texts_that_are_hard_to_read_are_told_where_they_stand() {
    let long = "Vi vil gerne vide, hvordan du og dine naboer bruger den lille plads på hjørnet ved \
                skolen, når vejret er til det, og hvad I savner der om aftenen.";
    for text in [
        format!("{long}\n\n## Q? {{#q}}\n____\n"),
        format!("# P {{#p}}\n\nHej.\n{long}\n\n## Q? {{#q}}\n____\n"),
        format!("## Q? {{#q}}\n\nHej. {long}\n\n____\n"),
        format!("## Q? {{#q}}\n____\n\n{long}\n"),
    ] {
        let file = format!("---\ntitle: A\n---\n{text}");
        let found = Site::new().with("surveys/a.md", &file).compile("a", &[]).diagnostics;
        let codes: Vec<&str> = found.iter().map(|note| note.entry.code).collect();
        assert_eq!(codes, ["long-sentence"], "{text}");
        assert_eq!(&file[found[0].span.clone()], long);
    }
    let hard = "Kommunens forvaltninger udarbejder tilgængelighedsvurderinger. Vurderingerne \
                offentliggøres efterfølgende. Borgerinddragelse forudsætter tilstrækkelig \
                information om beslutningsgrundlaget. Derfor bedes spørgsmålene besvares omhyggeligt.";
    assert_eq!(
        told("da", "", &format!("## Q? {{#q}}\n\n{hard}\n\n{hard}\n\n____\n")).0,
        ["hard-to-read"]
    );
}

#[test]
fn a_translation_is_read_in_its_own_language() {
    let site = Site::new()
        .with("surveys/a.md", "---\ntitle: A\n---\n## Hvad synes du? {#q}\n____\n")
        .with("surveys/a.en.md", "---\ntitle: A\n---\n## Don't you agree? {#q}\n____\n");
    let found = site.compile("a", &[]).diagnostics;
    let told: Vec<_> = found.iter().map(|note| (note.file.as_str(), note.entry.code)).collect();
    assert_eq!(told, [("surveys/a.en.md", "leading-question")]);
}

#[test]
fn too_much_for_one_sitting_is_told() {
    let question = |at: usize| format!("## Hvad nu? {{#q{at}}}\n____\n\n");
    let page = |from: usize, count: usize| (from..from + count).map(question).collect::<String>();
    assert_eq!(told("da", "", &page(0, 8)).0, Vec::<&str>::new());
    assert_eq!(told("da", "", &page(0, 9)).0, ["long-page"]);
    let pages: String = (0..12).map(|at| format!("---\n\n{}", page(at * 8, 8))).collect();
    assert_eq!(told("da", "", &pages).0, ["long-survey"]);
}

#[test]
fn members_are_not_asked_again() {
    let district = "## Hvor bor du? {#q maps=district}\n\n- A {#a}\n- B {#b}\n";
    assert_eq!(told("da", "", district).0, Vec::<&str>::new());
    for front in ["sample: panel\npanels: [kbh]\n", "background: panel\n"] {
        assert_eq!(told("da", front, district).0, ["asked-before"], "{front}");
    }
    let front = "sample: panel\npanels: [kbh]\nbackground: ask\n";
    let text = format!("---\ntitle: A\n{front}---\n## Q? {{#q}}\n____\n");
    let found = Site::shipped().with("surveys/a.md", &text).compile("a", &[]).diagnostics;
    let told: Vec<_> = found.iter().map(|note| (note.file.as_str(), note.entry.code)).collect();
    assert_eq!(told, [("surveys/a.md", "asked-before")]);
}

#[test]
fn columns_that_may_all_be_ticked_are_no_scale() {
    let ticks = "## Q? {#q}\n\n| | Meget god {#a} | God {#b} | Dårlig {#c} |\n|-|-|-|-|\n\
                 | R {#r} | [ ] | [ ] | [ ] |\n";
    assert_eq!(told("da", "", ticks).0, Vec::<&str>::new());
}
