//! A member: exactly what the sign-up says is kept, and nothing else.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::email::Email;
use crate::crypto;
use crate::response::record::{Background, group_of};

/// Nobody has lived longer than 122 years (Jeanne Calment): a year before that is a slip.
const AGE_MAX: i16 = 122;

/// 16 random bytes; nothing is computed from who the member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MemberId([u8; 16]);

impl MemberId {
    /// The id that 16 random bytes make.
    pub fn of(random: [u8; 16]) -> MemberId {
        MemberId(random)
    }

    /// Reads 32 lower-case hex digits.
    pub fn from_hex(text: &str) -> Option<MemberId> {
        crypto::unhex(text).map(MemberId)
    }

    /// Its bytes, as a database keeps them.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crypto::hex(&self.0))
    }
}

impl TryFrom<String> for MemberId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<MemberId, &'static str> {
        MemberId::from_hex(&text).ok_or("a member's id has 32 hex digits")
    }
}

impl From<MemberId> for String {
    fn from(id: MemberId) -> String {
        id.to_string()
    }
}

/// A panel that somebody is a member of, and what they agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The panel's slug, as in `[panels.<slug>]`.
    pub panel: String,
    pub since: Date,
    /// The version of the text that was agreed to.
    pub consent: String,
}

/// One person, in as many panels as they like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: MemberId,
    pub email: Email,
    pub birth_year: i16,
    /// The codes of the questions `maps=gender|district|education`; none where left open.
    pub gender: Option<String>,
    pub district: Option<String>,
    pub education: Option<String>,
    /// `da`, `en`
    pub lang: String,
    pub memberships: Vec<Membership>,
}

impl Member {
    /// Whether they are in the panel of this slug.
    pub fn is_in(&self, panel: &str) -> bool {
        self.memberships.iter().any(|one| one.panel == panel)
    }

    /// Years lived on `day`, this year's birthday taken as past: as surveys count it
    /// (`response::evaluate::age`).
    pub fn age(&self, day: Date) -> i16 {
        day.year() - self.birth_year
    }

    /// The background on `day`, by the site's `age_groups`.
    pub fn background(&self, day: Date, age_groups: &[String]) -> Background {
        Background {
            district: self.district.clone(),
            gender: self.gender.clone(),
            age: group_of(f64::from(self.age(day)), age_groups),
            education: self.education.clone(),
        }
    }
}

/// Why a birth year is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongYear {
    #[error("the birth year is in the future")]
    Future,
    #[error("nobody born that year is alive")]
    TooLongAgo,
    /// Whenever their birthday is.
    #[error("too young for the panel")]
    TooYoung,
    /// Old enough only if this year's birthday is past, which a year does not show.
    #[error("the panel's minimum age was not confirmed")]
    AgeNotConfirmed,
}

/// Judges a birth year on `day` for a panel from `minimum_age` years. `confirmed` is whether the member
/// ticked that they are old enough: that decides for those who reach the age this year, and for nobody
/// else. Without it they count as not yet having had their birthday.
///
/// # Errors
/// [`WrongYear`]
pub fn judge_birth_year(
    birth_year: i16,
    minimum_age: u32,
    confirmed: bool,
    day: Date,
) -> Result<(), WrongYear> {
    // Wider than the year itself, so that no year a form can hold overflows.
    let reached = i32::from(day.year()) - i32::from(birth_year);
    let minimum = i32::try_from(minimum_age).unwrap_or(i32::MAX);
    if reached < 0 {
        Err(WrongYear::Future)
    } else if reached > i32::from(AGE_MAX) {
        Err(WrongYear::TooLongAgo)
    } else if reached < minimum {
        Err(WrongYear::TooYoung)
    } else if reached == minimum && !confirmed {
        Err(WrongYear::AgeNotConfirmed)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn anna() -> Member {
        Member {
            id: MemberId::of([7; 16]),
            email: Email::read("anna@example.dk").expect("an address"),
            birth_year: 2001,
            gender: Some("female".to_owned()),
            district: Some("valby".to_owned()),
            education: None,
            lang: "da".to_owned(),
            memberships: vec![Membership {
                panel: "kbh".to_owned(),
                since: date(2026, 1, 2),
                consent: "2026-01".to_owned(),
            }],
        }
    }

    #[test]
    fn the_background_on_a_day_has_a_group_and_no_year() {
        let groups = ["15-24".to_owned(), "25+".to_owned()];
        let age = |year| anna().background(date(year, 3, 1), &groups).age;
        assert_eq!(age(2025).as_deref(), Some("15-24"));
        assert_eq!(age(2026).as_deref(), Some("25+"));
        assert_eq!(age(2010), None);
    }

    #[test]
    fn a_birth_year_is_judged_by_what_it_shows() {
        let judge = |year, confirmed| judge_birth_year(year, 15, confirmed, date(2026, 11, 27));
        assert_eq!(judge(2027, true), Err(WrongYear::Future));
        assert_eq!(judge(i16::MAX, true), Err(WrongYear::Future));
        assert_eq!(judge(1903, true), Err(WrongYear::TooLongAgo));
        assert_eq!(judge(i16::MIN, true), Err(WrongYear::TooLongAgo));
        assert_eq!(judge(2012, true), Err(WrongYear::TooYoung));
        assert_eq!(judge(2011, false), Err(WrongYear::AgeNotConfirmed));
        assert_eq!(judge(2011, true), Ok(()));
        assert_eq!(judge(2010, false), Ok(()));
        assert_eq!(judge_birth_year(2026, 0, true, date(2026, 1, 1)), Ok(()));
        let far = judge_birth_year(2010, u32::MAX, true, date(2026, 1, 1));
        assert_eq!(far, Err(WrongYear::TooYoung));
    }

    #[test]
    fn a_member_is_carried_as_json() {
        let json = serde_json::to_string(&anna()).expect("JSON");
        assert!(
            json.contains("\"id\":\"07070707") && json.contains("\"anna@example.dk\""),
            "{json}"
        );
        assert_eq!(serde_json::from_str::<Member>(&json).expect("a member"), anna());
        let forged = json.replace("anna@example.dk", "anna");
        assert!(serde_json::from_str::<Member>(&forged).is_err());
    }
}
