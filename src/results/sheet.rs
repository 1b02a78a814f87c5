//! The published files as text: `results.csv`, one figure a row, and `results.json`, which says beside the
//! same figures what an outsider knows anyway. The one piece that the protector's side and the auditor share.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::figure::{Figure, Group, Measure, Value};
use super::item::{Choice, Shape, Ticks};
use super::remarks::{Remark, Remarks};

/// What stands for every hidden figure, whatever the reason.
pub const HIDDEN: &str = "·";

const HEADER: [&str; 11] = [
    "survey", "question", "row", "choice", "variable", "group", "group_n", "measure", "value",
    "low", "high",
];

/// Why a file is not one of ours.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    #[error("the first line is not `{}`", HEADER.join(","))]
    Header,
    #[error("line {line}: {what}")]
    Line { line: u64, what: String },
    #[error("figure {at}: {what}")]
    Figure { at: usize, what: String },
    #[error(transparent)]
    Csv(#[from] csv::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// `results.csv`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    pub survey: String,
    pub figures: Vec<Figure>,
}

impl Sheet {
    /// # Errors
    /// Where a text cannot be written as CSV.
    pub fn to_csv(&self) -> Result<String, SheetError> {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(HEADER)?;
        for figure in &self.figures {
            let fields = fields(figure);
            out.write_record(
                std::iter::once(self.survey.as_str()).chain(fields.iter().map(String::as_str)),
            )?;
        }
        let bytes = out.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
        Ok(String::from_utf8(bytes).expect("only text was written"))
    }

    /// # Errors
    /// Where a line is not a figure of ours: finer than whole percents and tenths is not.
    pub fn from_csv(text: &str) -> Result<Sheet, SheetError> {
        let mut read = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        if read.headers()?.iter().ne(HEADER) {
            return Err(SheetError::Header);
        }
        let mut sheet = Sheet::default();
        for record in read.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let fields: Vec<&str> = record.iter().collect();
            let figure = figure(&fields[1..]).map_err(|what| SheetError::Line { line, what })?;
            sheet.survey = fields[0].to_owned();
            sheet.figures.push(figure);
        }
        Ok(sheet)
    }
}

/// The fields after the survey's.
fn fields(figure: &Figure) -> [String; 10] {
    let (variable, group) = match &figure.group {
        Some(group) => (group.variable.clone(), group.categories.join("+")),
        None => (String::new(), String::new()),
    };
    let bound = |value: Option<Value>| value.map(|value| value.to_string()).unwrap_or_default();
    [
        figure.question.clone(),
        figure.row.clone().unwrap_or_default(),
        figure.choices.join("+"),
        variable,
        group,
        figure.n.to_string(),
        figure.measure.name().to_owned(),
        figure.value.map_or(HIDDEN.to_owned(), |value| value.to_string()),
        bound(figure.low),
        bound(figure.high),
    ]
}

fn figure(fields: &[&str]) -> Result<Figure, String> {
    let [question, row, choice, variable, group, n, measure, value, low, high] = fields else {
        return Err(format!("{} fields", fields.len() + 1));
    };
    let measure = Measure::named(measure).ok_or_else(|| format!("no measure `{measure}`"))?;
    let group = match (variable.is_empty(), group.is_empty()) {
        (true, true) => None,
        (false, false) => Some(Group { variable: (*variable).to_owned(), categories: ids(group) }),
        _ => return Err("a variable and a group go together".to_owned()),
    };
    let bound =
        |text: &str| if text.is_empty() { Ok(None) } else { value_of(text, measure).map(Some) };
    Ok(Figure {
        question: (*question).to_owned(),
        row: (!row.is_empty()).then(|| (*row).to_owned()),
        choices: ids(choice),
        group,
        n: n.parse().map_err(|_| format!("`{n}` is no number of people"))?,
        measure,
        value: if *value == HIDDEN { None } else { Some(value_of(value, measure)?) },
        low: bound(low)?,
        high: bound(high)?,
    })
}

/// The ids that were joined with `+`. One may end in it itself, as `80+` does: a `+` that another follows,
/// or nothing, belongs to its id.
fn ids(joined: &str) -> Vec<String> {
    let mut ids = vec![String::new()];
    let mut signs = joined.chars().peekable();
    while let Some(sign) = signs.next() {
        let last = ids.last_mut().expect("there is one");
        let is_between = sign == '+' && !last.is_empty();
        match signs.peek() {
            Some(next) if is_between && *next != '+' => ids.push(String::new()),
            _ => last.push(sign),
        }
    }
    ids.retain(|id| !id.is_empty());
    ids
}

