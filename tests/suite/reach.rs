//! Reachability over a whole survey, against trying: whatever some answers reach must not be called
//! unreachable, and in small surveys nothing else may be called reachable.

use std::collections::BTreeSet;

use borgerpanel::diag::Language;
use borgerpanel::response::{Context, evaluate};
use borgerpanel::survey::reach::{self, Target};
use borgerpanel::survey::{Answer, Fields, Question, Survey};
use fastrand::Rng;
use serde_json::{Value, json};

use crate::language::Site;

const CASES: u64 = 1_000;
/// More combinations of answers than this are drawn, not tried one by one.
const COMBINATIONS_MAX: usize = 1_500;
const DRAWN: usize = 300;

const DAYS: &[&str] = &["2025-12-31", "2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"];
const CODES: &[&str] = &["a", "b", "c"];

#[test]
fn what_trying_reaches_is_never_called_unreachable_and_in_small_surveys_nothing_else_is() {
    let only = std::env::var("REACH_SEED").ok().and_then(|seed| seed.parse().ok());
    let mut whole = 0;
    let (mut unreachable, mut stuck) = (0, 0);
    for seed in only.map_or(0..CASES, |seed: u64| seed..seed + 1) {
        let mut rng = Rng::with_seed(seed);
        let mut maker = Maker { rng: &mut rng, seen: Vec::new(), exact: true, moves: false };
        let source = maker.survey();
        let (exact, moves) = (maker.exact, maker.moves);
        let survey: Survey = serde_json::from_value(source.clone()).expect("a survey");
        let judgement = reach::judge(&survey);
        assert!(judgement.unknown.is_empty(), "seed {seed}: {:?}", judgement.unknown);
        let called: BTreeSet<Target> =
            judgement.unreachable.iter().map(|(target, _)| *target).collect();
        let tried = try_out(&survey, moves, &mut rng);
        let told = || format!("seed {seed}: {judgement:?}\n{source:#}");
        if let Some(target) = tried.reached.intersection(&called).next() {
            panic!("{target:?} is reached, {}", told());
        }
        let single = |at: &usize| is_tried(survey.questions().nth(*at).expect("a question"));
        let calls: BTreeSet<usize> = judgement.stuck.iter().copied().filter(single).collect();
        unreachable += called.len();
        stuck += judgement.stuck.len();
        if tried.is_complete && exact {
            whole += 1;
            if let Some(target) = missed(&survey, &tried.reached, &called).first() {
                panic!("{target:?} is never reached, {}", told());
            }
            assert_eq!(calls, tried.stuck, "nothing to choose, {}", told());
        } else if tried.is_complete {
            assert!(calls.is_subset(&tried.stuck), "nothing to choose, {}", told());
        }
    }
    if only.is_none() {
        assert!(whole > 200, "only {whole} were tried completely");
        assert!(unreachable > 300 && stuck > 2, "{unreachable} unreachable, {stuck} stuck");
    }
}

/// Targets that nobody reached and that were not called so.
fn missed(survey: &Survey, reached: &BTreeSet<Target>, called: &BTreeSet<Target>) -> Vec<Target> {
    let mut missed = Vec::new();
    let mut number = 0;
    let mut check = |target: Target, excused: bool| {
        if !excused && !reached.contains(&target) && !called.contains(&target) {
            missed.push(target);
        }
    };
    for (at, page) in survey.pages.iter().enumerate() {
        let off = called.contains(&Target::Page(at));
        check(Target::Page(at), !page.questions.is_empty());
        for question in &page.questions {
            check(Target::Question(number), off);
            let off = off || called.contains(&Target::Question(number));
            for (part, choice) in question.choices.iter().enumerate() {
                check(Target::Choice(number, part), off || choice.condition.is_none());
            }
            for (part, row) in question.rows.iter().enumerate() {
                // A row is seen by its answer, which a check may always refuse.
                let unseen = row.condition.is_none() || question.check.is_some();
                check(Target::Row(number, part), off || unseen);
            }
            number += 1;
        }
    }
    (0..survey.endings.len()).for_each(|at| check(Target::Ending(at), false));
    missed
}

