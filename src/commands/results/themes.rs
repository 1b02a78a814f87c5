//! `borgerpanel results themes SURVEY QUESTION --out FILE.csv`: what people wrote, for staff to code. Personal
//! data as it comes: written for its owner alone, never inside the site, and the central's log has it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::gather::{Gathering, Wanted, written};
use crate::cli::{ResultsThemesArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::offsite::stay_unpublished;
use crate::console::{complain, say};
use crate::crypto::{self, TagKey};
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::results::coding::sheet::{self, Row, Text};
use crate::results::coding::suggest::{Group, Suggestion, suggest};
use crate::results::sample::Said;
use crate::store::central::log::Entry;
use crate::store::{Central, Options};
use crate::sync::keys;

/// Runs the command. The verdict is no where nobody wrote anything.
pub fn run(args: &ResultsThemesArgs) -> Result<Verdict> {
    stay_unpublished("write what people wrote", &args.out, &args.content, None)?;
    keep_what_is_coded(args)?;
    let coded = args.from.as_deref().map(read).transpose()?.unwrap_or_default();
    let gathering = Gathering::of(&Wanted {
        survey: &args.survey,
        data: &args.data,
        responses: args.responses.as_deref(),
        targets: args.targets.as_deref(),
        content: &args.content,
        words: true,
    })?;
    must_be_written(args, &written(&gathering.definition))?;
    let gathered = &gathering.gathered;
    let said = gathered.others.iter().chain([&gathered.sample]).flat_map(|part| &part.words);
    let said: Vec<&Said> = said.filter(|said| said.question == args.question).collect();
    if said.is_empty() {
        say!("nobody wrote anything in answer to `{}`", args.question)?;
        return Ok(Verdict::No);
    }
    if args.responses.is_none() {
        log(args)?;
    }
    let key = key(&args.data, args.responses.as_deref(), true)?;
    let found = suggest(said.iter().map(|said| said.text.as_str()));
    let texts = texts(&said, &found, &key);
    let coded: BTreeMap<String, Row> =
        coded.into_iter().map(|row| (row.tag.clone(), row)).collect();
    write(&args.out, &texts, &coded)?;
    tell(args, &texts, &found.groups, &coded)?;
    Ok(Verdict::Fine)
}

/// Hours of work are not written over by a second call.
fn keep_what_is_coded(args: &ResultsThemesArgs) -> Result<()> {
    if !args.out.exists() || args.from.as_ref() == Some(&args.out) {
        return Ok(());
    }
    Err(Error::new("write what people wrote")
        .path(&args.out)
        .source("there is such a file, and it may be coded already")
        .hint("choose another name; `--from FILE` takes over what is coded in FILE"))
}

fn must_be_written(args: &ResultsThemesArgs, written: &[String]) -> Result<()> {
    if written.contains(&args.question) {
        return Ok(());
    }
    let known = match written {
        [] => "none of this survey's questions is answered in own words".to_owned(),
        known => format!("these are: {}", known.join(", ")),
    };
    Err(Error::new(format!("find the texts of `{}`", args.question))
        .source("no question of that id is answered in own words")
        .hint(known))
}

/// A sheet that staff coded.
pub fn read(path: &Path) -> Result<Vec<Row>> {
    let bytes = std::fs::read(path).during_at("read", path)?;
    sheet::read(&bytes).map_err(|fault| {
        Error::new("read the coded texts in")
            .path(path)
            .source(fault)
            .hint("`results themes` writes such a file; keep its columns, and save it as CSV UTF-8")
    })
}

/// The key that tags are made with. It lies beside the answers and not in the sheet: whoever has only the
/// sheet, and a list of uids from a kiosk or a stick, shall not be able to tell whose text is whose.
pub fn key(data: &Path, responses: Option<&Path>, is_new_fine: bool) -> Result<TagKey> {
    let path = key_path(data, responses);
    if path.exists() || !is_new_fine {
        return TagKey::load(&path);
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).during_at("make the folder", folder)?;
    }
    let key = TagKey::generate();
    key.save(&path)?;
    Ok(key)
}

fn key_path(data: &Path, responses: Option<&Path>) -> PathBuf {
    match responses {
        Some(file) => {
            let mut name = file.as_os_str().to_owned();
            name.push(".themes.key");
            PathBuf::from(name)
        }
        None => data.join(keys::THEMES),
    }
}

/// Who read what people wrote, and when.
fn log(args: &ResultsThemesArgs) -> Result<()> {
    let central = Central::open(&args.data, Options::default())?;
    let entry = Entry {
        at: SystemClock.now().to_string(),
        actor: "console".to_owned(),
        action: "exported",
        detail: format!("{} {}", args.survey, args.question),
    };
    central.log(&entry).map_err(|error| error.at("write to the audit log of", central.path()))
}

/// In random order: that of the answers is nobody's business.
fn texts(said: &[&Said], found: &Suggestion, key: &TagKey) -> Vec<Text> {
    let of = |(said, groups): (&&Said, &Vec<usize>)| {
        let ids = groups.iter().map(|group| found.groups[*group].id.as_str());
        Text {
            question: said.question.clone(),
            tag: tag(key, &said.uid, &said.question),
            text: said.text.clone(),
            suggestion: ids.collect::<Vec<_>>().join("+"),
        }
    };
    let mut texts: Vec<Text> = said.iter().zip(&found.of_texts).map(of).collect();
    texts.sort_by_cached_key(|_| crypto::random::<16>());
    texts
}

/// A letter first: twenty digits alone would be a number to a spreadsheet.
pub fn tag(key: &TagKey, uid: &str, question: &str) -> String {
    format!("t{}", key.tag(&[uid, question]))
}

fn write(out: &Path, texts: &[Text], coded: &BTreeMap<String, Row>) -> Result<()> {
    let bytes = sheet::write(texts, coded).during_at("write", out)?;
    if let Some(folder) = out.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).during_at("make the folder", folder)?;
    }
    replace_file(out, &bytes, Access::Private)
}

fn tell(
    args: &ResultsThemesArgs,
    texts: &[Text],
    groups: &[Group],
    coded: &BTreeMap<String, Row>,
) -> Result<()> {
    let kept = texts.iter().filter(|text| coded.contains_key(&text.tag)).count();
    if args.json {
        let group =
            |group: &Group| json!({ "id": group.id, "words": group.words, "texts": group.texts });
        let groups: Vec<_> = groups.iter().map(group).collect();
        return say!(
            "{:#}",
            json!({ "texts": texts.len(), "kept": kept, "suggestions": groups, "out": args.out })
        );
    }
    complain!(
        "borgerpanel: {} texts as people wrote them: this is personal data, and some may name somebody\n  \
         help: keep it where few can read it, and delete it when the results are published",
        texts.len()
    );
    if args.from.is_some() {
        say!("{kept} are coded already; {} that were are gone", coded.len() - kept)?;
    }
    if !groups.is_empty() {
        say!("words that come together, a suggestion to begin from that reads no meaning:")?;
    }
    groups
        .iter()
        .try_for_each(|group| say!("  {:4} texts  {}", group.texts, group.words.join(", ")))?;
    say!("wrote {}", args.out.display())
}
