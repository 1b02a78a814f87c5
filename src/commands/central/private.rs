//! `borgerpanel central private`: lists the private answers of a survey for the staff who draw lots or
//! call people back, and erases them once they have been used.

use crate::cli::{CentralPrivateArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::console::{complain, say};
use crate::error::{Context, Result};
use crate::response::Private;
use crate::store::central::log::Entry;
use crate::store::central::private::Erasure;
use crate::store::{Central, Options};
use crate::survey::Answer;

/// Runs the command. The verdict is no where there is nothing to list or to erase.
pub fn run(args: &CentralPrivateArgs) -> Result<Verdict> {
    let central = Central::open(&args.at.data, Options::default())?;
    let found = if args.erase { erase(args, &central)? } else { list(args, &central)? };
    Ok(if found == 0 { Verdict::No } else { Verdict::Fine })
}

fn list(args: &CentralPrivateArgs, central: &Central) -> Result<usize> {
    let records = central
        .private(&args.survey, &entry("read-private", &args.survey))
        .map_err(|error| error.at("read", central.path()))?;
    complain!(
        "borgerpanel: {} private answers to {}: this is personal data. It stands in no particular \
         order and belongs to nobody's response.\n  help: `borgerpanel central private {} --erase` \
         once it has been used",
        records.len(),
        args.survey,
        args.survey
    );
    if args.json {
        say!("{}", serde_json::to_string(&records).during("write the records as JSON")?)?;
    } else {
        print(&records, args.csv)?;
    }
    Ok(records.len())
}

fn erase(args: &CentralPrivateArgs, central: &Central) -> Result<usize> {
    let now = SystemClock.now().to_string();
    let erasure = Erasure {
        reason: "used".to_owned(),
        day: now.get(..10).unwrap_or_default().to_owned(),
        by: "console".to_owned(),
    };
    let count = central
        .erase_private(&args.survey, &erasure, &entry("erased-private", &args.survey))
        .map_err(|error| error.at("erase in", central.path()))?;
    say!("erased {count} private answers to {}", args.survey)?;
    say!("copies that were made of this database, and of what was listed, still hold them")?;
    Ok(count)
}

fn entry(action: &'static str, survey: &str) -> Entry {
    Entry {
        at: SystemClock.now().to_string(),
        actor: "console".to_owned(),
        action,
        detail: survey.to_owned(),
    }
}

/// A line for each answer: question, answer, and the text of an "other" choice.
fn print(records: &[Private], is_csv: bool) -> Result<()> {
    if is_csv {
        say!("question,answer,text")?;
    }
    for (question, answer) in records.iter().flat_map(|record| &record.answers) {
        let [question, answer, text] = match question.split_once('.') {
            Some((question, choice)) => [question, choice, &in_words(answer)],
            None => [question.as_str(), &in_words(answer), ""],
        };
        if is_csv {
            say!("{},{},{}", cell(question), cell(answer), cell(text))?;
        } else {
            say!("{question:20}  {answer}  {text}")?;
        }
    }
    Ok(())
}

fn in_words(answer: &Answer) -> String {
    let pairs = |pairs: Vec<(&String, String)>| {
        let pairs: Vec<String> =
            pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
        pairs.join("; ")
    };
    match answer {
        Answer::Unanswered => String::new(),
        Answer::Number(number) => number.to_string(),
        Answer::Text(text) => text.clone(),
        Answer::Choices(codes) => codes.join("; "),
        Answer::Rows(rows) => pairs(rows.iter().map(|(row, code)| (row, code.clone())).collect()),
        Answer::RowChoices(rows) => {
            pairs(rows.iter().map(|(row, codes)| (row, codes.join(" "))).collect())
        }
        Answer::Points(points) => {
            pairs(points.iter().map(|(code, number)| (code, number.to_string())).collect())
        }
    }
}

/// A cell of RFC 4180. What a spreadsheet would take for a formula gets an apostrophe, as anybody may
/// have written it; a telephone number, `+45…`, is left as it is.
fn cell(text: &str) -> String {
    let is_number = |rest: &str| rest.chars().all(|sign| sign.is_ascii_digit() || sign == '.');
    let is_formula = text.starts_with(['=', '@', '+', '-', '\t', '\r']) && !is_number(&text[1..]);
    let guard = if is_formula { "'" } else { "" };
    if text.contains(['"', ',', '\n', '\r', ';']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn cells_are_quoted_and_are_no_formulas() {
        assert_eq!(cell("a@b.dk"), "a@b.dk");
        assert_eq!(cell("+4533123456"), "+4533123456");
        assert_eq!(cell("-3.5"), "-3.5");
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(cell("+cmd|x"), "'+cmd|x");
        assert_eq!(cell("a,b\nc"), "\"a,b\nc\"");
    }
}
