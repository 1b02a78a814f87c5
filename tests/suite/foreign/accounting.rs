//! Nothing is dropped silently: of random forms, every cell is in the result or in the report. And
//! nothing that is read, however broken, makes the program fall over.

use borgerpanel::foreign::{self, Imported, Output};
use proptest::prelude::*;

use super::workbook;

/// A sheet: its name and rows of cells.
type Sheet = (&'static str, Vec<Vec<String>>);

const TYPES: &[&str] = &[
    "text",
    "integer",
    "decimal",
    "note",
    "date",
    "time",
    "dateTime",
    "range",
    "acknowledge",
    "geopoint",
    "image",
    "calculate",
    "start",
    "hidden",
    "barcode",
    "begin_group",
    "begin_group",
    "end_group",
    "end_group",
    "begin_repeat",
    "end_repeat",
    "magic",
    "",
    "select_one lis0",
    "select_one lis1",
    "select_multiple lis0 or_other",
    "select_multiple lis1",
    "rank lis0",
    "select_one lis9",
    "select_one_from_file x.csv",
];

const COLUMNS: &[&str] = &[
    "type",
    "name",
    "label",
    "label::English (en)",
    "hint",
    "hint::English (en)",
    "guidance_hint",
    "required",
    "required_message",
    "relevant",
    "constraint",
    "constraint_message",
    "default",
    "appearance",
    "calculation",
    "read_only",
    "choice_filter",
    "parameters",
    "repeat_count",
    "media::image",
    "trigger",
    "foo",
    "label::Klingon",
];

/// Makes forms; every text holds a word that is nowhere else.
struct Maker {
    rng: fastrand::Rng,
    count: usize,
}

impl Maker {
    fn word(&mut self, kind: &str) -> String {
        self.count += 1;
        format!("{kind}{:04}", self.count)
    }

    fn cell(&mut self, column: &str, names: &[String]) -> String {
        let word = self.word("tok");
        let known = self.rng.choice(names).cloned().unwrap_or_default();
        let pick = self.rng.u8(..4);
        match column {
            "type" => (*self.rng.choice(TYPES).expect("there are types")).to_owned(),
            "name" => self.word("nam"),
            "required" => ["yes", "no", "true()"]
                .get(pick as usize)
                .map_or(format!("${{{word}}} = 1"), |v| (*v).to_owned()),
            "relevant" | "constraint" => match pick {
                0 => format!("${{{known}}} = '{word}'"),
                1 => format!("${{{known}}} != '' and pulldata('{word}') = 1"),
                2 => format!("selected(${{{known}}}, '{word}')"),
                _ => format!("({word}"),
            },
            "appearance" => match pick {
                0 => "table-list".to_owned(),
                1 => "minimal".to_owned(),
                _ => word,
            },
            "parameters" => format!("randomize=true seed={word}"),
            "label" | "hint" if pick == 0 => {
                format!("<b>{word}</b> & ${{{known}}}\n- {word} {{x}} | _")
            }
            _ => word,
        }
    }

    fn form(&mut self) -> Vec<Sheet> {
        let mut survey = vec![COLUMNS.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()];
        let mut names = Vec::new();
        for _ in 0..self.rng.usize(1..30) {
            let mut row = Vec::new();
            for column in COLUMNS {
                let wanted = match *column {
                    "type" | "name" => 0.95,
                    "label" => 0.8,
                    _ => 0.2,
                };
                let there = self.rng.f64() < wanted;
                row.push(if there { self.cell(column, &names) } else { String::new() });
            }
            names.push(row[1].clone());
            survey.push(row);
        }
        let header = ["list_name", "name", "label", "label::English (en)", "order", "media::image"];
        let mut choices = vec![header.map(str::to_owned).to_vec()];
        for list in ["lis0", "lis1", "lis2"] {
            for _ in 0..self.rng.usize(1..5) {
                let mut row = vec![list.to_owned(), self.word("nam")];
                for _ in 2..6 {
                    let word = self.word("tok");
                    row.push(if self.rng.bool() { word } else { String::new() });
                }
                choices.push(row);
            }
        }
        let settings =
            ["form_title", "form_id", "version", "style", "odd"].map(str::to_owned).to_vec();
        let values = settings.iter().map(|_| self.word("tok")).collect();
        let other = vec![vec![self.word("tok"), self.word("tok")]];
        vec![
            ("survey", survey),
            ("choices", choices),
            ("settings", vec![settings, values]),
            ("mine", other),
        ]
    }
}

fn bytes(sheets: &[Sheet]) -> Vec<u8> {
    let rows: Vec<Vec<Vec<&str>>> = sheets
        .iter()
        .map(|(_, rows)| rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect())
        .collect();
    let slices: Vec<Vec<&[&str]>> =
        rows.iter().map(|rows| rows.iter().map(Vec::as_slice).collect()).collect();
    let sheets: Vec<(&str, &[&[&str]])> =
        sheets.iter().zip(&slices).map(|((name, _), rows)| (*name, rows.as_slice())).collect();
    workbook(&sheets)
}

/// The words of a cell that the maker gave it.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|sign: char| !sign.is_ascii_alphanumeric())
        .filter(|word| word.len() == 7 && (word.starts_with("tok") || word.starts_with("nam")))
}

