//! `borgerpanel results SURVEY --out DIR`: the page of a survey's results, its data, and the audit before any
//! of it is written.

mod before;
pub mod draft;
mod page;

use std::path::{Path, PathBuf};

use serde_json::json;

use super::coded;
use super::gather::{Gathering, Wanted};
use crate::cli::{ResultsPublishArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::inputs;
use crate::commands::offsite::{stay_in_its_place, stay_off_the_site, stay_unpublished};
use crate::console::{complain, say};
use crate::crypto;
use crate::durable::{Access, replace_file, replace_files};
use crate::error::{Context, Error, Result};
use crate::results::audit;
use crate::results::channel;
use crate::results::companion::{self, Companion, Release};
use crate::results::presence::Presence;
use crate::results::protect::{Earlier, Rules};
use crate::results::publish::{Plan, Publication, publish, splits, steps};
use crate::results::releases::{self, Relation};
use crate::results::sample::{Gathered, Sample};
use crate::results::sheet::{Open, Sheet};
use crate::results::tabulate::Why;
use crate::results::weights::Cap;
use crate::survey::settings::{Phase, Sample as Whom};

/// Runs the command. The verdict is no where results would say too much; then nothing is written.
pub fn run(args: &ResultsPublishArgs) -> Result<Verdict> {
    let mut gathering = Gathering::of(&Wanted {
        survey: &args.survey,
        data: &args.data,
        responses: args.responses.as_deref(),
        targets: args.targets.as_deref(),
        content: &args.content,
        words: !args.themes.is_empty(),
    })?;
    must_be_over(args, &gathering)?;
    keep_inputs(args, companion_path(args))?;
    must_have_bounds(args)?;
    must_have_earlier(args)?;
    let rules = rules(&gathering);
    let voices = coded::take_in(args, &mut gathering, &rules)?;
    let past = past(args)?;
    if let Some(question) = forgotten(args, &gathering, &past)? {
        say!(
            "not published: an earlier release has themes of `{question}`, and without them nothing would \
             hold other codes against it\n  help: give the coded texts with --themes again"
        )?;
        return Ok(Verdict::No);
    }
    let people = gathering.gathered.sample.people.len();
    if (people as u32) < rules.min_answers {
        say!(
            "{people} answers count: fewer than {} have no results at all, since they could tell who gave which\n  \
             help: put off the end of the survey (`closes`), or tell people that too few answered",
            rules.min_answers
        )?;
        tell_uncounted(&gathering.gathered)?;
        return Ok(Verdict::No);
    }
    if !gathering.narrowed_by.is_empty() && !is_enough_of_a_part(&gathering, people as u32)? {
        return Ok(Verdict::No);
    }
    let beside = beside(args, &gathering)?;
    let first = |known: &Earlier| made(args, &gathering, &rules, known, &beside);
    let sample = &gathering.gathered.sample;
    let Some((publication, release)) = after(args, page::JSON, &past, sample, first)? else {
        return Ok(Verdict::No);
    };
    // A draft is no release.
    let mut releases = past.clone();
    releases.extend(release.filter(|_| !args.preview));
    let others = match &gathering.gathered.others {
        Some(others) if others.people.len() as u32 >= rules.min_answers => {
            let made = |known: &Earlier| totals(args, &gathering, others, &rules, known);
            let Some((made, more)) = after(args, page::OTHERS, &past, others, made)? else {
                return Ok(Verdict::No);
            };
            releases.extend(more.filter(|_| !args.preview));
            Some(made)
        }
        _ => None,
    };
    let parts = others.iter().map(|others| (others, &[][..])).chain([(&publication, &beside[..])]);
    for (part, beside) in parts {
        if !is_safe(part, beside)? {
            return Ok(Verdict::No);
        }
    }
    let files = page::files(&gathering, &publication, others.as_ref(), &voices, args)?;
    keep_inputs(args, files.iter().map(|(name, _)| args.out.join(name)))?;
    // In this order: whatever is cut short, what is public has the record that a later release is held
    // against.
    keep_companion(args, &publication, releases)?;
    write(&args.out, files)?;
    tell(args, &gathering, &publication)?;
    Ok(Verdict::Fine)
}

/// A question whose texts were published as themes before, and would not be now.
fn forgotten(
    args: &ResultsPublishArgs,
    gathering: &Gathering,
    past: &[Release],
) -> Result<Option<String>> {
    let left_out = &gathering.gathered.left_out;
    let is_gone = |question: &String| {
        left_out.iter().any(|one| one.why == Why::Words && one.question == *question)
    };
    let before = earlier(args, page::JSON, past)?.into_iter().flat_map(|(open, _)| open.items);
    Ok(before.map(|item| item.question).find(is_gone))
}

/// Results of a survey that goes on would have to be made again, and the two told apart by subtraction.
fn must_be_over(args: &ResultsPublishArgs, gathering: &Gathering) -> Result<()> {
    let Gathering { content, definition, .. } = gathering;
    if let Some(companion) = &args.companion {
        stay_unpublished("write the companion", companion, &content.folder, Some(&args.out))?;
    }
    if args.preview {
        return stay_off_the_site("write a draft", &args.out, &content.folder);
    }
    let own = content.folder.join("results").join(&definition.slug);
    stay_in_its_place("publish results in", &args.out, &content.folder, &own)?;
    let zone = content.config.zone();
    let now = SystemClock.here(&zone);
    let mut phase = definition.settings.phase_at(&now, &zone);
    // An end that was put off counts also before the central has heard of it.
    if let Some(own) = content.surveys.iter().find(|one| one.slug == definition.slug)
        && phase == Phase::Closed
    {
        phase = own.settings.phase_at(&now, &zone);
    }
    // A file of answers to a survey without an end is all there is.
    let is_endless = definition.settings.closes.is_none() && args.responses.is_some();
    if phase == Phase::Closed || is_endless {
        return Ok(());
    }
    Err(Error::new(format!("publish the results of {}", definition.slug))
        .source("it is not closed yet")
        .hint(
            "give it a `closes` that is over, or look at a page for the house alone with --preview",
        ))
}

/// The bounds of weights are what the outsider's audit rests on.
fn must_have_bounds(args: &ResultsPublishArgs) -> Result<()> {
    match args.cap {
        Cap::At(_) => Ok(()),
        Cap::None => Err(Error::new("publish with weights of any size")
            .source("how far a figure can be from the counts would have no bound")
            .hint("`--cap none` is for comparisons: `results estimate`, `results weight`")),
    }
}

/// A slip in a name would leave the new release without what holds it against the one before.
fn must_have_earlier(args: &ResultsPublishArgs) -> Result<()> {
    let has_release = |folder: &&PathBuf| folder.join("data").join(page::JSON).is_file();
    match args.earlier.iter().find(|folder| !has_release(folder)) {
        None => Ok(()),
        Some(folder) => Err(Error::new("read the earlier release in")
            .path(folder)
            .source(match folder.is_dir() {
                true => format!("it has no data/{}", page::JSON),
                false => "there is no such folder".to_owned(),
            })
            .hint("name the folder that an earlier `borgerpanel results SURVEY --out` wrote")),
    }
}

/// Whether so many of a part of the panel were asked, and answered, that it may have results.
fn is_enough_of_a_part(gathering: &Gathering, people: u32) -> Result<bool> {
    let (least_asked, least) = (releases::TARGETED_INVITED, releases::TARGETED_ANSWERED);
    match gathering.invited {
        Some(invited) if releases::has_results(invited, people) => return Ok(true),
        None if people >= least => {
            complain!(
                "borgerpanel: this survey asked a part of the panel, and nothing here tells how many\n  \
                 help: publish only if at least {least_asked} were invited"
            );
            return Ok(true);
        }
        _ => {}
    }
    let invited = gathering.invited.map_or("some".to_owned(), |invited| invited.to_string());
    say!(
        "{invited} were invited and {people} answers count: a survey of a part of the panel has results \
         from {least_asked} invited and {least} answers on\n  help: tell people so, or ask more of the panel"
    )?;
    Ok(false)
}

/// The site's thresholds, which are never lower than the program's.
fn rules(gathering: &Gathering) -> Rules {
    let least = Rules::default();
    let own = &gathering.content.config.results;
    Rules {
        threshold: own.threshold.max(least.threshold),
        min_group: own.min_group.max(least.min_group),
        ..least
    }
}

/// What `make` publishes after the releases that there are, and whom it is of where that is new; none where
/// it may not, after saying why.
fn after(
    args: &ResultsPublishArgs,
    name: &str,
    past: &[Release],
    sample: &Sample,
    make: impl Fn(&Earlier) -> Result<Publication>,
) -> Result<Option<(Publication, Option<Release>)>> {
    let publication = make(&Earlier::default())?;
    let open = &publication.open;
    let own = past.iter().find(|release| release.file == name);
    let presence = Presence::of(sample, own.map(|release| release.presence.key.as_str()));
    let earlier = earlier(args, name, past)?;
    let is_first = earlier.is_empty();
    let mut known = Earlier::default();
    let mut is_new = true;
    for (release, before) in earlier {
        let turnover = before.map(|before| before.turnover(&release, &presence, open));
        match releases::relate(&release, open, turnover.as_ref()) {
            Ok(Relation::Same) => {
                is_new &= before.is_none();
                known.add(&release.figures, true);
            }
            Ok(Relation::Apart) => {
                if let Some(before) = before {
                    known.add(&release.figures, false);
                    known.add_newcomers(before.newcomers(sample));
                    continue;
                }
                say!(
                    "not published: there is an earlier release of other answers, and nothing tells how \
                     many came and went in each group; each would have to be nobody or at least {}\n  \
                     help: name the companion of that release with --companion, or leave it as it is",
                    releases::FEWEST
                )?;
                return Ok(None);
            }
            Err(refusal) => {
                say!(
                    "not published: {refusal}\n  help: leave the earlier release as it is, or publish the \
                     answers that it was made from"
                )?;
                return Ok(None);
            }
        }
    }
    // Beside no earlier release it would be the same once more.
    let publication = if is_first { publication } else { make(&known)? };
    let figures = publication.open.to_json();
    let release = is_new.then(|| Release { file: name.to_owned(), figures, presence });
    Ok(Some((publication, release)))
}

/// The releases that the companion tells of.
fn past(args: &ResultsPublishArgs) -> Result<Vec<Release>> {
    let Some(path) = companion_path(args).filter(|path| path.is_file()) else {
        return Ok(Vec::new());
    };
    let text = std::fs::read_to_string(&path).during_at("read the companion", &path)?;
    let companion = Companion::from_json(&text).during_at("understand the companion", &path)?;
    match companion.survey == args.survey {
        true => Ok(companion.releases),
        false => Err(Error::new("keep the companion there")
            .path(&path)
            .source(format!("it is that of {}", companion.survey))),
    }
}

/// What was released, and who was in it where that is known.
type Released<'a> = (Open, Option<&'a Presence>);