/// A value at the one precision that its measure has.
fn value_of(text: &str, measure: Measure) -> Result<Value, String> {
    let refused = || format!("`{text}` is finer than {}, or no number", precision(measure));
    if measure.is_share() {
        let percent = text.parse().ok().filter(|percent| *percent <= 100);
        return percent.map(Value::Percent).ok_or_else(refused);
    }
    let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
    let digits = whole.trim_start_matches('-');
    if tenth.len() != 1
        || digits.is_empty()
        || !(digits.to_owned() + tenth).bytes().all(|b| b.is_ascii_digit())
    {
        return Err(refused());
    }
    let size: i64 = (digits.to_owned() + tenth).parse().map_err(|_| refused())?;
    Ok(Value::Tenths(if whole.starts_with('-') { -size } else { size }))
}

fn precision(measure: Measure) -> &'static str {
    if measure.is_share() { "whole percents" } else { "tenths" }
}

/// What an outsider knows of an item beside its figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    pub question: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// `single`, `ordered`, `multiple`, `number`, `ranking`, `budget`.
    pub shape: String,
    /// Of a ranking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places: Option<u32>,
    pub choices: Vec<KnownChoice>,
    pub routed: bool,
    /// Nobody could leave it open.
    pub required: bool,
    /// How many choices whoever answers has to give, and may: of several choices, and of a ranking.
    #[serde(default, skip_serializing_if = "is_any")]
    pub ticks: Ticks,
}

fn is_any(ticks: &Ticks) -> bool {
    *ticks == Ticks::default()
}

/// A choice as the form shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownChoice {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exclusive: bool,
}

impl Known {
    pub fn of(question: &str, row: Option<&str>, shape: Shape, choices: &[Choice]) -> Known {
        let (shape, places) = match shape {
            Shape::Single => ("single", None),
            Shape::Ordered => ("ordered", None),
            Shape::Multiple => ("multiple", None),
            Shape::Number => ("number", None),
            Shape::Ranking { places } => ("ranking", Some(places)),
            Shape::Budget => ("budget", None),
        };
        let known = |choice: &Choice| KnownChoice {
            id: choice.id.clone(),
            value: choice.value,
            exclusive: choice.exclusive,
        };
        Known {
            question: question.to_owned(),
            row: row.map(str::to_owned),
            shape: shape.to_owned(),
            places,
            choices: choices.iter().map(known).collect(),
            routed: false,
            required: false,
            ticks: Ticks::default(),
        }
    }
}

/// `results.json`.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    pub survey: String,
    /// Where everybody of it lives: the districts of a local panel. Empty: anywhere.
    pub districts: Vec<String>,
    /// Whose answers are counted, exactly.
    pub people: u32,
    /// Fewer people than this in a cell are hidden.
    pub threshold: u32,
    pub min_group: u32,
    /// The smallest and largest weight that there can be; none where nobody is weighted.
    pub weights: Option<(f64, f64)>,
    pub items: Vec<Known>,
    pub figures: Vec<Figure>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenFile {
    v: u32,
    survey: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    districts: Vec<String>,
    people: u32,
    threshold: u32,
    min_group: u32,
    weights: Option<(f64, f64)>,
    items: Vec<Known>,
    figures: Vec<Json>,
    /// [`Remarks`], which have a reader of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<(String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    differences: Vec<Remark>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    trends: Vec<Remark>,
}

impl Open {
    pub fn to_json(&self) -> String {
        self.to_json_with(&Remarks::default())
    }

    /// The same with what is said of the figures.
    pub fn to_json_with(&self, remarks: &Remarks) -> String {
        let file = OpenFile {
            v: 1,
            survey: self.survey.clone(),
            districts: self.districts.clone(),
            people: self.people,
            threshold: self.threshold,
            min_group: self.min_group,
            weights: self.weights,
            items: self.items.clone(),
            figures: self.figures.iter().map(figure_json).collect(),
            days: remarks.days.clone(),
            differences: remarks.differences.clone(),
            trends: remarks.trends.clone(),
        };
        let mut text = serde_json::to_string_pretty(&file).expect("plain fields");
        text.push('\n');
        text
    }

