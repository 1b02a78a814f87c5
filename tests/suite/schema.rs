//! docs/survey.schema.json holds for the JSON that is embedded in pages: of the shipped surveys
//! and of a survey with one of everything.
//!
//! The checker knows the keywords that the schema uses and refuses to read any other, so that no
//! rule is passed over in silence.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use borgerpanel::survey::kinds::ALL;

use super::language::Site;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema() -> Value {
    let text = fs::read_to_string(root().join("docs/survey.schema.json")).expect("the schema");
    serde_json::from_str(&text).expect("the schema is JSON")
}

/// What of `value` breaks `rule`, each with its place.
fn broken(schema: &Value, rule: &Value, value: &Value, place: &str) -> Vec<String> {
    let rule = rule.as_object().expect("a rule is an object");
    let mut found = Vec::new();
    for (keyword, limit) in rule {
        let fine = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let name =
                    limit.as_str().and_then(|to| to.strip_prefix('#')).expect("a local $ref");
                let target = schema.pointer(name).unwrap_or_else(|| panic!("no {name}"));
                found.extend(broken(schema, target, value, place));
                true
            }
            "type" => is_of_type(limit, value),
            "const" => value == limit,
            "enum" => limit.as_array().expect("a list").contains(value),
            "pattern" => value.as_str().is_none_or(|text| matches(text, limit)),
            "minimum" => {
                value.as_f64().is_none_or(|number| number >= limit.as_f64().expect("a number"))
            }
            "minItems" => value.as_array().is_none_or(|list| list.len() >= whole(limit)),
            "maxItems" => value.as_array().is_none_or(|list| list.len() <= whole(limit)),
            "required" => {
                let names = limit.as_array().expect("a list").iter().filter_map(Value::as_str);
                let missing = |name: &&str| value.is_object() && value.get(*name).is_none();
                found.extend(names.filter(missing).map(|name| format!("{place}: no {name}")));
                true
            }
            "items" => {
                for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(broken(schema, limit, item, &format!("{place}[{at}]")));
                }
                true
            }
            "properties" => {
                for (name, part) in value.as_object().into_iter().flatten() {
                    if let Some(rule) = limit.get(name) {
                        found.extend(broken(schema, rule, part, &format!("{place}.{name}")));
                    }
                }
                true
            }
            "additionalProperties" => {
                assert_eq!(*limit, json!(false), "no other form is known here");
                let known = rule.get("properties").and_then(Value::as_object);
                found.extend(unknown(known, value).map(|name| format!("{place}: unknown {name}")));
                true
            }
            "oneOf" => {
                let rules = limit.as_array().expect("a list").iter();
                rules.filter(|rule| broken(schema, rule, value, place).is_empty()).count() == 1
            }
            other => panic!("the checker does not know `{other}`"),
        };
        if !fine {
            found.push(format!("{place}: {value} breaks {keyword} {limit}"));
        }
    }
    found
}

fn unknown<'a>(
    known: Option<&'a Map<String, Value>>,
    value: &'a Value,
) -> impl Iterator<Item = &'a String> {
    let names = value.as_object().into_iter().flat_map(Map::keys);
    names.filter(move |name| !known.is_some_and(|known| known.contains_key(*name)))
}

fn is_of_type(limit: &Value, value: &Value) -> bool {
    let one = |name: &Value| match name.as_str().expect("a type's name") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        other => panic!("the checker does not know the type `{other}`"),
    };
    limit.as_array().map_or_else(|| one(limit), |names| names.iter().any(one))
}

fn whole(limit: &Value) -> usize {
    usize::try_from(limit.as_u64().expect("a whole number")).expect("a small one")
}