/// What the companion tells of, what stands in DIR already, and what `--earlier` names.
fn earlier<'a>(
    args: &ResultsPublishArgs,
    name: &str,
    past: &'a [Release],
) -> Result<Vec<Released<'a>>> {
    let mut all: Vec<Released> = Vec::new();
    for release in past.iter().filter(|release| release.file == name) {
        let open = Open::from_json(&release.figures).during("understand the companion")?;
        all.push((open, Some(&release.presence)));
    }
    for open in published(args, name)? {
        if !all.iter().any(|(known, _)| *known == open) {
            all.push((open, None));
        }
    }
    Ok(all)
}

fn published(args: &ResultsPublishArgs, name: &str) -> Result<Vec<Open>> {
    let mut all = Vec::new();
    let own = read_release(&args.out, name)?;
    if let Some(other) = own.iter().find(|open| open.survey != args.survey) {
        return Err(Error::new("publish there")
            .path(args.out.join("data").join(name))
            .source(format!("it holds the results of {}", other.survey))
            .hint("each survey has a folder of its own"));
    }
    all.extend(own);
    for folder in &args.earlier {
        all.extend(read_release(folder, name)?.filter(|open| open.survey == args.survey));
    }
    Ok(all)
}

/// What other surveys have published, on the site or where `--earlier` says: some of the same people may have
/// answered those too.
fn beside(args: &ResultsPublishArgs, gathering: &Gathering) -> Result<Vec<Open>> {
    let results = gathering.content.folder.join("results");
    let on_site = gathering.content.results.iter().map(|one| results.join(&one.slug));
    let folders: Vec<PathBuf> = on_site.chain(args.earlier.iter().cloned()).collect();
    let mut all = Vec::new();
    for folder in folders {
        let open = read_release(&folder, page::JSON)?;
        all.extend(open.filter(|open| open.survey != args.survey && !all.contains(open)));
    }
    Ok(all)
}

