//! The codebook as DDI Codebook 2.5 (<https://ddialliance.org/Specification/DDI-Codebook/2.5/>), which data
//! archives take in. Elements stand in the order its schema asks for.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};

use super::codebook::{all_codes, answered};
use super::variable::{Content, Variable};
use super::{Microdata, Missing};

/// The document; `table` is the name of the CSV file it describes.
pub fn document(data: &Microdata, table: &str) -> Vec<u8> {
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 2);
    write(&mut out, data, table).expect("writing to memory cannot fail");
    let mut bytes = out.into_inner();
    bytes.push(b'\n');
    bytes
}

type Out<W> = Writer<W>;

fn write<W: Write>(out: &mut Out<W>, data: &Microdata, table: &str) -> io::Result<()> {
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    out.create_element("codeBook")
        .with_attribute(("xmlns", "ddi:codebook:2_5"))
        .with_attribute(("version", "2.5"))
        .with_attribute(("xml:lang", data.lang.as_str()))
        .write_inner_content(|out| {
            study(out, data)?;
            file(out, data, table)?;
            out.create_element("dataDscr").write_inner_content(|out| {
                data.variables
                    .iter()
                    .enumerate()
                    .try_for_each(|(place, one)| variable(out, one, place, answered(data, place)))
            })?;
            Ok(())
        })?;
    Ok(())
}

fn study<W: Write>(out: &mut Out<W>, data: &Microdata) -> io::Result<()> {
    within(out, &["stdyDscr", "citation", "titlStmt"], &|out| {
        text(out, "titl", &data.title)?;
        text(out, "IDNo", &data.slug)
    })
}

fn file<W: Write>(out: &mut Out<W>, data: &Microdata, table: &str) -> io::Result<()> {
    within(out, &["fileDscr", "fileTxt"], &|out| {
        text(out, "fileName", table)?;
        out.create_element("dimensns").write_inner_content(|out| {
            text(out, "caseQnty", &data.cases.len().to_string())?;
            text(out, "varQnty", &data.variables.len().to_string())
        })?;
        Ok(())
    })
}

fn variable<W: Write>(
    out: &mut Out<W>,
    variable: &Variable,
    place: usize,
    answered: usize,
) -> io::Result<()> {
    let is_number = matches!(variable.content, Content::Number);
    out.create_element("var")
        .with_attribute(("ID", format!("V{}", place + 1).as_str()))
        .with_attribute(("name", variable.name.as_str()))
        .with_attribute(("intrvl", if is_number { "contin" } else { "discrete" }))
        .write_inner_content(|out| {
            label(out, &variable.label, variable.source.has_own_label())?;
            if let Some(question) = &variable.question {
                for wording in &question.wordings {
                    out.create_element("qstn")
                        .with_attribute(("xml:lang", wording.lang.as_str()))
                        .write_inner_content(|out| text(out, "qstnLit", &wording.text))?;
                }
                match &question.route {
                    Some(route) => text(out, "universe", route)?,
                    None => in_english(out, "universe", "everybody")?,
                }
            }
            text(out, "TotlResp", &answered.to_string())?;
            let missing = Missing::codes(variable.least);
            let is_missing = |code: i64| missing.iter().any(|(missing, _)| *missing == code);
            for (code, name) in all_codes(variable) {
                let is_ours = is_missing(code) || variable.source.has_own_codes();
                category(out, (code, is_missing(code)), name, is_ours)?;
            }
            let kind = if variable.content == Content::Words { "character" } else { "numeric" };
            out.create_element("varFormat").with_attribute(("type", kind)).write_empty()?;
            Ok(())
        })?;
    Ok(())
}

fn category<W: Write>(
    out: &mut Out<W>,
    (code, is_missing): (i64, bool),
    name: &str,
    is_ours: bool,
) -> io::Result<()> {
    let mut element = out.create_element("catgry");
    if is_missing {
        element = element.with_attribute(("missing", "Y"));
    }
    element.write_inner_content(|out| {
        text(out, "catValu", &code.to_string())?;
        label(out, name, is_ours)
    })?;
    Ok(())
}

/// What something is called: in the survey's language, or by us in English.
fn label<W: Write>(out: &mut Out<W>, words: &str, is_ours: bool) -> io::Result<()> {
    match is_ours {
        true => in_english(out, "labl", words),
        false => text(out, "labl", words),
    }
}

fn in_english<W: Write>(out: &mut Out<W>, name: &str, words: &str) -> io::Result<()> {
    let words = quick_xml::events::BytesText::new(words);
    out.create_element(name).with_attribute(("xml:lang", "en")).write_text_content(words)?;
    Ok(())
}

/// What stands inside of all these elements.
fn within<W: Write>(
    out: &mut Out<W>,
    path: &[&str],
    inner: &dyn Fn(&mut Out<W>) -> io::Result<()>,
) -> io::Result<()> {
    let Some((first, rest)) = path.split_first() else { return inner(out) };
    out.create_element(*first).write_inner_content(|out| within(out, rest, inner))?;
    Ok(())
}

fn text<W: Write>(out: &mut Out<W>, name: &str, words: &str) -> io::Result<()> {
    // Control characters are no XML, whatever their escape, nor are these two.
    let is_xml = |sign: &char| !sign.is_control() && !matches!(sign, '\u{fffe}' | '\u{ffff}');
    let words: String = words.chars().filter(is_xml).collect();
    let content = quick_xml::events::BytesText::new(&words);
    out.create_element(name).write_text_content(content)?;
    Ok(())
}