/// The patterns of the schema, few enough to be told one by one: no regular expressions.
fn matches(text: &str, pattern: &Value) -> bool {
    let lower = |sign: char| sign.is_ascii_lowercase();
    let slug = |sign: char| lower(sign) || sign.is_ascii_digit() || sign == '-';
    let name = |sign: char| slug(sign) || sign == '_';
    match pattern.as_str().expect("a text") {
        "^[0-9a-f]{64}$" => {
            text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        }
        "^[a-z]{2,3}$" => (2..=3).contains(&text.len()) && text.chars().all(lower),
        "^[a-z0-9-]+$" => !text.is_empty() && text.chars().all(slug),
        ID => text.starts_with(lower) && text.len() <= 31 && text.chars().all(name),
        r"^[a-z0-9-]+\.[a-z][a-z0-9_-]{0,30}$" => text.split_once('.').is_some_and(|(slug, id)| {
            matches(slug, &json!("^[a-z0-9-]+$")) && matches(id, &json!(ID))
        }),
        "^(today|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}:[0-9]{2})$" => {
            let digit = |sign: char| if sign.is_ascii_digit() { '0' } else { sign };
            let shape: String = text.chars().map(digit).collect();
            text == "today" || shape == "0000-00-00" || shape == "00:00"
        }
        "^[a-z0-9][a-z0-9_-]{0,30}$" => {
            let first = |sign: char| lower(sign) || sign.is_ascii_digit();
            text.starts_with(first) && text.len() <= 31 && text.chars().all(name)
        }
        other => panic!("the checker does not know the pattern `{other}`"),
    }
}

const ID: &str = "^[a-z][a-z0-9_-]{0,30}$";

fn check(value: &Value) -> Vec<String> {
    let schema = schema();
    broken(&schema, &schema, value, "survey")
}

/// One of everything that the language can say.
const EVERYTHING: &str = r#"---
title: A & B
summary: Alt
---
Start.

# P {#p}

Tekst.

## A {#a required shuffle maps=district}

Hjælp.

