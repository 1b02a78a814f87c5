//! LimeSurvey structures, tab-separated and XML.

use borgerpanel::foreign::report::Done;
use borgerpanel::foreign::{self, Imported};

use super::{named, sound};

fn import(text: &str) -> Imported {
    foreign::import(text.as_bytes(), "lime").expect("a structure")
}

const HEAD: &str = "id\trelated_id\tclass\ttype/scale\tname\trelevance\ttext\thelp\tlanguage\tvalidation\tmandatory\tother\tdefault\texclude_all_others\tmax_answers\tcssclass\n";

/// Lines of the columns class to language, and what stands further right.
fn structure(lines: &[[&str; 7]], tails: &[&str]) -> String {
    let mut out = HEAD.to_owned();
    for (at, line) in lines.iter().enumerate() {
        let [class, kind, name, relevance, text, help, language] = line;
        let tail = tails.get(at).copied().unwrap_or_default();
        out.push_str(&format!(
            "{at}\t\t{class}\t{kind}\t{name}\t{relevance}\t{text}\t{help}\t{language}\t{tail}\n"
        ));
    }
    out
}

#[test]
fn types_relevance_and_languages_come_over() {
    let imported = import(&structure(
        &[
            ["S", "", "language", "", "da", "", ""],
            ["SL", "", "surveyls_title", "", "Parker: din mening", "", "da"],
            ["SL", "", "surveyls_title", "", "Parks", "", "en"],
            ["SL", "", "surveyls_welcometext", "", "\"<p>Hej<br />du</p>\"", "", "da"],
            ["SL", "", "surveyls_welcometext", "", "<p>Hi<br />you</p>", "", "en"],
            ["G", "0", "Om dig", "", "", "", "da"],
            ["Q", "L", "Q1", "1", "Bor du her?", "Sæt ét kryds", "da"],
            ["A", "0", "A1", "", "Ja", "", "da"],
            ["A", "0", "A2", "", "Nej", "", "da"],
            ["Q", "M", "Q2", "\"((Q1.NAOK == \"\"A1\"\"))\"", "Hvad laver du?", "", "da"],
            ["SQ", "0", "SQ001", "", "Løber", "", "da"],
            ["SQ", "0", "SQ002", "", "Sidder", "", "da"],
            ["SQ", "0", "SQ003", "", "Intet", "", "da"],
            ["G", "1", "Mere", "", "", "", "da"],
            [
                "Q",
                "F",
                "Q3",
                "Q2_SQ001.NAOK == 'Y' and !is_empty(Q1)",
                "Hej {Q1.shown}, hvordan er",
                "",
                "da",
            ],
            ["SQ", "0", "a", "", "Stien", "", "da"],
            ["A", "0", "1", "", "God", "", "da"],
            ["A", "0", "2", "", "Skidt", "", "da"],
            ["Q", "T", "Q4", "Q3_a.NAOK == \"2\" || Q2_other.NAOK != ''", "Hvorfor?", "", "da"],
            ["G", "0", "About you", "", "", "", "en"],
            ["Q", "L", "Q1", "1", "Do you live here?", "Tick one", "en"],
            ["A", "0", "A1", "", "Yes", "", "en"],
            ["A", "0", "A2", "", "No", "", "en"],
            ["Q", "M", "Q2", "\"((Q1.NAOK == \"\"A1\"\"))\"", "What do you do?", "", "en"],
            ["SQ", "0", "SQ001", "", "Run", "", "en"],
            ["SQ", "0", "SQ002", "", "Sit", "", "en"],
            ["SQ", "0", "SQ003", "", "Nothing", "", "en"],
            ["G", "1", "More", "", "", "", "en"],
            ["Q", "F", "Q3", "", "Hi {Q1.shown}, how is", "", "en"],
            ["SQ", "0", "a", "", "The path", "", "en"],
            ["A", "0", "1", "", "Good", "", "en"],
            ["A", "0", "2", "", "", "", "en"],
            ["Q", "T", "Q4", "", "Why?", "", "en"],
        ],
        &["", "", "", "", "", "", "\tY\tN", "", "", "\tN\tY\t\tSQ003\t2\tred"],
    ));
    let definition = sound(&imported);
    let (da, en) = (&imported.files[0].text, &imported.files[1].text);
    assert!(
        da.starts_with("---\ntitle: \"Parker: din mening\"\nlang: da\n---\n\nHej\n\ndu\n"),
        "{da}"
    );
    assert!(da.contains("## Bor du her? {#q1 required}"), "{da}");
    assert!(da.contains("{#q2 max=2 if=\"q1 == a1\"}"), "{da}");
    assert!(da.contains("- [ ] Intet {#sq003 exclusive}\n- [ ] Andet: ____ {#other}"), "{da}");
    assert!(da.contains("## Hej {{q1 or \"…\"}}, hvordan er"), "{da}");
    assert!(da.contains("if=\"q2 has sq001 and answered q1\""), "{da}");
    assert!(da.contains("if=\"q3.a == 2 or q2 has other\""), "{da}");
    assert!(en.contains("- ( ) Yes {#a1}"), "{en}");
    assert_eq!(definition.languages.len(), 2);
    named(&imported, "", 11, 16, Done::Dropped);
    named(&imported, "", 33, 7, Done::Replaced);
}

