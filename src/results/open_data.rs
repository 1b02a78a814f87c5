//! Open data besides `results.csv`: a table with words for Danish spreadsheets, and what the files are, for
//! machines (Frictionless Data Package, DCAT-AP-DK). Made from figures, and nothing finer.

use serde_json::{Value as Json, json};

use super::figure::{Figure, Measure, Value};

/// The sign of a hidden cell.
const HIDDEN: &str = "·";
/// Excel reads a file without it as if it were not UTF-8.
const BOM: char = '\u{feff}';

/// What a figure is about, in words: in the order of its columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spoken {
    pub question: String,
    pub row: String,
    pub choice: String,
    pub variable: String,
    pub group: String,
    pub measure: String,
}

/// The columns of a table with words.
pub const COLUMNS: [&str; 10] = [
    "question", "row", "choice", "variable", "group", "group_n", "measure", "value", "low", "high",
];

/// What is told of a dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Of the survey.
    pub slug: String,
    /// By language, the default one first.
    pub titles: Vec<(String, String)>,
    pub descriptions: Vec<(String, String)>,
    /// Who answers for the data.
    pub publisher: String,
    /// An e-mail address; may be empty.
    pub contact: String,
    /// `https://host`, without a slash at the end; empty where the site has no host.
    pub site: String,
    /// The first and the last day of answers, `YYYY-MM-DD`.
    pub days: Option<(String, String)>,
    /// The address of a licence; none where the city has not chosen one.
    pub license: Option<String>,
    pub example: bool,
}

/// `results-excel.csv`: BOM, semicolons and decimal commas, as Danish spreadsheets open it. `heads` are the
/// names of [`COLUMNS`], `spoken` stand at the places of `figures`.
pub fn excel_csv(heads: &[String], figures: &[Figure], spoken: &[Spoken]) -> String {
    let mut out = String::from(BOM);
    let mut write = |fields: &[String]| {
        let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
        out.push_str(&fields.join(";"));
        out.push_str("\r\n");
    };
    write(heads);
    for (figure, spoken) in figures.iter().zip(spoken) {
        let comma = |value: Option<Value>| {
            value.map_or_else(String::new, |value| value.to_string().replace('.', ","))
        };
        let value = figure.value.map_or_else(|| HIDDEN.to_owned(), |value| comma(Some(value)));
        let mut fields: Vec<String> = words(spoken).map(inert).to_vec();
        fields.insert(5, figure.n.to_string());
        fields.extend([value, comma(figure.low), comma(figure.high)]);
        write(&fields);
    }
    out
}

/// The words of a figure in the order of their columns.
pub(super) fn words(spoken: &Spoken) -> [&str; 6] {
    [
        &spoken.question,
        &spoken.row,
        &spoken.choice,
        &spoken.variable,
        &spoken.group,
        &spoken.measure,
    ]
}

/// A text that a spreadsheet would take for a formula gets an apostrophe before it.
fn inert(text: &str) -> String {
    let text = text.replace(['\r', '\n', '\t'], " ");
    match text.starts_with(['=', '+', '-', '@']) {
        true => format!("'{text}"),
        false => text,
    }
}