- A {#1 pin}
- B {#b goto=q}
- C ____ {#c}
- D {#d dontknow goto=e}

Note.

## B {#b dropdown}

- X {#x if="a == 1"}
- Y {#y}

## C {#c min=1 max=2}

- [ ] X {#x}
- [ ] Y {#y}
- [ ] Z {#z exclusive}

## M {#m required}

|        | X {#1} | Y {#2} | ? {#x dontknow} |
|--------|--------|--------|-----------------|
| R {#r} |        |        |                 |
| S {#s if="c has x"} |  |  |                 |

## S {#s scale=-2..2}

- -2: lidt
- 2: meget

# Q {#q if="a in (1, b) or count(c) >= 1 and not answered b" cue="Svar kun, hvis …"}

## N {#n number min=0 max=10 step=0.5 unit="km" if="m.r != 2 and s <= 1 and today > 2026-01-01" cue="Svar …"}

## Y {#y year min=1900 max=2020 maps=birth-year}

## T {#t maxlength=20 if="channel == web and age >= 18" cue="Svar …"}
____

## L {#l if="t == 'Ida'" cue="Svar …"}
____
____
____

## K {#k consent}

- [ ] Ja

# R {#r}

## G {#g top=2 shuffle expected trend="a-2025.g"}

1. X {#x}
2. Y {#y}
3. Z {#z}

## H {#h share=100 check="h.x >= h.y" message="Mere til X."}

- X {#x}
- Y {#y}

## O {#o if="g has x and count(g) == 2 and h.x > h.y" cue="Svar …" shuffle}

|        | X {#1} | Y {#2} |
|--------|--------|--------|
| R {#r} | [ ]    | [ ]    |

## D {#d if="o.r has 1" cue="Svar …"}

|         | 1 {#1} | 2 {#2} |       |
|---------|--------|--------|-------|
| L {#l}  |        |        | R     |
| S {#s}  |        |        | H     |

## V {#v date min=2026-01-01 max=today check="v <= today" message="Ikke i fremtiden."}

## W {#w date check="w in (2026-11-01, 2026-11-02) or w > v" message="Senere."}

## U {#u time min=8:00 max=20:00 if="v < w" cue="Svar …"}

## E {#mail email private}

## F {#f tel private if="u >= 10:00" cue="Svar …"}

## I {#i postcode}

# S {#shuffled shuffle}

## Z {#z place=districts}

## Træ eller græs? {#tree}

- ![Et træ](tree.png) Træ {#tree}
- Græs {#grass}

## Hvad mere? {#rest from="g not chosen"}

# Slut {#e ending}

Farvel.
"#;

const MAP: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1">
<rect id="north" width="1" height="1"><title>Nord</title></rect>
<rect id="south" x="1" width="1" height="1"><title>Syd</title></rect>
</svg>
"#;

fn everything() -> Value {
    let site = Site::new().with("surveys/a.md", EVERYTHING).with("surveys/tree.png", "…");
    let compiled = site.with("maps/districts.svg", MAP).compile("a", &[]);
    let definition = compiled.definition.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
    json!(definition.base())
}

#[test]
fn the_shipped_surveys_keep_to_the_schema() {
    let site = Site::shipped();
    for slug in site.slugs() {
        let definition = site.compile(&slug, &["da", "en"]).definition.expect("no errors");
        for survey in &definition.languages {
            assert_eq!(check(&json!(survey)), Vec::<String>::new(), "{slug} in {}", survey.lang);
        }
    }
}

#[test]
fn one_of_everything_keeps_to_the_schema() {
    assert_eq!(check(&everything()), Vec::<String>::new());
}

#[test]
fn the_schema_knows_every_kind() {
    let names: Vec<&str> = ALL.iter().map(|rules| rules.name()).collect();
    assert_eq!(schema()["$defs"]["question"]["properties"]["kind"]["enum"], json!(names));
}

#[test]
fn every_property_of_the_schema_is_used() {
    let survey = everything();
    let mut unused = Vec::new();
    let schema = schema();
    let text = survey.to_string();
    let rules = schema["$defs"].as_object().expect("definitions").values();
    for rule in rules.chain([&schema]) {
        for name in rule["properties"].as_object().into_iter().flat_map(Map::keys) {
            if !text.contains(&format!("\"{name}\":")) {
                unused.push(name.clone());
            }
        }
    }
    assert_eq!(unused, Vec::<String>::new());
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let sound = everything();
    let changes: &[(&str, Value)] = &[
        ("/version", json!("abc")),
        ("/pages/0/questions/0/kind", json!("slider")),
        ("/pages/0/questions/0/choices/0/id", json!("A")),
        ("/pages/0/questions/0/text", json!("only a text")),
        ("/pages/0/questions/0/required", json!(false)),
        ("/pages/0/questions/4/scale/from", json!(0.5)),
        ("/pages/1/if", json!({"op": "xor", "of": []})),
        ("/pages/1/if", json!({"op": "eq", "left": {"q": "a", "count": "a"}, "right": 1})),
        ("/pages/1/if", json!({"op": "in", "left": {"q": "a"}, "right": "a"})),
        ("/pages/1/if", json!({"op": "eq", "left": {"q": "a"}, "right": {"q": "b", "row": []}})),
        ("/pages/1/if", json!({"op": "has", "left": {"q": "c"}, "right": {"q": "a"}})),
        ("/pages/2/questions/4/min", json!("i dag")),
        ("/pages/2/questions/4/max", json!(null)),
        ("/pages/2/questions/0/trend", json!("g")),
        ("/pages/2/questions/0/top", json!(0)),
        ("/lang", json!(null)),
    ];
    for (place, value) in changes {
        let mut changed = sound.clone();
        *changed.pointer_mut(place).unwrap_or_else(|| panic!("no {place}")) = value.clone();
        assert!(!check(&changed).is_empty(), "{place} may be {value}");
    }
    let mut more = sound.clone();
    more["colour"] = json!("red");
    assert!(!check(&more).is_empty(), "an unknown property");
    let mut less = sound;
    less.as_object_mut().expect("an object").remove("pages");
    assert!(!check(&less).is_empty(), "no pages");
}