fn is_named(imported: &Imported, sheet: &str, row: usize, column: usize) -> bool {
    imported.report.items.iter().any(|item| {
        let place = (item.place.row as usize, item.place.column as usize);
        item.place.sheet.as_deref() == Some(sheet)
            && (place == (0, 0) || place == (row, 0) || place == (row, column))
    })
}

#[test]
fn every_cell_is_in_the_result_or_in_the_report() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| fastrand::u64(..));
    println!("SEED={seed}");
    let mut maker = Maker { rng: fastrand::Rng::with_seed(seed), count: 0 };
    for form in 0..60 {
        maker.count = 0;
        let sheets = maker.form();
        let imported = foreign::import(&bytes(&sheets), "skema").expect("a form");
        let texts: Vec<String> = imported
            .files
            .iter()
            .map(|Output { name, text }| format!("{name}\n{text}").to_lowercase())
            .collect();
        for (sheet, rows) in &sheets {
            for (row, cells) in rows.iter().enumerate().skip(usize::from(*sheet != "mine")) {
                for (column, cell) in cells.iter().enumerate() {
                    let missing = words(cell).find(|word| !texts.iter().any(|t| t.contains(word)));
                    let Some(word) = missing else { continue };
                    assert!(
                        is_named(&imported, sheet, row + 1, column + 1),
                        "form {form}: {sheet} {} {}: {word} of {cell:?} (row {:?}) is lost\n{}\n{:#?}",
                        row + 1,
                        column + 1,
                        rows[row],
                        texts.join("\n=====\n"),
                        imported.report.items,
                    );
                }
            }
        }
    }
}

#[test]
fn every_random_form_makes_a_survey_that_check_accepts_or_says_why_not() {
    let seed: u64 = fastrand::u64(..);
    println!("SEED={seed}");
    let mut maker = Maker { rng: fastrand::Rng::with_seed(seed), count: 0 };
    for _ in 0..40 {
        maker.count = 0;
        let imported = foreign::import(&bytes(&maker.form()), "skema").expect("a form");
        let refused =
            imported.report.items.iter().any(|item| item.done == foreign::report::Done::Refused);
        if !refused {
            super::sound(&imported);
        }
        // What is refused is a form without a single question, or a text that no survey may hold.
        let questions = imported.files[0].text.contains("\n## ");
        assert!(!refused || !questions, "{}\n{:#?}", imported.files[0].text, imported.report.items);
    }
}

/// An archive of files as they are, with their checksums: what a hostile sheet can say.
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut out, mut contents) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let start = u32::try_from(out.len()).expect("small").to_le_bytes();
        let size = u32::try_from(text.len()).expect("small").to_le_bytes();
        let length = u16::try_from(name.len()).expect("small").to_le_bytes();
        let mut head = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        head.extend(checksum(text.as_bytes()).to_le_bytes());
        head.extend([size, size].concat());
        head.extend(length);
        head.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.bytes().chain(text.bytes()));
        contents.extend(b"PK\x01\x02\x14\x00");
        contents.extend(&head);
        contents.extend([0; 10]);
        contents.extend(start);
        contents.extend(name.bytes());
    }
    let count = u16::try_from(files.len()).expect("few").to_le_bytes();
    let (start, size) = (out.len() as u32, contents.len() as u32);
    out.extend(contents);
    out.extend(b"PK\x05\x06\x00\x00\x00\x00");
    out.extend([count, count].concat());
    out.extend([size.to_le_bytes(), start.to_le_bytes()].concat());
    out.extend([0, 0]);
    out
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
        }
    }
    !sum
}