/// A file of a release, where there is one.
fn read_release(folder: &Path, name: &str) -> Result<Option<Open>> {
    let path = folder.join("data").join(name);
    if !path.is_file() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&path).during_at("read", &path)?;
    Open::from_json(&text).during_at("understand", &path).map(Some)
}

fn made(
    args: &ResultsPublishArgs,
    gathering: &Gathering,
    rules: &Rules,
    earlier: &Earlier,
    beside: &[Open],
) -> Result<Publication> {
    let survey = gathering.definition.base();
    let targets = gathering.targets.as_ref();
    let ages = &gathering.content.config.age_groups;
    let mut splits = splits(survey, targets, ages, &gathering.narrowed_by);
    let sample = &gathering.gathered.sample;
    if gathering.definition.settings.sample == Whom::Open {
        splits.extend(channel::split(&sample.counted, rules.min_group));
    }
    let plan = Plan {
        survey,
        targets,
        splits: &splits,
        cap: args.cap,
        rules: *rules,
        earlier,
        districts: &gathering.districts,
        beside,
        seed: u64::from_le_bytes(crypto::random()),
    };
    publish(sample, &plan).map_err(|fault| {
        Error::new(format!("weigh the answers to {}", gathering.definition.slug))
            .source(fault)
            .hint("the targets file has to fit the survey's choices: its categories are their ids")
    })
}