#[test]
fn every_type_is_carried_over_or_named() {
    let types = [
        "L", "!", "O", "M", "P", "S", "T", "U", "N", "K", "Q", "D", "Y", "G", "5", "A", "B", "C",
        "E", "F", "H", "1", ";", ":", "R", "X", "I", "|", "*", "Z",
    ];
    let mut lines: Vec<[String; 7]> = Vec::new();
    for (at, kind) in types.iter().enumerate() {
        let line = |class: &str, kind: &str, name: &str, text: &str| {
            [class, kind, name, "", text, "", "da"].map(str::to_owned)
        };
        lines.push(line("Q", kind, &format!("q{at}"), &format!("Spørgsmål {at}")));
        if "MPKQABCEFH1;:".contains(kind) {
            lines.push(line("SQ", "0", "s1", "Den ene"));
            lines.push(line("SQ", "0", "s2", "Den anden"));
        }
        if "L!OFH1R".contains(kind) {
            lines.push(line("A", "0", "a1", "Et"));
            lines.push(line("A", "0", "a2", "To"));
        }
    }
    let lines: Vec<[&str; 7]> =
        lines.iter().map(|line| [0, 1, 2, 3, 4, 5, 6].map(|at| line[at].as_str())).collect();
    let imported = import(&structure(&lines, &[]));
    let definition = sound(&imported);
    for (at, kind) in types.iter().enumerate() {
        let id = format!("q{at}");
        let found = definition.base().question(&id).map(|question| question.kind.rules().name());
        let expected = match *kind {
            "L" | "!" | "O" | "Y" | "G" => Some("single"),
            "M" | "P" => Some("multiple"),
            "S" => Some("text"),
            "T" | "U" => Some("longtext"),
            "N" => Some("number"),
            "D" => Some("date"),
            "5" => Some("scale"),
            "A" | "B" | "C" | "E" | "F" | "H" => Some("matrix"),
            "R" => Some("ranking"),
            _ => None,
        };
        assert_eq!(found, expected, "{kind}");
        let named = imported.report.items.iter().any(|item| item.what.contains(&id));
        let silent =
            ["L", "!", "M", "S", "T", "U", "D", "Y", "G", "5", "A", "B", "C", "E", "F", "R", "X"];
        assert!(named || silent.contains(kind), "{kind} is not in {:#?}", imported.report.items);
    }
    assert!(definition.base().question("q9-s1").is_some());
    assert!(imported.files[0].text.contains("Spørgsmål 25"));
}

#[test]
fn what_has_no_meaning_here_is_named_with_line_and_column() {
    let imported = import(&structure(
        &[
            ["S", "", "format", "", "G", "", ""],
            ["G", "", "Gruppe", "rand(1,3) == 2", "", "", ""],
            ["Q", "S", "1. Navn", "", "Hvad <font>hedder</font> du?", "", ""],
            ["Q", "S", "end", "1234X5X6 == 2", "Andet?", "", ""],
            ["Q", "S", "c", "c.NAOK == 'x' and (a", "Tredje?", "", ""],
            ["QTA", "", "kvote", "", "100", "", ""],
            ["X", "", "noget", "", "andet", "", ""],
        ],
        &["", "", "/^a/\tN\tN\tBo"],
    ));
    sound(&imported);
    named(&imported, "", 2, 7, Done::Dropped);
    named(&imported, "", 3, 6, Done::Comment);
    named(&imported, "", 4, 5, Done::Renamed);
    named(&imported, "", 4, 7, Done::Dropped);
    named(&imported, "", 4, 10, Done::Dropped);
    named(&imported, "", 4, 13, Done::Dropped);
    named(&imported, "", 5, 5, Done::Renamed);
    named(&imported, "", 5, 6, Done::Comment);
    named(&imported, "", 6, 6, Done::Comment);
    named(&imported, "", 7, 0, Done::Dropped);
    named(&imported, "", 8, 0, Done::Dropped);
}

