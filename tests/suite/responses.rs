//! Made-up answers to the shipped surveys: each walks through without a problem, is stored and judged
//! again.

use std::collections::BTreeMap;

use borgerpanel::response::revalidate::revalidate;
use borgerpanel::response::{Circumstances, Context, compose, evaluate, sample};
use borgerpanel::site::content;
use borgerpanel::survey::{Answer, Definition, Fields};

use crate::language::Site;

fn groups() -> Vec<String> {
    ["15-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75+"].map(str::to_owned).to_vec()
}

pub fn shipped() -> Vec<Definition> {
    let site = Site::shipped();
    let slugs = site.slugs();
    slugs.iter().map(|slug| site.compile(slug, &[]).definition.expect("no errors")).collect()
}

fn context() -> Context {
    Context { today: "2026-11-24".to_owned(), channel: "kiosk".to_owned() }
}

#[test]
fn a_form_filled_in_whole_leaves_nothing_open() {
    let desk = crate::browser::place::desk();
    let content = content::load(&desk.path("content")).expect("content");
    let every = content.surveys.iter().find(|survey| survey.slug == "alle").expect("the survey");
    let survey = every.base();
    for seed in 0..200 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let made = sample::fill_in_page(survey, None, Fields::default(), &context(), &mut rng);
        let evaluation = evaluate(survey, &made, &context());
        assert!(evaluation.problems.is_empty(), "seed {seed}: {:?}", evaluation.problems);
        let is_answered =
            |id: &&String| evaluation.answers.get(*id).is_some_and(Answer::is_answered);
        let open = evaluation.visible.iter().find(|id| !is_answered(id));
        assert_eq!(open, None, "seed {seed}");
    }
}

#[test]
fn made_up_answers_are_sound_and_stay_so() {
    for definition in shipped() {
        for seed in 0..60 {
            let lang = if seed % 3 == 0 { "en" } else { "da" };
            let survey = definition.in_language(lang);
            let mut rng = fastrand::Rng::with_seed(seed);
            let fields = sample::fill_in(survey, &context(), &mut rng);
            let evaluation = evaluate(survey, &fields, &context());
            assert!(
                evaluation.problems.is_empty(),
                "{} seed {seed}: {:?}",
                definition.slug,
                evaluation.problems
            );
            let about = Circumstances {
                uid: "0".repeat(32),
                kiosk: None,
                lang: lang.to_owned(),
                duration_s: Some(61),
                shown: BTreeMap::new(),
                context: context(),
            };
            let response = compose(survey, &evaluation, about, &groups());
            let body = serde_json::to_vec(&response).expect("JSON");
            let again = revalidate(&body, &definition)
                .unwrap_or_else(|wrong| panic!("{} seed {seed}: {wrong}", definition.slug));
            assert_eq!(again, response);
        }
    }
}

#[test]
fn made_up_answers_are_let_go_where_something_expected_is_open() {
    let text = "---\ntitle: A\n---\n## Hvad mangler du? {#lack expected}\n\n____\n";
    let site = Site::new().with("surveys/a.md", text);
    let definition = site.compile("a", &[]).definition.expect("no errors");
    let mut open = 0;
    for seed in 0..50 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let fields = sample::fill_in(definition.base(), &context(), &mut rng);
        let evaluation = evaluate(definition.base(), &fields, &context());
        assert!(evaluation.nudges.is_empty(), "seed {seed}");
        open += usize::from(fields.first("_asked") == Some("lack"));
    }
    assert!(open > 0, "somebody leaves it open");
}

#[test]
fn every_question_of_the_shipped_surveys_is_reached() {
    for definition in shipped() {
        let survey = definition.base();
        let mut seen: Vec<String> = Vec::new();
        for seed in 0..300 {
            let mut rng = fastrand::Rng::with_seed(seed);
            let fields = sample::fill_in(survey, &context(), &mut rng);
            seen.extend(evaluate(survey, &fields, &context()).visible);
        }
        let unseen: Vec<&str> = survey
            .questions()
            .map(|q| q.id.as_str())
            .filter(|id| !seen.iter().any(|s| s == id))
            .collect();
        assert!(unseen.is_empty(), "{}: {unseen:?}", definition.slug);
    }
}

#[test]
fn a_forged_answer_is_refused() {
    let definition = shipped().into_iter().find(|d| d.slug == "groenne-omraader").expect("it is");
    let survey = definition.base();
    let mut rng = fastrand::Rng::with_seed(7);
    let fields = sample::fill_in(survey, &context(), &mut rng);
    let evaluation = evaluate(survey, &fields, &context());
    let about = Circumstances {
        uid: "0".repeat(32),
        kiosk: None,
        lang: "da".to_owned(),
        duration_s: None,
        shown: BTreeMap::new(),
        context: context(),
    };
    let response = compose(survey, &evaluation, about, &groups());
    let first = survey.questions().next().expect("a question").id.clone();
    let mut forged = response.clone();
    forged.answers.insert(first, Answer::Text("no such choice".to_owned()));
    assert!(revalidate(&serde_json::to_vec(&forged).expect("JSON"), &definition).is_err());
    let mut forged = response;
    forged.answers.insert("no-such-question".to_owned(), Answer::Unanswered);
    assert!(revalidate(&serde_json::to_vec(&forged).expect("JSON"), &definition).is_err());
    assert!(revalidate(b"{}", &definition).is_err());
}