#[derive(Debug, Default)]
struct Tried {
    reached: BTreeSet<Target>,
    /// Single questions that were asked where every choice was refused.
    stuck: BTreeSet<usize>,
    is_complete: bool,
}

/// Tries every combination of answers, or many of them.
fn try_out(survey: &Survey, moves: bool, rng: &mut Rng) -> Tried {
    let questions: Vec<&Question> = survey.questions().collect();
    let ways: Vec<Vec<Fields>> = questions.iter().map(|question| ways(question)).collect();
    let days: &[&str] = if moves { DAYS } else { &DAYS[2..3] };
    let channels: &[&str] = if moves { &["kiosk", "web", "preview", "paper"] } else { &["kiosk"] };
    let count = ways
        .iter()
        .map(Vec::len)
        .chain([days.len() * channels.len()])
        .try_fold(1usize, usize::checked_mul);
    let is_complete = count.is_some_and(|count| count <= COMBINATIONS_MAX);
    let mut tried = Tried { is_complete, ..Tried::default() };
    for number in 0..count.filter(|_| is_complete).unwrap_or(DRAWN) {
        let mut rest = number;
        let mut pick = |count: usize| {
            let picked = if is_complete { rest % count } else { rng.usize(..count) };
            rest /= count;
            picked
        };
        let context = Context {
            today: days[pick(days.len())].to_owned(),
            channel: channels[pick(channels.len())].to_owned(),
        };
        let picked: Vec<usize> = ways.iter().map(|ways| pick(ways.len())).collect();
        look(survey, &questions, &ways, &picked, &context, &mut tried);
    }
    tried
}

/// Notes what one combination of answers reaches.
fn look(
    survey: &Survey,
    questions: &[&Question],
    ways: &[Vec<Fields>],
    picked: &[usize],
    context: &Context,
    tried: &mut Tried,
) {
    let fields = joined(ways.iter().zip(picked).map(|(ways, at)| &ways[*at]));
    let done = evaluate(survey, &fields, context);
    let at = |id: &str| questions.iter().position(|question| question.id == id);
    let first_problem = done
        .problems
        .iter()
        .filter_map(|problem| at(&problem.question))
        .min()
        .unwrap_or(usize::MAX);
    let mut number = 0;
    for (page_at, page) in survey.pages.iter().enumerate() {
        if page.questions.is_empty() && done.path.contains(&page.id) && first_problem >= number {
            tried.reached.insert(Target::Page(page_at));
        }
        for question in &page.questions {
            if done.visible.contains(&question.id) && first_problem >= number {
                tried.reached.insert(Target::Page(page_at));
                tried.reached.insert(Target::Question(number));
                if first_problem > number {
                    parts(question, number, &done.answers[&question.id], &mut tried.reached);
                }
                let picks = |way: usize| {
                    let swapped = ways.iter().enumerate().map(|(other, ways)| {
                        if other == number { &ways[way] } else { &ways[picked[other]] }
                    });
                    let done = evaluate(survey, &joined(swapped), context);
                    done.problems.iter().any(|problem| problem.question == question.id)
                };
                if is_tried(question) && (0..ways[number].len()).all(picks) {
                    tried.stuck.insert(number);
                }
            }
            number += 1;
        }
    }
    if let (Some(ending), true) = (&done.ending, done.problems.is_empty()) {
        let at = survey.endings.iter().position(|known| known.id == *ending);
        tried.reached.insert(Target::Ending(at.expect("a known ending")));
    }
}

/// Whether a refusal of each answer shows that nothing was offered.
fn is_tried(question: &Question) -> bool {
    question.kind.rules().name() == "single"
        && question.required
        && question.check.is_none()
        && question.choices.iter().all(|choice| choice.condition.is_some())
}