/// Whoever was not invited: neither weighed nor split.
fn totals(
    args: &ResultsPublishArgs,
    gathering: &Gathering,
    others: &Sample,
    rules: &Rules,
    earlier: &Earlier,
) -> Result<Publication> {
    let plan = Plan {
        survey: gathering.definition.base(),
        targets: None,
        splits: &[],
        cap: args.cap,
        rules: *rules,
        earlier,
        districts: &[],
        beside: &[],
        seed: u64::from_le_bytes(crypto::random()),
    };
    publish(others, &plan).during("add up the answers of those who were not invited")
}

/// Both audits; what is not safe is said, and stops everything.
fn is_safe(publication: &Publication, beside: &[Open]) -> Result<bool> {
    let mut report = audit::audit_beside(&publication.open, Some(&publication.companion), beside);
    let sheet =
        Sheet { survey: publication.open.survey.clone(), figures: publication.figures.clone() };
    report.broken.extend(audit::agree::with_rules(&publication.open, &sheet));
    for broken in &report.broken {
        say!("not published: {broken}")?;
    }
    for cell in &report.r#unsafe {
        say!(
            "not published: {}, {} {}, {}: {}",
            cell.question,
            cell.variable,
            cell.group,
            cell.choice,
            cell.why
        )?;
    }
    if !report.is_safe() {
        say!(
            "  help: nothing was written; try again, as ties are broken anew, or raise `min_group` under \
             [results] in site.toml"
        )?;
    }
    Ok(report.is_safe())
}

/// Neither the files of the release nor the companion take the place of what they are made from.
fn keep_inputs(
    args: &ResultsPublishArgs,
    written: impl IntoIterator<Item = PathBuf>,
) -> Result<()> {
    let written: Vec<PathBuf> = written.into_iter().collect();
    let mut read = vec![args.responses.as_deref(), args.targets.as_deref()];
    read.extend(args.themes.iter().map(|path| Some(path.as_path())));
    inputs::keep("publish there", written.iter().map(PathBuf::as_path), &read)
}