    /// # Errors
    /// Where it is not such a file, or holds anything finer.
    pub fn from_json(text: &str) -> Result<Open, SheetError> {
        let file: OpenFile = serde_json::from_str(text)?;
        let figures = file.figures.iter().enumerate();
        let figures = figures
            .map(|(at, json)| figure_of(json).map_err(|what| SheetError::Figure { at, what }));
        Ok(Open {
            survey: file.survey,
            districts: file.districts,
            people: file.people,
            threshold: file.threshold,
            min_group: file.min_group,
            weights: file.weights,
            items: file.items,
            figures: figures.collect::<Result<_, _>>()?,
        })
    }
}

/// Named as the columns of `results.csv`; numbers are numbers, a hidden one is [`HIDDEN`].
fn figure_json(figure: &Figure) -> Json {
    let fields = fields(figure);
    let numbers = ["group_n", "value", "low", "high"];
    let named = HEADER[1..].iter().zip(&fields).filter(|(_, text)| !text.is_empty());
    let pairs = named.map(|(name, text)| {
        let number =
            numbers.contains(name).then(|| serde_json::from_str::<Json>(text).ok()).flatten();
        ((*name).to_owned(), number.unwrap_or_else(|| json!(text)))
    });
    Json::Object(pairs.collect())
}

fn figure_of(json: &Json) -> Result<Figure, String> {
    let object = json.as_object().ok_or("not an object")?;
    if let Some(unknown) = object.keys().find(|key| !HEADER[1..].contains(&key.as_str())) {
        return Err(format!("`{unknown}` is no field of a figure"));
    }
    let texts: Vec<String> = HEADER[1..]
        .iter()
        .map(|name| match object.get(*name) {
            Some(Json::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        })
        .collect();
    figure(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Vec<Figure> {
        let share = Figure {
            question: "parks".to_owned(),
            row: Some("clean".to_owned()),
            choices: vec!["a".to_owned(), "b".to_owned()],
            group: Some(Group {
                variable: "age".to_owned(),
                categories: vec!["16-24".to_owned(), "25-34".to_owned()],
            }),
            n: 57,
            measure: Measure::Percent,
            value: None,
            low: None,
            high: None,
        };
        let mean = Figure {
            row: None,
            choices: Vec::new(),
            group: None,
            n: 1980,
            measure: Measure::Mean,
            value: Some(Value::Tenths(-4)),
            low: Some(Value::Tenths(-10)),
            high: Some(Value::Tenths(30)),
            ..share.clone()
        };
        vec![share, mean]
    }

    #[test]
    fn a_sheet_comes_back_as_it_was_written() {
        let sheet = Sheet { survey: "by".to_owned(), figures: figures() };
        let text = sheet.to_csv().unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "by,parks,clean,a+b,age,16-24+25-34,57,percent,·,,");
        assert_eq!(lines[2], "by,parks,,,,,1980,mean,-0.4,-1.0,3.0");
        assert_eq!(Sheet::from_csv(&text).unwrap(), sheet);
    }

    #[test]
    fn an_id_may_end_in_the_sign_that_joins() {
        for all in [&["65-79", "80+"][..], &["80+"], &["80+", "unknown"], &["a", "b", "c"], &[]] {
            assert_eq!(ids(&all.join("+")), all);
        }
    }

    #[test]
    fn what_an_outsider_knows_comes_back_as_it_was_written() {
        let choice = Choice { id: "a".to_owned(), value: Some(1.0), exclusive: false };
        let open = Open {
            survey: "by".to_owned(),
            districts: vec!["valby".to_owned()],
            people: 1981,
            threshold: 5,
            min_group: 30,
            weights: Some((0.2, 5.0)),
            items: vec![Known::of("parks", Some("clean"), Shape::Ranking { places: 3 }, &[choice])],
            figures: figures(),
        };
        assert_eq!(Open::from_json(&open.to_json()).unwrap(), open);
    }

    #[test]
    fn refuses_what_is_finer_than_was_audited() {
        let line = |measure: &str, value: &str| {
            let text = format!("{}\nby,q,,a,,,100,{measure},{value},,\n", HEADER.join(","));
            Sheet::from_csv(&text).map(|sheet| sheet.figures[0].value)
        };
        assert_eq!(line("percent", "31").unwrap(), Some(Value::Percent(31)));
        for (measure, value) in [
            ("percent", "31.4"),
            ("percent", "101"),
            ("mean", "3.14"),
            ("mean", "1e-3"),
            ("mean", "-"),
        ] {
            let error = line(measure, value).unwrap_err().to_string();
            assert!(error.starts_with("line 2: "), "{error}");
        }
    }
}