/// The choices and rows of an answer.
fn parts(question: &Question, number: usize, answer: &Answer, reached: &mut BTreeSet<Target>) {
    let has = |id: &str| match answer {
        Answer::Text(code) => code == id,
        Answer::Choices(codes) => codes.iter().any(|code| code == id),
        Answer::Rows(rows) => rows.contains_key(id),
        Answer::RowChoices(rows) => rows.contains_key(id),
        Answer::Points(points) => points.contains_key(id),
        Answer::Unanswered | Answer::Number(_) => false,
    };
    for (at, _) in question.choices.iter().enumerate().filter(|(_, choice)| has(&choice.id)) {
        reached.insert(Target::Choice(number, at));
    }
    for (at, _) in question.rows.iter().enumerate().filter(|(_, row)| has(&row.id)) {
        reached.insert(Target::Row(number, at));
    }
}

fn joined<'f>(fields: impl IntoIterator<Item = &'f Fields>) -> Fields {
    Fields(fields.into_iter().flat_map(|fields| fields.0.iter().cloned()).collect())
}

/// The fields of every answer that anything in a random survey tells apart.
fn ways(question: &Question) -> Vec<Fields> {
    let id = question.id.as_str();
    let one = |values: &[&str]| -> Vec<Fields> {
        values.iter().map(|value| fields(&[(id.to_owned(), (*value).to_owned())])).collect()
    };
    let numbers = ["", "0", "1", "2", "3", "4"];
    match question.kind.rules().name() {
        "single" | "place" => one(&["", "a", "b", "c"]),
        "multiple" => subsets(id),
        "ranking" => orders(id),
        "scale" | "number" => one(&numbers),
        "year" => one(&["", "2021", "2022", "2023", "2024", "2025", "2026"]),
        "date" => one(&[&[""][..], DAYS].concat()),
        "time" => one(&["", "08:00", "08:01", "08:02", "08:03", "08:04"]),
        "consent" => one(&["", "yes"]),
        "matrix" => each_row(question, &|name| {
            let rows = ["", "a", "b", "c"];
            rows.map(|code| fields(&[(name.to_owned(), code.to_owned())])).to_vec()
        }),
        "matrix-multiple" => each_row(question, &subsets),
        "points" => {
            let split =
                [["", "", ""], ["2", "", ""], ["0", "2", "0"], ["1", "1", ""], ["", "", "2"]];
            let named = |shares: [&str; 3]| -> Vec<(String, String)> {
                let shares = CODES.iter().zip(shares);
                shares.map(|(code, n)| (format!("{id}.{code}"), n.to_owned())).collect()
            };
            split.map(|shares| fields(&named(shares))).to_vec()
        }
        _ => one(&["", "a", "b", "x"]),
    }
}

fn fields(pairs: &[(String, String)]) -> Fields {
    Fields(pairs.iter().filter(|(_, value)| !value.is_empty()).cloned().collect())
}

fn subsets(name: &str) -> Vec<Fields> {
    let subset = |bits: usize| {
        let picked = CODES.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0);
        fields(&picked.map(|(_, code)| (name.to_owned(), (*code).to_owned())).collect::<Vec<_>>())
    };
    (0..8).map(subset).collect()
}

/// The subsets again: how they are ordered no condition can tell.
fn orders(name: &str) -> Vec<Fields> {
    let place = |(at, (_, code)): (usize, (String, String))| (format!("{name}.{}", at + 1), code);
    let ranked = subsets(name).into_iter();
    ranked.map(|fields| Fields(fields.0.into_iter().enumerate().map(place).collect())).collect()
}

