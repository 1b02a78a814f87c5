//! A survey of 60 questions that 160,000 answered, from a central's database to the published page, its data
//! and both audits, by the program itself. The floor is reading the answers alone.

use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use borgerpanel::response::Response;
use borgerpanel::site::content;
use borgerpanel::store::central::response::Accepted;
use borgerpanel::store::{Central, Options};
use borgerpanel::survey::Definition;
use fastrand::Rng;
use serde_json::json;

const PEOPLE: u32 = 160_000;
const QUESTIONS: u32 = 60;
/// Who store at once: the database commits them together.
const HANDS: usize = 48;
const CHOICES: [(&str, &str, f64); 5] = [
    ("a", "Meget godt", 0.3),
    ("b", "Godt", 0.3),
    ("c", "Hverken godt eller dårligt", 0.2),
    ("d", "Dårligt", 0.12),
    ("e", "Meget dårligt", 0.08),
];

pub fn run() {
    let desk = tempfile::tempdir().expect("a folder");
    let survey = survey(desk.path());
    let filled = timed(|| fill(&desk.path().join("central"), &survey));
    println!("{PEOPLE} responses of {QUESTIONS} questions, put into a central in {filled:.1?}");
    let central = Central::open(&desk.path().join("central"), Options::default()).expect("opened");
    let floor = timed(|| {
        let read = central.each_response(&survey.slug, |kept| {
            std::hint::black_box(kept);
        });
        assert_eq!(read.expect("read"), PEOPLE as usize);
    });
    drop(central);
    let mut memory_kib = 0;
    let whole = timed(|| memory_kib = publish(desk.path()));
    let ratio = whole.as_secs_f64() / floor.as_secs_f64();
    println!("  to page, data and both audits {whole:>8.1?}  ratio to the floor {ratio:.1}");
    println!("  floor: the answers read       {floor:>8.1?}");
    println!("  memory at most                {:>5} MiB\n", memory_kib / 1024);
}

fn timed(work: impl FnOnce()) -> Duration {
    let from = Instant::now();
    work();
    from.elapsed()
}

/// A copy of the shipped content with the large survey in it.
fn survey(desk: &Path) -> Definition {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    copy(&shipped, &desk.join("content"));
    let mut pages = String::new();
    for question in 0..QUESTIONS {
        if question % 5 == 0 {
            pages += &format!("\n# Side {} {{#side{question}}}\n", question / 5 + 1);
        }
        pages += &format!("\n## Hvad synes du om sted {question}? {{#q{question}}}\n\n");
        pages.extend(CHOICES.iter().map(|(id, name, _)| format!("- {name} {{#{id}}}\n")));
    }
    let settings = "background: ask\nopens: 2026-01-01\ncloses: 2026-06-01\n";
    for (name, settings) in [("stor.md", settings), ("stor.en.md", "")] {
        let text = format!("---\ntitle: Stor\nsummary: Stor\n{settings}---\n{pages}");
        std::fs::write(desk.join("content/surveys").join(name), text).expect("written");
    }
    let surveys = content::load(&desk.join("content")).expect("content").surveys;
    surveys.into_iter().find(|one| one.slug == "stor").expect("it compiles")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(std::fs::copy(&path, target).expect("copied")),
        }
    }
}

fn fill(folder: &Path, survey: &Definition) {
    let central = Central::create(folder, Options::default()).expect("made");
    central.register(survey).expect("known");
    let next = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for hand in 0..HANDS {
            let (central, next) = (&central, &next);
            scope.spawn(move || {
                let mut rng = Rng::with_seed(hand as u64);
                while next.fetch_add(1, Ordering::Relaxed) < PEOPLE {
                    let structure = survey.structure.clone();
                    let response = response(survey, &mut rng);
                    let accepted = Accepted { structure, response, flags: Vec::new() };
                    central.store_response(accepted).expect("stored");
                }
            });
        }
    });
}

fn response(survey: &Definition, rng: &mut Rng) -> Response {
    let answers = (0..QUESTIONS).map(|question| {
        // Opinions differ between questions, as they do.
        let shift = f64::from(question % 7) * 0.02;
        (
            format!("q{question}"),
            json!(pick(&CHOICES.map(|(id, _, share)| (id, share + shift)), rng)),
        )
    });
    let answers: serde_json::Map<String, serde_json::Value> = answers.collect();
    let district = pick(
        &[
            ("indre-by", 11.0),
            ("oesterbro", 17.0),
            ("noerrebro", 13.0),
            ("vesterbro-kongens-enghave", 14.0),
            ("valby", 8.0),
            ("vanloese", 6.0),
            ("broenshoej-husum", 5.0),
            ("bispebjerg", 6.0),
            ("amager-oest", 8.0),
            ("amager-vest", 12.0),
        ],
        rng,
    );
    let ages = ["15-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75+"];
    let educations = [
        "primary",
        "upper-secondary",
        "vocational",
        "short-higher",
        "medium-higher",
        "long-higher",
    ];
    let json = json!({
        "v": 1, "uid": format!("{:032x}", rng.u128(..)), "survey": survey.slug,
        "version": survey.version, "channel": "web", "invited": false, "assisted": false,
        "status": "complete", "lang": "da", "day": "2026-03-01",
        "duration_s": 5 * rng.u32(40..200),
        "background": {
            "district": district, "gender": pick(&[("female", 55.0), ("male", 45.0)], rng),
            "age": ages[rng.usize(..ages.len())],
            "education": educations[rng.usize(..educations.len())],
        },
        "answers": answers, "shown": {}, "flags": [],
    });
    serde_json::from_value(json).expect("a response")
}

fn pick<'a>(of: &[(&'a str, f64)], rng: &mut Rng) -> &'a str {
    let mut rest = rng.f64() * of.iter().map(|(_, share)| share).sum::<f64>();
    let found = of.iter().find(|(_, share)| {
        rest -= share;
        rest < 0.0
    });
    found.unwrap_or(&of[0]).0
}

/// Runs the command; the most memory it held, in KiB.
fn publish(desk: &Path) -> u64 {
    let mut program = Command::new(env!("CARGO_BIN_EXE_borgerpanel"))
        .args(["results", "stor", "--data", "central", "--out", "out"])
        .current_dir(desk)
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("it starts");
    let mut most = 0;
    loop {
        most = memory(&program).unwrap_or(most);
        if let Some(status) = program.try_wait().expect("its state") {
            assert!(status.success(), "it publishes");
            return most;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The kernel's own highest mark, where there is one.
fn memory(program: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