#[test]
fn what_stands_beside_the_answers_is_judged_too() {
    use borgerpanel::response::Response;
    use borgerpanel::response::revalidate::Unsound;
    let text = "---\ntitle: A\n---\n## Hvad? {#what shuffle}\n\n- Hund {#dog}\n- Kat {#cat}\n";
    let site = Site::new().with("surveys/a.md", text);
    let definition = site.compile("a", &[]).definition.expect("no errors");
    let sound = stored(&definition, &[("what", "dog")]);
    type Forge = fn(&mut Response);
    let forgeries: [(&str, Forge); 10] = [
        ("channel", |it| it.channel = "x".repeat(1_000_000)),
        ("language", |it| it.lang = "x".repeat(1_000_000)),
        ("day", |it| it.day = "2026-11-24T10:31:07".to_owned()),
        ("day", |it| it.day = "2026-13-01".to_owned()),
        ("background", |it| it.background.age = Some("x".repeat(1_000_000))),
        ("orders", |it| drop(it.shown.insert("what".to_owned(), vec!["ox".to_owned()]))),
        ("orders", |it| drop(it.shown.insert("what".to_owned(), vec!["dog".to_owned(); 2]))),
        ("orders", |it| drop(it.shown.insert("x".repeat(1_000_000), Vec::new()))),
        ("flags", |it| it.flags = vec!["late".to_owned(); 100_000]),
        ("flags", |it| it.flags = vec!["<script>".to_owned()]),
    ];
    let judged =
        |response: &Response| revalidate(&serde_json::to_vec(response).expect("JSON"), &definition);
    for (name, forge) in forgeries {
        let mut forged = sound.clone();
        forge(&mut forged);
        assert_eq!(judged(&forged), Err(Unsound::Circumstances(name)));
    }
    let mut fine = sound;
    fine.shown.insert("what".to_owned(), vec!["cat".to_owned(), "dog".to_owned()]);
    fine.flags = vec!["burst".to_owned(), "duplicate".to_owned()];
    assert_eq!(judged(&fine), Ok(fine));
}

/// A survey whose conditions look at a birth year, which no stored response holds.
fn of_age() -> Definition {
    let text = "---\ntitle: A\n---\n## Hvornår er du født? {#born year maps=birth-year}\n\n\
                ## Hvad vil du? {#wish}\n\n- Stemme {#vote if=\"age >= 18\"}\n- Lege {#play}\n\
                - Andet: ____ {#other}\n\n\
                ## Hvor meget? {#share number min=0 max=1 step=0.0000001 if=\"age >= 18\" \
                cue=\"Svar kun, hvis du er 18.\"}\n";
    let site = Site::new().with("surveys/a.md", text);
    let compiled = site.compile("a", &[]);
    compiled.definition.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

fn stored(definition: &Definition, fields: &[(&str, &str)]) -> borgerpanel::response::Response {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let fields = borgerpanel::survey::Fields(fields.collect());
    let evaluation = evaluate(definition.base(), &fields, &context());
    assert!(evaluation.problems.is_empty(), "{:?}", evaluation.problems);
    let about = Circumstances {
        uid: "0".repeat(32),
        kiosk: None,
        lang: "da".to_owned(),
        duration_s: None,
        shown: BTreeMap::new(),
        context: context(),
    };
    compose(definition.base(), &evaluation, about, &groups())
}

#[test]
fn an_answer_that_a_birth_year_made_possible_stays_sound_without_it() {
    let definition = of_age();
    let response =
        stored(&definition, &[("born", "1990"), ("wish", "vote"), ("share", "0,0000003")]);
    assert!(!response.answers.contains_key("born"));
    let body = serde_json::to_vec(&response).expect("JSON");
    assert_eq!(revalidate(&body, &definition).expect("sound"), response);
}

#[test]
fn an_answer_that_cannot_be_walked_again_is_still_judged_by_itself() {
    let definition = of_age();
    let response = stored(&definition, &[("wish", "other"), ("wish.other.text", "Hvile")]);
    let judged = |response: &borgerpanel::response::Response| {
        revalidate(&serde_json::to_vec(response).expect("JSON"), &definition)
    };
    judged(&response).expect("sound");
    let forgeries = [
        ("wish", Answer::Text("rule".to_owned())),
        ("wish.vote", Answer::Text("no such field".to_owned())),
        ("wish.other", Answer::Text("x".repeat(501))),
        ("born", Answer::Number(1990.into())),
        ("share", Answer::Number(2.into())),
        ("unknown", Answer::Unanswered),
    ];
    for (id, answer) in forgeries {
        for status in [response.status, borgerpanel::response::record::Status::Partial] {
            let mut forged = response.clone();
            forged.status = status;
            forged.answers.insert(id.to_owned(), answer.clone());
            assert!(judged(&forged).is_err(), "{id} as {status:?}");
        }
    }
}

#[test]
fn staff_who_try_a_kiosk_out_are_judged_as_its_visitors_are() {
    let text = "---\ntitle: A\n---\n## Hvor er du? {#where required}\n\n- Her {#here}\n- Der {#there}\n\n\
                ## Er skærmen god? {#screen required if=\"channel == kiosk\" cue=\"På skærmen.\"}\n\n\
                - Ja {#yes}\n- Nej {#no}\n";
    let compiled = Site::new().with("surveys/a.md", text).compile("a", &[]);
    let definition = compiled.definition.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
    let mut response = stored(&definition, &[("where", "here"), ("screen", "yes")]);
    response.channel = "preview".to_owned();
    let judge = |response: &borgerpanel::response::Response| {
        revalidate(&serde_json::to_vec(response).expect("JSON"), &definition).is_ok()
    };
    assert!(!judge(&response), "an author's own machine is no kiosk");
    response.kiosk = Some("valby".to_owned());
    assert!(judge(&response));
}