fn quoted(field: &str) -> String {
    match field.contains([';', '"', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.to_owned(),
    }
}

/// `datapackage.json`: what is in the files, column by column (Frictionless Data Package 1.0, Table Schema).
/// Paths are those beside it.
pub fn data_package(about: &About) -> String {
    let measures: Vec<&str> = Measure::ALL.iter().map(|measure| measure.name()).collect();
    let text =
        |name: &str, what: &str| json!({"name": name, "type": "string", "description": what});
    let number = |name: &str, what: &str| json!({"name": name, "type": "number", "decimalChar": ".", "description": what});
    let fields = json!([
        text("survey", "The survey's id"),
        text("question", "The question's id"),
        text("row", "The row of a matrix; empty elsewhere"),
        text("choice", "The answer's id, merged ones joined by +; empty for figures of a whole question"),
        text("variable", "The background variable of a group; empty for everybody"),
        text("group", "The group's id, merged ones joined by +; empty for everybody"),
        {"name": "group_n", "type": "integer",
         "description": "People of the group who were asked; of everybody how many answered, to the nearest 10"},
        {"name": "measure", "type": "string", "constraints": {"enum": measures},
         "description": "percent, first and top are whole percents; the others are to a tenth"},
        number("value", "· is a figure that is not shown, whatever the reason"),
        number("low", "The lower end of the 95 % interval"),
        number("high", "The upper end of the 95 % interval"),
    ]);
    let (_, title) = about.titles.first().cloned().unwrap_or_default();
    let (_, description) = about.descriptions.first().cloned().unwrap_or_default();
    let mut package = json!({
        "profile": "tabular-data-package",
        "name": format!("results-{}", about.slug),
        "title": title,
        "description": description,
        "contributors": [{"title": about.publisher, "role": "publisher"}],
        "resources": [{
            "profile": "tabular-data-resource",
            "name": "results",
            "path": "results.csv",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "dialect": {"delimiter": ",", "header": true},
            "schema": {"fields": fields, "missingValues": ["", HIDDEN]},
        }],
    });
    if let Some(license) = &about.license {
        package["licenses"] = json!([{"path": license}]);
    }
    if about.example {
        package["keywords"] = json!(["example"]);
    }
    pretty(&package)
}

/// What kind of file a distribution is: media type and the EU's name for its format.
const FORMATS: [(&str, &str, &str); 4] = [
    ("csv", "text/csv", "CSV"),
    ("json", "application/json", "JSON"),
    ("jsonld", "application/ld+json", "JSON_LD"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
];

/// `dcat.jsonld`: the dataset and its files for catalogues of open data (DCAT-AP-DK 2).
pub fn dcat(about: &About, files: &[&str]) -> String {
    let page = format!("{}/r/{}/", about.site, about.slug);
    let spoken = |texts: &[(String, String)]| -> Vec<Json> {
        let texts = texts.iter().filter(|(_, text)| !text.is_empty());
        texts.map(|(lang, text)| json!({"@language": lang, "@value": text})).collect()
    };
    let distributions: Vec<Json> = files
        .iter()
        .filter_map(|file| {
            let (_, ending) = file.rsplit_once('.')?;
            let (_, media, format) = FORMATS.iter().find(|(known, _, _)| *known == ending)?;
            let mut distribution = json!({
                "@type": "dcat:Distribution",
                "dct:title": file,
                "dcat:accessURL": {"@id": page},
                "dcat:downloadURL": {"@id": format!("{page}data/{file}")},
                "dcat:mediaType":
                    {"@id": format!("https://www.iana.org/assignments/media-types/{media}")},
                "dct:format": {"@id": format!(
                    "http://publications.europa.eu/resource/authority/file-type/{format}")},
            });
            if let Some(license) = &about.license {
                distribution["dct:license"] = json!({"@id": license});
            }
            Some(distribution)
        })
        .collect();
    let languages = about.titles.iter().filter_map(|(lang, _)| {
        let code = [("da", "DAN"), ("en", "ENG"), ("de", "DEU"), ("sv", "SWE")]
            .into_iter()
            .find(|(known, _)| known == lang)?
            .1;
        Some(json!({"@id": format!(
            "http://publications.europa.eu/resource/authority/language/{code}")}))
    });
    let mut dataset = json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "vcard": "http://www.w3.org/2006/vcard/ns#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": page,
        "@type": "dcat:Dataset",
        "dct:identifier": format!("results-{}", about.slug),
        "dct:title": spoken(&about.titles),
        "dct:description": spoken(&about.descriptions),
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": about.publisher},
        "dct:accessRights":
            {"@id": "http://publications.europa.eu/resource/authority/access-right/PUBLIC"},
        "dcat:theme": {"@id": "http://publications.europa.eu/resource/authority/data-theme/GOVE"},
        "dct:language": languages.collect::<Vec<_>>(),
        "dcat:landingPage": {"@id": page},
        "dcat:distribution": distributions,
    });
    if !about.contact.is_empty() {
        dataset["dcat:contactPoint"] = json!({
            "@type": "vcard:Organization",
            "vcard:fn": about.publisher,
            "vcard:hasEmail": {"@id": format!("mailto:{}", about.contact)},
        });
    }
    if let Some((from, to)) = &about.days {
        let date = |day: &str| json!({"@type": "xsd:date", "@value": day});
        dataset["dct:temporal"] = json!({
            "@type": "dct:PeriodOfTime", "dcat:startDate": date(from), "dcat:endDate": date(to),
        });
    }
    pretty(&dataset)
}

