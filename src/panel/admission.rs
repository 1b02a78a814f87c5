//! Whether somebody may join a panel: old enough, and at home where the panel is.

use jiff::civil::Date;

use super::email::Email;
use super::member::{WrongYear, judge_birth_year};
use crate::response::signup::Told;

/// What a panel asks of its members.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules<'a> {
    /// Years.
    pub minimum_age: u32,
    /// Where members live; empty: anywhere.
    pub districts: &'a [String],
}

/// Why somebody cannot join, by the field that says so. The names are those of `maps=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Barred {
    /// Born after the last year in which one can be old enough.
    TooYoung,
    /// Born in a year that is still to come, or too long ago.
    NoYear,
    Elsewhere,
    /// Mail could not be sent to the address.
    NoAddress,
}

impl Barred {
    /// The member's field that it is about.
    pub fn field(self) -> &'static str {
        match self {
            Barred::TooYoung | Barred::NoYear => "birth-year",
            Barred::Elsewhere => "district",
            Barred::NoAddress => "email",
        }
    }

    /// The code of the problem, as in the theme's texts.
    pub fn code(self) -> &'static str {
        match self {
            Barred::TooYoung => "member-young",
            Barred::NoYear => "member-year",
            Barred::Elsewhere => "member-elsewhere",
            Barred::NoAddress => "email-format",
        }
    }
}

/// What keeps them out on `day`. A birth year shows no birthday: who may have had it this year passes here,
/// and says by a tick of their own that they are old enough.
pub fn barred(told: &Told, rules: Rules, day: Date) -> Vec<Barred> {
    let year = told.birth_year.unwrap_or_default();
    let by_age = match judge_birth_year(year, rules.minimum_age, true, day) {
        Ok(()) => None,
        Err(WrongYear::Future | WrongYear::TooLongAgo) => Some(Barred::NoYear),
        Err(WrongYear::TooYoung | WrongYear::AgeNotConfirmed) => Some(Barred::TooYoung),
    };
    let lives_here = rules.districts.is_empty()
        || told.district.as_ref().is_some_and(|district| rules.districts.contains(district));
    let has_address = Email::read(&told.email).is_ok();
    let all = [
        by_age,
        (!lives_here).then_some(Barred::Elsewhere),
        (!has_address).then_some(Barred::NoAddress),
    ];
    all.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn told(born: i16, district: Option<&str>) -> Told {
        let district = district.map(str::to_owned);
        Told {
            email: "a@example.dk".to_owned(),
            birth_year: Some(born),
            district,
            ..Told::default()
        }
    }

    #[test]
    fn whoever_may_have_had_the_birthday_this_year_passes() {
        let rules = Rules { minimum_age: 15, districts: &[] };
        assert_eq!(barred(&told(2011, None), rules, date(2026, 6, 1)), []);
        assert_eq!(barred(&told(2012, None), rules, date(2026, 6, 1)), [Barred::TooYoung]);
        assert_eq!(barred(&told(2027, None), rules, date(2026, 6, 1)), [Barred::NoYear]);
    }

    #[test]
    fn a_local_panel_is_for_those_who_live_there() {
        let districts = ["oesterbro".to_owned()];
        let rules = Rules { minimum_age: 0, districts: &districts };
        assert_eq!(barred(&told(1950, Some("oesterbro")), rules, date(2026, 6, 1)), []);
        assert_eq!(
            barred(&told(1950, Some("valby")), rules, date(2026, 6, 1)),
            [Barred::Elsewhere]
        );
        assert_eq!(barred(&told(1950, None), rules, date(2026, 6, 1)), [Barred::Elsewhere]);
    }
}