fn each_row(question: &Question, ways: &dyn Fn(&str) -> Vec<Fields>) -> Vec<Fields> {
    let mut all = vec![Fields::default()];
    for row in &question.rows {
        let more = ways(&format!("{}.{}", question.id, row.id));
        let longer = |begun: &Fields| -> Vec<Fields> {
            more.iter().map(|more| joined([begun, more])).collect()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

/// What is said of a survey: the code, and what to do in both languages.
fn told(body: &str) -> Vec<(&'static str, [String; 2])> {
    let site = Site::new().with("surveys/a.md", &format!("---\ntitle: A\n---\n{body}"));
    let notes = site.compile("a", &[]).diagnostics;
    let helps = |note: &borgerpanel::diag::Diagnostic| {
        [Language::English, Language::Danish].map(|language| note.help(language))
    };
    notes.iter().map(|note| (note.entry.code, helps(note))).collect()
}

fn codes(body: &str) -> Vec<&'static str> {
    told(body).into_iter().map(|(code, _)| code).collect()
}

const OFTEN: &str = "## A {#often required}\n\n- X {#weekly}\n- Y {#never goto=end}\n\n";

#[test]
fn the_path_is_told_in_both_languages() {
    let found = told(&format!("{OFTEN}## B {{#why if=\"often == never\"}}\n____\n"));
    let [(code, [english, danish])] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(*code, "unreachable-question");
    assert_eq!(
        english,
        "this cannot all be so: line 7: `never` in `often` skips to `end`; line 9: this needs `often == never`"
    );
    assert!(danish.contains("linje 7: `never` i `often` springer til `end`"), "{danish}");
}

#[test]
fn a_map_that_is_not_at_hand_stops_nobody() {
    let desk = crate::authors::Desk::new();
    let text = "---\ntitle: Et kort\nlang: da\n---\n\n## Hvor meget? {#much scale=1..10}\n\n\
                ## Hvor bor du? {#where place=districts required check=\"answered much\" \
                message=\"Svar først på, hvor meget.\"}\n\n## Hvornår? {#when date}\n";
    std::fs::create_dir(desk.path("alone")).expect("a folder");
    std::fs::remove_file(desk.path("content/site.toml")).expect("no site above it");
    std::fs::write(desk.path("alone/kort.md"), text).expect("written");
    desk.says(&["check", "alone/kort.md"], 0);
}

#[test]
fn a_condition_that_only_skips_make_superfluous_is_left_alone() {
    let behind = format!("{OFTEN}## B {{#b if=\"often != never\"}}\n____\n");
    assert_eq!(codes(&behind), Vec::<&str>::new());
    let answered = format!("{OFTEN}## B {{#b if=\"answered often\"}}\n____\n");
    assert_eq!(codes(&answered), Vec::<&str>::new());
}

#[test]
fn a_condition_that_its_page_implies_always_holds() {
    let page = |inner: &str| {
        format!(
            "## A {{#age number}}\n\n# P {{#p if=\"age >= 18\"}}\n\n## B {{#b if=\"{inner}\"}}\n____\n"
        )
    };
    let found = told(&page("age > 15"));
    let [(code, [english, _])] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(*code, "always-true");
    assert!(english.contains("line 6: the page `p` is shown only if `age >= 18`"), "{english}");
    assert_eq!(codes(&page("age > 18")), Vec::<&str>::new());
    assert_eq!(codes(&page("age < 18")), ["unreachable-question"]);
}

#[test]
fn what_follows_from_something_told_is_not_told_again() {
    let all_leave = "## A {#a required}\n\n- X {#x goto=end}\n- Y {#y goto=end}\n\n\
        # P {#p}\n\n## B {#b}\n____\n\n# Q {#q}\n\n## C {#c}\n____\n";
    assert_eq!(codes(all_leave), ["unreachable-page"]);
    let asked_of_nobody = format!(
        "{OFTEN}## B {{#b if=\"often == never\"}}\n\n- X {{#x}}\n- Y {{#y}}\n\n\
         ## C {{#c if=\"b == x\"}}\n____\n"
    );
    assert_eq!(codes(&asked_of_nobody), ["unreachable-question"]);
}

#[test]
fn choices_taken_over_are_not_called_superfluous() {
    let body = "## A {#a}\n\n- [ ] X {#x}\n- [ ] Y {#y}\n- [ ] Z {#z exclusive}\n\n\
        ## B {#b required from=\"a chosen\"}\n\n## C {#c required from=\"a not chosen\"}\n";
    assert_eq!(codes(body), Vec::<&str>::new());
}

#[test]
fn surveys_made_to_be_hard_are_left_unjudged_in_time() {
    let mut question = 0;
    let mut ask = |condition: Option<Value>| {
        let mut one = json!({"id": format!("q{question}"), "kind": "single", "text": text()});
        one["choices"] = CODES.iter().map(|code| json!({"id": code, "text": text()})).collect();
        one["choices"][0]["goto"] = json!(["end", "p7", "p399"][question % 3]);
        if let Some(condition) = condition {
            one["if"] = condition;
        }
        question += 1;
        one
    };
    let is =
        |at: usize, code: &str| json!({"op": "eq", "left": {"q": format!("q{at}")}, "right": code});
    let page =
        |at: usize, questions: Vec<Value>| json!({"id": format!("p{at}"), "questions": questions});
    let pages: Vec<Value> = (0..400)
        .map(|at| {
            // Three ways, and each two of forty answers differ: there are too many.
            let differ = (0..40usize).flat_map(|one| {
                (0..one).map(move |other| {
                    let same = |code| json!({"op": "and", "of": [is(one, code), is(other, code)]});
                    let same: Vec<Value> = CODES.iter().map(|code| same(code)).collect();
                    json!({"op": "not", "of": {"op": "or", "of": same}})
                })
            });
            let condition = (at > 40 && at % 50 == 0)
                .then(|| json!({"op": "and", "of": differ.collect::<Vec<_>>()}));
            page(at, vec![ask(condition)])
        })
        .collect();
    let survey: Survey = serde_json::from_value(json!({
        "slug": "s", "version": "", "structure": "", "lang": "da", "title": text(), "pages": pages,
    }))
    .expect("a survey");
    // Every page can be shown but those after which everybody is led past.
    let judgement = reach::judge(&survey);
    assert!(judgement.unreachable.is_empty(), "{:?}", judgement.unreachable);
}

/// Makes a random survey.
struct Maker<'r> {
    rng: &'r mut Rng,
    /// The questions so far: id, kind, and whether all rows are always offered.
    seen: Vec<(String, &'static str)>,
    /// Nothing in it is judged roughly.
    exact: bool,
    /// A condition speaks of the day or the channel.
    moves: bool,
}

const KINDS: &[&str] = &[
    "single",
    "single",
    "single",
    "single",
    "multiple",
    "multiple",
    "scale",
    "number",
    "consent",
    "matrix",
    "text",
    "date",
    "time",
    "year",
    "ranking",
    "place",
    "points",
    "matrix-multiple",
];

impl Maker<'_> {
    fn survey(&mut self) -> Value {
        let count = self.rng.usize(1..=3);
        let pages: Vec<Value> = (0..count).map(|at| self.page(at, count)).collect();
        json!({
            "slug": "s", "version": "", "structure": "", "lang": "da", "title": text(),
            "pages": pages, "endings": [{"id": "young", "title": text(), "text": text()}],
        })
    }

    fn page(&mut self, at: usize, count: usize) -> Value {
        let mut page = json!({"id": format!("p{at}")});
        self.maybe_if(&mut page, 3);
        let asked = self.rng.usize(0..=3);
        page["questions"] = (0..asked).map(|_| self.question(at, count)).collect();
        page
    }

    fn question(&mut self, at: usize, count: usize) -> Value {
        let kind = *self.rng.choice(KINDS).expect("there are kinds");
        let id = format!("q{}", self.seen.len());
        let required = self.rng.bool();
        let mut question = json!({"id": id, "kind": kind, "text": text(), "required": required});
        self.maybe_if(&mut question, 2);
        match kind {
            "single" | "multiple" | "place" | "ranking" | "points" => {
                let rate = self.rng.choice([2, 6, 12]).expect("three");
                question["choices"] =
                    CODES.iter().map(|code| self.choice(code, kind, at, count, rate)).collect();
            }
            "matrix" | "matrix-multiple" => {
                let mut column = |code: &&str| {
                    let dontknow = self.rng.u8(..4) == 0;
                    json!({"id": code, "text": text(), "dontknow": dontknow})
                };
                question["columns"] = CODES.iter().map(&mut column).collect();
                let rows = if kind == "matrix" { 2 } else { 1 };
                let mut row = |code: &&str| {
                    let mut row = json!({"id": code, "text": text()});
                    self.maybe_if(&mut row, 3);
                    row
                };
                question["rows"] = CODES[..rows].iter().map(&mut row).collect();
            }
            "scale" => question["scale"] = json!({"from": 1, "to": 3}),
            _ => {}
        }
        match kind {
            "multiple" => {
                self.maybe(&mut question, "min", &[json!(2)], 4);
                self.maybe(&mut question, "max", &[json!(1), json!(2)], 4);
            }
            "ranking" => {
                question["top"] = json!(self.rng.u8(1..=3));
                self.exact &= question["choices"]
                    .as_array()
                    .is_some_and(|choices| choices.iter().all(|choice| choice.get("if").is_none()));
            }
            "points" => {
                question["share"] = json!(2);
                self.exact = false;
            }
            "number" => {
                question["min"] = json!(self.rng.u8(0..=1));
                question["max"] = json!(self.rng.u8(3..=4));
                self.maybe(&mut question, "step", &[json!(2)], 4);
                self.maybe(&mut question, "maps", &[json!("age")], 2);
            }
            "year" => {
                question["min"] = json!(2021);
                question["max"] = json!(2026);
                self.maybe(&mut question, "maps", &[json!("birth-year")], 1);
            }
            "date" => {
                self.maybe(&mut question, "min", &[json!("2026-01-01"), json!("today")], 3);
                self.maybe(&mut question, "max", &[json!("2026-01-02"), json!("today")], 3);
                for limit in ["min", "max"] {
                    self.moves |= question.get(limit) == Some(&json!("today"));
                    self.exact &= question.get(limit) != Some(&json!("today"));
                }
                // Nothing may be left between them.
                if question.get("max") == Some(&json!("today")) {
                    question.as_object_mut().expect("an object").remove("min");
                }
            }
            "time" => self.maybe(&mut question, "min", &[json!("08:01")], 3),
            _ => {}
        }
        self.seen.push((id, kind));
        if self.rng.u8(..8) == 0 {
            let check = self.condition(1);
            question["check"] = check;
        }
        question
    }

    fn choice(&mut self, code: &str, kind: &str, at: usize, count: usize, rate: u8) -> Value {
        let mut choice = json!({"id": code, "text": text()});
        if self.rng.u8(..8) == 0 && kind != "ranking" && kind != "points" {
            let flag = self.rng.choice(["exclusive", "dontknow"]).expect("two");
            choice[flag] = json!(true);
        }
        if self.rng.u8(..4) == 0 && kind != "points" {
            let later = (at + 1..count).map(|page| format!("p{page}"));
            let targets: Vec<String> = later.chain(["end".into(), "young".into()]).collect();
            choice["goto"] = json!(self.rng.choice(&targets));
        }
        self.maybe_if(&mut choice, rate);
        choice
    }

    fn maybe(&mut self, value: &mut Value, key: &str, among: &[Value], rate: u8) {
        if self.rng.u8(..rate) == 0 {
            value[key] = self.rng.choice(among).cloned().expect("there is one");
        }
    }

    fn maybe_if(&mut self, value: &mut Value, rate: u8) {
        if self.rng.u8(..rate) == 0 {
            value["if"] = self.condition(2);
        }
    }

    fn condition(&mut self, depth: u8) -> Value {
        match self.rng.u8(..8) {
            0..=2 if depth > 0 => {
                let op = self.rng.choice(["and", "and", "or"]).expect("three");
                json!({"op": op, "of": [self.condition(depth - 1), self.condition(depth - 1)]})
            }
            3 if depth > 0 => json!({"op": "not", "of": self.condition(depth - 1)}),
            _ => self.comparison(),
        }
    }

    fn comparison(&mut self) -> Value {
        let kinds = self.seen.clone();
        let Some((id, kind)) = self.rng.choice(&kinds).filter(|_| self.rng.u8(..8) > 0).cloned()
        else {
            return self.about_builtin();
        };
        let code = json!(self.rng.choice(CODES));
        let q = json!({"q": id});
        if self.rng.u8(..8) == 0 {
            return json!({"op": "answered", "left": q});
        }
        match kind {
            "single" | "place" | "text" => self.equality(q, &["a", "b"]),
            "multiple" | "ranking" if self.rng.bool() => {
                let right = self.rng.u8(0..=3);
                self.order(json!({"count": id}), json!(right))
            }
            "multiple" | "ranking" => json!({"op": "has", "left": q, "right": code}),
            "scale" | "number" => {
                let right = self.number_or_other(&id);
                self.order(q, right)
            }
            "year" => {
                let right = json!(self.rng.u16(2022..=2025));
                self.order(q, right)
            }
            "date" => {
                let right = json!(self.rng.choice(&DAYS[1..4]));
                self.order(q, right)
            }
            "time" => {
                let right = json!(self.rng.choice(["08:01", "08:02", "08:03"]));
                self.order(q, right)
            }
            "consent" => self.equality(q, &["yes", "yes"]),
            "matrix" => {
                let row = *self.rng.choice(&CODES[..2]).expect("two");
                self.equality(json!({"row": [id, row]}), &["a", "b"])
            }
            "points" => {
                let right = json!(self.rng.u8(0..=2));
                self.order(json!({"row": [id, "a"]}), right)
            }
            _ => json!({"op": "has", "left": {"row": [id, "a"]}, "right": code}),
        }
    }

    fn number_or_other(&mut self, id: &str) -> Value {
        let others = self.seen.iter().filter(|(_, kind)| matches!(*kind, "scale" | "number"));
        let others: Vec<String> =
            others.map(|(id, _)| id.clone()).filter(|one| one != id).collect();
        match self.rng.choice(&others).filter(|_| self.rng.u8(..4) == 0) {
            Some(other) => {
                self.exact = false;
                json!({"q": other})
            }
            None => json!(self.rng.u8(1..=3)),
        }
    }

    fn about_builtin(&mut self) -> Value {
        match self.rng.u8(..3) {
            0 => {
                self.moves = true;
                let right = json!(self.rng.choice(&DAYS[1..4]));
                self.order(json!({"builtin": "today"}), right)
            }
            1 => {
                self.moves = true;
                self.equality(json!({"builtin": "channel"}), &["kiosk", "web"])
            }
            _ => {
                // By a birth year it is judged roughly.
                self.moves = true;
                self.exact = false;
                let right = json!(self.rng.u8(1..=3));
                self.order(json!({"builtin": "age"}), right)
            }
        }
    }

    fn order(&mut self, left: Value, right: Value) -> Value {
        let op = self.rng.choice(["eq", "ne", "lt", "le", "gt", "ge"]).expect("six");
        json!({"op": op, "left": left, "right": right})
    }

    fn equality(&mut self, left: Value, codes: &[&str; 2]) -> Value {
        match self.rng.choice(["eq", "eq", "ne", "in"]).expect("four") {
            "in" => json!({"op": "in", "left": left, "right": codes}),
            op => json!({"op": op, "left": left, "right": self.rng.choice(codes)}),
        }
    }
}

fn text() -> Value {
    json!({"html": "", "plain": ""})
}
