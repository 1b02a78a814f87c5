//! Foreign names as ids of the survey language: whatever they are, an id comes out that is allowed
//! and free.

use std::collections::{HashMap, HashSet};

use crate::survey::expr;
use crate::survey::ids::{self, Named};

/// The longest id, in characters.
const LENGTH_MAX: usize = 31;

/// Built-ins that a question would hide if it were called like them.
const BUILTINS: [&str; 3] = ["age", "today", "channel"];

/// The ids of one kind of thing, each given once; `-` and `_` count as the same.
#[derive(Debug, Default)]
pub struct Names {
    taken: HashSet<String>,
    /// The last number given, by what was wanted: a thousand equal names are not tried one by one.
    numbered: HashMap<String, usize>,
}

impl Names {
    /// The id for a foreign name: the name itself where it may be used and is free.
    pub fn give(&mut self, name: &str, named: Named) -> String {
        let wanted = id_like(name, named);
        let mut id = wanted.clone();
        let mut number = self.numbered.get(&wanted).copied().unwrap_or(2);
        while !self.taken.insert(id.replace('_', "-")) {
            let tail = format!("-{number}");
            id = format!("{}{tail}", &wanted[..wanted.len().min(LENGTH_MAX - tail.len())]);
            number += 1;
            self.numbered.insert(wanted.clone(), number);
        }
        id
    }
}

/// An id that reads like `name`: underscores stay, Danish letters are written out.
fn id_like(name: &str, named: Named) -> String {
    let name = name.trim();
    if ids::is_id(name, named) && !expr::is_reserved(name) {
        return name.to_owned();
    }
    let mut id = String::new();
    for sign in name.to_lowercase().chars() {
        match sign {
            'æ' => id.push_str("ae"),
            'ø' => id.push_str("oe"),
            'å' => id.push_str("aa"),
            'a'..='z' | '0'..='9' | '_' | '-' => id.push(sign),
            _ if sign.is_alphanumeric() => {
                id.push_str(&ids::slug(&sign.to_string(), Named::Choice))
            }
            _ if id.ends_with('-') => {}
            _ => id.push('-'),
        }
    }
    let edges = |sign: char| sign == '-' || sign == '_';
    let mut id = id.trim_matches(edges).to_owned();
    let letter = id.starts_with(|sign: char| sign.is_ascii_lowercase());
    if named == Named::Part && !letter {
        id.insert_str(0, "q-");
    } else if id.is_empty() {
        id.push('x');
    }
    if expr::is_reserved(&id) || (named == Named::Part && BUILTINS.contains(&id.as_str())) {
        id.push_str("-q");
    }
    id.truncate(LENGTH_MAX);
    let id = id.trim_end_matches(edges).to_owned();
    if ids::is_id(&id, named) { id } else { "q".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_good_names_and_mends_the_others() {
        let mut names = Names::default();
        let mut give = |name: &str| names.give(name, Named::Part);
        assert_eq!(give("hh_size"), "hh_size");
        assert_eq!(give("HH-Size"), "hh-size-2");
        assert_eq!(give("end"), "end-q");
        assert_eq!(give("1st.Time"), "q-1st-time");
        assert_eq!(give("Øst"), "oest");
        assert_eq!(give("..."), "q");
        assert_eq!(give("___"), "q-2");
        let long = "a".repeat(40);
        assert_eq!(give(&long).len(), 31);
        assert_eq!(give(&long).len(), 31);
    }

    #[test]
    fn choices_may_begin_with_a_digit() {
        let mut names = Names::default();
        assert_eq!(names.give("1", Named::Choice), "1");
        assert_eq!(names.give("1", Named::Choice), "1-2");
        assert_eq!(names.give("-77", Named::Choice), "77");
        assert_eq!(names.give("1.5", Named::Choice), "1-5");
    }
}
