//! Whom a survey is for: the members of its panels whose background its `target` holds for.
//!
//! The condition is the surveys' own ([`Condition`]), read by the surveys' own parser and judged by
//! their evaluator: a comparison with what a member left open is false, and `!=` is exactly not `==`.

use jiff::civil::Date;

use super::member::Member;
use crate::survey::condition::{Condition, Fact, Operand};
use crate::survey::target::{Wrong, compile};

/// The members a survey speaks of.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    panels: Vec<String>,
    condition: Option<Condition>,
}

impl Target {
    /// From a survey's `panels` and `target`. Without a condition it is all members of the panels;
    /// without panels, nobody: an invitation comes from somebody.
    ///
    /// # Errors
    /// Where the condition is none (`borgerpanel check` says so with its place).
    pub fn read(panels: &[String], condition: Option<&str>) -> Result<Target, Wrong> {
        let condition = condition.map(compile).transpose()?;
        Ok(Target { panels: panels.to_owned(), condition })
    }

    /// Whether `member` is one of them on `day`, which decides their age.
    pub fn includes(&self, member: &Member, day: Date) -> bool {
        let is_member = self.panels.iter().any(|panel| member.is_in(panel));
        is_member && self.holds(member, day)
    }

    /// The panels that `member` is invited from: those of the survey they are in.
    pub fn panels_of<'a>(&'a self, member: &Member) -> Vec<&'a str> {
        self.panels.iter().map(String::as_str).filter(|panel| member.is_in(panel)).collect()
    }

    /// Whether the survey is for a part of its panels only: disclosure control is stricter then.
    pub fn is_narrowed(&self) -> bool {
        self.condition.is_some()
    }

    /// The fields the condition speaks of, each once: what it narrows by is never a results table.
    pub fn fields(&self) -> Vec<String> {
        let mut fields = Vec::new();
        if let Some(condition) = &self.condition {
            condition.visit(&mut |operand, _| {
                if let Operand::Q(field) = operand {
                    fields.push(field.clone());
                }
            });
        }
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    fn holds(&self, member: &Member, day: Date) -> bool {
        let fact = |operand: &Operand| match operand {
            Operand::Q(field) => fact(member, field, day),
            _ => Fact::Unanswered,
        };
        self.condition.as_ref().is_none_or(|condition| condition.holds(&fact))
    }
}

/// What a field of a target is for this member.
fn fact(member: &Member, field: &str, day: Date) -> Fact {
    let code = |code: &Option<String>| code.clone().map_or(Fact::Unanswered, Fact::Text);
    match field {
        "district" => code(&member.district),
        "gender" => code(&member.gender),
        "education" => code(&member.education),
        "age" => Fact::Number(f64::from(member.age(day))),
        "birth-year" => Fact::Number(f64::from(member.birth_year)),
        _ => Fact::Unanswered,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use jiff::civil::date;

    const DAY: Date = date(2026, 11, 27);

    fn target(text: &str) -> Target {
        Target::read(&["kbh".to_owned()], Some(text)).expect(text)
    }

    fn holds(text: &str, member: &Member) -> bool {
        target(text).includes(member, DAY)
    }

    #[test]
    fn it_is_judged_as_surveys_judge() {
        let member = Member {
            birth_year: 2001,
            district: Some("valby".to_owned()),
            gender: None,
            ..sample::member(1, &["kbh"])
        };
        for text in [
            "district in (noerrebro, valby) and age < 30",
            "age == 25 and birth-year == 2001",
            "not district == outside",
            "gender != female",
            "not answered gender",
            "age > 30 or (district == valby and not gender == male)",
        ] {
            assert!(holds(text, &member), "{text}");
        }
        for text in ["gender == female", "not gender != female", "age >= 26", "answered gender"] {
            assert!(!holds(text, &member), "{text}");
        }
    }

    #[test]
    fn only_members_of_its_panels_are_meant() {
        let both = sample::member(1, &["oesterbro", "kbh"]);
        let panels = ["kbh".to_owned(), "valby".to_owned()];
        let target = Target::read(&panels, None).expect("no condition");
        assert!(target.includes(&both, DAY) && !target.is_narrowed());
        assert_eq!(target.panels_of(&both), ["kbh"]);
        assert!(!target.includes(&sample::member(1, &["oesterbro"]), DAY));
        assert!(!target.includes(&sample::member(1, &[]), DAY));
        assert!(!Target::read(&[], None).expect("no condition").includes(&both, DAY));
    }

    #[test]
    fn what_is_no_target_is_refused_with_what_to_do() {
        let wrong = |text: &str| Target::read(&[], Some(text)).expect_err(text).to_string();
        assert!(wrong("district = valby").contains("equality is written `==`"));
        assert!(wrong("district").starts_with("it cannot be read at 8"));
        assert!(wrong("email == x").contains("no target can speak of `email`"));
        for text in ["district < valby", "age in (young)", "count(district) > 1", "district.a == b"]
        {
            assert!(wrong(text).contains("cannot be compared like this"), "{text}");
        }
    }

    #[test]
    fn it_tells_what_it_narrows_by() {
        let fields = target("age < 30 and (answered gender or age > 60)").fields();
        assert_eq!(fields, ["age", "gender"]);
    }
}
