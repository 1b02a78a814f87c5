//! The rules of DDI Codebook 2.5 for the elements that an export has, read in its schema and put in our own words: which
//! stand in which, in which order and how often, and with which attributes.

use std::collections::HashSet;

use roxmltree::{Document, Node};

const NAMESPACE: &str = "ddi:codebook:2_5";

/// How often a child may stand in its place.
#[derive(Clone, Copy, PartialEq)]
enum Often {
    Once,
    AtMostOnce,
    AtLeastOnce,
    Any,
}

use Often::{Any, AtLeastOnce, AtMostOnce, Once};

/// What may be in an element: others in this order, or words.
enum Inside {
    Elements(&'static [(&'static str, Often)]),
    Words,
    /// Words with one kind of element among them.
    Mixed(&'static str),
}

fn inside(name: &str) -> Option<Inside> {
    Some(Inside::Elements(match name {
        "codeBook" => &[
            ("docDscr", Any),
            ("stdyDscr", AtLeastOnce),
            ("fileDscr", Any),
            ("dataDscr", Any),
            ("otherMat", Any),
        ],
        "stdyDscr" => &[("citation", AtLeastOnce)],
        "citation" => &[("titlStmt", Once)],
        "titlStmt" => &[("titl", Once), ("subTitl", Any), ("altTitl", Any), ("IDNo", Any)],
        "fileDscr" => &[("fileTxt", Any)],
        "fileTxt" => &[("fileName", Any), ("dimensns", AtMostOnce)],
        "dimensns" => &[("caseQnty", Any), ("varQnty", Any)],
        "dataDscr" => &[("varGrp", Any), ("var", Any)],
        "var" => &[
            ("labl", Any),
            ("qstn", Any),
            ("universe", Any),
            ("TotlResp", AtMostOnce),
            ("catgry", Any),
            ("varFormat", AtMostOnce),
        ],
        "catgry" => &[("catValu", AtMostOnce), ("labl", Any)],
        "qstn" => return Some(Inside::Mixed("qstnLit")),
        "titl" | "IDNo" | "fileName" | "caseQnty" | "varQnty" | "labl" | "qstnLit" | "universe"
        | "TotlResp" | "catValu" | "varFormat" => return Some(Inside::Words),
        _ => return None,
    }))
}

/// The values that an attribute may have: none, all of them.
fn values(element: &str, attribute: &str) -> Option<&'static [&'static str]> {
    match (element, attribute) {
        ("codeBook", "version") => Some(&["2.5"]),
        ("var", "intrvl") => Some(&["contin", "discrete"]),
        ("catgry", "missing") => Some(&["Y", "N"]),
        ("varFormat", "type") => Some(&["character", "numeric"]),
        ("var", "name") | (_, "ID" | "lang") => Some(&[]),
        _ => None,
    }
}

/// Each rule that a document breaks.
pub fn broken(document: &Document) -> Vec<String> {
    let mut broken = Vec::new();
    let mut ids = HashSet::new();
    if document.root_element().tag_name().name() != "codeBook" {
        broken.push("no codeBook".to_owned());
    }
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        if node.tag_name().namespace() != Some(NAMESPACE) {
            broken.push(format!("{name}: of another namespace"));
        }
        for attribute in node.attributes() {
            let known = values(name, attribute.name());
            let is_known =
                |values: &[&str]| values.is_empty() || values.contains(&attribute.value());
            if !known.is_some_and(is_known) {
                broken.push(format!("{name}: {}={:?}", attribute.name(), attribute.value()));
            }
        }
        if name == "var" && node.attribute("name").is_none() {
            broken.push("var: no name".to_owned());
        }
        if node.attribute("ID").is_some_and(|id| !ids.insert(id) || !is_name(id)) {
            broken.push(format!("{name}: ID {:?}", node.attribute("ID")));
        }
        let children: Vec<&str> =
            node.children().filter(Node::is_element).map(|child| child.tag_name().name()).collect();
        let has_words = node.children().any(|child| {
            child.is_text() && child.text().is_some_and(|words| !words.trim().is_empty())
        });
        let is_fine = match inside(name) {
            None => false,
            Some(Inside::Words) => children.is_empty(),
            Some(Inside::Mixed(only)) => children.iter().all(|child| *child == only),
            Some(Inside::Elements(order)) => !has_words && is_in_order(&children, order),
        };
        if !is_fine {
            broken.push(format!("{name}: {children:?}"));
        }
    }
    broken
}

fn is_in_order(children: &[&str], order: &[(&str, Often)]) -> bool {
    let mut rest = children;
    for (name, often) in order {
        let here = rest.iter().take_while(|child| *child == name).count();
        let is_fine = match often {
            Once => here == 1,
            AtMostOnce => here <= 1,
            AtLeastOnce => here >= 1,
            Any => true,
        };
        if !is_fine {
            return false;
        }
        rest = &rest[here..];
    }
    rest.is_empty()
}

/// As XML has names.
fn is_name(id: &str) -> bool {
    id.starts_with(|sign: char| sign.is_alphabetic() || sign == '_')
        && id.chars().all(|sign| sign.is_alphanumeric() || "_-.".contains(sign))
}

#[test]
fn a_document_that_breaks_a_rule_is_seen() {
    let head = "<codeBook xmlns=\"ddi:codebook:2_5\" version=\"2.5\"><stdyDscr><citation><titlStmt>\
        <titl>t</titl></titlStmt></citation></stdyDscr><dataDscr>";
    let said = |inside: &str| {
        let text = format!("{head}{inside}</dataDscr></codeBook>");
        broken(&Document::parse(&text).expect("XML"))
    };
    let fine =
        "<var ID=\"V1\" name=\"a\"><labl>l</labl><catgry><catValu>1</catValu></catgry></var>";
    assert_eq!(said(fine), [""; 0]);
    for (good, bad) in [
        ("<labl>l</labl>", "<qstn/><labl>l</labl>"),
        ("name=\"a\"", ""),
        ("ID=\"V1\"", "ID=\"1\""),
        ("<catgry>", "<catgry missing=\"no\">"),
        ("<labl>l</labl>", "<label>l</label>"),
        ("<catgry>", "words <catgry>"),
        ("</catValu>", "</catValu><catValu>2</catValu>"),
        ("ID=", "id="),
    ] {
        assert!(fine.contains(good));
        assert_ne!(said(&fine.replacen(good, bad, 1)), [""; 0], "{bad}");
    }
    assert_eq!(said(&fine.repeat(2)).len(), 1, "an ID twice");
}