fn write(out: &Path, files: Vec<(PathBuf, Vec<u8>)>) -> Result<()> {
    let files: Vec<(PathBuf, Vec<u8>)> =
        files.into_iter().map(|(name, bytes)| (out.join(name), bytes)).collect();
    for folder in files.iter().filter_map(|(path, _)| path.parent()) {
        std::fs::create_dir_all(folder).during_at("make the folder", folder)?;
    }
    replace_files(&files, Access::Shared)
}

/// What the insider's audit needs stays in the house: beside the central's database, or where it is asked
/// for.
fn keep_companion(
    args: &ResultsPublishArgs,
    publication: &Publication,
    releases: Vec<Release>,
) -> Result<()> {
    let Some(path) = companion_path(args) else { return Ok(()) };
    let companion = Companion { releases, ..publication.companion.clone() };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).during_at("make the folder", folder)?;
    }
    replace_file(&path, companion.to_json().as_bytes(), Access::Private)
}

fn companion_path(args: &ResultsPublishArgs) -> Option<PathBuf> {
    match (&args.companion, &args.responses) {
        (Some(path), _) => Some(path.clone()),
        (None, None) if !args.preview => Some(companion::path(&args.data, &args.survey)),
        (None, _) => None,
    }
}

/// Why so few answers count, where more were read.
fn tell_uncounted(gathered: &Gathered) -> Result<()> {
    let counted = &gathered.sample.counted;
    for (many, why) in [
        (counted.partial, "left half-way"),
        (counted.screened, "were led to an end of their own"),
        (counted.out_of_scope, "are by people the targets do not count"),
    ] {
        if many > 0 {
            say!("not counted: {many} {why}")?;
        }
    }
    tell_others(gathered)
}

/// Answers to something else, or by somebody else, which a file or a central may well be full of.
fn tell_others(gathered: &Gathered) -> Result<()> {
    let others = gathered.others.as_ref().map_or(0, |others| others.people.len());
    let counted = &gathered.sample.counted;
    if counted.other_versions > 0 {
        say!(
            "not counted: {} are to another survey, or to a version of this one with other questions than it \
             has now",
            counted.other_versions
        )?;
    }
    if others > 0 {
        say!(
            "{others} are by people who were not invited: of a survey by invitation they make totals of \
             their own, from 30 on"
        )?;
    }
    Ok(())
}

fn tell(args: &ResultsPublishArgs, gathering: &Gathering, publication: &Publication) -> Result<()> {
    let weights = &publication.weights;
    let hidden = publication.figures.iter().filter(|figure| figure.value.is_none()).count();
    let steps = steps(weights);
    let has_targets = gathering.targets.is_some();
    let is_weighted = has_targets && weights.groupings.iter().any(|one| one.is_raked);
    if args.json {
        return say!(
            "{:#}",
            json!({
                "people": publication.open.people, "weighted": is_weighted,
                "n_eff": weights.n_eff, "deff": weights.deff, "steps": steps,
                "figures": publication.figures.len(), "hidden": hidden,
                "withheld": publication.withheld.len(), "out": args.out,
            })
        );
    }
    let counted = &gathering.gathered.sample.counted;
    say!(
        "{} answers count; {} left half-way, {} were led to an end of their own, {} are by people the targets do not count",
        counted.complete,
        counted.partial,
        counted.screened,
        counted.out_of_scope
    )?;
    tell_others(&gathering.gathered)?;
    match is_weighted {
        true => say!("weighted: they say as much as {:.0} answers drawn at random", weights.n_eff)?,
        false if has_targets => complain!(
            "borgerpanel: no variable of the targets file could be weighted by; the page says so"
        ),
        false => complain!(
            "borgerpanel: there is no targets file, so the answers are not weighted; the page says so"
        ),
    }
    steps.iter().try_for_each(|step| say!("weights: {step}"))?;
    say!(
        "{} figures, {hidden} of them hidden, {} tables not shown; both audits find everybody safe",
        publication.figures.len(),
        publication.withheld.len()
    )?;
    say!("wrote {}", args.out.display())
}