#[test]
fn the_xml_structure_gives_the_same_survey() {
    let imported = import(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<document><LimeSurveyDocType>Survey</LimeSurveyDocType>
<surveys><rows><row><sid>1</sid><language>da</language><format>G</format></row></rows></surveys>
<surveys_languagesettings><rows><row><surveyls_language>da</surveyls_language><surveyls_title><![CDATA[Prøve]]></surveyls_title></row></rows></surveys_languagesettings>
<groups><rows><row><gid>7</gid><group_order>0</group_order></row></rows></groups>
<group_l10ns><rows><row><gid>7</gid><group_name>Om dig</group_name><language>da</language></row></rows></group_l10ns>
<questions><rows>
<row><qid>2</qid><gid>7</gid><type>T</type><title>why</title><question_order>2</question_order><relevance><![CDATA[live.NAOK == "A1"]]></relevance><mandatory>N</mandatory></row>
<row><qid>1</qid><gid>7</gid><type>L</type><title>live</title><question_order>1</question_order><mandatory>Y</mandatory><preg>/x/</preg></row>
</rows></questions>
<question_l10ns><rows>
<row><qid>1</qid><question>Bor du her?</question><language>da</language></row>
<row><qid>2</qid><question>Hvorfor?</question><language>da</language></row>
</rows></question_l10ns>
<answers><rows>
<row><aid>1</aid><qid>1</qid><code>A1</code><sortorder>1</sortorder></row>
<row><aid>2</aid><qid>1</qid><code>A2</code><sortorder>2</sortorder></row>
</rows></answers>
<answer_l10ns><rows><row><aid>1</aid><answer>Ja</answer><language>da</language></row><row><aid>2</aid><answer>Nej</answer><language>da</language></row></rows></answer_l10ns>
<question_attributes><rows><row><qid>1</qid><attribute>time_limit</attribute><value>30</value></row></rows></question_attributes>
</document>"#,
    );
    sound(&imported);
    assert_eq!(
        imported.files[0].text,
        "---\ntitle: Prøve\nlang: da\n---\n\n# Om dig {#om-dig}\n\n## Bor du her? {#live required}\n\n\
         - ( ) Ja {#a1}\n- ( ) Nej {#a2}\n\n## Hvorfor? {#why if=\"live == a1\"}\n\n____\n____\n____\n"
    );
    let lost: Vec<&str> =
        imported.report.items.iter().map(|item| item.place.header.as_str()).collect();
    assert!(lost.contains(&"time_limit") && lost.contains(&"validation"), "{lost:?}");
}

#[test]
fn other_files_are_refused_with_a_cure() {
    for (bytes, cure) in [
        (&b"name\temail\nBo\tbo@example.dk\n"[..], "Export"),
        (b"<html><body>hej</body></html>", "Export"),
        (b"<a><b>", "again"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", ".xlsx"),
        (b"PK\x03\x04 no workbook", ".xlsx"),
        (b"\xff\xfe\x00", "XLSForm"),
        (b"", "Export"),
    ] {
        let wrong = foreign::import(bytes, "x").expect_err("it is no survey");
        assert!(wrong.cure.contains(cure), "{wrong:?}");
    }
    let book = super::workbook(&[("Ark1", &[&["a"]])]);
    assert!(foreign::import(&book, "x").expect_err("no form").why.contains("survey"));
}

#[test]
fn what_is_hidden_or_conditional_stays_so() {
    let lines = [
        ["G", "0", "Om dig", "", "", "", "da"],
        ["Q", "L", "q1", "1", "Bor du her?", "", "da"],
        ["A", "0", "A1", "", "Ja", "", "da"],
        ["A", "0", "A2", "", "Nej", "", "da"],
        ["Q", "M", "q2", "1", "Hvad&hellip;", "", "da"],
        ["SQ", "0", "bus", "1", "Bus", "", "da"],
        ["SQ", "0", "tog", "q1.NAOK == 'A2'", "Tog", "", "da"],
        ["SQ", "0", "fly", "strlen(q1) > 7", "Fly", "", "da"],
        ["Q", "S", "q3", "q1_other.NAOK != ''", "Hvor så?", "", "da"],
        ["Q", "S", "q4", "0", "Aldrig", "", "da"],
        ["Q", "D", "q5", "1", "Hvornår?", "", "da"],
        ["Q", "S", "q6", "1", "Skjult", "", "da"],
        ["Q", "K", "q7", "1", "Hvor mange?", "", "da"],
        ["SQ", "0", "k", "q1 == 'A1'", "Katte", "", "da"],
    ];
    let tails = ["", "\tN\tY", "", "", "", "", "", "", "", "", "\t\t\t\t\t\t\t2026-01-01\tnow"];
    let text = structure(&lines, &tails)
        .replace("cssclass\n", "cssclass\tdate_min\tdate_max\thidden\tanswer_width\n")
        .replace("Skjult\t\tda\t\n", "Skjult\t\tda\t\t\t\t\t\t\t\t\t\t1\n");
    let imported = import(&text);
    sound(&imported);
    let text = &imported.files[0].text;
    assert!(text.contains("## Hvad… {#q2}"), "{text}");
    assert!(text.contains("- [ ] Bus {#bus}\n- [ ] Tog {#tog if=\"q1 == a2\"}\n- [ ] Fly {#fly}"));
    assert!(text.contains("{#q3 if=\"q1 == other\"}"), "{text}");
    assert!(text.contains("{#q5 date min=2026-01-01 max=today}"), "{text}");
    assert!(text.contains("{#q7-k number step=0.01 if=\"q1 == a1\"}"), "{text}");
    assert!(!text.contains("## Aldrig") && !text.contains("## Skjult"), "{text}");
    named(&imported, "", 9, 6, Done::Dropped);
    named(&imported, "", 11, 0, Done::Comment);
    named(&imported, "", 13, 0, Done::Comment);
    // A column with nothing in it, as every export has.
    assert!(!imported.report.items.iter().any(|item| item.place.row == 1));
}