fn pretty(json: &Json) -> String {
    let mut text = serde_json::to_string_pretty(json).expect("made of texts and lists");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(value: Option<Value>) -> Figure {
        Figure {
            question: "satisfied".to_owned(),
            row: None,
            choices: Vec::new(),
            group: None,
            n: 980,
            measure: Measure::Mean,
            value,
            low: value,
            high: None,
        }
    }

    #[test]
    fn danish_spreadsheets_read_commas_and_semicolons() {
        let heads = COLUMNS.map(str::to_owned);
        let spoken = Spoken { question: "Ja; \"nej\"".to_owned(), ..Spoken::default() };
        let figures = [figure(Some(Value::Tenths(64))), figure(None)];
        let csv = excel_csv(&heads, &figures, &[spoken.clone(), spoken]);
        assert!(csv.starts_with('\u{feff}'));
        let lines: Vec<&str> = csv.split("\r\n").collect();
        assert_eq!(lines[1], "\"Ja; \"\"nej\"\"\";;;;;980;;6,4;6,4;");
        assert_eq!(lines[2], "\"Ja; \"\"nej\"\"\";;;;;980;;·;;");
    }

    #[test]
    fn no_text_becomes_a_formula() {
        let spoken = Spoken { question: "=1+1".to_owned(), ..Spoken::default() };
        let csv = excel_csv(&[], &[figure(None)], &[spoken]);
        assert!(csv.contains("\r\n'=1+1;"), "{csv}");
    }

    #[test]
    fn the_package_says_what_a_dot_is_and_names_every_measure() {
        let about = About { slug: "park".to_owned(), ..About::default() };
        let json: Json = serde_json::from_str(&data_package(&about)).expect("JSON");
        let schema = &json["resources"][0]["schema"];
        assert_eq!(schema["missingValues"], json!(["", "·"]));
        assert_eq!(schema["fields"].as_array().map(Vec::len), Some(11));
        assert_eq!(schema["fields"][7]["constraints"]["enum"][7], "borda");
    }

    #[test]
    fn a_catalogue_finds_every_file() {
        let about = About {
            slug: "park".to_owned(),
            site: "https://panel.example.dk".to_owned(),
            titles: vec![("da".to_owned(), "Parker".to_owned())],
            days: Some(("2026-11-01".to_owned(), "2026-11-20".to_owned())),
            ..About::default()
        };
        let files = ["results.csv", "results.xlsx", "datapackage.json"];
        let json: Json = serde_json::from_str(&dcat(&about, &files)).expect("JSON");
        let first = &json["dcat:distribution"][0];
        let url = "https://panel.example.dk/r/park/data/results.csv";
        assert_eq!(first["dcat:downloadURL"]["@id"], url);
        assert_eq!(json["dcat:distribution"].as_array().map(Vec::len), Some(3));
        assert_eq!(json["dct:temporal"]["dcat:endDate"]["@value"], "2026-11-20");
    }
}