/// A workbook whose sheet survey holds this XML.
fn with_sheet(rows: &str) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const REL: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let workbook = format!(
        r#"<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets><sheet name="survey" sheetId="1" r:id="rId1"/></sheets></workbook>"#
    );
    let relations = format!(
        r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
    );
    let sheet = format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#);
    let root = format!(
        r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    archive(&[
        ("_rels/.rels", &root),
        ("xl/workbook.xml", &workbook),
        ("xl/_rels/workbook.xml.rels", &relations),
        ("xl/worksheets/sheet1.xml", &sheet),
    ])
}

#[test]
fn a_sheet_with_its_last_cell_only_takes_no_memory() {
    let cell =
        |at: &str, text: &str| format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#);
    let rows = format!(
        r#"<row r="1">{}{}{}</row><row r="1048576">{}{}{}{}</row>"#,
        cell("A1", "type"),
        cell("B1", "name"),
        cell("C1", "label"),
        cell("A1048576", "text"),
        cell("B1048576", "q"),
        cell("C1048576", "Hvad?"),
        cell("XFD1048576", "langt væk"),
    );
    let imported = foreign::import(&with_sheet(&rows), "x").expect("a form");
    assert!(imported.files[0].text.contains("## Hvad? {#q}"));
    assert!(is_named(&imported, "survey", 1_048_576, 16_384));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    // The stable twins of fuzz/fuzz_targets/xlsform.rs and limesurvey.rs.
    #[test]
    fn no_bytes_make_it_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), head in 0..3_usize) {
        let mut file = [&b""[..], b"PK\x03\x04", b"class\tname\ttext\n"][head].to_vec();
        file.extend(bytes);
        let _ = foreign::import(&file, "x");
    }

    #[test]
    fn no_damage_to_a_workbook_makes_it_fall_over(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut file = workbook(&[("survey", &[&["type", "name", "label"], &["text", "a", "A"]])]);
        let place = at.index(file.len());
        file[place] = byte;
        let _ = foreign::import(&file, "x");
        file.truncate(cut.index(file.len()));
        let _ = foreign::import(&file, "x");
    }

    #[test]
    fn no_cells_make_it_fall_over(cells in proptest::collection::vec(("[A-Z]{0,4}-?[0-9]{0,11}", "(n|s|b|d|e|str|inlineStr|)", "-?[0-9]{0,3}", "(-?[0-9.eE:TZ-]{0,24}|.{0,8})"), 0..12)) {
        let mut rows = String::from("<row>");
        for (at, kind, style, value) in cells {
            let value = value.replace(['&', '<', '>'], "");
            rows.push_str(&format!(r#"<c r="{at}" t="{kind}" s="{style}"><f>1+{value}</f><v>{value}</v></c>"#));
        }
        rows.push_str("</row>");
        let _ = foreign::import(&with_sheet(&rows), "x");
    }

    #[test]
    fn no_texts_in_a_form_make_it_fall_over(cells in proptest::collection::vec(".{0,40}", 24), kinds in proptest::collection::vec(0..TYPES.len(), 3)) {
        let columns = ["type", "name", "label", "hint", "relevant", "constraint", "choice_filter", "parameters", "label::en (en)"];
        let mut rows = vec![columns.map(str::to_owned).to_vec()];
        for (number, kind) in kinds.iter().enumerate() {
            let mut row = vec![TYPES[*kind].to_owned()];
            row.extend(cells[number * 8..number * 8 + 8].iter().cloned());
            rows.push(row);
        }
        let choices = vec![
            ["list_name", "name", "label"].map(str::to_owned).to_vec(),
            vec!["lis0".to_owned(), cells[0].clone(), cells[1].clone()],
            vec!["lis0".to_owned(), cells[2].clone(), cells[3].clone()],
        ];
        let imported = foreign::import(&bytes(&[("survey", rows), ("choices", choices)]), "x").expect("a form");
        prop_assert!(!imported.files.is_empty());
    }

    #[test]
    fn no_text_makes_a_structure_fall_over(lines in proptest::collection::vec(("(G|Q|SQ|A|X|S|SL)", "[LMFPQK1XTH;*]", ".{0,12}", ".{0,30}", ".{0,30}", "(da|en|)"), 0..20)) {
        let mut text = "class\ttype/scale\tname\trelevance\ttext\tlanguage\n".to_owned();
        for (class, kind, name, relevance, words, language) in lines {
            text.push_str(&format!("{class}\t{kind}\t{name}\t{relevance}\t{words}\t{language}\n"));
        }
        let _ = foreign::import(text.as_bytes(), "x");
    }
}
