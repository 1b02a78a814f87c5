//! What somebody answered, in the form it is stored in.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Number;

/// One answer. The JSON is bare: `"daily"`, `["sport","other"]`, `{"clean":"3"}`, `42`, `null`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Asked, but not answered.
    Unanswered,
    Number(serde_json::Number),
    /// A choice's id, a text, or `"yes"` to a consent.
    Text(String),
    /// The ids chosen, in the survey's order; of a ranking, the best first.
    Choices(Vec<String>),
    /// A matrix: the column's id by the row's id; rows without an answer are absent.
    Rows(BTreeMap<String, String>),
    /// A matrix with several answers a row: the columns' ids by the row's id.
    RowChoices(BTreeMap<String, Vec<String>>),
    /// Points shared: how many each choice got.
    Points(BTreeMap<String, serde_json::Number>),
}

impl Answer {
    /// True unless the question was left open.
    pub fn is_answered(&self) -> bool {
        *self != Answer::Unanswered
    }
}

/// Answers by question id; the text of an "other" choice stands under `question.choice`.
pub type Answers = BTreeMap<String, Answer>;

/// By hand, in one pass: serde's own way with an untagged enum keeps a copy and tries one variant after the
/// other, which took a tenth of the time in which a central reads a response.
impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Answer, D::Error> {
        from.deserialize_any(AnswerVisitor)
    }
}

struct AnswerVisitor;

impl<'de> Visitor<'de> for AnswerVisitor {
    type Value = Answer;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an answer: null, a number, a text, a list of texts, or one of these by id")
    }

    fn visit_unit<E: Error>(self) -> Result<Answer, E> {
        Ok(Answer::Unanswered)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Answer, E> {
        Ok(Answer::Number(number.into()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Answer, E> {
        Ok(Answer::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Answer, E> {
        let number = Number::from_f64(number);
        number.map(Answer::Number).ok_or_else(|| E::custom("a number that is none"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Answer, E> {
        Ok(Answer::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Answer, E> {
        Ok(Answer::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Answer, A::Error> {
        let mut choices = Vec::new();
        while let Some(choice) = parts.next_element()? {
            choices.push(choice);
        }
        Ok(Answer::Choices(choices))
    }

    /// The first part says of what kind all are; without any it is a matrix nobody answered.
    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Answer, A::Error> {
        let Some((id, first)) = parts.next_entry::<String, Answer>()? else {
            return Ok(Answer::Rows(BTreeMap::new()));
        };
        match first {
            Answer::Text(column) => Ok(Answer::Rows(all(id, column, parts)?)),
            Answer::Choices(columns) => Ok(Answer::RowChoices(all(id, columns, parts)?)),
            Answer::Number(points) => Ok(Answer::Points(all(id, points, parts)?)),
            _ => Err(A::Error::custom("a part that is no text, list or number")),
        }
    }
}

/// The parts of an answer, of which the first is read already.
fn all<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    id: String,
    first: T,
    mut parts: A,
) -> Result<BTreeMap<String, T>, A::Error> {
    let mut found = BTreeMap::from([(id, first)]);
    while let Some((id, part)) = parts.next_entry()? {
        found.insert(id, part);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_back_as_it_was_written() {
        let forms = [
            "null",
            "42",
            "-3",
            "3.5",
            "\"daily\"",
            "[]",
            "[\"sport\",\"other\"]",
            "{}",
            "{\"clean\":\"3\"}",
            "{\"clean\":[\"a\",\"b\"],\"safe\":[]}",
            "{\"bench\":40,\"trees\":60.5}",
        ];
        for form in forms {
            let answer: Answer = serde_json::from_str(form).expect(form);
            assert_eq!(serde_json::to_string(&answer).expect("written"), form);
        }
        assert_eq!(serde_json::from_str::<Answer>("{}").expect("empty"), Answer::Rows([].into()));
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for wrong in ["true", "[1]", "[[]]", "{\"a\":null}", "{\"a\":\"1\",\"b\":2}", "{\"a\":{}}"]
        {
            assert!(serde_json::from_str::<Answer>(wrong).is_err(), "{wrong}");
        }
    }
}
