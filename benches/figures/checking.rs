//! One check of the heaviest shipped survey, with its translation and the block of background
//! questions: what an author waits for after each change.

use std::path::Path;
use std::time::{Duration, Instant};

use borgerpanel::site::content;
use borgerpanel::survey::prose;
use borgerpanel::survey::{Files, Input, Shelf, compile};
use pulldown_cmark::Parser;

const TIMES: usize = 201;

pub fn run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    let (stock, sources) = content::load_stock(&folder).expect("the shipped content");
    let shelf = stock.shelf(&sources);
    let mut figures: Vec<(Duration, &str, Vec<&str>)> = Vec::new();
    for (slug, survey) in stock.surveys(&sources) {
        let texts = texts(&survey, &shelf);
        let input = Input { slug, survey, shelf: &shelf, site: &stock.facts };
        let check = median(|| {
            assert!(compile(&input).definition.is_some(), "{slug} has errors");
        });
        figures.push((check, slug, texts));
    }
    let (check, slug, texts) = figures.into_iter().max().expect("a shipped survey");
    let floor = median(|| {
        for text in texts.iter().chain(&texts) {
            std::hint::black_box(Parser::new_ext(text, prose::options()).count());
        }
    });
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    println!(
        "one check of the heaviest shipped survey, {slug}: {} files of {bytes} bytes",
        texts.len()
    );
    println!("  check                    {check:>10.2?}  median of {TIMES}");
    println!("  floor: the same texts through pulldown-cmark twice {floor:>10.2?}");
    println!("  ratio check / floor {:>6.2}\n", check.as_secs_f64() / floor.as_secs_f64());
}

/// The texts that are read: its own and its translations', and those of every block.
fn texts<'a>(survey: &Files<'a>, shelf: &Shelf<'a>) -> Vec<&'a str> {
    let files = std::iter::once(survey).chain(shelf.blocks.values());
    files
        .flat_map(|files| {
            let translations = files.translations.iter().map(|(_, file)| file.text);
            std::iter::once(files.base.text).chain(translations)
        })
        .collect()
}

fn median(act: impl Fn()) -> Duration {
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let begun = Instant::now();
            act();
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[TIMES / 2]
}
